"""The values in a statement: numbers with their units, times and dates, and which of them are only steps of a working.

In "32 × 36 = 1152 and 1152 × 4 = 4608 euros" all but the last are: operands, or to the left of an equals sign.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from selfinstruct.simulator.cues import HAN, LETTER, cue
from selfinstruct.simulator.data import table
from selfinstruct.text.later import later

__all__ = ["Found", "is_value", "numbers", "values"]


class Found(NamedTuple):
    """A value, or words that may be the answer, in a statement."""

    start: int
    end: int
    text: str
    fits: bool
    """Is it the right one?"""
    number: str = ""
    """Its figures; "" when it is words."""
    operand: bool = False
    working: bool = False
    """Something is made of it in the same statement."""


_EN, _ZH = table("en", "matching"), table("zh", "matching")
_UNITS = [
    *_EN["units"].values(),
    *map(re.escape, sorted([*_EN["units"], *_ZH["units"]["names"]], key=len, reverse=True)),
]
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]}|t)?\\.?" for name in _EN["months"]["names"])
_DATE = (
    rf"\d\d?(?:st|nd|rd|th)?(?: of)? (?:{_MONTH}),? \d{{4}}|(?:{_MONTH}) \d\d?(?:st|nd|rd|th)?,? \d{{4}}"
    r"|\d{4}\s?[年/.-]\s?\d\d?\s?[月/.-]\s?\d\d?(?:\s?[日号])?|\d\d?月\d\d?[日号]"
)
_TIME = (
    r"\d\d?[:：]\d\d(?:\s?[ap]\.?m\b\.?)?|\d\d?\s?[ap]\.?m\b\.?|\d\d? o'clock"
    r"|\d\d?\s?[点时](?:\d\d?分?|半|整)?(?!间)"
)
_NUMBER = r"\d+(?:,\d{3})*(?:[.．]\d+)?"
_SIGNED = rf"(?:[€$£¥￥]\s?)?(?:(?<![\d)）%])(?<![\d)）%] )[-−－](?=\d))?{_NUMBER}"


@lru_cache(maxsize=256)
def _pattern(unit: str) -> re.Pattern[str]:
    """All values, and those in this unit."""
    units = "|".join([*([re.escape(unit)] if unit else []), *_UNITS])
    within = rf"(?:\s?(?:{units})(?![A-Za-z²/])|\s?[(（](?:{units})[)）])"
    several = rf"{_NUMBER}{within}(?:\s?(?:and )?{_NUMBER}{within})+"
    one = rf"{_SIGNED}{within}?"
    # A digit of a word (b4), of a list (3.) or of a longer number is no number.
    return later(
        rf"(?<![A-Za-z0-9_.])(?:{_DATE}|{_TIME}|\d+/\d+|{several}|{one})(?:(?<![A-Za-z0-9])|(?![A-Za-z0-9_]))",
        re.IGNORECASE,
    )


_WHOLE = later(rf"({_SIGNED})\s?(\D{{0,20}})")
_COUNTED = later(rf"{_SIGNED}(?:\s?[\u4e00-\u9fff]{{0,3}}| ?[A-Za-z%²/]{{0,12}}(?: [a-z]{{1,9}})?)")
_MULTIPLE = later(rf"\s*(?:(?:{'|'.join(_EN['multiples']['words'])})(?!{LETTER})|[万亿倍折])", re.IGNORECASE)
_NOTHING = later(
    rf"\s*(?:[^\w\s%(（]|\Z|(?:{'|'.join(_EN['cues']['follows'])})(?!{LETTER})|[的是就后以而即])", re.IGNORECASE
)
"""What may follow a number whose unit is left out."""
_SPELLED = later(
    rf"(?<!{LETTER})(?:{'|'.join(_EN['numbers']['words'])})(?!{LETTER})|[零〇一二两三四五六七八九十百千万]+",
    re.IGNORECASE,
)
_AFTERNOON = later(r"(?:下午|晚上|傍晚)\s*\Z")


def is_value(text: str) -> bool:
    """A number, with a unit or what is counted, a time or a date."""
    return bool(_COUNTED.fullmatch(text) or re.fullmatch(rf"{_DATE}|{_TIME}|\d+/\d+", text, re.IGNORECASE)) or bool(
        _pattern("").fullmatch(text)
    )


def _unit(right: str) -> str:
    whole = _WHOLE.fullmatch(right)
    return whole[2].strip() if whole and _kind(right) == "number" else ""


def _kind(text: str) -> str:
    dated = re.fullmatch(_DATE, text, re.IGNORECASE)
    return "date" if dated else "time" if re.fullmatch(_TIME, text, re.IGNORECASE) else "number"


def numbers(text: str) -> frozenset[str]:
    """The figures of all values in a text."""
    return frozenset(_figures(found[0]) for found in _pattern("").finditer(text))


def _figures(text: str) -> str:
    found = re.search(_NUMBER, text)
    if _kind(text) != "number" or not found:
        return text
    plain = found[0].replace(",", "")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def values(text: str, right: str, fits: Callable[[str], bool], given: str) -> list[Found]:
    """In their order; `fits` says which is the right one."""
    found, kind, unit = [], _kind(right), _unit(right)
    for one in _pattern(unit).finditer(text):
        if _kind(one[0]) != kind:
            continue
        good = _is_right(one[0], text[: one.start()], text[one.end() :], right, fits, given)
        found.append(Found(one.start(), one.end(), one[0], good, _figures(one[0])))
    return _steps(text, sorted([*found, *_spelled(text, unit, fits, found)]))


def _is_right(value: str, before: str, after: str, right: str, fits: Callable[[str], bool], given: str) -> bool:
    value, unit = re.sub("[()（）]", "", value), _unit(right)
    if clock := re.match(r"(\d\d?)(?=[:：点时])", value) if _AFTERNOON.search(before) else None:
        value = f"{int(clock[1]) % 12 + 12}{value[clock.end() :]}"
    parts = _WHOLE.fullmatch(value)
    if not parts:
        return fits(value)
    number, its = parts[1], parts[2].strip()
    if its or number[0] in "€$£¥￥":
        named = its in given or number[0] in "€$£" or its in ("euros", "dollars", "pounds")
        return fits(value) or (not unit and named and not HAN.search(its) and fits(number.lstrip("€$£ ")))
    if _MULTIPLE.match(after):
        return False
    precise = "." in value or not re.search(r"\.\d", right)  # 81 is too little where 81.00元 is asked for
    return fits(value) or bool(unit and precise and _NOTHING.match(after) and fits(_with(value, unit)))


def _with(number: str, unit: str) -> str:
    return number + ("" if HAN.search(unit) else " ") + unit


def _spelled(text: str, unit: str, fits: Callable[[str], bool], known: list[Found]) -> list[Found]:
    """Numbers in words, where they are the right one or have the right one's unit."""
    words, found = _EN["numbers"]["words"], []
    for one in _SPELLED.finditer(text):
        number = str(words.index(one[0].lower())) if one[0].lower() in words else one[0]
        rest = text[one.end() :].lstrip(" （(")
        has_unit = bool(unit) and rest.startswith(unit)
        good = fits(_with(number, unit)) if has_unit else not unit and fits(number)
        if (good or has_unit) and not any(its.start <= one.start() < its.end for its in known):
            found.append(Found(one.start(), one.end() + (len(unit) if has_unit else 0), one[0], good, number))
    return found


# The working.

_OPERATOR = cue(r"\s*[)）\]]*\s*(?:[×x*·+/÷^−－–-]|<operate>)\s*[\[(（]*\s*")
_EQUALS = cue(r"(?:[=≈]|<equal>)\s*(?:<near>\s*)?\Z")
_LINK = cue(r"\]?\s*(?:[,，、;；/&]|<and>|[,，]\s*<and>)?\s*")
_NEW = cue("<reason>")


def _steps(text: str, found: list[Found]) -> list[Found]:
    """Operands are marked, and what stands left of an equals sign whose right side is one value."""
    gaps = [text[one.end : other.start] for one, other in pairwise(found)]
    operates = [bool(_OPERATOR.fullmatch(gap)) for gap in gaps]
    its = [
        one._replace(operand=(n > 0 and operates[n - 1]) or (n < len(gaps) and operates[n]))
        for n, one in enumerate(found)
    ]
    for n, gap in enumerate(gaps):
        if _LINK.fullmatch(gap):  # two values side by side are no answer
            its[n : n + 2] = [one._replace(working=True) for one in its[n : n + 2]]
    since = 0
    for n, gap in enumerate(gaps):
        if _NEW.search(gap):
            since = n + 1
        if _EQUALS.search(gap) and not its[n + 1].operand:
            its[since : n + 1] = [one._replace(working=True) for one in its[since : n + 1]]
    return [one._replace(working=one.working or one.operand) for one in its]
