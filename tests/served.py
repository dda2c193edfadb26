"""The built-in teacher as a server for tests: it writes down who was answered when, and misbehaves as a test says.

    python served.py LOG [NAME=NUMBER …]         # a process of its own with these Faults, which prints its URL
    async with served(meddle=refuse) as url:     # in this event loop

LOG gets a line "asked KEY TIME" before a request is answered and "sent KEY TIME" once the whole reply is in the socket:
on one machine, that is when it has arrived.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import NamedTuple

from aiohttp import web

from selfinstruct.simulator import builtin
from selfinstruct.simulator.server import Faults
from selfinstruct.simulator.server.api import Api
from selfinstruct.teacher import Request, Response, Teacher

__all__ = ["Line", "Meddle", "entries", "served"]

Meddle = Callable[[web.Request], Awaitable[web.StreamResponse | None]]
"""What is said instead of an answer to a completion; None: the answer."""


class Line(NamedTuple):
    what: str
    """asked or sent."""
    key: str
    at: float
    """Of time.time()."""


_keys: ContextVar[list[str]] = ContextVar("_keys")


@asynccontextmanager
async def served(
    teacher: Teacher = builtin,
    *,
    faults: Faults = Faults(),  # noqa: B008  nobody changes it
    meddle: Meddle | None = None,
    log: str | None = None,
    port: int = 0,
) -> AsyncIterator[str]:
    """The server for as long as the block runs; gives its base URL."""
    file = os.open(log or os.devnull, os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    def note(what: str, key: str) -> None:
        os.write(file, f"{what} {key} {time.time():.6f}\n".encode())  # one call: a line is there whole

    async def noted(request: Request, /) -> Response:
        note("asked", request.key)
        _keys.get().append(request.key)
        return await teacher(request)

    @web.middleware
    async def outermost(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        keys: list[str] = []
        _keys.set(keys)
        if meddle and request.method == "POST" and (instead := await meddle(request)) is not None:
            return instead
        reply = await handler(request)
        if keys and request.transport is not None and isinstance(reply, web.Response):
            await reply.prepare(request)
            await reply.write_eof()
            for key in keys:
                note("sent", key)
        return reply

    models = ("builtin", "builtin:weak")
    app = Api(noted, models, faults, None, asyncio.sleep, time.monotonic, time.time).app(200 * 2**20)
    app.middlewares.insert(0, outermost)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port, backlog=1024, reuse_address=True).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()
        os.close(file)


def entries(log: str | os.PathLike[str]) -> list[Line]:
    """What the log holds so far."""
    if not os.path.exists(log):
        return []
    with open(log, encoding="utf-8") as lines:
        parts = (line.split() for line in lines if line.endswith("\n"))
        return [Line(what, key, float(at)) for what, key, at in parts]


async def _until_killed(log: str, faults: Faults) -> None:
    async with served(faults=faults, log=log) as url:
        print(url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    given = dict(text.split("=") for text in sys.argv[2:])
    asyncio.run(_until_killed(sys.argv[1], Faults(**{name: float(value) for name, value in given.items()})))  # type: ignore[arg-type]
