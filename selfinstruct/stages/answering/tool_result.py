"""Tool result: the teacher stands in for the tools and writes what they give back (ToolAlpaca, 2306.05301)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, ClassVar

from selfinstruct.stages.calling.calls import json_at
from selfinstruct.stages.prompting import check_prompts, filled, prompt_of
from selfinstruct.stages.proposing.tool_request import functions_text
from selfinstruct.stages.reading.plain import plain
from selfinstruct.task import Message, Reason, Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.later import later

__all__ = ["ToolResult", "calls_of_task"]

_START = later(r"[\[{]")
_HOLDERS = ("results", "result", "outputs", "responses", "calls", "returns", "结果")
_INSIDE = ("result", "output", "response", "content", "return", "returns", "value", "结果")
_ABOUT = ("name", "function", "tool", "tool_name", "call", "id", "tool_call_id", "call_id", "role", "arguments")
_FAULTS = 8


@dataclass(frozen=True, slots=True)
class ToolResult:
    kind: ClassVar = "each"
    prompts: ClassVar = {"text": "tool_result"}
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""

    def __post_init__(self) -> None:
        check_prompts(self)

    def settled(self, task: Task) -> list[Task] | None:
        """Where nothing was called there is no result."""
        return None if calls_of_task(task) else [task]

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        task, calls = tasks[0], calls_of_task(tasks[0])
        called = {call["function"]["name"] for call in calls}
        tools = [tool for tool in task.tools if tool["function"]["name"] in called]
        lines = (json.dumps(call["function"], ensure_ascii=False) for call in calls)
        return filled(prompt_of(self), tools=functions_text(tools), calls="\n".join(lines))

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The conversation with a turn of the tool for each call, its content JSON text."""
        task, calls = tasks[0], calls_of_task(tasks[0])
        values, words = _values(plain(response.text))
        results = _results(values, [call["function"]["name"] for call in calls])
        fault = _fault(results, values, calls)
        if response.finish_reason == "length":
            fault = Reason("truncated")
        if fault or results is None:
            why = fault or Reason("no JSON in the answer")
            yield Rejected(response.text, why.category, why.detail, what="answer")
            return
        if words:
            yield Rejected(words, "words beside the results", what="remark")
        yield replace(task, turns=(*task.turns, *map(_turn, calls, results)))


def calls_of_task(task: Task) -> list[dict[str, Any]]:
    """The calls that its conversation ends with; none of one that ends otherwise."""
    return list(task.turns[-1].get("tool_calls") or ()) if task.turns else []


def _turn(call: dict[str, Any], result: Any) -> Message:
    turn = Message(role="tool", content=json.dumps(result, ensure_ascii=False), name=call["function"]["name"])
    return {**turn, "tool_call_id": call["id"]} if call.get("id") else turn


def _values(text: str) -> tuple[list[Any], str]:
    """The JSON values of an answer, one after another, and the words around them."""
    values, words, at, faults = list[Any](), list[str](), 0, 0
    while faults < _FAULTS and (start := _START.search(text, at)):
        read = json_at(text, start.start())
        words.append(text[at : start.start()])
        if read is None:
            words.append(text[start.start() : start.end()])
            at, faults = start.end(), faults + 1
            continue
        values.append(read[0])
        at = read[1]
    words.append(text[at:])
    said = re.sub(r"```\w*", "", " ".join(words))
    return values, " ".join(said.split()) if re.search(r"[^\W\d_]", said) else ""


def _results(values: list[Any], names: Sequence[str]) -> list[Any] | None:
    """As many as there are calls, out of whatever holds them; None where there are not so many."""
    many = len(names)
    if len(values) == 1:
        (value,) = values
        if isinstance(value, dict) and len(value) == 1 and isinstance(inner := next(iter(value.values())), list):
            value = inner if next(iter(value)) in _HOLDERS else value
        if isinstance(value, dict) and many > 1 and set(value) == set(names):
            value = [value[name] for name in names]
        if isinstance(value, list) and len(value) == many and (many > 1 or isinstance(value[0], dict)):
            return [_bare(one, name) for one, name in zip(value, names, strict=True)]
    if len(values) != many:
        return None
    return [_bare(one, name) for one, name in zip(values, names, strict=True)]


def _bare(value: Any, name: str) -> Any:
    """The result itself, where it stands beside the name of its call: {"name": …, "result": {…}}."""
    if isinstance(value, dict) and len(value) == 1 and name in value:
        return value[name]
    key = next((key for key in _INSIDE if isinstance(value, dict) and key in value), "")
    if key and all(other == key or other in _ABOUT for other in value):
        inner = value[key]
        return inner if isinstance(inner, dict | list) or len(value) > 1 else value
    return value


def _fault(results: list[Any] | None, values: list[Any], calls: Sequence[dict[str, Any]]) -> Reason | None:
    if not values:
        return Reason("no JSON in the answer")
    if results is None:
        return Reason("not as many results as calls", f"{len(values)} of {len(calls)}")
    for result, call in zip(results, calls, strict=True):
        function = call["function"]
        if result in (None, "", {}):
            return Reason("empty result", function["name"])
        if isinstance(result, dict) and (
            result == function["arguments"] or "arguments" in result or "properties" in result
        ):
            return Reason("the call in the place of its result", function["name"])
    return None
