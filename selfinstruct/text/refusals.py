"""Answers that refuse, or that tell on the model: "I'm sorry, but I cannot assist with that", 作为一个人工智能，我没有…

They are known by how they begin, never by a "sorry" further on. Three tables for each language (refusals_en.py,
refusals_zh.py):
- ALONE: by what only a model cannot do or lacks, alone or after "sorry": refusals, however long they go on;
- SHORT: by what anybody might say ("Sorry, I can't do that", 抱歉，这个我不会): only where the whole answer is short,
  and the task itself speaks neither of apologies nor of refusals (it may want such words written or translated);
- ASKING: by what asks for the input, or offers something else: only where it is short, and nobody's words are wanted.
An apology that was asked for ("Sorry for the delay", "I'm sorry, but I can't come to your party", 对不起，我迟到了)
goes on in another way and stays; so does a model that says who it is, or gives advice "as an AI assistant".
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from selfinstruct.text import refusals_en as en
from selfinstruct.text import refusals_zh as zh
from selfinstruct.text.keywords import simplified
from selfinstruct.text.requests import is_translation, wants_speech, wants_words
from selfinstruct.text.tokens import tokens

__all__ = ["is_refusal", "is_sorry"]

SHORT = 80
"""Words, or Chinese characters, that a short answer stays under, as in WizardLM's rule for "sorry"."""


def _opening(greeted: str, rows: Iterable[en.Opening]) -> re.Pattern[str]:
    """Finds any of the rows where an answer begins, after words of greeting."""
    return re.compile(f"{greeted}(?:{'|'.join(f'(?:{row.pattern})' for row in rows)})", re.IGNORECASE | re.VERBOSE)


ALONE = (_opening(en.GREETED, en.ALONE), _opening(zh.GREETED, zh.ALONE))
BRIEF = (_opening(en.GREETED, en.SHORT), _opening(zh.GREETED, zh.SHORT))
ASKING = (_opening(en.GREETED, en.ASKING), _opening(zh.GREETED, zh.ASKING))
INABILITY = (en.INABILITY, zh.INABILITY)
ABOUT_IT = re.compile(
    r"\b(?:sorry|apolog\w+|refus\w+|declin\w+|reject\w*|turn(?:s|ed|ing)?\ down)\b"
    "|道歉|致歉|抱歉|歉意|对不起|拒绝|婉拒|谢绝|推辞|回绝",
    re.IGNORECASE,
)
"""A task about such words: the answer may be made of them."""
REPEATED = re.compile(
    r"\b(?:translat\w+|quot\w+|rephras\w+|what (?:do|does|would|should|might)\b.{0,30}\b(?:say|answer|reply)|robot"
    r"|chatbots?"
    r"|(?:assistant|model)s? (?:usually |often )?(?:says?|answers?|replies|refuses)|example)\b|翻译|译成"
    r"|助手.{0,8}(?:说|拒绝)|续写|造句",
    re.IGNORECASE,
)
"""A task whose answer repeats somebody's refusal."""
SORRY = re.compile(r"\bsorry\b|抱歉|对不起|很遗憾", re.IGNORECASE)
SYMPATHY = re.compile(
    r"sorry (?:to hear|for your|about|you|that you|for the (?:mis|con))|(?:抱歉|遗憾)听到|听到[^，。]{0,8}(?:抱歉"
    r"|遗憾)",
    re.IGNORECASE,
)
ONLY_SORRY = re.compile(
    r"\W*(?:(?:i['’ ]?a?m )?(?:very |so )?sorry|(?:很|非常|真|实在)?(?:抱歉|对不起))\W*", re.IGNORECASE
)
DIALOGUE = re.compile(r"[\"“「『][^\"”」』\n]{1,200}[\"”」』][,，.。]?\s?\w")
"""Somebody says it, and the story goes on."""
MODEL_SPEAKS = re.compile(
    r"\b(?:assist|request|comply|fulfil|provided?|language model|ai|guidelines)\b|协助|请求|人工智能|语言模型|提供",
    re.IGNORECASE,
)
YOUR_LIMITS = re.compile(
    r"\b(?:you|one|i|we|they) (?:can(?:no|['’])t|can not|could(?:n['’]t| not)|won['’]t)\b|你(?:不能|无法|没有|不会)",
    re.IGNORECASE,
)
"""A task about what somebody cannot do."""
PLAYED = re.compile(r"\b(?:dialogue|role-?play|pretend|act as)\b|对话|扮演", re.IGNORECASE)
"""A task in which the answer plays somebody."""
LAST = re.compile(r"(?:\bsorry|抱歉|对不起)\W*\Z", re.IGNORECASE)
BEGINS = re.compile(
    r"\W*(?:(?:i['’]m|i am|we are|we['’]re|oh|well|no|hello|hi)[\s,!.]+)*(?:(?:so|very|really|terribly|truly"
    r"|deeply) )*sorry\b"
    r"|[^，。]{0,6}(?:抱歉|对不起|很遗憾)",
    re.IGNORECASE,
)
CORRECTED = re.compile(
    r"\W*(?:wrong|no[,.!]|incorrect|you(?:['’]re| are| forgot| made| missed| said)\b|that['’]?s (?:wrong|not)"
    r"|it still|the code still|still\b"
    r"|错|不对|你(?:漏|错|弄|算|搞|[^，。]{0,10}错)|[^，。]{0,6}还是)",
    re.IGNORECASE,
)
"""What the user says of an answer before: what follows is no refusal, but puts it right."""
SPEAKER = re.compile(r"\W*[A-Z][\w .]{0,20}: ")
"""How a dialogue begins."""
OPENING = " \t\r\n\"'“‘「『*#>"


SENTENCE = re.compile(r"[^.!?。！？\n]*(?:[.!?。！？\n]+|$)")


def is_refusal(answer: str, asked: str = "") -> bool:
    """Whether the answer begins as a refusal does, in English or Chinese, by the rules above.

    `asked` is the task, with its input; without it only what nobody else would say counts.
    """
    if DIALOGUE.match(answer.lstrip()) or _repeats(answer, asked):
        return False
    start = simplified(answer.lstrip(OPENING)[:300])
    about = ABOUT_IT.search(simplified(asked)) is not None
    if any(pattern.match(start) for pattern in ALONE):
        return not (about and REPEATED.search(asked))
    if len(tokens(answer)) >= SHORT or about:
        return False
    if any(pattern.match(start) for pattern in BRIEF):
        return not PLAYED.search(asked)
    if not asked or YOUR_LIMITS.search(asked):
        return False
    back = any(pattern.match(start) for pattern in ASKING) or _is_sorry_that_it_cannot(start)
    return bool(back) and answer[:1] not in "\"“「'‘" and not CORRECTED.match(asked) and not wants_speech(asked)


def _repeats(answer: str, asked: str) -> bool:
    """Whether the answer begins with words of the task, or is a short translation of some."""
    words = tokens(answer)[:4]
    if len(words) == 4 and f" {' '.join(words)} " in f" {' '.join(tokens(asked))} ":
        return True
    return is_translation(asked) and len(tokens(answer)) < 12 and not MODEL_SPEAKS.search(answer)


def _is_sorry_that_it_cannot(start: str) -> bool:
    """Whether the first sentence, or the one after a mere "Sorry.", says sorry and what could not be done."""
    if SYMPATHY.search(start) or SPEAKER.match(start):
        return False
    first = SENTENCE.match(start)
    said = first[0] if first else start
    if ONLY_SORRY.fullmatch(said):
        rest = SENTENCE.match(start, len(said))
        said += rest[0] if rest else ""
    return bool(BEGINS.match(said) and any(pattern.search(said) for pattern in INABILITY))


def is_sorry(answer: str, asked: str = "") -> bool:
    """Whether the answer says sorry because the task was not done: with what could not be done beside it, or nothing.

    Sympathy is not, nor a mistake that is put right, nor what the task wanted somebody to say.
    """
    text = simplified(answer)
    if not SORRY.search(text):
        return False
    if is_refusal(answer, asked):
        return True
    if ABOUT_IT.search(simplified(asked)) or wants_speech(asked) or CORRECTED.match(asked):
        return False
    return bool(ONLY_SORRY.fullmatch(text) and not wants_words(asked)) or _ends_in_sorry(text)


def _ends_in_sorry(text: str) -> bool:
    """ "The passage was not provided, sorry." """
    return bool(LAST.search(text) and any(pattern.search(text) for pattern in INABILITY))
