"""Rows with judged answers, in the shapes that people have them: which answer is good, and what is the question."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.rows.formats.formats import rows_of
from selfinstruct.rows.layouts.layouts import task_of
from selfinstruct.rows.notes import Notes
from selfinstruct.rows.preferences.preferences import preference_of
from selfinstruct.task import Instance, Judged, Message, Task, task_from_row, task_to_row

SHARED = Path(__file__).parents[2] / "shared" / "data"

ASK = {"role": "user", "content": "Name a lake."}
GOOD = {"role": "assistant", "content": "Lake Como."}
BAD = {"role": "assistant", "content": "The Rhine."}
AGAIN = {"role": "user", "content": "Another one?"}
MORE = {"role": "assistant", "content": "Lake Garda."}
LESS = {"role": "assistant", "content": "No."}
CALL = {"type": "function", "function": {"name": "lakes", "arguments": {"in": "Italy"}}}


def preferred(row: dict[str, Any], notes: Notes | None = None) -> Task:
    notes = Notes() if notes is None else notes
    task = preference_of(row, notes, lambda rest: task_of(rest, "t", notes))
    assert task is not None, row
    assert task_from_row(json.loads(json.dumps(task_to_row(task)))) == task
    return task


def said(task: Task) -> list[tuple[str, str]]:
    return [(turn["role"], turn["content"]) for turn in task.turns]


def judged(task: Task) -> list[tuple[str, bool]]:
    return [(" / ".join(turn["content"] for turn in one.turns), one.good) for one in task.judged]


ONE = [("Lake Como.", True), ("The Rhine.", False)]
"""What all rows of SAME say of the two answers."""

SAME: dict[str, dict[str, Any]] = {
    "texts": {"prompt": ASK["content"], "chosen": GOOD["content"], "rejected": BAD["content"]},
    "instruction": {"instruction": ASK["content"], "chosen": GOOD["content"], "rejected": BAD["content"]},
    "Orca's": {"question": ASK["content"], "chosen": GOOD["content"], "rejected": BAD["content"]},
    "names in capitals": {"prompt": ASK["content"], "Chosen": GOOD["content"], "Rejected": BAD["content"]},
    "explicit": {"prompt": [ASK], "chosen": [GOOD], "rejected": [BAD]},
    "implicit": {"chosen": [ASK, GOOD], "rejected": [ASK, BAD]},
    "implicit with its prompt": {"prompt": ASK["content"], "chosen": [ASK, GOOD], "rejected": [ASK, BAD]},
    "implicit with its messages": {"chosen": [ASK, GOOD], "rejected": [ASK, BAD], "messages": [ASK, GOOD]},
    "implicit and explicit": {"prompt": [ASK], "chosen": [ASK, GOOD], "rejected": [ASK, BAD]},
    "HH-RLHF": {
        "chosen": f"\n\nHuman: {ASK['content']}\n\nAssistant: {GOOD['content']}",
        "rejected": f"\n\nHuman: {ASK['content']}\n\nAssistant: {BAD['content']}",
    },
    "JSON texts": {"chosen": json.dumps([ASK, GOOD]), "rejected": json.dumps([ASK, BAD])},
    "a turn each": {"messages": [ASK], "chosen": GOOD, "rejected": BAD},
    "a text and a turn": {"prompt": ASK["content"], "chosen": GOOD["content"], "rejected": BAD},
    "the chosen answer twice": {"messages": [ASK, GOOD], "chosen": GOOD, "rejected": BAD},
    "ShareGPT": {
        "conversations": [{"from": "human", "value": ASK["content"]}],
        "chosen": {"from": "gpt", "value": GOOD["content"]},
        "rejected": {"from": "gpt", "value": BAD["content"]},
    },
    "axolotl": {
        "instruction": ASK["content"],
        "chosen_response": GOOD["content"],
        "rejected_response": BAD["content"],
    },
    "better and worse": {
        "conversation": [{"sender": "user", "text": ASK["content"]}],
        "better": {"sender": "bot", "text": GOOD["content"]},
        "worse": {"sender": "bot", "text": BAD["content"]},
    },
    "ms-swift": {"messages": [ASK, GOOD], "rejected_response": BAD["content"]},
    "ms-swift in turns": {"messages": [ASK, GOOD], "rejected_response": [BAD]},
    "ms-swift twice": {"messages": [ASK, GOOD], "rejected_messages": [ASK, BAD]},
    "ms-swift in texts": {
        "query": ASK["content"],
        "response": GOOD["content"],
        "rejected_response": BAD["content"],
    },
    "OpenAI": {"input": {"messages": [ASK]}, "preferred_output": [GOOD], "non_preferred_output": [BAD]},
    "an answer besides": {"prompt": ASK["content"], "response": GOOD["content"], "chosen": GOOD, "rejected": BAD},
    "StackExchange": {"question": ASK["content"], "response_j": GOOD["content"], "response_k": BAD["content"]},
    "GPT-4-LLM": {"user_input": ASK["content"], "completion_a": GOOD["content"], "completion_b": BAD["content"]},
    "SafeRLHF": {
        "prompt": ASK["content"],
        "response_0": GOOD["content"],
        "response_1": BAD["content"],
        "better_response_id": 0,
    },
    "SHP": {"history": ASK["content"], "human_ref_A": GOOD["content"], "human_ref_B": BAD["content"], "labels": 1},
    "farm": {"instruction": ASK["content"], "output_1": GOOD["content"], "output_2": BAD["content"], "preference": 1},
    "strength": {
        "prompt": ASK["content"],
        "response_1": GOOD["content"],
        "response_2": BAD["content"],
        "preference_strength": -2,
    },
    "context": {"context": [ASK], "response1": GOOD["content"], "response2": BAD["content"], "overall_preference": -3},
    "arena": {"conversation_a": [ASK, GOOD], "conversation_b": [ASK, BAD], "winner": "model_a"},
    "flags": {
        "prompt": json.dumps([ASK["content"]]),
        "response_a": json.dumps([GOOD["content"]]),
        "response_b": json.dumps([BAD["content"]]),
        "winner_model_a": 1,
        "winner_model_b": 0,
        "winner_tie": 0,
    },
    "a verdict": {"prompt": ASK["content"], "answer_A": GOOD["content"], "answer_B": BAD["content"], "winner": "[[A]]"},
    "UltraFeedback": {
        "instruction": ASK["content"],
        "completions": [
            {"response": GOOD["content"], "overall_score": 8},
            {"response": BAD["content"], "overall_score": 2},
        ],
    },
    "scores": {
        "user_input": ASK["content"],
        "responses_and_scores": [
            {"response": GOOD["content"], "score": "8"},
            {"response": BAD["content"], "score": "2"},
        ],
    },
    "ranks": {
        "prompt": f"\n\nHuman: {ASK['content']}\n\nAssistant: ",
        "answers": [{"answer": GOOD["content"], "rank": 1.0}, {"answer": BAD["content"], "rank": 2.0}],
    },
    "ratings apart": {
        "instruction": ASK["content"],
        "generations": [GOOD["content"], BAD["content"]],
        "ratings": [5, 1],
    },
    "columns of answers": {
        "question": ASK["content"],
        "answers": {"text": [GOOD["content"], BAD["content"]], "score": [17, 3]},
    },
    "fine-grained": {
        "instruction": ASK["content"],
        "completions": [
            {"response": GOOD["content"], "fine-grained_score": 4.5},
            {"response": BAD["content"], "fine-grained_score": 2},
        ],
    },
    "Prometheus": {
        "instruction": ASK["content"],
        "orig_response_A": GOOD["content"],
        "orig_response_B": BAD["content"],
        "orig_preference": "A",
    },
    "rm-static": {
        "prompt": f"\n\nHuman: {ASK['content']}\n\nAssistant:",
        "response": f" {GOOD['content']}",
        "chosen": GOOD["content"],
        "rejected": BAD["content"],
    },
    "WebGPT": {
        "question": {"full_text": ASK["content"], "dataset": "lakes"},
        "answer_0": GOOD["content"],
        "answer_1": BAD["content"],
        "score_0": 1,
        "score_1": -1,
    },
}


@pytest.mark.parametrize("kind", SAME)
def test_all_kinds_mean_the_same(kind: str) -> None:
    task = preferred(SAME[kind])
    assert said(task) == [("user", "Name a lake.")]
    assert judged(task) == ONE
    assert (task.instruction, task.instances) == ("Name a lake.", ())
    kept = {"WebGPT": {"dataset"}, "strength": {"preference_strength"}, "context": {"overall_preference"}}
    assert task.extra.keys() == kept.get(kind, set())


@pytest.mark.parametrize("kind", SAME)
def test_task_of_reads_them(kind: str) -> None:
    assert task_of(SAME[kind], "t") == preferred(SAME[kind])


@pytest.mark.parametrize("kind", SAME)
def test_tasks_of_ours_are_read_as_they_are(kind: str) -> None:
    task = preferred(SAME[kind] | {"source": "a book"})
    assert task_of(json.loads(json.dumps(task_to_row(task))), "another") == task


def test_columns_may_have_any_names() -> None:
    columns = {"instruction": "ask", "chosen": "win", "rejected": "lose"}
    task = task_of({"ask": "Name a lake.", "win": "Lake Como.", "lose": "The Rhine."}, "t", None, columns)
    assert (said(task), judged(task)) == ([("user", "Name a lake.")], ONE)


def test_the_chosen_answer_may_be_learned() -> None:
    task = task_of(SAME["texts"], "t", None, {"output": "chosen"})
    assert task.instances == (Instance("", "Lake Como."),)
    assert task.extra == {"rejected": "The Rhine."}


@pytest.mark.parametrize("kind", SAME)
def test_what_else_a_row_has_is_carried_along(kind: str) -> None:
    more = {"source": "a book", "chosen-model": "one", "margin": 0.5, "id": "lake"}
    task = preferred(SAME[kind] | more)
    del more["id"]
    assert task.extra.items() >= more.items()
    assert task.id == "lake"


@pytest.mark.parametrize("kind", SAME)
def test_the_usual_readers_get_no_notes_of_it(kind: str) -> None:
    notes = Notes()
    preferred(SAME[kind], notes)
    assert notes.lines() == []


def test_what_stands_before_the_question_is_the_question() -> None:
    system = {"role": "system", "content": "Be brief."}
    long = {"chosen": [system, ASK, GOOD, AGAIN, MORE], "rejected": [system, ASK, GOOD, AGAIN, LESS]}
    task = preferred(long)
    assert said(task)[0] == ("system", "Be brief.")
    assert [role for role, _ in said(task)] == ["system", "user", "assistant", "user"]
    assert judged(task) == [("Lake Garda.", True), ("No.", False)]


def test_conversations_that_differ_early_are_judged_from_there() -> None:
    task = preferred({"chosen": [ASK, GOOD, AGAIN, MORE], "rejected": [ASK, BAD, AGAIN, LESS]})
    assert said(task) == [("user", "Name a lake.")]
    assert judged(task) == [
        ("Lake Como. / Another one? / Lake Garda.", True),
        ("The Rhine. / Another one? / No.", False),
    ]


def test_conversations_that_differ_in_a_question_are_judged_from_the_answer_before() -> None:
    other = {"role": "user", "content": "And a river?"}
    task = preferred({"chosen": [ASK, GOOD, AGAIN, MORE], "rejected": [ASK, GOOD, other, LESS]})
    assert said(task) == [("user", "Name a lake.")]
    assert [one.turns[0]["content"] for one in task.judged] == ["Lake Como.", "Lake Como."]


def test_a_prompt_that_begins_earlier_is_the_whole_question() -> None:
    task = preferred({"prompt": [ASK, GOOD, AGAIN], "chosen": [AGAIN, MORE], "rejected": [AGAIN, LESS]})
    assert [content for _, content in said(task)] == ["Name a lake.", "Lake Como.", "Another one?"]


def test_calls_of_tools_are_judged_too() -> None:
    called = {"role": "assistant", "content": "", "tool_calls": [CALL]}
    row = {"prompt": [ASK], "chosen": [called], "rejected": [BAD]}
    task = preferred(row)
    assert task.judged[0].turns[0]["tool_calls"] == [CALL]
    assert judged(task)[1] == ("The Rhine.", False)


def test_a_system_text_and_a_history_come_first() -> None:
    row = {"instruction": "And?", "system": "Be brief.", "history": [["Name a lake.", "Lake Como."]]}
    task = task_of(row | {"chosen": "Lake Garda.", "rejected": "No."}, "t")
    assert [role for role, _ in said(task)] == ["system", "user", "assistant", "user"]
    assert judged(task) == [("Lake Garda.", True), ("No.", False)]


@pytest.mark.parametrize("key", ["system", "system_prompt"])
def test_a_system_text_beside_whole_conversations(key: str) -> None:
    system = {"role": "system", "content": "Be brief."}
    apart = {"chosen": [ASK, GOOD], "rejected": [ASK, BAD], key: "Be brief."}
    within = {"chosen": [system, ASK, GOOD], "rejected": [system, ASK, BAD]}
    assert task_of(apart, "t") == task_of(within, "t") == task_of(within | {key: "Be brief."}, "t")


def test_tools_of_the_question() -> None:
    tool = {"type": "function", "function": {"name": "lakes", "parameters": {}}}
    given = SAME["OpenAI"]["input"] | {"tools": [tool], "parallel_tool_calls": True}
    task = task_of(SAME["OpenAI"] | {"input": given}, "t")
    assert task.tools == (tool,)
    assert task.extra == {"parallel_tool_calls": True}
    assert task_of(SAME["ShareGPT"] | {"tools": json.dumps([tool])}, "t").tools == (tool,)


def test_an_input_follows_its_instruction() -> None:
    row = {"instruction": "Name it.", "input": "A lake in Italy", "chosen": "Como", "rejected": "Rhine"}
    task = preferred(row)
    assert said(task)[-1] == ("user", "Name it.\n\nA lake in Italy")
    assert task.instruction == "Name it."
    assert "input" not in task.extra


@pytest.mark.parametrize(
    ("keys", "scores"),
    [
        ({"score_chosen": 8, "score_rejected": 2.5}, [8, 2.5]),
        ({"chosen-rating": "8", "rejected-rating": "2"}, [8, 2]),
        ({"chosen_score": 8}, [8, None]),
        ({"reward_chosen": 0.5, "reward_rejected": -1}, [0.5, -1]),
    ],
)
def test_scores_are_kept(keys: dict[str, Any], scores: list[float]) -> None:
    task = preferred(SAME["texts"] | keys)
    assert [one.score for one in task.judged] == scores
    assert not task.extra


def test_a_score_that_is_no_number_is_carried_along() -> None:
    assert preferred(SAME["texts"] | {"chosen_score": "high"}).extra == {"chosen_score": "high"}


def test_of_several_answers_the_best_are_good() -> None:
    answers = [{"text": text, "score": score} for text, score in [("a", 3), ("b", 9), ("c", 9), ("d", 1)]]
    task = preferred({"prompt": "Say a letter.", "answers": [*answers, {"text": "e", "score": None}]})
    assert judged(task) == [("a", False), ("b", True), ("c", True), ("d", False)]
    assert [one.score for one in task.judged] == [3, 9, 9, 1]
    assert [turn["content"] for turn in task.extra["answers"]] == ["e"]


def test_what_is_said_of_one_answer_stays_with_it() -> None:
    completions = [{"response": "Yes", "model": "one", "rating": 4}, {"response": "No", "model": "two", "rating": 2}]
    task = preferred({"instruction": "Is it?", "completions": completions})
    assert [one.turns[0].get("extra") for one in task.judged] == [{"model": "one"}, {"model": "two"}]


def test_lists_of_texts_are_several_answers() -> None:
    task = preferred({"prompt": "Name a lake.", "chosen": ["Como"], "rejected": ["Rhine", "Po"]})
    assert judged(task) == [("Como", True), ("Rhine", False), ("Po", False)]


@pytest.mark.parametrize(("side", "good"), [("chosen", True), ("rejected", False)])
@pytest.mark.parametrize("other", [None, "", []])
def test_one_side_alone_is_judged_alone(side: str, good: bool, other: Any) -> None:
    row = {"prompt": "Name a lake.", "chosen": other, "rejected": other} | {side: "Como"}
    assert judged(preferred(row)) == [("Como", good)]


LABELS = [(True, True), (1, True), ("true", True), ("True", True), ("1", True), ("desirable", True), (False, False)]
LABELS += [(0, False), (0.0, False), ("False", False), ("undesirable", False)]


@pytest.mark.parametrize(("label", "good"), LABELS)
@pytest.mark.parametrize("key", ["label", "kto_tag"])
def test_one_answer_with_a_label(label: Any, good: bool, key: str) -> None:
    texts = preferred({"prompt": "Name a lake.", "completion": "Como", key: label})
    turns = preferred({"prompt": [ASK], "completion": [{"role": "assistant", "content": "Como"}], key: label})
    assert judged(texts) == judged(turns) == [("Como", good)]
    assert said(texts) == said(turns) == [("user", "Name a lake.")]


@pytest.mark.parametrize("label", [True, False, "true", "False"])
@pytest.mark.parametrize("key", ["label", "kto_tag"])
def test_a_conversation_with_a_label(label: Any, key: str) -> None:
    task = preferred({"messages": [ASK, GOOD, AGAIN, MORE], key: label})
    assert judged(task) == [("Lake Garda.", str(label).lower() == "true")]
    assert len(task.turns) == 3


def test_a_completion_that_is_the_whole_conversation() -> None:
    task = preferred({"prompt": ASK["content"], "completion": [ASK, BAD], "label": False})
    assert (said(task), judged(task)) == ([("user", "Name a lake.")], [("The Rhine.", False)])


def test_a_label_of_llama_factory_is_one_beside_any_answer() -> None:
    row = {"instruction": "Name it.", "input": "a lake", "output": "Rhine", "kto_tag": False}
    assert judged(preferred(row)) == [("Rhine", False)]


OTHERS: list[dict[str, Any]] = [
    {"instruction": "Is it spam?", "input": "Buy now", "output": "spam", "label": 1},
    {"instruction": "Is it spam?", "input": "Buy now", "output": "ham", "label": False},
    {"text": "Buy now", "label": True},
    {"prompt": "Buy now", "label": 1},
    {"messages": [ASK, GOOD], "label": 1},
    {"messages": [ASK, GOOD], "label": "toxic"},
    {"prompt": "Is it?", "completion": "Yes", "label": 2},
    {"prompt": "Is it?", "completion": "Yes", "label": "entailment"},
    {"question": "Which?", "answer_1": "One", "answer_2": "Two"},
    {"question": "Which?", "answers": ["One", "Two"]},
    {"question": "Which?", "answers": {"text": ["One"], "answer_start": [0]}},
    {"question": "Which?", "answers": [{"text": "One", "answer_start": 3}]},
    {"instruction": "Pick.", "output": "b", "chosen": 1},
    {"prompt": "Hi", "chosen": None, "rejected": None},
    {"prompt": "Hi", "response": "Ho", "helpfulness": 3},
    {"prompt": "Hi", "output": "Ho", "rejected": "He"},
    {"messages": [ASK, GOOD], "rejected": [ASK, BAD]},
    {"instruction": "Hi", "instances": [{"input": "", "output": "Ho"}], "chosen": "a", "rejected": "b"},
    {},
]


@pytest.mark.parametrize("row", OTHERS)
def test_other_rows_are_none(row: dict[str, Any]) -> None:
    assert preference_of(row, Notes(), lambda rest: Task("t", "never asked")) is None


TIES: list[dict[str, Any]] = [
    SAME["arena"] | {"winner": "tie"},
    SAME["arena"] | {"winner": "tie (bothbad)"},
    SAME["context"] | {"overall_preference": 0},
    SAME["flags"] | {"winner_model_a": 0, "winner_tie": 1},
    SAME["WebGPT"] | {"score_0": 0, "score_1": 0},
    {"prompt": "Hi", "answers": [{"text": "a", "score": 3}, {"text": "b", "score": 3}]},
    {"prompt": "Hi", "answers": [{"text": "a", "score": 3}]},
]


@pytest.mark.parametrize("row", TIES)
def test_what_prefers_nothing_is_an_error(row: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no answer is the better one"):
        preferred(row)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"chosen": [ASK, GOOD], "rejected": [AGAIN, BAD]}, "no question in common"),
    ({"chosen": [GOOD], "rejected": [BAD]}, "no question beside chosen and rejected"),
    ({"chosen": "Como", "rejected": "Rhine", "source": "a book"}, "instruction"),
    ({"prompt": "Hi", "chosen": " ", "rejected": " "}, "no answer in chosen and rejected"),
    ({"chosen": [ASK], "rejected": [ASK]}, "no answer in chosen and rejected"),
    ({"prompt": "Add.", "completions": ["First", "then"], "labels": [True, False]}, "labels judge every step of compl"),
    ({"prompt": "Hi", "output": "Ho", "kto_tag": "perhaps"}, 'kto_tag is "perhaps": write true'),
    ({"prompt": "Hi", "response_a": "a", "response_b": "b", "winner": 7}, "winner is 7"),
    ({"prompt": "Hi", "chosen": [{"role": "the narrator", "content": "a"}], "rejected": "b"}, "nobody is called"),
]


@pytest.mark.parametrize(("row", "why"), WRONG)
def test_what_cannot_be_used_says_why(row: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why) as error:
        preferred(row)
    assert "\n" not in str(error.value)


def test_equal_answers_are_noted() -> None:
    for same in ({"chosen": "a", "rejected": "a", "prompt": "Hi"}, {"chosen": [ASK, GOOD], "rejected": [ASK, GOOD]}):
        notes = Notes()
        preferred(same, notes)
        assert notes.done == {"the chosen and the rejected answer are the same": 1}


def test_scores_the_other_way_round_are_noted() -> None:
    notes = Notes()
    preferred(SAME["texts"] | {"score_chosen": 1, "score_rejected": 2}, notes)
    assert notes.done == {"the rejected answer has the higher score": 1}


def test_an_answer_that_is_none_of_the_judged_is_carried_along() -> None:
    assert preferred(SAME["texts"] | {"answer": "Iseo"}).extra == {"answer": "Iseo"}


LAKES: tuple[Message, ...] = (
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Name a lake."},
    {"role": "assistant", "content": "Lake Como."},
    {"role": "user", "content": "Another one?"},
)
CALLED: Message = {"role": "assistant", "content": "", "tool_calls": [CALL]}
FOUND: Message = {"role": "tool", "content": "Garda"}
ROUNDS: dict[str, tuple[Judged, Judged]] = {
    "texts": (Judged(({"role": "assistant", "content": "Lake Garda."},), True), Judged((CALLED,), False)),
    "scores": (
        Judged(({"role": "assistant", "content": "Lake Garda."},), True, 7.5),
        Judged(({"role": "assistant", "content": "No."},), False, 2.0),
    ),
    "thoughts": (
        Judged(({"role": "assistant", "content": "Garda.", "thoughts": "It is large."},), True),
        Judged(({"role": "assistant", "content": "No."},), False),
    ),
    "tools": (
        Judged((CALLED, FOUND, {"role": "assistant", "content": "Lake Garda."}), True),
        Judged((CALLED, FOUND, {"role": "assistant", "content": "No."}), False),
    ),
}
FINDS = {"type": "function", "function": {"name": "lakes", "description": "Finds lakes", "parameters": {}}}


@pytest.mark.parametrize("turns", [LAKES, LAKES[1:2], LAKES[:2]], ids=["rounds", "one", "system"])
@pytest.mark.parametrize("kind", ROUNDS)
@pytest.mark.parametrize("form", ["preference", "ranking", "kto", "preference_text"])
def test_what_is_written_is_read_again(form: str, kind: str, turns: tuple[Message, ...]) -> None:
    task = Task("t", "Name a lake.", turns=turns, judged=ROUNDS[kind], tools=(FINDS,) if kind == "tools" else ())
    rows = list(rows_of([task], form))
    again = [preferred(json.loads(json.dumps(row))) for row in rows]
    judged = tuple(one for other in again for one in other.judged)
    held = kind != "thoughts" or form in ("preference", "kto")  # texts have them within, or not at all
    if rows and held:
        scored = form in ("preference", "preference_text")
        assert judged == tuple(one if scored else replace(one, score=None) for one in task.judged)
    for other in again:
        assert (other.turns, other.tools, other.instruction) == (task.turns, task.tools, task.instruction)
        assert not other.extra
    if form in ("preference", "kto"):
        assert rows


def test_what_somebody_else_judged() -> None:
    if not SHARED.is_dir():
        pytest.skip("needs the shared data")
    for row in json.loads((SHARED / "preference_en.json").read_bytes()):
        task = preferred(row)
        assert [one.good for one in task.judged] == [True, False]
        assert task.turns[-1]["role"] == "user"


KEYS = st.sampled_from(
    sorted({key for row in [*SAME.values(), *OTHERS] for key in row} | {"system", "tools", "judged"})
)
LEAVES = st.one_of(
    *(st.none(), st.booleans(), st.integers(-3, 3), st.floats(), st.text("a1 [{", max_size=5)),
    st.sampled_from([ASK, GOOD, BAD, [ASK, GOOD], [ASK, BAD], [GOOD], "tie", "a", "[]", "model_a", '[["a"]]']),
    st.sampled_from([value for row in SAME.values() for value in row.values()]),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(KEYS, st.sampled_from(["role", "content", "from", "text"])), inner, max_size=3),
    ),
    max_leaves=8,
)
ROWS = st.dictionaries(KEYS, VALUES, max_size=6)


@given(ROWS)
def test_any_row_is_a_preference_none_or_an_error_in_one_line(row: dict[str, Any]) -> None:
    try:
        task = preference_of(row, Notes(), lambda rest: Task("t", "Hi", extra=rest))
    except ValueError as error:
        assert "\n" not in str(error)  # noqa: PT017
        return
    if task is not None:
        assert task.judged
        assert all(one.turns and one.turns[0]["role"] == "assistant" for one in task.judged)
        assert not task.instances


@pytest.mark.parametrize(
    ("key", "value", "good"),
    [
        ("thumbs", "up", True),
        ("feedback", "thumbs_down", False),
        ("rating", "👍", True),
        ("thumbs_up", False, False),
        ("liked", True, True),
        ("rating", 4, None),
        ("feedback", "Well said.", None),
        ("thumbs_up", 12, None),
        ("vote", None, None),
    ],
)
def test_thumbs(key: str, value: Any, good: bool | None) -> None:
    """A thumb is a judgement; a number or a text under such a name may be anything."""
    task = task_of({"prompt": ASK["content"], "response": GOOD["content"], key: value}, "t")
    assert [one.good for one in task.judged] == ([] if good is None else [good])
