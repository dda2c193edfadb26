"""The files of the API: uploaded, listed, read, deleted. In memory, and gone when the server stops."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from selfinstruct.simulator.server.protocol import Refused

__all__ = ["File", "Files", "page"]


@dataclass(frozen=True, slots=True)
class File:
    row: dict[str, Any]
    content: bytes


class Files:
    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._files: dict[str, File] = {}
        self._made = 0

    def __contains__(self, id: str) -> bool:
        return id in self._files

    def add(self, name: str, content: bytes, purpose: str) -> dict[str, Any]:
        id = self._id(content)
        row = {
            "id": id,
            "object": "file",
            "bytes": len(content),
            "created_at": int(self._now()),
            "filename": name,
            "purpose": purpose,
            "status": "processed",
        }
        self._files[id] = File(row, content)
        return row

    def list(self, query: Mapping[str, str]) -> dict[str, Any]:
        purpose = query.get("purpose")
        rows = [file.row for file in self._files.values() if purpose in (None, file.row["purpose"])]
        return page(rows if query.get("order") == "asc" else rows[::-1], query, 10_000)

    def row(self, id: str) -> dict[str, Any]:
        return self.one(id).row

    def content(self, id: str) -> bytes:
        return self.one(id).content

    def delete(self, id: str) -> dict[str, Any]:
        self.one(id)
        del self._files[id]
        return {"id": id, "object": "file", "deleted": True}

    def one(self, id: str) -> File:
        if id not in self._files:
            raise Refused(404, f"No such File object: {id}", param="id")
        return self._files[id]

    def _id(self, content: bytes) -> str:
        """Told apart by how many were made before, so that the same session has the same ids."""
        self._made += 1
        return "file-" + hashlib.sha256(b"%d/%b" % (self._made, content)).hexdigest()[:24]


def page(rows: list[dict[str, Any]], query: Mapping[str, str], most: int) -> dict[str, Any]:
    """The rows after the one named `after`, at most `limit` of them."""
    limit = query.get("limit", "20" if most == 100 else str(most))
    if not re.fullmatch("[0-9]{1,6}", limit) or not 1 <= int(limit) <= most:
        raise Refused(400, f"'limit' has to be a whole number from 1 to {most:,}", param="limit")
    if (after := query.get("after")) is not None:
        places = [place for place, row in enumerate(rows) if row["id"] == after]
        if not places:
            raise Refused(400, f"There is no {after!r} to go on after", param="after")
        rows = rows[places[0] + 1 :]
    found = rows[: int(limit)]
    ends = {"first_id": found[0]["id"], "last_id": found[-1]["id"]} if found else {"first_id": None, "last_id": None}
    return {"object": "list", "data": found, "has_more": len(rows) > len(found), **ends}
