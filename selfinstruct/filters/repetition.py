"""Drops answers that go round in circles."""

from __future__ import annotations

from dataclasses import dataclass

from selfinstruct.filters.parts import answers
from selfinstruct.filters.pool import Pool
from selfinstruct.task import Reason, Task
from selfinstruct.text.loops import find_loop

__all__ = ["Repetition"]


@dataclass(frozen=True, slots=True)
class Repetition:
    """An answer that says the same word, phrase, sentence or line again and again.

    A refrain, a list of labels, a table, code, numbers, laughter, and what the task wants repeated are none.
    """

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        for asked, answer in answers(task):
            if found := find_loop(answer, asked):
                return Reason("repetition", found)
        return None
