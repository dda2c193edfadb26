"""Families about time: weekdays, spans between dates, deadlines, ways to write a date, time zones, durations."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from selfinstruct.simulator.contexts import FIRMS, PUZZLES
from selfinstruct.simulator.endings import ITEM, LABEL, LIST
from selfinstruct.simulator.family import Family, Slots
from selfinstruct.simulator.matching import exactly
from selfinstruct.simulator.vocabulary import items

__all__ = ["FAMILIES", "parse_date"]

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


def _some_date(rng: Random, first: int = 1950, last: int = 2024) -> date:
    return date(rng.randint(first, last), 1, 1) + timedelta(days=rng.randrange(365))


EVENTS = (
    *("the opening of the new swimming pool", "my grandparents' wedding", "the first concert of our choir"),
    *("the village's thousandth birthday", "a cousin's graduation", "the great flood", "our team's only cup final"),
    *("the last run of the old tram", "the day the bakery was founded", "the landing of the hot-air balloon"),
    *("my first day as a nurse", "the auction of the mill", "a friend's sixtieth birthday", "the eruption of Etna"),
    *("the launch of a weather satellite", "the premiere of a puppet opera", "our neighbours' moving day"),
    *("the final exam in botany", "a royal visit", "the longest power cut", "the christening of a lifeboat"),
    *("the signing of the lease", "the annual chess tournament", "a much-discussed solar eclipse"),
)
WEEKDAY = Family(
    name="weekday",
    phrasings=(
        "On which weekday does {event} fall?",
        "Tell me the weekday of {event}, for {puzzle}.",
        "Work out the day of the week of {event}.",
        "What weekday is it? The date is that of {event}.",
        "Name the day of the week for {puzzle}.",
        "For {puzzle}: find the weekday of this date.",
        "Which day of the week is that of {event}?",
        "Which weekday belongs to this date? It's for {puzzle}.",
    ),
    slots={"event": EVENTS, "puzzle": PUZZLES},
    draw=lambda rng, slots: long_date(_some_date(rng)),
    solve=lambda slots, given: WEEKDAYS[parse_date(given).weekday()],
    endings=ITEM,
)
WEEKEND = Family(
    name="weekend",
    phrasings=(
        "The date is that of {event}. It is on a weekend: {labels}?",
        "I claim that {event} falls on a Saturday or Sunday: {labels}?",
        "This day is part of a weekend: reply {labels} for {firm}.",
        "Check for {firm} that the date is on a weekend: {labels}.",
        "A Saturday or Sunday, {labels}? It's for {firm}.",
        "Judge with {labels}: {event} falls on a weekend.",
    ),
    slots={"event": EVENTS, "labels": ("yes or no", "true or false"), "firm": FIRMS},
    draw=lambda rng, slots: long_date(_some_date(rng)),
    solve=lambda slots, given: slots["labels"].split(" or ")[parse_date(given).weekday() < 5],
    classification=True,
    endings=LABEL,
)


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


SPANS: dict[str, Callable[[date, date], str]] = {
    "in days": lambda a, b: f"{(b - a).days} days",
    "in full weeks and remaining days": lambda a, b: (
        f"{_many((b - a).days // 7, 'week')} and {_many((b - a).days % 7, 'day')}"
    ),
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
    *("the drying of a tobacco harvest", "a violinist's tour", "the repair of the weir", "a jury's deliberation"),
    *("an otter's stay at the rescue centre", "the digging of a well", "a lodger's tenancy", "the moth survey"),
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
        "How long does {project} last, {span}?",
        "Give the time between start and end of {project} {span}.",
        "Measure the duration of {project} {span}, the first day not counted.",
        "State the length of {project} {span}.",
        "How much time lies between these dates, {span}? It's for {firm}.",
        "For {firm}, work out the time from start to end {span}.",
    ),
    slots={"firm": FIRMS, "project": PROJECTS, "span": tuple(SPANS)},
    draw=_two_dates,
    solve=lambda slots, given: SPANS[slots["span"]](*_start_and_end(given)),
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
        "When does {paper} run out, {term} from the given date?",
        "Add {term} to the date of {paper}.",
        "Find the final date of {paper}, issued for {term}.",
        "I got {paper} on this day. What date is {term} later?",
        "Note the expiry date of {paper}, {term} after this one.",
        "For {firm}: what date is {term} after this?",
        "The term of {paper} is {term}. On what date does it end?",
        "Count {term} onward from the date, for {firm}.",
    ),
    slots={"firm": FIRMS, "paper": PAPERS, "term": tuple(TERMS)},
    draw=lambda rng, slots: long_date(_some_date(rng, 2015)),
    solve=lambda slots, given: long_date(parse_date(given) + timedelta(days=TERMS[slots["term"]])),
    endings=ITEM,
)

STYLES: dict[str, Callable[[date], str]] = {
    "ISO format (YYYY-MM-DD)": lambda day: day.isoformat(),
    "the American style, MM/DD/YYYY": lambda day: f"{day.month:02}/{day.day:02}/{day.year}",
    "the German style, DD.MM.YYYY": lambda day: f"{day.day:02}.{day.month:02}.{day.year}",
    "a form with the month and the year only": lambda day: f"{MONTHS[day.month - 1]} {day.year}",
    "a form of eight digits without separators, year first": lambda day: f"{day:%Y%m%d}",
    "a form with the number of the day in its year, such as 32/2024": lambda day: (
        f"{day.timetuple().tm_yday}/{day.year}"
    ),
}
RECORDS = (
    *(
        "the vaccination book of a dog",
        "a list of concert dates",
        "the minutes of our meetings",
        "birthdays of employees",
    ),
    *("a ship's log", "overdue library loans", "the delivery notes of a bakery", "a genealogist's notes"),
    *("inspection reports of lifts", "the herbarium's labels", "invoices of a removal firm"),
)
FORMAT = Family(
    name="date_format",
    phrasings=(
        "Rewrite the dates from {record} in {style}.",
        "Convert these dates to {style} for {firm}.",
        "Give the dates in {record} in {style}.",
        "Standardise {record}: each date should be in {style}.",
        "Change every date from {record} to {style}.",
        "What do these dates look like in {style}? It is for {firm}.",
    ),
    slots={"firm": FIRMS, "record": RECORDS, "style": tuple(STYLES)},
    draw=lambda rng, slots: ", ".join(long_date(_some_date(rng, 1990)) for _ in range(3)),
    solve=lambda slots, given: ", ".join(STYLES[slots["style"]](parse_date(one)) for one in items(given)),
    compare=exactly,
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
    *("a toast across the oceans", "the deadline of a poetry contest", "a joint prayer", "a lesson in Swahili"),
    *("a bidding war over a cello", "the stream of a rocket launch", "a virtual choir rehearsal", "a board meeting"),
    *("the first kiss in a long-distance film", "a doctor's consultation by phone", "an oil price announcement"),
    *("a call to the grandchildren", "the opening of ticket sales", "a translation relay", "a remote yoga hour"),
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
        "The time of {call} is given for {here}. What is it in {there}?",
        "Convert the hour of {call} from {here} to {there}.",
        "I live in {there}. When is {call}, at this hour in {here}?",
        "Tell people in {there} when {call} takes place, given {here} time.",
        "Between {here} and {there}, what does this hour become? It concerns {call}.",
        "What time in {there} matches {here} time? It's for {firm}.",
        "For {firm}: change the clock time from {here} to {there}.",
    ),
    slots={"call": CALLS, "firm": FIRMS, "here": tuple(list(ZONES)[::2]), "there": tuple(list(ZONES)[1::2])},
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
    *("the vigil at the volcano", "the chess game of two clerks", "the hunt for a lost hamster"),
    *("the unloading of a grain ship", "a midwife's visit", "the silent retreat", "the dress rehearsal"),
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
        "Work out the length of {shift} {unit}.",
        "The times of {shift} may run across midnight. State the duration {unit}.",
        "My timesheet lacks the length of {shift} {unit}. Supply it.",
        "Tell me {unit} how much time {shift} took up.",
        "What is the duration of {shift} {unit}? It's for {firm}.",
        "For {firm}: give the length of {shift} {unit}.",
    ),
    slots={"firm": FIRMS, "shift": SHIFTS, "unit": ("in hours and minutes (such as 2 h 5 min)", "in minutes")},
    draw=_two_times,
    solve=_duration,
    endings=ITEM,
)

FAMILIES = (WEEKDAY, WEEKEND, SPAN, DEADLINE, FORMAT, CLOCK, DURATION)
