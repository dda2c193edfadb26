"""What our recipes ask of a model's context: the longest prompt of each step, and the longest answer.

needs()        # {"self_instruct, propose": (1010, 1024), …} in tokens, as far as they can be told without the model
"""

from __future__ import annotations

from random import Random

from selfinstruct.errors import UsageError
from selfinstruct.filters.pool import Pool
from selfinstruct.rows.reading import read_tasks
from selfinstruct.running.drafts import draft_of, singles
from selfinstruct.running.execute import find_seeds
from selfinstruct.running.recipe_file import load, names
from selfinstruct.task import Task
from selfinstruct.teachers.estimate import estimate_tokens

__all__ = ["needs"]

SPECIMENS = 20
"""Prompts of each step that are looked at; they are drawn as those of a run are."""
UNSET = 1024  # tokens of an answer where the recipe does not say


def needs(language: str = "en") -> dict[str, tuple[int, int]]:
    """By recipe and step: tokens of the longest of some prompts, and max_tokens."""
    found: dict[str, tuple[int, int]] = {}
    for name in names():
        recipe = load(name, language)
        try:
            seeds = read_tasks(find_seeds(None, recipe))
        except UsageError:  # it works on the user's own data: some of ours stands for that
            seeds = read_tasks(find_seeds("seed_tasks_zh.jsonl" if language == "zh" else "seed_tasks.jsonl", recipe))
        for step in recipe.steps:
            shown: list[list[Task]] = []
            rngs = [Random(f"{step.name}/{number}") for number in range(SPECIMENS)]
            for number, rng in enumerate(rngs):
                if step.kind == "grow":
                    shown.append(list(Pool(seeds).sample(rng, **step.show)))
                else:
                    shown.append([singles(seeds, step.stage)[number]])
            asked = [draft_of(step, tasks, rng).request for tasks, rng in zip(shown, rngs, strict=True)]
            longest = max(estimate_tokens(request.prompt) for request in asked)
            found[f"{name}, {step.name}"] = (longest, int(step.params.get("max_tokens") or UNSET))
    return found
