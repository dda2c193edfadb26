"""What a person sees while a run goes on: kept and target, requests, tokens, dollars, reasons, the time left.

A live display on a terminal; elsewhere one line every ten seconds, also when nothing comes. On stderr, so that results
can be piped.

    with Progress(200) as progress:
        beats = asyncio.create_task(progress.beats())     # says that it goes on, and what it waits for
        progress.doing = throttle.doing
        progress.count(item)                              # for everything that comes out
"""

from __future__ import annotations

import asyncio
import io
import signal
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn, Self, TextIO

from selfinstruct.errors import shown
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Request, Response, Teacher

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

__all__ = ["Progress"]

EVERY = 10.0  # seconds between two lines when stderr is no terminal
DRAWN = 0.25  # seconds between two drawings
ENOUGH = 0.05  # of the run, until it is said what the whole may cost
BEAT = 1.0  # seconds between two drawings when nothing happens but time


class Progress:
    """Counts of a run. Hand it every item and let it watch the teacher; it draws itself."""

    def __init__(
        self,
        target: int | None = None,
        given: int | None = None,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """The run ends when `target` tasks are kept, or when all those `given` were tried; None: no such end."""
        self.target, self.given, self._clock = target, given, clock
        self._stream = stream or sys.stderr or io.StringIO()  # None: somebody closed it
        self.kept = 0
        self.proposed = 0
        """Tasks that the teacher proposed, or that were given: each becomes a finished task or is rejected."""
        self.reasons: Counter[str] = Counter()
        """Why tasks and whole answers were rejected; single instances and remarks are not counted."""
        self.requests = self.tokens = 0
        """Of this process: what was replayed from the journal is free and not counted."""
        self.dollars = 0.0
        self.unpriced = 0
        """Answers whose cost nobody knows; what is free costs 0.0."""
        self.again = 0
        """Attempts that were lost to faults and limits: each was made once more."""
        self.doing: Callable[[], str] = lambda: ""
        """What the teacher is busy with, for the end of the line: "12 requests on the wire, the longest for 83 s"."""
        self._phase = ""
        self._began = self._spoke = clock()
        self._live: Live | None = None
        self._asked: tuple[float, float] | None = None
        """When the first request was sent, and how much the journal had done by then."""

    def __enter__(self) -> Self:
        self._began = self._spoke = self._clock()
        with suppress(OSError, ValueError):  # ValueError: the stream is closed
            self._live = self._display() if self._stream.isatty() else None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        live, self._live = self._live, None
        with suppress(OSError, ValueError), _undivided():
            if live:
                live.stop()

    async def beats(self, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> NoReturn:
        """Speak on although nothing comes: never ends by itself, run it as a task beside the work and cancel it."""
        while True:
            every = BEAT if self._live else EVERY
            await sleep(max(0.0, self._spoke + every - self._clock()))
            self._speak(every)

    def phase(self, name: str, *, long: bool = False) -> None:
        """What goes on besides asking from here on, like "writing exports"; "" for nothing.

        `long`: it may keep everybody from speaking for more than 10 s, so it is said before it begins.
        """
        self._phase = name
        if self._live:
            self._speak(0.0)
        elif long and name:
            self.notice(f"{name} …")

    def count(self, item: Task | Rejected) -> None:
        if isinstance(item, Task):
            self.kept += 1
            self.proposed += 1
        elif item.is_proposal:
            self.proposed += 1
            self.reasons[item.category] += 1
        self._speak()

    def watched(self, teacher: Teacher) -> Teacher:
        """The teacher, its answers counted."""

        async def ask(request: Request, /) -> Response:
            self._asked = self._asked or (self._clock(), self._done())
            response = await teacher(request)
            self.requests += 1
            self.tokens += (response.input_tokens or 0) + (response.output_tokens or 0)
            self.dollars += response.cost or 0.0
            self.unpriced += response.cost is None
            self.again += response.attempts - 1
            self._speak()
            return response

        return ask

    def notice(self, text: str) -> None:
        """Something worth saying now: the server asked to wait, a request is tried again."""
        with suppress(OSError, ValueError), _undivided():  # a reader that went away must not stop the run
            if self._live:
                from rich.text import Text

                self._live.console.print(Text(shown(text), "yellow"))  # stays above the counts
            else:
                print(shown(text), file=self._stream, flush=True)

    def line(self) -> str:
        """All of it in one line."""
        seconds = self._clock() - self._began
        share = f" ({self.kept / self.proposed:.0%} of {self.proposed:,} proposed)" if self.proposed else ""
        # A stage that splits tasks keeps more of them than were given.
        of = f"/{self.target:,}" if self.target and self.kept <= self.target else ""
        parts = [f"{self.kept:,}{of} kept{share}"]
        if self.requests:
            rate = f" ({self.requests / seconds:,.1f}/s)" if seconds >= 1 else ""
            parts.append(f"{self.requests:,} requests{rate}")
            parts.append(", ".join(filter(None, (f"{self.tokens:,} tokens", self._cost()))))
        if self.again:
            parts.append(f"{self.again:,} tried again")
        parts += [f"{count:,} {shown(reason)}" for reason, count in self.reasons.most_common(3)]
        if left := self._left():
            parts.append(f"about {left} left")
        parts += filter(None, (shown(self.doing()), shown(self._phase)))
        return " · ".join(parts)

    def _cost(self) -> str:
        """ "$0.12 of about $3.40": spent, and the whole at what a finished task has cost; "" when all is free, "$?" for
        what has no price."""
        if self.unpriced == self.requests:
            return "$?"
        spent = _dollars(self.dollars)
        (_, replayed), done = self._asked or (0.0, 1.0), self._done()
        # Not before: what runs ahead of the first tasks is paid for, and they would seem as dear as all of it.
        if replayed + ENOUGH < done < 1:
            spent += f" of about {_dollars(self.dollars / (done - replayed) * (1 - replayed))}"
        if self.unpriced:
            return f"{spent} and $? for {self.unpriced:,} requests without a price"
        return spent if self.dollars else ""

    def _done(self) -> float:
        """The share of the run that is done, by whichever end is nearer."""
        kept = self.kept / self.target if self.target else 0.0
        return min(1.0, max(kept, self.proposed / self.given if self.given else 0.0))

    def _left(self) -> str:
        """Time to the end at the rate since the first request: what the journal gives comes at no rate."""
        (began, replayed), done = self._asked or (0.0, 1.0), self._done()
        if not replayed < done < 1:
            return ""
        left = (self._clock() - began) * (1 - done) / (done - replayed)
        return f"{left:.0f} s" if left < 100 else f"{left / 60:.0f} min" if left < 6000 else f"{left / 3600:.1f} h"

    def _speak(self, every: float | None = None) -> None:
        now = self._clock()
        if now - self._spoke < ((DRAWN if self._live else EVERY) if every is None else every):
            return
        self._spoke = now
        with suppress(OSError, ValueError), _undivided():
            if self._live:
                self._live.refresh()
            else:
                print(self.line(), file=self._stream, flush=True)

    def _display(self) -> Live | None:
        from rich.console import Console
        from rich.live import Live

        console = Console(file=self._stream)
        if console.is_dumb_terminal:  # where nothing can be drawn over: lines, as in a file
            return None
        # Drawn from here, by nobody else: a thread of rich's would read the counts while they change.
        live = Live(console=console, get_renderable=self._drawn, auto_refresh=False, transient=True)
        live.start(refresh=True)
        return live

    def _drawn(self) -> RenderableType:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        rows = Table.grid()
        if self.target:
            rows.add_row(ProgressBar(total=1, completed=self._done(), width=60))
        rows.add_row(Text(self.line()))
        return rows


def _dollars(amount: float) -> str:
    """Cents, and what is less than ten of them more exactly."""
    return f"${amount:,.2f}" if amount >= 0.1 or not amount else f"${amount:.4f}"


@contextmanager
def _undivided() -> Iterator[None]:
    """Nothing is drawn by half: who presses Ctrl-C twice would find the rest of it on the screen."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
