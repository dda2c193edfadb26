"""Which tasks were dropped for their likeness to which: a cluster is one that was kept, and all that look like it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from selfinstruct.filters.alike import Alike

__all__ = ["Clusters"]


class Clusters:
    """Filled by `sift`. No more than the sizes are kept unless `named`: some 100 bytes for each kept task that has a
    duplicate, or 200 for each duplicate.
    """

    def __init__(self, *, named: bool = False) -> None:
        self.sizes: Counter[str] = Counter()
        """How many were dropped, by the id of the task kept."""
        self._named = named
        self._dropped: dict[str, list[tuple[str, str, float]]] = {}

    def add(self, id: str, reason: Alike) -> None:
        self.sizes[reason.to] += 1
        if self._named:
            self._dropped.setdefault(reason.to, []).append((id, reason.category, reason.similarity))

    def rows(self, keep: str) -> Iterator[dict[str, Any]]:
        """A row for each cluster, the largest first: which task was kept, and why this one; the ids of the others, by
        which rule each was dropped, and how similar it was to the one kept.
        """
        for kept, dropped in sorted(self._dropped.items(), key=lambda each: -len(each[1])):
            others = [{"id": id, "by": by, "similarity": round(similarity, 4)} for id, by, similarity in dropped]
            yield {"kept": kept, "because": keep, "size": 1 + len(others), "dropped": others}

    def line(self, largest: int = 3) -> str:
        """What there is to say of them in a line; "" when there are none."""
        if not self.sizes:
            return ""
        some = ", ".join(f"{1 + count:,} like {id}" for id, count in self.sizes.most_common(largest))
        number = len(self.sizes)
        return f"{number:,} cluster{'s' * (number > 1)} of duplicates, the largest: {some}"
