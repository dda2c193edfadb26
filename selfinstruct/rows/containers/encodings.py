"""Bytes and the texts that they are: those of another encoding are marked, and that encoding is named."""

from __future__ import annotations

import codecs
import itertools
from collections.abc import Callable

from selfinstruct.errors import UsageError

__all__ = ["MARKED", "check_encoding", "check_start", "fault_namer", "is_marked", "likely"]

MARKED = "selfinstruct.marked"
"""How errors are handled in decoding: a byte that is no text becomes U+DC00 + byte, which is in no text."""


def _mark(error: UnicodeError) -> tuple[str | bytes, int]:
    if isinstance(error, UnicodeDecodeError):
        return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end
    if isinstance(error, UnicodeEncodeError):
        return bytes(ord(mark) & 0xFF for mark in error.object[error.start : error.end]), error.end
    raise error


codecs.register_error(MARKED, _mark)


def check_encoding(encoding: str) -> str:
    """The encoding's name; UTF-8's for "". Raises UsageError when there is none of that name."""
    if not encoding:
        return "utf-8"
    try:
        name = codecs.lookup(encoding).name
        codecs.getincrementaldecoder(name)(MARKED)
        "a".encode(name)  # not so for base64, rot13 and their like, which are no encodings of texts
        is_one = name not in ("idna", "punycode", "undefined")
    except (LookupError, ValueError, TypeError):
        is_one = False
    if not is_one:
        raise UsageError(f"no encoding {encoding!r}: give one like gbk, big5, shift_jis, utf-16, cp1252 or utf-8")
    return "utf-8" if name == "utf-8-sig" else name


def check_start(start: bytes, file: str) -> None:
    """Raises UsageError when a file that should be UTF-8 begins like UTF-16 or UTF-32: no row of it would be good."""
    for mark, name in WIDE:
        if start.startswith(mark):
            raise UsageError(f"{file} is {name.upper()}, not UTF-8: add --encoding {name}")
    # Without a mark: every other byte of a Latin text or of JSON's own signs is a NUL.
    pairs = start[: len(start) // 2 * 2][:400]
    if len(pairs) >= 4:
        for name, nuls, others in (("utf-16-le", pairs[1::2], pairs[::2]), ("utf-16-be", pairs[::2], pairs[1::2])):
            if nuls.count(0) > 0.4 * len(nuls) and not others.count(0):
                raise UsageError(f"{file} is UTF-16, not UTF-8: add --encoding {name}")


WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16's, which it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def is_marked(text: str) -> bool:
    """Whether some of its bytes were no text."""
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def fault_namer(encoding: str) -> Callable[[str], str]:
    """What says what is wrong with a text of a file that is marked, and what to do.

    The encoding is guessed from the first such text that shows one: to look at each of a million rows would take hours.
    """
    guess, tries = "", 0

    def fault(text: str) -> str:
        nonlocal guess, tries
        byte = f"byte 0x{next(ord(c) for c in text if 0xDC00 <= ord(c) <= 0xDCFF) & 0xFF:02x}"
        if encoding != "utf-8":
            return f"not {encoding} ({byte}): is --encoding right? Else mend the text"
        if not guess and tries < 10:
            guess, tries = likely(text[:20_000].encode("utf-8", MARKED)), tries + 1
        if guess:
            return f"not UTF-8 ({byte}); it looks like {LIKELY[guess][0]}: add --encoding {guess}"
        return f"not UTF-8 ({byte}): save the file as UTF-8, or name its own with --encoding"

    return fault


LIKELY: dict[str, tuple[str, tuple[tuple[int, int], ...]]] = {
    "gbk": ("GBK", ((0xB0A1, 0xD7FE), (0xA1A2, 0xA1BF), (0xA3A1, 0xA3BF))),
    "big5": ("Big5", ((0xA440, 0xC67E), (0xA140, 0xA17E))),
    "shift_jis": ("Shift-JIS", ((0x829F, 0x82F1), (0x8340, 0x8396), (0x889F, 0x9872), (0x8141, 0x8145))),
    "euc_jp": ("EUC-JP", ((0xA4A1, 0xA4F3), (0xA5A1, 0xA5F6), (0xB0A1, 0xCFD3), (0xA1A2, 0xA1A5))),
    "euc_kr": ("EUC-KR", ((0xB0A1, 0xC8FE),)),
    "cp1251": ("cp1251", ((0xC0, 0xFF),)),
    "cp1252": ("cp1252", ((0x91, 0x97), (0xC0, 0xFF), (0xA0, 0xBF), (0x80, 0x85))),
}
"""Encodings as people call them, and where in them the common characters are: those of the first level of GB 2312, of
Big5 and of JIS X 0208 with the kana, Hangul, and letters. Almost all of the others are rare in any text."""


def likely(content: bytes) -> str:
    """The encoding that some bytes, which are no UTF-8, are most probably in; "" when in none of the table."""
    best, most = "", 0.5
    for name, (_, common) in LIKELY.items():
        try:
            # The end may be in the middle of a character.
            text = codecs.getincrementaldecoder(name)().decode(content)
        except UnicodeDecodeError:
            continue
        foreign = [c for c in text if not c.isascii()]
        codes = [int.from_bytes(c.encode(name), "big") for c in foreign]
        share = sum(any(low <= code <= high for low, high in common) for code in codes) / max(1, len(codes))
        score = share * PLAUSIBLE.get(name, lambda _: 1.0)(text)
        if score > most:
            best, most = name, score
    return best


def _letters(text: str) -> float:
    """In the languages of cp1252 most letters are ASCII, and two others in a row are rare."""
    foreign = sum(not c.isascii() for c in text)
    touching = sum(not a.isascii() and not b.isascii() for a, b in itertools.pairwise(text))
    return 1.2 if touching < 0.2 * max(1, foreign) else 0.0


def _cyrillic(text: str) -> float:
    foreign = sum(not c.isascii() for c in text)
    capitals = sum("А" <= c <= "Я" and b.islower() for b, c in itertools.pairwise(text))
    return 1.1 if sum("А" <= c <= "ё" for c in text) > 0.9 * foreign and capitals < 0.1 * foreign else 0.0


def _kana(text: str) -> float:
    """Japanese has kana in every sentence; read as it, Chinese has none."""
    foreign = sum(not c.isascii() for c in text)
    return 1.2 if sum("\u3041" <= c <= "\u30ff" for c in text) > 0.2 * foreign else 0.0


def _hangul(text: str) -> float:
    """Its bytes are those of half of the common characters of GBK: a Chinese sentence has some of the other half."""
    foreign = sum(not c.isascii() for c in text)
    return 1.1 if foreign > 5 and sum("가" <= c <= "힣" for c in text) > 0.97 * foreign else 0.0


PLAUSIBLE = {"cp1251": _cyrillic, "cp1252": _letters, "euc_jp": _kana, "euc_kr": _hangul, "shift_jis": _kana}
