"""Questions that evolving adds, in English: more about answer and input ("deepen"), sums to go on with ("reasoning").

What they ask for stands on lines of its own under the answer; in code these lines are comments, by slot `mark`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from operator import add, mul

from selfinstruct.teachers.builtin.families.dates import MONTHS, WEEKDAYS
from selfinstruct.teachers.builtin.layers import Kind, adding

__all__ = [
    *("COMMENTS", "ENGLISH_DEEPER", "ENGLISH_STEPS", "Steps", "doubled", "is_prime", "later", "question", "remainder"),
    "steps",
]

COMMENTS = ("", "# ", "-- ")
"""No comment, Python's and SQL's."""

Finding = Callable[[str, str], str]
"""From the input and what is written so far."""


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def question(
    name: str,
    wordings: tuple[str, ...],
    labels: tuple[str, ...],
    whats: tuple[str, ...],
    find: Finding,
    colon: str = ": ",
    needs_input: bool = False,
) -> Kind:
    """One more line, a label and what was found."""
    return adding(
        name,
        wordings,
        {"label": labels, "what": whats, "mark": COMMENTS},
        lambda slots, given, above: [f"{slots['mark']}{slots['label']}{colon}{find(given, above)}"],
        needs_input=needs_input,
    )


class Steps:
    """The words for what is counted, how the number changes, and what is to be made of it, with what each does."""

    def __init__(
        self,
        wordings: tuple[str, ...],
        counts: Mapping[str, Callable[[str], int]],
        changes: Mapping[str, Callable[[int], int]],
        numbers: tuple[str, str, str],
    ) -> None:
        self.wordings, self.counts, self.changes, self.numbers = wordings, counts, changes, numbers


def steps(name: str, language: Steps, outcomes: Mapping[str, Callable[[int], str]]) -> Kind:
    """Three more lines: a count, the number that it is turned into, and what this gives."""
    counts, changes = language.counts, language.changes
    slots = {"count": tuple(counts), "change": tuple(changes), "outcome": tuple(outcomes), "mark": COMMENTS}

    def lines(slots: Mapping[str, str], given: str, above: str) -> list[str]:
        first = counts[slots["count"]](above)
        second = changes[slots["change"]](first)
        found = (str(first), str(second), outcomes[slots["outcome"]](second))
        return [f"{slots['mark']}{number}{value}" for number, value in zip(language.numbers, found, strict=True)]

    return adding(name, language.wordings, slots, lines, many=3)


# What is asked further.


def _compared(given: str, above: str) -> str:
    more = len(above) - len(given)
    return f"{'longer' if more > 0 else 'shorter'} by {abs(more)} characters" if more else "equally long"


def _shared(given: str, above: str) -> str:
    known = set(_words(above))
    return ", ".join([word for word in dict.fromkeys(_words(given)) if word in known][:5]) or "none"


def _longest(given: str, above: str) -> str:
    return max(_words(above), key=len, default="none")


def _most_frequent(given: str, above: str) -> str:
    counted = Counter(char for char in above.casefold() if char.isalpha())
    letter = min(counted, key=lambda char: (-counted[char], char), default="")
    return f"{letter}, {counted[letter]} in all" if letter else "none"


def _missing(given: str, above: str) -> str:
    return ", ".join(vowel for vowel in "aeiou" if vowel not in above.casefold()) or "none"


def _new(given: str, above: str) -> str:
    known = set(_words(given))
    return str(len({word for word in _words(above) if word not in known}))


def _ends(given: str, above: str) -> str:
    letters = [char for char in above.casefold() if char.isalpha()]
    return f"{letters[0]} and {letters[-1]}" if letters else "none"


DEEPER = (
    'Add a line "{mark}{label}: …" that tells {what}.',
    'Also find out {what}, and note it below in the form "{mark}{label}: …".',
    'Then tell {what}, in a further line that must begin "{mark}{label}:".',
)
ENGLISH_DEEPER: tuple[Kind, ...] = (
    question(
        "compared",
        DEEPER,
        ("Compared", "Against the input", "Length"),
        ("how many characters longer or shorter than the input all this is",),
        _compared,
        needs_input=True,
    ),
    question(
        "shared words",
        DEEPER,
        ("Shared", "In both", "Words in common"),
        ("which words of the input (the first five) occur above as well",),
        _shared,
        needs_input=True,
    ),
    question(
        "new words",
        DEEPER,
        ("New words", "Not in the input", "Added words"),
        ("how many different words above it do not occur in the input",),
        _new,
        needs_input=True,
    ),
    question(
        "different letters",
        DEEPER,
        ("Different letters", "Letters used", "Kinds of letters"),
        ("how many different letters occur above", "how many different letters have been used"),
        lambda given, above: str(len({char for char in above.casefold() if char.isalpha()})),
    ),
    question(
        "longest word",
        DEEPER,
        ("Longest word", "Longest", "The most letters"),
        ("which word above is the longest, the first one if several are",),
        _longest,
    ),
    question(
        "most frequent letter",
        DEEPER,
        ("Most frequent", "Favourite letter", "Top letter"),
        ("which letter occurs most often above, and how many times",),
        _most_frequent,
    ),
    question(
        "missing vowels",
        DEEPER,
        ("Missing vowels", "Vowels not used", "No sign of"),
        ("which of the vowels a, e, i, o and u never occur above, if any",),
        _missing,
    ),
    question(
        "first and last letter",
        DEEPER,
        ("From and to", "First and last", "Outer letters"),
        ("with which letters the text above begins and ends",),
        _ends,
    ),
    question(
        "capitals",
        DEEPER,
        ("Capitals", "Capital letters", "Upper case"),
        ("how many capital letters the text above has", "how many letters above are capitals"),
        lambda given, above: str(sum(char.isupper() for char in above)),
    ),
)

# What is worked out from it.


def doubled(more: int, number: int) -> int:
    return 2 * number + more


COUNTS: dict[str, Callable[[str], int]] = {
    "count the letters so far": lambda text: sum(char.isalpha() for char in text),
    "count the words so far": lambda text: len(text.split()),
    "count all characters but spaces": lambda text: len("".join(text.split())),
    "count the vowels (aeiou) so far": lambda text: sum(char in "aeiou" for char in text.casefold()),
    "add up all digits so far": lambda text: sum(int(digit) for digit in re.findall("[0-9]", text)),
    "count the different letters so far": lambda text: len({char for char in text.casefold() if char.isalpha()}),
}
CHANGES: dict[str, Callable[[int], int]] = {
    **{f"add {n}": partial(add, n) for n in range(3, 60)},
    **{f"multiply by {n}": partial(mul, n) for n in range(2, 20)},
    **{f"double it and add {n}": partial(doubled, n) for n in range(1, 20)},
}
PLANETS = ("Mercury", "Venus", "Earth", "Mars", "Jupiter", "Saturn", "Uranus", "Neptune")
SAYS = Steps(
    (
        "Then reason on, line by line: {mark}(1) {count}, {mark}(2) {change}, {mark}(3) {outcome}.",
        "Next add three lines: {mark}(1) {count}; {mark}(2) {change}; {mark}(3) {outcome}.",
    ),
    COUNTS,
    CHANGES,
    ("(1) ", "(2) ", "(3) "),
)


def _weekday(start: int, n: int) -> str:
    return WEEKDAYS[(start + n) % 7]


def _month(start: int, n: int) -> str:
    return MONTHS[(start + n) % 12]


def _clock(hour: int, n: int) -> str:
    return f"{(hour + n // 60) % 24:02}:{n % 60:02}"


def later(day: int, n: int) -> date:
    """So many days after that day of January 2023, before the calendar's end."""
    return date(2023, 1, day) + timedelta(days=min(n, 2_000_000))


def _iso(day: int, n: int) -> str:
    return later(day, n).isoformat()


def remainder(divisor: int, n: int) -> str:
    return str(n % divisor)


def is_prime(n: int) -> bool:
    return n > 1 and all(n % d for d in range(2, int(n**0.5) + 1))


ENGLISH_STEPS: tuple[Kind, ...] = (
    steps(
        "weekday",
        SAYS,
        {f"name the weekday so many days after {d}": partial(_weekday, n) for n, d in enumerate(WEEKDAYS)},
    ),
    steps(
        "month", SAYS, {f"name the month so many months after {m}": partial(_month, n) for n, m in enumerate(MONTHS)}
    ),
    steps("clock", SAYS, {f"tell the time so many minutes after {h:02}:00": partial(_clock, h) for h in range(24)}),
    steps("date", SAYS, {f"give the date so many days after {d} January 2023": partial(_iso, d) for d in range(1, 29)}),
    steps(
        "remainder", SAYS, {f"take the remainder after division by {d}": partial(remainder, d) for d in range(3, 30)}
    ),
    steps("base", SAYS, {"write it in binary": lambda n: f"{n:b}", "write it in hexadecimal": lambda n: f"{n:X}"}),
    steps("digit sum", SAYS, {"add up its digits": lambda n: str(sum(map(int, str(n))))}),
    steps("backwards", SAYS, {"read its digits from right to left": lambda n: str(n)[::-1]}),
    steps("prime", SAYS, {"say prime or not prime": lambda n: "prime" if is_prime(n) else "not prime"}),
    steps("dozens", SAYS, {"split it into full dozens and the rest": lambda n: f"{n // 12} dozen and {n % 12}"}),
    steps("hours", SAYS, {"turn so many minutes into hours": lambda n: f"{n // 60} h {n % 60} min"}),
    steps("planet", SAYS, {"name that planet, counting round from Mercury": lambda n: PLANETS[(n - 1) % 8]}),
    steps("letter", SAYS, {"name that letter, A following Z": lambda n: chr(65 + (n - 1) % 26)}),
)
