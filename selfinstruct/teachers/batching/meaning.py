"""What a provider says about a batch and its lines, as data: pure, from its JSON."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from selfinstruct.errors import TeacherFailed, Transient

__all__ = ["OVER", "QueueFull", "TooLarge", "counts", "failure", "is_over", "reply_of", "told"]

OVER = ("cancelled", "canceled", "completed", "ended", "expired", "failed")

# OpenAI's code token_limit_exceeded: "Enqueued token limit reached for gpt-4o in organization …. Limit: 90,000 enqueued
# tokens. Please try again once some in_progress batches have been completed." LiteLLM and Gemini: "enqueued tokens".
QUEUE = re.compile(r"token_limit_exceeded|enqueued[ _-]?tokens?\b|too[ _]many[ _](active |enqueued )?batch", re.I)
LIMIT = re.compile(r"limit\W{1,3}([0-9][0-9,._ ]*)", re.I)
# Azure "too_many_tasks", OpenAI "invalid_request_count" and "file_too_large"; and HTTP 413.
LARGE = re.compile(
    r"too[_ ]many[_ ](tasks|lines|requests[_ ]in)|invalid_request_count|too[_ ]large|max\w* (file )?size|size limit",
    re.I,
)
MODEL = re.compile(r"model_not_(found|supported)|\bmodel\b.{0,60}(n't|\bnot\b|unsupported|unavailable)", re.I)


class QueueFull(Exception):
    """The provider holds no more tokens of waiting batches; of all of them together, so it passes."""

    def __init__(self, words: str, limit: int | None) -> None:
        super().__init__(words)
        self.limit = limit
        """Tokens, where it said how many."""


class TooLarge(Exception):
    """The provider takes smaller files."""


def is_over(row: dict[str, Any]) -> bool:
    return str(row.get("status")).lower() in OVER


def counts(row: dict[str, Any]) -> tuple[int, int]:
    """How many lines are done, and how many of those failed."""
    found = row.get("request_counts")
    numbers = found if isinstance(found, dict) else {}
    done, failed = (numbers.get(name) for name in ("completed", "failed"))
    failed = failed if isinstance(failed, int) else 0
    return (done if isinstance(done, int) else 0) + failed, failed


def told(codes: str, words: str) -> QueueFull | TooLarge | None:
    """What a refusal is about, where smaller or later batches help."""
    text = f"{codes} {words}"[:2000]
    if QUEUE.search(text):
        limit = LIMIT.search(text)
        digits = re.sub(r"\D", "", limit[1]) if limit else ""
        return QueueFull(words, int(digits[:15]) if digits else None)
    return TooLarge(words) if LARGE.search(text) else None


def failure(row: dict[str, Any], where: str, clean: Callable[[str], str]) -> QueueFull | TooLarge | TeacherFailed:
    """Why a batch failed before it began."""
    errors = row.get("errors")
    data = errors.get("data") if isinstance(errors, dict) else errors
    first = data[0] if isinstance(data, list) and data else {}
    first = first if isinstance(first, dict) else {"message": str(first)}
    code, words = str(first.get("code") or ""), str(first.get("message") or "it does not say why")
    if passing := told(code, words):
        return passing
    line = f", line {first['line']}" if isinstance(first.get("line"), int) else ""
    said = ": ".join(filter(None, (clean(code), clean(words))))
    hint = "this model may not be had by batch" if MODEL.search(f"{code} {words}") else "mend that"
    return TeacherFailed(f"{where} refused the whole batch ({said}{line}): {hint}, or leave --batch out")


def reply_of(row: dict[str, Any]) -> tuple[int, Any] | Transient:
    """The status and body of a line of results; Transient for one that has none, since it expired, was cancelled, or
    was never answered (status 0)."""
    response, error = row.get("response"), row.get("error")
    if isinstance(response, dict) and isinstance(status := response.get("status_code"), int) and status >= 100:
        return status, response.get("body")
    said = error if isinstance(error, dict) else {}
    code, words = said.get("code") or "no answer", said.get("message") or "the batch ended without one"
    return Transient(f"{code}: {words}")
