"""Families about ways to write a number: Roman numerals, other bases, words."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from selfinstruct.simulator.contexts import FIRMS, PUZZLES
from selfinstruct.simulator.endings import ITEM, LIST
from selfinstruct.simulator.family import Family
from selfinstruct.simulator.matching import says
from selfinstruct.simulator.vocabulary import items

__all__ = ["FAMILIES", "ONES", "in_words", "to_roman"]


ROMAN = (
    *((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL")),
    *((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")),
)


def to_roman(number: int) -> str:
    text = ""
    for value, symbol in ROMAN:
        text += symbol * (number // value)
        number %= value
    return text


@cache
def _by_roman() -> dict[str, int]:
    return {to_roman(number): number for number in range(1, 2200)}


ENGRAVED = (
    *("the dates on old gravestones", "the foundation stones of five churches", "the title pages of antique books"),
    *("the years engraved on a set of medals", "the closing credits of old films", "inscriptions along a city wall"),
    *(
        "the chapters of a long novel",
        "sundials in a castle garden",
        "bells cast in one foundry",
        "the tiles of a board game",
    ),
)
WAY: dict[str, Callable[[int], str]] = {
    "in Roman numerals": to_roman,
    "in binary": lambda n: f"{n:b}",
    "as hexadecimal numbers": lambda n: f"{n:X}",
    "with their digits reversed": lambda n: str(n)[::-1],
    "as octal numbers": lambda n: f"{n:o}",
}
WRITE_NUMBERS = Family(
    name="number_systems",
    phrasings=(
        "Write the numbers from {engraved} {way}.",
        "Show these decimal numbers, taken from {engraved}, {way}.",
        "How do the numbers on {engraved} look {way}?",
        "Copy the numbers on {engraved}, but {way}.",
        "Rewrite all entries {way}, for {puzzle}.",
        "Give all of these numbers {way}; it is for {puzzle}.",
        "For {puzzle}, note these numbers {way}.",
        "What are these numbers {way}? I ask for {puzzle}.",
    ),
    slots={"engraved": ENGRAVED, "way": tuple(WAY), "puzzle": PUZZLES},
    draw=lambda rng, slots: ", ".join(
        str(rng.choice((rng.randint(11, 400), rng.randint(1200, 2030)))) for _ in range(3)
    ),
    solve=lambda slots, given: ", ".join(WAY[slots["way"]](n) for n in map(int, items(given))),
    endings=LIST,
)
READ_ROMAN = Family(
    name="read_roman",
    phrasings=(
        "Which numbers do the Roman numerals on {engraved} stand for?",
        "Translate the Roman numerals for {puzzle} into ordinary figures.",
        "Read the Roman numerals for me, as needed for {puzzle}.",
        "Decode each Roman numeral that a walker copied from {engraved}.",
        "Put the Roman numerals of {engraved} into modern digits.",
        "For {puzzle}: what are these Roman numbers in decimal notation?",
        "Convert Roman to Arabic numerals for {puzzle}.",
    ),
    slots={"engraved": ENGRAVED, "puzzle": PUZZLES},
    draw=lambda rng, slots: ", ".join(
        to_roman(rng.choice((rng.randint(4, 400), rng.randint(1200, 2030)))) for _ in range(3)
    ),
    solve=lambda slots, given: ", ".join(str(_by_roman()[text]) for text in items(given)),
    endings=LIST,
)

ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = ["-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def in_words(number: int) -> str:
    """A number below a million, in British English."""
    if number < 20:
        return ONES[number]
    if number < 100:
        return TENS[number // 10] + (f"-{ONES[number % 10]}" if number % 10 else "")
    if number < 1000:
        rest = f" and {in_words(number % 100)}" if number % 100 else ""
        return f"{ONES[number // 100]} hundred{rest}"
    thousands, below = divmod(number, 1000)
    tail = f"{' and' if below < 100 else ''} {in_words(below)}" if below else ""
    return f"{in_words(thousands)} thousand{tail}"


PAPERS = (
    *(
        "the cheque for the roofers",
        "a notary's contract",
        "the receipt for the choir's donation",
        "an invoice to the town hall",
    ),
    *(
        "a wedding gift certificate",
        "the prize-giving speech",
        "a telegram in an old film",
        "the treasurer's annual letter",
    ),
    *("a bank transfer form", "the plaque on our new bridge", "a witness statement"),
)


def _same_words(answer: str, right: str, free: bool) -> bool:
    """Hyphens do not matter."""
    return says(answer.replace("-", " "), right.replace("-", " "), free)


NUMBER_WORDS = Family(
    name="number_words",
    phrasings=(
        "Spell out the amount in words for {paper}.",
        "Use words instead of digits for this number, for {paper}.",
        "How is this figure written out in English words? It is for {paper}.",
        "Give me the number as English words for {paper}.",
        "For {paper}, no figures: turn the digits into words.",
        "Put this sum into letters, as is usual for {paper}.",
    ),
    slots={"paper": (*PAPERS, *FIRMS)},
    draw=lambda rng, slots: str(
        rng.choice((rng.randint(21, 999), rng.randint(1000, 99_999), rng.randint(100_000, 999_999)))
    ),
    solve=lambda slots, given: in_words(int(given)),
    compare=_same_words,
    endings=ITEM,
)


FAMILIES = (WRITE_NUMBERS, READ_ROMAN, NUMBER_WORDS)
