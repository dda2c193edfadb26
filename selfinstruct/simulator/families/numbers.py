"""Families about lists of numbers, measures and money: statistics, sequences, units, percentages, coins, triangles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from random import Random

from selfinstruct.simulator.data import table
from selfinstruct.simulator.endings import ITEM, LABEL, LIST
from selfinstruct.simulator.families.making import further, wordings
from selfinstruct.simulator.family import Family, Slots
from selfinstruct.simulator.vocabulary import amount, money, numbers, plain_number, rounded

__all__ = ["FAMILIES", "RULES", "sequence"]

# Statistics.


def _most_frequent(values: list[int]) -> int:
    return Counter(values).most_common(1)[0][0]


def _median(values: list[int]) -> int:
    return sorted(values)[len(values) // 2]


FIGURES: dict[str, tuple[Callable[[list[int]], str], str]] = {
    "mean": (
        lambda values: rounded(Fraction(sum(values), len(values)), 1),
        "The {n} values add up to {sum}, and {sum} ÷ {n} is {bare} to one decimal, so that is the mean.",
    ),
    "median": (
        lambda values: str(_median(values)),
        "In order the values are {order}. The one in the middle is {bare}, so the median is {bare}.",
    ),
    "range": (
        lambda values: str(max(values) - min(values)),
        "The largest value is {largest} and the smallest is {smallest}, so the range is {largest} − {smallest} = {bare}.",
    ),
    "sum": (lambda values: str(sum(values)), "{terms} = {bare}, so the sum is {bare}."),
    "most frequent": (
        lambda values: str(_most_frequent(values)),
        "The value {bare} occurs {times} times, more often than any other, so it is the most frequent one.",
    ),
}


def _values(rng: Random, slots: Slots) -> str:
    """An odd number of values, one of which occurs more often than all others."""
    some = rng.sample(range(3, 48), rng.choice((5, 7)))
    some += [some[0]] * 2
    rng.shuffle(some)
    return ", ".join(map(str, some))


def _figure(slots: Slots) -> tuple[Callable[[list[int]], str], str]:
    return next(figure for name, figure in FIGURES.items() if name in slots["figure"])


def _figure_told(slots: Slots, given: str, bare: str) -> str:
    values = numbers(given)
    return _figure(slots)[1].format(
        **{"n": len(values), "sum": sum(values), "largest": max(values), "smallest": min(values), "bare": bare},
        **{"order": ", ".join(map(str, sorted(values))), "terms": " + ".join(map(str, values))},
        times=Counter(values).most_common(1)[0][1],
    )


STATISTICS = Family(
    **wordings("numbers", "statistics"),
    draw=_values,
    solve=lambda slots, given: _figure(slots)[0](numbers(given)),
    tell=_figure_told,
    further=further(
        "numbers",
        "statistics",
        {
            "size": lambda slots, given: f"There are {len(numbers(given))} values.",
            "largest": lambda slots, given: f"The largest value is {max(numbers(given))}.",
        },
    ),
    endings=ITEM,
)

# Sequences.


RULES = (
    *(("add", step) for step in (3, 4, 6, 7, 9, 11, 13)),
    *(("subtract", step) for step in (2, 5, 8, 12)),
    *(("multiply", step) for step in (2, 3)),
    *(("square", 0), ("fibonacci", 0), ("growing", 1), ("growing", 2)),
)


def sequence(rule: tuple[str, int], start: int, length: int) -> list[int]:
    """The numbers that one of the RULES makes of the first."""
    kind, step = rule
    made = [start]
    for n in range(1, length):
        last = made[-1]
        match kind:
            case "add":
                made.append(last + step)
            case "subtract":
                made.append(last - step)
            case "multiply":
                made.append(last * step)
            case "square":
                made.append((round(start**0.5) + n) ** 2)
            case "growing":
                made.append(last + step * n)
            case _:
                made.append(last + made[-2] if n > 1 else last + 1)
    return made


_RULE_SAID = {
    "add": "each number is {step} more than the one before",
    "subtract": "each number is {step} less than the one before",
    "multiply": "each number is {step} times the one before",
    "square": "the numbers are the squares of {root}, {root_after} and so on",
    "fibonacci": "each number is the sum of the two before it",
    "growing": "the difference grows by {step} each time: it is {step}, then {twice}, and so on",
}


def _sequence(rng: Random, slots: Slots) -> str:
    kind, step = rule = rng.choice(RULES)
    start = {"square": rng.randint(2, 9) ** 2, "subtract": rng.randint(90, 140)}.get(kind, rng.randint(2, 20))
    return ", ".join(map(str, sequence(rule, start, 6)))


def _rule(values: list[int]) -> tuple[str, int, int]:
    """The rule in words and the next two numbers."""
    many = len(values)
    rule = next(rule for rule in RULES if sequence(rule, values[0], many) == values)
    root = round(values[0] ** 0.5)
    said = _RULE_SAID[rule[0]].format(step=rule[1], twice=2 * rule[1], root=root, root_after=root + 1)
    *_, one, other = sequence(rule, values[0], many + 2)
    return said, one, other


SEQUENCE = Family(
    **wordings("numbers", "sequence"),
    draw=_sequence,
    solve=lambda slots, given: "{1}, {2}".format(*_rule(numbers(given))),
    tell=lambda slots, given, bare: "The rule is that {0}. The next two numbers are therefore {1} and {2}.".format(
        *_rule(numbers(given))
    ),
    further=further(
        "numbers",
        "sequence",
        {"sum": lambda slots, given: "Their sum is {}.".format(sum(_rule(numbers(given))[1:]))},
    ),
    endings=LIST,
)

# Units.

PAIRS = {pair: text.split() for pair, text in table("en", "numbers")["units"]["pairs"].items()}


def _converted(slots: Slots, given: str, times: int = 1) -> str:
    _, to, factor = PAIRS[slots["pair"]]
    return f"{rounded(amount(given) * Fraction(factor) * times, 2)} {to}"


def _units() -> Family:
    said = wordings("numbers", "units")
    said["slots"] = {"pair": tuple(PAIRS)}
    return Family(
        **said,
        draw=lambda rng, slots: f"{plain_number(Fraction(rng.randint(21, 480), rng.choice((1, 2, 10))))} {PAIRS[slots['pair']][0]}",
        solve=_converted,
        tell=lambda slots, given, bare: (
            "One {0} is {2} {1}. Therefore {3} are {4} × {2} = {5}, rounded to two decimals.".format(
                *PAIRS[slots["pair"]], given, plain_number(amount(given)), bare
            )
        ),
        further=further(
            "numbers",
            "units",
            {"double": lambda slots, given: f"Twice the amount is {_converted(slots, given, 2)}."},
        ),
        endings=ITEM,
    )


def _fahrenheit(given: str) -> str:
    return plain_number(amount(given) * Fraction(9, 5) + 32)


CELSIUS = Family(
    **wordings("numbers", "celsius"),
    draw=lambda rng, slots: f"{rng.choice([n for n in range(-20, 43) if abs(n) != 1])} degrees Celsius",
    solve=lambda slots, given: f"{_fahrenheit(given)} degrees Fahrenheit",
    tell=lambda slots, given, bare: (
        f"Multiply by 9, divide by 5 and add 32: {given} are {_fahrenheit(given)} degrees Fahrenheit."
    ),
    further=further(
        "numbers", "celsius", {"kelvin": lambda slots, given: f"It is {plain_number(amount(given) + 273)} kelvin."}
    ),
    endings=ITEM,
)

# Percentages and coins.


def _growth(rng: Random, slots: Slots) -> str:
    old = rng.randrange(40, 900, 20)
    return f"Old: {old}\nNew: {old + old * rng.randrange(5, 80, 5) // 100}"


def _percent(given: str) -> str:
    old, new = numbers(given)
    return f"{plain_number(Fraction(100 * (new - old), old))}%"


PERCENT = Family(
    **wordings("numbers", "percent_change"),
    draw=_growth,
    solve=lambda slots, given: _percent(given),
    tell=lambda slots, given, bare: (
        "It rose by {1} − {0} = {2}. Compared with the old value, {2} ÷ {0} × 100 = {3}, a rise of {4}.".format(
            *numbers(given), numbers(given)[1] - numbers(given)[0], bare[:-1], bare
        )
    ),
    further=further(
        "numbers",
        "percent_change",
        {"absolute": lambda slots, given: "It rose by {} in absolute numbers.".format(-int.__sub__(*numbers(given)))},
    ),
    endings=ITEM,
)

COINS = (200, 100, 50, 20, 10, 5, 2, 1)


def _coins(given: str) -> list[str]:
    cents, used = round(amount(given) * 100), list[str]()
    for coin in COINS:
        many, cents = divmod(cents, coin)
        used += [f"{coin // 100} euro" if coin >= 100 else f"{coin} cent"] * many
    return used


COIN = Family(
    **wordings("numbers", "coins"),
    draw=lambda rng, slots: f"{money(Fraction(rng.randint(111, 799), 100))} euros",
    solve=lambda slots, given: ", ".join(_coins(given)),
    tell=lambda slots, given, bare: (
        f"Take the largest coin that still fits each time. For {given} that gives {len(_coins(given))} coins: {bare}."
    ),
    further=further("numbers", "coins", {"many": lambda slots, given: f"That is {len(_coins(given))} coins."}),
    endings=LIST,
)

# Triangles.


def _sides(rng: Random, slots: Slots) -> str:
    a, b = rng.randint(4, 20), rng.randint(4, 20)
    sides = rng.choice(([a, a, a], [a, a, min(b, 2 * a - 1)], sorted({a, b, abs(a - b) + 2}), [a, b, a + b + 3]))
    sides = [*sides, *[sides[0]] * (3 - len(sides))]
    rng.shuffle(sides)
    return ", ".join(f"{side} cm" for side in sides)


def _kind(slots: Slots, given: str) -> str:
    a, b, c = sorted(numbers(given))
    return "impossible" if a + b <= c else ("equilateral", "isosceles", "scalene")[len({a, b, c}) - 1]


TRIANGLE = Family(**wordings("numbers", "triangle"), draw=_sides, solve=_kind, classification=True, endings=LABEL)

FAMILIES = (STATISTICS, SEQUENCE, _units(), CELSIUS, PERCENT, COIN, TRIANGLE)
