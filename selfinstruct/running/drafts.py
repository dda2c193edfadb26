"""A step's requests and what their answers hold: the pure half of the schedule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Literal

from selfinstruct.filters import Filter, dropped, verdict
from selfinstruct.filters.pool import Pool
from selfinstruct.stages import Stage
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Request, Response

__all__ = ["Draft", "Step", "draft_of", "judged", "new_tasks", "reworked", "singles", "superseded"]

REFUSALS = {
    "content_filter": "refused by the teacher's content filter",
    "context_length": "longer than the teacher's context",
}
"""Finish reasons of requests that were answered, for good, with a refusal."""


@dataclass(frozen=True, slots=True)
class Step:
    kind: Literal["grow", "each"]
    name: str
    """The stage's name: the origin of what the step makes, the step in the journal, part of its random streams."""
    stage: Stage
    show: dict[str, Any] = field(default_factory=dict)
    """grow: how many tasks to show, as `Pool.sample` takes it."""
    model: str = "builtin"
    params: dict[str, Any] = field(default_factory=dict)
    drop: tuple[Filter, ...] = ()
    last: bool = False
    """In a recipe with rounds: done once, after the last of them."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A request and the tasks it is about: those shown in `grow`, the one worked on in `each`."""

    tasks: tuple[Task, ...]
    request: Request


def draft_of(step: Step, tasks: Sequence[Task], rng: Random, number: int = 1) -> Draft:
    """The request about these tasks, in this round."""
    if prepare := getattr(step.stage, "prepare", None):
        tasks = [prepare(tasks[0], rng, number)]
    return Draft(tuple(tasks), Request(step.stage.prompt(tasks, rng), step.model, step.params))


def new_tasks(step: Step, draft: Draft, response: Response) -> Iterator[Task | Rejected]:
    """What an answer to `grow` holds. A task is named after the request and its number in the answer."""
    origin, request = step.name, draft.request.id
    if refusal := REFUSALS.get(response.finish_reason):
        yield Rejected(response.text, refusal, origin, "answer", request=request)
        return
    number = 0
    for item in step.stage.parse(draft.tasks, response):
        if isinstance(item, Task):
            number += 1
            parents = tuple(task.id for task in draft.tasks)
            yield replace(item, id=f"{request}-{number}", origin=origin, parents=parents, requests=(request,))
        else:
            number += item.what in ("task", "answer")
            yield replace(item, origin=origin, request=request)
    if not number:
        yield Rejected(response.text, "no task in the answer", origin, "answer", request=request)


def reworked(step: Step, draft: Draft, response: Response) -> Iterator[Task | Rejected]:
    """What became of one task: the task, one step further, or why it is dropped; perhaps parts that were dropped."""
    (task,), origin, request = draft.tasks, step.name, draft.request.id
    if refusal := REFUSALS.get(response.finish_reason):
        yield Rejected(task.instruction, refusal, origin, task=task.id, request=request, evolved=task.evolved)
        return
    settled = False
    for item in step.stage.parse(draft.tasks, response):
        if isinstance(item, Task):
            settled = True
            if not item.id and task.evolved:  # a new task, in the place of the one that it was made from
                item = replace(item, id=f"{task.id}.{task.evolved.round}", origin=origin, parents=(task.id,))
            yield replace(item, requests=(*item.requests, request))
        else:
            # An answer that is of no use is the end of its task.
            what = "task" if item.what == "answer" else item.what
            settled |= what == "task"
            lost = task.instruction if what == "task" and item.text != task.instruction else ""
            named = replace(item, what=what, origin=origin, task=task.id, request=request, instruction=lost)
            yield replace(named, evolved=task.evolved)
    if not settled:
        yield Rejected(
            task.instruction,
            "nothing came of the answer",
            origin,
            task=task.id,
            request=request,
            evolved=task.evolved,
        )


def judged(item: Task | Rejected, step: Step, pool: Pool) -> Task | Rejected:
    """A task that passes the step's filters is in the pool from now on."""
    if isinstance(item, Rejected):
        return item
    reason = verdict(item, step.drop, pool)
    return replace(dropped(item, reason, step.name), evolved=item.evolved) if reason else item


def superseded(task: Task) -> Rejected:
    """A generation that nobody answers, because a later one took its place."""
    request = task.requests[-1] if task.requests else ""
    return Rejected(
        task.instruction,
        "evolved further",
        task.origin,
        task=task.id,
        request=request,
        instances=task.instances,
        evolved=task.evolved,
    )


def singles(tasks: Sequence[Task], stage: Stage) -> list[Task]:
    """Tasks of one instance each, where the stage works on an instruction with one input."""
    if not getattr(stage, "single", False):
        return list(tasks)
    found = []
    for task in tasks:
        if len(task.instances) < 2:
            found.append(task)
            continue
        named = ((f"{task.id}-{number}", instance) for number, instance in enumerate(task.instances, 1))
        found += [replace(task, id=name, instances=(instance,)) for name, instance in named]
    return found
