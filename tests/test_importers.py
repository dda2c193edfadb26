"""Importers by name: texts with marks, trees of messages, task files; and which of them a row looks like."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import permutations
from time import process_time
from typing import Any

import pytest
from hostile import UNITS
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.rows.importers import trees
from selfinstruct.rows.importers.importers import IMPORTERS, guess
from selfinstruct.rows.importers.marked import FAMILIES, family_of, turns_in
from selfinstruct.rows.notes import Bad, Notes, Where
from selfinstruct.task import Task, task_from_row, task_to_row


def imported(name: str, rows: Iterable[Any], notes: Notes | None = None) -> list[Task | Bad]:
    placed = [(Where("rows.jsonl", "line", n), row) for n, row in enumerate(rows, 1)]
    return [task for _, task in IMPORTERS[name](placed, Notes() if notes is None else notes)]


def tasks(name: str, *rows: Any, notes: Notes | None = None) -> list[Task]:
    found = []
    for task in imported(name, rows, notes):
        assert isinstance(task, Task), task
        assert task_from_row(json.loads(json.dumps(task_to_row(task)))) == task
        found.append(task)
    return found


def said(task: Task) -> list[tuple[str, str]]:
    return [(turn["role"], turn["content"]) for turn in task.turns]


HELLO = [("user", "Hello"), ("assistant", "Good day.\n\nWhat is it?"), ("user", "A lake?"), ("assistant", "Como.")]
SYSTEM = [("system", "Be brief."), *HELLO]
A = "Good day.\n\nWhat is it?"

MARKED: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "bot": (f"<human>: Hello\n<bot>: {A}\n<human>: A lake?\n<bot>: Como.", HELLO),
    "bot with a system text": (f"Be brief.\n\n<human>: Hello\n<bot>: {A}\n\n<human>: A lake?\n<bot>: Como.\n", SYSTEM),
    "guanaco": (f"### Human: Hello\n### Assistant: {A}\n### Human: A lake?\n### Assistant: Como.", HELLO),
    "guanaco in a line": (f"### Human: Hello### Assistant: {A}### Human: A lake?### Assistant: Como.", HELLO),
    "vicuna": (f"Be brief. USER: Hello ASSISTANT: {A}</s>USER: A lake? ASSISTANT: Como.</s>", SYSTEM),
    "vicuna in lines": (f"Be brief.\nUSER: Hello\nASSISTANT: {A}\nUSER: A lake?\nASSISTANT: Como.", SYSTEM),
    "baize": (f"Be brief.\n[|Human|] Hello\n[|AI|] {A}\n[|Human|] A lake?\n[|AI|] Como.\n[|Human|] ", SYSTEM),
    "chatml": (
        f"<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n{A}"
        "<|im_end|>\n<|im_start|>user\nA lake?<|im_end|>\n<|im_start|>assistant\nComo.<|im_end|>\n",
        SYSTEM,
    ),
    "llama2": (
        f"<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHello [/INST] {A} </s><s>[INST] A lake? [/INST] Como. </s>",
        SYSTEM,
    ),
    "mistral": (f"<s>[INST] Hello [/INST] {A}</s>[INST] A lake? [/INST] Como.</s>", HELLO),
    "llama3": (
        "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
        f"<|start_header_id|>user<|end_header_id|>\n\nHello<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n{A}"
        "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nA lake?<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\nComo.<|eot_id|>",
        SYSTEM,
    ),
    "gemma": (
        f"<bos><start_of_turn>user\nHello<end_of_turn>\n<start_of_turn>model\n{A}<end_of_turn>\n"
        "<start_of_turn>user\nA lake?<end_of_turn>\n<start_of_turn>model\nComo.<end_of_turn>\n",
        HELLO,
    ),
    "zephyr": (
        f"<|system|>\nBe brief.</s>\n<|user|>\nHello</s>\n<|assistant|>\n{A}</s>\n"
        "<|user|>\nA lake?</s>\n<|assistant|>\nComo.</s>",
        SYSTEM,
    ),
    "oasst": (
        f"<|prompter|>Hello<|endoftext|><|assistant|>{A}<|endoftext|>"
        "<|prompter|>A lake?<|endoftext|><|assistant|>Como.",
        HELLO,
    ),
    "deepseek": (f"<｜User｜>Hello<｜Assistant｜>{A}<｜end▁of▁sentence｜><｜User｜>A lake?<｜Assistant｜>Como.", HELLO),
    "moss": (
        f"<|Human|>: Hello<eoh>\n<|MOSS|>: {A}<eom>\n<|Human|>: A lake?<eoh>\n<|MOSS|>: Como.<eom>\n",
        HELLO,
    ),
    "openchat": (
        f"GPT4 Correct User: Hello<|end_of_turn|>GPT4 Correct Assistant: {A}<|end_of_turn|>"
        "GPT4 Correct User: A lake?<|end_of_turn|>GPT4 Correct Assistant: Como.<|end_of_turn|>",
        HELLO,
    ),
    "hh": (f"\n\nHuman: Hello\n\nAssistant: {A}\n\nHuman: A lake?\n\nAssistant: Como.", HELLO),
    "names": (f"User: Hello\nAssistant: {A}\nUser: A lake?\nAssistant: Como.", HELLO),
    "questions": (f"Q: Hello\nA: {A}\nQ: A lake?\nA: Como.", HELLO),
    "chinese": ("问：一个湖？\n\n答：西湖。", [("user", "一个湖？"), ("assistant", "西湖。")]),
    "alpaca": (
        "### Instruction:\nName it.\n\n### Input:\nA lake\n\n### Response:\nComo.",
        [("user", "Name it.\n\nA lake"), ("assistant", "Como.")],
    ),
}


@pytest.mark.parametrize("kind", MARKED)
def test_marked_texts(kind: str) -> None:
    text, turns = MARKED[kind]
    (task,) = tasks("marked", {"text": text, "source": "a book"})
    assert said(task) == turns
    assert task.extra == {"source": "a book"}
    assert task.id == ""


def test_the_text_may_have_any_name() -> None:
    text, turns = MARKED["baize"]
    (task,) = tasks("marked", {"topic": "lakes", "input": text, "id": 7})
    assert (said(task), task.extra, task.id) == (turns, {"topic": "lakes"}, "7")


def test_system_and_tools_beside_a_text_are_used() -> None:
    (task,) = tasks("marked", {"text": MARKED["names"][0], "system": "Be brief."})
    assert said(task) == SYSTEM


def test_marks_that_an_answer_quotes_are_words() -> None:
    quoting = "It writes <|im_start|>user and `<bot>: Hi`, and ### Human: too, with <human>: in front."
    text = f"<human>: How does it look?\n<bot>: {quoting}\n<human>: And USER: x ASSISTANT: y?\n<bot>: So."
    (task,) = tasks("marked", {"text": text})
    assert [content for _, content in said(task)][1:3] == [quoting, "And USER: x ASSISTANT: y?"]


@pytest.mark.parametrize(
    "row",
    [
        {"text": "A plain text."},
        {"text": "<bot>: I answer\n<human>: what nobody asked"},
        {"text": "<human>: only one side"},
        {"text": None},
        {"a": MARKED["bot"][0], "b": MARKED["bot"][0]},
        {},
        ["<human>: a", "<bot>: b"],
        None,
    ],
)
def test_rows_without_marks_are_bad(row: Any) -> None:
    (bad,) = imported("marked", [row])
    assert isinstance(bad, Bad)
    assert bad.where == ("rows.jsonl", "line", 1)
    assert "\n" not in bad.why


def hh(*said: str) -> str:
    return "".join(f"\n\n{('Human', 'Assistant')[n % 2]}: {text}" for n, text in enumerate(said))


def test_hh_pairs() -> None:
    row = {"chosen": hh("Hello", "Hi.", "A lake?", "Como."), "rejected": hh("Hello", "Hi.", "A lake?", "Rhine.")}
    (task,) = tasks("hh", row | {"source": "a book"})
    assert said(task) == [("user", "Hello"), ("assistant", "Hi."), ("user", "A lake?")]
    assert [(one.turns[0]["content"], one.good) for one in task.judged] == [("Como.", True), ("Rhine.", False)]
    assert task.extra == {"source": "a book"}


def test_hh_pairs_that_differ_early() -> None:
    row = {"chosen": hh("Hello", "Hi.", "A lake?", "Como."), "rejected": hh("Hello", "What?")}
    (task,) = tasks("hh", row)
    assert [len(one.turns) for one in task.judged] == [3, 1]


def test_hh_text() -> None:
    (task,) = tasks("hh", {"text": hh("Hello", A, "A lake?", "Como.")})
    assert said(task) == HELLO


@pytest.mark.parametrize(
    "row", [{"chosen": "Como", "rejected": "Rhine"}, {"chosen": hh("Hello"), "rejected": None}, {}]
)
def test_hh_rows_that_are_none(row: dict[str, Any]) -> None:
    (bad,) = imported("hh", [row])
    assert isinstance(bad, Bad)


def message(id: str, parent: str | None, text: str, rank: int | None = None, **more: Any) -> dict[str, Any]:
    role = "prompter" if text.endswith("?") else "assistant"
    return {"message_id": id, "parent_id": parent, "text": text, "role": role, "rank": rank, "lang": "en"} | more


FLAT = [
    message("q", None, "A lake?"),
    message("worse", "q", "Rhine.", 1),
    message("best", "q", "Como.", 0, model_name="none"),
    message("unranked", "q", "Perhaps."),
    message("more", "best", "Another?", 0),
    message("garda", "more", "Garda.", 1),
    message("iseo", "more", "Iseo.", 0, emojis={"+1": 2}),
    message("open", "iseo", "One more?", 0),
    message("why", "worse", "Why?", 0),
    message("because", "why", "I err.", 0),
    message("gone", "q", "Spam.", 0, review_result=False),
    message("lost", "gone", "Really?"),
    message("deleted", "more", "Maggiore.", 0, deleted=True),
]
FLAT = [row | {"message_tree_id": "q", "tree_state": "ready_for_export"} for row in FLAT]


def tree(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The same, whole."""
    by_id: dict[str, dict[str, Any]] = {row["message_id"]: row | {"replies": []} for row in rows}
    for row in by_id.values():
        if row["parent_id"] in by_id:
            by_id[row["parent_id"]]["replies"].append(row)
    return {"message_tree_id": "q", "tree_state": "ready_for_export", "prompt": by_id[rows[0]["message_id"]]}


SHAPES = {"messages": FLAT, "tree": [tree(FLAT)], "backwards": FLAT[::-1]}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_best_path_of_a_tree(shape: str) -> None:
    notes = Notes()
    (task,) = tasks("oasst", *SHAPES[shape], notes=notes)
    assert [text for _, text in said(task)] == ["A lake?", "Como.", "Another?", "Iseo."]
    assert [role for role, _ in said(task)] == ["user", "assistant"] * 2
    assert task.id == "iseo"
    assert task.extra == {"message_tree_id": "q", "tree_state": "ready_for_export", "lang": "en"}
    assert task.turns[1].get("extra") == {"model_name": "none"}
    assert notes.unused == {"emojis": 1}
    assert notes.done == {
        "trees with deleted messages, left out with the replies to them": 1,
        "trees with messages that reviewers refused, left out with the replies to them": 1,
        "replies of lower rank, left out (--layout oasst_all has them)": 1,
    }


@pytest.mark.parametrize("shape", ["messages", "tree"])
def test_all_paths_of_a_tree(shape: str) -> None:
    found = tasks("oasst_all", *SHAPES[shape])
    assert [task.id for task in found] == ["iseo", "garda", "because", "unranked"]
    learned = [turn["content"] for task in found for turn in task.turns if turn.get("learned", True)]
    answers = [text for text in learned if text.endswith(".")]
    assert sorted(answers) == sorted({"Como.", "Iseo.", "Garda.", "Rhine.", "I err.", "Perhaps."})


@pytest.mark.parametrize("shape", ["messages", "tree"])
def test_ranked_answers_of_a_tree(shape: str) -> None:
    first, second = tasks("oasst_ranked", *SHAPES[shape])
    assert [turn["content"] for turn in first.turns] == ["A lake?"]
    assert [(one.turns[0]["content"], one.good) for one in first.judged] == [("Como.", True), ("Rhine.", False)]
    assert [turn["content"] for turn in second.turns] == ["A lake?", "Como.", "Another?"]
    assert [(one.turns[0]["content"], one.good) for one in second.judged] == [("Iseo.", True), ("Garda.", False)]


@pytest.mark.parametrize("name", ["oasst", "oasst_all"])
def test_a_tree_without_an_answer_is_a_question(name: str) -> None:
    (task,) = tasks(name, tree(FLAT[:1]))
    assert (task.instruction, task.turns, task.id) == ("A lake?", (), "q")


def test_messages_may_come_in_any_order() -> None:
    rows = [FLAT[0], FLAT[2], FLAT[4], FLAT[6]]
    (wanted,) = tasks("oasst", *rows)
    for order in permutations(rows):
        assert tasks("oasst", *order) == [wanted]


def test_messages_of_several_trees_by_turns() -> None:
    other = [row | {"message_tree_id": "p", "message_id": row["message_id"] + "2"} for row in FLAT[:3]]
    other = [row | {"parent_id": "q2" if row["parent_id"] else None} for row in other]
    mixed = [row for pair in zip(FLAT[:3], other, strict=True) for row in pair]
    assert [task.id for task in tasks("oasst", *mixed)] == ["best", "best2"]


def test_messages_without_a_name_of_their_tree() -> None:
    bare = [{key: value for key, value in row.items() if key != "message_tree_id"} for row in FLAT]
    assert [task.id for task in tasks("oasst", *bare)] == ["iseo"]


def test_trees_that_are_torn_apart_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "OPEN", 3)
    others = [message(f"q{n}", None, "And?", message_tree_id=f"q{n}") for n in range(5)]
    *found, bad = imported("oasst", [*FLAT[:3], *others, FLAT[4]])[-6:]
    late = [one for one in imported("oasst", [*FLAT[:3], *others, FLAT[4]]) if isinstance(one, Bad)]
    assert [one.where.number for one in late] == [9]
    assert "sort the file by message_tree_id" in late[0].why
    assert len(found) == 5
    assert bad


def test_messages_that_answer_in_a_circle_are_bad() -> None:
    circle = [message("a", "b", "One?"), message("b", "a", "Two.")]
    circle = [row | {"message_tree_id": "t"} for row in circle]
    assert [type(one) for one in imported("oasst", circle)] == [Bad, Bad]


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": {"text": "Hi?", "role": "prompter", "replies": 3}},
        {"prompt": {"text": "Hi?", "role": "prompter", "replies": ["a"]}},
        {"prompt": {"text": "Hi?", "role": "nobody"}},
        {"text": "Hi?"},
        {"instruction": "Hi?"},
        {"message_id": [], "parent_id": None, "text": "a", "role": "prompter"},
        17,
    ],
)
@pytest.mark.parametrize("name", ["oasst", "oasst_all", "oasst_ranked"])
def test_what_is_no_tree_is_bad(name: str, row: Any) -> None:
    (bad,) = imported(name, [row])
    assert isinstance(bad, Bad)


@pytest.mark.parametrize("name", ["oasst", "oasst_all", "oasst_ranked"])
def test_deep_trees(name: str) -> None:
    row: dict[str, Any] = message("0", None, "End.")
    for n in range(1, 5_001):
        row = message(str(n), None, "Why?" if n % 2 else "So.") | {"replies": [row]}
    row["role"] = "prompter"
    (task,) = imported("oasst", [{"prompt": row}])
    assert isinstance(task, Task)


@pytest.mark.parametrize("rank", [float("inf"), float("nan"), 10**400, "first", [], True])
def test_ranks_that_are_none(rank: Any) -> None:
    rows = [FLAT[0], FLAT[1], FLAT[2] | {"rank": rank}]
    assert [task.id for task in tasks("oasst", *rows)] == ["worse"]
    assert tasks("oasst_ranked", *rows) == []


@pytest.mark.parametrize("name", IMPORTERS)
@pytest.mark.parametrize("key", ["text", "chat", "prompt", "mapping", "chosen", "replies", "extra"])
def test_rows_nested_deeply(name: str, key: str) -> None:
    deep: Any = "end"
    for _ in range(10_000):
        deep = {"a": [deep]}
    for like in EXAMPLES.values():
        for found in imported(name, [like | {key: deep}]):
            assert "\n" not in getattr(found, "why", "")


def node(id: str, parent: str | None, role: str, text: str, **more: Any) -> dict[str, Any]:
    message = {"author": {"role": role}, "content": {"content_type": "text", "parts": [text]}, "recipient": "all"}
    return {"id": id, "parent": parent, "message": message | more}


CHAT = {
    "title": "Lakes",
    "conversation_id": "c",
    "current_node": "5",
    "mapping": {
        "root": {"id": "root", "message": None, "parent": None},
        "0": node("0", "root", "system", ""),
        "hidden": node("hidden", "0", "user", "About me", metadata={"is_visually_hidden_from_conversation": True}),
        "1": node("1", "hidden", "user", "A lake?"),
        "again": node("again", "1", "assistant", "Rhine."),
        "2": node("2", "1", "assistant", "find('lake')", recipient="python"),
        "3": node("3", "2", "tool", "Como"),
        "5": node("5", "3", "assistant", "Como."),
    },
}


def test_chatgpt() -> None:
    notes = Notes()
    (task,) = tasks("chatgpt", CHAT, notes=notes)
    assert said(task) == [("user", "A lake?"), ("assistant", ""), ("tool", "Como"), ("assistant", "Como.")]
    assert task.turns[1]["tool_calls"][0]["function"] == {"name": "python", "arguments": {"text": "find('lake')"}}
    assert (task.id, task.extra) == ("c", {"title": "Lakes", "conversation_id": "c"})
    assert notes.done == {"chats with other branches, left out": 1}


@pytest.mark.parametrize("mapping", [None, {}, {"a": 1}, {"a": {"parent": "b"}, "b": {"parent": "a"}}])
def test_chatgpt_rows_that_are_none(mapping: Any) -> None:
    (bad,) = imported("chatgpt", [{"mapping": mapping}])
    assert isinstance(bad, Bad)


def test_moss() -> None:
    row = {
        "conversation_id": "1",
        "meta_instruction": "Be brief.",
        "chat": {
            "turn_1": {
                "Human": "<|Human|>: Hello<eoh>\n",
                "Inner Thoughts": "<|Inner Thoughts|>: None<eot>\n",
                "Commands": "<|Commands|>: None<eoc>\n",
                "Tool Responses": "<|Results|>: None<eor>\n",
                "MOSS": f"<|MOSS|>: {A}<eom>\n",
            },
            "turn_2": {
                "Human": "<|Human|>: A lake?<eoh>\n",
                "Inner Thoughts": "<|Inner Thoughts|>: I look it up.<eot>\n",
                "Commands": '<|Commands|>: Search("lake")<eoc>\n',
                "Tool Responses": "<|Results|>: Como<eor>\n",
                "MOSS": "<|MOSS|>: Como.<eom>\n",
            },
        },
    }
    (task,) = tasks("moss", row)
    assert [turn for turn in said(task) if turn[1] and turn[0] != "tool"] == SYSTEM
    call, result = task.turns[4:6]
    assert call["tool_calls"][0]["function"] == {"name": "Search", "arguments": {"text": "lake"}}
    assert call["thoughts"] == "I look it up."
    assert (result["role"], result["content"]) == ("tool", "Como")


def test_glaive() -> None:
    tool = {"name": "lakes", "description": "Finds lakes", "parameters": {"type": "object", "properties": {}}}
    other = json.dumps(tool | {"name": "rivers"})
    row = {
        "system": f"SYSTEM: Be brief. Use these -\n{json.dumps(tool, indent=4)}\n\n{other}\n",
        "chat": "USER: A lake?\n\n\nASSISTANT: I look. <functioncall> "
        '{"name": "lakes", "arguments": \'{"in": "Italy"}\'} <|endoftext|>\n\n\n'
        'FUNCTION RESPONSE: {"lake": "Como"}\n\n\nASSISTANT: Como. <|endoftext|>\n\n\n',
    }
    (task,) = tasks("glaive", row)
    assert [tool["function"]["name"] for tool in task.tools] == ["lakes", "rivers"]
    assert [turn["role"] for turn in task.turns] == ["system", "user", "assistant", "tool", "assistant"]
    assert task.turns[0]["content"] == "Be brief. Use these"
    assert task.turns[2]["content"] == "I look."
    assert task.turns[2]["tool_calls"][0]["function"] == {"name": "lakes", "arguments": {"in": "Italy"}}
    assert task.turns[-1]["content"] == "Como."


EXAMPLES: dict[str, Any] = {
    "oasst": tree(FLAT),
    "hh": {"chosen": hh("Hello", "Hi"), "rejected": hh("Hello", "Ho")},
    "marked": {"text": MARKED["bot"][0]},
    "moss": {"chat": {"turn_1": {"Human": "<|Human|>: Hello<eoh>", "MOSS": "<|MOSS|>: Hi<eom>"}}},
    "glaive": {"system": "SYSTEM: Be brief.", "chat": "USER: Hello\n\nASSISTANT: Hi <|endoftext|>"},
    "chatgpt": CHAT,
    "questions": {"title": "How do I dry herbs?", "tags": "kitchen"},
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_rows_are_known_by_their_shape(name: str) -> None:
    assert guess(EXAMPLES[name]) == name
    assert guess(FLAT[1]) == "oasst"
    assert all(isinstance(task, Task) for task in imported(name, [EXAMPLES[name]]))


@pytest.mark.parametrize("row", [None, 3, [], {}, {"instruction": "a", "output": "b"}, {"text": "a"}, {"prompt": "a"}])
def test_other_rows_are_not(row: Any) -> None:
    assert guess(row) is None


@pytest.mark.parametrize("name", IMPORTERS)
@pytest.mark.parametrize("like", EXAMPLES)
def test_an_importer_tells_which_other_one_is_meant(name: str, like: str) -> None:
    for task in imported(name, [EXAMPLES[like]]):
        if isinstance(task, Bad) and name in EXAMPLES:
            assert task.why.endswith(f"it looks like --layout {like}") or name == "oasst"


@pytest.mark.parametrize("name", IMPORTERS)
def test_bad_rows_stay_bad_and_importers_say_what_they_read(name: str) -> None:
    bad = Bad(Where("rows.jsonl", "line", 1), "it is cut", "{")
    assert imported(name, [bad]) == [bad]
    first = (IMPORTERS[name].__doc__ or "").splitlines()[0]
    assert 20 < len(first) < 120
    assert first.endswith(".")


LEAVES = st.one_of(
    *(st.none(), st.booleans(), st.integers(-3, 3), st.floats(), st.text("a1 [{", max_size=4)),
    st.sampled_from([text for text, _ in MARKED.values()]),
    st.sampled_from(["prompter", "assistant", "q", "tie", "ready_for_export", "<functioncall>", "SYSTEM: {"]),
    st.lists(st.sampled_from([*UNITS, "\n\nHuman:", "USER:", "[INST]", "\n"]), max_size=4).map("".join),
    st.sampled_from([value for row in [*EXAMPLES.values(), *FLAT] for value in row.values()]),
)
NAMES = st.sampled_from(
    sorted(
        {key for row in [*EXAMPLES.values(), *FLAT, tree(FLAT)["prompt"]] for key in row} | {"turn_1", "Human", "MOSS"}
    )
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)


@given(st.lists(VALUES, max_size=3), st.sampled_from(sorted(IMPORTERS)))
def test_any_rows_are_tasks_or_bad(rows: list[Any], name: str) -> None:
    for task in imported(name, rows):
        if isinstance(task, Task):
            assert task.instruction.strip()
        else:
            assert isinstance(task, Bad)
            assert "\n" not in task.why
    for row in rows:
        assert guess(row) in (None, *IMPORTERS)


BLANKS = [
    "\n",
    " ",
    "\n\n",
    "\n \n",
    "<",
    "[",
    "###",
    "### ",
    "<|",
    "USER",
    "Human",
    "\n\nHuman: ",
    "[INST]",
    "<<SYS>>",
]
BLANKS += [text[:12] for text, _ in MARKED.values()]


@pytest.mark.parametrize("unit", sorted({*BLANKS, *UNITS}))
def test_time_grows_with_the_text(unit: str) -> None:
    text = f"[INST] <<SYS>>{unit * (400_000 // len(unit))}"
    start = process_time()
    family_of(text)
    for name in FAMILIES:
        turns_in(text, name)
    imported("marked", [{"text": text}])
    imported("glaive", [{"chat": EXAMPLES["glaive"]["chat"], "system": "{}" + text}])
    assert process_time() - start < 5.0


POST = {
    "id": "p1",
    "post": "I moved. My cat did not like it.\n",
    "title": "The cat",
    "subreddit": "pets",
    "article": None,
}
TWO: list[dict[str, Any]] = [
    {"text": " A cat disliked a move.", "policy": "a", "note": None},
    {"text": " Cats.", "policy": "b", "note": None},
]


@pytest.mark.parametrize("choice", [0, 1])
def test_summaries_that_were_compared(choice: int) -> None:
    row = {
        "info": POST,
        "split": "train",
        "summaries": TWO,
        "choice": choice,
        "worker": "w",
        "extra": {"confidence": 3},
    }
    (task,) = tasks("summaries", row)
    assert [turn["content"] for turn in task.turns] == [
        "Summarize this post.\n\nThe cat\n\nI moved. My cat did not like it."
    ]
    assert [(one.turns[0]["content"], one.good) for one in task.judged] == [
        (TWO[choice]["text"].strip(), True),
        (TWO[1 - choice]["text"].strip(), False),
    ]
    assert task.extra == {"subreddit": "pets", "split": "train", "worker": "w", "confidence": 3}
    as_columns = row | {"summaries": {"text": [one["text"] for one in TWO], "policy": ["a", "b"]}}
    assert tasks("summaries", as_columns) == [task]
    assert guess(row) == "summaries"


def test_a_summary_with_marks() -> None:
    axes = {"overall": 6, "accuracy": 7, "coverage": 5, "coherence": 7, "compatible": None}
    info = {"id": "a1", "post": None, "title": "The ferry", "article": "It sails.", "site": "news"}
    (task,) = tasks("summaries", {"info": info, "summary": {"text": "A ferry sails.", "axes": axes}, "worker": "w"})
    assert (task.instruction, task.instances[0].input) == ("Summarize this article.", "The ferry\n\nIt sails.")
    assert task.instances[0].output == "A ferry sails."
    assert task.extra["score"] == 6
    assert task.extra["axes"] == {"overall": 6, "accuracy": 7, "coverage": 5, "coherence": 7}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"info": None, "summaries": TWO, "choice": 0}, "info has the post or the article; it is null"),
        ({"info": POST, "summaries": TWO[:1], "choice": 0}, "summaries has two texts, or summary one"),
        ({"info": POST, "summaries": TWO, "choice": 2}, "choice is the number of the better summary, 0 or 1; it is 2"),
        ({"info": POST, "summaries": TWO, "choice": True}, "0 or 1; it is true"),
        ({"info": POST, "summaries": [TWO[0], TWO[0]], "choice": 0}, "the same"),
    ],
)
def test_summaries_that_are_none(row: dict[str, Any], words: str) -> None:
    (bad,) = imported("summaries", [row])
    assert isinstance(bad, Bad) or words == "the same"
    assert words in bad.why if isinstance(bad, Bad) else bad.judged


def test_passages_with_questions() -> None:
    asked = [
        {"id": "q1", "question": " Where? ", "answers": [{"text": "In Riga", "answer_start": 0}, {"text": "Riga"}]},
        {"id": "q2", "question": "Why?", "answers": [], "is_impossible": True, "plausible_answers": [{"text": "So"}]},
        {"question": "When?", "answers": [{"text": "1901"}]},
    ]
    row = {"title": "Riga", "paragraphs": [{"context": "In Riga, 1901.", "qas": asked}, {"context": "x", "qas": []}]}
    notes = Notes()
    first, second = tasks("squad", row, notes=notes)
    assert (first.id, first.instruction, first.instances[0].input) == ("q1", "Where?", "In Riga, 1901.")
    assert [task.instances[0].output for task in (first, second)] == ["In Riga", "1901"]
    assert first.extra == {"title": "Riga"}
    assert notes.done["questions without an answer, left out"] == 1
    assert guess(row) == "squad"
    (bad,) = imported("squad", [{"paragraphs": [{"context": 7}]}])
    assert isinstance(bad, Bad)
    assert "paragraphs has passages" in bad.why
