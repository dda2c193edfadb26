"""The scripts that languages are written in, and the languages that are near to each other."""

from __future__ import annotations

__all__ = ["CODES", "NEAR", "SCRIPTS", "WRITES"]

SCRIPTS = {
    "LATIN": (
        "af an az br bs ca cs cy da de en eo es et eu fi fo fr fy ga gd gl ha hr ht hu id ig is it jv ku la lb lg ln"
        " lt lv mg ms mt nl nn no oc om pl pt qu ro rw se sk sl sn so sq sr st sv sw tk tl tr uz vi vo wa xh yo zu"
    ),
    "CYRILLIC": "ba be bg kk ky mk mn ru sr tg tt uk uz",
    "ARABIC": "ar fa ku ps ug ur",
    "DEVANAGARI": "hi mr ne sa",
    "BENGALI": "as bn",
    "CJK": "ja zh",
}
SCRIPTS |= {"KANA": "ja", "HANGUL": "ko", "GREEK": "el", "HEBREW": "he", "ARMENIAN": "hy", "GEORGIAN": "ka"}
SCRIPTS |= {"THAI": "th", "LAO": "lo", "KHMER": "km", "MYANMAR": "my", "TIBETAN": "dz", "ETHIOPIC": "am"}
SCRIPTS |= {"GUJARATI": "gu", "GURMUKHI": "pa", "ORIYA": "or", "TAMIL": "ta", "TELUGU": "te", "KANNADA": "kn"}
SCRIPTS |= {"MALAYALAM": "ml", "SINHALA": "si"}
"""The languages that the library knows and that have a code of two letters, by the scripts they are written in."""
CODES = tuple(sorted({code for codes in SCRIPTS.values() for code in codes.split()}))

NEAR = (
    *("be bg mk ru sr uk", "da nn no sv", "bs hr sl sr", "cs sk", "an ca es gl oc", "gl pt", "id jv ms", "af nl"),
    *("hi mr ne sa", "ba kk ky tt", "xh zu"),
)
"""Languages that short texts are easily mistaken in for each other."""

SLAVIC = "абвгдежзклмнопрстуфхцчш"
OWN = {"be": "йьэыюяёіў", "bg": "ийщъьюя", "mk": "ијљњџѓќѕ", "ru": "ийщъыьэюяё", "sr": "ијљњџђћ", "uk": "ийщьюяєіїґ"}
WRITES = {code: frozenset(SLAVIC + own) for code, own in OWN.items()}
"""The letters of near languages in Cyrillic: who cannot write a text has not written it."""
