"""Families about words and letters: sorting, choosing, counting, editing, codes, odd ones out."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from random import Random

from selfinstruct.simulator.contexts import PUZZLES, WRITINGS
from selfinstruct.simulator.endings import ITEM, LIST
from selfinstruct.simulator.family import Family, Slots
from selfinstruct.simulator.matching import exactly
from selfinstruct.simulator.vocabulary import KINDS, THEMES_WORDS, items, variants_of

__all__ = ["FAMILIES"]

VOWELS = "aeiou"


def _some(rng: Random, slots: Slots, least: int = 5, most: int = 7) -> str:
    return ", ".join(rng.sample(THEMES_WORDS[slots["things"]], rng.randint(least, most)))


# Sorting.

ORDERS: dict[str, Callable[[list[str]], list[str]]] = {
    "in alphabetical order": lambda words: sorted(words, key=str.casefold),
    "from Z back to A": lambda words: sorted(words, key=str.casefold, reverse=True),
    "from the shortest word to the longest, equals in alphabetical order": lambda words: sorted(
        words, key=lambda word: (len(word), word.casefold())
    ),
    "from the longest name to the shortest, equals alphabetically": lambda words: sorted(
        words, key=lambda word: (-len(word), word.casefold())
    ),
    "by their last letter, equals alphabetically": lambda words: sorted(
        words, key=lambda word: (word[-1], word.casefold())
    ),
    "in the opposite order to the one given": lambda words: words[::-1],
    "by the number of vowels (a, e, i, o, u), fewest first, equals in alphabetical order": lambda words: sorted(
        words, key=lambda word: (sum(letter in VOWELS for letter in word.lower()), word.casefold())
    ),
}
SORT = Family(
    name="sort_words",
    phrasings=(
        "Sort the {things} {order}.",
        "Arrange these {things} {order}.",
        "Bring the list of {things} into shape, {order}.",
        "How does the list of {things} read {order}?",
        "Put the {things} {order}, for {puzzle}.",
        "List the {things} {order}; it's for {puzzle}.",
        "For {puzzle}, order the {things} {order}.",
    ),
    slots={"things": KINDS, "order": tuple(ORDERS), "puzzle": PUZZLES},
    draw=_some,
    solve=lambda slots, given: ", ".join(ORDERS[slots["order"]](items(given))),
    endings=LIST,
)


# Choosing.

TESTS: dict[str, Callable[[str], bool]] = {
    "contain the letter a": lambda word: "a" in word,
    "contain the letter e": lambda word: "e" in word,
    "end with a, e, i, o or u": lambda word: word[-1] in VOWELS,
    "have more than six letters": lambda word: len(word) > 6,
    "have at most five letters": lambda word: len(word) <= 5,
    "have the same letter twice in a row": lambda word: any(a == b for a, b in pairwise(word)),
    "do without the letter r": lambda word: "r" not in word,
    "begin with a letter from the first half of the alphabet": lambda word: word[0] <= "m",
    "have an even number of letters": lambda word: len(word) % 2 == 0,
    "use no letter more than once": lambda word: len(set(word)) == len(word),
    "neither start nor end with a, e, i, o or u": lambda word: word[0] not in VOWELS and word[-1] not in VOWELS,
}


def _passing(slots: Slots, given: str) -> list[str]:
    return [word for word in items(given) if TESTS[slots["test"]](word.lower())]


CHOOSE = Family(
    name="choose_words",
    phrasings=(
        "List the {things} that {test}; if there are none, say none.",
        "Keep only those {things} that {test}, or answer none.",
        "Which of these {things} {test}? Answer none if nothing fits.",
        "From the {things}, pick out all that {test} (or none).",
        'Select {things} that {test}, for {puzzle}. Write "none" if none do.',
        'For {puzzle}: which {things} {test}? Say "none" for an empty result.',
    ),
    slots={"things": KINDS, "test": tuple(TESTS), "puzzle": PUZZLES},
    draw=lambda rng, slots: _some(rng, slots, 6, 8),
    solve=lambda slots, given: ", ".join(_passing(slots, given)) or "none",
    endings=LIST,
)


# Counting.

SENTENCES = variants_of(
    "The lighthouse keeper counts the (ships|gulls|waves) every evening before (supper|bed).",
    "Nobody expected the (old|new|glass) elevator to stop between two floors again.",
    "A (cold|gentle) wind carried the smell of (seaweed|smoke|bread) into the narrow streets.",
    "My uncle repairs (accordions|bicycles|umbrellas) in a workshop full of sleeping cats.",
    "(Seven|Nine) (swans|rowers) crossed the river while the ferry waited for the mist to lift.",
    "Please water the (tomatoes|orchids|beans) (twice|once) a day as long as the heat lasts.",
    "The (choir|orchestra) rehearses in the fire station because the church is too cold.",
    "Our neighbour paints her (fence|door|boat) a different colour each spring.",
    "They danced until the last (candle|lamp) went out and the band fell asleep.",
    "An honest mistake is easier to (mend|forgive) than a clever excuse.",
    "The (postman|milkman|baker) knows every dog in the valley by its first name.",
    "Under the bridge lived a (heron|toad|stork) who seemed to be reading the newspaper.",
    "Fresh snow makes even the bicycle shed look important.",
    "We bought too many (pears|plums|quinces), so everyone is getting jam this year.",
    "The (museum|night) guard had a favourite painting and never told anyone which.",
    "Because the clock was slow, the whole village arrived late at the (wedding|funeral|concert).",
)
COUNTED: dict[str, Callable[[str], int]] = {
    "words": lambda text: len(text.split()),
    "vowels (a, e, i, o, u)": lambda text: sum(letter in VOWELS for letter in text.lower()),
    "words of more than four letters": lambda text: sum(len(word) > 4 for word in re.findall(r"\w+", text)),
    "letters (without spaces and punctuation)": lambda text: sum(letter.isalpha() for letter in text),
    "different letters of the alphabet": lambda text: len({letter for letter in text.lower() if letter.isalpha()}),
    "occurrences of the letter e": lambda text: text.lower().count("e"),
    "words that begin with a, e, i, o or u": lambda text: sum(word[0] in VOWELS for word in text.lower().split()),
    "three-letter words": lambda text: sum(len(word) == 3 for word in re.findall(r"\w+", text)),
}
SOURCES = (
    *("a short story competition", "the first page of a novel", "a postcard from a friend", "a typing exercise"),
    *("an old school reader", "a fortune cookie", "a bedtime story", "a translator's test", "a village chronicle"),
)
COUNT = Family(
    name="count_in_text",
    phrasings=(
        "Count the {counted} in this sentence from {source}.",
        "How many {counted} does the line from {source} have?",
        "Determine the number of {counted} in a sentence from {source}.",
        "Tell me how many {counted} this line from {source} has.",
        "Give the total of {counted} in the sentence quoted from {source}.",
        "For {puzzle}: how many {counted} are in the sentence?",
    ),
    slots={"counted": tuple(COUNTED), "source": (*SOURCES, *WRITINGS), "puzzle": PUZZLES},
    draw=lambda rng, slots: rng.choice(SENTENCES),
    solve=lambda slots, given: str(COUNTED[slots["counted"]](given)),
    endings=ITEM,
)


# Editing.


def _shifted(text: str, by: int) -> str:
    return "".join(chr((ord(c) - 97 + by) % 26 + 97) if "a" <= c <= "z" else c for c in text.lower())


EDITS: dict[str, Callable[[str], str]] = {
    "replace every vowel (a, e, i, o, u) with an asterisk": lambda text: re.sub("[aeiouAEIOU]", "*", text),
    "write it in capital letters throughout": str.upper,
    "reverse the order of the words": lambda text: " ".join(reversed(text.split())),
    "spell each word backwards but leave the words where they are": lambda text: " ".join(
        word[::-1] for word in text.split()
    ),
    "put a hyphen in place of every space": lambda text: text.replace(" ", "-"),
    "remove all the vowels (a, e, i, o, u)": lambda text: " ".join(re.sub("[aeiouAEIOU]", "", text).split()),
    "join the first letters of its words into one": lambda text: "".join(w[0] for w in text.split()),
    "let every word begin with a capital letter": lambda text: " ".join(w[0].upper() + w[1:] for w in text.split()),
    "double every letter t": lambda text: re.sub("([tT])", r"\1\1", text),
    "swap the first word and the last word": lambda text: re.sub(r"^(\S+)( .* | )(\S+)$", r"\3\2\1", text),
    "join the words in camel case": lambda text: "".join(
        w.lower() if not n else w.capitalize() for n, w in enumerate(text.split())
    ),
}
SLOGANS: tuple[str, ...] = (
    *("a choir that never sleeps", "cheese with a long memory", "ferries for people in no hurry"),
    *("bees work while you rest", "old clocks for new houses", "good boots forgive bad roads"),
    *("one village and ninety puppets", "dry socks are half the journey", "salt from our own bay"),
    *(
        "warm bread before sunrise",
        "the quiet side of the lake",
        "repair is better than regret",
        "read slowly and travel far",
    ),
    *("small tools for patient hands", "every bicycle deserves a second life", "tea that takes its time"),
    *(
        "twelve rooms and one cat",
        "honest shoes for long roads",
        "we tune pianos in the dark",
        "a garden for every window",
    ),
    *("letters worth the stamp", "soup with a view", "better maps for worse weather", "the last cinema before the sea"),
)
SLOGANS += tuple(
    f"{what} {why}"
    for what in (
        "warm bread",
        "small tools",
        "honest shoes",
        "dark chocolate",
        "fresh herring",
        "old clocks",
        "sea salt",
    )
    for why in ("for long roads", "with a view", "in every weather", "from our valley", "at any hour", "without regret")
)
USES = (
    *(
        "a sticker on our shop window",
        "the code word of a secret club",
        "a heading on the website",
        "an advertisement in the tram",
    ),
    *(
        "the banner at the summer fair",
        "a riddle on a beer mat",
        "a logo in two colours",
        "the name of a computer folder",
    ),
    *("the back of a T-shirt", "a label on glass jars"),
)
EDIT = Family(
    name="edit_text",
    phrasings=(
        "Take the slogan and {edit}; it is for {use}.",
        "For {use}, take the phrase and {edit}.",
        "Please {edit} before our motto is used for {use}.",
        "What does the motto look like if you {edit}?",
        "Edit the text for {use}: {edit}.",
        "Take the given text and {edit}. It is for {puzzle}.",
        "The text below is for {puzzle}: {edit}.",
    ),
    slots={"edit": tuple(EDITS), "use": USES, "puzzle": PUZZLES},
    draw=lambda rng, slots: rng.choice(SLOGANS),
    solve=lambda slots, given: EDITS[slots["edit"]](given),
    check=lambda slots, given, output: " ".join(output.split()) == EDITS[slots["edit"]](given),
)

SHIFTS = {"one place": 1, "two places": 2, "three places": 3, "five places": 5, "thirteen places": 13}
SPIES = (
    *(
        "a cold-war detective story",
        "a secret note between sisters",
        "a treasure hunt in the old mill",
        "a spy game at camp",
    ),
    *("the club's password card", "a birthday riddle", "a radio play", "a lesson about Julius Caesar"),
)
CIPHER = Family(
    name="caesar",
    phrasings=(
        "Caesar-encrypt the message {shift} forward, in lower case, for {spy}.",
        "For {spy}, shift all letters {shift} onward, in small letters.",
        "Move every letter {shift} along the alphabet, lower case, for {spy}.",
        "Apply a Caesar cipher of {shift}, all lower case, for {spy}.",
        "What is this in a Caesar cipher of {shift} (lower case)? I ask for {spy}.",
        "Encipher these words in small letters for {spy}; the key is {shift} forward.",
    ),
    slots={"shift": tuple(SHIFTS), "spy": (*SPIES, *PUZZLES)},
    draw=lambda rng, slots: rng.choice(SLOGANS),
    solve=lambda slots, given: _shifted(given, SHIFTS[slots["shift"]]),
    compare=exactly,
    endings=ITEM,
)


# Odd one out.

KINGDOMS = (
    frozenset({"fruits", "vegetables", "trees", "flowers", "spices"}),
    frozenset({"birds", "fish", "wild animals"}),
    frozenset({"tools", "pieces of furniture", "clothes", "musical instruments", "gemstones", "vehicles"}),
    frozenset({"trades", "sports", "school subjects"}),
    frozenset({"rivers", "European cities", "parts of a house"}),
)
THEME_OF = {word: theme for theme, words in THEMES_WORDS.items() for word in words}


def _intruder(rng: Random, slots: Slots) -> str:
    kingdom = next(kingdom for kingdom in KINGDOMS if slots["things"] in kingdom)
    other = rng.choice([theme for theme in KINDS if theme not in kingdom])
    words = [*rng.sample(THEMES_WORDS[slots["things"]], 4), rng.choice(THEMES_WORDS[other])]
    rng.shuffle(words)
    return ", ".join(words)


ODD = Family(
    name="odd_one_out",
    phrasings=(
        "Four of the five words name {things}; which one does not?",
        "Find the word that has slipped in among the {things}.",
        "Spot the stranger in a list of {things}, for {puzzle}.",
        "Which entry has no business among the {things}? It's for {puzzle}.",
        "Cross out the one that is none of the {things} and name it, for {puzzle}.",
        "For {puzzle}: one of five {things} is wrong. Find the mistake.",
        "Name the intruder among the {things} as the solution for {puzzle}.",
    ),
    slots={"things": KINDS, "puzzle": PUZZLES},
    draw=_intruder,
    solve=lambda slots, given: next(word for word in items(given) if THEME_OF[word] != slots["things"]),
    endings=ITEM,
)
SCRAMBLED = Family(
    name="unscramble",
    phrasings=(
        "Unscramble the letters to get one of the {things}.",
        "Which of the {things} hides in this jumble? It's for {puzzle}.",
        "Solve the anagram; as a hint, think of {things}.",
        "For {puzzle}, rearrange the letters to name one of the {things}.",
        "Put the letters into the right order (category: {things}) for {puzzle}.",
        "What word among the {things} do these mixed letters make?",
    ),
    slots={"things": KINDS, "puzzle": PUZZLES},
    draw=lambda rng, slots: " ".join(_jumbled(rng, rng.choice(THEMES_WORDS[slots["things"]]))),
    solve=lambda slots, given: next(
        word for word in THEMES_WORDS[slots["things"]] if sorted(word.upper()) == sorted(given.replace(" ", ""))
    ),
    endings=ITEM,
)


def _jumbled(rng: Random, word: str) -> str:
    return "".join(rng.sample(word.upper(), len(word)))


FAMILIES = (SORT, CHOOSE, COUNT, EDIT, CIPHER, ODD, SCRAMBLED)
