"""A conversation as segments: what is read and what is learned, cut where each answer begins and ends.

The text before an answer is never made again, so it cannot depend on the answer.

800 rounds, each rendered up to where its answer begins and ends, are 1,600 renderings of 800 turns on average: seconds.
A long conversation is rendered whole instead, once more with marks, and up to the first and the last answer of each
kind. Nothing is taken on trust: the marks change nothing else in the text, what stands around every answer is the same
as around the first one of its kind, and the first and last of each kind begin and end where `rendering.answer_of` says.
Else it is done answer by answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

from selfinstruct.errors import UsageError

from .rendering import MARK, Rewritten, Segment, Template, answer_of, choose, text_of
from .tokens import adds_bos
from .turns import THOUGHTS, Tools, Turn, Turns, is_learned, spoken

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase as Tokenizer

__all__ = ["prompt_segments", "rendered_prompt", "segments"]

MANY = 4
"""Answers from which on it is worth the while."""


def segments(
    template: Template,
    turns: Turns,
    tokenizer: Tokenizer | None,
    tools: Tools = (),
    *,
    last: tuple[str, str] | None = None,
) -> list[Segment]:
    """A conversation, each answer that is to be learned trained with the token that ends it; nothing of answers after
    the last one of these. Raises UsageError if it cannot be cut; Rewritten if its answers could be learned apart
    (`rounds.apart`). `last`: what `answer_of` gives for the last one, if that is known.
    """
    messages = spoken(template, turns)
    places = [place for place, message in enumerate(messages) if message["role"] == "assistant"]
    learned = [place for place in places if is_learned(messages[place])]
    if learned and learned[-1] != places[-1]:
        messages = messages[: learned[-1] + 1]
    found, done = _answered(template, messages, tokenizer, tools, last)
    if messages and messages[-1]["role"] != "assistant":
        whole = text_of(template, messages, tokenizer, tools)
        if whole.startswith(done):
            found.append(Segment(whole[len(done) :], trained=False))
    return found


def prompt_segments(template: Template, turns: Turns, tokenizer: Tokenizer | None, tools: Tools = ()) -> list[Segment]:
    """A conversation up to where its next answer begins: what a row has before it, once the answer is there."""
    messages = spoken(template, turns)
    if not messages or (messages[-1]["role"] == "assistant" and not messages[-1].get("tool_calls")):
        raise ValueError("a prompt ends with a question")
    return [Segment(text_of(template, messages, tokenizer, tools, asks=True), trained=False)]


def rendered_prompt(template: Template, turns: Turns, tokenizer: Tokenizer | None) -> str:
    """The prompt as text: a tokenizer makes the trained prompt of it, its own BOS included if it puts one there.

    (A tokenizer that puts a blank before the first word of a text, and none after a BOS that is part of the text, as
    Llama 2's in its newer form, has one such blank more.)
    """
    if tokenizer is None and any(message["role"] == "assistant" for message in spoken(template, turns)):
        raise UsageError("earlier answers end with the model's own end token: name the model to lay conversations out")
    text = "".join(segment.text for segment in prompt_segments(template, turns, tokenizer))
    if tokenizer is not None and isinstance(tokenizer.bos_token, str) and adds_bos(tokenizer):
        return text.removeprefix(tokenizer.bos_token)
    return text


def _answered(
    template: Template,
    messages: Sequence[Turn],
    tokenizer: Tokenizer | None,
    tools: Tools,
    last: tuple[str, str] | None = None,
) -> tuple[list[Segment], str]:
    """The segments up to the end of the last answer, and their text. `last`: its prompt and itself, if known. They are
    cut at every answer, learned or not, so that a row has the same tokens whatever is learned of it.

    Where what was said before an answer is laid out anew, all of it is one segment: what a chat would ask before this
    answer, whatever was asked before an earlier one.
    """
    places = [place for place, message in enumerate(messages) if message["role"] == "assistant"]
    if not places:
        return [], ""
    chain = [last or answer_of(template, messages[: places[-1] + 1], tokenizer, tools)]
    for place in reversed(places[:-1]):
        prompt, answer = answer_of(template, messages[: place + 1], tokenizer, tools)
        if not chain[-1][0].startswith(prompt + answer):
            break
        if len(chain) == 1 and (found := _cut(template, messages[: places[-1] + 1], chain[0], tokenizer, tools)):
            return found, "".join(chain[0])
        chain.append((prompt, answer))
    if any(is_learned(messages[place]) for place in places[: -len(chain)]):
        raise Rewritten(
            f"the template {template.name!r} changes earlier turns when a conversation goes on, so that no prompt of "
            f"it is what was trained on: {choose()}"
        )
    found, done = [], ""
    for place, (prompt, answer) in zip(places[-len(chain) :], reversed(chain), strict=True):
        found += [
            Segment(prompt[len(done) :], trained=False),
            Segment(answer, trained=is_learned(messages[place])),
        ]
        done = prompt + answer
    return found, done


class _Around(NamedTuple):
    """What stands between the turn before an answer and the answer, and between it and the turn after."""

    before: str
    after: str


def _cut(
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
