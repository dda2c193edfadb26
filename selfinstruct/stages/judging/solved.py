"""What is known of a task that solvers have tried: their answers while it is on its way, and their shares when done."""

from __future__ import annotations

from typing import Any

from selfinstruct.task import Task

__all__ = ["ANSWERS", "SOLVED", "Solved", "answers_of", "is_taken", "with_answers"]

ANSWERS = "answers"
"""{"weak": [text, …], "strong": [text, …]}, of a task that is not marked yet; no row has it."""
SOLVED = "solved"
"""{"weak": 0.25, "strong": 1.0}: the share of its answers in which each solver was right."""


class Solved(dict[str, float]):
    """The shares of a task that this run has taken. A row that is read has a plain dict: that task was taken by
    another run, and is a task like any other."""


class Answers(dict[str, list[str]]):
    """Likewise answers that this run was given: a row of somebody's data may have a key of this name."""


def is_taken(task: Task) -> bool:
    """Whether this run has taken the task, so that nobody is asked about it again."""
    return isinstance(task.extra.get(SOLVED), Solved)


def answers_of(task: Task) -> Answers:
    """By solver; none of a task that nobody was asked to do."""
    found: Any = task.extra.get(ANSWERS)
    return found if isinstance(found, Answers) else Answers()


def with_answers(task: Task, who: str, answers: list[str]) -> dict[str, Any]:
    """The task's extra keys with one solver's answers."""
    return task.extra | {ANSWERS: Answers(answers_of(task) | {who: answers})}
