"""How the built-in teacher criticises an answer and revises it: by data/LANGUAGE/revising.toml.

Its answers are right, so all that it objects to is a bare word or figure, and what it writes instead is a sentence.
"""

from __future__ import annotations

from random import Random
from typing import Any

from selfinstruct.simulator.data import table
from selfinstruct.simulator.mess import Rates
from selfinstruct.simulator.reading import Question

__all__ = ["critique", "revise"]

SHORT = {"en": 3, "zh": 8}
"""Words, or characters, of an answer that is no sentence."""


def critique(asked: Question, rng: Random, rates: Rates) -> str:
    words, answer = _words(asked), asked.places["answer"].strip()
    if _is_curt(asked, answer):
        return str(rng.choice(words["curt"])).format(answer=answer)
    return str(rng.choice(words["idle" if rng.random() < rates.unchanged else "nothing"]))


def revise(asked: Question, rng: Random, rates: Rates) -> str:
    """The answer in a sentence; as it was, where it is one already."""
    words, answer = _words(asked), asked.places["answer"].strip()
    if not _is_curt(asked, answer):
        return answer
    made = str(rng.choice(words["full"])).format(answer=answer)
    luck = rng.random()
    if luck < rates.leak:
        return str(rng.choice(words["leaks"])).format(answer=made)
    return str(rng.choice(words["heads"])).format(answer=made) if luck > 1 - rates.ugly else made


def _words(asked: Question) -> dict[str, Any]:
    return table(asked.language.code, "revising")


def _is_curt(asked: Question, answer: str) -> bool:
    if not answer or "\n" in answer or answer.endswith((".", "!", "?", "。", "！", "？", "}", "]", '"', "”")):
        return False
    code = asked.language.code
    return (len(answer) if code == "zh" else len(answer.split())) <= SHORT[code]
