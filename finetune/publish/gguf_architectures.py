"""The kinds of models that are written as GGUF: what llama.cpp calls them, and what it stores otherwise.

Each was compared with llama.cpp's own logits (tests/test_finetune_gguf_logits.py): in f32 within 1e-5, but for those
with GELU, which llama.cpp looks up in a table of 16 bits: within 1e-3.

Llama and Mistral  queries and keys in another order: llama.cpp rotates neighbouring pairs of a head (RoPE),
                   transformers pairs half a head apart
Qwen2, Qwen3       as they are
Gemma 1 to 3       norms with the 1 that transformers adds to them
Phi-3, Phi-4       as they are, three matrices in one
GPT-NeoX, Pythia   queries, keys and values of all heads one after the other, not head by head
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from gguf import GGUFWriter

    Floats = npt.NDArray[np.float32]

__all__ = ["Architecture", "architecture_of", "frequency_factors", "write_about"]

LLAMA = ("attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm", "ffn_gate", "ffn_up", "ffn_down")
GEMMA = (*LLAMA, "post_attention_norm", "post_ffw_norm")
FUSED = ("attn_norm", "attn_qkv", "attn_output", "ffn_norm", "ffn_up", "ffn_down")


@dataclass(frozen=True, slots=True)
class Architecture:
    name: str
    """llama.cpp's."""
    parts: tuple[str, ...]
    """A layer's matrices and norms, without which there is no such model."""
    biases: tuple[str, ...] = ()
    activation: str = "silu"
    stored: Callable[[str, Floats, Any], Floats] = lambda name, numbers, config: numbers
    """A tensor by GGUF's name, as llama.cpp wants it, of transformers' and the configuration."""
    window: int = 0
    """Every so manieth layer sees all of the text, the others a window of it; 0: all layers see all, in llama.cpp."""


def _interleaved(name: str, numbers: Floats, config: Any) -> Floats:
    """Rows of each head from (first half, second half) to neighbouring pairs; of a bias alike."""
    import numpy as np

    if ".attn_q." not in name and ".attn_k." not in name:
        return numbers
    heads = config.num_attention_heads if ".attn_q." in name else config.num_key_value_heads
    split = numbers.reshape(heads, 2, -1, *numbers.shape[1:])
    return np.ascontiguousarray(split.swapaxes(1, 2).reshape(numbers.shape))


def _one_more(name: str, numbers: Floats, config: Any) -> Floats:
    return numbers + 1 if name.endswith("_norm.weight") else numbers


def _apart(name: str, numbers: Floats, config: Any) -> Floats:
    """[heads, query key value, …] as [query key value, heads, …]."""
    import numpy as np

    if ".attn_qkv." not in name:
        return numbers
    split = numbers.reshape(config.num_attention_heads, 3, -1, *numbers.shape[1:])
    return np.ascontiguousarray(split.swapaxes(0, 1).reshape(numbers.shape))


_TANH = "gelu_pytorch_tanh"
_QKV = ("attn_q", "attn_k", "attn_v")
ARCHITECTURES = {
    "LlamaForCausalLM": Architecture("llama", LLAMA, stored=_interleaved),
    "MistralForCausalLM": Architecture("llama", LLAMA, stored=_interleaved),
    "Qwen2ForCausalLM": Architecture("qwen2", LLAMA, _QKV),
    "Qwen3ForCausalLM": Architecture("qwen3", (*LLAMA, "attn_q_norm", "attn_k_norm")),
    "GemmaForCausalLM": Architecture("gemma", LLAMA, activation=_TANH, stored=_one_more),
    "Gemma2ForCausalLM": Architecture("gemma2", GEMMA, activation=_TANH, stored=_one_more, window=2),
    "Gemma3ForCausalLM": Architecture(
        "gemma3", (*GEMMA, "attn_q_norm", "attn_k_norm"), activation=_TANH, stored=_one_more, window=6
    ),
    "Phi3ForCausalLM": Architecture("phi3", FUSED),
    "GPTNeoXForCausalLM": Architecture("gptneox", FUSED, FUSED, activation="gelu", stored=_apart),
}
MODEL_TYPES = {"llama": "LlamaForCausalLM", "mistral": "MistralForCausalLM"}
"""For a configuration that names no architecture."""
WAY = "use llama.cpp's convert_hf_to_gguf.py"


def architecture_of(folder: Path, about: Mapping[str, Any]) -> Architecture:
    """What a model's config.json says it is. Raises UsageError for one that is not known here."""
    kind = next(iter(about.get("architectures") or ()), None)
    kind = kind or MODEL_TYPES.get(str(about.get("model_type")), about.get("model_type"))
    if kind not in ARCHITECTURES:
        known = ", ".join(name.removesuffix("ForCausalLM") for name in ARCHITECTURES)
        raise UsageError(f"{folder} is a {kind}, and GGUF is written here for {known}; for others {WAY}")
    return ARCHITECTURES[kind]


def write_about(
    writer: GGUFWriter, kind: Architecture, config: Any, folder: Path, notice: Callable[[str], None]
) -> None:
    """What llama.cpp builds the computation from. Raises UsageError for what it would compute otherwise."""
    heads, width = config.num_attention_heads, config.hidden_size
    head = getattr(config, "head_dim", None) or width // heads
    _check(kind, config, folder, head)
    writer.add_context_length(_context(kind, config, folder, notice))
    writer.add_embedding_length(width)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(heads)
    if kind.name == "gptneox":
        writer.add_layer_norm_eps(config.layer_norm_eps)
        writer.add_parallel_residual(config.use_parallel_residual)
    else:
        writer.add_head_count_kv(config.num_key_value_heads)
        writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_vocab_size(config.vocab_size)
    _write_positions(writer, kind, config, head, folder)
    if kind.window:
        writer.add_sliding_window(config.sliding_window)
    if caps := getattr(config, "attn_logit_softcapping", None):
        writer.add_attn_logit_softcapping(caps)
    if caps := getattr(config, "final_logit_softcapping", None):
        writer.add_final_logit_softcapping(caps)


def _check(kind: Architecture, config: Any, folder: Path, head: int) -> None:
    does = getattr(config, "hidden_activation", None) or config.hidden_act
    if does != kind.activation and not (
        kind.name == "gemma" and does == "gelu"
    ):  # whose first files say so, and mean tanh
        raise UsageError(
            f"{folder} has the activation {does!r}, and llama.cpp's {kind.name} has {kind.activation}; {WAY}"
        )
    largest = (kind.name, config.num_hidden_layers) in (("gemma2", 46), ("gemma3", 62))  # those of 27 billion
    wanted = config.hidden_size / config.num_attention_heads if largest else head
    scale = getattr(config, "query_pre_attn_scalar", wanted)
    if scale != wanted:
        raise UsageError(
            f"{folder} scales attention by {scale:g} where llama.cpp's {kind.name} does by {wanted:g}: {WAY}"
        )
    layers = getattr(config, "layer_types", None)
    if kind.window and layers:
        usual = [(number + 1) % kind.window == 0 for number in range(len(layers))]
        if [layer == "full_attention" for layer in layers] != usual:
            raise UsageError(f"{folder} has windows of attention in other layers than llama.cpp's {kind.name}: {WAY}")


def _context(kind: Architecture, config: Any, folder: Path, notice: Callable[[str], None]) -> int:
    """Tokens that a text may have; where llama.cpp has no windows of attention, no more than is in one."""
    length = int(config.max_position_embeddings)
    window = getattr(config, "sliding_window", None)
    if kind.window or not window or window >= length or getattr(config, "use_sliding_window", None) is False:
        return length
    notice(
        f"{folder} looks back {window:,} tokens, and llama.cpp's {kind.name} at all: the file says that it reads "
        f"{window:,}, up to which that is the same, and not {length:,}."
    )
    return int(window)


def _write_positions(writer: GGUFWriter, kind: Architecture, config: Any, head: int, folder: Path) -> None:
    rope = config.rope_parameters
    if "full_attention" in rope:  # Gemma 3: layers with a window have their own
        near, rope = rope["sliding_attention"], rope["full_attention"]
        if near.get("rope_type", "default") != "default":
            raise UsageError(
                f"{folder} scales positions within its windows, which llama.cpp's {kind.name} does not: {WAY}"
            )
        writer.add_rope_freq_base_swa(near["rope_theta"])
    writer.add_rope_dimension_count(int(head * rope.get("partial_rotary_factor", 1.0)))
    writer.add_rope_freq_base(rope["rope_theta"])
    scaling = rope.get("rope_type", "default")
    if scaling == "linear":
        from gguf import RopeScalingType

        writer.add_rope_scaling_type(RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(rope["factor"])
    elif scaling not in ("default", "llama3"):
        raise UsageError(
            f"the positions of {folder} are scaled by {scaling!r}; GGUF is written for default, linear, llama3: {WAY}"
        )


def frequency_factors(config: Any) -> Floats | None:
    """What Llama 3.1 divides each frequency by for texts longer than it was first trained on, as its authors define it.

    Waves much shorter than that stay, much longer ones are stretched by `factor`, between them it is mixed.
    """
    import numpy as np

    rope = config.rope_parameters
    if rope.get("rope_type") != "llama3":
        return None
    low, high, factor = rope["low_freq_factor"], rope["high_freq_factor"], rope["factor"]
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    found = []
    for index in range(0, head, 2):
        wave = 2 * math.pi * rope["rope_theta"] ** (index / head)
        turns = rope["original_max_position_embeddings"] / wave
        mixed = min(1.0, max(0.0, (turns - low) / (high - low)))
        found.append(1 / ((1 - mixed) / factor + mixed))
    return np.array(found, np.float32)
