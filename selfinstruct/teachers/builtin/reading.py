"""How the built-in teacher reads a prompt: what kind of answer it asks for, and about which instruction."""

from __future__ import annotations

import re
from typing import NamedTuple

from selfinstruct.teacher import Prompt
from selfinstruct.teachers.builtin.endings import ENDINGS
from selfinstruct.teachers.builtin.families import ENGLISH
from selfinstruct.teachers.builtin.family import Asked
from selfinstruct.teachers.builtin.settings import SETTINGS

__all__ = ["Question", "read", "recognise"]


class Question(NamedTuple):
    kind: str
    """propose, alpaca, classify, input_first, output_first; "" when the prompt has none of these shapes."""
    number: int = 0
    """Of the next item of the list that has to be continued."""
    shown: tuple[str, ...] = ()
    """The items of that list so far."""
    instruction: str = ""
    """The instruction that has to be judged or followed."""
    classification: bool = False
    """Only classification tasks are wanted."""


_LIST_GOES_ON = re.compile(r"\n(\d{1,4})\.\s*$")
_ITEM = re.compile(r"^\d{1,4}\. (.+)$", re.MULTILINE)
_BLOCK_GOES_ON = re.compile(r"\n(\d{1,4})\. Instruction:\s*$")
_CLASSIFY = re.compile(r"(?:^|\n)Task: (.+)\nClassification:\s*$")
_LAST_TASK = re.compile(r"(?:^|\n)Task: (.+)\s*$")


def read(prompt: Prompt) -> Question:
    text = _text(prompt)
    if found := _BLOCK_GOES_ON.search(text):
        return Question("alpaca", int(found[1]))
    if found := _LIST_GOES_ON.search(text):
        head = text.split("\n", 1)[0]
        shown = tuple(_ITEM.findall(text))
        return Question("propose", int(found[1]), shown, classification="classification tasks" in head)
    if found := _CLASSIFY.search(text):
        return Question("classify", instruction=found[1].strip())
    if found := _LAST_TASK.search(text):
        labels_first = "\nClass label:" in text and "\nOutput:" not in text
        return Question("output_first" if labels_first else "input_first", instruction=found[1].strip())
    return Question("", instruction=text.strip())


def _text(prompt: Prompt) -> str:
    """The text itself, or the last thing that the user said."""
    if isinstance(prompt, str):
        return prompt
    return next((turn["content"] for turn in reversed(prompt) if turn["role"] == "user"), "")


def recognise(instruction: str) -> Asked | None:
    """The family that an instruction belongs to, with its slots; None when it is none of ours."""
    text = instruction
    for setting in SETTINGS:
        if text.startswith(setting):
            text = text[len(setting) :].lstrip()
            break
    ending = next((wish for wish in ENDINGS if wish and text.endswith(wish)), "")
    text = text.removesuffix(ending).rstrip()
    for family in ENGLISH:
        if (not ending or ending in family.endings) and (slots := family.recognise(text)) is not None:
            return Asked(family, slots, ending)
    return None
