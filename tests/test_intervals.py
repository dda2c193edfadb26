"""Intervals around marks: they hold as often as they say, and a model against itself is 0."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.evaluating.intervals import Estimate, bootstrap, difference, mean, share
from selfinstruct.reviewing.estimates import wilson

MARKS = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=40)


def test_a_share_of_items_apart_is_wilsons() -> None:
    found = share([1, 1, 1, 0, 1, 0, 1, 1])
    assert found == Estimate(0.75, *wilson(0.75, 8), 8, 8)


def test_of_nothing_nothing_is_known() -> None:
    for found in (share([]), mean([]), difference([], [])):
        assert math.isnan(found.value)
        assert found.items == 0
    assert share([])[1:3] == (0.0, 1.0)


@given(MARKS)
def test_a_model_against_itself_is_exactly_0(marks: list[float]) -> None:
    found = difference(marks, marks)
    assert found.value == 0
    assert found.low <= 0 <= found.high
    assert difference(marks, marks, span=0).value == 0


@given(MARKS, st.integers(1, 5), st.randoms(use_true_random=False))
def test_intervals_hold_the_value_and_stay_in_bounds(marks: list[float], size: int, rng: object) -> None:
    clusters = [place // size for place in range(len(marks))]
    others = marks[::-1]
    for found, low in ((share(marks, clusters), 0.0), (difference(marks, others, clusters), -1.0)):
        assert low <= found.low <= found.value + 1e-12
        assert found.value - 1e-12 <= found.high <= 1.0
        assert found.clusters == len(set(clusters))
    assert difference(others, marks, clusters).value == pytest.approx(-difference(marks, others, clusters).value)


def test_what_is_said_twice_is_no_more_evidence() -> None:
    marks = [1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0]
    twice = [mark for mark in marks for _ in range(2)]
    clusters = [place // 2 for place in range(len(twice))]
    apart, together, doubled = share(marks), share(twice, clusters), share(twice)
    assert doubled.high - doubled.low < apart.high - apart.low <= together.high - together.low
    both = difference(marks, marks[::-1]), difference(twice, [m for m in marks[::-1] for _ in range(2)], clusters)
    assert both[1][1:3] == pytest.approx(both[0][1:3], abs=1e-9)


def test_order_and_names_of_clusters_do_not_matter() -> None:
    marks, clusters = [1.0, 0.5, 0.0, 1.0, 0.25, 0.0], ["a", "b", "a", "c", "c", "b"]
    order = [5, 2, 0, 4, 1, 3]
    shuffled = share([marks[n] for n in order], [clusters[n].upper() for n in order])
    assert share(marks, clusters) == pytest.approx(shuffled)


def test_with_hardly_any_cluster_nothing_is_known() -> None:
    assert share([1, 0, 1, 1], ["a", "a", "b", "b"])[1:3] == (0, 1)
    assert difference([1, 1], [0, 0], ["a", "b"])[1:3] == (-1, 1)
    assert mean([2.5, 2.6])[1:3] == (-math.inf, math.inf)


def test_different_items_are_refused() -> None:
    with pytest.raises(ValueError, match="2 and 1 marks"):
        difference([1, 0], [1])
    with pytest.raises(ValueError, match="3 items and 2 clusters"):
        share([1, 0, 1], ["a", "b"])


def test_a_difference_of_pairs_is_finer_than_two_shares() -> None:
    rng = np.random.default_rng(0)
    one = (rng.random(400) < 0.5).astype(float)
    other = np.where(rng.random(400) < 0.05, 1 - one, one)
    apart = share(list(one)).high - share(list(one)).low
    found = difference(list(other), list(one))
    assert found.high - found.low < apart / 1.5


def held(trials: int, draw: Callable[[np.random.Generator], Estimate], truth: float) -> float:
    """How often the interval holds the truth."""
    found = [draw(np.random.default_rng(seed)) for seed in range(trials)]
    return sum(one.low <= truth <= one.high for one in found) / trials


TRIALS = 400


@pytest.mark.parametrize("truth", [0.5, 0.9])
def test_coverage_of_a_clustered_share(truth: float) -> None:
    """30 families of 5, which are easy or hard as wholes: an interval that knows no families holds far too seldom."""

    def draw(rng: np.random.Generator, known: bool = True) -> Estimate:
        easy = rng.beta(2 * truth, 2 * (1 - truth), 30)
        marks = (rng.random((30, 5)) < easy[:, None]).astype(float).ravel()
        return share(list(marks), [n // 5 for n in range(150)] if known else ())

    assert 0.92 <= held(TRIALS, draw, truth) <= 0.985
    assert held(TRIALS, lambda rng: draw(rng, False), truth) < 0.92


@pytest.mark.parametrize(("clusters", "better", "worse"), [(200, 0.08, 0.03), (40, 0.2, 0.1), (25, 0.0, 0.04)])
def test_coverage_of_a_clustered_difference(clusters: int, better: float, worse: float) -> None:
    """Few items on which two models differ, in clusters of two that mostly go together."""

    def draw(rng: np.random.Generator) -> Estimate:
        kind = rng.choice([1, -1, 0], clusters, p=[better, worse, 1 - better - worse])
        own = rng.choice([1, -1, 0], (clusters, 2), p=[better, worse, 1 - better - worse])
        off = np.where(rng.random((clusters, 2)) < 0.6, kind[:, None], own).ravel()
        return difference(list((off > 0) * 1.0), list((off < 0) * 1.0), [n // 2 for n in range(2 * clusters)])

    assert held(TRIALS, draw, better - worse) >= 0.925


def test_coverage_of_a_mean_of_few() -> None:
    assert 0.92 <= held(TRIALS, lambda rng: mean(list(rng.normal(3, 2, 12))), 3) <= 0.98


def test_a_bootstrap_is_the_same_each_time_and_knows_clusters() -> None:
    rng = np.random.default_rng(1)
    values = np.repeat(rng.normal(0, 1, 40), 5)
    clusters = [n // 5 for n in range(200)]
    found = bootstrap(lambda places: float(values[places].mean()), clusters, seed=3)
    assert found == bootstrap(lambda places: float(values[places].mean()), clusters, seed=3)
    assert found != bootstrap(lambda places: float(values[places].mean()), clusters, seed=4)
    by_formula = mean(list(values), clusters)
    assert found == pytest.approx((by_formula.low, by_formula.high), abs=0.05)
    blind = bootstrap(lambda places: float(values[places].mean()), range(200), seed=3)
    assert blind[1] - blind[0] < (found[1] - found[0]) / 1.8
    assert bootstrap(lambda places: 1.0, ["a", "a"]) == (-math.inf, math.inf)
