"""Layers: what evolving lays on a task, each a sentence of the instruction and something done to the answer.

`put` does to an answer what the sentence asks for; `take` undoes it, or is None when that was not done. They follow one
another in the order of their sentences: the first is done to the family's own answer, the next to the result.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import NamedTuple

from selfinstruct.simulator.family import Slots, fill

__all__ = ["AFTER", "BEFORE", "WITHIN", "Kind", "Layer", "adding", "framing", "put_on", "unenclosed"]

AFTER, BEFORE, WITHIN = "after", "before", "within"

_SLOT = re.compile(r"\{(\w+)\}")

Put = Callable[[Slots, str, str], str]
"""From slots, input and answer to the answer with more to it."""
Take = Callable[[Slots, str, str], str | None]


def _unchanged(slots: Slots, given: str, answer: str) -> str:
    return answer


@dataclass(frozen=True, kw_only=True, eq=False)
class Kind:
    """One kind of layer. A task has none of them twice."""

    name: str
    wordings: tuple[str, ...]
    """Of the sentence. Each begins with some words of its own before the first slot, by which it is found."""
    slots: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What may stand in each slot; "why" is a reason that changes nothing, "mark" begins a comment of code."""
    place: str = AFTER
    """Where the sentence stands: after the instruction, before it, or within."""
    put: Put = _unchanged
    take: Take = _unchanged
    decode: Callable[[Slots, str], str | None] | None = None
    """The input out of the data that hold it, for a layer that changes the input; None when it is not there."""
    holds_value: bool = False
    """The input is not the task's own: it holds a value for this layer, and a task that needs no input has it."""
    needs_input: bool = False

    def draw(self, rng: Random, **wanted: str) -> tuple[str, Layer]:
        """A new sentence, and what it says; the slots `wanted` are given."""
        wording = rng.choice(self.wordings)
        names = dict.fromkeys(_SLOT.findall(wording))
        slots = {name: wanted[name] if name in wanted else rng.choice(self.slots[name]) for name in names}
        return fill(wording, slots), Layer(self, slots)

    @cached_property
    def patterns(self) -> tuple[tuple[str, re.Pattern[str]], ...]:
        """Of each wording: how it begins, and all of it."""
        return tuple((_SLOT.split(wording)[0], self._pattern(wording)) for wording in self.wordings)

    def _pattern(self, wording: str) -> re.Pattern[str]:
        parts, seen = _SLOT.split(wording), set[str]()
        for n in range(1, len(parts), 2):
            name = parts[n]
            values = "|".join(map(re.escape, sorted(self.slots[name], key=len, reverse=True)))
            parts[n] = f"(?P={name})" if name in seen else f"(?P<{name}>{values})"
            seen.add(name)
        return re.compile("".join(re.escape(part) if n % 2 == 0 else part for n, part in enumerate(parts)))


class Layer(NamedTuple):
    kind: Kind
    slots: Slots

    def put(self, given: str, answer: str) -> str:
        return self.kind.put(self.slots, given, answer)

    def take(self, given: str, answer: str) -> str | None:
        return self.kind.take(self.slots, given, answer)

    @property
    def asks(self) -> tuple[str, Slots]:
        """What it asks for, whatever reason it gives."""
        return self.kind.name, {name: value for name, value in self.slots.items() if name != "why"}


def put_on(text: str, sentence: str) -> str:
    """The instruction with a sentence at its end."""
    if "\n" in text:
        return f"{text}\n{sentence}"
    if text[-1:].isalnum() or text[-1:] in "”》」":
        text += "。" if ord(sentence[0]) > 0x2FFF else "."
    return f"{text}{sentence}" if text[-1:] in "。！？" else f"{text} {sentence}"


def unenclosed(before: str) -> bool:
    """Is what follows this text neither in quotation marks nor in brackets, so that more may stand within it?"""
    return before.count('"') % 2 == 0 and all(
        before.count(a) == before.count(b) for a, b in ("()", "（）", "“”", "「」")
    )


Frame = Callable[[Slots], tuple[str, str]]


def framing(name: str, wordings: tuple[str, ...], slots: Mapping[str, Sequence[str]], frame: Frame) -> Kind:
    """A kind of layer that puts one text before the answer and another behind it."""

    def put(slots: Slots, given: str, answer: str) -> str:
        before, after = frame(slots)
        return f"{before}{answer}{after}"

    def take(slots: Slots, given: str, answer: str) -> str | None:
        before, after = frame(slots)
        inside = answer[len(before) : len(answer) - len(after)]
        return inside if answer == f"{before}{inside}{after}" else None

    return Kind(name=name, wordings=wordings, slots=slots, put=put, take=take)


def adding(
    name: str,
    wordings: tuple[str, ...],
    slots: Mapping[str, Sequence[str]],
    lines: Callable[[Slots, str, str], Sequence[str]],
    many: int = 1,
    needs_input: bool = False,
) -> Kind:
    """A kind of layer that adds so many lines at the end, worked out from the input and what stands above them."""

    def put(slots: Slots, given: str, answer: str) -> str:
        return "\n".join((answer, *lines(slots, given, answer)))

    def take(slots: Slots, given: str, answer: str) -> str | None:
        above = answer.rsplit("\n", many)[0]
        return above if answer == put(slots, given, above) else None

    return Kind(name=name, wordings=wordings, slots=slots, put=put, take=take, needs_input=needs_input)
