"""Tokenizers of the kinds that bases have, and tiny models with them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import torch
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import LlamaConfig, LlamaForCausalLM, LlamaTokenizer, PreTrainedTokenizerFast

__all__ = [
    "APART",
    "BYTES",
    "CHAT",
    "KINDS",
    "LLAMA3",
    "PROBES",
    "TEXTS",
    "as_base",
    "byte_level",
    "learned",
    "model_at",
    "proto",
    "sentencepiece",
]

TEXTS = [
    "Name three rivers of Europe, and say where each of them ends.",
    "The Elbe ends at Cuxhaven; the Rhine, the Danube: they don't.",
    "def double(x):\n    return 2 * x\n\n\nprint(double(21))",
    "Wie heißt die Hauptstadt von Österreich? 写一首关于春天的诗。",
    "In 1969, 12 of 345 people paid $1,234.50 -- or 99.9 %!",
]
PROBES = [
    *TEXTS,
    "",
    " ",
    "  two  spaces ",
    "tabs\t\tand\r\nlines\n\n",
    "emoji 🙂 and ﬁ",
    "IT'S we'LL 12345 a1b2  3",
    "ﬀ\u00a0x",
]
APART = [text for text in PROBES if not text.startswith(" ")]
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
CHAT = "{% for message in messages %}{{ message.content }}{{ eos_token }}{% endfor %}"


def byte_level(*steps: Any, whole: bool = False) -> Any:
    backend: Any = Tokenizer(models.BPE(ignore_merges=whole))
    backend.pre_tokenizer = pre_tokenizers.Sequence(list(steps))
    specials = ["<s>", "</s>", "<pad>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=specials, initial_alphabet=alphabet, show_progress=False
    )
    backend.train_from_iterator(TEXTS, trainer)
    backend.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    kind: Any = PreTrainedTokenizerFast
    tokenizer: Any = kind(tokenizer_object=backend, bos_token="<s>", eos_token="</s>", pad_token="<pad>")
    tokenizer.chat_template = CHAT
    return tokenizer


def sentencepiece(published: bool = False) -> Any:
    """A vocabulary of Llama 2's kind: pieces by score, every pair that makes a piece a merge, bytes for the rest."""
    pieces = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    backend: Any = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.Metaspace(split=False)
    backend.train_from_iterator(TEXTS * 2, trainers.BpeTrainer(vocab_size=160, max_token_length=8, show_progress=False))
    learned = sorted(backend.get_vocab().items(), key=lambda item: item[1])
    pieces += [piece for piece, _ in learned if len(piece) > 1] + [piece for piece, _ in learned if len(piece) == 1]
    known = set(pieces)
    merges = [
        (piece[:cut], piece[cut:])
        for piece, _ in learned
        for cut in range(1, len(piece))
        if piece[:cut] in known and piece[cut:] in known
    ]
    vocab = {piece: number for number, piece in enumerate(pieces)}
    kind: Any = LlamaTokenizer
    tokenizer: Any = kind(vocab=vocab, merges=merges, pad_token="<unk>", add_bos_token=True)
    if published:  # as in Llama 2's tokenizer.json: a space before every text, also before one that begins with a space
        space = [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
        backend = tokenizer.backend_tokenizer
        backend.normalizer, backend.pre_tokenizer = normalizers.Sequence(space), None
        kind = PreTrainedTokenizerFast
        tokenizer = kind(tokenizer_object=backend, bos_token="<s>", eos_token="</s>", unk_token="<unk>")
    tokenizer.chat_template = CHAT
    return tokenizer


BYTES = pre_tokenizers.ByteLevel
KINDS: dict[str, Callable[[], Any]] = {
    "gpt-2": lambda: byte_level(BYTES(add_prefix_space=False)),
    "smollm": lambda: byte_level(pre_tokenizers.Digits(individual_digits=True), BYTES(add_prefix_space=False)),
    "llama-bpe": lambda: byte_level(
        pre_tokenizers.Split(Regex(LLAMA3), "isolated"), BYTES(add_prefix_space=False, use_regex=False), whole=True
    ),
    "smaug-bpe": lambda: byte_level(
        pre_tokenizers.Split(Regex(LLAMA3), "isolated"), BYTES(add_prefix_space=False, use_regex=False)
    ),
    "qwen2": lambda: byte_level(
        pre_tokenizers.Split(Regex(LLAMA3.replace("{1,3}", "")), "isolated"),
        BYTES(add_prefix_space=False, use_regex=False),
    ),
    "default": sentencepiece,
    "default, as published": lambda: sentencepiece(published=True),
}
"""Tokenizers by llama.cpp's name of what they do before merging."""


def model_at(folder: Path, tokenizer: Any, *, dtype: Any = torch.float32, **settings: Any) -> Path:
    torch.manual_seed(0)
    usual: dict[str, Any] = {
        "vocab_size": len(tokenizer),
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "max_position_embeddings": 256,
        "rms_norm_eps": 1e-5,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
        "initializer_range": 0.03,
    }
    model = LlamaForCausalLM(LlamaConfig(**usual | settings))
    for parameter in model.parameters():
        if parameter.dim() == 1:
            parameter.data += torch.randn_like(parameter) * 0.1  # norms and biases that differ from 1 and 0
    model.to(dtype).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@cache
def proto(kind: str = "bpe") -> bytes:
    """A tokenizer.model that SentencePiece learned: of the kind bpe or unigram."""
    import sentencepiece as package

    held = io.BytesIO()
    package.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXTS * 5),
        model_writer=held,
        model_type=kind,
        vocab_size=420 if kind == "bpe" else 340,
        byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        minloglevel=2,
    )
    return held.getvalue()


def as_base(folder: Path, kind: str = "bpe", **config: Any) -> Path:
    """A folder with nothing but what SentencePiece learned and a tokenizer_config.json, as older bases have them."""
    folder.mkdir(parents=True)
    of_llama = kind == "bpe"
    (folder / ("tokenizer.model" if of_llama else "spiece.model")).write_bytes(proto(kind))
    usual = {
        "tokenizer_class": "LlamaTokenizer" if of_llama else "T5Tokenizer",
        "bos_token": "<s>",
        "eos_token": "</s>",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(usual | {"unk_token": "<unk>"} | config))
    return folder


def learned(folder: Path) -> Any:
    """A model with a vocabulary that SentencePiece itself learned, with its tokenizer.model; what reads that."""
    import sentencepiece as package

    pieces = package.SentencePieceProcessor(model_proto=proto())
    names = [pieces.id_to_piece(number) for number in range(pieces.get_piece_size())]
    score = {name: pieces.get_score(number) for number, name in enumerate(names)}
    pairs = [(a[:cut], a[cut:]) for a in names[259:] for cut in range(1, len(a)) if {a[:cut], a[cut:]} <= score.keys()]
    pairs.sort(key=lambda pair: -score["".join(pair)])
    kind: Any = LlamaTokenizer
    tokenizer = kind(vocab={name: number for number, name in enumerate(names)}, merges=pairs)
    model_at(folder, tokenizer)
    (folder / "tokenizer.model").write_bytes(proto())
    return pieces
