"""Families about characters and words: strokes, tones, order by pinyin, the odd one out, words of one kind."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from selfinstruct.simulator.families.zh.making import Facts, family, joined, listed, made, part
from selfinstruct.simulator.families.zh.matching import as_item, as_list
from selfinstruct.simulator.family import Slots

__all__ = ["FAMILIES", "STROKES", "SURNAMES", "THEMES", "TONES"]

BOOK = "language"

# Strokes.

STROKES = {char: int(many) for many, chars in part(BOOK, "strokes")["of"].items() for char in chars}


def _chars(rng: Random) -> str:
    """Five characters with different numbers of strokes, in neither order."""
    counts = rng.sample(sorted(set(STROKES.values())), 5)
    while counts in (sorted(counts), sorted(counts, reverse=True)):
        rng.shuffle(counts)
    return joined(rng.choice([char for char, its in STROKES.items() if its == count]) for count in counts)


def _counted(slots: Slots, given: str) -> Facts:
    ((kind, text),) = slots.items()
    chars = sorted(listed(text), key=lambda char: STROKES[char])
    return {
        "kind": kind,
        "answer": {"most": chars[-1], "least": chars[0]}.get(kind, joined(chars)),
        "counts": "，".join(f"“{char}”{STROKES[char]}画" for char in chars),
        "sum": sum(STROKES[char] for char in chars),
        "gap": STROKES[chars[-1]] - STROKES[chars[0]],
    }


CHARS = made("strokes", 60, _chars)
STROKE = family(
    BOOK, "strokes", slots={"chars": CHARS, "most": CHARS, "least": CHARS}, facts=_counted, like=as_list(as_item)
)

# Tones.

TONES = {
    tone: {one[0]: one[1:] for one in readings.split()} for tone, readings in part(BOOK, "tones")["readings"].items()
}
READINGS = {char: reading for readings in TONES.values() for char, reading in readings.items()}


def _toned(rng: Random) -> str:
    """Six characters, at least one of each tone."""
    chars = [rng.choice(tuple(readings)) for readings in TONES.values()]
    chars += rng.sample(sorted(set(READINGS) - set(chars)), 2)
    rng.shuffle(chars)
    return joined(chars)


def _spelled(chars: list[str]) -> str:
    return joined(f"{char}（{READINGS[char]}）" for char in chars)


def _of_tone(slots: Slots, given: str) -> Facts:
    chars = listed(slots["chars"])
    its = [char for char in chars if char in TONES[slots["tone"]]]
    others = joined(char for char in chars if char not in its)
    return {"answer": joined(its), "spelled": _spelled(its), "others": others, "all": _spelled(chars)}


TONE = family(
    BOOK,
    "tones",
    slots={"chars": made("tones", 40, _toned), "tone": tuple(TONES)},
    facts=_of_tone,
    like=as_list(),
)

# Names in the order of their pinyin.

SURNAMES = {one[0]: one[1:] for one in part(BOOK, "sort_by_pinyin")["surnames"].split()}


def _in_order(people: list[str]) -> list[str]:
    return sorted(people, key=lambda name: SURNAMES[name[0]])


def _people(rng: Random) -> str:
    surnames = rng.sample(tuple(SURNAMES), 5)
    while _in_order(surnames) in (surnames, surnames[::-1]):
        rng.shuffle(surnames)
    names = zip(surnames, rng.sample(part(BOOK, "sort_by_pinyin")["given"], 5), strict=True)
    return joined(surname + name for surname, name in names)


def _by_pinyin(slots: Slots, given: str) -> Facts:
    people = _in_order(listed(slots["people"]))
    spelled = joined(f"{name[0]}（{SURNAMES[name[0]]}）" for name in people)
    return {"answer": joined(people), "spelled": spelled, "backwards": joined(people[::-1]), "last": people[-1]}


BY_PINYIN = family(
    BOOK, "sort_by_pinyin", slots={"people": made("people", 40, _people)}, facts=_by_pinyin, like=as_list()
)

# Kinds of things.

THEMES: dict[str, list[str]] = part(BOOK, "themes")
GROUPS: list[list[str]] = part(BOOK, "theme_groups")["groups"]
"""Themes that somebody would sort out of one list."""
THEME_OF = {word: theme for theme, its in THEMES.items() for word in its}


def _of_kinds(*counts: int) -> Callable[[Random], str]:
    """Makes a list of so many words of each of several kinds."""

    def make(rng: Random) -> str:
        themes = rng.sample(rng.choice(GROUPS), len(counts))
        words = [word for theme, many in zip(themes, counts, strict=True) for word in rng.sample(THEMES[theme], many)]
        rng.shuffle(words)
        return joined(words)

    return make


def _stranger(slots: Slots, given: str) -> Facts:
    words = listed(slots["words"])
    themes = [THEME_OF[word] for word in words]
    odd = next(word for word in words if themes.count(THEME_OF[word]) == 1)
    their = next(theme for theme in themes if theme != THEME_OF[odd])
    return {"answer": odd, "theme": THEME_OF[odd], "their": their}


ODD = family(BOOK, "odd_one_out", slots={"words": made("odd ones", 60, _of_kinds(4, 1))}, facts=_stranger)


def _of_kind(slots: Slots, given: str) -> Facts:
    words = listed(slots["words"])
    its = [word for word in words if THEME_OF[word] == slots["kind"]]
    themes = dict.fromkeys(THEME_OF[word] for word in words)
    others = joined(word for word in words if word not in its)
    return {"answer": joined(its), "others": others, "themes": joined(themes)}


ONE_KIND = family(
    BOOK,
    "only_one_kind",
    slots={"words": made("kinds", 40, _of_kinds(3, 2, 2)), "kind": tuple(THEMES)},
    fits=lambda slots: slots["kind"] in [THEME_OF[word] for word in listed(slots["words"])],
    facts=_of_kind,
    like=as_list(),
)

FAMILIES = (STROKE, TONE, BY_PINYIN, ODD, ONE_KIND)
