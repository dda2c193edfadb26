"""A request as the JSON that each API wants, by what this server was seen to take. Pure.

body = body_of(request, "chat", "gpt-…")              # a live request's, and a batch line's
ways = adapted(request, "chat", Ways(), "400's words")   # how to ask instead; None: the refusal is about something else

Nobody says beforehand which server answers, and no two take the same: a request begins with what most take, and what is
refused is left out or said otherwise, from then on, for all that ask the same model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from selfinstruct.errors import UsageError
from selfinstruct.task import Message
from selfinstruct.teacher import Prompt, Request
from selfinstruct.teachers.http.room import is_about_room

__all__ = ["LEFT_OUT", "OWN", "PATHS", "Ways", "adapted", "api_of", "begun", "body_of", "told"]

PATHS = {"chat": "/chat/completions", "completions": "/completions", "responses": "/responses"}
OWN = ("input", "messages", "model", "n", "prompt", "stream")
"""What a recipe cannot set: we read one whole answer to one prompt."""

LEAST = 16  # tokens: /responses refuses a smaller max_output_tokens, where a classifying step asks for 8
LEFT_OUT = ("presence_penalty", "frequency_penalty", "logit_bias", "seed")
"""What /responses has no word for. `stop` is another: there the answer is cut by us."""
AS_SCHEMA = "\n\nAnswer with JSON alone, as this JSON schema has it: "

UNSUPPORTED = re.compile(
    r"unsupported|not support|unrecognized|unknown|unexpected|extra_forbidden|extra inputs|not (permitted|allowed)",
    re.IGNORECASE,
)
# DeepSeek "This response_format type is unavailable now", Groq "does not support response format `json_schema`", OpenAI
# "Invalid schema for response_format", vLLM "The provided JSON schema contains features not supported by xgrammar".
SHAPE = re.compile(r"response[_ ]format|json[_ ]?(schema|object|mode)|structured[_ ]?output|grammar|text\.format", re.I)
# vLLM's own names; Mistral "Expected last role User or Tool (or Assistant with prefix True)", DeepSeek "The last
# message … must be a user message, or an assistant message with prefix mode on", Anthropic "does not support assistant
# message prefill", llama.cpp "Assistant response prefill is incompatible with enable_thinking".
PREFILL = re.compile(
    r"continue_final_message|add_generation_prompt|\bprefix\b|prefill|last (role|message|turn)|final message"
    r"|must (end with|alternate)|generation_prompt",
    re.IGNORECASE,
)
PREFIX = re.compile(r"\bprefix\b", re.IGNORECASE)

SHAPES = ("json_schema", "json_object", "")
PREFILLS = ("continue", "plain", "prefix", "asked")


@dataclass(frozen=True, slots=True)
class Ways:
    """How a server is asked. What it refuses moves each of these on, and never back."""

    renamed: bool = False
    """Whether max_tokens is called max_completion_tokens."""
    seeds: bool = True
    """Whether repeats of one prompt are told apart by a seed."""
    shape: str = "json_schema"
    """How a JSON schema is asked for: "json_schema" by itself, "json_object" with the schema in the prompt, "" not."""
    prefill: str = "continue"
    """How an answer that was begun is gone on with: "continue" by vLLM's fields (SGLang, TGI and llama.cpp know them,
    others mostly skip them), "plain" by nothing but the assistant's turn, "prefix" by Mistral's and DeepSeek's mark on
    it, "asked": as the end of the user's turn."""


def api_of(request: Request, api: str) -> str:
    """The API that the request is sent by, where others are by `api`."""
    return request.api or api


def begun(prompt: Prompt) -> str:
    """The beginning of the answer that is to be gone on with; "" when there is none."""
    return "" if isinstance(prompt, str) or not prompt or prompt[-1]["role"] != "assistant" else prompt[-1]["content"]


def body_of(request: Request, api: str, model: str, ways: Ways = Ways()) -> dict[str, Any]:
    """The body of `request`, sent by `api` to the server's own name of a model. Raises UsageError for what that API
    cannot say."""
    body = {name: value for name, value in request.params.items() if value is not None}
    if own := [name for name in OWN if name in body]:
        raise UsageError(f"the recipe's teacher has {own[0]!r}, which selfinstruct sets itself: leave it out")
    prompt = request.prompt
    if "response_format" in body:
        prompt = _shaped(body, prompt, api, ways.shape)
    if api == "responses":
        return _responses(body, prompt) | {"model": model}
    if api == "chat":
        body["messages"] = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        if begun(prompt):
            body |= _gone_on_with(prompt, body, ways.prefill)
    elif isinstance(prompt, str):
        body["prompt"] = prompt
    else:
        raise UsageError("this step asks with a conversation, which --api completions cannot send: use --api chat")
    if request.sample and ways.seeds:  # equal requests may be answered from a server's cache
        body["seed"] = (request.params.get("seed") or 0) + request.sample
    if ways.renamed and "max_tokens" in body:
        body["max_completion_tokens"] = body.pop("max_tokens")
    return body | {"model": model}


def _shaped(body: dict[str, Any], prompt: Prompt, api: str, shape: str) -> Prompt:
    """The prompt; in the body the shape that the answer is to have, as far as the server takes it."""
    wanted = body["response_format"]
    named = wanted.get("json_schema") if isinstance(wanted, dict) and wanted.get("type") == "json_schema" else None
    schema = named.get("schema") if isinstance(named, dict) else None
    if schema is None:  # somebody's own, of another kind
        return prompt
    if shape == "json_schema":
        if api == "completions":  # llama.cpp's name there, and SGLang's; vLLM has response_format there, too
            body.setdefault("json_schema", schema)
        return prompt
    del body["response_format"]
    if shape == "" or api == "completions":  # a bare beginning has no room for a wish
        return prompt
    body["response_format"] = {"type": "json_object"}
    return _with_end(prompt, AS_SCHEMA + json.dumps(schema, ensure_ascii=False, sort_keys=True))


def _with_end(prompt: Prompt, end: str) -> Prompt:
    """The prompt with something more at the end of what the user says last."""
    if isinstance(prompt, str):
        return prompt + end
    last = max((at for at, turn in enumerate(prompt) if turn["role"] == "user"), default=-1)
    return tuple(
        Message({**turn, "content": turn["content"] + end}) if at == last else turn for at, turn in enumerate(prompt)
    )


def _gone_on_with(prompt: Prompt, body: dict[str, Any], prefill: str) -> dict[str, Any]:
    assert not isinstance(prompt, str)
    match prefill:
        case "continue":
            names = {"continue_final_message": True, "add_generation_prompt": False}
            return {name: value for name, value in names.items() if name not in body}
        case "prefix":
            return {"messages": (*prompt[:-1], {**prompt[-1], "prefix": True})}
        case "asked":
            return {"messages": _asked(prompt)}
    return {}


def _asked(prompt: tuple[Message, ...]) -> tuple[Message, ...]:
    """The conversation with the answer's beginning as the end of the user's last turn."""
    *before, last = prompt
    if not before or before[-1]["role"] != "user":
        return (*before, Message({**last, "role": "user"}))
    return tuple(_with_end(tuple(before), "\n" + last["content"]))  # type: ignore[arg-type]


def _responses(body: dict[str, Any], prompt: Prompt) -> dict[str, Any]:
    """The same for /responses, which has other names for the same, and for some none."""
    for name in (*LEFT_OUT, "stop"):
        body.pop(name, None)
    for name in ("max_tokens", "max_completion_tokens"):
        if name in body:
            most = body.pop(name)
            body.setdefault("max_output_tokens", max(LEAST, most) if isinstance(most, int) else most)
    if (effort := body.pop("reasoning_effort", None)) is not None:
        body["reasoning"] = {"effort": effort} | body.get("reasoning", {})
    wanted = body.pop("response_format", None)
    if wanted is not None:
        flat = {"type": wanted["type"], **wanted["json_schema"]} if "json_schema" in wanted else wanted
        body["text"] = {"format": flat} | body.get("text", {})
    if begun(prompt):
        assert not isinstance(prompt, str)
        prompt = _asked(prompt)
    return {"store": False, "stream": False, **body, "input": prompt}  # transformers serve streams unless told not to


def adapted(request: Request, api: str, ways: Ways, said: str) -> Ways | None:
    """How to ask this once more, after the server refused it (HTTP 400 or 422) with these codes and words, when it was
    asked in these ways; None when they were not what it refused."""
    if is_about_room(said):
        return None
    found = ways
    unsupported = UNSUPPORTED.search(said)
    if api == "chat" and unsupported and "max_completion_tokens" in said and "max_tokens" in request.params:
        found = replace(found, renamed=True)
    if unsupported and request.sample and re.search(r"\bseed\b", said) and request.params.get("seed") is None:
        found = replace(found, seeds=False)
    if ways.shape and request.params.get("response_format") is not None and SHAPE.search(said):
        further = SHAPES.index(ways.shape) + (2 if api == "completions" else 1)
        found = replace(found, shape=SHAPES[min(further, 2)])
    if api == "chat" and begun(request.prompt) and PREFILL.search(said):
        found = replace(found, prefill=_next_prefill(ways.prefill, said))
    return None if found == ways else found


def _next_prefill(prefill: str, said: str) -> str:
    if PREFIX.search(said) and prefill in ("continue", "plain"):
        return "prefix"
    return "plain" if prefill == "continue" else "asked"


def told(before: Ways, now: Ways) -> Iterator[str]:
    """What people should know about a server that is asked otherwise from now on."""
    if before.shape != now.shape:
        yield (
            "the server takes no JSON schema: it is asked for JSON by words, and the schema is one of them"
            if now.shape
            else "the server gives no structured answers: it is asked without, and what it writes is read as free text"
        )
    if before.prefill != now.prefill == "asked":
        yield "the server does not go on with an answer that was begun: its beginning ends the question instead"
