"""Twins: each task of an exam once more, with other names and numbers and another right answer.

    pairs = twins_of(exam)                  # by the id of the task: its twin
    known = both_right(grade([*exam, *pairs.values()], answers))

Who knows how a task is done gets both right; who has learned the one by heart gets one (as GSM-Symbolic, 2410.05229,
asks GSM8K's questions).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from random import Random

from selfinstruct.simulator.exam import Graded, key_of, keys_of, understood
from selfinstruct.simulator.family import Asked
from selfinstruct.task import Instance, Task

__all__ = ["TWIN", "both_right", "twins_of"]

TWIN = "-twin"
"""What a twin's id ends with."""

TRIES = 200
"""Draws after which a family has no other task of this kind."""


def twins_of(exam: Sequence[Task], *, seed: int = 0, without: Iterable[Task] = ()) -> dict[str, Task]:
    """The twin of each task, by the task's id: the same instruction with another input or, where an instruction says
    everything itself, the same wording with other things in it. Its right answer is another one.

    No twin is a task of the exam, nor has it an instruction of its own that occurs in `without`. A family may have no
    other task of a kind; then there is no twin. Raises UsageError for a task that is none of an exam.
    """
    known = {key for task in without for key in keys_of(task)}
    taken = {(key_of(task.instruction), task.instances[0].input) for task in exam}
    found = {}
    for task in exam:
        # A stream each: what another task draws changes nothing here.
        if pair := _twin(task, understood(task), Random(f"{seed}/twin/{task.id}"), known, taken):
            instruction, instance = pair
            taken.add((key_of(instruction), instance.input))
            id, extra = f"{task.id}{TWIN}", {**task.extra, "twin": task.id}
            label = task.is_classification
            found[task.id] = Task(id, instruction, (instance,), is_classification=label, origin="exam", extra=extra)
    return found


def _twin(
    task: Task, asked: Asked, rng: Random, known: set[str], taken: set[tuple[str, str]]
) -> tuple[str, Instance] | None:
    (instance,) = task.instances
    for _ in range(TRIES if instance.input else 0):
        given = asked.draw(rng)
        answer = asked.answer(rng, given)
        if answer != instance.output and (key_of(task.instruction), given) not in taken:
            return task.instruction, Instance(given, answer)
    shape = _shape(task.instruction, asked)
    for _ in range(0 if instance.input else TRIES):
        instruction, other = asked.family.compose(rng)
        key, given = key_of(instruction), other.draw(rng)
        if key in known or (key, given) in taken or _shape(instruction, other) != shape:
            continue
        answer = other.answer(rng, given)
        if answer != instance.output:
            return instruction, Instance(given, answer)
    return None


def _shape(instruction: str, asked: Asked) -> str:
    """The instruction without what stands in its slots: the longest first, as one may stand in another."""
    for value in sorted(asked.slots.values(), key=len, reverse=True):
        instruction = instruction.replace(value, "{}")
    return instruction


def both_right(graded: Sequence[Graded]) -> Mapping[str, bool]:
    """By the id of each task that has a twin among them: are both right?"""
    right = {one.task.id: one.right for one in graded}
    pairs = {str(one.task.extra["twin"]): one.right for one in graded if "twin" in one.task.extra}
    return {id: right[id] and twin for id, twin in pairs.items() if id in right}
