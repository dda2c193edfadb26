"""Intervals of 95 % around marks: of a share, of a mean, of the difference of two models on the same items.

Items that say nearly the same (a task's instances, a family, a twin beside its task) are a cluster, and count for less
than as many items apart (Miller, "Adding Error Bars to Evals", 2411.00640). Two models that have answered the same
items are compared item by item, which is much finer than two intervals side by side. `benchmarks/judging.py` tries how
often the intervals hold.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from selfinstruct.reviewing.estimates import Z, wilson

__all__ = ["Estimate", "bootstrap", "difference", "mean", "share"]

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Clusters = Sequence[Hashable]
"""The cluster of each item; () where every item stands for itself."""

DRAWS = 1_000
FEWEST = 3
"""Clusters with which a spread can be guessed at all; with fewer an interval is as wide as it can be."""


class Estimate(NamedTuple):
    value: float
    """nan where there is no item."""
    low: float
    high: float
    items: int
    clusters: int

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def share(marks: Sequence[float], clusters: Clusters = ()) -> Estimate:
    """The mean of marks from 0 to 1: right or wrong, or ROUGE-L as a share; between which two it lies.

    Wilson's interval for as many items as they are worth: which is all of them where each is right or wrong and stands
    for itself. Where they vary by nothing, as when all are right, they are worth as many as there are clusters.
    """
    y, groups = _read(marks, clusters)
    if not len(y):
        return Estimate(math.nan, 0.0, 1.0, 0, 0)
    value, many = float(y.mean()), int(groups.max()) + 1
    if many == len(y) and bool(np.isin(y, (0, 1)).all()):
        return Estimate(value, *wilson(value, len(y)), len(y), many)
    if many < FEWEST:
        return Estimate(value, 0.0, 1.0, len(y), many)
    variance = _variance(y - value, groups)
    worth = value * (1 - value) / variance if variance > 0 and 0 < value < 1 else float(many)
    return Estimate(value, *wilson(value, worth * (Z / _t(many - 1)) ** 2), len(y), many)


def mean(values: Sequence[float], clusters: Clusters = ()) -> Estimate:
    """The mean of values of any size, such as the loss of each document, with the clustered interval of Student's t."""
    y, groups = _read(values, clusters)
    if not len(y):
        return Estimate(math.nan, -math.inf, math.inf, 0, 0)
    value, many = float(y.mean()), int(groups.max()) + 1
    if many < FEWEST:
        return Estimate(value, -math.inf, math.inf, len(y), many)
    half = _t(many - 1) * math.sqrt(_variance(y - value, groups))
    return Estimate(value, value - half, value + half, len(y), many)


def difference(
    ones: Sequence[float], others: Sequence[float], clusters: Clusters = (), *, span: float = 1.0
) -> Estimate:
    """How much greater `ones` are than `others` on average, item by item; 0 of a model against itself.

    span        the most that two marks of an item can differ by, 0 where there is no such bound

    Where two models never differ in a few items, they may still do in others. So with a bound the interval is taken as
    if one more average cluster had spoken for each side by half of the bound, as Agresti and Min (2005) add half an
    item to each cell of a table of pairs. Raises ValueError where there are not as many of the one as of the other.
    """
    if len(ones) != len(others):
        raise ValueError(f"{len(ones)} and {len(others)} marks: a difference is of the same items")
    y, groups = _read(np.asarray(ones, np.float64) - np.asarray(others, np.float64), clusters)
    if not span or not len(y):
        return mean(list(y), clusters)
    value, many = float(y.mean()), int(groups.max()) + 1
    if many < FEWEST:
        return Estimate(value, -span, span, len(y), many)
    size = len(y) / many
    centre = float(y.sum()) / (len(y) + 2 * size)
    # Half of a cluster on either side, each as far as can be: together one cluster's square.
    sums = np.bincount(groups, weights=y - centre)
    squares = many / (many - 1) * float(sums @ sums) + (size * span) ** 2 + (size * centre) ** 2
    half = _t(many - 1) * math.sqrt(squares) / (len(y) + 2 * size)
    low, high = max(-span, min(value, centre - half)), min(span, max(value, centre + half))
    return Estimate(value, low, high, len(y), many)


def bootstrap(
    statistic: Callable[[Places], float], clusters: Clusters, *, seed: int = 0, draws: int = DRAWS
) -> tuple[float, float]:
    """Between which two a statistic of the items lies, by the percentiles of whole clusters drawn with putting back.

    statistic   of the places of the items that were drawn, an item as often as it was
    clusters    the cluster of each item

    The same seed gives the same interval. For figures without a formula, such as a length-controlled win rate.
    """
    _, groups = _read(np.zeros(len(clusters)), clusters)
    many = int(groups.max()) + 1 if len(groups) else 0
    if many < FEWEST:
        return -math.inf, math.inf
    order = np.argsort(groups, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(groups))[:-1])
    rng = np.random.default_rng(seed)
    found = [statistic(np.concatenate([members[one] for one in rng.integers(0, many, many)])) for _ in range(draws)]
    low, high = np.percentile([one for one in found if not math.isnan(one)] or [math.nan], (2.5, 97.5))
    return float(low), float(high)


def _read(values: Sequence[float] | Floats, clusters: Clusters) -> tuple[Floats, Places]:
    """The values, and the number of each one's cluster, from 0 on. Raises ValueError."""
    y = np.asarray(values, dtype=np.float64)
    if not len(clusters):
        return y, np.arange(len(y))
    if len(clusters) != len(y):
        raise ValueError(f"{len(y)} items and {len(clusters)} clusters: each item is in one")
    numbers: dict[Hashable, int] = {}
    return y, np.array([numbers.setdefault(one, len(numbers)) for one in clusters], dtype=np.int64)


def _variance(off: Floats, groups: Places) -> float:
    """Of the mean: the squares of the clusters' sums of what each item is off, and a little more for few clusters."""
    sums = np.bincount(groups, weights=off)
    return len(sums) / (len(sums) - 1) * float(sums @ sums) / len(off) ** 2


def _t(free: int) -> float:
    """Student's 97.5 % point, by the expansion of Cornish and Fisher: 0.3 % too small with 3 degrees of freedom."""
    z = Z
    return (
        z
        + (z**3 + z) / (4 * free)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * free**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * free**3)
    )
