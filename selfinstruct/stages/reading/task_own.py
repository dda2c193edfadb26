"""Labels in an answer that are part of the new task, which they do not end: for task_reader.py."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice

from selfinstruct.stages.reading.prose import asks
from selfinstruct.stages.reading.task_labels import (
    ABOUT,
    FORM,
    PLACEHOLDER,
    SAMPLE,
    SPEAKERS,
    Label,
    has_answer,
    label_of,
)
from selfinstruct.stages.reading.task_sections import NEAR, Place, letters
from selfinstruct.text.later import later

__all__ = ["OwnLabels"]

_BEGINS, _ENDS = ("instruction", "instructions", "指令"), ("output", "outputs", "输出")
"""Labels of the form that tasks are shown in, by their names."""
_OURSELVES = later(
    r"\b(?:i|we)(?:['’]ll| will| would| can|['’]d| need| should)\b|\blet['’]s\b|我(?:将|会|来|需要|可以)", re.I
)
_SHORT = 120
"""Characters of the longest answer in a form that a task gives."""
_TURN = later(r"\w[\w .]{0,20}[:：][ \t]*\S")
_REWRITING = later(r"\b(?:i|we|original|re-?written|rewriting|revised|evolved)\b|改写|原任务|原题", re.IGNORECASE)


@dataclass(slots=True)
class OwnLabels:
    """Those that the given task has, too; and those of a form, an example or a conversation that the new one gives."""

    place: Place
    parents: Counter[str]
    """The labels of the given task, which the new one may have as often."""
    given: str
    """The given task, as letters only."""
    is_talk: bool
    """Whether several people speak in the answer: "A: … B: …"."""
    form: set[str] | None = None
    """The kinds of labels in a form or an example that the task gives; None outside of one."""
    talk: bool = False
    """Whether the task holds a conversation."""
    example: bool = False
    """Whether a heading of an example stands above, in the same paragraph."""
    own: str = ""
    """The kind of the last label in an example of the task."""
    answer: str = ""
    """The name of a label of answers that is the task's own."""

    def has(self, label: Label) -> bool:
        """Whether the label is part of the task's text."""
        section = self.place.section
        if section.kind == "said" or label.kind in ("new", "final", "given", "before", "after"):
            return False
        if section.kind != "given" and section.begun and self.parents[label.name] > 0:
            self.parents[label.name] -= 1
            self.answer = label.name if label.kind == "answer" else self.answer
            return True
        if label.kind in ("task", "instruction") and not self._is_announced(label) and self._is_field(label):
            self.talk = self.talk or label.name in ("user", "human", "用户")
            return True
        talk = self.talk or (label.name == "a" and self.is_talk and section.name not in ("q", "问"))
        if label.name in SPEAKERS and talk and section.begun:
            return True
        # In the form that the given task is shown in, "Output:" is the answer, whatever stands behind it.
        ends = label.name in _ENDS and (section.name in _BEGINS or section.input is not None)
        if not ends and label.kind != "input" and PLACEHOLDER.fullmatch(label.rest) and section.begun:
            # "<html>", and more of it in the next line, is none.
            following = self.place.more[-1] if self.place.more else ""
            if not following.strip() or label_of(following):
                return True
        speaker = label.name in SPEAKERS and section.kind == "bare" and _TURN.match(self.place.last)
        if speaker and not self.place.blank and len(section.instruction) > 1:
            return True
        if self.example and not ends and section.begun:
            return True
        works_on_it = label.kind == "answer" and section.begun and has_answer(section.request)
        works_on_it = works_on_it and not (ends and section.name in _BEGINS)
        if works_on_it and self.answer in ("", label.name):
            self.answer = label.name
            return True
        return self._in_form(label, ends)

    def _is_announced(self, label: Label) -> bool:
        """Whether the line above announces an example or a form, and the label may begin it."""
        announced = self.place.last.rstrip(" *_").endswith((":", "：")) or SAMPLE.fullmatch(self.place.last)
        form = SAMPLE.search(self.place.last) or (label.kind != "input" and FORM.search(self.place.last))
        return bool(announced and form and self.place.section.begun)

    def _is_field(self, label: Label) -> bool:
        """Whether "Question: …" is the material of the task above it, not a new task after words about it."""
        section = self.place.section
        if not section.begun or section.input is not None:
            return False
        text = section.request
        asking = any(map(asks, (text, text.rpartition("\n\n")[2])))
        if section.kind != "bare" or letters(text) == self.given:
            return False
        if _is_about(text) and (not asking or _REWRITING.search(text)):
            return False
        return asking or (label.kind == "task" and not _OURSELVES.search(text))

    def _in_form(self, label: Label, ends: bool) -> bool:
        """Whether the label stands in a form or an example that the task gives; `ends`: if not, it ends the task."""
        if label.kind not in ("input", "answer", "remark", "task", "note"):
            return False
        section = self.place.section
        ours = ends or (label.kind == "input" and section.name in _BEGINS) or (label.kind == "answer" and section.name)
        if ours and not self._is_example(label):
            return False
        if self._is_announced(label) and not (label.kind == "answer" and len(label.rest) > _SHORT):
            self.form, self.own = {label.kind}, label.kind
            return True
        if label.kind == "task" and self.place.section.input is not None:
            if label.name in ("q", "question", "questions", "问", "问题", "题目"):
                self.form = {"question"}  # "Question: … Answer: …" in an input
            return True
        if self.form is None or (ends and "question" in self.form):
            return False
        if not self.place.blank or (label.kind == "answer" and self.form in ({"input"}, {"question"})):
            self.form.add(label.kind)
            self.own = label.kind
            return True
        self.form = None
        return False

    def _is_example(self, label: Label) -> bool:
        """Whether "Input:" or "Output:" under our own "Instruction:" is part of an example that the task gives: under a
        heading of its own, or with a further one to come.
        """
        if label.kind == "answer" and self.own == "answer":
            return False
        if SAMPLE.fullmatch(self.place.last) or self.own == "input":
            return True
        following = islice(reversed(self.place.more), NEAR)
        answers = sum(other.kind == "answer" for line in following if (other := label_of(line)))
        return answers > (label.kind == "input")


def _is_about(text: str) -> bool:
    """Whether it speaks of the rewriting; a task may well work on "the given question"."""
    return any(not found[0].casefold().startswith(("given", "new", "above")) for found in ABOUT.finditer(text))
