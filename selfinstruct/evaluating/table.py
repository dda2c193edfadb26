"""The table of an evaluation for a terminal: a line a figure, a column a model, and below it the differences."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from selfinstruct.errors import shown
from selfinstruct.evaluating.against import remarks_on
from selfinstruct.evaluating.evaluate import Evaluation
from selfinstruct.evaluating.intervals import Estimate

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["apart", "cell", "heads", "remarks", "table_of"]

NONE = "–"


def table_of(found: Evaluation) -> Table:
    """For rich to print; texts in it are shown already."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for number, head in enumerate(("", *found.models)):
        table.add_column(shown(head), justify="right" if number else "left", no_wrap=not number)
    suite = ""
    for row in found.rows:
        name = f"{row.suite}, {row.name}" if row.suite != suite else f"  {row.name}"
        suite = row.suite
        table.add_row(shown(name), *(cell(row.cells.get(model), row.unit) for model in found.models))
        if any(row.differences.values()):
            between = (apart(row.differences.get(model), row.unit) for model in found.models[1:])
            table.add_row(f"  less {shown(found.models[0])}", "", *between)
    return table


def heads(models: tuple[str, ...]) -> list[str]:
    """Of the page's columns: each model, then each difference to the first."""
    return ["", *models, *(f"{model} − {models[0]}" for model in models[1:])]


def cell(one: Estimate | None, unit: str) -> str:
    """ "53.2% [49.0, 57.3]", or "1.234 [1.201, 1.267]"."""
    if one is None or math.isnan(one.value):
        return NONE
    if not math.isfinite(one.high - one.low):
        return f"{one.value:.1%}" if unit == "share" else _number(one.value)
    if unit == "share":
        return f"{one.value:.1%} [{100 * one.low:.1f}, {100 * one.high:.1f}]"
    return f"{_number(one.value)} [{_number(one.low)}, {_number(one.high)}]"


def apart(one: Estimate | None, unit: str) -> str:
    """ "+3.1 [-0.2, +6.4]", in points of percent where the figures are shares."""
    if one is None:
        return NONE
    values = [100 * value if unit == "share" else value for value in one[:3]]
    texts = [f"{value:+.1f}" if unit == "share" else f"{value:+.3f}" for value in values]
    texts = [text.replace("-", "+") if float(text) == 0 else text for text in texts]
    return texts[0] if not math.isfinite(one.high - one.low) else f"{texts[0]} [{texts[1]}, {texts[2]}]"


def _number(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 100 else f"{value:,.0f}"


def remarks(found: Evaluation) -> Iterator[str]:
    """What a reader should know beside the table, a line each."""
    for name, suite in found.suites.items():
        for model in found.models:
            if fates := found.fates(name, model):
                counts = ", ".join(f"{count:,} {fate}" for fate, count in fates.items())
                yield f"{name}, {model}: of {len(found.marks[name][model]):,} items {counts}"
        yield from (f"{name}: {note}" for note in suite["notes"])
        if suite["way"] == "pairs":
            for model, marks in found.marks[name].items():
                yield from (f"{name}, {model}: {line}" for line in (remarks_on(marks) if marks else ()))
        if suite["overlaps"] is not None:
            yield f"{name}: {suite['overlaps']:,} of {suite['items']:,} items are in the training data, or much of them"
