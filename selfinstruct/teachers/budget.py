"""Dollars and tokens that a run may spend, never more.

Before a request is sent its worst case is set aside: the prompt, estimated, and all of max_tokens. When that does not
fit beside what others have set aside, the request waits until they are settled, since most use less than their worst.
Only when nothing is on its way and it still does not fit, the budget is reached.

What this cannot know: a prompt's exact tokens (the estimate is off by some per cent), answers longer than 4,096 tokens
where no max_tokens is set, and what a failed attempt cost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from selfinstruct.errors import BudgetReached, UsageError
from selfinstruct.teacher import Prompt, Request, Response, Teacher

__all__ = ["Budget", "estimate_tokens", "spent"]

UNSET = 4096  # tokens set aside for an answer whose recipe gives no max_tokens
MESSAGE = 4  # tokens that a chat template puts around each message
NOTHING = 1e-9  # dollars: sums of floats may be this much too large


class Budget:
    def __init__(
        self,
        teacher: Teacher,
        *,
        dollars: float | None = None,
        max_tokens_total: int | None = None,
        price: tuple[float, float] | None = None,
        spent_dollars: float = 0.0,
        spent_tokens: int = 0,
        model: str = "the teacher",
    ) -> None:
        """`price` is in dollars for a million tokens, (input, output); `spent_…` is what earlier runs used, from the
        journal; `model` is for messages only."""
        if dollars is not None and price is None:
            raise UsageError(f"no price known for {model}: give --price IN/OUT in dollars per million tokens")
        self._teacher, self._price = teacher, price
        self._dollars, self._tokens = dollars, max_tokens_total
        self.spent_dollars, self.spent_tokens = spent_dollars, spent_tokens
        self._held_dollars, self._held_tokens = 0.0, 0
        self._on_the_way = 0
        self._settled = asyncio.Event()

    async def __call__(self, request: Request, /) -> Response:
        asked = estimate_tokens(request.prompt)
        worst = asked + int(request.params.get("max_tokens") or request.params.get("max_completion_tokens") or UNSET)
        held = self._cost(asked, worst - asked), worst
        await self._hold(*held)
        used = (0.0, 0)  # when the call fails or is cancelled
        try:
            response = await self._teacher(request)
            given, written = _used(response, asked)
            used = self._cost(given, written), given + written
        finally:
            self._settle(held, used)
        return replace(response, cost=used[0]) if self._price else response

    async def _hold(self, dollars: float, tokens: int) -> None:
        while over := self._over(dollars, tokens):
            if not self._on_the_way:
                raise BudgetReached(over)
            self._settled.clear()
            await self._settled.wait()
        self._on_the_way += 1
        self._held_dollars += dollars
        self._held_tokens += tokens

    def _settle(self, held: tuple[float, int], used: tuple[float, int]) -> None:
        self._on_the_way -= 1
        # Exactly nothing is held when nothing is on its way: adding and taking away floats would leave crumbs.
        self._held_dollars = self._held_dollars - held[0] if self._on_the_way else 0.0
        self._held_tokens -= held[1]
        self.spent_dollars += used[0]
        self.spent_tokens += used[1]
        self._settled.set()

    def _over(self, dollars: float, tokens: int) -> str:
        """Empty when so much may be held; else what to tell the user."""
        again = "run the same command with a larger"
        if self._dollars is not None and self.spent_dollars + self._held_dollars + dollars > self._dollars + NOTHING:
            spent = f"${self.spent_dollars:.2f} ({self.spent_tokens:,} tokens)"
            return f"budget of ${self._dollars:.2f} reached after {spent}: {again} --budget to go on"
        if self._tokens is not None and self.spent_tokens + self._held_tokens + tokens > self._tokens:
            spent = f"{self.spent_tokens:,}" + (f" (${self.spent_dollars:.2f})" if self.spent_dollars else "")
            return f"budget of {self._tokens:,} tokens reached after {spent}: {again} --max-tokens-total to go on"
        return ""

    def _cost(self, given: int, written: int) -> float:
        return (given * self._price[0] + written * self._price[1]) / 1e6 if self._price else 0.0


def estimate_tokens(prompt: Prompt) -> int:
    """About how many tokens a prompt has, without the model's vocabulary: four ASCII characters to a token, and one
    token for each other character."""
    if not isinstance(prompt, str):
        return sum(estimate_tokens(message["content"]) + MESSAGE for message in prompt)
    ascii_length = len(prompt.encode("ascii", "ignore"))
    return -(-ascii_length // 4) + len(prompt) - ascii_length


def spent(answers: Iterable[tuple[Prompt, Response]], price: tuple[float, float] | None) -> tuple[float, int]:
    """Dollars and tokens of earlier answers, by the rules for new ones; where no price was known, by today's."""
    dollars, tokens = 0.0, 0
    for prompt, response in answers:
        given, written = _used(response, estimate_tokens(prompt))
        tokens += given + written
        dollars += response.cost or ((given * price[0] + written * price[1]) / 1e6 if price else 0.0)
    return dollars, tokens


def _used(response: Response, asked: int) -> tuple[int, int]:
    """Tokens read and written, estimated where the server gave no usage; a prompt that it refused is free."""
    refused = response.finish_reason in ("content_filter", "context_length")
    given, written = response.input_tokens, response.output_tokens
    if given is None:
        given = 0 if refused else asked
    return given, estimate_tokens(response.text) if written is None else written
