"""What people are shown: a row as named fields, or two answers to one question; and what their edits make of a row."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from selfinstruct.filters.review import key_of, keys_of
from selfinstruct.task import Instance, Message, Task

__all__ = ["QUESTIONS", "REJECTION", "Field", "Item", "edited", "fields_of", "item_of", "questions_of"]

QUESTIONS = ("task", "input", "output")
"""The paper's three: is it a valid task, does the input fit, is the output right?"""

REJECTION = "rejection"
"""Of a rejected row: was it right to reject it?"""


@dataclass(frozen=True, slots=True)
class Field:
    """A text of a row."""

    name: str
    """instruction, input, output, thoughts, tools, or that of a turn: turns/0."""
    text: str
    role: str = ""
    """Of a turn: who speaks."""
    editable: bool = True


@dataclass(frozen=True, slots=True)
class Item:
    """What one verdict is about: an instance of a task, a conversation, or the answers to one question."""

    number: int
    """Its place in the review, from 0."""
    key: str
    """As `keys_of` has it: by it the verdict finds its row again."""
    task: Task
    instance: int = 0
    """Of a task with several: which of them."""
    stratum: str = ""
    other: Task | None = None
    """Of a pair: the same question with the other answer."""
    reason: str = ""
    """Of a rejected row: why it was rejected."""

    @property
    def questions(self) -> tuple[str, ...]:
        return (REJECTION,) if self.reason else questions_of(self.task)

    @property
    def fields(self) -> Iterator[Field]:
        """What is read, in order: of a rejection its reason first, and nothing that could be edited."""
        if not self.reason:
            yield from fields_of(self.task, self.instance)
            return
        yield Field("reason", self.reason, editable=False)
        yield from (replace(one, editable=False) for one in fields_of(self.task, self.instance))

    @property
    def instruction_key(self) -> str:
        return key_of("instruction", self.task.instruction)


def item_of(task: Task, number: int, instance: int = 0, stratum: str = "") -> Item:
    return Item(number, keys_of(task)[instance], task, instance, stratum)


def questions_of(task: Task) -> tuple[str, ...]:
    """Those that can be answered: where there is no answer yet, whether it is a valid task."""
    answered = task.instances or any(turn["role"] == "assistant" for turn in task.turns)
    return QUESTIONS if answered else QUESTIONS[:1]


def fields_of(task: Task, instance: int = 0) -> Iterator[Field]:
    """The texts of one instance, or of the conversation, in the order in which they are read."""
    if task.tools:
        yield Field("tools", json.dumps(list(task.tools), ensure_ascii=False, indent=1), editable=False)
    if task.turns:
        for number, turn in enumerate(task.turns):
            if turn.get("thoughts"):
                yield Field(f"thoughts/{number}", turn["thoughts"], editable=False)
            yield Field(f"turns/{number}", turn["content"], turn["role"])
            if turn.get("tool_calls"):
                calls = json.dumps(turn["tool_calls"], ensure_ascii=False, indent=1)
                yield Field(f"calls/{number}", calls, editable=False)
        return
    yield Field("instruction", task.instruction)
    if task.instances:
        one = task.instances[instance]
        yield Field("input", one.input)
        if one.thoughts:
            yield Field("thoughts", one.thoughts, editable=False)
        yield Field("output", one.output)


def edited(task: Task, instance: int, texts: Mapping[str, str]) -> Task:
    """The task with these texts in place of its own, by the names of the fields; what has no such field is left."""
    if task.turns:
        turns = [_turn(turn, texts.get(f"turns/{number}")) for number, turn in enumerate(task.turns)]
        asked = next((turn["content"] for turn in task.turns if turn["role"] == "user"), None)
        now = next((turn["content"] for turn in turns if turn["role"] == "user"), None)
        instruction = now if now is not None and task.instruction == asked else task.instruction
        return replace(task, turns=tuple(turns), instruction=instruction)
    instances = list(task.instances)
    if instances:
        old = instances[instance]
        said = texts.get("output", old.output)
        thoughts = old.thoughts if said == old.output else ""  # they led to another answer
        instances[instance] = Instance(texts.get("input", old.input), said, thoughts)
    return replace(task, instruction=texts.get("instruction", task.instruction), instances=tuple(instances))


def _turn(turn: Message, text: str | None) -> Message:
    if text is None or text == turn["content"]:
        return turn
    changed = turn.copy()
    changed["content"] = text
    changed.pop("thoughts", None)
    return changed
