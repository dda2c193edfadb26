"""How the built-in teacher understands a task: it peels layers off the instruction until a family knows the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from selfinstruct.simulator.family import Asked
from selfinstruct.simulator.inputs import restored
from selfinstruct.simulator.language import LANGUAGES, Language, language_of
from selfinstruct.simulator.layers import BARE, Layer, Reply, edited, formed, laid, length, main_in, peel, unedited
from selfinstruct.simulator.matching import same
from selfinstruct.text.refusals import is_refusal

__all__ = ["Shown", "Understood", "unanswered", "understand"]

# A family's solver is written for the inputs that its own `draw` makes; that it cannot read others, it says in no other
# way.
UNREADABLE = (
    *(ArithmeticError, AttributeError, LookupError, RecursionError, StopIteration, TypeError, ValueError, re.error),
)
TRIES = 10
"""Free answers written until one is short enough."""


class Shown(NamedTuple):
    """A task as a prompt shows it."""

    instruction: str
    given: str = ""


@dataclass(frozen=True)
class Understood:
    """A task whose instruction a family knows, with what was laid on it."""

    language: Language
    base: str
    """The instruction without its layers."""
    asked: Asked
    layers: tuple[Layer, ...]
    given: str
    """The family's input."""
    said: str
    """The input as it stands in the task, perhaps as data."""
    joint: str = ""
    """What parts instruction and input where both were one text."""

    @property
    def lacks_input(self) -> bool:
        return not self.given and bool(self.asked.draw(Random(0)))

    @property
    def demands(self) -> int:
        """Layers, and a wish of the family's own for a form."""
        return len(self.layers) + self.asked.wished

    @property
    def asks(self) -> tuple[object, ...]:
        """All that two tasks have in common that ask for the same, in whatever words."""
        ending = self.asked.ending and self.asked.family.endings[self.asked.ending]
        return self.asked.family, self.asked.slots, ending, self.given, {layer[:2] for layer in self.layers}

    def of(self, kind: str) -> str:
        """What the layer of that kind is; "" without one."""
        return next((layer.what for layer in self.layers if layer.kind == kind), "")

    def shown(self, base: str, layers: tuple[Layer, ...], said: str) -> Shown:
        """The same task with another base, other layers or another input; one text if it was one."""
        for layer in layers:
            base = laid(base, layer.sentence)
        return Shown(f"{base}{self.joint}{said}") if self.joint and said else Shown(base, said)

    def reply(self, rng: Random) -> Reply | None:
        """A right answer before it is given a form; None where the family cannot read the input."""
        family, slots, given = self.asked.family, self.asked.slots, self.given
        try:
            bare = family.solve(slots, given) if family.solve and not family.write else ""
            main = self.asked.answer(rng, given)
            more = tuple(family.further[one.what](slots, given) for one in self.layers if one.kind == "further")
        except UNREADABLE:
            return None
        if (family.solve and not family.write and not bare) or not main or not all(more):
            return None  # nothing found in an input that is none of ours
        edit = self.of("edit")
        main = (edited(main, edit) or "") if edit else main
        return Reply(main, bare, more) if main else None

    def told(self) -> str:
        """The right answer in whole sentences, whatever form is wished for; "" where the family has none."""
        family, slots = self.asked.family, self.asked.slots
        try:
            bare = family.solve(slots, self.given) if family.solve and family.tell else ""
            return family.tell(slots, self.given, bare) if family.tell and bare else ""
        except UNREADABLE:
            return ""

    def answer(self, rng: Random) -> str | None:
        """A right answer in the form that is asked for; None where there is none."""
        if self.lacks_input:
            return None
        for _ in range(TRIES):
            reply = self.reply(rng)
            text = self._whole(reply) if reply else None
            if text is None or self._fits(text):
                return text
        return None

    def _whole(self, reply: Reply) -> str | None:
        """The answer in its form; None where it cannot have that, or the form has no room for what is asked for."""
        form = self.of("form")
        return None if form in BARE and self.of("working") else formed(reply, form, self.language)

    def _fits(self, text: str) -> bool:
        most = self.of("limit")
        return not most or length(text) <= int(most)

    def accepts(self, answer: str) -> bool:
        """Is the answer right, with all that the layers ask for?"""
        own, text = self.reply(Random(0)), answer.strip()
        if own is None or not self._fits(text):
            return False
        main, edit = main_in(text, own, self.of("form"), self.language), self.of("edit")
        main = unedited(main, edit) if main and edit else main
        if not main or (self.of("working") and own.told and same(main, own.bare)):
            return False
        if not self.asked.family.graded and is_refusal(main):
            return False
        try:
            return self.asked.accepts(self.given, main)
        except UNREADABLE:
            return False


def unanswered(task: Shown, known: Understood | None) -> str:
    """What to say, in the task's language, where it has no answer: that its input is missing, or that it is unknown."""
    language = language_of(task.instruction)
    return str(language.words["no_input"]) if known and known.lacks_input else language.unknown


def understand(task: Shown) -> Understood | None:
    """None when no family knows the instruction, or its input is not the data that it speaks of."""
    return next(filter(None, (_understood(*reading) for reading in _readings(task))), None)


def _readings(task: Shown) -> Iterator[tuple[str, str, str]]:
    """Instruction, input and what parts them: as they stand, else one text cut at its first blank line or line end."""
    text, given = task.instruction.strip(), task.given.strip()
    yield text, given, ""
    for joint in ("\n\n", "\n") if not given else ():
        head, found, tail = text.partition(joint)
        if found:
            yield head.strip(), tail.strip(), joint


def _understood(text: str, said: str, joint: str) -> Understood | None:
    for code in dict.fromkeys((language_of(text).code, *LANGUAGES)):
        language = LANGUAGES[code]
        base, layers = peel(text, language)
        if asked := language.recognise(base):
            break
    else:
        return None
    given = said
    for layer in layers:
        if layer.kind == "further" and layer.what not in asked.family.further:
            return None
        if layer.kind == "input":
            shape, form = layer.what.split()
            given = restored(said, shape, form, language.words["separators"]) or ""
            if not given:
                return None
    return Understood(language, base, asked, layers, given, said, joint)
