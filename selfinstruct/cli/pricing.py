"""The command that says what models cost: prices."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import click

from selfinstruct.cli.group import main, print_rich, say
from selfinstruct.errors import UsageError, quoted, shown

if TYPE_CHECKING:
    from rich.table import Table

    from selfinstruct.teachers.prices import Row

__all__: list[str] = []


@main.command()
@click.argument("models", metavar="[MODEL]…", nargs=-1)
@click.option("--base-url", metavar="URL", help="As asked there, and nowhere else.")
def prices(models: tuple[str, ...], base_url: str | None) -> None:
    """List what models cost, in dollars per million tokens, with where and when that was published.

    Prices of your own go before these: lines like `gpt-4o: 2.5/1.25/10` in ~/.config/selfinstruct/prices.yaml, or in
    the file that SELFINSTRUCT_PRICES names; or --price with a command. A batch costs half where nothing else is said.

    \b
      selfinstruct prices gpt-4o-mini gpt-5-mini-2025-08-07
      selfinstruct run respond data.jsonl --model gpt-4o-mini --price 0.15/0.075/0.60 --budget 5 --out runs/answers
    """
    from selfinstruct.teachers.prices import Prices, usual_file

    known = Prices.known()
    if models and base_url:
        rows = [(model, row) for model in models if (row := known.row(model, base_url))]
    else:
        rows = [(name, row) for name in models for row in known if row.covers(name)]
        rows += [(row.model, row) for row in known if not models and (not base_url or row.holds_at(base_url))]
    for (at, date, source), group in groupby(rows, lambda pair: (pair[1].at, pair[1].date, pair[1].source)):
        say(f"{' '.join(at) or 'anywhere'}, {f'{date}, ' if date else ''}{source}")
        print_rich(_table(list(group)))
    found = {name for name, _ in rows}
    if missing := [name for name in models if name not in found]:
        raise UsageError(
            f"no price known for {', '.join(map(quoted, missing))}: give --price IN/OUT with the command, or write it "
            f"in {usual_file()}"
        )
    if not models:
        say(f"Your own, before all these: {usual_file()}, or the file that SELFINSTRUCT_PRICES names", err=True)


def _table(rows: list[tuple[str, Row]]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for name in ("model", "input", "cached", "written", "output", ""):
        words = name in ("model", "")
        table.add_column(
            name, justify="left" if words else "right", no_wrap=bool(name), min_width=24 * (name == "model")
        )
    for name, row in rows:
        price = row.price
        parts = (price.input, price.cached, price.written, price.output)
        more = [f"{tier} {of}" for tier, of in price.tiers.items()]
        more += [f"{price.long} above {price.above:,} tokens"] if price.long else []
        more += [row.note] if row.note else []
        cells = [name, *("" if part is None else f"{part:g}" for part in parts), "; ".join(more)]
        table.add_row(*(Text(shown(cell)) for cell in cells))
    return table
