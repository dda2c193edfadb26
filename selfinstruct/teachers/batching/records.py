"""What was submitted, written down before it is sent: a file a batch in the run's folder, gone when all is journaled.

    batches/3f2a….jsonl     {"model": …, "url": …, "at": …}          first, whole or not at all
                            {"step": …, "request": {…}}              a line for each request
                            {"file": "file-…"}, {"batch": "batch_…"} added as they become known

So whoever is killed knows, the next time, which requests may already be paid for and by which batch. The file's name is
the batch's own at the provider, too (metadata), for the moment in which a batch was made and its id not yet heard.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from selfinstruct.teacher import Request
from selfinstruct.workdir import atomic, cannot_write, sweep

__all__ = ["Line", "Record", "Records"]


class Line(NamedTuple):
    """A request that goes into a batch, and the step that asks it."""

    step: str
    request: Request


@dataclass(slots=True)
class Record:
    """One batch of ours."""

    path: Path
    model: str
    url: str
    """The path of the API that its lines are for: "/chat/completions"."""
    at: float
    """When it was written down, seconds since 1970."""
    known: dict[str, str] = field(default_factory=dict)
    """ "file" and "batch": the provider's ids, as far as they have been heard."""

    @property
    def name(self) -> str:
        return self.path.stem

    def learn(self, **ids: str) -> None:
        """Write down the provider's ids."""
        self.known |= ids
        try:
            with self.path.open("ab") as file:
                file.write(_encoded(ids))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise cannot_write(self.path.parent, error.strerror or error) from None

    def lines(self) -> Iterator[Line]:
        """The requests, in order."""
        for row in _rows(self.path):
            if "request" in row:
                yield Line(row["step"], Request.from_json(json.dumps(row["request"])))

    def forget(self) -> None:
        """All of its answers are in the journal, or it never was sent."""
        with suppress(OSError):
            self.path.unlink()
            self.path.parent.rmdir()  # when it was the last


class Records:
    """The batches of one run that are not yet in its journal."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, model: str, url: str, at: float, lines: Sequence[Line]) -> Record:
        """Write down what is about to be sent. Raises RunStopped when the disk is full."""
        record = Record(self.folder / f"{secrets.token_hex(8)}.jsonl", model, url, at)
        try:
            self.folder.mkdir(exist_ok=True)
            with atomic(record.path) as file:
                file.write(_encoded({"model": model, "url": url, "at": at}))
                for step, request in lines:
                    file.write(_encoded({"step": step, "request": json.loads(request.to_json())}))
        except OSError as error:
            raise cannot_write(self.folder, error.strerror or error) from None
        return record

    def there(self) -> list[Record]:
        """Those that earlier processes left, the oldest first."""
        if not self.folder.is_dir():
            return []
        sweep(self.folder)
        return sorted(filter(None, map(_record, self.folder.glob("*.jsonl"))), key=lambda record: record.at)


def _record(path: Path) -> Record | None:
    """None for a file that is no record of ours."""
    found: Record | None = None
    for row in _rows(path):
        if found is None:
            if not {"model", "url", "at"} <= row.keys():
                return None
            found = Record(path, row["model"], row["url"], row["at"])
        found.known |= {name: row[name] for name in ("file", "batch") if isinstance(row.get(name), str)}
    return found


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        for line in file:
            try:
                row = json.loads(line)
            except ValueError:  # torn by a power cut
                continue
            if isinstance(row, dict):
                yield row


def _encoded(row: dict[str, Any]) -> bytes:
    # As ASCII: half a character in somebody's seeds is a part of the request, and of its key.
    return json.dumps(row, separators=(",", ":")).encode() + b"\n"
