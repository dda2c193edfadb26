"""What an earlier process submitted and did not live to read: waited for, and journaled, before anything is asked.

So a run that was left goes on with a plain replay, and no request is ever in two batches.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from selfinstruct.errors import Declined
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.batching.provider import Provider
from selfinstruct.teachers.batching.records import Line, Record
from selfinstruct.teachers.batching.results import Outcome, outcomes, over
from selfinstruct.teachers.batching.shown import Shown

__all__ = ["STREAK", "Keep", "Recovery"]

STREAK = 20  # refusals, and no answer, of a batch that say more about the server than about the rows
AT_ONCE = 500  # answers in one transaction
ON_THE_WAY = 2.0  # seconds that a batch may take to be seen, which was made in the moment of the kill

Keep = Callable[[Sequence[tuple[str, Request, Response]], Collection[str]], None]
"""Journals answers with their steps, and settles what else was sent for the requests with these keys."""


@dataclass
class Recovery:
    providers: Mapping[str, Provider]
    """By model."""
    keep: Keep
    answered: bool
    """Whether the teacher is known to answer; when it is over, whether it did."""
    sleep: Callable[[float], Awaitable[object]]
    now: Callable[[], float]
    notice: Callable[[str], None]

    async def of(self, record: Record, shown: Shown) -> None:
        """Journal what one batch brings; it is forgotten then. Raises TeacherFailed when it cannot be found again."""
        provider = self.providers.get(record.model) or next(iter(self.providers.values()))
        lines = {line.request.key: line for line in record.lines()}
        if not lines or not await self._is_known(provider, record):
            self.keep((), lines)  # it never became a batch: nothing was asked, nothing is paid
            record.forget()
            return
        shown.lines = len(lines)
        self.notice(f"batch {shown.number}: {len(lines):,} requests were submitted before ({record.known['batch']})")
        row = await over(provider, record, shown, self.sleep)
        requests = {key: line.request for key, line in lines.items()}
        found = await outcomes(provider, row, record, requests, max(0.0, self.now() - record.at))
        self.answered |= any(isinstance(outcome, Response) for outcome in found.values())
        answers = list(self._answers(found, lines))
        for start in range(0, len(answers), AT_ONCE):
            part = answers[start : start + AT_ONCE]
            self.keep(part, [request.key for _, request, _ in part])
            await asyncio.sleep(0)
        self.keep((), lines)
        record.forget()
        await provider.delete(record, row)

    async def _is_known(self, provider: Provider, record: Record) -> bool:
        """Whether there is a batch of it; its id may have been on its way when the process was killed."""
        if "batch" in record.known:
            return True
        for wait in (0.0, ON_THE_WAY) if "file" in record.known else ():
            await self.sleep(wait)
            if row := await provider.find(record):
                record.learn(batch=str(row["id"]))
                return True
        return False

    def _answers(
        self, found: Mapping[str, Outcome], lines: Mapping[str, Line]
    ) -> Iterator[tuple[str, Request, Response]]:
        """The answers, and the refusals that are their rows' own. What else failed is asked once more."""
        refused = sum(isinstance(outcome, Declined) for outcome in found.values())
        settled = self.answered and (refused < STREAK or refused < len(found))
        for key, outcome in found.items():
            step, request = lines[key]
            if isinstance(outcome, Response):
                yield step, request, outcome
            elif isinstance(outcome, Declined) and settled:
                yield step, request, Response("", "declined", request.model, error=outcome.words)
