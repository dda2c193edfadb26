"""Does more data make a better model? A tiny Llama from scratch on 250, 800 and 2,400 rows, marked by one exam.

    python benchmarks/closed_loop.py                                       (about an hour on two cores)
    python benchmarks/closed_loop.py --rows 100 300 --seeds 2 --steps 50   (a few minutes, to see it work)

Needs the `train` extra. The data is `selfinstruct generate` with the built-in teacher; the smaller sets are the first
rows of the largest, and nothing in the exam is in any of them. Every model is that of the preset tiny, sees as many
optimiser steps of as many rows as the others, and so has cost the same: fewer rows are seen more often. What a seed
changes is the weights that it starts from and the order of the rows.

Printed is the share of the exam that is right: the mean over the seeds, and the lowest and highest. Also that of a
model after a single step. The same arguments go on where they were interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import statistics
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from selfinstruct.cli import main as selfinstruct
from selfinstruct.rows.reading import read_tasks
from selfinstruct.simulator.exam import grade, read_answers

TASKS = 1_000
"""Of which the rows are: the built-in teacher has some 1,200 that are novel beside one another."""
BEFORE = 1
"""Step: a model has to be trained to be saved."""


def ran(*words: object) -> None:
    """The command; what it prints is not shown, but its progress is."""
    with contextlib.redirect_stdout(io.StringIO()):
        selfinstruct([str(word) for word in words], standalone_mode=False)


def data_of(folder: Path, sizes: list[int], tasks: int) -> Iterator[Path]:
    """A file of so many rows for each size, the exam beside them."""
    ran("generate", "--num", TASKS, "--out", folder / "data")
    ran("exam", "--num", tasks, "--without", folder / "data", "--out", folder / "exam.jsonl")
    rows = (folder / "data" / "alpaca.jsonl").read_bytes().splitlines(keepends=True)
    if sizes[-1] > len(rows):
        raise SystemExit(f"--rows {sizes[-1]}: the {TASKS:,} tasks of the built-in teacher have {len(rows):,}")
    for size in sizes:
        path = folder / f"{size}.jsonl"
        path.write_bytes(b"".join(rows[:size]))
        yield path


def mark(data: Path, seed: int, steps: int) -> float:
    """The share of the exam that a model gets right which saw this data for so many steps."""
    out = data.parent / f"{data.stem}-rows-{steps}-steps-seed-{seed}"
    told = ["--set", f"steps={steps}", "--set", "samples=0", "--seed", seed]
    ran("train", data, "--preset", "tiny", *told, "--out", out)
    exam, answers = data.parent / "exam.jsonl", Path(f"{out}-answers")
    ran("run", "answer", exam, "--model", f"local:{out}", "--keep-asking", "--out", answers)
    tasks = read_tasks(exam)
    return sum(one.right for one in grade(tasks, read_answers(answers, tasks).given)) / len(tasks)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[250, 800, 2_400])
    parser.add_argument("--seeds", type=int, default=3, help="Models for each size.")
    parser.add_argument("--steps", type=int, default=2_000, help="Of each model.")
    parser.add_argument("--tasks", type=int, default=500, help="Of the exam.")
    parser.add_argument("--out", type=Path, default=Path("runs/closed_loop_benchmark"))
    options = parser.parse_args()
    table = Table("rows", "right, mean", "lowest to highest", "seeds", box=None, header_style="bold")
    found: dict[str, list[float]] = {}
    for data in data_of(options.out, sorted(options.rows), options.tasks):
        if not found:
            found["before"] = [mark(data, 0, BEFORE)]
        found[f"{int(data.stem):,}"] = [mark(data, seed, options.steps) for seed in range(options.seeds)]
    for name, shares in found.items():
        spread = f"{min(shares):.1%} to {max(shares):.1%}"
        table.add_row(name, f"{statistics.mean(shares):.1%}", spread, str(len(shares)))
    Console().print(table)
    (options.out / "marks.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
