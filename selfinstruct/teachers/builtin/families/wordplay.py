"""Families about plurals, rhymes and the letters that words are made of."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from selfinstruct.teachers.builtin.endings import ITEM, LABEL, LIST
from selfinstruct.teachers.builtin.family import Family, Slots
from selfinstruct.teachers.builtin.settings import QUIZ
from selfinstruct.teachers.builtin.vocabulary import items

__all__ = ["FAMILIES"]

VOWELS = "aeiou"

# Plurals and rhymes.

PLURALS = dict(
    pair.split("-")
    for pair in (
        *("child-children", "mouse-mice", "goose-geese", "tooth-teeth", "foot-feet", "ox-oxen", "man-men"),
        *("woman-women", "knife-knives", "leaf-leaves", "wolf-wolves", "shelf-shelves", "loaf-loaves"),
        *("city-cities", "berry-berries", "story-stories", "potato-potatoes", "tomato-tomatoes", "hero-heroes"),
        *("box-boxes", "church-churches", "glass-glasses", "brush-brushes", "key-keys", "piano-pianos"),
        *("sheep-sheep", "crisis-crises", "thief-thieves", "scarf-scarves", "echo-echoes", "bus-buses"),
        *("half-halves",),
    )
)
CARDS = (
    *("vocabulary cards for beginners", "a grammar poster", "the answer key of a language course", "a spelling bee"),
    *(
        "subtitles for a children's film",
        "a crossword editor's word list",
        "a letter to my exchange student",
        "labels in a toy shop",
    ),
    *("an evening class at the library", "the glossary of a textbook"),
)
PLURAL = Family(
    name="plurals",
    phrasings=(
        "Write the plural of each noun for {card}.",
        "What are the plural forms of these nouns? They are meant for {card}.",
        "Turn one into many: put every noun into the plural, as needed for {card}.",
        "I am working on {card} and am unsure about some irregular plurals. Please form them.",
        "For {card}, replace each singular noun with its plural.",
    ),
    slots={"card": CARDS},
    draw=lambda rng, slots: ", ".join(rng.sample(tuple(PLURALS), rng.randint(3, 5))),
    solve=lambda slots, given: ", ".join(PLURALS[noun] for noun in items(given)),
    settings=QUIZ,
    endings=LIST,
)

RHYMES = tuple(
    frozenset(group.split())
    for group in (
        *("light night kite white bright", "moon tune spoon June noon", "rain train plane lane cane"),
        *("tree sea bee tea key", "house mouse louse", "star car jar guitar", "snow toe crow dough"),
        *("blue shoe two zoo glue", "cake lake rake snake", "hill mill pill still"),
        *("ring king wing spring string", "boat coat goat note", "bear chair hair square"),
        *("clock sock rock lock", "bell shell smell well", "town crown brown gown", "day grey sleigh clay"),
    )
)
SHOWN = tuple(sorted(word for group in RHYMES for word in group if word not in ("June", "still", "two", "grey")))
VERSES = (
    *("a birthday poem for my niece", "a limerick about a ferryman", "the chorus of a lullaby", "a greeting card"),
    *("a song for the carnival", "a counting-out rhyme", "a toast at a wedding", "a ballad about the sea"),
)


def _rhyme_options(rng: Random, slots: Slots) -> str:
    group = next(group for group in RHYMES if slots["word"] in group)
    others = [word for other in RHYMES if other != group for word in sorted(other)]
    words = [rng.choice(sorted(group - {slots["word"]})), *rng.sample(others, 4)]
    rng.shuffle(words)
    return ", ".join(words)


RHYME = Family(
    name="rhyme",
    phrasings=(
        'Which of the words rhymes with "{word}"? I need it for {verse}.',
        'I am writing {verse} and my line ends with "{word}". Choose the option that rhymes.',
        'Pick the rhyme: the line before it, in {verse}, finishes on "{word}".',
        'Find a partner for "{word}" among the candidates; the two should rhyme in {verse}.',
    ),
    slots={"word": SHOWN, "verse": VERSES},
    draw=_rhyme_options,
    solve=lambda slots, given: next(
        word for word in items(given) if any({word, slots["word"]} <= group for group in RHYMES)
    ),
    endings=ITEM,
)


# Two words and their letters: yes or no.

PALINDROMES = (
    *("level", "radar", "civic", "rotor", "kayak", "madam", "refer", "noon", "stats", "tenet", "deed"),
    *("racecar",),
)
NOT_QUITE = (
    *("lever", "rodeo", "cinema", "rotate", "kayaks", "madame", "prefer", "moon", "status", "tent"),
    *("deeds", "raceway"),
)
ANAGRAMS = (
    *("listen-silent", "earth-heart", "night-thing", "stone-notes", "below-elbow", "study-dusty"),
    *("cider-cried", "angel-glean"),
)
MISSED = (
    *("listen-tinsels", "earth-hearts", "night-tights", "stone-stoned", "below-bellow", "study-sturdy"),
    *("cider-diced", "angel-agile"),
)
RULES: dict[str, Callable[[str], bool]] = {
    "palindromes, words that read the same in both directions": lambda text: text == text[::-1],
    "words of which more than half of the letters are a, e, i, o or u": lambda text: (
        sum(c in VOWELS for c in text) * 2 > len(text)
    ),
    "words whose letters are all different": lambda text: len(set(text)) == len(text),
    "words of exactly five letters": lambda text: len(text) == 5,
}
BIN = {"yes or no": ("yes", "no"), "true or false": ("true", "false"), "keep or drop": ("keep", "drop")}
WORD_TEST = Family(
    name="word_test",
    phrasings=(
        "We collect {kind}. Should this word be added? Answer {labels}.",
        "Does the word belong in a list of {kind}? Reply with {labels}.",
        "Check one word against the rule of our list, {kind}, and decide: {labels}.",
        "A poet only wants {kind}. Judge the word: {labels}?",
        "Decide whether this is one of the {kind}, with {labels} as the only possible answers.",
    ),
    slots={"kind": tuple(RULES), "labels": tuple(BIN)},
    draw=lambda rng, slots: rng.choice(
        (*PALINDROMES, *NOT_QUITE, *(w for pair in ANAGRAMS for w in pair.split("-")), "audio", "queue", "eerie")
    ),
    solve=lambda slots, given: BIN[slots["labels"]][not RULES[slots["kind"]](given)],
    classification=True,
    settings=QUIZ,
    endings=LABEL,
)
SAME_LETTERS = {
    "yes or no": ("yes", "no"),
    "true or false": ("true", "false"),
    "correct or incorrect": ("correct", "incorrect"),
    "anagram or no anagram": ("anagram", "no anagram"),
}
ANAGRAM = Family(
    name="anagram_test",
    phrasings=(
        "Are the two words anagrams of each other? Answer {labels}.",
        "Could you spell the second word by rearranging exactly the letters of the first? Say {labels}.",
        "My crossword partner claims that these two words consist of the same letters. Judge the claim: {labels}.",
        "Compare the letters of both words and judge the statement that they are anagrams, with {labels}.",
    ),
    slots={"labels": tuple(SAME_LETTERS)},
    draw=lambda rng, slots: ", ".join(rng.choice((*ANAGRAMS, *MISSED)).split("-")),
    solve=lambda slots, given: SAME_LETTERS[slots["labels"]][
        len({"".join(sorted(word)) for word in items(given)}) != 1
    ],
    classification=True,
    settings=QUIZ,
    endings=LABEL,
)

FAMILIES = (PLURAL, RHYME, WORD_TEST, ANAGRAM)
