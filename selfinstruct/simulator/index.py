"""Finds the family that an instruction belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from selfinstruct.simulator.family import Asked, Family

__all__ = ["Index"]


class Index:
    """Finds the family of an instruction by how it begins, without asking every family."""

    LENGTHS = (16, 8, 4, 2, 1)
    """A phrasing stands under as many of its first characters, the most that it has before a slot."""

    def __init__(self, families: Iterable[Family]) -> None:
        self._starts = dict[str, list[tuple[Family, int]]]()
        endings = dict[str, None]()
        for family in families:
            endings.update(dict.fromkeys(family.endings))
            for number, start in _starts(family):
                size = next(size for size in self.LENGTHS if size <= len(start))
                entries = self._starts.setdefault(start[:size], [])
                if (family, number) not in entries[-1:]:
                    entries.append((family, number))
        self._endings = tuple(ending for ending in endings if ending)

    def recognise(self, instruction: str) -> Asked | None:
        """The family that an instruction belongs to, with its slots; None when it is none of these."""
        text, ending = instruction, ""
        if text.endswith(self._endings):
            ending = max((one for one in self._endings if text.endswith(one)), key=len)
            text = text.removesuffix(ending).rstrip()
        for size in self.LENGTHS:
            for family, number in self._starts.get(text[:size], ()) if size <= len(text) else ():
                if ending and ending not in family.endings:
                    continue
                if (slots := family.recognise(text, number)) is not None:
                    return Asked(family, slots, ending)
        return None


def _starts(family: Family) -> Iterator[tuple[int, str]]:
    """Each phrasing's number with its text before the first slot, or with every value of a slot that it begins with."""
    for number, wording in enumerate(family.phrasings):
        text, *rest = re.split(r"\{(\w+)\}", wording)
        starts = [text] if text or not rest else family.slots[rest[0]]
        yield from ((number, start) for start in starts)
