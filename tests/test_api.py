"""The Python API: what a notebook or a script does, with the promises of the command line."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import selfinstruct
from selfinstruct import (
    Instance,
    Reason,
    Recipe,
    Rejected,
    Request,
    Response,
    Run,
    RunStopped,
    Step,
    Task,
    UsageError,
    arun,
    named,
    run,
)
from selfinstruct.api import planned
from selfinstruct.cli import main
from selfinstruct.stages import Respond

ROWS = [{"instruction": f"Name river number {number} of your list."} for number in range(12)]


def parrot(prompt: str) -> str:
    return f"You asked: {prompt}"


def test_the_command_line_writes_the_same_bytes(tmp_path: Path) -> None:
    done = run("self_instruct", num=20, out=tmp_path / "a", seed=3)
    options = ["generate", "--num", "20", "--seed", "3", "--out", str(tmp_path / "b"), "--quiet"]
    said = CliRunner().invoke(main, options)
    assert said.exit_code == 0
    for name in ("tasks.jsonl", "rejected.jsonl", "recipe.yaml", "run.json", "alpaca.jsonl", "messages.jsonl"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    assert said.output == f"{done!r}\n".replace(str(tmp_path / "a"), str(tmp_path / "b"))


def test_what_a_run_holds(tmp_path: Path) -> None:
    done = run("self_instruct", num=30, out=str(tmp_path / "run"))
    again = Run(str(tmp_path / "run"))
    assert again.tasks == done.tasks
    assert len(done.tasks) == done.counts.kept == 30
    assert done.counts.proposed == 30 + done.counts.reasons.total()
    assert done.counts.reasons.total() == sum(item.is_proposal for item in done.rejected)
    assert all(isinstance(item, Rejected) and item.category for item in done.rejected)
    table = done.to_pandas()
    assert len(table) == sum(len(task.instances) for task in done.tasks)
    assert list(table.columns)[:4] == ["id", "instruction", "input", "output"]
    assert "kept 30 of" in repr(done)


def test_a_notebook_shows_what_a_model_wrote_as_text(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Odd:
        def __call__(self, task: Task, pool: object) -> str | None:
            return "<b>odd</b>" if "3" in task.instruction else None

    done = run("respond", data=ROWS, teacher=parrot, drop=[Odd()], out=tmp_path / "run")
    assert "&lt;b&gt;odd" in done._repr_html_()
    assert done.counts.reasons == {"<b>odd</b>": 1}


@pytest.mark.parametrize("kind", ["plain", "async", "teacher", "callable", "named"])
def test_whoever_answers(kind: str, tmp_path: Path) -> None:
    async def waits(prompt: str) -> str:
        await asyncio.sleep(0)
        return parrot(prompt)

    async def whole(request: Request, /) -> Response:
        return Response(parrot(str(request.prompt)))

    class Server:
        name = "server"

        async def __call__(self, request: Request, /) -> Response:
            return await whole(request)

    who: dict[str, Any] = {
        "plain": parrot,
        "async": module_level_async,
        "teacher": module_level_teacher,
        "callable": named("server", Server()),
        "named": named("waits", waits),
    }
    done = run("respond", data=ROWS, teacher=who[kind], out=tmp_path / "run")
    assert [task.instances[0].output for task in done.tasks] == [parrot(row["instruction"]) for row in ROWS]


async def module_level_async(prompt: str) -> str:
    return parrot(prompt)


async def module_level_teacher(request: Request, /) -> Response:
    return Response(parrot(str(request.prompt)))


def test_plain_functions_wait_for_one_another_only_as_far_as_wanted(tmp_path: Path) -> None:
    """Twelve at a time: each waits until all are there, or the barrier breaks and the run fails."""
    together = threading.Barrier(12, timeout=20)

    def waits_for_others(prompt: str) -> str:
        together.wait()
        return parrot(prompt)

    at_once = run("respond", data=ROWS, teacher=named("p", waits_for_others), concurrency=12, out=tmp_path / "a")
    alone = run("respond", data=ROWS, teacher=named("p", parrot), concurrency=1, out=tmp_path / "b")
    assert at_once.tasks == alone.tasks


def test_roles(tmp_path: Path) -> None:
    def judge(prompt: str) -> str:
        return "Different" if "Equal or Different" in prompt else "4"

    def evolve(prompt: str) -> str:
        return f"Instruction: {prompt.split('Instruction: ')[-1].splitlines()[0]} Give reasons."

    done = run("evol_instruct", data=ROWS[:3], teacher={"teacher": evolve, "judge": judge}, out=tmp_path / "run")
    models = json.loads((tmp_path / "run" / "run.json").read_text())["models"]
    assert len(set(models.values())) == 2
    assert {task.extra["difficulty"] for task in done.tasks} == {4}


def test_two_functions_of_one_name_are_no_teacher_and_judge(tmp_path: Path) -> None:
    """Failed before: the second one answered for both."""
    both = {"teacher": named("ask", parrot), "judge": named("ask", lambda prompt: "4")}
    with pytest.raises(UsageError, match="two teachers are called 'function:ask'"):
        run("evol_instruct", data=ROWS[:1], teacher=both, out=tmp_path / "run")
    assert not list(tmp_path.iterdir())


def test_an_event_loop_has_arun(tmp_path: Path) -> None:
    async def cell() -> Run:
        with pytest.raises(UsageError, match=r"await arun"):
            run("respond", data=ROWS, teacher=parrot, out=tmp_path / "run")
        return await arun("respond", data=ROWS, teacher=parrot, out=tmp_path / "run")

    assert len(asyncio.run(cell()).tasks) == 12


@pytest.mark.parametrize("data", ["path", "tasks", "rows", "run"])
def test_data(data: str, tmp_path: Path) -> None:
    tasks = [Task(f"t{n}", str(row["instruction"]), (Instance("", "x"),)) for n, row in enumerate(ROWS)]
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row | {"id": f"t{n}"}) + "\n" for n, row in enumerate(ROWS)))
    given: dict[str, Any] = {
        "path": str(file),
        "tasks": tasks,
        "rows": [row | {"id": f"t{n}"} for n, row in enumerate(ROWS)],
        "run": run("respond", data=tasks, teacher=parrot, out=tmp_path / "before").folder,
    }
    done = run("respond", data=given[data], teacher=parrot, out=tmp_path / "run")
    assert [task.id for task in done.tasks] == [f"t{n}" for n in range(12)]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"data": []}, "data is empty"),
        ({"data": [{"text": 7}]}, "data, row 0: no instruction"),
        ({"data": ["text"]}, "data, row 0: a row is an object with an instruction"),
        ({"data": ROWS, "drop": "length"}, "it should be a list"),
        ({"data": ROWS, "concurrency": 0}, "at least 1 request"),
        ({"data": ROWS, "price": 3}, "like (0.15, 0.60)"),
        ({"data": ROWS, "num": 0}, "ask for at least 1"),
        ({"data": ROWS, "out": ""}, "--out is empty"),
        ({"data": ROWS, "model": "builtin:nobody", "teacher": None}, "no model 'builtin:nobody'"),
        ({"data": ROWS, "model": "builtin"}, "model and teacher both"),
        ({"data": ROWS, "teacher": lambda prompt: prompt}, "named('mine', …)"),
        ({"data": ROWS, "teacher": 7}, "a teacher is 7"),
        ({"data": ROWS, "teacher": {"teacher": parrot, "critic": parrot}}, "asks the role 'critic'"),
        ({"data": ROWS, "drop": [lambda task, pool: None]}, "named('mine', …)"),
        ({"data": ROWS, "drop": ["lenght"]}, "did you mean 'length'"),
        ({"data": ROWS, "width": 8}, "--width is for recipes that grow"),
        ({"recipe": "respondd", "data": ROWS}, "did you mean 'respond'"),
        ({"recipe": Recipe("r", [Step(Respond())]), "data": ROWS, "language": "zh"}, "for recipes by name"),
        ({"recipe": "self_instruct"}, "grows without end"),
    ],
)
def test_mistakes_are_said_and_leave_nothing(options: dict[str, Any], said: str, tmp_path: Path) -> None:
    recipe = options.pop("recipe", "respond")
    with pytest.raises(UsageError) as raised:
        run(recipe, **{"out": tmp_path / "run", "teacher": parrot, **options})
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)
    assert not list(tmp_path.iterdir())


def test_what_the_function_raises_stops_the_run_which_goes_on(tmp_path: Path) -> None:
    calls: list[str] = []

    def breaks(prompt: str) -> str:
        calls.append(prompt)
        if len(calls) == 5:
            raise KeyError("no such river")
        return parrot(prompt)

    teacher = named("breaks", breaks)
    with pytest.raises(RunStopped, match="the teacher function:breaks raised KeyError: 'no such river'"):
        run("respond", data=ROWS, teacher=teacher, concurrency=1, out=tmp_path / "run")
    done = run("respond", data=ROWS, teacher=teacher, concurrency=1, out=tmp_path / "run")
    assert len(done.tasks) == 12
    assert len(calls) == 13, "only the one that failed was asked again"


@pytest.mark.parametrize("answer", [None, 7, b"bytes", ["text"]])
def test_an_answer_is_a_text(answer: Any, tmp_path: Path) -> None:
    with pytest.raises(RunStopped, match="it should return a text, or a Response"):
        run("respond", data=ROWS, teacher=named("odd", lambda prompt: answer), out=tmp_path / "run")
    assert not (tmp_path / "run" / "tasks.jsonl").read_bytes()


def test_identity_is_what_the_objects_are(tmp_path: Path) -> None:
    """Failed before: recipe.yaml was {}, and one folder took two different runs."""
    recipe = Recipe("mine", [Step(Respond(), params={"temperature": 0})])
    run(recipe, data=ROWS, teacher=parrot, out=tmp_path / "run")
    run(replace(recipe, name="called otherwise"), data=ROWS, teacher=parrot, out=tmp_path / "run")
    others = [
        replace(recipe.steps[0], drop=[named("none", lambda task, pool: None)]),
        replace(recipe.steps[0], params={"temperature": 1}),
        replace(recipe.steps[0], stage=Respond(text="Answer this: {instruction} {input}")),
        replace(recipe.steps[0], name="another"),
    ]
    for other in others:
        before = (tmp_path / "run" / "tasks.jsonl").read_bytes()
        with pytest.raises(UsageError, match=r"is another run: recipe\.steps"):
            run(replace(recipe, steps=[other]), data=ROWS, teacher=parrot, out=tmp_path / "run")
        assert (tmp_path / "run" / "tasks.jsonl").read_bytes() == before
    with pytest.raises(UsageError, match="is another run: models"):
        run(recipe, data=ROWS, teacher=module_level_async, out=tmp_path / "run")


def test_a_stage_that_cannot_describe_itself_is_refused(tmp_path: Path) -> None:
    class Loose:
        kind = "each"

        def prompt(self, tasks: tuple[Task, ...], rng: object) -> str:
            return tasks[0].instruction

        def parse(self, tasks: tuple[Task, ...], response: Response) -> list[Task]:
            return [tasks[0]]

    with pytest.raises(UsageError, match=r"dataclass"):
        run(Recipe("loose", [Step(Loose())]), data=ROWS, teacher=parrot, out=tmp_path / "run")
    with pytest.raises(UsageError, match="does not say what it is"):
        Step(Reason("no stage"))  # type: ignore[arg-type]


def test_no_more_requests_are_expected_than_there_are_tasks() -> None:
    """It said 18 for two: a window of 16 was thought to go on beyond the last."""
    assert planned("respond", data=ROWS, model="gpt-x")[-2].startswith(f"About {len(ROWS)} requests in all")


def test_planned_asks_nobody(tmp_path: Path) -> None:
    lines = planned("self_instruct", num=100, model="gpt-x", price=(1.0, 2.0))
    assert any("step 3: each instances, model gpt-x" in line for line in lines)
    assert re.fullmatch(
        r"About \$0\.\d\d for gpt-x, \$0\.\d\d with answers as .*, at 1/2 per million tokens\.", lines[-1]
    )


def test_the_package_is_light_until_something_is_asked_of_it() -> None:
    code = "import sys, selfinstruct; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "asyncio", "yaml", "rapidfuzz", "pandas", "torch", "click"} & set(loaded)
    assert set(selfinstruct.__all__) <= {name for name in dir(selfinstruct) if not name.startswith("_")} | {
        name for names in selfinstruct._LATER.values() for name in names
    }
    assert all(getattr(selfinstruct, name) for name in selfinstruct.__all__)
    with pytest.raises(AttributeError):
        selfinstruct.carry_out  # noqa: B018


def test_a_checkout_has_one_task(tmp_path: Path) -> None:
    """Failed before: selfinstruct.selfinstruct.task was a second module, with a Task class of its own."""
    code = "import selfinstruct.finetune, selfinstruct.selfinstruct"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "No module named 'selfinstruct.selfinstruct'" in done.stderr


def test_a_function_is_given_conversations_as_a_text(tmp_path: Path) -> None:
    """str.upper met a tuple."""
    said = [("user", "Hi"), ("assistant", "Yes?"), ("user", "Sing.")]
    row = {"messages": [{"role": role, "content": text} for role, text in said]}
    done = run("respond", data=[row], teacher=str.upper, out=tmp_path / "run")
    assert done.tasks[0].turns[-1]["content"] == "USER: HI\n\nASSISTANT: YES?\n\nUSER: SING."
