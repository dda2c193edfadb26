"""When two bare answers say the same: 20 and 20.0, 9:00 and 9 a.m., lists in any layout; to the letter where it counts.

What a longer answer says in the end is found by `simulator.commitment`, which then asks these.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from selfinstruct.simulator.data import table
from selfinstruct.text.later import later

__all__ = ["Compare", "exactly", "same", "says"]

Compare = Callable[[str, str, bool], bool]
"""Is an answer the right one? Both are given, bare, and whether its form is free."""


def same(one: str, other: str) -> bool:
    """The same answer, whatever its spacing and case, with or without a full stop at its end."""
    return _tidy(one) == _tidy(other)


def _tidy(text: str) -> str:
    return " ".join(text.split()).rstrip(".").casefold()


ROOM = 10
"""However numbers and units are written and lists laid out, it takes no more than so many times the characters."""


def says(answer: str, right: str, free: bool = True) -> bool:
    """The same, however numbers, units and dates are written; when its form is free, as a list in any layout as well.
    A right answer that is a sentence itself must be that sentence."""
    if len(answer) > ROOM * len(right) + ROOM * ROOM:
        return False
    if "\n" in right:
        return _rows(answer, by_line=True) == _rows(right, by_line=True)
    if _normal(answer) == _normal(right):
        return True
    return free and not right.endswith((".", "?", "!")) and _rows(answer) == _rows(right)


def exactly(answer: str, right: str, free: bool = True) -> bool:
    """The same to the letter: for what is copied, encoded or code. When its form is free, as a list in any layout."""
    if " ".join(answer.split()) == " ".join(right.split()):
        return True
    return free and _words(_unbulleted(answer if right.endswith(".") else answer.rstrip("."))) == _words(right)


# One way to write what can be written in several.

_MINUS = str.maketrans({"−": "-", "–": "-", "’": "'", "“": '"', "”": '"', "\u00a0": " "})
_WORDS = table("en", "matching")
_MONTHS: list[str] = _WORDS["months"]["names"]
_MONTH = "|".join(f"{month[:3]}(?:{month[3:]}|t)?\\.?" if month[3:] else month for month in _MONTHS)
_DATES = (
    rf"\b(?P<day>\d\d?)(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH}),? (?P<year>\d{{4}})\b",
    rf"\b(?P<month>{_MONTH}) (?P<day>\d\d?)(?:st|nd|rd|th)?,? (?P<year>\d{{4}})\b",
)
_HOUR = later(r"\b(\d\d?)(?::(\d\d))? ?(?:(?P<half>[ap])\.?m\b\.?|o'clock)")
_UNITS: dict[str, str] = _WORDS["units"]
_UNIT = later(rf"(?<=\d) ?(?:{'|'.join(f'({words})' for words in _UNITS.values())})(?![\w²/])")
_GLUED = later(rf"(?<=\d)(?=(?:{'|'.join(_UNITS)})(?!\w))")
_NUMBER = later(r"(?<![\w.,:/])-?(?:[1-9]\d{0,2}(?:,\d{3})+|0|[1-9]\d*)(?:\.\d+)?(?![\w:/]|[.,]\d)")
_MONEY = (("€", "euros"), ("\\$", "dollars"), ("£", "pounds sterling"))


def _normal(text: str) -> str:
    """In small letters, 1,000.0 as 1000, 9 a.m. as 9:00, "March 1st, 2024" as "1 march 2024", minutes as min."""
    text = _tidy(text.translate(_MINUS))
    for pattern in _DATES:
        text = re.sub(pattern, _date, text)
    text = _HOUR.sub(_hour, text)
    for sign, name in _MONEY:
        text = re.sub(rf"{sign} ?(\d[\d,.]*\d|\d)(?! ?{name})", rf"\1 {name}", text)
    text = _UNIT.sub(lambda found: f" {tuple(_UNITS)[(found.lastindex or 1) - 1]}", text)
    text = _GLUED.sub(" ", text)
    text = re.sub(r"\b0(\d:\d\d)\b", r"\1", text)
    return _NUMBER.sub(_number, text)


def _date(found: re.Match[str]) -> str:
    month = next(month for month in _MONTHS if month.startswith(found["month"][:3]))
    return f"{int(found['day'])} {month} {found['year']}"


def _hour(found: re.Match[str]) -> str:
    hour = int(found[1])
    if found["half"] and 1 <= hour <= 12:
        hour = hour % 12 + 12 * (found["half"] == "p")
    return f"{hour}:{found[2] or '00'}"


def _number(found: re.Match[str]) -> str:
    plain = found[0].replace(",", "")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


# Lists.


def _rows(text: str, by_line: bool = False) -> list[list[str]]:
    """The words of each line, or of all lines together, without what only parts them."""
    lines = _unbulleted(text).split("\n")
    return [_words(_normal(line)) for line in (lines if by_line else [", ".join(lines)])]


def _unbulleted(text: str) -> str:
    lines = [line.strip().rstrip(".,;") for line in text.split("\n") if line.strip()]
    if len(lines) < 2:
        return text
    return "\n".join(re.sub(r"^(?:\d+[.)]|[-*•])\s+", "", line) for line in lines)


def _words(text: str) -> list[str]:
    return [word.strip("\"'") for word in re.split(r"[\s,;]+", text) if word not in ("", "and")]
