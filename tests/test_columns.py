"""Columns: what people call the instruction, the input, the output and the rest."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.errors import UsageError
from selfinstruct.rows.layouts.columns import NAMES, OURS, Columns, carried, check_found, parse_columns, without
from selfinstruct.rows.layouts.layouts import task_of
from selfinstruct.rows.notes import Notes
from selfinstruct.task import OWN_KEYS, Instance, Task


def read(row: dict[str, Any], columns: dict[str, str] | None = None) -> tuple[Task, list[str]]:
    notes = Notes()
    task = task_of(row, "t", notes, columns)
    return task, [*notes.unused, *notes.done]


PLAIN = Task("t", "Name a tree.", (Instance("", "The oak."),))

PAIRS = [
    *("instruction output", "instruction response", "prompt completion", "prompt response", "question answer"),
    *("query response", "query answer", "problem solution", "inputs targets", "input output", "input target"),
    *("input_text target_text", "source target", "src tgt", "user assistant", "human bot", "task output"),
    *("Instruction Output", "PROMPT RESPONSE", "Question Answer", "Context Response", "text code", "prompt ideal"),
    *("prompt canonical_solution", "problem generated-solution", "question best_answer", "message reply", "q a"),
    *("指令 输出", "问题 答案", "instructions outputs", "prompt reference_answer", "inputs_pretokenized targets"),
]


@pytest.mark.parametrize("pair", PAIRS)
def test_question_and_answer_by_any_name(pair: str) -> None:
    question, answer = pair.split()
    assert read({question: "Name a tree.", answer: "The oak."}) == (PLAIN, [])
    assert read({answer: "The oak.", question: "Name a tree.", "score": 3})[0].extra == {"score": 3}
    assert read({f" {question} ".title(): "Name a tree.", answer: "The oak."}) == (PLAIN, [])


@pytest.mark.parametrize("name", ["input", "Input", "context", "inputs", "passage", "document", "输入"])
def test_the_input_by_any_name(name: str) -> None:
    task, noted = read({"instruction": "Name the tree.", name: "It bears acorns.", "output": "The oak."})
    assert task == Task("t", "Name the tree.", (Instance("It bears acorns.", "The oak."),))
    assert not noted


def test_an_empty_instruction_with_a_question_in_the_input_is_a_question() -> None:
    for nothing in ("", " \n", None):
        assert read({"instruction": nothing, "input": "Name a tree.", "output": "The oak."}) == (PLAIN, [])
    task, _ = read({"instruction": "", "input": "Name a tree.", "output": "The oak.", "task": "trees"})
    assert (task.instruction, task.extra) == ("Name a tree.", {"task": "trees"}), "an empty column is one, too"
    assert read({"input": "Name a tree."})[0] == Task("t", "Name a tree."), "its answer is to come"


def test_of_several_candidates_one_wins_and_the_others_are_carried_along() -> None:
    row = {"query": "c", "question": "b", "instruction": "Name a tree.", "response": "The oak.", "answer": "Oak"}
    for given_ in (row, dict(reversed(row.items()))):
        assert read(given_)[0] == Task(
            "t", "Name a tree.", (Instance("b", "The oak."),), extra={"query": "c", "answer": "Oak"}
        )
    worked = {"problem": "Name a tree.", "solution": "The oak.", "answer": "Oak", "source": "school"}
    assert read(worked)[0] == Task("t", "Name a tree.", PLAIN.instances, extra={"answer": "Oak", "source": "school"})
    copied = {"instruction": "Name a tree.", "input": "", "output": "The oak.", "text": "Name a tree. The oak."}
    assert read(copied)[0] == Task("t", "Name a tree.", PLAIN.instances, extra={"text": "Name a tree. The oak."})


def test_of_names_that_differ_in_case_the_small_one_is_it() -> None:
    row = {"Instruction": "Count.", "instruction": "Name a tree.", "output": "The oak.", "OUTPUT": "Elm"}
    task = Task("t", "Name a tree.", PLAIN.instances, extra={"Instruction": "Count.", "OUTPUT": "Elm"})
    assert read(row)[0] == read(dict(reversed(row.items())))[0] == task


def test_a_key_that_would_be_taken_for_ours_is_renamed() -> None:
    task, _ = read({"prompt": "Name a tree.", "output": "The oak.", "origin": 3, "turns": 2, "tools": None})
    assert task.extra == {"origin_": 3, "turns_": 2}
    assert task.origin == "seed"
    assert carried({"origin": 1, "origin_": 2}) == {"origin_": 1, "origin__": 2}


# --columns


def test_columns_as_somebody_says() -> None:
    columns = parse_columns("instruction=aufgabe, output=antwort")
    row = {"aufgabe": "Name a tree.", "antwort": "The oak.", "instruction": "Count.", "output": "Elm", "prompt": "x"}
    assert read(row, columns)[0] == Task(
        "t", "Name a tree.", PLAIN.instances, extra={"instruction_": "Count.", "output": "Elm", "prompt": "x"}
    )
    assert read({"frage": "Name a tree.", "output": "The oak."}, {"input": "frage"})[0] == PLAIN
    assert read({"instruction": "Name a tree.", "a": "The oak.", "input": "x"}, {"output": "a", "id": "input"})[
        0
    ] == Task("x", "Name a tree.", PLAIN.instances)


@pytest.mark.parametrize("ours", OURS)
def test_every_column_can_be_said(ours: str) -> None:
    question, answer = {"role": "user", "content": "Name a tree."}, {"role": "assistant", "content": "The oak."}
    values: dict[str, Any] = {
        "turns": [question, answer],
        "history": [["Hello", "Hi."]],
        "label": True,
        "tools": [{"name": "trees"}],
        "id": "7",
    }
    row = {"instruction": "Name a tree.", "output": "The oak.", "input": "In Spain.", "chosen": "Yes", "rejected": "No"}
    if ours not in ("chosen", "rejected"):
        del row["chosen"], row["rejected"]
    said = {**row, ours: values.get(ours, row.get(ours, "Be brief."))}
    usual = {"label": "kto_tag", "turns": "messages"}.get(ours, ours)
    theirs = {"spalte 7" if key == ours else key: value for key, value in said.items()}
    plain = {usual if key == ours else key: value for key, value in said.items()}
    assert read(theirs, {ours: "spalte 7"}) == read(plain)
    assert "spalte 7" not in read(theirs, {ours: "spalte 7"})[0].extra


def test_a_column_that_is_not_there() -> None:
    with pytest.raises(ValueError, match=r"^no column 'aufgabe' to be the instruction: the row has prompt, output$"):
        read({"prompt": "Name a tree.", "output": "The oak."}, {"instruction": "aufgabe"})
    row = {"prompt": "Name a tree.", "output": "The oak."}
    assert read(row, {"input": "eingabe"}) == (PLAIN, [without("eingabe")]), "null in a table is absence"
    notes = Notes()
    for eingabe in ("", None):
        task_of({**row, **({} if eingabe is None else {"eingabe": eingabe})}, "t", notes, {"input": "eingabe"})
    check_found({"input": "eingabe"}, notes, rows=2)
    with pytest.raises(UsageError, match="no row has the column 'eingabe' that is to be the input: look at --columns"):
        check_found({"input": "eingabe"}, notes, rows=1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "--columns '' names no column: write OURS=THEIRS, as in instruction=aufgabe"),
        (",", "--columns ',' names no column"),
        ("aufgabe", "--columns 'aufgabe': write OURS=THEIRS"),
        ("instruction=", "--columns 'instruction=': write OURS=THEIRS"),
        ("=aufgabe", "--columns '=aufgabe': write OURS=THEIRS"),
        ("instuction=aufgabe", "did you mean 'instruction'? There are: instruction, input, output"),
        ("prompt=aufgabe", "there are: instruction, input, output, system"),
        ("input=a,input=b", "--columns names input twice: a and b; choose one"),
        ("input=a,output=a", "--columns names the column 'a' twice; choose what it is"),
    ],
)
def test_columns_that_cannot_be(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=re.escape(words)):
        parse_columns(text)


def test_columns_with_signs_in_their_names() -> None:
    assert parse_columns(" input = a=b ,output=c d,") == {"input": "a=b", "output": "c d"}


@given(st.text(max_size=40))
def test_any_option_is_columns_or_one_clear_line(text: str) -> None:
    found: dict[str, str] = {}
    complaint = ""
    try:
        found = parse_columns(text)
    except UsageError as error:
        complaint = str(error)
    assert "\n" not in complaint
    assert set(found) <= set(OURS)
    assert bool(found) is not bool(complaint)


# The table


def test_the_table_is_written_as_it_is_looked_up() -> None:
    for names in NAMES.values():
        assert len(names) == len(set(names))
        assert [re.sub(r"[\s_\-]", "", name.lower()) for name in names] == list(names)


def test_columns_are_taken_once() -> None:
    columns = Columns({"prompt": "a", "question": "b", "empty": "", "zero": 0, "no": False})
    assert columns.take("instruction") == ("prompt", "a")
    assert columns.take("instruction") == ("question", "b")
    assert columns.take("instruction") is None
    assert columns.left == {"zero": 0, "no": False}
    assert not set(OWN_KEYS) & set(columns.left)
