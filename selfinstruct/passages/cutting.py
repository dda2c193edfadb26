"""Blocks cut into passages: at headings, between paragraphs, and inside a long paragraph between its sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from selfinstruct.passages.blocks import Block
from selfinstruct.passages.clean import HAN
from selfinstruct.text.later import later

__all__ = ["Passage", "is_writing", "passages_of", "sentences", "size"]


class Passage(NamedTuple):
    text: str
    heading: str
    """The last heading above it, or in its first line; "" where there is none."""
    title: str
    """Of the document; "" where it has none."""


_WIDE = later(rf"[{HAN}]")
_WORD = later(rf"[^\s{HAN}]+")
_LETTER = later(r"[^\W_]")

_END = later(
    r"(?<=[。！？；])(?![”’」』）])|(?<=[。！？][”’」』）])"
    r"|(?<=[.!?…])[\"'”’)\]]*[ \t]+(?=[\"'“‘(\[]*[A-ZÀ-ÞА-Я0-9\u4e00-\u9fff])|\n"
)
_NO_END = later(
    r"(?:\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|No|Nos|Vol|Fig|Figs|Eq|Sec|Ch|pp?|vs|etc|e\.g|i\.e|cf|ca|al|approx|Inc|Ltd|Co"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|z\.B|bzw|Nr)\.)[\"'”’)\]]*\s*\Z"
)
"""An abbreviation or an initial, after which a sentence may go on."""


def size(text: str) -> int:
    """Words; two characters of Chinese, Japanese or Korean writing without spaces count as one."""
    wide = 0 if text.isascii() else len(_WIDE.findall(text))
    return len(text.split()) if not wide else len(_WORD.findall(text)) + wide // 2


def sentences(text: str) -> list[str]:
    """The sentences of a text, each with the white space that follows it."""
    cuts, start = [0], 0
    for end in _END.finditer(text):
        if end.end() > start and not _NO_END.search(text, max(start, end.start() - 12), end.start()):
            cuts.append(end.end())
            start = end.end()
    return [part for a, b in zip(cuts, [*cuts[1:], len(text)], strict=True) if (part := text[a:b]).strip()]


TOO_LONG = 2
"""Times the longest passage that a table or code may be before it is cut after all."""


def passages_of(blocks: Iterable[Block], most: int) -> Iterator[Passage]:
    """The passages of a document, of at most `most` words each, as `size` counts; of nothing but headings, none.

    A section shorter than a quarter of that goes on into the next one below the same heading; a table and code are cut
    only where they are more than twice too long.
    """
    title = heading = first = ""
    level = 0
    held: list[str] = []
    words = 0

    def whole() -> Iterator[Passage]:
        nonlocal held, words, first
        text = "\n\n".join(held).strip()
        if words and text:
            yield Passage(text, first, title)
        held, words = [], 0

    for block in blocks:
        if block.kind == "title":
            title = title or block.text
        elif block.kind == "heading":
            title = title or block.text
            if words >= most // 4 or (words and block.level <= level):
                yield from whole()
            if not held or not words:
                held, first, level = [], block.text, block.level
            heading = block.text
            if words:
                held.append(block.text)
        else:
            keeps = block.kind in ("table", "code")
            for part in _parts(block.text, most * TOO_LONG if keeps else most, lines=keeps):
                count = size(part)
                if words and words + count > most:
                    yield from whole()
                if not words:
                    first = heading
                held.append(part)
                words += count
    yield from whole()


def _parts(text: str, most: int, *, lines: bool) -> Iterator[str]:
    """The text in parts that are short enough: of whole lines, or of whole sentences where no sentence is too long."""
    if size(text) <= most:
        yield text
        return
    part, count = "", 0
    units = [f"{line}\n" for line in text.split("\n")] if lines else sentences(text)
    for unit in (short for one in units for short in _short(one, most)):
        more = size(unit)
        if part and count + more > most:
            yield part.strip()
            part, count = "", 0
        part += unit
        count += more
    if part.strip():
        yield part.strip()


CHARACTERS = 12
"""Of a word, at most: what is longer is no writing, and is cut after so many times as many characters as words."""


def _short(unit: str, most: int) -> Iterator[str]:
    """A sentence, or what there is of it where it is itself too long: at clauses, at spaces, or anywhere."""
    longest = most * CHARACTERS
    while len(unit) > longest or size(unit) > most:  # in this order: the second takes time
        end = _at(unit, most)
        marks = [unit.rfind(mark, end // 2, end) for mark in ("，", ", ", "、", "; ")]
        cut = max(marks) + 1 or unit.rfind(" ", end // 2, end) + 1 or end
        yield unit[:cut]
        unit = unit[cut:]
    yield unit


def _at(unit: str, most: int) -> int:
    """The place behind so many words, looked for in as much of the text as they can have."""
    seen, wide = 0, 0
    for found in later(rf"[{HAN}]|[^\s{HAN}]+").finditer(unit, 0, most * CHARACTERS):
        if _WIDE.match(found[0]):
            wide += 1
        else:
            seen += 1
        if seen + wide // 2 >= most:
            return found.end()
    return min(len(unit), most * CHARACTERS)


def is_writing(text: str) -> bool:
    """Whether it is made of words: not of numbers, dot leaders, base64 or what a wrong decoding leaves."""
    letters = len(_LETTER.findall(re.sub(r"\d", "", text)))
    words = text.split()
    longest = max(map(len, (_WIDE.sub(" ", text)).split()), default=0)
    return letters * 2 > len(text.replace(" ", "")) and (longest < 200 or len(words) > longest)
