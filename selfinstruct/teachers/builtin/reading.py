"""How the built-in teacher reads a prompt: what kind of answer it asks for, and about which instruction."""

from __future__ import annotations

import re
from typing import NamedTuple

from selfinstruct.teacher import Prompt

__all__ = ["Question", "read"]


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
_BLOCK = re.compile(r"^\d{1,4}\. Instruction: (.+)$", re.MULTILINE)
_CLASSIFY = re.compile(r"(?:^|\n)Task: (.+)\nClassification:\s*$")
_LAST_TASK = re.compile(r"(?:^|\n)Task: (.+)\s*$")


def read(prompt: Prompt) -> Question:
    text = _text(prompt)
    end = max(text.rfind("\n", 0, len(text.rstrip())), 0)  # only the last line, and the one before it, tell the kind
    end = max(text.rfind("\n", 0, end), 0)
    if found := _BLOCK_GOES_ON.search(text, end):
        return Question("alpaca", int(found[1]), tuple(_BLOCK.findall(text)))
    if found := _LIST_GOES_ON.search(text, end):
        head = text.split("\n", 1)[0]
        shown = tuple(_ITEM.findall(text))
        return Question("propose", int(found[1]), shown, classification="classification tasks" in head)
    if found := _CLASSIFY.search(text, end):
        return Question("classify", instruction=found[1].strip())
    if found := _LAST_TASK.search(text, end):
        labels_first = "\nClass label:" in text and "\nOutput:" not in text
        return Question("output_first" if labels_first else "input_first", instruction=found[1].strip())
    return Question("", instruction=text.strip())


def _text(prompt: Prompt) -> str:
    """The text itself, or the last thing that the user said."""
    if isinstance(prompt, str):
        return prompt
    return next((turn["content"] for turn in reversed(prompt) if turn["role"] == "user"), "")
