"""What stages may say of themselves beyond prompt and parse: what is settled unasked, several samples, another try,
what is drawn for a draft. Whatever they say, the promises of a run hold.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import pytest
from cases import Case, called, carried_out, finished, items_of, recipe_from

from selfinstruct.api import Run, run
from selfinstruct.errors import RunStopped, UsageError
from selfinstruct.running.plan import plan
from selfinstruct.running.recipe import Recipe, Step
from selfinstruct.running.settings import Settings
from selfinstruct.stages import Respond
from selfinstruct.task import Evolved, Instance, Rejected, Task
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.scripted import scripted

GIVEN = [Task(f"t{n}", f"Name river number {n}.", (Instance("", "known"),) if n % 3 == 0 else ()) for n in range(12)]
"""Every third one has an answer already."""


@dataclass(frozen=True)
class Missing:
    """Answers what has no answer yet."""

    kind: ClassVar = "each"

    def settled(self, task: Task) -> list[Task] | None:
        return [task] if task.instances else None

    def prompt(self, tasks: Sequence[Task], rng: Random) -> str:
        return tasks[0].instruction

    def parse(self, tasks: Sequence[Task], response: Response) -> list[Task | Rejected]:
        return [replace(tasks[0], instances=(Instance("", response.text),))]


@dataclass(frozen=True)
class Vote:
    """Keeps the commonest of several answers."""

    kind: ClassVar = "each"
    samples: int = 3

    def prompt(self, tasks: Sequence[Task], rng: Random) -> str:
        return tasks[0].instruction

    def parse(self, tasks: Sequence[Task], response: Response) -> list[Task | Rejected]:
        return self.parse_all(tasks, (response,))

    def parse_all(self, tasks: Sequence[Task], responses: Sequence[Response]) -> list[Task | Rejected]:
        said = [response.text for response in responses]
        commonest = max(said, key=said.count)
        if said.count(commonest) * 2 <= len(said):
            return [Rejected(tasks[0].instruction, "no majority", " / ".join(said))]
        return [replace(tasks[0], instances=(Instance("", commonest),))]


@dataclass(frozen=True)
class Challenge:
    """Makes a task of another one, and hears what became of it."""

    kind: ClassVar = "each"

    def settled(self, task: Task) -> list[Task] | None:
        return [task] if task.evolved else None

    def again(self, task: Task, rejected: Sequence[Rejected]) -> Task:
        return replace(task, extra={"failed": [str(item.reason) for item in rejected]})

    def prepare(self, task: Task, rng: Random, round: int) -> Task:
        return replace(task, evolved=Evolved("challenge", round, task.instruction))

    def prompt(self, tasks: Sequence[Task], rng: Random) -> str:
        return f"Harder: {tasks[0].instruction} Not so: {tasks[0].extra.get('failed', [])}"

    def parse(self, tasks: Sequence[Task], response: Response) -> list[Task | Rejected]:
        return [Task("", response.text, evolved=tasks[0].evolved)]


@dataclass(frozen=True)
class Topic:
    """Makes tasks of nothing but a topic that is drawn."""

    kind: ClassVar = "grow"
    shows: ClassVar = False
    topic: str = ""

    def drawn(self, rng: Random, number: int, seed: int) -> Topic:
        return replace(self, topic=f"{('rivers', 'lakes', 'seas')[number % 3]} {rng.randrange(1000)}")

    def prompt(self, tasks: Sequence[Task], rng: Random) -> str:
        assert not tasks
        return f"A question about {self.topic}"

    def parse(self, tasks: Sequence[Task], response: Response) -> list[Task | Rejected]:
        return [Task("", response.text, extra={"topic": self.topic})]


def test_what_is_settled_is_not_asked_and_keeps_its_place() -> None:
    asked: list[str] = []

    def answer(request: Request) -> str:
        asked.append(str(request.prompt))
        return "found"

    items = asyncio.run(items_of(Case(Recipe("m", (Step(Missing()),)), GIVEN, 12), scripted(answer), None))
    tasks = finished(items)
    assert [task.id for task in tasks] == [task.id for task in GIVEN]
    assert [task.instances[0].output for task in tasks] == ["known", "found", "found"] * 4
    assert len(asked) == 8
    assert [len(task.requests) for task in tasks] == [0, 1, 1] * 4


def test_filters_look_at_what_is_settled_in_the_order_of_the_data(tmp_path: Path) -> None:
    same = [replace(task, instruction="Name a river.") for task in GIVEN[:4]]
    recipe = recipe_from({"steps": [{"each": "respond", "drop": [{"novelty": 0.7}]}]})
    recipe = replace(recipe, steps=(replace(recipe.steps[0], stage=Missing()),))
    carried_out(recipe, same, tmp_path)
    assert [task.id for task in Run(tmp_path).tasks] == ["t0"]
    assert [item.task for item in Run(tmp_path).rejected] == ["t1", "t2", "t3"]


def test_samples_are_asked_as_samples_and_read_together() -> None:
    asked: list[tuple[str, int]] = []

    def answer(request: Request) -> str:
        asked.append((str(request.prompt), request.sample))
        return "abcabdabe"[request.sample] if "number 4" in str(request.prompt) else "aab"[request.sample]

    items = asyncio.run(items_of(Case(Recipe("m", (Step(Vote()),)), GIVEN, 12), scripted(answer), None))
    assert sorted(asked) == sorted(product([task.instruction for task in GIVEN], range(3)))
    assert [item.category for item in items if isinstance(item, Rejected)] == ["no majority"]
    for task in finished(items):
        assert task.instances[0].output == "a"
        assert len(set(task.requests)) == 3


def refused(request: Request) -> Response:
    if "number 5" in str(request.prompt) or request.sample == 1:
        return Response("", "content_filter", error="HTTP 400: no")
    return Response("a")


def test_samples_that_are_refused_are_read_as_nothing_and_all_of_them_are_a_refusal() -> None:
    items = asyncio.run(items_of(Case(Recipe("m", (Step(Vote()),)), GIVEN, 12), scripted(refused), None))
    assert [item.detail for item in items if isinstance(item, Rejected)] == ["HTTP 400: no"]
    assert {task.instances[0].output for task in finished(items)} == {"a"}


def test_samples_in_rounds_are_never_asked_twice() -> None:
    asked: list[tuple[str, int]] = []

    def answer(request: Request) -> str:
        asked.append((str(request.prompt), request.sample))
        return str(request.sample)

    case = Case(Recipe("m", (Step(Vote()),), rounds=3), GIVEN[:2], 2)
    items = asyncio.run(items_of(case, scripted(answer), None))
    assert len(items) == 6, "no majority, in three rounds"
    assert len(asked) == len(set(asked)) == 18


def challenged(request: Request) -> str:
    prompt = str(request.prompt)
    if not prompt.startswith("Harder: "):
        return "answer" if "twice" in prompt or "number 1." in prompt else ""
    return "Name it." if "[]" in prompt else f"Name it twice, {prompt.count('no answer')}: {prompt[-40:]}"


@pytest.mark.parametrize("at_once", [1, 16])
def test_what_failed_is_tried_again_with_the_reason(at_once: int) -> None:
    steps = (Step(Challenge()), Step(Respond()))
    case = Case(Recipe("m", steps, rounds=3), GIVEN[1:3], 2)
    items = asyncio.run(items_of(case, scripted(challenged), None, at_once=at_once))
    assert [item.category for item in items if isinstance(item, Rejected)] == ["no answer"] * 2
    tasks = finished(items)
    assert [task.id for task in tasks] == ["t1.2", "t2.2"]
    assert all(task.instruction.startswith("Name it twice, 1") for task in tasks)
    assert all(task.parents in (("t1",), ("t2",)) for task in tasks)
    assert all("failed" not in task.extra for task in tasks)


def test_a_last_step_leaves_alone_what_was_only_tried_again() -> None:
    """Nothing came of the seed: it is no task, whatever it was told."""
    steps = (Step(Challenge()), Step(Vote()), Step(Respond(), last=True))
    items = asyncio.run(items_of(Case(Recipe("m", steps, rounds=2), GIVEN[1:2], 1), scripted(sampled), None))
    assert [type(item) for item in items] == [Rejected, Rejected]


def sampled(request: Request) -> str:
    return f"{request.sample}"


TOPICS = Recipe("mine", (Step(Topic()), Step(Respond())))


def test_a_stage_that_shows_nothing_grows_from_what_is_drawn(tmp_path: Path) -> None:
    done = run(TOPICS, num=9, out=tmp_path / "a", teacher=called("echo", lambda request: str(request.prompt)))
    assert [task.extra["topic"].split()[0] for task in done.tasks] == ["rivers", "lakes", "seas"] * 3
    assert all(task.extra["topic"] in task.instruction for task in done.tasks)
    assert all(task.parents == () for task in done.tasks)
    assert "show" not in (tmp_path / "a" / "recipe.yaml").read_text()


def test_what_a_stage_does_not_show_cannot_be_asked_for() -> None:
    with pytest.raises(UsageError, match="'topic' shows no tasks to the teacher: leave 'show' out"):
        Step(Topic(), show={"seeds": 2})


@pytest.mark.parametrize(
    ("recipe", "data"),
    [
        (TOPICS, None),
        (Recipe("mine", (Step(Missing()), Step(Vote()))), GIVEN),
        (Recipe("mine", (Step(Challenge()), Step(Respond())), rounds=3), GIVEN),
    ],
    ids=["drawn", "settled and sampled", "again"],
)
def test_one_at_a_time_or_64_stopped_or_not_the_bytes_are_the_same(recipe: Recipe, data: Any, tmp_path: Path) -> None:
    def answer(request: Request) -> str:
        return challenged(request) or f"{request.prompt} {request.sample % 2}"

    left = 10

    def dying(request: Request) -> str:
        nonlocal left
        left -= 1
        if left < 0:
            raise RunStopped("out of words")
        return answer(request)

    written = []
    for name, concurrency in (("one", 1), ("many", 64), ("stopped", 8)):
        how: dict[str, Any] = {"data": data, "num": 12 if data is None else None, "concurrency": concurrency}
        if name == "stopped":
            with pytest.raises(RunStopped):
                run(recipe, out=tmp_path / name, teacher=called("answer", dying), **how)
        run(recipe, out=tmp_path / name, teacher=called("answer", answer), **how)
        written.append([(tmp_path / name / file).read_bytes() for file in ("tasks.jsonl", "rejected.jsonl")])
    assert written[0] == written[1] == written[2]


def test_a_dry_run_counts_every_sample_and_needs_no_seeds() -> None:
    lines = list(plan(Recipe("m", (Step(Vote()),)), GIVEN, Settings(), {"teacher": "builtin"}))
    assert any(line.startswith("--- about 36 requests") for line in lines)
    assert any("A question about rivers" in line for line in plan(TOPICS, [], Settings(num=9), {"teacher": "builtin"}))
