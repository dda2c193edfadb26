"""Doubles of six servers, and what selfinstruct makes of each: the cells of docs/servers.md.

    python tests/doubles.py      puts the table into docs/servers.md

servers/*.json holds what a server really sends: "real" names what was recorded from it here, the others are made after
its source, its documentation or somebody's report, which "source" beside each body names with the version.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from openai_stub import Handler, Reply, Seen, serving

from selfinstruct.errors import Declined, SelfinstructError, TeacherFailed, Transient, UsageError
from selfinstruct.running.drafts import heard
from selfinstruct.task import Message
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.http.endpoint import Endpoint

__all__ = [
    "BEHAVIOURS",
    "SERVERS",
    "Double",
    "Heard",
    "asked",
    "cell",
    "double",
    "heard_from",
    "loaded",
    "page",
    "table",
]

SERVERS = ("openai", "vllm", "sglang", "llamacpp", "ollama", "transformers")
PAGE = Path(__file__).parent.parent / "docs" / "servers.md"

SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "verdict",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"good": {"type": "boolean"}},
            "required": ["good"],
            "additionalProperties": False,
        },
    },
}
BEGUN = (
    Message(role="user", content="Count to five."),
    Message(role="assistant", content="1, 2, 3,"),
)
LONG = 5_000  # words; the servers have contexts of 128 to 4,096 tokens
TOO_MANY = 100_000  # tokens of an answer
BEHAVIOURS = {
    "answer": "answer and usage",
    "thoughts": "thoughts",
    "cut": "thoughts that use up `max_tokens`",
    "structured": "`response_format`",
    "prefill": "goes on with the assistant's turn",
    "completions": "`--api completions`",
    "responses": "`--api responses`",
    "long": "prompt longer than the context",
    "max_tokens": "`max_tokens` above what it can give",
    "model": "unknown model",
    "key": "wrong key",
    "busy": "too many requests",
}
"""What is asked, by the words of the table."""


@dataclass(frozen=True)
class Double:
    """What a server says, from its file."""

    server: str
    version: str
    model: str
    thinker: str
    """A model there that thinks; may be the same."""
    key: str
    """That it wants; "" when it takes any."""
    paths: dict[str, Any]
    elsewhere: dict[str, Any]
    """To a path that it has not."""
    says: dict[str, list[dict[str, Any]]]
    """By behaviour: the first whose `when` holds."""
    started: str = ""
    real: list[str] = field(default_factory=list)
    """Behaviours that the real server shows in the same way, wherever it can be had (test_servers.py, slow)."""


def loaded(name: str) -> Double:
    return Double(**json.loads((Path(__file__).parent / "servers" / f"{name}.json").read_text(encoding="utf-8")))


def double(name: str, *, thinks: bool = False) -> Handler:
    """A handler for `serving` that answers as this server does; with `thinks` its model thinks before every answer."""
    server = loaded(name)

    def reply(seen: Seen) -> Reply:
        method = "POST" if seen.body else "GET"
        path = seen.path.partition("?")[0]
        kind = _behaviour(seen, server, thinks)
        if kind is None:
            return _reply(server.paths.get(f"{method} {path}", server.elsewhere))
        return _reply(next(said for said in server.says[kind] if _holds(said.get("when", {}), seen.body)))

    return reply


def _behaviour(seen: Seen, server: Double, thinks: bool) -> str | None:
    """Which of the behaviours a request calls for; None: it is about the server, not to the model."""
    body, path = seen.body, seen.path.partition("?")[0]
    if server.key and path.startswith("/v1") and seen.headers.get("authorization") != f"Bearer {server.key}":
        return "key"
    if path not in ("/v1/chat/completions", "/v1/completions", "/v1/responses"):
        return None
    if body.get("model") not in (server.model, server.thinker):
        return "model"
    most = next((body[name] for name in body if re.fullmatch("max_(completion_|output_)?tokens", name)), 256)
    if most >= TOO_MANY:
        return "max_tokens"
    if path != "/v1/chat/completions":
        return path.rpartition("/")[2]
    last = body["messages"][-1]
    if len(last["content"].split()) >= LONG:
        return "long"
    if "Everybody" in last["content"]:
        return "busy"
    if (thinks or "Think" in last["content"]) and (most <= 64 or "response_format" not in body):
        return "cut" if most <= 64 else "thoughts"
    if "response_format" in body:
        return "structured"
    return "prefill" if last["role"] == "assistant" else "answer"


def _holds(when: dict[str, Any], body: dict[str, Any]) -> bool:
    return (
        all(name in body for name in when.get("has", ()))
        and not any(name in body for name in when.get("lacks", ()))
        and all(body.get(name) == value for name, value in when.get("body", {}).items())
    )


def _reply(said: dict[str, Any]) -> Reply:
    body = said["body"].encode() if isinstance(said["body"], str) else said["body"]
    return Reply(body, said.get("status", 200), said.get("headers", {}))


class Asked(NamedTuple):
    request: Request
    api: str = "chat"
    key: str = ""
    """Another than the server's own."""
    then: Request | None = None
    """Asked of the same endpoint when the first was answered, since only the two together show it."""


def asked(behaviour: str, model: str, thinker: str) -> Asked:
    """The request that shows it."""

    def ask(prompt: Any = "Name the largest planet.", most: int = 16, model: str = model, **params: Any) -> Request:
        return Request(prompt, model, {"max_tokens": most, "temperature": 0, **params})

    match behaviour:
        case "thoughts":
            return Asked(ask("Think, then say hello.", 256, thinker))
        case "cut":
            return Asked(ask("Think, then say hello.", 64, thinker))
        case "structured":
            return Asked(ask("Is that good?", response_format=SCHEMA))
        case "prefill":
            return Asked(ask(BEGUN, 8))
        case "completions":
            return Asked(ask("1, 2, 3,", 6), "completions")
        case "responses":
            return Asked(ask(), "responses")
        case "long":
            return Asked(ask("word " * LONG, 5), then=ask("word " * LONG + "and so on", 5))
        case "max_tokens":
            return Asked(ask(most=TOO_MANY))
        case "model":
            return Asked(ask(model="no-such-model"))
        case "key":
            return Asked(ask(), key="sk-wrong-00000000")
        case "busy":
            return Asked(ask("Everybody asks at once."))
    return Asked(ask())


class Heard(NamedTuple):
    """What came of a request, and what was sent for it."""

    outcome: Response | SelfinstructError
    bodies: tuple[dict[str, Any], ...] = ()
    told: tuple[str, ...] = ()
    """What people were told of it."""


@contextmanager
def _key(value: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "NO_PROXY")}
    os.environ |= {"OPENAI_API_KEY": value, "NO_PROXY": "*"}
    os.environ.pop("OPENAI_BASE_URL", None)
    try:
        yield
    finally:
        for name, was in before.items():
            os.environ.pop(name, None)
            if was is not None:
                os.environ[name] = was


async def answered(
    what: Asked, url: str, key: str, notice: Callable[[str], None] = lambda text: None
) -> Response | SelfinstructError:
    """One attempt at a server: its response, or the error that it becomes."""
    try:
        with _key(what.key or key or "none"):
            endpoint = Endpoint(what.request.model, base_url=url, api=what.api, notice=notice)
        async with endpoint as teacher:
            response = await teacher(what.request)
            return await teacher(what.then) if what.then else response
    except SelfinstructError as error:
        return error


async def heard_from(name: str, behaviour: str) -> Heard:
    server, told = loaded(name), list[str]()
    async with serving(double(name)) as stub:
        outcome = await answered(asked(behaviour, server.model, server.thinker), stub.url, server.key, told.append)
    return Heard(outcome, tuple(seen.body for seen in stub.seen), tuple(told))


def cell(behaviour: str, found: Heard) -> str:
    """What selfinstruct makes of it, in a few words."""
    match found.outcome:
        case Response() as response:
            return CELLS[behaviour](response, found)
        case Transient() as error if error.retry_after:
            return f"✓ waits {error.retry_after:g} s"
        case Transient():
            return "✓ tries again" if behaviour == "busy" else "tries until patience ends"
        case UsageError():
            return "not to be asked"
        case Declined() as declined if behaviour in ("long", "max_tokens"):
            return DECLINED[behaviour].get(declined.about, "✗ refused, and nobody knows why")
        case TeacherFailed():
            return "✓ stops at once" if behaviour in ("max_tokens", "model", "key") else "stops: not to be had"
    return str(found.outcome)


def _answer(response: Response, _: Heard) -> str:
    return "✓" if response.text and response.input_tokens and response.output_tokens else "✗ no usage"


def _thoughts(response: Response, _: Heard) -> str:
    answer = heard(response)
    if "<think" in answer.text or not answer.text:
        return "✗ in the answer"
    if response.thoughts:
        return "✓ apart"
    if answer.thoughts:
        return "✓ in the text, taken off"
    return "✓ counted, never shown" if response.thinking_tokens else "✗ lost"


def _cut(response: Response, _: Heard) -> str:
    return "✓ named" if not heard(response).text and response.finish_reason == "length" else "✗ taken for an answer"


def _structured(response: Response, found: Heard) -> str:
    try:
        json.loads(response.text)
    except ValueError:
        return "asked again without" if "response_format" not in found.bodies[-1] else "ignored: read as free text"
    return "✓ JSON"


def _prefill(response: Response, _: Heard) -> str:
    if response.text.lstrip().startswith("4"):
        return "✓"
    return "✗ the beginning comes twice" if response.text.startswith("1, 2, 3,") else "begins anew"


def _completions(response: Response, _: Heard) -> str:
    return "answers as a chat" if response.text[:1].isupper() else "✓"


def _long(response: Response, found: Heard) -> str:
    if response.finish_reason == "context_length":
        return "✓ a rejection"
    return "cut: warned of" if any("cut" in words for words in found.told) else "**nothing says so**"


def _max_tokens(response: Response, _: Heard) -> str:
    return "✗ taken for a long prompt" if response.finish_reason == "context_length" else "takes any number"


CELLS: dict[str, Callable[[Response, Heard], str]] = {
    "answer": _answer,
    "thoughts": _thoughts,
    "cut": _cut,
    "structured": _structured,
    "prefill": _prefill,
    "completions": _completions,
    "responses": _answer,
    "long": _long,
    "max_tokens": _max_tokens,
    "model": lambda response, _: "answers all the same",
    "key": lambda response, _: "takes any",
    "busy": lambda response, _: "queues without end",
}


DECLINED = {
    "long": {"prompt": "✓ a rejection"},
    "max_tokens": {"setting": "✓ stops, with the figure to set", "max_tokens": "✓ stops, with the figure to set"},
}
"""By what the endpoint says that a refusal is about."""


async def table() -> str:
    """Six servers by twelve behaviours, as Markdown."""
    servers = [loaded(name) for name in SERVERS]
    lines = [f"| | {' | '.join(server.server for server in servers)} |", f"|---|{'---|' * len(servers)}"]
    for behaviour, words in BEHAVIOURS.items():
        cells = [cell(behaviour, await heard_from(name, behaviour)) for name in SERVERS]
        lines.append(f"| {words} | {' | '.join(cells)} |")
    return "".join(f"{line}\n" for line in lines)


def page(text: str, made: str) -> str:
    """The page with this table in it."""
    return re.sub(r"(?<=<!-- table -->\n).*?(?=<!-- end -->)", lambda _: made, text, flags=re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), asyncio.run(table())), encoding="utf-8")
