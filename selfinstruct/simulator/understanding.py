"""How the built-in teacher understands an evolved task: it peels layers off until a family knows the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from selfinstruct.simulator import (
    code_layers,
    conditions,
    conditions_zh,
    deepening,
    deepening_zh,
    disguises,
    particulars,
)
from selfinstruct.simulator.family import Asked
from selfinstruct.simulator.language import LANGUAGES, Language, language_of
from selfinstruct.simulator.layers import AFTER, BEFORE, WITHIN, Kind, Layer

__all__ = ["KINDS", "Understood", "peel", "understand"]


def _data(language: str) -> tuple[Kind, ...]:
    return (*disguises.INPUTS[language].values(), *disguises.HELD[language].values())


def _code(language: str) -> tuple[Kind, ...]:
    tables = (code_layers.CONDITIONS, code_layers.RARE, code_layers.STEPS, code_layers.DRAFTS, code_layers.BOUNDS)
    return tuple(kind for table in tables for (code, _), kinds in table.items() if code == language for kind in kinds)


def _all(language: str, *general: tuple[Kind, ...]) -> tuple[Kind, ...]:
    kinds = (*(kind for kinds in general for kind in kinds), *_data(language), *_code(language))
    return tuple(dict.fromkeys(kinds))


KINDS: dict[str, tuple[Kind, ...]] = {
    "en": _all("en", conditions.CONSTRAINTS, deepening.DEEPER, deepening.STEPS, particulars.ENGLISH),
    "zh": _all("zh", conditions_zh.CONSTRAINTS, deepening_zh.DEEPER, deepening_zh.STEPS, particulars.CHINESE),
}
"""All kinds of layers, by language."""


def peel(text: str, language: str) -> tuple[str, tuple[Layer, ...]]:
    """An instruction without its layers, and these in order of writing."""
    layers = list[Layer]()
    while found := _last(text, language):
        text, layer = found
        layers.insert(0, layer)
    return text, tuple(layers)


def _last(text: str, language: str) -> tuple[str, Layer] | None:
    """The text without one layer: the last of those after it, or one before or within it."""
    for kind in KINDS[language]:
        for head, pattern in kind.patterns:
            if kind.place == AFTER:
                at = text.rfind(head)
                if at > 0 and (found := pattern.fullmatch(text, at)):
                    return text[: at - (text[at - 1] in " \n")], Layer(kind, found.groupdict())
            elif kind.place == BEFORE and text.startswith(head) and (found := pattern.match(text)):
                return text[found.end() :].removeprefix(" "), Layer(kind, found.groupdict())
            elif kind.place == WITHIN and head in text and (found := pattern.search(text)):
                return text[: found.start()] + text[found.end() :], Layer(kind, found.groupdict())
    return None


# A family's solver is written for the inputs that its own `draw` makes; that it cannot read others, it says in no other
# way.
UNREADABLE = (
    *(ArithmeticError, AttributeError, LookupError, RecursionError, StopIteration, TypeError, ValueError, re.error),
)


@dataclass(frozen=True)
class Understood:
    """A task whose instruction a family knows, with what was laid on it."""

    language: Language
    instruction: str
    """Without its layers."""
    asked: Asked
    layers: tuple[Layer, ...]
    given: str
    """The family's input."""
    said: str
    """What the layers call the input: the family's, or the data that hold a value."""

    @property
    def lacks_input(self) -> bool:
        return not self.given and bool(self.asked.draw(Random(0)))

    def answer(self, rng: Random) -> str | None:
        """A right answer; None when the family cannot read the input."""
        try:
            text = self.asked.answer(rng, self.given)
        except UNREADABLE:
            return None
        for layer in self.layers:
            text = layer.put(self.said, text) if text else ""
        return text or None  # nothing found in an input that is none of ours

    def bare(self, answer: str, layers: tuple[Layer, ...] | None = None) -> str | None:
        """The family's own answer, without what these layers (all by default) did to it; None when they did not."""
        text: str | None = answer.strip()
        for layer in reversed(self.layers if layers is None else layers):
            text = layer.take(self.said, text) if text is not None else None
        return text

    def accepts(self, answer: str, layers: tuple[Layer, ...] | None = None, asked: Asked | None = None) -> bool:
        """Is the answer right, and in the form that these layers (all by default) ask for? To what the instruction
        asks, or to something else that is asked about the same input."""
        bare = self.bare(answer, layers)
        try:
            return bare is not None and (asked or self.asked).accepts(self.given, bare)
        except UNREADABLE:
            return False


def understand(instruction: str, given: str) -> Understood | None:
    """None when no family knows the instruction, or its input is not the data that it speaks of."""
    text = instruction.strip()
    base, layers = peel(text, language_of(text).code)
    for language in dict.fromkeys((language_of(base), language_of(text), *LANGUAGES.values())):
        if asked := language.recognise(base):
            break
    else:
        return None
    said, holds_value = given.strip(), False
    for layer in reversed(layers):
        if layer.kind.decode and not holds_value:
            value = layer.kind.decode(layer.slots, said)
            if value is None:
                return None
            holds_value = layer.kind.holds_value
            said = said if holds_value else value
    return Understood(language, base, asked, layers, "" if holds_value else said, said)
