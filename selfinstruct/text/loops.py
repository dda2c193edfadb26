"""Texts that say the same again and again, as small models and models without a repetition penalty write them.

Two signs. A loop: the last words of a stretch are one unit again and again ("The moon pulls. The moon pulls. The …"),
found as a period. And copies: many of the letters are in sentences, or lines, that stood before.

Gopher's rules for web pages (2112.11446, table A1: at most 0.30 duplicate lines, 0.20 of the characters in them, 0.15
in duplicate 5-grams, 0.20 in the top 2-gram …) are where this began. They fail on answers: a list of capitals ("The
capital of … is …") is over the limit for n-grams, and a label for each of ten reviews over that for lines. So a copy
must say something (SAYS), a loop must be one, and code, tables, rows of numbers, labels and laughter are let pass.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from selfinstruct.text.code import Code
from selfinstruct.text.later import later

__all__ = ["find_loop"]

HAN = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
WORD = later(rf"[{HAN}]|[^\W_{HAN}]+|[^\w\s]")
"""A character where there are no spaces, else a word; and each sign."""
SENTENCE = later(r"[^.!?。！？；;\n]*[.!?。！？；;\n]+|[^.!?。！？；;\n]+$")
LABEL = later(r"\s*(?:[-*•·#>]+\s*|\(?\d{1,3}[.):、）]\s*|[^\W\d]{1,10} ?\d{1,3} ?[:：.)]\s*)*")
"""What stands before an item of a list: a bullet, a number, "Tip 3:"."""
TAIL = 2_500
"""Characters at the end in which a loop is looked for: a sentence of 150 words three times."""
SAYS = 4
"""Words, and 6 characters in Chinese, that a copied sentence has at least: labels (positive, 积极) are shorter."""
LAUGHTER = frozenset(
    """
    ha he hi ho hee heh hah haha la na da dee doo dum ta tra bla blah no yes yeah hey oh ah ooh beep boop tick
    tock tic tac ding dong knock buzz woof meow moo quack tweet choo clap click drip boom bang hip hop go run row
    very so really far long 哈 呵 嘿 嘻 啦 啊 嗡 滴 答 嗒 叮 咚 咕 汪 喵 呱 轰 隆 嘟 呜 哇 哦 噢 哎 唉 吼 咯 嘎 叽
    喳 沙 哗 砰 啪 当 铛 非 常 很 真 加 油
    """.split()  # noqa: SIM905
)
"""Words that people do say ten times over."""
VERSE = later(
    r"\b(?:poems?|songs?|lyrics|verses?|chorus|chants?|rap|hymn|ballad|rhymes?|lullaby|mantra|haiku|limerick|sonnet)\b"
    r"|诗|歌|词曲|韵|咒|儿歌|童谣|口号",
    re.IGNORECASE,
)
"""A task that may want a refrain."""
REPEAT = later(
    r"\b(?:repeat(?:s|ed|edly|ing)?|repetitions?|repetitive|\d times|(?:two|three|four|five|six|seven|eight"
    r"|nine|ten|twenty|fifty|hundred"
    r"|many|several) times|over and over|again and again|copies|duplicates?|in a loop|loop(?:s|ing)? (?:of|the|it"
    r"|over)|palindrome"
    r"|tongue twister|stutter\w*)\b"
    r"|重复|反复|循环|[0-9一二两三四五六七八九十百][遍次]|复制|绕口令|叠词|结巴",
    re.IGNORECASE,
)
"""A task that wants to have something said again."""


def find_loop(text: str, asked: str = "") -> str | None:
    """What the text says again and again; None when it does not, or was asked to."""
    if len(text) < 24:
        return None
    if not (found := _letters(text)):
        prose = _prose(text)
        found = _period(prose, 1) or _copies(prose, 0.35, 3)
        if found and VERSE.search(asked):
            found = _period(prose, 2) or _copies(prose, 0.65, 4)
    return None if found and REPEAT.search(asked) else found


def _prose(text: str) -> str:
    """The text without code, tables, and what stands before the items of a list."""
    if "```" in text or "~~~" in text:
        for start, end in reversed(Code(text).fenced):
            text = text[:start] + "\n" + text[end:]
    if "\n" not in text:
        return text
    lines = (line for line in text.split("\n") if not line.lstrip().startswith("|") and "\t" not in line.strip())
    return "\n".join(line[LABEL.match(line).end() :] for line in lines)  # type: ignore[union-attr]


LONG_WORD = later(r"[^\W\d_]{40,}")


def _letters(text: str) -> str | None:
    """A word of 40 letters and more that is a piece of up to 8 letters again and again: nfanfanfa…, but no haha."""
    for match in LONG_WORD.finditer(text):
        tail = match[0][-400:].lower()
        for size in range(1, 9):
            run = 0
            while run + size < len(tail) and tail[-1 - run] == tail[-1 - run - size]:
                run += 1
            unit = tail[-size:]
            if run + size >= max(40, 8 * size) and not _is_laughter(unit) and not set(unit) <= set("acgtu"):
                return f"{_shown(unit)} ×{(run + size) // size}"
    return None


def _is_laughter(unit: str) -> bool:
    return all(char in LAUGHTER for char in unit) or any(unit in word * 3 for word in ("ha", "he", "ho", "la", "hi"))


def _period(prose: str, factor: int) -> str | None:
    """The unit that ends the text as often as nobody writes it on purpose."""
    turned = WORD.findall(prose[-TAIL:].lower())[::-1]
    size, most = 0, len(turned) // 3
    while turned and size < most:
        try:  # where the unit begins anew, its last word stands
            size = turned.index(turned[0], size + 1, most + 1)
        except ValueError:
            break
        if turned[size : size + 3] != turned[:3] and size > 2:
            continue
        run = 0
        while run + size < len(turned) and turned[run] == turned[run + size]:
            run += 1
        if run >= 2 * size:
            if _too_often(turned[:size], (run + size) / size / factor):
                return f"{_shown(_joined(turned[:size][::-1]))} ×{(run + size) // size}"
            size = run - size  # units of two and more such units are no others
    return None


def _too_often(unit: Sequence[str], times: float) -> bool:
    """Whether nobody says so many times what these words say: one word ten times, a sentence of ten three times."""
    said = [word for word in unit if any(map(str.isalpha, word))]
    weight = sum(1.0 if word.isascii() else 0.6 for word in said)
    most = 10 if weight <= 1 else 7 if weight <= 2 else 5 if weight < 6 else 4 if weight < 10 else 3
    return bool(said) and times >= most * (5 if LAUGHTER.issuperset(said) else 1) and weight * times >= 9


def _copies(text: str, most: float, times: int) -> str | None:
    """The sentence that was written most often, if copies are more than this share of the letters."""
    sentences = [sentence.strip().lower() for sentence in SENTENCE.findall(text)]
    if len(set(sentences)) == len(sentences):
        return None
    counted = Counter(sentence for sentence in sentences if _says(sentence))
    copied = sum(len(sentence) * (count - 1) for sentence, count in counted.items())
    whole = sum(map(len, sentences))
    if not counted or copied <= most * whole:
        return None
    sentence, count = counted.most_common(1)[0]
    enough = count > times or (count == times and len(sentence) >= 60)
    return f"{_shown(sentence)} ×{count}" if enough and count * len(sentence) >= 40 else None


def _says(sentence: str) -> bool:
    words = WORD.findall(sentence)
    letters = [word for word in words if any(map(str.isalpha, word))]
    code = sum(sentence.count(sign) for sign in "{}()[]=;<>_/\\|") > len(words) / 4
    return sum(1.0 if word.isascii() else 0.67 for word in letters) >= SAYS and not code


def _joined(words: Sequence[str]) -> str:
    return "".join(words) if any(not word.isascii() for word in words) else " ".join(words)


def _shown(unit: str) -> str:
    return unit if len(unit) <= 60 else f"{unit[:59]}…"
