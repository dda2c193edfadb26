"""The Batch API of one endpoint over HTTP: upload a file, make a batch of it, look how far it is, fetch its results.

Every call is patient with failures that pass. Making a batch is the one that must not be done twice: where it is not
known whether a try came through, the provider's own list is looked through first.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from selfinstruct.errors import TeacherFailed, Transient
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.batching.meaning import TooLarge, told
from selfinstruct.teachers.batching.records import Record
from selfinstruct.teachers.http.endpoint import Endpoint
from selfinstruct.teachers.http.statuses import parsed, said_by

__all__ = ["Provider"]

PAUSE, LONGEST = 1.0, 60.0  # seconds between two tries, at first and at last
PAGES = 50  # of 100 batches each that are looked through for one of ours
BEFORE = 3600.0  # seconds by which the provider's clock may be behind ours
UNSEEN = 60.0  # seconds in which a file that was just uploaded may not be known everywhere
BRIEFLY = 10.0  # seconds for what a run does not need
NOTED = "selfinstruct"  # the name in a batch's metadata
NOWHERE = (404, 405, 410, 501)


class Provider:
    def __init__(
        self,
        endpoint: Endpoint,
        *,
        patience: float,
        sleep: Callable[[float], Awaitable[object]],
        now: Callable[[], float],
    ) -> None:
        self._endpoint, self._patience, self._sleep, self._now = endpoint, patience, sleep, now
        self.where = endpoint.where
        self.clean = endpoint._clean

    # Lines

    def line(self, request: Request) -> tuple[str, bytes]:
        """The path of the API that answers the request, and its line of the file. Raises UsageError."""
        url, body = self._endpoint.line(request)
        row = {"custom_id": request.key, "method": "POST", "url": f"/v1{url}", "body": body}
        return url, json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"

    def outcome(self, request: Request, status: int, body: Any) -> Response | Transient | TeacherFailed:
        """What the status and body of a line mean: what they would have meant live; Transient where the request is put
        in another way from now on."""
        return self._endpoint.outcome(request, status, body)

    # Files and batches

    async def upload(self, record: Record, lines: Iterable[bytes]) -> str:
        """The id of the file with these lines. Raises TooLarge; TeacherFailed where there is no Batch API."""
        mark = f"selfinstruct-{record.name}"
        head = (
            f'--{mark}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
            f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{mark}.jsonl"\r\n'
            "Content-Type: application/jsonl\r\n\r\n"
        )
        form = record.path.with_suffix(".upload")
        try:
            with form.open("wb") as file:
                file.write(head.encode())
                for number, line in enumerate(lines):
                    file.write(line)
                    if not number % 500:
                        await asyncio.sleep(0)
                file.write(f"\r\n--{mark}--\r\n".encode())
            kind = f"multipart/form-data; boundary={mark}"
            row = await self._patiently(partial(self._asked, "POST", "/files", form, kind=kind, first=True))
        finally:
            form.unlink(missing_ok=True)
        return self._id(row, "file")

    async def create(self, record: Record) -> str:
        """The id of the batch of this record's file: made now, or by a try before. Raises QueueFull."""
        body = {
            "input_file_id": record.known["file"],
            "endpoint": f"/v1{record.url}",
            "completion_window": "24h",
            "metadata": {NOTED: record.name},
        }
        tried = False

        async def once() -> dict[str, Any]:
            nonlocal tried
            if tried and (found := await self.find(record)):
                return found
            tried = True
            return await self._asked("POST", "/batches", json.dumps(body).encode(), fresh=record, first=True)

        return self._id(await self._patiently(once), "batch")

    async def find(self, record: Record) -> dict[str, Any] | None:
        """The batch that was made of this record, by its name or its file; None when there is none."""
        path = "/batches?limit=100"
        for _ in range(PAGES):
            page = await self._patiently(partial(self._asked, "GET", path))
            rows = [row for row in page.get("data") or () if isinstance(row, dict)]
            for row in rows:
                notes = row.get("metadata")
                if isinstance(notes, dict) and notes.get(NOTED) == record.name:
                    return row
                if record.known.get("file") and row.get("input_file_id") == record.known["file"]:
                    return row
            oldest = rows[-1].get("created_at") if rows else None
            if not page.get("has_more") or not rows or not isinstance(oldest, int) or oldest < record.at - BEFORE:
                return None
            path = f"/batches?limit=100&after={quote(str(rows[-1].get('id')), safe='')}"
        return None

    async def look(self, id: str) -> dict[str, Any]:
        """The batch as it is now."""
        return await self._patiently(partial(self._asked, "GET", f"/batches/{quote(id, safe='')}"))

    async def cancel(self, id: str) -> None:
        """Have no more of the batch's lines answered, as far as the provider hears it: it may be over already."""
        for _ in range(2):
            try:
                await self._asked("POST", f"/batches/{quote(id, safe='')}/cancel")
            except Transient:
                await self._sleep(PAUSE)
            except TeacherFailed:
                return
            else:
                return

    async def delete(self, record: Record, row: dict[str, Any]) -> None:
        """Delete the batch's files there, now that nobody needs them; what cannot be deleted stays."""
        names = ("input_file_id", "output_file_id", "error_file_id")
        ids = {id: None for id in (record.known.get("file"), *map(row.get, names)) if isinstance(id, str) and id}
        with suppress(TimeoutError):
            async with asyncio.timeout(BRIEFLY):
                for id in ids:
                    with suppress(Transient, TeacherFailed):
                        await self._asked("DELETE", f"/files/{quote(id, safe='')}")

    async def results(self, row: dict[str, Any], beside: Path) -> Iterator[dict[str, Any]]:
        """The lines of the output and the error file, which lie beside the path until all are read."""
        files = []
        for name in ("output", "error"):
            if isinstance(id := row.get(f"{name}_file_id"), str) and id:
                file = beside.with_suffix(f".{name}")
                with file.open("wb") as into:
                    path = f"/files/{quote(id, safe='')}/content"
                    await self._patiently(partial(self._asked, "GET", path, into=into))
                files.append(file)
        return _read(files)

    async def _asked(
        self,
        method: str,
        path: str,
        body: bytes | Path = b"",
        *,
        kind: str = "",
        into: BinaryIO | None = None,
        fresh: Record | None = None,
        first: bool = False,
    ) -> dict[str, Any]:
        """The JSON of one reply. `first`: of a call that shows whether there is a Batch API at all."""
        reply = await self._endpoint._wire.send(method, path, body, kind=kind, into=into)
        if 200 <= reply.status < 300:
            row = {} if into else parsed(reply.content)
            if isinstance(row, dict):
                return row
            raise Transient(f"{self.where}{path.partition('?')[0]} sent no JSON object")
        said = said_by(reply.content, parsed(reply.content))
        if reply.status in NOWHERE and first and "file" not in said.words.lower():
            raise TeacherFailed(f"{self.where} has no Batch API (HTTP {reply.status}): leave --batch out")
        if reply.status == 413:
            raise TooLarge(said.words)
        if first and reply.status in (400, 422, 429) and (passing := told(said.codes, said.words)):
            raise passing
        if fresh and reply.status in (400, 404) and self._now() < fresh.at + UNSEEN:
            raise Transient(f"HTTP {reply.status} from {self.where}: {self.clean(said.words)}")
        if reply.status == 404:
            raise TeacherFailed(
                f"{self.where} does not know {path.split('/')[2]} (HTTP 404), which it was given before: use the key "
                "and --base-url of then; or delete the run's folder batches, and all in it is asked and paid for again"
            )
        outcome = self._endpoint.outcome(Request("", self._endpoint.model), reply.status, parsed(reply.content))
        if isinstance(outcome, Response):
            outcome = TeacherFailed(f"{self.where} refused a batch (HTTP {reply.status}): {self.clean(said.words)}")
        raise outcome

    async def _patiently(self, ask: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        """Asked again after 1, 2, 4 … 60 seconds, or when the server said, until patience ends."""
        began, pause = self._now(), PAUSE
        while True:
            try:
                return await ask()
            except Transient as error:
                wait = max(error.retry_after or 0.0, pause)
                if self._now() + wait > began + self._patience:
                    raise TeacherFailed(
                        f"no answer about a batch for {self._now() - began:.0f} s (last: {error}): check the server "
                        "and run the same command again; what was submitted goes on meanwhile"
                    ) from error
            await self._sleep(wait)
            pause = min(LONGEST, 2 * pause)

    def _id(self, row: dict[str, Any], what: str) -> str:
        if isinstance(id := row.get("id"), str) and id:
            return id
        raise TeacherFailed(f"{self.where} gave a {what} without an id: leave --batch out")


def _read(files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    for path in files:
        try:
            with path.open("rb") as file:
                for line in file:
                    row = parsed(line)
                    if isinstance(row, dict) and isinstance(row.get("custom_id"), str):
                        yield row
        finally:
            path.unlink(missing_ok=True)
