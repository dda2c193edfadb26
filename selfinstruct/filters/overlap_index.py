"""Texts of evaluations, and the one of them that a row has in it: copied, edited or said in other words.

A text of an evaluation is a set of words, each weighing as much as it is rare: -ln of the share of texts that have it.
A row has the text in it when some stretch of it, hardly longer than the text, has most of that weight; and weight
enough, since few words are soon found together by chance. The words of "Which of the following statements is true?"
weigh next to nothing, so that it is never found by itself. In scripts without spaces two characters that follow one
another are a word.

The index has the texts of each word. NumPy adds up for all texts at once what weight a row shares with them, in some 20
microseconds; the few that share enough are looked at one by one, for the stretch and for the order of the words.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import LCSseq

from selfinstruct.text.common import RARE, share_of, stem_of
from selfinstruct.text.tokens import tokens

__all__ = ["Hit", "Index", "Item", "Part"]


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


class Hit(NamedTuple):
    share: float
    """Of the weight of the item's text, how much the row has."""
    item: Item
    role: str
    """Of the part that was found, or "whole"."""
    span: str
    """What the row says there."""


SLIGHT = 2.35
"""Weight below which a word is not counted, since every tenth text has it: the, what, write."""
LEAST = 0.42
"""Of the weight of a text of CONTAINED or more, what a row must share to be looked at."""
PRIOR = 200
"""Texts that the tables of text/common.py stand for, beside those of the evaluation."""
FOREIGN = 5.5
"""Weight of a row's word that no evaluation and no table has."""

ALONE = {"question": 16.0, "about": 32.0, "rest": 40.0, "setting": 60.0, "answer": 90.0}
"""Weight from which a part of an item is looked for by itself: an instruction that has inputs serves many others."""
CONTAINED = 12.0
"""Weight that must be shared, six rare words or so, to be found inside something longer."""
SURE = 9.0
"""Weight that must be shared by a text as long as the item's."""
CHUNK = 60
"""Tokens of a piece: of a long passage the half is as bad as the whole."""
BLOCK = 600
"""Tokens of a row that are looked at together: in a long one every word is somewhere."""
REACH = 160
"""Tokens that two blocks share: as many as the longest stretch."""

# Letters of other scripts are the same in all of these: a row with “quotation marks” is read as quickly as one without.
MARKS = re.compile(
    "[\u00a0-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2190-\u22ff]"
)
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3100-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)


Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


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


class _Known(dict[str, int]):
    """The number of each word that was met, by its stem; -1 of one that neither evaluation nor table has."""

    def __init__(self, numbers: dict[str, int]) -> None:
        self._numbers = numbers

    def __missing__(self, word: str) -> int:
        if len(self) > 500_000:  # rows without end have new words without end; 50 MB of them
            self.clear()
        number = self[word] = self._numbers.get(stem_of(word), -1)
        return number


@dataclass(slots=True)
class _Text:
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


class Index:
    """The texts of the items of evaluations, to be found in rows. Items are kept as they come; of equals the first."""

    def __init__(self, items: Iterable[Item]) -> None:
        read = [(item, [(part.role, words_of(part.text)) for part in item.parts]) for item in items]
        met: Counter[str] = Counter()
        for _, parts in read:
            # In their order: a set of texts has another one in every process, and sums would differ by a rounding.
            met.update([*dict.fromkeys(stem_of(word) for _, words in parts for word in pairs_of(words) if word)])
        numbers = {stem: number for number, stem in enumerate(met)}
        self._known = _Known(numbers)
        self._weights = [_weight(stem, times, len(read)) for stem, times in met.items()]
        self._digits = {number for stem, number in numbers.items() if stem.isdecimal()}
        self._boilerplate = self._repeated([[words for _, words in parts] for _, parts in read])
        self._texts: list[_Text] = []
        self._exact: dict[str, _Text] = {}
        """Texts too common or too short to be found but as the whole of something, by their words."""
        seen = set[str]()
        for item, parts in read:
            for role, words, is_whole in _texts_of(parts):
                if (key := " ".join(words)) not in seen:
                    seen.add(key)
                    self._add(key, self._text(item, role, words), is_whole)
        self._longest = max(map(len, self._exact), default=-1)
        self._least = np.array([_least(text.whole) * text.whole for text in self._texts])
        self._entries = self._inverted()

    def _add(self, key: str, text: _Text, is_whole: bool) -> None:
        if text.whole >= (SURE if is_whole else ALONE[text.role]):
            self._texts.append(text)
        elif is_whole and text.words:
            self._exact[key] = text

    def _runs(self, words: list[str]) -> Ints:
        """A number for each three words that follow one another. [words] -> [words - 2]"""
        numbers = np.array([self._known[word] + 1 for word in pairs_of(words)], np.int64)
        size = len(self._weights) + 1
        return (numbers[:-2] * size + numbers[1:-1]) * size + numbers[2:]

    def _repeated(self, items: Sequence[Sequence[list[str]]]) -> set[int]:
        """Those that at least ten items have, and one in a hundred: boilerplate, of which a row may have any amount."""
        runs = [np.unique(np.concatenate([*map(self._runs, texts)])) for texts in items if texts]
        values, times = np.unique(np.concatenate([np.empty(0, np.int64), *runs]), return_counts=True)
        return set(values[times >= max(10, len(items) / 100)].tolist())

    def _text(self, item: Item, role: str, words: list[str]) -> _Text:
        numbers = [self._known[word] if word else -1 for word in pairs_of(words)]
        counts = [number >= 0 and self._weights[number] >= SLIGHT for number in numbers]
        for at, run in enumerate(self._runs(words).tolist()):
            if run in self._boilerplate:
                counts[at : at + 3] = False, False, False
        own = sorted({number for number, is_own in zip(numbers, counts, strict=True) if is_own})
        weights = {number: self._weights[number] for number in own}
        ends = (counts.index(True), counts[::-1].index(True)) if own else (0, 0)
        return _Text(item, role, words, frozenset(numbers) - {-1}, weights, sum(weights.values()), *ends)

    def _inverted(self) -> dict[int, tuple[Ints, Floats]]:
        """By the number of a word, the texts that have it, and its weight as often."""
        having: dict[int, list[int]] = {}
        for n, text in enumerate(self._texts):
            for number in text.weights:
                having.setdefault(number, []).append(n)
        return {
            number: (np.array(texts, np.int64), np.full(len(texts), self._weights[number]))
            for number, texts in having.items()
        }

    def find(self, parts: Sequence[str]) -> Hit | None:
        """The text of an evaluation that is most surely in a row, if there is any; of equals the first.

        parts       what the row says: instruction, input and output, or its turns
        """
        if self._longest >= 0 and (same := self._same(parts)):
            return same
        words = words_of("\n".join(parts))
        best: Hit | None = None
        for start in range(0, max(1, len(words) - REACH), BLOCK - REACH):  # nearly always once
            block = words[start : start + BLOCK]
            row = [*map(self._known.__getitem__, pairs_of(block))]
            for number, shared in self._likely(row):
                text = self._texts[number]
                if not best or shared > best.share * text.whole:
                    hit = self._hit(text, block, row, parts)
                    best = hit if hit and (not best or hit.share > best.share) else best
        return best

    def _likely(self, row: Sequence[int]) -> Iterable[tuple[int, float]]:
        """The texts of which a row has enough to be looked at, and how much weight that is."""
        entries = self._entries
        touched = [entries[number] for number in {*row} if number in entries]
        if not touched:
            return ()
        texts, weights = zip(*touched, strict=True)
        shared = np.bincount(np.concatenate(texts), np.concatenate(weights), len(self._texts))
        likely = (shared >= self._least).nonzero()[0]
        return zip(likely.tolist(), shared[likely].tolist(), strict=True) if len(likely) else ()

    def _same(self, parts: Sequence[str]) -> Hit | None:
        """An item that is all of a part, or of the first two, to the word."""
        for part in _units(parts, 2 * self._longest + 20):
            if text := self._exact.get(" ".join(words_of(part))):
                return Hit(1.0, text.item, text.role, part.strip())
        return None

    def _hit(self, text: _Text, words: list[str], row: list[int], parts: Sequence[str]) -> Hit | None:
        """The hit, if the row has the text, inside something or as one of its parts."""
        start, end, shared = _densest(text, row)
        share, there = shared / text.whole, row[start:end]
        if not self._figures_agree(text, there):
            return None
        if shared >= CONTAINED:
            near = words[max(0, start - text.before - 1) : end + text.after + 1]
            copied = LCSseq.similarity(text.words, near) / len(text.words)
            is_copy = len(text.words) >= LONG and copied >= COPIED(shared) and share >= KEPT(shared)
            dense, is_question = shared / (shared + self._others(text, there)), text.role != "answer"
            is_told = copied >= ORDERED and shared >= SURE + FIRM and _is_told(shared - FIRM, share, dense)
            if is_copy or (is_told and is_question):
                return Hit(max(share, copied), text.item, text.role, _span(parts, words[start:end]))
        if shared >= SURE and text.role != "answer":
            return self._alike(text, parts)
        return None

    def _alike(self, text: _Text, parts: Sequence[str]) -> Hit | None:
        """The hit, if a part of the row says what the text says and hardly more."""
        for part in _units(parts, 8 * len("".join(text.words)) + 100):
            words = words_of(part)
            numbers = set(map(self._known.__getitem__, pairs_of(words)))
            shared = sum(weight for number, weight in text.weights.items() if number in numbers)
            share, dense = shared / text.whole, shared / (shared + self._others(text, numbers) + 1e-9)
            alike = 2 * LCSseq.similarity(text.words, words) / (len(words) + len(text.words))
            is_copy = len(text.words) >= LONG and alike >= ALIKE and share >= KEPT(shared)
            is_told = alike >= (0.6 if shared < 20 else ORDERED) and _is_told(shared, share, dense)
            if is_copy or is_told:
                return Hit(share, text.item, text.role, part.strip())
        return None

    def _others(self, text: _Text, row: Iterable[int]) -> float:
        """The weight of what a row says there besides the text's words."""
        weights = (self._weights[number] if number >= 0 else FOREIGN for number in set(row) - text.numbers)
        return sum(weight for weight in weights if weight >= SLIGHT)

    def _figures_agree(self, text: _Text, row: Sequence[int]) -> bool:
        """Whether half of the numbers are there: the same sum with other numbers is another one."""
        figures = text.weights.keys() & self._digits
        return len(figures) < 2 or 2 * len(figures.intersection(row)) >= len(figures)


LONG = 8
"""Tokens from which a text may be found inside something longer."""
ORDERED = 0.3
"""Of the tokens of a text, those in its order in a row that says it in other words: the names of seven emotions are in
many texts, in any order."""


def _line(*points: tuple[float, float]) -> Callable[[float], float]:
    x, y = zip(*points, strict=True)
    return lambda at: float(np.interp(at, x, y))


COPIED = _line((12, 0.82), (20, 0.74), (40, 0.67), (100, 0.6))
ALIKE = 0.73
KEPT = _line((12, 0.65), (20, 0.5), (40, 0.42))
TOLD = _line((9, 0.97), (15, 0.9), (22, 0.72), (30, 0.6), (40, 0.5))
DENSE = _line((9, 0.8), (15, 0.7), (25, 0.6), (40, 0.58))
FIRM = 10


def _is_told(shared: float, share: float, dense: float) -> bool:
    return share >= TOLD(shared) and 2 * share * dense / (share + dense + 1e-9) >= DENSE(shared)


def _least(whole: float) -> float:
    """The share of a text of this weight that a row must have to be looked at."""
    return 0.42 if whole >= 40 else 0.5


def _texts_of(split: Sequence[tuple[str, list[str]]]) -> Iterator[tuple[str, list[str], bool]]:
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
    yield from (words[start:end] for start, end in itertools.pairwise(cuts) if start < end)


def _weight(stem: str, met: int, items: int) -> float:
    """-ln of the share of texts that have a word, one of them being the text that it is weighed in."""
    usual = share_of(stem)
    return -log(max((met - 1 + PRIOR * usual) / (items + PRIOR), 0.7 * usual, RARE))


def _units(parts: Sequence[str], longest: int) -> Iterator[str]:
    """What may be all of an item: a part of a row, or an instruction with its input, of so many characters at most."""
    yield from (part for part in parts if len(part) <= longest)
    if len(parts) > 1 and len(parts[0]) + len(parts[1]) <= longest:
        yield "\n".join(parts[:2])


def _densest(text: _Text, row: Sequence[int]) -> tuple[int, int, float]:
    """The stretch of a row, no longer than the text may be, with the most of its weight: start, end, that weight."""
    weights = text.weights
    places = [(at, number) for at, number in enumerate(row) if number in weights]
    times: Counter[int] = Counter()
    shared, first = 0.0, 0
    best, start, end = -1.0, 0, 0
    for at, number in places:
        times[number] += 1
        if times[number] == 1:
            shared += weights[number]
        while at - places[first][0] >= text.longest:
            gone = places[first][1]
            times[gone] -= 1
            if not times[gone]:
                shared -= weights[gone]
            first += 1
        if shared > best + 1e-9:
            best, start, end = shared, places[first][0], at + 1
    return start, end, best


def _span(parts: Sequence[str], words: list[str]) -> str:
    """What the row says from the first of these words to the last, as it is written where that can be found."""
    pattern = r"[\W_]*".join(map(re.escape, words))
    for part in parts:
        if found := re.search(pattern, part, re.IGNORECASE):
            return found[0]
    return " ".join(words)
