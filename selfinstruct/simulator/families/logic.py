"""Families that need a little reasoning: checks of numbers and triangles, sets, orderings, truth, analogies."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from random import Random

from selfinstruct.simulator.contexts import FIRMS, PUZZLES
from selfinstruct.simulator.endings import ITEM, LABEL, LIST
from selfinstruct.simulator.family import Family, Slots
from selfinstruct.simulator.vocabulary import NAMES, THEMES_WORDS, items

__all__ = ["FAMILIES"]

# Yes or no about a number.

PROPERTIES: dict[str, Callable[[int], bool]] = {
    "a prime number": lambda n: n > 1 and all(n % d for d in range(2, int(n**0.5) + 1)),
    "a leap year in the Gregorian calendar": lambda n: n % 4 == 0 and (n % 100 != 0 or n % 400 == 0),
    "a perfect square": lambda n: round(n**0.5) ** 2 == n,
    "divisible by seven without remainder": lambda n: n % 7 == 0,
    "a number whose digits add up to an even sum": lambda n: sum(map(int, str(n))) % 2 == 0,
    "a palindrome, the same when read backwards": lambda n: str(n) == str(n)[::-1],
    "a multiple of both three and four": lambda n: n % 12 == 0,
    "a power of two": lambda n: n & (n - 1) == 0,
    "a triangular number, such as 1, 3, 6 or 10": lambda n: round((8 * n + 1) ** 0.5) ** 2 == 8 * n + 1,
}
ANSWERS = ("yes or no", "true or false", "correct or incorrect", "right or wrong")


def _number_for(rng: Random, slots: Slots) -> str:
    """As often with the property as without."""
    wanted = rng.random() < 0.5
    return str(rng.choice(_numbers_with(slots["property"], wanted)))


@cache
def _numbers_with(name: str, wanted: bool) -> list[int]:
    low, high = (1896, 2105) if "leap" in name else (2, 999)
    return [n for n in range(low, high) if PROPERTIES[name](n) is wanted]


def _verdict(labels: str, holds: bool) -> str:
    return labels.split(" or ")[not holds]


NUMBER_TEST = Family(
    name="number_test",
    phrasings=(
        "The given number is {property}: {labels}?",
        "Test the claim that it is {property}; reply with {labels}.",
        'A pupil says: "It is {property}." Judge with {labels}.',
        "This is {property}: say {labels}, for {puzzle}.",
        "For {puzzle}: the number is {property} ({labels}).",
        "Judge with {labels} the statement that the number is {property}.",
    ),
    slots={"puzzle": PUZZLES, "property": tuple(PROPERTIES), "labels": ANSWERS},
    draw=_number_for,
    solve=lambda slots, given: _verdict(slots["labels"], bool(PROPERTIES[slots["property"]](int(given)))),
    classification=True,
    endings=LABEL,
)

# Triangles.

CORNERS = (
    *(
        "a sail",
        "a vegetable bed",
        "a slice of cake",
        "a roof truss",
        "a road sign",
        "a paper plane's wing",
        "a tent",
        "a pennant",
    ),
    *("the gable of a doll's house", "a sandwich cut by my aunt", "the fin of a racing yacht", "a meadow by the river"),
    *("a tray for samosas", "the window above a church door", "a warning sign on the dunes", "a wire coat hanger"),
    *("a wooden shelf bracket", "a flower bed"),
)


def _triangle(slots: Slots, given: str) -> str:
    a, b, c = sorted(map(int, re.findall(r"\d+", given)))
    if a + b <= c:
        return "impossible"
    return {1: "equilateral", 2: "isosceles", 3: "scalene"}[len({a, b, c})]


def _sides(rng: Random, slots: Slots) -> str:
    a, b = rng.sample(range(3, 25), 2)
    sides = rng.choice(
        ((a, a, a), (max(a, b), max(a, b), min(a, b)), (a + 5, a + 6, a + 8), (a, b, a + b + rng.randint(0, 6)))
    )
    return ", ".join(f"{side} cm" for side in rng.sample(sides, 3))


TRIANGLE = Family(
    name="triangle",
    phrasings=(
        "Is a triangle for {corner} equilateral, isosceles, scalene or impossible?",
        "Classify the triangle as equilateral, isosceles, scalene or impossible, for {puzzle}.",
        "Equilateral, isosceles, scalene or impossible: what triangle would {corner} be?",
        "Which kind of triangle is it for {puzzle}: equilateral, isosceles, scalene or impossible?",
        "Given the three sides of {corner}, choose equilateral, isosceles, scalene or impossible.",
        "For {puzzle}, label the sides as equilateral, isosceles, scalene or impossible.",
    ),
    slots={"corner": CORNERS, "puzzle": PUZZLES},
    draw=_sides,
    solve=_triangle,
    classification=True,
    endings=LABEL,
)

# Sets.

GROUPS: dict[str, Callable[[list[str], list[str]], list[str]]] = {
    "in both lists": lambda a, b: [x for x in a if x in b],
    "in the first list but not in the second": lambda a, b: [x for x in a if x not in b],
    "in the second list but not in the first": lambda a, b: [x for x in b if x not in a],
    "in exactly one of the two lists": lambda a, b: [x for x in a if x not in b] + [x for x in b if x not in a],
    "in at least one of the lists": lambda a, b: a + [x for x in b if x not in a],
}
GATHERINGS = (
    *(
        "guests at two weddings",
        "players of two football teams",
        "volunteers on Saturday and on Sunday",
        "two book clubs",
    ),
    *(
        "subscribers of two newsletters",
        "sailors on two boats",
        "singers in two choirs",
        "pupils on two school trips",
    ),
    *("speakers at two conferences", "patients of two dentists"),
)


def _two_lists(rng: Random, slots: Slots) -> str:
    names = rng.sample(NAMES, 7)
    first, second = names[:5], names[3:]
    rng.shuffle(second)
    return f"First: {', '.join(first)}\nSecond: {', '.join(second)}"


def _group(slots: Slots, given: str) -> str:
    first, second = (items(line.split(": ")[1]) for line in given.split("\n"))
    return ", ".join(GROUPS[slots["group"]](first, second))


SETS = Family(
    name="sets",
    phrasings=(
        "Compare the {gathering} and name everybody {group}, in order.",
        "Two lists are given, {gathering}. Who is {group}?",
        "Among the {gathering}, find those {group}, in order.",
        "From the names of {gathering}, give all that are {group}.",
        "Which people are {group}? Keep their order; it's for {firm}.",
        "For {firm}, list whoever is {group}, in the given order.",
    ),
    slots={"firm": FIRMS, "gathering": GATHERINGS, "group": tuple(GROUPS)},
    draw=_two_lists,
    solve=_group,
    endings=LIST,
)

# Who comes first?

SCALES = {
    "taller": ("tallest", "shortest"),
    "older": ("oldest", "youngest"),
    "faster": ("fastest", "slowest"),
    "louder": ("loudest", "quietest"),
    "heavier": ("heaviest", "lightest"),
    "braver": ("bravest", "most timid"),
    "neater": ("neatest", "most untidy"),
}
CREWS = (
    *(
        "four members of a circus family",
        "four swimmers",
        "four beekeepers",
        "four cousins at a picnic",
        "four night porters",
    ),
    *(
        "four actors in a farce",
        "four mountain guides",
        "four pirates in a children's book",
        "four cooks in one kitchen",
    ),
)
WHICH = {
    f"the {end}": (scale, place) for scale, ends in SCALES.items() for place, end in zip((0, -1), ends, strict=True)
}


def _chain(rng: Random, slots: Slots) -> str:
    names, scale = rng.sample(NAMES, 4), WHICH[slots["which"]][0]
    clues = [f"{a} is {scale} than {b}." for a, b in pairwise(names)]
    rng.shuffle(clues)
    return " ".join(clues)


def _end_of_chain(slots: Slots, given: str) -> str:
    pairs = re.findall(r"(\w+) is \w+ than (\w+)", given)
    more, less = {a for a, _ in pairs}, {b for _, b in pairs}
    (found,) = more - less if WHICH[slots["which"]][1] == 0 else less - more
    return str(found)


ORDERING = Family(
    name="ordering",
    phrasings=(
        "Three clues describe {crew}. Who is {which}?",
        "Solve the riddle: which of {crew} is {which}?",
        "Deduce who among {crew} must be {which}.",
        "Name {which} of {crew}.",
        "From the clues about {crew}, find {which}.",
        "For {puzzle}, work out who is {which}.",
        "Who turns out to be {which}? The riddle is for {puzzle}.",
    ),
    slots={"puzzle": PUZZLES, "crew": CREWS, "which": tuple(WHICH)},
    draw=_chain,
    solve=_end_of_chain,
    endings=ITEM,
)

# Syllogisms of three forms that are valid and three that are not.

SYLLOGISMS = {
    "All {a} are {b}. All {b} are {c}. So all {a} are {c}.": True,
    "No {b} are {c}. All {a} are {b}. So no {a} are {c}.": True,
    "All {a} are {b}. Some {a} are {c}. So some {b} are {c}.": True,
    "All {a} are {c}. All {b} are {c}. So all {a} are {b}.": False,
    "Some {a} are {b}. Some {b} are {c}. So some {a} are {c}.": False,
    "All {a} are {b}. No {c} are {a}. So no {c} are {b}.": False,
}
PEOPLE = (
    *("bakers", "poets", "sailors", "dancers", "gardeners", "clowns", "judges", "climbers", "painters"),
    *("drummers", "farmers", "teachers"),
)
DEBATES = (
    *(
        "a debating club",
        "a philosophy seminar",
        "a parliament of penguins in a children's play",
        "a court scene on stage",
    ),
    *("a logic lesson", "a talk show", "a letter to the editor", "an advertisement", "a dinner conversation"),
)


def _syllogism(rng: Random, slots: Slots) -> str:
    a, b, c = rng.sample(PEOPLE, 3)
    return rng.choice(tuple(SYLLOGISMS)).format(a=a, b=b, c=c)


def _is_valid(slots: Slots, given: str) -> str:
    form = re.sub("|".join(PEOPLE), "X", given)
    letters = dict(zip(dict.fromkeys(re.findall("|".join(PEOPLE), given)), "abc", strict=True))
    shape = [letters[word] for word in re.findall("|".join(PEOPLE), given)]
    for known, valid in SYLLOGISMS.items():
        order = re.findall(r"\{(\w)\}", known)
        renamed = dict(zip(dict.fromkeys(order), "abc", strict=True))
        if re.sub(r"\{\w\}", "X", known) == form and [renamed[letter] for letter in order] == shape:
            return _verdict(slots["labels"], valid)
    raise ValueError(f"not one of our syllogisms: {given}")


SYLLOGISM = Family(
    name="syllogism",
    phrasings=(
        "An argument from {debate}: is it {labels}?",
        "Does the conclusion follow? Call it {labels}, for {puzzle}.",
        "Judge the reasoning heard in {debate} as {labels}.",
        "Two premises, one conclusion: {labels}? It's for {puzzle}.",
        "For {puzzle}, rate the syllogism as {labels}.",
        "Is the inference {labels}? Somebody drew it in {debate}.",
    ),
    slots={
        "puzzle": PUZZLES,
        "debate": DEBATES,
        "labels": ("valid or invalid", "sound logic or faulty logic", "logical or illogical"),
    },
    draw=_syllogism,
    solve=_is_valid,
    classification=True,
    endings=LABEL,
)

# Analogies.

ANALOGIES = {
    "animal and young": (
        "cow-calf cat-kitten dog-puppy sheep-lamb horse-foal goose-gosling bear-cub goat-kid duck-duckling"
    ),
    "opposites": (
        "hot-cold early-late empty-full narrow-wide rough-smooth cheap-expensive ancient-modern brave-cowardly"
    ),
    "worker and tool": "carpenter-hammer tailor-needle barber-scissors painter-brush surgeon-scalpel writer-pen",
    "part and whole": "petal-flower page-book wheel-car branch-tree key-piano room-house feather-wing",
    "thing and material": "window-glass tyre-rubber book-paper sweater-wool coin-metal candle-wax",
    "verb and past tense": "go-went see-saw take-took bring-brought think-thought swim-swam fly-flew",
    "animal and home": "bee-hive bird-nest spider-web dog-kennel horse-stable fox-den",
    "worker and workplace": "teacher-school judge-court chef-kitchen actor-theatre farmer-field pilot-cockpit",
}
STAGES = (
    *("a vocabulary test", "a bedtime game", "the entrance exam of a secret society", "a speech therapist's exercise"),
    *(
        "a word puzzle on a beer mat",
        "a family game night",
        "an aptitude test",
        "a lesson for adult learners",
        "a warm-up for writers",
    ),
)


def _analogy(rng: Random, slots: Slots) -> str:
    (a, b), (c, _) = (pair.split("-") for pair in rng.sample(ANALOGIES[slots["kind"]].split(), 2))
    return f"{a} is to {b} as {c} is to ?"


ANALOGY = Family(
    name="analogy",
    phrasings=(
        "Complete the analogy about {kind}, for {stage}.",
        "Fill in the last word; the relation is {kind}, for {stage}.",
        "Which word replaces the question mark? Think of {kind}; it's for {stage}.",
        "Find the fourth term ({kind}) for {stage}.",
        "Solve the comparison for {stage}; it concerns {kind}.",
        "For {stage}: finish this analogy ({kind}).",
    ),
    slots={"kind": tuple(ANALOGIES), "stage": (*STAGES, *PUZZLES)},
    draw=_analogy,
    solve=lambda slots, given: dict(pair.split("-") for pair in ANALOGIES[slots["kind"]].split())[given.split()[-4]],
    endings=ITEM,
)

# Something is missing.

CHECKLISTS = (
    *(
        "a spelling list",
        "a memory game on a tray",
        "a half-erased blackboard",
        "a vocabulary notebook",
        "a card index",
    ),
    *("an unreliable inventory", "a scavenger hunt", "a translator's glossary", "a colouring book's contents page"),
)


def _full_and_short(rng: Random, slots: Slots) -> str:
    full = rng.sample(THEMES_WORDS[slots["things"]], 6)
    short = rng.sample(full, 5)
    return f"Before: {', '.join(full)}\nAfter: {', '.join(short)}"


def _missing(slots: Slots, given: str) -> str:
    before, after = (items(line.split(": ")[1]) for line in given.split("\n"))
    (gone,) = set(before) - set(after)
    return gone


MISSING = Family(
    name="missing_entry",
    phrasings=(
        "One of the {things} from {checklist} got lost. Which one?",
        "What disappeared from {checklist}, which lists {things}?",
        "Name the entry missing among the {things}, for {puzzle}.",
        "Find what {checklist} lost, among the {things}.",
        "Spot which of the {things} has vanished, for {puzzle}.",
        "For {puzzle}: which of the {things} is gone?",
    ),
    slots={"things": tuple(THEMES_WORDS), "checklist": CHECKLISTS, "puzzle": PUZZLES},
    draw=_full_and_short,
    solve=_missing,
    endings=ITEM,
)

FAMILIES = (NUMBER_TEST, TRIANGLE, SETS, ORDERING, SYLLOGISM, ANALOGY, MISSING)
