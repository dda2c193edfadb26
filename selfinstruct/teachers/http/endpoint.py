"""A teacher behind HTTP: OpenAI, or anything that speaks its API (vLLM, llama.cpp, Ollama, `selfinstruct teacher`).

One call is one attempt. What came back is a Response, a Transient (`throttle` tries again), a Declined (not this
request), a TeacherFailed (the run stops) or a UsageError. Only the server's own short words go into a message, never a
header, and never the key. `wire` sends, `statuses` says what errors mean, `headers` what is said about limits.
"""

from __future__ import annotations

import json
import os
import re
import time
from base64 import b64encode
from collections.abc import Callable
from functools import partial
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit
from urllib.request import getproxies

from selfinstruct import __version__
from selfinstruct.errors import TeacherFailed, Transient, UsageError
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.http.headers import limits_of
from selfinstruct.teachers.http.redacting import clean, redactor
from selfinstruct.teachers.http.statuses import CONTEXT, ERRORS, UNSUPPORTED, Said, meaning, parsed, said_by
from selfinstruct.teachers.http.wire import Reply, Wire, proxy_for

__all__ = ["OWN", "Endpoint"]

PATHS = {"chat": "/chat/completions", "completions": "/completions"}
OWN = ("messages", "model", "n", "prompt", "stream")  # what a recipe cannot set: we read one whole answer to one prompt
BROKEN = ("abort", "error", "insufficient_system_resource")  # vLLM, OpenRouter, DeepSeek: the server stopped half-way
NAME = 200  # characters of a model's name that is taken over from a server
COUNT = 2**53  # tokens; no answer has as many, and no JSON number above is exact


class Endpoint:
    """`async with Endpoint("gpt-…") as teacher: await teacher(request)`."""

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        api: str = "chat",
        timeout: float = 600.0,
        most_bytes: int = 10_000_000,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`timeout` is for a whole answer, in seconds; `most_bytes` is how large one may be, decompressed; `clock` is
        the time since 1970, for servers that name a date to wait for.

        Raises UsageError for a base URL that is none, and without a key where one is needed.
        """
        if api not in PATHS:
            raise UsageError(f"--api is chat or completions, not {api!r}")
        if most_bytes < 1:
            raise UsageError(f"--max-answer must be 1 byte or more, not {most_bytes}")
        given = base_url or os.environ.get("OPENAI_BASE_URL") or ""
        key = _from_environment("OPENAI_API_KEY")
        if not key and not given:
            raise UsageError("no key found: set OPENAI_API_KEY, or use --model builtin")
        self.model, self.api, self.timeout, self.most_bytes = model, api, timeout, most_bytes
        self.where, login, query = _parts(given or "https://api.openai.com/v1")
        self._blamed = "the login in the base URL" if any(login) else "the key in OPENAI_API_KEY" if key else ""
        self._clock = clock
        self._renamed = False  # send max_completion_tokens for max_tokens
        self._seeds = True  # tell samples apart by a seed
        proxy = proxy_for(self.where, getproxies())
        self._clean = partial(clean, hidden=redactor("" if any(login) else key, login, _others(query, proxy)))
        self._wire = Wire(
            f"{self.where}?{query}" if query else self.where,
            _headers(key, login),
            proxy=proxy,
            timeout=timeout,
            most_bytes=most_bytes,
            clean=self._clean,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._wire.close()

    async def __call__(self, request: Request, /) -> Response:
        body = self._body(request)
        reply = await self._post(body)
        while reply.status >= 400 and self._adapted(request, body, reply):  # at most twice: each sends one thing less
            body = self._body(request)
            reply = await self._post(body)
        outcome = self._outcome(reply)
        if isinstance(outcome, Exception):
            raise outcome  # here, where no variable holds what the server said
        return outcome

    def _body(self, request: Request) -> dict[str, Any]:
        body: dict[str, Any] = {name: value for name, value in request.params.items() if value is not None}
        if own := [name for name in OWN if name in body]:
            raise UsageError(f"the recipe's teacher has {own[0]!r}, which selfinstruct sets itself: leave it out")
        prompt = request.prompt
        if self.api == "chat":
            body["messages"] = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        elif isinstance(prompt, str):
            body["prompt"] = prompt
        else:
            raise UsageError("this step asks with a conversation, which --api completions cannot send: use --api chat")
        if request.sample and self._seeds:  # equal requests may be answered from a server's cache
            body["seed"] = (request.params.get("seed") or 0) + request.sample
        if self._renamed and "max_tokens" in body:
            body["max_completion_tokens"] = body.pop("max_tokens")
        return body | {"model": self.model}

    async def _post(self, body: dict[str, Any]) -> Reply:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        # Halves of characters (lone surrogates, from somebody's broken seeds) become question marks.
        return await self._wire.post(PATHS[self.api], text.encode("utf-8", "replace"))

    def _adapted(self, request: Request, body: dict[str, Any], reply: Reply) -> bool:
        """Whether the server refused only a name we can change or a seed of our own; then ask again at once."""
        if reply.status not in (400, 422):
            return False
        said = str(said_by(reply.content, parsed(reply.content)))
        if not UNSUPPORTED.search(said) or CONTEXT.search(said):
            return False
        if self.api == "chat" and "max_completion_tokens" in said and "max_tokens" in body:
            self._renamed = True
            return True
        if re.search(r"\bseed\b", said) and "seed" in body and request.params.get("seed") is None:
            self._seeds = False
            return True
        return False

    def _outcome(self, reply: Reply) -> Response | Transient | TeacherFailed:
        """What a reply is: an answer, or the exception that says what it is instead."""
        row: Any = parsed(reply.content) if reply.whole or reply.status >= 400 else None
        if not 200 <= reply.status < 300:
            return self._refused(reply, said_by(reply.content, row))
        if not reply.whole:
            return Response("", "too_large", self.model, error=f"the answer is larger than {_size(self.most_bytes)}")
        match row:
            case {"choices": [{"message": dict(message), **choice}, *_]} if self.api == "chat":
                text = _content(message.get("content"))
                refused = bool(message.get("refusal")) and not text
                return self._answered(reply, row, text, "content_filter" if refused else choice.get("finish_reason"))
            case {"choices": [{"text": str(text), **choice}, *_]} if self.api == "completions":
                return self._answered(reply, row, text, choice.get("finish_reason"))
            case {"error": {"code": int(code)}} if code in ERRORS:  # OpenRouter's HTTP 200
                return self._refused(Reply(code, "", reply.headers), said_by(reply.content, row))
        words = self._clean(said_by(reply.content, row).words) or "(nothing)"
        return Transient(f"{self.where} sent no completion but: {words}", billed=True)

    def _answered(self, reply: Reply, row: dict[str, Any], text: str, finish: object) -> Response | Transient:
        if finish in BROKEN:
            return Transient(f"{self.where} broke off its answer ({finish})", billed=True)
        usage, model = row.get("usage"), row.get("model")
        counts = usage if isinstance(usage, dict) else {}
        return Response(
            "" if finish == "content_filter" else text,
            finish_reason=str(finish) if finish in ("length", "content_filter") else "stop",
            model=model if isinstance(model, str) and 0 < len(model) <= NAME else self.model,
            input_tokens=_count(counts.get("prompt_tokens")),
            output_tokens=_count(counts.get("completion_tokens")),
            limits=limits_of(reply.headers, self._clock()),
        )

    def _refused(self, reply: Reply, said: Said) -> Response | Transient | TeacherFailed:
        return meaning(
            reply,
            said,
            model=self.model,
            where=self.where,
            blamed=self._blamed,
            clean=self._clean,
            now=self._clock(),
        )


def _from_environment(name: str) -> str:
    """A header's value from the environment; "" when it is not set."""
    value = os.environ.get(name, "").strip()
    if value and not re.fullmatch(r"[!-~]+", value):  # a line break in it would be a header of its own
        raise UsageError(f"{name} holds spaces or characters that no such value has: copy it again")
    return value


def _headers(key: str, login: tuple[str, str]) -> dict[str, str]:
    """What every request has, as openai's own clients send it. A local server wants the key's header, whatever is in
    it; a login takes its place, since there is one such header."""
    basic = b64encode(":".join(login).encode()).decode()
    headers = {
        "Authorization": f"Basic {basic}" if any(login) else f"Bearer {key or 'none'}",
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Accept-Encoding": "gzip, deflate",  # what can be unpacked by the piece, whatever is installed
        "User-Agent": f"selfinstruct/{__version__}",
    }
    for header, name in {"OpenAI-Organization": "OPENAI_ORG_ID", "OpenAI-Project": "OPENAI_PROJECT_ID"}.items():
        if value := _from_environment(name):
            headers[header] = value
    return headers


def _others(query: str, proxy: str | None) -> list[str]:
    """What else is nobody's business: the query's values, and how we log in at the proxy."""
    there = urlsplit(proxy or "")
    return [
        *(value for _, value in parse_qsl(query)),
        *(unquote(part or "") for part in (there.username, there.password)),
    ]


def _parts(url: str) -> tuple[str, tuple[str, str], str]:
    """The address as it may be shown, and what may not: user and password, and the query."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
        url.encode()
    except ValueError:
        parts, port = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError("--base-url is no http:// or https:// address, such as http://127.0.0.1:8000/v1")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    where = f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}"
    return where, (unquote(parts.username or ""), unquote(parts.password or "")), parts.query


def _content(content: Any) -> str:
    """The text of a message: a string, None (nothing was said), or parts, of which thinking is not the answer."""
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict) and part.get("type") == "text"]
        return "".join(str(part.get("text", "")) for part in parts)
    return content if isinstance(content, str) else ""


def _count(value: Any) -> int | None:
    """A number of tokens; None for whatever is no such number (1e999, -3, "12", true)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < COUNT or value != int(value):
        return None
    return int(value)


def _size(count: int) -> str:
    return f"{count / 1e6:g} MB" if count >= 100_000 else f"{count:,} bytes"
