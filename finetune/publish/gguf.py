"""A model as one GGUF file, which llama.cpp and what is built on it run: a laptop, a phone, Ollama.

    selfinstruct export models/mine --gguf q4_k_m --out mine.gguf

f32 keeps every number; f16 halves that, rounding to 11 bits; q8_0 halves it again: 8 bits a weight and a scale for each
32. q6_k, q5_k_m and q4_k_m are llama.cpp's mixtures of 4 to 6 bits (quantize.py). Norms are f32 in all. One tensor is
in memory at a time.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import UsageError

from ..models.files import Place, places, read_json
from ..models.folders import about_model, check_unquantised, folder_of
from ..models.open import config_in, tokenizer_in
from .gguf_agreement import agreed
from .gguf_architectures import Architecture, architecture_of, frequency_factors, write_about
from .gguf_vocabulary import vocabulary_of, write_vocabulary
from .quantize import KINDS, check_able, rounded_to, type_of
from .writing import room_for, written_file

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from gguf import GGMLQuantizationType, GGUFWriter
    from transformers import PreTrainedTokenizerBase

    Array = npt.NDArray[Any]
    Floats = npt.NDArray[np.float32]

__all__ = ["export_gguf"]

HALF_MAX = 65_504  # float16's largest
BUFFERS = (".rotary_emb.inv_freq", ".attention.bias", ".attention.masked_bias")
"""Of older models: no weights."""


def _tell(text: str) -> None:
    print(text, file=sys.stderr)


def export_gguf(model_dir: str, out: str, kind: str, notice: Callable[[str], None] = _tell) -> Path:
    """Write the model in the folder `model_dir`, with its tokenizer, to the file `out`. Raises UsageError.

    Nothing is left at `out` unless all of it is there, and nothing is written whose prompts llama.cpp would read with
    other tokens than the model was trained on.
    """
    check_able(kind)
    folder = folder_of(model_dir, "the model")
    about = about_model(folder)
    architecture = architecture_of(folder, about)
    check_unquantised(folder, about, "; --gguf q4_k_m makes it small")
    try:
        import gguf
    except ImportError:
        raise UsageError("writing GGUF needs the package gguf: pip install 'selfinstruct[train]'") from None
    config: Any = config_in(folder)
    tensors = _named(folder, config, architecture)
    tokenizer, stops = tokenizer_in(folder), _stops(folder)
    vocabulary = vocabulary_of(tokenizer, folder, tensors["token_embd.weight"].shape[0])
    name = _name(folder, tokenizer)
    vocabulary = agreed(vocabulary, tokenizer, stops, folder, name, notice)
    types = _types(tensors, kind, config)
    target = Path(out)
    room_for(sum(place.size for place in tensors.values()), target)
    with written_file(target) as file:
        writer = gguf.GGUFWriter(file, architecture.name)
        try:
            writer.add_type("model")
            writer.add_name(name)
            writer.add_file_type(gguf.LlamaFileType[KINDS[kind][1]])
            writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
            write_about(writer, architecture, config, folder, notice)
            write_vocabulary(writer, vocabulary, tokenizer, stops)
            _write_tensors(writer, config, architecture, tensors, types)
        finally:
            writer.close()
    return target


def _name(folder: Path, tokenizer: PreTrainedTokenizerBase) -> str:
    """The folder's. Where it has Phi-3 in it, llama.cpp leaves out blanks after special tokens, so it must have that or
    not have it as the tokenizer does so.
    """
    name = folder.resolve().name
    eats = any(token.rstrip for token in tokenizer.added_tokens_decoder.values() if token.special)
    if eats != any(sign in name.lower() for sign in ("phi-3", "phi3")):
        return f"{name} (like Phi-3)" if eats else re.sub("(?i)(phi)-?(3)", r"\1 \2", name)
    return name


def _named(folder: Path, config: Any, kind: Architecture) -> dict[str, Place]:
    """The model's tensors by GGUF's names. Raises UsageError for one that its kind does not have."""
    import gguf

    arch = next(each for each, name in gguf.MODEL_ARCH_NAMES.items() if name == kind.name)
    names = gguf.get_tensor_name_map(arch, config.num_hidden_layers)
    found: dict[str, Place] = {}
    for name, place in places(folder).items():
        if name.endswith(BUFFERS) or (name == "lm_head.weight" and config.tie_word_embeddings):
            continue
        known = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if known is None:
            raise UsageError(
                f"{folder} has a tensor {name}, which a {kind.name} has not: is it an adapter or another model?"
            )
        found[known] = place
    wanted = {"token_embd.weight", "output_norm.weight"} | (set() if config.tie_word_embeddings else {"output.weight"})
    layers = range(config.num_hidden_layers)
    wanted |= {f"blk.{layer}.{part}.weight" for layer in layers for part in kind.parts}
    wanted |= {f"blk.{layer}.{part}.bias" for layer in layers for part in kind.biases}
    if missing := sorted(wanted - found.keys()):
        raise UsageError(f"{folder} lacks {missing[0]} and {len(missing) - 1} other tensors: copy it again")
    return found


def _types(tensors: Mapping[str, Place], kind: str, config: Any) -> dict[str, GGMLQuantizationType]:
    shapes = {name: place.shape for name, place in tensors.items()}
    return {
        name: type_of(name, shape, kind, config, tied="output.weight" not in shapes) for name, shape in shapes.items()
    }


def _stops(folder: Path) -> list[int]:
    """The tokens that end an answer, by generation_config.json."""
    file = folder / "generation_config.json"
    ends = read_json(file).get("eos_token_id") if file.is_file() else None
    return [ends] if isinstance(ends, int) else list(ends or ())


def _write_tensors(
    writer: GGUFWriter,
    config: Any,
    architecture: Architecture,
    tensors: Mapping[str, Place],
    types: Mapping[str, GGMLQuantizationType],
) -> None:
    """First where every tensor will be, then the tensors, one at a time."""
    import numpy as np
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, quant_shape_to_byte_shape

    factors = frequency_factors(config)
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
        numbers = architecture.stored(name, _floats(place), config)
        writer.write_tensor_data(_as(name, numbers, types[name]))


def _as(name: str, numbers: Floats, kind: GGMLQuantizationType) -> Array:
    """The numbers as they are stored."""
    import numpy as np
    from gguf import GGMLQuantizationType

    if kind is GGMLQuantizationType.F32:
        return numbers
    if kind is GGMLQuantizationType.F16:
        if np.abs(numbers).max(initial=0) > HALF_MAX:
            raise UsageError(f"{name} has numbers beyond {HALF_MAX:,}, the largest of 16 bits: use --gguf f32")
        return numbers.astype(np.float16)
    return rounded_to(numbers, kind)


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
