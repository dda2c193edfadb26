"""The budget: never more than it says, whoever asks together, nothing set aside for good, and what is lost counted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.errors import BudgetReached, Declined, TeacherFailed, Transient, UsageError
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.accounts import Spent, spent
from selfinstruct.teachers.budget import Budget
from selfinstruct.teachers.estimate import (
    LONGEST_TEMPLATE,
    TEMPLATE,
    Habits,
    estimate_request,
    estimate_text,
    estimate_tokens,
)
from selfinstruct.teachers.prices import Price
from selfinstruct.teachers.scripted import scripted

PRICE = Price(2.0, 10.0)
PROMPT = 108
"""Tokens of `ask()`, by the estimate."""
FIRST = PROMPT + LONGEST_TEMPLATE
"""And what is set aside for it before anybody was answered."""


def ask(prompt: str = "7" * 100, **params: Any) -> Request:
    return Request(prompt, "m", params)


def answer(given: int = 100, written: int = 10) -> Response:
    return Response("…", input_tokens=given, output_tokens=written)


@dataclass
class Book:
    """A ledger in memory."""

    open: dict[int, tuple[str, int, int, float]] = field(default_factory=dict)
    number: int = 0

    def sent(self, key: str, given: int, written: int, dollars: float) -> int:
        self.number += 1
        self.open[self.number] = key, given, written, dollars
        return self.number

    def settled(self, number: int) -> None:
        del self.open[number]

    def lost(self) -> list[tuple[int, int, float]]:
        return [row[1:] for row in self.open.values()]


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@given(
    seed=st.integers(0, 10_000),
    limit=st.integers(0, 30_000),
    askers=st.integers(1, 64),
    by_dollars=st.booleans(),
    faults=st.booleans(),
)
def test_the_budget_is_never_overshot(seed: int, limit: int, askers: int, by_dollars: bool, faults: bool) -> None:
    """Answers of any length, failures that are billed and that are not, askers who leave: the bill is within the
    budget, and everybody is answered, refused, or gone."""
    dice = Random(seed)
    given = dice.randint(1, PROMPT)  # all ask the same, which has as many tokens each time
    tokens, dollars = 0, 0.0

    async def provider(request: Request, /) -> Response:
        nonlocal tokens, dollars
        used = given, dice.randint(0, request.params["max_tokens"])
        await turns(dice.randrange(5))
        fate = dice.random() if faults else 1.0
        if fate < 0.1:
            raise TeacherFailed("no")
        if fate < 0.2:
            raise Transient("HTTP 500")
        tokens += sum(used)
        dollars += PRICE.cost(*used)
        return answer(*used)

    book = Book()

    async def run() -> tuple[Budget, list[object]]:
        limits: dict[str, Any] = {"dollars": limit / 1e5} if by_dollars else {"max_tokens_total": limit}
        budget = Budget(provider, price=PRICE, ledger=book, **limits)
        tasks = [asyncio.create_task(budget(ask(max_tokens=dice.randint(1, 2000)))) for _ in range(askers)]
        while faults and not all(task.done() for task in tasks):
            await asyncio.sleep(0)
            if dice.random() < 0.1:
                dice.choice(tasks).cancel()
        return budget, list(await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 10))

    budget, ended = asyncio.run(run())
    assert {type(end) for end in ended} <= {
        *(Response, BudgetReached, TeacherFailed, Transient, asyncio.CancelledError),
    }
    assert budget.spent_tokens == tokens + budget.lost_tokens
    assert sum(read + wrote for read, wrote, _ in book.lost()) >= budget.lost_tokens
    assert (dollars <= limit / 1e5 + 1e-9) if by_dollars else (tokens <= limit)
    assert (budget.spent_dollars <= limit / 1e5 + 1e-9) if by_dollars else (budget.spent_tokens <= limit)
    assert budget._on_the_way == budget._held_tokens == budget._held_dollars == len(budget._line) == 0
    if not any(isinstance(end, BudgetReached) for end in ended) and not faults:
        assert len([end for end in ended if isinstance(end, Response)]) == askers


@given(sizes=st.lists(st.integers(1, 900), min_size=1, max_size=30), seed=st.integers(0, 99))
def test_all_that_fit_get_through_in_the_order_they_came(sizes: list[int], seed: int) -> None:
    """Each alone fits, and all their bills do: nobody is refused, and no small one passes a large one."""
    dice, sent = Random(seed), list[int]()

    async def provider(request: Request, /) -> Response:
        sent.append(request.params["max_tokens"])
        await turns(dice.randrange(9))
        return answer(1, 1)

    async def run() -> None:
        budget = Budget(provider, max_tokens_total=1800 + 2 * len(sizes))
        await asyncio.wait_for(asyncio.gather(*(budget(ask(max_tokens=size)) for size in sizes)), 10)

    asyncio.run(run())
    assert sent == sizes


async def test_cost_is_set() -> None:
    teacher = scripted([Response("…", input_tokens=1000, output_tokens=500)])
    assert (await Budget(teacher, price=PRICE)(ask())).cost == pytest.approx(0.007)
    whole = Response("…", cost=0.5)
    assert await Budget(scripted([whole]))(ask()) is whole, "no price: nothing to say about the cost"


async def test_what_it_says_when_it_is_reached() -> None:
    so_far = Spent(2.0, 17_433, lost=12_000)
    teacher = scripted([answer(100, 990_000)])
    budget = Budget(teacher, dollars=5.0, price=Price(2.0, 3.0), spent=so_far)
    await budget(ask(max_tokens=990_000))
    with pytest.raises(BudgetReached) as caught:
        await budget(ask(max_tokens=990_000))
    assert str(caught.value) == (
        "budget of $5.00 reached after $4.97 (1,007,533 tokens, of which at most 12,000 were lost on the way): "
        "run the same command with a larger --budget to go on"
    )


async def test_what_it_says_of_tokens() -> None:
    budget = Budget(scripted([]), max_tokens_total=1_000_000, spent=Spent(0.0, 999_000, estimated=800))
    with pytest.raises(BudgetReached) as caught:
        await budget(ask(max_tokens=1000))
    assert str(caught.value) == (
        "budget of 1,000,000 tokens reached after 999,000, of which 800 are estimated: "
        "run the same command with a larger --max-tokens-total to go on"
    )


async def test_a_request_larger_than_the_whole_budget_is_told_so_at_once() -> None:
    budget = Budget(scripted([]), dollars=0.2, price=PRICE)
    with pytest.raises(BudgetReached) as caught:
        await budget(ask(max_tokens=30_000))
    assert str(caught.value) == (
        "one request of this step may cost $0.31, more than the budget of $0.20: "
        "give it a smaller max_tokens, or run the same command with a larger --budget"
    )
    with pytest.raises(BudgetReached, match="may take 1,808 tokens, more than the budget of 1,807"):
        await Budget(scripted([]), max_tokens_total=1807)(ask(max_tokens=1000))


async def test_the_worst_case_is_4096_tokens_when_unset() -> None:
    cases: list[tuple[dict[str, Any], int]] = [
        ({}, FIRST + 4096),
        ({"max_tokens": 8}, FIRST + 8),
        ({"max_completion_tokens": 9}, FIRST + 9),
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
        return answer()

    budget = Budget(teacher, max_tokens_total=1900)
    asked = [asyncio.create_task(budget(ask(max_tokens=900))) for _ in range(2)]
    await turns()
    assert len(begun) == 1
    go.set()
    await asyncio.gather(*asked)
    assert budget.spent_tokens == 220


def never(begun: list[Request]) -> Callable[[Request], Any]:
    async def teacher(request: Request, /) -> Response:
        begun.append(request)
        await asyncio.Event().wait()
        return answer()

    return teacher


FAILURES = {
    "wrong key": (TeacherFailed("no"), False),
    "declined": (Declined("no", "HTTP 400"), False),
    "a refused connection": (Transient("refused"), False),
    "HTTP 500": (Transient("HTTP 500"), False),
    "timed out": (Transient("timed out", billed=True), True),
}


@pytest.mark.parametrize("what", FAILURES)
async def test_failures_are_billed_as_the_provider_would(what: str) -> None:
    error, billed = FAILURES[what]
    book = Book()
    budget = Budget(scripted([error]), max_tokens_total=5000, price=PRICE, ledger=book)
    with pytest.raises(type(error)):
        await budget(ask(max_tokens=900))
    assert budget.spent_tokens == budget.lost_tokens == (FIRST + 900) * billed
    assert budget.spent_dollars == pytest.approx((FIRST * 2 + 900 * 10) / 1e6 * billed)
    assert len(book.open) == billed, "what was lost stays in the ledger"
    assert budget._on_the_way == budget._held_tokens == 0


async def test_a_lost_answer_counts_as_long_as_it_may_have_been() -> None:
    lost = Transient("connection lost", billed=True)
    budget = Budget(scripted([*[answer(54, 20)] * 64, lost]), max_tokens_total=50_000)
    for _ in range(64):
        await budget(ask(max_tokens=900))
    with pytest.raises(Transient):
        await budget(ask(max_tokens=900))
    assert budget.lost_tokens == 55 + 900, "half of the estimate, as before; and all of max_tokens"


async def test_what_is_cancelled_on_the_wire_is_billed_and_what_waits_is_not() -> None:
    begun: list[Request] = []
    book = Book()
    budget = Budget(never(begun), max_tokens_total=1800, ledger=book)
    first, second = (asyncio.create_task(budget(ask(max_tokens=900))) for _ in range(2))
    await turns()
    second.cancel()
    await turns()
    assert second.cancelled()
    assert budget.spent_tokens == 0
    first.cancel()
    await turns()
    assert first.cancelled()
    assert len(begun) == 1
    assert budget.spent_tokens == budget.lost_tokens == FIRST + 900
    again = spent([], None, book.lost())
    assert (again.tokens, again.lost) == (FIRST + 900, FIRST + 900), "the next process counts it, too"


async def test_a_head_of_the_line_who_leaves_lets_the_next_one_through() -> None:
    go = asyncio.Event()

    async def slowly(request: Request) -> Response:
        await go.wait()
        return answer(1, 1)

    budget = Budget(scripted(slowly), max_tokens_total=3500)
    first, large, small = (asyncio.create_task(budget(ask(max_tokens=size))) for size in (900, 2500, 100))
    await turns()
    assert len(budget._line) == 2, "the small one would fit, but has its turn after the large one"
    large.cancel()
    await turns()
    assert not budget._line
    go.set()
    await asyncio.gather(first, small)


async def test_closed_it_sends_nothing_more() -> None:
    begun: list[Request] = []
    budget = Budget(never(begun), max_tokens_total=2200)
    tasks = [asyncio.create_task(budget(ask(max_tokens=900))) for _ in range(4)]
    await turns()
    budget.close()
    await turns()
    assert [task.done() for task in tasks] == [False, True, True, True]
    with pytest.raises(asyncio.CancelledError):
        await budget(ask())
    tasks[0].cancel()
    await asyncio.wait(tasks)
    assert len(begun) == 1


async def test_without_limits_everything_is_written_down_all_the_same() -> None:
    book = Book()
    budget = Budget(never([]), ledger=book)
    task = asyncio.create_task(budget(ask(max_tokens=50)))
    await turns()
    assert list(book.open.values()) == [(ask(max_tokens=50).key, FIRST, 50, 0.0)]
    task.cancel()
    await asyncio.wait({task})
    budget._teacher = scripted([answer()])
    await budget(ask(max_tokens=50))
    assert len(book.open) == 1
    assert budget.spent_tokens == 110 + FIRST + 50


async def test_a_ledger_that_fails_holds_nothing() -> None:
    class Full(Book):
        def sent(self, key: str, given: int, written: int, dollars: float) -> int:
            raise TeacherFailed("disk full")

    budget = Budget(scripted([]), max_tokens_total=2000, ledger=Full())
    for _ in range(3):
        with pytest.raises(TeacherFailed, match="disk full"):
            await budget(ask(max_tokens=900))
    assert budget.spent_tokens == budget._held_tokens == budget._on_the_way == 0


async def test_without_usage_the_estimate_counts() -> None:
    replies: list[str | Response | Exception] = [
        "7" * 10,
        *(Response("", refused) for refused in ("context_length", "content_filter", "declined")),
        Response("7777", input_tokens=7),
        Response("", "too_large"),
    ]
    budget = Budget(scripted(replies))
    sums = [PROMPT + 10] * 4 + [PROMPT + 10 + 11]
    for total in sums:
        await budget(ask(max_tokens=50))
        assert budget.spent_tokens == total
    await budget(ask(max_tokens=50))
    assert budget.spent_tokens == sums[-1] + 7 + 50, "too large: all that was set aside for the answer"


def test_dollars_without_a_price() -> None:
    with pytest.raises(UsageError, match="no price known for gpt-x: give --price IN/OUT in dollars per million tokens"):
        Budget(scripted([]), dollars=1.0, model="gpt-x")


def test_what_was_spent_before_by_the_rules_for_what_is_new() -> None:
    answers = [
        (ask(max_tokens=50), answer(54, 20)),
        (ask(max_tokens=50), Response("", "declined")),
        (ask(max_tokens=50), Response("7" * 9, cost=0.5)),
    ]
    so_far = spent(answers, PRICE, [(10, 5, 0.0), (20, 5, 0.25)])
    assert (so_far.tokens, so_far.lost, so_far.estimated) == (74 + 63 + 40, 40, 63)
    assert so_far.dollars == pytest.approx((54 * 2 + 200) / 1e6 + 0.5 + (20 + 50) / 1e6 + 0.25)
    assert so_far.habits.usual(ask(max_tokens=50), PROMPT) == (54, 15)


def test_a_long_journal_is_gone_over_quickly() -> None:
    """10 µs an answer; here 60, for machines that are busy with other things."""
    answers = [(ask("word " * 200, max_tokens=500), answer(210, 100))] * 20_000
    began = time.process_time()
    so_far = spent(answers, PRICE)
    assert time.process_time() - began < 20_000 * 60e-6
    assert so_far.tokens == 20_000 * 310


@given(ratio=st.floats(0.2, 6.0), noise=st.floats(0.0, 0.3), seed=st.integers(0, 99))
def test_the_ratio_is_learned(ratio: float, noise: float, seed: int) -> None:
    """What is set aside is what is billed nearly always, and never a lot more."""
    dice, habits, under = Random(seed), Habits(), 0
    for number in range(400):
        estimate = dice.randrange(600, 1000)
        billed = round(estimate * ratio * (1 + dice.uniform(-noise, noise)))
        held = habits.most(ask(), estimate).given
        if number >= 10:
            under += held < billed
            assert held <= billed * 1.3 * (1 + noise) / (1 - noise) + 1
        habits.saw_prompt("m", estimate, billed)
    assert under <= 400 * 0.03


def test_what_a_server_adds_to_each_prompt_weighs_on_short_ones_only() -> None:
    habits = Habits()
    for _ in range(64):
        habits.saw_prompt("m", 10, 80)
        habits.saw_prompt("m", 1000, 1070)
    assert habits.most(ask(), 1000).given < 1100
    assert habits.most(ask(), 10).given < 83
    assert 85 < habits.most(ask(), 40).given < 400, "the nearest size that is known"
    assert habits.most(Request("", "another"), 1000).given == 1000 + LONGEST_TEMPLATE


def test_what_is_set_aside_for_an_answer() -> None:
    habits = Habits()
    for _ in range(30):
        habits.saw_answer(ask(), 300)
        habits.saw_answer(ask(max_tokens=100), 130)  # a server that does not count thoughts
    assert habits.most(ask(), 1).written == 450
    assert habits.most(ask(max_tokens=100), 1).written == 130
    assert habits.most(ask(max_tokens=200), 1).written == 200
    habits.saw_answer(ask(), 9000)
    assert habits.most(ask(), 1).written == 13_500


# Tokens in the vocabularies of GPT-4 (cl100k), GPT-4o (o200k), Qwen, DeepSeek V4, SmolLM2.
COUNTED = {
    "Write a short story about a journey to the mountains, with at least ten adjectives.": (18, 17, 18, 17, 17),
    "写一篇关于登山旅行的短篇故事，至少使用十个形容词。小红有35个苹果，一共有多少个？": (48, 31, 29, 24, 70),
    "def mean(values):\n    if not values:\n        return 0.0\n    return sum(values) / len(values)\n": (
        25,
        25,
        25,
        25,
        28,
    ),
    "31415926535897932384626433832795": (11, 11, 32, 11, 32),
    '{"id": 17, "name": "seed_task", "instances": [{"input": "", "output": "Yes"}], "is_classification": true}': (
        33,
        34,
        34,
        36,
        37,
    ),
    "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。": (45, 35, 24, 25, 72),
    "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.": (41, 24, 25, 26, 85),
    "Все люди рождаются свободными и равными в своём достоинстве и правах.": (36, 18, 22, 22, 56),
    "Tous les êtres humains naissent libres et égaux en dignité et en droits.": (22, 17, 22, 22, 26),
    "😀👍🎉🔥🚀🌍🍕🐶": (23, 13, 8, 14, 24),
    "Name\n                Age\n                        City\n": (8, 8, 8, 8, 6),
    "1,024.50,17,0.333\n-5.25,1000000,42,0.001\n": (27, 27, 41, 27, 41),
}


@pytest.mark.parametrize("text", COUNTED)
def test_estimates_are_near_and_rather_too_large(text: str) -> None:
    counts = sorted(COUNTED[text])
    assert counts[2] * 0.85 <= estimate_text(text) <= counts[2] * 3.1
    assert estimate_text(text) >= counts[-1] * 0.45


def test_estimates_of_odd_texts() -> None:
    assert [estimate_text(text) for text in ("", "a", "7", "\ud800", "\0")] == [0, 1, 1, 1, 1]
    assert estimate_text(" " * 100_000) < 2000
    assert estimate_text("-" * 64) <= 2
    assert estimate_tokens("7777") == estimate_tokens(({"role": "user", "content": "7777"},)) == 12


@given(st.text(), st.text())
def test_a_longer_text_is_no_smaller(one: str, other: str) -> None:
    assert estimate_text(one + "x" + other) <= estimate_text(one) + 1 + estimate_text(other) + 1
    assert 0 <= estimate_text(one) <= 3 * len(one)


def test_an_estimate_takes_microseconds() -> None:
    """20 µs for 2,000 characters; here 200, for machines that are busy with other things."""
    for text in ("The quick brown fox. " * 96, "天地玄黄，宇宙洪荒。" * 200, "for i in range(10):\n    f(i)\n" * 66):
        began = time.process_time()
        for _ in range(200):
            estimate_text(text)
        assert time.process_time() - began < 200 * 200e-6


# Prices, tiers, templates


TIERED = Price(2.0, 10.0, cached=0.5, written=2.5, tiers={"priority": Price(4.0, 20.0), "flex": Price(1.0, 5.0)})
TIERED = replace(TIERED, strict=True)


@settings(deadline=None)
@given(
    seed=st.integers(0, 10_000),
    cents=st.floats(0.5, 30),
    hidden=st.integers(0, LONGEST_TEMPLATE),
    tiers=st.lists(st.sampled_from(["", "default", "flex", "priority", "made up"]), min_size=1, max_size=3),
)
def test_no_tier_no_template_and_no_thoughts_overshoot(seed: int, cents: float, hidden: int, tiers: list[str]) -> None:
    """64 at a time; every answer as long as max_tokens, each prompt with a text of the server's own, each in whatever
    tier: and in three processes, of which two are killed."""
    dice, dollars, limit = Random(seed), 0.0, cents / 100
    journaled: list[tuple[Request, Response]] = []
    book = Book()

    async def provider(request: Request, /) -> Response:
        nonlocal dollars
        await turns(dice.randrange(6))
        tier = dice.choice(tiers)
        used = len(request.prompt) + hidden
        cached, written = dice.randint(0, used // 2), dice.randint(0, used // 2)
        longest = request.params["max_tokens"]
        billed = Response("…", "stop", "m", used, longest, cached_tokens=cached, written_tokens=written, tier=tier)
        price = TIERED.at(tier) or TIERED.dearest()
        dollars += price.cost(used, longest, cached, written)
        return billed

    async def process(stopped_after: int) -> None:
        so_far = spent(journaled, {"m": TIERED}, book.lost())
        budget = Budget(provider, price={"m": TIERED}, ledger=book, dollars=limit, spent=so_far)

        async def one() -> None:
            request = ask("7" * dice.randint(40, 200), max_tokens=dice.randint(1, 900))
            journaled.append((request, await budget(request)))

        tasks = [asyncio.create_task(one()) for _ in range(64)]
        await turns(stopped_after)
        for task in tasks if stopped_after < 1000 else ():
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    for stopped_after in (7, 20, 1000):
        asyncio.run(process(stopped_after))
    assert dollars <= limit + 1e-9


async def test_what_is_cached_and_written_and_in_which_tier_is_billed_so() -> None:
    usage = Response("…", "stop", "m", 1000, 100, cached_tokens=600, written_tokens=300)
    replies = [usage, replace(usage, tier="flex"), replace(usage, tier="batch"), replace(usage, tier="scale")]
    replies.append(replace(usage, cost=0.125))
    budget = Budget(scripted(replies), price=TIERED, dollars=5.0)
    costs = [(await budget(ask(max_tokens=100))).cost for _ in replies]
    plain = (100 * 2 + 600 * 0.5 + 300 * 2.5 + 100 * 10) / 1e6
    assert costs[:3] == pytest.approx([plain, (1000 * 1 + 100 * 5) / 1e6, plain / 2])
    assert costs[3:] == [None, 0.125], "a tier without a price is not guessed; what the server says it billed counts"
    dearest = (1000 * 4 + 100 * 20) / 1e6
    assert budget.spent_dollars == pytest.approx(1.75 * plain - plain / 4 + 0.0015 + dearest + 0.125)


async def test_each_request_is_billed_by_its_own_model() -> None:
    budget = Budget(scripted(lambda request: answer(1000, 100)), price={"m": PRICE, "judge": Price(1.0, 1.0)})
    assert (await budget(Request("?", "judge"))).cost == pytest.approx(0.0011)
    assert (await budget(Request("?", "m"))).cost == pytest.approx(0.003)
    assert (await budget(Request("?", "other"))).cost is None
    with pytest.raises(BudgetReached, match="no price known for other: give --price other=IN/OUT"):
        await Budget(scripted([]), price={"m": PRICE}, dollars=1.0)(Request("?", "other"))


async def test_a_batch_sets_half_aside() -> None:
    for tier, fits in (("batch", True), ("", False)):
        budget = Budget(scripted([answer(100, 10)]), price=PRICE, dollars=0.006, tier=tier)
        if fits:
            await budget(ask(max_tokens=1000))
        else:
            with pytest.raises(BudgetReached, match="may cost"):
                await budget(ask(max_tokens=1000))


def test_a_schema_and_tools_are_read_too() -> None:
    schema = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object", "properties": {}}}}
    assert estimate_request(ask()) == PROMPT
    assert PROMPT + 20 < estimate_request(ask(response_format=schema)) < PROMPT + 80
    assert estimate_request(ask(tools=[{"type": "function", "function": {"name": "search"}}])) > PROMPT + 10


def test_a_bare_beginning_has_no_template() -> None:
    habits = Habits()
    assert habits.most(Request("", "m", api="completions"), 100).given == 100
    assert habits.most(Request("", "m"), 100).given == 100 + LONGEST_TEMPLATE
    for _ in range(64):
        habits.saw_prompt("m", 1000, 990)
    assert habits.most(Request("", "m"), 100).given == 100 + TEMPLATE
    habits.saw_prompt("m", 1000, 1500)
    assert habits.most(Request("", "m"), 100).given == 100 + 500
