"""The command that chooses some tasks of many: select."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from selfinstruct.cli.group import main, say
from selfinstruct.cli.reading import bad_rows_option, data_argument, how_from, reading_options, told, watched
from selfinstruct.errors import UsageError

if TYPE_CHECKING:
    from selfinstruct.finetune.loop.likelihood import Surprise
    from selfinstruct.selecting.scores import Score
    from selfinstruct.task import Task

__all__: list[str] = []


@main.command()
@data_argument
@click.option(
    "--by",
    metavar="WHAT",
    required=True,
    help="length (of the answers), random, likelihood or ifd (under --model), diversity, or a number that rows have, "
    "like the score of a judge.",
)
@click.option("--num", metavar="N", type=click.IntRange(1), required=True, help="How many tasks to choose.")
@click.option("--lowest", is_flag=True, help="Those with the lowest score.")
@click.option("--model", metavar="MODEL", help="For likelihood and ifd: a folder, or a hub id.")
@click.option("--seed", metavar="N", type=int, default=0, show_default=True, help="For random.")
@reading_options
@bad_rows_option
@click.option("--out", metavar="FILE", required=True, help="Where to write them, each with its score.")
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--force", is_flag=True, help="Also over what is read, or when no rows replace some.")
def select(
    data: tuple[str, ...],
    by: str,
    num: int,
    lowest: bool,
    model: str | None,
    seed: int,
    out: str,
    quiet: bool,
    force: bool,
    bad_rows: str | None,
    **reading: Any,
) -> None:
    """Choose N tasks of a dataset, and say what the choice really goes by.

    \b
      selfinstruct select alpaca.json --by length --num 1000 --out longest.jsonl
      selfinstruct select runs/scored --by score --num 1000 --out best.jsonl
    """
    from selfinstruct.rows.reading import read_tasks
    from selfinstruct.rows.writing.writing import check_target, write_rows
    from selfinstruct.selecting.scores import agreement, best, far_apart
    from selfinstruct.task import task_to_row

    check_target(out, data, force=force)
    with told(out, bad_rows) as (notes, keep):
        tasks = read_tasks(data, how_from(**reading), notes, keep)
        if by == "diversity":
            chosen, scores = far_apart(_vectors(tasks), num), None
        else:
            scores = _scores(tasks, by, model, seed, quiet=quiet)
            chosen = best(scores, num, lowest=lowest)
            if by in WRITTEN:
                tasks = [_marked(task, by, score) for task, score in zip(tasks, scores, strict=True)]
        write_rows(out, (task_to_row(tasks[at]) for at in chosen), reading=data, force=force)
    if scores and by != "random":
        found = ", ".join(f"{name} {rho:+.2f}" for name, rho in agreement(tasks, scores).items())
        say(f"{by} goes together with (rank correlation, -1 to 1): {found}")
    say(_about(tasks, chosen, num))
    say(f"{out}: {len(chosen):,} of {len(tasks):,} tasks")


WRITTEN = ("length", "likelihood", "ifd")
"""Scores that are ours, and so go into the rows; a number that the rows have is in them already."""


def _marked(task: Task, by: str, score: Score) -> Task:
    other = {f"{by}_of_row": task.extra[by]} if by in task.extra else {}
    return replace(task, extra=task.extra | other | {by: score})


def _vectors(tasks: Sequence[Task]) -> Any:
    from selfinstruct.filters.embeddings import embed

    return embed([f"{task.instruction}\n{task.instances[0].input if task.instances else ''}".strip() for task in tasks])


def _scores(tasks: Sequence[Task], by: str, model: str | None, seed: int, *, quiet: bool) -> list[Score]:
    from selfinstruct.selecting.scores import SCORES, by_key, random

    if by == "random":
        return random(tasks, seed)
    if by in SCORES:
        return [SCORES[by](task) for task in tasks]
    if by not in ("likelihood", "ifd"):
        return by_key(tasks, by)
    if not model:
        raise UsageError(f"--by {by} asks a model that you can look into: give --model DIR, like --model models/mine")
    from selfinstruct.finetune.loop.likelihood import surprises
    from selfinstruct.finetune.models.open import load
    from selfinstruct.finetune.rows.conversations import conversations_of
    from selfinstruct.rows.notes import Notes

    notes = Notes()
    asked = [conversations_of(task, "the data", notes) for task in tasks]
    flat = (one for some in asked for one in some)
    found = watched(surprises(load(model), flat, alone=by == "ifd"), "answers", quiet=quiet, slow=True)
    values = map(_likelihood if by == "likelihood" else _ifd, found)
    groups = [[next(values) for _ in some] for some in asked]
    return [_mean(some) for some in groups]


def _mean(scores: Sequence[Score]) -> Score:
    known = [score for score in scores if score is not None]
    return sum(known) / len(known) if known and len(known) == len(scores) else None


def _likelihood(one: Surprise) -> Score:
    return None if one.given is None else -one.given


def _ifd(one: Surprise) -> Score:
    """None from 1 on, where the question does not help at all: the authors leave such pairs out (2308.12032, 2.3)."""
    ratio = one.given / one.alone if one.given is not None and one.alone else None
    return None if ratio is None or ratio >= 1 else ratio


def _about(tasks: Sequence[Task], chosen: Sequence[int], num: int) -> str:
    """How long the chosen answers are beside all, and how many of them length alone would have chosen."""
    from selfinstruct.selecting.scores import answer_words, best

    words = [answer_words(task) for task in tasks]
    longest = set(best(words, num))
    mean = sum(words) / len(words)
    picked = sum(words[at] for at in chosen) / len(chosen) if chosen else 0.0
    same = sum(at in longest for at in chosen) / len(chosen) if chosen else 0.0
    by_chance = min(1.0, num / len(tasks))
    return (
        f"answers: {picked:.0f} words on average, of all {mean:.0f}; {same:.0%} of the chosen are among the {num:,} "
        f"longest ({by_chance:.0%} by chance)"
    )
