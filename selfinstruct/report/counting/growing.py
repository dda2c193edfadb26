"""Whether a pool still grows in kind or only in number: how new each part of it is beside what came before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from selfinstruct.report.counting.verbs import Asked
from selfinstruct.task import Rejected, Task

__all__ = ["acceptance", "growth"]

PARTS = 20
LEAST = 10
"""Tasks of a part, or there are fewer parts: a mean of three says nothing."""


def growth(
    asked: Sequence[Asked] | None, places: Sequence[int], earlier: npt.NDArray[np.float32], total: int
) -> list[dict[str, Any]]:
    """The data in at most 20 parts of equal length, in its order, from those of the sample in each.

    asked     what each task of the sample asks for, in order, or None
    places    the places in the data, from 0, of those whose nearest is known, with `earlier`, the ROUGE-L to it
    total     tasks of the data

    {"tasks": up to here, "nearest": the mean ROUGE-L to the nearest task before, "pairs": verb-noun pairs that no task
    of the sample before had, as a share of its pairs}; None where the part has none.
    """
    parts = min(PARTS, max(1, len(places) // LEAST)) if total else 0
    found = []
    seen: set[tuple[str, str]] = set()
    news: list[list[bool]] = [[] for _ in range(parts)]
    for at, one in enumerate(asked or ()):
        for pair in {(one.verb, thing) for thing in one.objects}:
            news[at * parts // len(asked or ())].append(pair not in seen)
            seen.add(pair)
    similar: list[list[float]] = [[] for _ in range(parts)]
    for place, value in zip(places, earlier.tolist(), strict=True):
        similar[place * parts // total].append(value)
    for part in range(parts):
        found.append(
            {
                "tasks": (part + 1) * total // parts,
                "nearest": _mean(similar[part]),
                "pairs": _mean(news[part]),
            }
        )
    return found


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None


def acceptance(items: Sequence[Task | Rejected], order: Mapping[str, int]) -> list[dict[str, Any]]:
    """Of the requests of a run in the order of their answers, in at most 20 parts: what was proposed, what kept, and
    how many were too similar to what was there.

    `order` has the places of the requests in the journal, by id; nothing comes of a run whose journal is gone.
    """
    made: list[tuple[int, bool, bool]] = []
    for item in items:
        if isinstance(item, Rejected) and not item.is_proposal:
            continue
        first = (item.requests[0] if item.requests else "") if isinstance(item, Task) else _first(item)
        if first in order:
            kept = isinstance(item, Task)
            made.append(
                (order[first], kept, not kept and getattr(item, "category", "") in ("rouge-l", "near", "exact"))
            )
    if not made:
        return []
    ranks = {place: rank for rank, place in enumerate(sorted({place for place, _, _ in made}))}
    parts = max(1, min(PARTS, len(made) // (2 * LEAST), len(ranks)))
    found = [
        {"requests": (part + 1) * len(ranks) // parts, "proposed": 0, "kept": 0, "similar": 0} for part in range(parts)
    ]
    for place, kept, similar in made:
        part = found[ranks[place] * parts // len(ranks)]
        part["proposed"] += 1
        part["kept"] += kept
        part["similar"] += similar
    return found


def _first(item: Rejected) -> str:
    """The request that proposed it: a task's id begins with that."""
    return item.task.rpartition("-")[0] or item.request
