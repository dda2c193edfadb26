"""Proposals in the forms of chat models, with what is no task beside them."""

from __future__ import annotations

import json
from random import Random

import pytest

from selfinstruct.stages.proposing.propose import Propose
from selfinstruct.stages.reading.lists import list_items
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Response

SHOWN = tuple(Task(str(n), f"Tell what bell number {n} is for.") for n in range(8))
ONE, TWO = "Explain how a weir works.", "Which tree on the list grows fastest?"


def read(text: str, stage: Propose | None = None) -> tuple[list[str], list[Rejected]]:
    found = list((stage or Propose()).parse(SHOWN, Response(text, "stop")))
    tasks = [one.instruction for one in found if isinstance(one, Task)]
    return tasks, [one for one in found if isinstance(one, Rejected)]


def test_a_list_in_one_line() -> None:
    three = ["Name a river in Spain.", "Count the geese.", "Say what a lock is."]
    for text in (" {} 4. {} 5. {}", "3. {} 4. {} 5. {}", "1. {} 2. {} 3. {}"):
        assert [item.strip() for item in list_items(text.format(*three), 3)[0]] == three
    for text in ("Put them in order. 1. Oak 2. Ash 3. Elm", "1. Name it. 3. Count it. 7. Say it.", "Use 4. Then 5."):
        assert len(list_items(text, 3)[0]) == 1


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
    assert Propose().schema(SHOWN) is None
    assert stage.schema(SHOWN)["properties"].keys() == {"tasks"}  # type: ignore[index]
    assert read(json.dumps({"tasks": [ONE, TWO]}), stage) == ([ONE, TWO], [])
    assert read(f"9. {ONE}\n10. {TWO}", stage)[0] == [ONE, TWO]
    assert read('{"tasks": []}', stage)[1][0].what == "answer"


@pytest.mark.parametrize(
    "text",
    [
        "This is a varied list. Every task in it needs another skill.",
        "A weir is a low dam. It holds the river back.\n\nMany mills stand beside one.\n\nSo weirs are useful.",
        "Low stands the river in the heat,\nThe bells are silent in the street,\nThe miller sleeps.",
        "Dear Ms Hall,\n\nthe bell rang at four again.\n\nYours, Tom",
        "To clean a bell, follow these steps:\n\n1. Take it down.\n2. Rub it with a dry cloth.",
        "Here are three uses:\n\n1. **Noon**: It tells the village that it is noon.\n2. **Fire**: It warns of fire.",
        "1. It is used at noon.\n2. The second one is for weddings.\n3. They ring it when there is a fire.",
        "钟是用来报时的。",
        "您给出的清单很丰富，每个任务都不一样。",
    ],
)
def test_answers_to_a_task_are_no_tasks(text: str) -> None:
    """They were: an essay's first paragraph, a poem, the steps of a recipe each on its own."""
    assert read(text) == ([], [Rejected(text, "no task in the answer", what="answer")])


@pytest.mark.parametrize(
    ("text", "others"),
    [
        (
            f"### Task 9: Weirs\n**Instruction:** {ONE}\n\n### Task 10: Trees\n**Instruction:** {TWO}",
            ["Weirs", "Trees"],
        ),
        (f"9. {ONE}\n\nIt dams a river.\n\n10. {TWO}\n\nThe willow does.", ["It dams a river.", "The willow does."]),
        (f"9. {ONE} Input: a river Output: It dams.\n10. {TWO} Answer: the willow", None),
        (f"Question 9: {ONE}\nQuestion 10: {TWO}", []),
        (f"**Prompt 1:** {ONE}\n\n**Prompt 2:** {TWO}", []),
        (f"9. `{ONE}`\n10. “{TWO}”", []),
        (f"9. {ONE}\n---\n10. {TWO}\n---", []),
        (f"9. {ONE}\n10. {TWO}\n[End of list]", ["[End of list]"]),
        (f"9. {ONE}\n10. {TWO}\n11. End of list.", ["End of list."]),
    ],
)
def test_what_is_around_an_instruction_is_a_remark(text: str, others: list[str] | None) -> None:
    tasks, rejected = read(text)
    assert tasks == [ONE, TWO]
    assert {one.what for one in rejected} <= {"remark"}
    assert others is None or [one.text for one in rejected] == others
