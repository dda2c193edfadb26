"""Pairs of answers to learn from, one better than the other: read from any file with judged answers.

found = read_comparisons(settings)      # rows {"prompt", "chosen", "rejected"}, rankings, scores
found = read_answered(settings)         # the same, and rows {"prompt", "completion", "label"}, for KTO
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

from selfinstruct.errors import UsageError
from selfinstruct.rows.formats.comparisons import compared, judged_of, question, usable
from selfinstruct.rows.formats.shortfalls import keys_beside
from selfinstruct.rows.notes import Notes
from selfinstruct.task import Task

from ..rows.conversations import Conversation, read_given, turn_of
from ..rows.holding_out import split, wanted
from ..rows.turns import Tools, Turn
from ..settings import Settings

__all__ = ["Answered", "Comparison", "Comparisons", "read_answered", "read_comparisons"]

NO_PAIR = "tasks without a better and a worse answer: left out"
SAME = "pairs of one answer twice: left out"
UNJUDGED = "tasks whose answers nobody has judged: left out"
TIES = "of answers that are equally good"


class Comparison(NamedTuple):
    id: str
    asked: tuple[Turn, ...]
    """All that comes before the two answers; nothing of it is learned."""
    chosen: tuple[Turn, ...]
    rejected: tuple[Turn, ...]
    tools: Tools = ()
    group: str = ""
    """Those of one name are held out together; "": those of one question."""

    def sides(self) -> tuple[Conversation, Conversation]:
        """The conversation with the better answer, and the one with the worse."""
        sides = (("chosen", self.chosen), ("rejected", self.rejected))
        chosen, rejected = (Conversation(f"{self.id}#{name}", (*self.asked, *said), self.tools) for name, said in sides)
        return chosen, rejected


class Answered(NamedTuple):
    """One answer that is good, or not."""

    id: str
    asked: tuple[Turn, ...]
    said: tuple[Turn, ...]
    good: bool
    tools: Tools = ()
    group: str = ""

    def conversation(self) -> Conversation:
        return Conversation(self.id, (*self.asked, *self.said), self.tools)


One = TypeVar("One", Comparison, Answered)


class Comparisons(NamedTuple, Generic[One]):
    trained: list[One]
    held_out: list[One]
    hash: str
    """Of all of them, whatever their files are called."""
    notes: Notes

    @property
    def total(self) -> int:
        return len(self.trained) + len(self.held_out)


def read_comparisons(settings: Settings) -> Comparisons[Comparison]:
    """The pairs of the data, in order, and those held out. Raises UsageError where there is none."""
    _check_data(settings, "a chosen and a rejected answer")
    notes = Notes()
    found = [one for path in settings.data for task in read_given(path, notes) for one in _pairs(task, notes)]
    if not found:
        some = f"{notes.done[NO_PAIR]:,} tasks have no better and no worse answer"
        raise UsageError(
            f"nothing to train on: {some}; {settings.learn} learns from rows like "
            '{"prompt": …, "chosen": …, "rejected": …}, or from answers with scores or labels'
        )
    by_prompt = [
        Conversation(one.id, (*_grouped(one), *one.asked, *one.chosen, *one.rejected), one.tools) for one in found
    ]
    return _parted(found, by_prompt, [_said(one) for one in found], settings, notes)


def read_answered(settings: Settings) -> Comparisons[Answered]:
    """The judged answers of the data, each for itself, and those held out; a pair is two of them.

    Raises UsageError where there is none, or all are good, or none is.
    """
    _check_data(settings, 'a "prompt", a "completion" and a "label" that is true or false')
    notes = Notes()
    found = [one for path in settings.data for task in read_given(path, notes) for one in _alone(task, notes)]
    if not found:
        raise UsageError(
            f"nothing to train on: nobody has judged the answers of {notes.done[UNJUDGED]:,} tasks; kto learns from "
            'rows like {"prompt": …, "completion": …, "label": true}, or from pairs'
        )
    if len({one.good for one in found}) == 1:
        which, other = ("good", "bad") if found[0].good else ("bad", "good")
        learn = ", or learn these as they are: --method lora" if found[0].good else ""
        raise UsageError(
            f"all {len(found):,} answers are {which} ones: kto learns from good and bad answers; add some that are "
            f"{other}{learn}"
        )
    said = [json.dumps([one.asked, one.said, one.good, list(one.tools)], sort_keys=True) for one in found]
    by_prompt = [Conversation(one.id, (*_grouped(one), *one.asked, *one.said), one.tools) for one in found]
    return _parted(found, by_prompt, said, settings, notes)


def _grouped(one: Comparison | Answered) -> tuple[Turn, ...]:
    """A turn before the question, by whose text those that belong together are found."""
    return ({"role": "user", "content": one.group},) if one.group else ()


def _group(task: Task) -> str:
    """Twins of an exam go together: who knows one by heart was not asked anew by the other."""
    return f"twins {task.extra.get('twin', task.id)}" if isinstance(task.extra.get("family"), str) else ""


def _check_data(settings: Settings, what: str) -> None:
    if not settings.data:
        raise UsageError(f"nothing to train on: give --data, a file of rows with {what}")


def _parted(
    found: list[One], by_prompt: list[Conversation], said: list[str], settings: Settings, notes: Notes
) -> Comparisons[One]:
    """`by_prompt` is each as a conversation, for what is held out; `said` each as a text, for the hash."""
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
        yield Comparison(name, asked, better, worse, task.tools, _group(task))


def _alone(task: Task, notes: Notes) -> Iterator[Answered]:
    notes.unused.update(dict.fromkeys(keys_beside(task), 1))
    asked = tuple(_unlearned(turn_of(turn)) for turn in question(task))
    every = [one for one in judged_of(task) if usable(one)]
    if not every:
        notes.done[UNJUDGED] += 1
    for number, one in enumerate(every):
        name = task.id if len(every) == 1 else f"{task.id}/{number}"
        yield Answered(name, asked, tuple(map(turn_of, one.turns)), one.good, task.tools, _group(task))


def _unlearned(turn: Turn) -> Turn:
    return {**turn, "learned": False} if turn["role"] == "assistant" else turn


def _texts(turns: Sequence[Turn]) -> list[str]:
    return [json.dumps({**turn, "content": " ".join(turn["content"].split())}, sort_keys=True) for turn in turns]


def _said(one: Comparison) -> str:
    return json.dumps([one.asked, one.chosen, one.rejected, list(one.tools)], sort_keys=True)
