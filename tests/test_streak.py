"""One row that the server refuses is that row's rejection; a server that refuses everybody stops the run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from test_throttle import Clock, Server, ask, ended, throttled

from selfinstruct.errors import Declined, TeacherFailed, Transient
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.pacing.streak import AGAIN, STREAK
from selfinstruct.teachers.pacing.throttle import Throttle

WORDS = "HTTP 400: messages is invalid"


def no() -> Declined:
    return Declined(f"the server refused the request ({WORDS})", WORDS)


def refusing(*rows: int) -> Callable[[Request, int], BaseException | None]:
    return lambda request, tries: no() if int(str(request.prompt)) in rows else None


async def in_order(throttle: Throttle, rows: int, width: int) -> list[Response]:
    """As the run asks: so many at once, awaited in order, and the next is drafted when the oldest has come."""
    asked = [asyncio.ensure_future(throttle(ask(row))) for row in range(min(width, rows))]
    found = []
    try:
        for row in range(rows):
            found.append(await asked[row])
            if len(asked) < rows:
                asked.append(asyncio.ensure_future(throttle(ask(len(asked)))))
    finally:
        for one in asked:
            one.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
    return found


@pytest.mark.parametrize("bad", [0, 5, 15, 16, 39])
@pytest.mark.parametrize("width", [1, 4, 16, 40])
@pytest.mark.parametrize("concurrency", [1, 16])
async def test_one_refused_row_is_rejected_and_stops_nothing(bad: int, width: int, concurrency: int) -> None:
    clock = Clock()
    throttle = throttled(Server(clock, refusing(bad)), clock, concurrency=concurrency)
    if (bad, width, concurrency) == (0, 1, 16):
        with pytest.raises(Declined):  # nobody was answered, and nobody else asks: it may be the same for all
            await clock.run(in_order(throttle, 40, width))
        return
    found = await clock.run(in_order(throttle, 40, width))
    assert [row for row, response in enumerate(found) if response.finish_reason == "declined"] == [bad]
    assert found[bad] == Response("", "declined", "m", error=WORDS)
    assert throttle.doing() == ""


@pytest.mark.parametrize("width", [1, 16])
async def test_the_last_rows_of_all(width: int) -> None:
    clock = Clock()
    throttle = throttled(Server(clock, refusing(*range(30, 40))), clock)
    found = await clock.run(in_order(throttle, 40, width))
    assert sum(response.finish_reason == "declined" for response in found) == 10
    assert clock() - 1000.0 < 100


async def test_when_all_are_refused_nothing_is_rejected() -> None:
    clock = Clock()
    server = Server(clock, lambda *_: no())
    ends = await ended(clock, *(throttled(server, clock)(ask(i)) for i in range(16)))
    throttle = throttled(server, clock)
    ends = await ended(clock, *(throttle(ask(i)) for i in range(16)))
    assert {(type(end), str(end)) for end in ends} == {(Declined, str(no()))}


async def test_an_answer_of_an_earlier_run_counts() -> None:
    clock = Clock()
    throttle = throttled(Server(clock, lambda *_: no()), clock, answered=True)
    assert (await clock.run(throttle(ask(0)))).finish_reason == "declined"


@pytest.mark.parametrize("answered", [True, False])
@pytest.mark.parametrize("concurrency", [1, 16])
async def test_a_streak_stops(concurrency: int, answered: bool) -> None:
    clock = Clock()
    server = Server(clock, lambda *_: no())
    throttle = throttled(server, clock, concurrency=concurrency, answered=answered)
    words = f"the server refused the last {STREAK} requests in a row" if answered else str(no())
    with pytest.raises(TeacherFailed) as caught:
        await clock.run(in_order(throttle, 100, concurrency))
    assert words in str(caught.value)
    assert len(server.sent) <= STREAK + concurrency + AGAIN


@pytest.mark.parametrize(("width", "seconds"), [(400, 2.0), (8, 2.0), (2, 2.0), (8, 9.0), (2, 9.0)])
async def test_a_short_outage_changes_nothing(width: int, seconds: float) -> None:
    """A proxy says 403 to everybody for some seconds."""
    clock = Clock()

    def outage(request: Request, tries: int) -> BaseException | None:
        return no() if 1004.0 <= clock() < 1004.0 + seconds else None

    throttle = throttled(Server(clock, outage), clock, concurrency=8)
    found = await clock.run(in_order(throttle, 400, width))
    assert {response.finish_reason for response in found} == {"stop"}
    assert max(response.attempts for response in found) <= 1 + AGAIN


async def test_an_outage_that_stays_stops_without_rejecting() -> None:
    clock = Clock()
    throttle = throttled(Server(clock, lambda *_: no() if clock() >= 1004.0 else None), clock, concurrency=8)
    ends = await ended(clock, *(throttle(ask(row)) for row in range(100)))
    assert not [end for end in ends if isinstance(end, Response) and end.finish_reason == "declined"]
    assert "20 requests in a row (last: HTTP 400" in str(ends[-1])


async def test_an_endless_500_is_that_rows_rejection() -> None:
    clock = Clock()
    words = "HTTP 500 from http://x: oops"
    server = Server(clock, lambda request, tries: Transient(words) if request.prompt == "3" else None)
    throttle = throttled(server, clock, concurrency=4, patience=60)
    found = await clock.run(in_order(throttle, 40, 16))
    assert [row for row, response in enumerate(found) if response.finish_reason == "declined"] == [3]
    assert found[3].error == words
    assert found[3].attempts > 4


async def test_an_endless_429_is_nobodys_fault() -> None:
    clock = Clock()
    fault = Transient("HTTP 429", limited=True)
    server = Server(clock, lambda request, tries: fault if request.prompt == "3" else None)
    with pytest.raises(TeacherFailed, match="no answer for"):
        await clock.run(in_order(throttled(server, clock, patience=60), 10, 4))


async def test_another_models_answers_show_nothing() -> None:
    clock = Clock()
    server = Server(clock, lambda request, tries: no() if request.model == "a" else None)
    throttle = throttled(server, clock)
    asked = [throttle(Request(str(row), "ab"[row % 2])) for row in range(100)]
    ends = await ended(clock, *asked)
    assert not [end for end in ends if isinstance(end, Response) and end.finish_reason == "declined"]


async def test_what_is_held_back_is_dropped_when_closed_or_cancelled() -> None:
    clock = Clock()
    throttle = throttled(Server(clock, refusing(0, 1)), clock, concurrency=2)
    held = [asyncio.ensure_future(throttle(ask(row))) for row in range(2)]
    queued = asyncio.ensure_future(throttle(Request("slow", "m")))
    queued.cancel()
    await clock.run(clock.sleep(1.01))
    assert throttle.doing() == "2 requests refused: waiting to see whether others are answered"
    held[0].cancel()
    await clock.settle()
    throttle.close()
    ends = await asyncio.gather(*held, return_exceptions=True)
    assert [type(end) for end in ends] == [asyncio.CancelledError] * 2


# Refusals that say what they are about


def too_long() -> Declined:
    return Declined("a prompt of 900 tokens is longer than the server's context of 512", "900 in 512", "prompt")


def too_much(about: str = "max_tokens") -> Declined:
    return Declined("max_tokens=2048 is more than the server gives: set max_tokens: 2000 or less", "2048", about)


@pytest.mark.parametrize("concurrency", [1, 4, 16])
@pytest.mark.parametrize("make", [too_much, lambda: too_much("setting")])
async def test_max_tokens_stops_the_run_at_the_first(make: Callable[[], Declined], concurrency: int) -> None:
    clock = Clock()
    server = Server(clock, lambda request, tries: make())
    with pytest.raises(Declined, match="set max_tokens: 2000 or less"):
        await clock.run(in_order(throttled(server, clock, concurrency=concurrency), 40, 16))
    assert len(server.sent) <= 16, "each of the window once, unbilled: another prompt may be shorter"


async def test_a_context_that_no_prompt_fits_stops_the_run() -> None:
    clock = Clock()
    server = Server(clock, lambda request, tries: too_long())
    with pytest.raises(Declined, match="context of 512"):
        await clock.run(in_order(throttled(server, clock), 3, 16))
    assert len(server.sent) == 3


@pytest.mark.parametrize("concurrency", [1, 4, 16])
@pytest.mark.parametrize("rows", [range(1), range(5, 30), (39,)])
async def test_prompts_that_are_too_long_are_rejected_where_others_fit(rows: range, concurrency: int) -> None:
    """However many in a row: nothing is wrong with the server."""
    clock = Clock()
    server = Server(clock, lambda request, tries: too_long() if int(str(request.prompt)) in rows else None)
    found = await clock.run(in_order(throttled(server, clock, concurrency=concurrency), 40, 16))
    assert [row for row, response in enumerate(found) if response.finish_reason != "stop"] == list(rows)
    assert found[rows[0]] == Response("", "context_length", "m", error="900 in 512")
    assert len(server.sent) == 40, "asked again, they would be as long"


async def test_one_row_that_leaves_no_room_for_max_tokens_is_rejected() -> None:
    clock = Clock()
    server = Server(clock, lambda request, tries: too_much() if int(str(request.prompt)) == 7 else None)
    found = await clock.run(in_order(throttled(server, clock), 20, 16))
    assert found[7] == Response("", "declined", "m", error="2048")
    assert len(server.sent) == 20


def step(number: int, row: int) -> Request:
    return Request(str(row), "m", {"max_tokens": number})


@pytest.mark.parametrize(("rows", "stops"), [(2, False), (3, True)])
async def test_a_later_step_that_never_fits(rows: int, stops: bool) -> None:
    """One or two of its rows may be long; more are the step's own fault."""
    clock = Clock()
    server = Server(clock, lambda request, tries: too_long() if request.params["max_tokens"] == 2 else None)
    throttle = throttled(server, clock)
    await clock.run(asyncio.gather(*(throttle(step(1, row)) for row in range(5))))
    late = asyncio.gather(*(throttle(step(2, row)) for row in range(rows)), return_exceptions=True)
    found = await clock.run(late)
    assert all(isinstance(one, Declined) == stops for one in found)


async def test_a_parameter_is_wrong_for_its_step_whatever_others_were_answered() -> None:
    clock = Clock()
    server = Server(clock, lambda request, tries: too_much("setting") if request.params["max_tokens"] == 2 else None)
    throttle = throttled(server, clock)
    await clock.run(throttle(step(1, 0)))
    with pytest.raises(Declined):
        await clock.run(throttle(step(2, 0)))


@pytest.mark.parametrize("took", [True, False])
async def test_an_earlier_run_knows_which_step_was_answered(took: bool) -> None:
    clock = Clock()
    server = Server(clock, lambda request, tries: too_much("setting"))
    throttle = throttled(server, clock, answered=True, took=lambda request: took)
    if took:
        assert (await clock.run(throttle(step(1, 0)))).finish_reason == "declined"
    else:
        with pytest.raises(Declined):
            await clock.run(throttle(step(1, 0)))
