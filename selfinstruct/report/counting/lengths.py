"""How long texts are: in words, or characters in scripts without spaces."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import Any

import numpy as np

__all__ = ["EDGES", "Lengths", "histogram"]

EDGES = (0, 1, 2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128, 181, 256, 362, 512, 724, 1024, 2048, 4096, 8192)
"""Of the bins, each half as long again as the one before: answers of 5 words and of 500 fit one figure. The same for
all data sets, so that they can be laid over one another; the last bin has no end.
"""


class Lengths:
    """Filled one at a time, 4 bytes each."""

    def __init__(self) -> None:
        self._found = array("i")

    def add(self, length: int) -> None:
        self._found.append(min(length, 2**31 - 1))

    def figures(self) -> dict[str, Any]:
        """{"texts", "mean", "tenth", "quarter", "median", "three_quarters", "nine_tenths", "longest", "bins"}; None for
        what no text has."""
        numbers = np.frombuffer(self._found, np.intc) if self._found else np.empty(0, np.intc)
        names = ("tenth", "quarter", "median", "three_quarters", "nine_tenths", "longest")
        if not len(numbers):
            return {"texts": 0, "mean": None, **dict.fromkeys(names), "bins": [0] * len(EDGES)}
        quantiles = np.quantile(numbers, (0.1, 0.25, 0.5, 0.75, 0.9, 1)).tolist()
        mean = round(float(numbers.mean()), 2)
        found = {name: round(value, 1) for name, value in zip(names, quantiles, strict=True)}
        return {"texts": len(numbers), "mean": mean, **found, "bins": histogram(numbers, EDGES)}


def histogram(numbers: Iterable[float], edges: tuple[float, ...]) -> list[int]:
    """How many numbers are in each bin, from its edge to before the next; the last has no end."""
    at = np.searchsorted(np.array(edges), np.asarray(numbers), side="right") - 1
    counts: list[int] = np.bincount(np.maximum(at, 0), minlength=len(edges)).tolist()
    return counts
