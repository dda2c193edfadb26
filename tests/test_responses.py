"""/v1/responses of the built-in server, by the real openai package and by the endpoint."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from selfinstruct.simulator import builtin
from selfinstruct.simulator.server import serving
from selfinstruct.task import Message
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.http.endpoint import Endpoint
from selfinstruct.teachers.scripted import scripted

ROMAN = "Write the number 47 in Roman numerals."
WHOLE = Response(
    "Fine.",
    "stop",
    "builtin",
    9,
    5,
    thoughts="2 + 2",
    cached_tokens=4,
    written_tokens=2,
    thinking_tokens=3,
    tier="flex",
)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-wanted")
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


async def test_the_openai_client() -> None:
    shape: Any = {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}}}
    async with serving() as url, openai.AsyncOpenAI(base_url=url, max_retries=0, timeout=10) as client:
        said = await client.responses.create(model="builtin", input=ROMAN, max_output_tokens=64, store=False)
        alone = await builtin(Request(ROMAN, "builtin", {"max_tokens": 64}))
        assert (said.output_text, said.status, said.error) == (alone.text, "completed", None)
        assert said.usage is not None
        assert (said.usage.input_tokens, said.usage.output_tokens) == (alone.input_tokens, alone.output_tokens)
        turns: Any = [
            {"role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
            {"role": "assistant", "content": "Hello."},
            {"role": "user", "content": ROMAN},
        ]
        told = await client.responses.create(model="builtin", input=turns, instructions="Be brief.", text=shape)
        assert told.output_text
        wrong: Any
        for wrong in ({"max_output_tokens": 8}, {"extra_body": {"stop": ["x"]}}, {"input": []}, {"model": "gpt-9"}):
            with pytest.raises(openai.APIStatusError) as caught:
                await client.responses.create(**({"model": "builtin", "input": ROMAN} | wrong))
            assert caught.value.status_code in (400, 404)


async def test_thoughts_usage_and_tier_come_through_every_api() -> None:
    async with serving(scripted([WHOLE] * 2)) as url:
        for api in ("chat", "responses"):
            async with Endpoint("builtin", base_url=url, api=api) as endpoint:
                found = await endpoint(Request("Hi", "builtin"))
                assert found == WHOLE
                assert (found.cached_tokens, found.written_tokens, found.thinking_tokens, found.tier) == (
                    4,
                    2,
                    3,
                    "flex",
                )


@pytest.mark.parametrize("text", [ROMAN, "你好，请说“好”。"])
async def test_the_same_answers_as_by_chat(text: str) -> None:
    request = Request(text, "builtin", {"max_tokens": 64, "temperature": 0.5})
    async with serving() as url:
        answers = []
        for api in ("chat", "responses"):
            async with Endpoint("builtin", base_url=url, api=api) as endpoint:
                answers.append(await endpoint(request))
        assert answers[0] == answers[1] == await builtin(request)


async def test_a_beginning_is_gone_on_with() -> None:
    turns = (
        Message(role="user", content="Write the number 47"),
        Message(role="assistant", content="in Roman numerals."),
    )
    request = Request(turns, "builtin")
    async with serving() as url, Endpoint("builtin", base_url=url) as endpoint:
        assert await endpoint(request) == await builtin(request)


async def test_a_batch_of_responses() -> None:
    import json

    body = {"model": "builtin", "input": ROMAN}
    line = json.dumps({"custom_id": "r", "method": "POST", "url": "/v1/responses", "body": body}).encode()
    async with serving() as url, openai.AsyncOpenAI(base_url=url, max_retries=0, timeout=10) as client:
        file = await client.files.create(file=("in.jsonl", line), purpose="batch")
        batch = await client.batches.create(input_file_id=file.id, endpoint="/v1/responses", completion_window="24h")
        while batch.status not in ("completed", "failed"):
            batch = await client.batches.retrieve(batch.id)
        assert batch.output_file_id
        [row] = (await client.files.content(batch.output_file_id)).text.splitlines()
        live = await client.responses.create(model="builtin", input=ROMAN)
        assert json.loads(row)["response"]["body"] == live.model_dump(exclude_unset=True)
