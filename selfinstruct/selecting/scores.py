"""Scores of tasks, by which some of many are chosen; and with what a score goes together.

What there is evidence for, and against, is in docs/selection.md: a score that sounds like quality is often length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from selfinstruct.errors import UsageError, did_you_mean, quoted
from selfinstruct.task import Task, stream_of
from selfinstruct.text.tokens import tokens

__all__ = [
    *(
        "MEASURES",
        "SCORES",
        "agreement",
        "answer_words",
        "best",
        "by_key",
        "correlation",
        "far_apart",
        "question_words",
    ),
    "random",
]

Floats = npt.NDArray[np.float64]
Score = float | None
"""None: the task has none, and comes last."""


def answer_words(task: Task) -> float:
    """Words (characters in Chinese) of all its answers together."""
    said = [one.output for one in task.instances]
    said += [turn["content"] for turn in task.turns if turn["role"] == "assistant"]
    return float(sum(len(tokens(text)) for text in said))


def question_words(task: Task) -> float:
    """Words of all that is asked, inputs included."""
    said = [turn["content"] for turn in task.turns if turn["role"] == "user"]
    said = said or [task.instruction, *(one.input for one in task.instances)]
    return float(sum(len(tokens(text)) for text in said))


def variety(task: Task) -> float:
    """Different words among those of its answers: 1 where none comes twice."""
    words = [word for one in task.instances for word in tokens(one.output)]
    words += [word for turn in task.turns if turn["role"] == "assistant" for word in tokens(turn["content"])]
    return len(set(words)) / len(words) if words else 0.0


SCORES: dict[str, Callable[[Task], float]] = {"length": answer_words}
"""Those that need nothing but the task."""

MEASURES: dict[str, Callable[[Task], float]] = {
    "words of the answer": answer_words,
    "words of the question": question_words,
    "different words": variety,
}
"""What every score is compared with."""


def random(tasks: Sequence[Task], seed: int) -> list[Score]:
    rng = stream_of(f"{seed}/select")
    return [rng.random() for _ in tasks]


def by_key(tasks: Sequence[Task], key: str) -> list[Score]:
    """The number that rows have under a key, such as `score` of a judge. Raises UsageError when none has it."""
    found = [task.extra.get(key) for task in tasks]
    scores = [float(one) if isinstance(one, int | float) and not isinstance(one, bool) else None for one in found]
    if all(one is None for one in scores):
        numbers = sorted({name for task in tasks for name, value in task.extra.items() if type(value) in (int, float)})
        known = ["random", "length", "likelihood", "ifd", "diversity", *numbers]
        raise UsageError(f"--by {quoted(key)}: no row has a number under that key: {did_you_mean(key, known)}")
    return scores


def best(scores: Sequence[Score], num: int, *, lowest: bool = False) -> list[int]:
    """Places of the highest scores, or the lowest, in the order of the tasks; of equal ones those that come first."""
    known = [at for at, score in enumerate(scores) if score is not None]
    known.sort(key=lambda at: (scores[at] if lowest else -(scores[at] or 0.0), at))
    return sorted(known[:num])


def far_apart(vectors: npt.NDArray[np.float32], num: int) -> list[int]:
    """Places of rows that leave no other far from all of them: greedy k-centre (Sener and Savarese, 1708.00489).

    vectors     (n, d), each of length 1
    The first is the one nearest to the mean. n·d·num multiplications.
    """
    many = len(vectors)
    if num >= many:
        return list(range(many))
    chosen = [int(np.argmax(vectors @ vectors.mean(axis=0)))]
    nearest = vectors @ vectors[chosen[0]]
    while len(chosen) < num:
        chosen.append(int(np.argmin(nearest)))
        np.maximum(nearest, vectors @ vectors[chosen[-1]], out=nearest)
    return sorted(chosen)


def agreement(tasks: Sequence[Task], scores: Sequence[Score]) -> dict[str, float]:
    """The correlation of a score with each measure."""
    return {name: correlation(scores, [measure(task) for task in tasks]) for name, measure in MEASURES.items()}


def correlation(one: Sequence[Score], other: Sequence[Score]) -> float:
    """Spearman's rank correlation, over the tasks that have both scores; nan where one of them is the same for all."""
    known = [(a, b) for a, b in zip(one, other, strict=True) if a is not None and b is not None]
    return _correlation(_ranks(a for a, _ in known), _ranks(b for _, b in known))


def _ranks(values: Iterable[Any]) -> Floats:
    """Ranks from 0, equal values sharing the mean of theirs."""
    numbers = np.asarray(list(values), dtype=np.float64)
    _, place, many = np.unique(numbers, return_inverse=True, return_counts=True)
    ends = np.cumsum(many)
    means: Floats = ends - (many + 1) / 2
    return means[place]


def _correlation(a: Floats, b: Floats) -> float:
    if len(a) < 2 or a.std() == 0 or b.std() == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])
