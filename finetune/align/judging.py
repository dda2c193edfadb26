"""The loop's other half, where pairs are learned: what a batch of them is, its loss, and what there is to say of it.

A step's loss is the mean over its pairs, however many micro-batches and processes they come in. What the reference says
is computed once, before the first step, of the model as it is then: kept beside the checkpoints, it is the same after a
crash. No second model is held in memory, and an adapter needs none to be switched off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isnan
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn
from transformers import Trainer, TrainerCallback

from selfinstruct.errors import RunStopped
from selfinstruct.workdir import atomic

from ..loop.checkpoints import REFERENCE
from ..loop.loss import AnswerTrainer, Batch, Collate, losses
from ..models.facts import context_of
from ..rows.batches import Item, Plan, tensors
from ..settings import Settings
from .objectives import Preferred, dpo, kto, orpo, reward

__all__ = ["PairTrainer", "Reference", "Told", "collator", "told"]

Meanwhile = Callable[[str], None]


class Told(NamedTuple):
    """How pairs are told apart."""

    loss: float
    right: float
    """The share of the pairs whose chosen answer is preferred; 0.5 of one where neither is."""
    margin: float
    length: float | None
    """Rank correlation of the margin and how much longer the chosen answer is; of answers alone, of reward and length.
    None where it has no sense."""

    def line(self, many: int, what: str = "pairs") -> str:
        """For people."""
        by = "" if self.length is None else f", which goes with its length by {self.length:+.2f}"
        return f"{self.right:.0%} of {many:,} {what} held out are told right, by {self.margin:.3f} on average{by}"


def collator(model: Any, pad: int, settings: Settings) -> Collate:
    """How a micro-batch of pairs becomes tensors: as fine-tuning's; for a reward each answer in a row of its own."""
    most = context_of(model)

    def collate(items: Sequence[Item]) -> Batch:
        apart = [one for item in items for one in _sides(item)]
        if settings.learn == "reward":
            batch = tensors(apart, pad, masked=True, most=most)
            del batch["learned"]
        elif settings.learn == "kto":
            batch = _alone([_sides(item)[0] for item in items], pad, most)
            others = _alone([_sides(item)[1] for item in items], pad, most)
            batch |= {f"{OTHER}{name}": value for name, value in others.items()}
            batch |= {"good": torch.tensor([item.good for item in items])}
        else:
            batch = tensors(items, pad, most=most)
            batch |= {"answer": _answers(apart)}
        # Blank ones fill up a step, where it has fewer pairs than micro-batches.
        batch |= {"counts": torch.tensor([[one.trained for one in _sides(item)] for item in items])}
        if any(item.before for item in items):
            batch |= {"before": torch.tensor([item.before for item in items])}
        return batch

    return collate


OTHER = "other_"
"""Before the names of the tensors of the second documents, where those are apart."""


def _alone(items: Sequence[Item], pad: int, most: int | None) -> Batch:
    return tensors(items, pad, most=most) | {"answer": _answers(items)}


def _answers(items: Sequence[Item]) -> torch.Tensor:
    """Of each learned token, the number of its document."""
    return torch.repeat_interleave(torch.arange(len(items)), torch.tensor([item.trained for item in items]))


def _sides(item: Item) -> tuple[Item, Item]:
    at, (first, second) = item.lengths[0], item.lengths
    return Item(item.ids[:at], item.labels[:at], (first,)), Item(item.ids[at:], item.labels[at:], (second,))


def sums(model: nn.Module, batch: Batch, inner: Any) -> torch.Tensor:
    """Log-probabilities of what is learned of each answer, [pairs, 2]; of a model that marks, its rewards."""
    if "good" in batch:
        return torch.stack([own_sums(model, one, inner) for one in (batch, _others(batch))], 1)
    given = {name: value for name, value in batch.items() if name not in BESIDE}
    if "answer" not in batch:
        given.pop("labels")
        marks: torch.Tensor = model(**given).logits.float()
        return marks.view(-1, 2)
    return _summed(-losses(model, given, inner), batch["answer"], batch["counts"].numel()).view(-1, 2)


BESIDE = ("counts", "before", "answer", "good")
"""What the model is not given."""


def own_sums(model: nn.Module, batch: Batch, inner: Any) -> torch.Tensor:
    """Of answers alone, [answers]."""
    given = {name: value for name, value in batch.items() if name not in BESIDE and not name.startswith(OTHER)}
    return _summed(-losses(model, given, inner), batch["answer"], len(batch["input_ids"]))


def _others(batch: Batch) -> Batch:
    """The second documents in the place of the first."""
    return {name.removeprefix(OTHER): value for name, value in batch.items() if name.startswith(OTHER)}


def _summed(logs: torch.Tensor, answer: torch.Tensor, many: int) -> torch.Tensor:
    return logs.new_zeros(many).index_add(0, answer, logs)


def preferred(found: torch.Tensor, batch: Batch, settings: Settings, moved: torch.Tensor | None = None) -> Preferred:
    """Of `sums`. `moved` is kto's point of reference; None: that of these answers."""
    if settings.learn == "kto":
        before, weights = batch["before"], (settings.desirable, settings.undesirable)
        moved = (found[:, 1] - before[:, 1]).mean().clamp(min=0) if moved is None else moved
        return kto(found[:, 0], before[:, 0], moved, batch["good"], beta=settings.beta, weights=weights)
    counts = batch["counts"].clamp(min=1)
    if settings.learn == "reward":
        return reward(found[:, 0], found[:, 1])
    if settings.learn == "orpo":
        means = found / counts
        return orpo(means[:, 0], means[:, 1], beta=settings.beta)
    before = batch["before"]
    if settings.average:
        found, before = found / counts, before / counts
    return dpo(found[:, 0], found[:, 1], before[:, 0], before[:, 1], beta=settings.beta)


def is_real(batch: Batch) -> torch.Tensor:
    """Which pairs are no blanks."""
    return batch["counts"].sum(1) > 0


class PairTrainer(AnswerTrainer):
    """Fine-tuning's trainer with the loss of pairs."""

    settings: Settings
    """Set before the first step."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._seen: list[Preferred] = []
        self._moved: torch.Tensor | None = None

    def _get_num_items_in_batch(self, batch_samples: list[Batch], device: torch.device) -> torch.Tensor:
        """Pairs of the step, over all processes."""
        count = torch.stack([is_real(batch).sum() for batch in batch_samples]).sum().to(device)
        found: torch.Tensor = self.accelerator.gather(count).sum()
        if self.settings.learn == "kto":
            self._moved = self._point_of_reference(batch_samples, found, device)
        return found

    @torch.no_grad()
    def _point_of_reference(self, batches: list[Batch], count: torch.Tensor, device: torch.device) -> torch.Tensor:
        """KTO's z: the mean log-ratio of answers to other questions, over the whole step, or 0. Known before the first
        micro-batch, so that the loss is the same however the step is cut."""
        model, inner = self.model_wrapped, self.accelerator.unwrap_model(self.model_wrapped)
        was_training = model.training
        model.eval()
        total = torch.zeros((), dtype=torch.float32, device=device)
        for batch in batches:
            given = {name: value.to(device) for name, value in batch.items()}
            ratios = own_sums(model, _others(given), inner) - given["before"][:, 1]
            total += ratios[is_real(given)].float().sum()
        model.train(was_training)
        together: torch.Tensor = self.accelerator.gather(total).sum()
        return (together / count).clamp(min=0)

    def compute_loss(  # type: ignore[override,unused-ignore]
        self,
        model: nn.Module,
        inputs: Batch,
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | None = None,
    ) -> torch.Tensor:
        if num_items_in_batch is None:
            raise ValueError("the Trainer has not counted the pairs of the step")
        real = is_real(inputs)
        inner = self.accelerator.unwrap_model(model)
        if self.settings.learn == "kto":
            own = own_sums(model, inputs, inner)
            found = preferred(torch.stack([own, own.detach()], 1), inputs, self.settings, self._moved)
        else:
            found = preferred(sums(model, inputs, inner), inputs, self.settings)
        self._seen.append(Preferred(found.loss.detach()[real], found.margin[real]))
        share: torch.Tensor = self.accelerator.num_processes / num_items_in_batch
        return found.loss[real].sum() * share

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """With the share of the step's pairs that this process has told right, and their mean margin."""
        if "loss" in logs and self._seen:
            margins = torch.cat([one.margin for one in self._seen])
            logs |= {"right": _right(margins), "margin": float(margins.mean())}
            logs |= {"moved": float(self._moved)} if self._moved is not None else {}
            self._seen.clear()
        super().log(logs, start_time)


class Reference(TrainerCallback):
    """What the model says of every answer before it has learned anything, for the items of plan and evaluation."""

    def __init__(
        self,
        plan: Plan,
        held_out: list[Item],
        collate: Collate,
        rows: int,
        folder: Path,
        trainer: Callable[[], Trainer],
        meanwhile: Meanwhile,
    ) -> None:
        self._plan, self._held_out, self._collate, self._rows = plan, held_out, collate, rows
        self._file, self._trainer, self._meanwhile = folder / REFERENCE, trainer, meanwhile

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        items = [*self._plan.items, *self._held_out]
        found = self._kept(len(items))
        if found is None:
            if state.global_step:
                raise RunStopped(f"{self._file} is gone, and what the base said of the answers: train in another --out")
            found = self._asked(self._trainer(), items)
        each = [item._replace(before=tuple(two)) for item, two in zip(items, found.tolist(), strict=True)]
        self._plan.become(each[: len(self._plan.items)])
        self._held_out[:] = each[len(self._plan.items) :]

    def _kept(self, count: int) -> torch.Tensor | None:
        from safetensors.torch import load_file

        found = load_file(self._file)["before"] if self._file.is_file() else None
        return found if found is not None and len(found) == count else None

    def _asked(self, trainer: Trainer, items: Sequence[Item]) -> torch.Tensor:
        from safetensors.torch import save

        found = all_sums(trainer, items, self._collate, self._rows, self._meanwhile, "asking the base").float()
        if trainer.is_world_process_zero():
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with atomic(self._file) as file:
                file.write(save({"before": found}))
        return found


@torch.no_grad()
def all_sums(
    trainer: Trainer, items: Sequence[Item], collate: Collate, rows: int, meanwhile: Meanwhile, doing: str
) -> torch.Tensor:
    """`sums` of all items, [items, 2], each process taking its share."""
    model, accelerator = trainer.model_wrapped, trainer.accelerator
    order = sorted(range(len(items)), key=lambda place: sum(items[place].lengths))
    parts = [order[start : start + rows] for start in range(0, len(order), rows)]
    found = torch.zeros(len(items), 2, dtype=torch.float64)
    was_training = model.training
    model.eval()
    for start in range(0, len(parts), accelerator.num_processes):
        meanwhile(f"{doing}, {start:,} of {len(parts):,} parts done")
        place = start + accelerator.process_index
        part = parts[place % len(parts)]
        batch = {name: value.to(accelerator.device) for name, value in collate([items[n] for n in part]).items()}
        two = sums(model, batch, accelerator.unwrap_model(model))
        if place < len(parts):
            found[part] = two.double().cpu()
    model.train(was_training)
    together: torch.Tensor = accelerator.reduce(found.float().to(accelerator.device)).cpu()
    return together


def told(trainer: Trainer, items: Sequence[Item], collate: Collate, settings: Settings, meanwhile: Meanwhile) -> Told:
    """How the model tells these pairs apart now."""
    found = all_sums(trainer, items, collate, 2 * settings.micro_batch, meanwhile, "evaluating")
    counts = torch.tensor([[one.trained for one in _sides(item)] for item in items])
    batch = {"counts": counts}
    if any(item.before for item in items):
        batch["before"] = torch.tensor([item.before for item in items])
    longer = counts[:, 0] - counts[:, 1]
    signs = torch.ones(len(items))
    if settings.learn == "kto":
        batch["good"] = torch.tensor([item.good for item in items])
        longer, signs = counts[:, 0], torch.where(batch["good"], 1.0, -1.0)
    one = preferred(found, batch, settings)
    return Told(
        float(one.loss.mean()), _right(one.margin), float(one.margin.mean()), _ranks(one.margin * signs, longer)
    )


def _right(margins: torch.Tensor) -> float:
    return float(((margins > 0).double() + (margins == 0).double() / 2).mean())


def _ranks(margins: torch.Tensor, lengths: torch.Tensor) -> float | None:
    """Spearman's correlation; equal values share their ranks' mean."""
    both = []
    for values in (margins.double(), lengths.double()):
        _, place, times = torch.unique(values, return_inverse=True, return_counts=True)
        both.append((times.cumsum(0) - (times - 1) / 2)[place])
    found = float(torch.corrcoef(torch.stack(both))[0, 1]) if len(margins) > 2 else float("nan")
    return None if isnan(found) else found
