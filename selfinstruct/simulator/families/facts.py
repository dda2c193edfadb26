"""Families about the world: countries, elements, animals, books, inventions, landmarks, units, status codes."""

from __future__ import annotations

from selfinstruct.simulator.data import table
from selfinstruct.simulator.families.making import lookup

__all__ = ["FAMILIES"]

FAMILIES = tuple(lookup("facts", name) for name in table("en", "facts"))
