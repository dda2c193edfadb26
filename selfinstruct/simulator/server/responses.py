"""OpenAI's newer words, /v1/responses: a body there as one of /v1/chat/completions, and an answer back. Pure.

What the API does not have (stop, seed, n, penalties) it refuses by name, and it wants 16 tokens at least.
"""

from __future__ import annotations

from typing import Any

from selfinstruct.simulator.server.protocol import Refused

__all__ = ["as_chat", "as_response"]

LEAST = 16  # tokens
SAME = ("model", "service_tier", "temperature", "top_p", "user")
SKIPPED = ("include", "max_output_tokens", "metadata", "parallel_tool_calls", "store", "text", "truncation")
PARTS = ("input_text", "output_text", "text")


def as_chat(row: dict[str, Any]) -> dict[str, Any]:
    """Raises Refused with the parameter that is wrong."""
    row = {name: value for name, value in row.items() if value is not None}
    for name in row:
        if name not in (*SAME, *SKIPPED, "input", "instructions", "reasoning"):
            if name == "stream" and row[name] is False:
                continue
            raise Refused(400, f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")
    body = {name: row[name] for name in SAME if name in row}
    most = row.get("max_output_tokens")
    if most is not None:
        if type(most) is not int or most < LEAST:
            words = f"Invalid 'max_output_tokens': expected a whole number >= {LEAST}"
            raise Refused(400, words, param="max_output_tokens", code="integer_below_min_value")
        body["max_tokens"] = most
    if effort := _within(row, "reasoning", "effort"):
        body["reasoning_effort"] = effort
    if shape := _within(row, "text", "format"):
        body["response_format"] = _shape(shape)
    if "input" not in row:
        raise Refused(400, "Missing required parameter: 'input'", param="input", code="missing_required_parameter")
    body["messages"] = [*_instructions(row), *_turns(row["input"])]
    return body


def _within(row: dict[str, Any], name: str, inner: str) -> Any:
    given = row.get(name, {})
    if not isinstance(given, dict):
        raise Refused(400, f"'{name}' has to be an object", param=name, code="invalid_type")
    return given.get(inner)


def _shape(shape: Any) -> dict[str, Any]:
    if not isinstance(shape, dict) or shape.get("type") not in ("text", "json_object", "json_schema"):
        raise Refused(400, "'text.format' has to have the type text, json_object or json_schema", param="text.format")
    kind = shape["type"]
    rest = {name: value for name, value in shape.items() if name != "type"}
    return {"type": kind, "json_schema": rest} if kind == "json_schema" else {"type": kind}


def _instructions(row: dict[str, Any]) -> list[dict[str, Any]]:
    said = row.get("instructions")
    if said is None:
        return []
    if not isinstance(said, str):
        raise Refused(400, "'instructions' has to be a text", param="instructions", code="invalid_type")
    return [{"role": "system", "content": said}]


def _turns(given: Any) -> list[Any]:
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    if not isinstance(given, list) or not given:
        raise Refused(400, "'input' has to be a text or a list with at least one message", param="input")
    return [_turn(item, f"input[{number}]") for number, item in enumerate(given)]


def _turn(item: Any, where: str) -> Any:
    if not isinstance(item, dict) or item.get("type", "message") != "message":
        raise Refused(400, f"{where} has to be a message: this server reads nothing else", param=where)
    turn = {name: value for name, value in item.items() if name in ("role", "content")}
    if isinstance(turn.get("content"), list):
        turn["content"] = [
            {**part, "type": "text"} if isinstance(part, dict) and part.get("type") in PARTS else part
            for part in turn["content"]
        ]
    return turn


def as_response(row: dict[str, Any]) -> dict[str, Any]:
    """The chat's answer in the shape of /v1/responses."""
    choice = row["choices"][0] if row["choices"] else {}
    reason = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(choice.get("finish_reason", ""))
    status = "incomplete" if reason else "completed"
    found = {
        "id": row["id"],
        "object": "response",
        "created_at": row["created"],
        "status": status,
        "error": None,
        "incomplete_details": {"reason": reason} if reason else None,
        "instructions": None,
        "metadata": {},
        "model": row["model"],
        "output": _items(row["id"], choice["message"], status) if choice else [],
        "parallel_tool_calls": True,
        "store": False,
        "tool_choice": "auto",
        "tools": [],
        "usage": _usage(row["usage"]),
    }
    return found | ({"service_tier": row["service_tier"]} if "service_tier" in row else {})


def _items(id: str, message: dict[str, Any], status: str) -> list[dict[str, Any]]:
    content = {"type": "output_text", "text": message["content"], "annotations": [], "logprobs": []}
    said = {"id": f"msg_{id}", "type": "message", "role": "assistant", "status": status, "content": [content]}
    if not (thoughts := message.get("reasoning_content")):
        return [said]
    parts = [{"type": "reasoning_text", "text": thoughts}]
    return [{"id": f"rs_{id}", "type": "reasoning", "summary": [], "content": parts}, said]


def _usage(usage: dict[str, Any] | None) -> dict[str, Any] | None:
    if usage is None:
        return None
    inside, beside = usage.get("prompt_tokens_details", {}), usage.get("completion_tokens_details", {})
    return {
        "input_tokens": usage["prompt_tokens"],
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0} | inside,
        "output_tokens": usage["completion_tokens"],
        "output_tokens_details": {"reasoning_tokens": 0} | beside,
        "total_tokens": usage["total_tokens"],
    }
