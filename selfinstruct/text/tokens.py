"""Words as ROUGE-L compares them, in any script."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from selfinstruct.text.normal import normalized

__all__ = ["UNSPACED", "tokens"]

LATIN_WORD = re.compile(r"[a-z0-9]+")
WORD = re.compile(r"a+|cm*|w[wm]*")
"""A word, in the letters of `_kind`: of a-z and 0-9; one character with its marks; a word of any other script."""

FULL_WIDTH = {0xFEE0 + ord(char): char for char in "0123456789abcdefghijklmnopqrstuvwxyz"}
"""The full-width letters and digits of Chinese and Japanese text are the same words as the ASCII ones."""
HALF_WIDTH = re.compile(r"[\uff66-\uff9f]+")
"""Katakana in the width of ASCII letters, with their marks beside them: ｶﾞ is ガ."""
NOT_LATIN = re.compile(r"[\u0370-\U0010ffff][\u0300-\U0010ffff]*")

UNSPACED = (
    *("BOPOMOFO", "CJK", "HALFWIDTH KATAKANA", "HIRAGANA", "IDEOGRAPHIC", "KATAKANA"),
    *("KHMER", "LAO", "MYANMAR", "THAI"),
)
"""How the Unicode names begin of the letters of scripts that put no space between words."""
ALONE = (*UNSPACED, "HANGUL", "HALFWIDTH HANGUL")
"""And of those that are a token each: Korean has spaces, but none between a word and its particles."""


def tokens(text: str) -> list[str]:
    """The words that ROUGE-L compares.

    Text in ASCII or Latin letters gives what `rouge_score.tokenize.tokenize(text, None)` gives: runs of a-z and 0-9 in
    lower case, accented letters dropped ("éclair" is "clair"). rouge_score drops every other script, too, so that two
    equal Chinese or Russian texts score 0. Here these have tokens: a character each in Han, kana, hangul, Thai, Lao,
    Khmer and Burmese, a word in all others (Cyrillic, Greek, Arabic, Hebrew, Devanagari …), marks with their letter.
    Full-width and half-width forms are the ordinary ones, and letters with marks that Unicode has as one character are
    that one (but in Latin, as published). Traditional and simplified characters are not folded, as one may stand for
    several: 漢 is not 汉, and a text and its conversion are as similar as the characters that they share make them.
    """
    text = text.lower()
    if text.isascii():
        return LATIN_WORD.findall(text)
    text = _folded(text)
    kinds = "".join(map(_kind, text))
    return [text[word.start() : word.end()] for word in WORD.finditer(kinds)]


def _folded(text: str) -> str:
    """The text in one of the forms that it might have been written in."""
    text = HALF_WIDTH.sub(lambda run: unicodedata.normalize("NFKC", run[0]), text.translate(FULL_WIDTH))
    if unicodedata.is_normalized("NFC", text):
        return text
    return NOT_LATIN.sub(lambda run: normalized("NFC", run[0]), text)


@cache
def _kind(char: str) -> str:
    """What a lower-case character is: a (a-z, 0-9), c (a token by itself), w (in a word), m (a mark), or a space."""
    if char.isascii():
        return "a" if char.isalnum() else " "
    if unicodedata.category(char).startswith("M") or char in "\u200c\u200d":
        return "m"  # the two (non-)joiners shape letters inside Persian and Indic words
    name = unicodedata.name(char, "")
    if char.isalnum() and name.startswith(ALONE):
        return "c"
    # Below U+0370 all is Latin, its signs (ª, µ) included; further Latin letters have it in their names.
    is_word = (char.isalpha() or char.isdecimal()) and ord(char) >= 0x370 and "LATIN" not in name
    return "w" if is_word else " "
