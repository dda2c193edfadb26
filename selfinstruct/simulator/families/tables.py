"""Families about tables and records: other formats, totals, choosing rows."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import NamedTuple

from selfinstruct.simulator.data import table
from selfinstruct.simulator.families.making import family
from selfinstruct.simulator.family import Slots
from selfinstruct.simulator.vocabulary import items, rounded

__all__ = ["FAMILIES"]

Facts = dict[str, object]


class Sheet(NamedTuple):
    """A table of two columns: entries, all different, and numbers, all different."""

    first: str
    """The heading of the entries."""
    second: str
    """The heading of the numbers."""
    rows: list[tuple[str, int]]


_SHEETS: dict[str, list[str]] = {sheet: text.split(" | ") for sheet, text in table("en", "tables")["sheets"].items()}


def _drawn(rng: Random, sheet: str) -> Sheet:
    first, second, low, high, names = _SHEETS[sheet or rng.choice(tuple(_SHEETS))]
    entries = rng.sample(items(names), 5)
    return Sheet(first, second, list(zip(entries, rng.sample(range(int(low), int(high)), len(entries)), strict=True)))


def _as_csv(sheet: Sheet, mark: str = ",") -> str:
    return "\n".join(mark.join(map(str, row)) for row in (sheet[:2], *sheet.rows))


def _read_csv(given: str) -> Sheet:
    (first, second), *rows = (line.split(",") for line in given.split("\n"))
    return Sheet(first, second, [(entry, int(number)) for entry, number in rows])


def _as_json(sheet: Sheet) -> str:
    return json.dumps([{sheet.first: entry, sheet.second: number} for entry, number in sheet.rows])


def _read_json(given: str) -> Sheet:
    rows = json.loads(given)
    first, second = rows[0]
    return Sheet(first, second, [(row[first], row[second]) for row in rows])


def _as_markdown(sheet: Sheet) -> str:
    lines = [f"| {entry} | {number} |" for entry, number in sheet.rows]
    return "\n".join([f"| {sheet.first} | {sheet.second} |", "| --- | --- |", *lines])


def _as_yaml(sheet: Sheet) -> str:
    return "\n".join(f"- {sheet.first}: {entry}\n  {sheet.second}: {number}" for entry, number in sheet.rows)


def _as_html(sheet: Sheet) -> str:
    body = "".join(f"<tr><td>{entry}</td><td>{number}</td></tr>" for entry, number in sheet.rows)
    return f"<table><tr><th>{sheet.first}</th><th>{sheet.second}</th></tr>{body}</table>"


_FORMATS: dict[str, Callable[[Sheet], str]] = {
    "a JSON array of objects": _as_json,
    "a Markdown table": _as_markdown,
    "a YAML list": _as_yaml,
    "an HTML table on a single line": _as_html,
}
_MARKS = {"commas": ",", "semicolons": ";", "tabs": "\t", "vertical bars": "|"}


def _csv(rng: Random, slots: Slots) -> str:
    return _as_csv(_drawn(rng, slots.get("sheet", "")))


def _layout(form: str, text: str) -> object:
    """What counts in a text of that form: spaces between parts don't, nor the length of a Markdown table's rule."""
    if "JSON" in form:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return None
    if "HTML" in form:
        return re.sub(r">\s+|\s+<", lambda found: found[0].strip(), text).casefold()
    if "Markdown" in form:
        rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.split("\n")]
        return [["---" if re.fullmatch(":?-{3,}:?", cell) else cell for cell in row] for row in rows]
    return [line.rstrip() for line in text.split("\n")]


def _reformatted(slots: Slots, given: str) -> str:
    return _FORMATS[slots["form"]](_read_csv(given))


def _delimited(slots: Slots, given: str) -> str:
    return _as_csv(_read_json(given), _MARKS[slots["mark"]])


# Totals and choices.

Rows = list[tuple[str, int]]


def _numbers(rows: Rows) -> Facts:
    """What can be said about the numbers of a table."""
    values, ranked = [number for _, number in rows], sorted(rows, key=lambda row: -row[1])
    return {
        "n": len(rows),
        "sum": sum(values),
        "average": rounded(Fraction(sum(values), len(values)), 1),
        "terms": " + ".join(map(str, values)),
        "high": ranked[0][1],
        "low": ranked[-1][1],
        "highest": ranked[0][0],
        "lowest": ranked[-1][0],
        "difference": ranked[0][1] - ranked[-1][1],
    }


_UNITS: dict[str, str] = table("en", "tables")["table_total"]["units"]
_TOTALS: dict[str, tuple[str, str]] = {
    question: (sheet, case)
    for sheet, asked in table("en", "tables")["table_total"]["questions"].items()
    for case, question in asked.items()
}
"""By question: the sheet that it is about, and which of its figures is the answer."""


def _total(slots: Slots, given: str) -> Facts:
    sheet = _read_csv(given)
    known, case = _numbers(sheet.rows), _TOTALS[slots["question"]][1]
    return {**known, "case": case, "bare": known[case], "unit": _UNITS[sheet.second]}


_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    ">=": operator.ge,
}
_CHOICES: dict[str, list[str]] = {
    question: said.split(" | ") for question, said in table("en", "tables")["choose_rows"]["questions"].items()
}


def _chosen(slots: Slots, rows: Rows) -> Rows:
    _, sign, bound = _CHOICES[slots["question"]]
    return [row for row in rows if _COMPARE[sign](row[1], int(bound))]


def _parted(rng: Random, slots: Slots) -> str:
    """A sheet of which some rows are asked for, and not all."""
    while True:
        sheet = _drawn(rng, _CHOICES[slots["question"]][0])
        if 0 < len(_chosen(slots, sheet.rows)) < len(sheet.rows):
            return _as_csv(sheet)


def _choice(slots: Slots, given: str) -> Facts:
    chosen = _chosen(slots, _read_csv(given).rows)
    shown = ", ".join(f"{entry} ({number})" for entry, number in chosen)
    return {"bare": ", ".join(entry for entry, _ in chosen) or "none", "shown": shown or "none"}


_ABOUT = {"sheet": tuple(_SHEETS)}
FAMILIES = (
    family(
        "tables",
        "from_csv",
        _csv,
        lambda slots, given: {"bare": _reformatted(slots, given)},
        _ABOUT,
        check=lambda slots, given, output: (
            _layout(slots["form"], output) == _layout(slots["form"], _reformatted(slots, given))
        ),
    ),
    family(
        "tables",
        "to_csv",
        lambda rng, slots: _as_json(_drawn(rng, "")),
        lambda slots, given: {"bare": _delimited(slots, given)},
        check=lambda slots, given, output: output.strip() == _delimited(slots, given),
    ),
    family(
        "tables",
        "table_total",
        lambda rng, slots: _as_csv(_drawn(rng, _TOTALS[slots["question"]][0])),
        _total,
        {"question": tuple(_TOTALS)},
    ),
    family("tables", "choose_rows", _parted, _choice, {"question": tuple(_CHOICES)}),
)
