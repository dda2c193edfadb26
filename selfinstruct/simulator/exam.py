"""A held-out examination: fresh tasks whose answers rules can judge, and the judging, exact and offline.

    exam = write_exam("en", 500, without=read_tasks(Path("runs/first")))
    answers = {task.id: model(task.instruction, task.instances[0].input) for task in exam}
    graded = grade(exam, answers)

The tasks are those of the built-in teacher's families; what a model says is data and never run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from selfinstruct.errors import UsageError, shown
from selfinstruct.rows.containers import read_rows
from selfinstruct.rows.layouts.layouts import task_of
from selfinstruct.rows.notes import Bad
from selfinstruct.rows.reading import read_rejected
from selfinstruct.simulator.commitment import LONGEST
from selfinstruct.simulator.family import Asked, Family
from selfinstruct.simulator.language import LANGUAGES, language_of
from selfinstruct.simulator.understanding import UNREADABLE
from selfinstruct.task import Instance, Task, task_to_row
from selfinstruct.text.later import later
from selfinstruct.text.tokens import tokens

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["Graded", "answers_in", "grade", "graded_to_row", "is_right", "read_answers", "results", "write_exam"]

# Writing one.

TRIES = 500
"""Draws in a row without a new task after which a family has run out."""


def write_exam(language: str, num: int, *, seed: int = 0, without: Iterable[Task] = ()) -> list[Task]:
    """So many tasks, none of which has an instruction that occurs in `without`, and no two of which are the same.

    They are spread over the families whose answers can be graded: as many of each, or one more, until a family runs out
    of new ones. More of them with the same other arguments begin with the same. Raises UsageError when there are fewer.
    """
    if language not in LANGUAGES:
        raise UsageError(f"no language {language!r}: there are {', '.join(LANGUAGES)}")
    if num < 1:
        raise UsageError(f"--num is {num}: ask for at least 1 task")
    exam = list(islice(_fresh(language, seed, {key for task in without for key in keys_of(task)}), num))
    if len(exam) < num:
        raise UsageError(f"--num is {num:,}, but only {len(exam):,} tasks of the families are new: ask for no more")
    return exam


def _fresh(language: str, seed: int, known: set[str]) -> Iterator[Task]:
    """New tasks for ever, one of each family in turn; until all have run out."""
    families = [family for family in LANGUAGES[language].families if family.graded]
    Random(f"{seed}/exam/{language}").shuffle(families)
    # A stream each: what one family draws, or how often, must not change what another one does.
    streams = {family.name: Random(f"{seed}/exam/{family.name}") for family in families}
    drawn = set[tuple[str, str]]()
    number = 0
    while families:
        for family in tuple(families):
            if found := _new(family, streams[family.name], known, drawn):
                (instruction, instance), number = found, number + 1
                id, label, extra = f"exam-{language}-{number:04}", family.classification, {"family": family.name}
                yield Task(id, instruction, (instance,), is_classification=label, origin="exam", extra=extra)
            else:
                families.remove(family)


def _new(family: Family, rng: Random, known: set[str], drawn: set[tuple[str, str]]) -> tuple[str, Instance] | None:
    for _ in range(TRIES):
        instruction, asked = family.compose(rng)
        given = asked.draw(rng)
        key = key_of(instruction)
        if key not in known and (key, given) not in drawn:
            drawn.add((key, given))
            return instruction, Instance(given, asked.answer(rng, given))
    return None


def key_of(text: str) -> str:
    """The same for texts that differ in case, spaces and punctuation only."""
    return " ".join(tokens(text))


def keys_of(task: Task) -> Iterator[str]:
    """Of all that may be an instruction of ours in a task: of whatever layout, its first lines are the instruction."""
    for text in (task.instruction, *(turn["content"] for turn in task.turns)):
        for line in (text, *text.split("\n")):
            yield key_of(line)
            yield key_of(line.removeprefix("Task:"))  # as `export --to completion` writes it


# Grading.

MARKS = (
    *(("**", "**"), ("__", "__"), ("`", "`"), ("", "."), ("", "。")),
    *(('"', '"'), ("'", "'"), ("“", "”"), ("‘", "’"), ("「", "」")),
)
DEEPEST = 8
"""Readings of an answer: one mark less each time. **"42."**. has four."""

FENCE = later(r"```[\w-]*[ \t]*\n(.*?)\n?```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Graded:
    task: Task
    family: str
    answer: str | None
    """None when there was none, which is wrong; so is an empty one."""
    right: bool


def grade(exam: Sequence[Task], answers: Mapping[str, str]) -> list[Graded]:
    """Every task of the exam with the answer to it, by the task's id, and whether that is right.

    An answer is right when the family's checker says so: it is the one right answer, whatever its spaces and, unless
    the task is about them, its capitals; or one of those that do what the instruction asks. Bold type, quotation marks
    and code marks around all of it and a full stop at its end are taken off, except those that the input or the right
    answer has as well. Where the form is free, it may say so in sentences (`simulator.commitment`): "The answer is
    42." and "6 × 7 = 42" do, "not 42" and "42 or 43" don't. When the instruction wishes for a form ("in square
    brackets", "as a JSON array"), only that form is right.

    Raises UsageError naming the first task that is no task of an exam.
    """
    asked = [understood(task) for task in exam]
    found = [answers.get(task.id) for task in exam]
    return [
        Graded(task, one.family.name, answer, answer is not None and is_right(one, task, answer))
        for task, one, answer in zip(exam, asked, found, strict=True)
    ]


def understood(task: Task) -> Asked:
    """What the task asks for. Raises UsageError when no rule can tell, or can no longer."""
    languages = (language_of(task.instruction), *LANGUAGES.values())
    asked = next(filter(None, (language.recognise(task.instruction) for language in languages)), None)
    if asked is None or not asked.family.graded:
        why = "no rule can judge its answers"
    elif len(task.instances) != 1:
        why = "it has not one input and output"
    else:
        try:
            if is_right(asked, task, task.instances[0].output):
                return asked
            why = "its own output is wrong by the rules of this version"
        except UNREADABLE:
            why = "its input is none that the rules of this version know"
    shown = f"{task.id!r} ({task.instruction[:60]!r})"
    raise UsageError(f"{shown} is no task of an exam, as {why}: write one with `selfinstruct exam`")


def is_right(asked: Asked, task: Task, answer: str) -> bool:
    (instance,) = task.instances
    # The question said once more is no answer, whatever stands in it.
    if len(answer) > LONGEST or key_of(answer) == key_of(task.instruction) != key_of(instance.output):
        return False
    reading = answer.strip()
    for _ in range(1 if asked.wished else DEEPEST):
        try:
            if asked.accepts(instance.input, reading):
                return True
        except RecursionError:  # json gives up on a thousand brackets
            return False
        reading = _unmarked(reading, (instance.input, instance.output))
    return False


def _unmarked(answer: str, kept: Sequence[str]) -> str:
    """The answer without one mark around it, unless one of the texts has it too; "" when there is none."""
    if fenced := FENCE.fullmatch(answer):
        return fenced[1].strip()
    for before, after in MARKS:
        if _around(answer, before, after) and not any(_around(text, before, after) for text in kept):
            return answer[len(before) : len(answer) - len(after)].strip()
    return ""


def _around(text: str, before: str, after: str) -> bool:
    return len(text) >= len(before) + len(after) and text.startswith(before) and text.endswith(after)


# Answers in files.


class Answers(NamedTuple):
    given: dict[str, str]
    """By the id of the exam's task."""
    others: int
    """Answers to something else, which are left out."""


def read_answers(path: Path, exam: Sequence[Task]) -> Answers:
    """The answers in a run or a file of tasks in any layout that is read, or of rows {"id", "output"}.

    A run may have rejected every answer, as an untrained model's, which go on for ever. Raises UsageError for a row
    that is neither, for two answers to a task, and when there is none to this exam.
    """
    ids, tasks = {task.id: task for task in exam}, list[Task]()
    for where, row in read_rows(path):
        if isinstance(row, Bad):
            raise UsageError(f"{where}: {row.why}")
        try:
            tasks.append(task_of(_whole(row, ids), f"{path.stem}_{len(tasks)}"))
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{where}: {error}; an answer has the task's id and its output, or both") from None
    try:
        answers = answers_in(tasks, exam)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None
    is_run = (path / "rejected.jsonl").is_file()
    if not answers.given and not (is_run and any(rejected.task in ids for rejected in read_rejected(path))):
        raise UsageError(
            f"{path} has no answer to a task of the exam: let a model answer it with"
            f" `selfinstruct run answer EXAM --model NAME --out DIR`, and grade DIR"
        )
    return answers


def _whole(row: Any, exam: Mapping[str, Task]) -> Any:
    """A row that has only the id and the output, with the task; one whose output is empty, with that as its answer."""
    match row:
        case {"id": str(id), "output": str()} if id in exam and "instruction" not in row:
            row = row | {"instruction": exam[id].instruction, "input": exam[id].instances[0].input}
    match row:
        case {"instruction": str(instruction), "output": "", **others} if not row.get("instances"):
            given = others.pop("input", None) or ""
            return others | {"instruction": instruction, "instances": [{"input": given, "output": ""}]}
    return row


def answers_in(tasks: Iterable[Task], exam: Sequence[Task]) -> Answers:
    """By id where the instruction is the same too, else by instruction and input. Raises UsageError for two to one."""
    by_id = {task.id: task for task in exam}
    by_question = {_question(task.instruction, instance.input): task.id for task in exam for instance in task.instances}
    given, others = dict[str, str](), 0
    for task in tasks:
        known = by_id.get(task.id)
        same = known and known.instruction.strip() == task.instruction.strip()
        for question, answer in _said(task):
            id = task.id if same else by_question.get(question)
            if id in given:
                raise UsageError(f"there are two answers to {id!r}: keep one of them")
            if id is None:
                others += 1
            else:
                given[id] = answer
    return Answers(given, others)


def _said(task: Task) -> Iterator[tuple[str, str]]:
    """Questions with their answers."""
    for instance in task.instances:
        yield _question(task.instruction, instance.input), instance.output
    said = [turn for turn in task.turns if turn["role"] != "system"]
    if len(said) > 1:
        yield said[0]["content"].strip(), said[1]["content"]


def _question(instruction: str, given: str) -> str:
    """As `respond` asks."""
    return "\n\n".join(filter(None, (instruction.strip(), given.strip())))


# Results.


def results(graded: Sequence[Graded]) -> Table:
    """What share of each family was right, the best first, for rich to print; and of all."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("family", no_wrap=True)
    for name in ("right", "asked", "share"):
        table.add_column(name, justify="right")
    families = dict[str, list[bool]]()
    for one in graded:
        families.setdefault(one.family, []).append(one.right)
    rows = sorted(families.items(), key=lambda row: (-sum(row[1]) / len(row[1]), row[0]))
    for name, marks in (*rows, ("all", [one.right for one in graded])):
        table.add_row(shown(name), f"{sum(marks):,}", f"{len(marks):,}", f"{sum(marks) / len(marks):.0%}")
    return table


def graded_to_row(graded: Graded) -> dict[str, Any]:
    """The task's row, its right answer included, with the answer that was given, and whether that is right."""
    return task_to_row(graded.task) | {"answer": graded.answer, "right": graded.right}
