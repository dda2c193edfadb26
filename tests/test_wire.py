"""The endpoint and what comes over the wire: sizes, bombs, moved addresses, idle connections, proxies, any bytes."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import logging
import socket
import ssl
import tracemalloc
import zlib
from base64 import b64encode
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openai_stub import CUT, DROP, RESET, Handler, Reply, Seen, Server, chat, error, serving, told

from selfinstruct.errors import Declined, SelfinstructError, TeacherFailed, Transient, UsageError
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.http import wire
from selfinstruct.teachers.http.endpoint import Endpoint
from selfinstruct.teachers.http.wire import proxy_for

ASKED = Request("Say fine.", "teacher")
KEY = "sk-canary-0123456789"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    for name in ("OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


async def ask(handler: Handler, **options: Any) -> tuple[Response, Server]:
    async with serving(handler) as server, Endpoint("teacher", base_url=server.url, **options) as teacher:
        return await teacher(ASKED), server


async def failure(reply: Reply | bytes | str, **options: Any) -> SelfinstructError:
    with pytest.raises(SelfinstructError) as caught:
        await ask(lambda seen: reply, **options)
    assert KEY not in told(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value


# Sizes


def bomb(megabytes: int, wbits: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    nothing = bytes(1_000_000)
    return b"".join(packer.compress(nothing) for _ in range(megabytes)) + packer.flush()


@pytest.mark.parametrize(("encoding", "wbits"), [("gzip", 31), ("deflate", 15), ("deflate", -15)])
@pytest.mark.parametrize("status", [200, 500])
async def test_a_compressed_body_that_says_less_than_it_is(encoding: str, wbits: int, status: int) -> None:
    packed = bomb(100, wbits)
    assert len(packed) < 130_000
    reply = Reply(packed, status, {"content-encoding": encoding})
    assert aiohttp.__version__, "imported, which takes memory too"
    async with serving(lambda seen: reply) as server:
        tracemalloc.start()
        async with Endpoint("m", base_url=server.url, most_bytes=2_000_000) as teacher:
            if status == 200:
                assert await teacher(ASKED) == Response("", "too_large", "m", error="the answer is larger than 2 MB")
            else:
                with pytest.raises(Transient, match="HTTP 500 from "):
                    await teacher(ASKED)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 12_000_000, "100 MB were unpacked, and more than a few pieces kept"


async def test_an_answer_of_just_the_size() -> None:
    body = json.dumps(chat()).encode()
    packed = Reply(gzip.compress(body), 200, {"content-encoding": "gzip"})
    for reply in (Reply(body), packed):
        response, _ = await ask(lambda seen, reply=reply: reply, most_bytes=len(body))  # type: ignore[misc]
        assert response.text == "Fine."
        response, _ = await ask(lambda seen, reply=reply: reply, most_bytes=len(body) - 1)  # type: ignore[misc]
        assert (response.text, response.finish_reason) == ("", "too_large")
        assert response.error == f"the answer is larger than {len(body) - 1} bytes"


async def test_a_body_that_says_how_large_it_is_is_not_read() -> None:
    said = b"HTTP/1.1 200 OK\r\ncontent-length: 10000001\r\n\r\n{"
    async with asyncio.timeout(30):
        response, _ = await ask(lambda seen: said)
    assert response == Response("", "too_large", "teacher", error="the answer is larger than 10 MB")


async def test_a_body_without_end() -> None:
    async with asyncio.timeout(30):
        response, _ = await ask(lambda seen: b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 200_000, most_bytes=100_000)
    assert response.finish_reason == "too_large"


async def test_the_connection_of_a_body_too_large_is_dropped() -> None:
    async with serving(lambda seen: Reply(b" " * 200_000)) as server:
        async with Endpoint("m", base_url=server.url, most_bytes=1000) as teacher:
            for _ in range(2):
                assert (await teacher(ASKED)).finish_reason == "too_large"
        assert [seen.nth for seen in server.seen] == [1, 1]


async def test_a_large_page_of_an_error_says_what_it_is() -> None:
    failed = await failure(Reply(b"<html><title>Bad gateway</title>" + b"x" * 3_000_000, 502))
    assert str(failed).startswith("HTTP 502 from ")
    assert "/v1: Bad gateway x" in str(failed)
    assert isinstance(failed, Transient)


@pytest.mark.parametrize("part", ["<", "<a", "<title", " ", "\n", "max_", "wait 1 ", "retry ", "***"])
async def test_no_text_of_an_error_takes_long(part: str) -> None:
    async with asyncio.timeout(20):
        await failure(Reply(part.encode() * (900_000 // len(part)), 503))


async def test_a_prompt_of_megabytes() -> None:
    async with serving(lambda seen: Reply(chat())) as server, Endpoint("m", base_url=server.url) as teacher:
        await teacher(Request("你好" * 400_000, "m"))
        assert len(server.seen[0].body["messages"][0]["content"]) == 800_000


def test_a_size_that_is_none() -> None:
    with pytest.raises(UsageError, match="--max-answer must be 1 byte or more, not 0"):
        Endpoint("m", base_url="http://x/v1", most_bytes=0)


# Connections


@pytest.mark.parametrize("end", [DROP, RESET])
async def test_a_server_that_had_hung_up_is_asked_again_at_once(end: str) -> None:
    def handler(seen: Seen) -> Reply | str:
        return Reply(chat()) if seen.nth == 1 else end  # as if it had closed the connection while it was idle

    async with serving(handler) as server, Endpoint("m", base_url=server.url) as teacher:
        for _ in range(3):
            assert (await teacher(ASKED)).text == "Fine."
    assert [seen.nth for seen in server.seen] == [1, 2, 1, 2, 1]


@pytest.mark.parametrize("half", [b"HTTP/1.1 200 OK\r\ncontent-", CUT])
async def test_half_a_reply_over_an_old_connection_is_not_asked_for_twice(half: bytes | str) -> None:
    handler: Handler = lambda seen: Reply(chat()) if seen.nth == 1 else half  # noqa: E731
    async with serving(handler) as server, Endpoint("m", base_url=server.url) as teacher:
        await teacher(ASKED)
        with pytest.raises(Transient):
            await teacher(ASKED)
    assert len(server.seen) == 2


async def test_a_server_that_hangs_up_at_work_is_not_asked_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "IDLE_RACE", 0.0)
    handler: Handler = lambda seen: Reply(chat()) if seen.nth == 1 else DROP  # noqa: E731
    async with serving(handler) as server, Endpoint("m", base_url=server.url) as teacher:
        await teacher(ASKED)
        with pytest.raises(Transient) as caught:
            await teacher(ASKED)
    assert caught.value.billed
    assert len(server.seen) == 2


async def test_an_address_that_nobody_answers_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "CONNECT", 0.05)
    with socket.socket() as listener:  # whose queue is full
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        full = [socket.socket() for _ in range(4)]
        for each in full:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        async with Endpoint("m", base_url=f"http://127.0.0.1:{port}/v1") as teacher:
            with pytest.raises(Transient, match=r"no connection to .*/v1 within 0\.05 s") as caught:
                await teacher(ASKED)
        for each in full:
            each.close()
    assert not caught.value.billed


async def test_a_server_without_tls() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    async with Endpoint("m", base_url=url) as teacher:
        with pytest.raises(Transient, match=r"no answer from https://.*SSL") as caught:
            await teacher(ASKED)
    server.close()
    await server.wait_closed()
    assert not caught.value.billed
    assert KEY not in told(caught.value)


async def test_a_certificate_that_nobody_vouches_for() -> None:
    async with Endpoint("m", base_url="https://127.0.0.1:1/v1") as teacher:
        why = ssl.SSLCertVerificationError("self-signed certificate")
        failed = teacher._wire._failure(aiohttp.ClientConnectorCertificateError(SimpleNamespace(), why))  # type: ignore[arg-type]
    assert isinstance(failed, TeacherFailed)
    assert "of https://127.0.0.1:1/v1 is not trusted: " in str(failed)
    assert "self-signed certificate" in str(failed)
    assert str(failed).endswith("; SSL_CERT_FILE names others")


@pytest.mark.parametrize("status", [307, 308])
async def test_moved_on_the_same_server(status: int) -> None:
    def handler(seen: Seen) -> Reply:
        return Reply(b"", status, {"location": "/v2/chat"}) if seen.path.startswith("/v1") else Reply(chat())

    response, server = await ask(handler)
    assert response.text == "Fine."
    assert server.seen[1].body == server.seen[0].body
    assert server.seen[1].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("status", "location", "words"),
    [
        (307, "https://other.example/v1", "sends us on to https://other.example/v1 (HTTP 307): give that address as"),
        (308, f"http://{KEY}@127.0.0.1:1/v1", "(HTTP 308)"),
        (302, "/login", "sends us on to /login (HTTP 302)"),
        (304, "", "sends us on to nowhere (HTTP 304)"),
        (307, "http://[", "(HTTP 307)"),
        (307, "/v1/chat/completions", "(HTTP 307)"),  # in circles
    ],
)
async def test_moved_elsewhere(status: int, location: str, words: str) -> None:
    failed = await failure(Reply(b"", status, {"location": location}))
    assert isinstance(failed, TeacherFailed)
    assert words in str(failed)


# Keys


async def test_organisation_and_project_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-1")
    _, server = await ask(lambda seen: Reply(chat()))
    headers = server.seen[0].headers
    assert (headers["openai-organization"], headers["openai-project"]) == ("org-1", "proj-1")
    assert headers["accept-encoding"] == "gzip, deflate"
    assert headers["user-agent"].startswith("selfinstruct/")


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"])
@pytest.mark.parametrize("value", ["sk-one\nx-evil: 1", "sk one-two", "sk-ключ-ключ", "sk-\x7f-one", "sk-\udcff-one"])
def test_values_that_no_header_has(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=f"{name} holds") as caught:
        Endpoint("m", base_url="http://x/v1")
    assert "one" not in str(caught.value)


LOGIN = ("ali", "p@ss/w:rd&+")


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 413, 429, 500, 302])
async def test_a_login_that_a_server_echoes_in_any_form(status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    whole = ":".join(LOGIN)
    forms = [whole, LOGIN[1], quote(LOGIN[1], safe=""), json.dumps(LOGIN[1]), b64encode(whole.encode()).decode()]
    forms += [f"http://{quote(LOGIN[0])}:{quote(LOGIN[1], safe='')}@x/", "s3cr%2Bt", "s3cr+t"]
    body = {"error": {"message": f"No: {' and '.join(forms)}."}}
    async with serving(lambda seen: Reply(body, status, {"location": forms[5]})) as server:
        url = server.url.replace("://", f"://{quote(LOGIN[0])}:{quote(LOGIN[1], safe='')}@") + "?code=s3cr%2Bt"
        async with Endpoint("m", base_url=url) as teacher:
            with pytest.raises(SelfinstructError) as caught:
                await teacher(ASKED)
    assert server.seen[0].headers["authorization"] == f"Basic {b64encode(whole.encode()).decode()}"
    words = getattr(caught.value, "words", "")
    for secret in (*forms, "p@ss", "p%40ss", "s3cr"):
        assert secret not in told(caught.value) + words + caplog.text
    if status in (401, 403):
        assert f"refused the login in the base URL (HTTP {status})" in str(caught.value)
    assert "OPENAI_API_KEY" not in str(caught.value)


async def test_a_short_key_garbles_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    failed = await failure(error(400, "next: extra x in max_x, key 'x'"))
    assert "next: extra x in max_x, key '[key]'" in str(failed)


async def test_words_of_a_server_are_printable() -> None:
    failed = await failure(error(400, "a\x1b[2J\x07b\u202ec\u2066\u200b\ud800d\x00e\nf\tg\x9b"))
    assert str(failed).endswith("a[2Jbcde f g")


# Odd values


@pytest.mark.parametrize(
    ("count", "found"),
    [
        *((7, 7), (12.0, 12), (0, 0), (2**53 - 1, 2**53 - 1)),
        *(
            (2**53, None),
            (10**30, None),
            (-1, None),
            (12.5, None),
            ("12", None),
            (True, None),
            (None, None),
            ([1], None),
        ),
        *((float("inf"), None), (float("-inf"), None), (float("nan"), None)),
    ],
)
async def test_numbers_of_tokens(count: object, found: int | None) -> None:
    response, _ = await ask(
        lambda seen: Reply(chat() | {"usage": {"prompt_tokens": count, "completion_tokens": count}})
    )
    assert (response.input_tokens, response.output_tokens) == (found, found)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity", "9" * 5000, "1" + "0" * 400, "-0"])
async def test_numbers_that_only_json_has(number: str) -> None:
    body = json.dumps(chat() | {"usage": {"prompt_tokens": 0, "completion_tokens": 3}}).replace(": 0,", f": {number},")
    assert number in body
    response, _ = await ask(lambda seen: Reply(body.encode()))
    assert (response.text, response.output_tokens) == ("Fine.", 3)
    assert response.input_tokens == (0 if number == "-0" else None)


@pytest.mark.parametrize("opening", [b"[", b'{"choices":', b'{"error":{"message":'])
@pytest.mark.parametrize("status", [200, 400, 500])
async def test_nesting_without_end(opening: bytes, status: int) -> None:
    failed = await failure(Reply(opening * 200_000, status))
    assert isinstance(failed, Transient if status != 400 else Declined)
    assert len(str(failed)) < 400


ODD = ["with space", "q\"uo'te", "😀", "line\nbreak", "x" * 10_000, "half \ud800", "../../x", "%00", "\u202egnp", ""]


@pytest.mark.parametrize("model", ODD)
async def test_names_of_models(model: str) -> None:
    async with (
        serving(lambda seen: error(404, "no such model")) as server,
        Endpoint(model, base_url=server.url) as teacher,
    ):
        with pytest.raises(TeacherFailed) as caught:
            await teacher(Request("Hi", model))
        assert server.seen[0].body["model"] == model.replace("\ud800", "?")
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("model", [*(name for name in ODD if len(name) > 200), 7, None, {"a": 1}, [], ""])
async def test_a_model_that_names_itself_oddly_has_the_name_asked_for(model: object) -> None:
    response, _ = await ask(lambda seen: Reply(chat() | {"model": model}))
    assert response.model == "teacher"


@pytest.mark.parametrize("finish", [7, [], {}, None, True, "🙂", "tool_calls", ["length"]])
async def test_reasons_to_finish(finish: Any) -> None:
    response, _ = await ask(lambda seen: Reply(chat(finish=finish)))
    assert (response.text, response.finish_reason) == ("Fine.", "stop")


@pytest.mark.parametrize("content", [7, {"text": "x"}, True, [7, None, {"type": "text"}, {"type": "image"}], []])
async def test_contents_that_are_no_text(content: Any) -> None:
    response, _ = await ask(lambda seen: Reply(chat(content)))
    assert (response.text, response.finish_reason) == ("", "stop")


async def test_half_a_character_in_an_answer() -> None:
    response, _ = await ask(lambda seen: Reply(chat("half \ud800 a \ude00")))
    assert response.text == "half \ud800 a \ude00"


# Whatever comes


NAMES = ["choices", "message", "content", "refusal", "finish_reason", "text", "usage", "model", "prompt_tokens"]
NAMES += ["output", "reasoning", "reasoning_details", "tool_calls", "function", "name", "summary", "thinking", "object"]
NAMES += ["usage", "total_tokens", "completion_tokens", "completion_tokens_details", "reasoning_tokens", "raw"]
NAMES += ["error", "code", "type", "detail", "details", "innererror", "loc", "msg", "metadata", "retryDelay", "status"]
FIGURES = st.lists(
    st.integers(0, 10**14).map(str)
    | st.sampled_from(
        ["max_tokens", "context length", "[1,", "is too large", "in the completion", "(", ")", "> ", "n_ctx="]
    )
).map(" ".join)
SHAPES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([400, 401, 429, 502]),
    lambda shapes: st.lists(shapes, max_size=2) | st.dictionaries(st.sampled_from(NAMES), shapes, max_size=4),
    max_leaves=12,
)
SAID = st.dictionaries(st.sampled_from(NAMES), SHAPES, max_size=5)
# Nearly an answer of each API, with anything anywhere in it.
MESSAGES = st.fixed_dictionaries({"message": st.dictionaries(st.sampled_from(NAMES), SHAPES, max_size=6)})
ITEMS = st.builds(
    lambda kind, item: {"type": kind} | item, st.sampled_from(["message", "reasoning", "tool_call"]), SAID
)
NEARLY = st.one_of(
    st.fixed_dictionaries({"choices": st.lists(MESSAGES, max_size=2), "usage": SAID}),
    st.fixed_dictionaries({"choices": st.lists(st.fixed_dictionaries({"text": st.text(), "reasoning": SHAPES}))}),
    st.fixed_dictionaries({"output": st.lists(ITEMS, max_size=4), "usage": SAID, "incomplete_details": SHAPES}),
    st.fixed_dictionaries({"object": st.just("response"), "status": st.just("failed"), "error": SHAPES}),
    st.fixed_dictionaries({"error": st.fixed_dictionaries({"message": FIGURES, "metadata": SAID})}),
)
TURNS: Any = ({"role": "user", "content": "Count."}, {"role": "assistant", "content": "1,"})
SHAPE = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}}
REQUESTS = [Request("Hi", "m"), Request(TURNS, "m", {"max_tokens": 9, "response_format": SHAPE, "stop": ["x"]}, 2)]
SAID_BY = ["retry-after", "x-ratelimit-reset-requests", "ratelimit", "location", "date", "x-ratelimit-limit-tokens"]
HEADERS = st.dictionaries(st.sampled_from(SAID_BY), st.text(st.characters(codec="latin-1", exclude_categories=["C"])))


# One environment for all examples is fine.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    body=(SHAPES | NEARLY).map(json.dumps).map(str.encode) | st.binary(),
    status=st.just(200) | st.sampled_from([400, 422]) | st.integers(200, 599),
    headers=HEADERS,
    api=st.sampled_from(["chat", "completions", "responses"]),
    whole=st.booleans(),
    request=st.sampled_from(REQUESTS),
)
def test_no_reply_is_a_crash(
    body: bytes, status: int, headers: dict[str, str], api: str, whole: bool, request: Request
) -> None:
    teacher = Endpoint("m", base_url="http://127.0.0.1:1/v1", api=api)
    outcome = teacher._outcome(request, teacher.api, wire.Reply(status, "", headers, body, whole))
    if isinstance(outcome, Response):
        assert outcome.finish_reason in ("stop", "length", "content_filter", "declined", "too_large")
        assert all(isinstance(said, str) for said in (outcome.text, outcome.thoughts, outcome.error, outcome.tier))
        parts = outcome.cached_tokens, outcome.written_tokens, outcome.input_tokens
        assert all(part is None or part >= 0 for part in (*parts, outcome.thinking_tokens, outcome.output_tokens))
    else:
        assert isinstance(outcome, Transient | TeacherFailed)
        assert str(outcome).isprintable()


HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n"
HEADS = [HEAD, *(HEAD.replace(line + b"\r\n", b"") for line in HEAD.split(b"\r\n") if line)]
PIECES = [b"HTTP/1.1", b" 200", b" 500", b" OK", b"\r\n", b"\r\n\r\n", b"content-length: 2", b"{}", b"2", b"0", b": "]
PIECES += [b"content-encoding: ", b"gzip", b"br", b"zstd", b"deflate", b"connection: upgrade", b"\x00\xff"]
BYTES = st.one_of(
    st.binary(max_size=60),
    st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join),
    st.tuples(st.sampled_from(HEADS), st.binary()).map(b"".join),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(st.lists(BYTES, min_size=1, max_size=3))
def test_no_bytes_are_a_crash(replies: list[bytes]) -> None:
    async def exchange() -> None:
        said = iter(replies)
        async with (
            serving(lambda seen: next(said, b"")) as server,
            Endpoint("m", base_url=server.url, timeout=0.5) as teacher,
        ):
            for _ in replies:
                with contextlib.suppress(Transient, TeacherFailed):
                    assert isinstance(await teacher(ASKED), Response)

    asyncio.run(exchange())


# Proxies

NO = "example.com, .inner.net,10.0.0.0/8 ,fd00::/8,192.168.1.7,*.cluster.local"


@pytest.mark.parametrize(
    ("url", "proxies", "proxy"),
    [
        ("https://api.openai.com/v1", {}, None),
        ("https://api.openai.com/v1", {"http": "http://p:1"}, None),
        ("https://api.openai.com/v1", {"https": "http://p:1"}, "http://p:1"),
        ("https://api.openai.com/v1", {"https": "p:1"}, "http://p:1"),
        ("https://api.openai.com/v1", {"all": "http://a:1", "https": "http://p:1"}, "http://p:1"),
        ("https://api.openai.com/v1", {"all": "http://u:v@a:1"}, "http://u:v@a:1"),
        ("https://api.openai.com/v1", {"all": "http://a:1", "no": "*"}, None),
        ("http://example.com/v1", {"all": "http://a:1", "no": NO}, None),
        ("http://api.example.com/v1", {"all": "http://a:1", "no": NO}, None),
        ("http://badexample.com/v1", {"all": "http://a:1", "no": NO}, "http://a:1"),
        ("http://gpu.inner.net/v1", {"all": "http://a:1", "no": NO}, None),
        ("http://x.cluster.local/v1", {"all": "http://a:1", "no": NO}, None),
        ("http://10.2.3.4:8000/v1", {"all": "http://a:1", "no": NO}, None),
        ("http://11.2.3.4:8000/v1", {"all": "http://a:1", "no": NO}, "http://a:1"),
        ("http://[fd00::1]:8000/v1", {"all": "http://a:1", "no": NO}, None),
        ("http://192.168.1.7/v1", {"all": "http://a:1", "no": NO}, None),
        ("http://127.0.0.1:8000/v1", {"all": "http://a:1"}, None),
        ("http://localhost:8000/v1", {"all": "http://a:1"}, None),
        ("http://[::1]:8000/v1", {"all": "http://a:1"}, None),
    ],
)
def test_which_proxy(url: str, proxies: dict[str, str], proxy: str | None) -> None:
    assert proxy_for(url, proxies) == proxy


def test_a_proxy_that_is_no_http_proxy() -> None:
    with pytest.raises(UsageError, match="only http:// proxies can be used, not socks5://: set HTTPS_PROXY"):
        proxy_for("https://api.openai.com/v1", {"all": "socks5://user:pass@p:1"})


async def test_asked_through_a_proxy_with_a_login(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(lambda seen: Reply(chat()) if seen.nth == 1 else error(500, "via mallory:hunter22")) as server:
        monkeypatch.setenv("HTTP_PROXY", server.url.replace("://", "://mallory:hunter22@").removesuffix("/v1"))
        async with Endpoint("m", base_url="http://models.example/v1") as teacher:
            assert (await teacher(ASKED)).text == "Fine."
            with pytest.raises(Transient) as caught:
                await teacher(ASKED)
    assert server.seen[0].path == "http://models.example/v1/chat/completions"
    assert server.seen[0].headers["proxy-authorization"] == f"Basic {b64encode(b'mallory:hunter22').decode()}"
    assert "hunter22" not in told(caught.value)
