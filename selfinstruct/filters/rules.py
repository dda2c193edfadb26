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

from selfinstruct.filters.parts import answers
from selfinstruct.filters.pool import Pool
from selfinstruct.task import Reason, Task
from selfinstruct.text.keywords import asks_for_program, find_keyword, words_pattern
from selfinstruct.text.languages import check_language, load, other_language
from selfinstruct.text.later import later
from selfinstruct.text.nothing import no_input
from selfinstruct.text.placeholders import is_placeholder
from selfinstruct.text.refusals import asks_for_input, is_refusal
from selfinstruct.text.requests import material_cut
from selfinstruct.text.seams import is_blank
from selfinstruct.text.tokens import UNSPACED

__all__ = ["Ascii", "Keywords", "Language", "Length", "Output", "Program", "Punctuation", "Refusal"]

STARTS = (*string.punctuation, *"•◦▪●■¦–，。、；：？！…）】》〉」』〕”·・～—－＋＝＊＃％＆＠＾＿｀｜／＼＞．＂＇，］｝")
"""No instruction begins so; but a Chinese one may with what opens a title, a quotation or a note: 《 “ 「 （ 【 〔."""
WIDE = later("[\u3001-\u3003\u3008-\u301f\u30fb\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]")
"""Punctuation of Chinese and Japanese, which parts words without a space."""

CLOSING = {'"': '"', "'": "'", "(": ")", "[": "]", "{": "}", "<": ">", "`": "`"}
NAMED = later(
    r"[$+\-￥＄]\s?\.?\d|\.\d|\.[A-Z]{2}|[@#%&~/\\][a-z][\w.&;]*|~?/\.?[a-z]\w*|\*{1,2}k?w?args\b"
    r"|\'(?:[Tt]was|[Tt]is|[Tt]il|[Ee]m)\b|——[“「\"]",
)
"""A mark that belongs to a word: $5, -5, .NET, @property, #include, /etc/hosts, *args, 'Twas."""
OTHER_PROGRAM = later(
    r"m\w|s?[ ](?:notes?|guide|booklet|brochure|schedule|leaflet|description|overview|proposal|director|manager"
    r"|coordinator|evaluation|report|officer|flyer)\b|[ ]for[ ](?:the|a|an|our|my)[ ](?:\w+[ ]){0,3}"
    r"(?:concert|ceremony|wedding|festival|recital|conference|gala|funeral|party|event)\b",
    re.IGNORECASE,
)
"""After "Write a program": no software."""
GIVEN = later(
    r"\b(?:given|provided|following) (?:files?|photos?|paintings?)\b|\b(?:attached|enclosed) \w+|\btable (?:below"
    r"|above|shows)\b|\bthis painting\b"
    r"|(?:给定|给出|以下)的?(?:文件|照片)",
    re.IGNORECASE,
)
"""The input, if there is one and it is a text."""


@dataclass(frozen=True, slots=True)
class Length:
    """3 words or fewer, or more than 150; where the text is Chinese, characters.

    What is short with its input is no task ("Translate it." and nothing to translate), and what is long without the
    text that it asks about, a text pasted below or code. A conversation may begin with "Hi", and with pages: it passes.

    A word between spaces counts one, as published. In scripts without spaces (Han, kana, Thai …) a character counts
    one, each word of another script between them as well, and punctuation nothing: 用Python写一个quick sort is 7.
    The limits are BELLE's, too: 写首诗 is too short and 写一首诗 is not; 150 characters hold what about 100 words do.
    """

    shortest: int = 4
    longest: int = 150

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        if task.turns:
            return None
        words = _words_in(task.instruction)
        inputs = (one.input for one in task.instances if not no_input(one.input, task.instruction))
        if words < self.shortest and words + max(map(_words_in, inputs), default=0) < self.shortest:
            return Reason("too short")
        return Reason("too long") if words > self.longest < _words_in(material_cut(task.instruction)) else None


def _is_text(given: str) -> bool:
    return not no_input(given) and not re.search(r"image|photo|https?:|attach|图|照片|[\[<]", given, re.IGNORECASE)


def _words_in(text: str) -> int:
    return sum(1 if word.isascii() else _size(word) for word in text.split())


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
    """Asks for what a text model can neither see nor do, by context, in English and in Chinese.

    "Describe this image", "open the file", "plot y = x²" and 画一只猫 do; the plot of a novel, to file a complaint,
    code that reads a file and 动画 do not. The published words, wherever they stand, are `more: [image, graph, …]`.
    """

    more: tuple[str, ...] = ()
    """Words that count wherever they stand, whole and in any case; a Chinese one is found inside others, too."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "more", tuple(self.more))  # a list, as YAML and people write it, has no hash

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        found = find_keyword(task.instruction, _words(self.more) if self.more else None)
        given = GIVEN.search(task.instruction) and any(_is_text(one.input) for one in task.instances)
        return Reason("keyword", found) if found and not given else None


@cache
def _words(more: tuple[str, ...]) -> re.Pattern[str]:
    return words_pattern(more)


@dataclass(frozen=True, slots=True)
class Program:
    """Starts with "Write a program" or 写一个程序: teachers write them without end."""

    exact_case: bool = False
    """In this case only, as Alpaca has it."""

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        start = task.instruction[:15]
        english = (start if self.exact_case else start.capitalize()) == "Write a program"
        english = english and not OTHER_PROGRAM.match(task.instruction, 15)
        return Reason("write a program") if english or asks_for_program(task.instruction) else None


@dataclass(frozen=True, slots=True)
class Punctuation:
    """Starts with punctuation, Chinese or not, that is left over from a list or another sentence: "- describe a day".

    What opens a quotation, a note or code and closes it stays, and so do the marks of names and numbers: "Break a leg"
    means what?, (a) Define entropy., .NET, -5 + 12, @property.
    """

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        start = task.instruction[:1]
        return Reason("starts with punctuation") if start in STARTS and not _belongs(task.instruction) else None


def _belongs(text: str) -> bool:
    """Whether the mark that the text begins with is a part of it: closed further on, or of a name or number."""
    closing = CLOSING.get(text[0], "")
    if closing and text[1:].partition(closing)[0].strip() and closing in text[2:]:
        return True
    return NAMED.match(text) is not None


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
    """An answer that is none: empty, of white space or characters that nobody sees, or a placeholder.

    "<nooutput>", "N/A", "None", "[Your answer here]", "TODO", 无, 待补充 and their like, unless the task
    asks for such a word ("or write N/A if there is none").
    """

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        said = list(answers(task))
        if not said and not task.judged and not any(turn["role"] == "assistant" for turn in task.turns):
            return Reason("empty output", "nobody answers")
        for asked, answer in said:
            if is_blank(answer):
                return Reason("empty output")
            if is_placeholder(answer, asked):
                return Reason("no answer", answer.strip()[:40])
        return None


@dataclass(frozen=True, slots=True)
class Refusal:
    """An output, or what the assistant says in a conversation, that begins as a refusal, in English or Chinese.

    It begins so with what only a model cannot do, or says of itself ("I'm sorry, but I can't assist with that",
    作为一个人工智能，我没有…); or it is short (under 80 words, or characters), begins with any other refusal
    ("Sorry, I can't do that", 抱歉，这个我不会), and the task speaks neither of apologies nor of refusals. "Sorry for
    being late" is none. What asks for the input is none either if the user then goes on.
    """

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        said = list(answers(task))
        asking = said[:-1] if task.turns else []
        refused = any(
            is_refusal(answer, asked) and not (at < len(asking) and asks_for_input(answer))
            for at, (asked, answer) in enumerate(said)
        )
        return Reason("refusal") if refused else None
