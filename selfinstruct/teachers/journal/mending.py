"""Saves what is whole in a damaged journal: python -m selfinstruct.teachers.journal.mending runs/first/journal.db

The damaged file is kept as journal.db.damaged. SQLite's own `.recover` does the same where its command is installed and
was built with it (Debian's 3.40 was not). Rows are found page by page, wherever they are, so it matters little what the
damage hit. A row is whole when its key is the hash of its request and its texts are UTF-8 without NULs, which is what a
page that was never written consists of; answers that are not whole are asked for again.

The format: https://www.sqlite.org/fileformat2.html, sections 1.6, 2.1 and 4.1.
"""

from __future__ import annotations

import hashlib
import sqlite3
import struct
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from selfinstruct.errors import SelfinstructError, UsageError
from selfinstruct.teachers.journal.file import FORGOTTEN, LATER, ORDER, open_file
from selfinstruct.workdir import locked, unwritable

__all__ = ["mended", "rows_in"]

PAGE = 4096  # bytes; SQLite's default since 2016, which journals have
LEAF = 13  # the first byte of a page with rows of a table
TEXTS = [*range(6), *(place for place, name in enumerate(ORDER) if "TEXT" in LATER.get(name, ""))]
"""Places of values that are texts."""
FRAME = 24  # bytes before each page in the write-ahead log, whose own header has 32

Page = Callable[[int], bytes]
"""By its number, from 1; empty when there is none."""


def mended(path: Path) -> int:
    """Put a new journal of all whole answers in the place of a damaged one; returns how many they are. Raises
    UsageError when there is none, when it is in use, or when an earlier damaged one is still beside it."""
    damaged, new = path.with_name(f"{path.name}.damaged"), path.with_name(f"{path.name}.mending")
    if not path.is_file():
        raise UsageError(f"there is no journal at {path}")
    if damaged.exists():
        raise UsageError(f"{damaged} is there already: move it away")
    try:
        with locked(path.parent):
            for left in _parts(new):
                left.unlink(missing_ok=True)
            db, _ = open_file(new)
            with closing(db):
                marks = ", ".join("?" * (len(ORDER) + 1))
                rows = ((number, *row) for number, row in rows_in(path))
                db.execute("BEGIN")
                keep = f"INSERT OR IGNORE INTO answers (rowid, {', '.join(ORDER)}) VALUES ({marks})"
                count = db.executemany(keep, rows).rowcount
                db.execute("COMMIT")
            for old, kept in zip(_parts(path), _parts(damaged), strict=True):
                if old.exists():
                    old.replace(kept)
            new.replace(path)
    except OSError as error:
        raise unwritable(path, error) from None
    return max(count, 0)


def rows_in(path: Path) -> Iterator[tuple[int | None, tuple[Any, ...]]]:
    """Each whole answer in the file and in the log beside it, some of them twice: its number, and its values by ORDER.

    First as SQLite would read them, the log's pages in place of the file's; then the file without the log, which may be
    another journal's.
    """
    content = path.read_bytes()
    log = _logged(_parts(path)[1])
    pages = -(-len(content) // PAGE)

    def page(number: int) -> bytes:
        return content[(number - 1) * PAGE : number * PAGE]

    yield from _rows_on(range(1, max(pages, *log, 0) + 1), lambda number: log.get(number) or page(number))
    if log:
        yield from ((None, row) for _, row in _rows_on(range(1, pages + 1), page))


def _rows_on(numbers: Iterable[int], page: Page) -> Iterator[tuple[int, tuple[Any, ...]]]:
    for number in numbers:
        if (one := page(number)) and one[0] == LEAF and len(one) == PAGE:
            for place in range(min(int.from_bytes(one[3:5]), PAGE // 2)):
                with suppress(IndexError, ValueError, struct.error):  # no cell, or no longer
                    at = int.from_bytes(one[8 + 2 * place : 10 + 2 * place])
                    rowid, payload = _cell(one, at, page)
                    if row := _answer(_values(payload)):
                        yield rowid, row


def _parts(path: Path) -> tuple[Path, Path, Path]:
    return path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")


def _logged(log: Path) -> dict[int, bytes]:
    """The pages of the last whole transactions in the write-ahead log, by number."""
    content = log.read_bytes() if log.exists() else b""
    pages: dict[int, bytes] = {}
    waiting: dict[int, bytes] = {}
    for start in range(32, len(content) - FRAME - PAGE + 1, FRAME + PAGE):
        number, size = struct.unpack(">II", content[start : start + 8])
        if content[start + 8 : start + 16] != content[16:24]:  # of an earlier round
            break
        waiting[number] = content[start + FRAME : start + FRAME + PAGE]
        if size:
            pages |= waiting
            waiting = {}
    return pages


def _cell(page: bytes, at: int, pages: Page) -> tuple[int, bytes]:
    """The number of a row and its record, put together from the pages that it runs over to."""
    size, at = _varint(page, at)
    rowid, at = _varint(page, at)
    if size <= PAGE - 35:
        return rowid, page[at : at + size]
    least = (PAGE - 12) * 32 // 255 - 23
    here = least + (size - least) % (PAGE - 4)
    here = here if here <= PAGE - 35 else least
    parts, left = [page[at : at + here]], size - here
    following = int.from_bytes(page[at + here : at + here + 4])
    while left > 0:
        more = pages(following) if following else b""
        if len(more) < PAGE:
            raise ValueError("it ends nowhere")
        parts.append(more[4 : 4 + left])
        left -= PAGE - 4
        following = int.from_bytes(more[:4])
    return rowid, b"".join(parts)


def _values(record: bytes) -> list[Any]:
    end, at = _varint(record, 0)
    kinds = []
    while at < end:
        kind, at = _varint(record, at)
        kinds.append(kind)
    values: list[Any] = []
    for kind in kinds:
        size = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)[kind] if kind < 10 else (kind - 12) // 2
        part, at = record[at : at + size], at + size
        if len(part) < size or kind in (10, 11):
            raise ValueError("it is cut")
        if kind >= 12:
            values.append(part.decode() if kind % 2 else part)
        elif kind == 7:
            values.append(struct.unpack(">d", part)[0])
        else:
            values.append({0: None, 8: 0, 9: 1}.get(kind, int.from_bytes(part, signed=True)))
    return values


def _answer(values: list[Any]) -> tuple[Any, ...] | None:
    """The row when it is a whole answer. One of an older format, or from before the file became the newest, lacks the
    last values."""
    if len(ORDER) - len(LATER) <= len(values) < len(ORDER):
        values += ["" if "TEXT" in LATER[name] else None for name in ORDER[len(values) :]]
    if len(values) != len(ORDER) or not all(isinstance(values[place], str) for place in TEXTS):
        return None
    key, _, request, text, *_ = values
    whole = hashlib.sha256(request.encode()).hexdigest() == key.partition(FORGOTTEN)[0] and "\0" not in text
    return tuple(values) if whole else None


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that is there, and where the next thing begins."""
    value = 0
    for place in range(8):
        byte = data[at + place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + place + 1
    return value << 8 | data[at + 8], at + 9


def main(paths: list[str]) -> None:
    if len(paths) != 1:
        sys.exit("usage: python -m selfinstruct.teachers.journal.mending JOURNAL.DB")
    path = Path(paths[0])
    try:
        count = mended(path)
    except (SelfinstructError, sqlite3.Error) as error:
        sys.exit(f"mending: {error}")
    print(f"{path}: {count:,} answers are whole; what it was is {path.name}.damaged. Run the same command again")


if __name__ == "__main__":
    main(sys.argv[1:])
