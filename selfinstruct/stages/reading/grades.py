"""The number from 1 to 10 in a verdict, as models write it: "7", "8/10", "I'd rate this a 6", "难度：8分", "seven".

The number alone on the first line, which our prompts ask for, is the verdict. Else one that is called so: by a label, a
verb such as "rate", an article ("a solid 8"), 分. Numbers of a scale, a list, steps, years and other counts are none,
and where several differ, none is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from selfinstruct.text.later import later
from selfinstruct.text.normal import normalized

__all__ = ["as_said", "number_in_verdict", "value_in_json", "without_questions"]

WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
HAN = "一二三四五六七八九十"
_WORD = "|".join(WORDS)

_BOXED = later(r"\\boxed\s*\{([^{}\n]*)\}")
_DECORATION = later(r"[*_`\"“”「」『』【】\[\]{}$\\]|^[ \t]*(?:#{1,6}|[-+•>])[ \t]+", re.MULTILINE)
_FENCE = later(r"```\w*\n?")

_POINTS = r"(?:1|one|一)\s?分?\s*(?:to|through|and|[-–—~]|到|至)\s*(?:10|ten|十)\s?(?:分|points?)?(?!\d)"
_SCALE = later(
    rf"(?:\b(?:on|in|using|with|from)\s+)?(?:\b(?:an?|the)\s+)?(?:\b(?:scale|range)\s*(?:of|from|between|is|:)?\s*)?"
    rf"\(?\s*(?:\b(?:from|between)\s+|从)?(?<![\d.]){_POINTS}(?:\s*(?:scale|之间|的?范围|制))?\s*\)?"
    r"|\(?\b(?:where|with|and)?\s*(?<![\d.])(?:1|10)\s*(?:分\s*)?(?:being|means|meaning|=|表示|代表|is\s+(?:the\s+)?\w+est\b)"
    r"[^,;.()\n。，；]{0,60}\)?"
    r"|\(?(?:满分|总分)(?:为|是|:)?\s*(?:10|十)\s*分?\)?|(?:10|十)\s*分制"
    r"|\(?\bout\s+of\s+(?:10|ten)\b\)?"
    r"|\(?\b(?:max(?:imum)?|possible)(?:\s+of)?:?\s*10\b\)?|\b(?:10|ten)[- ]points?\s+scale",
    re.IGNORECASE,
)
"""What tells the scale, and is no verdict."""
_TWICE = later(rf"\b(?:{_WORD})\s*\((\d+)\)|\b(\d+)\s*\((?:{_WORD})\)", re.IGNORECASE)
_OF_TEN = later(
    rf"(?<![-–—~.,\d])\b({_WORD}|(?:10|\d)(?:\.\d+)?)\s*(?:points?\s*)?(?:/|⁄|out\s+of|of)\s*(?:a\s+(?:possible\s+)?)?(?:10|ten)(?:\.0+)?"
    r"(?![\d/]|\.\d)",
    re.IGNORECASE,
)
_OTHER_SCALE = later(
    r"(?<!\d)\d+(?:\.\d+)?\s*分?\s*(?:/|⁄|\bout\s+of\b|\bof\b(?:\s+(?:the|these))?)\s*\d+(?:\.\d+)?|(?<!\d)\d+\s*分之\s*\d+",
    re.IGNORECASE,
)
_RANGE = later(
    r"(?<![\d.])\d+(?:\.\d+)?\s*分?\s*(?:[-–—~]|\bto\b|\bor\b|\band\b|到|至|或)\s*\d+(?:\.\d+)?", re.IGNORECASE
)
GONE = "◇"
"""In place of a range or of another scale: something was said there, but no one number of ours."""

_DIGITS = r"(?<![\d.⁄/◇])(?<!\d[:,])(?<![-+])(?P<{0}>(?:10|[1-9])(?:\.\d)?)(?:/10)?(?![\d/⁄%+◇]|[.,]\d)"
_COUNTERS = "个個步条條种種项項道句字年月天日次人行位名段篇题題章点點岁歲倍层層"
_ON = (
    r"(?=[ \t]*(?:\Z|\n|分(?!钟|鐘|之|之一)|[^\w\s%]|(?:points?|out|on|because|as|since|due|for|and|but|given"
    r"|which|in|overall|if|with|to|so|when|while|based|considering|by"
    rf"|at|though|although|stars?)\b|(?![{_COUNTERS}级級分])[\u4e00-\u9fff]))"
)
"""What may follow a number that is no count of things."""
_SPELT = rf"(?:(?P<w>\b(?:{_WORD})\b)|(?<![{HAN}\d])(?P<h>[{HAN}])(?=\s*(?:\Z|\n|[^\w\s]|分\s*(?:\Z|[^\w\s]))))"
_NUMBER = rf"(?:{_DIGITS.format('n')}(?=[ \t]*[级級](?!\w))|{_DIGITS.format('m')}{_ON}|{_SPELT})"

_NAMES = (
    r"(?:(?:final|overall|total|my|the|task|difficulty|complexity|quality|numerical|numeric)\s+){0,3}"
    r"(?:score|rating|difficulty|complexity|grade|level|verdict|answer|number|points|evaluation|assessment|result|final)"
    r"(?:\s+(?:score|rating|level|number))?"
    r"|overall|total|综合|总体|总计|(?:最终|综合|总体|整体|任务的?)?(?:难度|分数|评分|得分|打分|评级|评价|等级|分值|总分|答案|结论)(?:分数|评分|系数|等级|分|值|级别)?"
)
_LABEL = later(
    rf"(?P<name>{_NAMES})\s*(?:\([^()\n]{{0,40}}\)\s*)?(?:\s*(?:[:=|–—-]|\bis\b|\bwas\b|\bof\b|\bat\b|是|为|应为|应该是)){{1,3}}\s*"
    rf"(?:\b(?:about|around|roughly|approximately|an?|probably|likely)\b\s*|约|大约|大概)?{_NUMBER}",
    re.IGNORECASE,
)
_SCORED = later(rf"(?P<name>\b(?:score|rating|difficulty)|难度|评分|得分)\s+{_NUMBER}", re.IGNORECASE)
_FINAL = later(r"final|overall|total|最终|综合|总", re.IGNORECASE)
_GIVEN = later(
    r"(?:\b(?:rat(?:e|es|ed|ing)|giv(?:e|es|ing)|gave|scor(?:e|es|ed|ing)|assign(?:s|ed)?|put|place|rank|grade|mark|estimate"
    r"|evaluate|judge|say|call|deserves?|earns?|gets?|receives?|merits?|go\s+with)\b|打|给|評|评|得|定为|判为)"
    rf"[^.\n\d{GONE}。]{{0,80}}?{_NUMBER}",
    re.IGNORECASE,
)
_ARTICLE = later(
    rf"\b(?:an?|about|around|roughly|approximately)\s+(?:[a-z]+\s+){{0,2}}?"
    rf"(?:{_DIGITS.format('m')}{_ON}|(?P<w>{_WORD})(?=[ \t]*(?:\Z|[.,!\n])))",
    re.IGNORECASE,
)
_MARKED = later(rf"{_DIGITS.format('m')}\s*分(?!钟|鐘|之)|(?<![\d.])(?P<n>(?:10|[1-9])(?:\.\d)?)/10")
_ANY = later(rf"{_DIGITS.format('m')}{_ON}")
_ORDINAL = later(
    r"(?:\b(?:steps?|parts?|chapters?|examples?|tasks?|questions?|options?|numbers?|no\.|versions?|sections?|figures?|tables?"
    r"|points?|cases?|lines?|days?|weeks?|months?|pages?|grades?|class|levels?|items?|tip)\s*|第\s*|[=<>×÷^*/+#]\s*)\Z",
    re.IGNORECASE,
)
_LISTED = later(r"^[ \t]*\(?\d{1,2}[.)、:](?!\d)", re.MULTILINE)
_LONE = later(
    rf"[^\w◇/]*?(?:(?:{_NAMES})\s*(?:\([^()\n]*\)\s*)?[:=|–—-]*\s*)?(?P<number>-?\d+(?:\.\d+)?|{_WORD}|[{HAN}])(?P<ten>/10)?"
    r"\s*(?:分|points?|级)?\s*[^\w\n+%◇/]*",
    re.IGNORECASE,
)
_OPENING = later(
    rf"[^\w\n◇-]*{_DIGITS.format('m')}(?:\s*分)?\s*(?P<then>[-–—:,;(|.)，。；、]|(?=(?:The|This|It|Because|Since|I)\b))"
)
_QUESTION = later(r"(?<![^.!?。\n])[^.!?。\n]*\?")
ENOUGH = 2_000
"""Characters."""
SHORT = 200
"""Characters of a text in which a number that nothing explains can only be the verdict."""


def as_said(text: str) -> str:
    """The text in its plain form, a blank where there were more, and no empty line: full width made half, without
    Markdown, quotation marks and brackets. Of a very long one the beginning and the end, where verdicts stand.
    """
    if len(text) > 2 * ENOUGH:
        text = f"{text[:ENOUGH]}\n{text[-ENOUGH:]}"
    text = _BOXED.sub(r"\nfinal: \1\n", normalized("NFKC", text))
    lines = _DECORATION.sub("", _FENCE.sub("", text)).strip("\ufeff\u200b").split("\n")
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))


def without_questions(said: str) -> str:
    """Without its questions: "Is it one? Yes" says yes."""
    return _QUESTION.sub(" ", said).strip()


def value_in_json(text: str, names: tuple[str, ...], *, strict: bool = False) -> tuple[bool, Any]:
    """Whether the text is an object of JSON (or was to be), and the value in it: of one of the names; or the only one
    there is, unless `strict`.
    """
    bare = _FENCE.sub("", text).strip()
    if not bare.startswith("{"):
        return False, None
    try:
        found = json.loads(bare)
    except (ValueError, RecursionError):
        return True, None
    named = {str(name).casefold().strip(): value for name, value in found.items()}
    for name in names:
        if name in named:
            return True, named[name]
    return True, next(iter(named.values())) if len(named) == 1 and not strict else None


KEYS = (
    "score",
    "difficulty",
    "rating",
    "grade",
    "number",
    "value",
    "verdict",
    "answer",
    "分数",
    "难度",
    "评分",
    "得分",
)


def number_in_verdict(text: str, low: int = 1, high: int = 10, *, cut: bool = False) -> float | None:
    """The number, an int where it is whole; None where there is none to be read, or not one.

    `cut`: the answer broke off. A number at its very end may have had more digits.
    """
    is_json, value = value_in_json(text, KEYS)
    if is_json:
        return _of_json(value, low, high)
    cut = cut and not text.rstrip(" \t*_").endswith("\n")
    said = _reduced(as_said(text))
    found = _found(said, cut)
    return _within(found, low, high) if found is not None else None


def _of_json(value: Any, low: int, high: int) -> float | None:
    if isinstance(value, str):
        return None if value.lstrip().startswith("{") else number_in_verdict(value, low, high)
    return _within(float(value), low, high) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _within(value: float, low: int, high: int) -> float | None:
    if not low <= value <= high:
        return None
    return int(value) if value == int(value) else value


def _reduced(said: str) -> str:
    """Scales taken out, "seven out of ten" as 7/10, ranges and other scales as one mark."""
    said = _TWICE.sub(lambda both: both[1] or both[2], said)
    said = _OF_TEN.sub(lambda of: f"{_plain_number(of[1])}/10", said)
    said = _SCALE.sub(" ", said)
    said = re.sub(r"(?<=\d)/10(?!\d)", "∕", said)  # kept apart from other fractions
    said = _OTHER_SCALE.sub(GONE, _RANGE.sub(GONE, said))
    return said.replace("∕", "/10")


def _plain_number(text: str) -> str:
    lowered = text.casefold()
    return str(WORDS.index(lowered) + 1) if lowered in WORDS else text


def _found(said: str, cut: bool) -> float | None:
    lines = [line for line in said.split("\n") if line.strip()]
    if not lines:
        return None
    if lone := _LONE.fullmatch(lines[0]):
        return _lone(lone) if not cut or lone["ten"] or len(lines) > 1 else None
    if (opening := _OPENING.match(said)) and not _is_list(said, opening, cut):
        return float(opening["m"])
    values = [value for label in _labels(said) if (value := _complete(label, said, cut)) is not None]
    finals = [value for name, value in values if _FINAL.search(name)]
    if finals:
        return finals[-1]
    if values:
        return _one({value for _, value in values})
    alone = {_lone(lone) for line in lines[1 : None if not cut else -1] if (lone := _LONE.fullmatch(line))}
    if alone:
        return _one(alone)
    for pattern in (_GIVEN, _MARKED) if cut else (_GIVEN, _ARTICLE, _MARKED):
        found = {value for match in pattern.finditer(said) if (value := _complete(match, said, cut)) is not None}
        if found:
            return _one({value for _, value in found})
    return None if cut or len(said) > SHORT else _one(set(_unexplained(said)))


def _labels(said: str) -> Iterator[re.Match[str]]:
    yield from _LABEL.finditer(said)
    yield from _SCORED.finditer(said)


def _complete(match: re.Match[str], said: str, cut: bool) -> tuple[str, float] | None:
    """The name and the number that was found; None where the text breaks off right behind it."""
    if cut and not said[match.end() : match.end() + 9].strip(" \t.,/"):
        return None
    groups = match.groupdict()
    number = groups.get("n") or groups.get("m")
    spelt, han = groups.get("w"), groups.get("h")
    value = float(number) if number else float(_plain_number(spelt)) if spelt else HAN.index(han or "一") + 1.0
    return groups.get("name") or "", value


def _lone(match: re.Match[str]) -> float | None:
    number = match["number"].casefold()
    if number in HAN:
        return HAN.index(number) + 1.0
    if not re.fullmatch(r"\d{1,2}(?:\.\d)?", plain := _plain_number(number)):
        return -1.0  # it says something, and nothing on our scale
    return float(plain)


def _one(values: set[float | None]) -> float | None:
    return values.pop() if len(values) == 1 else None


def _is_list(said: str, opening: re.Match[str], cut: bool) -> bool:
    """Whether it is the first item of a list: "1. …", and then "2. …"."""
    if opening["then"] not in (".", ")", ":", "、") or opening["m"] not in ("1", "2"):
        return cut and not said[opening.end() :].strip()
    return cut or len(_LISTED.findall(said)) > 1


def _unexplained(said: str) -> Iterator[float]:
    listed = {match.end() for match in _LISTED.finditer(said)}
    for match in _ANY.finditer(said):
        before = said[max(0, match.start() - 20) : match.start()]
        if (
            match.end() + 1 not in listed
            and not _ORDINAL.search(before)
            and not re.match(r"\s*[+×÷*=^]", said[match.end() :][:5])
        ):
            yield float(match["m"])
