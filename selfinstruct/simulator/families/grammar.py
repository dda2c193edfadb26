"""Families about words in a sentence: word classes, comparison, opposites, gaps, proverbs, names."""

from __future__ import annotations

from random import Random

from selfinstruct.simulator.contexts import FIRMS, PUZZLES, READERS, WRITINGS
from selfinstruct.simulator.endings import ITEM, LABEL, LIST
from selfinstruct.simulator.families.classify import labels
from selfinstruct.simulator.family import Family, Slots
from selfinstruct.simulator.vocabulary import NAMES, items

__all__ = ["FAMILIES"]

WORD_CLASS = labels(
    "word_class",
    {
        "noun": (
            "The *(lantern|ladder|kettle)* fell into the (river|well).",
            "She sold her *(bicycle|piano|boat)* last (year|week).",
            "A *(storm|parade|wedding)* kept us awake all night.",
        ),
        "verb": (
            "The children *(laugh|whisper|argue)* in the (hall|attic).",
            "We *(painted|repaired|counted)* the chairs before (noon|supper).",
            "He *(forgets|mislays|polishes)* his glasses every (day|Sunday).",
        ),
        "adjective": (
            "A *(nervous|cheerful|sleepy)* clerk opened the door.",
            "The soup was *(salty|lukewarm|delicious)* as usual.",
            "They live in a *(narrow|crooked|spacious)* house by the (mill|canal).",
        ),
        "adverb": (
            "The train arrived *(punctually|unexpectedly|silently)*.",
            "She *(rarely|always|often)* eats breakfast.",
            "He answered *(politely|angrily|carefully)* and sat down.",
        ),
    },
    (
        "Noun, verb, adjective or adverb: what is the word between asterisks in {writing}?",
        "Name the class of the starred word (noun, verb, adjective, adverb), for {reader}.",
        "Is the marked word a noun, verb, adjective or adverb? It's for {puzzle}.",
        "For {puzzle}, tag the *word* as noun, verb, adjective or adverb.",
        "Identify the highlighted word's class for {reader}: noun, verb, adjective or adverb.",
    ),
    writing=WRITINGS,
    reader=READERS,
    puzzle=PUZZLES,
)

_COMPARED = (
    "good-better-best bad-worse-worst far-farther-farthest little-less-least big-bigger-biggest hot-hotter-hottest "
    "thin-thinner-thinnest happy-happier-happiest busy-busier-busiest narrow-narrower-narrowest large-larger-largest "
    "strange-stranger-strangest quiet-quieter-quietest dry-drier-driest wet-wetter-wettest funny-funnier-funniest "
    "simple-simpler-simplest noisy-noisier-noisiest fat-fatter-fattest wide-wider-widest lazy-lazier-laziest"
)
COMPARED = {row.split("-")[0]: row.split("-") for row in _COMPARED.split()}
DEGREES = {"comparative": 1, "superlative": 2}
COMPARISON = Family(
    name="comparison",
    phrasings=(
        "Give the {degree} of each adjective, for {reader}.",
        "What are the {degree} forms of these adjectives? I teach {reader}.",
        "Form the {degree} of every word for {puzzle}.",
        "For {puzzle}, put the adjectives into the {degree}.",
        "Compare: write each adjective as a {degree}, to help {reader}.",
    ),
    slots={"degree": tuple(DEGREES), "reader": READERS, "puzzle": PUZZLES},
    draw=lambda rng, slots: ", ".join(rng.sample(tuple(COMPARED), rng.randint(2, 4))),
    solve=lambda slots, given: ", ".join(COMPARED[word][DEGREES[slots["degree"]]] for word in items(given)),
    endings=LIST,
)

GAPS = {
    "their or there": (
        ("They painted ___ fence green.", "their"),
        ("The twins forgot ___ keys again.", "their"),
        ("Put the parcel over ___ by the stove.", "there"),
        ("Is ___ any soup left?", "there"),
    ),
    "its or it's": (
        ("The dog wagged ___ tail.", "its"),
        ("The museum has lost ___ roof.", "its"),
        ("I think ___ going to snow.", "it's"),
        ("Tell me when ___ my turn.", "it's"),
    ),
    '"a" or "an"': (
        ("We waited for ___ hour.", "an"),
        ("She is ___ honest judge.", "an"),
        ("He wore ___ uniform.", "a"),
        ("It was ___ one-way street.", "a"),
    ),
    "your or you're": (
        ("Is this ___ umbrella?", "your"),
        ("Mind ___ head on the beam.", "your"),
        ("I hope ___ hungry.", "you're"),
        ("Call me when ___ ready.", "you're"),
    ),
    "than or then": (
        ("She is taller ___ her brother.", "than"),
        ("I would rather walk ___ wait.", "than"),
        ("Stir the batter, ___ let it rest.", "then"),
        ("We ate first and ___ danced.", "then"),
    ),
    "fewer or less": (
        ("There were ___ guests this year.", "fewer"),
        ("We need ___ chairs on Monday.", "fewer"),
        ("Use ___ salt next time.", "less"),
        ("He makes ___ noise than before.", "less"),
    ),
    "who or which": (
        ("The man ___ tunes our piano is deaf.", "who"),
        ("Nurses ___ work at night get a bonus.", "who"),
        ("The bridge, ___ was built in 1900, creaks.", "which"),
        ("My bicycle, ___ is blue, was stolen.", "which"),
    ),
}
FILLED = {(pair, text): word for pair, rows in GAPS.items() for text, word in rows}
GAP = Family(
    name="fill_gap",
    phrasings=(
        "Fill the gap with {pair}, in a line from {writing}.",
        "Which fits the blank, {pair}? I'm asking for {reader}.",
        "Choose {pair} to complete the sentence, for {puzzle}.",
        "Should it be {pair}? Complete a sentence of {writing}.",
        "For {reader}, insert {pair} where the line is.",
    ),
    slots={"pair": tuple(GAPS), "writing": WRITINGS, "reader": READERS, "puzzle": PUZZLES},
    draw=lambda rng, slots: rng.choice(GAPS[slots["pair"]])[0],
    solve=lambda slots, given: FILLED[slots["pair"], given],
    classification=True,
    endings=LABEL,
)

PROVERBS = {
    "A stitch in time": "saves nine",
    "Too many cooks": "spoil the broth",
    "The early bird": "catches the worm",
    "A rolling stone": "gathers no moss",
    "Actions speak": "louder than words",
    "Birds of a feather": "flock together",
    "Don't count your chickens": "before they hatch",
    "Every cloud": "has a silver lining",
    "Where there's smoke": "there's fire",
    "When in Rome": "do as the Romans do",
    "The pen is mightier": "than the sword",
    "Absence makes": "the heart grow fonder",
    "Honesty is": "the best policy",
    "A watched pot": "never boils",
    "Look before": "you leap",
    "Many hands": "make light work",
    "No news": "is good news",
    "Practice makes": "perfect",
    "Rome wasn't built": "in a day",
    "The grass is always greener": "on the other side",
    "You can't teach an old dog": "new tricks",
    "Better late": "than never",
}
PROVERB = Family(
    name="proverbs",
    phrasings=(
        "Complete the proverb for {reader}.",
        "How does the English saying go on? It's for {puzzle}.",
        "Finish this well-known saying, half of which stands in {writing}.",
        "Supply the second half of a proverb, for {puzzle}.",
        "For {reader}: what comes after this beginning of a proverb?",
        "Continue the saying quoted in {writing}.",
    ),
    slots={"reader": READERS, "puzzle": PUZZLES, "writing": WRITINGS},
    draw=lambda rng, slots: f"{rng.choice(tuple(PROVERBS))} ...",
    solve=lambda slots, given: PROVERBS[given.removesuffix(" ...")],
    endings=ITEM,
)

SURNAMES = "Abbott Brandt Castellanos Duarte Eklund Fontaine Grant Haddad Ivanov Jansen Kowalski Lindqvist Moreau Novak"
NAME_FORMS = {
    "surname first, then a comma and the first name": "{last}, {first}",
    "with the first name shortened to its initial (A. Smith)": "{initial}. {last}",
    "as e-mail names in lower case (ada.smith)": "{lower_first}.{lower_last}",
    "as initials with full stops (A.S.)": "{initial}.{other}.",
    "with the surname in capital letters": "{first} {capitals}",
}


def _named(form: str, name: str) -> str:
    first, last = name.split()
    return NAME_FORMS[form].format(
        first=first, last=last, initial=first[0], other=last[0], capitals=last.upper(), lower_first=first.lower(),
        lower_last=last.lower(),
    )  # fmt: skip


def _people(rng: Random, slots: Slots) -> str:
    names = zip(rng.sample(NAMES, 3), rng.sample(SURNAMES.split(), 3), strict=True)
    return "\n".join(f"{first} {last}" for first, last in names)


NAME_LIST = Family(
    name="name_format",
    phrasings=(
        "Write the names {form}, one per line, for {firm}.",
        "Reformat each name {form}, line by line, for {firm}.",
        "For {firm}, list the people {form}, one per line.",
        "How do these names look {form}? One to a line, for {reader}.",
        "Change every full name for {reader}: {form}, each on its own line.",
    ),
    slots={"form": tuple(NAME_FORMS), "firm": FIRMS, "reader": READERS},
    draw=_people,
    solve=lambda slots, given: "\n".join(_named(slots["form"], name) for name in given.split("\n")),
    check=lambda slots, given, output: (
        [line.strip() for line in output.strip().split("\n")]
        == [_named(slots["form"], name) for name in given.split("\n")]
    ),
)

_OPPOSITES = (
    "ancient-modern generous-stingy shallow-deep victory-defeat arrive-depart expand-shrink brave-cowardly "
    "increase-decrease rough-smooth tidy-messy permanent-temporary guilty-innocent public-private cheap-expensive "
    "artificial-natural scarce-plentiful accept-refuse borrow-lend transparent-opaque"
)
_ALIKE = (
    "begin-start rapid-quick huge-enormous sad-unhappy buy-purchase shut-close sick-ill tired-weary wealthy-rich "
    "angry-furious clever-smart reply-answer odd-strange silent-mute glad-happy hide-conceal choose-select "
    "mistake-error brave-courageous weird-peculiar"
)
RELATED = {
    pair.replace("-", ", "): kind
    for kind, pairs in (("synonyms", _ALIKE), ("antonyms", _OPPOSITES))
    for pair in pairs.split()
}
MEANING = Family(
    name="synonym_or_antonym",
    phrasings=(
        "Synonyms or antonyms? Label the two words for {reader}.",
        "Are the words synonyms or antonyms, for {puzzle}?",
        "Decide for {puzzle} whether these are synonyms or antonyms.",
        "For {reader}, tag the pair as synonyms or antonyms.",
        "Do the words in {writing} count as synonyms or antonyms?",
        "Call both words synonyms or antonyms; they occur in {writing}.",
    ),
    slots={"reader": READERS, "puzzle": PUZZLES, "writing": WRITINGS},
    draw=lambda rng, slots: rng.choice(tuple(RELATED)),
    solve=lambda slots, given: RELATED[given],
    classification=True,
    endings=LABEL,
)


CASES = {
    "every word gets a capital": "",
    "words of up to three letters stay small inside": "3",
    "words of up to four letters stay small inside": "4",
    "only the first word and those of more than five letters get a capital": "5",
}


def _title(text: str, small: str) -> str:
    most = int(small or 0)
    return " ".join(word if n and len(word) <= most else word.capitalize() for n, word in enumerate(text.split()))


TITLES = {
    "a novel": ("the keeper of the silent bell", "a winter without snow", "letters to an empty house"),
    "a film": ("night train to the border", "the man with two shadows", "a dance for the dead"),
    "a lecture": ("the physics of soap bubbles", "on the memory of fish", "a short history of salt"),
    "an exhibition": ("masks of the southern coast", "the art of waiting", "a century in glass"),
    "a song": ("under the copper moon", "waltz for an absent friend", "the road to nowhere in particular"),
    "a magazine article": ("how to live with a parrot", "the return of the wolf", "secrets of a slow kitchen"),
}
TITLE_CASE = Family(
    name="title_case",
    phrasings=(
        "Capitalise {work} as in book titles ({rule}), for {reader}.",
        "Put {work} into title case for {firm}; {rule}.",
        "For {reader}, apply title case, in which {rule}.",
        "How is {work} written in title case, if {rule}?",
        "Set the title for {firm} in title case ({rule}).",
    ),
    slots={
        "work": tuple(f"the title of {work}" for work in TITLES),
        "rule": tuple(CASES),
        "reader": READERS,
        "firm": FIRMS,
    },
    draw=lambda rng, slots: rng.choice([title for titles in TITLES.values() for title in titles]),
    solve=lambda slots, given: _title(given, CASES[slots["rule"]]),
    check=lambda slots, given, output: " ".join(output.split()) == _title(given, CASES[slots["rule"]]),
)

FAMILIES = (WORD_CLASS, COMPARISON, GAP, PROVERB, NAME_LIST, MEANING, TITLE_CASE)
