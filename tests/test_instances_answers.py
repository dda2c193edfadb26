"""Instances as real models write them: JSON, labels in any case and by other names, copies of our own examples."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.stages import Instances
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Response
from selfinstruct.text.nothing import no_answer

COUNT = Task("a", "Count the geese.")
MOOD = Task("b", "Say which mood it is.", is_classification=True)
TWO = [("three geese", "3"), ("four geese", "4")]
ITEMS = [dict(zip(("input", "output"), one, strict=True)) for one in TWO]
MOODS = [("We won.", "glad"), ("We lost.", "sad")]
LABELLED = [{"class_label": label, "input": given} for given, label in MOODS]


def read(text: str, task: Task = COUNT, stage: Instances | None = None) -> list[Task | Rejected]:
    return list((stage or Instances()).parse((task,), Response(text)))


def kept(text: str, task: Task = COUNT, stage: Instances | None = None) -> list[tuple[str, str]]:
    tasks = [item for item in read(text, task, stage) if isinstance(item, Task)]
    return [(one.input, one.output) for item in tasks for one in item.instances]


def rejected(text: str, task: Task = COUNT, stage: Instances | None = None) -> list[tuple[str, str]]:
    return [(item.what, item.category) for item in read(text, task, stage) if isinstance(item, Rejected)]


def form(heading: str, given: str, output: str) -> str:
    return "\n".join(f"{heading.format(n)}{given}{a}{output}{b}\n" for n, (a, b) in enumerate(TWO, 1))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ITEMS),
        json.dumps({"examples": ITEMS}),
        f"Here are the examples:\n```json\n{json.dumps(ITEMS)}\n```",
        "\n".join(map(json.dumps, ITEMS)),
        form("Example {}\n", "Input: ", "\nOutput: "),
        form("### Example {}\n\n", "**Input:** ", "\n\n**Output:** "),
        form("Example {}:\n", "INPUT: ", "\nOUTPUT: "),
        form("## Example {}\n", "### Input\n", "\n### Response\n"),
        form("**Example {}**\n\n", "**INPUT**\n\n", "\n\n**OUTPUT**\n\n"),
        form("Test case {}:\n", "Input: ", "\nExpected output: "),
        form("Instance {}\n", "Input: ", "\nAnswer: "),
        form("", "input: ", "\noutput: "),
        form("示例{}\n", "输入：", "\n答案："),
        form("", "Input: ", "\nResponse: "),
        form("{}. ", "Input: ", ", Output: "),
        form("", "Input: ", " Output: "),
        form("- ", "**Input:** ", " | **Output:** "),
        form("{}. ", "输入：", "；输出："),
        form("", "Q: ", "\nA: "),
        form("", "Q: ", " / A: "),
        form("", "Q{}: ", "\nA: ").replace("{}", "1"),
        form("", "问：", "\n答："),
    ],
)
def test_instances_in_many_forms(text: str) -> None:
    assert kept(text) == TWO


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(LABELLED),
        json.dumps([{"label": label, "text": given} for given, label in MOODS]),
        "CLASS LABEL: glad\nWe won.\nCLASS LABEL: sad\nWe lost.",
        "Label: glad\nInput: We won.\n\nLabel: sad\nInput: We lost.",
        "### Example 1\n**Class label:** glad\n**Input:** We won.\n\n"
        "### Example 2\n**Class label:** sad\n**Input:** We lost.",
        "标签：glad\n输入：We won.\n标签：sad\n输入：We lost.",
    ],
)
def test_instances_of_a_classification_task(text: str) -> None:
    assert kept(text, MOOD) == MOODS


@pytest.mark.parametrize("none", ["N/A", "None", "<noinput>", "No input needed", "无", "(none)"])
def test_no_input(none: str) -> None:
    assert kept(f"Example 1\nInput: {none}\nOutput: 3") == [("", "3")]
    assert kept(json.dumps([{"input": none, "output": "3"}])) == [("", "3")]
    assert kept(f"Class label: glad\nInput: {none}", MOOD) == [("", "glad")]


@pytest.mark.parametrize("place", ["<nooutput>", "N/A", "…", "...", "[output]", "<output>", "[Your answer here]"])
def test_an_output_that_is_left_open_is_none(place: str) -> None:
    assert no_answer(place)
    text = f"Example 1\nInput: two\nOutput: {place}\nExample 2\nInput: three\nOutput: 3"
    assert kept(text) == [("three", "3")]
    assert rejected(text) == [("instance", "a placeholder")]


@pytest.mark.parametrize("output", ["[1, 2]", "[]", "{}", "None", "<b>", "-3", "0.5", "[sad]", "no"])
def test_outputs_that_look_open_and_are_not(output: str) -> None:
    assert kept(f"Example 1\nInput: two\nOutput: {output}") == [("two", output)]


@pytest.mark.parametrize(
    ("task", "text"),
    [
        (COUNT, "Example 1\nInput: The shop opens at nine.\nOutput: Does the shop open at nine?"),
        (COUNT, "Example 1\nInput: oak, ash, elm, beech\nOutput: 4"),
        (COUNT, "Output: Trimmed the wick, polished the lens and wrote the log."),
        (COUNT, json.dumps([{"input": "They have sold the boat.", "output": "Have they sold the boat?"}])),
        (MOOD, "Class label: positive\nThe kettle boils in two minutes, never drips and still looks new after a year."),
    ],
)
def test_our_own_examples_are_none_of_the_teachers(task: Task, text: str) -> None:
    assert kept(text, task) == []
    assert ("instance", "copied from the prompt") in rejected(text, task)
    own = Instances(input_first="Do it: {instruction}", output_first="Label it: {instruction}")
    assert kept(text, task, own), "asked by another prompt it is the teacher's"


def test_what_is_said_before_the_first_example_is_a_remark() -> None:
    text = "The task is to count.\n\n" + form("Example {}\n", "Input: ", "\nOutput: ")
    assert kept(text) == TWO
    assert rejected(text) == [("remark", "not part of an instance")]


def test_structured() -> None:
    stage = Instances(structured=True)
    for task, items, wanted in ((COUNT, ITEMS, TWO), (MOOD, LABELLED, MOODS)):
        schema = stage.schema((task,))
        assert schema
        assert schema["properties"]["instances"]["items"]["required"] == list(items[0])
        prompt = str(stage.prompt((task,), Random(0)))
        assert prompt.endswith(str(Instances().prompt((task,), Random(0))))
        assert f'"{next(iter(items[0]))}"' in prompt
        assert kept(json.dumps({"instances": items}), task, stage) == wanted
        short = json.dumps({"instances": [*items, {"input": "five"}]})
        assert kept(short, task, stage) == wanted
        assert rejected(short, task, stage) == [("instance", "not in the form asked for")]
    assert kept("Input: three geese\nOutput: 3", stage=stage) == TWO[:1]
    assert Instances().schema((COUNT,)) is None


def test_structured_without_an_instance_is_an_end_of_the_task() -> None:
    text = '{"instances": [{"input": "five"}]}'
    assert rejected(text, stage=Instances(structured=True)) == [
        ("instance", "not in the form asked for"),
        ("task", "no instance in the answer"),
    ]


PIECES = st.sampled_from(
    ["Example 1\n", "INPUT: a\n", "Answer: b\n", "Class label: c\n", "### Output\n", "x\n", "[", "{}"]
)


@given(st.lists(PIECES, max_size=10).map("".join), st.sampled_from([COUNT, MOOD]), st.booleans())
def test_nothing_is_kept_empty(text: str, task: Task, structured: bool) -> None:
    items = read(text, task, Instances(structured=structured))
    assert items
    assert all(one.output for item in items if isinstance(item, Task) for one in item.instances)


@pytest.mark.parametrize(
    "text",
    [
        "Example 1\nInput: Warm soup.\nClass label: good\n\nExample 2\nInput: Cold soup.\nClass label: bad",
        "Example 1\nWarm soup.\nClass label: good\n\nExample 2\nCold soup.\nClass label: bad",
        "### Example 1\n**Input:** Warm soup.\n**Label:** good\n\n### Example 2\n**Input:** Cold soup.\n**Label:** bad",
        "Input: Warm soup.\nOutput: good\n\nInput: Cold soup.\nOutput: bad",
        "示例1\n输入：Warm soup.\n类别标签：good\n\n示例2\n输入：Cold soup.\n类别标签：bad",
        "Class label: good\nWarm soup.\nClass label: bad\nCold soup.",
        "Label: good\nInput: Warm soup.\n\nLabel: bad\nInput: Cold soup.",
    ],
)
def test_a_label_belongs_to_its_own_input_whichever_comes_first(text: str) -> None:
    (task,) = Instances().parse((Task("a", "Is it good?", is_classification=True),), Response(text))
    assert isinstance(task, Task)
    assert [(one.input, one.output) for one in task.instances] == [("Warm soup.", "good"), ("Cold soup.", "bad")]


def test_what_is_said_around_inputs_that_come_first_is_a_remark() -> None:
    text = "Here:\n\nExample 1\nInput: Warm soup.\nClass label: good\nIt is warm."
    *remarks, task = Instances().parse((Task("a", "Is it good?", is_classification=True),), Response(text))
    assert isinstance(task, Task)
    assert [(one.input, one.output) for one in task.instances] == [("Warm soup.", "good")]
    assert [(one.text, one.what) for one in remarks if isinstance(one, Rejected)] == [
        ("Here:", "remark"),
        ("It is warm.", "remark"),
    ]
