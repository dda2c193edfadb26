"""Families about single numbers: ways to write them, divisors, fractions, equations, terms, rounding, properties."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from math import gcd, isqrt, lcm
from random import Random

from selfinstruct.simulator.endings import ITEM
from selfinstruct.simulator.families.making import further, wordings
from selfinstruct.simulator.family import Family, Slots
from selfinstruct.simulator.matching import exactly
from selfinstruct.simulator.vocabulary import number_in_words, numbers, plain_number, rounded

__all__ = ["FAMILIES"]

Solve = Callable[[str], str]
Tell = Callable[[str, str], str]


def _number(
    name: str, draw: Callable[[Random], object], solve: Solve, tell: Tell, more: dict[str, Solve], **options: object
) -> Family:
    """A family without slots, about the numbers in its input."""
    answers: dict[str, Callable[[Slots, str], str]] = {
        key: (lambda slots, given, answer=answer: answer(given)) for key, answer in more.items()
    }
    return Family(
        **wordings("numbers", name),
        draw=lambda rng, slots: str(draw(rng)),
        solve=lambda slots, given: solve(given),
        tell=lambda slots, given, bare: tell(given, bare),
        further=further("numbers", name, answers),
        **({"endings": ITEM} | options),  # type: ignore[arg-type]
    )


# Ways to write a number.


def _powers(number: int) -> str:
    return " + ".join(str(2**n) for n in reversed(range(number.bit_length())) if number >> n & 1)


TO_BINARY = _number(
    "to_binary",
    lambda rng: rng.randint(9, 250),
    lambda given: f"{int(given):b}",
    lambda given, bare: f"{given} = {_powers(int(given))}, so it is {bare} in binary.",
    {"hex": lambda given: f"In hexadecimal it is {int(given):X}."},
)
FROM_BINARY = _number(
    "from_binary",
    lambda rng: f"{rng.randint(9, 250):b}",
    lambda given: str(int(given, 2)),
    lambda given, bare: f"The ones in {given} stand for {_powers(int(given, 2))}, which makes {bare}.",
    {"next": lambda given: f"The next larger binary number is {int(given, 2) + 1:b}."},
)

ROMAN = {1000: "M", 900: "CM", 500: "D", 400: "CD", 100: "C", 90: "XC", 50: "L", 40: "XL", 10: "X", 9: "IX", 5: "V"}
ROMAN |= {4: "IV", 1: "I"}


def roman_parts(number: int) -> list[tuple[int, str]]:
    parts = []
    for value, letters in ROMAN.items():
        parts += [(value, letters)] * (number // value)
        number %= value
    return parts


def to_roman(number: int) -> str:
    return "".join(letters for _, letters in roman_parts(number))


def from_roman(text: str) -> int:
    values = [next(value for value, letters in ROMAN.items() if letters == char) for char in text]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))


def _explained(number: int) -> str:
    return " + ".join(str(value) for value, _ in roman_parts(number))


TO_ROMAN = _number(
    "to_roman",
    lambda rng: rng.randint(1066, 2025),
    lambda given: to_roman(int(given)),
    lambda given, bare: f"{given} = {_explained(int(given))}, so it is written {bare} in Roman numerals.",
    {"count": lambda given: f"That takes {len(to_roman(int(given)))} letters."},
    compare=exactly,
)
READ_ROMAN = _number(
    "read_roman",
    lambda rng: to_roman(rng.randint(1066, 2025)),
    lambda given: str(from_roman(given)),
    lambda given, bare: f"{given} stands for {_explained(int(bare))} = {bare}.",
    {"next": lambda given: f"The following number is {to_roman(from_roman(given) + 1)}."},
)
WORDS = _number(
    "number_words",
    lambda rng: f"{rng.randint(1_001, 990_000):,}",
    lambda given: number_in_words(int(given.replace(",", ""))),
    lambda given, bare: f"{given} is {bare} in words.",
    {"round": lambda given: f"To the nearest thousand it is {int(rounded(Fraction(given.replace(',', '')) / 1000, 0)) * 1000:,}."},
)

# Divisors and fractions.


def _pair(rng: Random) -> str:
    common = rng.choice((2, 3, 4, 5, 6, 7))
    one, other = rng.sample(range(2, 15), 2)
    return f"{common * one} and {common * other}"


@cache
def factors(number: int) -> tuple[int, ...]:
    """The prime factors in rising order, each as often as it divides."""
    first = next((d for d in range(2, isqrt(number) + 1) if number % d == 0), number)
    return () if number < 2 else (first, *factors(number // first))


def product(number: int) -> str:
    return " × ".join(map(str, factors(number)))


def _decomposed(given: str) -> str:
    """Of the numbers that are not prime themselves."""
    return " and ".join(f"{n} = {product(n)}" if len(factors(n)) > 1 else f"{n} is prime" for n in numbers(given))


GCD = _number(
    "gcd",
    _pair,
    lambda given: str(gcd(*numbers(given))),
    lambda given, bare: f"{_decomposed(given)}. The greatest number that divides both is {bare}.",
    {"lcm": lambda given: f"Their least common multiple is {lcm(*numbers(given))}."},
)
LCM = _number(
    "lcm",
    _pair,
    lambda given: str(lcm(*numbers(given))),
    lambda given, bare: (
        "{2} is {3} × {0} and {4} × {1}, and no smaller number is a multiple of both {0} and {1}.".format(
            *numbers(given), bare, *(int(bare) // n for n in numbers(given))
        )
    ),
    {"gcd": lambda given: f"Their greatest common divisor is {gcd(*numbers(given))}."},
)
FACTORS = _number(
    "prime_factors",
    lambda rng: rng.choice([n for n in range(24, 700) if len(factors(n)) > 2]),
    lambda given: product(int(given)),
    lambda given, bare: (
        f"Divide by the smallest prime that fits, again and again: {' → '.join(_divided(int(given)))}. So {given} = {bare}."
    ),
    {"many": lambda given: f"It has {len(factors(int(given)))} prime factors, counting repeated ones."},
    compare=lambda answer, right, free: re.findall(r"\d+", answer.split("=")[-1]) == re.findall(r"\d+", right),
)


def _divided(number: int) -> list[str]:
    steps = [str(number)]
    for factor in factors(number):
        number //= factor
        steps.append(str(number))
    return steps


def _two_fractions(rng: Random) -> str:
    one, other = rng.sample(range(2, 10), 2)
    return f"{_reduced(rng, one)} and {_reduced(rng, other)}"


def _reduced(rng: Random, below: int) -> str:
    return f"{rng.choice([n for n in range(1, below) if gcd(n, below) == 1])}/{below}"


def _sum_told(given: str, bare: str) -> str:
    one, other = map(Fraction, given.split(" and "))
    below = lcm(one.denominator, other.denominator)
    above = [part.numerator * below // part.denominator for part in (one, other)]
    raw = f"{sum(above)}/{below}"
    end = "" if raw == bare else f" = {bare}"
    return f"With the common denominator {below} the sum is {above[0]}/{below} + {above[1]}/{below} = {raw}{end}."


def _sum(given: str) -> Fraction:
    return sum(map(Fraction, given.split(" and ")), Fraction(0))


def _gap(given: str) -> Fraction:
    one, other = map(Fraction, given.split(" and "))
    return abs(one - other)


FRACTIONS = _number(
    "fractions",
    _two_fractions,
    lambda given: str(_sum(given)),
    _sum_told,
    {"difference": lambda given: f"The difference is {_gap(given)}."},
)

# Equations and terms.


def _equation(rng: Random) -> str:
    factor, solution, add = rng.randint(2, 9), rng.randint(-6, 20), rng.choice([n for n in range(-25, 26) if abs(n) > 1])
    return f"{factor}x {'+' if add > 0 else '-'} {abs(add)} = {factor * solution + add}"


def _parts(given: str) -> tuple[int, int, int]:
    """Factor, summand and right side of one of our equations."""
    found = re.fullmatch(r"(\d+)x ([+-]) (\d+) = (-?\d+)", given)
    if not found:
        raise ValueError(f"not one of our equations: {given}")
    return int(found[1]), int(f"{found[2]}{found[3]}"), int(found[4])


def _solution(given: str) -> int:
    factor, add, right = _parts(given)
    return (right - add) // factor


def _steps(given: str, bare: str) -> str:
    factor, add, right = _parts(given)
    move = f"Subtract {add} from" if add > 0 else f"Add {-add} to"
    return f"{move} both sides: {factor}x = {right - add}. Divide both sides by {factor}: x = {bare}."


EQUATION = _number(
    "equation",
    _equation,
    lambda given: str(_solution(given)),
    _steps,
    {"double": lambda given: f"2x is {2 * _solution(given)}."},
)

TERMS: dict[str, tuple[Callable[[int, int, int], int], str]] = {
    r"(\d+) \+ (\d+) × (\d+)": (
        lambda a, b, c: a + b * c,
        "Multiplication comes first: {b} × {c} = {bc}. Then {a} + {bc} = {bare}.",
    ),
    r"\((\d+) \+ (\d+)\) × (\d+)": (
        lambda a, b, c: (a + b) * c,
        "The bracket comes first: {a} + {b} = {ab}. Then {ab} × {c} = {bare}.",
    ),
    r"(\d+) × \((\d+) - (\d+)\)": (
        lambda a, b, c: a * (b - c),
        "The bracket comes first: {b} - {c} = {b_c}. Then {a} × {b_c} = {bare}.",
    ),
    r"(\d+) \+ (\d+)² - (\d+)": (
        lambda a, b, c: a + b * b - c,
        "The power comes first: {b}² = {bb}. Then {a} + {bb} - {c} = {bare}.",
    ),
}


def _term(rng: Random) -> str:
    a, b, c = rng.randint(3, 15), rng.randint(10, 19), rng.randint(3, 9)
    return rng.choice((f"{a} + {b} × {c}", f"({a} + {b}) × {c}", f"{a} × ({b} - {c})", f"{a} + {c}² - {b % 9 + 1}"))


def _read(given: str) -> tuple[tuple[int, ...], tuple[Callable[[int, int, int], int], str]]:
    for form, known in TERMS.items():
        if found := re.fullmatch(form, given):
            return tuple(map(int, found.groups())), known
    raise ValueError(f"not one of our terms: {given}")


def _term_value(given: str) -> int:
    (a, b, c), (compute, _) = _read(given)
    return compute(a, b, c)


def _term_told(given: str, bare: str) -> str:
    (a, b, c), (_, template) = _read(given)
    return template.format(a=a, b=b, c=c, ab=a + b, bc=b * c, b_c=b - c, bb=b * b, bare=bare)


EXPRESSION = _number(
    "expression",
    _term,
    lambda given: str(_term_value(given)),
    _term_told,
    {"half": lambda given: f"Half of the result is {plain_number(Fraction(_term_value(given), 2))}."},
)

# Rounding and properties.

PLACES = {"the nearest ten": -1, "the nearest hundred": -2, "the nearest whole number": 0, "one decimal place": 1}


def _to_place(slots: Slots, given: str) -> str:
    digits = PLACES[slots["place"]]
    if digits >= 0:
        return rounded(Fraction(given), digits)
    return str(int(rounded(Fraction(given) / 10**-digits, 0)) * 10**-digits)


def _rounding_told(slots: Slots, given: str, bare: str) -> str:
    moved = Fraction(given) * Fraction(10) ** PLACES[slots["place"]]
    digit = int(moved * 10) % 10
    way = "so it is rounded up" if digit >= 5 else "which is less than 5, so it is rounded down"
    return f"The first digit that is dropped is {digit}, {way}: to {slots['place']}, {given} is {bare}."


ROUNDING = Family(
    **wordings("numbers", "rounding"),
    draw=lambda rng, slots: f"{rng.randint(1000, 9000)}.{rng.randint(11, 99)}",
    solve=_to_place,
    tell=_rounding_told,
    further=further(
        "numbers",
        "rounding",
        {
            "error": lambda slots, given: (
                f"They differ by {plain_number(abs(Fraction(given) - Fraction(_to_place(slots, given))))}."
            )
        },
    ),
    endings=ITEM,
)


def _divided_by(number: int, by: int) -> str:
    if number % by == 0:
        return f"{by} × {number // by} = {number}"
    return f"{by} × {number // by} = {number - number % by}, which leaves a remainder of {number % by}"


def _square(n: int) -> str:
    low = isqrt(n)
    return f"{low}² = {n}" if low * low == n else f"{low}² = {low * low} and {low + 1}² = {(low + 1) ** 2}"


def _power(n: int) -> str:
    low = n.bit_length() - 1
    return f"2 to the power of {low} is {n}" if n == 1 << low else f"it lies between {1 << low} and {2 << low}"


PROPERTIES: dict[str, tuple[Callable[[int], bool], Callable[[int], str]]] = {
    "a prime number": (
        lambda n: len(factors(n)) == 1,
        lambda n: f"{n} = {product(n)}" if len(factors(n)) > 1 else f"no smaller number but 1 divides {n}",
    ),
    "a perfect square": (lambda n: isqrt(n) ** 2 == n, _square),
    "divisible by 7": (lambda n: n % 7 == 0, lambda n: _divided_by(n, 7)),
    "divisible by 9": (lambda n: n % 9 == 0, lambda n: _divided_by(n, 9)),
    "a power of two": (lambda n: n & (n - 1) == 0, _power),
    "a palindrome": (lambda n: str(n) == str(n)[::-1], lambda n: f"read backwards it is {str(n)[::-1]}"),
}


@cache
def _numbers_with(name: str, wanted: bool) -> list[int]:
    return [n for n in range(12, 999) if PROPERTIES[name][0](n) is wanted]


NUMBER_TEST = Family(
    **wordings("numbers", "number_test"),
    draw=lambda rng, slots: str(rng.choice(_numbers_with(slots["property"], rng.random() < 0.5))),
    solve=lambda slots, given: "yes" if PROPERTIES[slots["property"]][0](int(given)) else "no",
    tell=lambda slots, given, bare: (
        f"{bare.capitalize()}, {given} is {'' if bare == 'yes' else 'not '}{slots['property']}: "
        f"{PROPERTIES[slots['property']][1](int(given))}."
    ),
    further=further(
        "numbers",
        "number_test",
        {"even": lambda slots, given: f"{given} is {'odd' if int(given) % 2 else 'even'}."},
    ),
)

FAMILIES = (
    *(TO_BINARY, FROM_BINARY, TO_ROMAN, READ_ROMAN, WORDS, GCD, LCM, FACTORS, FRACTIONS, EQUATION, EXPRESSION),
    *(ROUNDING, NUMBER_TEST),
)
