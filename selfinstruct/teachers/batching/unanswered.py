"""What becomes of a batch's lines that brought no answer: a rejection, a place in the next file, the end of the run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from selfinstruct.errors import Declined, RunStopped, TeacherFailed, Transient
from selfinstruct.teacher import Response
from selfinstruct.teachers.batching.records import Line
from selfinstruct.teachers.batching.recovery import STREAK
from selfinstruct.teachers.batching.results import Outcome

__all__ = ["Call", "left_over"]

AGAIN = 4  # times that a line is sent without an answer while others are answered


@dataclass(slots=True, eq=False)
class Call:
    line: Line
    url: str
    size: int
    """Bytes of its line."""
    tokens: int
    """Of its prompt, estimated."""
    answer: asyncio.Future[Response]
    attempts: int = 0
    """Files that it was in without an answer."""


def left_over(
    row: Mapping[str, Any], calls: Mapping[Call, Outcome | None], *, answered: bool, ever: bool
) -> Iterator[tuple[Call, str | None]]:
    """Each call with the words that it is refused with; None: it goes into the next file.

    `row` is the provider's of the batch, `answered` whether another line of it was answered, `ever` whether one of any
    was. Raises what stops the run: RunStopped or TeacherFailed, for all that was not yielded.
    """
    refused = [(call, error) for call, error in calls.items() if isinstance(error, Declined)]
    for error in calls.values():
        if isinstance(error, TeacherFailed) and not isinstance(error, Declined):
            raise error
    if refused and not ever:
        raise refused[0][1]  # the mistake may be in all of them
    if len(refused) >= STREAK and not answered:
        raise TeacherFailed(
            f"the server refused all {len(refused):,} requests of a batch (last: {refused[-1][1].words}): check "
            "the server; the same command goes on"
        ) from refused[-1][1]
    for call, error in refused:
        yield call, error.words
    status = str(row.get("status")).lower()
    if status in ("cancelled", "canceled"):
        raise RunStopped(
            f"{row.get('id')} was cancelled at the provider: what it had answered is kept, the same command asks "
            "for the rest"
        )
    for call, outcome in calls.items():
        if not isinstance(outcome, Declined):
            # A batch that expired counts when it brought nothing: else there were more requests than the provider has
            # time for in a day.
            call.attempts += not (answered and status == "expired")
            yield call, _verdict(call, outcome or Transient("the results lack its line"), ever=ever)


def _verdict(call: Call, error: object, *, ever: bool) -> str | None:
    if call.attempts < AGAIN:
        return None
    if ever:
        return str(error)
    raise TeacherFailed(
        f"no answer in {AGAIN} batches (request {call.line.request.id}, last: {error}): check the server and "
        "run the same command again, or leave --batch out"
    )
