"""Families about lists of words and single words: sorting, choosing, odd ones, anagrams, ciphers, forms, rhymes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from random import Random

from selfinstruct.simulator.data import table
from selfinstruct.simulator.endings import ITEM, LIST
from selfinstruct.simulator.families.making import further, labels, lookup, rows_of, wordings
from selfinstruct.simulator.family import Family, Slots
from selfinstruct.simulator.matching import exactly
from selfinstruct.simulator.vocabulary import KINDS, THEMES, items, listed, number_in_words, sized

__all__ = ["FAMILIES"]


def _about_things(name: str) -> dict[str, object]:
    said = wordings("words", name)
    said["slots"]["things"] = KINDS
    return said


def _some(rng: Random, slots: Slots) -> str:
    return ", ".join(rng.sample(THEMES[slots["things"]], rng.randint(5, 7)))


# Lists.

_ORDERS: dict[str, Callable[[list[str]], list[str]]] = {
    "alphabetically": lambda words: sorted(words, key=str.lower),
    "reverse": lambda words: sorted(words, key=str.lower, reverse=True),
    "length": lambda words: sorted(words, key=lambda word: (len(word), word.lower())),
    "last letter": lambda words: sorted(words, key=lambda word: (word[-1], word.lower())),
}


def _sorted(slots: Slots, given: str) -> list[str]:
    order = next(order for name, order in reversed(_ORDERS.items()) if name in slots["order"])
    return order(items(given))


SORT = Family(
    **_about_things("sort_words"),
    draw=_some,
    solve=lambda slots, given: ", ".join(_sorted(slots, given)),
    tell=lambda slots, given, bare: (
        f"In this order the {number_in_words(len(items(given)))} {slots['things']} are: {bare}."
    ),
    further=further(
        "words",
        "sort_words",
        {
            "count": lambda slots, given: f"There are {len(items(given))} of them.",
            "first": lambda slots, given: f"The first one is {_sorted(slots, given)[0]}.",
        },
    ),
    endings=LIST,
)

_TESTS: dict[str, Callable[[str], bool]] = {
    "have more than six letters": lambda word: len(word) > 6,
    "begin with a vowel": lambda word: word[0].lower() in "aeiou",
    "end with a vowel": lambda word: word[-1] in "aeiou",
    "contain the letter r": lambda word: "r" in word.lower(),
    "contain a double letter": lambda word: bool(re.search(r"(.)\1", word.lower())),
    "do without the letter e": lambda word: "e" not in word.lower(),
    "consist of exactly five letters": lambda word: len(word) == 5,
    "use no letter more than once": lambda word: len(set(word.lower())) == len(word),
}


def _chosen(slots: Slots, given: str, wanted: bool = True) -> list[str]:
    return [word for word in items(given) if _TESTS[slots["test"]](word) is wanted]


CHOOSE = Family(
    **_about_things("choose_words"),
    draw=_some,
    solve=lambda slots, given: ", ".join(_chosen(slots, given)) or "none",
    tell=lambda slots, given, bare: (
        f"Of the {number_in_words(len(items(given)))} {slots['things']}, these {slots['test']}: {bare}."
        if bare != "none"
        else f"None: there are no words among these {slots['things']} that {slots['test']}."
    ),
    further=further(
        "words",
        "choose_words",
        {"others": lambda slots, given: f"Left out: {listed(_chosen(slots, given, wanted=False))}."},
    ),
    endings=LIST,
)

THEME_OF = {word: theme for theme, words in THEMES.items() for word in words}


def _with_odd(rng: Random, slots: Slots) -> str:
    theme, other = rng.sample(KINDS, 2)
    words = [*rng.sample(THEMES[theme], 4), rng.choice(THEMES[other])]
    rng.shuffle(words)
    return ", ".join(words)


def _common(given: str) -> str:
    return Counter(THEME_OF[word] for word in items(given)).most_common(1)[0][0]


def _odd(slots: Slots, given: str) -> str:
    return next(word for word in items(given) if THEME_OF[word] != _common(given))


ODD = Family(
    **wordings("words", "odd_one_out"),
    draw=_with_odd,
    solve=_odd,
    tell=lambda slots, given, bare: (
        f"The word that does not fit is {bare}: it is one of the {THEME_OF[bare]}, "
        f"while the other four are {_common(given)}."
    ),
    further=further(
        "words", "odd_one_out", {"kind": lambda slots, given: f"The other four are all {_common(given)}."}
    ),
    endings=ITEM,
)

# Letters.


def _jumbled(rng: Random, slots: Slots) -> str:
    word = rng.choice([word for word in THEMES[slots["things"]] if len(word) > 3])
    letters = list(word.upper())
    while "".join(letters) == word.upper():
        rng.shuffle(letters)
    return " ".join(letters)


def _unscrambled(slots: Slots, given: str) -> str:
    letters = sorted(given.lower().replace(" ", ""))
    return next(word for word in THEMES[slots["things"]] if sorted(word.lower()) == letters)


UNSCRAMBLE = Family(
    **_about_things("unscramble"),
    draw=_jumbled,
    solve=_unscrambled,
    tell=lambda slots, given, bare: (
        f"The letters {given} give the word {bare}, which is one of the {slots['things']}."
    ),
    further=further(
        "words",
        "unscramble",
        {"letters": lambda slots, given: f"The word has {len(given.replace(' ', ''))} letters."},
    ),
    endings=ITEM,
)

SHIFTS = {"one place": 1, "two places": 2, "three places": 3, "five places": 5}


def _shifted(slots: Slots, given: str) -> str:
    shift = SHIFTS[slots["shift"]]
    return "".join(chr((ord(c) - 97 + shift) % 26 + 97) if c.isalpha() else c for c in given.lower())


CAESAR = Family(
    **wordings("words", "caesar"),
    draw=lambda rng, slots: rng.choice(table("en", "words")["caesar"]["texts"]),
    solve=_shifted,
    tell=lambda slots, given, bare: (
        f"With every letter moved by {slots['shift']}, a becomes {chr(97 + SHIFTS[slots['shift']])} and so on. "
        f"The message then reads: {bare}"
    ),
    compare=exactly,
    further=further(
        "words", "caesar", {"words": lambda slots, given: f"The message has {len(given.split())} words."}
    ),
)

_PAIRS = tuple(
    tuple(pair.split()) for pair in table("en", "words")["anagram_test"]["pairs"].replace("\n", " ").strip().split(", ")
)


def _is_anagram(given: str) -> bool:
    one, other = items(given)
    return sorted(one) == sorted(other)


def _anagram_told(slots: Slots, given: str, bare: str) -> str:
    one, other = items(given)
    if bare == "yes":
        return f"Yes. Both words consist of the letters {', '.join(sorted(one))}, only in another order."
    more, less = Counter(one) - Counter(other), Counter(other) - Counter(one)
    left, wanted = (listed(sorted(letters.elements())) for letters in (more, less))
    return f'No. "{sized(one)}" has {left} where "{other}" has {wanted}, so the letters are not the same.'


ANAGRAM = Family(
    **wordings("words", "anagram_test"),
    draw=lambda rng, slots: ", ".join(rng.choice(_PAIRS)),
    solve=lambda slots, given: "yes" if _is_anagram(given) else "no",
    tell=_anagram_told,
    further=further(
        "words",
        "anagram_test",
        {
            "count": lambda slots, given: " ".join(
                f'"{sized(word)}" has {len(word)} letters.' for word in items(given)
            )
        },
    ),
)

_COUNTED: dict[str, Callable[[str], list[str]]] = {
    "words": lambda text: re.findall(r"\w+", text),
    "letters (without spaces and punctuation)": lambda text: re.findall(r"[a-zA-Z]", text),
    "vowels (a, e, i, o, u)": lambda text: re.findall(r"[aeiouAEIOU]", text),
    "words that begin with a capital letter": lambda text: re.findall(r"\b[A-Z]\w*", text),
}


def _by_word(slots: Slots, given: str) -> str:
    find = _COUNTED[slots["counted"]]
    words = re.findall(r"\w+", given)
    return " + ".join(str(len(find(word))) for word in words)


def _count_told(slots: Slots, given: str, bare: str) -> str:
    what = slots["counted"].split(" (")[0]
    if what in ("letters", "vowels"):
        return f"Counted word by word, the sentence has {_by_word(slots, given)} = {bare} {what}."
    found = _COUNTED[slots["counted"]](given)
    return f"The sentence contains {bare} {what}: {listed(found)}." if bare != "1" else f"There is only 1: {found[0]}."


def _longest(given: str) -> str:
    return max(re.findall(r"\w+", given), key=len)


COUNT = Family(
    **wordings("words", "count_in_text"),
    draw=lambda rng, slots: rng.choice(table("en", "words")["count_in_text"]["texts"]),
    solve=lambda slots, given: str(len(_COUNTED[slots["counted"]](given))),
    tell=_count_told,
    further=further(
        "words", "count_in_text", {"longest": lambda slots, given: f"The longest word is {_longest(given)}."}
    ),
    endings=ITEM,
)

# Forms of words.

_PLURALS = {
    one: (many, row["rule"])
    for row in rows_of("words", "plurals")
    for one, many in (pair.split("-") for pair in row["words"].split())
}


def _plurals_told(slots: Slots, given: str, bare: str) -> str:
    return " ".join(f"{sized(one)} becomes {_PLURALS[one][0]}: {_PLURALS[one][1]}." for one in items(given))


PLURALS = Family(
    **wordings("words", "plurals"),
    draw=lambda rng, slots: ", ".join(rng.sample(tuple(_PLURALS), rng.randint(2, 3))),
    solve=lambda slots, given: ", ".join(_PLURALS[word][0] for word in items(given)),
    tell=_plurals_told,
    endings=LIST,
)

_VERBS = {row["verb"]: row for row in rows_of("words", "past_tense")}
_ADJECTIVES = {row["adjective"]: row for row in rows_of("words", "comparison")}
PAST = Family(
    **wordings("words", "past_tense"),
    draw=lambda rng, slots: rng.choice(tuple(_VERBS)),
    solve=lambda slots, given: "{past}, {participle}".format(**_VERBS[given]),
    tell=lambda slots, given, bare: "The forms are {verb}, {past}, {participle}. For example: {example}".format(
        **_VERBS[given]
    ),
)
COMPARISON = Family(
    **wordings("words", "comparison"),
    draw=lambda rng, slots: rng.choice(tuple(_ADJECTIVES)),
    solve=lambda slots, given: "{comparative}, {superlative}".format(**_ADJECTIVES[given]),
    tell=lambda slots, given, bare: (
        "The forms are {adjective}, {comparative}, {superlative}. The rule for this adjective: {rule}.".format(
            **_ADJECTIVES[given]
        )
    ),
)

_GROUPS = tuple(group.split() for group in table("en", "words")["rhyme"]["groups"])
_GROUP_OF = {word: group for group in _GROUPS for word in group}


def _rhymes(rng: Random, slots: Slots) -> str:
    own = _GROUP_OF[slots["word"]]
    others = [rng.choice(group) for group in rng.sample([group for group in _GROUPS if group != own], 4)]
    words = [rng.choice([word for word in own if word != slots["word"]]), *others]
    rng.shuffle(words)
    return ", ".join(words)


def _rhyme(slots: Slots, given: str) -> str:
    return next(word for word in items(given) if word in _GROUP_OF[slots["word"]])


def _another_rhyme(slots: Slots, given: str) -> str:
    known = {slots["word"], _rhyme(slots, given)}
    return next((word for word in _GROUP_OF[slots["word"]] if word not in known), "")


def _rhyme_family() -> Family:
    said = wordings("words", "rhyme")
    said["slots"]["word"] = tuple(word for word, group in _GROUP_OF.items() if len(group) > 2)
    return Family(
        **said,
        draw=_rhymes,
        solve=_rhyme,
        tell=lambda slots, given, bare: (
            f'"{sized(bare)}" rhymes with "{slots["word"]}": both end in the same sound, which no other word on the list does.'
        ),
        further=further(
            "words",
            "rhyme",
            {"also": lambda slots, given: f'"{sized(_another_rhyme(slots, given))}" rhymes with it, too.'},
        ),
        endings=ITEM,
    )


_RELATED = {
    tuple(pair.split("-")): row["relation"] for row in rows_of("words", "analogy") for pair in row["pairs"].split()
}


def _analogy(rng: Random, slots: Slots) -> str:
    one = rng.choice(tuple(_RELATED))
    other = rng.choice([pair for pair, relation in _RELATED.items() if relation == _RELATED[one] and pair != one])
    return f"{one[0]} is to {one[1]} as {other[0]} is to ?"


def _both(given: str) -> tuple[str, tuple[str, ...]]:
    """The relation and the second pair."""
    a, b, c = re.findall(r"(\w+) is to (\w+) as (\w+) is to", given)[0]
    relation = _RELATED[a, b]
    return relation, next(pair for pair, other in _RELATED.items() if other == relation and pair[0] == c)


ANALOGY = Family(
    **wordings("words", "analogy"),
    draw=_analogy,
    solve=lambda slots, given: _both(given)[1][1],
    tell=lambda slots, given, bare: (
        f"In the first pair {_both(given)[0]}. It is the same with {_both(given)[1][0]} and {bare}."
    ),
    further=further(
        "words", "analogy", {"relation": lambda slots, given: f"In the first pair {_both(given)[0]}."}
    ),
    endings=ITEM,
)

FAMILIES = (
    *(SORT, CHOOSE, ODD, UNSCRAMBLE, CAESAR, ANAGRAM, COUNT, PLURALS, PAST, COMPARISON, _rhyme_family(), ANALOGY),
    *(labels("words", "synonym_or_antonym"), lookup("words", "proverbs")),
)
