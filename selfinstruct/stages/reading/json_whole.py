"""The JSON that an answer is: all of it, or what stands in its one fence."""

from __future__ import annotations

import json
from typing import NoReturn

from selfinstruct.text.later import later

__all__ = ["json_text"]

_FENCES = later(r"^[ \t]*```[ \t]*(\w*)[ \t]*\n(.*?)^[ \t]*```[ \t]*$", 8 | 16)  # re.MULTILINE | re.DOTALL
LONGEST = 1_000_000


def json_text(answer: str) -> str | None:
    """The text of the one JSON value that the answer holds, as it is written there; None where it holds none, or
    several."""
    text = answer.strip().removeprefix("\ufeff")
    if len(text) > LONGEST:
        return None
    if _is_json(text):
        return text
    fences = [
        found[2].strip() for found in _FENCES.finditer(text) if found[1].lower() in ("", "json", "jsonc", "json5")
    ]
    return fences[0] if len(fences) == 1 and _is_json(fences[0]) else None


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_constant=_none)
    except (ValueError, RecursionError):
        return False
    return True


def _none(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
