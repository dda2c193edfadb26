"""Answers that leave the task undone without an "I can't": they ask back, find the request against a rule, turn to
something else, or say that what was to be worked on is not there.

They are short, hold nothing of what was asked for, and end there.
Their tables are in undone_asking.py and undone_declining.py.
"""

from __future__ import annotations

import re

from selfinstruct.text.requests import gives_role, wants_speech
from selfinstruct.text.tokens import tokens
from selfinstruct.text.undone_asking import (
    ASKS_BACK,
    MISSING,
    NEGATED,
    NOT_TOLD,
    OPENS_TALK,
    POINTS_BACK,
    SAID,
    WANTS_QUESTIONS,
)
from selfinstruct.text.undone_declining import (
    ABOUT_LAW,
    ACTS,
    AGAINST_RULES,
    BREAKDOWN,
    DIRECTED,
    DISAGREES,
    JUDGED,
    LONE,
    MODEL_SORRY,
    NOT_DONE,
    RUEFUL,
    SAYS_SORRY,
    SUGGESTS,
    TURNS_AWAY,
    WRITTEN,
)

__all__ = ["asks_back", "is_undone", "leaves_letter", "without_lone"]

FEW, FEW_HAN = 45, 70
"""Words, and Chinese characters, that an answer stays under which does nothing but decline."""
HAN = re.compile("[\u3400-\u9fff]")
SPOKEN = re.compile(r"(?!request|input|content|message)[A-Za-z]\w{1,19}:\s|[\u4e00-\u9fff]{1,6}：", re.IGNORECASE)
"""How a line of a dialogue begins, or a labelled answer."""


def is_undone(answer: str, asked: str) -> bool:
    """Whether a short answer asks back, names a rule, turns away or misses the input, and does nothing else.

    `asked` is the task with its input. Words in a role, and other things where others are wanted, are not that.
    """
    if _is_longer(answer) or "\n\n" in answer.strip() or gives_role(asked) or "example" in asked.lower():
        return False
    answer = answer.strip()
    if SPOKEN.match(answer):
        return False
    if asks_back(answer) and not WANTS_QUESTIONS.search(asked) and not OPENS_TALK.match(asked):
        return True
    if NOT_TOLD.match(answer) and POINTS_BACK.search(asked) and "\n" not in asked:
        return True
    if _names_what_is_missing(answer, asked):
        return True
    if DISAGREES.match(answer) or (wants_speech(asked) and leaves_letter(answer, asked)):
        return True
    if "\n" in asked:
        return False
    if ACTS.match(asked) and not WRITTEN.search(asked) and NOT_DONE.match(answer):
        return True
    if not DIRECTED.match(asked):
        return False
    if JUDGED.match(answer) and not ABOUT_LAW.search(asked) and _comes_again(answer, asked):
        return True
    return bool(AGAINST_RULES.match(answer)) or (not SUGGESTS.search(asked) and TURNS_AWAY.match(answer) is not None)


def asks_back(answer: str) -> bool:
    """Whether it agrees and asks for more, or says what it will do once it is told more."""
    return ASKS_BACK.match(answer.strip()) is not None and not _is_longer(answer)


def leaves_letter(answer: str, asked: str) -> bool:
    """Whether a sorry where a letter was wanted is the model's own: it names what it does not write, or know."""
    if _is_longer(answer) or "\n" in answer.strip() or BREAKDOWN.search(asked) or "\n" in asked or gives_role(asked):
        return False
    if answer.rstrip().endswith(("?", "？")) and (WANTS_QUESTIONS.search(asked) or SAID.search(asked)):
        return False
    return SAYS_SORRY.match(answer) is not None and MODEL_SORRY.match(answer) is not None


def without_lone(asked: str) -> str:
    """The task without the words for texts that speak to nobody, unless it is about regret."""
    return asked if RUEFUL.search(asked) else LONE.sub("…", asked)


def _names_what_is_missing(answer: str, asked: str) -> bool:
    found = MISSING.match(answer)
    if not found or "\n" in asked or not NEGATED.search(found[0]):
        return False
    han = found["han"]
    return han in asked if han else found["what"].lower() in tokens(asked)


def _comes_again(answer: str, asked: str) -> bool:
    """Whether the answer begins with what was ordered: a verb, "that", or its word; two Chinese characters."""
    if HAN.match(answer):
        return answer.startswith("这") or any(answer[at : at + 2] in asked for at in range(6))
    words, given = tokens(answer)[:4], tokens(asked)
    if words and (words[0].endswith("ing") or words[0] in ("that", "this")):
        return True
    return any(len(word) > 4 and any(word[:5] == other[:5] for other in given) for word in words)


def _is_longer(answer: str) -> bool:
    return len(tokens(answer)) >= (FEW_HAN if len(HAN.findall(answer)) * 2 > len(answer) else FEW)
