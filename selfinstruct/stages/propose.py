"""Propose: show the teacher eight tasks and let it continue the list (Self-Instruct, 2212.10560, section 3.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from selfinstruct.stages.reading import plain, unbold
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Prompt, Response

__all__ = ["Propose"]

# The published scripts split at "\n", digits, an optional space, a full stop and a space. Chat models also write
# "9)", "**9.**", "- 9.", "(9)" and "9\.", and begin a list in the first line.
_NUMBER = re.compile(
    r"(?:^|\n)[ \t]*(?:[-*+•][ \t]+)?(?:#{1,6}[ \t]+)?[*_]{0,2}\(?(\d{1,4})(?:\s?\\?\.|\s?\))[*_]{0,2}[ \t]+(?=\S)"
    r"|\n(\d+)\s?\. "
)
_BULLET = re.compile(r"(?:^|\n)[ \t]*[-*+•][ \t]+(?=\S)")
_FENCE = re.compile(r"^[ \t]*```[\w-]*[ \t]*$\n?", re.MULTILINE)
_LABEL = re.compile(r"^(?:instruction|task)(?: \d+)?\s*:\s*", re.IGNORECASE)
_GREETING = re.compile(r"^(?:sure|certainly|of course|absolutely|great|okay|ok|here)\b[^\n]*:\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Propose:
    classification: bool = False
    """Ask for classification tasks only: the published variant; show it classification seeds (`show: {only: …}`)."""

    def prompt(self, tasks: Sequence[Task], rng: Random) -> Prompt:
        """A numbered list of the tasks shown, for the teacher to go on with; white space collapsed, no colon at the end."""
        kind = " of classification tasks, each with a few fixed labels to choose from" if self.classification else ""
        head = (
            f"This is the beginning of a long and varied list{kind}. No two tasks in it are alike. Continue the list."
        )
        shown = (" ".join(task.instruction.split()).rstrip(":") for task in tasks)
        lines = [f"{number}. {text}" for number, text in enumerate(shown, 1)]
        return "\n".join([head, "", *lines, f"{len(tasks) + 1}."])

    def parse(self, tasks: Sequence[Task], response: Response) -> Iterable[Task | Rejected]:
        """The proposed instructions, in order. An answer cut by length is thrown away whole, as published."""
        text = plain(response.text)
        if response.finish_reason == "length":
            yield Rejected(response.text, "truncated", what="answer")
            return
        items, remarks = list_items(_FENCE.sub("", text), len(tasks) + 1)
        instructions = [instruction for item in items if (instruction := _tidy(item))]
        if not instructions:
            yield Rejected(response.text, "no task in the answer", what="answer")
            return
        yield from (Task("", instruction) for instruction in instructions)
        yield from (Rejected(remark, "not part of the list", what="remark") for remark in remarks)


def list_items(text: str, first: int) -> tuple[list[str], list[str]]:
    """The items of a list that continues at number `first`, and the remarks before and after it."""
    marks = list(_NUMBER.finditer(text))
    bullets = list(_BULLET.finditer(text)) if not marks else []
    if len(bullets) > 1:
        marks, restarts = bullets, True
    else:
        # The list goes on where the prompt ended, so text before a mark is an item, unless the numbering starts anew.
        restarts = bool(marks) and int(marks[0][1] or marks[0][2]) <= first
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    items = [text[mark.end() : end] for mark, end in zip(marks, ends, strict=False)]
    before = text[: marks[0].start()] if marks else text
    remarks = []
    if restarts or _GREETING.match(before.strip()):
        remarks.append(before)
    else:
        items.insert(0, before)
    if items:
        items[-1], after = _cut_at_paragraph(items[-1])
        remarks.append(after)
    return items, [remark.strip() for remark in remarks if remark.strip()]


def _cut_at_paragraph(item: str) -> tuple[str, str]:
    """The last item of a list and the paragraph that follows it ("Let me know if …"); indented ones belong to it."""
    found = re.search(r"(?<=\S)[ \t]*\n[ \t]*\n(?=\S)", item)
    return (item[: found.start()], item[found.end() :]) if found else (item, "")


def _tidy(item: str) -> str:
    """One line, without Markdown's bold type or a label, the first letter in upper case."""
    text = " ".join(unbold(item).split())
    text = _LABEL.sub("", text)
    return text[:1].upper() + text[1:]
