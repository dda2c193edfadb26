"""Answers that refuse, or that tell on the model: "I'm sorry, but I cannot assist with that", 作为一个人工智能，我没有…

They are known by how they begin, never by a "sorry" further on. Three tables for each language (refusals_en.py,
refusals_zh.py):
- ALONE: by what only a model cannot do or lacks, alone or after "sorry": refusals, however long they go on;
- SHORT: by what anybody might say ("Sorry, I can't do that", 抱歉，这个我不会): only where the whole answer is short, and
  the task itself speaks neither of apologies nor of refusals (it may want such words written or translated);
- ASKING: by what asks for the input, or offers something else: only where it is short, and nobody's words are wanted.
An apology that was asked for ("Sorry for the delay", "I'm sorry, but I can't come to your party", 对不起，我迟到了)
goes on in another way and stays; so does a model that says who it is, or gives advice "as an AI assistant".
"""

from __future__ import annotations

import re

from selfinstruct.text import refusals_en as en
from selfinstruct.text import refusals_zh as zh
from selfinstruct.text.keywords import simplified
from selfinstruct.text.requests import wants_speech, wants_words
from selfinstruct.text.tokens import tokens

__all__ = ["is_refusal", "is_sorry"]

SHORT = 80
"""Words, or Chinese characters, that a short answer stays under, as in WizardLM's rule for "sorry"."""
ABOUT_IT = re.compile(
    r"\b(?:sorry|apolog\w+|refus\w+|declin\w+|reject\w*|turn(?:s|ed|ing)?\ down)\b"
    "|道歉|致歉|抱歉|歉意|对不起|拒绝|婉拒|谢绝|推辞|回绝",
    re.IGNORECASE,
)
"""A task about such words: the answer may be made of them."""
REPEATED = re.compile(
    r"\b(?:translat\w+|quot\w+|rephras\w+|what (?:do|does|would|should|might)\b.{0,30}\b(?:say|answer|reply)|robot|chatbots?"
    r"|(?:assistant|model)s? (?:usually |often )?(?:says?|answers?|replies|refuses)|example)\b|翻译|译成|助手.{0,8}(?:说|拒绝)|续写|造句",
    re.IGNORECASE,
)
"""A task whose answer repeats somebody's refusal."""
SORRY = re.compile(r"\bsorry\b|抱歉|对不起|很遗憾", re.IGNORECASE)
SYMPATHY = re.compile(r"sorry (?:to hear|for your|about|you|that you|for the (?:mis|con))|(?:抱歉|遗憾)听到|听到[^，。]{0,8}(?:抱歉|遗憾)", re.IGNORECASE)
ONLY_SORRY = re.compile(r"\W*(?:(?:i['’ ]?a?m )?(?:very |so )?sorry|(?:很|非常|真|实在)?(?:抱歉|对不起))\W*", re.IGNORECASE)
SPEAKER = re.compile(r"\W*[A-Z][\w .]{0,20}: ")
"""How a dialogue begins."""
OPENING = " \t\r\n\"'“‘「『*#>"


def is_refusal(answer: str, asked: str = "") -> bool:
    """Whether the answer begins as a refusal does, in English or Chinese, by the rules above. `asked` is the task."""
    start = simplified(answer.lstrip(OPENING)[:300])
    about = ABOUT_IT.search(simplified(asked)) is not None
    if en.ALONE.match(start) or zh.ALONE.match(start):
        return not (about and REPEATED.search(asked))
    short = en.SHORT.match(start) or zh.SHORT.match(start)
    back = not short and (en.ASKING.match(start) or zh.ASKING.match(start))
    if not short and not back or len(tokens(answer)) >= SHORT:
        return False
    return not about and not (back and wants_speech(asked))


def is_sorry(answer: str, asked: str = "") -> bool:
    """Whether the answer says sorry because the task was not done: with what could not be done beside it, or nothing.

    Sympathy is not, nor a mistake that is put right, nor what the task wanted somebody to say.
    """
    text = simplified(answer)
    if not SORRY.search(text):
        return False
    if is_refusal(answer, asked):
        return True
    if ABOUT_IT.search(simplified(asked)) or wants_speech(asked):
        return False
    if ONLY_SORRY.fullmatch(text):
        return not wants_words(asked)
    if SYMPATHY.search(text) or SPEAKER.match(text):
        return False
    return bool(en.INABILITY.search(text) or zh.INABILITY.search(text))
