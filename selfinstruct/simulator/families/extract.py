"""Families that find something in a text: addresses, dates, sums, names; or answer a question about a notice."""

from __future__ import annotations

import re
from random import Random

from selfinstruct.simulator.contexts import FIRMS, READERS
from selfinstruct.simulator.endings import ITEM, LIST
from selfinstruct.simulator.family import Family, Slots
from selfinstruct.simulator.vocabulary import NAMES

__all__ = ["FAMILIES"]

MONTHS = "January February March April May June July August September October November December"
SUBJECTS = {
    "a choir trip": ("the coach to the coast", "rehearsal room"),
    "the repair of a church organ": ("the organ builder's visit", "bellows"),
    "a village flea market": ("the row of stalls by the well", "folding tables"),
    "an order of beehives": ("the delivery of the hives", "wax frames"),
    "a leaking roof": ("the scaffolding", "roof tiles"),
    "a lost suitcase": ("the search at the depot", "luggage tag"),
    "a chess tournament": ("the rooms for the final", "chess clocks"),
    "the school garden": ("the compost delivery", "raised beds"),
    "an art class for beginners": ("the loan of the easels", "clay and glaze"),
    "a borrowed cargo bicycle": ("the handover of the bicycle", "spare battery"),
    "a film evening in the barn": ("the projector", "benches"),
    "the move of a dental practice": ("the two treatment chairs", "cabinets"),
}
PARTS = (
    "Please write to {name}@{host} about {thing}.",
    "{Name} can be reached at {name}@{host} until then.",
    "We agreed on {day} {month} for {thing}.",
    "If that is too soon, {day} {month} works as well.",
    "The {extra} will cost {price} euros.",
    "A deposit of {price} euros has already been paid.",
    "{Name} rang at {time} and asked for patience.",
    "Everybody meets at {time} in front of the town hall.",
    "Call {phone} if something goes wrong.",
    "The number of {Name}'s office is {phone}.",
    "The {extra} should arrive in good time.",
    "So far nobody has complained.",
)
HOSTS = ("oakfield.example", "harbour.example", "quince.example", "tinroof.example", "ninebells.example")


def _letter(rng: Random, slots: Slots) -> str:
    thing, extra = SUBJECTS[slots.get("subject") or rng.choice(tuple(SUBJECTS))]
    wanted = [part for part in PARTS if WANTED[slots["wanted"]][1] in part]
    others = [part for part in PARTS if part not in wanted]
    parts = wanted + rng.sample(others, 3)
    rng.shuffle(parts)
    names = rng.sample(NAMES, len(parts))
    sentences = []
    for part, name in zip(parts, names, strict=True):
        words = {
            "name": name.lower(),
            "Name": name,
            "host": rng.choice(HOSTS),
            "thing": thing,
            "extra": extra,
            "day": rng.randint(1, 28),
            "month": rng.choice(MONTHS.split()),
            "price": f"{rng.randint(8, 480)}.{rng.choice(('00', '50', '90'))}",
            "time": f"{rng.randint(7, 21)}:{rng.choice(('00', '15', '30', '45'))}",
            "phone": f"0{rng.randint(20, 99)} {rng.randint(100, 999)} {rng.randint(1000, 9999)}",
        }
        sentences.append(part.format(**words))
    return " ".join(sentences)


WANTED = {
    "e-mail addresses": (re.compile(r"[\w.]+@[\w.]+\w"), "@"),
    "dates (day and month)": (re.compile(rf"\b\d{{1,2}} (?:{MONTHS.replace(' ', '|')})\b"), "{month}"),
    "sums of money (with their currency)": (re.compile(r"\d+\.\d\d euros"), "{price}"),
    "clock times": (re.compile(r"\b\d{1,2}:\d\d\b"), "{time}"),
    "telephone numbers": (re.compile(r"\b0\d\d \d{3} \d{4}\b"), "{phone}"),
    "people who are named": (re.compile(rf"\b(?:{'|'.join(NAMES)})\b"), "{Name}"),
}
EXTRACT = Family(
    name="extract",
    phrasings=(
        "Extract all {wanted} from this message about {subject}, in order.",
        "Which {wanted} does the note on {subject} contain?",
        "Copy the {wanted} out of a letter concerning {subject}.",
        "I only need the {wanted} in this mail about {subject}.",
        "Search the text for {wanted}, first to last, for {firm}.",
        "List the {wanted} in the message for {firm}, as they come.",
        "Pull out the {wanted} from some correspondence on {subject}.",
    ),
    slots={"wanted": tuple(WANTED), "subject": tuple(SUBJECTS), "firm": FIRMS},
    draw=_letter,
    solve=lambda slots, given: ", ".join(WANTED[slots["wanted"]][0].findall(given)),
    endings=LIST,
)

# A notice has a what, a where, a when, a price and somebody to ask.
WHATS = {
    "a bicycle repair course": ("the old tram depot", "Bring your own inner tube."),
    "a guided walk through the fen": ("the wooden bridge", "Rubber boots are a good idea."),
    "a seed exchange": ("the parish hall", "Label your seeds with the year of harvest."),
    "an open rehearsal of the brass band": ("the fire station", "Children may try the tuba."),
    "a lecture on local owls": ("the library's reading room", "It gets dark early, so bring a torch."),
    "a bread-baking morning": ("the community oven", "Come with clean hands and an empty basket."),
    "a clothes swap": ("the gymnasium", "Everything should be washed and wearable."),
    "a first-aid refresher": ("the rowing club", "Wear something you can kneel in."),
    "a stargazing night": ("the hill behind the school", "If it is cloudy, we meet indoors for tea."),
    "a reading of sea stories": ("the lighthouse", "The stairs are steep and there is no lift."),
}
QUESTIONS = {
    "where it takes place": r"Place: (.+)",
    "on which day it is": r"Day: (.+)",
    "what it costs": r"Price: (.+)",
    "who answers questions": r"Contact: (.+)",
    "when it begins": r"Start: (.+)",
}
ASKING = (
    *("a caller", "my deaf neighbour", "the front desk", "a tourist", "a forgetful friend", "the local radio"),
    *("parents at the school gate", "a wheelchair user", "the hard-of-hearing couple next door"),
)


def _notice(rng: Random, slots: Slots) -> str:
    months = MONTHS.split()
    place, remark = WHATS[slots.get("what") or rng.choice(tuple(WHATS))]
    lines = [
        f"Place: {place}",
        f"Day: {rng.choice(('Monday', 'Thursday', 'Saturday', 'Sunday'))}, {rng.randint(1, 28)} {rng.choice(months)}",
        f"Price: {rng.choice(('free', '4 euros', '7 euros', '12 euros', 'a donation'))}",
        f"Contact: {rng.choice(NAMES)}",
        f"Start: {rng.randint(9, 20)}:{rng.choice(('00', '15', '30'))}",
    ]
    rng.shuffle(lines)
    return "\n".join([*lines, remark])


NOTICE = Family(
    name="notice_question",
    phrasings=(
        "Read the notice of {what} and tell {reader} {question}.",
        "Say {question}: {reader} would like to know more about {what}.",
        "Look up {question} for {reader}: there will be {what}.",
        "From the notice, tell me {question}. The event is {what}.",
        "Find out {question} in this notice, for {reader}.",
        "Going by the announcement of {what}, state {question}.",
    ),
    slots={"what": tuple(WHATS), "reader": (*ASKING, *READERS), "question": tuple(QUESTIONS)},
    draw=_notice,
    solve=lambda slots, given: next(iter(re.findall(QUESTIONS[slots["question"]], given))),
    endings=ITEM,
)

FAMILIES = (EXTRACT, NOTICE)
