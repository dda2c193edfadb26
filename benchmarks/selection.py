"""What scores of selection go by: their rank correlation with length and with one another, on rows of anybody's file.

    python benchmarks/selection.py alpaca.json --model DIR          (200 rows; five minutes for 135M parameters)
    python benchmarks/selection.py mine.jsonl --model DIR --num 500 --judge gpt-…

The rows are drawn by the seed from FILE. Likelihood and IFD are those under --model; a judge, if one is given, gives 1
to 10 (the recipe `score`); diversity has no score, but a choice. Then half of the rows is chosen by each, and set
beside the longest half and a random one.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from selfinstruct.rows.notes import Notes
from selfinstruct.rows.reading import read_tasks
from selfinstruct.selecting.scores import MEASURES, agreement, best, correlation
from selfinstruct.task import Task, json_line, task_to_row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", metavar="FILE")
    parser.add_argument("--model", required=True, help="a folder or hub id: whose losses are taken")
    parser.add_argument("--judge", default="", help="a teacher; without one, no judge is asked")
    parser.add_argument("--num", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    tasks = read_tasks([given.data])
    tasks = Random(given.seed).sample(tasks, min(given.num, len(tasks)))
    half = len(tasks) // 2
    with TemporaryDirectory() as name:
        folder = Path(name)
        rows = folder / "rows.jsonl"
        rows.write_bytes(b"".join(json_line(task_to_row(task)) for task in tasks))
        scores = by_model(tasks, given.model)
        if given.judge:
            command("run", "score", str(rows), "--model", given.judge, "--out", str(folder / "judged"), "--quiet")
            judged = {row["id"]: row.get("score") for row in read(folder / "judged" / "tasks.jsonl")}
            scores["judge"] = [judged.get(task.id) for task in tasks]
        choices = {by: best(found, half) for by, found in scores.items()}
        choices["diversity"] = selected(folder, rows, tasks, "diversity", half)
        choices["longest"] = selected(folder, rows, tasks, "length", half)
        choices["random"] = selected(folder, rows, tasks, "random", half)
    print(f"{len(tasks)} rows of {given.data}")
    for by, found in scores.items():
        without = sum(one is None for one in found)
        with_others = {other: correlation(found, theirs) for other, theirs in scores.items() if other != by}
        figures = agreement(tasks, found) | with_others
        print(
            f"{by:12}", *(f"{name} {rho:+.2f}" for name, rho in figures.items()), f"without a score {without}", sep="  "
        )
    print(f"of the {half} chosen: " + ", ".join(MEASURES) + "; how many the longest and the random half have, too")
    longest, chance = set(choices["longest"]), set(choices["random"])
    for by, chosen in choices.items():
        means = [sum(measure(tasks[at]) for at in chosen) / len(chosen) for measure in MEASURES.values()]
        shares = [sum(at in other for at in chosen) / len(chosen) for other in (longest, chance)]
        print(f"{by:12}", *(f"{mean:7.2f}" for mean in means), *(f"{share:5.0%}" for share in shares), sep="  ")


def command(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "selfinstruct", *words], check=True, stdout=subprocess.DEVNULL)


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def by_model(tasks: Sequence[Task], model: str) -> dict[str, list[float | None]]:
    """Likelihood and IFD, as `select` has them, of one pass; of a task with several answers the first."""
    from selfinstruct.finetune.loop.likelihood import surprises
    from selfinstruct.finetune.models.open import load
    from selfinstruct.finetune.rows.conversations import conversations_of

    asked = [next(iter(conversations_of(task, "the data", Notes()))) for task in tasks]
    found = list(surprises(load(model), asked))
    ratios = [one.given / one.alone if one.given and one.alone else None for one in found]
    return {
        "likelihood": [None if one.given is None else -one.given for one in found],
        "ifd": [None if ratio is None or ratio >= 1 else ratio for ratio in ratios],
    }


def selected(folder: Path, rows: Path, tasks: list[Task], by: str, num: int) -> list[int]:
    out = folder / f"{by}.jsonl"
    command("select", str(rows), "--by", by, "--num", str(num), "--out", str(out), "--quiet")
    chosen = {row["id"] for row in read(out)}
    return [at for at, task in enumerate(tasks) if task.id in chosen]


if __name__ == "__main__":
    main()
