"""Families that write: letters and the openings of stories. Many answers are right."""

from __future__ import annotations

from random import Random

from selfinstruct.simulator.family import Family, Slots, lines, sentences
from selfinstruct.simulator.vocabulary import NAMES

__all__ = ["FAMILIES"]

# Letters: an occasion has an opening, a request and a reason to hope for it.

OCCASIONS = {
    "ask for a new date for the boiler inspection": (
        "On the day you suggested for the boiler inspection I shall be travelling.",
        "Would any morning of the following week suit you?",
        "I will make sure that the cellar is unlocked.",
    ),
    "thank them for lending us the long ladder": (
        "Thank you for lending us your long ladder.",
        "Without it the gutter would still be full of leaves.",
        "We have cleaned it, and it is back on its hooks.",
    ),
    "complain about a parcel that arrived open": (
        "The parcel that was delivered yesterday had been torn open.",
        "Two of the six cups are missing and one has lost its handle.",
        "Please let me know how you would like to settle this.",
    ),
    "invite them to the opening of our reading room": (
        "Our new reading room opens next Friday at six.",
        "There will be tea, a short speech and a great many books.",
        "It would be a pleasure to see you there.",
    ),
    "apologise for the noise of last Saturday": (
        "I am sorry for the noise on Saturday night.",
        "The band played an hour longer than we had promised.",
        "Next time we shall stop at ten, and you are warmly invited.",
    ),
    "decline the offer to chair the committee": (
        "I feel honoured that you thought of me as chair of the committee.",
        "To my regret I cannot give the task the time it deserves.",
        "I will gladly help whoever takes it on.",
    ),
    "apply for a patch in the allotment garden": (
        "I would like to apply for one of the patches that will be free in spring.",
        "For years I have grown tomatoes on a balcony that is far too small for them.",
        "Weekend duties at the compost heap would be no burden to me.",
    ),
    "ask for a copy of the lost membership card": (
        "I have lost my membership card, probably on the tram.",
        "Could you send me a new one and tell me what it costs?",
        "My address has not changed.",
    ),
    "report that the street lamp has been dark for a week": (
        "The street lamp at the corner has not been lit for a week.",
        "Several people have stumbled over the kerb there already.",
        "A repair before the dark season would be a relief to all of us.",
    ),
    "suggest a shared shelf for books in the hallway": (
        "I would like to suggest a shared bookshelf in the hallway.",
        "Everybody could leave what they have read and take what they like.",
        "I have a shelf to spare and would look after it.",
    ),
}
RECIPIENTS = {
    "Mr Okafor": "Mr Okafor",
    "Mrs Lindqvist": "Mrs Lindqvist",
    "Dr Haddad": "Dr Haddad",
    "Ms Moreau": "Ms Moreau",
    "the housing office": "Sir or Madam",
    "the board of our club": "members of the board",
    "the residents' association": "neighbours",
    "the parish council": "members of the council",
    "Mr and Mrs Castellanos": "Mr and Mrs Castellanos",
    "the secretary of the cooperative": "Sir or Madam",
}
CLOSINGS = ("Kind regards", "With best wishes", "Yours sincerely", "Many thanks and best regards")


def _letter(rng: Random, slots: Slots, given: str) -> str:
    first, second, third = OCCASIONS[slots["occasion"]]
    return f"Dear {RECIPIENTS[slots['to']]},\n{first} {second} {third}\n{rng.choice(CLOSINGS)},\n{slots['name']}"


def _is_letter(slots: Slots, given: str, output: str) -> bool:
    """A salutation, at least one whole sentence, and the name at the end."""
    found = lines(output)
    return (
        len(found) > 2
        and found[0].startswith("Dear ")
        and found[-1] == slots["name"]
        and bool(sentences(" ".join(found[1:-2]) or found[1]))
    )


LETTER = Family(
    name="letter",
    phrasings=(
        "Write a short letter to {to}, signed {name}, to {occasion}.",
        "{name} has to {occasion}. Draft the e-mail to {to}.",
        "Compose a courteous note from {name} to {to} in order to {occasion}.",
        "Help {name} to {occasion} in a message to {to}.",
        "What could {name} write to {to} to {occasion}?",
        "Address {to} on behalf of {name}, who wants to {occasion}.",
    ),
    slots={"to": tuple(RECIPIENTS), "name": NAMES, "occasion": tuple(OCCASIONS)},
    write=_letter,
    check=_is_letter,
    graded=False,
)

# Openings of stories: who, where, what happened.

HEROES = {
    "a retired lighthouse keeper": "he still woke at every change of the wind",
    "a nervous apprentice baker": "she counted every spoon of salt aloud",
    "twin sisters who never agree": "they had not chosen the same hat since they were four",
    "a postman with a secret": "he knew what was in the blue envelopes",
    "an astronomer afraid of the dark": "she kept a lamp beside the telescope",
    "a clock repairer without a watch": "he told the time by the smell from the bakery",
    "a chess-playing ferry captain": "he moved a bishop at each landing",
    "a young librarian on her first day": "she had already lost the key twice",
}
SPOTS = {
    "in a flooded village": "Water stood up to the window boxes",
    "on the slowest train in the country": "The train stopped at every haystack",
    "in an abandoned department store": "The escalators had been asleep for years",
    "on a foggy island": "The fog had swallowed the pier by noon",
    "in a town where it never rains": "Umbrellas were sold there as lampshades",
    "at a fair in midwinter": "Snow lay on the backs of the carousel horses",
    "in a house with too many doors": "Nobody agreed how many doors the house had",
}
INCIDENTS = {
    "a letter that arrives forty years late": "Then a letter arrived, stamped forty years ago and still sealed",
    "the theft of the church bell": "That morning the church bell was gone, and so was the silence it used to break",
    "a knock from inside a wardrobe": "From inside the wardrobe came three polite knocks",
    "a goose that refuses to leave": "A goose walked in, sat down by the stove and refused to leave",
    "a stranger who knows everyone's name": "A stranger greeted the whole queue by name",
    "a piano found on the beach": "At low tide a piano stood on the beach, in tune",
    "the night on which all clocks stop": "At nine minutes past nine every clock stopped",
}
ENDS = (
    "It was, everyone said later, the last ordinary moment.",
    "Nobody spoke for as long as it takes to boil an egg.",
    "There was only one thing to do, and it was not the sensible one.",
    "What came next has been told in three versions, and this is the true one.",
)


def _story(rng: Random, slots: Slots, given: str) -> str:
    """Four sentences; who, where or what the instruction leaves open is made up."""
    hero, spot, event = (
        slots.get(name) or rng.choice(tuple(table))
        for name, table in (("hero", HEROES), ("spot", SPOTS), ("event", INCIDENTS))
    )
    verb = "were" if hero.startswith("twin") else "was"
    who = f"{hero[0].upper()}{hero[1:]} {verb} the first to notice, because {HEROES[hero]}."
    return f"{SPOTS[spot]}. {who} {INCIDENTS[event]}. {rng.choice(ENDS)}"


STORY = Family(
    name="story_opening",
    phrasings=(
        "Begin a story about {hero} {spot}, starting with {event}.",
        "Write the first paragraph of a tale {spot}, with {hero} and {event}.",
        "Open a short story: {hero}, {spot}, and {event}.",
        "Imagine {event}, {spot}. Tell the beginning in four sentences.",
        "How might a novel begin in which {hero} faces {event}?",
        "Invent four sentences that open a book on {hero} {spot}.",
    ),
    slots={"hero": tuple(HEROES), "spot": tuple(SPOTS), "event": tuple(INCIDENTS)},
    write=_story,
    check=lambda slots, given, output: 2 < len(sentences(output)) < 9,
    graded=False,
)

FAMILIES = (LETTER, STORY)
