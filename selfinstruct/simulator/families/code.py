"""Families about code: Python functions, what an expression gives, regular expressions, SQL queries."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from random import Random
from typing import Any, NamedTuple

from selfinstruct.simulator.data import table
from selfinstruct.simulator.families.making import family
from selfinstruct.simulator.families.regexes import separates
from selfinstruct.simulator.family import Family, Slots, same
from selfinstruct.simulator.matching import exactly, says
from selfinstruct.simulator.vocabulary import items, listed

__all__ = ["FAMILIES", "FUNCTIONS", "TABLES"]

_CODE: dict[str, Any] = table("en", "code")

# Functions.

FUNCTIONS: dict[str, tuple[str, dict[str, object]]] = {
    row["does"]: (
        row["body"].strip().replace("\n", "\n    "),
        {call: ast.literal_eval(value) for call, value in row["calls"].items()},
    )
    for row in _CODE["python_function"]["rows"]
}
"""What a function shall do: its body (with the argument x), and calls with the values that they must give."""


def _function(slots: Slots, given: str) -> str:
    return f"def {slots['called']}(x):\n    {FUNCTIONS[slots['does']][0]}"


@cache
def _shape(code: str) -> str | None:
    """The syntax tree with arguments and variables numbered in order of appearance; None if it can't be parsed. Code of
    an answer is compared, and never run."""
    try:
        tree = ast.parse(re.sub(r"^```\w*$", "", code[:2000], flags=re.MULTILINE).strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    nodes = list(ast.walk(tree))
    own = {node.arg for node in nodes if isinstance(node, ast.arg)}
    own |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    number = {name: f"_{n}" for n, name in enumerate(dict.fromkeys(name for name in _names(nodes) if name in own))}
    for node in nodes:
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            if ast.get_docstring(node) is not None:
                del node.body[0]
        elif isinstance(node, ast.arg):
            node.arg, node.annotation = number[node.arg], None
        elif isinstance(node, ast.Name):
            node.id = number.get(node.id, node.id)
    return ast.dump(tree)


def _names(nodes: list[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name):
            yield node.id


def _is_function(slots: Slots, given: str, output: str) -> bool:
    """The same solution, whatever its names, comments and annotations."""
    return (shape := _shape(output)) is not None and shape == _shape(_function(slots, given))


# Expressions.


class Snippet(NamedTuple):
    form: str
    """With places for a word and two numbers, a of 2 to 4 and b of 5 to 7."""
    value: Callable[[str, int, int], object]
    tell: str


_SNIPPETS = (
    Snippet(
        "'{word}'[{a}:{b}]",
        lambda word, a, b: word[a:b],
        "The slice takes the characters from position {a} up to, but not including, position {b}, counted from 0.",
    ),
    Snippet(
        "'{word}'.upper()[:{b}] + '{a}'",
        lambda word, a, b: word.upper()[:b] + str(a),
        "The word is upper-cased and cut to its first {b} characters, and then '{a}' is appended.",
    ),
    Snippet(
        "({b}7 // {a}, {b}7 % {a})",
        lambda word, a, b: divmod(b * 10 + 7, a),
        "The // operator divides and rounds down, and % gives the remainder.",
    ),
    Snippet(
        "[n * {a} for n in range({b})]",
        lambda word, a, b: [n * a for n in range(b)],
        "The variable n runs from 0 up to, but not including, {b}, and each value is multiplied by {a}.",
    ),
    Snippet(
        "sorted([{b}, {a}, {b} + {a}, 1], reverse=True)",
        lambda word, a, b: sorted([b, a, b + a, 1], reverse=True),
        "With reverse=True, sorted puts the largest number first.",
    ),
    Snippet(
        "len(dict.fromkeys('{word}'))",
        lambda word, a, b: len(set(word)),
        "Dictionary keys are unique, so this counts the distinct letters of the word.",
    ),
    Snippet(
        "{a} + {b} * 2 ** {a}",
        lambda word, a, b: a + b * 2**a,
        "The power is worked out first, then the multiplication and finally the addition.",
    ),
    Snippet(
        "{a} > {b} or not len('{word}') > {b}",
        lambda word, a, b: a > b or not len(word) > b,
        "The first comparison is False. The word has {n} letters, so the second is {longer}, and not reverses it.",
    ),
    Snippet(
        "'-'.join('{word}'[:{a}])",
        lambda word, a, b: "-".join(word[:a]),
        "The first {a} letters are joined with hyphens.",
    ),
    Snippet(
        "'{word}'[::-1]",
        lambda word, a, b: word[::-1],
        "A step of -1 runs through the string backwards.",
    ),
    Snippet(
        "sum(range({a}, {b}))",
        lambda word, a, b: sum(range(a, b)),
        "The range runs from {a} to {b} exclusive, and its numbers are added up.",
    ),
    Snippet(
        "[letter for letter in '{word}' if letter in 'aeiou']",
        lambda word, a, b: [letter for letter in word if letter in "aeiou"],
        "The comprehension keeps only the vowels, in order.",
    ),
    Snippet(
        "list(zip('{word}'[:{a}], range({b})))",
        lambda word, a, b: list(zip(word[:a], range(b), strict=False)),
        "The function zip stops at the shorter of the two, after {a} pairs.",
    ),
    Snippet(
        "max('{word}', key=ord)",
        lambda word, a, b: max(word, key=ord),
        "It is the letter of the word that comes last in the alphabet.",
    ),
    Snippet(
        "'{word}'.replace('{word}'[0], '?')",
        lambda word, a, b: word.replace(word[0], "?"),
        "Every occurrence of the first letter is replaced by a question mark.",
    ),
)


@cache
def _pattern(form: str) -> re.Pattern[str]:
    pattern = re.escape(form)
    for name, shape in (("word", "[a-z]+"), ("a", "[2-4]"), ("b", "[5-7]")):
        slot = re.escape(f"{{{name}}}")
        pattern = pattern.replace(slot, f"(?P<{name}>{shape})", 1).replace(slot, f"(?P={name})")
    return re.compile(pattern)


def _snippet(given: str) -> tuple[Snippet, str, int, int]:
    for snippet in _SNIPPETS:
        if found := _pattern(snippet.form).fullmatch(given):
            parts = {"word": "", "a": "2", "b": "5"} | found.groupdict()
            return snippet, parts["word"], int(parts["a"]), int(parts["b"])
    raise ValueError(f"not one of our expressions: {given}")


def _value(slots: Slots, given: str) -> dict[str, object]:
    snippet, word, a, b = _snippet(given)
    return {
        "bare": repr(snippet.value(word, a, b)),
        "steps": snippet.tell.format(a=a, b=b, n=len(word), longer=len(word) > b),
    }


def _same_value(answer: str, right: str, free: bool) -> bool:
    """Spaces do not matter, nor which quotation marks a text has; capitals do, and True is not 1."""
    answer, right = (re.sub(r"[\"']|(?<=,) | (?=,)", "", text) for text in (answer, right))
    return exactly(answer, right, free)


def _expression(rng: Random, slots: Slots) -> str:
    word = rng.choice(_CODE["python_value"]["words"])
    return rng.choice(_SNIPPETS).form.format(word=word, a=rng.randint(2, 4), b=rng.randint(5, 7))


# Regular expressions: a pattern, texts that it must match in full, texts that it must not, and texts that it may match
# or not, as the words leave it open. These are for the family that shows the pattern itself.

PATTERNS: dict[str, list[str]] = _CODE["regex"]["patterns"]


def _matches(slots: Slots, given: str, output: str) -> bool:
    """Judged by what it matches; as people write patterns, it may stand between slashes or in r"…"."""
    _, good, bad, _ = PATTERNS[slots["shape"]]
    pattern = re.sub(r"""\A(?:Pattern|Regex): |\Ar(?=(["']).*\1\Z)""", "", output.strip().strip("`"))
    pattern = re.sub(r"""\A(["'/])(.*)\1\Z""", r"\2", pattern)
    return separates(pattern, good.split(), bad.split())


def _candidates(rng: Random, slots: Slots) -> str:
    """Four strings; the pattern matches some of them, and not all."""
    pattern, good, bad, open_ = rng.choice(tuple(PATTERNS.values()))
    texts = [rng.choice(good.split()), rng.choice(bad.split())]
    texts += rng.sample([text for text in f"{good} {bad} {open_}".split() if text not in texts], 2)
    rng.shuffle(texts)
    return f"Regex: {pattern}\nStrings: {', '.join(texts)}"


def _accepted(slots: Slots, given: str) -> dict[str, object]:
    pattern, texts = (line.split(": ", 1)[1] for line in given.split("\n"))
    found = [text for text in items(texts) if separates(pattern, [text], [])]
    rest = listed([text for text in items(texts) if text not in found])
    return {"bare": ", ".join(found) or "none", "found": listed(found), "rest": rest}


def _same_hits(answer: str, right: str, free: bool) -> bool:
    return exactly(answer, right, free) or (right == "none" and says(answer, right, free))


# SQL.

TABLES: dict[str, list[str]] = _CODE["sql"]["tables"]
_LIMITS = (10, 25, 60)


def _queries() -> dict[str, str]:
    """The query that each instruction asks for: its columns are those of its table."""
    found = {}
    for name, (a, b) in TABLES.items():
        for task, query in _CODE["sql"]["queries"].items():
            for n in _LIMITS if "{n}" in task else _LIMITS[:1]:
                words = {"t": name, "a": a, "b": b, "n": str(n)}
                for wording in _CODE["sql"]["phrasings"]:
                    has = "with" if wording.startswith("Given") else "has"
                    said = {"table": f"{name} {has} the columns {a} and {b}", "task": task.format(**words)}
                    found[wording.format(**said)] = query.format(**words)
    return found


_QUERIES = _queries()
SQL = Family(
    name="sql",
    phrasings=("{ask}",),
    slots={"ask": tuple(_QUERIES)},
    solve=lambda slots, given: _QUERIES[slots["ask"]],
    check=lambda slots, given, output: same(output.rstrip("; "), _QUERIES[slots["ask"]].rstrip(";")),
    graded=False,  # other queries may give the same rows
)


def _no_input(rng: Random, slots: Slots) -> str:
    return ""


FAMILIES = (
    family(
        "code",
        "python_function",
        _no_input,
        lambda slots, given: {"bare": _function(slots, given)},
        {"does": tuple(FUNCTIONS)},
        check=_is_function,
        graded=False,  # there are other ways to write each function
    ),
    family("code", "python_value", _expression, _value, compare=_same_value),
    family(
        "code",
        "regex",
        _no_input,
        lambda slots, given: {"bare": PATTERNS[slots["shape"]][0]},
        {"shape": tuple(PATTERNS)},
        check=_matches,
    ),
    family("code", "regex_hits", _candidates, _accepted, compare=_same_hits),
    SQL,
)
