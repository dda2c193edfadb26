"""What do pairs by exact checkers teach? A tiny Llama before and after DPO on its own right and wrong answers.

    python benchmarks/preferences.py           (about an hour on two cores)
    python benchmarks/preferences.py --quick   (some minutes, to see it work; it shows nothing else)

Needs the `train` extra. A model of the preset tiny learns tasks of the built-in teacher's families (`selfinstruct exam`
of another seed). It answers further tasks four times each at temperature 1; `selfinstruct grade --pairs` puts right
answers beside wrong ones, and the model learns these by DPO, and in other folders by KTO or, to compare with, by
fine-tuning on the right answers alone. All are marked by one held-out exam, nothing of which is in any of the data.
What a seed changes is the answers that are drawn and the order of the rows; the model before is one.

Printed are the mean share that is right, and the points gained with the interval that 95 of 100 bootstraps over the
families lie in. The same arguments go on where they were interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import statistics
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from random import Random

from rich.console import Console
from rich.table import Table

from selfinstruct.cli import main as selfinstruct
from selfinstruct.rows.reading import read_tasks
from selfinstruct.simulator.exam import Graded, grade, read_answers
from selfinstruct.task import json_line

BOOTSTRAPS = 2_000
METHODS = {
    "dpo": ("--method", "full", "--set", "learn=dpo"),
    "kto": ("--method", "full", "--set", "learn=kto"),
    "right": ("--method", "full"),
}
"""By what is learned: pairs, the same answers each for itself, or the right ones alone."""


def ran(*words: object) -> str:
    """What the command says; its progress is shown."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        selfinstruct([str(word) for word in words], standalone_mode=False)
    return said.getvalue().strip()


def data_of(folder: Path, rows: int, tasks: int, exam: int) -> None:
    """What is learned first, what pairs are made of, and the exam; none has anything of the others."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "tasks.jsonl").is_file():
        ran("exam", "--num", exam, "--out", folder / "exam.jsonl")
        ran("exam", "--num", rows, "--seed", 7, "--without", folder / "exam.jsonl", "--out", folder / "rows.jsonl")
        known = [word for name in ("exam", "rows") for word in ("--without", folder / f"{name}.jsonl")]
        ran("exam", "--num", tasks, "--seed", 9, *known, "--out", folder / "tasks.jsonl")


def pairs_of(folder: Path, base: Path, seed: int, samples: int) -> Path:
    """A file of pairs of the base's own answers; beside it one of the right answers."""
    run, out = folder / f"samples-{seed}", folder / f"pairs-{seed}.jsonl"
    if not out.is_file():
        told = ["--seed", seed, "--keep-asking", "--concurrency", 64]
        ran(
            "run",
            recipe_of(folder, samples, seed),
            folder / "tasks.jsonl",
            "--model",
            f"local:{base}",
            *told,
            "--out",
            run,
        )
        print(ran("grade", folder / "tasks.jsonl", run, "--pairs", out), flush=True)
        right = [
            {"instruction": task.turns[0]["content"], "output": one.turns[0]["content"]}
            for task in read_tasks(out)
            for one in task.judged
            if one.good
        ]
        (folder / f"right-{seed}.jsonl").write_bytes(b"".join(map(json_line, right)))
    return out


def recipe_of(folder: Path, samples: int, seed: int) -> Path:
    """The recipe samples with so many; the teacher's seed makes other answers of another seed."""
    path = folder / f"samples-of-{seed}.yaml"
    teacher = f"{{temperature: 1, max_tokens: 128, seed: {seed}}}"
    path.write_text(
        f"steps:\n  - each: sample\n    samples: {samples}\n    teacher: {teacher}\nexport: [alpaca]\n",
        encoding="utf-8",
    )
    return path


def marks(folder: Path, model: Path) -> list[Graded]:
    answers = Path(f"{model}-answers")
    ran("run", "answer", folder / "exam.jsonl", "--model", f"local:{model}", "--keep-asking", "--out", answers)
    tasks = read_tasks(folder / "exam.jsonl")
    return grade(tasks, read_answers(answers, tasks).given)


def learned(folder: Path, base: Path, method: str, seed: int, draw: int, told: Sequence[object]) -> Path:
    """`draw` is whose answers are learned."""
    data = folder / (f"right-{draw}.jsonl" if method == "right" else f"pairs-{draw}.jsonl")
    out = folder / f"{method}-{seed}"
    more = ["--set", "samples=0", "--seed", seed, "--too-long", "drop", *told]
    ran("train", data, *METHODS[method], "--base", base, *more, "--out", out)
    return out


def gained(after: Sequence[Sequence[Graded]], before: Sequence[Graded]) -> tuple[float, float, float]:
    """The mean over the seeds, in points, and its interval: families are drawn, as the tasks of one go together."""
    families = defaultdict(list)
    for place, one in enumerate(before):
        families[one.family].append(statistics.fmean(some[place].right for some in after) - one.right)
    rng, groups = Random(0), list(families.values())
    drawn = []
    for _ in range(BOOTSTRAPS):
        some = rng.choices(groups, k=len(groups))
        drawn.append(sum(map(sum, some)) / sum(map(len, some)))
    drawn.sort()
    mean = statistics.fmean(value for group in groups for value in group)
    return 100 * mean, 100 * drawn[int(0.025 * BOOTSTRAPS)], 100 * drawn[int(0.975 * BOOTSTRAPS) - 1]


def share(graded: Sequence[Graded]) -> float:
    return statistics.fmean(one.right for one in graded)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="Few tasks, few steps: to see it work.")
    parser.add_argument("--rows", type=int, help="That the model learns first. [default: 6,000; quick: 300]")
    parser.add_argument("--steps", type=int, help="By which it does. [default: 1,200; quick: 150]")
    parser.add_argument("--tasks", type=int, help="That pairs are made of. [default: 800; quick: 150]")
    parser.add_argument("--exam", type=int, help="Its tasks. [default: 500; quick: 60]")
    parser.add_argument("--samples", type=int, default=4, help="Answers to each task.")
    parser.add_argument("--seeds", type=int, help="[default: 3; quick: 1]")
    parser.add_argument("--draw-once", action="store_true", help="The same answers for all seeds: a third of the time.")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=["dpo"])
    parser.add_argument("--lr", default="2e-4", help="A model of 1.6 million parameters takes larger ones than others.")
    parser.add_argument("--epochs", default="4")
    parser.add_argument("--out", type=Path, default=Path("runs/preferences_benchmark"))
    options = parser.parse_args()
    usual = (300, 150, 150, 60, 1) if options.quick else (6_000, 1_200, 800, 500, 3)
    given = (options.rows, options.steps, options.tasks, options.exam, options.seeds)
    rows, steps, tasks, exam, seeds = (one or default for one, default in zip(given, usual, strict=True))
    folder, base = options.out, options.out / "base"
    data_of(folder, rows, tasks, exam)
    ran(
        "train",
        folder / "rows.jsonl",
        "--preset",
        "tiny",
        "--set",
        f"steps={steps}",
        "--set",
        "samples=0",
        "--out",
        base,
    )
    before = marks(folder, base)
    found = {"before": [[one.right for one in before]]}
    shown = Table("learned by", "right, mean", "lowest to highest", "points gained", box=None, header_style="bold")
    shown.add_row("before", f"{share(before):.1%}", "", "")
    told = ["--set", f"lr={options.lr}", "--set", f"epochs={options.epochs}", "--batch", "32"]
    for method in options.methods:
        after = []
        for seed in range(seeds):
            draw = 0 if options.draw_once else seed
            pairs_of(folder, base, draw, options.samples)
            after.append(marks(folder, learned(folder, base, method, seed, draw, told)))
            print(f"{method}, seed {seed}: {share(after[-1]):.1%} after {share(before):.1%}", flush=True)
        found[method] = [[one.right for one in some] for some in after]
        by, low, high = gained(after, before)
        shares = [share(some) for some in after]
        spread = f"{min(shares):.1%} to {max(shares):.1%}"
        shown.add_row(method, f"{statistics.fmean(shares):.1%}", spread, f"{by:+.1f} ({low:+.1f} to {high:+.1f})")
    Console().print(shown)
    (folder / "marks.json").write_text(json.dumps(found) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
