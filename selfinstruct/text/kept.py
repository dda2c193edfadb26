"""What a translation has to leave as it is: numbers, code, links, JSON, formulas, placeholders, names of files.

Numbers are compared by value: 1,000 is 1.000 in German and 一千 in Chinese, 3 million is 300万, and 1990s may be
90年代. Up to twelve they may be words where we do not know the language's. Words of a language are anybody's to
translate: comments and texts in code, texts in JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from selfinstruct.task import Reason
from selfinstruct.text.later import later

__all__ = ["lost"]

_FENCE = later(r"^[ \t]*```[^\n]*\n(.*?)(?:^[ \t]*```|\Z)", re.DOTALL | re.MULTILINE)
_INLINE = later(r"(?<!`)`([^`\n]+)`(?!`)")
_COMMENT = later(r"(?:(?<![:'\"\w])//|#(?!include|define|[0-9a-fA-F]{3,8}\b)|--\s|/\*|<!--)[^\n]*")
_TEXT = later(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'")
_CODE_SIGNS = later(r"[{}();=<>\[\]]|^\s*(?:def|class|import|SELECT|return)\b", re.MULTILINE)
_LINK = later(r"(?:https?|ftp)://[\x21-\x7e]+|www\.[\x21-\x7e]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_PLACE = later(
    r"\{\{[^{}\n]{1,60}\}\}|\$?\{[A-Za-z_]\w{0,40}\}|%(?:\(\w+\))?[sdif](?![A-Za-z])"
    r"|</?[A-Za-z][\w-]*(?: [^<>\n]{0,80})?/?>|\[[A-Z][A-Z0-9]*(?:[_ -][A-Z0-9]+)*\]|<[A-Z_]+>"
)
_GAP = later(r"_{2,}")
_ENDINGS = "py|js|ts|csv|json|txt|md|html|css|sql|xml|ya?ml|pdf|docx?|xlsx?|png|jpe?g"
_NAMED = later(rf"(?<![\w./-])(?:[A-Za-z]\w*_\w*[A-Za-z]\w*|\w[\w-]*\.(?:{_ENDINGS}))(?!\w)", re.ASCII)
_FORMULA = later(r"(?<![\w.,])\(*-?\d[\d.,]*\)*(?:\s?[-+*/×÷·^=<>≤≥]\s?\(*-?\d[\d.,]*\)*){1,20}")
_SIGNS = str.maketrans({"×": "*", "·": "*", "÷": "/", "－": "-", "＋": "+", "＝": "=", "（": "(", "）": ")", "−": "-"})
_NUMBER = later(r"(?<![^\W\d_\u3005-\u9fff\uac00-\ud7a3])\d+(?:[.,'\u00a0\u202f]\d+)*")
_SCALES = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12, "k": 3, "千": 3, "万": 4, "萬": 4, "百万": 6}
_SCALES |= {"千万": 7, "亿": 8, "億": 8, "万亿": 12, "만": 4, "억": 8}
_SCALE = later(rf"\s?({'|'.join(sorted(_SCALES, key=len, reverse=True))})(?![a-z])", re.IGNORECASE)
_HAN_DIGITS = {
    char: value
    for value, chars in enumerate(["〇零", "一壹", "二两兩贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"])
    for char in chars
}
_HAN_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_HAN_NUMBER = later(f"[{''.join(_HAN_DIGITS)}{''.join(_HAN_UNITS)}万萬亿億半双俩仨廿]+")
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_WORD_NUMBER = later(rf"\b(?:{'|'.join(_WORDS)}|once|twice|first|second|third|both|pair)\b", re.IGNORECASE)
_ORDERS = {"once": 1, "twice": 2, "first": 1, "second": 2, "third": 3, "both": 2, "pair": 2}
FEW = 12
"""Up to which a number may be a word."""
HALF_DAY = later(r"\d(?:[:.]\d\d)?\s?p\.?m\b", re.IGNORECASE)


def lost(source: str, said: str, language: str = "") -> Reason | None:
    """What of the source the translation lacks, the first thing found; None when nothing does.

    language    code of the translation's: whose words for small numbers are known (zh, ja, en)
    """
    for name, missing in (
        ("code", _code_lost(source, said)),
        ("a link", _exactly(_LINK, source, said)),
        ("JSON", _json_lost(source, said)),
        ("a placeholder", _exactly(_PLACE, _plain(source), said)),
        ("a name", _exactly(_NAMED, _plain(source), said)),
        ("a formula", _formula_lost(_plain(source), said)),
        ("a number", _number_lost(_plain(source), said, language)),
    ):
        if missing:
            return Reason(f"{name} was lost", missing[:100])
    return None


def _plain(text: str) -> str:
    """The text without what is looked at by itself: code and links."""
    return _LINK.sub(" ", _INLINE.sub(" ", _FENCE.sub("\n", text)))


def _code_lost(source: str, said: str) -> str:
    bare = _bare(said)
    for fence in _FENCE.findall(source):
        if _CODE_SIGNS.search(fence) and _bare(fence) not in bare:
            return str(fence).strip()
    return next((str(code) for code in _INLINE.findall(_FENCE.sub("\n", source)) if code.strip() not in said), "")


def _bare(code: str) -> str:
    """Code without comments, texts and white space."""
    return re.sub(r"\s+", "", _TEXT.sub('""', _COMMENT.sub("", code)))


def _exactly(pattern: re.Pattern[str], source: str, said: str) -> str:
    found = (one.rstrip(".,;:!?)\"'") if pattern is _LINK else one for one in pattern.findall(source))
    if missing := next((one for one in found if one not in said), ""):
        return missing
    return "____" if pattern is _PLACE and _GAP.search(source) and not re.search(r"_{2,}|[＿（(]\s*[)）]", said) else ""


def _json_lost(source: str, said: str) -> str:
    """JSON has the same keys and numbers; its texts may be translated."""
    values = list(_values(source))
    there = [_shape(value) for value in _values(said)] if values else []
    for value in values:
        if _shape(value) not in there:
            return json.dumps(value, ensure_ascii=False)
    return ""


_OPENS = later(r"[{\[](?=\s*[\"\[{])")
_MOST = 20
_decoder = json.JSONDecoder(strict=False)


def _values(text: str) -> Iterator[Any]:
    """The objects and lists in a text."""
    at = tried = 0
    while tried < _MOST and (opening := _OPENS.search(text, at)):
        tried += 1
        try:
            value, at = _decoder.raw_decode(text, opening.start())
        except (ValueError, RecursionError):
            at = opening.end()
        else:
            yield value


def _shape(value: Any, depth: int = 20) -> Any:
    if isinstance(value, dict) and depth:
        return {key: _shape(inner, depth - 1) for key, inner in value.items()}
    if isinstance(value, list) and depth:
        return [_shape(inner, depth - 1) for inner in value]
    return "" if isinstance(value, str) else value


def _formula_lost(source: str, said: str) -> str:
    there = re.sub(r"\s+", "", said.translate(_SIGNS))
    for formula in _FORMULA.findall(source):
        plain = re.sub(r"\s+", "", formula.translate(_SIGNS)).rstrip(".,")
        if not re.fullmatch(r"[\d.,]+[-/.][\d.,]+(?:[-/.][\d.,]+)?", plain) and plain not in there:  # a date, a range
            return str(formula).strip()
    return ""


def _number_lost(source: str, said: str, language: str) -> str:
    there = _numbers(said) | (_han_numbers(said) if language in ("zh", "ja", "") else set())
    there |= _in_words(said) if language in ("en", "") else set()
    afternoon = bool(HALF_DAY.search(source))
    for found in _NUMBER.finditer(source):
        values = _meant(found[0], source[found.end() : found.end() + 12])
        values |= {value + 12 for value in values if afternoon and value < 12}
        if source[found.end() : found.end() + 1] == "s":  # the 1990s
            values |= {value % 100 for value in values}
        if values & there:
            continue
        small = all(value <= FEW and value == int(value) for value in values)
        if not small or language in ("zh", "en"):
            return found[0]
    return ""


def _numbers(text: str) -> set[float]:
    found = set[float]()
    for one in _NUMBER.finditer(text):
        found |= _meant(one[0], text[one.end() : one.end() + 12])
    return found


def _meant(digits: str, following: str) -> set[float]:
    """What a number can mean: its point may be a comma, and a word behind it may make it larger."""
    plain = "".join(str(int(char)) if char.isdecimal() else char for char in digits)
    plain = re.sub("['\u00a0\u202f]", "", plain)
    values = {_float(plain.replace(",", "")), _float(plain.replace(".", "").replace(",", "."))}
    values |= {_float(part) for part in re.split("[.,]", plain)} if plain.count(".") > 1 else set()  # 3.10.2024
    values.discard(None)
    known = {value for value in values if value is not None}
    if scale := _SCALE.match(following):
        known |= {round(value * 10 ** _SCALES[scale[1].lower()], 6) for value in known}
    return known


def _float(text: str) -> float | None:
    try:
        return float(text[:30])
    except ValueError:
        return None


def _han_numbers(text: str) -> set[float]:
    """Of numerals: 三百二十 is 320, 二〇二四 is 2024, 半 a half."""
    found = set[float]()
    for numeral in _HAN_NUMBER.findall(text):
        found |= {_han_value(numeral), *(float(_HAN_DIGITS[char]) for char in numeral if char in _HAN_DIGITS)}
        found |= {
            {"双": 2.0, "俩": 2.0, "仨": 3.0, "廿": 20.0}.get(char, 0.5) for char in numeral if char in "双俩仨廿半"
        }
    return found


def _han_value(numeral: str) -> float:
    if all(char in _HAN_DIGITS for char in numeral):
        return float("".join(str(_HAN_DIGITS[char]) for char in numeral[:20]))
    whole = part = digit = 0
    for char in numeral:
        if char in _HAN_DIGITS:
            digit = _HAN_DIGITS[char]
        elif char in _HAN_UNITS:
            part, digit = part + (digit or 1) * _HAN_UNITS[char], 0
        elif char in "万萬亿億":
            whole, part, digit = whole + (part + digit or 1) * (10_000 if char in "万萬" else 10**8), 0, 0
    return float(whole + part + digit)


def _in_words(text: str) -> set[float]:
    words = (word.lower() for word in _WORD_NUMBER.findall(text))
    return {float(_ORDERS[word] if word in _ORDERS else _WORDS.index(word)) for word in words}
