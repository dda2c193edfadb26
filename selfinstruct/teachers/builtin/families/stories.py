"""Families of little stories with numbers in them: shopping, journeys."""

from __future__ import annotations

import re
from fractions import Fraction
from random import Random

from selfinstruct.teachers.builtin.endings import ITEM
from selfinstruct.teachers.builtin.families.numerals import ONES
from selfinstruct.teachers.builtin.family import Family, Slots
from selfinstruct.teachers.builtin.settings import QUIZ
from selfinstruct.teachers.builtin.vocabulary import NAMES, amount, plain_number

__all__ = ["FAMILIES"]

GOODS = (
    *("jars of heather honey", "bunches of wild garlic", "loaves of rye bread", "baskets of ripe apricots"),
    *("handmade beeswax candles", "pots of mountain thyme", "wedges of smoked cheese", "bottles of elderflower syrup"),
    *("pairs of woollen mittens", "second-hand detective novels", "packets of sunflower seeds", "wooden spinning tops"),
)
PLACES = (
    *("at the harbour market", "on a farm near the lake", "in a shop behind the station", "at the school bazaar"),
    *("from a stall in the park", "at the monastery gate", "on the ferry to the islands", "in the village cooperative"),
)
COUNTS = ("three", "four", "five", "six", "seven", "eight", "nine", "eleven", "twelve")


def _change(slots: Slots, given: str) -> str:
    count, price = ONES.index(slots["count"]), int(slots["price"])
    spent = count * price
    return f"{count} × {price} = {spent} and 200 − {spent} = {200 - spent}, so {200 - spent} euros remain."


def _right_change(slots: Slots, given: str, output: str) -> bool:
    """The last number is the change, and no step on the way to it is wrong."""
    steps = re.findall(r"(\d+) ([×−]) (\d+) = (\d+)", output)
    true = all(int(a) * int(b) == int(c) if sign == "×" else int(a) - int(b) == int(c) for a, sign, b, c in steps)
    return true and re.findall(r"\d+", output)[-1:] == re.findall(r"\d+", _change(slots, given))[-1:]


SHOPPING = Family(
    name="shopping_change",
    phrasings=(
        "{name} buys {count} {goods} {place} at {price} euros each and pays with 200 euros. How much comes back?",
        "At {price} euros apiece, {name} orders {count} {goods} {place}. What is the change from 200 euros?",
        "Work out {name}'s change from 200 euros after buying {count} {goods} {place} for {price} euros each.",
        "With 200 euros, {name} goes shopping {place}: {count} {goods} at {price} euros each. What is left?",
    ),
    slots={"name": NAMES, "count": COUNTS, "goods": GOODS, "place": PLACES, "price": tuple(map(str, range(2, 16)))},
    solve=_change,
    check=_right_change,
    settings=QUIZ,
)


JOURNEYS = {
    "cycles along the river": (12, 21),
    "walks over the hills": (3, 6),
    "rows across the lake": (4, 8),
    "drives a mail van": (40, 75),
    "takes the slow train": (55, 95),
    "skates down the frozen canal": (14, 22),
    "rides a mule through the valley": (5, 9),
}
GOALS = (
    *("to visit an aunt", "to deliver a violin", "to see the sea", "to fetch a beehive", "to catch the last ferry"),
    *("to return a borrowed tent", "to hear a concert", "to vote in the village election"),
)


def _arrival(slots: Slots, given: str) -> str:
    hours, speed = ONES.index(slots["hours"]), int(amount(given.split("\n")[0]))
    pause = int(amount(given.split("\n")[1]))
    total = hours * 60 - pause
    return f"{plain_number(Fraction(speed * total, 60))} km"


def _journey(rng: Random, slots: Slots) -> str:
    slow, fast = JOURNEYS[slots["way"]]
    pause = rng.choice((0, 15, 30, 45, 60))
    return f"Speed while moving: {rng.randint(slow, fast)} km/h\nTime spent resting: {pause} min"


JOURNEY = Family(
    name="journey",
    phrasings=(
        "{name} {way} {goal} and is away for {hours} hours. With speed and rest as given, how far is it?",
        "In order {goal}, {name} {way}. The trip lasts {hours} hours including rests. Find the distance covered.",
        "It takes {hours} hours, breaks included, while {name} {way} {goal}. How many kilometres is that?",
        "Imagine that {name} {way} for {hours} hours {goal}. Subtract the rest and tell me the distance.",
    ),
    slots={"name": NAMES, "way": tuple(JOURNEYS), "goal": GOALS, "hours": ("two", "three", "four", "five", "six")},
    draw=_journey,
    solve=_arrival,
    endings=ITEM,
)

FAMILIES = (SHOPPING, JOURNEY)
