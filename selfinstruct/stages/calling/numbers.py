"""Numbers in texts, as far as it can be told exactly whether one text has them of another."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from itertools import combinations

from selfinstruct.text.later import later
from selfinstruct.text.normal import normalized

__all__ = ["digits_in", "numbers_in", "says_a_number", "says_a_time", "ungrounded"]

_NUMBER = later(r"(?<![\w.])(?:\d{1,3}(?:,\d{3}){1,6}|\d{1,30})(?:\.\d{1,20})?|(?<=\w)\d{1,30}(?:\.\d{1,20})?")
_SCALE = later(r"\s{0,2}(万亿|亿|万|千|百|k\b|K\b|thousand\b|mn\b|(?<! )M\b|million\b|bn\b|billion\b)")
_TIMES = {"万亿": 1e12, "亿": 1e8, "万": 1e4, "千": 1e3, "百": 100.0, "k": 1e3, "K": 1e3, "thousand": 1e3}
_TIMES |= {"mn": 1e6, "M": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
_WORDS = later(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    r"|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundreds?|thousands?|millions?|billions?|dozens?|couple|few|several"
    r"|half|halves|quarters?|thirds?|pair|twins?|double|triple|twice|thrice|both|once|single|first|second|fourth|fifth"
    r"|percent|hours?|minutes?|weeks?|fortnight|decade|century|years?|months?|days?|noon|midnight|score|grand|bucks?)\b"
    r"|[一二三四五六七八九十百千万亿两双半几俩]",
    re.IGNORECASE,
)
_NO_NUMBER = later(
    "一下|一些|一起|一定|一样|一般|一直|万一|一点|统一|唯一|十分|千万别|万事|三明治|百度|双方|第一时间|一切|一共|一旦|再一次"
)
_TIME = later(
    r"\d|\b(?:today|tonight|tomorrow|yesterday|now|morning|afternoon|evening|night|noon|week(?:end|day)?s?|months?|years?"
    r"|days?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|spring|summer|autumn|fall|winter|christmas"
    r"|easter|holidays?|eve|next|last|this|coming|upcoming|soon|later|latest|recent(?:ly)?|current(?:ly)?|past)\b"
    r"|[今明后昨前]天|[年月日号周]|星期|礼拜|节|早上|上午|中午|下午|晚上|凌晨|现在|目前|最近|最新|[春夏秋冬]",
    re.IGNORECASE,
)


def _plain(text: str) -> str:
    return normalized("NFKC", text)


def digits_in(text: str) -> str:
    """Its digits, those of one number or code run together whatever stands between them: "4 512-88" is 451288."""
    return re.sub(r"(?<=\d)[\s,.()\-–/:_]{1,3}(?=\d)", "", _plain(text))


def says_a_number(text: str) -> bool:
    """Whether anything in the text may stand for a number."""
    text = _plain(text)
    return bool(re.search(r"\d", text) or _WORDS.search(_NO_NUMBER.sub("", text)))


def says_a_time(text: str) -> bool:
    """Whether anything in the text may stand for a day."""
    return bool(_TIME.search(_plain(text)))


def numbers_in(text: str) -> Iterator[tuple[float, int, str]]:
    """Each number, how many decimals it is written with, and the word for thousands or more behind it."""
    text = _plain(text)
    for found in _NUMBER.finditer(text):
        digits = found[0].replace(",", "")
        value = float(digits)
        scale = _SCALE.match(text, found.end())
        if math.isfinite(value):
            yield value, len(digits.partition(".")[2]), scale[1] if scale else ""


SMALL = 10
"""Whole numbers up to this are counts, points of a list and ways of speaking."""
MANY, FEW = 60, 8
"""Numbers beyond which no pairs are formed, and beyond which none are multiplied: some pair always fits by chance."""
_POINT = later(r"^[ \t>*#-]{0,9}\d{1,3}[.)、．][ \t]*(?!\d)", re.MULTILINE)
_FACTORS = (1.0, 10.0, 100.0, 1000.0, 60.0, 3600.0, 24.0, 7.0, 12.0, 1024.0, 1e6)


def ungrounded(answer: str, texts: Iterable[str], counts: Iterable[int] = ()) -> str:
    """A number of the answer that neither stands in the texts nor follows from what stands there by rounding, by
    another unit of the same, or by one sum, difference, product or quotient; "" without one.

    counts      of things that there are, such as entries of a list
    """
    texts = list(texts)
    given = [(value, scale) for text in texts for value, _, scale in numbers_in(text)]
    known = {value for value, _ in given} | {value * _TIMES[scale] for value, scale in given if scale}
    known |= {float(count) for count in counts} | {float(round(value)) for value in known}
    joined = " ".join(map(digits_in, texts))
    for value, decimals, scale in numbers_in(_POINT.sub("", answer)):
        if (value <= SMALL and not decimals and not scale) or _follows(value, decimals, known):
            continue
        times = _TIMES.get(scale, 1.0)
        if scale and _follows(value, decimals, {one / times for one in known}):
            continue
        shown = f"{value:.{decimals}f}"
        if len(shown) > 2 and shown.replace(".", "") in joined:
            continue
        return shown + scale
    return ""


def _follows(value: float, decimals: int, known: set[float]) -> bool:
    near = 10.0**-decimals / 2 * (1 + 1e-9)

    def is_(other: float) -> bool:
        return abs(value - other) <= near

    if any(is_(one * factor) or is_(one / factor) for one in known for factor in _FACTORS):
        return True
    if any(is_(one + 12) or is_(one - 12) or is_(one * 1.8 + 32) or is_((one - 32) / 1.8) for one in known):
        return True
    if len(known) > MANY:
        return False
    if known and is_(sum(known)):
        return True
    for one, other in combinations(sorted(known), 2):
        results = [one + other, other - one]
        if len(known) <= FEW:
            results += [one * other]
            results += [one / other, 100 * one / other, 100 * (other - one) / other] if other else []
            results += [other / one, 100 * other / one, 100 * (other - one) / one] if one else []
        if any(map(is_, results)):
            return True
    return False
