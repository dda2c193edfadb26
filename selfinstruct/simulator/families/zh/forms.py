"""Wishes in Chinese about the form of an answer that may end an instruction."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from selfinstruct.simulator.endings import Ending, as_json

__all__ = ["ENDINGS", "once"]


def _around(before: str, after: str) -> Ending:
    def take(text: str) -> str | None:
        inside = text[len(before) : len(text) - len(after)]
        return inside if text == f"{before}{inside}{after}" else None

    return Ending(lambda answer: f"{before}{answer}{after}", take)


_SIGNS = re.compile("[、，；;|\n]|,(?! ?[0-9]{3}(?![0-9]))")
"""What parts the entries of a list."""


def _entries(entries: list[str]) -> str | None:
    """None when one of them is a list itself, with other signs than were asked for."""
    return None if any(_SIGNS.search(entry) for entry in entries) else "、".join(entries)


def _joined(separator: str) -> Ending:
    return Ending(
        lambda answer: separator.join(answer.split("、")),
        lambda text: _entries([entry.strip() for entry in text.split(separator)]),
    )


def _lines(mark: Callable[[int], str]) -> Ending:
    def take(text: str) -> str | None:
        lines = text.split("\n")
        if not all(line.startswith(mark(n)) for n, line in enumerate(lines, 1)):
            return None
        return _entries([line.removeprefix(mark(n)) for n, line in enumerate(lines, 1)])

    return Ending(lambda answer: "\n".join(f"{mark(n)}{item}" for n, item in enumerate(answer.split("、"), 1)), take)


def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A JSON object, for `json.loads`. Raises ValueError when it says two things under one key."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _json(put: Callable[[str], object], take: Callable[[object], str | None]) -> Ending:
    def read(text: str) -> str | None:
        try:
            return take(json.loads(text, object_pairs_hook=once))
        except (ValueError, RecursionError):
            return None

    return as_json(put, take)._replace(take=read)


def _value(data: object) -> str | None:
    match data:
        case {"答案": str() | int() | float() as answer, **others} if not others and not isinstance(answer, bool):
            return str(answer)
    return None


_AS_IT_IS = _around("", "")

ENDINGS: dict[str, dict[str, Ending]] = {
    "item": {
        "只写答案，不用解释。": _AS_IT_IS,
        "用一句话回答，以“答案是”开头。": _around("答案是", "。"),
        "返回 JSON，唯一的键叫“答案”。": _json(lambda answer: {"答案": answer}, _value),
    },
    "list": {
        "一行写一个。": _lines(lambda n: ""),
        "一行一个，前面标上序号。": _lines(lambda n: f"{n}. "),
        "以 JSON 数组的形式返回。": _json(
            lambda answer: answer.split("、"),
            lambda data: _entries([*map(str, data)]) if isinstance(data, list) else None,
        ),
        "只要结果，用顿号分开。": _joined("、"),
    },
}
"""By the kind of answer: one word or number, or a list written "甲、乙、丙" unless asked otherwise."""
