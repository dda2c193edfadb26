"""Families that advise and argue: tips, outlines of talks, both sides of a question."""

from __future__ import annotations

from random import Random

from selfinstruct.simulator.contexts import READERS
from selfinstruct.simulator.family import Family, Slots, lines

__all__ = ["FAMILIES"]

TIPS = {
    "growing herbs on a balcony": (
        "Choose pots with holes, because wet roots rot.",
        "Harvest often and a little at a time, from the tips.",
        "Keep mint in a pot of its own, or it will take over.",
        "Water in the morning, and only when the top of the soil is dry.",
        "Give rosemary and thyme the sunniest corner.",
    ),
    "giving a short speech": (
        "Decide on the one sentence that people should remember.",
        "Practise aloud, standing, with a clock.",
        "Begin with a scene instead of a greeting.",
        "Write key words on a card, not whole sentences.",
        "Pause before the most important point.",
    ),
    "sleeping well in summer": (
        "Air the room at dawn and keep the shutters closed by day.",
        "Take a lukewarm shower rather than a cold one.",
        "Use a thin cotton sheet instead of a blanket.",
        "Eat early and lightly.",
        "Hang a damp towel in front of the open window.",
    ),
    "learning the names of new colleagues": (
        "Repeat the name aloud when you hear it for the first time.",
        "Link it with something you can see, such as a red scarf.",
        "Write down three new names every evening.",
        "Ask again soon; on the first day nobody minds.",
        "Use the name when you say goodbye.",
    ),
    "buying a used bicycle": (
        "Lift it and spin both wheels to see whether they run true.",
        "Ask for the receipt or the frame number, so that you do not buy a stolen one.",
        "Brake hard with each brake during the test ride.",
        "Look at the chain and the teeth of the sprockets for wear.",
        "Allow for new tyres when you make your offer.",
    ),
    "writing a clear e-mail": (
        "Say in the first line what you would like the reader to do.",
        "Keep to one subject per message.",
        "Use a subject line that will still make sense in a month.",
        "Replace long paragraphs by short lists.",
        "Read it once more as if you were the recipient.",
    ),
    "keeping houseplants alive during a holiday": (
        "Move them away from the window to the coolest room.",
        "Water thoroughly on the last day and empty the saucers.",
        "Lead a cotton string from a bowl of water into each pot.",
        "Group the pots so that they keep each other humid.",
        "Leave a short note with amounts for whoever helps.",
    ),
    "cooking for people with different diets": (
        "Build the meal around a base that everyone can eat, such as rice or potatoes.",
        "Serve sauces and toppings in separate bowls.",
        "Ask about allergies early and write the answers down.",
        "Label the dishes on the table.",
        "Use a clean spoon for every pot.",
    ),
    "saving electricity at home": (
        "Put a lid on the pot whenever water has to boil.",
        "Switch devices off at the socket instead of leaving them on standby.",
        "Wash at thirty degrees and fill the drum.",
        "Defrost the freezer once a year.",
        "Dry laundry on a line when the weather allows it.",
    ),
    "moving house with a cat": (
        "Leave the carrier open for days so that the cat gets used to it.",
        "Prepare one quiet room in the new home before the cat arrives.",
        "Bring the unwashed blanket, because it smells of home.",
        "Keep the cat indoors for the first few weeks.",
        "Feed it at the same hours as before.",
    ),
    "starting to run after forty": (
        "Alternate a minute of running with two of walking at first.",
        "Buy shoes in a shop where they watch you walk.",
        "Run so slowly that you can still talk.",
        "Rest for a day after each outing.",
        "See a doctor beforehand if you take medicine or feel unsure.",
    ),
    "reading more books in a busy year": (
        "Put a book where your phone usually lies.",
        "Give up on any book that bores you after fifty pages.",
        "Read ten pages before breakfast.",
        "Always have the next title at hand.",
        "Meet a friend once a month to talk about one book.",
    ),
}
ADVISED = (
    *("a beginner without much patience", "my teenage cousin", "the readers of a free magazine", "an elderly couple"),
    *(
        "someone with little money",
        "a shy flatmate",
        "the noticeboard at work",
        "students in their first term",
        "a busy parent",
    ),
    *("a welcome leaflet",),
)
COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5}


def _tips(rng: Random, slots: Slots, given: str) -> str:
    chosen = rng.sample(TIPS[slots["subject"]], COUNTS[slots["count"]])
    return "\n".join(f"{n}. {tip}" for n, tip in enumerate(chosen, 1))


def _good_tips(slots: Slots, given: str, output: str) -> bool:
    found = lines(output)
    return len(set(found)) == len(found) == COUNTS[slots["count"]] and all(len(tip.split()) > 1 for tip in found)


ADVICE = Family(
    name="tips",
    phrasings=(
        "Give {count} tips on {subject} to {reader}.",
        "Which {count} pieces of advice about {subject} would help {reader}?",
        "List {count} hints about {subject} for {reader}.",
        "Suggest {count} practical tips to {reader}, about {subject}.",
        "Name {count} rules of thumb when it comes to {subject}.",
        "Advise {reader} on {subject} in a list of {count} points.",
    ),
    slots={"count": tuple(COUNTS), "subject": tuple(TIPS), "reader": (*ADVISED, *READERS)},
    write=_tips,
    check=_good_tips,
    graded=False,
)

# Outlines of talks.

TALKS = {
    "the history of the bicycle": (
        "The walking machine of 1817",
        "High wheels and broken bones",
        "The safety bicycle and the air-filled tyre",
        "A vehicle that set people free",
        "Cities that came back to cycling",
    ),
    "how bread is made": (
        "Four ingredients and time",
        "What yeast does in the dough",
        "Kneading, resting, shaping",
        "In the heat of the oven",
        "How to tell a good loaf",
    ),
    "the life of honeybees": (
        "A city in a box",
        "The queen and her workers",
        "How bees tell the way by dancing",
        "From nectar to honey",
        "What bees need from us",
    ),
    "writing letters by hand": (
        "When the post came twice a day",
        "Paper, ink and patience",
        "What a letter can do that a message can't",
        "Famous letters and private ones",
        "How to begin again",
    ),
    "our river through the centuries": (
        "Where the water comes from",
        "Mills, rafts and fishing rights",
        "The years of the great floods",
        "Factories and the price of progress",
        "Otters, swimmers and new plans",
    ),
    "learning a language as an adult": (
        "Why it is not too late",
        "The first five hundred words",
        "Listening before speaking",
        "Mistakes as tools",
        "Keeping it up for a year",
    ),
    "what museums keep in their cellars": (
        "An iceberg under the floor",
        "Boxes, numbers, moths",
        "Things that may never be shown",
        "Objects that go home",
        "A visit behind the scenes",
    ),
    "the science of coffee": (
        "A seed that travelled the world",
        "What roasting changes",
        "Grind, heat and time",
        "Caffeine in the brain",
        "A fair price for a cup",
    ),
    "stars and seafarers": (
        "A horizon without landmarks",
        "The star that stands still",
        "Sextant and clock",
        "Wave-readers of the Pacific",
        "Satellites and what we have forgotten",
    ),
}
AUDIENCES = (
    *(
        "a class of twelve-year-olds",
        "the members of a garden club",
        "new volunteers",
        "the evening crowd at the public library",
    ),
    *(
        "the residents of a care home",
        "colleagues in their lunch break",
        "the students of a summer school",
        "a local history society",
    ),
    *("the listeners of a radio feature", "guests on a steam train"),
)
POINTS = {"three points": 3, "four points": 4, "five points": 5}


def _outline(rng: Random, slots: Slots, given: str) -> str:
    talk = TALKS[slots["subject"]]
    kept = sorted(rng.sample(range(5), POINTS[slots["points"]]))
    return "\n".join(f"{n}. {talk[i]}" for n, i in enumerate(kept, 1))


def _good_outline(slots: Slots, given: str, output: str) -> bool:
    found = lines(output)
    return len(set(found)) == len(found) == POINTS[slots["points"]] and all(len(line.split()) < 20 for line in found)


OUTLINE = Family(
    name="outline",
    phrasings=(
        "Outline a talk on {subject} in {points}, for {audience}.",
        "Draft the headings ({points}) of a speech about {subject} for {audience}.",
        "Plan a lecture of {points} on {subject} for {audience}.",
        "How would you divide a talk on {subject} into {points}?",
        "Sketch the headings, {points} in all, of a lecture about {subject}.",
        "Structure a report on {subject} in {points} to suit {audience}.",
    ),
    slots={"subject": tuple(TALKS), "points": tuple(POINTS), "audience": (*AUDIENCES, *READERS)},
    write=_outline,
    check=_good_outline,
    graded=False,
)

# Two sides of a question.

DEBATES = {
    "working from home": (
        ("Nobody loses two hours a day in traffic.", "It is quiet enough to think."),
        ("New colleagues learn less by watching others.", "Work and rest are harder to keep apart."),
    ),
    "living without a car": (
        ("Insurance, repairs and parking cost nothing.", "Daily errands keep you fit."),
        ("Heavy shopping becomes an expedition.", "Remote places are hard to reach in the evening."),
    ),
    "renting a flat instead of buying one": (
        ("You can move when your life changes.", "The landlord pays for a new roof."),
        ("The rent never ends.", "You may not knock down a wall."),
    ),
    "school uniforms": (
        ("Nobody is judged by the brand of a jumper.", "Mornings are simpler."),
        ("Children cannot show who they are.", "Families must pay for clothes that are worn nowhere else."),
    ),
    "keeping hens in a garden": (
        ("There are fresh eggs and no leftovers.", "Children learn to look after animals."),
        ("Somebody has to be there every day.", "Foxes and neighbours may object."),
    ),
    "a four-day working week": (
        ("Rested people make fewer mistakes.", "The free day leaves time for family and neighbours."),
        ("Shops and clinics need more staff to stay open.", "The remaining days can become very full."),
    ),
    "reading on a screen": (
        ("A whole library fits into a pocket.", "The size of the letters can be changed."),
        ("The next message is only a touch away.", "A borrowed file can't be lent to a friend."),
    ),
    "adopting an old dog": (
        ("Its character is known from the first day.", "It is content with short walks and a warm corner."),
        ("The vet's bills may be high.", "The time together will be short."),
    ),
    "paying only by card": (
        ("Queues move faster and no coins are needed.", "Every purchase is recorded for the budget."),
        ("Nothing works during a power cut.", "Small sums are spent without noticing."),
    ),
}
ASKERS = (
    *(
        "a debate at school",
        "a talk with an undecided friend",
        "a column in the local paper",
        "a family council",
        "a podcast on daily life",
    ),
    *("our tenants' meeting", "a decision that is due on Monday", "a language exam", "a town hall evening"),
)
SIDES = {
    "one argument for and one against": (1, 1),
    "two arguments for and two against": (2, 2),
    "two points in favour and one against": (2, 1),
}


def _both_sides(rng: Random, slots: Slots, given: str) -> str:
    pros, cons = DEBATES[slots["matter"]]
    many_pros, many_cons = SIDES[slots["sides"]]
    lines = [f"For: {reason}" for reason in rng.sample(pros, many_pros)]
    return "\n".join(lines + [f"Against: {reason}" for reason in rng.sample(cons, many_cons)])


def _fair(slots: Slots, given: str, output: str) -> bool:
    """So many different lines begin with "For:", so many with "Against:", and none with anything else."""
    found = lines(output)
    counts = tuple(sum(line.startswith(mark) for line in found) for mark in ("For: ", "Against: "))
    return len(set(found)) == len(found) == sum(counts) and counts == SIDES[slots["sides"]]


PROS_AND_CONS = Family(
    name="pros_and_cons",
    phrasings=(
        "Give {sides} {matter}, for {asker}.",
        "Weigh up {matter} with {sides}, for {reader}.",
        "What speaks for and what against {matter}? I need {sides}.",
        "Prepare {asker}: {sides} when it comes to {matter}.",
        "List {sides} about {matter}, each on its own line.",
        "Show {reader} both aspects of {matter}: {sides}.",
    ),
    slots={"matter": tuple(DEBATES), "sides": tuple(SIDES), "asker": ASKERS, "reader": READERS},
    write=_both_sides,
    check=_fair,
    graded=False,
)

FAMILIES = (ADVICE, OUTLINE, PROS_AND_CONS)
