"""A tokenizer written so that whoever reads it gets the tokens that were trained on.

transformers does not write all that it reads: LlamaTokenizer forgets `legacy`, after which a text after "</s>" has no
space before it any more, and a class that a model's kind stands for builds its own way of cutting text instead of the
file's. So what was written is read again, and compared; what is missing is added, or the class is the one that takes
tokenizer.json as it is.
"""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import UsageError

from .files import read_json
from .open import quietly, tokenizer_in

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

__all__ = ["check_saved", "same_tokens", "save_exactly"]

CONFIG = "tokenizer_config.json"
FORGOTTEN = ("legacy", "add_prefix_space", "add_bos_token", "add_eos_token")
"""What a tokenizer is made with and does not always write."""
AS_IT_IS = ("PreTrainedTokenizerFast", "TokenizersBackend")
"""Classes that take tokenizer.json for all of it. Every version of transformers knows the first, which a model's kind
may overrule; only newer ones know the second, which it may not."""

PROBES = (
    "Name 12 rivers, and don't forget the Elbe.",
    " two  spaces\tand\r\n\nlines ",
    "Ölmühle, naïve cafe\u0301, 你好，世界 🙂",
    "",
)
"""Texts that tokenizers which are not quite the same cut differently."""


def save_exactly(tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Write it into the folder, where a model's configuration may be already. Raises UsageError if that cannot be."""
    tokenizer.save_pretrained(folder)
    file = folder / CONFIG
    written = read_json(file)
    for changes in (_forgotten(tokenizer), *({"tokenizer_class": name} for name in AS_IT_IS)):
        if _is(tokenizer, folder):
            return
        text = json.dumps(written | changes, ensure_ascii=False, indent=2)
        file.write_text(text + "\n", encoding="utf-8")
    if not _is(tokenizer, folder):
        kind = read_json(folder / "config.json").get("model_type") if (folder / "config.json").is_file() else None
        raise UsageError(
            f"transformers reads the tokenizer of {tokenizer.name_or_path!r} in another way once it is saved"
            f"{f' beside a {kind} model' if kind else ''}: give a tokenizer of the base's own kind"
        )


def check_saved(tokenizer: PreTrainedTokenizerBase, base: Path) -> None:
    """Raises UsageError, before a training, when this tokenizer could not be saved as it is beside such a model."""
    with TemporaryDirectory() as folder:
        if (base / "config.json").is_file():
            copyfile(base / "config.json", Path(folder) / "config.json")
        save_exactly(tokenizer, Path(folder))


def _forgotten(tokenizer: Any) -> dict[str, Any]:
    given = {name: getattr(tokenizer, name, None) for name in FORGOTTEN} | dict(tokenizer.init_kwargs)
    return {name: given[name] for name in FORGOTTEN if given[name] is not None}


def _is(tokenizer: PreTrainedTokenizerBase, folder: Path) -> bool:
    try:
        with quietly():
            return same_tokens(tokenizer, tokenizer_in(folder))
    except UsageError:
        return False


def same_tokens(one: PreTrainedTokenizerBase, other: PreTrainedTokenizerBase) -> bool:
    """Whether two tokenizers give any text the same tokens, and the same of them stand for beginning, end and padding.

    Those of the package tokenizers are compared as a whole, those written in Python by texts that tell them apart.
    """
    if any(getattr(one, f"{name}_token_id") != getattr(other, f"{name}_token_id") for name in ("bos", "eos", "pad")):
        return False
    parts = [_parts(each) for each in (one, other)]
    if None not in parts:
        return parts[0] == parts[1]
    names = one.all_special_tokens
    probes = [*PROBES, *(f"{before}{text}" for before in names for text in PROBES)]
    return one.get_vocab() == other.get_vocab() and all(one(text).input_ids == other(text).input_ids for text in probes)


def _parts(tokenizer: Any) -> dict[str, Any] | None:
    """All that a text's tokens depend on."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        return None
    about = json.loads(backend.to_str())
    model = {name: value for name, value in about["model"].items() if value not in (None, "", False)}  # "" is none
    parts = ("added_tokens", "normalizer", "pre_tokenizer", "post_processor")
    return {name: about.get(name) for name in parts} | {"model": model}
