"""Families of everyday life: recipes scaled, chickens and rabbits, orders in a group, a day's plans."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise
from random import Random

from selfinstruct.simulator.families.zh.making import Facts, family, joined, part
from selfinstruct.simulator.families.zh.matching import Test, as_clock, as_item, as_list, as_quantity
from selfinstruct.simulator.families.zh.vocabulary import figure, integers
from selfinstruct.simulator.family import Slots, fill

__all__ = ["FAMILIES"]

BOOK = "everyday"

# Recipes: which dish takes which amounts.

AMOUNTS = dict(row.split(" | ") for row in part(BOOK, "scale_recipe")["dishes"])
MORE: dict[str, list[str]] = part(BOOK, "scale_recipe")["more"]


def _entries(amounts: str) -> list[tuple[str, Fraction, str]]:
    """Of each ingredient: its name, how much, and the unit."""
    found = re.findall(r"([^0-9、]+)([0-9.]+)([^、]+)", amounts)
    return [(what, Fraction(many), unit) for what, many, unit in found]


def _times(slots: Slots, factor: Fraction) -> str:
    return joined(f"{what}{figure(many * factor)}{unit}" for what, many, unit in _entries(slots["amounts"]))


def _scaled(slots: Slots, given: str) -> Facts:
    people, factor = int(slots["people"]), Fraction(int(slots["more"]), int(slots["people"]))
    times = "一半，用料减半" if factor < 1 else f"{factor}倍，用料都乘{factor}"
    alone, ten = _times(slots, Fraction(1, people)), _times(slots, Fraction(10, people))
    return {"answer": _times(slots, factor), "times": times, "alone": alone, "ten": ten}


def _makes_sense(slots: Slots) -> bool:
    """Its own ingredients, and no half an egg."""
    if AMOUNTS[slots["dish"]] != slots["amounts"] or slots["more"] not in MORE[slots["people"]]:
        return False
    factor = Fraction(int(slots["more"]), int(slots["people"]))
    return all((many * factor).denominator == 1 for _, many, _ in _entries(slots["amounts"]))


def _as_portion(key: str, named: str) -> Test:
    """牛腩1000克, 牛腩：1000克 and 牛腩 一千克."""
    what = re.split("[0-9]", key)[0]
    portion = as_quantity(key.removeprefix(what), unit=True)
    return lambda text: text.startswith(what) and portion(text.removeprefix(what).lstrip(": "))


SCALE = family(
    BOOK,
    "scale_recipe",
    slots={
        "dish": tuple(AMOUNTS),
        "amounts": tuple(AMOUNTS.values()),
        "people": tuple(MORE),
        "more": tuple(dict.fromkeys(more for its in MORE.values() for more in its)),
    },
    fits=_makes_sense,
    facts=_scaled,
    like=as_list(_as_portion, ordered=False),
)

# Two kinds, their number and a total.

SCENES = {cells[0]: cells[1:] for cells in (row.split(" | ") for row in part(BOOK, "chickens")["scenes"])}


def _stories() -> list[tuple[str, str]]:
    """Scenes, each with a number and a total that fit."""
    rng, found = Random("chickens"), list[tuple[str, str]]()
    for scene, (_, one, _, other, unit, total) in SCENES.items():
        for _ in range(14):
            a, b = rng.sample(range(3, 26), 2)
            found.append((scene, f"{a + b}{unit}，{total.format(a * int(one) + b * int(other))}"))
    return found


def _both(slots: Slots, given: str) -> Facts:
    """Raises ValueError where no whole numbers fit."""
    first, one, second, other, unit, _ = SCENES[slots["scene"]]
    many, total = integers(slots["facts"])
    least, step = int(one) * many, int(other) - int(one)
    b, rest = divmod(total - least, step)
    if rest or not 0 <= b <= many:
        raise ValueError(f"no whole number for {slots}")
    return {
        "answer": f"{first}{many - b}{unit}，{second}{b}{unit}",
        "first": first,
        "one": one,
        "many": many,
        "second": second,
        "unit": unit,
        "total": total,
        "least": least,
        "step": step,
        "b": b,
        "more": total - least,
        "gap": abs(many - 2 * b),
    }


def _as_both(key: str, named: str) -> Test:
    """In either order, 鸡有23只 or 鸡：23."""

    def one(key: str, named: str) -> Test:
        what, many = re.split("(?<=[^0-9])(?=[0-9]+[^0-9]?$)", key)
        many_is = as_quantity(many)
        return lambda text: text.startswith(what) and many_is(re.sub("^(?:有|是|:| )", "", text.removeprefix(what)))

    return as_list(one, ordered=False)(key.replace("，", "、"), named)


STORIES = _stories()
CHICKENS = family(
    BOOK,
    "chickens",
    slots={"scene": tuple(SCENES), "facts": tuple(dict.fromkeys(facts for _, facts in STORIES))},
    fits=lambda slots: (slots["scene"], slots["facts"]) in STORIES,
    facts=_both,
    like=_as_both,
)

# Orders in a group chat.


def _order_list(rng: Random, slots: Slots) -> str:
    people = rng.sample(part(BOOK, "group_orders")["names"], rng.randint(4, 6))
    numbers = rng.sample(range(1, 13), len(people))
    return "\n".join(f"{n}. {name}，{many}" for n, (name, many) in enumerate(zip(people, numbers, strict=True), 1))


def _orders(slots: Slots, given: str) -> Facts:
    """Raises IndexError when it is no such list."""
    orders = [(int(many), name) for name, many in re.findall(r"\d+\. (.+?)，(\d+)$", given, re.MULTILINE)]
    (low, least), *_, (high, most) = sorted(orders)
    known = {
        "sum": sum(many for many, _ in orders),
        "people": len(orders),
        "high": high,
        "low": low,
        "gap": high - low,
        "most": most,
        "least": least,
        "second": orders[1][1],
        "its": orders[1][0],
    }
    answers = part(BOOK, "group_orders")["answers"]
    answer = fill(answers[slots["ask"]], {name: str(its) for name, its in known.items()})
    mean = figure(Fraction(sum(many for many, _ in orders), len(orders)))
    return {**known, "answer": answer, "kind": slots["ask"], "mean": mean}


GROUP_ORDERS = family(
    BOOK,
    "group_orders",
    slots={"ask": tuple(part(BOOK, "group_orders")["answers"])},
    draw=_order_list,
    facts=_orders,
)

# A day's plans.


def _plans(rng: Random, slots: Slots) -> str:
    hour, lines = 8 * 60, list[str]()
    for errand in rng.sample(part(BOOK, "day_plan")["errands"], 4):
        start = hour + rng.choice((0, 15, 30, 60))
        hour = start + rng.choice((45, 60, 75, 90))
        lines.append(f"{_at(start)}-{_at(hour)} {errand}")
    return "\n".join(lines)


def _at(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _plan(slots: Slots, given: str) -> Facts:
    found = re.findall(r"(\d\d):(\d\d)-(\d\d):(\d\d) (.+)", given)
    spans = [(int(a) * 60 + int(b), int(c) * 60 + int(d), what) for a, b, c, d, what in found]
    longest = max(spans, key=lambda span: span[1] - span[0])
    known = {
        "first": _at(spans[0][0]),
        "end": _at(spans[-1][1]),
        "whole": spans[-1][1] - spans[0][0],
        "last": spans[-1][2],
        "last_takes": spans[-1][1] - spans[-1][0],
        "longest": longest[2],
        "longest_takes": longest[1] - longest[0],
        "second": spans[1][2],
        "second_ends": _at(spans[1][1]),
        "busy": sum(end - start for start, end, _ in spans),
        "idle": sum(after - before for (_, before, _), (after, _, _) in pairwise(spans)),
    }
    answers = part(BOOK, "day_plan")["answers"]
    answer = fill(answers[slots["ask"]], {name: str(its) for name, its in known.items()})
    return {**known, "answer": answer, "kind": slots["ask"]}


DAY_PLAN = family(
    BOOK,
    "day_plan",
    slots={"ask": tuple(part(BOOK, "day_plan")["answers"])},
    draw=_plans,
    facts=_plan,
    like=lambda key, named: as_clock(key) if ":" in key else as_item(key, named),
)

FAMILIES = (SCALE, CHICKENS, GROUP_ORDERS, DAY_PLAN)
