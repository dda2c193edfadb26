"""QLoRA's base: 4-bit weights by bitsandbytes (nf4, their scales quantised too, as in 2305.14314), on GPU or CPU."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import torch

from selfinstruct.errors import UsageError

from .devices import device_here

if TYPE_CHECKING:
    from transformers import PreTrainedModel

__all__ = ["four_bit", "keep_gradients"]

# Wherever PEFT or TRL is imported, bitsandbytes says that it has no faster inference kernel from the hub here.
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)


def four_bit(compute: torch.dtype) -> dict[str, Any]:
    """What `from_pretrained` needs to load weights in 4 bits. Raises UsageError where that cannot be done."""
    try:
        import bitsandbytes  # noqa: F401
        from transformers import BitsAndBytesConfig
        from transformers.integrations import bitsandbytes as support

        ready: Any = support.validate_bnb_backend_availability
        ready(raise_exception=True)
    except ImportError:
        raise UsageError("method 'qlora' needs the package bitsandbytes: pip install bitsandbytes") from None
    except RuntimeError:
        raise UsageError(
            "method 'qlora': bitsandbytes works on no device of this machine: use a CUDA GPU, or method 'lora'"
        ) from None
    config = BitsAndBytesConfig(  # type: ignore[no-untyped-call,unused-ignore]
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=compute,
    )
    return {"quantization_config": config, "device_map": {"": device_here()}}


def keep_gradients(model: PreTrainedModel) -> None:
    """To be called before any forward pass.

    On CPUs with AVX512-BF16 the first pass in evaluation mode packs each layer's weights for inference, for good, and
    from then on no gradient passes the layer, without a word. What is lost is only that packing's speed.
    """
    from bitsandbytes.nn.modules import Linear4bit

    for layer in model.modules():
        if isinstance(layer, Linear4bit):
            layer.support_avx512bf16_for_cpu = False
