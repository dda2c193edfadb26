"""Sample: a task answered several times, by one teacher or by several in as many steps; all answers are kept.

`compare` has a judge say which of them is better; `selfinstruct grade EXAM … --pairs` tells right ones from wrong ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, ClassVar

from selfinstruct.errors import UsageError
from selfinstruct.stages.answering.respond import Respond
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Prompt, Response

__all__ = ["SAMPLED", "Sample", "Sampled", "sampled_of"]

SAMPLED = "sampled"
"""The key of the answers: [{"by": who, "text": the answer}, …], in the order in which they were asked for."""
MOST = 100


class Sampled(list[dict[str, str]]):
    """Answers that this run was given. A row that is read has a plain list: those were another run's."""


@dataclass(frozen=True, slots=True)
class Sample:
    kind: ClassVar = "each"
    single: ClassVar = True
    prompts: ClassVar = {"text": ""}
    samples: int = 4
    """Answers that are asked for."""
    who: str = "teacher"
    """Whose the answers are, as the data calls them: by a step's role, which model that was stands in run.json."""
    text: str = ""
    """A prompt of one's own, as that of respond; "" is the task and no word of ours. In a recipe: `prompt: FILE`."""

    def __post_init__(self) -> None:
        if not 1 <= self.samples <= MOST:
            raise UsageError(f"sample: samples is {self.samples}; it is how many answers are asked for, 1 to {MOST}")
        Respond(self.text)  # which checks the places

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        """As `respond` asks."""
        return Respond(self.text).prompt(tasks, rng)

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        return self.parse_all(tasks, (response,))

    def parse_all(self, tasks: tuple[Task, ...], responses: Sequence[Response]) -> Iterable[Task | Rejected]:
        """The task with these answers beside those of earlier steps, and with the first of all as its output. One that
        was cut, refused by a server or is empty is told in a remark; where none is left, there is no task.
        """
        task, found = tasks[0], Sampled(sampled_of(tasks[0]))
        answered: Task | None = None
        lost = list[Rejected]()
        for response in responses:
            for item in Respond(self.text).parse(tasks, response):
                if isinstance(item, Rejected):
                    lost.append(replace(item, what="remark"))
                    continue
                answered = answered or item
                text = item.turns[-1]["content"] if item.turns else item.instances[0].output
                found.append({"by": self.who, "text": text})
        yield from lost
        if not found:
            yield Rejected(task.instruction, "no answer", f"{len(responses)} asked for", instances=task.instances)
            return
        kept = task if sampled_of(task) or answered is None else answered
        yield replace(kept, extra=task.extra | {SAMPLED: found})


def sampled_of(task: Task) -> Sampled:
    """The answers of this run; none of a task that nobody was asked about."""
    found: Any = task.extra.get(SAMPLED)
    return found if isinstance(found, Sampled) else Sampled()
