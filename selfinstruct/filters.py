"""Reasons to drop a task. Each filter is a small function from its options to a question put to one task.

The published order and figures: Self-Instruct's scripts, and Alpaca's and its descendants' after them.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Iterator, Sequence

from selfinstruct.errors import UsageError
from selfinstruct.pool import Pool
from selfinstruct.task import Rejected, Task

__all__ = ["FILTERS", "Filter", "dropped", "sift", "verdict"]

Filter = Callable[[Task, Pool], str | None]
"""The reason to drop the task, or None to keep it."""

KEYWORDS = (
    *("image", "images", "graph", "graphs", "picture", "pictures", "file", "files"),
    *("map", "maps", "draw", "plot", "go to"),
)
"""Words of instructions that a text model cannot follow, as published; Alpaca adds five."""


def length(shortest: int = 4, longest: int = 150) -> Filter:
    """3 words or fewer, or more than 150."""

    def reason(task: Task, pool: Pool) -> str | None:
        words = len(task.instruction.split())
        if words < shortest:
            return "too short"
        return "too long" if words > longest else None

    return reason


def keywords(more: Sequence[str] = ()) -> Filter:
    """Whole words, in any case, of what a text model can neither see nor do."""
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, (*KEYWORDS, *more)))})\b", re.IGNORECASE)

    def reason(task: Task, pool: Pool) -> str | None:
        found = pattern.search(task.instruction)
        return f"keyword: {found[1].lower()}" if found else None

    return reason


def program(exact_case: bool = False) -> Filter:
    """Starts with "Write a program": teachers write them without end. (Alpaca looks for this very case only.)"""

    def reason(task: Task, pool: Pool) -> str | None:
        start = task.instruction[:15]
        return "write a program" if (start if exact_case else start.capitalize()) == "Write a program" else None

    return reason


def punctuation() -> Filter:
    """Starts with punctuation."""

    def reason(task: Task, pool: Pool) -> str | None:
        return "starts with punctuation" if task.instruction[:1] in tuple(string.punctuation) else None

    return reason


def ascii_start() -> Filter:
    """Starts with a character that is not ASCII: the published test for other languages than English."""

    def reason(task: Task, pool: Pool) -> str | None:
        return None if task.instruction[:1].isascii() else "starts with a non-ASCII character"

    return reason


def output() -> Filter:
    """An instance without output."""

    def reason(task: Task, pool: Pool) -> str | None:
        return "empty output" if any(not instance.output.strip() for instance in task.instances) else None

    return reason


def novelty(above: float = 0.7) -> Filter:
    """ROUGE-L F above 0.7 to an instruction in the pool (2212.10560, section 3.4)."""
    if not 0 <= above <= 1:
        raise UsageError(f"novelty is {above}: it is a ROUGE-L F from 0 to 1, such as 0.7")

    def reason(task: Task, pool: Pool) -> str | None:
        nearest = pool.nearest_above(task.instruction, above)
        return f"rouge-l {nearest[1]:.2f} to {nearest[0]}" if nearest else None

    return reason


FILTERS: dict[str, Callable[..., Filter]] = {
    "length": length,
    "keywords": keywords,
    "program": program,
    "punctuation": punctuation,
    "ascii": ascii_start,
    "output": output,
    "novelty": novelty,
}
"""By the names that recipes use; the parameters of the function are its options."""


def verdict(task: Task, drop: Iterable[Filter], pool: Pool) -> str | None:
    """The first reason to drop the task; None when it was kept, and then it is in the pool."""
    for reason_to_drop in drop:
        if reason := reason_to_drop(task, pool):
            return reason
    pool.add(task)
    return None


def sift(tasks: Iterable[Task], drop: Sequence[Filter]) -> Iterator[Task | Rejected]:
    """Finished tasks once more through the filters, the pool growing by those that are kept."""
    pool = Pool()
    for task in tasks:
        reason = verdict(task, drop, pool)
        yield dropped(task, reason, "filter") if reason else task


def dropped(task: Task, reason: str, origin: str) -> Rejected:
    """A task that a filter dropped, with all that was written for it."""
    request = task.requests[-1] if task.requests else ""
    return Rejected(task.instruction, reason, origin, task=task.id, request=request, instances=task.instances)
