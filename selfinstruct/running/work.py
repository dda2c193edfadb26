"""One run in its opened folder: it asks, writes and exports, until it is done or something stops it."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from selfinstruct.errors import BudgetReached, RunStopped, Saturated, UsageError, Useless
from selfinstruct.rows.formats.formats import export
from selfinstruct.rows.notes import Notes
from selfinstruct.rows.writing.writing import write_rows
from selfinstruct.running.folder import Folder
from selfinstruct.running.optimise import optimised
from selfinstruct.running.places import Places
from selfinstruct.running.progress import Progress
from selfinstruct.running.recipe import Recipe
from selfinstruct.running.run import results, run
from selfinstruct.running.settings import Settings
from selfinstruct.running.watch import Watch
from selfinstruct.task import Rejected, Task, task_from_row
from selfinstruct.teacher import Request, Response, Teacher
from selfinstruct.teachers.accounts import priced, spent
from selfinstruct.teachers.batching.batch import MOST_LINES, Batch
from selfinstruct.teachers.batching.records import Records
from selfinstruct.teachers.budget import Budget
from selfinstruct.teachers.checking.checker import CHECKER
from selfinstruct.teachers.journal.journal import Journal
from selfinstruct.teachers.opening import Opened
from selfinstruct.teachers.pacing.throttle import Throttle
from selfinstruct.teachers.prices import Price
from selfinstruct.workdir import cannot_write

__all__ = ["LARGE", "Work"]

LATE = 20.0
"""Seconds that a run which is over waits for answers that are still on the wire."""
LARGE = 100_000_000
"""Bytes of a file that takes so long to read that it is said before."""


@dataclass
class Work:
    """One run in its opened folder."""

    recipe: Recipe
    tasks: Sequence[Task]
    out: Path
    settings: Settings
    folder: Folder
    journal: Journal
    progress: Progress
    prices: Mapping[str, Price]
    """By the model that a request names; one that is not there is not known."""
    here: bool
    """Whether none but a model on this machine, or rules, are asked."""
    kept: int = 0

    def __post_init__(self) -> None:
        self.watch = Watch(keep_asking=self.settings.keep_asking)
        self.places = Places()
        self.lost = Counter[str]()
        """Why tasks were rejected, by category."""

    async def done(self, opened: Opened) -> BudgetReached | Saturated | None:
        """Ask, write and export; returns what stopped the run early, if it was that."""
        # The steps run ahead of the last task wanted. A run that is finished must not pay for that once more.
        # (In rounds nothing runs ahead: there `num` is how many tasks are given.)
        num = self.settings.num
        finished = num is not None and not self.recipe.rounds and _lines(self.out / "tasks.jsonl") >= num
        batch = self._batch(opened, finished)
        beating = asyncio.create_task(self.progress.beats())
        try:
            if batch and not finished:
                self.progress.doing = batch.doing
                await batch.recover(self._recovered)
            budget = self._within_budget(_bounded(batch or opened.ask, self.settings.max_answer))
            return await self._through(finished, batch, budget, opened)
        finally:
            self.journal.cancel()
            await self.journal.drain()
            if batch:
                await batch.aclose()
            beating.cancel()

    async def _through(
        self, finished: bool, batch: Batch | None, budget: Budget, opened: Opened
    ) -> BudgetReached | Saturated | None:
        settings, early = self.settings, None
        throttle = Throttle(
            budget,
            concurrency=settings.concurrency,
            patience=settings.patience,
            rpm=settings.rpm,
            tpm=settings.tpm,
            answered=self.journal.has_answers,
            took=self.journal.took,
            notice=self.progress.notice,
        )
        checker = _nobody if finished else opened.ask
        asked = self.progress.watched(_apart(checker, _nobody if finished else budget if batch else throttle))
        self.progress.doing = (batch or throttle).doing
        try:
            await self._asked(asked, opened, batch)
        except (BudgetReached, Saturated) as stopped:
            early = stopped
        except BaseException as error:
            with suppress(RunStopped):  # the error that is on its way says more
                self._export()
            if isinstance(error, RunStopped):
                await self._late(batch or throttle, budget, unwanted=isinstance(error, Useless))
            raise
        self._export()
        await self._late(batch or throttle, budget)
        return early

    def _batch(self, opened: Opened, finished: bool) -> Batch | None:
        """Who asks by the Batch API. Raises UsageError when a batch of this run would be left behind without it."""
        records = Records(self.out / "batches")
        if self.settings.batch:
            return Batch(
                opened.endpoints,
                records,
                journaled=self.journal.has,
                answered=self.journal.has_answers,
                patience=self.settings.patience,
                notice=self.progress.notice,
            )
        there = [record for record in records.there() if "file" in record.known]
        if there and not finished:
            raise UsageError(
                f"{self.out} has {len(there)} of its batches at the provider: give --batch again to go on with what is "
                f"paid for; or delete {records.folder}, and their requests are asked once more"
            )
        return None

    def _recovered(self, answers: Sequence[tuple[str, Request, Response]], keys: Collection[str]) -> None:
        """Answers of batches that an earlier process submitted."""
        most = int(self.settings.max_answer * 1e6)
        kept = (
            (step, request, priced(request, _short(response, most), self.prices)) for step, request, response in answers
        )
        self.journal.keep(kept, keys)

    async def _late(self, asked: Throttle | Batch, budget: Budget, *, unwanted: bool = True) -> None:
        """What is on the wire is paid for: wait for it, not for long, and keep it for a larger --num or --budget. What
        is in a batch waits there, unless it is `unwanted`: then it is cancelled, and costs what was answered before.
        Nobody waits for what costs nothing but the time of this machine."""
        asked.close()
        budget.close()
        if self.here:
            return
        if isinstance(asked, Batch):
            await self._drained(0.1)
            if asked.left and unwanted:
                self.progress.notice(f"{asked.left:,} requests are in batches that nobody needs: they are cancelled")
                await asked.cancel()
                await self._drained(LATE)
            if asked.left:
                self.progress.notice(f"{asked.left:,} requests are still in batches: a later start has their answers")
        elif not await self._drained(1.0):
            self.progress.notice(f"waiting up to {LATE:.0f} s for answers that are paid for; Ctrl-C leaves them")
            await self._drained(LATE)

    async def _drained(self, seconds: float) -> bool:
        """Whether everything on the wire has come within so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.journal.drain()
                return True
        return False

    async def _asked(self, paid: Teacher, opened: Opened, batch: Batch | None) -> None:
        steps, settings = self.recipe.steps, self.settings

        def teacher(step: str) -> Teacher:
            return self.journal.teacher(batch.of(step, paid) if batch else paid, step)

        teachers = [teacher(step.name) for step in steps]
        fixed: dict[str, Any] = {"seed": settings.seed, "at_once": self._at_once()}
        if plan := self.recipe.optimise:
            asking = teacher("optimise")
            model = opened.models[plan.role]
            steps, trials = await optimised(steps, plan, self.tasks, asking, model, **fixed)
            write_rows(self.out / "methods.jsonl", (trial._asdict() for trial in trials))
        rounds, width = self.recipe.rounds, self.recipe.width
        await run(
            results(
                steps,
                self.tasks,
                teachers,
                num=settings.num,
                rounds=rounds,
                width=width,
                watch=self.watch,
                **fixed,
            ),
            self._write,
        )
        for line in (*self.watch.remarks(), *self.places.remarks()):
            self.progress.notice(line)

    def _at_once(self) -> int:
        """Tasks in flight in a step. In batches as many as a file holds; fewer where only some of them are wanted, as
        what is asked beyond the last one is paid for: an eighth of these. Where tasks are proposed without end as many,
        since the proposing step's batches may come sooner than the others'."""
        num = self.settings.num
        if not self.settings.batch:
            return self.settings.concurrency
        if num is None or self.recipe.rounds or (not self.recipe.grows and num >= len(self.tasks)):
            return MOST_LINES
        return min(MOST_LINES, num if self.recipe.grows else max(16, num // 8))

    def _write(self, item: Task | Rejected) -> None:
        self.folder.write(item)
        self.progress.count(item)
        self.places.saw(item)
        if isinstance(item, Task):
            self.kept += 1
        elif item.is_proposal:
            self.lost[item.category] += 1

    def _within_budget(self, teacher: Teacher) -> Budget:
        settings, journal = self.settings, self.journal
        limited = settings.dollars is not None or settings.max_tokens_total is not None
        return Budget(
            teacher,
            ledger=journal,
            dollars=settings.dollars,
            max_tokens_total=settings.max_tokens_total,
            price=self.prices,
            spent=spent(journal.responses(), self.prices, journal.lost()) if limited else None,
            tier="batch" if settings.batch else "",
        )

    def _export(self) -> None:
        done = self.out / "tasks.jsonl"
        try:
            if done.stat().st_size:
                self.progress.phase("writing the exports", long=done.stat().st_size > LARGE)
                notes = Notes()
                export(_kept(done), {form: self.out / f"{form}.jsonl" for form in self.recipe.export}, notes)
                for what, count in notes.done.items():  # what is not used is in tasks.jsonl all the same
                    self.progress.notice(f"{what}: {count:,} of the tasks")
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
        return _short(await teacher(request), most)

    return ask


def _short(response: Response, most: int) -> Response:
    if len(response.text) <= most:
        return response
    words = f"the answer has {len(response.text):,} characters, more than --max-answer {most / 1e6:g} MB"
    return replace(response, text="", finish_reason="too_large", error=words)


def _apart(checker: Teacher, teacher: Teacher) -> Teacher:
    """The teacher; but what the checker is asked goes to it at once: it has its own turns, and costs nothing."""

    async def ask(request: Request, /) -> Response:
        return await (checker if request.model == CHECKER else teacher)(request)

    return ask


async def _nobody(request: Request, /) -> Response:
    raise RunStopped(
        "journal.db lacks answers that tasks.jsonl was made from; move tasks.jsonl and rejected.jsonl away, "
        "and the same command asks again"
    )


def _lines(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(line.endswith(b"\n") for line in lines)
