"""Questions as people keep them, read as tasks to be answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.errors import UsageError
from selfinstruct.rows.importers.questions import lines_that_ask
from selfinstruct.rows.notes import Notes
from selfinstruct.rows.reading import How, read_tasks, tasks_of
from selfinstruct.task import Task

DRY, SALT = "How do I dry herbs?", "Why is the sea salt?"


def asked(path: Path, layout: str = "") -> list[str]:
    return [task.instruction for task in read_tasks(path, How(layout=layout))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{DRY}\n{SALT}\n", [DRY, SALT]),
        (f"\ufeff{DRY}\r\n\r\n{SALT}", [DRY, SALT]),
        (f"1. {DRY}\n2) {SALT}", [DRY, SALT]),
        (f"- {DRY}\n* {SALT}", [DRY, SALT]),
        (f"Q: {DRY}\nQ: {SALT}", [DRY, SALT]),
        (f"{DRY}\nName three rivers.\nPancakes without eggs", [DRY, "Name three rivers.", "Pancakes without eggs"]),
        ("薄荷为什么发黄？\n请介绍一下潮汐。", ["薄荷为什么发黄？", "请介绍一下潮汐。"]),
        ("1、薄荷为什么发黄？\n2、怎样去除茶渍", ["薄荷为什么发黄？", "怎样去除茶渍"]),
        (DRY, [DRY]),
    ],
)
def test_a_text_of_a_question_a_line_needs_no_word(text: str, found: list[str], tmp_path: Path) -> None:
    (tmp_path / "questions.txt").write_text(text, encoding="utf-8", newline="")
    assert asked(tmp_path / "questions.txt") == found


def test_it_is_noted_and_ids_are_of_the_file(tmp_path: Path) -> None:
    notes = Notes()
    (tmp_path / "mine.txt").write_text(f"{DRY}\n{SALT}", encoding="utf-8")
    tasks = read_tasks(tmp_path / "mine.txt", notes=notes)
    assert [task.id for task in tasks] == ["mine_0", "mine_1"]
    assert notes.lines() == ["a text of which each line was read as a question: 1 row"]


def test_prose_is_no_list_of_questions_unless_it_is_called_so(tmp_path: Path) -> None:
    file = tmp_path / "story.txt"
    file.write_text("The sea was calm.\nIt had been so for days.\nWould it last?\n", encoding="utf-8")
    with pytest.raises(UsageError, match="only a text"):
        read_tasks(file)
    assert len(asked(file, "questions")) == 3
    assert not lines_that_ask(f"{DRY} {'It is a long story. ' * 40}")
    assert not lines_that_ask("")


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("q.csv", f"question\n{DRY}\n{SALT}\n", [DRY, SALT]),
        ("medquad.csv", f'question,answer,source\n{DRY},"In the shade.",garden\n', [DRY]),
        ("qa.csv", f"qtype,Question,Answer\nuse,{DRY},In the shade.\n", [DRY]),
        ("quora.jsonl", json.dumps({"question": DRY}) + "\n" + json.dumps({"question": SALT}), [DRY, SALT]),
        ("zh.csv", "问题\n薄荷为什么发黄？\n", ["薄荷为什么发黄？"]),
    ],
)
def test_files_of_a_column_question_are_read_as_they_are(
    name: str, text: str, found: list[str], tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert asked(tmp_path / name) == found == asked(tmp_path / name, "questions")


PAIR = {"id": "7", "qid1": "1", "qid2": "2", "question1": DRY, "question2": SALT, "is_duplicate": "0"}


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([PAIR], [DRY, SALT]),
        ([{"questions": {"id": [1, 2], "text": [DRY, SALT]}, "is_duplicate": False}], [DRY, SALT]),
        ([{"questions": [DRY, SALT]}], [DRY, SALT]),
        ([{"questions": [[DRY, "How are herbs dried?"], [SALT]]}], [DRY, SALT]),
        ([{"Title": DRY, "Body": "<p>In an attic.</p>", "Tags": "<herbs>"}], [DRY]),
        ([{"title": DRY}, {"title": SALT, "selftext": ""}], [DRY, SALT]),
        ([DRY, SALT], [DRY, SALT]),
        ([[DRY, SALT]], [DRY, SALT]),
        ([{"text": DRY}, {"text": SALT}], [DRY, SALT]),
        ([{DRY: SALT}, {DRY: "What is dew?"}], [DRY, SALT, "What is dew?"]),
        ([{"instruction": DRY, "output": "In the shade."}], [DRY]),
        (
            [{"title": "头疼怎么办", "ask": "我最近总是头疼，怎么办？", "answer": "多休息。"}],
            ["我最近总是头疼，怎么办？"],
        ),
    ],
)
def test_other_forms_by_name(rows: list[Any], found: list[str]) -> None:
    assert [task.instruction for task in tasks_of(rows, How(layout="questions"))] == found


def test_what_else_a_row_has_is_carried_along() -> None:
    first, second = tasks_of([PAIR], How(layout="questions"))
    assert first.extra == second.extra == {"qid1": "1", "qid2": "2", "is_duplicate": "0"}
    assert first.id != second.id


@pytest.mark.parametrize("row", [PAIR, {"title": DRY}, {"text": DRY}, DRY, {DRY: SALT}])
def test_the_layout_is_named_where_a_row_cannot_be_read(row: Any) -> None:
    with pytest.raises(UsageError, match=r"it looks like --layout questions|--layout marked"):
        tasks_of([row])


VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=12), lambda inner: st.lists(inner, max_size=3), max_leaves=5
)
NAMES = st.sampled_from(["question1", "question2", "questions", "title", "text", "id", "ask", "why?"])


@given(st.lists(st.dictionaries(NAMES, VALUES, max_size=4) | VALUES, max_size=3))
def test_any_row_is_read_or_one_clear_sentence(rows: list[Any]) -> None:
    try:
        tasks = tasks_of(rows, How(layout="questions"))
    except UsageError as error:
        (line,) = str(error).splitlines()
        tasks = [Task("", line)]
    assert all(task.instruction.strip() for task in tasks)
