"""Questions that nobody understands who has not the text before them, and answers that say that a text says nothing."""

from __future__ import annotations

import re
from typing import NamedTuple

from selfinstruct.text.later import later

__all__ = ["NOT_SAID", "POINTS", "Wording", "not_said", "points_to_text"]


class Wording(NamedTuple):
    pattern: str
    example: str
    provenance: str


_TEXT = r"(?:passage|text|excerpt|article|document|paragraph|section|extract|snippet|chapter|page)"
_TEXT_ZH = (
    "(?:上文|下文|文中|本文|原文|该文|此文|文内|短文|上述|以上(?:内容|文字|材料|文章|段落)"
    "|这篇(?:文章|短文|材料)|这段(?:文字|话|材料)|本段|该段|材料中)"
)

POINTS: tuple[Wording, ...] = (
    Wording(
        rf"\b(?:according to|based on|as per|from|in|of|by) (?:the|this|that|your) (?:(?:given|above|following"
        rf"|provided|preceding|same) )?{_TEXT}\b(?! (?:of|messages?|editors?|numbers?)\b)",
        "According to the passage, who kept the log?",
        "how models asked for questions begin them",
    ),
    Wording(
        rf"\b(?:does|did|do|is|has|was|would) (?:the|this) {_TEXT}\b|\b(?:the|this) {_TEXT} (?:says?|mentions?"
        rf"|describes?|states?"
        r"|explains?|suggests?|provides?|gives?|lists?|discusses|implies|refers|claims|notes?|recommends?|tells?)\b",
        "What does the text say about the horn?",
        "models",
    ),
    Wording(
        r"\b(?:does|did|is|would|has) the (?:author|writer|narrator|speaker)\b(?! of\b)|\bthe (?:author|writer"
        r"|narrator|speaker)"
        r"(?:['’]s)? (?!of\b)\w+|\baccording to the (?:author|writer|narrator|speaker)\b(?! of\b)",
        "Why does the author think the bridge failed?",
        "models",
    ),
    Wording(
        r"\b(?:mentioned|described|given|listed|stated|discussed|shown|provided|presented|outlined|quoted)"
        r"(?: (?:above|below|here|earlier)| in (?:the|this) (?:\w+ )?(?:text|passage|article|excerpt|document"
        r"|table|list|code|example)\b)",
        "Which of the ports listed above is deepest?",
        "models",
    ),
    Wording(
        r"\bthe (?:above|below|following)\b(?! (?:day|year|week|month|morning|night|spring|summer|autumn|winter"
        r"|century)\b)"
        r"|\b(?:in|from) the (?:table|list|code|example|figure|diagram|chart) (?:above|below)\b",
        "What does the above imply?",
        "models",
    ),
    Wording(
        r"\A\W*(?:what|when|where|why|how|who|which)(?: \w+)? (?:did|does|do|is|was|were|are|has|have|had|can"
        r"|could|will|would|should)"
        r" (?:he|she|they|his|her|their|this|these|those|that(?! \w+ (?:is|are|was)))\b(?! (?:day|year|way|kind"
        r"|sort|type)\b)",
        "Why did she keep it?",
        "nobody says who",
    ),
    Wording(
        rf"{_TEXT_ZH}|(?:根据|依据|按照)(?:文章|材料|文本|段落|原文|短文|内容)", "根据文章，谁写了航海日志？", "模型"
    ),
    Wording(
        r"文章(?:中|里|提到|指出|认为|说|介绍|描述|主要)|作者(?:认为|指出|提到|说|为什么|为何|如何|对|是怎[样么])",
        "文章提到了哪些港口？",
        "模型",
    ),
    Wording(
        r"\A\W*(?:为什么|为何)?(?:他们?|她们?|它们?)(?:是|为|在|有|的|如何|怎|什么|何|曾|会|要)",
        "他们为什么要记日志？",
        "没说是谁",
    ),
)
"""What speaks of a text, its author or of somebody who was named before."""

NOT_SAID: tuple[Wording, ...] = (
    Wording(
        rf"\b(?:the|this) (?:(?:given|provided) )?{_TEXT} (?:does not|doesn['’]t|did not|didn['’]t"
        rf"|never) (?:explicitly |directly |actually |specifically )?"
        r"(?:say|mention|state|specify|provide|give|tell|explain|indicate|describe|contain|include)\b",
        "The text does not say when it was built.",
        "models",
    ),
    Wording(
        rf"\b(?:is|are|was|were) not (?:explicitly |directly |specifically )?(?:mentioned|stated|specified"
        rf"|given|provided|said|described) (?:in|by) (?:the|this) {_TEXT}\b",
        "The date is not mentioned in the text.",
        "models",
    ),
    Wording(
        r"(?:文章|文中|原文|本文|文本|材料|上文|短文|段落)(?:里|中)?(?:并)?(?:没有|未)(?:明确|具体|直接)?(?:提到|提及|说明|指出|给出|提供|说|交代|介绍)",
        "文章没有说明建造时间。",
        "模型",
    ),
)
"""What an answer says whose question the text does not answer."""

_POINTS = later("|".join(f"(?:{one.pattern})" for one in POINTS), re.IGNORECASE)
_NOT_SAID = later("|".join(f"(?:{one.pattern})" for one in NOT_SAID), re.IGNORECASE)
_LONGEST = 4_000
"""Characters that are looked at."""


def points_to_text(text: str) -> str:
    """The words that only somebody understands who has the text; "" where it stands alone."""
    found = _POINTS.search(text[:_LONGEST])
    return found[0].strip()[:60] if found else ""


def not_said(answer: str) -> str:
    """The words of an answer that say that the text has none; "" where it answers."""
    found = _NOT_SAID.search(answer[:300])
    return found[0].strip()[:60] if found else ""
