"""Families about time: weekdays, spans, deadlines, ways to write a date, time zones, leap years, ages, timetables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from selfinstruct.simulator.data import table
from selfinstruct.simulator.endings import ITEM, LABEL, LIST
from selfinstruct.simulator.families.making import further, wordings
from selfinstruct.simulator.family import Family, Slots
from selfinstruct.simulator.matching import exactly
from selfinstruct.simulator.vocabulary import clock, items, listed, sized

__all__ = ["FAMILIES", "MONTHS", "WEEKDAYS", "parse_date"]

MONTHS = tuple(table("en", "dates")["months"])
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

WEEKDAY = Family(
    **wordings("dates", "weekday"),
    draw=lambda rng, slots: long_date(some_date(rng)),
    solve=lambda slots, given: weekday(parse_date(given)),
    tell=lambda slots, given, bare: (
        f"{given} was a {bare}. It was day {parse_date(given).timetuple().tm_yday} of the year, "
        f"and 1 January {parse_date(given).year} had been a {weekday(date(parse_date(given).year, 1, 1))}."
    ),
    further=further(
        "dates",
        "weekday",
        {
            "weekend": lambda slots, given: (
                f"A {weekday(parse_date(given))} is {'not ' if parse_date(given).weekday() < 5 else ''}part of a weekend."
            ),
            "later": lambda slots, given: f"A week later it was {long_date(parse_date(given) + timedelta(7))}.",
        },
    ),
    endings=ITEM,
)


def _period(rng: Random, slots: Slots) -> str:
    start = some_date(rng, 1995)
    return f"Start: {long_date(start)}\nEnd: {long_date(start + timedelta(days=rng.randint(9, 300)))}"


def _days(given: str) -> int:
    start, end = map(parse_date, given.split("\n"))
    return (end - start).days


def _month_by_month(given: str) -> str:
    """How many days of each month are counted: "3 in May, 30 in June and 4 in July"."""
    start, end = map(parse_date, given.split("\n"))
    months = Counter((start + timedelta(n + 1)).replace(day=1) for n in range((end - start).days))
    return listed([f"{days} in {MONTHS[month.month - 1]}" for month, days in months.items()])


SPAN = Family(
    **wordings("dates", "days_between"),
    draw=_period,
    solve=lambda slots, given: f"{_days(given)} days",
    tell=lambda slots, given, bare: f"It is {bare}: {_month_by_month(given)}.",
    further=further(
        "dates",
        "days_between",
        {
            "weeks": lambda slots, given: (
                f"That makes {many(_days(given) // 7, 'full week')} and {many(_days(given) % 7, 'further day')}."
            )
        },
    ),
    endings=ITEM,
)

TERMS = {"ten days": 10, "two weeks": 14, "thirty days": 30, "six weeks": 42, "ninety days": 90, "one hundred days": 100}


def _due(slots: Slots, given: str) -> date:
    return parse_date(given) + timedelta(days=TERMS[slots["term"]])


DEADLINE = Family(
    **wordings("dates", "deadline"),
    draw=lambda rng, slots: long_date(some_date(rng, 2015)),
    solve=lambda slots, given: long_date(_due(slots, given)),
    tell=lambda slots, given, bare: (
        f"{sized(slots['term'])} after {given} it is {bare}, "
        f"since {TERMS[slots['term']]} days have to be counted from that date."
    ),
    further=further(
        "dates", "deadline", {"weekday": lambda slots, given: f"That will be a {weekday(_due(slots, given))}."}
    ),
    endings=ITEM,
)

STYLES: dict[str, Callable[[date], str]] = {
    "ISO": lambda day: day.isoformat(),
    "American": lambda day: f"{day.month:02}/{day.day:02}/{day.year}",
    "German": lambda day: f"{day.day:02}.{day.month:02}.{day.year}",
    "eight digits": lambda day: f"{day.year}{day.month:02}{day.day:02}",
}


def _styled(slots: Slots, given: str) -> list[str]:
    style = next(style for name, style in STYLES.items() if name in slots["style"])
    return [style(parse_date(one)) for one in items(given)]


FORMAT = Family(
    **wordings("dates", "date_format"),
    draw=lambda rng, slots: ", ".join(long_date(some_date(rng, 1990)) for _ in range(3)),
    solve=lambda slots, given: ", ".join(_styled(slots, given)),
    compare=exactly,
    endings=LIST,
)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _leap_told(slots: Slots, given: str, bare: str) -> str:
    year = int(given)
    if year % 4:
        return f"No, {given} is not a leap year, because it is not divisible by 4."
    if year % 100:
        return f"Yes, {given} is a leap year, because it is divisible by 4 and not by 100."
    if year % 400:
        return f"No, {given} is not a leap year: it is divisible by 100 but not by 400."
    return f"Yes, {given} is a leap year: although it is divisible by 100, it is also divisible by 400."


LEAP = Family(
    **wordings("dates", "leap_year"),
    draw=lambda rng, slots: str(rng.choice((rng.randint(1880, 2060), 4 * rng.randint(470, 515), 100 * rng.randint(16, 24)))),
    solve=lambda slots, given: "yes" if _is_leap(int(given)) else "no",
    tell=_leap_told,
    further=further(
        "dates",
        "leap_year",
        {
            "next": lambda slots, given: (
                f"The next leap year after it is {next(y for y in range(int(given) + 1, int(given) + 9) if _is_leap(y))}."
            )
        },
    ),
)


def _lifetime(rng: Random, slots: Slots) -> str:
    return f"Born: {long_date(some_date(rng, 1930, 1990))}\nDate: {long_date(some_date(rng, 1995, 2024))}"


def _age(given: str) -> int:
    born, day = map(parse_date, given.split("\n"))
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _birthday(given: str) -> date:
    """The next one after the day; on 1 March when a year lacks the 29th of February."""
    born, day = map(parse_date, given.split("\n"))
    year = day.year + ((born.month, born.day) <= (day.month, day.day))
    return date(year, born.month, born.day) if _is_leap(year) or (born.month, born.day) != (2, 29) else date(year, 3, 1)


def _age_told(slots: Slots, given: str, bare: str) -> str:
    born, day = map(parse_date, given.split("\n"))
    passed = (day.month, day.day) >= (born.month, born.day)
    return (
        f"From {born.year} to {day.year} it is {day.year - born.year} years. On that day the birthday of the year "
        f"{'had already come' if passed else 'was still to come'}, so the age was {bare} years."
    )


AGE = Family(
    **wordings("dates", "age"),
    draw=_lifetime,
    solve=lambda slots, given: str(_age(given)),
    tell=_age_told,
    further=further(
        "dates", "age", {"birthday": lambda slots, given: f"The next birthday was on {long_date(_birthday(given))}."}
    ),
    endings=ITEM,
)

# Hours.

ZONES: dict[str, int] = table("en", "dates")["time_zone"]["zones"]
_DAY = {-1: " on the day before", 0: "", 1: " on the next day"}


def _ahead(slots: Slots) -> int:
    return ZONES[slots["there"]] - ZONES[slots["here"]]


def _minutes(text: str) -> list[int]:
    """All clock times in a text, as minutes since midnight."""
    return [int(hours) * 60 + int(minutes) for hours, minutes in re.findall(r"(\d+):(\d\d)", text)]


def _other_clock(slots: Slots, given: str) -> str:
    total = _minutes(given)[0] + _ahead(slots)
    return f"{clock(total)}{_DAY[total // 1440]}"


def _hours(minutes: int) -> str:
    whole, rest = divmod(minutes, 60)
    return many(whole, "hour") + (f" and {rest} minutes" if rest else "")


def _zone_told(slots: Slots, given: str, bare: str) -> str:
    ahead = _ahead(slots)
    if not ahead:
        return f"{slots['there']} has the same time as {slots['here']}, so it is {bare} there, too."
    way = "ahead of" if ahead > 0 else "behind"
    return f"{slots['there']} is {_hours(abs(ahead))} {way} {slots['here']}, so at {given} it is {bare} there."


def _time_zone() -> Family:
    said = wordings("dates", "time_zone")
    said["slots"] = {"here": tuple(ZONES)[::2], "there": tuple(ZONES)[1::2]}
    return Family(
        **said,
        draw=lambda rng, slots: clock(rng.randrange(0, 1440, 15)),
        solve=_other_clock,
        tell=_zone_told,
        further=further(
            "dates",
            "time_zone",
            {"difference": lambda slots, given: f"The difference is {_hours(abs(_ahead(slots)))}."},
        ),
        endings=ITEM,
    )


def _two_times(rng: Random, slots: Slots) -> str:
    start, length = rng.randrange(0, 1440, 5), rng.randrange(70, 720, 10)
    return f"From {clock(start)} to {clock(start + length)}"


def _length(given: str) -> int:
    start, end = _minutes(given)
    return (end - start) % 1440


def _lasted(slots: Slots, given: str) -> str:
    length = _length(given)
    return f"{length} minutes" if slots["unit"] == "in minutes" else f"{length // 60} h {length % 60} min"


def _lasted_told(slots: Slots, given: str, bare: str) -> str:
    start, end = map(clock, _minutes(given))
    hours, minutes = divmod(_length(given), 60)
    middle = clock(_minutes(given)[0] + 60 * hours)
    more = f", and to {end} another {minutes} minutes" if minutes else ""
    count = f"From {start} to {middle} it is {many(hours, 'hour')}{more}"
    if slots["unit"] == "in minutes":
        return f"{count}. That is {hours} × 60 + {minutes} = {bare}."
    return f"{count}, so it is {bare} altogether."


DURATION = Family(
    **wordings("dates", "duration"),
    draw=_two_times,
    solve=_lasted,
    tell=_lasted_told,
    further=further(
        "dates",
        "duration",
        {
            "half": lambda slots, given: (
                f"Half of it was over at {clock(_minutes(given)[0] + _length(given) // 2)}."
            )
        },
    ),
    endings=ITEM,
)


def _connections(rng: Random, slots: Slots) -> str:
    start, ride = rng.randrange(360, 900, 5), rng.randrange(20, 90, 5)
    leaving = [start := start + rng.randrange(15, 65, 5) for _ in range(4)]
    by = leaving[rng.randrange(1, 3)] + ride + rng.randrange(0, 15, 5)
    rows = (f"Departure {clock(at)}, arrival {clock(at + ride)}" for at in leaving)
    return "\n".join([f"Be there by {clock(by)}", *rows])


def _best(given: str) -> tuple[int, int, int]:
    """When one has to be there, and departure and arrival of the last connection in time."""
    by, *times = _minutes(given)
    leave, arrive = max(pair for pair in zip(times[::2], times[1::2], strict=True) if pair[1] <= by)
    return by, leave, arrive


TIMETABLE = Family(
    **wordings("dates", "timetable"),
    draw=_connections,
    solve=lambda slots, given: clock(_best(given)[1]),
    tell=lambda slots, given, bare: (
        "Take the one at {1}: it arrives at {2}, in time for {0}. Any later one would arrive too late.".format(
            *map(clock, _best(given))
        )
    ),
    further=further(
        "dates",
        "timetable",
        {"wait": lambda slots, given: f"Arrival is {_best(given)[0] - _best(given)[2]} minutes before the time given."},
    ),
    endings=ITEM,
)


def _hours_and_time(rng: Random, slots: Slots) -> str:
    first, last = rng.randint(0, 2), rng.randint(3, 6)
    opens, closes = rng.randint(7, 11), rng.randint(15, 20)
    at = clock(60 * rng.randint(opens - 2, closes + 2) + rng.choice((10, 30, 50)))
    return (
        f"Hours: {WEEKDAYS[first]} to {WEEKDAYS[last]}, {opens}:00 to {closes}:00\n"
        f"Time: {rng.choice(WEEKDAYS)}, {at}"
    )


def _is_open(slots: Slots, given: str) -> str:
    first, last, day = (WEEKDAYS.index(word) for word in re.findall(r"[A-Z]\w+day", given))
    opens, closes, at = _minutes(given)
    return "open" if first <= day <= last and opens <= at < closes else "closed"


OPENING = Family(
    **wordings("dates", "opening_hours"), draw=_hours_and_time, solve=_is_open, classification=True, endings=LABEL
)

FAMILIES = (WEEKDAY, SPAN, DEADLINE, FORMAT, LEAP, AGE, _time_zone(), DURATION, TIMETABLE, OPENING)
