"""Weights in 4 or 8 bits by bitsandbytes, as a model is loaded: for QLoRA, and for talking to what would not fit."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import UsageError

from .facts import device_here

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

__all__ = ["BITS", "check_optimizer", "keep_gradients", "quantised"]

BITS = (4, 8)


def quantised(bits: int, compute: torch.dtype, who: str, otherwise: str) -> dict[str, Any]:
    """What `from_pretrained` needs to load weights in so many bits, for computing in another type.

    Raises UsageError that says `who` asked for it and what to do `otherwise`, where that cannot be done.
    """
    if bits not in BITS:
        raise UsageError(f"{who}: weights are quantised to 4 or 8 bits, not {bits}")
    try:
        import bitsandbytes  # noqa: F401
        from transformers import BitsAndBytesConfig
        from transformers.integrations import bitsandbytes as support

        check: Any = support.validate_bnb_backend_availability
        check(raise_exception=True)
    except ImportError:
        raise UsageError(f"{who} needs the package bitsandbytes: pip install 'selfinstruct[qlora]'") from None
    except RuntimeError:
        raise UsageError(f"{who}: bitsandbytes works on no device of this machine: {otherwise}") from None
    kind: Any = BitsAndBytesConfig
    if bits == 8:
        config = kind(load_in_8bit=True)
    else:
        config = kind(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=compute,
        )
    return {"quantization_config": config, "device_map": {"": device_here()}}


def keep_gradients(model: PreTrainedModel) -> None:
    """To be called before any forward pass of a model that is trained.

    On CPUs with AVX512-BF16 the first pass in evaluation mode packs each layer's weights for inference, for good, and
    from then on no gradient passes the layer, without a word. What is lost is only that packing's speed.
    """
    from bitsandbytes.nn.modules import Linear4bit

    for layer in model.modules():
        if isinstance(layer, Linear4bit):
            layer.support_avx512bf16_for_cpu = False


def check_optimizer(name: str) -> None:
    """Raises UsageError for one of bitsandbytes where there is no GPU, or no bitsandbytes."""
    if name == "adamw":
        return
    if device_here().type not in ("cuda", "xpu"):
        raise UsageError(f"optimizer '{name}' is bitsandbytes', which keeps it on a GPU, and there is none: use adamw")
    if find_spec("bitsandbytes") is None:
        raise UsageError(f"optimizer '{name}' needs the package bitsandbytes: pip install 'selfinstruct[qlora]'")
