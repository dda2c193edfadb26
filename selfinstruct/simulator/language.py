"""The two languages that the built-in teacher speaks: their families, and their words for what every answer needs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from selfinstruct.simulator.families import ENGLISH
from selfinstruct.simulator.families.zh import CHINESE
from selfinstruct.simulator.family import Asked, Family
from selfinstruct.simulator.index import Index

__all__ = ["EN", "LANGUAGES", "ZH", "Labels", "Language", "language_of"]


class Labels(NamedTuple):
    """The words of the stages' formats, without colons."""

    instruction: str
    input: str
    output: str
    example: str
    class_label: str
    yes: str
    no: str
    no_input: str
    colon: str
    """Before a value on the same line."""

    def field(self, name: str, text: str) -> str:
        """A label with what belongs to it, below it when that has several lines."""
        return f"{name}{self.colon.rstrip()}\n{text}" if "\n" in text else f"{name}{self.colon}{text}"


class Language(NamedTuple):
    code: str
    families: tuple[Family, ...]
    recognise: Callable[[str], Asked | None]
    """The family that an instruction belongs to, with its slots; None when it is none of ours."""
    labels: Labels
    text_only: str
    """What it says to a task that asks for what a text model can't see or do."""
    refusals: tuple[str, ...]
    """What it says to an instruction that it does not know."""


EN = Language(
    code="en",
    families=ENGLISH,
    recognise=Index(ENGLISH).recognise,
    labels=Labels("Instruction", "Input", "Output", "Example ", "Class label", "Yes", "No", "<noinput>", ": "),
    text_only="I'm sorry, but I can only read and write text.",
    refusals=(
        "I'm sorry, but I don't know how to do that. Could you describe the task in a different way?",
        "I'm sorry, but I can't help with this one; it is beyond what I was made for.",
        "I'm sorry, but this is not something that I can answer reliably.",
    ),
)
ZH = Language(
    code="zh",
    families=CHINESE,
    recognise=Index(CHINESE).recognise,
    labels=Labels("指令", "输入", "输出", "示例", "类别标签", "是", "否", "<无输入>", "："),
    text_only="抱歉，我只能读写文字，这件事我做不了。",
    refusals=(
        "抱歉，这个问题我暂时不会，您能换一种说法再描述一下任务吗？",
        "对不起，这超出了我的能力范围，我没法完成。",
        "很抱歉，这件事我没有把握回答好。",
    ),
)
LANGUAGES = {"en": EN, "zh": ZH}

_HAN = re.compile(r"[\u4e00-\u9fff]")


def language_of(text: str) -> Language:
    """Chinese as soon as a tenth of the text is Han: English tasks quote single words at most."""
    return ZH if len(_HAN.findall(text)) * 10 > len(text) else EN
