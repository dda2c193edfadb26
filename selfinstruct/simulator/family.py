"""What a family is: one kind of task, its wordings, inputs, right answers and how to judge any answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from random import Random
from types import MappingProxyType

from selfinstruct.simulator.commitment import Key, commits, in_words
from selfinstruct.simulator.endings import AS_IT_IS, Ending
from selfinstruct.simulator.matching import Compare, same, says
from selfinstruct.text.later import later

__all__ = ["Asked", "Family", "Slots", "fill", "lines", "same", "sentences"]

Slots = Mapping[str, str]
"""What stands in the slots of an instruction, by name, in the words of the instruction."""

_SLOT = later(r"\{(\w+)\}")
_NOTHING: Mapping[str, Ending] = MappingProxyType({})


def fill(wording: str, slots: Slots) -> str:
    return _SLOT.sub(lambda slot: slots[slot[1]], wording)


_REFUSAL = later(r"\s*(?:I'm|I am) (?:very )?sorry, but|\s*As an AI\b")
_SENTENCE_END = later(r"(?<=[.!?])[\"')]*\s+")


def sentences(answer: str) -> list[str]:
    """Of a text whose last sentence is complete; none of a refusal or a text that breaks off."""
    whole = answer.rstrip("\"') \n").endswith((".", "!", "?"))
    return _SENTENCE_END.split(answer.strip()) if whole and not _REFUSAL.match(answer) else []


def lines(answer: str) -> list[str]:
    """Without empty ones and without numbers or bullets; none of a refusal."""
    found = [re.sub(r"^\s*(?:\d+[.)]|[-*•])\s+", "", line).strip() for line in answer.split("\n") if line.strip()]
    return [] if _REFUSAL.match(answer) else found


def _any(slots: Slots) -> bool:
    return True


def _no_input(rng: Random, slots: Slots) -> str:
    return ""


@dataclass(frozen=True, kw_only=True, eq=False)
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
    tell: Callable[[Slots, str, str], str] | None = None
    """The right answer in whole sentences, from slots, input and `solve`'s bare answer: what a person would like to
    read, with the working or a reason where there is one. Given unless the instruction wishes for a form of its own.
    """
    further: Mapping[str, Callable[[Slots, str], str]] = field(default_factory=dict)
    """What may be asked besides, about the same subject, each a sentence that can follow the instruction ("Also name
    the continent."), with the right answer to it from slots and input. Evolving deepens a task with it."""
    write: Callable[[Random, Slots, str], str] | None = None
    """One of the right answers."""
    check: Callable[[Slots, str, str], bool] | None = None
    """Is this answer (the last argument) right? By default, when it says the same as `solve`'s."""
    compare: Compare = says
    """Does an answer say the same as `solve`'s? `exactly` for what is right to the letter only."""
    classification: bool = False
    graded: bool = True
    """Can `check` tell right from wrong in anybody's answer? Otherwise it judges the form only, and an examination
    leaves the family out."""
    fits: Callable[[Slots], bool] = _any
    """Do these slots go together? Asked with those that a wording has."""
    endings: Mapping[str, Ending] = field(default_factory=lambda: _NOTHING)
    """Wishes about the form of the answer that may stand after it."""

    def compose(self, rng: Random, question: bool | None = None, wishes: float | None = None) -> tuple[str, Asked]:
        """A new instruction, and what it asks: a question or a command if that matters, with an ending so often."""
        while True:
            wording, names = rng.choice(self._wordings[question])
            slots = {name: rng.choice(self.slots[name]) for name in names}
            often = ENDING if wishes is None else wishes
            ending = rng.choice(self._endings) if self.endings and rng.random() < often else ""
            if self.fits(slots):
                text = fill(wording, slots)
                ending = "" if _REASONS.search(text) else ending
                between = "" if not ending or text[-1] in "。！？" else " "
                return f"{text}{between}{ending}", Asked(self, slots, ending)

    @cached_property
    def _wordings(self) -> dict[bool | None, list[tuple[str, list[str]]]]:
        """Phrasings with the names of their slots: all, questions (True), others (False); all where there are none."""
        every = [(wording, _SLOT.findall(wording)) for wording in self.phrasings]
        questions = [one for one in every if one[0].endswith(("?", "？"))]
        others = [one for one in every if one not in questions]
        return {None: every, True: questions or every, False: others or every}

    @cached_property
    def _endings(self) -> tuple[str, ...]:
        return tuple(self.endings)

    @cached_property
    def _values(self) -> dict[str, frozenset[str]]:
        return {name: frozenset(values) for name, values in self.slots.items()}

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], list[str]]]:
        """Of each phrasing: what it looks like, and the names of its slots in order."""
        found = []
        for wording in self.phrasings:
            texts = _SLOT.split(wording)
            found.append((later("(.+?)".join(map(re.escape, texts[::2]))), texts[1::2]))
        return found

    def recognise(self, text: str, phrasing: int | None = None) -> dict[str, str] | None:
        """The slots of an instruction of this family (without setting and ending); None when it is none."""
        if phrasing is None:
            every = range(len(self.phrasings))
            return next((slots for n in every if (slots := self.recognise(text, n)) is not None), None)
        pattern, names = self._patterns[phrasing]
        if not (found := pattern.fullmatch(text)):
            return None
        slots = dict(zip(names, found.groups(), strict=True))
        if all(value in self._values[name] for name, value in slots.items()):
            return slots
        return self._search(_SLOT.split(self.phrasings[phrasing]), text)  # what parts two slots also stands in one

    def _search(self, parts: list[str], text: str) -> dict[str, str] | None:
        if not text.startswith(parts[0]):
            return None
        text = text[len(parts[0]) :]
        if len(parts) == 1:
            return None if text else {}
        for value in self.slots[parts[1]]:
            if text.startswith(value) and (slots := self._search(parts[2:], text[len(value) :])) is not None:
                return {parts[1]: value, **slots}
        return None


_REASONS = later(r"\b(?:why|reasons?|explain|show)\b|为什么|理由|原因|说明|解释|过程", re.IGNORECASE)
"""What asks for more than the bare answer, which is all that a wish about its form leaves."""
ENDING = 0.3
"""The share of instructions that end with a wish about the answer's form, of those that may."""


@dataclass(frozen=True)
class Asked:
    """An instruction that was understood."""

    family: Family
    slots: Slots
    ending: str = ""

    @property
    def _form(self) -> Ending:
        return self.family.endings[self.ending] if self.ending else AS_IT_IS

    @property
    def wished(self) -> bool:
        """Does it end with a wish that gives the bare answer another form: brackets, JSON, one entry a line …?"""
        return self._form.put(SAMPLE) != SAMPLE

    def draw(self, rng: Random) -> str:
        return self.family.draw(rng, self.slots)

    def answer(self, rng: Random, given: str) -> str:
        """A right answer for the input, in the form that is asked for."""
        if self.family.write:
            bare = self.family.write(rng, self.slots, given)
        elif self.family.solve:
            bare = self.family.solve(self.slots, given)
            if self.family.tell and not self.ending:
                return self.family.tell(self.slots, given, bare)
        else:
            raise ValueError(f"{self.family.name} has neither solve nor write")
        return self._form.put(bare)

    def accepts(self, given: str, output: str) -> bool:
        """Is the answer right, and in the form that is asked for? When that is free, in whole sentences as well."""
        family, bare = self.family, self._form.take(output.strip())
        if bare is None or not bare.strip():
            return False
        if family.check is None and family.solve is None:
            return False
        right = family.solve(self.slots, given) if family.solve else ""

        def fits(text: str) -> bool:
            if family.check:
                return family.check(self.slots, given, text)
            return family.compare(text, right, not self.ending)

        if self.ending:
            return fits(bare)
        told = family.tell(self.slots, given, right) if family.tell else right
        if (told != right and same(bare, told)) or fits(bare):
            return True
        rivals, strangers = self._others(given, right) if in_words(right) else (NONE, NONE)
        asked = "\n".join((*self.slots.values(), given))
        return commits(bare, Key(right, fits, asked, rivals - {right}, strangers))

    def _others(self, given: str, right: str) -> tuple[frozenset[str], frozenset[str]]:
        """What else could be the answer, and what else the question could be about."""
        answers, inputs = _drawn(self.family, tuple(self.slots.items()))
        lists = [_ENTRY.split(re.split("：|: ", line)[-1]) for line in given.split("\n")]
        rivals = answers.union(*(entries for entries in lists if right in entries))
        names = {one for one in inputs if one not in given and not one.islower() and 1 < len(one) < 40}
        return rivals, frozenset(names - rivals)


SAMPLE = "one, two、three"
"""A list in either language."""
_ENTRY = later(r"[,，、]\s*")
NONE: frozenset[str] = frozenset()
DRAWS = 80
"""Inputs that are drawn to see what a family may ask and answer: of six labels that are as frequent none is missing."""


@lru_cache(maxsize=1_024)
def _drawn(family: Family, slots: tuple[tuple[str, str], ...]) -> tuple[frozenset[str], frozenset[str]]:
    """Answers and inputs of the family with these slots, or with any where there is no input."""
    if family.solve is None:
        return NONE, NONE
    rng, answers, inputs = Random(0), set[str](), set[str]()
    for _ in range(DRAWS):
        its = dict(slots) if len(inputs) != 1 or len(answers) > 1 else family.compose(rng)[1].slots
        given = family.draw(rng, its)
        inputs.add(given)
        answers.add(family.solve(its, given))
    return frozenset(answers), frozenset(inputs)
