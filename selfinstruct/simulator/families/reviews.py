"""A family about reviews: sentences of praise and of blame, put together."""

from __future__ import annotations

from random import Random

from selfinstruct.simulator.contexts import FIRMS, READERS
from selfinstruct.simulator.endings import LABEL
from selfinstruct.simulator.family import Family, Slots

__all__ = ["FAMILIES"]

REVIEWED = {
    "a hairdresser in the arcade": (
        ("My fringe has never looked better.", "She listened before she cut.", "No waiting, and tea on top."),
        ("One side is longer than the other.", "He talked on the phone all the time.", "My scalp burned for days."),
    ),
    "a folding bicycle": (
        ("It folds in ten seconds.", "Light enough for three flights of stairs.", "Not a squeak after a winter."),
        ("The hinge cracked within a month.", "The saddle sinks while you ride.", "The lamp fell off in the street."),
    ),
    "a walking tour of the old town": (
        (
            "Our guide knew every door.",
            "We saw courtyards I had never noticed.",
            "Even the teenagers listened.",
        ),
        ("We could not hear a word at the back.", "Half the stops were souvenir shops.", "It ended an hour early."),
    ),
    "a grocery delivery": (
        ("The lettuce was still cold and crisp.", "The driver carried everything upstairs.", "Nothing missing, ever."),
        ("The eggs were an omelette on arrival.", "They swapped bread for dog biscuits.", "It came after midnight."),
    ),
    "a guest house": (
        (
            "The bed was wide and the room quiet.",
            "Breakfast came with warm bread and a view.",
            "The owner found us a taxi at midnight.",
        ),
        (
            "The heating hissed all night.",
            "Hair in the shower, dust under the bed.",
            "We paid for a balcony and got a wall.",
        ),
    ),
    "an electric kettle": (
        (
            "It boils a litre before the toast is done.",
            "Two years old and still without limescale.",
            "The handle never gets hot.",
        ),
        ("The lid broke off in the second week.", "It drips on every pour.", "The switch has to be held down by hand."),
    ),
    "a dentist": (
        (
            "I hardly felt the injection.",
            "She explained each step and never rushed.",
            "My appointment started to the minute.",
        ),
        (
            "I waited two hours for five minutes.",
            "The filling fell out on the way home.",
            "Nobody told me what it would cost.",
        ),
    ),
    "a bicycle shop": (
        (
            "They mended my brake while I waited.",
            "Honest advice, and it saved me a new wheel.",
            "The test ride was as long as I liked.",
        ),
        ("My gears are worse than before.", "They lost my bell and shrugged.", "The bill was double the estimate."),
    ),
    "a detective novel": (
        (
            "I read the last hundred pages standing in the kitchen.",
            "Every clue was fair and I missed them all.",
            "The inspector is a joy.",
        ),
        (
            "The murderer is obvious by chapter three.",
            "The dialogue creaks like an old door.",
            "Half the characters vanish without a reason.",
        ),
    ),
    "a language app": (
        (
            "After a month I could order soup in Lisbon.",
            "The exercises are short and funny.",
            "It remembers exactly what I get wrong.",
        ),
        (
            "It crashes whenever I open lesson nine.",
            "The voices sound like a station announcement.",
            "Cancelling took me four letters.",
        ),
    ),
    "a ferry company": (
        (
            "The crew waited for our late train.",
            "Clean cabins and proper coffee.",
            "Even in the storm we felt looked after.",
        ),
        (
            "The crossing left ninety minutes late without a word.",
            "My suitcase came out soaked.",
            "The queue for food was longer than the trip.",
        ),
    ),
    "a cooking course": (
        (
            "I finally understand pastry.",
            "The teacher tasted everything and laughed a lot.",
            "We ate like kings afterwards.",
        ),
        ("Twenty people shared one oven.", "The recipes were photocopied beyond reading.", "We mostly washed up."),
    ),
}
PRAISE = tuple(part for praise, _ in REVIEWED.values() for part in praise)
BLAME = tuple(part for _, blame in REVIEWED.values() for part in blame)
VERDICTS = ("positive", "negative", "mixed")


def _review(rng: Random, slots: Slots) -> str:
    praise, blame = REVIEWED[slots.get("thing") or rng.choice(tuple(REVIEWED))]
    verdict = rng.choice(VERDICTS)
    if verdict == "mixed":
        parts = [rng.choice(praise), rng.choice(blame)]
        rng.shuffle(parts)
        return " ".join(parts)
    return " ".join(rng.sample(praise if verdict == "positive" else blame, 2))


def _verdict(slots: Slots, given: str) -> str:
    good, bad = any(part in given for part in PRAISE), any(part in given for part in BLAME)
    return "mixed" if good and bad else "positive" if good else "negative"


SENTIMENT = Family(
    name="sentiment",
    phrasings=(
        "Is the review of {thing} positive, negative or mixed?",
        "Label a comment on {thing} as positive, negative or mixed.",
        "Decide how the writer likes {thing}: positive, negative, or mixed.",
        "Positive, negative or mixed? We collect opinions on {thing} for {reader}.",
        "Sort feedback for {firm} into positive, negative or mixed.",
        "Is this feedback positive, negative or mixed? It's for {firm}.",
        "Rate the remark as positive, negative or mixed, for {reader}.",
        "For {reader}: is the opinion positive, negative or mixed?",
    ),
    slots={"thing": tuple(REVIEWED), "firm": FIRMS, "reader": READERS},
    draw=_review,
    solve=_verdict,
    classification=True,
    endings=LABEL,
)

FAMILIES = (SENTIMENT,)
