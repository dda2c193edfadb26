"""Tools, as people have them in files: OpenAI's list, bare function schemas, MCP's and Anthropic's, xLAM's and
Gorilla's, or an OpenAPI document. All become {"type": "function", "function": {"name", "description", "parameters"}}.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from selfinstruct.errors import UsageError, quoted
from selfinstruct.stages.calling.checking import Tool, schema_fault
from selfinstruct.stages.calling.openapi import operations
from selfinstruct.yaml_text import yaml_of

__all__ = ["as_text", "read_tools", "shipped_tools", "tools_in"]

LARGEST = 5_000_000
"""Bytes of a file of tools."""
SCHEMA = ("parameters", "input_schema", "inputSchema", "arguments", "args")
"""Under which names the parameters stand: OpenAI's, Anthropic's, MCP's, others'."""
TYPES = {
    **dict.fromkeys(("str", "text", "char", "date", "datetime", "enum"), "string"),
    **dict.fromkeys(("int", "long", "uint"), "integer"),
    **dict.fromkeys(("float", "double", "decimal"), "number"),
    **dict.fromkeys(("bool",), "boolean"),
    **dict.fromkeys(("dict", "map", "json", "hashmap"), "object"),
    **dict.fromkeys(("list", "tuple", "set", "arraylist"), "array"),
}
"""Python's and Java's names of types, as datasets of calls have them (xLAM, Gorilla)."""
KNOWN = ("string", "integer", "number", "boolean", "object", "array", "null")
MOST = 128
"""Characters of a name."""


def read_tools(path: str) -> str:
    """The tools of a file, as the text that recipe.yaml holds: one a line, of one shape. A text that holds tools
    already is read as it is, and "" are none. Raises UsageError.
    """
    if not path:
        return ""
    if path.lstrip().startswith(("{", "[")):
        return as_text(tools_in(path))
    file = Path(path)
    try:
        if file.stat().st_size > LARGEST:
            raise UsageError(f"{path} has {file.stat().st_size:,} bytes: a file of tools has at most {LARGEST:,}")
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or ("it is not UTF-8 text" if isinstance(error, UnicodeError) else error)
        raise UsageError(f"cannot read the tools {path}: {why}") from None
    try:
        return as_text(tools_in(text))
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def as_text(tools: Sequence[Tool]) -> str:
    """One a line, as JSON."""
    return "\n".join(json.dumps(tool, ensure_ascii=False) for tool in tools)


@cache
def shipped_tools(language: str) -> tuple[Tool, ...]:
    """Our own examples, in seeds/."""
    here = Path(__file__).parents[2]
    folder = here / "seeds" if (here / "seeds").is_dir() else here.parent / "seeds"
    name = "tools_zh.jsonl" if language == "zh" else "tools.jsonl"
    return tools_in((folder / name).read_text(encoding="utf-8"))


@lru_cache(256)
def tools_in(text: str) -> tuple[Tool, ...]:
    """The tools that a text describes, each of one shape. Raises UsageError, saying what is wrong with which."""
    given = list(_given(_value(text)))
    if not given:
        raise UsageError("there is no tool in it: give a list of them, each with a name, a description and parameters")
    tools = [_tool(one) for one in given]
    names = [tool["function"]["name"] for tool in tools]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise UsageError(f"the tool {quoted(twice)} is there twice: give each a name of its own")
    return tuple(tools)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise UsageError("the tools are nested too deeply: leave some out") from None
    except ValueError:
        pass
    with suppress(ValueError, RecursionError):
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    try:
        return yaml_of(text)
    except ValueError as error:
        raise UsageError(f"the tools are neither JSON nor YAML: {error}") from None


def _given(value: Any) -> Iterator[Any]:
    """Tools one by one, out of whatever holds them."""
    match value:
        case list():
            for one in value:
                yield from _given(one)
        case {"openapi": _, "paths": dict()} | {"swagger": _, "paths": dict()}:
            yield from operations(value)
        case {"tools": list() | dict() as inner} | {"functions": list() | dict() as inner}:
            yield from _given(inner)
        case {"functionDeclarations": list() as inner} | {"function_declarations": list() as inner}:  # Gemini's
            yield from _given(inner)
        case {"name": _} | {"function": _}:
            yield value
        case dict() if value and all(isinstance(one, dict) for one in value.values()):
            yield from ({"name": name, **one} for name, one in value.items())  # {"get_time": {…}, …}
        case None:
            return
        case _:
            yield value


def _tool(value: Any) -> dict[str, Any]:
    function = value.get("function", value) if isinstance(value, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    if not isinstance(function, dict) or not isinstance(name, str):
        raise UsageError(f"a tool has a name, a description and parameters; this one is {quoted(value)}")
    if not name or len(name) > MOST or re.search(r"\s", name):
        raise UsageError(f"the tool {quoted(name)} cannot be called so: a name has 1 to {MOST} characters and no blank")
    key = next((key for key in SCHEMA if isinstance(function.get(key), dict)), "")
    parameters = _parameters(function.get(key) or {}, function.get("required"))
    if fault := _fault_of(json.dumps(parameters, sort_keys=True)):
        raise UsageError(f"the parameters of {name} are no JSON schema: {fault}")
    about = function.get("description")
    more = {
        key: function[key] for key in ("return", "returns", "response", "strict") if function.get(key) not in (None, {})
    }
    description = about if isinstance(about, str) else ""
    return {
        "type": "function",
        "function": {"name": name, "description": description, "parameters": parameters} | more,
    }


def _parameters(given: dict[str, Any], required: Any) -> dict[str, Any]:
    """A JSON schema of an object; of a bare mapping of names to descriptions (xLAM's), such a schema."""
    if "properties" not in given and not isinstance(given.get("type"), str):
        names = {name: one for name, one in given.items() if isinstance(one, dict)}
        needed = [name for name, one in names.items() if not _may_lack(one)]
        given = {"type": "object", "properties": names} | ({"required": needed} if needed else {})
    schema: dict[str, Any] = _schema(given) | {"type": "object"}
    schema.setdefault("properties", {})
    if isinstance(required, list) and "required" not in schema:
        schema["required"] = [name for name in required if name in schema["properties"]]
    return schema


def _may_lack(one: dict[str, Any]) -> bool:
    return "default" in one or "optional" in str(one.get("type", "")).lower() or one.get("required") is False


def _schema(value: Any) -> Any:
    """The schema with JSON's names of types, wherever they stand."""
    if isinstance(value, list):
        return [_schema(one) for one in value]
    if not isinstance(value, dict):
        return value
    made = {key: one if key in ("default", "enum", "const", "examples") else _schema(one) for key, one in value.items()}
    if isinstance(value.get("type"), str):
        made.pop("type")
        made = _typed(value["type"], made) | made
    if isinstance(made.get("required"), bool):  # of one parameter, as OpenAPI and others have it
        del made["required"]
    return made


def _typed(said: str, schema: dict[str, Any]) -> dict[str, Any]:
    word = said.partition(",")[0].strip()
    outer, inner = (found[1], found[2]) if (found := re.fullmatch(r"(\w+)\[(.*)\]", word)) else (word, "")
    if outer.lower() == "optional":
        return _typed(inner, schema)
    kind = TYPES.get(outer.lower(), outer.lower())
    if kind not in KNOWN:
        return {}  # "any" and the like say nothing
    items = _typed(inner, {}) if kind == "array" and inner and "items" not in schema else {}
    return {"type": kind} | ({"items": items} if items else {})


@lru_cache(4096)  # a check takes 15 ms, and drafts show the same tools again and again
def _fault_of(schema: str) -> str:
    return schema_fault(json.loads(schema))
