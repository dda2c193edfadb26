"""A rewritten task in an answer: which of its lines are the task, and which are said about it.

Asked for the new task alone, teachers write the given one once more before it, answer it, list what they changed, or
write down every step of the way. Labels at the start of a line part the answer (task_labels.py); a label that is the
task's own (its parent has it, it stands in code, in a form or an example that the task gives) parts nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from selfinstruct.stages.fields import no_input
from selfinstruct.stages.reading import unbold
from selfinstruct.stages.task_labels import (
    ABOUT,
    FORM,
    GIVEN_INLINE,
    INLINE,
    LEAD,
    MORE_NO_INPUT,
    PLACEHOLDER,
    PREFACE,
    RULE,
    SAID,
    SAMPLE,
    STEP,
    Label,
    label_of,
    quoted_in,
)
from selfinstruct.text.normal import normalized

__all__ = ["NewTask", "read_task", "says_none"]

_QUOTES = {'"': '"', "“": "”", "'": "'", "‘": "’", "「": "」", "『": "』", "«": "»", "`": "`"}
_FENCE = re.compile(r"[ \t]*(?:```|~~~)[ \t]*([\w+-]*)")
_TAG = re.compile(r"\s{0,4}</(?:new|rewritten)[ _](?:task|instruction|prompt)>\s{0,4}\Z", re.IGNORECASE)
_ITEM = re.compile(r"[ \t>*_#]{0,8}(\d{1,2})[.．)、]")


class NewTask(NamedTuple):
    instruction: str
    """Empty when there is none."""
    input: str | None
    """None when none is named; "" when it is said that there is none."""
    remarks: list[str]
    """What else the answer holds, in order."""


@dataclass(slots=True)
class _Section:
    """A piece of the answer."""

    kind: str
    """bare (before any label), task, new, final, given, step, option or said (an answer, a remark)."""
    name: str = ""
    """Of the label that begins it."""
    instruction: list[str] = field(default_factory=list)
    input: list[str] | None = None

    @property
    def text(self) -> str:
        return "\n".join(self.instruction).strip()

    @property
    def whole(self) -> str:
        return "\n".join([*self.instruction, *(self.input or ())]).strip()


def read_task(text: str, parent: str = "") -> NewTask:
    """The new task of an answer; `parent` is the text of the given one, input included, whose labels are its own."""
    text = text.strip()
    begins = label_of(text.partition("\n")[0])
    if begins and begins.kind in ("given", "before"):
        text = GIVEN_INLINE.sub("\n", text)
    lines = (INLINE.sub("\n", text) if _in_one_line(text) else text).split("\n")
    reader = _Reader(_names_in(parent), quoted_in(text), bool(re.search(STEP.pattern, parent, STEP.flags)))
    for line in lines:
        reader.read(line)
    return _chosen([section for section in reader.sections if section.whole or section.name], parent)


def says_none(text: str) -> bool:
    """Whether a whole field says that there is no input: "N/A", "(none)", "No input needed", 无."""
    return no_input(text) or bool(MORE_NO_INPUT.fullmatch(text.strip()))


def _in_one_line(text: str) -> bool:
    """Whether "Output:" may stand behind the instruction in its own line."""
    first, _, rest = text.strip().partition("\n")
    label = label_of(first)
    return not rest.strip() or bool(label and label.kind in ("instruction", "task", "new", "final"))


def _names_in(parent: str) -> Counter[str]:
    return Counter(label.name for line in parent.split("\n") if (label := label_of(line)))


@dataclass(slots=True)
class _Reader:
    """Goes over the lines of an answer and puts each where it belongs."""

    parents: Counter[str]
    """The labels of the given task, which the new one may have as often."""
    quoted: frozenset[str]
    """Labels that the answer speaks of by name."""
    has_steps: bool
    """Whether the given task has steps of its own."""
    sections: list[_Section] = field(default_factory=lambda: [_Section("bare")])
    code: bool = False
    wrapped: bool = False
    form: set[str] | None = None
    """The kinds of labels in a form or an example that the task gives; None outside of one."""
    last: str = ""
    """The last line that was not blank."""
    blank: bool = False
    """Whether a blank line, and `ruled` whether a rule, came after it."""
    ruled: bool = False
    number: int = 0
    """Of the list's item that the new task stands in."""

    def read(self, line: str) -> None:
        if not line.strip():
            self._add(line)
            self.blank = True
            return
        if not self._fenced(line):
            self._unfenced(line)
        self.last, self.blank = line, False

    def _fenced(self, line: str) -> bool:
        """Whether the line stands in a block of code, or begins or ends one; a fence around the task is left out."""
        fence = _FENCE.match(line)
        if not fence:
            if self.code:
                self._add(line)
            return self.code
        wraps = fence[1].casefold() in ("", "text", "markdown", "md", "plaintext", "txt")
        section = self.sections[-1]
        if not self.code and wraps and (self.wrapped or (section.kind != "said" and not self._begun())):
            if self.wrapped:
                self.sections.append(_Section("said"))
            self.wrapped = not self.wrapped
            return True
        self.code = not self.code
        self._add(line)
        return True

    def _unfenced(self, line: str) -> None:
        section = self.sections[-1]
        if RULE.fullmatch(line):
            self.ruled = True
            if line.strip().strip("-") in (">", "→"):  # as the optimiser is shown tasks and what becomes of them
                section.kind = "given"
                self.sections.append(_Section("new", "new task"))
            else:
                self._add(line)
            return
        ruled, self.ruled = self.ruled, False
        item = _ITEM.match(line) if self.number else None
        if item and int(item[1]) == self.number + 1 and section.kind in ("new", "final"):
            self.sections.append(_Section("said"))
            self.number = 0
        for _ in range(4):  # "Step 4: [New task] Instruction: …"
            rest = self._opened(line)
            if rest is None:
                break
            line = rest
            if not line.strip():
                return
        else:
            rest = None
        section = self.sections[-1]
        if section.kind != "said" and self._begun() and (SAID.match(line) or (ruled and ABOUT.search(line))):
            if self.blank or ruled:
                self.sections.append(_Section("said"))
        elif section.kind == "bare" and not section.text and PREFACE.match(line):
            section.kind = "said"
            self._add(line)
            self.sections.append(_Section("bare"))
            return
        self._add(line)

    def _begun(self) -> bool:
        """Whether the task that is being read has any text."""
        section = self.sections[-1]
        if section.input is not None:
            return True
        return any(line.strip() for line in reversed(section.instruction))

    def _add(self, line: str) -> None:
        section = self.sections[-1]
        (section.instruction if section.input is None else section.input).append(line)

    def _opened(self, line: str) -> str | None:
        """What stands behind the label that begins this line; None when it has none that parts the answer."""
        section = self.sections[-1]
        step = None if self.has_steps else STEP.match(line)
        if step and (section.kind in ("step", "said", "new", "final", "given") or not self._begun()):
            self.sections.append(_Section("step", step[0]))
            return line[step.end() :]
        if section.kind == "bare" and not self._begun() and (lead := LEAD.match(line)):
            section.kind = "said"
            section.instruction.append(lead[0].strip())
            self.sections.append(_Section("new", "new task"))
            return line[lead.end() :]
        label = label_of(line)
        if not label or self._is_own(label, line) or not self._opens(label, line):
            return None
        return label.rest

    def _opens(self, label: Label, line: str) -> bool:
        """Begin what the label heads; False when it is no label here."""
        section, kind = self.sections[-1], label.kind
        if kind == "note":
            if not ABOUT.search(label.rest):
                return False
            kind = "said"
        if kind in ("answer", "remark", "said"):
            self.sections.append(_Section("said", instruction=[line[: len(line) - len(label.rest)]]))
            return True
        if kind == "input":
            if section.kind == "said" or section.input is not None:
                return False
            section.input = []
            return True
        headed = any(one.kind not in ("bare", "said") for one in self.sections)
        if kind == "before":
            if headed or section.whole:
                return False
            kind = "given"
        elif kind == "after":
            if not any(one.kind == "given" for one in self.sections):
                return False
            kind = "new"
        elif kind in ("task", "option") and headed and self._begun() and section.name != label.name:
            return False if section.kind != "option" or kind == "task" else self._next(kind, label)
        if kind in ("instruction", "task"):
            if section.kind in ("new", "final", "given", "step", "option") and not self._begun():
                return True  # "[New task]" and then "Instruction:"
            kind = "task"
        return self._next(kind, label)

    def _next(self, kind: str, label: Label) -> bool:
        self.sections.append(_Section(kind, label.name))
        self.number = label.number
        self.form = None
        return True

    def _is_own(self, label: Label, line: str) -> bool:
        """Whether the label is part of the task's text."""
        section = self.sections[-1]
        if section.kind == "said" or label.kind in ("new", "final", "given", "before", "after"):
            return False
        if section.kind != "given" and self._begun() and self.parents[label.name] > 0:
            self.parents[label.name] -= 1
            return True
        if label.kind != "input" and PLACEHOLDER.fullmatch(label.rest) and self._begun():
            return True
        if label.name in self.quoted and not self.blank and self._begun():
            return True
        return self._in_form(label, line)

    def _in_form(self, label: Label, line: str) -> bool:
        if label.kind not in ("input", "answer", "remark", "task", "note"):
            return False
        announced = self.last.rstrip(" *_").endswith((":", "：")) or SAMPLE.fullmatch(self.last)
        form = SAMPLE.search(self.last) or (label.kind != "input" and FORM.search(self.last))
        if announced and form and self._begun():
            self.form = {label.kind}
            return True
        if label.kind == "task" and self.sections[-1].input is not None:
            self.form = {"input"}  # "Question: … Answer: …" in an input
            return True
        if self.form is None:
            return False
        if not self.blank or (label.kind == "answer" and self.form == {"input"}):
            self.form.add(label.kind)
            return True
        self.form = None
        return False


def _chosen(sections: list[_Section], parent: str) -> NewTask:
    tasks = [one for one in sections if one.kind != "said" and one.whole]
    if not tasks:
        return NewTask("", None, [one.whole for one in sections if one.whole])
    chosen = _best(tasks, parent)
    remarks = list[str]()
    for one in sections:
        if one is not chosen and one.whole:
            remarks.append(one.whole)
    instruction = _tidy(chosen.text)
    given = None if chosen.input is None else _tidy("\n".join(chosen.input), keep=True)
    if given is not None and says_none(given):
        given = ""
    if chosen.kind == "given" and (rest := _after(instruction, parent)):
        remarks.insert(0, instruction[: len(instruction) - len(rest)].strip())
        instruction = rest
    return NewTask("" if PLACEHOLDER.fullmatch(instruction) else instruction, given, remarks)


def _best(tasks: list[_Section], parent: str) -> _Section:
    """The last of those called final or new; else the last step, or the first task, that is not the given one."""
    for kind in ("final", "new"):
        if called := [one for one in tasks if one.kind == kind and one.text]:
            return called[-1]
    if steps := [one for one in tasks if one.kind == "step" and one.text]:
        return next((one for one in reversed(steps) if not ABOUT.search(one.text[:200])), steps[-1])
    labelled = [one for one in tasks if one.kind in ("task", "option") and one.text]
    labelled = labelled or [one for one in tasks if one.kind == "bare" and one.text] or tasks
    return next((one for one in labelled if not _same(one.text, parent.split("\n")[0])), labelled[0])


def _after(text: str, parent: str) -> str:
    """The paragraphs after the one that is the given task; "" when none follow it."""
    first, _, rest = text.partition("\n\n")
    return rest.strip() if _same(first, parent) or _same(first, parent.split("\n")[0]) else ""


def _same(text: str, other: str) -> bool:
    return _letters(text) == _letters(other)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, normalized("NFKC", text).casefold()))


def _tidy(text: str, keep: bool = False) -> str:
    """Without rules at its ends and quotation marks around it; stars stay in an input (`keep`)."""
    lines = text.strip().split("\n")
    while lines and (not lines[-1].strip() or (RULE.fullmatch(lines[-1]) and sum(map(_is_rule, lines)) % 2)):
        lines.pop()
    while lines and RULE.fullmatch(lines[0]) and sum(map(_is_rule, lines[:50])) % 2:
        lines.pop(0)
    text = "\n".join(lines).strip()
    if keep:
        return text
    if all(line.startswith(">") for line in text.split("\n") if line.strip()):
        text = "\n".join(line[1:].removeprefix(" ") for line in text.split("\n"))
    text = _TAG.sub("", unbold(text)).strip()
    closing = _QUOTES.get(text[:1])
    inner = text[1:-1]
    whole = closing and inner and text.endswith(closing) and closing not in inner and text[0] not in inner
    return inner.strip() if whole else text


def _is_rule(line: str) -> bool:
    return bool(RULE.fullmatch(line))
