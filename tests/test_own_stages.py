"""A stage of one's own: what it splits, keeps and rejects is named and counted as if it were ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import ClassVar

import pytest
from cases import Case, called, carried_out, finished, items_of

from selfinstruct.api import Run, run
from selfinstruct.report.family import family_tree
from selfinstruct.running.recipe import Recipe, Step
from selfinstruct.stages import Respond
from selfinstruct.task import Evolved, Rejected, Task
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.scripted import scripted

KEPT = [Task(f"kept_{n}", f"Name river number {n}.") for n in range(4)]
SPLIT = [Task(f"split_{n}", f"Name river number {n} / Praise it in {n} words / Say why.") for n in range(3)]
LOST = [Task(f"lost_{n}", f"Hm {n}") for n in range(2)]
GIVEN = [task for three in zip(KEPT, SPLIT, [*LOST, KEPT[3]], strict=False) for task in three]
"""Nine tasks: four stay one, three become three each, two come to nothing."""


@dataclass(frozen=True)
class Split:
    """Makes several tasks of one; keeps one that asks for one thing; drops what asks for nothing."""

    kind: ClassVar = "each"

    def prompt(self, tasks: Sequence[Task], rng: Random) -> str:
        return f"Parts: {tasks[0].instruction}"

    def parse(self, tasks: Sequence[Task], response: Response) -> list[Task | Rejected]:
        parts = [part.strip() for part in response.text.split("/")]
        if response.text.startswith("Hm"):
            return [Rejected(response.text, "asks for nothing", "Hm")]
        return [Task("", part) for part in parts] if len(parts) > 1 else [tasks[0]]


@dataclass(frozen=True)
class Rewrite:
    """Makes another task of each."""

    kind: ClassVar = "each"
    more: str = "soon"

    def prompt(self, tasks: Sequence[Task], rng: Random) -> str:
        return f"Once more: {tasks[0].instruction}"

    def parse(self, tasks: Sequence[Task], response: Response) -> list[Task]:
        return [replace(tasks[0], instruction=f"{tasks[0].instruction} {self.more}")]


def answer(request: Request) -> str:
    prompt = str(request.prompt)
    return prompt.removeprefix("Parts: ") if prompt.startswith("Parts: ") else "An answer."


CHAIN = Recipe("mine", steps=(Step(Split()), Step(Respond())))


def check(done: Run, given: Sequence[Task]) -> None:
    """Every given task is kept, split or rejected, and whatever is new says where it comes from."""
    kept = {task.id for task in done.tasks} & {task.id for task in given}
    split = {parent for task in done.tasks if task.id not in kept for parent in task.parents}
    lost = {item.task for item in done.rejected}
    assert len(done.tasks) == len({task.id for task in done.tasks})
    assert Counter([*kept, *split, *lost]) == Counter(task.id for task in given)
    assert all(task.origin == "split" for task in done.tasks if task.id not in kept)
    assert done.counts.kept == len(done.tasks)
    assert done.counts.proposed == len(done.tasks) + len(done.rejected)


def test_a_stage_that_splits_in_a_chain(tmp_path: Path) -> None:
    progress = carried_out(CHAIN, GIVEN, tmp_path, answer)
    done = Run(tmp_path)
    check(done, GIVEN)
    assert [task.id for task in done.tasks[:4]] == ["kept_0", "split_0.1-1", "split_0.1-2", "split_0.1-3"]
    assert [task.parents for task in done.tasks[:4]] == [(), ("split_0",), ("split_0",), ("split_0",)]
    assert [task.instruction for task in done.tasks[1:4]] == [part.strip() for part in SPLIT[0].instruction.split("/")]
    assert all(len(task.requests) == 2 for task in done.tasks)
    assert all(task.instances[0].output == "An answer." for task in done.tasks)
    assert {(item.category, item.detail, item.origin) for item in done.rejected} == {
        ("asks for nothing", "Hm", "split")
    }
    assert (progress.kept, progress.proposed) == (13, 15)
    assert len((tmp_path / "alpaca.jsonl").read_text().splitlines()) == 13


@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_a_stage_that_splits_in_rounds(rounds: int, tmp_path: Path) -> None:
    """What stays the same over the rounds is one task still, not one for each of them."""
    given = [task for task in GIVEN if task not in LOST]
    carried_out(replace(CHAIN, rounds=rounds), given, tmp_path, answer)
    check(Run(tmp_path), given)
    assert len(Run(tmp_path).tasks) == 4 + 3 * 3


def test_what_comes_to_nothing_is_tried_again_in_each_round(tmp_path: Path) -> None:
    carried_out(replace(CHAIN, rounds=2), [*LOST, KEPT[0]], tmp_path, answer)
    done = Run(tmp_path)
    assert [task.id for task in done.tasks] == ["kept_0"]
    assert [item.task for item in done.rejected] == ["lost_0", "lost_0", "lost_1", "lost_1"]
    assert len({item.request for item in done.rejected}) == 4, "another sample each time"


async def test_a_last_step_answers_what_was_split_and_what_stayed() -> None:
    recipe = Recipe("mine", steps=(Step(Split()), Step(Respond(), last=True)), rounds=2)
    items = await items_of(Case(recipe, GIVEN, 9), scripted(answer), None)
    assert Counter(task.id.split("_")[0] for task in finished(items)) == {"kept": 4, "split": 9}
    assert all(task.instances for task in finished(items))
    assert {item.category for item in items if isinstance(item, Rejected)} == {"asks for nothing"}, "none superseded"


async def test_rewritten_again_and_again_the_names_tell_the_way() -> None:
    steps = (Step(Rewrite()), Step(Rewrite("later"), name="rewrite_later"))
    (chained,) = await items_of(Case(Recipe("mine", steps), KEPT[:1], 1), scripted(answer), None)
    assert isinstance(chained, Task)
    assert (chained.id, chained.parents, chained.origin) == ("kept_0.1.1", ("kept_0.1",), "rewrite_later")
    assert chained.instruction == "Name river number 0. soon later"
    recipe = Recipe("mine", steps=(Step(Rewrite()),), rounds=3)
    rewritten = finished(await items_of(Case(recipe, KEPT[:1], 1), scripted(answer), None))
    assert [task.id for task in rewritten] == ["kept_0.1", "kept_0.1.2", "kept_0.1.2.3"]
    assert [task.parents for task in rewritten] == [("kept_0",), ("kept_0.1",), ("kept_0.1.2",)]


def test_more_tasks_than_were_given_is_no_share_of_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One task that becomes three was shown as "3/1 kept"."""
    done = run(CHAIN, data=SPLIT[:1], out=tmp_path, teacher=called("parts", answer), progress=True)
    assert done.counts.proposed == done.counts.kept == 3
    assert "kept 3 of 3 tasks (100%)" in repr(done)
    progress = carried_out(CHAIN, SPLIT[:1], tmp_path / "again", answer, num=None)
    progress.target = 1
    assert progress.line().startswith("3 kept (100% of 3 proposed)")
    assert "/1" not in capsys.readouterr().err


@dataclass(frozen=True)
class Evolving(Split):
    """As ours: what is to become of a task is drawn before it is asked about."""

    def prepare(self, task: Task, rng: Random, round: int) -> Task:
        return replace(task, evolved=Evolved("mine", round, task.instruction))


def test_an_evolution_without_a_task_has_its_parent(tmp_path: Path) -> None:
    """The task it was to be made from is not lost, and no id is cut out of another's to find it."""
    carried_out(Recipe("mine", steps=(Step(Evolving()),), rounds=2), [LOST[0], SPLIT[0]], tmp_path, answer)
    lost = [item for item in Run(tmp_path).rejected if item.parents == ("lost_0",)]
    assert [(item.task, item.category, item.evolved and item.evolved.round) for item in lost] == [
        ("", "asks for nothing", 1),
        ("", "asks for nothing", 2),
    ]
    assert {task.parents[0] for task in Run(tmp_path).tasks if task.id.count(".") == 1} == {"split_0"}


def test_an_evolution_that_came_to_nothing_names_its_parent() -> None:
    lost = Rejected("Hm", "truncated", parents=("a.b.1",), evolved=Evolved("mine", 2, "Name a river."))
    first = Task("a.b.1", "Name a river.", parents=("a.b",), evolved=Evolved("mine", 1, "Name one."), origin="mine")
    tree = family_tree("a.b.1", [first], [lost])
    assert str(tree.label).startswith("a.b\n")
    (branch,) = tree.children
    assert str(branch.label).startswith("a.b.1  round 1, mine  ✓")
    assert [str(child.label) for child in branch.children] == ["round 2, mine  ✗ truncated\nHm"]
