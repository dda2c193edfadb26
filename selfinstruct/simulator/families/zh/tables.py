"""Families about tables: CSV to Markdown or JSON, and questions about the rows."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from random import Random

from selfinstruct.simulator.data import table
from selfinstruct.simulator.families.zh.forms import once
from selfinstruct.simulator.families.zh.making import Facts, family, joined, part
from selfinstruct.simulator.families.zh.vocabulary import figure
from selfinstruct.simulator.family import Slots, fill

__all__ = ["FAMILIES"]

BOOK = "texts"
SHEETS = table("zh", BOOK)["sheets"]


def _rows(given: str) -> list[list[str]]:
    return [line.split(",") for line in given.split("\n")]


def _csv(rng: Random, slots: Slots) -> str:
    sheet = SHEETS[slots["sheet"]]
    rows = zip(rng.sample(sheet["entries"], 4), rng.sample(range(*sheet["range"]), 4), strict=True)
    return ",".join(sheet["columns"]) + "\n" + "\n".join(f"{entry},{value}" for entry, value in rows)


def _known(slots: Slots, given: str) -> dict[str, str]:
    """All that may be said about a table."""
    rows = {entry: int(value) for entry, value in _rows(given)[1:]}
    order, numbers = sorted(rows, key=lambda name: -rows[name]), rows.values()
    known = {
        "top": order[0],
        "second": order[1],
        "bottom": order[-1],
        "high": max(numbers),
        "low": min(numbers),
        "sum": sum(numbers),
        "gap": max(numbers) - min(numbers),
        "order": joined(order),
        "addends": "＋".join(map(str, numbers)),
        "mean": figure(Fraction(sum(numbers), len(rows))),
    }
    sheet = SHEETS[slots["sheet"]]
    unit, measures = sheet["unit"], sheet.get("measures", {})
    named = {"of_top": measures.get(order[0], unit), "of_bottom": measures.get(order[-1], unit)}
    known |= named | {name: sheet[name] for name in ("unit", "more", "less")}
    return {name: str(its) for name, its in known.items()}


def _worded(sheet: str, wording: str) -> str:
    """A wording with what the sheet's columns are called, and what much and little of it is."""
    its = SHEETS[sheet]
    name, value = its["columns"]
    return fill(wording, {"name": name, "value": value, "more": its["more"], "less": its["less"]})


ORDERS: dict[str, dict[str, int]] = {
    sheet: {_worded(sheet, wording): order for wording, order in part(BOOK, "csv_to_markdown")["orders"].items()}
    for sheet in SHEETS
}
"""Of each sheet: what may be asked about the order of its rows, and which order that is; 0 as they stand."""


def _markdown(slots: Slots, given: str) -> Facts:
    head, *rows = _rows(given)
    if order := ORDERS[slots["sheet"]][slots["order"]]:
        rows.sort(key=lambda row: order * int(row[1]))
    lines = (f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))
    return {**_known(slots, given), "answer": "\n".join(lines)}


def _is_markdown(slots: Slots, given: str, output: str) -> bool:
    """The same cells, with a line of hyphens below the first; how wide and how aligned does not matter."""

    def cells(text: object) -> list[list[str]]:
        rows = [line.strip().strip("|").split("|") for line in str(text).strip().split("\n")]
        return [[re.sub("^:?-+:?$", "-", cell.strip()) for cell in row] for row in rows]

    return cells(output) == cells(_markdown(slots, given)["answer"])


MARKDOWN = family(
    BOOK,
    "csv_to_markdown",
    slots={"sheet": tuple(SHEETS), "order": tuple({order: None for orders in ORDERS.values() for order in orders})},
    fits=lambda slots: slots["order"] in ORDERS[slots["sheet"]],
    draw=_csv,
    facts=_markdown,
    check=_is_markdown,
)

LIST, _OBJECT = part(BOOK, "csv_to_json")["shapes"]
OBJECTS = {sheet: _worded(sheet, _OBJECT) for sheet in SHEETS}


def _json(slots: Slots, given: str) -> Facts:
    (first, second), *rows = _rows(given)
    whole = {entry: int(value) for entry, value in rows}
    entries = [{first: entry, second: its} for entry, its in whole.items()]
    return {
        **_known(slots, given),
        "answer": json.dumps(entries if slots["shape"] == LIST else whole, ensure_ascii=False),
    }


def _is_json(slots: Slots, given: str, output: str) -> bool:
    right = json.loads(str(_json(slots, given)["answer"]))
    try:
        return bool(json.loads(output, object_pairs_hook=once) == right) and "true" not in output  # which equals 1
    except (ValueError, RecursionError):
        return False


TO_JSON = family(
    BOOK,
    "csv_to_json",
    slots={"sheet": tuple(SHEETS), "shape": (LIST, *dict.fromkeys(OBJECTS.values()))},
    fits=lambda slots: slots["shape"] in (LIST, OBJECTS[slots["sheet"]]),
    draw=_csv,
    facts=_json,
    check=_is_json,
)


# What is asked about the rows: of each sheet in its own words.

ANSWERS: dict[str, str] = part(BOOK, "table_question")["answers"]
LOOKS = {sheet: {its[kind]: kind for kind in ANSWERS} for sheet, its in SHEETS.items()}


def _looked_up(slots: Slots, given: str) -> Facts:
    known, kind = _known(slots, given), LOOKS[slots["sheet"]][slots["look"]]
    return {**known, "answer": fill(ANSWERS[kind], known), "kind": kind}


LOOKUP = family(
    BOOK,
    "table_question",
    slots={"sheet": tuple(SHEETS), "look": tuple({look: None for looks in LOOKS.values() for look in looks})},
    fits=lambda slots: slots["look"] in LOOKS[slots["sheet"]],
    draw=_csv,
    facts=_looked_up,
)

FAMILIES = (MARKDOWN, TO_JSON, LOOKUP)
