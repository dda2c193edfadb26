"""IFEval: every kind of instruction with texts that follow it and texts that don't; files as they are published."""

from __future__ import annotations

import json
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.errors import UsageError
from selfinstruct.evaluating.ifeval import by_instruction, followed, levels, read_ifeval
from selfinstruct.evaluating.ifeval_checks import CHECKS, follows, sentences, words
from selfinstruct.rows.writing.writing import write_rows
from selfinstruct.task import Task

Case = tuple[str, dict[str, Any], tuple[str, ...], tuple[str, ...]]
"""An instruction, its arguments, texts that follow it, texts that don't."""

CASES: tuple[Case, ...] = (
    (
        "keywords:existence",
        {"keywords": ["ferry", "C++"]},
        ("The Ferry's log is written in C++.",),
        ("The ferry is late.", "C++ is late."),
    ),
    (
        "keywords:frequency",
        {"keyword": "tide", "frequency": 2, "relation": "at least"},
        ("Tide after tide.", "High tide, low tide, tide."),
        ("One tide.", "None."),
    ),
    (
        "keywords:frequency",
        {"keyword": "tide", "frequency": 2, "relation": "less than"},
        ("One tide.", "None."),
        ("Tide after tide.",),
    ),
    ("keywords:forbidden_words", {"forbidden_words": ["oar"]}, ("They roar.", "No boat."), ("One OAR.", "oar")),
    ("keywords:forbidden_words", {"forbidden_words": ["船"]}, ("海上没有人。",), ("有一条船在海上。",)),
    (
        "keywords:letter_frequency",
        {"letter": "E", "let_frequency": 3, "let_relation": "at least"},
        ("Every eel eats.",),
        ("An eel.",),
    ),
    (
        "language:response_language",
        {"language": "de"},
        ("Die Fähre fährt heute nicht, weil der Wind zu stark ist.",),
        ("The ferry does not sail today because the wind is too strong.", "渡轮今天不开。"),
    ),
    (
        "language:response_language",
        {"language": "zh-cn"},
        ("渡轮今天不开，因为风太大了。",),
        ("フェリーは今日は動きません。", "No ferry today, as there is too much wind."),
    ),
    ("language:response_language", {"language": "hi"}, ("आज तेज़ हवा के कारण नाव नहीं चलेगी।",), ("No ferry sails today.",)),
    (
        "length_constraints:number_sentences",
        {"num_sentences": 3, "relation": "less than"},
        ("Mr. Lund waits. He reads.", "It costs 3.50 today! Good."),
        ("One. Two. Three.",),
    ),
    (
        "length_constraints:number_sentences",
        {"num_sentences": 2, "relation": "at least"},
        ("风很大。船不开。", '"Gone?" he asked. She nodded.'),
        ("风很大，船不开。", "The U.S. coast is long."),
    ),
    (
        "length_constraints:number_paragraphs",
        {"num_paragraphs": 2},
        ("One.\n***\nTwo.", "***\nOne.\n***\nTwo.\n***"),
        ("One.\n\nTwo.", "One.\n***\n***\nTwo.", "A\n***\nB\n***\nC"),
    ),
    (
        "length_constraints:number_words",
        {"num_words": 5, "relation": "at least"},
        ("one two three four five", "今天风很大"),
        ("one two three four", "风很大"),
    ),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Later"},
        ("Wind.\n\nLater, rain.", 'Wind.\n\n"Later" is a word.'),
        ("Wind.\n\nMuch later.", "Later.\n\nWind.", "Wind.\n\nLater.\n\nSun.", "Later"),
    ),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 1, "nth_paragraph": 1, "first_word": "今天"},
        ("今天有风。",),
        ("明天有风。",),
    ),
    (
        "detectable_content:number_placeholders",
        {"num_placeholders": 2},
        ("Dear [name], come to [place].",),
        ("Dear [name].", "[a\nb] [c]"),
    ),
    (
        "detectable_content:postscript",
        {"postscript_marker": "P.S."},
        ("Bye.\nP.S. Bring oars.", "p. s. Oars"),
        ("Bye. PS: oars",),
    ),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}, ("P.P.S. One more.",), ("P.S. One.",)),
    (
        "detectable_format:number_bullet_lists",
        {"num_bullets": 2},
        ("Take:\n* an oar\n* a rope", "- oar\n  - rope"),
        ("* oar", "* a\n* b\n- c", "**Oar** and rope"),
    ),
    (
        "detectable_format:constrained_response",
        {},
        ("My answer is no.", "Well. My answer is maybe.", "我的答案是不确定。"),
        ("No.", "My answer is unclear."),
    ),
    (
        "detectable_format:number_highlighted_sections",
        {"num_highlights": 2},
        ("*Wind* and **high waves**.",),
        ("*Wind*.", "** ** and * *", "2 * 3 = 6"),
    ),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "DAY", "num_sections": 2},
        ("DAY 1\nRow.\nDAY 2\nRest.",),
        ("DAY 1\nRow.", "Day 1\nDay 2"),
    ),
    (
        "detectable_format:json_format",
        {},
        ('{"oars": 2}', '```json\n{"oars": [1, 2]}\n```'),
        ("Oars: 2", 'Here: {"oars": 2}'),
    ),
    ("detectable_format:title", {}, ("<<The last ferry>>\nIt left.",), ("<The last ferry>", "<< >>")),
    (
        "combination:two_responses",
        {},
        ("Row.\n******\nSail.", "******Row.******Sail.******"),
        ("Row.\n******\nRow.", "Row.", "Row.******Sail.******Swim.", "Row.************Sail."),
    ),
    (
        "combination:repeat_prompt",
        {"prompt_to_repeat": "Name two knots."},
        ("Name two knots.\nBowline and reef knot.",),
        ("Bowline and reef knot.", "Sure! Name two knots. Bowline"),
    ),
    (
        "startend:end_checker",
        {"end_phrase": "Safe sailing!"},
        ("Go. Safe sailing!", '"Go. SAFE SAILING!"'),
        ("Safe sailing! Go.",),
    ),
    ("startend:quotation", {}, ('"All of it."', "“全部都在里面。”"), ('"Some" of it.', '"', "'All of it.'")),
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 2, "capital_relation": "at least"},
        ("STOP at ONCE.", "WELL-KNOWN and SO on"),
        ("STOP now.", "WELL-KNOWN"),
    ),
    (
        "change_case:english_capital",
        {},
        ("THE FERRY IS LATE TODAY BECAUSE OF THE WIND.",),
        ("THE FERRY IS Late TODAY.", "DIE FÄHRE FÄHRT HEUTE NICHT WEGEN DES WINDES."),
    ),
    (
        "change_case:english_lowercase",
        {},
        ("the ferry is late today because of the wind.",),
        ("The ferry is late today.", "die fähre fährt heute nicht wegen des windes."),
    ),
    ("punctuation:no_comma", {}, ("No wind and no rain.",), ("No wind, no rain.", "没有风，没有雨。")),
)


@pytest.mark.parametrize(("name", "arguments", "right", "wrong"), CASES, ids=[one[0] for one in CASES])
def test_a_checker_knows_right_from_wrong(
    name: str, arguments: dict[str, Any], right: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    assert {text: follows(name, arguments, text) for text in right} == dict.fromkeys(right, True)
    assert {text: follows(name, arguments, text) for text in wrong} == dict.fromkeys(wrong, False)


def test_every_one_of_the_25_is_tried_and_an_empty_answer_follows_none() -> None:
    assert {one[0] for one in CASES} == set(CHECKS)
    assert len(CHECKS) == 25
    assert not any(follows(name, arguments, " \n") for name, arguments, _, _ in CASES)


@given(st.sampled_from(CASES), st.text(alphabet="a A.*[]\n-\"{}<>,字。1'", max_size=60))
def test_any_text_is_checked(case: Case, text: str) -> None:
    assert follows(case[0], case[1], text) in (True, False)


@pytest.mark.parametrize(
    "unit", ["[", "<<", "《", "*", ".", "。", "```", "'", " ", "\n", "- ", "a.", "1. ", "******", "[a", "字"]
)
def test_a_long_answer_takes_no_longer_than_its_length(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    started = process_time()
    for name, arguments, _, _ in CASES:
        follows(name, arguments, text)
    assert process_time() - started < 4


@pytest.mark.parametrize(
    ("many", "text"),
    [
        (1, "Hello there"),
        (2, "Mr. Smith met Dr. Jones. They ate."),
        (1, "It costs 3.5 dollars."),
        (3, "Wait! What? Yes."),
        (2, "1. Buy milk.\n2. Sell bread."),
        (2, "I got 7. She got 8."),
        (2, "It was I. Then he came."),
        (2, "We saw cats, dogs, etc. Then we left."),
        (1, "We saw cats, dogs, etc. and left."),
        (2, "He lives in the U.S. She does not."),
        (3, "今天下雨。我们不去了！你呢？"),
        (2, "她说：“你好。”然后走了。"),
        (0, "..."),
    ],
)
def test_sentences_are_counted(many: int, text: str) -> None:
    assert sentences(text) == many


def test_words_are_counted() -> None:
    assert words("It's 5 o'clock, isn't it?") == 8, "as published: at every apostrophe there are two"
    assert words("用Python写两个程序") == 7


# Files


def row(**more: Any) -> dict[str, Any]:
    names = ["keywords:existence", "punctuation:no_comma"]
    usual = {"key": 7, "prompt": "Write of a ferry.", "instruction_id_list": names}
    return usual | {"kwargs": [{"keywords": ["ferry"]}, {}]} | more


def written(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows), encoding="utf-8")
    return path


def test_googles_file_and_the_hubs_are_read_alike(tmp_path: Path) -> None:
    """On the hub every row has every argument, null where there is none."""
    null = {"num_words": None, "relation": None}
    hub = row(kwargs=[{"keywords": ["ferry"], **null}, {"keywords": None, **null}])
    one, other = (read_ifeval(written(tmp_path / f"{n}.jsonl", made)).tasks for n, made in enumerate((row(), hub)))
    assert one == other
    assert (one[0].id, one[0].instruction) == ("7", "Write of a ferry.")


def test_multi_if_in_csv_is_read_by_its_first_turn(tmp_path: Path) -> None:
    made = {
        "turn_1_prompt": json.dumps({"role": "user", "content": "写一写渡轮。"}, ensure_ascii=False),
        "turn_1_instruction_id_list": json.dumps(["punctuation:no_comma", "length_constraints:number_words"]),
        "turn_1_kwargs": json.dumps(["{}", json.dumps({"relation": "at least", "num_words": 6})]),
        "turn_2_prompt": json.dumps({"role": "user", "content": "再短一点。"}, ensure_ascii=False),
        "key": "7:1:zh",
        "language": "Chinese",
    }
    write_rows(tmp_path / "zh.csv", [made], reading=[])
    (task,) = read_ifeval(tmp_path / "zh.csv").tasks
    assert (task.id, task.instruction) == ("7:1:zh", "写一写渡轮。")
    assert followed(task, "渡轮今天不开。").strict == (True, True)
    assert followed(task, "渡轮，不开。").strict == (False, False)


def test_what_cannot_be_verified_is_left_out_and_counted(tmp_path: Path) -> None:
    strange = row(instruction_id_list=["count:ferries", "punctuation:no_comma"])
    lacking = row(kwargs=[{}, {}])
    odd = row(
        instruction_id_list=["length_constraints:number_words"] * 2, kwargs=[{"num_words": 3, "relation": "near"}] * 2
    )
    read = read_ifeval(written(tmp_path / "some.jsonl", row(), strange, lacking, odd, row()))
    assert [task.id for task in read.tasks] == ["7", "7-2"]
    assert sorted(read.left_out) == [
        "keywords:existence lacks keywords",
        "length_constraints:number_words: the relation 'near' is none of less than, at least, at most, more than, "
        "exactly",
        "no checker for count:ferries",
    ]


@pytest.mark.parametrize(
    ("made", "why"),
    [
        ({"prompt": "Write."}, "no instruction_id_list"),
        (row(kwargs=[{}]), "kwargs are no list of 2 objects"),
        (row(kwargs="none"), "kwargs are no list of 2 objects"),
        (row(prompt=""), "no prompt"),
        (["Write."], "a row is an object"),
        (row(instruction_id_list=["count:ferries", "count:oars"]), "of 1 none can be verified: no checker for count"),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_line(tmp_path: Path, made: Any, why: str) -> None:
    with pytest.raises(UsageError, match=why) as refused:
        read_ifeval(written(tmp_path / "odd.jsonl", made))
    assert "\n" not in str(refused.value)


# Marks

TASKS = [
    Task("a", "?", extra={"instruction_id_list": ["punctuation:no_comma", "startend:quotation"], "kwargs": [{}, {}]}),
    Task("b", "?", extra={"instruction_id_list": ["detectable_format:json_format"], "kwargs": [{}]}),
]


@pytest.mark.parametrize(
    "answer", ["Sure! Here it is:\n{}", "{}\nI hope that helps, does it?", "Here:\n{}\nBye.", "*{}*", "Here:\n**{}**"]
)
def test_loose_is_of_what_stands_around_the_answer(answer: str) -> None:
    found = followed(TASKS[1], answer.replace("{}", '{"oars": 2}'))
    assert (found.strict, found.loose) == ((False,), (True,))


def test_loose_is_never_less_than_strict_and_the_levels_are_as_published() -> None:
    marks = [followed(TASKS[0], '"One and two."'), followed(TASKS[1], "no"), followed(TASKS[0], "One, two.")]
    marks.append(followed(TASKS[1], 'Here:\n{"oars": 2}'))
    assert {name: round(one.value, 4) for name, one in levels(marks).items()} == {
        "prompt strict": 0.25,
        "prompt loose": 0.5,
        "instruction strict": 0.3333,
        "instruction loose": 0.5,
    }
    assert {name: one.value for name, one in by_instruction(marks).items()} == {
        "detectable_format:json_format": 0.0,
        "punctuation:no_comma": 0.5,
        "startend:quotation": 0.5,
    }
    assert levels(marks)["instruction strict"].clusters == 2, "of one prompt, asked twice"


def test_no_answer_follows_nothing() -> None:
    assert followed(TASKS[0], "").loose == (False, False)
