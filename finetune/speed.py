"""Figures of a training run: parameters, arithmetic a token, MFU, and estimates of memory and time. Pure functions.

MFU (model FLOPs utilisation, PaLM's) is the arithmetic that the model itself needs for the real tokens, over what the
device could have done in that time at its peak. Padding, and activations that are computed twice, are no use and do
not count. For a device whose peak is not in the table there is no MFU, rather than a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from torch import nn

__all__ = ["Size", "attention", "flops", "in_bytes", "in_time", "memory", "mfu", "peak", "size_of"]

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
    """Arithmetic to train on so many tokens, forward and backward; `attended` is `attention` of the same rows.

    A multiplication by a weight and its addition are 2 operations forward, 2 for the gradient of the activations, and 2
    for that of the weight where it is trained: 6 for each parameter in full training, 4 with LoRA on a frozen base (and
    6 for LoRA's own). In attention each token's query meets the keys and the values before it: 4 × width a pair
    forward, and twice that backward, in each layer.
    """
    return tokens * (4 * size.matrices + 2 * size.trained_matrices) + 12 * size.layers * size.width * attended


def attention(lengths: Iterable[int]) -> int:
    """Pairs of a token and one that it sees, itself included, in causal rows of these lengths."""
    return sum(length * (length + 1) // 2 for length in lengths)


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


def in_bytes(count: float) -> str:
    """ "1.5 GB"."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if count < 1000 or unit == "TB":
            return f"{count:.0f} {unit}" if count >= 10 or unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError


def in_time(seconds: float) -> str:
    """ "45 s", "12 min", "3.5 h", "2.1 days"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 6_000:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"
