"""Personas as teachers write them: name, description, scenario and greeting, in labelled fields, under headings with
the names, or in JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from selfinstruct.stages.reading.json_answers import json_answer
from selfinstruct.stages.reading.plain import NUMBERED, label, one_line, unbold, unwrapped, without_rule
from selfinstruct.task import Rejected
from selfinstruct.text.later import later

__all__ = ["FIELDS", "in_order", "personas"]

FIELDS = ("name", "description", "scenario", "greeting")

_NAMES = {
    "name": "full name|name|character name|character|姓名|名字|角色名|人物名|角色|人物",
    "description": "character description|description|persona|personality|background|about|bio|who they are"
    "|人物描述|角色描述|描述|人设|人物设定|简介|性格|背景介绍",
    "scenario": "scenario|scene|setting|situation|context|场景|情景|情境|背景",
    "greeting": "greeting|first message|opening message|opening line|opening|first line|first words"
    "|问候语?|开场白|招呼语?|打招呼|第一句话|首句",
}
_KIND = {re.sub(r"[?]", "", one): kind for kind, line in _NAMES.items() for one in line.split("|")}
_KIND |= {"问候": "greeting", "招呼": "greeting"}
_FIELD = later(label("|".join(_NAMES.values()), f"(?:{NUMBERED}[*_]{{0,3}})"), re.IGNORECASE | re.MULTILINE)
_WORD = later("|".join(sorted(map(re.escape, _KIND), key=len, reverse=True)), re.IGNORECASE)
_NUMBER = later(NUMBERED)
_SEPARATOR = later(
    r"\n[ \t]*(?:#{2,6}|[-=*_]{3,})[ \t]*(?=\n|\Z)"
    r"|\n[ \t]*(?:#{1,6}[ \t][^\n]*|[*_]{0,3}(?:character|persona|人物|角色)[ \t]*\d+[^\n]{0,60})\s*\Z",
    re.IGNORECASE,
)
"""What parts a persona from the next one, with the heading of that."""
_AROUND = " \t#*_-+•:："
"""What may stand around the name in a heading."""
_LONGEST_NAME = 60
"""Characters of a heading that is a name."""


def personas(answer: str, *, cut: bool) -> Iterator[dict[str, str] | Rejected]:
    """The personas of an answer, in order, each with the fields it has; what else is said, as remarks. Of an answer
    that was cut the last is none.
    """
    if found := json_answer(answer, "instruction"):
        yield from in_order(found.items)
        if found.cut:
            yield Rejected(found.cut, "truncated")
        yield from (Rejected(remark, "not part of the list", what="remark") for remark in found.remarks)
        return
    text, remarks = unwrapped(answer)
    blocks = _blocks(text)
    if cut and blocks:
        yield from (Rejected(remark, "not part of the list", what="remark") for remark in remarks if remark)
        *blocks, (_, last) = blocks
        remarks = []
        yield from (fields for fields, _ in blocks)
        yield Rejected(last.strip(), "truncated")
        return
    yield from (fields for fields, _ in blocks)
    yield from (Rejected(remark, "not part of the list", what="remark") for remark in remarks if remark)


def in_order(items: Iterable[Any]) -> Iterator[dict[str, str] | Rejected]:
    """The personas of a JSON answer's items, whose keys may have any of the names."""
    for item in items:
        if isinstance(item, Rejected):
            yield item
        elif isinstance(item, Mapping):
            yield _joined((str(key), _text(value)) for key, value in item.items())
        elif str(item).strip():
            yield Rejected(str(item), "not the four fields of a persona", "found: none")


def _text(value: Any) -> str:
    """A list of traits is a text, too."""
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return value if isinstance(value, str) else ""


def _joined(parts: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Fields by their kind; those of one kind joined, such as a description and a personality."""
    fields = dict[str, str]()
    for called, text in parts:
        kind = _KIND.get(re.sub(r"[_\s]+", " ", called).strip().lower(), "")
        text = text.strip()
        if kind and text:
            fields[kind] = f"{fields[kind]} {text}" if kind in fields and kind != "name" else fields.get(kind, text)
    return fields


def _blocks(text: str) -> list[tuple[dict[str, str], str]]:
    """The fields of each persona, and its whole text."""
    marks = list(_FIELD.finditer(text))
    kinds = [_kind(mark) for mark in marks]
    if not marks:
        return []
    if "name" not in kinds and kinds.count("description") > 1:
        starts = [mark.start() for mark, kind in zip(marks, kinds, strict=True) if kind == "description"]
        heads = [_headed(text, start) for start in starts]
        edges = [*(start for start, _ in heads), len(text)]
        return [
            ({"name": name} | _fields(text[start:end]), text[start:end])
            for (start, end), (_, name) in zip(pairwise(edges), heads, strict=True)
        ]
    if kinds[0] != "name" and text[: marks[0].start()].strip():
        text = f"Name: {text.lstrip()}"  # it goes on after the prompt's own label
        marks = list(_FIELD.finditer(text))
        kinds = [_kind(mark) for mark in marks]
    starts = [mark.start() for mark, kind in zip(marks, kinds, strict=True) if kind == "name"] or [marks[0].start()]
    return [(_fields(text[start:end]), text[start:end]) for start, end in pairwise([*starts, len(text)])]


def _kind(mark: re.Match[str]) -> str:
    found = [_KIND[word.lower()] for word in _WORD.findall(mark[0])]
    return found[0] if found else ""


def _headed(text: str, start: int) -> tuple[int, str]:
    """Where the line before the first field begins, and the name that it is."""
    before = text[:start].rstrip()
    at = before.rfind("\n") + 1
    line = before[at:].strip(_AROUND)
    mark = _NUMBER.match(line)
    name = (line[mark.end() :] if mark else line).strip(_AROUND)
    return (at, name) if name and len(name) <= _LONGEST_NAME else (start, "")


def _fields(block: str) -> dict[str, str]:
    marks = list(_FIELD.finditer(block))
    ends = [*(mark.start() for mark in marks[1:]), len(block)]
    parts = ((_WORD.findall(mark[0])[0], _tidy(block[mark.end() : end])) for mark, end in zip(marks, ends, strict=True))
    return _joined(parts)


def _tidy(text: str) -> str:
    """Without what parts it from the next one, and without bold type; *gestures* stay."""
    if found := _SEPARATOR.search(f"\n{text}"):
        text = text[: max(found.start() - 1, 0)]
    return one_line(unbold(without_rule(text.strip())))
