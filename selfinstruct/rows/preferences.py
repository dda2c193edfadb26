"""Judged answers: rows that say which answer to a question is the better one, or whether the one there is a good one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from selfinstruct.rows.notes import Notes
from selfinstruct.task import Task

__all__ = ["preference_of"]

Read = Callable[[dict[str, Any]], Task]
"""The task of a row that has a question and no judged answers (no answer at all, as a rule): `task_of`'s own reading."""


def preference_of(row: dict[str, Any], notes: Notes, read: Read) -> Task | None:
    """The preference task of a row with judged answers; None for a row that has none. Raises ValueError.

    To be called first by `task_of`, with the columns renamed: `preference_of(row, notes, partial(_task, id=id, …))`.
    `read` gets the row without its judged answers: its question in the usual columns (prompt, instruction and input,
    system, history), or, where the question was in the judged conversations, under "messages"; all that it makes of
    them (turns, or an instruction with its input; tools, extra keys, id) is the question's.
    """
    return None
