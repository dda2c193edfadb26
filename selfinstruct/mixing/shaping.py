"""What a mixture makes of a task besides cleaning it: pieces of a long conversation, and words about its quality."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any

from selfinstruct.mixing.mixture import Condition
from selfinstruct.task import Instance, Message, Task

__all__ = ["conditioned", "pieces"]


def pieces(task: Task, most: int, count: Callable[[str], int]) -> Iterator[Task]:
    """The conversation in pieces of at most so many tokens, each of whole rounds and with the system turn before it.

    As Vicuna's were (2048 tokens). What has no turns is one piece, and so is a single round that is longer by itself:
    whoever trains on it is told. Pieces are called after the task: x/1, x/2; a task that fits keeps its id.
    """
    turns = task.turns
    sizes = [sum(map(count, _texts(turn))) for turn in turns]
    if not turns or sum(sizes) <= most:
        yield task
        return
    first = 0
    while first < len(turns) and turns[first]["role"] == "system":
        first += 1
    opening = sum(sizes[:first])
    found: list[list[Message]] = []
    used = most + 1
    for begin, end in _rounds(turns, first):
        size = sum(sizes[begin:end])
        if used + size > most:
            found.append([*turns[:first]])
            used = opening
        found[-1] += turns[begin:end]
        used += size
    for number, piece in enumerate(found, 1):
        asked = next((turn["content"] for turn in piece if turn["role"] == "user"), task.instruction)
        same = len(found) == 1
        yield replace(task, id=task.id if same else f"{task.id}/{number}", instruction=asked, turns=tuple(piece))


def _texts(turn: Message) -> Iterator[str]:
    yield turn["content"]
    if thoughts := turn.get("thoughts"):
        yield thoughts


def _rounds(turns: tuple[Message, ...], first: int) -> Iterator[tuple[int, int]]:
    """From each question to what comes before the next; what stands before the first question belongs to it."""
    asked = (at for at in range(first + 1, len(turns)) if turns[at]["role"] == "user" != turns[at - 1]["role"])
    spoken = any(turn["role"] == "user" for turn in turns[first : first + 1])
    starts = [first, *asked]
    if not spoken and len(starts) > 1:
        del starts[1]
    yield from zip(starts, [*starts[1:], len(turns)], strict=True)


def conditioned(task: Task, condition: Condition, tags: Mapping[str, Any]) -> Iterator[Task]:
    """The task with a system turn that says how good its answer is; a comparison is a task for each answer of it."""
    if not task.judged:
        words = condition.low if tags.get("quality") == "low" else condition.high
        said = [task.turns] if task.turns else [_turns(task, one) for one in task.instances]
        for number, turns in enumerate(said, 1):
            id = task.id if number == 1 else f"{task.id}-{number}"
            yield replace(task, id=id, turns=_told(turns, words), instances=())
        return
    for good, group in groupby(sorted(task.judged, key=lambda one: not one.good), key=lambda one: one.good):
        for number, one in enumerate(group, 1):
            told = _told((*task.turns, *one.turns), condition.high if good else condition.low)
            id = f"{task.id}/{'high' if good else 'low'}"
            yield replace(task, id=id if number == 1 else f"{id}-{number}", turns=told, judged=())


def _told(turns: tuple[Message, ...], words: str) -> tuple[Message, ...]:
    if turns and turns[0]["role"] == "system":
        return ({**turns[0], "content": f"{words}\n\n{turns[0]['content']}"}, *turns[1:])
    return ({"role": "system", "content": words}, *turns)


def _turns(task: Task, one: Instance) -> tuple[Message, ...]:
    """An instance of a task as a conversation."""
    asked = f"{task.instruction}\n\n{one.input}" if one.input else task.instruction
    answer: Message = {"role": "assistant", "content": one.output}
    if one.thoughts:
        answer["thoughts"] = one.thoughts
    return ({"role": "user", "content": asked}, answer)
