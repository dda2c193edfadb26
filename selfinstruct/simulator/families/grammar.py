"""Families that correct, change or translate a sentence and keep what it says, and that sum up a passage."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from selfinstruct.simulator.data import table
from selfinstruct.simulator.families.making import family, lookup, rows_of
from selfinstruct.simulator.family import Family, Slots, same, sentences
from selfinstruct.simulator.vocabulary import sized

__all__ = ["FAMILIES"]

Facts = dict[str, object]
_GRAMMAR: dict[str, Any] = table("en", "grammar")

# Gaps.

_GAPS = {(row["pair"], row["sentence"]): row for row in rows_of("grammar", "fill_gap")}


def _fill_gap(slots: Slots, given: str) -> Facts:
    row = _GAPS[slots["pair"], given]
    return {"bare": row["word"], "why": row["why"], "filled": given.replace("___", row["word"])}


# Forms of a sentence.

_WHO, _BASE, _NOW, _PAST, _DONE, _WHAT = range(6)
_PARTS = [tuple(row.split(" | ")) for row in _GRAMMAR["sentence_forms"]["parts"]["rows"]]
_FORMS: dict[str, Callable[[tuple[str, ...]], str]] = {
    "in the simple past": lambda row: f"{row[_WHO]} {row[_PAST]} {row[_WHAT]}.",
    "in the future with will": lambda row: f"{row[_WHO]} will {row[_BASE]} {row[_WHAT]}.",
    "in the present perfect": lambda row: f"{row[_WHO]} has {row[_DONE]} {row[_WHAT]}.",
    "in the passive voice with by": lambda row: (
        f"{row[_WHAT]} {'are' if row[_WHAT].endswith('trousers') else 'is'} {row[_DONE]} by {row[_WHO]}."
    ),
    "as a yes-or-no question": lambda row: f"does {row[_WHO]} {row[_BASE]} {row[_WHAT]}?",
    "in the negative": lambda row: f"{row[_WHO]} does not {row[_BASE]} {row[_WHAT]}.",
}
_BY_PRESENT = {sized(f"{row[_WHO]} {row[_NOW]} {row[_WHAT]}."): row for row in _PARTS}


def _form(slots: Slots, given: str) -> Facts:
    return {"bare": sized(_FORMS[slots["form"]](_BY_PRESENT[given]))}


def _is_form(slots: Slots, given: str, output: str) -> bool:
    """With "doesn't" as well."""
    plain = output.replace("’", "'").replace("doesn't", "does not").strip('"')
    return same(plain, str(_form(slots, given)["bare"]))


# Reported speech.

_SPEECH: dict[str, Any] = _GRAMMAR["reported_speech"]
_SPEAKERS = dict.fromkeys(_SPEECH["women"], ("she", "her")) | dict.fromkeys(_SPEECH["men"], ("he", "his"))
_QUOTES = {row["quote"]: row["report"] for row in rows_of("grammar", "reported_speech")}


def _reported(slots: Slots, given: str) -> Facts:
    name, quote = given.split(": ", 1)
    she, her = _SPEAKERS[name]
    return {"bare": _QUOTES[quote.strip('".')].format(Name=name, she=she, her=her)}


# British and American.

_AMERICAN = dict(pair.split("-") for pair in _GRAMMAR["dialect"]["words"])
_KINDS = {"American": _AMERICAN, "British": {american: british for british, american in _AMERICAN.items()}}


def _with_words(text: str, words: Mapping[str, str]) -> str:
    return re.sub(r"\w+", lambda word: words.get(word[0], word[0]), text)


def _line(rng: Random, slots: Slots) -> str:
    line = rng.choice(_GRAMMAR["dialect"]["lines"])
    return str(line) if slots["kind"] == "American" else _with_words(line, _AMERICAN)


def _dialect(slots: Slots, given: str) -> Facts:
    bare = _with_words(given, _KINDS[slots["kind"]])
    pairs = zip(re.findall(r"\w+", given), re.findall(r"\w+", bare), strict=True)
    return {"bare": bare, "changes": ", ".join(f"{one} becomes {other}" for one, other in pairs if one != other)}


# Tone, other languages, summaries: many answers are right.

_TONES = {row["blunt"]: row for row in _GRAMMAR["tone"]["rows"]}
_SAID = {row["English"]: row for row in rows_of("grammar", "translation")}
_PASSAGES = {row["text"]: row for row in _GRAMMAR["passages"]["rows"]}


def _tone(slots: Slots, given: str) -> Facts:
    return {"bare": _TONES[given]["formal" if "formal" in slots["tone"] else "casual"]}


def _drawn_from(known: Mapping[str, object]) -> Callable[[Random, Slots], str]:
    return lambda rng, slots: rng.choice(tuple(known))


def _rewritten(most: int) -> Callable[[Slots, str, str], bool]:
    """One to so many sentences that are not those of the input."""
    return lambda slots, given, output: 0 < len(sentences(output)) <= most and not same(output, given)


def _shortened(name: str, longest: int) -> Family:
    return family(
        "grammar",
        name,
        _drawn_from(_PASSAGES),
        lambda slots, given: {"bare": _PASSAGES[given][name]},
        check=lambda slots, given, output: 2 < len(output.split()) <= longest and not output.startswith("I'm sorry"),
        graded=False,
    )


FAMILIES = (
    lookup("grammar", "correction"),
    family(
        "grammar",
        "fill_gap",
        lambda rng, slots: rng.choice([text for pair, text in _GAPS if pair == slots["pair"]]),
        _fill_gap,
        {"pair": tuple(dict.fromkeys(pair for pair, _ in _GAPS))},
    ),
    family("grammar", "sentence_forms", _drawn_from(_BY_PRESENT), _form, check=_is_form),
    family(
        "grammar",
        "reported_speech",
        lambda rng, slots: f'{rng.choice(tuple(_SPEAKERS))}: "{rng.choice(tuple(_QUOTES))}."',
        _reported,
    ),
    family("grammar", "dialect", _line, _dialect, {"kind": tuple(_KINDS)}),
    family("grammar", "tone", _drawn_from(_TONES), _tone, check=_rewritten(4), graded=False),
    family(
        "grammar",
        "translation",
        _drawn_from(_SAID),
        lambda slots, given: {"bare": _SAID[given][slots["language"]]},
        check=_rewritten(2),
        graded=False,
    ),
    _shortened("summary", 45),
    _shortened("headline", 15),
)
