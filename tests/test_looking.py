"""The commands that show what recipes are made of, and prompts of one's own, which begin with what they print."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from selfinstruct import Recipe, Run, Step, UsageError, named, run
from selfinstruct.cli import main
from selfinstruct.filters import FILTERS
from selfinstruct.running.recipe_file import load
from selfinstruct.stages import STAGES, Alpaca, Classify, Evolve, Instances, Judge, Propose, Respond
from selfinstruct.stages.prompting import LANGUAGES, filled, places, prompt_text, shipped_prompts


def said(*command: object) -> str:
    done = CliRunner().invoke(main, [str(word) for word in command])
    assert done.exit_code == 0, done.output
    return done.output


def test_stages_and_filters_have_a_line_each_and_their_options() -> None:
    lines = said("stages").splitlines()
    assert [line.split()[1] for line in lines[::2]] == list(STAGES)
    assert all("prompt=" in options for options in lines[1::2])
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


def recipe_file(folder: Path, step: dict[str, object], **top: object) -> Path:
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump({**top, "steps": [step]}, allow_unicode=True))
    return path


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_printed_prompt_is_one_that_a_step_takes(language: str, tmp_path: Path) -> None:
    """Every stage, with a copy of its own prompt: another recipe, which asks the same."""
    for name in shipped_prompts():
        (tmp_path / f"{name}.txt").write_text(said("prompts", name, "--language", language))
    several = {
        "instances": {"input_first": "input_first.txt", "output_first": "output_first.txt"},
        "evolve": {"depth": "evolve_depth.txt", "breadth": "evolve_breadth.txt", "auto": "evolve_auto.txt"},
    }
    for name, make in STAGES.items():
        if name == "respond":
            continue  # has no prompt of ours: see below
        file = several.get(name, "judge_difficulty.txt" if name == "judge" else f"{name}.txt")
        step: dict[str, object] = {make.kind: name}
        ours = load(str(recipe_file(tmp_path, step, language=language)))
        theirs = load(str(recipe_file(tmp_path, step | {"prompt": file}, language=language)))
        assert ours != theirs
        stage, other = ours.steps[0].stage, theirs.steps[0].stage
        fields = stage.prompts  # type: ignore[attr-defined]
        assert {field: getattr(other, field) for field in fields} == {
            field: prompt_text(text, language) for field, text in fields.items()
        }


def test_an_own_prompt_is_what_is_asked_and_part_of_the_run(tmp_path: Path) -> None:
    asked: list[str] = []

    def teacher(prompt: str) -> str:
        asked.append(prompt)
        return "Bergen"

    (tmp_path / "ask.txt").write_text(
        'Answer as JSON, like {"city": …}, and never {{input}}.\n{instruction}\n{input}\n'
    )
    path = recipe_file(tmp_path, {"each": "respond", "prompt": "ask.txt"})
    rows = [{"instruction": "Name a {input} harbour.", "input": "north of 60°", "output": ""}]
    run(path, data=rows, teacher=named("t", teacher), out=tmp_path / "run")
    assert asked == ['Answer as JSON, like {"city": …}, and never {input}.\nName a {input} harbour.\nnorth of 60°']
    recipe = yaml.safe_load((tmp_path / "run" / "recipe.yaml").read_text())
    assert recipe["steps"][0]["text"] == (tmp_path / "ask.txt").read_text().rstrip("\n")
    # The copy in the folder is a recipe of its own: the file is no longer needed.
    (tmp_path / "ask.txt").unlink()
    again = run(tmp_path / "run" / "recipe.yaml", data=rows, teacher=named("t", teacher), out=tmp_path / "run")
    assert len(asked) == len(again.tasks) == 1
    with pytest.raises(UsageError, match=r"recipe\.steps\[0\]\.text is .* there and absent here"):
        run("respond", data=rows, teacher=named("t", teacher), out=tmp_path / "run")


@pytest.mark.parametrize(
    ("stage", "options", "complaint"),
    [
        (Classify, {"text": "Is it one?"}, "lacks {instruction}; its places are {instruction}"),
        (Classify, {"text": "{instruction} {label}"}, "has {label}, which means nothing here"),
        (Propose, {"text": "{tasks}"}, "lacks {next}; its places are {tasks}, {next}"),
        (Alpaca, {"text": "{many}{next}"}, "lacks {tasks}"),
        (Judge, {"ask": "score", "text": "{task}"}, "lacks {answer}"),
        (Evolve, {"breadth": "{task}"}, "lacks {method}"),
        (Instances, {"language": "de", "input_first": "{instruction}"}, "language is 'de'"),
        (Respond, {"text": "{input}"}, "it needs {instruction}"),
        (Respond, {"text": "{instruction} {output}"}, "has the places {instruction}, {output}"),
    ],
)
def test_places_that_are_missing_or_unknown_are_listed(stage: type, options: dict[str, str], complaint: str) -> None:
    with pytest.raises(UsageError) as raised:
        stage(**options)
    assert complaint in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("step", "complaint"),
    [
        ({"each": "classify", "prompt": "nowhere.txt"}, "cannot read nowhere.txt"),
        ({"each": "classify", "prompt": {"input_first": "a"}}, "classify has no prompt 'input_first'"),
        ({"each": "instances", "prompt": "a.txt"}, "it should be like {input_first: FILE}"),
        ({"each": "classify", "prompt": 7}, "prompt is 7"),
    ],
)
def test_prompt_files_that_are_wrong(step: dict[str, object], complaint: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        load(str(recipe_file(tmp_path, step)))
    assert complaint in str(raised.value)
    assert "step 1" in str(raised.value)


def test_filled_takes_values_as_they_are() -> None:
    assert filled("{a} {{a}} {b} {c d} {}", a="{b}", b="{a}") == "{b} {a} {a} {c d} {}"


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


def test_quiet(tmp_path: Path) -> None:
    out = said("generate", "--num", "5", "--quiet", "--out", tmp_path / "run")
    assert out.startswith(f"{tmp_path / 'run'}: kept 5 of")


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
