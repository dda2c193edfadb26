"""The tokenizer of a GGUF file, as transformers converts it, with the digits apart where llama.cpp has them apart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from selfinstruct.gguf_file import read_header

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

__all__ = ["tokenizer_of_gguf"]


def tokenizer_of_gguf(path: Path) -> PreTrainedTokenizerBase:
    """Raises UsageError for a file without a tokenizer, or one that would give other tokens than llama.cpp."""
    from tokenizers import pre_tokenizers
    from transformers import AutoTokenizer

    tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    header = read_header(path)
    if header.get("tokenizer.ggml.pre") == "smollm":
        digits = pre_tokenizers.Digits(individual_digits=True)
        words = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
        tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, words])  # type: ignore[attr-defined,unused-ignore]
    if template := header.get("tokenizer.chat_template"):
        tokenizer.chat_template = template
    return tokenizer
