"""One shard, asked in a process of its own: python -m selfinstruct.scaling.one FOLDER NUMBER

FOLDER is that of the run, without its ".shards". Ends with 0 when the shard is finished, and with 3 when it stopped for
a reason, which is in its stopped.txt. A shard that is finished is only looked at.
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from selfinstruct.api import run
from selfinstruct.errors import NothingKept, SelfinstructError
from selfinstruct.scaling.allowance import Allowance
from selfinstruct.scaling.shards import Shards
from selfinstruct.teachers.accounts import spent
from selfinstruct.teachers.journal.journal import Journal

__all__ = ["STOPPED", "ask"]

STOPPED = 3
"""No code that Python or a signal ends with."""


def ask(out: Path, number: int) -> bool:
    """Ask this shard, or go on with it; whether it is finished now."""
    shards = Shards(out)
    job, place = shards.job, shards.place(number)
    if (place / "done").is_file():
        return True
    (place / "stopped.txt").unlink(missing_ok=True)
    folder, limits = place / "run", job["limits"]
    allowance = Allowance(shards.folder, limits["budget"], limits["max_tokens_total"])
    waiting = len(shards.state().left)
    dollars, tokens = allowance.take(number, _spent(folder), waiting)
    options = {**job["options"], "budget": dollars, "max_tokens_total": tokens}
    before = next((file for file in (shards.before, out / "journal.db") if file.is_file()), None)
    options["journal"] = options["journal"] or (before and str(before))
    try:
        run(shards.recipe, data=place / "data.jsonl", out=folder, **options)
    except NothingKept:
        pass  # of this part of the tasks
    except SelfinstructError as error:
        shards.stopped(number, f"{type(error).__name__}: {error}")
        return False
    finally:
        allowance.give_back(number, _spent(folder))
    shards.finished(number)
    return True


def _spent(folder: Path) -> tuple[float, int]:
    """Dollars and tokens by the shard's journal, those set aside for attempts that nobody settled included."""
    if not (file := folder / "journal.db").is_file():
        return 0.0, 0
    with closing(Journal(file)) as journal:
        so_far = spent(journal.responses(), None, journal.lost())
    return so_far.dollars, so_far.tokens


if __name__ == "__main__":
    sys.exit(0 if ask(Path(sys.argv[1]), int(sys.argv[2])) else STOPPED)
