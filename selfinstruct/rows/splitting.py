"""A part of the tasks held out for validation, in one pass and in constant memory, however many there are.

with split(tasks, 0.05, seed=0) as (training, held_out):
    write_rows("train.jsonl", rows_of(training, "alpaca"))
    write_rows("validation.jsonl", rows_of(held_out, "alpaca"))       # only now: it is known when the first has ended

Where a task goes is decided by its instruction and the seed alone. So all rows of a task go to one side, as do tasks
with equal instructions; and of a share, what went where stays when tasks are added.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from tempfile import SpooledTemporaryFile

from selfinstruct.errors import UsageError
from selfinstruct.task import Task, task_from_row, task_to_row
from selfinstruct.text.normal import normalized

__all__ = ["place", "split"]

IN_MEMORY = 32_000_000
"""Bytes of tasks held out that wait in memory; with more, all of them wait in a temporary file."""


def place(task: Task, seed: int) -> float:
    """Where its instruction lies between 0 and 1, evenly spread; case, width of letters and spaces aside."""
    text = task.instruction if task.instruction.isascii() else normalized("NFKC", task.instruction)
    key = " ".join(text.casefold().split())
    digest = blake2b(key.encode("utf-8", "backslashreplace"), digest_size=8, key=str(seed).encode()[:64]).digest()
    return (int.from_bytes(digest, "big") >> 11) / 2**53


@contextmanager
def split(tasks: Iterable[Task], validation: float, seed: int) -> Iterator[tuple[Iterator[Task], Iterator[Task]]]:
    """The tasks to train on, and then those held out.

    validation      below 1 the share of the tasks that is held out, more or less: each is drawn by itself, so that of
                    10,000 tasks a share of 0.05 is 500 ± 22; from 1 on how many tasks, or a few more, as equal
                    instructions stay together

    Both are in the order of the tasks; of a count, tasks that had to wait for whether they belong to it come later. The
    second may be read when the first has ended. Raises UsageError for a number that is neither, and, at the end of
    the first, when one of the two would be empty.
    """
    if not (0 < validation < 1 or (validation >= 1 and float(validation).is_integer())):
        raise UsageError(f"validation is {validation:g}: give a share like 0.05, or how many tasks, like 500")
    with SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        apart = _Apart(file)
        drawn = (_share if validation < 1 else _count)(tasks, validation, seed, apart)
        yield _checked(drawn, validation, apart), apart.read()


class _Apart:
    """Tasks that wait in the order in which they came."""

    def __init__(self, file: SpooledTemporaryFile[bytes]) -> None:
        self.file = file
        self.many = 0
        self.over = False

    def put(self, task: Task) -> None:
        self.many += 1
        self.file.write(json.dumps(task_to_row(task), default=str).encode() + b"\n")

    def read(self) -> Iterator[Task]:
        if not self.over:
            raise RuntimeError("what is held out is known when the tasks to train on have been read to their end")
        self.file.seek(0)
        for line in self.file:
            yield task_from_row(json.loads(line))


def _share(tasks: Iterable[Task], share: float, seed: int, apart: _Apart) -> Iterator[Task]:
    for task in tasks:
        if place(task, seed) < share:
            apart.put(task)
        else:
            yield task


def _count(tasks: Iterable[Task], count: float, seed: int, apart: _Apart) -> Iterator[Task]:
    """Held out are those with the `count` lowest places; never many more than so many are in memory."""
    lowest: dict[float, list[tuple[int, Task]]] = {}
    places: list[float] = []  # of the lowest, negative: a heap whose first is the highest
    many = 0
    for number, task in enumerate(tasks):
        at = place(task, seed)
        if at in lowest:
            lowest[at].append((number, task))
        elif many < count or at < -places[0]:
            lowest[at] = [(number, task)]
            heapq.heappush(places, -at)
        else:
            yield task
            continue
        many += 1
        while many - len(lowest[-places[0]]) >= count:
            gone = lowest.pop(-heapq.heappop(places))
            many -= len(gone)
            yield from (task for _, task in gone)
    for _, task in sorted((one for group in lowest.values() for one in group), key=lambda one: one[0]):
        apart.put(task)


def _checked(drawn: Iterator[Task], validation: float, apart: _Apart) -> Iterator[Task]:
    kept = 0
    for kept, task in enumerate(drawn, 1):  # noqa: B007
        yield task
    apart.over = True
    if not (kept and apart.many) and kept + apart.many:
        which, size = ("validate with", "larger") if kept else ("train on", "smaller")
        raise UsageError(
            f"validation={validation:g} leaves none of {kept + apart.many:,} tasks to {which}, as equal instructions "
            f"stay together: give a {size} one, or more tasks"
        )
