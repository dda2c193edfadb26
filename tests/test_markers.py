"""Thoughts and end tokens in what models write: every row of the table, what is written about them, hostile text.

Where nothing else is said the thoughts are "I add." and the answer is "It is 4.".
"""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.text.code import Code
from selfinstruct.text.markers import ends_itself, parted
from selfinstruct.text.marks import BEGINS, ENDS, NEUTRAL, SPOKEN, THOUGHTS, End, Thoughts
from selfinstruct.text.seams import is_blank

FOUR = "It is 4."


@pytest.mark.parametrize("row", THOUGHTS, ids=lambda row: row.example[:24])
def test_thoughts_of_every_row(row: Thoughts) -> None:
    answer, thoughts = parted(row.example)
    assert answer.strip() == FOUR
    assert "I add." in thoughts
    assert row.models


@pytest.mark.parametrize("row", SPOKEN, ids=lambda row: row.example[:24])
def test_answers_with_headings_in_words(row: End) -> None:
    assert parted(row.example).answer == ("" if "cut off" in row.models else FOUR)


@pytest.mark.parametrize("row", [*ENDS, *BEGINS], ids=lambda row: row.example[:40])
def test_ends_and_beginnings_of_every_row(row: End) -> None:
    assert parted(row.example) == (FOUR, "")
    assert row.models


@pytest.mark.parametrize("row", ENDS, ids=lambda row: row.example[:40])
def test_an_end_token_says_that_the_answer_is_whole(row: End) -> None:
    """The server may have let the model run on until max_tokens: finish "length" says nothing then."""
    assert ends_itself(row.example)
    assert not ends_itself(FOUR)


@pytest.mark.parametrize("row", NEUTRAL, ids=lambda row: row.example[:24])
def test_marks_without_which_the_answer_is_the_same(row: End) -> None:
    assert parted(row.example).answer == FOUR


@pytest.mark.parametrize(
    "text",
    [
        "<THINK>I add.</THINK>It is 4.",
        "< think >I add.</ think >It is 4.",
        '<think time="3">I add.</think>It is 4.',
        "\ufeff<think>I add.</think>It is 4.",
        "<think>\n\n</think>\n\nIt is 4.",
        "<think></think>It is 4.",
        "It is <think>I add.</think>4.",
        "<think>I add.</think>\n<think>I check.</think>\nIt is 4.",
        "<think>I add <think>deep</think> more.</think>It is 4.",
        "<think>\n<think>\nI add.\n</think>\n\nIt is 4.",
        "I add.</think>It is 4.",
        "think>I add.</think>It is 4.",
        "I add.</think>It is 4.</think>",
        "</think>\n\nIt is 4.",
        "<think>I add.</thinking>It is 4.",
        "<think>I write ```x\n</think>\nIt is 4.",
        "<think>\n```\nx\n</think>\nIt is 4.",
        "<think>They ask for the `</think>` tag. I add.</think>It is 4.",
        "<think>They ask for the <think> tag. I add.</think>It is 4.",
        "<think>The token <|im_end|> ends it. I add.</think>It is 4.",
        "<think>I add.</think>\n<answer>\nIt is 4.\n</answer>",
        "<thinking>\nI add.\n<reflection>\nRight.\n</reflection>\n</thinking>\n<output>It is 4.</output>",
        "I add.\n</thought>\n\nIt is 4.",
        "<|im_start|>assistant\n<think>I add.</think>\nIt is 4.<|im_end|>\n<|im_start|>user\nThanks!",
        "<think>I add.</think><|im_end|>\n<|im_start|>assistant\nIt is 4.",
        "It is 4.<end_of_turn>\n<end_of_turn>\n<end_of_turn>",
        "<|channel|>final<|message|>It is 4.",
        "<|channel|>final <|constrain|>json<|message|>It is 4.<|return|>",
        "<|channel|>analysis<|message|>I add.<|end|>\n<|start|>assistant<|channel|>final<|message|>It is 4.<|return|>",
        "<|channel|>commentary<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>It is 4.",
        "analysis<|message|>I add.<|end|><|start|>assistant<|channel|>final<|message|>It is 4.",
        "I add.<|end|><|start|>assistant<|channel|>final<|message|>It is 4.",
        "analysisI add.assistantcommentaryHm.assistantfinalIt is 4.",
    ],
)
def test_what_is_left_is_the_answer(text: str) -> None:
    assert parted(text).answer.strip() == FOUR
    assert parted(text.replace("\n", "\r\n")).answer.strip() == FOUR


@pytest.mark.parametrize(
    ("text", "answer", "thoughts"),
    [
        ("Sure! <think>I add.</think> It is 4.", "Sure! It is 4.", "I add."),
        ("Let me see.\n<reasoning>\nI add.\n</reasoning>\nIt is 4.", "Let me see.\nIt is 4.", "I add."),
        ("It is 4.\n<think>\nAnd so", "It is 4.", "And so"),
        ("<think>我来加。</think>答案是4。<|im_end|>", "答案是4。", "我来加。"),
        ("是<think>我来加。</think>4。", "是4。", "我来加。"),
        ("<think>\n```\nx\n</think>\nSo:\n```python\n4\n```", "So:\n```python\n4\n```", "```\nx"),
        ("```python\nx\n```<|im_end|>", "```python\nx\n```", ""),
        ("<think>One.</think>A.\n<think>Two.</think>\nB.", "A.\nB.", "One.\n\nTwo."),
        ("<s> It is 4.</s>", "It is 4.", ""),
        ("a <s>b</s> c</s>", "a <s>b</s> c", ""),
    ],
)
def test_answer_and_thoughts(text: str, answer: str, thoughts: str) -> None:
    assert parted(text) == (answer, thoughts)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "<think>\nI add",
            "<think>I add. It is 4.",
            "<think>I add.</thi",
            "[THINK]I add",
            "<|channel|>analysis<|message|>I",
        ),
        *(
            "analysisWe add",
            "<|START_THINKING|>I add",
            "<think>I add.</think>",
            "<thought>I add.</thought>",
            "◁think▷I",
        ),
        *(
            "<|im_end|>\n<|im_start|>user\nAnd?<|im_end|>\n<|im_start|>assistant\nYes.",
            "</s>",
            "<|endoftext|>Human: Hi",
        ),
    ],
)
def test_thoughts_without_an_end_and_turns_of_others_are_no_answer(text: str) -> None:
    assert parted(text).answer == ""


@pytest.mark.parametrize(
    "text",
    [
        "Use the <think> tag.",
        "Put it between <think> and </think>.",
        "Write <think>your reasoning</think> first.",
        "Write <think>...</think> and then the answer.",
        "<think> and </think> are tags that models write.",
        "- <think>: reasoning\n- <answer>: the answer",
        "1. Explain the <think> tag.\n2. Say what </think> does.",
        'The pattern is r"<think>.*?</think>" in Python.',
        "Begin with `<think>` and close with `</think>`.",
        "The <|im_end|> token ends a turn.",
        "Each turn ends with <|im_end|>.",
        "The separator is <|endoftext|>, and it comes between documents.",
        '# <|endoftext|> is the separator\nreturn "<|endoftext|>"',
        '"<think>" opens it, "</think>" closes it.',
        "用<think>标签表示思考，用</think>结束。",
        "结束标记是<|im_end|>。",
        "<p>old <s>wrong</s> new</p>",
        "<s>old price</s>",
        "<diary><thought>I was glad.</thought><entry>Fine.</entry></diary>",
        '<?xml version="1.0"?>\n<diary>\n  <thought>\n    I was glad.\n  </thought>\n</diary>',
        "<thoughts>\n<thought>One.</thought>\n<thought>Two.</thought>\n</thoughts>",
        "<reflection>A good day.</reflection>\n<gratitude>Bread.</gratitude>",
        '<Thought id="1">It rains.</Thought>\n<Thought id="2">It pours.</Thought>',
        "Here it is:\n```html\n<think>\nI add.\n</think>\nIt is 4.<|im_end|>\n```\nDone.",
        "Here it is:\n~~~\n<|im_start|>user\n~~~\nDone.",
        "a < b and c > d, [1], [INFO] ok",
        "[Think] about it.",
        "std::vector<s> x;",
        "Analysis: it is 4. The assistant\n\nis right.",
        "<answer>4</answer>",
        "Here is my thought process: first I add. So it is 4.",
        " It is 4. \r\n\r\n ",
    ],
)
def test_what_is_written_about_marks_stays_as_it_is(text: str) -> None:
    assert parted(text) == (text, "")
    assert not ends_itself(text)


@given(st.text())
def test_a_text_without_marks_is_itself(text: str) -> None:
    plain = text.translate(dict.fromkeys(map(ord, "<[◁#"))).replace("analysis", "").replace("assistant", "")
    assert parted(plain) == (plain, "")


PIECES = (
    *(
        "<think>",
        "</think>",
        "<thought>",
        "</thought>",
        "<reasoning>",
        "</reasoning>",
        "[THINK]",
        "[/THINK]",
        "I add. ",
    ),
    *("It is 4.", "\n", "\n\n", " ", "a", "`", "```\n", "```", "<|im_end|>", "<|im_start|>assistant\n", "</s>", "<s>"),
    *("<s> ", "<|im_start|>user\n", "<|channel|>final<|message|>", "<|channel|>analysis<|message|>", "<|end|>", "<th"),
    *("<answer>", "</answer>", "ink>", "</th", "analysis", "assistantfinal", "assistant\n\n", "<|", "|>", "<diary>"),
    *("the ", "用", "。", '"', "<think/>", "<|begin_of_box|>", "Here is my thought process:", ".", ":", "\ufeff"),
    *("Here is my response:", "<|start|>assistant", '<details type="reasoning">', "</details>", "\r\n"),
)
mixed = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=16).map("".join)


@settings(max_examples=500, deadline=None)
@given(mixed)
def test_twice_is_once(text: str) -> None:
    answer = parted(text).answer
    assert parted(answer) == (answer, "")


@settings(deadline=None)
@given(mixed)
def test_nothing_is_made_up(text: str) -> None:
    """Every word of the answer and of the thoughts was in the text, and none of the answer's words are new."""
    answer, thoughts = parted(text)
    letters = {char for char in text if not char.isspace()}
    assert {char for char in answer + thoughts if not char.isspace()} <= letters
    assert len(answer) <= len(text) + answer.count(" ") + answer.count("\n")


def test_marks_that_come_out_of_marks_without_end_are_no_answer() -> None:
    nested = "<th" * 30 + "<think>x.</think>" + "ink>y.</think>" * 30
    assert parted(parted(nested).answer) == (parted(nested).answer, "")


@pytest.mark.parametrize(
    "piece", [*PIECES, "<think>x", "<think>\n```\n</think>\n```\n", "`<think>` ", "<think a=", "`a``b```c"]
)
@pytest.mark.parametrize("around", ["{}", "<think>{}", "{}</think>x", "```\n{}", "Sure.\n{}\n```\n"])
def test_the_time_grows_with_the_text_and_no_faster(piece: str, around: str) -> None:
    began = process_time()
    parted(around.format(piece * (64_000 // len(piece))))
    assert process_time() - began < 4  # 0.6 s at most when measured; what is quadratic takes minutes


def test_code_is_what_markdown_shows_as_code() -> None:
    text = "a `b` c\n```x\n`d`\n```\n``e ` f`` g ` h\n```\nnever closed"
    code = Code(text)
    assert [text[start:end] for start, end in code.fenced] == ["```x\n`d`\n```"]
    assert [text[start:end] for start, end in code.inline] == ["`b`", "``e ` f``"]
    assert [code.kind(text.index(char)) for char in "abdeg"] == ["", "inline", "fenced", "inline", ""]


def test_what_cannot_be_seen_is_blank() -> None:
    assert all(is_blank(text) for text in ("", " \n", "\ufeff", "\u200b\u3000", "\x00"))
    assert not any(is_blank(text) for text in ("a", "。", "-", "\ufeff4"))
