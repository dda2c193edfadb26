"""JSON answers in the forms that models write, and those that are none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.stages.reading.json_answers import fields_of, json_answer, objects_in, schema_of, strictly
from selfinstruct.task import Rejected

TEXTS = ["Fold a paper boat.", "Count the geese on the pond."]
LIST = json.dumps(TEXTS)
FORMS = {
    "list": LIST,
    "fenced": f"```json\n{LIST}\n```",
    "greeted": f"Sure, these are new:\n```\n{LIST}\n```",
    "inside an object": json.dumps({"tasks": TEXTS}),
    "deep inside": json.dumps({"result": {"tasks": TEXTS}}),
    "a comma too many": LIST[:-1] + ",]",
    "numbered keys": json.dumps({"9": TEXTS[0], "task_10": TEXTS[1]}),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_list_of_texts(form: str) -> None:
    assert objects_in(FORMS[form]) == TEXTS


OBJECTS = [{"instruction": text} for text in TEXTS]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(OBJECTS),
        "\n".join(map(json.dumps, OBJECTS)),
        "\n".join(f"{n}. {json.dumps(one)}" for n, one in enumerate(OBJECTS, 9)),
        "\n\n".join(f"```json\n{json.dumps(one)}\n```" for one in OBJECTS),
    ],
)
def test_objects_one_by_one(text: str) -> None:
    assert objects_in(text) == OBJECTS


@pytest.mark.parametrize("text", ["", "Sort {a, b} by size.", "[New task] Sing.", "[1] Sing a song.", "No list here."])
def test_what_is_no_json(text: str) -> None:
    assert json_answer(text) is None


def test_an_item_that_breaks_off_is_told_apart() -> None:
    found = json_answer('[{"instruction": "Fold a paper boat."}, {"instruction": "Count the ge')
    assert found is not None
    assert (found.items, found.cut) == ([OBJECTS[0]], '{"instruction": "Count the ge')


@pytest.mark.parametrize(
    ("item", "fields"),
    [
        ("Sing.", {"instruction": "Sing."}),
        ({"Task": "Sing.", "Expected_Output": "La."}, {"instruction": "Sing.", "output": "La."}),
        ({"指令": "唱歌。", "输入": None, "输出": 3}, {"instruction": "唱歌。", "input": "", "output": "3"}),
        (7, {}),
    ],
)
def test_fields(item: Any, fields: dict[str, str]) -> None:
    assert fields_of(item) == fields


def test_strict_reading() -> None:
    assert schema_of("tasks")["properties"]["tasks"]["items"] == {"type": "string"}
    assert strictly(json.dumps({"tasks": TEXTS}), "tasks") == [{"": text} for text in TEXTS]
    assert strictly("9. Fold a paper boat.", "tasks") is None
    (wrong,) = strictly('{"tasks": [3]}', "tasks") or []
    assert isinstance(wrong, Rejected)
    assert wrong.category == "not in the form asked for"
    (none,) = strictly('{"items": []}', "tasks") or []
    assert isinstance(none, Rejected)
    assert none.what == "answer"


pieces = st.lists(st.sampled_from([*'{}[]":,\\\n', "```", "```json\n", '"a"', '{"task": "b c d"}', "1. ", "x"]))


@given(pieces.map("".join) | st.text())
def test_any_text_is_read(text: str) -> None:
    json_answer(text)
    strictly(text, "tasks", ("instruction",))
