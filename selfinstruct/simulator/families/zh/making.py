"""How a family in Chinese is made: its words from a data file, its logic from here.

A family's part of data/zh/BOOK.toml holds `phrasings`, `slots` (lists, or "5..60/5" for 5, 10 … 60), the `words` that
may lead to an answer, and whatever its logic reads besides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

from selfinstruct.simulator.data import table
from selfinstruct.simulator.endings import Ending
from selfinstruct.simulator.families.zh.forms import ENDINGS
from selfinstruct.simulator.families.zh.matching import Test, about, as_item, as_text, said, same
from selfinstruct.simulator.family import Asked, Family, Slots

__all__ = ["Further", "Picky", "Tell", "family", "joined", "listed", "made", "part", "values"]

Tell = Callable[[Slots, str, str], str]
Further = Mapping[str, Callable[[Slots, str], str]]


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


def joined(entries: Sequence[object]) -> str:
    return "、".join(map(str, entries))


def made(name: str, many: int, make: Callable[[Random], str]) -> tuple[str, ...]:
    """So many different values for a slot that are composed and not written down; the same ones every time."""
    rng = Random(name)
    found = dict[str, None]()
    for _ in range(20 * many):
        found[make(rng)] = None
        if len(found) == many:
            break
    return tuple(found)


@dataclass(frozen=True, kw_only=True, eq=False)
class Picky(Family):
    """A family that asks only what makes sense, and as often as it has something new to ask."""

    fits: Callable[[Slots], bool]
    """Do these go together? Asked with the slots that a wording has."""
    novel: int = 0

    @cached_property
    def different(self) -> int:
        """How many of its instructions are novel beside one another, up to a bound: other numbers make no other task."""
        return self.novel

    def compose(self, rng: Random, question: bool | None = None, wishes: float | None = None) -> tuple[str, Asked]:
        while True:
            text, asked = super().compose(rng, question, wishes)
            if self.fits(asked.slots):
                return text, asked


def _tellings(told: str, key: str) -> list[str]:
    """A told answer, and the sentences of it that give the bare one."""
    sentences = re.findall("[^。！？]+[。！？]", told)
    return [told, *(one for one in sentences if key in one and not re.search("[？“]$", one))]


def family(
    book: str,
    name: str,
    *,
    slots: Mapping[str, Sequence[str]] | None = None,
    fits: Callable[[Slots], bool] | None = None,
    draw: Callable[[Random, Slots], str] | None = None,
    solve: Callable[[Slots, str], str] | None = None,
    tell: Tell | None = None,
    further: Further | None = None,
    write: Callable[[Random, Slots, str], str] | None = None,
    check: Callable[[Slots, str, str], bool] | None = None,
    like: Callable[[str, str], Test] = as_item,
    leads: Callable[[Slots, str], Sequence[str]] | None = None,
) -> Family:
    """A Family whose answers may be written in full or half width, and stand in a short sentence.

    `like` makes a test of the right answer, and of what the question names; `leads` says what else of the question may
    lead to the answer.
    """
    words = part(book, name)
    classification = bool(words.get("classification"))

    def bare(slots: Slots, given: str, output: str) -> bool:
        if solve is None:
            return False
        key = solve(slots, given)
        if classification:
            return said(output, as_text(key), label=True)
        asked = about(slots, given, key, (*words.get("words", ()), *(leads(slots, given) if leads else ())))
        number = any(char.isdigit() for char in key)
        return said(output, like(key, "".join((*slots.values(), given))), asked, number=number)

    def accepts(slots: Slots, given: str, output: str) -> bool:
        if tell and solve:
            key = solve(slots, given)
            if any(same(output, one) for one in _tellings(tell(slots, given, key), key)):
                return True
        return (check or bare)(slots, given, output)

    endings: Mapping[str, Ending] = ENDINGS[words["endings"]] if "endings" in words else {}
    every = {slot: values(listing) for slot, listing in words.get("slots", {}).items()} | dict(slots or {})
    return Picky(
        name=f"zh_{name}",
        phrasings=tuple(words["phrasings"]),
        slots=every,
        draw=draw or (lambda rng, slots: ""),
        solve=solve,
        tell=tell,
        further=further or {},
        write=write,
        check=accepts,
        classification=classification,
        graded=bool(words.get("graded", True)),
        endings=endings,
        fits=fits or (lambda slots: True),
        novel=table("zh", "novel")["novel"].get(name, 10),
    )
