"""What a model can do now: the likeliest answers to questions that are trained on, to their twins, to questions held
out and to families that are never trained on; and what the answers of the last steps are like.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from statistics import mean, stdev
from typing import Any, NamedTuple

from ..loop.progress import Sample
from .drawing import Drawn, draw
from .prompted import Laid
from .rewarding import Reward

__all__ = ["Examined", "Looked", "alike", "examined", "paid"]


class Looked(NamedTuple):
    """Questions that an evaluation looks at."""

    trained: Laid
    twins: Laid
    """Each of one of those; ids as in `of`."""
    of: list[int]
    """The places of theirs in `trained`."""
    held_out: Laid
    unseen: Laid


class Examined(NamedTuple):
    """Means of what the likeliest answers are paid: of rules, the shares that are right."""

    step: int
    trained: float
    twins: float | None
    """Of twins alone; None where there are none."""
    both: float | None
    """Where a task and its twin have to be right, or are paid the less of both."""
    held_out: float | None
    unseen: float | None
    gaps: list[float]
    """Of each pair, by how much the task is paid more than its twin."""

    @property
    def score(self) -> float:
        """What the best model is chosen by: what it knows beyond the tasks themselves."""
        if self.both is not None:
            return self.both
        return self.trained if self.held_out is None else self.held_out

    def opened(self, first: Mapping[str, Any]) -> tuple[float, float]:
        """By how much the gap to the twins is wider than at the start, and the standard error of that."""
        more = [now - then for now, then in zip(self.gaps, first["gaps"], strict=True)]
        error = stdev(more) / sqrt(len(more)) if len(more) > 1 else 0.0
        return (mean(more), error) if more else (0.0, 0.0)

    def line(self, first: Mapping[str, Any], looked: Looked) -> str:
        """For people."""
        parts = [
            (f"{len(looked.trained.asked)} trained on", "trained"),
            (f"{len(looked.of)} with their twins", "both"),
            (f"{len(looked.held_out.asked)} held out", "held_out"),
            (f"{len(looked.unseen.asked)} of families never trained on", "unseen"),
        ]
        said = []
        for what, name in parts:
            now, then = getattr(self, name), first[name]
            if now is not None:
                said.append(f"{now:.3g} of {what}" + (f" ({then:.3g} at the start)" if self.step else ""))
        return f"step {self.step:,}: paid " + ", ".join(said)


def paid(reward: Reward, laid: Laid, drawn: Sequence[Drawn], places: Sequence[int], unended: float) -> list[float]:
    """What each answer is paid; `places` are those of its question. One that has no end, or that a model cannot read
    whole, is paid `unended`."""
    ended = [one for one, answer in enumerate(drawn) if answer.finish == "stop"]
    found = reward.pay([laid.asked[places[n]] for n in ended], [drawn[n].said for n in ended]) if ended else []
    values = [unended] * len(drawn)
    for place, value in zip(ended, found, strict=True):
        values[place] = unended if value is None else value
    return values


def examined(
    step: int,
    model: Any,
    looked: Looked,
    reward: Reward,
    unended: float,
    samples: int,
    meanwhile: Callable[[str], None],
) -> tuple[Examined, list[Sample]]:
    """And some of the answers, to be shown."""
    values: dict[str, list[float]] = {}
    shown: list[Sample] = []
    for name, laid in (
        ("trained", looked.trained),
        ("twins", looked.twins),
        ("held_out", looked.held_out),
        ("unseen", looked.unseen),
    ):
        found = draw(model, laid.answers, [0] * len(laid.answers), 0.0, meanwhile)
        values[name] = paid(reward, laid, found, range(len(found)), unended)
        if name == "trained":
            for one, answer, value in list(zip(laid.asked, found, values[name], strict=True))[:samples]:
                said = "\n".join(filter(None, (one.turns[-1]["content"], one.turns[-1].get("input"))))
                shown.append(Sample(said, answer.said, answer.finish == "stop", value))
    pairs = [(values["trained"][place], twin) for place, twin in zip(looked.of, values["twins"], strict=True)]
    return Examined(
        step,
        mean(values["trained"]),
        _mean(values["twins"]),
        _mean([min(pair) for pair in pairs]),
        _mean(values["held_out"]),
        _mean(values["unseen"]),
        [one - twin for one, twin in pairs],
    ), shown


def _mean(values: Sequence[float]) -> float | None:
    return mean(values) if values else None


def alike(answers: Mapping[int, Sequence[str]]) -> float:
    """The share of pairs of answers to different questions, by their places, that are the same text."""
    every = Counter(text for texts in answers.values() for text in texts)
    total = every.total()
    same, pairs = sum(n * n for n in every.values()), total * total
    for texts in answers.values():
        same -= sum(n * n for n in Counter(texts).values())
        pairs -= len(texts) ** 2
    return same / pairs if pairs else 0.0
