"""Texts of documents made fit to be read: nothing unseen in them, no word in two halves, no line broken by a page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from statistics import median

from selfinstruct.text.later import later
from selfinstruct.text.normal import normalized

__all__ = ["HAN", "cleaned", "ends_sentence", "flowing", "without_running_heads"]

HAN = r"\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Characters of scripts that write no spaces, for use between the brackets of a pattern."""

_UNSEEN = later(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u2069\ufff9-\ufffc]"
)
_SPACES = later(r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f]+")
_LIGATURES = str.maketrans({"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl"})
_HYPHEN = later(r"(\b[^\W\d_]+)[-\u2010]\n[ \t]*([a-z\u00df-\u00f6\u00f8-\u00ff][^\W\d_]*)")
_NUMBER_ALONE = later(
    r"[\W_]*(?:(?:page|seite|p\.|第)\s*)?(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:/|of|von|共)\s*\d{1,4})?\s*页?[\W_]*", re.I
)
_WIDE = later(rf"[{HAN}\u3000-\u303f\uff00-\uffef]")
_ENDS = later(r"[.!?:;。！？：；…][\"'”’」』)）]*\s*\Z")


def cleaned(text: str) -> str:
    """The text in NFC, without what nobody sees, with single spaces and no blanks at the ends of its lines."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    text = (
        text.replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\x85", "\n")
        .replace("\u2028", "\n")
        .replace("\u2029", "\n")
    )
    text = normalized("NFC", _UNSEEN.sub("", text).translate(_LIGATURES))
    text = text.encode("utf-8", "ignore").decode()  # half a surrogate pair
    return "\n".join(_SPACES.sub(" ", line).strip() for line in text.split("\n")).strip()


def flowing(text: str, item: re.Pattern[str], *, wrapped: bool = False) -> str:
    """A paragraph as one line: lines that some program broke are joined, and so are words broken by a hyphen.

    Lines of a list (`item` is what they begin with) stay apart, and so do short ones, as of a poem, unless the format
    has it that line ends are spaces (`wrapped`).
    """
    lines = text.split("\n")
    if len(lines) == 1:
        return text
    text = _HYPHEN.sub(_joined(text), text)
    lines = text.split("\n")
    if not wrapped:
        long = [len(line) * (2 if _WIDE.match(line) else 1) for line in lines[:-1]]
        if median(long or [0]) < 45:
            return text
    parts = [lines[0]]
    for line in lines[1:]:
        if item.match(line):
            parts.append(line)
        else:
            parts[-1] += _gap(parts[-1], line) + line
    return "\n".join(parts)


def _joined(text: str) -> Callable[[re.Match[str]], str]:
    """How two halves become a word: with the hyphen where the text has the word with one elsewhere."""
    folded = text.casefold()

    def join(found: re.Match[str]) -> str:
        with_hyphen = f"{found[1]}-{found[2]}"
        return with_hyphen if with_hyphen.casefold() in folded else found[1] + found[2]

    return join


def _gap(before: str, after: str) -> str:
    return "" if _WIDE.match(before[-1:]) and _WIDE.match(after[:1]) else " "


SHORT = 60
"""Characters of a line, such as "Chapter 3 … 17"."""
EDGE = 2
"""Lines at the head and at the foot of a page that may repeat."""


def without_running_heads(pages: Sequence[str]) -> list[str]:
    """The pages without the lines that stand at the head or foot of many of them, numbers aside, and without their
    numbers; what breaks off at a page's foot goes on in the same paragraph.
    """
    split = [_trimmed(page.split("\n")) for page in pages]
    counts = Counter(key for lines in split for key in {_key(line) for line in (*lines[:EDGE], *lines[-EDGE:])})
    often = max(3, len(split) * 0.3)
    found = []
    for lines in split:
        for side in (0, -1):
            for _ in range(EDGE):
                if lines and (
                    _NUMBER_ALONE.fullmatch(lines[side])
                    or (counts[_key(lines[side])] >= often and len(lines[side]) < 120)
                ):
                    lines.pop(side)
        found.append("\n".join(_trimmed(lines)))
    return found


def _trimmed(lines: list[str]) -> list[str]:
    text = "\n".join(lines).strip("\n \t")
    return text.split("\n") if text else []


def _key(line: str) -> str:
    """What a line has in common with those of other pages: a short one its words, whatever number is among them."""
    plain = " ".join(line.casefold().split())
    return re.sub(r"\d+", "#", plain) if len(plain) < SHORT else plain


def ends_sentence(text: str) -> bool:
    return bool(_ENDS.search(text))
