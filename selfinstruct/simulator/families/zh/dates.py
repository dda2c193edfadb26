"""Families about time: weekdays, days to come, countdowns, how long something took, time zones."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from selfinstruct.simulator.families.zh.making import family, made, part
from selfinstruct.simulator.families.zh.matching import Test, as_clock, as_date, as_weekday, normal
from selfinstruct.simulator.families.zh.vocabulary import figure, integers
from selfinstruct.simulator.family import Slots, fill

__all__ = ["FAMILIES", "WEEKDAY"]

BOOK = "calendar"


def _day(text: str) -> date:
    return date(*integers(text)[:3])


def _written(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _weekday(day: date) -> str:
    return "星期" + "一二三四五六日"[day.weekday()]


def _some_day(rng: Random) -> str:
    return _written(date(2000, 1, 1) + timedelta(days=rng.randrange(11_000)))


def _told(name: str, facts: Callable[[Slots], dict[str, str]]) -> Callable[[Slots, str, str], str]:
    return lambda slots, given, bare: fill(part(BOOK, name)["tell"], {**slots, **facts(slots)})


DAYS = made("days", 160, _some_day)

# Weekdays.


def _weekday_facts(slots: Slots) -> dict[str, str]:
    day = _day(slots["day"])
    return {"weekday": _weekday(day), "kind": "是周末" if day.weekday() > 4 else "不是周末"}


def _is_leap(year: int) -> str:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return f"{year}年{'是' if leap else '不是'}闰年，二月有{29 if leap else 28}天。"


WEEKDAY = family(
    BOOK,
    "weekday",
    slots={"day": DAYS, "event": part(BOOK, "weekday")["events"]},
    solve=lambda slots, given: _weekday(_day(slots["day"])),
    tell=_told("weekday", _weekday_facts),
    further={
        "再说说那一周的星期一是几号。": lambda slots, given: (
            f"那一周的星期一是{_written(_day(slots['day']) - timedelta(days=_day(slots['day']).weekday()))}。"
        ),
        "再说说那一年是不是闰年。": lambda slots, given: _is_leap(_day(slots["day"]).year),
    },
    like=as_weekday,
)

# Days later.


def _later(slots: Slots) -> date:
    return _day(slots["day"]) + timedelta(days=int(slots["n"]))


LATER = family(
    BOOK,
    "later_date",
    slots={"day": DAYS, "n": part(BOOK, "later_date")["counts"], "matter": part(BOOK, "later_date")["matters"]},
    solve=lambda slots, given: _written(_later(slots)),
    tell=_told("later_date", lambda slots: {"then": _written(_later(slots)), "weekday": _weekday(_later(slots))}),
    further={
        "再说说起始那天是星期几。": lambda slots, given: f"起始那天是{_weekday(_day(slots['day']))}。",
        "再说说如果再推迟一周是哪天。": lambda slots, given: (
            f"再推迟一周是{_written(_later(slots) + timedelta(days=7))}。"
        ),
    },
    like=as_date,
)

# Countdowns.


def _days_between(slots: Slots) -> int:
    return (_day(slots["last"]) - _day(slots["first"])).days


def _in_weeks(days: int) -> str:
    weeks, rest = divmod(days, 7)
    return f"{weeks}周" + (f"零{rest}天" if rest else "整") if weeks else f"不到一周"


FIRST = tuple(_written(date(2025, 1, 3) + timedelta(days=11 * n)) for n in range(30))
LAST = tuple(_written(date(2026, 1, 9) + timedelta(days=13 * n)) for n in range(30))
COUNTDOWN = family(
    BOOK,
    "countdown",
    slots={"first": FIRST, "last": LAST, "event": part(BOOK, "countdown")["events"]},
    solve=lambda slots, given: f"{_days_between(slots)}天",
    tell=_told(
        "countdown",
        lambda slots: {"days": str(_days_between(slots)), "weeks": _in_weeks(_days_between(slots))},
    ),
    further={
        "再说说后面那个日期是星期几。": lambda slots, given: f"{slots['last']}是{_weekday(_day(slots['last']))}。",
        "再换算成几周零几天。": lambda slots, given: f"合{_in_weeks(_days_between(slots))}。",
    },
)

# How long something took.


def _clocks(name: str, low: int, high: int) -> tuple[str, ...]:
    def one(rng: Random) -> str:
        minute = 5 * rng.randint(low, high)
        return f"{minute // 60}点{minute % 60:02}分" if minute % 60 else f"{minute // 60}点整"

    return made(name, 30, one)


def _minutes(clock: str) -> int:
    hour, minute = [*integers(clock.replace("整", "0分")), 0][:2]
    return 60 * hour + minute


def _took(slots: Slots) -> int:
    return _minutes(slots["end"]) - _minutes(slots["start"])


def _in_hours(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours}小时" + (f"{rest}分钟" if rest else "")


def _as_long(key: str, named: str) -> Test:
    """2小时, 2个小时零5分 or 125分钟."""
    minutes = 60 * integers(key)[0] + (integers(key)[1] if "分" in key else 0)

    def test(text: str) -> bool:
        pattern = "(?:([0-9]+)(?:小时|个小时|时|个钟头))?(?:零|又|:|,)?(?:([0-9]+)(?:分钟?)|整)?"
        found = re.fullmatch(pattern, normal(text))
        return found is not None and 60 * int(found[1] or 0) + int(found[2] or 0) == minutes

    return test


DURATION = family(
    BOOK,
    "duration",
    slots={
        "start": tuple(f"上午{clock}" for clock in _clocks("starts", 96, 140)),
        "end": tuple(f"下午{clock}" for clock in _clocks("ends", 12, 70)),
        "event": part(BOOK, "duration")["events"],
    },
    solve=lambda slots, given: _in_hours(_took(_afternoon(slots))),
    tell=_told(
        "duration",
        lambda slots: {"took": _in_hours(_took(_afternoon(slots))), "minutes": str(_took(_afternoon(slots)))},
    ),
    further={
        "再说说如果提前半小时结束，一共多长时间。": lambda slots, given: (
            f"提前半小时结束的话，一共{_in_hours(_took(_afternoon(slots)) - 30)}。"
        ),
        "再换算成分钟。": lambda slots, given: f"一共{_took(_afternoon(slots))}分钟。",
    },
    like=_as_long,
)


def _afternoon(slots: Slots) -> Slots:
    """In 24 hours."""
    hour, rest = slots["end"].removeprefix("下午").split("点")
    return {"start": slots["start"].removeprefix("上午"), "end": f"{int(hour) + 12}点{rest}"}


# Time zones, only of places without summer time.

OFFSETS = {city: Fraction(hours) for city, hours in (row.split(" | ") for row in part(BOOK, "time_zone")["cities"])}


def _abroad(slots: Slots) -> str:
    hour, minute = integers(slots["clock"])
    days, rest = divmod(hour * 60 + minute + int((OFFSETS[slots["city"]] - 8) * 60), 1440)
    return f"{('前一天', '当天', '次日')[days + 1]}{rest // 60:02}:{rest % 60:02}"


def _ahead(slots: Slots) -> str:
    shift = OFFSETS[slots["city"]] - 8
    return f"{'早' if shift > 0 else '晚'}{figure(abs(shift))}小时"


def _as_local(key: str, named: str) -> Test:
    right = as_clock(key)
    alike = {"第二天": "次日", "当日": "当天", "同一天": "当天", "前一日": "前一天"}
    return lambda text: right(re.sub("|".join(alike), lambda found: alike[found[0]], text))


TIME_ZONE = family(
    BOOK,
    "time_zone",
    slots={
        "city": tuple(OFFSETS),
        "clock": tuple(f"{hour:02}:{minute:02}" for hour in range(6, 24) for minute in (0, 15, 30)),
    },
    solve=lambda slots, given: _abroad(slots),
    tell=_told("time_zone", lambda slots: {"ahead": _ahead(slots), "local": _abroad(slots)}),
    further={
        "再说说两地的时差是几小时。": lambda slots, given: f"{slots['city']}比北京{_ahead(slots)}。",
    },
    like=_as_local,
)

FAMILIES = (WEEKDAY, LATER, COUNTDOWN, DURATION, TIME_ZONE)
