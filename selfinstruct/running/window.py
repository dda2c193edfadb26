"""The ordered window: so many requests in flight, their answers in the order drafted. What run.py schedules with."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Iterator, Sequence
from typing import Any, TypeVar

__all__ = ["abandon", "all_of", "answered", "undisturbed"]

D = TypeVar("D")
R = TypeVar("R")


async def answered(
    drafts: Iterator[D], ask: Callable[[D], Coroutine[Any, Any, R]], width: int
) -> AsyncGenerator[tuple[D, R]]:
    """The ordered window: `width` requests in flight, answers in the order drafted.

    The next draft is pulled only after the caller has folded an answer and asks for another.
    """
    waiting: deque[tuple[D, asyncio.Task[R]]] = deque()
    try:
        while True:
            while len(waiting) < width and (draft := next(drafts, None)):
                waiting.append((draft, asyncio.create_task(ask(draft))))
            if not waiting:
                return
            draft, answer = waiting.popleft()
            yield draft, await answer
    finally:
        await undisturbed(abandon([answer for _, answer in waiting]))


async def all_of(asked: Iterable[Coroutine[Any, Any, R]]) -> list[R]:
    """The answers to all of them, in their order; the first error, after the others were cancelled."""
    waiting = [asyncio.create_task(one) for one in asked]
    try:
        return await asyncio.gather(*waiting)
    finally:
        await undisturbed(abandon([one for one in waiting if not one.done()]))


async def abandon(answers: Sequence[asyncio.Task[Any]]) -> None:
    """Cancel and wait, so that an error among them is not reported once more when nobody listens."""
    for answer in answers:
        answer.cancel()
    await asyncio.gather(*answers, return_exceptions=True)


async def undisturbed(cleaning: Coroutine[Any, Any, None]) -> None:
    """Clean up to the end, also when two steps fail at once and the later one cancels the earlier one's cleaning."""
    task, cancelled = asyncio.create_task(cleaning), False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError
