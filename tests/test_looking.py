"""The commands that show what there is: stages, filters, prompts and reports."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from selfinstruct import Recipe, Rejected, Response, Run, Step, Task, named, run
from selfinstruct.cli import main
from selfinstruct.filters import FILTERS
from selfinstruct.running.recipe_file import load
from selfinstruct.stages import STAGES, Classify, Evolve, Respond
from selfinstruct.stages.prompting import LANGUAGES, places, prompt_text, shipped_prompts


def said(*command: object) -> str:
    done = CliRunner().invoke(main, [str(word) for word in command])
    assert done.exit_code == 0, done.output
    return done.output


def test_stages_and_filters_have_a_line_each_and_their_options() -> None:
    lines = said("stages").splitlines()
    assert [line.split()[1] for line in lines[::2]] == list(STAGES)
    texts = {name: getattr(make, "prompts", None) for name, make in STAGES.items()}
    assert [name for name, options in zip(STAGES, lines[1::2], strict=True) if "prompt=" not in options] == [
        name for name, own in texts.items() if not own
    ], "all but those that have no prompt of words"
    assert "most=5" in said("stages")
    lines = said("filters").splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == list(FILTERS)
    assert "above=0.7" in said("filters")


@pytest.mark.parametrize("language", LANGUAGES)
def test_prompts(language: str) -> None:
    listed = [line.split()[0] for line in said("prompts").splitlines()]
    assert listed == shipped_prompts()
    for name in listed:
        text = said("prompts", name, "--language", language)
        assert text == f"{prompt_text(name, language)}\n"
        assert places(text) == places(prompt_text(name)), "the same places in every language"
    assert "did you mean 'alpaca'" in CliRunner().invoke(main, ["prompts", "alpacca"]).output
    assert "written in en and zh" in CliRunner().invoke(main, ["prompts", "alpaca", "--language", "de"]).output


def test_what_a_seed_was_shown_for(tmp_path: Path) -> None:
    """Failed before: a seed of Self-Instruct was no error and no tree, but a StopIteration."""
    made = run("self_instruct", num=5, out=tmp_path / "run")
    seed = made.tasks[0].parents[0]
    lines = said("show", tmp_path / "run", "--task", seed).splitlines()
    assert lines[0] == seed
    assert f"shown to the teacher that made {made.tasks[0].id}" in lines[1]


def test_report_as_json_and_of_a_run_that_kept_nothing(tmp_path: Path) -> None:
    """Failed before: exit 2, where it is needed most."""
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"instruction": "Say hi."}\n')
    command = ["run", "respond", str(rows), "--drop", "length", "--out", str(tmp_path / "run")]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 1
    assert "nothing came of it: 1 " in done.output
    assert "knows 0 of these 1 tasks" in done.output
    figures = json.loads(said("report", tmp_path / "run", "--json"))
    assert (figures["kept"], figures["proposed"]) == (0, 1)
    assert figures["rejected"][0]["step"] == "respond"
    assert "What came of it" in said("report", tmp_path / "run")
    assert Run(tmp_path / "run").to_pandas().empty


def test_data_is_an_argument_and_its_old_name_works(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"instruction": "Name a river.", "output": "Glomma"}\n')
    for number, how in enumerate(([str(rows)], ["--seeds", str(rows)])):
        run_ = ["run", "respond", *how, "--dry-run", "--out", str(tmp_path / str(number))]
        assert "Name a river." in said(*run_)
    both = CliRunner().invoke(main, ["run", "respond", str(rows), "--seeds", "x", "--out", str(tmp_path / "run")])
    assert both.exit_code == 2
    assert "give one of them" in both.output


def test_a_recipe_of_objects_and_its_yaml_are_one(tmp_path: Path) -> None:
    rows = [{"instruction": "Name a river of the north."}]
    teacher = named("t", lambda prompt: "Glomma")
    run("respond", data=rows, teacher=teacher, out=tmp_path / "run")
    ours = load("respond")
    made = Recipe("mine", [Step(Respond(), params=ours.steps[0].params, drop=ours.steps[0].drop)], export=ours.export)
    assert run(made, data=rows, teacher=teacher, out=tmp_path / "run").counts.kept == 1


@pytest.mark.parametrize("text", ["I'm sorry, but I can't assist with that.", "抱歉，我无法完成这个请求。"])
def test_a_refusal_is_neither_a_no_nor_a_new_task(text: str) -> None:
    """Failed before: classify took it for "no", evolve for an instruction."""
    task = Evolve().prepare(Task("t", "Name a river."), Random(0), 1)
    for stage in (Classify(), Evolve()):
        (item,) = stage.parse((task,), Response(text))
        assert isinstance(item, Rejected)
        assert item.category == "refusal"
