"""What real teachers get wrong, at documented rates, so that filters and reports have something to show.

                   of                                          builtin   builtin:messy
    ugly           the lists of proposals                          2 %            15 %
    truncated      the answers of more than a word                 1 %             5 %
    near_duplicate the proposed instructions                       2 %            12 %
    forbidden      the proposed instructions and whole tasks       1 %             6 %
    unchanged      the evolved tasks                               3 %            12 %
    leak           the evolved tasks                               1 %             5 %
    sorry          the answers to evolved tasks                    2 %             6 %

Only the form suffers: an answer that is given is right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

__all__ = [
    *("FORBIDDEN", "RATES", "Rates", "cut_short", "first_tokens", "near_duplicate", "numbered", "tokens", "truncated"),
]


class Rates(NamedTuple):
    ugly: float
    """Of the lists of proposals: bold numbers, "9)", or a greeting first."""
    truncated: float
    """Of the answers with more than a word: end in the middle, as if cut by length."""
    near_duplicate: float
    """Of the proposed instructions: one of those shown, hardly changed."""
    forbidden: float
    """Of the proposed instructions: ask for what a text model can't see or do."""
    unchanged: float
    """Of the evolved tasks: ask for what their parents ask for, at most in other words."""
    leak: float
    """Of the evolved tasks: speak of the prompt that they were made by."""
    sorry: float
    """Of the answers to evolved tasks: an excuse."""


RATES = {
    "builtin": Rates(
        ugly=0.02, truncated=0.01, near_duplicate=0.02, forbidden=0.01, unchanged=0.03, leak=0.01, sorry=0.02
    ),
    "builtin:messy": Rates(
        ugly=0.15, truncated=0.05, near_duplicate=0.12, forbidden=0.06, unchanged=0.12, leak=0.05, sorry=0.06
    ),
}
"""By the name of the model."""

FORBIDDEN = {
    "en": (
        "Describe what the people in this picture are doing.",
        "Plot the monthly rainfall of the last two years as a bar chart.",
        "Draw a floor plan of a small kitchen with two doors.",
        "Look at the graph and explain why sales fell in autumn.",
        "Sort the attached files by their size and delete the largest.",
        "Mark the three oldest bridges on a map of the city.",
        "Choose the best of these images for the cover of a cookbook.",
        "Go to the website of the railway and book two seats.",
        "Draw the family tree that follows from the letter.",
        "Which of the two pictures was taken at dawn?",
        "Read the scanned file and type out the second page.",
        "Plot the heights of the pupils and mark the tallest.",
    ),
    "zh": (
        "说说这张图片里的人正在做什么。",
        "画一幅江南水乡的雪景，要有石桥和乌篷船。",
        "根据下面的地图，指出离学校最近的邮局。",
        "看完这段视频，用三句话概括它的内容。",
        "把附件里的表格按姓名排序后发给我。",
        "听一听这段音频，写下说话人的每一句话。",
        "用柱状图表示全年各月的用电量。",
        "从这些照片里挑一张做公司年会的封面。",
        "打开这个网站，订两张明天去洛阳的高铁票。",
        "给我们的奶茶店画一个卡通标志。",
        "扫描文件的第二页写了什么？请逐字录入。",
        "看图写话：图片上的小猴子后来怎么样了？",
    ),
}
"""By the code of a language."""


_FORMS = {
    "en": (
        ("", "**{}.** {}"),
        ("", "{}) {}"),
        ("Sure, here is how the list goes on:\n", "{}. {}"),
        ("", "- **{}.** {}"),
    ),
    "zh": (("", "**{}.** {}"), ("", "{}、{}"), ("", "（{}）{}"), ("好的，清单接着写如下：\n", "{}. {}")),
}
_HAN = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_WORD = re.compile(rf"[{_HAN}]|[^\s{_HAN}]+")
"""A word between spaces; in Chinese a character."""
_ONE = re.compile(f"[{_HAN}]")


def near_duplicate(rng: Random, shown: Sequence[str]) -> str:
    text = rng.choice(shown).strip()
    if text.endswith(("。", "？", "！")):
        return f"{text[:-1]}吧{text[-1]}" if rng.random() < 0.5 else f"那么，{text}"
    body, mark = (text[:-1], text[-1]) if text.endswith((".", "?", "!")) else (text, ".")
    return f"{body}, please{mark}" if rng.random() < 0.5 else f"{body} now{mark}"


def numbered(rng: Random, items: Sequence[str], first: int, ugly: float, language: str = "en") -> str:
    """The list as it continues a prompt that ends with its first number; now and then as no parser likes it."""
    if rng.random() >= ugly:
        return "\n".join(f" {item}" if n == first else f"{n}. {item}" for n, item in enumerate(items, first))
    greeting, form = rng.choice(_FORMS[language])
    return greeting + "\n".join(form.format(n, item) for n, item in enumerate(items, first))


def truncated(rng: Random, text: str, rate: float) -> bool:
    """Is this one of the answers that are cut short? One of a single word, such as Yes, 否 or 相同, never is."""
    return rng.random() < rate and len(_WORD.findall(text)) > (2 if re.search(f"[{_HAN}]", text) else 1)


def cut_short(rng: Random, text: str) -> str:
    """The text up to the middle of a word somewhere in its second half."""
    words = list(_WORD.finditer(text))
    last = rng.choice(words[len(words) // 2 :])
    return text[: last.start() + max(1, len(last[0]) // 2)]


def tokens(text: str) -> int:
    """An estimate, as usual: four tokens for three words of English, one for a character of Chinese."""
    characters = 0 if text.isascii() else len(_ONE.findall(text))
    others = len(text.split()) if not characters else len(_ONE.sub(" ", text).split())
    return characters - (-others * 4 // 3)


def first_tokens(text: str, most: int) -> str:
    """As many whole words from the start as make at most so many tokens."""
    end, thirds = 0, 0
    for word in _WORD.finditer(text):
        thirds += 3 if _ONE.match(word[0]) else 4
        if thirds > 3 * most:
            break
        end = word.end()
    return text[:end]
