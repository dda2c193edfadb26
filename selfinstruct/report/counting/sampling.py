"""A sample that depends on what the tasks are, not on their order or on chance: those whose hashes are the lowest."""

from __future__ import annotations

import heapq
from hashlib import blake2b

from selfinstruct.task import Task

__all__ = ["Sample"]


class Sample:
    """The `size` tasks with the lowest hashes, filled one at a time; of a smaller data set all of it."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._heap: list[tuple[int, int, Task]] = []
        """(-hash, place, task): the highest hash is on top, and goes first."""
        self._seen = 0

    def add(self, task: Task) -> None:
        entry = (-_hash(task), self._seen, task)
        self._seen += 1
        if len(self._heap) < self._size:
            heapq.heappush(self._heap, entry)
        elif entry > self._heap[0]:
            heapq.heapreplace(self._heap, entry)

    @property
    def is_all(self) -> bool:
        return self._seen <= self._size

    def tasks(self, most: int | None = None) -> list[Task]:
        """The sample, or the `most` of it with the lowest hashes, in the order of the data."""
        return [task for _, task in self.placed(most)]

    def placed(self, most: int | None = None) -> list[tuple[int, Task]]:
        """The same, each with its place in the data, from 0."""
        chosen = self._heap if most is None else heapq.nlargest(most, self._heap)
        return [(place, task) for _, place, task in sorted(chosen, key=lambda entry: entry[1])]


def _hash(task: Task) -> int:
    """By what it says: the ids that rows are given after their files are no part of a data set."""
    said = f"{task.instruction}\0{task.instances[0].input if task.instances else ''}"
    return int.from_bytes(blake2b(said.encode("utf-8", "surrogatepass"), digest_size=7).digest(), "big")
