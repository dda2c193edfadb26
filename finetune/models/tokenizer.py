"""A tokenizer by itself, opened as training opens it, and of a model on the hub without its weights: for counting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from selfinstruct.errors import UsageError

from .folders import base_of, folder_of
from .open import has_tokenizer, tokenizer_in

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

__all__ = ["tokenizer_of"]


def tokenizer_of(name: str) -> PreTrainedTokenizerBase:
    """That of a model, a folder or a hub id; an adapter's is its own, or its base's. Raises UsageError."""
    try:
        import transformers  # noqa: F401
    except ImportError as error:
        raise UsageError(f"{name} needs the package {error.name}: pip install 'selfinstruct[train]'") from None
    folder = folder_of(name, "the tokenizer", weights=False)
    if (folder / "adapter_config.json").is_file() and not has_tokenizer(folder):
        return tokenizer_of(base_of(folder))
    return tokenizer_in(folder)
