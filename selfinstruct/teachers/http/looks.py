"""Pages of a server beside its models, as `doctor` looks at them: what is sent to no model, and costs nothing.

async with Looks("http://127.0.0.1:8000/v1") as looks:
    page = await looks.at("/models")          # below the base URL
    page = await looks.at("!/version")        # below the host
"""

from __future__ import annotations

import json
import os
from base64 import b64encode
from functools import partial
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit
from urllib.request import getproxies

from selfinstruct import __version__
from selfinstruct.teachers.http.redacting import clean, redactor
from selfinstruct.teachers.http.wire import proxy_for
from selfinstruct.teachers.servers import Page

__all__ = ["Looks"]

TIMEOUT = 10.0  # seconds for a page; what is not there by then is not looked at
MOST = 2_000_000  # bytes of a page; OpenRouter's list of models has 500,000


class Looks:
    def __init__(self, url: str) -> None:
        """`url`: a base URL that an Endpoint took."""
        parts = urlsplit(url)
        login = (unquote(parts.username or ""), unquote(parts.password or ""))
        key = os.environ.get("OPENAI_API_KEY", "").strip()
        host = parts.netloc.rpartition("@")[2]
        self._root = f"{parts.scheme}://{host}"
        self._path, self._query = parts.path.rstrip("/"), f"?{parts.query}" if parts.query else ""
        self._proxy = proxy_for(url, getproxies())
        basic = b64encode(":".join(login).encode()).decode()
        self._headers = {
            "Authorization": f"Basic {basic}" if any(login) else f"Bearer {key or 'none'}",
            "Accept": "application/json",
            "User-Agent": f"selfinstruct/{__version__}",
        }
        there = urlsplit(self._proxy or "")
        others = [value for _, value in parse_qsl(parts.query)]
        others += [unquote(part or "") for part in (there.username, there.password)]
        self._clean = partial(clean, hidden=redactor("" if any(login) else key, login, others))
        self._session: Any = None

    async def __aenter__(self) -> Self:
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        jar = aiohttp.DummyCookieJar()
        self._session = aiohttp.ClientSession(headers=self._headers, timeout=timeout, cookie_jar=jar)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def at(self, path: str, body: dict[str, Any] | None = None) -> Page:
        """The page, by GET, or by POST where it is given a body. Never raises: a Page of status 0 says why not."""
        import aiohttp

        below = path[1:] if path.startswith("!") else f"{self._path}{path}"
        url, method = f"{self._root}{below}{self._query}", "GET" if body is None else "POST"
        try:
            async with self._session.request(
                method, url, json=body, proxy=self._proxy, allow_redirects=False
            ) as answer:
                content = await answer.content.read(MOST)
                while len(content) < MOST and (more := await answer.content.read(MOST - len(content))):
                    content += more
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return Page(answer.status, headers, _row(content))
        except TimeoutError:
            return Page(error=f"no answer within {TIMEOUT:g} s")
        except (aiohttp.ClientError, aiohttp.http_exceptions.HttpProcessingError, OSError, ValueError) as error:
            return Page(error=self.shown(str(error) or type(error).__name__))

    def shown(self, text: str) -> str:
        """A server's words, without key, login and query."""
        return self._clean(text)


def _row(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return content.decode("utf-8", "replace")
