"""What filters have in common that compare a task with those kept before: which texts of it, and what they say."""

from __future__ import annotations

import json
from typing import NamedTuple, Protocol

from selfinstruct.errors import UsageError, quoted
from selfinstruct.task import Message, Reason, Task
from selfinstruct.text.tokens import tokens

__all__ = ["OF", "Alike", "Index", "Said", "check_of", "check_share", "said", "weighty"]

OF = ("instruction", "answer", "both")
"""What of a task is compared."""
WORDS = 8
"""An answer of fewer, such as "Yes", "Positive" or a number, is the right one of many tasks."""


class Index(Protocol):
    """The tasks kept so far, as a filter compares them. One may also have `ahead(tasks)`: those that will be asked
    about next, for what is faster done to many at once.
    """

    def add(self, task: Task, /) -> None: ...


class Alike(Reason):
    """The reason to drop a task for its similarity to one that was kept."""

    to: str
    similarity: float

    def __new__(cls, category: str, to: str, similarity: float) -> Alike:
        made = super().__new__(cls, category, f"{similarity:.2f} to {to}")
        made.to, made.similarity = to, similarity
        return made


class Said(NamedTuple):
    """The texts of a task that are compared, part by part; "" where it has none, or where the part is not asked for."""

    asked: str
    given: str
    answer: str


def said(task: Task, of: str) -> Said:
    """What was asked, what was given with it, and what was answered.

    Of a conversation, all that the assistant did not say is asked, and the tools are given. Thoughts belong to the
    answer, and so do all answers that are compared with one another.
    """
    asked = given = answer = ""
    if of != "answer":
        others = [turn["content"] for turn in task.turns if turn["role"] != "assistant"]
        asked = "\n".join(others) if others else task.instruction
        given = "\n".join([each.input for each in task.instances] + _texts(task.tools))
    if of != "instruction":
        answers = [text for each in task.instances for text in (each.thoughts, each.output)]
        turns = [turn for turn in task.turns if turn["role"] == "assistant"]
        answers += [text for turn in turns for text in _of_turn(turn)]
        answers += [text for judged in task.judged for turn in judged.turns for text in _of_turn(turn)]
        answer = "\n".join(filter(None, answers))
    return Said(asked, given, answer)


def _of_turn(turn: Message) -> list[str]:
    return [turn.get("thoughts", ""), turn["content"], *_texts(turn.get("tool_calls", ()))]


def _texts(objects: object) -> list[str]:
    return [json.dumps(objects, ensure_ascii=False, sort_keys=True)] if objects else []


def weighty(answer: str) -> bool:
    """Whether an answer says enough to be compared by itself."""
    return len(answer) > 400 or len(tokens(answer)) >= WORDS


def check_of(of: str, name: str) -> None:
    """Raises UsageError."""
    if of not in OF:
        raise UsageError(f"{name}: of is {quoted(of)}; it is what is compared: {', '.join(OF)}")


def check_share(above: float, name: str, what: str, like: float) -> None:
    """Raises UsageError."""
    if not 0 <= above <= 1:
        raise UsageError(f"{name} is {above}: it is {what} from 0 to 1, such as {like}")
