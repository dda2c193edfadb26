"""What real teachers get wrong, at documented rates, so that filters and reports have something to show.

Only the form suffers: an answer that is given is right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

__all__ = [
    "FORBIDDEN",
    "FORBIDDEN_WORD",
    "NEAR_DUPLICATE",
    "TRUNCATED",
    "UGLY_LIST",
    "cut_short",
    "near_duplicate",
    "numbered",
]

UGLY_LIST = 0.02
"""Of the lists of proposals: bold numbers, "9)", or a greeting first."""
TRUNCATED = 0.01
"""Of the answers with more than a word: end in the middle, as if cut by length."""
NEAR_DUPLICATE = 0.02
"""Of the proposed instructions: one of those shown, hardly changed."""
FORBIDDEN_WORD = 0.01
"""Of the proposed instructions: ask for what a text model can't see or do."""

FORBIDDEN = (
    "Describe what the people in this picture are doing.",
    "Plot the monthly rainfall of the last two years as a bar chart.",
    "Draw a floor plan of a small kitchen with two doors.",
    "Look at the graph and explain why sales fell in autumn.",
    "Sort the attached files by their size and delete the largest.",
    "Mark the three oldest bridges on a map of the city.",
    "Choose the best of these images for the cover of a cookbook.",
    "Go to the website of the railway and book two seats.",
)


def near_duplicate(rng: Random, shown: Sequence[str]) -> str:
    text = rng.choice(shown).strip()
    body, mark = (text[:-1], text[-1]) if text.endswith((".", "?", "!")) else (text, ".")
    return f"{body}, please{mark}" if rng.random() < 0.5 else f"{body} now{mark}"


def numbered(rng: Random, items: Sequence[str], first: int) -> str:
    """The list as it continues a prompt that ends with its first number; now and then as no parser likes it."""
    if rng.random() >= UGLY_LIST:
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
