"""What new tasks have in common with those shown: as a language model would, the teacher goes on in their manner.

Loosely, lest the data run in circles: some subjects, the shares of questions and of classification, and the length.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from random import Random
from typing import NamedTuple

from selfinstruct.teachers.builtin.families import ENGLISH
from selfinstruct.teachers.builtin.family import Family

__all__ = ["Style", "chosen"]

_CHOICE = re.compile(r"\b\w+, [\w ]+,? or \w+|\b(?:yes or no|true or false|\w+ or \w+[.?]$)|^(?:Classify|Label|Tag)\b")
_WORD = re.compile(r"[a-z]{4,}")


class Style(NamedTuple):
    questions: float = 0.2
    """The share of questions; the others are commands."""
    classification: float = 0.2
    """The share of tasks with a few fixed labels."""
    wishes: float = 0.2
    """How often an instruction ends with a wish about the answer's form, which makes it longer."""
    subjects: tuple[Family, ...] = ()
    """Families whose words occur in what is shown."""

    @classmethod
    def of(cls, shown: Sequence[str]) -> Style:
        if not shown:
            return cls()
        many = len(shown)
        questions = sum(text.rstrip().endswith("?") for text in shown) / many
        choices = sum(bool(_CHOICE.search(text)) for text in shown) / many
        words = sum(len(text.split()) for text in shown) / many
        known = _families_by_word()
        subjects = dict.fromkeys(known[word] for text in shown for word in _WORD.findall(text.lower()) if word in known)
        return cls(
            questions=min(0.1 + questions, 0.6),
            classification=min(0.1 + choices, 0.5),
            wishes=min(max(words - 12, 0) / 30, 0.4),
            subjects=tuple(subjects),
        )


@cache
def _families_by_word() -> dict[str, Family]:
    """Words that stand in the wordings of one family only."""
    found: dict[str, set[str]] = {
        family.name: set(_WORD.findall(re.sub(r"\{\w+\}", " ", " ".join(family.phrasings)).lower()))
        for family in ENGLISH
    }
    often = Counter(word for words in found.values() for word in words)
    return {word: family for family in ENGLISH for word in sorted(found[family.name]) if often[word] == 1}


def chosen(rng: Random, style: Style, many: int, classification: bool = False) -> list[Family]:
    """So many different families, of which about as many classify as in the style, and one that shares a subject."""
    labels = many if classification else round(style.classification * many + rng.random() - 0.5)
    related = [family for family in style.subjects if family.classification or not classification]
    picked = dict.fromkeys(rng.sample(related, min(len(related), 1)))
    for kind, wanted in ((True, labels), (False, many)):
        families, weights = _weighted(kind)
        have = sum(family.classification for family in picked) if kind else len(picked)
        while have < wanted:
            (family,) = rng.choices(families, cum_weights=weights)
            if family not in picked:
                picked[family] = None
                have += 1
    shuffled = list(picked)[:many]
    rng.shuffle(shuffled)
    return shuffled


ENOUGH = 600
"""Different instructions (without their endings) from which on a family is asked as often as any other."""


@cache
def _weighted(classification: bool) -> tuple[list[Family], list[float]]:
    """The families that classify, or the others, with running totals: who can say little is asked less often."""
    families = [family for family in ENGLISH if family.classification is classification]
    return families, list(accumulate(min(family.different, ENOUGH) for family in families))
