"""Rows with tools: whether a template lays out all that they say.

Nobody's template is trusted here: of those on the hub some refuse what they do not know (two calls in a turn), and some
drop it without a word (what is said beside a call, or the call). A model must not learn from the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .templates import Segment, Template
from .turns import Tools, Turn, Turns, is_learned, spoken

__all__ = ["lost", "numbered", "what_of"]


def what_of(turns: Turns, tools: Tools) -> str:
    """What there is of tools, for people: "tool calls", "a list of tools", or "" for nothing."""
    if any(turn["role"] == "tool" or "tool_calls" in turn for turn in turns):
        return "tool calls"
    return "a list of tools" if tools else ""


def numbered(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
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


def lost(template: Template, turns: Turns, tools: Tools, laid: Sequence[Segment]) -> bool:
    """Whether something of the row with tools is in none of its segments, or an answer in none that is learned."""
    if not template.tools:
        return True
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
