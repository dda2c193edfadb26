"""Misbehaviour on demand: delays, faults at given rates, and rate limits. What is answered never changes by it.

The n-th request's fate is a function of the seed and n alone. Which request is the n-th depends on who comes first;
each attempt is a new request, so one that met a fault has its chances again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from random import Random
from typing import NamedTuple

from selfinstruct.errors import UsageError
from selfinstruct.simulator.server.protocol import Refused

__all__ = ["Fate", "Faults", "Limits"]

RATES = ("errors", "drops", "timeouts", "cuts", "empties", "garbage")


class Fate(NamedTuple):
    fault: str = ""
    """One of RATES, or "": answered as it should be."""
    delay: float = 0.0
    """Seconds before the answer."""
    status: int = 500
    """Of an error: 500 or 503."""


@dataclass(frozen=True, slots=True)
class Faults:
    """How a server misbehaves: seconds, numbers a minute, and shares of the requests (0.05: one in twenty)."""

    latency: float = 0.0
    """Seconds that every answer takes."""
    jitter: float = 0.0
    """Up to so many more."""
    rpm: int | None = None
    """Requests a minute; those above get a 429 that says how long to wait."""
    tpm: int | None = None
    """Tokens a minute, read and written."""
    errors: float = 0.0
    """HTTP 500 or 503."""
    drops: float = 0.0
    """The connection is closed without a word."""
    timeouts: float = 0.0
    """Nothing ever comes, until the client gives up."""
    cuts: float = 0.0
    """The connection is closed in the middle of the body."""
    empties: float = 0.0
    """An answer with an empty list of choices."""
    garbage: float = 0.0
    """A page of HTML, with status 200."""
    seed: int = 0

    def __post_init__(self) -> None:
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        for name in ("latency", "jitter"):
            if not 0 <= given[name] < math.inf:
                raise UsageError(f"--{name} is {given[name]:g}: give seconds, 0 or more")
        for name in ("rpm", "tpm"):
            if given[name] is not None and given[name] < 1:
                raise UsageError(f"--{name} is {given[name]}: give at least 1 a minute, or leave it out for no limit")
        for name in RATES:
            if not 0 <= given[name] <= 1:
                raise UsageError(f"--{name} is {given[name]:g}: give a share of the requests, from 0 to 1")
        if (total := sum(given[name] for name in RATES)) > 1 + 1e-9:
            raise UsageError(f"the shares of faults add up to {total:g}: at most 1, since a request meets one fault")

    def fate(self, number: int) -> Fate:
        """What becomes of the request with this number."""
        if not (self.jitter or any(getattr(self, name) for name in RATES)):
            return Fate(delay=self.latency)
        rng = Random(f"{self.seed}/{number}")
        point, delay = rng.random(), self.latency + self.jitter * rng.random()
        for name in RATES:
            point -= getattr(self, name)
            if point < 0:
                return Fate(name, delay, rng.choice((500, 503)))
        return Fate(delay=delay)


class _Bucket:
    """Holds what a minute allows, is full at first, and fills up steadily. May go into debt."""

    def __init__(self, per_minute: int, clock: Callable[[], float]) -> None:
        self.most, self.left, self._clock, self._seen = per_minute, float(per_minute), clock, clock()

    def refill(self) -> None:
        now = self._clock()
        self.left, self._seen = min(self.most, self.left + (now - self._seen) * self.most / 60), now

    def wait(self, level: float) -> float:
        """Seconds until it holds so much."""
        return max(0.0, level - self.left) * 60 / self.most


class Limits:
    """Requests and tokens a minute.

    A request is let in while there is at least one token: how many it takes is known only with its answer, and what
    it takes too much is waited for by those after it. So a prompt longer than the limit is answered, too.
    """

    def __init__(self, faults: Faults, clock: Callable[[], float]) -> None:
        given = {"requests": faults.rpm, "tokens": faults.tpm}
        self._buckets = {name: _Bucket(most, clock) for name, most in given.items() if most is not None}

    def admit(self) -> None:
        """Count one request in. Raises Refused (429) when it has to wait; then it is not counted."""
        for name, bucket in self._buckets.items():
            bucket.refill()
            if (wait := bucket.wait(1)) > 1e-6:  # a client that waited as long as told is let in, rounding or not
                raise self._refusal(name, bucket, wait)
        if "requests" in self._buckets:
            self._buckets["requests"].left -= 1

    def charge(self, tokens: int) -> None:
        if "tokens" in self._buckets:
            self._buckets["tokens"].left -= tokens

    def headers(self) -> dict[str, str]:
        """How much is left, by OpenAI's names."""
        found = {}
        for name, bucket in self._buckets.items():
            found[f"x-ratelimit-limit-{name}"] = str(bucket.most)
            found[f"x-ratelimit-remaining-{name}"] = str(max(0, math.floor(bucket.left)))
            found[f"x-ratelimit-reset-{name}"] = f"{bucket.wait(bucket.most):.3f}s"
        return found

    def _refusal(self, name: str, bucket: _Bucket, wait: float) -> Refused:
        short = {"requests": "RPM", "tokens": "TPM"}[name]
        words = f"Rate limit reached on {name} per min ({short}): Limit {bucket.most}. Please try again in {wait:.3f}s."
        waits = {"retry-after": str(math.ceil(wait)), "retry-after-ms": str(math.ceil(wait * 1000))}
        headers = self.headers() | waits
        return Refused(429, words, code="rate_limit_exceeded", kind=name, headers=headers)
