"""Texts that patterns choke on, and all that reads a teacher's text: for test_linear.py and benchmarks/parsers.py.

A pattern that tries every way of dividing a run of blanks, or looks for a closing quotation mark once from each opening
one, is fast on every answer of a good teacher and takes hours on one that repeats itself. The texts are those that
models in a loop write: one piece again and again, alone, around good answers, and between a label and its value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import partial
from itertools import product
from random import Random
from typing import Any

from selfinstruct.filters import FILTERS
from selfinstruct.filters.pool import Pool
from selfinstruct.stages import STAGES
from selfinstruct.stages.prompting import places
from selfinstruct.stages.reading.marks import marks_in
from selfinstruct.task import Evolved, Instance, Message, Task
from selfinstruct.teacher import Response
from selfinstruct.text.final import comes_to
from selfinstruct.text.keywords import asks_for_program
from selfinstruct.text.languages import other_language
from selfinstruct.text.refusals import is_refusal
from selfinstruct.text.tokens import tokens

BLANK = ("\n", " ", "\t", "\u3000", "\r\n", "\x0b", "\n \n ", " \n\t", "\n\u3000")
MARKS = (
    *('"', "'", "“", "”", "‘", "`", "```\n", "「", "《", "*", "**", " **a", "*_*_", "_", "#", "# ", "-", "---\n", "- "),
    *("【", "［", "[", "(", "（", "<", "<think>", "</think>", "<a", "{", "{a", ".", "。", "、", ":", "：", "，", "!\n"),
)
LABELS = (
    *("Input:", "Input:\n", "输入：", "Output:\n", "输出", "Class label:", "Class label: a\n", "标签：\n", "Example"),
    *("Example 1\n", "例1\n", "示例\n", "###", "### \n", "Instruction:", "1. Instruction: a\n", "指令：", "User:"),
    *("User: a\n", "Assistant: ", "助手：\n", "Task: ", "任务1：", "【任务】", "[New task]", "第1题"),
)
NUMBERS = ("1", "1. ", "1.\n", "1、", "（1）", "[1]\n", "一、", "十", "①", "9\n", "1.1", "1 ", "٣")
RUNS = (
    *("a", "a ", "word, ", "字", "一二三", "图片", "、图片", "和视频", "画", "写一个", "没有", "请", "新", "的"),
    *("task ", "任务", "sorry ", "抱歉", "抱歉，", "I'm sorry, ", "but ", "as an ai ", "作为", "我", "very "),
    *("if (a) { b[0] = 'c'; }\n", "# a\n", "**a**\n", "1. a\n", "- a\n", "a\n\n", "“a ", "the given ", "画一只猫，"),
    *("\u0300", "\u0300\u0316", "あ゙", "ﷺ", "ｶﾞ", "\x00", "\ud800", "😀", "한", "ไ", "Ж", "é", "apolog", "of "),
)
UNITS = BLANK + MARKS + LABELS + NUMBERS + RUNS

GOOD = (
    "1. Name three rivers in Europe.\n2. Translate the sentence.\n",
    "Instruction: Add them.\nInput: 1 and 2\nOutput: 3\n###\n",
    "指令：把它们相加。\n输入：1和2\n输出：3\n",
    "Example 1\nInput: 1 and 2\nOutput: 3\n\nExample 2\nOutput: 4",
    "Class label: yes\nInput: a text\n标签：是\n",
    "User: Why is that?\nAssistant: Because it is.\n",
    "Yes. The score is 7 out of 10. #New Task#: Write it anew.",
)
LINES = (
    *("Output{}: 3", "输出{}：3", "Input:{}x", "1.{}Instruction: a", "Example{}1\n", "Class label{}: yes", "1{}、a"),
    *("Here are {} tasks:", "\nIf you {} tasks", "\n是否{}指令", "以下是{}任务", "---{}\n", "a\n---{}x", "```{}"),
    *("<think>{}</think>a", "sorry{}", "抱歉{}", "new task{}:", "原始指令{}：", "[{}new task", "what is {}图片"),
    *("# a{}# a", "**a{}**", "（1{}）", "第{}题", "Task {}: a", "score: {}", "User{}: a", "、{}是什么", "“{}x"),
)
"""Where a run may stand in the middle of what a pattern reads as one."""


def texts() -> Iterator[tuple[str, Callable[[int], str]]]:
    """Each kind of hostile text by a name, and what makes one of about so many characters."""
    for unit in UNITS:
        yield repr(unit), partial(_run, "{}", unit)
    for good, unit in product(GOOD, BLANK + MARKS):
        yield f"{unit!r} around {good[:12]!r}", partial(_run, f"{{0}}{_escaped(good)}{{0}}", unit)
    for line, unit in product(LINES, (*BLANK, "1", "*", "a", "task ", "，", "任务")):
        yield f"{unit!r} in {line!r}", partial(_run, line, unit)


def drawn(rng: Random) -> tuple[str, Callable[[int], str]]:
    """A text of two or three pieces by turns, after one and before another."""
    run = "".join(rng.choice(UNITS) for _ in range(rng.randint(2, 3)))
    before, after = (rng.choice(("", rng.choice(UNITS), rng.choice(GOOD))) for _ in range(2))
    return f"{before[:12]!r} + {run!r} + {after[:12]!r}", partial(_run, f"{_escaped(before)}{{}}{_escaped(after)}", run)


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _run(around: str, unit: str, size: int) -> str:
    return around.format(unit * (size // len(unit) + 1))


OPTIONS: dict[str, tuple[dict[str, Any], ...]] = {
    "judge": ({"ask": "difficulty"}, {"ask": "equal"}, {"ask": "score"}),
    "propose": ({}, {"structured": True}),
    "alpaca": ({}, {"structured": True}),
    "evolve": ({}, {"operators": ("breadth",)}, {"structured": True}),
    "instances": ({}, {"structured": True}),
    "tool_call": ({"tools": '{"name": "a", "parameters": {"type": "object", "properties": {"b": {}}}}'},),
}
"""Of the stages that read an answer in more than one way; a stage not named here is tried with its defaults."""


def readers() -> Iterator[tuple[str, Callable[[str], object]]]:
    """All that reads a text of a teacher's, by name: every stage's parse and prompt, every filter, text/."""
    for name, stage in STAGES.items():
        languages = ("en", "zh") if "language" in {field.name for field in fields(stage)} else ("",)
        for options, language in product(OPTIONS.get(name, ({},)), languages):
            made = stage(**options, **({"language": language} if language else {}))
            called = " ".join([name, *map(str, options.values()), language]).strip()
            yield called, partial(_parsed, made, False, "stop")
            if language == "zh":  # answers are read in either language, whatever the prompt's
                continue
            yield f"{called}, for a label, cut", partial(_parsed, made, True, "length")
            yield f"prompt of {called}", partial(_prompted, made)
    ours = [(name, drop) for name, drop in FILTERS.items() if name != "semantic"]  # that one is a model's
    for (name, drop), where in product(ours, PLACES):
        yield f"{name} of {where}", partial(_judged, drop(), where)
    for language in ("en", "zh", "ja", "ru"):
        yield f"other_language {language}", partial(other_language, wanted=language)
    yield from (("is_refusal", is_refusal), ("tokens", tokens), ("places", places))
    yield "asks_for_program", asks_for_program
    yield "marks_in", partial(marks_in, count=2)
    yield "comes_to", lambda text: comes_to(text, f"{text} 1")


def _parsed(stage: Any, label: bool, finish: str, text: str) -> object:
    task = Task(
        "t", "Add the numbers.", (Instance("1", ""),), is_classification=label, evolved=Evolved("deepen", 1, "Add.", "")
    )
    return list(stage.parse((task,) * (3 if stage.kind == "grow" else 1), Response(text, finish)))


def _prompted(stage: Any, text: str) -> object:
    task = Task("t", text, (Instance(text, text),), is_classification=True, evolved=Evolved("deepen", 1, text, text))
    return stage.prompt((task,), Random(0))


def _turns(text: str) -> tuple[Message, ...]:
    return (Message(role="user", content=text), Message(role="assistant", content=text))


PLACES: dict[str, Callable[[str], Task]] = {
    "an instruction": lambda text: Task("t", text),
    "an instance": lambda text: Task("t", "Add the numbers.", (Instance(text, text),)),
    "many instances": lambda text: Task(
        "t", "Add the numbers.", tuple(Instance(part, part) for part in re.findall(r"(?s).{1,8}", text))
    ),
    "a conversation": lambda text: Task("t", "Add the numbers.", turns=_turns(text)),
}
"""Where the text of a task may stand that a filter looks at."""


def _judged(drop: Any, where: str, text: str) -> object:
    task, pool = PLACES[where](text), Pool()
    pool.add(Task("kept", "Write a poem about a river in the spring."))
    return drop(task, pool)
