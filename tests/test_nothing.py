"""Words for nothing: every row of the table, what only looks like one, and what may be meant."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.text.nothing import ANSWERS, INPUTS, PLACES, no_answer, no_input, open_place

AROUND = [
    "{}",
    " {} ",
    "{}.",
    "({})",
    "<{}>",
    "[{}]",
    "**{}**",
    "`{}`",
    '"{}"',
    "（{}）",
    "【{}】",
    "《{}》。",
    "*({})*",
]


def bare(example: str) -> str:
    return example.strip("<>().（）")


@pytest.mark.parametrize("form", AROUND)
@pytest.mark.parametrize("row", INPUTS, ids=lambda row: str(row.example))
def test_every_row_is_no_input(row: object, form: str) -> None:
    example = bare(next(one.example for one in INPUTS if one is row))
    assert no_input(form.format(example))
    assert no_input(form.format(example.upper()))


@pytest.mark.parametrize("row", ANSWERS, ids=lambda row: str(row.example))
def test_every_row_is_no_answer(row: object) -> None:
    (row,) = (one for one in ANSWERS if one is row)
    assert no_answer(row.example, "Write a poem on the sea.")
    assert no_answer(f"**{row.example}**", "Write a poem on the sea.")
    assert no_answer(row.example) is not row.common, "a common word alone may be meant"


@pytest.mark.parametrize("row", PLACES, ids=lambda row: str(row.example))
def test_every_row_is_an_open_place(row: object) -> None:
    (row,) = (one for one in PLACES if one is row)
    assert open_place(row.example)
    assert open_place(f"`{row.example}`.")
    assert no_answer(row.example)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "  ",
            "\u200b",
            '""',
            "No input",
            "no input.",
            "NoInput",
            "no_input",
            "no-input",
            "<No Input>",
            "\\<noinput>",
        ),
        *("<noinput", "`<noinput>`", '"<noinput>"', "No input is required for this task.", "Without any input", "NA"),
        *(
            "none",
            "None.",
            "(none)",
            "None needed",
            "Nothing",
            "nothing required",
            "n.a.",
            "N / A",
            "not applicable",
            "<n/a>",
        ),
        *("null", "Empty", "(empty)", "left blank", "Not provided", "no context", "No additional information provided"),
        *(
            "-",
            "—",
            "---",
            "/",
            "无",
            "無",
            "（无）",
            "无。",
            "<无输入>",
            "无需输入",
            "不需要任何输入",
            "没有输入",
            "不适用",
            "无需提供",
        ),
        *("输入：无", "输入为空", "无需额外的输入", "暂无", "空", "此任务不需要输入", "無需輸入", "没有"),
    ],
)
def test_no_input(text: str) -> None:
    assert no_input(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "0",
            "[]",
            "{}",
            "()",
            "no",
            "No.",
            "Na",
            "none of them",
            "Nothing compares",
            "No man is an island.",
            "无中生有",
        ),
        *("input", "The input is required.", "There is no input method on this phone.", "-3", "--help", "/home", "a/b"),
        *(
            "nullable",
            "空山不见人",
            "无花果",
            "没有人",
            "No data was lost in the crash of March.",
            "<image>",
            "...",
            "[image]",
        ),
        *("x", "N", "N/A/B", "Context: no input", "empty the bin", "[none, one, two]", "No inputs were harmed."),
    ],
)
def test_inputs_that_only_look_like_none(text: str) -> None:
    assert not no_input(text)


@pytest.mark.parametrize("word", ["nothing", "None", "null", "空", "нет"])
def test_a_task_on_a_word_may_be_given_one_of_these(word: str) -> None:
    assert no_input(word)
    assert no_input(word, "Write a poem on the sea.")
    assert not no_input(word, "Translate the word into French.")
    assert not no_input(word, "把这个词翻译成英语。")
    assert no_input("No input", "Translate the word into French.")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "<nooutput>",
            "No output",
            "no_output",
            "NoOutput.",
            "N/A",
            "n/a",
            "(N/A)",
            "TBD",
            "[TBD]",
            "todo",
            "TODO",
        ),
        *(
            "To be added.",
            "...",
            "…",
            "---",
            "-",
            "____",
            "xxx",
            "[output]",
            "<output>",
            "[Your answer here]",
            "{answer}",
        ),
        *(
            "Your answer here",
            "[insert your story here]",
            "<answer to the question>",
            "Answer goes here",
            "Placeholder",
        ),
        *(
            "Answers will vary.",
            "无输出",
            "略",
            "（略）",
            "答案略。",
            "待补充",
            "【答案】",
            "此处填写答案",
            "暂无答案",
            "???",
        ),
    ],
)
def test_no_answer(text: str) -> None:
    assert no_answer(text)
    assert no_answer(text, "Describe the harbour.")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "No",
            "no.",
            "None",
            "none",
            "Nothing",
            "0",
            "[]",
            "{}",
            "[1, 2]",
            "[sad]",
            "<b>",
            "{a}",
            "null",
            "无",
            "没有",
            "空",
        ),
        *(
            "Unknown",
            "-3",
            "A",
            "text",
            "The answer",
            "Output",
            "Answer: 3",
            "N/A is short for not applicable.",
            "x",
            "xx",
        ),
        *(
            "No answer",
            "a placeholder for the king",
            "To be or not to be",
            "[Enter]",
            "<html>",
            "(a)",
            "省略号",
            "No parking",
        ),
    ],
)
def test_answers_that_look_open_and_are_not(text: str) -> None:
    assert not no_answer(text)


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("N/A", "Extract the phone number; reply N/A if there is none."),
        ("None", "Which of these numbers is prime? 4, 6, 8"),
        ("None", "List all the towns in the text, if any."),
        ("None", "What does the function return?\ndef f(): pass"),
        ("No output", "What output does the program give?"),
        ("-", "Which sign is the operator here?"),
        ("…", "Name the punctuation mark that shows an omission."),
        ("无", "文中提到了哪些城市？"),
        ("待定", "给出状态：完成、待定或取消。"),
        ("Nothing", "What is in the box?"),
        ("To do", "Sort the ticket under to do, doing or done."),
    ],
)
def test_an_answer_that_the_task_may_want(text: str, task: str) -> None:
    assert not no_answer(text, task)


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("None", "Write a letter to the harbour master."),
        ("Nothing.", "Describe a storm at sea."),
        ("(none)", "Compose a haiku."),
        ("无", "写一首关于春天的诗。"),
        ("N/A", "Name a river.\nN/A"),
        ("No answer", "Explain why ice floats."),
        ("null", "Summarise the report.\nThe bridge was closed."),
    ],
)
def test_a_text_that_was_to_be_written_is_not_none(text: str, task: str) -> None:
    assert no_answer(text, task)
    assert text == "N/A" or not no_answer(text), "without the task it may be meant"


@given(st.text(max_size=40), st.text(max_size=20))
def test_any_text_is_read(text: str, task: str) -> None:
    assert no_input(text) == no_input(f" {text}\n")
    assert no_answer(text) == no_answer(f"{text}\n")
    if no_input(text, task):
        assert no_input(text)


def test_long_fields_are_read_at_once() -> None:
    start = process_time()
    for unit in ("no ", "-", "(", "none", "无", "[your "):
        assert not no_input(unit * 100_000 + "x")
        assert not no_answer(unit * 100_000 + "x", "Write it.")
        assert not open_place(unit * 100_000)
    assert process_time() - start < 2
