"""GGUF files as bases: transformers dequantises the weights, the tokenizer is llama.cpp's, and what neither of both
reads is refused.

transformers 5.23 leaves out what a file says about stretched positions: Llama 3's factors are a tensor that it has no
name for, linear and yarn are keys that it does not read. A model without them answers worse and says nothing. Llama 3's
are put back here, the others refused.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import UsageError
from selfinstruct.gguf_file import parts_of, read_header

if TYPE_CHECKING:
    from gguf import GGUFReader

__all__ = ["dequantised", "kind_of"]

PLAIN = {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}
"""Kinds of tensors that are numbers as they are."""
QUANTISED = "bfloat16"
"""What others become. Of SmolLM2 in Q4_1 the loss on a page of English was 2.8588 in it and 2.8595 in fp32."""
STRETCHED = "rope_freqs.weight"
LLAMA3 = {"rope_type": "llama3", "low_freq_factor": 1.0, "high_freq_factor": 4.0}
BEFORE = 8192
"""Positions that Llama 3 read before it was stretched: all of its releases have this."""


def kind_of(file: Path) -> tuple[str, str]:
    """What most of a file's matrices are ("Q4_1", "float16"), and what they become ("bfloat16"). Raises UsageError."""
    sizes: Counter[str] = Counter()
    for tensor in _reader(file).tensors:
        if len(tensor.shape) > 1:
            sizes[tensor.tensor_type.name] += int(tensor.n_elements)
    if not sizes:
        raise UsageError(f"{file} has no weights: it is a vocabulary alone, or its download broke off")
    most = sizes.most_common(1)[0][0]
    return PLAIN.get(most, most), PLAIN.get(most, QUANTISED)


def dequantised(file: Path, out: Path) -> None:
    """Write the model into the folder, in 16 bits unless it is in fp32. Raises UsageError."""
    import torch
    from transformers import AutoModelForCausalLM, GgufConfig

    from .gguf_tokenizer import tokenizer_of_gguf
    from .open import quietly, told
    from .tokenizer_files import save_exactly

    header = read_header(file)
    if len(parts_of(file)) > 1:
        raise UsageError(f"{file} is one of {len(parts_of(file))} parts: join them with llama-gguf-split --merge first")
    kind = getattr(torch, kind_of(file)[1])
    kinds: Any = AutoModelForCausalLM
    plain = GgufConfig(dequantize=True)
    with quietly(), told(str(file)), _without_bars():
        try:
            model, found = kinds.from_pretrained(
                file.parent, gguf_file=file.name, dtype=kind, output_loading_info=True, quantization_config=plain
            )
        except ValueError as error:
            if "not supported yet" not in str(error):
                raise
            raise UsageError(
                f"{file} is a {header.get('general.architecture')}, which transformers cannot read from GGUF: give the "
                "model's own folder or hub id"
            ) from None
    _check_all_read(file, model, found)
    _stretch(file, model, header)
    tokenizer = tokenizer_of_gguf(file)
    for about in (model.config, model.generation_config):  # so that it is no quantised model
        for name in ("quantization_config", "_model_name_or_path"):
            if hasattr(about, name):
                delattr(about, name)
    model.hf_quantizer, model.is_quantized = None, False
    model.config.dtype = kind
    with quietly():
        model.save_pretrained(out, max_shard_size="5GB")
        save_exactly(tokenizer, out)


@contextmanager
def _without_bars() -> Iterator[None]:
    """transformers draws a bar whatever its own settings say; only a terminal shows it as one."""
    with ExitStack() as held:
        if not sys.stderr.isatty():
            held.enter_context(redirect_stderr(StringIO()))
        yield


def _check_all_read(file: Path, model: Any, found: Any) -> None:
    """Raises UsageError when a weight would be random, or one of the file's is used for nothing."""
    missing = sorted(found["missing_keys"])
    there = sum(int(tensor.n_elements) for tensor in _reader(file).tensors if not tensor.name.startswith("rope_"))
    if missing or there != sum(weight.numel() for weight in model.parameters()):
        what = f"{missing[0]} is not in it" if missing else "it has tensors that transformers does not read"
        raise UsageError(f"{file} is no whole {type(model).__name__}: {what}; give the model's own folder or hub id")


def _stretch(file: Path, model: Any, header: dict[str, Any]) -> None:
    """Put back what the file says of positions beyond those that the model was trained on. Raises UsageError."""
    from transformers import AutoConfig

    kind = header.get("rope.scaling.type", "none")
    stretched = [tensor for tensor in _reader(file).tensors if tensor.name.startswith("rope_")]
    if kind not in ("none", model.config.rope_parameters.get("rope_type")):
        raise UsageError(
            f"{file} stretches positions by {kind!r}, which transformers does not read from GGUF: give the model's own "
            "folder or hub id"
        )
    if not stretched:
        return
    factors = {tensor.name: tensor.data for tensor in stretched}
    wanted = factors.get(STRETCHED)
    if wanted is not None and len(factors) == 1:
        about = LLAMA3 | {"factor": float(wanted.max()), "original_max_position_embeddings": BEFORE}
        theta = float(model.config.rope_parameters["rope_theta"])
        about["rope_theta"] = theta
        config = AutoConfig.for_model(**model.config.to_dict() | {"rope_parameters": about})
        if _same_factors(config, theta, wanted):
            model.config.rope_parameters = config.rope_parameters
            return
    raise UsageError(
        f"{file} stretches positions by {', '.join(factors)}, other than Llama 3 does: give the model's own folder or "
        "hub id"
    )


def _same_factors(config: Any, theta: float, wanted: Any) -> bool:
    """Whether Llama 3's rule, with what is in the configuration, slows each frequency by what the file says."""
    import numpy as np
    import torch
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

    slowed, _ = ROPE_INIT_FUNCTIONS["llama3"](config, torch.device("cpu"))
    width = 2 * len(slowed)
    plain = theta ** -(np.arange(0, width, 2) / width)
    return bool(np.allclose(plain / slowed.numpy(), wanted, rtol=1e-3))


def _reader(file: Path) -> GGUFReader:
    try:
        from gguf import GGUFReader
    except ImportError:
        raise UsageError(f"{file} needs the package gguf: pip install 'selfinstruct[train]'") from None
    read_header(file)  # says in one line what is no GGUF file, or torn
    try:
        return GGUFReader(str(file))
    except (ValueError, KeyError, IndexError, OverflowError) as error:
        raise UsageError(f"{file} is damaged ({error}): copy it again") from None
