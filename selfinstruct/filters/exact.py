"""Exact duplicates: rows that look the same."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import ClassVar

from selfinstruct.filters.alike import Alike, check_of, said, weighty
from selfinstruct.filters.buckets import Buckets
from selfinstruct.filters.pool import Pool
from selfinstruct.task import Reason, Task
from selfinstruct.text.normal import plain

__all__ = ["Exact", "Looks"]


@dataclass(frozen=True, slots=True)
class Exact:
    """Looks the same as one that was kept: white space, the case of the instruction and forms of Unicode aside."""

    by_row: ClassVar = True
    of: str = "both"
    """instruction (with its input), answer, or both. Answers of under 8 words are not compared alone."""

    def __post_init__(self) -> None:
        check_of(self.of, "exact")

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        nearest = pool.index(self, lambda: Looks(self.of)).nearest(task)
        return Alike("exact", *nearest) if nearest else None


class Looks:
    """The rows kept so far by their hashes, 64 bits each: of 10,000,000 two share one with a chance of 3 in a million.

    A task of several instances is several rows, and a duplicate when all of them are known.
    """

    def __init__(self, of: str) -> None:
        self._of, self._buckets = of, Buckets()
        self._ids: list[str] = []
        self._owners = array("i")
        """Of each row the task, by its place in `_ids`."""

    def add(self, task: Task) -> None:
        for key in self._keys(task):
            if not self._buckets.sharing([key]):
                self._buckets.add([key])
                self._owners.append(len(self._ids))
        self._ids.append(task.id)

    def nearest(self, task: Task) -> tuple[str, float] | None:
        known = -1
        for key in self._keys(task):
            rows = self._buckets.sharing([key])
            if not rows:
                return None
            known = self._owners[rows[0]] if known < 0 else known
        return (self._ids[known], 1.0) if known >= 0 else None

    def _keys(self, task: Task) -> Iterator[int]:
        rows = [replace(task, instances=(each,)) for each in task.instances] if len(task.instances) > 1 else [task]
        for row in rows:
            asked, given, answer = said(row, self._of)
            if self._of != "answer" or weighty(answer):
                # Only of the instruction: "abc" and "ABC" are two inputs, and a task may be about just that.
                text = "\x1f".join((plain(asked).casefold(), plain(given), plain(answer)))
                digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
                yield int.from_bytes(digest, "little")
