"""Facts about models and devices: sizes, arithmetic a token, precision, context; estimates of memory and speed.

MFU (model FLOPs utilisation, PaLM's) is the arithmetic that the model itself needs for the real tokens, over what the
device could have done in that time at its peak. Padding, and activations that are computed twice, are no use and do
not count. For a device whose peak is not in the table there is no MFU, rather than a wrong one.
"""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from selfinstruct.errors import UsageError

from ..settings import Settings

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = [
    *("Size", "context_of", "device_here", "device_name", "flops", "is_seq2seq", "memory", "mfu", "peak"),
    *("precision_of", "product_rate", "size_of", "virtual_tokens"),
]

PEAKS = (
    # name, dense 10^12 FLOP/s in bf16; longer names first. From the makers' data sheets, without sparsity.
    *(("GB300", 2500), ("GB200", 2500), ("B300", 2250), ("B200", 2250)),
    *(("H200 NVL", 835), ("H200", 989), ("GH200", 989), ("H100 NVL", 835), ("H100 PCIe", 756), ("H100", 989)),
    *(("H800", 989), ("H20", 148), ("A800", 312), ("A100", 312), ("A40", 149.7), ("A30", 165), ("A10G", 70)),
    *(("A10", 125), ("RTX A6000", 154.8), ("L40S", 362), ("L40", 181), ("L4", 121)),
    *(("RTX 5090", 209.5), ("RTX 4090", 165.2), ("RTX 4080", 97.5), ("RTX 3090", 71)),
    *(("MI355X", 2500), ("MI325X", 1307), ("MI300X", 1307), ("MI250X", 191.5)),
)
"""MI250X: one of its two dies, which is what a process sees."""
OTHERS = re.compile(r"\b(laptop|max-q|mobile|super|ti|d|mig)\b", re.IGNORECASE)
"""Words after which a name is that of a slower, faster or partial device."""


class Size(NamedTuple):
    """How large a model is. Weights that are shared count once."""

    parameters: int
    trained: int
    weights: int
    """Bytes of all weights as they lie in memory."""
    matrices: int
    """Parameters that every token is multiplied with: all but the embedding that it is looked up in. The head counts,
    tied or not."""
    trained_matrices: int
    layers: int
    width: int
    """Of the attention: heads times the width of one."""
    vocabulary: int


def size_of(model: nn.Module) -> Size:
    """The size of a PreTrainedModel, or of a PeftModel around one."""
    seen = {id(weight): weight for weight in model.parameters()}.values()
    config = model.config.get_text_config()  # type: ignore[operator,union-attr]
    looked_up = model.get_input_embeddings().weight  # type: ignore[operator]
    head = model.get_output_embeddings()  # type: ignore[operator]
    tied = head is not None and getattr(head, "weight", None) is looked_up
    multiplied = [weight for weight in seen if weight is not looked_up or tied]
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return Size(
        parameters=sum(map(_count, seen)),
        trained=sum(_count(weight) for weight in seen if weight.requires_grad),
        weights=sum(weight.numel() * weight.element_size() for weight in seen),
        matrices=sum(map(_count, multiplied)),
        trained_matrices=sum(_count(weight) for weight in multiplied if weight.requires_grad),
        layers=config.num_hidden_layers + (getattr(config, "num_decoder_layers", None) or 0),
        width=width * config.num_attention_heads,
        vocabulary=config.vocab_size,
    )


def _count(weight: nn.Parameter) -> int:
    """Parameters; bitsandbytes keeps two 4-bit ones in a byte."""
    state = getattr(weight, "quant_state", None)
    return weight.numel() if state is None else int(state.shape.numel())


def flops(size: Size, tokens: int, attended: int) -> int:
    """Arithmetic to train on so many tokens, forward and backward; `attended` is `batches.attention` of the same rows.

    A multiplication by a weight and its addition are 2 operations forward, 2 for the gradient of the activations, and 2
    for that of the weight where it is trained: 6 for each parameter in full training, 4 with LoRA on a frozen base (and
    6 for LoRA's own). In attention each token's query meets the keys and the values before it: 4 × width a pair
    forward, and twice that backward, in each layer.
    """
    return tokens * (4 * size.matrices + 2 * size.trained_matrices) + 12 * size.layers * size.width * attended


def peak(device: str, precision: str) -> float | None:
    """FLOP/s that a device of this name reaches at best, or None: only GPUs and bf16 are in the table."""
    if precision != "bf16" or OTHERS.search(device):
        return None
    found = (power for name, power in PEAKS if re.search(rf"\b{re.escape(name)}\b", device, re.IGNORECASE))
    return next((power * 1e12 for power in found), None)


def mfu(done: float, seconds: float, best: float | None, devices: int = 1) -> float | None:
    """The share of its peak at which `devices` did so much arithmetic in that time; None when the peak is unknown."""
    return done / seconds / (best * devices) if best and seconds > 0 else None


def memory(size: Size, tokens: int, trained: int, *, bf16: bool, checkpointing: bool) -> int:
    """About how many bytes a device needs at most, its `tokens` at once being padding too, of them `trained` learned.

    Weights; gradients and AdamW's two moments in fp32 for what is trained; with bf16, a bf16 copy of trained weights,
    which autocast makes; the activations that the backward pass needs, about 17 numbers of the width a layer and token
    (Korthikanti et al., 2022: 34 bytes, without the attention matrix, which no fused kernel stores), or one when they
    are recomputed; and for each learned token the logits, in fp32 with their gradient.
    """
    number = 2 if bf16 else 4
    states = size.weights + size.trained * (12 + 2 * bf16)
    layers = size.layers + 17 if checkpointing else 17 * size.layers
    return states + tokens * size.width * layers * number + trained * size.vocabulary * (8 + number)


def device_here() -> torch.device:
    """The accelerator that this process will train on, or the CPU."""
    import torch

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
    import torch

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


def device_name() -> str:
    import torch

    device = device_here()
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return "CPU" if device.type == "cpu" else device.type


def product_rate(precision: torch.dtype, width: int) -> float:
    """FLOP/s of a product of matrices as large as the model's, measured for a tenth of a second."""
    import torch

    device = device_here()
    given = torch.ones(1024, width, dtype=precision, device=device)
    weight = torch.ones(width, 4 * width, dtype=precision, device=device)
    began, count = time.perf_counter(), 0
    (given @ weight).sum().item()  # the first is slow
    while count < 1 or time.perf_counter() - began < 0.1:
        began = began if count else time.perf_counter()
        (given @ weight)[0, 0].item()
        count += 1
    return count * 8 * 1024 * width * width / (time.perf_counter() - began)


def context_of(model: Any) -> int | None:
    """Tokens of a prompt and its answer together; None when nothing is said to limit them."""
    if is_seq2seq(model):  # T5 counts distances, not places
        return None
    length = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    virtual = virtual_tokens(model)
    return length - (virtual.num_virtual_tokens if virtual else 0) if isinstance(length, int) and length > 0 else None


def is_seq2seq(model: Any) -> bool:
    """Whether the model reads with an encoder and writes with a decoder, like T5."""
    return bool(getattr(getattr(model, "config", None), "is_encoder_decoder", False))


def virtual_tokens(model: Any) -> Any:
    """PEFT's configuration of learned tokens before the prompt; None for models without."""
    config = getattr(model, "active_peft_config", None)
    return config if config is not None and config.is_prompt_learning else None
