"""The paths of the API, and what becomes of a request on each. The only file here that knows HTTP."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from aiohttp import web

from selfinstruct.errors import SelfinstructError
from selfinstruct.simulator.server.batches import Batches, Rules
from selfinstruct.simulator.server.faults import Fate, Faults, Limits
from selfinstruct.simulator.server.protocol import (
    Asked,
    Refused,
    answered,
    asked,
    encoded,
    no_choices,
    no_model,
    read_json,
    streamed,
)
from selfinstruct.simulator.server.responses import as_chat, as_response
from selfinstruct.teacher import Response, Teacher

__all__ = ["Api"]

PAGE = b"<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>\n"

USUAL = Rules()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_log = logging.getLogger("selfinstruct.simulator.server")


class Api:
    """What the paths do."""

    def __init__(
        self,
        teacher: Teacher,
        models: Sequence[str],
        faults: Faults,
        key: str | None,
        sleep: Callable[[float], Awaitable[object]],
        clock: Callable[[], float],
        now: Callable[[], float],
        rules: Rules = USUAL,
    ) -> None:
        self._teacher, self._models, self._faults, self._sleep = teacher, tuple(models), faults, sleep
        self._wanted = None if key is None else f"Bearer {key}".encode()
        self._limits = Limits(faults, clock)
        self._number = 0  # of completions asked for, lines of batches included
        self._stopping = asyncio.Event()
        self._batches = Batches(self._line, self._begin, now, sleep, rules)

    def app(self, most_bytes: int) -> web.Application:
        app = web.Application(middlewares=[self._shaped], client_max_size=most_bytes)
        app.on_shutdown.append(self._stop)
        batches, files = self._batches, self._batches.files
        app.add_routes(
            [
                web.get("/health", _says(lambda request: {"status": "ok"})),
                web.get("/v1/models", _says(lambda request: {"object": "list", "data": [*map(_model, self._models)]})),
                web.get("/v1/models/{id}", _says(self._one_model)),
                web.post("/v1/chat/completions", self._chat),
                web.post("/v1/completions", self._text),
                web.post("/v1/responses", self._new),
                web.get("/v1/files", _says(lambda request: files.list(request.query))),
                web.post("/v1/files", self._upload),
                web.get("/v1/files/{id}", _says(lambda request: files.row(_id(request)))),
                web.delete("/v1/files/{id}", _says(lambda request: files.delete(_id(request)))),
                web.get("/v1/files/{id}/content", self._download),
                web.get("/v1/batches", _says(lambda request: batches.batches(request.query))),
                web.post("/v1/batches", self._create_batch),
                web.get("/v1/batches/{id}", _says(lambda request: batches.batch(_id(request)))),
                web.post("/v1/batches/{id}/cancel", _says(lambda request: batches.cancel(_id(request)))),
            ]
        )
        return app

    async def _stop(self, app: web.Application) -> None:
        self._stopping.set()
        await self._batches.close()

    @web.middleware
    async def _shaped(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Whatever goes wrong is told in OpenAI's shape."""
        try:
            self._check_key(request)
            return await handler(request)
        except ConnectionError:
            raise
        except Exception as error:
            refused = _refused(error, request)
        return _reply(refused.body, refused.status, refused.headers)

    def _check_key(self, request: web.Request) -> None:
        if self._wanted is None or request.path == "/health":
            return
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._wanted):
            words = "Incorrect API key provided" if given else "You didn't provide an API key"
            raise Refused(401, words, code="invalid_api_key", headers={"WWW-Authenticate": "Bearer"})

    def _one_model(self, request: web.Request) -> dict[str, Any]:
        if _id(request) not in self._models:
            raise no_model(_id(request), self._models)
        return _model(_id(request))

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        return await self._completion(request, "chat")

    async def _text(self, request: web.Request) -> web.StreamResponse:
        return await self._completion(request, "completions")

    async def _new(self, request: web.Request) -> web.StreamResponse:
        return await self._completion(request, "responses")

    async def _completion(self, request: web.Request, api: str) -> web.StreamResponse:
        wish = _wish(read_json(await _body(request)), api, self._models)
        self._limits.admit()
        fate = self._fate()
        if fate.fault == "timeouts":
            await self._stopping.wait()
            return _hung_up(request)
        if fate.fault in ("", "cuts"):  # answered before the wait, so that what is charged is known to those after it
            row = answered(wish, await self._answers(wish))
            self._limits.charge((row["usage"] or {}).get("total_tokens", 0))
        else:
            row = no_choices(wish)
        if fate.delay:
            await self._sleep(fate.delay)
        match fate.fault:
            case "errors":
                raise _broken(fate)
            case "drops":
                return _hung_up(request)
            case "garbage":
                return web.Response(body=PAGE, content_type="text/html")
        reply = self._completed(wish, row)
        return await _cut(request, reply) if fate.fault == "cuts" else reply

    def _completed(self, wish: Asked, row: dict[str, Any]) -> web.Response:
        headers = self._limits.headers()
        row = as_response(row) if wish.api == "responses" else row
        if wish.stream:
            return web.Response(body=streamed(wish, row), content_type="text/event-stream", headers=headers)
        return _reply(row, 200, headers)

    def _fate(self) -> Fate:
        self._number += 1
        return self._faults.fate(self._number)

    async def _answers(self, wish: Asked) -> list[Response]:
        found = list[Response]()
        for request in wish.requests:
            if found:  # a long list must not keep the others waiting
                await asyncio.sleep(0)
            found.append(await self._teacher(request))
        return found

    # Files and batches

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        if request.content_type != "multipart/form-data":
            raise Refused(400, "A file is sent as multipart/form-data, with the fields 'purpose' and 'file'")
        try:
            form = await request.post()
        except (web.HTTPException, ConnectionError):
            raise
        except Exception as error:  # its reader fails in a dozen ways on what is no form, assertions among them
            raise Refused(400, f"The form cannot be read: {error}") from None
        file, purpose = form.get("file"), form.get("purpose")
        if not isinstance(file, web.FileField):
            raise Refused(400, "Missing required parameter: 'file', with a file's name", param="file")
        if not isinstance(purpose, str) or not purpose:
            raise Refused(400, "Missing required parameter: 'purpose'", param="purpose")
        with file.file as sent:
            return _reply(self._batches.files.add(file.filename, sent.read(), purpose))

    async def _download(self, request: web.Request) -> web.StreamResponse:
        return web.Response(body=self._batches.files.content(_id(request)), content_type="application/octet-stream")

    async def _create_batch(self, request: web.Request) -> web.StreamResponse:
        return _reply(self._batches.create(read_json(await _body(request))))

    async def _begin(self) -> None:
        await self._sleep(self._faults.latency)

    async def _line(self, api: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """The status and the body that a line of a batch gets."""
        try:
            wish = _wish(body, api, self._models)
            if wish.stream:
                raise Refused(400, "A batch streams nothing: leave 'stream' out", param="stream")
            if (fate := self._fate()).fault == "errors":
                raise _broken(fate)
            row = answered(wish, await self._answers(wish))
            return 200, as_response(row) if api == "responses" else row
        except Exception as error:
            refused = _refused(error, None)
            return refused.status, refused.body


def _wish(row: dict[str, Any], api: str, models: Sequence[str]) -> Asked:
    return replace(asked(as_chat(row), "chat", models), api=api) if api == "responses" else asked(row, api, models)


def _says(row: Callable[[web.Request], Any]) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        return _reply(row(request))

    return handler


def _id(request: web.Request) -> str:
    return request.match_info["id"]


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "selfinstruct"}


async def _body(request: web.Request) -> bytes:
    try:
        return await request.read()
    except web.RequestPayloadError as error:  # bad chunks, or no gzip although it says so
        raise Refused(400, f"The body cannot be read: {error}") from None


def _reply(row: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(body=encoded(row), status=status, headers=headers, content_type="application/json")


def _refused(error: Exception, request: web.Request | None) -> Refused:
    """Any failure as a refusal."""
    match error:
        case Refused():
            return error
        case web.HTTPNotFound() if request is not None:
            return Refused(404, f"Unknown request URL: {request.method} {request.path}", code="unknown_url")
        case web.HTTPMethodNotAllowed():
            words = f"Not allowed to {error.method} here, only to {', '.join(sorted(error.allowed_methods))}"
            return Refused(405, words, code="method_not_supported", headers={"Allow": error.headers["Allow"]})
        case web.HTTPRequestEntityTooLarge():
            return Refused(413, "The body is too large", code="request_too_large")
        case web.HTTPException():
            return Refused(error.status, error.reason)
        case RecursionError():
            return Refused(400, "The body is nested too deeply")
        case SelfinstructError():
            return Refused(500, str(error), kind="server_error")
    _log.error("unexpected", exc_info=error)
    return Refused(500, f"The server has a bug: {type(error).__name__}", kind="server_error")


def _broken(fate: Fate) -> Refused:
    words = {500: "The server had an error while processing your request", 503: "The engine is currently overloaded"}
    return Refused(fate.status, words[fate.status], kind="server_error")


def _hung_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()  # goes nowhere


async def _cut(request: web.Request, reply: web.Response) -> web.StreamResponse:
    """Promise the whole body, send the half of it, and close."""
    body = reply.body
    assert isinstance(body, bytes)
    stream = web.StreamResponse(headers=reply.headers)
    stream.content_length = len(body)
    await stream.prepare(request)
    await stream.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return stream
