"""Dollars and tokens that a run may spend, never more.

Asked once an attempt: journal(throttle(budget(endpoint))). Before an attempt is sent its worst case is set aside: the
prompt, by the largest ratio of usage to estimate of late, and all of max_tokens, at the dearest price of the tiers that
it may be billed by. When that does not fit beside what others have set aside, the attempt waits in line until they are
settled, since most use less than their worst. Only when nothing is on its way and it still does not fit, the budget is
reached.

An attempt whose answer is lost (a time-out, a broken connection, a kill) stays counted at its worst case: nobody can
know what the provider bills for it. What this cannot know either: answers longer than any before where no max_tokens
is set, and a text of the server's own, around each prompt, that is longer than any known model's.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace
from math import ceil
from typing import Protocol

from selfinstruct.errors import BudgetReached, SelfinstructError, Transient, UsageError
from selfinstruct.teacher import Request, Response, Teacher
from selfinstruct.teachers.accounts import Priced, Spent, billed_at, dollars_of, price_of, size_of
from selfinstruct.teachers.estimate import Size, estimate_request
from selfinstruct.teachers.prices import Price

__all__ = ["Budget", "Ledger"]

NOTHING = 1e-9  # dollars: sums of floats may be this much too large


class Ledger(Protocol):
    """Where it is written down what is on the wire, lest a kill lose it. The journal is one."""

    def sent(self, key: str, given: int, written: int, dollars: float) -> int:
        """An attempt of the request `key` is about to be sent, that is billed so at most; its number."""
        ...

    def settled(self, number: int) -> None:
        """That attempt was answered, or is known not to be billed."""
        ...


class Budget:
    def __init__(
        self,
        teacher: Teacher,
        *,
        ledger: Ledger | None = None,
        dollars: float | None = None,
        max_tokens_total: int | None = None,
        price: Priced = None,
        spent: Spent | None = None,
        tier: str = "",
        model: str = "the teacher",
    ) -> None:
        """`spent` is what earlier runs used, from the journal, and is counted on; `tier` is what requests are billed by
        that say nothing else, such as "batch"; `model` is for messages only. Without limits nobody waits, but it is
        counted and written to the ledger all the same."""
        if dollars is not None and not price:
            raise UsageError(f"no price known for {model}: give --price IN/OUT in dollars per million tokens")
        self._teacher, self._ledger, self._prices, self._tier = teacher, ledger, price, tier
        self._dollars, self._tokens = dollars, max_tokens_total
        self._spent = spent or Spent()
        self._held_dollars, self._held_tokens = 0.0, 0
        self._on_the_way = 0
        self._line: deque[asyncio.Event] = deque()
        """Those that wait, first come, first served: a large request is not passed by small ones for ever."""
        self._closed = False

    @property
    def spent_dollars(self) -> float:
        return self._spent.dollars

    @property
    def spent_tokens(self) -> int:
        return self._spent.tokens

    @property
    def lost_tokens(self) -> int:
        return self._spent.lost

    def close(self) -> None:
        """Send nothing any more: those that wait get CancelledError, those on the wire may finish."""
        self._closed = True
        for turn in self._line:
            turn.set()

    async def __call__(self, request: Request, /) -> Response:
        asked = estimate_request(request)
        price = self._dearest(request)
        held = await self._hold(request, asked, price)
        used, dollars = Size(0, 0), 0.0
        try:
            number = self._ledger.sent(request.key, *held, dollars_of(held, price)) if self._ledger else 0
            try:
                response = await self._teacher(request)
            except BaseException as error:
                if _billed(error):
                    used, dollars = held, dollars_of(held, price)
                    self._spent.lost += sum(held)
                elif self._ledger:
                    self._ledger.settled(number)
                raise
            used = size_of(request, response, self._spent, asked)
            billed = billed_at(response, used, price_of(self._prices, request.model))
            # A tier without a price is counted at the dearest that is known, and its cost stays unknown.
            dollars = dollars_of(used, price) if billed is None else billed
            if self._ledger:
                self._ledger.settled(number)
        finally:
            self._settle(held, used, price, dollars)
        return response if billed == response.cost else replace(response, cost=billed)

    def _dearest(self, request: Request) -> Price | None:
        """What its tokens may cost at most."""
        price = price_of(self._prices, request.model)
        if price is None and self._dollars is not None:
            raise BudgetReached(
                f"no price known for {request.model}: give --price {request.model}=IN/OUT with the same command"
            )
        return price and price.dearest(self._tier or str(request.params.get("service_tier") or ""))

    async def _hold(self, request: Request, asked: int, price: Price | None) -> Size:
        """Wait until the worst case fits, and set it aside. Raises BudgetReached when it never will."""
        turn = asyncio.Event()
        self._line.append(turn)
        try:
            while not self._closed:
                if self._line[0] is turn:
                    worst = self._spent.habits.most(request, asked)  # anew each time: the others teach what is usual
                    if alone := self._alone(worst, price):
                        raise BudgetReached(alone)
                    if not (over := self._over(worst, price)):
                        self._on_the_way += 1
                        self._held_dollars += dollars_of(worst, price)
                        self._held_tokens += sum(worst)
                        return worst
                    if not self._on_the_way:
                        raise BudgetReached(over)
                turn.clear()
                await turn.wait()
            raise asyncio.CancelledError
        finally:
            self._line.remove(turn)
            self._next()

    def _settle(self, held: Size, used: Size, price: Price | None, dollars: float) -> None:
        """Count what was used instead of what was set aside."""
        self._on_the_way -= 1
        # Exactly nothing is held when nothing is on its way: adding and taking away floats would leave crumbs.
        self._held_dollars = self._held_dollars - dollars_of(held, price) if self._on_the_way else 0.0
        self._held_tokens -= sum(held)
        self._spent.dollars += dollars
        self._spent.tokens += sum(used)
        self._next()

    def _next(self) -> None:
        if self._line:
            self._line[0].set()

    def _alone(self, worst: Size, price: Price | None) -> str:
        """What to tell the user of a request that is larger than the whole budget; else empty."""
        dollars, tokens, much = (
            dollars_of(worst, price),
            sum(worst),
            "give it a smaller max_tokens, or run the same command",
        )
        if self._dollars is not None and dollars > self._dollars + NOTHING:
            # Rounded apart, so that the one is larger in print, too.
            may, have = ceil(dollars * 100) / 100, int(self._dollars * 100) / 100
            return (
                f"one request of this step may cost ${may:.2f}, more than the budget of ${have:.2f}: "
                f"{much} with a larger --budget"
            )
        if self._tokens is not None and tokens > self._tokens:
            return (
                f"one request of this step may take {tokens:,} tokens, more than the budget of {self._tokens:,}: "
                f"{much} with a larger --max-tokens-total"
            )
        return ""

    def _over(self, worst: Size, price: Price | None) -> str:
        """Empty when so much may be held; else what to tell the user."""
        again, so_far = "run the same command with a larger", self._spent
        may = dollars_of(worst, price)
        if self._dollars is not None and so_far.dollars + self._held_dollars + may > self._dollars + NOTHING:
            return (
                f"budget of ${self._dollars:.2f} reached after ${so_far.dollars:.2f} ({so_far.in_words(' tokens')}): "
                f"{again} --budget to go on"
            )
        if self._tokens is not None and so_far.tokens + self._held_tokens + sum(worst) > self._tokens:
            dollars = f" (${so_far.dollars:.2f})" if so_far.dollars else ""
            return (
                f"budget of {self._tokens:,} tokens reached after {so_far.in_words()}{dollars}: "
                f"{again} --max-tokens-total to go on"
            )
        return ""


def _billed(error: BaseException) -> bool:
    """Whether an attempt that ended so may be on the bill: not when the server, or we, refused it."""
    return error.billed if isinstance(error, Transient) else not isinstance(error, SelfinstructError)
