"""Tasks as blocks of a prompt: how evolve and judge show a task, and how they read one back."""

from __future__ import annotations

import re

from selfinstruct.stages.reading import EMPHASIS, unbold
from selfinstruct.task import Instance, Task

__all__ = ["block", "first_input", "read_block"]

LABELS = {"en": "Instruction: {}", "zh": "指令：{}"}
INPUTS = {"en": "Input: {}", "zh": "输入：{}"}

_INSTRUCTION = re.compile(
    rf"^{EMPHASIS}(?:instruction|task|指令|任务)[*_]{{0,3}}[ \t]*[:：][*_]{{0,3}}", re.IGNORECASE | re.MULTILINE
)
_INPUT = re.compile(rf"^{EMPHASIS}(?:input|输入)[*_]{{0,3}}[ \t]*[:：][*_]{{0,3}}", re.IGNORECASE | re.MULTILINE)
_NO_INPUT = re.compile(r"[<《〈（(]?\s*(?:no[ _-]?input|none|n/a|无输入|无|没有)\s*[>》〉）)]?[.。]?", re.IGNORECASE)


def first_input(task: Task) -> str:
    """Of the one instance that is worked on; or what an Alpaca row without an output keeps for it."""
    if task.instances:
        return task.instances[0].input
    waiting = task.extra.get("input", "")
    return waiting if isinstance(waiting, str) else ""


def block(task: Task, language: str) -> str:
    """The instruction, and under it the input if there is one, each after its label."""
    lines = [LABELS.get(language, LABELS["en"]).format(task.instruction.strip())]
    if given := first_input(task).strip():
        lines.append(INPUTS.get(language, INPUTS["en"]).format(f"\n{given}" if "\n" in given else given))
    return "\n".join(lines)


def read_block(text: str) -> tuple[str, Instance | None]:
    """The instruction of a block, and its input as an instance without output; None when the block names none.

    A teacher that leaves the labels out has written an instruction and nothing else.
    """
    label = _INSTRUCTION.search(text)
    after = text[label.end() :] if label else text
    given = _INPUT.search(after)
    instruction = unbold((after[: given.start()] if given else after).strip())
    if not given:
        return instruction, None
    value = after[given.end() :].strip()
    return instruction, None if _NO_INPUT.fullmatch(value) else Instance(value, "")
