"""The texts of a task that filters read: all of them, or the answers alone, or conversations from first to last."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from selfinstruct.errors import UsageError, did_you_mean
from selfinstruct.task import Message, Task
from selfinstruct.text.requests import gives_role

__all__ = ["ANSWERS", "EVERYWHERE", "Said", "answers", "check_where", "conversations", "texts"]

EVERYWHERE, ANSWERS = "everywhere", "answers"


def check_where(where: str, name: str) -> None:
    """Raises UsageError unless it is one of the two places that a filter may look at."""
    if where not in (EVERYWHERE, ANSWERS):
        raise UsageError(f"{name}: where is {where!r}: {did_you_mean(where, (EVERYWHERE, ANSWERS))}")


class Said(NamedTuple):
    role: str
    text: str
    learned: bool = True
    """False where an answer is context, and never to be learned."""
    calls: bool = False
    """Whether it calls a tool, and goes on when that has answered."""


def conversations(task: Task) -> Iterator[list[Said]]:
    """Each instance as a question and its answer; the turns; and what was judged, each behind the question."""
    for instance in task.instances:
        asked = f"{task.instruction}\n{instance.input}" if instance.input else task.instruction
        yield [Said("user", asked), Said("assistant", instance.output)]
    turns = [_said(turn) for turn in task.turns]
    if turns:
        yield turns
    before = [said._replace(learned=False) for said in turns]  # looked at once
    for judged in task.judged:
        yield [*before, *map(_said, judged.turns)]


def _said(turn: Message) -> Said:
    return Said(turn["role"], turn["content"], turn.get("learned", True), bool(turn.get("tool_calls")))


def answers(task: Task) -> Iterator[tuple[str, str]]:
    """Each answer that is to be learned, an empty one too, behind what it answers. What calls a tool is none.

    A turn that gives the model a part to play stands before all that is asked after it.
    """
    for said in conversations(task):
        asked, role = task.instruction, ""
        for one in said:
            if one.role == "assistant" and one.learned and not one.calls:
                yield (f"{role}\n{asked}" if role and role != asked else asked).rstrip(), one.text
            elif one.role != "assistant":
                role = role or (one.text if gives_role(one.text) else "")
                asked = one.text if one.role == "user" else asked


def texts(task: Task, where: str = EVERYWHERE) -> Iterator[str]:
    """Every text of the task, the thoughts and the arguments of calls as well; or what models wrote in it."""
    everywhere = where == EVERYWHERE
    if everywhere:
        yield task.instruction
    for instance in task.instances:
        if everywhere:
            yield instance.input
        yield from (instance.output, instance.thoughts)
    for turn in (*task.turns, *(turn for judged in task.judged for turn in judged.turns)):
        if everywhere or turn["role"] == "assistant":
            yield turn["content"]
            yield turn.get("thoughts", "")
            if calls := turn.get("tool_calls"):
                yield json.dumps(calls, ensure_ascii=False)
