"""What waits for the journal's next transaction: answers and who asked for them, attempts that went on the wire."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.journal.file import COLUMNS, ORDER, translated

__all__ = ["Asked", "Group", "Row", "write"]

KEEP = f"INSERT INTO answers ({COLUMNS}) VALUES ({', '.join('?' * len(ORDER))}) ON CONFLICT (key) DO NOTHING"
SEND = "INSERT INTO sent (number, key, given, written, dollars, at) VALUES (?, ?, ?, ?, ?, ?)"
SETTLE = "DELETE FROM sent WHERE number = ?"

Row = tuple[Any, ...]


@dataclass(slots=True)
class Asked:
    """A request that waits for its answer, or for the answer to be committed."""

    request: Request
    call: asyncio.Task[Response] | None = None
    """None: another journal had the answer."""
    response: Response | None = None
    """What came, as every later run will read it."""
    waiting: list[asyncio.Future[Response]] = field(default_factory=list)
    """One for each that asked: one of them may be cancelled, and the others not."""

    def end(self, error: BaseException | None) -> None:
        for one in self.waiting:
            if one.done():  # cancelled
                continue
            if isinstance(error, Exception):
                one.set_exception(error)
                one.exception()  # seen, even when the asker is cancelled right now
            elif self.response and not error:
                one.set_result(self.response)
            else:  # cancelled, or interrupted
                one.cancel()


@dataclass(slots=True)
class Group:
    """What the next transaction writes."""

    rows: list[Row] = field(default_factory=list)
    sent: dict[int, Row] = field(default_factory=dict)
    settled: list[int] = field(default_factory=list)


def write(db: sqlite3.Connection, group: Group, path: Path) -> int:
    """All of it or nothing; returns how many answers are new."""
    count = 0
    with translated(path):
        try:
            db.execute("BEGIN IMMEDIATE")
            if group.rows:
                count = db.executemany(KEEP, group.rows).rowcount
            if group.sent:
                db.executemany(SEND, group.sent.values())
            if group.settled:
                db.executemany(SETTLE, [(number,) for number in group.settled])
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:  # a full disk may have ended it
                db.execute("ROLLBACK")
            raise
    return count
