"""What a run spent, as a table for rich to print."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import shown
from selfinstruct.teachers.journal.spending import Spending

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["spending_table"]


def spending_table(rows: list[Spending]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text("What it took"), title_justify="left", box=None, pad_edge=False)
    names = ("step", "model", "requests", "input", "cached", "output", "thoughts", "dollars")
    for number, name in enumerate(names):
        table.add_column(name, justify="left" if number < 2 else "right", no_wrap=number > 1)
    for row in rows:
        counts = [row.requests, row.input, row.cached, row.output, row.thinking]
        who = [shown(row.step) or "(lost, at most)", shown(row.model).removeprefix("function:")]
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
