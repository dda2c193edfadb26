"""Over real HTTP with a server that misbehaves: the same items as from a teacher in process that never fails."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import pytest
from cases import CASES, items_of
from fakes import simple
from openai_stub import CUT, DROP, Reply, Seen, chat, error, serving

from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Prompt, Request, Teacher
from selfinstruct.teachers.http.endpoint import Endpoint
from selfinstruct.teachers.pacing.throttle import Throttle
from selfinstruct.teachers.scripted import scripted


class Hurried:
    """A clock that jumps over every wait."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


def answer(body: dict[str, Any], api: str) -> Reply:
    """What the simple teacher says to the request that the body came from."""
    rest = {name: value for name, value in body.items() if name not in ("messages", "prompt", "model", "seed")}
    turns = tuple(body.get("messages", ()))
    prompt: Prompt = body["prompt"] if api == "completions" else turns if len(turns) > 1 else turns[0]["content"]
    response = simple(Request(prompt, body["model"], rest, body.get("seed", 0)))
    said = chat(response.text, response.finish_reason)
    if api == "completions":
        said["choices"] = [{"index": 0, "text": response.text, "finish_reason": response.finish_reason}]
    return Reply(said)


async def items_from(name: str, teacher: Teacher) -> list[Task | Rejected]:
    return await items_of(CASES[name], teacher, CASES[name].num)


@pytest.mark.parametrize(
    ("name", "api"), [(name, ("chat", "completions")[place % 2]) for place, name in enumerate(CASES)]
)
async def test_faults_change_nothing(name: str, api: str) -> None:
    if api == "completions" and name.startswith("self_chat"):
        pytest.skip("a conversation is no text to go on with")
    rng = Random(name + api)
    faults: list[Any] = [
        error(500),
        error(503),
        error(429, retry_after="7"),
        DROP,
        CUT,
        b"HTTP/1.1 200 OK\r\n\r\n<html>",
    ]
    faults += [Reply({"choices": []}), Reply(b'{"choi'), error(408), Reply({"choices": [{"index": 0}]})]
    made = 0

    def handler(seen: Seen) -> Any:
        nonlocal made
        if rng.random() < 0.4:
            made += 1
            return rng.choice(faults)
        return answer(seen.body, api)

    clock = Hurried()
    async with serving(handler) as server, Endpoint("simple", base_url=server.url, api=api) as endpoint:
        throttle = Throttle(endpoint, concurrency=8, patience=1e9, sleep=clock.sleep, clock=clock, random=Random(0))
        found = await items_from(name, throttle)
    assert made > 1
    assert found == await items_from(name, scripted(simple))
