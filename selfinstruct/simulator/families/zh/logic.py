"""Families that need a little reasoning: who is ahead of whom, who is on both lists, which dynasty came first."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from random import Random

from selfinstruct.simulator.families.zh.making import family, joined, listed, made, part
from selfinstruct.simulator.families.zh.matching import as_list, same
from selfinstruct.simulator.family import Slots

__all__ = ["FAMILIES", "SCALES"]

BOOK = "everyday"
NAMES: list[str] = ["小明", "小红", "小刚", "小丽", "小华", "小军", "小芳", "小杰", "小雨", "小宁"]
SCALES: dict[str, list[str]] = part(BOOK, "ordering")["scales"]
ASKS = {ask: (clue, place) for clue, (most, least, _) in SCALES.items() for ask, place in ((most, 0), (least, -1))}


def _clues(rng: Random) -> str:
    clue = rng.choice(tuple(SCALES))
    clues = [clue.format(a, b) for a, b in pairwise(rng.sample(NAMES, 4))]
    rng.shuffle(clues)
    return "".join(clues)


def _clue_of(text: str) -> str:
    """The form of the clues."""
    return next(clue for clue in SCALES if len(re.findall(_pattern(clue), text)) == 3)


def _pattern(clue: str) -> str:
    return clue.replace("{}", "(小.)")


def _chain(text: str) -> list[str]:
    """All four, from the first to the last."""
    below = dict(re.findall(_pattern(_clue_of(text)), text))
    found = [next(name for name in below if name not in below.values())]
    while found[-1] in below:
        found.append(below[found[-1]])
    return found


def _tell_chain(slots: Slots, given: str, bare: str) -> str:
    order = SCALES[_clue_of(slots["clues"])][2]
    what = slots["ask"].removeprefix("四个人里谁")
    return f"把线索连起来，{order}依次是{joined(_chain(slots['clues']))}，所以{bare}{what}。"


ORDERING = family(
    BOOK,
    "ordering",
    slots={"clues": made("clues", 200, _clues), "ask": tuple(ASKS)},
    fits=lambda slots: ASKS[slots["ask"]][0] == _clue_of(slots["clues"]),
    solve=lambda slots, given: _chain(slots["clues"])[ASKS[slots["ask"]][1]],
    tell=_tell_chain,
    further={
        "再说说排在第二的是谁。": lambda slots, given: (
            f"{SCALES[_clue_of(slots['clues'])][2]}，排在第二的是{_chain(slots['clues'])[1]}。"
        ),
        "再把四个人按顺序全部排出来。": lambda slots, given: (
            f"{SCALES[_clue_of(slots['clues'])][2]}依次是{joined(_chain(slots['clues']))}。"
        ),
    },
)

# Two lists.

GROUPS: dict[str, Callable[[list[str], list[str]], list[str]]] = {
    "哪些人两边都有": lambda a, b: [x for x in a if x in b],
    "只在前一份名单里的有谁": lambda a, b: [x for x in a if x not in b],
    "只在后一份名单里的有谁": lambda a, b: [x for x in b if x not in a],
}


def _some_names(rng: Random) -> str:
    return joined(rng.sample(NAMES, 5))


def _group(slots: Slots, given: str) -> str:
    return joined(GROUPS[slots["ask"]](listed(slots["a"]), listed(slots["b"])))


def _tell_group(slots: Slots, given: str, bare: str) -> str:
    both = joined(GROUPS["哪些人两边都有"](listed(slots["a"]), listed(slots["b"])))
    many = len(listed(bare))
    if "两边" in slots["ask"]:
        return f"逐个对照两份名单，两边都有的是{bare}，一共{many}人。"
    return f"两份名单里都有的是{both}；去掉他们，{slots['ask'].removesuffix('的有谁')}的是{bare}，一共{many}人。"


SETS = family(
    BOOK,
    "sets",
    slots={
        "first": part(BOOK, "sets")["activities"][:4],
        "second": part(BOOK, "sets")["activities"][4:],
        "a": made("first list", 60, _some_names),
        "b": made("second list", 60, _some_names),
        "ask": tuple(GROUPS),
    },
    fits=lambda slots: 0 < len(set(listed(slots["a"])) & set(listed(slots["b"]))) < 5,
    solve=_group,
    tell=_tell_group,
    further={
        "再说说两份名单合起来一共有多少个不同的人。": lambda slots, given: (
            f"两份名单合起来一共有{len({*listed(slots['a']), *listed(slots['b'])})}个不同的人。"
        ),
    },
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


def _in_order(slots: Slots, given: str) -> str:
    return joined(sorted(listed(slots["ages"]), key=DYNASTIES.index))


DYNASTY_ORDER = family(
    BOOK,
    "dynasties",
    slots={"ages": made("ages", 160, _ages)},
    solve=_in_order,
    tell=lambda slots, given, bare: f"从早到晚依次是{bare}，其中{listed(bare)[0]}最早，{listed(bare)[-1]}最晚。",
    further={
        "再说说排在正中间的是哪个朝代。": lambda slots, given: f"正中间的是{listed(_in_order(slots, given))[2]}。",
        "再倒过来由近到远排一遍。": lambda slots, given: (
            f"由近到远依次是{joined(listed(_in_order(slots, given))[::-1])}。"
        ),
    },
    like=as_list(lambda key, named: lambda text: same(text, key) or (same(text[:-1], key) and text[-1] in "朝代")),
)

FAMILIES = (ORDERING, SETS, DYNASTY_ORDER)
