"""Families that find something in a text: addresses, dates and prices in a message, facts in a notice."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from selfinstruct.simulator.data import table
from selfinstruct.simulator.families.dates import MONTHS
from selfinstruct.simulator.families.making import family, rows_of
from selfinstruct.simulator.family import Slots
from selfinstruct.simulator.vocabulary import NAMES, clock
from selfinstruct.text.later import later

__all__ = ["FAMILIES"]

_EXTRACT = table("en", "tables")["extract"]
_WANTED = {
    "e-mail addresses": (later(r"[\w.]+@[\w.]+\w"), "{host}"),
    "dates": (later(rf"\b\d{{1,2}} (?:{'|'.join(MONTHS)})\b"), "{month}"),
    "prices": (later(r"\d+\.\d\d euros"), "{price}"),
    "times": (later(r"\b\d{1,2}:\d\d\b"), "{time}"),
    "phone numbers": (later(r"\b0\d\d \d{3} \d{4}\b"), "{phone}"),
    "names of people": (later(rf"\b(?:{'|'.join(NAMES)})\b"), "{Name}"),
}


_PLACE = later(r"\{(\w+)\}")


def _filled(rng: Random, message: str) -> str:
    """With a name, day or price of its own wherever one stands."""
    names, days = iter(rng.sample(NAMES, 8)), iter(sorted(rng.sample(range(1, 29), 8)))
    times, month = iter(sorted(rng.sample(range(32, 80), 8))), rng.choice(MONTHS)
    made: dict[str, Callable[[], str]] = {
        "Name": lambda: next(names),
        "name": lambda: next(names).lower(),
        "host": lambda: rng.choice(_EXTRACT["hosts"]),
        "day": lambda: str(next(days)),
        "month": lambda: month,
        "price": lambda: f"{rng.randint(8, 90)}.{rng.choice(('00', '50', '90'))}",
        "time": lambda: clock(15 * next(times)),
        "phone": lambda: f"0{rng.randint(20, 99)} {rng.randint(100, 999)} {rng.randint(1000, 9999)}",
    }
    return _PLACE.sub(lambda place: made[place[1]](), message)


def _message(rng: Random, slots: Slots) -> str:
    """One that has what is wanted."""
    place = _WANTED[slots["wanted"]][1]
    return _filled(rng, rng.choice([one for one in _EXTRACT["messages"] if place in one]))


def _extract(slots: Slots, given: str) -> dict[str, object]:
    return {"bare": ", ".join(_WANTED[slots["wanted"]][0].findall(given))}


_NOTICES = rows_of("tables", "notice_question")
_FIELDS = {
    "Where does this event take place?": "Place",
    "On which day does this event take place?": "Day",
    "How much does this event cost?": "Price",
    "Who can answer questions about this event?": "Contact",
    "At what time does this event start?": "Start",
}


def _notice(rng: Random, slots: Slots) -> str:
    row = rng.choice(_NOTICES)
    lines = [
        f"Place: {row['place']}",
        f"Day: {rng.choice(('Monday', 'Thursday', 'Saturday', 'Sunday'))}, {rng.randint(1, 28)} {rng.choice(MONTHS)}",
        f"Price: {rng.choice(('4 euros', '7 euros', '12 euros', '15 euros'))}",
        f"Contact: {rng.choice(NAMES)}",
        f"Start: {rng.randint(16, 19)}:{rng.choice(('00', '15', '30'))}",
    ]
    rng.shuffle(lines)
    return "\n".join([row["event"], *lines, row["remark"]])


def _answer(slots: Slots, given: str) -> dict[str, object]:
    _, *lines, remark = given.split("\n")
    fields = dict(line.split(": ", 1) for line in lines)
    case = _FIELDS[slots["question"]]
    return {"bare": fields[case], "case": case, "remark": remark}


FAMILIES = (family("tables", "extract", _message, _extract), family("tables", "notice_question", _notice, _answer))
