"""What each API and each server is sent: schemas, beginnings to go on with, and what is asked otherwise in the end."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openai_stub import Reply, Seen, Server, chat, error, serving

from selfinstruct.errors import Declined, TeacherFailed, UsageError
from selfinstruct.task import Message
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.http.bodies import Ways, adapted, body_of
from selfinstruct.teachers.http.endpoint import Endpoint

SCHEMA = {"type": "object", "properties": {"good": {"type": "boolean"}}, "required": ["good"]}
SHAPE = {"type": "json_schema", "json_schema": {"name": "judge", "strict": True, "schema": SCHEMA}}
STRUCTURED = Request("Is it good?", "m", {"response_format": SHAPE})
BEGUN = Request((Message(role="user", content="Count."), Message(role="assistant", content="1, 2,")), "m")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-0123456789")
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


class Talk:
    """What was asked of a server, what it answered, and what was told about it."""

    def __init__(self) -> None:
        self.answers: list[Response] = []
        self.bodies: list[dict[str, Any]] = []
        self.notices: list[str] = []


async def talk(handler: Any, *requests: Request, api: str = "chat") -> Talk:
    found = Talk()
    server: Server
    async with (
        serving(handler) as server,
        Endpoint("m", base_url=server.url, api=api, notice=found.notices.append) as teacher,
    ):
        found.answers = [await teacher(request) for request in requests]
    found.bodies = [seen.body for seen in server.seen]
    return found


def refusing(words: str, *names: str) -> Any:
    """A server that refuses bodies with one of these names, at the top or in the last message."""

    def handler(seen: Seen) -> Reply:
        there = {*seen.body, *(seen.body.get("messages") or [{}])[-1]}
        return error(400, words) if there & {*names} else Reply(chat("Fine."))

    return handler


# Beginnings


async def test_a_beginning_is_gone_on_with() -> None:
    found = await talk(lambda seen: Reply(chat(" 3, 4")), BEGUN)
    [body] = found.bodies
    assert (body["continue_final_message"], body["add_generation_prompt"]) == (True, False)
    assert body["messages"] == [*BEGUN.prompt]
    assert found.answers[0].text == " 3, 4"
    assert "continue_final_message" not in body_of(Request("Hi", "m"), "chat", "m")


@pytest.mark.parametrize(
    "words",
    [
        "Unrecognized request argument supplied: continue_final_message",
        "Unknown parameter: 'continue_final_message'.",
        "[{'loc': ['body', 'add_generation_prompt'], 'msg': 'Extra inputs are not permitted'}]",
    ],
)
async def test_servers_that_do_not_know_the_names_get_the_conversation_alone(words: str) -> None:
    found = await talk(refusing(words, "continue_final_message"), BEGUN, BEGUN)
    assert len(found.bodies) == 3, "adapted once, and remembered"
    assert found.bodies[2] == {"model": "m", "messages": [*BEGUN.prompt]}
    assert found.notices == []


async def test_mistral_wants_a_mark_on_the_turn() -> None:
    def handler(seen: Seen) -> Reply:
        if "continue_final_message" in seen.body:
            detail = [{"type": "extra_forbidden", "loc": ["body", "continue_final_message"], "msg": "Extra inputs"}]
            return Reply({"detail": detail}, 422)
        if not seen.body["messages"][-1].get("prefix"):
            return error(400, "Expected last role User or Tool (or Assistant with prefix True) but got assistant")
        return Reply(chat("1, 2, 3, 4"))

    found = await talk(handler, BEGUN, BEGUN)
    assert [answer.text for answer in found.answers] == [" 3, 4"] * 2
    assert len(found.bodies) == 4
    assert found.bodies[-1]["messages"][-1] == {"role": "assistant", "content": "1, 2,", "prefix": True}


@pytest.mark.parametrize(
    "words",
    [
        "This model does not support assistant message prefill. The conversation must end with a user message.",
        "Assistant response prefill is incompatible with enable_thinking.",
        "The last message must be a user message, or an assistant message with prefix mode on",
    ],
)
async def test_where_nothing_goes_on_the_beginning_ends_the_question(words: str) -> None:
    def handler(seen: Seen) -> Reply:
        return error(400, words) if seen.body["messages"][-1]["role"] == "assistant" else Reply(chat("1, 2, 3"))

    found = await talk(handler, BEGUN, BEGUN)
    assert found.bodies[-1]["messages"] == [{"role": "user", "content": "Count.\n1, 2,"}]
    assert [answer.text for answer in found.answers] == [" 3"] * 2
    assert len(found.notices) == 1
    assert "does not go on with an answer that was begun" in found.notices[0]


async def test_one_request_may_be_a_bare_beginning() -> None:
    def handler(seen: Seen) -> Reply:
        said = {"choices": [{"text": " 3, 4", "finish_reason": "stop"}]}
        return Reply(said if seen.path.endswith("/v1/completions") else chat("Fine."))

    found = await talk(handler, Request("1, 2,", "m", api="completions"), Request("Hi", "m"))
    assert [answer.text for answer in found.answers] == [" 3, 4", "Fine."]
    assert found.bodies[0] == {"prompt": "1, 2,", "model": "m"}


# Schemas


async def test_a_schema_is_asked_for() -> None:
    found = await talk(lambda seen: Reply(chat('{"good": true}')), STRUCTURED)
    assert found.bodies[0]["response_format"] == SHAPE
    bare = body_of(STRUCTURED, "completions", "m")
    assert (bare["json_schema"], bare["response_format"], bare["prompt"]) == (SCHEMA, SHAPE, "Is it good?")
    new = body_of(STRUCTURED, "responses", "m")
    assert new["text"] == {"format": {"type": "json_schema", "name": "judge", "strict": True, "schema": SCHEMA}}
    assert "response_format" not in new


async def test_a_server_without_schemas_is_told_it_in_words() -> None:
    def handler(seen: Seen) -> Reply:
        if seen.body.get("response_format", {}).get("type") == "json_schema":
            return error(400, "This response_format type is unavailable now")  # DeepSeek's
        return Reply(chat('{"good": true}'))

    found = await talk(handler, STRUCTURED, STRUCTURED)
    assert len(found.bodies) == 3
    assert found.bodies[2]["response_format"] == {"type": "json_object"}
    asked = found.bodies[2]["messages"][0]["content"]
    assert asked.startswith("Is it good?")
    assert asked.endswith(json.dumps(SCHEMA, sort_keys=True))
    assert len(found.notices) == 1


@pytest.mark.parametrize("api", ["chat", "completions"])
async def test_a_server_without_any_of_it_is_asked_plainly(api: str) -> None:
    def handler(seen: Seen) -> Reply:
        if {"response_format", "json_schema"} & {*seen.body}:
            return error(400, "Unrecognized request argument supplied: response_format")
        said = {"choices": [{"text": "Yes.", "finish_reason": "stop"}]}
        return Reply(chat("Yes.") if api == "chat" else said)

    found = await talk(handler, STRUCTURED, STRUCTURED, api=api)
    assert [answer.text for answer in found.answers] == ["Yes."] * 2
    assert found.bodies[-1] == body_of(Request("Is it good?", "m"), api, "m")
    assert "read as free text" in found.notices[-1]
    assert len(found.notices) == (2 if api == "chat" else 1)


def test_an_own_response_format_is_left_as_it_is() -> None:
    own = Request("Hi", "m", {"response_format": {"type": "json_object"}})
    for shape in ("json_schema", "json_object", ""):
        assert body_of(own, "chat", "m", Ways(shape=shape))["response_format"] == {"type": "json_object"}


def test_what_is_about_something_else_changes_nothing() -> None:
    for words in ("the model is busy", "max_tokens is too large: response_format", "messages[0] is too short"):
        assert adapted(STRUCTURED, "chat", Ways(), words) is None
        assert adapted(BEGUN, "chat", Ways(), words) is None


# Parameters


@pytest.mark.parametrize(
    ("words", "params", "hint"),
    [
        (
            "Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) value is "
            "supported.",
            {"temperature": 0.7},
            "; set temperature: null in the recipe's teacher",
        ),
        (
            "Unsupported parameter: 'stop' is not supported.",
            {"stop": ["x"]},
            "; set stop: null in the recipe's teacher",
        ),
        (
            "presence_penalty is not supported by this model",
            {"presence_penalty": 2},
            "; set presence_penalty: null in the recipe's teacher",
        ),
        ("you must provide a chat template", {}, "; the model has no chat template: use --api completions"),
    ],
)
async def test_a_parameter_that_a_model_does_not_take(words: str, params: dict[str, Any], hint: str) -> None:
    with pytest.raises(Declined) as caught:
        await talk(lambda seen: error(400, words), Request("Hi", "m", params))
    assert str(caught.value).endswith(hint)
    assert caught.value.about == "setting"


async def test_what_a_word_of_any_sentence_does_not_blame() -> None:
    with pytest.raises(Declined) as caught:
        await talk(lambda seen: error(400, "unexpected stop of the parser"), Request("Hi", "m", {"stop": ["x"]}))
    assert caught.value.about == ""


async def test_an_api_that_the_server_has_not() -> None:
    for api, words in (("responses", "not every server has --api responses"), ("completions", "use --api chat")):
        with pytest.raises(TeacherFailed, match=words):
            await talk(
                lambda seen: error(
                    404, "This is a chat model, use /v1/chat/completions" if "compl" in seen.path else "no"
                ),
                Request("Hi", "m"),
                api=api,
            )


async def test_thoughts_that_took_all_of_max_tokens_are_no_error() -> None:
    words = "Could not finish the message because max_tokens or model output limit was reached."
    found = await talk(lambda seen: error(400, words), Request("Hi", "m", {"max_completion_tokens": 9}))
    assert found.answers == [Response("", "length", "m")]


# Lines of a batch


async def test_a_line_is_asked_and_answered_as_live() -> None:
    rows = [Request("Hi", "m", {"max_tokens": 5}), STRUCTURED, BEGUN]
    async with Endpoint("m", base_url="http://127.0.0.1:1/v1") as teacher:
        for request in rows:
            assert teacher.line(request) == ("/chat/completions", body_of(request, "chat", "m"))
        found = [teacher.outcome(request, 200, chat("Fine.")) for request in rows]
    live = await talk(lambda seen: Reply(chat("Fine.")), *rows)
    assert found == live.answers


async def test_lines_that_were_refused_together_are_asked_otherwise_together() -> None:
    words = "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."
    refused = {"error": {"message": words, "code": "unsupported_parameter"}}
    rows = [Request(f"Hi {number}", "m", {"max_tokens": 5}) for number in range(3)]
    async with Endpoint("m", base_url="http://127.0.0.1:1/v1") as teacher:
        for request in rows[:2]:
            teacher.line(request)  # and of the third the process that sent it was killed
        for request in rows:
            assert not isinstance(teacher.outcome(request, 400, refused), TeacherFailed)
        assert teacher.line(rows[0])[1]["max_completion_tokens"] == 5
        assert isinstance(teacher.outcome(rows[0], 400, {"error": {"message": "no"}}), Declined)


# /responses


def test_the_names_of_responses() -> None:
    params = {"max_tokens": 8, "temperature": 0, "reasoning_effort": "low", "stop": ["x"], "presence_penalty": 2}
    assert body_of(Request("Hi", "m", params, sample=3), "responses", "m") == {
        "store": False,
        "stream": False,
        "temperature": 0,
        "max_output_tokens": 16,
        "reasoning": {"effort": "low"},
        "input": "Hi",
        "model": "m",
    }
    assert body_of(BEGUN, "responses", "m")["input"] == ({"role": "user", "content": "Count.\n1, 2,"},)
    with pytest.raises(UsageError, match="'input'"):
        body_of(Request("Hi", "m", {"input": "x"}), "responses", "m")


async def test_what_responses_has_no_word_for_is_told_once() -> None:
    asked = Request("Hi", "m", {"presence_penalty": 2, "frequency_penalty": 0, "stop": ["x"]})
    said = {"type": "message", "content": [{"type": "output_text", "text": "Fine."}]}
    found = await talk(lambda seen: Reply({"status": "completed", "output": [said]}), asked, asked, api="responses")
    assert found.notices == ["--api responses has no presence_penalty: m is asked without it"]
