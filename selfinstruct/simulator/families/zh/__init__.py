"""The families in Chinese, by subject, written as such. What they say is in data/zh; here is how it is put together."""

from __future__ import annotations

from selfinstruct.simulator.families.zh import (
    code,
    dates,
    everyday,
    extract,
    facts,
    logic,
    lunar,
    numbers,
    poems,
    problems,
    tables,
    words,
)
from selfinstruct.simulator.family import Family

__all__ = ["CHINESE"]

CHINESE: tuple[Family, ...] = (
    *facts.FAMILIES,
    *poems.FAMILIES,
    *problems.FAMILIES,
    *numbers.FAMILIES,
    *dates.FAMILIES,
    *lunar.FAMILIES,
    *words.FAMILIES,
    *everyday.FAMILIES,
    *logic.FAMILIES,
    *extract.FAMILIES,
    *tables.FAMILIES,
    *code.FAMILIES,
)
