"""How GGUF stores each tensor: llama.cpp's own mixtures of precisions, rounded by its own code.

In q4_k_m most matrices have 4.5 bits a weight; the head, and in half of the layers the attention's values and what
leads out of the layer, which suffer most, have 6.6. q5_k_m is the same with 5.5. The rule is llama.cpp's
(src/llama-quant.cpp), and so are the tensors, byte for byte. Blocks are of 256 weights along a row; a matrix whose rows
are no whole blocks (SmolLM2-135M's, 576 wide) is stored in the next larger type with blocks of 32.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import UsageError

from .llama_cpp import NEEDS, installed, rounded

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from gguf import GGMLQuantizationType

__all__ = ["KINDS", "check_able", "rounded_to", "type_of"]

KINDS = {
    "f32": ("F32", "ALL_F32"),
    "f16": ("F16", "MOSTLY_F16"),
    "q8_0": ("Q8_0", "MOSTLY_Q8_0"),
    "q6_k": ("Q6_K", "MOSTLY_Q6_K"),
    "q5_k_m": ("Q5_K", "MOSTLY_Q5_K_M"),
    "q4_k_m": ("Q4_K", "MOSTLY_Q4_K_M"),
}
"""How most matrices are stored: GGUF's names of the type of a tensor and of a file."""
LARGER = {"Q4_K": "Q5_0", "Q5_K": "Q5_1", "Q6_K": "Q8_0", "Q8_0": "F16"}
"""What has smaller blocks, for rows that are no whole ones."""
OURS = ("Q8_0",)
"""What the package gguf rounds to as llama.cpp does."""


def check_able(kind: str) -> None:
    """Raises UsageError for a kind that there is not, or that needs a package which is not installed."""
    if kind not in KINDS:
        raise UsageError(f"no GGUF of the kind {kind!r}: there are {', '.join(KINDS)}")
    if "_k" in kind and not installed():
        raise UsageError(
            f"--gguf {kind} needs llama.cpp's own rounding, in the package xllamacpp: {NEEDS}, or take q8_0"
        )


def type_of(name: str, shape: Sequence[int], kind: str, config: Any, *, tied: bool) -> GGMLQuantizationType:
    """How a tensor by GGUF's name is stored. Norms and biases are small, and llama.cpp wants them in f32."""
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

    if len(shape) == 1:
        return GGMLQuantizationType.F32
    found = _mixed(name, kind, config, tied=tied)
    while shape[-1] % GGML_QUANT_SIZES[GGMLQuantizationType[found]][0]:
        # llama.cpp's rule for a head with such rows is the next but one.
        found = "Q8_0" if _is_head(name, tied=tied) and found != "Q8_0" else LARGER.get(found, "F16")
    return GGMLQuantizationType[found]


def _is_head(name: str, *, tied: bool) -> bool:
    return name == "output.weight" or (tied and name == "token_embd.weight")


def _mixed(name: str, kind: str, config: Any, *, tied: bool) -> str:
    usual = KINDS[kind][0]
    if not usual.endswith("_K"):
        return usual
    if _is_head(name, tied=tied):
        return "Q6_K"
    part = name.split(".")[2] if name.startswith("blk.") else ""
    layers = int(config.num_hidden_layers)
    if kind != "q6_k" and part in ("attn_v", "attn_qkv", "ffn_down") and _more_bits(int(name.split(".")[1]), layers):
        return "Q6_K"
    # A 70B's values are an eighth of its queries: more bits there cost next to nothing.
    shared = part in ("attn_v", "attn_qkv") and layers == 80 and config.num_key_value_heads < config.num_attention_heads
    return "Q5_K" if usual == "Q4_K" and shared else usual


def _more_bits(layer: int, layers: int) -> bool:
    """The first eighth of the layers, the last, and every third between them."""
    eighth = layers // 8
    return layer < eighth or layer >= 7 * layers // 8 or (layer - eighth) % 3 == 2


def rounded_to(numbers: npt.NDArray[np.float32], kind: GGMLQuantizationType) -> npt.NDArray[Any]:
    """A matrix in blocks of that type, on all cores."""
    import numpy as np
    from gguf import quants

    if kind.name in OURS:
        found: npt.NDArray[Any] = quants.quantize(numbers, kind)
        return found
    parts = np.array_split(numbers, min(len(numbers), os.cpu_count() or 1))
    with ThreadPoolExecutor() as threads:  # llama.cpp's code runs without Python's lock
        return np.concatenate(list(threads.map(lambda part: rounded(part, int(kind)), parts)))
