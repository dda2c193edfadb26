"""What HTTP errors mean: for this request, for the run, or only for now. Pure, from a reply.

No two servers say it alike; the tables below hold what each is known to say, and are looked for only in the codes and
words of an error, never in the prompt that some servers repeat beside them.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from selfinstruct.errors import Declined, TeacherFailed, Transient, quoted
from selfinstruct.teacher import Response
from selfinstruct.teachers.http.headers import limits_of, wait_of
from selfinstruct.teachers.http.wire import Reply

__all__ = ["CONTEXT", "ERRORS", "UNSUPPORTED", "Said", "meaning", "parsed", "said_by"]

# Context: OpenAI and vLLM "maximum context length", llama.cpp "exceed_context_size", "context window", Ollama "prompt
# too long", TGI "`inputs` tokens", Gemini.
CONTEXT = re.compile(
    r"context[ _](length|limit|size|window)|max\w{0,20} model length|prompt (\([^()]{0,40}\) )?(is )?too long"
    r"|`inputs` tokens|token count \S{0,20} ?exceeds|max_tokens must be at least 1, got -",
    re.IGNORECASE,
)
# Azure "content management policy", OpenAI "usage policy" and "flagged", DashScope, DeepSeek, Zhipu.
FILTER = re.compile(
    r"content[ _](filter|management|moderation|policy)|responsible ?ai|usage polic|safety system|flagged"
    r"|data_inspection_failed|inappropriate content|content exists risk|敏感内容",
    re.IGNORECASE,
)
UNSUPPORTED = re.compile(
    r"unsupported|not support|unrecognized|unknown|unexpected|extra_forbidden|extra inputs|not (permitted|allowed)",
    re.IGNORECASE,
)
# What a 403 says that is about who asks, and not about what is asked.
KEY = re.compile(
    r"api[ _-]?key|\bkey\b|credential|unauthori[sz]ed|authenticat|access token|not allowed to sample", re.I
)

DECLINED = (400, 403, 413, 422)
PASSING = (408, 409, 429)  # and 500 and above
WAITS = ("retryDelay", "retry_after", "retryAfter", "retry_after_seconds")
ERRORS = range(400, 600)


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """The codes and the words of an error's body. No repr: it may hold a key."""

    codes: str
    words: str
    wait: str = ""
    """What a field of the body says about waiting: "34s"."""

    def __str__(self) -> str:
        return f"{self.codes} {self.words}"


def meaning(
    reply: Reply, said: Said, *, model: str, where: str, blamed: str, clean: Callable[[str], str], now: float
) -> Response | Transient | TeacherFailed:
    """What an HTTP error means: an empty Response (never for this prompt), or the exception to raise.

    `blamed` is what was sent to say who asks: "the key in OPENAI_API_KEY", "the login in the base URL" or nothing.
    """
    status, text, words = reply.status, str(said), clean(said.words) or clean(reply.reason)
    if status in (400, 413, 422, 500) and CONTEXT.search(text):  # 500: llama-cpp-python
        return Response("", "context_length", model)
    if status in (400, 403, 422) and FILTER.search(text):
        return Response("", "content_filter", model)
    if status in (401, 403):
        return _forbidden(status, text, words, where, blamed)
    if "insufficient_quota" in text:
        return TeacherFailed(f"the account at {where} has nothing left to spend: {words}")
    if status in PASSING or status >= 500:
        wait = wait_of(reply.headers, status, f"{said.wait} {said.words}"[:2000], now)
        limited = status == 429 or (status in (503, 529) and wait is not None)
        limits = limits_of(reply.headers, now)
        return Transient(f"HTTP {status} from {where}: {words}", wait, limited=limited, limits=limits)
    if 300 <= status < 400:
        there = clean(reply.headers.get("location", "").partition("?")[0]) or "nowhere"
        return TeacherFailed(f"{where} sends us on to {there} (HTTP {status}): give that address as --base-url")
    if status == 404:
        hint = "check --model and --base-url, which mostly ends in /v1"
        return TeacherFailed(f"the server at {where} has no model {quoted(model)}: {words}; {hint}")
    unsupported = status in (400, 422) and UNSUPPORTED.search(text)
    hint = "; set that parameter to null in the recipe" if unsupported else ""
    message = f"the server at {where} refused the request (HTTP {status}): {words}{hint}"
    return Declined(message, f"HTTP {status}: {words}") if status in DECLINED else TeacherFailed(message)


def _forbidden(status: int, text: str, words: str, where: str, blamed: str) -> TeacherFailed:
    """Without the body where that is about the key: some servers echo it, or the half of it."""
    if blamed:
        message = f"the server at {where} refused {blamed} (HTTP {status})"
    else:
        message = f"the server at {where} wants a key (HTTP {status}): set OPENAI_API_KEY"
    if status == 401 or KEY.search(text):
        return TeacherFailed(message)
    return Declined(f"{message}: {words}" if words else message, f"HTTP {status}: {words}")


def parsed(content: bytes) -> Any:
    """The JSON of a body; None when it is none."""
    try:
        return json.loads(content)
    except RecursionError:
        return None
    except ValueError:
        pass
    try:  # a number of more than 4,300 digits, which Python refuses to read as an int
        return json.loads(content, parse_int=float)
    except (ValueError, RecursionError):
        return None


def said_by(content: bytes, row: Any) -> Said:
    """What an error's body says, `row` being its JSON. Not all of the body: some servers repeat the prompt in it."""
    if isinstance(row, list) and len(row) == 1:  # Gemini's
        row = row[0]
    if not isinstance(row, dict):
        return Said("", row if isinstance(row, str) else _page(content.decode("utf-8", "replace")))
    error = row.get("error", row)
    if not isinstance(error, dict):
        return Said(str(row.get("error_type", "")), str(error), _wait(row))
    codes = [error.get("code"), error.get("type"), error.get("param"), error.get("status")]
    if isinstance(inner := error.get("innererror"), dict):  # Azure's
        codes.append(inner.get("code"))
    words = error.get("message") or error.get("detail") or ""
    if isinstance(words, list):  # a validator's: where and what, without the input
        parts = [part for part in words if isinstance(part, dict)]
        words = "; ".join(f"{part.get('loc')} {part.get('msg')} ({part.get('type')})" for part in parts)
    return Said(" ".join(str(code) for code in codes if code), str(words), _wait(error) or _wait(row))


def _page(text: str) -> str:
    """The text of a page, its title first: what a proxy or a firewall sends."""
    shown = re.sub(r"<(?:style|script)\b[^<>]*>[^<]*", " ", text, flags=re.IGNORECASE)
    return html.unescape(re.sub(r"<[^<>]*>", " ", shown))


def _wait(error: dict[str, Any]) -> str:
    """How long to wait by a field of the body, as a text to be read like the words: Gemini's retryDelay and others."""
    details = error.get("details")
    for part in [error, error.get("metadata"), *(details if isinstance(details, list) else [])]:
        for name in (
            ("retryDelay", "retry_after", "retryAfter", "retry_after_seconds") if isinstance(part, dict) else ()
        ):
            if isinstance(part.get(name), str | int | float):
                return f"retry after {str(part[name])[:40]}"
    return ""
