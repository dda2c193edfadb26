"""Reasons to drop a task: the rules by name, and tasks put through several of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from selfinstruct.filters.elimination import leak, sorry, stop_words
from selfinstruct.filters.pool import Pool
from selfinstruct.filters.rules import (
    Filter,
    ascii_start,
    keywords,
    language,
    length,
    novelty,
    output,
    program,
    punctuation,
    refusal,
)
from selfinstruct.task import Rejected, Task

__all__ = ["FILTERS", "Filter", "dropped", "sift", "verdict"]

FILTERS: dict[str, Callable[..., Filter]] = {
    "length": length,
    "keywords": keywords,
    "program": program,
    "punctuation": punctuation,
    "ascii": ascii_start,
    "language": language,
    "output": output,
    "refusal": refusal,
    "novelty": novelty,
    "leak": leak,
    "sorry": sorry,
    "stop_words": stop_words,
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
    """A task that a filter dropped, with all that was written for it: of a conversation, what was said."""
    request = task.requests[-1] if task.requests else ""
    said = "\n\n".join(f"{turn['role']}: {turn['content']}" for turn in task.turns)
    text, asked = (said, task.instruction) if said else (task.instruction, "")
    return Rejected(text, reason, origin, task=task.id, request=request, instruction=asked, instances=task.instances)
