"""Tool answer: what the assistant says to the user after its tools have given something back.

Every number of the answer has to stand in a result or in the question, or to follow from these.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any, ClassVar

from selfinstruct.stages.answering.tool_call import asked_in
from selfinstruct.stages.calling.calls import calls_in, json_at
from selfinstruct.stages.calling.numbers import ungrounded
from selfinstruct.stages.prompting import check_prompts, filled, prompt_of
from selfinstruct.task import Message, Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.markers import parted
from selfinstruct.text.seams import is_blank

__all__ = ["ToolAnswer"]


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    kind: ClassVar = "each"
    prompts: ClassVar = {"text": "tool_answer"}
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""

    def __post_init__(self) -> None:
        check_prompts(self)

    def settled(self, task: Task) -> list[Task] | None:
        """A conversation that does not end with results has its answer."""
        return None if _results(task) else [task]

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        task = tasks[0]
        lines = (f"{json.dumps(call, ensure_ascii=False)}: {result}" for call, result in _results(task))
        return filled(prompt_of(self), request=asked_in(task), results="\n".join(lines))

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The conversation with its answer, whose numbers are those of the results."""
        task = tasks[0]
        answer = parted(response.text.replace("\r\n", "\n").replace("\r", "\n")).answer.strip()
        found = calls_in(answer, task.tools)
        if response.finish_reason == "length":
            yield Rejected(response.text, "truncated", what="answer")
        elif is_blank(answer):
            yield Rejected(response.text, "no answer", what="answer")
        elif found.calls or found.broken:
            yield Rejected(response.text, "a call in the place of an answer", what="answer")
        elif answer[0] in "{[" and (read := json_at(answer, 0)) and not answer[read[1] :].strip():
            yield Rejected(response.text, "JSON in the place of an answer", what="answer")
        elif invented := ungrounded(answer, _known(task), _counts(task)):
            yield Rejected(response.text, "not in the result", invented, what="answer")
        else:
            yield replace(task, turns=(*task.turns, Message(role="assistant", content=answer)))


def _results(task: Task) -> list[tuple[dict[str, Any], str]]:
    """The calls whose results the conversation ends with, each with its result; none of one that ends otherwise."""
    first = len(task.turns)
    while first and task.turns[first - 1]["role"] == "tool":
        first -= 1
    results = [turn["content"] for turn in task.turns[first:]]
    calls = [call["function"] for call in (task.turns[first - 1].get("tool_calls") or ())] if first else []
    return list(zip(calls, results, strict=False)) if results else []


def _known(task: Task) -> list[str]:
    """Whatever a number of the answer may be from."""
    called = [json.dumps(call, ensure_ascii=False) for call, _ in _results(task)]
    return [task.instruction, *(turn["content"] for turn in task.turns), *called]


def _counts(task: Task) -> list[int]:
    """How many things there are: results, and entries of every list in them."""
    found, results = list[int](), _results(task)
    for _, result in results:
        try:
            found += _lengths(json.loads(result))
        except (ValueError, RecursionError):
            continue
    return [len(results), *found]


def _lengths(value: Any) -> Iterator[int]:
    if isinstance(value, list):
        yield len(value)
    for inner in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
        yield from _lengths(inner)
