"""How the built-in teacher reads a prompt: what kind of answer it asks for, and about which instruction."""

from __future__ import annotations

import re
from typing import NamedTuple

from selfinstruct.simulator.language import EN, Language, language_of
from selfinstruct.teacher import Prompt

__all__ = ["Question", "read"]


class Question(NamedTuple):
    kind: str
    """propose, alpaca, classify, input_first, output_first; "" when the prompt has none of these shapes."""
    language: Language = EN
    """Of the prompt, and so of the answer."""
    number: int = 0
    """Of the next item of the list that has to be continued."""
    last: int = 20
    """Of the last item that is asked for."""
    shown: tuple[str, ...] = ()
    """The items of that list so far."""
    instruction: str = ""
    """The instruction that has to be judged or followed."""
    classification: bool = False
    """Only classification tasks are wanted."""


_LIST_GOES_ON = re.compile(r"\n(\d{1,4})\.\s*$")
_ITEM = re.compile(r"^\d{1,4}\. (.+)$", re.MULTILINE)
_BLOCK_GOES_ON = re.compile(r"\n(\d{1,4})\. (?:Instruction:|指令：)\s*$")
_BLOCK = re.compile(r"^\d{1,4}\. (?:Instruction: |指令：)(.+)$", re.MULTILINE)
_MANY = re.compile(r"\d+")
_CLASSIFY = re.compile(r"(?:^|\n)(?:Task: (?P<en>.+)\nClassification:|任务：(?P<zh>.+)\n是否分类任务：)\s*$")
_LAST_TASK = re.compile(r"(?:^|\n)(?:Task: |任务：)(.+)\s*$")
_LABELS, _OUTPUTS = ("\nClass label:", "\n类别标签："), ("\nOutput:", "\n输出：")


def read(prompt: Prompt) -> Question:
    text = text_of(prompt)
    head = text.split("\n", 1)[0]
    language = language_of(head)
    end = max(text.rfind("\n", 0, len(text.rstrip())), 0)  # only the last line, and the one before it, tell the kind
    end = max(text.rfind("\n", 0, end), 0)
    if found := _BLOCK_GOES_ON.search(text, end):
        many = _MANY.search(head)
        return Question("alpaca", language, int(found[1]), int(many[0]) if many else 20, tuple(_BLOCK.findall(text)))
    if found := _LIST_GOES_ON.search(text, end):
        labels = "classification tasks" in head or "分类任务" in head
        return Question("propose", language, int(found[1]), shown=tuple(_ITEM.findall(text)), classification=labels)
    if found := _CLASSIFY.search(text, end):
        return Question("classify", language, instruction=(found["en"] or found["zh"]).strip())
    if found := _LAST_TASK.search(text, end):
        labels = any(name in text for name in _LABELS) and not any(name in text for name in _OUTPUTS)
        return Question("output_first" if labels else "input_first", language, instruction=found[1].strip())
    return Question("", language, instruction=text.strip())


def text_of(prompt: Prompt) -> str:
    """The text itself, or the last thing that the user said."""
    if isinstance(prompt, str):
        return prompt
    return next((turn["content"] for turn in reversed(prompt) if turn["role"] == "user"), "")
