"""Inputs as data of another form: a list, fields or a table as JSON, XML, HTML or Markdown, and back."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["FORMS", "converted", "restored"]

FORMS = ("JSON", "XML", "HTML", "Markdown")
Rows = list[list[str]]
Separators = Mapping[str, str]
"""Of a list, of a field's name from its value, and of the cells of a table, in the inputs of a language."""


def _read(given: str, between: Separators) -> tuple[str, Rows] | None:
    """Its shape (list, fields or table), and its rows of cells; None for prose and what else there may be."""
    lines = given.split("\n")
    if len(lines) == 1:
        items = given.split(between["list"])
        plain = all(item and len(item) <= 24 and not re.search(r"[.!?。！？]$|[:：，]", item) for item in items)
        few = all(len(item.split()) <= 3 for item in items)
        return ("list", [items]) if len(items) > 2 and plain and few else None
    for shape in ("fields", "table"):
        rows = [line.split(between[shape], *([1] if shape == "fields" else [])) for line in lines]
        even = len({len(row) for row in rows}) == 1 and len(rows[0]) > 1 and all(all(row) for row in rows)
        if even and all(len(row[0]) <= 24 for row in rows) and len({row[0] for row in rows}) == len(rows):
            return shape, rows
    return None


def converted(given: str, form: str, between: Separators, head: Sequence[str]) -> tuple[str, str] | None:
    """The shape of the input, and the input in that form; None for an input that is no list, fields or table, or
    that could not be told again. `head` names the two columns of fields in a Markdown table.
    """
    read = _read(given, between)
    if read is None:
        return None
    shape, rows = read
    text = _json(shape, rows) if form == "JSON" else _markdown(shape, rows, head) if form == "Markdown" else ""
    text = text or _markup(shape, rows, form)
    return (shape, text) if restored(text, shape, form, between) == given else None


def _json(shape: str, rows: Rows) -> str:
    if shape == "list":
        return json.dumps([_number(item) for item in rows[0]], ensure_ascii=False)
    if shape == "fields":
        return json.dumps({name: _number(value) for name, value in rows}, ensure_ascii=False, indent=2)
    objects = [dict(zip(rows[0], map(_number, row), strict=True)) for row in rows[1:]]
    return "[\n" + ",\n".join(f"  {json.dumps(one, ensure_ascii=False)}" for one in objects) + "\n]"


def _number(cell: str) -> int | str:
    return int(cell) if re.fullmatch(r"0|[1-9]\d*", cell) else cell


def _markdown(shape: str, rows: Rows, head: Sequence[str]) -> str:
    if shape == "list":
        return "\n".join(f"- {item}" for item in rows[0])
    first, *others = rows if shape == "table" else [list(head), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in (first, ["---"] * len(first), *others))


_TAGS = {"XML": ("table", "row", "cell", "list", "item"), "HTML": ("table", "tr", "td", "ul", "li")}


def _markup(shape: str, rows: Rows, form: str) -> str:
    table, line, cell, many, item = _TAGS[form]
    if shape == "list":
        return "\n".join((f"<{many}>", *(f"  <{item}>{html.escape(one)}</{item}>" for one in rows[0]), f"</{many}>"))
    if shape == "fields" and form == "XML":
        fields = (f'  <field name="{html.escape(name)}">{html.escape(value)}</field>' for name, value in rows)
        return "\n".join(("<data>", *fields, "</data>"))
    lines = ("".join(f"<{cell}>{html.escape(one)}</{cell}>" for one in row) for row in rows)
    return "\n".join((f"<{table}>", *(f"  <{line}>{one}</{line}>" for one in lines), f"</{table}>"))


def restored(text: str, shape: str, form: str, between: Separators) -> str | None:
    """The input as it was; None when the text is no such data."""
    rows = _cells_of_json(text, shape) if form == "JSON" else _cells(text, shape, form)
    if not rows or not all(rows):
        return None
    return between["list"].join(rows[0]) if shape == "list" else "\n".join(between[shape].join(row) for row in rows)


def _cells_of_json(text: str, shape: str) -> Rows:
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError):
        return []
    match shape, data:
        case "list", [*items]:
            return [[str(item) for item in items]]
        case "fields", {**fields}:
            return [[str(name), str(value)] for name, value in fields.items()]
        case "table", [{**first}, *_] if all(isinstance(row, dict) for row in data):
            return [list(map(str, first)), *([str(value) for value in row.values()] for row in data)]
    return []


def _cells(text: str, shape: str, form: str) -> Rows:
    if form == "Markdown" and shape == "list":
        return [re.findall(r"^- (.+)$", text, re.MULTILINE)]
    if form == "Markdown":
        rows = [line[2:-2].split(" | ") for line in text.split("\n") if re.fullmatch(r"\| .+ \|", line)]
        return (rows[:1] if shape == "table" else []) + rows[2:]
    _, line, cell, _, item = _TAGS[form]
    if shape == "list":
        return [_inside(text, item)]
    if shape == "fields" and form == "XML":
        found = re.findall(r'<field name="(.*?)">(.*?)</field>', text)
        return [[html.unescape(name), html.unescape(value)] for name, value in found]
    return [_inside(row, cell) for row in re.findall(f"<{line}>(.*?)</{line}>", text, re.DOTALL)]


def _inside(text: str, tag: str) -> list[str]:
    return [html.unescape(found) for found in re.findall(f"<{tag}>(.*?)</{tag}>", text)]
