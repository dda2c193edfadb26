"""What the built-in teacher does not know of the data, said before it is asked: it is rules, not a language model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from random import Random

from selfinstruct.running.drafts import draft_of, settled, singles
from selfinstruct.running.recipe import Recipe, Step
from selfinstruct.task import Task
from selfinstruct.teacher import Request

__all__ = ["unknown_to"]

TRIED = 200
"""Tasks about which it is asked before it begins: half a second."""

Knows = Callable[[Request], Awaitable[bool]]


async def unknown_to(knows: Mapping[str, Knows], recipe: Recipe, tasks: Sequence[Task]) -> str:
    """What is said where the built-in teacher cannot do what it is asked first about the tasks; "" where it can.

    `knows`, by the role that it has: whether it can answer a request.
    """
    if recipe.grows or not knows:
        return ""
    known, asked = 0, 0
    for task in singles(tasks[:TRIED], recipe.steps[0].stage)[:TRIED]:
        first = _first_asked(recipe, task)
        if first and (can := knows.get(first[0].role)):
            asked += 1
            known += await can(draft_of(*first, Random(0)).request)
    if known == asked:
        return ""
    which = f"the first {asked:,}" if len(tasks) > TRIED else f"these {asked:,}"
    return f"the built-in teacher knows {known:,} of {which} tasks: give --model NAME for a real one"


def _first_asked(recipe: Recipe, task: Task) -> tuple[Step, tuple[Task]] | None:
    """The first step in which anybody is asked about the task, and what becomes of it before; None where nobody is."""
    for step in recipe.steps:
        found = settled(step, task)
        if found is None:
            return step, (task,)
        made = [item for item in found if isinstance(item, Task)]
        if not made:
            return None
        task = made[0]
    return None
