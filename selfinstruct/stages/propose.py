"""Propose: show the teacher eight tasks and let it continue the list (Self-Instruct, 2212.10560, section 3.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar

from selfinstruct.stages.echoes import echo_of
from selfinstruct.stages.json_answers import JsonAnswer, fields_of, json_answer, schema_of, strictly
from selfinstruct.stages.prompting import check_prompts, filled, prompt_of, prompt_text
from selfinstruct.stages.prose import is_prose, whole_lines
from selfinstruct.stages.reading import EMPHASIS, HAN, NUMERAL, number_in, one_line, unbold, unwrapped
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Prompt, Response

__all__ = ["Propose"]

# The published scripts split at "\n", digits, an optional space, a full stop and a space. Chat models also write
# "9)", "9:", "**9.**", "- 9.", "(9)", "[9]", "### 9.", "9\.", "9.Name" and "Task 9:", and begin in the first line. Four
# digits are a year. In Chinese: "9、", "９．", "（9）", "【9】", "9：请", "任务9："; but "3、5、8" is a series, and
# "12：30" a time.
_BEFORE = r"^(?P<indent>[ \t\u3000]*)(?:[-*+•][ \t]+)?(?:#{1,6}[ \t]+)?(?:\*\*)?"
_NUMBER = re.compile(
    rf"{_BEFORE}(?:[（(]?(?P<number>\d{{1,3}})(?:\s?\\?[.)．）]|[:：]|\s?、(?!\s*\d+(?:\.\d+)?\s*(?:[、，,]|$)))"
    r"|[\[【](?P<boxed>\d{1,3})[\]】](?!\()"
    r"|Task[ \t]+(?P<task>\d{1,3})(?:[.:)]|(?=\*\*|$))|【?任务[ \t]*(?P<item>\d{1,3})(?:[.:：．、）】]|(?=\*\*|$)))"
    rf"(?:\*\*[:：]?)?(?:[ \t\u3000]+|$|(?=[A-Z]|[“‘]?[{HAN}《「『【（])|(?<=[、】\]])|(?<=：)(?!\d))",
    re.MULTILINE,
)
# "九、", "（九）", "第九条：", "第9条：" and "⑨" number the points of an item, too: they count where nothing else does.
_NUMERAL = re.compile(
    rf"{_BEFORE}(?:[（(【\[]?(?P<numeral>{NUMERAL})[、.．)）:：】\]]|(?P<circled>[①-⑳])[、.．]?"
    rf"|【?(?:任务|第)[ \t]*(?:(?P<nth>{NUMERAL})|(?P<digits>\d{{1,3}}))[ \t]*(?:[条个项则题](?:任务|指令)?)?"
    r"(?:[.:：．、】]|(?=\*\*|$)))(?:\*\*[:：]?)?[ \t\u3000]*",
    re.MULTILINE,
)
_BULLET = re.compile(r"^(?P<indent>[ \t]*)[-*+•][ \t]+(?=\S)", re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*```[\w-]*[ \t]*$\n?", re.MULTILINE)
_PARAGRAPH = re.compile(r"(?<=[^\s:：])[ \t]*\n[ \t]*\n(?=\S)")
_HEADING = re.compile(r"#{1,6}[ \t][^\n]*|\*\*[^*\n]+\*\*[ \t]*|-{3,}[ \t]*")
_LABEL = re.compile(
    r"^(?:(?:instruction|task)(?: \d+)?\s*[:：]"
    rf"|(?:任务|指令)\s*(?:\d+|{NUMERAL})?\s*[:：]|【(?:任务|指令)】[:：]?)\s*",
    re.IGNORECASE,
)
# Without a number: "Instruction:", "### Instruction", "**Task:**", 【指令】 at the head of each.
_HEADED = re.compile(
    rf"^(?:{EMPHASIS}(?:instruction|task|指令|任务)[*_]{{0,3}}[ \t]*\d{{0,3}}[*_]{{0,3}}[ \t]*[:：][*_]{{0,3}}"
    r"|[ \t]*(?:#{1,6}[ \t]*|\*\*)(?:instruction|task|指令|任务)[ \t]*\d{0,3}[*_]{0,3}[ \t]*$)",
    re.IGNORECASE | re.MULTILINE,
)
_OTHER_FIELD = re.compile(
    rf"^{EMPHASIS}(?:(?:input|output|response|answer|输入|输出|回答|答案)[ \t]*\d{{0,3}}[*_]{{0,3}}[ \t]*[:：]"
    r"|(?<=[#*] )(?:input|output|response|answer|输入|输出|回答|答案)[*_]{0,3}[ \t]*$)",
    re.IGNORECASE | re.MULTILINE,
)
_QUOTED = re.compile(r"[\"'*_“‘](\w[^\"*_“”]*)[\"'*_”’]|「(\w[^「」]*)」")
_REFUSAL_ZH = (
    r"(?:很|非常|十分|实在)?(?:抱歉|对不起|不好意思)[，。！,!][^\n]{0,30}?"
    r"(?:无法|不能|没法|没办法|没有办法|不便|不会|不适合|没有把握|没有能力|超出|不具备)"
    r"|我(?:无法|不能|没法)(?:为[您你]|协助|满足|提供|参与|生成|续写)"
    r"|作为[^\n，,]{0,12}(?:AI|人工智能|模型|助手|程序)[^\n]{0,30}?(?:无法|不能|没法|不具备)"
)
_REFUSAL = re.compile(
    r"\s*+(?:(?:i['’]m sorry|i am sorry|sorry|i apologi[sz]e)[,.]? (?:but )?(?:i|as an ai)\b"
    r"|(?:i can['’]t|i cannot|i['’]m unable to|i am unable to) (?:assist|help|comply|fulfil|provide)|as an ai\b"
    rf"|{_REFUSAL_ZH})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Propose:
    kind: ClassVar = "grow"
    classification: bool = False
    """Ask for classification tasks only: the published variant; show it classification seeds (`show: {only: …}`)."""
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""
    structured: bool = False
    """Ask for the tasks as JSON by a schema, where the server can: {"tasks": ["…", "…"]}."""
    per_answer: ClassVar[int] = 7
    """Tasks that a whole answer has, for the estimate of --dry-run."""

    def __post_init__(self) -> None:
        check_prompts(self)

    @property
    def continues(self) -> bool:
        """Whether the answer goes on with the prompt's last line: not where it is to be JSON."""
        return not self.structured

    @property
    def prompts(self) -> dict[str, str]:
        return {"text": "propose_classification" if self.classification else "propose"}

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        """The tasks shown as a numbered list to go on with; white space collapsed, no colon at the end."""
        shown = (one_line(task.instruction).rstrip(":：") for task in tasks)
        lines = "\n".join(f"{number}. {text}" for number, text in enumerate(shown, 1))
        text = filled(prompt_of(self), tasks=lines, next=str(len(tasks) + 1))
        # Before the prompt's own text, which so ends as it does without.
        return f"{prompt_text('json_propose', self.language)}\n\n{text}" if self.structured else text

    def schema(self, tasks: tuple[Task, ...]) -> dict[str, Any] | None:
        """{"tasks": [text, …]}; None unless `structured`."""
        return schema_of("tasks") if self.structured else None

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The proposed instructions, in order. An answer cut by length is thrown away whole, as published."""
        if response.finish_reason == "length":
            yield Rejected(response.text, "truncated", what="answer")
            return
        strict = strictly(response.text, "tasks") if self.structured else None
        if strict is not None:
            found = [item if isinstance(item, Rejected) else Task("", one_line(item[""])) for item in strict]
            found = [item for item in found if isinstance(item, Rejected) or item.instruction]
        elif answer := json_answer(response.text, "instruction"):
            found = list(_of_json(answer))
        else:
            found = list(_of_text(response.text, len(tasks) + 1))
        if not any(isinstance(item, Task) or item.is_proposal for item in found):
            yield Rejected(response.text, "no task in the answer", what="answer")
            return
        shown = [one_line(task.instruction).rstrip(":：") for task in tasks]
        for item in found:
            copied = isinstance(item, Task) and echo_of(item.instruction, prompt_of(self), shown)
            yield Rejected(item.instruction, "copied from the prompt", copied) if copied else item


def _of_json(answer: JsonAnswer) -> Iterable[Task | Rejected]:
    """The instructions of a JSON answer; what else an item says is a remark."""
    for item in answer.items:
        fields = fields_of(item)
        if instruction := _tidy(fields.pop("instruction", "")):
            yield Task("", instruction)
            rest = "\n".join(f"{name}: {text}" for name, text in fields.items() if text)
            yield from _remarks([rest], "not part of the instruction")
        elif text := str(item).strip():
            yield Rejected(text, "no instruction in it")
    if answer.cut:
        yield Rejected(answer.cut, "truncated")
    yield from _remarks(answer.remarks, "not part of the list")


def _of_text(answer: str, first: int) -> Iterable[Task | Rejected]:
    """The instructions of a list in words, which goes on at number `first`."""
    text, remarks = unwrapped(answer)
    text = _FENCE.sub("", text)
    headed, numbered = list(_HEADED.finditer(text)), _NUMBER.search(text)
    if headed and (not numbered or (len(headed) > 1 and headed[0].start() < numbered.start())):
        ends = [*(mark.start() for mark in headed[1:]), len(text)]
        items = [text[mark.end() : end] for mark, end in zip(headed, ends, strict=True)]
        others = [text[: headed[0].start()].strip()]
    else:
        items, others = list_items(text, first)
        if len(items) == 1 and not numbered and (lines := whole_lines(text)):
            items, others = lines, []
        elif items and text.startswith(items[0]) and is_prose(text if len(items) == 1 else items[0]):
            others, items = [items[0].strip(), *others], items[1:]
    fields = bool(headed) or any(_LABEL.match(unbold(item).strip()) for item in items)
    for item in items:
        other = _OTHER_FIELD.search(item)
        if other and (fields or item[: other.start()].strip()):
            others.append(item[other.start() :].strip())
            item = item[: other.start()]
        if instruction := _tidy(item):
            yield Task("", instruction)
    yield from _remarks(remarks + others, "not part of the list")


def _remarks(texts: Iterable[str], category: str) -> Iterable[Rejected]:
    return (Rejected(text, category, what="remark") for text in texts if text)


def list_items(text: str, first: int) -> tuple[list[str], list[str]]:
    """The items of a list that continues at number `first`, and the remarks before, between and after them."""
    numerals = _in_order(_marks(_NUMERAL, text), text, first)
    marks = _outer(_marks(_NUMBER, text), numerals, text, first) or numerals
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
        # A paragraph that follows the last item, and a heading before the next one, are no part of the item.
        end = _paragraph(items[at]) if at == len(items) - 1 else _headings(items[at])
        remarks.append(items[at][end:])
        items[at] = items[at][:end]
    return items, [remark.strip() for remark in remarks if re.search(r"\w", remark)]


def _paragraph(item: str) -> int:
    """Where a further paragraph begins; the length of the item without one."""
    found = _PARAGRAPH.search(item)
    return found.start() if found else len(item)


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
    named = len(values) > 1 and all(_LABEL.match(text[mark.end() : mark.end() + 9]) for mark in marks)
    anew = values[0] == 1 < len(values) and _apart(marks[0], text)
    return marks if values[0] in (first, first + 1) or anew or named else []


def _apart(mark: re.Match[str], text: str) -> bool:
    """Marks that follow words without a blank line are points inside the one item."""
    before = text[: mark.start()].removesuffix("\n")
    words = before.rstrip()
    return not words or "\n" in before[len(words) :]


def _tidy(item: str) -> str:
    """One line, without Markdown's bold type or a label, the first letter in upper case."""
    text = one_line(unbold(item))
    text = _LABEL.sub("", text)
    if quoted := _QUOTED.fullmatch(text):
        text = quoted[1] or quoted[2]
    return text[:1].upper() + text[1:]
