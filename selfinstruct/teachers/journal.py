"""Every answer that was paid for, in one SQLite file, before anybody sees it. Running again replays it for free.

journal = Journal("runs/first/journal.db")
teacher = journal.teacher(budget, step="propose")
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from os import PathLike
from pathlib import Path
from typing import Any

from selfinstruct.errors import RunStopped, UsageError
from selfinstruct.teacher import Prompt, Request, Response, Teacher

__all__ = ["Journal", "holds_answers"]

FORMAT = 2  # SQLite's user_version; a change of the table needs a new number

TABLE = """CREATE TABLE answers (
    key TEXT PRIMARY KEY, step TEXT NOT NULL, request TEXT NOT NULL, text TEXT NOT NULL, finish_reason TEXT NOT NULL,
    model TEXT NOT NULL, input_tokens INTEGER, output_tokens INTEGER, error TEXT NOT NULL DEFAULT '', cost REAL NOT NULL,
    seconds REAL NOT NULL, attempts INTEGER NOT NULL, at REAL NOT NULL
)"""
FIELDS = ("text", "finish_reason", "model", "input_tokens", "output_tokens", "error", "cost", "seconds", "attempts")
RESPONSE = ", ".join(FIELDS)
COLUMNS = f"key, step, request, {RESPONSE}, at"


class Journal:
    def __init__(self, path: str | PathLike[str], clock: Callable[[], float] = time.time) -> None:
        self.path = Path(path)
        self._clock = clock
        self._asking: dict[str, asyncio.Task[Response]] = {}
        self._db = _open(self.path)

    def teacher(self, inner: Teacher, step: str) -> Teacher:
        """`inner`, asked only what the journal does not know. Its answers are committed before they are returned."""

        async def ask(request: Request, /) -> Response:
            key = request.key
            asking = self._asking.get(key)
            if asking is None:
                if known := self._known(key):
                    return known
                # A task of its own: an answer that was paid for is journaled even when its asker is cancelled.
                asking = self._asking[key] = asyncio.create_task(self._ask(inner, step, key, request))
                asking.add_done_callback(lambda done: self._done(key, done))
            await asyncio.wait({asking})  # unlike awaiting it, this does not cancel it when we are cancelled
            return asking.result()

        return ask

    async def drain(self) -> None:
        """Wait until what is on the wire has come, and is journaled or has failed."""
        while self._asking:
            await asyncio.wait(list(self._asking.values()))

    def cancel(self) -> None:
        """Drop what is on the wire; `drain` waits until it is gone."""
        for asking in self._asking.values():
            asking.cancel()

    def close(self) -> None:
        """Close the file. `drain` first."""
        self._db.close()

    def responses(self) -> Iterator[tuple[Prompt, Response]]:
        """Every answer with its prompt, in the order in which they came."""
        with _translated(self.path):
            for request, *response in self._db.execute(f"SELECT request, {RESPONSE} FROM answers ORDER BY rowid"):
                yield json.loads(request)["prompt"], Response(*response)

    def _known(self, key: str) -> Response | None:
        with _translated(self.path):
            row = self._db.execute(f"SELECT {RESPONSE} FROM answers WHERE key = ?", (key,)).fetchone()
        return Response(*row) if row else None

    async def _ask(self, inner: Teacher, step: str, key: str, request: Request) -> Response:
        response = await inner(request)
        said = [_whole(response.text), _whole(response.finish_reason), _whole(response.model)]
        took = [getattr(response, name) for name in FIELDS[len(said) :]]
        row = (key, step, _whole(request.to_json()), *said, *took, self._clock())
        marks = ", ".join("?" * len(row))
        with _translated(self.path):  # a transaction of its own, about 60 µs: readers never wait for it
            self._db.execute(f"INSERT INTO answers ({COLUMNS}) VALUES ({marks}) ON CONFLICT (key) DO NOTHING", row)
        kept = self._known(key)  # as every later run will read it
        assert kept is not None
        return kept

    def _done(self, key: str, asking: asyncio.Task[Response]) -> None:
        del self._asking[key]
        if not asking.cancelled():
            asking.exception()  # seen, even when all its askers are gone


def holds_answers(path: Path) -> bool:
    """Whether the file is a journal with an answer in it. Opens nothing for writing."""
    log = path.with_name(f"{path.name}-wal")
    if not path.exists() or (log.exists() and log.stat().st_size):
        return path.exists()  # a log that is not empty: a process was killed, or runs, with answers in it
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as db:
            return bool(db.execute("SELECT EXISTS (SELECT * FROM answers)").fetchone()[0])
    except sqlite3.Error:
        return True  # damaged, or in use: not to be taken for empty


def _open(path: Path) -> sqlite3.Connection:
    with _translated(path):
        db = sqlite3.connect(path, isolation_level=None, timeout=30.0)  # None: each statement is a transaction
        try:
            _prepare(db, path)
        except BaseException:
            db.close()
            raise
    return db


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    columns = ", ".join(name for _, name, *_ in db.execute("PRAGMA table_info(answers)"))
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if version > FORMAT and columns:
        raise UsageError(
            f"{path} was written by a newer selfinstruct (journal format {version}, this one knows {FORMAT}): "
            "pip install --upgrade selfinstruct"
        )
    if (version, columns) != (FORMAT, COLUMNS) and (version or tables):
        raise UsageError(f"{path} is a database, but no journal of selfinstruct: give another folder")
    # Write-ahead log, synced at checkpoints only. An answer survives kill -9 once it is committed; a power cut may
    # lose the last ones, never tears one, and what is lost is asked for again.
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    if not tables:
        db.executescript(f"BEGIN; {TABLE}; PRAGMA user_version = {FORMAT}; COMMIT")


@contextmanager
def _translated(path: Path) -> Iterator[Any]:
    """SQLite's errors in the user's words."""
    try:
        yield
    except sqlite3.OperationalError as error:  # no such folder, no right to write, disk full, locked
        if "unable to open" in str(error):
            raise UsageError(f"cannot open {path}: {error}") from error
        raise RunStopped(f"cannot use {path}: {error}; make room or free it, and run the same command again") from error
    except sqlite3.DatabaseError as error:
        raise UsageError(f"{path} is no journal, or is damaged: {error}; move it away to start anew") from error


def _whole(text: str) -> str:
    """The text with halves of characters (lone surrogates, which no file can hold) replaced, the same way each time."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
