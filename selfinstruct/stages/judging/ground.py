"""Ground: is all that an answer says in the passage that it was made from? What is not is judged out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar

from selfinstruct.stages.prompting import check_prompts, filled, prompt_of
from selfinstruct.stages.reading.grounds import grounded_in_verdict
from selfinstruct.stages.reading.passages import passage_of, without_passage
from selfinstruct.stages.reading.plain import plain
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Prompt, Response

__all__ = ["NOT_JUDGED", "Ground", "why_in"]

NOT_JUDGED = "not judged"
"""Of a task whose verdict cannot be read: it is no row, for nobody knows whether it is right."""


@dataclass(frozen=True, slots=True)
class Ground:
    kind: ClassVar = "each"
    single: ClassVar = True
    reads: ClassVar = "passage"
    expected: ClassVar = 25
    prompts: ClassVar = {"text": "ground"}
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""
    structured: bool = False
    """Ask for the verdict as JSON by a schema, where the server can: {"grounded": true}."""

    def __post_init__(self) -> None:
        check_prompts(self)

    def settled(self, task: Task) -> list[Task | Rejected] | None:
        """A task without a passage is rejected, and so is one without an answer; the passage itself, as an answer,
        needs no judge."""
        if (found := without_passage(task)) or not task.instances or not task.instances[0].output.strip():
            return found or [Rejected(task.instruction, "no answer")]
        return [task] if task.instances[0].output.strip() == passage_of(task) else None

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        """The passage, the question and the answer."""
        task = tasks[0]
        answer = task.instances[0].output.strip() if task.instances else ""
        return filled(prompt_of(self), passage=passage_of(task), question=task.instruction.strip(), answer=answer)

    def schema(self, tasks: tuple[Task, ...]) -> dict[str, Any] | None:
        """{"grounded": true}; None unless `structured`."""
        if not self.structured:
            return None
        properties = {"grounded": {"type": "boolean"}}
        return {"type": "object", "properties": properties, "required": ["grounded"], "additionalProperties": False}

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The task as it is, or why it is out, with what the judge said."""
        task, said = tasks[0], plain(response.text)
        verdict = grounded_in_verdict(said, cut=response.finish_reason == "length")
        if verdict:
            yield task
            return
        output = task.instances[0].output if task.instances else ""
        if verdict is None:
            yield Rejected(output, NOT_JUDGED, why_in(said), instances=task.instances)
        else:
            yield Rejected(output, "not in the passage", why_in(said), instances=task.instances)


LONGEST = 120
"""Characters of what a judge said that are kept beside the reason."""


def why_in(said: str) -> str:
    """What a judge says of its verdict, in one line."""
    first, _, rest = said.strip().partition("\n")
    words = " ".join((rest if rest.strip() and len(first) < 20 else said).split())
    return words if len(words) <= LONGEST else f"{words[:LONGEST].rstrip()}…"
