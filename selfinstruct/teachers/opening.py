"""The one table of teachers' names: what --model and teacher= may be, and how each of them is opened."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from selfinstruct.errors import SelfinstructError, TeacherFailed, UsageError, quoted
from selfinstruct.gguf_file import SMOLLM2
from selfinstruct.teacher import Prompt, Request, Response, Teacher
from selfinstruct.teachers.checking.checker import CHECKER, Checker
from selfinstruct.teachers.gguf import Gguf
from selfinstruct.teachers.http.endpoint import Endpoint
from selfinstruct.teachers.local import Local
from selfinstruct.text.user_turns import UserTurn

__all__ = ["Answering", "Opened", "check_batch", "check_names", "is_builtin", "is_free", "is_local", "open_teachers"]

Answering = str | Teacher | Callable[[Any], Any]
"""A model's name, a Teacher, or a plain function, sync or async, from a prompt to a text."""


@dataclass(frozen=True, slots=True)
class Opened:
    ask: Teacher
    """Passes each request to the teacher that it names."""
    models: Mapping[str, str]
    """Role to the name that requests have: that of a local model says which weights it has."""
    knows: Mapping[str, Callable[[Request], Awaitable[bool]]]
    """Of the roles whose teacher is made of rules: whether it can answer a request."""
    endpoints: Mapping[str, Endpoint]
    """Those behind HTTP, by the name that requests have."""
    turns: Mapping[str, Callable[[], UserTurn]]
    """Of the roles that a model in this process has: how its own template begins a user's turn."""


def is_free(who: Answering, base_url: str | None) -> bool:
    """Whether only this process is asked: the built-in teacher, a model on this machine, a function, the checker."""
    return not isinstance(who, str) or who == CHECKER or is_local(who, base_url) or is_builtin(who, base_url)


def is_builtin(who: Answering, base_url: str | None) -> bool:
    """Whether our own rules answer, in this process."""
    return isinstance(who, str) and not base_url and who.partition(":")[0] == "builtin"


def is_local(who: Answering, base_url: str | None) -> bool:
    """Whether it is a real model in this process. At a server's address smollm2 is the server's own name of a model."""
    return isinstance(who, str) and (who.startswith(("local:", "gguf:")) or (who == SMOLLM2 and not base_url))


def check_names(teachers: Mapping[str, Answering]) -> None:
    """Raises UsageError for a name that nobody can have."""
    from selfinstruct.simulator import MODELS

    for role, model in teachers.items():
        if isinstance(model, str) and model.startswith("builtin:") and model not in MODELS:
            raise UsageError(f"no model {model!r}: there are {', '.join(MODELS)}")
        if model == CHECKER and role != CHECKER:
            raise UsageError(f"{role}={model}: the checker is no model, and answers 'each: check' steps alone")
        if not isinstance(model, str) and not callable(model):
            raise UsageError(f"a teacher is {quoted(model)}: give a model's name, or a function from prompt to text")


def check_batch(teachers: Mapping[str, Answering], base_url: str | None) -> None:
    """Raises UsageError for a teacher that no provider asks in batches: one in this process."""
    for role, who in teachers.items():
        if who != CHECKER and is_free(who, base_url):
            name = who if isinstance(who, str) else "a function"
            as_role = "" if role == "teacher" else f" (as {role})"
            raise UsageError(f"--batch is for a provider's Batch API, and {name}{as_role} answers here: leave it out")


async def open_teachers(
    teachers: Mapping[str, Answering],
    names: Mapping[str, str],
    stack: AsyncExitStack,
    *,
    base_url: str | None,
    api: str,
    timeout: float,
    most_bytes: int,
    at_once: int,
    notice: Callable[[str], None],
) -> Opened:
    """Open the teachers by role; `names` are what those that are no names are called. Nothing is sent yet.
    Plain functions are called in `at_once` threads. `notice` is told what a server or a model does otherwise.

    Raises UsageError for names that nobody has, missing keys and folders without a model.
    """
    from selfinstruct.simulator import MODELS, answers, builtin

    check_names(teachers)
    threads = stack.enter_context(ThreadPoolExecutor(at_once))  # starts none before there is work for it
    opened: dict[str, Teacher] = {}
    models: dict[str, str] = {}
    known: dict[str, Callable[[Request], Awaitable[bool]]] = {}
    endpoints: dict[str, Endpoint] = {}
    turns: dict[str, Callable[[], UserTurn]] = {}
    for role, who in teachers.items():
        if not isinstance(who, str):
            if any(names[other] == names[role] and teachers[other] is not who for other in models):
                raise UsageError(f"two teachers are called {names[role]!r}: name one of them, named('mine', …)")
            models[role] = names[role]
            opened[names[role]] = _as_teacher(who, names[role], threads)
            continue
        models[role] = who
        if is_local(who, base_url):
            how = "completions" if api == "completions" else "chat"
            local = Local(who.removeprefix("local:"), api=how) if who.startswith("local:") else Gguf(who, api=how)
            models[role], turns[role] = local.model, local.user_turn
            if local.model not in opened:
                opened[local.model] = await stack.enter_async_context(local)
        elif who == CHECKER:
            opened[who] = await stack.enter_async_context(Checker(notice))
        elif who in MODELS and not base_url:
            opened[who] = builtin
            known[role] = answers
        elif who not in opened:
            asked_by = "chat" if api in ("auto", "prefill") else api
            endpoint = Endpoint(
                who, base_url=base_url, api=asked_by, timeout=timeout, most_bytes=most_bytes, notice=notice
            )
            opened[who] = endpoints[who] = await stack.enter_async_context(endpoint)

    async def ask(request: Request, /) -> Response:
        return await opened[request.model](request)

    return Opened(ask, models, known, endpoints, turns)


def _as_teacher(function: Callable[[Any], Any], name: str, threads: Executor) -> Teacher:
    """A function of the user's as a teacher. It is given the Request if it says that it takes one, else the prompt as a
    text: of a conversation "role: content", a blank line between two turns.
    """
    wants_request = _wants_request(function)
    called = getattr(function, "does", function)
    waits = inspect.iscoroutinefunction(called)

    async def ask(request: Request, /) -> Response:
        asked = request if wants_request else _as_text(request.prompt)
        try:
            # A plain function may take its time, or wait for a server: in a thread, it keeps nobody else waiting.
            answer = (
                await called(asked)
                if waits
                else await asyncio.get_running_loop().run_in_executor(threads, called, asked)
            )
            answer = await answer if inspect.isawaitable(answer) else answer
        except SelfinstructError:
            raise
        except Exception as error:
            raise TeacherFailed(f"the teacher {name} raised {type(error).__name__}: {error}") from error
        if isinstance(answer, str):
            return Response(answer, model=name)
        if isinstance(answer, Response):
            return answer
        raise TeacherFailed(f"the teacher {name} answered {quoted(answer)}: it should return a text, or a Response")

    return ask


def _as_text(prompt: Prompt) -> str:
    return prompt if isinstance(prompt, str) else "\n\n".join(f"{turn['role']}: {turn['content']}" for turn in prompt)


def _wants_request(function: Callable[[Any], Any]) -> bool:
    called = getattr(function, "does", function)
    try:
        parameters = inspect.signature(called).parameters.values()
    except (TypeError, ValueError):  # a builtin without a signature
        return False
    first = next(iter(parameters), None)
    return first is not None and "Request" in str(first.annotation)
