"""The examination: new tasks, evenly spread and the same every time; right answers count, and no answer breaks it."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.cli import main
from selfinstruct.errors import UsageError
from selfinstruct.reviewing.estimates import wilson
from selfinstruct.rows.formats.formats import rows_of
from selfinstruct.rows.reading import read_tasks
from selfinstruct.rows.writing.writing import write_rows
from selfinstruct.simulator.commitment import Key, commits
from selfinstruct.simulator.endings import ITEM
from selfinstruct.simulator.exam import (
    Graded,
    answers_in,
    grade,
    graded_to_row,
    read_answers,
    results,
    write_exam,
)
from selfinstruct.simulator.families.regexes import separates
from selfinstruct.simulator.families.zh import matching as zh
from selfinstruct.simulator.family import Asked, Family
from selfinstruct.simulator.index import Index
from selfinstruct.simulator.language import EN, LANGUAGES, ZH, Language
from selfinstruct.simulator.matching import exactly, says
from selfinstruct.task import Instance, Message, Task, task_to_row
from selfinstruct.text.tokens import tokens

BOTH = pytest.mark.parametrize("language", ["en", "zh"])
EXAMS = {language: write_exam(language, 260) for language in LANGUAGES}


def selfinstruct(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args], env={"SELFINSTRUCT_MODEL": None})


def marks(exam: list[Task], answer: Callable[[Task], str]) -> list[bool]:
    return [one.right for one in grade(exam, {task.id: answer(task) for task in exam})]


def key_of(task: Task) -> str:
    """The exam's own output, the right one of many."""
    return task.instances[0].output


def asked_in(task: Task) -> Asked:
    asked = LANGUAGES["zh" if task.id.startswith("exam-zh") else "en"].recognise(task.instruction)
    assert asked is not None
    return asked


def bare_of(task: Task) -> str:
    """The right answer alone, where the output tells it in sentences; the output where a form is wished for."""
    asked = asked_in(task)
    assert asked.family.solve is not None
    return key_of(task) if asked.ending else asked.family.solve(asked.slots, task.instances[0].input)


# What is asked.


@BOTH
def test_every_graded_family_is_asked_as_often_as_the_others(language: str) -> None:
    families = {family.name for family in LANGUAGES[language].families if family.graded}
    asked = Counter(task.extra["family"] for task in EXAMS[language])
    assert asked.keys() == families
    assert max(asked.values()) - min(asked.values()) <= 1
    first = {task.extra["family"] for task in EXAMS[language][: len(families)]}
    assert first == families


@BOTH
def test_the_tasks_differ_and_know_their_family(language: str) -> None:
    exam = EXAMS[language]
    assert len({(" ".join(tokens(task.instruction)), task.instances[0].input) for task in exam}) == len(exam)
    assert exam[6].id == f"exam-{language}-0007"
    for task in exam:
        asked = LANGUAGES[language].recognise(task.instruction)
        assert asked is not None
        assert task.extra == {"family": asked.family.name}
        assert (task.is_classification, task.origin) == (asked.family.classification, "exam")


@BOTH
def test_the_same_every_time_and_a_longer_one_begins_with_the_shorter(language: str) -> None:
    assert write_exam(language, 260) == EXAMS[language]
    assert write_exam(language, 150) == EXAMS[language][:150]
    pairs = [{(task.instruction, task.instances[0]) for task in write_exam(language, 400, seed=n)} for n in (0, 1)]
    assert len(pairs[0] & pairs[1]) < 40


LAYOUTS: dict[str, Callable[[Task], Task]] = {
    "as it is": lambda task: task,
    "other case and punctuation": lambda task: Task("x", f"  {task.instruction.upper().strip('.?。？')} !"),
    "messages": lambda task: Task("x", f"{task.instruction}\n\n{task.instances[0].input}"),
    "completion": lambda task: Task("x", f"Task: {task.instruction}\nInput: {task.instances[0].input}\n\n"),
    "later in a conversation": lambda task: Task(
        "x", "Hello.", turns=(Message(role="user", content=task.instruction),)
    ),
}


@BOTH
@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_instruction_occurs_in_the_data(language: str, layout: str) -> None:
    """In whatever layout: what would have been asked is in the data, and so something else is asked."""
    data = [LAYOUTS[layout](task) for task in EXAMS[language]]
    exam = write_exam(language, 400, without=data)
    assert not {task.instruction for task in exam} & {task.instruction for task in EXAMS[language]}
    assert write_exam(language, 50, without=data) == exam[:50]
    counts = Counter(task.extra["family"] for task in exam).values()
    assert max(counts) - min(counts) <= 1


SMALL = Family(
    name="small",
    phrasings=("Name the colour of {thing}.",),
    slots={"thing": ("grass", "snow", "coal")},
    solve=lambda slots, given: {"grass": "green", "snow": "white", "coal": "black"}[slots["thing"]],
)
LARGE = Family(
    name="large",
    phrasings=("Count on from the number.", "What comes next?"),
    draw=lambda rng, slots: str(rng.randrange(10)),
    solve=lambda slots, given: str(int(given) + 1),
    endings={
        "Give the answer alone, without any explanation.": ITEM["Give the answer alone, without any explanation."]
    },
)


def test_when_a_family_runs_out_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    families = (SMALL, LARGE, replace(LARGE, name="ungraded", phrasings=("Do as you like.",), graded=False))
    monkeypatch.setitem(LANGUAGES, "tiny", Language("tiny", families, Index(families).recognise, EN.words))
    assert Counter(task.extra["family"] for task in write_exam("tiny", 12)) == {"small": 3, "large": 9}
    with pytest.raises(UsageError, match=r"--num is 5,000, but only 43 tasks of the families are new: ask for no more"):
        write_exam("tiny", 5_000)
    assert len(write_exam("tiny", 43)) == 43
    known = [Task("x", "name the colour of SNOW")]
    assert Counter(task.extra["family"] for task in write_exam("tiny", 42, without=known)) == {"small": 2, "large": 40}


# What counts as right.


def broken_off(answer: str) -> str:
    """Its first half; "" when that says as much already, as "350.5" of "350.50 minutes" does."""
    half = answer[: max(len(answer) // 2 - 1, 0)].strip()
    return "" if re.fullmatch(rf"{re.escape(half)}\.?0*(?:[^\d.,:/].*)?", answer) and half[-1:].isdigit() else half


def without_the_number(task: Task) -> str:
    """What the output says before the number that is its answer; "" where that is none."""
    number = re.match(r"-?[\d.]+", bare_of(task))
    return key_of(task).partition(number[0])[0] if number else ""


@BOTH
def test_its_own_outputs_are_right_and_others_wrong(language: str) -> None:
    exam = EXAMS[language]
    assert all(marks(exam, key_of))
    assert not any(marks(exam, lambda task: broken_off(bare_of(task))))
    assert not any(marks(exam, without_the_number))
    assert not any(marks(exam, lambda task: "I'm sorry, but I can't help with that."))
    assert not any(marks(exam, lambda task: " \n"))
    assert not any(marks(exam, lambda task: task.instruction))
    neighbours = {exam[n].id: key_of(exam[n - 1]) for n in range(len(exam))}
    assert sum(one.right for one in grade(exam, neighbours)) <= 8, "a yes or a number may be right by accident"


MARKED = ("**{}**", '"{}"', "“{}”", "`{}`", "{}.", "  {}\n", "**{}**.", "**{}.**", '"{}".', "```\n{}\n```")


@BOTH
@pytest.mark.parametrize("mark", MARKED)
def test_marks_around_a_right_answer_do_not_matter(language: str, mark: str) -> None:
    """Unless a form is wished for, or the right answer and the input have the same marks."""
    exam = [task for task in EXAMS[language] if not asked_in(task).wished]
    assert len(exam) > 200
    wrong = []
    for task, right in zip(exam, marks(exam, lambda task: mark.format(key_of(task))), strict=True):
        edges = f"{task.instances[0].input[-1:]}{key_of(task)[-1:]}"
        if not right and not set(mark.replace("{}", "")) & set(edges):
            wrong.append((task.instruction, key_of(task)))
    assert not wrong


SUM = "What comes out if you add up all the numbers and then double the result?"
FULL = "请按中文规范修正标点，并列词语之间用顿号，文字不要改。"
TABLE = "桌上放着钥匙,手机和雨伞."
JUDGED = (
    (SUM, "2, 10, 30", "84", "84", True),
    (SUM, "2, 10, 30", "84", "**84.**", True),
    (SUM, "2, 10, 30", "84", "The answer is 84.", True),
    (SUM, "2, 10, 30", "84", "The answer is not 84.", False),
    (SUM, "2, 10, 30", "84", "The sum is 42, doubled 84.", False),
    (SUM, "2, 10, 30", "84", "84 or 85", False),
    (SUM, "2, 10, 30", "84", "84.0", True),
    (SUM + " Put your answer in square brackets.", "2, 10, 30", "[84]", "[84]", True),
    (SUM + " Put your answer in square brackets.", "2, 10, 30", "[84]", "[84.0]", True),
    (SUM + " Put your answer in square brackets.", "2, 10, 30", "[84]", "84", False),
    (SUM + " Put your answer in square brackets.", "2, 10, 30", "[84]", "[It is 84.]", False),
    (SUM + " Put your answer in square brackets.", "2, 10, 30", "[84]", "**[84]**", False),
    (SUM + ' Return JSON with the single key "answer".', "2, 10, 30", '{"answer": "84"}', "[" * 3_000, False),
    (SUM + ' Return JSON with the single key "answer".', "2, 10, 30", '{"answer": "84"}', '{"answer": 84}', True),
    (SUM + ' Return JSON with the single key "answer".', "2, 10, 30", '{"answer": "84"}', '{"answer": true}', False),
    (SUM, "2, 10, 30", "84", '"' * 3_999, False),
    (SUM, "2, 10, 30", "84", f"x {'=' * 3_900} 84", False),
    (SUM, "2, 10, 30", "84", f"84{'.' * 5_000}", False),
    (FULL, TABLE, "桌上放着钥匙、手机和雨伞。", "“桌上放着钥匙、手机和雨伞。”", True),
    (FULL, TABLE, "桌上放着钥匙、手机和雨伞。", "桌上放着钥匙、手机和雨伞", False),
)


@pytest.mark.parametrize(("instruction", "given", "key", "answer", "right"), JUDGED, ids=lambda part: str(part)[:24])
def test_answers_judged_by_hand(instruction: str, given: str, key: str, answer: str, right: bool) -> None:
    assert marks([Task("one", instruction, (Instance(given, key),))], lambda task: answer) == [right]


# Answers in whole sentences, marked by hand.

HAND = {
    language: tomllib.loads((Path(__file__).parent / "answers" / f"{language}.toml").read_text(encoding="utf-8"))[
        "question"
    ]
    for language in LANGUAGES
}
IN_CHINESE = {
    "clock": zh.as_clock,
    "date": zh.as_date,
    "item": zh.as_item,
    "list": zh.as_list(),
    "number": zh.as_item,
    "numbers": zh.as_list(zh.as_item),
    "text": zh.as_text,
    "weekday": zh.as_weekday,
}


def key_of_row(language: str, row: dict[str, Any]) -> Key:
    right, given, like = row["right"], row["input"], row.get("like", "item")

    def fits(text: str) -> bool:
        if language == "en":
            return (exactly if like == "exactly" else says)(text, right, row.get("free", True))
        if like == "label":
            return zh.said(text, zh.as_text(right), label=True)
        test = IN_CHINESE[like](right, given + row["asks"])
        return zh.said(text, test, zh.about({}, given, right), number=any(char.isdigit() for char in right))

    listed = [re.split("[、,] ?", re.split("：|: ", line)[-1]) for line in given.split("\n")]
    rivals = {one for entries in listed if right in entries for one in entries} | set(row["others"])
    return Key(right, fits, given, frozenset(rivals - {right}))


def verdict(language: str, row: dict[str, Any], answer: str) -> bool:
    key = key_of_row(language, row)
    return commits(answer, key) if row.get("free", True) else key.fits(answer)


@pytest.mark.parametrize(
    ("language", "row"),
    [(language, row) for language, rows in HAND.items() for row in rows],
    ids=[row["asks"][:32] for rows in HAND.values() for row in rows],
)
def test_what_a_chat_model_says_is_marked_as_a_person_marks_it(language: str, row: dict[str, Any]) -> None:
    assert [answer for answer in row["yes"] if not verdict(language, row, answer)] == [], "right, but marked wrong"
    assert [answer for answer in row["no"] if verdict(language, row, answer)] == [], "wrong, but marked right"


def test_there_are_enough_of_them() -> None:
    many = {language: [len(row[mark]) for row in rows for mark in ("yes", "no")] for language, rows in HAND.items()}
    assert sum(many["en"]) >= 140
    assert sum(many["zh"]) >= 100


TOLD = {
    "en": ("The answer is {}.", "Answer: {}", "So the answer is **{}**.", "Sure!\n\n{}\n\nHope this helps!"),
    "zh": ("答案是{}。", "答案：{}", "所以答案是**{}**。", "好的！\n\n{}\n\n希望对你有帮助！"),
}
UNTOLD = {
    "en": ("The answer is not {}.", "It could be {}.", "Either {} or something else."),
    "zh": ("答案不是{}。", "答案可能是{}。", "答案是{}，不对，算错了。"),
}


@BOTH
def test_a_sentence_around_an_answer_changes_nothing(language: str) -> None:
    """Bare or told, what is right stays right, and what is right for another task of the family stays wrong."""
    exam = [task for task in EXAMS[language] if not asked_in(task).ending]
    assert len(exam) > 200
    others = {task.extra["family"]: bare_of(task) for task in exam}  # the last one of each family
    neighbours = dict(
        zip([task.id for task in exam], marks(exam, lambda task: others[task.extra["family"]]), strict=True)
    )
    for frame in TOLD[language]:
        told = marks(exam, lambda task, frame=frame: frame.format(bare_of(task)))  # type: ignore[misc]
        missed = [task for task, right in zip(exam, told, strict=True) if not right and not is_literal(task)]
        assert [(task.instruction, bare_of(task)) for task in missed] == []
        wrong = marks(exam, lambda task, frame=frame: frame.format(others[task.extra["family"]]))  # type: ignore[misc]
        assert [task for task, right in zip(exam, wrong, strict=True) if right and not neighbours[task.id]] == []
    for frame in UNTOLD[language]:
        assert not any(marks(exam, lambda task, frame=frame: frame.format(bare_of(task))))  # type: ignore[misc]


def is_literal(task: Task) -> bool:
    """Of data, code or a text that is copied with changes: to the letter, with every full stop."""
    key = bare_of(task)
    return "\n" in key or key.endswith("”") or key[:1] in "{[<\\" or not marks([task], lambda task: f"{key}。.")[0]


UGLY = (
    *(
        "",
        "²",
        "٣",
        "½",
        "\0",
        "\ud800",
        "NaN",
        "1/0",
        "9" * 4_000,
        f"{'9' * 3_900} × 2 = 1",
        "1e999",
        "－３",
        "\u2028",
    ),
    *("[" * 3_999, "{" * 3_999, "(" * 3_999, '{"answer":' * 390, '{"答案":' * 390, '{"answer": 5}', "[null]", "null"),
    *(", " * 1_999, "、" * 3_999, "\n" * 3_999, " and " * 799, "|" * 3_999, "a|b\n-|-", "**" * 1_999, "```\n```"),
    *("(\\d|\\d|\\d|\\d)*x", ".*" * 40 + "x", "x{9999999999999}", "(?P<", "[", "*", "\\1", "[[a]--b]", "(" * 40),
    *(
        "def solve(",
        "import os",
        "__import__('os')._exit(9)",
        "🙂",
        "e\u0301",
        "24:60",
        "31 February 2023",
        "MMMM",
        "〇",
    ),
)


@settings(max_examples=15, deadline=2_000)
@given(data=st.data())
@pytest.mark.parametrize("language", [EN, ZH], ids=lambda language: language.code)
def test_no_answer_of_anybody_breaks_it(language: Language, data: st.DataObject) -> None:
    """Every family is asked once, and gets an ugly, a mangled or another family's answer."""
    rng = Random(data.draw(st.integers(0, 10_000)))
    exam = EXAMS[language.code][:200]
    assert {task.extra["family"] for task in exam} == {family.name for family in language.families if family.graded}
    texts = [*UGLY, *map(key_of, exam), data.draw(st.text(max_size=200))]

    def answer(task: Task) -> str:
        one, other, key = rng.choice(texts), rng.choice(texts), key_of(task)
        place = rng.randrange(len(key))
        return rng.choice((one, key[:place] + one + key[place:], one + other, key[place:], key + "\n" + one, one + key))

    assert len(marks(exam, answer)) == len(exam)


SAID = [answer for rows in HAND.values() for row in rows for mark in ("yes", "no") for answer in row[mark]]
PIECES_SAID = (
    "so ",
    "not ",
    "or ",
    "= ",
    "× ",
    "**",
    "```\n",
    "\\boxed{",
    "}",
    "$",
    "(",
    "“",
    "不",
    "所以",
    "、",
    "\n\n",
    "?",
)


@settings(max_examples=150, deadline=2_000)
@given(data=st.data())
def test_nothing_that_is_said_breaks_the_reading(data: st.DataObject) -> None:
    """Nor does it take long: pieces of answers and cues, over and over."""
    language = data.draw(st.sampled_from(sorted(HAND)))
    row = data.draw(st.sampled_from(HAND[language]))
    some = data.draw(
        st.lists(st.sampled_from([*SAID, *PIECES_SAID, row["right"], row["input"]]), min_size=1, max_size=6)
    )
    text = "".join(some) * data.draw(st.sampled_from([1, 2, 50, 1_000]))
    assert verdict(language, row, text[:4_000] + data.draw(st.text(max_size=20))) in (True, False)


@pytest.mark.parametrize("answer", UGLY, ids=lambda text: repr(text[:12]))
def test_an_ugly_answer_is_wrong_in_every_family(answer: str) -> None:
    for exam in EXAMS.values():
        right = [one.task for one in grade(exam, {task.id: answer for task in exam}) if one.right]
        # 3² is 32 where full-width digits are folded.
        assert {task.extra["family"] for task in right} <= {"zh_count_characters"}, right


# Regular expressions, which somebody else wrote.

PIECES = (
    *("a", "b", "a", "b", "(", "(?:", "(?=", "(?!", ")", ")", "|", "*", "+", "?", "*?", "{2}", "{1,2}", "{,2}", "{0,}"),
    *("[ab]", "[^a]", ".", r"\w", "^", "$", r"\b", "{", "}", "[a", r"\d", "{2,1}", "[]a]", r"\u0061", "[a-]"),
)


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_regular_expressions_match_as_pythons_do() -> None:
    rng, patterns = Random(0), 0
    for _ in range(30_000):
        pattern, text = (
            "".join(rng.choices(PIECES, k=rng.randint(1, 8))),
            "".join(rng.choices("ab1 ", k=rng.randint(0, 5))),
        )
        if re.search(r"[*+?}]\+", pattern):
            continue  # possessive: unknown here
        try:
            right = bool(re.fullmatch(pattern, text))
            patterns += 1
        except re.error:
            right = False
        assert separates(pattern, [text], []) is right, (pattern, text)
    assert patterns > 4_000


@pytest.mark.parametrize(
    "pattern", [r"(\d|\d|\d|\d)*x", ".*" * 49 + "x", r"(((((\d*)*)*)*)*)*x", "x{9999999999}", "(" * 100]
)
def test_no_regular_expression_takes_for_ever(pattern: str) -> None:
    assert not separates(pattern, ["110101199000000001"], ["11010119900000000x"])


# Answers in files.


def answered(answer: Callable[[Task], str] = key_of) -> list[Task]:
    return [replace(task, instances=(Instance(task.instances[0].input, answer(task)),)) for task in EXAMS["en"][:40]]


@pytest.mark.parametrize("form", ["seed", "alpaca", "messages", "sharegpt"])
@pytest.mark.parametrize("ending", ["jsonl", "json"])
def test_answers_are_read_in_any_layout(form: str, ending: str, tmp_path: Path) -> None:
    file = tmp_path / f"answers.{ending}"
    write_rows(file, rows_of([*answered(), Task("x", "Name a river.", (Instance("", "Ob"),))], form))
    exam = EXAMS["en"][:45]
    answers = read_answers(file, exam)
    assert answers.given == {task.id: key_of(task) for task in exam[:40]}
    assert answers.others == 1
    graded = grade(exam, answers.given)
    assert [one.right for one in graded] == [True] * 40 + [False] * 5
    assert [one.answer for one in graded[40:]] == [None] * 5


def test_rows_of_id_and_output_will_do(tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    write_rows(file, ({"id": task.id, "output": key_of(task)} for task in EXAMS["zh"][:60]))
    assert all(one.right for one in grade(EXAMS["zh"][:60], read_answers(file, EXAMS["zh"]).given))


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
@pytest.mark.parametrize("whole", [False, True], ids=["id and output", "whole rows"])
def test_empty_answers_are_answers_and_wrong(ending: str, whole: bool, tmp_path: Path) -> None:
    exam, answers = tmp_path / "exam.jsonl", tmp_path / f"answers.{ending}"
    tasks = EXAMS["en"][:30]
    write_rows(exam, map(task_to_row, tasks))
    more = [{"instruction": task.instruction, "input": task.instances[0].input} if whole else {} for task in tasks]
    write_rows(answers, ({"id": task.id, "output": ""} | row for task, row in zip(tasks, more, strict=True)))
    done = selfinstruct("grade", exam, answers)
    assert done.exit_code == 0, done.output
    last = done.stdout.splitlines()[-1]
    assert last.startswith("right: 0 of 30, 0.0% ")
    assert last.endswith("; 30 without an answer, which is wrong")


def test_an_id_counts_only_with_its_instruction() -> None:
    exam, other = EXAMS["en"][:40], write_exam("en", 40, seed=1)
    assert [task.id for task in exam] == [task.id for task in other]
    assert answers_in(other, exam).given == {}
    renamed = [replace(task, id=f"r{n}") for n, task in enumerate(exam)]
    assert answers_in(renamed, exam) == ({task.id: key_of(task) for task in exam}, 0)


def test_two_answers_to_a_task_are_one_too_many() -> None:
    exam = EXAMS["en"][:40]
    with pytest.raises(UsageError, match="two answers to 'exam-en-0001': keep one of them"):
        answers_in([*exam, replace(exam[0], id="again")], exam)


# Results.


def test_wilsons_interval() -> None:
    """Figures from Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    for right, asked, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert wilson(right / asked, asked) == pytest.approx((low, high), abs=5e-5)


def test_results_by_family_the_best_first() -> None:
    one = EXAMS["en"][0]
    graded = [
        Graded(one, name, "x", right)
        for name, right in (("a", False), ("b", True), ("c", True), ("a", True), ("b", True))
    ]
    table = results(graded)
    assert [list(column.cells) for column in table.columns] == [
        ["b", "c", "a", "all"],
        ["2", "1", "1", "4"],
        ["2", "1", "2", "5"],
        ["100%", "100%", "50%", "80%"],
    ]


# The commands.


@BOTH
def test_exam_and_grade(language: str, tmp_path: Path) -> None:
    """The built-in teacher answers all that it writes in whole."""
    exam, run, out = tmp_path / "exam.jsonl", tmp_path / "run", tmp_path / "graded.jsonl"
    data = tmp_path / "data.jsonl"
    write_rows(data, map(task_to_row, EXAMS[language][:100]))
    arguments = ("exam", "--num", 120, "--language", language, "--seed", 0, "--without", data, "--without", data)
    done = selfinstruct(*arguments, "--out", exam)
    assert done.exit_code == 0, done.output
    assert re.fullmatch(
        rf"{exam}: 120 tasks of \d+ families, 1(?: or 2)? of each;"
        r" nothing in the 200 tasks of --without asks the same\n",
        done.stdout,
    )
    tasks = read_tasks(exam)
    assert tasks == write_exam(language, 120, without=EXAMS[language][:100])
    done = selfinstruct("run", "respond", "--seeds", exam, "--out", run)
    assert done.exit_code == 0, done.output
    done = selfinstruct("grade", exam, run, "--out", out)
    assert done.exit_code == 0, done.output
    *table, last = done.stdout.splitlines()
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    right, missing = sum(row["right"] for row in rows), sum(row["answer"] is None for row in rows)
    assert right == len(read_tasks(run)) == 120 - missing > 100
    assert len(table) == 2 + len({task.extra["family"] for task in tasks})
    assert table[-1].split()[:3] == ["all", str(right), "120"]
    assert last.startswith(f"right: {right} of 120, {right / 120:.1%} (95% interval ")
    assert f"{missing} without an answer" in last or not missing
    assert graded_to_row(grade(tasks, {})[0]).keys() == rows[0].keys()


def test_the_same_bytes(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("one.jsonl", "two.jsonl", "short.jsonl")]
    for file, num in zip(files, (80, 80, 30), strict=True):
        assert selfinstruct("exam", "--num", num, "--out", file).exit_code == 0
    one, two, short = (file.read_bytes() for file in files)
    assert one == two
    assert one.startswith(short)


Mistake = Callable[[Path], list[object]]


def grading(exam: str, answers: str) -> Mistake:
    def command(tmp: Path) -> list[object]:
        for name, text in (("exam.jsonl", exam), ("answers.jsonl", answers)):
            (tmp / name).write_text(text)
        return ["grade", tmp / "exam.jsonl", tmp / "answers.jsonl", "--out", tmp / "out.jsonl"]

    return command


def row(**keys: object) -> str:
    return json.dumps(task_to_row(EXAMS["en"][0]) | keys) + "\n"


ONE = row()
MISTAKES: dict[str, tuple[Mistake, str]] = {
    "num 0": (lambda tmp: ["exam", "--num", 0, "--out", tmp / "e.jsonl"], "--num is 0: ask for at least 1 task"),
    "language": (lambda tmp: ["exam", "--language", "fr", "--out", tmp / "e.jsonl"], "'fr' is not one of 'en', 'zh'"),
    "ending": (lambda tmp: ["exam", "--out", tmp / "e.xls"], "cannot write '.xls'"),
    "data": (lambda tmp: ["exam", "--without", tmp / "none.jsonl", "--out", tmp / "e.jsonl"], "no such file"),
    "no run": (lambda tmp: ["exam", "--without", tmp, "--out", tmp / "e.jsonl"], "folder without tasks.jsonl"),
    "no exam": (
        grading(row(instruction="Name a river."), ONE),
        "'exam-en-0001' ('Name a river.') is no task of an exam",
    ),
    "two inputs": (grading(row(instances=[]), ONE), "as it has not one input and output"),
    "another key": (grading(row(instances=[{"input": "?", "output": "?"}]), ONE), "is no task of an exam"),
    "taste": (
        grading(row(instruction="Think up two questions with which to interview a train driver."), ONE),
        "no rule",
    ),
    "no answers": (grading(ONE, '{"instruction": "Name a river.", "output": "Ob"}'), "run answer EXAM"),
    "no task": (grading(ONE, '{"id": "exam-en-9999", "output": "4"}'), "line 1: no instruction"),
    "no row": (grading(ONE, "7"), "line 1: a row is an object"),
    "twice": (grading(ONE, ONE + ONE), "two answers to 'exam-en-0001'"),
    "grade ending": (lambda tmp: [*grading(ONE, ONE)(tmp)[:-1], tmp / "out.xls"], "cannot write '.xls'"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_gets_one_line(name: str, tmp_path: Path) -> None:
    mistake, words = MISTAKES[name]
    args = mistake(tmp_path)
    before = sorted(tmp_path.iterdir())
    done = selfinstruct(*args)
    assert done.exit_code == 2, done.output
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before, "nothing is written"
