"""When an answer says the same as the right one: where 20 is right, 20.0 and "It is 20." do, but not "20 or 21".

Whatever else stands beside the right answer, a "not" or a second number among it, makes it wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

__all__ = ["Compare", "doubtful", "exactly", "same", "says", "sounds"]

Compare = Callable[[str, str, bool], bool]
"""Is an answer the right one? Both are given, and whether its form is free."""


def same(one: str, other: str) -> bool:
    """The same answer, whatever its spacing and case, with or without a full stop at its end."""
    return _tidy(one) == _tidy(other)


def _tidy(text: str) -> str:
    return " ".join(text.split()).rstrip(".").casefold()


def says(answer: str, right: str, free: bool = True) -> bool:
    """The same, however numbers, units and dates are written; when its form is free, as a list in any layout or in a
    short sentence as well. A right answer that is a sentence itself must be that sentence."""
    if "\n" in right:
        return _rows(answer, by_line=True) == _rows(right, by_line=True)
    if _normal(answer) == _normal(right):
        return True
    if not free or right.endswith((".", "?", "!")):
        return False
    answer = re.sub(r"\*\*|__|`", "", answer)
    wanted = _rows(right)
    readings = _readings(answer) if len(answer) < SHORT else (answer,)
    return any(_rows(reading) == wanted for reading in readings) or (len(answer) < SHORT and _quantity(answer, right))


def exactly(answer: str, right: str, free: bool = True) -> bool:
    """The same to the letter: for what is copied, encoded or code. When its form is free, as a list in any layout, or
    after "The answer is"."""
    if " ".join(answer.split()) == " ".join(right.split()):
        return True
    if not free:
        return False
    bare = re.sub(r"\A(?:the )?(?:answer|result|value)(?: is|:) ", "", answer.strip(), flags=re.IGNORECASE)
    return _words(_unbulleted(bare if right.endswith(".") else bare.rstrip("."))) == _words(right)


# One way to write what can be written in several.

_MINUS = str.maketrans({"−": "-", "–": "-", "’": "'", "“": '"', "”": '"', "\u00a0": " "})
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november"),
    "december",
)
_MONTH = "|".join(f"{month[:3]}(?:{month[3:]}|t)?\\.?" if month[3:] else month for month in _MONTHS)
_DATES = (
    rf"\b(?P<day>\d\d?)(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH}),? (?P<year>\d{{4}})\b",
    rf"\b(?P<month>{_MONTH}) (?P<day>\d\d?)(?:st|nd|rd|th)?,? (?P<year>\d{{4}})\b",
)
# fmt: off
_UNITS = {
    "m/s": "met(?:re|er)s per second", "m²": r"square met(?:re|er)s?|sq\.? ?m|m2",
    "km": "kilomet(?:re|er)s?", "cm": "centimet(?:re|er)s?", "m": "met(?:re|er)s?", "mi": "miles?", "ft": "feet|foot",
    "in": "inch(?:es)?", "ha": "hectares?", "h": "hours?|hrs?", "min": "minutes?|mins?", "days": "days?",
    "weeks": "weeks?", "kg": "kilograms?|kilos?", "g": "grams?", "lb": "pounds?|lbs", "oz": "ounces?",
    "euros": "euros?|eur|€", "%": "percent|per cent|%", "tiles": "tiles?",
}
# fmt: on
_UNIT = re.compile(rf"(?<=\d) ?(?:{'|'.join(f'({words})' for words in _UNITS.values())})(?![\w²/])")
_GLUED = re.compile(rf"(?<=\d)(?=(?:{'|'.join(_UNITS)})(?!\w))")
_NUMBER = re.compile(r"(?<![\w.,:/])-?(?:[1-9]\d{0,2}(?:,\d{3})+|0|[1-9]\d*)(?:\.\d+)?(?![\w:/]|[.,]\d)")


def _normal(text: str) -> str:
    """In small letters, 1,000.0 as 1000, 9 o'clock as 9:00, "March 1st, 2024" as "1 march 2024", minutes as min."""
    text = _tidy(text.translate(_MINUS))
    for pattern in _DATES:
        text = re.sub(pattern, _date, text)
    text = re.sub(r"€ ?(\d[\d,.]*\d|\d)", r"\1 euros", text)
    text = _UNIT.sub(lambda found: f" {tuple(_UNITS)[(found.lastindex or 1) - 1]}", text)
    text = _GLUED.sub(" ", text)
    text = re.sub(r"\b0(\d:\d\d)\b", r"\1", text)
    return _NUMBER.sub(_number, text)


def _date(found: re.Match[str]) -> str:
    month = next(month for month in _MONTHS if month.startswith(found["month"][:3]))
    return f"{int(found['day'])} {month} {found['year']}"


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


# Sentences.

_DOUBT = re.compile(
    r"n't\b|\b(?:not|never|no|none|nor|neither|or|either|but|except|unless|if|instead|rather|wrong|false|incorrect"
    r"|untrue|hardly|unlikely|maybe|perhaps|possibly|might|could|opposite|contrary|cannot|far from|twice|half|double"
    r"|plus|minus|times|less|more|than|about|around|roughly|approximately|nearly|almost|between|at least|at most|up to"
    r")\b|[?~≈<>≤≥≠{}\[\]|\\]",
    re.IGNORECASE,
)
_BEGINS = re.compile(
    r"\W*(?:so|thus|therefore|hence|the|it|it's|this|that|that's|these|those|they|there|answer|result|solution|final|x)\b",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"(?:\b(?:is|are|was|were|reads?|called|becomes?|on)\b|(?<=\b(?:it|at))'s\b|[:=])\s*(?:(?:a|an|the|on)\s+)??",
    re.IGNORECASE,
)
_LEADS_TO = re.compile(
    r"(?:\A|\b(?:is|are|was|were|be|equals?|gives?|makes?|gets?|receives?|has|have|contains?|pays?|costs?|needs?|lasts?"
    r"|lasted|took|takes|covers?|covered|travels?|travelled|remains?|leaves?|leaves at|totals?|comes? to|amounts? to"
    r"|adds? up to)|it's|(?<![:=])[:=])\s*(?:exactly |only |just |a total of |[$£] ?)*\Z"
)
_MORE = re.compile(
    r"%|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty|hundred|thousand|million|dozen"
    r"|cents?|k)\b"
)
LONGEST = 20
"""Words of a sentence around a right answer."""
SHORT = 600
"""Characters of an answer in which a sentence is looked for."""


def doubtful(text: str) -> bool:
    """Does it deny, compare or leave open what it says?"""
    return bool(_DOUBT.search(text.replace("’", "'")))


def _readings(answer: str) -> Iterator[str]:
    """The answer, and what stands after "It is", "The next numbers are", "x =" …"""
    yield answer
    if not _BEGINS.match(answer):
        return
    for found in _VERB.finditer(answer):
        lead = answer[: found.end()]
        if len(lead.split()) > LONGEST or doubtful(lead):
            return
        yield answer[found.end() :]
        yield re.sub(r"\A(?:an?|the|on)\s+(?:an?\s+)?", "", answer[found.end() :], flags=re.IGNORECASE)


def _quantity(answer: str, right: str) -> bool:
    """Does a short sentence, such as "You get 5 euros back.", have the one number that is right, in the right unit?"""
    wanted = re.fullmatch(r"(-?\d+(?:[.:/]\d+)?)(?: (\D+))?", _normal(right))
    text = _normal(answer)
    found = list(re.finditer(r"-?\d+(?:[.,:/]\d+)*", text))
    if not wanted or [number[0] for number in found] != [wanted[1]] or len(text.split()) > LONGEST or doubtful(text):
        return False
    before, after, unit = text[: found[0].start()], text[found[0].end() :].strip(), wanted[2]
    if not _LEADS_TO.search(before):
        return False
    if not unit:
        return not _MORE.search(after)
    return bool(re.match(rf"{re.escape(unit)}(?![\w²/])", after)) or (unit in _UNITS and not after)


# Free writing.

_SMALL = re.compile(
    r"\b(?:an?|again|all|and|are|as|at|be|because|been|before|by|down|every|for|from|had|has|have|he|her|his|how|i|if|in"
    r"|into|is|it|its|last|like|my|near|never|no|nobody|not|now|off?|on|once|one|only|or|our|out|over|she|so|some|still"
    r"|somebody|than|that|the|their|them|then|there|they|this|through|to|under|until|up|was|we|were|when|where|while|who"
    r"|why|will|with|without|you|your)\b",
    re.IGNORECASE,
)


def sounds(text: str) -> bool:
    """May these be words that somebody put together, rather than letters, one word over and over, or a heap?"""
    lines = [re.findall(r"[\w'’-]+", line) for line in text.casefold().split("\n")]
    words = [word for line in lines for word in line]
    return (
        all(word in ("a", "i", "o") or (1 < len(word) < 20 and re.search("[aeiouy]", word)) for word in words)
        and all(one != other for line in lines for one, other in pairwise(line))
        and len(set(words)) * 5 >= len(words) * 3
        and bool(_SMALL.search(text))
    )
