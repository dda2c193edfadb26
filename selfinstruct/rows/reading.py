"""Tasks out of anybody's data: a file, a run, a folder of shards; one at a time or all at once.

notes = Notes()
for task in tasks_in("alpaca.json.gz", how=How(skip=True), notes=notes): …
print(*notes.lines(), sep="\n")
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selfinstruct.errors import UsageError
from selfinstruct.rows.containers import read_rows
from selfinstruct.rows.layouts import task_of
from selfinstruct.rows.notes import Bad, Notes, Where, printable
from selfinstruct.task import Rejected, Task, rejected_from_row

__all__ = ["How", "read_rejected", "read_tasks", "tasks_in"]


@dataclass(frozen=True, slots=True)
class How:
    """How data is read that does not say it itself."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """What the rows call our columns: {"instruction": "aufgabe"}."""
    encoding: str = ""
    """Of texts; "" is UTF-8, with or without BOM."""
    layout: str = ""
    """An importer, for rows that do not show what they are; "" for all others."""
    skip: bool = False
    """Whether bad rows are left out. Else the first one is an error."""


def read_tasks(data: str | Path, how: How = How(), notes: Notes | None = None) -> list[Task]:
    """All tasks of a file or run folder, in order. Raises UsageError naming the row that is no task, and for none."""
    tasks = list(tasks_in(data, how, notes))
    if not tasks:
        raise UsageError(f'{data} is empty: it needs at least one task, a line like {{"instruction": "…"}}')
    return tasks


def tasks_in(
    data: str | Path,
    how: How = How(),
    notes: Notes | None = None,
    bad: Callable[[Bad], None] | None = None,
) -> Iterator[Task]:
    """The tasks of a file, one at a time; there may be none. Raises UsageError naming the row that is no task.

    `bad` gets every row that `how.skip` leaves out.
    """
    notes = Notes() if notes is None else notes
    seen: dict[str, Where] = {}
    for where, row in read_rows(data, encoding=how.encoding):
        task = _task(where, row, f"{Path(where.file).stem}_{len(seen)}", how, notes)
        if isinstance(task, Bad):
            if not how.skip:
                raise UsageError(f"{task.where}: {task.why}")
            notes.leave_out(task)
            if bad:
                bad(task)
            continue
        if task.id in seen:
            raise UsageError(f"{where}: the id {task.id!r} is already that of {seen[task.id]}; ids must differ")
        seen[task.id] = where
        yield task


def _task(where: Where, row: Any, id: str, how: How, notes: Notes) -> Task | Bad:
    if isinstance(row, Bad):
        return row
    try:
        return task_of(row, id, notes, how.columns)
    except (ValueError, RecursionError) as error:
        return Bad(where, printable(error), str(row)[:1000])


def read_rejected(run: str | Path) -> Iterator[Rejected]:
    """What a run rejected, in order, one at a time. Raises UsageError when it is no folder of a run."""
    file = Path(run) / "rejected.jsonl"
    if not file.is_file():
        raise UsageError(f"{run} has no rejected.jsonl: give the folder of a run")
    for where, row in read_rows(file):
        try:
            rejected = rejected_from_row(row)
        except (ValueError, TypeError, AttributeError):
            raise UsageError(f"{where} is no row of a run: give the folder of one") from None
        yield rejected
