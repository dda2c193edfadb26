"""A judge's verdicts on all rows: a key that they have, like `score` of `selfinstruct run score`, or score>=7."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from selfinstruct.errors import UsageError, did_you_mean, quoted
from selfinstruct.filters.review import keys_of
from selfinstruct.rows.preferences.answers import number_in
from selfinstruct.task import Task

__all__ = ["Judge", "parse_judge"]

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
            value = self.verdict(task.extra.get(self.key))
            if value is None:
                self.keys.update(name for name, one in task.extra.items() if self.verdict(one) is not None)
            else:
                self.known += 1
                self.total += value
                self.two = self.two and value in (0.0, 1.0)
                if wanted is None or wanted:
                    self.by_key.update((key, value) for key in keys_of(task) if wanted is None or key in wanted)
            yield task

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
