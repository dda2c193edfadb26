"""Twins: the same task with other names and numbers, and what both being right says."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from selfinstruct.cli import main
from selfinstruct.errors import UsageError
from selfinstruct.rows.reading import read_tasks
from selfinstruct.rows.writing.writing import write_rows
from selfinstruct.simulator.exam import grade, understood, write_exam
from selfinstruct.simulator.twins import both_right, twins_of
from selfinstruct.task import Instance, Task

BOTH = pytest.mark.parametrize("language", ["en", "zh"])
EXAMS = {language: write_exam(language, 300) for language in ("en", "zh")}


@BOTH
def test_a_twin_asks_the_same_kind_with_another_right_answer(language: str) -> None:
    exam = EXAMS[language]
    twins = twins_of(exam)
    assert len(twins) >= 0.95 * len(exam)
    for task in exam:
        if twin := twins.get(task.id):
            (one,), (other,) = task.instances, twin.instances
            assert (twin.extra["twin"], twin.extra["family"]) == (task.id, task.extra["family"])
            assert understood(twin).family is understood(task).family
            assert one.output != other.output
            assert (task.instruction, one.input) != (twin.instruction, other.input)
            if one.input:
                assert task.instruction == twin.instruction


@BOTH
def test_twins_are_right_when_answered_by_their_own_outputs_and_wrong_by_each_others(language: str) -> None:
    exam = EXAMS[language]
    twins = twins_of(exam)
    every = [*exam, *twins.values()]
    own = {task.id: task.instances[0].output for task in every}
    assert all(both_right(grade(every, own)).values())
    by_heart = own | {twin.id: own[id] for id, twin in twins.items()}
    learned = both_right(grade(every, by_heart))
    assert len(learned) == len(twins)
    assert sum(learned.values()) < 0.05 * len(learned), "an answer learned by heart is right for the twin as well"


def test_twins_are_the_same_each_time_whatever_else_is_asked() -> None:
    exam = EXAMS["en"]
    assert twins_of(exam) == twins_of(exam)
    assert twins_of(exam) != twins_of(exam, seed=1)
    few = twins_of(exam[:20])
    assert {id: task for id, task in twins_of(exam).items() if id in few}.keys() == few.keys()


def test_no_twin_is_asked_already_or_known() -> None:
    exam = EXAMS["en"]
    twins = twins_of(exam).values()
    asked = {(task.instruction, task.instances[0].input) for task in (*exam, *twins)}
    assert len(asked) == len(exam) + len(twins)
    known = [twin for twin in twins if not twin.instances[0].input]
    again = twins_of(exam, without=known).values()
    assert known
    assert not {task.instruction for task in known} & {
        task.instruction for task in again if not task.instances[0].input
    }


def test_what_is_no_exam_has_no_twins() -> None:
    with pytest.raises(UsageError, match="no task of an exam"):
        twins_of([Task("mine", "Praise my dog.", (Instance("", "Good dog."),))])


def test_the_commands(tmp_path: Path) -> None:
    exam, answers = tmp_path / "exam.jsonl", tmp_path / "answers.jsonl"
    wrote = CliRunner().invoke(main, ["exam", "--num", "30", "--twins", "--out", str(exam)])
    assert wrote.exit_code == 0
    assert "30 tasks of 30 families, 1 of each, and 30 twins" in wrote.output
    tasks = read_tasks(exam)
    write_rows(
        answers, ({"id": task.id, "output": task.instances[0].output if n else "?"} for n, task in enumerate(tasks))
    )
    graded = CliRunner().invoke(main, ["grade", str(exam), str(answers)])
    assert "right: 59 of 60" in graded.output
    assert "both twins right: 29 of 30, 96.7%" in graded.output
