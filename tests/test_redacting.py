"""What is hidden of a key or a login in a server's words, and that nothing else is."""

from __future__ import annotations

import html
import json
import time
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.teachers.http.redacting import clean, redactor

KEY = "sk-canary-0123456789"
ALI = ("ali", 'p@ss/wörd "&+')
LONG = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=8, max_size=40)


def shown(text: str, key: str = "", login: tuple[str, str] = ("", ""), *others: str) -> str:
    return clean(text, redactor(key, login, others))


@pytest.mark.parametrize(
    "form",
    [
        str,
        quote,
        lambda text: quote(text, safe=""),
        lambda text: quote(text, safe="").lower(),
        quote_plus,
        json.dumps,
        lambda text: json.dumps(text, ensure_ascii=False),
        html.escape,
        repr,
        lambda text: b64encode(text.encode()).decode(),
        lambda text: urlsafe_b64encode(text.encode()).decode(),
        lambda text: b64encode(f"ali:{text}".encode()).decode(),
        lambda text: "Basic " + b64encode(f"ali:{text}".encode()).decode().rstrip("="),
        lambda text: f"http://ali:{quote(text, safe='')}@host/v1",
    ],
)
def test_every_form_of_a_login(form: object) -> None:
    assert callable(form)
    written = form(ALI[1])
    said = shown(f"no: {written}, never", "", ALI)
    assert "[key]" in said
    assert written.strip("\"'") not in said
    assert not any(part in said for part in ("ali", "p@ss", "p%40ss", "wörd"))


@pytest.mark.parametrize(
    ("key", "said", "shows"),
    [
        ("x", "the text is exactly x", "the text is exactly x"),
        ("x", "Incorrect key 'x', sent as Bearer x.", "Incorrect key '[key]', sent as Bearer [key]."),
        ("none", "none of these models is loaded", "none of these models is loaded"),
        ("EMPTY", "the prompt is empty", "the prompt is empty"),
        ("EMPTY", 'key "EMPTY" is no key', 'key "[key]" is no key'),
        ("sk", "sk-tasks ask sk", "sk-tasks ask sk"),
        (KEY, f"a{KEY}b{KEY}", "a[key]b[key]"),
        (KEY, f"it is {KEY[:12]}… or so", "it is [key] or so"),
        (KEY, "it is sk-ab****6789.", "it is sk-ab[key]."),
        (KEY, "sk\u200b-canary\u202e-0123456789", "[key]"),
    ],
)
def test_keys(key: str, said: str, shows: str) -> None:
    assert shown(said, key) == shows


def test_short_logins_and_queries_are_hidden_as_words() -> None:
    said = shown("sesame opens sesames with t0ken, ali: alias", "", ("ali", "sesame"), "t0ken")
    assert said == "[key] opens sesames with [key], [key]: alias"


def test_one_line_without_controls() -> None:
    text = "\x1b[31mred\x1b[0m\r\n\tgo\x00ne \u202eback\u2066 \ud800half \x85next\u2028line \ue000 你好 😀"
    assert shown(text) == "[31mred[0m gone back half next line 你好 😀"
    assert shown("x" * 500) == "x" * 200
    assert shown(f"{'x' * 190} {KEY}", KEY) == f"{'x' * 190} [key]"


@given(LONG, LONG, st.text(max_size=20), st.text(max_size=20))
def test_no_long_secret_is_left(key: str, password: str, before: str, after: str) -> None:
    said = shown(f"{before}{key} {password}{after}", key, ("u", password))
    assert key not in said
    assert password not in said


@pytest.mark.parametrize(
    "text", ["*" * 300_000, "a" * 300_000, "sk-canar" * 40_000, "[key]" * 50_000, "\u202e" * 300_000]
)
def test_long_texts_take_no_time(text: str) -> None:

    began = time.process_time()
    shown(text, KEY, ALI)
    assert time.process_time() - began < 5
