"""The documents that are trained on, and those that are held out: read once to know them, and again for their tokens.

corpus = read_corpus(settings)
for text in corpus.documents(held_out=False): …

Nothing of a text is kept in memory but 8 bytes of its digest, so that a corpus may be larger than the memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b, sha256
from random import Random
from typing import TYPE_CHECKING

from selfinstruct.errors import UsageError
from selfinstruct.rows.documents import EMPTY, documents_in
from selfinstruct.rows.notes import Notes

from ..rows.holding_out import wanted
from ..settings import Settings

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Corpus", "read_corpus"]


@dataclass(frozen=True, slots=True)
class Corpus:
    data: tuple[str, ...]
    column: str
    lines: bool
    hash: str
    """SHA-256 of all texts in order, and of which DATA each is in."""
    sizes: tuple[int, ...]
    """Documents in each DATA."""
    characters: int
    """In all documents."""
    held_out: frozenset[int]
    """The numbers of the documents that are not trained on, over all DATA, from 0."""
    notes: Notes

    @property
    def total(self) -> int:
        """Documents, held out or not."""
        return sum(self.sizes)

    def texts(self, source: int, *, held_out: bool) -> Iterator[str]:
        """Those of one DATA that are trained on, or that are held out."""
        start = sum(self.sizes[:source])
        found = documents_in([self.data[source]], self.column, lines=self.lines)
        return (_whole(text) for number, text in enumerate(found, start) if (number in self.held_out) == held_out)

    def all_texts(self) -> Iterator[str]:
        """Those that are trained on."""
        return (text for source in range(len(self.data)) for text in self.texts(source, held_out=False))


def _whole(text: str) -> str:
    """Half of a surrogate pair, which JSON may hold, has no bytes that a tokenizer could take: it becomes "?"."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def read_corpus(settings: Settings) -> Corpus:
    """Read all documents once. Raises UsageError for what cannot be read, for no document, and for too many to hold
    out.
    """
    if "-" in settings.data:
        raise UsageError("text is read several times, and stdin can be read once: give a file")
    notes, digest, characters = Notes(), sha256(), 0
    digests, sizes = bytearray(), []
    for name in settings.data:
        before = len(digests)
        for text in documents_in([name], settings.column, lines=settings.lines, notes=notes):
            content = text.encode("utf-8", "replace")
            digests += blake2b(content, digest_size=8).digest()
            digest.update(len(content).to_bytes(8, "big") + content)
            characters += len(text)
        sizes.append((len(digests) - before) // 8)
        digest.update(b"\xff" * 8)  # no document is as long
        if not sizes[-1]:
            raise UsageError(f"{name} has no text to learn: {notes.done[EMPTY]:,} documents are empty")
    return Corpus(
        settings.data,
        settings.column,
        settings.lines,
        digest.hexdigest(),
        tuple(sizes),
        characters,
        _held_out(digests, settings.validation, settings.seed),
        notes,
    )


def _held_out(digests: bytes | bytearray, validation: float, seed: int) -> frozenset[int]:
    """Documents drawn at random, none of which is there a second time: it would be trained on as well."""
    import numpy as np

    keys: np.ndarray = np.frombuffer(digests, np.uint64)
    if not (count := wanted(validation, len(keys))):
        return frozenset()
    _, first, times = np.unique(keys, return_index=True, return_counts=True)
    single: Sequence[int] = np.sort(first[times == 1]).tolist()
    most = min(len(single), len(keys) - 1)
    if count > most:
        raise UsageError(
            f"validation={validation:g}, {count:,} documents, is too many: of {len(keys):,} {len(single):,} are there "
            f"only once, and some must be left to train on: --validation {most if most < 10 else most // 10}"
        )
    return frozenset(Random(f"{seed}/validation").sample(single, count))
