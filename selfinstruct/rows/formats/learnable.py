"""What a trainer can learn of a task: its conversations, each up to the last answer that is to be learned, and what a
row must be able to hold of one, so that nothing is learned without what it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from selfinstruct.task import Instance, Message, Task

__all__ = [
    *("BESIDE", "HOLDS", "LONG", "NAMES", "ORDER", "ROUNDS", "SCORES", "SYSTEM", "THOUGHTS", "TOOLS", "UNLEARNED"),
    *("conversations", "held", "is_blank", "is_lesson", "learnable", "needs", "singles"),
]

# What a row must hold where the task has it, or the task gives no row; in the words of the notes.
UNLEARNED = "an earlier answer that is empty or not to be learned"
ORDER = "turns that do not alternate"
BESIDE = "text beside a tool call"
TOOLS = "tools"
SYSTEM = "a system text"
ROUNDS = "a conversation of several rounds"
LONG = "a judged answer of several turns"
# What can be left out of a row, and is named.
THOUGHTS = "thoughts"
NAMES = "name of a turn"
SCORES = "score"

ALL = frozenset({UNLEARNED, ORDER, BESIDE, TOOLS, SYSTEM, ROUNDS, LONG, THOUGHTS, NAMES, SCORES})

THINK = re.compile(r"\s*<think>.*?</think>", re.DOTALL)
"""What a model thinks before it calls, as it stands in texts: no text for anybody."""

HOLDS: dict[str, frozenset[str]] = {
    "alpaca": frozenset(),
    "alpaca_history": frozenset({SYSTEM, ROUNDS, THOUGHTS}),  # LLaMA-Factory learns the answers of a history, too
    "completion": frozenset(),
    "kto": ALL - {SCORES},
    "messages": ALL,
    "openai": ALL - {THOUGHTS},
    "preference": ALL,
    "preference_text": frozenset({SCORES}),
    "ranking": frozenset({TOOLS, SYSTEM, ROUNDS, THOUGHTS}),
    # LLaMA-Factory skips rows whose sides do not take turns; neither it nor FastChat knows what is not to be learned.
    "sharegpt": frozenset({TOOLS, SYSTEM, ROUNDS, THOUGHTS}),
    "text": frozenset({ORDER, SYSTEM, ROUNDS}),
}
"""What the rows of a format hold beside one question and its answers."""


def conversations(task: Task) -> Iterator[tuple[Message, ...]]:
    """Its turns, then question and answer of each instance, as they are. None where the answers are judged."""
    if task.judged:
        return
    if task.turns:
        yield task.turns
    for instance in task.instances:
        yield _round(task, instance)


def _round(task: Task, instance: Instance) -> tuple[Message, Message]:
    question = f"{task.instruction}\n\n{instance.input}" if instance.input else task.instruction
    answer: Message = {"role": "assistant", "content": instance.output}
    if instance.thoughts:
        answer["thoughts"] = instance.thoughts
    return {"role": "user", "content": question}, answer


def held(task: Task, form: str) -> Iterator[tuple[Message, ...]]:
    """What can be learned of its conversations, those that the rows of this format hold."""
    if task.judged:
        return
    holds = HOLDS[form]
    if task.turns:
        found = learnable(task.turns)
        if found and needs(found, task.tools) <= holds:
            yield found
    if not task.tools or TOOLS in holds:
        for instance in task.instances:
            if not is_blank(instance.output):
                yield _round(task, instance)


def singles(task: Task) -> Iterator[tuple[str, str, str]]:
    """Instruction, input and answer, for rows that hold nothing else: of instances, and of a conversation of one round,
    whose whole question is the instruction."""
    if task.judged or task.tools:
        return
    if task.turns:
        found = learnable(task.turns)
        if found and not needs(found):
            yield found[0]["content"], "", found[1]["content"]
    for instance in task.instances:
        if not is_blank(instance.output):
            yield task.instruction, instance.input, instance.output


def is_blank(text: str) -> bool:
    """Without looking at more than the first character, nearly always."""
    return not text or text.isspace()


def is_lesson(turn: Message) -> bool:
    """Whether a trainer is to learn it: an answer that says or calls something, unless the row says not to."""
    return (
        turn["role"] == "assistant"
        and turn.get("learned", True)
        and (not is_blank(turn["content"]) or bool(turn.get("tool_calls")))
    )


def learnable(turns: tuple[Message, ...]) -> tuple[Message, ...]:
    """The turns up to the last that is to be learned; none when there is none. Empty answers are marked as context."""
    end = next((place for place in range(len(turns), 0, -1) if is_lesson(turns[place - 1])), 0)
    return tuple(
        {**turn, "learned": False} if turn["role"] == "assistant" and not is_lesson(turn) else turn
        for turn in turns[:end]
    )


def needs(turns: Sequence[Message], tools: Sequence[dict[str, Any]] = ()) -> frozenset[str]:
    """What a row must hold for these turns, which end with an answer, to mean what they mean."""
    found = set()
    if tools or any(turn["role"] == "tool" or turn.get("tool_calls") for turn in turns):
        found.add(TOOLS)
    if any(turn.get("tool_calls") and not is_blank(THINK.sub("", turn["content"])) for turn in turns):
        found.add(BESIDE)
    if any(turn["role"] == "assistant" and not turn.get("learned", True) for turn in turns):
        found.add(UNLEARNED)
    spoken = turns
    if turns and turns[0]["role"] == "system":
        found.add(SYSTEM)
        spoken = turns[1:]
    answers = [turn["role"] == "assistant" for turn in spoken]
    if any(turn["role"] == "system" for turn in spoken) or answers != [False, True] * (len(spoken) // 2):
        found.add(ORDER)
    elif len(spoken) > 2:
        found.add(ROUNDS)
    return frozenset(found)
