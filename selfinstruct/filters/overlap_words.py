"""The texts of an evaluation's items, in the words that they are looked for by, and what a word weighs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import NamedTuple

from selfinstruct.text.common import RARE, share_of

__all__ = ["Item", "Part", "Text", "texts_of", "weight_of"]


class Part(NamedTuple):
    text: str
    role: str
    """What is asked ("question"), or asked about a passage ("about"); the choices, the passage or the input ("rest");
    how it is asked, where an input follows ("setting"); or an "answer"."""


class Item(NamedTuple):
    """One item of an evaluation."""

    place: str
    """As a person looks for it: "mmlu.jsonl, line 7"."""
    parts: tuple[Part, ...]


PRIOR = 200
"""Texts that the tables of text/common.py stand for, beside those of the evaluation."""
CHUNK = 60
"""Tokens of a piece: of a long passage the half is as bad as the whole."""


def texts_of(split: Sequence[tuple[str, list[str]]]) -> Iterator[tuple[str, list[str], bool]]:
    """Role and words of each text of an item, and whether it is all that is asked."""
    asked = [words for role, words in split if role != "answer"]
    together = [word for words in asked for word in words]
    is_long = len(together) > CHUNK * 3 // 2
    yield from ((("whole" if len(asked) > 1 else "question"), words, True) for words in _pieces(together))
    for role, words in split:
        if role == "answer" or (len(asked) > 1 and not (is_long and role == "rest")):
            yield from ((role, piece, False) for piece in _pieces(words))


def _pieces(words: list[str]) -> Iterator[list[str]]:
    """The words, or pieces of a long text: none of them shorter than CHUNK or half as long again."""
    count = max(1, len(words) // CHUNK)
    cuts = [len(words) * n // count for n in range(count + 1)]
    yield from (words[start:end] for start, end in pairwise(cuts) if start < end)


def weight_of(stem: str, met: int, items: int) -> float:
    """-ln of the share of texts that have a word, one of them being the text that it is weighed in."""
    usual = share_of(stem)
    return -log(max((met - 1 + PRIOR * usual) / (items + PRIOR), 0.7 * usual, RARE))


@dataclass(slots=True)
class Text:
    """A text that is looked for: of an item, all of it, a part or a piece."""

    item: Item
    role: str
    words: list[str]
    numbers: frozenset[int]
    """Of all its words."""
    weights: dict[int, float]
    """Of those that count, by number."""
    whole: float
    """The sum of the weights."""
    before: int
    """Words before the first one that counts, and after the last."""
    after: int

    @property
    def longest(self) -> int:
        """Tokens of a stretch of a row that may be this text."""
        return len(self.words) * 8 // 5 + 8
