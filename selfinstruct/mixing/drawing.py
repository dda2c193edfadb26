"""Rows kept aside, and drawn from many sources in turn: in little memory, the same each time, prefix-stable.

Each source's rows come in an order shuffled by the seed, again and otherwise each time they repeat. Whose turn it is
follows from the weights alone (smooth weighted round-robin): after every row, each source has had its share to within
one row. So any beginning of the result is a fair mixture, and a larger size extends a smaller one.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from selfinstruct.task import stream_of

__all__ = ["Drawn", "Shelf", "drawn"]


class Shelf:
    """Lines in a temporary file: 8 bytes a line in memory."""

    def __init__(self) -> None:
        self._file = cast(BinaryIO, TemporaryFile())  # noqa: SIM115  closed by `close`
        self._starts = array("q", [0])

    def __len__(self) -> int:
        return len(self._starts) - 1

    def put(self, line: bytes) -> None:
        self._file.write(line)
        self._starts.append(self._starts[-1] + len(line))

    def __getitem__(self, number: int) -> bytes:
        self._file.seek(self._starts[number])
        return self._file.read(self._starts[number + 1] - self._starts[number])

    def close(self) -> None:
        self._file.close()


@dataclass(slots=True)
class Drawn:
    """What may be drawn from one source."""

    name: str
    rows: int
    """Those that it has."""
    weight: float
    """0: as many as it has."""
    most: int
    """Of its rows, how many are drawn at all; 0: all."""
    repeats: float

    @property
    def sample(self) -> int:
        return min(self.rows, self.most) if self.most else self.rows

    @property
    def available(self) -> int:
        return round(self.sample * self.repeats)

    def order(self, seed: int) -> Iterator[int]:
        """Numbers of its rows, as they are drawn, `available` of them."""
        sample = list(range(self.rows))
        stream_of(f"{seed}/{self.name}/0").shuffle(sample)
        del sample[self.sample :]
        left, again = self.available, 0
        while left > 0 and sample:
            if again:
                stream_of(f"{seed}/{self.name}/{again}").shuffle(sample)
            yield from sample[:left]
            left -= len(sample)
            again += 1


def drawn(sources: Sequence[Drawn], size: int, seed: int) -> Iterator[tuple[int, int]]:
    """(source, row) numbers, in order.

    size    how many; 0: all that are available, or, where sources have weights, as many as keep to the shares. Where a
            size asks for more than a source has, the others go on without it.
    """
    weighted = any(one.weight for one in sources)
    shares = [one.weight if weighted else float(one.available) for one in sources]
    orders = [one.order(seed) for one in sources]
    left = [one.available for one in sources]
    credit = [0.0] * len(sources)
    alive = [at for at in range(len(sources)) if left[at] and shares[at]]
    if weighted and not size:
        size = int(min(one.available / one.weight for one in sources) * sum(shares) + 1e-9)
        alive = alive if size else []
    many = 0
    while alive and not (size and many >= size):
        total = sum(shares[at] for at in alive)
        for at in alive:
            credit[at] += shares[at] / total
        turn = max(alive, key=lambda at: (credit[at], -at))
        credit[turn] -= 1
        yield turn, next(orders[turn])
        many += 1
        left[turn] -= 1
        if not left[turn]:
            alive.remove(turn)
