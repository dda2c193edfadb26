"""Families about words and letters: sorting, choosing, counting, editing, codes, odd ones out."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from random import Random

from selfinstruct.teachers.builtin.endings import ITEM, LIST
from selfinstruct.teachers.builtin.family import Family, Slots
from selfinstruct.teachers.builtin.settings import QUIZ
from selfinstruct.teachers.builtin.vocabulary import KINDS, THEMES_WORDS, items

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
        "Sort the names of {things} {order}.",
        "Arrange these {things} {order}.",
        "Someone shuffled a list of {things}. Bring it into shape, {order}.",
        "I'd like to see the following {things} {order}, please.",
        "How does the list of {things} read when it is put {order}?",
        "Rearrange the {things} so that they stand {order}.",
    ),
    slots={"things": KINDS, "order": tuple(ORDERS)},
    draw=_some,
    solve=lambda slots, given: ", ".join(ORDERS[slots["order"]](items(given))),
    settings=QUIZ,
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
        "Go through the {things} and keep only those that {test}, or answer none.",
        "Which of these {things} {test}? Answer none if nothing fits.",
        "From a mixed bag of {things}, pick out all that {test} (none is a possible result).",
        'Filter the {things} by a simple rule: the word must {test}. Write "none" for an empty result.',
    ),
    slots={"things": KINDS, "test": tuple(TESTS)},
    draw=lambda rng, slots: _some(rng, slots, 6, 8),
    solve=lambda slots, given: ", ".join(_passing(slots, given)) or "none",
    settings=QUIZ,
    endings=LIST,
)


# Counting.

SENTENCES = (
    "The lighthouse keeper counts the ships every evening before supper.",
    "Nobody expected the old elevator to stop between two floors again.",
    "A cold wind carried the smell of seaweed into the narrow streets.",
    "My uncle repairs accordions in a workshop full of sleeping cats.",
    "Seven swans crossed the river while the ferry waited for the mist to lift.",
    "Please water the tomatoes twice a day as long as the heat lasts.",
    "The choir rehearses in the fire station because the church is too cold.",
    "Our neighbour paints her fence a different colour each spring.",
    "They danced until the last candle went out and the band fell asleep.",
    "An honest mistake is easier to mend than a clever excuse.",
    "The postman knows every dog in the valley by its first name.",
    "Under the bridge lived a heron who seemed to be reading the newspaper.",
    "Fresh snow makes even the bicycle shed look important.",
    "We bought too many pears, so everyone is getting jam this year.",
    "The museum guard had a favourite painting and never told anyone which.",
    "Because the clock was slow, the whole village arrived late at the wedding.",
)
COUNTED: dict[str, Callable[[str], int]] = {
    "words": lambda text: len(text.split()),
    "vowels (a, e, i, o, u)": lambda text: sum(letter in VOWELS for letter in text.lower()),
    "words of more than four letters": lambda text: sum(len(word) > 4 for word in re.findall(r"\w+", text)),
    "letters (without spaces and punctuation)": lambda text: sum(letter.isalpha() for letter in text),
    "different letters of the alphabet": lambda text: len({letter for letter in text.lower() if letter.isalpha()}),
    "times that the letter e occurs": lambda text: text.lower().count("e"),
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
        "How many {counted} does this line taken from {source} have?",
        "Determine the number of {counted} in the sentence; it was found in {source}.",
        "Look closely at one sentence out of {source} and tell me how many {counted} there are.",
        "An editor checks {source} and wants to know the total of {counted} in one sentence.",
    ),
    slots={"counted": tuple(COUNTED), "source": SOURCES},
    draw=lambda rng, slots: rng.choice(SENTENCES),
    solve=lambda slots, given: str(COUNTED[slots["counted"]](given)),
    settings=QUIZ,
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
SLOGANS = (
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
        "Take the slogan and {edit}; we want it for {use}.",
        "For {use}, take the given phrase and {edit}.",
        "The phrase will appear as {use}. Please {edit} before it is printed.",
        "What does our motto look like if you {edit}? It is meant for {use}.",
        "Edit the text for {use} as follows: {edit}.",
    ),
    slots={"edit": tuple(EDITS), "use": USES},
    draw=lambda rng, slots: rng.choice(SLOGANS),
    solve=lambda slots, given: EDITS[slots["edit"]](given),
    check=lambda slots, given, output: " ".join(output.split()) == EDITS[slots["edit"]](given),
)

SHIFTS = {"one place": 1, "two places": 2, "three places": 3, "five places": 5, "thirteen places": 13}
SPIES = (
    *("a detective story", "a secret note between sisters", "a treasure hunt in the old mill", "a spy game at camp"),
    *("the club's password card", "a birthday riddle", "a radio play", "a lesson about Julius Caesar"),
)
CIPHER = Family(
    name="caesar",
    phrasings=(
        "Encrypt the message for {spy} by moving each letter {shift} forward in the alphabet, lower case only.",
        "For {spy}, shift all letters of the phrase {shift} to the right (z is followed by a) and use small letters.",
        "I need a secret text as part of {spy}: push every letter {shift} along the alphabet, in lower case.",
        "Apply a Caesar cipher of {shift} to these words, all in lower case. They belong to {spy}.",
    ),
    slots={"shift": tuple(SHIFTS), "spy": SPIES},
    draw=lambda rng, slots: rng.choice(SLOGANS),
    solve=lambda slots, given: _shifted(given, SHIFTS[slots["shift"]]),
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
        "Spot the stranger: everything here but one belongs to the {things}.",
        "One entry has no business in a list of {things}. Name it.",
        "Cross out the term that doesn't belong with the other {things} and tell me which it was.",
        "A pupil was asked for five {things} and got one wrong. Find the mistake.",
    ),
    slots={"things": KINDS},
    draw=_intruder,
    solve=lambda slots, given: next(word for word in items(given) if THEME_OF[word] != slots["things"]),
    settings=QUIZ,
    endings=ITEM,
)
SCRAMBLED = Family(
    name="unscramble",
    phrasings=(
        "Unscramble the letters to get a word for one of the {things}.",
        "The letters of a word were mixed up. It names something among the {things}: what is it?",
        "Solve the anagram; as a hint, think of {things}.",
        "Which member of the {things} hides in this jumble of letters?",
        "Put the jumbled letters into the right order. The category is {things}.",
    ),
    slots={"things": KINDS},
    draw=lambda rng, slots: " ".join(_jumbled(rng, rng.choice(THEMES_WORDS[slots["things"]]))),
    solve=lambda slots, given: next(
        word for word in THEMES_WORDS[slots["things"]] if sorted(word.upper()) == sorted(given.replace(" ", ""))
    ),
    settings=QUIZ,
    endings=ITEM,
)


def _jumbled(rng: Random, word: str) -> str:
    return "".join(rng.sample(word.upper(), len(word)))


FAMILIES = (SORT, CHOOSE, COUNT, EDIT, CIPHER, ODD, SCRAMBLED)
