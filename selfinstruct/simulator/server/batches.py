"""Batches, as the Batch API has them: upload lines of requests, come back for a file of answers.

Everything is in memory and gone when the server stops. A line that is no request at all fails the batch before it
begins, with its number, as does a batch that is too large. A request that is refused is a line of the error file, and
so is one whose turn had not come when the batch expired or was cancelled.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from selfinstruct.errors import UsageError
from selfinstruct.simulator.server.files import Files, page
from selfinstruct.simulator.server.protocol import Refused, encoded, read_json

__all__ = ["Batches", "Rules"]

PATHS = {"/v1/chat/completions": "chat", "/v1/completions": "completions", "/v1/responses": "responses"}
MOST_ERRORS = 100  # lines named when a batch fails
OVER = ("cancelled", "completed", "expired", "failed")
UNDONE = {
    "expired": "The completion window ended before this request had its turn",
    "cancelled": "The batch was cancelled before this request had its turn",
}

Answer = Callable[[str, dict[str, Any]], Awaitable[tuple[int, dict[str, Any]]]]
"""From an API and a body to a status and a body."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a batch may be; OpenAI's own limits but for the third, which each account has its own of."""

    lines: int = 50_000
    bytes: int = 200_000_000
    enqueued: int | None = None
    """Tokens, as a quarter of the characters, of all batches of one model that are not over."""
    window: float = 86_400.0
    """Seconds until a batch expires."""
    delay: float = 0.0
    """Seconds that a batch takes, one line after the other."""
    failures: float = 0.0
    """Of the batches: fail as a whole before they begin."""
    seed: int = 0
    """Of the failures."""

    def __post_init__(self) -> None:
        for name, least in (("delay", 0.0), ("window", 1.0)):
            value = getattr(self, name)
            if not least <= value < math.inf:
                option = "expiry" if name == "window" else name
                raise UsageError(f"--batch-{option} is {value:g}: give seconds, {least:g} or more")
        if self.enqueued is not None and self.enqueued < 1:
            raise UsageError(f"--batch-queue is {self.enqueued}: give at least 1 token, or leave it out for no limit")
        if not 0 <= self.failures <= 1:
            raise UsageError(f"--batch-failures is {self.failures:g}: give a share of the batches, from 0 to 1")


@dataclass(frozen=True, slots=True)
class _Line:
    custom_id: str
    body: dict[str, Any]


class _Broken(Exception):
    """A line that is no request."""

    def __init__(self, code: str, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.code, self.param = code, param


class Batches:
    def __init__(
        self,
        answer: Answer,
        begin: Callable[[], Awaitable[None]],
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        rules: Rules = Rules(),
    ) -> None:
        """`begin` is awaited once a batch, before its first answer: what it takes until a server gets to it."""
        self._answer, self._begin, self._now, self._sleep, self._rules = answer, begin, now, sleep, rules
        self._waiting: dict[str, tuple[str, int]] = {}
        """By batch, its model and tokens: of those that are not over."""
        self.files = Files(now)
        self._batches: dict[str, dict[str, Any]] = {}
        self._made = 0
        self._tasks = set[asyncio.Task[None]]()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def create(self, row: dict[str, Any]) -> dict[str, Any]:
        """Start a batch; it goes on in the background. Raises Refused."""
        path, given, notes = row.get("endpoint"), row.get("input_file_id"), row.get("metadata")
        if not isinstance(path, str) or path not in PATHS:
            raise Refused(400, f"'endpoint' has to be one of {', '.join(PATHS)}", param="endpoint")
        if row.get("completion_window") != "24h":
            raise Refused(400, "'completion_window' has to be '24h'", param="completion_window")
        if notes is not None and not isinstance(notes, dict):
            raise Refused(400, "'metadata' has to be an object", param="metadata")
        if not isinstance(given, str) or given not in self.files:
            raise Refused(400, f"No such File object: {given}", param="input_file_id")
        file = self.files.one(given)
        if file.row["purpose"] != "batch":
            raise Refused(400, f"The file {given} was not uploaded with the purpose 'batch'", param="input_file_id")
        batch = self._new_batch(path, given, notes)
        self._batches[batch["id"]] = batch
        task = asyncio.create_task(self._work(batch, file.content))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return batch

    def batches(self, query: Mapping[str, str]) -> dict[str, Any]:
        return page(list(self._batches.values())[::-1], query, 100)

    def batch(self, id: str) -> dict[str, Any]:
        if id not in self._batches:
            raise Refused(404, f"No such Batch object: {id}", param="id")
        return self._batches[id]

    def cancel(self, id: str) -> dict[str, Any]:
        batch = self.batch(id)
        if batch["status"] in OVER:
            raise Refused(409, f"The batch {id} is over: its status is '{batch['status']}'")
        self._enter(batch, "cancelling")
        return batch

    def _new_batch(self, path: str, given: str, notes: dict[str, Any] | None) -> dict[str, Any]:
        now = int(self._now())
        times = ("in_progress", "finalizing", "completed", "failed", "expired", "cancelling", "cancelled")
        return {
            "id": self._id(given),
            "object": "batch",
            "endpoint": path,
            "errors": None,
            "input_file_id": given,
            "completion_window": "24h",
            "status": "validating",
            "output_file_id": None,
            "error_file_id": None,
            "created_at": now,
            "expires_at": now + int(self._rules.window),
            **{f"{name}_at": None for name in times},
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
            "metadata": notes,
        }

    def _id(self, given: str) -> str:
        """Told apart by how many were made before, so that the same session has the same ids."""
        self._made += 1
        return "batch_" + hashlib.sha256(f"{self._made}/{given}".encode()).hexdigest()[:24]

    def _enter(self, batch: dict[str, Any], status: str) -> None:
        batch["status"] = status
        batch[f"{status}_at"] = int(self._now())

    async def _work(self, batch: dict[str, Any], content: bytes) -> None:
        lines, errors = await _read(content, batch["endpoint"], self._rules)
        if errors or (errors := self._failure(batch) or self._too_many(batch["id"], lines)):
            batch["errors"] = {"object": "list", "data": errors[:MOST_ERRORS]}
            self._enter(batch, "failed")
            return
        batch["request_counts"]["total"] = len(lines)
        if batch["status"] == "validating":
            self._enter(batch, "in_progress")
        await self._begin()
        good, bad, end = await self._answers(batch, lines)
        del self._waiting[batch["id"]]
        if end == "completed":
            self._enter(batch, "finalizing")
        for name, found in (("output", good), ("error", bad)):
            if found:
                file = self.files.add(f"{batch['id']}_{name}.jsonl", b"".join(found), "batch_output")
                batch[f"{name}_file_id"] = file["id"]
        self._enter(batch, end)

    def _failure(self, batch: dict[str, Any]) -> list[dict[str, Any]]:
        """Now and then, by the rules' rate."""
        if Random(f"{self._rules.seed}/{batch['id']}").random() >= self._rules.failures:
            return []
        words = "The batch could not be processed: an internal error occurred"
        return [{"code": "internal_error", "line": None, "message": words, "param": None}]

    def _too_many(self, id: str, lines: list[_Line]) -> list[dict[str, Any]]:
        """Where the model's batches that are not over, with this one, are more than may wait."""
        model = str(lines[0].body.get("model"))
        tokens = sum(len(encoded(line.body)) for line in lines) // 4
        others = sum(count for name, count in self._waiting.values() if name == model)
        most = self._rules.enqueued
        if most is not None and others + tokens > most:
            words = f"Enqueued token limit reached for {model}. Limit: {most:,} enqueued tokens. Wait for other batches"
            return [{"code": "token_limit_exceeded", "line": None, "message": words, "param": None}]
        self._waiting[id] = (model, tokens)
        return []

    async def _answers(self, batch: dict[str, Any], lines: Iterable[_Line]) -> tuple[list[bytes], list[bytes], str]:
        """The lines of the output file and those of the error file, and how it ended."""
        good, bad, counts, end = list[bytes](), list[bytes](), batch["request_counts"], "completed"
        for number, line in enumerate(lines):
            await asyncio.sleep(0)  # whoever is at the door goes first
            if batch["status"] == "cancelling":
                end = "cancelled"
            elif end == "completed" and self._now() >= batch["created_at"] + self._rules.window:
                end = "expired"
            name = f"{batch['id'].removeprefix('batch_')}_{number}"
            row: dict[str, Any] = {"id": f"batch_req_{name}", "custom_id": line.custom_id}
            status = 0
            if end == "completed":
                if self._rules.delay:
                    await self._sleep(self._rules.delay / batch["request_counts"]["total"])
                status, body = await self._answer(PATHS[batch["endpoint"]], line.body)
                said = {"status_code": status, "request_id": f"req_{name}", "body": body}
                row |= {"response": said, "error": None}
            else:
                row |= {"response": None, "error": {"code": f"batch_{end}", "message": UNDONE[end]}}
            (good if status == 200 else bad).append(encoded(row) + b"\n")
            counts["completed" if status == 200 else "failed"] += 1
        if batch["status"] == "cancelling":
            end = "cancelled"
        return good, bad, end


async def _read(content: bytes, path: str, rules: Rules) -> tuple[list[_Line], list[dict[str, Any]]]:
    """The requests in the file, and what is wrong with the lines that are none."""
    lines, errors, ids = list[_Line](), list[dict[str, Any]](), set[str]()
    texts = [(number, text) for number, text in enumerate(content.split(b"\n"), 1) if text.strip()]
    code = words = ""
    if not texts or len(texts) > rules.lines:
        code, words = "invalid_request_count", f"The file has {len(texts):,} requests; a batch has 1 to {rules.lines:,}"
    elif len(content) > rules.bytes:
        code, words = "file_too_large", f"The file has {len(content):,} bytes; a batch has at most {rules.bytes:,}"
    if code:
        return [], [{"code": code, "line": None, "message": words, "param": None}]
    for number, text in texts:
        await asyncio.sleep(0)
        try:
            line = _line(text, path, ids, lines)
        except _Broken as error:
            errors.append({"code": error.code, "line": number, "message": str(error), "param": error.param})
        else:
            ids.add(line.custom_id)
            lines.append(line)
    return lines, errors


def _line(text: bytes, path: str, ids: set[str], before: list[_Line]) -> _Line:
    try:
        row = read_json(text)
    except Refused:
        raise _Broken("invalid_json_line", "This line is no valid JSON object") from None
    kinds = {"custom_id": str, "method": str, "url": str, "body": dict}
    for name, kind in kinds.items():
        if not isinstance(row.get(name), kind):
            code = "invalid_type" if name in row else "missing_required_parameter"
            raise _Broken(code, f"'{name}' has to be {'an object' if kind is dict else 'a text'}", name)
    if row["custom_id"] in ids:
        raise _Broken("duplicate_custom_id", f"The custom_id {row['custom_id']!r} is on an earlier line", "custom_id")
    if row["method"] != "POST":
        raise _Broken("invalid_method", "'method' has to be 'POST'", "method")
    if row["url"] != path:
        raise _Broken("invalid_url", f"'url' has to be the batch's own endpoint, {path}", "url")
    if before and row["body"].get("model") != before[0].body.get("model"):
        raise _Broken("mismatched_model", "All requests of a batch ask the same model", "body.model")
    return _Line(row["custom_id"], row["body"])
