"""How long a server asks to wait and what it allows, in all the forms in which servers say it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.teacher import Limits
from selfinstruct.teachers.http.headers import limits_of, seconds_of, wait_of

NOW = 1_793_786_400.0  # Wed, 04 Nov 2026 10:00:00 GMT
DATES = {"date": "Wed, 04 Nov 2026 10:00:00 GMT", "retry-after": "Wed, 04 Nov 2026 10:00:30 GMT"}
SOON = {"x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "6m0s"}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("2.5", 2.5),
        ("  3 ", 3.0),
        ("+3", 3.0),
        ("3s", 3.0),
        ("1e2", 100.0),
        ("-3", 0.0),
        ("250ms", 0.25),
        ("500µs", 0.0005),
        ("6m0s", 360.0),
        ("1h2m3.5s", 3723.5),
        ("2d", 172_800.0),
        ("5 seconds", 5.0),
        ("1 minute", 60.0),
        ("2 hours, 3 mins", 7380.0),
        ("30 SEC", 30.0),
        ("9e8", 9e8),  # a server that never wants us again is heard: patience decides
        ("1793786430", 30.0),
        ("1793786430.5", 30.5),
        ("1793786430000", 30.0),
        ("1793786000", 0.0),
        ("Wed, 04 Nov 2026 10:00:30 GMT", 30.0),
        ("Wednesday, 04-Nov-26 10:00:30 GMT", 30.0),
        ("Wed Nov  4 10:00:30 2026", 30.0),
        ("Wed, 04 Nov 2026 11:00:30 +0100", 30.0),
        ("Wed, 04 Nov 2020 10:00:00 GMT", 0.0),
        ("2026-11-04T10:00:30Z", 30.0),
        ("2026-11-04T10:00:30.500+00:00", 30.5),
        ("2026-11-04 10:00:30", 30.0),
    ],
)
def test_seconds(text: str, seconds: float) -> None:
    assert seconds_of(text, NOW) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "nan", "inf", "-inf", "1e999", "soon", "tomorrow", "1.2.3s", "3 parsecs", "s", "0x10", "1_000", "٣"),
        *("Wed, 99 Nov 2026 10:00:00 GMT", "9" * 500, "1" * 99 + "s" * 9, "Wed, 04 Nov 2026 10:00:00 +9999999", "--3"),
    ],
)
def test_nonsense_says_nothing(text: str) -> None:
    assert seconds_of(text, NOW) is None


@pytest.mark.parametrize(
    ("headers", "status", "words", "seconds"),
    [
        ({}, 429, "", None),
        ({"retry-after": "7"}, 429, "", 7.0),
        ({"retry-after": "2.5"}, 503, "", 2.5),
        ({"retry-after": "soon"}, 429, "", None),
        ({"retry-after": "7", "retry-after-ms": "250"}, 429, "", 0.25),
        ({"retry-after": "7", "retry-after-ms": "1e999"}, 429, "", 7.0),
        ({"retry-after-ms": "1793786400250"}, 429, "", 0.25),
        (DATES, 503, "", 30.0),
        (DATES | {"date": "Wed, 04 Nov 2026 09:59:00 GMT"}, 503, "", 90.0),  # its own clock, a minute behind ours
        (DATES | {"date": DATES["retry-after"], "retry-after": DATES["date"]}, 503, "", 0.0),
        (SOON, 429, "", 360.0),
        (SOON, 500, "", None),
        (SOON | {"x-ratelimit-remaining-requests": "0", "x-ratelimit-remaining-tokens": "80"}, 429, "", 1.0),
        (SOON | {"x-ratelimit-remaining-requests": "3", "x-ratelimit-remaining-tokens": "0"}, 429, "", 360.0),
        (SOON | {"retry-after": "2"}, 429, "", 2.0),
        ({"x-ratelimit-reset-tokens": "250ms"}, 429, "", 0.25),
        ({"x-ratelimit-reset-tokens": "tomorrow"}, 429, "", None),
        ({"x-ratelimit-reset": "1793786430"}, 429, "", 30.0),
        ({"x-ratelimit-reset": "1793786430000"}, 429, "", 30.0),
        ({"x-ratelimit-reset-tokens-minute": "12"}, 429, "", 12.0),
        ({"ratelimit-reset": "9"}, 429, "", 9.0),
        ({"ratelimit": "limit=100, remaining=0, reset=30"}, 429, "", 30.0),
        ({"ratelimit": '"default";r=0;t=30'}, 429, "", 30.0),
        ({"anthropic-ratelimit-tokens-reset": "2026-11-04T10:00:30Z"}, 429, "", 30.0),
        ({}, 429, "Limit: 3 / min. Please try again in 20s. Contact us.", 20.0),
        ({}, 429, "Please try again in 1m26.4s.", 86.4),
        ({}, 429, "Please try again in 250ms.", 0.25),
        ({}, 429, "Please retry after 10 seconds.", 10.0),
        ({}, 429, "retry after 5", 5.0),
        ({}, 429, "Please retry in 34.074824224s.", 34.074824224),
        ({}, 503, "Loading; wait for 2 minutes", 120.0),
        ({}, 429, "RETRY AFTER 34s", 34.0),
        ({}, 429, "Limit 20 requests in 60 s reached", None),
        ({}, 429, "try again in 1e999 s", 1.0),  # it says 1
        ({"retry-after": "2"}, 429, "Please try again in 20s", 2.0),
        (SOON, 429, "Please try again in 20s", 20.0),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], status: int, words: str, seconds: float | None) -> None:
    assert wait_of(headers, status, words, NOW) == (None if seconds is None else pytest.approx(seconds))


OPENAI = {
    "x-ratelimit-limit-requests": "500",
    "x-ratelimit-remaining-requests": "499",
    "x-ratelimit-reset-requests": "120ms",
    "x-ratelimit-limit-tokens": "200000",
    "x-ratelimit-remaining-tokens": "199900",
    "x-ratelimit-reset-tokens": "30ms",
}


@pytest.mark.parametrize(
    ("headers", "limits"),
    [
        ({}, None),
        ({"content-type": "application/json", "x-ratelimit-note": "hi"}, None),
        ({"x-ratelimit-limit-requests": "many"}, None),
        (OPENAI, Limits(500, 499, 0.12, 200_000, 199_900, 0.03)),
        ({"x-ratelimit-limit-tokens-minute": "60000.0"}, Limits(tokens=60_000)),
        ({"x-ratelimit-limit-req-minute": "60", "x-ratelimit-remaining-req-minute": "59"}, Limits(60, 59)),
        (
            {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1793786430"},
            Limits(None, 0, 30),
        ),
        ({"ratelimit-limit": "60", "ratelimit-remaining": "9", "ratelimit-reset": "30"}, Limits(None, 9, 30)),
        ({"ratelimit-limit": "60, 60;w=60"}, Limits(60)),
        ({"ratelimit-limit": "60, 60;w=1", "ratelimit-remaining": "9"}, Limits(None, 9)),
        ({"ratelimit": "limit=100, remaining=50, reset=30"}, Limits(None, 50, 30)),
        ({"ratelimit": "limit=100, remaining=50, reset=30", "ratelimit-policy": "100;w=60"}, Limits(100, 50, 30)),
        ({"ratelimit": '"default";r=50;t=30', "ratelimit-policy": '"default";q=100;w=60'}, Limits(100, 50, 30)),
        (
            {
                "anthropic-ratelimit-requests-limit": "50",
                "anthropic-ratelimit-requests-remaining": "49",
                "anthropic-ratelimit-requests-reset": "2026-11-04T10:00:01Z",
            },
            Limits(50, 49, 1),
        ),
        # Groq's requests are a day's.
        ({"x-ratelimit-limit-requests": "14400", "x-ratelimit-reset-requests": "2m59.56s"}, Limits(None, None, 179.56)),
    ],
)
def test_limits(headers: dict[str, str], limits: Limits | None) -> None:
    found = limits_of(headers, NOW)
    assert (found and tuple(found)) == (limits and pytest.approx(tuple(limits)))


NAMES = [*OPENAI, "retry-after", "retry-after-ms", "date", "ratelimit", "ratelimit-limit", "ratelimit-policy"]
VALUES = st.one_of(
    st.text(max_size=30),
    st.text("0123456789.eEsmhdµ -+:,;=wqrtGMTZ", max_size=30),
    st.floats().map(str),
    st.integers().map(str),
    st.datetimes().map(str),
    st.sampled_from(["Wed, 04 Nov 2026 10:00:00 GMT", "1e999", "9" * 9000]),
)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES), st.sampled_from([200, 429, 503]), VALUES)
def test_no_header_is_a_crash(headers: dict[str, str], status: int, words: str) -> None:
    wait = wait_of(headers, status, f"Please try again in {words}", NOW)
    found: list[Any] = [wait, *(limits_of(headers, NOW) or ())]
    assert all(fact is None or (0 <= fact < math.inf) for fact in found)
