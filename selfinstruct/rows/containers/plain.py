"""Documents in a plain text: the whole file, or what is between lines <|endoftext|>, as corpora of GPT-2's kind are."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any

from selfinstruct.rows.containers.text import CHUNK, Reads
from selfinstruct.rows.notes import Where

__all__ = ["END", "LONGEST", "is_json", "text_rows"]

END = "<|endoftext|>"
BETWEEN = re.compile(r"[ \t]*\n?" + re.escape(END) + r"[ \t]*\n?")

LONGEST = 1_000_000
"""Characters of a document. A longer one is several, cut at the end of a line: a library in one file is read in
constant memory all the same."""

JSON = re.compile(r'\s*(?:\{\s*["}]|\[\s*["{\[\]\d-])')


def is_json(start: str) -> bool:
    """Whether a text is a JSON one rather than prose that begins with a bracket ("[Chapter 1]")."""
    return bool(JSON.match(start))


def text_rows(stream: Reads, file: str, encoding: str) -> Iterator[tuple[Where, Any]]:
    """Rows {"text"}, a document each, without blank lines around it; none for blank ones. Raises UnicodeDecodeError."""
    for number, text in enumerate(filter(None, _documents(_pieces(stream, encoding))), 1):
        yield Where(file, "document", number), {"text": text}


def _pieces(stream: Reads, encoding: str) -> Iterator[str]:
    """The text bit by bit, its lines ending with one character each."""
    decoder = codecs.getincrementaldecoder(encoding)()
    held = ""
    while True:
        data = stream.read1(CHUNK)
        text = held + decoder.decode(data, not data)
        held = text[-1:] if data and text.endswith("\r") else ""
        yield text[: len(text) - len(held)].removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        if not data:
            return


def _documents(pieces: Iterator[str]) -> Iterator[str]:
    left = ""
    for piece in pieces:
        left += piece
        *whole, left = BETWEEN.split(left)
        for one in whole:
            yield from _short(one)
        if len(left) > LONGEST + CHUNK:
            *whole, left = _short(left)
            yield from whole
    yield from _short(left)


def _short(text: str) -> Iterator[str]:
    """The text in parts that are short enough."""
    while len(text) > LONGEST:
        lines, words = (text.rfind(mark, 0, LONGEST) for mark in "\n ")
        cut = next((place for place in (lines, words) if place > 0), LONGEST)
        yield text[:cut].strip("\n")
        text = text[cut:]
    yield text.strip("\n")
