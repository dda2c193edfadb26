"""Semantic duplicates: tasks that ask for the same in other words, by sentence embeddings."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from selfinstruct.filters.alike import Alike, Said, check_of, check_share, said, weighty
from selfinstruct.filters.embeddings import LONGEST, WIDTH, embed, load, sizes
from selfinstruct.filters.pool import Pool
from selfinstruct.task import Reason, Task
from selfinstruct.text.normal import plain

__all__ = ["Meanings", "Semantic"]

ABOVE = 0.9
DIGITS = 4
"""Of a cosine that count: the last ones depend on what else is in a batch."""
BLOCK = 8_192
"""Kept tasks that are compared with those ahead at once."""


@dataclass(frozen=True, slots=True)
class Semantic:
    """Asks for the same in other words as one that was kept, with the same input, by sentence embeddings. English."""

    by_row: ClassVar = True
    batched: ClassVar = True
    above: float = ABOVE
    """The cosine of two embeddings."""
    of: str = "instruction"
    """instruction, answer (of 8 words or more), or both, each of them. The inputs are compared as exact does."""

    def __post_init__(self) -> None:
        check_share(self.above, "semantic", "a cosine", ABOVE)
        check_of(self.of, "semantic")

    def ready(self) -> None:
        """Loads the model: seconds, in which a run that has begun would leave its answers unread."""
        load()

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        nearest = pool.index(self, lambda: Meanings(self.above, self.of)).nearest(task)
        return Alike("semantic", *nearest) if nearest else None


Vectors = npt.NDArray[np.float32]


class Meanings:
    """Tasks kept so far by their embeddings, 1.5 kB each, twice that where both are compared.

    Only tasks with the same input are compared: "Translate this" asks for as many things as there are inputs. Texts
    that the model does not read to the end are in no index.
    """

    def __init__(self, above: float, of: str) -> None:
        self._above, self._of = above, of
        self._ids: list[str] = []
        self._inputs = array("Q")
        """Hashes of their inputs."""
        self._vectors = np.empty((2 if of == "both" else 1, 256, WIDTH), np.float32)
        self._ahead: dict[Said, tuple[Vectors, float, int] | None] = {}
        """Of the tasks to come: embeddings [parts, WIDTH], the highest similarity and whose it is; None: too long."""
        self._seen = 0
        """How many were kept when those to come were compared."""

    def add(self, task: Task) -> None:
        texts = said(task, self._of)
        if not (known := self._known(task, texts)):
            return
        at, room = len(self._ids), self._vectors.shape[1]
        if at == room:
            self._vectors = np.concatenate([self._vectors, np.empty_like(self._vectors)], axis=1)
        self._vectors[:, at] = known[0]
        self._ids.append(task.id)
        self._inputs.append(_hash(texts.given))

    def nearest(self, task: Task) -> tuple[str, float] | None:
        texts = said(task, self._of)
        if not (known := self._known(task, texts)):
            return None
        vectors, best, best_entry = known
        if self._seen < len(self._ids):
            ((similarity, entry),) = self._best(vectors[:, None], [_hash(texts.given)], self._seen)
            if similarity > best:
                best, best_entry = similarity, entry
        return (self._ids[best_entry], best) if best > self._above else None

    def ahead(self, tasks: Sequence[Task]) -> None:
        """Embeds what these tasks say, and compares it with what was kept so far."""
        self._ahead.clear()
        self._seen = len(self._ids)
        wanted = list(dict.fromkeys(said(task, self._of) for task in tasks))
        parts = [[getattr(texts, name) for texts in wanted] for name in self._parts()]
        fits = [True] * len(wanted)
        for part in parts:
            fits = [fit and size <= LONGEST for fit, size in zip(fits, sizes(part), strict=True)]
        if self._of == "answer":
            fits = [fit and weighty(texts.answer) for fit, texts in zip(fits, wanted, strict=True)]
        self._ahead.update(dict.fromkeys(wanted))
        places = [at for at, fit in enumerate(fits) if fit]
        vectors = np.stack([embed([part[at] for at in places]) for part in parts])
        best = self._best(vectors, [_hash(wanted[at].given) for at in places], 0)
        for number, (at, (similarity, entry)) in enumerate(zip(places, best, strict=True)):
            self._ahead[wanted[at]] = vectors[:, number], similarity, entry

    def _parts(self) -> list[str]:
        return {"instruction": ["asked"], "answer": ["answer"], "both": ["asked", "answer"]}[self._of]

    def _known(self, task: Task, texts: Said) -> tuple[Vectors, float, int] | None:
        if texts not in self._ahead:
            self.ahead([task])
        return self._ahead[texts]

    def _best(self, vectors: Vectors, inputs: Sequence[int], start: int) -> list[tuple[float, int]]:
        """For each of [parts, n, WIDTH] the highest similarity to an entry from `start` on with the same input, and
        the first of those entries; (-1, -1) when there is none.
        """
        n, end = vectors.shape[1], len(self._ids)
        found = [(-1.0, -1)] * n
        if start >= end:
            return found
        theirs = np.frombuffer(self._inputs, np.uint64)
        ours = np.array(inputs, np.uint64)
        for at in range(start, end, BLOCK):
            stop = min(at + BLOCK, end)
            cosines = (vectors @ self._vectors[:, at:stop].transpose(0, 2, 1)).min(axis=0)
            cosines[ours[:, None] != theirs[None, at:stop]] = -1
            places = cosines.argmax(axis=1)
            for number, place in enumerate(places.tolist()):
                similarity = round(float(cosines[number, place]), DIGITS)
                if similarity > found[number][0]:
                    found[number] = similarity, at + place
        return found


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(plain(text).encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
