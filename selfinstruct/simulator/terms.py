"""The words in a statement that may be its answer: the right ones, and those that could be the answer instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

from selfinstruct.simulator.cues import HAN, LETTER, cue
from selfinstruct.simulator.values import Found
from selfinstruct.text.later import later

__all__ = ["terms"]


def terms(text: str, right: str, rivals: frozenset[str], fits: Callable[[str], bool], given: str) -> list[Found]:
    """In their order, without those that are only enumerated, as in "Of A, B and C, …"; `fits` says which is right."""
    named = _named(right, rivals).finditer(text)
    found = [Found(one.start(), one.end(), one[0], fits(one[0]) or _is_plural(one[0], right)) for one in named]
    gaps = [text[one.end : other.start] for one, other in pairwise(found)]
    linked = [not gap or bool(_LINK.fullmatch(gap)) for gap in gaps]
    single = [not (before or after) for before, after in zip([False, *linked], [*linked, False], strict=True)]
    kept = [one for one, is_single in zip(found, single, strict=False) if is_single]
    return [one for one in kept if one.fits or not _repeats(text, one, given)]


def _repeats(text: str, one: Found, given: str) -> bool:
    """Is it in words of the question, that an answer may say once more before its own?"""
    line = text[max(0, one.start - (4 if HAN.search(one.text) else 8)) : one.end]
    return one.text in given.split("\n") or (len(line) > len(one.text) and line.casefold() in given.casefold())


def _is_plural(text: str, right: str) -> bool:
    return text.lower() in (f"{right}s".lower(), f"{right}es".lower())


_LINK = cue(r"\s*[”\"'’」]?\s*(?:[,，、/]|<or>|<and>|[,，]\s*(?:<or>|<and>))\s*(?:an?\s+|the\s+)?[“\"'‘「]?\s*")


@lru_cache(maxsize=256)
def _named(right: str, rivals: frozenset[str]) -> re.Pattern[str]:
    """Any of these words; what stands around them is said once for all, as compiling takes the time."""
    names = sorted({right, *rivals} - {""}, key=lambda name: (-len(name), name))
    latin = [name for name in names if not HAN.search(name) and name.lower() != "no"]
    ends = rf"(?!{LETTER}|[-'’]\w|[.@]\w)"
    kinds = {
        rf"(?:s|es)?{ends}": [re.escape(name) for name in latin if len(name) > 2],
        # "is" is neither two I nor, in small letters, a symbol; and "in" is no indium.
        ends: [f"(?{'' if name.islower() else '-i'}:{re.escape(name)})" for name in latin if len(name) < 3],
        r"(?=\s*(?:[.,;:!)—–-]|\Z))": ["no"] * any(name.lower() == "no" for name in names),
    }
    words = [f"(?:{'|'.join(its)}){after}" for after, its in kinds.items() if its]
    every = [_in_chinese(name) for name in names if HAN.search(name)]
    every += [rf"(?<!{LETTER})(?<!-)(?:{'|'.join(words)})"] if words else []
    return later("|".join(every), re.IGNORECASE)


def _in_chinese(name: str) -> str:
    text = re.escape(name)
    if len(name) > 1:
        return rf"(?<!{text}){text}(?!{text}|省?[市县镇村])"  # 陕西市 is not 陕西
    # 是 and 有 are in every sentence: as labels they stand alone
    return rf"(?<!^{text})(?<![^\s，。：:、“”\"「是为选填属]){text}(?=[朝代季字]?的?(?:[\s，。！；：”\"」、]|\Z))"
