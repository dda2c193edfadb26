"""Mark: every answer of the two solvers right or wrong, and by that whether the task is taken.

The third part of Agentic Self-Instruct (Autodata, 2606.25996): a task is taken when the strong solver is mostly right,
the weak one is not, and the two are apart. A judge sees the answers without their writers, mixed and each text once; an
exact checker asks nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, ClassVar

from selfinstruct.errors import UsageError
from selfinstruct.stages.judging.solved import ANSWERS, SOLVED, Solved, answers_of, is_taken
from selfinstruct.stages.prompting import asked_as_json, check_prompts, filled, prompt_of
from selfinstruct.stages.reading.blocks import block, first_input
from selfinstruct.stages.reading.marks import marks_in
from selfinstruct.task import Instance, Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.final import comes_to

__all__ = ["Mark"]

BY = ("judge", "exact")
KEEP = ("strong", "reference")
NUMBERED = {"en": "[Answer {}]", "zh": "【回答{}】"}
ORDER = "order"
"""The answers as the judge is shown them, each text once; no row has it."""
USUAL = 4


@dataclass(frozen=True, slots=True)
class Mark:
    kind: ClassVar = "each"
    single: ClassVar = True
    prompts: ClassVar = {"text": "mark"}
    by: str = "judge"
    """judge: a model is asked. exact: nobody; final answers are compared as numbers, choices or short texts."""
    strong: float = 0.65
    """The share of its answers in which the strong solver must be right at least."""
    weak: float = 0.5
    """That below which the weak one must stay."""
    gap: float = 0.15
    """By how much the two must be apart at least."""
    keep: str = "strong"
    """Which output a task that is taken has: the strong solver's first right answer, or the challenger's reference. The
    other one's text is kept beside it, as `reference`, in the former case."""
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""
    structured: bool = False
    """Ask for the marks as JSON by a schema, where the server can: {"1": true, "2": false}."""

    def __post_init__(self) -> None:
        for name, options in (("by", BY), ("keep", KEEP)):
            if getattr(self, name) not in options:
                raise UsageError(f"mark: {name} is {getattr(self, name)!r}; it is one of {', '.join(options)}")
        for name in ("strong", "weak", "gap"):
            if not 0 <= getattr(self, name) <= 1:
                raise UsageError(f"mark: {name} is {getattr(self, name)}; it is a share, from 0 to 1")
        check_prompts(self)

    @property
    def asks(self) -> str:
        """Nobody, where the checker is exact."""
        return "" if self.by == "judge" else "nobody"

    def settled(self, task: Task) -> list[Task | Rejected] | None:
        """A task that was taken before; one that nobody has done; and any, where the checker is exact."""
        if is_taken(task):
            return [task]
        answers = answers_of(task)
        if not all(answers.get(who) for who in ("weak", "strong")) or not _reference(task):
            why = "no answers to mark" if _reference(task) else "no reference to mark by"
            return [Rejected(task.instruction, why, instances=task.instances)]
        if not self.asks:
            return None
        texts = {text for said in answers.values() for text in said}
        return [self._outcome(task, {text: comes_to(text, _reference(task)) for text in texts})]

    def prepare(self, task: Task, rng: Random, round: int) -> Task:
        """The task with its answers in the order in which the judge is to see them. Where there are none, as when a run
        is only planned, its own output stands for as many as are usual."""
        texts = list(dict.fromkeys(text for said in answers_of(task).values() for text in said))
        rng.shuffle(texts)
        return replace(task, extra=task.extra | {ORDER: tuple(texts or [_reference(task)] * 2 * USUAL)})

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        task = tasks[0]
        head = NUMBERED.get(self.language, NUMBERED["en"])
        shown = (f"{head.format(number)}\n{text}" for number, text in enumerate(_order(task), 1))
        text = filled(
            prompt_of(self),
            task=block(task, self.language),
            reference=_reference(task),
            answers="\n\n".join(shown),
        )
        return asked_as_json("json_mark", self.language, text) if self.structured else text

    def schema(self, tasks: tuple[Task, ...]) -> dict[str, Any] | None:
        """{"1": true, "2": false}, a key for each answer; None unless `structured`."""
        if not self.structured:
            return None
        keys = [str(number) for number, _ in enumerate(_order(tasks[0]), 1)]
        properties = {key: {"type": "boolean"} for key in keys}
        return {"type": "object", "properties": properties, "required": keys, "additionalProperties": False}

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The task if it is taken, or why it is not. Marks that cannot be read, not even one of them, take no task."""
        task = tasks[0]
        order = _order(task)
        marks = marks_in(response.text, len(order), cut=response.finish_reason == "length")
        if marks is None:
            yield Rejected(task.instruction, "unreadable verdict", response.text.strip()[:80], instances=task.instances)
        else:
            yield self._outcome(task, dict(zip(order, marks, strict=True)))

    def _outcome(self, task: Task, right: Mapping[str, bool]) -> Task | Rejected:
        answers = answers_of(task)
        done = {key: value for key, value in task.extra.items() if key not in (ANSWERS, ORDER)}
        counts = {who: (sum(right[text] for text in said), len(said)) for who, said in answers.items()}
        shares = Solved({who: counts[who][0] / counts[who][1] for who in ("weak", "strong")})
        done |= {SOLVED: Solved({who: round(share, 4) for who, share in shares.items()})}
        done |= {"attempt": task.evolved.round} if task.evolved else {}
        if why := self._not_taken(shares):
            detail = ", ".join(f"{who} {counts[who][0]}/{counts[who][1]}" for who in ("weak", "strong"))
            known = {key: done[key] for key in (SOLVED, "attempt") if key in done}
            return Rejected(task.instruction, why, detail, instances=task.instances, whole=known)
        if self.keep == "reference":
            return replace(task, extra=done)
        answer = next(text for text in answers["strong"] if right[text])
        made = (Instance(first_input(task), answer),)
        return replace(task, instances=made, extra=done | {"reference": _reference(task)})

    def _not_taken(self, shares: Mapping[str, float]) -> str:
        """The category of the reason why a task with these shares is not taken; "" when it is."""
        weak, strong = shares["weak"], shares["strong"]
        if strong < self.strong or not strong:
            return "too hard"
        if weak >= self.weak:
            return "too easy"
        return "solvers too close" if round(strong - weak - self.gap, 9) < 0 else ""


def _reference(task: Task) -> str:
    return task.instances[0].output.strip() if task.instances else ""


def _order(task: Task) -> Sequence[str]:
    found: Any = task.extra.get(ORDER)
    return found if isinstance(found, tuple) else ()
