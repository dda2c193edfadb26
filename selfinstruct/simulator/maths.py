"""How the built-in teacher evolves problems of mathematics, upward and downward; what is none comes back as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from random import Random

from selfinstruct.simulator import families
from selfinstruct.simulator.families import zh
from selfinstruct.simulator.family import Family
from selfinstruct.simulator.understanding import Shown, Understood

__all__ = ["easier", "easier_elsewhere", "families_of_maths", "of_maths"]

Changes = Iterator[Shown]
Operator = Callable[[Random, Understood, str], Changes]
DRAWS = 12
"""Problems of its kind, of which the one with the smallest numbers is easier."""
_DIGITS = re.compile(r"\d+")


@cache
def families_of_maths() -> frozenset[Family]:
    """Those whose tasks are problems of mathematics, of both languages."""
    modules = (families.arithmetic, families.numbers, families.sums, zh.problems, zh.numbers)
    return frozenset(family for module in modules for family in module.FAMILIES)


def of_maths(operator: Operator) -> Operator:
    """The operator, for problems of mathematics alone."""
    return lambda rng, known, form: (
        operator(rng, known, form) if known.asked.family in families_of_maths() else iter(())
    )


def easier(rng: Random, known: Understood, form: str = "") -> Changes:
    """The problem without its last demand; or, where it has none, one of its kind with smaller numbers."""
    if known.layers:
        yield known.shown(known.base, known.layers[:-1], known.said)
    yield from _smallest(rng, [known.asked.family] * DRAWS, _size(known.base + known.given))


def easier_elsewhere(rng: Random, known: Understood, form: str = "") -> Changes:
    """A problem of another family, with no demands and numbers that are no larger."""
    same = [
        family
        for family in known.language.families
        if family in families_of_maths() and family is not known.asked.family
    ]
    yield from _smallest(rng, rng.sample(same, min(DRAWS, len(same))), _size(known.base + known.given) + 1)


def _smallest(rng: Random, kinds: list[Family], below: int) -> Changes:
    made = []
    for family in kinds:
        instruction, asked = family.compose(rng, wishes=0)
        made.append(Shown(instruction, asked.draw(rng)))
    yield from sorted((one for one in made if _size("".join(one)) < below), key=lambda one: _size("".join(one)))


def _size(text: str) -> int:
    """How large the numbers are: their digits, and how many there are."""
    return sum(len(number) for number in _DIGITS.findall(text))
