"""Where training computes, and how precisely."""

from __future__ import annotations

import os

import torch
from torch import nn

from selfinstruct.errors import UsageError

from .settings import Settings

__all__ = ["device_here", "precision_of"]


def device_here() -> torch.device:
    """The accelerator that this process will train on, or the CPU."""
    found = torch.accelerator.current_accelerator(check_available=True)
    if found is None or os.environ.get("ACCELERATE_USE_CPU", "").lower() in ("1", "true", "yes"):
        return torch.device("cpu")
    # Of many processes each has its own, which torchrun names long before anyone makes it the current one.
    return torch.device(found.type, int(os.environ.get("LOCAL_RANK", torch.accelerator.current_device_index())))


def precision_of(settings: Settings, model: nn.Module | None = None) -> torch.dtype:
    """bf16 or fp32 to compute in: as told, or with "auto" whichever the device is known to be faster with.

    The device is the model's if it is on an accelerator, else that of this process. By the device's features and not by
    a stopwatch, so that a resumed run goes on as it was. A CPU with AVX512-BF16 trained a Llama of 4 million parameters
    at 10,300 tokens/s in bf16 and 5,000 in fp32; others emulate bf16. Raises UsageError for bf16 on a GPU without it.
    """
    on = next((parameter.device for parameter in model.parameters()), None) if model is not None else None
    device = device_here() if on is None or on.type == "cpu" else on
    if device.type == "cpu":
        able = torch.cpu.get_capabilities()
        fast = any(able.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16"))
    elif device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
        if settings.precision == "bf16" and not fast:
            raise UsageError("precision is 'bf16', which this GPU cannot compute in: use auto or fp32")
    else:
        fast = device.type == "xpu"  # Apple's mps is left at fp32: untested
    wanted = fast if settings.precision == "auto" else settings.precision == "bf16"
    return torch.bfloat16 if wanted else torch.float32
