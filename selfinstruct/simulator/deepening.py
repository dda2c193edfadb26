"""What evolving asks further in English ("deepen"), and the sums to go on with ("reasoning").

Each demand has one answer to the letter: what a word is, whether case matters, who wins a tie, how the finding is
written. It stands on lines of its own under the answer; in code these lines are comments, by slot `mark`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from operator import add, mul
from typing import NamedTuple

from selfinstruct.simulator.coding import COMMENTS
from selfinstruct.simulator.families.dates import MONTHS, WEEKDAYS
from selfinstruct.simulator.layers import Kind, adding

__all__ = ["DEEPER", "STEPS", "Steps", "days_later", "doubled", "is_prime", "question", "remainder", "steps"]


def question(
    wordings: tuple[str, ...],
    name: str,
    labels: tuple[str, ...],
    what: str,
    find: Callable[[str, str], str],
    colon: str = ": ",
    needs_input: bool = False,
) -> Kind:
    """One more line, a label and what was found in the input and in what is written so far."""
    return adding(
        name,
        wordings,
        {"label": labels, "what": (what,), "mark": COMMENTS},
        lambda slots, given, above: [f"{slots['mark']}{slots['label']}{colon}{find(given, above)}"],
        needs_input=needs_input,
    )


class Steps(NamedTuple):
    """The words for what is counted and how the number changes, each with what it does, and how lines are numbered."""

    wordings: tuple[str, ...]
    counts: Mapping[str, Callable[[str], int]]
    changes: Mapping[str, Callable[[int], int]]
    numbers: tuple[str, str, str]


def steps(language: Steps, name: str, outcomes: Mapping[str, Callable[[int], str]]) -> Kind:
    """Three more lines: a count, the number that it is turned into, and what this gives."""
    counts, changes = language.counts, language.changes
    slots = {"count": tuple(counts), "change": tuple(changes), "outcome": tuple(outcomes), "mark": COMMENTS}

    def lines(slots: Mapping[str, str], given: str, above: str) -> list[str]:
        first = counts[slots["count"]](above)
        second = changes[slots["change"]](first)
        found = (str(first), str(second), outcomes[slots["outcome"]](second))
        return [f"{slots['mark']}{number}{value}" for number, value in zip(language.numbers, found, strict=True)]

    return adding(f"three steps: {name}", language.wordings, slots, lines, many=3)


# What is asked further.


def _letters(text: str) -> list[str]:
    return [char for char in text.casefold() if char.isalpha()]


def _compared(given: str, above: str) -> str:
    more = len(above) - len(given)
    return f"{'longer' if more > 0 else 'shorter'} by {abs(more)}" if more else "equal"


_WORD = re.compile(r"[^\W_](?:\S*[^\W_])?")
"""Between spaces, without what stands around its letters and digits."""


def _shared(given: str, above: str) -> str:
    known = set(_WORD.findall(above))
    return " ".join([word for word in dict.fromkeys(_WORD.findall(given)) if word in known][:5]) or "none"


def _most_frequent(given: str, above: str) -> str:
    counted = Counter(_letters(above))
    letter = min(counted, key=lambda char: (-counted[char], char), default="")
    return f"{letter}, {counted[letter]}" if letter else "none"


def _missing(given: str, above: str) -> str:
    return ", ".join(vowel for vowel in "aeiou" if vowel not in above.casefold()) or "none"


def _ends(given: str, above: str) -> str:
    letters = _letters(above)
    return f"{letters[0]} and {letters[-1]}" if letters else "none"


_WORDINGS = (
    'Add a line "{mark}{label}: …" that tells {what}.',
    'Below, a line "{mark}{label}: …" must say {what}.',
    'Also note, in a line "{mark}{label}: …", {what}.',
)


_asked = partial(question, _WORDINGS)

DEEPER: tuple[Kind, ...] = (
    _asked(
        "length compared",
        ("Compared", "Against the input", "Length"),
        'how its length so far compares with the input, in characters ("longer by 5", "shorter by 5", "equal")',
        _compared,
        needs_input=True,
    ),
    _asked(
        "words in both",
        ("Shared", "In both", "Words in common"),
        "the first five different words of the input that occur above (runs between spaces, no marks around), or none",
        _shared,
        needs_input=True,
    ),
    _asked(
        "words not in the input",
        ("New words", "Not in the input", "Added words"),
        "how many different words above (runs between spaces) the input does not have",
        lambda given, above: str(len(set(above.split()) - set(given.split()))),
        needs_input=True,
    ),
    _asked(
        "kinds of letters",
        ("Different letters", "Letters used", "Kinds of letters"),
        "how many different letters occur above, capital or small being the same",
        lambda given, above: str(len(set(_letters(above)))),
    ),
    _asked(
        "longest run",
        ("Longest word", "Longest", "The most characters"),
        "the longest word above (a run of characters between spaces), the first one in a tie",
        lambda given, above: max(above.split(), key=len, default="none"),
    ),
    _asked(
        "top letter",
        ("Most frequent", "Favourite letter", "Top letter"),
        'the most frequent letter above, case ignored, with its count, as in "e, 7" (in a tie the earliest letter)',
        _most_frequent,
    ),
    _asked(
        "absent vowels",
        ("Missing vowels", "Vowels not used", "No sign of"),
        "which of a, e, i, o, u never occur above, capital or small, with commas, or none",
        _missing,
    ),
    _asked(
        "outer letters",
        ("From and to", "First and last", "Outer letters"),
        'the first and the last letter of the text above, in small letters, as in "a and b"',
        _ends,
    ),
    _asked(
        "number of capitals",
        ("Capitals", "Capital letters", "Upper case"),
        "how many capital letters the whole text above has",
        lambda given, above: str(sum(char.isupper() for char in above)),
    ),
)

# What is worked out from it.


def doubled(more: int, number: int) -> int:
    return 2 * number + more


COUNTS: dict[str, Callable[[str], int]] = {
    "count the letters above": lambda text: sum(char.isalpha() for char in text),
    "count the words above (runs between spaces)": lambda text: len(text.split()),
    "count the characters above, without spaces and line ends": lambda text: len("".join(text.split())),
    "count the vowels above (aeiou and AEIOU)": lambda text: sum(char in "aeiouAEIOU" for char in text),
    "add up all single digits above": lambda text: sum(int(digit) for digit in re.findall("[0-9]", text)),
    "count the different letters above, case ignored": lambda text: len(set(_letters(text))),
}
CHANGES: dict[str, Callable[[int], int]] = {
    **{f"add {n}": partial(add, n) for n in range(3, 60)},
    **{f"multiply by {n}": partial(mul, n) for n in range(2, 20)},
    **{f"double it and add {n}": partial(doubled, n) for n in range(1, 20)},
}
PLANETS = ("Mercury", "Venus", "Earth", "Mars", "Jupiter", "Saturn", "Uranus", "Neptune")
_SAYS = Steps(
    (
        "Then reason on, one result per line: {mark}(1) {count}, {mark}(2) {change}, {mark}(3) {outcome}.",
        "Next add three result lines: {mark}(1) {count}; {mark}(2) {change}; {mark}(3) {outcome}.",
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


def days_later(day: int, n: int) -> date:
    """So many days after that day of January 2023, before the calendar's end."""
    return date(2023, 1, day) + timedelta(days=min(n, 2_000_000))


def _iso(day: int, n: int) -> str:
    return days_later(day, n).isoformat()


def remainder(divisor: int, n: int) -> str:
    return str(n % divisor)


def is_prime(n: int) -> bool:
    return n > 1 and all(n % d for d in range(2, int(n**0.5) + 1))


_steps = partial(steps, _SAYS)

STEPS: tuple[Kind, ...] = (
    _steps("weekday", {f"the weekday so many days after a {d}": partial(_weekday, n) for n, d in enumerate(WEEKDAYS)}),
    _steps("month", {f"the month so many months after {m}": partial(_month, n) for n, m in enumerate(MONTHS)}),
    _steps("clock", {f"the time (HH:MM) so many minutes after {h:02}:00": partial(_clock, h) for h in range(24)}),
    _steps("date", {f"the day (YYYY-MM-DD) so many days after 2023-01-{d:02}": partial(_iso, d) for d in range(1, 29)}),
    _steps("remainder", {f"the remainder after division by {d}": partial(remainder, d) for d in range(3, 30)}),
    _steps(
        "base",
        {"write it in binary": lambda n: f"{n:b}", "write it in hexadecimal with capitals": lambda n: f"{n:X}"},
    ),
    _steps("digit sum", {"add up its digits once": lambda n: str(sum(map(int, str(n))))}),
    _steps("backwards", {"write its digits from right to left, zeros too": lambda n: str(n)[::-1]}),
    _steps("prime", {"say prime or not prime": lambda n: "prime" if is_prime(n) else "not prime"}),
    _steps("dozens", {'split it as in "2 dozen and 5"': lambda n: f"{n // 12} dozen and {n % 12}"}),
    _steps("hours", {'turn so many minutes into hours, as in "0 h 9 min"': lambda n: f"{n // 60} h {n % 60} min"}),
    _steps("planet", {"name that planet, Mercury being 1, round and round": lambda n: PLANETS[(n - 1) % 8]}),
    _steps("letter", {"name that capital letter, A being 1 and following Z": lambda n: chr(65 + (n - 1) % 26)}),
)
