"""Families about time: weekdays, spans, deadlines, ways to write a date, time zones, leap years, ages, timetables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from selfinstruct.simulator.data import table
from selfinstruct.simulator.endings import LABEL
from selfinstruct.simulator.families.making import family
from selfinstruct.simulator.family import Slots
from selfinstruct.simulator.matching import exactly
from selfinstruct.simulator.vocabulary import clock, items, listed

__all__ = ["FAMILIES", "MONTHS"]

Facts = dict[str, object]
MONTHS: tuple[str, ...] = tuple(table("en", "dates")["months"])
WEEKDAYS: list[str] = list(table("en", "dates")["weekdays"])


def long_date(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def parse_date(text: str) -> date:
    found = re.search(r"(\d{1,2}) (\w+) (\d{4})", text)
    if not found:
        raise ValueError(f"no date in {text[:60]!r}")
    return date(int(found[3]), MONTHS.index(found[2]) + 1, int(found[1]))


def weekday(day: date) -> str:
    return WEEKDAYS[day.weekday()]


def some_date(rng: Random, first: int = 1950, last: int = 2024) -> date:
    return date(rng.randint(first, last), 1, 1) + timedelta(days=rng.randrange(365))


def many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


# Days.


def _weekday(slots: Slots, given: str) -> Facts:
    day = parse_date(given)
    return {
        "bare": weekday(day),
        "day": day.timetuple().tm_yday,
        "year": day.year,
        "new_year": weekday(date(day.year, 1, 1)),
        "later": long_date(day + timedelta(days=7)),
    }


def _period(rng: Random, slots: Slots) -> str:
    start = some_date(rng, 1995)
    return f"Start: {long_date(start)}\nEnd: {long_date(start + timedelta(days=rng.randint(9, 300)))}"


def _span(slots: Slots, given: str) -> Facts:
    start, end = map(parse_date, given.split("\n"))
    days = (end - start).days
    months = Counter((start + timedelta(n + 1)).replace(day=1) for n in range(days))
    counted = listed([f"{some} in {MONTHS[month.month - 1]}" for month, some in months.items()])
    weeks, rest = many(days // 7, "full week"), many(days % 7, "further day")
    return {"bare": many(days, "day"), "months": counted, "weeks": weeks, "rest": rest}


TERMS = {"ten days": 10, "two weeks": 14, "thirty days": 30, "six weeks": 42, "ninety days": 90, "a hundred days": 100}


def _deadline(slots: Slots, given: str) -> Facts:
    days = TERMS[slots["term"]]
    end = parse_date(given) + timedelta(days=days)
    return {"bare": long_date(end), "days": days, "weekday": weekday(end)}


STYLES: dict[str, Callable[[date], str]] = {
    "ISO": lambda day: day.isoformat(),
    "American": lambda day: f"{day.month:02}/{day.day:02}/{day.year}",
    "German": lambda day: f"{day.day:02}.{day.month:02}.{day.year}",
    "eight digits": lambda day: f"{day.year}{day.month:02}{day.day:02}",
}


def _format(slots: Slots, given: str) -> Facts:
    style = next(style for name, style in STYLES.items() if name in slots["style"])
    return {"bare": ", ".join(style(parse_date(one)) for one in items(given))}


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _some_year(rng: Random, slots: Slots) -> str:
    return str(rng.choice((rng.randint(1880, 2060), 4 * rng.randint(470, 515), 100 * rng.randint(16, 24))))


def _leap_year(slots: Slots, given: str) -> Facts:
    year = int(given)
    case = "four" if year % 4 else "hundred" if year % 100 else "centuries" if year % 400 else "rest"
    after = next(later for later in range(year + 1, year + 9) if is_leap(later))
    return {"bare": "yes" if is_leap(year) else "no", "case": case, "next": after}


def _lifetime(rng: Random, slots: Slots) -> str:
    return f"Born: {long_date(some_date(rng, 1930, 1990))}\nDate: {long_date(some_date(rng, 1995, 2024))}"


def _age(slots: Slots, given: str) -> Facts:
    """The next birthday is on 1 March when a year lacks the 29th of February."""
    born, day = map(parse_date, given.split("\n"))
    years, own = day.year - born.year, (born.month, born.day)
    passed = own <= (day.month, day.day)
    year = day.year + passed
    birthday = date(year, *own) if is_leap(year) or own != (2, 29) else date(year, 3, 1)
    return {
        "bare": years - (not passed),
        "born": born.year,
        "year": day.year,
        "years": years,
        "passed": "had passed" if passed else "had not come",
        "birthday": long_date(birthday),
    }


# Hours.

ZONES: dict[str, int] = table("en", "dates")["time_zone"]["zones"]
_DAY = {-1: " on the day before", 0: "", 1: " on the next day"}


def minutes(text: str) -> list[int]:
    """All clock times in a text, as minutes since midnight."""
    return [int(hours) * 60 + int(rest) for hours, rest in re.findall(r"(\d+):(\d\d)", text)]


def _time_zone(slots: Slots, given: str) -> Facts:
    ahead = ZONES[slots["there"]] - ZONES[slots["here"]]
    total, utc = minutes(given)[0] + ahead, minutes(given)[0] - ZONES[slots["here"]]
    whole, rest = divmod(abs(ahead), 60)
    parts = [many(whole, "hour")] * bool(whole) + [f"{rest} minutes"] * bool(rest)
    return {
        "bare": f"{clock(total)}{_DAY[total // 1440]}",
        "case": "other" if ahead else "same",
        "hours": listed(parts),
        "way": "ahead of" if ahead > 0 else "behind",
        "utc": f"{clock(utc)}{_DAY[utc // 1440]}",
    }


def _two_times(rng: Random, slots: Slots) -> str:
    start, length = rng.randrange(0, 1440, 5), rng.randrange(70, 720, 10)
    return f"From {clock(start)} to {clock(start + length)}"


def _duration(slots: Slots, given: str) -> Facts:
    start, end = minutes(given)
    length = (end - start) % 1440
    h, m = divmod(length, 60)
    case = "minutes" if slots["unit"] == "in minutes" else "hours"
    return {
        "bare": f"{length} minutes" if case == "minutes" else f"{h} h {m} min",
        "case": case,
        "h": h,
        "m": m,
        "start": clock(start),
        "middle": clock(start + 60 * h),
        "hours": many(h, "hour"),
        "more": f", and to {clock(end)} is another {m} minutes" if m else "",
        "half": clock(start + length // 2),
    }


def _connections(rng: Random, slots: Slots) -> str:
    start, ride = rng.randrange(360, 900, 5), rng.randrange(20, 90, 5)
    leaving = [start := start + rng.randrange(15, 65, 5) for _ in range(4)]
    by = leaving[rng.randrange(1, 3)] + ride + rng.randrange(0, 15, 5)
    rows = (f"Departure {clock(at)}, arrival {clock(at + ride)}" for at in leaving)
    return "\n".join([f"Be there by {clock(by)}", *rows])


def _timetable(slots: Slots, given: str) -> Facts:
    by, *times = minutes(given)
    leave, arrive = max(pair for pair in zip(times[::2], times[1::2], strict=True) if pair[1] <= by)
    return {"bare": clock(leave), "arrive": clock(arrive), "by": clock(by), "early": by - arrive}


def _hours_and_time(rng: Random, slots: Slots) -> str:
    first, last = rng.randint(0, 2), rng.randint(3, 6)
    opens, closes = rng.randint(7, 11), rng.randint(15, 20)
    at = clock(60 * rng.randint(opens - 2, closes + 2) + rng.choice((10, 30, 50)))
    hours = f"{WEEKDAYS[first]} to {WEEKDAYS[last]}, {opens}:00 to {closes}:00"
    return f"Hours: {hours}\nTime: {rng.choice(WEEKDAYS)}, {at}"


def _opening_hours(slots: Slots, given: str) -> Facts:
    first, last, day = (WEEKDAYS.index(word) for word in re.findall(r"[A-Z]\w+day", given))
    opens, closes, at = minutes(given)
    return {"bare": "open" if first <= day <= last and opens <= at < closes else "closed"}


_CITIES = {"here": tuple(ZONES)[::2], "there": tuple(ZONES)[1::2]}
FAMILIES = (
    family("dates", "weekday", lambda rng, slots: long_date(some_date(rng)), _weekday),
    family("dates", "days_between", _period, _span),
    family("dates", "deadline", lambda rng, slots: long_date(some_date(rng, 2015)), _deadline),
    family(
        "dates",
        "date_format",
        lambda rng, slots: ", ".join(long_date(some_date(rng, 1990)) for _ in range(rng.randint(3, 5))),
        _format,
        compare=exactly,
    ),
    family("dates", "leap_year", _some_year, _leap_year),
    family("dates", "age", _lifetime, _age),
    family("dates", "time_zone", lambda rng, slots: clock(rng.randrange(0, 1440, 15)), _time_zone, _CITIES),
    family("dates", "duration", _two_times, _duration),
    family("dates", "timetable", _connections, _timetable),
    family("dates", "opening_hours", _hours_and_time, _opening_hours, classification=True, endings=LABEL),
)
