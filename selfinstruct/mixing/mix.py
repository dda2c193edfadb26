"""Mixing: every source is read, cleaned, shaped and filtered onto a shelf; then rows are drawn from all of them.

    mixture = load("tulu")
    parts = [Part(source) for source in mixture.sources]
    for task in mix(mixture, parts, estimate_text): …        # and then parts has what came from where

Same mixture, same data, same bytes. Filters of the mixture itself compare rows of all sources, in the order in which
it names them: of two equal rows the first source's stays.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from selfinstruct.errors import UsageError
from selfinstruct.filters import get_ready, pool_of, set_aside, together, verdicts
from selfinstruct.filters.pool import Pool
from selfinstruct.mixing.cleaning import cleaned
from selfinstruct.mixing.documents import Lines, documents_in
from selfinstruct.mixing.drawing import Drawn, Shelf, drawn
from selfinstruct.mixing.mixture import Mixture, Source
from selfinstruct.mixing.shaping import conditioned, pieces
from selfinstruct.rows.notes import Notes
from selfinstruct.rows.reading import tasks_in
from selfinstruct.task import Instance, Reason, Rejected, Task, json_line, task_from_row, task_to_row

__all__ = ["Part", "mix"]


@dataclass(slots=True)
class Part:
    """What came of one source, for the table."""

    source: Source
    notes: Notes = field(default_factory=Notes)
    read: int = 0
    """Tasks, after rows that cannot be used."""
    lost: Counter[str] = field(default_factory=Counter)
    """Tasks that were dropped, by the reason's category."""
    kept: int = 0
    """Rows on the shelf: pieces of conversations and halves of comparisons count one each."""
    taken: int = 0
    """Rows in the result."""
    ended: int = 0
    """The row of the result that was its last one, however many more were asked for; 0: it has more."""
    words: int = 0
    """Tokens of those, by the counter that the mixing was given."""


def mix(
    mixture: Mixture,
    parts: Sequence[Part],
    count: Callable[[str], int],
    *,
    samples: bool = False,
    lose: Callable[[Rejected], None] = lambda _: None,
    watched: Callable[[Iterator[Task], str], Iterator[Task]] = lambda tasks, _: tasks,
) -> Iterator[Task]:
    """The tasks of the mixture in order, each with its source and tags among its own keys.

    parts       one for each source, filled on the way
    count       tokens of a text
    samples     read the sources' sample files instead of their data
    lose        gets everything that a filter drops, the source in its origin
    Raises UsageError for data that cannot be read, and when nothing is left of a source that has a weight.
    """
    pool = pool_of(mixture.drop)
    lines = Lines()
    get_ready([*mixture.drop, *(one for part in parts for one in part.source.drop)])
    with ExitStack() as opened:
        shelves = []
        for part in parts:
            shelves.append(Shelf())
            opened.callback(shelves[-1].close)
            for task in watched(_kept(mixture, part, pool, lines, count, samples=samples, lose=lose), part.source.name):
                shelves[-1].put(json_line(_row(task, mixture)))
                part.kept += 1
        sources = [
            Drawn(part.source.name, len(shelf), part.source.weight, part.source.most, part.source.repeats)
            for part, shelf in zip(parts, shelves, strict=True)
        ]
        if empty := [one.name for one in sources if one.weight and not one.rows]:
            raise UsageError(
                f"nothing is left of {', '.join(empty)}, which has a weight: look at its data and its drop"
            )
        seen: Counter[tuple[int, int]] = Counter()
        for total, (at, number) in enumerate(drawn(sources, mixture.size, mixture.seed), 1):
            task = _task(json.loads(shelves[at][number]), mixture)
            seen[at, number] += 1
            if (again := seen[at, number]) > 1:
                task = replace(task, id=f"{task.id}-{again}")
            parts[at].taken += 1
            if parts[at].taken == sources[at].available:
                parts[at].ended = total
            parts[at].words += sum(map(count, _texts(task)))
            yield task


def _kept(
    mixture: Mixture,
    part: Part,
    pool: Pool,
    lines: Lines,
    count: Callable[[str], int],
    *,
    samples: bool,
    lose: Callable[[Rejected], None],
) -> Iterator[Task]:
    """The tasks of a source that passed everything, each called after its source."""
    source, own = part.source, pool_of(part.source.drop)
    data = (source.sample,) if samples else source.data
    if not data[0]:
        raise UsageError(f"{source.name} has no sample: leave --samples out, or give it with --data {source.name}=FILE")
    if source.text:
        found = documents_in(data, source, part.notes)
    else:
        # A row is a task, so that shares are of rows, unless a filter would take other inputs for the same task.
        apart = not together([*source.drop, *mixture.drop])
        found = tasks_in(list(data), source.how, part.notes, apart=apart)

    def lost(task: Task, reason: Reason) -> None:
        part.lost[reason.category] += 1
        lose(set_aside(task, reason, source.name))

    wanted = ((task, _unasked(task, source)) for task in _cleaned(found, mixture, part))
    for task, reason in verdicts(verdicts(wanted, source.drop, own), mixture.drop, pool):
        if reason:
            lost(task, reason)
        elif source.text and not (fresh := lines.once(task, part.notes)).instances[0].output:
            lost(task, Reason("nothing new", "every line was there before"))
        else:
            task = fresh if source.text else task
            yield from _shaped(replace(task, id=f"{source.name}/{task.id}"), mixture, source, count)


def _cleaned(found: Iterator[Task], mixture: Mixture, part: Part) -> Iterator[Task]:
    for task in found:
        part.read += 1
        yield cleaned(task, (*part.source.clean, *mixture.clean))


def _unasked(task: Task, source: Source) -> Reason | None:
    """The reason to leave it out where the source wants only rows of some kinds."""
    wanted = all(
        task.extra.get(key) in (value if isinstance(value, list) else [value]) for key, value in source.where.items()
    )
    return None if wanted else Reason("not asked for", ", ".join(f"{key}" for key in source.where))


def _shaped(task: Task, mixture: Mixture, source: Source, count: Callable[[str], int]) -> Iterator[Task]:
    extra = task.extra | dict(source.tags) | {"source": source.name}
    if "source" in task.extra:
        extra["source_of_row"] = task.extra["source"]
    task = replace(task, extra=extra)
    told = conditioned(task, mixture.condition, source.tags) if mixture.condition else (task,)
    for one in told:
        yield from pieces(one, mixture.split, count) if mixture.split else (one,)


def _row(task: Task, mixture: Mixture) -> dict[str, Any]:
    if not mixture.is_text:
        return task_to_row(task)
    return {"id": task.id, "text": task.instances[0].output, **task.extra}


def _task(row: dict[str, Any], mixture: Mixture) -> Task:
    if not mixture.is_text:
        return task_from_row(row)
    extra = {key: value for key, value in row.items() if key not in ("id", "text")}
    return Task(row["id"], "", (Instance("", row["text"]),), extra=extra)


def _texts(task: Task) -> Iterator[str]:
    if task.instances or not task.turns:
        yield task.instruction
    for one in task.instances:
        yield one.input
        yield one.output
    for turn in task.turns:
        yield turn["content"]
