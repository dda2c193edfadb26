"""A model in this process as a teacher: what is asked at the same time changes no answer, and a run that goes on."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import torch
from cases import carried_out
from click.testing import CliRunner, Result
from trained import ANSWERS, CONTEXT, memorised

from selfinstruct.cli import main
from selfinstruct.errors import BudgetReached, TeacherFailed, UsageError
from selfinstruct.finetune.answer.decoding import Batch
from selfinstruct.finetune.models import open as opening
from selfinstruct.rows.reading import read_tasks
from selfinstruct.running.recipe import Recipe, Step
from selfinstruct.running.recipe_file import load
from selfinstruct.stages import Judge, Respond
from selfinstruct.teacher import Prompt, Request, Response
from selfinstruct.teachers.local import Local, checked
from selfinstruct.teachers.opening import is_free

FREE = {"temperature": 1.5, "max_tokens": 30}
"""Answers of any length, some of which end by themselves."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("models") / "mine"
    memorised(made)
    return made


@pytest.fixture
async def local(folder: Path) -> AsyncIterator[Local]:
    async with Local(str(folder)) as teacher:
        yield teacher


def request(prompt: Prompt, sample: int = 0, **params: Any) -> Request:
    return Request(prompt, "local:mine@0123456789ab", {"temperature": 0} | params, sample)


async def together(teacher: Local, requests: Sequence[Request]) -> list[Response]:
    return list(await asyncio.gather(*map(teacher, requests)))


def many(**params: Any) -> list[Request]:
    """Of several lengths, and each twice."""
    prompts = [*ANSWERS, "River? " * 9, "Hello"]
    return [request(prompt, sample, **params) for prompt in prompts for sample in range(2)]


# Answers


async def test_it_answers(local: Local) -> None:
    responses = await together(local, [request(question) for question in ANSWERS])
    assert [response.text for response in responses] == list(ANSWERS.values())
    assert {response.finish_reason for response in responses} == {"stop"}
    assert {response.model for response in responses} == {local.model}
    planet = responses[0]
    assert planet.input_tokens == len(
        local._loaded.tokenizer("### Instruction:\n" + next(iter(ANSWERS)) + "\n\n### Response:")["input_ids"]
    )
    assert planet.output_tokens == len(local._loaded.tokenizer(" Jupiter")["input_ids"]), "the end counts, no BOS does"


@pytest.mark.parametrize(
    "params", [{}, FREE, FREE | {"temperature": 2, "top_p": 0.95, "presence_penalty": 0.6, "frequency_penalty": 0.4}]
)
async def test_alone_or_beside_others(params: dict[str, Any], folder: Path) -> None:
    asked = many(**params)
    answers = []
    for most in (1, 8, 64):
        async with Local(str(folder), most=most) as teacher:
            answers.append(await together(teacher, asked))
            answers.append((await together(teacher, asked[::-1]))[::-1])
    async with Local(str(folder)) as teacher:
        answers.append([await teacher(one) for one in asked])
    assert all(other == answers[0] for other in answers[1:])
    if params:
        assert len({response.text for response in answers[0]}) > len(asked) * 0.7, "samples differ"
        assert {response.finish_reason for response in answers[0]} == {"stop", "length"}


async def test_those_that_come_later_join(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model is held before its third token until the second request waits, so that no clock decides who is first.

    It settles answers in the order in which they end.
    """
    await local(request("Hello", max_tokens=1))  # loaded
    sizes: list[int] = []
    alone, joined = held(monkeypatch, sizes, 3)
    ended: list[str] = []
    first = asyncio.create_task(local(request("Hello", max_tokens=60, temperature=2, presence_penalty=-2)))
    first.add_done_callback(lambda _: ended.append("long"))
    assert await asyncio.to_thread(alone.wait, 60)
    second = asyncio.create_task(local(request(next(iter(ANSWERS)))))
    second.add_done_callback(lambda _: ended.append("short"))
    await asyncio.sleep(0)  # now it is asked
    joined.set()
    await asyncio.gather(first, second)
    assert ended == ["short", "long"], "a short answer does not wait for a long one"
    assert sizes[:3] == [1, 1, 1]
    assert 2 in sizes


def held(monkeypatch: pytest.MonkeyPatch, sizes: list[int], at: int) -> tuple[threading.Event, threading.Event]:
    """The first is set when the model is about to write its token number `at`, which it does when the second is set.

    `sizes` gets how many answers are written at each step.
    """
    reached, go_on = threading.Event(), threading.Event()
    step = Batch.step

    def watched(self: Batch) -> Any:
        sizes.append(len(self.answers))
        if len(sizes) == at:
            reached.set()
            assert go_on.wait(60)
        return step(self)

    monkeypatch.setattr(Batch, "step", watched)
    return reached, go_on


async def test_an_answer_is_cut(local: Local) -> None:
    cut = await local(request("Say hello in Chinese.", max_tokens=4))
    assert (cut.finish_reason, cut.output_tokens) == ("length", 4)
    assert ANSWERS["Say hello in Chinese."].startswith(cut.text)
    assert await local(request("Say hello in Chinese.", max_completion_tokens=4)) == cut
    long = await local(request("Hello", temperature=2, presence_penalty=-2, frequency_penalty=-2))
    assert (long.finish_reason, (long.input_tokens or 0) + (long.output_tokens or 0)) == ("length", CONTEXT)


@pytest.mark.parametrize(
    ("stop", "text"),
    [("\n- two", "- one"), (["three", "\n- two", ""], "- one"), (["nothing", "- two"], "- one\n")],
)
async def test_stop_texts(stop: str | list[str], text: str, local: Local) -> None:
    response = await local(request("Show me a list.", stop=stop))
    assert response.finish_reason == "stop"
    assert response.text == text


async def test_a_prompt_that_is_too_long_is_refused_alone(local: Local) -> None:
    long, planet = await together(local, [request("river " * 200), request(next(iter(ANSWERS)))])
    assert long == Response("", "context_length", local.model)
    assert planet.text == "Jupiter"


async def test_a_conversation(local: Local) -> None:
    turns: Prompt = (
        {"role": "user", "content": "Name the largest planet."},
        {"role": "assistant", "content": "Jupiter"},
        {"role": "user", "content": "Name the largest planet."},
    )
    one, two = await together(local, [request(turns[:1]), request(turns)])
    assert one.text == "Jupiter"
    assert (two.input_tokens or 0) > 2 * (one.input_tokens or 0) - 3


async def test_an_answer_that_was_begun(local: Local) -> None:
    """A conversation that ends with the assistant's turn is gone on with from its last word."""
    question = {"role": "user", "content": "Name the largest planet."}
    for begun, rest in (("Jup", "iter"), ("", "Jupiter")):
        response = await local(request((question, {"role": "assistant", "content": begun})))  # type: ignore[arg-type]
        assert response.text == rest


async def test_a_request_without_a_template(local: Local) -> None:
    """Whatever the teacher does otherwise."""
    prefix = "### Instruction:\nName the largest planet.\n\n### Response:"
    bare = Request(prefix, local.model, {"temperature": 0}, api="completions")
    assert (await local(bare)).text == " Jupiter"


async def test_a_schema_is_for_gguf(local: Local) -> None:
    with pytest.raises(UsageError, match=r"cannot hold an answer to a schema: .* gguf:FILE"):
        await local(request("Hello", response_format={"type": "json_object"}))


async def test_a_bare_prefix(folder: Path) -> None:
    async with Local(str(folder), api="completions") as teacher:
        prefix = "### Instruction:\nName the largest planet.\n\n### Response:"
        assert (await teacher(request(prefix))).text == " Jupiter"
        assert (await teacher(request(f"{prefix} Jup"))).text == "iter"
        with pytest.raises(UsageError, match="a conversation, which --api completions"):
            await teacher(request(({"role": "user", "content": "Hello"},)))
    with pytest.raises(UsageError, match="--api is chat or completions, not 'chatt'"):
        Local(str(folder), api="chatt")


# Parameters


@pytest.mark.parametrize(
    ("params", "words"),
    [
        (
            {"logit_bias": {}},
            "a local model has no parameter 'logit_bias': take it out of the recipe; it has temperature",
        ),
        ({"temperature": 2.5}, "temperature 2.5; for a local model it is a number from 0 to 2"),
        ({"temperature": True}, "temperature True"),
        ({"temperature": float("nan")}, "temperature nan"),
        ({"top_p": -0.1}, "top_p -0.1"),
        ({"max_tokens": 0}, "max_tokens 0; for a local model it is a whole number of at least 1"),
        ({"max_tokens": 2.0}, "max_tokens 2.0"),
        ({"presence_penalty": 3}, "presence_penalty 3; for a local model it is a number from -2 to 2"),
        ({"stop": 7}, "stop 7; for a local model it is a text or a list of texts"),
        ({"stop": ["a", 7]}, "stop"),
        ({"seed": "x"}, "seed 'x'; for a local model it is a whole number"),
    ],
)
async def test_parameters_that_cannot_be(params: dict[str, Any], words: str, local: Local) -> None:
    with pytest.raises(UsageError) as caught:
        await local(request("Hello", **params))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_seed_is_the_request() -> None:
    given: dict[str, Any] = {"top_p": None, "stop": "x", "max_tokens": 5, "max_completion_tokens": 6}
    found = checked(request("Hello", **given))
    assert found == {"temperature": 0, "max_tokens": 5, "stop": ("x",), "seed": found["seed"]}
    others = [request("Hello", 1, **given), request("Hi", **given), request("Hello", **given, seed=1)]
    seeds = [found["seed"], *(checked(other)["seed"] for other in others)]
    assert len(set(seeds)) == 4
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert checked(Request("Hello", "local:mine"))["max_tokens"] == 1024


# Failures


def test_no_such_model(tmp_path: Path) -> None:
    for name, words in (
        ("./none", "there is no folder ./none: the model is a folder, or an id on the hub"),
        (str(tmp_path), "is no model: it has no config.json"),
        ("", "--model local: names no model"),
    ):
        with pytest.raises(UsageError) as caught:
            Local(name)
        assert words in str(caught.value)


async def test_a_model_that_cannot_be_loaded(folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "tokenizer.json").write_text("{}")
    async with Local(str(tmp_path)) as teacher:
        for _ in range(2):
            outcomes = await asyncio.gather(*map(teacher, many()), return_exceptions=True)
            assert all(isinstance(one, UsageError) and "cannot load" in str(one) for one in outcomes)


async def test_too_many_for_the_memory(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are begun anew, fewer at a time, and nobody sees it."""
    asked = many(**FREE)
    expected = await together(local, asked)
    step, sizes = Batch.step, []

    def cramped(self: Batch) -> Any:
        sizes.append(len(self.answers))
        if len(self.answers) > 3:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return step(self)

    monkeypatch.setattr(Batch, "step", cramped)
    assert await together(local, asked) == expected
    assert max(sizes) > 3
    assert max(sizes[-20:]) <= 3


async def test_no_memory_for_one(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Batch, answers: Any) -> None:
        if answers:
            raise RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(Batch, "add", full)
    outcomes = await asyncio.gather(*map(local, many()), return_exceptions=True)
    assert {type(one) for one in outcomes} == {TeacherFailed}
    assert "no memory is left for a single answer: lower max_tokens" in str(outcomes[0])


async def test_a_fault_reaches_everybody_who_waits(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Batch) -> Any:
        raise ValueError("shapes do not match")

    monkeypatch.setattr(Batch, "step", broken)
    outcomes = await asyncio.gather(*map(local, many()), return_exceptions=True)
    assert {type(one) for one in outcomes} == {TeacherFailed}
    assert "failed: ValueError('shapes do not match')" in str(outcomes[0])
    monkeypatch.undo()
    assert (await local(request(next(iter(ANSWERS))))).text == "Jupiter"


async def test_leaving_in_the_middle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Local(str(folder)) as teacher:
        await teacher(request("Hello", max_tokens=1))
        writing, left = held(monkeypatch, [], 1)
        asking = [asyncio.create_task(teacher(one)) for one in many(**FREE)]
        assert await asyncio.to_thread(writing.wait, 60)
        for task in asking:
            task.cancel()
        outcomes = await asyncio.gather(*asking, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {asyncio.CancelledError}
        left.set()
    assert teacher._loaded is None


# Runs

NAMES = ("tasks.jsonl", "rejected.jsonl", "alpaca.jsonl", "messages.jsonl")


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("data") / "questions.jsonl"
    more = [f"{question} ({number})" for question in ANSWERS for number in range(4)]
    file.write_text("".join(json.dumps({"instruction": text, "output": ""}) + "\n" for text in (*ANSWERS, *more)))
    return file


def selfinstruct(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


def output(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in NAMES if (out / name).exists()}


def test_respond(folder: Path, questions: Path, tmp_path: Path) -> None:
    command = ("run", "respond", "--seeds", questions, "--model", f"local:{folder}", "--out")
    done = selfinstruct(*command, tmp_path / "run")
    assert done.exit_code == 0, done.output
    assert "The built-in teacher" not in done.stderr
    assert output(tmp_path / "run").keys() >= {"tasks.jsonl", "alpaca.jsonl"}
    stopped = selfinstruct(*command, tmp_path / "twice", "--max-tokens-total", 3200)
    assert stopped.exit_code == 3, stopped.output
    assert 0 < len(read_tasks(tmp_path / "twice")) < len(read_tasks(tmp_path / "run"))
    gone_on = selfinstruct(*command, tmp_path / "twice", "--concurrency", 1)
    assert gone_on.exit_code == 0, gone_on.output
    assert output(tmp_path / "twice") == output(tmp_path / "run")
    assert selfinstruct(*command, tmp_path / "twice").exit_code == 0
    assert output(tmp_path / "twice") == output(tmp_path / "run")


def run(out: Path, data: Path, models: dict[str, str], recipe: Recipe | None = None, **more: Any) -> None:
    carried_out(recipe or load("respond"), read_tasks(data), out, teachers=models, **more)


def models_asked(out: Path) -> set[tuple[str, str, str]]:
    with closing(sqlite3.connect(out / "journal.db")) as db:
        rows = db.execute("SELECT step, request, model FROM answers").fetchall()
    return {(step, json.loads(request)["model"], model) for step, request, model in rows}


def test_the_weights_are_part_of_the_name(folder: Path, questions: Path, tmp_path: Path) -> None:
    moved = tmp_path / "mine"
    moved.mkdir()
    for file in folder.iterdir():
        (moved / file.name).write_bytes(file.read_bytes())
    out, name = tmp_path / "run", Local(str(folder)).model
    run(out, questions, {"teacher": f"local:{folder}"})
    assert models_asked(out) == {("respond", name, name)}
    before = output(out)
    run(out, questions, {"teacher": f"local:{moved}"})
    assert output(out) == before, "the same model in another place"
    weights = bytearray((moved / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (moved / "model.safetensors").write_bytes(weights)
    with pytest.raises(UsageError, match=r"models\.teacher is local:mine@\w{12} there and local:mine@\w{12} here"):
        run(out, questions, {"teacher": f"local:{moved}"})


def test_a_finished_run_loads_no_model(
    folder: Path, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, questions, {"teacher": f"local:{folder}"}, num=5)
    monkeypatch.setattr(opening, "load", lambda name: pytest.fail("nobody is asked"))
    run(tmp_path, questions, {"teacher": f"local:{folder}"}, num=5)


def test_a_local_model_for_a_role(folder: Path, questions: Path, tmp_path: Path) -> None:
    recipe = Recipe("mine", steps=(Step(Respond(), role="judge"), Step(Judge())))
    run(tmp_path / "run", questions, {"teacher": "builtin", "judge": f"local:{folder}"}, recipe, keep_asking=True)
    name = Local(str(folder)).model
    assert models_asked(tmp_path / "run") == {("respond", name, name), ("judge", "builtin", "builtin")}
    assert json.loads((tmp_path / "run" / "run.json").read_text())["models"] == {"teacher": "builtin", "judge": name}


def test_it_costs_nothing(folder: Path, questions: Path, tmp_path: Path) -> None:
    run(tmp_path / "run", questions, {"teacher": f"local:{folder}"}, dollars=0.01)
    assert is_free("local:mine", "http://127.0.0.1:9/v1")
    both = Recipe("mine", steps=(Step(Respond()), Step(Judge(), role="judge")))
    with pytest.raises(UsageError, match="--budget needs a price"):
        run(tmp_path / "paid", questions, {"teacher": f"local:{folder}", "judge": "gpt"}, both, dollars=0.01)


def test_a_run_that_stops_early_is_quiet(
    folder: Path, questions: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for limit in (1000, 3000):
        with pytest.raises(BudgetReached):
            run(tmp_path / "run", questions, {"teacher": f"local:{folder}"}, max_tokens_total=limit)
    assert not caplog.records
