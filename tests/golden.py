"""What a real model answered to the steps of each recipe, and what the steps made of it: recorded once, read again by
every test run (test_golden.py).

    python tests/golden.py wizard_math problems.jsonl --model smollm2 --num 3    (asks, and writes replies/recipes)
    python tests/golden.py magpie --language zh --num 6
    python tests/golden.py --again                      (reads what is recorded anew, where a parser was mended)

A line of replies/recipes/NAME.jsonl: model, language, the step's number and stage, what the stage had drawn (`given`),
the tasks it was about, the answers as they came, and what was `found` in them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack, aclosing, closing
from dataclasses import fields, replace
from pathlib import Path
from random import Random
from tempfile import gettempdir
from typing import Any

from selfinstruct.passages.reading import passages_in
from selfinstruct.rows.reading import read_tasks
from selfinstruct.running.billing import names_of
from selfinstruct.running.drafts import heard
from selfinstruct.running.execute import answering, as_asked, find_seeds
from selfinstruct.running.recipe import Recipe
from selfinstruct.running.recipe_file import load, shipped
from selfinstruct.running.run import results
from selfinstruct.running.settings import Settings
from selfinstruct.stages.judging.solved import ANSWERS, with_answers
from selfinstruct.task import Rejected, Task, task_from_row, task_to_row
from selfinstruct.teacher import Response
from selfinstruct.teachers.journal.journal import Journal
from selfinstruct.teachers.opening import open_teachers

__all__ = ["FOLDER", "found_again", "rows_of", "stage_of"]

FOLDER = Path(__file__).parent / "replies" / "recipes"

Row = dict[str, Any]
Items = Iterable[Task | Rejected]


def rows_of(file: Path) -> list[Row]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def stage_of(recipe: Recipe, row: Row) -> Any:
    """The stage that read the answers, with what it had drawn."""
    stage: Any = recipe.steps[row["step"]].stage
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in row.get("given", {}).items()}
    if "draft" in given:
        given["axes"] = stage.axes.at(given.pop("draft"))
    return replace(stage, **given)


def found_again(recipe: Recipe, row: Row, seeds: dict[str, Task]) -> list[Row]:
    """What the step makes of the answers today."""
    stage = stage_of(recipe, row)
    tasks = tuple(seeds[one] if isinstance(one, str) else _task(one) for one in row["tasks"])
    responses = tuple(Response(text, finish) for text, finish in row["answers"])
    if not getattr(stage, "hears_thoughts", False):
        responses = tuple(map(heard, responses))
    read = getattr(stage, "parse_all", None)
    return outcome(tasks, read(tasks, responses) if read else stage.parse(tasks, responses[0]))


def outcome(tasks: Sequence[Task], items: Items) -> list[Row]:
    """Of a task what is new in it, of anything else the reason."""
    before = task_to_row(tasks[0]) if len(tasks) == 1 else {}
    found = []
    for item in items:
        if isinstance(item, Rejected):
            said = {"category": item.category, "detail": item.detail, "what": item.what}
            found.append({name: text for name, text in said.items() if text})
        else:
            row = json.loads(json.dumps(task_to_row(item)))
            found.append({name: value for name, value in row.items() if before.get(name) != value})
    return found


def _task(row: Row) -> Task:
    """The task of a row; answers of solvers, and their order, are again what only a run can have."""
    task = task_from_row(row)
    if "order" in task.extra:
        task = replace(task, extra=task.extra | {"order": tuple(task.extra["order"])})
    if isinstance(said := task.extra.get(ANSWERS), dict):
        task = replace(task, extra={key: value for key, value in task.extra.items() if key != ANSWERS})
        for who, answers in said.items():
            task = replace(task, extra=with_answers(task, who, answers))
    return task


class Recorder:
    """A stage that notes what it is given to read, and what it makes of that."""

    def __init__(
        self, stage: Any, usual: Any, step: int, note: Callable[[Row], None], draft: int | None = None
    ) -> None:
        self._stage, self._usual, self._step, self._note, self._draft = stage, usual, step, note, draft

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._stage, name)
        if name == "parse_all":
            return lambda tasks, responses: self._noted(tasks, responses, found(tasks, responses))
        return found

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Items:
        return self._noted(tasks, (response,), self._stage.parse(tasks, response))

    def drawn(self, rng: Random, number: int, seed: int) -> Recorder:
        draws = getattr(self._stage, "drawn", None)
        return Recorder(draws(rng, number, seed) if draws else self._stage, self._usual, self._step, self._note, number)

    def _noted(self, tasks: tuple[Task, ...], responses: Sequence[Response], items: Items) -> Items:
        found = list(items)
        given: Row = {}
        for one in fields(self._stage):
            value = getattr(self._stage, one.name)
            if value == getattr(self._usual, one.name) and one.compare:
                continue
            if one.name == "axes":
                given |= {"draft": self._draft} if value.named else {}
            else:
                given[one.name] = value
        row = {"step": self._step, "given": given, "tasks": [task_to_row(task) for task in tasks]}
        row |= {"answers": [[response.text, response.finish_reason] for response in responses]}
        self._note(row | {"found": outcome(tasks, found)})
        return found


async def recorded(recipe: Recipe, data: Sequence[Task], given: argparse.Namespace) -> list[Row]:
    """A run of the recipe, as rows."""
    rows: list[Row] = []
    asked = answering(recipe, {"teacher": given.model})
    async with AsyncExitStack() as stack:
        opened = await open_teachers(
            asked,
            names_of(asked),
            stack,
            base_url=given.base_url,
            api="auto",
            timeout=600,
            most_bytes=10**7,
            at_once=4,
            notice=print,
        )
        settings = Settings(base_url=given.base_url)
        usual = recipe
        recipe = as_asked(recipe, asked, opened.models, settings, opened.turns)
        steps = []
        for number, (step, ours) in enumerate(zip(recipe.steps, usual.steps, strict=True)):
            longest = min(given.longest, step.params.get("max_tokens") or given.longest)
            params = step.params if step.asks else {**step.params, "max_tokens": longest}
            stage = Recorder(step.stage, ours.stage, number, rows.append)
            steps.append(replace(step, stage=stage, params=params))
        given.journal.parent.mkdir(parents=True, exist_ok=True)
        journal = stack.enter_context(closing(Journal(given.journal)))
        teachers = [journal.teacher(opened.ask, step.name) for step in steps]
        how = {"seed": given.seed, "width": 4, "at_once": 4, "num": given.num, "rounds": given.rounds or recipe.rounds}
        kept, lost = 0, Counter[str]()
        async with aclosing(results(steps, data, teachers, **how)) as items:
            async for item in items:
                kept += isinstance(item, Task)
                lost.update([item.category] if isinstance(item, Rejected) else [])
                if len(rows) >= given.most:
                    break
        journal.cancel()
        await journal.drain()
    print(f"{recipe.name} {given.language}: {len(rows)} answers, {kept} kept, {dict(lost.most_common())}")
    return rows


def _of(recipe: Recipe, given: argparse.Namespace) -> Sequence[Task]:
    if recipe.reads_passages:
        return passages_in([given.data])
    if given.data is None and recipe.grows and not recipe.steps[0].shows:
        return []
    return read_tasks(find_seeds(given.data, recipe))


def seeds_of(recipe: Recipe) -> dict[str, Task]:
    """By id, what a row names by it."""
    return {task.id: task for task in read_tasks(shipped("seeds") / recipe.seeds)} if recipe.seeds else {}


def written(rows: Iterable[Row], file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    file.write_text("".join(lines), encoding="utf-8")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("recipe", nargs="?")
    options.add_argument("data", nargs="?")
    options.add_argument("--model", default="smollm2")
    options.add_argument("--base-url")
    options.add_argument("--language", default="en")
    options.add_argument("--num", type=int)
    options.add_argument("--rounds", type=int, default=0)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--most", type=int, default=24, help="answers recorded")
    options.add_argument("--longest", type=int, default=300, help="tokens of an answer")
    options.add_argument("--journal", type=Path, default=Path(gettempdir()) / "golden.db")
    options.add_argument("--again", action="store_true")
    given = options.parse_args()
    for file in sorted(FOLDER.glob(f"{given.recipe or '*'}.jsonl")) if given.again else ():
        rows = rows_of(file)
        for row in rows:
            recipe = load(file.stem, row["language"])
            row["found"] = found_again(recipe, row, seeds_of(recipe))
        written(rows, file)
    if given.again or not given.recipe:
        return
    recipe = load(given.recipe, given.language)
    seeds = seeds_of(recipe)
    rows = asyncio.run(recorded(recipe, _of(recipe, given), given))
    for row in rows:
        row["tasks"] = [one["id"] if task_from_row(one) == seeds.get(one["id"]) else one for one in row["tasks"]]
    file = FOLDER / f"{recipe.name}.jsonl"
    others = [row for row in rows_of(file) if row["language"] != given.language] if file.exists() else []
    about = {"model": given.model, "language": given.language}
    written([*others, *({**about, "stage": recipe.steps[row["step"]].name, **row} for row in rows)], file)


if __name__ == "__main__":
    main()
