"""Proposals in the forms of chat models, with what is no task beside them."""

from __future__ import annotations

import json
from random import Random

import pytest

from selfinstruct.stages.propose import Propose
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Response

SHOWN = tuple(Task(str(n), f"Tell what bell number {n} is for.") for n in range(8))
ONE, TWO = "Explain how a weir works.", "Which tree on the list grows fastest?"


def read(text: str, stage: Propose | None = None) -> tuple[list[str], list[Rejected]]:
    found = list((stage or Propose()).parse(SHOWN, Response(text, "stop")))
    tasks = [one.instruction for one in found if isinstance(one, Task)]
    return tasks, [one for one in found if isinstance(one, Rejected)]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([ONE, TWO]),
        json.dumps({"tasks": [{"Instruction": ONE}, {"instruction": TWO}]}),
        f"Here are some tasks:\n```json\n{json.dumps([ONE, TWO])}\n```",
        f'{{"instruction": "{ONE}"}}\n{{"instruction": "{TWO}"}}',
        f"INSTRUCTION: {ONE}\n\ninstruction: {TWO}",
        f"### Instruction\n{ONE}\n\n### Instruction\n{TWO}",
        f"### Instruction 1:\n{ONE}\n\n### Instruction 2:\n{TWO}",
        f"**Task 1**\n{ONE}\n\n**Task 2**\n{TWO}",
        f"9. **Instruction:** {ONE}\n10. **Instruction:** {TWO}",
        f" {ONE}\n10. {TWO}",
    ],
)
def test_forms(text: str) -> None:
    assert read(text)[0] == [ONE, TWO]


@pytest.mark.parametrize(
    "text",
    [
        "The list is long because it holds many tasks. The first one was about bells, which are heavy.",
        "I am not sure what is wanted. It is a list that has no end.",
        "# The weir\n\n" + "A weir is a low dam that holds a river back. " * 8,
        "I understand. This would be a fine list.",
        "| bell | use |\n|---|---|\n| 1 | noon |",
        "这份清单很有意思。它包括各种各样的任务。",
    ],
)
def test_prose_is_no_task(text: str) -> None:
    assert read(text) == ([], [Rejected(text, "no task in the answer", what="answer")])


@pytest.mark.parametrize(
    "text",
    [
        "Sketch how a weir works.",
        "Name\nthree weirs in one river",
        "The sentence below has a mistake. Mend it.",
        "I have two bells and one rope. How do I ring both?",
        "Here are three bells. Which is the loudest?",
    ],
)
def test_the_item_itself_is_a_task(text: str) -> None:
    assert read(f" {text}")[0] == [" ".join(text.split())]


def test_only_the_instruction_is_kept() -> None:
    tasks, others = read(f"9. {ONE}\nInput: a river\nOutput: It dams.\n10. {TWO}\nAnswer: the willow")
    assert tasks == [ONE, TWO]
    assert [(one.text, one.what) for one in others] == [
        ("Input: a river\nOutput: It dams.", "remark"),
        ("Answer: the willow", "remark"),
    ]
    assert read(f"1. Instruction: {ONE}\n2. Input: a river\n3. Output: It dams.")[0] == [ONE]
    assert read(json.dumps([{"instruction": ONE, "output": "It dams."}]))[0] == [ONE]


def test_what_the_prompt_shows_is_copied() -> None:
    tasks, (copied,) = read(f"1. tell what bell number 3 is for\n2. {ONE}")
    assert tasks == [ONE]
    assert (copied.category, copied.detail, copied.what) == ("copied from the prompt", "a task of the prompt", "task")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_structured(language: str) -> None:
    stage = Propose(structured=True, language=language)
    plain = str(Propose(language=language).prompt(SHOWN, Random(0)))
    assert str(stage.prompt(SHOWN, Random(0))).endswith(plain)
    assert (Propose().schema(SHOWN), Propose().continues, stage.continues) == (None, True, False)
    assert stage.schema(SHOWN)["properties"].keys() == {"tasks"}  # type: ignore[index]
    assert read(json.dumps({"tasks": [ONE, TWO]}), stage) == ([ONE, TWO], [])
    assert read(f"9. {ONE}\n10. {TWO}", stage)[0] == [ONE, TWO]
    assert read('{"tasks": []}', stage)[1][0].what == "answer"
