"""Calls in an answer, in whatever form models write them: JSON in any of its shapes, fenced or not; OpenAI's, Hermes',
Llama's, Mistral's, DeepSeek's, Kimi's, gpt-oss's, Qwen's and GLM's marks; "Action: … Action Input: …"; Python.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from selfinstruct.stages.calling.checking import Tool, parameters_of
from selfinstruct.stages.calling.forms import ENDS, MARKS, headed, tagged
from selfinstruct.text.later import later

__all__ = ["Calls", "calls_in", "json_at"]


class Calls(NamedTuple):
    calls: list[dict[str, Any]]
    """{"name": …, "arguments": …} each, in order; the arguments as they are: perhaps no object."""
    words: str
    """What is said beside them."""
    broken: bool
    """Whether something in the answer was to be a call and cannot be read."""


ARGUMENTS = (
    *("arguments", "parameters", "args", "params", "input", "kwargs", "tool_input", "action_input", "tool_args"),
    *("parameter", "argument", "参数"),
)
NAMES = (
    *("name", "function", "tool", "tool_name", "function_name", "action", "api", "api_name", "recipient_name"),
    *("函数", "函数名", "工具", "名称"),
)
LISTS = ("tool_calls", "calls", "function_calls", "function_call", "tool_call", "actions", "tools", "functions", "call")
_MEANT = later(
    r"[\"'](?:arguments|parameters|args|action_input|tool_input)[\"']\s{0,9}:"
    r"|[\"'](?:name|function|tool|tool_name|action)[\"']\s{0,9}:\s{0,9}[\"'{]"
)
"""Parts of a call, where it cannot be read as a whole."""
_FENCE = later(r"```[ \t]*[\w+-]*[ \t]*(?=\n|\Z)|```")
_LABEL = later(
    r"[*_#`]{0,4}(?:actions?|answer|response|output|json|tools?|functions?)?\s?(?:calls?)?[*_`]{0,4}\s?[:：]?[*_`]{0,4}"
    r"|(?:函数|工具)?调用(?:如下|列表)?[:：]?",
    re.IGNORECASE,
)
"""What may stand above calls and says nothing."""
_START = later(r"[\[{]")
_FAULTS = 8
"""Values that cannot be read, after which the rest is left alone: each may have been read to its end."""
_LONGEST = 50_000
"""Characters of one value."""
_decoder = json.JSONDecoder(strict=False)


def calls_in(text: str, tools: Sequence[Tool]) -> Calls:
    """The calls in an answer, of these tools or of others, and what else it says."""
    by_name = {tool["function"]["name"]: tool for tool in tools}
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found: list[tuple[int, int, list[dict[str, Any]]]] = []
    rest = text
    for start, end, name, arguments in (*tagged(text, by_name), *headed(rest, json_at)):
        if not any(start < other_end and other < end for other, other_end, _ in found):
            found.append((start, end, [_call(name, arguments, by_name)]))
    rest = _without(text, found)
    found += _in_json(rest, by_name)
    rest = _without(text, found)
    found += _in_python(rest, by_name)
    rest = _without(text, found)
    marked = any(mark.search(text) for mark in MARKS)
    for mark in (*MARKS, ENDS):
        rest = mark.sub(" ", rest)
    broken = bool(_MEANT.search(rest)) or (marked and not found)
    words = _FENCE.sub("", rest) if found or broken else rest
    if found:
        lines = (line.strip() for line in words.split("\n"))
        words = "\n".join(line for line in lines if re.search(r"\w", line) and not _LABEL.fullmatch(line))
    words = words.strip()
    calls = [call for _, _, several in sorted(found, key=lambda one: one[0]) for call in several]
    return Calls(calls, words if re.search(r"[^\W\d]", words) or (words and not calls) else "", broken)


def _without(text: str, found: Sequence[tuple[int, int, Any]]) -> str:
    """The text with blanks where these are, so that places stay what they are."""
    for start, end, _ in found:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _called(name: str, by_name: Mapping[str, Tool]) -> str:
    """The tool's name, without the namespace that some models put before it."""
    name = name.strip().strip("`*\"'")
    bare = re.sub(r"^(?:functions?|tools?|default_api|api)[.:]", "", name)
    return bare if name not in by_name else name


def _call(name: str, arguments: Any, by_name: Mapping[str, Tool]) -> dict[str, Any]:
    if isinstance(arguments, str):
        with suppress(ValueError, RecursionError):
            arguments = _decoder.decode(arguments.strip()) if arguments.strip() else {}
    return {"name": _called(name, by_name), "arguments": {} if arguments is None else arguments}


# JSON


def json_at(text: str, at: int) -> tuple[Any, int] | None:
    """The value that begins here, in JSON or as Python writes it, and where it ends; None where none can be read.

    One that lacks nothing but its last brackets, at the end of the answer, is read as if it had them.
    """
    with suppress(ValueError, RecursionError):
        return _decoder.raw_decode(text, at)
    end, missing = _balanced(text, at)
    if end is None:
        return None
    part = text[at:end] + missing
    with suppress(ValueError, RecursionError):  # but for a comma too many
        return _decoder.decode(re.sub(r",(\s{0,99}[\]}])", r"\1", part)), end
    try:
        value = ast.literal_eval(part)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return (value, end) if _is_json(value) else None


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        return False
    return True


def _balanced(text: str, at: int) -> tuple[int | None, str]:
    """Where the brackets that open here are closed, and what is missing to close them where the text ends before."""
    closing, place, end = list[str](), at, min(len(text), at + _LONGEST)
    while place < end:
        one = text[place]
        if one in "\"'":
            # In Python's way a text ends with its own kind of mark; an apostrophe in JSON is inside a text anyway.
            other = _string_end(text, place, end)
            if other < 0:
                return None, ""
            place = other
        elif one in "{[(":
            closing.append({"{": "}", "[": "]", "(": ")"}[one])
        elif one in "}])":
            if not closing or closing.pop() != one:
                return None, ""
            if not closing:
                return place + 1, ""
        place += 1
    if place < len(text) or len(closing) > 3:
        return None, ""
    kept = text[at:].rstrip()
    return at + len(kept), "".join(reversed(closing))


def _string_end(text: str, at: int, limit: int) -> int:
    mark, place = text[at], at + 1
    while place < limit:
        if text[place] == "\\":
            place += 1
        elif text[place] == mark:
            return place
        place += 1
    return -1


def _in_json(text: str, by_name: Mapping[str, Tool]) -> list[tuple[int, int, list[dict[str, Any]]]]:
    found, at, faults = list[tuple[int, int, list[dict[str, Any]]]](), 0, 0
    while faults < _FAULTS and (start := _START.search(text, at)):
        read = json_at(text, start.start())
        if read is None:
            at, faults = start.end(), faults + 1
            continue
        value, at = read
        calls = calls_of(value, by_name)
        if calls is not None:
            found.append((start.start(), at, calls))
        elif text[start.start()] == "[" and not isinstance(value, dict):
            at = start.end()  # "[1] {…}": a list that is none of calls may stand before one
    return found


def calls_of(value: Any, by_name: Mapping[str, Tool], deep: int = 0) -> list[dict[str, Any]] | None:
    """The calls that a value is; None where it is something else."""
    if isinstance(value, list):
        inner = [calls_of(one, by_name, deep + 1) for one in value] if deep < 4 else [None]
        if any(one is None for one in inner):
            return None
        return [call for one in inner for call in one or ()]
    if not isinstance(value, dict) or deep > 4:
        return None
    for key in LISTS:
        held = value.get(key)
        if isinstance(held, list) or (isinstance(held, dict) and key in ("function_call", "tool_call", "call")):
            return calls_of(held, by_name, deep + 1)
    if isinstance(value.get("function"), dict):
        return calls_of(value["function"], by_name, deep + 1)
    if value and all(key in by_name and isinstance(one, dict) for key, one in value.items()):
        return [{"name": name, "arguments": one} for name, one in value.items()]  # {"get_time": {"city": "Oslo"}}
    name_key = next((key for key in NAMES if isinstance(value.get(key), str)), "")
    if not name_key:
        return None
    name = _called(value[name_key], by_name)
    key = next((key for key in ARGUMENTS if key in value), "")
    if key:
        return [_call(name, value[key], by_name)] if re.fullmatch(r"\S{1,128}", name) else None
    if name not in by_name:
        return None
    beside = {one: inner for one, inner in value.items() if one not in (name_key, "id", "type", "call_id")}
    return [{"name": name, "arguments": beside}]


# Python


_BEFORE_NAME = r"(?<![\w.])(?:\w{1,40} {0,2}= {0,2})?(?:functions?\.|tools?\.|print\()?"


def _in_python(text: str, by_name: Mapping[str, Tool]) -> list[tuple[int, int, list[dict[str, Any]]]]:
    """get_time(city="Oslo"), alone, in a list, or in a line of a program."""
    whole = _FENCE.sub("", text).strip().strip("`").strip()
    names = sorted(by_name, key=len, reverse=True)
    heads = later(rf"{_BEFORE_NAME}(?P<name>{'|'.join(map(re.escape, names))})\(")
    if whole.startswith("["):  # a list of calls of whatever name
        calls = _whole_list(whole, by_name)
        if calls:
            start = text.index("[")
            return [(start, text.rindex("]") + 1, calls)] if "]" in text else []
    found, at, faults = list[tuple[int, int, list[dict[str, Any]]]](), 0, 0
    while names and faults < _FAULTS and (head := heads.search(text, at)):
        end, missing = _balanced(text, head.end() - 1)
        call = None if end is None or missing else _of_python(text[head.start("name") : end], by_name)
        if call is None or end is None:
            at, faults = head.end(), faults + 1
            continue
        at = end + 1 if text[head.start() : head.start("name")].endswith("print(") else end
        found.append((head.start(), at, [call]))
    return found


def _whole_list(text: str, by_name: Mapping[str, Tool]) -> list[dict[str, Any]]:
    if len(text) > _LONGEST:
        return []
    tree = _parsed(text)
    if not isinstance(tree, ast.List) or not tree.elts:
        return []
    calls = [_of_node(one, by_name) for one in tree.elts]
    return [call for call in calls if call] if all(calls) else []


def _of_python(text: str, by_name: Mapping[str, Tool]) -> dict[str, Any] | None:
    tree = _parsed(text)
    return _of_node(tree, by_name) if tree is not None else None


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _of_node(node: ast.expr, by_name: Mapping[str, Tool]) -> dict[str, Any] | None:
    """A call whose arguments are all written out; those without a name by the order of the parameters."""
    if not isinstance(node, ast.Call):
        return None
    name = _called(ast.unparse(node.func), by_name)
    if not re.fullmatch(r"[\w.]+", name) or any(keyword.arg is None for keyword in node.keywords):
        return None
    try:
        values = [_literal(one) for one in node.args]
        named = {str(keyword.arg): _literal(keyword.value) for keyword in node.keywords}
    except (ValueError, RecursionError):
        return None
    if len(values) == 1 and not named and isinstance(values[0], dict):
        return {"name": name, "arguments": values[0]}
    order = list(parameters_of(by_name[name])) if name in by_name else []
    if len(values) > len(order):
        return None
    arguments = dict(zip(order, values, strict=False))
    return {"name": name, "arguments": arguments | named} if _is_json(arguments | named) else None


_WORDS = {"true": True, "false": False, "null": None, "none": None}


def _literal(node: ast.expr) -> Any:
    """Raises ValueError where the value is not written out."""
    match node:
        case ast.Constant(value=str() | int() | float() | None as value):
            return value
        case ast.Name(id=name) if name.lower() in _WORDS:
            return _WORDS[name.lower()]
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return [_literal(one) for one in elements]
        case ast.Dict(keys=keys, values=values):
            return dict(_pairs(keys, values))
    raise ValueError("not written out")


def _pairs(keys: Sequence[ast.expr | None], values: Sequence[ast.expr]) -> Iterator[tuple[str, Any]]:
    for key, value in zip(keys, values, strict=True):
        name = _literal(key) if key is not None else None
        if not isinstance(name, str):
            raise ValueError("no name")
        yield name, _literal(value)
