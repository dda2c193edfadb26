"""What real teachers get wrong, at documented rates, so that filters and reports have something to show.

                   of                                          builtin   builtin:messy
    ugly           the lists of proposals                          2 %            15 %
    truncated      the answers of more than a word                 1 %             5 %
    near_duplicate the proposed instructions                       2 %            12 %
    forbidden      the proposed instructions and whole tasks       1 %             6 %
    unchanged      the evolved tasks                               3 %            12 %
    leak           the evolved tasks                               1 %             5 %
    sorry          the answers to evolved tasks                    2 %             6 %

Only the form suffers: an answer that is given is right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

__all__ = ["FORBIDDEN", "RATES", "Rates", "cut_short", "near_duplicate", "numbered"]


class Rates(NamedTuple):
    ugly: float
    """Of the lists of proposals: bold numbers, "9)", or a greeting first."""
    truncated: float
    """Of the answers with more than a word: end in the middle, as if cut by length."""
    near_duplicate: float
    """Of the proposed instructions: one of those shown, hardly changed."""
    forbidden: float
    """Of the proposed instructions: ask for what a text model can't see or do."""
    unchanged: float
    """Of the evolved tasks: ask for what their parents ask for, at most in other words."""
    leak: float
    """Of the evolved tasks: speak of the prompt that they were made by."""
    sorry: float
    """Of the answers to evolved tasks: an excuse."""


RATES = {
    "builtin": Rates(
        ugly=0.02, truncated=0.01, near_duplicate=0.02, forbidden=0.01, unchanged=0.03, leak=0.01, sorry=0.02
    ),
    "builtin:messy": Rates(
        ugly=0.15, truncated=0.05, near_duplicate=0.12, forbidden=0.06, unchanged=0.12, leak=0.05, sorry=0.06
    ),
}
"""By the name of the model."""

FORBIDDEN = (
    "Describe what the people in this picture are doing.",
    "Plot the monthly rainfall of the last two years as a bar chart.",
    "Draw a floor plan of a small kitchen with two doors.",
    "Look at the graph and explain why sales fell in autumn.",
    "Sort the attached files by their size and delete the largest.",
    "Mark the three oldest bridges on a map of the city.",
    "Choose the best of these images for the cover of a cookbook.",
    "Go to the website of the railway and book two seats.",
    "Draw the family tree that follows from the letter.",
    "Which of the two pictures was taken at dawn?",
    "Read the scanned file and type out the second page.",
    "Plot the heights of the pupils and mark the tallest.",
)


def near_duplicate(rng: Random, shown: Sequence[str]) -> str:
    text = rng.choice(shown).strip()
    body, mark = (text[:-1], text[-1]) if text.endswith((".", "?", "!")) else (text, ".")
    return f"{body}, please{mark}" if rng.random() < 0.5 else f"{body} now{mark}"


def numbered(rng: Random, items: Sequence[str], first: int, ugly: float) -> str:
    """The list as it continues a prompt that ends with its first number; now and then as no parser likes it."""
    if rng.random() >= ugly:
        return "\n".join(f" {item}" if n == first else f"{n}. {item}" for n, item in enumerate(items, first))
    greeting, form = rng.choice(
        (("", "**{}.** {}"), ("", "{}) {}"), ("Sure, here is how the list goes on:\n", "{}. {}"), ("", "- **{}.** {}"))
    )
    return greeting + "\n".join(form.format(n, item) for n, item in enumerate(items, first))


def cut_short(rng: Random, text: str) -> str:
    """The text up to the middle of a word somewhere in its second half."""
    words = list(re.finditer(r"\S+", text))
    last = rng.choice(words[len(words) // 2 :])
    return text[: last.start() + max(1, len(last[0]) // 2)]
