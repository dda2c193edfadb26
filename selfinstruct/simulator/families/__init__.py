"""All families, by subject. A new family is one more entry of a file's FAMILIES.

Families of another language get a tuple of their own beside ENGLISH, from files of their own.
"""

from __future__ import annotations

from selfinstruct.simulator.families import (
    advice,
    arithmetic,
    classify,
    code,
    dates,
    everyday,
    explain,
    extract,
    facts,
    grammar,
    knowledge,
    language,
    logic,
    numbers,
    numerals,
    puzzles,
    reviews,
    rewriting,
    stories,
    tables,
    verse,
    wordplay,
    words,
    writing,
)
from selfinstruct.simulator.family import Family

__all__ = ["ENGLISH"]

ENGLISH: tuple[Family, ...] = (
    *numbers.FAMILIES,
    *arithmetic.FAMILIES,
    *numerals.FAMILIES,
    *stories.FAMILIES,
    *words.FAMILIES,
    *wordplay.FAMILIES,
    *dates.FAMILIES,
    *tables.FAMILIES,
    *extract.FAMILIES,
    *logic.FAMILIES,
    *puzzles.FAMILIES,
    *facts.FAMILIES,
    *knowledge.FAMILIES,
    *explain.FAMILIES,
    *code.FAMILIES,
    *classify.FAMILIES,
    *reviews.FAMILIES,
    *language.FAMILIES,
    *grammar.FAMILIES,
    *everyday.FAMILIES,
    *rewriting.FAMILIES,
    *writing.FAMILIES,
    *verse.FAMILIES,
    *advice.FAMILIES,
)
