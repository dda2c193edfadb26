"""Critiques that find nothing, and revised answers with what models say around them, in both languages."""

from __future__ import annotations

import re

from selfinstruct.stages.reading.plain import plain
from selfinstruct.text.later import later

__all__ = ["critique_in", "finds_nothing", "mentions_critique", "revised_in"]

_DECORATED = later(r"[*_`#>\"“”「」【】\[\]]+")
_CRITIQUE_LABEL = later(
    r"^\s{0,9}[*_#\[【]{0,4}\s?(?:critique|criticism|批评|评语|意见)[*_\]】]{0,4}\s?[:：\n][*_]{0,3}\s*", re.IGNORECASE
)
_REVISION = later(
    r"\n[ \t]*[*_#\[【]{0,4}[ \t]?"
    r"(?:revision|(?:revised|rewritten) (?:answer|response|version)|修改后?的?(?:回答|答案))"
    r"[*_\]】]{0,4}[ \t]?(?:[:：]|\n)",
    re.IGNORECASE,
)
"""What some models write at once, unasked."""
_NOTHING = later(
    r"\s*(?:none|nothing|n/?a|no)\s*[.!]?\s*(?:\n|\Z)"
    r"|\s*(?:none|nothing)[.,:;!—–-]\s"
    r"|.{0,60}?\bnothing\s+to\s+(?:criticis|criticiz|revise|change|improve|object)"
    r"|\s*no\s+(?:\w+\s+){0,2}?(?:critique|criticisms?|objections?|issues?|problems?|concerns?|shortcomings?|faults?|violations?"
    r"|changes|improvements?|revisions?)\b"
    r"|.{0,60}?\b(?:do(?:es)?\s+not|doesn['’]t|don['’]t|did\s+not|didn['’]t)\s+(?:appear\s+to\s+|seem\s+to\s+)?"
    r"(?:fall\s+short|violate|conflict|contradict|breach|break\s+the\s+principle|go\s+against)\b"
    r"|.{0,60}?\b(?:adheres?\s+to|compl(?:y|ies)\s+with|follows|meets|satisfies|respects|upholds|is\s+(?:fully\s+)?(?:consistent|in\s+line|in\s+accordance)\s+with)"
    r"\s+(?:the|this)\s+principle"
    r"|.{0,40}?\b(?:i|there)\s+(?:see|find|found|can\s+find|is|are)\s+(?:nothing\b|no\s+(?:\w+\s+){0,2}?"
    r"(?:critique|criticisms?|objections?|issues?|problems?|concerns?|shortcomings?|faults?|violations?|reason|need)\b)"
    r"|\s*(?:无|没有|没|暂无)\s*(?:[。！.!]|\n|\Z)"
    r"|.{0,20}?(?:没有|并无|未见|不存在|没什么|无)(?:任何|明显|什么)?的?(?:不足|问题|不妥|异议|缺点|违反|违背|不当|毛病)"
    r"|.{0,20}?(?:完全|基本|已经?|均|都)?(?:符合|遵守|遵循|做到了?|满足)(?:了)?(?:这条|这一|该|上述|上面的)?原则"
    r"|.{0,20}?(?:未|没有|并未|并没有)(?:违反|违背)",
    re.IGNORECASE | re.DOTALL,
)
_YET = later(
    r"\b(?:but|however|although|though|yet|still|except|that\s+said|nevertheless|could|should|might|would\s+be\s+better|fails?"
    r"|lacks?|missing)\b|但|不过|然而|可是|却|应该|应当|最好|建议|不够|欠|可以更",
    re.IGNORECASE,
)
LONG = 600
"""Characters of a critique that has more to say than that there is nothing."""


def critique_in(text: str) -> str:
    """The critique without its label."""
    critique = _CRITIQUE_LABEL.sub("", plain(text).strip())
    revision = _REVISION.search(critique)
    return critique[: revision.start() if revision else None].strip()


def finds_nothing(critique: str) -> bool:
    """Whether it has no objection: it says so at its beginning, and does not go on with a "but"."""
    bare = _DECORATED.sub("", critique).strip()
    if len(bare) > LONG:
        return False
    first = re.split(r"(?<=[.!。！])\s*|\n", bare, maxsplit=1)[0]
    return bool(_NOTHING.match(bare[:200]) and (_NOTHING.match(first + "\n")) and not _YET.search(bare))


_HEAD = later(
    r"\s{0,9}(?:[*_#]{1,4}\s?)?(?:(?:sure|certainly|of course|okay|ok|absolutely|好的|当然)[!,.，。！:：]\s{0,9})?"
    r"(?:(?:here(?:['’]s| is| are)|below is|this is|以下是|下面是|这是)\s{0,3}[^\n:：]{0,60}?)?"
    r"[*_#\[【]{0,4}(?:(?:revised|rewritten|new|updated|improved|final|better)\s+(?:answer|response|version|reply)|revision"
    r"|(?:修改|修订|重写|改写|改进|改|新)后?的?(?:新)?(?:回答|答案|回复|版本))[*_\]】]{0,4}"
    r"[^\n:：.。]{0,60}?(?:[:：][*_]{0,3}\s*|[*_]{0,3}[ \t]*\n\s*)",
    re.IGNORECASE,
)
_TAIL = later(
    r"\n\s{0,4}(?:-{3,9}|\*{3})?\s{0,4}(?:[*_#(（\[]{1,4}\s?)?(?:(?:note(?=[^\n]{0,80}(?:revis|chang|critique|principle|rewr|remov|original))|explanation|changes?(?:\s+made)?|what\s+(?:i\s+)?changed|rationale|revision\s+notes?"
    r"|reason(?:s|ing)?(?:\s+for\s+the\s+changes?)?)\s?[*_]{0,3}[:：]"
    r"|(?:this|the)\s+(?:revised\s+(?:answer|response|version)|revision)\b|in\s+this\s+(?:revised|version|revision)\b|i\s+(?:have\s+)?(?:revised|rewritten|changed|removed|rewrote)\b"
    r"|(?:修改|改动|修订)(?:说明|理由|之处|内容)\s?[*_]{0,3}[:：]|说明[:：](?=[^\n]{0,40}(?:修改|改|批评|原则))|(?:这|以上|上述)(?:次|个)?(?:修改|回答)(?=[^\n]{0,20}(?:修改|改|批评|原则)))",
    re.IGNORECASE,
)
_AFTER = 3000
"""Characters that a model says about its answer at most."""
_FENCED = later(r"```(?:text|markdown|md|plaintext)?[ \t]*\n((?:(?!```).)*)\n?```", re.DOTALL)
_QUOTED = later(r"\"([^\"]*)\"|“([^“”]*)”")


def revised_in(text: str, before: str) -> tuple[str, list[str]]:
    """The new answer, and what is said of it before and after. `before`: the answer that it takes the place of."""
    answer, remarks = plain(text).strip(), list[str]()
    if head := _HEAD.match(answer):
        remarks.append(head[0].strip())
        answer = answer[head.end() :].strip()
    if tail := _TAIL.search(answer, max(0, len(answer) - _AFTER)):
        remarks.append(tail[0].strip())
        answer = answer[: tail.start()].strip()
    for pattern in (_FENCED, _QUOTED):
        inside = pattern.fullmatch(answer)
        if inside and not pattern.fullmatch(before.strip()):
            answer = next(filter(None, inside.groups()), "").strip()
    return answer, [remark for remark in remarks if re.search(r"\w", remark)]


_MENTIONS = later(
    r"\b(?:the|this|that|your)\s+(?:critique|criticism|principle)\b|\bthe\s+(?:first|original|previous|initial)\s+(?:answer|response)\b"
    r"|\brevised\s+(?:answer|response|version)\b|\[(?:question|first answer|principle|critique|revised answer)\]"
    r"|(?:上述|这[条个]|该|上面的?)(?:批评|原则)|(?:初次|原来的?|最初的?|之前的?)(?:那个)?回答|修改后的(?:回答|答案)|【(?:问题|初次回答|原则|批评|修改后的回答)】",
    re.IGNORECASE,
)


def mentions_critique(answer: str, question: str, before: str) -> str:
    """Words of the answer that speak of how it came about, which nobody who asked knows of; "" without any."""
    around = f"{question}\n{before}".casefold()
    return next((found[0] for found in _MENTIONS.finditer(answer) if found[0].casefold() not in around), "")
