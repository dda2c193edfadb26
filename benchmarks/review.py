"""How often the intervals of `selfinstruct review` hold, and how much a judge narrows them.

    python benchmarks/review.py                       (half a minute)
    python benchmarks/review.py --draws 20000         (five minutes)

Made-up datasets whose truth is known: so many rows, a share of them valid, a judge of every row that is right about a
share of them, valid or not. From each, samples of 50 to 300 rows are drawn that people answer for rightly; of each
sample comes the rate with its interval of 95 %, from the people alone (Wilson) and with the judge
(`estimates.rate_with_judge`: prediction-powered inference with power tuning). Printed are how often the interval holds
the truth, and how much narrower it is on average than that of the same people alone. A last column has a judge who says
a number from 1 to 10 in place of yes and no. Then the same of Cohen's kappa.

The judge to look at is one that is right about 88 % of the rows, of which 54 % are valid, as in the published run;
strong models agree with people 85 % of the time on whole answers (2306.05685). The run ends with an error where an
interval holds in fewer than 94 % of the draws (less the noise of simulating, three standard errors), or where that
judge, with 200 rows, narrows by less than 30 %.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from selfinstruct.reviewing.estimates import kappa, rate, rate_with_judge

WANTED, NARROWER = 0.94, 0.3
USUAL = (2000, 200, 0.54, 0.88)
"""Rows, sample, valid, right: the judge to look at."""

Floats = npt.NDArray[np.float64]


def cases() -> Iterator[tuple[int, int, float, float]]:
    for valid in (0.54, 0.8, 0.92, 0.97):
        for right in (0.5, 0.8, 0.85, 0.88, 0.92, 0.95, 0.99):
            yield 2000, 200, valid, right
    for rows, sample in ((250, 200), (2000, 50), (2000, 100), (52_000, 200), (2000, 300)):
        for valid, right in ((0.54, 0.88), (0.92, 0.95)):
            yield rows, sample, valid, right


def marks(judge: Floats, rng: np.random.Generator) -> Floats:
    """Numbers from 1 to 10 of a judge who is as often right, and says so less clearly."""
    return np.clip(np.round(np.where(judge > 0.5, 7.5, 4.5) + rng.normal(0, 1.2, len(judge))), 1, 10)


def tried(rows: int, sample: int, valid: float, right: float, draws: int, seed: int) -> dict[str, tuple[float, float]]:
    """By who speaks: how often the interval held, and its mean width."""
    rng = np.random.default_rng([seed, rows, sample, round(1000 * valid), round(1000 * right)])
    truth = (np.arange(rows) < round(valid * rows)).astype(np.float64)
    judge = np.where(rng.random(rows) < right, truth, 1 - truth)
    says = {"judge": judge, "marks": marks(judge, rng)}
    held, width = dict.fromkeys(("people", *says), 0.0), dict.fromkeys(("people", *says), 0.0)
    weights = [1.0] * sample
    for _ in range(draws):
        chosen = rng.choice(rows, sample, replace=False)
        said = truth[chosen].tolist()
        found = {"people": rate(said, weights, rows)}
        for name, verdicts in says.items():
            found[name] = rate_with_judge(said, verdicts[chosen].tolist(), weights, float(verdicts.mean()), rows)
        for name, one in found.items():
            held[name] += one.low - 1e-9 <= truth.mean() <= one.high + 1e-9
            width[name] += one.width
    return {name: (held[name] / draws, width[name] / draws) for name in held}


def kappas(draws: int, seed: int) -> Iterator[tuple[int, float, float, float]]:
    """Sample, how often two people agree with the truth, their kappa, and how often its interval held."""
    for sample in (30, 100, 200):
        for right in (0.7, 0.85, 0.95):
            rng = np.random.default_rng([seed, sample, round(100 * right)])
            both = right**2 + (1 - right) ** 2
            ones = 0.6 * right + 0.4 * (1 - right)
            true = (both - ones**2 - (1 - ones) ** 2) / (1 - ones**2 - (1 - ones) ** 2)
            held = 0
            for _ in range(draws):
                truth = rng.random(sample) < 0.6
                one, other = (np.where(rng.random(sample) < right, truth, ~truth).astype(str).tolist() for _ in "ab")
                found = kappa(one, other)
                held += math.isnan(found.kappa) or found.low <= true <= found.high
            yield sample, right, true, held / draws


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--draws", type=int, default=1500, help="samples of each dataset")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    least = WANTED - 3 * math.sqrt(0.05 * 0.95 / asked.draws)
    failed = []
    print("  rows  people  valid  right   people hold   judge holds  narrower   marks hold  narrower")
    for case in cases():
        found = tried(*case, asked.draws, asked.seed)
        alone = found["people"][1]
        narrower = {name: 1 - width / alone if alone else 0.0 for name, (_, width) in found.items()}
        rows, sample, valid, right = case
        print(
            f"{rows:6,} {sample:7} {valid:6.0%} {right:6.0%} {found['people'][0]:13.1%} {found['judge'][0]:13.1%} "
            f"{narrower['judge']:9.0%} {found['marks'][0]:12.1%} {narrower['marks']:9.0%}"
        )
        failed += [f"{case}: {name} {held:.1%}" for name, (held, _) in found.items() if held < least]
        if case == USUAL and narrower["judge"] < NARROWER:
            failed.append(f"{case}: narrower by {narrower['judge']:.0%} only")
    print("\npeople's answers  right  kappa  its interval holds")
    for sample, right, true, held in kappas(asked.draws, asked.seed):
        print(f"{sample:16} {right:6.0%} {true:6.2f} {held:19.1%}")
        if held < least:
            failed.append(f"kappa of {sample} answers, {right}: {held:.1%}")
    if failed:
        sys.exit("does not hold: " + "; ".join(failed))


if __name__ == "__main__":
    main()
