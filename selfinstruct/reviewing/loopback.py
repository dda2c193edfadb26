"""Pages for the people at this machine and nobody else: on loopback, behind a link that opens once.

The link's secret stands behind its "#", which no browser sends, keeps or passes on; the page changes it for another
one, which goes into a header with each request: no other site can send that. Names of other hosts that lead here (DNS
rebinding) and pages of other origins are refused before anything is looked at.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

__all__ = ["Doors", "Refused", "body_of", "guarded", "shipped"]

NAMED = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?", re.IGNORECASE)
"""What this machine may be called, with any port, as ssh may lead another one here."""
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
