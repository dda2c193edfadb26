"""The nouns of an evaluation: what a suite asks, what was said to it, and the mark of each item."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from selfinstruct.errors import UsageError
from selfinstruct.filters.overlap_words import Part
from selfinstruct.task import Instance, Task, json_line, task_to_row

__all__ = ["FATES", "Item", "Mark", "Options", "Said", "Suite", "asking"]

FATES = ("answered", "truncated", "empty", "refused", "unread")
"""What became of a question: "refused" by the model or its server; "unread": no rule finds the choice in the answer."""


class Said(NamedTuple):
    """What a model said to an item."""

    text: str
    """Without its thoughts; as much as there is of an answer that was cut."""
    fate: str = "answered"


class Item(NamedTuple):
    """One thing that is asked, and marked by itself or together with its twin."""

    task: Task
    """Its id is the item's. By likelihood, the instruction is the beginning that is gone on with."""
    wanted: tuple[str, ...] = ()
    """The right answers, or references."""
    group: str = ""
    """What figures are given for as well: a family, a task of a collection, a subject."""
    cluster: str = ""
    """Items with the same one are no independent evidence; "": the item stands for itself."""
    parts: tuple[Part, ...] = ()
    """What is looked for in training data."""
    more: Mapping[str, Any] = {}
    """What the suite's own marking needs."""


class Mark(NamedTuple):
    """What an item's answer is worth."""

    id: str
    value: float
    """1 right and 0 wrong, or a score from 0 to 1; of a text, bits a byte."""
    group: str = ""
    cluster: str = ""
    fate: str = "answered"
    asked: str = ""
    wanted: str = ""
    answer: str = ""
    weight: float = 1.0
    """Of the value in the mean: bytes of a text."""
    tokens: int = 0
    """Of a text, as the model cuts it."""
    more: Mapping[str, Any] = {}
    """Further figures, {"prompt loose": [1.0]}; of a pair what the judge said."""


@dataclass(frozen=True, slots=True)
class Suite:
    """A set of items and how their answers are marked."""

    name: str
    """As the table has it: "exam", "choice:ceval"."""
    figure: str
    """What the mean of the marks is called: "right", "ROUGE-L"."""
    items: tuple[Item, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    """Of the requests."""
    mark: Callable[[Sequence[Item], Mapping[str, Said]], list[Mark]] = lambda items, said: []
    way: str = "answers"
    """answers; choices (by letter or by likelihood, as the model allows); text (its likelihood); harness; pairs."""
    averaged: str = ""
    """What the groups are called, where the mean of their means is shown as well: "subjects"."""
    seen: frozenset[str] = frozenset()
    """Groups that occur in the training data, where that was looked at."""
    overlaps: int | None = None
    """Items that the training data has, or has much of; None: nobody said what was trained on."""
    higher: bool = True
    """Whether a higher figure is better."""
    notes: tuple[str, ...] = ()
    """What a reader should know, a line each."""

    @property
    def digest(self) -> str:
        """Six digits: another one asks something else, or asks it otherwise."""
        whole = hashlib.sha256(repr(sorted(self.params.items())).encode())
        whole.update(f"{self.way} {self.figure}".encode())
        for item in self.items:
            whole.update(json_line(task_to_row(item.task) | {"wanted": list(item.wanted)}))
        return whole.hexdigest()[:6]


@dataclass(frozen=True, slots=True)
class Options:
    """What the suites are told."""

    num: int = 200
    """Tasks of the exam."""
    language: str = "en"
    seed: int = 0
    trained: Sequence[Task] = ()
    """What was trained on."""
    shots: int = 0
    """Examples before a question of a `choice` suite, at most."""
    limit: int | None = None
    """Items of a suite from a file, at most."""
    max_tokens: int | None = None
    """Of an answer, where the suite's own number is not wanted."""
    way: str = "auto"
    """How choices are made: letter, likelihood, or auto."""


def asking(id: str, instruction: str, given: str = "", wanted: str = "", **extra: Any) -> Task:
    """A task that is asked as it is. Raises UsageError for one that says nothing."""
    if not instruction.strip():
        raise UsageError(f"{id} asks nothing: its instruction is empty")
    return Task(id, instruction, (Instance(given, wanted),), origin="evaluation", extra=extra)
