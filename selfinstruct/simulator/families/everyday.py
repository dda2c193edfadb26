"""Families about the day: recipes, budgets, bills, schedules, shopping, lists of names and titles."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Any

from selfinstruct.simulator.data import table
from selfinstruct.simulator.endings import ITEM, LIST
from selfinstruct.simulator.families.making import further, wordings
from selfinstruct.simulator.family import Family, Slots
from selfinstruct.simulator.vocabulary import NAMES, SURNAMES, amount, clock, items, listed, money, plain_number, sized

__all__ = ["FAMILIES"]

_EVERYDAY: dict[str, Any] = table("en", "everyday")

# Cooking.

_DISHES: dict[str, str] = _EVERYDAY["recipe_scaling"]["dishes"]
_PEOPLE = {"two": 2, "six": 6, "eight": 8, "ten": 10, "twelve": 12}


def _times(line: str, factor: Fraction | int) -> str:
    many, rest = line.split(" ", 1)
    return f"{plain_number(Fraction(many) * factor)} {rest}"


def _recipe(rng: Random, slots: Slots) -> str:
    serves = rng.choice((3, 4, 5))
    lines = [_times(line, serves) for line in items(rng.choice(tuple(_DISHES.values())))]
    return "\n".join([f"Serves {serves}", *lines])


def _scaled(slots: Slots, given: str) -> str:
    serves, *lines = given.split("\n")
    factor = Fraction(_PEOPLE[slots["crowd"].split()[1]]) / amount(serves)
    return "\n".join(_times(line, factor) for line in lines)


SCALE = Family(**wordings("everyday", "recipe_scaling"), draw=_recipe, solve=_scaled)


def _ingredients(dish: str) -> list[str]:
    return [line.split(" ", 2)[2] for line in items(_DISHES[dish])]


def _pantry(rng: Random, slots: Slots) -> str:
    names = _ingredients(rng.choice(tuple(_DISHES)))
    kept = rng.sample(names, rng.randint(1, 3))
    there = rng.sample([*kept, *rng.sample(_EVERYDAY["shopping_list"]["extras"], 2)], len(kept) + 2)
    return f"Needed: {', '.join(names)}\nIn the cupboard: {', '.join(there)}"


def _stock(given: str) -> tuple[list[str], list[str]]:
    needed, there = (items(line.split(": ")[1]) for line in given.split("\n"))
    return needed, there


SHOPPING = Family(
    **wordings("everyday", "shopping_list"),
    draw=_pantry,
    solve=lambda slots, given: ", ".join(name for name in _stock(given)[0] if name not in _stock(given)[1]),
    tell=lambda slots, given, bare: (
        f"You still have to buy {listed(items(bare))}. "
        f"{sized(listed([name for name in _stock(given)[0] if name in _stock(given)[1]]))} you already have at home."
    ),
    further=further(
        "everyday",
        "shopping_list",
        {
            "there": lambda slots, given: "Already there: {}.".format(
                listed([name for name in _stock(given)[0] if name in _stock(given)[1]])
            )
        },
    ),
    endings=LIST,
)

# Money.

Costs = dict[str, Fraction]


def _euros(value: Fraction | int) -> str:
    return f"{money(value)} euros"


_QUESTIONS: dict[str, tuple[Callable[[Fraction, Costs], str], str]] = {
    "the sum that is left of the budget": (
        lambda budget, costs: money(budget - sum(costs.values())),
        "The costs add up to {total}, so {budget} − {total} = {bare} euros are left.",
    ),
    "the total of all expenses": (
        lambda budget, costs: money(sum(costs.values(), Fraction(0))),
        "{terms} = {bare}, so the expenses come to {bare} euros.",
    ),
    "the most expensive item": (
        lambda budget, costs: max(costs, key=lambda item: costs[item]),
        "The highest of the costs is {highest} euros, and that is for this item: {bare}.",
    ),
    "the average cost of an item": (
        lambda budget, costs: money(sum(costs.values(), Fraction(0)) / len(costs)),
        "The {n} items cost {total} euros together, so an item costs {total} ÷ {n} = {bare} euros on average.",
    ),
}
_PLANS: dict[str, str] = _EVERYDAY["budget"]["plans"]


def _figures(rng: Random, slots: Slots) -> str:
    """Four costs, whose average is whole."""
    names, costs = rng.sample(items(_PLANS[slots["plan"]]), 4), rng.sample(range(8, 180, 4), 4)
    lines = [f"{name}: {cost}.00" for name, cost in zip(names, costs, strict=True)]
    return "\n".join([f"Budget: {sum(costs) + rng.randint(10, 200)}.00", *lines])


def _read(given: str) -> tuple[Fraction, Costs]:
    rows = [line.split(": ") for line in given.split("\n")]
    return Fraction(rows[0][1]), {name: Fraction(cost) for name, cost in rows[1:]}


def _figures_told(slots: Slots, given: str, bare: str) -> str:
    budget, costs = _read(given)
    return _QUESTIONS[slots["question"]][1].format(
        **{"total": money(sum(costs.values(), Fraction(0))), "budget": money(budget), "n": len(costs), "bare": bare},
        **{"terms": " + ".join(map(money, costs.values())), "highest": money(max(costs.values()))},
    )


def _budget() -> Family:
    said = wordings("everyday", "budget")
    said["slots"]["plan"] = tuple(_PLANS)
    return Family(
        **said,
        draw=_figures,
        solve=lambda slots, given: _QUESTIONS[slots["question"]][0](*_read(given)),
        tell=_figures_told,
        further=further(
            "everyday",
            "budget",
            {
                "share": lambda slots, given: "The cheapest item is: {0}, at {1}.".format(
                    *min(((name, _euros(cost)) for name, cost in _read(given)[1].items()), key=lambda row: amount(row[1]))
                )
            },
        ),
        endings=ITEM,
    )


_TIPS = {"a tip of ten percent": 10, "no tip": 0, "five percent extra for the waiter": 5, "a tip of twenty percent": 20}


def _bill(rng: Random, slots: Slots) -> str:
    people = rng.randint(2, 9)
    return f"Bill: {money(Fraction(rng.randint(50, 180) * people, 5))} euros\nPeople: {people}"


def _per_head(given: str, percent: int) -> str:
    bill, people = (amount(line) for line in given.split("\n"))
    return money(bill * (100 + percent) / 100 / people)


def _split_told(slots: Slots, given: str, bare: str) -> str:
    bill, people = (amount(line) for line in given.split("\n"))
    percent = _TIPS[slots["tip"]]
    whole = bill * (100 + percent) / 100
    start = f"With the {percent} percent the bill is {_euros(whole)}" if percent else f"The bill is {_euros(whole)}"
    return f"{start}. Divided among {people} people, that makes {bare} euros each."


SPLIT = Family(
    **wordings("everyday", "split_bill"),
    draw=_bill,
    solve=lambda slots, given: _per_head(given, _TIPS[slots["tip"]]),
    tell=_split_told,
    further=further(
        "everyday", "split_bill", {"tip": lambda slots, given: f"Without a tip it is {_per_head(given, 0)} euros each."}
    ),
    endings=ITEM,
)

# The day.


def _plan(rng: Random, slots: Slots) -> str:
    tasks = rng.sample(day := items(rng.choice(_EVERYDAY["schedule"]["days"])), len(day))
    times = rng.sample(range(7 * 60, 20 * 60, 15), len(tasks))
    return "\n".join(f"{clock(at)} {task}" for at, task in zip(times, tasks, strict=True))


def _rows(given: str) -> list[tuple[int, str]]:
    found = (re.findall(r"(\d+):(\d\d) (.+)", line)[0] for line in given.split("\n"))
    return sorted((int(hours) * 60 + int(minutes), task) for hours, minutes, task in found)


SCHEDULE = Family(
    **wordings("everyday", "schedule"),
    draw=_plan,
    solve=lambda slots, given: ", ".join(task for _, task in _rows(given)),
    tell=lambda slots, given, bare: (
        f"From morning to evening there is this to do: {listed(items(bare))}."
    ),
    further=further(
        "everyday", "schedule", {"first": lambda slots, given: f"The first one begins at {clock(_rows(given)[0][0])}."}
    ),
    endings=LIST,
)

# Names and titles.

_NAME_FORMS = {
    "surname first": "{last}, {first}",
    "its initial": "{initial}. {last}",
    "e-mail": "{lower_first}.{lower_last}",
    "initials with": "{initial}.{other}.",
    "capital letters": "{first} {capitals}",
}


def _named(slots: Slots, given: str) -> str:
    form = next(form for key, form in _NAME_FORMS.items() if key in slots["form"])
    rows = (name.split() for name in given.split("\n"))
    return "\n".join(
        form.format(
            **{"first": first, "last": last, "initial": first[0], "other": last[0], "capitals": last.upper()},
            **{"lower_first": first.lower(), "lower_last": last.lower()},
        )
        for first, last in rows
    )


def _people(rng: Random, slots: Slots) -> str:
    return "\n".join(f"{a} {b}" for a, b in zip(rng.sample(NAMES, 4), rng.sample(SURNAMES, 4), strict=True))


NAME_LIST = Family(
    **wordings("everyday", "name_format"),
    draw=_people,
    solve=_named,
    check=lambda slots, given, output: (
        [line.strip() for line in output.strip().split("\n")] == _named(slots, given).split("\n")
    ),
)


def _title(slots: Slots, given: str) -> str:
    least = 0 if slots["rule"] == "without exception" else 3
    return " ".join(word if n and len(word) <= least else word.capitalize() for n, word in enumerate(given.split()))


TITLE = Family(
    **wordings("everyday", "title_case"),
    draw=lambda rng, slots: rng.choice(_EVERYDAY["title_case"]["titles"]),
    solve=_title,
    check=lambda slots, given, output: " ".join(output.split()) == _title(slots, given),
)

FAMILIES = (SCALE, SHOPPING, _budget(), SPLIT, SCHEDULE, NAME_LIST, TITLE)
