"""Families of everyday life: recipes scaled, chickens and rabbits, orders in a group, a day's plans."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from random import Random

from selfinstruct.simulator.families.zh.making import family, joined, part
from selfinstruct.simulator.families.zh.matching import Test, as_clock, as_item, as_list, as_quantity
from selfinstruct.simulator.families.zh.vocabulary import figure, integers
from selfinstruct.simulator.family import Slots

__all__ = ["FAMILIES"]

BOOK = "everyday"

# Recipes: which dish takes which amounts, for how many.

AMOUNTS = dict(row.split(" | ") for row in part(BOOK, "scale_recipe")["dishes"])
MORE: dict[str, list[str]] = part(BOOK, "scale_recipe")["more"]


def _factor(slots: Slots) -> Fraction:
    return Fraction(int(slots["more"]), int(slots["people"]))


def _entries(amounts: str) -> list[tuple[str, Fraction, str]]:
    """Of each ingredient: its name, how much, and the unit."""
    found = re.findall(r"([^0-9、]+)([0-9.]+)([^、]+)", amounts)
    return [(what, Fraction(many), unit) for what, many, unit in found]


def _scaled(slots: Slots, given: str) -> str:
    return joined([f"{what}{figure(many * _factor(slots))}{unit}" for what, many, unit in _entries(slots["amounts"])])


def _whole(slots: Slots) -> bool:
    """No half an egg."""
    return all((many * _factor(slots)).denominator == 1 for _, many, _ in _entries(slots["amounts"]))


def _tell_scaled(slots: Slots, given: str, bare: str) -> str:
    return f"{slots['more']}人份是{slots['people']}人份的{figure(_factor(slots))}倍，各种用料都乘{figure(_factor(slots))}：{bare}。"


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
    fits=lambda slots: (
        AMOUNTS[slots["dish"]] == slots["amounts"] and slots["more"] in MORE[slots["people"]] and _whole(slots)
    ),
    solve=_scaled,
    tell=_tell_scaled,
    further={
        "再算一算只做一人份各要多少。": lambda slots, given: (
            "一人份要用"
            + joined(
                [f"{what}{figure(many / int(slots['people']))}{unit}" for what, many, unit in _entries(slots["amounts"])]
            )
            + "。"
        ),
    },
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


def _both(slots: Slots) -> tuple[int, int]:
    """How many of each. Raises ValueError where no whole numbers fit."""
    _, one, _, other, *_ = SCENES[slots["scene"]]
    many, total = integers(slots["facts"])
    second = Fraction(total - int(one) * many, int(other) - int(one))
    if second.denominator != 1:
        raise ValueError(f"no whole number for {slots}")
    return many - int(second), int(second)


def _each(slots: Slots, given: str) -> str:
    first, _, second, _, unit, _ = SCENES[slots["scene"]]
    a, b = _both(slots)
    return f"{first}{a}{unit}，{second}{b}{unit}"


def _tell_each(slots: Slots, given: str, bare: str) -> str:
    first, one, second, other, unit, _ = SCENES[slots["scene"]]
    many, total = integers(slots["facts"])
    least, step = int(one) * many, int(other) - int(one)
    return (
        f"假设全是{first}，合计{one}×{many}＝{least}，比{total}少{total - least}；每把一{unit}换成{second}就多{step}，"
        f"{total - least}÷{step}＝{_both(slots)[1]}，所以{bare}。"
    )


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
    solve=_each,
    tell=_tell_each,
    further={
        "再说说两种相差多少。": lambda slots, given: (
            f"两种相差{abs(_both(slots)[0] - _both(slots)[1])}{SCENES[slots['scene']][4]}。"
        ),
    },
    like=_as_both,
)

# Orders in a group chat.

ASKS: dict[str, tuple[Callable[[dict[str, int]], str], str]] = {
    "一共要备多少份": (lambda orders: f"{sum(orders.values())}份", "把各人的数量相加，一共要备{}。"),
    "谁订得最多": (lambda orders: max(orders, key=orders.__getitem__), "{}订得最多，订了{high}份。"),
    "订得最少的是谁": (lambda orders: min(orders, key=orders.__getitem__), "订得最少的是{}，只订了{low}份。"),
    "一共有几个人参加": (lambda orders: f"{len(orders)}人", "名单上一共有{}参加。"),
    "最多的比最少的多几份": (
        lambda orders: f"{max(orders.values()) - min(orders.values())}份",
        "最多的订了{high}份，最少的订了{low}份，相差{}。",
    ),
}


def _orders(given: str) -> dict[str, int]:
    return {name: int(number) for name, number in re.findall(r"\d+\. (.+?)，(\d+)$", given, re.MULTILINE)}


def _order_list(rng: Random, slots: Slots) -> str:
    people = rng.sample(part(BOOK, "group_orders")["names"], rng.randint(4, 6))
    numbers = rng.sample(range(1, 13), len(people))
    return "\n".join(f"{n}. {name}，{many}" for n, (name, many) in enumerate(zip(people, numbers, strict=True), 1))


def _tell_orders(slots: Slots, given: str, bare: str) -> str:
    many = _orders(given).values()
    return ASKS[slots["ask"]][1].format(bare, high=max(many), low=min(many))


GROUP_ORDERS = family(
    BOOK,
    "group_orders",
    slots={"sold": part(BOOK, "group_orders")["sold"], "ask": tuple(ASKS)},
    draw=_order_list,
    solve=lambda slots, given: ASKS[slots["ask"]][0](_orders(given)),
    tell=_tell_orders,
    further={
        "再算一算平均每人订了多少（保留两位小数）。": lambda slots, given: (
            f"平均每人订了{sum(_orders(given).values())}÷{len(_orders(given))}≈"
            f"{figure(Fraction(sum(_orders(given).values()), len(_orders(given))))}份。"
        ),
        "再说说排在名单第二位的人订了几份。": lambda slots, given: (
            "{0[0]}订了{0[1]}份。".format(list(_orders(given).items())[1])
        ),
    },
)

# A day's plans.

Span = tuple[int, int, str]


def _plans(rng: Random, slots: Slots) -> str:
    hour, lines = 8 * 60, list[str]()
    for errand in rng.sample(part(BOOK, "day_plan")["errands"], 4):
        start = hour + rng.choice((0, 15, 30, 60))
        hour = start + rng.choice((45, 60, 75, 90))
        lines.append(f"{start // 60:02}:{start % 60:02}-{hour // 60:02}:{hour % 60:02} {errand}")
    return "\n".join(lines)


def _spans(given: str) -> list[Span]:
    found = re.findall(r"(\d\d):(\d\d)-(\d\d):(\d\d) (.+)", given)
    return [(int(a) * 60 + int(b), int(c) * 60 + int(d), what) for a, b, c, d, what in found]


def _at(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _longest(spans: list[Span]) -> Span:
    return max(spans, key=lambda span: span[1] - span[0])


PLANS: dict[str, tuple[Callable[[list[Span]], str], str]] = {
    "从第一件事开始到最后一件事结束一共多少分钟": (
        lambda spans: f"{spans[-1][1] - spans[0][0]}分钟",
        "从{first}到{end}，一共{}。",
    ),
    "耗时最长的是哪件事（一样长取靠前的）": (lambda spans: _longest(spans)[2], "耗时最长的是{}，要{longest}分钟。"),
    "第三件事几点开始": (lambda spans: _at(spans[2][0]), "第三件事是{third}，{}开始。"),
    "最后一件事要花多少分钟": (lambda spans: f"{spans[-1][1] - spans[-1][0]}分钟", "最后一件事是{last}，要花{}。"),
    "几点能全部忙完": (lambda spans: _at(spans[-1][1]), "最后一件事是{last}，{}能全部忙完。"),
}


def _tell_plan(slots: Slots, given: str, bare: str) -> str:
    spans = _spans(given)
    facts = {
        **{"first": _at(spans[0][0]), "end": _at(spans[-1][1]), "third": spans[2][2], "last": spans[-1][2]},
        "longest": str(_longest(spans)[1] - _longest(spans)[0]),
    }
    return PLANS[slots["ask"]][1].format(bare, **facts)


DAY_PLAN = family(
    BOOK,
    "day_plan",
    slots={"ask": tuple(PLANS)},
    draw=_plans,
    solve=lambda slots, given: PLANS[slots["ask"]][0](_spans(given)),
    tell=_tell_plan,
    further={
        "再说说这几件事加起来实际要花多少分钟。": lambda slots, given: (
            f"几件事加起来要花{sum(end - start for start, end, _ in _spans(given))}分钟。"
        ),
        "再说说第二件事是什么、几点结束。": lambda slots, given: (
            f"第二件事是{_spans(given)[1][2]}，{_at(_spans(given)[1][1])}结束。"
        ),
    },
    like=lambda key, named: as_clock(key) if ":" in key else as_item(key, named),
)

FAMILIES = (SCALE, CHICKENS, GROUP_ORDERS, DAY_PLAN)
