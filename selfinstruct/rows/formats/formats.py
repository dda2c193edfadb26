"""Formats: the rows of tasks that trainers want, written by `export` and by recipes (`export: [alpaca]`).

notes = Notes()
for row in rows_of(tasks, "messages", notes): …
print(*notes.lines(), sep="\n")          # what the rows do not hold, and why some tasks gave none

No row has an empty answer, or teaches one that is not to be learned: a conversation ends with the last answer that is,
and a format whose readers would learn the earlier ones, too, leaves it out. `seed`, our own, holds all as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from selfinstruct.rows.formats.comparisons import kto, preference, preference_text, ranking
from selfinstruct.rows.formats.completions import alpaca, completion, text
from selfinstruct.rows.formats.conversational import alpaca_history, messages, openai, sharegpt
from selfinstruct.rows.formats.shortfalls import is_plain, shortfall
from selfinstruct.rows.notes import Notes
from selfinstruct.task import Task, json_line, task_to_row
from selfinstruct.workdir import atomic, unwritable

__all__ = ["FORMATS", "Format", "export", "rows_of", "unused"]

Format = Callable[[Task], Iterator[dict[str, Any]]]
"""The rows of a task, one for each instance, conversation or comparison of it that they can hold."""


def seed(task: Task) -> Iterator[dict[str, Any]]:
    """Our own row, a superset of the published seed_tasks.jsonl."""
    yield task_to_row(task)


FORMATS: dict[str, Format] = {
    "alpaca": alpaca,
    "alpaca_history": alpaca_history,
    "completion": completion,
    "kto": kto,
    "messages": messages,
    "openai": openai,
    "preference": preference,
    "preference_text": preference_text,
    "ranking": ranking,
    "seed": seed,
    "sharegpt": sharegpt,
    "text": text,
}


def rows_of(
    tasks: Iterable[Task], form: str, notes: Notes | None = None, layout: Format | None = None
) -> Iterator[dict[str, Any]]:
    """The rows of the tasks in a format, one task at a time; notes get what the rows do not hold.

    layout      in place of the format's own: prompts laid out by a template
    """
    layout = layout or FORMATS[form]
    for task in tasks:
        yield from layout(task)
        if notes and not is_plain(task, form):
            _note(task, form, notes)


def export(tasks: Iterable[Task], files: Mapping[str, Path], notes: Notes | None = None) -> None:
    """Write the tasks as JSON lines in several formats at once. Raises UsageError; RunStopped when the disk fails."""
    with ExitStack() as opened:
        try:
            writing = [(form, opened.enter_context(atomic(path))) for form, path in files.items()]
            for task in tasks:
                for form, file in writing:
                    file.writelines(map(json_line, FORMATS[form](task)))
                    if notes and not is_plain(task, form):
                        _note(task, form, notes, f" (of {form})" if len(files) > 1 else "")
            opened.close()
        except OSError as error:
            raise unwritable(next(iter(files.values())), error) from None


def unused(task: Task, form: str) -> Iterator[str]:
    """What the rows of a task in this format do not hold of it, by name, each once; nothing of a task without rows."""
    yield from shortfall(task, form).unused


def _note(task: Task, form: str, notes: Notes, where: str = "") -> None:
    found = shortfall(task, form)
    notes.unused.update(name + where for name in found.unused)
    notes.done.update(found.left_out)
