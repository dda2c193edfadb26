"""Where a server is, and how we show ourselves there: a base URL and the environment, taken apart.

place = place_at("https://user:password@host/v1?api-version=2")
place.where, place.headers, place.proxy          # "https://host/v1", {"Authorization": "Basic …"}, None
place.clean("it said …")                         # fit for a message: in one line, without what is secret
"""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import parse_qsl, unquote, urlsplit
from urllib.request import getproxies

from selfinstruct import __version__
from selfinstruct.errors import UsageError
from selfinstruct.teachers.http.redacting import clean, redactor
from selfinstruct.teachers.http.wire import Wire, proxy_for

__all__ = ["Place", "place_at"]


@dataclass(frozen=True, slots=True)
class Place:
    """No repr of what may be secret."""

    where: str
    """The base URL as it may be shown: without login and query."""
    blamed: str
    """What says who asks: "the key in OPENAI_API_KEY", "the login in the base URL" or nothing."""
    clean: Callable[[str], str] = field(repr=False)
    """Makes foreign text fit for a message."""
    headers: Mapping[str, str] = field(repr=False)
    proxy: str | None = field(repr=False)
    query: str = field(repr=False)

    def wire(self, *, timeout: float, most_bytes: int, root: bool = False) -> Wire:
        """A wire to the base URL, or with `root` to its host."""
        parts = urlsplit(self.where)
        below = f"{parts.scheme}://{parts.netloc}" if root else self.where
        return Wire(
            f"{below}?{self.query}" if self.query else below,
            self.headers,
            proxy=self.proxy,
            timeout=timeout,
            most_bytes=most_bytes,
            clean=self.clean,
        )


def place_at(url: str) -> Place:
    """Raises UsageError for a base URL that is none, and for a key that cannot be one."""
    key = _from_environment("OPENAI_API_KEY")
    where, login, query = _parts(url)
    proxy = proxy_for(where, getproxies())
    hidden = redactor("" if any(login) else key, login, _others(query, proxy))
    blamed = "the login in the base URL" if any(login) else "the key in OPENAI_API_KEY" if key else ""
    return Place(where, blamed, partial(clean, hidden=hidden), _headers(key, login), proxy, query)


def _from_environment(name: str) -> str:
    """A header's value from the environment; "" when it is not set."""
    value = os.environ.get(name, "").strip()
    if value and not re.fullmatch(r"[!-~]+", value):  # a line break in it would be a header of its own
        raise UsageError(f"{name} holds spaces or characters that no such value has: copy it again")
    return value


def _headers(key: str, login: tuple[str, str]) -> dict[str, str]:
    """What every request has, as openai's own clients send it. A local server wants the key's header, whatever is in
    it; a login takes its place, since there is one such header."""
    basic = b64encode(":".join(login).encode()).decode()
    headers = {
        "Authorization": f"Basic {basic}" if any(login) else f"Bearer {key or 'none'}",
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Accept-Encoding": "gzip, deflate",  # what can be unpacked by the piece, whatever is installed
        "User-Agent": f"selfinstruct/{__version__}",
    }
    for header, name in {"OpenAI-Organization": "OPENAI_ORG_ID", "OpenAI-Project": "OPENAI_PROJECT_ID"}.items():
        if value := _from_environment(name):
            headers[header] = value
    return headers


def _others(query: str, proxy: str | None) -> list[str]:
    """What else is nobody's business: the query's values, and how we log in at the proxy."""
    there = urlsplit(proxy or "")
    return [
        *(value for _, value in parse_qsl(query)),
        *(unquote(part or "") for part in (there.username, there.password)),
    ]


def _parts(url: str) -> tuple[str, tuple[str, str], str]:
    """The address as it may be shown, and what may not: user and password, and the query."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
        url.encode()
    except ValueError:
        parts, port = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError("--base-url is no http:// or https:// address, such as http://127.0.0.1:8000/v1")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    where = f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}"
    return where, (unquote(parts.username or ""), unquote(parts.password or "")), parts.query
