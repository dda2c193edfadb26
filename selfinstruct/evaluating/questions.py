"""Questions that a judge compares answers to, as they are published, with what is known of each beside it.

Vicuna's 80 and MT-Bench (two turns, references), AlpacaEval's 805 (each with a baseline's answer), WizardLM's 218
(skill, difficulty), Arena-Hard, the 252 user-oriented instructions (experts' answers), and whatever else rows/ reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from selfinstruct.errors import UsageError, quoted
from selfinstruct.rows.containers import read_rows
from selfinstruct.rows.layouts.layouts import task_of
from selfinstruct.rows.notes import Bad
from selfinstruct.task import Instance, Message, Task

__all__ = ["Question", "language_of", "read_questions", "said_in", "to_ask"]

KINDS = ("category", "skill", "difficulty", "dataset", "cluster", "motivation_app", "language")
"""Columns by which win rates are given as well."""
IDS = ("question_id", "id", "idx", "key", "uid")
TEXTS = ("text", "prompt", "question", "query", "instruction")
"""Columns that hold all that is asked, in files without an instruction and an input."""
HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    turns: tuple[str, ...]
    """What the user says, one after the other; the model answers each."""
    input: str = ""
    """Of the first turn."""
    references: tuple[str, ...] = ()
    """A right answer to each turn, "" to those that have none: shown to the judge."""
    answers: tuple[str, ...] = ()
    """What somebody answered to each turn: a baseline's or an expert's, to be compared with."""
    kinds: Mapping[str, str] = field(default_factory=dict)
    """{"category": "writing"}, {"skill": "Math", "difficulty": "3"}."""
    cluster: str = ""
    """Of the questions that say nearly the same; "": it stands for itself."""

    @property
    def asked(self) -> str:
        """The first turn as a user would write it."""
        return "\n\n".join(filter(None, (self.turns[0].strip(), self.input.strip())))


def read_questions(data: str | Path) -> list[Question]:
    """The questions of a file, in its order; an id that was there before gets a number. Raises UsageError."""
    found, seen = list[Question](), dict[str, int]()
    for where, row in read_rows(data):
        if isinstance(row, Bad):
            raise UsageError(f"{row.where}: {row.why}")
        try:
            made = list(_questions(row, f"{Path(str(data)).stem}_{len(found)}"))
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{where}: {error}; a question has turns, or an instruction") from None
        for one in made:
            if not all(turn.strip() for turn in one.turns):
                raise UsageError(f"{where}: nothing is asked; a question has turns, or an instruction")
            seen[one.id] = seen.get(one.id, 0) + 1
            found.append(one if seen[one.id] == 1 else replace(one, id=f"{one.id}-{seen[one.id]}"))
    if not found:
        raise UsageError(f"{data} has no question: give rows with turns, an instruction or a text")
    return found


def _questions(row: Any, default_id: str) -> Iterator[Question]:
    """Those of a row: one, or one of each input. Raises ValueError."""
    if isinstance(row, str):
        row = {"instruction": row}
    if not isinstance(row, dict):
        raise ValueError(f"a question is an object or a text; this one is {quoted(row)}")
    keys = {str(key).lower(): key for key in reversed(row)}
    id = next((str(row[keys[name]]) for name in IDS if row.get(keys.get(name, "")) not in (None, "")), default_id)
    kinds = {name: str(row[keys[name]]) for name in KINDS if isinstance(row.get(keys.get(name, "")), str | int | float)}
    references = tuple(_texts(row.get(keys.get("reference", ""))))
    turns = tuple(_texts(row.get(keys.get("turns", "")), asking=True))
    if not turns and "instances" not in keys and not (keys.get("instruction") and "input" in keys):
        turns = next(
            (tuple(found) for name in TEXTS if (found := _texts(row.get(keys.get(name, "")), asking=True))), ()
        )
    if turns:
        said = tuple(_texts(row.get(keys.get("output", "")))) or tuple(_choices(row.get(keys.get("choices", ""))))
        yield Question(id, turns, references=references, answers=said[: len(turns)], kinds=kinds)
        return
    task = task_of(row, id)
    several = len(task.instances) > 1
    for number, one in enumerate(task.instances or (Instance("", ""),)):
        answers = (one.output,) if one.output.strip() else ()
        name = f"{id}-{number}" if several else id
        yield Question(name, (task.instruction,), one.input, references, answers, kinds, id if several else "")


def _texts(value: Any, asking: bool = False) -> list[str]:
    """A text, or several by turn: as they are, or of turns with a content. `asking`: without the assistant's."""
    match value:
        case str():
            return [value] if value.strip() else []
        case list():
            if asking:
                value = [one for one in value if not isinstance(one, dict) or one.get("role", "user") == "user"]
            texts = [one.get("content") if isinstance(one, dict) else one for one in value]
            return [one if isinstance(one, str) else "" for one in texts] if any(texts) else []
    return []


def _choices(value: Any) -> list[str]:
    """FastChat's files of answers: [{"turns": […]}]."""
    first = value[0] if isinstance(value, list) and value else None
    return _texts(first.get("turns")) if isinstance(first, dict) else []


def language_of(questions: Sequence[Question]) -> str:
    """In which language the judge is asked: zh where most questions are in Chinese characters, else en."""
    chinese = sum(len(HAN.findall(one.asked)) * 4 > len(one.asked) for one in questions)
    return "zh" if 2 * chinese > len(questions) else "en"


Answers = Mapping[str, Sequence[str]]
"""By the id of the question: what a model answered to each turn so far."""


def to_ask(questions: Sequence[Question], said: Answers | None = None) -> list[Task]:
    """What a model is asked next, for the recipe `answer`: the first turns; with what it said so far, the next turns of
    those questions that have more, after their own beginnings. [] where there is nothing more to ask.

    The answer is the output of the task's instance, or the last turn of the conversation.
    """
    if said is None:
        return [Task(one.id, one.turns[0], (Instance(one.input, ""),), extra=dict(one.kinds)) for one in questions]
    found = []
    for one in questions:
        before = said.get(one.id, ())
        if before and len(before) < len(one.turns):
            asked = (one.asked, *one.turns[1 : len(before) + 1])
            turns = [Message(role="user", content=asked[0])]
            for answer, further in zip(before, asked[1:], strict=True):
                turns += [Message(role="assistant", content=answer), Message(role="user", content=further)]
            found.append(Task(one.id, one.turns[0], turns=tuple(turns), extra=dict(one.kinds)))
    return found


def said_in(tasks: Sequence[Task], before: Answers | None = None) -> dict[str, tuple[str, ...]]:
    """The answers in the tasks of such a run, after those before: of each question one for each turn."""
    found = {id: tuple(said) for id, said in (before or {}).items()}
    for task in tasks:
        answer = task.turns[-1]["content"] if task.turns else task.instances[0].output if task.instances else ""
        found[task.id] = (*found.get(task.id, ()), answer)
    return found
