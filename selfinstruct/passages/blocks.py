"""Blocks: what documents of every kind are read into, and how texts and Markdown are.

A heading, a paragraph or a list, a table, some code; in the order of the document, cleaned.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from selfinstruct.passages.clean import cleaned, flowing
from selfinstruct.text.later import later

__all__ = ["Block", "of_markdown", "of_text"]


class Block(NamedTuple):
    kind: str
    """heading, text, table or code; title: of the whole document, and no part of it."""
    text: str
    level: int = 0
    """Of a heading, from 1 on."""


_FENCE = later(r"[ \t]*(```+|~~~+)")
_ATX = later(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?[ \t]*#*[ \t]*")
_UNDERLINE = later(r" {0,3}(=+|-+)[ \t]*")
_ROW = later(r"[ \t]*+\|.*\|[ \t]*+|[ \t]*+(?:\|[ \t]*+)?+:?-{2,}:?[ \t]*+(?:\|[ \t]*+:?-{2,}:?[ \t]*+)+(?:\|[ \t]*+)?")
_INDENTED = later(r" {4}[ ]*(?![-*+]|\d{1,3}[.)])\S")
"""Code, but where it is an item of a list."""
_RULE = later(r"[ \t]*(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})")
_FRONT = later(r"\A---[ \t]*\n(?P<said>(?:[^\n]*\n){0,60}?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_TITLE = later(r"^title:[ \t]*[\"']?(.+?)[\"']?[ \t]*$", re.MULTILINE | re.IGNORECASE)
_COMMENT = later(r"<!--(?:(?!-->).)*-->", re.DOTALL)
_TAG = later(
    r"</?(?:p|div|span|img|a|br|center|table|thead|tbody|tr|td|th|details|summary|picture|source|sub|sup|kbd)\b[^<>]*>"
)
_IMAGE = later(r"!\[([^\[\]\n]*)\]\([^()\n]*\)|!\[([^\[\]\n]*)\]\[[^\[\]\n]*\]")
_LINK = later(r"\[([^\[\]\n]+)\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)?\)|\[([^\[\]\n]+)\]\[[^\[\]\n]*\]")
_DEFINED = later(r"^[ \t]{0,3}\[[^\[\]\n]+\]:[ \t]+\S+[^\n]*$", re.MULTILINE)
_ITEM = later(r"[ \t]*(?:[-*+•·][ \t]+|\(?\d{1,3}[.)、][ \t]*|[（(]?[一二三四五六七八九十]{1,3}[、）)])")
_CHAPTER = later(
    r"(?:chapter|part|book|section|appendix)[ \t]+(?:[\dIVXLC]+|one|two|three|four|five|six|seven|eight|nine"
    r"|ten)\b.{0,60}"
    r"|第[\d一二三四五六七八九十百零〇两]{1,6}[章回节卷部篇](?:[ \t\u3000:：、].{0,40})?"
    r"|\d{1,2}(?:\.\d{1,2}){0,3}\.?[ \t]+[A-Z][^.!?\n]{2,60}",
    re.IGNORECASE,
)


def of_markdown(text: str) -> Iterator[Block]:
    """The blocks of Markdown: what stands in code fences is code, links are their words, pictures are left out."""
    if front := _FRONT.match(text):
        if named := _TITLE.search(front["said"]):
            yield Block("title", cleaned(named[1]))
        text = text[front.end() :]
    lines, held = text.split("\n"), list[str]()
    at = 0
    while at < len(lines):
        line, block, end = lines[at], None, at + 1
        if fence := _FENCE.match(line):
            end = _closing(lines, at, fence[1])
            block = Block("code", _code(lines[at:end]))
        elif (found := _ATX.fullmatch(line)) and found[2]:
            block = Block("heading", _inline(found[2]), len(found[1]))
        elif held and (under := _UNDERLINE.fullmatch(line)) and len(held) == 1 and not _ITEM.match(held[0]):
            block = Block("heading", _inline(held.pop()), 1 if under[1][0] == "=" else 2)
        elif _ROW.fullmatch(line):
            while end < len(lines) and _ROW.fullmatch(lines[end]):
                end += 1
            block = Block("table", _inline("\n".join(row.strip() for row in lines[at:end])))
        elif not held and _INDENTED.match(line):
            while end < len(lines) and (_INDENTED.match(lines[end]) or not lines[end].strip()):
                end += 1
            block = Block("code", _code([one[4:] for one in lines[at:end]]).strip("\n"))
        elif line.strip() and not _RULE.fullmatch(line):
            held.append(line)
        if block or not line.strip() or not held or _RULE.fullmatch(line):
            yield from _held(held)
        if block and block.text.strip():
            yield block
        at = end
    yield from _held(held)


def _held(lines: list[str]) -> Iterator[Block]:
    """The paragraph, or list, that these lines are, which are then no longer held."""
    text = _inline("\n".join(lines))
    lines.clear()
    if text:
        yield Block("text", flowing(text, _ITEM, wrapped=True))


def _closing(lines: list[str], at: int, mark: str) -> int:
    """Behind the fence that closes the one in this line; the end where none does."""
    for end in range(at + 1, len(lines)):
        if lines[end].strip().startswith(mark) and not lines[end].strip().strip(mark[0]):
            return end + 1
    return len(lines)


def _code(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).replace("\0", "")


def _inline(text: str) -> str:
    if "<" in text:
        text = _TAG.sub("", _COMMENT.sub("", text))
    if "[" in text:
        text = _DEFINED.sub("", _LINK.sub(lambda link: link[1] or link[2], _IMAGE.sub("", text)))
    return cleaned(text.replace("**", "").replace("__", ""))


def of_text(pieces: Iterable[str]) -> Iterator[Block]:
    """The blocks of plain text that comes piece by piece: paragraphs at blank lines, or lines where there are none.

    A line alone that is called Chapter, 第三章 or 2.1 is a heading.
    """
    for paragraph in _paragraphs(pieces):
        lines = [line for line in paragraph.split("\n") if line.strip()]
        if lines and _CHAPTER.fullmatch(lines[0].strip()) and len(lines) <= 2:
            yield Block("heading", cleaned(" ".join(lines)), 1)
        elif text := flowing(cleaned("\n".join(lines)), _ITEM):
            yield Block("text", text)


LONGEST = 1 << 16
"""Characters of a paragraph that is held: a longer one is several."""


def _paragraphs(pieces: Iterable[str]) -> Iterator[str]:
    left = ""
    for piece in pieces:
        left += piece
        *whole, left = _BLANK.split(left)
        yield from whole
        while len(left) > LONGEST:
            cut = max(left.rfind(mark, LONGEST // 2, LONGEST) for mark in ("\n", "。", ". ", " ")) + 1 or LONGEST
            yield left[:cut]
            left = left[cut:]
    yield left


_BLANK = later(r"\n[ \t\u3000]*\n\s*")
