"""What is noticed about rows on their way, told once at the end: what was not used, done or left out (promise 8)."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from selfinstruct.errors import shown

__all__ = ["Bad", "Notes", "Where", "brief", "printable"]

FIRST = 10
"""Bad rows that are named one by one; all are in the side file."""

KEYS = 50
"""Keys that are named; some data has one for each row."""


class Where(NamedTuple):
    """The place of a row, as a person looks for it: "rows.jsonl, line 7"."""

    file: str
    unit: str
    """What its number counts: "line", "row" (of a table) or "item" (of a list)."""
    number: int
    """From 1 on."""

    def __str__(self) -> str:
        return f"{self.file}, {self.unit} {self.number}"


class Bad(NamedTuple):
    """A row that cannot be used, in the place of what it would have been."""

    where: Where
    why: str
    """And what to do about it, in one line."""
    text: str
    """What stands there, as far as it could be read."""


@dataclass(slots=True)
class Notes:
    unused: Counter[str] = field(default_factory=Counter)
    """Rows by the key, or the kind of thing, that they have and that was not used."""
    done: Counter[str] = field(default_factory=Counter)
    """Rows by what was done with them that somebody may not expect: "turns of one side in a row, joined"."""
    bad: list[Bad] = field(default_factory=list)
    """The first ten rows that were left out."""
    left_out: int = 0
    """Rows that were left out, all of them."""
    files: Counter[str] = field(default_factory=Counter)
    """Rows read, by file, whatever became of them."""
    said: list[str] = field(default_factory=list)
    """What was noticed about documents, a line each."""

    def leave_out(self, bad: Bad) -> None:
        self.left_out += 1
        if len(self.bad) < FIRST:
            self.bad.append(bad)

    def lines(self) -> list[str]:
        """For people, one line each; none when there is nothing to say."""
        said = [*self.said, *(f"{bad.where}: left out: {bad.why}" for bad in self.bad)]
        if self.left_out > len(self.bad):
            said.append(f"and {self.left_out - len(self.bad):,} more rows were left out")
        if self.unused:
            counts = [f"{name} in {_rows(count)}" for name, count in self.unused.most_common(KEYS)]
            more = len(self.unused) - KEYS
            said.append(f"not used: {', '.join(counts)}{f', and {more:,} more keys' if more > 0 else ''}")
        said += [f"{what}: {_rows(count)}" for what, count in self.done.most_common()]
        return [shown(line) for line in said]


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def printable(said: object) -> str:
    """What an error says, in one line that a terminal can show, whatever it quotes."""
    line = " ".join(str(said).split())
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def brief(value: Any) -> str:
    """The offending value as JSON, not more of it than a message can bear."""
    try:
        return json.dumps(value, ensure_ascii=False, default=str)[:60]
    except (ValueError, RecursionError):
        return f"a {type(value).__name__} nested too deeply"
