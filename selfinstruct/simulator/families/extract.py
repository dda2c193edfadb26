"""Families that find something in a text: addresses, dates and prices in a message, facts in a notice."""

from __future__ import annotations

import re
from random import Random

from selfinstruct.simulator.data import table
from selfinstruct.simulator.families.dates import MONTHS
from selfinstruct.simulator.families.making import family, rows_of
from selfinstruct.simulator.family import Slots
from selfinstruct.simulator.vocabulary import NAMES, listed, number_in_words

__all__ = ["FAMILIES"]

_EXTRACT = table("en", "tables")["extract"]
_WANTED = {
    "e-mail addresses": (re.compile(r"[\w.]+@[\w.]+\w"), "{host}"),
    "dates (day and month)": (re.compile(rf"\b\d{{1,2}} (?:{'|'.join(MONTHS)})\b"), "{month}"),
    "prices": (re.compile(r"\d+\.\d\d euros"), "{price}"),
    "clock times": (re.compile(r"\b\d{1,2}:\d\d\b"), "{time}"),
    "telephone numbers": (re.compile(r"\b0\d\d \d{3} \d{4}\b"), "{phone}"),
    "people": (re.compile(rf"\b(?:{'|'.join(NAMES)})\b"), "{Name}"),
}


def _words(rng: Random, name: str) -> dict[str, str]:
    return {
        "Name": name,
        "name": name.lower(),
        "host": rng.choice(_EXTRACT["hosts"]),
        "day": str(rng.randint(1, 28)),
        "month": rng.choice(MONTHS),
        "price": f"{rng.randint(8, 90)}.{rng.choice(('00', '50', '90'))}",
        "time": f"{rng.randint(8, 20)}:{rng.choice(('00', '15', '30'))}",
        "phone": f"0{rng.randint(20, 99)} {rng.randint(100, 999)} {rng.randint(1000, 9999)}",
    }


def _message(rng: Random, slots: Slots) -> str:
    """Four sentences, two of which have what is wanted."""
    place = _WANTED[slots["wanted"]][1]
    having = [one for one in _EXTRACT["sentences"] if place in one]
    parts = rng.sample(having, 2)
    parts += rng.sample([one for one in _EXTRACT["sentences"] if one not in parts], 2)
    rng.shuffle(parts)
    names = rng.sample(NAMES, len(parts))
    return " ".join(part.format(**_words(rng, name)) for part, name in zip(parts, names, strict=True))


def _extract(slots: Slots, given: str) -> dict[str, object]:
    found = _WANTED[slots["wanted"]][0].findall(given)
    what = slots["wanted"].split(" (")[0]
    return {"bare": ", ".join(found), "found": listed(found), "many": number_in_words(len(found)), "what": what}


_NOTICES = rows_of("tables", "notice_question")
_FIELDS = {
    "Where does it take place?": "Place",
    "On which day is it?": "Day",
    "What does it cost?": "Price",
    "Who answers questions?": "Contact",
    "When does it begin?": "Start",
}


def _notice(rng: Random, slots: Slots) -> str:
    row = rng.choice(_NOTICES)
    lines = [
        f"Place: {row['place']}",
        f"Day: {rng.choice(('Monday', 'Thursday', 'Saturday', 'Sunday'))}, {rng.randint(1, 28)} {rng.choice(MONTHS)}",
        f"Price: {rng.choice(('4 euros', '7 euros', '12 euros', 'a donation'))}",
        f"Contact: {rng.choice(NAMES)}",
        f"Start: {rng.randint(16, 19)}:{rng.choice(('00', '15', '30'))}",
    ]
    rng.shuffle(lines)
    return "\n".join([row["event"], *lines, row["remark"]])


def _answer(slots: Slots, given: str) -> dict[str, object]:
    event, *lines, remark = given.split("\n")
    fields = dict(line.split(": ", 1) for line in lines)
    case = _FIELDS[slots["question"]]
    return {"bare": fields[case], "case": case, "event": event.lower(), "remark": remark, "place": fields["Place"]}


FAMILIES = (family("tables", "extract", _message, _extract), family("tables", "notice_question", _notice, _answer))
