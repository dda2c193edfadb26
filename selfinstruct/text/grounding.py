"""What an answer says that the text it was made from does not: numbers, names and quotations, found without a teacher.

Precision first: a judge reads the rest. Where a number may follow from those of the text, or a name may be another form
of one in it, nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from selfinstruct.text.later import later
from selfinstruct.text.normal import folded

__all__ = ["Unsaid", "unsaid"]


class Unsaid(NamedTuple):
    kind: str
    """number, name or quotation."""
    what: str
    """As the answer has it."""


def unsaid(answer: str, given: str) -> Unsaid | None:
    """The first quotation, number or name of the answer that is not in what was given, text and question; or None."""
    answer, given = folded(answer), folded(given)
    return next((found for look in (_quotations, _numbers, _names) for found in look(answer, given)), None)


# Quotations

_QUOTED = later(r"[\"“”「『]([^\"“”「」『』\n]{6,300})[\"“”」』]")
_BARE = later(r"[\W_]+")


def _quotations(answer: str, given: str) -> Iterator[Unsaid]:
    """A quotation of at least four words, or six characters of Chinese; the text's marks and case do not matter."""
    bare = ""
    for found in _QUOTED.finditer(answer):
        said = found[1].strip(" .,!?;:。，！？；：…")
        if len(said.split()) < 4 and len(_HAN.findall(said)) < 6:
            continue
        bare = bare or _BARE.sub("", given.casefold())
        parts = [_BARE.sub("", part.casefold()) for part in re.split(r"\.\.\.|…+|\[[^\]]*\]", said)]
        if not all(part in bare or _interrupted(part, bare) for part in parts):
            yield Unsaid("quotation", said[:60])


def _interrupted(part: str, bare: str) -> bool:
    """Whether the text has it in two pieces, as where it says who spoke in the middle."""
    return any(part[:at] in bare and part[at:] in bare for at in range(LEAST, len(part) - LEAST))


LEAST = 8
"""Characters of a piece."""


# Numbers

_HAN = later("[\u4e00-\u9fff]")
_ONES = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
]
_ONES += ["eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_SCALES_ZH = {"十": 1e1, "百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8}
_OTHERS = {
    "half": 0.5,
    "dozen": 12.0,
    "score": 20.0,
    "once": 1.0,
    "twice": 2.0,
    "single": 1.0,
    "both": 2.0,
    "pair": 2.0,
}
_OTHERS |= {"first": 1.0, "second": 2.0, "third": 3.0, "fourth": 4.0, "fifth": 5.0, "sixth": 6.0, "seventh": 7.0}
_OTHERS |= {"eighth": 8.0, "ninth": 9.0, "tenth": 10.0}
_WORDS = {word: float(n) for n, word in enumerate(_ONES)} | {word: 10.0 * n for n, word in enumerate(_TENS, 2)}
_WORD = later(
    rf"\b(?:{'|'.join([*_WORDS, *_SCALES, *_OTHERS])})s?(?:(?:[\s-]|\sand\s)(?:{'|'.join([*_WORDS, *_SCALES])})s?)*\b",
    re.IGNORECASE,
)
_DIGITS = later(
    r"(?<![A-Za-z0-9_.])(?P<number>\d{1,3}(?:[,\u2009\u202f ]\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?)"
    r"(?:[ \t-]?(?P<scale>hundred|thousand|million|billion|trillion|[万亿千百]+))?"
)
_GLUED = later(r"\d+(?:[.,]\d+)*")
_CHINESE = later(
    "[零〇一二两三四五六七八九十百千万亿]{2,}|[零〇一二两三四五六七八九十](?=[年月日个人岁米里天次条只座名位公层代分元])"
)
_LIST = later(r"^[ \t]*(?:[（(]?\d{1,2}[.)、）]|[-*•][ \t]*\d{1,2}[.)])", re.MULTILINE)
_DIGIT_ZH = {char: n for n, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}

SMALL = 12
"""Up to here a number may count what the text lists: it is looked at only beside the thing that it counts there."""
MANY = 20
"""Numbers of which sums and differences are looked at."""
PERCENT = ("%", "percent", "per")
_HALF = later(r"\bhalf\b|一半|[年月天个米倍度斤]半", re.IGNORECASE)
_TOGETHER = later(
    r"\b(?:in all|in total|total|altogether|together|combined|sum|difference|more than|less than|longer|shorter"
    r"|later|earlier"
    r"|older|younger|average)\b|一共|总共|合计|共计|加起来|总计|相差|多出|平均|比",
    re.IGNORECASE,
)
"""Words of an answer that works something out."""


def _numbers(answer: str, given: str) -> Iterator[Unsaid]:
    there = list(_read(given))
    known = {value for value, _, _ in there}
    known |= {float(run.replace(",", "")) for run in _GLUED.findall(given) if run.count(".") < 2 and len(run) < 300}
    known |= {0.5} if _HALF.search(given) else set()
    here = list(_read(_LIST.sub(" ", answer)))
    worked_out: set[float] | None = None
    for value, text, unit in here:
        if (
            value in known
            or (unit in PERCENT and (value / 100 in known or 100 - value in known))
            or _HALF.fullmatch(text)
        ):
            continue
        if value <= SMALL and value == int(value):
            counted = {one for one, _, called in there if called == unit} if unit else set()
            if value == 1 or not any(one > 1 for one in counted):
                continue
        shown = {one for one, _, _ in here}
        worked_out = _worked_out(there, shown & known, answer) if worked_out is None else worked_out
        if value not in worked_out and not any(value == a * b for a in shown & known for b in shown if b <= SMALL):
            yield Unsaid("number", text)


def _worked_out(there: list[tuple[float, str, str]], shown: set[float], answer: str) -> set[float]:
    """What a reader may work out of the numbers of the text: of those that the answer shows, sums, differences and
    products; where it says that it counts together, of those of one thing; of years always, and their centuries."""
    years = {value for value, _, _ in there if 1000 < value < 2200 and value == int(value)}
    found = {value // 10 * 10 for value in years} | {value // 100 + 1 for value in years}
    groups = [sorted(years), sorted(shown)[:MANY]]
    if _TOGETHER.search(answer):
        units = {unit for _, _, unit in there if unit}
        groups += [[value for value, _, one in there if one == unit] for unit in sorted(units)]
    for group in groups:
        for a, b in combinations(group[:MANY], 2):
            found |= {round(abs(b - a), 4), abs(b - a) + 1, round(a + b, 4), a * b}
        found.add(round(sum(group), 4))
    return found


_UNIT = later(r"[ \t-]?([a-z]{2,}|[\u4e00-\u9fff]|%)", re.IGNORECASE)


def _read(text: str) -> Iterator[tuple[float, str, str]]:
    """Each number: its value, as it is written, and the word or the character that follows it."""
    found = [(mark, _value(mark)) for mark in _DIGITS.finditer(text)]
    if _HAN.search(text):
        found += [(mark, value) for mark in _CHINESE.finditer(text) if (value := _chinese(mark[0])) is not None]
    found += [(mark, _spelt(mark[0])) for mark in _WORD.finditer(text)]
    for mark, value in found:
        unit = _UNIT.match(text, mark.end())
        yield value, mark[0].strip(), unit[1].casefold().removesuffix("s") if unit else ""


def _value(mark: re.Match[str]) -> float:
    value = float(re.sub(r"[,\s]", "", mark["number"])) if len(mark["number"]) < 300 else 0.0
    for char in mark["scale"] or "" if mark["scale"] and not mark["scale"].isascii() else ():
        value *= _SCALES_ZH[char]
    if mark["scale"] and mark["scale"].isascii():
        value *= _SCALES[mark["scale"].casefold()]
    return round(value, 6)


def _spelt(text: str) -> float:
    total = current = 0.0
    for word in re.split(r"[\s-]+", text.casefold()):
        word = word if word in _WORDS or word in _SCALES or word in _OTHERS else word.removesuffix("s")
        if word in _SCALES:
            current = max(current, 1.0) * _SCALES[word]
            if _SCALES[word] >= 1e3:
                total, current = total + current, 0.0
        else:
            current += _WORDS.get(word, _OTHERS.get(word, 0.0))
    return total + current


def _chinese(text: str) -> float | None:
    """The value of 三十一, 二〇二四 or 一万二千; None where the characters are no number."""
    if all(char in _DIGIT_ZH for char in text):
        return float("".join(str(_DIGIT_ZH[char]) for char in text)) if len(text) < 20 else None
    total = section = digit = 0.0
    for char in text:
        if char in _DIGIT_ZH:
            digit = _DIGIT_ZH[char]
        elif (scale := _SCALES_ZH[char]) >= 1e4:
            total, section, digit = (total + section + digit or 1.0) * scale, 0.0, 0.0
        else:
            section += (digit or 1.0) * scale
            digit = 0.0
    return total + section + digit


# Names

_CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w'’À-ÿ-]*"
_NAME = later(
    rf"(?<=[\w,)\]’”])[ \t](?P<name>{_CAPITAL}(?:[ \t](?:{_CAPITAL}|(?:of|the|de|van|von|del|la"
    rf"|and)(?=[ \t]{_CAPITAL})))*)"
)
_FULL = later(rf"(?:^|[.!?][ \t])(?P<name>{_CAPITAL}(?:[ \t]{_CAPITAL})+)", re.MULTILINE)
_PART = later(r"[\w'’À-ÿ-]+")
_TITLE_ZH = later(r"《([^《》\n]{2,40})》")
_LATIN_ZH = later(r"[A-Za-z][A-Za-z0-9.+-]{2,}")
_COMMON = frozenset(
    [
        *("i", "a", "an", "the", "and", "or", "of", "in", "on", "at", "to", "for", "from", "by", "with"),
        *("as", "is", "are", "was", "were", "be", "been", "it", "its", "this", "that", "these", "those"),
        *("he", "she", "they", "we", "you", "his", "her", "their", "our", "my", "your", "yes", "no", "not"),
        *("if", "when", "while", "because", "but", "so", "however", "also", "then", "there", "here", "what"),
        *("why", "how", "who", "which", "where", "monday", "tuesday", "wednesday", "thursday", "friday"),
        *("saturday", "sunday", "january", "february", "march", "april", "may", "june", "july", "august"),
        *("september", "october", "november", "december", "mr", "mrs", "ms", "dr", "god", "earth"),
        *("internet", "english", "python", "am", "pm", "ok", "de", "van", "von", "del", "la"),
    ]
)
_ADJECTIVE = later(r"(?:ans?|ese|ish|ch|ss|ics?|i|ers?|ists?|isms?)\Z")


def _names(answer: str, given: str) -> Iterator[Unsaid]:
    if len(_HAN.findall(answer)) * 5 > len(answer):
        yield from _names_zh(answer, given)
        return
    known = {word.casefold().removesuffix("'s").removesuffix("’s") for word in _PART.findall(given)}
    starts, initials = {word[:4] for word in known}, ""
    for line in answer.split("\n"):
        words = _PART.findall(line)
        if sum(word[0].isupper() for word in words) * 2 > len(words) and len(words) > 2:
            continue  # a heading
        for found in (*_NAME.finditer(line), *_FULL.finditer(line)):
            parts = _PART.findall(found["name"])
            for part in parts[found.re is _FULL :]:  # a sentence begins with its first word
                bare = part.casefold().removesuffix("'s").removesuffix("’s").strip("'’-")
                if bare in _COMMON or bare in known or bare.removesuffix("s") in known or f"{bare}s" in known:
                    continue
                if part.isupper() and 1 < len(part) <= 6:
                    initials = initials or "".join(word[0] for word in _PART.findall(given)).upper()
                    capitals = "".join(word[0] for word in _PART.findall(given) if word[0].isupper())
                    if part in initials or part in capitals:
                        continue
                if bare[:4] in starts or (_ADJECTIVE.search(bare) and any(word.startswith(bare[:2]) for word in known)):
                    continue
                if any(piece in known for piece in re.split(r"[-'’]", bare) if len(piece) > 1):
                    continue
                yield Unsaid("name", found["name"].strip()[:60])
                break


def _names_zh(answer: str, given: str) -> Iterator[Unsaid]:
    """Titles in 《》, and words in Latin letters: Chinese names themselves show no sign that they are names."""
    low = _BARE.sub("", given.casefold())
    for found in _TITLE_ZH.finditer(answer):
        if _BARE.sub("", found[1].casefold()) not in low:
            yield Unsaid("name", found[0][:60])
    for found in _LATIN_ZH.finditer(answer):
        bare = _BARE.sub("", found[0].casefold())
        if bare and bare not in low and bare.removesuffix("s") not in low:
            yield Unsaid("name", found[0][:60])
