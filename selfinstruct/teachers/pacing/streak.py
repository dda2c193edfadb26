"""Requests that the server refused, held back until it has shown that it answers others.

A refusal may be the row's (then it is that row's rejection, and stops nothing) or an outage's that looks like one: a
proxy that says 403 for a minute. What tells them apart is an answer of the same model to something that was sent later,
and, where several were refused in a row, asking them once more then.
When all that the throttle has is held back, nothing can come to show it: then the oldest is let go, and the others wait
for what its caller asks next. `STREAK` refusals in a row stop the run; those held back are asked again by the same
command.

Some refusals say what they are about. One about a parameter is no row's as long as nobody with the same parameters was
answered: it stops the run at the first. So does one about room (a prompt longer than the context, too large a
max_tokens beside it), once all that the throttle has is refused: another prompt may be short enough. Where the model
answered others before, `FEW` of one step have to be refused so. Asking once more helps none of them.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from selfinstruct.errors import Declined, TeacherFailed, Transient
from selfinstruct.teacher import Request

__all__ = ["AGAIN", "STREAK", "Refusals"]

STREAK = 20
SETTLED = 0.1  # seconds in which nobody asks anything: then all that can come has come
PAUSE = 1.0  # seconds before one of several is asked again; doubled each time
FEW = 3
AGAIN = 4  # times that one is, with no answer between: an outage of some 15 s passes


@dataclass(slots=True)
class _Model:
    works_at: float = float("-inf")
    """When the last was sent that was answered."""
    again: int = 0
    """How often one that it refused was asked again since."""
    refused_at: list[float] = field(default_factory=list)
    """When those were sent that were refused since."""


class _Held(NamedTuple):
    number: int
    """Of the call."""
    model: str
    sent_at: float
    refused: Declined
    fresh: bool
    """Whether it may be asked again by an answer's coming: it was asked once, and quickly refused."""
    quick: bool
    """Whether it was refused, not given up after long patience."""
    like: str = ""
    """Who has to be answered to show that it is the row's, where the refusal says so; else anybody."""


class Refusals:
    def __init__(
        self,
        sleep: Callable[[float], Awaitable[None]],
        stop: Callable[[TeacherFailed], None],
        *,
        answered: bool,
        single: bool,
        took: Callable[[Request], bool] | None = None,
    ) -> None:
        """`stop` ends the run, `answered` is whether anybody ever was, `single` whether only one is asked at a time;
        `took` is whether one with the same model and parameters was, by an earlier run (None: if anybody was)."""
        self._sleep, self._stop, self._single = sleep, stop, single
        self._ever_answered = self._before = answered
        self._took: Callable[[Request], bool] = took or (lambda request: answered)
        self._taken: dict[str, bool] = {}
        """By model, and by model and parameters (a step's): whether such a request was answered."""
        self.held: dict[asyncio.Future[bool], _Held] = {}
        """By what wakes them."""
        self._models: defaultdict[str, _Model] = defaultdict(_Model)
        self._entered = self._inside = 0
        self._judge: asyncio.Task[None] | None = None

    def enter(self) -> int:
        """A call begins; its number."""
        self._entered += 1
        self._inside += 1
        return self._entered

    def leave(self) -> None:
        self._inside -= 1
        if self.held:
            self._look()

    def answered(self, request: Request, sent_at: float) -> None:
        """The model answered this, which was sent then."""
        self._ever_answered = True
        name, like = request.model, _like(request)
        self._taken[name] = self._taken[like] = True
        for verdict, held in list(self.held.items()):
            if held.like == like:
                self._release(verdict, again=False)
        model = self._models[name]
        model.again = 0
        if sent_at > model.works_at:
            model.works_at = sent_at
        if model.refused_at:
            several = len(model.refused_at) > 1
            model.refused_at = [at for at in model.refused_at if at > model.works_at]
            for verdict, held in list(self.held.items()):
                if held.model == name and held.sent_at <= model.works_at and not held.like:
                    self._release(verdict, again=several and held.fresh)

    async def hold(self, number: int, name: str, sent_at: float, refused: Declined, *, first: bool) -> bool:
        """False when it is that row's rejection, True when it is to be asked once more. Raises TeacherFailed
        when the server refuses everybody."""
        model = self._models[name]
        if sent_at <= model.works_at:
            return False
        if first:  # not once more for one that is asked again
            model.refused_at.append(sent_at)
        if len(model.refused_at) >= STREAK:
            if not self._ever_answered:
                raise refused
            raise TeacherFailed(
                f"the server refused the last {STREAK} requests in a row (last: {refused.words}): check the server; "
                "the same command goes on, and with --retry-rejected asks the refused ones again"
            ) from refused
        quick = not isinstance(refused.__cause__, Transient)
        return await self._held(_Held(number, name, sent_at, refused, first and quick, quick))

    async def hold_known(self, number: int, request: Request, sent_at: float, refused: Declined) -> bool:
        """The same for a refusal that says what it is about. Raises it when it is the recipe's, not the row's."""
        like = _like(request)
        if like not in self._taken:
            self._taken[like] = self._took(request)
        if self._taken[like]:
            return False
        if refused.about == "setting":
            raise refused
        return await self._held(_Held(number, request.model, sent_at, refused, False, False, like))

    async def _held(self, held: _Held) -> bool:
        verdict: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.held[verdict] = held
        self._look()
        try:
            return await verdict
        finally:
            self.held.pop(verdict, None)

    def _look(self) -> None:
        if len(self.held) == self._inside and not self._judge:
            self._judge = asyncio.ensure_future(self._judged())

    async def _judged(self) -> None:
        """All are held back: let one go, unless somebody else comes in a moment."""
        try:
            entered = -1
            while entered != self._entered:
                entered = self._entered
                await self._sleep(SETTLED)
            if not self.held or len(self.held) != self._inside:
                return
            oldest = min(self.held, key=lambda verdict: self.held[verdict].number)
            held = self.held[oldest]
            # Where nobody ever was answered, the mistake may be in all of them: then they stop the run, and none is
            # rejected. But a single one says little where the others come after it.
            alone = self._single and len(self.held) == 1 and held.refused.about != "max_tokens"
            nobody = not self._ever_answered or (held.like and not self._before and held.model not in self._taken)
            alike = sum(other.like == held.like for other in self.held.values()) if held.like else 0
            if (nobody and not alone) or alike >= FEW:
                self._stop(held.refused)
                return
            model = self._models[held.model]
            again = held.quick and model.again < AGAIN and len(model.refused_at) > 1
            if again:
                await self._sleep(PAUSE * 2**model.again)
                model.again += 1
            if oldest in self.held:  # nobody cancelled it
                self._release(oldest, again=again)
        finally:
            self._judge = None

    def _release(self, verdict: asyncio.Future[bool], *, again: bool) -> None:
        self.held.pop(verdict)
        if not verdict.done():
            verdict.set_result(again)


def _like(request: Request) -> str:
    """What requests of one step have in common: the model and the parameters."""
    return f"{request.model}\n{request.params}"
