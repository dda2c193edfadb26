"""Families about time: weekdays, spans between dates, deadlines, ways to write a date, time zones, durations."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from selfinstruct.teachers.builtin.endings import ITEM, LABEL, LIST
from selfinstruct.teachers.builtin.family import Family, Slots
from selfinstruct.teachers.builtin.settings import OFFICE, QUIZ
from selfinstruct.teachers.builtin.vocabulary import items

__all__ = ["FAMILIES", "long_date", "parse_date"]

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
    *("November", "December"),
)
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def long_date(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def parse_date(text: str) -> date:
    found = re.search(r"(\d{1,2}) (\w+) (\d{4})", text)
    if not found:
        raise ValueError(f"no date in {text[:60]!r}")
    return date(int(found[3]), MONTHS.index(found[2]) + 1, int(found[1]))


def _some_date(rng: Random, first: int = 1950, last: int = 2035) -> date:
    return date(rng.randint(first, last), 1, 1) + timedelta(days=rng.randrange(365))


EVENTS = (
    *("the opening of the new swimming pool", "my grandparents' wedding", "the first concert of our choir"),
    *("the village's thousandth birthday", "a cousin's graduation", "the great flood", "our team's only cup final"),
    *("the last run of the old tram", "the day the bakery was founded", "the landing of the hot-air balloon"),
    *("the signing of the lease", "the annual chess tournament", "a much-discussed solar eclipse"),
)
WEEKDAY = Family(
    name="weekday",
    phrasings=(
        "On which day of the week does {event} fall?",
        "The date of {event} is given; tell me what weekday that is.",
        "A chronicle mentions the date of {event}. Was it a Monday, a Tuesday, or which other day?",
        "For a calendar of anniversaries, work out the day of the week of {event}.",
        "I know when {event} took or takes place, but not the weekday. Can you find out?",
    ),
    slots={"event": EVENTS},
    draw=lambda rng, slots: long_date(_some_date(rng)),
    solve=lambda slots, given: WEEKDAYS[parse_date(given).weekday()],
    settings=QUIZ,
    endings=ITEM,
)
WEEKEND = Family(
    name="weekend",
    phrasings=(
        "Does {event} fall on a weekend? Answer {labels}.",
        "Somebody wants to celebrate {event} without taking a day off. Is the date a Saturday or Sunday? Say {labels}.",
        "Given the date of {event}, answer with {labels}: is it part of a weekend?",
        "Check the date of {event} and reply {labels}: it falls on a Saturday or a Sunday.",
    ),
    slots={"event": EVENTS, "labels": ("yes or no", "true or false")},
    draw=lambda rng, slots: long_date(_some_date(rng)),
    solve=lambda slots, given: slots["labels"].split(" or ")[parse_date(given).weekday() < 5],
    classification=True,
    settings=OFFICE,
    endings=LABEL,
)

SPANS: dict[str, Callable[[date, date], str]] = {
    "in days": lambda a, b: f"{(b - a).days} days",
    "in full weeks and remaining days": lambda a, b: f"{(b - a).days // 7} weeks and {(b - a).days % 7} days",
    "in hours, counting from midnight to midnight": lambda a, b: f"{(b - a).days * 24} hours",
}
PROJECTS = (
    *(
        "the restoration of a fishing boat",
        "a patient's stay at a clinic",
        "the loan of a museum piece",
        "a long bicycle tour",
    ),
    *(
        "the renovation of a kitchen",
        "a seedling's life in the greenhouse",
        "an exchange year",
        "the voyage of a cargo ship",
    ),
    *("a film crew's visit", "the hibernation of a hedgehog", "an actor's contract"),
)


def _start_and_end(given: str) -> tuple[date, date]:
    start, end = given.split("\n")
    return parse_date(start), parse_date(end)


def _two_dates(rng: Random, slots: Slots) -> str:
    start = _some_date(rng, 1995)
    return f"Start: {long_date(start)}\nEnd: {long_date(start + timedelta(days=rng.randint(9, 400)))}"


SPAN = Family(
    name="days_between",
    phrasings=(
        "How long does {project} last from the first date to the second, {span}?",
        "Start and end of {project} are noted. Give the time between them {span}.",
        "Measure the time that {project} takes {span}, without counting the first day.",
        "State the length of {project} {span}; both dates are below.",
        "An insurance form asks for the duration of {project} {span}. What do I enter?",
    ),
    slots={"project": PROJECTS, "span": tuple(SPANS)},
    draw=_two_dates,
    solve=lambda slots, given: SPANS[slots["span"]](*_start_and_end(given)),
    settings=OFFICE,
    endings=ITEM,
)

TERMS = {
    "ten days": 10,
    "two weeks": 14,
    "thirty days": 30,
    "six weeks": 42,
    "ninety days": 90,
    "one hundred days": 100,
    "forty-five days": 45,
    "twelve weeks": 84,
}
PAPERS = (
    *(
        "a library card",
        "a visitor's parking permit",
        "the warranty on a kettle",
        "a voucher for the cinema",
        "a fishing licence",
    ),
    *("a ticket for the cable car", "the trial subscription to a newspaper", "a reservation at the campsite"),
    *("a medical certificate", "the notice on a rented cellar", "a passport application"),
)
DEADLINE = Family(
    name="deadline",
    phrasings=(
        "When does {paper} run out if it lasts {term} from the given date?",
        "Add {term} to the date on which {paper} was issued and write the result like the input.",
        "The date of issue of {paper} is known and so is its life of {term}. Find the final date.",
        "I was given {paper} on the day below. What date is it {term} later?",
        "Note the expiry date of {paper}, which is {term} after the one given.",
    ),
    slots={"paper": PAPERS, "term": tuple(TERMS)},
    draw=lambda rng, slots: long_date(_some_date(rng, 2015)),
    solve=lambda slots, given: long_date(parse_date(given) + timedelta(days=TERMS[slots["term"]])),
    settings=OFFICE,
    endings=ITEM,
)

STYLES: dict[str, Callable[[date], str]] = {
    "ISO format (YYYY-MM-DD)": lambda day: day.isoformat(),
    "the American style, MM/DD/YYYY": lambda day: f"{day.month:02}/{day.day:02}/{day.year}",
    "the German style, DD.MM.YYYY": lambda day: f"{day.day:02}.{day.month:02}.{day.year}",
    "the short form of month and year only": lambda day: f"{MONTHS[day.month - 1]} {day.year}",
    "a form of eight digits without separators, year first": lambda day: f"{day:%Y%m%d}",
    "the form day of the year/year, such as 32/2024": lambda day: f"{day.timetuple().tm_yday}/{day.year}",
}
RECORDS = (
    *(
        "the vaccination book of a dog",
        "a list of concert dates",
        "the minutes of our meetings",
        "birthdays of employees",
    ),
    *("a ship's log", "overdue library loans", "the delivery notes of a bakery", "a genealogist's notes"),
    *("inspection reports of lifts", "the herbarium's labels", "invoices from last year"),
)
FORMAT = Family(
    name="date_format",
    phrasings=(
        "Rewrite the dates from {record} in {style}.",
        "Our database expects {style}. Convert these dates, which come from {record}.",
        "The dates in {record} are written out in English; give them in {style}.",
        "Standardise {record}: each date should be in {style}.",
        "Somebody typed {record} by hand. Change every date to {style}.",
    ),
    slots={"record": RECORDS, "style": tuple(STYLES)},
    draw=lambda rng, slots: ", ".join(long_date(_some_date(rng, 1990)) for _ in range(3)),
    solve=lambda slots, given: ", ".join(STYLES[slots["style"]](parse_date(one)) for one in items(given)),
    settings=OFFICE,
    endings=LIST,
)

# Cities without summer time, and their minutes ahead of UTC.
ZONES = {
    "Tokyo": 540,
    "Delhi": 330,
    "Dubai": 240,
    "Nairobi": 180,
    "Lagos": 60,
    "Accra": 0,
    "Singapore": 480,
    "Bangkok": 420,
    "Karachi": 300,
    "Kathmandu": 345,
    "Bogota": -300,
    "Buenos Aires": -180,
    "Honolulu": -600,
    "Reykjavik": 0,
    "Johannesburg": 120,
    "Jakarta": 420,
}
CALLS = (
    *(
        "a phone call with the designers",
        "an online chess match",
        "my sister's birthday call",
        "the start of a webinar",
    ),
    *("a radio interview", "the release of a game", "a remote job interview", "the handover between two support teams"),
)


def _other_clock(slots: Slots, given: str) -> str:
    hours, minutes = map(int, given.split(":"))
    total = hours * 60 + minutes + ZONES[slots["there"]] - ZONES[slots["here"]]
    day = {-1: " the day before", 0: "", 1: " the next day"}[total // 1440]
    return f"{total % 1440 // 60:02}:{total % 60:02}{day}"


CLOCK = Family(
    name="time_zone",
    phrasings=(
        "The time of {call} is given for {here}. What do the clocks show in {there}?",
        "Convert the starting time of {call} from {here} to {there} and mention it if the day is another one.",
        "I live in {there} and was invited to {call} at {here} time. When is that for me?",
        "Someone in {here} proposes an hour for {call}. Tell the people in {there} their local time.",
        "Between {here} and {there}, what does this hour become? It concerns {call}.",
    ),
    slots={"call": CALLS, "here": tuple(list(ZONES)[::2]), "there": tuple(list(ZONES)[1::2])},
    draw=lambda rng, slots: f"{rng.randrange(24):02}:{rng.choice((0, 15, 30, 45)):02}",
    solve=_other_clock,
    endings=ITEM,
)

SHIFTS = (
    *(
        "the night shift of a nurse",
        "a performance of the opera",
        "the crossing to the island",
        "a school trip to the mine",
    ),
    *("the marathon of the slowest runner", "a sleeper train's journey", "the baking of the festival bread"),
    *("a beekeeping workshop", "the storm warning", "the power cut in our street", "an exam in two parts"),
)


def _duration(slots: Slots, given: str) -> str:
    numbers = [int(number) for number in re.findall(r"\d+", given)]
    minutes = (numbers[2] * 60 + numbers[3] - numbers[0] * 60 - numbers[1]) % 1440
    if slots["unit"] == "in minutes":
        return f"{minutes} minutes"
    return f"{minutes // 60} h {minutes % 60} min"


def _two_times(rng: Random, slots: Slots) -> str:
    start, length = rng.randrange(0, 1440, 5), rng.randrange(25, 720, 5)
    end = (start + length) % 1440
    return f"From {start // 60:02}:{start % 60:02} to {end // 60:02}:{end % 60:02}"


DURATION = Family(
    name="duration",
    phrasings=(
        "How long was {shift}, {unit}?",
        "From beginning to end, {shift} is recorded with two clock times. Work out its length {unit}.",
        "The times of {shift} are below, possibly across midnight. State the duration {unit}.",
        "For my timesheet I must enter {shift} {unit}. What do I write?",
        "Tell me {unit} how much time {shift} took up.",
    ),
    slots={"shift": SHIFTS, "unit": ("in hours and minutes (such as 2 h 5 min)", "in minutes")},
    draw=_two_times,
    solve=_duration,
    settings=OFFICE,
    endings=ITEM,
)

FAMILIES = (WEEKDAY, WEEKEND, SPAN, DEADLINE, FORMAT, CLOCK, DURATION)
