"""What a person sees of a training run, on stderr: one line of figures, and now and then sampled answers.

On a terminal the line is redrawn below a bar; elsewhere it is printed every 10 seconds.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from math import exp
from typing import TYPE_CHECKING, NamedTuple

from selfinstruct.errors import shown

from ..models.facts import Size, flops, mfu
from ..rows.batches import Counts

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live

__all__ = ["RECENT", "Progress", "Sample", "in_time"]

EVERY = 10.0
DRAWN = 0.2
"""Seconds between two lines, and between two drawings."""
RECENT = 20
"""Steps that the shown loss is the mean of: one step's is mostly about its rows."""

TOTALS = ("seconds", "real", "trained", "padding", "flops")


class Sample(NamedTuple):
    question: str
    answer: str
    ended: bool
    """Whether the model ended it by itself."""
    reward: float | None = None


class Progress:
    """Counts tokens and time of steps; what is evaluated and saved meanwhile costs none."""

    def __init__(
        self,
        console: Console,
        size: Size,
        *,
        steps: int,
        steps_an_epoch: int,
        best: float | None,
        devices: int = 1,
        perplexity: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console, self._size, self._clock = console, size, clock
        self._steps, self._steps_an_epoch, self._best, self._devices = steps, steps_an_epoch, best, devices
        self._perplexity = perplexity
        self._live: Live | None = None
        self._since = self._spoke = clock()
        self._doing = self.beside = ""
        self.step = 0
        self.seconds = 0.0
        self.real = self.trained = self.padding = self.flops = 0
        self.losses: deque[float] = deque(maxlen=RECENT)
        self.right: deque[float] = deque(maxlen=RECENT)

    def begin(self, step: int, totals: Mapping[str, float] | None = None) -> None:
        """From here on, after so many steps; `totals` are those that an earlier process left."""
        self.step = step
        for name, value in (totals or {}).items():
            setattr(self, name, value)
        self._since = self._spoke = self._clock()
        if self._console.is_terminal and not self._console.quiet:
            from rich.live import Live

            self._live = Live(console=self._console, get_renderable=self._drawn, auto_refresh=False, transient=True)
            self._live.start(refresh=True)

    def end(self) -> None:
        if self._live:
            self._live.stop()
            self._live = None

    def count(self, counts: Counts) -> None:
        """A step was done."""
        now = self._clock()
        self.seconds, self._since = self.seconds + now - self._since, now
        self.step += 1
        self.real, self.trained = self.real + counts.real, self.trained + counts.trained
        self.padding += counts.padding
        self.flops += flops(self._size, counts.real, counts.attended)

    def pause_over(self) -> None:
        """The time since the last step was for something else, which is done."""
        self._since, self._doing = self._clock(), ""

    def loss(self, value: float, right: float | None = None) -> None:
        """Of a step; `right` is the share of its pairs that were told right, where pairs are learned."""
        self.losses.append(value)
        if right is not None:
            self.right.append(right)
        self.meanwhile("")

    def meanwhile(self, doing: str) -> None:
        """Called often where a step, an evaluation or an answer takes its time: nothing is silent for long."""
        now = self._clock()
        if now - self._spoke < (DRAWN if self._live else EVERY):
            return
        self._spoke, self._doing = now, doing
        if self._live:
            self._live.refresh()
        else:
            self.say(self.line())

    def totals(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in TOTALS}

    def mfu(self) -> float | None:
        return mfu(self.flops, self.seconds, self._best, self._devices)

    def line(self) -> str:
        """All of it in one line."""
        parts = [f"step {self.step:,}/{self._steps:,}", f"epoch {self.step / self._steps_an_epoch:.1f}"]
        if self.losses:
            parts.append(f"loss {sum(self.losses) / len(self.losses):.3f}")
        if self.right:
            parts.append(f"{sum(self.right) / len(self.right):.0%} told right")
        parts += [self.beside] if self.beside else []
        if self.seconds > 0:
            rates = (self.real / self.seconds, self.trained / self.seconds)
            parts.append(f"{rates[0]:,.0f} tokens/s ({rates[1]:,.0f} learned)")
            parts.append(f"{self.padding / (self.real + self.padding):.0%} padding")
        share = self.mfu()
        parts.append("MFU unknown for this device" if share is None else f"MFU {share:.0%}")
        if self.seconds > 0 and self.step < self._steps:
            parts.append(f"about {in_time(self.seconds / self.step * (self._steps - self.step))} left")
        parts += [self._doing] if self._doing else []
        return " · ".join(parts)

    def evaluated(self, loss: float | None, samples: Sequence[Sample]) -> None:
        from rich.text import Text

        if loss is not None:
            also = f", perplexity {exp(min(loss, 700)):,.1f}" if self._perplexity else ""
            self.say(f"step {self.step:,}: validation loss {loss:.3f}{also}")
        for sample in samples:
            end = "" if sample.ended else " …"
            end += "" if sample.reward is None else f"  ({sample.reward:g})"
            text = Text.assemble((f"  {_short(sample.question)}\n", "dim"), f"  → {_short(sample.answer)}{end}")
            self._console.print(text, soft_wrap=True, highlight=False)

    def say(self, text: str) -> None:
        self._console.print(shown(text), markup=False, emoji=False, highlight=False, soft_wrap=True)

    def _drawn(self) -> RenderableType:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        rows = Table.grid()
        rows.add_row(ProgressBar(total=self._steps, completed=self.step, width=60))
        rows.add_row(Text(self.line()))
        return rows


def _short(text: str) -> str:
    text = shown(" ".join(text.split()))
    return text if len(text) <= 200 else f"{text[:200]}…"


def in_time(seconds: float) -> str:
    """ "45 s", "12 min", "3.5 h", "2.1 days"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 6_000:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"
