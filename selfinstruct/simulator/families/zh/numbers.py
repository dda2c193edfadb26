"""Families about numbers: sequences, statistics, numerals, amounts in words, units, properties, divisors, binary."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from math import gcd, lcm
from random import Random

from selfinstruct.simulator.families.zh.making import family, joined, listed, made, part
from selfinstruct.simulator.families.zh.matching import Test, as_quantity, normal, said
from selfinstruct.simulator.families.zh.vocabulary import capitals, figure, in_hanzi
from selfinstruct.simulator.family import Slots, fill

__all__ = ["FAMILIES", "PROPERTIES"]

BOOK = "numbers"


def _integers(slot: str) -> list[int]:
    return [int(number) for number in listed(slot)]


# Sequences: how each goes on, by the name of its rule.

RULES: dict[str, Callable[[list[int]], int | None]] = {
    "add": lambda ns: ns[-1] + ns[1] - ns[0] if len({b - a for a, b in zip(ns, ns[1:], strict=False)}) == 1 else None,
    "double": lambda ns: ns[-1] * ns[1] // ns[0] if all(b * ns[0] == a * ns[1] for a, b in zip(ns, ns[1:], strict=False)) else None,
    "square": lambda ns: (round(ns[-1] ** 0.5) + 1) ** 2 if all(round(n**0.5) ** 2 == n for n in ns) else None,
    "sum": lambda ns: sum(ns[-2:]) if all(a + b == c for a, b, c in zip(ns, ns[1:], ns[2:], strict=False)) else None,
    "gaps": lambda ns: 3 * ns[-1] - 3 * ns[-2] + ns[-3],
}


def _shown(rng: Random) -> str:
    kind, start = rng.choice(("add", "subtract", "double", "square", "sum", "gaps")), rng.randint(1, 12)
    step = rng.randint(2, 9)
    numbers = [start]
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
    if kind == "square":
        numbers[0] = start**2
    if kind == "subtract":
        numbers = [number + 60 + start for number in numbers]
    return joined(numbers)


def _rule(slots: Slots) -> tuple[str, int]:
    """By its name, and what comes next."""
    numbers = _integers(slots["shown"])
    for name, go_on in RULES.items():
        if (following := go_on(numbers)) is not None:
            return ("subtract" if following < numbers[-1] else name), following
    raise ValueError(f"no rule for {slots['shown']}")


def _tell_rule(slots: Slots, given: str, bare: str) -> str:
    (name, following), numbers = _rule(slots), _integers(slots["shown"])
    gaps = [b - a for a, b in zip(numbers, numbers[1:], strict=False)]
    step = numbers[1] // numbers[0] if name == "double" else following - numbers[-1] if name == "gaps" else abs(gaps[0])
    facts = {"step": step, "last": numbers[-1], "before": numbers[-2], "next": following, "gaps": joined(gaps)}
    root = round(following**0.5)
    return fill(part(BOOK, "sequence")["tells"][name], {name: str(its) for name, its in {**facts, "root": root}.items()})


SEQUENCE = family(
    BOOK,
    "sequence",
    slots={"shown": made("sequences", 200, _shown)},
    solve=lambda slots, given: str(_rule(slots)[1]),
    tell=_tell_rule,
    further={
        "再写出再后面的一个数。": lambda slots, given: (
            f"再后面的一个数是{_rule({'shown': slots['shown'] + '、' + str(_rule(slots)[1])})[1]}。"
        ),
        "再算一算题目里给出的数的总和。": lambda slots, given: (
            f"给出的数的总和是{sum(_integers(slots['shown']))}。"
        ),
    },
)

# Statistics.


def _mode(numbers: list[int]) -> int:
    return Counter(numbers).most_common(1)[0][0]


FIGURES: dict[str, Callable[[list[int]], Fraction]] = {
    "平均数": lambda ns: Fraction(sum(ns), len(ns)),
    "中位数": lambda ns: Fraction(sorted(ns)[len(ns) // 2]),
    "众数": lambda ns: Fraction(_mode(ns)),
    "极差": lambda ns: Fraction(max(ns) - min(ns)),
}


def _data(rng: Random) -> str:
    """Five or seven numbers, one of which comes twice, with a whole number as their mean."""
    while True:
        numbers = rng.sample(range(8, 40), rng.choice((4, 6)))
        numbers.append(numbers[0])
        if sum(numbers) % len(numbers) == 0:
            rng.shuffle(numbers)
            return joined(numbers)


def _figure(slots: Slots, name: str) -> str:
    return figure(FIGURES[name](_integers(slots["data"])))


def _tell_figure(slots: Slots, given: str, bare: str) -> str:
    numbers = _integers(slots["data"])
    facts = {"n": len(numbers), "sum": sum(numbers), "high": max(numbers), "low": min(numbers), "answer": bare}
    known = {**facts, "sorted": joined(sorted(numbers)), "times": numbers.count(_mode(numbers))}
    return fill(part(BOOK, "statistics")["tells"][slots["figure"]], {name: str(its) for name, its in known.items()})


STATISTICS = family(
    BOOK,
    "statistics",
    slots={
        "data": made("data", 200, _data),
        "figure": tuple(FIGURES),
        "what": part(BOOK, "statistics")["what"],
    },
    solve=lambda slots, given: _figure(slots, slots["figure"]),
    tell=_tell_figure,
    further={
        "再说说最大的数比最小的数大多少。": lambda slots, given: f"最大的数比最小的数大{_figure(slots, '极差')}。",
        "再把这些数从小到大排一遍。": lambda slots, given: f"从小到大是{joined(sorted(_integers(slots['data'])))}。",
        "再算一算这些数的总和。": lambda slots, given: f"总和是{sum(_integers(slots['data']))}。",
    },
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


TO_HANZI = family(
    BOOK,
    "to_hanzi",
    slots={"number": made("numerals", 120, _number)},
    solve=lambda slots, given: in_hanzi(int(slots["number"])),
    tell=lambda slots, given, bare: fill(part(BOOK, "to_hanzi")["tell"], {**slots, "answer": bare}),
    further={
        "再写出比它大一的数的中文写法。": lambda slots, given: (
            f"比它大一的数是{in_hanzi(int(slots['number']) + 1)}。"
        ),
    },
    like=_as_hanzi,
)


def _fen(slots: Slots) -> int:
    return int(Fraction(slots["money"]) * 100)


def _is_capitals(slots: Slots, given: str, output: str) -> bool:
    """With or without 整 after 角, with 圆 or 元, with or without 零 between 拾元 and 角: all are correct."""

    def plain(text: str) -> str:
        text = normal(text).removeprefix("人民币").lstrip(":").replace("圆", "元").replace("正", "整")
        return re.sub(r"(?<=[拾佰仟万]元)零(?=.角)", "", re.sub("(?<=角)整$", "", text))

    right = plain(capitals(_fen(slots)))
    words = (*part(BOOK, "capital_amount")["words"], f"{slots['money']}元", "大写为", "大写是")
    return said(output, lambda text: plain(text) == right, words)


def _sum_of_money(rng: Random) -> str:
    return f"{rng.randint(12, 89_999)}.{rng.choice(('00', '50', '06', '30', '85', '08'))}"


CAPITALS = family(
    BOOK,
    "capital_amount",
    slots={"money": made("money", 120, _sum_of_money), "paper": part(BOOK, "capital_amount")["paper"]},
    solve=lambda slots, given: capitals(_fen(slots)),
    tell=lambda slots, given, bare: fill(part(BOOK, "capital_amount")["tell"], {**slots, "answer": bare}),
    further={
        "再写出两倍金额的大写。": lambda slots, given: f"两倍的金额是{capitals(2 * _fen(slots))}。",
    },
    check=_is_capitals,
)

# Units.

UNITS = {
    f"{one}等于多少{other}": (one, factor, other)
    for one, factor, other in (row.split(" | ") for row in part(BOOK, "units")["pairs"])
}


def _converted(slots: Slots) -> str:
    return figure(int(slots["n"]) * Fraction(UNITS[slots["pair"]][1]), 4)


def _tell_units(slots: Slots, given: str, bare: str) -> str:
    one, factor, other = UNITS[slots["pair"]]
    facts = {**slots, "one": one, "factor": factor, "other": other, "answer": _converted(slots)}
    return fill(part(BOOK, "units")["tell"], facts)


def _twice(slots: Slots, given: str) -> str:
    one, factor, other = UNITS[slots["pair"]]
    n = 2 * int(slots["n"])
    return f"两倍的量是{n}{one}，等于{figure(n * Fraction(factor), 4)}{other}。"


UNIT = family(
    BOOK,
    "units",
    slots={"pair": tuple(UNITS), "n": ("3", "5", "6", "8", "12", "15", "24", "40", "120")},
    solve=lambda slots, given: f"{_converted(slots)}{UNITS[slots['pair']][2]}",
    tell=_tell_units,
    further={"再算一算两倍的量换算以后是多少。": _twice},
    like=as_quantity,
)

# Properties of numbers, with a reason.


def _divisor(n: int) -> int:
    return next(d for d in range(2, n + 1) if n % d == 0)


def _why_prime(n: int) -> str:
    if _divisor(n) == n:
        return f"除了1和它本身，{n}不能被其他数整除"
    return f"{n}＝{_divisor(n)}×{n // _divisor(n)}"


def _why_leap(n: int) -> str:
    if n % 100 == 0:
        return f"整百的年份要能被400整除才是闰年，{n}÷400{'正好除尽' if n % 400 == 0 else '除不尽'}"
    return f"{n}{'能' if n % 4 == 0 else '不能'}被4整除"


def _why_square(n: int) -> str:
    root = int(n**0.5)
    return f"{n}＝{root}×{root}" if root * root == n else f"{root}×{root}＝{root**2}，{root + 1}×{root + 1}＝{(root + 1) ** 2}，它在两者之间"


def _why_divisible(by: int) -> Callable[[int], str]:
    def why(n: int) -> str:
        return f"{n}÷{by}＝{n // by}" + (f"，余{n % by}" if n % by else "，没有余数")

    return why


PROPERTIES: dict[str, tuple[Callable[[int], bool], Callable[[int], str]]] = {
    "质数": (lambda n: _divisor(n) == n, _why_prime),
    "闰年": (lambda n: n % 4 == 0 and (n % 100 != 0 or n % 400 == 0), _why_leap),
    "完全平方数": (lambda n: int(n**0.5) ** 2 == n, _why_square),
    "7的倍数": (lambda n: n % 7 == 0, _why_divisible(7)),
    "9的倍数": (lambda n: n % 9 == 0, _why_divisible(9)),
    "回文数": (lambda n: str(n) == str(n)[::-1], lambda n: f"把{n}倒过来写是{str(n)[::-1]}"),
    "12的倍数": (lambda n: n % 12 == 0, _why_divisible(12)),
}
NUMBERS = (
    *("51", "57", "63", "71", "84", "91", "97", "101", "111", "119", "121", "126", "131", "144", "161", "169", "187"),
    *("196", "216", "225", "252", "289", "313", "323", "343", "361", "404", "441", "504", "576", "625", "729", "909"),
)
YEARS = tuple(f"{year}年" for year in (1900, 1960, 1978, 1984, 1996, 2000, 2010, 2018, 2024, 2030, 2048, 2100))


def _property(slots: Slots, given: str) -> str:
    return "是" if PROPERTIES[slots["property"]][0](int(slots["n"].removesuffix("年"))) else "不是"


def _tell_property(slots: Slots, given: str, bare: str) -> str:
    why = PROPERTIES[slots["property"]][1](int(slots["n"].removesuffix("年")))
    return f"{slots['n']}{bare}{slots['property']}，因为{why}。"



NUMBER_PROPERTY = family(
    BOOK,
    "number_property",
    slots={"n": (*NUMBERS, *YEARS), "property": tuple(PROPERTIES)},
    fits=lambda slots: (slots["property"] == "闰年") is slots["n"].endswith("年"),
    solve=_property,
    tell=_tell_property,
    further={
        "再说说比它大的下一个符合的是多少。": lambda slots, given: (
            f"下一个符合的是{_next_with(slots)}。"
        ),
    },
    check=lambda slots, given, output: _first_says(slots, output),
)


def _next_with(slots: Slots) -> str:
    n, year = int(slots["n"].removesuffix("年")), "年" * slots["n"].endswith("年")
    return next(f"{m}{year}" for m in range(n + 1, 10 * n) if PROPERTIES[slots["property"]][0](m))


def _first_says(slots: Slots, output: str) -> bool:
    """A verdict alone, or a first clause that gives it."""
    n, kind, right = slots["n"], slots["property"], _property(slots, "")
    clause = re.split("[，。,；;]", normal(output))[0]
    yes = {"是", "是的", f"是{kind}", f"{n}是{kind}", f"它是{kind}", "对"}
    no = {"不是", "否", f"不是{kind}", f"{n}不是{kind}", f"它不是{kind}", "不算"}
    wanted, whole = (yes, clause == normal(output)) if right == "是" else (no, clause == normal(output))
    return whole and clause in {normal(one) for one in wanted}


# Divisors and binary.

WHICH: dict[str, Callable[[int, int], int]] = {"最大公约数": gcd, "最小公倍数": lcm}
PAIRS = ("12", "18", "20", "24", "28", "30", "36", "40", "42", "45", "48", "54", "60", "72", "75", "84", "90", "96")


def _common(slots: Slots, which: str) -> int:
    return WHICH[which](int(slots["a"]), int(slots["b"]))


def _factors(n: int) -> str:
    found = list[int]()
    while n > 1:
        found.append(_divisor(n))
        n //= found[-1]
    return "×".join(map(str, found))


COMMON = family(
    BOOK,
    "common",
    slots={"a": PAIRS, "b": PAIRS, "which": tuple(WHICH)},
    fits=lambda slots: slots["a"] != slots["b"],
    solve=lambda slots, given: str(_common(slots, slots["which"])),
    tell=lambda slots, given, bare: (
        f"{slots['a']}＝{_factors(int(slots['a']))}，{slots['b']}＝{_factors(int(slots['b']))}，"
        f"所以它们的{slots['which']}是{bare}。"
    ),
    further={
        "再把这两个数分别分解质因数。": lambda slots, given: (
            f"{slots['a']}＝{_factors(int(slots['a']))}，{slots['b']}＝{_factors(int(slots['b']))}。"
        ),
        "再说说这两个数是不是互质。": lambda slots, given: (
            f"它们的最大公约数是{_common(slots, '最大公约数')}，"
            f"{'互质' if _common(slots, '最大公约数') == 1 else '所以不互质'}。"
        ),
    },
)


def _powers(n: int) -> str:
    return "＋".join(str(1 << place) for place in range(n.bit_length() - 1, -1, -1) if n >> place & 1)


BINARY = family(
    BOOK,
    "binary",
    slots={"n": ("13", "19", "22", "27", "35", "42", "54", "77", "90", "100", "121", "150", "200", "255", "300")},
    solve=lambda slots, given: f"{int(slots['n']):b}",
    tell=lambda slots, given, bare: f"{slots['n']}＝{_powers(int(slots['n']))}，所以二进制写作{bare}。",
    further={
        "再写出它的十六进制。": lambda slots, given: f"{slots['n']}的十六进制是{int(slots['n']):X}。",
        "再写出它的八进制。": lambda slots, given: f"{slots['n']}的八进制是{int(slots['n']):o}。",
    },
)

FAMILIES = (SEQUENCE, STATISTICS, TO_HANZI, CAPITALS, UNIT, NUMBER_PROPERTY, COMMON, BINARY)
