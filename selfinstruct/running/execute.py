"""A whole run, from its parts to a finished folder: open the teachers and the folder, run the steps, export."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from selfinstruct import __version__
from selfinstruct.errors import BudgetReached, RunStopped, Saturated, UsageError
from selfinstruct.filters import get_ready
from selfinstruct.rows.files import write_rows
from selfinstruct.rows.layouts import export
from selfinstruct.running.drafts import REFUSALS, singles
from selfinstruct.running.folder import Folder
from selfinstruct.running.identity import described, name_of
from selfinstruct.running.optimise import optimised
from selfinstruct.running.progress import Progress
from selfinstruct.running.recipe import Recipe
from selfinstruct.running.recipe_file import shipped
from selfinstruct.running.run import results, run
from selfinstruct.task import Rejected, Task, json_line, task_from_row, task_to_row
from selfinstruct.teacher import Request, Response, Teacher
from selfinstruct.teachers.budget import Budget, spent
from selfinstruct.teachers.journal.journal import Journal
from selfinstruct.teachers.opening import Answering, Opened, check_names, is_free, open_teachers
from selfinstruct.teachers.pacing.throttle import Throttle
from selfinstruct.workdir import cannot_write

__all__ = ["LARGE", "Settings", "answering", "carry_out", "find_seeds", "wanted"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is told besides its recipe, data and teachers. Only `seed` and `api` can change what it writes."""

    seed: int = 0
    num: int | None = None
    """Finished tasks wanted; None: as many as the data gives."""
    base_url: str | None = None
    api: str = "chat"
    concurrency: int = 16
    """Requests at a time."""
    patience: float = 600.0
    """Seconds that a request is tried for."""
    timeout: float | None = None
    """Seconds that one answer may take; None: as long as patience lasts, from 10 to 600."""
    dollars: float | None = None
    max_tokens_total: int | None = None
    price: tuple[float, float] | None = None
    """Dollars per million input and output tokens."""
    rpm: float | None = None
    """Requests a minute that each model may be sent; None: what the server allows."""
    tpm: float | None = None
    """Tokens a minute, read and written."""
    max_answer: float = 10.0
    """Megabytes of an answer; a longer one is a rejection."""
    journal: str | None = None
    """An earlier run, or its journal.db, whose answers need not be asked for again."""
    retry_rejected: bool = False
    """Ask again what a server refused to answer."""


def find_seeds(given: str | None, recipe: Recipe) -> Path:
    """The file given, or the recipe's: a path that exists, or the name of seeds that come with the package."""
    name = recipe.seeds if given is None else given
    if name is None:
        raise UsageError(
            f"the recipe '{recipe.name}' names no seeds in the language {recipe.language}: give DATA, a run or a file"
        )
    path = Path(name)
    ours = shipped("seeds") / path.name
    return ours if path.name == name and ours.is_file() and not os.path.exists(path) else path


def wanted(recipe: Recipe, seeds: Sequence[Task], num: int | None) -> tuple[int, int | None]:
    """How many finished tasks there will be at most (`num`, or as many as the data gives, in every round), and how many
    there are to try, None where the teacher proposes them."""
    if recipe.grows:
        return num or len(seeds), None
    given = len(singles(seeds, recipe.steps[0].stage))
    some = min(num or given, given) * max(recipe.rounds, 1)
    return some, some if recipe.rounds else given


def answering(recipe: Recipe, teachers: Mapping[str, Answering]) -> dict[str, Answering]:
    """Who answers in each role of the recipe: "teacher" wherever a role is given nobody of its own. Raises UsageError
    for a role that no step asks.
    """
    for role in teachers:
        if role not in ("teacher", *recipe.roles):
            raise UsageError(
                f"{role}={teachers[role]}: no step of '{recipe.name}' asks the role {role!r}; "
                f"there are {', '.join(dict.fromkeys(['teacher', *recipe.roles]))}"
            )
    check_names(teachers)
    usual = teachers.get("teacher", "builtin")
    return {role: teachers.get(role, usual) for role in recipe.roles}


async def carry_out(
    recipe: Recipe,
    tasks: Sequence[Task],
    out: Path,
    settings: Settings,
    teachers: Mapping[str, Answering],
    progress: Progress,
) -> None:
    """Run the recipe in the folder `out`, or go on with the run that is there.

    Raises UsageError before anything is written. When the run stops early (RunStopped, BudgetReached, Ctrl-C), what was
    finished is in the folder, exports included, before the error comes up.
    """
    asked = answering(recipe, teachers)
    free = all(is_free(who, settings.base_url) for who in asked.values())
    if settings.dollars is not None and settings.price is None and not free:
        raise UsageError("--budget needs a price: give --price IN/OUT, dollars per million input and output tokens")
    description = described(recipe)  # first: what cannot describe itself is refused before a teacher is opened
    names = {role: who if isinstance(who, str) else f"function:{name_of(who)}" for role, who in asked.items()}
    async with AsyncExitStack() as stack:
        timeout = settings.timeout or min(600.0, max(10.0, settings.patience))
        opened = await open_teachers(
            asked,
            names,
            stack,
            base_url=settings.base_url,
            api=settings.api,
            timeout=timeout,
            most_bytes=int(settings.max_answer * 1e6),
            at_once=settings.concurrency,
        )
        recipe = replace(recipe, steps=tuple(replace(step, model=opened.models[step.role]) for step in recipe.steps))
        facts = _facts(tasks, opened.models, settings)
        folder = stack.enter_context(Folder(out, description, facts, anew=settings.retry_rejected))
        unknown = _unknown(recipe, tasks, opened)
        for line in (*folder.notices, _BUILTIN if opened.knows else "", unknown):
            if line:
                progress.notice(line)
        journal = stack.enter_context(closing(Journal(out / "journal.db", also=settings.journal)))
        if settings.retry_rejected:
            again = journal.forget(REFUSALS, [step.name for step in recipe.steps if step.kind == "each"])
            progress.notice(f"{again:,} refused requests are asked once more")
        # Now, not while answers arrive: what a filter loads takes half a second, in which nothing is journaled.
        get_ready(reason for step in recipe.steps for reason in step.drop)
        stack.enter_context(_at_rest())
        work = _Work(recipe, tasks, out, settings, folder, journal, progress, free)
        early = await work.done(opened)
        if early:
            raise early
        if not work.kept and not recipe.grows:
            reasons = ", ".join(f"{count:,} {category}" for category, count in work.lost.most_common(3))
            raise RunStopped(f"nothing came of it: {reasons or 'no task was made'}; {unknown or 'see rejected.jsonl'}")


@contextmanager
def _at_rest() -> Iterator[None]:
    """What is there before the first request is left alone by Python's garbage collector, which else goes through all
    modules and rows again and again: a seventh of the time of 5,000 requests."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


LATE = 20.0
"""Seconds that a run which is over waits for answers that are still on the wire."""
LARGE = 100_000_000
"""Bytes of a file that takes so long to read that it is said before."""
LOOKED_AT = 1000
"""Tasks that a teacher made of rules is shown before it begins."""

_BUILTIN = "The built-in teacher answers: rules, not a language model. For a real one: --model NAME"


def _unknown(recipe: Recipe, tasks: Sequence[Task], opened: Opened) -> str:
    """What a teacher made of rules says when it does not know the tasks that it is asked about first."""
    knows = opened.knows.get(recipe.steps[0].role)
    if recipe.grows or knows is None:
        return ""
    given = singles(tasks[:LOOKED_AT], recipe.steps[0].stage)
    known = sum(map(knows, given))
    if known == len(given):
        return ""
    which = f"the first {len(given):,}" if len(tasks) > LOOKED_AT else f"these {len(given):,}"
    return f"the built-in teacher knows {known:,} of {which} tasks: give --model NAME for a real one"


@dataclass
class _Work:
    """One run in its opened folder."""

    recipe: Recipe
    tasks: Sequence[Task]
    out: Path
    settings: Settings
    folder: Folder
    journal: Journal
    progress: Progress
    free: bool
    kept: int = 0

    def __post_init__(self) -> None:
        self.lost = Counter[str]()
        """Why tasks were rejected, by category."""

    async def done(self, opened: Opened) -> BudgetReached | Saturated | None:
        """Ask, write and export; returns what stopped the run early, if it was that."""
        settings = self.settings
        budget = self._within_budget(_bounded(opened.ask, settings.max_answer))
        throttle = Throttle(
            budget,
            concurrency=settings.concurrency,
            patience=settings.patience,
            rpm=settings.rpm,
            tpm=settings.tpm,
            answered=self.journal.has_answers,
            notice=self.progress.notice,
        )
        # The steps run ahead of the last task wanted. A run that is finished must not pay for that once more.
        # (In rounds nothing runs ahead: there `num` is how many tasks are given.)
        num = settings.num
        finished = num is not None and not self.recipe.rounds and _lines(self.out / "tasks.jsonl") >= num
        asked = self.progress.watched(_nobody if finished else throttle)
        self.progress.doing = throttle.doing
        beating = asyncio.create_task(self.progress.beats())
        early: BudgetReached | Saturated | None = None
        try:
            try:
                await self._asked(asked, opened)
            except (BudgetReached, Saturated) as stopped:
                early = stopped
            except BaseException as error:
                with suppress(RunStopped):  # the error that is on its way says more
                    self._export()
                if isinstance(error, RunStopped):
                    await self._late(throttle, budget)
                raise
            self._export()
            await self._late(throttle, budget)
        finally:
            self.journal.cancel()
            await self.journal.drain()
            beating.cancel()
        return early

    async def _late(self, throttle: Throttle, budget: Budget) -> None:
        """What is on the wire is paid for: wait for it, not for long, and keep it for a larger --num or --budget."""
        throttle.close()
        budget.close()
        if not await self._drained(1.0):
            self.progress.notice(f"waiting up to {LATE:.0f} s for answers that are paid for; Ctrl-C leaves them")
            await self._drained(LATE)

    async def _drained(self, seconds: float) -> bool:
        """Whether everything on the wire has come within so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.journal.drain()
                return True
        return False

    async def _asked(self, paid: Teacher, opened: Opened) -> None:
        steps, settings = self.recipe.steps, self.settings
        teachers = [self.journal.teacher(paid, step.name) for step in steps]
        fixed: dict[str, Any] = {"seed": settings.seed, "at_once": settings.concurrency}
        if plan := self.recipe.optimise:
            asking = self.journal.teacher(paid, "optimise")
            model = opened.models[plan.role]
            steps, trials = await optimised(steps, plan, self.tasks, asking, model, **fixed)
            write_rows(self.out / "methods.jsonl", (trial._asdict() for trial in trials))
        rounds, width = self.recipe.rounds, self.recipe.width
        await run(
            results(steps, self.tasks, teachers, num=settings.num, rounds=rounds, width=width, **fixed), self._write
        )

    def _write(self, item: Task | Rejected) -> None:
        self.folder.write(item)
        self.progress.count(item)
        if isinstance(item, Task):
            self.kept += 1
        elif item.is_proposal:
            self.lost[item.category] += 1

    def _within_budget(self, teacher: Teacher) -> Budget:
        settings, journal = self.settings, self.journal
        price = settings.price or ((0.0, 0.0) if self.free else None)
        limited = settings.dollars is not None or settings.max_tokens_total is not None
        return Budget(
            teacher,
            ledger=journal,
            dollars=settings.dollars,
            max_tokens_total=settings.max_tokens_total,
            price=price,
            spent=spent(journal.responses(), price, journal.lost()) if limited else None,
        )

    def _export(self) -> None:
        done = self.out / "tasks.jsonl"
        try:
            if done.stat().st_size:
                self.progress.phase("writing the exports", long=done.stat().st_size > LARGE)
                export(_kept(done), {form: self.out / f"{form}.jsonl" for form in self.recipe.export})
        except (UsageError, ValueError) as error:  # no longer the user's: the folder was fine when the run began
            raise RunStopped(f"{error}; the same command goes on") from None
        except OSError as error:
            raise cannot_write(self.out, error.strerror or error) from None
        finally:
            self.progress.phase("")


def _kept(file: Path) -> Iterator[Task]:
    """The tasks in a file of this run, which has verified every line of it."""
    with file.open("rb") as lines:
        for line in lines:
            yield task_from_row(json.loads(line))


def _bounded(teacher: Teacher, megabytes: float) -> Teacher:
    """The teacher, its longest answers left out before anything reads them: none of a server's comes so far."""
    most = int(megabytes * 1e6)

    async def ask(request: Request, /) -> Response:
        response = await teacher(request)
        if len(response.text) <= most:
            return response
        words = f"the answer has {len(response.text):,} characters, more than --max-answer {megabytes:g} MB"
        return replace(response, text="", finish_reason="too_large", error=words)

    return ask


async def _nobody(request: Request, /) -> Response:
    raise RunStopped(
        "journal.db lacks answers that tasks.jsonl was made from; move tasks.jsonl and rejected.jsonl away, "
        "and the same command asks again"
    )


def _lines(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(line.endswith(b"\n") for line in lines)


def _facts(tasks: Sequence[Task], models: Mapping[str, str], settings: Settings) -> dict[str, object]:
    """What besides the recipe decides the output: another value needs another folder."""
    digest = hashlib.sha256()
    for task in tasks:
        digest.update(json_line(task_to_row(task)))
    return {
        "selfinstruct": __version__,
        "seeds": {"tasks": len(tasks), "sha256": digest.hexdigest()},
        "seed": settings.seed,
        "models": dict(models),
        "api": settings.api,
    }
