"""Conversations turn by turn: how they begin, go on and end, and that nothing of them is lost unnamed."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cases import Case, called, carried_out, finished, items_of, recipe_from

from selfinstruct.api import Run, run
from selfinstruct.errors import UsageError
from selfinstruct.running.plan import plan
from selfinstruct.running.recipe import Recipe
from selfinstruct.running.recipe_file import load, with_thoughts
from selfinstruct.running.settings import Settings
from selfinstruct.stages import Reply, UserTurn
from selfinstruct.stages.answering.user_turn import ENDED, FULL
from selfinstruct.stages.reading.user_turns import CONTENT
from selfinstruct.task import Instance, Message, Rejected, Task
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.scripted import scripted

QUESTIONS = [Task(f"q{n}", f"What is river number {n} called?") for n in range(30)]
CHAT = load("self_chat")


def user(text: str) -> Message:
    return Message(role="user", content=text)


def assistant(text: str) -> Message:
    return Message(role="assistant", content=text)


def asked_as_user(request: Request) -> bool:
    return isinstance(request.prompt, str) and request.prompt.endswith("\nUser:")


def talk(request: Request) -> str:
    """Both sides, each turn another one than those before."""
    if asked_as_user(request):
        return f"And what about number {str(request.prompt).count('Assistant:')}?"
    turns = request.prompt
    return f"It is called {'one' if isinstance(turns, str) else len(turns)}."


def of_one(answers: Any, given: Task = QUESTIONS[0], recipe: Recipe = CHAT) -> list[Task | Rejected]:
    return asyncio.run(items_of(Case(recipe, [given], 1), scripted(answers), None))


def long(turns: float = 1e9, rounds: int = 4) -> Recipe:
    """Conversations that go on as long as they may."""
    steps = list(CHAT.steps)
    steps[0] = replace(steps[0], stage=UserTurn(turns=turns))
    return replace(CHAT, steps=tuple(steps), rounds=rounds)


def test_a_conversation_begins_with_the_question_and_ends_with_an_answer() -> None:
    (task,) = of_one(talk, recipe=long(rounds=3))
    assert isinstance(task, Task)
    assert task.turns == (
        user("What is river number 0 called?"),
        assistant("It is called one."),
        user("And what about number 1?"),
        assistant("It is called 3."),
        user("And what about number 2?"),
        assistant("It is called 5."),
    )
    assert (task.id, task.instruction, task.instances, task.parents) == ("q0", QUESTIONS[0].instruction, (), ())
    assert len(task.requests) == 5, "the first question is not asked for"
    assert ENDED not in task.extra, "the rounds were over, not the conversation"


def test_as_many_questions_as_are_drawn() -> None:
    stage, rng = UserTurn(), Random(1)
    numbers = Counter[int]()
    for _ in range(2000):
        task, questions = replace(QUESTIONS[0], turns=(user("Why?"), assistant("So."))), 1
        while ENDED not in task.extra:
            task, questions = stage.prepare(task, rng, questions + 1), questions + 1
        numbers[questions] += 1
    assert min(numbers) == 2
    assert 3.7 < sum(n * many for n, many in numbers.items()) / 2000 < 4.1, "3.9 on average"
    assert numbers[2] > numbers[3] > numbers[5] > numbers[8]


def test_of_the_mean_of_two_each_has_two() -> None:
    tasks = finished(asyncio.run(items_of(Case(long(2.0, 9), QUESTIONS[:6], 6), scripted(talk), None)))
    assert {len(task.turns) for task in tasks} == {4}
    assert UserTurn(turns=2).lasts(9) == 2
    assert 3.85 < UserTurn().lasts(40) < 3.95
    assert [UserTurn().lasts(n) for n in (1, 2)] == [1, 2]


@pytest.mark.parametrize(
    ("said", "end", "remark"),
    [
        ("[END]", CONTENT, ""),
        ("Thank you!", CONTENT, ""),
        ("You're welcome!", "speaks as the assistant", "You're welcome!"),
        ("", "no turn", ""),
        ("What is river number 0 called?", "said before", "What is river number 0 called?"),
        (
            "Write what the user says next: only that, in one to three sentences, and no name before it.",
            "copied",
            "Write",
        ),
    ],
)
def test_a_bad_or_last_turn_of_the_users_ends_it_at_the_last_answer(said: str, end: str, remark: str) -> None:
    def answers(request: Request) -> str:
        second = asked_as_user(request) and str(request.prompt).count("Assistant:") == 2
        return said if second else talk(request)

    task, *remarks = of_one(answers, recipe=long())
    assert isinstance(task, Task)
    assert len(task.turns) == 4
    assert str(task.extra[ENDED]).startswith(end)
    assert all(isinstance(one, Rejected) and one.what == "remark" for one in remarks)
    assert bool(remarks) == (end != CONTENT)
    if remark:
        assert [str(one.text)[:5] for one in remarks if isinstance(one, Rejected)] == [remark[:5]]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (Response("It is called", "length"), "truncated"),
        (Response(""), "no answer"),
        (Response("I'm sorry, but I can't help with that."), "refusal"),
        (Response("", "content_filter", error="HTTP 400"), "refused by the teacher's content filter"),
        (Response("", "context_length", error="HTTP 400"), "longer than the teacher's context"),
        (Response("The river is long. " * 30), "repetition"),
    ],
)
def test_a_bad_answer_ends_it_at_the_last_good_one(bad: Response, reason: str) -> None:
    def answers(request: Request) -> Response:
        return bad if not isinstance(request.prompt, str) and len(request.prompt) == 5 else Response(talk(request))

    task, remark = of_one(answers, recipe=long())
    assert isinstance(task, Task)
    assert isinstance(remark, Rejected)
    assert (len(task.turns), task.extra[ENDED], task.turns[-1]["role"]) == (4, reason, "assistant")
    assert (remark.category, remark.what, remark.task) == (reason, "remark", "q0")

    def never(request: Request) -> Response:
        return bad

    (lost,) = of_one(never)
    assert isinstance(lost, Rejected), "it has no good answer at all, and is not asked about again"
    assert (lost.category, lost.what, lost.task) == (reason, "task", "q0")


@pytest.mark.parametrize("status", ["content_filter", "context_length", "declined"])
def test_a_refused_request_for_the_users_turn_ends_it(status: str) -> None:
    def answers(request: Request) -> Response:
        return Response("", status, error="no") if asked_as_user(request) else Response(talk(request))

    task, remark = of_one(answers)
    assert isinstance(task, Task)
    assert isinstance(remark, Rejected)
    assert (remark.what, remark.detail, len(task.turns)) == ("remark", "no", 2)


def test_what_the_other_side_wrote_too_is_a_remark() -> None:
    def answers(request: Request) -> str:
        if asked_as_user(request):
            return f"{talk(request)}\nAssistant: I say it myself."
        return f"Assistant: {talk(request)}\nUser: And then?"

    items = of_one(answers, recipe=long(rounds=2))
    (task,), remarks = finished(items), [item for item in items if isinstance(item, Rejected)]
    assert [turn["content"] for turn in task.turns[1:]] == [
        "It is called one.",
        "And what about number 1?",
        "It is called 3.",
    ]
    assert [one.category for one in remarks if isinstance(one, Rejected)] == ["writes both sides"] * 3


def test_an_answer_that_is_to_have_names_in_it_keeps_them() -> None:
    asked = Task("q", "Write a dialogue between a user and a bot.")
    (found,) = Reply().parse((asked,), Response("User: Hi\nAssistant: Hello\nUser: Bye"))
    assert isinstance(found, Task)
    assert found.turns[-1]["content"] == "User: Hi\nAssistant: Hello\nUser: Bye"


def test_the_system_text_of_the_data_is_kept_and_asked_with() -> None:
    system = Message(role="system", content="Answer like a ferryman.")
    given = Task("q", "Which way?", turns=(system, user("Which way?")))
    prompts = list[Any]()

    def answers(request: Request) -> str:
        prompts.append(request.prompt)
        return talk(request)

    (task,) = of_one(answers, given, long(rounds=2))
    assert isinstance(task, Task)
    assert task.turns[:2] == (system, user("Which way?"))
    assert all(prompt[0] == system for prompt in prompts if not isinstance(prompt, str))
    assert not any("ferryman" in prompt for prompt in prompts if isinstance(prompt, str))
    stage = UserTurn(knows_system=True)
    assert "Scene: Answer like a ferryman.\n\nUser: Which way?" in str(stage.prompt((given,), Random(0)))


def test_a_conversation_of_the_data_is_gone_on_with() -> None:
    given = Task("c", "Why?", turns=(user("Why?"), assistant("So."), user("Really?"), assistant("Really.")))
    (task,) = of_one(talk, given, long(rounds=1))
    assert isinstance(task, Task)
    assert task.turns[:4] == given.turns
    assert len(task.turns) == 6
    over = replace(given, extra={ENDED: CONTENT})
    assert of_one(talk, over, long()) == [over], "nobody is asked about one that is over"


def test_an_answer_of_the_data_gives_way_and_its_input_is_asked_too() -> None:
    given = Task("q", "Add them.", (Instance("1 and 2", "3"),))
    (task,) = of_one(talk, given, long(rounds=1))
    assert isinstance(task, Task)
    assert task.turns[0] == user("Add them.\n\n1 and 2")
    assert task.instances == ()


def test_each_side_may_have_its_own_prompt_and_teacher(tmp_path: Path) -> None:
    (tmp_path / "asks.txt").write_text("Be curious.\n{conversation}\nNow you:", encoding="utf-8")
    (tmp_path / "answers.txt").write_text("Be brief. {system}", encoding="utf-8")
    source = {
        "rounds": 2,
        "steps": [
            {"each": "user_turn", "prompt": str(tmp_path / "asks.txt"), "teacher": {"role": "user"}},
            {"each": "reply", "prompt": str(tmp_path / "answers.txt")},
        ],
    }
    asked = dict[str, Any]()

    def asks(request: Request) -> str:
        asked["user"] = request.prompt
        return "Is that so?"

    def answers(request: Request) -> str:
        asked["teacher"] = request.prompt
        return f"Yes, {len(request.prompt)}."

    given = Task("q", "Which way?", turns=(Message(role="system", content="You row."), user("Which way?")))
    teachers = {"user": called("asks", asks), "teacher": called("answers", answers)}
    carried_out(recipe_from(source), [given], tmp_path / "out", teachers=teachers)
    done = Run(tmp_path / "out")
    assert str(asked["user"]).startswith("Be curious.\nUser: Which way?\nAssistant: Yes")
    assert asked["teacher"][0] == {"role": "system", "content": "Be brief. You row."}
    assert done.tasks[0].turns[0]["content"] == "You row.", "what the teacher is told is not learned"
    assert CHAT.roles == ("user", "teacher")


def test_without_a_place_the_datas_system_text_comes_after_ones_own() -> None:
    given = Task("q", "Which way?", turns=(Message(role="system", content="You row."), user("Which way?")))
    assert Reply(text="Be brief.").prompt((given,), Random(0)) == (
        {"role": "system", "content": "Be brief.\n\nYou row."},
        user("Which way?"),
    )
    assert Reply().prompt((QUESTIONS[0],), Random(0)) == QUESTIONS[0].instruction


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: UserTurn(turns=1), "user_turn: turns is 1; it is how many questions"),
        (lambda: UserTurn(text="Ask."), r"lacks \{conversation\}"),
        (lambda: UserTurn(language="fi"), "our prompts are written in en and zh"),
        (lambda: Reply(text="Be {mood}."), r"its one place is \{system\}"),
    ],
)
def test_mistakes_are_named(make: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        make()


def test_thoughts_are_kept_only_where_asked_and_never_the_users() -> None:
    def answers(request: Request) -> Response:
        return Response(f"<think>hm {len(request.prompt)}</think>{talk(request)}")

    (task,) = of_one(answers, recipe=long(rounds=2))
    assert isinstance(task, Task)
    assert not any("thoughts" in turn for turn in task.turns)
    (task,) = of_one(answers, recipe=with_thoughts(long(rounds=2)))
    assert isinstance(task, Task)
    assert [bool(turn.get("thoughts")) for turn in task.turns] == [False, True, False, True]


def test_thoughts_are_not_sent_back() -> None:
    turns = (user("Why?"), Message(role="assistant", content="So.", thoughts="hm"), user("And?"))
    assert all("thoughts" not in turn for turn in Reply().prompt((Task("q", "Why?", turns=turns),), Random(0)))


@pytest.mark.parametrize(("language", "data"), [("en", "g_en"), ("zh", "g_zh")])
def test_on_the_simulator_every_question_is_answered(language: str, data: str, tmp_path: Path) -> None:
    """Its user asks what its assistant can answer from what was said before."""
    seeds = run("self_instruct", num=6, out=tmp_path / data, language=language, model="builtin")
    done = run("self_chat", data=seeds.tasks, out=tmp_path / "talk", language=language, model="builtin")
    ends = Counter(task.extra.get(ENDED) for task in done.tasks)
    assert ends["refusal"] == 0
    assert ends[FULL] + ends[CONTENT] > 0.8 * len(done.tasks)
    assert len(done.tasks) + sum(item.is_proposal for item in done.rejected) == done.counts.proposed
    for task in done.tasks:
        roles = [turn["role"] for turn in task.turns]
        assert roles == ["user", "assistant"] * (len(roles) // 2)
    rows = [json.loads(line) for line in (tmp_path / "talk" / "sharegpt.jsonl").read_text().splitlines()]
    assert len(rows) == len(done.tasks)


def test_a_dry_run_counts_the_rounds_that_conversations_last() -> None:
    lines = list(plan(CHAT, QUESTIONS, Settings(), {"teacher": "builtin"}))
    assert any("in up to 8 rounds, 3.7 on average" in line for line in lines)
    assert sum("User: What is river" in line for line in lines) == 1


def test_the_same_bytes_at_any_concurrency(tmp_path: Path) -> None:
    for concurrency in (1, 32):
        carried_out(CHAT, QUESTIONS[:12], tmp_path / str(concurrency), talk, concurrency=concurrency)
    first, second = (Run(tmp_path / name).tasks for name in ("1", "32"))
    assert first == second
    assert len(first) == 12
