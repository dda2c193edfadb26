"""Forms in which texts are compared, and Unicode normal forms of text that nobody has looked at yet."""

from __future__ import annotations

import unicodedata
from itertools import pairwise
from typing import Literal

from selfinstruct.text.later import later

__all__ = ["folded", "normalized", "plain"]

MARKS = later(r"[^\w\s\x00-\x7f]{64}")
"""More marks than any letter has; Unicode's stream-safe text has 30 at most."""

INVISIBLE = frozenset(
    # The soft hyphen; marks of direction and of joining, zero-width spaces and the BOM; selectors of a letter's looks.
    chr(code)
    for start, end in (
        *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F)),
        *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xE0100, 0xE01EF)),
    )
    for code in range(start, end + 1)
)
MEANT = ("<super>", "<sub>", "<fraction>", "<circle>")
"""Forms that say something: 10² is not 102, and 3½ is not 31/2."""
WHOLE = "ำຳ"
"""Vowels of Thai and Lao that NFKC takes apart, though nobody writes the parts."""


def normalized(form: Literal["NFC", "NFKC"], text: str) -> str:
    """`unicodedata.normalize`, in pieces where marks follow marks without end.

    It puts the marks of a letter in order by insertion: 64,000 of two kinds by turns take 8 seconds, and here 30 ms.
    """
    cuts = [0, *(run.end() for run in MARKS.finditer(text)), len(text)]
    return "".join(unicodedata.normalize(form, text[start:end]) for start, end in pairwise(cuts))


class _Folded(dict[int, str]):
    """What a character is folded to, by its number; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        tag = unicodedata.decomposition(char).partition(" ")[0]
        to = "" if char in INVISIBLE else char
        if to and tag.startswith("<") and tag not in MEANT and char not in WHOLE:
            to = unicodedata.normalize("NFKC", char)
        self[code] = to
        return to


_FOLDED = _Folded()


def folded(text: str) -> str:
    """The text in one of the forms that it might have been written in.

    A letter and its marks are one character (NFC); full-width, half-width and other compatibility forms are the
    ordinary characters (ａ is a, ｶﾞ is ガ, ﬁ is fi), but for raised and lowered ones, fractions and circled numbers,
    which mean something; what nobody sees is left out: soft hyphens, zero-width characters, marks of direction.
    Traditional and simplified characters, quotation marks and case are left alone.
    """
    return text if text.isascii() else normalized("NFC", text.translate(_FOLDED))


def plain(text: str) -> str:
    """`folded`, with one space for any run of white space and none at the ends: texts that look the same are equal."""
    return " ".join(folded(text).split())
