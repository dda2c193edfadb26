"""Turns of a conversation: what each may hold, which of them are answers, and how a template is given them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .thoughts import placed

if TYPE_CHECKING:
    from .rendering import Template

__all__ = ["THOUGHTS", "Answer", "Tools", "Turn", "Turns", "answers", "is_learned", "spoken", "strings"]

Turn = dict[str, Any]
Turns = Sequence[Mapping[str, Any]]
"""Role and content each, and of a question perhaps an input. Where they say something: `learned` (False), `thoughts`
and `tool_calls` of an answer, `tool_call_id` and `name` of a tool's result, as in selfinstruct.task.Message."""
Tools = Sequence[Mapping[str, Any]]
"""What the model may call, as selfinstruct.task.Task has it."""

MORE = ("learned", "thoughts", "tool_calls", "tool_call_id", "name")


class Answer(NamedTuple):
    """An answer that has a question: one turn of the assistant, or neighbours that are joined into one."""

    start: int
    stop: int
    """Turns from where to where."""
    learned: bool
    """Whether all of it is to be learned. A part that is not makes context of the whole."""


def answers(turns: Turns) -> list[Answer]:
    found: list[Answer] = []
    asked = False
    for place, turn in enumerate(turns):
        asked = asked or turn["role"] == "user"
        if turn["role"] != "assistant" or not asked:
            continue
        if found and found[-1].stop == place and _joined(turns[place - 1], turn):
            found[-1] = Answer(found[-1].start, place + 1, found[-1].learned and is_learned(turn))
        else:
            found.append(Answer(place, place + 1, is_learned(turn)))
    return found


def is_learned(turn: Mapping[str, Any]) -> bool:
    """Of an answer."""
    return turn.get("learned", True) is not False


def _joined(before: Mapping[str, Any], turn: Mapping[str, Any]) -> bool:
    """Results of several tools stay apart, and so does a call from what is said after it; calls come together."""
    same = before["role"] == turn["role"] != "tool"
    return same and not (before.get("tool_calls") and not turn.get("tool_calls"))


def spoken(template: Template, turns: Turns) -> list[Turn]:
    """The turns as a template takes them: asked and answered by turns, after at most one system turn.

    Neighbours of one role become one turn, joined by a blank line; a later system turn opens the question after it.
    An answer before the first question has no prompt: it is left out, and so is a tool's result.
    """
    messages: list[Turn] = []
    asked = False
    for turn in turns:
        role = turn["role"]
        asked = asked or role == "user"
        if role in ("assistant", "tool") and not asked:
            continue
        turn = placed(template, turn) if role == "assistant" else turn
        parts = [turn["content"], turn.get("input", "")]
        if role == "system" and (messages or not template.system):
            role = "user"
        more = {name: turn[name] for name in MORE if name in turn} if len(turn) > 2 else {}
        if messages and _joined(messages[-1], {"role": role} | more):
            before = messages.pop()
            parts = [before["content"], before.get("input", ""), *parts]
            more = _together(before, more)
        elif parts[1] and template.keeps_input:
            messages.append({"role": role, "content": parts[0], "input": parts[1]})
            continue
        message = {"role": role, "content": "\n\n".join(filter(None, parts))}
        messages.append(message | _named(template, more) if more else message)
    return messages


def _together(before: Mapping[str, Any], more: Mapping[str, Any]) -> Turn:
    thoughts = [part for part in (before.get(THOUGHTS, ""), more.get("thoughts", "")) if part]
    calls = [*before.get("tool_calls", ()), *more.get("tool_calls", ())]
    both: Turn = {} if is_learned(before) and is_learned(more) else {"learned": False}
    both |= {"thoughts": "\n\n".join(thoughts)} if thoughts else {}
    return both | ({"tool_calls": calls} if calls else {})


THOUGHTS = "reasoning_content"
"""What templates call them; transformers gives them to those that have another name for them."""


def _named(template: Template, more: Turn) -> Turn:
    thoughts = more.pop("thoughts", "")
    return more | ({THOUGHTS: thoughts} if thoughts and template.thoughts else {})


def strings(value: Any) -> Iterator[str]:
    """Every text in turns, calls and lists of tools, the names in objects included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield str(name)
            yield from strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner)
