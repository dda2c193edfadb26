"""Recipes: those that are shipped load; every mistake gets one sentence that names it and what there is instead."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from cases import recipe_from
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.errors import UsageError
from selfinstruct.filters import FILTERS
from selfinstruct.filters.elimination import Sorry, StopWords
from selfinstruct.filters.novelty import Novelty
from selfinstruct.filters.repetition import Repetition
from selfinstruct.filters.rules import Keywords, Length, Program, Refusal
from selfinstruct.rows.formats.formats import FORMATS
from selfinstruct.running.dropping import drop_from
from selfinstruct.running.identity import described
from selfinstruct.running.recipe import Recipe
from selfinstruct.running.recipe_file import about, find, load, names, shipped
from selfinstruct.stages import STAGES, Classify, Instances, Propose


def recipe_of(text: str, tmp_path: Path) -> Recipe:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return load(str(path))


# Those that are shipped


@pytest.mark.parametrize("path", sorted(shipped("pipelines").glob("*.yaml")), ids=lambda path: path.stem)
def test_a_shipped_recipe_loads_and_says_how_to_run_it(path: Path) -> None:
    recipe, source = load(path.stem), yaml.safe_load(path.read_text(encoding="utf-8"))
    assert recipe.steps
    assert recipe.seeds is None or (shipped("seeds") / recipe.seeds).is_file()
    keys = (
        {"language", "steps", "export"} | ({"width"} if recipe.grows else set()) | ({"seeds", "rounds"} & set(source))
    )
    assert set(described(recipe)) == keys | ({"optimise"} if recipe.optimise else set())
    shows = any(step.shows for step in recipe.steps)
    assert shows == (recipe.seeds is not None), "a recipe without seeds of its own works on the data given, or on none"
    head = path.read_text(encoding="utf-8").splitlines()[:3]
    assert head[0].startswith("# ")
    assert about(path) == head[0].removeprefix("# ")
    command = re.match(rf"#   selfinstruct (?:run {path.stem}|evolve) .*--out \S+$", head[1])
    assert command, "the second line is the command that runs it"


def test_refusals_are_dropped_where_they_are_no_wrong_answers() -> None:
    """The methods with a rule of their own keep it; in an examination a refusal counts."""
    drops = {}
    for name in names():
        drops[name] = [step.drop for step in load(name).steps if step.name in ("respond", "chat")]
    assert drops["baize"] == [(Refusal(),)]
    assert drops["respond"] == [(Refusal(), Repetition())]
    assert drops["answer"] == [()]
    assert all(drops[name] == [(Sorry(), StopWords())] for name in ("evol_instruct", "evol_code", "auto_evolve"))


def test_names_and_find(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"alpaca", "self_instruct"} <= set(names())
    assert names() == sorted(names())
    assert find("alpaca") == shipped("pipelines") / "alpaca.yaml"
    (tmp_path / "mine.yaml").touch()
    assert find(str(tmp_path / "mine.yaml")) == tmp_path / "mine.yaml"
    monkeypatch.chdir(tmp_path)
    assert find("mine.yaml") == Path("mine.yaml")
    for name in ("alpacca", str(tmp_path), "none.yaml", "", "long" * 99, "a\0b"):
        with pytest.raises(UsageError) as caught:
            find(name)
        assert str(caught.value).startswith("no recipe ")
        assert str(caught.value).endswith(f"{names()[-1]}, or give the path of a YAML file")
    with pytest.raises(UsageError, match="no recipe 'alpacca': did you mean 'alpaca'"):
        find("alpacca")


# What is read


def test_a_whole_recipe(tmp_path: Path) -> None:
    text = """
        seeds: mine.jsonl
        width: 4
        steps:
          - grow: propose
            classification: true
            show: {seeds: 3, machine: 1, only: classification}
            teacher: {temperature: 1, top_p: .9, max_tokens: null, stop: ["\\n9."], top_k: 40}
            drop: [length, {length: {shortest: 2}}, {novelty: 1}, {keywords: [video]}, {program: true}]
          - each: classify
            teacher: judge
          - each: instances
            teacher: {role: judge, temperature: 0}
        export: [seed, sharegpt]
    """
    recipe = recipe_of(text, tmp_path)
    assert (recipe.name, recipe.seeds, recipe.width, recipe.export) == ("mine", "mine.jsonl", 4, ("seed", "sharegpt"))
    grow, classify, instances = recipe.steps
    assert (grow.kind, grow.name, grow.stage) == ("grow", "propose", Propose(classification=True))
    assert grow.show == {"seeds": 3, "machine": 1, "only": "classification"}
    assert grow.params == {"temperature": 1, "top_p": 0.9, "stop": ["\n9."], "top_k": 40}, "null: not sent"
    assert grow.drop == (Length(), Length(shortest=2), Novelty(1), Keywords(("video",)), Program(exact_case=True))
    assert (classify.kind, classify.stage, classify.role, classify.params) == ("each", Classify(), "judge", {})
    assert (instances.role, instances.params) == ("judge", {"temperature": 0})
    assert grow.role == "teacher"
    assert recipe.roles == ("teacher", "judge")


def test_what_is_left_out(tmp_path: Path) -> None:
    recipe = recipe_of("steps: [{grow: propose}, {each: instances}]", tmp_path)
    assert (recipe.seeds, recipe.width, recipe.export) == (None, 32, ("alpaca",))
    defaults = {"language": "en", "width": 32, "export": ["alpaca"]}
    assert described(recipe) == defaults | {"steps": described(recipe)["steps"]}
    assert [step.role for step in recipe.steps] == ["teacher"] * 2
    assert [step.show for step in recipe.steps] == [{"seeds": 3}, {}]
    given = recipe_of(
        "seeds:\nwidth: 32\nsteps: [{grow: propose, show: {seeds: 3}, drop:, teacher:}, {each: instances, most: 5}]",
        tmp_path,
    )
    assert given.steps == recipe.steps, "options may be given as their defaults"
    assert given.steps[1].stage == Instances()


def test_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_bytes("\ufeff# 中文\r\nsteps:\r\n  - grow: propose\r\n".encode())
    assert load(str(tmp_path / "mine.yaml")).steps[0].name == "propose"


# Mistakes

NO_STEPS = "mine.yaml: it has no steps: see `selfinstruct show self_instruct`"
STEP_KINDS = "step 1: a step is either 'grow: STAGE' or 'each: STAGE'"
STAGES_ARE = "`selfinstruct stages` lists them"
FILTERS_ARE = f"there are: {', '.join(FILTERS)}"
FORMATS_ARE = f"there are: {', '.join(FORMATS)}"

FILE = {
    "": NO_STEPS,
    "# nothing": NO_STEPS,
    "just words": NO_STEPS,
    "[1, 2]": NO_STEPS,
    "width: 3": NO_STEPS,
    "steps:": NO_STEPS,
    "steps: []": NO_STEPS,
    "steps: [": "is not YAML: line 1, column 9: ",
    "steps:\n\t- grow: propose": r"is not YAML: line 2, column 1: found character '\t' that cannot start any token",
    "steps: !!python/object/apply:os.system [ls]": "is not YAML: line 1, column 8: could not determine a constructor",
    "steps: 1\n---\nsteps: 2": "is not YAML: line 2, column 1: but found another document",
    "steps: " + "[" * 5000: "is not YAML: ",
    "steps: propose": "steps is 'propose'; it should be a list, each step beginning with '- '",
    "steps: {grow: propose}": "steps is {'grow': 'propose'}; it should be a list",
    "steps: 0": "steps is 0; it should be a list",
    "steps: [propose]": STEP_KINDS,
    "steps: [null]": STEP_KINDS,
    "steps: [{}]": STEP_KINDS,
    "steps: [[grow, propose]]": STEP_KINDS,
    "steps: [{grow: propse}]": f"step 1: no stage 'propse': did you mean 'propose'? {STAGES_ARE}",
    "steps: [{grow: [propose]}]": f"step 1: no stage ['propose']: did you mean 'propose'? {STAGES_ARE}",
    "steps: [{grow: }]": f"step 1: no stage None: {STAGES_ARE}",
    "steps: [{each: classify}, {grow: propose}]": "only the first step can be 'grow'; the others are 'each'",
    "steps: [{grow: propose}, {grow: propose}]": "only the first step can be 'grow'; the others are 'each'",
    "steps: [{grow: propose}, {each: classify, 5: 3}]": "classify has no option 5; it has: language, text, structured",
    "steps: [{each: instances, most: many}]": "instances: most is 'many'; it should be a whole number, like 5",
    "steps: [{each: instances, most: true}]": "instances: most is True; it should be a whole number, like 5",
    "steps: [{each: instances, most: }]": "instances: most is None; it should be a whole number, like 5",
    "steps: [{each: classify, show: {seeds: 3}}]": "'show' is for 'grow' steps; 'classify' works on one task at a",
}
TOP = {  # beside one step
    "step: []": "a recipe has no key 'step': did you mean 'steps'? There are: seeds, language, optimise, rounds, width",
    "3: x": "a recipe has no key 3: there are: seeds, language, optimise, rounds, width, steps, export",
    "seeds: 5": "seeds is 5; it should be the name of a file",
    "seeds: [a, b]": "seeds is ['a', 'b']; it should be the name of a file",
    "width: 0x_": "is not YAML: ValueError: invalid literal",
    "width: !!bool perhaps": "is not YAML: KeyError: 'perhaps'",
    "width: 0": "width is 0; it is how many drafts 'grow' is ahead, 1 to 10,000",
    "width: -1": "width is -1; it is how many drafts 'grow' is ahead",
    "width: true": "width is True; it is how many drafts 'grow' is ahead",
    "width: x": "width is 'x'; it is how many drafts 'grow' is ahead",
    "width: ": "width is None; it is how many drafts 'grow' is ahead",
    "width: 1.5": "width is 1.5; it is how many drafts 'grow' is ahead",
    "export: alpaca": "export is 'alpaca'; it should be a list, like [alpaca]",
    "export: ": "export is None; it should be a list",
    "export: [alpacca]": f"no format 'alpacca': did you mean 'alpaca'? T{FORMATS_ARE[1:]}",
    "export: [{alpaca: 1}]": "no format {'alpaca': 1}: ",
    "export: [3]": f"no format 3: {FORMATS_ARE}",
}
STEP = {  # in the step {grow: propose, …}
    "each: classify": f"{STEP_KINDS}; this one has both; `selfinstruct stages` lists",
    "n: 3": "step 1: propose has no option 'n'; it has: classification, language, text, structured, axes; a step",
    "classification: 1": "propose: classification is 1; it should be true or false, like False",
    "show: 6": "show is 6; it should be like {seeds: 6, machine: 2}",
    "show: [6, 2]": "show is [6, 2]; it should be like {seeds: 6, machine: 2}",
    "show: ": "show is None; it should be like {seeds: 6, machine: 2}",
    "show: {machine: 2}": "show needs seeds, at least 1; it is {'machine': 2}",
    "show: {seeds: 0}": "show needs seeds, at least 1; it is {'seeds': 0}",
    "show: {seeds: true}": "show needs seeds, at least 1; it is {'seeds': True}",
    "show: {seeds: six}": "show needs seeds, at least 1; it is {'seeds': 'six'}",
    "show: {seed: 6}": "show has no option 'seed'; it has: seeds, machine, only",
    "show: {seeds: 6, rng: 1}": "show has no option 'rng'; it has: seeds, machine, only",
    "show: {seeds: 6, machine: two}": "show: machine is 'two'; it should be a whole number, like 0",
    "show: {seeds: 6, machine: -2}": "show: machine is -2; it is how many tasks of the teacher's",
    "show: {seeds: 6, only: yes}": "show: only is True; it should be a text, like any",
    "show: {seeds: 6, only: labels}": "only: 'labels': there are: any, classification",
    "teacher: [temperature, 0.7]": "teacher is ['temperature', 0.7]; it should be a role, or like {temperature: 0.7}",
    "teacher: [[temperature, 0.7]]": "teacher is [['temperature', 0.7]]; it should be a role",
    "teacher: 0.7": "teacher is 0.7; it should be a role, or like {temperature: 0.7}",
    "teacher: 0": "teacher is 0; it should be a role, or like {temperature: 0.7}",
    "teacher: {role: [judge]}": "teacher is {'role': ['judge']}; it should be a role",
    "teacher: {temperature: hot}": "teacher: temperature is 'hot'; it should be a number",
    "teacher: {temperature: true}": "teacher: temperature is True; it should be a number",
    "teacher: {temperature: .nan}": "no more: Out of range float values",
    "teacher: {max_tokens: 8.5}": "teacher: max_tokens is 8.5; it should be a whole number",
    "teacher: &a [*a]": "it holds itself",
    "drop: length": "step 1: drop is 'length'; it should be a list, like [length, {novelty: 0.7}]",
    "drop: {novelty: 0.7}": "drop is {'novelty': 0.7}; it should be a list",
    "drop: false": "drop is False; it should be a list",
}
DROP = {  # the only filter of that step
    "lenght": f"step 1: no filter 'lenght': did you mean 'length'? T{FILTERS_ARE[1:]}",
    "3": f"no filter 3: {FILTERS_ARE}",
    "[length]": f"no filter ['length']: did you mean 'length'? T{FILTERS_ARE[1:]}",
    "{}": f"no filter {{}}: {FILTERS_ARE}",
    "{length: 4, novelty: 0.7}": "no filter {'length': 4, 'novelty': 0.7}: ",
    "{novelty: high}": "step 1: novelty: above is 'high'; it should be a number, like 0.7",
    "{novelty: true}": "novelty: above is True; it should be a number, like 0.7",
    "{novelty: }": "novelty: above is None; it should be a number, like 0.7",
    "{novelty: 7}": "step 1: novelty is 7: it is a ROUGE-L F from 0 to 1, such as 0.7",
    "{novelty: {below: 1}}": "step 1: novelty has no option 'below'; it has: above",
    "{punctuation: 3}": "the filter 'punctuation' has no options, but it was given 3",
    "{punctuation: {n: 3}}": "punctuation has no option 'n'; it has none",
    "{keywords: [1]}": "keywords: more is [1]; it should be a list of texts",
    "{length: short}": "length: shortest is 'short'; it should be a whole number, like 4",
    "{program: 1}": "program: exact_case is 1; it should be true or false, like False",
}
MISTAKES = {
    **FILE,
    **{f"steps: [{{grow: propose}}]\n{text}": words for text, words in TOP.items()},
    **{f"steps: [{{grow: propose, {text}}}]": words for text, words in STEP.items()},
    **{f"steps: [{{grow: propose, drop: [{text}]}}]": words for text, words in DROP.items()},
}


@pytest.mark.parametrize("text", MISTAKES, ids=lambda text: repr(text[:70]))
def test_a_mistake_is_named(text: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        recipe_of(text, tmp_path)
    assert MISTAKES[text] in str(caught.value)
    assert str(tmp_path / "mine.yaml") in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_files_that_are_no_recipe(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    with pytest.raises(UsageError, match=r"mine\.yaml is not UTF-8 text: a recipe is a YAML file"):
        load(str(tmp_path / "mine.yaml"))
    (tmp_path / "mine.yaml").write_bytes(b"steps: \0")
    with pytest.raises(UsageError, match=r"mine\.yaml is not YAML: .*special characters"):
        load(str(tmp_path / "mine.yaml"))
    with pytest.raises(UsageError, match="no recipe "):
        load(str(tmp_path))


def test_filters_of_the_command_line() -> None:
    assert drop_from(["length", {"novelty": 0.6}]) == (Length(), Novelty(0.6))
    assert drop_from([]) == ()
    # A text is a list of one, whichever filter takes a list.
    assert drop_from([{"keywords": "video"}]) == drop_from([{"keywords": ["video"]}]) == (Keywords(("video",)),)
    with pytest.raises(UsageError, match="no filter 'novel': did you mean 'novelty'"):
        drop_from(["novel"])
    with pytest.raises(UsageError, match=r"novelty: above is 'high'; it should be a number"):
        drop_from([{"novelty": "high"}])


# Anything at all

KEYS = (
    "grow each show teacher drop seeds width steps export machine only role most classification more above temperature"
)
words = st.sampled_from([*STAGES, *FILTERS, *FORMATS, *KEYS.split()])
leaves = st.none() | st.booleans() | st.integers(-3, 9) | st.floats() | words | st.text(max_size=3) | st.dates()
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words | leaves, inner, max_size=3),
    max_leaves=10,
)
near_steps = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "grow": words | anything,
            "each": words | anything,
            "show": st.dictionaries(words, anything, max_size=2) | anything,
            "teacher": st.dictionaries(words, anything, max_size=2) | anything,
            "drop": st.lists(words | st.dictionaries(words, anything, max_size=1), max_size=3) | anything,
            "most": anything,
        },
    ),
    max_size=3,
)
near = st.fixed_dictionaries(
    {"steps": near_steps}, optional={"seeds": anything, "width": anything, "export": st.lists(words) | anything}
)


@settings(max_examples=400, deadline=None)
@given(near | anything)
def test_anything_is_a_recipe_or_one_clear_sentence(source: Any) -> None:
    try:
        recipe = recipe_from(source)
    except UsageError as error:
        said = str(error)
    else:
        assert isinstance(recipe, Recipe)
        said = f"mine.yaml: {described(recipe)['language']}"
    assert "mine.yaml" in said
    assert "\n" not in said
