"""The pace of sending: its arithmetic, and what comes of it before servers with limits, in virtual time."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.errors import Transient
from selfinstruct.teacher import Limits, Request, Response
from selfinstruct.teachers.pacing.pace import FIRST, LOOK, AtOnce, Learned, Left, Pace
from selfinstruct.teachers.pacing.throttle import Throttle

T = TypeVar("T")


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps to whatever is due next, and that fails where nothing ever is."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        select = self._selector.select  # type: ignore[attr-defined]

        def skip(timeout: float | None = None) -> Any:
            assert timeout is not None, "nobody sleeps and nothing goes on"
            self.now += max(0.0, timeout)
            return select(0)

        self._selector.select = skip  # type: ignore[attr-defined]

    def time(self) -> float:
        return self.now


def spent(work: Callable[[Callable[[], float]], Awaitable[T]]) -> tuple[float, T]:
    """Virtual seconds that the work took, handed the clock, and what came of it."""
    loop = Loop()

    async def main() -> T:
        return await work(loop.time)

    try:
        found = loop.run_until_complete(main())
        return loop.now - 1000.0, found
    finally:
        loop.close()


class Gate:
    """A server's limit of `rate` requests in `period` seconds, of one of three kinds."""

    def __init__(
        self, kind: str, rate: int, clock: Callable[[], float], period: float = 1.0, phase: float = 0.0
    ) -> None:
        self.kind, self.rate, self.clock, self.period = kind, rate, clock, period
        self.began, self.sent, self.tokens = clock() - phase * period, deque[float](), float(rate)
        self.at = self.began
        self.refused = 0

    def ask(self) -> tuple[bool, float, Limits]:
        """Whether it may come in, the seconds until the next one may, and the headers."""
        now = self.clock()
        if self.kind == "bucket":
            self.tokens = min(self.rate, self.tokens + (now - self.at) * self.rate / self.period)
            self.at = now
            left, wait = self.tokens, max(0.0, 1 - self.tokens) * self.period / self.rate
            reset = (self.rate - self.tokens + 1) * self.period / self.rate
        else:
            start = now - self.period
            if self.kind == "fixed":
                start = self.began + (now - self.began) // self.period * self.period - 1e-9
            while self.sent and self.sent[0] <= start:
                self.sent.popleft()
            left = self.rate - len(self.sent)
            oldest = self.sent[0] if self.sent and self.kind == "sliding" else start
            wait, reset = oldest + self.period - now, (now if self.kind == "sliding" else start) + self.period - now
        if inside := left >= 1:
            self.tokens -= 1
            self.sent.append(now)
        else:
            self.refused += 1
        return inside, wait, Limits(None, math.floor(max(0.0, left - inside)), reset)


def through(
    gate: Gate, rows: int, concurrency: int, latency: tuple[float, float], said: str = "", **options: Any
) -> Any:
    """All the rows, before a server that says when to come back in one of its ways."""
    random = Random(0)

    async def teacher(request: Request, /) -> Response:
        takes = random.uniform(*latency)
        network = min(takes / 2, 0.002) * random.uniform(0.5, 1.5)
        await asyncio.sleep(network)
        inside, wait, limits = gate.ask()
        now = gate.clock()
        await asyncio.sleep(takes - network if inside else 0.002)
        headers = limits if said == "headers" else None
        if inside:
            return Response("x", limits=headers, input_tokens=100, output_tokens=100)
        date = max(0.0, math.floor(now + wait) - math.floor(now))
        error = Transient("HTTP 429", {"1": 1.0, "ms": wait, "date": float(date)}.get(said), limited=True)
        error.limits = headers
        raise error

    throttle = Throttle(teacher, concurrency=concurrency, clock=gate.clock, random=Random(1), **options)
    slots = asyncio.Semaphore(concurrency)

    async def one(row: int) -> None:
        async with slots:
            await throttle(Request(str(row), "m"))

    return asyncio.gather(*(one(row) for row in range(rows)))


@pytest.mark.parametrize("said", ["", "1", "ms", "date", "headers"])
@pytest.mark.parametrize(("kind", "phase"), [("bucket", 0.0), ("fixed", 0.0), ("fixed", 0.6), ("sliding", 0.0)])
@pytest.mark.parametrize(
    ("concurrency", "latency"), [(16, (0.02, 0.02)), (64, (0.02, 0.3)), (200, (0.1, 0.1)), (200, (0.3, 0.3))]
)
def test_fifty_a_second(kind: str, phase: float, said: str, concurrency: int, latency: tuple[float, float]) -> None:
    """A server of fifty a second allows 19 s at best (a burst, then 950), or 20 s where latency holds it up."""

    async def work(clock: Callable[[], float]) -> int:
        gate = Gate(kind, 50, clock, phase=phase)
        await through(gate, 1000, concurrency, latency, said)
        return gate.refused

    seconds, refused = spent(work)
    assert seconds <= 20.5
    assert refused < 50


@pytest.mark.parametrize("kind", ["bucket", "fixed", "sliding"])
def test_a_stated_limit_is_never_exceeded(kind: str) -> None:
    async def work(clock: Callable[[], float]) -> int:
        gate = Gate(kind, 3000, clock, period=60.0, phase=0.3)
        await through(gate, 1000, 64, (0.02, 0.3), rpm=3000)
        return gate.refused

    seconds, refused = spent(work)
    assert 19.5 < seconds < 20.5
    assert not refused


def test_stated_tokens_are_those_of_the_answers() -> None:
    """200 tokens a row where 257 were expected at first: 60,000 a minute are 5 rows a second."""

    async def work(clock: Callable[[], float]) -> None:
        await through(Gate("bucket", 1000, clock), 300, 16, (0.3, 0.3), tpm=60_000)

    seconds, _ = spent(work)
    assert 57 < seconds < 63


@pytest.mark.parametrize("kind", ["bucket", "fixed", "sliding"])
def test_headers_slow_down_before_the_limit(kind: str) -> None:
    async def work(clock: Callable[[], float]) -> int:
        gate = Gate(kind, 300, clock, period=60.0)
        await through(gate, 1200, 32, (0.3, 1.0), "headers")
        return gate.refused

    seconds, refused = spent(work)
    assert seconds < 240 * 1.25
    assert refused <= 3


@pytest.mark.parametrize("kind", ["bucket", "fixed"])
def test_a_limit_by_the_minute_is_learned_without_a_header(kind: str) -> None:
    async def work(clock: Callable[[], float]) -> int:
        gate = Gate(kind, 500, clock, period=60.0)
        await through(gate, 2000, 64, (0.5, 0.5))
        return gate.refused

    seconds, refused = spent(work)
    assert seconds < 180 * 1.25
    assert refused < 300


@pytest.mark.parametrize("late", [False, True])
def test_a_server_that_takes_eight_at_once(late: bool) -> None:
    """The others get 503, or queue until their time is out; at best it takes 50 s."""

    async def work(clock: Callable[[], float]) -> set[str]:
        slots, random = asyncio.Semaphore(8), Random(0)

        async def teacher(request: Request, /) -> Response:
            takes = random.uniform(0.7, 1.3)
            if not late and slots.locked():
                raise Transient("HTTP 503")
            try:
                async with asyncio.timeout(6.0), slots:
                    await asyncio.sleep(takes)
            except TimeoutError:
                raise Transient("no answer (timed out)") from None
            return Response("x")

        throttle = Throttle(teacher, concurrency=64, clock=clock, random=Random(1))
        answers = await asyncio.gather(*(throttle(Request(str(row), "m")) for row in range(400)))
        return {answer.finish_reason for answer in answers}

    seconds, finished = spent(work)
    assert finished == {"stop"}
    assert seconds < (75 if late else 60)


def test_one_odd_500_changes_nothing() -> None:
    at_once = AtOnce(64)
    for _ in range(200):
        at_once.answered()
    for now in range(20):
        assert not at_once.failed(now, now)
        for _ in range(20):
            at_once.answered()
    assert at_once.allowed(100.0) == 64
    assert not at_once.fell


def test_fewer_at_once_and_more_again() -> None:
    at_once = AtOnce(64)
    for _ in range(200):
        at_once.answered()
    for second in range(20):  # eight are answered each time, and the others fail
        for _ in range(8):
            at_once.answered()
        for _ in range(at_once.allowed(second) - 8):
            at_once.failed(second + 0.5, second)
    assert 8 <= at_once.limit <= 12
    low = at_once.limit
    for _ in range(3000):
        at_once.answered()
    assert low < at_once.limit == 64


def test_it_begins_with_few() -> None:
    at_once = AtOnce(1000)
    assert at_once.allowed(0.0) == FIRST
    assert at_once.allowed(10.0) == FIRST + 200  # no answer takes so long that they are few for long
    assert AtOnce(4).allowed(0.0) == 4


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 200), st.floats(0.001, 3.0))
def test_what_was_learned_is_kept_to(count: int, gap: float) -> None:
    """However the requests come, no second has more of them than came through in the last one before the 429."""
    learned, now, sent = Learned(), 0.0, list[float]()
    for _ in range(count):
        learned.take(now)
    learned.take(now + 0.01)
    learned.refused(now + 0.02, now + 0.01)
    now, random = now + 0.02, Random(count)
    for _ in range(100):
        now += random.random() * gap
        if learned.wait(now) <= 0 and now < 1.9:
            learned.take(now)
            sent.append(now)
    times = [0.0] * count + sent
    assert all(sum(at - 1.0 < other <= at for other in times) <= max(1, count) for at in sent)


@pytest.mark.parametrize("least", [0.0, -1.0, float("nan"), float("inf")])
def test_headers_that_make_no_sense(least: float) -> None:
    left = Left()
    left.told(least, 3600.0, 1.0, 0.0, 0.0)
    left.told(5.0, least, 1.0, 0.0, 0.0)
    assert not left.wait(2.0) > LOOK


def test_a_days_limit_is_looked_at_every_minute() -> None:
    """Its 429, with the wait in it, is what stops the run; waiting by the headers would be silent for hours."""
    left = Left()
    left.take(10.0)
    left.told(0.0, 36_000.0, 10.5, 10.0, 1.0)
    assert left.wait(11.0) == pytest.approx(LOOK - 1.0)
    assert left.wait(70.0) <= 0


def test_a_prompt_that_is_larger_than_the_limit_is_sent() -> None:
    pace = Pace(4, tpm=1000)
    assert pace.wait(0.0, 50_000.0) <= 0
    pace.send(0.0, 50_000.0)
    assert pace.wait(0.0, 10.0) == pytest.approx(3000.0, rel=0.02)
