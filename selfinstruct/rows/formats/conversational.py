"""Formats of conversations: OpenAI's and TRL's messages, ShareGPT, and LLaMA-Factory's Alpaca with a history."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from selfinstruct.rows.formats.learnable import held
from selfinstruct.task import Message, Task

__all__ = ["alpaca_history", "in_messages", "in_sharegpt", "messages", "openai", "sharegpt", "tools_text"]


def messages(task: Task) -> Iterator[dict[str, Any]]:
    """{"messages": [{"role", "content", …}, …], "tools"}: TRL's, and of all that follows OpenAI.

    Of an answer also `reasoning_content` (its thoughts), `tool_calls`, and `weight` 0 where it is not to be learned;
    of a tool's turn `tool_call_id` and `name`. The arguments of a call are an object, as the templates of models want
    them: given JSON text, many of them put it in quotes once more.
    """
    for turns in held(task, "messages"):
        yield {"messages": [in_messages(turn) for turn in turns]} | ({"tools": list(task.tools)} if task.tools else {})


def openai(task: Task) -> Iterator[dict[str, Any]]:
    """As `messages`, without thoughts and with the arguments of calls as JSON text: what OpenAI's fine-tuning takes."""
    for row in messages(task):
        for turn in row["messages"]:
            turn.pop("reasoning_content", None)
            if "tool_calls" in turn:
                turn["tool_calls"] = [_with_text(call) for call in turn["tool_calls"]]
        yield row


def _with_text(call: dict[str, Any]) -> dict[str, Any]:
    function = dict(call["function"])
    if not isinstance(function.get("arguments"), str):
        function["arguments"] = _text(function.get("arguments") or {})
    return call | {"function": function}


def in_messages(turn: Message) -> dict[str, Any]:
    """A turn as it stands in `messages`."""
    row: dict[str, Any] = {"role": turn["role"], "content": turn["content"]}
    if len(turn) == 2:
        return row
    if thoughts := turn.get("thoughts"):
        row["reasoning_content"] = thoughts
    for key, value in (("tool_calls", turn.get("tool_calls")), ("tool_call_id", turn.get("tool_call_id"))):
        row |= {key: value} if value else {}
    row |= {"name": turn["name"]} if turn.get("name") else {}
    return row | {"weight": 0} if turn["role"] == "assistant" and turn.get("learned") is False else row


def sharegpt(task: Task) -> Iterator[dict[str, Any]]:
    """{"id", "conversations": [{"from", "value"}, …], "tools"}: Vicuna's, with LLaMA-Factory's names for tools.

    from is system (the first turn alone), human, gpt, function_call (the call as JSON) or observation; thoughts stand
    before the answer, between <think> and </think>; tools are JSON text.
    """
    found = list(held(task, "sharegpt"))
    for number, turns in enumerate(found):
        row = {
            "id": task.id if len(found) == 1 else f"{task.id}-{number}",
            "conversations": [in_sharegpt(turn) for turn in turns],
        }
        yield row | tools_text(task)


SPEAKERS = {"user": "human", "assistant": "gpt", "tool": "observation"}


def in_sharegpt(turn: Message) -> dict[str, str]:
    """A turn as it stands in `sharegpt`."""
    if calls := turn.get("tool_calls"):
        said = _text(calls[0]["function"] if len(calls) == 1 else [call["function"] for call in calls])
        return {"from": "function_call", "value": _with_thoughts(turn, turn["content"] + said)}
    return {"from": SPEAKERS.get(turn["role"], turn["role"]), "value": _with_thoughts(turn, turn["content"])}


def _with_thoughts(turn: Message, said: str) -> str:
    """The answer with its thoughts before it, as reasoning models write them (and LLaMA-Factory looks for them)."""
    return f"<think>\n{turn['thoughts']}\n</think>\n\n{said}" if turn.get("thoughts") else said


def tools_text(task: Task) -> dict[str, str]:
    return {"tools": _text([tool["function"] for tool in task.tools])} if task.tools else {}


def alpaca_history(task: Task) -> Iterator[dict[str, Any]]:
    """{"instruction", "input", "output", "system", "history": [[question, answer], …]}: LLaMA-Factory's."""
    for turns in held(task, "alpaca_history"):
        system, spoken = (turns[0]["content"], turns[1:]) if turns[0]["role"] == "system" else ("", turns)
        said = [_with_thoughts(turn, turn["content"]) for turn in spoken]
        *history, (question, answer) = _in_twos(said)
        row: dict[str, Any] = {"instruction": question, "input": "", "output": answer}
        yield row | {"system": system, "history": history}


def _in_twos(said: Iterable[str]) -> list[list[str]]:
    one = iter(said)
    return [[question, answer] for question, answer in zip(one, one, strict=True)]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
