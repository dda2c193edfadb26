"""Challenge: a new task that is harder than the one given, or that a passage is the ground of, with its answer.

The first step of Agentic Self-Instruct (Autodata, 2606.25996): what solvers then make of the task decides whether it is
taken, and one that is not goes back to the challenger with the reason, as often as the recipe has rounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, ClassVar, NamedTuple

from selfinstruct.stages.judging.solved import is_taken
from selfinstruct.stages.prompting import asked_as_json, check_prompts, filled, prompt_of
from selfinstruct.stages.reading.answered_tasks import AnsweredTask, read_answered
from selfinstruct.stages.reading.blocks import block, first_input
from selfinstruct.stages.reading.echoes import echo_of
from selfinstruct.stages.reading.plain import one_line, unwrapped
from selfinstruct.task import Evolved, Instance, Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.refusals import is_refusal

__all__ = ["CHALLENGE", "Challenge"]

CHALLENGE = "challenge"
"""The operator of the tasks that come of it."""
TRIED = "tried"
"""What was tried and why it was not taken, while a task is on its way; no row has it."""
SHOWN = 5
"""Earlier attempts that the challenger is told of, the last ones; and so many characters of each."""
LENGTH = 1_000

KEYS = ("instruction", "input", "answer")
WORDS: dict[str, dict[str, str]] = {
    "en": {
        "nothing": "Nothing yet.",
        "not taken": "Not taken: {}",
        "too easy": "too easy, the weak one is right too often",
        "too hard": "too hard, or the answer is wrong: even the strong one does not come to it",
        "solvers too close": "the strong one does hardly better than the weak one",
        "unreadable verdict": "nobody could tell whether it was done right",
        "no answer with the task": "there was no answer with it, or not in the form asked for",
        "equal to its parent": "that is the given task",
        "equal to an earlier attempt": "that was tried before",
        "truncated": "it ran out of room: be shorter",
    },
    "zh": {
        "nothing": "还没有。",
        "not taken": "没有采用：{}",
        "too easy": "太容易，弱的助手对得太多",
        "too hard": "太难，或者答案有误，强的助手也做不出来",
        "solvers too close": "强的助手并不比弱的强多少",
        "unreadable verdict": "没法判断答得对不对",
        "no answer with the task": "没有写答案，或者没有按格式写",
        "equal to its parent": "这就是原任务",
        "equal to an earlier attempt": "这道题已经试过了",
        "truncated": "篇幅太长，没能写完",
    },
}
"""What the challenger is told; of a reason that is none of these, its own word."""


@dataclass(frozen=True, slots=True)
class Challenge:
    kind: ClassVar = "each"
    single: ClassVar = True
    prompts: ClassVar = {"text": "challenge", "passage": "challenge_passage"}
    language: str = "en"
    """Of the prompts; answers are read in either."""
    text: str = ""
    """A prompt of one's own for tasks, with the same places as ours."""
    passage: str = ""
    """For passages: tasks that have one, as `passage`."""
    structured: bool = False
    """Ask for JSON by a schema, where the server can: {"instruction": "…", "input": "…", "answer": "…"}."""

    def __post_init__(self) -> None:
        check_prompts(self)

    def settled(self, task: Task) -> list[Task | Rejected] | None:
        """A task that was taken in an earlier round stays as it is."""
        return [task] if is_taken(task) else None

    def again(self, task: Task, rejected: Sequence[Rejected]) -> Task:
        """The task with one more attempt that came to nothing, and why."""
        lost = next((one for one in reversed(rejected) if one.what != "remark"), None)
        if lost is None:
            return task
        # Only a task has an instance: what could not be read as one is not shown again.
        shown = replace(task, instruction=lost.text, instances=lost.instances) if lost.instances else None
        tried = _Try(lost.category, lost.detail, shown)
        return replace(task, extra=task.extra | {TRIED: _Tried((*_tried_of(task), tried))})

    def prepare(self, task: Task, rng: Random, round: int) -> Task:
        """The task as the parent of the one to come; the round is the number of the attempt."""
        return replace(task, evolved=Evolved(CHALLENGE, round, task.instruction, first_input(task)))

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        task = tasks[0]
        field = "passage" if _passage(task) else "text"
        values = {"task": block(task, self.language), "passage": _passage(task), "tried": self._tried(task)}
        text = filled(prompt_of(self, field), **values)
        return asked_as_json("json_challenge", self.language, text) if self.structured else text

    def schema(self, tasks: tuple[Task, ...]) -> dict[str, Any] | None:
        """{"instruction": text, "input": text, "answer": text}; None unless `structured`."""
        if not self.structured:
            return None
        properties = {key: {"type": "string"} for key in KEYS}
        return {"type": "object", "properties": properties, "required": list(KEYS), "additionalProperties": False}

    def _tried(self, task: Task) -> str:
        """The last attempts, each with the reason why it was not taken."""
        words = WORDS.get(self.language, WORDS["en"])
        told = []
        for number, tried in enumerate(_tried_of(task)[-SHOWN:], 1):
            detail = f" ({tried.detail})" if tried.detail and tried.task else ""
            why = words["not taken"].format(words.get(tried.category, tried.category) + detail)
            shown = f"{block(tried.task, self.language)[:LENGTH]}\n" if tried.task else ""
            told.append(f"{number}. {shown}{why}")
        return "\n\n".join(told) or words["nothing"]

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The new task with its answer as the output, and what else is said, as remarks. A passage stays with it. An
        answer cut by length is thrown away.
        """
        task = tasks[0]
        new = read_answered(response.text)
        if response.finish_reason == "length":
            yield Rejected(response.text, "truncated", what="answer")
        elif is_refusal(unwrapped(response.text)[0]) or (new and is_refusal(new.instruction)):
            yield Rejected(response.text, "refusal", what="answer")
        elif not new or not new.answer:
            yield Rejected(response.text, "no answer with the task" if new else "no task in the answer", what="answer")
        elif _says(new.instruction, new.input) == _said(task):
            yield Rejected(new.instruction, "equal to its parent")
        elif any(_says(new.instruction, new.input) == _said(tried.task) for tried in _tried_of(task) if tried.task):
            yield Rejected(new.instruction, "equal to an earlier attempt")
        elif copied := self._copied(task, new):
            yield Rejected(response.text, "copied from the prompt", copied, what="answer")
        else:
            extra = {"passage": _passage(task)} if _passage(task) else {}
            made = (Instance(new.input, new.answer),)
            yield Task("", new.instruction, made, evolved=task.evolved, extra=extra)
            yield from (Rejected(remark, "not part of the task", what="remark") for remark in new.remarks)

    def _copied(self, task: Task, new: AnsweredTask) -> str:
        """What of the prompt the instruction or the answer repeats; "" when neither does."""
        prompt = prompt_of(self, "passage" if _passage(task) else "text")
        return echo_of(new.instruction, prompt) or echo_of(new.answer, prompt)


class _Try(NamedTuple):
    category: str
    """Of the reason why it was not taken; and so is the detail."""
    detail: str
    task: Task | None
    """None where none could be read."""


class _Tried(list[_Try]):
    """Attempts of this run: a row of somebody's data may have a key of this name."""


def _tried_of(task: Task) -> _Tried:
    found: Any = task.extra.get(TRIED)
    return found if isinstance(found, _Tried) else _Tried()


def _passage(task: Task) -> str:
    passage = task.extra.get("passage", "")
    return passage.strip() if isinstance(passage, str) else ""


def _said(task: Task) -> str:
    return _says(task.instruction, first_input(task))


def _says(instruction: str, given: str) -> str:
    return one_line(f"{instruction}\n{given}").casefold()
