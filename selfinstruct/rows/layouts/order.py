"""The order of turns: one side after the other, and nothing empty."""

from __future__ import annotations

from typing import Any

from selfinstruct.rows.layouts.marks import Beside
from selfinstruct.task import Message

__all__ = ["arranged"]


def arranged(turns: list[Message], wordless: set[int], beside: Beside) -> list[Message]:
    """Turns of one side in a row become one; those that say nothing are left out.

    wordless    indexes of turns that have parts, but no words: what follows such a question cannot be understood, and
                the conversation ends before it, unless the same side goes on in words
    """
    kept: list[Message] = []
    for number, turn in enumerate(turns):
        if not turn["content"] and number in wordless and turn["role"] != "system":
            beside.done.add("turns without words (an image alone), left out")
            around = [turns[n]["role"] for n in (number - 1, number + 1) if 0 <= n < len(turns)]
            if turn["role"] not in around:
                if number + 1 < len(turns):
                    beside.done.add("conversations that end before a turn without words")
                break
            _name(turn, beside)
        elif _is_empty(turn):
            _name(turn, beside)
            if turn["role"] != "system":
                beside.done.add("empty turns, left out")
        elif kept and kept[-1]["role"] == turn["role"] and _is_one(kept[-1], turn):
            kept[-1] = _joined(kept[-1], turn, beside)
        else:
            kept.append(turn)
    return kept


def _is_empty(turn: Message) -> bool:
    """A tool may well have nothing to say."""
    text = turn["content"]
    return (not text or text.isspace()) and not (
        turn["role"] == "tool" or turn.get("tool_calls") or turn.get("thoughts")
    )


def _is_one(first: Message, second: Message) -> bool:
    """Results of tools are a turn each. Calls come at the end of an answer: text after them is another turn."""
    if first["role"] == "tool":
        return False
    return not first.get("tool_calls") or not second["content"]


def _joined(first: Message, second: Message, beside: Beside) -> Message:
    calls = first.get("tool_calls", []) + second.get("tool_calls", [])
    if not calls and first["content"]:  # thoughts, a text and then its calls are one answer anyhow
        beside.done.add("turns of one side in a row, joined")
    texts = [turn["content"] for turn in (first, second) if turn["content"]]
    turn: dict[str, Any] = {**second, **first, "content": "\n\n".join(texts)}
    if thoughts := [turn["thoughts"] for turn in (first, second) if turn.get("thoughts")]:
        turn["thoughts"] = "\n\n".join(thoughts)
    if calls:
        turn["tool_calls"] = calls
    if extra := second.get("extra", {}) | first.get("extra", {}):
        turn["extra"] = extra
    lost = [key for key, value in second.get("extra", {}).items() if extra[key] != value]
    names = [key for key in ("name", "tool_call_id") if second.get(key, turn.get(key)) != turn.get(key)]
    beside.unused.update(lost + names)
    return turn  # type: ignore[return-value]


def _name(turn: Message, beside: Beside) -> None:
    beside.unused.update(turn.get("extra", {}))
    beside.unused.update(key for key in ("name", "tool_call_id") if turn.get(key))
