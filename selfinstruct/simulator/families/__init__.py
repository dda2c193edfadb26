"""All English families, by subject; a new one is one more entry of a file's FAMILIES. Chinese ones are in zh/."""

from __future__ import annotations

from selfinstruct.simulator.families import (
    arithmetic,
    classify,
    code,
    dates,
    everyday,
    extract,
    facts,
    grammar,
    logic,
    numbers,
    requests,
    sums,
    tables,
    words,
)
from selfinstruct.simulator.family import Family

__all__ = ["ENGLISH"]

ENGLISH: tuple[Family, ...] = tuple(
    family
    for module in (
        *(numbers, arithmetic, sums, dates, tables, extract, everyday, logic, facts, words, classify, grammar, code),
        requests,
    )
    for family in module.FAMILIES
)
