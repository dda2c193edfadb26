"""Drops what people called invalid or wrong: verdicts of `selfinstruct review`, by what the rows say, not by their ids.

A row that was edited since is another row, and is kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

from selfinstruct.errors import UsageError
from selfinstruct.filters.pool import Pool
from selfinstruct.task import Reason, Task

__all__ = ["Review", "key_of", "keys_of"]


@dataclass(frozen=True)
class Review:
    """People said that it is no valid task, that its input does not fit, or that its output is wrong: review=FILE.

    FILE is what `selfinstruct review` wrote. Of several people the majority counts.
    """

    file: str = ""
    """Of a review."""
    rows: tuple[str, ...] = ()
    """What it says, put into recipe.yaml by the run: the key of a row, a space, and what was said of it."""

    @cached_property
    def _said(self) -> dict[str, str]:
        if self.file and not self.rows:
            raise UsageError(f"review has not read {self.file}: write drop=[{{'review': '{self.file}'}}]")
        return dict(row.split(" ", 1) for row in self.rows)

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        for key in (key_of("instruction", task.instruction), *keys_of(task)):
            if said := self._said.get(key):
                return Reason("review", said)
        return None


def keys_of(task: Task) -> list[str]:
    """A key for each instance, or for the conversation, or for the bare instruction: rows that say the same share it.

    Neither ids nor keys of the row that are not ours go into it.
    """
    if task.turns or task.judged:
        judged = [[_plain(turn) for turn in one.turns] for one in task.judged]
        return [key_of("turns", [_plain(turn) for turn in task.turns], judged)]
    if not task.instances:
        return [key_of("asked", task.instruction)]
    return [key_of("instance", task.instruction, one.input, one.output) for one in task.instances]


def _plain(turn: Any) -> list[Any]:
    return [turn["role"], turn["content"], turn.get("tool_calls") or []]


def key_of(*parts: Any) -> str:
    """32 hexadecimal digits."""
    return blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()
