"""Pairs of an exam's right and wrong answers by one model: what it could have said, beside what it said.

    made = paired(exam, [answers_of(Path("runs/samples"), exam)])

The checkers are exact, so nobody's taste is in these pairs. A task that is always done right, or never, gives none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from selfinstruct.errors import UsageError
from selfinstruct.rows.reading import read_tasks
from selfinstruct.simulator.exam import grade, read_answers
from selfinstruct.task import Judged, Message, Task

__all__ = ["Paired", "answers_of", "paired"]

SAMPLED = "sampled"
"""The key under which the recipe `samples` leaves a task's answers."""
Given = Mapping[str, Sequence[str]]
"""Answers by the id of the exam's task."""


class Paired(NamedTuple):
    tasks: list[Task]
    """Preference tasks, a task's twin after it: every right answer is a good one, every wrong one is not."""
    asked: int
    right: int
    """Answers, of all."""
    answers: int
    always: int
    """Tasks whose answers are all right."""
    never: int
    """And those whose answers are all wrong, or missing."""

    @property
    def pairs(self) -> int:
        """Right answers, each beside every wrong one to the same task."""
        return sum(_count(task, True) * _count(task, False) for task in self.tasks)

    def line(self, where: str) -> str:
        """For people."""
        return (
            f"{where}: {self.pairs:,} pairs of {len(self.tasks):,} tasks; of {self.asked:,} tasks {self.always:,} were "
            f"always right and {self.never:,} never; of {self.answers:,} answers {self.right:,} were right "
            f"({self.right / max(1, self.answers):.1%})"
        )


def _count(task: Task, good: bool) -> int:
    return sum(one.good is good for one in task.judged)


def answers_of(path: Path, exam: Sequence[Task]) -> Given:
    """All answers in a run of the recipe `samples`, or the one to each task that `grade` reads elsewhere. Raises
    UsageError as `read_answers` does.
    """
    found = {
        task.id: texts for task in (read_tasks(path) if _has_samples(path) else ()) if (texts := list(_texts(task)))
    }
    if not found:
        return {id: [text] for id, text in read_answers(path, exam).given.items()}
    if not any(task.id in found for task in exam):
        raise UsageError(
            f"{path} has no answer to a task of the exam: let a model answer it with `selfinstruct run samples`"
        )
    return found


def _has_samples(path: Path) -> bool:
    """Rows that only `grade` understands, {"id", "output"}, are none of tasks."""
    from selfinstruct.rows.containers import read_rows

    return any(isinstance(row, dict) and SAMPLED in row for _, row in read_rows(path))


def _texts(task: Task) -> Iterator[str]:
    found: Any = task.extra.get(SAMPLED)
    for one in found if isinstance(found, list) else ():
        if isinstance(text := one.get("text") if isinstance(one, dict) else one, str):
            yield text


def paired(exam: Sequence[Task], given: Sequence[Given]) -> Paired:
    """Each text counts once for a task, however often it was said. Raises UsageError where there is not one pair."""
    tasks, right, answers, always, never = list[Task](), 0, 0, 0, 0
    for task in exam:
        said = [text for one in given for text in one.get(task.id, ())]
        marks = {text: grade([task], {task.id: text})[0].right for text in dict.fromkeys(said)}
        answers, right = answers + len(said), right + sum(marks[text] for text in said)
        always += bool(marks) and all(marks.values())
        never += not any(marks.values())
        # An empty answer, or none, is wrong, and nothing to learn from.
        judged = tuple(_judged(text, mark) for text, mark in marks.items() if text.strip())
        if {one.good for one in judged} == {True, False}:
            tasks.append(_preference(task, judged))
    if not tasks:
        raise UsageError(
            f"there is no pair: of {len(exam):,} tasks {always:,} were always done right and {never:,} never; give "
            "more answers to each (the recipe samples), or other tasks"
        )
    return Paired(tasks, len(exam), right, answers, always, never)


def _judged(text: str, right: bool) -> Judged:
    return Judged((Message(role="assistant", content=text),), right)


def _preference(task: Task, judged: tuple[Judged, ...]) -> Task:
    question = "\n\n".join(filter(None, (task.instruction.strip(), task.instances[0].input.strip())))
    turns = (Message(role="user", content=question),)
    extra = {key: value for key, value in task.extra.items() if key != SAMPLED}
    return Task(task.id, task.instruction, (), turns, task.is_classification, "exam", judged=judged, extra=extra)
