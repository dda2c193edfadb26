"""A whole run: who is asked, what is paid for, what is in the folder when it stops."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cases import called, carried_out
from fakes import SEEDS, simple

from selfinstruct.api import run
from selfinstruct.errors import BudgetReached, RunStopped, TeacherFailed, UsageError
from selfinstruct.rows.reading import read_tasks
from selfinstruct.running.execute import find_seeds
from selfinstruct.running.identity import named
from selfinstruct.running.progress import Progress
from selfinstruct.running.recipe import Recipe
from selfinstruct.running.recipe_file import load, shipped
from selfinstruct.task import Task
from selfinstruct.teacher import Request, Response, Teacher
from selfinstruct.teachers.prices import Price

RECIPE = load("self_instruct")


def job(out: Path, num: int = 10, recipe: Recipe = RECIPE, answer: Any = simple, **settings: Any) -> Progress:
    return carried_out(recipe, SEEDS, out, answer, num=num, **settings)


def journaled(out: Path) -> list[tuple[str, str, float]]:
    with closing(sqlite3.connect(out / "journal.db")) as db:
        return db.execute("SELECT step, model, cost FROM answers").fetchall()


def test_progress_counts_what_the_files_hold(tmp_path: Path) -> None:
    progress = job(tmp_path / "run", 30)
    assert progress.kept == len(read_tasks(tmp_path / "run")) == 30
    assert progress.requests == len(journaled(tmp_path / "run"))
    assert progress.proposed == progress.kept + sum(progress.reasons.values())


def test_a_role_asks_its_own_model(tmp_path: Path) -> None:
    propose, classify, instances = RECIPE.steps
    judged = replace(classify, role="judge", params={"temperature": 0})
    recipe = replace(RECIPE, steps=(propose, judged, instances))

    def answer(request: Request) -> Response:
        return replace(simple(request), model=request.model)

    steps = ("propose", "classify", "instances")
    small, strict = called("small", answer), called("strict", answer)
    for name, judge in (("own", strict), ("usual", small)):  # without a model of its own it asks the usual one
        teachers = {"teacher": small} | ({"judge": judge} if name == "own" else {})
        job(tmp_path / name, 5, recipe, teachers=teachers)
        asked = {(step, model) for step, model, _ in journaled(tmp_path / name)}
        assert asked == set(zip(steps, ("function:small", f"function:{judge.name}", "function:small"), strict=True))


def test_answers_on_the_wire_at_the_end_are_kept(tmp_path: Path) -> None:
    """The steps run ahead of the last task: what was sent is paid for, so it waits in the journal."""
    answered = []

    async def slow(request: Request) -> Response:
        await asyncio.sleep(0.005)
        answered.append(request.key)
        return simple(request)

    job(tmp_path / "run", 5, answer=slow)
    assert len(journaled(tmp_path / "run")) == len(answered)


def test_a_finished_run_without_its_journal_is_not_paid_for_again(tmp_path: Path) -> None:
    out = tmp_path / "run"
    job(out)
    before = (out / "tasks.jsonl").read_bytes()
    (out / "journal.db").unlink()
    with pytest.raises(RunStopped, match=r"journal\.db lacks answers"):
        job(out, answer=lambda request: pytest.fail("nobody is asked"))
    assert (out / "tasks.jsonl").read_bytes() == before
    (out / "tasks.jsonl").unlink()
    (out / "rejected.jsonl").unlink()
    job(out)
    assert (out / "tasks.jsonl").read_bytes() == before


def test_dollars_are_in_the_journal_and_limit_the_run(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(BudgetReached, match=r"budget of \$0\.02 reached"):
        job(out, 100, price={"": Price(1.0, 2.0)}, dollars=0.02)
    spent = sum(cost for _, _, cost in journaled(out))
    assert 0.01 < spent <= 0.02
    reached = len(read_tasks(out))
    assert reached < 100
    job(out, 100, price={"": Price(1.0, 2.0)}, dollars=5)
    undisturbed = tmp_path / "undisturbed"
    job(undisturbed, 100)
    for name in ("tasks.jsonl", "rejected.jsonl", "alpaca.jsonl", "messages.jsonl"):
        assert (out / name).read_bytes() == (undisturbed / name).read_bytes()


@pytest.mark.parametrize("after", [0, 1, 40])
def test_a_teacher_that_fails_for_good_leaves_what_was_finished(after: int, tmp_path: Path) -> None:
    out, count = tmp_path / "run", 0

    def failing(request: Request) -> Response | Exception:
        nonlocal count
        count += 1
        return simple(request) if count <= after else TeacherFailed("wrong key")

    with pytest.raises(TeacherFailed, match="wrong key"):
        job(out, 30, answer=failing)
    assert len(journaled(out)) == after
    job(out, 30)
    assert len(read_tasks(out)) == 30


def test_seeds_are_a_path_or_a_name_that_comes_with_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_seeds(None, RECIPE) == shipped("seeds") / "seed_tasks.jsonl"
    assert find_seeds("seed_tasks.jsonl", RECIPE) == shipped("seeds") / "seed_tasks.jsonl"
    assert find_seeds("mine/seed_tasks.jsonl", RECIPE) == Path("mine/seed_tasks.jsonl")
    (tmp_path / "seed_tasks.jsonl").touch()
    assert find_seeds("seed_tasks.jsonl", RECIPE) == Path("seed_tasks.jsonl")
    with pytest.raises(UsageError, match="names no seeds in the language en: give DATA, a run or a file"):
        find_seeds(None, replace(RECIPE, seeds=None))


def test_no_key_reaches_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-0123456789")
    with pytest.raises(TeacherFailed):
        job(tmp_path / "run", 1, teachers={"teacher": "simple"}, base_url="http://127.0.0.1:9/v1", patience=0)
    assert not any(b"canary" in file.read_bytes() for file in (tmp_path / "run").iterdir())


@pytest.mark.parametrize("limit", [2_000, 6_000, 15_000, 40_000])
def test_a_budget_stop_is_quiet(limit: int, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Several steps reach the budget at once: no answer and no generator is left for asyncio to complain about."""
    rng = Random(limit)

    async def answer(request: Request) -> Response:
        await asyncio.sleep(rng.random() / 200)
        return simple(request)

    with pytest.raises(BudgetReached):
        job(tmp_path / "run", 100, answer=answer, max_tokens_total=limit)
    gc.collect()
    assert caplog.records == []


def test_a_budget_counts_answers_without_usage_and_those_from_before_there_was_a_price(tmp_path: Path) -> None:
    def silent(request: Request) -> Response:
        return replace(simple(request), input_tokens=None, output_tokens=None)

    out = tmp_path / "run"
    for _ in range(2):
        with pytest.raises(BudgetReached, match="budget of 20,000 tokens reached after 1"):
            job(out, 100, answer=silent, max_tokens_total=20_000)
    asked = len(journaled(out))
    with pytest.raises(BudgetReached, match=r"budget of \$0\.20 reached"):
        job(out, 100, answer=silent, price={"": Price(10.0, 30.0)}, dollars=0.2)
    assert len(journaled(out)) <= asked, "what was asked for without a price has its price now"


def test_a_first_try_without_an_answer_binds_nobody(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(TeacherFailed):
        job(out, answer=lambda request: TeacherFailed("the server has no model 'simpel'"), seed=7)
    job(out)
    assert len(read_tasks(out)) == 10
    with pytest.raises(UsageError, match="seed is 0 there and 7 here"):
        job(out, seed=7)


def test_only_the_builtin_teacher_is_called_rules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job(tmp_path / "own", 3)
    assert capsys.readouterr().err == ""
    job(tmp_path / "builtin", 3, teachers={"teacher": "builtin"})
    assert "rules, not a language model" in capsys.readouterr().err


MANY = [Task(f"given_{n}", f"Name {n} rivers that cross a border.") for n in range(120)]
ROUNDS = replace(load("evol_instruct"), rounds=2)


@pytest.mark.parametrize("recipe", [load("respond"), ROUNDS], ids=["each", "rounds"])
def test_concurrency_is_how_many_are_in_flight_and_changes_no_byte(recipe: Recipe, tmp_path: Path) -> None:
    """100 in flight were 32 whatever was asked. Nobody is answered before so many have asked."""
    outputs = []
    for concurrency in (1, 7, 100):
        teacher, most = gathering(concurrency)
        out = tmp_path / str(concurrency)
        carried_out(recipe, MANY, out, teachers={"teacher": named("simple", teacher)}, concurrency=concurrency)
        assert most() == concurrency
        outputs.append({file.name: file.read_bytes() for file in out.iterdir() if file.name.endswith(("l", "n"))})
    assert {"tasks.jsonl", "rejected.jsonl", "run.json", "recipe.yaml", "alpaca.jsonl"} <= set(outputs[0])
    assert outputs[0] == outputs[1] == outputs[2]
    assert len(outputs[0]["tasks.jsonl"].splitlines()) > 75


def gathering(wanted: int) -> tuple[Teacher, Callable[[], int]]:
    """A teacher that answers when `wanted` requests are in flight, once; and the most that ever were."""
    together, now, most = asyncio.Event(), 0, 0

    async def teacher(request: Request, /) -> Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        if now >= wanted:
            together.set()
        try:
            await asyncio.wait_for(together.wait(), 60)
        finally:
            now -= 1
        return simple(request)

    return teacher, lambda: most


def test_a_run_of_given_data_that_keeps_nothing_says_why(tmp_path: Path) -> None:
    with pytest.raises(RunStopped, match=r"^nothing came of it: 120 no answer; the answers are empty: try another"):
        carried_out(load("respond"), MANY, tmp_path, lambda request: " ", keep_asking=True)
    assert len((tmp_path / "rejected.jsonl").read_bytes().splitlines()) == 120
    with pytest.raises(RunStopped, match="nothing came of it: 120 no answer"):
        carried_out(load("respond"), MANY, tmp_path, lambda request: pytest.fail("asked again"), keep_asking=True)


def test_a_role_that_nobody_asks(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no step of 'self_instruct' asks the role 'judge'; there are teacher"):
        job(tmp_path / "run", teachers={"judge": "builtin"})
    assert not (tmp_path / "run").exists()


def noticed(recipe: str, data: Any, out: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    with suppress(RunStopped):
        run(recipe, data=data, out=out, teacher="builtin", progress=True)
    return [line for line in capsys.readouterr().err.splitlines() if "knows" in line]


def test_what_the_builtin_teacher_does_not_know_is_told_by_what_it_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A conversation, or a persona, is no task of its by name, and it goes on with them all the same."""
    run("persona", num=2, out=tmp_path / "personas", teacher="builtin")
    run("alpaca", num=2, out=tmp_path / "known", teacher="builtin")
    capsys.readouterr()
    assert not noticed("self_chat", tmp_path / "personas", tmp_path / "roles", capsys)
    assert not noticed("respond", tmp_path / "known", tmp_path / "answers", capsys)
    foreign = [{"instruction": f"Tell me of the river number {n}."} for n in range(3)]
    for recipe in ("respond", "score", "evol_instruct", "gpt4_llm"):
        (line,) = noticed(recipe, foreign, tmp_path / recipe, capsys)[:1]
        assert "knows 0 of these 3 tasks" in line
