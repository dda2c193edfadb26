"""Whether a mark of models is meant, or written about: "use the <think> tag", "each turn ends with <|im_end|>."."""

from __future__ import annotations

import re

from selfinstruct.text.later import later

__all__ = ["NEAR", "is_mentioned", "is_quoted"]

NEAR = 60
"""Characters on each side of a mark that tell what it is."""
_WORD = r"(?:tags?|tokens?|markers?|marks?|elements?|blocks?|sections?|symbols?|strings?|delimiters?)\b"
_WORD_ZH = "(?:标签|标记|符号|令牌|元素|这|之间|之前|之后|里面|中间|内部|字符|特殊)"
_ABOUT = later(rf"[ \t]*+(?:[\"'”’」』]?\s?{_WORD}|{_WORD_ZH}|[,;)、，；）](?!\s*\Z))", re.IGNORECASE)
"""After a mark that is written about."""
_TOLD = later(
    r"[ \t]+(?:is|are|was|were|ends?|does|closes?|marks?|means?|comes?|tells?|stands?|must|should|separates?)\b"
    r"|[ \t]*(?:表示|结束|标志|分隔|分割)"
)
"""After a closing mark, or an end token, that is written about."""
_STOPPED = later(r"[ \t]*[.:!?,;)。：！？、，；）](?![.。])")
_PROSE = later(
    r"(?:\b(?:the|a|an|this|that|each|every|closing|opening|open|close|ending|end|special|stop|uses?|using|used|with|by"
    r"|between|inside|within|in|of|like|as|called|named|and|or|to|from|than|is|are|via|adds?|writes?|emits?|prints?"
    r"|outputs?|inserts?|tokens?|tags?|removes?|strips?|after|before|until|put|see|says?"
    r"|what|when|where|whether|if|which|why|how|has|have|needs?|missing|forgets?|without|no)[ \t]+"
    r"|(?:用|以|是|为|和|与|或|叫|、|标记|标签|符号|加上|写上)[ \t]*)\Z",
    re.IGNORECASE,
)
"""Before a closing mark, or an end token, that is written about."""
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "「": "」", "『": "』", "《": "》", "(": ")", "（": "）"}


def is_quoted(text: str, start: int, end: int) -> bool:
    """Whether quotation marks or brackets stand right around it."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return before in _QUOTES and after == _QUOTES[before]


def is_mentioned(text: str, start: int, end: int, *, opens: bool) -> bool:
    """Whether the words around the mark speak of it. Before one that opens thoughts there may be any words."""
    if _ABOUT.match(text, end, end + NEAR):
        return True
    if opens:
        return False
    before = text[max(0, start - NEAR) : start].rpartition("\n")[2]
    return bool(before.strip() and (_PROSE.search(before) or _near(text, end)))


def _near(text: str, end: int) -> bool:
    return bool(_STOPPED.match(text, end, end + NEAR) or _TOLD.match(text, end, end + NEAR))
