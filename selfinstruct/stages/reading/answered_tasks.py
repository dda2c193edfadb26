"""One new task together with its answer, as teachers write it: labels in either language, JSON, with words around.

Asked for "Instruction: …, Input: …, Answer: …", chat models greet, write the labels in bold or as headings, call them
Question, Task or Problem and Solution, Reference answer or Rubric, reason before the task, and explain after it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from selfinstruct.stages.reading.fields import closed
from selfinstruct.stages.reading.json_answers import fields_of, json_answer
from selfinstruct.stages.reading.plain import EMPHASIS, unbold, unwrapped
from selfinstruct.text.later import later
from selfinstruct.text.nothing import no_input

__all__ = ["AnsweredTask", "read_answered"]

_NEW = r"(?:(?:the|my|your|new|harder|challenging|final|revised|self-contained)[ _]){0,3}"
_NEW_ZH = "(?:(?:新|更难|最终|新出)的?){0,2}"
_OF = (
    r"(?:(?:the|reference|correct|model|expected|right|final|sample|gold|golden|target|complete|full"
    r"|ideal|detailed)[ _]){0,3}"
)
_OF_ZH = "(?:参考|标准|正确|最终|完整|示范)?的?"
_NAMES = {
    "instruction": f"{_NEW}(?:instructions?|task|question|prompt|problem|challenge|exercise)"
    f"(?:[ _](?:text|description))?|{_NEW_ZH}(?:指令|任务|问题|题目|新题|题)(?:内容|描述)?",
    "input": "(?:the )?(?:input|context|data|material)(?:[ _](?:text|data))?|输入(?:内容|数据)?|材料|背景",
    "answer": f"{_OF}(?:outputs?|response|answers?(?:[ _]key)?|reference|rubric|solution|marking[ _](?:criteria|scheme)"
    rf"|grading[ _](?:criteria|rubric)|criteria)(?:[ _]*[(/][^()\n:：]{{1,30}}\)?)?"
    f"|{_OF_ZH}(?:输出|回答|答案|答复|解答|参考|答)(?:要点)?|评分(?:标准|要点|细则)",
    "rest": r"(?:explanation|rationale|reasoning|notes?|why (?:this|it) (?:works|is \w+)|difficulty(?: level)?"
    r"|justification|analysis|comments?)|解释|说明|理由|难点|设计思路|出题思路|解题思路|推理过程|思路|备注|难度|解析",
}
"""What the parts are called, and what else is said about them."""
_LABEL = later(
    rf"^{EMPHASIS}[\[【<]?(?:\d[.)、][ \t]*[*_]{{0,3}})?(?:"
    + "|".join(f"(?P<{kind}>{names})" for kind, names in _NAMES.items())
    + r")[ \t]*\d?(?:[\]】>]?[*_]{0,3}[ \t]*[:：][*_]{0,3}|[\]】>][*_]{0,3}[:：]?"
    r"|(?<=[\w])[*_]{2,3}[ \t]*$|[ \t]*$)",
    re.IGNORECASE | re.MULTILINE,
)
_HEADING = later(
    r"^[ \t>#*_]*[\[【]?(?:(?:the )?new task(?: and (?:its )?answer)?|新题和答案|新题|新任务(?:和答案)?)[\]】]?"
    r"[*_:： \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
"""Our own heading, repeated above the parts."""
_THINKS = later("reasoning|rationale|思路|推理", re.IGNORECASE)
"""What comes before an answer and is no part of the task."""
_TAG = later(r"^[ \t]*</?([a-z_ ]{4,20})>[ \t]*|[ \t]*</([a-z_ ]{4,20})>[ \t]*$", re.IGNORECASE | re.MULTILINE)
_PLACEHOLDER = later(r"[\s.…。*_<>\[\]()（）-]*+")


class AnsweredTask(NamedTuple):
    instruction: str
    input: str
    """"" where there is none."""
    answer: str
    """"" where none was written."""
    remarks: Sequence[str] = ()
    """What else is said."""


def read_answered(text: str) -> AnsweredTask | None:
    """The task of an answer, of several the first; None when there is none. What is said before and after it, and
    further tasks, are its remarks.
    """
    if found := json_answer(_answer_key(text), "instruction"):
        whole = [item for item in found.items if isinstance(item, dict) and fields_of(item).get("instruction")]
        if whole:
            return _of_json(whole[0], [*found.remarks, *map(str, whole[1:])])
        if not found.items or isinstance(found.items[0], dict):
            return None
    text, remarks = unwrapped(text)
    if "</" in text and re.search("</(?:new_)?(?:instruction|task|question)>", text, re.IGNORECASE):
        text = _TAG.sub(lambda tag: f"\n[{tag[1]}] " if tag[1] and "/" not in tag[0] else "\n", text)
    return _of_labels(text, remarks)


_ANSWER_KEY = later(
    r"\"(?:reference|correct|expected|model|final)?[ _-]?(?:reference|rubric|answer[ _-]?key|(?<=[ _-])answer)\""
    r"(\s{0,8}:)"
    r"|\"(?:评分标准|标准答案|正确答案)\"(\s{0,8}[:：])",
    re.IGNORECASE,
)
_TASK_KEY = later(
    r"\"(?:new|harder|final)[ _-]?(?:task|instruction|question|problem|prompt)\"(\s{0,8}:\s{0,8}\")", re.IGNORECASE
)


def _answer_key(text: str) -> str:
    """{"new_task": …, "reference_answer": …} by the names that are read."""
    text = _ANSWER_KEY.sub(lambda found: f'"answer"{found[1] or found[2]}', text)
    return _TASK_KEY.sub(r'"instruction"\1', text)


def _of_json(item: dict[str, Any], remarks: Sequence[str]) -> AnsweredTask:
    fields = fields_of(item)
    known = set(fields.values())
    rest = [f"{key}: {value}" for key, value in item.items() if isinstance(value, str) and value.strip() not in known]
    given = fields.get("input", "")
    given = "" if no_input(given, fields["instruction"]) else given
    return AnsweredTask(fields["instruction"], given, fields.get("output", ""), [*remarks, *filter(None, rest)])


def _of_labels(text: str, remarks: list[str]) -> AnsweredTask | None:
    marks = list(_LABEL.finditer(text))
    asks = (at for at, mark in enumerate(marks) if mark.lastgroup == "instruction" and _says(text, marks, at))
    first = next(asks, None)
    if first is None:
        return None
    before = _HEADING.sub("", text[: marks[first].start()]).strip(" \n*_#-")
    parts, own = list(_NAMES), [marks[first]]
    after = len(text)
    for mark in marks[first + 1 :]:
        kind, last = mark.lastgroup or "", own[-1].lastgroup or ""
        if kind == "instruction":
            if last == "answer":  # another task
                after = mark.start()
                break
        elif kind == "rest":
            if last == "answer":
                after = mark.start()
                break
            if _THINKS.search(mark[0]):
                own.append(mark)
        elif last == "rest" or parts.index(kind) > parts.index(last):
            own.append(mark)
    ends = [*(mark.start() for mark in own[1:]), after]
    fields = {mark.lastgroup: _value(text[mark.end() : end]) for mark, end in zip(own, ends, strict=True)}
    thoughts = fields.pop("rest", "")
    instruction = unbold(fields.get("instruction", ""))
    given = fields.get("input", "")
    given = "" if no_input(given, instruction) or _PLACEHOLDER.fullmatch(given) else given
    answer = fields.get("answer", "")
    if _PLACEHOLDER.fullmatch(instruction):
        return None
    answer = "" if _PLACEHOLDER.fullmatch(answer) else answer
    return AnsweredTask(instruction, given, answer, [*filter(None, (*remarks, before, thoughts, text[after:].strip()))])


def _says(text: str, marks: Sequence[re.Match[str]], at: int) -> bool:
    """Whether a label has anything below it before the next one: a heading of another label has not."""
    end = marks[at + 1].start() if at + 1 < len(marks) else len(text)
    return bool(re.search(r"\w", text[marks[at].end() : end]))


def _value(text: str) -> str:
    """Without what a heading leaves around it, and out of the quotation marks around all of it."""
    return closed(text.strip())
