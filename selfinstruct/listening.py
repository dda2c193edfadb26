"""Servers for this machine alone: an aiohttp application on loopback, until a block ends or somebody stops it."""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiohttp import web

from selfinstruct.errors import UsageError

__all__ = ["listening", "until_stopped"]

HOST = "127.0.0.1"
GRACE = 2.0
"""Seconds that answers on their way have when the server stops."""

_nowhere = logging.Logger("aiohttp", logging.CRITICAL + 1)  # it logs a traceback whenever a client speaks no HTTP


@asynccontextmanager
async def listening(app: web.Application, port: int = 0, *, cancels: bool = False) -> AsyncIterator[str]:
    """The application in this event loop, for as long as the block runs. Gives its URL, like http://127.0.0.1:39041/.

    port        0: any that is free
    cancels     whether work on an answer ends when nobody waits for it any more
    Raises UsageError when there is no such port.
    """
    runner = web.AppRunner(app, access_log=None, logger=_nowhere, handler_cancellation=cancels, shutdown_timeout=GRACE)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, HOST, port, backlog=1024).start()
        except (OSError, OverflowError) as error:
            raise UsageError(_no_port(port, error)) from None
        yield f"http://{HOST}:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


def _no_port(port: int, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"port {port} is in use: stop what listens there, or give another --port (0: any that is free)"
    return f"cannot listen on port {port} ({error}): give another --port, 1024 to 65535 (0: any that is free)"


async def until_stopped() -> None:
    """Until SIGINT or SIGTERM."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: there Ctrl-C is a KeyboardInterrupt
            loop.add_signal_handler(name, stop.set)
    await stop.wait()
