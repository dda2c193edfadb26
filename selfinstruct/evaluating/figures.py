"""Figures of marks: means with intervals of 95 %, and paired differences between models.

Items of one cluster (a family, a task's instances, a document) are no independent evidence: the error of a mean is
summed over clusters (Miller, 2411.00640, section 2.2). Of right and wrong the interval is Wilson's for as many items as
that error would be of, which holds near 0 and 1 as well.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from selfinstruct.evaluating.items import Mark
from selfinstruct.reviewing.estimates import Z, wilson

__all__ = ["Figure", "Row", "difference", "mean", "rows_of"]


class Figure(NamedTuple):
    value: float
    low: float
    """Of the interval, as is high; nan where one item alone cannot tell."""
    high: float
    many: int
    """Items."""


class Row(NamedTuple):
    """A line of the table."""

    suite: str
    name: str
    """ "" for the suite itself; else a part of it, or another figure."""
    unit: str
    """ "share", or "number"."""
    higher: bool
    cells: dict[str, Figure | None]
    """By model."""
    differences: dict[str, Figure | None]
    """To the first model, on the same items."""


def mean(marks: Sequence[Mark]) -> Figure | None:
    """The weighted mean of the marks; None without any."""
    if not marks:
        return None
    value, error, clusters = _mean([one.value for one in marks], marks)
    if {one.value for one in marks} <= {0.0, 1.0}:
        many = value * (1 - value) / error**2 if error > 0 else clusters
        return Figure(value, *wilson(value, min(many, len(marks))), len(marks))
    return Figure(value, *_around(value, error, marks), len(marks))


def _around(value: float, error: float, marks: Sequence[Mark]) -> tuple[float, float]:
    """Of scores from 0 to 1 no further than these."""
    low, high = value - Z * error, value + Z * error
    if math.isnan(error):
        return low, high
    scored = all(0 <= one.value <= 1 and one.weight == 1 for one in marks)
    return (max(0.0, low), min(1.0, high)) if scored else (low, high)


def difference(marks: Sequence[Mark], first: Sequence[Mark]) -> Figure | None:
    """How much higher the mean is than that of the first, on the items that both have; None without any."""
    others = {one.id: one.value for one in first}
    both = [one for one in marks if one.id in others]
    if not both:
        return None
    value, error, _ = _mean([one.value - others[one.id] for one in both], both)
    error = error if any(one.value != others[one.id] for one in both) else 0.0
    return Figure(value, value - Z * error, value + Z * error, len(both))


def _mean(values: Sequence[float], marks: Sequence[Mark]) -> tuple[float, float, int]:
    """The weighted mean, its clustered standard error, and the number of clusters.

    One cluster tells nothing about how others would be: then each item is one.
    """
    weights = np.array([one.weight for one in marks], dtype=np.float64)
    all_values = np.array(values, dtype=np.float64)
    names = [one.cluster or f"\0{one.id}" for one in marks]
    names = [one.id for one in marks] if len(set(names)) < 2 else names
    value = float(weights @ all_values / weights.sum())
    sums: dict[str, float] = {}
    for name, off in zip(names, (weights * (all_values - value)).tolist(), strict=True):
        sums[name] = sums.get(name, 0.0) + off
    many = len(sums)
    if many < 2:
        return value, math.nan, many
    spread = math.sqrt(math.fsum(off * off for off in sums.values()) * many / (many - 1))
    return value, spread / float(weights.sum()), many


def _of_groups(marks: Sequence[Mark]) -> list[Mark]:
    """A mark for each group, the mean of its own."""
    groups: dict[str, list[float]] = {}
    for one in marks:
        groups.setdefault(one.group, []).append(one.value)
    return [Mark(name, math.fsum(values) / len(values)) for name, values in groups.items()]


def groups_of(marks: Sequence[Mark]) -> dict[str, tuple[float, int]]:
    """Mean and number of marks by group, where there are groups."""
    many = Counter(one.group for one in marks)
    return {one.id: (one.value, many[one.id]) for one in _of_groups(marks)} if len(many) > 1 else {}


def rows_of(suite: Mapping[str, Any], marks: Mapping[str, Sequence[Mark]], models: Sequence[str]) -> list[Row]:
    """The lines of a suite; `suite` is what evaluation.json says of it, `marks` are by model."""
    name, is_text = suite["name"], suite["way"] == "text"
    known = {model: list(marks.get(model, ())) for model in models}
    unit = "number" if is_text or suite["way"] == "harness" else "share"

    def row(part: str, found: Mapping[str, Sequence[Mark]], unit: str = unit, higher: bool = suite["higher"]) -> Row:
        cells = {model: mean(found[model]) for model in models}
        first = found[models[0]]
        apart = {model: difference(found[model], first) for model in models[1:]}
        return Row(name, part, unit, higher, cells, apart)

    rows = [row(suite["figure"], known)]
    if is_text:
        rows.append(_perplexity(name, known))
    if suite["averaged"]:
        grouped = {model: _of_groups(found) for model, found in known.items()}
        rows.append(row(f"mean of {_count(grouped)} {suite['averaged']}", grouped))
    if seen := set(suite["seen"]):
        for text, is_seen in (("families trained on", True), ("families not trained on", False)):
            part = {model: [one for one in found if (one.group in seen) == is_seen] for model, found in known.items()}
            if any(part.values()):
                rows.append(row(text, part))
    if suite["way"] == "harness":
        rows = [row(group, _only(known, group)) for group in _groups(known.values())]
    return rows


def _count(grouped: Mapping[str, Sequence[Mark]]) -> int:
    return max(map(len, grouped.values()), default=0)


def _groups(marks: Iterable[Sequence[Mark]]) -> list[str]:
    return list(dict.fromkeys(one.group for some in marks for one in some))


def _only(known: Mapping[str, Sequence[Mark]], group: str) -> dict[str, list[Mark]]:
    return {model: [one for one in found if one.group == group] for model, found in known.items()}


def _perplexity(name: str, known: Mapping[str, Sequence[Mark]]) -> Row:
    """e to the mean loss of a token, with the ends of the interval in the same way. No difference: tokens differ."""
    cells: dict[str, Figure | None] = {}
    for model, found in known.items():
        tokens = [
            one._replace(value=one.value * one.weight * math.log(2) / one.tokens, weight=one.tokens)
            for one in found
            if one.tokens
        ]
        one = mean(tokens)
        cells[model] = one and Figure(_exp(one.value), _exp(one.low), _exp(one.high), one.many)
    return Row(name, "perplexity a token", "number", False, cells, {})


def _exp(value: float) -> float:
    return math.exp(min(value, 700.0))
