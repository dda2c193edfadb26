"""A teacher as a server, asked by the openai client, by curl and by nonsense; faults; limits; files and batches."""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import replace
from random import Random
from typing import Any

import openai
import pytest
from fakes import SEEDS, SEEDS_ZH, simple
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfinstruct.errors import Declined, TeacherFailed, Transient, UsageError
from selfinstruct.running.recipe_file import load
from selfinstruct.running.run import results, run
from selfinstruct.simulator import builtin
from selfinstruct.simulator.server import Faults, Rules, serve, serving
from selfinstruct.simulator.server.faults import RATES
from selfinstruct.simulator.server.protocol import asked
from selfinstruct.task import Message, Rejected, Task
from selfinstruct.teacher import Request, Response, Teacher
from selfinstruct.teachers.http.bodies import body_of
from selfinstruct.teachers.http.endpoint import Endpoint
from selfinstruct.teachers.pacing.throttle import Throttle
from selfinstruct.teachers.scripted import scripted

ROMAN = "Write the number 47 in Roman numerals."
TURNS: list[Any] = [{"role": "user", "content": ROMAN}]
LONG = "Task: " + ROMAN  # whatever it is, the answer has several words


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-wanted")
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


class Hurried:
    """A clock that jumps over every wait."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server in another thread, for clients that wait."""
    started, ready = threading.Event(), list[str]()
    stop: list[Callable[[], object]] = []

    async def work() -> None:
        over, loop = asyncio.Event(), asyncio.get_running_loop()
        stop.append(lambda: loop.call_soon_threadsafe(over.set))
        async with serving(now=lambda: 1_800_000_000.0, most_bytes=300_000) as found:
            ready.append(found)
            started.set()
            await over.wait()

    thread = threading.Thread(target=asyncio.run, args=(work(),))
    thread.start()
    started.wait()
    yield ready[0]
    stop[0]()
    thread.join()


@pytest.fixture
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=url, max_retries=0, timeout=10) as found:
        yield found


@asynccontextmanager
async def asking(**options: Any) -> AsyncIterator[openai.AsyncOpenAI]:
    async with (
        serving(**options) as url,
        openai.AsyncOpenAI(base_url=url, max_retries=0, timeout=10) as found,
    ):
        yield found


def answer(prompt: Any, sample: int = 0, **params: Any) -> Response:
    """What the built-in teacher says in process."""

    async def ask() -> Response:
        return await builtin(Request(prompt, "builtin", params, sample))

    return asyncio.run(ask())


def raw(url: str, body: bytes, path: str = "/v1/chat/completions", method: str = "POST", **headers: str) -> Any:
    """The status and the JSON that a body gets, sent as it is."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(http.client.HTTPConnection(url.split("/")[2], timeout=10)) as connection:
        connection.request(method, path, body, names)
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())


# The openai client


def test_chat(client: openai.OpenAI) -> None:
    said, response = client.chat.completions.create(model="builtin", messages=TURNS), answer(ROMAN)
    assert said.choices[0].message.content == response.text
    assert (said.choices[0].finish_reason, said.model, said.object) == ("stop", "builtin", "chat.completion")
    assert said.usage is not None
    assert (said.usage.prompt_tokens, said.usage.completion_tokens) == (response.input_tokens, response.output_tokens)
    assert said == client.chat.completions.create(model="builtin", messages=TURNS), "the same request, the same bytes"


def test_conversations_and_parts(client: openai.OpenAI) -> None:
    turns: list[Any] = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Hello."}, {"type": "text", "text": "你好。"}]},
        {"role": "assistant", "content": None, "tool_calls": []},
        {"role": "user", "content": ROMAN},
    ]
    said = client.chat.completions.create(model="builtin", messages=turns)
    seen: Any = [*turns[:1], {"role": "user", "content": "Hello.\n你好。"}, {**turns[2], "content": ""}, turns[3]]
    assert said.choices[0].message.content == answer(tuple(seen)).text
    [request] = asked({"model": "builtin", "messages": turns}, "chat", ["builtin"]).requests
    assert request == Request(tuple(seen), "builtin")


def test_completions(client: openai.OpenAI) -> None:
    said = client.completions.create(model="builtin", prompt=[ROMAN, "Hi"], n=2, seed=5, temperature=0.5)
    expected = [answer(prompt, sample, temperature=0.5) for prompt in (ROMAN, "Hi") for sample in (5, 6)]
    assert [choice.text for choice in said.choices] == [response.text for response in expected]
    assert [choice.index for choice in said.choices] == [0, 1, 2, 3]
    assert said.usage is not None
    assert said.usage.prompt_tokens == sum(response.input_tokens or 0 for response in expected[::2])
    assert said.usage.completion_tokens == sum(response.output_tokens or 0 for response in expected)


def test_n_and_seed_are_samples(client: openai.OpenAI) -> None:
    said = client.chat.completions.create(model="builtin", messages=TURNS, n=3, seed=7)
    assert [one.message.content for one in said.choices] == [answer(ROMAN, sample).text for sample in (7, 8, 9)]
    again = client.chat.completions.create(model="builtin", messages=TURNS, seed=8)
    assert again.choices[0].message.content == said.choices[1].message.content
    assert again.id != said.id


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_max_tokens(client: openai.OpenAI, name: str) -> None:
    assert len(answer(LONG).text.split()) > 1
    params: dict[str, Any] = {name: 2}
    cut = client.chat.completions.create(model="builtin", messages=[{"role": "user", "content": LONG}], **params)
    assert cut.choices[0].finish_reason == "length"
    assert cut.choices[0].message.content == answer(LONG, **params).text
    assert cut.usage is not None
    assert cut.usage.completion_tokens <= 2


def test_stop(client: openai.OpenAI) -> None:
    marks = [" ", "\n"]
    said = client.chat.completions.create(model="builtin", messages=[{"role": "user", "content": LONG}], stop=marks)
    assert said.choices[0].message.content == answer(LONG, stop=marks).text
    assert " " not in (said.choices[0].message.content or "")


@pytest.mark.parametrize("content", [ROMAN, "Hi\n", "你好，请说“好”。"])
def test_streams_say_what_answers_say(client: openai.OpenAI, content: str) -> None:
    params: dict[str, Any] = {"model": "builtin", "n": 2, "stream": True, "stream_options": {"include_usage": True}}
    texts, finish, usage = ["", ""], [None, None], None
    for chunk in client.chat.completions.create(messages=[{"role": "user", "content": content}], **params):
        for choice in chunk.choices:
            texts[choice.index] += choice.delta.content or ""
            finish[choice.index] = choice.finish_reason or finish[choice.index]
        usage = chunk.usage or usage
    whole = client.chat.completions.create(model="builtin", messages=[{"role": "user", "content": content}], n=2)
    assert texts == [choice.message.content for choice in whole.choices]
    assert finish == [choice.finish_reason for choice in whole.choices]
    assert usage == whole.usage
    chunks = list(client.completions.create(model="builtin", prompt=content, stream=True))
    assert "".join(chunk.choices[0].text for chunk in chunks) == texts[0]
    assert chunks[-1].choices[0].finish_reason == finish[0]


def test_models(client: openai.OpenAI, url: str) -> None:
    assert [model.id for model in client.models.list()] == ["builtin"]
    assert client.models.retrieve("builtin").owned_by == "selfinstruct"
    with pytest.raises(openai.NotFoundError, match="there is builtin"):
        client.models.retrieve("gpt-9")
    assert raw(url, b"", "/health", "GET") == (200, {"status": "ok"})


async def test_the_asynchronous_client() -> None:
    async with asking(teacher=scripted(simple), models=["simple", "other/one"]) as client:
        prompt = "1. a\n9."
        said = await asyncio.gather(
            *(client.completions.create(model="simple", prompt=prompt, seed=seed) for seed in range(50))
        )
        assert [one.choices[0].text for one in said] == [
            simple(Request(prompt, "simple", {}, seed)).text for seed in range(50)
        ]
        assert (await client.models.retrieve("other/one")).id == "other/one"
        stream = await client.completions.create(model="simple", prompt=prompt, stream=True)
        assert "".join([chunk.choices[0].text async for chunk in stream]) == said[0].choices[0].text


# Refusals


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": "Hi"}, "messages"),
        ({"messages": [{"role": "robot", "content": "Hi"}]}, "messages[0]"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages[0].content[0]"),
        ({"messages": None}, "messages"),
        ({"model": None}, "model"),
        ({"model": ["builtin"]}, "model"),
        ({"n": 0}, "n"),
        ({"n": True}, "n"),
        ({"n": 129}, "n"),
        ({"temperature": 2.5}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"top_p": -1}, "top_p"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_completion_tokens": 1.5}, "max_completion_tokens"),
        ({"seed": "x"}, "seed"),
        ({"stop": 3}, "stop"),
        ({"stop": ["a", 3]}, "stop"),
        ({"stream": "yes"}, "stream"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"echo": True}, "echo"),
    ],
)
def test_what_is_wrong_is_named(client: openai.OpenAI, wrong: dict[str, Any], param: str) -> None:
    body = {"model": "builtin", "messages": TURNS} | wrong
    with pytest.raises(openai.BadRequestError) as caught:
        client.post("/chat/completions", body=body, cast_to=object)
    assert caught.value.param == param
    assert param.split("[")[0] in str(caught.value)


@pytest.mark.parametrize("prompt", [None, 3, [], [1, 2, 3], ["Hi", 3], [["Hi"]], ["Hi"] * 17])
def test_prompts_that_are_none(client: openai.OpenAI, prompt: Any) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.post("/completions", body={"model": "builtin", "prompt": prompt, "n": 128}, cast_to=object)
    assert caught.value.param == "prompt"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "no valid JSON"),
        (b"{", "no valid JSON"),
        (b"[]", "object"),
        (b"\xff", "no valid JSON"),
        (b'{"seed": NaN}', "no valid JSON"),
        (b'{"seed": ' + b"9" * 5000 + b"}", "no valid JSON"),
        (b'{"a":' * 9000 + b"1" + b"}" * 9000, "no valid JSON"),
        (b'{"model": "builtin", "prompt": "Hi", "x":' + b"[" * 985 + b"]" * 985 + b"}", ""),
    ],
)
def test_bodies_that_are_no_requests(url: str, body: bytes, words: str) -> None:
    status, row = raw(url, body, "/v1/completions")
    assert status == 400 if words else status in (200, 400)
    assert words in json.dumps(row)


def test_paths_methods_and_sizes(url: str) -> None:
    assert raw(url, b"", "/v1/nothing")[0] == 404
    assert raw(url, b"", "/v1/nothing", "GET")[1]["error"]["code"] == "unknown_url"
    status, row = raw(url, b"", "/v1/chat/completions", "PATCH")
    assert (status, row["error"]["message"]) == (405, "Not allowed to PATCH here, only to POST")
    assert raw(url, b" " * 400_000)[0] == 413
    assert raw(url, b"no gzip", content_encoding="gzip")[0] == 400


def test_unknown_model(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="gpt-9", messages=TURNS)
    assert caught.value.code == "model_not_found"


async def test_a_key_may_be_wanted() -> None:
    async with asking(key="sk-wanted") as client:
        assert (await client.models.list()).data
        for path, headers, status in [
            ("/health", {}, 200),
            ("/v1/models", {}, 401),
            ("/v1/models", {"authorization": "Bearer sk-other"}, 401),
            ("/v1/models", {"authorization": "Bearer sk-w\xe4nted"}, 401),
            ("/v1/models", {"authorization": "sk-wanted"}, 401),
            ("/v1/nothing", {}, 401),
        ]:
            said = await asyncio.to_thread(raw, str(client.base_url), b"", path, "GET", **headers)
            assert said[0] == status
            assert "sk-" not in json.dumps(said)
        with pytest.raises(openai.AuthenticationError):
            await client.with_options(api_key="sk-other").models.list()


@pytest.mark.parametrize(
    ("failure", "status"), [(TeacherFailed("out of ideas"), 500), (ValueError("secret"), 500), (RecursionError(), 400)]
)
async def test_a_teacher_that_fails(failure: Exception, status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    async with asking(teacher=scripted([failure])) as client:
        with pytest.raises(openai.APIStatusError) as caught:
            await client.chat.completions.create(model="builtin", messages=TURNS)
    assert caught.value.status_code == status
    assert "secret" not in str(caught.value)
    assert ("secret" in caplog.text) == isinstance(failure, ValueError), "bugs are logged"


@pytest.mark.parametrize("finish", ["content_filter", "length"])
async def test_how_it_ended_comes_through(finish: str) -> None:
    response = Response("" if finish.startswith("con") else "Cut of", finish, "builtin")
    async with serving(scripted([response] * 3)) as url:
        for api in ("chat", "completions", "responses"):
            async with Endpoint("builtin", base_url=url, api=api) as endpoint:
                assert await endpoint(Request("Hi", "builtin")) == response


async def test_a_prompt_that_is_too_long_comes_through() -> None:
    async with serving(scripted([Response("", "context_length", "builtin")] * 3)) as url:
        for api in ("chat", "completions", "responses"):
            async with Endpoint("builtin", base_url=url, api=api) as endpoint:
                with pytest.raises(Declined) as caught:
                    await endpoint(Request("Hi", "builtin"))
                assert caught.value.about == "prompt"


NAMES = [
    "model",
    "messages",
    "prompt",
    "input",
    "instructions",
    "reasoning",
    "format",
    "max_output_tokens",
    "n",
    "stop",
    "seed",
    "stream",
    "stream_options",
    "include_usage",
    "max_tokens",
]
NAMES += ["temperature", "echo", "user", "role", "content", "type", "text", "custom_id", "method", "url", "body"]
WORDS = st.sampled_from(
    ["builtin", "user", "assistant", "text", "POST", "/v1/chat/completions", "", "你\ud800", "\x00"]
)
SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 200) | st.floats() | WORDS,
    lambda shapes: st.lists(shapes, max_size=3) | st.dictionaries(st.sampled_from(NAMES), shapes, max_size=6),
    max_leaves=12,
)
ROWS = st.dictionaries(st.sampled_from(NAMES), SHAPES, max_size=8)
NEARLY = st.builds(
    lambda row, more: {"model": "builtin", "messages": TURNS, "prompt": "Hi"} | row | more, ROWS, ROWS
) | st.builds(lambda row: {"model": "builtin", "input": "Hi"} | row, ROWS)
PATHS = [
    "chat/completions",
    "completions",
    "responses",
    "files",
    "batches",
    "files/x",
    "batches/x/cancel",
    "models/x",
    "models",
]
QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)


def is_refusal(status: int, row: Any) -> bool:
    keys = {"message", "type", "param", "code"}
    return 400 <= status < 500 and row["error"].keys() == keys and row["error"]["message"] != ""


@QUIET
@given(body=ROWS | NEARLY, path=st.sampled_from(PATHS[:3]))
def test_no_shape_of_a_request_is_a_crash(url: str, body: Any, path: str) -> None:
    content = json.dumps(body).encode()
    with closing(http.client.HTTPConnection(url.split("/")[2], timeout=10)) as connection:
        connection.request("POST", f"/v1/{path}", content)
        reply = connection.getresponse()
        said = reply.read()
    if reply.status == 200:
        kept = "output" if path == "responses" else "choices"
        assert said.endswith(b"[DONE]\n\n") if body.get("stream") else json.loads(said)[kept]
    else:
        assert is_refusal(reply.status, json.loads(said))


@QUIET
@given(
    content=st.binary(max_size=80) | st.binary(max_size=40).map(lambda inner: b"--x\r\n" + inner + b"\r\n--x--\r\n"),
    path=st.sampled_from(PATHS),
    method=st.sampled_from(["GET", "POST", "DELETE", "PUT"]),
    kind=st.sampled_from(["multipart/form-data; boundary=x", "multipart/form-data", "application/json", "x"]),
    query=st.sampled_from(["", "?limit=0", "?limit=٣", "?after=x", "?purpose=%ff", "?limit=" + "9" * 5000]),
)
def test_no_bytes_are_a_crash(url: str, content: bytes, path: str, method: str, kind: str, query: str) -> None:
    from urllib.parse import quote

    status, row = raw(url, content, f"/v1/{path}{quote(query, safe='?=%')}", method, content_type=kind)
    assert status == 200 or is_refusal(status, row)


@QUIET
@given(data=st.binary(max_size=60) | st.binary(max_size=60).map(lambda rest: b"POST /v1/files HTTP/1.1\r\n" + rest))
def test_what_is_no_http_is_no_hang(url: str, data: bytes) -> None:
    host, port = url.split("/")[2].split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        said = b"".join(iter(lambda: connection.recv(65536), b""))
    assert not said or said.startswith(b"HTTP/1.")
    assert b" 500 " not in said.split(b"\r\n")[0]


# The same requests and answers as in process

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PARAMS = st.fixed_dictionaries(
    {},
    optional={
        "temperature": st.floats(0, 2),
        "top_p": st.integers(0, 1),
        "max_tokens": st.integers(1, 10**6),
        "stop": st.lists(TEXTS, max_size=4) | TEXTS,
        "user": TEXTS,
        "top_k": st.integers(),
        "logit_bias": st.dictionaries(TEXTS, st.floats(allow_nan=False, allow_infinity=False)),
    },
)
CONVERSATIONS = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["system", "user", "assistant"]), "content": TEXTS}), min_size=2
).map(tuple)


@pytest.mark.parametrize("api", ["chat", "completions"])
@given(data=st.data(), params=PARAMS, sample=st.integers(0, 99))
@settings(deadline=None)
def test_the_request_comes_through(api: str, data: st.DataObject, params: dict[str, Any], sample: int) -> None:
    prompt: Any = data.draw(TEXTS if api == "completions" else TEXTS | CONVERSATIONS)
    request = Request(prompt, "m", params, sample)
    [seen] = asked(json.loads(json.dumps(body_of(request, api, "m"))), api, ["m"]).requests
    assert seen == request
    assert seen.key == request.key


def test_a_seed_of_the_recipe_is_the_sample() -> None:
    """The endpoint sends their sum, so which of the two it was is not to be seen."""
    [seen] = asked({"model": "m", "prompt": "Hi", "seed": 42, "stop": None}, "completions", ["m"]).requests
    assert seen == Request("Hi", "m", {}, 42)


async def items_from(name: str, model: str, teacher: Teacher, num: int = 40) -> list[Task | Rejected]:
    found: list[Task | Rejected] = []
    steps = [replace(step, model=model) for step in load(name).steps]
    seeds = SEEDS_ZH if name == "belle" else SEEDS
    await run(results(steps, seeds, [teacher] * len(steps), seed=0, width=16, at_once=16, num=num), found.append)
    return found


@pytest.mark.parametrize("api", ["chat", "completions"])
@pytest.mark.parametrize("name", ["self_instruct", "alpaca", "belle"])
async def test_the_same_bytes_as_in_process(name: str, api: str) -> None:
    async with serving() as url, Endpoint("builtin", base_url=url, api=api) as endpoint:
        assert await items_from(name, "builtin", endpoint) == await items_from(name, "builtin", builtin)


@pytest.mark.parametrize("params", [{}, {"seed": 5}, {"max_tokens": 20, "seed": None}])
@pytest.mark.parametrize("sample", [0, 3])
async def test_a_lone_message_and_a_seed_are_answered_as_in_process(params: dict[str, Any], sample: int) -> None:
    request = Request((Message(role="user", content=ROMAN),), "builtin", params, sample)
    async with serving() as url, Endpoint("builtin", base_url=url) as endpoint:
        assert await endpoint(request) == await builtin(request)


@pytest.mark.parametrize("api", ["chat", "completions"])
@pytest.mark.parametrize("name", ["self_instruct", "alpaca"])
async def test_faults_and_limits_change_nothing(name: str, api: str) -> None:
    clock = Hurried()
    faults = Faults(
        latency=0.5, jitter=1, rpm=60, tpm=20_000, errors=0.1, drops=0.05, timeouts=0.01, cuts=0.05, empties=0.05,
        garbage=0.05, seed=3,
    )  # fmt: skip
    options: dict[str, Any] = {"models": ["simple"], "faults": faults, "sleep": clock.sleep, "clock": clock}
    async with (
        serving(scripted(simple), **options) as url,
        Endpoint("simple", base_url=url, api=api, timeout=0.5) as endpoint,
    ):
        throttle = Throttle(endpoint, concurrency=8, patience=1e9, sleep=clock.sleep, clock=clock, random=Random(0))
        found = await items_from(name, "simple", throttle)
    assert found == await items_from(name, "simple", scripted(simple))
    assert clock.now > (60 if name == "self_instruct" else 20)  # rpm made it wait


# Faults


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("errors", "HTTP 50"),
        ("drops", "no answer"),
        ("timeouts", "raise --timeout"),
        ("cuts", "no answer"),
        ("empties", "sent no completion"),
        ("garbage", "It works!"),
    ],
)
async def test_every_fault_may_pass(fault: str, words: str) -> None:
    rates: dict[str, Any] = {fault: 1.0}
    async with serving(faults=Faults(**rates)) as url:
        for api in ("chat", "completions"):
            timeout = 0.1 if fault == "timeouts" else 10.0
            async with Endpoint("builtin", base_url=url, api=api, timeout=timeout) as endpoint:
                with pytest.raises(Transient, match=words):
                    await endpoint(Request("Hi", "builtin"))


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("errors", openai.InternalServerError),
        ("drops", openai.APIConnectionError),
        ("timeouts", openai.APITimeoutError),
        ("cuts", openai.APIConnectionError),
    ],
)
async def test_the_openai_client_knows_the_faults(fault: str, kind: type[Exception]) -> None:
    rates: dict[str, Any] = {fault: 1.0}
    async with asking(faults=Faults(**rates)) as client:
        with pytest.raises(kind):
            await client.with_options(timeout=0.1 if fault == "timeouts" else 10).chat.completions.create(
                model="builtin", messages=TURNS
            )


async def test_who_gives_up_leaves_nothing_behind() -> None:
    async with asking(faults=Faults(timeouts=1)) as client:
        before = len(asyncio.all_tasks())
        with pytest.raises(openai.APITimeoutError):
            await client.with_options(timeout=0.1).completions.create(model="builtin", prompt="Hi")
        async with asyncio.timeout(10):
            while len(asyncio.all_tasks()) > before:
                await asyncio.sleep(0.001)


def test_faults_come_at_their_rates() -> None:
    rates: dict[str, Any] = {name: 0.02 * number for number, name in enumerate(RATES, 1)}
    faults = Faults(**rates, latency=1, jitter=2, seed=5)
    fates = [faults.fate(number) for number in range(20_000)]
    counts = Counter(fate.fault for fate in fates)
    for name, rate in rates.items():  # within three deviations of what is expected
        assert abs(counts[name] - 20_000 * rate) < 3 * (20_000 * rate * (1 - rate)) ** 0.5, name
    assert all(1 <= fate.delay <= 3 for fate in fates)
    assert max(fate.delay for fate in fates) > 2.9
    assert {fate.status for fate in fates if fate.fault == "errors"} == {500, 503}
    assert fates[:500] == [faults.fate(number) for number in range(500)]
    assert fates[:500] != [Faults(**rates, latency=1, jitter=2, seed=6).fate(number) for number in range(500)]


async def test_faults_meet_as_many_requests_as_they_should() -> None:
    faults = Faults(errors=0.2, empties=0.1, garbage=0.1, seed=1)
    expected = Counter(faults.fate(number).fault for number in range(1, 201))
    seen = Counter[str]()
    async with (
        serving(scripted(simple), models=["simple"], faults=faults) as url,
        Endpoint("simple", base_url=url) as endpoint,
    ):
        for _ in range(200):
            try:
                await endpoint(Request("9.", "simple"))
                seen[""] += 1
            except Transient as error:
                words = {"HTTP 50": "errors", "It works": "garbage", "sent no completion": "empties"}
                seen[next(fault for said, fault in words.items() if said in str(error))] += 1
    assert seen == expected


async def test_latency_is_before_the_answer() -> None:
    waits = list[float]()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async with asking(faults=Faults(latency=0.25), sleep=sleep) as client:
        await client.chat.completions.create(model="builtin", messages=TURNS)
        await client.models.list()
    assert waits == [0.25]


@pytest.mark.parametrize(
    "wrong",
    [
        *({"errors": 1.5}, {"drops": -0.1}, {"cuts": 0.6, "empties": 0.6}, {"garbage": float("nan")}),
        *({"latency": -1}, {"jitter": float("nan")}, {"rpm": 0}, {"tpm": -5}),
    ],
)
def test_faults_that_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(wrong)) if len(wrong) == 1 else "add up to"):
        Faults(**wrong)


# Limits


async def test_requests_a_minute() -> None:
    clock = Hurried()
    async with asking(faults=Faults(rpm=3), clock=clock) as client:
        ask = client.chat.completions.with_raw_response.create
        first = await ask(model="builtin", messages=TURNS)
        assert first.headers["x-ratelimit-limit-requests"] == "3"
        assert first.headers["x-ratelimit-remaining-requests"] == "2"
        assert first.headers["x-ratelimit-reset-requests"] == "20.000s"
        for _ in range(2):
            await ask(model="builtin", messages=TURNS)
        for _ in range(2):  # refusing costs nothing
            with pytest.raises(openai.RateLimitError) as caught:
                await ask(model="builtin", messages=TURNS)
            assert caught.value.code == "rate_limit_exceeded"
            headers = caught.value.response.headers
            assert (headers["retry-after"], headers["retry-after-ms"]) == ("20", "20000")
        clock.now += 20
        await ask(model="builtin", messages=TURNS)
        with pytest.raises(openai.RateLimitError):
            await ask(model="builtin", messages=TURNS)
        clock.now += 1000
        assert (await ask(model="builtin", messages=TURNS)).headers["x-ratelimit-remaining-requests"] == "2"


async def test_tokens_a_minute() -> None:
    clock = Hurried()
    teacher = scripted([Response("Fine.", "stop", "builtin", 60, 30)] * 3)
    async with (
        serving(teacher, faults=Faults(tpm=60), clock=clock) as url,
        Endpoint("builtin", base_url=url) as endpoint,
    ):
        await endpoint(Request("Hi", "builtin"))  # 90 of 60: in debt for 30, and let in again from 1 on
        with pytest.raises(Transient, match="tokens per min") as caught:
            await endpoint(Request("Hi", "builtin"))
        assert caught.value.retry_after == 31
        clock.now += 31
        await endpoint(Request("Hi", "builtin"))


async def test_who_waits_as_told_is_let_in() -> None:
    clock, told = Hurried(), 0.0
    async with (
        serving(scripted(simple), models=["simple"], faults=Faults(rpm=7, tpm=333), clock=clock) as url,
        Endpoint("simple", base_url=url) as endpoint,
    ):
        for _ in range(60):
            clock.now += told
            refused, told = bool(told), 0.0
            try:
                await endpoint(Request("9.", "simple"))
            except Transient as error:
                told = error.retry_after or 0.0
            assert not (refused and told)
    assert clock.now > 60


# Files and batches


def line(id: Any, content: str = ROMAN, **more: Any) -> str:
    body = {"model": "builtin", "messages": [{"role": "user", "content": content}], **more.pop("body", {})}
    return json.dumps({"custom_id": id, "method": "POST", "url": "/v1/chat/completions", "body": body, **more})


async def batch_of(client: openai.AsyncOpenAI, content: str, **options: Any) -> Any:
    """A batch that is over."""
    file = await client.files.create(file=("in.jsonl", content.encode()), purpose="batch")
    params = {"completion_window": "24h", "endpoint": "/v1/chat/completions"} | options
    batch = await client.batches.create(input_file_id=file.id, **params)
    while batch.status not in ("completed", "failed", "cancelled"):
        batch = await client.batches.retrieve(batch.id)
    return batch


async def rows_of(client: openai.AsyncOpenAI, id: str) -> list[Any]:
    return [json.loads(text) for text in (await client.files.content(id)).text.splitlines()]


async def test_files() -> None:
    async with asking(now=lambda: 1_800_000_000.5) as client:
        made = [await client.files.create(file=("a.jsonl", b"same"), purpose="batch") for _ in range(3)]
        assert len({file.id for file in made}) == 3
        assert (made[0].filename, made[0].bytes, made[0].created_at) == ("a.jsonl", 4, 1_800_000_000)
        other = await client.files.create(file=b"\x00\xff" * 100_000, purpose="user_data")
        assert (await client.files.content(other.id)).content == b"\x00\xff" * 100_000
        assert await client.files.retrieve(made[0].id) == made[0]
        assert [file.id async for file in client.files.list(limit=2)] == [
            file.id for file in [other, *reversed(made)]
        ]  # over two pages
        assert [file.id async for file in client.files.list(purpose="batch", order="asc")] == [file.id for file in made]
        assert (await client.files.delete(made[1].id)).deleted
        for ask in (client.files.retrieve, client.files.content, client.files.delete):
            with pytest.raises(openai.NotFoundError, match=made[1].id):
                await ask(made[1].id)
        with pytest.raises(openai.BadRequestError, match="go on after"):
            await client.files.list(after=made[1].id)


async def test_a_batch() -> None:
    async with asking() as client:
        lines = [line(f"r{n}", f"Write the number {n} in Roman numerals.", body={"seed": n}) for n in range(20)]
        lines[3] = line("r3", body={"temperature": 9})
        lines[4] = line("r4", body={"stream": True})
        batch = await batch_of(client, "\n".join(lines) + "\n\n", metadata={"for": "a test"})
        assert (batch.status, batch.metadata) == ("completed", {"for": "a test"})
        assert (batch.request_counts.total, batch.request_counts.completed, batch.request_counts.failed) == (20, 18, 2)
        good, bad = await rows_of(client, batch.output_file_id), await rows_of(client, batch.error_file_id)
        assert [row["custom_id"] for row in good] == [f"r{n}" for n in range(20) if n not in (3, 4)]
        turns: Any = [{"role": "user", "content": "Write the number 7 in Roman numerals."}]
        alone = await client.chat.completions.create(model="builtin", messages=turns, seed=7)
        assert good[5]["response"]["body"] == alone.model_dump(exclude_unset=True)
        assert [(row["custom_id"], row["response"]["body"]["error"]["param"]) for row in bad] == [
            ("r3", "temperature"),
            ("r4", "stream"),
        ]
        assert bad[0]["response"]["status_code"] == 400
        second = await batch_of(client, line("only"))
        assert [one.id async for one in client.batches.list(limit=1)] == [second.id, batch.id]
        assert second.error_file_id is None
        with pytest.raises(openai.ConflictError, match="completed"):
            await client.batches.cancel(second.id)


async def test_broken_lines_fail_the_batch_before_it_begins() -> None:
    wrong = {
        2: "{",
        3: "[]",
        5: line(7),
        6: line("r1"),
        7: line("get", method="GET"),
        8: line("url", url="/v1/embeddings"),
        9: line("model", body={"model": "other"}),
        10: '{"custom_id": "x"}',
    }
    async with asking() as client:
        lines = [wrong.get(number, line(f"r{number}")) for number in range(1, 12)]
        batch = await batch_of(client, "\n".join(lines))
        assert batch.status == "failed"
        found = {error.line: error.code for error in batch.errors.data}
        assert found == {
            2: "invalid_json_line",
            3: "invalid_json_line",
            5: "invalid_type",
            6: "duplicate_custom_id",
            7: "invalid_method",
            8: "invalid_url",
            9: "mismatched_model",
            10: "missing_required_parameter",
        }
        assert batch.output_file_id is None
        assert (await batch_of(client, "\n \n")).errors.data[0].code == "invalid_request_count"
        many = "{}\n" * 50_001
        assert (await batch_of(client, many)).errors.data[0].code == "invalid_request_count"


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"endpoint": "/v1/embeddings"}, "endpoint"),
        ({"endpoint": ["x"]}, "endpoint"),
        ({"completion_window": "1h"}, "completion_window"),
        ({"metadata": 3}, "metadata"),
        ({"input_file_id": "file-none"}, "input_file_id"),
        ({"input_file_id": {}}, "input_file_id"),
    ],
)
def test_batches_that_cannot_be(client: openai.OpenAI, wrong: dict[str, Any], param: str) -> None:
    file = client.files.create(file=b"x", purpose="assistants")
    body: Any = {"input_file_id": file.id, "endpoint": "/v1/completions", "completion_window": "24h"}
    with pytest.raises(openai.BadRequestError, match="not uploaded with the purpose"):
        client.batches.create(**body)
    with pytest.raises(openai.BadRequestError) as caught:
        client.batches.create(**(body | wrong))
    assert caught.value.param == param
    with pytest.raises(openai.NotFoundError):
        client.batches.retrieve("batch_none")


async def test_a_batch_is_cancelled() -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def teacher(request: Request, /) -> Response:
        if request.sample == 3:
            reached.set()
            await go_on.wait()
        return Response("Fine.", "stop", "builtin", 1, 1)

    async with asking(teacher=teacher) as client:
        lines = "\n".join(line(f"r{n}", body={"seed": n}) for n in range(10))
        task = asyncio.create_task(batch_of(client, lines))
        await reached.wait()
        [batch] = (await client.batches.list()).data
        assert (batch.status, batch.request_counts and batch.request_counts.completed) == ("in_progress", 3)
        assert (await client.batches.cancel(batch.id)).status == "cancelling"
        go_on.set()
        over = await task
        assert over.status == "cancelled"
        assert len(await rows_of(client, over.output_file_id)) == 4, "what was on its way is kept"


async def test_a_batch_of_the_newer_api_with_a_schema() -> None:
    """/v1/responses, structured: each line as it is answered alone; and the files are deleted in the end."""
    schema = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
    shape: Any = {"format": {"type": "json_schema", "name": "a", "schema": schema, "strict": True}}
    asked = "Find the largest number that divides both of these without a remainder.\n\n{} and 30"
    bodies = [{"model": "builtin", "input": asked.format(n), "text": shape} for n in (60, 35)]
    lines = [
        json.dumps({"custom_id": f"r{n}", "method": "POST", "url": "/v1/responses", "body": body})
        for n, body in enumerate(bodies)
    ]
    async with asking() as client:
        batch = await batch_of(client, "\n".join(lines), endpoint="/v1/responses")
        rows = await rows_of(client, batch.output_file_id)
        for row, body in zip(rows, bodies, strict=True):
            alone: Any = await client.responses.create(model="builtin", input=str(body["input"]), text=shape)
            assert row["response"]["body"] == alone.model_dump(exclude_unset=True)
            assert list(json.loads(alone.output_text)) == ["answer"]
        for id in (batch.input_file_id, batch.output_file_id):
            assert (await client.files.delete(id)).deleted
        assert [file.id async for file in client.files.list()] == []


async def test_a_batch_takes_its_time_and_expires() -> None:
    clock = Hurried()
    rules = Rules(delay=100.0, window=45.0)
    async with asking(sleep=clock.sleep, now=lambda: clock.now, rules=rules) as client:
        file = await client.files.create(file="\n".join(line(f"r{n}") for n in range(10)).encode(), purpose="batch")
        made = await client.batches.create(
            input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h"
        )
        while (batch := await client.batches.retrieve(made.id)).status != "expired":
            pass
        assert batch.request_counts
        assert (batch.request_counts.completed, batch.request_counts.failed) == (5, 5)
        assert batch.error_file_id
        assert {row["error"]["code"] for row in await rows_of(client, batch.error_file_id)} == {"batch_expired"}


async def test_some_batches_fail_as_a_whole() -> None:
    async with asking(rules=Rules(failures=0.5, seed=1)) as client:
        statuses = [(await batch_of(client, line("r"))).status for _ in range(20)]
    assert {"completed", "failed"} == set(statuses)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"delay": -1}, "--batch-delay is -1: give seconds, 0 or more"),
        ({"window": 0}, "--batch-expiry is 0: give seconds, 1 or more"),
        ({"window": float("nan")}, "--batch-expiry is nan"),
        ({"enqueued": 0}, "--batch-queue is 0: give at least 1 token"),
        ({"failures": 2}, "--batch-failures is 2: give a share"),
    ],
)
def test_rules_that_cannot_be(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Rules(**wrong)


async def test_a_server_stops_with_its_batches() -> None:
    async def teacher(request: Request, /) -> Response:
        return await asyncio.Future()

    before = len(asyncio.all_tasks())
    async with asking(teacher=teacher) as client:
        file = await client.files.create(file=line("r").encode(), purpose="batch")
        await client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
    assert len(asyncio.all_tasks()) == before


async def test_errors_meet_the_lines_of_a_batch() -> None:
    faults = Faults(errors=0.3, drops=0.1, latency=5, seed=2)
    clock = Hurried()
    async with asking(faults=faults, sleep=clock.sleep) as client:
        batch = await batch_of(client, "\n".join(line(f"r{n}") for n in range(50)))
        expected = sum(faults.fate(number).fault == "errors" for number in range(1, 51))
        assert batch.request_counts.failed == expected > 5
        assert {row["response"]["status_code"] for row in await rows_of(client, batch.error_file_id)} == {500, 503}
    assert clock.now == 5


@settings(deadline=None, max_examples=50)
@given(lines=st.lists(st.binary(max_size=20) | SHAPES.map(lambda row: json.dumps(row).encode()), max_size=5))
def test_no_file_is_a_crash(lines: list[bytes]) -> None:
    from selfinstruct.simulator.server.batches import Batches

    async def answer(api: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return 200, body

    async def begin() -> None:
        pass

    async def work() -> Any:
        batches = Batches(answer, begin)
        file = batches.files.add("x", b"\n".join([line("r").encode(), *lines]), "batch")
        row = {"input_file_id": file["id"], "endpoint": "/v1/chat/completions", "completion_window": "24h"}
        batch = batches.create(row)
        for task in set(batches._tasks):
            await task
        return batch["status"]

    assert asyncio.run(work()) in ("completed", "failed")


# The process


def test_nobody_else_can_reach_it(url: str) -> None:
    port = int(url.split(":")[2].split("/")[0])
    with pytest.raises(OSError):  # noqa: PT011  refused, or on some systems: no such address
        socket.create_connection(("127.0.0.2", port), timeout=10).close()


async def test_ports_that_cannot_be() -> None:
    async with serving() as url:
        port = int(url.split(":")[2].split("/")[0])
        with pytest.raises(UsageError, match=f"port {port} is in use: .*--port"):
            async with serving(port=port):
                pass
    with pytest.raises(UsageError, match="--port"):
        async with serving(port=70_000):
            pass


def test_a_key_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MY_KEY", raising=False)
    with pytest.raises(UsageError, match="MY_KEY is not set"):
        serve(key_env="MY_KEY")


async def test_answers_on_their_way_are_finished_when_it_stops() -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def sleep(seconds: float) -> None:
        reached.set()
        await go_on.wait()

    async with openai.AsyncOpenAI(base_url="http://127.0.0.1", max_retries=0) as client:
        async with serving(faults=Faults(latency=1), sleep=sleep) as url:
            client.base_url = url
            task = asyncio.create_task(client.completions.create(model="builtin", prompt=ROMAN))
            await reached.wait()
            asyncio.get_running_loop().call_later(0.01, go_on.set)
        assert (await task).choices[0].text
        with pytest.raises(openai.APIConnectionError):
            await client.models.list()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it(name: signal.Signals) -> None:
    code = "from selfinstruct.simulator.server import Faults, serve; serve(port=0, faults=Faults(timeouts=1))"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    host, _, port = process.stdout.readline().split("/")[2].partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as hung, socket.create_connection((host, int(port))):
        body = json.dumps({"model": "builtin", "messages": TURNS})
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: {host}\r\ncontent-length: {len(body)}"
        hung.sendall(f"{head}\r\n\r\n{body}".encode())
        assert raw(f"http://{host}:{port}", b"", "/health", "GET")[0] == 200  # so it has seen the other, too
        process.send_signal(name)
        assert process.communicate(timeout=20) == ("", "")
        with suppress(ConnectionError):
            assert hung.recv(1000) == b""
    assert process.returncode == 0


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_curl(url: str) -> None:
    def curl(*words: str) -> str:
        done = subprocess.run(["curl", "-sS", "-m", "10", *words], capture_output=True, check=True)
        return done.stdout.decode()

    body = json.dumps({"model": "builtin", "messages": TURNS}, ensure_ascii=False)
    assert json.loads(curl(f"{url}/chat/completions", "-d", body))["choices"][0]["message"]["content"]
    said = curl(f"{url}/chat/completions", "-N", "-d", json.dumps({**json.loads(body), "stream": True}))
    assert said.startswith("data: {")
    assert said.endswith("\n\ndata: [DONE]\n\n")
    assert curl("-o", "/dev/null", "-w", "%{http_code} %{content_type}", f"{url}/nothing") == "404 application/json"
    file = json.loads(curl(f"{url}/files", "-F", "purpose=batch", "-F", f"file=@{__file__}"))
    with open(__file__, encoding="utf-8") as here:
        assert curl(f"{url}/files/{file['id']}/content") == here.read()
