"""When a training by rewards goes wrong: a reward is a proxy, and a model finds what it pays that nobody meant.

    why = reason_to_stop(history, settings)      # None, or one line

Looked at are the last steps as they were logged, and the evaluations: so a training that goes on after a crash stops
where it would have stopped without one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

from selfinstruct.errors import RunStopped

from ..settings import Settings

__all__ = ["RECENT", "reason_to_stop"]

RECENT = 5
"""Steps whose mean is looked at: one step's says little."""
PATIENCE = 10
"""Steps without a group of answers that are paid differently, after which nothing can be learned."""
MORE = 16
"""Tokens that answers have to grow by before their growth means anything."""
SURE = 1.64
"""Standard errors by which the gap has to be wider than at the start: of 20 gaps that chance alone opens, 19 do not."""

History = Sequence[Mapping[str, Any]]


def reason_to_stop(history: History, settings: Settings) -> str | None:
    """Raises RunStopped where nothing was learned from the first step on."""
    steps = [entry for entry in history if "flat" in entry]
    if not steps:
        return None
    if why := _nothing_to_learn(steps):
        return why
    recent, first = steps[-RECENT:], steps[:RECENT]
    if len(steps) >= RECENT:
        if (found := _mean(recent, "kl")) is not None and found > settings.kl_most:
            return f"answers are {found:.1f} nats from the base, and kl_most is {settings.kl_most:g}"
        length, before = mean(one["length"] for one in recent), mean(one["length"] for one in first)
        if length > settings.grown_most * before and length - before >= MORE:
            return f"answers have {length:.0f} tokens, {before:.0f} at the start: grown_most is {settings.grown_most:g}"
        same = mean(one["alike"] for one in recent)
        if same > settings.alike_most and same > 2 * mean(one["alike"] for one in first):
            most = settings.alike_most
            return f"{same:.0%} of the answers to different questions are the same, and alike_most is {most:g}"
    last = next((entry["examined"] for entry in reversed(history) if "examined" in entry), None)
    if last and last["opened"] >= settings.gap_most and last["opened"] > SURE * last["error"] and settings.gap_most:
        return (
            f"tasks that are trained on have gained {100 * last['opened']:.0f} points more than their twins, and "
            f"gap_most is {settings.gap_most:g}: they are learned by heart"
        )
    return None


def _nothing_to_learn(steps: History) -> str | None:
    last = steps[-PATIENCE:]
    if len(last) < PATIENCE or any(one["flat"] < 1 for one in last):
        return None
    paid = mean(one["reward"] for one in last)
    if len(steps) == PATIENCE:
        raise RunStopped(
            f"in the first {PATIENCE} steps all answers to a question were paid the same, {paid:.3g} on average, from "
            "which nothing can be learned: give easier tasks, a base that knows more, or another --reward"
        )
    same = "the same text" if all(one["distinct"] == 0 for one in last) else "paid the same"
    return f"all answers to a question are {same} for {PATIENCE} steps ({paid:.3g} on average)"


def _mean(steps: History, name: str) -> float | None:
    values = [one[name] for one in steps if one.get(name) is not None]
    return mean(values) if values else None
