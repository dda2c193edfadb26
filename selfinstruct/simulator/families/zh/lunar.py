"""Families about the old calendar: stems and branches, animals of the year, solar terms."""

from __future__ import annotations

from selfinstruct.simulator.families.zh.making import family, part
from selfinstruct.simulator.families.zh.matching import as_item, same
from selfinstruct.simulator.family import Slots, fill

__all__ = ["ANIMALS", "BRANCHES", "FAMILIES", "STEMS", "TERMS", "ganzhi"]

BOOK = "calendar"
STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
ANIMALS = "鼠牛虎兔龙蛇马羊猴鸡狗猪"


def ganzhi(year: int) -> str:
    """Stem and branch of the lunar year that begins in the year given."""
    return STEMS[(year - 4) % 10] + BRANCHES[(year - 4) % 12]


def _stem_facts(slots: Slots) -> dict[str, str]:
    base, (stem, branch) = int(slots["year"]) - 4, ganzhi(int(slots["year"]))
    return {
        **{"year": slots["year"], "base": str(base), "ten": str(base % 10), "twelve": str(base % 12)},
        **{"stem": stem, "branch": branch, "name": stem + branch},
    }


def _animal(slots: Slots) -> str:
    return ANIMALS[(int(slots["year"]) - 4) % 12]


GANZHI = family(
    BOOK,
    "ganzhi",
    slots={"year": tuple(map(str, range(1840, 2041, 3)))},
    solve=lambda slots, given: f"{ganzhi(int(slots['year']))}年",
    tell=lambda slots, given, bare: fill(part(BOOK, "ganzhi")["tell"], _stem_facts(slots)),
    further={
        "再说说这一年的生肖是什么。": lambda slots, given: f"地支对应的生肖是{_animal(slots)}，所以是{_animal(slots)}年。",
        "再说说下一次出现同样的干支是公元哪一年。": lambda slots, given: (
            f"干支六十年一循环，下一次是{slots['year']}＋60＝{int(slots['year']) + 60}年。"
        ),
    },
    like=lambda key, named: lambda text: as_item(key)(text) or same(text, key[:2]),
)
ZODIAC = family(
    BOOK,
    "zodiac",
    slots={
        "year": tuple(map(str, range(1950, 2024))),
        "who": part(BOOK, "zodiac")["who"],
        "month": part(BOOK, "zodiac")["months"],
    },
    solve=lambda slots, given: _animal(slots),
    tell=lambda slots, given, animal: (
        f"{slots['year']}年是农历{ganzhi(int(slots['year']))}年，"
        f"{ganzhi(int(slots['year']))[1]}对应的生肖是{animal}，所以属{animal}。"
    ),
    further={
        "再说说下一个同生肖的年份。": lambda slots, given: (
            f"生肖十二年一轮，下一个{_animal(slots)}年是{int(slots['year']) + 12}年。"
        ),
        "再说说比这个人大三岁的属什么。": lambda slots, given: (
            f"大三岁就是{int(slots['year']) - 3}年出生，属{ANIMALS[(int(slots['year']) - 7) % 12]}。"
        ),
    },
    like=lambda key, named: lambda text: as_item(key)(text) or text in (f"属{key}", f"{key}年"),
)

# The twenty-four solar terms, from 立春.

_ROWS = [[cell.strip() for cell in row.split("|")] for row in part(BOOK, "solar_term")["terms"]]
TERMS = tuple(term for term, _, _ in _ROWS)
WAYS = {"下": 1, "上": -1}


def _neighbour(slots: Slots, step: int = 1) -> int:
    return (TERMS.index(slots["term"]) + step * WAYS[slots["way"]]) % 24


def _term_facts(slots: Slots) -> dict[str, str]:
    other, when, sense = _ROWS[_neighbour(slots)]
    return {**slots, "other": other, "when": when, "sense": sense}


SOLAR_TERM = family(
    BOOK,
    "solar_term",
    slots={"term": TERMS, "way": tuple(WAYS)},
    solve=lambda slots, given: TERMS[_neighbour(slots)],
    tell=lambda slots, given, bare: fill(part(BOOK, "solar_term")["tell"], _term_facts(slots)),
    further={
        "再说说题目里的节气一般在几月几日前后。": lambda slots, given: (
            f"{slots['term']}一般在{_ROWS[TERMS.index(slots['term'])][1]}前后。"
        ),
        "再说说题目里的节气有什么含义。": lambda slots, given: (
            f"{slots['term']}：{_ROWS[TERMS.index(slots['term'])][2]}。"
        ),
    },
)

FAMILIES = (GANZHI, ZODIAC, SOLAR_TERM)
