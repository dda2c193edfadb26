"""Marks as judges write them: right or wrong for each of several numbered answers. None: they cannot all be read.

Our prompt asks for a line each ("1: right"); models also write "Answer 2 is **incorrect**, because …", "✗", a table, a
heading for each answer with the verdict below it, "Right: 1, 3", "All are right", JSON, and reasons before a last list,
which then counts. What says nothing clear of one of the answers is no verdict on any.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from selfinstruct.stages.reading.plain import plain
from selfinstruct.text.later import later
from selfinstruct.text.normal import normalized

__all__ = ["marks_in", "numbered"]

_RIGHT = (
    r"(?:right|correct|true|yes|accurate|valid)\b(?!-)|[✓✔✅☑√]|(?:完全|基本)?(?:正确|答对|做对|对)(?!应|比|于|方|象|话|错)"
    r"|是(?!否|不|的?错)"
)
_WRONG = (
    r"(?:wrong|incorrect(?:ly)?|false|no(?:pe)?|inaccurate|invalid|incomplete)\b(?!-)"
    r"|(?:not|n't|isn't)\s+(?:\w+\s+){0,2}?(?:right|correct|true|accurate|valid)\b"
    r"|(?:partial(?:ly)?|partly|mostly|nearly|almost|half)[\s-]+(?:right|correct|true)\b"
    r"|[✗✘❌✖×❎]|(?:不完?全?|并不|没有?|未)(?:正确|答对|做对|对)|(?:部分|基本不|不太)正确|(?:回答|答)?(?:错误?|答错|做错)|否|半对"
)
_SAID = rf"(?:(?P<wrong>{_WRONG})|(?P<right>{_RIGHT}))"
_LEAD = (
    r"[\W_]*(?:(?:this|the|it|that)\s+)?(?:(?:answer|response|solution|verdict|mark|judg(?:e)?ment|result|grade)\s*)?"
    r"(?:(?:is|are|was|would\s+be|seems?|looks?|判定?为|判断|批改|结论|结果|该?回答|答案|是|为)[\W_]*){0,2}"
    r"(?:(?:clearly|definitely|also|therefore|thus|so|完全|也|都|回答|答案)[\W_]*){0,2}"
)
_FIRST = later(_LEAD + _SAID, re.IGNORECASE)
"""A verdict that a text begins with."""
_LAST = later(
    r"(?:[:=→>|—–-]|\b(?:is|are|so|therefore|thus|hence|verdict|mark)\b|因此|所以|判为?|故|是|为)[\W_]*"
    r"(?:(?:the|this|it|answer|\d{1,2}|is|are|marked|as|clearly|also|therefore|回答|答案|判为?|为)[\W_]*){0,6}"
    rf"{_SAID}[\W_]*\Z",
    re.IGNORECASE,
)
"""One that it ends with."""
_NUMBER = later(
    r"[\s>#*_|\[(【（{\"'•-]*(?:(?:the\s+)?"
    r"(?:answers?|responses?|solutions?|numbers?|no\.?|nr\.?|第|回答|答案|答|编号)[\s#:]*)?"
    r"(?P<number>\d{1,2})(?:st|nd|rd|th)?(?![\d.,]*\d)(?:\s*[个份条号道])?(?:的?(?:答案|回答))?[\s*_\])】）}\"']*"
    r"(?P<then>[:.、,|=)\]→—–-]|is\b|was\b|\s|\Z|(?=[^\w\s])|(?=[\u4e00-\u9fff]))",
    re.IGNORECASE,
)
"""How a line begins that speaks of an answer."""
_NUMBERS = r"\d{1,2}(?: ?(?:,|、|and|&|和|及|与|;) ?(?:and )?(?:answer |回答|答案|第)?\d{1,2}){0,30}"
_GROUP = later(
    rf"(?:^|[.;。；\n])[ >#*_-]{{0,9}}(?:the )?{_SAID}(?: (?:answers?|ones))?[ 的]?(?:回答|答案)?"
    rf"[*_ ]{{0,5}}(?::|are\b|is\b|有|是|为)[*_ ]{{0,5}}(?:answers?|回答|答案|第)? ?"
    rf"(?P<numbers>{_NUMBERS}|none|no\s+one|无|没有)(?=\W|\Z)",
    re.IGNORECASE,
)
_GROUPED = later(
    rf"(?:answers?|回答|答案|第)?\s*#?(?P<numbers>{_NUMBERS})(?:\s*[个号])?\s*(?:的?(?:回答|答案))?\s*"
    rf"(?:are|is|都是?|均|全部?是?)\s*(?:all\s+|both\s+)?{_SAID}",
    re.IGNORECASE,
)
_ALL = later(
    r"[\W_]*(?:(?P<none>none|neither|(?:全部?|都|均)(?:的?(?:回答|答案))?不(?=正确|对)|没有一个(?=正确|对))|all|both|every|each|全部?|都|均|两个|所有)"
    r"(?:\s+(?:of|the|these|them|two|three|four|five|six|seven|eight|answers?|responses?|one))*(?:的?(?:回答|答案)(?:都|均|全)?)?\s*(?:are|is|were)?\s*"
    rf"(?:(?P<wrong>{_WRONG})|(?P<right>{_RIGHT}))[\W_]*\Z",
    re.IGNORECASE,
)
_NEXT = later(rf"(?<=[\s,;.])(?=\(?\d{{1,2}}\s?[:.)、]\s*[*_]*(?:{_WRONG}|{_RIGHT}))", re.IGNORECASE)
"""Where a further mark stands in the line of the one before it."""
_VERDICT = later(
    r"[\W_]*(?:(?:final )?(?:verdict|mark|judg(?:e)?ment|conclusion|result)|结论|判断|批改|评判|结果)\s*[*_]*\s*:",
    re.IGNORECASE,
)
_FENCE = later(r"```\w*\n?")
ENOUGH = 8_000
"""Characters of a verdict that are read, the last ones; and of what is said of one answer."""
LINE = 400


def marks_in(text: str, count: int, *, cut: bool = False) -> list[bool] | None:
    """Whether each of the answers 1 to `count` is right. `cut`: the text broke off, and its last line says nothing."""
    if not count:
        return None
    said = normalized("NFKC", plain(text)[-ENOUGH:]).replace("\ufe0f", "").strip()
    is_json, found = _in_json(said, count)
    if not is_json:
        tidy = "\n".join(" ".join(line.split()) for line in _FENCE.sub("", said).split("\n"))
        lines = [line.strip() for line in _NEXT.sub("\n", tidy).split("\n") if line.strip()]
        found = _in_lines(lines[:-1] if cut else lines, count)
    return [found[number] for number in range(1, count + 1)] if len(found) == count else None


# In words


def _in_lines(lines: list[str], count: int) -> dict[int, bool]:
    found, current = dict[int, bool](), 0
    for line in lines:
        if number := numbered(line, count):
            current, rest = number
            verdict = _verdict(rest)
            if verdict is not None:
                found[current] = verdict
        elif current and (verdict := _labelled(line)) is not None:
            found[current] = verdict
    if len(found) == count:
        return found
    text = "\n".join(lines)
    grouped = _grouped(text, count)
    if len(grouped | found) == count and all(grouped.get(number, mark) == mark for number, mark in found.items()):
        return grouped | found
    if found:
        return {}
    alone = [verdict for line in lines if (verdict := _alone(line)) is not None]
    if len(alone) == count == len(lines):
        return dict(enumerate(alone, 1))
    if count == 1 and lines and (verdict := _verdict(lines[0])) is not None:
        return {1: verdict}
    whole = _ALL.fullmatch(lines[0]) if len(lines) == 1 else None
    return dict.fromkeys(range(1, count + 1), bool(whole["right"]) and not whole["none"]) if whole else {}


def numbered(line: str, count: int) -> tuple[int, str] | None:
    """The answer that a line speaks of, and what it says of it. "1, 3 and 4 are right" speaks of several."""
    found = _NUMBER.match(line)
    if not found or not 1 <= int(found["number"]) <= count:
        return None
    rest = line[found.end() :] if found["then"].lower() not in ("is", "was") else line[found.start("then") :]
    several = found["then"] in (",", "、", " ") and re.match(r"\s*(?:\d|and\b|&|和|及|与)", rest)
    return None if several else (int(found["number"]), rest)


def _verdict(rest: str) -> bool | None:
    """What is said at the beginning of a text or, with its reasons first, at its end."""
    said = _FIRST.match(rest[:LINE]) or _LAST.search(rest[-LINE // 2 :])
    return None if said is None else said["wrong"] is None


def _labelled(line: str) -> bool | None:
    """A line below an answer's heading that is its verdict."""
    if (alone := _alone(line)) is not None:
        return alone
    label = _VERDICT.match(line)
    return _verdict(line[label.end() :]) if label else None


def _alone(line: str) -> bool | None:
    said = re.fullmatch(rf"[\W_]*?(?:(?P<wrong>{_WRONG})|(?P<right>{_RIGHT}))[\W_]*", line, re.IGNORECASE)
    return None if said is None else said["wrong"] is None


def _grouped(text: str, count: int) -> dict[int, bool]:
    found = dict[int, bool]()
    for pattern in (_GROUP, _GROUPED):
        for group in pattern.finditer(text):
            for number in re.findall(r"\d+", group["numbers"]):
                found[int(number)] = group["wrong"] is None
    return {number: mark for number, mark in found.items() if 1 <= number <= count}


# In JSON


def _in_json(said: str, count: int) -> tuple[bool, dict[int, bool]]:
    bare = _FENCE.sub("", said).strip()
    start = min((at for at in (bare.find("{"), bare.find("[")) if at >= 0), default=-1)
    if start < 0 or re.match(r"\[[^\[\]{}\"]*[^\W\d]", bare[start:]):  # "[Answer 1]" is none
        return False, {}
    try:
        value, _ = json.JSONDecoder().raw_decode(bare, start)
    except (ValueError, RecursionError):
        return bare.startswith("{"), {}
    return (True, _of_value(value, count)) if isinstance(value, dict | list) else (False, {})


def _of_value(value: Any, count: int) -> dict[int, bool]:
    match value:
        case [*items] if items and all(isinstance(item, dict) for item in items):
            return _pairs(map(_of_item, items))
        case [*items]:
            return _pairs(enumerate(map(_mark, items), 1))
        case {**named}:
            numbered = {number: mark for key, mark in named.items() if (number := _key(key))}
            if numbered:
                return _pairs((number, _mark(mark)) for number, mark in numbered.items())
            if len(named) == 1 and isinstance(inner := next(iter(named.values())), dict | list):
                return _of_value(inner, count)
            groups = {key: numbers for key, numbers in named.items() if isinstance(numbers, list)}
            return _pairs((number, _mark(key)) for key, numbers in groups.items() for number in map(_key, numbers))
    return {}


def _of_item(item: dict[str, Any]) -> tuple[int, bool | None]:
    """{"answer": 1, "verdict": "right"}: the number, and whatever says right or wrong."""
    values = list(item.values())
    number = next((number for value in values if (number := _key(value)) and not isinstance(value, bool)), 0)
    marks = [mark for value in values if _key(value) == 0 and (mark := _mark(value)) is not None]
    return number, marks[0] if marks else None


def _key(value: Any) -> int:
    """1 of 1, "1", "answer 1" and "回答1"; 0 of anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    found = re.fullmatch(r"\s*(?:[^\W\d]{1,10}[ _-]?)?(\d{1,2})\s*", value) if isinstance(value, str) else None
    return int(found[1]) if found else 0


def _mark(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, dict):
        return next((mark for inner in value.values() if (mark := _mark(inner)) is not None), None)
    return _verdict(value) if isinstance(value, str) else None


def _pairs(found: Iterable[tuple[int, bool | None]]) -> dict[int, bool]:
    return {number: mark for number, mark in found if number and mark is not None}
