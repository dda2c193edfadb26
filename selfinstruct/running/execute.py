"""One job, from the settings to a finished folder: open the teachers and the folder, run the steps, export."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

from selfinstruct import __version__
from selfinstruct.errors import BudgetReached, RunStopped, Saturated, UsageError
from selfinstruct.filters.pool import Pool
from selfinstruct.rows.files import write_rows
from selfinstruct.rows.layouts import read_tasks, rows_of
from selfinstruct.running.drafts import Draft, draft_of, singles
from selfinstruct.running.folder import Folder
from selfinstruct.running.optimise import expected, optimised
from selfinstruct.running.progress import Progress
from selfinstruct.running.recipe import Recipe, shipped
from selfinstruct.running.run import results, run
from selfinstruct.task import Rejected, Task, json_line, task_to_row
from selfinstruct.teacher import Request, Response, Teacher
from selfinstruct.teachers.budget import Budget, estimate_tokens, spent
from selfinstruct.teachers.endpoint import Endpoint
from selfinstruct.teachers.journal import Journal
from selfinstruct.teachers.local import Local
from selfinstruct.teachers.throttle import Throttle

__all__ = ["Settings", "carry_out", "find_seeds", "plan", "wanted"]

# For --dry-run only: how many proposals, and how many later answers, come through. Self-Instruct's own run kept about
# half of what GPT-3 proposed; what a teacher of today does is seen after the first minute of a run.
KEPT_PROPOSALS = 0.5
KEPT_LATER = 0.9


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command line decides. Only `models`, `api` and `seed` can change what a run writes."""

    models: Mapping[str, str] = field(default_factory=lambda: {"teacher": "builtin"})
    """Model names by role; every step without a role asks "teacher"."""
    seed: int = 0
    num: int | None = None
    """Finished tasks wanted; None: as many as the data gives."""
    base_url: str | None = None
    api: str = "chat"
    concurrency: int = 16
    patience: float = 600.0
    """Seconds that a request is tried for."""
    timeout: float | None = None
    """Seconds that one answer may take; None: as long as patience lasts, from 10 to 600."""
    dollars: float | None = None
    max_tokens_total: int | None = None
    price: tuple[float, float] | None = None
    """Dollars per million input and output tokens."""

    @property
    def free(self) -> bool:
        """Whether only teachers in this process are asked: the built-in one, or models of the user's own."""
        free = ("local",) if self.base_url else ("builtin", "local")
        return all(model.partition(":")[0] in free for model in self.models.values())


def find_seeds(given: str | None, recipe: Recipe) -> Path:
    """The file given, or the recipe's: a path that exists, or the name of seeds that come with the package."""
    name = recipe.seeds if given is None else given
    if name is None:
        language = recipe.source.get("language", "en")
        raise UsageError(f"the recipe '{recipe.name}' names no seeds in the language {language}: give --seeds FILE")
    path = Path(name)
    ours = shipped("seeds") / path.name
    return ours if path.name == name and ours.is_file() and not os.path.exists(path) else path


def wanted(recipe: Recipe, seeds: Sequence[Task], num: int | None) -> tuple[int, int | None]:
    """How many finished tasks there will be at most (`num`, or as many as the data gives, in every round), and how many
    there are to try, None where the teacher proposes them."""
    if recipe.steps[0].kind != "each":
        return num or len(seeds), None
    given = len(singles(seeds, recipe.steps[0].stage))
    some = min(num or given, given) * max(recipe.rounds, 1)
    return some, some if recipe.rounds else given


def carry_out(
    recipe: Recipe,
    seeds: Sequence[Task],
    out: Path,
    settings: Settings,
    progress: Progress,
    teacher: Teacher | None = None,
) -> None:
    """Run the recipe in the folder `out`, or go on with the run that is there.

    `teacher` answers instead of the models of the settings: any async function from Request to Response. Raises
    UsageError before anything is written. When the run stops early (RunStopped, BudgetReached, Ctrl-C), what was
    finished is in the folder, exports included, before the error comes up.
    """
    asyncio.run(_carry_out(recipe, seeds, out, settings, progress, teacher))


async def _carry_out(
    recipe: Recipe, seeds: Sequence[Task], out: Path, settings: Settings, progress: Progress, teacher: Teacher | None
) -> None:
    async with AsyncExitStack() as stack:
        answering, names = (teacher, {}) if teacher else await _opened(settings, stack)
        recipe, settings = _named(recipe, settings, names)
        folder = stack.enter_context(Folder(out, recipe.source, _facts(seeds, settings)))
        if teacher is None and settings.free and any(name.startswith("builtin") for name in settings.models.values()):
            progress.notice("The built-in teacher answers: rules, not a language model. For a real one: --model NAME")
        journal = stack.enter_context(closing(Journal(out / "journal.db")))
        throttle = Throttle(
            answering, concurrency=settings.concurrency, patience=settings.patience, notice=progress.notice
        )
        # The steps run ahead of the last task wanted. A run that is finished must not pay for that once more.
        # (In rounds nothing runs ahead: there `num` is how many tasks are given.)
        finished = settings.num is not None and not recipe.rounds and _lines(out / "tasks.jsonl") >= settings.num
        paid = progress.watched(_nobody if finished else _within_budget(throttle, settings, journal))
        steps = recipe.steps
        teachers = [journal.teacher(paid, step.name) for step in steps]
        fixed: dict[str, Any] = {"seed": settings.seed, "width": recipe.width}

        def write(item: Task | Rejected) -> None:
            folder.write(item)
            progress.count(item)

        early: BudgetReached | Saturated | None = None
        try:
            try:
                if recipe.optimise:
                    asking = journal.teacher(paid, "optimise")
                    steps, trials = await optimised(steps, recipe.optimise, seeds, asking, **fixed)
                    write_rows(out / "methods.jsonl", (trial._asdict() for trial in trials))
                items = results(steps, seeds, teachers, num=settings.num, rounds=recipe.rounds, **fixed)
                await run(items, write)
            except (BudgetReached, Saturated) as stopped:
                early = stopped
            # What is on the wire is paid for: wait for it, and keep it for a larger --num or --budget.
            throttle.close()
            await journal.drain()
        except BaseException:
            with suppress(RunStopped):  # the error that is on its way says more
                _export(recipe, out)
            raise
        finally:
            journal.cancel()
            await journal.drain()
        _export(recipe, out)
    if early:
        raise early


async def _opened(settings: Settings, stack: AsyncExitStack) -> tuple[Teacher, dict[str, str]]:
    """One teacher that passes each request to the model it names; and the names of local models in requests.

    Nothing is sent yet; raises UsageError.
    """
    from selfinstruct.simulator import MODELS, builtin

    teachers: dict[str, Teacher] = {}
    names: dict[str, str] = {}
    for model in set(settings.models.values()):
        if model.startswith("local:"):
            local = Local(model.removeprefix("local:"), api=settings.api)
            names[model] = local.model
            teachers[local.model] = await stack.enter_async_context(local)
            continue
        if model.startswith("builtin:") and model not in MODELS:
            raise UsageError(f"no model {model!r}: there are {', '.join(MODELS)}")
        if model in MODELS and not settings.base_url:
            teachers[model] = builtin
        else:
            timeout = settings.timeout or min(600.0, max(10.0, settings.patience))
            endpoint = Endpoint(model, base_url=settings.base_url, api=settings.api, timeout=timeout)
            teachers[model] = await stack.enter_async_context(endpoint)
    if settings.dollars is not None and settings.price is None and not settings.free:
        raise UsageError("--budget needs a price: give --price IN/OUT, dollars per million input and output tokens")

    async def ask(request: Request, /) -> Response:
        return await teachers[request.model](request)

    return ask, names


def _named(recipe: Recipe, settings: Settings, names: Mapping[str, str]) -> tuple[Recipe, Settings]:
    """With the names that requests have: that of a local model says which weights it has."""

    def name(model: str) -> str:
        return names.get(model, model)

    steps = tuple(replace(step, model=name(step.model)) for step in recipe.steps)
    search = recipe.optimise and replace(recipe.optimise, model=name(recipe.optimise.model))
    models = {role: name(model) for role, model in settings.models.items()}
    return replace(recipe, steps=steps, optimise=search), replace(settings, models=models)


async def _nobody(request: Request, /) -> Response:
    raise RunStopped(
        "journal.db lacks answers that tasks.jsonl was made from; move tasks.jsonl and rejected.jsonl away, "
        "and the same command asks again"
    )


def _lines(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(line.endswith(b"\n") for line in lines)


def _within_budget(teacher: Teacher, settings: Settings, journal: Journal) -> Teacher:
    if settings.dollars is None and settings.max_tokens_total is None and settings.price is None:
        return teacher
    price = settings.price or ((0.0, 0.0) if settings.free else None)
    dollars, tokens = spent(journal.responses(), price)
    return Budget(
        teacher,
        dollars=settings.dollars,
        max_tokens_total=settings.max_tokens_total,
        price=price,
        spent_dollars=dollars,
        spent_tokens=tokens,
    )


def _facts(seeds: Sequence[Task], settings: Settings) -> dict[str, object]:
    """What besides the recipe decides the output: another value needs another folder."""
    digest = hashlib.sha256(b"".join(json_line(task_to_row(task)) for task in seeds)).hexdigest()
    return {
        "selfinstruct": __version__,
        "seeds": {"tasks": len(seeds), "sha256": digest},
        "seed": settings.seed,
        "models": dict(settings.models),
        "api": settings.api,
    }


def _export(recipe: Recipe, out: Path) -> None:
    done = out / "tasks.jsonl"
    try:
        tasks = read_tasks(done) if done.stat().st_size else []
        for form in recipe.export if tasks else ():
            write_rows(out / f"{form}.jsonl", rows_of(tasks, form))
    except UsageError as error:  # no longer the user's: the folder was fine when the run began
        raise RunStopped(f"{error}; the same command goes on") from None


SPECIMENS = 20
"""Tasks whose prompts the estimate of --dry-run is the mean of."""
GROWTH = 25
"""Tokens that a task grows by in a round: prompts ask for 10 to 20 words more (2304.12244), or 10 to 30 characters."""


def plan(recipe: Recipe, seeds: Sequence[Task], settings: Settings) -> Iterator[str]:
    """For --dry-run, line by line: the first prompt of every step, about how many requests, tokens and dollars."""
    requests, given, written = 0, 0, 0
    if recipe.steps[0].kind == "each":
        seeds = singles(seeds, recipe.steps[0].stage)
    for number, step in enumerate(recipe.steps):
        asked = [draft.request for draft in _specimens(recipe, number, seeds, settings)]
        count, when = _expected(recipe, number, len(seeds), settings.num)
        size = round(fmean(estimate_tokens(request.prompt) for request in asked))
        # On average over the rounds, a task has grown by half of what it grows by in all.
        size += GROWTH * (recipe.rounds if step.last else recipe.rounds // 2)
        longest = int(asked[0].params.get("max_tokens") or 1024)
        if number == 0 and recipe.optimise:
            search = expected(recipe.optimise)
            requests, given, written = search, search * size, search * longest
            yield f"--- first: a method to evolve by is looked for, in about {search:,} requests, as long as step 1's"
        requests, given, written = requests + count, given + count * size, written + count * longest
        yield f"--- step {number + 1}: {step.kind} {step.name}, model {step.model}, {json.dumps(step.params)}"
        prompt = asked[0].prompt
        yield prompt if isinstance(prompt, str) else json.dumps(prompt, ensure_ascii=False)
        yield f"--- about {count:,} requests{when} of about {size:,} tokens; answers of at most {longest:,}"
    yield ""
    yield (
        f"About {requests:,} requests in all: {given:,} tokens to read and at most {written:,} to write, if "
        f"{KEPT_PROPOSALS:.0%} of the proposals and {KEPT_LATER:.0%} of the later answers are kept."
    )
    if settings.price:
        dollars = (given * settings.price[0] + written * settings.price[1]) / 1e6
        yield f"At most about ${dollars:,.2f} at ${settings.price[0]:g}/{settings.price[1]:g} per million tokens."
    elif not settings.free:
        yield "Give --price IN/OUT (dollars per million tokens) to see what that costs."


def _specimens(recipe: Recipe, number: int, seeds: Sequence[Task], settings: Settings) -> Iterator[Draft]:
    step = recipe.steps[number]
    for specimen in range(SPECIMENS):
        rng = Random(f"{settings.seed}/{step.name}/{specimen}")
        if step.kind == "grow":
            shown = Pool(seeds).sample(rng, **step.show)
        else:
            shown = [seeds[(number + specimen) % len(seeds)]]
        yield draft_of(step, shown, rng)


def _expected(recipe: Recipe, number: int, given: int, num: int | None) -> tuple[int, str]:
    """About how many requests the step of this number makes, and over which rounds."""
    step, tasks = recipe.steps[number], num or given
    if recipe.rounds:
        tasks = min(tasks, given)
        if step.last:
            return tasks, " after the last round"
        a_round = round(tasks * KEPT_LATER ** sum(not before.last for before in recipe.steps[:number]))
        return a_round * recipe.rounds, f" in {recipe.rounds} rounds of about {a_round:,},"
    wanted = tasks / KEPT_LATER ** (len(recipe.steps) - 1 - number)
    if step.kind == "grow":
        wanted /= KEPT_PROPOSALS * getattr(step.stage, "per_answer", 1)
    return round(wanted) + recipe.width, ""  # a window is asked ahead of the last task wanted
