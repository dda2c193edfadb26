"""The language of an instruction: told by its script, and only between languages of one script by py3langid.

To drop a good task is worse than to keep a bad one, so what cannot be told is taken for the language that is wanted.
What an instruction only cites is no sign of its language: code, links, quotations and what follows its first line or a
colon are left out. "Explain what 加油 means" is English, "用Python写一个quick sort" is Chinese.

A language near to the one wanted (Bulgarian to Russian) must be told by letters that this one does not write, or be
very much likelier. But kana between Chinese characters make Japanese of a text, and hangul Korean, unless something in
its frame is Chinese only.

Why py3langid, and not lingua (both tried on 10,000 published English instructions): 4.5 MB instead of 96, 0.05 ms a
text instead of 1.4, and where it errs it is not sure of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from functools import cache
from typing import TYPE_CHECKING

from selfinstruct.errors import UsageError
from selfinstruct.text.later import later
from selfinstruct.text.normal import normalized
from selfinstruct.text.scripts import CODES, NEAR, SCRIPTS, WRITES

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier  # type: ignore[import-untyped]

__all__ = ["CODES", "check_language", "likeliest_language", "load", "other_language"]

MEANT = {"cn": "zh", "jp": "ja", "kr": "ko", "nb": "no", "english": "en", "chinese": "zh"}

LETTERS = {"CJK": 1.5, "KANA": 2.5, "HANGUL": 2.5, "THAI": 4, "LAO": 4, "KHMER": 4, "MYANMAR": 4}
"""About how many letters make what is a word in English; in the scripts not named here 5."""

SHORT = 2.0
"""Words of another script from which on a text can be told to be in it."""
CLAUSE = 3.0
"""Words that say something by themselves: shorter ones are terms. Also the fewest that the library is asked about."""
SURE = 50.0
"""How many times likelier than the language wanted another one must be. Cut to their first 4 words, none of the 10,000
published English instructions is above it, and 108 of 110 sentences in 19 other languages are."""

SURER = 1_000.0
"""SURE between near languages, if no letter tells. Russian instructions come to 6 in favour of another, Bulgarian ones
of up to seven words to 260 against Russian: some of those are kept."""

ENOUGH = 2_000
"""Characters that are looked at."""

CODE = later(r"```.*?(?:```|\Z)|`[^`\n]*`|(?:https?://|www\.)[\x21-\x7e]+|</?[A-Za-z][^<>]*>", re.DOTALL)
# Of a run of opening marks only the first is tried: a later one is closed where that one is, or not at all, and each
# would look for it to the end of the text. (Of “ the first two: it closes „ as well.)
QUOTED = later(
    r"""(?<!\w)"[^"]*"|(?<!\w)'[^'\n]*'(?!\w)|(?<!““)“[^”]*”|(?<!„)„[^“”]*[“”]|(?<!‘)‘[^’\n]*’|(?<!«)«[^»]*»"""
    r"|(?<!「)「[^」]*」|(?<!『)『[^』]*』|(?<!《)《[^》]*》"
)
SENTENCE = later(r"(?<=[.!?])\s+|(?<=[。！？])")
HEAD = later(r"\n|:(?=\s|$)")
"""Where the frame of an instruction ends and what it is about begins."""

ENGLISH = later(
    r"\b(?:the|and|with|what|which|who|how|why|when|where|does|did|could|should|would|this|these|those|that|their"
    r"|there|"
    r"from|into|between|about|your|you|please|following|given|means?|meaning|explain|write|rewrite|give|"
    r"translate|provide|identify|suggest|sentences?|words?|using|each|have|been|they)\b",
    re.IGNORECASE,
)
"""Words of English sentences, and hardly of the English terms in Chinese ones."""
CHINESE = later(
    r"[的是了在有和与與用请請这這那哪你您我们們吗嗎呢吧么麼怎谁誰个個给給让讓为為说說写寫把将將对對从從并並]"
    r"|什么|什麼|如何|翻译|翻譯|解释|解釋|介绍|介紹|列出|列举|列舉|描述|分析|推荐|推薦|比较|比較|改写|改寫|生成|提供"
)
"""The same for Chinese among English …"""
NOT_JAPANESE = later(
    r"[这這们們說譯釋對國會來與從將點裡還聽讓圖關發變舉寫讀學應沒很荐怎麼她]"
    r"|(?<![申要招懇普起])請(?![求負願託])|什麼"
)
"""… and among Japanese, which has many of those characters, too. What its character set lacks tells as well."""
KANA = later("[ぁ-ゖァ-ヺ]+")
HANGUL = later("[가-힣]")

ANSWER_IN = later(
    r"[^:：\n]{0,30}\b(?:answer|reply|respond)\b[^:：\n]{0,20}\bin (chinese|english)\b[^:：\n]{0,12}[:：]|请?用(中文"
    r"|英文)回[答复]\w{0,6}[:：]",
    re.IGNORECASE,
)
"""A remark on the answer, behind which the task stands."""


def check_language(code: str) -> None:
    """Raises UsageError, naming what to write, unless it is a code that can be told."""
    if code in CODES:
        return
    plain = re.split("[-_]", code.lower())[0]
    plain = MEANT.get(plain, plain)
    write = f"write {plain}" if plain in CODES else f"write one of these codes: {' '.join(CODES)}"
    raise UsageError(f"no language {code!r} can be told: {write}")


def other_language(text: str, wanted: str) -> str | None:
    """The code of the language that the text is in when that is surely not the one wanted; None otherwise.

    A text in another language is none if it is asked about in the one wanted, in its last line or first sentence:
    "Der Zug ist weg.\\n\\nTranslate this to English."
    """
    found = _told(text[:ENOUGH], wanted)
    return None if found and _asked_in(text, wanted) else found


def likeliest_language(text: str) -> str:
    """The code of the language that most of a text is in, "" of one without a letter. Of a whole answer, no request."""
    text = text[:ENOUGH]
    sizes = _sizes(text)
    if not sizes:
        return ""
    script = max(sizes, key=lambda one: sizes[one])
    if script in ("CJK", "KANA"):
        return "ja" if 5 * sizes["KANA"] > sizes["CJK"] else "zh"
    if " " not in SCRIPTS[script]:
        return SCRIPTS[script]
    written = [code for code in SCRIPTS[script].split() if code in CODES]
    return next(str(code) for code, _ in _identifier().rank(_only(text, (script,))) if code in written)


def _asked_in(text: str, wanted: str) -> bool:
    """Whether the request around a text is surely in the language: its last line, or a sentence at either end."""
    bare = CODE.sub(" ", text)
    lines = [line.strip() for line in bare.split("\n") if line.strip()]
    ends = {lines[0], lines[-1]} if len(lines) > 1 else set()
    sentences = [part for part in SENTENCE.split(bare.strip()) if part.strip()]
    ends |= {sentences[0], sentences[-1]} if len(sentences) > 1 else set()
    if (told := ANSWER_IN.match(bare)) and wanted == {"chinese": "zh", "中文": "zh"}.get(
        (told[1] or told[2]).lower(), "en"
    ):
        ends.add(bare[told.end() :])
    return any(_is_surely(end[:ENOUGH], wanted) for end in ends)


def _is_surely(text: str, wanted: str) -> bool:
    """Whether a request is surely in the language, not only perhaps: short ones are in any."""
    text = _frame(text)
    sizes, own = _sizes(text), _scripts_of(wanted)
    if sum(sizes[script] for script in own) < max(SHORT, 0.7 * sum(sizes.values())):
        return False
    if wanted == "en":
        words, said = len(text.split()), len(ENGLISH.findall(text))
        if words <= 6 and 3 * said >= words > 2:
            return True  # Fix the grammar:
        return 6 * said >= words and _likeliest(_only(text, own), "en")[0] == "en"
    if wanted == "zh":
        return bool(CHINESE.search(text)) and "KANA" not in sizes
    if any(" " in SCRIPTS[script] for script in own):
        return sum(sizes[script] for script in own) >= CLAUSE and _likeliest(_only(text, own), wanted)[0] == wanted
    return True


def _told(text: str, wanted: str) -> str | None:
    text = _frame(text)
    plain = text.isascii() or ENGLISH.match(text.lstrip())
    if wanted == "en" and plain and 5 * len(ENGLISH.findall(text)) >= len(text.split()):
        return None  # as two English instructions of three are, a third of the time of asking
    if wanted == "zh" and not text.isascii() and (neighbour := _neighbour(text)):
        return neighbour
    own = _scripts_of(wanted)
    sizes = _sizes(text)
    others = {script: size for script, size in sizes.items() if script not in own}
    if sum(others.values()) >= SHORT and _outweighed(text, wanted, sizes, others):
        return _named(text, max(others, key=lambda script: others[script]), sizes)
    if "CJK" in own:
        # A sentence of Japanese has kana.
        chinese = "KANA" not in sizes and (sizes["CJK"] > 2 * CLAUSE or _is_no_japanese(text))
        return "zh" if wanted == "ja" and chinese else None
    enough = sum(sizes[script] for script in own) >= CLAUSE and any(" " in SCRIPTS[script] for script in own)
    if not enough:
        return None
    if _are_names(text):
        return None
    best, odds = _likeliest(_only(text, own), wanted)
    near = any({best, wanted} <= set(group.split()) for group in NEAR) and _can_write(wanted, text)
    return best if odds >= (SURER if near else SURE) and best != "zxx" else None


def _neighbour(text: str) -> str | None:
    """Japanese or Korean, where the frame has its script and nothing that only Chinese has.

    的 and 在 and the like are in Japanese as well, but then kana stand between other words or at the end, not in one
    cited word.
    """
    chinese = CHINESE.search(text)
    if len(HANGUL.findall(text)) > 1:
        return None if chinese or ENGLISH.search(text) else "ko"
    if ENGLISH.search(text) or _is_no_japanese(text):
        return None
    kana = list(KANA.finditer(text))
    ends = bool(kana) and not any(map(str.isalpha, text[kana[-1].end() :]))
    return "ja" if kana and (not chinese or len(kana) > 1 or ends) else None


def _is_no_japanese(text: str) -> bool:
    """Whether the text has a character of Chinese that Japanese does not use."""
    han = "".join(char for char in text if _script(char) == "CJK")
    return len(han.encode("cp932", "ignore")) < 2 * len(han) or bool(NOT_JAPANESE.search(text))


def _can_write(language: str, text: str) -> bool:
    """Whether the language has the letters of the text, but for a name or so."""
    if language not in WRITES:
        return True
    words = re.findall(r"[а-яѐ-ҁґ]+", text.lower())
    return 10 * sum(not WRITES[language].issuperset(word) for word in words) <= len(words)


def _frame(text: str) -> str:
    """The part of an instruction that is in its own language, as far as form can tell."""
    if not text.isascii():
        text = normalized("NFKC", text.replace("：", ":\n"))  # full-width letters, half-width kana
    text = CODE.sub(" ", text)
    bare = QUOTED.sub(" ", text)
    text = bare if any(map(str.isalpha, bare)) else text  # all of it is quoted: then that is the instruction
    head = HEAD.split(text.strip(), 1)[0]
    return head if sum(_sizes(head).values()) >= CLAUSE else text


@cache
def _script(char: str) -> str:
    """The script of a letter, by the first word of its Unicode name; "" for all that tells nothing."""
    word = unicodedata.name(char, "").split(" ")[0] if char.isalpha() else ""
    script = {"HIRAGANA": "KANA", "KATAKANA": "KANA", "KATAKANA-HIRAGANA": "KANA"}.get(word, word)
    return script if script in SCRIPTS else ""


@cache
def _scripts_of(language: str) -> tuple[str, ...]:
    return tuple(script for script, codes in SCRIPTS.items() if language in codes.split())


def _sizes(text: str) -> defaultdict[str, float]:
    """How much there is of each script, about in words."""
    sizes: defaultdict[str, float] = defaultdict(float)
    for char, count in Counter(text).items():
        if script := _script(char):
            sizes[script] += count / LETTERS.get(script, 5)
    return sizes


def _outweighed(text: str, wanted: str, sizes: Mapping[str, float], others: Mapping[str, float]) -> bool:
    """Whether the text is in one of the other scripts, and words in its own are only cited (or there are none)."""
    own = {script: size for script, size in sizes.items() if script not in others}
    share = sum(own.values()) / sum(sizes.values())
    says = any(_is_clause(text, script, own, wanted) for script in own)
    others_say = any(_is_clause(text, script, others, wanted) for script in others)
    if says and others_say:
        # "Translate 我喜欢在公园散步 into English": an instruction begins, and often ends, with its frame.
        letters = [script for script in map(_script, text) if script]
        return letters[0] in others and (share < 0.5 or letters[-1] in others)
    return others_say if says or others_say else share < 0.2


def _is_clause(text: str, script: str, sizes: Mapping[str, float], wanted: str) -> bool:
    """Whether what the text has in the script says something, or is only a term or two."""
    if script == "LATIN":
        term = wanted == "en" or script not in _scripts_of(wanted) or sizes[script] < CLAUSE
        return not term or bool(ENGLISH.search(text))
    if script == "CJK":
        scripts = {_script(char) for char in text} - {""}
        # Chinese may well begin with an English term, but English hardly with a Chinese one.
        begins = scripts == {"CJK", "LATIN"} and _script(next(filter(_script, text))) == "CJK"
        return begins or (_is_no_japanese(text) if "KANA" in scripts else bool(CHINESE.search(text)))
    return sizes[script] >= CLAUSE


def _named(text: str, script: str, sizes: Mapping[str, float]) -> str | None:
    """The language of a text in the script."""
    if script == "CJK":
        kana, cited = sizes.get("KANA", 0.0), _is_no_japanese(text)
        if "HANGUL" in sizes and not CHINESE.search(text):
            return "ko"
        return "ja" if kana and (not cited or kana > sizes["CJK"]) else "zh"
    if " " not in SCRIPTS[script]:
        return SCRIPTS[script]
    best, odds = _likeliest(_only(text, (script,)), "en")
    if script == "LATIN" and odds < SURE:
        return "en"
    return None if best == "zxx" else best  # the library's name for what is no language, such as code


def _are_names(text: str) -> bool:
    """Whether all words of a short text, but one short one, are capitalised: Bayern München vs Borussia Dortmund."""
    words = [word for word in text.split() if word[0].isalpha()]
    long = [word for word in words if len(word) > 3]
    return (
        len(long) >= 2 and len(words) - len(long) <= 1 and len(words) <= 8 and all(word[0].isupper() for word in long)
    )


def _only(text: str, scripts: Collection[str]) -> str:
    """The text with the letters of these scripts only."""
    return "".join(char if not char.isalpha() or _script(char) in scripts else " " for char in text)


def load() -> None:
    """Loads the library and its model, half a second of work, so that no text has to wait for them."""
    _likeliest("text", "en")  # its first answer takes some milliseconds more


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # half a second, so only when it is needed

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([*CODES, "zxx"])
    return identifier


def _likeliest(text: str, wanted: str) -> tuple[str, float]:
    """The likeliest language that can write the text, and how many times likelier it is than the one wanted."""
    ranked = [(code, odds) for code, odds in _identifier().rank(text) if code == wanted or _can_write(code, text)]
    return ranked[0][0], ranked[0][1] / max(dict(ranked)[wanted], 1e-9)
