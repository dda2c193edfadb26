"""What our recipes ask of a model's context: the longest prompt of each step, and the longest answer.

needs()        # {"self_instruct, propose": (1010, 1024), …} in tokens, as far as they can be told without the model
"""

from __future__ import annotations

from selfinstruct.errors import UsageError
from selfinstruct.rows.reading import read_tasks
from selfinstruct.running.drafts import singles
from selfinstruct.running.execute import find_seeds
from selfinstruct.running.plan import UNSET, specimens
from selfinstruct.running.recipe_file import load, names
from selfinstruct.teachers.estimate import estimate_tokens

__all__ = ["needs"]


def needs(language: str = "en") -> dict[str, tuple[int, int]]:
    """By recipe and step: tokens of the longest of some prompts, and max_tokens."""
    found: dict[str, tuple[int, int]] = {}
    for name in names():
        recipe = load(name, language)
        try:
            seeds = read_tasks(find_seeds(None, recipe))
        except UsageError:  # it works on the user's own data: some of ours stands for that
            seeds = read_tasks(find_seeds("seed_tasks_zh.jsonl" if language == "zh" else "seed_tasks.jsonl", recipe))
        given = seeds if recipe.grows else singles(seeds, recipe.steps[0].stage)
        for number, step in enumerate(recipe.steps):
            longest = max(estimate_tokens(draft.request.prompt) for draft in specimens(recipe, number, given, 0))
            found[f"{name}, {step.name}"] = (longest, int(step.params.get("max_tokens") or UNSET))
    return found
