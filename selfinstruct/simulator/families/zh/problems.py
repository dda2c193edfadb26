"""Word problems that are data: a story with numbers in its slots, a sum that solves it, and how it is explained.

In the data file: `answer` (a sum of the slots), `unit`, `fits` (a sum that is not 0 where the numbers suit), `tell` and
`further`, sentences with slots in braces and sums in angle brackets, where `answer` stands for the answer.
"""

from __future__ import annotations

from fractions import Fraction

from selfinstruct.simulator.families.zh.formulas import numbers_of, value, worked
from selfinstruct.simulator.families.zh.making import family, part
from selfinstruct.simulator.families.zh.matching import as_quantity
from selfinstruct.simulator.family import Family, Slots

__all__ = ["FAMILIES"]

BOOK = "problems"


def _problem(name: str) -> Family:
    words = part(BOOK, name)

    def stands_for(slots: Slots) -> dict[str, object]:
        """What the slots' words stand for, by name: numbers and words."""
        found = [words.get(slot, {}).get(text, {}) for slot, text in slots.items()]
        return {fact: its for facts in found for fact, its in facts.items()}

    def names(slots: Slots) -> dict[str, Fraction]:
        """The numbers in the slots and behind their words, and the answer."""
        found = {fact: Fraction(str(its)) for fact, its in stands_for(slots).items() if not isinstance(its, str)}
        given = numbers_of(slots) | found
        return given | {"answer": value(words["answer"], given)}

    def fits(slots: Slots) -> bool:
        known = names(slots)
        exact = (100 * known["answer"]).denominator == 1  # two decimals at most
        return exact and known["answer"] > 0 and value(words.get("fits", "1"), known) != 0

    def say(template: str, slots: Slots, given: str) -> str:
        said = {**slots, **{fact: its for fact, its in stands_for(slots).items() if isinstance(its, str)}}
        return worked(template, said, names(slots))

    return family(
        BOOK,
        name,
        fits=fits,
        facts=lambda slots, given: {"answer": say(f"<answer>{words['unit']}", slots, given)},
        say=say,
        like=as_quantity,
    )


FAMILIES = tuple(
    map(
        _problem,
        (
            *("discount", "change", "share_bill", "tariff", "meeting", "chasing", "planting", "interest", "ages"),
            *(
                "work_together",
                "rectangle",
                "percent",
                "salt_water",
                "profit",
                "fuel",
                "reading_plan",
                "units",
                "divisor",
                "multiple",
            ),
        ),
    )
)
