"""What is saved of a model that was trained whole: its weights in fp32, or in the base's own 16 bits if that costs
little.

Training moves most weights by less than bf16 can tell apart: it has 8 bits, so that around 0.02 a step is 0.00012, and
an AdamW step at a rate of 2e-5 moves a weight by 0.00002. Rounded to the nearest, those changes are gone. Rounded by
chance, up as often as a weight is near to its upper neighbour, they are there on average, and a sum over hundreds of
weights hardly notices. So the loss on the same rows is measured before training, after it, and as saved, always in
fp32: autocast would round before anyone could see it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import torch

from ..models.folders import folder_of
from ..models.open import config_in
from ..models.rounding import rounded
from ..settings import TINY, WHOLE, Settings
from .loss import losses

if TYPE_CHECKING:
    from ..rows.batches import Item
    from .loss import Collate

__all__ = ["Measure", "Saved", "round_weights", "rounding_to", "settled"]

COSTS = 0.03
"""The share of the gain in loss that rounding may cost before a model is saved in fp32 instead."""
TOKENS = 4096
"""Of the rows that it is measured on, at most: a third of a usual step's, as it is done three or four times."""
NAMES = {torch.bfloat16: "bf16", torch.float16: "fp16", torch.float32: "fp32"}


class Saved(NamedTuple):
    """How a model was saved, and the loss on the same rows, in fp32."""

    precision: str
    """bf16, fp16 or fp32."""
    by_chance: bool = False
    """Rounded up as often as near to the upper neighbour, instead of to the nearest."""
    before: float | None = None
    """Before the training; None: not measured, as nothing had to be rounded."""
    trained: float | None = None
    saved: float | None = None
    in_16_bits: float | None = None
    """As it would have been in 16 bits, where that cost too much."""

    @property
    def cost(self) -> float | None:
        """The share of the gain that rounding costs, or would have cost."""
        after = self.saved if self.in_16_bits is None else self.in_16_bits
        if self.before is None or self.trained is None or after is None:
            return None
        return _cost(self.before, self.trained, after)

    def line(self) -> str:
        """For people."""
        if self.cost is None or self.before is None or self.trained is None:
            return f"saved in {self.precision}"
        gain = f"of the gain in loss ({self.before:.3f} → {self.trained:.3f})"
        if self.in_16_bits is not None:
            return (
                f"saved in fp32: 16 bits, like the base's, would lose {self.cost:.0%} {gain}; a higher lr moves "
                "weights by more than they round, and --set save=bf16 rounds nevertheless"
            )
        how = "rounded by chance" if self.by_chance else "rounded to the nearest"
        return f"saved in {self.precision}, {how}: {self.cost:.1%} {gain} lost by that"


class Measured(Protocol):
    """Whose loss, of some rows, is asked for again and again."""

    @property
    def model(self) -> Any: ...

    def loss(self) -> float: ...


class Measure(NamedTuple):
    """The loss on some rows, as the weights are and nothing else."""

    model: Any
    items: Sequence[Item]
    collate: Collate
    rows: int
    """Of a forward pass."""
    meanwhile: Callable[[str], None]

    def loss(self) -> float:
        device, items = next(self.model.parameters()).device, _some(self.items)
        total, count, training = 0.0, 0, self.model.training
        self.model.eval()
        with torch.no_grad(), _plain(self.model):
            for start in range(0, len(items), self.rows):
                self.meanwhile(f"measuring, {start:,} of {len(items):,} rows done")
                batch = self.collate(items[start : start + self.rows])
                found = losses(self.model, {name: value.to(device) for name, value in batch.items()})
                total, count = total + float(found.double().sum()), count + len(found)
        self.model.train(training)
        return total / max(1, count)


def rounding_to(settings: Settings) -> torch.dtype | None:
    """The 16 bits that the model may be saved in: those that were asked for, or the base's own; else None."""
    if settings.method not in WHOLE or settings.save == "fp32":
        return None
    if settings.save != "auto":
        return {"bf16": torch.bfloat16, "fp16": torch.float16}[settings.save]
    if settings.base == TINY:
        return None
    own: Any = config_in(folder_of(settings.base, "the base")).dtype
    return own if own is not None and own.itemsize == 2 else None


def settled(
    history: list[Any],
    measure: Measured,
    settings: Settings,
    validated: Callable[[], float | None],
    say: Callable[[str], None],
) -> Saved:
    """Round what is to be rounded, and say so; the history's last validation loss becomes that of what is saved."""
    before = next((entry["loss_before"] for entry in history if "loss_before" in entry), None)
    saved = round_weights(measure, settings, before)
    if saved.cost is None:
        return saved
    say(saved.line())
    last = next((entry for entry in reversed(history) if "eval_loss" in entry), None)
    if saved.in_16_bits is None:
        if last is not None and (loss := validated()) is not None:
            last["eval_loss"] = loss
        measure.model.to(rounding_to(settings))  # exactly, as every weight is rounded
    return saved


def round_weights(measure: Measured, settings: Settings, before: float | None) -> Saved:
    """Round the weights, still in fp32, to what they are saved as; `before` is the loss before the first step."""
    kind = rounding_to(settings)
    if kind is None:
        return Saved("fp32")
    model, trained = measure.model, measure.loss()
    before = trained if before is None else before
    own = {name: weight.data for name, weight in model.named_parameters()}
    found: list[tuple[float, bool]] = []
    for by_chance in (False, True) if kind == torch.bfloat16 else (False,):
        for number, (name, weight) in enumerate(model.named_parameters()):
            seed = (settings.seed << 20) + number if by_chance else None
            weight.data = rounded(own[name], kind, seed).to(own[name].dtype)
        found.append((measure.loss(), by_chance))
        if _cost(before, trained, found[-1][0]) <= COSTS:
            break
    after, by_chance = found[-1]
    if settings.save == "auto" and _cost(before, trained, after) > COSTS:
        for name, weight in model.named_parameters():
            weight.data = own[name]
        return Saved("fp32", False, before, trained, trained, min(found)[0])
    return Saved(NAMES[kind], by_chance, before, trained, after)


def _cost(before: float, trained: float, after: float) -> float:
    """The share of the gain that is gone; of what gained nothing, nothing can go."""
    gain = before - trained
    return (after - trained) / gain if gain > 0 else 0.0


def _some(items: Sequence[Item]) -> Sequence[Item]:
    """The first of them, as many as TOKENS go into; one at least."""
    fits = sum(total <= TOKENS for total in accumulate(sum(item.lengths) for item in items))
    return items[: max(1, fits)]


@contextmanager
def _plain(model: Any) -> Iterator[None]:
    """Without the autocast that accelerate has put around the model's forward pass."""
    wrapped = model.__dict__.pop("forward", None)
    try:
        yield
    finally:
        if wrapped is not None:
            model.forward = wrapped
