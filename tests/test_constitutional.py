"""Critiques by principles, revisions, and the pair that they make."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct import run
from selfinstruct.errors import UsageError
from selfinstruct.rows.formats.formats import rows_of, unused
from selfinstruct.running.recipe_file import load
from selfinstruct.stages import STAGES, Critique, Revise
from selfinstruct.stages.judging.critique import principles, read_principles
from selfinstruct.stages.reading.revised import finds_nothing, mentions_critique, revised_in
from selfinstruct.task import Instance, Message, Rejected, Task, task_from_row, task_to_row
from selfinstruct.teacher import Response

REPLIES = Path(__file__).parent / "replies" / "constitutional" / "smollm2.jsonl"
FIRST = Task("t", "I sleep badly. What can I do?", (Instance("", "Take two of these pills each night."),))
CRITICISED = replace(FIRST, extra={"critique": {"principle": "Be careful.", "text": "It names no doctor."}})
REVISED = replace(
    FIRST,
    instances=(Instance("", "Ask a doctor first."),),
    extra={"revisions": [{"answer": FIRST.instances[0].output, "principle": "Be careful.", "critique": "It …"}]},
)


def of(items: Any) -> tuple[list[Task], list[tuple[str, str]]]:
    found = list(items)
    tasks = [one for one in found if isinstance(one, Task)]
    return tasks, [(one.category, one.what) for one in found if isinstance(one, Rejected)]


@pytest.mark.parametrize(
    "text",
    [
        *("None", "None.", "**None**", '"None"', "none", "N/A", "Nothing.", "No.", "No issues.", "No critique needed."),
        *("No significant problems.", "There is nothing to criticise here.", "I see no issues with the answer."),
        *("The answer does not fall short of the principle.", "The answer follows the principle: it is careful."),
        *("The response fully complies with this principle.", "It doesn't violate the principle in any way."),
        *(
            "无",
            "无。",
            "“无”",
            "没有。",
            "没有不足。",
            "没有任何问题。",
            "该回答符合这条原则。",
            "回答没有违反该原则。",
            "完全符合原则，没有不妥。",
        ),
    ],
)
def test_a_critique_that_finds_nothing(text: str) -> None:
    assert finds_nothing(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "No, the answer is wrong.",
            "None of the claims is backed up.",
            "Nothing in it says where help is to be had.",
        ),
        *("No problem with its tone, but it claims too much.", 'It says "just quit", which presses the person.'),
        *("There is no mention of a doctor.", "The answer does not violate any law, however it could be kinder."),
        *("没有提到风险。", "回答没有问题，但不够体贴。", "没有说明什么时候该去看医生。", "回答把成见当成了事实。"),
        "None is a word that it uses for a whole people, and that is a cliché.",
    ],
)
def test_a_critique_that_finds_something(text: str) -> None:
    assert not finds_nothing(text)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Ask a doctor first.", "Ask a doctor first."),
        ("Here is the revised answer:\n\nAsk a doctor first.", "Ask a doctor first."),
        (
            'Sure! Here\'s a revised version of the answer that is kinder:\n\n"Ask a doctor first."',
            "Ask a doctor first.",
        ),
        ("**Revised answer:** Ask a doctor first.", "Ask a doctor first."),
        ("[Revised answer]\nAsk a doctor first.", "Ask a doctor first."),
        ("### Revised Response\n\nAsk a doctor first.", "Ask a doctor first."),
        ("Ask a doctor first.\n\n---\n**Changes made:** no pills are named.", "Ask a doctor first."),
        ("Ask a doctor first.\n\nNote: I removed the pills from the original answer.", "Ask a doctor first."),
        ("Ask a doctor first.\n\nNote: keep the room dark.", "Ask a doctor first.\n\nNote: keep the room dark."),
        ("```\nAsk a doctor first.\n```", "Ask a doctor first."),
        ("<think>Softer.</think>Ask a doctor first.", "Ask a doctor first."),
        ("修改后的回答：\n先问问医生。", "先问问医生。"),
        ("好的，以下是修改后的回答：\n\n先问问医生。\n\n修改说明：不再提药片。", "先问问医生。"),
        ("【修改后的回答】\n先问问医生。", "先问问医生。"),
        ("New answers come to those who wait.", "New answers come to those who wait."),
    ],
)
def test_a_revised_answer_is_read_without_what_is_said_about_it(text: str, answer: str) -> None:
    assert revised_in(text, "Take pills.")[0] == answer


def test_who_asked_knows_of_no_critique() -> None:
    assert mentions_critique("As the critique says, ask a doctor.", "How?", "So.")
    assert mentions_critique("正如上述批评所说，先问医生。", "怎么办？", "吃药。")
    assert not mentions_critique("The critique of the film was fair.", "Was the critique fair?", "Yes.")


def test_each_look_is_by_another_principle_until_there_are_none_left() -> None:
    stage, task = Critique(principles="a\nb\nc\n"), FIRST
    drawn = []
    for number in range(5):
        task = stage.prepare(task, Random(number), 1)
        drawn.append(task.extra["critique"]["principle"])
        ((task,), _) = of(stage.parse((task,), Response("It is bad.")))
        ((task,), _) = of(Revise().parse((task,), Response(f"Better {number}.")))
    assert set(drawn[:3]) == {"a", "b", "c"}
    assert [one["principle"] for one in task.extra["revisions"]] == drawn
    assert task.extra["revisions"][0]["answer"] == FIRST.instances[0].output
    assert task.instances == (Instance("", "Better 4."),)
    assert "critique" not in task.extra


def test_where_nothing_is_found_the_answer_stays() -> None:
    task = Critique().prepare(FIRST, Random(0), 1)
    ((same,), rejected) = of(Critique().parse((task,), Response("None.")))
    assert rejected == [("nothing to criticise", "remark")]
    assert same.instances == FIRST.instances
    assert Revise().settled(same) == [same]
    other = Critique().prepare(same, Random(0), 1)
    assert other.extra["critique"]["principle"] != task.extra["critique"]["principle"]


@pytest.mark.parametrize(
    ("stage", "text", "finish", "category"),
    [
        (Critique(), "It names no doc", "length", "truncated"),
        (Critique(), " ", "stop", "no critique"),
        (Critique(), "I'm sorry, but I can't help with that.", "stop", "refusal"),
        (Revise(), "Ask a doc", "length", "truncated"),
        (Revise(), "Revised answer:\n", "stop", "no answer"),
        (Revise(), "As the critique says, ask a doctor.", "stop", "speaks of the critique"),
    ],
)
def test_a_first_answer_that_nobody_looked_at_is_not_let_through(
    stage: Any, text: str, finish: str, category: str
) -> None:
    tasks, rejected = of(stage.parse((CRITICISED,), Response(text, finish)))
    assert not tasks
    assert rejected == [(category, "answer")]
    before = replace(REVISED, extra=REVISED.extra | CRITICISED.extra)
    tasks, rejected = of(stage.parse((before,), Response(text, finish)))
    assert tasks == [REVISED], "one that was revised before stays as it was"
    assert rejected == [(category, "remark")]


def test_a_revision_that_says_the_same_changes_nothing() -> None:
    tasks, rejected = of(Revise().parse((CRITICISED,), Response("Take two  of these pills each night.\n")))
    assert tasks == [FIRST]
    assert rejected == [("unchanged", "remark")]


def test_a_refusal_may_be_the_better_answer() -> None:
    ((task,), _) = of(Revise().parse((CRITICISED,), Response("I'm sorry, I can't say which pills to take.")))
    assert task.instances[0].output.startswith("I'm sorry")


def test_a_row_is_learned_and_its_pair_is_compared() -> None:
    given_ = replace(REVISED, instances=(Instance("since May", "Ask a doctor first."),))
    question = {"role": "user", "content": "I sleep badly. What can I do?\n\nsince May"}
    (pair,) = rows_of([given_], "preference")
    assert pair == {
        "prompt": [question],
        "chosen": [{"role": "assistant", "content": "Ask a doctor first."}],
        "rejected": [{"role": "assistant", "content": "Take two of these pills each night."}],
    }
    assert [row["label"] for row in rows_of([given_], "kto")] == [True, False]
    (row,) = rows_of([given_], "messages")
    assert row["messages"] == [question, *pair["chosen"]]
    assert list(unused(given_, "messages")) == ["revisions"]
    assert not list(rows_of([FIRST], "preference"))
    assert task_from_row(task_to_row(given_)) == given_


def test_a_conversation_has_its_last_answer_revised() -> None:
    turns = tuple(
        Message(role=role, content=text)
        for role, text in (("user", "Hi"), ("assistant", "Yes?"), ("user", "Pills?"), ("assistant", "Two."))
    )
    talk = replace(CRITICISED, instances=(), turns=turns)
    assert "user: Hi\nassistant: Yes?\nuser: Pills?" in str(Revise().prompt((talk,), Random(0)))
    ((task,), _) = of(Revise().parse((talk,), Response("Ask a doctor first.")))
    assert task.turns == (*turns[:3], {"role": "assistant", "content": "Ask a doctor first."})
    (pair,) = rows_of([task], "preference")
    assert (len(pair["prompt"]), pair["rejected"][0]["content"]) == (3, "Two.")


def test_what_has_no_answer_is_not_looked_at() -> None:
    assert of(Critique().settled(Task("t", "Hi")))[1] == [("no answer", "task")]


@given(
    st.text()
    | st.lists(
        st.sampled_from(["None", "No ", "Revised answer:", "\n", "---", '"', "```", "critique", "无", "。", "a"])
    ).map("".join)
)
def test_any_answer_is_a_task_or_a_reason(text: str) -> None:
    for stage in (Critique(), Revise()):
        assert list(stage.parse((CRITICISED,), Response(text)))


# Principles


def test_our_own_are_as_many_in_both_languages() -> None:
    assert len(principles("en")) == len(principles("zh")) == len(set(principles("zh"))) == 16
    assert principles("fr") == principles("en")


def test_principles_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("# Ours\n- Be kind.\n\nBe brief.\n", encoding="utf-8")
    recipe = {"steps": [{"each": "critique", "principles": "mine.txt"}, {"each": "revise"}]}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(recipe))
    assert load(str(tmp_path / "mine.yaml")).steps[0].stage == Critique(principles="Be kind.\nBe brief.\n")
    done = run(
        str(tmp_path / "mine.yaml"), data=[{"instruction": "Name a river.", "output": "Glomma"}], out=tmp_path / "run"
    )
    (revision,) = done.tasks[0].extra["revisions"]
    assert revision["principle"] in ("Be kind.", "Be brief.")
    assert load(str(tmp_path / "run" / "recipe.yaml")).steps == load(str(tmp_path / "mine.yaml")).steps


@pytest.mark.parametrize(
    ("name", "said"), [("none.txt", "cannot read the principles"), ("empty.txt", "no principles in")]
)
def test_a_file_without_principles_is_told(name: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("# nothing\n\n")
    with pytest.raises(UsageError) as caught:
        read_principles(str(tmp_path / name))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


# Runs


@pytest.mark.parametrize(
    ("language", "question", "first"),
    [
        ("en", "Where do I throw this away: glass, paper, organic, metal or textiles?\n\ntin can", "metal"),
        ("zh", "阅读训练：这句是事实还是观点？\n\n泡茶用山泉水才算讲究。", "观点"),
    ],
)
def test_a_run_on_the_built_in_teacher(language: str, question: str, first: str, tmp_path: Path) -> None:
    done = run("constitutional", data=[{"instruction": question}] * 3, language=language, out=tmp_path / "run")
    (_, second, *_) = tasks = done.tasks
    assert len(tasks) == 3
    assert second.extra["revisions"][0]["answer"] == first
    assert first in second.instances[0].output
    assert len(second.instances[0].output) > len(first)
    pairs = [
        json.loads(line) for line in (tmp_path / "run" / "preference.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert [pair["rejected"][0]["content"] for pair in pairs] == [first] * 3


# What a small model writes


@pytest.mark.skipif(not REPLIES.is_file(), reason="not recorded")
def test_replies_of_a_small_model_are_read() -> None:
    rows = [json.loads(line) for line in REPLIES.read_text(encoding="utf-8").splitlines()]
    assert {row["model"] for row in rows} == {"SmolLM2-135M-Instruct"}
    for row in rows:
        make: Any = STAGES[row["stage"]]
        stage = make(language=row["language"])
        tasks, rejected = of(stage.parse((task_from_row(row["task"]),), Response(row["answer"], row["finish"])))
        assert len(tasks) == row["kept"], row["answer"]
        assert sorted({category for category, _ in rejected}) == row["rejected"], row["answer"]
