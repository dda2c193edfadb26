"""Answers that hold the place of one: what text/nothing.py knows, and what only the task tells.

"None" answers "Which of them is prime?" and not "List five herbs."; "[Story]" is what a model puts where the story
should be, and "..." where it should go on. The task decides, as a filter may drop what somebody approved.
"""

from __future__ import annotations

import re

from selfinstruct.text.later import later
from selfinstruct.text.nothing import no_answer, no_input
from selfinstruct.text.requests import wants_speech
from selfinstruct.text.seams import is_blank
from selfinstruct.text.tokens import tokens
from selfinstruct.text.wanted import wants_sign, wants_telling, wants_text

__all__ = ["is_placeholder"]

LONGEST = 400
"""Characters: what is longer says something."""
SPACES = later(r"\S\s{20,}\S")
"""Nor has a placeholder such gaps in it, which the patterns below would take long to go through."""
LABEL_ALONE = later(
    r"\W*(?:[aq]|(?:the |my )?(?:output|answer|response|result|reply|solution|summary|translation|explanation)(?: is"
    r"| are)?|输出|回答|答案?[是为]?|解答?|译文|回复|总结"
    r"|(?:sure|certainly|of course|here(?: is|['’]s| are))\b[^:\n]{0,80}|(?:好的|当然|以下是?"
    r"|下面是?)[^：:\n]{0,40})\s*[:：]\W*",
    re.IGNORECASE,
)
"""An answer that ends where it should begin."""
NAMES_ONE = later(
    r"\babbreviat\w+|\bn/a\b|\btodo\b|\b(?:a|one-line) comment\b|一[条行个][^，。]{0,8}注释|\bacronym"
    r"|\bshort for\b|\b(?:which|what)\b.{0,24}\b(?:comment|marker|mark|sign|symbol"
    r"|abbreviation|value|keyword|placeholder)\b"
    r"|\bstands? for\b"
    r"|\b(?:form|box|field|usual abbreviation|function body)\b|标点|符号|哪个(?:词|字)|注释是什么|表格|JSON|缩写"
    r"|怎么写|写什么",
    re.IGNORECASE,
)
"""A task whose answer is the name of such a placeholder."""
SIGNS_WANTED = later(
    r"(?<![a-z])(?:code|tags?|elements?|python|html|react|list|tuple|dict|returns?|markdown|fragment|regex)(?![a-z])"
    r"|代码|列表|元组|数组|字典|返回|标签",
    re.IGNORECASE,
)
MARKUP = later(r"(?:\s*<(\w{1,12})>\s*</\1>)+\s*|\s*```\w*\s*```\s*|\s*(?:<br ?/?>\s*|&nbsp;\s*)+")
"""Tags with nothing between them."""
SHORT_LABEL = later(r"\W*[^\W\d_]{2,14}(?: [^\W\d_]{1,14}){0,2}\s*[:：]\s*")
"""Any other word or two before a colon, where no letter is to begin so."""
COMMENT = later(r"\s*(?:#+|//+|--|/\*+|<!--)\s*([^\n]{1,60}?)\s*(?:\*/|-->)?\s*")
CODE_HERE = later(
    r"\A(?:your|write|add|insert|put|implement|the)\b.{0,30}\b(?:here|code|implementation)\b|\A(?:to ?do|fixme)\b"
    r"|\A待(?:实现|编写|写)|在?(?:这里"
    r"|此处).{0,4}(?:写|添加|填|插入|实现)",
    re.IGNORECASE,
)
"""A comment in the place of code: # your code here."""
LOREM = later(r"\W*lorem ipsum\b", re.IGNORECASE)
FILLED = later(r"\b(?:lorem|filler|dummy|placeholder|latin|mock-?up|cicero)\b|占位|填充|拉丁|排版", re.IGNORECASE)
BRACKETED = later(
    r"(?:[^\W\d_][\w ]{1,30}[:：]\s{0,3})?"
    r"(?:[\s*_,，、]*[\[<【（({]\s*[^\W\d][^\n\[\]<>(){}/=]{0,30}[\]>】）)}])+[\s*_]*"
)
"""Nothing but a word or a few in brackets, a label before them or not."""
NAMED_ONLY = later(
    r"[\"“《「]\s?(?:headline|title|story|poem|text|slogan|name|caption|summary|标题|题目|书名|歌名|故事|口号|名称?|正文|内容)\s?[\"”》」]",
    re.IGNORECASE,
)
"""What was to be written, by its name."""
MARKER = later(r"\s*(?:\d{1,2}[.)、．]|[-*•#]{1,3})?\s*")
LABEL = later(r"[*_]{0,3}[^\W\d_][\w ]{0,30}[:：]\*{0,2}\s*")
"""What a line begins with that says nothing yet."""
GAP = later(r"(?:_{2,}|\.{3,}|…+|\?{2,}|\[\s*\])?\s*")
"""A place that may be filled in, or nothing …"""
PLACE = later(r"(?:[\[<【（({]\s?[^\W\d][\w '’-]{0,40}[\]>】）)}][\s.。]*)+")
"""… or a word or a few in brackets."""
FORM = later(r"\b(?:form|template|fields?|survey|questionnaire|labels?)\b|表格|模板|表单|问卷|格式", re.IGNORECASE)
"""A task whose answer has such places."""
UNSET = later(r"\W*(?:undefined|null|nan|nil|none)\W*", re.IGNORECASE)
"""Values that are none, in any language of code."""
ABOUT_A_WORD = later(r"\b(?:opposite|antonym|synonym|translat\w+|means?|word)\b|反义|近义|翻译|意思|译", re.IGNORECASE)
A_WORD = later(r"\W*(?:nothing|无|没有|空)\W*", re.IGNORECASE)
"""A word that may be the answer to a task about words."""
LABELLED = later(r"\W*(?:[^\W\d_][\w ]{0,20})\s?[:：]\s*", re.IGNORECASE)
HAN = later("[\u3400-\u9fff]")
FENCED = later(r"```\w*\n(.*?)\n?```", re.DOTALL)
NO_BODY = later(
    r"(?:async )?(?:def|class|function|fn|func|public|void)\b[^\n]*[:{]"
    r"(?:\s*(?:#|//)\s*(?:your|write|add|insert|todo|to do|在?此处?|在?这里|待)[^\n]*)*\s*\}?",
    re.IGNORECASE,
)
"""The head of a function, with nothing in it but a place for its code."""
BREAKS_OFF = later(r"[^.!?。！？\n]{1,40}(?:\b(?:is|are|means?)\s|(?<![可但只还])是|指)\s?(?:\.{3,}|…+)", re.IGNORECASE)
"""A sentence that ends where it should say what the thing is."""
LABELLED_ONLY = later(r"[^\n:：]{0,20}?(\w{4,}|[\u3400-\u9fff]{2})[:：]")
"""A label that the task has named: "Converted recipe:"."""
WHAT_IS = later(r"\W*(?:what (?:is|are) (?!the\b)[\w -]{3,40}|什么是[\w ]{2,20})[?？]?\W*", re.IGNORECASE)
"""A question of what something is, which is something."""
_NO_KIND = frozenset("a an the your my insert goes here body text content 正 文 内 容".split())  # noqa: SIM905
_MADE = "write|compose|draft|create|provide|generate|give|make"
LEFT_OUT = later(
    r"\W*(?:(?:此处|以下|下文|这里)省略[^，。]{0,10}|稍后(?:补充|添加|更新|提供|再写)|(?:见|参见|请看)(?:上文?|下文|附件|前文)"
    r"|待(?:实现|编写|写)|(?:无需|不需要|没有)(?:任何)?(?:输出|回答)|[此这]处?[为是]占位[^，。]{0,6}|(?:在?此处|在此|这里)(?:填写|插入|输入"
    r"|写)[^，。]{0,8}|see (?:above|below|attached|the attachment|previous)|(?:insert|add|put"
    r"|write) (?:\w+ ){1,3}here"
    r"|(?:\w+ ){1,8}goes here)\W*",
    re.IGNORECASE,
)
"""What points to another place."""


def is_placeholder(answer: str, asked: str) -> bool:
    """Whether an answer that can be seen is none. `asked` is the instruction, with the input if there is one."""
    if is_blank(answer):
        return True
    answer = answer.strip()
    if len(answer) > LONGEST or SPACES.search(answer):
        return False
    if (inside := FENCED.fullmatch(answer)) and inside[1].strip():
        return is_placeholder(inside[1], asked)
    if _is_unfilled(answer, asked):
        return True
    if NAMES_ONE.search(asked) or (A_WORD.fullmatch(answer) and ABOUT_A_WORD.search(asked)):
        return False
    label = None if FORM.search(asked) else LABELLED.match(answer)
    if label and label.end() < len(answer) and is_placeholder(answer[label.end() :], asked):
        return True
    return _says_none(answer, asked) or _names_its_kind(answer, asked) or _is_sign_alone(answer, asked)


def _is_unfilled(answer: str, asked: str) -> bool:
    """Whether it has the form of an answer and not its content: labels, gaps, the head of a function."""
    if any(pattern.fullmatch(answer) for pattern in (LABEL_ALONE, LEFT_OUT, NO_BODY, BREAKS_OFF)):
        return True
    if (label := LABELLED_ONLY.fullmatch(answer)) and label[1].lower() in asked.lower():
        return True
    if SHORT_LABEL.fullmatch(answer) and not SIGNS_WANTED.search(asked) and not wants_speech(asked):
        return True
    if wants_text(asked) and (NAMED_ONLY.fullmatch(answer) or re.fullmatch(r"[1-9][.、]", answer)):
        return True
    return _is_left_open(answer) and not FORM.search(asked)


def _says_none(answer: str, asked: str) -> bool:
    """Whether it says that there is no answer, or has words for nothing where something must be."""
    if UNSET.fullmatch(answer) and (wants_telling(asked) or WHAT_IS.fullmatch(asked)):
        return True
    if (comment := COMMENT.fullmatch(answer)) and (CODE_HERE.search(comment[1]) or no_answer(comment[1], asked)):
        return True
    if LOREM.match(answer) and not FILLED.search(asked):
        return True
    if "\n" not in asked and wants_telling(asked) and not wants_sign(asked) and no_answer(answer, "Write it."):
        return True
    return no_answer(answer, asked) or (bool(re.search("input|输入", answer, re.IGNORECASE)) and no_input(answer))


def _is_sign_alone(answer: str, asked: str) -> bool:
    """Whether it has no content, or only tags, or words in brackets where a text is wanted."""
    empty = (
        not any(map(_says, answer)) or MARKUP.fullmatch(answer) or (wants_text(asked) and BRACKETED.fullmatch(answer))
    )
    return bool(empty) and not wants_sign(asked) and not SIGNS_WANTED.search(asked)


def _is_left_open(answer: str) -> bool:
    """Whether every line is a marker, a label or a place to fill in, and nothing else.

    One label alone is none: it may open a letter.
    """
    lines = [MARKER.sub("", line, count=1) for line in answer.split("\n") if line.strip()]
    rests = [LABEL.sub("", line, count=1).strip(' "“”‘’') for line in lines]
    if not all(GAP.fullmatch(rest) or PLACE.fullmatch(rest) for rest in rests):
        return False
    return len(lines) > 1 or (LABEL.match(lines[0]) is not None and any(rests))


def _names_its_kind(answer: str, asked: str) -> bool:
    """Whether the answer is the name of what was to be written: "haiku", "Email body", "Example:"."""
    words = [word for word in tokens(answer) if word not in _NO_KIND]
    if not words or len(words) > 6 or not wants_text(asked):
        return False
    if HAN.search(answer[:2]):
        kind = re.escape("".join(words))
        return bool(re.search(rf"(?:写|讲|编|给出?|创作|拟|举)[^，。]{{0,16}}{kind}\Z", "".join(tokens(asked))))
    kind = re.escape(" ".join(words))
    return len(words) < 3 and bool(
        re.match(rf"(?:{_MADE}) (?:me |us )?(?:an?|the|my) (?:(?!for|of)\w+ )?{kind}\b", " ".join(tokens(asked)))
    )


def _says(char: str) -> bool:
    """Whether the character is content: a letter, a digit, an emoji, a sign of code."""
    return char.isalnum() or char in "[]{}<>=+%&|^~@\\$€£¥°√∑/" or ord(char) >= 0x1F000 or "\u2200" <= char <= "\u27bf"
