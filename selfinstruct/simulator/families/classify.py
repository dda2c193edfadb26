"""Families that put one of a few labels on a text: topic, intent, tone, tense, language, diet and others."""

from __future__ import annotations

from random import Random

from selfinstruct.simulator.data import table
from selfinstruct.simulator.endings import LABEL
from selfinstruct.simulator.families.making import family, labels
from selfinstruct.simulator.family import Slots
from selfinstruct.simulator.vocabulary import items

__all__ = ["FAMILIES"]

_DIET = table("en", "classify")["diet"]


def _dish(rng: Random, slots: Slots) -> str:
    kind = rng.randrange(3)
    parts = rng.sample(_DIET["plants"], 3)
    parts += rng.sample(_DIET["animal"], 1) if kind else []
    parts += rng.sample(_DIET["meat"], 1) if kind == 2 else []
    rng.shuffle(parts)
    return ", ".join(parts)


def _diet(slots: Slots, given: str) -> dict[str, object]:
    parts = set(items(given))
    kind = "neither" if parts & set(_DIET["meat"]) else "vegetarian" if parts & set(_DIET["animal"]) else "vegan"
    return {"bare": kind}


FAMILIES = (
    *(labels("classify", name) for name in table("en", "classify") if name != "diet"),
    family("classify", "diet", _dish, _diet, classification=True, endings=LABEL),
)
