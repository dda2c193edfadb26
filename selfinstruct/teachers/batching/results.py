"""From a batch that was submitted to what each of its lines was answered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from selfinstruct.errors import TeacherFailed, Transient
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.batching.meaning import counts, is_over, reply_of
from selfinstruct.teachers.batching.provider import Provider
from selfinstruct.teachers.batching.records import Record
from selfinstruct.teachers.batching.shown import Shown

__all__ = ["Outcome", "outcomes", "over"]

FIRST, LONGEST, GROWTH = 1.0, 60.0, 1.3  # seconds between two looks, at first and at last
LATE = 10  # looks at a batch that is over but does not name its results yet

Outcome = Response | Transient | TeacherFailed


async def over(
    provider: Provider, record: Record, shown: Shown, sleep: Callable[[float], Awaitable[object]]
) -> dict[str, Any]:
    """The provider's row of the batch, when it is over. It is looked at with growing pauses."""
    pause, late, shown.since = FIRST, 0, record.at
    while True:
        row = await provider.look(record.known["batch"])
        done, shown.failed = counts(row)
        shown.done, shown.status = min(done, shown.lines), str(row.get("status") or "")
        if is_over(row):
            # Some are over a moment before they say where their results are.
            named = row.get("output_file_id") or row.get("error_file_id") or row.get("errors")
            late += 1
            if named or not done or late > LATE:
                return row
        await sleep(pause)
        pause = min(LONGEST, GROWTH * pause)


async def outcomes(
    provider: Provider, row: dict[str, Any], record: Record, requests: Mapping[str, Request], seconds: float
) -> dict[str, Outcome]:
    """What the requests, given by their keys, were answered; those are missing whose lines the results lack.
    `seconds`: how long it took."""
    found = dict[str, Outcome]()
    for number, result in enumerate(await provider.results(row, record.path)):
        if request := requests.get(result["custom_id"]):
            reply = reply_of(result)
            outcome = reply if isinstance(reply, Transient) else provider.outcome(request, *reply)
            if isinstance(outcome, Response):
                outcome = replace(outcome, tier="batch", seconds=seconds, limits=None)
            found[request.key] = outcome
        if number % 100 == 99:
            await asyncio.sleep(0)
    return found
