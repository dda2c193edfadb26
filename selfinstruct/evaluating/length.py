"""The win rate as it would be if no answer were longer than its opponent: for judges that love length.

As AlpacaEval 2.0 (2404.04475) does it, a logistic regression of the verdicts on who wrote the answer and on how much
longer it is, and from it the verdict at no difference at all. With d its length less the other's, in characters:

    P(win) = σ(θ + φ·tanh(d / spread of d) + χ·tanh(log of its length / the other's) + ψ·sign(d))        rate = σ(θ)

What differs from the published one, and why (figures: `benchmarks/judging.py`):
- φ is the published term. Longer answers change the spread by which it measures: with it alone, saying every answer
  twice moved the rate by 4 to 14 points. χ knows the ratio, and ψ a judge that takes the longer one by however little.
- How hard each instruction is, and a baseline told to be brief or verbose, are downloads: neither is in it. So a judge
  who loves length on easy instructions only is controlled by the mean.
- The penalties are fixed, small for length and larger for θ (published: an L1 penalty chosen by cross-validation): what
  length explains as well as the writer does is put down to length. A judge that always takes the longer one gives 50 %.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from selfinstruct.evaluating.intervals import Clusters, Estimate, Places, bootstrap

__all__ = ["length_controlled"]

Floats = npt.NDArray[np.float64]

PENALTIES = np.array([1.0, 0.002, 0.002, 0.002])
"""Of θ, φ, χ and ψ: half their squares times these, beside one item's log loss."""
_NEUTRAL = (1.0, 0.0, 0.0, 0.0)
"""The features of a pair as long as each other."""
STEPS, STRIDE, ENOUGH = 60, 2.0, 1e-7
DRAWS = 200
"""Of an interval: a regression each, half a second for 805 items."""


def length_controlled(
    scores: Sequence[float],
    lengths: Sequence[tuple[int, int]],
    clusters: Clusters = (),
    *,
    seed: int = 0,
    draws: int = DRAWS,
) -> Estimate:
    """The rate, and between which two it lies.

    scores      of each pair from 0, the answer lost, to 1, it won
    lengths     in characters, of the answer and of the one beside it
    Where all are as long as the other one it is the plain mean, but for the penalty.
    """
    y = np.asarray(scores, np.float64)
    if not len(y):
        return Estimate(math.nan, 0.0, 1.0, 0, 0)
    features = _features(lengths)
    # Who has always drawn may still win: one pair more for each side may be drawn, as in `intervals.difference`.
    scored, shown = np.append(y, (1.0, 0.0)), np.append(features, [_NEUTRAL, _NEUTRAL], axis=0)
    groups: list[Hashable] = [("own", one) for one in (clusters or range(len(y)))]

    def rate(places: Places) -> float:
        return _at_no_difference(shown[places], scored[places])

    low, high = bootstrap(rate, [*groups, "won", "lost"], seed=seed, draws=draws) if draws else (0.0, 1.0)
    value = rate(np.arange(len(y)))
    return Estimate(value, min(value, max(0.0, low)), max(value, min(1.0, high)), len(y), len(set(groups)))


def _features(lengths: Sequence[tuple[int, int]]) -> Floats:
    """[1, tanh of the difference by its spread, tanh of the log ratio, sign] of each pair."""
    both = np.asarray(lengths, dtype=np.float64).reshape(-1, 2)
    apart = both[:, 0] - both[:, 1]
    ratios = np.log((both[:, 0] + 1) / (both[:, 1] + 1))
    spread = float(apart.std()) or 1.0
    return np.stack([np.ones_like(apart), np.tanh(apart / spread), np.tanh(ratios), np.sign(apart)], axis=1)


def _at_no_difference(x: Floats, y: Floats) -> float:
    """σ(θ) of the penalised regression, by Newton's method."""
    weights = np.zeros(4)
    for _ in range(STEPS):
        p = _logistic(x @ weights)
        slope = x.T @ (p - y) + PENALTIES * weights
        bend = (x * (p * (1 - p))[:, None]).T @ x + np.diag(PENALTIES)
        step = np.linalg.solve(bend, slope)
        weights = weights - np.clip(step, -STRIDE, STRIDE)
        if float(np.abs(step).max()) < ENOUGH:
            break
    return float(_logistic(weights[:1])[0])


def _logistic(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -40, 40))), dtype=np.float64)
