"""What is waited for, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Shown", "in_words"]


@dataclass(slots=True, eq=False)
class Shown:
    """One batch, as a person sees it."""

    number: int
    lines: int
    since: float | None = None
    """When it was submitted, seconds since 1970; None: not yet."""
    done: int = 0
    failed: int = 0
    status: str = ""
    rests_until: float | None = None

    def words(self, now: float) -> str:
        if self.rests_until is not None:
            return f"batch {self.number}: no room at the provider, tried again in {_time(self.rests_until - now)}"
        if self.since is None:
            return f"batch {self.number}: {self.lines:,} requests are being sent"
        failed = f" ({self.failed:,} failed)" if self.failed else ""
        status = {"validating": ", being checked", "finalizing": ", being written"}.get(self.status.lower(), "")
        return (
            f"batch {self.number}: {self.done:,} of {self.lines:,} answered{failed}{status}, "
            f"submitted {_time(now - self.since)} ago"
        )


def in_words(batches: Sequence[Shown], now: float) -> str:
    """All of them in a part of a line; empty when nothing is waited for."""
    said = [shown.words(now) for shown in batches[:3]]
    if len(batches) > 3:
        said.append(f"{len(batches) - 3} more")
    if any(shown.since is not None for shown in batches):
        said.append("this may be left: the same command goes on")
    return "; ".join(said)


def _time(seconds: float) -> str:
    seconds = max(0.0, seconds)
    return (
        f"{seconds:.0f} s"
        if seconds < 100
        else f"{seconds / 60:.0f} min"
        if seconds < 6000
        else f"{seconds / 3600:.1f} h"
    )
