"""The SQLite file of a journal: opened, brought up to date, and its errors in the user's words."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from selfinstruct.errors import RunStopped, SelfinstructError, UsageError
from selfinstruct.teacher import Response

__all__ = [
    *(
        "COLUMNS",
        "FORGOTTEN",
        "LATER",
        "ORDER",
        "RESPONSE",
        "Elsewhere",
        "damaged",
        "holds_answers",
        "is_journal",
        "open_file",
        "readable",
    ),
    *("translated", "whole"),
]

FORMAT = 3  # SQLite's user_version; a change of the tables needs a new number

# What formats 2 and 3 brought is last: there an older file gets it, too.
LATER = {
    "error": "TEXT NOT NULL DEFAULT ''",
    "thoughts": "TEXT NOT NULL DEFAULT ''",
    "cached_tokens": "INTEGER",
    "written_tokens": "INTEGER",
    "thinking_tokens": "INTEGER",
    "tier": "TEXT NOT NULL DEFAULT ''",
}
_ADDED = ", ".join(f"{name} {kind}" for name, kind in LATER.items())
ANSWERS = f"""CREATE TABLE answers (
    key TEXT PRIMARY KEY, step TEXT NOT NULL, request TEXT NOT NULL, text TEXT NOT NULL, finish_reason TEXT NOT NULL,
    model TEXT NOT NULL, input_tokens INTEGER, output_tokens INTEGER, cost REAL, seconds REAL NOT NULL,
    attempts INTEGER NOT NULL, at REAL NOT NULL, {_ADDED}
)"""
FORGOTTEN = "/"
"""What parts the key of an answer that is asked for again from a number of its own."""
ORDER = (
    *("key", "step", "request", "text", "finish_reason", "model", "input_tokens", "output_tokens", "cost", "seconds"),
    *("attempts", "at", *LATER),
)
"""Of the columns in the file."""
SENT = """CREATE TABLE IF NOT EXISTS sent (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL, given INTEGER NOT NULL, written INTEGER NOT NULL,
    dollars REAL NOT NULL, at REAL NOT NULL
)"""
RESPONSE = (
    "text, finish_reason, model, input_tokens, output_tokens, error, cost, seconds, attempts, thoughts, cached_tokens, "
    "written_tokens, thinking_tokens, tier"
)
"""In the order of Response's fields."""
COLUMNS = f"key, step, request, {RESPONSE}, at"
_OLDEST = {*ORDER} - {*LATER}

PATIENCE = 5.0  # seconds to wait for another process's transaction; nothing is silent for more than ten


def open_file(path: Path) -> tuple[sqlite3.Connection, int]:
    """The journal there, or a new one, and the number of the last attempt sent.

    Raises UsageError when it is none, RunStopped when it cannot be used now.
    """
    log = _log(path)
    if _size(log) and not _size(path):  # SQLite would take a new file's log for garbage and delete it
        raise UsageError(f"{log} belongs to a {path.name} that is not beside it: copy both, or move it away")
    with translated(path):
        db = sqlite3.connect(path, isolation_level=None, timeout=PATIENCE)  # None: transactions are ours
        try:
            _prepare(db, path)
            (last,) = db.execute("SELECT ifnull(max(number), 0) FROM sent").fetchone()
        except BaseException:
            db.close()
            raise
    return db, last


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    kind, lacks = _kind(db, path)
    # Write-ahead log, synced at checkpoints only. An answer survives kill -9 once it is committed; a power cut may
    # lose the last ones, never tears one, and what is lost is asked for again.
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    # Keys are in no order: the pages of their index, 20 MB for 200,000 answers, are wanted again and again.
    db.execute("PRAGMA cache_size = -32768")
    # Every 16 MB, not 4: an index page that changed many times is copied and synced once.
    db.execute("PRAGMA wal_autocheckpoint = 4096")
    if kind != "now":
        added = " ".join(f"ALTER TABLE answers ADD COLUMN {name} {LATER[name]};" for name in lacks)
        change = f"{ANSWERS};" if kind == "empty" else added
        db.executescript(f"BEGIN IMMEDIATE; {change} {SENT}; PRAGMA user_version = {FORMAT}; COMMIT")


def _kind(db: sqlite3.Connection, path: Path) -> tuple[str, list[str]]:
    """ "empty", "old" (of an earlier format), "recovered" (whole, but without its number, as `.recover` leaves it), or
    "now"; and the columns that an old one lacks."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    columns = {name: bool(key) for _, name, _, _, _, key in db.execute("PRAGMA table_info(answers)")}
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if version > FORMAT and columns:
        raise UsageError(
            f"{path} was written by a newer selfinstruct (journal format {version}, this one knows {FORMAT}): "
            "pip install --upgrade selfinstruct"
        )
    if not version and not tables:
        return "empty", []
    if version <= FORMAT and columns.get("key") and columns.keys() - {*LATER} == _OLDEST:
        if lacks := [name for name in LATER if name not in columns]:
            return "old", lacks
        sent = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'sent'").fetchone()
        return ("now" if version == FORMAT and sent else "recovered"), []
    raise UsageError(f"{path} is a database, but no journal of selfinstruct: give another folder")


class Elsewhere:
    """Another run's journal, from which answers are taken. Nothing is written to it, and it may be in use."""

    def __init__(self, path: Path) -> None:
        """`path` is a run's folder or its journal. Raises UsageError when there is none."""
        if path.name.endswith(("-wal", "-shm")):
            raise UsageError(f"{path} is a part of {path.name[:-4]}: give that")
        self.path = path / "journal.db" if path.is_dir() else path
        if not self.path.is_file():
            raise UsageError(f"there is no journal at {self.path}: give a run's folder or its journal.db")
        with translated(self.path):
            self._open()

    def row(self, key: str) -> tuple[Any, ...] | None:
        """The answer with this key, by COLUMNS."""
        with translated(self.path):
            if self._seen and self._seen != self._state():
                self.close()
                self._open()  # somebody began to write
            found: tuple[Any, ...] | None = self._db.execute(self._query, (key,)).fetchone()
        return found

    def close(self) -> None:
        self._db.close()

    def _open(self) -> None:
        """Without a log nobody writes, and the file is read without leaving another beside it; as long as it stays so:
        then `_seen` is how it was. With a log, SQLite's own locks are asked, and readers do not wait for a writer."""
        self._seen = None if _size(_log(self.path)) else self._state()
        self._db = _reading(self.path, "immutable=1" if self._seen else "mode=ro")
        try:
            kind, lacks = _kind(self._db, self.path)
        except BaseException:
            self._db.close()
            raise
        if kind == "empty":
            self._db.close()
            raise UsageError(f"{self.path} has no answers: give another journal, or none")
        columns = COLUMNS
        for name in lacks:
            columns = columns.replace(name, f"{'NULL' if LATER[name] == 'INTEGER' else repr('')} AS {name}", 1)
        self._query = f"SELECT {columns} FROM answers WHERE key = ?"

    def _state(self) -> tuple[int, int, int]:
        now = self.path.stat()
        return now.st_mtime_ns, now.st_size, _size(_log(self.path))


def is_journal(path: Path) -> bool:
    """Whether there is a journal, whole or damaged, of this or another version; and not some other program's file."""
    if not path.is_file():
        return False
    try:
        with closing(_reading(path, "mode=ro" if _size(_log(path)) else "immutable=1")) as db:
            return any(name == "finish_reason" for _, name, *_ in db.execute("PRAGMA table_info(answers)"))
    except sqlite3.Error as error:
        return "not a database" not in str(error)


def holds_answers(path: Path) -> bool:
    """Whether the file is a journal with an answer in it. Opens nothing for writing."""
    if not path.exists() or _size(_log(path)):
        return path.exists()  # a log that is not empty: a process was killed, or runs, with answers in it
    try:
        with closing(_reading(path, "immutable=1")) as db:
            return bool(db.execute("SELECT EXISTS (SELECT * FROM answers)").fetchone()[0])
    except sqlite3.Error as error:
        return "no such table" not in str(error)  # damaged, or in use: not to be taken for empty


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """SQLite's errors in the user's words."""
    try:
        yield
    except sqlite3.Error as error:
        raise in_words(error, path) from error


def in_words(error: sqlite3.Error, path: Path) -> SelfinstructError:
    """What happened, and what to do about it."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest tells kinds of I/O errors apart
    if "decode to UTF-8" in str(error):
        code, error = sqlite3.SQLITE_CORRUPT, sqlite3.DatabaseError("a text is not UTF-8")
    match code:
        case sqlite3.SQLITE_CANTOPEN:
            return UsageError(f"cannot open {path}: {'it is a folder' if path.is_dir() else error}")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            advice = "another process holds it: end that one"
        case sqlite3.SQLITE_FULL:
            advice = "make room"
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            advice = "make it writable"
        case sqlite3.SQLITE_NOTADB:
            return UsageError(f"{path} is no journal, or its beginning is lost: {error}; {_mending(path)}")
        case sqlite3.SQLITE_CORRUPT:
            return damaged(path, error)
        case _:
            advice = "mend that"
    return RunStopped(f"cannot use {path}: {error}; {advice}, and run the same command again")


def damaged(path: Path, what: object) -> UsageError:
    return UsageError(f"{path} is damaged: {what}; {_mending(path)}")


def _mending(path: Path) -> str:
    log = _log(path).name
    mending = f"python -m selfinstruct.teachers.journal.mending {path}"
    return f"copied without {log}? copy both; else save what is whole: {mending}"


def _reading(path: Path, how: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, isolation_level=None, timeout=PATIENCE)


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _size(file: Path) -> int:
    """Bytes in it; 0 when it is not there."""
    with suppress(OSError):
        return file.stat().st_size
    return 0


def readable(response: Response) -> Response:
    """As every later run will read it: what no file can hold is replaced, the same way each time."""
    return Response(
        whole(response.text),
        whole(response.finish_reason),
        whole(response.model),
        _count(response.input_tokens),
        _count(response.output_tokens),
        whole(response.error),
        response.cost if response.cost is not None and math.isfinite(response.cost) else None,
        _finite(response.seconds),
        _count(response.attempts) or 0,
        whole(response.thoughts),
        _count(response.cached_tokens),
        _count(response.written_tokens),
        _count(response.thinking_tokens),
        whole(response.tier),
    )


def _count(number: int | None) -> int | None:
    """SQLite's integers have 64 bits; a server that says more has counted nothing."""
    return int(number) if number is not None and -(2**63) <= number < 2**63 else None


def _finite(number: float) -> float:
    return float(number) if math.isfinite(number) else 0.0


def whole(text: str) -> str:
    """The text with halves of characters (lone surrogates, which no file can hold) replaced."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
