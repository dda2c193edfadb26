"""Families about lists of numbers, measures and money: statistics, sequences, units, percentages, coins, triangles."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from math import prod
from random import Random

from selfinstruct.simulator.data import table
from selfinstruct.simulator.endings import LABEL, LIST
from selfinstruct.simulator.families.making import family
from selfinstruct.simulator.family import Slots
from selfinstruct.simulator.vocabulary import amount, money, numbers, plain_number, rounded

__all__ = ["FAMILIES", "RULES", "sequence"]

Facts = dict[str, object]


def _two_steps(slots: Slots, given: str) -> Facts:
    values = numbers(given)
    low, high = min(values), max(values)
    first = {
        "add up all the numbers": " + ".join(map(str, values)),
        "multiply the smallest number by the largest": f"{low} × {high}",
        "subtract the smallest number from the largest": f"{high} − {low}",
        "add the squares of the numbers": " + ".join(f"{value}²" for value in values),
        "multiply the first two numbers": f"{values[0]} × {values[1]}",
        "add the first number to the last one": f"{values[0]} + {values[-1]}",
    }[slots["first"]]
    middle = worked_out(first)
    then = {
        "double the result": f"2 × {middle}",
        "subtract seven": f"{middle} − 7",
        "add one hundred": f"{middle} + 100",
        "multiply the result by three": f"3 × {middle}",
        "add fifty": f"{middle} + 50",
    }[slots["then"]]
    return {
        "bare": worked_out(then),
        "middle": middle,
        "working": first,
        "working_then": then,
        "half": plain_number(Fraction(worked_out(then), 2)),
    }


def worked_out(term: str) -> int:
    """The value of a term in which all signs between the numbers are the same: "2² + 3²", "4 × 5", "9 − 4"."""
    parts = [int(part.rstrip("²")) ** (2 if part.endswith("²") else 1) for part in re.split(r" [+×−] ", term)]
    return prod(parts) if "×" in term else parts[0] - sum(parts[1:]) if "−" in term else sum(parts)


def _values(rng: Random, slots: Slots) -> str:
    """An odd number of values, one of which occurs more often than all others."""
    some = rng.sample(range(3, 48), rng.choice((5, 7)))
    some += [some[0]] * 2
    rng.shuffle(some)
    return ", ".join(map(str, some))


def _statistics(slots: Slots, given: str) -> Facts:
    values = numbers(given)
    low, *_, high = ordered = sorted(values)
    ((most, times),) = Counter(values).most_common(1)
    answers = {
        "mean": rounded(Fraction(sum(values), len(values)), 1),
        "median": ordered[len(values) // 2],
        "range": high - low,
        "mode": most,
    }
    case = next(name for name in answers if name in slots["figure"])
    return {
        "case": case,
        "bare": answers[case],
        "n": len(values),
        "sum": sum(values),
        "smallest": low,
        "largest": high,
        "times": times,
        "second": sorted(set(values))[-2],
        "order": ", ".join(map(str, ordered)),
        "terms": " + ".join(map(str, values)),
    }


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


def _some_sequence(rng: Random, slots: Slots) -> str:
    rule = rng.choice(RULES)
    start = {"square": rng.randint(2, 9) ** 2, "subtract": rng.randint(90, 140)}.get(rule[0], rng.randint(2, 20))
    return ", ".join(map(str, sequence(rule, start, 6)))


def _sequence(slots: Slots, given: str) -> Facts:
    values = numbers(given)
    rule = next(rule for rule in RULES if sequence(rule, values[0], len(values)) == values)
    *_, one, other = sequence(rule, values[0], len(values) + 2)
    root = round(values[0] ** 0.5)
    said = table("en", "numbers")["sequence"]["rules"][rule[0]]
    words = said.format(step=rule[1], twice=2 * rule[1], root=root, root_after=root + 1)
    return {"bare": f"{one}, {other}", "rule": words, "one": one, "other": other, "sum": one + other}


PAIRS = {pair: text.split() for pair, text in table("en", "numbers")["units"]["pairs"].items()}


def _measure(rng: Random, slots: Slots) -> str:
    return f"{plain_number(Fraction(rng.randint(21, 480), rng.choice((1, 2, 10))))} {PAIRS[slots['pair']][0]}"


def _units(slots: Slots, given: str) -> Facts:
    unit, to, factor = PAIRS[slots["pair"]]
    value = amount(given)
    one, twice = (f"{rounded(value * Fraction(factor) * times, 2)} {to}" for times in (1, 2))
    return {"bare": one, "double": twice, "unit": unit, "to": to, "factor": factor, "value": plain_number(value)}


def _celsius(slots: Slots, given: str) -> Facts:
    degrees = amount(given)
    fahrenheit = plain_number(degrees * Fraction(9, 5) + 32)
    return {"bare": f"{fahrenheit} degrees Fahrenheit", "kelvin": plain_number(degrees + 273)}


def _growth(rng: Random, slots: Slots) -> str:
    old = rng.randrange(40, 900, 20)
    return f"Old: {old}\nNew: {old + old * rng.randrange(5, 80, 5) // 100}"


def _percent(slots: Slots, given: str) -> Facts:
    old, new = numbers(given)
    percent = plain_number(Fraction(100 * (new - old), old))
    return {
        "bare": f"{percent}%",
        "percent": percent,
        "old": old,
        "new": new,
        "rise": new - old,
        "after": rounded(Fraction(new * new, old), 1),
    }


def _coins(slots: Slots, given: str) -> Facts:
    cents, used = round(amount(given) * 100), list[str]()
    for coin in (200, 100, 50, 20, 10, 5, 2, 1):
        many, cents = divmod(cents, coin)
        used += [f"{coin // 100} euro" if coin >= 100 else f"{coin} cent"] * many
    return {"bare": ", ".join(used), "many": len(used)}


def _sides(rng: Random, slots: Slots) -> str:
    a, b = rng.randint(4, 20), rng.randint(4, 20)
    sides = rng.choice(([a, a, a], [a, a, min(b, 2 * a - 1)], sorted({a, b, abs(a - b) + 2}), [a, b, a + b + 3]))
    sides = [*sides, *[sides[0]] * (3 - len(sides))]
    rng.shuffle(sides)
    return ", ".join(f"{side} cm" for side in sides)


def _triangle(slots: Slots, given: str) -> Facts:
    a, b, c = sorted(numbers(given))
    return {"bare": "impossible" if a + b <= c else ("equilateral", "isosceles", "scalene")[len({a, b, c}) - 1]}


FAMILIES = (
    family(
        "numbers",
        "two_steps",
        lambda rng, slots: ", ".join(map(str, rng.sample(range(2, 40), rng.randint(3, 5)))),
        _two_steps,
    ),
    family("numbers", "statistics", _values, _statistics),
    family("numbers", "sequence", _some_sequence, _sequence),
    family("numbers", "units", _measure, _units, {"pair": tuple(PAIRS)}),
    family(
        "numbers",
        "celsius",
        lambda rng, slots: f"{rng.choice([n for n in range(-20, 43) if abs(n) != 1])} degrees Celsius",
        _celsius,
    ),
    family("numbers", "percent_change", _growth, _percent),
    family(
        "numbers",
        "coins",
        lambda rng, slots: f"{money(Fraction(rng.randint(111, 799), 100))} euros",
        _coins,
        endings=LIST,
    ),
    family("numbers", "triangle", _sides, _triangle, classification=True, endings=LABEL),
)
