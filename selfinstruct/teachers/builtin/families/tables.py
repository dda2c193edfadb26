"""Families about tables and records: totals, choosing rows, sorting, and changing the format of data."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import NamedTuple

from selfinstruct.teachers.builtin.endings import ITEM, LIST
from selfinstruct.teachers.builtin.family import Family, Slots
from selfinstruct.teachers.builtin.settings import OFFICE
from selfinstruct.teachers.builtin.vocabulary import plain_number, rounded

__all__ = ["FAMILIES"]


class Sheet(NamedTuple):
    first: str
    """Heading of the first column, whose entries are all different."""
    entries: tuple[str, ...]
    second: str
    """Heading of the second column, of numbers."""
    numbers: range


SHEETS = {
    "a cheese dairy's stock": Sheet(
        "cheese", ("brie", "gouda", "feta", "comte", "edam", "cheddar"), "wheels", range(3, 60)
    ),
    "the rooms of a guest house": Sheet(
        "room", ("Lark", "Robin", "Heron", "Owl", "Wren", "Finch"), "price", range(45, 140)
    ),
    "a rowing club's training log": Sheet(
        "rower", ("Ines", "Farid", "Greta", "Jonas", "Mina", "Oscar"), "kilometres", range(4, 40)
    ),
    "the plants in a nursery": Sheet(
        "plant", ("basil", "mint", "sage", "dill", "chives", "thyme"), "pots", range(8, 90)
    ),
    "a bookshop's weekly sales": Sheet(
        "title", ("Tides", "Salt Road", "Old Maps", "Nine Bells", "Ferry", "Lanterns"), "copies", range(2, 50)
    ),
    "members of a repair cafe": Sheet(
        "name", ("Vera", "Hugo", "Amara", "Sven", "Tara", "Yusuf"), "repairs", range(1, 30)
    ),
    "the wells of a dry region": Sheet(
        "well", ("North", "Chapel", "Quarry", "Mill", "Ridge", "Camp"), "depth", range(12, 120)
    ),
    "a museum's visitors by day": Sheet("day", ("Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), "visitors", range(20, 400)),
    "hives in an apiary": Sheet("hive", ("A1", "A2", "B1", "B2", "C1", "C2"), "honey_kg", range(5, 35)),
    "the trams on a city's lines": Sheet(
        "line", ("Red", "Blue", "Green", "Ring", "Airport", "Harbour"), "trams", range(4, 44)
    ),
    "phone orders of a pizzeria": Sheet(
        "pizza", ("margherita", "funghi", "diavola", "capri", "siciliana", "bianca"), "orders", range(1, 40)
    ),
    "lengths of hiking trails": Sheet(
        "trail", ("Ridge", "Lake", "Gorge", "Forest", "Pass", "Glacier"), "km", range(3, 28)
    ),
}
Rows = list[tuple[str, int]]


def _rows(rng: Random, slots: Slots) -> tuple[Sheet, Rows]:
    sheet = SHEETS[slots["sheet"]]
    entries = rng.sample(sheet.entries, rng.randint(3, 5))
    return sheet, list(zip(entries, rng.sample(sheet.numbers, len(entries)), strict=True))


def _as_csv(sheet: Sheet, rows: Rows) -> str:
    return "\n".join([f"{sheet.first},{sheet.second}", *(f"{entry},{number}" for entry, number in rows)])


def _as_json(sheet: Sheet, rows: Rows) -> str:
    return json.dumps([{sheet.first: entry, sheet.second: number} for entry, number in rows])


def _as_markdown(sheet: Sheet, rows: Rows) -> str:
    lines = [f"| {entry} | {number} |" for entry, number in rows]
    return "\n".join([f"| {sheet.first} | {sheet.second} |", "| --- | --- |", *lines])


def _as_yaml(sheet: Sheet, rows: Rows) -> str:
    return "\n".join(f"- {sheet.first}: {entry}\n  {sheet.second}: {number}" for entry, number in rows)


def _as_html(sheet: Sheet, rows: Rows) -> str:
    body = "".join(f"<tr><td>{entry}</td><td>{number}</td></tr>" for entry, number in rows)
    return f"<table><tr><th>{sheet.first}</th><th>{sheet.second}</th></tr>{body}</table>"


def _as_lines(sheet: Sheet, rows: Rows) -> str:
    return "\n".join(f"{entry} = {number}" for entry, number in rows)


def _csv_input(rng: Random, slots: Slots) -> str:
    return _as_csv(*_rows(rng, slots))


def _read_csv(slots: Slots, given: str) -> tuple[Sheet, Rows]:
    rows = [line.split(",") for line in given.split("\n")[1:]]
    return SHEETS[slots["sheet"]], [(entry, int(number)) for entry, number in rows]


FORMATS: dict[str, Callable[[Sheet, Rows], str]] = {
    "a JSON array of objects": _as_json,
    "a Markdown table": _as_markdown,
    "a YAML list": _as_yaml,
    "an HTML table on a single line": _as_html,
    "lines such as entry = 12, without the headings": _as_lines,
}
FROM_CSV = Family(
    name="from_csv",
    phrasings=(
        "Convert the CSV data about {sheet} into {form}.",
        "Here comes a small CSV export, {sheet}. Show the same data as {form}.",
        "The web team cannot use CSV: give them {sheet} as {form}.",
        "Reformat the comma-separated records of {sheet}; the target is {form}.",
        "Show how {sheet}, delivered as CSV, would look as {form}.",
    ),
    slots={"sheet": tuple(SHEETS), "form": tuple(FORMATS)},
    draw=_csv_input,
    solve=lambda slots, given: FORMATS[slots["form"]](*_read_csv(slots, given)),
    settings=OFFICE,
)
TO_CSV = Family(
    name="to_csv",
    phrasings=(
        "Turn the JSON about {sheet} into CSV with a header line and {mark} as the separator.",
        "An old spreadsheet must read {sheet}. Flatten the JSON to lines separated by {mark}, header first.",
        "Write {sheet}, given as JSON, as a text table: first the headings, then the rows, fields divided by {mark}.",
        "Please export {sheet} from JSON to delimited text. Use {mark} between the fields and keep the order.",
    ),
    slots={"sheet": tuple(SHEETS), "mark": ("a comma", "a semicolon", "a tab", "a vertical bar")},
    draw=lambda rng, slots: _as_json(*_rows(rng, slots)),
    solve=lambda slots, given: _delimited(slots, given),
    check=lambda slots, given, output: output.strip() == _delimited(slots, given),
    settings=OFFICE,
)


def _delimited(slots: Slots, given: str) -> str:
    mark = {"a comma": ",", "a semicolon": ";", "a tab": "\t", "a vertical bar": "|"}[slots["mark"]]
    rows = json.loads(given)
    return "\n".join(mark.join(map(str, row)) for row in (rows[0], *(row.values() for row in rows)))


TOTALS: dict[str, Callable[[Rows], str]] = {
    "the sum of the number column": lambda rows: plain_number(sum(n for _, n in rows)),
    "the average of the numbers (to one decimal)": lambda rows: rounded(
        Fraction(sum(n for _, n in rows), len(rows)), 1
    ),
    "the entry with the highest number": lambda rows: max(rows, key=lambda row: row[1])[0],
    "the entry with the lowest number": lambda rows: min(rows, key=lambda row: row[1])[0],
    "the gap between the highest and lowest value": lambda rows: str(max(n for _, n in rows) - min(n for _, n in rows)),
    "the two top entries added together": lambda rows: str(sum(sorted(n for _, n in rows)[-2:])),
    "the share of the first entry in the total (in whole percent)": lambda rows: (
        rounded(Fraction(100 * rows[0][1], sum(n for _, n in rows)), 0) + "%"
    ),
}
TOTAL = Family(
    name="table_total",
    phrasings=(
        "The table shows {sheet}. Report {total}.",
        "Find {total} in the records for {sheet}.",
        "Somebody wants to know {total}, looking at {sheet}. Work it out.",
        "Read the table with {sheet} and tell me {total}.",
        "From the data ({sheet}), derive {total}.",
        "What is {total}, according to the list of {sheet}?",
    ),
    slots={"sheet": tuple(SHEETS), "total": tuple(TOTALS)},
    draw=_csv_input,
    solve=lambda slots, given: TOTALS[slots["total"]](_read_csv(slots, given)[1]),
    settings=OFFICE,
    endings=ITEM,
)

CHOICES: dict[str, Callable[[Rows], Rows]] = {
    "whose number is above the average": lambda rows: [
        row for row in rows if row[1] * len(rows) > sum(n for _, n in rows)
    ],
    "with an even number": lambda rows: [row for row in rows if row[1] % 2 == 0],
    "with an odd number": lambda rows: [row for row in rows if row[1] % 2],
    "that rank first and second by number": lambda rows: sorted(rows, key=lambda row: -row[1])[:2],
    "from the lowest number to the highest": lambda rows: sorted(rows, key=lambda row: row[1]),
    "from the highest number down to the lowest": lambda rows: sorted(rows, key=lambda row: -row[1]),
    "below the average": lambda rows: [row for row in rows if row[1] * len(rows) < sum(n for _, n in rows)],
}
CHOOSE_ROWS = Family(
    name="choose_rows",
    phrasings=(
        "From {sheet}, list the entries of the first column {choice}; write none if there are no such entries.",
        "Name those {choice} in the table of {sheet}, or say none.",
        "Looking through {sheet}, I need only the names {choice} (or the word none).",
        "Pick from {sheet} everything {choice}. First column only; an empty choice is written none.",
        "Which entries of {sheet} are left if I ask for those {choice}? Answer none if nothing is.",
    ),
    slots={"sheet": tuple(SHEETS), "choice": tuple(CHOICES)},
    draw=_csv_input,
    solve=lambda slots, given: (
        ", ".join(entry for entry, _ in CHOICES[slots["choice"]](_read_csv(slots, given)[1])) or "none"
    ),
    settings=OFFICE,
    endings=LIST,
)

FAMILIES = (FROM_CSV, TO_CSV, TOTAL, CHOOSE_ROWS)
