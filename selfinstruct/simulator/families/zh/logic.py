"""Families that need a little reasoning: who is ahead of whom, who is on both lists, which dynasty came first."""

from __future__ import annotations

import re
from itertools import pairwise
from random import Random

from selfinstruct.simulator.families.zh.making import Facts, family, joined, listed, made, part
from selfinstruct.simulator.families.zh.matching import as_list, same
from selfinstruct.simulator.family import Slots

__all__ = ["ASKS", "FAMILIES"]

BOOK = "everyday"
NAMES: list[str] = part(BOOK, "ordering")["names"]
SCALES: dict[str, list[str]] = part(BOOK, "ordering")["scales"]
ASKS = {ask: (clue, place) for clue, (most, least, _) in SCALES.items() for ask, place in ((most, 0), (least, -1))}


def _clues(rng: Random) -> str:
    clue = rng.choice(tuple(SCALES))
    clues = [clue.format(a, b) for a, b in pairwise(rng.sample(NAMES, 4))]
    rng.shuffle(clues)
    return "".join(clues)


def _pairs(clues: str) -> tuple[str, dict[str, str]]:
    """The form of the clues, and who comes right after whom."""
    found = {clue: re.findall(clue.replace("{}", "(小.)"), clues) for clue in SCALES}
    clue = next(clue for clue, pairs in found.items() if len(pairs) == 3)
    return clue, dict(found[clue])


def _chain(slots: Slots, given: str) -> Facts:
    clue, after = _pairs(slots["clues"])
    chain = [next(name for name in after if name not in after.values())]
    while chain[-1] in after:
        chain.append(after[chain[-1]])
    answer = chain[ASKS[slots["ask"]][1]]
    return {"answer": answer, "order": SCALES[clue][2], "chain": joined(chain), "second": chain[1]}


ORDERING = family(
    BOOK,
    "ordering",
    slots={"clues": made("clues", 200, _clues), "ask": tuple(ASKS)},
    fits=lambda slots: ASKS[slots["ask"]][0] == _pairs(slots["clues"])[0],
    facts=_chain,
)

# Two lists.


def _group(slots: Slots, given: str) -> Facts:
    a, b = listed(slots["a"]), listed(slots["b"])
    both, first, second = [x for x in a if x in b], [x for x in a if x not in b], [x for x in b if x not in a]
    answer = dict(zip(part(BOOK, "sets")["slots"]["ask"], (both, first, second), strict=True))[slots["ask"]]
    known = {"single": joined(first + second), "all": len({*a, *b})}
    return {**known, "answer": joined(answer), "kind": slots["ask"]}


SETS = family(
    BOOK,
    "sets",
    slots={
        "a": made("first list", 60, lambda rng: joined(rng.sample(NAMES, 5))),
        "b": made("second list", 60, lambda rng: joined(rng.sample(NAMES, 5))),
    },
    fits=lambda slots: 0 < len(set(listed(slots["a"])) & set(listed(slots["b"]))) < 5,
    facts=_group,
    like=as_list(ordered=False),
)

# Dynasties in order.

DYNASTIES: list[str] = part(BOOK, "dynasties")["order"]


def _ages(rng: Random) -> str:
    """Five dynasties, in neither order."""
    ages = rng.sample(DYNASTIES, 5)
    while sorted(ages, key=DYNASTIES.index) in (ages, ages[::-1]):
        rng.shuffle(ages)
    return joined(ages)


def _in_order(slots: Slots, given: str) -> Facts:
    ages = sorted(listed(slots["ages"]), key=lambda age: DYNASTIES.index(age))
    known = {"answer": joined(ages), "backwards": joined(ages[::-1])}
    return {**known, "middle": ages[2]}


DYNASTY_ORDER = family(
    BOOK,
    "dynasties",
    slots={"ages": made("ages", 160, _ages)},
    facts=_in_order,
    like=as_list(lambda key, named: lambda text: same(text, key) or (same(text[:-1], key) and text[-1] in "朝代")),
)

FAMILIES = (ORDERING, SETS, DYNASTY_ORDER)
