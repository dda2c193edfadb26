"""The steps of the published methods: each stage is a `prompt` and a `parse` next to each other, both pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from typing import Protocol

from selfinstruct.stages.alpaca import Alpaca
from selfinstruct.stages.chat import Chat
from selfinstruct.stages.classify import Classify
from selfinstruct.stages.evolve import Evolve
from selfinstruct.stages.instances import Instances
from selfinstruct.stages.judge import Judge
from selfinstruct.stages.propose import Propose
from selfinstruct.stages.respond import Respond
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Prompt, Response

__all__ = ["STAGES", "Alpaca", "Chat", "Classify", "Evolve", "Instances", "Judge", "Propose", "Respond", "Stage"]


class Stage(Protocol):
    def prompt(self, tasks: Sequence[Task], rng: Random, /) -> Prompt:
        """What to ask the teacher, given the tasks to show (in a `grow` step) or the one to work on (in `each`)."""
        ...

    def parse(self, tasks: Sequence[Task], response: Response, /) -> Iterable[Task | Rejected]:
        """What the answer holds: tasks, and whatever else is in it with the reason why it is no task.

        In a `grow` step the tasks are new ones, without an id; in `each` at most one, made from the task worked on.
        """
        ...


STAGES: dict[str, type[Propose | Classify | Instances | Alpaca | Evolve | Respond | Chat | Judge]] = {
    "propose": Propose,
    "classify": Classify,
    "instances": Instances,
    "alpaca": Alpaca,
    "evolve": Evolve,
    "respond": Respond,
    "chat": Chat,
    "judge": Judge,
}
"""By the names that recipes use. The fields of a stage's dataclass are its options."""
