"""Tasks out of anybody's data: files, runs, folders of shards, hub data sets; one at a time or all at once.

    notes = Notes()
    for task in tasks_in("alpaca.json.gz", How(skip=True), notes): …
    print(*notes.lines(), sep="\n")

A row without an id is called after its file and its place in it, from 0: alpaca_7. An id that was there before gets a
number, x-2, and is counted. Rows of Alpaca's kind with one instruction and other inputs are instances of one task.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from selfinstruct.errors import UsageError, did_you_mean, quoted
from selfinstruct.rows.containers import read_rows
from selfinstruct.rows.ids import Ids
from selfinstruct.rows.importers.importers import IMPORTERS, guess, shown_row
from selfinstruct.rows.importers.questions import lines_that_ask, questions
from selfinstruct.rows.layouts.columns import check_found
from selfinstruct.rows.layouts.layouts import renamed, task_of
from selfinstruct.rows.notes import Bad, Notes, Where, printable
from selfinstruct.task import Instance, Rejected, Task, rejected_from_row

__all__ = ["USUAL", "Data", "How", "read_rejected", "read_tasks", "tasks_in", "tasks_of"]

Data = str | Path | Sequence[str | Path]
"""What holds tasks: a file in any layout, a run's folder, a folder of shards, a glob, -, hf://…; or several of them."""

MOST = 10_000
"""Instances that neighbouring rows make a task of, while rows are streamed: they are in memory until it is whole."""


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

    def __post_init__(self) -> None:
        if self.layout and self.layout not in IMPORTERS:
            raise UsageError(f"no layout {quoted(self.layout)}: {did_you_mean(self.layout, IMPORTERS)}")


USUAL = How()


def read_tasks(
    data: Data, how: How = USUAL, notes: Notes | None = None, bad: Callable[[Bad], None] | None = None
) -> list[Task]:
    """All tasks, in order, as `tasks_in` has them, but instances of one task put together wherever their rows are.

    Raises UsageError, also when there is none.
    """
    notes = Notes() if notes is None else notes
    tasks = list(_everywhere(_tasks(read_rows(data, encoding=how.encoding, notes=notes), how, notes, bad)))
    if not tasks:
        found = f"has no row that can be used, of {notes.left_out:,}" if notes.left_out else "is empty"
        raise UsageError(f'{_name(data)} {found}: it needs at least one task, a line like {{"instruction": "…"}}')
    return tasks


def tasks_in(
    data: Data,
    how: How = USUAL,
    notes: Notes | None = None,
    bad: Callable[[Bad], None] | None = None,
    *,
    apart: bool = False,
) -> Iterator[Task]:
    """The tasks one at a time, in constant memory; there may be none. Raises UsageError naming the row that is no task.

    Instances of one task are put together where their rows are neighbours, unless each row is to be a task of its own
    (`apart`). `bad` gets every row that `how.skip` leaves out.
    """
    notes = Notes() if notes is None else notes
    tasks = _tasks(read_rows(data, encoding=how.encoding, notes=notes), how, notes, bad)
    return (task for task, _ in tasks) if apart else _neighbours(tasks)


def tasks_of(rows: Iterable[Any], how: How = USUAL, notes: Notes | None = None) -> list[Task]:
    """The tasks of rows that are in memory, in any layout, or tasks already. As `read_tasks`, but there may be none."""
    placed = ((Where("data", "row", number), row) for number, row in enumerate(rows))
    return list(_everywhere(_tasks(placed, how, Notes() if notes is None else notes, None, "row")))


def _name(data: Data) -> str:
    return str(data) if isinstance(data, str | Path) else ", ".join(map(str, data))


def _tasks(
    rows: Iterable[tuple[Where, Any]], how: How, notes: Notes, bad: Callable[[Bad], None] | None, stem: str = ""
) -> Iterator[tuple[Task, bool]]:
    """Each task, its id its own, and whether it had none in its row. `stem`: of those ids, instead of the file's."""
    ids = Ids()
    rows = _counted(rows, notes)
    if how.layout:
        rows = IMPORTERS[how.layout](_named(rows, how.columns, notes) if how.columns else rows, notes)
    for where, row in rows if how.layout else _lines(rows, notes):
        id = ids.of_place(stem or where.file)
        task = _task(where, row, id, how, notes)
        if isinstance(task, Bad):
            if not how.skip:
                leave = "" if how is USUAL else "; --on-error skip leaves such rows out"
                raise UsageError(f"{task.where}: {task.why}{leave}")
            notes.leave_out(task)
            if bad:
                bad(task)
            continue
        if not task.id:
            task = replace(task, id=id)
        unnamed = task.id == id
        if (own := ids.taken(task.id, of_place=unnamed)) != task.id:
            notes.done["with an id that was there before, now numbered like x-2"] += 1
            task = replace(task, id=own)
        yield task, unnamed
    check_found(how.columns, notes, notes.files.total())


def _lines(rows: Iterable[tuple[Where, Any]], notes: Notes) -> Iterator[tuple[Where, Any]]:
    """The rows; in the place of a text whose lines ask for something, these."""
    for where, row in rows:
        if where.unit == "document" and isinstance(row, dict) and lines_that_ask(str(row.get("text"))):
            notes.done["a text of which each line was read as a question"] += 1
            yield from questions([(where, row)], notes)
        else:
            yield where, row


def _counted(rows: Iterable[tuple[Where, Any]], notes: Notes) -> Iterator[tuple[Where, Any]]:
    for row in rows:
        notes.files[row[0].file] += 1
        yield row


def _named(rows: Iterable[tuple[Where, Any]], columns: Mapping[str, str], notes: Notes) -> Iterator[tuple[Where, Any]]:
    """For importers, which know columns by their usual names."""
    for where, row in rows:
        try:
            yield where, renamed(row, columns, notes) if isinstance(row, dict) else row
        except ValueError as error:
            yield where, Bad(where, printable(error), shown_row(row))


def _task(where: Where, row: Any, id: str, how: How, notes: Notes) -> Task | Bad:
    if isinstance(row, Bad | Task):
        return row
    try:
        return task_of(row, id, notes, how.columns)
    except (ValueError, RecursionError) as error:
        why, name = printable(error), guess(row)
        hint = f"; it looks like --layout {name}" if name and "--layout" not in why else ""
        return Bad(where, why + hint, shown_row(row))


class _Group:
    """Rows that are instances of one task."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self._more: list[Instance] = []
        self._inputs: set[str] = set()

    def takes(self, task: Task) -> bool:
        """Whether it is a further instance, and then it is in here. What says the same again is a task of its own."""
        if task.instruction != self.task.instruction or task.extra != self.task.extra:
            return False
        self._inputs = self._inputs or {self.task.instances[0].input}
        instance = task.instances[0]
        if instance.input in self._inputs:
            return False
        self._more.append(instance)
        self._inputs.add(instance.input)
        return True

    def __len__(self) -> int:
        return 1 + len(self._more)

    def whole(self) -> Task:
        return replace(self.task, instances=(*self.task.instances, *self._more)) if self._more else self.task


def _is_instance(task: Task, unnamed: bool) -> bool:
    """Whether it may be an instance of a task of several: not when its row has an id, somebody's name for it alone."""
    return unnamed and len(task.instances) == 1 and not task.turns and task.is_classification is None


def _neighbours(tasks: Iterable[tuple[Task, bool]]) -> Iterator[Task]:
    """Instances of one task put together where they are neighbours."""
    group: _Group | None = None
    for task, unnamed in tasks:
        single = _is_instance(task, unnamed)
        if single and group and len(group) < MOST and group.takes(task):
            continue
        if group:
            yield group.whole()
        group = _Group(task) if single else None
        if not group:
            yield task
    if group:
        yield group.whole()


def _everywhere(tasks: Iterable[tuple[Task, bool]]) -> Iterator[Task]:
    """Instances of one task put together wherever they are, at the place of the first."""
    groups: dict[str, _Group] = {}
    found: list[_Group] = []
    for task, unnamed in tasks:
        single = _is_instance(task, unnamed)
        if single and (group := groups.get(task.instruction)) and group.takes(task):
            continue
        found.append(_Group(task))
        if single:
            groups.setdefault(task.instruction, found[-1])
    return (group.whole() for group in found)


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
