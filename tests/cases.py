"""Every recipe in every language, with data for it: what the tests of runs are repeated over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from random import Random
from typing import NamedTuple

from fakes import SEEDS, SEEDS_ZH, THINGS, THINGS_ZH, VERBS, VERBS_ZH

from selfinstruct.running.optimise import Optimise
from selfinstruct.running.recipe import Recipe, load, names
from selfinstruct.running.run import results, run
from selfinstruct.task import Instance, Rejected, Task
from selfinstruct.teacher import Teacher

__all__ = ["CASES", "Case", "finished", "items_of"]


class Case(NamedTuple):
    recipe: Recipe
    data: list[Task]
    num: int
    """Enough to see most of what can happen."""

    @property
    def grows(self) -> bool:
        return self.recipe.steps[0].kind == "grow"


def _data(verbs: Iterable[str], things: Iterable[str], template: str) -> list[Task]:
    """40 tasks; some have no input, some have one, and some have two instances."""
    rng, verbs, things = Random(7), list(verbs), list(things)
    made = []
    for number in range(40):
        text = template.format(rng.choice(verbs), *rng.sample(things, 3))
        instances = tuple(Instance(f"{n} {rng.choice(things)}", f"{n}") for n in range(number % 3))
        made.append(Task(f"given_{number}", text, instances))
    return made


DATA = _data(VERBS, THINGS, "{} the {} that {} and {} have in common.")
DATA_ZH = _data(VERBS_ZH, THINGS_ZH, "{}{}与{}、{}的异同。")


def recipe_in(name: str, language: str) -> Recipe:
    return load(name, {"teacher": "simple"}, lambda source: source | {"language": language})


def _cases() -> dict[str, Case]:
    found = {}
    for name in names():
        for language, seeds, data in (("en", SEEDS, DATA), ("zh", SEEDS_ZH, DATA_ZH)):
            recipe = recipe_in(name, language)
            if recipe.optimise:  # the search for a method has tests of its own; here it is short
                short = Optimise(steps=1, batch=2, rounds=2, candidates=2, development=4, model="simple")
                recipe = replace(recipe, optimise=short)
            grows = recipe.steps[0].kind == "grow"
            found[f"{name}-{language}"] = Case(recipe, seeds if grows else data, 40 if grows else 20)
    return found


CASES = _cases()


async def items_of(
    case: Case, teacher: Teacher, num: int | None, seed: int = 0, width: int = 16
) -> list[Task | Rejected]:
    found: list[Task | Rejected] = []
    steps, rounds = case.recipe.steps, case.recipe.rounds
    items = results(steps, case.data, [teacher] * len(steps), seed=seed, width=width, num=num, rounds=rounds)
    await run(items, found.append)
    return found


def finished(items: list[Task | Rejected]) -> list[Task]:
    return [item for item in items if isinstance(item, Task)]
