"""Who is sent next: a queue for each model, at its pace, and so many on the wire in all."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from selfinstruct.errors import Transient
from selfinstruct.teacher import Request
from selfinstruct.teachers.pacing.pace import Pace, Sent

__all__ = ["Call", "Lane", "Turns"]

TINY = 1e-9  # seconds: less than a clock tells apart after a few days


class Lane:
    """What is asked of one model."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.queue: deque[tuple[asyncio.Future[None], Call, float]] = deque()
        """Who wait for their turn, with the tokens that they may take."""
        self.timer: asyncio.Task[None] | None = None
        """Wakes the first of them,"""
        self.timer_at = 0.0
        """at this time."""
        self.answered_at = float("-inf")
        """When the last answer came."""
        self.told_rate = 0.0
        """The pace that the user was last told of."""


@dataclass(slots=True, eq=False)
class Call:
    """One request on its way, over all its attempts."""

    request: Request
    lane: Lane
    number: int
    first: float = 0.0
    """When it was first sent."""
    started: float = 0.0
    """The same, moved on by the time that it queued since."""
    sent: Sent | None = None
    """The last attempt."""
    attempts: int = 0
    asked: float = 0.0
    """Seconds that the server asked it to wait, last."""
    over: bool = False
    refused: bool = False
    """Whether it was, before: if so, it was asked again all the same."""
    failed: Transient | None = None
    """What the first attempt ended with, until the retries have taken it up."""


class Turns:
    def __init__(self, concurrency: int, sleep: Callable[[float], Awaitable[None]], clock: Callable[[], float]) -> None:
        self._concurrency, self._sleep, self._clock = concurrency, sleep, clock
        self.lanes: dict[str, Lane] = {}
        self.wired: dict[Call, Sent] = {}
        """In the order sent."""

    async def take(self, call: Call, tokens: float) -> Sent:
        """Wait until it may be sent. From then on it counts as on the wire, until `free`."""
        lane, now = call.lane, self._clock()
        if not lane.queue and len(self.wired) < self._concurrency and lane.pace.wait(now, tokens) <= TINY:
            return self._send(call, now, tokens)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # Those that were sent before go first: callers wait for their answers in order.
        (lane.queue.appendleft if call.attempts else lane.queue.append)((turn, call, tokens))
        self._pump(lane)
        try:
            await turn
        except BaseException:
            if call in self.wired:  # its turn had come, and it was cancelled before it saw that
                self.free(call)
            raise
        return self.wired[call]

    def free(self, call: Call) -> None:
        del self.wired[call]
        call.lane.pace.wired -= 1
        for lane in self.lanes.values():
            if lane is not call.lane:
                self._pump(lane)
        self._pump(call.lane)  # last: a slot of --concurrency goes to the other models first, lest they starve

    def queued(self) -> list[asyncio.Future[None]]:
        """What those in the queues wait for, and nothing more comes of: they are to be told so."""
        turns = [turn for lane in self.lanes.values() for turn, *_ in lane.queue]
        for lane in self.lanes.values():
            lane.queue.clear()
            if lane.timer:
                lane.timer.cancel()
        return turns

    def _send(self, call: Call, now: float, tokens: float) -> Sent:
        sent = self.wired[call] = call.lane.pace.send(now, tokens)
        return sent

    def _pump(self, lane: Lane) -> None:
        """Send all who may be sent, and come back when the next one may."""
        queue = lane.queue
        while queue:
            turn, call, tokens = queue[0]
            if not turn.done():  # done: cancelled
                if len(self.wired) >= self._concurrency:
                    return
                now = self._clock()
                if (wait := lane.pace.wait(now, tokens)) > TINY:
                    self._wake(lane, now, wait)
                    return
                self._send(call, now, tokens)
                turn.set_result(None)
            queue.popleft()

    def _wake(self, lane: Lane, now: float, wait: float) -> None:
        at = now + wait
        if wait == float("inf") or (lane.timer and not lane.timer.done() and now < lane.timer_at <= at):
            return
        if lane.timer:
            lane.timer.cancel()

        async def wake() -> None:
            await self._sleep(wait)
            lane.timer = None
            self._pump(lane)

        lane.timer, lane.timer_at = asyncio.ensure_future(wake()), at
