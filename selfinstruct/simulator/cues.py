"""How a chat model's answer is read: without its markup, cut into statements, with words that tell how each is meant.

The words of both languages are read at once: they don't clash, and answers mix them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from selfinstruct.simulator.data import table
from selfinstruct.text.later import later

__all__ = ["BULLET", "HAN", "LETTER", "Plain", "cue", "plain", "statements", "without_asides"]

LETTER = "[A-Za-z0-9À-ÖØ-öø-ɏ_]"
"""What a word or a syllable of pinyin is made of, but Chinese characters, which need no spaces around them."""
HAN = later("[\u4e00-\u9fff]")
_ENGLISH, _CHINESE = table("en", "matching"), table("zh", "matching")


def words_of(name: str) -> str:
    """A pattern for any of these words, without groups."""
    english, chinese = "|".join(_ENGLISH["cues"][name]), "|".join(_CHINESE["cues"][name])
    return (
        "(?:" + "|".join([rf"(?<!{LETTER})(?:{english})(?!{LETTER})"] * bool(english) + [chinese] * bool(chinese)) + ")"
    )


def cue(pattern: str) -> re.Pattern[str]:
    """In any case; "<deny>" in it stands for each of the words that are called so in data/LANGUAGE/matching.toml."""
    return later(re.sub(r"<([a-z_]+)>", lambda name: words_of(name[1]), pattern), re.IGNORECASE)


# Markup.


class Plain(NamedTuple):
    raw: str
    """With all its markup."""
    text: str
    bold: frozenset[str]
    """What stood in bold type."""
    code: tuple[str, ...]
    """What stood in code blocks, or, where there was none, in code marks."""


_FENCE = later(r"^```[^\n`]*\n(.*?)\n?```[ \t]*$", re.DOTALL | re.MULTILINE)
_CODE = later(r"`([^`\n]+)`")
_BOLD = later(r"\*\*([^*\n]+)\*\*|__([^_\n]+)__")
_ITALIC = later(r"(?<![\w*])\*([^\s*][^*\n]*?)\*(?![\w*])")
_MATH = later(r"\$\$?([^$\n]*[\\=^+][^$\n]*)\$\$?")
_LATEX = (
    (later(r"\\(?:text|mathrm|mathbf|textbf)\{([^{}]*)\}"), r"\1"),
    (later(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}"), r"\1/\2"),
    (later(r"\\boxed\{([^{}]*)\}"), "\nAnswer: \\1\n"),
    (later(r"\\(?:times|cdot)(?![a-z])"), "×"),
    (later(r"\\div(?![a-z])"), "÷"),
    (later(r"\\approx(?![a-z])"), "≈"),
    (later(r"\\[()\[\],;! ]|\\quad"), " "),
    (later(r"\\([%$&#])"), r"\1"),
)
_BLANK = later(r"\s{3,}")
"""Squeezed, so that no pattern goes over thousands of them again and again."""
_LINE_MARK = later(r"^[ \t]*(?:#{1,6}|>)[ \t]+", re.MULTILINE)
_TAKEN_BACK = cue(r"[.!?。！？,，;；—\n–-][\"'”’」）)]*\s*<correct>")


def plain(answer: str) -> Plain:
    """Without thoughts and what is taken back later; formulas as one would type them."""
    raw = answer.rpartition("</think>")[2].partition("<think>")[0].strip()
    fenced = tuple(_FENCE.findall(raw))
    text = _FENCE.sub(r"\1", raw)
    code = fenced or tuple(_CODE.findall(text))
    text = _BLANK.sub(lambda blank: "\n\n" if "\n" in blank[0] else " ", text)
    if "\\" in text or "$$" in text:
        text = _MATH.sub(r"\1", text)
        for pattern, typed in _LATEX:
            text = pattern.sub(typed, text)
    bold = frozenset((one or other).strip(" .:。：") for one, other in _BOLD.findall(text))
    text = _CODE.sub(r"\1", _BOLD.sub(r"\1\2", text))
    text = _LINE_MARK.sub("", _ITALIC.sub(r"\1", text)).replace("的《", "《")
    kept = max((found.end() for found in _TAKEN_BACK.finditer(text)), default=0)
    return Plain(raw, text[kept:], bold, code)


# Statements.

BULLET = later(r"^\s*(?:\d{1,3}[.)、]|[-*•–])\s+")
_END = later(r"(?<=[.!?])[\"'”’)]*\s+(?![a-z])|(?<=[。！？；])[”」）’]*|;\s+")
_POLITE = cue(r"\W*<polite>")
_MOST = 60


def statements(text: str, questions: bool = False) -> Iterator[str]:
    """Sentences and lines without bullets, courtesies and, unless wanted, questions; the first ones of very many."""
    lines = (BULLET.sub("", line) for line in text.split("\n"))
    found = (one.strip() for line in lines for one in _END.split(line))
    kept = [one for one in found if one and (questions or not one.endswith(("?", "？")))]
    yield from [one for one in kept if not _POLITE.match(one) or ":" in one][:_MOST]


def without_asides(text: str) -> str:
    """What stands in round brackets, taken out."""
    return re.sub(r"\s*[(（][^()（）]*[)）]", "", text)
