"""Families about the day: recipes, budgets, bills, schedules, shopping, lists of names and titles."""

from __future__ import annotations

import re
from fractions import Fraction
from random import Random
from typing import Any

from selfinstruct.simulator.data import table
from selfinstruct.simulator.families.making import family
from selfinstruct.simulator.family import Slots
from selfinstruct.simulator.vocabulary import NAMES, SURNAMES, amount, clock, items, money, plain_number, rounded

__all__ = ["FAMILIES"]

Facts = dict[str, object]
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


def _scaled(slots: Slots, given: str) -> Facts:
    serves, *lines = given.split("\n")
    factor = Fraction(_PEOPLE[slots["crowd"].split()[1]]) / amount(serves)
    return {"bare": "\n".join(_times(line, factor) for line in lines)}


def _pantry(rng: Random, slots: Slots) -> str:
    names = [line.split(" ", 2)[2] for line in items(rng.choice(tuple(_DISHES.values())))]
    kept = rng.sample(names, rng.randint(1, 3))
    there = rng.sample([*kept, *rng.sample(_EVERYDAY["shopping_list"]["extras"], 2)], len(kept) + 2)
    return f"Needed: {', '.join(names)}\nIn the cupboard: {', '.join(there)}"


def _shopping(slots: Slots, given: str) -> Facts:
    needed, stock = (items(line.split(": ")[1]) for line in given.split("\n"))
    missing = [name for name in needed if name not in stock]
    return {"bare": ", ".join(missing)}


# Money.

_PLANS: dict[str, str] = _EVERYDAY["budget"]["plans"]


def _figures(rng: Random, slots: Slots) -> str:
    """Four costs, and a budget for more than these."""
    names, costs = rng.sample(items(_PLANS[slots["plan"]]), 4), rng.sample(range(8, 180, 4), 4)
    lines = [f"{name}: {cost}.00" for name, cost in zip(names, costs, strict=True)]
    return "\n".join([f"Budget: {sum(costs) + rng.randint(10, 200)}.00", *lines])


def _budget(slots: Slots, given: str) -> Facts:
    rows = [line.split(": ") for line in given.split("\n")]
    budget, costs = Fraction(rows[0][1]), {name: Fraction(cost) for name, cost in rows[1:]}
    total = sum(costs.values(), Fraction(0))
    dearest, cheapest = (choose(costs, key=costs.__getitem__) for choose in (max, min))
    answers = {
        "left": money(budget - total),
        "altogether": money(total),
        "expensive": dearest,
        "percentage": f"{rounded(100 * costs[dearest] / total, 0)}%",
    }
    case = next(name for name in answers if name in slots["question"])
    return {
        "bare": answers[case],
        "case": case,
        "total": money(total),
        "budget": money(budget),
        "terms": " + ".join(map(money, costs.values())),
        "highest": money(costs[dearest]),
        "cheapest": f"{cheapest} at {money(costs[cheapest])} euros",
    }


_TIPS = {"a tip of ten percent": 10, "no tip": 0, "an extra five percent for service": 5, "a tip of twenty percent": 20}


def _bill(rng: Random, slots: Slots) -> str:
    people = rng.randint(2, 9)
    return f"Bill: {money(Fraction(rng.randint(50, 180) * people, 5))} euros\nPeople: {people}"


def _split(slots: Slots, given: str) -> Facts:
    bill, people = (amount(line) for line in given.split("\n"))
    percent = _TIPS[slots["tip"]]
    whole = bill * (100 + percent) / 100
    return {
        "bare": money(whole / people),
        "case": "tip" if percent else "none",
        "percent": percent,
        "whole": money(whole),
        "people": people,
        "plain": money(bill / people),
    }


# The day.


def _plan(rng: Random, slots: Slots) -> str:
    tasks = rng.sample(day := items(rng.choice(_EVERYDAY["schedule"]["days"])), len(day))
    times = rng.sample(range(7 * 60, 20 * 60, 15), len(tasks))
    return "\n".join(f"{clock(at)} {task}" for at, task in zip(times, tasks, strict=True))


def _schedule(slots: Slots, given: str) -> Facts:
    found = (re.findall(r"(\d+):(\d\d) (.+)", line)[0] for line in given.split("\n"))
    rows = sorted((int(hours) * 60 + int(minutes), task) for hours, minutes, task in found)
    tasks = [task for _, task in rows]
    return {"bare": ", ".join(tasks), "first": clock(rows[0][0])}


# Names and titles.

_NAME_FORMS = {
    "surname first": "{last}, {first}",
    "an initial": "{initial}. {last}",
    "user names": "{lower_first}.{lower_last}",
    "initials with": "{initial}.{other}.",
    "capital letters": "{first} {capitals}",
}


def _named(slots: Slots, given: str) -> str:
    form = next(form for key, form in _NAME_FORMS.items() if key in slots["form"])
    return "\n".join(
        form.format(
            first=first,
            last=last,
            initial=first[0],
            other=last[0],
            capitals=last.upper(),
            lower_first=first.lower(),
            lower_last=last.lower(),
        )
        for first, last in (name.split() for name in given.split("\n"))
    )


def _people(rng: Random, slots: Slots) -> str:
    return "\n".join(f"{a} {b}" for a, b in zip(rng.sample(NAMES, 4), rng.sample(SURNAMES, 4), strict=True))


_SMALL = {"a", "an", "the", "of", "to", "in", "on", "with", "without", "under", "and"}
"""The articles, prepositions and conjunctions of the titles."""


def _title(slots: Slots, given: str) -> str:
    match slots["rule"]:
        case "capital letters":
            return given.upper()
        case "sentence case":
            return given.capitalize()
    small = set() if "every word" in slots["rule"] else _SMALL
    return " ".join(word if n and word in small else word.capitalize() for n, word in enumerate(given.split()))


FAMILIES = (
    family("everyday", "recipe_scaling", _recipe, _scaled),
    family("everyday", "shopping_list", _pantry, _shopping),
    family("everyday", "budget", _figures, _budget, {"plan": tuple(_PLANS)}),
    family("everyday", "split_bill", _bill, _split),
    family("everyday", "schedule", _plan, _schedule),
    family(
        "everyday",
        "name_format",
        _people,
        lambda slots, given: {"bare": _named(slots, given)},
        check=lambda slots, given, output: (
            [line.strip() for line in output.strip().split("\n")] == _named(slots, given).split("\n")
        ),
    ),
    family(
        "everyday",
        "title_case",
        lambda rng, slots: rng.choice(_EVERYDAY["title_case"]["titles"]),
        lambda slots, given: {"bare": _title(slots, given)},
        check=lambda slots, given, output: " ".join(output.split()) == _title(slots, given),
    ),
)
