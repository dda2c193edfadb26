"""Do verifiable rewards make a better model? Answers first, then GRPO on an exam, marked by another exam with twins.

    python benchmarks/alignment.py                    (three seeds; some hours on two cores)
    python benchmarks/alignment.py --quick            (a few minutes, to see it work; such models know next to nothing)
    python benchmarks/alignment.py --base models/mine (from a model that answers already, in the place of tiny ones)

Needs the `train` extra. A tiny Llama from scratch learns the rows of a generated run and of an exam. Then its own
answers to a second exam are paid when they are right, to those questions that it gets right sometimes; a fifth of the
families is left out of that. A third exam, none of whose instructions is in the others, is asked before and after: its
tasks of families that were trained on, those of families that were not, and the twin of each task, with other names
and numbers.

Printed is what share is right, as the mean over the seeds, and the gain with its 95 % interval, drawn again over tasks
(1,000 times), each with its answers of all seeds: tasks of a family are not drawn together. The aim: 5 points more of
families that were trained on, 2 more of the others, and on twins at most 1 point less than on the tasks themselves.
The same arguments go on where they were interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from statistics import mean

from rich.console import Console
from rich.table import Table

from selfinstruct.cli import main as selfinstruct
from selfinstruct.rows.reading import read_tasks
from selfinstruct.rows.writing.writing import write_rows
from selfinstruct.simulator.exam import grade, is_right, understood
from selfinstruct.task import Task, task_to_row

ANSWER = 48
"""Tokens of an answer: the exam's right ones have at most 40."""

TRIED = 8
"""Answers by which it is told whether a model can learn from a question."""

Right = dict[str, bool]
"""By the id of a task."""


def ran(*words: object) -> None:
    """The command; what it prints is not shown, but its progress is."""
    with contextlib.redirect_stdout(io.StringIO()):
        selfinstruct([str(word) for word in words], standalone_mode=False)


def exams_of(folder: Path, options: argparse.Namespace) -> set[str]:
    """Writes the data, an exam to learn answers from, one to be paid for, and one to be asked with its twins; returns
    the families that are left out of the second."""
    ran("generate", "--num", options.tasks, "--out", folder / "data", "--quiet")
    before = ["--without", folder / "data"]
    for number, (name, num) in enumerate((("asked", options.exam), ("paid", options.paid), ("answers", options.paid))):
        twins = ["--twins"] if name == "asked" else []
        ran("exam", "--num", num, "--seed", number, *twins, *before, "--out", folder / f"{name}.jsonl")
        before += ["--without", folder / f"{name}.jsonl"]
    tasks = read_tasks(folder / "paid.jsonl")
    families = sorted({task.extra["family"] for task in tasks})
    left_out = set(Random("families").sample(families, len(families) // 5))
    kept = [task_to_row(task) for task in tasks if task.extra["family"] not in left_out]
    write_rows(folder / "trained_on.jsonl", kept, force=True)
    return left_out


def marks(model: Path, tasks: Sequence[Task]) -> Right:
    """What the likeliest answers of a model are worth; written beside it, and read from there another time."""
    file = model / f"right-{len(tasks)}.json"
    if file.exists():
        found: Right = json.loads(file.read_text())
        return found
    from selfinstruct.finetune.align.drawing import draw
    from selfinstruct.finetune.align.rewarding import question_of
    from selfinstruct.finetune.answer.sampling import Sampling, question
    from selfinstruct.finetune.models.open import load

    loaded, rules = load(str(model)), Sampling(max_tokens=ANSWER)
    asked = [question(*loaded, question_of(task), rules) for task in tasks]
    answers = draw(loaded.model, asked, [0] * len(asked), 0.0)
    said = {task.id: answer.said for task, answer in zip(tasks, answers, strict=True)}
    right = {one.task.id: one.right for one in grade(tasks, said)}
    file.write_text(json.dumps(right))
    return right


def sometimes_right(model: Path, exam: Path, out: Path) -> None:
    """Writes those tasks of an exam that a model gets right in some of its answers, and not in all: from the others it
    can learn nothing yet, and a tiny model's are nine of ten.
    """
    from selfinstruct.finetune.align.drawing import draw, seed_of
    from selfinstruct.finetune.align.rewarding import question_of
    from selfinstruct.finetune.answer.sampling import Sampling, question
    from selfinstruct.finetune.models.open import load

    loaded, rules, tasks = load(str(model)), Sampling(max_tokens=ANSWER), read_tasks(exam)
    asked = [one for task in tasks for one in [question(*loaded, question_of(task), rules)] * TRIED]
    seeds = [seed_of(f"{task.id}/{number}") for task in tasks for number in range(TRIED)]
    drawn, kept = iter(draw(loaded.model, asked, seeds, 1.0)), list[Task]()
    for task in tasks:
        known, found = understood(task), [next(drawn) for _ in range(TRIED)]
        right = sum(one.finish == "stop" and is_right(known, task, one.said) for one in found)
        kept += [task] if 0 < right < TRIED else []
    write_rows(out, map(task_to_row, kept or tasks), force=True)


def before_and_after(folder: Path, seed: int, options: argparse.Namespace) -> tuple[Path, Path]:
    """The model that has learned answers, and what rewards made of it."""
    usual = ["--set", "samples=1", "--seed", seed]
    sft = Path(options.base) if options.base else folder / f"sft-{seed}"
    if not options.base:
        steps = ["--set", f"steps={options.sft_steps}"]
        ran("train", folder / "data", folder / "answers.jsonl", "--preset", "tiny", *steps, *usual, "--out", sft)
    questions = folder / f"trained_on-{seed}.jsonl"
    if not questions.exists():
        sometimes_right(sft, folder / "trained_on.jsonl", questions)
    paid = ["--method", "full", "--set", "learn=grpo", "--reward", "exam", "--base", sft, "--lr", options.lr]
    paid += ["--batch", options.batch, "--set", f"samples_each={options.each}", "--set", f"answer_tokens={ANSWER}"]
    paid += ["--set", f"steps={options.steps}", "--set", "unseen=0", "--set", "micro_batch=32", *usual]
    out = folder / f"rl-{seed}"
    ran("train", questions, *paid, "--out", out)
    return sft, out


def interval(gains: Mapping[str, float]) -> tuple[float, float]:
    """95 % of the means of tasks that are drawn again."""
    rng, values = Random("again"), list(gains.values())
    means = sorted(mean(rng.choices(values, k=len(values))) for _ in range(1_000))
    return means[25], means[974]


def row(
    name: str, ids: Sequence[str], pairs: Sequence[tuple[Right, Right]], share: Callable[[Right, str], float]
) -> list[str]:
    """A line of the table; `share` is what a task counts in somebody's marks."""
    before = {id: mean(share(first, id) for first, _ in pairs) for id in ids}
    after = {id: mean(share(last, id) for _, last in pairs) for id in ids}
    low, high = interval({id: after[id] - before[id] for id in ids})
    gain = mean(after.values()) - mean(before.values())
    shown = [f"{100 * mean(of.values()):.1f} %" for of in (before, after)]
    return [name, f"{len(ids):,}", *shown, f"{100 * gain:+.1f}", f"{100 * low:+.1f} to {100 * high:+.1f}"]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--tasks", type=int, default=1_000, help="Of the generated run.")
    parser.add_argument("--paid", type=int, default=1_500, help="Tasks of the exam that is paid for, and of the first.")
    parser.add_argument("--exam", type=int, default=500, help="Tasks that are asked, beside as many twins.")
    parser.add_argument("--sft-steps", type=int, default=2_000)
    parser.add_argument("--steps", type=int, default=200, help="Of the rewards.")
    parser.add_argument("--batch", type=int, default=128, help="Answers of a step.")
    parser.add_argument("--each", type=int, default=16, help="Answers to a question.")
    parser.add_argument("--lr", type=float, default=1e-4, help="A tiny model's; Tülu 3.1's is 5e-7.")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--base", help="A model that answers already.")
    parser.add_argument("--quick", action="store_true", help="One seed of very few steps.")
    parser.add_argument("--out", type=Path, default=Path("runs/alignment_benchmark"))
    options = parser.parse_args()
    if options.quick:
        few = {"tasks": 100, "paid": 150, "exam": 60, "sft_steps": 60, "steps": 4, "batch": 32, "each": 4, "seeds": 1}
        options = argparse.Namespace(**vars(options) | few)
    left_out = exams_of(options.out, options)
    tasks = read_tasks(options.out / "asked.jsonl")
    found = [
        (marks(before, tasks), marks(after, tasks))
        for before, after in (before_and_after(options.out, seed, options) for seed in range(options.seeds))
    ]
    twin = {str(task.extra["twin"]): task.id for task in tasks if "twin" in task.extra}
    own = [task for task in tasks if "twin" not in task.extra]
    seen = [task.id for task in own if task.extra["family"] not in left_out]
    unseen = [task.id for task in own if task.extra["family"] in left_out]
    paired = [id for id in seen if id in twin]
    table = Table("", "tasks", "before", "after", "gain, points", "95 %", box=None, header_style="bold")
    table.add_row(*row("families trained on", seen, found, lambda right, id: right[id]))
    table.add_row(*row("families not trained on", unseen, found, lambda right, id: right[id]))
    table.add_row(*row("both twins", paired, found, lambda right, id: right[id] and right[twin[id]]))
    table.add_row(*row("right, less the twin", paired, found, lambda right, id: right[id] - right[twin[id]]))
    Console().print(table)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
