"""What new tasks have in common with those shown: as a language model would, the teacher goes on in their manner.

Loosely, lest the data run in circles: a subject, the shares of questions and of classification, and the length.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from random import Random
from typing import NamedTuple

from selfinstruct.filters.rouge import Novelty
from selfinstruct.simulator.family import Family
from selfinstruct.simulator.language import LANGUAGES, Language
from selfinstruct.text.later import later

__all__ = ["chosen", "style_of"]

_WORD = {"en": later(r"[a-z]{4,}"), "zh": later(r"(?=([\u4e00-\u9fff]{2}))")}
"""What tells subjects apart: longer words; in Chinese two characters that stand side by side."""
_CHARACTERS = 1.6
"""Of Chinese to a word of English, about."""


class Style(NamedTuple):
    questions: float = 0.2
    """The share of questions; the others are commands."""
    classification: float = 0.1
    """The share of tasks with a few fixed labels."""
    wishes: float = 0.1
    """How often an instruction ends with a wish about the answer's form, which makes it longer."""
    subjects: tuple[Family, ...] = ()
    """Families whose words occur in what is shown."""


def style_of(shown: Sequence[str], language: Language) -> Style:
    if not shown:
        return Style()
    many = len(shown)
    questions = sum(text.rstrip().endswith(("?", "？")) for text in shown) / many
    choices = sum(bool(re.search(language.words["words"]["choice"], text)) for text in shown) / many
    chinese = language.code == "zh"
    words = sum(len(text) / _CHARACTERS if chinese else len(text.split()) for text in shown) / many
    known, word = _families_by_word(language.code), _WORD[language.code]
    subjects = dict.fromkeys(known[found] for text in shown for found in word.findall(text.lower()) if found in known)
    return Style(
        questions=min(0.1 + questions, 0.6),
        classification=min(0.03 + choices * 0.5, 0.4),
        wishes=min(max(words - 12, 0) / 60, 0.2),
        subjects=tuple(subjects),
    )


@cache
def _families_by_word(language: str) -> dict[str, Family]:
    """Words that stand in the wordings of one family only."""
    families, word = LANGUAGES[language].families, _WORD[language]
    found = [(family, set(word.findall(" ".join(_wordings(family)).lower()))) for family in families]
    often = Counter(word for _, words in found for word in words)
    return {word: family for family, words in found for word in words if often[word] == 1}


def _wordings(family: Family) -> list[str]:
    """Without slots; of a phrasing that is nothing but a slot, what may stand there."""
    whole = [text for one in family.phrasings if re.fullmatch(r"\{\w+\}", one) for text in family.slots[one[1:-1]]]
    return [*(re.sub(r"\{\w+\}", " ", one) for one in family.phrasings), *whole]


def chosen(rng: Random, style: Style, language: Language, many: int, classification: bool = False) -> list[Family]:
    """So many different families, or all there are: about as many that classify as in the style, and one that shares a
    subject. Drawn with weights, without putting back: the largest u^(1/weight) first (Efraimidis, Spirakis, 2006).
    """
    labels = many if classification else max(round(style.classification * many + rng.random() - 0.5), 0)
    order = sorted(language.families, key=lambda family: -(rng.random() ** (1 / _novel(family))))
    related = rng.sample(style.subjects, min(len(style.subjects), 1))
    order = related + [family for family in order if family not in related]
    picked = [family for family in order if family.classification][:labels]
    others = [family for family in order if not family.classification]
    picked += others[: 0 if classification else many - len(picked)]
    rng.shuffle(picked)
    return picked


SAMPLE = 60
"""Instructions of a family that are compared with each other."""


@cache
def _novel(family: Family) -> int:
    """How many of SAMPLE instructions the usual filter (ROUGE-L up to 0.7) would keep: who has little new to say is
    asked less often."""
    rng, known = Random(family.name), Novelty()
    for number in range(SAMPLE):
        text = family.compose(rng, wishes=0)[0]
        if not known.nearest_above(text, 0.7):
            known.add(str(number), text)
    return len(known)
