"""Figures of marks: means with intervals of 95 %, and paired differences between models, as `intervals` has them.

Items of one cluster (a family, a task's instances, a document) are no independent evidence. Marks that weigh unlike, as
the bits of texts of unlike length do, have the mean of all bits over all bytes; its interval is that of a ratio, as far
as that is a straight line (Cochran, Sampling Techniques, section 2.11).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from selfinstruct.evaluating import intervals
from selfinstruct.evaluating.against import outcomes_in
from selfinstruct.evaluating.intervals import Estimate
from selfinstruct.evaluating.items import Mark
from selfinstruct.evaluating.pairwise import parts_of, rate_of, won

__all__ = ["Row", "difference", "groups_of", "mean", "rows_of"]


class Row(NamedTuple):
    """A line of the table."""

    suite: str
    name: str
    """ "" for the suite itself; else a part of it, or another figure."""
    unit: str
    """ "share", or "number"."""
    higher: bool
    cells: dict[str, Estimate | None]
    """By model."""
    differences: dict[str, Estimate | None]
    """To the first model, on the same items."""


def mean(marks: Sequence[Mark], *, scored: bool = True) -> Estimate | None:
    """The weighted mean of the marks; None without any. `scored`: they are from 0 to 1."""
    if not marks:
        return None
    values, clusters = _straight([one.value for one in marks], marks), _clusters(marks)
    return intervals.share(values, clusters) if scored else intervals.mean(values, clusters)


def difference(marks: Sequence[Mark], first: Sequence[Mark], *, scored: bool = True) -> Estimate | None:
    """How much higher the mean is than that of the first, on the items that both have; None without any."""
    others = {one.id: one.value for one in first}
    both = [one for one in marks if one.id in others]
    if not both:
        return None
    apart = _straight([one.value - others[one.id] for one in both], both)
    return intervals.difference(apart, [0.0] * len(apart), _clusters(both), span=float(scored))


def _straight(values: Sequence[float], marks: Sequence[Mark]) -> list[float]:
    """Values whose plain mean, and its error, are those of the weighted mean."""
    whole = math.fsum(one.weight for one in marks)
    middle = math.fsum(value * one.weight for value, one in zip(values, marks, strict=True)) / whole
    if all(one.weight == marks[0].weight for one in marks):
        return list(values)
    many = len(marks) / whole
    return [middle + (value - middle) * one.weight * many for value, one in zip(values, marks, strict=True)]


def _clusters(marks: Sequence[Mark]) -> list[str]:
    """Of each mark; what is all in one cluster tells nothing about other ones, and each item stands for itself."""
    names = [one.cluster or f"\0{one.id}" for one in marks]
    return names if len(set(names)) > 1 else [one.id for one in marks]


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
        scored = unit == "share"
        cells = {model: mean(found[model], scored=scored) for model in models}
        first = found[models[0]]
        apart = {model: difference(found[model], first, scored=scored) for model in models[1:]}
        return Row(name, part, unit, higher, cells, apart)

    rows = [row(suite["figure"], known)]
    if suite["way"] == "pairs":
        return _pairs(name, known, models, suite["against"] or models[0])
    rows += [row(part, _further(known, part)) for part in _parts(known.values())]
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


def _parts(marks: Iterable[Sequence[Mark]]) -> list[str]:
    """The further figures that marks have."""
    return list(next((one.more for some in marks for one in some), ()))


def _further(known: Mapping[str, Sequence[Mark]], part: str) -> dict[str, list[Mark]]:
    """Marks of a further figure; several of an item are a cluster."""
    return {
        model: [
            Mark(f"{one.id}-{number}", value, cluster=one.cluster or one.id)
            for one in found
            for number, value in enumerate(one.more.get(part, ()))
        ]
        for model, found in known.items()
    }


def _pairs(name: str, known: Mapping[str, Sequence[Mark]], models: Sequence[str], beside: str) -> list[Row]:
    """Win rates: as they are, and as they would be if no answer were longer."""
    outcomes = {model: outcomes_in(marks) for model, marks in known.items() if marks}
    found = {model: won(some) for model, some in outcomes.items()}
    rates = {model: found[model].rate if model in found else None for model in models}
    controlled = {model: found[model].controlled if model in found else None for model in models}
    rows = [
        Row(name, f"win rate against {beside}", "share", True, rates, {}),
        Row(name, "length-controlled", "share", True, controlled, {}),
    ]
    parts = {model: parts_of(some) for model, some in outcomes.items()}
    for part in dict.fromkeys(part for of in parts.values() for part in of):
        cells = {model: rate_of(parts[model][part]) if part in parts.get(model, {}) else None for model in models}
        rows.append(Row(name, part, "share", True, cells, {}))
    return rows


def _count(grouped: Mapping[str, Sequence[Mark]]) -> int:
    return max(map(len, grouped.values()), default=0)


def _groups(marks: Iterable[Sequence[Mark]]) -> list[str]:
    return list(dict.fromkeys(one.group for some in marks for one in some))


def _only(known: Mapping[str, Sequence[Mark]], group: str) -> dict[str, list[Mark]]:
    return {model: [one for one in found if one.group == group] for model, found in known.items()}


def _perplexity(name: str, known: Mapping[str, Sequence[Mark]]) -> Row:
    """e to the mean loss of a token, with the ends of the interval in the same way. No difference: tokens differ."""
    cells: dict[str, Estimate | None] = {}
    for model, found in known.items():
        tokens = [
            one._replace(value=one.value * one.weight * math.log(2) / one.tokens, weight=one.tokens)
            for one in found
            if one.tokens
        ]
        one = mean(tokens, scored=False)
        cells[model] = one and one._replace(value=_exp(one.value), low=_exp(one.low), high=_exp(one.high))
    return Row(name, "perplexity a token", "number", False, cells, {})


def _exp(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf
