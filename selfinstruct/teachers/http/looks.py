"""Pages of a server beside its models, as `doctor` looks at them: what is sent to no model, and costs nothing.

async with Looks("http://127.0.0.1:8000/v1") as looks:
    page = await looks.at("/models")          # below the base URL
    page = await looks.at("!/version")        # below the host
"""

from __future__ import annotations

import json
from typing import Any, Self

from selfinstruct.errors import SelfinstructError
from selfinstruct.teachers.http.place import place_at
from selfinstruct.teachers.http.statuses import parsed
from selfinstruct.teachers.http.wire import SLOW
from selfinstruct.teachers.servers import Page

__all__ = ["Looks"]

TIMEOUT = 10.0  # seconds for a page; what is not there by then is not looked at
MOST = 2_000_000  # bytes of a page; OpenRouter's list of models has 500,000


class Looks:
    def __init__(self, url: str) -> None:
        """`url`: a base URL that an Endpoint took."""
        place = place_at(url)
        self._below = place.wire(timeout=TIMEOUT, most_bytes=MOST)
        self._root = place.wire(timeout=TIMEOUT, most_bytes=MOST, root=True)
        self.shown = place.clean
        """A server's words, without key, login and query."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._below.close()
        await self._root.close()

    async def at(self, path: str, body: dict[str, Any] | None = None) -> Page:
        """The page, by GET, or by POST where it is given a body. Never raises: a Page of status 0 says why not."""
        wire, sent = (self._root, path[1:]) if path.startswith("!") else (self._below, path)
        content = b"" if body is None else json.dumps(body).encode()
        try:
            reply = await wire.send("GET" if body is None else "POST", sent, content)
        except SelfinstructError as error:
            return Page(error=str(error).removesuffix(SLOW))
        row = parsed(reply.content)
        return Page(reply.status, reply.headers, reply.content.decode("utf-8", "replace") if row is None else row)
