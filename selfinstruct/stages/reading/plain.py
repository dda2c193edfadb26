"""How teachers write: what every parser does to an answer before it looks for tasks in it.

Base models continue a list as the papers expect; chat models wrap it in a greeting, bold type, bullets and code fences.
Both do so in English and in Chinese, whatever the language of the prompt, and both are read everywhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from selfinstruct.text.later import later
from selfinstruct.text.markers import parted

__all__ = [
    *("EMPHASIS", "HAN", "NUMBERED", "NUMERAL"),
    *("label", "number_in", "one_line", "plain", "unbold", "unwrapped", "without_rule"),
]

EMPHASIS = r"[ \t\u3000]*(?:#{1,6}[ \t]*|[-*+•>][ \t]+)?[*_]{0,3}"
"""What Markdown may put before a label at the start of a line: a heading, a bullet, a quotation, bold type."""

HAN = r"\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Chinese characters, for use between the brackets of a pattern, as is FULL_WIDTH."""

FULL_WIDTH = r"\u3001\u3002\u3008-\u3011\u3014-\u301b\uff01\uff08\uff09\uff0c\uff0e\uff1a\uff1b\uff1f"
"""Chinese punctuation that brings its own space along. Quotation marks are not here: they serve both languages."""

NUMERAL = "(?:[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])"
"""A Chinese number up to 99."""

NUMBERED = (
    rf"(?:[（(]?(?:\d{{1,3}}|{NUMERAL})[.．、)）][ \t\u3000]*"
    rf"|[\[【](?:\d{{1,3}}|{NUMERAL})[\]】][ \t\u3000]*\n?|[①-⑳][ \t\u3000]*)"
)
"""A number before a label: "1. ", "（1）", "一、", "【1】", "[1]", which may have a line of its own, "①"."""

_WORK = r"\b(?:tasks?|examples?|instructions?|instances?)\b"
_WORK_ZH = "(?:任务|指令|示例|例子|样例|实例|清单|列表)"
# An instruction may well begin with 以下是, but then it asks for something: 请.
_GREETING_ZH = (
    "(?:好的?|当然(?:可以)?|可以|没问题|明白了?|了解|收到)[！，。：!,:][^\\n]*"
    "|(?:以下|下面|这里|接下来|根据[您你]的|按照?[您你]的|我(?:来|将|会)?[为给帮][您你])"
    f"(?=[^\\n请]*{_WORK_ZH})[^\\n请]*[：:]"
)
_GREETING = later(
    r"\s*+((?:sure|certainly|of course|absolutely|great|okay|ok)[!,.:][^\n]*"
    rf"|(?:here|below)\b(?>[^\n]*?{_WORK})[^\n]*:|{_GREETING_ZH})[ \t]*(?:\n|\Z)",
    re.IGNORECASE,
)
_GOODBYE_ZH = (
    f"(?:希望(?:这些|以上|上述|[您你])|以上就?是)[^\\n]*{_WORK_ZH}"
    f"|(?:这些|以上|上述){_WORK_ZH}(?:涵盖|覆盖|兼顾|均)"
    "|(?:如果?|若)[^\\n，。]{0,8}(?:更多|继续|续写|补充|这些|以上|上述|其他(?:类型|方面|主题|领域))"
    f"(?:[^\\n]*{_WORK_ZH}|[，,]?(?:请|欢迎|可以?随时))"
    f"|(?:是否|还?需要)(?>[^\\n]*?{_WORK_ZH})[^\\n]*[吗？?]"
)
_GOODBYE = later(
    rf"[ \t]*(?:(?:let me know|feel free|i hope|would you like|if you)\b[^\n]*{_WORK}|{_GOODBYE_ZH})", re.IGNORECASE
)
_FENCED = later(r"\s*+```[\w-]*[ \t]*\n((?:(?!```).)*)(?:```\s*)?\Z", re.DOTALL)
# Chinese has no spaces at which bold type could begin and end.
_BOLD_FROM = later(rf"(?:(?<![\w*])|(?<=[{HAN}]))\*\*(?=\S)")
_BOLD_TO = later(rf"(?<=\S)\*\*(?:(?![\w*])|(?=[{HAN}]))")
_BOLD_END = later(rf"(?<=[\w.,:;!?)\"'”{FULL_WIDTH}])\*\*(?=\s|\Z)")
DIGITS = 18
_SPACE = later(r"\s+")
_CLOSE = later(rf"[{HAN}][{HAN}“‘]|[”’][{HAN}]|[{FULL_WIDTH}].|.[{FULL_WIDTH}]")


def label(names: str, number: str = "") -> str:
    """A pattern for the label of a line: "**Output:**", "输出1：", "【输出】"; for names parted by |.

    `number` is a pattern of what may stand before it, like NUMBERED.

    Stars behind it are the label's if it began with some, or if they stand alone: in 输出：**星期三** the answer's.
    """
    words = rf"(?:(?:{names})\s*+\d*+[*_]{{0,3}}+\s*+[:：]|【(?:{names})[ \t]*\d*】[*_]{{0,3}}[:：]?)"
    numbered = f"{number}?" if number else ""
    return rf"^{EMPHASIS}{numbered}(?:(?<=[*_]){words}[*_]{{0,3}}|(?<![*_]){words}(?:[*_]{{1,3}}(?=\s|\Z))?)"


def number_in(text: str) -> int:
    """The number that a mark of a list has in it: 9 of "9", "九" and "⑨", 12 of "十二" and "第12条"; 0 without one.

    Nobody counts beyond 18 digits: what follows those is left out (Python takes no more than 4,300).
    """
    found = re.search(rf"\d+|[①-⑳]|{NUMERAL}", text)
    if not found:
        return 0
    if found[0].isdecimal():
        return int(found[0][:DIGITS])
    tens, ten, ones = found[0].rpartition("十")
    if ten:
        return 10 * _digit(tens or "一") + _digit(ones or "〇")
    return _digit(found[0])


def _digit(character: str) -> int:
    return int(unicodedata.numeric(character))  # "9", "九" and "⑨" alike; 〇 is 0


def plain(answer: str) -> str:
    """The answer with Unix line ends, without what the model wrote for itself and the tokens that end a turn."""
    return parted(answer.replace("\r\n", "\n").replace("\r", "\n")).answer


def unwrapped(answer: str) -> tuple[str, list[str]]:
    """The plain answer, out of the code fence around all of it; and what a chat model says before and after it.

    Only a first line like "Sure! Here are …" and a last one like "Let me know if … more examples" are such remarks: an
    e-mail that the teacher was to write may well end with "Let me know if …".
    """
    text, remarks = plain(answer), []
    if greeting := _GREETING.match(text):
        remarks.append(greeting[1].strip())
        text = text[greeting.end() :]
    last = text.rstrip().rfind("\n")
    if last >= 0 and _GOODBYE.match(text, last + 1):
        remarks.append(text[last:].strip())
        text = text[:last]
    fenced = _FENCED.match(text)
    return (fenced[1] if fenced else text), remarks


def unbold(text: str) -> str:
    """The text without ** around its words, nor one that ends what a label before the text began; 2**3 stays."""
    return _BOLD_END.sub("", "".join(_outside_stars(text)))


def _outside_stars(text: str) -> Iterator[str]:
    """The text between the ** that open bold type and those that close it in the same line.

    Each kind is looked for once from left to right: to look for a closing one from every opening one takes seconds
    where a line has 10,000 of these and none of those.
    """
    at = done = 0  # where to look on; up to where the text is yielded
    closing = _BOLD_TO.search(text)
    while closing and (opening := _BOLD_FROM.search(text, at)):
        if closing.start() <= opening.end():  # at least one character is bold
            closing = _BOLD_TO.search(text, opening.end() + 1)
        if not closing:
            break
        if (line_end := text.find("\n", opening.end(), closing.start())) >= 0:
            at = line_end  # nothing closes in this line any more
            continue
        yield text[done : opening.start()]
        yield text[opening.end() : closing.start()]
        at = done = closing.end()
    yield text[done:]


def without_rule(text: str) -> str:
    """The text without the line of hyphens at its end, which parts it from the next task or example."""
    kept = text.rstrip()
    start = kept.rfind("\n") + 1
    rule = kept[start:].lstrip(" \t")
    return text[:start].rstrip() if len(rule) >= 3 and not rule.strip("-") else text


def one_line(text: str) -> str:
    """White space collapsed. Where a line of Chinese breaks off and goes on there is none, as the script has none."""
    return _SPACE.sub(_gap, text.strip())


def _gap(space: re.Match[str]) -> str:
    around = space.string[space.start() - 1] + space.string[space.end()]
    return "" if "\n" in space[0] and _CLOSE.match(around) else " "
