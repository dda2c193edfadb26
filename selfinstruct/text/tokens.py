"""Words as ROUGE-L compares them, in any script."""

from __future__ import annotations

import unicodedata
from functools import cache

from selfinstruct.text.later import later
from selfinstruct.text.normal import folded

__all__ = ["UNSPACED", "pieces", "tokens"]

LATIN_WORD = later(r"[a-z0-9]+")
WORD = later(r"a+|cm*|w[wm]*")
"""A word, in the letters of `_kind`: of a-z and 0-9; one character with its marks; a word of any other script."""

UNSPACED = (
    *("BOPOMOFO", "CJK", "HALFWIDTH KATAKANA", "HIRAGANA", "IDEOGRAPHIC", "KATAKANA"),
    *("KHMER", "LAO", "MYANMAR", "THAI"),
)
"""How the Unicode names begin of the letters of scripts that put no space between words."""
ALONE = (*UNSPACED, "HANGUL", "HALFWIDTH HANGUL")
"""And of those that are a token each: Korean has spaces, but none between a word and its particles."""

_ALONE = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u3105-\u318f"
    "\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7ff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
"""The same letters by their numbers: six times as fast as by their names, and what they are is no part of a method."""
PIECE = later(rf"[{_ALONE}]|[^\W_{_ALONE}]+|-(?=\d)|[^\w\s.,;:!?'\"`\-‐-‧«»‹›、-』【】〔-〟｡-･·؟،؛।॥]")


def tokens(text: str) -> list[str]:
    """The words that ROUGE-L compares.

    Text in ASCII or Latin letters gives what `rouge_score.tokenize.tokenize(text, None)` gives: runs of a-z and 0-9 in
    lower case, accented letters dropped ("éclair" is "clair"). rouge_score drops every other script, too, so that two
    equal Chinese or Russian texts score 0. Here these have tokens: a character each in Han, kana, hangul, Thai, Lao,
    Khmer and Burmese, a word in all others (Cyrillic, Greek, Arabic, Hebrew, Devanagari …), marks with their letter.
    Of the forms in which one text may be written (`folded`) it is the plain one: é may be one character or two, full
    width or half, with soft hyphens or without. Traditional and simplified characters are not folded, as one may stand
    for several: 漢 is not 汉, and a text and its conversion are as similar as the characters that they share make them.
    """
    text = folded(text).lower()
    if text.isascii():
        return LATIN_WORD.findall(text)
    kinds = "".join(map(_kind, text))
    return [text[word.start() : word.end()] for word in WORD.finditer(kinds)]


def pieces(text: str) -> list[str]:
    """Words in lower case, accents kept, a character each in scripts without spaces; and signs: + of C++, - of -3, %.

    What separates sentences and their parts is left out. Two texts whose pieces are the same ask for the same thing.
    """
    return PIECE.findall(folded(text).lower())


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
