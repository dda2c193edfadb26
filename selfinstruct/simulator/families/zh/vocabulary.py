"""Numbers as they are written in Chinese: in characters, as amounts of money, with decimals."""

from __future__ import annotations

import re
from fractions import Fraction

__all__ = ["amount", "capitals", "figure", "from_hanzi", "in_hanzi", "integers"]

_DIGITS, _CAPITALS = "零一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖"


def _written(number: int, digits: str, places: tuple[str, ...]) -> str:
    """A number from 1 to 99,999,999 in full, with one 零 for any gap."""
    high, low = divmod(number, 10_000)
    if high:
        gap = digits[0] if 0 < low < 1000 else ""
        return f"{_written(high, digits, places)}万{gap}{_written(low, digits, places) if low else ''}"
    text = ""
    for place, digit in zip(places, f"{number:04}", strict=True):
        text += digits[int(digit)] + (place if digit != "0" else "")
    return re.sub("零+", "零", text).strip("零")


def in_hanzi(number: int) -> str:
    """305 is 三百零五, 12 is 十二."""
    text = _written(number, _DIGITS, ("千", "百", "十", "")) if number else "零"
    return text.removeprefix("一") if text.startswith("一十") else text


PLACES = {"十": 10, "百": 100, "千": 1000}


def from_hanzi(text: str) -> int:
    """The number that `in_hanzi` writes so. Raises ValueError at any other character."""
    high, wan, low = text.rpartition("万")
    number, digit = from_hanzi(high) * 10_000 if wan else 0, 0
    for char in low:
        if char in PLACES:
            number, digit = number + (digit or 1) * PLACES[char], 0
        else:
            digit = _DIGITS.index(char)
    return number + digit


def capitals(fen: int) -> str:
    """An amount as banks want it: 320506 fen are 叁仟贰佰零伍元零陆分."""
    yuan, jiao, rest = fen // 100, fen // 10 % 10, fen % 10
    text = _written(yuan, _CAPITALS, ("仟", "佰", "拾", "")) + "元" if yuan else ""
    if not jiao and not rest:
        return text + "整"
    text += f"{_CAPITALS[jiao]}角" if jiao else "零" if yuan else ""
    return text + (f"{_CAPITALS[rest]}分" if rest else "整")


def integers(given: str) -> list[int]:
    return [int(number) for number in re.findall(r"-?\d+", given)]


def amount(text: str) -> Fraction:
    """The first number of a text."""
    found = re.search(r"\d+(?:\.\d+)?", text)
    if not found:
        raise ValueError(f"no number in {text}")
    return Fraction(found[0])


def figure(value: Fraction, digits: int = 2, *, fixed: bool = False) -> str:
    """Rounded half up; zeros at the end only when they are asked for."""
    scaled = int(abs(value) * 10**digits + Fraction(1, 2))
    whole, rest = divmod(scaled, 10**digits)
    text = f"{whole}.{rest:0{digits}}" if digits else str(whole)
    if not fixed and digits:
        text = text.rstrip("0").rstrip(".")
    return f"-{text}" if value < 0 and scaled else text
