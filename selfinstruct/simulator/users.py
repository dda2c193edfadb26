"""How the built-in teacher writes the user's turn, where it is given nothing but the beginning of one (Magpie)."""

from __future__ import annotations

import re
from functools import cache
from random import Random

from selfinstruct.simulator import mess
from selfinstruct.simulator.language import Language
from selfinstruct.simulator.mess import Rates
from selfinstruct.simulator.style import Style, chosen, style_of
from selfinstruct.text.later import later
from selfinstruct.text.user_turns import USER_TURNS

__all__ = ["system_of", "user"]

LABEL = {"en": "User: ", "zh": "用户："}
RELATED = 0.5
"""The share of questions whose subject is one that the system prompt names."""


def user(rng: Random, system: str, language: Language, rates: Rates) -> str:
    """What a user asks, with its input after a blank line. At some rates what no model can do, or with a label before
    it, or what an assistant says."""
    luck = rng.random()
    if luck < rates.sorry:
        return language.unknown
    if luck > 1 - rates.forbidden:
        return rng.choice(mess.FORBIDDEN[language.code])
    style = style_of([system], language) if rng.random() < RELATED else Style()
    (family,) = chosen(rng, style, language, 1)
    instruction, known = family.compose(rng, rng.random() < style.questions, style.wishes)
    label = LABEL[language.code] if rng.random() < rates.ugly else ""
    return label + "\n\n".join(filter(None, (instruction, known.draw(rng))))


def system_of(prompt: str) -> str | None:
    """The system prompt before a user's turn that is only begun; "" without one, None where the prompt is none such."""
    if prompt in _bare():
        return ""
    found = next(filter(None, (pattern.fullmatch(prompt) for pattern in _patterns())), None)
    return found[1] if found else None


@cache
def _bare() -> frozenset[str]:
    return frozenset(turn.begins for turn in USER_TURNS.values())


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    texts = {turn.with_system: None for turn in USER_TURNS.values()}
    return tuple(later(re.escape(text).replace(re.escape("{system}"), "(.*)"), re.DOTALL) for text in texts)
