"""Tools and their calls, in anybody's shape, as OpenAI's: what a model may call, and what it called."""

from __future__ import annotations

import json
import re
from typing import Any

from selfinstruct.rows.layouts.quoted import value_in
from selfinstruct.rows.notes import brief

__all__ = ["calls_in", "calls_of", "results_in", "tools_of"]


def tools_of(value: Any) -> tuple[dict[str, Any], ...]:
    """A list of tools, or JSON text of one, each {"type": "function", "function": {"name", …}}. Raises ValueError."""
    given = _parsed(value)
    if isinstance(given, dict) and not {"name", "function"} & given.keys():  # {"get_time": {…}, …}
        given = [{"name": name, **tool} if isinstance(tool, dict) else tool for name, tool in given.items()]
    return tuple(_tool(tool) for tool in (given if isinstance(given, list) else [given]) if tool is not None)


def _tool(value: Any) -> dict[str, Any]:
    tool = _parsed(value)
    if isinstance(tool, dict) and isinstance(function := tool.get("function"), dict):
        if isinstance(function.get("name"), str):
            return {"type": "function", **tool}
    elif isinstance(tool, dict) and isinstance(tool.get("name"), str):
        # Anthropic and MCP have another name for the parameters.
        return {"type": "function", "function": {SCHEMA.get(key, key): tool[key] for key in tool if key != "type"}}
    raise ValueError(f"a tool is an object with a name, a description and parameters; this one is {brief(value)}")


SCHEMA = {"input_schema": "parameters", "inputSchema": "parameters"}


def calls_of(value: Any) -> list[dict[str, Any]]:
    """The calls of an answer: a list, one call, or JSON text of either. Raises ValueError for what is none."""
    given = _parsed(value)
    return [_call(call) for call in (given if isinstance(given, list) else [given]) if call is not None]


def calls_in(text: str) -> tuple[str, list[dict[str, Any]]]:
    """What is said around the calls, and the calls of a turn that has them as text. Raises ValueError.

    {"name": …, "arguments": {…}}, a list of these, or one in each <tool_call>…</tool_call>.
    """
    if tagged := TAGGED.findall(text):
        return TAGGED.sub("", text).strip(), [call for inner in tagged for call in calls_of(inner)]
    before = THOUGHT.match(text)
    calls = text[before.end() :] if before else text
    around = before[0].strip() if before else ""
    return around, calls_of(calls.replace("<functioncall>", "").replace("<|endoftext|>", "").strip())


THOUGHT = re.compile(r"\s*<think>.*?</think>\s*", re.DOTALL)
"""Before a call, as LLaMA-Factory's rows have it."""


def results_in(text: str) -> list[str]:
    """The results of tools that a text is, each in <tool_response>…</tool_response>, or the text itself."""
    found = RESULT.findall(text)
    return [inner.strip() for inner in found] if found and not RESULT.sub("", text).strip() else [text]


RESULT = re.compile(r"<tool_response>(.*?)</tool_response>", re.DOTALL)
TAGGED = re.compile(r"<tool_call>(.*?)</tool_call>", re.DOTALL)

QUOTED = re.compile(r"""\{\s*"name":\s*"([^"]+)",\s*"arguments":\s*'(.*)'\s*\}""", re.DOTALL)
"""Glaive's: the arguments are JSON text in single quotes, which is no JSON."""

ARGUMENTS = ("arguments", "parameters", "args", "input")
"""As others call them."""


def _call(value: Any) -> dict[str, Any]:
    call = _parsed(value)
    inside = call.get("function", call.get("name")) if isinstance(call, dict) else None
    if isinstance(inside, dict) and isinstance(inside.get("name"), str):  # OpenAI's
        inside, rest = dict(inside), _without(call, "function")
    elif isinstance(inside, str):
        inside = {"name": inside} | _without(call, *("function" if "function" in call else "name", *OF_THE_CALL))
        rest = {key: call[key] for key in OF_THE_CALL if key in call}
    else:
        said = brief(value)
        raise ValueError(f'a call of a tool is {{"name": …, "arguments": {{…}}}}, or a list of them; this is {said}')
    key = next((key for key in ARGUMENTS if inside.get(key) is not None), "")
    arguments = _arguments(inside[key]) if key else {}
    more = {name: value for name, value in inside.items() if name != key and value is not None}
    number = next((rest[name] for name in ("call_id", "id", "toolUseId") if rest.get(name) is not None), None)
    found = {"type": "function", "function": {"name": inside["name"], "arguments": arguments} | more}
    return found | ({} if number is None else {"id": str(number)}) | _without(rest, *OF_THE_CALL)


OF_THE_CALL = ("id", "call_id", "toolUseId", "type")
"""Keys that stand beside the function, in whatever shape."""


def _arguments(value: Any) -> Any:
    """An object where it is one, or its JSON text; else as it is."""
    if not isinstance(value, str):
        return value
    if not value.strip():
        return {}
    try:
        read = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return read if isinstance(read, dict) else value


def _parsed(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return value_in(value)
    except ValueError:
        if quoted := QUOTED.fullmatch(value.strip()):
            return {"name": quoted[1], "arguments": quoted[2]}
        raise ValueError(f"tools and their calls are JSON; this is {brief(value)}") from None


def _without(tool: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in tool.items() if key not in keys}
