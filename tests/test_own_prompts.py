"""`prompt: FILE`: a stage goes by a text of the user's own, which is part of the recipe and of the run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from cases import carried_out
from fakes import SEEDS, SEEDS_ZH

from selfinstruct.errors import UsageError
from selfinstruct.running.identity import described
from selfinstruct.running.recipe import Recipe, Step
from selfinstruct.running.recipe_file import load
from selfinstruct.stages import STAGES, Evolve, Instances, Respond
from selfinstruct.stages.prompting import filled, places, prompt_text
from selfinstruct.task import Evolved, Instance, Task
from selfinstruct.teacher import Request

ASK = 'Réponds en français, s\'il te plaît, et sois {{bref}} : {question} {"json": 1}'


def recipe_in(folder: Path, prompt: Any, stage: str = "chat", **more: Any) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump({"steps": [{"each": stage, "prompt": prompt} | more]}), encoding="utf-8")
    return path


def test_a_file_beside_the_recipe_is_read_from_wherever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = recipe_in(tmp_path / "recipes", "ask.txt")
    (tmp_path / "recipes" / "ask.txt").write_text(ASK + "\n", encoding="utf-8")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    (step,) = load(str(recipe)).steps
    prompt = str(step.stage.prompt((SEEDS[0],), Random(0)))
    assert prompt == ASK.replace("{question}", SEEDS[0].instruction).replace("{{bref}}", "{bref}")


def test_the_text_is_part_of_the_run_which_goes_on_without_the_file(tmp_path: Path) -> None:
    recipe, out, heard = recipe_in(tmp_path, "ask.txt"), tmp_path / "run", list[str]()
    (tmp_path / "ask.txt").write_text(ASK, encoding="utf-8")

    def chatting(request: Request) -> str:
        heard.append(str(request.prompt))
        return "Oui.\nUser: Encore ?\nAssistant: Non."

    carried_out(load(str(recipe)), SEEDS, out, chatting, num=3)
    assert len(heard) >= 3
    assert all("Réponds en français" in prompt for prompt in heard)
    written = yaml.safe_load((out / "recipe.yaml").read_text(encoding="utf-8"))
    assert written["steps"] == [{"each": "chat", "language": "en", "text": ASK}]
    few = (out / "tasks.jsonl").read_bytes()

    (tmp_path / "ask.txt").unlink()
    with pytest.raises(UsageError, match=r"step 1: cannot read ask\.txt: No such file"):
        load(str(recipe))
    carried_out(load(str(out / "recipe.yaml")), SEEDS, out, chatting)
    assert (out / "tasks.jsonl").read_bytes().startswith(few)
    assert len((out / "tasks.jsonl").read_bytes().splitlines()) == len(SEEDS)

    (tmp_path / "ask.txt").write_text(ASK + " Vite !", encoding="utf-8")
    with pytest.raises(UsageError, match=r"is another run: recipe\.steps\[0\]\.text is "):
        carried_out(load(str(recipe)), SEEDS, out, chatting)


@pytest.mark.parametrize(
    ("stage", "text", "said"),
    [
        ("chat", "Say something.", "lacks {question}; its places are {question}"),
        (
            "chat",
            "{question} {answr}",
            "has {answr}, which means nothing here (write {{…}} for the text itself); its places",
        ),
        ("propose", "{liste}", "lacks {tasks}, {next} and has {liste}, which means nothing here"),
        ("judge", "{answer}", "lacks {task} and has {answer}"),
    ],
)
def test_a_place_that_is_missing_or_unknown_is_named(stage: str, text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "ask.txt").write_text(text)
    kind = {"steps": [{STAGES[stage].kind: stage, "prompt": "ask.txt"}]}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(kind))
    with pytest.raises(UsageError) as caught:
        load(str(tmp_path / "mine.yaml"))
    assert said in str(caught.value)
    assert str(tmp_path / "mine.yaml") in str(caught.value)


@pytest.mark.parametrize(
    ("stage", "prompt", "said"),
    [
        ("chat", 7, "prompt is 7; for chat it should be a file"),
        ("chat", {"txt": "ask.txt"}, "chat has no prompt 'txt': did you mean 'text'?"),
        ("instances", "ask.txt", "for instances it should be like {input_first: FILE}, of input_first, output_first"),
        ("evolve", {"deep": "ask.txt"}, "evolve has no prompt 'deep': did you mean 'depth'?"),
        ("evolve", {"method": "ask.txt"}, "evolve has no prompt 'method'"),
        ("respond", {"method": "ask.txt"}, "respond has no prompt 'method'"),
        ("chat", "none.txt", "cannot read none.txt: No such file or directory"),
        ("chat", ".", ": Is a directory"),
    ],
)
def test_a_mistake_is_named(stage: str, prompt: Any, said: str, tmp_path: Path) -> None:
    (tmp_path / "ask.txt").write_text("{question}")
    with pytest.raises(UsageError) as caught:
        load(str(recipe_in(tmp_path, prompt, stage)))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_stage_of_several_prompts(tmp_path: Path) -> None:
    ours = prompt_text("output_first")
    (tmp_path / "labels.txt").write_text(ours + " Now.\n")
    (step,) = load(str(recipe_in(tmp_path, {"output_first": "labels.txt"}, "instances", most=2))).steps
    assert step.stage == Instances(most=2, output_first=ours + " Now.")


def test_another_language_is_a_prompt_away() -> None:
    with pytest.raises(UsageError, match="our prompts are written in en and zh; give a prompt of your own"):
        Evolve(language="fr")
    own: dict[str, Any] = {field: prompt_text(name) for field, name in Evolve.prompts.items()}
    stage = Evolve(language="fr", **own)
    assert described(Recipe("mine", steps=(Step(stage), Step(Respond()))))["steps"][0]["depth"] == own["depth"]


@pytest.mark.parametrize(
    "name", sorted(set(STAGES) - {"respond", "reply", "vote", "check", "magpie", "solve", "sample"})
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_our_own_prompt_given_as_ones_own_asks_the_same(name: str, language: str) -> None:
    """`respond`, `vote` and `magpie` have no words of ours: they ask as a user would; `check` asks nobody who reads."""
    stage: Any = STAGES[name]
    ours = stage(language=language)
    own = stage(language=language, **{field: prompt_text(prompt, language) for field, prompt in ours.prompts.items()})
    assert own != ours
    for label in (False, True):
        shown = [replace(task, is_classification=label) for task in (SEEDS_ZH if language == "zh" else SEEDS)]
        if stage.kind == "each":
            shown = shown[:1]
        if name in ("evolve", "judge"):
            shown = [replace(shown[0], evolved=Evolved("deepen", 1, "Name a river."))]
        assert own.prompt(tuple(shown), Random(0)) == ours.prompt(tuple(shown), Random(0))


def test_respond_goes_by_ones_own_words_too() -> None:
    task = Task("a", "Sum {input} the numbers.", (Instance("3, 4", ""),))
    own = Respond("Answer in one word. {instruction} <<{input}>>")
    assert own.prompt((task,), Random(0)) == "Answer in one word. Sum {input} the numbers. <<3, 4>>"
    assert Respond("Briefly: {instruction}").prompt((task,), Random(0)) == "Briefly: Sum {input} the numbers."
    for wrong in ("Answer!", "{input}", "{instruction} {output}"):
        with pytest.raises(UsageError, match=r"it needs \{instruction\}, and \{input\} if it shows the input"):
            Respond(wrong)


# Places


def test_places_are_words_in_braces() -> None:
    assert places('{a} {b_2} {a} {{c}} {d e} {} { f } {"g": 1}') == ("a", "b_2")
    assert filled("{a} {{a}} {b} {x}", a="{b}", b="{{a}}", c="no") == "{b} {a} {{a}} {x}"
