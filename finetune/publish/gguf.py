"""A Llama as one GGUF file, which llama.cpp and what is built on it run: a laptop, a phone, Ollama.

    selfinstruct export models/mine --gguf q8_0 --out mine.gguf

f32 keeps every number; f16 halves that, rounding to 11 bits; q8_0 halves it again: 8 bits a weight and a scale for each
32. Norms are f32 in all three. Attention's queries and keys are stored in another order than transformers': llama.cpp
rotates neighbouring pairs of a head (RoPE), transformers pairs half a head apart. One tensor is in memory at a time.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import UsageError

from ..models.files import Place, places, read_json
from ..models.folders import about_model, check_unquantised, folder_of
from ..models.open import tokenizer_in
from .gguf_vocabulary import Vocabulary, vocabulary_of
from .writing import room_for, written_file

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from gguf import GGMLQuantizationType, GGUFWriter
    from transformers import PreTrainedTokenizerBase

    Array = npt.NDArray[Any]
    Floats = npt.NDArray[np.float32]

__all__ = ["KINDS", "export_gguf"]

KINDS = {"f32": ("F32", "ALL_F32"), "f16": ("F16", "MOSTLY_F16"), "q8_0": ("Q8_0", "MOSTLY_Q8_0")}
"""How matrices are stored: GGUF's names of the type of a tensor and of a file."""

HALF_MAX = 65_504  # float16's largest


def _tell(text: str) -> None:
    print(text, file=sys.stderr)


def export_gguf(model_dir: str, out: str, kind: str, notice: Callable[[str], None] = _tell) -> Path:
    """Write the model in the folder `model_dir`, with its tokenizer, to the file `out`. Raises UsageError.

    Nothing is left at `out` unless all of it is there.
    """
    if kind not in KINDS:
        raise UsageError(f"no GGUF of the kind {kind!r}: there are {', '.join(KINDS)}")
    folder = folder_of(model_dir, "the model")
    _check(folder, about_model(folder))
    try:
        import gguf
    except ImportError:
        raise UsageError("writing GGUF needs the package gguf: pip install 'selfinstruct[train]'") from None
    from transformers import LlamaConfig

    config = LlamaConfig.from_pretrained(folder)
    tensors = _named(folder, config)
    tokenizer = tokenizer_in(folder)
    vocabulary = vocabulary_of(tokenizer, folder, tensors["token_embd.weight"].shape[0], notice)
    types = {name: _type_of(place, kind) for name, place in tensors.items()}
    target = Path(out)
    room_for(sum(place.size for place in tensors.values()), target)
    with written_file(target) as file:
        writer = gguf.GGUFWriter(file, "llama")
        try:
            _write_about(writer, config, kind, folder.resolve().name)
            _write_vocabulary(writer, vocabulary, tokenizer, _stops(folder))
            _write_tensors(writer, config, tensors, types)
        finally:
            writer.close()
    return target


def _check(folder: Path, config: Mapping[str, Any]) -> None:
    """Raises UsageError for a model that this file would misrepresent."""
    kind = next(iter(config.get("architectures") or ()), config.get("model_type"))
    if config.get("model_type") != "llama" or kind not in ("LlamaForCausalLM", "llama"):
        raise UsageError(
            f"{folder} is a {kind}, and GGUF is written here for LlamaForCausalLM only; for others use llama.cpp's "
            "convert_hf_to_gguf.py"
        )
    check_unquantised(folder, config, "; --gguf q8_0 makes it small")
    if config.get("hidden_act", "silu") != "silu":
        raise UsageError(f"{folder} has the activation {config['hidden_act']!r}, and llama.cpp's Llama has silu")


def _named(folder: Path, config: Any) -> dict[str, Place]:
    """The model's tensors by GGUF's names. Raises UsageError for one that a Llama does not have."""
    import gguf

    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config.num_hidden_layers)
    found: dict[str, Place] = {}
    for name, place in places(folder).items():
        if name.endswith(".rotary_emb.inv_freq") or (name == "lm_head.weight" and config.tie_word_embeddings):
            continue
        known = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if known is None:
            raise UsageError(f"{folder} has a tensor {name}, which a Llama has not: is it an adapter or another model?")
        found[known] = place
    wanted = {"token_embd.weight", "output_norm.weight"} | (set() if config.tie_word_embeddings else {"output.weight"})
    parts = ("attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm", "ffn_gate", "ffn_up", "ffn_down")
    wanted |= {f"blk.{layer}.{part}.weight" for layer in range(config.num_hidden_layers) for part in parts}
    if missing := sorted(wanted - found.keys()):
        raise UsageError(f"{folder} lacks {missing[0]} and {len(missing) - 1} other tensors: copy it again")
    return found


def _type_of(place: Place, kind: str) -> GGMLQuantizationType:
    """Matrices are of the kind asked for; norms and biases are small, and llama.cpp wants them in f32."""
    from gguf import GGMLQuantizationType

    if len(place.shape) == 1:
        return GGMLQuantizationType.F32
    if kind == "q8_0" and place.shape[-1] % 32:  # its blocks are of 32 along a row
        return GGMLQuantizationType.F16
    return GGMLQuantizationType[KINDS[kind][0]]


def _write_about(writer: GGUFWriter, config: Any, kind: str, name: str) -> None:
    """What llama.cpp builds the computation from."""
    from gguf import GGML_QUANT_VERSION, LlamaFileType

    writer.add_type("model")
    writer.add_name(name)
    writer.add_file_type(LlamaFileType[KINDS[kind][1]])
    writer.add_quantization_version(GGML_QUANT_VERSION)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    rope = config.rope_parameters
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_rope_freq_base(rope["rope_theta"])
    scaling = rope.get("rope_type", "default")
    if scaling == "linear":
        from gguf import RopeScalingType

        writer.add_rope_scaling_type(RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(rope["factor"])
    elif scaling not in ("default", "llama3"):
        raise UsageError(
            f"the model's positions are scaled by {scaling!r}; GGUF is written for default, linear, llama3"
        )


def _write_vocabulary(
    writer: GGUFWriter, vocabulary: Vocabulary, tokenizer: PreTrainedTokenizerBase, stops: list[int]
) -> None:
    writer.add_tokenizer_model(vocabulary.model)
    writer.add_tokenizer_pre(vocabulary.pre)
    writer.add_token_list(vocabulary.tokens)
    writer.add_token_types(vocabulary.types)
    if vocabulary.scores:
        writer.add_token_scores(vocabulary.scores)
    if vocabulary.merges:
        writer.add_token_merges(vocabulary.merges)
    if vocabulary.model == "llama":
        writer.add_add_space_prefix(vocabulary.space_prefix)
    eos = tokenizer.eos_token_id
    for add, number in (
        (writer.add_bos_token_id, tokenizer.bos_token_id),
        (writer.add_eos_token_id, eos),
        (writer.add_pad_token_id, tokenizer.pad_token_id),
        (writer.add_unk_token_id, tokenizer.unk_token_id),
        # A second token that ends an answer: llama.cpp stops at this one too.
        (writer.add_eot_token_id, next((stop for stop in stops if stop != eos), None)),
    ):
        if number is not None:
            add(int(number))
    # What the tokenizer does, not what its configuration says: of those fields some are ignored by some classes.
    around = tokenizer("").input_ids
    writer.add_add_bos_token(tokenizer.bos_token_id in around)
    writer.add_add_eos_token(eos in around and eos != tokenizer.bos_token_id)
    template = tokenizer.chat_template
    if isinstance(template, dict):
        template = [{"name": name, "template": text} for name, text in template.items()]
    if template:
        writer.add_chat_template(template)


def _stops(folder: Path) -> list[int]:
    """The tokens that end an answer, by generation_config.json."""
    file = folder / "generation_config.json"
    ends = read_json(file).get("eos_token_id") if file.is_file() else None
    return [ends] if isinstance(ends, int) else list(ends or ())


def _write_tensors(
    writer: GGUFWriter, config: Any, tensors: Mapping[str, Place], types: Mapping[str, GGMLQuantizationType]
) -> None:
    """First where every tensor will be, then the tensors, one at a time."""
    import numpy as np
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, quant_shape_to_byte_shape

    factors = _frequency_factors(config)
    if factors is not None:
        writer.add_tensor_info("rope_freqs.weight", factors.shape, factors.dtype, factors.nbytes)
    stored = {GGMLQuantizationType.F32: np.float32, GGMLQuantizationType.F16: np.float16}
    for name, place in tensors.items():
        block, size = GGML_QUANT_SIZES[types[name]]
        nbytes = math.prod(place.shape) // block * size
        dtype = np.dtype(stored.get(types[name], np.uint8))
        shape = place.shape if types[name] in stored else quant_shape_to_byte_shape(place.shape, types[name])
        writer.add_tensor_info(name, shape, dtype, nbytes, raw_dtype=types[name])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    if factors is not None:
        writer.write_tensor_data(factors)
    for name, place in tensors.items():
        writer.write_tensor_data(_stored(name, place, types[name], config))


def _stored(name: str, place: Place, kind: GGMLQuantizationType, config: Any) -> Array:
    import numpy as np
    from gguf import GGMLQuantizationType, quants

    numbers = _floats(place)
    if ".attn_q." in name or ".attn_k." in name:
        heads = config.num_attention_heads if ".attn_q." in name else config.num_key_value_heads
        numbers = _interleaved(numbers, heads)
    if kind is GGMLQuantizationType.F32:
        return numbers
    if kind is GGMLQuantizationType.F16:
        if np.abs(numbers).max(initial=0) > HALF_MAX:
            raise UsageError(f"{name} has numbers beyond {HALF_MAX:,}, the largest of 16 bits: use --gguf f32")
        return numbers.astype(np.float16)
    return quants.quantize(numbers, kind)


def _floats(place: Place) -> Floats:
    """A tensor in float32. bfloat16, which NumPy lacks, is its upper half."""
    import numpy as np

    kinds = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "BF16": np.uint16}
    if place.dtype not in kinds:
        raise UsageError(f"{place.file} has tensors of the type {place.dtype}: export a model in 16 or 32 bits")
    raw = np.fromfile(place.file, kinds[place.dtype], math.prod(place.shape), offset=place.start)
    if place.dtype == "BF16":
        raw = (raw.astype(np.uint32) << 16).view(np.float32)
    return raw.astype(np.float32, copy=False).reshape(place.shape)


def _interleaved(rows: Floats, heads: int) -> Floats:
    """Rows of each head from (first half, second half) to neighbouring pairs; of a bias alike."""
    import numpy as np

    split = rows.reshape(heads, 2, -1, *rows.shape[1:])
    return np.ascontiguousarray(split.swapaxes(1, 2).reshape(rows.shape))


def _frequency_factors(config: Any) -> Floats | None:
    """What Llama 3.1 divides each frequency by for texts longer than it was first trained on, as its authors define it.

    Waves much shorter than that stay, much longer ones are stretched by `factor`, between them it is mixed.
    """
    import numpy as np

    rope = config.rope_parameters
    if rope.get("rope_type") != "llama3":
        return None
    low, high, factor = rope["low_freq_factor"], rope["high_freq_factor"], rope["factor"]
    found = []
    for index in range(0, config.head_dim, 2):
        wave = 2 * math.pi * rope["rope_theta"] ** (index / config.head_dim)
        turns = rope["original_max_position_embeddings"] / wave
        mixed = min(1.0, max(0.0, (turns - low) / (high - low)))
        found.append(1 / ((1 - mixed) / factor + mixed))
    return np.array(found, np.float32)
