"""What a run is follows from the objects that run: another object is another run, and what has no name is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import pytest
import yaml
from cases import CASES, ONCE, called, carried_out, recipe_from
from fakes import simple

from selfinstruct.api import run
from selfinstruct.errors import UsageError
from selfinstruct.filters.novelty import Novelty
from selfinstruct.filters.pool import Pool
from selfinstruct.filters.rules import Keywords, Length
from selfinstruct.running.identity import described, name_of, named
from selfinstruct.running.recipe import Recipe, Step
from selfinstruct.stages import Chat, Evolve, Instances, Judge, Respond
from selfinstruct.stages.prompting import prompt_text
from selfinstruct.task import Reason, Task
from selfinstruct.teacher import Request, Response

DATA = [Task(f"given_{n}", f"Name {n} rivers of Asia or of Europe.") for n in range(4)]


@dataclass(frozen=True)
class Polite:
    """A stage of one's own."""

    kind: ClassVar = "each"
    word: str = "please"

    def prompt(self, tasks: Sequence[Task], rng: Random) -> str:
        return f"Say {self.word}: {tasks[0].instruction}"

    def parse(self, tasks: Sequence[Task], response: Response) -> list[Task]:
        return [replace(tasks[0], extra={"word": response.text})]


@dataclass(frozen=True)
class Longer:
    """A filter of one's own."""

    than: int = 3

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        return Reason("too long for me", str(self.than)) if len(task.instruction) > self.than else None


class Plain:
    """Neither frozen nor a dataclass: nothing says which of them it is."""

    kind = "each"

    def prompt(self, tasks: Sequence[Task], rng: Random) -> str:
        return "What now?"

    def parse(self, tasks: Sequence[Task], response: Response) -> list[Task]:
        return list(tasks)


@dataclass
class Thawed(Plain):
    word: str = ""


def no_questions(task: Task, pool: Pool) -> str | None:
    return "a question" if task.instruction.endswith("?") else None


def polite(*, word: str = "please", drop: tuple[Any, ...] = ()) -> Recipe:
    return Recipe("mine", steps=(Step(Polite(word), drop=drop), Step(Respond())))


def contents(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir()}


# One folder, one run


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (polite(), polite(word="kindly"), "steps[0].word is please there and kindly here"),
        (polite(), polite(drop=(Longer(99),)), "steps[0].drop[0].longer.than is absent there and 99 here"),
        (
            polite(drop=(Longer(99),)),
            polite(drop=(Longer(98),)),
            "steps[0].drop[0].longer.than is 99 there and 98 here",
        ),
        (polite(drop=(Length(), no_questions)), polite(drop=(Length(),)), "is no_questions there and absent here"),
        (
            polite(drop=(Keywords(("video",)),)),
            polite(drop=(Keywords(("audio",)),)),
            "more[0] is video there and audio",
        ),
        (polite(), replace(polite(), export=("messages",)), "export[0] is alpaca there and messages here"),
    ],
)
def test_a_folder_takes_no_other_recipe(before: Recipe, after: Recipe, said: str, tmp_path: Path) -> None:
    carried_out(before, DATA, tmp_path, lambda request: "A river.")
    kept = contents(tmp_path)
    with pytest.raises(UsageError) as caught:
        carried_out(after, DATA, tmp_path, lambda request: pytest.fail("nobody is asked"))
    assert said in str(caught.value)
    assert str(tmp_path) in str(caught.value)
    assert contents(tmp_path) == kept
    carried_out(before, DATA, tmp_path, lambda request: pytest.fail("the journal has it all"))
    assert contents(tmp_path) == kept


@pytest.mark.parametrize("name", ["self_instruct-en", "evol_instruct-zh"])
def test_a_step_of_ours_that_was_changed_is_another_recipe(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    first, *others = case.recipe.steps
    carried_out(case.recipe, case.data, tmp_path, num=3)
    for changed in (replace(first, drop=()), replace(first, params={"temperature": 0.123}), replace(first, name="new")):
        with pytest.raises(UsageError, match=r"is another run: recipe\.steps\[0\]"):
            carried_out(replace(case.recipe, steps=(changed, *others)), case.data, tmp_path, num=3)


def test_recipe_yaml_says_what_ran(tmp_path: Path) -> None:
    recipe = polite(word="kindly", drop=(Longer(99), no_questions, named("short", lambda task, pool: None)))
    carried_out(recipe, DATA, tmp_path, lambda request: "A river.")
    written = yaml.safe_load((tmp_path / "recipe.yaml").read_text(encoding="utf-8"))
    assert written == described(recipe)
    assert written["steps"] == [
        {"each": "polite", "word": "kindly", "drop": [{"longer": {"than": 99}}, "no_questions", "short"]},
        {"each": "respond"},
    ]


# What has no name


def made(word: str) -> Callable[[Task, Pool], str | None]:
    def reason(task: Task, pool: Pool) -> str | None:
        return word if word in task.instruction else None

    return reason


NAMELESS: dict[str, Any] = {
    "a lambda": lambda task, pool: None,
    "what another function made": made("river"),
    "a partial function": partial(no_questions),
    "a bound method": Longer().__call__,
    "a class": Longer,
    "a plain object": Plain(),
}


@pytest.mark.parametrize("name", NAMELESS)
def test_a_filter_that_cannot_say_what_it_does_is_refused(name: str, tmp_path: Path) -> None:
    thing, out = NAMELESS[name], tmp_path / "run"
    with pytest.raises(UsageError, match=r"cannot say what it does: define it with def, .* or name it, named\('mine'"):
        carried_out(polite(drop=(thing,)), DATA, out, lambda request: pytest.fail("nobody is asked"))
    assert not out.exists()
    assert name_of(named("mine", thing)) == "mine"


def test_a_name_makes_a_filter_and_another_name_another_run(tmp_path: Path) -> None:
    even = named("even", lambda task, pool: "odd" if task.id[-1] in "13" else None)
    carried_out(polite(drop=(even,)), DATA, tmp_path, lambda request: "A river.")
    kept = run(polite(drop=(even,)), data=DATA, out=tmp_path, teacher=called("simple", simple))
    assert [task.id for task in kept.tasks] == ["given_0", "given_2"]
    assert kept.counts.reasons == {"odd": 2}
    with pytest.raises(UsageError, match=r"drop\[0\] is even there and odd here"):
        carried_out(polite(drop=(replace(even, name="odd"),)), DATA, tmp_path, lambda request: "A river.")
    for wrong in ("", "  ", 7):
        with pytest.raises(UsageError, match="give it a name that is a text"):
            named(wrong, no_questions)  # type: ignore[arg-type]


def answering(prompt: str) -> str:
    return "A river."


def test_a_teacher_has_a_name_too(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(UsageError, match="cannot say what it does"):
        run(polite(), data=DATA, out=out, teacher=lambda prompt: "A river.")
    assert not out.exists()
    assert len(run(polite(), data=DATA, out=out, teacher=answering).tasks) == 4
    with pytest.raises(UsageError, match=r"models.teacher is function:answering there and function:other here"):
        run(polite(), data=DATA, out=out, teacher=named("other", lambda prompt: "A river."))
    assert len(run(polite(), data=DATA, out=tmp_path / "b", teacher=named("b", lambda prompt: "No.")).tasks) == 4


@pytest.mark.parametrize("stage", [Plain(), Thawed()], ids=["plain", "thawed"])
def test_a_stage_is_a_frozen_dataclass(stage: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot say what it does|is no frozen dataclass"):
        carried_out(Recipe("mine", steps=(Step(stage),)), DATA, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_what_recipe_yaml_cannot_hold_is_refused(tmp_path: Path) -> None:
    for word in (object(), float("nan"), {"a": b"bytes"}):
        with pytest.raises(UsageError, match=r"polite: word.* is .*, which recipe\.yaml cannot hold"):
            carried_out(polite(word=word), DATA, tmp_path / "run")  # type: ignore[arg-type]


def test_a_field_may_not_be_called_like_a_key_of_every_step() -> None:
    @dataclass(frozen=True)
    class Odd(Polite):
        drop: str = ""

    with pytest.raises(UsageError, match="odd has a field 'drop', which every step of a recipe has: call it otherwise"):
        described(Recipe("mine", steps=(Step(Odd()),)))


def test_a_stage_says_what_it_is() -> None:
    class Silent(Plain):
        kind = "sometimes"

    with pytest.raises(UsageError, match="does not say what it is: give its class `kind: ClassVar = 'each'`"):
        Step(Silent())


# There and back


@pytest.mark.parametrize("name", ONCE)
def test_a_shipped_recipe_is_read_back_from_what_it_says(name: str) -> None:
    recipe = replace(CASES[name].recipe, name="mine")
    recipe = replace(
        recipe, steps=tuple(replace(step, model="") for step in recipe.steps)
    )  # the run's, not the recipe's
    again = recipe_from(described(recipe))
    assert again == recipe
    assert described(again) == described(recipe)


OWN = {
    "depth": prompt_text("evolve_depth").replace("[", "<"),
    "input_first": prompt_text("input_first", "zh") + "\n\u2028 \x85 'quoted' {{braces}}",
}


@pytest.mark.parametrize(
    "stage",
    [
        Evolve(("deepen", "breadth", "deepen"), depth=OWN["depth"], language="zh"),
        Evolve(method='1. Add {two} conditions: a "hard" one.'),
        Instances(most=2, input_first=OWN["input_first"]),
        Chat(text=prompt_text("chat") + "\t# no comment"),
        Judge("score", text=prompt_text("judge_score")),
    ],
    ids=lambda stage: type(stage).__name__,
)
def test_texts_of_ones_own_are_read_back(stage: Any) -> None:
    step = Step(stage, role="judge", params={"temperature": 0.5, "stop": ["\n9."]}, drop=(Novelty(0.25),))
    recipe = Recipe(
        "mine", steps=(step, Step(Respond(), last=True)), rounds=2, language="en", export=("seed", "alpaca")
    )
    assert recipe_from(described(recipe)) == recipe


def test_a_teacher_that_takes_the_request_is_given_it(tmp_path: Path) -> None:
    async def whole(request: Request, /) -> Response:
        await asyncio.sleep(0)
        return Response(f"sample {request.sample}")

    done = run(polite(), data=DATA[:1], out=tmp_path, teacher=named("whole", whole))
    assert done.tasks[0].extra == {"word": "sample 0"}
