"""Judge: how hard is a task, is a rewritten one still the same, how good is an answer?

Difficulty from 1 to 10 and the equality check are Evol-Instruct's (WizardLM, 2304.12244, sections 3.2 and 4.3); scores
from 1 to 10 are those by which GPT-4-LLM (2304.03277) compares answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random
from typing import Any, ClassVar

from selfinstruct.errors import UsageError
from selfinstruct.stages.prompting import check_prompts, filled, prompt_of
from selfinstruct.stages.reading.blocks import block
from selfinstruct.stages.reading.grades import value_in_json
from selfinstruct.stages.reading.plain import plain
from selfinstruct.stages.reading.verdicts import UNREADABLE, equal_in_verdict, number_in_verdict
from selfinstruct.task import Instance, Rejected, Task
from selfinstruct.teacher import Prompt, Response

__all__ = ["Judge"]

ASK = ("difficulty", "equal", "score")
HIGHEST = 10
LOW = {"difficulty": "too easy", "score": "scored too low"}


@dataclass(frozen=True, slots=True)
class Judge:
    kind: ClassVar = "each"
    single: ClassVar = True
    later: ClassVar = ("least",)
    ask: str = "difficulty"
    """difficulty: of the task, 1 to 10. equal: drop a rewritten task that asks for what its parent asks for.
    score: of the answer, 1 to 10. Numbers are kept with the task, by these names."""
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""
    structured: bool = False
    """Ask for the verdict as JSON by a schema, where the server can: {"difficulty": 7}, {"equal": false}."""
    least: int = 0
    """Drop what gets a lower number, of difficulty or score; 0 drops nothing."""

    def __post_init__(self) -> None:
        if self.ask not in ASK:
            raise UsageError(f"judge: ask is {self.ask!r}; it is one of {', '.join(ASK)}")
        if not 0 <= self.least <= HIGHEST or (self.least and self.ask == "equal"):
            what = "whether two are equal is no number" if self.ask == "equal" else f"it is a number up to {HIGHEST}"
            raise UsageError(f"judge: least is {self.least}; {what}")
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

    def schema(self, tasks: tuple[Task, ...]) -> dict[str, Any] | None:
        """{"difficulty": 7}, {"equal": false} or {"score": 7}; None unless `structured`."""
        if not self.structured:
            return None
        number = {"type": "integer", "enum": list(range(1, HIGHEST + 1))}
        shape = {"type": "boolean"} if self.ask == "equal" else number
        return {
            "type": "object",
            "properties": {self.ask: shape},
            "required": [self.ask],
            "additionalProperties": False,
        }

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The task with its number, or unchanged and with a remark when the verdict cannot be read: that is no fault of
        the task.
        """
        task = tasks[0]
        verdict = self._verdict(plain(response.text), cut=response.finish_reason == "length")
        if verdict is None:
            yield Rejected(response.text, UNREADABLE, self.ask, what="remark")
            yield task
        elif self.ask == "equal":
            yield Rejected(task.instruction, "equal to its parent") if verdict else task
        elif verdict < self.least:
            text = task.instances[0].output if task.instances and self.ask == "score" else task.instruction
            yield Rejected(text, LOW[self.ask], f"{verdict:g} where {self.least} is asked")
        else:
            yield replace(task, extra=task.extra | {self.ask: verdict})

    def _verdict(self, text: str, *, cut: bool) -> float | None:
        """The number, or whether they are equal; None when neither can be read."""
        if self.structured:
            is_json, value = value_in_json(text, (self.ask,), strict=True)
            if is_json:
                fits = isinstance(value, bool) if self.ask == "equal" else type(value) is int and 1 <= value <= HIGHEST
                return value if fits else None
        if self.ask == "equal":
            return equal_in_verdict(text, cut=cut)
        return number_in_verdict(text, high=HIGHEST, cut=cut)


def _parent(task: Task) -> Task:
    """What the task was made from; itself when it was not rewritten."""
    if task.evolved is None:
        return task
    given = task.evolved.input
    return Task("", task.evolved.instruction, (Instance(given, ""),) if given else ())
