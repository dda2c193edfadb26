"""Families about code, asked in Chinese: what an expression gives, short Python functions, patterns, SQL queries."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from selfinstruct.simulator.families.regexes import separates
from selfinstruct.simulator.families.zh.making import Facts, family, made, part
from selfinstruct.simulator.families.zh.matching import same
from selfinstruct.simulator.family import Slots
from selfinstruct.text.later import later

__all__ = ["FAMILIES", "FORMS", "FUNCTIONS", "PATTERNS", "QUERIES", "TABLES"]

BOOK = "code"

# What an expression gives, of a text or of a list.

FORMS: dict[str, str] = part(BOOK, "python_value")["forms"]
VALUES: dict[str, Callable[[str, list[int]], object]] = dict(
    zip(
        FORMS,
        (
            lambda s, ns: s[::-1],
            lambda s, ns: sum(n for n in ns if n % 2 == 0),
            lambda s, ns: s[:2],
            lambda s, ns: sorted(ns)[-2:],
            lambda s, ns: [n * n for n in ns],
            lambda s, ns: len(set(ns)),
            lambda s, ns: "-".join(s),
            lambda s, ns: ns[::2],
            lambda s, ns: max(ns) - min(ns),
            lambda s, ns: len(s * 2),
        ),
        strict=True,
    )
)
_LIST = later(r"\[\d+(?:, \d+)+\]")


def _expression(rng: Random) -> str:
    text, numbers = rng.choice(part(BOOK, "python_value")["texts"]), rng.choices(range(1, 20), k=rng.randint(4, 6))
    return rng.choice(tuple(FORMS)).format(s=text, ns=numbers)


def _form(expression: str) -> str:
    """How it was written, with what stands in it taken out."""
    return _LIST.sub("{ns}", re.sub("'[一-鿿]+'", "{s!r}", expression))


def _value(slots: Slots, given: str) -> Facts:
    expression = slots["expression"]
    text = "".join(re.findall("'([一-鿿]+)'", expression))
    numbers = [int(n) for found in _LIST.findall(expression) for n in re.findall(r"\d+", found)]
    form = _form(expression)
    return {"answer": VALUES[form](text, numbers), "why": FORMS[form]}


VALUE = family(
    BOOK,
    "python_value",
    slots={"expression": made("expressions", 120, _expression)},
    facts=_value,
    check=lambda slots, given, output: output.strip("'\"。 ") == str(_value(slots, given)["answer"]),
)

# Functions, each with one short body; variants that only differ in spaces or quotes are told to be right.

FUNCTIONS: dict[str, str] = part(BOOK, "python_function")["does"]


def _function(slots: Slots, given: str) -> str:
    return f"def {slots['name']}(x):\n    {FUNCTIONS[slots['does']]}"


def _is_function(slots: Slots, given: str, output: str) -> bool:
    """Our own code but for spaces and quotation marks: what somebody else wrote is not run here."""

    def plain(code: str) -> str:
        code = re.sub(r"^```(?:python)?\n|\n```$", "", code.strip())
        return re.sub(r"\s+", "", code.replace('"', "'"))

    return plain(output) == plain(_function(slots, given))


FUNCTION = family(
    BOOK,
    "python_function",
    slots={"does": tuple(FUNCTIONS)},
    facts=lambda slots, given: {"answer": _function(slots, given)},
    check=_is_function,
)

# Regular expressions: pattern, explanation, texts that match, texts that don't.

PATTERNS = {
    shape: (pattern, why, good.split(), bad.split())
    for shape, pattern, why, good, bad in (row.split(" ¦ ") for row in part(BOOK, "regex")["rows"])
}


def _matches(slots: Slots, given: str, output: str) -> bool:
    _, _, good, bad = PATTERNS[slots["shape"]]
    return separates(output.strip().strip("`/"), good, bad)


def _pattern(slots: Slots, given: str) -> Facts:
    pattern, why, good, bad = PATTERNS[slots["shape"]]
    return {"answer": pattern, "why": why, "good": good[0], "bad": bad[0]}


REGEX = family(BOOK, "regex", slots={"shape": tuple(PATTERNS)}, facts=_pattern, check=_matches)

# SQL: a table with a name and a number, and what somebody wants to know.

_TABLES: dict[str, list[str]] = part(BOOK, "sql")["tables"]
TABLES = {text: (name, first, second) for text, (name, first, second, _, _) in _TABLES.items()}
QUERIES = {
    f"{text}中" + need.replace("{A}", a_name).replace("{B}", b_name): query.format(t=name, a=a, b=b)
    for text, (name, a, b, a_name, b_name) in _TABLES.items()
    for need, query in part(BOOK, "sql")["queries"].items()
}
SQL = family(
    BOOK,
    "sql",
    slots={"task": tuple(QUERIES)},
    facts=lambda slots, given: {"answer": QUERIES[slots["task"]]},
    check=lambda slots, given, output: same(output.rstrip("; "), QUERIES[slots["task"]].rstrip(";")),
)

FAMILIES = (VALUE, FUNCTION, REGEX, SQL)
