"""Evolve: rewrite a task to be harder, in one of several ways, or make another one of its kind.

Evol-Instruct (WizardLM, 2304.12244, section 3.2): five operators in depth, one in breadth; for code, those of
WizardCoder (2306.08568, section 3.1). The operators are data: prompts/operators.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any, ClassVar

import yaml

from selfinstruct.errors import UsageError, did_you_mean, quoted
from selfinstruct.stages.blocks import block, first_input, read_block
from selfinstruct.stages.prompting import FOLDER, check_prompts, filled, prompt_of
from selfinstruct.stages.reading import unwrapped
from selfinstruct.task import Evolved, Instance, Rejected, Task
from selfinstruct.teacher import Prompt, Response

__all__ = ["Evolve", "operators"]

WIZARD = ("constraints", "deepen", "concretize", "reasoning", "complicate_input", "breadth")

AUTO = "auto"
"""The name of the one operator when there is a method."""

# Whatever heads the new task in the prompt may be written once more: "[New task]", "新任务：".
_HEADING = re.compile(
    r"\A[\s#*>]*[\[【]?(?:new|rewritten|evolved|created|新|改写后的?)[ \t]*(?:task|prompt|任务)"
    r"[\]】]?[*\s]*[:：]?[*\s]*",
    re.IGNORECASE,
)


@cache
def operators() -> dict[str, dict[str, Any]]:
    """All operators by name: the `frame` they are asked in (depth or breadth), the wording in each language, and
    `forms`, one of which takes the place of {form} in it.
    """
    text = (FOLDER / "operators.yaml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return loaded


@dataclass(frozen=True, slots=True)
class Evolve:
    kind: ClassVar = "each"
    single: ClassVar = True
    prompts: ClassVar = {"depth": "evolve_depth", "breadth": "evolve_breadth", "auto": "evolve_auto"}
    operators: tuple[str, ...] = WIZARD
    """One is drawn for each task and round; name one twice to have it drawn twice as often."""
    method: str = ""
    """Instead of operators, the steps by which a task is rewritten: what Auto Evol-Instruct (2406.00770) looks for."""
    language: str = "en"
    """Of the prompts; answers are read in either."""
    depth: str = ""
    """A prompt of one's own for operators that rewrite the task, with the same places as ours."""
    breadth: str = ""
    """For those that make another one of its kind."""
    auto: str = ""
    """For a method."""

    def __post_init__(self) -> None:
        check_prompts(self)
        if not self.operators:
            raise UsageError(f"evolve needs operators; there are {', '.join(operators())}")
        for name in self.operators:
            if name not in operators():
                raise UsageError(f"no operator {quoted(name)}: {did_you_mean(name, operators())}")

    def prepare(self, task: Task, rng: Random, round: int) -> Task:
        """The task with the operator that it is to be rewritten by, and itself as the parent."""
        name = AUTO if self.method else rng.choice(self.operators)
        return replace(task, evolved=Evolved(name, round, task.instruction, first_input(task)))

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        task = tasks[0]
        assert task.evolved
        if self.method:
            frame, method = AUTO, self.method
        else:
            operator = operators()[task.evolved.operator]
            wording = operator.get(self.language, operator["en"])
            frame, method, forms = operator["frame"], wording, operator.get("forms")
            method = method.replace("{form}", rng.choice(forms)) if forms else method
        return filled(prompt_of(self, frame), method=method.strip(), task=block(task, self.language))

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The new task, without an answer yet. One rewritten in depth keeps its parent's input unless it has one of its
        own. An answer cut by length is thrown away.
        """
        task = tasks[0]
        assert task.evolved
        text, remarks = unwrapped(response.text)
        instruction, given = read_block(_HEADING.sub("", text, count=1).strip())
        if response.finish_reason == "length":
            yield Rejected(response.text, "truncated", what="answer")
        elif not instruction:
            yield Rejected(response.text, "no task in the answer", what="answer")
        else:
            in_breadth = operators().get(task.evolved.operator, {}).get("frame") == "breadth"
            if given is None and first_input(task) and not in_breadth:
                given = Instance(first_input(task), "")
            yield Task("", instruction, (given,) if given else (), evolved=task.evolved)
            yield from (Rejected(remark, "not part of the task", what="remark") for remark in remarks if remark)
