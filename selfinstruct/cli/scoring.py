"""The command that marks answers by a model trained for that: score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from selfinstruct.cli.group import main, say
from selfinstruct.cli.reading import bad_rows_option, data_argument, how_from, reading_options, told, watched
from selfinstruct.cli.training import needs_training_packages

if TYPE_CHECKING:
    from selfinstruct.finetune.rows.conversations import Conversation
    from selfinstruct.task import Task

__all__: list[str] = []

Mark = float | None


@main.command()
@data_argument
@click.option("--model", metavar="DIR", required=True, help="What `train --method reward` wrote.")
@click.option("--base", metavar="MODEL", help="Where an adapter's base is now. [default: where it was]")
@reading_options
@bad_rows_option
@click.option("--out", metavar="FILE", required=True, help="Where to write the rows, each with its reward.")
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--force", is_flag=True, help="Also over what is read, or when no rows replace some.")
def score(
    data: tuple[str, ...],
    model: str,
    base: str | None,
    out: str,
    quiet: bool,
    force: bool,
    bad_rows: str | None,
    **reading: Any,
) -> None:
    """Mark every answer by a reward model; of judged answers, say how often the better one is told.

    \b
      selfinstruct score runs/first --model models/marks --out marked.jsonl
      selfinstruct select marked.jsonl --by reward --num 1000 --out best.jsonl
    """
    from selfinstruct.rows.reading import read_tasks
    from selfinstruct.rows.writing.writing import check_target, write_rows
    from selfinstruct.selecting.scores import agreement
    from selfinstruct.task import task_to_row

    needs_training_packages()
    check_target(out, data, force=force)
    with told(out, bad_rows) as (notes, keep):
        tasks = read_tasks(data, how_from(**reading), notes, keep)
        asked = [_conversations(task) for task in tasks]
        values = iter(_marks(model, base, [one for some in asked for one in some], quiet=quiet))
        tasks = [_marked(task, [next(values) for _ in some]) for task, some in zip(tasks, asked, strict=True)]
        write_rows(out, map(task_to_row, tasks), reading=data, force=force)
    _say_pairs(tasks)
    whole = [task for task in tasks if isinstance(task.extra.get("reward"), float)]
    if len(whole) > 2:
        found = agreement(whole, [task.extra["reward"] for task in whole])
        say(
            "reward goes together with (rank correlation, -1 to 1): "
            + ", ".join(f"{name} {rho:+.2f}" for name, rho in found.items())
        )
    say(f"{out}: {len(tasks):,} tasks")


def _marks(model: str, base: str | None, asked: Sequence[Conversation], *, quiet: bool) -> Iterator[Mark]:
    from selfinstruct.finetune.align.marks import load_marks, marks

    yield from watched(marks(load_marks(model, base), asked), "answers", quiet=quiet, slow=True)


def _conversations(task: Task) -> list[Conversation]:
    """One for each answer: of judged ones, of its instances, or of its turns."""
    from selfinstruct.finetune.rows.conversations import Conversation, conversations_of, turn_of
    from selfinstruct.rows.formats.comparisons import question
    from selfinstruct.rows.notes import Notes

    if not task.judged:
        found: list[Conversation] = conversations_of(task, "the data", Notes())
        return found
    asked = tuple(map(turn_of, question(task)))
    return [Conversation(task.id, (*asked, *map(turn_of, one.turns)), task.tools) for one in task.judged]


def _marked(task: Task, found: Sequence[Mark]) -> Task:
    """With its reward, or those of its answers in their order; a judged answer has it as its score."""
    if task.judged:
        judged = tuple(replace(one, score=mark) for one, mark in zip(task.judged, found, strict=True))
        return replace(task, judged=judged)
    return replace(task, extra=task.extra | {"reward": found[0] if len(found) == 1 else list(found)})


def _say_pairs(tasks: Sequence[Task]) -> None:
    from selfinstruct.rows.formats.comparisons import compared

    right, longer = list[float](), list[bool]()
    for task in tasks:
        for better, worse in compared(task, "preference"):
            if better.score is None or worse.score is None:
                continue
            right.append((better.score > worse.score) + (better.score == worse.score) / 2)
            sizes = [sum(len(turn["content"]) for turn in one.turns) for one in (better, worse)]
            longer.append((better.score > worse.score) == (sizes[0] > sizes[1]))
    if right:
        share, same = sum(right) / len(right), sum(longer) / len(longer)
        say(f"{share:.1%} of {len(right):,} pairs are told right; in {same:.1%} the longer answer has the higher mark")
