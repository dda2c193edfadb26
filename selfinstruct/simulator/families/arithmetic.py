"""Families about single numbers: ways to write them, divisors, fractions, equations, terms, rounding, properties."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from math import gcd, isqrt, lcm
from random import Random

from selfinstruct.simulator.families.making import family
from selfinstruct.simulator.family import Slots
from selfinstruct.simulator.matching import exactly
from selfinstruct.simulator.vocabulary import number_in_words, numbers, plain_number, rounded
from selfinstruct.text.later import later

__all__ = ["FAMILIES", "from_roman", "to_roman"]

Facts = dict[str, object]

# Ways to write a number.


def _powers(number: int) -> str:
    return " + ".join(str(2**n) for n in reversed(range(number.bit_length())) if number >> n & 1)


def _to_binary(slots: Slots, given: str) -> Facts:
    return {"bare": f"{int(given):b}", "powers": _powers(int(given)), "hex": f"{int(given):X}"}


def _from_binary(slots: Slots, given: str) -> Facts:
    number = int(given, 2)
    return {"bare": number, "powers": _powers(number), "next": f"{number + 1:b}"}


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


def _roman(number: int) -> Facts:
    parts = " + ".join(str(value) for value, _ in roman_parts(number))
    return {"parts": parts, "many": len(to_roman(number)), "next": to_roman(number + 1)}


def _in_words(slots: Slots, given: str) -> Facts:
    return {"bare": number_in_words(int(given.replace(",", "")))}


# Divisors and fractions.


def _pair(rng: Random, slots: Slots) -> str:
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


def _common(of: Callable[[int, int], int]) -> Callable[[Slots, str], Facts]:
    """The greatest common divisor or the least common multiple."""

    def facts(slots: Slots, given: str) -> Facts:
        a, b = numbers(given)
        split = (f"{n} = {product(n)}" if len(factors(n)) > 1 else f"{n} is prime" for n in (a, b))
        return {
            "bare": of(a, b),
            "a": a,
            "b": b,
            "gcd": gcd(a, b),
            "lcm": lcm(a, b),
            "factors": " and ".join(split),
            "times_a": of(a, b) // a,
            "times_b": of(a, b) // b,
        }

    return facts


def _factors(slots: Slots, given: str) -> Facts:
    number = int(given)
    steps = [number]
    steps += [number := number // factor for factor in factors(number)]
    bare = product(int(given))
    return {"bare": bare, "steps": " → ".join(map(str, steps)), "many": len(factors(int(given)))}


def _two_fractions(rng: Random, slots: Slots) -> str:
    belows = rng.sample(range(2, 10), 2)
    return " and ".join(f"{rng.choice([n for n in range(1, b) if gcd(n, b) == 1])}/{b}" for b in belows)


def _fractions(slots: Slots, given: str) -> Facts:
    one, other = map(Fraction, given.split(" and "))
    below = lcm(one.denominator, other.denominator)
    above_a, above_b = (part.numerator * below // part.denominator for part in (one, other))
    raw, bare = f"{above_a + above_b}/{below}", str(one + other)
    return {
        "bare": bare,
        "below": below,
        "above_a": above_a,
        "above_b": above_b,
        "raw": raw,
        "reduced": "" if raw == bare else f" = {bare}",
        "difference": abs(one - other),
    }


# Equations and terms.


def _an_equation(rng: Random, slots: Slots) -> str:
    factor, solution, add = rng.randint(2, 9), rng.randint(-6, 20), rng.randint(2, 25) * rng.choice((-1, 1))
    return f"{factor}x {'+' if add > 0 else '-'} {abs(add)} = {factor * solution + add}"


def _equation(slots: Slots, given: str) -> Facts:
    found = re.fullmatch(r"(\d+)x ([+-]) (\d+) = (-?\d+)", given)
    if not found:
        raise ValueError(f"not one of our equations: {given}")
    factor, add, right = int(found[1]), int(f"{found[2]}{found[3]}"), int(found[4])
    solution = (right - add) // factor
    move = f"Subtract {add} from" if add > 0 else f"Add {-add} to"
    return {
        "bare": solution,
        "double": 2 * solution,
        "move": move,
        "factor": factor,
        "moved": right - add,
        "sign": found[2],
        "add": found[3],
        "right": right,
    }


_TERMS: dict[str, tuple[str, Callable[[int, int, int], tuple[int, int]]]] = {
    r"(\d+) \+ (\d+) × (\d+)": ("product_last", lambda a, b, c: (b * c, a + b * c)),
    r"\((\d+) \+ (\d+)\) × (\d+)": ("bracket_first", lambda a, b, c: (a + b, (a + b) * c)),
    r"(\d+) × \((\d+) - (\d+)\)": ("bracket_last", lambda a, b, c: (b - c, a * (b - c))),
    r"(\d+) \+ (\d+)² - (\d+)": ("power", lambda a, b, c: (b * b, a + b * b - c)),
}
"""By the look of a term: its case, and the first step's result with the last one's."""


def _a_term(rng: Random, slots: Slots) -> str:
    a, b, c = rng.randint(3, 15), rng.randint(10, 19), rng.randint(3, 9)
    return rng.choice((f"{a} + {b} × {c}", f"({a} + {b}) × {c}", f"{a} × ({b} - {c})", f"{a} + {c}² - {b % 9 + 1}"))


def _term(slots: Slots, given: str) -> Facts:
    for form, (case, compute) in _TERMS.items():
        if found := re.fullmatch(form, given):
            a, b, c = map(int, found.groups())
            step, value = compute(a, b, c)
            return {"bare": value, "case": case, "a": a, "b": b, "c": c, "step": step}
    raise ValueError(f"not one of our expressions: {given}")


# Rounding and properties.

PLACES = {"the nearest ten": -1, "the nearest hundred": -2, "the nearest whole number": 0, "one decimal place": 1}


def _rounding(slots: Slots, given: str) -> Facts:
    digits = PLACES[slots["place"]]
    moved = Fraction(given) * Fraction(10) ** digits
    digit = int(moved * 10) % 10
    way = "so it is rounded up" if digit >= 5 else "which is less than 5, so it is rounded down"
    bare = rounded(Fraction(given), digits) if digits >= 0 else str(int(rounded(moved, 0)) * 10**-digits)
    return {"bare": bare, "digit": digit, "way": way, "error": plain_number(abs(Fraction(given) - Fraction(bare)))}


def _divided_by(by: int) -> Callable[[int], str]:
    def reason(n: int) -> str:
        least = n - n % by
        rest = f", which leaves a remainder of {n % by}" if n % by else ""
        return f"{by} × {n // by} = {least}{rest}"

    return reason


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
    "divisible by 7": (lambda n: n % 7 == 0, _divided_by(7)),
    "divisible by 9": (lambda n: n % 9 == 0, _divided_by(9)),
    "a power of two": (lambda n: n & (n - 1) == 0, _power),
    "a palindrome": (lambda n: str(n) == str(n)[::-1], lambda n: f"read backwards it is {str(n)[::-1]}"),
}


@cache
def _numbers_with(name: str, wanted: bool) -> list[int]:
    return [n for n in range(12, 999) if PROPERTIES[name][0](n) is wanted]


def _number_test(slots: Slots, given: str) -> Facts:
    has, reason = PROPERTIES[slots["property"]]
    bare, negation = ("yes", "") if has(int(given)) else ("no", "not ")
    parity = "odd" if int(given) % 2 else "even"
    return {"bare": bare, "negation": negation, "reason": reason(int(given)), "parity": parity}


_PRODUCT = later(r"(?:\d+ ?= ?)?\d+(?: ?(?:[×x*·,]|,? and) ?\d+)*\.?")


def _same_factors(answer: str, right: str, free: bool) -> bool:
    """The same primes in a product or a list, with nothing beside it but the number that it makes."""
    product_of = re.findall(r"\d+", answer.split("=")[-1])
    return bool(_PRODUCT.fullmatch(answer)) and product_of == re.findall(r"\d+", right)


def _between(low: int, high: int, form: Callable[[int], str] = str) -> Callable[[Random, Slots], str]:
    return lambda rng, slots: form(rng.randint(low, high))


_MANY_FACTORS = [n for n in range(24, 700) if len(factors(n)) > 2]
FAMILIES = (
    family("numbers", "to_binary", _between(9, 250), _to_binary),
    family("numbers", "from_binary", _between(9, 250, "{:b}".format), _from_binary),
    family(
        "numbers",
        "to_roman",
        _between(1066, 2025),
        lambda slots, given: {"bare": to_roman(int(given)), **_roman(int(given))},
        compare=exactly,
    ),
    family(
        "numbers",
        "read_roman",
        _between(1066, 2025, to_roman),
        lambda slots, given: {"bare": from_roman(given), **_roman(from_roman(given))},
    ),
    family("numbers", "number_words", _between(1_001, 990_000, "{:,}".format), _in_words),
    family("numbers", "gcd", _pair, _common(gcd)),
    family("numbers", "lcm", _pair, _common(lcm)),
    family(
        "numbers", "prime_factors", lambda rng, slots: str(rng.choice(_MANY_FACTORS)), _factors, compare=_same_factors
    ),
    family("numbers", "fractions", _two_fractions, _fractions),
    family("numbers", "equation", _an_equation, _equation),
    family("numbers", "expression", _a_term, _term),
    family("numbers", "rounding", lambda rng, slots: f"{rng.randint(1000, 9000)}.{rng.randint(11, 99)}", _rounding),
    family(
        "numbers",
        "number_test",
        lambda rng, slots: str(rng.choice(_numbers_with(slots["property"], rng.random() < 0.5))),
        _number_test,
    ),
)
