"""Verdicts as models write them, and what the stages make of them.

tests/verdicts/ has a file for each kind: a verdict a line, after its reading and a tab; "-" where there is none to be
read, \\n for a line break.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.running.drafts import draft_of
from selfinstruct.running.recipe import Step
from selfinstruct.stages import Classify, Judge, Respond
from selfinstruct.stages.reading.verdicts import UNREADABLE, equal_in_verdict, number_in_verdict, yes_in_verdict
from selfinstruct.task import Evolved, Instance, Message, Rejected, Task
from selfinstruct.teacher import Response

FOLDER = Path(__file__).parent / "verdicts"
READERS: dict[str, Callable[..., float | None]] = {
    "number": number_in_verdict,
    "equal": equal_in_verdict,
    "yes": yes_in_verdict,
}
WORK = Task("t", "Name a river.", (Instance("", "The Po."),), evolved=Evolved("deepen", 1, "Name a lake.", ""))


def lines(kind: str) -> list[tuple[str, float | None]]:
    rows = (line.split("\t", 1) for line in (FOLDER / f"{kind}.txt").read_text(encoding="utf-8").splitlines())
    known: dict[str, float | None] = {"-": None, "yes": True, "no": False}
    return [(text.replace("\\n", "\n"), known[read] if read in known else float(read)) for read, text in rows]


@pytest.mark.parametrize("kind", READERS)
def test_verdicts_are_read_as_they_are_written(kind: str) -> None:
    wrong = {}
    for text, wanted in lines(kind):
        found = READERS[kind](text)
        if found != wanted or (type(found) is bool and kind == "number"):
            wrong[text] = found
    assert not wrong


WRAPPINGS = ("{}\n", "\n\n{}", "**{}**", "> {}", "```\n{}\n```", "\u200b{}")


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("around", WRAPPINGS)
def test_what_stands_around_a_verdict_changes_nothing(kind: str, around: str) -> None:
    short = [(text, wanted) for text, wanted in lines(kind) if "\n" not in text and "`" not in text and "{" not in text]
    assert len(short) > 50
    assert {text: READERS[kind](around.format(text)) for text, _ in short} == dict(short)


@pytest.mark.parametrize(
    ("kind", "text", "wanted"),
    [
        *(("number", text, None) for text in ("Difficulty: 1", "1", "7", "Difficulty: 1.", "I would rate this a 1")),
        *(("number", text, None) for text in ("8/1", '{"score": 1', "It takes 3 steps and", "难度：1", "1. Knowledge")),
        *(("number", text, 7) for text in ("7\n", "7\nIt takes", "Difficulty: 7 because", "7/10", "难度：7分，因为")),
        *(("equal", text, None) for text in ("They are the same", "Not", "The two tasks are", "Equal in", "不")),
        *(("equal", text, True) for text in ("Equal", "Equal. They", "Verdict: Equal", "They are equal. The sec")),
        *(("equal", text, False) for text in ("Different", "Different\n\nThe first", "不同")),
        *(("yes", text, None) for text in ("是", "Not", "It is a", "答案：是", "Task: Say")),
        *(("yes", text, True) for text in ("Yes", "A: Yes\nTask: Tell whether", "是\n因")),
    ],
)
def test_a_verdict_that_broke_off_is_none(kind: str, text: str, wanted: float | None) -> None:
    assert READERS[kind](text, cut=True) == wanted


@pytest.mark.parametrize("kind", READERS)
@given(st.text(max_size=60), st.booleans())
def test_any_text_has_a_verdict_or_none(kind: str, text: str, cut: bool) -> None:
    found = READERS[kind](text, cut=cut)
    if kind == "number":
        assert found is None or 1 <= found <= 10
    else:
        assert found in (None, True, False)


@given(
    st.integers(1, 10),
    st.sampled_from(["{}", "{}/10", "Score: {}", "I'd rate it a {}.", "难度：{}分", "**{}** out of 10"]),
)
def test_every_number_of_the_scale(number: int, said: str) -> None:
    assert number_in_verdict(said.format(number)) == number
    assert (
        number_in_verdict(said.format(number).translate({48 + digit: 0xFF10 + digit for digit in range(10)})) == number
    )


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(
    "piece", [" ", "\n", "1", "7 ", "score ", "not the ", "they are ", "1.\n", "是", "10 being ", "7/", "?"]
)
def test_the_time_grows_with_the_text_and_no_faster(kind: str, piece: str) -> None:
    began = process_time()
    READERS[kind](piece * (64_000 // len(piece)))
    assert process_time() - began < 2


# The stages

STAGES: list[tuple[Any, str, str, dict[str, Any]]] = [
    (Judge("difficulty"), "difficulty", "difficulty", {"difficulty": 7}),
    (Judge("score", "zh"), "score", "score", {"score": 7}),
    (Judge("equal"), "equal", "equal", {"equal": False}),
    (Classify(), "classification", "classification", {"classification": True}),
]


@pytest.mark.parametrize(("stage", "detail"), [(stage, detail) for stage, detail, _, _ in STAGES])
@pytest.mark.parametrize("text", ["Hm.", "It depends.", "<think>7. Equal. Yes.</think>Hm.", "看情况"])
def test_an_unreadable_verdict_is_a_remark_and_the_task_passes_on(stage: Any, detail: str, text: str) -> None:
    remark, task = stage.parse((WORK,), Response(text))
    assert task == WORK
    assert remark == Rejected(text, UNREADABLE, detail, what="remark")


@pytest.mark.parametrize(("stage", "key", "value"), [(stage, key, value) for stage, _, key, value in STAGES])
def test_a_verdict_as_json(stage: Any, key: str, value: dict[str, Any]) -> None:
    import json
    from dataclasses import replace

    assert stage.schema((WORK,)) is None
    strict = replace(stage, structured=True)
    shape = strict.schema((WORK,))
    assert (shape["required"], shape["additionalProperties"]) == ([key], False)
    free, read = (list(made.parse((WORK,), Response(json.dumps(value)))) for made in (stage, strict))
    assert free == read
    assert not any(isinstance(item, Rejected) and item.what == "remark" for item in read)
    for wrong in ({"other": value[key]}, {key: None}, {key: "7"}, {key: [7]}, {key: 77}, {}):
        remark, task = strict.parse((WORK,), Response(json.dumps(wrong)))
        assert (remark.category, task) == (UNREADABLE, WORK)
    # A server that knows no schemas answers in words.
    words = {"difficulty": "7", "score": "7分", "equal": "Different", "classification": "Yes"}[key]
    assert list(strict.parse((WORK,), Response(words))) == read


def test_the_schema_is_asked_for() -> None:
    step = Step(Judge("score", structured=True), "judge", params={"temperature": 0})
    asked = draft_of(step, (WORK,), Random(0)).request.params["response_format"]
    assert asked["json_schema"]["schema"]["properties"] == {"score": {"type": "integer", "enum": [*range(1, 11)]}}


# Thoughts of answers


def answered(task: Task, response: Response, *, keep: bool) -> Task:
    (found,) = Respond(keep_thoughts=keep).parse((task,), response)
    assert isinstance(found, Task)
    return found


OLD = Task("t", "Add 2 and 2.", (Instance("", "5", "I guess."),))


@pytest.mark.parametrize(
    ("response", "thoughts"),
    [
        (Response("<think>I add.</think>\n4"), "I add."),
        (Response("4", thoughts="I add."), "I add."),
        (Response("<think>I add.</think>4", thoughts="First."), "First.\n\nI add."),
        (Response("4"), ""),
    ],
)
def test_thoughts_go_with_their_answer_or_nowhere(response: Response, thoughts: str) -> None:
    """Those of an old answer never stay with a new one."""
    assert answered(OLD, response, keep=True).instances == (Instance("", "4", thoughts),)
    assert answered(OLD, response, keep=False).instances == (Instance("", "4"),)


def test_thoughts_of_the_last_turn() -> None:
    said: list[Message] = [
        {"role": "user", "content": "1 + 1?"},
        {"role": "assistant", "content": "2", "thoughts": "Easy."},
        {"role": "user", "content": "2 + 2?"},
        {"role": "assistant", "content": "5", "thoughts": "I guess."},
    ]
    talk = Task("t", "1 + 1?", turns=tuple(said))
    response = Response("<think>I add.</think>4")
    last: Message = {"role": "assistant", "content": "4", "thoughts": "I add."}
    assert answered(talk, response, keep=True).turns == (*said[:3], last)
    assert answered(talk, response, keep=False).turns == (*said[:3], Message(role="assistant", content="4"))


@pytest.mark.parametrize(
    "text", ["", " \n", "\ufeff", "\u200b", "<think>I add", "<think>I add.</think>\n", "<|im_end|>"]
)
def test_an_answer_of_nothing_is_never_data(text: str) -> None:
    (found,) = Respond(keep_thoughts=True).parse((OLD,), Response(text, thoughts="I add."))
    assert isinstance(found, Rejected)
    assert (found.category, found.what) == ("no answer", "answer")


def test_an_answer_that_ended_before_the_server_cut_it_is_whole() -> None:
    assert (
        answered(OLD, Response("4<|im_end|>\n<|im_start|>user\nAnd", "length"), keep=False).instances[0].output == "4"
    )
    (cut,) = Respond().parse((OLD,), Response("4 and", "length"))
    assert isinstance(cut, Rejected)
