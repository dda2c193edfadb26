"""Vote: several answers to a task, of which one is kept that most of them come to: self-consistency (2203.11171)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import ClassVar

from selfinstruct.errors import UsageError
from selfinstruct.stages.answering.respond import Respond
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.final import final, key
from selfinstruct.text.refusals import is_refusal

__all__ = ["Vote"]

MOST = 100
SHOWN = 40
"""Characters of an answer in the tally."""


@dataclass(frozen=True, slots=True)
class Vote:
    kind: ClassVar = "each"
    single: ClassVar = True
    prompts: ClassVar = {"text": ""}
    samples: int = 5
    """Answers that are asked for."""
    least: float = 0.5
    """The share of them that has to come to the same, those counted that come to nothing; a tie is no majority."""
    text: str = ""
    """A prompt of one's own, as that of respond; "" is the task and no word of ours. In a recipe: `prompt: FILE`."""
    keep_thoughts: bool = False
    """As in respond."""
    former: str = ""
    """As in respond."""

    def __post_init__(self) -> None:
        if not 2 <= self.samples <= MOST:
            raise UsageError(f"vote: samples is {self.samples}; it is how many answers are asked for, 2 to {MOST}")
        if not 0 < self.least <= 1:
            raise UsageError(f"vote: least is {self.least:g}; it is a share of the answers, above 0 and up to 1")
        self._respond()

    def _respond(self) -> Respond:
        return Respond(self.text, keep_thoughts=self.keep_thoughts, former=self.former)

    def keeping(self, task: Task) -> Task:
        return self._respond().keeping(task)

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        return self._respond().prompt(tasks, rng)

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """Of one answer: as `parse_all`."""
        return self.parse_all(tasks, (response,))

    def parse_all(self, tasks: tuple[Task, ...], responses: Sequence[Response]) -> Iterable[Task | Rejected]:
        """The task with the first of the answers that come to what most of them come to, and {"vote": their share}.

        What is cut, empty or a refusal, and what comes to nothing that can be compared, is no vote, and counted.
        """
        answers, votes, others = dict[str, Task](), Counter[str](), Counter[str]()
        said = dict[str, str]()
        for response in responses:
            for found in self._respond().parse(tasks, response):
                cast, why = _vote(tasks[0], found, response)
                others.update([why] if why else ())
                if not why and isinstance(found, Task):
                    votes[key(cast)] += 1
                    answers.setdefault(key(cast), found)
                    said.setdefault(key(cast), cast)
        ranked = votes.most_common(2)
        share = ranked[0][1] / len(responses) if ranked else 0.0
        if ranked and share >= self.least and (len(ranked) == 1 or ranked[0][1] > ranked[1][1]):
            kept = answers[ranked[0][0]]
            yield replace(kept, extra=kept.extra | {"vote": round(share, 3)})
            return
        tally = [f"{' '.join(said[one].split())[:SHOWN]} × {count}" for one, count in votes.most_common(5)]
        tally += [f"{why} × {count}" for why, count in others.most_common()]
        text = next((response.text for response in responses if response.text.strip()), "")
        yield Rejected(text, "no majority", "; ".join(tally), what="answer")


def _vote(task: Task, found: Task | Rejected, response: Response) -> tuple[str, str]:
    """What an answer comes to; or why it is no vote."""
    if isinstance(found, Rejected):
        return "", response.finish_reason if found.category == "no answer" and response.error else found.category
    answer = found.turns[-1]["content"] if found.turns else found.instances[0].output
    if is_refusal(answer, task.instruction):
        return "", "refusal"
    cast = final(answer)
    return (cast, "") if key(cast) else ("", "no final answer")
