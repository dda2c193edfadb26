"""What tokens are better spent on: plain Self-Instruct, or harder tasks by Agentic Self-Instruct?

    python benchmarks/agentic.py           (some hours on two cores)
    python benchmarks/agentic.py --quick   (ten minutes on two cores that do nothing else)

Needs the `train` extra. Tasks of `selfinstruct generate` are made harder by `selfinstruct run agentic`, with the
built-in teacher as challenger, strong solver and judge and builtin:weak as the weak one. What both took, in tokens as
the journals count them, is what plain Self-Instruct may then use. Three sets of rows: plain; agentic, those that were
taken; both, the taken ones and the tasks that they were made from, which the tokens paid for as well.

Each trains tiny models from scratch (the preset tiny, as many steps for every set), which are marked by one exam with
nothing of any set in it. Printed is the share that is right: the mean over the seeds, the lowest and highest, and how
far it is from plain's, with the interval that 95 of 100 bootstraps over the exam's tasks lie in. The exam asks for
plain tasks of the same kinds; `--hard` holds another one, its tasks made harder as the challenger does. The same
arguments go on where they were interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sqlite3
import statistics
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random

from rich.console import Console
from rich.table import Table

from selfinstruct.cli import main as selfinstruct
from selfinstruct.errors import BudgetReached, Saturated
from selfinstruct.rows.reading import read_tasks
from selfinstruct.simulator.evolving import DEPTH, evolved
from selfinstruct.simulator.exam import grade, read_answers
from selfinstruct.simulator.understanding import Shown, understand
from selfinstruct.task import Instance, Task, json_line, task_to_row

SETS = ("plain", "agentic", "both")
ENDLESS = 100_000
BOOTSTRAPS = 2_000
LAYERS = 2
"""Of a harder exam."""


def ran(*words: object) -> None:
    """The command; what it prints is not shown, but its progress is."""
    with contextlib.redirect_stdout(io.StringIO()):
        selfinstruct([str(word) for word in words], standalone_mode=False)


def tokens(run: Path) -> int:
    with closing(sqlite3.connect(run / "journal.db")) as journal:
        (total,) = journal.execute("SELECT sum(input_tokens) + sum(output_tokens) FROM answers").fetchone()
    return int(total)


def made(folder: Path, base: int) -> dict[str, int]:
    """The three files of rows, and how many tokens each set took."""
    ran("generate", "--num", base, "--out", folder / "base")
    ran("run", "agentic", folder / "base", "--model", "weak=builtin:weak", "--out", folder / "challenged")
    spent = tokens(folder / "base") + tokens(folder / "challenged")
    with contextlib.suppress(BudgetReached, Saturated):
        ran("generate", "--num", ENDLESS, "--max-tokens-total", spent, "--out", folder / "plain-run")
    rows = {name: (folder / name / "alpaca.jsonl").read_bytes() for name in ("base", "challenged", "plain-run")}
    for name, data in (
        ("plain", rows["plain-run"]),
        ("agentic", rows["challenged"]),
        ("both", rows["base"] + rows["challenged"]),
    ):
        (folder / f"{name}.jsonl").write_bytes(data)
    return {"plain": tokens(folder / "plain-run"), "agentic": spent, "both": spent}


def exam_of(folder: Path, num: int) -> Path:
    known = [word for name in ("base", "plain-run") for word in ("--without", folder / name)]
    ran("exam", "--num", num, *known, "--out", folder / "exam.jsonl")
    return folder / "exam.jsonl"


def harder(exam: Path) -> Path:
    """The exam with layers on its tasks, as the challenger lays them; what takes none is left out."""
    rows = []
    for task in read_tasks(exam):
        rng, given = Random(task.id), task.instances[0].input
        known = understand(Shown(task.instruction, given))
        for _ in range(LAYERS):
            known = understand(evolved(rng, known, rng.choice(DEPTH))) if known else None
        answer = known.answer(rng) if known and known.demands else None
        if known and answer:
            said = known.shown(known.base, known.layers, known.said)
            rows.append(replace(task, instruction=said.instruction, instances=(Instance(said.given, answer),)))
    path = exam.with_name("hard.jsonl")
    path.write_bytes(b"".join(json_line(task_to_row(task)) for task in rows))
    return path


def marks(data: Path, exam: Path, seed: int, steps: int) -> list[bool]:
    """Which tasks of the exam a model gets right that saw this data for so many steps."""
    out = data.parent / f"{data.stem}-{steps}-steps-seed-{seed}"
    told = ["--set", f"steps={steps}", "--set", "samples=0", "--seed", seed]
    ran("train", data, "--preset", "tiny", *told, "--out", out)
    answers = Path(f"{out}-{exam.stem}")
    ran("run", "answer", exam, "--model", f"local:{out}", "--keep-asking", "--out", answers)
    tasks = read_tasks(exam)
    given = read_answers(answers, tasks).given
    if exam.stem == "exam":
        return [one.right for one in grade(tasks, given)]
    return [_right(task, given.get(task.id, "")) for task in tasks]


def _right(task: Task, answer: str) -> bool:
    known = understand(Shown(task.instruction, task.instances[0].input))
    return bool(known and known.accepts(answer))


def apart(ours: Sequence[Sequence[bool]], theirs: Sequence[Sequence[bool]]) -> tuple[float, float, float]:
    """The difference of two shares, means over seeds, and its interval by bootstraps over the exam's tasks."""
    each = [
        statistics.fmean(a) - statistics.fmean(b)
        for a, b in zip(zip(*ours, strict=True), zip(*theirs, strict=True), strict=True)
    ]
    rng = Random(0)
    drawn = sorted(statistics.fmean(rng.choices(each, k=len(each))) for _ in range(BOOTSTRAPS))
    return statistics.fmean(each), drawn[int(0.025 * BOOTSTRAPS)], drawn[int(0.975 * BOOTSTRAPS) - 1]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="Few tasks, few steps: to see it work.")
    parser.add_argument("--base", type=int, help="Tasks that are made harder. [default: 500; quick: 100]")
    parser.add_argument("--steps", type=int, help="Of each model. [default: 2,000; quick: 200]")
    parser.add_argument("--tasks", type=int, help="Of the exam. [default: 500; quick: 200]")
    parser.add_argument("--seeds", type=int, default=3, help="Models for each set.")
    parser.add_argument("--hard", action="store_true", help="Hold a second exam, of harder tasks.")
    parser.add_argument("--out", type=Path, default=Path("runs/agentic_benchmark"))
    options = parser.parse_args()
    usual = (100, 200, 200) if options.quick else (500, 2_000, 500)
    base, steps, tasks = (
        given or one for given, one in zip((options.base, options.steps, options.tasks), usual, strict=True)
    )
    took = made(options.out, base)
    exam = exam_of(options.out, tasks)
    found = {}
    for one in (exam, *([harder(exam)] if options.hard else [])):
        right = {
            name: [marks(options.out / f"{name}.jsonl", one, seed, steps) for seed in range(options.seeds)]
            for name in SETS
        }
        found[one.stem] = right
        Console().print(table(one.stem, right, took, options.out))
    (options.out / "marks.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


def table(title: str, right: dict[str, list[list[bool]]], took: dict[str, int], folder: Path) -> Table:
    asked = len(right["plain"][0])
    columns = ("rows of", "tokens", "rows", "right, mean", "lowest to highest", "against plain, points")
    shown = Table(*columns, title=f"{title}: {asked} tasks", title_justify="left", box=None, header_style="bold")
    for name, by_seed in right.items():
        rows = len((folder / f"{name}.jsonl").read_bytes().splitlines())
        shares = [statistics.fmean(one) for one in by_seed]
        spread = f"{min(shares):.1%} to {max(shares):.1%}"
        by, low, high = (100 * one for one in apart(by_seed, right["plain"]))
        against = f"{by:+.1f} ({low:+.1f} to {high:+.1f})" if name != "plain" else ""
        shown.add_row(name, f"{took[name]:,}", f"{rows:,}", f"{statistics.fmean(shares):.1%}", spread, against)
    return shown


if __name__ == "__main__":
    raise SystemExit(main())
