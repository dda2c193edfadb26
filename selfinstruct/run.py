"""The schedule of a run: two loops, `grow` and `each`, chained in the order of the recipe's steps.

Everything that depends on time is in this file; nothing that it yields does. Requests are drafted in a fixed order, a
window of them is in flight, and their answers are folded in the order drafted, whatever the order of arrival. So the
same recipe, seeds, random seed and answers give the same bytes, at any concurrency, interrupted or not.

    seeds -> grow(propose) -> each(classify) -> each(instances) -> tasks.jsonl
                    \\________________\\__________________\\-------> rejected.jsonl
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Literal

from selfinstruct.errors import Saturated
from selfinstruct.filters import Filter, dropped, verdict
from selfinstruct.pool import Pool
from selfinstruct.stages import Stage
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Request, Response, Teacher

__all__ = ["Step", "answered", "draft_of", "each", "grow", "results", "run"]

# A pool is called saturated when fewer than 1 in 100 of the last 1,000 proposals came out as a finished task.
SATURATION_WINDOW = 1000
SATURATION_KEPT = 10

REFUSALS = {
    "content_filter": "refused by the teacher's content filter",
    "context_length": "longer than the teacher's context",
}
"""Finish reasons of requests that were answered, for good, with a refusal."""

Items = AsyncGenerator[Task | Rejected]


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


@dataclass(frozen=True, slots=True)
class Draft:
    """A request and the tasks it is about: those shown in `grow`, the one worked on in `each`."""

    tasks: tuple[Task, ...]
    request: Request


async def run(items: Items, write: Callable[[Task | Rejected], None]) -> None:
    """Hand everything that comes out of `results` to `write`, as it comes; closes it whatever happens."""
    async with aclosing(items):
        async for item in items:
            write(item)


async def results(
    steps: Sequence[Step], seeds: Sequence[Task], teachers: Sequence[Teacher], *, seed: int, width: int, num: int | None
) -> Items:
    """What comes out of the chain of steps, in the order of the proposals: finished tasks, and what was rejected.

    Ends with the `num`-th task, so that nothing it yields depends on how far the steps had run ahead. A larger `num`
    gives the same items and more. Raises Saturated when hardly anything is kept any more.
    """
    stream: Items = _each_one(seeds)
    for step, teacher in zip(steps, teachers, strict=True):
        if step.kind == "grow":
            stream = grow(step, seeds, teacher, seed=seed, width=width)
        else:
            stream = each(step, stream, teacher, seed=seed, width=width)
    endless = any(step.kind == "grow" for step in steps)
    recent: deque[bool] = deque(maxlen=SATURATION_WINDOW)
    finished = 0
    async with aclosing(stream) as items:
        async for item in items:
            yield item
            finished += isinstance(item, Task)
            if finished == num:
                return
            if isinstance(item, Task) or item.what in ("task", "answer"):
                recent.append(isinstance(item, Task))
            if endless and len(recent) == SATURATION_WINDOW and sum(recent) < SATURATION_KEPT:
                raise Saturated(
                    f"saturated: of the last {SATURATION_WINDOW:,} proposals {sum(recent)} came out as finished tasks; "
                    f"{finished:,} are written. See rejected.jsonl for the reasons; give other seeds or another teacher"
                )


async def grow(step: Step, seeds: Sequence[Task], teacher: Teacher, *, seed: int, width: int) -> Items:
    """Ask for new tasks without end, showing some of the pool, folding what is kept into the pool."""
    pool = Pool(seeds)

    def drafts() -> Iterator[Draft]:
        asked: Counter[str] = Counter()
        for number in itertools.count():
            # Draft i sees the pool as it stood after folding answers 0 … i - width: exactly then is it pulled.
            rng = Random(f"{seed}/{step.name}/{number}")
            draft = draft_of(step, pool.sample(rng, **step.show), rng)
            repeats = asked[draft.request.key]
            asked[draft.request.key] += 1
            yield replace(draft, request=replace(draft.request, sample=repeats))

    async with aclosing(answered(drafts(), teacher, width)) as answers:
        async for draft, response in answers:
            # Folded as a whole before anything is yielded: what waits downstream must not hold back the pool.
            folded = [_judged(item, step, pool) for item in _new_tasks(step, draft, response)]
            for item in folded:
                yield item


async def answered(drafts: Iterator[Draft], teacher: Teacher, width: int) -> AsyncGenerator[tuple[Draft, Response]]:
    """The ordered window: `width` requests in flight, answers in the order drafted.

    The next draft is pulled only after the caller has folded an answer and asks for another.
    """
    waiting: deque[tuple[Draft, asyncio.Task[Response]]] = deque()
    try:
        while True:
            while len(waiting) < width and (draft := next(drafts, None)):
                waiting.append((draft, _start(teacher(draft.request))))
            if not waiting:
                return
            draft, answer = waiting.popleft()
            yield draft, await answer
    finally:
        await _undisturbed(_abandon([answer for _, answer in waiting]))


async def each(step: Step, items: Items, teacher: Teacher, *, seed: int, width: int) -> Items:
    """One request a task; what was rejected before passes through, so that the order of the proposals is kept.

    Tasks are asked about as they come, at most `width` ahead of the one that is awaited.
    """
    pool = Pool()
    ahead: asyncio.Queue[tuple[Rejected | Draft | Exception | None, asyncio.Task[Response] | None]]
    ahead = asyncio.Queue(width)

    async def ask_ahead() -> None:
        try:
            async for item in items:
                if isinstance(item, Rejected):
                    await ahead.put((item, None))
                else:
                    draft = draft_of(step, (item,), Random(f"{seed}/{step.name}/{item.id}"))
                    answer = _start(teacher(draft.request))
                    try:
                        await ahead.put((draft, answer))
                    except asyncio.CancelledError:
                        await _undisturbed(_abandon([answer]))
                        raise
        except Exception as error:  # raised below, after everything that came before it
            await ahead.put((error, None))
        else:
            await ahead.put((None, None))

    async def clean_up() -> None:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        left = [ahead.get_nowait() for _ in range(ahead.qsize())]
        await _abandon([answer for _, answer in left if answer])
        await items.aclose()

    asking = asyncio.create_task(ask_ahead())
    try:
        while True:
            item, answer = await ahead.get()
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            if isinstance(item, Rejected):
                yield item
            elif answer is not None:
                for outcome in _reworked(step, item, await answer):
                    yield _judged(outcome, step, pool) if step.drop else outcome
    finally:
        await _undisturbed(clean_up())


def draft_of(step: Step, tasks: Sequence[Task], rng: Random) -> Draft:
    return Draft(tuple(tasks), Request(step.stage.prompt(tasks, rng), step.model, step.params))


def _new_tasks(step: Step, draft: Draft, response: Response) -> Iterator[Task | Rejected]:
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


def _reworked(step: Step, draft: Draft, response: Response) -> Iterator[Task | Rejected]:
    """What became of one task: the task, one step further, or why it is dropped; perhaps parts that were dropped."""
    (task,), origin, request = draft.tasks, step.name, draft.request.id
    if refusal := REFUSALS.get(response.finish_reason):
        yield Rejected(task.instruction, refusal, origin, task=task.id, request=request)
        return
    settled = False
    for item in step.stage.parse(draft.tasks, response):
        if isinstance(item, Task):
            settled = True
            yield replace(item, requests=(*item.requests, request))
        else:
            # An answer that is of no use is the end of its task.
            what = "task" if item.what == "answer" else item.what
            settled |= what == "task"
            lost = task.instruction if what == "task" and item.text != task.instruction else ""
            yield replace(item, what=what, origin=origin, task=task.id, request=request, instruction=lost)
    if not settled:
        yield Rejected(task.instruction, "nothing came of the answer", origin, task=task.id, request=request)


def _judged(item: Task | Rejected, step: Step, pool: Pool) -> Task | Rejected:
    """A task that passes the step's filters is in the pool from now on."""
    if isinstance(item, Rejected):
        return item
    reason = verdict(item, step.drop, pool)
    return dropped(item, reason, step.name) if reason else item


async def _each_one(tasks: Sequence[Task]) -> Items:
    for task in tasks:
        yield task


def _start(answer: Coroutine[Any, Any, Response]) -> asyncio.Task[Response]:
    return asyncio.create_task(answer)


async def _abandon(answers: Sequence[asyncio.Task[Response]]) -> None:
    """Cancel and wait, so that an error among them is not reported once more when nobody listens."""
    for answer in answers:
        answer.cancel()
    await asyncio.gather(*answers, return_exceptions=True)


async def _undisturbed(cleaning: Coroutine[Any, Any, None]) -> None:
    """Clean up to the end, also when two steps fail at once and the later one cancels the earlier one's cleaning."""
    task, cancelled = asyncio.create_task(cleaning), False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError
