"""Words that an instruction is dropped for, in English and Chinese: what a text model can neither see nor do.

Chinese has no spaces, so a word counts by what stands around it: 画一只猫 asks for a drawing, 动画 and 刻画 do not;
打开文件 asks for something to be done, 文件管理制度 and 什么是文件 can be written about. What is quoted, as a word or a
title, is spoken of and not done: 把“画”字组词, 以《老照片》为题.
Traditional characters are read as the simplified ones that the patterns are written in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from selfinstruct.text.keywords_en import find_seen_or_done
from selfinstruct.text.keywords_zh import CHINESE, EXERCISE, GENERAL, HERE, POINTED, SHOWN, THING, simplified
from selfinstruct.text.later import later
from selfinstruct.text.requests import in_material

__all__ = ["KEYWORDS", "asks_for_program", "find_keyword", "simplified", "words_pattern"]
KEYWORDS = (
    *("image", "images", "graph", "graphs", "picture", "pictures", "file", "files"),
    *("map", "maps", "draw", "plot", "go to"),
)
"""Words of instructions that a text model cannot follow, as published; Alpaca adds five. In English they count by
context (keywords_en.py), and here where they stand in a text of another script."""

BESIDE = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\uff66-\uffdc\U00020000-\U0003ffff"
)
"""Characters of scripts that stand beside an English word without a space: Thai, Chinese, Japanese, Korean …"""
BORDER = rf"[^\W{BESIDE}]"
r"""A character that an English word goes on with. For \b Chinese ones are such: it finds no word in 打开file看看."""

CLOSING = {"“": "”", "‘": "’", "「": "」", "『": "』", "《": "》", '"': '"'}
OPENING = later(f"[{''.join(CLOSING)}]")

PROGRAM = later(
    r"(?:请|麻烦)?[你您]?(?:帮我|给我|为我)?(?:编写|编|写)出?(?:[一1]?[个段款份])?(?:程序|程式)(?![员正设化性])"
)
"""写一个程序 and its like; as in English, one in a named language (写一个Python程序) is more than that."""


OTHER_SCRIPT = later(f"[{BESIDE}]")
CODE = later(
    r"代码|(?<!这个)(?<!画出)函数(?!的?[图曲])|脚本语言|(?:文件|数据|转[成换为])[^，。？！]{0,12}的?脚本|编程|源码"
    r"|正则|命令行|数据结构|图论|算法|(?i:python|javascript|java|matplotlib|opencv|canvas|latex|svg|html|css|sql"
    r"|bash|shell|linux|pillow|ffmpeg|pandas|numpy|api|系统调用|excel|mermaid|markdown|ascii)"
)
"""A text model writes what draws or reads."""
SHOWN_CODE = later("(?:截[图屏]|图片|照片|附件)[里中上]")
"""Unless it is to be read off a picture."""


def words_pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Finds any of the words, whole, in any case. A word that begins or ends in Chinese is found inside others."""

    kinds: dict[tuple[str, str], list[str]] = {}
    for word in words:
        before = f"(?<!{BORDER})" if re.match(BORDER, word) else ""
        after = f"(?!{BORDER})" if re.match(BORDER, word[-1:]) else ""
        kinds.setdefault((before, after), []).append(re.escape(word))
    # One test of the border for all words, not one for each: 4 µs a text instead of 27.
    groups = [f"{before}(?:{'|'.join(alike)}){after}" for (before, after), alike in kinds.items()]
    return later("|".join(groups), re.IGNORECASE)


def find_keyword(text: str, more: re.Pattern[str] | None = None) -> str | None:
    """What the text asks for that a text model can neither see nor do, in English or Chinese; or the first of the words
    of `more`, wherever it stands.
    """
    if more and (found := more.search(text)):
        return found[0].lower()
    if not OTHER_SCRIPT.search(text):
        return find_seen_or_done(text)
    plain = simplified(text)
    bare = _without_quotations(plain)
    if not any(map(str.isalnum, bare.replace("某", ""))):
        bare = plain  # all of it is quoted: then that is the instruction
    if CODE.search(bare) and not SHOWN_CODE.search(bare):
        return None
    if (found := PUBLISHED.search(bare)) and not in_material(bare, found.start()):
        return found[0].lower()
    if EXERCISE.search(bare) and not HERE.search(bare):
        return None
    general = GENERAL.search(bare) and not HERE.search(bare)
    for match in CHINESE.finditer(bare):
        noun = match[2] and THING.fullmatch(match[2])
        if noun and (general or not (POINTED.search(bare[: match.start()][-30:]) or SHOWN.match(bare, match.end()))):
            continue
        if (match[1] or match[2]) and not in_material(bare, match.start()):
            return text[match.start() : match.end()]
    return None


def _without_quotations(text: str) -> str:
    """The text with 某 for every character that is quoted, by the first marks that open and close."""
    pieces, unclosed = list[str](), set[str]()
    at = done = 0  # where to look on; up to where the text is in the pieces
    while opening := OPENING.search(text, at):
        at = opening.end()
        closing = CLOSING[opening[0]]
        if closing in unclosed or text.startswith(closing, at):
            continue
        if (end := text.find(closing, at + 1)) < 0:
            unclosed.add(closing)  # looked for once, not once from each of 10,000 marks that open
            continue
        pieces += [text[done:at], "某" * (end - at)]
        at, done = end - 1, end  # the last character quoted may open another quotation
    return "".join([*pieces, text[done:]])


PUBLISHED = words_pattern(KEYWORDS)
"""Beside characters of other scripts: 打开file看看."""


def asks_for_program(text: str) -> bool:
    """Whether a Chinese instruction begins by asking for a program."""
    return PROGRAM.match(simplified(text)) is not None
