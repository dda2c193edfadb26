"""Answers that are judged alone, good or bad, as KTO learns them (2402.01306): their rows, and a look at those.

Beside each stands an answer to another question, which nothing is learned of: by how much the model says those more
than it did at first is the point of reference that gains and losses are measured from. Which one that is, is drawn once
by the seed: so what the base says of it is known before the first step, and the same after a crash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from selfinstruct.errors import UsageError

from ..rows.batches import Item, items_of
from ..rows.conversations import Row
from ..rows.examine import Findings, examine
from ..rows.laying import lay_out
from ..rows.templates import Template
from ..settings import Settings
from .comparisons import Answered, Comparisons

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase as Tokenizer

__all__ = ["Labelled", "items_of_labelled", "look_at_labelled"]

MOST_TO_ONE = 4 / 3
"""Of the weights of all good answers to those of all bad ones: from 1 to this (2402.01306, section 4.2)."""
LONGER = 1.5
"""Times as long are the good answers on average, or the bad ones, from which it is said."""


class Labelled(NamedTuple):
    answered: Answered
    row: Row


def look_at_labelled(
    data: Comparisons[Answered], template: Template, tokenizer: Tokenizer, settings: Settings
) -> tuple[Findings, list[Labelled], list[Labelled], int]:
    """The findings, the answers to train on, those held out, and how many of these are missing. Raises UsageError when
    training would go wrong.
    """
    findings, kept = _examined(data.trained, data, template, tokenizer, settings)
    _check_both(kept)
    findings = replace(findings, notes=[*data.notes.lines(), _weights(kept, settings), *_lengths(kept)])
    quiet = data._replace(notes=type(data.notes)())  # what is held out is not counted twice
    held = _examined(data.held_out, quiet, template, tokenizer, settings)[1] if data.held_out else []
    return findings, kept, held, len(data.held_out) - len(held)


def _examined(
    answers: Sequence[Answered],
    data: Comparisons[Answered],
    template: Template,
    tokenizer: Tokenizer,
    settings: Settings,
) -> tuple[Findings, list[Labelled]]:
    laid = lay_out([one.conversation() for one in answers], template, tokenizer, settings.max_length, data.notes)
    findings = examine(
        laid.parts,
        laid.rows,
        template,
        tokenizer,
        settings.max_length,
        left_out=laid.left_out,
        too_long=settings.too_long,
        unfit=settings.unfit,
    )
    rows = {row.id: row for row in findings.rows}
    return findings, [Labelled(one, rows[one.id]) for one in answers if one.id in rows]


def _check_both(answers: Sequence[Labelled]) -> None:
    goods = {one.answered.good for one in answers}
    if len(goods) == 1:
        which = "good" if goods == {True} else "bad"
        raise UsageError(
            f"all {len(answers):,} answers that are left to learn from are {which} ones: give other --data, or a "
            "larger max_length"
        )


def _weights(answers: Sequence[Labelled], settings: Settings) -> str:
    """How many there are of each, and whether their weights are as the paper has it."""
    good = sum(one.answered.good for one in answers)
    bad = len(answers) - good
    ratio = good * settings.desirable / (bad * settings.undesirable)
    line = f"{good:,} good and {bad:,} bad answers, weighed {ratio:.2g} to 1"
    if 0.999 <= ratio <= MOST_TO_ONE + 0.001:
        return line
    name, weight = (
        ("undesirable", ratio * settings.undesirable) if ratio > 1 else ("desirable", settings.desirable / ratio)
    )
    return f"{line}, where the paper has 1 to 1 up to 4 to 3: --set {name}={weight:.3g} makes it 1 to 1"


def _lengths(answers: Sequence[Labelled]) -> list[str]:
    """How long good and bad answers are on average, and a warning where length tells them apart."""
    sizes = {which: [_learned(one.row) for one in answers if one.answered.good is which] for which in (True, False)}
    good, bad = (sum(some) / len(some) for some in (sizes[True], sizes[False]))
    line = f"good answers have {good:.0f} tokens on average, bad ones {bad:.0f}"
    if len(answers) < 20 or max(good, bad) < LONGER * min(good, bad):
        return [line]
    return [f"{line}: to be {'longer' if good > bad else 'shorter'} may be all that is learned"]


def _learned(row: Row) -> int:
    return sum(label >= 0 for label in row.labels)


def items_of_labelled(answers: Sequence[Labelled], settings: Settings) -> list[Item]:
    """Each answer, and as a second document its question with the answer to another one."""
    found = []
    for one, other in zip(answers, _others(answers, settings.seed), strict=True):
        (own,) = items_of([one.row])
        at, start = _begun(one.row), _begun(other.row)
        ids = [*one.row.ids[:at], *other.row.ids[start:]][: settings.max_length]
        labels = [*one.row.labels[:at], *other.row.labels[start:]][: settings.max_length]
        (mixed,) = items_of([one.row._replace(ids=ids, labels=labels)])
        lengths = (len(own.ids), len(mixed.ids))
        found.append(Item(own.ids + mixed.ids, own.labels + mixed.labels, lengths, good=one.answered.good))
    return found


def _others(answers: Sequence[Labelled], seed: int) -> list[Labelled]:
    """To each answer one to another question; every answer is taken about as often."""
    order = list(range(len(answers)))
    Random(f"{seed}/others").shuffle(order)
    found = list(answers)
    for at, place in enumerate(order):
        asked = answers[place].answered.asked
        following = (answers[order[(at + far) % len(order)]] for far in range(1, len(order)))
        found[place] = next((one for one in following if one.answered.asked != asked), answers[order[at - 1]])
    return found


def _begun(row: Row) -> int:
    """The place of the first token that is learned."""
    return next(place for place, label in enumerate(row.labels) if label >= 0)
