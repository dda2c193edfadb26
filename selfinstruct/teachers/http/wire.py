"""The wire: one request over HTTP at a time and one reply, however servers and proxies misbehave.

wire = Wire("http://127.0.0.1:8000/v1", headers, proxy=None, timeout=600.0, most_bytes=10_000_000, clean=clean)
reply = await wire.post("/chat/completions", body)
reply = await wire.send("GET", "/files/file-1/content", into=file)

Over aiohttp itself: 0.2 ms of CPU a request, of which 0.16 are aiohttp's, where the openai client over aiohttp took 1.0
without its typed answers and 1.7 with them (`python benchmarks/throughput.py`). aiohttp's exceptions hold the request
with its headers: none of them leaves this file.
"""

from __future__ import annotations

import asyncio
import io
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urljoin, urlsplit

from selfinstruct.errors import TeacherFailed, Transient, UsageError

if TYPE_CHECKING:  # 0.2 s to import, so at run time only once something is sent
    import ssl

    import aiohttp

__all__ = ["SLOW", "Reply", "Wire", "proxy_for"]

CONNECT = 30.0  # seconds; long enough for a busy machine that opens 1,000 connections at once
POOL = 10_000  # connections; the Throttle decides how many are used, and aiohttp alone would stop at 100
IDLE_RACE = 2.0  # seconds in which a server that had closed an idle connection tells us so; later, it was at work
HEADER = 65_536  # bytes of one header; aiohttp's own limit, 8,190, is less than what some proxies send
REFUSAL = 1_000_000  # bytes that are read of an error's body
REDIRECTS = 3
SLOW = ": lower --concurrency or raise --timeout"
"""What a run can do about a reply that does not come."""
BODY = 2**20  # bytes; aiohttp warns when a larger body comes as bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP reply; its repr shows nothing that may hold a key."""

    status: int
    reason: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """By lower-case names."""
    content: bytes = field(default=b"", repr=False)
    """Decompressed."""
    whole: bool = True
    """False when the body was larger than allowed: then it is the beginning, or nothing."""


@dataclass(slots=True)
class _Trip:
    """What is known about one attempt when it fails."""

    fresh: bool = False
    """Whether a connection was made for it; else it went over one on which others had been sent before."""


_TRIP: ContextVar[_Trip] = ContextVar("_TRIP")


class Wire:
    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        proxy: str | None,
        timeout: float,
        most_bytes: int,
        clean: Callable[[str], str],
    ) -> None:
        """`url` without its path's end, "?query" included; `timeout` is for a whole reply, in seconds; `most_bytes` for
        its body, decompressed; `clean` makes foreign text fit for a message."""
        self._base, _, self._query = url.partition("?")
        self._headers, self._proxy, self._timeout, self._most, self._clean = headers, proxy, timeout, most_bytes, clean
        self._connect = min(timeout, CONNECT)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def post(self, path: str, body: bytes) -> Reply:
        """The server's reply, whatever its status. Raises Transient when there is none, and TeacherFailed when its
        certificate is not trusted."""
        return await self.send("POST", path, body)

    async def send(
        self, method: str, path: str, body: bytes | Path = b"", *, kind: str = "", into: BinaryIO | None = None
    ) -> Reply:
        """The same for any method. `body` may be a file, which is streamed; `kind` is its content type when it is no
        JSON; a good reply's body, of any size, is written to `into`."""
        began = time.monotonic()
        sent = await self._sent(method, path, body, kind, into)
        if isinstance(sent, _Lost) and sent.idle and time.monotonic() - began < IDLE_RACE:
            sent = await self._sent(method, path, body, kind, into)  # the server had hung up before it could read it
        if isinstance(sent, Reply):
            return sent
        # Here, outside of every except clause, so that no traceback carries aiohttp's exception with its request.
        raise sent.error

    async def _sent(
        self, method: str, path: str, body: bytes | Path, kind: str, into: BinaryIO | None
    ) -> Reply | _Lost:
        import aiohttp

        trip = _Trip()
        _TRIP.set(trip)
        try:
            async with asyncio.timeout(self._timeout):
                return await self._exchanged(method, path, body, kind, into)
        except aiohttp.ConnectionTimeoutError:
            return _Lost(Transient(f"no connection to {self._base} within {self._connect:g} s"))
        except TimeoutError:
            return _Lost(Transient(f"no answer from {self._base} within {self._timeout:g} s{SLOW}", billed=True))
        except (aiohttp.ClientError, aiohttp.http_exceptions.HttpProcessingError, OSError, ValueError) as error:
            return _Lost(self._failure(error), not trip.fresh and _before_any_byte(error))

    async def _exchanged(self, method: str, path: str, body: bytes | Path, kind: str, into: BinaryIO | None) -> Reply:
        url = f"{self._base}{path}" + (f"{'&' if '?' in path else '?'}{self._query}" if self._query else "")
        session = self._session = self._session or self._opened()
        options: dict[str, Any] = {"proxy": self._proxy, "allow_redirects": False}
        if kind:
            options["headers"] = {"Content-Type": kind}
        for _ in range(REDIRECTS + 1):
            data: Any = body.open("rb") if isinstance(body, Path) else body if len(body) <= BODY else io.BytesIO(body)
            if into:
                into.seek(0)
                into.truncate()
            try:
                async with session.request(method, url, data=data or None, **options) as answer:
                    reply = await self._read(answer, into)
            finally:
                if isinstance(body, Path):
                    data.close()
            moved = _same_place(url, reply)
            if not moved:
                break
            url = moved
        return reply

    async def _read(self, answer: aiohttp.ClientResponse, into: BinaryIO | None = None) -> Reply:
        good = answer.status < 400
        if into and 200 <= answer.status < 300:
            async for part in answer.content.iter_any():
                into.write(part)
            return Reply(answer.status)
        most = self._most if good else min(self._most, REFUSAL)
        parts, size = [], 0
        too_large = good and (answer.content_length or 0) > most
        while not too_large and (part := await answer.content.readany()):  # 128 kB or so at a time, decompressed
            parts.append(part)
            size += len(part)
            too_large = size > most
        if too_large:
            answer.close()  # the connection with the rest of it, too
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(answer.status, answer.reason or "", headers, b"".join(parts)[:most], not too_large)

    def _opened(self) -> aiohttp.ClientSession:
        import aiohttp

        secure = self._base.startswith("https") or (self._proxy or "").startswith("https")
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=POOL, ssl=_trusted() if secure else True, socket_factory=_fresh_socket
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self._headers,
            timeout=aiohttp.ClientTimeout(total=None, connect=0.99 * self._connect),  # before the whole is over
            max_line_size=HEADER,
            max_field_size=HEADER,
        )

    def _failure(self, error: Exception) -> Transient | TeacherFailed:
        import aiohttp

        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            why = self._clean(str(error.certificate_error))
            return TeacherFailed(f"the certificate of {self._base} is not trusted: {why}; SSL_CERT_FILE names others")
        if isinstance(error, aiohttp.ClientHttpProxyError) and error.status == 407:
            return TeacherFailed(
                "the proxy wants a login (HTTP 407): give it in HTTPS_PROXY, http://user:password@host"
            )
        said = error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)
        why = self._clean(said) or type(error).__name__
        unsent = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ClientHttpProxyError)
        return Transient(f"no answer from {self._base} ({why})", billed=not unsent)


@dataclass(frozen=True, slots=True)
class _Lost:
    error: Transient | TeacherFailed
    idle: bool = False
    """Whether the connection was an old one and went before anything came: the server never read the request."""


def _fresh_socket(address: tuple[Any, ...]) -> socket.socket:
    """aiohttp makes one where no old connection is free, in the task (or its child) of the request it is for."""
    _TRIP.get().fresh = True
    return socket.socket(*address[:3])


def _before_any_byte(error: Exception) -> bool:
    """Whether the connection went without a word: not within a header, not within a body."""
    import aiohttp

    if isinstance(error, aiohttp.ServerDisconnectedError):
        return isinstance(error.message, str)  # else it is the half of a reply
    return isinstance(error, ConnectionError | aiohttp.ClientOSError)


def proxy_for(url: str, proxies: Mapping[str, str]) -> str | None:
    """The proxy for an address, of those in the environment (by scheme; "no" are the exceptions, as curl reads them:
    names with all below them, addresses, networks, or *). This machine itself is never asked through one.

    Raises UsageError for a proxy that is no HTTP proxy.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or _is_here(host) or any(_excepted(host, each.strip()) for each in proxies.get("no", "").split(",")):
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    if urlsplit(proxy).scheme not in ("http", "https"):
        name = f"{parts.scheme}_proxy".upper()
        raise UsageError(f"only http:// proxies can be used, not {urlsplit(proxy).scheme[:20]}://: set {name}")
    return proxy


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _excepted(host: str, each: str) -> bool:
    each = each.lower().removeprefix("*.").removeprefix(".")
    try:
        return ip_address(host) in ip_network(each, strict=False)
    except ValueError:  # a name
        return each == "*" or (bool(each) and (host == each or host.endswith(f".{each}")))


def _same_place(url: str, reply: Reply) -> str | None:
    """Where a reply sends the request on to, when that is the same server: another one has no business with our key."""
    if reply.status not in (307, 308) or "location" not in reply.headers:
        return None
    try:
        there = urlsplit(urljoin(url, reply.headers["location"]))
        here = urlsplit(url)
        same = (there.scheme, there.hostname, there.port) == (here.scheme, here.hostname, here.port)
    except ValueError:
        return None
    return there.geturl() if same and not there.username else None


def _trusted() -> ssl.SSLContext:
    """The system's certificates, or those of SSL_CERT_FILE and SSL_CERT_DIR."""
    import ssl

    if sys.platform in ("darwin", "win32") and "SSL_CERT_FILE" not in os.environ:
        import truststore  # where OpenSSL cannot read the system's own

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return ssl.create_default_context()
