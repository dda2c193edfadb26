"""Turns out of anybody's conversations: names of the sides, wrappings, contents, marks, calls of tools and order."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.rows.layouts.roles import role_of
from selfinstruct.rows.layouts.tools import tools_of
from selfinstruct.rows.layouts.turns import is_conversation, turns_of
from selfinstruct.rows.notes import Notes
from selfinstruct.task import Message

ASK = Message(role="user", content="Which bird sings at night?")
SAY = Message(role="assistant", content="The nightingale.")
MORE = Message(role="user", content="And by day?")
LAST = Message(role="assistant", content="The lark.")
TALK = (ASK, SAY, MORE, LAST)


def read(value: Any, name: str = "messages") -> tuple[tuple[Message, ...], list[str]]:
    notes = Notes()
    turns = turns_of(value, name, notes)
    return turns, [*notes.unused, *notes.done]


def answer(**more: Any) -> dict[str, Any]:
    """What is read of an answer that says more than its text."""
    turns, _ = read([ASK, {"role": "assistant", "content": "The nightingale.", **more}])
    return {key: value for key, value in turns[-1].items() if key not in ("role", "content")}


# The sides


@pytest.mark.parametrize(
    ("names", "role"),
    [
        ("user human prompter USER Human question usr client customer 用户 <|user|> Human: ###Human:", "user"),
        (
            "assistant gpt bing bard chatgpt claude model bot ai AI Chatbot agent answer GPT-4 gpt-3.5-turbo",
            "assistant",
        ),
        ("claude-2.1 助手 Assistant: gpt4o deepseek-r1 model_2", "assistant"),
        ("system developer System sys system_prompt 系统", "system"),
        ("tool function observation ipython tool_response tool-response function_response environment", "tool"),
        ("function_call tool_call tool_calls Function-Call", "call"),
    ],
)
def test_the_sides_as_people_name_them(names: str, role: str) -> None:
    assert {name: role_of(name) for name in names.split()} == dict.fromkeys(names.split(), role)
    assert role_of(f" {names.split()[0].upper()} ") == role


def test_nobody_is_called_so() -> None:
    for name in ("narrator", "", "users", "system2"):
        assert role_of(name) is None
        with pytest.raises(ValueError, match=r"^nobody is called .* in talk; there are user, assistant, system, tool"):
            turns_of([{"role": name, "content": "x"}], "talk")


# The wrappings

asked, said, more, last = (turn["content"] for turn in TALK)

WRAPPINGS: dict[str, Any] = {
    "OpenAI's": [dict(turn) for turn in TALK],
    "ShareGPT's": [{"from": {"user": "human"}.get(t["role"], "gpt"), "value": t["content"]} for t in TALK],
    "role and value": [{"role": t["role"], "value": t["content"]} for t in TALK],
    "role and text": [{"role": t["role"], "text": t["content"]} for t in TALK],
    "speaker and text": [{"speaker": t["role"].title(), "text": t["content"]} for t in TALK],
    "capitals": [{"Role": t["role"].upper(), "Content": t["content"]} for t in TALK],
    "author objects": [{"author": {"role": t["role"]}, "content": {"parts": [t["content"]]}} for t in TALK],
    "LangChain's": [{"type": {"user": "human"}.get(t["role"], "ai"), "content": t["content"]} for t in TALK],
    "pairs": [[asked, said], [more, last]],
    "tuples": ((asked, said), (more, last)),
    "roles and texts": [["user", asked], ["gpt", said], ["user", more], ["gpt", last]],
    "rounds": [{"human": asked, "assistant": said}, {"human": more, "assistant": last}],
    "questions and answers": [{"question": asked, "answer": said}, {"question": more, "answer": last}],
    "a key each": [{"user": asked}, {"assistant": said}, {"user": more}, {"assistant": last}],
    "texts": [asked, said, more, last],
    "texts with their speakers": [f"Human: {asked}", f"AI: {said}", f"Human: {more}", f"AI: {last}"],
    "columns": {"role": [t["role"] for t in TALK], "content": [t["content"] for t in TALK]},
    "a list in a list": [[dict(turn) for turn in TALK]],
    "parts": [{"role": t["role"], "content": [{"type": "text", "text": t["content"]}]} for t in TALK],
    "parts with values": [{"role": t["role"], "content": [{"type": "text", "value": t["content"]}]} for t in TALK],
    "bare parts": [{"role": t["role"], "content": [t["content"]]} for t in TALK],
    "one part": [{"role": t["role"], "content": {"type": "text", "text": t["content"]}} for t in TALK],
    "nulls": [{**t, "name": None, "tool_calls": None, "weight": None, "text": None} for t in TALK],
}


@pytest.mark.parametrize("name", WRAPPINGS)
def test_a_conversation_in_every_wrapping(name: str) -> None:
    value = WRAPPINGS[name]
    for given_ in (value, json.dumps(value)):
        turns, noted = read(given_)
        assert turns == TALK
        assert not noted
    assert is_conversation(value, sure=True, texts=True) or isinstance(value, tuple)


def test_one_turn_alone() -> None:
    assert turns_of({"from": "gpt", "value": said}, "chosen") == (SAY,)
    assert turns_of([], "messages") == turns_of("[]", "messages") == ()


def test_a_pair_whose_answer_is_to_come() -> None:
    assert read([[asked, said], [more, None]]) == (TALK[:3], [])


turns = st.lists(
    st.builds(
        Message,
        role=st.sampled_from(["system", "user", "assistant", "tool"]),
        content=st.text(min_size=1).filter(str.strip),
    ),
    max_size=5,
)


@given(turns)
def test_turns_that_are_read_are_read_as_they_are(given_: list[Message]) -> None:
    once = turns_of(given_, "messages")
    assert turns_of(list(once), "messages") == once
    for turn in given_:
        assert any(turn["role"] == kept["role"] and turn["content"] in kept["content"] for kept in once)


FAULTS: dict[str, tuple[Any, str]] = {
    "a number": (7, "messages is no list of turns but 7"),
    "null": (None, "messages is no list of turns but null"),
    "a text": ("Hello", 'messages is a text, and no JSON of a conversation: "Hello"; --layout marked reads texts'),
    "half of JSON": ('[{"role": "user"', "messages is a text, and no JSON"),
    "a list of numbers": ([1], "a turn in messages has role and content, or from and value; this one is 1"),
    "no role": ([{"content": "Hi"}], 'or from and value; this one is {"content": "Hi"}'),
    "a role that is a number": ([{"role": 1, "content": "Hi"}], "nobody is called 1 in messages"),
    "three in a round": ([["a", "b", "c"]], "messages holds lists, and not each is a question and its answer"),
    "an object as content": ([{"role": "user", "content": {"x": 1}}], 'a list of parts with a type; this is {"x": 1}'),
    "a list of numbers as content": ([{"role": "user", "content": [1]}], "a text or an object; this one is 1"),
    "a call in words": ([{"from": "function_call", "value": "look it up"}], "calls are JSON; this is"),
    "a call without a name": (
        [{"role": "assistant", "content": None, "tool_calls": [{"arguments": {}}]}],
        'a call of a tool is {"name": …, "arguments": {…}}, or a list of them; this is {"arguments": {}}',
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_said_in_one_line(name: str) -> None:
    value, words = FAULTS[name]
    with pytest.raises(ValueError, match=r"^[^\n]+$") as caught:
        turns_of(value, "messages")
    assert words in str(caught.value)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "content", "from", "value", "type", "text", "tool_calls", "name", "weight", "x"]),
            inner | st.sampled_from(["user", "assistant", "tool", "text", "function_call", "thinking", "tool_use"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(values)
def test_anything_is_turns_or_one_clear_line(value: Any) -> None:
    found: tuple[Message, ...] = ()
    complaint = ""
    try:
        found = turns_of(value, "messages", Notes())
    except ValueError as error:
        complaint = str(error)
    assert "\n" not in complaint
    assert all(turn["role"] in ("system", "user", "assistant", "tool") for turn in found)
    is_conversation(value)


# The contents


def test_parts_are_one_text() -> None:
    parts = [{"type": "text", "text": "Which bird"}, "sings", {"type": "input_text", "text": " at night?"}]
    assert read([{"role": "user", "content": parts}])[0][0]["content"] == "Which bird\nsings at night?"


@pytest.mark.parametrize("kind", ["thinking", "reasoning"])
def test_parts_that_were_thought(kind: str) -> None:
    for key in (kind, "text", "value"):
        parts = [{"type": kind, key: "It is brown."}, {"type": "text", "text": said}]
        assert read([ASK, {"role": "assistant", "content": parts}]) == ((ASK, {**SAY, "thoughts": "It is brown."}), [])


@pytest.mark.parametrize(
    ("part", "noted"),
    [
        ({"type": "image_url", "image_url": {"url": "a.png"}}, "image parts"),
        ({"type": "input_audio", "input_audio": {"data": "…"}}, "audio parts"),
        ({"type": "video", "video": "a.mp4"}, "video parts"),
        ({"image": "a.png"}, "image parts"),
    ],
)
def test_parts_that_are_no_words_are_named(part: dict[str, Any], noted: str) -> None:
    mixed = {"role": "user", "content": [part, {"type": "text", "text": asked}]}
    assert read([mixed, SAY]) == ((ASK, SAY), [noted])
    wordless = {"role": "user", "content": [part]}
    ending = "conversations that end before a turn without words"
    assert read([*TALK, wordless, SAY]) == (TALK, [noted, ending, "turns without words (an image alone), left out"])
    assert read([wordless, *TALK])[0] == TALK, "the same side goes on in words"


def test_numbers_are_their_text() -> None:
    turns, noted = read([ASK, {"role": "assistant", "content": 42}])
    assert turns[1]["content"] == "42"
    assert noted == ["numbers or truth values in the place of a text, written as one"]


def test_a_tool_may_say_anything() -> None:
    for content in ({"birds": ["lark"]}, [{"bird": "lark"}], [1, 2]):
        result = {"role": "tool", "content": content, "tool_call_id": 3, "name": "birds"}
        assert read([result]) == (
            (Message(role="tool", content=json.dumps(content), tool_call_id="3", name="birds"),),
            [],
        )
    assert read([{"role": "tool", "content": ""}]) == ((Message(role="tool", content=""),), []), "even nothing"


# What else a turn says


@pytest.mark.parametrize("key", ["thoughts", "thought", "reasoning", "reasoning_content", "thinking", "Inner Thoughts"])
def test_what_was_thought(key: str) -> None:
    assert answer(**{key: "It is brown."}) == {"thoughts": "It is brown."}
    assert answer(**{key: ""}) == {}


MARKS = [
    *("weight", "loss_weight", "train", "learn", "learned", "trainable", "training", "loss", "is_trainable"),
]


@pytest.mark.parametrize("key", MARKS)
def test_an_answer_that_is_not_to_be_learned(key: str) -> None:
    for no in (0, 0.0, False, "false", "0"):
        assert answer(**{key: no}) == {"learned": False}
    for yes in (1, 1.0, True, "true"):
        assert answer(**{key: yes}) == {}


@pytest.mark.parametrize("key", ["masked", "is_masked", "ignore"])
def test_an_answer_that_is_masked(key: str) -> None:
    assert answer(**{key: True}) == {"learned": False}
    assert answer(**{key: False}) == {}


def test_a_mask_of_0_may_mean_either() -> None:
    assert answer(mask=True) == {"learned": False}
    assert answer(mask=0) == {"extra": {"mask": 0}}


def test_a_text_of_which_parts_are_not_to_be_learned() -> None:
    detail = [{"begin_offset": 0, "end_offset": 3, "train": False}]
    assert answer(train_detail=detail) == {"learned": False}


def test_a_part_of_a_weight_is_named() -> None:
    weighed = {**SAY, "weight": 0.5}
    assert read([ASK, weighed]) == ((ASK, SAY), ["weight 0.5"])
    assert read([ASK, {**SAY, "weight": 0.123}])[1] == ["weight between 0 and 1"]
    assert read([ASK, {**SAY, "weight": 2}]) == ((ASK, {**SAY, "extra": {"weight": 2}}), [])


def test_a_question_is_never_learned() -> None:
    for mark in ({"weight": 0}, {"weight": 1}, {"train": False}):
        assert read([{**ASK, **mark}, SAY]) == ((ASK, SAY), [])
    assert read([{**ASK, "train": True}, SAY]) == ((ASK, SAY), ["train of a turn that is no answer"])


def test_all_else_is_carried_along() -> None:
    assert answer(model="m", score=3, empty="", none=None) == {"extra": {"model": "m", "score": 3}}
    assert answer(extra={"model": "m"}) == {"extra": {"model": "m"}}
    assert answer(name="Bird", reasoning="a", thinking="b") == {
        "name": "Bird",
        "thoughts": "a",
        "extra": {"thinking": "b"},
    }


# Calls of tools

CALL = {"type": "function", "function": {"name": "birds", "arguments": {"at": "night"}}}
CALLS: dict[str, Any] = {
    "OpenAI's": {"tool_calls": [{"type": "function", "function": {"name": "birds", "arguments": '{"at": "night"}'}}]},
    "with objects": {"tool_calls": [CALL]},
    "bare": {"tool_calls": [{"name": "birds", "arguments": {"at": "night"}}]},
    "JSON text": {"tool_calls": json.dumps([CALL])},
    "the old one": {"function_call": {"name": "birds", "arguments": '{"at": "night"}'}},
    "LangChain's": {"tool_calls": [{"name": "birds", "args": {"at": "night"}, "type": "tool_call"}]},
    "Anthropic's": {"content": [{"type": "tool_use", "name": "birds", "input": {"at": "night"}}]},
    "a part's value": {"content": [{"type": "tool_call", "value": '{"name": "birds", "arguments": {"at": "night"}}'}]},
    "ShareGPT's": {"role": "function_call", "content": '{"name": "birds", "arguments": {"at": "night"}}'},
    "ShareGPT's list": {"role": "function_call", "content": '[{"name": "birds", "arguments": {"at": "night"}}]'},
    "an object": {"role": "tool_call", "content": {"name": "birds", "arguments": {"at": "night"}}},
    "marked": {
        "role": "function_call",
        "content": '<tool_call>\n{"name": "birds", "arguments": {"at": "night"}}\n</tool_call>',
    },
    "quoted": {
        "role": "function_call",
        "content": """<functioncall> {"name": "birds", "arguments": '{"at": "night"}'} <|endoftext|>""",
    },
    "the turn itself": {"role": "function_call", "name": "birds", "arguments": '{"at": "night"}'},
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_in_every_shape(name: str) -> None:
    result = Message(role="tool", content="nightingale")
    calling = {"role": "assistant", **CALLS[name]}
    turns, noted = read([ASK, calling, result, SAY])
    assert turns == (ASK, {"role": "assistant", "content": "", "tool_calls": [CALL]}, result, SAY)
    assert not noted


def test_calls_keep_their_ids_and_whatever_their_arguments_are() -> None:
    call = {"id": 7, "type": "function", "function": {"name": "birds", "arguments": "at night"}, "index": 0}
    assert answer(content=None, tool_calls=[call])["tool_calls"] == [{**call, "id": "7"}]
    for nothing in ("", None, "{}"):
        call = {"function": {"name": "birds", "arguments": nothing}}
        assert answer(tool_calls=[call])["tool_calls"][0]["function"] == {"name": "birds", "arguments": {}}


def test_what_is_said_around_a_call() -> None:
    text = 'I look. <tool_call>{"name": "birds", "arguments": {"at": "night"}}</tool_call>'
    calling = Message(role="assistant", content="I look.", tool_calls=[CALL])
    assert read([ASK, {"from": "function_call", "value": text}])[0] == (ASK, calling)
    apart = [{"role": "assistant", "content": "I look."}, {"from": "function_call", "value": json.dumps(CALL)}]
    assert read([ASK, *apart]) == ((ASK, calling), [])
    assert read([ASK, Message(role="assistant", content=text)])[0][1]["content"] == text, "an answer stays its text"


def test_calls_beside_each_other_are_one_answer() -> None:
    one = {"from": "function_call", "value": '{"name": "birds", "arguments": {}}'}
    turns, noted = read([ASK, one, one, {"from": "observation", "value": "1"}, {"from": "observation", "value": "2"}])
    assert [len(turn.get("tool_calls", [])) for turn in turns] == [0, 2, 0, 0]
    assert not noted


def test_results_in_the_users_turn() -> None:
    result = {"type": "tool_result", "tool_use_id": "c1", "content": [{"type": "text", "text": "nightingale"}]}
    tool = Message(role="tool", content="nightingale", tool_call_id="c1")
    assert read([{"role": "user", "content": [result]}]) == ((tool,), [])
    assert read([{"role": "user", "content": [result, {"type": "text", "text": asked}]}])[0] == (tool, ASK)


def test_tools_in_every_shape() -> None:
    inner = {"name": "birds", "description": "Lists birds.", "parameters": {"type": "object", "properties": {}}}
    tool = {"type": "function", "function": inner}
    schema = {"name": "birds", "description": "Lists birds.", "input_schema": inner["parameters"]}
    for value in ([tool], [inner], inner, json.dumps([inner]), [json.dumps(inner)], [schema], [{"function": inner}]):
        assert tools_of(value) == (tool,)
    assert tools_of({"birds": {"description": "Lists birds.", "parameters": inner["parameters"]}}) == (tool,)
    for value, words in {"a hammer": "calls are JSON", "[1]": "a tool is an object with a name"}.items():
        with pytest.raises(ValueError, match=words):
            tools_of(value)


def test_tools_in_a_turn_are_named_where_nobody_can_take_them() -> None:
    assert read([{"role": "system", "content": "Hi", "tools": [{"name": "birds"}]}, ASK])[1] == ["tools in a turn"]


# The order


def test_turns_of_one_side_in_a_row_are_joined() -> None:
    turns, noted = read([ASK, MORE, SAY, LAST])
    assert [turn["content"] for turn in turns] == [f"{asked}\n\n{more}", f"{said}\n\n{last}"]
    assert noted == ["turns of one side in a row, joined"]


def test_what_is_joined_keeps_what_it_says() -> None:
    first = {**SAY, "reasoning": "a", "weight": 0, "model": "m"}
    second = {**LAST, "reasoning": "b", "model": "n", "score": 1}
    turns, noted = read([ASK, first, second])
    assert turns[1] == {
        "role": "assistant",
        "content": f"{said}\n\n{last}",
        "thoughts": "a\n\nb",
        "learned": False,
        "extra": {"model": "m", "score": 1},
    }
    assert noted == ["model", "turns of one side in a row, joined"]
    assert read([ASK, second, first])[0][1]["learned"] is False, "whichever comes first"


def test_empty_turns_are_left_out() -> None:
    nothings: list[Any] = ["", " \n", None, []]
    for nothing in nothings:
        empty = {"role": "assistant", "content": nothing}
        turns, noted = read([ASK, empty, MORE, LAST])
        assert [turn["content"] for turn in turns] == [f"{asked}\n\n{more}", last]
        assert noted == ["empty turns, left out", "turns of one side in a row, joined"]
    assert read([{"role": "system", "content": ""}, *TALK]) == (TALK, []), "no system text is nothing to tell"
    assert read([ASK, {"role": "assistant", "content": "", "seen": 1}]) == ((ASK,), ["seen", "empty turns, left out"])
    assert len(read([ASK, {"role": "assistant", "content": "", "reasoning": "Hm."}])[0]) == 2
