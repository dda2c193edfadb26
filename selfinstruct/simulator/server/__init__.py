"""A teacher as an OpenAI-compatible server on loopback, well-behaved or not: what `selfinstruct teacher` runs.

    serve(builtin, port=8000)                                         # until Ctrl-C
    async with serving(builtin, faults=Faults(errors=0.1)) as url:    # http://127.0.0.1:39041/v1, a free port

It has models, chat and legacy completions (also streamed), files and batches. Nobody but this machine can reach it.
Faults and limits meet completions alone; a batch meets the delay once, and errors at their rate on its lines. What else
becomes of batches (how long they take, when they expire, how many fail) is in their Rules.

`benchmarks/server.py`: 2,800 requests a second on one core. Of those 360 µs, aiohttp's share is 100; a protocol and
parser of our own would take 30, which is not worth having one: the aim is 1,000 requests a second.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from selfinstruct.errors import UsageError
from selfinstruct.listening import listening, until_stopped
from selfinstruct.simulator import builtin
from selfinstruct.simulator.server.api import Api
from selfinstruct.simulator.server.batches import Rules
from selfinstruct.simulator.server.faults import Faults
from selfinstruct.teacher import Teacher

__all__ = ["Faults", "Rules", "serve", "serving"]

MOST_BYTES = 200 * 2**20  # of a body: OpenAI's limit for a batch file
NO_FAULTS, USUAL = Faults(), Rules()


def serve(
    teacher: Teacher = builtin,
    *,
    port: int = 8000,
    models: Sequence[str] = ("builtin",),
    faults: Faults = NO_FAULTS,
    rules: Rules = USUAL,
    key_env: str | None = None,
    ready: Callable[[str], None] = lambda url: print(url, flush=True),
) -> None:
    """Serve until SIGINT or SIGTERM. `ready` gets the base URL. `key_env` names the variable that holds the key wanted.

    Raises UsageError when there is no such port or key.
    """
    key = os.environ.get(key_env, "").strip() if key_env else None
    if key == "":
        raise UsageError(f"{key_env} is not set: put the key that clients have to send into it, or leave --key-env out")
    asyncio.run(_serve(teacher, port, models, faults, rules, key, ready))


async def _serve(
    teacher: Teacher,
    port: int,
    models: Sequence[str],
    faults: Faults,
    rules: Rules,
    key: str | None,
    ready: Callable[[str], None],
) -> None:
    async with serving(teacher, port=port, models=models, faults=faults, rules=rules, key=key) as url:
        ready(url)
        await until_stopped()


@asynccontextmanager
async def serving(
    teacher: Teacher = builtin,
    *,
    port: int = 0,
    models: Sequence[str] = ("builtin",),
    faults: Faults = NO_FAULTS,
    key: str | None = None,
    most_bytes: int = MOST_BYTES,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
    now: Callable[[], float] = time.time,
    rules: Rules = USUAL,
) -> AsyncIterator[str]:
    """The server in this event loop, for as long as the block runs. Gives its base URL. `rules` are its batches'."""
    api = Api(teacher, models, faults, key, sleep, clock, now, rules)
    async with listening(api.app(most_bytes), port, cancels=True) as url:
        yield f"{url}v1"
