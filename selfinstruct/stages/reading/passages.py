"""The passage that a task is about, where documents were read."""

from __future__ import annotations

from selfinstruct.task import Rejected, Task

__all__ = ["passage_of", "without_passage"]


def passage_of(task: Task) -> str:
    """The text in extra["passage"]; "" where there is none."""
    found = task.extra.get("passage")
    return found.strip() if isinstance(found, str) else ""


def without_passage(task: Task) -> list[Task | Rejected] | None:
    """What becomes of a task that has no passage, unasked; None for one that has."""
    return None if passage_of(task) else [Rejected(task.instruction, "no passage", "give --documents FOLDER")]
