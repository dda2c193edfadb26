"""How English families are made of their tables in data/en: wordings, facts by rows, whole questions, stories, labels.

A family's table is `[NAME]` in one of the files. It has the family's `phrasings` and `slots`, and what else its kind
needs; answers are templates that the columns of a row, or the numbers of a story, fill.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from types import MappingProxyType
from typing import Any, NamedTuple

from selfinstruct.simulator.data import table
from selfinstruct.simulator.endings import ITEM, LABEL, LIST, Ending
from selfinstruct.simulator.family import Family, Slots, lines
from selfinstruct.simulator.vocabulary import items, sized, variants

__all__ = ["family", "labels", "lookup", "questions", "rows_of", "stories", "texts", "wordings"]

Row = Mapping[str, str]

ALONE = {wish: ending for wish, ending in ITEM.items() if wish.startswith("Give the answer alone")}
"""For what is looked up: a word or two, which no further form would suit."""
ENDINGS: dict[str, Mapping[str, Ending]] = {"item": ITEM, "alone": ALONE, "list": LIST, "label": LABEL, "none": {}}
"""By the name that a table gives."""


def wordings(file: str, name: str) -> dict[str, Any]:
    """Name, phrasings and slots of a family, to be given to Family with its functions."""
    own = table("en", file)[name]
    slots = {slot: tuple(values) for slot, values in own.get("slots", {}).items()}
    return {"name": name, "phrasings": tuple(own["phrasings"]), "slots": slots}


def rows_of(file: str, name: str) -> tuple[Row, ...]:
    """The rows of a table: lines of cells between bars, named by `columns`; maybe those of another family's table."""
    own = table("en", file)[name]
    own = table("en", file)[own["rows_of"]] if "rows_of" in own else own
    columns = own["columns"].split(" | ")
    lines = (line.split(" | ") for line in own["rows"].strip().split("\n"))
    return tuple(dict(zip(columns, map(str.strip, cells), strict=True)) for cells in lines)


def lookup(file: str, name: str) -> Family:
    """The `value` that belongs to a `key` in a table of facts: of one key or several in the input (`many`), or of the
    key that stands in the instruction. `tell` and the answers to what is asked `further` are templates; `tell_each` is
    one for a line of a list, where several are asked for."""
    own = table("en", file)[name]
    key, value, rows = own["key"], own["value"], rows_of(file, name)
    by_key = {row[key]: row for row in rows}
    keys = tuple(by_key)
    least, most = own.get("many", (1, 1))
    labelled = own.get("classification", False)
    said = wordings(file, name)
    if any(f"{{{key}}}" in wording for wording in said["phrasings"]):
        said["slots"][key] = keys

    def chosen(slots: Slots, given: str) -> list[Row]:
        if key in slots:
            return [by_key[slots[key]]]
        return [by_key[one] for one in (items(given) if most > 1 else [given])]

    def told(template: str, each: str = "") -> Callable[[Slots, str], str]:
        def tell(slots: Slots, given: str) -> str:
            rows = chosen(slots, given)
            if each and len(rows) > 1:
                return "\n".join(sized(each.format(**row)) for row in rows)
            return " ".join(sized(template.format(**row)) for row in rows)

        return tell

    tell = None if labelled else told(own["tell"], own.get("tell_each", ""))
    return Family(
        **said,
        draw=lambda rng, slots: "" if key in slots else ", ".join(rng.sample(keys, rng.randint(least, most))),
        solve=lambda slots, given: ", ".join(row[value] for row in chosen(slots, given)),
        tell=(lambda slots, given, bare: tell(slots, given)) if tell else None,
        further={one["ask"]: told(one["tell"]) for one in own.get("further", ())},
        classification=labelled,
        endings=LABEL if labelled else ALONE,
    )


Facts = Callable[[Slots, str], Mapping[str, object]]
"""All that can be said about a task, by name, from its slots and input; `bare` is the answer itself, and `case` tells
which of several templates suits."""


def family(
    file: str,
    name: str,
    draw: Callable[[Random, Slots], str],
    facts: Facts,
    slots: Mapping[str, Sequence[str]] = MappingProxyType({}),
    **options: Any,
) -> Family:
    """A family whose answers are its table's templates: `tell` (maybe by case), and in `further` what is answered
    besides. Facts and slots fill them."""
    own = table("en", file)[name]

    def told(template: str | Mapping[str, str]) -> Callable[[Slots, str], str]:
        def tell(slots: Slots, given: str) -> str:
            known = {"given": given, **slots, **facts(slots, given)}
            text = template if isinstance(template, str) else template[str(known["case"])]
            said = text.format(**known)
            return sized(said) if said.endswith((".", "!", "?", '"')) else said  # a list or a code keeps its letters

        return tell

    tell = told(own["tell"]) if "tell" in own else None
    return Family(
        **{**wordings(file, name), "slots": {**wordings(file, name)["slots"], **slots}},
        draw=draw,
        solve=lambda slots, given: str(facts(slots, given)["bare"]),
        tell=(lambda slots, given, bare: tell(slots, given)) if tell else None,
        further={one["ask"]: told(one["tell"]) for one in own.get("further", ())},
        **{"endings": ENDINGS[own.get("endings", "none")]} | options,
    )


def questions(file: str, name: str) -> Family:
    """Questions with one right answer each: `ask` (one wording or several), `bare`, and `tell` in sentences."""
    known = {ask: row for row in table("en", file)[name]["rows"] for ask in _asks(row)}
    return Family(
        name=name,
        phrasings=("{ask}",),
        slots={"ask": tuple(known)},
        solve=lambda slots, given: str(known[slots["ask"]]["bare"]),
        tell=lambda slots, given, bare: str(known[slots["ask"]]["tell"]),
    )


def texts(file: str, name: str, check: Callable[[Slots, str, str], bool] | None = None) -> Family:
    """Requests for a text, each with one that answers it (`ask` and `tell`). What others write is judged by its form:
    by default, three words are enough that are no refusal."""
    known = {ask: row["tell"] for row in table("en", file)[name]["rows"] for ask in _asks(row)}
    return Family(
        name=name,
        phrasings=("{ask}",),
        slots={"ask": tuple(known)},
        solve=lambda slots, given: known[slots["ask"]].strip(),
        check=check or (lambda slots, given, output: len(" ".join(lines(output)).split()) > 2),
        graded=False,
    )


def _asks(row: Mapping[str, Any]) -> list[str]:
    return [row["ask"]] if isinstance(row["ask"], str) else list(row["ask"])


class Told(NamedTuple):
    """A story with its numbers filled in."""

    bare: str
    tell: str
    row: Row


VARIANTS = 24
"""Of each story, with different numbers and names."""


def stories(file: str, name: str, draw: Callable[[Random], Mapping[str, object]]) -> Family:
    """Problems in words: stories (`ask`, `tell`, `bare`) that share their numbers, which `draw` makes with all that
    follows from them. The instruction says everything."""
    own = table("en", file)[name]
    known = dict[str, Told]()
    for number, story in enumerate(own["rows"]):
        rng = Random(f"{name} {number}")
        for _ in range(VARIANTS):
            row = {key: str(value) for key, value in draw(rng).items()}
            bare = story.get("bare", own.get("bare", ""))
            known[story["ask"].format(**row)] = Told(bare.format(**row), story["tell"].format(**row), row)

    def told(template: str) -> Callable[[Slots, str], str]:
        return lambda slots, given: template.format(**known[slots["ask"]].row)

    return Family(
        name=name,
        phrasings=("{ask}",),
        slots={"ask": tuple(known)},
        solve=lambda slots, given: known[slots["ask"]].bare,
        tell=lambda slots, given, bare: known[slots["ask"]].tell,
        further={one["ask"]: told(one["tell"]) for one in own.get("further", ())},
        endings=ITEM,
    )


def labels(file: str, name: str) -> Family:
    """A label for one of the table's `sentences`, in which "(one|other)" stands for either."""
    own = table("en", file)[name]["sentences"]
    label_of = {text: label for label, known in own.items() for pattern in known for text in variants(pattern)}
    texts = {label: tuple(text for text in label_of if label_of[text] == label) for label in own}
    return Family(
        **wordings(file, name),
        draw=lambda rng, slots: rng.choice(texts[rng.choice(tuple(texts))]),
        solve=lambda slots, given: label_of[given],
        classification=True,
        endings=LABEL,
    )
