"""Solve: a task done several times by one of two solvers, so that the answers tell how hard it is for whom.

Two such steps, for a weak solver and a strong one, come before `mark`. They are asked what a user would ask and no
more: neither sees the reference, the passage, or the other one's answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import ClassVar

from selfinstruct.errors import UsageError
from selfinstruct.stages.answering.respond import Respond
from selfinstruct.stages.judging.solved import is_taken, with_answers
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.markers import ends_itself, parted
from selfinstruct.text.seams import is_blank

__all__ = ["SOLVERS", "Solve"]

SOLVERS = ("weak", "strong")
MOST = 100


@dataclass(frozen=True, slots=True)
class Solve:
    kind: ClassVar = "each"
    single: ClassVar = True
    prompts: ClassVar = {"text": ""}
    who: str = "weak"
    """weak or strong: whose answers these are."""
    samples: int = 4
    """How often it does the task."""
    text: str = ""
    """A prompt of one's own, with the place {instruction} and perhaps {input}; "" is the two and no word of ours. In a
    recipe: `prompt: FILE`."""

    def __post_init__(self) -> None:
        if self.who not in SOLVERS:
            raise UsageError(f"solve: who is {self.who!r}; it is one of {', '.join(SOLVERS)}")
        if not 1 <= self.samples <= MOST:
            raise UsageError(f"solve: samples is {self.samples}; it is how often the task is done, 1 to {MOST}")
        Respond(self.text)  # which checks the places

    @property
    def apart(self) -> str:
        """Steps that say so with different words are worth asking only where different models answer."""
        return self.who

    def settled(self, task: Task) -> list[Task | Rejected] | None:
        """A task that was taken in an earlier round is not done again."""
        return [task] if is_taken(task) else None

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        """As `respond` asks."""
        return Respond(self.text).prompt(tasks, rng)

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        return self.parse_all(tasks, (response,))

    def parse_all(self, tasks: tuple[Task, ...], responses: Sequence[Response]) -> Iterable[Task | Rejected]:
        """The task with the answers. One that was cut, refused by a server or is empty is no sign of how hard the task
        is: it is left out; and where not even half are left, nothing can be said.
        """
        said = [_answer(response) for response in responses]
        answers = [answer for answer in said if answer]
        if 2 * len(answers) < len(said):
            fault = "truncated" if any(one.finish_reason == "length" for one in responses) else "too few answers"
            detail = f"{self.who} {len(answers)}/{len(said)}"
            yield Rejected(tasks[0].instruction, fault, detail, instances=tasks[0].instances)
        else:
            yield replace(tasks[0], extra=with_answers(tasks[0], self.who, answers))


def _answer(response: Response) -> str:
    """The answer without the thoughts; "" where there is none that is whole."""
    text = response.text.replace("\r\n", "\n").replace("\r", "\n")
    if response.error or (response.finish_reason == "length" and not ends_itself(text)):
        return ""
    answer = parted(text).answer.strip()
    return "" if is_blank(answer) else answer
