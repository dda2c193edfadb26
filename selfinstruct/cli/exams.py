"""The commands of the held-out examination: exam and grade."""

from __future__ import annotations

from pathlib import Path

import click

from selfinstruct.cli.group import main, print_rich, say

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
@click.argument("answers")
@click.option("--out", metavar="FILE", help="Every task with its answer, and whether that is right.")
def grade(exam: str, answers: str, out: str | None) -> None:
    """Grade the answers to an exam, exactly and offline.

    ANSWERS is a run of the recipe answer, a file of tasks in any format that `export` writes, or of {"id", "output"}.
    """
    from selfinstruct.rows.reading import read_tasks
    from selfinstruct.rows.writing.writing import check_ending, write_rows
    from selfinstruct.simulator.exam import grade, graded_to_row, interval, read_answers, results
    from selfinstruct.simulator.twins import both_right

    if out:
        check_ending(Path(out))
    tasks = read_tasks(exam)
    grade(tasks, {})  # what is no exam is said so before its answers are looked for
    found = read_answers(Path(answers), tasks)
    graded = grade(tasks, found.given)
    if out:
        write_rows(Path(out), map(graded_to_row, graded))
    print_rich(results(graded))
    right, missing = sum(one.right for one in graded), sum(not (one.answer or "").strip() for one in graded)
    low, high = interval(right, len(graded))
    parts = [f"right: {right:,} of {len(graded):,}, {right / len(graded):.1%} (95% interval {low:.1%} to {high:.1%})"]
    if pairs := both_right(graded):
        parts += [
            f"both twins right: {sum(pairs.values()):,} of {len(pairs):,}, {sum(pairs.values()) / len(pairs):.1%}"
        ]
    parts += [f"{missing:,} without an answer, which is wrong"] if missing else []
    parts += [f"{found.others:,} answers to other tasks, left out"] if found.others else []
    say("; ".join(parts))
