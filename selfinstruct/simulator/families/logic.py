"""Families that need a little reasoning or a known order: sets, clues, arguments, chess, claims, planets, history."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from random import Random
from typing import Any

from selfinstruct.simulator.data import table
from selfinstruct.simulator.endings import LIST
from selfinstruct.simulator.families.making import further, lookup, rows_of, wordings
from selfinstruct.simulator.family import Family, Slots
from selfinstruct.simulator.vocabulary import NAMES, items, listed, sized

__all__ = ["FAMILIES"]

_LOGIC: dict[str, Any] = table("en", "logic")

# Two lists of names.

Names = list[str]
_GROUPS: dict[str, Callable[[Names, Names], Names]] = {
    "on both lists": lambda one, other: [name for name in one if name in other],
    "on the first list only": lambda one, other: [name for name in one if name not in other],
    "on the second list only": lambda one, other: [name for name in other if name not in one],
    "on exactly one of the two lists": lambda one, other: (
        [name for name in one if name not in other] + [name for name in other if name not in one]
    ),
}


def _two_lists(rng: Random, slots: Slots) -> str:
    names = rng.sample(NAMES, 7)
    both = names[:2]
    one, other = [*both, *names[2:5]], [*both, *names[5:]]
    rng.shuffle(one)
    rng.shuffle(other)
    return f"First: {', '.join(one)}\nSecond: {', '.join(other)}"


def _lists(given: str) -> tuple[Names, Names]:
    one, other = (items(line.split(": ")[1]) for line in given.split("\n"))
    return one, other


SETS = Family(
    **wordings("logic", "sets"),
    draw=_two_lists,
    solve=lambda slots, given: ", ".join(_GROUPS[slots["group"]](*_lists(given))),
    tell=lambda slots, given, bare: (
        f"{listed(items(bare))} are {slots['group']}; all the other names do not meet this condition."
    ),
    further=further(
        "logic",
        "sets",
        {"count": lambda slots, given: f"There are {len(set().union(*_lists(given)))} different people."},
    ),
    endings=LIST,
)

# Four people and three clues.

_DEGREES: dict[str, str] = _LOGIC["ordering"]["degrees"]
_FIRST = ("tallest", "fastest", "oldest")


def _clues(rng: Random, slots: Slots) -> str:
    row = rng.sample(NAMES, 4)
    clues = [f"{one} is {_DEGREES[slots['which']]} than {other}." for one, other in pairwise(row)]
    rng.shuffle(clues)
    return " ".join(clues)


def _row(given: str) -> Names:
    """The four from the first to the last."""
    pairs = re.findall(r"(\w+) is \w+ than (\w+)\.", given)
    after = dict(pairs)
    (name,) = after.keys() - set(after.values())
    row = [name]
    while row[-1] in after:
        row.append(after[row[-1]])
    return row


def _ordering() -> Family:
    said = wordings("logic", "ordering")
    said["slots"]["which"] = tuple(_DEGREES)
    return Family(
        **said,
        draw=_clues,
        solve=lambda slots, given: _row(given)[0 if slots["which"] in _FIRST else -1],
        tell=lambda slots, given, bare: (
            f"The clues give the order {', '.join(_row(given))}, each {_DEGREES[slots['which']]} than the next. "
            f"So {bare} is the {slots['which']}."
        ),
        further=further(
            "logic", "ordering", {"order": lambda slots, given: f"The order is {', '.join(_row(given))}."}
        ),
    )


# Two premises and a conclusion.

_FORMS: list[dict[str, Any]] = _LOGIC["syllogism"]["forms"]
_ANY = "|".join(_LOGIC["syllogism"]["groups"])


def _argument(rng: Random, slots: Slots) -> str:
    a, b, c = rng.sample(_LOGIC["syllogism"]["groups"], 3)
    return str(rng.choice(_FORMS)["form"].format(a=a, b=b, c=c))


def _form_of(given: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The form of an argument, and its groups by letter."""
    words = re.findall(_ANY, given)
    for known in _FORMS:
        groups = dict(zip(re.findall(r"\{(\w)\}", known["form"]), words, strict=True))
        if len(groups) == 3 and known["form"].format(**groups) == given:
            return known, groups
    raise ValueError(f"not one of our arguments: {given}")


def _argument_told(slots: Slots, given: str, bare: str) -> str:
    known, groups = _form_of(given)
    verdict = "Yes, it follows." if known["valid"] else "No, it does not follow."
    return f"{verdict} {sized(known['why'].format(**groups))}"


SYLLOGISM = Family(
    **wordings("logic", "syllogism"),
    draw=_argument,
    solve=lambda slots, given: "yes" if _form_of(given)[0]["valid"] else "no",
    tell=_argument_told,
    further=further(
        "logic",
        "syllogism",
        {"names": lambda slots, given: f"It speaks of {listed(sorted(set(re.findall(_ANY, given))))}."},
    ),
)

# Chess.

_PIECES: dict[str, Callable[[int, int], bool]] = {
    "a knight": lambda x, y: {x, y} == {1, 2},
    "a bishop": lambda x, y: x == y,
    "a rook": lambda x, y: x == 0 or y == 0,
    "a king": lambda x, y: max(x, y) == 1,
    "a queen": lambda x, y: x == y or x == 0 or y == 0,
}
_LEAPS = ((1, 2), (2, 1), (3, 3), (1, 1), (0, 4), (2, 0), (0, 1), (3, 1), (2, 3), (2, 2))


def _squares(rng: Random, slots: Slots) -> str:
    across, up = rng.choice(_LEAPS)
    x, y = rng.randrange(8 - across), rng.randrange(8 - up)
    return f"{'abcdefgh'[x]}{y + 1} to {'abcdefgh'[x + across]}{y + up + 1}"


def _way(given: str) -> tuple[int, int]:
    start, end = given.split(" to ")
    return abs(ord(start[0]) - ord(end[0])), abs(int(start[1]) - int(end[1]))


def _moves(slots: Slots, given: str) -> str:
    return "yes" if _PIECES[slots["piece"]](*_way(given)) else "no"


def _chess() -> Family:
    rules = _LOGIC["chess_move"]["rules"]
    said = wordings("logic", "chess_move")
    said["slots"]["piece"] = tuple(rules)
    return Family(
        **said,
        draw=_squares,
        solve=_moves,
        tell=lambda slots, given, bare: (
            f"{sized(bare)}. From {given} the distance is {_way(given)[0]} across and {_way(given)[1]} up or down, "
            f"and {rules[slots['piece']]}."
        ),
        further=further(
            "logic",
            "chess_move",
            {
                "colour": lambda slots, given: (
                    "Both squares have the same colour."
                    if sum(_way(given)) % 2 == 0
                    else "The squares have different colours."
                )
            },
        ),
    )


# Known orders.

_ORDERS = {"by their": _LOGIC["planets"]["by_distance"], "by size": _LOGIC["planets"]["by_size"]}


def _planets(slots: Slots, given: str) -> Names:
    order = next(order for name, order in _ORDERS.items() if slots["order"].startswith(name))
    return sorted(items(given), key=order.index)


PLANETS = Family(
    **wordings("logic", "planets"),
    draw=lambda rng, slots: ", ".join(rng.sample(_ORDERS["by size"], rng.randint(3, 5))),
    solve=lambda slots, given: ", ".join(_planets(slots, given)),
    tell=lambda slots, given, bare: f"Ordered {slots['order']}, the planets are {listed(items(bare))}.",
    further=further(
        "logic",
        "planets",
        {
            "gas": lambda slots, given: "The giants among them: {}.".format(
                listed([planet for planet in items(given) if planet in _LOGIC["planets"]["giants"]])
            )
        },
    ),
    endings=LIST,
)

_YEARS = {row["event"]: int(row["year"]) for row in rows_of("logic", "chronology")}


def _in_order(given: str) -> list[tuple[str, int]]:
    return sorted(((event, _YEARS[event]) for event in items(given)), key=lambda row: row[1])


HISTORY = Family(
    **wordings("logic", "chronology"),
    draw=lambda rng, slots: ", ".join(rng.sample(tuple(_YEARS), rng.randint(3, 4))),
    solve=lambda slots, given: ", ".join(event for event, _ in _in_order(given)),
    tell=lambda slots, given, bare: "The order is: {}.".format(
        ", ".join(f"{event} ({year})" for event, year in _in_order(given))
    ),
    further=further(
        "logic",
        "chronology",
        {"last": lambda slots, given: f"The last of them happened in {_in_order(given)[-1][1]}."},
    ),
    endings=LIST,
)

FAMILIES = (SETS, _ordering(), SYLLOGISM, _chess(), lookup("logic", "true_or_false"), PLANETS, HISTORY)
