"""Families that correct, change or translate a sentence and keep what it says, and that sum up a passage."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from selfinstruct.simulator.data import table
from selfinstruct.simulator.endings import ITEM
from selfinstruct.simulator.families.making import lookup, rows_of, wordings
from selfinstruct.simulator.family import Family, Slots, same, sentences
from selfinstruct.simulator.vocabulary import sized

__all__ = ["FAMILIES"]

_GRAMMAR: dict[str, Any] = table("en", "grammar")

# Gaps.

_GAPS = {(row["pair"], row["sentence"]): row for row in rows_of("grammar", "fill_gap")}


def _fill_gap() -> Family:
    said = wordings("grammar", "fill_gap")
    said["slots"]["pair"] = tuple(dict.fromkeys(pair for pair, _ in _GAPS))
    return Family(
        **said,
        draw=lambda rng, slots: rng.choice([text for pair, text in _GAPS if pair == slots["pair"]]),
        solve=lambda slots, given: _GAPS[slots["pair"], given]["word"],
        tell=lambda slots, given, bare: (
            f'The right word is "{bare}", because {_GAPS[slots["pair"], given]["why"]}: "{given.replace("___", bare)}"'
        ),
    )


# Forms of a sentence.

_WHO, _BASE, _NOW, _PAST, _DONE, _WHAT = range(6)
_PARTS = [tuple(row.split(" | ")) for row in _GRAMMAR["sentence_forms"]["parts"]["rows"]]
_FORMS: dict[str, Callable[[tuple[str, ...]], str]] = {
    "in the past tense": lambda row: f"{row[_WHO]} {row[_PAST]} {row[_WHAT]}.",
    "in the future with will": lambda row: f"{row[_WHO]} will {row[_BASE]} {row[_WHAT]}.",
    "in the present perfect": lambda row: f"{row[_WHO]} has {row[_DONE]} {row[_WHAT]}.",
    "in the passive voice, naming the doer with by": lambda row: (
        f"{row[_WHAT]} {'are' if row[_WHAT].endswith('trousers') else 'is'} {row[_DONE]} by {row[_WHO]}."
    ),
    "as a question with do or does": lambda row: f"does {row[_WHO]} {row[_BASE]} {row[_WHAT]}?",
    "in the negative": lambda row: f"{row[_WHO]} does not {row[_BASE]} {row[_WHAT]}.",
}
_BY_PRESENT = {sized(f"{row[_WHO]} {row[_NOW]} {row[_WHAT]}."): row for row in _PARTS}
_SHORT = str.maketrans({"’": "'"})


def _is_form(slots: Slots, given: str, output: str) -> bool:
    """With "doesn't" as well."""
    right = sized(_FORMS[slots["form"]](_BY_PRESENT[given]))
    return same(output.translate(_SHORT).replace("doesn't", "does not").strip('"'), right)


FORMS = Family(
    **wordings("grammar", "sentence_forms"),
    draw=lambda rng, slots: rng.choice(tuple(_BY_PRESENT)),
    solve=lambda slots, given: sized(_FORMS[slots["form"]](_BY_PRESENT[given])),
    check=_is_form,
)

# Reported speech.

_SPEECH: dict[str, Any] = _GRAMMAR["reported_speech"]
_SPEAKERS = dict.fromkeys(_SPEECH["women"], ("she", "her")) | dict.fromkeys(_SPEECH["men"], ("he", "his"))
_QUOTES = {row["quote"]: row["report"] for row in rows_of("grammar", "reported_speech")}


def _reported(slots: Slots, given: str) -> str:
    name, quote = given.split(": ", 1)
    she, her = _SPEAKERS[name]
    return _QUOTES[quote.strip('".')].format(Name=name, she=she, her=her)


REPORTED = Family(
    **wordings("grammar", "reported_speech"),
    draw=lambda rng, slots: f'{rng.choice(tuple(_SPEAKERS))}: "{rng.choice(tuple(_QUOTES))}."',
    solve=_reported,
)

# British and American.

_AMERICAN = dict(pair.split("-") for pair in _GRAMMAR["dialect"]["words"])
_BRITISH = {american: british for british, american in _AMERICAN.items()}


def _with_words(text: str, words: Mapping[str, str]) -> str:
    return re.sub(r"\w+", lambda word: words.get(word[0], word[0]), text)


def _dialect() -> Family:
    said = wordings("grammar", "dialect")
    kinds = {"American": _AMERICAN, "British": _BRITISH}
    said["slots"]["kind"] = tuple(kinds)

    def draw(rng: Random, slots: Slots) -> str:
        line = rng.choice(_GRAMMAR["dialect"]["lines"])
        return str(line) if slots["kind"] == "American" else _with_words(line, _AMERICAN)

    def tell(slots: Slots, given: str, bare: str) -> str:
        pairs = zip(re.findall(r"\w+", given), re.findall(r"\w+", bare), strict=True)
        changed = ", ".join(f'"{one}" becomes "{other}"' for one, other in pairs if one != other)
        return f"{bare} ({sized(changed)}.)"

    return Family(
        **said, draw=draw, solve=lambda slots, given: _with_words(given, kinds[slots["kind"]]), tell=tell, endings=ITEM
    )


# Tone, other languages, summaries: many answers are right.

_TONES = {row["blunt"]: row for row in _GRAMMAR["tone"]["rows"]}
TONE = Family(
    **wordings("grammar", "tone"),
    draw=lambda rng, slots: rng.choice(tuple(_TONES)),
    solve=lambda slots, given: str(_TONES[given]["formal" if "formal" in slots["tone"] else "casual"]),
    check=lambda slots, given, output: 0 < len(sentences(output)) < 5 and not same(output, given),
    graded=False,
)
_SAID = {row["English"]: row for row in rows_of("grammar", "translation")}
TRANSLATION = Family(
    **wordings("grammar", "translation"),
    draw=lambda rng, slots: rng.choice(tuple(_SAID)),
    solve=lambda slots, given: _SAID[given][slots["language"]],
    check=lambda slots, given, output: len(sentences(output)) > 0 and not same(output, given),
    graded=False,
)
_PASSAGES = {row["text"]: row for row in _GRAMMAR["passages"]["rows"]}


def _shortened(name: str, longest: int) -> Family:
    answer = _GRAMMAR[name]["answer"]
    return Family(
        **wordings("grammar", name),
        draw=lambda rng, slots: rng.choice(tuple(_PASSAGES)),
        solve=lambda slots, given: str(_PASSAGES[given][answer]),
        check=lambda slots, given, output: 2 < len(output.split()) <= longest and not output.startswith("I'm sorry"),
        graded=False,
    )


FAMILIES = (
    *(lookup("grammar", "correction"), _fill_gap(), FORMS, REPORTED, _dialect(), TONE, TRANSLATION),
    *(_shortened("summary", 45), _shortened("headline", 15)),
)
