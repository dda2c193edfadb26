"""Does the data teach, and do the methods do what their papers claim? Tiny Llamas from scratch, marked by one exam.

    python benchmarks/teaches.py                     (overnight on two cores)
    python benchmarks/teaches.py --short             (some 15 minutes: it works; its models know next to nothing yet)
    python benchmarks/teaches.py --only novelty      (one claim)

Needs the `train` extra. Each claim sets two data sets side by side, made by the built-in teacher with the same seeds:

    something   what Self-Instruct generates, and nothing (a model after one step)
    filtered    of a teacher that errs in form (builtin:messy): with the recipe's filters, and without any
    novelty     the recipe with its ROUGE-L filter, and without it
    evolved     tasks evolved, and the same as they were; marked by hard questions: an exam that was evolved itself
    more        all rows, and a quarter of them
    agentic     tasks that a weak solver fails and a strong one does (recipe agentic), and plain Self-Instruct

Both models of a claim are that of the preset tiny, three seeds each, and are trained on as many characters as each
other: a smaller set is seen more often. What is printed is the share of the exam that is right, the mean over the
seeds, and the difference item by item with its interval, families as clusters. The same arguments go on where they were
interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from selfinstruct import RunStopped, Task, UsageError, evaluate, read_tasks, run, write_rows
from selfinstruct.cli import main as selfinstruct
from selfinstruct.evaluating.intervals import Estimate, difference
from selfinstruct.evaluating.items import Mark
from selfinstruct.running.recipe import Recipe
from selfinstruct.running.recipe_file import load
from selfinstruct.simulator.exam import understood, write_exam
from selfinstruct.task import task_to_row

BATCH = 16


class Size(NamedTuple):
    """How large everything is."""

    tasks: int
    """Of each data set."""
    characters: int
    """That each model is trained on."""
    seeds: int
    exam: int


LONG = Size(tasks=800, characters=12_000_000, seeds=3, exam=500)
SHORT = Size(tasks=120, characters=400_000, seeds=3, exam=100)
TRY = Size(tasks=20, characters=8_000, seeds=1, exam=10)


def without(recipe: Recipe, names: Sequence[str] | None) -> Recipe:
    """The recipe without the filters of these names; None: without any."""

    def kept(drop: Sequence[object]) -> list[object]:
        return [] if names is None else [one for one in drop if type(one).__name__.lower() not in names]

    return replace(recipe, steps=tuple(replace(step, drop=tuple(kept(step.drop))) for step in recipe.steps))  # type: ignore[arg-type]


def made(recipe: str | Recipe, out: Path, **options: object) -> list[Task]:
    """The tasks of a run; one that stops since its teacher has no more to say is as long as it is."""
    with contextlib.suppress(RunStopped):
        run(recipe, out=out, keep_asking=True, **options)
    return read_tasks(out)


# The two data sets of each claim.


def something(folder: Path, size: Size) -> tuple[list[Task], list[Task]]:
    return plain(folder, size), []


def filtered(folder: Path, size: Size) -> tuple[list[Task], list[Task]]:
    recipe, messy = load("self_instruct", "en"), {"model": "builtin:messy", "num": size.tasks}
    bare = made(without(recipe, None), folder / "unfiltered", **messy)
    return made(recipe, folder / "messy", **messy), bare


def novelty(folder: Path, size: Size) -> tuple[list[Task], list[Task]]:
    recipe = without(load("self_instruct", "en"), ["novelty"])
    return plain(folder, size), made(recipe, folder / "alike", num=size.tasks)


def evolved(folder: Path, size: Size) -> tuple[list[Task], list[Task]]:
    before = plain(folder, size)
    return made("evol_instruct", folder / "evolved", data=before), before


def more(folder: Path, size: Size) -> tuple[list[Task], list[Task]]:
    tasks = plain(folder, size)
    return tasks, tasks[: len(tasks) // 4]


def agentic(folder: Path, size: Size) -> tuple[list[Task], list[Task]]:
    tasks = plain(folder, size)
    made_hard = made("agentic", folder / "agentic", data=tasks, model={"teacher": "builtin", "weak": "builtin:weak"})
    return made_hard, tasks


def plain(folder: Path, size: Size) -> list[Task]:
    return made("self_instruct", folder / "plain", num=size.tasks)


CLAIMS: Mapping[str, Callable[[Path, Size], tuple[list[Task], list[Task]]]] = {
    "something": something,
    "filtered": filtered,
    "novelty": novelty,
    "evolved": evolved,
    "more": more,
    "agentic": agentic,
}


# Training and marking.


def trained(tasks: Sequence[Task], out: Path, seed: int, size: Size) -> Path:
    """A model that has seen so many characters of these tasks; without any, one after a single step."""
    rows = out.with_suffix(".jsonl")
    shown = list(tasks) or write_exam("en", BATCH, seed=99)
    write_rows(rows, map(task_to_row, shown), force=True)
    length = sum(len(json.dumps(task_to_row(task), ensure_ascii=False)) for task in shown) / len(shown)
    steps = max(2, round(size.characters / (BATCH * length))) if tasks else 1
    told = ["--set", f"steps={steps}", "--set", "samples=0", "--batch", BATCH, "--seed", seed]
    words = ["train", rows, "--preset", "tiny", *told, "--out", out]
    with contextlib.redirect_stdout(io.StringIO()):
        code = selfinstruct([str(word) for word in words], standalone_mode=False)
    if code:
        raise SystemExit(code)
    return out


def hard(folder: Path, size: Size) -> Path:
    """An exam of which every task was evolved, as far as rules can still mark it."""
    file = folder / "hard.jsonl"
    if not file.exists():
        tasks = made("evol_instruct", folder / "harder", data=write_exam("en", 2 * size.exam, seed=7))
        kept = [task for task in tasks if _is_marked(task)][: size.exam]
        rows = (task_to_row(replace(task, id=f"hard-{number}")) for number, task in enumerate(kept))
        write_rows(file, rows)
    return file


def _is_marked(task: Task) -> bool:
    try:
        understood(task)
    except UsageError:
        return False
    return task.evolved is not None


def marks(
    models: Mapping[str, Path], out: Path, suite: str, size: Size, known: Sequence[Task]
) -> dict[str, list[Mark]]:
    named = {label: str(path) for label, path in models.items()}
    rows = [dict(task_to_row(task)) for task in known]
    write_rows(out.with_suffix(".known.jsonl"), rows, force=True)
    trained_on = [out.with_suffix(".known.jsonl")] if suite == "exam" else []
    found = evaluate(named, out=out, suites=[suite], num=size.exam, trained_on=trained_on, max_tokens=96)
    return found.marks["exam"]


def compared(name: str, folder: Path, size: Size) -> tuple[float, float, Estimate]:
    """The shares of both, and their difference."""
    better, worse = CLAIMS[name](folder, size)
    sides = {"with": better, "without": worse}
    models = {
        f"{side}-{seed}": trained(tasks, folder / f"{name}-{side}-{seed}", seed, size)
        for side, tasks in sides.items()
        for seed in range(size.seeds)
    }
    suite = f"exam={hard(folder, size)}" if name == "evolved" else "exam"
    found = marks(models, folder / f"{name}-marks", suite, size, [*better, *worse])
    means = {side: _mean([found[f"{side}-{seed}"] for seed in range(size.seeds)]) for side in sides}
    clusters = [one.cluster for one in found["with-0"]]
    apart = difference(means["with"], means["without"], clusters)
    many = len(clusters)
    return sum(means["with"]) / many, sum(means["without"]) / many, apart


def _mean(seeds: Sequence[Sequence[Mark]]) -> list[float]:
    """Of each item over the seeds."""
    return [sum(one.value for one in each) / len(each) for each in zip(*seeds, strict=True)]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=list(CLAIMS), default=list(CLAIMS))
    parser.add_argument("--short", action="store_true", help="Some 15 minutes.")
    parser.add_argument("--try", action="store_true", dest="once", help="A minute, to see it work.")
    parser.add_argument("--out", type=Path, default=Path("runs/teaches"))
    options = parser.parse_args()
    size = TRY if options.once else SHORT if options.short else LONG
    folder = options.out / ("try" if options.once else "short" if options.short else "long")
    table = Table("claim", "with", "without", "difference", "95 %", box=None, header_style="bold")
    figures = {}
    for name in options.only:
        one, other, apart = compared(name, folder, size)
        low, high = 100 * apart.low, 100 * apart.high
        table.add_row(name, f"{one:.1%}", f"{other:.1%}", f"{100 * apart.value:+.1f}", f"{low:+.1f} to {high:+.1f}")
        figures[name] = {"with": one, "without": other, "difference": apart._asdict()}
        (folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    Console().print(table)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
