"""What is learned of answers that were paid: how much better than the others to its question each one is, and the loss
of that. Pure arithmetic; log-probabilities in nats.

- rloo: Ahmadian et al., 2402.14740: an answer is compared with the mean of the others; the distance from the base is
  part of the reward, and the ratio that is clipped is that of whole answers.
- grpo: Shao et al., 2402.03300, equation 3: with the mean of all of its group, in their standard deviations; the
  distance from the base is part of the loss, and ratios are those of tokens. `unbiased`: Liu et al., 2503.20783 (Dr.
  GRPO), which divides neither by deviations nor by an answer's own length.
"""

from __future__ import annotations

import torch

__all__ = ["distances", "group_losses", "leave_one_out", "of_group", "sequence_losses", "sums_of"]

Numbers = torch.Tensor

LEAST = 1e-4
"""Added to a deviation, as in TRL: a group that is paid the same has none."""


def leave_one_out(rewards: Numbers) -> Numbers:
    """How much better than the mean of the others, [questions, answers]."""
    others = (rewards.sum(1, keepdim=True) - rewards) / (rewards.shape[1] - 1)
    return rewards - others


def of_group(rewards: Numbers, *, unbiased: bool = False) -> Numbers:
    """How much better than the mean of all, [questions, answers]; in standard deviations, unless `unbiased`."""
    better = rewards - rewards.mean(1, keepdim=True)
    return better if unbiased else better / (rewards.std(1, keepdim=True) + LEAST)


def sums_of(values: Numbers, counts: Numbers) -> Numbers:
    """Of each answer, [answers], of what there is of each of its tokens, [tokens], one answer after the other."""
    rows = torch.repeat_interleave(torch.arange(len(counts), device=values.device), counts)
    return values.new_zeros(len(counts)).index_add(0, rows, values)


def distances(logs: Numbers, base: Numbers) -> Numbers:
    """Of each token: an estimate of the divergence from the base that is never below 0 (Schulman's k3)."""
    less = base - logs
    return less.exp() - less - 1


def group_losses(
    logs: Numbers,
    drawn: Numbers,
    base: Numbers | None,
    advantages: Numbers,
    counts: Numbers,
    *,
    clip: float,
    beta: float,
    longest: int = 0,
) -> Numbers:
    """GRPO's loss of each answer, [answers].

    logs, drawn, base   log-probabilities of the tokens, [tokens]: now, as they were drawn, and the base's
    counts              tokens of each answer
    longest             what sums are divided by, in the place of an answer's own length (Dr. GRPO); 0: its length
    """
    rows = torch.repeat_interleave(torch.arange(len(counts), device=logs.device), counts)
    found = _clipped((logs - drawn).exp(), advantages[rows], clip)
    if base is not None:
        found = found + beta * distances(logs, base)
    return sums_of(found, counts) / (longest or counts.clamp(min=1))


def sequence_losses(logs: Numbers, drawn: Numbers, advantages: Numbers, counts: Numbers, *, clip: float) -> Numbers:
    """RLOO's loss of each answer, [answers]; of log-probabilities as above."""
    return _clipped(sums_of(logs - drawn, counts).exp(), advantages, clip)


def _clipped(ratios: Numbers, advantages: Numbers, clip: float) -> Numbers:
    return -torch.minimum(ratios * advantages, ratios.clamp(1 - clip, 1 + clip) * advantages)
