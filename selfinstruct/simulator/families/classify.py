"""Families that put a label on a text composed from sentences whose label is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from selfinstruct.simulator.contexts import FIRMS, READERS
from selfinstruct.simulator.endings import LABEL
from selfinstruct.simulator.family import Family
from selfinstruct.simulator.vocabulary import variants

__all__ = ["FAMILIES", "labels"]


def labels(
    name: str, sentences: Mapping[str, Sequence[str]], phrasings: tuple[str, ...], **slots: Sequence[str]
) -> Family:
    """A family that labels one sentence of a table, in which "(one|other)" stands for either."""
    label_of = {text: label for label, known in sentences.items() for pattern in known for text in variants(pattern)}
    texts = {label: tuple(text for text in label_of if label_of[text] == label) for label in sentences}
    return Family(
        name=name,
        phrasings=phrasings,
        slots=slots,
        draw=lambda rng, filled: rng.choice(texts[rng.choice(tuple(texts))]),
        solve=lambda filled, given: label_of[given],
        classification=True,
        endings=LABEL,
    )


TOPIC = labels(
    "topic",
    {
        "politics": (
            "Parliament votes on (rent|fishing|tobacco|pension) law after (a night of talks|heated debate)",
            "Mayor loses majority over the (tram tunnel|swimming pool|night bus|new town hall)",
            "Two parties agree on a common candidate for (the capital|the senate|the border province)",
            "(Minister|Governor|Ambassador) resigns a (week|month|day) before the election",
        ),
        "sport": (
            "Keeper saves (two|three|four) penalties in the cup (semi-final|final)",
            "Veteran (rower|fencer|archer|sprinter) wins gold by a hand's breadth",
            "Coach out after the (fifth|sixth|seventh) defeat in a row",
            "(Marathon|Pole vault|Relay|Javelin) record falls in the rain",
        ),
        "science": (
            "Astronomers weigh a distant (planet|moon|dwarf star) by its wobble",
            "(Bees|Crows|Octopuses|Trout) recognise faces, laboratory test suggests",
            "Drilling team lifts the oldest (ice|sediment) core so far",
            "New (enzyme|fungus|bacterium) breaks down plastic within (days|weeks)",
        ),
        "business": (
            "(Toy|Shoe|Piano|Bicycle) maker doubles profit in the (first|third) quarter",
            "Central bank (leaves interest rates unchanged|raises interest rates again)",
            "Two (dairies|breweries|publishers) merge and close a plant",
            "(Airline|Shipping|Chip) shares drop after a profit warning",
        ),
        "culture": (
            "Lost (opera|ballet|comedy) performed for the first time since (1780|1820)",
            "Museum returns a bronze (horse|mask|bell) to its village",
            "Debut novel about a (ferryman|beekeeper|lacemaker) takes the book prize",
            "Film festival opens with a silent (comedy|western|thriller)",
        ),
    },
    (
        "Politics, sport, science, business or culture: sort the headline for {paper}.",
        "Where in {paper} does the headline belong: politics, sport, science, business or culture?",
        "Choose a section (politics, sport, science, business, culture) for {paper}.",
        "Is it politics, sport, science, business or culture? The headline is for {reader}.",
        "Label the news as politics, sport, science, business or culture, for {reader}.",
        "For {reader}: is this about politics, sport, science, business or culture?",
    ),
    reader=READERS,
    paper=(
        *("a free weekly newspaper", "the morning edition", "a student magazine", "a digest for commuters"),
        *("the island gazette", "a news app with large type", "a press review", "an independent monthly"),
        *("the embassy's daily summary", "an archive of front pages", "the dockworkers' bulletin"),
        *("a newspaper for expatriates in Lima", "teletext on a night ferry", "the school's reading wall"),
    ),
)

INTENT = labels(
    "intent",
    {
        "refund": (
            "The (lamp|vase|mirror|teapot) arrived (in pieces|broken) and I would like my money back.",
            "You charged me (twice|three times); please return what is too much.",
            "I cancelled in time, so where are my (40|25|90) euros?",
            "The (coat|tent|radio) is not what I ordered. I'd rather be paid back than wait again.",
        ),
        "delivery": (
            "My (parcel|carpet|bicycle) should have come on (Tuesday|Friday). Where is it?",
            "The tracking page has shown the same depot for (a week|ten days).",
            "Could you bring the (sofa|fridge|piano) in the evening instead of the morning?",
            "I'm moving; please send the (order|desk|books) to my new address.",
        ),
        "repair": (
            "The (drawer|hinge|zip) jams and squeaks. Can somebody mend it?",
            "Since yesterday the screen of my (tablet|laptop) stays black, and it is still under warranty.",
            "One wheel of the (pram|trolley|scooter) wobbles; do you fix such things?",
            "The (coffee machine|kettle|dishwasher) leaks at the bottom. When could I bring it in?",
        ),
        "information": (
            "Does the (tent|hammock|awning) come with pegs?",
            "Are you open on the (Saturday|Monday) (before|after) Easter?",
            "Which of the two (paints|varnishes) is suitable for a (bathroom|fence)?",
            "How many people can the (boat|lift|sauna) hold?",
        ),
    },
    (
        "What does the customer of {shop} want: refund, delivery, repair or information?",
        "Refund, delivery, repair or information? Route the message at {shop}.",
        "Tag the mail to {shop}: refund, delivery, repair or information.",
        "Choose between refund, delivery, repair and information for {firm}.",
        "Is it about refund, delivery, repair or information? It's for {firm}.",
        "For {firm}: does the writer seek refund, delivery, repair or information?",
    ),
    firm=FIRMS,
    shop=(
        *("a family-run department store", "an online shop for outdoor gear", "a furniture warehouse"),
        *("a second-hand electronics dealer", "the gift shop of a zoo", "a mail-order firm for sailors"),
        *("a hardware store by the motorway", "a maker of garden sheds", "the last toy shop in Ghent"),
        *("a kitchen outfitter", "an importer of hammocks", "two sisters selling lamps"),
    ),
)

URGENCY = labels(
    "urgency",
    {
        "high": (
            "Water is running through the (ceiling|wall) onto the fuse box.",
            "There is a (strong|sudden) smell of gas in the (stairwell|cellar|kitchen) and nobody answers next door.",
            "My (mother|neighbour|husband) has fallen and cannot get up.",
            "The (server|boiler) room is on fire and (people are still inside|the door is locked).",
        ),
        "medium": (
            "The lift has been out of order since (this morning|yesterday) and we live on the (sixth|eighth) floor.",
            "Half of our (phones|tills) lose the connection several times an hour.",
            "The heating in the (classroom|office) is lukewarm, and it is getting colder.",
            "Our only printer refuses (colour|paper), and the leaflets are due on (Thursday|Friday).",
        ),
        "low": (
            "The bulb in the (broom|coat) cupboard flickers now and then.",
            "Sometime this year the garden (gate|bench|fence) could do with some paint.",
            "The logo on the (internal|last) page looks a little blurred.",
            "Could the clock in the (hall|canteen) be set to (winter|summer) time when you pass by?",
        ),
    },
    (
        "How urgent is the message to {desk}: high, medium or low?",
        "Rate the urgency (high, medium, low) for {firm}.",
        "Triage for {desk}: high, medium or low priority?",
        "High, medium or low: which priority would {desk} set?",
        "For {firm}, set the ticket's priority to high, medium or low.",
        "Is it of high, medium or low urgency? The report reached {desk}.",
    ),
    firm=FIRMS,
    desk=(
        *("a caretaker's office", "the help desk of a college", "an emergency line", "the property manager"),
        *("a night porter", "the technical department of a hospital", "a tenants' hotline"),
        *("the town's maintenance team", "an on-call electrician", "the janitors of a tower block"),
        *("a cruise ship's purser", "the desk in a youth hostel"),
    ),
)

SPAM = labels(
    "spam",
    {
        "spam": (
            "CONGRATULATIONS! You have won a (cruise|car|villa). Send your bank details within the hour.",
            "Lose (five|ten|twenty) kilos in three days with this secret (tea|powder), doctors hate it!!!",
            "Your (account|mailbox) will be closed. Click this link and confirm your password.",
            "A (prince|general|widow) needs your help to move a fortune. You may keep a third of it.",
            "Make (900|2000) euros a day from your (sofa|bathtub), no questions asked.",
        ),
        "ham": (
            "Hi Vera, the minutes of (Tuesday|Monday) are below. Is the number of members right?",
            "The (plumber|piano tuner|glazier) can come on Thursday between two and four.",
            "Thanks for lending me the (ladder|drill|tent). I'll bring it back tonight.",
            "Reminder: your library books are due on the (ninth|third|twentieth).",
            "Grandma's train gets in at (14:05|16:20), platform three. Can you fetch her?",
        ),
    },
    (
        "Spam or ham? The mail reached {inbox}.",
        "Label a text sent to {inbox} as spam or ham.",
        "Should {inbox} keep this as ham or drop it as spam?",
        "Filter the inbox for {reader}: is this spam or ham?",
        "For {reader}, mark the message as spam or ham.",
        "Is the message to {inbox} ham (genuine) or spam?",
    ),
    reader=READERS,
    inbox=(
        *("the mailbox of a rowing club", "a pensioner's first e-mail account", "a parish office"),
        *("our school's info address", "the inbox of a small bakery", "a law firm's quarantine folder"),
        *("the letters page of a magazine", "an island ferry's booking desk", "a violin teacher"),
        *("the complaints box of a zoo", "a councillor's public address", "an allotment committee"),
    ),
)

FAMILIES = (TOPIC, INTENT, URGENCY, SPAM)
