"""What of the axes the tasks cover: how many of each value were proposed, and how many kept (docs/axes.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from selfinstruct.task import Rejected, Task, drawn_for

__all__ = ["Coverage"]

MOST = 1_000
"""Values of an axis that are listed, those of which least was kept first."""

Item = TypeVar("Item", bound=Task | Rejected)


class Coverage:
    """Filled with the tasks of a data set, or with all that a run made."""

    def __init__(self) -> None:
        self._kept: dict[str, Counter[str]] = {}
        self._proposed: dict[str, Counter[str]] = {}

    def through(self, items: Iterable[Item]) -> Iterator[Item]:
        """The same items, counted as they pass."""
        for item in items:
            self.add(item)
            yield item

    def add(self, item: Task | Rejected) -> None:
        if isinstance(item, Rejected) and not item.is_proposal:
            return
        for axis, value in (drawn_for(item.extra) if isinstance(item, Task) else item.axes).items():
            self._proposed.setdefault(axis, Counter())[value] += 1
            self._kept.setdefault(axis, Counter())[value] += isinstance(item, Task)

    def figures(self, axes: Mapping[str, Mapping[str, Any]] | None = None) -> list[dict[str, Any]]:
        """[{"axis", "values": how many there are, "kept", "proposed": tasks, "never_proposed": values, "never_kept":
        values of which some were proposed, "by_value": [[value, kept, proposed]], the fewest first}]; [] where nothing
        was drawn. `axes` are those of the recipe: without them nobody knows what was never proposed.
        """
        found = []
        for axis, proposed in sorted(self._proposed.items()):
            wanted = axes.get(axis) or {} if axes else {}
            known = dict.fromkeys((*(value for value, said in wanted.items() if said != 0), *proposed))
            rows = [[value, self._kept[axis][value], proposed[value]] for value in known]
            rows.sort(key=lambda row: (row[1], row[2], row[0]))
            found.append(
                {
                    "axis": axis,
                    "values": len(rows),
                    "kept": self._kept[axis].total(),
                    "proposed": proposed.total(),
                    "never_proposed": sum(not row[2] for row in rows),
                    "never_kept": sum(bool(row[2]) and not row[1] for row in rows),
                    "by_value": rows[:MOST],
                }
            )
        return found
