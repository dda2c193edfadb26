"""What servers send as an answer, read: text, thoughts, how it ended, usage as billed; by bodies as they have them."""

from __future__ import annotations

from typing import Any

import pytest
from openai_stub import chat

from selfinstruct.errors import Transient
from selfinstruct.task import Message
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.http.answers import answer_of

ASKED = Request("Say fine.", "m")
CALL = {"id": "c", "type": "function", "function": {"name": "search", "arguments": "{}"}}


def read(row: Any, api: str = "chat", request: Request = ASKED) -> Any:
    return answer_of(request, api, row, model="m", where="http://x/v1", clean=lambda text: text)


def completion(text: str, finish: str = "stop", **choice: object) -> dict[str, Any]:
    return {"choices": [{"index": 0, "text": text, "finish_reason": finish, **choice}]}


def response(*items: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"object": "response", "status": "completed", "model": "m", "output": list(items), **more}


def said(text: str, **more: object) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}], **more}


# Thoughts


@pytest.mark.parametrize(
    "message",
    [
        {"reasoning_content": "2 + 2"},  # DeepSeek, SGLang, older vLLM, llama.cpp
        {"reasoning": "2 + 2"},  # newer vLLM, Ollama, OpenRouter
        {"reasoning": "2 + 2", "reasoning_content": None},
        {"reasoning": "2 + 2", "reasoning_content": "2 + 2"},  # vLLM on its way from one to the other
        {"reasoning": "2 + 2", "reasoning_details": [{"type": "reasoning.text", "text": "2 + 2", "signature": "x"}]},
        {
            "reasoning_details": [
                {"type": "reasoning.text", "text": "2 + 2"},
                {"type": "reasoning.encrypted", "data": "x"},
            ]
        },
        {"reasoning_details": [{"type": "reasoning.summary", "summary": "2 + 2"}]},
        {"thinking": "2 + 2"},
        {"reasoning": {"content": "2 + 2"}},
    ],
)
def test_thoughts_beside_the_answer(message: dict[str, Any]) -> None:
    found = read(chat("4", **message))
    assert (found.text, found.thoughts) == ("4", "2 + 2")


@pytest.mark.parametrize(
    "thinking",
    [
        {"type": "thinking", "thinking": "2 + 2"},
        {"type": "thinking", "thinking": [{"type": "text", "text": "2 + 2"}], "closed": True},  # Mistral
        {"type": "reasoning", "text": "2 + 2"},
    ],
)
def test_thoughts_among_the_parts(thinking: dict[str, Any]) -> None:
    found = read(chat([thinking, {"type": "text", "text": "4"}]))  # type: ignore[arg-type]
    assert (found.text, found.thoughts) == ("4", "2 + 2")


def test_thoughts_in_the_text_stay_there() -> None:
    raw = "<think>2 + 2</think>\n4<|im_end|>"
    assert read(chat(raw)).text == raw
    assert read(chat(raw)).thoughts == ""
    assert read(completion(raw), "completions").text == raw


def test_thoughts_that_took_all_of_it() -> None:
    for content in ("", None):
        found = read(chat(content, "length", reasoning_content="Hmm, so"))
        assert (found.text, found.finish_reason, found.thoughts) == ("", "length", "Hmm, so")
    thought = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hmm"}]}
    cut = response(thought, status="incomplete", incomplete_details={"reason": "max_output_tokens"})
    assert read(cut, "responses") == Response("", "length", "m", thoughts="Hmm")
    assert read(response(status="incomplete"), "responses").finish_reason == "length"


# How it ended


@pytest.mark.parametrize(
    ("finish", "found"),
    [
        *((word, "stop") for word in ("stop", "eos", "eos_token", "end_turn", "stop_sequence", "STOP", "COMPLETE", "")),
        *((word, "length") for word in ("length", "LENGTH", "max_tokens", "MAX_TOKENS", "max_output_tokens")),
        *((word, "length") for word in ("model_length", "model_context_window_exceeded")),
        *((word, "content_filter") for word in ("content_filter", "content-filter", "contentFilter", "SAFETY")),
        *(
            (word, "content_filter")
            for word in ("recitation", "RECITATION", "PROHIBITED_CONTENT", "refusal", "sensitive")
        ),
    ],
)
def test_reasons_in_other_words(finish: str, found: str) -> None:
    text = "" if found == "content_filter" else "Fine."
    for row, api in ((chat("Fine.", finish), "chat"), (completion("Fine.", finish), "completions")):
        assert (read(row, api).text, read(row, api).finish_reason) == (text, found)


@pytest.mark.parametrize("finish", ["error", "ERROR", "abort", "network_error", "insufficient_system_resource"])
def test_an_answer_that_broke_off(finish: str) -> None:
    failed = read(chat("Half an ans", finish))
    assert isinstance(failed, Transient)
    assert failed.billed


def test_a_tool_that_nobody_offered() -> None:
    found = read(chat(None, "tool_calls", tool_calls=[CALL]))
    assert (found.text, found.finish_reason) == ("", "declined")
    assert found.error == "it called the tool 'search' instead of answering"
    assert read(chat("Fine.", "tool_calls", tool_calls=[CALL])).finish_reason == "stop"
    assert read(chat("Fine.", tool_calls=[])).finish_reason == "stop"
    assert read(chat(None, "function_call", function_call={"name": "f"})).error.startswith("it called the tool 'f'")
    called = response({"type": "function_call", "name": "search", "arguments": "{}"})
    assert read(called, "responses").finish_reason == "declined"


def test_refusals_are_kept_as_the_reason() -> None:
    found = read(chat(None, refusal="I cannot."))
    assert (found.text, found.finish_reason, found.error) == ("", "content_filter", "I cannot.")
    parts = [{"type": "refusal", "refusal": "I cannot."}]
    assert read(chat(parts)).error == "I cannot."  # type: ignore[arg-type]
    item = {"type": "message", "content": parts}
    assert read(response(item), "responses") == Response("", "content_filter", "m", error="I cannot.")
    assert read(chat("Fine.", refusal="")).finish_reason == "stop"


# Usage


USAGES: list[tuple[dict[str, Any], tuple[int | None, ...]]] = [
    ({"prompt_tokens": 90, "completion_tokens": 40}, (90, 40, None, None, None)),
    (  # OpenAI
        {
            "prompt_tokens": 90,
            "completion_tokens": 40,
            "total_tokens": 130,
            "prompt_tokens_details": {"cached_tokens": 64, "cache_write_tokens": 20, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 30},
        },
        (90, 40, 64, 20, 30),
    ),
    (  # /responses
        {
            "input_tokens": 90,
            "output_tokens": 40,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        },
        (90, 40, 0, 0, 0),
    ),
    (  # DeepSeek
        {
            "prompt_tokens": 90,
            "completion_tokens": 40,
            "prompt_cache_hit_tokens": 64,
            "prompt_cache_miss_tokens": 26,
        },
        (90, 40, 64, None, None),
    ),
    (  # Anthropic's names
        {
            "prompt_tokens": 90,
            "completion_tokens": 40,
            "cache_read_input_tokens": 64,
            "cache_creation_input_tokens": 20,
        },
        (90, 40, 64, 20, None),
    ),
    ({"prompt_tokens": 90, "completion_tokens": 40, "cached_tokens": 64}, (90, 40, 64, None, None)),  # Moonshot
    ({"prompt_tokens": 90, "completion_tokens": 40, "reasoning_tokens": 30}, (90, 40, None, None, 30)),  # SGLang
    (  # xAI: thoughts are beside the completion
        {
            "prompt_tokens": 90,
            "completion_tokens": 10,
            "total_tokens": 400,
            "completion_tokens_details": {"reasoning_tokens": 300},
        },
        (90, 310, None, None, 300),
    ),
    ({"prompt_tokens": 90, "completion_tokens": 10, "total_tokens": 400}, (90, 310, None, None, 300)),  # Gemini
    ({"prompt_tokens": 90, "completion_tokens": 40, "total_tokens": 7}, (90, 40, None, None, None)),
    (  # a part is never more than the whole
        {
            "prompt_tokens": 90,
            "completion_tokens": 40,
            "prompt_tokens_details": {"cached_tokens": 900},
            "completion_tokens_details": {"reasoning_tokens": 41},
        },
        (90, 40, 90, None, 40),
    ),
    ({"prompt_tokens": 90, "completion_tokens": 40, "prompt_tokens_details": None}, (90, 40, None, None, None)),
    ({"prompt_tokens": "90", "completion_tokens": -1, "prompt_tokens_details": [3]}, (None,) * 5),
]


@pytest.mark.parametrize(("usage", "counts"), USAGES)
def test_usage_as_billed(usage: dict[str, Any], counts: tuple[int | None, ...]) -> None:
    for row, api in (
        (chat(), "chat"),
        (completion("Fine."), "completions"),
        (response(said("Fine.")), "responses"),
    ):
        found = read(row | {"usage": usage}, api)
        assert found.text == "Fine."
        parts = (found.cached_tokens, found.written_tokens, found.thinking_tokens)
        assert (found.input_tokens, found.output_tokens, *parts) == counts


@pytest.mark.parametrize(("tier", "found"), [("flex", "flex"), (None, ""), (7, ""), ("x" * 99, "")])
def test_the_tier_that_was_billed(tier: object, found: str) -> None:
    assert read(chat() | {"service_tier": tier}).tier == found
    assert read(response(said("Fine."), service_tier=tier), "responses").tier == found


# /responses


def test_items_of_a_response() -> None:
    row = response(
        {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "2 + 2"}]},
        said("Let me see.", phase="commentary"),
        said("4", phase="final_answer"),
    )
    assert read(row, "responses") == Response("4", "stop", "m", thoughts="2 + 2")
    assert read(response(said("Let me see.", phase="commentary")), "responses").text == "Let me see."


def test_what_is_no_response() -> None:
    row: Any
    for row in ({"output": []}, response(), response(said("x"), status="in_progress"), {"choices": []}):
        assert read(row, "responses") is None
    assert read(response(said("4")), "chat") is None


def test_stop_sequences_are_cut_by_us_where_the_api_has_none() -> None:
    row = response(said("One.\nTask: two"), status="incomplete", incomplete_details={"reason": "max_output_tokens"})
    for stop in ("\nTask:", ["\n\n", "\nTask:"]):
        found = read(row, "responses", Request("Hi", "m", {"stop": stop}))
        assert (found.text, found.finish_reason) == ("One.", "stop")
    assert read(row, "responses", Request("Hi", "m", {"stop": ["###"]})).finish_reason == "length"


# A beginning that was given


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (" a rhyme.", " a rhyme."),
        ("Task 9: a rhyme.", " a rhyme."),
        ("\nTask 9: a rhyme.", " a rhyme."),
        ("Task 10: a rhyme.", "Task 10: a rhyme."),
        ("", ""),
    ],
)
def test_the_beginning_is_not_part_of_the_answer(text: str, rest: str) -> None:
    turns = (Message(role="user", content="Write."), Message(role="assistant", content="Task 9:"))
    assert read(chat(text), request=Request(turns, "m")).text == rest
    assert read(chat(text)).text == text
