"""Families that put a label on a text composed from sentences whose label is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from selfinstruct.teachers.builtin.endings import LABEL
from selfinstruct.teachers.builtin.family import Family
from selfinstruct.teachers.builtin.settings import OFFICE

__all__ = ["FAMILIES"]

Labelled = Mapping[str, Sequence[str]]
"""Sentences by their label."""


def _label_of(sentences: Labelled, text: str) -> str:
    return next(label for label, known in sentences.items() if text in known)


def _one_of(sentences: Labelled) -> tuple[str, ...]:
    return tuple(sentence for known in sentences.values() for sentence in known)


def labels(name: str, sentences: Labelled, phrasings: tuple[str, ...], **slots: Sequence[str]) -> Family:
    """A family that labels one sentence of a table."""
    everything = _one_of(sentences)
    return Family(
        name=name,
        phrasings=phrasings,
        slots=slots,
        draw=lambda rng, filled: rng.choice(everything),
        solve=lambda filled, given: _label_of(sentences, given),
        classification=True,
        settings=OFFICE,
        endings=LABEL,
    )


TOPIC = labels(
    "topic",
    {
        "politics": (
            "Parliament votes on rent law after a night of talks",
            "Mayor loses majority over the tram tunnel",
            "Two parties agree on a common candidate",
            "Minister resigns a week before the election",
        ),
        "sport": (
            "Keeper saves three penalties in the cup semi-final",
            "Veteran rower wins gold by a hand's breadth",
            "Coach out after the fifth defeat in a row",
            "Marathon record falls in the rain",
        ),
        "science": (
            "Astronomers weigh a distant planet by its star's wobble",
            "Bees recognise faces, laboratory test suggests",
            "Drilling team lifts the oldest ice core so far",
            "New enzyme breaks down plastic within days",
        ),
        "business": (
            "Toy maker doubles profit with wooden trains",
            "Central bank leaves interest rates unchanged",
            "Two dairies merge and close a plant",
            "Airline shares drop after a fuel warning",
        ),
        "culture": (
            "Lost opera performed for the first time since 1780",
            "Museum returns a bronze to its village",
            "Debut novel about a ferryman takes the book prize",
            "Film festival opens with a silent comedy",
        ),
    },
    (
        "Sort the headline into politics, sport, science, business or culture for {paper}.",
        "On which page of {paper} does this headline belong: politics, sport, science, business or culture?",
        "Assign one of the sections politics, sport, science, business and culture to a headline of {paper}.",
        "The editors of {paper} need the section (politics, sport, science, business, culture) for the following line.",
        "For the archive of {paper}, choose the subject of the headline: politics, sport, science, business "
        "or culture.",
    ),
    paper=(
        *(
            "a free weekly newspaper",
            "the morning edition",
            "a student magazine",
            "a digest for commuters",
            "the island gazette",
        ),
        *("a news app with large type", "a press review", "an independent monthly", "the embassy's daily summary"),
    ),
)

INTENT = labels(
    "intent",
    {
        "refund": (
            "The lamp arrived in pieces and I would like my money back.",
            "You charged me twice; please return one of the payments.",
            "I cancelled in time, so where are my 40 euros?",
            "This is not what I ordered. I'd rather be paid back than wait again.",
        ),
        "delivery": (
            "My parcel should have come on Tuesday. Where is it?",
            "The tracking page has shown the same depot for a week.",
            "Could you bring the sofa in the evening instead of the morning?",
            "I'm moving; please send the order to my new address.",
        ),
        "repair": (
            "The drawer jams and squeaks. Can somebody have a look at it?",
            "Since yesterday the screen stays black, and it is still under warranty.",
            "One wheel of the pram wobbles; do you fix such things?",
            "The coffee machine leaks at the bottom. When could I bring it in?",
        ),
        "information": (
            "Does the tent come with pegs?",
            "Are you open on the Saturday before Easter?",
            "Which of the two paints is suitable for a bathroom?",
            "How many people can the boat carry?",
        ),
    },
    (
        "What does the customer of {shop} want: refund, delivery, repair or information?",
        "Route the message to the right team at {shop}, which are called refund, delivery, repair and information.",
        "Tag this mail to {shop} with its main intent (refund, delivery, repair or information).",
        "Someone wrote to {shop}. Choose between refund, delivery, repair and information as the reason for writing.",
        "For the statistics of {shop}, is this a matter of refund, delivery, repair or information?",
    ),
    shop=(
        *(
            "a family-run department store",
            "an online shop for outdoor gear",
            "a furniture warehouse",
            "a second-hand electronics dealer",
        ),
        *("the gift shop of a zoo", "a mail-order firm", "a hardware store by the motorway", "a maker of garden sheds"),
    ),
)

URGENCY = labels(
    "urgency",
    {
        "high": (
            "Water is running through the ceiling onto the fuse box.",
            "There is a smell of gas in the stairwell and nobody answers next door.",
            "My mother has fallen and cannot get up.",
            "The server room is at 45 degrees and climbing.",
        ),
        "medium": (
            "The lift has been out of order since this morning and we live on the sixth floor.",
            "Half of our phones lose the connection several times an hour.",
            "The heating in the classroom is lukewarm, and it is getting colder.",
            "Our only printer refuses colour, and the leaflets are due on Friday.",
        ),
        "low": (
            "The bulb in the broom cupboard flickers now and then.",
            "Sometime this year the garden gate could do with some paint.",
            "The logo on the internal page looks a little blurred.",
            "Could the clock in the hall be set back to winter time when you pass by?",
        ),
    },
    (
        "How urgent is this message to {desk}: high, medium or low?",
        "Rate the urgency of a report to {desk} as high, medium or low.",
        "Triage for {desk}: does the case have high, medium or low priority?",
        "If you answered for {desk}, which priority (high, medium, low) would this request get?",
        "Set the priority of the ticket that reached {desk}, with high, medium and low to choose from.",
    ),
    desk=(
        *(
            "a caretaker's office",
            "the help desk of a college",
            "an emergency line",
            "the property manager",
            "a night porter",
        ),
        *("the technical department of a hospital", "a tenants' hotline", "the town's maintenance team"),
    ),
)

SPAM = labels(
    "spam",
    {
        "spam": (
            "CONGRATULATIONS! You have won a cruise. Send your bank details within the hour.",
            "Lose ten kilos in three days with this secret tea, doctors hate it!!!",
            "Your account will be closed. Click this link and confirm your password.",
            "A prince needs your help to move a fortune. You may keep a third of it.",
            "Make 900 euros a day from your sofa, no questions asked.",
        ),
        "ham": (
            "Hi Vera, the minutes of Tuesday are attached. Is the number of members right?",
            "The plumber can come on Thursday between two and four.",
            "Thanks for lending me the ladder. I'll bring it back tonight.",
            "Reminder: your library books are due on the ninth.",
            "Grandma's train gets in at 14:05, platform three. Can you fetch her?",
        ),
    },
    (
        "Is this mail, which reached {inbox}, spam or ham (a genuine message)?",
        "Decide for {inbox} whether to call the message spam or ham.",
        "A filter protects {inbox}. Which label does this mail get, spam or ham?",
        "Label the text as spam or ham; it was sent to {inbox} last night.",
        "Someone is going through {inbox}. Would you throw this out as spam or keep it as ham?",
    ),
    inbox=(
        *(
            "the mailbox of a rowing club",
            "a pensioner's first e-mail account",
            "a parish office",
            "our school's info address",
        ),
        *("the inbox of a small bakery", "a law firm's quarantine folder", "the letters page of a magazine"),
    ),
)

FAMILIES = (TOPIC, INTENT, URGENCY, SPAM)
