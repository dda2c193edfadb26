"""Marks around calls, by the models that write them, and calls whose name stands outside of the JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from selfinstruct.stages.calling.checking import Tool, parameters_of
from selfinstruct.text.later import later

__all__ = ["ENDS", "MARKS", "headed", "tagged"]

MARKS = (
    # Hermes, Qwen, GLM, Granite, Phi, Jamba
    later(
        r"</?(?:tool_calls?|function_calls?|functioncall|tools?|tool_use)>|<\|/?tool_calls?\|>|<\|tool_call_(?:start|end)\|>"
    ),
    later(r"<\|(?:python_tag|action_start|plugin)\|>"),  # Llama, InternLM
    later(r"\[/?TOOL_CALLS\]|\[/?AVAILABLE_TOOLS\]|\[ARGS\]|\[CALL_ID\]"),  # Mistral
    later(r"<[|｜]tool[▁_](?:calls?|outputs?|sep)(?:[▁_](?:begin|end))?[|｜]>"),  # DeepSeek
    later(r"<\|tool_calls?(?:_section)?(?:_argument)?_(?:begin|end)\|>"),  # Kimi
    later(r"<<?function>>?|</?(?:antml:)?(?:function_calls|invoke)\b[^<>\n]{0,99}>|</function>"),
    later(r"✿(?:FUNCTION|ARGS|RETURN)✿:?"),
)
"""What only calls have around them."""

ENDS = later(
    r"<\|(?:eom_id|eot_id|action_end|im_end|end|call|return|endoftext)\|>|</s>"
    r"|<\|(?:start|channel|message|constrain)\|>(?:assistant|commentary|analysis|final|json)?"
)
"""What any answer may have around it."""

Decode = Callable[[str, int], tuple[Any, int] | None]

_NAME = r"(?P<name>[\w.:-]{1,128})"
_HEADS = (
    # Llama 3.1: <function=name>{…}</function>
    later(rf"<function[=:]\s?\"?{_NAME}\"?>\s{{0,9}}(?=\{{)"),
    # DeepSeek V3 and R1, with the JSON in a fence, and V3.1
    later(
        rf"<[|｜]tool[▁_]call[▁_]begin[|｜]>(?:function<[|｜]tool[▁_]sep[|｜]>)?{_NAME}(?:<[|｜]tool[▁_]sep[|｜]>|\n```json\n)(?=\s{{0,9}}\{{)"
    ),
    # Kimi K2
    later(rf"<\|tool_call_begin\|>\s?{_NAME}\s{{0,9}}<\|tool_call_argument_begin\|>\s{{0,9}}(?=\{{)"),
    # Mistral from Small 3.1 on
    later(rf"(?:\[TOOL_CALLS\])?{_NAME}(?:\[CALL_ID\]\w{{1,40}})?\[ARGS\]\s{{0,9}}(?=\{{)"),
    # gpt-oss
    later(rf"to=functions\.{_NAME}[^{{\n]{{0,99}}(?=\{{)"),
    # Qwen 1
    later(rf"✿FUNCTION✿:\s?{_NAME}\s{{0,9}}✿ARGS✿:\s{{0,9}}(?=\{{)"),
    # "Action: name / Action Input: {…}", "Function: … / Arguments: …", "函数：… / 参数：…", with bold labels or without
    later(
        r"^[ \t>#*-]{0,9}(?:Action|Function(?: name)?|Tool(?: name)?|Name|函数名?称?|工具名?称?|动作)(?:\s?call)?"
        r"[*_]{0,3}[ \t]?[:：][*_]{0,3}[ \t]?`?"
        rf"{_NAME}`?[ \t]{{0,9}}\n\s{{0,9}}[ \t>#*-]{{0,9}}"
        r"(?:Action Input|Arguments?|Parameters?|Args|Input|参数|输入|动作输入)[*_]{0,3}[ \t]?[:：][*_]{0,3}"
        r"\s{0,9}(?:```\w{0,9}\s{1,9})?`?(?=\{)",
        re.IGNORECASE | re.MULTILINE,
    ),
)


def headed(text: str, decode: Decode) -> Iterator[tuple[int, int, str, Any]]:
    """Where each call begins and ends whose name stands before its JSON, its name and its arguments."""
    for pattern in _HEADS:
        for head in pattern.finditer(text):
            if read := decode(text, head.end()):
                name = re.sub(r":\d+\Z", "", head["name"])  # functions.get_time:0
                yield head.start(), read[1], name, read[0]


_INVOKED = later(
    r"<(?:antml:)?(?:invoke|function|tool)\s{1,9}name=\"(?P<name>[\w.:-]{1,128})\"\s?>(?P<inside>.*?)</(?:antml:)?(?:invoke|function|tool)>"
    r"|<function=(?P<coder>[\w.:-]{1,128})>\s{0,9}(?P<within>(?:(?!</function>)[^{]){0,20000})</function>",
    re.DOTALL,
)
_GLM = later(r"<tool_call>\s{0,9}(?P<name>[\w.:-]{1,128})\s{0,9}(?P<inside><arg_key>.*?)(?:</tool_call>|\Z)", re.DOTALL)
_PARAMETER = later(
    r"<(?:antml:)?parameter(?:=(?P<coder>[\w.:-]{1,128})|\s{1,9}name=\"(?P<key>[^\"\n]{1,128})\"[^>\n]{0,40})>"
    r"(?P<value>.*?)</(?:antml:)?parameter>",
    re.DOTALL,
)
_PAIR = later(r"<arg_key>(?P<key>.*?)</arg_key>\s{0,9}<arg_value>(?P<value>.*?)</arg_value>", re.DOTALL)


def tagged(text: str, by_name: Mapping[str, Tool]) -> Iterator[tuple[int, int, str, Any]]:
    """As `headed`, of calls whose arguments are elements: Qwen3-Coder's, Anthropic's and GLM's. What an element holds
    has no type of its own: it is a text where the tool wants a text, else JSON.
    """
    if "<function=" in text or 'name="' in text:
        for found in _INVOKED.finditer(text):
            name = found["name"] or found["coder"]
            inside = found["inside"] or found["within"] or ""
            pairs = [(one["coder"] or one["key"], one["value"]) for one in _PARAMETER.finditer(inside)]
            if pairs or not inside.strip():
                yield found.start(), found.end(), name, _typed(pairs, by_name.get(name))
    if "<arg_key>" in text:
        for found in _GLM.finditer(text):
            pairs = [(one["key"], one["value"]) for one in _PAIR.finditer(found["inside"])]
            yield found.start(), found.end(), found["name"], _typed(pairs, by_name.get(found["name"]))


def _typed(pairs: list[tuple[str, str]], tool: Tool | None) -> dict[str, Any]:
    schemas = parameters_of(tool) if tool else {}
    made = {}
    for key, value in pairs:
        value, schema = value.strip("\n"), schemas.get(key.strip())
        made[key.strip()] = value if _is_text(schema) else _json_or_text(value.strip())
    return made


def _is_text(schema: Any) -> bool:
    kind = schema.get("type") if isinstance(schema, dict) else None
    return kind == "string" or (isinstance(kind, list) and "string" in kind)


def _json_or_text(value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value
