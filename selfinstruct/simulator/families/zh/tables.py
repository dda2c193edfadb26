"""Families about tables: CSV to Markdown or JSON, and questions about the rows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fractions import Fraction
from random import Random

from selfinstruct.simulator.data import table
from selfinstruct.simulator.families.zh.forms import once
from selfinstruct.simulator.families.zh.making import family, part
from selfinstruct.simulator.families.zh.vocabulary import figure
from selfinstruct.simulator.family import Slots

__all__ = ["FAMILIES"]

BOOK = "texts"
SHEETS = table("zh", BOOK)["sheets"]


def _rows(given: str) -> list[list[str]]:
    return [line.split(",") for line in given.split("\n")]


def _numbers(given: str) -> dict[str, int]:
    return {entry: int(value) for entry, value in _rows(given)[1:]}


def _csv(rng: Random, slots: Slots) -> str:
    sheet = SHEETS[slots["sheet"]]
    rows = zip(rng.sample(sheet["entries"], 4), rng.sample(range(sheet["low"], sheet["high"]), 4), strict=True)
    return ",".join(sheet["columns"]) + "\n" + "\n".join(f"{entry},{value}" for entry, value in rows)


ORDERS: dict[str, int] = part(BOOK, "csv_to_markdown")["orders"]


def _markdown(slots: Slots, given: str) -> str:
    head, *rows = _rows(given)
    if order := ORDERS[slots["order"]]:
        rows.sort(key=lambda row: order * int(row[1]))
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def _is_markdown(slots: Slots, given: str, output: str) -> bool:
    """The same cells, with a line of hyphens below the first; how wide and how aligned does not matter."""

    def cells(text: str) -> list[list[str]]:
        rows = [line.strip().strip("|").split("|") for line in text.strip().split("\n")]
        return [[re.sub("^:?-+:?$", "-", cell.strip()) for cell in row] for row in rows]

    return cells(output) == cells(_markdown(slots, given))


MARKDOWN = family(
    BOOK,
    "csv_to_markdown",
    slots={"sheet": tuple(SHEETS), "order": tuple(ORDERS)},
    draw=_csv,
    solve=_markdown,
    check=_is_markdown,
)

LIST, OBJECT = part(BOOK, "csv_to_json")["shapes"]


def _as_json(slots: Slots, given: str) -> object:
    (first, second), numbers = _rows(given)[0], _numbers(given)
    return numbers if slots["shape"] == OBJECT else [{first: entry, second: its} for entry, its in numbers.items()]


def _is_json(slots: Slots, given: str, output: str) -> bool:
    try:
        found = json.loads(output, object_pairs_hook=once)
        return bool(found == _as_json(slots, given)) and "true" not in output  # which equals 1
    except (ValueError, RecursionError):
        return False


TO_JSON = family(
    BOOK,
    "csv_to_json",
    slots={"sheet": tuple(SHEETS), "shape": (LIST, OBJECT)},
    draw=_csv,
    solve=lambda slots, given: json.dumps(_as_json(slots, given), ensure_ascii=False),
    check=_is_json,
)

# Questions about the rows: the bare answer, and what is said with it.

LOOKUPS: dict[str, tuple[Callable[[dict[str, int]], str], Callable[[dict[str, int]], str]]] = {
    "哪一项数值最高": (
        lambda rows: max(rows, key=rows.__getitem__),
        lambda rows: f"最高的是{max(rows, key=rows.__getitem__)}，数值是{max(rows.values())}。",
    ),
    "数值最低的是哪一项": (
        lambda rows: min(rows, key=rows.__getitem__),
        lambda rows: f"最低的是{min(rows, key=rows.__getitem__)}，数值是{min(rows.values())}。",
    ),
    "所有数值加起来是多少": (
        lambda rows: str(sum(rows.values())),
        lambda rows: f"{'＋'.join(map(str, rows.values()))}＝{sum(rows.values())}，加起来是{sum(rows.values())}。",
    ),
    "最高和最低相差多少": (
        lambda rows: str(max(rows.values()) - min(rows.values())),
        lambda rows: f"最高{max(rows.values())}，最低{min(rows.values())}，相差{max(rows.values()) - min(rows.values())}。",
    ),
    "从高到低排第二的是哪一项": (
        lambda rows: sorted(rows, key=lambda name: -rows[name])[1],
        lambda rows: "从高到低是{}，所以排第二的是{}。".format(
            "、".join(sorted(rows, key=lambda name: -rows[name])), sorted(rows, key=lambda name: -rows[name])[1]
        ),
    ),
}
LOOKUP = family(
    BOOK,
    "table_question",
    slots={"sheet": tuple(SHEETS), "look": tuple(LOOKUPS)},
    draw=_csv,
    solve=lambda slots, given: LOOKUPS[slots["look"]][0](_numbers(given)),
    tell=lambda slots, given, bare: LOOKUPS[slots["look"]][1](_numbers(given)),
    further={
        "再算一算四项的平均数。": lambda slots, given: (
            f"四项的平均数是{figure(Fraction(sum(_numbers(given).values()), 4))}。"
        ),
        "再把各项按数值从高到低排一遍。": lambda slots, given: (
            "从高到低是{}。".format("、".join(sorted(_numbers(given), key=lambda name: -_numbers(given)[name])))
        ),
    },
)

FAMILIES = (MARKDOWN, TO_JSON, LOOKUP)
