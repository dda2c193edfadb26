"""Tasks as blocks of a prompt: how evolve and judge show a task; rewritten.py reads one back."""

from __future__ import annotations

from selfinstruct.task import Task

__all__ = ["block", "first_input"]

LABELS = {"en": "Instruction: {}", "zh": "指令：{}"}
INPUTS = {"en": "Input: {}", "zh": "输入：{}"}


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
