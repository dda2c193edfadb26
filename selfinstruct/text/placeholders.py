"""Answers that hold the place of one: what text/nothing.py knows, and what only the task tells.

"None" answers "Which of them is prime?" and not "List five herbs."; "[Story]" is what a model puts where the story
should be, and "..." where it should go on. The task decides, as a filter may drop what somebody approved.
"""

from __future__ import annotations

import re

from selfinstruct.text.nothing import no_answer, no_input
from selfinstruct.text.requests import wants_sign
from selfinstruct.text.seams import is_blank

__all__ = ["is_placeholder"]

LABEL_ALONE = re.compile(r"\W*(?:output|answer|response|result|输出|回答|答案)\s*[:：]\W*", re.IGNORECASE)
"""An answer that ends where it should begin."""
NAMES_ONE = re.compile(
    r"\b(?:which|what)\b.{0,24}\b(?:comment|marker|mark|sign|symbol|abbreviation|value|keyword|placeholder)\b"
    r"|\bstands? for\b"
    r"|\b(?:form|box|field|usual abbreviation|function body)\b|标点|符号|哪个(?:词|字)|注释是什么|表格|JSON|缩写"
    r"|怎么写|写什么",
    re.IGNORECASE,
)
"""A task whose answer is the name of such a placeholder."""
SIGNS_WANTED = re.compile(
    r"\b(?:code|python|html|react|list|returns?|markdown|fragment|regex)\b|代码|列表|返回|标签", re.IGNORECASE
)
WRITES = re.compile(
    r"\A\W*(?:please |can you |could you )?(?:write|compose|draft|create|generate|design|develop|build|make"
    r"|explain|describe|discuss|summari[sz]e"
    r"|suggest|propose|invent|outline|plan|tell|come up with|give|recommend|translate|rewrite|draw|train"
    r"|list (?:two|three|four|five|six|seven|eight|nine|ten|some|\d+)|name (?:two|three|four|five|some|\d+))\b"
    r"|\A\W*请?(?:[你您帮我给为]{0,3}[^，。？！\n]{0,10})?(?:写|撰|创作|编|解释|描述|描写|介绍|总结|概括|翻译|改写"
    r"|设计|生成|阐述|说明|讨论|建议|推荐|比较|列出|策划|安排"
    r"|建|搭|制作|训练|画|拟|起|讲|举|打个比方|回复|说出|回答)",
    re.IGNORECASE,
)
"""A task that wants a text written."""
FINDS = re.compile(
    r"\b(?:if|whether|which|what|who|how (?:many|much)|find|identify|classify|extract|detect|any|otherwise|return"
    r"|decide|or (?:write|say|answer)|none|n/a|null)\b"
    r"|是否|哪|找|判断|分类|提取|识别|返回|选择|如果|没有|几|多少|什么|[“「]?无[”」]?|反义|同义",
    re.IGNORECASE,
)
"""A task that looks for something that may not be there."""
NONE = re.compile(
    r"\W*(?:none(?: available)?|nothing|null|nil|undefined|empty|blank|nan|no answers?|placeholder(?: text)?|content"
    r"|无|無|没有|沒有|空|暂无.{0,4}|没有输出|无答案|没有答案|无内容)\W*",
    re.IGNORECASE,
)
BRACKETED = re.compile(r"(?:[\s*_,，、]*[\[<【（(]\s*[^\W\d][^\n\[\]<>()/=]{0,30}[\]>】）)])+[\s*_]*")
"""Nothing but a word or a few in brackets."""


def is_placeholder(answer: str, asked: str) -> bool:
    """Whether an answer that can be seen is none. `asked` is the instruction, with the input if there is one."""
    if is_blank(answer) or LABEL_ALONE.fullmatch(answer):
        return True
    if NAMES_ONE.search(asked):
        return False
    if no_answer(answer, asked) or (re.search("input|输入", answer, re.IGNORECASE) and no_input(answer)):
        return True
    if not any(map(_says, answer)):
        return not wants_sign(asked) and not SIGNS_WANTED.search(asked)
    if not WRITES.search(asked):
        return False
    if BRACKETED.fullmatch(answer):
        return not SIGNS_WANTED.search(asked) and not wants_sign(asked)
    return bool(NONE.fullmatch(answer)) and not FINDS.search(asked)


def _says(char: str) -> bool:
    """Whether the character is content: a letter, a digit, an emoji, a sign of code."""
    return char.isalnum() or char in "[]{}<>=+%&|^~@\\$€£¥°√∑/" or ord(char) >= 0x1F000 or "\u2600" <= char <= "\u27bf"
