"""Families of little stories with numbers in them: shopping, journeys."""

from __future__ import annotations

import re
from fractions import Fraction
from random import Random

from selfinstruct.simulator.endings import ITEM
from selfinstruct.simulator.families.numerals import ONES
from selfinstruct.simulator.family import Family, Slots
from selfinstruct.simulator.matching import doubtful
from selfinstruct.simulator.vocabulary import NAMES, amount, plain_number

__all__ = ["FAMILIES"]

GOODS = (
    *("jars of heather honey", "bunches of wild garlic", "loaves of rye bread", "baskets of ripe apricots"),
    *("handmade beeswax candles", "pots of mountain thyme", "wedges of smoked cheese", "bottles of elderflower syrup"),
    *("tins of sardines in olive oil", "reels of waxed linen thread", "bars of lavender soap", "sacks of wood pellets"),
    *("enamel mugs with blue rims", "crates of blood oranges", "pocket knives made in Solingen", "brass door handles"),
    *("kilos of roasted chestnuts", "rolls of striped wallpaper", "tubes of titanium white", "spools of fishing line"),
    *(
        "dwarf apple trees in pots",
        "stamps from the Faroe Islands",
        "cups of cardamom coffee",
        "sheets of laid paper",
    ),
    *("felt slippers for guests", "umbrellas with bamboo handles", "slices of poppy seed cake", "paraffin lamps"),
    *("pairs of woollen mittens", "second-hand detective novels", "packets of sunflower seeds", "wooden spinning tops"),
)
PLACES = (
    *("at the harbour market", "on a farm near the lake", "in a shop behind the station", "at the school bazaar"),
    *("from two sisters by the fountain", "during the midsummer fair", "in the arcade under the bridge"),
    *("off a barge on the canal", "at an auction for charity", "through the catalogue of a mill"),
    *("behind the old customs house", "in the basement of a department store", "at the seamen's mission"),
    *("just before closing time on Saturday", "on a street corner in Porto", "at the beekeepers' jubilee"),
    *("from a stall in the park", "at the monastery gate", "on the ferry to the islands", "in the village cooperative"),
)
COUNTS = ("three", "four", "five", "six", "seven", "eight", "nine", "eleven", "twelve")


def _change(slots: Slots, given: str) -> str:
    count, price = ONES.index(slots["count"]), int(slots["price"])
    spent = count * price
    return f"{count} × {price} = {spent} and 200 − {spent} = {200 - spent}, so {200 - spent} euros remain."


_STEP = re.compile(r"\b(\d{1,9}) ?([×x*·−–-]) ?(\d{1,9}) ?= ?(\d{1,9})\b")  # int() refuses thousands of digits
_SPOKEN = {"times": "×", "multiplied by": "×", "minus": "−", "is": "=", "equals": "=", "makes": "="}
_PRICE = re.compile(r"\b(?:costs?|comes? to|pays?|paid|spends?|spent|price|total|altogether)\b")
_OTHER_UNIT = re.compile(r"[$£%]|\b(?:cents?|dollars?|pounds?|percent)\b")


def _right_change(slots: Slots, given: str, output: str) -> bool:
    """No step of a calculation is wrong, and the change is named last, after nothing but figures that lead to it."""
    count, price = ONES.index(slots["count"]), int(slots["price"])
    text = output.replace("€", "").replace(".00", "")
    for word, sign in _SPOKEN.items():
        text = re.sub(rf"(?<=\d) {word} (?=\d)", f" {sign} ", text)
    steps = [(int(a), sign in "×x*·", int(b), int(c)) for a, sign, b, c in _STEP.findall(text)]
    if doubtful(text) or _OTHER_UNIT.search(text) or any((a * b if times else a - b) != c for a, times, b, c in steps):
        return False
    text = re.sub(r"\b(?:from|of|out of|with) (?:the )?200\b", "", _STEP.sub(r"\4", text))
    *before, last = re.findall(r"[-−–]?\d+", text) or [""]
    known = {str(c) for *_, c in steps} | (
        {str(n) for n in (count, price, count * price, 200)} if _PRICE.search(text) else set()
    )
    return last == str(200 - count * price) and known.issuperset(before)


SHOPPING = Family(
    name="shopping_change",
    phrasings=(
        "{name} buys {count} {goods} {place} at {price} euros each. What is the change from 200 euros?",
        "At {price} euros apiece, {name} orders {count} {goods} {place}. How much of 200 euros is left?",
        "Work out {name}'s change from 200 euros for {count} {goods} {place} at {price} euros each.",
        "Find the change: {count} {goods} {place} cost {price} euros each and 200 euros are paid.",
        "How much of 200 euros remains after {count} {goods}, bought {place} for {price} euros each?",
        "Subtract the price of {count} {goods} ({price} euros each, bought {place}) from 200 euros.",
    ),
    slots={"name": NAMES, "count": COUNTS, "goods": GOODS, "place": PLACES, "price": tuple(map(str, range(2, 16)))},
    solve=_change,
    check=_right_change,
)


JOURNEYS = {
    "pushes a wheelbarrow along the dyke": (3, 5),
    "glides downstream in a canoe": (5, 8),
    "jogs through the oak woods": (8, 12),
    "pedals a rickshaw across town": (9, 16),
    "rides a scooter down the coast road": (28, 45),
    "steers a houseboat up the canal": (5, 9),
    "leads a donkey over the pass": (3, 5),
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
    *("to mend a church clock", "to buy a second-hand loom", "to surprise an old teacher", "to collect a prize"),
    *("to swap stamps with a friend", "to inspect a windmill", "to adopt a kitten", "to taste the new cider"),
    *("to return a borrowed tent", "to hear a concert", "to vote in the village election"),
)


def _arrival(slots: Slots, given: str) -> str:
    hours, speed = ONES.index((slots.get("hours") or slots["hours_up"]).lower()), int(amount(given.split("\n")[0]))
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
        "{name} {way} {goal} and is away for {hours} hours. How far is it, given speed and rest?",
        "In order {goal}, {name} {way} for {hours} hours, rests included. Find the distance.",
        "How many kilometres does {name} cover who {way} for {hours} hours, breaks included, {goal}?",
        "Subtract the rest and compute the distance: {name} {way} {goal}, {hours} hours in all.",
        "{hours_up} hours, breaks and all, pass while {name} {way} {goal}. What distance is that?",
    ),
    slots={
        "name": NAMES,
        "way": tuple(JOURNEYS),
        "goal": GOALS,
        "hours_up": ("Two", "Three", "Four", "Five", "Six", "Seven"),
        "hours": ("two", "three", "four", "five", "six", "seven"),
    },
    draw=_journey,
    solve=_arrival,
    endings=ITEM,
)

FAMILIES = (SHOPPING, JOURNEY)
