"""Answers in the ways of larger models, written for this: greetings, bold labels, fences, JSON, thoughts, in both
languages. One table a stage; what is of use is read, and what is none is not.
"""

from __future__ import annotations

from typing import Any

import pytest

from selfinstruct.running.drafts import heard
from selfinstruct.stages import (
    Backtranslate,
    Chat,
    Critique,
    Curate,
    Evolve,
    Paraphrase,
    Question,
    Rewrite,
    Summarize,
    ToolRequest,
)
from selfinstruct.task import Evolved, Instance, Task
from selfinstruct.teacher import Response

PASSAGE = "The bell of Tellin was cast in 1887 by Ida Brenner. It weighs 640 kilograms and rings in fog."
TEXT = Task("a#1", "The bell", extra={"passage": PASSAGE})
ROW = Task("a", "When was the bell cast?", (Instance(PASSAGE, "In 1887."),), extra={"passage": PASSAGE})
THOUGHTS = "<think>\nWhat could somebody have asked? The bell, perhaps.\n</think>\n\n"


def tasks(stage: Any, task: Task | None, answer: str) -> list[Task]:
    found = stage.parse((task,) if task else (), heard(Response(answer)))
    return [item for item in found if isinstance(item, Task)]


REQUEST = "Tell me about the bell of Tellin."


@pytest.mark.parametrize(
    "answer",
    [
        f"**Request:** {REQUEST}",
        f'Sure! Here is a request that this text would answer:\n\n"{REQUEST}"',
        THOUGHTS + REQUEST,
        f"```\n{REQUEST}\n```",
        f'{{"request": "{REQUEST}"}}',
        f'```json\n{{"instruction": "{REQUEST}"}}\n```',
        f"1. {REQUEST}",
        f"User: {REQUEST}",
        f"The request is:\n\n{REQUEST}",
        f"A possible user request could be:\n\n> {REQUEST}",
        f'The user might have asked: "{REQUEST}"',
        f"{REQUEST}\n\nThis request fits, because the text tells of nothing else.",
        f"好的，以下是可能的提问：\n\n{REQUEST}",
        f"用户的问题是：{REQUEST}",
    ],
)
def test_a_request_for_a_text(answer: str) -> None:
    assert [task.instruction for task in tasks(Backtranslate(), TEXT, answer)] == [REQUEST]


@pytest.mark.parametrize(
    "answer",
    [
        "The request is an invitation to a workshop, where the text asks for a list.",
        "This request asks for a list of things that ring.",
        "这个要求是介绍一口钟的历史。",
    ],
)
def test_what_tells_of_a_request_is_none(answer: str) -> None:
    assert not tasks(Backtranslate(), TEXT, answer)


TOOLS = '[{"type": "function", "function": {"name": "set_alarm", "parameters": {"type": "object", "properties": {}}}}]'
SAID = ["Wake me at 6:30 tomorrow, please.", "Can you set an alarm for noon?", "Up at five, please."]


@pytest.mark.parametrize(
    "answer",
    [
        "Here are the messages:\n\n" + "\n".join(f'{n}. **"{said}"**' for n, said in enumerate(SAID, 1)),
        "\n\n".join(f"{n}) {said}" for n, said in enumerate(SAID, 1)),
        "\n".join(SAID),
        "\n".join(f"- {said}" for said in SAID),
        "\n".join(f"User {n}: {said}" for n, said in enumerate(SAID, 1)),
        "\n".join(f"{n}. 【消息】{said}" for n, said in enumerate(SAID, 1)),
        THOUGHTS + "\n".join(SAID),
    ],
)
def test_messages_to_tools(answer: str) -> None:
    assert [task.instruction for task in tasks(ToolRequest(tools=TOOLS), None, answer)] == SAID


def test_a_message_may_be_written_carelessly() -> None:
    found = tasks(ToolRequest(tools=TOOLS), None, "wake me at 6:30 tomorrow\ncan you set an alarm for noon")
    assert len(found) == 2


@pytest.mark.parametrize(
    "answer",
    ["Hello\nI'm\nA\nWanted\nto\nset", "I'm a chatbot that sets alarms for people.", "*120}", '"6:30, 7:15" 7:30'],
)
def test_what_is_no_message(answer: str) -> None:
    assert not tasks(ToolRequest(tools=TOOLS), None, answer)


@pytest.mark.parametrize(
    "answer",
    [
        "**Question:** Who cast the bell?\n**Answer:** Ida Brenner cast it.",
        "Q1. Who cast the bell?\nA1. Ida Brenner cast it.",
        "1. **Who cast the bell?**\n   Ida Brenner cast it.",
        "### Question 1\nWho cast the bell?\n### Answer 1\nIda Brenner cast it.",
        '```json\n[{"question": "Who cast the bell?", "answer": "Ida Brenner cast it."}]\n```',
        "**问：** Who cast the bell?\n**答：** Ida Brenner cast it.",
    ],
)
def test_a_question_with_its_answer(answer: str) -> None:
    (task,) = tasks(Question(), TEXT, answer)
    assert (task.instruction, task.instances[0].output) == ("Who cast the bell?", "Ida Brenner cast it.")


@pytest.mark.parametrize(
    "answer",
    ["4", "**4**\nClear.", "Rating: 4/5", "Score: 4 out of 5.", THOUGHTS + "4", "评分：4分", "Number: 4", "4 of 5"],
)
def test_a_number_of_five(answer: str) -> None:
    assert [task.extra["quality"] for task in tasks(Curate(), ROW, answer)] == [4]


GIVEN = "A bakery makes 24 rolls and sells 10. How many are left?"
PROBLEM = Task("m", GIVEN, evolved=Evolved("math_up_constraint", 1, GIVEN))


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ("A bakery makes 24 rolls and 6 buns. Find how many there are in all.", True),
        ("面包店做了24个面包，卖掉三分之一，求还剩几个。", True),
        ("Baking 24 x 35 = 720 no more rolls, no more rolls left.", False),
        ("You can't help me, 3 + 4 is not 3 + 4 + 1.", False),
    ],
)
def test_a_question_does_not_become_a_statement(answer: str, kept: bool) -> None:
    assert bool(tasks(Evolve(), PROBLEM, answer)) == kept


SUMMARY = "The bell of Tellin rings in fog."


@pytest.mark.parametrize(
    "answer",
    [
        f"**Summary:** {SUMMARY}",
        f"Sure! Here is a summary:\n\n{SUMMARY}",
        f"Certainly! {SUMMARY}",
        f'{{"summary": "{SUMMARY}"}}',
        f"```\n{SUMMARY}\n```",
        f"摘要：{SUMMARY}",
    ],
)
def test_a_summary(answer: str) -> None:
    given = Task("a#1", "Summarize the text.", extra={"passage": PASSAGE, "form": "sentence"})
    assert [task.instances[0].output for task in tasks(Summarize(), given, answer)] == [SUMMARY]


@pytest.mark.parametrize(
    "answer",
    [
        f"**Answer:**\n\n{SUMMARY}",
        f"[Answer]\n{SUMMARY}",
        f"Certainly! {SUMMARY}",
        f'{{"answer": "{SUMMARY}"}}',
        f"回答：{SUMMARY}",
        THOUGHTS + SUMMARY,
    ],
)
def test_a_text_written_anew(answer: str) -> None:
    given = Task("a", "When does it ring?", (Instance("", PASSAGE),), extra={"passage": PASSAGE})
    assert [task.instances[0].output for task in tasks(Rewrite(), given, answer)] == [SUMMARY]


STAIN = Task(
    "c",
    "How do I clean a wine stain?",
    (Instance("", "Boiling water, you fool."),),
    extra={"critique": {"principle": "The answer is polite.", "text": ""}},
)


def test_a_critique_ends_before_a_revision_and_may_find_nothing() -> None:
    (task,) = tasks(Critique(), STAIN, "**Critique:** It is rude.\n\n**Revision:** Boiling water.")
    assert task.extra["critique"]["text"] == "It is rude."
    (task,) = tasks(Critique(), STAIN, "The answer is fine; nothing to criticize.")
    assert "critique" not in task.extra


def test_another_wording_without_its_number() -> None:
    given = Task("u", "Sort the birds.", (Instance("duck, owl", "duck: water"),))
    found = tasks(Paraphrase(), given, "1. Which of {INPUT} live on water?")
    assert found[-1].instruction == "Which of duck, owl live on water?"


@pytest.mark.parametrize(
    "answer",
    [
        "Q: Why?\nA: Fog.\nQ: How often?\nA: Rarely.",
        "**问：** Why?\n**答：** Fog.\n**问：** How often?\n**答：** Rarely.",
        '[{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Fog."},'
        ' {"role": "user", "content": "How often?"}, {"role": "assistant", "content": "Rarely."}]',
        '{"conversation": [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "Fog."},'
        ' {"from": "human", "value": "How often?"}, {"from": "gpt", "value": "Rarely."}]}',
    ],
)
def test_a_conversation_with_other_names(answer: str) -> None:
    (task,) = tasks(Chat(), Task("q", "Why?"), answer)
    assert [turn["content"] for turn in task.turns] == ["Why?", "Fog.", "How often?", "Rarely."]
