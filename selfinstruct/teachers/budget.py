"""Dollars and tokens that a run may spend, never more.

Asked once an attempt: journal(throttle(budget(endpoint))). Before an attempt is sent its worst case is set aside: the
prompt, by the largest ratio of usage to estimate of late, and all of max_tokens, at the dearest price of the tiers that
it may be billed by. When that does not fit beside what
others have set aside, the attempt waits in line until they are settled, since most use less than their worst. Only when
nothing is on its way and it still does not fit, the budget is reached.

An attempt whose answer is lost (a time-out, a broken connection, a kill) is counted as the provider would bill it: the
prompt, and what such an answer usually has. What this cannot know: whether the provider really did, and answers longer
than any before where no max_tokens is set.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Protocol

from selfinstruct.errors import BudgetReached, SelfinstructError, Transient, UsageError
from selfinstruct.teacher import Request, Response, Teacher
from selfinstruct.teachers.estimate import Habits, Size, estimate_request, estimate_text
from selfinstruct.teachers.prices import Price, cost

__all__ = ["Budget", "Ledger", "Priced", "Spent", "price_of", "priced", "spent"]

NOTHING = 1e-9  # dollars: sums of floats may be this much too large
FREE = ("content_filter", "context_length", "declined")  # without usage: refused, before the model read it
FIRST, THEN = 256, 16  # of earlier answers the ratio is learned from so many, then from one in so many

Priced = Price | Mapping[str, Price] | None
"""Of all models, or by the model that a request names; None, or a model that is not there: not known."""


class Ledger(Protocol):
    """Where it is written down what is on the wire, lest a kill lose it. The journal is one."""

    def sent(self, key: str, given: int, written: int, dollars: float) -> int:
        """An attempt of the request `key` is about to be sent, that would usually be billed so; its number."""
        ...

    def settled(self, number: int) -> None:
        """That attempt was answered, or is known not to be billed."""
        ...


@dataclass(slots=True)
class Spent:
    """What was spent so far, and what was learned by it."""

    dollars: float = 0.0
    tokens: int = 0
    lost: int = 0
    """Of the tokens, those of attempts whose answers never came: as they would usually be billed."""
    estimated: int = 0
    """Of the tokens, those of answers without usage."""
    habits: Habits = field(default_factory=Habits)

    def in_words(self, unit: str = "") -> str:
        parts = [f"{self.lost:,} were lost on the way"] * bool(self.lost)
        parts += [f"{self.estimated:,} are estimated"] * bool(self.estimated)
        return f"{self.tokens:,}{unit}" + (f", of which {' and '.join(parts)}" if parts else "")


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
            usual = self._spent.habits.usual(request, asked)
            number = self._ledger.sent(request.key, *usual, _dollars(usual, price)) if self._ledger else 0
            try:
                response = await self._teacher(request)
            except BaseException as error:
                if _billed(error):
                    used = Size(min(usual.given, held.given), min(usual.written, held.written))
                    dollars = _dollars(used, price)
                    self._spent.lost += sum(used)
                elif self._ledger:
                    self._ledger.settled(number)
                raise
            used = _used(request, response, self._spent, asked)
            billed = _billed_at(response, used, price_of(self._prices, request.model))
            # A tier without a price is counted at the dearest that is known, and its cost stays unknown.
            dollars = _dollars(used, price) if billed is None else billed
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
                    # A long default system text is found out by one request alone, not by all of them at a time.
                    careful = self._spent.habits.most(request, asked, unseen=True)
                    if self._over(careful, price) and not self._on_the_way:
                        careful = worst
                    if not (over := self._over(careful, price)):
                        self._on_the_way += 1
                        self._held_dollars += _dollars(careful, price)
                        self._held_tokens += sum(careful)
                        return careful
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
        self._held_dollars = self._held_dollars - _dollars(held, price) if self._on_the_way else 0.0
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
            _dollars(worst, price),
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
        may = _dollars(worst, price)
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


def spent(
    answers: Iterable[tuple[Request, Response]], price: Priced, lost: Iterable[tuple[int, int, float]] = ()
) -> Spent:
    """What earlier answers and lost attempts (tokens read, tokens written, dollars) used, by the rules for new ones;
    where no price was known, by today's: of lost attempts the dearest of them."""
    so_far = Spent()
    for number, (request, response) in enumerate(answers):
        known = response.input_tokens is not None and response.output_tokens is not None
        learns = number < FIRST or number % THEN == 0  # estimates are 10 µs each
        asked = estimate_request(request) if learns or not known else 0
        used = _used(request, response, so_far, asked)
        so_far.tokens += used.given + used.written
        so_far.dollars += response.cost or _again(request, response, used, price)
    dearest = [one.dearest() for one in ((price,) if isinstance(price, Price) else (price or {}).values())]
    for given, written, dollars in lost:
        so_far.lost += given + written
        so_far.tokens += given + written
        size = Size(given, written)
        so_far.dollars += dollars or max((_dollars(size, one) for one in dearest), default=0.0)
    return so_far


def priced(request: Request, response: Response, price: Priced) -> Response:
    """The response with what it cost, as far as its usage and a price are known."""
    return replace(response, cost=cost(response, price_of(price, request.model)))


def price_of(prices: Priced, model: str) -> Price | None:
    """The price of the model; None when it is not known."""
    return prices if isinstance(prices, Price) or prices is None else prices.get(model)


def _again(request: Request, response: Response, used: Size, prices: Priced) -> float:
    """Dollars of an answer that was journaled without any: 0.0 is what older journals have for "not known"."""
    price = price_of(prices, request.model)
    billed = _billed_at(replace(response, cost=None), used, price)
    return _dollars(used, price and price.dearest()) if billed is None else billed


def _billed_at(response: Response, used: Size, price: Price | None) -> float | None:
    """Dollars of an answer; by its usage as far as there is one, else by the estimate of it."""
    known = response.cost is not None or (response.input_tokens, response.output_tokens) == used
    return cost(response if known else replace(response, input_tokens=used.given, output_tokens=used.written), price)


def _used(request: Request, response: Response, so_far: Spent, asked: int) -> Size:
    """Tokens read and written, estimated where the server gave no usage; what can be learned from it is learned.
    `asked` is the prompt's estimate; 0: not looked at."""
    given, written, habits = response.input_tokens, response.output_tokens, so_far.habits
    if given is None or written is None:
        if response.finish_reason in FREE:
            return Size(given or 0, written or 0)
        if given is None:
            given = habits.usual(request, asked).given
            so_far.estimated += given
        elif asked:
            habits.saw_prompt(request.model, asked, given)
        if written is None:
            too_large = response.finish_reason == "too_large"
            written = habits.most(request, asked).written if too_large else estimate_text(response.text)
            so_far.estimated += written
    elif asked:
        habits.saw_prompt(request.model, asked, given)
    habits.saw_answer(request, written)
    return Size(given, written)


def _billed(error: BaseException) -> bool:
    """Whether an attempt that ended so may be on the bill: not when the server, or we, refused it."""
    return error.billed if isinstance(error, Transient) else not isinstance(error, SelfinstructError)


def _dollars(size: Size, price: Price | None) -> float:
    return price.cost(size.given, size.written) if price else 0.0
