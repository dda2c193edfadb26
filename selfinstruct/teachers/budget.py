"""Dollars and tokens that a run may spend, never more.

Asked once an attempt: journal(throttle(budget(endpoint))). Before an attempt is sent its worst case is set aside: the
prompt, by the largest ratio of usage to estimate of late, and all of max_tokens. When that does not fit beside what
others have set aside, the attempt waits in line until they are settled, since most use less than their worst. Only when
nothing is on its way and it still does not fit, the budget is reached.

An attempt whose answer is lost (a time-out, a broken connection, a kill) is counted as the provider would bill it: the
prompt, and what such an answer usually has. What this cannot know: whether the provider really did, and answers longer
than any before where no max_tokens is set.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Protocol

from selfinstruct.errors import BudgetReached, SelfinstructError, Transient, UsageError
from selfinstruct.teacher import Request, Response, Teacher
from selfinstruct.teachers.estimate import Habits, Size, estimate_text, estimate_tokens

__all__ = ["Budget", "Ledger", "Spent", "priced", "spent"]

NOTHING = 1e-9  # dollars: sums of floats may be this much too large
FREE = ("content_filter", "context_length", "declined")  # without usage: refused, before the model read it
FIRST, THEN = 256, 16  # of earlier answers the ratio is learned from so many, then from one in so many

Price = tuple[float, float]
"""Dollars for a million tokens, (input, output)."""


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
        price: Price | None = None,
        spent: Spent | None = None,
        model: str = "the teacher",
    ) -> None:
        """`spent` is what earlier runs used, from the journal, and is counted on; `model` is for messages only. Without
        limits nobody waits, but it is counted and written to the ledger all the same."""
        if dollars is not None and price is None:
            raise UsageError(f"no price known for {model}: give --price IN/OUT in dollars per million tokens")
        self._teacher, self._ledger, self._price = teacher, ledger, price
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
        asked = estimate_tokens(request.prompt)
        held = await self._hold(request, asked)
        used, dollars = Size(0, 0), 0.0
        try:
            usual = self._spent.habits.usual(request, asked)
            number = self._ledger.sent(request.key, *usual, _cost(usual, self._price)) if self._ledger else 0
            try:
                response = await self._teacher(request)
            except BaseException as error:
                if _billed(error):
                    used = Size(min(usual.given, held.given), min(usual.written, held.written))
                    self._spent.lost += sum(used)
                elif self._ledger:
                    self._ledger.settled(number)
                raise
            used = _used(request, response, self._spent, asked)
            if self._ledger:
                self._ledger.settled(number)
        finally:
            dollars = self._settle(held, used)
        return replace(response, cost=dollars) if self._price else response

    async def _hold(self, request: Request, asked: int) -> Size:
        """Wait until the worst case fits, and set it aside. Raises BudgetReached when it never will."""
        turn = asyncio.Event()
        self._line.append(turn)
        try:
            while not self._closed:
                if self._line[0] is turn:
                    worst = self._spent.habits.most(request, asked)  # anew each time: the others teach what is usual
                    if alone := self._alone(worst):
                        raise BudgetReached(alone)
                    if not (over := self._over(worst)):
                        self._on_the_way += 1
                        self._held_dollars += _cost(worst, self._price)
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

    def _settle(self, held: Size, used: Size) -> float:
        """Count what was used instead of what was set aside; its dollars."""
        self._on_the_way -= 1
        # Exactly nothing is held when nothing is on its way: adding and taking away floats would leave crumbs.
        self._held_dollars = self._held_dollars - _cost(held, self._price) if self._on_the_way else 0.0
        self._held_tokens -= sum(held)
        dollars = _cost(used, self._price)
        self._spent.dollars += dollars
        self._spent.tokens += sum(used)
        self._next()
        return dollars

    def _next(self) -> None:
        if self._line:
            self._line[0].set()

    def _alone(self, worst: Size) -> str:
        """What to tell the user of a request that is larger than the whole budget; else empty."""
        cost, tokens, much = (
            _cost(worst, self._price),
            sum(worst),
            "give it a smaller max_tokens, or run the same command",
        )
        if self._dollars is not None and cost > self._dollars + NOTHING:
            # Rounded apart, so that the one is larger in print, too.
            may, have = ceil(cost * 100) / 100, int(self._dollars * 100) / 100
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

    def _over(self, worst: Size) -> str:
        """Empty when so much may be held; else what to tell the user."""
        again, so_far = "run the same command with a larger", self._spent
        cost = _cost(worst, self._price)
        if self._dollars is not None and so_far.dollars + self._held_dollars + cost > self._dollars + NOTHING:
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
    answers: Iterable[tuple[Request, Response]], price: Price | None, lost: Iterable[tuple[int, int, float]] = ()
) -> Spent:
    """What earlier answers and lost attempts (tokens read, tokens written, dollars) used, by the rules for new ones;
    where no price was known, by today's."""
    so_far = Spent()
    for number, (request, response) in enumerate(answers):
        known = response.input_tokens is not None and response.output_tokens is not None
        learns = number < FIRST or number % THEN == 0  # estimates are 10 µs each
        asked = estimate_tokens(request.prompt) if learns or not known else 0
        used = _used(request, response, so_far, asked)
        so_far.tokens += used.given + used.written
        so_far.dollars += response.cost or _cost(used, price)
    for given, written, dollars in lost:
        so_far.lost += given + written
        so_far.tokens += given + written
        so_far.dollars += dollars or _cost(Size(given, written), price)
    return so_far


def priced(response: Response, price: Price | None) -> Response:
    """The response with what it cost, as far as its usage and a price are known."""
    known = Size(response.input_tokens or 0, response.output_tokens or 0)
    return replace(response, cost=_cost(known, price)) if price else response


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


def _cost(size: Size, price: Price | None) -> float:
    return (size.given * price[0] + size.written * price[1]) / 1e6 if price else 0.0
