"""How a family in Chinese differs from others: what counts as the same answer, and which of its slots go together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from selfinstruct.simulator.endings import Ending
from selfinstruct.simulator.families.zh.matching import Test, about, as_item, as_text, said, same
from selfinstruct.simulator.family import Asked, Family, Slots

__all__ = ["Picky", "family", "listed", "same"]


def listed(text: str) -> list[str]:
    """The entries of a list, "甲、乙、丙"."""
    return text.split("、")


@dataclass(frozen=True, kw_only=True, eq=False)
class Picky(Family):
    """A family that asks only what makes sense."""

    fits: Callable[[Slots], bool]
    """Do these go together? Asked with the slots that a wording has."""

    def compose(self, rng: Random, question: bool | None = None, wishes: float | None = None) -> tuple[str, Asked]:
        while True:
            text, asked = super().compose(rng, question, wishes)
            if self.fits(asked.slots):
                return text, asked


def family(
    *,
    name: str,
    phrasings: tuple[str, ...],
    slots: Mapping[str, Sequence[str]] | None = None,
    fits: Callable[[Slots], bool] | None = None,
    draw: Callable[[Random, Slots], str] | None = None,
    solve: Callable[[Slots, str], str] | None = None,
    write: Callable[[Random, Slots, str], str] | None = None,
    check: Callable[[Slots, str, str], bool] | None = None,
    like: Callable[[str, str], Test] = as_item,
    words: Callable[[str], Sequence[str]] | None = None,
    classification: bool = False,
    graded: bool = True,
    settings: tuple[str, ...] = (),
    endings: Mapping[str, Ending] | None = None,
) -> Family:
    """A Family whose answers may be written in full or half width, and stand in a short sentence.

    `like` makes a test of the right answer, and of what the question names; `words` says, for an input, what else may
    lead to the answer.
    """

    def accepts(slots: Slots, given: str, output: str) -> bool:
        if solve is None:
            return False
        key = solve(slots, given)
        if classification:
            return said(output, as_text(key), label=True)
        asked = about(slots, given, key, words(given) if words else ())
        number = any(char.isdigit() for char in key)
        return said(output, like(key, "".join((*slots.values(), given))), asked, number=number)

    make = Family if fits is None else partial(Picky, fits=fits)
    return make(
        name=f"zh_{name}",
        phrasings=phrasings,
        slots=slots or {},
        draw=draw or (lambda rng, slots: ""),
        solve=solve,
        write=write,
        check=check or accepts,
        classification=classification,
        graded=graded,
        settings=settings,
        endings=endings or {},
    )
