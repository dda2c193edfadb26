"""Scores and rankings of several numbered answers, as judges write them. None: they cannot all be read.

Our prompts ask for a line each ("1: 8, because …"), or for one line with the best first ("2 > 1 = 3"). Models also
write "Answer 2: 7/10", a heading for each answer with the score below it, two numbers alone on the first line (as
Vicuna's judge was asked to, 2306.05685), JSON, "Answer 2 is better", "[[A]]", and reasons before or after all that.
"""

from __future__ import annotations

import json
import re
from typing import Any

from selfinstruct.stages.reading.grades import as_said, number_in_verdict
from selfinstruct.stages.reading.marks import numbered
from selfinstruct.stages.reading.plain import plain
from selfinstruct.text.later import later

__all__ = ["ranks_in", "scores_in"]

HIGHEST = 10
ENOUGH = 8_000
"""Characters of a verdict that are read, the first ones."""
LINE = 400
_PLAIN = later(r"\s*(?:\d{1,2}(?:\.\d{1,2})?(?:/10)?[ ,;、，]*){2,30}\s*")
_ITEM = later(r"\W*(\d{1,3})[.:)\]]? {1,3}\S")
_FIGURE = later(r"\d{1,2}(?:\.\d{1,2})?(?=[\s,;、/]|\Z)")
_LONE = later(r"[\W_]*\d{1,2}(?:\.\d)?[\W_]*")
_LEADING = later(r"[\W_]*(\d{1,2}(?:\.\d)?)(?![\d.,]*\d)(?!\s?%)")
"""The score that our prompt asks for, where what follows it has other numbers."""
_PLAINLY = later(
    r"[\W_]*(\d{1,2}(?:\.\d)?)(?![\d.,]*\d)(?: ?(?:/ ?10|out of 10|points?|分))?[*_ ]{0,4}"
    r"(?:\Z|[^\w\s%+/]|[A-Z\u4e00-\u9fff]|because\b|as\b|since\b|for\b)"
)
"""The score right behind the number of its answer, as our prompt asks for it."""
_WHOLE = later(r"\D{0,20}\d{1,2}\D{1,9}\d{1,2}(?:\.\d)?[^\w.]{1,9}\w+\W+\w")
"""A line whose score is followed by some words: it is whole, also where the line breaks off."""
_WORDS = later(
    r"\b(?:the\s+)?(?:answers?|responses?|assistants?|models?|options?|no\.?|number|rank(?:ing|ed)?|order|verdict|result|final"
    r"|overall|from|best|worst|to|is|are|my|first)\b|第|回答|答案|排名|排序|名次|顺序|结果|结论|最终|从好到差|号|名",
    re.IGNORECASE,
)
_RANKED = later(r"\d{1,2}(?:[ ]{0,3}(?:>{1,3}|=|,|、|->|→|≻|＞|≥|≈|~|then|and)[ ]{0,3}\d{1,2}){0,30}")
_EQUAL = later(r"=|≈|~|and")
_TIE = later(
    r"[\W_]*(?:(?:it['’]?s|it\s+is|they\s+are|both(?:\s+answers)?(?:\s+are)?)\s+)?(?:a\s+)?(?:\w+\s+)?"
    r"(?:tied?|draw|equal(?:ly\s+good)?|the\s+same|平局|一样好?|不分上下|相当|同样好)(?!\w)",
    re.IGNORECASE,
)
_BETTER = later(
    r"(?:[\W_]*(?:verdict|winner|better|best|preferred|结论|更好的?|较好的?|最好的?)[\W_]*(?:is\b|是|为)?)?[\W_]*"
    r"(?:the\s+)?(?:(?:answer|response|assistant|model|option|回答|答案|第)[\s_#]*)?(?P<which>[12]|[AB](?![\w']))"
    r"[\s个号\])】*_\"”」]*(?P<then>\Z|\n|[.,:;。，：；]|is\b|wins\b|更好|较好|胜|好)",
    re.IGNORECASE,
)


def scores_in(text: str, count: int, *, cut: bool = False) -> list[float] | None:
    """The score of each of the answers 1 to `count`, from 1 to 10. `cut`: the text broke off, and its last line says
    nothing.
    """
    said = plain(text)[:ENOUGH].strip()
    if not count or not said:
        return None
    is_json, value = _json_in(said)
    if is_json:
        return _of_value(value, count)
    lines = [line for line in said.split("\n") if line.strip()]
    first = lines[0].strip(" \t*_")
    if _PLAIN.fullmatch(first) and not any(map(_PLAIN.fullmatch, lines[1:2])) and not (cut and len(lines) == 1):
        found = [float(number) for number in _FIGURE.findall(first.replace("/10", ""))]
        return _whole(found) if len(found) == count and all(1 <= one <= HIGHEST for one in found) else None
    return _in_lines(lines[:-1] if cut and not _WHOLE.match(lines[-1]) else lines, count)


def _in_lines(lines: list[str], count: int) -> list[float] | None:
    """Of the parts that begin with an answer's number, each with all that follows until the next."""
    parts, current = dict[int, list[str]](), 0
    for line in lines:
        said = " ".join(as_said(line).split())[:LINE]
        if (beyond := _ITEM.match(said)) and int(beyond[1]) == count + 1 and len(parts) == count:
            return None  # it only counts on
        found = numbered(said, count)
        if found and not (_LONE.fullmatch(said) and current and not any(parts[current])):
            current = found[0]
            parts[current] = [found[1].strip(" :.)-–—|")]  # said again, the last time counts
        elif current:
            parts[current].append(said)
    scores = {number: _score(said) for number, said in parts.items()}
    known = [scores.get(number) for number in range(1, count + 1)]
    return [one for one in known if one is not None] if None not in known else None


def _score(said: list[str]) -> float | None:
    """The score that a part begins with, or else the one that its lines give."""
    if (plainly := _PLAINLY.match(said[0])) and 1 <= float(plainly[1]) <= HIGHEST:
        return _whole([float(plainly[1])])[0]
    for text in (said[0], *said[1:4], "\n".join(said)):
        if text and (number := number_in_verdict(text)) is not None:
            return number
    leading = _LEADING.match(said[0])
    return float(leading[1]) if leading and 1 <= float(leading[1]) <= HIGHEST else None


def _json_in(said: str) -> tuple[bool, Any]:
    bare = re.sub(r"```\w*\n?", "", said).strip()
    if not re.match(r"[\[{]\s*[\"\[{\d]", bare):
        return False, None
    try:
        value, _ = json.JSONDecoder().raw_decode(bare)
    except (ValueError, RecursionError):
        return bare.startswith("{"), None
    return isinstance(value, dict) or (isinstance(value, list) and len(value) > 1), value


def _of_value(value: Any, count: int) -> list[float] | None:
    match value:
        case [*items] if len(items) == count:
            found = [_number(item) for item in items]
        case {**named}:
            if len(named) == 1 and isinstance(inner := next(iter(named.values())), dict | list):
                return _of_value(inner, count)
            by_key = {_last_number(str(key)): _number(item) for key, item in named.items()}
            found = [by_key.get(number) for number in range(1, count + 1)]
        case _:
            return None
    known = [one for one in found if one is not None and 1 <= one <= HIGHEST]
    return _whole(known) if len(known) == count else None


def _last_number(key: str) -> int:
    digits = re.findall(r"\d{1,3}", key)
    return int(digits[-1]) if digits else 0


def _number(value: Any) -> float | None:
    if isinstance(value, dict):
        named = [value[key] for key in ("score", "rating", "分数", "评分") if key in value]
        return _number(named[0]) if named and not isinstance(named[0], dict) else None
    if isinstance(value, str):
        return number_in_verdict(value)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(found: list[float]) -> list[float]:
    return [int(one) if one == int(one) else one for one in found]


def ranks_in(text: str, count: int, *, cut: bool = False) -> list[float] | None:
    """What each of the answers 1 to `count` is worth in a ranking: how many of the others it is before, and half of
    those that it is equal to.
    """
    said = as_said(plain(text)[:ENOUGH])
    if not count or not said:
        return None
    lines = [line[:LINE] for line in said.split("\n")]
    lines = lines[:-1] if cut else lines
    found = next((ranked for line in lines if (ranked := _ranked(line, count))), None)
    if found is None and count == 2 and lines:
        found = _of_two(lines)
    if found is None:
        return None
    place = {number: at for at, group in enumerate(found) for number in group}
    return _whole(
        [sum((place[n] < place[m]) + (place[n] == place[m]) / 2 for m in place if m != n) for n in range(1, count + 1)]
    )


def _ranked(line: str, count: int) -> list[list[int]] | None:
    """The groups of equal answers, the best first, of a line that names every one once."""
    tidy = " ".join(_WORDS.sub(" ", line.replace("#", " ")).split())
    for run in _RANKED.finditer(tidy):
        numbers = [int(number) for number in re.findall(r"\d+", run[0])]
        if sorted(numbers) != list(range(1, count + 1)):
            continue
        marks = [bool(_EQUAL.search(mark)) for mark in re.split(r"\d+", run[0])[1:-1]]
        groups = [[numbers[0]]]
        for number, equal in zip(numbers[1:], marks, strict=True):
            groups[-1].append(number) if equal else groups.append([number])
        return groups
    return None


def _of_two(lines: list[str]) -> list[list[int]] | None:
    """ "Answer 2 is better", "[[A]]" or "Tie", on the first line or the last."""
    for line in dict.fromkeys((lines[0], lines[-1])):
        if _TIE.match(line):
            return [[1, 2]]
        if better := _BETTER.match(line):
            first = better["which"].upper() in ("1", "A")
            return [[1], [2]] if first else [[2], [1]]
    return None
