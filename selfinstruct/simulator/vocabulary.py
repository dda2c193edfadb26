"""Words and ways to write that several English families share."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import product

from selfinstruct.simulator.data import table

__all__ = [
    *("KINDS", "NAMES", "SURNAMES", "THEMES", "amount", "clock", "items", "listed", "money", "number_in_words"),
    *("numbers", "plain_number", "rounded", "sized", "variants"),
]

NAMES = tuple(table("en", "words")["names"])
SURNAMES = tuple(table("en", "words")["surnames"])
THEMES: dict[str, tuple[str, ...]] = {
    theme: tuple(words.split()) for theme, words in table("en", "words")["themes"].items()
}
"""Kinds of things, in the words of an instruction, and some of each in the singular."""
KINDS = tuple(THEMES)


def items(text: str) -> list[str]:
    """The entries of a list as it stands in an input: "oak, ash, elm"."""
    return [item.strip() for item in text.split(",") if item.strip()]


def listed(entries: list[str]) -> str:
    """As in a sentence: "oak, ash and elm"; "none" when there are none."""
    *before, last = entries or ["none"]
    return f"{', '.join(before)} and {last}" if before else last


def sized(text: str) -> str:
    """With a capital at its beginning."""
    return text[:1].upper() + text[1:]


def numbers(text: str) -> list[int]:
    """All whole numbers in a text, in order."""
    return [int(number) for number in re.findall(r"-?\d+", text)]


def rounded(value: Fraction | int, digits: int) -> str:
    """Rounded half up, as taught at school, with exactly so many decimals."""
    exact = Fraction(value)
    scaled = Decimal(exact.numerator * 10**digits) / Decimal(exact.denominator)
    whole = int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    if not digits:
        return str(whole)
    sign, figures = "-" if whole < 0 else "", str(abs(whole)).rjust(digits + 1, "0")
    return f"{sign}{figures[:-digits]}.{figures[-digits:]}"


def money(value: Fraction | int) -> str:
    return rounded(value, 2)


def plain_number(value: Fraction | int) -> str:
    """As few decimals as tell the value, at most four: 12, 12.5, 0.0625."""
    text = rounded(value, 4)
    return text.rstrip("0").rstrip(".")


def amount(text: str) -> Fraction:
    """The first number in a text such as "Price: 48.50" or "1,250 m"."""
    found = re.search(r"-?\d[\d,]*(?:\.\d+)?", text)
    if not found:
        raise ValueError(f"no number in {text[:60]!r}")
    return Fraction(found[0].replace(",", ""))


def clock(minutes: int) -> str:
    """Minutes since midnight as a time of the day: 9:05."""
    return f"{minutes // 60 % 24}:{minutes % 60:02}"


_ONES = (
    *(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]),
    *(["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]),
)
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def number_in_words(number: int) -> str:
    """Below a million, as in "one thousand two hundred and five"."""
    if number >= 1000:
        rest = number % 1000
        link = "" if not rest else " " if rest >= 100 else " and "
        return f"{number_in_words(number // 1000)} thousand{link}{number_in_words(rest) if rest else ''}"
    if number >= 100:
        rest = number % 100
        return f"{_ONES[number // 100]} hundred{f' and {number_in_words(rest)}' if rest else ''}"
    if number < 20:
        return _ONES[number]
    ten, one = _TENS[number // 10 - 2], number % 10
    return f"{ten}-{_ONES[one]}" if one else ten


def variants(pattern: str) -> list[str]:
    """Every text that a pattern with alternatives stands for: "(red|blue) car" is "red car" and "blue car"."""
    parts = [part.split("|") for part in re.split(r"\(([^()]*\|[^()]*)\)", pattern)]
    return ["".join(chosen) for chosen in product(*parts)]
