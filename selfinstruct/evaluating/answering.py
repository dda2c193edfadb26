"""The answers of a model to a suite, as a run of the recipe `answer`: journaled, resumed, within the budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from selfinstruct.api import Run, planned, run
from selfinstruct.errors import RunStopped
from selfinstruct.evaluating.items import Said, Suite
from selfinstruct.running.drafts import REFUSALS
from selfinstruct.running.recipe import Recipe
from selfinstruct.running.recipe_file import load
from selfinstruct.running.watch import THOUGHTS
from selfinstruct.task import Rejected, Task
from selfinstruct.teachers.journal.spending import spending
from selfinstruct.teachers.opening import Answering
from selfinstruct.text.markers import parted
from selfinstruct.text.refusals import is_refusal

__all__ = ["answers", "plan_of", "recipe_of", "said_in", "spent_below"]


def recipe_of(suite: Suite) -> Recipe:
    """`answer`, with the suite's own parameters."""
    recipe = load("answer", None)
    step = replace(recipe.steps[0], params=dict(suite.params))
    return replace(recipe, steps=(step,), export=())


def answers(
    suite: Suite, who: Answering, folder: Path, tasks: Sequence[Task] | None = None, **asking: Any
) -> dict[str, Said]:
    """What the model says to each item, or to each of these tasks, by its id; `asking` is what `run` takes.

    That no answer is of use is a result here, and no reason to stop. Raises what `run` raises otherwise.
    """
    tasks = [item.task for item in suite.items] if tasks is None else tasks
    try:
        run(recipe_of(suite), out=folder, data=tasks, model=who, keep_asking=True, **asking)
    except RunStopped:
        if not (folder / "run.json").is_file() or len(said_in(folder, tasks)) < len(tasks):
            raise
    return said_in(folder, tasks)


def plan_of(suite: Suite, who: Answering, **asking: Any) -> list[str]:
    """What `answers` would ask, line by line."""
    return planned(recipe_of(suite), data=[item.task for item in suite.items], model=who, **asking)


def said_in(folder: Path, tasks: Sequence[Task]) -> dict[str, Said]:
    """The answers in a run, whatever the run thought of them."""
    done, found = Run(folder), dict[str, Said]()
    asked = {task.id: task for task in tasks}
    for task in done.tasks:
        if task.id in asked:
            answer = task.turns[-1]["content"] if task.turns else task.instances[0].output
            refused = is_refusal(answer, asked[task.id].instruction)
            found[task.id] = Said(answer, "refused" if refused else "answered")
    for one in done.rejected:
        if one.task in asked and one.task not in found:
            found[one.task] = _rejected(one)
    return found


def _rejected(one: Rejected) -> Said:
    if one.category in ("truncated", THOUGHTS):
        return Said(parted(one.text).answer.strip() if one.category == "truncated" else "", "truncated")
    if one.category in REFUSALS.values():
        return Said("", "refused")
    return Said("", "empty")


def spent_below(folder: Path, but: Path) -> tuple[float, int]:
    """Dollars and tokens of all runs below the folder, but for one."""
    dollars, tokens = 0.0, 0
    for journal in sorted(folder.rglob("journal.db")):
        if journal.parent != but:
            for row in spending(journal):
                dollars += row.dollars or 0.0
                tokens += (row.input or 0) + (row.output or 0)
    return dollars, tokens


def limits(given: Mapping[str, Any], spent: tuple[float, int]) -> dict[str, Any]:
    """`budget` and `max_tokens_total` of the whole evaluation, as what is left of them."""
    left = dict(given)
    for name, used in zip(("budget", "max_tokens_total"), spent, strict=True):
        if left.get(name) is not None:
            left[name] = max(0, left[name] - used)
    return left
