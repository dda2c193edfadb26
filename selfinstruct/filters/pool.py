"""The pool: the tasks kept so far. Demonstrations are drawn from it, and new tasks are compared with it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from random import Random

from selfinstruct.filters.rouge import Novelty
from selfinstruct.task import Task

__all__ = ["Pool"]


class Pool:
    def __init__(self, seeds: Iterable[Task] = (), *, shown: bool = True, compared: bool = True) -> None:
        """`shown`: whether tasks are drawn from it; `compared`: whether new ones are compared with them. What is
        neither is not kept.
        """
        self.seeds = list(seeds)
        self.machine: list[Task] = []
        self._shown, self._compared, self._novelty = shown, compared, Novelty()
        self._waiting = deque((task.id, task.instruction) for task in self.seeds)
        """What is not in the index yet: most steps never ask it, and an entry costs some 30 µs."""

    def add(self, task: Task) -> None:
        """Keep a task of the teacher's."""
        if self._shown:
            self.machine.append(task)
        if self._compared:
            self._waiting.append((task.id, task.instruction))

    def sample(self, rng: Random, seeds: int, machine: int = 0, only: str = "any") -> list[Task]:
        """Tasks to show, shuffled: `seeds` + `machine` of them; seeds take the places of missing machine-made ones.

        With only="classification", seeds that are known to be classification tasks. Fewer when the seeds run out.
        """
        made = rng.sample(self.machine, min(machine, len(self.machine)))
        given = [task for task in self.seeds if only == "any" or task.is_classification]
        shown = made + rng.sample(given, min(seeds + machine - len(made), len(given)))
        rng.shuffle(shown)
        return shown

    def nearest_above(self, text: str, threshold: float) -> tuple[str, float] | None:
        """The id of the most similar instruction with ROUGE-L F above the threshold, and that F; else None."""
        while self._waiting:
            self._novelty.add(*self._waiting.popleft())
        return self._novelty.nearest_above(text, threshold)
