"""Which ids were there before, of any number of rows: 8 bytes each beyond the first 100,000."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import PurePath

import numpy

__all__ = ["Ids"]

FRESH = 100_000
"""Ids in a set, some 100 bytes each, before they go into the sorted array."""
OFTEN = 8
"""Times that an id is there before its number is kept."""
COMPRESSED = (".gz", ".zst", ".xz", ".bz2")


class Ids:
    """Ids are known by their 64-bit hashes, the same in every process: of 10,000,000 two are taken for one with a
    chance of 3 in a million, and then one of them gets a number that it did not need.
    """

    def __init__(self) -> None:
        self._fresh: set[int] = set()
        self._old = numpy.empty(0, numpy.int64)
        self._places: dict[str, int] = {}
        """Rows so far, by the stem of their file."""
        self._files: dict[str, str] = {}
        """Stems by file."""
        self._unnamed: dict[str, int] = {}
        """As `_places`, as long as no row had an id of its own: those ids are in no set."""
        self._named = False
        self._last = ""
        self._next: dict[str, int] = {}
        """Of ids that repeat often, the number to go on from: one id for all rows would take quadratic time."""

    def of_place(self, file: str) -> str:
        """The id of the next row of this file, if it has none: alpaca_7. Files with one stem go on counting."""
        stem = self._files.get(file)
        if stem is None:
            stem = self._files[file] = _stem(file)
        place = self._places.get(stem, 0)
        self._places[stem] = place + 1
        self._last = stem
        return f"{stem}_{place}"

    def taken(self, id: str, *, of_place: bool) -> str:
        """The id, or with a number behind it when it was there before; from now on it was."""
        if of_place and not self._named:
            return id
        if not self._named:
            self._named = True
            # Its own place is counted already, and has no id.
            self._unnamed = self._places | {self._last: self._places[self._last] - 1} if self._last else {}
        if not self._has(id):
            self._add(id)
            return id
        number = self._next.get(id, 2)
        while self._has(f"{id}-{number}"):
            number += 1
        if number >= OFTEN:
            self._next[id] = number + 1
        self._add(f"{id}-{number}")
        return f"{id}-{number}"

    def _has(self, id: str) -> bool:
        if self._unnamed:
            stem, _, place = id.rpartition("_")
            first = self._unnamed.get(stem, 0)
            if len(place) < 19 and place.isdecimal() and f"{int(place)}" == place and int(place) < first:
                return True
        key = _hash(id)
        if key in self._fresh:
            return True
        at = int(self._old.searchsorted(key))
        return at < len(self._old) and bool(self._old[at] == key)

    def _add(self, id: str) -> None:
        self._fresh.add(_hash(id))
        if len(self._fresh) >= FRESH:
            self._old = numpy.sort(numpy.concatenate([self._old, numpy.fromiter(self._fresh, numpy.int64)]))
            self._fresh.clear()


def _hash(id: str) -> int:
    digest = blake2b(id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def _stem(file: str) -> str:
    """alpaca of data/alpaca.jsonl.gz."""
    name = PurePath(file)
    return PurePath(name.stem).stem if name.suffix.lower() in COMPRESSED else name.stem
