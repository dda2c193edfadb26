"""Answers in another language than the question, where it asked for no other.

The question's languages are those that any part of it is in, and those that it names or hints at ("in French", 英译,
a translation). What an answer cites, code, names and numbers are in no language; a few words pass.
"""

from __future__ import annotations

import re
from functools import cache

from selfinstruct.text.languages import other_language
from selfinstruct.text.later import later
from selfinstruct.text.scripts import CODES, NEAR, SCRIPTS

__all__ = ["Asked", "asked_in", "wrong_language"]

NAMES = {
    "en": "english|英文|英语|英語|英译",
    "zh": "chinese|mandarin|cantonese|中文|汉语|漢語|国语|普通话|粤语|广东话|广州话|中译|华语|文言",
    "es": "spanish|español|castilian|西班牙[语文語]|西语",
    "fr": "french|français|法[语文語]|法译",
    "de": "german|deutsch|德[语文語]|德译",
    "it": "italian|意大利[语文語]",
    "pt": "portuguese|brazilian|葡萄牙[语文語]|葡语",
    "nl": "dutch|荷兰[语文]",
    "ru": "russian|俄[语文語]|俄译",
    "uk": "ukrainian|乌克兰[语文]",
    "pl": "polish|波兰[语文]",
    "cs": "czech|捷克[语文]",
    "sv": "swedish|瑞典[语文]",
    "da": "danish|丹麦[语文]",
    "no": "norwegian|挪威[语文]",
    "fi": "finnish|芬兰[语文]",
    "el": "greek|希腊[语文]",
    "tr": "turkish|土耳其[语文]",
    "ar": "arabic|阿拉伯[语文]",
    "fa": "persian|farsi|波斯[语文]",
    "he": "hebrew|希伯来[语文]",
    "hi": "hindi|印地[语文]",
    "ja": "japanese|日[语文語]|日本語|日译",
    "ko": "korean|韩[语文]|韓[語文]|朝鲜[语文]",
    "vi": "vietnamese|越南[语文]|越语",
    "th": "thai|泰[语文]",
    "id": "indonesian|bahasa|印尼[语文]|印度尼西亚语",
    "ms": "malay|马来[语文]",
    "la": "latin|拉丁[语文]",
    "hu": "hungarian|匈牙利[语文]",
    "ro": "romanian|罗马尼亚[语文]",
    "bg": "bulgarian|保加利亚[语文]",
    "sw": "swahili|斯瓦希里语",
    "tl": "tagalog|filipino|菲律宾语",
    "ca": "catalan",
    "eo": "esperanto|世界语",
    "bn": "bengali|bangla",
    "ur": "urdu",
    "ta": "tamil",
}
"""How a question names a language, in English and in Chinese. A people's name counts as well (an Italian song)."""
_NAMES = "|".join(f"(?P<{code}>{names})" for code, names in NAMES.items())
CITED = later(r"[“\"「（(：:][ \n]*[A-Za-z'-]{3,}(?=[”\"」）)\s。，]|\Z)")
"""A word in a question in Chinese that is quoted, or is what the question is about."""
NAMED = later(rf"(?:(?<![A-Za-z])|(?=[^\x00-\x7f]))(?:{_NAMES})", re.IGNORECASE)
TARGET = later(
    r"\b(?:translat\w*|render\w*|convert\w*|write|respond|repl(?:y|ies)|answer\w*|speak|say"
    r"|put)\b[^.!?\n]{0,80}?\b(?:in|in ?to|to)\s+(?:\w+\s+)?\Z"
    r"|(?:翻译[成为到]|译[成为]|用|请用|以|使用)\Z",
    re.IGNORECASE,
)
"""What stands before the name of the language that the answer is to be in."""
ANY = later(
    r"\b(?:translat\w*|interpret|languages?|bilingual|multilingual|foreign|linguist\w*|lyrics|mottos?|lorem|filler|placeholder"
    r"|anthem|idioms?|proverbs?|pronunciation|pinyin|romaji|locali[sz]\w*|transliterat\w*|etymology|vocabulary"
    r"|phrasebook|phrases?|tapas|quotes?|quotations?|original (?:title|text|name)s?|first lines?|word list"
    r"|kanji|hiragana|prayers?|pater noster|ave maria|hymns?|carols?|arias?|oaths?|recite)\b"
    r"|翻译|翻譯|译|語言|外语|外文|双语|对照|注音|拼音|原文|原名|歌词|台词|外国|方言|单词|字母|词根|谚语|书名|造句|佳句|代码|程序|函数",
    re.IGNORECASE,
)
"""A question whose answer may be in any language, or none is told."""
CODE = later(r"```.*?(?:```|\Z)|`[^`\n]*`|(?:https?://|www\.)[\x21-\x7e]+|</?[A-Za-z][^<>]*>|\$[^$\n]*\$", re.DOTALL)
CODE_LINE = later(
    r"^\s*(?:#|//|def |class |import |from \w+ import|return\b|for \w+ in |if .*:$|print\(|const |let |var "
    r"|function\b|public |SELECT |INSERT "
    r"|CREATE |UPDATE )|[{};]\s*$|^\s*[\w.\[\]]+ ?[-+*/]?= ?\S",
    re.MULTILINE,
)
FRAME = later(r"[:：\n\"“”«»„「」『』《》]+")
LETTER = later(r"[^\W\d_]")
ENGLISH = later(
    r"\b(?:the|and|is|are|was|of|to|in|a|an|that|it|for|with|on|you|your|this|as|be|by|not|or|from|they|can|have|i|we|he|she"
    r"|what|which|who|how|why|when|where|does|do|write|give|explain|list|name|describe|make|some|about|two|three|sentences?"
    r"|words?|me|my|how|should|would|please|following|given|between|into|their|its)\b",
    re.IGNORECASE,
)
COMMON = frozenset(
    """
    the and is are was of to in a an that it for with on you your this as be by not or from they can have i we he
    she will
    """.split()  # noqa: SIM905
)
"""Of ten words of English prose one at least is one of these."""
HAN = later("[\u3400-\u9fff]")
FOREIGN = later("[^\x00-\u024f\u2000-\u2bff\ufe0f\U0001f000-\U0001ffff]")
"""Letters of other scripts than Latin."""
FEW = {"en": 8, "zh": 10}
"""Words of Latin, or letters of another script, that an answer has at least to be in a language."""
MOST = 1_500
"""Characters that are looked at."""


class Asked:
    """What a question, and all before it, allows an answer to be in."""

    def __init__(self, text: str, wanted: str) -> None:
        self.text, self.wanted = text[: 4 * MOST], wanted
        self.targets = [
            match.lastgroup or ""
            for match in NAMED.finditer(self.text)
            if TARGET.search(self.text[: match.start()][-120:])
        ]
        self.free = bool(ANY.search(self.text) or NAMED.search(self.text)) and not self.targets

    def allows(self, language: str) -> bool:
        """Whether the question is partly in the language, or asks for it."""
        near = next((group.split() for group in NEAR if language in group.split()), [language])
        if self.free or not {self.wanted, *self.targets}.isdisjoint((language, *near)):
            return True
        if any(match.lastgroup == language for match in NAMED.finditer(self.text)):
            return True
        return _has(self.text, language, self.wanted)


def asked_in(text: str) -> str | None:
    """ "en" or "zh" where the question surely is in it; of other languages, and where it is not sure, None."""
    text = text[:MOST]
    letters = len(LETTER.findall(text))
    if letters < 4:
        return None
    chinese = sum("\u3400" <= char <= "\u9fff" for char in text)
    if 2 * chinese >= letters:
        return "zh" if not re.search("[\u3041-\u30ff\uac00-\ud7a3]", text) else None
    words = text.split()
    head = words[:60]
    english = len(ENGLISH.findall(" ".join(head)))
    if (
        text.isascii()
        and (english * 5 >= len(head) or other_language(text, "en") is None)
        and english >= 1
        and len(words) >= 3
    ):
        return "en"
    return "en" if english * 5 >= len(head) and not chinese and len(words) >= 4 else None


def wrong_language(answer: str, question: str, before: str = "") -> str | None:
    """The code of the language that the answer surely is in, though nobody asked for it; None otherwise.

    `before` is what was said before the question, or what the system prompt says.
    """
    if _is_plain(answer, question):
        return None
    wanted = asked_in(question)
    found = _language_of(answer, wanted) if wanted else None
    if wanted is None or found is None or found == wanted:
        return None
    return None if Asked(f"{before}\n{question}", wanted).allows(found) else found


def _is_plain(answer: str, question: str) -> bool:
    """Whether a glance tells: English to a question in Latin letters, Chinese to one in Chinese."""
    start = answer[:600]
    if HAN.search(question):
        return 3 * len(HAN.findall(start)) >= len(start)
    words = start.lower().split()
    return 7 * sum(map(COMMON.__contains__, words)) >= len(words) and not FOREIGN.search(answer[:MOST])


def _language_of(answer: str, wanted: str) -> str | None:
    """The language of the prose of an answer, where it surely is not in the one wanted."""
    if re.match(r"\s*<[A-Za-z!]", answer):
        return None  # markup
    text = FRAME.sub(" ", CODE.sub(" ", answer[:MOST]))
    ascii_only = text.isascii()
    if wanted == "en" and ascii_only:
        words = text.split()
        if len(words) < FEW["en"] or 10 * len(ENGLISH.findall(text)) >= len(words):
            return None
    letters = LETTER.findall(text)
    han = sum("\u3400" <= char <= "\u9fff" for char in letters)
    latin = sum(char < "\u0250" for char in letters)
    if not letters or (wanted == "zh" and 3 * han >= len(letters)) or (wanted == "en" and latin == len(letters) < 30):
        return _kana(text, letters) if wanted == "zh" else None
    if wanted == "zh" and 2 * latin >= len(letters):
        return _latin(answer, text)
    if wanted == "en" and 2 * latin < len(letters):
        return _script_language(text, letters)
    if wanted == "zh":
        return _script_language(text, letters)
    return _prose_of(text) if latin >= 40 else None


def _prose_of(text: str) -> str | None:
    """The language of a text in Latin letters other than English; None of a list of names."""
    words = [word for word in text.split() if word[0].isalpha()]
    if sum(word[0].islower() for word in words) < 0.5 * len(words) or len(words) < 6:
        return None
    return other_language(text, "en")


def _kana(text: str, letters: list[str]) -> str | None:
    kana = len(re.findall("[\u3041-\u30ff]", text))
    return "ja" if 3 * kana >= len(letters) > FEW["zh"] else None


def _script_language(text: str, letters: list[str]) -> str | None:
    if len(letters) < FEW["zh"]:
        return None
    if 5 * len(re.findall("[\u3041-\u30ff]", text)) >= len(letters):
        return "ja"
    if 2 * len(re.findall("[\uac00-\ud7a3]", text)) >= len(letters):
        return "ko"
    return other_language(text, "en") if any(ord(char) > 0x24F for char in letters) else None


def _latin(answer: str, text: str) -> str | None:
    """The language of an answer in Latin letters, to a question in Chinese, if it is prose."""
    words = text.split()
    lines = [line for line in answer[:MOST].split("\n") if line.strip()]
    if len(words) < FEW["en"] or sum(bool(CODE_LINE.search(line)) for line in lines) * 3 >= len(lines):
        return None
    english = len(ENGLISH.findall(text))
    if 6 * english >= len(words):
        return "en"
    return _prose_of(text)


def _has(question: str, language: str, wanted: str) -> bool:
    """Whether a part of the question is in the language, as far as that can be told."""
    scripts = [script for script, codes in SCRIPTS.items() if language in codes.split()]
    if "LATIN" not in scripts:
        pattern = _letters_of(language)
        return len(pattern.findall(question)) >= 2
    if language == "en":
        return len(re.findall(r"[A-Za-z]{2,}", question)) >= 3 or bool(CITED.search(question))
    parts = [part for part in re.split(r"[:：\n\"“”]", question) if len(part.split()) >= 2]
    return any(other_language(part, wanted) == language for part in parts[:20])


@cache
def _letters_of(language: str) -> re.Pattern[str]:
    """Letters of the scripts that the language is written in, by their places in Unicode."""
    ranges = {
        "CYRILLIC": "\u0400-\u04ff", "ARABIC": "\u0600-\u06ff", "DEVANAGARI": "\u0900-\u097f",
        "BENGALI": "\u0980-\u09ff", "CJK": "\u3400-\u9fff", "KANA": "\u3041-\u30ff", "HANGUL": "\uac00-\ud7a3",
        "GREEK": "\u0370-\u03ff", "HEBREW": "\u0590-\u05ff", "THAI": "\u0e00-\u0e7f",
    }  # fmt: skip
    scripts = [script for script, codes in SCRIPTS.items() if language in codes.split() and script in ranges]
    if language == "ja":
        scripts = ["KANA"]
    chars = "".join(ranges[script] for script in scripts)
    return later(f"[{chars}]") if chars and language in CODES else later("[^\x00-\u024f]")
