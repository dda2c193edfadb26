"""Reasons to drop a task. Each filter is a small frozen dataclass: its fields are its options, and calling it with a
task (and the pool of those kept before) gives the reason to drop that task, or None.

The published order and figures: Self-Instruct's scripts, and Alpaca's and its descendants' after them.
"""

from __future__ import annotations

import re
import string
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from selfinstruct.filters.pool import Pool
from selfinstruct.task import Reason, Task
from selfinstruct.text.keywords import KEYWORDS, asks_for_program, find_keyword, words_pattern
from selfinstruct.text.languages import check_language, load, other_language
from selfinstruct.text.refusals import is_refusal
from selfinstruct.text.tokens import UNSPACED

__all__ = ["Ascii", "Keywords", "Language", "Length", "Output", "Program", "Punctuation", "Refusal"]

STARTS = (*string.punctuation, *"，。、；：？！…）】》〉」』〕”·・～—－＋＝＊＃％＆＠＾＿｀｜／＼＞．＂＇，］｝")
"""No instruction begins so; but a Chinese one may with what opens a title, a quotation or a note: 《 “ 「 （ 【 〔."""
WIDE = re.compile("[\u3001-\u3003\u3008-\u301f\u30fb\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]")
"""Punctuation of Chinese and Japanese, which parts words without a space."""


@dataclass(frozen=True, slots=True)
class Length:
    """3 words or fewer, or more than 150; where the text is Chinese, characters.

    A word between spaces counts one, as published. In scripts without spaces (Han, kana, Thai …) a character counts
    one, each word of another script between them as well, and punctuation nothing: 用Python写一个quick sort is 7.
    The limits are BELLE's, too: 写首诗 is too short and 写一首诗 is not; 150 characters hold what about 100 words do.
    """

    shortest: int = 4
    longest: int = 150

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        words = sum(1 if word.isascii() else _size(word) for word in task.instruction.split())
        if words < self.shortest:
            return Reason("too short")
        return Reason("too long") if words > self.longest else None


def _size(word: str) -> int:
    """What a word between spaces counts."""
    between = WIDE.sub(" ", word)
    alone = sum(map(_alone, between))
    if not alone and between == word:
        return 1
    others = "".join(" " if _alone(char) else char for char in between).split()
    return alone + sum(any(map(str.isalnum, other)) for other in others)


@cache
def _alone(char: str) -> bool:
    return not char.isascii() and char.isalnum() and unicodedata.name(char, "").startswith(UNSPACED)


@dataclass(frozen=True, slots=True)
class Keywords:
    """Whole words, in any case, of what a text model can neither see nor do, in English and in Chinese."""

    more: tuple[str, ...] = ()
    """Words to look for besides; a Chinese one is found inside others, too."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "more", tuple(self.more))  # a list, as YAML and people write it, has no hash

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        found = find_keyword(task.instruction, _words(self.more))
        return Reason("keyword", found) if found else None


@cache
def _words(more: tuple[str, ...]) -> re.Pattern[str]:
    return words_pattern((*KEYWORDS, *more))


@dataclass(frozen=True, slots=True)
class Program:
    """Starts with "Write a program" or 写一个程序: teachers write them without end."""

    exact_case: bool = False
    """In this case only, as Alpaca has it."""

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        start = task.instruction[:15]
        english = (start if self.exact_case else start.capitalize()) == "Write a program"
        return Reason("write a program") if english or asks_for_program(task.instruction) else None


@dataclass(frozen=True, slots=True)
class Punctuation:
    """Starts with punctuation, Chinese or not."""

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        return Reason("starts with punctuation") if task.instruction[:1] in STARTS else None


@dataclass(frozen=True, slots=True)
class Ascii:
    """Starts with a character that is not ASCII: the published test for other languages than English."""

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        return None if task.instruction[:1].isascii() else Reason("starts with a non-ASCII character")


@dataclass(frozen=True, slots=True)
class Language:
    """Not in the language wanted.

    Of the instruction only: an output in another language may be the task (a translation), and code is in none. A task
    is dropped when it surely is in another one, so a few words pass, and what mixes languages evenly.
    """

    language: str = "en"
    """Its code of two letters, such as en or zh."""

    def __post_init__(self) -> None:
        check_language(self.language)

    def ready(self) -> None:
        """Loads the language model: half a second, in which a run that has begun would leave its answers unread."""
        load()

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        found = other_language(task.instruction, self.language)
        return Reason("language", f"{found}, wanted {self.language}") if found else None


@dataclass(frozen=True, slots=True)
class Output:
    """An instance without output."""

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        return Reason("empty output") if any(not instance.output.strip() for instance in task.instances) else None


@dataclass(frozen=True, slots=True)
class Refusal:
    """An output, or what the assistant says in a conversation, that begins as a refusal, in English or Chinese.

    It begins so with what only a model cannot do, or says of itself ("I'm sorry, but I can't assist with that",
    作为一个人工智能，我没有…); or it is short (under 80 words, or characters), begins with any other refusal
    ("Sorry, I can't do that", 抱歉，这个我不会), and the task speaks neither of apologies nor of refusals. "Sorry for
    being late" is none.
    """

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        said = [(instance.output, f"{task.instruction}\n{instance.input}") for instance in task.instances]
        said += [
            (answer["content"], question["content"])
            for question, answer in pairwise(task.turns)
            if answer["role"] == "assistant"
        ]
        return Reason("refusal") if any(is_refusal(answer, question) for answer, question in said) else None
