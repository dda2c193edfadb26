"""What answers cost: as billed where the provider says so, else by an estimate; and what a run has spent so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.estimate import Habits, Size, estimate_request, estimate_text
from selfinstruct.teachers.prices import Price, cost

__all__ = ["Priced", "Spent", "billed_at", "dollars_of", "price_of", "priced", "size_of", "spent"]

FREE = ("content_filter", "context_length", "declined")  # without usage: refused, before the model read it
FIRST, THEN = 256, 16  # of earlier answers the ratio is learned from so many, then from one in so many

Priced = Price | Mapping[str, Price] | None
"""Of all models, or by the model that a request names; None, or a model that is not there: not known."""


@dataclass(slots=True)
class Spent:
    """What was spent so far, and what was learned by it."""

    dollars: float = 0.0
    tokens: int = 0
    lost: int = 0
    """Of the tokens, those of attempts whose answers never came: as many as may be billed for them at most."""
    estimated: int = 0
    """Of the tokens, those of answers without usage."""
    habits: Habits = field(default_factory=Habits)

    def in_words(self, unit: str = "") -> str:
        parts = [f"at most {self.lost:,} were lost on the way"] * bool(self.lost)
        parts += [f"{self.estimated:,} are estimated"] * bool(self.estimated)
        return f"{self.tokens:,}{unit}" + (f", of which {' and '.join(parts)}" if parts else "")


def spent(
    answers: Iterable[tuple[Request, Response]], price: Priced, lost: Iterable[tuple[int, int, float]] = ()
) -> Spent:
    """What earlier answers and lost attempts (tokens read, tokens written, dollars) used, by the rules for new ones;
    where no price was known, by today's: of lost attempts the dearest of them."""
    so_far = Spent()
    for number, (request, response) in enumerate(answers):
        known = response.input_tokens is not None and response.output_tokens is not None
        learns = number < FIRST or number % THEN == 0  # estimates are 10 µs each
        asked = estimate_request(request) if learns or not known else 0
        used = size_of(request, response, so_far, asked)
        so_far.tokens += used.given + used.written
        so_far.dollars += response.cost or _again(request, response, used, price)
    dearest = [one.dearest() for one in ((price,) if isinstance(price, Price) else (price or {}).values())]
    for given, written, dollars in lost:
        so_far.lost += given + written
        so_far.tokens += given + written
        size = Size(given, written)
        so_far.dollars += dollars or max((dollars_of(size, one) for one in dearest), default=0.0)
    return so_far


def priced(request: Request, response: Response, price: Priced) -> Response:
    """The response with what it cost, as far as its usage and a price are known."""
    return replace(response, cost=cost(response, price_of(price, request.model)))


def price_of(prices: Priced, model: str) -> Price | None:
    """The price of the model; None when it is not known."""
    return prices if isinstance(prices, Price) or prices is None else prices.get(model)


def _again(request: Request, response: Response, used: Size, prices: Priced) -> float:
    """Dollars of an answer that was journaled without any: 0.0 is what older journals have for "not known"."""
    price = price_of(prices, request.model)
    billed = billed_at(replace(response, cost=None), used, price)
    return dollars_of(used, price and price.dearest()) if billed is None else billed


def billed_at(response: Response, used: Size, price: Price | None) -> float | None:
    """Dollars of an answer; by its usage as far as there is one, else by the estimate of it."""
    known = response.cost is not None or (response.input_tokens, response.output_tokens) == used
    return cost(response if known else replace(response, input_tokens=used.given, output_tokens=used.written), price)


def size_of(request: Request, response: Response, so_far: Spent, asked: int) -> Size:
    """Tokens read and written, estimated where the server gave no usage; what can be learned from it is learned.
    `asked` is the prompt's estimate; 0: not looked at."""
    given, written, habits = response.input_tokens, response.output_tokens, so_far.habits
    if given is None or written is None:
        if response.finish_reason in FREE:
            return Size(given or 0, written or 0)
        if given is None:
            given = habits.usual(request, asked).given
            so_far.estimated += given
        elif asked:
            habits.saw_prompt(request.model, asked, given)
        if written is None:
            too_large = response.finish_reason == "too_large"
            written = habits.most(request, asked).written if too_large else estimate_text(response.text)
            so_far.estimated += written
    elif asked:
        habits.saw_prompt(request.model, asked, given)
    habits.saw_answer(request, written)
    return Size(given, written)


def dollars_of(size: Size, price: Price | None) -> float:
    return price.cost(size.given, size.written) if price else 0.0
