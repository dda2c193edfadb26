"""In which order tasks are asked: of a cluster of duplicates the one is kept that is asked first."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterable, Iterator
from tempfile import TemporaryFile
from typing import Any, Literal

import numpy as np

from selfinstruct.task import Rejected, Task, json_line, rejected_from_row, rejected_to_row, task_from_row, task_to_row

__all__ = ["KEEP", "Keep", "in_order"]

Keep = Literal["first", "longest", "shortest"]
KEEP: tuple[Keep, ...] = ("first", "longest", "shortest")

Sifted = Iterator[Task | Rejected]


def in_order(tasks: Iterable[Task], keep: Keep, sifted: Callable[[Iterable[Task]], Sifted]) -> Sifted:
    """What comes of the tasks when the longest are asked first (or the shortest, or as they come), in their own order.

    In memory are 24 bytes a task; the tasks themselves wait in a temporary file.
    """
    if keep == "first":
        yield from sifted(tasks)
        return
    with TemporaryFile() as file:
        lengths, places = array("q"), array("q")
        for task in tasks:
            lengths.append(_length(task))
            places.append(file.tell())
            file.write(json_line(task_to_row(task)))

        def row(place: int) -> dict[str, Any]:
            file.seek(place)
            found: dict[str, Any] = json.loads(file.readline())
            return found

        sizes = np.array(lengths)
        order = np.argsort(-sizes if keep == "longest" else sizes, kind="stable").tolist()
        end = file.seek(0, 2)
        lost = array("q", [-1]) * len(order)
        for at, item in zip(order, sifted(task_from_row(row(places[at])) for at in order), strict=True):
            if isinstance(item, Rejected):
                lost[at] = end
                file.seek(end)
                file.write(json_line(rejected_to_row(item)))
                end = file.tell()
        for kept, dropped in zip(places, lost, strict=True):
            yield task_from_row(row(kept)) if dropped < 0 else rejected_from_row(row(dropped))


def _length(task: Task) -> int:
    """Characters of all that is said in a task."""
    texts = [task.instruction] if not task.turns else [turn["content"] for turn in task.turns]
    texts += [text for each in task.instances for text in (each.input, each.thoughts, each.output)]
    texts += [turn["content"] for judged in task.judged for turn in judged.turns]
    return sum(map(len, texts))
