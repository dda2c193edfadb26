"""Formats: the rows that trainers want, what they cannot hold, and that no row teaches what it should not."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from selfinstruct.rows.formats.formats import FORMATS, export, rows_of, unused
from selfinstruct.rows.formats.learnable import HOLDS, conversations, is_lesson
from selfinstruct.rows.formats.shortfalls import COMPARING, IN_ORDER, is_plain, shortfall
from selfinstruct.rows.layouts.layouts import task_of
from selfinstruct.rows.notes import Notes
from selfinstruct.task import Evolved, Instance, Judged, Message, Task, json_line, task_from_row, task_to_row
from selfinstruct.text.nothing import no_input

LEARNING = [form for form in FORMATS if form not in (*COMPARING, "seed")]


def user(content: str, **more: Any) -> Message:
    return {"role": "user", "content": content, **more}  # type: ignore[typeddict-item]


def assistant(content: str, **more: Any) -> Message:
    return {"role": "assistant", "content": content, **more}  # type: ignore[typeddict-item]


def talk(*turns: Message, **more: Any) -> Task:
    first = next((turn["content"] for turn in turns if turn["role"] == "user"), "Hi")
    return Task("c", first, turns=turns, **more)


SYSTEM = Message(role="system", content="Be kind.")
TURNS = (user("你好!"), assistant("Hello."))
SONG = Task(
    "a-1", "Name a song.", (Instance("", "Yesterday"), Instance("Year: 1969", "Something\nGeorge's")), (), False
)
CHAT = Task("a-2", "你好!", turns=TURNS, origin="chat", parents=("a-1",), requests=("abc",), extra={"mark": 7})
BARE = Task("a-3", "Wait.")
ROUNDS = talk(SYSTEM, *TURNS, user("And now?"), assistant("We go."))

CLOCK = {"type": "function", "function": {"name": "clock", "description": "The time.", "parameters": {}}}
CALL = {"type": "function", "function": {"name": "clock", "arguments": {"city": "Köln"}}, "id": "call_1"}
RESULT = Message(role="tool", content="12:07", tool_call_id="call_1", name="clock")
CALLED = talk(
    user("What time is it?"),
    assistant("", tool_calls=[CALL], thoughts="I ask."),
    RESULT,
    assistant("Seven past twelve."),
    tools=(CLOCK,),
)

PAIR = Task(
    "p-1",
    "Greet me.",
    turns=(user("Greet me."),),
    judged=(Judged((assistant("Good day!"),), True, 9.0), Judged((assistant("No."),), False, 1.5)),
)


def rows(form: str, *given: Task, notes: Notes | None = None) -> list[dict[str, Any]]:
    return list(rows_of(given, form, notes))


def said_of(form: str, *given: Task) -> list[str]:
    """What is told at the end."""
    rows(form, *given, notes=(notes := Notes()))
    return notes.lines()


def turn(role: str, content: str, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **more}


def spoken(who: str, value: str) -> dict[str, str]:
    return {"from": who, "value": value}


# Formats of what is learned


def test_alpaca() -> None:
    assert rows("alpaca", SONG, BARE, CHAT) == [
        {"instruction": "Name a song.", "input": "", "output": "Yesterday"},
        {"instruction": "Name a song.", "input": "Year: 1969", "output": "Something\nGeorge's"},
        {"instruction": "你好!", "input": "", "output": "Hello."},
    ]


def test_alpaca_with_a_history() -> None:
    common = {"system": "", "history": []}
    assert rows("alpaca_history", SONG, ROUNDS, talk(user("Hi"), assistant("Yes?", thoughts="So early."))) == [
        {"instruction": "Name a song.", "input": "", "output": "Yesterday"} | common,
        {"instruction": "Name a song.\n\nYear: 1969", "input": "", "output": "Something\nGeorge's"} | common,
        {
            "instruction": "And now?",
            "input": "",
            "output": "We go.",
            "system": "Be kind.",
            "history": [["你好!", "Hello."]],
        },
        {"instruction": "Hi", "input": "", "output": "<think>\nSo early.\n</think>\n\nYes?"} | common,
    ]


def test_seed() -> None:
    every = [SONG, CHAT, BARE, ROUNDS, CALLED, PAIR]
    assert rows("seed", *every) == [task_to_row(task) for task in every]
    assert rows("seed", SONG)[0].keys() >= {"id", "instruction", "instances", "is_classification"}
    assert said_of("seed", *every) == []


def test_messages() -> None:
    assert rows("messages", SONG, CHAT, BARE) == [
        {"messages": [turn("user", "Name a song."), turn("assistant", "Yesterday")]},
        {"messages": [turn("user", "Name a song.\n\nYear: 1969"), turn("assistant", "Something\nGeorge's")]},
        {"messages": [turn("user", "你好!"), turn("assistant", "Hello.")]},
    ]


def test_messages_hold_tools_thoughts_and_weights() -> None:
    context = talk(user("Hi", name="Ann"), assistant("Go!", learned=False), user("Please?"), assistant("Hello."))
    thinking = Task("t", "Add.", (Instance("1 2", "3", "One and two."),))
    assert rows("messages", CALLED, context, thinking) == [
        {
            "messages": [
                turn("user", "What time is it?"),
                turn("assistant", "", reasoning_content="I ask.", tool_calls=[CALL]),
                turn("tool", "12:07", tool_call_id="call_1", name="clock"),
                turn("assistant", "Seven past twelve."),
            ],
            "tools": [CLOCK],
        },
        {
            "messages": [
                turn("user", "Hi", name="Ann"),
                turn("assistant", "Go!", weight=0),
                turn("user", "Please?"),
                turn("assistant", "Hello."),
            ]
        },
        {"messages": [turn("user", "Add.\n\n1 2"), turn("assistant", "3", reasoning_content="One and two.")]},
    ]
    assert said_of("messages", CALLED, context, thinking) == []


def test_openai_has_arguments_as_text_and_no_thoughts() -> None:
    (row,) = rows("openai", CALLED)
    call = {"name": "clock", "arguments": '{"city": "Köln"}'}
    assert row["messages"][1] == turn("assistant", "", tool_calls=[CALL | {"function": call}])
    assert row["tools"] == [CLOCK]
    assert said_of("openai", CALLED) == ["not used: thoughts in 1 row"]
    odd = {"type": "function", "function": {"name": "clock", "arguments": "now"}}
    (row,) = rows("openai", talk(user("Hi"), assistant("", tool_calls=[odd])))
    assert row["messages"][1]["tool_calls"] == [odd], "text stays as it is"
    assert CALLED.turns[1]["tool_calls"] == [CALL], "nothing of the task is changed"


def test_sharegpt() -> None:
    assert rows("sharegpt", Task("a", "Greet.", (Instance("", "Hi."),), turns=(SYSTEM, *TURNS)), CHAT) == [
        {
            "id": "a-0",
            "conversations": [spoken("system", "Be kind."), spoken("human", "你好!"), spoken("gpt", "Hello.")],
        },
        {"id": "a-1", "conversations": [spoken("human", "Greet."), spoken("gpt", "Hi.")]},
        {"id": "a-2", "conversations": [spoken("human", "你好!"), spoken("gpt", "Hello.")]},
    ]


def test_sharegpt_with_tools_and_thoughts() -> None:
    called = '<think>\nI ask.\n</think>\n\n{"name": "clock", "arguments": {"city": "Köln"}}'
    assert rows("sharegpt", CALLED) == [
        {
            "id": "c",
            "conversations": [
                spoken("human", "What time is it?"),
                spoken("function_call", called),
                spoken("observation", "12:07"),
                spoken("gpt", "Seven past twelve."),
            ],
            "tools": '[{"name": "clock", "description": "The time.", "parameters": {}}]',
        }
    ]
    twice = talk(user("Here and there?"), assistant("", tool_calls=[CALL, CALL]))
    value = rows("sharegpt", twice)[0]["conversations"][1]["value"]
    assert json.loads(value) == [CALL["function"], CALL["function"]]


def test_text() -> None:
    assert rows("text", SONG, ROUNDS) == [
        {"text": "Name a song.\n\nYesterday"},
        {"text": "Name a song.\n\nYear: 1969\n\nSomething\nGeorge's"},
        {"text": "Be kind.\n\n你好!\n\nHello.\n\nAnd now?\n\nWe go."},
    ]


# Formats of comparisons


def test_preference() -> None:
    assert rows("preference", PAIR) == [
        {
            "prompt": [turn("user", "Greet me.")],
            "chosen": [turn("assistant", "Good day!")],
            "rejected": [turn("assistant", "No.")],
            "score_chosen": 9.0,
            "score_rejected": 1.5,
        }
    ]
    assert said_of("preference", PAIR) == []


def test_preference_as_texts() -> None:
    scores = {"score_chosen": 9.0, "score_rejected": 1.5}
    assert rows("preference_text", PAIR) == [{"prompt": "Greet me.", "chosen": "Good day!", "rejected": "No."} | scores]


def test_ranking() -> None:
    asked = replace(PAIR, turns=(SYSTEM, *TURNS, user("Greet me.")), tools=(CLOCK,))
    assert rows("ranking", asked) == [
        {
            "conversations": [
                spoken("system", "Be kind."),
                spoken("human", "你好!"),
                spoken("gpt", "Hello."),
                spoken("human", "Greet me."),
            ],
            "chosen": spoken("gpt", "Good day!"),
            "rejected": spoken("gpt", "No."),
            "tools": '[{"name": "clock", "description": "The time.", "parameters": {}}]',
        }
    ]
    assert said_of("ranking", asked) == ["not used: score in 1 row"]


def test_kto() -> None:
    alone = replace(PAIR, judged=PAIR.judged[1:], tools=(CLOCK,))
    assert rows("kto", PAIR, alone) == [
        {"prompt": [turn("user", "Greet me.")], "completion": [turn("assistant", "Good day!")], "label": True},
        {"prompt": [turn("user", "Greet me.")], "completion": [turn("assistant", "No.")], "label": False},
        {
            "prompt": [turn("user", "Greet me.")],
            "completion": [turn("assistant", "No.")],
            "label": False,
            "tools": [CLOCK],
        },
    ]
    assert said_of("kto", PAIR, alone) == ["not used: score in 2 rows"]


def answers(*texts: str, good: bool) -> tuple[Judged, ...]:
    return tuple(Judged((assistant(text),), good) for text in texts)


def test_every_chosen_answer_beside_every_rejected_one() -> None:
    many = replace(PAIR, judged=answers("a", "b", good=True) + answers("x", "y", "b", good=False))
    found = [(row["chosen"], row["rejected"]) for row in rows("preference_text", many)]
    assert found == [("a", "x"), ("a", "y"), ("a", "b"), ("b", "x"), ("b", "y")]


def test_what_comes_before_a_judged_answer_is_context_anyway() -> None:
    turns = (user("Hi"), assistant("Go!", learned=False), user("Please?"))
    for form in ("preference", "ranking", "kto"):
        (row, *_) = rows(form, replace(PAIR, turns=turns))
        assert "weight" not in json.dumps(row)
        assert len(row["prompt"] if "prompt" in row else row["conversations"]) == 3


def test_a_question_that_is_no_turn_yet() -> None:
    assert rows("preference", replace(PAIR, turns=())) == rows("preference", PAIR)


# What gives no row, and why

NO_ROW: dict[str, tuple[Task, str, str]] = {
    "nothing": (BARE, "alpaca", "no answer"),
    "a question": (talk(user("Hi")), "messages", "no answer"),
    "an empty output": (Task("a", "Hi", (Instance("", ""),)), "alpaca", "no answer"),
    "a blank output": (Task("a", "Hi", (Instance("", " \n"),)), "messages", "no answer"),
    "an empty answer": (talk(user("Hi"), assistant("")), "sharegpt", "no answer"),
    "thoughts alone": (talk(user("Hi"), assistant(" ", thoughts="Hm")), "messages", "no answer"),
    "not to be learned": (
        talk(user("Hi"), assistant("x", learned=False)),
        "messages",
        "no answer that is to be learned",
    ),
    "rounds": (
        replace(ROUNDS, turns=ROUNDS.turns[1:]),
        "alpaca",
        "a conversation of several rounds, which alpaca_history, messages, openai, sharegpt and text hold",
    ),
    "system": (
        talk(SYSTEM, *TURNS),
        "completion",
        "a system text, which alpaca_history, messages, openai, sharegpt and text hold",
    ),
    "tools": (talk(*TURNS, tools=(CLOCK,)), "alpaca", "tools, which messages, openai and sharegpt hold"),
    "calls": (CALLED, "text", "tools, which messages, openai and sharegpt hold"),
    "an instance with tools": (
        Task("a", "Hi", (Instance("", "Yes"),), tools=(CLOCK,)),
        "completion",
        "tools, which messages, openai and",
    ),
    "words beside a call": (
        talk(user("Time?"), assistant("I look.", tool_calls=[CALL])),
        "sharegpt",
        "text beside a tool call, which messages and openai hold",
    ),
    "results in a row": (
        talk(user("Time?"), assistant("", tool_calls=[CALL, CALL]), RESULT, RESULT, assistant("Noon.")),
        "sharegpt",
        "turns that do not alternate, which messages and openai hold",
    ),
    "a greeting first": (
        talk(assistant("Hi!"), *TURNS),
        "alpaca_history",
        "turns that do not alternate, which messages, openai and text hold",
    ),
    "a system text later": (talk(*TURNS, SYSTEM, *TURNS), "sharegpt", "turns that do not alternate, which messages"),
    "an answer as context": (
        talk(user("Hi"), assistant("x", learned=False), *TURNS),
        "sharegpt",
        "an earlier answer that is empty or not to be learned, which messages and openai hold",
    ),
    "an empty answer earlier": (
        talk(user("Hi"), assistant(""), *TURNS),
        "text",
        "an earlier answer that is empty or not to be learned, which messages and openai hold",
    ),
    "compared": (
        PAIR,
        "alpaca",
        "answers that are compared, which preference, preference_text, ranking and kto hold; to learn",
    ),
    "not compared": (SONG, "preference", "nobody has judged its answers"),
    "nothing to compare": (BARE, "kto", "nobody has judged its answers"),
    "only good": (
        replace(PAIR, judged=PAIR.judged[:1]),
        "preference",
        "nothing chosen beside something rejected, which kto holds",
    ),
    "the same": (
        replace(PAIR, judged=answers("a", good=True) + answers("a", good=False)),
        "ranking",
        "what is chosen is what is rejected",
    ),
    "empty ones": (replace(PAIR, judged=answers("", good=True) + answers(" ", good=False)), "kto", "no answer"),
    "an empty one": (
        replace(PAIR, judged=answers("a", good=True) + answers(" ", good=False)),
        "preference",
        "nothing chosen beside something rejected",
    ),
    "compared after rounds": (
        replace(PAIR, turns=(*TURNS, *PAIR.turns)),
        "preference_text",
        "a conversation of several rounds, which kto, preference and ranking hold",
    ),
    "long answers": (
        replace(
            PAIR,
            judged=tuple(Judged((assistant("", tool_calls=[CALL]), RESULT, *j.turns), j.good) for j in PAIR.judged),
        ),
        "ranking",
        "a judged answer of several turns, which kto and preference hold",
    ),
}


@pytest.mark.parametrize("name", NO_ROW)
def test_what_gives_no_row(name: str) -> None:
    task, form, why = NO_ROW[name]
    rows(form, task, task, notes=(notes := Notes()))
    assert rows(form, task) == []
    ((said, count),) = notes.done.items()
    assert said.startswith(f"left out of {form} ({why}")
    assert count == 2
    assert not notes.unused
    held_by = re.search(r", which (.*?) holds?\b", said)
    for other in re.split(", | and ", held_by[1]) if held_by else []:
        assert rows(other, task), f"{other} is said to hold it"


def test_all_that_is_left_out_is_counted() -> None:
    task = Task("a", "Hi", (Instance("", "Yes"), Instance("", "")), ROUNDS.turns, extra={"mark": 1})
    assert said_of("alpaca", task, task) == [
        "not used: mark in 2 rows",
        "left out of alpaca (a system text, which alpaca_history, messages, openai, sharegpt and text hold): 2 rows",
        "left out of alpaca (no answer): 2 rows",
    ]


# What the rows do not hold


def test_what_rows_do_not_hold_is_named() -> None:
    odd = talk(
        user("Hi", name="Ann", extra={"mood": 1}), assistant("Yes", thoughts="Hm"), extra={"source": "me", "n": 2}
    )
    evolved = replace(SONG, evolved=Evolved("deepen", 1, "Name a song"), parents=("a",), requests=("b",))
    assert list(unused(odd, "alpaca")) == ["source", "n", "mood of a turn", "name of a turn", "thoughts"]
    assert list(unused(odd, "messages")) == ["source", "n", "mood of a turn"]
    assert list(unused(odd, "sharegpt")) == ["source", "n", "mood of a turn", "name of a turn"]
    assert list(unused(odd, "seed")) == []
    assert list(unused(Task("a", "Add.", (Instance("", "3", "Hm"),)), "alpaca")) == ["thoughts"]
    for form in FORMATS:
        assert list(unused(evolved, form)) == [], "where it comes from is ours"
        assert list(unused(replace(BARE, extra={"n": 1}), form)) == [], "there is no row"


def test_conversations_end_with_what_is_to_be_learned() -> None:
    asked = talk(*TURNS, user("And now?"))
    answered = talk(*TURNS, user("And now?"), assistant("Go!", learned=False))
    emptily = talk(*TURNS, user("And now?"), assistant(" "))
    for form in LEARNING:
        assert [*rows(form, asked), *rows(form, answered), *rows(form, emptily)] == rows(form, *[talk(*TURNS)] * 3)
        assert said_of(form, asked, emptily) == ["not used: unanswered last question in 2 rows"]
        assert said_of(form, answered) == ["not used: unlearned last answer in 1 row"]


def test_an_empty_judged_answer_is_named() -> None:
    task = replace(PAIR, judged=PAIR.judged + answers("", good=False))
    assert len(rows("preference", task)) == 1
    assert list(unused(task, "preference")) == ["a judged answer that is empty or not to be learned"]


def test_every_format_says_what_it_holds() -> None:
    assert sorted(HOLDS) == sorted(set(FORMATS) - {"seed"})


def test_several_formats_in_one_pass(tmp_path: Path) -> None:
    """The same rows as of each alone, and the notes say of which format they are."""
    every = [SONG, replace(SONG, extra={"mark": 1}), ROUNDS, CALLED, PAIR]
    files = {form: tmp_path / f"{form}.jsonl" for form in FORMATS}
    export(every, files, notes := Notes())
    for form, path in files.items():
        assert path.read_bytes() == b"".join(map(json_line, rows(form, *every)))
        rows(form, *every, notes=(alone := Notes()))
        assert {name: count for name, count in notes.done.items() if f"of {form} (" in name} == alone.done
        assert all(notes.unused[f"{name} (of {form})"] == count for name, count in alone.unused.items())
    export(every, {"alpaca": tmp_path / "one.jsonl"}, notes := Notes())
    assert notes.unused == {"mark": 1}
    export(every, {"alpaca": tmp_path / "two.jsonl"})
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()


# Anything

texts = st.text(st.characters(exclude_categories=[]), max_size=8)
marks = st.fixed_dictionaries(
    {},
    optional={
        "thoughts": texts.filter(str.strip),
        "learned": st.just(False),
        "tool_calls": st.just([CALL]),
        "name": st.just("Ann"),
        "extra": st.dictionaries(st.sampled_from(["mood", "at"]), st.integers(), min_size=1),
    },
)
turns = st.builds(
    lambda role, content, more: (
        {"role": role, "content": content}
        | {key: value for key, value in more.items() if role == "assistant" or key in ("name", "extra")}
    ),
    st.sampled_from(["user", "assistant", "user", "assistant", "system", "tool"]),
    texts,
    marks,
)
instances = st.builds(Instance, texts, texts, st.just("") | texts.filter(str.strip))
judged = st.builds(
    Judged,
    st.lists(turns.filter(lambda turn: turn["role"] in ("assistant", "tool")), max_size=2).map(tuple),
    st.booleans(),
    st.none() | st.floats(0, 1),
)
extras = st.dictionaries(st.sampled_from(["source", "score", "input"]), texts | st.integers() | st.none(), max_size=2)
tools = st.just(()) | st.just((CLOCK,))
learned = st.builds(
    Task,
    id=texts.filter(bool),
    instruction=texts.filter(str.strip),
    instances=st.lists(instances, max_size=3).map(tuple),
    turns=st.just(()) | st.lists(turns, max_size=5).map(tuple),
    is_classification=st.none() | st.booleans(),
    origin=texts,
    tools=tools,
    extra=extras,
)
compared = st.builds(
    Task,
    id=texts.filter(bool),
    instruction=texts.filter(str.strip),
    turns=st.lists(turns, max_size=3).map(tuple),
    judged=st.lists(judged, min_size=1, max_size=3).map(tuple),
    tools=tools,
    extra=extras,
)
tasks = learned | compared


@settings(deadline=None)
@given(st.lists(tasks, max_size=3))
def test_every_format_is_json(given: list[Task]) -> None:
    for form in FORMATS:
        for row in rows(form, *given):
            assert json.loads(json_line(row)) == json.loads(json.dumps(row))


@settings(deadline=None)
@given(tasks)
def test_seed_holds_everything(task: Task) -> None:
    (row,) = rows("seed", task)
    assert task_from_row(row) == task


@settings(deadline=None, max_examples=300)
@given(learned)
def test_every_conversation_is_a_row_or_has_a_reason(task: Task) -> None:
    for form in LEARNING:
        many = len(list(conversations(task))) or 1
        assert len(rows(form, task)) + len(shortfall(task, form).left_out) == many
    for form in COMPARING:
        assert rows(form, task) == []
        assert len(shortfall(task, form).left_out) == 1


@settings(deadline=None, max_examples=300)
@given(compared)
def test_every_comparison_is_a_row_or_has_a_reason(task: Task) -> None:
    for form in LEARNING:
        assert rows(form, task) == []
    for form in FORMATS:
        assert bool(rows(form, task)) is not bool(shortfall(task, form).left_out)


@settings(deadline=None)
@given(tasks)
def test_what_needs_no_look_has_nothing_to_say(task: Task) -> None:
    for form in FORMATS:
        if is_plain(task, form):
            assert shortfall(task, form) == ((), ())


@settings(deadline=None, max_examples=300)
@given(learned)
def test_no_trainer_learns_what_it_should_not(task: Task) -> None:
    """Neither an empty answer nor one that is not to be learned; and something in every row."""
    numbered = (f"answer {n}." for n in range(9))
    marked = [dict(turn) for turn in task.turns]
    for turn in marked:
        if turn["content"] and turn["role"] == "assistant":
            turn["content"] = next(numbered)
    task = replace(task, turns=cast(tuple[Message, ...], tuple(marked)))
    never = {turn["content"] for turn in task.turns if turn["role"] == "assistant" and not is_lesson(turn)} - {""}
    for form in LEARNING:
        for row in rows(form, task):
            if form in ("messages", "openai"):
                to_learn = [one for one in row["messages"] if one["role"] == "assistant" and one.get("weight") != 0]
                assert to_learn
                assert row["messages"][-1] == to_learn[-1]
                assert all(one["content"].strip() or one.get("tool_calls") for one in to_learn)
                assert not never & {one["content"] for one in to_learn}
            else:
                assert not any(text in json.dumps(row) for text in never)
            for key in ("output", "completion", "text"):
                assert key not in row or row[key].strip()
            if form == "sharegpt":
                assert row["conversations"][-1]["from"] in ("gpt", "function_call")
                assert row["conversations"][-1]["value"].strip()


def with_tokens(task: Task) -> tuple[Task, dict[str, str]]:
    """The task with a text of its own in every place, and by text the name under which it is told when it is lost."""
    names: dict[str, str] = {}

    def token(name: str) -> str:
        names[f"zq{len(names)}q"] = name
        return f"zq{len(names) - 1}q"

    def told(given: Message) -> Message:
        found: dict[str, Any] = {"role": given["role"], "content": given["content"] and token("content")}
        found |= {"learned": False} if "learned" in given else {}
        found |= {"thoughts": token("thoughts")} if "thoughts" in given else {}
        found |= {"name": token("name of a turn")} if "name" in given and given["role"] != "tool" else {}
        found |= {"extra": {key: token(f"{key} of a turn") for key in given["extra"]}} if "extra" in given else {}
        if "tool_calls" in given:
            function = {"name": token("tool_calls"), "arguments": {"x": token("tool_calls")}}
            found["tool_calls"] = [{"type": "function", "function": function}]
        return found  # type: ignore[return-value]

    known = {"name": "clock", "description": token("tools")}
    found = replace(
        task,
        instances=tuple(
            Instance(
                one.input and token("content"), one.output and token("content"), one.thoughts and token("thoughts")
            )
            for one in task.instances
        ),
        turns=tuple(map(told, task.turns)),
        judged=tuple(Judged(tuple(map(told, one.turns)), one.good, one.score) for one in task.judged),
        tools=({"type": "function", "function": known},) if task.tools else (),
        extra={key: token(key) for key in task.extra},
    )
    return found, names


@settings(deadline=None, max_examples=400)
@given(tasks)
def test_what_is_said_is_in_the_rows_or_named(task: Task) -> None:
    """For a task of one conversation that gives a row; what gives none has its reason."""
    if task.turns and task.instances:
        task = replace(task, instances=())
    task, names = with_tokens(replace(task, instances=task.instances[:1]))
    for form in FORMATS:
        written = json.dumps(rows(form, task))
        if written == "[]":
            continue
        told = set(unused(task, form))
        cut = any(name in IN_ORDER or name.startswith(("un", "a judged")) for name in told)
        for text, name in names.items():
            if text in json.dumps(task_to_row(task)) and text not in written:
                assert name in told or cut, (form, name)


# Out and in again

words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(str.strip)
thinking: st.SearchStrategy[dict[str, Any]] = st.just({}) | words.map(lambda text: {"thoughts": text.strip()})


@st.composite
def rounds(draw: st.DrawFn, *, bare: bool = False) -> tuple[Message, ...]:
    """A conversation as there are many; with calls and their results and answers that are context, unless `bare`."""
    found = [Message(role="system", content=draw(words))] if draw(st.booleans()) else []
    for _ in range(draw(st.integers(1, 3))):
        found.append(user(f"{draw(words)}?"))  # "Q" alone, in a pair, would be who speaks
        if not bare and draw(st.booleans()):
            found.append(assistant("", tool_calls=[CALL], **draw(thinking)))
            found.append(Message(role="tool", content=draw(words), tool_call_id="call_1", name="clock"))
        more: dict[str, Any] = {} if bare else draw(thinking) | draw(st.sampled_from([{}, {}, {"learned": False}]))
        found.append(assistant(draw(words), **more))
    found[-1].pop("learned", None)
    return tuple(found)


def again(form: str, task: Task) -> Task:
    """The task of the row of a task; everything in the row is used."""
    (row,) = rows(form, task)
    found = task_of(json.loads(json_line(row)), "again", notes := Notes())
    assert not notes.unused
    return found


@settings(deadline=None)
@given(rounds(), st.lists(st.booleans(), max_size=2))
def test_our_own_rows_come_back(turns: tuple[Message, ...], goods: list[bool]) -> None:
    """As from anybody's file."""
    judged = tuple(Judged((assistant(str(good)),), good, 0.5) for good in goods)
    for task in (talk(*turns, judged=judged, tools=(CLOCK,), extra={"mark": 7}), replace(SONG, extra={"mark": 7})):
        assert again("seed", task) == task


@settings(deadline=None)
@given(rounds(), tools)
def test_messages_come_back(turns: tuple[Message, ...], tools: tuple[dict[str, Any], ...]) -> None:
    found = again("messages", talk(*turns, tools=tools))
    assert (found.turns, found.tools) == (turns, tools)
    silent = tuple(cast(Message, {key: turn[key] for key in turn if key != "thoughts"}) for turn in turns)  # type: ignore[literal-required]
    found = again("openai", talk(*turns, tools=tools))
    assert (found.turns, found.tools) == (silent, tools)


@settings(deadline=None)
@given(rounds(bare=True), tools)
def test_sharegpt_and_histories_come_back(turns: tuple[Message, ...], tools: tuple[dict[str, Any], ...]) -> None:
    found = again("sharegpt", talk(*turns, tools=tools))
    assert (found.turns, found.tools) == (turns, tools)
    found = again("alpaca_history", talk(*turns))
    assert list(conversations(found)) == [turns]


@settings(deadline=None)
@given(words, st.just("") | words, words)
def test_instances_come_back(instruction: str, given: str, output: str) -> None:
    assume(not given or not no_input(given, instruction))  # "NIL" says that there is none
    task = Task("a", instruction, (Instance(given, output),))
    assert again("alpaca", task).instances == task.instances
    for form in ("alpaca_history", "messages", "openai", "sharegpt"):
        assert list(conversations(again(form, task))) == list(conversations(task))


def test_a_call_comes_back_out_of_sharegpt() -> None:
    """Without its id, which its place tells."""
    question, _, result, answer = CALLED.turns
    silent = talk(question, assistant("", tool_calls=[CALL]), result, answer, tools=(CLOCK,))
    call = {"type": "function", "function": CALL["function"]}
    back = (question, assistant("", tool_calls=[call]), Message(role="tool", content="12:07"), answer)
    assert again("sharegpt", silent) == replace(silent, turns=back)
    thought = assistant("<think>\nI ask.\n</think>", tool_calls=[call])
    assert again("sharegpt", CALLED) == replace(silent, turns=(question, thought, *back[2:]))


@settings(deadline=None)
@given(rounds(), words, words, tools, st.booleans())
def test_comparisons_come_back(
    before: tuple[Message, ...], good: str, bad: str, tools: tuple[dict[str, Any], ...], single: bool
) -> None:
    """As a question without marks; nothing of it is learned."""
    unmarked = tuple(cast(Message, {key: turn[key] for key in turn if key != "learned"}) for turn in before)  # type: ignore[literal-required]
    question = (user("Hi"),) if single else (*unmarked, user("So?"))
    judged = (Judged((assistant(good),), True, 2.0), Judged((assistant(bad),), False, 1.0))
    task = talk(*question, judged=judged, tools=() if single else tools)
    if good == bad:
        return
    forms = ["preference", "preference_text"] if single else ["preference"]
    for form in forms:
        found = again(form, task)
        assert (found.turns, found.judged, found.tools) == (question, judged, task.tools)
    alone = replace(task, judged=(Judged(judged[0].turns, True),))
    found = again("kto", alone)
    assert (found.turns, found.judged, found.tools) == (question, alone.judged, task.tools)


@settings(deadline=None)
@given(rounds(bare=True), words, words)
def test_rankings_come_back(before: tuple[Message, ...], good: str, bad: str) -> None:
    question = (*before, user("So?"))
    judged = (Judged((assistant(good),), True), Judged((assistant(bad),), False))
    if good != bad:
        found = again("ranking", talk(*question, judged=judged))
        assert (found.turns, found.judged) == (question, judged)


def test_an_input_that_waited_for_its_answer_is_used() -> None:
    """It stays among the keys of the row, and was said not to be used."""
    answered = Task("t", "Sum.", (Instance("1, 2", "3"),), extra={"input": "1, 2", "score": 0, "note": ""})
    assert list(unused(answered, "alpaca")) == ["score"]
    assert list(unused(replace(answered, extra={"input": "4"}), "alpaca")) == ["input"]
