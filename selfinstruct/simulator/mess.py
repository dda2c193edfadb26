"""What real teachers get wrong, at documented rates, so that filters and reports have something to show.

Only the form suffers: an answer that is given is right. But for "builtin:weak", which is there to be worse.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from selfinstruct.simulator.data import table
from selfinstruct.text.later import later

__all__ = [
    *("FORBIDDEN", "RATES", "Rates", "cut_short", "first_tokens", "near_duplicate", "numbered", "tokens", "truncated"),
]


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
    ungrounded: float = 0.05
    """Of the answers about a passage: say something that is not in it."""
    wrong: float = 0.0
    """Of the answers: wrong, once for the task itself and once more for each demand on it."""


RATES = {
    "builtin": Rates(
        ugly=0.02, truncated=0.01, near_duplicate=0.02, forbidden=0.01, unchanged=0.03, leak=0.01, sorry=0.02
    ),
    "builtin:messy": Rates(
        ugly=0.15,
        truncated=0.05,
        near_duplicate=0.12,
        forbidden=0.06,
        unchanged=0.12,
        leak=0.05,
        sorry=0.06,
        ungrounded=0.15,
    ),
    "builtin:weak": Rates(
        ugly=0.02,
        truncated=0.01,
        near_duplicate=0.02,
        forbidden=0.01,
        unchanged=0.03,
        leak=0.01,
        sorry=0.02,
        wrong=0.25,
    ),
}
"""By the name of the model."""

FORBIDDEN: dict[str, tuple[str, ...]] = {
    code: tuple(table(code, "teacher")["mess"]["forbidden"]) for code in ("en", "zh")
}
"""Tasks that ask for what a text model can't see or do, by the code of a language."""

_HAN = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_WORD = later(rf"[{_HAN}]|[^\s{_HAN}]+")
"""A word between spaces; in Chinese a character."""
_ONE = later(f"[{_HAN}]")


def near_duplicate(rng: Random, shown: Sequence[str]) -> str:
    text = rng.choice(shown).strip()
    chinese = text.endswith(("。", "？", "！"))
    body, mark = (text[:-1], text[-1]) if chinese or text.endswith((".", "?", "!")) else (text, ".")
    wording: str = rng.choice(table("zh" if chinese else "en", "teacher")["mess"]["near"])
    return wording.format(body, mark)


def numbered(rng: Random, items: Sequence[str], first: int, ugly: float, language: str = "en") -> str:
    """The list as it continues a prompt that ends with its first number; now and then as no parser likes it."""
    if rng.random() >= ugly:
        return "\n".join(f" {item}" if n == first else f"{n}. {item}" for n, item in enumerate(items, first))
    ugly_form: str = rng.choice(table(language, "teacher")["mess"]["ugly"])
    greeting, line, form = ugly_form.rpartition("\n")
    return greeting + line + "\n".join(form.format(n, item) for n, item in enumerate(items, first))


def truncated(rng: Random, text: str, rate: float) -> bool:
    """Is this one of the answers that are cut short? One of a single word, such as Yes, 否 or 相同, never is."""
    return rng.random() < rate and len(_WORD.findall(text)) > (2 if re.search(f"[{_HAN}]", text) else 1)


def cut_short(rng: Random, text: str) -> str:
    """The text up to the middle of a word somewhere in its second half."""
    words = list(_WORD.finditer(text))
    last = rng.choice(words[len(words) // 2 :])
    return text[: last.start() + max(1, len(last[0]) // 2)]


def tokens(text: str) -> int:
    """An estimate, as usual: four tokens for three words of English, one for a character of Chinese."""
    characters = 0 if text.isascii() else len(_ONE.findall(text))
    others = len(text.split()) if not characters else len(_ONE.sub(" ", text).split())
    return characters - (-others * 4 // 3)


def first_tokens(text: str, most: int) -> str:
    """As many whole words from the start as make at most so many tokens."""
    end, thirds = 0, 0
    for word in _WORD.finditer(text):
        thirds += 3 if _ONE.match(word[0]) else 4
        if thirds > 3 * most:
            break
        end = word.end()
    return text[:end]
