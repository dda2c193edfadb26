"""A teacher that asks by the provider's Batch API, in the endpoint's place: journal(budget(batch)).

Each call waits for its answer. Once no further one has come for a moment, since everybody who could ask waits, all of
them are one file (one for each model): written down, uploaded, made a batch, looked at again and again until it is
over, its results handed to those who wait. So `grow` goes in generations of its width, and `each` in as many as its
window holds, by themselves; and what comes of it is what the live endpoint would have given.

A run may be left at any moment. What was submitted stands in its folder (`records`), and `recover` waits for it before
anything else is asked: what it brings is in the journal then, and never asked or paid for twice.

A line that failed for a passing reason is in the next file. One that is refused is its row's rejection when others were
answered, and stops the run when none was.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from selfinstruct.errors import Declined, RunStopped, SelfinstructError, TeacherFailed, Transient
from selfinstruct.teacher import Request, Response, Teacher
from selfinstruct.teachers.batching import results
from selfinstruct.teachers.batching.meaning import QueueFull, TooLarge, failure
from selfinstruct.teachers.batching.provider import Provider
from selfinstruct.teachers.batching.queueing import Queue, files
from selfinstruct.teachers.batching.records import Line, Record, Records
from selfinstruct.teachers.batching.recovery import Keep, Recovery
from selfinstruct.teachers.batching.results import outcomes, over
from selfinstruct.teachers.batching.shown import Shown, in_words
from selfinstruct.teachers.batching.unanswered import Call, left_over
from selfinstruct.teachers.estimate import estimate_tokens
from selfinstruct.teachers.http.endpoint import Endpoint

__all__ = ["MOST_LINES", "Batch"]

MOST_LINES, MOST_BYTES = 50_000, 200_000_000  # of a file: OpenAI's and Groq's limits
TURN = 0.1  # seconds between two looks whether somebody still asks
QUIET = 4  # such looks in a row that find nobody: everybody waits


class Batch:
    def __init__(
        self,
        endpoints: Mapping[str, Endpoint],
        records: Records,
        *,
        journaled: Callable[[str], bool],
        answered: bool = False,
        patience: float = 600.0,
        most_lines: int = MOST_LINES,
        most_bytes: int = MOST_BYTES,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        now: Callable[[], float] = time.time,
        notice: Callable[[str], None] = lambda text: None,
    ) -> None:
        """`endpoints` by the model that requests name. `journaled` says of a request's key whether its answer is safe;
        `answered`, whether the teacher is known to answer, from an earlier run. `patience` is for what is sent about
        batches, in seconds; a batch itself has the provider's 24 hours."""
        self._providers = {
            model: Provider(endpoint, patience=patience, sleep=sleep, now=now) for model, endpoint in endpoints.items()
        }
        self._queues = {model: Queue(most_lines, most_bytes) for model in endpoints}
        self._records, self._journaled, self._answered = records, journaled, answered
        self._sleep, self._now, self._notice = sleep, now, notice
        self._steps: dict[str, str] = {}
        self._gathered: list[Call] = []
        self._arrived = self._made = 0
        self._gathering: asyncio.Task[None] | None = None
        self._working, self._tidying = set[asyncio.Task[None]](), set[asyncio.Task[None]]()
        self._shown: list[Shown] = []
        self._submitted: list[tuple[Provider, Record]] = []
        """What is with the provider."""
        self._unwanted = asyncio.Event()
        """Set when it need not be answered any more."""
        self._handed: list[tuple[Provider, Record, dict[str, Any], list[str]]] = []
        """Batches whose answers were handed out, with the provider's row and the keys of the answers: once all are
        journaled, it is forgotten, and its files are deleted there."""
        self._failed: SelfinstructError | None = None

    def of(self, step: str, outer: Teacher) -> Teacher:
        """`outer`, which asks this batch in the end, noting the step that asks."""

        async def ask(request: Request, /) -> Response:
            self._steps[request.key] = step
            return await outer(request)

        return ask

    async def __call__(self, request: Request, /) -> Response:
        if self._failed:
            raise self._failed
        call = self._call(request)
        self._gather(call)
        return await call.answer

    def _call(self, request: Request) -> Call:
        url, line = self._providers[request.model].line(request)  # not kept: 200 MB of them may wait
        answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        step = self._steps.pop(request.key, "")
        return Call(Line(step, request), url, len(line), estimate_tokens(request.prompt), answer)

    async def aclose(self) -> None:
        """Wait for nothing any more: what was submitted is recovered the next time."""
        tasks = [*self._working, *filter(None, [self._gathering])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._forget()
        await asyncio.gather(*self._tidying, return_exceptions=True)

    def close(self) -> None:
        """Submit nothing any more."""
        self._failed = self._failed or RunStopped("the run is over")
        for call in self._gathered:
            call.answer.cancel()

    async def cancel(self) -> None:
        """Have nothing more answered of what is with the provider: the run wants none of it. What was answered before
        is billed, and handed out as soon as the provider gives it; a later start finds what comes after that."""
        self._unwanted.set()
        known = [(provider, record.known["batch"]) for provider, record in self._submitted if "batch" in record.known]
        await asyncio.gather(*(provider.cancel(id) for provider, id in known))

    @property
    def left(self) -> int:
        """Requests whose batches are with the provider."""
        return sum(shown.lines for shown in self._shown if shown.since is not None)

    def doing(self) -> str:
        """What is waited for, for people."""
        return in_words(self._shown, self._now())

    # Gathering

    def _gather(self, call: Call) -> None:
        if self._failed:  # closed meanwhile
            _fail([call], self._failed)
            return
        self._gathered.append(call)
        self._arrived += 1
        if not self._gathering:
            self._gathering = asyncio.create_task(self._gathers())

    async def _gathers(self) -> None:
        """Until nobody asks any more; then off with them."""
        quiet, arrived = 0, -1
        while quiet < QUIET:
            await self._sleep(TURN)
            quiet, arrived = (quiet + 1 if arrived == self._arrived else 0), self._arrived
        calls, self._gathered, self._gathering = self._gathered, [], None
        self._forget()
        groups: dict[tuple[str, str], list[Call]] = {}
        for call in calls:
            if not call.answer.done():  # nobody waits for it any more
                groups.setdefault((call.line.request.model, call.url), []).append(call)
        for (model, _), group in groups.items():
            for part in files(group, self._queues[model]):
                task = asyncio.create_task(self._works(model, part))
                self._working.add(task)
                task.add_done_callback(self._working.discard)

    # One file

    async def _works(self, model: str, calls: list[Call]) -> None:
        """From a file's requests to their answers. Whatever happens, nobody waits for ever."""
        shown = self._show(len(calls))
        try:
            try:
                async with self._queues[model].place(_tokens(calls), self._sleep):
                    await self._answered_by(model, calls, shown)
            except (QueueFull, TooLarge) as error:
                await self._smaller(model, calls, error, shown)
        except SelfinstructError as error:
            if not isinstance(error, Declined):
                self._failed = self._failed or error
            _fail(calls, error)
        except asyncio.CancelledError:
            for call in calls:
                call.answer.cancel()
            raise
        except Exception as error:
            _fail(calls, error)
        finally:
            self._shown.remove(shown)

    def _show(self, lines: int) -> Shown:
        self._made += 1
        self._shown.append(shown := Shown(self._made, lines))
        return shown

    async def _answered_by(self, model: str, calls: list[Call], shown: Shown) -> None:
        provider, url = self._providers[model], calls[0].url
        lines = [call.line for call in calls]
        record = self._records.write(model, url, self._now(), lines)
        try:
            await self._submit(provider, record, (line.request for line in lines))
        except (QueueFull, TooLarge):
            record.forget()
            raise
        except TeacherFailed as error:
            # No reply to the end of patience: it may have become a batch, and the next start looks for it.
            if "file" not in record.known or not isinstance(error.__cause__, Transient):
                record.forget()
            raise
        self._notice(f"batch {shown.number}: {len(lines):,} requests submitted to {model} ({record.known['batch']})")
        self._submitted.append((provider, record))
        try:
            row = await over(provider, record, shown, self._rests)
        finally:
            self._submitted.remove((provider, record))
        if str(row.get("status")).lower() == "failed" and not row.get("output_file_id"):
            self._over(provider, record, row)
            raise failure(row, provider.where, provider.clean)
        self._queues[model].accepted()
        waiting = {call.line.request.key: call for call in calls}
        requests = {key: call.line.request for key, call in waiting.items()}
        found = await outcomes(provider, row, record, requests, max(0.0, self._now() - record.at))
        done = [key for key, outcome in found.items() if isinstance(outcome, Response)]
        self._answered |= bool(done)
        for number, key in enumerate(done):
            call = waiting.pop(key)
            if not call.answer.done():
                answer = found[key]
                assert isinstance(answer, Response)
                call.answer.set_result(replace(answer, attempts=call.attempts + 1))
            if number % 100 == 99:  # those who are answered go first
                await asyncio.sleep(0)
        self._handed.append((provider, record, row, done))
        left = {call: found.get(key) for key, call in waiting.items()}
        for call, words in left_over(row, left, answered=bool(done), ever=self._answered):
            if words is None:
                self._gather(call)
            else:
                _decline(call, words)

    async def _submit(self, provider: Provider, record: Record, requests: Iterable[Request]) -> None:
        record.learn(file=await provider.upload(record, (provider.line(request)[1] for request in requests)))
        record.learn(batch=await provider.create(record))

    async def _rests(self, seconds: float) -> None:
        """Until the next look at a batch; a moment only when it was cancelled."""
        if self._unwanted.is_set():
            await self._sleep(min(seconds, results.FIRST))
            return
        waits = [asyncio.ensure_future(wait) for wait in (self._sleep(seconds), self._unwanted.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _smaller(self, model: str, calls: list[Call], error: QueueFull | TooLarge, shown: Shown) -> None:
        """Another file, or several, that the provider can take; later where smaller ones would not help either."""
        queue = self._queues[model]
        words = self._providers[model].clean(str(error))
        wait = queue.refused(len(calls), _tokens(calls), error)
        if wait is None:
            raise TeacherFailed(
                f"the provider takes no batch of {len(calls):,} ({words}): leave --batch out"
            ) from error
        later = f"trying again in {wait:.0f} s" if wait else "trying with smaller files"
        self._notice(f"batch {shown.number} does not fit at the provider ({words}): {later}")
        if wait:
            shown.since, shown.rests_until = None, self._now() + wait
            await self._sleep(wait)
        for call in calls:
            self._gather(call)

    def _forget(self) -> None:
        """The batches all of whose answers are in the journal now."""
        for one in self._handed[:]:
            provider, record, row, keys = one
            if all(map(self._journaled, keys)):
                self._handed.remove(one)
                self._over(provider, record, row)

    def _over(self, provider: Provider, record: Record, row: dict[str, Any]) -> None:
        """Forget a batch, and delete its files at the provider: afterwards, since a start that finds it wants them."""
        record.forget()
        task = asyncio.create_task(provider.delete(record, row))
        self._tidying.add(task)
        task.add_done_callback(self._tidying.discard)

    # What earlier processes submitted

    async def recover(self, keep: Keep) -> None:
        """Wait for the batches that a process before this one submitted, and journal what they bring: before anything
        is asked. Raises TeacherFailed for one that is not there any more."""
        recovery = Recovery(self._providers, keep, self._answered, self._sleep, self._now, self._notice)
        records = self._records.there()
        shown = [self._show(0) for _ in records]
        works = [recovery.of(record, each) for record, each in zip(records, shown, strict=True)]
        try:
            async with asyncio.TaskGroup() as group:
                for work in works:
                    group.create_task(work)
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None
        finally:
            self._shown.clear()
        self._answered = recovery.answered


def _decline(call: Call, words: str) -> None:
    if not call.answer.done():
        answer = Response("", "declined", call.line.request.model, error=words, attempts=call.attempts + 1)
        call.answer.set_result(answer)


def _tokens(calls: Sequence[Call]) -> int:
    return sum(call.tokens for call in calls)


def _fail(calls: Sequence[Call], error: Exception) -> None:
    for call in calls:
        if not call.answer.done():
            call.answer.set_exception(error)
            call.answer.exception()  # seen, also where nobody waits any more
