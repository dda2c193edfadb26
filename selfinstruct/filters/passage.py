"""Drops tasks about a passage that have none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from selfinstruct.errors import UsageError
from selfinstruct.filters.pool import Pool
from selfinstruct.task import Reason, Task, drawn_for
from selfinstruct.text.tokens import tokens

__all__ = ["Passage"]


@dataclass(frozen=True, slots=True)
class Passage:
    """Lacks the passage that it was to be about: by what was drawn for it from axes."""

    compares: ClassVar = False
    values: tuple[str, ...] = ()
    """Of the axis: those whose tasks are about a passage, which is their input."""
    axis: str = "category"
    least: int = 12
    """Words of a passage, or characters of Chinese."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(self.values))
        if self.least < 1:
            raise UsageError(f"passage: least is {self.least}; a passage has at least 1 word")

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        value = drawn_for(task.extra).get(self.axis, "")
        if value not in self.values:
            return None
        longest = max((len(tokens(instance.input)) for instance in task.instances), default=0)
        return None if longest >= self.least else Reason("no passage", f"{value}: {longest} words of input")
