"""A teacher behind HTTP: OpenAI, or anything that speaks its API (vLLM, llama.cpp, Ollama, `selfinstruct teacher`).

One call is one attempt. What came back is a Response, a Transient (`throttle` tries again), a TeacherFailed (the run
stops) or a UsageError. Only the server's own short words go into a message, never a header, and never the key.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import os
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from selfinstruct.errors import TeacherFailed, Transient, UsageError
from selfinstruct.teacher import Request, Response

if TYPE_CHECKING:  # 0.4 s to import, so at run time only once somebody makes an Endpoint
    import httpx2

__all__ = ["OWN", "Endpoint"]

PATHS = {"chat": "/chat/completions", "completions": "/completions"}
OWN = ("messages", "model", "n", "prompt", "stream")  # what a recipe cannot set: we read one whole answer to one prompt
CONNECT = 30.0  # seconds; openai's own 5 is short for a busy machine that opens 1,000 connections at once
POOL = 10_000  # connections; the Throttle decides how many are used, and aiohttp alone would stop at 100

# How servers say these things; looked for only in the bodies of refusals. Context: OpenAI and vLLM "maximum context
# length", llama.cpp "exceed_context_size", "context window", Ollama "prompt too long", TGI "`inputs` tokens", Gemini.
CONTEXT = re.compile(
    r"context[ _](length|limit|size|window)|max\w* model length|prompt (is )?too long|`inputs` tokens"
    r"|token count \S* ?exceeds|max_tokens must be at least 1, got -",
    re.IGNORECASE,
)
# Azure "content management policy", OpenAI "usage policy" and "flagged", DashScope, DeepSeek, Zhipu.
FILTER = re.compile(
    r"content[ _](filter|management|policy)|responsible ?ai|usage polic|safety system|flagged"
    r"|data_inspection_failed|inappropriate content|content exists risk|敏感内容",
    re.IGNORECASE,
)
UNSUPPORTED = re.compile(
    r"unsupported|not support|unrecognized|unknown|unexpected|extra_forbidden|extra inputs|not (permitted|allowed)",
    re.IGNORECASE,
)
BROKEN = ("abort", "error", "insufficient_system_resource")  # vLLM, OpenRouter, DeepSeek: the server stopped half-way


class Endpoint:
    """`async with Endpoint("gpt-…") as teacher: await teacher(request)`."""

    def __init__(self, model: str, *, base_url: str | None = None, api: str = "chat", timeout: float = 600.0) -> None:
        if api not in PATHS:
            raise UsageError(f"--api is chat or completions, not {api!r}")
        given = base_url or os.environ.get("OPENAI_BASE_URL") or ""
        key = os.environ.get("OPENAI_API_KEY", "").strip()
        if not key and not given:
            raise UsageError("no key found: set OPENAI_API_KEY, or use --model builtin")
        if not (key.isascii() and key.isprintable()):
            raise UsageError("OPENAI_API_KEY holds characters that no key has: copy it again")
        self.model, self.api, self.timeout = model, api, timeout
        self.where, login, query = _parts(given or "https://api.openai.com/v1")
        self._secrets = [secret for secret in (key, *login, *query.values()) if secret]
        self._has_key = bool(key)
        self._renamed = False  # send max_completion_tokens for max_tokens
        self._seeds = True  # tell samples apart by a seed
        if query:  # httpx2 logs whole URLs at INFO, and this one is not for everybody's eyes
            logging.getLogger("httpx2").setLevel(logging.WARNING)

        import httpx2
        import openai

        limits = httpx2.Limits(max_connections=POOL, max_keepalive_connections=POOL)
        auth = httpx2.BasicAuth(*login) if any(login) else None  # instead of the key: there is one such header
        self._client = openai.AsyncOpenAI(
            api_key=key or "none",  # a local server wants the header, and looks at nothing in it
            base_url=self.where,
            default_query=query,
            max_retries=0,
            timeout=httpx2.Timeout(timeout, connect=min(timeout, CONNECT)),
            http_client=openai.DefaultAioHttpClient(limits=limits, auth=auth),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._client.close()

    async def __call__(self, request: Request, /) -> Response:
        body = self._body(request)
        reply = await self._post(body)
        while not reply.is_success and self._adapted(request, body, reply):  # at most twice: each sends one thing less
            body = self._body(request)
            reply = await self._post(body)
        return self._answer(reply) if reply.is_success else self._refusal(reply)

    def _body(self, request: Request) -> dict[str, Any]:
        body: dict[str, Any] = {name: value for name, value in request.params.items() if value is not None}
        if own := [name for name in OWN if name in body]:
            raise UsageError(f"the recipe's teacher has {own[0]!r}, which selfinstruct sets itself: leave it out")
        prompt = request.prompt
        if self.api == "chat":
            turns = ({"role": "user", "content": prompt},) if isinstance(prompt, str) else prompt
            body["messages"] = [{**turn, "content": _sendable(turn["content"])} for turn in turns]
        elif isinstance(prompt, str):
            body["prompt"] = _sendable(prompt)
        else:
            raise UsageError("this step asks with a conversation, which --api completions cannot send: use --api chat")
        if request.sample and self._seeds:  # equal requests may be answered from a server's cache
            body["seed"] = (request.params.get("seed") or 0) + request.sample
        if self._renamed and "max_tokens" in body:
            body["max_completion_tokens"] = body.pop("max_tokens")
        return body | {"model": self.model}

    async def _post(self, body: dict[str, Any]) -> httpx2.Response:
        """The server's reply, whatever its status. Raises Transient when there is none."""
        import aiohttp
        import httpx2
        import openai

        try:
            async with asyncio.timeout(self.timeout):  # the client's own limit starts anew with each byte that comes
                # The plain reply, since servers send more shapes than the typed answers of openai can hold.
                return await self._client.post(PATHS[self.api], cast_to=httpx2.Response, body=body)
        except openai.APIStatusError as error:
            return error.response
        except (openai.APIConnectionError, aiohttp.ClientError, TimeoutError) as error:
            why = "timed out" if isinstance(error, TimeoutError) else self._clean(_root(error))
        # Outside of the except clause, so that no traceback carries the client's exception with its request.
        raise Transient(f"no answer from {self.where} ({why})")

    def _adapted(self, request: Request, body: dict[str, Any], reply: httpx2.Response) -> bool:
        """Whether the server refused only a name we can change or a seed of our own; then ask again at once."""
        said = self._said(reply)
        if reply.status_code not in (400, 422) or not UNSUPPORTED.search(said) or CONTEXT.search(said):
            return False
        if self.api == "chat" and "max_completion_tokens" in said and "max_tokens" in body:
            self._renamed = True
            return True
        if re.search(r"\bseed\b", said) and "seed" in body and request.params.get("seed") is None:
            self._seeds = False
            return True
        return False

    def _answer(self, reply: httpx2.Response) -> Response:
        row = _json(reply)
        match row:
            case {"choices": [{"message": dict(message), **choice}, *_]} if self.api == "chat":
                text = _content(message.get("content"))
                refused = bool(message.get("refusal")) and not text
            case {"choices": [{"text": str(text), **choice}, *_]} if self.api == "completions":
                refused = False
            case _:
                raise Transient(f"{self.where} sent no completion but: {self._words(reply) or '(nothing)'}")
        finish = choice.get("finish_reason")
        if finish in BROKEN:
            raise Transient(f"{self.where} broke off its answer ({finish})")
        if refused or finish == "content_filter":
            text, finish = "", "content_filter"
        usage = row.get("usage")
        counts = usage if isinstance(usage, dict) else {}
        return Response(
            text,
            finish_reason=finish if finish in ("length", "content_filter") else "stop",
            model=str(row.get("model") or self.model),
            input_tokens=_count(counts.get("prompt_tokens")),
            output_tokens=_count(counts.get("completion_tokens")),
        )

    def _refusal(self, reply: httpx2.Response) -> Response:
        """What an HTTP error means: an empty Response (never for this prompt), or the right exception."""
        status, said, where = reply.status_code, self._said(reply), self.where
        if status in (400, 413, 422, 500) and CONTEXT.search(said):  # 500: llama-cpp-python
            return Response("", "context_length", self.model)
        if status in (400, 403, 422) and FILTER.search(said):
            return Response("", "content_filter", self.model)
        if status in (401, 403):  # without the body: some servers echo the key, or the half of it
            if self._has_key:
                raise TeacherFailed(f"the server at {where} refused the key in OPENAI_API_KEY (HTTP {status})")
            raise TeacherFailed(f"the server at {where} wants a key (HTTP {status}): set OPENAI_API_KEY")
        words = self._words(reply) or reply.reason_phrase
        if "insufficient_quota" in said:
            raise TeacherFailed(f"the account at {where} has nothing left to spend: {words}")
        if status in (408, 409, 429) or status >= 500:
            raise Transient(f"HTTP {status} from {where}: {words}", _retry_after(reply))
        if status == 404:
            hint = "check --model and --base-url, which mostly ends in /v1"
            raise TeacherFailed(f"the server at {where} has no model {self.model!r}: {words}; {hint}")
        unsupported = status in (400, 422) and UNSUPPORTED.search(said)
        hint = "; set that parameter to null in the recipe" if unsupported else ""
        raise TeacherFailed(f"the server at {where} refused the request (HTTP {status}): {words}{hint}")

    def _said(self, reply: httpx2.Response) -> str:
        """What the error is called and what it says, for recognising it."""
        return " ".join(_error(reply))

    def _words(self, reply: httpx2.Response) -> str:
        """The part of an error's body that is meant for people, short and without the key."""
        return self._clean(_error(reply)[1])

    def _clean(self, text: str) -> str:
        for secret in self._secrets:  # before cutting, lest a part of it stay at the end
            text = text.replace(secret, "[key]")
        return " ".join(text.split())[:200]


def _parts(url: str) -> tuple[str, tuple[str, str], dict[str, str]]:
    """The address as it may be shown, and what may not: user and password, and what the query says."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        parts, port = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError("--base-url is no http:// or https:// address, such as http://127.0.0.1:8000/v1")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    where = f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}"
    return where, (unquote(parts.username or ""), unquote(parts.password or "")), dict(parse_qsl(parts.query))


def _sendable(text: str) -> str:
    """The text with halves of characters (lone surrogates, from somebody's broken seeds) as question marks."""
    return text.encode("utf-8", "replace").decode()


def _root(error: BaseException) -> str:
    while error.__cause__ is not None:  # openai's error says "Connection error." only; the socket's says which
        error = error.__cause__
    return "timed out" if isinstance(error, TimeoutError) else str(error) or type(error).__name__


def _json(reply: httpx2.Response) -> Any:
    try:
        return json.loads(reply.content)
    except (ValueError, RecursionError):
        return None


def _error(reply: httpx2.Response) -> tuple[str, str]:
    """The codes and the words of an error's body. Not all of the body: some servers repeat the prompt in it."""
    row = _json(reply)
    if not isinstance(row, dict):
        return "", row if isinstance(row, str) else re.sub(r"<[^>]*>", " ", reply.text)  # a proxy's page
    error = row.get("error", row)
    if not isinstance(error, dict):
        return str(row.get("error_type", "")), str(error)
    codes = [error.get("code"), error.get("type"), error.get("param")]
    if isinstance(inner := error.get("innererror"), dict):  # Azure's
        codes.append(inner.get("code"))
    words = error.get("message") or error.get("detail") or ""
    if isinstance(words, list):  # a validator's: where and what, without the input
        parts = [part for part in words if isinstance(part, dict)]
        words = "; ".join(f"{part.get('loc')} {part.get('msg')} ({part.get('type')})" for part in parts)
    return " ".join(str(code) for code in codes if code), str(words)


def _content(content: Any) -> str:
    """The text of a message: a string, None (nothing was said), or parts, of which thinking is not the answer."""
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict) and part.get("type") == "text"]
        return "".join(str(part.get("text", "")) for part in parts)
    return content if isinstance(content, str) else ""


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def _retry_after(reply: httpx2.Response) -> float | None:
    """The seconds that the server asks to wait, by any of its headers; None when it does not say."""
    headers = reply.headers
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        if (seconds := _number(headers.get(name))) is not None:
            return seconds * unit
    try:
        until = parsedate_to_datetime(headers.get("retry-after", ""))
        now = parsedate_to_datetime(headers["date"]) if "date" in headers else datetime.now(UTC)  # its own clock
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):  # no date, or one without a time zone
        pass
    if reply.status_code != 429:
        return None
    kinds = ("requests", "tokens")
    empty = [kind for kind in kinds if headers.get(f"x-ratelimit-remaining-{kind}", "").strip() == "0"]
    waits = [_duration(headers.get(f"x-ratelimit-reset-{kind}", "")) for kind in empty or kinds]
    return max((wait for wait in waits if wait is not None), default=None)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return max(0.0, number) if math.isfinite(number) else None


def _duration(text: str) -> float | None:
    """Seconds of "6m0s", "250ms", "1h2m3.5s" or "12"."""
    if re.fullmatch(r"(\d+(\.\d+)?(ms|[dhms]))+", text.strip()):
        units = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
        return sum(float(number) * units[unit] for number, unit in re.findall(r"([\d.]+)(ms|[dhms])", text))
    return _number(text)
