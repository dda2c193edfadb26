"""Merged weights in the precision that they are saved in, and how much of the change that keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

from ..models.rounding import rounded

if TYPE_CHECKING:
    import torch

__all__ = ["COSTS", "SAVES", "Rounding"]

SAVES = ("auto", "bf16", "fp16", "fp32")
COSTS = 0.03
"""The share of a tensor's change that rounding to the nearest may lose before it is rounded by chance instead."""


@dataclass(slots=True)
class Rounding:
    """Sums over all tensors that adapters change."""

    save: str
    seed: int
    change: float = 0.0
    """Σ Δ², of the change in fp32."""
    kept: float = 0.0
    """Σ Δ·Δ', Δ' being what is there of the change after rounding to the nearest."""
    by_chance: int = 0
    """Tensors that were rounded by chance."""

    @property
    def lost(self) -> float:
        """The share of the change that rounding to the nearest loses."""
        return 1 - self.kept / self.change if self.change else 0.0

    def line(self) -> str:
        """For people."""
        if self.save == "fp32":
            return "saved in fp32, nothing is rounded"
        how = (
            f"{self.by_chance:,} tensors rounded by chance instead, which keeps it on average" if self.by_chance else ""
        )
        return f"rounded to the nearest, {max(0.0, self.lost):.1%} of the change is lost" + f": {how}" * bool(how)

    def of(self, name: str, before: torch.Tensor, total: torch.Tensor) -> torch.Tensor:
        """`total` is in fp32, `before` what it was; the result has the type that is saved."""
        import torch

        kind = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}.get(self.save, before.dtype)
        if kind.itemsize >= 4:
            return total.to(kind)
        found = rounded(total, kind)
        start = before.float()
        change, left = total - start, found.float() - start
        here, kept = float((change * change).sum()), float((change * left).sum())
        self.change, self.kept = self.change + here, self.kept + kept
        if kind != torch.bfloat16 or kept >= (1 - COSTS) * here:
            return found
        self.by_chance += 1
        return rounded(total, kind, (self.seed << 32) + crc32(name.encode()))
