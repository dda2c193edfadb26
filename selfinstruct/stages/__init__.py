"""The steps of the published methods: each stage is a `prompt` and a `parse` next to each other, both pure."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Protocol

from selfinstruct.stages.answering.chat import Chat
from selfinstruct.stages.answering.instances import Instances
from selfinstruct.stages.answering.respond import Respond
from selfinstruct.stages.judging.classify import Classify
from selfinstruct.stages.judging.judge import Judge
from selfinstruct.stages.proposing.alpaca import Alpaca
from selfinstruct.stages.proposing.magpie import Magpie
from selfinstruct.stages.proposing.propose import Propose
from selfinstruct.stages.proposing.unnatural import Unnatural
from selfinstruct.stages.rewriting.evolve import Evolve
from selfinstruct.stages.rewriting.paraphrase import Paraphrase
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Prompt, Response

__all__ = [
    "STAGES",
    "Alpaca",
    "Chat",
    "Classify",
    "Evolve",
    "Instances",
    "Judge",
    "Magpie",
    "Paraphrase",
    "Propose",
    "Respond",
    "Stage",
    "Unnatural",
]


class Stage(Protocol):
    """A step of a method: a frozen dataclass, whose fields are its options and go into recipe.yaml.

    More things it may say of itself. `single: ClassVar = True`: it works on an instruction with one input, so tasks of
    several instances come to it one instance at a time. `continues: ClassVar = "prefill"`: its prompt is a text that
    breaks off, whose last line the answer goes on with; "prefill" or "completions" is how a model in this process does
    that best. `begins(tasks)`: the text that such an answer begins with beyond the prompt; parse is given it, too.
    `hears_thoughts: ClassVar = True`: parse is given the answer with the thoughts in it. `prepare(task, rng, round)`:
    the task as prompt and parse are to see it, with what is drawn by lot for it; `round` counts from 1.
    `schema(tasks)`: the JSON schema of the answer, when it is to be asked for as JSON, or None.
    `params`: of its requests, where the recipe does not say otherwise. `bare: ClassVar = True`: its prompt is a bare
    beginning for any teacher, as --api completions sends it; and `for_model(name, own)`: the stage as the model of that
    name is asked, `own` being how the template of one in this process begins a user's turn (running/execute.py).
    `shows: ClassVar = False`: a `grow` stage that shows no tasks; prompt is given none.
    `drawn(rng, number)`: a `grow` stage as the draft of that number, from 0 on, is to be asked and read with.
    `settled(task)`: in `each`, what comes of a task that the teacher need not be asked about; None where it is asked.
    `samples: int`, and `parse_all(tasks, responses)` in the place of parse: as many answers to one prompt.
    `again(task, rejected)`: as a recipe's first step in rounds, the task as it is tried once more after nothing but
    this came of it. `files: ClassVar = {field: read}`: options that recipes may give as the path of a file.
    """

    @property
    def kind(self) -> str:
        """ "grow": it makes new tasks of those shown. "each": it works on one task at a time."""
        ...

    def prompt(self, tasks: tuple[Task, ...], rng: Random, /) -> Prompt:
        """What to ask the teacher, given the tasks to show (in a `grow` step) or the one to work on (in `each`)."""
        ...

    def parse(self, tasks: tuple[Task, ...], response: Response, /) -> Iterable[Task | Rejected]:
        """What the answer holds: tasks, and whatever else is in it with the reason why it is no task.

        In `each` the task worked on, one step further; or new ones made from it. New tasks get their ids, parents and
        origin from the run, here as in `grow`.
        """
        ...


STAGES: dict[
    str,
    type[Propose | Classify | Instances | Alpaca | Evolve | Respond | Chat | Judge | Magpie | Unnatural | Paraphrase],
] = {
    "propose": Propose,
    "classify": Classify,
    "instances": Instances,
    "alpaca": Alpaca,
    "evolve": Evolve,
    "respond": Respond,
    "chat": Chat,
    "judge": Judge,
    "magpie": Magpie,
    "unnatural": Unnatural,
    "paraphrase": Paraphrase,
}
"""By the names that recipes use. The fields of a stage's dataclass are its options."""
