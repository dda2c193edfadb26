"""A map of a data set: tasks that ask for similar things are near one another.

By the words that they have in common, or by sentence embeddings (the extra `semantic`; 10 seconds and half a gigabyte
more). Their first 50 principal components are laid out on a plane by t-SNE: neighbours stay neighbours, distances
across the map mean little.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from selfinstruct.text.tokens import pieces

__all__ = ["laid_out", "plane"]

Floats = npt.NDArray[np.float64]

WORDS = 2048
"""Columns of word vectors."""
WIDTH = 50
NEIGHBOURS = 20.0
"""The perplexity."""
ROUNDS = 250


def laid_out(texts: Sequence[str], by: str) -> list[list[float]]:
    """[[x, y] from 0 to 1] of at most some thousand texts, by their "words" or their "meaning".

    Raises UsageError when a package that embeddings need is missing.
    """
    if by == "meaning":
        from selfinstruct.filters.embeddings import embed

        found = embed(texts).astype(np.float64)
    else:
        found = _words(texts)
    rounded: list[list[float]] = plane(found).round(4).tolist()
    return rounded


def _words(texts: Sequence[str]) -> Floats:
    """Rare words count more than common ones; in scripts without spaces, two characters in a row are a word."""
    split = [_terms(text) for text in texts]
    counts: dict[str, int] = {}
    for terms in split:
        for term in set(terms):
            counts[term] = counts.get(term, 0) + 1
    known = sorted((term for term, count in counts.items() if count > 1), key=lambda term: (-counts[term], term))[
        :WORDS
    ]
    column = {term: at for at, term in enumerate(known)}
    found = np.zeros((len(texts), max(len(known), 1)))
    for row, terms in enumerate(split):
        for term in terms:
            if term in column:
                found[row, column[term]] += np.log(len(texts) / counts[term])
    sizes = np.linalg.norm(found, axis=1, keepdims=True)
    made: Floats = np.divide(found, sizes, out=np.zeros_like(found), where=sizes > 0)
    return made


def _terms(text: str) -> list[str]:
    words = pieces(text[:1000])
    return [word for word in words if len(word) > 1] + [
        a + b for a, b in pairwise(words) if len(a) == len(b) == 1 and not a.isascii()
    ]


def plane(given: Floats) -> Floats:
    """[n, 2] from 0 to 1, the same each time: t-SNE from the first two principal components on."""
    n = len(given)
    if n < 3:
        return np.full((n, 2), 0.5)
    centred = given - given.mean(axis=0)
    sizes, left = np.linalg.eigh(centred @ centred.T)  # a fifth of the time of a singular value decomposition
    sizes, left = sizes[::-1][:WIDTH], left[:, ::-1][:, :WIDTH]
    left *= np.sign(left[np.abs(left).argmax(axis=0), np.arange(left.shape[1])])  # the same on every machine
    reduced = left * np.sqrt(np.maximum(sizes, 0))
    start = reduced[:, :2] if reduced.shape[1] > 1 else np.c_[reduced, np.zeros(n)]
    place = start / max(float(start.std()), 1e-12) * 1e-2
    if n > 10:
        place = _tsne(_affinities(reduced, min(NEIGHBOURS, (n - 1) / 3)), place)
    low, high = np.quantile(place, 0.002, axis=0), np.quantile(place, 0.998, axis=0)
    found: Floats = np.clip((place - low) / np.maximum(high - low, 1e-12), 0, 1)
    return found


def _affinities(given: Floats, neighbours: float) -> Floats:
    """[n, n]: how likely each takes each for its neighbour, with about as many neighbours everywhere."""
    squares = (given**2).sum(axis=1)
    distances = np.maximum(squares[:, None] + squares - 2 * given @ given.T, 0)
    np.fill_diagonal(distances, np.inf)
    nearest = distances.min(axis=1, keepdims=True)
    low, high = np.full(len(given), 1e-6), np.full(len(given), 1e6)
    for _ in range(30):  # halving, for all rows at once
        sharp = np.sqrt(low * high)
        weights = np.exp((nearest - distances) * sharp[:, None])
        weights /= weights.sum(axis=1, keepdims=True)
        entropy = -(weights * np.log(np.maximum(weights, 1e-12))).sum(axis=1)
        wide = entropy > np.log(neighbours)
        low, high = np.where(wide, sharp, low), np.where(wide, high, sharp)
    both: Floats = (weights + weights.T) / (2 * len(given))
    return np.maximum(both, 1e-12)


def _tsne(affinities: Floats, place: Floats) -> Floats:
    """Gradient descent of the two-dimensional places, with momentum, as van der Maaten and Hinton (2008) have it."""
    n, affinities, place = len(place), affinities.astype(np.float32), place.astype(np.float32)
    speed, gains = np.zeros_like(place), np.ones_like(place)
    for step in range(ROUNDS):
        strength = 12.0 if step < 80 else 1.0
        squares = (place**2).sum(axis=1)
        near = place @ (-2 * place.T)
        near += squares[:, None] + 1
        near += squares
        np.reciprocal(near, out=near)
        np.fill_diagonal(near, 0)
        pull = strength * affinities
        pull -= near / near.sum()
        pull *= near
        slope = 4 * (pull.sum(axis=1)[:, None] * place - pull @ place)
        same = np.sign(slope) == np.sign(speed)
        gains = np.maximum(np.where(same, gains * 0.8, gains + 0.2), 0.01)
        speed = (0.5 if step < 80 else 0.8) * speed - max(n / 48, 50) * gains * slope
        place = place + speed
    return place.astype(np.float64)
