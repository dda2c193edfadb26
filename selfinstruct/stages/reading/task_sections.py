"""The pieces that an answer with a rewritten task is parted into, and how far it has been read: for rewritten.py."""

from __future__ import annotations

from dataclasses import dataclass, field

from selfinstruct.text.normal import normalized

__all__ = ["NEAR", "Place", "Section", "letters"]

_LONG = 1_000
"""Characters in which a task says what it wants."""
NEAR = 60
"""Lines that are looked at after a label."""


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
        if len(lines) > 2 * NEAR:  # read again at every label: never all of 10,000 lines
            lines = [*lines[:NEAR], "", *lines[-NEAR // 6 :]]
        text = "\n".join(lines).strip()
        if len(text) <= 2 * _LONG:
            return text
        last = text[-_LONG:].rpartition("\n\n")[2]
        return f"{text[:_LONG]}\n\n{last}"

    @property
    def begun(self) -> bool:
        """Whether it has any text."""
        return self.input is not None or any(line.strip() for line in reversed(self.instruction))

    @property
    def whole(self) -> str:
        return "\n".join([*self.instruction, *(self.input or ())]).strip()


@dataclass(slots=True)
class Place:
    """Where in the answer the reading is."""

    more: list[str]
    """The lines that are not read yet, the next one last."""
    sections: list[Section] = field(default_factory=lambda: [Section("bare")])
    last: str = ""
    """The last line that was not blank."""
    blank: bool = False
    """Whether a blank line, and `ruled` whether a rule, came after it."""
    ruled: bool = False

    @property
    def section(self) -> Section:
        return self.sections[-1]


def letters(text: str) -> str:
    """A text to be compared by what it says: its letters and digits alone."""
    return "".join(filter(str.isalnum, normalized("NFKC", text).casefold()))
