"""How often the filters are right: precision and recall by filter and language, on labelled tasks; and what they drop
of any data, for reading.

    python benchmarks/filters.py                                        tests/labelled/*.jsonl, all of it
    python benchmarks/filters.py --half odd                             the lines the rules were tuned on; even: not
    python benchmarks/filters.py --wrong                                and the tasks that are judged wrong
    python benchmarks/filters.py refusal.en.jsonl                       any labelled file
    python benchmarks/filters.py --drops DATA --filter sorry            the tasks that a filter drops of any data

A labelled file is called FILTER.LANGUAGE.jsonl, such as refusal.en.jsonl. A line is a task in any layout that
`selfinstruct filter` reads, with "drop", true or false, and "why". Precision: of the tasks that the filter drops, the
share that should be dropped. Recall: of those that should be, the share that is.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from selfinstruct.filters import FILTERS, Filter
from selfinstruct.filters.pool import Pool
from selfinstruct.rows.reading import How, read_tasks, tasks_in
from selfinstruct.task import Task

LABELLED = Path(__file__).parent.parent / "tests" / "labelled"
Case = tuple[Task, bool, str | None]
"""A task, whether it should be dropped, and the reason for which the filter drops it; None when it does not."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILTER.LANGUAGE.jsonl")
    parser.add_argument("--half", choices=["odd", "even"], help="only every second line, the first one being odd")
    parser.add_argument("--wrong", action="store_true", help="print the tasks that are judged wrong")
    parser.add_argument("--drops", metavar="DATA", help="print what the filter drops of any data")
    parser.add_argument("--filter", choices=sorted(FILTERS), help="which one, with --drops; else each in turn")
    parser.add_argument("--language", default="en", help="of the data, for the filter of that name")
    asked = parser.parse_args()
    if asked.drops:
        for name in [asked.filter] if asked.filter else FILTERS:
            print_drops(asked.drops, name, asked.language)
        return
    print(f"{'filter':<12} {'language':<9} {'tasks':>5} {'to drop':>7} {'precision':>9} {'recall':>6}")
    for file in asked.files or sorted(LABELLED.glob("*.jsonl")):
        name, language = file.name.split(".")[:2]
        found = list(judged(file, asked.half))
        precision, recall = figures(found)
        wanted = sum(drop for _, drop, _ in found)
        print(f"{name:<12} {language:<9} {len(found):>5} {wanted:>7} {precision:>9.3f} {recall:>6.3f}")
        for task, drop, reason in found:
            if asked.wrong and drop != bool(reason):
                print(f"    {'kept' if drop else f'dropped ({reason})'}: {shown(task)}")


def made(name: str, language: str) -> Filter:
    """The filter of this name as it is by default, for tasks in the language."""
    return FILTERS[name](language) if name == "language" else FILTERS[name]()


def judged(file: Path, half: str | None = None) -> Iterator[Case]:
    """The tasks of a labelled file with their label and what its filter says."""
    name, language = file.name.split(".")[:2]
    drop, tasks = made(name, language), read_tasks(file)
    for task in tasks[half == "even" :: 2 if half else 1]:
        reason = drop(task, Pool())
        yield task, bool(task.extra["drop"]), str(reason) if reason else None


def figures(cases: list[Case]) -> tuple[float, float]:
    """Precision and recall; 1 where there is nothing to be right about."""
    right = sum(drop and bool(reason) for _, drop, reason in cases)
    dropped = sum(bool(reason) for _, _, reason in cases)
    wanted = sum(drop for _, drop, _ in cases)
    return right / dropped if dropped else 1.0, right / wanted if wanted else 1.0


def print_drops(data: str, name: str, language: str) -> None:
    drop, pool, seen, dropped = made(name, language), Pool(), 0, 0
    compares = getattr(drop, "compares", False)
    for task in tasks_in(data, How(skip=True)):
        seen += 1
        if reason := drop(task, pool):
            dropped += 1
            print(f"{name}: {reason}\n    {task.id}: {shown(task)}")
        elif compares:
            pool.add(task)
    print(f"{name} drops {dropped} of {seen}")


def shown(task: Task, longest: int = 300) -> str:
    """The task in one line or a few, cut where it is long."""
    said = [turn["content"] for turn in task.turns] or [task.instruction]
    said += [text for one in task.instances for text in (one.input, one.output) if text]
    return "\n        ".join(repr(text[:longest]) for text in said)


if __name__ == "__main__":
    main()
