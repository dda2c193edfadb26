"""Clusters of instructions that are nearly the same: the rule of the filter `near`, with nothing dropped."""

from __future__ import annotations

from typing import Any

from selfinstruct.filters.alike import Alike
from selfinstruct.filters.clusters import Clusters
from selfinstruct.filters.near import Sketches
from selfinstruct.task import Task

__all__ = ["Duplicates"]

ABOVE = 0.8
"""The Jaccard similarity of instruction and input, the filter's own."""
MOST = 50_000
"""Tasks that are compared, those that come first: some 300 bytes and 0.2 ms each. `filter --drop near` compares all."""
LARGEST = 12


class Duplicates:
    """Filled one at a time."""

    def __init__(self) -> None:
        self._sketches = Sketches(ABOVE, "instruction")
        self._clusters = Clusters(named=True)
        self._texts: dict[str, str] = {}
        """Instructions of those that have a duplicate, by id."""
        self._seen = self._alike = 0

    def add(self, task: Task) -> None:
        if self._seen >= MOST:
            return
        self._seen += 1
        if found := self._sketches.nearest(task):
            self._alike += 1
            self._clusters.add(task.id, Alike("near", *found))
            self._texts.setdefault(found[0], task.instruction)
        else:
            self._sketches.add(task)

    def figures(self) -> dict[str, Any]:
        """{"compared", "tasks": how many have one like them before, "clusters", "largest": [{"kept", "size",
        "instruction", "ids"}]}."""
        rows = list(self._clusters.rows("first"))
        largest = [
            {
                "kept": row["kept"],
                "size": row["size"],
                "instruction": self._texts[row["kept"]][:200],
                "ids": [each["id"] for each in row["dropped"][:LARGEST]],
            }
            for row in rows[:LARGEST]
        ]
        return {"compared": self._seen, "tasks": self._alike, "clusters": len(rows), "largest": largest}
