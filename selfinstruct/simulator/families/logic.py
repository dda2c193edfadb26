"""Families that need a little reasoning or a known order: sets, clues, arguments, chess, claims, planets, history."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from random import Random
from typing import Any

from selfinstruct.simulator.data import table
from selfinstruct.simulator.families.making import family, lookup, rows_of
from selfinstruct.simulator.family import Slots
from selfinstruct.simulator.vocabulary import NAMES, items, listed, sized

__all__ = ["FAMILIES"]

Facts = dict[str, object]
Names = list[str]
_LOGIC: dict[str, Any] = table("en", "logic")

# Two lists of names.

_GROUPS: dict[str, Callable[[Names, Names], Names]] = {
    "on both lists": lambda one, other: [name for name in one if name in other],
    "only on the first list": lambda one, other: [name for name in one if name not in other],
    "only on the second list": lambda one, other: [name for name in other if name not in one],
    "on just one of the two lists": lambda one, other: (
        [name for name in one if name not in other] + [name for name in other if name not in one]
    ),
}


def _two_lists(rng: Random, slots: Slots) -> str:
    names = rng.sample(NAMES, 7)
    one, other = names[:5], [*names[:2], *names[5:]]
    rng.shuffle(one)
    rng.shuffle(other)
    return f"First: {', '.join(one)}\nSecond: {', '.join(other)}"


def _sets(slots: Slots, given: str) -> Facts:
    one, other = (items(line.split(": ")[1]) for line in given.split("\n"))
    found = _GROUPS[slots["group"]](one, other)
    case = "one" if len(found) == 1 else "many"
    return {"bare": ", ".join(found), "case": case, "people": listed(found), "many": len({*one, *other})}


# Four people and three clues.

_DEGREES: dict[str, str] = _LOGIC["ordering"]["degrees"]
_FIRST = ("tallest", "fastest", "oldest")


def _clues(rng: Random, slots: Slots) -> str:
    row = rng.sample(NAMES, 4)
    clues = [f"{one} is {_DEGREES[slots['which']]} than {other}." for one, other in pairwise(row)]
    rng.shuffle(clues)
    return " ".join(clues)


def _ordering(slots: Slots, given: str) -> Facts:
    after = dict(re.findall(r"(\w+) is \w+ than (\w+)\.", given))
    (name,) = after.keys() - set(after.values())
    row = [name]
    while row[-1] in after:
        row.append(after[row[-1]])
    bare = row[0 if slots["which"] in _FIRST else -1]
    return {"bare": bare, "order": ", ".join(row), "degree": _DEGREES[slots["which"]]}


# Two premises and a conclusion.

_FORMS: list[dict[str, Any]] = _LOGIC["syllogism"]["forms"]
_ANY = "|".join(_LOGIC["syllogism"]["groups"])


def _argument(rng: Random, slots: Slots) -> str:
    a, b, c = rng.sample(_LOGIC["syllogism"]["groups"], 3)
    return str(rng.choice(_FORMS)["form"].format(a=a, b=b, c=c))


def _syllogism(slots: Slots, given: str) -> Facts:
    words = re.findall(_ANY, given)
    for known in _FORMS:
        groups = dict(zip(re.findall(r"\{(\w)\}", known["form"]), words, strict=True))
        if len(groups) == 3 and known["form"].format(**groups) == given:
            bare = "yes" if known["valid"] else "no"
            why = sized(known["why"].format(**groups))
            first, second = (set(re.findall(_ANY, premise)) for premise in given.split(". ")[:2])
            return {"bare": bare, "case": bare, "why": why, "link": listed(sorted(first & second))}
    raise ValueError(f"not one of our arguments: {given}")


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


def _chess(slots: Slots, given: str) -> Facts:
    start, end = given.split(" to ")
    across, up = abs(ord(start[0]) - ord(end[0])), abs(int(start[1]) - int(end[1]))
    return {
        "bare": "yes" if _PIECES[slots["piece"]](across, up) else "no",
        "across": across,
        "up": up,
        "rule": _LOGIC["chess_move"]["rules"][slots["piece"]],
        "colours": "different colours" if (across + up) % 2 else "the same colour",
    }


# Known orders.


def _planets(slots: Slots, given: str) -> Facts:
    order = _LOGIC["planets"]["by_size" if "by size" in slots["order"] else "by_distance"]
    row = sorted(items(given), key=order.index)
    giants = listed([planet for planet in row if planet in _LOGIC["planets"]["giants"]])
    return {"bare": ", ".join(row), "giants": giants}


_YEARS = {row["event"]: int(row["year"]) for row in rows_of("logic", "chronology")}


def _history(slots: Slots, given: str) -> Facts:
    events = sorted(items(given), key=_YEARS.__getitem__)
    dated = ", ".join(f"{event} ({_YEARS[event]})" for event in events)
    return {"bare": ", ".join(events), "dated": dated, "years": _YEARS[events[-1]] - _YEARS[events[0]]}


def _some_of(known: list[str], most: int) -> Callable[[Random, Slots], str]:
    return lambda rng, slots: ", ".join(rng.sample(known, rng.randint(most - 2, most)))


FAMILIES = (
    family("logic", "sets", _two_lists, _sets),
    family("logic", "ordering", _clues, _ordering, {"which": tuple(_DEGREES)}),
    family("logic", "syllogism", _argument, _syllogism),
    family("logic", "chess_move", _squares, _chess, {"piece": tuple(_PIECES)}),
    lookup("logic", "true_or_false"),
    family("logic", "planets", _some_of(_LOGIC["planets"]["by_size"], 7), _planets),
    family("logic", "chronology", _some_of(list(_YEARS), 5), _history),
)
