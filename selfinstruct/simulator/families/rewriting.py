"""Families that change a sentence and keep what it says: tense, voice, person, tone, questions, spelling."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from selfinstruct.simulator.contexts import READERS, WRITINGS
from selfinstruct.simulator.family import Family, Slots, same, sentences
from selfinstruct.simulator.vocabulary import variants_of

__all__ = ["FAMILIES"]

# Who, verb (base, third person, past, participle), what, rest: the parts of a sentence that can take many forms.
SENTENCES = tuple(
    tuple(row.split("/"))
    for row in variants_of(
        "the baker/sell/sells/sold/sold/the last (loaf|bun)/before (seven|nine) o'clock",
        "the caretaker/lock/locks/locked/locked/the (side door|iron gate)/at nightfall",
        "our neighbour/paint/paints/painted/painted/the (garden gate|old boat)/in bright (yellow|blue)",
        "the conductor/choose/chooses/chose/chosen/the (opening|closing) song/without hesitation",
        "a young engineer/build/builds/built/built/the (wooden bridge|glass tower)/in a single (summer|year)",
        "the museum/lend/lends/lent/lent/the bronze (horse|mask)/to a (school|palace)",
        "the crew/hide/hides/hid/hidden/the (spare key|silver cup)/under a coil of rope",
        "my aunt/write/writes/wrote/written/the (village newsletter|invitations)/by hand",
        "the judge/read/reads/read/read/the long (letter|verdict)/with a (smile|frown)",
        "a gardener/plant/plants/planted/planted/the (cherry|plum) tree/near the (well|shed)",
        "the committee/accept/accepts/accepted/accepted/the (cheaper|second) offer/after a short debate",
        "the ferryman/repair/repairs/repaired/repaired/the torn sail/during the break",
        "the twins/break/break/broke/broken/the (silver vase|blue jug)/on a rainy afternoon",
        "an old friend/send/sends/sent/sent/the secret recipe/from (Lisbon|Cairo|Oslo)",
        "the teacher/praise/praises/praised/praised/the (shy|new) pupil/in front of the class",
        "the innkeeper/keep/keeps/kept/kept/the best (room|soup)/for late travellers",
        "the orchestra/perform/performs/performed/performed/the forgotten symphony/in a (barn|cave)",
        "a stray dog/steal/steals/stole/stolen/the roast (chicken|goose)/during the (speech|sermon)",
        "the pilot/check/checks/checked/checked/the weather report/in great haste",
        "the sailors/sing/sing/sang/sung/the (old|new) ballad/(on deck|at dawn)",
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
    "with its last phrase first, followed by a comma": lambda row: _capital(
        f"{row[_REST]}, {row[_WHO]} {row[_NOW]} {row[_WHAT]}."
    ),
}
MEANT_FOR = (
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
        "Put the line from {writing} {form}.",
        "Express the same thing {form}, for {audience}.",
        "How would this read {form}? It's from {writing}.",
        "Change a sentence of {writing}: it should stand {form}.",
        "For {audience}, phrase this {form}.",
    ),
    slots={"form": tuple(FORMS), "reader": MEANT_FOR, "audience": READERS, "writing": WRITINGS},
    draw=lambda rng, slots: rng.choice(tuple(BY_PRESENT)),
    solve=lambda slots, given: FORMS[slots["form"]](BY_PRESENT[given]),
)

# Tone: a blunt sentence and two ways to say it better.
BLUNT = tuple(
    f"{blunt}/{formal}/{casual}".replace("_", thing)
    for blunt, formal, casual, things in (
        (
            "Send me the _ today.",
            "Could you please send me the _ today?",
            "Hi! Any chance you could send me the _ today?",
            "figures plans keys forms",
        ),
        (
            "Your _ is too long.",
            "Would you mind shortening your _ a little?",
            "Lovely _! It's just a bit long, shall we trim it?",
            "text speech poem report",
        ),
        (
            "I can't come to the _.",
            "I'm afraid I am unable to attend the _.",
            "So sorry, I can't make the _!",
            "meeting rehearsal wedding party",
        ),
        (
            "You forgot the _.",
            "It seems that the _ was not included.",
            "Oops, I think the _ got lost on the way!",
            "attachment invoice cake key",
        ),
        (
            "Turn the _ down.",
            "Would you be so kind as to turn the _ down?",
            "Hey, could you turn the _ down a bit? Thanks!",
            "radio heating television lights",
        ),
        (
            "We don't want your _.",
            "We have decided not to accept your _, for which we thank you.",
            "Thanks for the _, but we'll pass this time!",
            "offer piano advice kitten",
        ),
        (
            "The _ is cold.",
            "Excuse me, I believe that the _ has gone cold.",
            "Sorry to be a bother, but the _ has gone cold!",
            "soup coffee pie tea",
        ),
        (
            "Pay the _.",
            "May I kindly remind you that the _ is due?",
            "Just a little nudge: the _ is due!",
            "rent bill fee deposit",
        ),
        (
            "Don't _ here.",
            "We would be grateful if you did not _ here.",
            "Could you find another spot to _, please? You're a star!",
            "park camp smoke swim",
        ),
        (
            "Your _ is loud.",
            "May I mention that your _ has been rather loud?",
            "Your _ has quite a voice! Could it be a bit quieter?",
            "child dog parrot choir",
        ),
        (
            "I need more _.",
            "Might I ask for a little more _?",
            "Could I have a tiny bit more _? Pretty please!",
            "time paper space rope",
        ),
    )
    for thing in things.split()
)
TONES = {blunt: (formal, casual) for blunt, formal, casual in (row.split("/") for row in BLUNT)}
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
        "Make the message to {to} sound {tone}.",
        "Rephrase my blunt line to {to}: {tone}, please.",
        "Soften a sentence for {reader}; it ought to be {tone}.",
        "What is a {tone} way to tell {reader} this?",
        "Before I press send to {to}, make it {tone}.",
        "Turn this note for {reader} into something {tone}.",
    ),
    slots={"to": ADDRESSEES, "reader": READERS, "tone": tuple(TONE_OF)},
    draw=lambda rng, slots: rng.choice(tuple(TONES)),
    solve=lambda slots, given: TONES[given][TONE_OF[slots["tone"]]],
    check=lambda slots, given, output: 0 < len(sentences(output)) < 4 and not same(output, given),
    graded=False,
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
LINES = variants_of(
    "My neighbour keeps a (torch|biscuit) in the lift.",
    "(Her|His|My) favourite colour is grey.",
    "The theatre near the harbour has closed for the autumn.",
    "A lorry lost (a|its best) tyre in the centre of (town|Berlin|York).",
    "Please take the rubbish to the pavement behind the flat.",
    "There was a long queue for every biscuit and every litre of milk.",
    "We spent our (holiday|autumn) in a flat above a jewellery shop.",
    "His lorry was the same colour as the (theatre|pavement|lift).",
    "The (torch|biscuit|rubbish) fell on the pavement, and the queue laughed.",
)
DIRECTIONS = {"American": dict(SPELLINGS), "British": {american: british for british, american in SPELLINGS.items()}}


def _with_words(text: str, words: dict[str, str]) -> str:
    def other(word: re.Match[str]) -> str:
        return words.get(word[0], word[0])

    text = re.sub(r"\w+", other, text)
    return re.sub(
        r"\b([Aa])n? (?=(\w))", lambda a: f"{a[1]}{'n' if a[2] in 'aeio' else ''} ", text
    )  # a flat, an apartment


PUBLICATIONS = (
    *("a travel brochure", "a crime story", "the packaging of a toy", "a streaming series", "the website of a hotel"),
    *("a school newspaper", "an auction catalogue", "a guidebook", "a software manual"),
)
DIALECT = Family(
    name="dialect",
    phrasings=(
        "Change spelling and vocabulary into {kind} English for {publication}.",
        "Adapt the line from {writing} to {kind} English.",
        "Localise a sentence for {kind} readers of {writing}.",
        "How would {kind} newspapers write this line from {writing}?",
        "For {reader}, put the sentence into {kind} English.",
        "Write the {kind} version of a sentence for {reader}.",
    ),
    slots={"kind": tuple(DIRECTIONS), "publication": PUBLICATIONS, "writing": WRITINGS, "reader": READERS},
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
        "Turn the quotation into reported speech (said that), for {report}.",
        "Write indirectly, with said that, what somebody says in {writing}.",
        "No direct speech in {report}: rephrase with said that.",
        "Change direct to indirect speech with said that, for {reader}.",
        "What did the person say? Report it in the past (said that) for {reader}.",
        "Report a quote out of {writing}, using said that.",
    ),
    slots={"report": REPORTS, "writing": WRITINGS, "reader": READERS},
    draw=_quote,
    solve=_reported,
)

FAMILIES = (SENTENCE_FORMS, TONE, DIALECT, REPORTED)
