"""What a run spent, by step and model, from its journal: requests, tokens as billed, dollars."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from selfinstruct.errors import shown
from selfinstruct.teachers.journal.file import translated

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["Spending", "spending", "spending_table"]

QUERY = """SELECT step, json_extract(request, '$.model'), count(*), sum(input_tokens), sum(cached_tokens),
    sum(output_tokens), sum(thinking_tokens), sum(cost), sum(cost IS NULL)
    FROM answers WHERE attempts GROUP BY 1, 2 ORDER BY min(rowid)"""
LOST = "SELECT count(*), sum(given), sum(written), sum(dollars) FROM sent"


class Spending(NamedTuple):
    """Of one step and model; of attempts whose answers were lost, both are "". None: no server said so."""

    step: str
    model: str
    requests: int
    input: int | None
    cached: int | None
    """Of the input."""
    output: int | None
    thinking: int | None
    """Of the output."""
    dollars: float | None
    unpriced: int
    """Requests whose cost is not known, and not in the dollars."""


def spending(journal: Path) -> list[Spending]:
    """What was spent; nothing where there is no journal, or an old one that the next run brings up to date."""
    if not journal.is_file():
        return []
    with translated(journal), closing(sqlite3.connect(f"{journal.absolute().as_uri()}?mode=ro", uri=True)) as db:
        if not {"cached_tokens", "cost"} <= {name for _, name, *_ in db.execute("PRAGMA table_info(answers)")}:
            return []
        rows = [Spending(*row) for row in db.execute(QUERY)]
        count, given, written, dollars = db.execute(LOST).fetchone()
    return rows + [Spending("", "", count, given, None, written, None, dollars, 0)] * bool(count)


def spending_table(rows: list[Spending]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text("What it took"), title_justify="left", box=None, pad_edge=False)
    names = ("step", "model", "requests", "input", "cached", "output", "thoughts", "dollars")
    for number, name in enumerate(names):
        table.add_column(name, justify="left" if number < 2 else "right", no_wrap=number > 1)
    for row in rows:
        counts = [row.requests, row.input, row.cached, row.output, row.thinking]
        who = [shown(row.step) or "(lost on the way)", shown(row.model).removeprefix("function:")]
        table.add_row(*map(Text, who), *("" if count is None else f"{count:,}" for count in counts), _cost(row))
    if len(rows) > 1:
        table.add_row("in all", "", *_sums(rows))
    return table


def _sums(rows: list[Spending]) -> Iterator[str]:
    columns: list[Any] = list(zip(*rows, strict=True))
    for column in columns[2:7]:
        known = [value for value in column if value is not None]
        yield f"{sum(known):,}" if known else ""
    dollars = [row.dollars for row in rows if row.dollars is not None]
    yield _cost(rows[0]._replace(dollars=sum(dollars) if dollars else None, unpriced=sum(columns[8])))


def _cost(row: Spending) -> str:
    """ "$0.12", "$0.12 + $?" where some of it has no price."""
    parts = [f"${row.dollars:,.4f}"] if row.dollars is not None else []
    return " + ".join(parts + ["$?"] * (row.unpriced > 0 or row.dollars is None))
