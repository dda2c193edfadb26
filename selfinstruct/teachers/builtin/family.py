"""What a family is: one kind of task, its wordings, inputs, right answers and how to judge any answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from types import MappingProxyType

from selfinstruct.teachers.builtin.endings import ENDINGS, Ending

__all__ = ["Asked", "Family", "Slots", "fill", "same"]

Slots = Mapping[str, str]
"""What stands in the slots of an instruction, by name, in the words of the instruction."""

_SLOT = re.compile(r"\{(\w+)\}")
_NOTHING: Mapping[str, Ending] = MappingProxyType({})


def fill(wording: str, slots: Slots) -> str:
    return _SLOT.sub(lambda slot: slots[slot[1]], wording)


def same(one: str, other: str) -> bool:
    """The same answer, whatever its spacing and case, with or without a full stop at its end."""
    return _normal(one) == _normal(other)


def _normal(text: str) -> str:
    return " ".join(text.split()).rstrip(".").casefold()


def _no_input(rng: Random, slots: Slots) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class Family:
    """Either `solve` (one right answer) or `write` and `check` (many)."""

    name: str
    phrasings: tuple[str, ...]
    """Wordings of the instruction; whatever the answer depends on stands in a {slot} of each."""
    slots: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What may stand in each slot."""
    draw: Callable[[Random, Slots], str] = _no_input
    """An input that suits the instruction; "" for all when it says everything itself."""
    solve: Callable[[Slots, str], str] | None = None
    """The right answer, from slots and input."""
    write: Callable[[Random, Slots, str], str] | None = None
    """One of the right answers."""
    check: Callable[[Slots, str, str], bool] | None = None
    """Is this answer (the last argument) right? By default, when it is `solve`'s."""
    classification: bool = False
    settings: tuple[str, ...] = ()
    """Sentences that may stand before the instruction."""
    endings: Mapping[str, Ending] = field(default_factory=lambda: _NOTHING)
    """Wishes about the form of the answer that may stand after it."""

    def compose(self, rng: Random) -> tuple[str, Asked]:
        """A new instruction, and what it asks."""
        wording = rng.choice(self.phrasings)
        slots = {name: rng.choice(self.slots[name]) for name in _SLOT.findall(wording)}
        setting = rng.choice(self.settings) if self.settings and rng.random() < SETTING else ""
        ending = rng.choice(list(self.endings)) if self.endings and rng.random() < ENDING else ""
        text = " ".join(part for part in (setting, fill(wording, slots), ending) if part)
        return text, Asked(self, slots, ending)

    @cached_property
    def _parts(self) -> list[list[str]]:
        """Of each phrasing: text, name of a slot, text, name of a slot … text."""
        return [_SLOT.split(wording) for wording in self.phrasings]

    def recognise(self, text: str) -> dict[str, str] | None:
        """The slots of an instruction of this family (without setting and ending); None when it is none."""
        return next((slots for parts in self._parts if (slots := self._read(parts, text)) is not None), None)

    def _read(self, parts: list[str], text: str) -> dict[str, str] | None:
        if not text.startswith(parts[0]):
            return None
        text = text[len(parts[0]) :]
        if len(parts) == 1:
            return None if text else {}
        for value in self.slots[parts[1]]:
            if text.startswith(value) and (slots := self._read(parts[2:], text[len(value) :])) is not None:
                return {parts[1]: value, **slots}
        return None


SETTING = 0.4
"""The share of instructions that begin with a setting, of those that may."""
ENDING = 0.3
"""The share of instructions that end with a wish about the answer's form, of those that may."""


@dataclass(frozen=True)
class Asked:
    """An instruction that was understood."""

    family: Family
    slots: Slots
    ending: str = ""

    def draw(self, rng: Random) -> str:
        return self.family.draw(rng, self.slots)

    def answer(self, rng: Random, given: str) -> str:
        """A right answer for the input, in the form that is asked for."""
        if self.family.write:
            bare = self.family.write(rng, self.slots, given)
        elif self.family.solve:
            bare = self.family.solve(self.slots, given)
        else:
            raise ValueError(f"{self.family.name} has neither solve nor write")
        return ENDINGS[self.ending].put(bare)

    def accepts(self, given: str, output: str) -> bool:
        """Is the answer right, and in the form that is asked for?"""
        bare = ENDINGS[self.ending].take(output.strip())
        if bare is None or not bare.strip():
            return False
        if self.family.check:
            return self.family.check(self.slots, given, bare)
        return self.family.solve is not None and same(bare, self.family.solve(self.slots, given))
