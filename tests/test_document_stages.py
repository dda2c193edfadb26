"""Stages that work on passages: what they ask, and what they make of how teachers answer, in both languages."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from fakes import passage
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.errors import UsageError
from selfinstruct.filters import FILTERS
from selfinstruct.filters.pool import Pool
from selfinstruct.simulator import builtin
from selfinstruct.stages import STAGES, Backtranslate, Curate, Ground, Question, Rewrite, Summarize
from selfinstruct.stages.answering.summarize import forms
from selfinstruct.stages.reading.grounds import grounded_in_verdict
from selfinstruct.stages.reading.pairs import pairs_in
from selfinstruct.task import Instance, Rejected, Task
from selfinstruct.teacher import Request, Response
from selfinstruct.text.standalone import NOT_SAID, POINTS, not_said, points_to_text

TEXT = (
    "The ferry at Marrow Point crossed the inlet from 1911 until 1964, when the bridge was opened. Its last captain, "
    "Edda Lindqvist, kept a log of every crossing in bad weather. A crossing took 25 minutes and cost two crowns."
)
TEXT_ZH = (
    "马罗角的渡船从1911年开到1964年，大桥通车以后停航。最后一任船长每逢坏天气都写航海日志。渡海一次要25分钟，票价两元。"
)
GIVEN = Task("a.md#1", "The ferry", extra={"passage": TEXT, "document": "a.md", "title": "Almanac"})
GIVEN_ZH = Task("a.md#2", "渡船", extra={"passage": TEXT_ZH, "document": "a.md", "title": "年鉴"})
ANSWERED = Task("a.md#1.1", "When did it begin?", (Instance(TEXT, "It began in 1911."),), extra=GIVEN.extra)

TWO = [
    ("When did the ferry begin?", "It began in 1911."),
    ("Who was its captain?", "Edda Lindqvist was.\nShe kept a log."),
]
TWO_ZH = [("渡船是哪年开始的？", "是1911年开始的。"), ("票价是多少？", "票价是两元。")]

ANSWERS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "as asked for": (
        "Question: When did the ferry begin?\nAnswer: It began in 1911.\n"
        "Question: Who was its captain?\nAnswer: Edda Lindqvist was.\nShe kept a log.",
        TWO,
    ),
    "bold, numbered, with a greeting and a goodbye": (
        "Sure! Here are the questions:\n\n**Question 1:** When did the ferry begin?\n**Answer 1:** It began "
        "in 1911.\n\n**Question 2:** Who was its captain?\n**Answer 2:** Edda Lindqvist was.\nShe kept a log.\n\n"
        "Let me know if you need more examples!",
        TWO,
    ),
    "Q and A": (
        "Q1: When did the ferry begin?\nA1: It began in 1911.\n\nQ2: Who was its captain?\n"
        "A2: Edda Lindqvist was.\nShe kept a log.",
        TWO,
    ),
    "in one line": (
        "1. Question: When did the ferry begin? Answer: It began in 1911.\n"
        "2. Question: Who was its captain? Answer: Edda Lindqvist was.\nShe kept a log.",
        TWO,
    ),
    "a list without labels": (
        "1. When did the ferry begin?\nIt began in 1911.\n\n"
        "2. Who was its captain?\nEdda Lindqvist was.\nShe kept a log.",
        TWO,
    ),
    "bold questions": (
        "**1. When did the ferry begin?**\nIt began in 1911.\n\n**2. Who was its captain?**\nEdda Lindqvist was.\n"
        "She kept a log.",
        TWO,
    ),
    "headings": (
        "### Question 1\nWhen did the ferry begin?\n### Answer 1\nIt began in 1911.\n\n### Question 2\n"
        "Who was its captain?\n### Answer 2\nEdda Lindqvist was.\nShe kept a log.",
        TWO,
    ),
    "goes on behind the heading": (
        " When did the ferry begin?\nAnswer: It began in 1911.\nQuestion: Who was its captain?\n"
        "Answer: Edda Lindqvist was.\nShe kept a log.",
        TWO,
    ),
    "JSON in a fence": (
        "Here you go:\n```json\n"
        + json.dumps([{"question": question, "answer": answer} for question, answer in TWO])
        + "\n```",
        TWO,
    ),
    "JSON in an object": (json.dumps({"qa_pairs": [{"question": q, "answer": a} for q, a in TWO]}), TWO),
    "thoughts before": (
        "<think>Question: what to ask?</think>Question: When did the ferry begin?\nAnswer: It began in 1911.",
        TWO[:1],
    ),
    "Chinese": ("问题：渡船是哪年开始的？\n答案：是1911年开始的。\n问题：票价是多少？\n答案：票价是两元。", TWO_ZH),
    "Chinese, bold": (
        "好的，以下是问题和答案：\n\n**问题1：** 渡船是哪年开始的？\n**答案1：** 是1911年开始的。\n\n"
        "**问题2：** 票价是多少？\n**答案2：** 票价是两元。",
        TWO_ZH,
    ),
    "Chinese, in short": (
        "1. 问：渡船是哪年开始的？\n答：是1911年开始的。\n2. 问：票价是多少？\n答：票价是两元。",
        TWO_ZH,
    ),
    "Chinese, a list": ("1、渡船是哪年开始的？\n是1911年开始的。\n2、票价是多少？\n票价是两元。", TWO_ZH),
    "Chinese, in brackets": ("【问题1】渡船是哪年开始的？\n【答案1】是1911年开始的。", TWO_ZH[:1]),
    "an answer with a list in it": (
        "Question: What is there to bring?\nAnswer: Bring three things:\n1. A rope\n2. A lamp\n3. A map",
        [("What is there to bring?", "Bring three things:\n1. A rope\n2. A lamp\n3. A map")],
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_questions_and_answers_are_read(name: str) -> None:
    text, expected = ANSWERS[name]
    pairs, _ = pairs_in(text)
    assert [(pair.question, pair.answer) for pair in pairs if not pair.fault] == expected
    found = list(Question().parse((GIVEN,), Response(text, "stop")))
    tasks = [item for item in found if isinstance(item, Task)]
    assert [(task.instruction, task.instances[0].output) for task in tasks] == expected
    assert all(task.instances[0].input == TEXT and task.extra == GIVEN.extra for task in tasks)
    assert all(item.what == "remark" for item in found if isinstance(item, Rejected))


def reasons(stage: Any, text: str, task: Task = GIVEN, finish: str = "stop") -> list[str]:
    found = stage.parse((task,), Response(text, finish))
    return [item.category for item in found if isinstance(item, Rejected) and item.what != "remark"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("I cannot help with that.", ["no question in the answer"]),
        ("", ["no question in the answer"]),
        ("Question: Who was it?", ["a question without an answer"]),
        ("Question: Who was it?\nAnswer:", ["a question without an answer"]),
        ("Question: Who?\nAnswer: Edda.\nQuestion: Who?\nAnswer: She.", ["asked before"]),
        ("Question: Who?\nAnswer: The text does not say who it was.", ["not in the passage"]),
        ("问题：是谁？\n答案：文中没有提到。", ["not in the passage"]),
        ("Question: Who was it?\nAnswer: Who was it?", ["the answer is the question"]),
    ],
)
def test_what_is_no_question_says_why(text: str, why: list[str]) -> None:
    assert reasons(Question(), text) == why


def test_an_answer_that_breaks_off_loses_its_last_pair() -> None:
    text = ANSWERS["as asked for"][0]
    assert reasons(Question(), text, finish="length") == ["truncated"]


def test_questions_for_those_who_have_no_text() -> None:
    stage = Question(passage=False)
    assert "never see it" in str(stage.prompt((GIVEN,), Random(0)))
    text = (
        "Question: When did the ferry at Marrow Point begin?\nAnswer: It began in 1911.\n"
        "Question: What does the author say of the log?\nAnswer: It was kept in bad weather."
    )
    (task, lost) = stage.parse((GIVEN,), Response(text, "stop"))
    assert isinstance(task, Task)
    assert task.instances == (Instance("", "It began in 1911."),)
    assert task.extra["passage"] == TEXT
    assert isinstance(lost, Rejected)
    assert (lost.category, lost.detail) == ("cannot stand alone", "does the author")


@pytest.mark.parametrize("row", POINTS, ids=lambda row: row.example)
def test_what_points_to_a_text(row: Any) -> None:
    assert points_to_text(row.example)
    assert row.provenance


@pytest.mark.parametrize("row", NOT_SAID, ids=lambda row: row.example)
def test_what_says_that_a_text_says_nothing(row: Any) -> None:
    assert not_said(row.example)


@pytest.mark.parametrize(
    "question",
    [
        "Who is the author of Emma?",
        "What is it called when bees keep warm?",
        "Why is it important to rest the dough?",
        "How long did the ferry at Marrow Point run?",
        "Which text editors can open such files?",
        "What should one do the following day?",
        "What happened in this year?",
        "《红楼梦》的作者是谁？",
        "以上海为例，城市怎样治理内涝？",
        "渡船是哪年停航的？",
    ],
)
def test_what_stands_alone(question: str) -> None:
    assert not points_to_text(question)


VERDICTS = {
    True: (
        *(
            "Yes",
            "yes.",
            "**Yes**\nEach statement is in the text.",
            "Yes, all of it.",
            '{"grounded": true}',
            "是",
            "是。都有依据。",
        ),
        *(
            "Verdict: Yes",
            "Supported",
            "True",
            "The answer is checked below.\n\n**Verdict: Yes**",
            "全部有依据",
            "都有依据吗：是",
        ),
        *("Everything in the answer is supported by the text.", "Yes, there is no unsupported statement.", "有依据"),
    ),
    False: (
        *(
            "No",
            "No\nThe year is not in it.",
            "**No**",
            "no, 1912 is wrong",
            '{"grounded": false}',
            "否",
            "否\n年份不对。",
            "不是",
        ),
        *(
            "Verdict: No",
            "Not supported",
            "Unsupported",
            "False",
            "Partly: the year is missing.",
            "没有依据",
            "不完全有依据",
        ),
        *("The year 1912 is not mentioned in the text.", "Not everything is in the text.", "结论：否"),
    ),
    None: ("", "hard to say", "The text is about a ferry.", "渡船", "{", "maybe"),
}


@pytest.mark.parametrize(("verdict", "text"), [(verdict, text) for verdict, some in VERDICTS.items() for text in some])
def test_verdicts_on_grounds(verdict: bool | None, text: str) -> None:
    assert grounded_in_verdict(text) is verdict
    found = list(Ground().parse((ANSWERED,), Response(text, "stop")))
    if verdict:
        assert found == [ANSWERED]
    else:
        assert reasons(Ground(), text, ANSWERED) == ["not judged" if verdict is None else "not in the passage"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(
            ("4", 4),
            ("5\nComplete.", 5),
            ("Score: 4/5", 4),
            ("4 out of 5", 4),
            ("**4**", 4),
            ("评分：4分（满分5分）", 4),
        ),
        *(("On a scale of 1 to 5, I would give it a 4.", 4), ('{"quality": 5}', 5), ("五分", 5), ("4.5", 4.5)),
    ],
)
def test_numbers_of_five(text: str, number: float) -> None:
    (task,) = Curate().parse((ANSWERED,), Response(text, "stop"))
    assert isinstance(task, Task)
    assert task.extra["quality"] == number


def test_numbers_that_are_too_low_or_none() -> None:
    assert reasons(Curate(), "2\nIt is an advertisement.", ANSWERED) == ["quality"]
    assert reasons(Curate(least=2), "2", ANSWERED) == []
    for text in ("", "hard to say", "7", "3 or 4"):
        assert reasons(Curate(), text, ANSWERED) == ["not judged"]
    with pytest.raises(UsageError, match="curate: least is 9"):
        Curate(least=9)


LONG = TEXT + " " + passage(Random(1), chinese=False)


@pytest.mark.parametrize(
    ("form", "text", "why"),
    [
        ("sentence", "The ferry ran from 1911 until a bridge was opened.", []),
        ("sentence", "**Summary:** The ferry ran from 1911 until a bridge was opened.", []),
        ("sentence", '"The ferry ran from 1911 until a bridge was opened."', []),
        ("sentence", "It ran. It stopped. It sank. It rose.", ["not in the form asked for"]),
        ("points", "- It ran from 1911.\n- It stopped in 1964.", []),
        ("points", "Key points:\n\n1. It ran from 1911.\n2. It stopped in 1964.", []),
        ("points", "It ran from 1911. It stopped in 1964.", ["not in the form asked for"]),
        ("points", "It ran from 1911\nIt stopped in 1964", ["not in the form asked for"]),
        ("title", "The Last Ferry of Marrow Point", []),
        ("title", "Title: The Last Ferry\n\nIt ran for long.", ["not in the form asked for"]),
        ("plain", LONG, ["no shorter than the passage"]),
        ("plain", LONG[:230], ["copied from the passage"]),
        ("plain", "The text does not mention anything.", ["not in the passage"]),
        ("plain", "As an AI language model, I cannot do that.", ["refusal"]),
        ("plain", "...", ["no answer"]),
    ],
)
def test_summaries(form: str, text: str, why: list[str]) -> None:
    task = Task("a", "Sum up.", extra={"passage": LONG, "form": form})
    assert reasons(Summarize(), text, task) == why


def test_forms() -> None:
    """Each is drawn, in the recipe's language, and says what is asked for in it."""
    for language, has in (("en", "text"), ("zh", "")):
        stage = Summarize(language=language)
        drawn = [stage.prepare(GIVEN, Random(number), 1) for number in range(99)]
        assert {task.extra["form"] for task in drawn} == set(forms())
        assert all(task.instruction.isascii() == (language == "en") for task in drawn)
        assert has in drawn[0].instruction
    for one in forms().values():
        assert len(one["en"]) == len(one["zh"]) == 3
    with pytest.raises(UsageError, match="summarize has no form 'poem'"):
        Summarize(forms=("poem",))


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("How did people cross the inlet at Marrow Point before 1964?", None),
        ("Request: How did people cross the inlet?", "How did people cross the inlet?"),
        ("**Request:** How did people cross the inlet?", "How did people cross the inlet?"),
        ('"How did people cross the inlet?"', "How did people cross the inlet?"),
        ("要求：请介绍马罗角的渡船。", "请介绍马罗角的渡船。"),
        ("【要求】\n请介绍马罗角的渡船。", "请介绍马罗角的渡船。"),
    ],
)
def test_requests_are_read(text: str, request_: str | None) -> None:
    (task,) = [item for item in Backtranslate().parse((GIVEN,), Response(text, "stop")) if isinstance(item, Task)]
    assert task.instruction == (request_ or text)
    assert task.instances == (Instance("", TEXT),)


def test_requests_that_are_none() -> None:
    for text, why in (
        ("What does the text say about the ferry?", "cannot stand alone"),
        ("根据文章，渡船是哪年停航的？", "cannot stand alone"),
        (TEXT, "copied from the passage"),
        ("", "no task in the answer"),
        ("Tell me. " * 200, "too long"),
    ):
        assert reasons(Backtranslate(), text) == [why]


def test_a_passage_made_into_an_answer() -> None:
    task = Task("t", "How did people cross the inlet?", (Instance("", TEXT),), extra=GIVEN.extra)
    (found,) = Rewrite().parse((task,), Response("People took a ferry, which ran until 1964.", "stop"))
    assert isinstance(found, Task)
    assert found.instances == (Instance("", "People took a ferry, which ran until 1964."),)
    assert FILTERS["grounded"]()(found, Pool()) is None
    assert reasons(Rewrite(), "According to the text, they took a ferry.", task) == ["speaks of the passage"]
    (made_up,) = Rewrite().parse((task,), Response("People took a ferry of the Weston Company.", "stop"))
    assert isinstance(made_up, Task)
    assert str(FILTERS["grounded"]()(made_up, Pool())) == "not in the passage: name: Weston Company"


@pytest.mark.parametrize("name", ["question", "summarize", "backtranslate", "ground", "rewrite"])
def test_a_task_without_a_passage_is_rejected_unasked(name: str) -> None:
    (lost,) = STAGES[name]().settled(Task("t", "Sing."))
    assert (lost.category, lost.detail) == ("no passage", "give --documents FOLDER")
    assert STAGES[name]().settled(GIVEN if name != "ground" else ANSWERED) is None


KINDS = ("question", "ground", "summarize", "backtranslate", "curate", "rewrite")


@settings(deadline=None, max_examples=60)
@given(
    text=st.text()
    | st.lists(
        st.sampled_from(["Question:", "Answer:", "1. ", "?", "\n", "问：", "答：", "{", "[", "a", "**", "Yes"])
    ).map("".join)
)
@pytest.mark.parametrize("name", KINDS)
def test_whatever_is_answered_is_a_task_or_says_why(name: str, text: str) -> None:
    for finish in ("stop", "length"):
        found = list(STAGES[name]().parse((ANSWERED,), Response(text, finish)))
        assert found
        for item in found:
            assert isinstance(item, Task | Rejected)
            assert isinstance(item, Rejected) or item.instances[0].output.strip()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", KINDS)
async def test_the_built_in_teacher_understands(name: str, language: str) -> None:
    """Also as JSON, where the stage asks for it."""
    text = passage(Random(3), language == "zh")
    task = Task("a#1", "§", extra={"passage": text, "title": "Almanac"})
    sentence = text.partition("\n")[0]
    answered = Task(
        "a#1.1", "有什么？" if language == "zh" else "What are they?", (Instance(text, sentence),), extra=task.extra
    )
    for structured in (False, True) if hasattr(STAGES[name], "schema") else (False,):
        stage = STAGES[name](language=language, **({"structured": True} if structured else {}))
        given = answered if name in ("ground", "curate", "rewrite") else task
        given = stage.prepare(given, Random(0), 1) if hasattr(stage, "prepare") else given
        params = {"response_format": {"json_schema": {"schema": stage.schema((given,))}}} if structured else {}
        answer = await builtin(Request(stage.prompt((given,), Random(0)), "builtin", params))
        assert any(isinstance(item, Task) for item in stage.parse((given,), answer)), answer.text


async def test_the_built_in_teacher_judges_out_what_it_made_up() -> None:
    for text, kept in (("Edda Lindqvist kept a log.", True), ("Her cat was grey and very old.", False)):
        task = Task("t", "What of her?", (Instance(TEXT, text),), extra=GIVEN.extra)
        answer = await builtin(Request(Ground().prompt((task,), Random(0)), "builtin", {}))
        assert any(isinstance(item, Task) for item in Ground().parse((task,), answer)) == kept


def test_options() -> None:
    for make, said in (
        (lambda: Question(many=0), "question: many is 0"),
        (lambda: Question(language="de"), "our prompts are written in"),
        (lambda: Summarize(forms=()), "summarize has no forms"),
        (lambda: Ground(text="{passage}"), r"lacks \{question\}, \{answer\}"),
    ):
        with pytest.raises(UsageError, match=said):
            make()


SMALL = Path(__file__).parent / "replies" / "documents" / "smollm2.jsonl"


def test_what_a_small_model_answers() -> None:
    """Asked for questions with answers, SmolLM2-135M-Instruct lists questions alone, and then talks: no row of it."""
    for row in map(json.loads, SMALL.read_text(encoding="utf-8").splitlines()):
        stage = STAGES[row["stage"]](language=row["language"])
        instances = tuple(Instance(*pair) for pair in row["instances"])
        task = Task(row["id"], row["instruction"], instances, extra=row["extra"])
        found = list(stage.parse((task,), Response(row["answer"], row["finish"])))
        assert found
        if row["stage"] == "question":
            assert [item.category for item in found if isinstance(item, Rejected)] == [
                *["a question without an answer"] * 3,
                "truncated",
            ]
