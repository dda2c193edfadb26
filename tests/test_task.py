"""Tasks as rows and back; a row is one readable line of JSON."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.task import (
    OWN_KEYS,
    Evolved,
    Instance,
    Message,
    Reason,
    Rejected,
    Task,
    json_line,
    rejected_from_row,
    rejected_to_row,
    stream_of,
    task_from_row,
    task_to_row,
)

PUBLISHED = {
    "id": "seed_task_0",
    "name": "breakfast_suggestion",
    "instruction": "Is there anything I can eat for breakfast without eggs?",
    "instances": [{"input": "", "output": "Yes: oatmeal."}],
    "is_classification": False,
}
values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.lists(st.text())
)
names = st.text().filter(lambda name: name not in OWN_KEYS)
tasks = st.builds(
    Task,
    id=st.text(),
    instruction=st.text().filter(str.strip),
    instances=st.lists(st.builds(Instance, st.text(), st.text()), max_size=3).map(tuple),
    turns=st.lists(st.builds(Message, role=st.text(), content=st.text()), max_size=3).map(tuple),
    is_classification=st.none() | st.booleans(),
    origin=st.text(),
    parents=st.lists(st.text(), max_size=3).map(tuple),
    requests=st.lists(st.text(), max_size=3).map(tuple),
    extra=st.dictionaries(names, values, max_size=3),
)


@given(tasks)
def test_task_to_row_and_back(task: Task) -> None:
    line = json_line(task_to_row(task))
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert task_from_row(json.loads(line)) == task


def test_a_published_row() -> None:
    task = task_from_row(PUBLISHED)
    assert task == Task(
        "seed_task_0",
        "Is there anything I can eat for breakfast without eggs?",
        (Instance("", "Yes: oatmeal."),),
        is_classification=False,
        extra={"name": "breakfast_suggestion"},
    )
    assert PUBLISHED.items() <= task_to_row(task).items()


def test_the_row_of_a_plain_task_is_short() -> None:
    assert list(task_to_row(Task("a", "Sing."))) == ["id", "instruction", "instances", "is_classification", "origin"]
    full = Task(
        "a", "Sing.", turns=(Message(role="user", content="Sing!"),), parents=("b",), requests=("c",), extra={"x": 1}
    )
    assert list(task_to_row(full))[3:] == ["is_classification", "turns", "origin", "parents", "requests", "x"]


def test_what_a_row_may_leave_out() -> None:
    assert task_from_row({"instruction": "Sing."}, "seeds_7") == Task("seeds_7", "Sing.")
    assert task_from_row({"id": 7, "instruction": "Sing.", "instances": None, "is_classification": None}).id == "7"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({}, "no instruction: the key is missing"),
        ({"instruction": None}, "no instruction: it is null"),
        ({"instruction": 3}, "no instruction: it is 3"),
        ({"instruction": " \n"}, r'no instruction: it is " \n"'),
        ({"instruction": "Sing.", "is_classification": "no"}, 'is_classification is "no", not true, false or null'),
        ({"instruction": "Sing.", "instances": "one"}, 'instances is not a list but "one"'),
        ({"instruction": "Sing.", "instances": ["one"]}, 'needs the texts input and output; this one is "one"'),
        ({"instruction": "Sing.", "instances": [{"input": "x"}]}, 'input and output; this one is {"input": "x"}'),
        ({"instruction": "Sing.", "instances": [{"input": 1, "output": ""}]}, "input and output; this one is {"),
        ({"instruction": "Sing.", "turns": [{"role": "user"}]}, 'role and content; this one is {"role": "user"}'),
        ({"instruction": "Sing.", "parents": "a"}, 'parents is not a list but "a"'),
    ],
)
def test_what_is_no_task(row: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$") as caught:
        task_from_row(row)
    assert words in str(caught.value)


def test_rows_of_what_was_rejected() -> None:
    short = rejected_to_row(Rejected("Sing.", "too short"))
    assert short == {"category": "too short", "text": "Sing.", "what": "task"}
    full = rejected_to_row(
        Rejected("No.", "no output", "of two", "instance", "instances", "a-1", ("a",), "abc", "Sing a song.")
    )
    assert list(full) == [
        *("category", "detail", "text", "instruction", "what", "origin", "task", "parents", "request"),
    ]
    assert (full["category"], full["detail"], full["parents"]) == ("no output", "of two", ["a"])
    assert rejected_to_row(Rejected("", "empty")) == {"category": "empty", "text": "", "what": "task"}, (
        "text is always there"
    )


rejections = st.builds(
    Rejected,
    *(st.text(), st.text(), st.text(), st.sampled_from(["task", "answer", "instance", "remark"])),
    origin=st.text(),
    task=st.text(),
    parents=st.lists(st.text(), max_size=2).map(tuple),
    request=st.text(),
    instruction=st.text(),
    instances=st.lists(st.builds(Instance, st.text(), st.text()), max_size=2).map(tuple),
    evolved=st.none() | st.builds(Evolved, st.text(), st.integers(1, 9), st.text(), st.text()),
)


@given(rejections)
def test_rejected_to_row_and_back(rejected: Rejected) -> None:
    assert rejected_from_row(json.loads(json_line(rejected_to_row(rejected)))) == rejected


def test_a_reason_is_counted_by_its_category_and_read_whole() -> None:
    assert str(Reason("rouge-l", "0.83 to seed_task_12")) == "rouge-l: 0.83 to seed_task_12"
    assert str(Reason("too short")) == "too short"
    assert Rejected("Sing.", "keyword", "sing").reason == Reason("keyword", "sing")


@pytest.mark.parametrize(
    "text", ["中文", "naïve", "😀", "\u2028\u2029\x85", "\x00\x1f\x7f", "\ud800", "a\udcffb", 'say "hi"\\n\n']
)
def test_json_line_is_one_readable_line(text: str) -> None:
    line = json_line({"text": text})
    assert line.count(b"\n") == 1
    assert json.loads(line) == {"text": text}
    if text.isprintable() and '"' not in text:
        assert text.encode() in line


@pytest.mark.parametrize("name", ["0/classify/seed_task_1", "任务/一", "😀"])
def test_a_stream_is_the_one_of_its_name(name: str) -> None:
    assert stream_of(name).random() == Random(name).random()
    assert stream_of(f"{name}\ud800").random() != stream_of(f"{name}\ud801").random()
