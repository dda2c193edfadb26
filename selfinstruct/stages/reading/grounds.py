"""Whether a judge says that all of an answer is in the text: yes or no, supported or not, 是 or 否."""

from __future__ import annotations

import re
from typing import Any

from selfinstruct.stages.reading.grades import as_said, value_in_json, without_questions
from selfinstruct.text.later import later

__all__ = ["grounded_in_verdict"]

KEYS = ("grounded", "supported", "answer", "verdict", "result", "all_in_the_text", "有依据", "结论", "答案")

_NO = (
    r"no(?:t (?:\w+ )?(?:grounded|supported|in the (?:text|passage)|all|everything|entirely|fully|completely"
    r"|quite))?\b(?! (?:doubt|unsupported|statement|problem|issue|contradict\w*))"
    r"|n\b(?=[.:,\n]|\Z)|false\b|incorrect\b|unsupported\b|ungrounded\b|partly\b|partially\b|mostly\b|not\b"
    r"|否|没有|不(?:是|全|完全|都|对|成立|符合)?|无依据|部分|缺乏|错"
)
_YES = (
    r"yes\b|y\b(?=[.:,\n]|\Z)|true\b|correct\b|(?:fully |completely |entirely )?(?:supported|grounded)\b"
    r"|(?:all|everything)\b(?=[^.\n]{0,60}\b(?:in|supported|grounded|found)\b)|是|有(?!误|问题|一|些|部分|两)|全部|都有|对|正确|符合"
)
_FIRST = later(rf"[\W_]*(?:(?P<no>{_NO})|(?P<yes>{_YES}))", re.IGNORECASE)
_HEADED = later(
    r"(?:final )?(?:verdict|answer|conclusion|result|judg(?:e)?ment|grounded|supported|decision)[ \t]*(?:[:=|]"
    r"|\bis\b|[-–—])[ \t]*"
    r"|(?:结论|判断|答案|结果|最终答案|都有依据吗)[ \t]*(?:[:=|]|是|为)?[ \t]*",
    re.IGNORECASE,
)
_AGAINST = later(
    r"\b(?:is|are|was|were|does|do)(?:n['’]t| not)\b[^.\n]{0,60}\b(?:supported|mentioned|stated|found"
    r"|in the (?:text|passage)|say|mention|contain|grounded)"
    r"|\b(?:unsupported|ungrounded|not (?:supported|mentioned|stated|found|grounded|in the text)|nowhere in"
    r"|contradicts?|made up|fabricated)\b"
    r"|没有(?:依据|提到|提及|说)|未(?:提到|提及|说明)|无依据|缺乏依据|不符|矛盾|编造",
    re.IGNORECASE,
)
_FOR = later(
    r"\b(?:everything|all(?: of (?:it|the (?:statements|information|details|facts)))?"
    r"|each (?:of the )?statements?|the (?:whole |entire )?answer"
    r"|every statement)\b[^.\n]{0,60}\b(?:is|are|can be|comes?)\b[^.\n]{0,30}\b(?:supported|in the (?:text"
    r"|passage)|found|grounded|stated|from the text)"
    r"|(?:都|均|全部|完全)(?:有依据|能?在文[中章]|出自|符合|正确)|都能找到",
    re.IGNORECASE,
)


def grounded_in_verdict(text: str, *, cut: bool = False) -> bool | None:
    """Whether all is in the text. `cut`: the answer broke off, where a lone "not" may have gone on."""
    is_json, value = value_in_json(text, KEYS)
    if is_json:
        return _of_json(value)
    said = without_questions(as_said(text)).strip()
    if cut and len(said.split()) < 2 and not re.match(r"(?i)\W*(?:yes|no)\b|\W*[是否]", said):
        return None
    if first := _FIRST.match(said):
        return not first["no"]
    heads = [found for mark in _HEADED.finditer(said) if (found := _FIRST.match(said, mark.end()))]
    if heads:
        return not heads[-1]["no"]
    last = said.rpartition("\n")[2]
    if len(last.split()) <= 3 and (found := _FIRST.match(last)):
        return not found["no"]
    if _AGAINST.search(said):
        return False
    return True if _FOR.search(said) else None


def _of_json(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and not value.lstrip().startswith("{"):
        return grounded_in_verdict(value)
    return None
