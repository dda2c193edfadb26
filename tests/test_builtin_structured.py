"""The built-in teacher in JSON: strictly by the schema of every stage, and the same tasks as in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from batched import hurry

from selfinstruct.api import Run, arun
from selfinstruct.running.recipe import Recipe
from selfinstruct.running.recipe_file import load
from selfinstruct.simulator import builtin, mess
from selfinstruct.simulator.language import LANGUAGES
from selfinstruct.simulator.server import serving
from selfinstruct.simulator.structured import by_schema
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Request
from selfinstruct.teachers.journal.journal import Journal

RECIPES = ("alpaca", "auto_evolve", "evol_instruct", "self_instruct")


def structured(recipe: Recipe, on: bool = True) -> Recipe:
    """The recipe with every step that can asking for JSON."""
    steps = [
        replace(step, stage=replace(step.stage, structured=on)) if hasattr(step.stage, "structured") else step  # type: ignore[type-var]
        for step in recipe.steps
    ]
    return replace(recipe, steps=tuple(steps))


def unstopped(recipe: Recipe) -> Recipe:
    """The recipe without the marks at which a list in words ends: JSON has an end of its own."""
    params = [{name: value for name, value in step.params.items() if name != "stop"} for step in recipe.steps]
    steps = [replace(step, params=given) for step, given in zip(recipe.steps, params, strict=True)]
    return replace(recipe, steps=tuple(steps))


@pytest.fixture(autouse=True)
def whole_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an answer is cut, JSON and words lose different parts of it: that has a test of its own."""
    monkeypatch.setattr(mess, "RATES", {name: rates._replace(truncated=0.0) for name, rates in mess.RATES.items()})
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.setenv("NO_PROXY", "*")


def fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether a value has the schema, as far as our stages' schemas go."""
    if "enum" in schema:
        return value in schema["enum"] and type(value) is int
    match schema["type"]:
        case "object":
            names = schema["properties"]
            return set(value) == set(schema["required"]) and all(fits(value[name], names[name]) for name in names)
        case "array":
            return isinstance(value, list) and all(fits(one, schema["items"]) for one in value)
    return isinstance(value, {"string": str, "boolean": bool}[schema["type"]])


def test_what_is_of_no_stage_follows_the_schema_all_the_same() -> None:
    schema = {
        "type": "object",
        "properties": {
            "colour": {"type": "string"},
            "size": {"enum": ["small", "large"]},
            "parts": {"type": "array", "items": {"type": ["integer", "null"], "minimum": 3}},
            "sure": {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
            "of": {"type": "object", "properties": {"kind": {"const": "x"}, "rest": {}}},
        },
    }
    wanted = {"colour": "red", "size": "small", "parts": [3], "sure": False, "of": {"kind": "x", "rest": "red"}}
    assert by_schema(schema, "red") == wanted
    oddities: list[Any] = [None, 7, {"type": 7}, {"type": []}, {"type": "object", "properties": [1]}, {"enum": []}]
    assert all(by_schema(odd, "red") in ("red", {}) for odd in oddities)


async def ran(recipe: Recipe, out: Path, **options: Any) -> Run:
    data = None if recipe.steps[0].kind == "grow" else [*await evolvable(recipe.language)]
    return await arun(recipe, out=out, data=data, num=12, **({"model": "builtin"} | options))


async def evolvable(language: str) -> list[Task]:
    """Tasks of the built-in teacher's own."""
    step = load("alpaca", language).steps[0]
    asked = step.stage.prompt((), Random(0))
    found = [item for n in range(2) for item in step.stage.parse((), await builtin(Request(asked, "builtin", {}, n)))]
    return [replace(item, id=f"task_{n}") for n, item in enumerate(found) if isinstance(item, Task)][:12]


def kept(run: Run) -> list[tuple[Any, ...]]:
    return [(task.instruction, task.instances, task.is_classification, task.extra) for task in run.tasks]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", RECIPES)
async def test_in_json_the_same_tasks_are_kept(name: str, language: str, tmp_path: Path) -> None:
    recipe = unstopped(load(name, language))
    plain = await ran(recipe, tmp_path / "words")
    asked = await ran(structured(recipe), tmp_path / "json")
    assert len(kept(plain)) >= 10
    assert kept(asked) == kept(plain)
    assert not any("form asked for" in item.category for item in asked.rejected)
    assert in_form(tmp_path / "json") >= {step.name for step in recipe.steps if hasattr(step.stage, "structured")}


def in_form(out: Path) -> set[str]:
    """The steps whose answers are JSON by the schema that they were asked for with; refusals aside."""
    found, words = set(), {text for language in LANGUAGES.values() for text in language.refusals}
    with closing(Journal(out / "journal.db")) as journal:
        for request, response in journal.responses():
            shape = request.params.get("response_format")
            if shape and response.text not in words:
                assert fits(json.loads(response.text), shape["json_schema"]["schema"]), response.text
                found.add(shape["json_schema"]["name"])
    return found


@pytest.mark.parametrize(("name", "language"), [("self_instruct", "en"), ("alpaca", "zh"), ("evol_instruct", "en")])
async def test_structured_runs_are_the_same_live_and_in_a_batch(name: str, language: str, tmp_path: Path) -> None:
    hurry()
    recipe = structured(load(name, language))
    async with serving() as url:
        here = await ran(recipe, tmp_path / "here")
        live = await ran(recipe, tmp_path / "live", base_url=url)
        batch = await ran(recipe, tmp_path / "batch", base_url=url, batch=True)
        new = await ran(recipe, tmp_path / "new", base_url=url, batch=True, api="responses")
    assert kept(here) == kept(live) == kept(batch)
    for run in (batch, new):
        assert run.tasks
        assert in_form(run.folder)


async def test_json_that_is_cut_is_no_json() -> None:
    stage = structured(load("alpaca")).steps[0].stage
    schema: Any = stage.schema(())  # type: ignore[attr-defined]
    shape = {"type": "json_schema", "json_schema": {"name": "alpaca", "schema": schema}}
    response = await builtin(
        Request(stage.prompt((), Random(0)), "builtin", {"response_format": shape, "max_tokens": 300})
    )
    assert response.finish_reason == "length"
    with pytest.raises(ValueError, match=r"Unterminated|delimiter|Expecting"):
        json.loads(response.text)
    items = list(stage.parse((), response))
    assert isinstance(items[0], Task)
    assert [item.category for item in items if isinstance(item, Rejected)] == ["truncated"]


async def test_a_refusal_is_no_json() -> None:
    shape = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object", "properties": {}}}}
    asked = Request("Classify the mood of my goldfish.", "builtin")
    response = await builtin(replace(asked, params={"response_format": shape}))
    assert response.text == (await builtin(asked)).text
