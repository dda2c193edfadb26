"""The pool: the tasks kept so far. Demonstrations are drawn from it, and new tasks are compared with it."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from selfinstruct.filters.rouge import Novelty
from selfinstruct.task import Task

__all__ = ["Pool"]


class Pool:
    def __init__(self, seeds: Iterable[Task] = ()) -> None:
        self.seeds: list[Task] = []
        self.machine: list[Task] = []
        self.seeds.extend(seeds)
        self._novelty = Novelty()

    def add(self, task: Task) -> None:
        """Keep a task of the teacher's."""
        self.machine.append(task)

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
        # Tasks are indexed when somebody asks, since most steps never do, and an entry costs some 30 µs.
        given = len(self.seeds)
        while (entry := len(self._novelty)) < given + len(self.machine):
            task = self.seeds[entry] if entry < given else self.machine[entry - given]
            self._novelty.add(task.id, task.instruction)
        return self._novelty.nearest_above(text, threshold)
