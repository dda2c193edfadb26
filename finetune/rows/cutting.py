"""Long conversations cut in one go: rendered whole and once more with marks, not up to each answer.

800 rounds, each rendered up to where its answer begins and ends, are 1,600 renderings of 800 turns on average: seconds.
Here they are two, and two more for the first and the last answer of each kind. Nothing is taken on trust: the marks
change nothing else in the text, what stands around every answer is the same as around the first one of its kind, and
the first and last of each kind begin and end where `rendering.answer_of` says. Else the slow way is taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

from .rendering import MARK, Segment, Template, answer_of, text_of
from .turns import THOUGHTS, Tools, Turn, is_learned

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase as Tokenizer

__all__ = ["cut"]

MANY = 4
"""Answers from which on it is worth the while."""


class _Around(NamedTuple):
    """What stands between the turn before an answer and the answer, and between it and the turn after."""

    before: str
    after: str


def cut(
    template: Template, messages: Sequence[Turn], last: tuple[str, str], tokenizer: Tokenizer | None, tools: Tools
) -> list[Segment] | None:
    """The segments of messages that end with an answer; None where there are few, or they cannot be cut so. `last` is
    the prompt of the last answer and itself."""
    places = [place for place, message in enumerate(messages) if message["role"] == "assistant"]
    if len(places) < MANY or any(after - before < 2 for before, after in pairwise(places)):
        return None
    prompt, answer = last
    whole = prompt + answer
    spans = _spans(template, messages[:-1], tokenizer, tools, prompt)
    found: list[Segment] = []
    known: dict[tuple[object, ...], _Around] = {}
    checked, done = _checked(messages, places), 0
    for place in places[:-1] if spans else ():
        start, stop, kind = spans[place - 1][1], spans[place + 1][0], _kind(messages, place)
        if place in checked:
            around = _seen(template, messages[: place + 1], tokenizer, tools, whole[:stop], start)
            if around is None or known.setdefault(kind, around) != around:
                return None
        around = known[kind]
        begins, ends = start + len(around.before), stop - len(around.after)
        is_same = whole.startswith(around.before, start) and whole.startswith(around.after, ends)
        if not is_same or not done <= begins <= ends:
            return None
        learned = is_learned(messages[place])
        found += [Segment(whole[done:begins], trained=False), Segment(whole[begins:ends], trained=learned)]
        done = ends
    if not found:
        return None
    return [*found, Segment(prompt[done:], trained=False), Segment(answer, trained=is_learned(messages[-1]))]


def _kind(messages: Sequence[Turn], place: int) -> tuple[object, ...]:
    before, said, after = messages[place - 1 : place + 2]
    return before["role"], after["role"], "tool_calls" in said, THOUGHTS in said


def _checked(messages: Sequence[Turn], places: Sequence[int]) -> set[int]:
    """Which answers are rendered by themselves: the first and the last of each kind, but for the very last."""
    kinds = [(_kind(messages, place), place) for place in places[:-1]]
    return {*dict(kinds).values(), *dict(reversed(kinds)).values()}


def _seen(
    template: Template, messages: Sequence[Turn], tokenizer: Tokenizer | None, tools: Tools, whole: str, start: int
) -> _Around | None:
    """What is around the last of the messages: `whole` goes on to the turn after it, and the turn before it ends at
    `start`."""
    prompt, answer = answer_of(template, messages, tokenizer, tools)
    if not whole.startswith(prompt + answer) or len(prompt) < start:
        return None
    return _Around(prompt[start:], whole[len(prompt) + len(answer) :])


def _spans(
    template: Template, messages: Sequence[Turn], tokenizer: Tokenizer | None, tools: Tools, prompt: str
) -> Mapping[int, tuple[int, int]]:
    """Where the turns that are no answers stand in the prompt, by their places; nothing if marks change what is laid
    out."""
    if MARK[0] in prompt or MARK[1] in prompt:
        return {}
    places = [place for place, message in enumerate(messages) if message["role"] in ("user", "tool")]
    marked = list(messages)
    blanks: list[tuple[str, str]] = []
    for place in places:
        content = messages[place]["content"]
        core = content.strip()
        if not core:
            return {}
        blanks.append((content[: content.index(core)], content[content.index(core) + len(core) :]))
        marked[place] = messages[place] | {"content": f"{blanks[-1][0]}{MARK[0]}{core}{MARK[1]}{blanks[-1][1]}"}
    parts = re.split(f"([{''.join(MARK)}])", text_of(template, marked, tokenizer, tools, asks=True))
    if "".join(parts[::2]) != prompt or parts[1::2] != [*MARK] * len(places):
        return {}
    ends = list(accumulate(map(len, parts[::2])))
    spans = {}
    for place, (before, after), start, stop in zip(places, blanks, ends[::2], ends[1::2], strict=False):
        # Blanks around a text are a part of it, unless the template drops them.
        first = start - len(before) if prompt.endswith(before, 0, start) else start
        spans[place] = first, stop + len(after) if prompt.startswith(after, stop) else stop
    return spans
