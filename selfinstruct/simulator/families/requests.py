"""Families whose whole instructions stand in the tables: questions with one answer, and requests for a text."""

from __future__ import annotations

from selfinstruct.simulator.data import table
from selfinstruct.simulator.families.making import questions, texts
from selfinstruct.simulator.family import Family, Slots, lines

__all__ = ["FAMILIES"]

_MEANINGS = ("idioms", "proverb_meanings")
"""Questions that everybody answers in words of his own."""


def _several_lines(slots: Slots, given: str, output: str) -> bool:
    found = lines(output)
    return len(set(found)) == len(found) > 1


FAMILIES: tuple[Family, ...] = (
    *(questions("quiz", name) for name in table("en", "quiz") if name not in _MEANINGS),
    *(texts("quiz", name) for name in _MEANINGS),
    *(texts("explain", name, _several_lines if name == "method" else None) for name in table("en", "explain")),
    *(texts("writing", name, _several_lines if name == "verse" else None) for name in table("en", "writing")),
)
