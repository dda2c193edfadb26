"""Which entries have a key in common with a new one: a table of hashes in arrays, 12 to 16 bytes a key."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence

import numpy as np

__all__ = ["Buckets"]

STEPS = 64
"""Entries of a bucket that are looked at, the last added first. A text that all begin with would else be compared with
all of them, and 1,000,000 rows with 500,000,000,000 pairs."""


class Buckets:
    """Entries are numbered from 0 on in the order in which they are added, each with `width` keys of 64 bits.

    A bucket is a chain of the keys whose low bits are the same; there are as many buckets as keys, or up to four times
    as many. Nothing in it depends on anything but the keys and their order.
    """

    def __init__(self, width: int = 1) -> None:
        self._width = width
        self._keys = array("Q")
        self._before = array("i")
        """The key before in the same bucket, by its place; -1 for none."""
        self._heads = array("i", [-1]) * 256
        """The last key of each bucket."""

    def __len__(self) -> int:
        return len(self._keys) // self._width

    def add(self, keys: Sequence[int]) -> None:
        """Adds an entry. Keys are spread over their low bits, as hashes are."""
        if len(self._keys) + self._width > len(self._heads):
            self._grow()
        mask, heads = len(self._heads) - 1, self._heads
        for place, key in enumerate(keys, len(self._keys)):
            bucket = key & mask
            self._before.append(heads[bucket])
            heads[bucket] = place
        self._keys.extend(keys)

    def sharing(self, keys: Sequence[int]) -> list[int]:
        """The entries with a key in common, those with most first, of equals the first added; at most STEPS a key.

        Keys are compared with those at the same place of an entry and at all others.
        """
        mask, heads, before, known = len(self._heads) - 1, self._heads, self._before, self._keys
        found: list[int] = []
        for key in keys:
            place, steps = heads[key & mask], 0
            while place >= 0 and steps < STEPS:
                if known[place] == key:
                    found.append(place // self._width)
                    steps += 1
                place = before[place]
        if len(found) < 2:
            return found
        return [entry for entry, _ in sorted(Counter(found).items(), key=lambda each: (-each[1], each[0]))]

    def _grow(self) -> None:
        """Four times as many buckets, so that all keys are put in place anew only now and then."""
        count = 4 * len(self._heads)
        buckets = (np.frombuffer(self._keys, np.uint64) & np.uint64(count - 1)).astype(np.uint32)
        order = np.argsort(buckets, kind="stable")
        sorted_ = buckets[order]
        same = sorted_[1:] == sorted_[:-1]
        before = np.full(len(order), -1, np.int32)
        before[order[1:]] = np.where(same, order[:-1], -1)
        heads = np.full(count, -1, np.int32)
        heads[sorted_] = order  # of several the last one stays
        self._before = array("i", before.tobytes())
        self._heads = array("i", heads.tobytes())
