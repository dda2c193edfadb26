"""Whether a model fits into the memory that there is, told before anything of it is loaded, with what would fit.

What is counted is what surely is needed: weights, and in training their gradients and AdamW's two moments. Activations
come on top (`train --dry-run` estimates them), so that what is refused here could not have worked.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from selfinstruct.errors import UsageError

from ..settings import Settings
from .facts import device_here, precision_of
from .files import check_whole, read_json

__all__ = ["Need", "check_fits", "free_memory", "need_of", "quantised_size"]

SMALLER = 0.57
"""Bytes of a weight in 4 bits with its scales (NF4, doubly quantised)."""
CGROUPS = (("memory.max", "memory.current"), ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"))


class Need(NamedTuple):
    """Bytes by method, for a base of so many weights."""

    full: float
    lora: float
    qlora: float


def check_fits(folder: Path, settings: Settings) -> None:
    """Raises UsageError for a base that cannot be trained in this memory, naming the methods that could."""
    if os.environ.get("ACCELERATE_USE_FSDP") == "true" or os.environ.get("ACCELERATE_USE_DEEPSPEED") == "true":
        return  # each process holds a part
    weights = check_whole(folder)[1]
    need = need_of(weights, read_json(folder / "config.json"), settings, precision_of(settings).itemsize)
    here = need._asdict().get(settings.method, need.lora)
    place, free = free_memory()
    if here <= free:
        return
    least = {"full": need.full, "lora": need.lora, "qlora": need.qlora}
    fits = [f"--method {name} ({size / 1e9:,.0f} GB)" for name, size in least.items() if size <= free and size < here]
    most = free / (here / weights)
    fits += [f"a base of at most {most / 1e9:.1f} billion weights" if most >= 1e8 else "a machine with more memory"]
    raise UsageError(
        f"{settings.base} has {weights / 1e9:.1f} billion weights: method {settings.method} needs at least "
        f"{here / 1e9:,.0f} GB, and {free / 1e9:,.0f} GB {place} are free; what fits: {', or '.join(fits)}"
    )


def need_of(weights: int, config: Mapping[str, Any], settings: Settings, number: int) -> Need:
    """`number`: bytes of one that is computed with."""
    whole = 4 + 4 + STATES.get(settings.optimizer, 8)
    return Need(whole * weights, number * weights, quantised_size(weights, config, 4))


def quantised_size(weights: int, config: Mapping[str, Any], bits: int) -> float:
    """Bytes of a model in 4 or 8 bits: its embedding, and its head where it has its own, stay in 16."""
    tables = 1 if config.get("tie_word_embeddings") else 2
    whole = min(weights, tables * int(config.get("vocab_size") or 0) * int(config.get("hidden_size") or 0))
    return 2 * whole + (weights - whole) * (SMALLER if bits == 4 else 1.05)


STATES = {"adamw_8bit": 2, "paged_adamw_8bit": 0, "paged_adamw": 0}
"""Bytes a weight of what the optimiser remembers, where it is not AdamW's 8; paged ones may be in the main memory."""


def free_memory() -> tuple[str, int]:
    """Where the model would be ("of GPU memory"), and how many bytes are free there: a container's limit counts."""
    import torch

    device = device_here()
    if device.type == "cuda":
        return "of GPU memory", int(torch.cuda.mem_get_info(device)[0])
    import psutil  # type: ignore[import-untyped,unused-ignore]

    free = int(psutil.virtual_memory().available)
    for limit, used in CGROUPS:
        with suppress(OSError, ValueError):
            most, now = (int((Path("/sys/fs/cgroup") / name).read_text()) for name in (limit, used))
            free = min(free, max(0, most - now + _cached()))
    return "of memory", free


def _cached() -> int:
    """What a container's use counts of files, and gives back when it is needed."""
    for line in Path("/sys/fs/cgroup/memory.stat").read_text().splitlines():
        name, _, count = line.partition(" ")
        if name == "inactive_file":
            return int(count)
    return 0
