"""How a family in Chinese is made: its words from a data file, its logic from here.

A family's part of data/zh/BOOK.toml holds `phrasings`, `slots` (lists, or "5..60/5" for 5, 10 … 60), the `words` that
may lead to an answer, and what is said: `tell` (or `tells`, by the fact "kind") and `further`, sentences in which slots
and facts stand in braces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from random import Random
from typing import Any

from selfinstruct.simulator.data import table
from selfinstruct.simulator.families.zh.forms import ENDINGS
from selfinstruct.simulator.families.zh.matching import Test, about, as_item, as_text, said, same
from selfinstruct.simulator.family import Family, Slots, fill

__all__ = ["Facts", "family", "joined", "listed", "made", "part", "values"]

LONGEST = 2_000
"""Characters of an answer that is read at all: the longest of ours has 400."""
Facts = Mapping[str, object]
"""What there is to know about a task by name: "answer", and what sentences about it say."""


def part(book: str, name: str) -> dict[str, Any]:
    """What data/zh/BOOK.toml says about a family."""
    return dict(table("zh", book)[name])


def values(listing: str | Sequence[str]) -> tuple[str, ...]:
    """The values of a slot: as they stand there, or the numbers of "5..60/5"."""
    if not isinstance(listing, str):
        return tuple(map(str, listing))
    found = re.fullmatch(r"(\d+)\.\.(\d+)(?:/(\d+))?", listing)
    if not found:
        raise ValueError(f"no range of numbers: {listing!r}; write one like 5..60/5")
    return tuple(map(str, range(int(found[1]), int(found[2]) + 1, int(found[3] or 1))))


def listed(text: str) -> list[str]:
    """The entries of a list, "甲、乙、丙"."""
    return text.split("、")


def joined(entries: Iterable[object]) -> str:
    return "、".join(map(str, entries))


def made(name: str, many: int, make: Callable[[Random], str]) -> tuple[str, ...]:
    """So many different values for a slot that are composed and not written down; the same ones every time."""
    rng = Random(name)
    return tuple(dict.fromkeys(make(rng) for _ in range(2 * many)))[:many]


def _tellings(told: str, key: str) -> list[str]:
    """A told answer, and the sentences of it that give the bare one."""
    return [told, *(one for one in re.findall("[^。！？]+[。！？]", told) if key in one)]


def _is_said(output: str, sentence: str) -> bool:
    """The same sentence, and to its end: half a telling is none."""
    return same(output, sentence) and output.rstrip()[-1:] == sentence[-1]


def family(
    book: str,
    name: str,
    *,
    facts: Callable[[Slots, str], Facts],
    slots: Mapping[str, Sequence[str]] | None = None,
    fits: Callable[[Slots], bool] | None = None,
    draw: Callable[[Random, Slots], str] | None = None,
    say: Callable[[str, Slots, str], str] | None = None,
    check: Callable[[Slots, str, str], bool] | None = None,
    like: Callable[[str, str], Test] = as_item,
    leads: Callable[[Slots, str], Sequence[str]] | None = None,
) -> Family:
    """A Family whose answers may be written in full or half width, and stand in a short sentence.

    `like` makes a test of the right answer, and of what the question names; `leads` says what else of the question may
    lead to the answer; `say` fills in a sentence, by default with slots and facts.
    """
    words = part(book, name)
    classification = bool(words.get("classification"))

    def known(slots: Slots, given: str) -> dict[str, str]:
        return {**slots, **{fact: str(its) for fact, its in facts(slots, given).items()}}

    def filled(template: str, slots: Slots, given: str) -> str:
        return say(template, slots, given) if say else fill(template, known(slots, given))

    def solve(slots: Slots, given: str) -> str:
        return str(facts(slots, given)["answer"])

    def told(slots: Slots, given: str, bare: str) -> str:
        template = words["tells"][facts(slots, given)["kind"]] if "tells" in words else words["tell"]
        return filled(template, slots, given)

    tell = told if "tell" in words or "tells" in words else None

    def accepts(slots: Slots, given: str, output: str) -> bool:
        if len(output) > LONGEST:
            return False
        key = solve(slots, given)
        if tell and any(_is_said(output, one) for one in _tellings(tell(slots, given, key), key)):
            return True
        if check:
            return check(slots, given, output)
        if classification:
            return said(output, as_text(key), label=True)
        asked = about(slots, given, key, (*words.get("words", ()), *(leads(slots, given) if leads else ())))
        number = any(char.isdigit() for char in key)
        return said(output, like(key, " ".join((*slots.values(), given))), asked, number=number)

    return Family(
        name=f"zh_{name}",
        phrasings=tuple(words["phrasings"]),
        slots={slot: values(listing) for slot, listing in {**words.get("slots", {}), **(slots or {})}.items()},
        draw=draw or (lambda rng, slots: ""),
        solve=solve,
        tell=tell,
        further={demand: partial(filled, template) for demand, template in words.get("further", {}).items()},
        check=accepts,
        classification=classification,
        graded=bool(words.get("graded", True)),
        endings=ENDINGS[words["endings"]] if "endings" in words else {},
        fits=fits or (lambda slots: True),
    )
