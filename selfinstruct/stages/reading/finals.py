"""Whether two answers come to the same, by rule: numbers, choices and short texts, whatever stands around them.

What an answer comes to is what it is boxed, labelled or called ("\\boxed{12}", "#### 12", "Answer: B", 答案：12, "The
answer is 12."), else its last line, else all of it. An essay has no such thing: for those a judge is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from selfinstruct.stages.reading.plain import HAN, plain
from selfinstruct.text.later import later
from selfinstruct.text.normal import normalized

__all__ = ["comes_to"]

_BOXED = later(r"\\(?:boxed|fbox)\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_CALLED = later(
    r"(?:^|(?<=[\s*_.,;:。，]))(?:####\s*|(?:(?:so|thus|hence|therefore)\W+)?(?:the\s+|my\s+)?(?:(?:final|correct|right)\s+)?(?:answer|result|solution|choice|option)"
    r"\s*(?:is\b|are\b|[:=]|is\s*:)\s*|(?:所以|因此|故)?(?:最终|正确|最后)?的?(?:答案|结果|结论|选项)\s*(?:应该|应)?(?:是|为|选|[:=])\s*|(?:应|故)选\s*)"
    r"(?P<said>[^\n]+)",
    re.IGNORECASE | re.MULTILINE,
)
_MARKS = later(r"[*_`$]|\\(?:text|mathrm|mathbf|left|right|[,;! ])|\\\(|\\\)|\\\[|\\\]")
_FRACTION = later(r"\\d?t?frac\s*\{\s*(-?\d+)\s*\}\s*\{\s*(\d+)\s*\}")
_CHOICE = later(r"\(?([A-Ha-h])(?:[.):、]+(?=\s|\Z|[\u4e00-\u9fff])|\Z)")
_NUMBER = later(
    r"(?<![\w.])[-−–]?\s?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:\s?/\s?\d+(?![\d/]))?(?![\d:])", re.ASCII
)
_UNIT = later(rf"[€$£¥￥%°]|[a-z²³/]+\.?|[{HAN}]{{1,3}}", re.IGNORECASE)
_EDGE = " \t\n.。!！,，;；:：\"'“”‘’「」()（）"
_NOT = later(r"\b(?:not|never|neither|cannot)\b|n't\b|不是|并非|不等于")
_IS = later(r"(?:\b(?:is|are|was|were|be|equals?|called|named)\s|[:=]\s?|[是为叫选])(?:the |an? |[\"'“‘「(]){0,2}\Z")
"""What a sentence ends in before its answer: "The capital is Paris."."""
_OR = later(r"\b(?:or|maybe|perhaps|might|could)\b|或|也许|可能")
_ARTICLE = later(r"\A(?:the|an?)\s+")
SHORT = 80
"""Characters of a final answer; a longer one is a text, and the same only where it is the same text."""


def comes_to(answer: str, reference: str) -> bool:
    """Whether the answer comes to what the reference does. Any doubt is a no: of two numbers in a sentence neither is
    the answer."""
    ours, theirs = _tidy(answer), _tidy(reference)
    if not theirs.strip(_EDGE):
        return False
    if _bare(ours) == _bare(theirs):
        return True
    wanted = next(_finals(theirs))
    return len(wanted) <= SHORT and _same(next(_finals(ours)), wanted)


def _tidy(text: str) -> str:
    text = normalized("NFKC", _FRACTION.sub(r"\1/\2", plain(text))).replace("⁄", "/")
    return text.strip()


def _finals(text: str) -> Iterator[str]:
    """What a text comes to, the likeliest first; without Markdown and TeX around it."""
    if boxed := _BOXED.findall(text):
        yield _bare(boxed[-1])
    said = _MARKS.sub("", text)
    if called := list(_CALLED.finditer(said)):
        yield _bare(called[-1]["said"])
    lines = [line for line in said.split("\n") if line.strip()]
    yield _bare(lines[-1] if lines else said)


def _bare(text: str) -> str:
    """In one case, without marks, articles and punctuation at its ends, a blank where there were several."""
    text = " ".join(_MARKS.sub("", text).split()).casefold().strip(_EDGE)
    return _ARTICLE.sub("", text)


def _same(one: str, wanted: str) -> bool:
    if one == wanted:
        return True
    chosen, right = _choice(one), _choice(wanted)
    if chosen and right:
        return chosen == right
    if _NOT.search(one):
        return False
    number = _number_alone(wanted)
    if number is not None:
        return _number_in(one) == number
    before = one.removesuffix(wanted)
    return before != one and bool(_IS.search(before)) and not _OR.search(before)


def _choice(text: str) -> str:
    """b of "b", "(b)" and "b) the second"; "" of anything else."""
    found = _CHOICE.match(text)
    return found[1].casefold() if found else ""


def _number_alone(text: str) -> Fraction | None:
    """Of a text that is a number and perhaps its unit."""
    found = _NUMBER.search(text)
    if not found:
        return None
    rest = (text[: found.start()] + " " + text[found.end() :]).split()
    return _value(found[0]) if len(rest) <= 2 and all(map(_UNIT.fullmatch, rest)) else None


def _number_in(text: str) -> Fraction | None:
    """The only number of a sentence, or what comes after its last equals sign."""
    found = {_value(one) for one in _NUMBER.findall(text.rpartition("=")[2])}
    return found.pop() if len(found) == 1 else None


def _value(text: str) -> Fraction | None:
    digits = re.sub(r"[\s,]", "", text).replace("−", "-").replace("–", "-")
    try:
        return Fraction(digits) if len(digits) <= 60 else None
    except (ValueError, ZeroDivisionError):
        return None
