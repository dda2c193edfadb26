"""Conversations laid out as rows: whole, cut where they are long, an answer at a time, or left out with the reason.

laid = lay_out(conversations, template, tokenizer, settings.max_length, notes)
findings = examine(laid.parts, laid.rows, template, tokenizer, settings.max_length, left_out=laid.left_out)

Nobody's template is trusted with tools: of those on the hub some refuse what they do not know (two calls in a turn),
and some drop it without a word (what is said beside a call, or the call). A model must not learn from the rest.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from selfinstruct.errors import UsageError
from selfinstruct.rows.notes import Notes

from .conversations import Conversation, Row, encode_pair, teaches
from .examine import UNLEARNED
from .rendering import Rewritten, Template
from .rounds import Part, apart, endings, pieces
from .thoughts import became, thoughts_of
from .turns import Tools, Turn, Turns, answers, is_learned, spoken

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase as Tokenizer

__all__ = ["Laid", "lay_out", "what_of"]

UNANSWERED = "without an answer: left out"


class Laid(NamedTuple):
    parts: list[Conversation]
    """What each row was made of: a conversation, or a part of one."""
    rows: list[Row]
    left_out: Counter[str]
    """Conversations that gave no row, by the reason."""


class _Unfit(Exception):
    """Why a conversation gives no row, while others may."""


def lay_out(
    conversations: Sequence[Conversation],
    template: Template,
    tokenizer: Tokenizer,
    max_length: int,
    notes: Notes,
    *,
    pairs: bool = False,
) -> Laid:
    """`notes` gets what was done that somebody may not expect, and what was not used. `pairs`: for encoder-decoders.

    Raises UsageError for a conversation without tools that the template refuses: that is nearly always the template's
    fault, and another one's rows would be few.
    """
    laid = Laid([], [], Counter())
    for one in conversations:
        try:
            if pairs:
                made = _pairs(one, template, tokenizer, notes)
            else:
                made = _rows(one, template, tokenizer, max_length, notes)
        except _Unfit as reason:
            laid.left_out[str(reason)] += 1
            continue
        _note(one, notes)
        for part, row in made:
            laid.parts.append(part)
            laid.rows.append(row)
    return laid


def _note(one: Conversation, notes: Notes) -> None:
    turns = one.turns
    first = next((place for place, turn in enumerate(turns) if turn["role"] == "user"), len(turns))
    if any(turn["role"] in ("assistant", "tool") for turn in turns[:first]):
        notes.done["what is said before the first question is left out"] += 1
    if any(not a.learned and any(map(is_learned, turns[a.start : a.stop])) for a in answers(turns)):
        notes.done["answers next to one that is not to be learned are not learned either"] += 1


def _pairs(one: Conversation, template: Template, tokenizer: Tokenizer, notes: Notes) -> list[tuple[Conversation, Row]]:
    if what := what_of(one.turns, one.tools):
        raise _Unfit(f"with {what}, which an encoder-decoder has no place for: left out")
    parts = endings(one)
    if not parts:
        raise _Unfit(UNANSWERED if teaches(one.turns) is None else UNLEARNED)
    made = [(part, encode_pair(part, template, tokenizer)) for part in parts]
    said = "".join(spoken(template, part.turns)[-1]["content"] for part in parts)
    _note_thoughts(one, template, said, notes)
    return made


def _rows(
    one: Conversation, template: Template, tokenizer: Tokenizer, max_length: int, notes: Notes
) -> list[tuple[Conversation, Row]]:
    if teaches(one.turns) is False:
        raise _Unfit(UNLEARNED)
    what = what_of(one.turns, one.tools)
    if what and not template.tools:
        raise _Unfit(f"with {what}, which the template {template.name!r} does not lay out: left out")
    try:
        parts = (
            _with_tools(what, one, template, tokenizer, max_length)
            if what
            else _cut(one, template, tokenizer, max_length)
        )
    except UsageError as error:
        if not any(map(_is_empty, one.turns)):  # GLM-4 writes nothing at all where nothing is said
            raise type(error)(f"row {one.id!r}: {error}") from None
        reason = f"with an empty answer, which the template {template.name!r} does not lay out: left out"
        raise _Unfit(reason) from None
    if any("/" in part.row.id.removeprefix(one.id) for part in parts[1:]):
        notes.done[f"answers in rows of their own, as the template {template.name!r} changes earlier turns"] += 1
    learned = "".join(segment.text for part in parts for segment in part.segments if segment.trained)
    _note_thoughts(one, template, learned, notes)
    return [(part.conversation, part.row) for part in parts]


def _is_empty(turn: Turn) -> bool:
    return turn["role"] == "assistant" and not turn["content"].strip() and not turn.get("tool_calls")


def _with_tools(what: str, one: Conversation, template: Template, tokenizer: Tokenizer, max_length: int) -> list[Part]:
    """As it is, or with other ids of its calls where the template demands some."""
    refused = ""
    for turns in (one.turns, _numbered(one.turns)):
        try:
            parts = _cut(one._replace(turns=turns), template, tokenizer, max_length)
        except UsageError as error:
            refused = refused or str(error)
            continue
        if any(_lost(template, part) for part in parts):
            raise _Unfit(f"with {what}, of which the template {template.name!r} drops something: left out")
        return parts
    raise _Unfit(f"with {what}: {refused}: left out")


def _note_thoughts(one: Conversation, template: Template, learned: str, notes: Notes) -> None:
    thoughts = [thoughts_of(turn) for turn in one.turns if turn["role"] == "assistant" and is_learned(turn)]
    for is_there in {thought in learned for thought in thoughts if thought}:
        notes.done[became(template, learned=is_there)] += 1


def _cut(one: Conversation, template: Template, tokenizer: Tokenizer, max_length: int) -> list[Part]:
    try:
        return pieces(one, template, tokenizer, max_length)
    except Rewritten:
        return list(apart(one, template, tokenizer, max_length))


def what_of(turns: Turns, tools: Tools) -> str:
    """What there is of tools, for people: "tool calls", "a list of tools", or "" for nothing."""
    if any(turn["role"] == "tool" or "tool_calls" in turn for turn in turns):
        return "tool calls"
    return "a list of tools" if tools else ""


def _numbered(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """The turns with ids of nine letters and digits, which Mistral's templates demand, for calls and their results.

    A result without an id, or with an unknown one, is that of the first call that has none yet.
    """
    found: list[Turn] = []
    waiting: dict[str, str] = {}
    """Ids of calls without a result, by the id that the row has, or that they got."""
    count = 0
    for turn in turns:
        if turn.get("tool_calls"):
            calls = []
            for call in turn["tool_calls"]:
                count += 1
                calls.append(call | {"id": f"call{count:05}"})
                waiting[call.get("id") or f"call{count:05}"] = f"call{count:05}"
            turn = turn | {"tool_calls": calls}
        elif turn["role"] == "tool" and waiting:
            theirs = turn.get("tool_call_id", "")
            turn = turn | {"tool_call_id": waiting.pop(theirs if theirs in waiting else next(iter(waiting)))}
        found.append(turn)
    return tuple(found)


def _lost(template: Template, part: Part) -> bool:
    """Whether something of the row with tools is in none of its segments, or an answer in none that is learned."""
    (_, turns, tools), laid = part.conversation, part.segments
    whole = "".join(segment.text for segment in laid)
    learned = (segment.text for segment in laid if segment.trained)
    messages = spoken(template, turns)
    last = max((n for n, message in enumerate(messages) if _is_taught(message)), default=len(messages))
    if not all(tool["function"]["name"] in laid[0].text for tool in tools):  # before the first call, which has it too
        return True
    for message in messages[: last + 1]:
        # A row of its own for the last answer has the only segment that is learned.
        text = next(learned, "") if _is_taught(message) else whole
        if not all(_is_in(text, part) for part in _said(message)):
            return True
        if template.end in text[: -len(template.end)] and text is not whole:
            return True
    return False


def _is_taught(message: Mapping[str, Any]) -> bool:
    return message["role"] == "assistant" and is_learned(message)


def _said(message: Mapping[str, Any]) -> Iterator[Any]:
    yield message["content"].strip()
    for call in message.get("tool_calls", ()):
        yield call["function"]["name"]
        yield from _parts(call["function"].get("arguments"))


def _parts(value: Any) -> Iterator[Any]:
    """The names and the values that are no objects or lists."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            yield from _parts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _parts(inner)
    else:
        yield value


def _is_in(text: str, part: Any) -> bool:
    """As it is, as JSON writes it (Llama 3 does so with results), or as Python does (True, None)."""
    if not isinstance(part, str):
        return json.dumps(part) in text or str(part) in text
    return part in text or json.dumps(part, ensure_ascii=False)[1:-1] in text or json.dumps(part)[1:-1] in text
