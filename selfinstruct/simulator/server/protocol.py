"""OpenAI's words: JSON bodies to Requests, Responses to JSON bodies, refusals in their shape. Nothing here waits.

A body becomes exactly the Request that it came from: a lone user message is a text prompt, `seed` is the sample, and
what is left are the params. So the answer is the one that the same Request gets in process. A conversation that ends
with the assistant's turn is gone on with, whatever fields say so.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, cast

from selfinstruct.task import Message
from selfinstruct.teacher import Prompt, Request, Response

__all__ = ["Asked", "Refused", "answered", "asked", "encoded", "no_choices", "no_model", "read_json", "streamed"]

# What is no parameter of the teacher's: how the answer is sent, and what a Request holds elsewhere.
OWN = ("echo", "messages", "model", "n", "prompt", "seed", "stream", "stream_options")
PREFILL = ("add_generation_prompt", "continue_final_message")  # vLLM's, and a mark on the turn: Mistral's "prefix"
MOST_N, MOST_STOPS = 128, 4  # OpenAI's own limits
MOST_CHOICES = 2048  # of a list of prompts; one core is busy for a second with them
ROLES = ("assistant", "developer", "function", "system", "tool", "user")


class Refused(Exception):
    """A request that gets an error instead of an answer."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        kind: str = "invalid_request_error",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.headers = status, headers or {}
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a body asks for."""

    api: str
    """chat, completions or responses."""
    requests: tuple[Request, ...]
    """One for each choice, in order: the n of the first prompt, the n of the second …"""
    n: int = 1
    stream: bool = False
    usage: bool = False
    """Whether a stream ends with the token counts."""

    @property
    def id(self) -> str:
        """The same for the same request, like everything else in an answer."""
        keys = [request.key for request in self.requests]
        digest = keys[0] if len(keys) == 1 else hashlib.sha256("".join(keys).encode()).hexdigest()
        return {"chat": "chatcmpl-", "completions": "cmpl-", "responses": "resp_"}[self.api] + digest[:24]


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


# Made once: json.dumps and json.loads make one for each call, 6 µs together.
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_decoder = json.JSONDecoder(parse_constant=_no_number)


def encoded(row: Any) -> bytes:
    return _encoder.encode(row).encode("utf-8", "replace")


def read_json(content: bytes) -> dict[str, Any]:
    try:
        row = _decoder.decode(content.decode())
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"The body is no valid JSON: {error}") from None
    if not isinstance(row, dict):
        raise Refused(400, "The body has to be a JSON object")
    return row


def asked(row: dict[str, Any], api: str, models: Sequence[str]) -> Asked:
    """Raises Refused with the parameter that is wrong."""
    row = {name: value for name, value in row.items() if value is not None}  # null is as good as absent
    model = _needed(row, "model")
    for name, (words, holds) in CHECKS.items():
        if name in row and not holds(row[name]):
            raise Refused(400, f"Invalid value for '{name}': it has to be {words}", param=name, code="invalid_value")
    if model not in models:
        raise no_model(model, models)
    if "stream_options" in row and not row.get("stream"):
        raise Refused(400, "'stream_options' is only allowed when 'stream' is true", param="stream_options")
    n, sample = row.get("n", 1), row.get("seed", 0)
    prompts = [_conversation(_needed(row, "messages"))] if api == "chat" else _texts(_needed(row, "prompt"))
    if len(prompts) * n > MOST_CHOICES:
        raise Refused(400, f"At most {MOST_CHOICES:,} choices at a time: send fewer prompts", param="prompt")
    params = {name: value for name, value in row.items() if name not in (*OWN, *PREFILL)}
    requests = (Request(prompt, model, params, sample + i) for prompt in prompts for i in range(n))
    options = row.get("stream_options", {})
    return Asked(api, tuple(requests), n, row.get("stream", False), options.get("include_usage") is True)


def no_model(model: str, models: Sequence[str]) -> Refused:
    words = f"The model {model!r} does not exist here; there is {', '.join(models)}"
    return Refused(404, words, param="model", code="model_not_found")


def _needed(row: dict[str, Any], name: str) -> Any:
    if name not in row:
        raise Refused(400, f"Missing required parameter: '{name}'", param=name, code="missing_required_parameter")
    return row[name]


def _conversation(turns: Any) -> Prompt:
    if not isinstance(turns, list) or not turns:
        raise Refused(400, "'messages' has to be a list with at least one message", param="messages")
    said = tuple(_turn(turn, f"messages[{number}]") for number, turn in enumerate(turns))
    lone = len(said) == 1 and said[0]["role"] == "user" and len(said[0]) == 2
    return said[0]["content"] if lone else said  # a text is sent as one user message


def _turn(turn: Any, where: str) -> Message:
    if not isinstance(turn, dict) or turn.get("role") not in ROLES:
        raise Refused(400, f"{where} has to be an object whose role is one of {', '.join(ROLES)}", param=where)
    content = turn.get("content")
    if content is None and turn["role"] == "assistant":  # it called a tool
        content = ""
    if isinstance(content, list):
        content = "\n".join(_part(part, f"{where}.content[{number}]") for number, part in enumerate(content))
    if not isinstance(content, str):
        raise Refused(400, f"{where}.content has to be a text or a list of parts", param=f"{where}.content")
    return cast(Message, {name: value for name, value in turn.items() if name != "prefix"} | {"content": content})


def _part(part: Any, where: str) -> str:
    if isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str):
        return str(part["text"])
    raise Refused(400, f"{where} has to be a text part: this server reads nothing else", param=where)


def _texts(prompt: Any) -> list[str]:
    if isinstance(prompt, str):
        return [prompt]
    if isinstance(prompt, list) and prompt and all(isinstance(text, str) for text in prompt):
        return prompt
    raise Refused(400, "'prompt' has to be a text or a list of texts: this server knows no tokens", param="prompt")


Check = tuple[str, Callable[[Any], bool]]


def _whole(low: int | None = None, high: int | None = None) -> Check:
    words = "a whole number" + (f" from {low}" if low is not None else "") + (f" to {high}" if high is not None else "")
    return words, lambda value: type(value) is int and (low is None or value >= low) and (high is None or value <= high)


def _number(low: float, high: float) -> Check:
    # bool is an int to Python, but not to JSON.
    return f"a number from {low} to {high}", lambda value: type(value) in (int, float) and low <= value <= high


def _is_stop(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and len(value) <= MOST_STOPS and all(isinstance(mark, str) for mark in value)
    )


def _is_shape(value: Any) -> bool:
    if not isinstance(value, dict) or value.get("type") != "json_schema":
        return isinstance(value, dict) and value.get("type") in ("text", "json_object")
    named = value.get("json_schema")
    return isinstance(named, dict) and isinstance(named.get("name"), str) and isinstance(named.get("schema"), dict)


CHECKS: dict[str, Check] = {
    "add_generation_prompt": ("true or false", lambda value: isinstance(value, bool)),
    "continue_final_message": ("true or false", lambda value: isinstance(value, bool)),
    "echo": ("false: this server repeats no prompt", lambda value: value is False),
    "frequency_penalty": _number(-2, 2),
    "max_completion_tokens": _whole(1),
    "max_tokens": _whole(1),
    "model": ("a text", lambda value: isinstance(value, str)),
    "n": _whole(1, MOST_N),
    "presence_penalty": _number(-2, 2),
    "response_format": ("text, json_object, or json_schema with a name and a schema", _is_shape),
    "seed": _whole(),
    "stop": ("a text or a list of at most 4 texts", _is_stop),
    "stream": ("true or false", lambda value: isinstance(value, bool)),
    "stream_options": ("an object", lambda value: isinstance(value, dict)),
    "temperature": _number(0, 2),
    "top_p": _number(0, 1),
}


def answered(asked: Asked, responses: Sequence[Response]) -> dict[str, Any]:
    """The whole answer as a row. Raises Refused when the teacher found a prompt too long."""
    if any(response.finish_reason == "context_length" for response in responses):
        words = "The prompt is longer than this model's maximum context length"
        raise Refused(400, words, param="messages", code="context_length_exceeded")
    choices = []
    for index, response in enumerate(responses):
        text: dict[str, Any] = {"text": response.text}
        if asked.api != "completions":
            text = {"message": {"role": "assistant", "content": response.text, "refusal": None}}
            if response.thoughts:
                text["message"]["reasoning_content"] = response.thoughts
        choices.append({"index": index, **text, "logprobs": None, "finish_reason": response.finish_reason})
    tier = {"service_tier": responses[0].tier} if responses[0].tier else {}
    return {**_head(asked, responses), "choices": choices, "usage": _usage(asked, responses), **tier}


def no_choices(asked: Asked) -> dict[str, Any]:
    """An answer that forgot the answer."""
    return {**_head(asked, ()), "choices": [], "usage": None}


def streamed(asked: Asked, row: dict[str, Any]) -> bytes:
    """The same answer as server-sent events, a word at a time."""
    head = {name: row[name] for name in ("id", "object", "created", "model")}
    if asked.api == "chat":
        head["object"] = "chat.completion.chunk"
    rest = {"usage": None} if asked.usage else {}
    rows = [{**head, "choices": [piece], **rest} for choice in row["choices"] for piece in _pieces(choice)]
    if asked.usage:
        rows.append({**head, "choices": [], "usage": row["usage"]})
    return b"".join(b"data: %b\n\n" % encoded(row) for row in rows) + b"data: [DONE]\n\n"


def _pieces(choice: dict[str, Any]) -> Iterator[dict[str, Any]]:
    rest = {"index": choice["index"], "logprobs": None, "finish_reason": None}
    last = rest | {"finish_reason": choice["finish_reason"]}
    if "text" in choice:
        yield from ({**rest, "text": piece} for piece in _words(choice["text"]))
        yield {**last, "text": ""}
        return
    yield {**rest, "delta": {"role": "assistant", "content": ""}}
    yield from ({**rest, "delta": {"content": piece}} for piece in _words(choice["message"]["content"]))
    yield {**last, "delta": {}}


def _words(text: str) -> list[str]:
    return re.findall(r"\s*\S{1,12}|\s+", text)  # Chinese has no spaces, hence the 12


def _head(asked: Asked, responses: Sequence[Response]) -> dict[str, Any]:
    model = responses[0].model if responses else ""
    kind = "text_completion" if asked.api == "completions" else "chat.completion"
    # No time of day: the same request gets the same bytes.
    return {"id": asked.id, "object": kind, "created": 0, "model": model or asked.requests[0].model}


def _usage(asked: Asked, responses: Sequence[Response]) -> dict[str, Any] | None:
    """Every prompt counts once, however many answers it got. None when the teacher counted nothing."""
    given = [response.input_tokens for response in responses[:: asked.n]]
    written = [response.output_tokens for response in responses]
    if None in given or None in written:
        return None
    read, wrote = sum(count or 0 for count in given), sum(count or 0 for count in written)
    usage: dict[str, Any] = {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote}
    first = responses[:: asked.n]
    inside = {
        "cached_tokens": [response.cached_tokens for response in first],
        "cache_write_tokens": [response.written_tokens for response in first],
    }
    beside = {"reasoning_tokens": [response.thinking_tokens for response in responses]}
    for name, parts in (("prompt_tokens_details", inside), ("completion_tokens_details", beside)):
        if known := {part: sum(count or 0 for count in counts) for part, counts in parts.items() if any(counts)}:
            usage[name] = known
    return usage
