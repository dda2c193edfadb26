"""Propose: show the teacher eight tasks and let it continue the list (Self-Instruct, 2212.10560, section 3.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random
from typing import Any, ClassVar

from selfinstruct.stages.prompting import asked_as_json, check_prompts, filled, prompt_of
from selfinstruct.stages.proposing.axes import NO_AXES, Axes, axes_from, axes_of
from selfinstruct.stages.proposing.wishes import COPIED, about, asked_about, unlabelled
from selfinstruct.stages.reading.echoes import echo_of
from selfinstruct.stages.reading.json_answers import JsonAnswer, fields_of, json_answer, schema_of, strictly
from selfinstruct.stages.reading.lists import LABEL, NUMBER, list_items
from selfinstruct.stages.reading.plain import EMPHASIS, number_in, one_line, unbold, unwrapped, without_rule
from selfinstruct.stages.reading.prose import asks, is_answer_list, is_prose, whole_lines
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.later import later

__all__ = ["Propose"]

_FENCE = later(r"^[ \t]*```[\w-]*[ \t]*$\n?", re.MULTILINE)
# Without a number: "Instruction:", "### Instruction", "**Task:**", 【指令】 at the head of each.
_HEADED = later(
    rf"^(?:{EMPHASIS}(?:instruction|task|指令|任务)[*_]{{0,3}}[ \t]*\d{{0,3}}[*_]{{0,3}}[ \t]*[:：][*_]{{0,3}}"
    r"|[ \t]*(?:#{1,6}[ \t]*|\*\*)(?:instruction|task|指令|任务)[ \t]*\d{0,3}[*_]{0,3}[ \t]*$)",
    re.IGNORECASE | re.MULTILINE,
)
# "Question 9:", "**Prompt 1:**": words that an item may hold as well, so they count where the answer begins with one.
_HEADED_TOO = later(
    rf"^{EMPHASIS}(?:question|prompt|new task|问题|题目)[*_]{{0,3}}[ \t]*#?\d{{0,3}}[*_]{{0,3}}[ \t]*[:：][*_]{{0,3}}",
    re.IGNORECASE | re.MULTILINE,
)
_OTHER_FIELD = later(
    rf"^{EMPHASIS}(?:(?:input|output|response|answer|输入|输出|回答|答案)[ \t]*\d{{0,3}}[*_]{{0,3}}[ \t]*[:：]"
    r"|(?<=[#*] )(?:input|output|response|answer|输入|输出|回答|答案)[*_]{0,3}[ \t]*$)",
    re.IGNORECASE | re.MULTILINE,
)
# "Translate it. Input: … Output: …" in one line.
_INLINE = later(
    r"(?<=[.!?。！？])[ \t]+(?:input|输入|answer|response|答案|回答)[:：]|(?<=[?？])[ \t]+(?:output|输出)[:：]",
    re.IGNORECASE,
)
_QUOTED = later(r"[\"'*_“‘`](\w[^\"*_“”`]*)[\"'*_”’`]|「(\w[^「」]*)」")
_LIST_ENDS = later(
    r"\W*(?:(?:this is )?(?:the )?end(?: of (?:the |this )?(?:list|tasks?))?|(?:the )?list (?:ends|continues|goes on)"
    r"|and so on|etc|to be continued|continued|(?:清单|列表|任务)?(?:到此)?(?:结束|完毕|完)|待续)\W*",
    re.IGNORECASE,
)
_TITLE = 12
"""Words that may stand above an "Instruction:" as its title."""


@dataclass(frozen=True, slots=True)
class Propose:
    kind: ClassVar = "grow"
    continues: ClassVar = "completions"
    classification: bool = False
    """Ask for classification tasks only: the published variant; show it classification seeds (`show: {only: …}`)."""
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""
    structured: bool = False
    """Ask for the tasks as JSON by a schema, where the server can: {"tasks": ["…", "…"]}."""
    axes: Axes = NO_AXES
    """What the new tasks are to be about: lists or trees of values, of which some are drawn for each task. In a recipe
    `axes: FILE` as well."""
    files: ClassVar = {"axes": axes_from}
    later: ClassVar = ("axes",)
    per_answer: ClassVar[int] = 7
    """Tasks that a whole answer has, for the estimate of --dry-run."""

    def __post_init__(self) -> None:
        check_prompts(self)
        object.__setattr__(self, "axes", axes_of(self.axes))

    @property
    def prompts(self) -> dict[str, str]:
        return {"text": "propose_classification" if self.classification else "propose"}

    def drawn(self, rng: Random, number: int, seed: int = 0) -> Propose:
        """As it asks in the draft of that number of a run of that seed, and reads the answer."""
        return replace(self, axes=replace(self.axes.at(number), seed=seed))

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        """The tasks shown as a numbered list to go on with; white space collapsed, no colon at the end."""
        shown = (one_line(task.instruction).rstrip(":：") for task in tasks)
        lines = "\n".join(f"{number}. {text}" for number, text in enumerate(shown, 1))
        text = filled(prompt_of(self), tasks=lines, next=str(len(tasks) + 1))
        text = asked_about(text, self.axes, self.axes.drawn(self.per_answer), len(tasks) + 1, self.language)
        return asked_as_json("json_propose", self.language, text) if self.structured else text

    def schema(self, tasks: tuple[Task, ...]) -> dict[str, Any] | None:
        """{"tasks": [text, …]}; None unless `structured`."""
        return schema_of("tasks") if self.structured else None

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The proposed instructions, in order. An answer cut by length is thrown away whole, as published."""
        if response.finish_reason == "length":
            yield Rejected(response.text, "truncated", what="answer")
            return
        wanted = self.axes.drawn(self.per_answer)
        strict = strictly(response.text, "tasks") if self.structured else None
        if strict is not None:
            found = [item if isinstance(item, Rejected) else Task("", one_line(item[""])) for item in strict]
            found = [item for item in found if isinstance(item, Rejected) or item.instruction]
        elif answer := json_answer(response.text, "instruction"):
            found = list(_of_json(answer))
        else:
            found = list(_of_text(unlabelled(response.text, self.axes, wanted), len(tasks) + 1))
        if not any(isinstance(item, Task) or item.is_proposal for item in found):
            yield Rejected(response.text, "no task in the answer", what="answer")
            return
        shown = [one_line(task.instruction).rstrip(":：") for task in tasks]
        for at, item in enumerate(found):
            if isinstance(item, Task) and (copied := echo_of(item.instruction, prompt_of(self), shown)):
                found[at] = Rejected(item.instruction, COPIED, copied)
        yield from about(found, self.axes, wanted)


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
    headed, numbered = list(_HEADED.finditer(text)), NUMBER.search(text)
    if not headed and _HEADED_TOO.match(text.lstrip()):
        headed = list(_HEADED_TOO.finditer(text))
    if headed and (not numbered or (len(headed) > 1 and headed[0].start() < numbered.start())):
        ends = [*(mark.start() for mark in headed[1:]), len(text)]
        items = [text[mark.end() : end] for mark, end in zip(headed, ends, strict=True)]
        others = [text[: headed[0].start()].strip()]
    else:
        items, others = _without_prose(text, *list_items(text, first), number_in(numbered[0]) if numbered else 0)
    fields = bool(headed) or any(LABEL.match(unbold(item).strip()) for item in items)
    for item in items:
        item, rest = _alone(item, fields)
        others += rest
        if instruction := _tidy(item):
            yield Task("", instruction)
    yield from _remarks(remarks + others, "not part of the list")


def _without_prose(text: str, items: list[str], others: list[str], begun: int) -> tuple[list[str], list[str]]:
    """The items and remarks of a list without what talks: the whole answer, or the words before its first mark.

    `begun`: the number of that mark; 0 without one.
    """
    if not items:
        return items, others
    goes_on = text.startswith(items[0])  # with what the prompt's own number is for
    if len(items) == 1 and goes_on:
        lines = [] if begun else whole_lines(text)
        return (lines, []) if lines else ([], [text.strip()]) if is_prose(text, alone=True) else (items, others)
    if goes_on and is_prose(items[0], alone=False):
        return items[1:], [items[0].strip(), *others]
    if not goes_on and begun < 2 and is_answer_list(others[0] if others else "", items):
        return [], [text.strip()]
    return items, others


def _alone(item: str, fields: bool) -> tuple[str, list[str]]:
    """The instruction of an item, and what else is in it: a title above, its input and output, the end of the list.

    `fields`: the answer is written in fields, so that one is no part of an instruction even at its beginning.
    """
    others = list[str]()
    item = without_rule(item.rstrip())
    start = item.rfind("\n") + 1
    if _LIST_ENDS.fullmatch(item[start:].strip()):
        others.append(item[start:].strip())
        item = item[:start]
    label = _HEADED.search(item)
    if label and item[: label.start()].strip():
        title = item[: label.start()].strip()
        if len(title.split()) <= _TITLE and not asks(title):
            others.append(title)
            item = item[label.end() :]
    other = _OTHER_FIELD.search(item)
    if not other or not (fields or item[: other.start()].strip()):
        other = _INLINE.search(item)
    if other:
        others.append(item[other.start() :].strip())
        item = item[: other.start()]
    return item, others


def _remarks(texts: Iterable[str], category: str) -> Iterable[Rejected]:
    return (Rejected(text, category, what="remark") for text in texts if text)


def _tidy(item: str) -> str:
    """One line, without Markdown's bold type or a label, the first letter in upper case."""
    text = one_line(unbold(item))
    text = LABEL.sub("", text)
    if quoted := _QUOTED.fullmatch(text):
        text = quoted[1] or quoted[2]
    return text[:1].upper() + text[1:]
