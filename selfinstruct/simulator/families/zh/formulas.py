"""Sums that stand in the data files as text: "price * fold / 10", and sentences with such sums in angle brackets."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from math import gcd

from selfinstruct.simulator.families.zh.vocabulary import figure
from selfinstruct.simulator.family import Slots, fill

__all__ = ["numbers_of", "value", "worked"]

_SUMS: dict[type[ast.AST], Callable[..., Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: lambda a, b: Fraction(a // b),
    ast.Mod: operator.mod,
    ast.Lt: lambda a, b: Fraction(a < b),
    ast.LtE: lambda a, b: Fraction(a <= b),
    ast.Eq: lambda a, b: Fraction(a == b),
    ast.And: lambda *parts: Fraction(all(parts)),
}
_CALLS: dict[str, Callable[..., Fraction]] = {
    "min": min,
    "max": max,
    "gcd": lambda a, b: Fraction(gcd(int(a), int(b))),
}


@cache
def _parsed(formula: str) -> ast.expr:
    return ast.parse(formula.strip(), mode="eval").body


def value(formula: str, names: Mapping[str, Fraction]) -> Fraction:
    """Exact. A comparison is 1 or 0. Raises KeyError at a name that is not among these, ValueError at anything else."""

    def of(node: ast.expr) -> Fraction:
        match node:
            case ast.Constant(int() | float() as number):
                return Fraction(str(number))
            case ast.Name(name):
                return names[name]
            case ast.BinOp(left, sign, right) | ast.Compare(left, [sign], [right]):
                return _SUMS[type(sign)](of(left), of(right))
            case ast.BoolOp(sign, parts):
                return _SUMS[type(sign)](*map(of, parts))
            case ast.Call(ast.Name(name), parts, []):
                return _CALLS[name](*map(of, parts))
        raise ValueError(f"no sum: {formula!r}")

    return of(_parsed(formula))


def numbers_of(slots: Slots) -> dict[str, Fraction]:
    """The slots that are numbers."""
    return {name: Fraction(text) for name, text in slots.items() if re.fullmatch(r"\d+(?:\.\d+)?", text)}


def _shown(formula: str, names: Mapping[str, Fraction]) -> str:
    """Exact. With ":2" behind it rounded to two decimals; only so what has more than four."""
    formula, rounded, _ = formula.partition(":")
    found = value(formula, names)
    if not rounded and (10_000 * found).denominator != 1:
        raise ValueError(f"{formula} is {found}, which has more than four decimals: round it, <{formula}:2>")
    return figure(found, 2 if rounded else 4)


def worked(template: str, slots: Slots, names: Mapping[str, Fraction]) -> str:
    """A sentence with its {slots} and <sums> filled in."""
    return fill(re.sub("<(.+?)>", lambda found: _shown(found[1], names), template), slots)
