"""Answers that are lists or whole sentences, found in what a chat model writes around them.

A block is a bulleted list, a code block, a line or a sentence. Those that look like the right answer claim to be it,
and the last of them decides: what stands above may be the question's own list, or a step on the way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from selfinstruct.simulator.cues import BULLET, HAN, Plain, cue, statements, without_asides
from selfinstruct.text.later import later
from selfinstruct.text.tokens import tokens

__all__ = ["END", "block_commits", "is_list"]

END = (".", "!", "?", "。", "！", "？")
"""Of a sentence."""

_PART = later(r"\s*[、,，;；\n]\s*")
_JOIN = later(r",\s+(?:and\s+)?|\s+and\s+|[、，；;]\s*(?:和|以及)?|以及|[和与及]|\s*(?:→|->)\s*")


def is_list(right: str) -> bool:
    return bool(_PART.search(right)) and not right.endswith(END)


def block_commits(said: Plain, right: str, fits: Callable[[str], bool], given: str) -> bool:
    listed = is_list(right)
    likeness = _shares_entries if listed else _shares_words
    if not listed and any(line.count(right) > 1 for line in said.raw.split("\n")):
        return False
    question = [tokens(given), *map(tokens, given.split("\n"))]
    own = tokens(right) not in question
    claims = [
        block
        for block in _blocks(said, right, listed)
        if likeness(block, right) and not (own and tokens(block) in question)
    ]
    return bool(claims) and any(fits(one) for one in _readings(claims[-1], right, given, listed))


_FIGURES = later(r"\A[\d.]+")


def _shares_entries(block: str, right: str) -> bool:
    """At least half of the entries, numbers in whatever unit."""
    known = ["".join(_FIGURES.findall(entry)) or entry for entry in _PART.split(right.casefold())]
    folded = block.casefold()
    return sum(entry in folded for entry in known) * 2 >= len(known)


def _shares_words(block: str, right: str) -> bool:
    wanted = set(tokens(right))
    return len(wanted & set(tokens(block))) * 10 >= len(wanted) * 6


# Blocks.

_REASONS = cue(r"\W*<reason>\s*[:：]")


def _blocks(said: Plain, right: str, listed: bool) -> Iterator[str]:
    """In their order. In a paragraph, lines with bullets are one block, and so are as many lines as the right answer
    has entries."""
    if "\n" in right or right.startswith(("{", "[", "<")):
        yield from re.split(r"\n\s*\n", said.raw)
        return
    many = len(_PART.split(right))
    for paragraph in re.split(r"\n\s*\n", said.text):
        if _REASONS.match(paragraph):
            return
        lines = [line for line in paragraph.split("\n") if line.strip()]
        bulleted = [line for line in lines if BULLET.match(line)]
        if listed and len(bulleted) > 1:
            first = lines.index(bulleted[0])
            yield from _sentences(lines[:first], right)
            yield "\n".join(bulleted)
            yield from _sentences([line for line in lines[first:] if not BULLET.match(line)], right)
        elif listed and many > 1 and len(lines) - lines[0].rstrip().endswith((":", "：")) == many if lines else False:
            yield "\n".join(lines[-many:])
        else:
            yield from _sentences(lines, right)


def _sentences(lines: list[str], right: str) -> Iterator[str]:
    one = len(list(statements(right, questions=True))) < 2
    for line in lines:
        yield from statements(line, questions=True) if one else [line]


# Readings.

_LEAD = cue(r"(?:<lead>|[:：=])\s*")
_COLON = cue(r"(?:<answer>|[:：])\s*")
_FILLER = cue(r"(?:\s*<filler>(?!\w))+\s*[:：]?\s*")
_QUOTED = later(r"[“\"「『](.{1,400}?)[”\"」』](?!\w)")
_TAIL = cue(r"[,，]?\s*<reason>.*\Z")
_DOUBT = cue("<deny>|<instead>|<hedge>")
_OF_ENTRY = later(r"\s*(?:→|->|=>|[:：=≈–—]|\s-\s|\bis\b|\bare\b|\buses\b|是|为)\s*")
_ARTICLE = later(r"\A(?:the|an?)\s+", re.IGNORECASE)
_MOST = 12
"""Places in a block after which the answer may begin."""


def _readings(block: str, right: str, given: str, listed: bool) -> Iterator[str]:
    yield block
    if not listed:
        yield from (found[1] for found in _QUOTED.finditer(block))
    for text in (block, without_asides(block), _TAIL.sub("", block)) if listed else (block,):
        yield text
        for found in list((_COLON if right.endswith(END) else _LEAD).finditer(text))[:_MOST]:
            if _DOUBT.search(text[: found.start()]):
                break
            rest = text[found.end() :]
            yield rest
            yield _FILLER.sub("", rest, count=1) if _FILLER.match(rest) else rest.strip('"“”「」 ')
    if listed and not _DOUBT.search(block):
        yield from _by_entries(without_asides(block), right, given)


def _by_entries(block: str, right: str, given: str) -> Iterator[str]:
    """ "Haiti: Port-au-Prince" on each line, or one clause for each entry."""
    many, mark = len(_PART.split(right)), "、" if HAN.search(right) or "、" in right else ", "
    lines = [BULLET.sub("", line).strip(" .;。；，,") for line in block.split("\n") if line.strip()]
    every = lines if len(lines) > 1 else [one for one in _JOIN.split(block.strip(" .。")) if one]
    if len(every) != many:
        return
    pairs = [_OF_ENTRY.split(one) for one in every]
    yield mark.join(_ARTICLE.sub("", pair[-1]) for pair in pairs)
    yield mark.join(pair[0] for pair in pairs)
    asked = next((its for line in given.split("\n") if len(its := _PART.split(line)) == many), None)
    if asked:
        yield mark.join(one.removeprefix(its).lstrip(" :：-–=") for one, its in zip(every, asked, strict=True))
