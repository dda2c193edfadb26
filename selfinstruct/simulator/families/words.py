"""Families about lists of words and single words: sorting, choosing, odd ones, anagrams, ciphers, forms, rhymes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

from selfinstruct.simulator.data import table
from selfinstruct.simulator.families.making import family, labels, lookup, rows_of
from selfinstruct.simulator.family import Slots
from selfinstruct.simulator.matching import exactly
from selfinstruct.simulator.vocabulary import KINDS, THEMES, items, listed, number_in_words, sized

__all__ = ["FAMILIES"]

Facts = dict[str, object]
_WORDS: dict[str, Any] = table("en", "words")

# Lists.


def _some(rng: Random, slots: Slots) -> str:
    return ", ".join(rng.sample(THEMES[slots["things"]], rng.randint(7, 10)))


_ORDERS: dict[str, Callable[[list[str]], list[str]]] = {
    "longest first": lambda words: sorted(words, key=lambda word: (-len(word), word.lower())),
    "shortest first": lambda words: sorted(words, key=lambda word: (len(word), word.lower())),
    "reverse": lambda words: sorted(words, key=str.lower, reverse=True),
    "alphabetically": lambda words: sorted(words, key=str.lower),
}


def _sort(slots: Slots, given: str) -> Facts:
    order = next(order for name, order in _ORDERS.items() if name in slots["order"])
    words = order(items(given))
    return {
        "bare": ", ".join(words),
        "case": "lengths" if "length" in slots["order"] else "letters",
        "counted": ", ".join(f"{word} ({sum(map(str.isalpha, word))})" for word in words),
        "many": number_in_words(len(words)),
    }


_TESTS: dict[str, Callable[[str], bool]] = {
    "have more than six letters": lambda word: len(word) > 6,
    "begin with a vowel": lambda word: word[0].lower() in "aeiou",
    "end with a vowel": lambda word: word[-1] in "aeiou",
    "contain the letter r": lambda word: "r" in word.lower(),
    "contain a double letter": lambda word: bool(re.search(r"(.)\1", word.lower())),
    "do not contain the letter e": lambda word: "e" not in word.lower(),
    "have exactly five letters": lambda word: len(word) == 5,
    "have no repeated letters": lambda word: len(set(word.lower())) == len(word),
}


def _parted(slots: Slots) -> tuple[list[str], list[str]]:
    """The things that pass the test, and the others."""
    passing = [word for word in THEMES[slots["things"]] if _TESTS[slots["test"]](word)]
    return passing, [word for word in THEMES[slots["things"]] if word not in passing]


def _tells_apart(slots: Slots) -> bool:
    return min(map(len, _parted(slots))) > 1


def _mixed(rng: Random, slots: Slots) -> str:
    """Some that pass the test and some that do not, where there are such."""
    words = [word for part in _parted(slots) for word in rng.sample(part, min(len(part), rng.randint(3, 5)))]
    rng.shuffle(words)
    return ", ".join(words)


def _choose(slots: Slots, given: str) -> Facts:
    words = items(given)
    chosen = [word for word in words if _TESTS[slots["test"]](word)]
    left_out = [word for word in words if word not in chosen]
    return {"bare": ", ".join(chosen) or "none", "left_out": f"{len(left_out)}: {listed(left_out)}"}


THEME_OF = {word: theme for theme, words in THEMES.items() for word in words}


def _with_odd(rng: Random, slots: Slots) -> str:
    theme, other = rng.sample(KINDS, 2)
    words = [*rng.sample(THEMES[theme], 4), rng.choice(THEMES[other])]
    rng.shuffle(words)
    return ", ".join(words)


def _odd(slots: Slots, given: str) -> Facts:
    themes = Counter(THEME_OF[word] for word in items(given))
    ((common, _), (kind, _)) = themes.most_common(2)
    bare = next(word for word in items(given) if THEME_OF[word] == kind)
    return {"bare": bare, "kind": kind, "common": common}


# Letters.


def _jumbled(rng: Random, slots: Slots) -> str:
    word = rng.choice([word for word in THEMES[slots["things"]] if len(word) > 3]).upper()
    letters = list(word)
    while "".join(letters) == word:
        rng.shuffle(letters)
    return " ".join(letters)


def _unscramble(slots: Slots, given: str) -> Facts:
    letters = sorted(given.lower().replace(" ", ""))
    bare = next(word for word in THEMES[slots["things"]] if sorted(word.lower()) == letters)
    return {"bare": bare, "many": len(letters)}


SHIFTS = {"one place": 1, "two places": 2, "three places": 3, "five places": 5}


def _caesar(slots: Slots, given: str) -> Facts:
    shift = SHIFTS[slots["shift"]]
    moved = "".join(chr((ord(c) - 97 + shift) % 26 + 97) if c.isalpha() else c for c in given.lower())
    return {"bare": moved, "a": chr(97 + shift), "m": chr(ord("m") + shift)}


_PAIRS = [tuple(pair.split()) for pair in items(_WORDS["anagram_test"]["pairs"])]


def _anagram(slots: Slots, given: str) -> Facts:
    one, other = items(given)
    more, less = (
        listed(sorted(letters.elements())) for letters in (Counter(one) - Counter(other), Counter(other) - Counter(one))
    )
    bare = "yes" if sorted(one) == sorted(other) else "no"
    return {
        "bare": bare,
        "case": bare,
        "letters": ", ".join(sorted(one)),
        "more": more,
        "less": less,
        "one": sized(one),
        "other": other,
    }


_COUNTED = {
    "letters, without spaces and punctuation,": "[a-zA-Z]",
    "vowels (a, e, i, o, u)": "[aeiouAEIOU]",
    "words of more than four letters": r"\b\w{5,}",
    "words that contain the letter e": r"\b\w*[eE]\w*",
}


def _count(slots: Slots, given: str) -> Facts:
    pattern = re.compile(_COUNTED[slots["counted"]])
    found, words = pattern.findall(given), re.findall(r"\w+", given)
    letters = slots["counted"].startswith(("letters", "vowels"))
    return {
        "bare": len(found),
        "case": "letters" if letters else "words" if len(found) > 1 else "one",
        "what": re.split(r",| \(", slots["counted"])[0],
        "found": listed(found),
        "many_words": len(words),
        "terms": " + ".join(str(len(pattern.findall(word))) for word in words),
    }


# Forms of words.

_PLURALS = {
    one: (plural, row["rule"])
    for row in rows_of("words", "plurals")
    for one, plural in (pair.split("-") for pair in row["words"].split())
}


def _plurals(slots: Slots, given: str) -> Facts:
    told = (f"{sized(one)} becomes {_PLURALS[one][0]}: {_PLURALS[one][1]}." for one in items(given))
    return {"bare": ", ".join(_PLURALS[one][0] for one in items(given)), "told": " ".join(told)}


_VERBS = {row["verb"]: row for row in rows_of("words", "past_tense")}
_ADJECTIVES = {row["adjective"]: row for row in rows_of("words", "comparison")}


def _past(slots: Slots, given: str) -> Facts:
    return {"bare": "{past}, {participle}".format(**_VERBS[given]), **_VERBS[given]}


def _comparison(slots: Slots, given: str) -> Facts:
    return {"bare": "{comparative}, {superlative}".format(**_ADJECTIVES[given]), **_ADJECTIVES[given]}


_GROUPS = [group.split() for group in _WORDS["rhyme"]["groups"]]
_GROUP_OF = {word: group for group in _GROUPS for word in group}


def _possible_rhymes(rng: Random, slots: Slots) -> str:
    own = _GROUP_OF[slots["word"]]
    others = [rng.choice(group) for group in rng.sample([group for group in _GROUPS if group != own], 4)]
    words = [rng.choice([word for word in own if word != slots["word"]]), *others]
    rng.shuffle(words)
    return ", ".join(words)


def _rhyme(slots: Slots, given: str) -> Facts:
    own = _GROUP_OF[slots["word"]]
    bare = next(word for word in items(given) if word in own)
    another = next(word for word in own if word not in (bare, slots["word"]))
    return {"bare": bare, "shown": sized(bare), "another": another}


_RELATED = {
    tuple(pair.split("-")): row["relation"] for row in rows_of("words", "analogy") for pair in row["pairs"].split()
}


def _an_analogy(rng: Random, slots: Slots) -> str:
    one = rng.choice(tuple(_RELATED))
    other = rng.choice([pair for pair, relation in _RELATED.items() if relation == _RELATED[one] and pair != one])
    return f"{one[0]} is to {one[1]} as {other[0]} is to ?"


def _analogy(slots: Slots, given: str) -> Facts:
    a, b, c = re.findall(r"(\w+) is to (\w+) as (\w+) is to", given)[0]
    relation = _RELATED[a, b]
    bare = next(pair[1] for pair, other in _RELATED.items() if other == relation and pair[0] == c)
    return {"bare": bare, "relation": relation, "third": c}


_THINGS = {"things": KINDS}
_RHYMED = {"word": tuple(word for word, group in _GROUP_OF.items() if len(group) > 2)}
FAMILIES = (
    family("words", "sort_words", _some, _sort, _THINGS),
    family("words", "choose_words", _mixed, _choose, _THINGS, fits=_tells_apart),
    family("words", "odd_one_out", _with_odd, _odd),
    family("words", "unscramble", _jumbled, _unscramble, _THINGS),
    family("words", "caesar", lambda rng, slots: rng.choice(_WORDS["caesar"]["texts"]), _caesar, compare=exactly),
    family("words", "anagram_test", lambda rng, slots: ", ".join(rng.choice(_PAIRS)), _anagram),
    family("words", "count_in_text", lambda rng, slots: rng.choice(_WORDS["count_in_text"]["texts"]), _count),
    family("words", "plurals", lambda rng, slots: ", ".join(rng.sample(tuple(_PLURALS), rng.randint(4, 6))), _plurals),
    family("words", "past_tense", lambda rng, slots: rng.choice(tuple(_VERBS)), _past),
    family("words", "comparison", lambda rng, slots: rng.choice(tuple(_ADJECTIVES)), _comparison),
    family("words", "rhyme", _possible_rhymes, _rhyme, _RHYMED),
    family("words", "analogy", _an_analogy, _analogy),
    labels("words", "synonym_or_antonym"),
    lookup("words", "proverbs"),
)
