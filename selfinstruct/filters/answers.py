"""What the filters of answers look at: each answer of a task with what was asked."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from selfinstruct.task import Task
from selfinstruct.text.requests import gives_role

__all__ = ["answers"]

def answers(task: Task) -> Iterator[tuple[str, str]]:
    """What was asked, and the answer: of each instance, and of each turn of the assistant's after a user's.

    An answer that only calls a tool is none.
    """
    for instance in task.instances:
        yield f"{task.instruction}\n{instance.input}".rstrip(), instance.output
    played = next((turn["content"] for turn in task.turns if turn["role"] != "assistant" and gives_role(turn["content"])), "")
    for question, answer in pairwise(task.turns):
        if answer["role"] == "assistant" and question["role"] != "assistant" and not answer.get("tool_calls"):
            asked = question["content"]
            yield (f"{played}\n{asked}" if played and asked != played else asked), answer["content"]
