"""The throttle in virtual time: a clock that moves on when everybody sleeps, so that no test waits."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from itertools import count, pairwise
from random import Random
from typing import Any, TypeVar

import pytest

from selfinstruct.errors import BudgetReached, TeacherFailed, Transient, UsageError
from selfinstruct.teacher import Request, Response, Teacher
from selfinstruct.teachers.pacing.throttle import Throttle
from selfinstruct.teachers.scripted import scripted

T = TypeVar("T")


class Clock:
    """Seconds that pass only when nothing else can happen."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self.order = count()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self.sleepers, (self.now + seconds, next(self.order), future))
        await future

    async def settle(self) -> None:
        for _ in range(30):  # steps of the event loop; a retry takes fewer than ten
            await asyncio.sleep(0)

    async def run(self, work: Awaitable[T]) -> T:
        task = asyncio.ensure_future(work)
        await self.settle()
        while not task.done():
            assert self.sleepers, "nobody sleeps and nothing goes on"
            at, _, future = heapq.heappop(self.sleepers)
            if not future.done():  # a cancelled sleeper
                self.now = at
                future.set_result(None)
            await self.settle()
        return await task


class Server:
    """A teacher that takes a second for an answer, remembers when it was asked, and fails as `faults` says."""

    def __init__(self, clock: Clock, faults: Callable[[Request, int], BaseException | None] = lambda *_: None) -> None:
        self.clock, self.faults = clock, faults
        self.sent: list[tuple[str, float]] = []
        self.now, self.most = 0, 0

    async def __call__(self, request: Request, /) -> Response:
        self.sent.append((str(request.prompt), self.clock()))
        tries = sum(prompt == request.prompt for prompt, _ in self.sent)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await self.clock.sleep(1.0)
        finally:
            self.now -= 1
        if fault := self.faults(request, tries):
            raise fault
        return Response(f"answer to {request.prompt}")

    def times(self, prompt: str) -> list[float]:
        return [at - 1000.0 for asked, at in self.sent if asked == prompt]


def ask(prompt: object) -> Request:
    return Request(str(prompt), "m")


def throttled(teacher: Teacher, clock: Clock, **options: Any) -> Throttle:
    return Throttle(teacher, sleep=clock.sleep, clock=clock, random=Random(7), **options)


@pytest.mark.parametrize("concurrency", [1, 7, 64])
async def test_faults_change_nothing_but_the_time(concurrency: int) -> None:
    def faults(request: Request, tries: int) -> BaseException | None:
        dice = Random(f"{request.prompt} {tries}")
        return Transient("HTTP 500", dice.choice([None, None, 3.0])) if dice.random() < 0.4 else None

    results = []
    for fault in (faults, lambda *_: None):
        clock = Clock()
        server = Server(clock, fault)
        throttle = throttled(server, clock, concurrency=concurrency)
        results.append(await clock.run(asyncio.gather(*(throttle(ask(i)) for i in range(100)))))
        assert server.most <= concurrency
    assert results[0] == results[1]
    assert max(response.attempts for response in results[0]) > 2
    assert {response.attempts for response in results[1]} == {1}
    assert server.most == concurrency


async def test_attempts_and_seconds_are_those_of_the_answer() -> None:
    clock = Clock()
    server = Server(clock, lambda request, tries: Transient("no") if tries < 3 else None)
    response = await clock.run(throttled(server, clock)(ask("x")))
    assert (response.attempts, response.seconds) == (3, 1.0)


async def test_waits_grow_to_a_minute_until_patience_ends() -> None:
    clock = Clock()
    server = Server(clock, lambda *_: Transient("HTTP 500 from http://x: oops"))
    with pytest.raises(TeacherFailed) as caught:
        await clock.run(throttled(server, clock, patience=600)(ask("x")))
    assert str(caught.value) == (
        f"no answer for 601 s (request {ask('x').id}, last: HTTP 500 from http://x: oops): "
        "check the server and run the same command again; answers so far are kept"
    )
    times = server.times("x")
    waits = [after - before - 1.0 for before, after in pairwise(times)]
    for number, wait in enumerate(waits[:-1]):
        assert min(60.0, 0.5 * 2**number) <= wait <= min(60.0, 1.5 * 2**number) or 32 <= wait <= 60
    assert times[-1] == 600.0


async def test_a_first_attempt_that_takes_all_the_patience_is_not_the_last() -> None:
    clock = Clock()
    server = Server(clock, lambda request, tries: Transient("timed out") if tries == 1 else None)
    response = await clock.run(throttled(server, clock, patience=0.5)(ask("x")))
    assert response.attempts == 2


async def test_everybody_waits_when_the_server_asks_one() -> None:
    clock = Clock()
    server = Server(clock, lambda request, tries: Transient("HTTP 429", 20.0) if tries == 1 else None)
    throttle = throttled(server, clock, concurrency=16)
    await clock.run(asyncio.gather(*(throttle(ask(i)) for i in range(64))))
    sent = [at - 1000.0 for _, at in server.sent]
    told = sorted({first + 1.0 for first in (server.times(str(i))[0] for i in range(64))})
    assert len(told) >= 4
    for at in told:
        assert not [other for other in sent if at < other < at + 20.0]
    assert clock() - 1000.0 < 300


async def test_slots_are_free_while_a_request_waits() -> None:
    clock = Clock()
    server = Server(clock, lambda request, tries: Transient("no") if (request.prompt, tries) == ("a", 1) else None)
    throttle = throttled(server, clock, concurrency=1)
    await clock.run(asyncio.gather(throttle(ask("a")), throttle(ask("b"))))
    assert server.times("a")[0] == 0.0
    assert server.times("b") == [1.0]
    assert server.times("a")[1] >= 2.0


async def test_queueing_does_not_wear_patience_out() -> None:
    clock = Clock()
    server = Server(clock, lambda request, tries: Transient("no") if tries < 3 else None)
    throttle = throttled(server, clock, concurrency=1, patience=20, rpm=2)
    responses = await clock.run(asyncio.gather(*(throttle(ask(i)) for i in range(9))))
    assert {response.attempts for response in responses} == {3}
    assert max(server.times("8")) - min(server.times("8")) > 40


async def test_a_slow_quota_is_no_failure_while_answers_come() -> None:
    clock = Clock()

    def unlucky(request: Request, tries: int) -> BaseException | None:
        return Transient("HTTP 429", 5.0) if request.prompt == "a" and tries < 20 else None

    throttle = throttled(Server(clock, unlucky), clock, patience=30)

    async def others() -> None:
        for i in range(100):
            await throttle(ask(i))

    other = asyncio.ensure_future(others())
    assert (await clock.run(throttle(ask("a")))).attempts == 20
    assert clock() - 1000.0 > 90
    await clock.run(other)


async def test_a_quota_that_gives_nothing_is_one() -> None:
    clock = Clock()
    throttle = throttled(Server(clock, lambda *_: Transient("HTTP 429", 5.0)), clock, patience=30)
    with pytest.raises(
        TeacherFailed, match=r"no answer for \d+ s and told to wait 5 s more \(request \w{12}, last: HTTP 429\)"
    ):
        await clock.run(throttle(ask("a")))
    assert 25 <= clock() - 1000.0 <= 35


async def test_a_wait_beyond_all_patience_is_not_begun() -> None:
    clock = Clock()
    throttle = throttled(Server(clock, lambda *_: Transient("HTTP 429", 3600.0)), clock, patience=600)
    with pytest.raises(TeacherFailed, match="told to wait 3,600 s more"):
        await clock.run(throttle(ask("a")))
    assert clock() == 1001.0


async def test_a_teacher_that_failed_is_not_asked_again() -> None:
    clock = Clock()
    throttle = throttled(scripted([TeacherFailed("wrong key")]), clock, concurrency=1)
    answers = await asyncio.gather(*(throttle(ask(str(n))) for n in range(9)), return_exceptions=True)
    assert [str(answer) for answer in answers] == ["wrong key"] * 9


async def test_other_errors_pass_at_once_and_free_their_slot() -> None:
    clock = Clock()
    teacher = scripted([KeyError("a bug"), "Fine."])
    throttle = throttled(teacher, clock, concurrency=1)
    with pytest.raises(KeyError):
        await throttle(ask("x"))
    assert (await throttle(ask("x"))).text == "Fine."


async def test_cancelled_callers_leave_no_slot_taken() -> None:
    clock = Clock()
    server = Server(clock, lambda request, tries: Transient("HTTP 503") if str(request.prompt) == "flaky" else None)
    throttle = throttled(server, clock, concurrency=1)
    flaky = asyncio.ensure_future(throttle(ask("flaky")))
    await clock.run(clock.sleep(1.1))  # it failed and waits
    wired, queued = asyncio.ensure_future(throttle(ask("wired"))), asyncio.ensure_future(throttle(ask("queued")))
    await clock.settle()
    assert server.now == 1
    for task in (flaky, queued, wired):
        task.cancel()
    ended = await asyncio.gather(flaky, queued, wired, return_exceptions=True)
    assert [type(end) for end in ended] == [asyncio.CancelledError] * 3
    assert (await clock.run(throttle(ask("last")))).text == "answer to last"
    assert {prompt for prompt, _ in server.sent} == {"flaky", "wired", "last"}


async def test_after_close_only_those_on_the_wire_finish() -> None:
    clock = Clock()
    server = Server(clock, lambda request, tries: Transient("HTTP 503") if str(request.prompt) == "flaky" else None)
    throttle = throttled(server, clock, concurrency=1)
    flaky = asyncio.ensure_future(throttle(ask("flaky")))
    await clock.run(clock.sleep(1.1))
    wired, queued = asyncio.ensure_future(throttle(ask("wired"))), asyncio.ensure_future(throttle(ask("queued")))
    await clock.settle()
    throttle.close()
    with pytest.raises(asyncio.CancelledError):
        await queued
    with pytest.raises(asyncio.CancelledError):
        await flaky
    with pytest.raises(asyncio.CancelledError):
        await throttle(ask("late"))
    assert (await clock.run(wired)).text == "answer to wired"
    assert len(server.sent) == 2


async def test_close_stops_those_who_fail_on_the_wire() -> None:
    clock = Clock()
    throttle = throttled(Server(clock, lambda *_: Transient("HTTP 503")), clock)
    wired = asyncio.ensure_future(throttle(ask("x")))
    await clock.settle()
    throttle.close()
    with pytest.raises(asyncio.CancelledError):
        await clock.run(wired)


async def test_notices_are_short_and_few() -> None:
    clock = Clock()
    told: list[tuple[float, str]] = []
    server = Server(clock, lambda request, tries: Transient("HTTP 503 from http://x: busy", 2.0) if tries < 9 else None)
    throttle = throttled(server, clock, notice=lambda text: told.append((clock(), text)))
    await clock.run(asyncio.gather(*(throttle(ask(i)) for i in range(20))))
    assert 2 <= len(told) <= (clock() - 1000.0) / 10 + 1
    assert all(after - before >= 10.0 for (before, _), (after, _) in pairwise(told))
    assert told[0][1].startswith("HTTP 503 from http://x: busy; trying again in ")


@pytest.mark.parametrize(("name", "value"), [("concurrency", 0), ("rpm", 0.0), ("tpm", -1.0), ("rpm", float("nan"))])
def test_impossible_numbers(name: str, value: float) -> None:
    options: dict[str, Any] = {name: value}
    with pytest.raises(UsageError, match=f"--{name} must be .*, not {value:g}"):
        Throttle(scripted([]), **options)


async def ended(clock: Clock, *calls: Awaitable[Response]) -> list[Response | BaseException]:
    return await clock.run(asyncio.gather(*calls, return_exceptions=True))


@pytest.mark.parametrize("mixed", [False, True])
async def test_who_waits_is_told_at_once_when_another_gives_up(mixed: bool) -> None:
    """Each that came to its turn began a wait of 500 s of its own: 32 of them took 4,000 s to fail."""
    clock = Clock()

    def faults(request: Request, tries: int) -> BaseException | None:
        return Transient("HTTP 500") if mixed and int(str(request.prompt)) % 2 else Transient("HTTP 429", 500.0)

    throttle = throttled(Server(clock, faults), clock, concurrency=4, patience=600)
    ends = await ended(clock, *(throttle(ask(i)) for i in range(32)))
    assert {type(end) for end in ends} == {TeacherFailed}
    assert len({str(end) for end in ends}) <= 4  # those on the wire have their own
    assert clock() - 1000.0 <= 1300
    assert throttle.doing() == ""


@pytest.mark.parametrize("wait", [3600.0, 1e9])
async def test_nobody_waits_for_a_wait_that_was_given_up(wait: float) -> None:
    clock = Clock()
    server = Server(clock, lambda request, tries: Transient("no", wait if request.prompt == "7" else None))
    throttle = throttled(server, clock, concurrency=8)
    ends = await ended(clock, *(throttle(ask(i)) for i in range(32)))
    assert {type(end) for end in ends} == {TeacherFailed}
    assert clock() <= 1002.0


async def test_those_on_the_wire_may_finish_when_one_gives_up() -> None:
    clock = Clock()
    server = Server(clock, lambda request, tries: TeacherFailed("wrong key") if request.prompt == "0" else None)
    throttle = throttled(server, clock, concurrency=3)
    ends = await ended(clock, *(throttle(ask(i)) for i in range(9)))
    assert [getattr(end, "text", str(end)) for end in ends] == [
        "wrong key",
        "answer to 1",
        "answer to 2",
        *["wrong key"] * 6,
    ]


async def test_a_budget_that_is_reached_wakes_nobody_else() -> None:
    clock = Clock()
    server = Server(clock, lambda request, tries: BudgetReached("spent") if request.prompt in ("0", "3") else None)
    throttle = throttled(server, clock, concurrency=1)
    ends = await ended(clock, *(throttle(ask(i)) for i in range(5)))
    assert [getattr(end, "text", str(end)) for end in ends] == [
        "spent",
        *("answer to 1", "answer to 2", "spent", "answer to 4"),
    ]


async def test_no_wait_of_nothing_is_tried_without_a_pause() -> None:
    for wait in (0.0, 0.001):
        clock = Clock()
        server = Server(clock, lambda request, tries, wait=wait: Transient("HTTP 503", wait))  # type: ignore[misc]
        with pytest.raises(TeacherFailed):
            await clock.run(throttled(server, clock, patience=600)(ask("x")))
        assert len(server.sent) < 40


async def test_a_second_is_only_for_those_who_were_told_while_others_are_answered() -> None:
    clock = Clock()
    fault = Transient("HTTP 429", 1.0, limited=True)
    server = Server(clock, lambda request, tries: fault if (request.prompt, tries) == ("5", 1) else None)
    throttle = throttled(server, clock, concurrency=2)
    await clock.run(asyncio.gather(*(throttle(ask(i)) for i in range(40))))
    first, second = server.times("5")
    assert second >= first + 2.0
    assert [at for _, at in server.sent if first + 1.0 <= at - 1000.0 < first + 2.0]


async def test_one_model_does_not_wait_for_another() -> None:
    clock = Clock()
    server = Server(
        clock, lambda request, tries: Transient("HTTP 429", 50.0) if (request.model, tries) == ("a", 1) else None
    )
    throttle = throttled(server, clock)
    slow = asyncio.ensure_future(throttle(Request("x", "a")))
    await clock.run(clock.sleep(2.0))
    await clock.run(throttle(Request("y", "b")))
    assert clock() - 1000.0 < 5
    await clock.run(slow)
    assert clock() - 1000.0 > 50


async def test_what_it_is_doing() -> None:
    clock = Clock()

    def faults(request: Request, tries: int) -> BaseException | None:
        return Transient("HTTP 503", 40.0) if (request.prompt, tries) == ("0", 1) else None

    throttle = throttled(Server(clock, faults), clock, concurrency=2)
    assert throttle.doing() == ""
    work = asyncio.ensure_future(asyncio.gather(*(throttle(ask(i)) for i in range(4))))
    await clock.run(clock.sleep(0.5))
    assert throttle.doing() == "2 requests on the wire, the longest for 0 s"
    await clock.run(clock.sleep(10.0))
    assert throttle.doing().startswith("1 is tried again in at most 3")
    assert throttle.doing().endswith("; waiting 30 s as the server asked")
    await clock.run(work)
    assert throttle.doing() == ""


async def test_a_stated_pace_says_when_the_next_is_sent() -> None:
    clock = Clock()
    throttle = throttled(Server(clock), clock, rpm=1)
    work = asyncio.ensure_future(asyncio.gather(*(throttle(ask(i)) for i in range(2))))
    await clock.run(clock.sleep(20.5))
    assert throttle.doing() == "the next is sent in 40 s"
    await clock.run(work)
