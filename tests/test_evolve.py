"""Evolve, respond, judge and chat: their prompts, and what comes of answers good and ugly; the rules of elimination."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.errors import UsageError
from selfinstruct.filters import FILTERS, Filter
from selfinstruct.filters.elimination import Leak, Sorry, StopWords
from selfinstruct.filters.pool import Pool
from selfinstruct.rows.formats.formats import rows_of
from selfinstruct.running.drafts import Draft, reworked
from selfinstruct.running.recipe import Step
from selfinstruct.running.recipe_file import load, with_thoughts
from selfinstruct.stages import Chat, Evolve, Judge, Respond
from selfinstruct.stages.reading.verdicts import UNREADABLE
from selfinstruct.stages.rewriting.evolve import operators
from selfinstruct.task import Evolved, Instance, Judged, Message, Reason, Rejected, Task
from selfinstruct.teacher import Request, Response

RNG = Random(0)
BARE = Task("given", "Name a river.")
WITH_INPUT = Task("given", "Sum the numbers.", (Instance("3, 4", "7"),))
TABLE = Task("given", "找出最大的数。", (Instance("甲\t3\n乙\t9", "9"),))


def asked(task: Task, operator: str = "deepen", language: str = "en") -> tuple[Evolve, Task]:
    stage = Evolve((operator,), language=language)
    return stage, stage.prepare(task, Random(0), 1)


# Evolve


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("operator", operators())
def test_every_operator_asks_for_its_own_way_and_shows_the_task(operator: str, language: str) -> None:
    stage, task = asked(TABLE, operator, language)
    prompt = stage.prompt((task,), Random(1))
    assert isinstance(prompt, str)
    assert "{" not in prompt
    wording = operators()[operator][language]
    assert wording.partition("{form}")[0].strip() in prompt
    own = ("指令：找出最大的数。\n输入：\n甲\t3\n乙\t9\n", "【新任务】")
    shown, heading = (
        own
        if language == "zh"
        else (own[0].replace("指令：", "Instruction: ").replace("输入：", "Input: "), "[New task]")
    )
    assert shown in prompt
    assert prompt.endswith(heading)
    assert stage.prompt((task,), Random(1)) == prompt


def test_an_operator_with_forms_names_one() -> None:
    stage, task = asked(BARE, "complicate_input")
    prompts = [str(stage.prompt((task,), Random(seed))) for seed in range(60)]
    assert all(any(f"form of {form}." in prompt for prompt in prompts) for form in ("XML", "SQL", "Python", "JSON"))


@pytest.mark.parametrize(
    ("task", "reply", "instruction", "given"),
    [
        (BARE, "Instruction: Name a river in Asia.", "Name a river in Asia.", None),
        (BARE, "Name a river in Asia.", "Name a river in Asia.", None),
        (BARE, "[New task]\nInstruction: Name two rivers.", "Name two rivers.", None),
        (BARE, "**New task:**\n\n**Instruction:** Name two rivers.", "Name two rivers.", None),
        (BARE, "Sure! Here is the new task:\nInstruction: Name two rivers.", "Name two rivers.", None),
        (BARE, "```\nInstruction: Name two rivers.\n```", "Name two rivers.", None),
        (BARE, "<think>A river…</think>\nInstruction: Name two rivers.\nInput: none", "Name two rivers.", None),
        (
            BARE,
            "Instruction: Read the XML.\nInput:\n<r>Rhine</r>\n<r>Po</r>",
            "Read the XML.",
            "<r>Rhine</r>\n<r>Po</r>",
        ),
        (BARE, "指令：说出两条河。", "说出两条河。", None),
        (BARE, "【新任务】\n指令：说出两条河。\n输入：无", "说出两条河。", None),
        (WITH_INPUT, "Instruction: Sum the squares.\nInput: 5, 6", "Sum the squares.", "5, 6"),
        (WITH_INPUT, "Instruction: Sum the squares.", "Sum the squares.", "3, 4"),
        (WITH_INPUT, "### Instruction:\nSum the squares.\n### Input:\n5, 6", "Sum the squares.", "5, 6"),
        (TABLE, "**指令**：找出最大和最小的数。\n**输入**：\n甲\t1\n乙\t2", "找出最大和最小的数。", "甲\t1\n乙\t2"),
        (TABLE, "新任务：找出第二大的数。", "找出第二大的数。", "甲\t3\n乙\t9"),
    ],
)
def test_a_new_task_is_read(task: Task, reply: str, instruction: str, given: str | None) -> None:
    stage, drawn = asked(task)
    items = list(stage.parse((drawn,), Response(reply)))
    (new,) = (item for item in items if isinstance(item, Task))
    assert new.instruction == instruction
    assert new.instances == ((Instance(given, ""),) if given else ())
    assert new.evolved == Evolved("deepen", 1, task.instruction, task.instances[0].input if task.instances else "")


def test_a_new_task_in_breadth_has_its_own_input_or_none() -> None:
    stage, drawn = asked(WITH_INPUT, "breadth")
    (new,) = stage.parse((drawn,), Response("Instruction: Name a prime number."))
    assert isinstance(new, Task)
    assert new.instances == ()


@pytest.mark.parametrize(
    ("reply", "finish", "reason"),
    [
        ("", "stop", "no task in the answer"),
        ("[New task]\n", "stop", "no task in the answer"),
        ("Instruction:", "stop", "no task in the answer"),
        ("Instruction: Name a riv", "length", "truncated"),
    ],
)
def test_no_new_task(reply: str, finish: str, reason: str) -> None:
    stage, drawn = asked(BARE)
    (item,) = stage.parse((drawn,), Response(reply, finish))
    assert isinstance(item, Rejected)
    assert (item.category, item.text, item.what) == (reason, reply, "answer")


def test_operators_are_checked() -> None:
    with pytest.raises(UsageError, match="no operator 'constraint': did you mean 'constraints'"):
        Evolve(("constraint",))
    with pytest.raises(UsageError, match="evolve needs operators; there are constraints, deepen"):
        Evolve(())
    with pytest.raises(UsageError, match="language is 'fr'"):
        Evolve(language="fr")
    for name, operator in operators().items():
        assert operator["frame"] in ("depth", "breadth", "easier"), name
        assert ("{form}" in operator["en"]) == ("{form}" in operator["zh"]) == ("forms" in operator), name


# Respond


def test_respond_asks_as_a_user_would() -> None:
    assert Respond().prompt((BARE,), RNG) == "Name a river."
    assert Respond().prompt((TABLE,), RNG) == "找出最大的数。\n\n甲\t3\n乙\t9"
    waiting = Task("a", "Sum the numbers.", extra={"input": "1, 2"})  # an Alpaca row that has no output yet
    assert Respond().prompt((waiting,), RNG) == "Sum the numbers.\n\n1, 2"


def test_respond_takes_the_answer_as_the_output() -> None:
    (task,) = Respond().parse((WITH_INPUT,), Response("<think>3 + 4</think>\n The sum is 7.\n"))
    assert isinstance(task, Task)
    assert task.instances == (Instance("3, 4", "The sum is 7."),)
    for reply, finish, reason in (("The su", "length", "truncated"), (" \n", "stop", "no answer")):
        (item,) = Respond().parse((BARE,), Response(reply, finish))
        assert isinstance(item, Rejected)
        assert (item.category, item.what) == (reason, "answer")


TALK = Task(
    "talk",
    "Name a river.",
    turns=(
        Message(role="system", content="Answer in one word."),
        Message(role="user", content="Name a river."),
        {"role": "assistant", "content": "Rhine.", "thoughts": "A long one.", "learned": False},
        Message(role="user", content="And a lake."),
        Message(role="assistant", content="Garda."),
    ),
)


def test_respond_answers_a_conversation_after_all_that_was_said() -> None:
    """Once it asked the first question alone, without the system's turn, and threw the rest away."""
    asked = Respond().prompt((TALK,), RNG)
    assert asked == tuple(Message(role=turn["role"], content=turn["content"]) for turn in TALK.turns[:4])
    (task,) = Respond().parse((TALK,), Response("Como."))
    assert isinstance(task, Task)
    assert task.turns == (*TALK.turns[:4], Message(role="assistant", content="Como."))
    assert not task.instances


def test_respond_answers_what_answers_were_compared_to() -> None:
    compared = replace(TALK, turns=TALK.turns[:4], judged=(Judged((TALK.turns[4],), good=False),))
    (task,) = Respond().parse((compared,), Response("Como."))
    assert isinstance(task, Task)
    assert (task.turns[-1]["content"], task.judged) == ("Como.", ())


def test_a_prompt_of_ones_own_is_put_around_the_last_question() -> None:
    asked = Respond(text="Answer briefly: {instruction}").prompt((TALK,), RNG)
    assert [turn["content"] for turn in asked if isinstance(turn, dict)][-1] == "Answer briefly: And a lake."


# Judge


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_judges_are_asked(language: str) -> None:
    task = Task(
        "a",
        "Sum {task} squares.",
        (Instance("3 {parent}", "25 {answer}"),),
        evolved=Evolved("deepen", 1, "Sum {task}.", "3"),
    )
    for ask in ("difficulty", "equal", "score"):
        prompt = str(Judge(ask, language).prompt((task,), RNG))
        assert "Sum {task} squares." in prompt
        assert "3 {parent}" in prompt
        assert ("Sum {task}.\n" in prompt) == (ask == "equal")
        assert ("25 {answer}" in prompt) == (ask == "score")
    with pytest.raises(UsageError, match="judge: ask is 'beauty'; it is one of difficulty, equal, score"):
        Judge("beauty")


@pytest.mark.parametrize(
    ("reply", "number"),
    [
        *[
            ("7", 7),
            ("10", 10),
            (" 3\nIt takes one step.", 3),
            ("**8**", 8),
            ("Difficulty: 6/10", 6),
            ("4 out of 10", 4),
        ],
        *[
            ("7.5", 7.5),
            ("难度：9分", 9),
            ("5分\n需要两步推理。", 5),
            ("<think>8? no, 2.</think>2", 2),
            ("[Difficulty]\n1", 1),
        ],
        *[("11", None), ("0", None), ("hard", None), ("", None), ("1999", None), ("3.75", None)],
    ],
)
def test_numbers_of_judges(reply: str, number: float | None) -> None:
    items = list(Judge("difficulty").parse((BARE,), Response(reply)))
    (task,) = (item for item in items if isinstance(item, Task))
    assert task.extra.get("difficulty") == number
    # A verdict that cannot be read is no fault of the task.
    remarks = [item for item in items if isinstance(item, Rejected)]
    assert [item.what for item in remarks] == ([] if number else ["remark"])


@pytest.mark.parametrize(
    ("reply", "equal"),
    [
        *[("Equal", True), ("equal.", True), ("**Equal**", True), ("Verdict: Equal", True), ("The same", True)],
        *[("相同", True), ("结论：相同。", True), ("<think>Different?</think>Equal", True)],
        *[
            ("Different", False),
            ("Not equal", False),
            ("不同", False),
            ("不相同", False),
            ("Unequal", False),
        ],
    ],
)
def test_equal_to_its_parent(reply: str, equal: bool) -> None:
    (item,) = Judge("equal").parse((BARE,), Response(reply))
    assert isinstance(item, Rejected) == equal
    assert not isinstance(item, Rejected) or item.category == "equal to its parent"


@pytest.mark.parametrize("reply", ["", "Equal or Different", "Equal in depth but different in breadth.", "Similar"])
def test_what_is_not_found_equal_passes_with_a_remark(reply: str) -> None:
    remark, task = Judge("equal").parse((BARE,), Response(reply))
    assert task == BARE
    assert isinstance(remark, Rejected)
    assert (remark.category, remark.detail, remark.what) == (UNREADABLE, "equal", "remark")


# Chat


def turns(*texts: str) -> tuple[Message, ...]:
    return tuple(Message(role="user" if n % 2 == 0 else "assistant", content=text) for n, text in enumerate(texts))


@pytest.mark.parametrize(
    ("reply", "wanted"),
    [
        (" The Rhine.\nUser: And in Asia?\nAssistant: The Ganges.", ["The Rhine.", "And in Asia?", "The Ganges."]),
        ("Assistant: The Rhine.", ["The Rhine."]),
        ("User: Name a river.\nAssistant: The Po.\n", ["The Po."]),
        ("Sure, here it is:\n\nUser: Name a river.\nAssistant: The Po.", ["The Po."]),
        (
            "**Assistant:** The Po.\n\n**User:** Why?\n\n**Assistant:** Why not?\nIt flows.",
            ["The Po.", "Why?", "Why not?\nIt flows."],
        ),
        ("Assistant: **The Po.**\n**用户**：为何？\n**助手**： **它**短。", ["**The Po.**", "为何？", "**它**短。"]),
        ("[|AI|]: The Po.\n[|Human|]: Thanks!", ["The Po."]),
        ("长江。\n用户：还有呢？\n助手：黄河。", ["长江。", "还有呢？", "黄河。"]),
        (
            "The Po.\nAssistant: And the Adda.\nUser: Ok\nUser: And?\nAssistant: No.",
            ["The Po.\n\nAnd the Adda.", "Ok\n\nAnd?", "No."],
        ),
    ],
)
def test_conversations(reply: str, wanted: list[str]) -> None:
    items = list(Chat().parse((BARE,), Response(reply)))
    (task,) = (item for item in items if isinstance(item, Task))
    assert task.turns == turns("Name a river.", *wanted)


def test_thoughts_stay_with_the_answers_that_they_came_before() -> None:
    """Of the user's part as the teacher plays it, nothing that was thought is kept; and a name inside of thoughts is
    nobody's turn."""
    reply = (
        "<think>A river.\nUser: no</think>The Po.\nUser: <think>Bored?</think>And its length?\n"
        "<think>652 km</think>\nAssistant: 652 km.\nUser: Thanks.\nAssistant: <think>Polite.</think>You're welcome."
    )
    response = Response(reply, thoughts="Who asks?")
    step = Step(Chat(keep_thoughts=True))
    (task,) = reworked(step, Draft((BARE,), Request("", "m")), response)
    assert isinstance(task, Task)
    answers = [(turn["content"], turn.get("thoughts", "")) for turn in task.turns]
    assert answers == [
        ("Name a river.", ""),
        ("The Po.", "Who asks?\n\nA river.\nUser: no"),
        ("And its length?", ""),
        ("652 km.", "652 km"),
        ("Thanks.", ""),
        ("You're welcome.", "Polite."),
    ]
    (plain,) = reworked(Step(Chat()), Draft((BARE,), Request("", "m")), response)
    assert isinstance(plain, Task)
    assert [dict(turn) for turn in plain.turns] == [{"role": t["role"], "content": t["content"]} for t in task.turns]
    kept = with_thoughts(load("baize"))
    assert [step.stage.keep_thoughts for step in kept.steps if isinstance(step.stage, Chat)] == [True]


def test_conversations_that_break_off() -> None:
    items = list(Chat().parse((BARE,), Response("The Po.\nUser: And?\nAssistant: Th", "length")))
    assert [(type(item), getattr(item, "category", "")) for item in items] == [
        (Rejected, "truncated"),
        (Rejected, "a question without an answer"),
        (Task, ""),
    ]
    for reply in ("", "User: Name a river."):
        (item,) = Chat().parse((BARE,), Response(reply))
        assert isinstance(item, Rejected)
        assert item.category == "no conversation in the answer"


@pytest.mark.parametrize(
    "refusal", ["I'm sorry, but I can't help with that.", "Sorry, I can't do that.", "抱歉，这个问题我不会。"]
)
def test_a_conversation_ends_before_a_refusal(refusal: str) -> None:
    reply = f"The Po.\nUser: And its length?\nAssistant: {refusal}\nUser: Never mind.\nAssistant: You're welcome."
    *remarks, task = Chat().parse((BARE,), Response(reply))
    assert isinstance(task, Task)
    assert task.turns == turns("Name a river.", "The Po.")
    lost = [(item.category, item.text) for item in remarks if isinstance(item, Rejected)]
    after = [(text, "refusal, or after one") for text in (refusal, "Never mind.", "You're welcome.")]
    assert lost == [(why, text) for text, why in after] + [("a question without an answer", "And its length?")]
    # At once refused, there is nothing good to keep; the filter drops the whole.
    (whole,) = Chat().parse((BARE,), Response(f"{refusal}\nUser: Never mind.\nAssistant: You're welcome."))
    assert isinstance(whole, Task)
    assert len(whole.turns) == 4
    assert FILTERS["refusal"]()(whole, Pool()) == Reason("refusal")
    assert FILTERS["refusal"]()(task, Pool()) is None


@pytest.mark.parametrize(
    ("language", "end"),
    [("en", "User: Sum the numbers.\n\n3, 4\nAssistant:"), ("zh", "用户：Sum the numbers.\n\n3, 4\n助手：")],
)
def test_chat_begins_with_the_task(language: str, end: str) -> None:
    assert str(Chat(language).prompt((WITH_INPUT,), RNG)).endswith(end)


def test_a_dialogue_takes_the_place_of_the_instance_it_began_with() -> None:
    """Both were exported, and trained on twice."""
    (task,) = Chat().parse((WITH_INPUT,), Response("It is 7.\nUser: And doubled?\nAssistant: 14."))
    assert isinstance(task, Task)
    assert task.instances == ()
    assert task.turns == turns("Sum the numbers.\n\n3, 4", "It is 7.", "And doubled?", "14.")
    assert list(rows_of([task], "alpaca")) == []
    assert [len(row["messages"]) for row in rows_of([task], "messages")] == [4]
    assert len(list(rows_of([task], "sharegpt"))) == 1


# Anything

LABELS = (
    "Instruction:",
    "指令：",
    "Input:",
    "输入：",
    "User:",
    "助手：",
    "[New task]",
    "Equal",
    "7",
    "<think>",
    "```",
    "\n",
    "**",
)
texts = st.lists(st.sampled_from(LABELS) | st.text(max_size=12), max_size=12).map("".join)


@settings(max_examples=300, deadline=None)
@given(texts, st.sampled_from(["stop", "length"]))
def test_every_answer_ends_in_one_place(text: str, finish: str) -> None:
    evolve, drawn = asked(WITH_INPUT)
    for stage, task in ((evolve, drawn), (Respond(), BARE), (Chat(), BARE), (Judge("equal"), drawn), (Judge(), BARE)):
        items: list[Any] = list(stage.parse((task,), Response(text, finish)))
        settled = [item for item in items if isinstance(item, Task) or item.what in ("task", "answer")]
        assert len(settled) == 1
        assert all(item.category for item in items if isinstance(item, Rejected))


# Elimination


def reason(
    rule: Filter, instruction: str = "Name a river.", output: str = "The Rhine.", given: str = ""
) -> Reason | str | None:
    return rule(Task("a", instruction, (Instance(given, output),)), Pool())


@pytest.mark.parametrize(
    "text",
    [
        *[
            "Rewrite the given prompt.",
            "#Rewritten Prompt#: Name rivers",
            "As in the Created Prompt, sum up.",
            "[New task] Name it.",
        ],
        *[
            "New task: name two rivers.",
            "Make the given task harder.",
            "新任务：说出两条河。",
            "【新任务】说出两条河。",
        ],
        *["按改写后的任务回答。", "比原任务更难：说出两条河。"],
    ],
)
def test_leaks(text: str) -> None:
    for found in (reason(Leak(), text), reason(Leak(), given=text)):
        assert isinstance(found, Reason)
        assert found.category == "leak"
        assert found.detail, "the words that it was found by"
        assert found.detail in text


@pytest.mark.parametrize(
    "text",
    [
        *[
            "Write a prompt reply to the new tenant.",
            "Assign the new task to whoever has the least work.",
            "Plan tasks for a week.",
        ],
        *["给新员工布置任务。", "新的任务清单应该怎么排序？", "把任务按轻重缓急排好。"],
    ],
)
def test_no_leaks(text: str) -> None:
    assert reason(Leak(), text) is None


LABELS_LEFT = """\
比原始任务更难：写诗
原始任务：写诗
新的任务：写诗
改写后的指令：说出两条河。
给定指令如下，请回答
重写后的提示词：写诗
按重写后的任务回答
【新指令】写诗
新指令：写诗
#改写后的任务#
与原指令不同，请写诗
请改写给定的指令
The rewritten instruction: name rivers
Follow the evolved instruction and name rivers
Rewritten instruction: Name.
[Original Instruction] Name it
New instruction: name it
New prompt: name it
Given instruction: name
Unlike the given task, this one
rewritten_prompt
进化后的指令是什么
初始指令：写诗
给定提示词写诗
好的。新的任务：写诗
**新任务**：写诗
#New Task# x
给定prompt，写
# Rewritten prompt
The #Given Prompt# is
""".splitlines()
GOOD_TASKS = """\
Rewrite the given sentence in the passive voice.
Rewrite the given instructions in plain English.
Sort the given tasks by urgency.
Rewrite the original text for children.
Follow the original instructions on the package.
Explain what an evolved species is.
Assign the new task to whoever has the least work.
Write new instructions for the coffee machine.
机器人按照给定的指令移动，求最后的位置
改写下面的句子，改写后的句子要用被字句
把陈述句改写成问句，改写后的问题要礼貌
给定的任务列表按紧急程度排序
完成下面的改写任务
给员工布置一个新的任务：打扫仓库
新的任务清单应该怎么排序？
解释CPU的原始指令集
给定一组数，求和
比较原来的问题和现在的问题
改写给定的句子
重写这个故事的结尾
根据给定的问题写一段回答
新问题层出不穷，怎么办？
怎样给大模型写提示词
""".splitlines()


@pytest.mark.parametrize("text", LABELS_LEFT)
def test_labels_in_other_words_are_leaks(text: str) -> None:
    found = reason(Leak(), text)
    assert isinstance(found, Reason)
    assert found.category == "leak"


@pytest.mark.parametrize("text", GOOD_TASKS)
def test_tasks_may_speak_of_what_is_given_and_rewritten(text: str) -> None:
    assert reason(Leak(), text) is None
    assert reason(Leak(), given=text) is None


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        *[
            ("Sorry, I can't.", "sorry"),
            ("I am sorry to say that it is not possible.", "sorry"),
            ("抱歉，我不知道。", "sorry"),
        ],
        *[
            ("word " * 90 + "sorry", None),
            ("很抱歉" + "字" * 90, None),
            ("The Rhine.", None),
            ("sorrytown", None),
            ("对不起。", "sorry"),
        ],
    ],
)
def test_sorry(answer: str, wanted: str | None) -> None:
    assert reason(Sorry(), output=answer) == (Reason(wanted) if wanted else None)


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        *[(text, "nothing but stop words") for text in ("and the of", "…", "It is.", "的", "，。", "这是我的。", "")],
        *[(text, None) for text in ("Yes", "No.", "42", "The Rhine.", "是", "否", "不是", "长江", "x", "πr²", "да")],
    ],
)
def test_stop_words(answer: str, wanted: str | None) -> None:
    assert reason(StopWords(), output=answer) == (Reason(wanted) if wanted else None)
