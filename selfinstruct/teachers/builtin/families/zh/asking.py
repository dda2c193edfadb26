"""How a family in Chinese differs from others: what counts as the same answer, and how lists are written."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from random import Random

from selfinstruct.teachers.builtin.endings import Ending
from selfinstruct.teachers.builtin.family import Family, Slots

__all__ = ["family", "listed", "same"]


def same(one: str, other: str) -> bool:
    """The same answer: spaces beside Chinese, case, full-width or not and a full stop at the end don't matter."""
    return _normal(one) == _normal(other)


def _normal(text: str) -> str:
    text = " ".join(unicodedata.normalize("NFKC", text).split()).rstrip("。.").casefold()
    return "".join(
        char
        for before, char, after in zip(" " + text, text, text[1:] + " ", strict=False)
        if char != " " or (before.isascii() and after.isascii())
    )


def listed(text: str) -> list[str]:
    """The entries of a list, "甲、乙、丙"."""
    return text.split("、")


def family(
    *,
    name: str,
    phrasings: tuple[str, ...],
    slots: Mapping[str, Sequence[str]] | None = None,
    draw: Callable[[Random, Slots], str] | None = None,
    solve: Callable[[Slots, str], str] | None = None,
    write: Callable[[Random, Slots, str], str] | None = None,
    check: Callable[[Slots, str, str], bool] | None = None,
    classification: bool = False,
    graded: bool = True,
    settings: tuple[str, ...] = (),
    endings: Mapping[str, Ending] | None = None,
) -> Family:
    """A Family whose answers may be written in full or half width."""

    def accepts(slots: Slots, given: str, output: str) -> bool:
        return solve is not None and same(output, solve(slots, given))

    return Family(
        name=f"zh_{name}",
        phrasings=phrasings,
        slots=slots or {},
        draw=draw or (lambda rng, slots: ""),
        solve=solve,
        write=write,
        check=check or accepts,
        classification=classification,
        graded=graded,
        settings=settings,
        endings=endings or {},
    )
