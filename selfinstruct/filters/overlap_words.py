"""The texts of an evaluation's items, in the words that they are looked for by, and what a word weighs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import NamedTuple

from selfinstruct.text.common import RARE, share_of, stem_of
from selfinstruct.text.tokens import tokens

__all__ = ["Item", "Known", "Part", "Text", "pairs_of", "texts_of", "weight_of", "words_of"]


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

# Letters of other scripts are the same in all of these: a row with “quotation marks” is read as quickly as one without.
MARKS = re.compile(
    "[\u00a0-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2190-\u22ff]"
)
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3100-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)


def words_of(text: str) -> list[str]:
    return tokens(text if text.isascii() else MARKS.sub(" ", text))


def pairs_of(words: list[str]) -> list[str]:
    """The words as they are weighed, one for each: a character of a script without spaces with the one behind it, and
    the last of such a run "".
    """
    if all(map(str.isascii, words)):
        return words
    alone = [len(word) < 3 and UNSPACED.match(word) is not None for word in words] + [False]
    found = []
    for at, word in enumerate(words):
        if not alone[at]:
            found.append(word)
        elif alone[at + 1]:
            found.append(word + words[at + 1])
        else:
            found.append("" if at and alone[at - 1] else word)
    return found


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


class Known(dict[str, int]):
    """The number of each word that was met, by its stem; -1 of one that neither evaluation nor table has."""

    def __init__(self, numbers: dict[str, int]) -> None:
        self._numbers = numbers

    def __missing__(self, word: str) -> int:
        if len(self) > 500_000:  # rows without end have new words without end; 50 MB of them
            self.clear()
        number = self[word] = self._numbers.get(stem_of(word), -1)
        return number


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
