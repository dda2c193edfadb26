"""Which rows of the tables of text are needed: for each, the texts whose verdict changes when the row is taken away.

    python benchmarks/rules.py                              by tests/labelled and tests/replies
    python benchmarks/rules.py DATA …                       and by any data: published datasets, answers of your own
    python benchmarks/rules.py --unneeded DATA …            only the rows that nothing needs; 1 where there are some

A row that no text needs says nothing about texts: it should go, or a text that needs it be written down.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from selfinstruct import text as _text
from selfinstruct.filters import FILTERS
from selfinstruct.filters.pool import Pool
from selfinstruct.rows.reading import How, read_tasks, tasks_in
from selfinstruct.task import Instance, Task
from selfinstruct.text import keywords_en, keywords_zh, labels, refusals_en, refusals_zh, senses_en, undone

TESTS = Path(__file__).parent.parent / "tests"
NEVER = "(?!)"
"""A pattern that finds nothing."""


class Table(NamedTuple):
    module: ModuleType
    name: str
    filters: tuple[str, ...]
    """That ask it."""
    drops: bool = True
    """Whether a task is dropped by what it finds, and not kept."""


VERBOSE = (refusals_en, refusals_zh, undone, labels)
"""Modules whose patterns have spaces that count for nothing."""
REFUSES = ("refusal", "sorry")
TABLES = (
    Table(refusals_en, "OWN", REFUSES),
    Table(refusals_en, "CLAUSES", REFUSES),
    Table(refusals_zh, "OWN", REFUSES),
    Table(refusals_zh, "CLAUSES", REFUSES),
    *(Table(undone, name, REFUSES) for name in ("ASKS_BACK", "NOT_THERE", "AGAINST_RULES", "TURNS_AWAY")),
    Table(keywords_en, "SEEN_OR_DONE", ("keywords",)),
    *(Table(senses_en, name, ("keywords",), drops=False) for name in ("ABOUT", "OTHER_SENSES", "QUESTIONS")),
    Table(keywords_zh, "SEEN_OR_DONE", ("keywords",)),
    Table(keywords_zh, "HARMLESS", ("keywords",), drops=False),
    *(Table(labels, name, ("leak",)) for name in ("LABELS", "HEADINGS", "SPOKEN_OF")),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="*", metavar="DATA", help="rows that `selfinstruct filter` reads")
    parser.add_argument("--unneeded", action="store_true", help="print only the rows that nothing needs")
    asked = parser.parse_args()
    known = [*replies(), *published(asked.data)]
    verdicts = {
        name: judged(name, [*labelled(name), *known]) for name in {n for table in TABLES for n in table.filters}
    }
    without = 0
    for table in TABLES:
        for row, needing in needs(table, verdicts):
            without += not needing
            if not needing or not asked.unneeded:
                place = f"{table.module.__name__.rpartition('.')[2]}.{table.name}"
                print(f"{place:<26} {len(needing):>4}  {row[1]!r:<60} {', '.join(needing[:4])}")
    return 1 if without and asked.unneeded else 0


def labelled(name: str) -> Iterator[Task]:
    """The labelled tasks of a filter, with the line of their file as id."""
    for file in sorted((TESTS / "labelled").glob(f"{name}.*.jsonl")):
        for at, task in enumerate(read_tasks(file), 1):
            yield task_named(task, f"{file.stem}:{at}")


def replies() -> Iterator[Task]:
    """Recorded answers of models, each as the answer to a task that is not known."""
    for file in sorted((TESTS / "replies").rglob("*.txt")):
        yield Task(str(file.relative_to(TESTS)), "Go on.", (Instance("", file.read_text(encoding="utf-8")),))


def published(data: Iterable[str]) -> Iterator[Task]:
    for name in data:
        yield from tasks_in(name, How(skip=True))


def task_named(task: Task, name: str) -> Task:
    return Task(name, task.instruction, task.instances, task.turns, evolved=task.evolved, extra=task.extra)


def judged(name: str, tasks: Iterable[Task]) -> dict[bool, list[Task]]:
    """The tasks that the filter drops (True) and those that it keeps."""
    drop, found = FILTERS[name](), dict[bool, list[Task]]({True: [], False: []})
    for task in tasks:
        found[bool(drop(task, Pool()))].append(task)
    return found


def needs(table: Table, verdicts: dict[str, dict[bool, list[Task]]]) -> Iterator[tuple[Any, list[str]]]:
    """Each row of a table with the ids of the tasks that need it."""
    for row in getattr(table.module, table.name):
        found = re.compile(row[0], re.IGNORECASE | (re.VERBOSE if table.module in VERBOSE else 0))
        before = taken_away(row[0])
        needing = [
            task.id
            for name in table.filters
            for task in verdicts[name][table.drops]
            if has(task, found) and bool(FILTERS[name]()(task, Pool())) is not table.drops
        ]
        put_back(before)
        yield row, needing


def has(task: Task, pattern: re.Pattern[str]) -> bool:
    """Whether the pattern finds anything in the task; one of a start, or of an end, may anywhere."""
    if "\\A" in pattern.pattern or "\\Z" in pattern.pattern:
        return True
    return any(pattern.search(keywords_zh.simplified(text)) for text in said(task))


def said(task: Task) -> Iterator[str]:
    yield task.instruction
    yield from (text for one in task.instances for text in (one.input, one.output))
    yield from (turn["content"] for turn in (*task.turns, *(turn for one in task.judged for turn in one.turns)))


def taken_away(pattern: str) -> list[tuple[ModuleType, str, Any]]:
    """Takes the pattern of a row out of all that is compiled from it; what was there before."""
    before = []
    for module in modules():
        for name, value in list(vars(module).items()):
            changed = without(value, pattern)
            if changed is not value:
                before.append((module, name, value))
                setattr(module, name, changed)
    return before


def put_back(before: list[tuple[ModuleType, str, Any]]) -> None:
    for module, name, value in before:
        setattr(module, name, value)


def modules() -> list[ModuleType]:
    return [module for name, module in list(sys.modules.items()) if name.startswith(f"{_text.__name__}.")]


def without(value: Any, pattern: str) -> Any:
    """The value with all patterns in it that have this one as a part compiled anew without it, or the value itself."""
    if isinstance(value, re.Pattern):
        part = f"(?:{pattern})"
        if value.pattern == pattern:
            return re.compile(NEVER)
        return re.compile(value.pattern.replace(part, NEVER), value.flags) if part in value.pattern else value
    if isinstance(value, tuple):
        parts = [without(part, pattern) for part in value]
        if any(new is not old for new, old in zip(parts, value, strict=True)):
            return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return value


if __name__ == "__main__":
    sys.exit(main())
