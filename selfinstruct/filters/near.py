"""Near duplicates: texts that have most of their words in common, in the same order, found by MinHash.

A text is the set of its shingles, three pieces in a row each (words, signs, or characters in scripts without spaces),
and two texts are as similar as the Jaccard similarity of their sets: the shingles that both have by those that either
has. A text of fewer pieces is one shingle, the whole of it; up to a dozen words two texts are near only when they say
the same but for punctuation and case. A sketch of 128 numbers (MinHash, by rensa) says which of those kept may be
similar; each of these is then compared set by set. A new text is compared with what was kept, and never with what was
dropped, so that no chain of small steps makes duplicates of texts that are not.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from functools import cache
from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

from selfinstruct.filters.alike import Alike, check_of, check_share, said, weighty
from selfinstruct.filters.buckets import Buckets
from selfinstruct.filters.pool import Pool
from selfinstruct.task import Reason, Task
from selfinstruct.text.normal import plain
from selfinstruct.text.tokens import pieces

__all__ = ["Near", "Sketches", "banding", "jaccard"]

SKETCH = 128
"""Numbers of a sketch: the similarity that they estimate is off by 4 points as a rule, and only chooses whom to ask."""
SEED = 1
FOUND = 0.995
"""Share of the pairs just above the threshold that are to be found; of more similar ones it is nearer to all."""
ASKED = 64
"""Kept texts that one is compared with at most, those first that share most of their sketch."""
PARTS = 3


@dataclass(frozen=True, slots=True)
class Near:
    """Has more than 0.8 of its three-word runs in common with one that was kept (MinHash, then compared exactly)."""

    by_row: ClassVar = True
    above: float = 0.8
    """The Jaccard similarity, of the instruction, the input and the answer each; 1 keeps all."""
    of: str = "both"
    """instruction (with its input), answer, or both. Answers of under 8 words are not compared alone."""

    def __post_init__(self) -> None:
        check_share(self.above, "near", "a Jaccard similarity", 0.8)
        check_of(self.of, "near")

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        nearest = pool.index(self, lambda: Sketches(self.above, self.of)).nearest(task)
        return Alike("near", *nearest) if nearest else None


class _Sketch(NamedTuple):
    parts: list[frozenset[int]]
    """32-bit hashes of the shingles of each part; two of a text's are the same once in some 40 texts of 100,000."""
    keys: list[int]
    """A hash of each band of the sketch."""


class Sketches:
    """Texts kept so far: 4 bytes a shingle, and 16 to 24 for each of some 20 bands."""

    def __init__(self, above: float, of: str) -> None:
        self._above, self._of = above, of
        self._bands, self._rows = banding(above)
        self._buckets = Buckets(self._bands)
        self._ids: list[str] = []
        self._shingles = array("I")
        """Of all texts, one after the other, PARTS each; where part p of text i begins is at starts[PARTS * i + p]."""
        self._starts = array("q", [0])
        self._last: tuple[Task, _Sketch | None] | None = None
        """What was asked for last is kept as a rule."""

    def add(self, task: Task) -> None:
        if sketch := self._sketch(task):
            self._buckets.add(sketch.keys)
            self._ids.append(task.id)
            for part in sketch.parts:
                self._shingles.extend(part)
                self._starts.append(len(self._shingles))

    def nearest(self, task: Task) -> tuple[str, float] | None:
        sketch = self._sketch(task)
        if not sketch:
            return None
        best, best_entry = self._above, -1
        for entry in self._buckets.sharing(sketch.keys)[:ASKED]:
            similarity = self._similarity(sketch, entry, best)
            if similarity > best or (similarity == best and entry < best_entry):
                best, best_entry = similarity, entry
        return (self._ids[best_entry], best) if best_entry >= 0 else None

    def _similarity(self, sketch: _Sketch, entry: int, least: float) -> float:
        """The lowest of the parts' similarities; 0.0 when it is surely below `least`."""
        lowest = 1.0
        for number, part in enumerate(sketch.parts, PARTS * entry):
            start, end = self._starts[number], self._starts[number + 1]
            size = end - start
            if not part and not size:
                continue
            if min(len(part), size) < least * max(len(part), size):
                return 0.0
            common = len(part.intersection(self._shingles[start:end]))
            lowest = min(lowest, common / (len(part) + size - common))
            if lowest < least:
                return 0.0
        return lowest

    def _sketch(self, task: Task) -> _Sketch | None:
        """None for a text that is not compared."""
        if self._last and self._last[0] is task:
            return self._last[1]
        texts = said(task, self._of)
        sketch = None
        if self._of != "answer" or weighty(texts.answer):
            runs = [_shingles(text) for text in texts]
            # Of all parts at once, which are about as similar as the least similar of them, or more.
            made = RMinHash(SKETCH, SEED)
            for run in runs:
                made.update(run)
            parts = [frozenset(number >> 32 for number in numbers) for numbers in RMinHash.hash_token_sets(runs)]
            sketch = _Sketch(parts, self._keys(made.digest()))
        self._last = task, sketch
        return sketch

    def _keys(self, digest: list[int]) -> list[int]:
        rows = np.array(digest[: self._bands * self._rows], np.uint64).reshape(self._bands, self._rows)
        keys: list[int] = _mixed(rows, _odd(self._rows), np.arange(self._bands, dtype=np.uint64)).tolist()
        return keys


def _shingles(text: str) -> list[str]:
    if not text.isascii():  # half a surrogate pair, as JSON may have it, is in no UTF-8
        text = text.encode("utf-8", "backslashreplace").decode()
    words = pieces(text)
    if len(words) < 3:
        return [" ".join(words) or plain(text)] if text.strip() else []
    return [f"{one} {two} {three}" for one, two, three in zip(words, words[1:], words[2:], strict=False)]


def jaccard(a: str, b: str) -> float:
    """How similar two texts are: the share of the shingles of either that both have; 0.0 when neither has any."""
    ours, theirs = set(_shingles(a)), set(_shingles(b))
    return len(ours & theirs) / len(ours | theirs) if ours or theirs else 0.0


@cache
def banding(above: float) -> tuple[int, int]:
    """How many bands a sketch is cut into, and of how many numbers each.

    Two sketches that are equal in a band are candidates. Longer bands mean fewer of them; they are as long as FOUND of
    the pairs at the threshold allow: 21 of 6 at 0.8.
    """
    fitting = (rows for rows in range(1, SKETCH + 1) if 1 - (1 - max(above, 0.02) ** rows) ** (SKETCH // rows) >= FOUND)
    rows = max(fitting, default=1)
    return SKETCH // rows, rows


@cache
def _odd(rows: int) -> npt.NDArray[np.uint64]:
    return np.array([pow(0x9E3779B97F4A7C15, 2 * n + 1, 1 << 64) for n in range(rows)], np.uint64)


def _mixed(
    rows: npt.NDArray[np.uint64], odd: npt.NDArray[np.uint64], bands: npt.NDArray[np.uint64]
) -> npt.NDArray[np.uint64]:
    """A key for each row of numbers: [bands, rows] -> [bands]. The same numbers in two bands are two keys."""
    keys: npt.NDArray[np.uint64] = (rows * odd).sum(axis=1, dtype=np.uint64)
    keys += (bands + np.uint64(1)) * np.uint64(0xD1B54A32D192ED03)
    keys ^= keys >> np.uint64(29)
    keys *= np.uint64(0xBF58476D1CE4E5B9)
    return keys ^ (keys >> np.uint64(32))
