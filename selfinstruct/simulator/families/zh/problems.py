"""Word problems that are data: a story with numbers in its slots, a sum that solves it, and how it is explained.

In the data file: `answer` (a sum of the slots), `unit`, `fits` (a sum that is not 0 where the numbers suit), `tell` and
`further`, sentences with slots in braces and sums in angle brackets, where `answer` stands for the answer.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial

from selfinstruct.simulator.families.zh.formulas import numbers_of, value, worked
from selfinstruct.simulator.families.zh.making import family, part
from selfinstruct.simulator.families.zh.matching import as_quantity
from selfinstruct.simulator.families.zh.vocabulary import figure
from selfinstruct.simulator.family import Family, Slots

__all__ = ["FAMILIES"]

BOOK = "problems"


def _exact(number: Fraction) -> bool:
    """Has it two decimals at most?"""
    return (100 * number).denominator == 1


def _problem(name: str) -> Family:
    words = part(BOOK, name)

    def names(slots: Slots) -> dict[str, Fraction]:
        given = numbers_of(slots) | {fact: Fraction(str(its)) for fact, its in _facts(slots).items()}
        return given | {"answer": value(words["answer"], given)}

    def _facts(slots: Slots) -> dict[str, float]:
        """What a slot's word stands for, by name."""
        return {fact: its for slot, text in slots.items() for fact, its in words.get(slot, {}).get(text, {}).items()}

    def fits(slots: Slots) -> bool:
        known = names(slots)
        return _exact(known["answer"]) and known["answer"] > 0 and value(words.get("fits", "1"), known) != 0

    def say(template: str, slots: Slots, *_: str) -> str:
        return worked(template, slots, names(slots))

    return family(
        BOOK,
        name,
        fits=fits,
        solve=lambda slots, given: f"{figure(names(slots)['answer'])}{words['unit']}",
        tell=partial(say, words["tell"]),
        further={demand: partial(say, template) for demand, template in words.get("further", {}).items()},
        like=partial(as_quantity, unit=False),
    )


FAMILIES = tuple(
    map(
        _problem,
        (
            *("discount", "change", "share_bill", "tariff", "meeting", "chasing", "planting", "interest", "ages"),
            *("work_together", "rectangle", "percent", "salt_water", "profit", "fuel", "reading_plan"),
        ),
    )
)
