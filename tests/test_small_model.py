"""What SmolLM2-135M-Instruct wrote where its answer was begun for it, or gone on with bare, as the steps read it.

benchmarks/small_model.py --record wrote it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from selfinstruct.rows.reading import read_tasks
from selfinstruct.running.drafts import Draft, new_tasks, reworked
from selfinstruct.running.recipe import Step
from selfinstruct.running.recipe_file import shipped
from selfinstruct.stages import Instances, Propose
from selfinstruct.stages.reading.prose import asks
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Request, Response

REPLIES = Path(__file__).parent / "replies" / "small_model"
SEEDS = {task.id: task for task in read_tasks(shipped("seeds") / "seed_tasks.jsonl")}


def found(name: str, way: str) -> list[list[Task | Rejected]]:
    """What is read in each of the answers."""
    step = Step(Propose() if name == "propose" else Instances())
    read = new_tasks if step.kind == "grow" else reworked
    some = []
    for line in (REPLIES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["way"] == way:
            draft = Draft(tuple(SEEDS[id] for id in row["shown"]), Request("", "m"), begun=row["begun"])
            some.append(list(read(step, draft, Response(row["answer"], row["finish"]))))
    return some


def tasks(items: list[Task | Rejected]) -> list[Task]:
    return [item for item in items if isinstance(item, Task)]


@pytest.mark.parametrize(
    ("name", "way", "kept", "answers"),
    [
        ("propose", "completions", 6, 6),
        ("instances", "prefill", 4, 8),
        ("instances_of_classification", "prefill", 8, 8),
        ("instances_of_classification", "completions", 5, 8),
    ],
)
def test_so_many_answers_are_of_use(name: str, way: str, kept: int, answers: int) -> None:
    read = found(name, way)
    assert (sum(bool(tasks(items)) for items in read), len(read)) == (kept, answers)
    assert all(items for items in read), "a task, or why not"


def test_a_list_that_is_gone_on_with_bare_asks_for_things() -> None:
    """In its own turn the model makes statements rather."""
    proposed = [task for items in found("propose", "completions") for task in tasks(items)]
    assert (sum(asks(task.instruction) for task in proposed), len(proposed)) == (25, 36)
