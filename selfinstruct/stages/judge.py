"""Judge: how hard is a task, is a rewritten one still the same, how good is an answer?

Difficulty from 1 to 10 and the equality check are Evol-Instruct's (WizardLM, 2304.12244, sections 3.2 and 4.3); scores
from 1 to 10 are those by which GPT-4-LLM (2304.03277) compares answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random
from typing import ClassVar

from selfinstruct.errors import UsageError
from selfinstruct.stages.blocks import block
from selfinstruct.stages.prompting import check_prompts, filled, prompt_of
from selfinstruct.stages.reading import plain
from selfinstruct.task import Instance, Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.normal import normalized

__all__ = ["Judge"]

ASK = ("difficulty", "equal", "score")
_NUMBER = re.compile(r"(?<![\d.])(10|[1-9])(?:\.(\d))?(?!\d|\.\d)")
_SAME = re.compile(r"[\W_]*+(?:verdict|结论)?[\W_]*+(?:equal|the same|same|相同|一样|等同)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Judge:
    kind: ClassVar = "each"
    single: ClassVar = True
    ask: str = "difficulty"
    """difficulty: of the task, 1 to 10. equal: drop a rewritten task that asks for what its parent asks for.
    score: of the answer, 1 to 10. Numbers are kept with the task, by these names."""
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""

    def __post_init__(self) -> None:
        if self.ask not in ASK:
            raise UsageError(f"judge: ask is {self.ask!r}; it is one of {', '.join(ASK)}")
        check_prompts(self)

    @property
    def prompts(self) -> dict[str, str]:
        return {"text": f"judge_{self.ask}"}

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        task = tasks[0]
        return filled(
            prompt_of(self),
            task=block(task, self.language),
            parent=block(_parent(task), self.language),
            answer=task.instances[0].output.strip() if task.instances else "",
        )

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The task with its number, or unchanged when the verdict cannot be read: that is no fault of the task."""
        task, text = tasks[0], normalized("NFKC", plain(response.text)).strip()
        if self.ask == "equal":
            if _SAME.match(text):
                yield Rejected(task.instruction, "equal to its parent")
            else:
                yield task
        elif number := _NUMBER.search(text):
            value = float(number[0]) if number[2] else int(number[0])
            yield replace(task, extra=task.extra | {self.ask: value})
        else:
            yield Rejected(response.text, "no number from 1 to 10 in the answer", self.ask, what="remark")
            yield task


def _parent(task: Task) -> Task:
    """What the task was made from; itself when it was not rewritten."""
    if task.evolved is None:
        return task
    given = task.evolved.input
    return Task("", task.evolved.instruction, (Instance(given, ""),) if given else ())
