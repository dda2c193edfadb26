"""The pool: the tasks kept so far. Demonstrations are drawn from it, and new tasks are compared with it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from random import Random
from typing import TypeVar, cast

from selfinstruct.filters.alike import Index
from selfinstruct.filters.rouge import Instructions
from selfinstruct.task import Task

__all__ = ["Pool"]

Made = TypeVar("Made", bound=Index)


class Pool:
    def __init__(self, seeds: Iterable[Task] = (), *, shown: bool = True, whole: bool = True) -> None:
        """`shown`: whether tasks are drawn from it. `whole`: whether tasks are kept as they are. What is neither goes
        into the indexes that have been asked for by then, and is forgotten.
        """
        self.seeds = list(seeds)
        self.machine: list[Task] = []
        self._kept = shown or whole
        self._indexes: dict[Hashable, Index] = {}
        self._fed: dict[Hashable, int] = {}
        """How many of `machine` are in each index: most steps never ask one, and an entry costs 30 µs and more."""
        self._coming: Sequence[Task] = ()

    def add(self, task: Task) -> None:
        """Keep a task of the teacher's."""
        if self._kept:
            self.machine.append(task)
            return
        for index in self._indexes.values():
            index.add(task)

    def sample(self, rng: Random, seeds: int, machine: int = 0, only: str = "any") -> list[Task]:
        """Tasks to show, shuffled: `seeds` + `machine` of them; seeds take the places of missing machine-made ones.

        With only="classification", seeds that are known to be classification tasks. Fewer when the seeds run out.
        """
        made = rng.sample(self.machine, min(machine, len(self.machine)))
        given = [task for task in self.seeds if only == "any" or task.is_classification]
        shown = made + rng.sample(given, min(seeds + machine - len(made), len(given)))
        rng.shuffle(shown)
        return shown

    def index(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """The index of this key, with all tasks in it that were kept so far. It is made when it is first asked for."""
        index = self._indexes.get(key)
        is_new = index is None
        if index is None:
            index = self._indexes[key] = make()
            self._fed[key] = 0
            for task in self.seeds:
                index.add(task)
        if self._fed[key] < len(self.machine):
            for task in self.machine[self._fed[key] :]:
                index.add(task)
            self._fed[key] = len(self.machine)
        if is_new:
            _tell(index, self._coming)
        return cast("Made", index)

    def ahead(self, tasks: Sequence[Task]) -> None:
        """Tells the indexes, and those that are made before the next call, that these tasks come next: for what is
        faster done to many at once.
        """
        self._coming = tasks
        for index in self._indexes.values():
            _tell(index, tasks)

    def nearest_above(self, text: str, threshold: float) -> tuple[str, float] | None:
        """The id of the most similar instruction with ROUGE-L F above the threshold, and that F; else None."""
        return self.index("instructions", Instructions).texts.nearest_above(text, threshold)


def _tell(index: Index, tasks: Sequence[Task]) -> None:
    ahead = getattr(index, "ahead", None)
    if ahead and tasks:
        ahead(tasks)
