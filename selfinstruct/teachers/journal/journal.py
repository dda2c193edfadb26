"""Every answer that was paid for, in one SQLite file, before anybody sees it. Running again replays it for free.

journal = Journal("runs/first/journal.db")
teacher = journal.teacher(budget, step="propose")

What comes in one turn of the event loop is committed together, in the next: a transaction costs more than a row. A
process that is killed between the two, well under a millisecond, loses those answers; nobody has seen them.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from functools import partial
from os import PathLike
from pathlib import Path

from selfinstruct.errors import SelfinstructError
from selfinstruct.teacher import Request, Response, Teacher
from selfinstruct.teachers.journal.file import (
    COLUMNS,
    FORGOTTEN,
    RESPONSE,
    Elsewhere,
    damaged,
    open_file,
    readable,
    translated,
    whole,
)
from selfinstruct.teachers.journal.group import Asked, Group, Row, write

__all__ = ["Journal"]

KNOWN = f"SELECT {RESPONSE}, request FROM answers WHERE key = ?"
COST = COLUMNS.split(", ").index("cost")
ATTEMPTS = COLUMNS.split(", ").index("attempts")
FORGET = (
    f"UPDATE answers SET key = key || '{FORGOTTEN}' || rowid "
    f"WHERE step = ? AND finish_reason = ? AND instr(key, '{FORGOTTEN}') = 0"
)
TAKE = (
    f"INSERT INTO answers ({COLUMNS}) SELECT {COLUMNS} FROM other.answers WHERE true ORDER BY rowid "
    "ON CONFLICT (key) DO NOTHING"
)
TAKE_SENT = (
    "INSERT INTO sent (number, key, given, written, dollars, at) "
    "SELECT ? + row_number() OVER (ORDER BY number), key, given, written, dollars, at FROM other.sent AS theirs "
    "WHERE NOT EXISTS (SELECT * FROM sent AS ours WHERE (ours.key, ours.at) = (theirs.key, theirs.at))"
)


class Journal:
    def __init__(
        self,
        path: str | PathLike[str],
        clock: Callable[[], float] = time.time,
        also: str | PathLike[str] | None = None,
    ) -> None:
        """`also` is another journal, or the folder of its run: answers that this one lacks are copied from there when
        they are asked for. Raises UsageError when there is none, and for a file that is no journal."""
        self.path = Path(path)
        self._clock = clock
        self._asking: dict[str, Asked] = {}
        self._group = Group()
        self._due = False
        self._unsaved: list[Row] = []
        """Of transactions that failed: their askers know it."""
        other = Path(also) if also is not None else None
        elsewhere = other and other.resolve() not in (self.path.resolve(), self.path.parent.resolve())
        self._also = Elsewhere(other) if other and elsewhere else None
        self._unwanted: set[tuple[str, str]] = set()
        self._always_costs = False
        """Whether the file is of a format that knows nothing of costs that are not known."""
        try:
            self._db, self._number = open_file(self.path)
            with translated(self.path):
                columns = self._db.execute("PRAGMA table_info(answers)")
                self._always_costs = any(name == "cost" and needed for _, name, _, needed, *_ in columns)
        except BaseException:
            if self._also:
                self._also.close()
            raise

    # Answers

    def teacher(self, inner: Teacher, step: str) -> Teacher:
        """`inner`, asked only what the journal does not know. Its answers are committed before they are returned."""

        async def ask(request: Request, /) -> Response:
            key = request.key
            asked = self._asking.get(key)
            if asked is None:
                if known := self._known(key, request):
                    return known
                asked = self._copied(key, request)
                if asked is None:
                    # A task of its own: an answer that was paid for is journaled even when its asker is cancelled.
                    call = asyncio.create_task(inner(request))
                    asked = Asked(request, call)
                    call.add_done_callback(partial(self._came, asked, step))
                self._asking[key] = asked
            answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
            asked.waiting.append(answer)
            return await answer

        return ask

    async def drain(self) -> None:
        """Wait until what is on the wire has come, and is journaled or has failed."""
        while True:
            if calls := [asked.call for asked in self._asking.values() if asked.call]:
                await asyncio.wait(calls)
            await asyncio.sleep(0)  # for their callbacks, which make the group
            self._commit()
            # Not "until nobody is asked": a second Ctrl-C may have hit the callback that says so.
            if all(asked.call is None or asked.call.done() for asked in self._asking.values()):
                return

    def cancel(self) -> None:
        """Drop what is on the wire; `drain` waits until it is gone."""
        for asked in self._asking.values():
            if asked.call:
                asked.call.cancel()

    def close(self) -> None:
        """Close the file. `drain` first. What a transaction that failed has left is tried once more, row by row: when
        the disk has room again nothing is lost, and else as little as can be."""
        self._commit()
        try:
            for row in self._unsaved:
                write(self._db, Group([row]), self.path)
        except (SelfinstructError, sqlite3.Error):
            pass  # as those who asked were told
        finally:
            self._db.close()
            if self._also:
                self._also.close()

    def responses(self) -> Iterator[tuple[Request, Response]]:
        """Every answer with its request, in the order in which they came; but those that another journal paid for."""
        with translated(self.path):
            for request, *response in self._db.execute(
                f"SELECT request, {RESPONSE} FROM answers WHERE attempts ORDER BY rowid"
            ):
                yield Request.from_json(request), Response(*response)

    def took(self, request: Request) -> bool:
        """Whether a request with these parameters was answered by this model before."""
        with translated(self.path):
            asked = self._db.execute(
                "SELECT request FROM answers WHERE finish_reason IN ('stop', 'length') ORDER BY rowid DESC LIMIT 1000"
            )
            rows = (Request.from_json(row) for (row,) in asked)
            return any((row.model, row.params) == (request.model, request.params) for row in rows)

    @property
    def has_answers(self) -> bool:
        with translated(self.path):
            return bool(self._db.execute("SELECT EXISTS (SELECT * FROM answers)").fetchone()[0])

    def has(self, key: str) -> bool:
        """Whether the answer to the request with this key is safe."""
        with translated(self.path):
            return self._db.execute("SELECT 1 FROM answers WHERE key = ?", (key,)).fetchone() is not None

    def keep(self, answers: Iterable[tuple[str, Request, Response]], keys: Iterable[str]) -> None:
        """Commit answers that nobody here asked for, each with its step; and settle all attempts of the requests with
        these keys: they were answered, or are known to be not billed."""
        rows = [self._row(step, request, readable(response)) for step, request, response in answers]
        write(self._db, Group(rows), self.path)
        with translated(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("DELETE FROM sent WHERE key = ?", [(key,) for key in keys])
            self._db.execute("COMMIT")

    def take(self, others: Iterable[str | PathLike[str]]) -> None:
        """All answers of these journals, with what they cost, and the attempts that nobody settled there. Taken twice
        they are there once. Raises UsageError for what is no journal.
        """
        for other in map(Path, others):
            db, _ = open_file(other)  # which brings an old one up to date
            db.close()
            with translated(other):
                self._db.execute("ATTACH ? AS other", (str(other),))
                try:
                    self._db.execute("BEGIN IMMEDIATE")
                    self._db.execute(TAKE)
                    self._db.execute(TAKE_SENT, (self._number,))
                    self._db.execute("COMMIT")
                    (self._number,) = self._db.execute("SELECT ifnull(max(number), 0) FROM sent").fetchone()
                finally:
                    self._db.execute("DETACH other")

    def forget(self, finish_reasons: Collection[str], steps: Collection[str]) -> int:
        """No longer know what these steps were answered with one of the reasons ("declined", "too_large" …): it is
        asked again. Returns how many there were. They are not taken from the other journal, either.

        What they cost stays counted: their rows are kept, under keys that no request has.
        """
        self._unwanted = {(step, reason) for step in steps for reason in finish_reasons}
        with translated(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            count: int = self._db.executemany(FORGET, sorted(self._unwanted)).rowcount
            self._db.execute("COMMIT")
        return max(count, 0)

    # Attempts on the wire, for whoever counts what may have been billed

    def sent(self, key: str, given: int, written: int, dollars: float) -> int:
        """Note that an attempt goes on the wire now, with the tokens and dollars expected; returns its number.

        It is committed with the next group. A process that is killed before that, within well under a millisecond, has
        forgotten the attempt.
        """
        self._number = number = self._number + 1  # from the last one in the file
        self._group.sent[number] = (number, key, given, written, dollars, self._clock())
        self._soon()
        return number

    def settled(self, number: int) -> None:
        """The attempt was answered, or is known to be not billed. Where an answer is returned right after this call,
        without waiting for anything, both are in one transaction."""
        # In the next turn, where an answer that is returned now comes, too: before or after it a group may be written.
        asyncio.get_running_loop().call_soon(self._settle, number)

    def lost(self) -> Iterator[tuple[int, int, float]]:
        """Tokens read and written and dollars expected of each attempt that nobody settled: lost to a kill, a time-out
        or a connection. Those that are on the wire now are among them."""
        self._commit()
        with translated(self.path):
            yield from self._db.execute("SELECT given, written, dollars FROM sent ORDER BY number")

    # The transaction

    def _known(self, key: str, request: Request) -> Response | None:
        try:
            row = self._db.execute(KNOWN, (key,)).fetchone()
        except sqlite3.Error:
            with translated(self.path):
                raise
        if row is None:
            return None
        *response, answered = row
        self._check(answered, request, self.path)
        return Response(*response)

    def _check(self, answered: str, request: Request, path: Path) -> None:
        """In a damaged file, or beside another's log, the index may lead to another row."""
        if answered != whole(request.to_json()):
            raise damaged(path, f"the answer to {request.id} belongs to another request")

    def _copied(self, key: str, request: Request) -> Asked | None:
        """The other journal's answer, when it has one; it is in the next group."""
        row = self._also.row(key) if self._also else None
        if self._also is None or row is None:
            return None
        self._check(row[2], request, self._also.path)
        answer = replace(Response(*row[3:-1]), attempts=0)  # none: it was paid for elsewhere
        if (row[1], answer.finish_reason) in self._unwanted:
            return None
        row = (*row[:COST], row[COST] or 0.0, *row[COST + 1 :])
        self._group.rows.append((*row[:ATTEMPTS], 0, *row[ATTEMPTS + 1 :]))
        self._soon()
        return Asked(request, response=answer)

    def _came(self, asked: Asked, step: str, call: asyncio.Task[Response]) -> None:
        request = asked.request
        if call.cancelled():
            self._end(request.key, asyncio.CancelledError())
        elif error := call.exception():
            self._end(request.key, error)
        else:
            asked.response = readable(call.result())
            self._group.rows.append(self._row(step, request, asked.response))
            self._soon()

    def _row(self, step: str, request: Request, response: Response) -> Row:
        if response.cost is None and self._always_costs:
            response = replace(response, cost=0.0)
        values = (getattr(response, name) for name in RESPONSE.split(", "))
        return (request.key, step, whole(request.to_json()), *values, self._clock())

    def _settle(self, number: int) -> None:
        if not self._group.sent.pop(number, None):  # else it was never written
            self._group.settled.append(number)
            self._soon()

    def _soon(self) -> None:
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._commit)

    def _commit(self) -> None:
        """Write the group, and tell those who wait for it."""
        self._due = False
        group, self._group = self._group, Group()
        if not (group.rows or group.sent or group.settled):
            return
        error: BaseException | None = None
        try:
            if write(self._db, group, self.path) < len(
                group.rows
            ):  # another process had one of the answers first: that one counts
                for asked in (self._asking[row[0]] for row in group.rows):
                    asked.response = self._known(asked.request.key, asked.request)
        except BaseException as raised:  # Ctrl-C, too: nobody may wait for ever
            error = raised
            self._unsaved += group.rows
            # Nobody waits for these: with the next group, whose answers tell what is wrong.
            self._group.sent, self._group.settled = group.sent, group.settled
        for row in group.rows:
            self._end(row[0], error)
        if error and not isinstance(error, Exception):
            raise error

    def _end(self, key: str, error: BaseException | None) -> None:
        self._asking.pop(key).end(error)
