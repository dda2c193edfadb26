"""Wishes: how the teacher is told what each new task is to be about, and what of that its answer repeats.

9. difficulty: hard; topic: cooking/baking/bread
10. difficulty: easy; topic: law
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from selfinstruct.stages.prompting import LANGUAGES, filled, prompt_text
from selfinstruct.stages.proposing.axes import PARTED, Axes
from selfinstruct.task import Rejected, Task
from selfinstruct.text.later import later

__all__ = ["COPIED", "about", "asked_about", "unheaded", "unlabelled"]

COPIED = "copied from the prompt"
Drawn = Sequence[Mapping[str, str]]
"""For each new task a value of every axis."""

_MARKS = {"en": (": ", "; ", " (", ")"), "zh": ("：", "；", "（", "）")}
_SIMPLE = later(r"[\W_]+")
_NUMBER = (
    r"(?P<number>[ \t]*(?:[-*+•>#]+[ \t]*)?(?:\*\*)?(?:task[ \t]+|任务[ \t]*)?[（(\[]?\d{1,3}[.．)）\]、:：](?:\*\*)?)?"
)
_MEANT, _GAP = r"(?:[ \t]*[(（][^()（）\n]{0,400}[)）])?", r"[ \t]*+[;；,，、|·/–—-]?[ \t]*+"
_OPENED, _CLOSED = r"[ \t\[(（【*_`]*+", r"[ \t\])）】*_`]*+"
_MOST = 20
"""Values that a line names at most."""


def asked_about(text: str, axes: Axes, drawn: Drawn, first: int, language: str) -> str:
    """The prompt with a paragraph before it that says what the new tasks, from number `first` on, are to be about; as
    it is where nothing was drawn. Beside a prompt of the user's own in a language that we do not write, in English.
    """
    if not drawn:
        return text
    language = language if language in LANGUAGES else "en"
    lines = (f"{number}. {_line(axes, row, language)}" for number, row in enumerate(drawn, first))
    return f"{filled(prompt_text('axes', language), wishes=chr(10).join(lines))}\n\n{text}"


def _line(axes: Axes, row: Mapping[str, str], language: str) -> str:
    colon, semicolon, opened, closed = _MARKS[language]
    parts = []
    for name, value in row.items():
        meaning = axes.meaning(name, value)
        parts.append(f"{name}{colon}{value}" + (f"{opened}{meaning}{closed}" if meaning else ""))
    return semicolon.join(parts)


def about(items: Iterable[Task | Rejected], axes: Axes, drawn: Drawn) -> Iterator[Task | Rejected]:
    """The items, each proposal with what was drawn for it: by its place in the answer, as long as there are some. The
    instructions do not say it once more; one that says nothing else is rejected. Copies of the tasks shown, with which
    a list begins anew, stand in nobody's place.
    """
    rows, begun = iter(drawn), False
    for item in items:
        begun = begun or isinstance(item, Task) or (item.what == "task" and item.category != COPIED)
        row = next(rows, None) if begun and (isinstance(item, Task) or item.what == "task") else None
        if isinstance(item, Task) and drawn:
            instruction = unlabelled(item.instruction, axes, drawn).strip()
            if not instruction:
                item = Rejected(item.instruction, COPIED, "what a task is to be about")
            elif instruction != item.instruction:
                item = replace(item, instruction=instruction[:1].upper() + instruction[1:])
        if not row:
            yield item
        elif isinstance(item, Task):
            yield replace(item, extra=item.extra | {"axes": dict(row)})
        else:
            yield replace(item, axes=dict(row))


def unlabelled(text: str, axes: Axes, drawn: Drawn) -> str:
    """The text without wishes that its lines begin with: "9. (topic: bread) Name …", "Topic: bread", "**Bread:** …". A
    line that says nothing else keeps its number, and is left out without one.
    """
    if not drawn:
        return text
    pattern = _labels(_rows(drawn)).match
    meanings = {_SIMPLE.sub(" ", axes.meaning(*pair)).strip().casefold() for row in drawn for pair in row.items()}
    lines = []
    for line in text.split("\n"):
        if not (found := pattern(line)):
            lines.append(line)
            continue
        rest = line[found.end() :].lstrip()
        if _SIMPLE.sub(" ", rest).strip().casefold() in meanings | {""}:  # with what the value means behind it
            rest = ""
        if number := found["number"]:
            lines.append(f"{number} {rest}".rstrip())
        elif rest:
            lines.append(rest)
    return "\n".join(lines)


def unheaded(answer: str, drawn: Drawn) -> str:
    """The answer without lines that say a wish and nothing else, where an instruction follows: "4. Topic: bread" above
    "4. Instruction: …". Such a line in an output stays.
    """
    return _headings(_rows(drawn)).sub("", answer) if drawn else answer


def _rows(drawn: Drawn) -> tuple[tuple[tuple[str, str], ...], ...]:
    return tuple(tuple(row.items()) for row in drawn)


@lru_cache(64)
def _headings(drawn: tuple[tuple[tuple[str, str], ...], ...]) -> re.Pattern[str]:
    follows = rf"(?=\s*+{_NUMBER.replace('?P<number>', '?:')}[*_# \t]*(?:instruction|指令|任务)[*_]*[ \t]*[:：])"
    return re.compile(rf"^{_NUMBER}{_pairs(drawn)}[ \t]*\n{follows}", re.IGNORECASE | re.MULTILINE)


@lru_cache(64)
def _labels(drawn: tuple[tuple[tuple[str, str], ...], ...]) -> re.Pattern[str]:
    """What a line begins with that names values: with their axes; alone in brackets or before a colon."""
    several = rf"{_value(drawn)}(?:{_GAP}{_value(drawn)}){{0,{_MOST}}}"
    bracketed = rf"[ \t*_]*(?:\[{several}\]|[(（]{several}[)）]|【{several}】)[ \t*_]*[:：–—-]*[*_]*"
    headed = rf"[ \t]*[*_]*{several}{_MEANT}[*_]*[ \t]*(?:[:：]|[–—](?=[ \t])|-(?=[ \t]))[*_]*"
    return re.compile(rf"{_NUMBER}(?:{_pairs(drawn)}|{bracketed}|{headed})[ \t]*", re.IGNORECASE)


def _pairs(drawn: tuple[tuple[tuple[str, str], ...], ...]) -> str:
    """Values after the names of their axes."""
    name = _any({name for row in drawn for name, _ in row})
    pair = rf"[*_]*{name}[*_]*[ \t]*[:：=][*_]*[ \t]*[*_\"“]*{_value(drawn)}[*_\"”]*(?!\w){_MEANT}"
    return rf"{_OPENED}{pair}(?:{_GAP}{pair}){{0,{_MOST}}}{_CLOSED}(?:(?:[：。；]|[:.;–—-](?=\s|[*_]|$))[*_]*)?"


def _value(drawn: tuple[tuple[tuple[str, str], ...], ...]) -> str:
    return _any({said for row in drawn for _, value in row for said in (value, value.rpartition(PARTED)[2])})


def _any(texts: Iterable[str]) -> str:
    """One of the texts, the longest first; white space, hyphens and underscores alike."""
    ordered = sorted(texts, key=lambda text: (-len(text), text))
    patterns = (r"[ \t_-]+".join(map(re.escape, re.split(r"[\s_-]+", text))) for text in ordered)
    return f"(?:{'|'.join(patterns)})"
