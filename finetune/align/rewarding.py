"""What pays an answer: the rules of an exam, a model that marks, or a function of somebody's own.

    reward = reward_of("exam")                        # or a folder, or "python:module.function"
    reward.pay([asked, asked], ["42", "no idea"])     # [1.0, 0.0]

An exam's tasks are known to rules: so there are families of them, and of each task a twin, which asks the same with
other names and numbers.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from selfinstruct.errors import RunStopped, UsageError, quoted
from selfinstruct.task import Task

from ..models.folders import first_line, folder_here, identity, located
from ..rows.conversations import Conversation
from ..rows.turns import Tools, Turn

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["EXAM", "Asked", "Reward", "check_reward", "family_of", "reward_hash", "reward_of", "twins"]

EXAM, PYTHON = "exam", "python:"


class Asked(NamedTuple):
    """A task of one question, to which answers are drawn."""

    id: str
    task: Task
    turns: tuple[Turn, ...]
    """Up to the answer."""
    family: str = ""
    """Of an exam; "" where no rule knows the task."""
    tools: Tools = ()

    def answered(self, answer: str) -> Conversation:
        return Conversation(self.id, (*self.turns, {"role": "assistant", "content": answer}), self.tools)


class Reward(NamedTuple):
    pay: Callable[[Sequence[Asked], Sequence[str]], list[float | None]]
    """What each answer is paid; None for one that a model cannot read whole. Raises RunStopped."""
    has_bounds: bool
    """Whether it pays from 0 to 1, as rules do: a model's marks have no scale."""


def check_reward(name: str) -> None:
    """Raises UsageError for a name that is none, before anything heavy is loaded."""
    if name.startswith(PYTHON):
        _function(name)
    elif name != EXAM and folder_here(name) is None:
        raise UsageError(
            f"reward is {quoted(name)}: give exam, the folder of a model that train --method reward wrote, or "
            "python:module.function"
        )


def reward_of(name: str) -> Reward:
    """Raises UsageError for a model that marks nothing."""
    if name == EXAM:
        return Reward(_marked_by_rules, has_bounds=True)
    if name.startswith(PYTHON):
        function = _function(name)
        return Reward(lambda asked, answers: _called(name, function, asked, answers), has_bounds=True)
    from .marks import load_marks, marks

    try:
        loaded = load_marks(name)
    except UsageError as error:
        raise UsageError(f"--reward {name} can mark no answers: {error}") from None

    def pay(asked: Sequence[Asked], answers: Sequence[str]) -> list[float | None]:
        """By the text of question and answer, in the model's own template and tokens."""
        return list(marks(loaded, [one.answered(text) for one, text in zip(asked, answers, strict=True)]))

    return Reward(pay, has_bounds=False)


def reward_hash(name: str) -> str:
    """Of a model's files, or a function's: with another text it is another reward. "" for rules."""
    if name == EXAM:
        return ""
    if not name.startswith(PYTHON):
        return identity(located(name))
    with _from_here():
        found = importlib.util.find_spec(name.removeprefix(PYTHON).rpartition(".")[0])
    return hashlib.sha256(Path(found.origin).read_bytes()).hexdigest() if found and found.origin else ""


@contextmanager
def _from_here() -> Iterator[None]:
    """With the modules of this folder, as `python -m` has them."""
    sys.path.insert(0, "")
    try:
        yield
    finally:
        sys.path.remove("")


def _function(name: str) -> Callable[[Task, str], Any]:
    module, _, function = name.removeprefix(PYTHON).rpartition(".")
    try:
        with _from_here():
            found: Any = getattr(importlib.import_module(module), function)
    except Exception as error:  # a program of somebody's own: whatever it raises
        raise UsageError(f"reward is {quoted(name)}, which cannot be had: {first_line(error)}") from None
    if not callable(found):
        raise UsageError(f"reward is {quoted(name)}, which is no function: it is given a task and an answer")
    given: Callable[[Task, str], Any] = found
    return given


def _called(
    name: str, function: Callable[[Task, str], Any], asked: Sequence[Asked], answers: Sequence[str]
) -> list[float | None]:
    found: list[float | None] = []
    for one, answer in zip(asked, answers, strict=True):
        try:
            value = function(one.task, answer)
        except Exception as error:  # as above
            raise RunStopped(f"{name} failed at task {one.id!r}: {type(error).__name__}: {first_line(error)}") from None
        if not isinstance(value, int | float) or not isfinite(value):
            raise RunStopped(f"{name} gave {quoted(value)} for an answer to task {one.id!r}: it should give a number")
        found.append(float(value))
    return found


# The rules of an exam. They are the simulator's, which is imported here and nowhere else in finetune.


def family_of(task: Task) -> str | None:
    """None for a task whose answers no rule can judge."""
    from selfinstruct.simulator.exam import understood

    try:
        return understood(task).family.name
    except UsageError:
        return None


def twins(asked: Sequence[Asked], known: Sequence[Asked], seed: int) -> dict[str, Asked]:
    """By the id of each task that can have one: the same with other names and numbers, which is none of those known."""
    from selfinstruct.simulator.twins import twins_of

    known = [one for one in known if one.task.instances]
    taken = {_said(one.task) for one in known}
    tasks = [one.task for one in asked if one.family]
    found = twins_of(tasks, seed=seed, without=[one.task for one in known if not one.task.instances[0].input])
    families = {one.id: one.family for one in asked}
    return {
        id: Asked(task.id, task, question_of(task), families[id])
        for id, task in found.items()
        if _said(task) not in taken
    }


def question_of(task: Task) -> tuple[Turn, ...]:
    given = task.instances[0].input
    return ({"role": "user", "content": task.instruction} | ({"input": given} if given else {}),)


def _said(task: Task) -> tuple[str, str]:
    return task.instruction, task.instances[0].input


def _marked_by_rules(asked: Sequence[Asked], answers: Sequence[str]) -> list[float | None]:
    """1 where it is right, else 0."""
    from selfinstruct.simulator.exam import is_right, understood

    known: dict[str, Any] = {}
    found: list[float | None] = []
    for one, answer in zip(asked, answers, strict=True):
        if one.id not in known:  # the answers to a question come together
            known[one.id] = understood(one.task)
        found.append(float(is_right(known[one.id], one.task, answer)))
    return found
