"""At most so many requests on the wire, and patience with a server that fails now and then.

A Transient is tried again after about 1, 2, 4 … 60 seconds (jittered, so that callers who failed together do not come
back together), or after what the server asked for and a bit. That wait is everybody's: nobody sends before it is over.

**Patience** runs from a request's first sending; queueing for a slot, or for a wait that others were told, is not
counted. A request that was told how long to wait (rate limits) is patient from the last answer that *anyone* got: a
slow quota is no failure as long as answers come. A wait longer than what is left of the patience ends it at once.
Short of that, each request is sent at least twice: one lost connection that took all of a 600 s time-out stops no run.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from typing import Any, NoReturn

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from selfinstruct.errors import TeacherFailed, Transient, UsageError
from selfinstruct.teacher import Request, Response, Teacher

__all__ = ["Throttle"]

LONGEST = 60.0  # seconds between two attempts, when the server does not ask for more
QUIET = 10.0  # seconds between two notices


@dataclass(slots=True)
class _Call:
    """One request on its way, over all its attempts."""

    started: float = 0.0
    """When it was first sent, moved on by the time it queued since."""
    attempts: int = 0
    asked: float = 0.0
    """Seconds that the server asked it to wait, last."""
    over: bool = False


class Throttle:
    def __init__(
        self,
        teacher: Teacher,
        *,
        concurrency: int = 16,
        patience: float = 600.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        random: Random | None = None,
        notice: Callable[[str], None] = lambda text: None,
    ) -> None:
        if concurrency < 1:
            raise UsageError(f"--concurrency must be 1 or more, not {concurrency}")
        self._teacher, self._patience = teacher, patience
        self._sleep, self._clock, self._random, self._notice = sleep, clock, random or Random(), notice
        self._slots = asyncio.Semaphore(concurrency)
        self._open_at = float("-inf")  # before this, the server asked us not to send
        self._answered_at = float("-inf")
        self._noticed_at = float("-inf")
        self._waiting: set[asyncio.Task[Any]] = set()
        self._closed = False
        self._failed: TeacherFailed | None = None

    async def __call__(self, request: Request, /) -> Response:
        call = _Call()
        retrying = AsyncRetrying(  # one for each call: it keeps the state of the attempts
            retry=retry_if_exception_type(Transient),
            wait=partial(self._pause, call),
            stop=lambda state: call.over,
            sleep=self._rest,
            before_sleep=self._tell,
            retry_error_callback=partial(self._give_up, call),
        )
        return await retrying(self._attempt, request, call)

    def close(self) -> None:
        """Start no attempt any more: those that wait get CancelledError, those on the wire may finish."""
        self._closed = True
        for task in self._waiting:
            task.cancel()

    async def _attempt(self, request: Request, call: _Call) -> Response:
        asked_at = self._clock()
        await self._slot()
        try:
            if self._failed:  # the key was wrong for one: it is wrong for those that queued behind it
                raise self._failed
            sent_at = self._clock()
            call.started = sent_at if call.attempts == 0 else call.started + (sent_at - asked_at)
            call.attempts += 1
            response = await self._teacher(request)
            self._answered_at = self._clock()
        except TeacherFailed as failed:
            self._failed = failed
            raise
        finally:
            self._slots.release()
        return replace(response, attempts=call.attempts, seconds=self._answered_at - sent_at)

    async def _slot(self) -> None:
        """Take a slot at a time when sending is allowed. While it is not, no slot is held."""
        while True:
            with self._interruptible():
                await self._slots.acquire()
            wait = self._open_at - self._clock()
            if wait <= 0:
                return
            self._slots.release()
            await self._rest(wait)

    async def _rest(self, seconds: float) -> None:
        with self._interruptible():
            await self._sleep(seconds)

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        task = asyncio.current_task()
        if self._closed or task is None:
            raise asyncio.CancelledError
        self._waiting.add(task)
        try:
            yield
        finally:
            self._waiting.discard(task)

    def _pause(self, call: _Call, state: RetryCallState) -> float:
        """Seconds until the next attempt; also decides whether there is one."""
        error = _error(state)
        now = self._clock()
        left = self._patience - (now - call.started)
        backoff = min(LONGEST, 2.0 ** min(call.attempts - 1, 6) * self._random.uniform(0.5, 1.5))
        call.asked = error.retry_after or 0.0
        if not error.retry_after:  # "wait 0 seconds" says nothing
            call.over = left <= 0 and call.attempts > 1
            return min(backoff, left) if left > 0 else backoff  # the last attempt comes just when patience ends
        self._open_at = max(self._open_at, now + error.retry_after)
        closed = self._open_at - now
        left = max(left, self._patience - (now - self._answered_at))
        call.over = closed > left and (call.attempts > 1 or closed > self._patience)
        return closed + self._random.random() * min(backoff, max(1.0, closed))  # not all in the same instant

    def _tell(self, state: RetryCallState) -> None:
        now = self._clock()
        if now >= self._noticed_at + QUIET:
            self._noticed_at = now
            self._notice(f"{_error(state)}; trying again in {state.upcoming_sleep:.0f} s")

    def _give_up(self, call: _Call, state: RetryCallState) -> NoReturn:
        error = _error(state)
        more = f" and told to wait {call.asked:,.0f} s more" if call.asked else ""
        raise TeacherFailed(
            f"no answer for {self._clock() - call.started:.0f} s{more} (last: {error}): "
            "check the server and run the same command again; answers so far are kept"
        ) from error


def _error(state: RetryCallState) -> Transient:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, Transient)
    return error
