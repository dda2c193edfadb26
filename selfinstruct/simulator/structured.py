"""JSON where it is asked for: by a schema (`response_format`), or by the sentence that our stages begin with.

What is in it is what the same prompt without them gets in words. A refusal is no JSON, whatever was asked for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from selfinstruct.simulator.language import LANGUAGES
from selfinstruct.stages.prompting import asked_as_json, shipped_prompts
from selfinstruct.task import Message
from selfinstruct.teacher import Prompt, Request

__all__ = ["by_schema", "in_words", "schema_of", "written"]

ANSWER = {"type": "object", "properties": {"answer": {"type": "string"}}}
"""The schema of an answer in JSON that nobody gave one for."""


def in_words(request: Request) -> Request:
    """The same request without its wish for JSON; itself when it has none."""
    prompt = _without_sentence(request.prompt)
    shape = request.params.get("response_format")
    if prompt == request.prompt and (not isinstance(shape, Mapping) or shape.get("type") == "text"):
        return request
    params = {name: value for name, value in request.params.items() if name != "response_format"}
    return replace(request, prompt=prompt, params=params)


def schema_of(request: Request) -> Mapping[str, Any]:
    """The schema that the answer is to have; empty where none is given."""
    match request.params.get("response_format"):
        case {"json_schema": {"schema": dict(schema)}}:
            return schema
    return {}


def written(value: Mapping[str, Any], schema: Mapping[str, Any], text: str) -> str:
    """The value as JSON in one line. Where the schema is not our stages' own, another one that follows it and says the
    text."""
    ours = not schema or set(value) == set(schema.get("properties", ()))
    return json.dumps(value if value and ours else by_schema(schema or ANSWER, text), ensure_ascii=False)


def by_schema(schema: Any, text: str) -> Any:
    """The smallest value that a schema allows, with the text where it wants one."""
    schema = schema if isinstance(schema, Mapping) else {}
    for name in ("const", "default"):
        if name in schema:
            return schema[name]
    for name in ("enum", "anyOf", "oneOf"):
        if isinstance(schema.get(name), list) and schema[name]:
            first = schema[name][0]
            return first if name == "enum" else by_schema(first, text)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    match kind[0] if isinstance(kind, list) and kind else kind:
        case "object":
            properties = schema.get("properties")
            properties = properties if isinstance(properties, Mapping) else {}
            return {name: by_schema(inner, text) for name, inner in properties.items()}
        case "array":
            return [by_schema(schema.get("items"), text)]
        case "integer" | "number":
            return schema.get("minimum", 0)
        case "boolean":
            return False
        case "null":
            return None
    return text


@cache
def _sentences() -> tuple[str, ...]:
    names = [name for name in shipped_prompts() if name.startswith("json_")]
    return tuple(asked_as_json(name, language, "") for name in names for language in LANGUAGES)


def _without_sentence(prompt: Prompt) -> Prompt:
    if isinstance(prompt, str):
        return _rest(prompt)
    return tuple(
        Message({**turn, "content": _rest(turn["content"])}) if turn["role"] == "user" else turn for turn in prompt
    )


def _rest(text: str) -> str:
    return next((text.removeprefix(one) for one in _sentences() if text.startswith(one)), text)
