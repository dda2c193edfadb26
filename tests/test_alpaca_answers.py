"""Whole tasks in the forms of chat models."""

from __future__ import annotations

import json
from random import Random

import pytest

from selfinstruct.stages.prompting import prompt_text
from selfinstruct.stages.proposing.alpaca import Alpaca
from selfinstruct.task import Instance, Rejected, Task
from selfinstruct.teacher import Response

SHOWN = tuple(Task(str(n), f"Tell what bell number {n} is for.", (Instance("", "Noon."),)) for n in range(3))
WANTED = [("Count the geese.", "three and four", "7"), ("Name a tall tree.", "", "the fir")]
ROWS = [dict(zip(("instruction", "input", "output"), row, strict=True)) for row in WANTED]


def read(text: str, stage: Alpaca | None = None, finish: str = "stop") -> list[tuple[str, str, str] | str]:
    found = (stage or Alpaca()).parse(SHOWN, Response(text, finish))
    return [
        (one.instruction, one.instances[0].input, one.instances[0].output) if isinstance(one, Task) else one.category
        for one in found
    ]


def fields(form: str, between: str = "\n\n", none: str = "N/A") -> str:
    return between.join(form.format(row[0], row[1] or none, row[2]) for row in WANTED)


@pytest.mark.parametrize(
    "text",
    [
        fields(" {}\n4. Input: {}\n5. Output: {}", "\n###\n4. Instruction:"),
        json.dumps(ROWS),
        json.dumps({"tasks": ROWS}),
        f"```json\n{json.dumps(ROWS)}\n```",
        "\n".join(map(json.dumps, ROWS)),
        fields("INSTRUCTION: {}\nINPUT: {}\nOUTPUT: {}"),
        fields("### Instruction:\n{}\n\n### Input:\n{}\n\n### Response:\n{}"),
        fields("### Instruction\n{}\n### Input\n{}\n### Answer\n{}"),
        fields("1. Instruction: {}\n2. Input: {}\n3. Output: {}"),
        fields("**Question:** {}\n**Context:** {}\n**Answer:** {}", "\n---\n"),
        fields("指令：{}\n输入：{}\n答案：{}", none="无"),
        fields("4. Instruction: {}\n4. Input: {}\n4. Output: {}", "\n###\n", "None"),
    ],
)
def test_forms(text: str) -> None:
    assert read(text) == WANTED


def test_no_input_anywhere() -> None:
    assert read("### Instruction\nName a tall tree.\n\n### Response\nthe fir") == [WANTED[1]]


def test_the_last_task_of_a_cut_answer() -> None:
    assert read(fields("### Instruction:\n{}\n### Input:\n{}\n### Response:\n{}"), finish="length") == [
        WANTED[0],
        "truncated",
    ]
    assert read(json.dumps(ROWS)[:-9], finish="length") == [WANTED[0], "truncated"]


@pytest.mark.parametrize(
    ("said", "given"),
    [("Noinput", "Noinput"), ("<noinput>", ""), ("No input.", ""), ("N/A", ""), ("（无）", ""), ("none of them",) * 2],
)
def test_words_for_no_input(said: str, given: str) -> None:
    """ "Noinput" without its brackets is an input, as published."""
    (found,) = Alpaca().parse(SHOWN, Response(f" Name a lake.\n4. Input: {said}\n4. Output: Como.", "stop"))
    assert isinstance(found, Task)
    assert found.instances[0].input == given


@pytest.mark.parametrize("language", ["en", "zh"])
def test_copies_of_the_prompt(language: str) -> None:
    rule = next(line for line in prompt_text("alpaca", language).split("\n") if line.startswith("4."))[2:].strip()
    stage = Alpaca(language=language)
    for copy in (rule, SHOWN[1].instruction):
        (found,) = stage.parse(SHOWN, Response(f" {copy}\n4. Input: <noinput>\n4. Output: Noon.", "stop"))
        assert isinstance(found, Rejected)
        assert (found.category, found.what) == ("copied from the prompt", "task")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_structured(language: str) -> None:
    stage = Alpaca(structured=True, language=language)
    plain = str(Alpaca(language=language).prompt(SHOWN, Random(0)))
    assert str(stage.prompt(SHOWN, Random(0))).endswith(plain)
    assert Alpaca().schema(SHOWN) is None
    assert read(json.dumps({"tasks": ROWS}), stage) == WANTED
    assert read(fields("Instruction: {}\nInput: {}\nOutput: {}"), stage) == WANTED
    assert read('{"tasks": [{"instruction": "Sing."}]}', stage) == ["not in the form asked for"]


def test_a_heading_between_tasks_is_no_part_of_an_output() -> None:
    one = "**Instruction:** Explain weirs.\n**Input:** None required.\n**Output:** They dam."
    two = "**Instruction:** Name a tree.\n**Input:** Asia\n**Output:** Teak."
    text = f"### Task 4: Weirs\n{one}\n\n---\n\n### Task 5: Trees\n{two}"
    tasks = [item for item in Alpaca().parse((), Response(text)) if isinstance(item, Task)]
    assert [task.instances for task in tasks] == [(Instance("", "They dam."),), (Instance("Asia", "Teak."),)]


def test_a_row_with_its_instance_inside_is_a_task() -> None:
    text = '[{"instruction": "Explain weirs.", "instances": [{"input": "one", "output": "It dams."}]}]'
    (task,) = Alpaca().parse((), Response(text))
    assert isinstance(task, Task)
    assert task.instances == (Instance("one", "It dams."),)
