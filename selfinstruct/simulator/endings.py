"""Wishes about the form of an answer that may end an instruction, and that the answer then fulfils.

`put` gives an answer the form that is asked for; `take` gets the bare answer back, or None when the form is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple

__all__ = ["AS_IT_IS", "ITEM", "LABEL", "LIST", "Ending", "as_json"]


class Ending(NamedTuple):
    put: Callable[[str], str]
    take: Callable[[str], str | None]


def _around(before: str, after: str) -> Ending:
    def take(text: str) -> str | None:
        inside = text[len(before) : len(text) - len(after)]
        return inside if text == f"{before}{inside}{after}" else None

    return Ending(lambda answer: f"{before}{answer}{after}", take)


def _joined(separator: str) -> Ending:
    def take(text: str) -> str | None:
        return ", ".join(text.split(separator)) if separator == ", " or ", " not in text else None

    return Ending(lambda answer: separator.join(answer.split(", ")), take)


def _lines(mark: Callable[[int], str]) -> Ending:
    def put(answer: str) -> str:
        return "\n".join(f"{mark(n)}{item}" for n, item in enumerate(answer.split(", "), 1))

    def take(text: str) -> str | None:
        lines = text.split("\n")
        if not all(line.startswith(mark(n)) for n, line in enumerate(lines, 1)):
            return None
        return ", ".join(line.removeprefix(mark(n)) for n, line in enumerate(lines, 1))

    return Ending(put, take)


def as_json(put: Callable[[str], object], take: Callable[[object], str | None]) -> Ending:
    """The answer as the JSON value that `put` makes of it, and that `take` knows from another."""

    def read(text: str) -> str | None:
        try:
            return take(json.loads(text))
        except (ValueError, RecursionError):
            return None

    return Ending(lambda answer: json.dumps(put(answer), ensure_ascii=False), read)


def _value(data: object) -> str | None:
    match data:
        case {"answer": str() | int() | float() as answer, **others} if not others and not isinstance(answer, bool):
            return str(answer)
    return None


def _array(data: object) -> str | None:
    return ", ".join(map(str, data)) if isinstance(data, list) else None


AS_IT_IS = _around("", "")

ITEM = {
    "Give the answer alone, without any explanation.": AS_IT_IS,
    "Put your answer in square brackets.": _around("[", "]"),
    'Return JSON with the single key "answer".': as_json(lambda answer: {"answer": answer}, _value),
}
"""For answers that are one word, number or phrase."""

LIST = {
    "Separate the entries with semicolons.": _joined("; "),
    "Put every entry on a line of its own.": _lines(lambda n: ""),
    "Number the entries, one to a line.": _lines(lambda n: f"{n}. "),
    "Return them as a JSON array of strings.": as_json(lambda answer: answer.split(", "), _array),
    "Nothing but the list, please, separated by commas.": AS_IT_IS,
}
"""For answers that are a list, written "a, b, c" unless asked otherwise."""

LABEL = {
    "Give the label alone.": AS_IT_IS,
    "No explanation is needed.": AS_IT_IS,
    "Just the label, please.": AS_IT_IS,
    "Answer with nothing but your choice.": AS_IT_IS,
}
"""For classification."""
