"""What a provider takes at a time: how many lines and bytes in a file, how many tokens in all that wait.

The first two are its documented limits until it says otherwise. The third is counted over all batches of an account,
other people's included: what is known of it is learned from refusals.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from selfinstruct.teachers.batching.meaning import QueueFull, TooLarge

__all__ = ["Queue", "files"]

SHARE = 0.9  # of the limit it names: our count of tokens is an estimate
FIRST, LONGEST = 60.0, 600.0  # seconds until it is tried again, where others' batches are in the way
DAY = 86_400.0  # seconds of such waits, all tries together: a batch takes no longer
LOOK = 5.0  # seconds between two looks for room


class _Sized(Protocol):
    size: int
    """Bytes."""
    tokens: int
    """Of the prompt, estimated."""


S = TypeVar("S", bound=_Sized)


@dataclass(slots=True)
class Queue:
    """The batches of one model."""

    lines: int
    bytes: int
    tokens: int | None = None
    """That may wait at a time; None: not known to be limited."""
    held: int = 0
    """Tokens of ours that do."""
    pause: float = field(default_factory=lambda: FIRST)
    waited: float = 0.0

    @asynccontextmanager
    async def place(self, tokens: int, sleep: Callable[[float], Awaitable[object]]) -> AsyncIterator[None]:
        """Wait until so many tokens fit beside ours, and hold them."""
        while self.tokens is not None and self.held and self.held + tokens > self.tokens:
            await sleep(LOOK)
        self.held += tokens
        try:
            yield
        finally:
            self.held -= tokens

    def accepted(self) -> None:
        self.pause, self.waited = FIRST, 0.0

    def refused(self, lines: int, tokens: int, why: QueueFull | TooLarge) -> float | None:
        """Seconds after which to try again with what `files` makes of it now; None when that is of no use."""
        if isinstance(why, TooLarge):
            self.lines = max(1, lines // 2)
            return 0.0 if lines > 1 else None
        room = int(why.limit * SHARE) if why.limit else None
        if room and tokens > room and lines > 1:
            self.tokens = room
            return 0.0
        if self.held:  # when one of ours is over there is room
            self.tokens = min(self.held, self.tokens or self.held)
            return LOOK
        if lines > 1:
            self.tokens = max(1, tokens // 2)
        wait, self.pause = self.pause, min(LONGEST, 2 * self.pause)
        self.waited += wait
        return wait if self.waited <= DAY else None


def files(calls: Sequence[S], queue: Queue) -> Iterator[list[S]]:
    """The calls cut into files that the provider takes, in order."""
    part, size, tokens = list[S](), 0, 0
    for call in calls:
        full = len(part) >= queue.lines or size + call.size > queue.bytes
        if part and (full or (queue.tokens is not None and tokens + call.tokens > queue.tokens)):
            yield part
            part, size, tokens = [], 0, 0
        part.append(call)
        size += call.size
        tokens += call.tokens
    if part:
        yield part
