"""A trained model in this process as a teacher: `--model local:DIR`, or local:ORG/NAME from the hub. With
local:DIR?bits=4 its weights are quantised, and local:DIR?base=FOLDER says where an adapter's base is now.

Requests that wait at the same time are answered together, and others join as soon as one is finished. The random
numbers of an answer come from its request's key, so an answer is a function of its request, whatever it shares the
batch with, as far as floating point goes (finetune/answer/decoding.py says how far). What was answered is in the
journal: a run that goes on sees the same answers, to the byte, wherever it goes on.

In requests, journal and run.json the model is called `local:NAME@HASH`, by the contents of its files: other weights are
another model, and the same folder may be moved.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from selfinstruct.errors import SelfinstructError, TeacherFailed, UsageError
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.own_turns import turn_of_folder
from selfinstruct.text.user_turns import UserTurn

if TYPE_CHECKING:  # seconds to import, so at run time only once somebody asks
    from selfinstruct.finetune.answer.decoding import Batch
    from selfinstruct.finetune.answer.sampling import Answer

__all__ = ["PREFIX", "Local", "checked", "parts_of_name"]

PREFIX = "local:"
GATHER = 0.01  # seconds that the first request waits for others
MOST = 64  # answers at a time; --concurrency is mostly less
MAX_TOKENS = 1024  # of an answer, where the recipe does not say: what --dry-run reckons with

Check = tuple[Callable[[Any], bool], str]


def _number(low: float, high: float) -> Check:
    def holds(value: Any) -> bool:
        return type(value) in (int, float) and math.isfinite(value) and low <= value <= high

    return holds, f"a number from {low:g} to {high:g}"


def _whole(low: int) -> Check:
    return lambda value: type(value) is int and value >= low, "a whole number" + (f" of at least {low}" if low else "")


def _is_stop(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list | tuple) and all(isinstance(one, str) for one in value))


CHECKS: dict[str, Check] = {
    "temperature": _number(0, 2),
    "top_p": _number(0, 1),
    "max_tokens": _whole(1),
    "max_completion_tokens": _whole(1),
    "presence_penalty": _number(-2, 2),
    "frequency_penalty": _number(-2, 2),
    "stop": (_is_stop, "a text or a list of texts"),
    "seed": (lambda value: type(value) is int, "a whole number"),
}
"""The parameters that a request may have, by OpenAI's names."""


def checked(request: Request) -> dict[str, Any]:
    """What the request's parameters mean for Sampling. Raises UsageError for one that is unknown or impossible."""
    given = {name: value for name, value in request.params.items() if value is not None}
    if "response_format" in given:
        raise UsageError(
            "transformers cannot hold an answer to a schema: leave `structured` out, or take the model as gguf:FILE"
        )
    for name, value in given.items():
        if name not in CHECKS:
            raise UsageError(
                f"a local model has no parameter {name!r}: take it out of the recipe; it has {', '.join(CHECKS)}"
            )
        holds, words = CHECKS[name]
        if not holds(value):
            raise UsageError(f"the recipe's teacher has {name} {value!r}; for a local model it is {words}")
    given.pop("seed", None)  # it is in the key, as everything is
    longest = given.pop("max_completion_tokens", MAX_TOKENS)
    stop = given.pop("stop", ())
    stops = (stop,) if isinstance(stop, str) else tuple(stop)
    return {"max_tokens": longest} | given | {"stop": stops, "seed": int(request.key[:16], 16) >> 1}


def parts_of_name(name: str) -> tuple[str, dict[str, Any]]:
    """A name like models/mine?bits=4&base=models/base, and what is behind the "?". Raises UsageError."""
    before, mark, behind = name.partition("?")
    if not mark or Path(name).expanduser().is_dir():
        return name, {}
    found: dict[str, Any] = {}
    for part in behind.split("&"):
        key, _, value = part.partition("=")
        if key == "bits" and value in ("4", "8"):
            found[key] = int(value)
        elif key == "base" and value:
            found[key] = value
        else:
            raise UsageError(f"--model {PREFIX}{name}: {part!r} is neither bits=4, bits=8 nor base=FOLDER")
    return before, found


@dataclass(slots=True)
class _Asked:
    """A request that waits for its answer."""

    request: Request
    params: dict[str, Any]
    answer: asyncio.Future[Response]


class Local:
    """`async with Local("models/mine") as teacher: await teacher(request)`."""

    def __init__(self, name: str, *, api: str = "chat", most: int = MOST) -> None:
        """Find the model; it is loaded when it is first asked. With the api completions, a prompt is a bare beginning.

        Raises UsageError when there is no such model.
        """
        if api not in ("chat", "completions"):
            raise UsageError(f"--api is chat or completions, not {api!r}")
        for package in ("torch", "transformers", "peft"):
            if find_spec(package) is None:
                raise UsageError(
                    f"--model {PREFIX}{name} needs the package {package}: pip install 'selfinstruct[train]'"
                )
        from selfinstruct.finetune.models.folders import identity, located

        given, (name, self._how) = name, parts_of_name(name)
        if not name:
            raise UsageError(f"--model {PREFIX}{given} names no model: give its folder, like {PREFIX}models/mine")
        folder = Path(name).expanduser()
        known = folder.resolve().name if folder.is_dir() else name
        bits = f"?bits={self._how['bits']}" if "bits" in self._how else ""
        self.model = f"{PREFIX}{known}{bits}@{identity(located(name, self._how.get('base')))}"
        """What the model is called in requests."""
        self.name, self.api = name, api
        self._most = most
        self._loaded: Any = None
        self._waiting: deque[_Asked] = deque()
        self._writing: dict[Answer, _Asked] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=self.model)
        self._working: asyncio.Task[None] | None = None
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Stop writing, after the token that is being written."""
        self._closed = True
        if self._working:
            await asyncio.wait({self._working})
        self._thread.shutdown()
        self._loaded = None

    def user_turn(self) -> UserTurn:
        """How its own template begins a user's turn. Raises UsageError where it has none."""
        return turn_of_folder(self.name, self._how.get("base"))

    async def __call__(self, request: Request, /) -> Response:
        asked = _Asked(request, checked(request), asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await asked.answer

    async def _work(self) -> None:
        await asyncio.sleep(GATHER)
        loop = asyncio.get_running_loop()
        while self._waiting and not self._closed:
            await loop.run_in_executor(self._thread, self._serve, loop)
        self._working = None

    # What follows runs in the thread, but for what it hands to the loop.

    def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        """Answer whatever waits, until nothing does."""
        try:
            self._write(loop)
        except Exception as error:
            failed = self._failed(error)
            while self._waiting:
                self._settle(loop, self._waiting.popleft(), failed)
            for asked in self._writing.values():
                self._settle(loop, asked, failed)
            self._writing = {}

    def _write(self, loop: asyncio.AbstractEventLoop) -> None:
        from selfinstruct.finetune.answer.decoding import Batch
        from selfinstruct.finetune.models.open import load, out_of_memory

        if self._loaded is None:
            self._loaded = load(self.name, **self._how)
        batch = Batch(self._loaded.model)
        while not self._closed:
            try:
                self._admit(loop, batch)
                if not batch.answers:
                    return
                finished = batch.step()
            except (RuntimeError, MemoryError) as error:
                if not out_of_memory(error):
                    raise
                batch = Batch(self._loaded.model)
                self._put_back()
                continue
            for answer in finished:
                self._settle(loop, self._writing.pop(answer), self._response(answer))

    def _admit(self, loop: asyncio.AbstractEventLoop, batch: Batch) -> None:
        """Let those that wait join, as far as there is room."""
        new: list[Answer] = []
        while self._waiting and batch.joinable and len(batch.answers) + len(new) < self._most:
            asked = self._waiting.popleft()
            if asked.answer.cancelled():
                continue
            answer = self._begun(asked)
            if isinstance(answer, Response | SelfinstructError):
                self._settle(loop, asked, answer)
            else:
                self._writing[answer] = asked
                new.append(answer)
        batch.add(new)

    def _begun(self, asked: _Asked) -> Answer | Response | SelfinstructError:
        """The answer, to be written; or what there is to say without the model."""
        from selfinstruct.finetune.answer.sampling import Sampling, TooLong, begun, continuation, question

        model, tokenizer, template = self._loaded
        prompt, sampling = asked.request.prompt, Sampling(**asked.params)
        try:
            if (asked.request.api or self.api) == "completions":
                if not isinstance(prompt, str):
                    raise UsageError("this step asks with a conversation, which --api completions cannot: use chat")
                return continuation(model, tokenizer, prompt, sampling)
            turns: Any = ({"role": "user", "content": prompt},) if isinstance(prompt, str) else prompt
            if turns[-1]["role"] == "assistant":
                return begun(model, tokenizer, template, turns, sampling)
            return question(model, tokenizer, template, turns, sampling)
        except TooLong:
            return Response("", "context_length", self.model)
        except Exception as error:
            return self._failed(error)

    def _failed(self, error: Exception) -> SelfinstructError:
        """Whatever went wrong, in one line; what is no error of ours keeps its traceback behind it."""
        if isinstance(error, SelfinstructError):
            return error
        failed = TeacherFailed(f"{self.model} failed: {' '.join(repr(error).split())}")
        failed.__cause__ = error
        return failed

    def _response(self, answer: Answer) -> Response:
        return Response(answer.text, answer.finish, self.model, len(answer.prompt), len(answer.tokens))

    def _put_back(self) -> None:
        """Begin anew with half as many at a time: answers do not depend on what they are written beside."""
        asked = list(self._writing.values())
        if len(asked) < 2:
            raise TeacherFailed(
                f"{self.model}: no memory is left for a single answer: lower max_tokens in the recipe, or take a "
                "smaller model or another machine; the same command goes on"
            )
        self._most, self._writing = len(asked) // 2, {}
        self._waiting.extendleft(reversed(asked))

    def _settle(self, loop: asyncio.AbstractEventLoop, asked: _Asked, outcome: Response | SelfinstructError) -> None:
        def settle() -> None:
            if asked.answer.done():  # nobody waits any more
                return
            if isinstance(outcome, Response):
                asked.answer.set_result(outcome)
            else:
                asked.answer.set_exception(outcome)

        loop.call_soon_threadsafe(settle)
