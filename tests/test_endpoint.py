"""The endpoint against a real server: what it sends, and what it makes of each answer, refusal and accident."""

from __future__ import annotations

import asyncio
import json
import logging
from base64 import b64encode
from typing import Any

import pytest
from openai_stub import CUT, DROP, HANG, Handler, Reply, Seen, Server, chat, error, serving, told

from selfinstruct.errors import Declined, SelfinstructError, TeacherFailed, Transient, UsageError
from selfinstruct.teacher import Limits, Request, Response
from selfinstruct.teachers.http.endpoint import Endpoint

CANARY = "sk-canary-0123456789"
ASKED = Request("Say fine.", "teacher", {"temperature": 0.5, "max_tokens": 16, "stop": None})


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


async def ask(handler: Handler, request: Request = ASKED, **options: Any) -> tuple[Response, Server]:
    async with serving(handler) as server, Endpoint("teacher", base_url=server.url, **options) as teacher:
        return await teacher(request), server


async def failure(reply: Reply | bytes | str, request: Request = ASKED, **options: Any) -> SelfinstructError:
    with pytest.raises(SelfinstructError) as caught:
        await ask(lambda seen: reply, request, **options)
    assert CANARY not in told(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.__context__ is None, "the client's exception holds the request with its headers"
    return caught.value


# What is sent


async def test_text_is_one_user_message() -> None:
    response, server = await ask(lambda seen: Reply(chat()))
    assert response == Response("Fine.", "stop", "teacher-0613", 7, 3)
    [seen] = server.seen
    assert seen.path == "/v1/chat/completions"
    assert seen.headers["authorization"] == f"Bearer {CANARY}"
    messages = [{"role": "user", "content": "Say fine."}]
    assert seen.body == {"model": "teacher", "temperature": 0.5, "max_tokens": 16, "messages": messages}


async def test_messages_are_sent_as_they_are() -> None:
    turns = ({"role": "system", "content": "你好"}, {"role": "user", "content": "Hi"})
    _, server = await ask(lambda seen: Reply(chat()), Request(turns, "teacher"))  # type: ignore[arg-type]
    assert server.seen[0].body == {"model": "teacher", "messages": list(turns)}


async def test_half_a_character_is_sent_as_a_question_mark() -> None:
    _, server = await ask(lambda seen: Reply(chat()), Request("half \ud800 你", "teacher"))
    assert server.seen[0].body["messages"] == [{"role": "user", "content": "half ? 你"}]


async def test_parameters_that_openai_does_not_know_are_sent() -> None:
    _, server = await ask(lambda seen: Reply(chat()), Request("Hi", "teacher", {"top_k": 5, "repeat_penalty": 1.0}))
    assert server.seen[0].body["top_k"] == 5
    assert server.seen[0].body["repeat_penalty"] == 1.0


async def test_completions_continue_a_prefix() -> None:
    said = Reply({"model": "m", "choices": [{"text": " and on", "finish_reason": "length"}]})
    response, server = await ask(lambda seen: said, Request("On", "teacher"), api="completions")
    assert response == Response(" and on", "length", "m", None, None)
    assert (server.seen[0].path, server.seen[0].body) == ("/v1/completions", {"model": "teacher", "prompt": "On"})


async def test_completions_cannot_send_a_conversation() -> None:
    turns = Request(({"role": "user", "content": "Hi"},), "teacher")
    assert "--api chat" in str(await failure(Reply(chat()), turns, api="completions"))


@pytest.mark.parametrize(
    ("sample", "params", "seed"), [(0, {}, None), (2, {}, 2), (0, {"seed": 40}, 40), (2, {"seed": 40}, 42)]
)
async def test_samples_differ_by_their_seed(sample: int, params: dict[str, int], seed: int | None) -> None:
    _, server = await ask(lambda seen: Reply(chat()), Request("Hi", "teacher", params, sample))
    assert server.seen[0].body.get("seed") == seed


@pytest.mark.parametrize("name", ["stream", "n", "model", "messages", "prompt"])
async def test_a_recipe_cannot_set_what_is_ours(name: str) -> None:
    assert name in str(await failure(Reply(chat()), Request("Hi", "teacher", {name: 2})))


async def test_max_tokens_is_renamed_for_models_that_want_it_and_stays_so() -> None:
    def handler(seen: Seen) -> Reply:
        if "max_tokens" in seen.body:
            words = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'."
            return error(400, words, "unsupported_parameter")
        return Reply(chat())

    async with serving(handler) as server, Endpoint("o9", base_url=server.url) as teacher:
        assert (await asyncio.gather(*(teacher(ASKED) for _ in range(4))))[3].text == "Fine."
        sent = len(server.seen)
        await teacher(ASKED)
    assert len(server.seen) == sent + 1
    assert server.seen[-1].body["max_completion_tokens"] == 16


async def test_a_server_without_seeds_gets_none() -> None:
    def handler(seen: Seen) -> Reply:
        detail = [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]
        return Reply({"detail": detail}, 422) if "seed" in seen.body else Reply(chat())

    response, server = await ask(handler, Request("Hi", "teacher", {}, sample=3))
    assert (response.text, len(server.seen)) == ("Fine.", 2)


async def test_many_requests_are_on_the_wire_together() -> None:
    together, here = asyncio.Event(), 0

    async def handler(seen: Seen) -> Reply:
        nonlocal here
        here += 1
        if here == 200:  # aiohttp's own limit is 100
            together.set()
        await together.wait()
        return Reply(chat())

    async with serving(handler) as server, Endpoint("m", base_url=server.url) as teacher:
        assert len(await asyncio.gather(*(teacher(ASKED) for _ in range(200)))) == 200


# Keys and addresses


def test_no_key_and_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(UsageError, match="no key found: set OPENAI_API_KEY, or use --model builtin"):
        Endpoint("gpt-x")


async def test_local_servers_need_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    async with serving(lambda seen: Reply(chat())) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        async with Endpoint("m") as teacher:
            assert (await teacher(ASKED)).text == "Fine."
    assert server.seen[0].headers["authorization"] == "Bearer none"
    assert "wants a key" in str(await failure(error(401)))


@pytest.mark.parametrize("url", ["localhost:8000/v1", "ftp://x/v1", "http://", "http://x:port/v1", "/v1"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(UsageError, match="--base-url"):
        Endpoint("m", base_url=url)


def test_a_key_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-“quoted”")
    with pytest.raises(UsageError, match="OPENAI_API_KEY") as caught:
        Endpoint("m")
    assert "quoted" not in str(caught.value)


def test_an_api_that_is_none() -> None:
    with pytest.raises(UsageError, match="--api"):
        Endpoint("m", api="letters")


async def test_user_password_and_query_are_used_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with serving(lambda seen: error(500, "sesame opens with t0ken")) as server:
        url = server.url.replace("://", "://ali:sesame@") + "?code=t0ken"
        async with Endpoint("m", base_url=url) as teacher:
            with pytest.raises(Transient) as caught:
                await teacher(ASKED)
    assert server.seen[0].path == "/v1/chat/completions?code=t0ken"
    assert server.seen[0].headers["authorization"] == f"Basic {b64encode(b'ali:sesame').decode()}"
    assert server.url in str(caught.value)
    for secret in ("ali", "sesame", "t0ken"):
        assert secret not in str(caught.value) + caplog.text


ECHOES = [
    error(status, f"Incorrect key {CANARY} {'x' * 160}{CANARY}") for status in (400, 401, 403, 404, 422, 429, 500)
]


@pytest.mark.parametrize("reply", [*ECHOES, Reply(CANARY.encode()), Reply({"error": CANARY}, 402), DROP])
async def test_the_key_reaches_no_message_and_no_log(reply: Reply | str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    failed = await failure(reply)
    assert "canary" not in str(failed)
    assert CANARY not in caplog.text
    assert CANARY not in repr(Endpoint("m", base_url="http://127.0.0.1:1"))


# Answers


@pytest.mark.parametrize(
    ("body", "text", "finish"),
    [
        (chat("Cut of", "length"), "Cut of", "length"),
        (chat("Some", "content_filter"), "", "content_filter"),
        (chat(None, "stop", refusal="I cannot."), "", "content_filter"),
        (chat(None, "stop"), "", "stop"),
        (chat(None, "length", reasoning_content="Hmm"), "", "length"),
        (chat("4", "stop", reasoning="2 + 2"), "4", "stop"),
        (chat("Fine.", None), "Fine.", "stop"),
        (chat("Fine.", "eos"), "Fine.", "stop"),
        (chat([{"type": "thinking", "thinking": "?"}, {"type": "text", "text": "4"}]), "4", "stop"),  # type: ignore[arg-type]
        (chat("半个 \ud83d\ude00"), "半个 😀", "stop"),
    ],
)
async def test_answers(body: dict[str, Any], text: str, finish: str) -> None:
    response, _ = await ask(lambda seen: Reply(body))
    assert (response.text, response.finish_reason) == (text, finish)


async def test_no_usage_is_none() -> None:
    response, _ = await ask(lambda seen: Reply({"choices": chat()["choices"]}))
    assert response == Response("Fine.", "stop", "teacher", None, None)


async def test_json_that_is_not_called_json() -> None:
    response, _ = await ask(lambda seen: Reply(chat(), headers={"content-type": "text/plain"}))
    assert response.text == "Fine."


@pytest.mark.parametrize(
    "reply",
    [
        DROP,
        CUT,
        b"SSH-2.0-OpenSSH_9.6\r\n",
        Reply(b""),
        Reply(b"<html>Welcome</html>", headers={"content-type": "text/html"}),
        Reply(json.dumps(chat()).encode()[:-9]),
        Reply(b"\xff\xfe\x00"),
        Reply([]),
        Reply({}),
        Reply({"choices": []}),
        Reply({"choices": None}),
        Reply({"choices": [{"finish_reason": "stop"}]}),
        Reply({"error": {"message": "Provider returned error", "code": 502}}),
        Reply(chat("Half an ans", "error")),
        Reply(chat("Half an ans", "abort")),
    ],
)
async def test_what_is_no_answer_may_pass(reply: Reply | bytes | str) -> None:
    failed = await failure(reply)
    assert isinstance(failed, Transient)
    assert failed.retry_after is None
    assert failed.billed == ("HTTP 502" not in str(failed)), "no status came, or the answer was broken"
    assert not failed.limited


async def test_a_completion_to_chat_is_no_answer() -> None:
    assert isinstance(await failure(Reply({"choices": [{"text": "x"}]})), Transient)
    assert isinstance(await failure(Reply(chat()), api="completions"), Transient)


async def test_time_out() -> None:
    failed = await failure(HANG, timeout=0.05)
    assert isinstance(failed, Transient)
    assert str(failed).endswith("/v1 within 0.05 s: lower --concurrency or raise --timeout")
    assert failed.billed


async def test_time_out_of_a_server_that_trickles() -> None:
    """The client's own limit is from byte to byte; ours is for the whole answer."""

    async with asyncio.timeout(60):
        assert isinstance(await failure(b"HTTP/1.1 200 OK\r\ncontent-length: 9", timeout=0.2), Transient)


async def test_nobody_listens() -> None:
    async with serving(lambda seen: DROP) as server:
        pass
    async with Endpoint("m", base_url=server.url) as teacher:
        with pytest.raises(Transient, match="Connect call failed") as caught:
            await teacher(ASKED)
    assert not caught.value.billed


async def test_a_cancelled_request_is_cancelled() -> None:
    async with serving(lambda seen: HANG) as server, Endpoint("m", base_url=server.url) as teacher:
        task = asyncio.create_task(teacher(ASKED))
        while not server.seen:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


# Refusals


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
async def test_statuses_that_may_pass(status: int) -> None:
    failed = await failure(error(status, "slow  down,\nplease"))
    assert isinstance(failed, Transient)
    assert f"HTTP {status} from http://127.0.0.1:" in str(failed)
    assert "slow down, please" in str(failed)


async def test_how_long_to_wait_and_what_is_allowed() -> None:
    """The forms in which servers say it: test_headers.py."""
    headers = {"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "0"}
    said = Reply({"error": {"message": "Slow down."}}, 429, headers | {"x-ratelimit-reset-requests": "1.5s"})
    failed = await failure(said)
    assert isinstance(failed, Transient)
    assert (failed.retry_after, failed.limited, failed.billed) == (1.5, True, False)
    assert failed.limits == Limits(60, 0, 1.5)
    response, _ = await ask(lambda seen: Reply(chat(), headers=headers))
    assert response.limits == Limits(60, 0)
    assert (await ask(lambda seen: Reply(chat())))[0].limits is None


@pytest.mark.parametrize(
    ("reply", "wait", "limited"),
    [
        (error(503), None, False),
        (error(503, retry_after="3"), 3.0, True),
        (error(529, "Overloaded. Please retry in 2.5s"), 2.5, True),
        (error(500, "Please try again in 4 seconds"), 4.0, False),
        (error(429), None, True),
        (error(408, retry_after="3"), 3.0, False),
        (Reply({"error": {"code": 429, "message": "Provider: rate-limited"}}), None, True),  # OpenRouter's HTTP 200
        (Reply([{"error": {"code": 429, "details": [{"retryDelay": "34s"}, 7, {}]}}], 429), 34.0, True),  # Gemini
    ],
)
async def test_who_is_asked_too_much(reply: Reply, wait: float | None, limited: bool) -> None:
    failed = await failure(reply)
    assert isinstance(failed, Transient)
    assert (failed.retry_after, failed.limited, failed.billed) == (wait, limited, False)


async def test_slots_that_are_full_for_now() -> None:
    """Failed before: a rejection of the row, though llama.cpp's slots had no room because of others' requests."""
    failed = await failure(error(500, "Context size has been exceeded."))
    assert isinstance(failed, Transient)


async def test_a_refusal_that_names_a_parameter_of_the_recipe_is_about_that() -> None:
    """Failed before: about nobody knows what, so that at --concurrency 1 it was taken for the row's."""
    body = {"error": {"message": "Must be 1 or less.", "type": "invalid_request_error", "param": "temperature"}}
    async with serving(lambda seen: Reply(body, 400)) as server, Endpoint("m", base_url=server.url) as teacher:
        with pytest.raises(Declined) as caught:
            await teacher(Request("Hi.", "m", {"temperature": 1.5}))
    assert caught.value.about == "setting"
    assert str(caught.value).endswith("Must be 1 or less.; set temperature otherwise in the recipe's teacher")


FILTERED = [
    error(400, "no", "content_filter"),
    error(400, "The response was filtered due to the prompt triggering Azure OpenAI's content management policy."),
    Reply({"error": {"message": "no", "innererror": {"code": "ResponsibleAIPolicyViolation"}}}, 400),
    error(400, "Invalid prompt: flagged as potentially violating our usage policy", "invalid_prompt"),
    error(403, "Your input was flagged by moderation"),
    error(400, "系统检测到输入可能包含不安全或敏感内容"),
    error(400, "Content Exists Risk"),
    error(400, "Output blocked by content filtering policy"),
    error(400, "no", "content_policy_violation"),
]


@pytest.mark.parametrize("reply", FILTERED)
async def test_refused_for_this_prompt(reply: Reply) -> None:
    response, server = await ask(lambda seen: reply)
    assert response == Response("", "content_filter", "teacher", None, None)
    assert len(server.seen) == 1


async def test_a_prompt_repeated_in_an_error_decides_nothing() -> None:
    detail = [
        {"type": "float_type", "loc": ["body", "top_p"], "msg": "Not a number", "input": "context window flagged"}
    ]
    failed = await failure(Reply({"detail": detail}, 422))
    assert isinstance(failed, Declined)
    assert "top_p" in str(failed)
    assert "flagged" not in str(failed)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (error(401, "Incorrect API key"), "refused the key in OPENAI_API_KEY (HTTP 401)"),
        (error(403, "Incorrect API key"), "refused the key in OPENAI_API_KEY (HTTP 403)"),
        (error(404, "The model does not exist"), "has no model 'teacher': The model does not exist; check --model"),
        (
            Reply(b"<html><h1>Not  Found</h1></html>", 404),
            "has no model 'teacher': Not Found; check --model and --base",
        ),
        *(  # by other statuses than 404, some of which mostly pass
            (error(status, words), f"has no model 'teacher': {words}; check --model")
            for status, words in (
                (400, "Model Not Exist"),  # DeepSeek
                (400, "teacher-9 is not a valid model ID"),  # OpenRouter
                (400, "Invalid model name passed in model=teacher"),  # LiteLLM
                (400, "Invalid model: teacher"),  # Mistral
                (400, "模型不存在，请检查模型代码。"),  # Zhipu
                (422, "The model `teacher` does not exist."),
                (500, "teacher is not a local folder and is not a valid model identifier listed on the Hub"),
                (503, "model 'teacher' not found"),
            )
        ),
        (error(402, "Insufficient Balance"), "(HTTP 402): Insufficient Balance"),
        (error(429, "You exceeded your quota", "insufficient_quota"), "nothing left to spend: You exceeded your quota"),
        (
            Reply(b"", 301, {"location": "https://other.example/v1?code=1"}),
            "sends us on to https://other.example/v1 (HTTP 301)",
        ),
        (error(405, "Method Not Allowed"), "(HTTP 405): Method Not Allowed"),
        (error(422, "none left", "insufficient_quota"), "nothing left to spend: none left"),
        (error(418, ""), "(HTTP 418): Said"),
    ],
)
async def test_stop_at_the_first(reply: Reply, words: str) -> None:
    failed = await failure(reply)
    assert isinstance(failed, TeacherFailed)
    assert not isinstance(failed, Declined)
    assert words in str(failed)
    assert "Incorrect" not in str(failed)


PAGE = (
    b"<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title><style>a{}</style></head>Sorry</html>"
)


@pytest.mark.parametrize(
    ("reply", "words", "message"),
    [
        (
            error(400, "messages is invalid"),
            "HTTP 400: messages is invalid",
            "refused the request (HTTP 400): messages is",
        ),
        (
            error(400, "Unsupported value: 'top_p'"),
            "HTTP 400: Unsupported value: 'top_p'",
            "set that parameter to null",
        ),
        (error(413, "Too Large"), "HTTP 413: Too Large", "(HTTP 413): Too Large"),
        (Reply(b"", 413), "HTTP 413: Said", "(HTTP 413): Said"),
        (error(422, "x" * 500), f"HTTP 422: {'x' * 200}", "x" * 200),
        (error(403, "No."), "HTTP 403: No.", "refused the key in OPENAI_API_KEY (HTTP 403): No."),
        (
            Reply(PAGE, 403),
            "HTTP 403: Attention Required! | Cloudflare Sorry",
            "(HTTP 403): Attention Required! | Cloudflare",
        ),
        (Reply({"error": {"code": 400, "message": "No."}}), "HTTP 400: No.", "(HTTP 400): No."),
    ],
)
async def test_one_request_may_be_refused(reply: Reply, words: str, message: str) -> None:
    """Whether that stops the run is decided by who has been answered: test_throttle.py."""
    failed = await failure(reply)
    assert isinstance(failed, Declined)
    assert failed.words == words
    assert message in str(failed)
    assert "x" * 201 not in str(failed)
