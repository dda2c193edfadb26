"""As many requests on the wire as the server takes, and patience with one that fails now and then.

Pace, for each model (`pace` is the arithmetic): what --rpm and --tpm state, what the server's headers leave, what its
429s taught; and fewer at once, down from --concurrency, while it fails under them.

A Transient is tried again after about 1, 2, 4 … 60 seconds (jittered, so that callers who failed together do not come
back together), or after what the server asked for and a bit. That wait is everybody's who asks the same model: nobody
sends before it is over. Only "wait a second" (or less) while others are answered is for those alone who were told: it
may mean a millisecond, rounded up, and the pace has just been lowered for all.

**Patience** runs from a request's first sending; queueing for a slot, or for a wait that others were told, is not
counted. A request that was told how long to wait (rate limits) is patient from the last answer that *anyone* got: a
slow quota is no failure as long as answers come. A wait longer than what is left of the patience ends it at once.
Short of that, each request is sent at least twice: one lost connection that took all of a 600 s time-out stops no run.
Once one has given up, everybody who is not on the wire fails with it, at once.

**One row that is refused** (a Declined, or a Transient to the end of patience while others were answered) is that
row's rejection and stops nothing, once the server answers others (`streak`). Where the refusal says that it is about a
parameter, or about room, those others are the ones with the same parameters.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any, NoReturn

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from selfinstruct.errors import Declined, TeacherFailed, Transient, UsageError
from selfinstruct.teacher import Request, Response, Teacher
from selfinstruct.teachers.estimate import estimate_tokens
from selfinstruct.teachers.pacing.pace import SECOND, Pace
from selfinstruct.teachers.pacing.streak import Refusals
from selfinstruct.teachers.pacing.turns import Call, Lane, Turns

__all__ = ["Throttle"]

LONGEST = 60.0  # seconds between two attempts, when the server does not ask for more
QUIET = 10.0  # seconds between two notices
PACED = 0.1  # of the 1, 2, 4 … seconds: after a 429 that names no wait, since the pace does its part


class Throttle:
    def __init__(
        self,
        teacher: Teacher,
        *,
        concurrency: int = 16,
        patience: float = 600.0,
        rpm: float | None = None,
        tpm: float | None = None,
        answered: bool = False,
        took: Callable[[Request], bool] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        random: Random | None = None,
        notice: Callable[[str], None] = lambda text: None,
    ) -> None:
        """`rpm` and `tpm`: requests and tokens that each model may be sent in a minute. `answered`: whether the teacher
        is known to answer, from an earlier run; `took`: whether it answered one with the same model and parameters as
        this then (None: if it answered at all)."""
        if concurrency < 1:
            raise UsageError(f"--concurrency must be 1 or more, not {concurrency}")
        for name, stated in (("--rpm", rpm), ("--tpm", tpm)):
            if stated is not None and not 0 < stated < float("inf"):
                raise UsageError(f"{name} must be a number above 0, not {stated:g}")
        self._teacher, self._concurrency, self._patience = teacher, concurrency, patience
        self._sleep, self._clock, self._random, self._notice = sleep, clock, random or Random(), notice
        self._pace = partial(Pace, concurrency, rpm, tpm)
        self._turns = Turns(concurrency, sleep, clock)
        self._refusals = Refusals(sleep, self._stop, answered=answered, single=concurrency == 1, took=took)
        self._resting: dict[asyncio.Future[None], float] = {}  # those who are tried again, and when
        self._answered_at = self._noticed_at = float("-inf")
        self._closed = False
        self._failed: TeacherFailed | None = None

    async def __call__(self, request: Request, /) -> Response:
        lane = self._turns.lanes.get(request.model)
        if lane is None:
            lane = self._turns.lanes[request.model] = Lane(self._pace())
        call = Call(request, lane, self._refusals.enter())
        try:
            while True:
                try:
                    return await self._patiently(call)
                except Declined as error:
                    refused = error
                if not await self._asked_again(call, refused):
                    finish = "context_length" if refused.about == "prompt" else "declined"
                    return Response("", finish, request.model, error=refused.words, attempts=call.attempts)
        except TeacherFailed as failed:
            self._stop(failed)
            raise
        finally:
            self._refusals.leave()

    async def _patiently(self, call: Call) -> Response:
        try:
            return await self._attempt(call)  # mostly all there is to it
        except Transient as error:
            call.failed = error
        return await self._retrying(call)(self._attempt, call)

    def close(self) -> None:
        """Start no attempt any more: those that wait get CancelledError, those on the wire may finish."""
        self._closed = True
        for future in self._idle():
            future.cancel()

    def doing(self) -> str:
        """What is on its way, for people: "12 requests on the wire, the longest for 83 s"; empty when nothing is."""
        now = self._clock()
        said = []
        if self._turns.wired:
            longest = now - next(iter(self._turns.wired.values())).at
            said.append(f"{_requests(len(self._turns.wired))} on the wire, the longest for {longest:.0f} s")
        if self._resting:
            who = "1 is" if len(self._resting) == 1 else f"{len(self._resting)} are"
            said.append(f"{who} tried again in at most {max(self._resting.values()) - now:.0f} s")
        said += [words for lane in self._turns.lanes.values() if (words := self._queueing(lane, now))]
        if self._refusals.held:
            said.append(f"{_requests(len(self._refusals.held))} refused: waiting to see whether others are answered")
        return "; ".join(said)

    def _queueing(self, lane: Lane, now: float) -> str:
        """What those wait for who are not sent yet, when it is anything but the others."""
        if all(turn.done() for turn, *_ in lane.queue):
            return ""
        if lane.pace.open_at > now:
            return f"waiting {lane.pace.open_at - now:.0f} s as the server asked"
        rate, at_once = lane.pace.learned.rate, lane.pace.at_once
        pace = f"pace {_rate(rate)}" if rate else ""
        fewer = f"{int(at_once.limit)} at a time (of {self._concurrency})" if at_once.fell else ""
        if limits := ", ".join(filter(None, (pace, fewer))):
            return limits
        return f"the next is sent in {max(0.0, lane.timer_at - now):.0f} s" if not self._turns.wired else ""

    async def _attempt(self, call: Call) -> Response:
        if failed := call.failed:
            call.failed = None
            raise failed
        self._check()
        pace, asked_at = call.lane.pace, self._clock()
        tokens = pace.tokens(estimate_tokens(call.request.prompt)) if pace.counts_tokens else 0.0
        sent = call.sent = await self._turns.take(call, tokens)
        try:
            self._check()
            if call.attempts == 0:
                call.first = call.started = sent.at
            else:
                call.started += sent.at - asked_at
            call.attempts += 1
            response = await self._teacher(call.request)
            self._answered(call, response)
        except Transient as error:
            self._lost(call, error)
            raise
        finally:
            self._turns.free(call)
        return replace(response, attempts=call.attempts, seconds=self._answered_at - sent.at)

    async def _rest(self, seconds: float) -> None:
        self._check()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = asyncio.ensure_future(self._sleep(seconds))
        timer.add_done_callback(lambda _: None if done.done() else done.set_result(None))
        self._resting[done] = self._clock() + seconds
        try:
            await done
        finally:
            timer.cancel()
            del self._resting[done]

    def _check(self) -> None:
        if self._closed:
            raise asyncio.CancelledError
        if self._failed:  # the key was wrong for one: it is wrong for those that queued behind it
            raise self._failed

    def _stop(self, failed: TeacherFailed) -> None:
        """Nobody sends any more, and those that wait for anything fail now."""
        if self._failed:
            return
        self._failed = failed
        for future in self._idle():
            if not future.done():
                future.set_exception(failed)

    def _idle(self) -> list[asyncio.Future[Any]]:
        """What those wait for who are not on the wire."""
        return [*self._turns.queued(), *self._resting, *self._refusals.held]

    def _answered(self, call: Call, response: Response) -> None:
        assert call.sent
        now, lane = self._clock(), call.lane
        self._answered_at = lane.answered_at = now
        lane.pace.answered(call.sent, now, response.input_tokens, response.output_tokens, response.limits)
        self._refusals.answered(call.request, call.sent.at)
        rate = lane.pace.learned.rate
        if rate and not 0.9 < lane.told_rate / rate < 1.1 and now >= self._noticed_at + QUIET:
            self._noticed_at, lane.told_rate = now, rate
            self._notice(f"the server allows about {_rate(rate)}: sending so many")

    def _lost(self, call: Call, error: Transient) -> None:
        """What a failed attempt says about the pace, before anybody else is sent."""
        assert call.sent
        now, lane = self._clock(), call.lane
        pace, wait = lane.pace, error.retry_after
        pace.told(call.sent, now, getattr(error, "limits", None))
        alone = error.limited and now - lane.answered_at < SECOND
        if wait and not (alone and wait <= SECOND):
            pace.open_at = max(pace.open_at, now + wait)
        if error.limited:
            pace.learned.refused(now, call.sent.at)
        elif not wait:
            pace.at_once.failed(now, call.sent.at)

    def _retrying(self, call: Call) -> AsyncRetrying:
        """For one call, since it keeps the state; only for those whose first attempt failed, since it takes time."""
        return AsyncRetrying(
            retry=retry_if_exception_type(Transient),
            wait=partial(self._pause, call),
            stop=lambda state: call.over,
            sleep=self._rest,
            before_sleep=partial(self._tell, call),
            retry_error_callback=partial(self._give_up, call),
        )

    def _pause(self, call: Call, state: RetryCallState) -> float:
        """Seconds until the next attempt; also decides whether there is one."""
        error = _error(state)
        now = self._clock()
        left = self._patience - (now - call.started)
        if error.limited or error.retry_after:
            left = max(left, self._patience - (now - self._answered_at))
        backoff = min(LONGEST, 2.0 ** min(call.attempts - 1, 6) * self._random.uniform(0.5, 1.5))
        call.asked = error.retry_after or 0.0
        if not call.asked:  # "wait 0 seconds" says nothing
            call.over = left <= 0 and call.attempts > 1
            backoff *= PACED if error.limited else 1.0
            return min(backoff, left) if left > 0 else backoff  # the last attempt comes just when patience ends
        closed = max(call.asked, call.lane.pace.open_at - now)
        call.over = closed > left and (call.attempts > 1 or closed > self._patience)
        # Not all in the same instant; and a wait of nearly nothing, again and again, is not all that there is.
        spread = self._random.random() * min(backoff, max(0.1, closed / 4))
        if closed < 0.1 and (call.attempts > 2 or not error.limited):
            spread += backoff * (PACED if error.limited else 1.0)
        return closed + spread

    def _tell(self, call: Call, state: RetryCallState) -> None:
        now, error = self._clock(), str(_error(state))
        if now < self._noticed_at + QUIET:
            return
        self._noticed_at = now
        at_once = call.lane.pace.at_once
        fewer = f"; {int(at_once.limit)} at a time for now (of {self._concurrency})" if at_once.fell else ""
        if fewer and "timed out" in error and "--timeout" not in error:
            fewer += ": a smaller --concurrency or a larger --timeout may suit this server"
        self._notice(f"{error}; trying again in {max(1.0, state.upcoming_sleep):.0f} s{fewer}")

    def _give_up(self, call: Call, state: RetryCallState) -> NoReturn:
        """Raises Declined when it is this request's fault: others were answered meanwhile."""
        error = _error(state)
        more = f" and told to wait {call.asked:,.0f} s more" if call.asked else ""
        message = (
            f"no answer for {self._clock() - call.started:.0f} s{more} (request {call.request.id}, last: {error}): "
            "check the server and run the same command again; answers so far are kept"
        )
        if call.lane.answered_at > call.first and not error.limited and call.asked <= self._patience:
            raise Declined(message, str(error)) from error
        raise TeacherFailed(message) from error

    async def _asked_again(self, call: Call, refused: Declined) -> bool:
        """Whether to try once more. If not, it is the row's rejection; raises when the server refuses everybody."""
        self._check()
        assert call.sent
        if refused.about:
            return await self._refusals.hold_known(call.number, call.request, call.sent.at, refused)
        first, call.refused = not call.refused, True
        return await self._refusals.hold(call.number, call.request.model, call.sent.at, refused, first=first)


def _error(state: RetryCallState) -> Transient:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, Transient)
    return error


def _requests(count: int) -> str:
    return "1 request" if count == 1 else f"{count} requests"


def _rate(rate: float) -> str:
    """Requests a second, or a minute where that is less than one."""
    return f"{rate:.0f} requests/s" if rate >= 2 else f"{rate * 60:.0f} requests/min"
