"""The commands of the held-out examination: exam and grade."""

from __future__ import annotations

from pathlib import Path

import click

from selfinstruct.cli.group import main, print_rich, say
from selfinstruct.errors import UsageError

__all__: list[str] = []


@main.command()
@click.option("--num", metavar="N", type=int, default=500, show_default=True, help="Tasks. A larger N extends.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Of all random choices.")
@click.option(
    "--without",
    "data",
    metavar="DATA",
    multiple=True,
    help="A run or a file of tasks that is trained on: none of its instructions is asked. May be repeated.",
)
@click.option("--twins", is_flag=True, help="After each task the same with other names and numbers.")
@click.option("--out", metavar="FILE", required=True, help="*.jsonl, *.json or *.parquet.")
def exam(num: int, language: str, seed: int, data: tuple[str, ...], twins: bool, out: str) -> None:
    """Write a held-out exam of the built-in teacher's tasks, which `grade` marks.

    \b
      selfinstruct exam --num 500 --without runs/first --out exam.jsonl
      selfinstruct run answer exam.jsonl --model NAME --out runs/answers
      selfinstruct grade exam.jsonl runs/answers
    """
    from collections import Counter

    from selfinstruct.rows.reading import read_tasks
    from selfinstruct.rows.writing.writing import check_ending, write_rows
    from selfinstruct.simulator.exam import write_exam
    from selfinstruct.simulator.twins import twins_of
    from selfinstruct.task import task_to_row

    check_ending(Path(out))
    known = [task for path in data for task in read_tasks(path)]
    tasks = write_exam(language, num, seed=seed, without=known)
    pairs = twins_of(tasks, seed=seed, without=known) if twins else {}
    tasks = [one for task in tasks for one in (task, pairs.get(task.id)) if one]
    write_rows(Path(out), map(task_to_row, tasks))
    families = Counter(task.extra["family"] for task in tasks if "twin" not in task.extra).values()
    least, most = min(families), max(families)
    each = f"{most:,}" if least == most else f"{least:,} {'or' if most - least == 1 else 'to'} {most:,}"
    apart = f"; nothing in the {len(known):,} tasks of --without asks the same" if known else ""
    besides = f", and {len(pairs):,} twins" if twins else ""
    say(f"{out}: {num:,} tasks of {len(families)} families, {each} of each{besides}{apart}")


@main.command()
@click.argument("exam")
@click.argument("answers", nargs=-1, required=True)
@click.option("--out", metavar="FILE", help="Every task with its answer, and whether that is right.")
@click.option(
    "--pairs", metavar="FILE", help="In the place of marks: right beside wrong answers, for train --method dpo."
)
def grade(exam: str, answers: tuple[str, ...], out: str | None, pairs: str | None) -> None:
    """Grade the answers to an exam, exactly and offline.

    ANSWERS is a run of the recipe answer, a file of tasks in any format that `export` writes, or of {"id", "output"};
    with --pairs several of them, or a run of the recipe samples.

    \b
      selfinstruct run samples exam.jsonl --model local:models/mine --out runs/samples
      selfinstruct grade exam.jsonl runs/samples --pairs pairs.jsonl
    """
    if pairs:
        if out:
            raise UsageError("--out is for the marks of one set of answers: with --pairs, leave it out")
        say(_paired(exam, answers, pairs))
        return
    if len(answers) > 1:
        raise UsageError(f"{len(answers)} sets of answers are for --pairs FILE: without it, give one")
    from selfinstruct.reviewing.estimates import wilson
    from selfinstruct.rows.reading import read_tasks
    from selfinstruct.rows.writing.writing import check_ending, write_rows
    from selfinstruct.simulator.exam import grade, graded_to_row, read_answers, results
    from selfinstruct.simulator.twins import both_right

    if out:
        check_ending(Path(out))
    tasks = read_tasks(exam)
    grade(tasks, {})  # what is no exam is said so before its answers are looked for
    found = read_answers(Path(answers[0]), tasks)
    graded = grade(tasks, found.given)
    if out:
        write_rows(Path(out), map(graded_to_row, graded))
    print_rich(results(graded))
    right, missing = sum(one.right for one in graded), sum(not (one.answer or "").strip() for one in graded)
    low, high = wilson(right / len(graded), len(graded))
    parts = [f"right: {right:,} of {len(graded):,}, {right / len(graded):.1%} (95% interval {low:.1%} to {high:.1%})"]
    if twins := both_right(graded):
        parts += [
            f"both twins right: {sum(twins.values()):,} of {len(twins):,}, {sum(twins.values()) / len(twins):.1%}"
        ]
    parts += [f"{missing:,} without an answer, which is wrong"] if missing else []
    parts += [f"{found.others:,} answers to other tasks, left out"] if found.others else []
    say("; ".join(parts))


def _paired(exam: str, answers: tuple[str, ...], out: str) -> str:
    """Writes the pairs, and says how many there are."""
    from selfinstruct.rows.reading import read_tasks
    from selfinstruct.rows.writing.writing import check_target, write_rows
    from selfinstruct.simulator.pairing import answers_of, paired
    from selfinstruct.task import task_to_row

    check_target(out, (exam, *answers), force=False)
    tasks = read_tasks(exam)
    made = paired(tasks, [answers_of(Path(one), tasks) for one in answers])
    write_rows(out, map(task_to_row, made.tasks), reading=(exam, *answers))
    return made.line(out)
