"""What a short mathematical text comes to: numbers and formulas, as people and LaTeX write them, so that two ways to
write the same are found equal. Exact where it can be, always the same, and never long: nothing is simplified.

value("1/2") == value("0.5") == value("\\frac{1}{2}") == value("50%", percent=True)
value("(x+1)^2") == value("x^2+2x+1")

A formula with variables is worked out for some fixed values of them.
"""

from __future__ import annotations

import cmath
import math
import re
from collections.abc import Callable, Iterator
from fractions import Fraction

from selfinstruct.text.later import later

__all__ = ["value"]

Number = Fraction | float | complex

LONGEST = 300
"""Characters."""
POINTS = 2
"""Sets of values for the variables."""
MOST_BITS = 2_000
"""Of a number, beyond which a formula is left alone."""

_SPACES = later(r"\\[,;:!> ]|~|\\q?quad\b|\\(?:displaystyle|limits|left|right|bigl?|bigr?|Bigl?|Bigr?)(?![a-zA-Z])|\s+")
_WORDS = later(r"\\(?:text|mathrm|mathbf|mbox|textbf|operatorname|mathit)\s*\{([^{}]*)\}")
_DOLLARS = later(r"\\[()\[\]]|\\?\$")
_THOUSANDS = later(r"(?<![\d.])\d{1,3}(?:(?:\{,\}|,)\d{3})+(?!\d)")
_SIGNS = (
    {"×": "*", "·": "*", "⋅": "*", "∙": "*", "÷": "/", "−": "-", "–": "-", "π": "\\pi ", "√": "\\sqrt ", "⁄": "/"}
    | {
        "²": "^2",
        "³": "^3",
        "½": " 1/2",
        "¼": " 1/4",
        "¾": " 3/4",
        "（": "(",
        "）": ")",
        "，": ",",
        "＝": "=",
        "％": "%",
    }
    | {"\\cdot": "*", "\\times": "*", "\\div": "/", "\\dfrac": "\\frac", "\\tfrac": "\\frac", "\\cfrac": "\\frac"}
    | {"\\%": "%", "**": "^", "\\circ": "°", "^{°}": "", "^°": "", "°": "", "\\{": "⟨", "\\}": "⟩"}
)
_TOKEN = later(
    r"(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+(?![\w.]))?)|\\(?P<name>[a-zA-Z]+)"
    r"|(?P<word>sqrt|sin|cos|tan|log|ln|exp|pi)|(?P<letter>[a-zA-Z])(?:_(?:\{\w+\}|\w))?|(?P<sign>[-+*/^!(){}\[\]|%])"
)
_LETTERS = later(r"[a-zA-Z ]*[a-zA-Z]{2}[a-zA-Z ]*")
_MIXED = later(r"(?<![\d.])(\d+)(?: +(\d+) */ *(\d+)| *\\frac *\{? *(\d+) *\}? *\{? *(\d+) *\}?)(?![\d.])")
_OPENING = {"(": ")", "{": "}", "[": "]"}
_FUNCTIONS: dict[str, Callable[[complex], complex]] = {
    "sin": cmath.sin,
    "cos": cmath.cos,
    "tan": cmath.tan,
    "exp": cmath.exp,
    "ln": cmath.log,
    "log": cmath.log10,
}


class _Unread(Exception):
    """It is no formula of ours, or one that is too large."""


def value(text: str, *, percent: bool = False) -> str | None:
    """What the text comes to, as a text that is the same for all ways to write it; None where it is no formula.

    `percent`: 50% is 0.5, and not 50.
    """
    if not text.strip() or len(text) > LONGEST:
        return None
    plain = _plain(text)
    if _LETTERS.fullmatch(plain):  # words: "cat" and "act" are two
        return None
    if plain.startswith("⟨") and plain.endswith("⟩"):
        parts = sorted(_value(part, percent) or "?" for part in _parts(plain[1:-1]))
        return None if "?" in parts else f"{{{', '.join(dict.fromkeys(parts))}}}"
    several = _parts(plain[1:-1] if _bracketed(plain) else plain)
    if len(several) > 1:
        values = [_value(part, percent) for part in several]
        around = plain[0] + plain[-1] if _bracketed(plain) else ""
        return None if None in values else f"{around}{', '.join(filter(None, values))}"
    return _value(plain, percent)


def _plain(text: str) -> str:
    for sign, instead in _SIGNS.items():
        text = text.replace(sign, instead)
    text = _DOLLARS.sub(" ", _WORDS.sub(r" \1 ", text))
    text = _MIXED.sub(lambda at: f"({at[1]}+{at[2] or at[4]}/{at[3] or at[5]})", text)
    text = _THOUSANDS.sub(lambda at: at[0].replace("{,}", "").replace(",", ""), text)
    return " ".join(_SPACES.sub(" ", text).split()).rstrip(" .。")


def _bracketed(text: str) -> bool:
    """Whether one pair of brackets holds all of it."""
    if len(text) < 2 or text[0] not in "([" or text[-1] not in ")]":
        return False
    depth = 0
    for at, char in enumerate(text):
        depth += (char in "([{") - (char in ")]}")
        if not depth:
            return at == len(text) - 1
    return False


def _parts(text: str) -> list[str]:
    """What commas outside of brackets part."""
    parts, depth = [""], 0
    for char in text:
        depth += (char in "([{⟨") - (char in ")]}⟩")
        if char == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def _value(text: str, percent: bool) -> str | None:
    left, equal, right = text.rpartition("=")
    if equal:
        if not re.fullmatch(r"\s*[a-zA-Z](?:_\w+)?(?:\([a-z]\))?\s*", left):  # an equation
            return None
        text = right
    try:
        tokens = list(_tokens(text))
        letters = sorted({token[1:] for token in tokens if token[0] == "'"} - {"e"})
        found = [_said(_Reader(tokens, point, percent).all()) for point in range(POINTS if letters else 1)]
    except (_Unread, ArithmeticError, ValueError, RecursionError):
        return None
    return found[0] if not letters else f"{''.join(letters)}: {' '.join(found)}"


def _said(number: Number) -> str:
    if isinstance(number, Fraction):
        return str(number)
    number = complex(number)
    if not (math.isfinite(number.real) and math.isfinite(number.imag)):
        raise _Unread
    if abs(number.imag) > 1e-9 * abs(number):
        return f"{number:.8g}"
    whole = round(number.real)
    return str(whole) if abs(number.real - whole) < 1e-9 * max(1.0, abs(whole)) else f"{number.real:.8g}"


def _tokens(text: str) -> Iterator[str]:
    """Numbers, signs, \\names and 'letters."""
    at = 0
    while at < len(text):
        if text[at] == " ":
            at += 1
            continue
        found = _TOKEN.match(text, at)
        if not found:
            raise _Unread
        if (
            found["letter"]
            and re.match(r"[a-zA-Z]{2}", text[at:])
            and not re.match(r"[a-z]{2,3}(?![a-zA-Z])", text[at:])
        ):
            raise _Unread  # a word
        yield (
            f"'{found[0]}"
            if found["letter"]
            else f"\\{found['name'] or found['word']}"
            if found["name"] or found["word"]
            else found[0]
        )
        at = found.end()


class _Reader:
    """A formula from left to right, worked out on the way."""

    def __init__(self, tokens: list[str], point: int, percent: bool) -> None:
        self._tokens, self._at, self._point, self._percent = tokens, 0, point, percent

    def all(self) -> Number:
        found = self._sum()
        if self._next() is not None:
            raise _Unread
        return found

    def _next(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, *wanted: str) -> str:
        if (token := self._next()) in wanted:
            self._at += 1
            return token or ""
        return ""

    def _sum(self) -> Number:
        total = self._product()
        while sign := self._take("+", "-"):
            other = self._product()
            total = total + other if sign == "+" else total - other
        return total

    def _product(self) -> Number:
        total = self._signed()
        while True:
            if sign := self._take("*", "/"):
                other = self._signed()
                total = _small(total * other if sign == "*" else total / other)
            elif (token := self._next()) and (token in "({[" or token[0] in "\\'" or token[0].isdigit()):
                total = _small(total * self._power())  # 2x, 2(x+1)
            else:
                return total

    def _signed(self) -> Number:
        if sign := self._take("-", "+"):
            other = self._signed()
            return -other if sign == "-" else other
        return self._power()

    def _power(self) -> Number:
        base = self._one()
        while mark := self._take("!", "%"):
            base = _factorial(base) if mark == "!" else base / 100 if self._percent else base
        if self._take("^"):
            return _power(base, self._signed())
        return base

    def _one(self) -> Number:
        token = self._next()
        if token is None:
            raise _Unread
        self._at += 1
        if token in _OPENING:
            found = self._sum()
            if not self._take(_OPENING[token]):
                raise _Unread
            return found
        if token == "|":
            found = self._sum()
            if not self._take("|"):
                raise _Unread
            return abs(found) if isinstance(found, Fraction) else abs(complex(found))
        if token[0] == "'":
            return math.e if token == "'e" else _variable(token[1:], self._point)
        if token[0] == "\\":
            return self._named(token[1:])
        if not token[0].isdigit() and token[0] != ".":
            raise _Unread
        if len(token) > 400 or ("e" in token.lower() and abs(int(token.lower().partition("e")[2])) > 300):
            raise _Unread
        return Fraction(token if token[0] != "." else f"0{token}")

    def _named(self, name: str) -> Number:
        if name == "pi":
            return math.pi
        if name == "frac":
            return self._digit() / self._digit()
        if name == "sqrt":
            root: Number = Fraction(2)
            if self._take("["):
                root = self._sum()
                if not self._take("]"):
                    raise _Unread
            return _power(self._digit(), 1 / root)
        if name in _FUNCTIONS:
            return _FUNCTIONS[name](complex(self._power()))
        if name in ("alpha", "beta", "gamma", "theta", "lambda", "mu", "phi", "omega"):
            return _variable(name, self._point)
        raise _Unread

    def _digit(self) -> Number:
        """What \\frac and \\sqrt work on: braces, or one digit: \\frac12."""
        token = self._next()
        if token and token[0].isdigit() and len(token) > 1:
            self._tokens[self._at] = token[1:]
            return Fraction(token[0])
        return self._one()


def _variable(name: str, point: int) -> Fraction:
    seed = sum(ord(char) * (at + 1) for at, char in enumerate(name))
    return Fraction(101 + 7 * (seed % 97) + 31 * point, 67 + 13 * point)


def _small(number: Number) -> Number:
    if isinstance(number, Fraction) and number.numerator.bit_length() + number.denominator.bit_length() > MOST_BITS:
        raise _Unread
    return number


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(exponent, Fraction) and exponent.denominator == 1 and isinstance(base, Fraction):
        bits = base.numerator.bit_length() + base.denominator.bit_length()
        if bits * abs(exponent.numerator) > MOST_BITS:
            raise _Unread
        return Fraction(base**exponent.numerator)
    if isinstance(base, Fraction) and base < 0:
        return complex(base) ** complex(exponent)
    found: complex = complex(base) ** complex(exponent)
    return found.real if not found.imag else found


def _factorial(number: Number) -> Number:
    if isinstance(number, Fraction) and number.denominator == 1 and 0 <= number <= 100:
        return Fraction(math.factorial(int(number)))
    raise _Unread
