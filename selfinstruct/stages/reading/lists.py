"""Lists: the items of an answer that goes on with a numbered list, or begins one anew, and what is said around them."""

from __future__ import annotations

import re

from selfinstruct.stages.reading.plain import HAN, NUMERAL, number_in
from selfinstruct.stages.reading.prose import asks
from selfinstruct.text.later import later

__all__ = ["LABEL", "NUMBER", "list_items"]

# The published scripts split at "\n", digits, an optional space, a full stop and a space. Chat models also write
# "9)", "9:", "**9.**", "- 9.", "(9)", "[9]", "### 9.", "9\.", "9.Name" and "Task 9:", and begin in the first line. Four
# digits are a year. In Chinese: "9、", "９．", "（9）", "【9】", "9：请", "任务9："; but "3、5、8" is a series, and
# "12：30" a time.
_BEFORE = r"^(?P<indent>[ \t\u3000]*)(?:[-*+•][ \t]+)?(?:#{1,6}[ \t]+)?(?:\*\*)?"
NUMBER = later(
    rf"{_BEFORE}(?:[（(]?(?P<number>\d{{1,3}})(?:\s?\\?[.)．）]|[:：]|\s?、(?!\s*\d+(?:\.\d+)?\s*(?:[、，,]|$)))"
    r"|[\[【](?P<boxed>\d{1,3})[\]】](?!\()"
    r"|Task[ \t]+(?P<task>\d{1,3})(?:[.:)]|(?=\*\*|$))|【?任务[ \t]*(?P<item>\d{1,3})(?:[.:：．、）】]|(?=\*\*|$)))"
    rf"(?:\*\*[:：]?)?(?:[ \t\u3000]+|$|(?=[A-Z]|[“‘]?[{HAN}《「『【（])|(?<=[、】\]])|(?<=：)(?!\d))",
    re.MULTILINE,
)
# "九、", "（九）", "第九条：", "第9条：" and "⑨" number the points of an item, too: they count where nothing else does.
_NUMERAL = later(
    rf"{_BEFORE}(?:[（(【\[]?(?P<numeral>{NUMERAL})[、.．)）:：】\]]|(?P<circled>[①-⑳])[、.．]?"
    rf"|【?(?:任务|第)[ \t]*(?:(?P<nth>{NUMERAL})|(?P<digits>\d{{1,3}}))[ \t]*(?:[条个项则题](?:任务|指令)?)?"
    r"(?:[.:：．、】]|(?=\*\*|$)))(?:\*\*[:：]?)?[ \t\u3000]*",
    re.MULTILINE,
)
_INSIDE = later(rf"(?<=[.!?。！？])[ \t]*(\d{{1,3}})[.)、][ \t]*(?=[A-Z{HAN}])")
_BULLET = later(r"^(?P<indent>[ \t]*)[-*+•][ \t]+(?=\S)", re.MULTILINE)
_PARAGRAPH = later(r"(?<=[^\s:：])[ \t]*\n[ \t]*\n(?=\S)")
_SENTENCE_END = later(r"[.!?。！？][\"'”’)*]*\Z")
_HEADING = later(r"#{1,6}[ \t][^\n]*|\*\*[^*\n]+\*\*[ \t]*|-{3,}[ \t]*")
LABEL = later(
    r"^(?:(?:instruction|task|prompt|question)(?: ?#?\d+)?\s*[:：]"
    rf"|(?:任务|指令|题目)\s*(?:\d+|{NUMERAL})?\s*[:：]|【(?:任务|指令)】[:：]?)\s*",
    re.IGNORECASE,
)
"""What an instruction may be headed with, once its number is gone."""
_REFUSAL_ZH = (
    r"(?:很|非常|十分|实在)?(?:抱歉|对不起|不好意思)[，。！,!][^\n]{0,30}?"
    r"(?:无法|不能|没法|没办法|没有办法|不便|不会|不适合|没有把握|没有能力|超出|不具备)"
    r"|我(?:无法|不能|没法)(?:为[您你]|协助|满足|提供|参与|生成|续写)"
    r"|作为[^\n，,]{0,12}(?:AI|人工智能|模型|助手|程序)[^\n]{0,30}?(?:无法|不能|没法|不具备)"
)
_REFUSAL = later(
    r"\s*+(?:(?:i['’]m sorry|i am sorry|sorry|i apologi[sz]e)[,.]? (?:but )?(?:i|as an ai)\b"
    r"|(?:i can['’]t|i cannot|i['’]m unable to|i am unable to) (?:assist|help|comply|fulfil|provide)|as an ai\b"
    rf"|{_REFUSAL_ZH})",
    re.IGNORECASE,
)


def list_items(text: str, first: int) -> tuple[list[str], list[str]]:
    """The items of a list that continues at number `first`, and the remarks before, between and after them."""
    text = _in_lines(text, first)
    numerals = _in_order(_marks(_NUMERAL, text), text, first)
    marks = _outer(_marks(NUMBER, text), numerals, text, first) or numerals
    # The prompt ended with a number, so words before a mark are an item, unless the numbering starts anew.
    anew = bool(marks) and _value(marks[0]) <= first
    if not marks:
        bullets = _marks(_BULLET, text)
        if len(bullets) > 1 and _apart(bullets[0], text):
            marks, anew = bullets, True
    before = text[: marks[0].start()] if marks else text
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    items = [text[mark.end() : end] for mark, end in zip(marks, ends, strict=False)]
    remarks = []
    if anew or _REFUSAL.match(before):
        remarks.append(before)
    else:
        items.insert(0, before)
    for at in range(len(items)):
        # A paragraph that follows the item, and a heading before the next one, are no part of it.
        end = _paragraph(items[at]) if at == len(items) - 1 else _answered(items[at][: _headings(items[at])])
        remarks.append(items[at][end:])
        items[at] = items[at][:end]
    return items, [remark.strip() for remark in remarks if re.search(r"\w", remark)]


def _in_lines(text: str, first: int) -> str:
    """A list in one line, "… 10. Name a river. 11. …", with a line for each item: where three numbers at least count on
    from the prompt's, or from 1 at the beginning of the answer; else the text as it is.
    """
    if "\n" in text.strip():
        return text
    begun = re.match(r"\s*(\d{1,3})[.)]\s", text)
    start = int(begun[1]) if begun else first
    marks = list(_INSIDE.finditer(text))
    counted = [int(mark[1]) for mark in marks]
    if (
        start not in (1, first, first + 1)
        or len(marks) < 2
        or counted != list(range(start + 1, start + 1 + len(marks)))
    ):
        return text
    return _INSIDE.sub(lambda mark: "\n" + mark[0].lstrip(), text)


def _paragraph(item: str) -> int:
    """Where a further paragraph begins; the length of the item without one."""
    found = _PARAGRAPH.search(item)
    return found.start() if found else len(item)


def _answered(item: str) -> int:
    """As `_paragraph`, where the first one is whole and asks for something: the answer follows it."""
    end = _paragraph(item)
    first = item[:end].strip()
    return end if end < len(item) and _SENTENCE_END.search(first) and asks(first) else len(item)


def _headings(item: str) -> int:
    """Where nothing but headings follows to the end of the item; its length where it ends without one.

    Read from the end: to look ahead from every line that may be one takes minutes for 10,000 that a line of text ends.
    """
    found = end = len(item)
    while (start := item.rfind("\n", 0, end)) >= 0:
        line = item[start + 1 : end]
        text = line.lstrip()
        if text and not _HEADING.fullmatch(text):
            break
        if text and not line[: len(line) - len(text)].strip(" \t"):
            found = start
        end = start
    return found


def _marks(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    """Where items begin; a mark that stands two or more columns further in belongs to a list inside an item."""
    marks = [(len(mark["indent"].expandtabs(4)), mark) for mark in pattern.finditer(text)]
    least = min((indent for indent, _ in marks), default=0)
    return [mark for indent, mark in marks if indent < least + 2]


def _outer(marks: list[re.Match[str]], numerals: list[re.Match[str]], text: str, first: int) -> list[re.Match[str]]:
    """The marks without those of lists inside items: "（1）", "（2）" after "9.", another style that begins at 1 again.

    Before the first mark there may be an item as well, the one that the prompt's own number is for.
    """
    styles = [_style(mark) for mark in marks]
    if numerals and set(styles) == {"()"} and marks[0].start() > numerals[0].start() and _value(marks[0]) == 1:
        return []  # "九、… （1）… （2）… 十、…"
    change = next((at for at, style in enumerate(styles) if style != styles[0]), 0)
    counted = [_value(mark) for mark in marks[: change + 1]]
    inside = ""  # the style of the list inside the item, while there is one
    if (
        change
        and counted[:-1] == list(range(1, change + 1))
        and counted[-1] == first + 1
        and not _apart(marks[0], text)
    ):
        inside = styles[0]
    outer: list[re.Match[str]] = []
    last = 0
    for mark, style in zip(marks, styles, strict=True):
        if not inside and outer and style != _style(outer[-1]) and _value(mark) == 1:
            inside, last = style, 0
        if style == inside and _value(mark) == last + 1:
            last += 1
        else:
            inside = ""
            outer.append(mark)
    return outer


def _style(mark: re.Match[str]) -> str:
    """How an Arabic number is marked: "9.", "9)", "(9)", "9、", "9:", "[9]", or as a task."""
    if mark["number"] is None:
        return "[]" if mark["boxed"] else "task"
    before = mark.string[max(mark.start("number") - 1, 0)]
    after = mark.string[mark.end("number") : mark.end()].strip(" \\*")[:1]
    return {"．": ".", "）": ")", "：": ":"}.get(after, after) if before not in "（(" else "()"


def _value(mark: re.Match[str]) -> int:
    return number_in(next(filter(None, mark.groups()[1:])))  # the first group is the indent


def _in_order(marks: list[re.Match[str]], text: str, first: int) -> list[re.Match[str]]:
    """The marks if they count on from the prompt's number or from 1; else none."""
    values = [_value(mark) for mark in marks]
    if not values or values != list(range(values[0], values[0] + len(values))):
        return []
    named = len(values) > 1 and all(LABEL.match(text[mark.end() : mark.end() + 9]) for mark in marks)
    anew = values[0] == 1 < len(values) and _apart(marks[0], text)
    return marks if values[0] in (first, first + 1) or anew or named else []


def _apart(mark: re.Match[str], text: str) -> bool:
    """Marks that follow words without a blank line are points inside the one item."""
    before = text[: mark.start()].removesuffix("\n")
    words = before.rstrip()
    return not words or "\n" in before[len(words) :]
