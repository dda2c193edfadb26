"""Fields in order: whole tasks in other forms than the one published.

Chat models write "### Instruction", "Question: … Answer: …", "1. Instruction … 2. Input … 3. Output", and JSON. Labels
count at the start of a line, in any case; a task begins at each label of the kind that the first one has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from selfinstruct.stages.reading.json_answers import fields_of
from selfinstruct.stages.reading.plain import EMPHASIS, unbold, without_rule
from selfinstruct.task import Instance, Rejected, Task
from selfinstruct.text.later import later
from selfinstruct.text.nothing import no_input

__all__ = ["blocks_in_order", "closed", "of_json"]

_NAMES = {
    "instruction": "instruction|task|question|prompt|指令|任务|问题",
    "input": "input|context|输入|材料",
    "output": "expected output|output|response|answer|输出|回答|答案|回复",
}
_KIND = {name: kind for kind, line in _NAMES.items() for name in line.split("|")}
_ANY = "|".join(_NAMES.values())
_FIELD = later(
    rf"^{EMPHASIS}(?P<number>[（(\[]?\d{{1,3}}[.)）\]、:：][*_]{{0,3}}[ \t]*[*_]{{0,3}})?"
    rf"(?:(?P<name>{_ANY})[ \t]*\d{{0,3}}[*_]{{0,3}}[ \t]*(?:[:：][*_]{{0,3}})"
    rf"|(?<=[#*] )(?P<heading>{_ANY})[*_]{{0,3}}[ \t]*$|(?<=[#*])(?P<bold>{_ANY})[*_]{{0,3}}[ \t]*$)",
    re.IGNORECASE | re.MULTILINE,
)
_NEXT_TASK = later(r"(?:#{1,6}[ \t]*|\*\*)(?:task|example|任务|示例)\b[^\n]{0,120}", re.IGNORECASE)
_CLOSING = later(r"\n[ \t]*#{2,6}[ \t]*\Z")
_SEPARATOR = later(r"^[ \t]*#{3}[ \t]*$", re.MULTILINE)
"""Between two tasks: what stands after it is no field of the one before it."""


def of_json(items: Iterable[Any]) -> list[Task | Rejected]:
    """The tasks of a JSON answer's items, and those that lack an instruction or an output."""
    found = list[Task | Rejected]()
    for item in items:
        if isinstance(item, Rejected):
            found.append(item)
            continue
        fields = fields_of(item)
        match item:
            case {"instances": [{} as only]}:  # a row as Self-Instruct has them
                fields |= fields_of(only)
        lacks = [name for name in ("instruction", "output") if not fields.get(name)]
        if lacks:
            held = ", ".join(name.capitalize() for name in fields if fields[name]) or "none"
            if text := "\n".join(filter(None, fields.values())) or str(item).strip():
                found.append(Rejected(text, "not the three fields of a task", f"found: {held}"))
            continue
        found.append(_task(fields))
    return found


def blocks_in_order(text: str, cut: bool) -> Iterator[Task | Rejected]:
    """The tasks of an answer in fields; of an answer that was cut, the last is no task.

    An input may be missing where the answer numbers no field and has none anywhere.
    """
    marks = list(_FIELD.finditer(text))
    if marks and _kind(marks[0]) != "instruction":  # it goes on after the prompt's own "4. Instruction:"
        text = f"Instruction:{text}"
        marks = list(_FIELD.finditer(text))
    first = next((mark for mark in marks if _kind(mark) == "instruction"), None)
    if not first:
        return
    before = text[: first.start()].strip()
    marks = marks[marks.index(first) :]
    starts = [at for at, mark in enumerate(marks) if _name(mark) == _name(first)]
    bare = not any(_kind(mark) == "input" or mark["number"] for mark in marks)
    for start, end in zip(starts, [*starts[1:], len(marks)], strict=True):
        stop = marks[end].start() if end < len(marks) else len(text)
        if cut and end == len(marks):
            yield Rejected(text[marks[start].start() : stop].strip(), "truncated")
        else:
            yield _block(text, marks[start:end], stop, bare)
            if behind := _behind(text, marks[start].end(), stop):
                yield Rejected(behind, "not part of the list", what="remark")
    if before:
        yield Rejected(before, "not part of the list", what="remark")


def _behind(text: str, start: int, stop: int) -> str:
    """What stands behind the separator that ends a block: nothing of it is the block's."""
    separator = _SEPARATOR.search(text, start, stop)
    return _SEPARATOR.sub("\n", text[separator.end() : stop]).strip() if separator else ""


def _block(text: str, marks: list[re.Match[str]], stop: int, bare: bool) -> Task | Rejected:
    own = list[re.Match[str]]()
    for mark in marks:  # a field comes once, and after those before it: another label is part of its text
        if not own or list(_NAMES).index(_kind(mark)) > list(_NAMES).index(_kind(own[-1])):
            own.append(mark)
    if separator := _SEPARATOR.search(text, own[0].end(), stop):
        stop = separator.start()
        own = [mark for mark in own if mark.start() < stop]
    ends = [*(mark.start() for mark in own[1:]), stop]
    fields = {_kind(mark): _value(text[mark.end() : end]) for mark, end in zip(own, ends, strict=True)}
    if not fields["instruction"] or not fields.get("output") or ("input" not in fields and not bare):
        found = ", ".join(name.capitalize() for name in fields)
        return Rejected(text[own[0].start() : stop].strip(), "not the three fields of a task", f"found: {found}")
    return _task(fields)


def _task(fields: dict[str, str]) -> Task:
    instruction, given = unbold(fields["instruction"]), fields.get("input", "")
    return Task("", instruction, (Instance("" if no_input(given, instruction) else given, fields["output"]),))


def closed(text: str) -> str:
    """The value of a last field without the heading of the next task, and the rule before it."""
    text = text.rstrip()
    start = text.rfind("\n") + 1
    if start and _NEXT_TASK.fullmatch(text[start:].strip()):
        text = text[:start].rstrip()
    return without_rule(text).strip()


def _value(text: str) -> str:
    return closed(_CLOSING.sub("", text.rstrip()))


def _name(mark: re.Match[str]) -> str:
    return (mark["name"] or mark["heading"] or mark["bold"]).lower()


def _kind(mark: re.Match[str]) -> str:
    return _KIND[_name(mark)]
