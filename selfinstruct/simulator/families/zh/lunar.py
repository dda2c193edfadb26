"""Families about the old calendar: stems and branches, animals of the year, solar terms."""

from __future__ import annotations

from selfinstruct.simulator.families.zh.making import Facts, family, part
from selfinstruct.simulator.families.zh.matching import as_item, same
from selfinstruct.simulator.family import Slots

__all__ = ["ANIMALS", "BRANCHES", "FAMILIES", "TERMS", "ganzhi"]

BOOK = "calendar"
STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
ANIMALS = "鼠牛虎兔龙蛇马羊猴鸡狗猪"


def ganzhi(year: int) -> str:
    """Stem and branch of the lunar year that begins in the year given."""
    return STEMS[(year - 4) % 10] + BRANCHES[(year - 4) % 12]


def _year(slots: Slots, given: str) -> Facts:
    year = int(slots["year"])
    name = ganzhi(year)
    return {
        "answer": f"{name}年",
        "base": year - 4,
        "ten": (year - 4) % 10,
        "twelve": (year - 4) % 12,
        "name": name,
        "stem": name[:1],
        "branch": name[1:],
        "animal": ANIMALS[(year - 4) % 12],
        "again": year + 60,
        "same_animal": year + 12,
        "elder": year - 3,
        "elder_animal": ANIMALS[(year - 7) % 12],
    }


GANZHI = family(
    BOOK,
    "ganzhi",
    slots={"year": list(map(str, range(1840, 2041, 3)))},
    facts=_year,
    like=lambda key, named: lambda text: as_item(key)(text) or same(text, key[:2]),
)
ZODIAC = family(
    BOOK,
    "zodiac",
    slots={"year": list(map(str, range(1950, 2024)))},
    fits=lambda slots: "who" not in slots or 1970 <= int(slots["year"]) <= 1990,  # such people are grown up
    facts=lambda slots, given: {**_year(slots, given), "answer": _year(slots, given)["animal"]},
    like=lambda key, named: lambda text: as_item(key)(text) or text in (f"属{key}", f"{key}年"),
)

# The twenty-four solar terms, from 立春.

_ROWS = [[cell.strip() for cell in row.split("|")] for row in part(BOOK, "solar_term")["terms"]]
TERMS = tuple(term for term, _, _ in _ROWS)
WAYS = {"下": 1, "上": -1}


def _term(slots: Slots, given: str) -> Facts:
    at = TERMS.index(slots["term"])
    other, when, sense = _ROWS[(at + WAYS[slots["way"]]) % 24]
    return {"answer": other, "when": when, "sense": sense}


SOLAR_TERM = family(BOOK, "solar_term", slots={"term": TERMS, "way": tuple(WAYS)}, facts=_term)

FAMILIES = (GANZHI, ZODIAC, SOLAR_TERM)
