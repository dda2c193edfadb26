"""How the built-in teacher reads a prompt: what kind of answer it asks for, and about which instruction."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from selfinstruct.teacher import Prompt
from selfinstruct.teachers.builtin.families import ENGLISH
from selfinstruct.teachers.builtin.family import Asked, Family

__all__ = ["Index", "Question", "read", "recognise"]


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


class Index:
    """Finds the family of an instruction by how it begins, without asking every family."""

    LENGTHS = (16, 8, 4, 2, 1)
    """A phrasing stands under as many of its first characters, the most that it has before a slot."""

    def __init__(self, families: Iterable[Family]) -> None:
        self._starts = dict[str, list[tuple[Family, int]]]()
        settings, endings = dict[str, None](), dict[str, None]()
        for family in families:
            settings.update(dict.fromkeys(family.settings))
            endings.update(dict.fromkeys(family.endings))
            for number, start in _starts(family):
                size = next(size for size in self.LENGTHS if size <= len(start))
                entries = self._starts.setdefault(start[:size], [])
                if (family, number) not in entries[-1:]:
                    entries.append((family, number))
        self._settings = tuple(settings)
        self._endings = tuple(ending for ending in endings if ending)

    def recognise(self, instruction: str) -> Asked | None:
        """The family that an instruction belongs to, with its slots; None when it is none of these."""
        text, ending = instruction, ""
        if text.startswith(self._settings):
            setting = max((one for one in self._settings if text.startswith(one)), key=len)
            text = text[len(setting) :].lstrip()
        if text.endswith(self._endings):
            ending = max((one for one in self._endings if text.endswith(one)), key=len)
            text = text.removesuffix(ending).rstrip()
        for size in self.LENGTHS:
            for family, number in self._starts.get(text[:size], ()) if size <= len(text) else ():
                if ending and ending not in family.endings:
                    continue
                if (slots := family.recognise(text, number)) is not None:
                    return Asked(family, slots, ending)
        return None


def _starts(family: Family) -> Iterator[tuple[int, str]]:
    """Each phrasing's number with its text before the first slot, or with every value of a slot that it begins with."""
    for number, wording in enumerate(family.phrasings):
        text, *rest = re.split(r"\{(\w+)\}", wording)
        starts = [text] if text or not rest else family.slots[rest[0]]
        yield from ((number, start) for start in starts)


recognise = Index(ENGLISH).recognise
"""The family that an English instruction belongs to, with its slots; None when it is none of ours."""
