"""A user's list of words, found in running text: whole words in any case, in Chinese inside others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from selfinstruct.errors import UsageError
from selfinstruct.text.keywords import BESIDE
from selfinstruct.text.later import later
from selfinstruct.text.normal import normalized

__all__ = ["WordList", "read_words"]

BEGINS = later(rf"[{BESIDE}]|[^\W{BESIDE}]+|[^\w\s]")
"""Where a word of a list may begin: a character of a script without spaces, a word between borders, a sign."""
INVISIBLE = later("[\u00ad\u200b-\u200f\u2060\ufeff]")


class WordList:
    """The words by what they begin with, so that 100,000 of them are looked for as fast as 10."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words: dict[str, str] = {}  # as compared: as given
        self._lengths: dict[str, tuple[int, ...]] = {}
        lengths: dict[str, set[int]] = {}
        for word in words:
            plain = _plain(word).strip()
            if begins := BEGINS.match(plain):
                self._words.setdefault(plain, word.strip())
                lengths.setdefault(begins[0], set()).add(len(plain))
        self._lengths = {begins: tuple(sorted(sizes, reverse=True)) for begins, sizes in lengths.items()}

    def find(self, text: str) -> str | None:
        """The first word of the list in the text, as the list has it."""
        plain = _plain(text)
        for match in BEGINS.finditer(plain):
            for size in self._lengths.get(match[0], ()):
                word = plain[match.start() : match.start() + size]
                if word in self._words and not _goes_on(plain, match.start() + size):
                    return self._words[word]
        return None


def _goes_on(text: str, end: int) -> bool:
    """Whether the word that ends here is a part of a longer one, in a script with spaces."""
    pair = text[end - 1 : end + 1]
    return len(pair) == 2 and bool(re.fullmatch(rf"[^\W{BESIDE}]{{2}}", pair))


def _plain(text: str) -> str:
    """In small letters and one form of Unicode, with one blank between words and nothing that is not seen."""
    if not text.isascii():
        text = INVISIBLE.sub("", normalized("NFKC", text))
    return " ".join(text.casefold().split())


def read_words(path: str) -> tuple[str, ...]:
    """The words of a file, one a line; blank lines and those that begin with # are left out.

    Raises UsageError when it cannot be read, is not UTF-8 or has no word.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise UsageError(f"words: cannot read {path}: {error.strerror or error}") from None
    except (UnicodeDecodeError, ValueError):
        raise UsageError(f"words: {path} is not UTF-8 text: it should have one word a line") from None
    words = tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))
    if not words:
        raise UsageError(f"words: {path} has no words: write one a line")
    return words
