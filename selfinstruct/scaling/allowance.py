"""One budget for all shards: each sets a part of it aside while it runs, and gives back what it has not spent.

A part is what is left, divided by the shards that are still to be asked. So no two shards can spend the same dollar; a
shard that needs more than its part stops at it, and is begun once more with a part of what others gave back. A shard
that was killed keeps its part until it is begun again: what it has spent is in its journal alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selfinstruct.workdir import atomic

__all__ = ["Allowance", "Part"]

Part = tuple[float | None, int | None]
"""Dollars and tokens that may be spent, what was spent before included; None: any number."""

Parts = dict[str, tuple[float, float]]
"""What each shard may spend or has spent, by its number."""

PATIENCE = 60.0
"""Seconds to wait for another shard that takes its part: that takes milliseconds."""


class Allowance:
    def __init__(self, folder: Path, dollars: float | None, tokens: int | None) -> None:
        self._file, self._limits = folder / "budget.json", (dollars, tokens)

    def take(self, shard: int, spent: tuple[float, int], waiting: int) -> Part:
        """A part for this shard, which has spent so much before. `waiting`: shards to be asked yet, this one too."""
        if self._limits == (None, None):
            return None, None
        with self._parts() as parts:
            parts.pop(str(shard), None)
            dollars, tokens = (
                None if limit is None else used + max(0, limit - used - sum(held)) / max(1, waiting)
                for limit, used, held in zip(self._limits, spent, self._held(parts), strict=True)
            )
            parts[str(shard)] = (dollars or 0.0, tokens or 0)
        return dollars, None if tokens is None else int(tokens)

    def give_back(self, shard: int, spent: tuple[float, int]) -> None:
        """All but what it has spent."""
        if self._limits != (None, None):
            with self._parts() as parts:
                parts[str(shard)] = spent

    @staticmethod
    def _held(parts: Parts) -> tuple[list[float], list[float]]:
        return [part[0] for part in parts.values()], [part[1] for part in parts.values()]

    @contextmanager
    def _parts(self) -> Iterator[Parts]:
        from filelock import FileLock

        with FileLock(f"{self._file}.lock", timeout=PATIENCE):
            parts: Parts = json.loads(self._file.read_text()) if self._file.is_file() else {}
            yield parts
            with atomic(self._file) as file:
                file.write(json.dumps(parts).encode())
