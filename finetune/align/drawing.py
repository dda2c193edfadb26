"""Answers drawn to questions, many at once, each by random numbers of its own.

    found = draw(model, made, [seed_of("0/12/7/3")])

What is drawn depends on the seed of the training, the step, the question and the number of the answer, and on nothing
else: no state of random numbers has to be kept for a training that goes on, and neither micro-batches nor processes
change an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from ..answer.decoding import decode
from ..answer.sampling import Answer

__all__ = ["Drawn", "draw", "seed_of"]

TOGETHER = 64
"""Answers at once: what a model remembers of them, 64 × 512 tokens, are 4 GB in a 7B model with grouped heads."""
THOUGHT = "</think>"


class Drawn(Answer):
    """An answer whose text is read once it is finished: nobody looks at it before."""

    def __init__(self, like: Answer, seed: int, temperature: float) -> None:
        rules = replace(like.sampling, seed=seed, temperature=temperature)
        super().__init__(like.prompt, like._tokenizer, like._ends, rules, like._lead)

    def take(self, token: int) -> None:
        self.tokens.append(token)
        if token in self._ends:
            self.finish = "stop"
        elif len(self.tokens) >= self.sampling.max_tokens:
            self.finish = "length"
        if self.finish:
            said = self.tokens[:-1] if self.finish == "stop" else self.tokens
            self.text = self._decoded(said).removeprefix(self._lead)

    @property
    def said(self) -> str:
        """Without what was thought before it."""
        return self.text.rpartition(THOUGHT)[2].strip()


def seed_of(text: str) -> int:
    """63 bits."""
    return int.from_bytes(sha256(text.encode()).digest()[:8]) >> 1


def draw(
    model: Any,
    answers: Sequence[Answer],
    seeds: Sequence[int],
    temperature: float,
    meanwhile: Callable[[str], None] = lambda doing: None,
) -> list[Drawn]:
    """An answer for each of these and each seed, at temperature 0 the likeliest."""
    found = [Drawn(like, seed, temperature) for like, seed in zip(answers, seeds, strict=True)]
    for start in range(0, len(found), TOGETHER):
        for _ in decode(model, found[start : start + TOGETHER]):
            meanwhile(f"drawing answers, {start:,} of {len(found):,} done")
    return found
