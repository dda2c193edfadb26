"""Texts of evaluations, and the one of them that a row has in it: copied, edited or said in other words.

A text of an evaluation is a set of words, each weighing as much as it is rare: -ln of the share of texts that have it.
A row has the text in it when some stretch of it, hardly longer than the text, has most of that weight; and weight
enough, since few words are soon found together by chance. The words of "Which of the following statements is true?"
weigh next to nothing, so that it is never found by itself.

The index has the texts of each word. NumPy adds up for all texts at once what weight a row shares with them, in some 20
microseconds; the few that share enough are looked at one by one, for the stretch and for the order of the words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import LCSseq

from selfinstruct.filters.overlap_reading import Known, pairs_of, words_of
from selfinstruct.filters.overlap_words import Item, Text, texts_of, weight_of
from selfinstruct.text.common import stem_of

__all__ = ["Hit", "Index"]


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
FOREIGN = 5.5
"""Weight of a row's word that no evaluation and no table has."""

ALONE = {"question": 16.0, "about": 32.0, "rest": 40.0, "setting": 60.0, "answer": 90.0}
"""Weight from which a part of an item is looked for by itself: an instruction that has inputs serves many others."""
CONTAINED = 12.0
"""Weight that must be shared, two rare words, to be found inside something longer."""
SURE = 9.0
"""Weight that must be shared by a text as long as the item's."""
BLOCK = 600
"""Tokens of a row that are looked at together: in a long one every word is somewhere."""
REACH = 160
"""Tokens that two blocks share: as many as the longest stretch."""

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Index:
    """The texts of the items of evaluations, to be found in rows. Items are kept as they come; of equals the first."""

    def __init__(self, items: Iterable[Item]) -> None:
        read = [(item, [(part.role, words_of(part.text)) for part in item.parts]) for item in items]
        met: Counter[str] = Counter()
        for _, parts in read:
            # In their order: a set of texts has another one in every process, and sums would differ by a rounding.
            met.update([*dict.fromkeys(stem_of(word) for _, words in parts for word in pairs_of(words) if word)])
        numbers = {stem: number for number, stem in enumerate(met)}
        self._known = Known(numbers)
        self._weights = [weight_of(stem, times, len(read)) for stem, times in met.items()]
        self._rarity = np.array(self._weights)
        self._digits = {number for stem, number in numbers.items() if stem.isdecimal()}
        self._boilerplate = self._repeated([[words for _, words in parts] for _, parts in read])
        self._texts: list[Text] = []
        self._exact: dict[str, Text] = {}
        """Texts too common or too short to be found but as the whole of something, by their words."""
        seen = set[str]()
        for item, parts in read:
            for role, words, is_whole in texts_of(parts):
                if (key := " ".join(words)) not in seen:
                    seen.add(key)
                    self._add(key, self._text(item, role, words), is_whole)
        self._longest = max(map(len, self._exact), default=-1)
        self._least = np.array([_least(text.whole) * text.whole for text in self._texts])
        self._having, self._ends = self._inverted()

    def _add(self, key: str, text: Text, is_whole: bool) -> None:
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

    def _text(self, item: Item, role: str, words: list[str]) -> Text:
        numbers = [self._known[word] if word else -1 for word in pairs_of(words)]
        counts = [number >= 0 and self._weights[number] >= SLIGHT for number in numbers]
        for at, run in enumerate(self._runs(words).tolist()):
            if run in self._boilerplate:
                counts[at : at + 3] = False, False, False
        own = sorted({number for number, is_own in zip(numbers, counts, strict=True) if is_own})
        weights = {number: self._weights[number] for number in own}
        ends = (counts.index(True), counts[::-1].index(True)) if own else (0, 0)
        return Text(item, role, words, frozenset(numbers) - {-1}, weights, sum(weights.values()), *ends)

    def _inverted(self) -> tuple[Ints, Ints]:
        """The texts that have each word, one after the other by the word's number; and where those of each end."""
        having: list[list[int]] = [[] for _ in self._weights]
        for n, text in enumerate(self._texts):
            for number in text.weights:
                having[number].append(n)
        ends = np.cumsum([0, *map(len, having)], dtype=np.int64)
        return np.fromiter((n for texts in having for n in texts), np.int64, int(ends[-1])), ends

    def find(self, parts: Sequence[str]) -> Hit | None:
        """The text of an evaluation that is most surely in a row, if there is any; of equals the first.

        parts       what the row says: instruction, input and output, or its turns
        """
        if self._longest >= 0 and (same := self._same(parts)):
            return same
        whole = "\n".join(parts)
        numbers, words = self._known.of(whole), None
        best: Hit | None = None
        for start in range(0, max(1, len(numbers) - REACH), BLOCK - REACH):  # nearly always once
            block = numbers[start : start + BLOCK]
            for number, shared in self._likely(block):
                text = self._texts[number]
                if not best or shared > best.share * text.whole:
                    words = words or words_of(whole)
                    hit = self._hit(text, words[start : start + BLOCK], block, parts)
                    best = hit if hit and (not best or hit.share > best.share) else best
        return best

    def _likely(self, row: Sequence[int]) -> Iterable[tuple[int, float]]:
        """The texts of which a row has enough to be looked at, and how much weight that is."""
        there = np.array([*{*row} - {-1}], np.int64)
        ends = self._ends[there + 1]
        many = ends - self._ends[there]
        if not (total := int(many.sum())):
            return ()
        places = np.arange(total) + np.repeat(ends - np.cumsum(many), many)
        shared = np.bincount(self._having[places], np.repeat(self._rarity[there], many), len(self._texts))
        likely = (shared >= self._least).nonzero()[0]
        return zip(likely.tolist(), shared[likely].tolist(), strict=True) if len(likely) else ()

    def _same(self, parts: Sequence[str]) -> Hit | None:
        """An item that is all of a part, or of the first two, to the word."""
        for part in _units(parts, 2 * self._longest + 20):
            if text := self._exact.get(" ".join(words_of(part))):
                return Hit(1.0, text.item, text.role, part.strip())
        return None

    def _hit(self, text: Text, words: list[str], row: list[int], parts: Sequence[str]) -> Hit | None:
        """The hit, if the row has the text, inside something or as one of its parts."""
        start, end, shared = _densest(text, row)
        share, there = shared / text.whole, row[start:end]
        if not self._figures_agree(text, there):
            return None
        if shared >= CONTAINED and len(text.words) >= LONG:
            near = words[max(0, start - text.before - 1) : end + text.after + 1]
            copied = LCSseq.similarity(text.words, near) / len(text.words)
            is_copy = copied >= COPIED(shared) and share >= KEPT(shared)
            dense, is_question = shared / (shared + self._others(text, there)), text.role != "answer"
            is_told = copied >= ORDERED and shared >= SURE + FIRM and _is_told(shared - FIRM, share, dense)
            if is_copy or (is_told and is_question):
                return Hit(max(share, copied), text.item, text.role, _span(parts, words[start:end]))
        if shared >= SURE and text.role != "answer":
            return self._alike(text, parts)
        return None

    def _alike(self, text: Text, parts: Sequence[str]) -> Hit | None:
        """The hit, if a part of the row says what the text says and hardly more."""
        for part in _units(parts, 8 * len("".join(text.words)) + 100):
            words = words_of(part)
            numbers = {*self._known.of(part)}
            shared = sum(weight for number, weight in text.weights.items() if number in numbers)
            share, dense = shared / text.whole, shared / (shared + self._others(text, numbers) + 1e-9)
            alike = 2 * LCSseq.similarity(text.words, words) / (len(words) + len(text.words))
            is_copy = len(text.words) >= LONG and alike >= ALIKE and share >= KEPT(shared)
            is_told = alike >= (0.6 if shared < 20 else ORDERED) and _is_told(shared, share, dense)
            if is_copy or is_told:
                return Hit(share, text.item, text.role, part.strip())
        return None

    def _others(self, text: Text, row: Iterable[int]) -> float:
        """The weight of what a row says there besides the text's words."""
        weights = (self._weights[number] if number >= 0 else FOREIGN for number in set(row) - text.numbers)
        return sum(weight for weight in weights if weight >= SLIGHT)

    def _figures_agree(self, text: Text, row: Sequence[int]) -> bool:
        """Whether half of the numbers are there: the same sum with other numbers is another one."""
        figures = text.weights.keys() & self._digits
        return len(figures) < 2 or 2 * len(figures.intersection(row)) >= len(figures)


LONG = 8
"""Tokens from which a text may be found inside something longer."""
ORDERED = 0.3
"""Of the tokens of a text, those in its order in a row that says it in other words: the names of seven emotions are in
many texts, in any order."""
ALIKE = 0.73
"""ROUGE-L F of a part of a row that is a text of LONG tokens or more, edited."""
FIRM = 10.0
"""Weight that other words in the middle of something longer must share besides, since there are many such places."""


def _line(*points: tuple[float, float]) -> Callable[[float], float]:
    x, y = zip(*points, strict=True)
    return lambda at: float(np.interp(at, x, y))


# What is asked of a row, by the weight that it shares with the text: little weight is soon shared by chance, and proves
# something only with nearly all of a text and in its order. Set where 5,000 Alpaca rows have few false hits and seed
# tasks of which a fifth was edited are found.
COPIED = _line((12, 0.82), (20, 0.74), (40, 0.67), (100, 0.6))
"""Of the tokens of a text, those in a row in their order: an edit of a fifth leaves 0.8."""
KEPT = _line((12, 0.65), (20, 0.5), (40, 0.42))
"""Of its weight, what is left where it was edited."""
TOLD = _line((9, 0.97), (15, 0.9), (22, 0.72), (30, 0.6), (40, 0.5))
"""Of its weight, what is left where it was said in other words."""
TWO_SIDED = _line((9, 0.8), (15, 0.7), (25, 0.6), (40, 0.58))
"""Harmonic mean of that and of the share of the stretch's own weight that is the text's."""


def _is_told(shared: float, share: float, dense: float) -> bool:
    return share >= TOLD(shared) and 2 * share * dense / (share + dense + 1e-9) >= TWO_SIDED(shared)


def _least(whole: float) -> float:
    """The share of a text of this weight that a row must have to be looked at: never above what KEPT asks."""
    return 0.42 if whole >= 40 else 0.5


def _units(parts: Sequence[str], longest: int) -> Iterator[str]:
    """What may be all of an item: a part of a row, or an instruction with its input, of so many characters at most."""
    yield from (part for part in parts if len(part) <= longest)
    if len(parts) > 1 and len(parts[0]) + len(parts[1]) <= longest:
        yield "\n".join(parts[:2])


def _densest(text: Text, row: Sequence[int]) -> tuple[int, int, float]:
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
