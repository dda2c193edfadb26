"""Weights in 16 bits: to the nearest, or by chance, so that changes smaller than a step are there on average."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

__all__ = ["rounded"]


def rounded(weight: torch.Tensor, kind: torch.dtype, seed: int | None = None) -> torch.Tensor:
    """A tensor in fp32 as one of the kind. With a seed, for bf16 alone, a number between two neighbours becomes the
    upper one as often as it is near to that: 0.3 of the way up in 30 of 100 cases. The same seed rounds the same.
    """
    import torch

    if seed is None or kind != torch.bfloat16:
        return weight.to(kind)
    random = torch.Generator(weight.device).manual_seed(seed)
    noise = torch.randint(0, 1 << 16, weight.shape, generator=random, dtype=torch.int32, device=weight.device)
    # bf16 is the upper half of fp32: what the lower half carries over with the noise is the chance.
    bits = weight.float().contiguous().view(torch.int32)
    bits = torch.where(weight.isfinite(), bits + noise, bits) & ~0xFFFF
    return bits.view(torch.float32).to(torch.bfloat16)
