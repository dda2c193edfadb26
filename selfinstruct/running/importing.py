"""Data of others as a run: tasks.jsonl, rejected.jsonl for the rows that cannot be used, and where all of it came from.

What works on runs works on it: report, show, evolve, train. Nobody was asked, so there is no journal and no recipe.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from selfinstruct import __version__
from selfinstruct.errors import UsageError
from selfinstruct.rows.notes import Bad, Notes
from selfinstruct.rows.reading import USUAL, Data, How, tasks_in
from selfinstruct.task import Rejected, Task, json_line, rejected_to_row, task_to_row
from selfinstruct.workdir import atomic, check_place, check_same, locked, mapping_in, unwritable

__all__ = ["import_data"]


def import_data(
    data: Data,
    out: str | Path,
    how: How = USUAL,
    notes: Notes | None = None,
    watched: Callable[[Iterator[Task]], Iterator[Task]] = iter,
) -> None:
    """Make a run of anybody's data, in constant memory; the same import again writes the same.

    Raises UsageError for data that cannot be read and for a folder with something else; RunStopped when the disk fails.
    `watched` sees the tasks go by.
    """
    notes, out = Notes() if notes is None else notes, Path(out)
    asked = {"data": list(map(str, [data] if isinstance(data, str | Path) else data)), "how": asdict(how)}
    _check(out, asked)
    try:
        with locked(out):
            _check(out, asked)
            is_new = not (out / "run.json").exists()
            if is_new:  # first: a folder with this file may be gone on with, whatever is in it
                _write_facts(out, asked)
            try:
                tasks = _written(data, out, how, notes, watched)
            except Exception:
                if is_new:
                    (out / "run.json").unlink()
                raise
            counts = {"tasks": tasks, "rejected": notes.left_out, "selfinstruct": __version__}
            _write_facts(out, asked | {"files": list(map(_about, notes.files.items()))} | counts)
    except OSError as error:
        raise unwritable(out, error) from None


def _written(data: Data, out: Path, how: How, notes: Notes, watched: Callable[[Iterator[Task]], Iterator[Task]]) -> int:
    """Write tasks.jsonl and rejected.jsonl; returns how many tasks there are. Without any nothing is written."""
    count = 0
    with ExitStack() as opened:
        written, rejected = (opened.enter_context(atomic(out / f"{name}.jsonl")) for name in ("tasks", "rejected"))

        def reject(bad: Bad) -> None:
            detail = f"{bad.where}: {bad.why}"
            rejected.write(json_line(rejected_to_row(Rejected(bad.text, "not usable", detail, origin="import"))))

        for task in watched(tasks_in(data, how, notes, reject)):
            written.write(json_line(task_to_row(task)))
            count += 1
        if not count:
            raise UsageError(f"{data if isinstance(data, str | Path) else ', '.join(map(str, data))} has no task in it")
    return count


def _write_facts(out: Path, facts: dict[str, Any]) -> None:
    text = json.dumps({"import": facts}, ensure_ascii=False, indent=2) + "\n"
    with atomic(out / "run.json") as file:
        file.write(text.encode("utf-8", "backslashreplace"))


def _check(out: Path, asked: dict[str, Any]) -> None:
    check_place(out, "run", ["run.json"])
    if (out / "run.json").exists():
        there = mapping_in(out / "run.json").get("import")
        if not isinstance(there, dict):
            raise UsageError(f"{out} is a run that asked a teacher: choose another --out")
        check_same(out, "import", {name: there.get(name) for name in asked}, asked)


def _about(file_and_rows: tuple[str, int]) -> dict[str, Any]:
    """Where rows came from: a file of this machine with its checksum, anything else by its name."""
    name, rows = file_and_rows
    about: dict[str, Any] = {"name": name, "rows": rows}
    if Path(name).is_file():
        with Path(name).open("rb") as file:
            about |= {"bytes": Path(name).stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}
    return about
