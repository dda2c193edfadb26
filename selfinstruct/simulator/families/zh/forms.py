"""Wishes in Chinese about the form of an answer that may end an instruction, and JSON that says each thing once."""

from __future__ import annotations

import json
import re

from selfinstruct.simulator.endings import Ending
from selfinstruct.text.later import later

__all__ = ["ENDINGS", "once"]

_SIGNS = later("[、，；;|\n]|,(?! ?[0-9]{3}(?![0-9]))")
"""What parts the entries of a list."""


def _entries(entries: list[str]) -> str | None:
    """None when one of them is a list itself, with other signs than were asked for."""
    return None if any(_SIGNS.search(entry) for entry in entries) else "、".join(entries)


def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A JSON object, for `json.loads`. Raises ValueError when it says two things under one key."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _from_array(text: str) -> str | None:
    try:
        found = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError):
        return None
    return _entries([*map(str, found)]) if isinstance(found, list) else None


def _alone(text: str) -> str | None:
    """An answer without an explanation: at most a short sentence."""
    return None if len(text) > SHORT or re.search("[。！？；\n].", text) else text


SHORT = 20
"""Characters of an answer that explains nothing."""
ENDINGS: dict[str, dict[str, Ending]] = {
    "item": {"只写答案，不用解释。": Ending(lambda answer: answer, _alone)},
    "list": {
        "一行写一个。": Ending(
            lambda answer: answer.replace("、", "\n"),
            lambda text: _entries([entry.strip() for entry in text.split("\n")]),
        ),
        "以 JSON 数组的形式返回。": Ending(
            lambda answer: json.dumps(answer.split("、"), ensure_ascii=False), _from_array
        ),
    },
}
"""By the kind of answer: a list is written "甲、乙、丙" unless asked otherwise."""
