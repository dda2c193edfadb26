"""Conversations of many rounds: cut where they are too long, or an answer at a time where a template changes what was
said before.

Nothing here tries every length: what fits is looked for around what fitted before, so that the work grows with the
rounds and not with their square.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from .conversations import Conversation, Row, row_of, teaches
from .rendering import Rewritten, Segment, Template, answer_of
from .templates import segments
from .turns import Answer, Turn, answers, spoken

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase as Tokenizer

__all__ = ["Part", "apart", "endings", "pieces"]


def endings(conversation: Conversation) -> list[Conversation]:
    """The conversation up to each of its answers that are learned, the earlier ones as context: a row for each, for
    `encode_pair`.
    """
    return [_part(conversation, (), answer, 0) for answer in answers(conversation.turns) if answer.learned]


def _part(
    conversation: Conversation, before: tuple[Turn, ...], answer: Answer, start: int, first: int = -1
) -> Conversation:
    """What is said from a turn on up to an answer, after what comes `before`; of its answers those from the turn
    `first` on are learned, at least the last one."""
    turns = conversation.turns
    first = answer.start if first < 0 else first
    kept = (*map(_as_context, turns[start:first]), *turns[first : answer.stop])
    return conversation._replace(id=f"{conversation.id}/{answer.stop}", turns=(*before, *kept))


def _as_context(turn: Turn) -> Turn:
    return turn | {"learned": False} if turn["role"] == "assistant" else turn


class Part(NamedTuple):
    conversation: Conversation
    segments: list[Segment]
    row: Row

    @property
    def length(self) -> int:
        return len(self.row.ids)


def _laid(one: Conversation, template: Template, tokenizer: Tokenizer, last: tuple[str, str] | None = None) -> Part:
    found = segments(template, one.turns, tokenizer, one.tools, last=last)
    return Part(one, found, row_of(one, found, tokenizer))


def apart(conversation: Conversation, template: Template, tokenizer: Tokenizer, max_length: int) -> Iterator[Part]:
    """Rows for a template that lays earlier turns out anew: each begins with what a chat would ask before its first
    learned answer, and has all later ones that go on from there. Of rows that are too long the first rounds are left
    out, as many as it takes; a single round is never cut. Raises UsageError.
    """
    head, starts = _rounds(conversation.turns)
    begun: Part | None = None
    dropped, first = 0, 0
    for answer in (one for one in answers(conversation.turns) if one.learned):
        part = _part(conversation, head, answer, starts[dropped], first if begun else answer.start)
        last = answer_of(template, spoken(template, part.turns), tokenizer, part.tools)
        if begun:
            if last[0].startswith("".join(segment.text for segment in begun.segments)):
                with suppress(Rewritten):
                    longer = _laid(part, template, tokenizer, last)
                    if longer.length <= max_length:
                        begun = longer
                        continue
            yield begun
            part = _part(conversation, head, answer, starts[dropped])
        begun, first = _laid(part, template, tokenizer, last), answer.start
        if begun.length > max_length or (dropped and begun.length < ROOM * max_length):

            @cache
            def shorter(number: int, answer: Answer = answer) -> Part:
                return _laid(_part(conversation, head, answer, starts[number]), template, tokenizer)

            most = bisect_right(starts, answer.start) - 1
            dropped = _least(lambda number: shorter(number).length <= max_length, min(dropped, most), most)
            begun = shorter(dropped)
    if begun:
        yield begun


ROOM = 0.7
"""Rows that fill less than this, after rounds were left out, may have room for some of these."""


def pieces(conversation: Conversation, template: Template, tokenizer: Tokenizer, max_length: int) -> list[Part]:
    """A conversation longer than `max_length` tokens, cut before questions, as Vicuna did; each piece keeps the system.

    A single round is never cut: if it is too long, so is its piece. A piece with nothing to learn in it is none.
    Raises UsageError, and Rewritten for those that can be laid out `apart`.
    """
    head, starts = _rounds(conversation.turns)
    whole = _laid(conversation, template, tokenizer)
    if len(starts) < 2 or whole.length <= max_length:
        return [whole]
    bounds = [*starts, len(conversation.turns)]
    cut: list[Part] = []
    start, many = 0, max(1, len(starts) * max_length // whole.length)
    while start < len(starts):
        left = len(starts) - start

        @cache
        def piece(fewer: int, start: int = start, stop: int = len(starts)) -> Part:
            turns = (*head, *conversation.turns[bounds[start] : bounds[stop - fewer]])
            return _laid(
                conversation._replace(turns=turns, id=f"{conversation.id}#{len(cut) + 1}"), template, tokenizer
            )

        many = left - _least(lambda fewer: piece(fewer).length <= max_length, max(0, left - many), left - 1)
        cut.append(piece(left - many))
        start += many
    return [part for part in cut if teaches(part.conversation.turns) is not False] or cut


def _least(enough: Callable[[int], bool], guess: int, most: int) -> int:
    """The least number from 0 on that is enough, as all larger ones are; `most` is taken for enough. Looked for around
    the guess, in steps that double."""
    low, high, step = -1, most, 1
    place = guess
    while high - low > 1:
        if not low < place < high:
            place = (low + high) // 2
        if enough(place):
            high, place = place, place - step
        else:
            low, place = place, place + step
        step *= 2
    return high


def _rounds(turns: tuple[Turn, ...]) -> tuple[tuple[Turn, ...], list[int]]:
    """The system turns that it begins with, and where the rounds begin: questions and what answers them, calls
    included."""
    start = next((place for place, turn in enumerate(turns) if turn["role"] != "system"), len(turns))
    answering = ("assistant", "tool")
    starts: list[int] = []
    for place in range(start, len(turns)):
        before = turns[place - 1]["role"] if place > start else ""
        if not starts or (before in answering and turns[place]["role"] not in answering):
            starts.append(place)
    return turns[:start], starts
