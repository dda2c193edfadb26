"""What is found in a row of judged answers, before their question is parted from them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from selfinstruct.rows.notes import brief

__all__ = ["Answer", "Names", "Verdicts", "number_in", "tie"]


@dataclass(frozen=True, slots=True)
class Answer:
    name: str
    """What the row calls it, for messages."""
    value: Any
    """A text, a turn, a list of turns, or an object with the text and more."""
    good: bool
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Verdicts:
    answers: tuple[Answer, ...]
    used: frozenset[str]
    """The keys of the row that hold them and what is said of them; all others are the question's, or carried along."""
    left: dict[str, Any] = field(default_factory=dict)
    """What of these keys is carried along: answers that nobody judged."""


Names = Mapping[str, str]
"""The keys of a row that have a value, by how `plain` writes them."""


def tie(name: str, value: Any) -> ValueError:
    return ValueError(
        f"{name} is {brief(value)}: no answer is the better one; `import --on-error skip` leaves such rows out"
    )


def number_in(value: Any) -> float | None:
    """A number, or one written as a text, as CSV has to; None for all else, and what is no finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
