"""Text as the words that overlaps are looked for by, and as their numbers: quickly in any script.

In scripts without spaces two characters that follow one another are a word. A row of Chinese has as many of them as it
has characters, three times as many as one of English; so NumPy looks up what every character is read as, and which
words these are, for a whole row at once. What needs more than a look (marks that follow letters, scripts with spaces
other than Latin, rare characters) goes the long way, with the same result.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache

import numpy as np
import numpy.typing as npt

from selfinstruct.text.common import stem_of
from selfinstruct.text.later import later
from selfinstruct.text.normal import INVISIBLE, folded
from selfinstruct.text.tokens import tokens

__all__ = ["Known", "looked_up", "pairs_of", "words_of"]

# Letters of other scripts are the same in all of these: a row with “quotation marks” is read as quickly as one without.
MARKS = later(
    "[\u00a0-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2190-\u22ff]"
)
UNSPACED = later(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3100-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
LATIN = later("[a-z0-9]+")
WORD = later("[a-z0-9]+|[^\x00-\x7f]")
"""Of a text as `looked_up` has it."""

LOOK, GONE, SPACE = 1, 2, 32
"""What a character is read as that is none by itself: it needs a look at others, is left out, or separates."""
PLANE = 1 << 16

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint32]


def words_of(text: str) -> list[str]:
    if text.isascii():
        return tokens(text)
    codes = looked_up(text)
    if codes is None:
        return tokens(MARKS.sub(" ", text))
    return WORD.findall(codes.tobytes().decode("utf-32-le"))


def pairs_of(words: list[str]) -> list[str]:
    """The words as they are weighed, one for each: a character of a script without spaces with the one behind it, and
    the last of such a run "".
    """
    if all(map(str.isascii, words)):
        return words
    alone = [len(word) < 3 and UNSPACED.match(word) is not None for word in words] + [False]
    found = []
    for at, word in enumerate(words):
        if not alone[at]:
            found.append(word)
        elif alone[at + 1]:
            found.append(word + words[at + 1])
        else:
            found.append("" if at and alone[at - 1] else word)
    return found


class Known(dict[str, int]):
    """The number of each word that was met, by its stem; -1 of one that no evaluation has."""

    def __init__(self, numbers: Mapping[str, int]) -> None:
        self._numbers = numbers
        # Pairs of characters as one number each, in order; and what they are.
        pairs = sorted((_key(stem), number) for stem, number in numbers.items() if _key(stem) >= 0)
        self._keys = np.array([key for key, _ in pairs], np.int64)
        self._of_keys = np.array([number for _, number in pairs], np.int64)

    def __missing__(self, word: str) -> int:
        if len(self) > 500_000:  # rows without end have new words without end; 50 MB of them
            self.clear()
        number = self[word] = self._numbers.get(stem_of(word), -1)
        return number

    def of(self, text: str) -> list[int]:
        """The numbers of `pairs_of(words_of(text))`."""
        if text.isascii():
            return [*map(self.__getitem__, tokens(text))]
        codes = looked_up(text)
        if codes is None:
            return [*map(self.__getitem__, pairs_of(words_of(text)))]
        in_latin = (codes != SPACE) & (codes < 0x80)
        begins = codes != SPACE
        begins[1:] &= ~(in_latin[1:] & in_latin[:-1])
        places = begins.nonzero()[0]
        characters = np.zeros(len(places) + 1, np.int64)
        characters[:-1] = codes[places]
        alone = characters > 0x7F
        follows = alone[1:]
        found = self._looked_up(characters[:-1] * PLANE + characters[1:] * follows)
        ends = alone[:-1] & ~follows
        found[1:][ends[1:] & alone[:-2]] = -1  # the last of a run of several is no word
        numbers: list[int] = found.tolist()
        latin = (~alone[:-1]).nonzero()[0].tolist()
        if latin:
            for place, word in zip(latin, LATIN.findall(codes.tobytes().decode("utf-32-le")), strict=True):
                numbers[place] = self[word]
        return numbers

    def _looked_up(self, keys: Ints) -> Ints:
        if not len(self._keys):
            return np.full(len(keys), -1)
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where(self._keys[at] == keys, self._of_keys[at], -1)


def _key(stem: str) -> int:
    """Of one or two characters of scripts without spaces; -1 of other words."""
    if not 0 < len(stem) < 3 or not all(map(UNSPACED.match, stem)) or ord(max(stem)) >= PLANE:
        return -1
    return ord(stem[0]) * PLANE + (ord(stem[1]) if len(stem) == 2 else 0)


def looked_up(text: str) -> Codes | None:
    """The characters as they are read, with a blank for what separates; None where one needs a look at others."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    if len(codes) and codes.max() >= PLANE:
        pictures = (codes >= 0x1F300) & (codes < 0x1FB00)  # emoji
        codes = np.where(pictures, SPACE, codes)
        if codes.max() >= PLANE:
            return None
    read = _table()[codes]
    least = read.min(initial=SPACE)
    if least == LOOK:
        return None
    return read[read != GONE] if least == GONE else read


@cache
def _table() -> Codes:
    """What each character of the first plane is read as."""
    table = np.full(PLANE, LOOK, np.uint32)
    for start, end in ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xAC00, 0xD7A4)):  # Han, and Korean syllables
        table[start:end] = np.arange(start, end)
    for start, end in ((0, 0x370), (0x2000, 0x2E00), (0x3000, 0x3400), (0x4DC0, 0x4E00)):
        table[start:end] = [*map(_read, range(start, end))]
    table[0xFE00:0x10000] = [*map(_read, range(0xFE00, 0x10000))]
    return table


def _read(code: int) -> int:
    char = chr(code)
    if MARKS.match(char):
        return SPACE
    if char in INVISIBLE:
        return GONE
    plain = folded(char).lower()
    if len(plain) != 1 or unicodedata.category(plain).startswith("M") or "\u1100" <= plain < "\u1200":
        return LOOK  # several characters, a mark, or a part of a Korean syllable, which become one with a letter before
    if not (words := tokens(plain)):
        return SPACE
    is_alone = UNSPACED.match(plain) and tokens(plain * 2) == [plain, plain]
    return ord(plain) if words == [plain] and (plain.isascii() or is_alone) else LOOK
