"""The answers of a step: drawn to its questions, paid, compared, and cut into micro-batches.

batches, step = Answers(laid, plan, settings, reward, reference, pad).step(trainer, number)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple, cast

import torch

from ..loop.loss import AnswerTrainer, Batch, losses
from ..models.facts import context_of
from ..rows.batches import Counts, Item, attention, blank, tensors
from ..rows.conversations import MASKED
from ..settings import WHOLE, Settings
from .advantages import leave_one_out, of_group
from .drawing import Drawn, draw, seed_of
from .examining import alike, paid
from .prompted import Draws, Laid
from .rewarding import Reward

__all__ = ["Answers", "Step", "counted"]


class Step(NamedTuple):
    """The answers that this process has drawn, and what there is to say of those of all."""

    items: list[Item]
    advantages: list[float]
    base: list[torch.Tensor]
    """Log-probabilities of the answers' tokens in the base; empty where nobody asks for them."""
    drawn: list[torch.Tensor]
    """And as they were drawn; empty where there is one update."""
    said: dict[str, float]
    many: int
    """Answers, over all processes."""


class Answers:
    """What is drawn for each step, and paid."""

    def __init__(self, laid: Laid, plan: Draws, settings: Settings, reward: Reward, reference: Any, pad: int) -> None:
        """`reference`: the base, where it is a model of its own; None where it is the model without its adapter."""
        self._laid, self._plan, self._settings, self._reward = laid, plan, settings, reward
        self._reference, self._pad = reference, pad
        self._number, self._step = -1, Step([], [], [], [], {}, 0)
        self.asks_base = reference is not None or settings.method not in WHOLE
        self.meanwhile: Callable[[str], None] = lambda doing: None

    @property
    def many(self) -> int:
        """Answers of the last step, over all processes."""
        return self._step.many

    def step(self, trainer: AnswerTrainer, number: int) -> tuple[list[Batch], Step]:
        """The micro-batches of this process."""
        drawing = number // self._settings.updates
        if drawing != self._number:
            self._number, self._step = drawing, self._drawn(trainer, drawing)
        return self._cut(trainer, self._step), self._step

    def _drawn(self, trainer: AnswerTrainer, number: int) -> Step:
        settings, accelerator = self._settings, trainer.accelerator
        each = settings.samples_each
        mine = self._plan.questions(number)[accelerator.process_index :: accelerator.num_processes]
        places = [place for place in mine for _ in range(each)]
        seeds = [seed_of(f"{settings.seed}/{number}/{place}/{one}") for place in mine for one in range(each)]
        found = draw(
            trainer.model, [self._laid.answers[n] for n in places], seeds, settings.temperature, self.meanwhile
        )
        rewards = torch.tensor(paid(self._reward, self._laid, found, places, settings.unended)).view(-1, each)
        items = [_item(answer) for answer in found]
        base = self._asked(trainer, items, of_base=True) if self.asks_base else []
        wanted = settings.updates > 1 or (settings.learn == "rloo" and self.asks_base)
        drawn = self._asked(trainer, items, of_base=False) if wanted else []
        if settings.learn == "rloo":
            worth = rewards
            if base:
                far = [float((now - then).sum()) for now, then in zip(drawn, base, strict=True)]
                worth = rewards - settings.beta * torch.tensor(far).view(-1, each)
            advantages = leave_one_out(worth)
        else:
            advantages = of_group(rewards, unbiased=settings.unbiased)
        said = _said(accelerator, places, found, rewards)
        count = int(accelerator.reduce(torch.tensor(len(items), device=accelerator.device)))
        return Step(items, advantages.flatten().tolist(), base, drawn, said, count)

    @torch.no_grad()
    def _asked(self, trainer: AnswerTrainer, items: Sequence[Item], *, of_base: bool) -> list[torch.Tensor]:
        """Log-probabilities of each answer's tokens, in the model as it is or in the base."""
        model, device = cast(Any, trainer.model), trainer.accelerator.device
        asked = self._reference if of_base and self._reference is not None else model
        off = model.disable_adapter() if of_base and self._reference is None else nullcontext()
        order = sorted(range(len(items)), key=lambda place: len(items[place].ids))
        found = [torch.empty(0)] * len(items)
        training, rows = model.training, 2 * self._settings.micro_batch
        model.eval()
        with off, torch.autocast(device.type, torch.bfloat16, enabled=bool(trainer.args.bf16)):
            for start in range(0, len(order), rows):
                self.meanwhile("asking the base" if of_base else "asking the model")
                part = order[start : start + rows]
                batch = tensors([items[n] for n in part], self._pad, most=context_of(model))
                given = {name: value.to(device) for name, value in batch.items()}
                logs = -losses(asked, given, temperature=self._settings.temperature).float().cpu()
                for place, one in zip(part, torch.split(logs, [items[n].trained for n in part]), strict=True):
                    found[place] = one
        model.train(training)
        return found

    def _cut(self, trainer: AnswerTrainer, step: Step) -> list[Batch]:
        """Longest first, as rows of other trainings."""
        many = self._plan.accumulation
        order = sorted(range(len(step.items)), key=lambda n: len(step.items[n].ids), reverse=True)
        slots = max(many, len(order))
        parts = [order[slots * n // many : slots * (n + 1) // many] for n in range(many)]
        batches = []
        for real in parts:
            items = [step.items[n] for n in real] or [blank(self._plan.items[0])]
            batch = tensors(items, self._pad, most=context_of(trainer.model))
            batch["advantage"] = torch.tensor([step.advantages[n] for n in real] or [0.0])
            batch["counts"] = torch.tensor([item.trained for item in items])
            for name, logs in (("base", step.base), ("drawn", step.drawn)):
                if logs:
                    batch[name] = torch.cat([logs[n] for n in real] or [torch.empty(0)])
            batches.append(batch)
        return batches


def _item(answer: Drawn) -> Item:
    ids = answer.prompt + answer.tokens
    return Item(ids, [MASKED] * len(answer.prompt) + answer.tokens, (len(ids),))


def _said(accelerator: Any, places: Sequence[int], found: Sequence[Drawn], rewards: torch.Tensor) -> dict[str, float]:
    """Of the answers of a step, over all processes, each with a whole number of questions."""
    texts = defaultdict[int, list[str]](list)
    for place, answer in zip(places, found, strict=True):
        texts[place].append(answer.said)
    each = rewards.shape[1] if len(rewards) else 1
    sums = {
        "reward": float(rewards.sum()),
        "length": float(sum(len(answer.tokens) for answer in found)),
        "unended": float(sum(answer.finish != "stop" for answer in found)),
        "flat": float(each * sum(len(set(group)) == 1 for group in rewards.tolist())),
        "distinct": sum(each * (len(set(group)) - 1) / max(1, len(group) - 1) for group in texts.values()),
        "alike": len(found) * alike(texts),
    }
    every = accelerator.reduce(torch.tensor([*sums.values(), len(found)], device=accelerator.device)).tolist()
    return {name: value / max(1, every[-1]) for name, value in zip(sums, every, strict=False)}


def counted(items: Sequence[Item], batches: Sequence[Batch]) -> Counts:
    """Of this process alone: what the others draw is as much."""
    slots = sum(batch["input_ids"].numel() for batch in batches)
    real = sum(len(item.ids) for item in items)
    attended = attention(len(item.ids) for item in items)
    return Counts(real, sum(item.trained for item in items), slots - real, attended)
