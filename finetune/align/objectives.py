"""What is learned of a pair of answers, as a loss and by how much the better one is preferred: pure arithmetic.

Log-probabilities are sums over an answer's learned tokens, in nats; [pairs] each.

- dpo: Rafailov et al., 2305.18290, equation 7. `average`: over the answer's tokens, so that length alone earns nothing
  (Tülu 3, 2411.15124, section 5.2).
- orpo: Hong et al., 2403.07691, equation 6: the chosen answer is learned as in fine-tuning, beside the odds ratio; no
  reference. Log-probabilities are means, there.
- kto: Ethayarajh et al., 2402.01306, equation 8: an answer alone, good or bad, against a point of reference: how
  far the model has moved on the whole.
- reward: Bradley and Terry's; Ouyang et al., 2203.02155, equation 1.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch.nn.functional import logsigmoid

__all__ = ["Preferred", "dpo", "kto", "orpo", "reward"]

Numbers = torch.Tensor


class Preferred(NamedTuple):
    loss: Numbers
    """Of each pair."""
    margin: Numbers
    """By how much the chosen answer is preferred: above 0, it is. In the objective's own unit."""


def dpo(chosen: Numbers, rejected: Numbers, before: Numbers, before_rejected: Numbers, *, beta: float) -> Preferred:
    """`before` is the reference's. The margin is that of the implicit rewards, beta times the log-ratio."""
    margin = beta * ((chosen - before) - (rejected - before_rejected))
    return Preferred(-logsigmoid(margin), margin.detach())


def orpo(chosen: Numbers, rejected: Numbers, *, beta: float) -> Preferred:
    """Of means over the tokens, below 0. The margin is that of the log-odds."""
    odds = (chosen - rejected) - (_log_of_rest(chosen) - _log_of_rest(rejected))
    return Preferred(-chosen - beta * logsigmoid(odds), odds.detach())


def kto(
    log: Numbers, before: Numbers, moved: Numbers, good: Numbers, *, beta: float, weights: tuple[float, float]
) -> Preferred:
    """`moved` is the point of reference, 0 or more; `good` is true or false of each answer, `weights` those of a good
    and of a bad one. The margin is that of the implicit reward over the point of reference, in the direction wanted.
    """
    margin = beta * ((log - before) - moved) * torch.where(good, 1.0, -1.0)
    weight = torch.where(good, weights[0], weights[1])
    return Preferred(weight * (1 - torch.sigmoid(margin)), margin.detach())


def reward(chosen: Numbers, rejected: Numbers) -> Preferred:
    """Of rewards."""
    return Preferred(-logsigmoid(chosen - rejected), (chosen - rejected).detach())


def _log_of_rest(log: Numbers) -> Numbers:
    """log(1 - p) of log p, also where p is nearly 1."""
    return torch.log1p(-torch.exp(log.clamp(max=-1e-6)))
