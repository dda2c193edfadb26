"""What judges with habits do to win rates, and how often the intervals of an evaluation hold.

    python benchmarks/judging.py                  (a minute)
    python benchmarks/judging.py --quick          (15 seconds)
    python benchmarks/judging.py --judge smollm2  (some minutes more: its verdicts on 40 pairs, both orders)

1. Made-up marks whose truth is known: how often shares of clusters, paired differences and win rates hold it.
2. The built-in weak teacher answers exams twice: it against itself is 50 % within the interval, and the built-in judge
   agrees with the exam's checkers. The same before judges with a habit: a share of their verdicts goes to the longer
   answer, or to the one that is shown first, whatever it says.
3. Every answer of one side said twice: how far that moves the raw and the length-controlled rate, of verdicts drawn for
   805 pairs from judges that love length in five ways, eight times each. Also with the length control as published,
   tanh of the difference in characters over its spread and nothing else.

The run ends with an error where an interval holds in fewer than 92 % of the draws, a model is no half against itself,
or saying everything twice moves the controlled rate by 3 points or more on average.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from selfinstruct import named, run
from selfinstruct.evaluating.intervals import Estimate, difference, share
from selfinstruct.evaluating.length import length_controlled
from selfinstruct.evaluating.pairwise import Outcome, Pair, agreement, first_place, judged, pairs_of, win_rate, won
from selfinstruct.evaluating.questions import Question
from selfinstruct.simulator.comparing import compare
from selfinstruct.simulator.exam import grade, write_exam
from selfinstruct.simulator.reading import read

Floats = npt.NDArray[np.float64]
HELD, MOVED = 0.92, 0.03


# 1. Intervals


def families(rng: np.random.Generator) -> tuple[Estimate, float]:
    """30 families of 5 tasks, easy or hard as wholes."""
    easy = rng.beta(4, 2, 30)
    marks = (rng.random((30, 5)) < easy[:, None]).astype(float).ravel()
    return share(list(marks), [n // 5 for n in range(150)]), 4 / 6


def twins(rng: np.random.Generator) -> tuple[Estimate, float]:
    """Two models on 100 tasks and their twins, which differ in few of them."""
    kinds, chances = [1, -1, 0], [0.08, 0.03, 0.89]
    kind, own = rng.choice(kinds, 100, p=chances), rng.choice(kinds, (100, 2), p=chances)
    off = np.where(rng.random((100, 2)) < 0.6, kind[:, None], own).ravel()
    return difference(list((off > 0) * 1.0), list((off < 0) * 1.0), [n // 2 for n in range(200)]), 0.05


def verdicts(rng: np.random.Generator) -> tuple[Estimate, float]:
    """80 pairs in both orders."""
    return win_rate([float(one) for one in rng.choice([0, 0.5, 1], 80, p=[0.3, 0.1, 0.6])]), 0.65


def controlled(rng: np.random.Generator) -> tuple[Estimate, float]:
    """252 pairs before a judge that is more often right than not, and loves what is longer by the ratio."""
    own, other = rng.lognormal(6, 0.7, 252), rng.lognormal(6, 0.7, 252)
    scores = verdict_of("loves it by the ratio", np.full(252, 0.3), own, other, rng.random((252, 3)))
    lengths = [(int(one), int(two)) for one, two in zip(own, other, strict=True)]
    return length_controlled(scores, lengths), float(1 / (1 + np.exp(-0.3)))


def coverage(draws: int) -> Iterator[tuple[str, float]]:
    for name, draw, many in (
        ("a share, 30 families of 5", families, draws),
        ("a difference, 100 tasks with twins", twins, draws),
        ("a win rate, 80 pairs", verdicts, draws),
        ("a controlled win rate, 252 pairs", controlled, draws // 10),
    ):
        found = [draw(np.random.default_rng(seed)) for seed in range(many)]
        yield name, sum(one.low - 1e-9 <= truth <= one.high + 1e-9 for one, truth in found) / many


# 2. A model against itself


def longer_wins(prompt: str) -> int:
    """The number of the longer answer of a prompt, 0 where they are as long."""
    one, other = re.split(
        r"\n\n\[Answer 2\]\n", prompt.rpartition("\n\n[Ranking]")[0].partition("[Answer 1]\n")[2], maxsplit=1
    )
    return 0 if len(one) == len(other) else 1 if len(one) > len(other) else 2


def with_habit(share: float, which: Callable[[str], int]) -> Callable[[str], str]:
    """The built-in judge, but for a share of its verdicts."""

    def judge(prompt: str) -> str:
        if Random(prompt).random() < share:
            return ("1 = 2", "1 > 2", "2 > 1")[which(prompt)]
        return compare(read(prompt))

    return judge


def itself(num: int, seed: int = 0) -> tuple[list[Pair], list[dict[str, bool]]]:
    """The weak teacher's two answers to each task of an exam, and which of them are right."""
    exam = write_exam("en", num, seed=seed)
    with TemporaryDirectory() as folder:
        tasks = run("samples", data=exam, model="builtin:weak", out=Path(folder) / "run").tasks
    said = [{task.id: (str(task.extra["sampled"][n]["text"]),) for task in tasks} for n in (0, 1)]
    asked = [Question(task.id, (task.instruction,), task.instances[0].input) for task in exam]
    right = [{one.task.id: one.right for one in grade(exam, {id: text for id, (text,) in own.items()})} for own in said]
    return pairs_of(asked, *said), right


def against_itself(pairs: list[Pair], judge: Any) -> list[Outcome]:
    with TemporaryDirectory() as folder:
        return judged(pairs, Path(folder) / "run", **judge)


# 3. Everything said twice


def verdict_of(kind: str, better: Floats, own: Floats, other: Floats, luck: Floats) -> list[float]:
    apart = own - other
    by = {
        "does not look at it": 0 * apart,
        "loves it more or less": 1.5 * np.tanh(apart / 400),
        "loves it by the ratio": 1.5 * np.log(own / other),
        "loves it by the word": apart / 500,
        "takes the longer one half of the time": np.where(luck[:, 2] < 0.5, 1e9, 0) * np.sign(apart),
        "always takes the longer one": 1e9 * np.sign(apart),
    }[kind]
    if kind.startswith("always"):
        return [float(one) for one in 0.5 + 0.5 * np.sign(apart)]
    chance = 1 / (1 + np.exp(-np.clip(better + by, -40, 40)))
    return [float(one) for one in (luck[:, :2] < chance[:, None]).mean(axis=1)]


KINDS = (
    *("does not look at it", "loves it more or less", "loves it by the ratio", "loves it by the word"),
    *("takes the longer one half of the time", "always takes the longer one"),
)


def published(scores: list[float], own: Floats, other: Floats) -> float:
    """AlpacaEval 2.0's regression without what it downloads."""
    apart = own - other
    x, y = np.stack([np.ones_like(apart), np.tanh(apart / apart.std())], axis=1), np.asarray(scores)
    weights = np.zeros(2)
    for _ in range(60):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -40, 40)))
        bend = (x * (p * (1 - p))[:, None]).T @ x + 0.01 * np.eye(2)
        weights -= np.clip(np.linalg.solve(bend, x.T @ (p - y) + 0.01 * weights), -2, 2)
    return float(1 / (1 + np.exp(-weights[0])))


def doubled(kind: str, seeds: int, pairs: int = 805) -> dict[str, list[float]]:
    """How far saying everything twice moves each rate, once a seed."""
    moves: dict[str, list[float]] = {"raw": [], "published": [], "controlled": []}
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        other = rng.lognormal(6.4, 0.8, pairs).round() + 5
        own = (other * np.exp(rng.normal(0, 0.5, pairs))).round() + 1
        better, luck = rng.normal(0.3, 1, pairs), rng.random((pairs, 3))
        found = []
        for length in (own, 2 * own):
            scores = verdict_of(kind, better, length, other, luck)
            lengths = [(int(one), int(two)) for one, two in zip(length, other, strict=True)]
            control = length_controlled(scores, lengths, draws=0).value
            found.append((sum(scores) / pairs, published(scores, length, other), control))
        for name, before, after in zip(moves, *found, strict=True):
            moves[name].append(after - before)
    return moves


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer draws")
    parser.add_argument("--judge", default="", metavar="MODEL", help="also this one's habits, on 40 pairs")
    given = parser.parse_args()
    failed = []

    print("How often an interval of 95 % holds the truth")
    for name, held in coverage(300 if given.quick else 2000):
        print(f"  {name:<36} {held:6.1%}")
        failed += [f"the interval of {name} holds in {held:.1%}"] * (held < HELD)

    pairs, right = itself(100 if given.quick else 400)
    print(f"The weak teacher against itself, {len(pairs)} pairs")
    judges = {
        "the built-in judge": {"model": {"judge": "builtin"}},
        "half for the longer one": {"teacher": {"judge": named("longer", with_habit(0.5, longer_wins))}},
        "half for the first": {"teacher": {"judge": named("first", with_habit(0.5, lambda prompt: 1))}},
    }
    for name, judge in judges.items():
        found = against_itself(pairs, judge)
        one, exact = won(found), agreement(found, *right)
        print(
            f"  {name:<24} wins {one.rate.value:.1%} [{one.rate.low:.1%}, {one.rate.high:.1%}], controlled "
            f"{one.controlled.value:.1%}; ties {one.ties}, turned {one.turned}; the longer one wins {one.longer:.0%}; "
            f"agrees with the checkers on {exact.share:.0%}, kappa {exact.kappa:.2f}"
        )
        print(f"    {first_place(found)}" if first_place(found) else "", end="\n" if first_place(found) else "")
    exams = 5 if given.quick else 40
    rates = [won(against_itself(itself(60, seed)[0], judges["the built-in judge"])).rate for seed in range(exams)]
    held = sum(one.low <= 0.5 <= one.high for one in rates)
    print(f"  of {exams} exams of 60 tasks the half is in the interval of {held}")
    failed += [f"a model against itself is no half in {exams - held} of {exams} exams"] * (held < HELD * exams - 1)
    if given.judge:
        few = [pair for pair in pairs if pair.settled is None][:40]
        found = against_itself(few, {"model": {"judge": given.judge}})
        one = won(found)
        print(f"  {given.judge} on {len(few)}: unread {one.unread}, turned {one.turned}, longer {one.longer:.0%}")
        print(f"    {first_place(found) or 'no place is preferred'}")

    print("Everything said twice: by how many points a rate moves, mean and spread; 805 pairs, a judge that …")
    for kind in KINDS:
        moves = doubled(kind, 8 if given.quick else 40)
        told = ", ".join(f"{name} {100 * np.mean(by):+.1f} ± {100 * np.std(by):.1f}" for name, by in moves.items())
        print(f"  {kind:<38} {told}")
        off = float(np.mean(moves["controlled"]))
        failed += [f"a judge that {kind} moves the controlled rate by {off:+.1%}"] * (abs(off) >= MOVED)
    for line in failed:
        print(f"FAILED: {line}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
