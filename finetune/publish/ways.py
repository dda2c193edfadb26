"""How several adapters become one: by the sum of their changes, or by TIES, DARE and pruning, which are PEFT's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from selfinstruct.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["LINEAR", "WAYS", "Adapter", "Way", "check_way", "line_of", "one_of"]

LINEAR = "linear"
WAYS = (LINEAR, "ties", "ties_svd", "dare_linear", "dare_ties", "dare_linear_svd", "dare_ties_svd", "magnitude_prune")
"""PEFT's names but for the first, which sums the changes themselves."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """One adapter on the way into the base."""

    folder: Path
    weight: float
    config: Mapping[str, Any]
    """Its adapter_config.json."""
    label: str
    """Its name in PEFT."""
    own: dict[str, Tensor]
    """Tensors of the base that it replaces outright, by their names in the base: a resized embedding, biases."""


class Way(NamedTuple):
    """How several adapters become one."""

    how: str = LINEAR
    density: float = 0.5
    seed: int = 0


def check_way(how: str, density: float, many: int) -> None:
    """Raises UsageError."""
    if how == "slerp":
        raise UsageError(
            "slerp is for two whole models: merge each adapter first, then take mergekit (merge_method: slerp), in an "
            "environment of its own; for adapters there are " + ", ".join(WAYS)
        )
    if how not in WAYS:
        raise UsageError(f"no way {how!r} to merge: {did_you_mean(how, WAYS)}")
    if how != LINEAR and many < 2:
        raise UsageError(f"{how} is for several adapters, and there is one: leave --how out")
    if not 0 < density <= 1:
        raise UsageError(f"density is {density:g}: the share of each adapter's numbers that is kept, above 0, up to 1")


def one_of(wrapped: Any, given: Sequence[Adapter], way: Way) -> Adapter:
    """What PEFT makes of all adapters, as one. Raises UsageError for what it does not combine."""
    import torch

    for adapter in given:
        if adapter.own or adapter.config.get("modules_to_save") or adapter.config.get("use_dora"):
            raise UsageError(
                f"{adapter.folder} has more than low-rank matrices (whole layers, rows of a vocabulary, or DoRA), and "
                f"{way.how} is for those alone: leave --how out"
            )
    ranks = {int(adapter.config.get("r", 0)) for adapter in given}
    how = way.how if len(ranks) == 1 or way.how.endswith("_svd") else f"{way.how}_svd"  # of the products, then
    whole = Adapter(given[0].folder, 1.0, {}, "combined", {})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(way.seed)
        try:
            wrapped.add_weighted_adapter(
                [adapter.label for adapter in given],
                [adapter.weight for adapter in given],
                whole.label,
                combination_type=how,
                density=way.density,
            )
        except (ValueError, RuntimeError, KeyError, NotImplementedError) as error:
            raise UsageError(f"these adapters cannot be merged by {way.how}: {line_of(error)}") from None
    return whole


def line_of(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
