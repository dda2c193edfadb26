"""Tool call: the answer of an assistant with tools: calls, each checked, or words where something is missing.

What APIGen (2406.18518) checks by its first two stages, format and execution, is checked here against the JSON schemas
of the tools; and by rules, what nobody can have meant.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, ClassVar

from selfinstruct.stages.calling.calls import calls_in
from selfinstruct.stages.calling.checking import Tool, call_fault
from selfinstruct.stages.calling.grounds import made_up
from selfinstruct.stages.calling.tools import read_tools, tools_in
from selfinstruct.stages.prompting import check_prompts, filled, prompt_of
from selfinstruct.stages.proposing.tool_request import functions_text
from selfinstruct.stages.reading.blocks import first_input
from selfinstruct.task import Message, Reason, Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.later import later
from selfinstruct.text.markers import parted
from selfinstruct.text.seams import is_blank

__all__ = ["ToolCall", "asked_in", "said_in"]

_ASKS = later(
    r"[?？]|\b(?:please|need|require|provide|tell me|let me know|specify|missing|which|what|could you)\b"
    r"|请|需要|告诉|提供|哪|什么|多少|补充|缺|差",
    re.IGNORECASE,
)
FEWEST = 2
"""Calls where several things are asked for."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    kind: ClassVar = "each"
    single: ClassVar = True
    hears_thoughts: ClassVar = True
    """A call of gpt-oss stands in a channel of its own, like thoughts."""
    prompts: ClassVar = {"text": "tool_call"}
    files: ClassVar = {"tools": read_tools}
    tools: str = ""
    """What can be called where a task has no tools of its own: in a recipe, a file of them."""
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""

    def __post_init__(self) -> None:
        check_prompts(self)
        if self.tools:
            tools_in(self.tools)

    def _tools(self, task: Task) -> Sequence[Tool]:
        return task.tools or (tools_in(self.tools) if self.tools else ())

    def settled(self, task: Task) -> list[Task | Rejected] | None:
        """Nothing can be called where there are no tools."""
        return None if self._tools(task) else [Rejected(task.instruction, "no tools", "give the step tools: FILE")]

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        return filled(prompt_of(self), tools=functions_text(self._tools(tasks[0])), request=asked_in(tasks[0]))

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The conversation so far and the answer: calls that are right, in OpenAI's shape, or words. Whatever is wrong
        with one call is wrong with the answer. Words beside calls are a remark.
        """
        task, tools = tasks[0], self._tools(tasks[0])
        text = response.text if "to=functions." in response.text else parted(response.text).answer
        found = calls_in(text, tools)
        if response.finish_reason == "length":
            fault: Reason | None = Reason("truncated")
        elif found.broken:
            fault = Reason("the call cannot be read")
        else:
            fault = _call_faults(found.calls, task, tools) if found.calls else _word_faults(found.words, task)
        if fault:
            yield Rejected(response.text, fault.category, fault.detail, what="answer")
            return
        calls = _once(found.calls)
        if len(calls) < len(found.calls):
            yield Rejected(json.dumps(found.calls, ensure_ascii=False), "the same call twice", what="remark")
        if calls and found.words:
            yield Rejected(found.words, "words beside the calls", what="remark")
        answer = Message(role="assistant", content="" if calls else found.words)
        if calls:
            answer["tool_calls"] = [_numbered(call, number) for number, call in enumerate(calls, 1)]
        turns = (*_before(task), answer)
        yield replace(task, turns=turns, instances=(), judged=(), tools=tuple(map(dict, tools)))


def _call_faults(calls: Sequence[dict[str, Any]], task: Task, tools: Sequence[Tool]) -> Reason | None:
    said = said_in(task)
    for call in calls:
        shaped = {"function": call}
        if fault := call_fault(shaped, tools):
            return fault
        tool = next(one for one in tools if one["function"]["name"] == call["name"])
        if invented := made_up(shaped, tool, said):
            return Reason("argument made up", f"{call['name']}: {invented}")
    match task.extra.get("calls"):
        case "none":
            return Reason("a call where no tool fits", calls[0]["name"])
        case "missing":
            return Reason("a call where a value is missing", calls[0]["name"])
        case "several" if len(_once(calls)) < FEWEST:
            return Reason("fewer calls than asked for", calls[0]["name"])
    return None


def _word_faults(words: str, task: Task) -> Reason | None:
    if is_blank(words):
        return Reason("no answer")
    wanted = task.extra.get("calls")
    if wanted in ("one", "several"):
        return Reason("no call")
    if wanted == "missing" and not _ASKS.search(words):
        return Reason("asks for nothing")
    return None


def _once(calls: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The calls without those that repeat an earlier one to the letter."""
    by_text = {json.dumps(call, sort_keys=True, ensure_ascii=False): call for call in reversed(calls)}
    return list(reversed(by_text.values()))


def _numbered(call: dict[str, Any], number: int) -> dict[str, Any]:
    """The id has the nine characters that Mistral's template asks for."""
    return {"type": "function", "function": call, "id": f"call{number:05}"}


def _before(task: Task) -> tuple[Message, ...]:
    """What was said up to the last question."""
    last = max((place for place, turn in enumerate(task.turns) if turn["role"] == "user"), default=-1)
    return task.turns[: last + 1] or (Message(role="user", content=_question(task)),)


def _question(task: Task) -> str:
    return "\n\n".join(filter(None, (task.instruction.strip(), first_input(task).strip())))


def asked_in(task: Task) -> str:
    """The question as prompts show it; of a conversation all that was said, each after who said it."""
    turns = _before(task)
    return turns[0]["content"] if len(turns) == 1 else "\n".join(f"{turn['role']}: {turn['content']}" for turn in turns)


def said_in(task: Task) -> str:
    """All that an argument may have come from."""
    calls = [turn["tool_calls"] for turn in _before(task) if turn.get("tool_calls")]
    return "\n".join((task.instruction, asked_in(task), *(json.dumps(one, ensure_ascii=False) for one in calls)))
