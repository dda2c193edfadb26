"""Every recipe in every language, with data for it: what the tests of runs are repeated over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import yaml
from fakes import SEEDS, SEEDS_ZH, THINGS, THINGS_ZH, VERBS, VERBS_ZH, passage, simple

from selfinstruct.running.execute import carry_out
from selfinstruct.running.identity import Named, named
from selfinstruct.running.progress import Progress
from selfinstruct.running.recipe import Optimise, Recipe
from selfinstruct.running.recipe_file import load, names
from selfinstruct.running.run import results, run
from selfinstruct.running.settings import Settings
from selfinstruct.task import Instance, Rejected, Task
from selfinstruct.teacher import Request, Teacher
from selfinstruct.teachers.scripted import scripted

__all__ = ["CASES", "ONCE", "Case", "called", "carried_out", "finished", "items_of", "recipe_from"]


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


def _passages(language: str) -> list[Task]:
    """80 passages of a document, as `--documents` makes them; the last one says nothing."""
    texts = [*(passage(Random(f"{language}{number}"), language == "zh") for number in range(79)), "—"]
    about = {"document": "almanac.md", "title": "年鉴" if language == "zh" else "Almanac"}
    return [
        Task(f"almanac.md#{number}", f"§ {number}", extra={"passage": text} | about)
        for number, text in enumerate(texts, 1)
    ]


PASSAGES, PASSAGES_ZH = _passages("en"), _passages("zh")


def _checked(name: str, data: list[Task]) -> list[Task]:
    """The data with what its answers are checked by, where the recipe checks them, and a sign for the fake teacher."""
    if name == "checked_code":
        more = {"tests": ["assert f(1) == 1"]}
        return [replace(task, instruction=f"f(x): {task.instruction}", extra=more) for task in data]
    if name in ("checked_math", "voted"):
        return [replace(task, instruction=f"7? {task.instruction}", extra={"answer": 7}) for task in data]
    return data


def recipe_from(source: Any) -> Recipe:
    """The recipe that a file mine.yaml with this in it holds."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "mine.yaml"
        path.write_text(yaml.safe_dump(source, sort_keys=False), encoding="utf-8")
        return load(str(path))


MOST = 4
"""Rounds: what is told of four of them holds for eight."""


def _cases() -> dict[str, Case]:
    found = {}
    for name in names():
        for language, seeds, data in (("en", SEEDS, DATA), ("zh", SEEDS_ZH, DATA_ZH)):
            recipe = load(name, language)
            recipe = replace(recipe, steps=tuple(replace(step, model="simple") for step in recipe.steps))
            recipe = replace(recipe, rounds=min(recipe.rounds, 4))  # of more rounds none is another
            if recipe.optimise:  # the search for a method has tests of its own; here it is short
                short = Optimise(steps=1, batch=2, rounds=2, candidates=2, development=4)
                recipe = replace(recipe, optimise=short)
            recipe = replace(recipe, rounds=min(recipe.rounds, MOST))
            grows = recipe.steps[0].kind == "grow"
            if recipe.reads_passages:
                data = PASSAGES if language == "en" else PASSAGES_ZH
            found[f"{name}-{language}"] = Case(recipe, seeds if grows else data, 40 if grows else 20)

            found[f"{name}-{language}"] = Case(recipe, seeds if grows else _checked(name, data), 40 if grows else 20)
    return found


CASES = _cases()
ONCE = [name for place, name in enumerate(CASES) if (place // 2 + place) % 2 == 0]
"""Every recipe in one of the two languages, by turns: for what takes long and does not depend on that."""


async def items_of(
    case: Case, teacher: Teacher, num: int | None, seed: int = 0, width: int = 16, at_once: int = 16
) -> list[Task | Rejected]:
    found: list[Task | Rejected] = []
    steps, rounds = case.recipe.steps, case.recipe.rounds
    teachers = [teacher] * len(steps)
    items = results(steps, case.data, teachers, seed=seed, width=width, at_once=at_once, num=num, rounds=rounds)
    await run(items, found.append)
    return found


def finished(items: list[Task | Rejected]) -> list[Task]:
    return [item for item in items if isinstance(item, Task)]


def called(name: str, answers: Callable[[Request], Any]) -> Named:
    """A scripted teacher under a name: a function made by another one cannot say what it does."""
    return named(name, scripted(answers))


def carried_out(
    recipe: Recipe,
    data: Sequence[Task],
    out: Path,
    answers: Callable[[Request], Any] = simple,
    teachers: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Progress:
    """A whole run, answered by the function; what it counted."""
    with Progress(settings.get("num")) as progress:
        asked = teachers or {"teacher": called("simple", answers)}
        asyncio.run(carry_out(recipe, data, out, Settings(**settings), asked, progress))
    return progress
