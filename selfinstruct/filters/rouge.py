"""Novelty: the most similar text kept so far, by ROUGE-L, decided exactly as `rouge_score` would on every pair.

ROUGE-L F of two token lists grows with their longest common subsequence (LCS). Scoring a candidate against all that was
kept, as the published scripts do, takes seconds at 52,000 texts. Here a text also has a signature of 128 bits, one bit
for each of its tokens (tokens may share a bit). A bit that one text has and the other lacks is at least one token
outside the LCS, so

    LCS <= min(|x| - |bits of x not in y|, |y| - |bits of y not in x|)

which NumPy counts for thousands of texts in microseconds. The bound never loses a text, the few that pass it (one or
two of 52,000) are scored with a real LCS and rouge_score's own formula, so that ties agree to the last bit.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import LCSseq

from selfinstruct.task import Task
from selfinstruct.text.tokens import tokens

__all__ = ["Instructions", "Novelty", "rouge_l"]

Ints = npt.NDArray[np.int64]

HALF = (1 << 64) - 1
BLOCK = 16_384
"""Entries scanned at once: their temporaries (16 + 2 bytes each) stay in the cache."""
MANY = 64
"""More entries than this are tested once more before any LCS is computed: texts of 100 tokens set most of the 128 bits,
so that signatures alone leave thousands, and 10 times the work."""
STEPS = 4
"""Groups in a doubling of the length, a power of two. More of them skip more entries, but to visit one costs as much as
to scan 3,000 entries."""


def rouge_l(a: Sequence[str], b: Sequence[str]) -> float:
    """ROUGE-L F of two token lists, equal to rouge_score's to the last bit; 0.0 when either is empty."""
    return _f(LCSseq.similarity(a, b), len(a), len(b))


def _f(lcs: int, n: int, m: int) -> float:
    """rouge_score's formula, in its order: 2·lcs/(n+m) is the same number but not always the same float."""
    if not lcs:
        return 0.0
    precision, recall = lcs / m, lcs / n
    return 2 * precision * recall / (precision + recall)


class Novelty:
    """Texts by id, and the most similar one to a new text. Adding is O(1); some 50 bytes an entry beyond its tokens."""

    def __init__(self) -> None:
        self._vocabulary: dict[str, int] = {}
        """Tokens are numbers, in order of first appearance."""
        self._ids: list[str] = []
        self._tokens = array("i")
        """The tokens of all entries, one after the other; entry i's are from starts[i] to starts[i + 1]."""
        self._starts = array("q", [0])
        self._groups: list[_Group] = []
        """Entries of about one length together, so that a query skips the lengths that cannot be similar."""

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, id: str, text: str) -> None:
        known = self._vocabulary
        numbers = [known.setdefault(word, len(known)) for word in tokens(text)]
        if numbers:  # a text without tokens is similar to nothing
            group = _group_of(len(numbers))
            while len(self._groups) <= group:
                self._groups.append(_Group(len(self._groups)))
            self._groups[group].add(_signature(numbers), len(self._ids), len(numbers))
        self._ids.append(id)
        self._tokens.extend(numbers)
        self._starts.append(len(self._tokens))

    def nearest_above(self, text: str, threshold: float) -> tuple[str, float] | None:
        """The id of the most similar entry with F > threshold, of equals the first added, and F; None if there is none.

        The threshold is strict, as published: at 0.7 an F of exactly 0.7 is still novel.
        """
        if not 0 <= threshold <= 1:
            raise ValueError(f"the threshold is {threshold}; ROUGE-L F is between 0 and 1")
        words = tokens(text)
        # A word that no entry has counts in the length, but can be in no LCS.
        numbers = array("i", [self._vocabulary[word] for word in words if word in self._vocabulary])
        best, best_entry = threshold, -1
        for bound, entry, length in self._possible(numbers, len(words), threshold):
            if bound < best or (bound == best and best_entry < entry):
                break  # highest bound first, of equals the first added: nothing better can follow
            other = self._tokens[self._starts[entry] : self._starts[entry + 1]]
            f = _f(LCSseq.similarity(numbers, other), len(words), length)
            if f > best or (f == best and entry < best_entry):
                best, best_entry = f, entry
        return (self._ids[best_entry], best) if best_entry >= 0 else None

    def _possible(self, numbers: Sequence[int], n: int, threshold: float) -> list[tuple[float, int, int]]:
        """(highest F it may have, entry, length) of the entries whose F may be above the threshold, best first.

        `numbers` are those of the text's n tokens that are in the vocabulary.
        """
        known, signature = len(numbers), _signature(numbers)
        bits = signature.bit_count()
        halves = np.array([[signature & HALF], [signature >> 64]], np.uint64)
        found = []
        for group in self._groups:
            # The LCS that F > threshold takes with the shortest entry here. The quotient may be a rounding off either
            # way, so a whole number just below it counts: too low costs time only.
            least = max(1, int(threshold * (n + group.shortest) / 2 - 1e-6) + 1)
            if least <= min(known, group.longest):
                # LCS <= known - (bits - common), where `common` is the number of bits in both.
                found += group.sharing(halves, least - known + bits)
        if not found:
            return []
        rows = np.concatenate(found, axis=1)
        common = np.bitwise_count(rows[:2] & halves).sum(axis=0, dtype=np.int64)
        theirs = np.bitwise_count(rows[:2]).sum(axis=0, dtype=np.int64)
        entries, lengths = rows[2:].astype(np.int64)
        lcs = np.minimum(known - bits, lengths - theirs) + common
        if len(entries) > MANY:
            lcs = np.minimum(lcs, self._shared(entries, lengths, numbers))
        # The operations of `_f` in their order, so that a bound is never a rounding below F.
        lcs = np.maximum(lcs, 1)  # a bound of 0 would be 0 / 0
        precision, recall = lcs / lengths, lcs / n
        bounds = 2 * precision * recall / (precision + recall)
        order = np.lexsort((entries, -bounds))
        order = order[: np.count_nonzero(bounds > threshold)]
        return list(zip(bounds[order].tolist(), entries[order].tolist(), lengths[order].tolist(), strict=True))

    def _shared(self, entries: Ints, lengths: Ints, numbers: Sequence[int]) -> Ints:
        """How many tokens of each entry are among `numbers`: an LCS has no others. [entries] -> [entries]"""
        among = np.zeros(len(self._vocabulary), np.bool_)
        among[numbers] = True
        joined = array("i")
        for entry in entries.tolist():
            joined += self._tokens[self._starts[entry] : self._starts[entry + 1]]
        shared = among[np.frombuffer(joined, np.intc)]
        return np.add.reduceat(shared, np.cumsum(lengths) - lengths, dtype=np.int64)


class _Group:
    """Signatures of the entries whose lengths are from `shortest` to `longest`, in columns that NumPy can scan."""

    def __init__(self, group: int) -> None:
        doublings = max(0, group // STEPS - 1)
        self.shortest = (group - STEPS * doublings) << doublings  # the inverse of _group_of
        self.longest = self.shortest + (1 << doublings) - 1
        self.size = 0
        self.rows = np.empty((4, 0), np.uint64)
        """Signature bits 0 to 63, bits 64 to 127, number of the entry, its length; [4, capacity], `size` in use."""

    def add(self, signature: int, entry: int, length: int) -> None:
        if self.size == self.rows.shape[1]:
            # An eighth more: O(1) a row in the long run, and at most 4 of a row's 32 bytes idle.
            rows = np.empty((4, self.size + self.size // 8 + 8), np.uint64)
            rows[:, : self.size] = self.rows
            self.rows = rows
        self.rows[:, self.size] = (signature & HALF, signature >> 64, entry, length)
        self.size += 1

    def sharing(self, halves: npt.NDArray[np.uint64], least: int) -> list[npt.NDArray[np.uint64]]:
        """Columns of `rows` with at least so many bits in common with a signature, given as [2, 1]; [] or [[4, found]].

        The only work done for every entry of similar length: some 1.5 ns each.
        """
        found = []
        for start in range(0, self.size, BLOCK):
            stop = min(start + BLOCK, self.size)
            common, high = np.bitwise_count(self.rows[:2, start:stop] & halves)
            common += high
            if common.max() >= least:  # a quarter of the time of nonzero(), which few blocks need
                found.append(self.rows[:, start + (common >= least).nonzero()[0]])
        return found


def _signature(numbers: Sequence[int]) -> int:
    """128 bits, one set for each token.

    Numbers are in order of first appearance, so the commonest words, which come early, have bits of their own; and no
    hash is involved that would differ from process to process.
    """
    signature = 0
    for number in numbers:
        signature |= 1 << (number & 127)
    return signature


def _group_of(length: int) -> int:
    """Short lengths have a group each; from there on there are STEPS groups in each doubling of the length."""
    doublings = max(0, length.bit_length() - STEPS.bit_length())
    return STEPS * doublings + (length >> doublings)


class Instructions:
    """The tasks of a pool by the ROUGE-L of their instructions, or of other texts of theirs."""

    def __init__(self, text: Callable[[Task], str] = lambda task: task.instruction) -> None:
        self.texts, self._text = Novelty(), text

    def add(self, task: Task) -> None:
        self.texts.add(task.id, self._text(task))
