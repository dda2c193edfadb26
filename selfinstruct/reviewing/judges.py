"""A judge's verdicts on all rows: a key that they have, like `score` of `selfinstruct run score`, or score>=7.

One judge stands beside all three questions and all of them together. Where rows have a verdict on each question, each
has its own judge: output:score>=7, task:verdict.task.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from selfinstruct.errors import UsageError, did_you_mean, quoted
from selfinstruct.filters.review import keys_of
from selfinstruct.reviewing.items import Item
from selfinstruct.rows.preferences.answers import number_in
from selfinstruct.task import Task

__all__ = ["Judge", "Judges", "judges_of", "parse_judge"]

QUESTION = re.compile(r"\s*(task|input|output|all)\s*:\s*(.+)", re.DOTALL)

LIMIT = re.compile(r"\s*(?P<key>.*?)\s*(?P<sign>>=|>|<=|<|==?)\s*(?P<value>\S+)\s*")
YES = ("yes", "true", "valid", "good", "correct", "right", "pass", "是", "对", "正确", "好", "有效")
NO = ("no", "false", "invalid", "bad", "incorrect", "wrong", "fail", "否", "错", "不正确", "错误", "不好", "无效")


@dataclass
class Judge:
    """Filled while the rows are read."""

    key: str
    sign: str = ""
    """"" where the number itself is the verdict."""
    limit: float = 0.0
    total: float = 0.0
    known: int = 0
    """Rows with a verdict."""
    by_key: dict[str, float] = field(default_factory=dict)
    """Of the rows that were asked for, by their keys."""
    two: bool = True
    """Whether it only ever says yes or no."""
    keys: set[str] = field(default_factory=set)
    """That rows have, for a message."""

    @property
    def name(self) -> str:
        return f"{self.key}{self.sign}{self.limit:g}" if self.sign else self.key

    @property
    def mean(self) -> float:
        return self.total / self.known

    def watching(self, tasks: Iterable[Task], wanted: set[str] | None = None) -> Iterator[Task]:
        """The tasks, while their verdicts are taken down; of all, or of those with a key that is wanted."""
        for task in tasks:
            value = self.verdict(self._said_of(task))
            if value is None:
                self.keys.update(name for name, one in task.extra.items() if self.verdict(one) is not None)
            else:
                self.known += 1
                self.total += value
                self.two = self.two and value in (0.0, 1.0)
                if wanted is None or wanted:
                    self.by_key.update((key, value) for key in keys_of(task) if wanted is None or key in wanted)
            yield task

    def of(self, question: str) -> Judge | None:
        """Who has a verdict on that question."""
        return self

    def remember(self, items: Iterable[Item]) -> None:
        """The verdicts on what was drawn."""
        for item in items:
            if (value := self.verdict(self._said_of(item.task))) is not None:
                self.by_key[item.key] = value

    def _said_of(self, task: Task) -> Any:
        """Under the key, or, for verdict.output, under the key of an object."""
        value: Any = task.extra
        if self.key in value:
            return value[self.key]
        for name in self.key.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return value

    def check(self) -> None:
        """Raises UsageError when no row had a verdict."""
        if not self.known:
            raise UsageError(
                f"--judge {quoted(self.name)}: no row has a number, or yes and no, under that key: "
                f"{did_you_mean(self.key, sorted(self.keys))}; `selfinstruct run score DATA` gives each a score"
            )

    def verdict(self, value: Any) -> float | None:
        """1 or 0, or the number; None where there is none."""
        if isinstance(value, bool):
            number: float | None = float(value)
        elif isinstance(value, str) and (word := value.strip().casefold().rstrip(".。!！")) in (*YES, *NO):
            number = float(word in YES)
        else:
            number = number_in(value)
        if number is None or not self.sign:
            return number
        held = {
            ">=": number >= self.limit,
            ">": number > self.limit,
            "<=": number <= self.limit,
            "<": number < self.limit,
        }
        return float(held.get(self.sign, number == self.limit))


class Judges:
    """Several, each for the question that it is named for, or ("") for those without a judge of their own."""

    def __init__(self, by: dict[str, Judge]) -> None:
        self._by = by

    @property
    def name(self) -> str:
        return ", ".join(f"{question}:{one.name}" if question else one.name for question, one in self._by.items())

    @property
    def known(self) -> int:
        """Rows with a verdict of the judge that has most."""
        return max(one.known for one in self._by.values())

    def of(self, question: str) -> Judge | None:
        return self._by.get(question) or self._by.get("")

    def watching(self, tasks: Iterable[Task], wanted: set[str] | None = None) -> Iterator[Task]:
        found = iter(tasks)
        for one in self._by.values():
            found = one.watching(found, wanted)
        return found

    def check(self) -> None:
        for one in self._by.values():
            one.check()

    def remember(self, items: Iterable[Item]) -> None:
        items = list(items)
        for one in self._by.values():
            one.remember(items)


def judges_of(texts: Sequence[str]) -> Judge | Judges | None:
    """One for all questions, or one for each that is named: ["task:valid", "output:score>=7"]. Raises UsageError."""
    by: dict[str, Judge] = {}
    for text in texts:
        found = QUESTION.fullmatch(text)
        question, said = (found[1], found[2]) if found else ("", text)
        if question in by:
            raise UsageError(
                f"--judge {quoted(text)}: one judge for each question, like output:score>=7, or one for all"
            )
        by[question] = parse_judge(said)
    return by.get("") if set(by) <= {""} else Judges(by)


def parse_judge(text: str) -> Judge:
    """score, or score>=7. Raises UsageError."""
    if not (found := LIMIT.fullmatch(text)):
        return Judge(text.strip())
    try:
        return Judge(found["key"], found["sign"], float(found["value"]))
    except ValueError:
        raise UsageError(
            f"--judge {quoted(text)}: {quoted(found['value'])} is no number: write it like score>=7"
        ) from None
