"""Families about numbers in everyday things: areas, ratios, chances, coins, equations, divisors."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from math import gcd, lcm
from random import Random

from selfinstruct.simulator.contexts import FIRMS, PUZZLES, READERS
from selfinstruct.simulator.endings import ITEM, LIST
from selfinstruct.simulator.family import Family, Slots
from selfinstruct.simulator.vocabulary import NAMES, money

__all__ = ["FAMILIES"]


def _numbers(given: str) -> list[int]:
    return [int(number) for number in re.findall(r"-?\d+", given)]


MEASURED: dict[str, Callable[[int, int], str]] = {
    "the area": lambda a, b: f"{a * b} square metres",
    "the length of a fence all around": lambda a, b: f"{2 * (a + b)} metres",
    "the price of turf at 4 euros per square metre": lambda a, b: f"{4 * a * b} euros",
    "the number of tiles of 50 cm by 50 cm": lambda a, b: f"{4 * a * b} tiles",
    "the path walked along its edge three times": lambda a, b: f"{6 * (a + b)} metres",
    "the area left after a quarter is paved": lambda a, b: f"{Fraction(3 * a * b, 4)} square metres",
}
GROUNDS = (
    *("a kindergarten's playground", "the yard behind our bakery", "a rectangular rice field", "my uncle's vineyard"),
    *(
        "an ice rink in the park",
        "the deck of a houseboat",
        "a paddock for two ponies",
        "the square in front of city hall",
    ),
    *(
        "a cricket pitch by the sea",
        "the floor of a monastery library",
        "a roof garden in Marseille",
        "a beach volleyball court",
    ),
    *(
        "the herb bed of a hospital",
        "an empty car park",
        "the stage of an open-air theatre",
        "a salt pan near the coast",
    ),
)
AREA = Family(
    name="rectangle",
    phrasings=(
        "Compute {what} of {ground}, whose two sides are given.",
        "Length and width of {ground} are known. What is {what}?",
        "For {reader}, work out {what} of {ground}.",
        "Given the sides, find {what} of {ground}.",
        "What is {what} when it comes to {ground}?",
    ),
    slots={"what": tuple(MEASURED), "ground": GROUNDS, "reader": READERS},
    draw=lambda rng, slots: f"{4 * rng.randint(2, 20)} m by {rng.randint(3, 60)} m",
    solve=lambda slots, given: MEASURED[slots["what"]](*_numbers(given)),
    endings=ITEM,
)

SHARED = (
    *("the profit of a lemonade stand", "an inheritance from a great-aunt", "the takings of a street concert"),
    *("a lottery prize", "the rent of a studio", "the catch from a night at sea", "a tip left for the whole kitchen"),
    *("the income of a flea market stall", "a reward for a found violin", "the fee for painting a mural"),
    *("a bonus for three good harvests", "the cost of a shared taxi", "the price of a rowing boat"),
)
RATIOS = {"2 to 3": (2, 3), "1 to 4": (1, 4), "3 to 5": (3, 5), "5 to 7": (5, 7), "3 to 1": (3, 1), "4 to 5": (4, 5)}
RATIO = Family(
    name="ratio",
    phrasings=(
        "{name} and {other} divide {sum} in the ratio {ratio}. What does each get, in this order?",
        "Split {sum} between {name} and {other}, {ratio}, and state both parts.",
        "In the ratio {ratio}, how much of {sum} belongs to {name} and to {other}?",
        "Share {sum} as {ratio}; give the two amounts, for {firm}.",
        "For {firm}: what are the two parts of {sum}, divided {ratio}?",
    ),
    slots={"name": NAMES[:12], "other": NAMES[12:], "sum": SHARED, "ratio": tuple(RATIOS), "firm": FIRMS},
    draw=lambda rng, slots: f"{sum(RATIOS[slots['ratio']]) * rng.randint(6, 90)} euros",
    solve=lambda slots, given: ", ".join(
        f"{part * _numbers(given)[0] // sum(RATIOS[slots['ratio']])} euros" for part in RATIOS[slots["ratio"]]
    ),
    endings=LIST,
)

THINGS = {
    "marbles in a velvet bag": "marble",
    "socks in a dark drawer": "sock",
    "tulip bulbs from a mixed sack": "bulb",
    "boiled sweets in a tin": "sweet",
    "beads on a broken necklace": "bead",
    "raffle tickets in a top hat": "ticket",
    "counters from a board game": "counter",
    "balloons behind a curtain": "balloon",
    "buttons in grandmother's box": "button",
    "crayons under the sofa": "crayon",
}
CHANCE = Family(
    name="probability",
    phrasings=(
        "There are {things}. What is the chance of a {colour} one, as a reduced fraction?",
        "Someone picks blindly from {things}. Give the probability of {colour} as a reduced fraction.",
        "Express as a reduced fraction how likely a {colour} one is among {things}.",
        "For {puzzle}: how probable is {colour}, as a reduced fraction?",
        "Calculate the chance of {colour}, as a fully reduced fraction, for {puzzle}.",
    ),
    slots={"things": tuple(THINGS), "colour": ("red", "blue", "green"), "puzzle": PUZZLES},
    draw=lambda rng, slots: f"red: {rng.randint(1, 9)}, blue: {rng.randint(1, 9)}, green: {rng.randint(1, 9)}",
    solve=lambda slots, given: _chance(slots["colour"], given),
    endings=ITEM,
)


def _chance(colour: str, given: str) -> str:
    counts = {name: int(count) for name, count in re.findall(r"(\w+): (\d+)", given)}
    return str(Fraction(counts[colour], sum(counts.values())))


COINS = (200, 100, 50, 20, 10, 5, 2, 1)
TILLS = (
    *("a vending machine for umbrellas", "the till of a corner shop", "a ticket machine in the metro", "a juice bar"),
    *("a jukebox from the fifties", "the kiosk at the zoo", "a parking meter on the quay", "a bakery's honesty box"),
    *("the cashier of a funfair", "a laundrette that hates small change", "a merry-go-round"),
)


def _coins(slots: Slots, given: str) -> str:
    cents, used = round(Fraction(given.removesuffix(" euros")) * 100), list[str]()
    for coin in COINS:
        many, cents = divmod(cents, coin)
        name = f"{coin // 100} euro" if coin >= 100 else f"{coin} cent"
        used += [name] * many
    return ", ".join(used)


CHANGE = Family(
    name="coins",
    phrasings=(
        "Pay out the amount with as few euro coins as possible, largest first, at {till}.",
        "Which coins, largest first and as few as possible, does {till} return?",
        "Make up this sum from the fewest euro coins, largest first, for {reader}.",
        "List the smallest set of euro coins for the sum, from large to small, for {puzzle}.",
        "For {firm}: the fewest euro coins, in falling order, that give this amount.",
    ),
    slots={"till": TILLS, "reader": READERS, "puzzle": PUZZLES, "firm": FIRMS},
    draw=lambda rng, slots: f"{money(Fraction(rng.randint(11, 799), 100))} euros",
    solve=_coins,
    endings=LIST,
)

UNKNOWN = (
    *("the age of a tortoise", "the number of steps to the attic", "a baker's trays of rolls", "the weight of a trunk"),
    *(
        "the price of one orchid",
        "the speed of a barge",
        "the seats in each row",
        "eggs per nest",
        "a secret door code",
    ),
    *("the days until the regatta", "the floor on which the spy lives", "the width of a plank"),
)


def _equation(rng: Random, slots: Slots) -> str:
    least = 2 if "unknown" in slots else -9  # no age, price or code is negative
    factor, solution, add = rng.randint(2, 9), rng.randint(least, 25), rng.randint(-30, 30)
    sign = f" {'+' if add > 0 else '-'} {abs(add)}" if add else ""
    return f"{factor}x{sign} = {factor * solution + add}"


def _solution(slots: Slots, given: str) -> str:
    found = re.fullmatch(r"(\d+)x(?: ([+-]) (\d+))? = (-?\d+)", given)
    if not found:
        raise ValueError(f"not one of our equations: {given}")
    add = int(f"{found[2]}{found[3]}") if found[2] else 0
    return str((int(found[4]) - add) // int(found[1]))


EQUATION = Family(
    name="equation",
    phrasings=(
        "Solve the equation for x, which is {unknown}.",
        "What is x? It stands for {unknown}.",
        "Find x in a linear equation made for {puzzle}.",
        "For {puzzle}, isolate x and give its value.",
        "Determine {unknown}, called x in the equation.",
        "Help {reader} to solve for x; the value is enough.",
    ),
    slots={"unknown": UNKNOWN, "puzzle": PUZZLES, "reader": READERS},
    draw=_equation,
    solve=_solution,
    endings=ITEM,
)

COMMON: dict[str, Callable[[int, int], int]] = {"greatest common divisor": gcd, "least common multiple": lcm}
GEARS = (
    *("two cogwheels of a tower clock", "a pair of flashing buoys", "the bus lines that meet at the castle"),
    *("two bolts of cloth to be cut evenly", "the shifts of a couple of nurses", "planks for a raft of equal parts"),
    *("two church bells", "a pair of frogs jumping around a pond", "ribbons for identical bouquets"),
)
DIVISOR = Family(
    name="gcd_lcm",
    phrasings=(
        "Find the {which} of two numbers that describe {gears}.",
        "What is the {which} of these numbers, for {puzzle}?",
        "Calculate the {which}; the numbers belong to {gears}.",
        "For {reader}: name the {which} of both numbers.",
        "Give {reader} the {which} of the pair.",
    ),
    slots={"which": tuple(COMMON), "gears": GEARS, "puzzle": PUZZLES, "reader": READERS},
    draw=lambda rng, slots: " and ".join(str(n * rng.choice((2, 3, 4, 6))) for n in rng.sample(range(2, 19), 2)),
    solve=lambda slots, given: str(COMMON[slots["which"]](*_numbers(given))),
    endings=ITEM,
)

FAMILIES = (AREA, RATIO, CHANCE, CHANGE, EQUATION, DIVISOR)
