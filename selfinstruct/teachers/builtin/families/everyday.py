"""Families about daily life: recipes, budgets, bills, plans for the day, packing, shopping."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from random import Random

from selfinstruct.teachers.builtin.endings import ITEM, LIST
from selfinstruct.teachers.builtin.family import Family, Slots
from selfinstruct.teachers.builtin.settings import HOME
from selfinstruct.teachers.builtin.vocabulary import NAMES, amount, money, plain_number

__all__ = ["FAMILIES"]

# Recipes.

DISHES = {
    "lentil soup": "red lentils-g-75 carrots-g-60 stock-ml-250 cumin-g-1",
    "pancakes": "flour-g-70 milk-ml-120 eggs--2 butter-g-8",
    "apple crumble": "apples-g-180 flour-g-45 sugar-g-25 butter-g-30",
    "potato salad": "potatoes-g-250 gherkins-g-40 mayonnaise-g-35 vinegar-ml-10",
    "tomato risotto": "rice-g-80 tomatoes-g-120 stock-ml-220 parmesan-g-20",
    "hummus": "chickpeas-g-90 tahini-g-25 lemon juice-ml-12 olive oil-ml-8",
    "vegetable curry": "cauliflower-g-150 coconut milk-ml-110 spinach-g-70 curry paste-g-12",
    "rice pudding": "rice-g-50 milk-ml-240 sugar-g-14 raisins-g-15",
}
CROWDS = {
    "for six hungry climbers": 6,
    "for a table of ten": 10,
    "for me alone": 1,
    "for fifteen children": 15,
    "for three": 3,
    "for the whole choir, twenty-four people": 24,
    "for eight guests": 8,
    "for a dozen neighbours": 12,
}


def _recipe(rng: Random, slots: Slots) -> str:
    base = rng.choice((2, 4))
    parts = _parts(slots["dish"])
    return "\n".join(
        [f"Serves {base}", *(f"{each * base} {unit} {name}".replace("  ", " ") for name, unit, each in parts)]
    )


def _parts(dish: str) -> list[tuple[str, str, int]]:
    return [
        (name.strip(), unit, int(each)) for name, unit, each in re.findall(r"([a-z ]+)-(g|ml|)-(\d+)", DISHES[dish])
    ]


def _scaled(slots: Slots, given: str) -> str:
    serves, *lines = given.split("\n")
    factor = Fraction(CROWDS[slots["crowd"]]) / amount(serves)
    return "\n".join(f"{plain_number(amount(line) * factor)} {line.split(' ', 1)[1]}" for line in lines)


SCALE = Family(
    name="recipe_scaling",
    phrasings=(
        "Adapt the ingredients of the {dish} {crowd}, one per line.",
        "My recipe for {dish} serves another number of people. Recalculate it {crowd}, line by line.",
        "How much of everything do I need if I cook {dish} {crowd}? One ingredient to a line.",
        "Scale this list for {dish} so that it is right {crowd}; keep units and order.",
        "There will be {dish} {crowd}. Rewrite the quantities accordingly, in the same form.",
    ),
    slots={"dish": tuple(DISHES), "crowd": tuple(CROWDS)},
    draw=_recipe,
    solve=_scaled,
    settings=HOME,
)

# Money.

BUDGETS = {
    "a weekend in the mountains": "train hut food lift_pass map",
    "a child's birthday party": "cake balloons games juice presents",
    "a band's first tour": "van petrol strings hostels posters",
    "a month in a student flat": "rent groceries phone bus books",
    "a home-grown vegetable garden": "seeds compost tools netting watering_can",
    "a village theatre production": "costumes scripts lights paint refreshments",
    "a long-distance bicycle tour": "tyres campsites food ferry repairs",
    "a puppy's first year": "food vet lead basket training",
    "a small wedding": "rings flowers dinner music invitations",
    "a pop-up coffee stall": "beans cups milk permit table",
}
MONEY_QUESTIONS: dict[str, Callable[[Fraction, dict[str, Fraction]], str]] = {
    "what is left of the budget": lambda budget, costs: money(budget - sum(costs.values())),
    "the total of all expenses": lambda budget, costs: money(sum(costs.values())),
    "the most expensive item": lambda budget, costs: max(costs, key=lambda item: costs[item]),
    "the average cost of an item": lambda budget, costs: money(Fraction(sum(costs.values())) / len(costs)),
    "what would remain without the first item on the list": lambda budget, costs: money(
        budget - sum(costs.values()) + next(iter(costs.values()))
    ),
}


def _budget(rng: Random, slots: Slots) -> str:
    names = rng.sample(BUDGETS[slots["plan"]].split(), 4)
    costs = rng.sample(range(8, 180), 4)
    lines = [
        f"{name.replace('_', ' ')}: {cost}.{rng.choice(('00', '50', '25'))}"
        for name, cost in zip(names, costs, strict=True)
    ]
    return "\n".join([f"Budget: {sum(costs) + rng.randint(10, 200)}.00", *lines])


def _spent(slots: Slots, given: str) -> str:
    rows = [line.split(": ") for line in given.split("\n")]
    costs = {name: Fraction(cost) for name, cost in rows[1:]}
    return MONEY_QUESTIONS[slots["question"]](Fraction(rows[0][1]), costs)


BUDGET = Family(
    name="budget",
    phrasings=(
        "The costs of {plan} are listed in euros. Find {question}.",
        "I'm planning {plan} and would like to know {question}.",
        "Check the money for {plan} and tell me {question}.",
        "From my notes on {plan}, work out {question} (in euros if it is a sum).",
        "Help me with the finances of {plan}. I'm interested in {question}.",
    ),
    slots={"plan": tuple(BUDGETS), "question": tuple(MONEY_QUESTIONS)},
    draw=_budget,
    solve=_spent,
    settings=HOME,
    endings=ITEM,
)

TIPS = {
    "a tip of ten percent": 10,
    "no tip": 0,
    "five percent extra for the waiter": 5,
    "a generous twenty percent on top": 20,
}
TABLES = (
    *(
        "after a pizza evening",
        "in a tavern by the lake",
        "at the end of a team lunch",
        "after a night of board games and soup",
    ),
    *(
        "on the terrace of a mountain inn",
        "in a noisy noodle bar",
        "after my brother's farewell dinner",
        "in a beer garden",
    ),
    *("on the last evening of a holiday", "in a cafe full of old clocks"),
)


def _bill(rng: Random, slots: Slots) -> str:
    people = rng.randint(2, 9)
    return f"Bill: {money(Fraction(rng.randint(40, 400) * people * 5, 100))}\nPeople: {people}"


def _share(slots: Slots, given: str) -> str:
    bill, people = (amount(line) for line in given.split("\n"))
    return money(bill * (100 + TIPS[slots["tip"]]) / 100 / people)


SPLIT = Family(
    name="split_bill",
    phrasings=(
        "Divide the bill equally {table}, with {tip}, and round each share to the cent.",
        "What does everybody pay {table} if there is {tip}? Round to two decimals.",
        "We share the costs {table}. Including {tip}, how much is it per head, to the cent?",
        "Work out one person's share {table}; the group agreed on {tip}. Two decimals, please.",
    ),
    slots={"table": TABLES, "tip": tuple(TIPS)},
    draw=_bill,
    solve=_share,
    settings=HOME[3:],
    endings=ITEM,
)

# The day.

DUTIES = {
    "a postwoman's morning": "sort letters, load bicycle, deliver parcels, empty postbox, coffee at kiosk",
    "opening day at a bakery": "light oven, knead dough, arrange window, sweep floor, count change",
    "a stage manager's evening": "check props, call actors, test microphones, open curtain, lock doors",
    "moving day": "fetch van, wrap mirrors, carry sofa, hand over keys, order pizza",
    "a vet's Tuesday": "vaccinate kittens, visit stables, read blood tests, call owners, order bandages",
    "a school excursion": "count children, board bus, tour castle, eat sandwiches, write postcards",
    "a gardener's spring day": "prune roses, sow lettuce, mend fence, water seedlings, clean tools",
    "a fishing trip": "check weather, load boat, set nets, boil tea, sell catch",
    "the last day of term": "collect books, water plants, sing farewell, hand out reports, stack chairs",
}
PLANNING = {
    "in the order of their times": "",
    "from the latest to the earliest": "",
    "up to noon only, earliest first": "morning",
    "after noon only, earliest first": "afternoon",
}


def _plan(rng: Random, slots: Slots) -> str:
    times = rng.sample(range(7 * 4, 20 * 4), 5)
    times[0], times[1] = rng.randrange(28, 44), rng.randrange(56, 76)
    while len(set(times)) < 5:
        times[2:] = rng.sample(range(7 * 4, 20 * 4), 3)
    duties = DUTIES[slots["duty"]].split(", ")
    rng.shuffle(duties)
    return "\n".join(f"{t // 4:02}:{t % 4 * 15:02} {duty}" for t, duty in zip(times, duties, strict=True))


def _planned(slots: Slots, given: str) -> str:
    rows = sorted(given.split("\n"), reverse=slots["planning"] == "from the latest to the earliest")
    part = PLANNING[slots["planning"]]
    rows = [row for row in rows if part == "" or (row[:5] <= "12:00") is (part == "morning")]
    return ", ".join(row[6:] for row in rows)


SCHEDULE = Family(
    name="schedule",
    phrasings=(
        "Put the tasks of {duty} {planning}, without the times.",
        "The notes for {duty} are in a jumble. List the activities {planning} and leave out the clock times.",
        "What has to be done on {duty}, {planning}? Names of the tasks only.",
        "Make a clear plan for {duty}: the tasks {planning}, no times.",
        "Here is what happens during {duty}. Give me the entries {planning}, and drop the hours.",
    ),
    slots={"duty": tuple(DUTIES), "planning": tuple(PLANNING)},
    draw=_plan,
    solve=_planned,
    settings=HOME[5:],
    endings=LIST,
)

# Packing: things for the place, things for the company, things for the weather.

PLACES = {
    "a week at the seaside": ("swimsuit", "sunscreen", "sandals", "beach towel"),
    "three days in a mountain hut": ("hiking boots", "sleeping bag liner", "head torch", "trail snacks"),
    "a city trip by night train": ("comfortable shoes", "earplugs", "city guide", "day ticket"),
    "a canoe tour": ("dry bag", "life jacket", "quick-drying clothes", "water bottle"),
    "a weekend on a farm": ("rubber boots", "old trousers", "work gloves", "torch"),
    "a conference abroad": ("badge and programme", "power adapter", "smart jacket", "notebook"),
    "a folk festival with camping": ("tent", "sleeping bag", "hearing protection", "cash"),
}
COMPANY = {
    "with a toddler": ("favourite cuddly toy", "spare clothes for the child", "wet wipes"),
    "with an elderly dog": ("dog food", "lead", "blanket for the dog"),
    "on my own": ("a good book", "emergency contact card", "phone charger"),
    "with two teenagers": ("pack of cards", "plenty of snacks", "second phone charger"),
    "with my grandmother": ("her medicines", "folding stool", "reading glasses"),
    "with friends who love to cook": ("sharp knife", "small spice box", "tea towels"),
}
WEATHER = {
    "in rainy weather": ("rain jacket", "spare socks"),
    "in a heatwave": ("sun hat", "refillable bottle"),
    "while nights are frosty": ("woollen hat", "thermal underwear"),
}


def _packed(rng: Random, slots: Slots, given: str) -> str:
    count = COUNTS[slots["count"]]
    pools = [list(PLACES[slots["place"]]), list(COMPANY[slots["company"]]), list(WEATHER[slots["weather"]])]
    chosen = [rng.choice(pool) for pool in pools]
    rest = [thing for pool in pools for thing in pool if thing not in chosen]
    return "\n".join(f"- {thing}" for thing in [*chosen, *rng.sample(rest, count - 3)])


def _well_packed(slots: Slots, given: str, output: str) -> bool:
    """So many different things, none that does not belong, and something for place, company and weather each."""
    things = [line.removeprefix("- ") for line in output.split("\n")]
    pools = [PLACES[slots["place"]], COMPANY[slots["company"]], WEATHER[slots["weather"]]]
    known = all(any(thing in pool for pool in pools) for thing in things)
    served = all(any(thing in pool for thing in things) for pool in pools)
    return known and served and len(set(things)) == len(things) == COUNTS[slots["count"]]


COUNTS = {"four things": 4, "five things": 5, "six things": 6, "seven things": 7}
PACKING = Family(
    name="packing",
    phrasings=(
        "List {count} to pack for {place} {company} {weather}.",
        "We leave tomorrow for {place}, {company} and {weather}. Which {count} should not be forgotten?",
        "Draft a packing list of {count} for {place} {company}, {weather}.",
        "What would you take along to {place} {company} {weather}? Limit yourself to {count}.",
        "Suggest {count} for the suitcase: it's {place}, {company}, {weather}.",
    ),
    slots={"count": tuple(COUNTS), "place": tuple(PLACES), "company": tuple(COMPANY), "weather": tuple(WEATHER)},
    write=_packed,
    check=_well_packed,
)

# Whose turn is it?

CHORES = (
    *(
        "watering the stairwell plants",
        "feeding the neighbour's hens",
        "cleaning the shared kitchen",
        "taking out the glass",
    ),
    *(
        "walking an old greyhound",
        "shovelling snow",
        "bringing cake to rehearsal",
        "airing the cellar",
        "ringing the bell",
    ),
)
ROUNDS = {"five turns": 5, "six turns": 6, "seven turns": 7, "eight turns": 8}
ROTA = Family(
    name="rota",
    phrasings=(
        "Plan {turns} of {chore}, going round the people in the order given and starting with the first.",
        "Whose turn is it? Write a rota with {turns} for {chore}, repeating the names from the top when they run out.",
        "For {chore} we take turns in the order below. Write down who does each of the next {turns}.",
        "Share out {chore} fairly over {turns}: name after name, then again from the beginning.",
    ),
    slots={"chore": CHORES, "turns": tuple(ROUNDS)},
    draw=lambda rng, slots: ", ".join(rng.sample(NAMES, rng.randint(3, 4))),
    solve=lambda slots, given: ", ".join((given.split(", ") * 3)[: ROUNDS[slots["turns"]]]),
    settings=HOME,
    endings=LIST,
)

# What to buy.


def _pantry(rng: Random, slots: Slots) -> str:
    names = [name for name, _, _ in _parts(slots["dish"])]
    kept = rng.sample(names, rng.randint(1, 3))
    extra = rng.sample(("salt", "coffee", "honey", "oats", "mustard"), 2)
    return f"Needed: {', '.join(names)}\nIn the cupboard: {', '.join(rng.sample(kept + extra, len(kept) + 2))}"


def _to_buy(slots: Slots, given: str) -> str:
    needed, there = (line.split(": ")[1].split(", ") for line in given.split("\n"))
    return ", ".join(name for name in needed if name not in there)


SHOPPING_LIST = Family(
    name="shopping_list",
    phrasings=(
        "I want to make {dish} {crowd}. What is missing from the cupboard?",
        "Compare the ingredients for {dish} with what we have and write the shopping list; it's {crowd}.",
        "Before I cook {dish} {crowd}, tell me what I still have to buy.",
        "Some ingredients of the {dish}, which is meant {crowd}, are at home. List the others.",
    ),
    slots={"dish": tuple(DISHES), "crowd": tuple(CROWDS)},
    draw=_pantry,
    solve=_to_buy,
    endings=LIST,
)

FAMILIES = (SCALE, BUDGET, SPLIT, SCHEDULE, PACKING, ROTA, SHOPPING_LIST)
