"""Propose: show the teacher eight tasks and let it continue the list (Self-Instruct, 2212.10560, section 3.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from selfinstruct.stages.reading import unbold, unwrapped
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Prompt, Response

__all__ = ["Propose"]

# The published scripts split at "\n", digits, an optional space, a full stop and a space. Chat models also write
# "9)", "9:", "**9.**", "- 9.", "(9)", "### 9.", "9\.", "9.Name" and "Task 9:", and begin in the first line. Four
# digits are a year.
_NUMBER = re.compile(
    r"^(?P<indent>[ \t]*)(?:[-*+•][ \t]+)?(?:#{1,6}[ \t]+)?(?:\*\*)?"
    r"(?:\(?(?P<number>\d{1,3})(?:\s?\\?[.)]|:)|Task[ \t]+(?P<task>\d{1,3})(?:[.:)]|(?=\*\*|$)))"
    r"(?:\*\*:?)?(?:[ \t]+|$|(?=[A-Z]))",
    re.MULTILINE,
)
_BULLET = re.compile(r"^(?P<indent>[ \t]*)[-*+•][ \t]+(?=\S)", re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*```[\w-]*[ \t]*$\n?", re.MULTILINE)
_PARAGRAPH = re.compile(r"(?<=[^\s:])[ \t]*\n[ \t]*\n(?=\S)")
_HEADINGS = re.compile(r"\n[ \t]*(?=(?:(?:#{1,6}[ \t][^\n]*|\*\*[^*\n]+\*\*[ \t]*|-{3,}[ \t]*)(?:\n\s*|\Z))+\Z)")
_LABEL = re.compile(r"^(?:instruction|task)(?: \d+)?\s*:\s*", re.IGNORECASE)
_QUOTED = re.compile(r"([\"'*_“‘])(\w[^\"*_“”]*)[\"'*_”’]")
_REFUSAL = re.compile(
    r"\s*(?:(?:i['’]m sorry|i am sorry|sorry|i apologi[sz]e)[,.]? (?:but )?(?:i|as an ai)\b"
    r"|(?:i can['’]t|i cannot|i['’]m unable to|i am unable to) (?:assist|help|comply|fulfil|provide)|as an ai\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Propose:
    kind: ClassVar = "grow"
    classification: bool = False
    """Ask for classification tasks only: the published variant; show it classification seeds (`show: {only: …}`)."""
    per_answer: ClassVar[int] = 7
    """Tasks that a whole answer has, for the estimate of --dry-run."""

    def prompt(self, tasks: Sequence[Task], rng: Random) -> Prompt:
        """The tasks shown as a numbered list to go on with; white space collapsed, no colon at the end."""
        kind = " of classification tasks, each with a few fixed labels to choose from" if self.classification else ""
        head = (
            f"This is the beginning of a long and varied list{kind}. No two tasks in it are alike. Continue the list."
        )
        shown = (" ".join(task.instruction.split()).rstrip(":") for task in tasks)
        lines = [f"{number}. {text}" for number, text in enumerate(shown, 1)]
        return "\n".join([head, "", *lines, f"{len(tasks) + 1}."])

    def parse(self, tasks: Sequence[Task], response: Response) -> Iterable[Task | Rejected]:
        """The proposed instructions, in order. An answer cut by length is thrown away whole, as published."""
        if response.finish_reason == "length":
            yield Rejected(response.text, "truncated", what="answer")
            return
        text, remarks = unwrapped(response.text)
        items, others = list_items(_FENCE.sub("", text), len(tasks) + 1)
        instructions = [instruction for item in items if (instruction := _tidy(item))]
        if not instructions:
            yield Rejected(response.text, "no task in the answer", what="answer")
            return
        yield from (Task("", instruction) for instruction in instructions)
        yield from (Rejected(remark, "not part of the list", what="remark") for remark in remarks + others)


def list_items(text: str, first: int) -> tuple[list[str], list[str]]:
    """The items of a list that continues at number `first`, and the remarks before, between and after them."""
    marks = _marks(_NUMBER, text)
    # The prompt ended with a number, so words before a mark are an item, unless the numbering starts anew.
    anew = bool(marks) and int(marks[0]["number"] or marks[0]["task"]) <= first
    if not marks:
        bullets = _marks(_BULLET, text)
        # Bullets that follow words without a blank line are points inside the one item.
        if len(bullets) > 1 and re.search(r"(?:\A|\n)\s*\Z", text[: bullets[0].start()].removesuffix("\n")):
            marks, anew = bullets, True
    before = text[: marks[0].start()] if marks else text
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    items = [text[mark.end() : end] for mark, end in zip(marks, ends, strict=False)]
    remarks = []
    if anew or _REFUSAL.match(before):
        remarks.append(before)
    else:
        items.insert(0, before)
    for at in range(len(items)):
        # A paragraph that follows the last item, and a heading before the next one, are no part of the item.
        end = (_PARAGRAPH if at == len(items) - 1 else _HEADINGS).search(items[at])
        if end:
            remarks.append(items[at][end.end() :])
            items[at] = items[at][: end.start()]
    return items, [remark.strip() for remark in remarks if re.search(r"\w", remark)]


def _marks(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    """Where items begin; a mark that stands two or more columns further in belongs to a list inside an item."""
    marks = [(len(mark["indent"].expandtabs(4)), mark) for mark in pattern.finditer(text)]
    least = min((indent for indent, _ in marks), default=0)
    return [mark for indent, mark in marks if indent < least + 2]


def _tidy(item: str) -> str:
    """One line, without Markdown's bold type or a label, the first letter in upper case."""
    text = " ".join(unbold(item).split())
    text = _LABEL.sub("", text)
    if quoted := _QUOTED.fullmatch(text):
        text = quoted[2]
    return text[:1].upper() + text[1:]
