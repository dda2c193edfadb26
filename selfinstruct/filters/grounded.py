"""Drops answers with a number, a name or a quotation that the passage they were made from does not have."""

from __future__ import annotations

from dataclasses import dataclass

from selfinstruct.filters.pool import Pool
from selfinstruct.task import Reason, Task
from selfinstruct.text.grounding import unsaid

__all__ = ["Grounded"]


@dataclass(frozen=True, slots=True)
class Grounded:
    """Of a task with a `passage`: an answer that says what neither passage nor question has, as far as rules can tell.

    A number that is a sum or a difference of those in the passage, counts what it lists or is written otherwise
    (twelve, 12, 十二) is in it; so is another form of a name. Tasks without a passage pass.
    """

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        passage = task.extra.get("passage")
        if not isinstance(passage, str) or not passage.strip():
            return None
        given = "\n".join((passage, task.instruction, str(task.extra.get("title") or "")))
        for instance in task.instances:
            if instance.output.strip() != passage.strip() and (found := unsaid(instance.output, given)):
                return Reason("not in the passage", f"{found.kind}: {found.what}")
        return None
