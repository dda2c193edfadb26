"""How similar instructions are to the nearest seed, and to the nearest other one, by ROUGE-L F as the papers have it.

All pairs of a sample are compared: rapidfuzz does some ten million a second and core. A token is one character of a
string then, and the normalised similarity of two strings is ROUGE-L F of the token lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from selfinstruct.report.counting.lengths import histogram
from selfinstruct.text.tokens import tokens

__all__ = ["TENTHS", "Nearest", "alphabet", "nearest", "nearest_figures", "to_seeds"]

TENTHS = tuple(step / 20 for step in range(20))
"""Edges of the bins of similarities; 1 is in the last."""
BLOCK = 4_000_000
"""Pairs compared at once: 16 MB."""
LONGEST = 400
"""Tokens of an instruction that are compared: one with a whole article in it takes as long as a hundred others."""
SURROGATES = 0xD800, 0xE000

Floats = npt.NDArray[np.float32]


class Nearest(NamedTuple):
    """Of each instruction asked about, [n]."""

    other: Floats
    """To the nearest other one."""
    earlier: Floats
    """To the nearest of those before it; 0 for the first."""


def alphabet(texts: Sequence[str], known: dict[str, str]) -> list[str]:
    """Texts as strings of a character a token; `known` grows."""
    return ["".join(_letter(token, known) for token in tokens(text)[:LONGEST]) for text in texts]


def _letter(token: str, known: dict[str, str]) -> str:
    if token not in known:
        number = len(known) + 1
        known[token] = chr(number if number < SURROGATES[0] else number + SURROGATES[1] - SURROGATES[0])
    return known[token]


def nearest(asked: Sequence[int], texts: Sequence[str]) -> Nearest:
    """For the texts at the places asked about (increasing), against all texts, which are in the data's order.

    Texts are those of `alphabet`; one without tokens is similar to nothing.
    """
    other, earlier = np.zeros(len(asked), np.float32), np.zeros(len(asked), np.float32)
    step = max(1, BLOCK // max(len(texts), 1))
    for start in range(0, len(asked), step):
        places = asked[start : start + step]
        found = _similar([texts[place] for place in places], texts)
        found[np.arange(len(places)), places] = 0
        other[start : start + step] = found.max(axis=1)
        before = np.arange(len(texts)) < np.asarray(places)[:, None]
        earlier[start : start + step] = np.where(before, found, 0).max(axis=1)
    return Nearest(other, earlier)


def to_seeds(texts: Sequence[str], seeds: Sequence[str]) -> Floats:
    """To the nearest seed, [len(texts)]."""
    found = np.zeros(len(texts), np.float32)
    step = max(1, BLOCK // max(len(seeds), 1))
    for start in range(0, len(texts), step):
        found[start : start + step] = _similar(texts[start : start + step], seeds).max(axis=1)
    return found


def _similar(these: Sequence[str], those: Sequence[str]) -> Floats:
    from rapidfuzz.distance import Indel
    from rapidfuzz.process import cdist

    found: Floats = cdist(these, those, scorer=Indel.normalized_similarity, dtype=np.float32, workers=-1)
    for axis, texts in ((0, these), (1, those)):  # two empty texts are equal to rapidfuzz
        empty = [at for at, text in enumerate(texts) if not text]
        if empty:
            found[empty if axis == 0 else (slice(None), empty)] = 0
    return found


def nearest_figures(found: Floats, above: float = 0.7) -> dict[str, Any]:
    """{"asked", "mean", "median", "above": the share whose nearest is above 0.7, where the papers drop; "bins"}."""
    if not len(found):
        return {"asked": 0, "mean": None, "median": None, "above": None, "bins": [0] * len(TENTHS)}
    return {
        "asked": len(found),
        "mean": round(float(found.mean()), 4),
        "median": round(float(np.median(found)), 4),
        "above": round(float((found > above).mean()), 4),
        "bins": histogram(found, TENTHS),
    }
