"""Pairs of answers to learn from, one better than the other: read from any file with judged answers.

found = read_comparisons(settings)      # rows {"prompt", "chosen", "rejected"}, rankings, scores, labels
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from selfinstruct.errors import UsageError
from selfinstruct.rows.formats.comparisons import compared, question
from selfinstruct.rows.formats.shortfalls import keys_beside
from selfinstruct.rows.notes import Notes
from selfinstruct.task import Task

from ..rows.conversations import Conversation, read_given, turn_of
from ..rows.holding_out import split, wanted
from ..rows.turns import Tools, Turn
from ..settings import Settings

__all__ = ["Comparison", "Comparisons", "read_comparisons"]

NO_PAIR = "tasks without a better and a worse answer: left out"
SAME = "pairs of one answer twice: left out"


class Comparison(NamedTuple):
    id: str
    asked: tuple[Turn, ...]
    """All that comes before the two answers; nothing of it is learned."""
    chosen: tuple[Turn, ...]
    rejected: tuple[Turn, ...]
    tools: Tools = ()

    def sides(self) -> tuple[Conversation, Conversation]:
        """The conversation with the better answer, and the one with the worse."""
        sides = (("chosen", self.chosen), ("rejected", self.rejected))
        chosen, rejected = (Conversation(f"{self.id}#{name}", (*self.asked, *said), self.tools) for name, said in sides)
        return chosen, rejected


class Comparisons(NamedTuple):
    trained: list[Comparison]
    held_out: list[Comparison]
    hash: str
    """Of all of them, whatever their files are called."""
    notes: Notes

    @property
    def total(self) -> int:
        return len(self.trained) + len(self.held_out)


def read_comparisons(settings: Settings) -> Comparisons:
    """The pairs of the data, in order, and those held out. Raises UsageError where there is none."""
    if not settings.data:
        raise UsageError("nothing to train on: give --data, a file of rows with a chosen and a rejected answer")
    notes = Notes()
    found = [one for path in settings.data for task in read_given(path, notes) for one in _pairs(task, notes)]
    if not found:
        some = f"{notes.done[NO_PAIR]:,} tasks have no better and no worse answer"
        raise UsageError(
            f"nothing to train on: {some}; {settings.learn} learns from rows like "
            '{"prompt": …, "chosen": …, "rejected": …}, or from answers with scores or labels'
        )
    said = [_said(one) for one in found]
    by_prompt = [Conversation(one.id, (*one.asked, *one.chosen, *one.rejected), one.tools) for one in found]
    trained, held = split(by_prompt, settings.validation, settings.seed)
    if len(held) != (asked := wanted(settings.validation, len(found))):
        notes.done[f"held out instead of {asked:,}, as the pairs of a question stay together"] = len(held)
    places = {id(one): place for place, one in enumerate(by_prompt)}
    digest = hashlib.sha256()
    for text in said:
        digest.update(text.encode() + b"\n")
    return Comparisons(
        [found[places[id(one)]] for one in trained], [found[places[id(one)]] for one in held], digest.hexdigest(), notes
    )


def _pairs(task: Task, notes: Notes) -> Iterator[Comparison]:
    notes.unused.update(dict.fromkeys(keys_beside(task), 1))
    asked = tuple(_unlearned(turn_of(turn)) for turn in question(task))
    pairs = list(compared(task, "preference"))
    if not pairs:
        notes.done[NO_PAIR] += 1
    for number, (chosen, rejected) in enumerate(pairs):
        better, worse = (tuple(map(turn_of, one.turns)) for one in (chosen, rejected))
        if _texts(better) == _texts(worse):
            notes.done[SAME] += 1
            continue
        name = task.id if len(pairs) == 1 else f"{task.id}/{number}"
        yield Comparison(name, asked, better, worse, task.tools)


def _unlearned(turn: Turn) -> Turn:
    return {**turn, "learned": False} if turn["role"] == "assistant" else turn


def _texts(turns: Sequence[Turn]) -> list[str]:
    return [json.dumps({**turn, "content": " ".join(turn["content"].split())}, sort_keys=True) for turn in turns]


def _said(one: Comparison) -> str:
    return json.dumps([one.asked, one.chosen, one.rejected, list(one.tools)], sort_keys=True)
