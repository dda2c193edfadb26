"""Families about numbers: calculating, percentages, units, sequences, statistics."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from random import Random

from selfinstruct.simulator.contexts import FIRMS, PUZZLES
from selfinstruct.simulator.endings import ITEM, LIST
from selfinstruct.simulator.family import Family, Slots
from selfinstruct.simulator.matching import says
from selfinstruct.simulator.vocabulary import amount, items, money, plain_number, rounded

__all__ = ["FAMILIES", "RULES", "sequence"]


def _integers(given: str) -> list[int]:
    return [int(number) for number in re.findall(r"-?\d+", given)]


# A calculation in two steps.

FIRST: dict[str, Callable[[list[int]], int]] = {
    "add up all the numbers": sum,
    "multiply the smallest number by the largest": lambda ns: min(ns) * max(ns),
    "subtract the smallest number from the largest": lambda ns: max(ns) - min(ns),
    "add the squares of the numbers": lambda ns: sum(n * n for n in ns),
    "add up only the odd numbers": lambda ns: sum(n for n in ns if n % 2),
    "multiply the first two numbers": lambda ns: ns[0] * ns[1],
    "count how many numbers are even": lambda ns: sum(n % 2 == 0 for n in ns),
    "add the first number to the last one": lambda ns: ns[0] + ns[-1],
    "add up the digits of all the numbers": lambda ns: sum(int(d) for n in ns for d in str(n)),
    "pick out the second largest number": lambda ns: sorted(ns)[-2],
}
THEN: dict[str, Callable[[int], object]] = {
    "double the result": lambda n: 2 * n,
    "take seven away from what you have": lambda n: n - 7,
    "round it to the nearest ten": lambda n: (n + 5) // 10 * 10,
    "say how much is missing to ten thousand": lambda n: 10_000 - n,
    "give the remainder after dividing by nine": lambda n: n % 9,
    "multiply that by three": lambda n: 3 * n,
    "write the outcome in binary": lambda n: f"{n:b}",
    "add one hundred": lambda n: n + 100,
    "square the outcome": lambda n: n * n,
    "report only the last digit": lambda n: n % 10,
}


def _some_numbers(rng: Random, slots: Slots) -> str:
    return ", ".join(map(str, rng.sample(range(2, 60), rng.randint(3, 6))))


TWO_STEPS = Family(
    name="two_steps",
    phrasings=(
        "From the numbers below, {first}, then {then}.",
        "What comes out if you {first} and then {then}?",
        "First {first}; after that, {then}.",
        "Do this in two steps: {first}, next {then}.",
        "With these integers, {first}; finally {then}.",
        "Could you {first} and, once that is done, {then}?",
        "The task for {puzzle}: {first}, then {then}.",
        "For {puzzle}, {first} and {then}.",
    ),
    slots={"first": tuple(FIRST), "then": tuple(THEN), "puzzle": PUZZLES},
    draw=_some_numbers,
    solve=lambda slots, given: str(THEN[slots["then"]](FIRST[slots["first"]](_integers(given)))),
    endings=ITEM,
)


# Percentages.

CHANGES = {
    "a discount of 15 percent": -15,
    "a price rise of 8 percent": 8,
    "20 percent sales tax on top": 20,
    "a loyalty bonus that takes off 5 percent": -5,
    "an end-of-season reduction of 40 percent": -40,
    "a surcharge of 12 percent for express delivery": 12,
    "the 30 percent students' reduction": -30,
    "a service charge of 10 percent": 10,
}
WARES = (
    *(
        "a winter coat",
        "a pair of theatre seats",
        "a month of swimming lessons",
        "a second-hand piano",
        "a crate of apple juice",
    ),
    *("a weekend in a mountain hut", "a garden bench made of oak", "an hour of bicycle repair", "a set of copper pans"),
    *("a used cargo bicycle", "a can of olive oil", "a pair of hiking boots", "the rent of a concert hall"),
    *("a sewing machine in its case", "a family ticket to the planetarium", "a sack of hen feed", "a pocket telescope"),
    *("the repair of a wall clock", "a season ticket for the tram", "a kilo of saffron buns", "a carved chess set"),
    *("a night train to the coast", "a hand-woven rug", "a sack of coffee beans", "a course in first aid"),
)
PERCENT = Family(
    name="percent_change",
    phrasings=(
        "How much does {ware} cost after {change}?",
        "Take the price of {ware} and apply {change}.",
        "Update the price tag of {ware} to include {change}.",
        "What does a customer pay for {ware} with {change}?",
        "Calculate the new price of {ware} after {change}, to the cent.",
        "With {change}, what would {ware} come to?",
        "Work out the bill for {ware}, considering {change}.",
    ),
    slots={"ware": WARES, "change": tuple(CHANGES)},
    draw=lambda rng, slots: f"Price: {money(Fraction(rng.randint(40, 1200), 4))}",
    solve=lambda slots, given: money(amount(given) * (100 + CHANGES[slots["change"]]) / 100),
    endings=ITEM,
)


# Units.

UNITS = {
    "kilometres to miles": ("km", Fraction(1000000, 1609344), "mi"),
    "miles to kilometres": ("mi", Fraction(1609344, 1000000), "km"),
    "kilograms to pounds": ("kg", Fraction(100000000, 45359237), "lb"),
    "pounds to kilograms": ("lb", Fraction(45359237, 100000000), "kg"),
    "inches to centimetres": ("in", Fraction(254, 100), "cm"),
    "centimetres to inches": ("cm", Fraction(100, 254), "in"),
    "feet to metres": ("ft", Fraction(3048, 10000), "m"),
    "metres to feet": ("m", Fraction(10000, 3048), "ft"),
    "hours to minutes": ("h", Fraction(60), "min"),
    "grams to ounces": ("g", Fraction(1000000000, 28349523125), "oz"),
    "square metres to hectares": ("m²", Fraction(1, 10000), "ha"),
    "kilometres per hour to metres per second": ("km/h", Fraction(10, 36), "m/s"),
}
DIGITS = {
    "round to a whole number": 0,
    "round to one decimal": 1,
    "round to two decimals": 2,
    "keep exactly three decimals": 3,
}
OCCASIONS = (
    *(f"for {firm}" for firm in FIRMS),
    *(
        "for a hiking guide",
        "for an English recipe site",
        "for the customs form",
        "for a physics lesson",
        "for a pen pal abroad",
    ),
    *("for the label on a parcel", "for my running diary", "for a museum sign", "so that our visitors understand them"),
)


def _in_unit(slots: Slots, given: str) -> str:
    _, factor, unit = UNITS[slots["pair"]]
    return ", ".join(f"{rounded(amount(one) * factor, DIGITS[slots['digits']])} {unit}" for one in items(given))


def _as_rounded(answer: str, right: str, free: bool) -> bool:
    """Where exactly three decimals are wanted, zeros at the end count too."""
    exact = re.findall(r"\.(\d{3}) ", right)
    return says(answer, right, free) and (not exact or re.findall(r"\.(\d+)", answer) == exact)


def _measures(rng: Random, slots: Slots) -> str:
    unit = UNITS[slots["pair"]][0]
    return ", ".join(f"{plain_number(Fraction(rng.randint(3, 900), rng.choice((1, 2, 10))))} {unit}" for _ in range(3))


CONVERT = Family(
    name="units",
    phrasings=(
        "Convert the values from {pair} {occasion} and {digits}.",
        "Change these measurements from {pair}; {digits}.",
        "Express every quantity in the other unit, {pair}; {digits} {occasion}.",
        "What do the figures become, going from {pair}? Please {digits}.",
        "Turn the list from {pair}, {occasion}; in each case {digits}.",
        "Recalculate these sizes {occasion}, from {pair}, and {digits}.",
    ),
    slots={"pair": tuple(UNITS), "digits": tuple(DIGITS), "occasion": OCCASIONS},
    draw=_measures,
    solve=_in_unit,
    compare=_as_rounded,
    endings=LIST,
)


# Sequences.

RULES = (
    *(("add", step) for step in (3, 4, 6, 7, 9, 11, 13)),
    *(("subtract", step) for step in (2, 5, 8, 12)),
    *(("multiply", step) for step in (2, 3)),
    *(("square", 0), ("fibonacci", 0), ("growing", 1), ("growing", 2)),
)
MORE = {"next two numbers": 2, "next three numbers": 3, "next four numbers": 4, "next five numbers": 5}
KEEPERS = (
    *(
        "a knitting pattern",
        "the house numbers of a strange street",
        "a lighthouse's blinking code",
        "a gym plan for beginners",
    ),
    *("the steps of a dance", "seats in an old theatre", "a beekeeper's yearly harvest", "points in a board game"),
    *("the pages that fell out of a diary", "the bells of a clock gone mad", "tiles on a bathroom wall"),
)


def sequence(rule: tuple[str, int], start: int, length: int) -> list[int]:
    """The numbers that one of the RULES makes of the first; the Chinese families use them too."""
    kind, step = rule
    numbers = [start]
    for n in range(1, length):
        last = numbers[-1]
        match kind:
            case "add":
                numbers.append(last + step)
            case "subtract":
                numbers.append(last - step)
            case "multiply":
                numbers.append(last * step)
            case "square":
                numbers.append((round(start**0.5) + n) ** 2)
            case "growing":
                numbers.append(last + step * n)
            case _:
                numbers.append(last + numbers[-2] if n > 1 else last + 1)
    return numbers


def _start_of_sequence(rng: Random, slots: Slots) -> str:
    kind, step = rule = rng.choice(RULES)
    start = 10 * step + rng.randint(3, 60) if kind == "subtract" else rng.randint(1, 12)  # never below zero
    return ", ".join(map(str, sequence(rule, start * start if kind == "square" else start, 6)))


def _continued(slots: Slots, given: str) -> str:
    shown, more = _integers(given), MORE[slots["more"]]
    rule = next(rule for rule in RULES if sequence(rule, shown[0], len(shown)) == shown)
    return ", ".join(map(str, sequence(rule, shown[0], len(shown) + more)[len(shown) :]))


SEQUENCE = Family(
    name="sequence",
    phrasings=(
        "Find the rule of these numbers for {keeper} and give the {more}.",
        "Write down the {more} of this sequence for {keeper}.",
        "For {keeper}: which are the {more} if the pattern goes on?",
        "Continue the sequence by the {more}; this is for {keeper}.",
        "Predict the {more} of a row that was made for {keeper}.",
        "Extend the series for {keeper}: I need the {more}.",
    ),
    slots={"keeper": (*KEEPERS, *PUZZLES), "more": tuple(MORE)},
    draw=_start_of_sequence,
    solve=_continued,
    endings=LIST,
)


# Statistics.

FIGURES: dict[str, Callable[[list[int]], Fraction]] = {
    "the median": lambda ns: Fraction(sorted(ns)[len(ns) // 2]),
    "the mean (rounded to one decimal)": lambda ns: Fraction(rounded(Fraction(sum(ns), len(ns)), 1)),
    "the range (largest minus smallest)": lambda ns: Fraction(max(ns) - min(ns)),
    "the value that occurs most often": lambda ns: Fraction(Counter(ns).most_common(1)[0][0]),
    "the sum of the three largest values": lambda ns: Fraction(sum(sorted(ns)[-3:])),
    "the number of values above the mean": lambda ns: Fraction(sum(n * len(ns) > sum(ns) for n in ns)),
}
DATA = (
    *(
        "minutes that trains were late",
        "eggs laid each day",
        "goals scored in a season",
        "temperatures at noon in July",
    ),
    *("visitors per day at a small museum", "ages of the choir's members", "pages read each evening"),
    *("points scored in a spelling test", "parcels delivered each morning", "litres of milk sold per market day"),
    *("phone calls answered per hour", "steps climbed in nine towers"),
)


def _values(rng: Random, slots: Slots) -> str:
    values = rng.sample(range(4, 48), 6)
    values += [values[0], rng.choice(values[1:]), values[0]]
    rng.shuffle(values)
    return ", ".join(map(str, values))


STATISTICS = Family(
    name="statistics",
    phrasings=(
        "Find {figure} of these {data}.",
        "Determine {figure} of the list of {data}.",
        "What is {figure}, looking at the {data}?",
        "Calculate {figure} for the following record of {data}.",
        "A notice about the {data} lacks {figure}. Supply it.",
        "Summarise the {data} by one number, namely {figure}.",
        "State {figure} when it comes to {data}.",
    ),
    slots={"figure": tuple(FIGURES), "data": DATA},
    draw=_values,
    solve=lambda slots, given: plain_number(FIGURES[slots["figure"]](_integers(given))),
    endings=ITEM,
)

FAMILIES = (TWO_STEPS, PERCENT, CONVERT, SEQUENCE, STATISTICS)
