"""Drops answers that break off, as they do where a model was let write no more."""

from __future__ import annotations

from dataclasses import dataclass

from selfinstruct.filters.parts import answers
from selfinstruct.filters.pool import Pool
from selfinstruct.task import Reason, Task
from selfinstruct.text.endings import open_end

__all__ = ["Truncated"]

CUT = ("length", "max_tokens", "MAX_TOKENS")
"""What servers call the reason that an answer was cut, where the rows have kept it as finish_reason or stop_reason."""


@dataclass(frozen=True, slots=True)
class Truncated:
    """An answer that breaks off: after a comma or a word like "the", in a list, a bracket or code, or without an end.

    A title, a name, a list, verse or code without a full stop is whole. Rows that say `finish_reason: length` are cut.
    """

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        for key in ("finish_reason", "stop_reason"):
            if task.extra.get(key) in CUT:
                return Reason("truncated", f"{key}: {task.extra[key]}")
        for asked, answer in answers(task):
            if found := open_end(answer, asked):
                return Reason("truncated", found)
        return None
