"""Whether a judge goes by the place where an answer stands: told once, when the run is over.

Of each verdict the answer that was shown first is compared with the one shown last. As every pair is shown in both
orders, or in one drawn by lot, a judge that looks at the answers prefers the first in half of the verdicts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import comb, erfc, sqrt
from typing import Any

from selfinstruct.stages.judging.compare import VERDICTS
from selfinstruct.task import Rejected, Task

__all__ = ["Places", "by_chance"]

UNLIKELY = 0.001
"""The chance of such a share, or one farther from a half, from which on it is told."""
EXACT = 500
"""Verdicts up to which it is computed exactly."""


@dataclass(slots=True)
class Places:
    first: int = 0
    last: int = 0

    def saw(self, item: Task | Rejected) -> None:
        """Counts the verdicts on a task, decided or a tie."""
        if isinstance(item, Task):
            found: Any = item.extra.get(VERDICTS) if item.judged and item.requests else None
        else:
            found = item.whole.get(VERDICTS)
        for one in found if isinstance(found, list) else ():
            self._count(one)

    def _count(self, verdict: Any) -> None:
        scores = verdict.get("scores") if isinstance(verdict, Mapping) else None
        if isinstance(scores, list) and len(scores) > 1:
            self.first += scores[0] > scores[-1]
            self.last += scores[0] < scores[-1]

    def remarks(self) -> Iterable[str]:
        many = self.first + self.last
        if many and by_chance(self.first, many) < UNLIKELY:
            more, which = max(self.first, self.last), "first" if self.first > self.last else "last"
            yield (
                f"the judge prefers what it is shown {which}: {more:,} of {many:,} verdicts, where half would be fair; "
                "only answers that win in both places are told apart so: give another one, --model judge=NAME"
            )


def by_chance(first: int, many: int) -> float:
    """The two-sided chance of so many of so many, where each is as likely as not."""
    least = min(first, many - first)
    if many <= EXACT:
        return min(1.0, float(2 * sum(comb(many, n) for n in range(least + 1)) / 2.0**many))
    return erfc((many / 2 - least - 0.5) / sqrt(many / 4) / sqrt(2))
