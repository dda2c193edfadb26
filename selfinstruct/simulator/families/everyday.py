"""Families about daily life: recipes, budgets, bills, plans for the day, packing, shopping."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from random import Random

from selfinstruct.simulator.contexts import FIRMS, READERS
from selfinstruct.simulator.endings import ITEM, LIST
from selfinstruct.simulator.family import Family, Slots, lines
from selfinstruct.simulator.vocabulary import NAMES, amount, money, plain_number

__all__ = ["FAMILIES"]

# Recipes.

DISHES = {
    "mushroom barley stew": "barley-g-65 mushrooms-g-110 stock-ml-300 thyme-g-2",
    "cheese and leek tart": "flour-g-60 leeks-g-130 cheese-g-45 cream-ml-55",
    "cold cucumber soup": "cucumber-g-160 yogurt-ml-150 dill-g-4 walnuts-g-15",
    "plum dumplings": "potatoes-g-180 plums-g-90 flour-g-55 semolina-g-12",
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
    "for nine cyclists after a long stage": 9,
    "for my parents and their four lodgers": 6,
    "for a jury of twelve": 12,
    "for twenty firemen back from a drill": 20,
    "for two on the first evening": 2,
    "for five very old school friends": 5,
    "for a crew of seven sailors": 7,
    "for eighteen guests at a christening": 18,
    "for thirty choir singers from Riga": 30,
    "for half a dozen hungry painters": 6,
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
        "Adapt the {dish} {crowd}, one ingredient per line.",
        "Recalculate my {dish} {crowd}, line by line.",
        "How much of everything is needed for {dish} {crowd}? One ingredient to a line.",
        "Scale the list for {dish} {crowd}; keep units and order.",
        "Rewrite the quantities of {dish} {crowd}, in the same form.",
        "Multiply or divide the amounts so that the {dish} will be enough {crowd}.",
    ),
    slots={"dish": tuple(DISHES), "crowd": tuple(CROWDS)},
    draw=_recipe,
    solve=_scaled,
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
    names = rng.sample(BUDGETS[slots.get("plan") or rng.choice(tuple(BUDGETS))].split(), 4)
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
        "The costs of {plan} are listed. Find {question}.",
        "I'm planning {plan} and want to know {question}.",
        "Check the money for {plan}: tell me {question}.",
        "Work out {question} from the costs, for {reader}.",
        "Help with the finances of {plan}; I need {question}.",
        "For {reader}, going by these figures, find out {question}.",
        "Going by these sums for {plan}, state {question}.",
    ),
    slots={"reader": READERS, "plan": tuple(BUDGETS), "question": tuple(MONEY_QUESTIONS)},
    draw=_budget,
    solve=_spent,
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
        "Divide the bill equally {table}, with {tip}, to the cent.",
        "What does everybody pay {table}, given {tip}?",
        "Sharing {table}, with {tip}: how much per head, to the cent?",
        "Work out one share {table} with {tip}.",
        "Split this bill with {tip}, for {reader}.",
        "For {reader}: what is each person's part, with {tip}?",
    ),
    slots={"reader": READERS, "table": TABLES, "tip": tuple(TIPS)},
    draw=_bill,
    solve=_share,
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
    duties = DUTIES[slots.get("duty") or rng.choice(tuple(DUTIES))].split(", ")
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
        "Put the tasks of {duty} {planning}, without times.",
        "List what happens during {duty} {planning}; leave out the hours.",
        "What has to be done during {duty}, {planning}? Tasks only.",
        "Make a clear plan of {duty}: tasks {planning}, no times.",
        "Arrange these appointments {planning}, names only, for {reader}.",
        "For {reader}, write the entries without their times, {planning}.",
    ),
    slots={"reader": READERS, "duty": tuple(DUTIES), "planning": tuple(PLANNING)},
    draw=_plan,
    solve=_planned,
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
    "a fortnight on a narrowboat": ("windlass", "soft-soled shoes", "fleece jacket", "tin of biscuits"),
    "a pilgrimage on foot": ("broken-in boots", "blister plasters", "walking poles", "pilgrim's pass"),
    "a ski course for adults": ("ski gloves", "goggles", "lip balm", "long socks"),
    "five nights in an igloo village": ("down jacket", "felt boots", "hand warmers", "vacuum flask"),
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
    "in strong sunshine": ("sun hat", "refillable bottle"),
    "while nights are frosty": ("woollen hat", "thermal underwear"),
}


def _packed(rng: Random, slots: Slots, given: str) -> str:
    tables = (("place", PLACES), ("company", COMPANY), ("weather", WEATHER))
    pools = [list(table[slots[name]]) for name, table in tables if name in slots]
    chosen = [rng.choice(pool) for pool in pools]
    rest = [thing for pool in pools for thing in pool if thing not in chosen]
    return "\n".join(f"- {thing}" for thing in [*chosen, *rng.sample(rest, COUNTS[slots["count"]] - len(chosen))])


def _well_packed(slots: Slots, given: str, output: str) -> bool:
    things = lines(output)
    return len(set(things)) == len(things) == COUNTS[slots["count"]] and all(len(thing.split()) < 9 for thing in things)


COUNTS = {"four things": 4, "five things": 5, "six things": 6}
PACKING = Family(
    name="packing",
    phrasings=(
        "List {count} to pack for {place} {company} {weather}.",
        "Which {count} must not be forgotten for {place} {company}?",
        "Draft a packing list of {count} for {place} {company}.",
        "What would you take along for {place} {weather}? Name {count}.",
        "Suggest {count} for a suitcase: it's {place}, {company}, {weather}.",
        "Pack {count} for {place}, {company} and {weather}.",
    ),
    slots={"count": tuple(COUNTS), "place": tuple(PLACES), "company": tuple(COMPANY), "weather": tuple(WEATHER)},
    write=_packed,
    check=_well_packed,
    graded=False,
)

# Whose turn is it?

CHORES = (
    *("winding the tower clock", "driving the minibus to training", "reading the water meter", "locking the boathouse"),
    *(
        "defrosting the office fridge",
        "turning the compost heap",
        "mopping the rehearsal room",
        "greasing the windmill",
    ),
    *(
        "making breakfast on the barge",
        "collecting eggs from the coop",
        "wiping the blackboard",
        "walking the twins home",
    ),
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
ROUNDS = {"four turns": 4, "five turns": 5, "six turns": 6, "seven turns": 7, "eight turns": 8, "nine turns": 9}
ROTA = Family(
    name="rota",
    phrasings=(
        "Plan {turns} of {chore}, starting with the first name.",
        "Whose turn is it? Write {turns} for {chore}.",
        "Taking turns in this order at {chore}, who does the next {turns}?",
        "Share out {turns} of {chore}: name after name, then again.",
        "Make a rota of {turns} for {firm}, in the given order.",
        "For {firm}, repeat the names in order until {turns} are filled.",
    ),
    slots={"firm": FIRMS, "chore": CHORES, "turns": tuple(ROUNDS)},
    draw=lambda rng, slots: ", ".join(rng.sample(NAMES, rng.randint(3, 4))),
    solve=lambda slots, given: ", ".join((given.split(", ") * 3)[: ROUNDS[slots["turns"]]]),
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
        "I want to make {dish} {crowd}. What is missing?",
        "Write the shopping list for {dish} {crowd}.",
        "Before I cook {dish} {crowd}, what must I buy?",
        "Some ingredients of {dish} are at home. List the others.",
        "Compare needs and cupboard, then list purchases for {dish} {crowd}.",
        "For {reader}, note what has to be bought for {dish}.",
    ),
    slots={"dish": tuple(DISHES), "crowd": tuple(CROWDS), "reader": READERS},
    draw=_pantry,
    solve=_to_buy,
    endings=LIST,
)

FAMILIES = (SCALE, BUDGET, SPLIT, SCHEDULE, PACKING, ROTA, SHOPPING_LIST)
