"""Marks of judges, final answers, and new tasks with their answers: as models write them, in both languages."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.stages.reading.answered_tasks import read_answered
from selfinstruct.stages.reading.marks import marks_in
from selfinstruct.text.final import comes_to

T, F = True, False


def pieces(*some: str) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(some), max_size=40).map("".join)


MARKS: list[tuple[str, list[bool] | None]] = [
    ("1: right\n2: wrong\n3: right", [T, F, T]),
    ("1. Right.\n2. Wrong – the sum is 12.\n3. **Correct**", [T, F, T]),
    ("**Answer 1:** Incorrect\n**Answer 2:** Correct\n**Answer 3:** Partially correct", [F, T, F]),
    ("Sure! Here are the marks:\n\n1: right\n2: right\n3: wrong\n\nLet me know if you need more.", [T, T, F]),
    ("[Answer 1]: ✓\n[Answer 2]: ✗\n[Answer 3]: ✅", [T, F, T]),
    ("| # | mark |\n|---|---|\n| 1 | right |\n| 2 | wrong |\n| 3 | wrong |", [T, F, F]),
    ("Answer 1 is right.\nAnswer 2 is wrong because it forgets.\nAnswer 3 is not correct.", [T, F, F]),
    (
        "Answer 1: It adds both, so it is right.\nAnswer 2: It forgets 3, so it is wrong\n3: as it should: right",
        [T, F, T],
    ),
    (
        "### Answer 1\nIt follows.\nVerdict: right\n### Answer 2\nNo.\nVerdict: **wrong**\n### Answer 3\nright",
        [T, F, T],
    ),
    ("Right: 1, 3\nWrong: 2", [T, F, T]),
    ("Answers 1 and 3 are right. Answer 2 is wrong.", [T, F, T]),
    ("1 and 3 are right\n2: wrong", [T, F, T]),
    ("All answers are right.", [T, T, T]),
    ("None are right", [F, F, F]),
    ("right\nwrong\nright", [T, F, T]),
    ("1. right, 2. wrong, 3. right", [T, F, T]),
    ("1: wrong\n2: wrong\n3: wrong\n\nOn reflection:\n1: right\n2: wrong\n3: wrong", [T, F, F]),
    ("1: This isn't right.\n2: not quite right\n3: no", [F, F, F]),
    ("<think>1: wrong?</think>1: right\n2: right\n3: right", [T, T, T]),
    ('{"1": true, "2": false, "3": "right"}', [T, F, T]),
    ('```json\n{"marks": [true, false, true]}\n```', [T, F, T]),
    (
        '[{"answer": 1, "verdict": "right"}, {"answer": 2, "verdict": "wrong"}, {"answer": 3, "correct": true}]',
        [T, F, T],
    ),
    ('{"right": [1, 3], "wrong": [2]}', [T, F, T]),
    ("1：对\n2：错\n3：对", [T, F, T]),
    ("回答1：正确。\n回答2：错误，漏了一步。\n回答3：不正确", [T, F, F]),
    ("第1个回答：对\n第2个回答：错\n第3个：对", [T, F, T]),
    ("①对\n②错\n③对", [T, F, T]),
    ("【回答1】对\n【回答2】错，没有写单位\n【回答3】对", [T, F, T]),
    ("全部正确", [T, T, T]),
    ("都不对", [F, F, F]),
    ("对：1、3\n错：2", [T, F, T]),
    # What leaves one of them open is no verdict on any.
    ("1: right\n2: wrong", None),
    ("1: right or wrong, I cannot say\n2: x\n3: y", None),
    ("I would say that these are interesting.", None),
    ("1) The sum of 1, 2 and 3.\n2) ...\n3) ...", None),
    ('{"1": true, "2": false}', None),
    ('{"1": 7, "2": 8, "3": 9}', None),
    ("I'm sorry, but I can't mark these.", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "wanted"), MARKS)
def test_marks(text: str, wanted: list[bool] | None) -> None:
    assert marks_in(text, 3) == wanted


def test_marks_that_break_off_lose_the_last_line() -> None:
    assert marks_in("1: right\n2: right", 2, cut=True) is None
    assert marks_in("1: right\n2: right\nNo", 2, cut=True) == [T, T]


@pytest.mark.parametrize("text", ["right", "Right.", "1: right", "The answer is right.", "对", "正确。", "✓"])
def test_one_answer_needs_no_number(text: str) -> None:
    assert marks_in(text, 1) == [T]


@given(pieces(*'12340 :.,\n*|[]{}"-#对错是否不的正确、：（）', "right", "wrong", "Answer ", "not "))
def test_any_text_has_as_many_marks_as_there_are_answers_or_none(text: str) -> None:
    for count in (0, 1, 3):
        found = marks_in(text, count)
        assert found is None or (count and len(found) == count)


@given(st.lists(st.booleans(), min_size=1, max_size=16), st.sampled_from([("right", "wrong"), ("对", "错")]))
def test_marks_as_they_are_asked_for_are_read(marks: list[bool], words: tuple[str, str]) -> None:
    lines = [f"{number}: {words[not mark]}" for number, mark in enumerate(marks, 1)]
    assert marks_in("\n".join(lines), len(marks)) == marks
    as_json = json.dumps({str(number): mark for number, mark in enumerate(marks, 1)})
    assert marks_in(as_json, len(marks)) == marks


SAME = [
    *(
        ("The capital of France is Paris.", "Paris"),
        ("法国的首都是巴黎。", "巴黎"),
        ("It's called the “Louvre”.", "Louvre"),
    ),
    *(("42", "42"), ("The answer is 42.", "42"), ("6 × 7 = 42", "42"), ("It follows that \\boxed{42}.", "42")),
    *(("1,234", "1234"), ("1234.0", "1234"), ("B", "B"), ("(B) Paris", "B"), ("Answer: B", "(b)"), ("Paris", "paris.")),
    *(
        ("答案：12元", "12"),
        ("先算3×4，所以答案是12。", "12元"),
        ("最终答案：乙", "乙"),
        ("3/4", "0.75"),
        ("$\\frac{3}{4}$", "3/4"),
    ),
    *(("First…\n#### 12", "12"), ("**Answer:** 12 apples", "12"), ("A train", "train"), ("[282]", "[282]")),
]
OTHER = [
    *(
        ("It is 42 or 43.", "42"),
        ("41", "42"),
        ("C", "B"),
        ("Not B", "B"),
        ("The capital of Paris", "Paris"),
        ("It is Rome or it is Paris", "Paris"),
        ("", "42"),
    ),
    *(("", ""), ("no", "yes"), ("-5", "5"), ("The answer is not 42", "42"), ("12:30", "12"), ("3.0/0", "3")),
    *(("答案不是12", "12"), ("An essay about rivers.", "An essay about lakes."), ("9" * 5000, "9" * 4999)),
]


@pytest.mark.parametrize(("answer", "reference"), SAME)
def test_what_comes_to_the_same(answer: str, reference: str) -> None:
    assert comes_to(answer, reference)


@pytest.mark.parametrize(("answer", "reference"), OTHER)
def test_what_does_not(answer: str, reference: str) -> None:
    assert not comes_to(answer, reference)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_texts_can_be_compared(one: str, other: str) -> None:
    assert comes_to(one, other) in (True, False)
    if re.search(r"[a-z]", one):
        assert comes_to(one, one)


NEW: list[tuple[str, tuple[str, str, str]]] = [
    ("Instruction: Sort these.\nInput: c, a, b\nAnswer: a, b, c", ("Sort these.", "c, a, b", "a, b, c")),
    ("**Instruction:** Sort these.\n**Answer:** a, b\n\n**Explanation:** It is harder.", ("Sort these.", "", "a, b")),
    (
        "Sure! A harder task:\n\n### Instruction\nSort.\n\n### Input\nc, a\n\n### Answer\na, c",
        ("Sort.", "c, a", "a, c"),
    ),
    ("[New task and answer]\nInstruction: Sort.\nAnswer: done", ("Sort.", "", "done")),
    ("Question: How many?\nSolution: 7", ("How many?", "", "7")),
    ("Task: How many?\nReference answer: 7\nWhy this is hard: it is", ("How many?", "", "7")),
    ("Instruction: X?\nReasoning: first 2, then 4\nAnswer: 4", ("X?", "", "4")),
    (
        "Instruction: Write a story.\nRubric:\n- It has a dog\n- It ends",
        ("Write a story.", "", "- It has a dog\n- It ends"),
    ),
    ("1. Instruction: Sort.\n2. Input: c a\n3. Answer: a c", ("Sort.", "c a", "a c")),
    ("Instruction: X\nInput: None\nAnswer: Y\n\nInstruction: Z\nAnswer: 2", ("X", "", "Y")),
    ("<task>Sort.</task>\n<input>\na\nb\n</input>\n<answer>a c</answer>", ("Sort.", "a\nb", "a c")),
    (
        "Instruction: Make a quiz.\nInput: rivers\nAnswer: Q: Which?\nAnswer: Nile",
        ("Make a quiz.", "rivers", "Q: Which?\nAnswer: Nile"),
    ),
    ('{"instruction": "Sort.", "input": "", "answer": "a c"}', ("Sort.", "", "a c")),
    ('```json\n{"new_task": "Sort.", "reference_answer": "a c", "difficulty": "hard"}\n```', ("Sort.", "", "a c")),
    ("指令：排序。\n输入：丙、甲\n答案：甲、丙", ("排序。", "丙、甲", "甲、丙")),
    ("好的，这是新题：\n\n**指令：**排序。\n**参考答案：**甲、丙\n\n**说明：**要想。", ("排序。", "", "甲、丙")),
    ("【指令】排序。\n【输入】丙、甲\n【答案】甲、丙", ("排序。", "丙、甲", "甲、丙")),
    ("题目：排序。\n评分标准：甲在前", ("排序。", "", "甲在前")),
    ("<think>\nInstruction: no\nAnswer: no\n</think>\nInstruction: A?\nAnswer: 4", ("A?", "", "4")),
    ("Instruction: Solve it.\nInput: …", ("Solve it.", "", "")),
]


@pytest.mark.parametrize(("text", "wanted"), NEW)
def test_a_new_task_with_its_answer(text: str, wanted: tuple[str, str, str]) -> None:
    found = read_answered(text)
    assert found
    assert found[:3] == wanted


@pytest.mark.parametrize(
    "text", ["", "I cannot do that.", "Instruction: …\nInput: …\nAnswer: …", "Answer: 4", '{"a": 1}']
)
def test_no_new_task(text: str) -> None:
    assert read_answered(text) is None


@given(pieces(*'ab \n*#:：[]{}"', "Instruction:", "Input: ", "Answer:", "答案：", "Reasoning:"))
def test_any_text_is_read(text: str) -> None:
    found = read_answered(text)
    assert found is None or found.instruction.strip()
