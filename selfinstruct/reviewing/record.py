"""The file of a review: JSON lines that are only ever added to, so that no answer that was given can be lost.

The first line says what is reviewed, the next ones hold the rows that were drawn, all others are what people did. A
line is on the disk before the page is told that it was saved. What a kill tears off counts as never said: the page
has not been told, and sends it again. Several processes may add to one file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selfinstruct.errors import UsageError, quoted
from selfinstruct.reviewing.items import Item
from selfinstruct.task import Task, finite, json_line, task_from_row, task_to_row

try:
    from fcntl import LOCK_EX, LOCK_UN, flock
except ImportError:  # Windows
    flock = None  # type: ignore[assignment]

__all__ = ["Opinion", "Record", "is_record"]

VERSION = 1


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one person says of one item, so far."""

    state: str = "draft"
    """draft, done or skipped. Only what is done counts."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """By question yes, no or unsure; of a pair {"better": "first" | "second" | "tie" | "neither"}."""
    note: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Edited, by the names of the fields."""


NOTHING = Opinion()


class Record:
    """A review as its file has it: `about`, the items, and what everybody says of each."""

    def __init__(self, path: Path) -> None:
        """Read the file. Raises UsageError when there is none, or it is no review's."""
        self.path = path
        self.about: dict[str, Any] = {}
        self.items: list[Item] = []
        self.torn = 0
        """Lines that no process finished."""
        self._end = 0
        self._seen: set[str] = set()
        self._undone: dict[str, int] = {}
        """By event, the item whose last opinion it took back."""
        self._done: dict[str, list[tuple[int, Opinion]]] = {}
        """By person, what was said and not taken back, the last one last."""
        self.last: dict[int, dict[str, int]] = {}
        """By item and person, the number of the line: of two edits the later one counts."""
        self._lines = 0
        self.catch_up()
        if not self.about:
            raise UsageError(f"{path} is no review: give the file that `selfinstruct review` wrote")

    @classmethod
    def begin(cls, path: Path, about: Mapping[str, Any], items: Iterable[Item]) -> Record:
        """A new file. Raises OSError."""
        lines = [json_line({"review": VERSION, **about}), *map(_item_line, items)]
        path.parent.mkdir(parents=True, exist_ok=True)
        _append(path, b"".join(lines), new=True)
        return cls(path)

    def add_items(self, items: Iterable[Item]) -> None:
        """Rows drawn later, when more are wanted. Raises OSError."""
        _append(self.path, b"".join(map(_item_line, items)))
        self.catch_up()

    def say(self, event: str, by: str, item: int, opinion: Opinion, at: str = "") -> None:
        """Keep what somebody says of an item; nothing when this event is known. On the disk when this returns.

        Raises OSError.
        """
        self._add(event, by, at, item=item, state=opinion.state, **_said(opinion))

    def take_back(self, event: str, by: str, at: str = "") -> int | None:
        """Undo the last thing that somebody said; the item it was about, None when there is nothing left."""
        self.catch_up()
        if self._done.get(by):
            self._add(event, by, at, undo=True)
        return self._undone.get(event)

    def _add(self, event: str, by: str, at: str, **what: Any) -> None:
        self.catch_up()
        if event not in self._seen:
            _append(self.path, json_line({"event": event, "by": by, "at": at, **what}))
            self.catch_up()

    def opinion(self, item: int, by: str) -> Opinion:
        """What somebody says of an item now."""
        return next((said for at, said in reversed(self._done.get(by, [])) if at == item), NOTHING)

    def opinions(self) -> dict[int, dict[str, Opinion]]:
        """By item and person, drafts included."""
        found: dict[int, dict[str, Opinion]] = {item.number: {} for item in self.items}
        for by, said in self._done.items():
            for item, opinion in said:
                found[item][by] = opinion
        return found

    def people(self) -> list[str]:
        """Whoever said anything, in that order."""
        return [by for by, said in self._done.items() if said]

    def catch_up(self) -> None:
        """Read what was added since, by this process or by another."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._end)
                added = file.read()
        except FileNotFoundError:
            raise UsageError(f"{self.path} is not there: begin with `selfinstruct review DATA`") from None
        whole = added[: added.rfind(b"\n") + 1]
        self._end += len(whole)
        for line in whole.splitlines():
            self._lines += 1
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            if isinstance(row, dict):
                self._take(row)
            else:
                self.torn += bool(line.strip())

    def _take(self, row: dict[str, Any]) -> None:
        match row:
            case {"review": version}:
                if version != VERSION:
                    raise UsageError(
                        f"{self.path} is a review of version {quoted(version)}: a newer selfinstruct reads it"
                    )
                self.about = self.about or row
            case {"key": str(), "task": dict()}:
                self.items.append(_item(row, len(self.items)))
            case {"event": str(event), "by": str(by)} if event not in self._seen:
                self._seen.add(event)
                said = self._done.setdefault(by, [])
                if row.get("undo"):
                    if said:
                        self._undone[event] = said.pop()[0]
                elif isinstance(number := row.get("item"), int) and 0 <= number < len(self.items):
                    said.append((number, _opinion(row)))
                    self.last.setdefault(number, {})[by] = self._lines


def is_record(path: Path) -> bool:
    """Whether the file is one of these, by its first line."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        first = file.readline(10_000)
    with suppress(ValueError, RecursionError):
        row = json.loads(first)
        return isinstance(row, dict) and "review" in row and "kind" in row
    return False


def _said(opinion: Opinion) -> dict[str, Any]:
    what = {"answers": dict(opinion.answers), "note": opinion.note, "texts": dict(opinion.texts)}
    return {name: value for name, value in what.items() if value}


def _opinion(row: Mapping[str, Any]) -> Opinion:
    return Opinion(
        str(row.get("state", "draft")),
        dict(row.get("answers") or {}),
        str(row.get("note", "")),
        dict(row.get("texts") or {}),
    )


def _item_line(item: Item) -> bytes:
    row: dict[str, Any] = {"key": item.key, "stratum": item.stratum, "instance": item.instance}
    row["task"] = finite(task_to_row(item.task))
    row |= {"reason": item.reason} if item.reason else {}
    return json_line(row | ({"other": finite(task_to_row(item.other))} if item.other else {}))


def _item(row: Mapping[str, Any], number: int) -> Item:
    other: Task | None = task_from_row(row["other"]) if row.get("other") else None
    instance, stratum = int(row.get("instance", 0)), str(row.get("stratum", ""))
    reason = str(row.get("reason", ""))
    return Item(number, str(row["key"]), task_from_row(row["task"]), instance, stratum, other, reason)


def _append(path: Path, lines: bytes, *, new: bool = False) -> None:
    """Lines at the end of the file, on the disk when this returns."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | (os.O_EXCL if new else 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags, 0o666)
    try:
        with _alone(handle):
            size = os.fstat(handle).st_size
            if size and _last_byte(handle, size) != b"\n":  # somebody was killed in the middle of a line
                lines = b"\n" + lines
            left = memoryview(lines)
            while left:
                left = left[os.write(handle, left) :]
            os.fsync(handle)
    finally:
        os.close(handle)


def _last_byte(handle: int, size: int) -> bytes:
    os.lseek(handle, size - 1, os.SEEK_SET)
    return os.read(handle, 1)


@contextmanager
def _alone(handle: int) -> Iterator[None]:
    if flock is None:
        yield
        return
    with suppress(OSError):  # a file system without locks
        flock(handle, LOCK_EX)
    try:
        yield
    finally:
        with suppress(OSError):
            flock(handle, LOCK_UN)
