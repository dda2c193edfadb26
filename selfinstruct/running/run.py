"""The schedule of a run: two loops, `grow` and `each`, chained in the order of the recipe's steps.

Everything that depends on time is in this file; nothing that it yields does. Requests are drafted in a fixed order, a
window of them is in flight, and their answers are folded in the order drafted, whatever the order of arrival. So the
same recipe, seeds, random seed and answers give the same bytes, at any concurrency, interrupted or not.

    seeds -> grow(propose) -> each(classify) -> each(instances) -> tasks.jsonl
                    \\________________\\__________________\\-------> rejected.jsonl

    data -> in_rounds(evolve, judge, respond) -> tasks.jsonl, rejected.jsonl
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter, deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from random import Random
from typing import Any, TypeVar

from selfinstruct.errors import Declined, Saturated, quoted
from selfinstruct.filters import pool_of
from selfinstruct.filters.pool import Pool
from selfinstruct.running.drafts import (
    Draft,
    draft_of,
    drawn,
    judged,
    new_tasks,
    reworked,
    settled,
    singles,
    superseded,
)
from selfinstruct.running.recipe import Step
from selfinstruct.running.watch import Seen, Watch, seen
from selfinstruct.running.window import abandon, all_of, answered, undisturbed
from selfinstruct.task import Rejected, Task, stream_of
from selfinstruct.teacher import Response, Teacher

__all__ = ["each", "grow", "in_rounds", "lineage", "of_rounds", "results", "run"]

# A pool is called saturated when fewer than 1 in 100 of the last 1,000 proposals came out as a finished task.
SATURATION_WINDOW = 1000
SATURATION_KEPT = 10

SEEDS, FRESH = 2000, 1_000_000
"""Random seeds that are told apart where nothing but the sample can be, and how many samples each has: servers are sent
their product at most, which 31 bits can hold."""

TURNS = 5

Items = AsyncGenerator[Task | Rejected]
D = TypeVar("D")
R = TypeVar("R")


async def run(items: Items, write: Callable[[Task | Rejected], None]) -> None:
    """Hand everything that comes out of `results` to `write`, as it comes; closes it whatever happens."""
    async with aclosing(items):
        async for item in items:
            write(item)


async def results(
    steps: Sequence[Step],
    seeds: Sequence[Task],
    teachers: Sequence[Teacher],
    *,
    seed: int,
    width: int,
    at_once: int,
    num: int | None,
    rounds: int = 0,
    watch: Watch | None = None,
) -> Items:
    """What comes out of the chain of steps, in the order of the proposals: finished tasks, and what was rejected.

    `width` is how far the drafts of `grow` are ahead of the pool, and part of the recipe; `at_once` is how many tasks
    are in flight in a step of `each`, or lineages in rounds, and changes nothing but speed.

    Ends with the `num`-th task, so that nothing it yields depends on how far the steps had run ahead. A larger `num`
    gives the same items and more. Raises Saturated when hardly anything is kept any more, and Useless as `watch` says.
    With `rounds`, the steps are repeated as `in_rounds` says, for `num` of the seeds; for more of them when `num` is
    larger.
    """
    stream = _each_one(seeds)
    if rounds:
        chosen = of_rounds(steps, seeds, seed=seed, num=num)
        stream, num = in_rounds(steps, chosen, teachers, seed=seed, at_once=at_once, rounds=rounds, watch=watch), None
    for step, teacher in zip(steps, teachers, strict=True) if not rounds else ():
        if step.kind == "grow":
            stream = grow(step, seeds, teacher, seed=seed, width=width, watch=watch)
        else:
            stream = each(step, stream, teacher, seed=seed, at_once=at_once, watch=watch)
    endless = any(step.kind == "grow" for step in steps)
    recent: deque[bool] = deque(maxlen=SATURATION_WINDOW)
    finished = 0
    async with aclosing(stream) as items:
        async for item in items:
            yield item
            finished += isinstance(item, Task)
            if finished == num:
                return
            if isinstance(item, Task) or item.is_proposal:
                recent.append(isinstance(item, Task))
            if endless and len(recent) == SATURATION_WINDOW and sum(recent) < SATURATION_KEPT:
                raise Saturated(
                    f"saturated: of the last {SATURATION_WINDOW:,} proposals {sum(recent)} came out as finished tasks; "
                    f"{finished:,} are written. See rejected.jsonl for the reasons; give other seeds or another teacher"
                )


def of_rounds(steps: Sequence[Step], tasks: Sequence[Task], *, seed: int, num: int | None) -> list[Task]:
    """The tasks that rounds begin with, drawn in their order: for a larger `num` the same and more."""
    each = singles(tasks, steps[0].stage)
    return Random(f"{seed}/sample").sample(each, len(each))[:num]


async def grow(
    step: Step, seeds: Sequence[Task], teacher: Teacher, *, seed: int, width: int, watch: Watch | None = None
) -> Items:
    """Ask for new tasks without end, showing some of the pool, folding what is kept into the pool."""
    pool = Pool(seeds)
    # A prompt that nothing is drawn for is always the same one: another random seed asks for other samples of it.
    first = 0 if step.show else seed % SEEDS * FRESH

    def drafts() -> Iterator[tuple[Step, Draft]]:
        asked: Counter[bytes] = Counter()
        for number in itertools.count():
            # Draft i sees the pool as it stood after folding answers 0 … i - width: exactly then is it pulled.
            rng = Random(f"{seed}/{step.name}/{number}")
            shown = pool.sample(rng, **step.show) if step.show else []
            one = drawn(step, rng, number, seed)
            yield one, _sampled(draft_of(one, shown, rng), asked, first)

    async with aclosing(answered(drafts(), lambda drafted: teacher(drafted[1].request), width)) as answers:
        async for (one, draft), response in answers:
            # Folded as a whole before anything is yielded: what waits downstream must not hold back the pool.
            folded = list[Task | Rejected]()
            for item in new_tasks(one, draft, response):
                folded.append(judged(item, step, pool))
                # A filter takes a millisecond or two, and an answer has up to twenty tasks. What arrives meanwhile is
                # read and journaled in the turns between them: killed before that, it would be asked for again.
                await _turns()
            for item in folded:
                yield item
            if watch:
                watch.saw(seen(step.name, folded, draft.request.params, draft.request.prompt))


async def in_rounds(
    steps: Sequence[Step],
    tasks: Sequence[Task],
    teachers: Sequence[Teacher],
    *,
    seed: int,
    at_once: int,
    rounds: int,
    watch: Watch | None = None,
) -> Items:
    """Evolution: the steps one after the other, so many times over, for `at_once` tasks at a time, in their order."""

    async def ask(task: Task) -> tuple[list[Task | Rejected], list[Seen]]:
        answers: list[Seen] = []
        asking = list(zip(steps, teachers, strict=True))
        return await lineage(asking, task, seed=seed, rounds=rounds, answers=answers), answers

    async with aclosing(answered(iter(tasks), ask, at_once)) as lineages:
        async for _, (items, answers) in lineages:
            for item in items:
                yield item
            for answer in answers:
                if watch:
                    watch.saw(answer)


async def lineage(
    steps: list[tuple[Step, Teacher]], task: Task, *, seed: int, rounds: int, answers: list[Seen] | None = None
) -> list[Task | Rejected]:
    """What comes of one task. One that is eliminated leaves its place to its parent for the next round. What each
    answer was good for is added to `answers`.

    Steps for the end (`last`) are asked about what lives after the last round; the generations before are superseded.
    A first stage that `again`s is told what became of the task, when nothing came of it, before it is tried once more.
    """
    found: list[Task | Rejected] = []
    places: dict[str, int] = {}
    """Where in `found` the tasks are, by id: one that comes out of a further round as itself is no second task."""
    pool = Pool([task], shown=False)
    asked: Counter[bytes] = Counter()

    async def through(chosen: Sequence[tuple[Step, Teacher]], item: Task, number: int) -> list[Task]:
        """The tasks that come out of the steps; whatever else they gave is found."""
        if not chosen:
            return [item]
        (step, teacher), *others = chosen
        finished = []
        for one in singles([item], step.stage):
            parts = settled(step, one, number)
            unasked = parts is not None
            if parts is None:
                draft = draft_of(step, (one,), stream_of(f"{seed}/{step.name}/{number}/{one.id}"), number)
                draft = _sampled(draft, asked)  # what was put back may be rewritten in the same way once more
                responses = await _about(one, _answers(teacher, draft))
                parts = list(reworked(step, draft, *responses, number=number))
            parts = [judged(part, step, pool) for part in parts] if step.drop else parts
            if answers is not None and not unasked:
                answers.append(seen(step.name, parts, draft.request.params, draft.request.prompt))
            for part in parts:
                if isinstance(part, Rejected):
                    found.append(part)
                else:
                    finished += await through(others, part, number)
        return finished

    repeated = [(step, teacher) for step, teacher in steps if not step.last]
    final = [(step, teacher) for step, teacher in steps if step.last]
    living, given = [task], task
    for number in range(1, rounds + 1):
        after = list[Task]()
        for item in living:
            before = len(found)
            made = await through(repeated, item, number)
            for one in made if not final else ():
                if one.id == item.id and one.id in places:
                    found[places[one.id]] = one
                else:
                    places[one.id] = len(found)
                    found.append(one)
            if final and item is not given and any(one.id != item.id for one in made):
                found.append(superseded(item))
            if not made and (tried := _again(repeated[0][0], item, found[before:])):
                made = [tried]
                given = tried if item is given else given
            after += made
        living = after
    for item in living if final else ():
        if item is not given:
            found += await through(final, item, rounds)
    return found


async def each(
    step: Step, items: Items, teacher: Teacher, *, seed: int, at_once: int, watch: Watch | None = None
) -> Items:
    """One request a task; what was rejected before passes through, so that the order of the proposals is kept.

    Tasks are asked about as they come, at most `at_once` ahead of the one that is awaited.
    """
    pool = pool_of(step.drop)
    ahead: asyncio.Queue[tuple[Task | Rejected | Draft | Exception | None, asyncio.Task[Any] | None]]
    ahead = asyncio.Queue(at_once)

    async def ask(task: Task) -> None:
        draft = draft_of(step, (task,), stream_of(f"{seed}/{step.name}/{task.id}"))
        answer = asyncio.create_task(_answers(teacher, draft))
        try:
            await ahead.put((draft, answer))
        except asyncio.CancelledError:
            await undisturbed(abandon([answer]))
            raise

    async def ask_ahead() -> None:
        try:
            async for item in items:
                if isinstance(item, Rejected):
                    await ahead.put((item, None))
                    continue
                for task in singles([item], step.stage):
                    if (outcomes := settled(step, task)) is None:
                        await ask(task)
                    for outcome in outcomes or ():
                        await ahead.put((outcome, None))
        except Exception as error:  # raised below, after everything that came before it
            await ahead.put((error, None))
        else:
            await ahead.put((None, None))

    async def clean_up() -> None:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        left = [ahead.get_nowait() for _ in range(ahead.qsize())]
        await abandon([answer for _, answer in left if answer])
        await items.aclose()

    asking = asyncio.create_task(ask_ahead())
    try:
        while True:
            item, answer = await ahead.get()
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            if isinstance(item, Task | Rejected):
                yield judged(item, step, pool) if answer is None and isinstance(item, Task) and step.drop else item
            elif answer is not None:
                outcomes = list(reworked(step, item, *await _about(item.tasks[0], answer)))
                outcomes = [judged(outcome, step, pool) for outcome in outcomes] if step.drop else outcomes
                for outcome in outcomes:
                    yield outcome
                if watch:
                    watch.saw(seen(step.name, outcomes, item.request.params, item.request.prompt))
    finally:
        await undisturbed(clean_up())


def _sampled(draft: Draft, asked: Counter[bytes], first: int = 0) -> Draft:
    """The draft as a further sample, if its request was asked before; `first` is the number of the first one."""
    key = bytes.fromhex(draft.request.key)  # a third of the text's memory: a long run asks a million
    repeats = first + asked[key]
    asked[key] += draft.samples
    return replace(draft, request=replace(draft.request, sample=repeats)) if repeats else draft


def _again(step: Step, task: Task, found: Sequence[Task | Rejected]) -> Task | None:
    """The task as it is tried once more, after nothing has come of it but this; None where it is not."""
    again: Callable[[Task, list[Rejected]], Task | None] | None = getattr(step.stage, "again", None)
    return again(task, [item for item in found if isinstance(item, Rejected)]) if again else task


async def _answers(teacher: Teacher, draft: Draft) -> Sequence[Response]:
    """As many answers as the draft wants."""
    return [await teacher(draft.request)] if draft.samples == 1 else await all_of(map(teacher, draft.requests))


async def _about(task: Task, answer: Awaitable[Sequence[Response]]) -> Sequence[Response]:
    """The answer about a task. When its refusal stops the run, the error says whose it was."""
    try:
        return await answer
    except Declined as error:
        raise Declined(f"{error} (asked about {quoted(task.id)})", error.words) from None


async def _turns() -> None:
    """As many turns of the event loop as an answer takes from its socket into the journal."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def _each_one(tasks: Sequence[Task]) -> Items:
    for task in tasks:
        yield task
