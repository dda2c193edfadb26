"""The two loops: same items whatever the order of arrival, prefix-stable, nothing lost, errors in their place."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest
from cases import CASES, ONCE, Case, finished, items_of
from fakes import SEEDS, late, simple
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.errors import BudgetReached, Saturated, TeacherFailed
from selfinstruct.filters import FILTERS
from selfinstruct.running.recipe import Recipe, Step
from selfinstruct.running.run import each, results, run
from selfinstruct.stages import Classify, Propose
from selfinstruct.task import Instance, Reason, Rejected, Task
from selfinstruct.teacher import Request, Response, Teacher
from selfinstruct.teachers.pacing.throttle import Throttle
from selfinstruct.teachers.scripted import scripted

SELF_INSTRUCT = CASES["self_instruct-en"].recipe.steps


async def asked(
    steps: Sequence[Step],
    teacher: Teacher,
    num: int | None,
    width: int = 16,
    seeds: list[Task] = SEEDS,
) -> list[Task | Rejected]:
    return await items_of(Case(Recipe("mine", steps), seeds, 0), teacher, num, width=width)


@pytest.mark.parametrize("name", CASES)
@settings(deadline=None, max_examples=3)
@given(delays=st.integers(0, 10**6), concurrency=st.integers(1, 64))
def test_order_of_arrival_and_concurrency_change_nothing(name: str, delays: int, concurrency: int) -> None:
    case = CASES[name]
    prompt = asyncio.run(items_of(case, scripted(simple), case.num))
    throttled = Throttle(late(Random(delays)), concurrency=concurrency)
    assert asyncio.run(items_of(case, throttled, case.num)) == prompt


@pytest.mark.parametrize("name", ONCE)
async def test_a_larger_num_extends(name: str) -> None:
    case = CASES[name]
    many = await items_of(case, late(Random(1)), 2 * case.num)
    for num in (1, 2, 17, case.num):
        few = await items_of(case, late(Random(num)), num)
        assert many[: len(few)] == few
        if not case.recipe.rounds:
            assert len(finished(few)) == num
            assert isinstance(few[-1], Task), "cut at the proposal of the last finished task"


@pytest.mark.parametrize("name", ONCE)
async def test_the_random_seed_and_the_width_are_part_of_the_result(name: str) -> None:
    case = CASES[name]
    one = await items_of(case, scripted(simple), 20)
    if case.grows or case.recipe.rounds:
        assert await items_of(case, scripted(simple), 20, seed=1) != one
    narrow = await items_of(case, scripted(simple), 20, width=1)
    if name.startswith("self_instruct-"):
        # With one request in flight the second draft already sees what the first one brought: machine-made tasks.
        assert narrow != one
    elif not case.grows:
        assert narrow == one, "tasks that are given do not depend on one another"


async def test_every_proposal_ends_in_one_place() -> None:
    """Each instruction of each answer is a finished task or has one rejection, in the order of the answers."""
    heard: list[tuple[Request, Response]] = []

    def listening(request: Request) -> Response:
        response = simple(request)
        heard.append((request, response))
        return response

    items = await asked(SELF_INSTRUCT, scripted(listening), 50)
    proposed: list[str] = []
    for request, response in heard:
        if isinstance(request.prompt, str) and request.prompt.endswith("9."):
            proposed += [response.text] if response.finish_reason == "length" else listed(response.text)
    settled = [
        item.instruction or item.text if isinstance(item, Rejected) else item.instruction
        for item in items
        if isinstance(item, Task) or item.what in ("task", "answer")
    ]
    # What was proposed after the last finished task waits for a larger --num.
    assert settled == proposed[: len(settled)]
    assert len(finished(items)) == 50


def listed(answer: str) -> list[str]:
    return [part.strip() for part in re.split(r"\n\d+\. ", answer)]


async def test_rows_name_their_requests_and_parents() -> None:
    sent: dict[str, Request] = {}

    def listening(request: Request) -> Response:
        sent[request.id] = request
        return simple(request)

    items = await asked(SELF_INSTRUCT, scripted(listening), 30)
    known = {task.id: task for task in [*SEEDS, *finished(items)]}
    for task in finished(items):
        proposal, _, instances = (sent[name] for name in task.requests)
        assert task.id.startswith(f"{proposal.id}-")
        assert task.instruction in instances.prompt
        assert len(task.parents) == 8
        shown = [known[parent].instruction.rstrip(":") for parent in task.parents if parent in known]
        assert all(text in proposal.prompt for text in shown)
    assert len({task.id for task in finished(items)}) == 30
    for item in items:
        if isinstance(item, Rejected):
            assert item.request in sent
            assert item.category
            assert item.origin


async def test_a_prompt_asked_again_is_another_sample() -> None:
    """One seed gives one prompt; its repeats are told apart, so that the teacher may answer differently."""
    samples: list[int] = []

    def answer(request: Request) -> str:
        samples.append(request.sample)
        return f"Name {request.sample} reasons for {request.sample} rivers in {request.sample} words."

    step = Step(Propose(), show={"seeds": 1})
    await asked((step,), scripted(answer), 5, width=3, seeds=SEEDS[:1])
    assert samples[:5] == [0, 1, 2, 3, 4]


@dataclass(frozen=True)
class Lazy:
    """A stage that forgets to say what became of a task."""

    kind: str = "each"

    def prompt(self, tasks: Any, rng: Random) -> str:
        return "What now?"

    def parse(self, tasks: Any, response: Response) -> list[Task | Rejected]:
        return []


async def test_what_a_stage_forgets_is_rejected() -> None:
    items = await asked((Step(Lazy()),), scripted(lambda request: "well"), None)
    assert [(type(item), item.category) for item in items if isinstance(item, Rejected)] == [
        (Rejected, "nothing came of the answer")
    ] * len(SEEDS)
    with pytest.raises(Saturated):
        await asked((Step(Lazy("grow"), show={"seeds": 1}),), scripted(lambda request: "well"), 1)


@pytest.mark.parametrize("finish", ["content_filter", "context_length"])
async def test_a_refused_request_is_a_rejection(finish: str) -> None:
    def answer(request: Request) -> Response:
        refused = Random(request.key).random() < 0.2
        return Response("", finish) if refused else simple(request)

    items = await asked(SELF_INSTRUCT, scripted(answer), 30)
    refused = [item for item in items if isinstance(item, Rejected) and "teacher's" in item.category]
    assert {item.origin for item in refused} == {"propose", "classify", "instances"}
    assert {item.what for item in refused if item.origin == "propose"} == {"answer"}
    assert {item.what for item in refused if item.origin != "propose"} == {"task"}
    assert len(finished(items)) == 30


async def test_saturation_stops_at_the_same_place_however_answers_arrive() -> None:
    def repeating(request: Request) -> Response:
        asks_for_tasks = isinstance(request.prompt, str) and request.prompt.endswith("9.")
        return (
            Response(" Count the bridges of Paris slowly.\n10. Count the bridges.")
            if asks_for_tasks
            else simple(request)
        )

    async def until_saturated(teacher: Teacher) -> tuple[list[Task | Rejected], str]:
        found: list[Task | Rejected] = []
        steps = SELF_INSTRUCT
        with pytest.raises(Saturated) as stopped:
            await run(results(steps, SEEDS, [teacher] * 3, seed=0, width=8, at_once=8, num=5), found.append)
        return found, str(stopped.value)

    found, message = await until_saturated(scripted(repeating))
    assert (found, message) == await until_saturated(late(Random(2), repeating))
    assert sum(not isinstance(item, Task) for item in found) >= 999
    assert message.startswith("saturated: of the last 1,000 proposals 1 came out as finished tasks; 1 are written.")


@pytest.mark.parametrize("error", [TeacherFailed("no such model"), BudgetReached("enough")])
@pytest.mark.parametrize("where", ["9.", "Classification:", "\n"])
async def test_an_error_comes_up_after_everything_before_it(error: Exception, where: str) -> None:
    """Whatever step it strikes, what was finished earlier in the order of proposals has been handed out."""
    count = 0

    def failing(request: Request) -> Response | Exception:
        nonlocal count
        tail = request.prompt if isinstance(request.prompt, str) else ""
        count += tail.endswith(where) or (where == "\n" and "Output:" in tail)
        return error if count > 20 else simple(request)

    found: list[Task | Rejected] = []
    steps = SELF_INSTRUCT
    whole = await asked(steps, scripted(simple), 60)
    with pytest.raises(type(error), match=str(error)):
        await run(results(steps, SEEDS, [scripted(failing)] * 3, seed=0, width=8, at_once=8, num=10**6), found.append)
    same_width = await asked(steps, scripted(simple), 60, width=8)
    assert found
    assert same_width[: len(found)] == found
    assert whole != found


async def test_each_keeps_the_order_and_at_most_so_many_at_once() -> None:
    """Rejections pass through in their place, and no more than the window is asked before anything is taken."""
    count = 0

    async def tasks() -> Any:
        for number in range(40):
            if number % 3:
                yield Task(f"task_{number}", f"Tell me about number {number}, please.")
            else:
                yield Rejected(f"text {number}", "too short")

    async def counting(request: Request, /) -> Response:
        nonlocal count
        count += 1
        await asyncio.sleep(0)
        return Response("no")

    stream = each(Step(Classify()), tasks(), counting, seed=0, at_once=4)
    first = await anext(stream)
    assert first == Rejected("text 0", "too short")
    for _ in range(50):
        await asyncio.sleep(0)
    assert count <= 5
    rest = [item async for item in stream]
    numbers = [int((item.text if isinstance(item, Rejected) else item.id).split()[-1].split("_")[-1]) for item in rest]
    assert numbers == list(range(1, 40))


async def test_filters_of_a_later_step() -> None:
    """`drop` works in `each` steps too, against a pool of their own."""
    tasks = [replace(SEEDS[0], id=name, instances=(Instance("", name),)) for name in ("first", "second", "third")]
    step = Step(Classify(), drop=(FILTERS["novelty"](),))
    items = await asked((step,), scripted(lambda request: "yes"), None, seeds=tasks)
    assert [item.id for item in finished(items)] == ["first"]
    assert [item.reason for item in items if isinstance(item, Rejected)] == [Reason("rouge-l", "1.00 to first")] * 2


async def test_abandoned_answers_leave_no_tasks_behind() -> None:
    """Stopping early cancels what is in flight; nothing goes on in the background."""
    going = 0

    async def slow(request: Request, /) -> Response:
        nonlocal going
        going += 1
        try:
            await asyncio.sleep(0)
            return simple(request)
        finally:
            going -= 1

    await asked(SELF_INSTRUCT, slow, 3)
    assert going == 0
    assert len(asyncio.all_tasks()) == 1
