"""The command that says what models cost: prices."""

from __future__ import annotations

import click

from selfinstruct.cli.group import main, print_rich, say
from selfinstruct.errors import UsageError, quoted, shown

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
    from rich.table import Table
    from rich.text import Text

    from selfinstruct.teachers.prices import TIERS, Prices, usual_file

    known = Prices.known()
    if models and base_url:
        rows = [(model, row) for model in models if (row := known.row(model, base_url))]
    else:
        rows = [(name, row) for name in models for row in known if row.covers(name)]
        rows += [(row.model, row) for row in known if not models and (not base_url or row.holds_at(base_url))]
    columns = ("model", "input", "cached", "written", "output", *TIERS[:-1], "at", "date", "source")
    table = Table(box=None, pad_edge=False)
    for name in columns:
        table.add_column(name, justify="right" if name in columns[1:5] else "left", overflow="fold")
    for name, row in rows:
        price = row.price
        parts = (price.input, price.cached, price.written, price.output)
        cells = [name, *("" if part is None else f"{part:g}" for part in parts)]
        cells += [str(price.tiers.get(tier, "")) for tier in TIERS[:-1]]
        note = "; ".join(filter(None, (f"{price.long} above {price.above:,}" if price.long else "", row.note)))
        cells += [" ".join(row.at), row.date, f"{row.source} ({note})" if note else row.source]
        table.add_row(*(Text(shown(cell)) for cell in cells))
    if rows:
        print_rich(table)
    found = {name for name, _ in rows}
    if missing := [name for name in models if name not in found]:
        raise UsageError(
            f"no price known for {', '.join(map(quoted, missing))}: give --price IN/OUT with the command, or write it "
            f"in {usual_file()}"
        )
    if not models:
        say(f"Your own, before all these: {usual_file()}, or the file that SELFINSTRUCT_PRICES names", err=True)
