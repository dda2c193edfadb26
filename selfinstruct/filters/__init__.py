"""Reasons to drop a task: the rules by name, and tasks put through several of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Protocol

from selfinstruct.filters.alike import Alike
from selfinstruct.filters.answer_language import AnswerLanguage
from selfinstruct.filters.clusters import Clusters
from selfinstruct.filters.elimination import Leak, Sorry, StopWords
from selfinstruct.filters.exact import Exact
from selfinstruct.filters.grounded import Grounded
from selfinstruct.filters.near import Near
from selfinstruct.filters.novelty import Novelty
from selfinstruct.filters.overlap import Overlap
from selfinstruct.filters.passage import Passage
from selfinstruct.filters.pool import Pool
from selfinstruct.filters.private import Private, Secrets
from selfinstruct.filters.quality import Quality
from selfinstruct.filters.repetition import Repetition
from selfinstruct.filters.review import Review
from selfinstruct.filters.rules import (
    Ascii,
    Keywords,
    Language,
    Length,
    Output,
    Program,
    Punctuation,
    Refusal,
)
from selfinstruct.filters.semantic import Semantic
from selfinstruct.filters.truncated import Truncated
from selfinstruct.filters.urls import Urls
from selfinstruct.filters.words import Words
from selfinstruct.task import Reason, Rejected, Task, drawn_for, task_to_row

__all__ = [
    "FILTERS",
    "Filter",
    "compares",
    "dropped",
    "get_ready",
    "pool_of",
    "set_aside",
    "sift",
    "together",
    "verdict",
    "verdicts",
]

MANY = 256
"""Tasks that a filter which is faster with many is told of ahead."""


class Filter(Protocol):
    """A frozen dataclass, whose fields are its options and go into recipe.yaml; or a function, under its own name.

    More that it may have. `compares`: False when it looks at the task alone, so that nobody need keep the others.
    `ready()`: loads what it needs, such as a model, once and for good; called before the first request of a run, as
    there is no time for it while answers come in. `by_row`: that what it compares is in an index which it asks the
    pool for each time (`Pool.index`), so that tasks themselves need not be kept; True when rows that differ in input
    are two to it, False when it looks at the instruction alone. `batched`: its index has `ahead(tasks)`.
    """

    def __call__(self, task: Task, pool: Pool, /) -> Reason | str | None:
        """The reason to drop the task, or None to keep it. A text is a reason without particulars."""
        ...


FILTERS: dict[str, Callable[..., Filter]] = {
    "length": Length,
    "keywords": Keywords,
    "program": Program,
    "punctuation": Punctuation,
    "ascii": Ascii,
    "language": Language,
    "output": Output,
    "refusal": Refusal,
    "exact": Exact,
    "near": Near,
    "novelty": Novelty,
    "overlap": Overlap,
    "semantic": Semantic,
    "leak": Leak,
    "sorry": Sorry,
    "stop_words": StopWords,
    "private": Private,
    "secrets": Secrets,
    "words": Words,
    "urls": Urls,
    "repetition": Repetition,
    "truncated": Truncated,
    "answer_language": AnswerLanguage,
    "quality": Quality,
    "grounded": Grounded,
    "review": Review,
    "passage": Passage,
}
"""By the names that recipes use; the fields of the dataclass are its options."""


def get_ready(filters: Iterable[Filter]) -> None:
    """Has each filter load what it needs, if it needs anything: before the first request, and outside the event loop.

    What a filter loads is kept, so that a second call takes no time.
    """
    for one in filters:
        if ready := getattr(one, "ready", None):
            ready()


def verdict(task: Task, drop: Iterable[Filter], pool: Pool) -> Reason | None:
    """The first reason to drop the task; None when it was kept, and then it is in the pool."""
    for reason_to_drop in drop:
        if reason := reason_to_drop(task, pool):
            return Reason(reason) if isinstance(reason, str) else reason
    pool.add(task)
    return None


def compares(drop: Iterable[Filter]) -> bool:
    """Whether any of them looks at the tasks kept before; a function of somebody's may."""
    return any(map(_compares, drop))


def together(drop: Iterable[Filter]) -> bool:
    """Whether rows with one instruction and other inputs must be one task, or one of them would look like the other."""
    return any(not getattr(one, "by_row", False) for one in drop if _compares(one))


def _compares(one: Filter) -> bool:
    return bool(getattr(one, "compares", hasattr(one, "by_row") or type(one) not in FILTERS.values()))


def pool_of(drop: Iterable[Filter]) -> Pool:
    """An empty pool, from which nothing is shown, that keeps no more than these filters need."""
    return Pool(shown=False, whole=any(not hasattr(one, "by_row") for one in drop if _compares(one)))


def verdicts(
    tasks: Iterable[tuple[Task, Reason | None]], drop: Sequence[Filter], pool: Pool
) -> Iterator[tuple[Task, Reason | None]]:
    """What `verdict` says of each in turn, of those that were dropped before what was said then; MANY are read ahead
    where a filter is faster with many.
    """
    tasks, many = iter(tasks), MANY if any(getattr(one, "batched", False) for one in drop) else 1
    while chunk := list(islice(tasks, many)):
        if many > 1:
            pool.ahead([task for task, reason in chunk if not reason])
        for task, reason in chunk:
            yield task, reason or verdict(task, drop, pool)


def sift(tasks: Iterable[Task], drop: Sequence[Filter], clusters: Clusters | None = None) -> Iterator[Task | Rejected]:
    """Finished tasks once more through the filters, the pool growing by those that are kept, if anybody looks at it.

    `clusters` is told which are dropped for their likeness to which.
    """
    for task, reason in verdicts(((task, None) for task in tasks), drop, pool_of(drop)):
        if clusters is not None and isinstance(reason, Alike):
            clusters.add(task.id, reason)
        yield set_aside(task, reason, "filter") if reason else task


def set_aside(task: Task, reason: Reason, origin: str) -> Rejected:
    """A task of somebody's data that a filter dropped: its whole row, where it has more than a run's tasks have."""
    more = task.turns or task.judged or task.tools or task.extra
    return replace(dropped(task, reason, origin), whole=task_to_row(task) if more else {})


def dropped(task: Task, reason: Reason, origin: str) -> Rejected:
    """A task that a filter dropped, with all that was written for it: of a conversation, what was said."""
    said = "\n\n".join(f"{turn['role']}: {turn['content']}" for turn in task.turns)
    return Rejected(
        said or task.instruction,
        *reason,
        origin=origin,
        task=task.id,
        parents=task.parents,
        request=task.requests[-1] if task.requests else "",
        instruction=task.instruction if said else "",
        instances=task.instances,
        evolved=task.evolved,
        axes=drawn_for(task.extra),
    )
