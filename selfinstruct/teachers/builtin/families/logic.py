"""Families that need a little reasoning: checks of numbers and triangles, sets, orderings, truth, analogies."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from random import Random

from selfinstruct.teachers.builtin.endings import ITEM, LABEL, LIST
from selfinstruct.teachers.builtin.family import Family, Slots
from selfinstruct.teachers.builtin.settings import OFFICE, QUIZ
from selfinstruct.teachers.builtin.vocabulary import NAMES, THEMES_WORDS, items

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
    test, wanted = PROPERTIES[slots["property"]], rng.random() < 0.5
    low, high = (1896, 2105) if "leap" in slots["property"] else (2, 999)
    return str(rng.choice([n for n in range(low, high) if test(n) is wanted]))


def _verdict(labels: str, holds: bool) -> str:
    return labels.split(" or ")[not holds]


NUMBER_TEST = Family(
    name="number_test",
    phrasings=(
        "Is the given number {property}? Answer {labels}.",
        "Test whether the input is {property} and reply with {labels}.",
        'A pupil says: "It is {property}." Judge this statement about the number with {labels}.',
        "Determine if we are dealing with {property}; the only possible replies are {labels}.",
        "Someone noted a number on the board and claims it to be {property}. Respond with {labels}.",
    ),
    slots={"property": tuple(PROPERTIES), "labels": ANSWERS},
    draw=_number_for,
    solve=lambda slots, given: _verdict(slots["labels"], bool(PROPERTIES[slots["property"]](int(given)))),
    classification=True,
    settings=QUIZ,
    endings=LABEL,
)

# Triangles.

CORNERS = (
    *("a sail", "a vegetable bed", "a slice of cake", "a roof truss", "a road sign", "a kite", "a tent", "a pennant"),
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
        "The sides of {corner} are given. Is it equilateral, isosceles, scalene or impossible?",
        "Classify the triangle formed by {corner} as equilateral, isosceles or scalene, or call it impossible.",
        "Someone measured {corner} with three straight sides: equilateral, isosceles, scalene or impossible?",
        "Which kind of triangle is {corner} (equilateral, isosceles, scalene), or are the measurements impossible?",
    ),
    slots={"corner": CORNERS},
    draw=_sides,
    solve=_triangle,
    classification=True,
    settings=QUIZ,
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
        "Compare the {gathering} and name everybody {group}, in the order of the input.",
        "Two lists of people are given, {gathering}. Who is {group}? Keep the order.",
        "Among the {gathering}, find those {group}, without changing the order.",
        "I have the names of {gathering}. Give me, in their order, all that are {group}.",
        "Which people stand {group}? The lists hold {gathering}; list the names as they come.",
    ),
    slots={"gathering": GATHERINGS, "group": tuple(GROUPS)},
    draw=_two_lists,
    solve=_group,
    settings=OFFICE,
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
        "Solve the riddle about {crew}: which of them is {which}?",
        "From what is said about {crew}, deduce who must be {which}.",
        "The remarks compare {crew} with each other. Name {which} of all.",
        "Put two and two together: of {crew}, find {which}.",
    ),
    slots={"crew": CREWS, "which": tuple(WHICH)},
    draw=_chain,
    solve=_end_of_chain,
    settings=QUIZ,
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
FORMS = {re.sub(r"\{\w\}", "X", form): valid for form, valid in SYLLOGISMS.items()}
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
        "This argument comes from {debate}. Is it {labels}?",
        "Check whether the conclusion really follows in {debate}, and call the argument {labels}.",
        "In {debate} somebody reasons as quoted. Judge the reasoning as {labels}, whether or not you like the result.",
        "Two premises and a conclusion were heard in {debate}; call this {labels}.",
    ),
    slots={"debate": DEBATES, "labels": ("valid or invalid", "sound logic or faulty logic", "logical or illogical")},
    draw=_syllogism,
    solve=_is_valid,
    classification=True,
    settings=QUIZ,
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
        "Complete the analogy, which is about {kind}. It is part of {stage}.",
        "For {stage}, fill in the missing last word; the relation is {kind}.",
        "Which word must replace the question mark? The pairs in {stage} show {kind}.",
        "Find the fourth term of the comparison ({kind}), written for {stage}.",
        "The relation between the first two words, {kind}, holds for the next two as well. Solve it for {stage}.",
    ),
    slots={"kind": tuple(ANALOGIES), "stage": STAGES},
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
        "One of the {things} from {checklist} got lost between the two lists. Which one?",
        "Compare the lists of {things} before and after; what disappeared from {checklist}?",
        "Something is missing in the second list of {things} for {checklist}. Name it.",
        "Find the entry that {checklist} no longer contains; it is one of the {things}.",
    ),
    slots={"things": tuple(THEMES_WORDS), "checklist": CHECKLISTS},
    draw=_full_and_short,
    solve=_missing,
    endings=ITEM,
)

FAMILIES = (NUMBER_TEST, TRIANGLE, SETS, ORDERING, SYLLOGISM, ANALOGY, MISSING)
