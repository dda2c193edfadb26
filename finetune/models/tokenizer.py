"""A tokenizer by itself, opened as training opens it, and of a model on the hub without its weights: for counting."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from selfinstruct.errors import UsageError

from .folders import LOADED, base_of, first_line, folder_of
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
    folder = _fetched(name) if _is_hub_id(name) else folder_of(name, "the tokenizer")
    if (folder / "adapter_config.json").is_file() and not has_tokenizer(folder):
        return tokenizer_of(base_of(folder))
    return tokenizer_in(folder)


def _is_hub_id(name: str) -> bool:
    path = os.path.expanduser(name)
    is_path = os.path.isabs(path) or name.startswith(".") or name.count("/") > 1 or name.endswith(".gguf")
    return not (is_path or name == "smollm2" or os.path.exists(path))


def _fetched(name: str) -> Path:
    """What the hub has under an id, but for weights; this machine's copy where the hub cannot be asked."""
    from huggingface_hub import snapshot_download

    wanted = [pattern for pattern in LOADED if pattern != "*.safetensors"]
    try:
        return Path(snapshot_download(name, allow_patterns=wanted, etag_timeout=10))
    except Exception as error:  # HTTP's, the hub's and the system's own kinds
        raise UsageError(
            f"there is no folder {name!r}, and the hub does not give it ({first_line(error)}): check the name and the "
            "network, or give a folder"
        ) from None
