"""A teacher behind HTTP: OpenAI, or anything that speaks its API (vLLM, llama.cpp, Ollama, `selfinstruct teacher`).

One call is one attempt. What came back is a Response, a Transient (`throttle` tries again), a Declined (not this
request), a TeacherFailed (the run stops) or a UsageError. Only the server's own short words go into a message, never a
header, and never the key. `place` says who asks whom, `bodies` what is sent; `wire` sends it, `answers` reads what
comes, `statuses` says what errors mean, `headers` what is said about limits.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Self

from selfinstruct.errors import TeacherFailed, Transient, UsageError, quoted
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.estimate import estimate_tokens
from selfinstruct.teachers.http.answers import answer_of
from selfinstruct.teachers.http.bodies import LEFT_OUT, OWN, PATHS, Ways, adapted, api_of, body_of, told
from selfinstruct.teachers.http.headers import limits_of
from selfinstruct.teachers.http.place import place_at
from selfinstruct.teachers.http.room import Cuts
from selfinstruct.teachers.http.statuses import ERRORS, Asker, meaning, parsed, said_by
from selfinstruct.teachers.http.wire import Reply

__all__ = ["OWN", "Endpoint"]

_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # made once: a call makes one, 4 µs


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
        notice: Callable[[str], None] = lambda text: None,
    ) -> None:
        """`timeout` is for a whole answer, in seconds; `most_bytes` is how large one may be, decompressed; `clock` is
        the time since 1970, for servers that name a date to wait for; `notice` is told, once, what the server does not
        take and is asked without.

        Raises UsageError for a base URL that is none, and without a key where one is needed.
        """
        if api not in PATHS:
            raise UsageError(f"--api is {', '.join(PATHS)}, not {quoted(api)}")
        if most_bytes < 1:
            raise UsageError(f"--max-answer must be 1 byte or more, not {most_bytes}")
        given = base_url or os.environ.get("OPENAI_BASE_URL") or ""
        if not given and not os.environ.get("OPENAI_API_KEY", "").strip():
            raise UsageError("no key found: set OPENAI_API_KEY, or use --model builtin")
        self.model, self.api, self.timeout, self.most_bytes = model, api, timeout, most_bytes
        place = place_at(given or "https://api.openai.com/v1")
        self.where, self._clean = place.where, place.clean
        self._clock, self._notice = clock, notice
        self._ways = dict.fromkeys(PATHS, Ways())
        self._lines: dict[str, Ways] = {}
        """How the lines of a batch were asked, by their requests' keys."""
        self._told = set[str]()
        self._cuts = Cuts()
        self._asker = Asker(model, self.where, place.blamed, place.clean)
        self._wire = place.wire(timeout=timeout, most_bytes=most_bytes)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._wire.close()

    async def __call__(self, request: Request, /) -> Response:
        api = api_of(request, self.api)
        if api == "responses":
            self._tell_left_out(request)
        ways = self._ways[api]
        reply = await self._post(request, api, ways)
        while reply.status in (400, 422) and self._adapt(request, api, ways, reply):
            ways = self._ways[api]  # each further on than the one before, so there are few
            reply = await self._post(request, api, ways)
        outcome = self._outcome(request, api, reply)
        if isinstance(outcome, Exception):
            raise outcome  # here, where no variable holds what the server said
        return outcome

    # What a batch needs: the same bodies and the same answers as one request at a time

    def line(self, request: Request) -> tuple[str, dict[str, Any]]:
        """The path under the base URL and the body, as they would be sent now. Raises UsageError."""
        api = api_of(request, self.api)
        if api == "responses":
            self._tell_left_out(request)
        self._lines[request.key] = ways = self._ways[api]
        return PATHS[api], body_of(request, api, self.model, ways)

    def outcome(self, request: Request, status: int, body: Any) -> Response | Transient | TeacherFailed:
        """What a line of a batch's results means, its body as JSON that was read: an answer, or the exception that a
        live request would have raised. Where the server only wants to be asked otherwise it is a Transient, and `line`
        says the other way from now on."""
        api = api_of(request, self.api)
        ways = self._lines.pop(request.key, Ways())  # not known: sent by a process that was killed
        reply = Reply(status, content=_encoder(body).encode("utf-8", "replace"))
        if status in (400, 422) and self._adapt(request, api, ways, reply):
            return Transient(f"{self.where} is asked otherwise from now on")
        return self._outcome(request, api, reply)

    async def _post(self, request: Request, api: str, ways: Ways) -> Reply:
        text = _encoder(body_of(request, api, self.model, ways))
        # Halves of characters (lone surrogates, from somebody's broken seeds) become question marks.
        return await self._wire.post(PATHS[api], text.encode("utf-8", "replace"))

    def _adapt(self, request: Request, api: str, ways: Ways, reply: Reply) -> bool:
        """Whether the server refused only what can be said otherwise; then it is, from now on."""
        now = adapted(request, api, ways, str(said_by(reply.content, parsed(reply.content))))
        if now is None:
            return False
        if ways == self._ways[api]:  # else somebody who was refused at the same time has seen to it
            self._ways[api] = now
            for words in told(ways, now):
                self._notice(f"{self.model}: {words}")
        return True

    def _tell_left_out(self, request: Request) -> None:
        for name in LEFT_OUT:
            if request.params.get(name) and name not in self._told:
                self._told.add(name)
                self._notice(f"--api responses has no {name}: {self.model} is asked without it")

    def _tell_cut(self, request: Request, given: int) -> None:
        if "cut" not in self._told and self._cuts.saw(about := estimate_tokens(request.prompt), given):
            self._told.add("cut")
            self._notice(
                f"{self.model} was given {given:,} tokens of a prompt of about {about:,}: its server seems to cut long "
                "prompts without a word (Ollama does: OLLAMA_CONTEXT_LENGTH=8192, or PARAMETER num_ctx in a Modelfile)"
            )

    def _outcome(self, request: Request, api: str, reply: Reply) -> Response | Transient | TeacherFailed:
        """What a reply is: an answer, or the exception that says what it is instead."""
        row: Any = parsed(reply.content) if reply.whole or reply.status >= 400 else None
        if not 200 <= reply.status < 300:
            return self._refused(request, api, reply, row)
        if not reply.whole:
            return Response("", "too_large", self.model, error=f"the answer is larger than {_size(self.most_bytes)}")
        answer = answer_of(request, api, row, model=self.model, where=self._asker.where, clean=self._clean)
        if isinstance(answer, Response):
            self._tell_cut(request, answer.input_tokens or 0)
        if answer is not None:
            limits = None if isinstance(answer, Transient) else limits_of(reply.headers, self._clock())
            return replace(answer, limits=limits) if limits and isinstance(answer, Response) else answer
        if code := _code(row):  # OpenRouter's HTTP 200, and what /responses calls a failure
            return self._refused(request, api, Reply(code, "", reply.headers), row)
        words = self._clean(said_by(reply.content, row).words) or "(nothing)"
        return Transient(f"{self._asker.where} sent no completion but: {words}", billed=True)

    def _refused(self, request: Request, api: str, reply: Reply, row: Any) -> Response | Transient | TeacherFailed:
        return meaning(reply, said_by(reply.content, row), request, api, self._asker, self._clock())


def _code(row: Any) -> int | None:
    """The HTTP status that a body states although the reply's is another."""
    match row:
        case {"error": {"code": int(code)}} if code in ERRORS:
            return code
        case {"object": "response", "status": "failed", "error": {"code": str(code)}}:
            return {"rate_limit_exceeded": 429, "server_error": 500}.get(code, 400)
    return None


def _size(count: int) -> str:
    return f"{count / 1e6:g} MB" if count >= 100_000 else f"{count:,} bytes"
