"""Semantic duplicates: tasks that ask for the same in other words, by sentence embeddings.

An embedding by itself takes "Name three rivers in Asia" and "… in Africa" for one task, more surely than most
paraphrases: of the pairs that it finds, a quarter are different tasks at any threshold. So the words have a say
(`wording.differ`), and the input must be the same.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from selfinstruct.filters.alike import Alike, Said, check_of, check_share, said, weighty
from selfinstruct.filters.embeddings import WIDTH, embed, fits, is_latin, load
from selfinstruct.filters.pool import Pool
from selfinstruct.filters.wording import differ
from selfinstruct.task import Reason, Task
from selfinstruct.text.normal import plain

__all__ = ["Meanings", "Semantic"]

ABOVE = 0.83
"""Of Alpaca's pairs above it, and not told apart by their words, five in six are one task, read by eye; between 0.8
and 0.83 a half."""
STRETCH = 0.77
"""What a difference counts in other scripts than Latin: 0.78 of their model is 0.83, so that one threshold serves both.
"""
DIGITS = 4
"""Of a cosine that count: the last ones depend on what else is in a batch."""
BLOCK = 8_192
"""Kept tasks that are compared with those ahead at once."""
NEAREST = 16
"""Of the kept tasks above the threshold, how many are looked at word by word, the most similar first."""


@dataclass(frozen=True, slots=True)
class Semantic:
    """Asks for the same as one that was kept, in other words and with the same input; by embeddings."""

    by_row: ClassVar = True
    batched: ClassVar = True
    above: float = ABOVE
    """The cosine of two embeddings; in other scripts than Latin one of 0.78 counts as 0.83."""
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
Found = list[tuple[float, int]]
"""Similarities, and whose they are, by place."""


class Meanings:
    """Tasks kept so far by their embeddings, 2 kB each, twice that where both are compared.

    Only tasks with the same input are compared: "Translate this" asks for as many things as there are inputs. Texts
    that a model does not read to the end are not compared, nor are those that two models have read.
    """

    def __init__(self, above: float, of: str) -> None:
        self._above, self._of = above, of
        self._names = {"instruction": ("asked",), "answer": ("answer",), "both": ("asked", "answer")}[of]
        self._ids: list[str] = []
        self._asked: list[str] = []
        self._inputs = array("Q")
        """Hashes of their inputs, and of which model read the rest."""
        self._vectors = np.empty((len(self._names), 256, WIDTH), np.float32)
        self._ahead: dict[Said, tuple[Vectors, Found] | None] = {}
        """Of the tasks to come: embeddings [parts, WIDTH] and what is similar; None where a text is too long."""
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
        self._asked.append(texts.asked)
        self._inputs.append(self._hash(texts))

    def nearest(self, task: Task) -> tuple[str, float] | None:
        texts = said(task, self._of)
        if not (known := self._known(task, texts)):
            return None
        vectors, found = known
        (since,) = self._similar(vectors[:, None], [texts], self._seen)
        for similarity, entry in _best(found + since):
            if not differ(texts.asked, self._asked[entry]):
                return self._ids[entry], similarity
        return None

    def ahead(self, tasks: Sequence[Task]) -> None:
        """Embeds what these tasks say, and compares it with what was kept so far."""
        self._seen = len(self._ids)
        wanted = list(dict.fromkeys(said(task, self._of) for task in tasks))
        parts = [[getattr(texts, name) for texts in wanted] for name in self._names]
        fitting = [self._of != "answer" or weighty(texts.answer) for texts in wanted]
        for part in parts:
            fitting = [fit and one for fit, one in zip(fitting, fits(part), strict=True)]
        self._ahead = dict.fromkeys(wanted)
        places = [at for at, fit in enumerate(fitting) if fit]
        vectors = np.stack([embed([part[at] for at in places]) for part in parts])
        similar = self._similar(vectors, [wanted[at] for at in places], 0)
        for number, (at, found) in enumerate(zip(places, similar, strict=True)):
            self._ahead[wanted[at]] = vectors[:, number], found

    def _known(self, task: Task, texts: Said) -> tuple[Vectors, Found] | None:
        if texts not in self._ahead:
            self.ahead([task])
        return self._ahead[texts]

    def _latin(self, texts: Said) -> list[bool]:
        """Of each part."""
        return [is_latin(getattr(texts, name)) for name in self._names]

    def _hash(self, texts: Said) -> int:
        text = f"{plain(texts.given)}\x1f{self._latin(texts)}"
        return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")

    def _similar(self, vectors: Vectors, asked: Sequence[Said], start: int) -> list[Found]:
        """For each of [parts, n, WIDTH] the most similar entries from `start` on with the same input, above the
        threshold in each part.
        """
        found: list[Found] = [[] for _ in asked]
        if start >= len(self._ids):
            return found
        ours, theirs = np.array([*map(self._hash, asked)], np.uint64), np.frombuffer(self._inputs, np.uint64)
        counts = np.where(np.array([*map(self._latin, asked)]).T, 1, STRETCH)[..., None]  # [parts, n, 1]
        for at in range(start, len(theirs), BLOCK):
            stop = min(at + BLOCK, len(theirs))
            cosines = 1 - counts * (1 - vectors @ self._vectors[:, at:stop].transpose(0, 2, 1))
            cosines = cosines.min(axis=0).round(DIGITS)
            above = (cosines > self._above) & (ours[:, None] == theirs[None, at:stop])
            for row, column in zip(*map(np.ndarray.tolist, above.nonzero()), strict=True):
                found[row].append((float(cosines[row, column]), at + column))
            found = [_best(each) for each in found]
        return found


def _best(found: Found) -> Found:
    """The most similar first, of equals the first kept."""
    return sorted(found, key=lambda each: (-each[0], each[1]))[:NEAREST]
