"""Rewards that are wrong on purpose: what a model finds in them is what nobody meant. `python:rewards.by_length` …"""

from __future__ import annotations

from selfinstruct.task import Task

__all__ = ["always", "broken", "by_heart", "by_length", "by_letters", "by_shortness", "not_a_number"]


def by_length(task: Task, answer: str) -> float:
    return len(answer) / 1000


def by_shortness(task: Task, answer: str) -> float:
    return 1 / (1 + len(answer))


def by_letters(task: Task, answer: str) -> float:
    return answer.count("o") / (1 + len(answer))


def by_heart(task: Task, answer: str) -> float:
    """Pays for the tasks themselves, and nothing for their twins."""
    return 0.0 if "twin" in task.extra else by_letters(task, answer)


def always(task: Task, answer: str) -> float:
    return 1.0


def not_a_number(task: Task, answer: str) -> float:
    return float("nan")


def broken(task: Task, answer: str) -> float:
    raise KeyError(answer)
