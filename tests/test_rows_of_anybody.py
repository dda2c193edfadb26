"""The task that a row of anybody's means; and nothing of what it says is lost without a word (promise 8)."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.rows.layouts.layouts import task_of
from selfinstruct.rows.notes import Notes
from selfinstruct.task import Instance, Message, Task, task_from_row, task_to_row

ASK = Message(role="user", content="Name a tree.")
SAY = Message(role="assistant", content="The oak.")
MORE = Message(role="user", content="And one in Spain?")
LAST = Message(role="assistant", content="The cork oak.")
BRIEF = Message(role="system", content="Be brief.")
PLAIN = Task("t", "Name a tree.", (Instance("", "The oak."),))
TALK = Task("t", "Name a tree.", turns=(ASK, SAY))

JOINED = "turns of one side in a row, joined"
NUMBERS = "numbers or truth values in the place of a text, written as one"
SEVERAL = "several answers, the first taken and the others carried along"
AS_JSON = "lists or objects in the place of a text, written as JSON"


def read(row: Any) -> tuple[Task, list[str]]:
    notes = Notes()
    task = task_of(row, "t", notes)
    assert task_of(json.loads(json.dumps(task_to_row(task))), "u", notes) == task, "a row of ours is read as it is"
    return task, [*notes.unused, *notes.done]


def turns(row: Any) -> tuple[Message, ...]:
    task, noted = read(row)
    assert not noted
    assert not task.instances
    return task.turns


def answered(value: Any, **row: Any) -> tuple[str, dict[str, Any], list[str]]:
    """The output of a row, its extra keys, and what is noted."""
    task, noted = read({"question": "Name a tree.", "answer": value, **row})
    return "".join(instance.output for instance in task.instances), task.extra, noted


# Plain rows


def test_null_is_absence_in_every_column() -> None:
    nulls = dict.fromkeys(("input", "system", "history", "messages", "tools", "thoughts", "weight", "x", "instances"))
    assert read({"instruction": "Name a tree.", "output": "The oak.", **nulls}) == (PLAIN, [])
    assert read({"instruction": "Name a tree.", "output": None})[0] == Task("t", "Name a tree.")
    assert read({"instruction": None, "output": None, "messages": [ASK, SAY]}) == (TALK, [])


def test_rows_of_python() -> None:
    """pandas has NaN for null; and a date is no JSON."""
    assert read({"instruction": "Name a tree.", "input": float("nan"), "output": "The oak."}) == (PLAIN, [])
    assert read({"instruction": "When?", "output": {"on": date(2024, 2, 29)}})[0].instances[0].output == (
        '{"on": "2024-02-29"}'
    )
    assert turns({"messages": (ASK, SAY)}) == (ASK, SAY)


def test_an_input_that_waits_for_its_answer_is_kept() -> None:
    waiting = {"instruction": "Name the tree.", "output": ""}
    assert read({**waiting, "input": "It bears acorns."})[0].extra == {"input": "It bears acorns."}
    assert read({**waiting, "context": "It bears acorns."})[0].extra == {"input": "It bears acorns."}


def test_what_was_thought_before_an_output() -> None:
    for key in ("reasoning", "thinking", "thought", "Complex_CoT", "reasoning_content", "chain_of_thought"):
        task, _ = read({"question": "Name a tree.", "answer": "The oak.", key: "It is big."})
        assert task == Task("t", "Name a tree.", (Instance("", "The oak.", "It is big."),))
    assert read({"question": "Name a tree.", "answer": "The oak.", "reasoning": "on"})[0].extra == {"reasoning": "on"}
    assert read({"question": "Name a tree.", "reasoning": "It is big."})[0].extra == {"reasoning": "It is big."}


@pytest.mark.parametrize(
    ("value", "text", "extra", "noted"),
    [
        (3, "3", {}, [NUMBERS]),
        (2.5, "2.5", {}, [NUMBERS]),
        (True, "true", {}, [NUMBERS]),
        (["The oak."], "The oak.", {}, []),
        (["The oak.", "The elm."], "The oak.", {"other_answers": ["The elm."]}, [SEVERAL]),
        (["", "The oak."], "The oak.", {}, []),
        ([], "", {}, []),
        ([None], "", {}, []),
        ({"text": "The oak."}, "The oak.", {}, []),
        ({"text": ["The oak."], "at": [3]}, "The oak.", {"answer": {"text": ["The oak."], "at": [3]}}, []),
        ([{"text": "The oak."}, {"text": "Elm"}], "The oak.", {"answer": [{"text": "The oak."}, {"text": "Elm"}]}, 1),
        ({"tree": "oak"}, '{"tree": "oak"}', {}, [AS_JSON]),
        ([1, 2], "[1, 2]", {}, [AS_JSON]),
    ],
)
def test_answers_that_are_no_texts(value: Any, text: str, extra: dict[str, Any], noted: list[str] | int) -> None:
    assert answered(value) == (text, extra, [SEVERAL] if noted == 1 else noted)


def test_an_answer_that_is_the_number_of_a_choice() -> None:
    row = {"question": "Which is a tree?", "choices": ["moss", "oak"], "answer": 1}
    task, noted = read(row)
    assert task.instances == (Instance("", "oak"),)
    assert task.extra == {"choices": ["moss", "oak"], "answer": 1}
    assert noted == ["answers that are the number of a choice, written as the choice"]
    assert answered(7, choices=["moss", "oak"])[0] == "7"


def test_a_question_about_a_text() -> None:
    row: dict[str, Any] = {"id": 5, "title": "Oaks", "context": "Oaks bear acorns.", "question": "What do oaks bear?"}
    task, _ = read({**row, "answers": {"text": ["acorns", "Acorns."], "answer_start": [10, 10]}})
    assert task.id == "5"
    assert (task.instruction, task.instances) == (row["question"], (Instance(row["context"], "acorns"),))
    assert task.extra == {"title": "Oaks", "answers": {"text": ["acorns", "Acorns."], "answer_start": [10, 10]}}


def test_inputs_that_are_no_texts() -> None:
    def given_(value: Any) -> tuple[str, list[str]]:
        task, noted = read({"instruction": "Count.", "input": value, "output": "2"})
        return task.instances[0].input, noted

    assert given_(["oak", "elm"]) == ("oak\n\nelm", ["lists of texts, as one text"])
    assert given_(["oak"]) == ("oak", [])
    assert given_(7) == ("7", [NUMBERS])
    assert given_({"trees": ["Eiche"]}) == ('{"trees": ["Eiche"]}', [AS_JSON])
    assert read({"question": "Count.", "context": {"a": 1}, "answer": "2"})[0].extra == {"context": {"a": 1}}


# Rows that become turns


def test_a_system_text_and_a_history() -> None:
    row = {"instruction": "And one in Spain?", "input": "", "output": "The cork oak."}
    rounds: list[Any] = [
        [["Name a tree.", "The oak."]],
        [ASK, SAY],
        [{"question": "Name a tree.", "answer": "The oak."}],
        json.dumps([["Name a tree.", "The oak."]]),
    ]
    for history in rounds:
        assert turns({**row, "history": history}) == (ASK, SAY, MORE, LAST)
        assert turns({**row, "history": history, "system": "Be brief."}) == (BRIEF, ASK, SAY, MORE, LAST)
    for key in ("system", "system_prompt", "System Message"):
        task, _ = read({"instruction": "Name", "input": "a tree.", "output": "The oak.", key: "Be brief."})
        assert task.turns == (BRIEF, Message(role="user", content="Name\n\na tree."), SAY)
        assert task.instruction == "Name\n\na tree."
    assert turns({"instruction": "Name a tree.", "system": "Be brief."}) == (BRIEF, ASK), "its answer is to come"


def test_an_answer_of_a_row_that_is_not_to_be_learned() -> None:
    row = {"instruction": "Name a tree.", "output": "The oak."}
    unlearned: Message = {**SAY, "learned": False}
    for mark in ({"weight": 0}, {"train": False}, {"loss_weight": 0.0}, {"masked": True}):
        assert turns({**row, **mark}) == (ASK, unlearned)
        assert turns({"messages": [ASK, SAY], **mark}) == (ASK, unlearned)
    assert read({**row, "weight": 1, "train": True}) == (PLAIN, [])
    assert read({**row, "weight": 0.5}) == (PLAIN, ["weight 0.5"])
    assert read({**row, "weight": 70})[0].extra == {"weight": 70}


TOOL = {"type": "function", "function": {"name": "trees", "parameters": {"type": "object"}}}
CALL = {"type": "function", "function": {"name": "trees", "arguments": {"in": "Spain"}}}


def test_tools_of_a_row() -> None:
    calling: Message = {"role": "assistant", "content": "", "tool_calls": [CALL]}
    bare = TOOL["function"]
    for key, tools in (("tools", [TOOL]), ("tools", json.dumps([bare])), ("functions", [bare])):
        task, noted = read({"messages": [ASK, calling], key: tools})
        assert (task.tools, task.turns, task.extra, noted) == ((TOOL,), (ASK, calling), {}, [])
        assert read({"instruction": "Name a tree.", "output": "The oak.", key: tools})[0].turns == (ASK, SAY)
    called = {"query": "Name a tree.", "answers": '[{"name": "trees", "arguments": {"in": "Spain"}}]'}
    assert read({**called, "tools": [bare]})[0].turns == (ASK, calling)
    assert read(called)[0].instances[0].output == called["answers"], "without tools it is a text"


# Conversations


@pytest.mark.parametrize(
    "name",
    ["messages", "conversations", "conversation", "Messages", "items", "chat", "dialog", "dialogue", "turns", "data"],
)
def test_a_conversation_by_any_name(name: str) -> None:
    for value in ([ASK, SAY], json.dumps([ASK, SAY]), [{"from": "human", "value": "Name a tree."}, SAY]):
        task, noted = read({name: value, "source": "me"})
        assert (task.turns, task.extra, noted) == ((ASK, SAY), {"source": "me"}, [])
    if name not in ("turns", "items"):
        assert turns({name: ["Name a tree.", "The oak."]}) == (ASK, SAY)
    assert read([ASK, SAY]) == (TALK, [])


def test_what_only_could_be_a_conversation_is_none_beside_an_instruction() -> None:
    for value in ([1, 2], ["oak", "elm"], [{"tree": "oak"}], "oak", 3):
        assert read({"instruction": "Name a tree.", "output": "The oak.", "items": value})[0].extra == {"items": value}


def test_a_prompt_that_is_a_conversation() -> None:
    assert turns({"prompt": [ASK], "completion": [SAY]}) == (ASK, SAY)
    assert turns({"prompt": [ASK], "completion": "The oak."}) == (ASK, SAY)
    assert read({"prompt": "Name a tree.", "completion": [SAY]}) == (PLAIN, []), "one round of texts is plain"
    assert turns({"prompt": [BRIEF, ASK]}) == (BRIEF, ASK), "its answer is to come"
    assert turns({"input": [ASK, SAY, MORE], "output": "The cork oak.", "system": "Be brief."}) == (
        *(BRIEF, ASK, SAY, MORE, LAST),
    )
    assert turns({"messages": [ASK], "response": "The oak."}) == (ASK, SAY)


def test_a_conversation_wins_and_what_else_is_said_is_carried_along() -> None:
    row = {"messages": [ASK, SAY], "prompt": "Name a tree. ", "output": "The oak.", "prompt_id": "7"}
    assert read(row)[0] == Task("t", "Name a tree.", turns=(ASK, SAY), extra={"prompt_id": "7"})
    row = {"messages": [ASK, SAY], "instruction": "Count.", "output": "Elm"}
    assert read(row)[0] == Task(
        "t", "Name a tree.", turns=(ASK, SAY), extra={"instruction_": "Count.", "output": "Elm"}
    )
    assert turns({"messages": [ASK, SAY], "reasoning": "It is big."}) == (ASK, {**SAY, "thoughts": "It is big."})
    two = {"messages": [ASK, SAY, MORE, LAST], "reasoning": "It is big."}
    assert read(two)[0].extra == {"reasoning": "It is big."}, "nobody knows of which answer"


def test_two_system_texts() -> None:
    assert turns({"system": "Be brief.", "messages": [BRIEF, ASK, SAY]}) == (BRIEF, ASK, SAY)
    task, noted = read({"system": "Be kind.", "messages": [BRIEF, ASK, SAY]})
    assert task.turns[0]["content"] == "Be kind.\n\nBe brief."
    assert noted == [JOINED]
    assert read({"messages": [ASK, SAY, BRIEF, MORE, LAST]}) == (
        Task("t", "Name a tree.", turns=(ASK, SAY, BRIEF, MORE, LAST)),
        ["system texts in the middle of a conversation, kept where they are"],
    )


def test_a_greeting_is_left_out() -> None:
    greeted = {"messages": [BRIEF, {"role": "assistant", "content": "Welcome!"}, ASK, SAY]}
    assert read(greeted) == (
        Task("t", "Name a tree.", turns=(BRIEF, ASK, SAY)),
        ["answers before anything is asked, left out"],
    )


def test_an_unanswered_last_question_stays() -> None:
    assert turns({"messages": [ASK, SAY, MORE]}) == (ASK, SAY, MORE)


def test_seeds_with_several_outputs() -> None:
    row = {"Definition": ["Name the tree."], "Instances": [{"input": "It bears acorns.", "output": ["oak", "an oak"]}]}
    task, noted = read(row)
    assert (task.instruction, task.instances) == ("Name the tree.", (Instance("It bears acorns.", "oak"),))
    assert noted == ["other_outputs", SEVERAL]
    text = {"instruction": "Name a tree.", "instances": '[{"input": null, "output": "The oak."}]'}
    assert read(text) == (PLAIN, []), "as CSV has to write them"


# Nothing is lost

_number = iter(range(10**9))
leaf = st.builds(lambda: f"leaf{next(_number)}x")
texts = leaf | st.sampled_from(["", " "]) | st.none()
calls = st.fixed_dictionaries({"name": leaf, "arguments": st.dictionaries(leaf, leaf, max_size=2) | leaf})
parts = st.builds(
    lambda kind, key, text, more: {"type": kind, key: text, **more},
    st.sampled_from(["text", "input_text", "thinking", "image_url", "tool_use", "tool_result"]),
    st.sampled_from(["text", "value", "content"]),
    texts,
    st.dictionaries(leaf, leaf, max_size=1),
)
contents = texts | leaf | leaf | st.lists(parts, max_size=2) | st.lists(leaf, max_size=2) | st.just(3)
marks = st.sampled_from([0, 1, False, True, 0.5, 2, "yes"]) | leaf
turn_keys: dict[Any, Any] = {
    **dict.fromkeys(("weight", "train", "loss", "learned"), marks),
    **dict.fromkeys(("name", "tool_call_id", "reasoning_content", "thinking", "thoughts", "model"), texts),
    "tool_calls": st.lists(calls, max_size=2),
    "extra": st.dictionaries(leaf, leaf, max_size=1),
}
sides = st.sampled_from(["user", "assistant", "user", "assistant", "system", "tool", "human", "gpt"])
a_turn = st.builds(
    lambda keys, side, said, more: {keys[0]: side, keys[1]: said, **more},
    st.sampled_from([("role", "content"), ("from", "value"), ("role", "value"), ("speaker", "text")]),
    sides,
    contents,
    st.fixed_dictionaries({}, optional=turn_keys),
)
talks = st.lists(a_turn, min_size=1, max_size=4) | st.lists(st.lists(leaf, min_size=2, max_size=2), max_size=2)
columns = [
    *("instruction", "input", "output", "prompt", "question", "context", "response", "answer", "solution", "text"),
    *("system", "reasoning", "id", "category", "source", "target", "Instruction", "origin", "evolved", "parents"),
]
cells = (
    texts
    | leaf
    | leaf
    | st.lists(leaf, max_size=2)
    | st.just(3)
    | st.just(True)
    | st.dictionaries(leaf, leaf, max_size=1)
)
some_rows = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(columns, cells),
        **dict.fromkeys(("messages", "conversations", "turns", "history", "data"), talks | talks.map(json.dumps)),
        "weight": marks,
        "tools": st.lists(st.fixed_dictionaries({"name": leaf, "description": leaf}), max_size=2),
    },
)


def leaves(value: Any) -> list[str]:
    return re.findall(r"leaf\d+x", json.dumps(value))


@settings(deadline=None)
@given(some_rows)
def test_nothing_of_a_row_is_lost_without_a_word(row: dict[str, Any]) -> None:
    notes = Notes()
    complaint = ""
    task = PLAIN
    try:
        task = task_of(row, "t", notes)
    except ValueError as error:
        complaint = str(error)
    assert "\n" not in complaint
    if complaint:
        return
    written = json.loads(json.dumps(task_to_row(task)))
    assert task_from_row(written) == task
    again = Notes()
    assert task_of(written, "u", again) == task
    assert not again.lines()
    if not notes.lines():
        assert set(leaves(row)) <= set(leaves(written))


def test_a_row_in_a_hurry_is_read_as_any_other() -> None:
    for row in ({"instruction": "a", "input": "b", "output": "c"}, {"output": "c", "input": "", "instruction": "a"}):
        assert task_of(row, "t") == task_of({**row, "x": None}, "t")
    for row in ({"instruction": " ", "input": "b", "output": "c"}, {"instruction": "a", "input": " ", "output": "c"}):
        assert task_of(row, "t") == task_of({**row, "x": None}, "t")
