"""Families about time: weekdays, days to come, countdowns, how long something took, time zones."""

from __future__ import annotations

import re
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from selfinstruct.simulator.families.zh.making import Facts, family, made, part
from selfinstruct.simulator.families.zh.matching import Test, as_clock, as_date, as_weekday, normal
from selfinstruct.simulator.families.zh.vocabulary import integers
from selfinstruct.simulator.family import Slots

__all__ = ["FAMILIES", "WEEKDAY"]

BOOK = "calendar"


def _day(text: str) -> date:
    return date(*integers(text)[:3])


def _written(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _weekday(day: date) -> str:
    return "星期" + "一二三四五六日"[day.weekday()]


def _days(start: date, days: int) -> str:
    return _written(start + timedelta(days=days))


DAYS = made("days", 160, lambda rng: _days(date(2000, 1, 1), rng.randrange(11_000)))

# Weekdays, days to come, countdowns.


def _on(slots: Slots, given: str) -> Facts:
    day = _day(slots["day"])
    leap = day.year % 4 == 0 and (day.year % 100 != 0 or day.year % 400 == 0)
    return {
        "answer": _weekday(day),
        "monday": _days(day, -day.weekday()),
        "year": day.year,
        "leap": "是闰年" if leap else "不是闰年",
    }


WEEKDAY = family(BOOK, "weekday", slots={"day": DAYS}, facts=_on, like=as_weekday)


def _later(slots: Slots, given: str) -> Facts:
    start, days = _day(slots["day"]), int(slots["n"])
    then = start + timedelta(days=days)
    return {
        "answer": _written(then),
        "weekday": _weekday(then),
        "week_later": _days(then, 7),
    }


LATER = family(BOOK, "later_date", slots={"day": DAYS}, facts=_later, like=as_date)


def _until(slots: Slots, given: str) -> Facts:
    last = _day(slots["last"])
    days = (last - _day(slots["first"])).days
    weeks, rest = divmod(days, 7)
    return {
        "answer": f"{days}天",
        "weekday": _weekday(last),
        "weeks": (f"{weeks}周" + (f"零{rest}天" if rest else "整")) if weeks else "不到一周",
    }


COUNTDOWN = family(
    BOOK,
    "countdown",
    slots={
        "first": [_days(date(2025, 1, 3), 11 * n) for n in range(30)],
        "last": [_days(date(2026, 1, 9), 13 * n) for n in range(30)],
    },
    facts=_until,
)

# How long something took, from a morning to the afternoon.


def _clocks(half: str, low: int, high: int) -> list[str]:
    """Clock times every 25 minutes, between so many times five minutes after twelve."""
    minutes = range(5 * low, 5 * high, 25)
    return [f"{half}{minute // 60}点" + (f"{minute % 60}分" if minute % 60 else "整") for minute in minutes]


def _minute_of_day(clock: str) -> int:
    hour, minute = [*integers(clock), 0][:2]
    return 60 * (hour + 12 * clock.startswith("下午")) + minute


def _in_hours(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return (f"{hours}小时" if hours else "") + (f"{rest}分钟" if rest else "")


def _took(slots: Slots, given: str) -> Facts:
    start, end = _minute_of_day(slots["start"]), _minute_of_day(slots["end"])
    halves = {"morning": _in_hours(720 - start), "afternoon": _in_hours(end - 720)}
    return {**halves, "answer": _in_hours(end - start), "minutes": end - start, "shorter": _in_hours(end - start - 30)}


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
    slots={"start": _clocks("上午", 96, 140), "end": _clocks("下午", 12, 70)},
    facts=_took,
    like=_as_long,
)

# Time zones, only of places without summer time.

OFFSETS = {city: Fraction(hours) for city, hours in (row.split(" | ") for row in part(BOOK, "time_zone")["cities"])}


def _abroad(slots: Slots, later: int = 0) -> str:
    """What clocks there show, so many hours later."""
    hour, minute = integers(slots["clock"])
    total = (hour + later) % 24 * 60 + minute + int((OFFSETS[slots["city"]] - 8) * 60)
    days, rest = divmod(total, 1440)
    return f"{('前一天', '当天', '次日')[days + 1]}{rest // 60:02}:{rest % 60:02}"


def _there(slots: Slots, given: str) -> Facts:
    shift = OFFSETS[slots["city"]] - 8
    hours = _in_hours(int(abs(shift) * 60))
    return {
        "answer": _abroad(slots),
        "ahead": f"{'早' if shift > 0 else '晚'}{hours}",
        "step": f"{'加上' if shift > 0 else '减去'}{hours}",
        "hour_later": _abroad(slots, 1),
    }


def _as_local(key: str, named: str) -> Test:
    right = as_clock(key)
    alike = {"第二天": "次日", "当日": "当天", "同一天": "当天", "前一日": "前一天"}
    return lambda text: right(re.sub("|".join(alike), lambda found: alike[found[0]], text))


def _some_clock(rng: Random) -> str:
    return f"{rng.randrange(8, 19):02}:{rng.choice((0, 15, 30)):02}"


def _awake(slots: Slots) -> bool:
    """Nobody calls anyone who is asleep."""
    return 8 <= int(_abroad(slots)[2:].lstrip("天日")[:2]) < 21


TIME_ZONE = family(
    BOOK,
    "time_zone",
    slots={"city": tuple(OFFSETS), "clock": made("clocks", 40, _some_clock)},
    fits=_awake,
    facts=_there,
    like=_as_local,
)

FAMILIES = (WEEKDAY, LATER, COUNTDOWN, DURATION, TIME_ZONE)
