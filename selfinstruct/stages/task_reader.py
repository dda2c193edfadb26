"""Goes over the lines of an answer that holds a rewritten task, and parts it by its labels: for rewritten.py."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice

from selfinstruct.stages.prose import asks
from selfinstruct.stages.task_labels import (
    ABOUT,
    FORM,
    LEAD,
    PLACEHOLDER,
    PREFACE,
    RULE,
    SAID,
    SAMPLE,
    SPEAKERS,
    STEP,
    Label,
    announces,
    has_answer,
    label_of,
)
from selfinstruct.text.normal import normalized

__all__ = ["Reader", "Section", "letters"]

_FENCE = re.compile(r"[ \t]*(?:```|~~~)[ \t]*([\w+-]*)")
_BEGINS, _ENDS = ("instruction", "instructions", "指令"), ("output", "outputs", "输出")
"""Labels of the form that tasks are shown in, by their names."""
_HEADING = re.compile(
    r"[ \t]*(?:#{1,6}[ \t]|\*\*|[|>])|(?:[A-Za-z-]+ ){0,2}[A-Za-z-]+:[ \t]*\Z|[^\x00-\x7f是为下答]{1,8}：[ \t]*\Z"
)
"""How a further part of a task may begin."""
_OURSELVES = re.compile(
    r"\b(?:i|we)(?:['’]ll| will| would| can|['’]d| need| should)\b|\blet['’]s\b|我(?:将|会|来|需要|可以)", re.I
)
_LONG = 1_000
"""Characters in which a task says what it wants."""
_NEAR = 60
"""Lines that are looked at after a label."""
_SHORT = 120
"""Characters of the longest answer in a form that a task gives."""
_RESULTS = ("result", "results", "结果")
"""What a field of the task's own may be called: an answer only below a blank line."""
_TURN = re.compile(r"\w[\w .]{0,20}[:：][ \t]*\S")
_REWRITING = re.compile(r"\b(?:i|we|original|re-?written|rewriting|revised|evolved)\b|改写|原任务|原题", re.IGNORECASE)
_STOP = re.compile(r"[.!?。！？][\"'”’)）*_ ]*\Z")
_PLEASE_ZH = re.compile("\\W{0,4}(?:请|要求|注意|然后|另外|此外|并且|假设)")
_ITEM = re.compile(r"[ \t>*_#]{0,8}(\d{1,2})[.．)、]")


@dataclass(slots=True)
class Section:
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
    def request(self) -> str:
        """Of a long text its beginning, and its last paragraph."""
        lines = self.instruction
        if len(lines) > 2 * _NEAR:  # read again at every label: never all of 10,000 lines
            lines = [*lines[:_NEAR], "", *lines[-_NEAR // 6 :]]
        text = "\n".join(lines).strip()
        if len(text) <= 2 * _LONG:
            return text
        last = text[-_LONG:].rpartition("\n\n")[2]
        return f"{text[:_LONG]}\n\n{last}"

    @property
    def whole(self) -> str:
        return "\n".join([*self.instruction, *(self.input or ())]).strip()


@dataclass(slots=True)
class Reader:
    """Goes over the lines of an answer and puts each where it belongs."""

    parents: Counter[str]
    """The labels of the given task, which the new one may have as often."""
    quoted: frozenset[str]
    """Labels that the answer speaks of by name."""
    given: str
    """The given task, as letters only."""
    has_steps: bool
    """Whether the given task has steps of its own; and so for rules and blocks of code."""
    has_rules: bool
    has_code: bool
    is_talk: bool
    """Whether several people speak in the answer: "A: … B: …"."""
    more: list[str]
    """The lines that are not read yet, the next one last."""
    sections: list[Section] = field(default_factory=lambda: [Section("bare")])
    code: bool = False
    wrapped: bool = False
    form: set[str] | None = None
    """The kinds of labels in a form or an example that the task gives; None outside of one."""
    last: str = ""
    """The last line that was not blank."""
    blank: bool = False
    """Whether a blank line, and `ruled` whether a rule, came after it."""
    ruled: bool = False
    talk: bool = False
    """Whether the task holds a conversation."""
    example: bool = False
    """Whether a heading of an example stands above, in the same paragraph."""
    own: str = ""
    """The kind of the last label in an example of the task."""
    answer: str = ""
    """The name of a label of answers that is the task's own."""
    number: int = 0
    """Of the list's item that the new task stands in."""

    def read(self) -> list[Section]:
        """All lines; the sections that have something in them."""
        while self.more:
            self._read(self.more.pop())
        return [section for section in self.sections if section.whole or section.name]

    def _read(self, line: str) -> None:
        if not line.strip():
            self._add(line)
            self.blank, self.example = True, False
            return
        if not self._fenced(line):
            self._unfenced(line)
        self.last, self.blank, self.example = line, False, self.example or bool(SAMPLE.fullmatch(line))

    def _fenced(self, line: str) -> bool:
        """Whether the line stands in a block of code, or begins or ends one; a fence around the task is left out."""
        fence = _FENCE.match(line)
        if not fence:
            if self.code:
                self._add(line)
            return self.code
        wraps = fence[1].casefold() in ("", "text", "markdown", "md", "plaintext", "txt")
        section = self.sections[-1]
        if not self.code and section.kind != "said" and self._begun() and self._answers():
            self.sections.append(Section("said"))
        elif not self.code and wraps and (self.wrapped or (section.kind != "said" and not self._begun())):
            if self.wrapped:
                self.sections.append(Section("said"))
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
                self.sections.append(Section("new", "new task"))
            else:
                self._add(line)
            return
        ruled, self.ruled = self.ruled, False
        item = _ITEM.match(line) if self.number else None
        if item and int(item[1]) == self.number + 1 and section.kind in ("new", "final"):
            self.sections.append(Section("said"))
            self.number = 0
        for _ in range(4):  # "Step 4: [New task] Instruction: …"
            rest = self._opened(line)
            if rest is None:
                break
            line = rest
            if not line.strip():
                return
            if self.sections[-1].kind == "said":
                break
        else:
            rest = None
        section = self.sections[-1]
        if section.kind != "said" and ruled and self._begun() and self._is_apart(line):
            self.sections.append(Section("said"))
        elif section.kind != "said" and self._begun() and (SAID.match(line) or (ruled and ABOUT.search(line))):
            if self.blank or ruled:
                self.sections.append(Section("said"))
        elif section.kind == "bare" and not section.text and PREFACE.match(line):
            section.kind = "said"
            self._add(line)
            self.sections.append(Section("bare"))
            return
        self.code = bool(_FENCE.match(line))  # "Input: ```": others were seen before
        self._add(line)

    def _answers(self) -> bool:
        """Whether the block of code that begins here is the answer to the task: nothing follows it, and the task is
        whole without it; or it begins with a label of one.
        """
        text = self.sections[-1].request
        following = next((line for line in reversed(self.more) if line.strip()), "")
        label = label_of(following)
        if label and label.kind == "answer" and not self.last.rstrip(" *_").endswith((":", "：")):
            return True
        if self.has_code or self.sections[-1].input is not None or announces(text) or not asks(text):
            return False
        closed = False
        for line in reversed(self.more):
            if closed and line.strip():
                return False
            closed = closed or bool(_FENCE.match(line))
        return closed

    def _is_apart(self, line: str) -> bool:
        """Whether the text below a rule is no part of the task above it, which is whole without it."""
        section = self.sections[-1]
        text = section.request.rstrip("-*_=#— \n")
        if self.has_rules or section.input is not None or _HEADING.match(line) or label_of(line) or announces(text):
            return False
        return not _goes_on(line) and (bool(_STOP.search(text)) or asks(text))

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
        if (
            step
            and not self._answered(("step",))
            and (section.kind in ("step", "said", "new", "final", "given") or not self._begun())
        ):
            self.sections.append(Section("step", step[0]))
            return line[step.end() :]
        if section.kind == "bare" and not self._begun() and (lead := LEAD.match(line)):
            section.kind = "said"
            section.instruction.append(lead[0].strip())
            self.sections.append(Section("new", "new task"))
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
            name = "answer" if kind == "answer" else ""
            self.sections.append(Section("said", name, [line[: len(line) - len(label.rest)]]))
            return True
        if kind == "input":
            if section.kind == "said" or section.input is not None:
                return False
            section.input = []
            return True
        if kind in ("task", "instruction", "option") and self._answered((kind, "task"), label.name):
            return False
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
                section.name = label.name if kind == "instruction" else section.name
                return True  # "[New task]" and then "Instruction:"
            kind = "task"
        return self._next(kind, label)

    def _answered(self, kinds: tuple[str, ...], name: str = "") -> bool:
        """Whether the task stands above its answer, which is read now and may have questions and steps of its own: but
        for further sections of these kinds, and this name, where there was one before.
        """
        above, section = self.sections[:-1], self.sections[-1]
        if (
            section.kind != "said"
            or section.name != "answer"
            or not any(one.kind != "said" and one.text for one in above)
        ):
            return False
        return not any(one.kind in kinds and name in ("", one.name) for one in above)

    def _next(self, kind: str, label: Label) -> bool:
        self.sections.append(Section(kind, label.name))
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
            self.answer = label.name if label.kind == "answer" else self.answer
            return True
        if label.kind in ("task", "instruction") and not self._is_announced(label) and self._is_field(label):
            self.talk = self.talk or label.name in ("user", "human", "用户")
            return True
        talk = self.talk or (label.name == "a" and self.is_talk and section.name not in ("q", "问"))
        if label.name in SPEAKERS and talk and self._begun():
            return True
        # In the form that the given task is shown in, "Output:" is the answer, whatever stands behind it.
        ends = label.name in _ENDS and (section.name in _BEGINS or section.input is not None)
        if not ends and label.kind != "input" and PLACEHOLDER.fullmatch(label.rest) and self._begun():
            following = self.more[-1] if self.more else ""  # "<html>", and more of it in the next line, is none
            if not following.strip() or label_of(following):
                return True
        speaker = label.name in SPEAKERS and section.kind == "bare" and _TURN.match(self.last)
        if speaker and not self.blank and len(section.instruction) > 1:
            return True
        if label.name in _RESULTS and (not self.blank or announces(section.request)):
            return True
        if self.example and not ends and self._begun():
            return True
        if not ends and label.name in self.quoted and not self.blank and self._begun():
            return True
        works_on_it = label.kind == "answer" and self._begun() and has_answer(section.request)
        works_on_it = works_on_it and not (ends and section.name in _BEGINS)
        if works_on_it and self.answer in ("", label.name):
            self.answer = label.name
            return True
        return self._in_form(label, ends)

    def _is_announced(self, label: Label) -> bool:
        """Whether the line above announces an example or a form, and the label may begin it."""
        announced = self.last.rstrip(" *_").endswith((":", "：")) or SAMPLE.fullmatch(self.last)
        form = SAMPLE.search(self.last) or (label.kind != "input" and FORM.search(self.last))
        return bool(announced and form and self._begun())

    def _is_field(self, label: Label) -> bool:
        """Whether "Question: …" is the material of the task above it, not a new task after words about it."""
        section = self.sections[-1]
        if not self._begun() or section.input is not None:
            return False
        text = section.request
        asking = any(map(asks, (text, text.rpartition("\n\n")[2])))
        if section.kind in ("task", "new", "final"):
            return section.name != label.name and label.kind == "instruction" and asking
        if section.kind != "bare" or letters(text) == self.given:
            return False
        if _is_about(text) and (not asking or _REWRITING.search(text)):
            return False
        return asking or (label.kind == "task" and not _OURSELVES.search(text))

    def _in_form(self, label: Label, ends: bool) -> bool:
        """Whether the label stands in a form or an example that the task gives; `ends`: if not, it ends the task."""
        if label.kind not in ("input", "answer", "remark", "task", "note"):
            return False
        section = self.sections[-1]
        ours = ends or (label.kind == "input" and section.name in _BEGINS) or (label.kind == "answer" and section.name)
        if ours and not self._is_example(label):
            return False
        if self._is_announced(label) and not (label.kind == "answer" and len(label.rest) > _SHORT):
            self.form, self.own = {label.kind}, label.kind
            return True
        if label.kind == "task" and self.sections[-1].input is not None:
            if label.name in ("q", "question", "questions", "问", "问题", "题目"):
                self.form = {"question"}  # "Question: … Answer: …" in an input
            return True
        if self.form is None or (ends and "question" in self.form):
            return False
        if not self.blank or (label.kind == "answer" and self.form in ({"input"}, {"question"})):
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
        if SAMPLE.fullmatch(self.last) or self.own == "input":
            return True
        following = islice(reversed(self.more), _NEAR)
        answers = sum(other.kind == "answer" for line in following if (other := label_of(line)))
        return answers > (label.kind == "input")


def _goes_on(line: str) -> bool:
    """Whether a line asks for something by how it begins, or is a question."""
    line = line.strip(" \t-*+•>_")
    if line.endswith(("?", "？")) or _PLEASE_ZH.match(line):
        return True
    return line[:1].isascii() and asks(" ".join(line.split()[:3]))


def _is_about(text: str) -> bool:
    """Whether it speaks of the rewriting; a task may well work on "the given question"."""
    return any(not found[0].casefold().startswith(("given", "new", "above")) for found in ABOUT.finditer(text))


def letters(text: str) -> str:
    """A text to be compared by what it says: its letters and digits alone."""
    return "".join(filter(str.isalnum, normalized("NFKC", text).casefold()))
