"""Families about tables and records: totals, choosing rows, sorting, and changing the format of data."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import NamedTuple

from selfinstruct.simulator.contexts import FIRMS
from selfinstruct.simulator.endings import ITEM, LIST
from selfinstruct.simulator.family import Family, Slots
from selfinstruct.simulator.vocabulary import plain_number, rounded

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
    sheet = SHEETS[slots.get("sheet") or rng.choice(tuple(SHEETS))]
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
    headings, *rows = (line.split(",") for line in given.split("\n"))
    return Sheet(headings[0], (), headings[1], range(0)), [(entry, int(number)) for entry, number in rows]


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
        "Show the CSV data about {sheet} as {form}.",
        "Give me {form} instead of CSV; the data are about {sheet}.",
        "Reformat comma-separated records as {form}, for {firm}.",
        "How would the data about {sheet} look as {form}?",
        "Turn this CSV into {form} for {firm}.",
        "For {firm}: rewrite the records as {form}.",
    ),
    slots={"sheet": tuple(SHEETS), "form": tuple(FORMATS), "firm": FIRMS},
    draw=_csv_input,
    solve=lambda slots, given: FORMATS[slots["form"]](*_read_csv(slots, given)),
    check=lambda slots, given, output: (
        _layout(slots["form"], output) == _layout(slots["form"], FORMATS[slots["form"]](*_read_csv(slots, given)))
    ),
)


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


TO_CSV = Family(
    name="to_csv",
    phrasings=(
        "Turn the JSON about {sheet} into CSV separated by {mark}, headings first.",
        "Flatten the JSON about {sheet} to a header and lines divided by {mark}.",
        "Write the JSON as delimited text for {firm}: headings, rows, {mark} between fields.",
        "Export data about {sheet} from JSON, headings first, with {mark} between the fields.",
        "For {firm}, change the JSON to a header and rows with {mark} as separator.",
        "Make a table with headings out of JSON, using {mark}, for {firm}.",
    ),
    slots={"firm": FIRMS, "sheet": tuple(SHEETS), "mark": ("a comma", "a semicolon", "a tab", "a vertical bar")},
    draw=lambda rng, slots: _as_json(*_rows(rng, slots)),
    solve=lambda slots, given: _delimited(slots, given),
    check=lambda slots, given, output: output.strip() == _delimited(slots, given),
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
    "the sum of the two highest numbers": lambda rows: str(sum(sorted(n for _, n in rows)[-2:])),
    "the share of the first entry in the total (in whole percent)": lambda rows: (
        rounded(Fraction(100 * rows[0][1], sum(n for _, n in rows)), 0) + "%"
    ),
}
TOTAL = Family(
    name="table_total",
    phrasings=(
        "Report {total} in the table of {sheet}.",
        "Find {total} in the records of {sheet}.",
        "Work out {total}, looking at the table of {sheet}.",
        "What is {total} in this table? I ask for {firm}.",
        "From the data ({sheet}), derive {total}.",
        "What is {total}, according to the table of {sheet}?",
        "For {firm}, work out {total} from the table.",
    ),
    slots={"sheet": tuple(SHEETS), "total": tuple(TOTALS), "firm": FIRMS},
    draw=_csv_input,
    solve=lambda slots, given: TOTALS[slots["total"]](_read_csv(slots, given)[1]),
    endings=ITEM,
)

CHOICES: dict[str, Callable[[Rows], Rows]] = {
    "whose number is above the average": lambda rows: [
        row for row in rows if row[1] * len(rows) > sum(n for _, n in rows)
    ],
    "with an even number": lambda rows: [row for row in rows if row[1] % 2 == 0],
    "with an odd number": lambda rows: [row for row in rows if row[1] % 2],
    "that rank first and second by number": lambda rows: sorted(rows, key=lambda row: -row[1])[:2],
    "with a number divisible by three": lambda rows: [row for row in rows if row[1] % 3 == 0],
    "whose number is below twenty": lambda rows: [row for row in rows if row[1] < 20],
    "with a number below the average": lambda rows: [
        row for row in rows if row[1] * len(rows) < sum(n for _, n in rows)
    ],
}
CHOOSE_ROWS = Family(
    name="choose_rows",
    phrasings=(
        "From the table of {sheet}, list the entries {choice}, or say none.",
        "Name those {choice} in the table of {sheet}, or say none.",
        "Filter the records of {sheet}: keep the entries {choice}, or write none.",
        "Pick everything {choice} from the first column (or none) for {firm}.",
        "For {firm}: entries {choice}, please, or the word none.",
        "Which entries in the table of {sheet} are those {choice}? Answer none if nothing is.",
    ),
    slots={"sheet": tuple(SHEETS), "choice": tuple(CHOICES), "firm": FIRMS},
    draw=_csv_input,
    solve=lambda slots, given: (
        ", ".join(entry for entry, _ in CHOICES[slots["choice"]](_read_csv(slots, given)[1])) or "none"
    ),
    endings=LIST,
)

FAMILIES = (FROM_CSV, TO_CSV, TOTAL, CHOOSE_ROWS)
