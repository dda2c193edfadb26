"""The budget: never more than it says, whoever asks together, and nothing set aside for good."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.errors import BudgetReached, TeacherFailed, UsageError
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.budget import Budget, estimate_tokens
from selfinstruct.teachers.scripted import scripted

PRICE = (2.0, 10.0)  # dollars for a million tokens


def ask(prompt: str = "x" * 400, **params: Any) -> Request:  # 100 tokens, by the estimate
    return Request(prompt, "m", params)


@given(
    seed=st.integers(0, 10_000),
    limit=st.integers(0, 30_000),
    askers=st.integers(1, 64),
    by_dollars=st.booleans(),
    flaky=st.booleans(),
)
def test_the_budget_is_never_overshot(seed: int, limit: int, askers: int, by_dollars: bool, flaky: bool) -> None:
    dice = Random(seed)
    tokens, dollars = 0, 0.0

    async def teacher(request: Request, /) -> Response:
        nonlocal tokens, dollars
        for _ in range(dice.randrange(5)):
            await asyncio.sleep(0)
        if flaky and dice.random() < 0.2:
            raise TeacherFailed("no")
        given, written = dice.randint(1, 100), dice.randint(0, request.params["max_tokens"])
        tokens += given + written
        dollars += (given * PRICE[0] + written * PRICE[1]) / 1e6
        return Response("…", input_tokens=given, output_tokens=written)

    async def run() -> tuple[Budget, list[object]]:
        limits: dict[str, Any] = {"dollars": limit / 1e5} if by_dollars else {"max_tokens_total": limit}
        budget = Budget(teacher, price=PRICE, **limits)
        requests = [ask(max_tokens=dice.randint(1, 2000)) for _ in range(askers)]
        return budget, list(await asyncio.gather(*(budget(r) for r in requests), return_exceptions=True))

    budget, ended = asyncio.run(run())
    assert {type(end) for end in ended} <= {Response, BudgetReached, TeacherFailed}
    assert budget.spent_tokens == tokens
    assert budget.spent_dollars == pytest.approx(dollars)
    assert (dollars <= limit / 1e5 + 1e-9) if by_dollars else (tokens <= limit)
    if not any(isinstance(end, BudgetReached) for end in ended) and not flaky:
        assert len([end for end in ended if isinstance(end, Response)]) == askers
    assert budget._on_the_way == budget._held_tokens == budget._held_dollars == 0


async def test_cost_is_set() -> None:
    teacher = scripted([Response("…", input_tokens=1000, output_tokens=500)])
    assert (await Budget(teacher, price=PRICE)(ask())).cost == pytest.approx(0.007)
    whole = Response("…", cost=0.5)
    assert await Budget(scripted([whole]))(ask()) is whole, "no price: nothing to say about the cost"


async def test_what_it_says_when_it_is_reached() -> None:
    teacher = scripted([Response("…", input_tokens=1_000_000, output_tokens=234_567)] * 2)
    budget = Budget(teacher, dollars=5.0, price=(2.0, 4.0), spent_dollars=2.03, spent_tokens=17_433)
    await budget(ask(max_tokens=700_000))
    with pytest.raises(BudgetReached) as caught:
        await budget(ask(max_tokens=700_000))
    assert str(caught.value) == (
        "budget of $5.00 reached after $4.97 (1,252,000 tokens): run the same command with a larger --budget to go on"
    )


async def test_what_it_says_of_tokens() -> None:
    budget = Budget(scripted([]), max_tokens_total=1_000_000, spent_tokens=999_000)
    with pytest.raises(BudgetReached) as caught:
        await budget(ask(max_tokens=1000))
    assert str(caught.value) == (
        "budget of 1,000,000 tokens reached after 999,000: "
        "run the same command with a larger --max-tokens-total to go on"
    )


async def test_the_worst_case_is_4096_tokens_when_unset() -> None:
    cases: list[tuple[dict[str, Any], int]] = [
        ({}, 4196),
        ({"max_tokens": 8}, 108),
        ({"max_completion_tokens": 9}, 109),
    ]
    for params, tokens in cases:
        assert (await Budget(scripted(["Fine."]), max_tokens_total=tokens)(ask(**params))).text == "Fine."
        with pytest.raises(BudgetReached):
            await Budget(scripted(["Fine."]), max_tokens_total=tokens - 1)(ask(**params))


async def test_the_next_waits_until_it_is_known_what_is_left() -> None:
    go = asyncio.Event()
    begun = []

    async def teacher(request: Request, /) -> Response:
        begun.append(request)
        await go.wait()
        return Response("…", input_tokens=100, output_tokens=10)

    budget = Budget(teacher, max_tokens_total=1200)
    asked = [asyncio.create_task(budget(ask(max_tokens=900))) for _ in range(2)]
    for _ in range(5):
        await asyncio.sleep(0)
    assert len(begun) == 1
    go.set()
    await asyncio.gather(*asked)
    assert budget.spent_tokens == 220


@pytest.mark.parametrize("how", ["failed", "cancelled"])
async def test_what_came_to_nothing_is_released(how: str) -> None:
    async def never(request: Request) -> str:
        await asyncio.Event().wait()
        return ""

    teacher = scripted([TeacherFailed("no")]) if how == "failed" else scripted(never)
    budget = Budget(teacher, max_tokens_total=1000)
    task = asyncio.create_task(budget(ask(max_tokens=900)))
    await asyncio.sleep(0)
    if how == "cancelled":
        task.cancel()
    with pytest.raises(TeacherFailed if how == "failed" else asyncio.CancelledError):
        await task
    budget._teacher = scripted(["Fine."])
    assert (await budget(ask(max_tokens=900))).text == "Fine."


async def test_a_waiting_asker_who_is_cancelled_holds_nothing() -> None:
    go = asyncio.Event()

    async def slowly(request: Request) -> Response:
        await go.wait()
        return Response("…", input_tokens=0, output_tokens=0)

    budget = Budget(scripted(slowly), max_tokens_total=1000)
    first, second = (asyncio.create_task(budget(ask(max_tokens=900))) for _ in range(2))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    go.set()
    await first
    assert (await budget(ask(max_tokens=900))).text == "…"


async def test_without_usage_the_estimate_counts() -> None:
    budget = Budget(scripted(["y" * 40, Response("", "context_length"), Response("四个汉字", input_tokens=7)]))
    for spent in (110, 110, 121):
        await budget(ask(max_tokens=50))
        assert budget.spent_tokens == spent


def test_dollars_without_a_price() -> None:
    with pytest.raises(UsageError, match="no price known for gpt-x: give --price IN/OUT in dollars per million tokens"):
        Budget(scripted([]), dollars=1.0, model="gpt-x")


def test_estimates() -> None:
    assert [estimate_tokens(text) for text in ("", "a", "abcd", "abcde", "你好", "abc你")] == [0, 1, 1, 2, 2, 2]
    assert estimate_tokens(({"role": "user", "content": "你好"}, {"role": "user", "content": "abcd"})) == 11
