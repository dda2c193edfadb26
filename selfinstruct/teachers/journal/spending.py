"""What a run spent, by step and model, as its journal has it: requests, tokens as billed, dollars."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from selfinstruct.teachers.journal.file import translated

__all__ = ["Spending", "spending"]

QUERY = """SELECT step, json_extract(request, '$.model'), count(*), sum(input_tokens), sum(cached_tokens),
    sum(output_tokens), sum(thinking_tokens), sum(cost), sum(cost IS NULL),
    sum(seconds), sum(attempts - 1)
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
    seconds: float | None = None
    """That the answers took, one after the other; many are on the wire at a time."""
    retries: int = 0
    """Attempts beyond the first of each request."""


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
