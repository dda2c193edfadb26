"""Auto Evol-Instruct: the search for a method keeps the best one, and is replayed like everything else."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cases import CASES, carried_out, recipe_from
from fakes import late, simple

from selfinstruct.errors import TeacherFailed, UsageError
from selfinstruct.running.identity import described
from selfinstruct.running.optimise import Trial, expected, failed, method_in, optimised
from selfinstruct.running.recipe import Optimise
from selfinstruct.stages import Evolve
from selfinstruct.teacher import Request, Response, Teacher
from selfinstruct.teachers.scripted import scripted

AUTO = CASES["auto_evolve-en"]
PLAN = Optimise(steps=3, batch=4, rounds=2, candidates=2, development=6)


async def search(teacher: Teacher, plan: Optimise = PLAN, seed: int = 0) -> tuple[str, list[Trial]]:
    steps, trials = await optimised(AUTO.recipe.steps, plan, AUTO.data, teacher, "simple", seed=seed, at_once=8)
    assert [type(step.stage) for step in steps] == [type(step.stage) for step in AUTO.recipe.steps]
    stage = steps[0].stage
    assert isinstance(stage, Evolve)
    return stage.method, trials


def improving(request: Request) -> str | Response:
    """Methods are numbers; tasks evolved by an odd number come to nothing, those by a larger even one more rarely."""
    prompt = str(request.prompt)
    if prompt.endswith("[What went wrong]"):
        return "It is odd."
    if prompt.endswith("[New method]"):
        before = prompt.split("[Method]\n")[-1].split("\n")[0]
        before = before.removeprefix("1. Number ").rstrip(".")
        return f"1. Number {(int(before) if before.isdigit() else 0) + 1 + request.sample}."
    if prompt.endswith("[New task]"):
        method = prompt.split("method:\n\n")[1].split("\n")[0].removeprefix("1. Number ").rstrip(".")
        odd = method.isdigit() and int(method) % 2
        return "Instruction: Please fail." if odd or not method.isdigit() else f"Instruction: Name {method} rivers."
    return "Please provide the rivers." if "fail" in prompt else "The Rhine."


async def test_the_method_with_the_fewest_failures_is_taken() -> None:
    method, trials = await search(scripted(improving))
    assert [(trial.step, trial.candidate, trial.failures, trial.of) for trial in trials[:3]] == [
        (0, 0, 6, 6),
        (1, 0, 6, 6),
        (1, 1, 0, 6),
    ]
    assert method == "1. Number 2.", "the first of those with the fewest failures"
    assert trials[0].method.startswith("1. List ways")
    assert [trial.analysis for trial in trials] == ["", *["It is odd."] * (len(trials) - 1)]
    assert len({trial.method for trial in trials}) == len(trials), "no method is tried twice"


async def test_the_order_of_arrival_changes_nothing() -> None:
    found = await search(scripted(simple))
    assert await search(late(Random(5))) == found
    assert await search(scripted(simple), seed=1) != found


async def test_the_optimiser_reads_what_became_of_the_tasks() -> None:
    heard: list[str] = []

    def listening(request: Request) -> Any:
        heard.append(str(request.prompt))
        return improving(request)

    await search(scripted(listening))
    analysed = [prompt for prompt in heard if prompt.endswith("[What went wrong]")]
    assert len(analysed) == 2 * 3
    assert "{" not in analysed[0]
    given = {task.instruction for task in AUTO.data}
    assert sum(text in analysed[0] for text in given) == 4
    assert analysed[0].count("-->") == 4 * 2
    development = {prompt for prompt in heard if prompt.endswith("[New task]")}
    assert len(development) > 6


def test_a_run_says_what_was_tried_and_is_replayed(tmp_path: Path) -> None:
    recipe = replace(AUTO.recipe, optimise=Optimise(steps=2, batch=3, rounds=1, candidates=2, development=4))
    for again in (False, True):
        answers: Callable[[Request], Any] = (lambda request: TeacherFailed("nobody is asked")) if again else simple
        carried_out(recipe, AUTO.data, tmp_path, answers, num=8)
        rows = [json.loads(line) for line in (tmp_path / "methods.jsonl").read_text().splitlines()]
        best = min(rows, key=lambda row: row["failures"])
        tasks = [json.loads(line) for line in (tmp_path / "tasks.jsonl").read_text().splitlines()]
        assert tasks
        assert all(task["evolved"]["operator"] == "auto" for task in tasks)
        assert list(best) == ["step", "candidate", "failures", "of", "method", "analysis"]


def test_how_many_requests() -> None:
    assert expected(Optimise()) == 2 * 50 * 51 + 10 * (30 + 10)


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        *[("Understood. What would you like me to do next?", True), ("Thank you for this. Shall we begin?", True)],
        *[("Sure! Which text do you mean?", True), ("Please provide the table.", True), ("请提供原文。", True)],
        *[("好的，请问您想问什么？", True), ("当然可以，是哪一段？", True)],
        *[
            ("Understood: the sum is 7.", False),
            ("Sure, it is 7.", False),
            ("The Rhine.", False),
            ("好的天气很重要。", False),
        ],
    ],
)
def test_answers_that_show_a_failure(answer: str, wanted: bool) -> None:
    assert failed(answer) == wanted


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (5, "optimise is 5; it should be like {steps: 10, candidates: 5}"),
        ({"stepps": 5}, "optimise has no option 'stepps'; it has: steps, batch"),
        ({"steps": 0}, "optimise: steps is 0; it should be at least 1"),
        ({"steps": "many"}, "optimise: steps is 'many'; it should be a whole number"),
        ({"teacher": 5}, "teacher is 5; it should be a role"),
    ],
)
def test_mistakes(plan: Any, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        recipe_from(described(AUTO.recipe) | {"optimise": plan})
    assert said in str(caught.value)
    assert "mine.yaml: " in str(caught.value)


def test_only_evolve_has_a_method() -> None:
    with pytest.raises(UsageError, match="there is no such step"):
        recipe_from({"optimise": {}, "steps": [{"each": "respond"}]})
    assert replace(AUTO.recipe, optimise=None) != AUTO.recipe


STEPS = "1. List ways.\n2. Choose one.\n3. Rewrite the task."


@pytest.mark.parametrize(
    "text",
    [
        STEPS,
        f"```\n{STEPS}\n```",
        f"Sure! Here is the improved method:\n\n{STEPS}\n\nLet me know if you would like changes.",
        f"[New method]\n{STEPS}\n\n---\n**Changes made:** step 3 is new.",
        f"Here you go.\n```markdown\n{STEPS}\n```\nThis keeps the input.",
        f"<think>1. They lost it.</think>{STEPS}",
    ],
)
def test_a_method_is_its_steps(text: str) -> None:
    assert method_in(Response(text)) == STEPS


@pytest.mark.parametrize(
    "text", ["Step 1: List ways.\nStep 2: Choose.", "第一步：列出办法。\n第二步：改写。", "- List.\n- Choose."]
)
def test_steps_are_marked_in_many_ways(text: str) -> None:
    assert method_in(Response(text)) == text


@pytest.mark.parametrize(
    "response",
    [
        Response(STEPS, "length"),
        Response(""),
        Response("I'm sorry, but I cannot assist with that."),
        Response("The method is good as it is, and nothing needs to be changed."),
        Response(STEPS, "content_filter"),
        Response("<think>1. List ways.</think>"),
    ],
)
def test_what_is_no_method(response: Response) -> None:
    assert method_in(response) == ""


async def test_only_whole_methods_are_tried_and_a_cut_analysis_is_read() -> None:
    def cutting(request: Request) -> str | Response:
        prompt = str(request.prompt)
        if prompt.endswith("[What went wrong]"):
            return Response("<think>Odd?</think>It is od", "length")
        if prompt.endswith("[New method]"):
            assert "It is od" in prompt
            assert "think" not in prompt
            return Response("1. Number 2", "length") if request.sample else "1. Number 4."
        return improving(request)

    method, trials = await search(scripted(cutting))
    assert method == "1. Number 4."
    assert [trial.method for trial in trials[1:]] == ["1. Number 4."]
