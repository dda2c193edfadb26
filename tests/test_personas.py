"""Personas: how teachers write them, what of it is used, and the conversations that go on from them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cases import called, carried_out, recipe_from
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.api import Run, run
from selfinstruct.errors import UsageError
from selfinstruct.rows.formats.learnable import needs
from selfinstruct.running.recipe_file import load
from selfinstruct.stages import Personas, Reply, UserTurn
from selfinstruct.stages.proposing.personas import worlds
from selfinstruct.stages.reading.user_turns import CONTENT
from selfinstruct.task import Message, Rejected, Task
from selfinstruct.teacher import Request, Response

MIRA = {
    "name": "Mira Olsen",
    "description": "Mira Olsen is 52 and keeps the lamp of a harbour. She counts ships aloud and fears the fog.",
    "scenario": "The user waits at the pier for a boat that is late.",
    "greeting": "*lifts her lamp* It will come. They all come, if one counts.",
}
JUN = {
    "name": "Jun Park",
    "description": "Jun Park, in his thirties, repairs radios in a cellar and hums what he hears in them.",
    "scenario": "The user brings a radio that belonged to a grandmother.",
    "greeting": "Put it down gently. Radios remember who dropped them.",
}
LAN = {
    "name": "兰小舟",
    "description": "兰小舟三十八岁，在渡口卖早点，记得每个客人的口味，就怕下雨。",
    "scenario": "用户赶早班船，在摊前停下。",
    "greeting": "豆浆还是豆花？先暖暖手，船还早。",
}


def parsed(answer: str, finish: str = "stop", **options: Any) -> list[Task | Rejected]:
    return list(Personas(**options).parse((), Response(answer, finish)))


def cards(items: Sequence[Task | Rejected]) -> list[dict[str, str]]:
    return [item.extra["persona"] for item in items if isinstance(item, Task)]


def block(fields: dict[str, str], form: str, labels: Sequence[str]) -> str:
    return "\n".join(form.format(label, text) for label, text in zip(labels, fields.values(), strict=True))


ENGLISH = ("Name", "Description", "Scenario", "Greeting")
CHINESE = ("姓名", "描述", "场景", "问候")


def both(form: str, before: str = "", between: str = "\n\n", labels: Sequence[str] = ENGLISH) -> str:
    return before + between.join(block(one, form, labels) for one in (MIRA, JUN))


@pytest.mark.parametrize(
    "answer",
    [
        " " + both("{}: {}", between="\n###\n2. ").removeprefix("Name: "),
        both("{}: {}", before="1. ", between="\n###\n2. "),
        both("**{}:** {}"),
        both("**{}**: {}", before="Sure! Here are two examples:\n\n", between="\n\n---\n\n"),
        both("- {}: {}", between="\n\n"),
        both("- **{}:** {}", before="### Character 1\n", between="\n\n### Character 2\n"),
        both("{}:\n{}"),
        both("{}: {}", labels=("Name", "Persona", "Scene", "First message")),
        both("{}: {}", labels=("Character", "Personality", "Setting", "Opening line")),
        both("{}: {}", labels=("NAME", "DESCRIPTION", "SCENARIO", "GREETING")),
        both("{}：{}", labels=CHINESE),
        f"### 1. Mira Olsen\n{block(MIRA, '{}: {}', ENGLISH).partition(chr(10))[2]}\n\n"
        f"### 2. Jun Park\n{block(JUN, '{}: {}', ENGLISH).partition(chr(10))[2]}",
        f"**1. Mira Olsen**\n{block(MIRA, '*{}:* {}', ENGLISH).partition(chr(10))[2]}\n\n"
        f"**2. Jun Park**\n{block(JUN, '*{}:* {}', ENGLISH).partition(chr(10))[2]}",
        f"<think>Two of them.</think>{both('{}: {}')}",
        "[" + ", ".join(str(one).replace("'", '"') for one in (MIRA, JUN)) + "]",
        '```json\n{"characters": [' + ", ".join(str(one).replace("'", '"') for one in (MIRA, JUN)) + "]}\n```",
    ],
)
def test_all_the_ways_they_are_written_in(answer: str) -> None:
    assert cards(parsed(answer)) == [MIRA, JUN]


@pytest.mark.parametrize(
    "answer",
    [
        block(LAN, "{}：{}", CHINESE),
        block(LAN, "{}：{}", CHINESE).removeprefix("姓名："),
        "好的，以下是一个任务：\n1. " + block(LAN, "**{}：** {}", CHINESE),
        "1、" + block(LAN, "{}：{}", ("名字", "人设", "情景", "开场白")),
        block(LAN, "【{}】{}", ("姓名", "人物描述", "场景", "问候语")),
        f'{{"姓名": "{LAN["name"]}", "描述": "{LAN["description"]}", "场景": "{LAN["scenario"]}", '
        f'"问候": "{LAN["greeting"]}"}}',
    ],
)
def test_and_in_chinese(answer: str) -> None:
    assert cards(parsed(answer, language="zh")) == [LAN]


def test_a_persona_is_a_conversation_that_has_begun() -> None:
    (task,) = parsed(block(MIRA, "{}: {}", ENGLISH))
    assert isinstance(task, Task)
    system, greeting = task.turns
    assert system["content"].startswith(f"Mira Olsen's Persona: {MIRA['description']}\nScenario: {MIRA['scenario']}\n")
    assert "You are Mira Olsen." in system["content"]
    assert greeting == Message(role="assistant", content=MIRA["greeting"])
    assert task.instruction == MIRA["description"], "it begins with the name"
    (other,) = parsed(block(JUN | {"description": "Repairs radios and hums."}, "{}: {}", ENGLISH))
    assert isinstance(other, Task)
    assert other.instruction == "Jun Park: Repairs radios and hums."


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"greeting": ""}, "not the four fields of a persona"),
        ({"description": "A girl who is 16 years old and sells matches in the street."}, "not an adult"),
        ({"description": "一个十六岁的姑娘，在街上卖火柴，性子很倔。"}, "not an adult"),
        ({"description": "A teenager who sells matches in the street."}, "not an adult"),
        ({"scenario": "[Scenario here]"}, "a field holds the place of its text"),
        ({"greeting": "As an AI, I have no harbour."}, "out of the role"),
        ({"description": "They differ in age, work, temper and way of speaking."}, "copied from the prompt"),
    ],
)
def test_what_is_no_persona_says_why(change: dict[str, str], reason: str) -> None:
    (found,) = parsed(block(MIRA | change, "{}: {}", ENGLISH))
    assert isinstance(found, Rejected)
    assert found.category == reason
    assert MIRA["name"] in found.text


def test_of_grown_people_no_age_is_taken_for_a_childs() -> None:
    for age in (
        "is 52 years old",
        "is 118 years old",
        "is in her sixties",
        "has 12 years of service",
        "二十一岁",
        "五十七岁",
    ):
        (task,) = parsed(block(MIRA | {"description": f"Mira Olsen {age} and keeps the lamp."}, "{}: {}", ENGLISH))
        assert isinstance(task, Task), age


def test_marks_of_pygmalions_are_words_and_the_name_before_a_greeting_goes() -> None:
    greeting = '{{char}}: "Hello {{user}}, I am {{char}}."'
    (task,) = parsed(block(MIRA | {"greeting": greeting}, "{}: {}", ENGLISH))
    assert isinstance(task, Task)
    assert task.turns[1]["content"] == "Hello you, I am Mira Olsen."


def test_the_last_one_of_a_cut_answer_is_none() -> None:
    whole, cut = parsed(both("{}: {}")[:-30], "length")
    assert isinstance(whole, Task)
    assert isinstance(cut, Rejected)
    assert (cut.category, cut.text.splitlines()[0]) == ("truncated", "Name: Jun Park")


@pytest.mark.parametrize("answer", ["", "I can't do that.", "Once upon a time there was a king.", "###", "1.", "Name:"])
def test_an_answer_without_any_is_rejected_whole(answer: str) -> None:
    (found,) = parsed(answer)
    assert isinstance(found, Rejected)
    assert found.text == answer or found.category == "not the four fields of a persona"


def test_where_they_live_is_drawn_for_each_request() -> None:
    prompts = {str(Personas().drawn(Random(n), n).prompt((), Random(n))) for n in range(40)}
    assert len(prompts) > 30
    own = Personas(worlds=("a moon base",)).drawn(Random(0), 0)
    assert "[Where they live]\na moon base\n" in str(own.prompt((), Random(0)))
    assert worlds().keys() == {"en", "zh"}
    assert "她" not in str(Personas(language="zh").drawn(Random(0), 0).prompt((), Random(0)))


def test_a_card_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "card.txt").write_text("{name} | {description} | {scenario}", encoding="utf-8")
    step = {"grow": "personas", "prompt": {"card": str(tmp_path / "card.txt")}}
    stage: Any = recipe_from({"steps": [step]}).steps[0].stage
    (task,) = stage.parse((), Response(block(JUN, "{}: {}", ENGLISH)))
    assert task.turns[0]["content"] == f"Jun Park | {JUN['description']} | {JUN['scenario']}"
    with pytest.raises(UsageError, match="personas: many is 0"):
        Personas(many=0)


PERSONA = Task(
    "p",
    MIRA["description"],
    turns=(Message(role="system", content="You are Mira."), Message(role="assistant", content=MIRA["greeting"])),
    extra={"persona": MIRA},
)


def test_the_user_knows_the_scene_and_not_the_card() -> None:
    prompt = str(UserTurn().prompt((PERSONA,), Random(0)))
    assert f"Scene: {MIRA['scenario']}\n\nAssistant: {MIRA['greeting']}\nUser:" in prompt
    assert "fears the fog" not in prompt
    assert UserTurn().settled(PERSONA) is None, "nobody has asked yet"
    assert UserTurn(turns=2).prepare(PERSONA, Random(0), 1) == PERSONA, "the first question is never the last"


def test_who_plays_a_persona_stays_in_the_role() -> None:
    asked = Task(
        PERSONA.id, "x", turns=(*PERSONA.turns, Message(role="user", content="Who are you?")), extra=PERSONA.extra
    )
    (good,) = Reply().parse((asked,), Response("Mira Olsen: I keep the lamp."))
    assert isinstance(good, Task)
    assert good.turns[-1]["content"] == "I keep the lamp."
    (bad,) = Reply().parse((asked,), Response("As an AI language model, I have no lamp."))
    assert isinstance(bad, Rejected)
    assert bad.category == "out of the role"


def test_a_persona_whom_nobody_asks_anything_says_so() -> None:
    (lost,) = UserTurn().parse((PERSONA,), Response("[END]"))
    assert isinstance(lost, Rejected)
    assert (lost.category, lost.what) == (CONTENT, "answer")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_from_personas_to_conversations_on_the_simulator(language: str, tmp_path: Path) -> None:
    made = run("persona", num=6, out=tmp_path / "personas", language=language, model="builtin")
    assert len(made.tasks) == 6
    done = run("self_chat", data=tmp_path / "personas", out=tmp_path / "roles", language=language, model="builtin")
    assert len(done.tasks) >= 5
    for task in done.tasks:
        assert [turn["role"] for turn in task.turns[:4]] == ["system", "assistant", "user", "assistant"]
        assert task.extra["persona"]["name"] in task.turns[0]["content"]
        assert needs(task.turns), "messages hold them"
    assert (tmp_path / "roles" / "messages.jsonl").read_text().count("\n") == len(done.tasks)


def test_as_json_the_same_personas_come(tmp_path: Path) -> None:
    for structured in (False, True):
        recipe = recipe_from({"width": 1, "steps": [{"grow": "personas", "structured": structured}]})
        run(recipe, num=4, out=tmp_path / str(structured), model="builtin")
    asked, plain = (Run(tmp_path / name).tasks for name in ("True", "False"))
    assert len(asked) == len(plain) == 4
    assert all(task.turns for task in asked)


def test_the_same_persona_twice_is_kept_once(tmp_path: Path) -> None:
    def answers(request: Request) -> str:
        return block(MIRA, "{}: {}", ENGLISH) if request.sample or len(str(request.prompt)) % 2 else both("{}: {}")

    carried_out(load("persona"), [], tmp_path, teachers={"teacher": called("answers", answers)}, num=2)
    assert [task.extra["persona"]["name"] for task in Run(tmp_path).tasks] == ["Mira Olsen", "Jun Park"]


PIECES = st.sampled_from(
    [
        "Name: ",
        "Description: ",
        "Greeting：",
        "场景：",
        "**",
        "###\n",
        "\n",
        "1. ",
        "Mira",
        "a b c ",
        "{",
        '"',
        "16岁",
        "[",
        "]",
    ]
)


@given(st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=80), st.sampled_from(["stop", "length"]))
def test_anything_is_read(answer: str, finish: str) -> None:
    found = parsed(answer, finish)
    assert found
    for item in found:
        assert isinstance(item, Rejected) or all(item.extra["persona"].values())
