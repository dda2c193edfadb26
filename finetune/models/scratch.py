"""A base with random weights: of its folder only the configuration, and the tokenizer unless another is given."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from selfinstruct.errors import UsageError

from ..settings import Settings
from .folders import folder_of
from .open import config_in, has_tokenizer, tokenizer_in
from .vocabulary import give_pad

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

__all__ = ["from_scratch", "is_bare"]

WEIGHTS = ("*.safetensors", "*.bin", "*.pt", "*.pth", "*.gguf", "*.ckpt")


def is_bare(folder: Path) -> bool:
    """Whether a folder says how a model is built and holds no weights of it, in whatever form."""
    return (folder / "config.json").is_file() and not any(any(folder.glob(kind)) for kind in WEIGHTS)


def from_scratch(folder: Path, settings: Settings) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The model in fp32 with the weights that `settings.seed` gives, as its own code draws them, and its tokenizer.

    Its vocabulary becomes the tokenizer's. PyTorch's own random state is left as it was. Raises UsageError.
    """
    from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

    if not settings.tokenizer and not has_tokenizer(folder):
        raise UsageError(
            f"{folder} has no tokenizer: give one with --set tokenizer=DIR; selfinstruct tokenizer train makes one"
        )
    source = folder_of(settings.tokenizer, "the tokenizer", weights=False) if settings.tokenizer else folder
    tokenizer = tokenizer_in(source)
    give_pad(tokenizer)
    config: Any = config_in(folder)
    config.get_text_config().vocab_size = (
        len(tokenizer) if settings.tokenizer else max(config.get_text_config().vocab_size, len(tokenizer))
    )
    for name in ("bos_token_id", "eos_token_id", "pad_token_id"):
        setattr(config.get_text_config(), name, getattr(tokenizer, name))
    kind: Any = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        model: PreTrainedModel = kind.from_config(config, dtype=torch.float32, trust_remote_code=False)
    return model, tokenizer
