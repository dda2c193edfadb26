"""Families about ways to write a number: Roman numerals, other bases, words."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from selfinstruct.teachers.builtin.endings import ITEM, LIST
from selfinstruct.teachers.builtin.family import Family
from selfinstruct.teachers.builtin.settings import QUIZ
from selfinstruct.teachers.builtin.vocabulary import items

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
def _from_roman(text: str) -> int:
    return next(number for number in range(1, 2200) if to_roman(number) == text)


ENGRAVED = (
    *("the dates on old gravestones", "the foundation stones of five churches", "the title pages of antique books"),
    *("the years engraved on a set of medals", "the closing credits of old films", "inscriptions along a city wall"),
    *(
        "the chapters of a long novel",
        "sundials in a castle garden",
        "bells cast in one foundry",
        "the kings of a board game",
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
        "Write the numbers, which come from {engraved}, {way}.",
        "A list of plain decimal numbers was taken from {engraved}. Show them {way}.",
        "How do these numbers from {engraved} look {way}?",
        "Take each number, copied from {engraved}, and spell it {way}.",
        "Rewrite all entries {way}; they stand for {engraved}.",
    ),
    slots={"engraved": ENGRAVED, "way": tuple(WAY)},
    draw=lambda rng, slots: ", ".join(
        str(rng.choice((rng.randint(11, 400), rng.randint(1200, 2030)))) for _ in range(3)
    ),
    solve=lambda slots, given: ", ".join(WAY[slots["way"]](n) for n in map(int, items(given))),
    endings=LIST,
)
READ_ROMAN = Family(
    name="read_roman",
    phrasings=(
        "Which years or numbers do the Roman numerals on {engraved} stand for?",
        "Translate the Roman numerals found among {engraved} into ordinary figures.",
        "I photographed {engraved}. Read the Roman numerals for me as normal numbers.",
        "Decode each Roman numeral; a walker copied them from {engraved}.",
        "My notes about {engraved} are full of Roman numerals: put them into modern digits.",
    ),
    slots={"engraved": ENGRAVED},
    draw=lambda rng, slots: ", ".join(
        to_roman(rng.choice((rng.randint(4, 400), rng.randint(1200, 2030)))) for _ in range(3)
    ),
    solve=lambda slots, given: ", ".join(str(_from_roman(text)) for text in items(given)),
    settings=QUIZ,
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
NUMBER_WORDS = Family(
    name="number_words",
    phrasings=(
        "Spell out the amount in words for {paper}.",
        "On {paper} the number must not appear in digits: write it in words.",
        "How do you write this figure out in letters, the British way, on {paper}?",
        "Please give me the number as English words; I am copying it onto {paper}.",
        "Turn the digits into words, since {paper} does not allow figures.",
    ),
    slots={"paper": PAPERS},
    draw=lambda rng, slots: str(
        rng.choice((rng.randint(21, 999), rng.randint(1000, 99_999), rng.randint(100_000, 999_999)))
    ),
    solve=lambda slots, given: in_words(int(given)),
    settings=QUIZ,
    endings=ITEM,
)


FAMILIES = (WRITE_NUMBERS, READ_ROMAN, NUMBER_WORDS)
