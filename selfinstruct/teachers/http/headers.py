"""What a server says about its limits: how long to wait, and how much it allows. Pure, from headers and words.

wait = wait_of(headers, 429, "Please try again in 20s", now)    # seconds, or None
limits = limits_of(headers, now)                                # Limits, or None

No two servers say it alike. Names and forms are those of OpenAI, Azure, Anthropic, Gemini, Groq, Mistral, Cerebras,
Together, OpenRouter, and of the IETF's drafts of RateLimit fields; whatever is none of these forms says nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from selfinstruct.teacher import Limits

__all__ = ["limits_of", "seconds_of", "server_time", "wait_of"]

DATES = 1e9  # a "number of seconds" above this (31 years) is a date, in seconds since 1970; above 1e12 in milliseconds
WINDOW = 61.0  # seconds; Groq's x-ratelimit-limit-requests is a day's, and it is told by a reset beyond a minute

UNITS = {"µs": 1e-6, "us": 1e-6, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?")
_UNIT = r"(µs|us|ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?)(?![a-zµ])"
_PART = re.compile(rf"([0-9]+(?:\.[0-9]+)?) ?{_UNIT}", re.IGNORECASE)
# "3s", "6m0s" and "250ms" as Go writes them, "5 seconds", "1 hour, 2 minutes".
_DURATION = re.compile(rf"(?:[0-9]+(?:\.[0-9]+)? ?{_UNIT},? ?)+", re.IGNORECASE)
# "Please try again in 1m26.4s", "retry after 5 seconds", "Please retry in 34.07s", "wait for 7 s", "retry after 10".
_ASKED = re.compile(
    r"(?:try again|retry|wait)(?: for| in| after|:)?(?: about| another| at least)? ?"
    rf"(?P<wait>(?:[0-9]+(?:\.[0-9]+)? ?{_UNIT} ?){{1,4}}|[0-9]+(?:\.[0-9]+)?)",
    re.IGNORECASE,
)


def _names(kind: str, fact: str) -> tuple[str, ...]:
    """Names of headers that state a fact about a kind. None of them stands for anything else, whoever sends it."""
    words = {"requests": ("requests", "req"), "tokens": ("tokens",)}[kind]
    names = [f"x-ratelimit-{fact}-{word}{end}" for word in words for end in ("", "-minute")]
    names += [f"anthropic-ratelimit-{kind}-{fact}"]
    if kind == "requests" and fact != "limit":  # a plain "limit" is a second's, or a day's
        names += [f"x-ratelimit-{fact}", f"ratelimit-{fact}"]
    return tuple(names)


_FACTS = [(kind, fact) for kind in ("requests", "tokens") for fact in ("limit", "remaining", "reset")]
_NAMES = {key: _names(*key) for key in _FACTS}
# draft-ietf-httpapi-ratelimit-headers: "limit=100, remaining=50, reset=30"; later '"default";r=50;t=30'.
# And in a header of its own, "RateLimit-Limit: 60, 60;w=60".
_FIELD = re.compile(r"(?<![a-z-])(limit|remaining|reset|r|t|q|)(?:=|(?=[0-9]+;w=))([0-9]+(?:\.[0-9]+)?)(?![0-9.])")
_SHORT = {"": "limit", "r": "remaining", "t": "reset", "q": "limit"}


def wait_of(headers: Mapping[str, str], status: int, words: str, now: float) -> float | None:
    """Seconds that the server asks to wait; None when it does not say. `headers` by lower-case names; `now` is the time
    since 1970 for servers that send a date and no Date."""
    now = server_time(headers, now)
    if (wait := seconds_of(headers.get("retry-after-ms", ""), now, unit=0.001)) is not None:
        return wait
    if (wait := seconds_of(headers.get("retry-after", ""), now)) is not None:
        return wait
    if (wait := _asked(words)) is not None:
        return wait
    if status != 429:  # some send their limits with everything: of a breakdown these say nothing
        return None
    limits = limits_of(headers, now)
    if limits is None:
        return None
    resets = [(limits.requests_left, limits.requests_reset), (limits.tokens_left, limits.tokens_reset)]
    empty = [reset for left, reset in resets if left == 0]
    waits = [reset for reset in empty or [reset for _, reset in resets] if reset is not None]
    return max(waits, default=None)


def limits_of(headers: Mapping[str, str], now: float) -> Limits | None:
    """What the headers (by lower-case names) say that the server allows; None when they say nothing."""
    said = {name: value for name, value in headers.items() if "ratelimit" in name}
    if not said:  # most servers: this costs a microsecond
        return None
    now = server_time(headers, now)
    found: dict[tuple[str, str], float] = {}
    for key, names in _NAMES.items():
        value = next((said[name] for name in names if name in said), "")
        if (number := seconds_of(value, now) if key[1] == "reset" else _number(value)) is not None:
            found[key] = number
    fields = " ".join(said.get(name, "")[:500] for name in ("ratelimit-policy", "ratelimit", "ratelimit-limit"))
    for name, text in _FIELD.findall(fields):
        if (fact := _SHORT.get(name, name)) != "limit" or re.search(r"\bw=60\b", fields):
            found.setdefault(("requests", fact), float(text))
    facts = [found.get(key) for key in _FACTS]
    if (facts[2] or 0.0) > WINDOW:
        facts[0] = None  # not in a minute
    limits = Limits(*facts)
    return limits if any(fact is not None for fact in limits) else None


def seconds_of(text: str, now: float, unit: float = 1.0) -> float | None:
    """Seconds from now, never less than 0, of "7", "2.5", "3s", "6m0s", "250ms", "5 seconds", of an HTTP date in any of
    its three forms, an ISO date, or seconds or milliseconds since 1970. A bare number is in `unit`s. Else None."""
    text = text.strip()
    if not text or len(text) > 100:
        return None
    if _NUMBER.fullmatch(text):
        number = float(text)
        if not math.isfinite(number):
            return None
        if number >= 1000 * DATES or (number >= DATES and unit == 1.0):
            number = (number / 1000 if number >= 1000 * DATES else number) - now
            return max(0.0, number)
        return max(0.0, number * unit)
    if _DURATION.fullmatch(text):
        return _sum(_PART.findall(text))
    date = _date(text)
    return None if date is None else max(0.0, date - now)


def server_time(headers: Mapping[str, str], now: float) -> float:
    """The server's own clock, since its dates are by it; ours when it does not say."""
    date = _date(headers.get("date", ""))
    return now if date is None else date


def _asked(words: str) -> float | None:
    """The wait in an error's words, or in a field beside them: "Please try again in 20s"."""
    found = _ASKED.search(words)
    return seconds_of(found["wait"], 0.0) if found else None


def _sum(parts: Iterable[tuple[str, str]]) -> float | None:
    seconds = sum(float(number) * UNITS[_short(unit.lower())] for number, unit in parts)
    return seconds if math.isfinite(seconds) else None


def _short(unit: str) -> str:
    return "ms" if unit.startswith("milli") else unit if unit in UNITS else unit[0]


def _number(text: str) -> float | None:
    """A count that is no date: "60", "60000.0"; of "60, 60;w=60" the first."""
    text = text.partition(",")[0].partition(";")[0].strip()
    number = float(text) if len(text) < 100 and _NUMBER.fullmatch(text) else -1.0
    return number if 0 <= number < math.inf else None


def _date(text: str) -> float | None:
    """Seconds since 1970 of an HTTP date or an ISO date; one without a zone is in UTC, as HTTP's are."""
    if not text or len(text) > 100:
        return None
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            date = read(text.strip())
            return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None
