"""What models write around their answers: thoughts between marks, and the tokens that end a turn."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Parted", "parted"]


class Parted(NamedTuple):
    answer: str
    """What the model says to the user."""
    thoughts: str
    """What it wrote for itself; "" when there is nothing of the kind."""


def parted(text: str) -> Parted:
    """The answer in what a model wrote, and its thoughts. Twice changes nothing more."""
    return Parted(text, "")
