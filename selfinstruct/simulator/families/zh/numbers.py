"""Families about numbers: sequences, statistics, numerals, amounts in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from math import isqrt
from random import Random

from selfinstruct.simulator.families.zh.making import Facts, family, joined, listed, made, part
from selfinstruct.simulator.families.zh.matching import Test, normal, said
from selfinstruct.simulator.families.zh.vocabulary import capitals, figure, in_hanzi
from selfinstruct.simulator.family import Slots

__all__ = ["FAMILIES"]

BOOK = "numbers"


def _integers(slot: str) -> list[int]:
    return [int(number) for number in listed(slot)]


# Sequences: what comes next, by the name of the rule; None where it is another one.


def _same(numbers: list[int]) -> bool:
    return len(set(numbers)) == 1


RULES: dict[str, Callable[[list[int]], int | None]] = {
    "add": lambda ns: ns[-1] + ns[1] - ns[0] if _same([b - a for a, b in pairwise(ns)]) else None,
    "double": lambda ns: ns[-1] * ns[1] // ns[0] if all(b * ns[0] == a * ns[1] for a, b in pairwise(ns)) else None,
    "square": lambda ns: (isqrt(ns[-1]) + 1) ** 2 if all(isqrt(n) ** 2 == n for n in ns) else None,
    "sum": lambda ns: sum(ns[-2:]) if all(sum(ns[n : n + 2]) == ns[n + 2] for n in range(len(ns) - 2)) else None,
    "gaps": lambda ns: 3 * ns[-1] - 3 * ns[-2] + ns[-3],
}


def _shown(rng: Random) -> str:
    kind = rng.choice(("add", "subtract", "double", "square", "sum", "gaps"))
    start, step = rng.randint(1, 12), rng.randint(2, 9)
    numbers = [start**2 if kind == "square" else start + 60 if kind == "subtract" else start]
    for n in range(1, 6):
        following = {
            "add": numbers[-1] + step,
            "subtract": numbers[-1] - step,
            "double": numbers[-1] * (2 + step % 2),
            "square": (start + n) ** 2,
            "sum": sum(numbers[-2:]) if n > 1 else start + step,
            "gaps": numbers[-1] + n * (1 + step % 2),
        }
        numbers.append(following[kind])
    return joined(numbers)


def _rule(numbers: list[int]) -> tuple[str, int]:
    """Its name, and the next number."""
    name, following = next((name, its) for name, go_on in RULES.items() if (its := go_on(numbers)) is not None)
    return ("subtract" if following < numbers[-1] else name), following


def _continued(slots: Slots, given: str) -> Facts:
    numbers = _integers(slots["shown"])
    kind, following = _rule(numbers)
    gaps = [b - a for a, b in pairwise(numbers)]
    steps = {"double": numbers[1] // numbers[0], "gaps": following - numbers[-1]}
    return {
        "answer": following,
        "kind": kind,
        "step": steps.get(kind, abs(gaps[0])),
        "last": numbers[-1],
        "before": numbers[-2],
        "gaps": joined(gaps),
        "root": isqrt(max(following, 0)),
        "sum": sum(numbers),
        "second": _rule([*numbers, following])[1],
    }


SEQUENCE = family(BOOK, "sequence", slots={"shown": made("sequences", 60, _shown)}, facts=_continued)

# Statistics.


def _data(rng: Random) -> str:
    """Five or seven numbers, one of which comes twice, with a whole number as their mean."""
    while True:
        numbers = rng.sample(range(8, 40), rng.choice((4, 6)))
        numbers.append(numbers[0])
        if sum(numbers) % len(numbers) == 0:
            rng.shuffle(numbers)
            return joined(numbers)


def _statistics(slots: Slots, given: str) -> Facts:
    numbers = sorted(_integers(slots["data"]))
    ((mode, times),) = Counter(numbers).most_common(1)
    figures = {
        "平均数": Fraction(sum(numbers), len(numbers)),
        "中位数": Fraction(numbers[len(numbers) // 2]),
        "众数": Fraction(mode),
        "极差": Fraction(numbers[-1] - numbers[0]),
    }
    return {
        "answer": figure(figures[slots["figure"]]),
        "kind": slots["figure"],
        "n": len(numbers),
        "sum": sum(numbers),
        "high": numbers[-1],
        "low": numbers[0],
        "gap": numbers[-1] - numbers[0],
        "times": times,
        "sorted": joined(numbers),
    }


STATISTICS = family(
    BOOK,
    "statistics",
    slots={"data": made("data", 60, _data), "figure": tuple(part(BOOK, "statistics")["tells"])},
    facts=_statistics,
)

# Numerals.


def _as_hanzi(key: str, named: str) -> Test:
    """两百 is as good as 二百, and 〇 as 零."""

    def plain(text: str) -> str:
        return re.sub("两(?=[百千万])", "二", normal(text).replace("〇", "零")).replace("一十", "十")

    return lambda text: plain(text) == plain(key)


def _number(rng: Random) -> str:
    number = rng.randint(1_000, 990_000)
    return str(rng.choice((number, number // 100 * 100, number // 1000 * 1000 + rng.randint(1, 99))))


def _in_hanzi(slots: Slots, given: str) -> Facts:
    number = int(slots["number"])
    return {"answer": in_hanzi(number), "less": in_hanzi(number - 1), "more": in_hanzi(number + 1)}


TO_HANZI = family(BOOK, "to_hanzi", slots={"number": made("numerals", 60, _number)}, facts=_in_hanzi, like=_as_hanzi)


def _amounts(slots: Slots, given: str) -> Facts:
    fen = int(Fraction(slots["money"]) * 100)
    return {"answer": capitals(fen), "more": capitals(fen + 100), "twice": capitals(2 * fen)}


def _is_capitals(slots: Slots, given: str, output: str) -> bool:
    """With or without 整 after 角, with 圆 or 元, with or without 零 between 拾元 and 角: all are correct."""

    def plain(text: str) -> str:
        text = normal(text).removeprefix("人民币").lstrip(":").replace("圆", "元").replace("正", "整")
        return re.sub(r"(?<=[拾佰仟万]元)零(?=.角)", "", re.sub("(?<=角)整$", "", text))

    right = plain(str(_amounts(slots, given)["answer"]))
    words = (*part(BOOK, "capital_amount")["words"], f"{slots['money']}元", "大写为", "大写是")
    return said(output, lambda text: plain(text) == right, words)


CAPITALS = family(
    BOOK,
    "capital_amount",
    slots={
        "money": made(
            "money", 60, lambda rng: f"{rng.randint(12, 89_999)}.{rng.choice(('00', '50', '06', '30', '85', '08'))}"
        )
    },
    facts=_amounts,
    check=_is_capitals,
)

FAMILIES = (SEQUENCE, STATISTICS, TO_HANZI, CAPITALS)
