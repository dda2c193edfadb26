"""Meta's own files as a base: params.json, consolidated.00.pth and further shards, tokenizer.model.

Their layout is transformers' Llama under other names. Shards are cut along rows or columns, as each matrix was over
GPUs; queries and keys are stored for rotating neighbouring pairs of a head (RoPE), and transformers pairs half a head
apart.
Pickles are read as tensors only, and never run.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import UsageError

from .files import INDEX, read_json

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

__all__ = ["files_in", "taken_apart"]

OUTSIDE = {"tok_embeddings": "model.embed_tokens", "norm": "model.norm", "output": "lm_head"}
INSIDE = {
    "attention.wq": "self_attn.q_proj",
    "attention.wk": "self_attn.k_proj",
    "attention.wv": "self_attn.v_proj",
    "attention.wo": "self_attn.o_proj",
    "feed_forward.w1": "mlp.gate_proj",
    "feed_forward.w2": "mlp.down_proj",
    "feed_forward.w3": "mlp.up_proj",
    "attention_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}
COLUMNS = ("attention.wo", "feed_forward.w2")
"""What shards have columns of; of the others they have rows."""
LLAMA3 = ("<|begin_of_text|>", "<|end_of_text|>", "<|finetune_right_pad_id|>")
NAMED = dict(zip((0, 1, 4), LLAMA3, strict=True)) | {
    6: "<|start_header_id|>",
    7: "<|end_header_id|>",
    8: "<|eom_id|>",
    9: "<|eot_id|>",
    10: "<|python_tag|>",
}
"""Of Llama 3's 256 tokens after its vocabulary, those with names; the others are reserved."""
FILE = 5_000_000_000
"""Bytes of weights in one file."""


def files_in(folder: Path) -> list[Path]:
    """All that the model is made of."""
    return [
        folder / "params.json",
        *sorted(folder.glob("consolidated.*.pth")),
        *filter(Path.is_file, _vocabulary(folder)),
    ]


def taken_apart(folder: Path, out: Path) -> None:
    """Write the model into the folder as transformers has it. Raises UsageError."""
    from .tokenizer_files import save_exactly

    params = read_json(folder / "params.json")
    shards = [_loaded(file) for file in sorted(folder.glob("consolidated.*.pth"))]
    vocabulary = next(filter(Path.is_file, _vocabulary(folder)), None)
    if vocabulary is None:
        raise UsageError(f"{folder} has no tokenizer.model: copy it there, from beside the folders of the models")
    config = _config(folder, params, shards)
    _write(_tensors(folder, shards, config), out, config)
    text = vocabulary.read_bytes()
    tokenizer = _of_ranks(text) if text[:1].isalnum() else _of_pieces(vocabulary)
    if config["vocab_size"] < len(tokenizer):
        raise UsageError(
            f"{vocabulary} has {len(tokenizer):,} tokens, the model {config['vocab_size']:,}: is it another's?"
        )
    config |= {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id}
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    save_exactly(tokenizer, out)


def _vocabulary(folder: Path) -> list[Path]:
    return [folder / "tokenizer.model", folder.resolve().parent / "tokenizer.model"]


def _loaded(file: Path) -> dict[str, torch.Tensor]:
    import torch

    try:
        held = torch.load(file, map_location="cpu", mmap=True, weights_only=True)
    except Exception as error:  # pickle's, zip's and PyTorch's own kinds
        reason = next(iter(str(error).splitlines()), "")[:150]
        raise UsageError(f"{file} is no file of plain tensors ({reason}): copy it again") from None
    if not isinstance(held, dict) or "tok_embeddings.weight" not in held:
        raise UsageError(f"{file} is no Llama of Meta's: it has no tok_embeddings.weight")
    return held


def _config(folder: Path, params: Mapping[str, Any], shards: list[dict[str, torch.Tensor]]) -> dict[str, Any]:
    first = shards[0]
    try:
        width, layers, heads = (int(params[name]) for name in ("dim", "n_layers", "n_heads"))
    except (KeyError, TypeError, ValueError):
        raise UsageError(f"{folder / 'params.json'} lacks dim, n_layers or n_heads: it is no Llama of Meta's") from None
    epsilon, theta = float(params.get("norm_eps", 1e-5)), float(params.get("rope_theta", 10_000.0))
    rope: dict[str, Any] = {"rope_type": "default", "rope_theta": theta}
    length = 4096 if epsilon >= 1e-5 else 2048  # of the first Llama, which had 1e-6
    length = 8192 if theta == 500_000 else 16_384 if theta == 1_000_000 else length
    if params.get("use_scaled_rope"):
        small = (width, layers) in ((2048, 16), (3072, 28))  # Llama 3.2's
        factor = float(params.get("rope_scaling_factor", 32 if small else 8))
        rope |= {"rope_type": "llama3", "factor": factor, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
        rope["original_max_position_embeddings"], length = 8192, 131_072
    head, embedding = first.get("output.weight"), first["tok_embeddings.weight"]
    tied = head is None or (head.shape == embedding.shape and bool(head.equal(embedding)) and len(shards) == 1)
    rows = sum(len(shard["tok_embeddings.weight"]) for shard in shards)
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "dtype": str(embedding.dtype).removeprefix("torch."),
        "hidden_size": width,
        "intermediate_size": sum(len(shard["layers.0.feed_forward.w1.weight"]) for shard in shards),
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": int(params.get("n_kv_heads") or heads),
        "rms_norm_eps": epsilon,
        "max_position_embeddings": length,
        "rope_parameters": rope,
        "tie_word_embeddings": tied,
        "vocab_size": rows if embedding.shape[1] == width else len(embedding),
    }


def _tensors(
    folder: Path, shards: list[dict[str, torch.Tensor]], config: Mapping[str, Any]
) -> Iterator[tuple[str, torch.Tensor]]:
    """Under transformers' names, whole. Raises UsageError for one that no Llama has, or that is missing."""
    import torch

    wanted = {f"layers.{layer}.{part}" for layer in range(config["num_hidden_layers"]) for part in INSIDE}
    wanted |= OUTSIDE.keys() - ({"output"} if config["tie_word_embeddings"] else set())
    there = {name.removesuffix(".weight") for name in shards[0]} - {"rope.freqs"}
    if more := sorted(there - wanted - {"output"}):
        raise UsageError(f"{folder} has a tensor {more[0]}, which no Llama has: it is another kind of model")
    if missing := sorted(wanted - there):
        raise UsageError(f"{folder} lacks {missing[0]} and {len(missing) - 1} other tensors: copy it again")
    for name in sorted(wanted):
        kind = ".".join(name.split(".")[2:])
        parts = [shard[f"{name}.weight"] for shard in shards]
        whole = parts[0]
        if whole.ndim > 1 and len(parts) > 1:
            cut = kind in COLUMNS or (name == "tok_embeddings" and whole.shape[1] != config["hidden_size"])
            whole = torch.cat(parts, dim=1 if cut else 0)
        if kind in ("attention.wq", "attention.wk"):
            heads = config["num_attention_heads" if kind.endswith("q") else "num_key_value_heads"]
            rows, width = whole.shape
            whole = whole.view(heads, rows // heads // 2, 2, width).transpose(1, 2).reshape(rows, width)
        place = f"model.layers.{name.split('.')[1]}.{INSIDE[kind]}" if kind else OUTSIDE[name]
        yield f"{place}.weight", whole.contiguous()


def _write(tensors: Iterator[tuple[str, torch.Tensor]], out: Path, config: Mapping[str, Any]) -> None:
    """Files of up to FILE bytes, and which tensor is in which."""
    from safetensors.torch import save_file

    held: dict[str, torch.Tensor] = {}
    where: dict[str, str] = {}
    number = 1

    def written() -> None:
        name = f"model-{number:05}.safetensors"
        save_file({key: value.clone() for key, value in held.items()}, out / name, metadata={"format": "pt"})
        where.update(dict.fromkeys(held, name))
        held.clear()

    for name, tensor in tensors:
        if held and sum(map(_bytes, held.values())) + _bytes(tensor) > FILE:
            written()
            number += 1
        held[name] = tensor
    written()
    (out / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": where}, indent=1) + "\n", encoding="utf-8")


def _bytes(tensor: torch.Tensor) -> int:
    return tensor.numel() * tensor.element_size()


def _of_pieces(file: Path) -> PreTrainedTokenizerBase:
    """SentencePiece's, of the first two Llamas."""
    from tempfile import TemporaryDirectory

    from .open import tokenizer_in

    about = {"tokenizer_class": "LlamaTokenizer", "legacy": False, "add_bos_token": True, "add_eos_token": False}
    about |= {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "clean_up_tokenization_spaces": False}
    with TemporaryDirectory() as folder:
        (Path(folder) / "tokenizer.model").write_bytes(file.read_bytes())
        (Path(folder) / "tokenizer_config.json").write_text(json.dumps(about), encoding="utf-8")
        return tokenizer_in(Path(folder))


def _of_ranks(text: bytes) -> PreTrainedTokenizerBase:
    """tiktoken's, of Llama 3: a line has a token's bytes in base 64, and its rank."""
    from tokenizers import processors
    from transformers import PreTrainedTokenizerFast
    from transformers.convert_slow_tokenizer import TikTokenConverter

    ranks = {base64.b64decode(line.split()[0]): int(line.split()[1]) for line in text.splitlines() if line}
    others = iter(range(256))
    named = [NAMED.get(place) or f"<|reserved_special_token_{next(others)}|>" for place in range(256)]
    kind: Any = TikTokenConverter
    converter = kind(vocab_file="")
    converter.load_tiktoken_bpe = lambda _: ranks  # so that it needs no package for reading lines
    backend = converter.tokenizer()
    backend = _cut(backend, converter.pattern)
    backend.add_special_tokens(named)
    backend.post_processor = processors.TemplateProcessing(
        single=f"{LLAMA3[0]} $A", pair=f"{LLAMA3[0]} $A $B", special_tokens=[(LLAMA3[0], len(ranks))]
    )
    fast: Any = PreTrainedTokenizerFast
    made: PreTrainedTokenizerBase = fast(
        tokenizer_object=backend,
        bos_token=LLAMA3[0],
        eos_token=LLAMA3[1],
        pad_token=LLAMA3[2],
        clean_up_tokenization_spaces=False,
    )
    return made


def _cut(backend: Any, pattern: str) -> Any:
    from tokenizers import Regex, decoders, pre_tokenizers

    split = pre_tokenizers.Split(Regex(pattern), behavior="isolated", invert=False)
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    backend.decoder = decoders.ByteLevel()
    return backend
