"""The families in Chinese, by subject, written as such. A new one is one more entry of a file's FAMILIES."""

from __future__ import annotations

from selfinstruct.simulator.families.zh import (
    classify,
    code,
    dates,
    everyday,
    extract,
    idioms,
    letters,
    logic,
    lunar,
    numbers,
    places,
    poems,
    rewriting,
    stories,
    tables,
    words,
)
from selfinstruct.simulator.family import Family

__all__ = ["CHINESE"]

CHINESE: tuple[Family, ...] = (
    *numbers.FAMILIES,
    *stories.FAMILIES,
    *dates.FAMILIES,
    *lunar.FAMILIES,
    *words.FAMILIES,
    *idioms.FAMILIES,
    *poems.FAMILIES,
    *places.FAMILIES,
    *rewriting.FAMILIES,
    *classify.FAMILIES,
    *extract.FAMILIES,
    *tables.FAMILIES,
    *code.FAMILIES,
    *everyday.FAMILIES,
    *logic.FAMILIES,
    *letters.FAMILIES,
)
