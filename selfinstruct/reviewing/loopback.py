"""Pages for the people at this machine and nobody else: on loopback, behind a link that opens once.

The link's secret stands behind its "#", which no browser sends, keeps or passes on; the page changes it for another
one, which goes into a header with each request: no other site can send that. Names of other hosts that lead here (DNS
rebinding) and pages of other origins are refused before anything is looked at.
"""

from __future__ import annotations

import asyncio
import errno
import hmac
import json
import logging
import re
import secrets
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from aiohttp import web

from selfinstruct.errors import UsageError

__all__ = ["Doors", "Refused", "body_of", "guarded", "listening", "shipped", "until_stopped"]

HOST = "127.0.0.1"
NAMED = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?", re.IGNORECASE)
"""What this machine may be called, with any port, as ssh may lead another one here."""
GRACE = 2.0
"""Seconds that answers on their way have when the server stops."""
MOST_BYTES = 8 * 2**20
"""Of a request: a row that was edited."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
KINDS = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_nowhere = logging.Logger("aiohttp", logging.CRITICAL + 1)  # it logs a traceback whenever a client speaks no HTTP


class Refused(Exception):
    """What the page is told instead."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


class Doors:
    """Who may come in: a link's secret for each person, and then that of their session."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.links = {secrets.token_urlsafe(32): name for name in names}
        """Names by the secrets that were not used yet."""
        self._sessions: dict[str, str] = {}

    def open(self, token: object) -> str:
        """The secret of a new session, once for each link. Raises Refused."""
        found = next((link for link in self.links if isinstance(token, str) and _equal(link, token)), None)
        if found is None:
            raise Refused(403, "link used")
        session = secrets.token_urlsafe(32)
        self._sessions[session] = self.links.pop(found)
        return session

    def who(self, request: web.Request) -> str:
        """Whose session it is. Raises Refused."""
        given = request.headers.get("Authorization", "")
        name = next((name for secret, name in self._sessions.items() if _equal(f"Bearer {secret}", given)), None)
        if name is None:
            raise Refused(401, "no session")
        return name


def _equal(secret: str, given: str) -> bool:
    return hmac.compare_digest(secret.encode(), given.encode("utf-8", "surrogateescape"))


@web.middleware
async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """No other host's name and no other page; whatever goes wrong is told as {"error": …}; and HEADERS."""
    try:
        _check_origin(request)
        response = await handler(request)
    except Refused as refused:
        response = web.json_response({"error": refused.why}, status=refused.status)
    except web.HTTPException as error:
        response = web.json_response({"error": error.reason}, status=error.status)
    response.headers.update(HEADERS)
    return response


def _check_origin(request: web.Request) -> None:
    host = request.headers.get("Host", "")
    if not NAMED.fullmatch(host) or len(request.headers.getall("Host", [])) != 1:
        raise Refused(403, "wrong host")
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site", "none")
    if (origin is not None and origin.lower() != f"http://{host.lower()}") or site not in ("same-origin", "none"):
        raise Refused(403, "wrong origin")


async def body_of(request: web.Request) -> Mapping[str, Any]:
    """The object that was sent. Raises Refused."""
    if request.content_type != "application/json":
        raise Refused(415, "not JSON")
    try:
        value = json.loads(await request.read())
    except (ValueError, RecursionError):
        raise Refused(400, "not JSON") from None
    if not isinstance(value, dict):
        raise Refused(400, "not an object")
    return value


def shipped(folder: Path, name: str) -> Handler:
    """A file of the page, which holds nobody's data."""
    body = (folder / name).read_bytes()
    kind = KINDS[Path(name).suffix]

    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type=kind, charset="utf-8")

    return handler


@asynccontextmanager
async def listening(app: web.Application, port: int = 0) -> AsyncIterator[str]:
    """The application in this event loop, on loopback, for as long as the block runs. Gives its URL.

    port        0: any that is free
    Raises UsageError when there is no such port.
    """
    runner = web.AppRunner(app, access_log=None, logger=_nowhere, shutdown_timeout=GRACE)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, HOST, port).start()
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
