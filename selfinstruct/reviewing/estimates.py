"""What a few answers say of all rows: rates with intervals, with or without a judge's verdict on all; agreement.

Intervals are of 95 %. `benchmarks/review.py` tries how often they hold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["Agreement", "Rate", "auc", "kappa", "rate", "rate_with_judge", "wilson"]

Z = 1.959964
"""Of the normal distribution, for 95 %."""
CAUTION = 1.5
"""How much a judge is doubted, see `rate_with_judge`: with 1 the intervals of rates near 1 hold a little too seldom."""

Floats = npt.NDArray[np.float64]


class Rate(NamedTuple):
    """A share, from 0 to 1, and between which two it lies."""

    value: float
    low: float
    high: float
    worth: float
    """How many answers, drawn from very many rows, would say as much; infinite where all rows were looked at."""

    @property
    def width(self) -> float:
        return self.high - self.low


def wilson(share: float, many: float) -> tuple[float, float]:
    """Wilson's interval of a share of so many answers; they need not be a whole number."""
    if many <= 0 or math.isnan(share):
        return 0.0, 1.0
    if math.isinf(many):
        return share, share
    centre = (share + Z * Z / (2 * many)) / (1 + Z * Z / many)
    half = Z * math.sqrt(share * (1 - share) / many + Z * Z / (4 * many * many)) / (1 + Z * Z / many)
    return max(0.0, centre - half), min(1.0, centre + half)


def rate(said: Sequence[float], weights: Sequence[float], rows: int) -> Rate:
    """The share of yes among the rows, of answers that are 1 or 0.

    weights     how many rows each answer stands for, all alike in a plain sample; only their ratios count
    rows        from which the sample was drawn: of 250 rows 200 answers leave little to guess

    Unequal weights make the answers worth fewer (Kish's effective size).
    """
    if not len(said):
        return Rate(math.nan, 0.0, 1.0, 0.0)
    y, w = _arrays(said, weights)
    value = min(1.0, float(np.dot(weights, y)) / float(np.sum(weights)))  # 1 where all are, to the last digit
    many = _of_few(_effective(w), rows)
    return Rate(value, *wilson(value, many), many)


def rate_with_judge(
    said: Sequence[float], judged: Sequence[float], weights: Sequence[float], mean: float, rows: int
) -> Rate:
    """The same, where a judge, on whatever scale, has a verdict on every row; what it says may be worthless.

    judged      its verdicts on the rows that people answered for
    mean        of its verdicts on all rows

    Prediction-powered inference with power tuning (Angelopoulos et al., 2311.01453, PPI++), whose estimate is survey
    sampling's regression estimator (Cochran, Sampling Techniques, chapter 7): the people's rate, put right by how much
    the judge likes the sample more than all rows, as far as judge and people go together. With their correlation r the
    answers are worth 1/(1 - r²) as many, and the interval is Wilson's for that many, which a normal interval around
    the estimate falls short of where nearly all rows are valid. In a sample that has few rows of one kind r looks
    better than it is: it is shrunk as if 1.5/(p(1-p)) more rows, of which the judge knows nothing, had been looked at.
    """
    alone = rate(said, weights, rows)
    if len(said) < 3:
        return alone
    y, w = _arrays(said, weights)
    f = np.asarray(judged, dtype=np.float64)
    around, off = y - w @ y, f - w @ f
    of_people, of_judge = float(w @ around**2), float(w @ off**2)
    if of_people <= 0 or of_judge <= 0:
        return alone
    many = _effective(w)
    p = (alone.value * many + 2) / (many + 4)
    belief = many / (many + CAUTION / (p * (1 - p)))
    together = float(w @ (around * off))
    slope = belief * together / of_judge
    r = belief * together / math.sqrt(of_people * of_judge)
    value = min(1.0, max(0.0, alone.value - slope * (float(w @ f) - mean)))
    worth = alone.worth / (1 - r * r) * (many - 2) / (many - 1)
    return alone if worth < alone.worth else Rate(value, *wilson(value, worth), worth)


def _arrays(said: Sequence[float], weights: Sequence[float]) -> tuple[Floats, Floats]:
    """The answers, and the weights so that they sum to 1."""
    w = np.asarray(weights, dtype=np.float64)
    return np.asarray(said, dtype=np.float64), w / w.sum()


def _effective(weights: Floats) -> float:
    return float(1 / (weights @ weights))


def _of_few(many: float, rows: int) -> float:
    """What a sample is worth that was drawn, without putting back, from so few rows."""
    return many * (rows - 1) / (rows - many) if many < rows - 1e-9 else math.inf


class Agreement(NamedTuple):
    """Of two who answered for the same rows."""

    rows: int
    share: float
    """Of the rows on which they agree."""
    kappa: float
    """Cohen's: 0 by chance, 1 always; nan where both always say the same one thing."""
    low: float
    high: float


def kappa(one: Sequence[str], other: Sequence[str]) -> Agreement:
    """Cohen's kappa (1960), with an interval: what chance alone would give taken as it is, Wilson's around the rest."""
    rows = len(one)
    if not rows:
        return Agreement(0, math.nan, math.nan, -1.0, 1.0)
    share = sum(a == b for a, b in zip(one, other, strict=True)) / rows
    kinds = {*one, *other}
    chance = sum(one.count(kind) * other.count(kind) for kind in kinds) / rows**2
    if chance >= 1:
        return Agreement(rows, share, math.nan, -1.0, 1.0)
    found = [(each - chance) / (1 - chance) for each in (share, *wilson(share, rows))]
    return Agreement(rows, share, found[0], max(-1.0, found[1]), found[2])


def auc(said: Sequence[float], judged: Sequence[float]) -> float:
    """How often the judge's verdict on a row that people call good is above that on a bad one, ties half; nan where all
    are of one kind.
    """
    y, f = np.asarray(said) > 0.5, np.asarray(judged, dtype=np.float64)
    good, bad = np.sort(f[y]), np.sort(f[~y])
    if not len(good) or not len(bad):
        return math.nan
    below = np.searchsorted(bad, good, "left") + np.searchsorted(bad, good, "right")
    return float(below.sum() / 2 / (len(good) * len(bad)))
