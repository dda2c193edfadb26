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
    rows = zip(rng.sample(sheet["entries"], 4), rng.sample(range(sheet["low"], sheet["high"]), 4), strict=True)
    return ",".join(sheet["columns"]) + "\n" + "\n".join(f"{entry},{value}" for entry, value in rows)


def _known(given: str) -> dict[str, str]:
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
    return {name: str(its) for name, its in known.items()}


ORDERS: dict[str, int] = part(BOOK, "csv_to_markdown")["orders"]


def _markdown(slots: Slots, given: str) -> Facts:
    head, *rows = _rows(given)
    if order := ORDERS[slots["order"]]:
        rows.sort(key=lambda row: order * int(row[1]))
    lines = (f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))
    return {**_known(given), "answer": "\n".join(lines)}


def _is_markdown(slots: Slots, given: str, output: str) -> bool:
    """The same cells, with a line of hyphens below the first; how wide and how aligned does not matter."""

    def cells(text: object) -> list[list[str]]:
        rows = [line.strip().strip("|").split("|") for line in str(text).strip().split("\n")]
        return [[re.sub("^:?-+:?$", "-", cell.strip()) for cell in row] for row in rows]

    return cells(output) == cells(_markdown(slots, given)["answer"])


MARKDOWN = family(
    BOOK,
    "csv_to_markdown",
    slots={"sheet": tuple(SHEETS), "order": tuple(ORDERS)},
    draw=_csv,
    facts=_markdown,
    check=_is_markdown,
)

LIST, OBJECT = part(BOOK, "csv_to_json")["shapes"]


def _json(slots: Slots, given: str) -> Facts:
    (first, second), *rows = _rows(given)
    whole = {entry: int(value) for entry, value in rows}
    entries = [{first: entry, second: its} for entry, its in whole.items()]
    return {**_known(given), "answer": json.dumps(whole if slots["shape"] == OBJECT else entries, ensure_ascii=False)}


def _is_json(slots: Slots, given: str, output: str) -> bool:
    right = json.loads(str(_json(slots, given)["answer"]))
    try:
        return bool(json.loads(output, object_pairs_hook=once) == right) and "true" not in output  # which equals 1
    except (ValueError, RecursionError):
        return False


TO_JSON = family(
    BOOK,
    "csv_to_json",
    slots={"sheet": tuple(SHEETS), "shape": (LIST, OBJECT)},
    draw=_csv,
    facts=_json,
    check=_is_json,
)


def _looked_up(slots: Slots, given: str) -> Facts:
    known = _known(given)
    answer = fill(part(BOOK, "table_question")["answers"][slots["look"]], known)
    return {**known, "answer": answer, "kind": slots["look"]}


LOOKUP = family(
    BOOK,
    "table_question",
    slots={"sheet": tuple(SHEETS), "look": tuple(part(BOOK, "table_question")["answers"])},
    draw=_csv,
    facts=_looked_up,
)

FAMILIES = (MARKDOWN, TO_JSON, LOOKUP)
