"""Prose: an answer that talks instead of going on with a list of tasks.

A base model goes on after "9." with the task itself, in a line or two; a chat model that did not understand tells what
it thinks of the list, writes an essay, or does one of the tasks. The two are told apart by how the text begins and
ends: a task asks (a question, an imperative), prose states. In doubt the text is a task, for the filters to judge.
"""

from __future__ import annotations

import re

from selfinstruct.stages.reading import HAN

__all__ = ["is_prose", "whole_lines"]

_FINITE = r"(?:is|are|was|were|has|had|does|did|will|would|can|could|should|may|might|must|provides?|shows?|includes?)"
_CHATTY = re.compile(
    r"(?:(?:sure|certainly|of course|absolutely|great|thank you|thanks|okay|ok)[!,.]"
    r"|(?:i['’]d|i would) be (?:happy|glad)\b|i['’]?(?: a)?m (?:happy|glad|not sure)\b|i understand\b"
    r"|it (?:seems|looks like|appears)\b|(?:好的|当然|没问题)[，。！,!]|很高兴|我(?:理解|明白|认为|觉得))",
    re.IGNORECASE,
)
_STATES = re.compile(
    r"(?:the|this|that|these|those|it|there|he|she|they|we|you|its|their|his|her|our|your|my|in|on|at|as|an?|once|yes"
    r"|no|however|overall|while|although|first|firstly|secondly|finally|i)\b"
    rf"(?=[^?]*?\b{_FINITE}\b|[^?]*?\b(?:that|because)\b)"
    rf"|(?:yes|no)\b\s*[,.]|\w+ {_FINITE}\b",
    re.IGNORECASE,
)
_STATES_ZH = re.compile("(?:这|那|它|他|她|首先|其次|最后|总之|因此|所以|随着|总的来说|是的|不是)")
_ASKS_ZH = re.compile("请|[？?]|吗|(?:写|列出|说明|解释|翻译|计算|判断|描述|概括|改写|比较|找出|给出|帮我)")
_END = re.compile(rf"(?<=[.!?…])[\"'”’)]*\s+|(?<=[。！？])(?=[{HAN}\"“])|\n+")
_WHOLE = re.compile(rf"(?:[A-Z“\"][^\n]*[.?!]|[{HAN}“][^\n]*[。？！])[\"”]?")
_TITLE_BEFORE = 40
"""Words of further paragraphs, after which a first one that is no sentence is their title."""
_FURTHER = 3
"""Lines of whole sentences that are a list without marks; of fewer, one may explain the other."""


def is_prose(text: str) -> bool:
    """Whether a text without list marks talks, rather than being one task."""
    text = text.strip()
    if text.startswith(("|", "```")):
        return True
    first, _, further = text.partition("\n\n")
    title = text.startswith("#") or not re.search(r"[.?!:。？！：][\"”’)*]*\Z", first)
    if _CHATTY.match(text) or (title and len(further.split()) + len(re.findall(f"[{HAN}]", further)) > _TITLE_BEFORE):
        return True
    sentences = [sentence for sentence in map(str.strip, _END.split(first)) if sentence]
    if not sentences or "?" in sentences[-1] or "？" in sentences[-1]:
        return False
    return _states(sentences[0]) and _states(sentences[-1])


def _states(sentence: str) -> bool:
    if re.match(f"[{HAN}]", sentence):
        return bool(_STATES_ZH.match(sentence)) and not _ASKS_ZH.search(sentence)
    return bool(_STATES.match(sentence)) and "?" not in sentence


def whole_lines(text: str) -> list[str]:
    """The lines of a list without marks: three and more whole sentences, each on a line of its own, that ask; else
    none.
    """
    lines = [line.strip() for line in text.strip().split("\n") if line.strip()]
    fits = len(lines) >= _FURTHER and all(_WHOLE.fullmatch(line) and not is_prose(line) for line in lines)
    return lines if fits else []
