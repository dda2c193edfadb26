"""Families about tables and records: other formats, totals, choosing rows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import NamedTuple

from selfinstruct.simulator.data import table
from selfinstruct.simulator.endings import ITEM, LIST
from selfinstruct.simulator.families.making import further, wordings
from selfinstruct.simulator.family import Family, Slots
from selfinstruct.simulator.vocabulary import items, listed, rounded, sized

__all__ = ["FAMILIES"]


class Sheet(NamedTuple):
    """A table of two columns: entries, all different, and numbers, all different."""

    first: str
    """The heading of the entries."""
    second: str
    """The heading of the numbers."""
    rows: list[tuple[str, int]]


_SHEETS: dict[str, list[str]] = {
    sheet: text.split(" | ") for sheet, text in table("en", "tables")["sheets"].items()
}


def _drawn(rng: Random, slots: Slots) -> Sheet:
    first, second, low, high, names = _SHEETS[slots.get("sheet") or rng.choice(tuple(_SHEETS))]
    entries = rng.sample(items(names), rng.randint(4, 5))
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
    return Sheet(*rows[0], [tuple(row.values()) for row in rows])


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


def _about_sheets(name: str) -> dict[str, object]:
    said = wordings("tables", name)
    said["slots"]["sheet"] = tuple(_SHEETS)
    return said


def _csv(rng: Random, slots: Slots) -> str:
    return _as_csv(_drawn(rng, slots))


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


FROM_CSV = Family(
    **_about_sheets("from_csv"),  # type: ignore[arg-type]
    draw=_csv,
    solve=_reformatted,
    check=lambda slots, given, output: (
        _layout(slots["form"], output) == _layout(slots["form"], _reformatted(slots, given))
    ),
)
TO_CSV = Family(
    **wordings("tables", "to_csv"),
    draw=lambda rng, slots: _as_json(_drawn(rng, slots)),
    solve=lambda slots, given: _as_csv(_read_json(given), _MARKS[slots["mark"]]),
    check=lambda slots, given, output: output.strip() == _as_csv(_read_json(given), _MARKS[slots["mark"]]),
)

# Totals and choices.

Rows = list[tuple[str, int]]


def _sum(rows: Rows) -> int:
    return sum(number for _, number in rows)


def _mean(rows: Rows) -> str:
    return rounded(Fraction(_sum(rows), len(rows)), 1)


def _ranked(rows: Rows) -> Rows:
    return sorted(rows, key=lambda row: -row[1])


_TOTALS: dict[str, tuple[Callable[[Rows], str], str]] = {
    "the sum of the numbers": (lambda rows: str(_sum(rows)), "The numbers add up like this: {terms} = {bare}."),
    "the average of the numbers (to one decimal)": (
        _mean,
        "The {n} numbers add up to {sum}, and {sum} ÷ {n} is {bare} to one decimal.",
    ),
    "the entry with the highest number": (
        lambda rows: _ranked(rows)[0][0],
        "{bare} has the highest number, {high}. The next one, {second}, has {next}.",
    ),
    "the entry with the lowest number": (
        lambda rows: _ranked(rows)[-1][0],
        "{bare} has the lowest number, {low}; all the others have more.",
    ),
    "the difference between the highest and the lowest number": (
        lambda rows: str(_ranked(rows)[0][1] - _ranked(rows)[-1][1]),
        "The highest number is {high} and the lowest {low}, so the difference is {high} − {low} = {bare}.",
    ),
}


def _total_told(slots: Slots, given: str, bare: str) -> str:
    rows = _read_csv(given).rows
    ranked = _ranked(rows)
    return _TOTALS[slots["total"]][1].format(
        **{"n": len(rows), "sum": _sum(rows), "terms": " + ".join(str(n) for _, n in rows), "bare": sized(bare)},
        **{"high": ranked[0][1], "second": ranked[1][0], "next": ranked[1][1], "low": ranked[-1][1]},
    )


TOTAL = Family(
    **_about_sheets("table_total"),  # type: ignore[arg-type]
    draw=_csv,
    solve=lambda slots, given: _TOTALS[slots["total"]][0](_read_csv(given).rows),
    tell=_total_told,
    further=further(
        "tables",
        "table_total",
        {
            "rows": lambda slots, given: f"The table has {len(_read_csv(given).rows)} rows of data.",
            "second": lambda slots, given: (
                f"The second highest number is that of {_ranked(_read_csv(given).rows)[1][0]}."
            ),
        },
    ),
    endings=ITEM,
)

_CHOICES: dict[str, Callable[[Rows], Rows]] = {
    "with a number above the average": lambda rows: [row for row in rows if row[1] * len(rows) > _sum(rows)],
    "with an even number": lambda rows: [row for row in rows if row[1] % 2 == 0],
    "with a number below twenty": lambda rows: [row for row in rows if row[1] < 20],
    "with the two highest numbers, the highest first": lambda rows: _ranked(rows)[:2],
    "with a number of at least thirty": lambda rows: [row for row in rows if row[1] >= 30],
}


def _chosen(slots: Slots, given: str) -> Rows:
    return _CHOICES[slots["choice"]](_read_csv(given).rows)


def _chosen_told(slots: Slots, given: str, bare: str) -> str:
    rows = _chosen(slots, given)
    if not rows:
        return f"None: there is no entry {slots['choice'].replace('a number', 'one')} in the table."
    average = f" The average is {_mean(_read_csv(given).rows)}." if "average" in slots["choice"] else ""
    return f"The entries {slots['choice']} are {listed([f'{entry} ({n})' for entry, n in rows])}.{average}"


CHOOSE_ROWS = Family(
    **_about_sheets("choose_rows"),  # type: ignore[arg-type]
    draw=_csv,
    solve=lambda slots, given: ", ".join(entry for entry, _ in _chosen(slots, given)) or "none",
    tell=_chosen_told,
    further=further(
        "tables",
        "choose_rows",
        {"average": lambda slots, given: f"The average is {_mean(_read_csv(given).rows)}."},
    ),
    endings=LIST,
)

FAMILIES = (FROM_CSV, TO_CSV, TOTAL, CHOOSE_ROWS)
