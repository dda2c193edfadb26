"""The filters on labelled tasks, tests/labelled/FILTER.LANGUAGE.jsonl, and the examples of their tables.

A line is a task, whether it should be dropped, and why: written for this, as people and models write, half of them
tasks that look as if they should be dropped. benchmarks/filters.py prints the figures.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from selfinstruct.filters import FILTERS
from selfinstruct.filters.pool import Pool
from selfinstruct.rows.reading import tasks_of
from selfinstruct.task import Evolved, Instance, Message, Reason, Task
from selfinstruct.text import keywords_zh, refusals_en, refusals_zh, undone
from selfinstruct.text.keywords import find_keyword
from selfinstruct.text.keywords_en import SEEN_OR_DONE, find_seen_or_done
from selfinstruct.text.labels import HEADINGS, LABELS, SPOKEN_OF, Label, find_label
from selfinstruct.text.placeholders import is_placeholder
from selfinstruct.text.refusals import is_refusal
from selfinstruct.text.requests import asks, material_cut
from selfinstruct.text.senses_en import ABOUT, OTHER_SENSES, QUESTIONS, Kind

FILES = sorted((Path(__file__).parent / "labelled").glob("*.jsonl"))
JUDGED = ("ascii", "keywords", "language", "leak", "length", "output", "program", "punctuation", "refusal", "sorry")


def test_each_filter_of_one_task_is_labelled_in_both_languages() -> None:
    names = {file.name for file in FILES}
    assert {f"{name}.{language}.jsonl" for name in (*JUDGED, "stop_words") for language in ("en", "zh")} <= names


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_filter_is_right(file: Path) -> None:
    """Precision .95 and recall .9 at least, on 60 tasks at least, of which about half should stay."""
    name, language = file.name.split(".")[:2]
    drop = FILTERS[name](language) if name == "language" else FILTERS[name]()
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert len(rows) >= 60
    assert 0.4 < sum(row["drop"] for row in rows) / len(rows) < 0.6
    assert all(row["why"] for row in rows)
    found = [(bool(drop(task, Pool())), task.extra["drop"]) for task in tasks_of(rows)]
    right = found.count((True, True))
    assert right / sum(dropped for dropped, _ in found) >= 0.95, "precision"
    assert right / sum(wanted for _, wanted in found) >= 0.9, "recall"


@pytest.mark.parametrize("label", [*LABELS, *HEADINGS, *SPOKEN_OF], ids=lambda label: label.example)
def test_each_label_is_found(label: Label) -> None:
    assert find_label(label.example)
    assert label.source


@pytest.mark.parametrize("label", SPOKEN_OF, ids=lambda label: label.example)
def test_what_may_be_the_input_is_no_label_where_there_is_one(label: Label) -> None:
    assert not find_label(label.example, has_material=True)


@pytest.mark.parametrize("kind", SEEN_OR_DONE, ids=lambda kind: kind.example)
def test_what_cannot_be_seen_or_done(kind: Kind) -> None:
    assert find_seen_or_done(kind.example)
    assert kind.source


@pytest.mark.parametrize("kind", [*ABOUT, *OTHER_SENSES, *QUESTIONS], ids=lambda kind: kind.example)
def test_what_can_be_written_about(kind: Kind) -> None:
    assert find_seen_or_done(kind.example) is None


@pytest.mark.parametrize("kind", keywords_zh.SEEN_OR_DONE, ids=lambda kind: kind.example)
def test_what_cannot_be_seen_or_done_in_chinese(kind: Kind) -> None:
    assert find_keyword(kind.example)
    assert kind.source


@pytest.mark.parametrize("kind", keywords_zh.HARMLESS, ids=lambda kind: kind.example)
def test_what_can_be_written_about_in_chinese(kind: Kind) -> None:
    assert find_keyword(kind.example) is None
    assert kind.source


OWN = (*refusals_en.OWN, *refusals_zh.OWN)
CLAUSES = (*refusals_en.CLAUSES, *refusals_zh.CLAUSES)
UNDONE = (*undone.ASKS_BACK, *undone.NOT_THERE, *undone.AGAINST_RULES, *undone.TURNS_AWAY)


@pytest.mark.parametrize("row", OWN, ids=lambda row: row.example)
def test_what_only_a_model_says_is_a_refusal_whatever_was_asked_for(row: refusals_en.Opening) -> None:
    assert row.source
    for asked in ("", "Explain tides.", "Write a reply to a customer.", "Write an apology."):
        assert is_refusal(row.example, asked)


@pytest.mark.parametrize("row", [*CLAUSES, *UNDONE], ids=lambda row: row.example)
def test_what_a_person_might_say_is_a_refusal_where_nobody_s_words_are_wanted(row: refusals_en.Opening) -> None:
    assert row.source
    assert is_refusal(row.example, "Tell me the above.")


@pytest.mark.parametrize(
    "said", ["I have no idea who took it.", "You haven't told me about the hotel.", "我没有闹钟。"]
)
def test_what_a_person_might_say_is_none_where_words_are_wanted(said: str) -> None:
    for asked in ("", "Write a reply to a customer.", "Write an apology.", "给朋友写一条短信。"):
        assert not is_refusal(said, asked)


def test_leak_ignores_what_the_parent_says() -> None:
    parent = Evolved("deepen", 1, "Improve my rewritten prompt.")
    task = Task("t", "Improve my rewritten prompt and say why it is better.", evolved=parent)
    assert FILTERS["leak"]()(task, Pool()) is None
    other = Evolved("deepen", 1, "Improve my text.")
    leaked = Task("t", task.instruction, evolved=other)
    assert FILTERS["leak"]()(leaked, Pool()) == Reason("leak", "rewritten prompt")


def test_answers_of_a_conversation_are_looked_at() -> None:
    said = ("Write a poem about moss.", "N/A", "Please try again.", "I'm sorry, but I can't help with that.")
    turns = tuple(Message(role=("user", "assistant")[at % 2], content=text) for at, text in enumerate(said))
    task = Task("t", said[0], turns=turns)
    assert FILTERS["output"]()(task, Pool()) == Reason("no answer", "N/A")
    assert FILTERS["refusal"]()(task, Pool()) == Reason("refusal")
    assert FILTERS["sorry"]()(task, Pool()) == Reason("sorry")
    calling = (turns[0], Message(role="assistant", content="", tool_calls=[{"function": {"name": "moss"}}]))
    assert FILTERS["output"]()(Task("t", said[0], turns=calling), Pool()) is None


def test_a_short_instruction_with_an_input_is_a_task() -> None:
    assert FILTERS["length"]()(Task("t", "Translate:", (Instance("The bell rings.", "…"),)), Pool()) is None
    for nothing in ("", "<noinput>", "N/A"):
        found = FILTERS["length"]()(Task("t", "Translate:", (Instance(nothing, "…"),)), Pool())
        assert found == Reason("too short")


def test_material_is_not_what_is_asked() -> None:
    assert asks("Sum up this text:\nA map lay on the table, and a file.") == "Sum up this text:"
    assert asks("A map lay on the table.\nWho put it there?") == "A map lay on the table.\nWho put it there?"
    assert asks("“All of it is quoted.”") == "“All of it is quoted.”"
    assert material_cut("Sum up this text: a b c") == "Sum up this text"
    assert material_cut("Name a river: quickly") == "Name a river: quickly"


def test_a_refusal_may_be_without_a_task_only_if_nobody_else_says_it() -> None:
    """The rules of evolving ask this of a new instruction, too, which may well speak so."""
    for instruction in (
        "I can't log in to my account. How do I reset it?",
        "Give me a story and a poem.",
        "我不能登录，怎么办？",
    ):
        assert not is_refusal(instruction)


def test_the_task_tells_what_a_placeholder_is() -> None:
    assert is_placeholder("None", "List five herbs.")
    assert not is_placeholder("None", "How many moons has Venus?")
    assert is_placeholder("...", "Explain tides.")
    assert not is_placeholder("...", "Which punctuation mark shows an omission?")


@pytest.mark.parametrize(
    "text", ["I can't ", "我无法", "sorry, ", "the given prompt ", "[", "map of ", "“", "please provide ", "一"]
)
def test_long_monotonous_answers_are_judged_in_no_time(text: str) -> None:
    from time import process_time

    began = process_time()
    task = Task("t", text * 3_000, (Instance(text * 3_000, text * 3_000),))
    for name in (*JUDGED, "stop_words"):
        FILTERS[name]()(task, Pool())
    assert process_time() - began < 3
