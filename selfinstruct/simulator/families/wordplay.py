"""Families about plurals, rhymes and the letters that words are made of."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from selfinstruct.simulator.contexts import PUZZLES
from selfinstruct.simulator.endings import ITEM, LABEL, LIST
from selfinstruct.simulator.family import Family, Slots
from selfinstruct.simulator.vocabulary import items

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
        "What are the plural forms of these nouns? They are for {card}.",
        "Turn one into many: put every noun into the plural for {card}.",
        "Form the (partly irregular) plurals of these nouns for {card}.",
        "For {card}, replace each singular by its plural.",
        "Pluralise the nouns below as required for {card}.",
    ),
    slots={"card": (*CARDS, *PUZZLES)},
    draw=lambda rng, slots: ", ".join(rng.sample(tuple(PLURALS), rng.randint(3, 5))),
    solve=lambda slots, given: ", ".join(PLURALS[noun] for noun in items(given)),
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
    *("the anthem of a rowing club", "a poem on a jar of jam", "a school hymn", "a sailor's farewell song"),
    *("a nonsense verse about soup", "an ode to a bicycle", "a tombstone in a comedy", "a musical about bees"),
    *("a rap by the chess team", "a valentine for a baker", "a Christmas sketch", "the refrain of a work song"),
    *("a verse on a tea box", "a mocking song", "a prologue for puppets", "a hiking song", "a skipping rhyme"),
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
        'My line ends with "{word}". Choose the option that rhymes, for {verse}.',
        'Pick the rhyme for "{word}" in {verse}.',
        'Find a partner that rhymes with "{word}" for {verse}.',
        'In {verse} a line finishes on "{word}": select a rhyme.',
        'Complete the couplet of {verse}: what rhymes with "{word}" here?',
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
_ANAGRAMS = (
    "listen-silent earth-heart night-thing stone-notes below-elbow study-dusty cider-cried angel-glean "
    "save-vase parse-spare tales-steal bored-robed inch-chin thorn-north throw-worth ocean-canoe lemon-melon "
    "paws-swap shore-horse snail-nails state-taste team-meat peach-cheap race-care design-signed "
    "danger-garden finger-fringe master-stream mean-name"
)
ANAGRAMS = tuple(_ANAGRAMS.split())
_MISSED = (
    "listen-tinsels earth-hearts night-tights stone-stoned below-bellow study-sturdy cider-diced angel-agile "
    "save-wave parse-spark ocean-oceans lemon-demon snail-snarl state-stage peach-reach race-racer "
    "danger-dagger finger-linger master-faster mean-menu thorn-thorny bored-board shore-shorn team-meet "
    "paws-spawn worth-worst horse-house garden-grander design-resign"
)
MISSED = tuple(_MISSED.split())
RULES: dict[str, Callable[[str], bool]] = {
    "palindromes, words that read the same in both directions": lambda text: text == text[::-1],
    "words of which more than half of the letters are a, e, i, o or u": lambda text: (
        sum(c in VOWELS for c in text) * 2 > len(text)
    ),
    "words whose letters are all different": lambda text: len(set(text)) == len(text),
    "words of exactly five letters": lambda text: len(text) == 5,
}
BIN = {"yes or no": ("yes", "no"), "true or false": ("true", "false"), "right or wrong": ("right", "wrong")}
WORD_TEST = Family(
    name="word_test",
    phrasings=(
        "We collect {kind}. This is one of them: {labels}?",
        "The word belongs among the {kind}: reply with {labels}.",
        "Check one word with {labels}: it is one of the {kind}.",
        "I am collecting {kind} for {puzzle}. This is one: {labels}?",
        "For {puzzle}, we want {kind}. This fits: {labels}?",
        "Judge with {labels}, for {puzzle}: this is one of the {kind}.",
    ),
    slots={"kind": tuple(RULES), "labels": tuple(BIN), "puzzle": PUZZLES},
    draw=lambda rng, slots: rng.choice(
        (*PALINDROMES, *NOT_QUITE, *(w for pair in ANAGRAMS for w in pair.split("-")), "audio", "queue", "eerie")
    ),
    solve=lambda slots, given: BIN[slots["labels"]][not RULES[slots["kind"]](given)],
    classification=True,
    endings=LABEL,
)
SAME_LETTERS = {
    "yes or no": ("yes", "no"),
    "true or false": ("true", "false"),
    "correct or incorrect": ("correct", "incorrect"),
    "right or wrong": ("right", "wrong"),
}
ANAGRAM = Family(
    name="anagram_test",
    phrasings=(
        "These are anagrams: {labels}? It's for {puzzle}.",
        "For {puzzle}: both words have the same letters. Say {labels}.",
        "Judge with {labels} the claim that both are anagrams, for {puzzle}.",
        "Compare the letters of two words for {puzzle}. They are anagrams: {labels}?",
        "Rearranging one word gives the other: choose {labels} for {puzzle}.",
        "Mark the alleged anagrams with {labels} for {puzzle}.",
    ),
    slots={"labels": tuple(SAME_LETTERS), "puzzle": PUZZLES},
    draw=lambda rng, slots: ", ".join(rng.choice((*ANAGRAMS, *MISSED)).split("-")),
    solve=lambda slots, given: SAME_LETTERS[slots["labels"]][
        len({"".join(sorted(word)) for word in items(given)}) != 1
    ],
    classification=True,
    endings=LABEL,
)

FAMILIES = (PLURAL, RHYME, WORD_TEST, ANAGRAM)
