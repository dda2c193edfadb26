"""Goes over the lines of an answer that holds a rewritten task, and parts it by its labels: for rewritten.py."""

from __future__ import annotations

from dataclasses import dataclass

from selfinstruct.stages.reading.prose import asks
from selfinstruct.stages.reading.task_labels import (
    ABOUT,
    LEAD,
    PREFACE,
    RULE,
    SAID,
    SAMPLE,
    STEP,
    Label,
    announces,
    label_of,
)
from selfinstruct.stages.reading.task_own import OwnLabels
from selfinstruct.stages.reading.task_sections import Place, Section
from selfinstruct.text.later import later

__all__ = ["Reader"]

_FENCE = later(r"[ \t]*(?:```|~~~)[ \t]*([\w+-]*)")
_HEADING = later(
    r"[ \t]*(?:#{1,6}[ \t]|\*\*|[|>])|(?:[A-Za-z-]+ ){0,2}[A-Za-z-]+:[ \t]*\Z|[^\x00-\x7f是为下答]{1,8}：[ \t]*\Z"
)
"""How a further part of a task may begin."""
_STOP = later(r"[.!?。！？][\"'”’)）*_ ]*\Z")
_PLEASE_ZH = later("\\W{0,4}(?:请|要求|注意|然后|另外|此外|并且|假设)")
_ITEM = later(r"[ \t>*_#]{0,8}(\d{1,2})[.．)、]")


@dataclass(slots=True)
class Reader:
    """Goes over the lines of an answer and puts each where it belongs."""

    place: Place
    own: OwnLabels
    """Which labels are the task's own."""
    has_steps: bool
    """Whether the given task has steps of its own; and so for rules and blocks of code."""
    has_rules: bool
    has_code: bool
    code: bool = False
    wrapped: bool = False
    number: int = 0
    """Of the list's item that the new task stands in."""

    def read(self) -> list[Section]:
        """All lines; the sections that have something in them."""
        while self.place.more:
            self._read(self.place.more.pop())
        return [section for section in self.place.sections if section.whole or section.name]

    def _read(self, line: str) -> None:
        if not line.strip():
            self._add(line)
            self.place.blank, self.own.example = True, False
            return
        if not self._fenced(line):
            self._unfenced(line)
        self.place.last, self.place.blank, self.own.example = (
            line,
            False,
            self.own.example or bool(SAMPLE.fullmatch(line)),
        )

    def _fenced(self, line: str) -> bool:
        """Whether the line stands in a block of code, or begins or ends one; a fence around the task is left out."""
        fence = _FENCE.match(line)
        if not fence:
            if self.code:
                self._add(line)
            return self.code
        wraps = fence[1].casefold() in ("", "text", "markdown", "md", "plaintext", "txt")
        section = self.place.section
        if not self.code and section.kind != "said" and section.begun and self._answers():
            self.place.sections.append(Section("said"))
        elif not self.code and wraps and (self.wrapped or (section.kind != "said" and not section.begun)):
            if self.wrapped:
                self.place.sections.append(Section("said"))
            self.wrapped = not self.wrapped
            return True
        self.code = not self.code
        self._add(line)
        return True

    def _unfenced(self, line: str) -> None:
        section = self.place.section
        if RULE.fullmatch(line):
            self.place.ruled = True
            if line.strip().strip("-") in (">", "→"):  # as the optimiser is shown tasks and what becomes of them
                section.kind = "given"
                self.place.sections.append(Section("new", "new task"))
            else:
                self._add(line)
            return
        ruled, self.place.ruled = self.place.ruled, False
        item = _ITEM.match(line) if self.number else None
        if item and int(item[1]) == self.number + 1 and section.kind in ("new", "final"):
            self.place.sections.append(Section("said"))
            self.number = 0
        for _ in range(4):  # "Step 4: [New task] Instruction: …"
            rest = self._opened(line)
            if rest is None:
                break
            line = rest
            if not line.strip():
                return
            if self.place.section.kind == "said":
                break
        else:
            rest = None
        section = self.place.section
        if section.kind != "said" and ruled and section.begun and self._is_apart(line):
            self.place.sections.append(Section("said"))
        elif section.kind != "said" and section.begun and (SAID.match(line) or (ruled and ABOUT.search(line))):
            if self.place.blank or ruled:
                self.place.sections.append(Section("said"))
        elif section.kind == "bare" and not section.text and PREFACE.match(line):
            section.kind = "said"
            self._add(line)
            self.place.sections.append(Section("bare"))
            return
        self.code = bool(_FENCE.match(line))  # "Input: ```": others were seen before
        self._add(line)

    def _answers(self) -> bool:
        """Whether the block of code that begins here is the answer to the task: nothing follows it, and the task is
        whole without it; or it begins with a label of one.
        """
        text = self.place.section.request
        following = next((line for line in reversed(self.place.more) if line.strip()), "")
        label = label_of(following)
        if label and label.kind == "answer" and not self.place.last.rstrip(" *_").endswith((":", "：")):
            return True
        if self.has_code or self.place.section.input is not None or announces(text) or not asks(text):
            return False
        closed = False
        for line in reversed(self.place.more):
            if closed and line.strip():
                return False
            closed = closed or bool(_FENCE.match(line))
        return closed

    def _is_apart(self, line: str) -> bool:
        """Whether the text below a rule is no part of the task above it, which is whole without it."""
        section = self.place.section
        text = section.request.rstrip("-*_=#— \n")
        if self.has_rules or section.input is not None or _HEADING.match(line) or label_of(line) or announces(text):
            return False
        return not _goes_on(line) and (bool(_STOP.search(text)) or asks(text))

    def _add(self, line: str) -> None:
        section = self.place.section
        (section.instruction if section.input is None else section.input).append(line)

    def _opened(self, line: str) -> str | None:
        """What stands behind the label that begins this line; None when it has none that parts the answer."""
        section = self.place.section
        step = None if self.has_steps else STEP.match(line)
        if (
            step
            and not self._answered(("step",))
            and (section.kind in ("step", "said", "new", "final", "given") or not section.begun)
        ):
            self.place.sections.append(Section("step", step[0]))
            return line[step.end() :]
        if section.kind == "bare" and not section.begun and (lead := LEAD.match(line)):
            section.kind = "said"
            section.instruction.append(lead[0].strip())
            self.place.sections.append(Section("new", "new task"))
            return line[lead.end() :]
        label = label_of(line)
        if not label or self.own.has(label) or not self._opens(label, line):
            return None
        return label.rest

    def _opens(self, label: Label, line: str) -> bool:
        """Begin what the label heads; False when it is no label here."""
        section, kind = self.place.section, label.kind
        if kind == "note":
            if not ABOUT.search(label.rest):
                return False
            kind = "said"
        if kind in ("answer", "remark", "said"):
            name = "answer" if kind == "answer" else ""
            self.place.sections.append(Section("said", name, [line[: len(line) - len(label.rest)]]))
            return True
        if kind == "input":
            if section.kind == "said" or section.input is not None:
                return False
            section.input = []
            return True
        if kind in ("task", "instruction", "option") and self._answered((kind, "task"), label.name):
            return False
        headed = any(one.kind not in ("bare", "said") for one in self.place.sections)
        if kind == "before":
            if headed or section.whole:
                return False
            kind = "given"
        elif kind == "after":
            if not any(one.kind == "given" for one in self.place.sections):
                return False
            kind = "new"
        elif kind in ("task", "option") and headed and section.begun and section.name != label.name:
            return False if section.kind != "option" or kind == "task" else self._next(kind, label)
        if kind in ("instruction", "task"):
            if section.kind in ("new", "final", "given", "step", "option") and not section.begun:
                section.name = label.name if kind == "instruction" else section.name
                return True  # "[New task]" and then "Instruction:"
            kind = "task"
        return self._next(kind, label)

    def _answered(self, kinds: tuple[str, ...], name: str = "") -> bool:
        """Whether the task stands above its answer, which is read now and may have questions and steps of its own: but
        for further sections of these kinds, and this name, where there was one before.
        """
        above, section = self.place.sections[:-1], self.place.section
        if (
            section.kind != "said"
            or section.name != "answer"
            or not any(one.kind != "said" and one.text for one in above)
        ):
            return False
        return not any(one.kind in kinds and name in ("", one.name) for one in above)

    def _next(self, kind: str, label: Label) -> bool:
        self.place.sections.append(Section(kind, label.name))
        self.number = label.number
        self.own.form = None
        return True


def _goes_on(line: str) -> bool:
    """Whether a line asks for something by how it begins, or is a question."""
    line = line.strip(" \t-*+•>_")
    if line.endswith(("?", "？")) or _PLEASE_ZH.match(line):
        return True
    return line[:1].isascii() and asks(" ".join(line.split()[:3]))
