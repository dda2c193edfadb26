"""Families that change a sentence and keep what it says: tense, voice, person, tone, questions, spelling."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from selfinstruct.teachers.builtin.family import Family, Slots, same
from selfinstruct.teachers.builtin.settings import OFFICE, QUIZ

__all__ = ["FAMILIES"]

# Who, verb (base, third person, past, participle), what, rest: the parts of a sentence that can take many forms.
SENTENCES = tuple(
    tuple(row.split("/"))
    for row in (
        "the baker/sell/sells/sold/sold/the last loaf/before seven o'clock",
        "the caretaker/lock/locks/locked/locked/the side door/at nightfall",
        "our neighbour/paint/paints/painted/painted/the garden gate/in bright yellow",
        "the conductor/choose/chooses/chose/chosen/the opening song/without hesitation",
        "a young engineer/build/builds/built/built/the wooden bridge/in a single summer",
        "the museum/lend/lends/lent/lent/the bronze horse/to a school",
        "the crew/hide/hides/hid/hidden/the spare key/under a coil of rope",
        "my aunt/write/writes/wrote/written/the village newsletter/by hand",
        "the judge/read/reads/read/read/the long letter/with a smile",
        "a gardener/plant/plants/planted/planted/the cherry tree/near the well",
        "the committee/accept/accepts/accepted/accepted/the cheaper offer/after a short debate",
        "the ferryman/repair/repairs/repaired/repaired/the torn sail/during the break",
        "the twins/break/break/broke/broken/the silver vase/on a rainy afternoon",
        "an old friend/send/sends/sent/sent/the secret recipe/from Lisbon",
        "the teacher/praise/praises/praised/praised/the shy pupil/in front of the class",
        "the innkeeper/keep/keeps/kept/kept/the best room/for late travellers",
        "the orchestra/perform/performs/performed/performed/the forgotten symphony/in a barn",
        "a stray dog/steal/steals/stole/stolen/the roast chicken/during the speech",
        "the pilot/check/checks/checked/checked/the weather report/in great haste",
        "the sailors/sing/sing/sang/sung/the old ballad/on deck",
    )
)
_WHO, _BASE, _NOW, _PAST, _DONE, _WHAT, _REST = range(7)
PLURAL = {"the twins", "the sailors"}


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _present(row: tuple[str, ...]) -> str:
    return _capital(f"{row[_WHO]} {row[_NOW]} {row[_WHAT]} {row[_REST]}.")


def _past(row: tuple[str, ...]) -> str:
    return _capital(f"{row[_WHO]} {row[_PAST]} {row[_WHAT]} {row[_REST]}.")


FORMS: dict[str, Callable[[tuple[str, ...]], str]] = {
    "in the past tense": _past,
    "in the future with will": lambda row: _capital(f"{row[_WHO]} will {row[_BASE]} {row[_WHAT]} {row[_REST]}."),
    "in the present perfect": lambda row: _capital(
        f"{row[_WHO]} {'have' if row[_WHO] in PLURAL else 'has'} {row[_DONE]} {row[_WHAT]} {row[_REST]}."
    ),
    "in the passive voice, naming the doer with by": lambda row: _capital(
        f"{row[_WHAT]} is {row[_DONE]} by {row[_WHO]} {row[_REST]}."
    ),
    "as a question with do or does": lambda row: (
        f"{'Do' if row[_WHO] in PLURAL else 'Does'} {row[_WHO]} {row[_BASE]} {row[_WHAT]} {row[_REST]}?"
    ),
    "in the negative, with does not or do not": lambda row: _capital(
        f"{row[_WHO]} {'do' if row[_WHO] in PLURAL else 'does'} not {row[_BASE]} {row[_WHAT]} {row[_REST]}."
    ),
    "with might before the verb": lambda row: _capital(f"{row[_WHO]} might {row[_BASE]} {row[_WHAT]} {row[_REST]}."),
    "so that it begins with its last phrase and a comma": lambda row: _capital(
        f"{row[_REST]}, {row[_WHO]} {row[_NOW]} {row[_WHAT]}."
    ),
}
READERS = (
    *(
        "a language course",
        "a local history",
        "the subtitles of a short film",
        "a grammar quiz",
        "a friend who learns English",
    ),
    *(
        "the caption of an old postcard",
        "a theatre programme",
        "the minutes of a meeting",
        "a bedtime story",
        "a news ticker",
    ),
    *("a radio play", "an exhibition wall"),
)
BY_PRESENT = {_present(row): row for row in SENTENCES}
SENTENCE_FORMS = Family(
    name="sentence_forms",
    phrasings=(
        "Rewrite the sentence {form}, for {reader}.",
        "For {reader}, put this sentence {form}.",
        "Express the same thing {form}; the text is meant for {reader}.",
        "How would the line read {form}? We need it for {reader}.",
        "Transform one sentence of {reader}: it should stand {form}.",
        "The editor of {reader} wants this {form}. Please change it.",
    ),
    slots={"form": tuple(FORMS), "reader": READERS},
    draw=lambda rng, slots: rng.choice(tuple(BY_PRESENT)),
    solve=lambda slots, given: FORMS[slots["form"]](BY_PRESENT[given]),
)

# Tone: a blunt sentence and two ways to say it better.
TONES = {
    "Send me the figures today.": (
        "Could you please send me the figures today?",
        "Hi! Any chance you could send me the figures today?",
    ),
    "Your text is too long.": (
        "Would you mind shortening your text a little?",
        "Lovely text! It's just a bit long, shall we trim it?",
    ),
    "I can't come to the meeting.": (
        "I'm afraid I am unable to attend the meeting.",
        "So sorry, I can't make the meeting!",
    ),
    "You forgot the attachment.": (
        "It seems that the attachment was not included.",
        "Oops, I think the attachment got lost on the way!",
    ),
    "Turn the radio down.": (
        "Would you be so kind as to turn the radio down?",
        "Hey, could you turn the radio down a bit? Thanks!",
    ),
    "We don't want your offer.": (
        "We have decided not to take up your offer, for which we thank you.",
        "Thanks for the offer, but we'll pass this time!",
    ),
    "The soup is cold.": (
        "Excuse me, I believe that the soup has gone cold.",
        "Sorry to be a bother, but the soup's gone cold!",
    ),
    "Pay the rent.": ("May I kindly remind you that the rent is due?", "Just a little nudge: the rent is due!"),
    "Don't park here.": (
        "We would be grateful if you did not park here.",
        "Could you find another spot to park, please? You're a star!",
    ),
    "Tell me what happened.": ("Would you please let me know what happened?", "Do tell, what happened?"),
    "Your child is loud.": (
        "May I mention that your child has been rather loud?",
        "Your little one has quite a voice! Could it be a bit quieter?",
    ),
    "I need more time.": ("Might I ask for a little more time?", "Could I have a tiny bit more time? Pretty please!"),
}
TONE_OF = {"polite and formal": 0, "friendly and casual": 1}
ADDRESSEES = (
    *(
        "a colleague in another office",
        "the neighbours upstairs",
        "my landlady",
        "a guest at table nine",
        "a new customer",
    ),
    *("our volunteer translator", "the other parents", "a business partner", "an upset supplier", "my former teacher"),
)
TONE = Family(
    name="tone",
    phrasings=(
        "Make this message to {to} sound {tone} without losing its point.",
        "I wrote something rather blunt to {to}. Rephrase it so that it is {tone}.",
        "Soften the sentence; it goes to {to} and ought to be {tone}.",
        "What is a {tone} way to say this to {to}?",
        "Before I press send, turn my line to {to} into something {tone}.",
    ),
    slots={"to": ADDRESSEES, "tone": tuple(TONE_OF)},
    draw=lambda rng, slots: rng.choice(tuple(TONES)),
    solve=lambda slots, given: TONES[given][TONE_OF[slots["tone"]]],
    settings=OFFICE[8:12],
)

# British and American words.
SPELLINGS = dict(
    pair.split("-")
    for pair in (
        *("colour-color", "harbour-harbor", "theatre-theater", "centre-center", "grey-gray", "tyre-tire"),
        *("flat-apartment", "lift-elevator", "autumn-fall", "biscuit-cookie", "lorry-truck"),
        *("pavement-sidewalk", "jewellery-jewelry", "neighbour-neighbor", "favourite-favorite", "litre-liter"),
        *("queue-line", "holiday-vacation", "torch-flashlight", "rubbish-garbage"),
    )
)
LINES = (
    "My neighbour keeps a torch in the lift.",
    "Her favourite colour is grey.",
    "The theatre near the harbour has closed for the autumn.",
    "A lorry lost a tyre in the centre of town.",
    "Please take the rubbish to the pavement behind the flat.",
    "There was a long queue for every biscuit and every litre of milk.",
    "We spent our holiday in a flat above a jewellery shop.",
    "His lorry was the same colour as the theatre.",
    "The torch fell on the pavement, and the queue laughed.",
)
DIRECTIONS = {"American": dict(SPELLINGS), "British": {american: british for british, american in SPELLINGS.items()}}


def _with_words(text: str, words: dict[str, str]) -> str:
    def other(word: re.Match[str]) -> str:
        return words.get(word[0], word[0])

    return re.sub(r"\w+", other, text)


PUBLICATIONS = (
    *("a travel brochure", "a crime story", "the packaging of a toy", "a streaming series", "the website of a hotel"),
    *("a school newspaper", "an auction catalogue", "a guidebook", "a software manual"),
)
DIALECT = Family(
    name="dialect",
    phrasings=(
        "Change the vocabulary and spelling of this sentence into {kind} English for {publication}.",
        "For the {kind} edition of {publication}, adapt the wording of the line below.",
        "Localise one sentence: {publication} will be published in {kind} English.",
        "Which words would {kind} readers of {publication} expect here? Give the adapted sentence.",
    ),
    slots={"kind": tuple(DIRECTIONS), "publication": PUBLICATIONS},
    draw=lambda rng, slots: (
        rng.choice(LINES) if slots["kind"] == "American" else _with_words(rng.choice(LINES), DIRECTIONS["American"])
    ),
    solve=lambda slots, given: _with_words(given, DIRECTIONS[slots["kind"]]),
)

# Reported speech and persons.
QUOTES = {
    "I am tired of soup": "{Name} said that {she} was tired of soup.",
    "I have lost my umbrella": "{Name} said that {she} had lost {her} umbrella.",
    "I will call my brother": "{Name} said that {she} would call {her} brother.",
    "I can hear the sea": "{Name} said that {she} could hear the sea.",
    "I know the way": "{Name} said that {she} knew the way.",
    "I like my new job": "{Name} said that {she} liked {her} new job.",
    "I need a longer rope": "{Name} said that {she} needed a longer rope.",
    "I am waiting for my train": "{Name} said that {she} was waiting for {her} train.",
    "I must feed my goats": "{Name} said that {she} had to feed {her} goats.",
    "I sleep with my boots on": "{Name} said that {she} slept with {her} boots on.",
}
SPEAKERS = {
    **dict.fromkeys(("Amara", "Clara", "Elena", "Greta", "Ines", "Rosa", "Vera", "Wanda"), ("she", "her")),
    **dict.fromkeys(("Bruno", "Dmitri", "Farid", "Hugo", "Jonas", "Oscar", "Sven", "Umar"), ("he", "his")),
}
REPORTS = (
    *("a police report", "the minutes of a tenants' meeting", "a biography", "a court transcript", "a gossip column"),
    *("a summary for the radio", "an anthropologist's notes", "a family chronicle", "a lesson on indirect speech"),
)


def _quote(rng: Random, slots: Slots) -> str:
    return f'{rng.choice(tuple(SPEAKERS))}: "{rng.choice(tuple(QUOTES))}."'


def _reported(slots: Slots, given: str) -> str:
    name, quote = given.split(": ", 1)
    she, her = SPEAKERS[name]
    return QUOTES[quote.strip('".')].format(Name=name, she=she, her=her)


REPORTED = Family(
    name="reported_speech",
    phrasings=(
        "Turn the quotation into reported speech with said that; it is for {report}.",
        "Write for {report} what the person said, indirectly and in the past, with said that.",
        "No direct speech is allowed in {report}. Rephrase the quote with said that.",
        "Change direct to indirect speech, using said that. The result goes into {report}.",
    ),
    slots={"report": REPORTS},
    draw=_quote,
    solve=_reported,
    check=lambda slots, given, output: same(output, _reported(slots, given)),
    settings=QUIZ,
)

FAMILIES = (SENTENCE_FORMS, TONE, DIALECT, REPORTED)
