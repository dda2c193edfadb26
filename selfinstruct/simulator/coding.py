"""What evolving can do to an answer that is code, so that it still runs: makers of layers, worded in code_layers.py."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from selfinstruct.simulator.family import Asked, Slots
from selfinstruct.simulator.layers import Kind, adding

__all__ = [
    *("COMMENTS", "MARKS", "below", "code_of", "counted", "documented", "in_small_letters", "indented", "signed"),
    "stored",
]

MARKS = {"python": "# ", "sql": "-- "}
"""What begins a comment."""
COMMENTS = ("", *MARKS.values())
"""The same, and what stands there in an answer that is no code."""
_FAMILIES = {"python_function": "python", "sql": "sql", "regex": "regex", "python_value": "value"}

Wordings = tuple[str, ...]
Edit = Callable[[Slots, str], str]


def code_of(asked: Asked | None) -> str:
    """python (a function of x), sql, regex or value (of an expression), after the family; "" for what is no code."""
    return _FAMILIES.get(asked.family.name.removeprefix("zh_"), "") if asked else ""


def _editing(name: str, wordings: Wordings, slots: Mapping[str, Sequence[str]], put: Edit, take: Edit) -> Kind:
    """A kind of layer that changes the code itself, and accepts only what `put` would have written."""

    def taken(slots: Slots, given: str, code: str) -> str | None:
        before = take(slots, code)
        return before if put(slots, before) == code else None

    return Kind(name=name, wordings=wordings, slots=slots, put=lambda slots, given, code: put(slots, code), take=taken)


def signed(wordings: Wordings, signatures: Mapping[str, str]) -> Kind:
    """Another signature of the first function f(x), by its name in the words of the instruction; {} is the function."""

    def put(slots: Slots, code: str) -> str:
        signature = signatures[slots["way"]]
        return re.sub(r"^def (\w+)\(x\):$", lambda head: signature.format(head[1]), code, count=1, flags=re.MULTILINE)

    def take(slots: Slots, code: str) -> str:
        pattern = re.escape(signatures[slots["way"]]).replace(r"\{\}", r"(\w+)")
        return re.sub(f"^{pattern}$", r"def \1(x):", code, count=1, flags=re.MULTILINE)

    return _editing("signature", wordings, {"way": tuple(signatures)}, put, take)


def indented(wordings: Wordings, units: Mapping[str, str]) -> Kind:
    """Another unit than four spaces, by its name in the words of the instruction."""

    def put(slots: Slots, code: str) -> str:
        unit = units[slots["unit"]]
        return re.sub("^(?: {4})+", lambda found: unit * (len(found[0]) // 4), code, flags=re.MULTILINE)

    def take(slots: Slots, code: str) -> str:
        unit = units[slots["unit"]]
        return re.sub(f"^(?:{unit})+", lambda found: "    " * (len(found[0]) // len(unit)), code, flags=re.MULTILINE)

    return _editing("indentation", wordings, {"unit": tuple(units)}, put, take)


_KEYWORD = re.compile(
    r"\b(?:select|from|where|order|by|desc|limit|group|having|count|avg|sum|distinct|is|null|create|temporary|view"
    r"|table|as)\b",
    re.IGNORECASE,
)


def in_small_letters(wordings: Wordings) -> Kind:
    """SQL's keywords, but not the words of comments."""

    def changed(code: str, change: Callable[[str], str]) -> str:
        lines = code.split("\n")
        return "\n".join(
            line if line.startswith("--") else _KEYWORD.sub(lambda word: change(word[0]), line) for line in lines
        )

    return _editing(
        "small keywords",
        wordings,
        {},
        lambda slots, code: changed(code, str.lower),
        lambda slots, code: changed(code, str.upper),
    )


def documented(wordings: Wordings, docs: Sequence[str]) -> Kind:
    """The first function with a docstring, indented as the line below it."""

    def put(slots: Slots, code: str) -> str:
        def with_doc(found: re.Match[str]) -> str:
            return f'{found[1]}{found[2]}"""{slots["doc"]}"""\n{found[2]}'

        return re.sub(r"^(def .*:\n)(\s+)", with_doc, code, count=1, flags=re.MULTILINE)

    def take(slots: Slots, code: str) -> str:
        return re.sub(rf'^[ \t]+"""{re.escape(slots["doc"])}"""\n', "", code, count=1, flags=re.MULTILINE)

    return _editing("docstring", wordings, {"doc": docs}, put, take)


def below(name: str, wordings: Wordings, helpers: Sequence[str], code: str) -> Kind:
    """Further code under the first function, whose name {f} it uses, indented as that is."""

    def lines(slots: Slots, given: str, above: str) -> list[str]:
        function = re.search(r"^def (\w+)\(", above, re.MULTILINE)
        indent = re.search(r"^[ \t]+", above, re.MULTILINE)
        filled = code.format(f=function[1] if function else "solve", helper=slots["helper"])
        return filled.replace("    ", indent[0] if indent else "    ").split("\n")

    return adding(name, wordings, {"helper": helpers}, lines, many=code.count("\n") + 1)


def _like(above: str, query: str) -> str:
    """The query with its keywords in small letters if those above are."""
    return _KEYWORD.sub(lambda word: word[0].lower(), query) if re.search(r"\bselect\b", above) else query


def counted(wordings: Wordings, labels: Sequence[str]) -> Kind:
    """A second query, on the table of the first."""

    def lines(slots: Slots, given: str, above: str) -> list[str]:
        found = re.search(r"\bFROM (\w+)", above, re.IGNORECASE)
        return [_like(above, f"SELECT COUNT(*) AS {slots['label']} FROM {found[1] if found else 'records'};")]

    return adding("second query", wordings, {"label": labels}, lines)


def stored(wordings: Wordings, whats: Mapping[str, str], names: Sequence[str]) -> Kind:
    """The first query's result as a view or table, by its name in the words of the instruction."""

    def put(slots: Slots, code: str) -> str:
        return _like(code, f"CREATE {whats[slots['what']]} {slots['name']} AS\n") + code

    slots = {"what": tuple(whats), "name": names}
    return _editing("stored", wordings, slots, put, lambda slots, code: code.partition("\n")[2])
