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

from selfinstruct.filters.rouge import Novelty
from selfinstruct.simulator.family import Family
from selfinstruct.simulator.language import LANGUAGES, Language

__all__ = ["Style", "chosen", "style_of"]

_CHOICE = re.compile(
    r"\b\w+, [\w ]+,? or \w+|\b(?:yes or no|true or false|\w+ or \w+[.?]$)|^(?:Classify|Label|Tag)\b"
    r"|、[^，。]{1,12}(?:还是|或者?)|是或(?:否|不是)|^(?:判断|辨别)|哪一?[类种个]|属于"
)
_WORD = {"en": re.compile(r"[a-z]{4,}"), "zh": re.compile(r"(?=([\u4e00-\u9fff]{2}))")}
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
    choices = sum(bool(_CHOICE.search(text)) for text in shown) / many
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
def _families_by_word(code: str) -> dict[str, Family]:
    """Words that stand in the wordings of one family only."""
    families = LANGUAGES[code].families
    found: dict[str, set[str]] = {
        family.name: set(_WORD[code].findall(" ".join(_wordings(family)).lower())) for family in families
    }
    often = Counter(word for words in found.values() for word in words)
    return {word: family for family in families for word in sorted(found[family.name]) if often[word] == 1}


def _wordings(family: Family) -> list[str]:
    """Without slots; of a phrasing that is nothing but a slot, what may stand there."""
    whole = [text for one in family.phrasings if re.fullmatch(r"\{\w+\}", one) for text in family.slots[one[1:-1]]]
    return [*(re.sub(r"\{\w+\}", " ", one) for one in family.phrasings), *whole]


def chosen(rng: Random, style: Style, language: Language, many: int, classification: bool = False) -> list[Family]:
    """So many different families, of which about as many classify as in the style, and one that shares a subject."""
    labels = many if classification else round(style.classification * many + rng.random() - 0.5)
    related = [family for family in style.subjects if family.classification or not classification]
    picked = dict.fromkeys(rng.sample(related, min(len(related), 1)))
    for kind, wanted in ((True, labels), (False, many)):
        families, weights = _weighted(language.code, kind)
        have = sum(family.classification for family in picked) if kind else len(picked)
        while have < wanted:
            (family,) = rng.choices(families, cum_weights=weights)
            if family not in picked:
                picked[family] = None
                have += 1
    shuffled = list(picked)[:many]
    rng.shuffle(shuffled)
    return shuffled


SAMPLE = 60
"""Instructions of a family that are compared with each other."""


@cache
def _weighted(code: str, classification: bool) -> tuple[list[Family], list[float]]:
    """The families that classify, or the others, with running totals: who has little new to say is asked less often."""
    families = [family for family in LANGUAGES[code].families if family.classification is classification]
    return families, list(accumulate(map(_novel, families)))


def _novel(family: Family) -> int:
    """How many of SAMPLE instructions the usual filter (ROUGE-L up to 0.7) would keep."""
    rng, known = Random(family.name), Novelty()
    for number in range(SAMPLE):
        text = family.compose(rng, wishes=0)[0]
        if not known.nearest_above(text, 0.7):
            known.add(str(number), text)
    return len(known)
