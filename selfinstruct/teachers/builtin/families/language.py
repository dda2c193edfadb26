"""Families that classify language itself: register, tense, kind of sentence, which language."""

from __future__ import annotations

from selfinstruct.teachers.builtin.families.classify import labels

__all__ = ["FAMILIES"]

REGISTER = labels(
    "formality",
    {
        "formal": (
            "We should be grateful if you could confirm receipt at your earliest convenience.",
            "I am writing to enquire about the vacancy advertised last week.",
            "Please accept our sincere apologies for the inconvenience caused.",
            "The committee regrets that it is unable to grant your application.",
            "It would be appreciated if guests refrained from smoking.",
        ),
        "informal": (
            "Hey, can you ping me when it gets there?",
            "Saw your ad, is the job still up for grabs?",
            "Oops, sorry about that, my bad!",
            "No chance this time, mate, but try again!",
            "Guys, no smoking in here, okay?",
        ),
    },
    (
        "Is the tone of this sentence, meant for {place}, formal or informal?",
        "A line was drafted for {place}. Call its style formal or informal.",
        "Would you describe the wording as formal or informal? It stands in {place}.",
        "Check the register of a sentence from {place}: formal or informal?",
        "Mark the sentence as formal or informal before it goes into {place}.",
    ),
    place=(
        *("a letter to the council", "a message to all tenants", "the staff handbook", "a reply to a job applicant"),
        *(
            "an invitation to the annual dinner",
            "the club's noticeboard",
            "an e-mail to a supplier",
            "a customer survey",
        ),
    ),
)

TENSE = labels(
    "tense",
    {
        "past": (
            "The ferry left without us.",
            "She hid the key under a flowerpot.",
            "We sang until midnight.",
            "He never learned to whistle.",
        ),
        "present": (
            "The cat sleeps on the piano.",
            "They sell stamps and string.",
            "I know that tune.",
            "Our train crosses the border at noon every day.",
        ),
        "future": (
            "It will snow before Friday.",
            "They are going to paint the barn.",
            "You will miss this place.",
            "Nobody will believe us.",
        ),
    },
    (
        "Does the sentence speak about the past, the present or the future? It opens {text}.",
        "Name the time (past, present or future) in which this line of {text} is set.",
        "Past, present or future: which fits the sentence out of {text}?",
        "Look at the verb. Does {text} use past, present or future here?",
        "For a study of {text}, label the tense of one sentence with past, present or future.",
    ),
    text=(
        *(
            "a diary found in an attic",
            "a travel blog",
            "a children's story",
            "a letter from a lighthouse",
            "a stage direction",
        ),
        *("an old song", "a radio report", "the first chapter of a novel", "a village chronicle"),
    ),
)

KIND = labels(
    "sentence_kind",
    {
        "question": (
            "Has anybody seen my other glove",
            "Why does the dog bark at the kettle",
            "Where do the swans go in winter",
            "Would you hold this for a moment",
        ),
        "command": (
            "Close the gate behind you",
            "Stir until the sugar is gone",
            "Count the spoons after the guests have left",
            "Never feed the goose at number nine",
        ),
        "statement": (
            "The bakery opens at six",
            "My uncle once met a king",
            "Nobody lives in the mill anymore",
            "Two of the candles went out",
        ),
    },
    (
        "The punctuation is missing: is this line from {text} a question, a command or a statement?",
        "Identify the type of sentence in {text}, choosing between question, command and statement.",
        "Should the line from {text} be read as a question, as a command or as a statement?",
        "An actor asks how to speak a line of {text}. Say whether it is a question, command or statement.",
        "Tell whether the words, taken from {text} without punctuation, form a question, a command or a statement.",
    ),
    text=(
        *(
            "an unfinished play",
            "a telegram",
            "a dictated letter",
            "a subtitle",
            "a puppet show",
            "the script of a radio drama",
        ),
        *("a transcribed phone call", "an opera libretto", "a speech recogniser's output"),
    ),
)

LANGUAGE = labels(
    "language",
    {
        "German": (
            "Guten Morgen, haben Sie gut geschlafen?",
            "Vielen Dank für Ihre Hilfe.",
            "Wo ist bitte der Bahnhof?",
        ),
        "French": (
            "Bonjour, je voudrais une chambre.",
            "Merci beaucoup pour votre aide.",
            "Où se trouve la gare, s'il vous plaît ?",
        ),
        "Spanish": (
            "Buenos días, quisiera una habitación.",
            "Muchas gracias por su ayuda.",
            "¿Dónde está la estación, por favor?",
        ),
        "Italian": (
            "Buongiorno, vorrei una camera.",
            "Grazie mille per il suo aiuto.",
            "Dov'è la stazione, per favore?",
        ),
        "Dutch": (
            "Goedemorgen, heeft u goed geslapen?",
            "Hartelijk dank voor uw hulp.",
            "Waar is het station, alstublieft?",
        ),
        "Polish": ("Dzień dobry, poproszę pokój.", "Dziękuję bardzo za pomoc.", "Gdzie jest dworzec?"),
    },
    (
        "In which language is the sentence, German, French, Spanish, Italian, Dutch or Polish? A guest left "
        "it at {desk}.",
        "Name the language for {desk}: German, French, Spanish, Italian, Dutch or Polish.",
        "The staff at {desk} can't tell what language this is. Choose German, French, Spanish, Italian, "
        "Dutch or Polish.",
        "To find an interpreter, {desk} has to know if this is German, French, Spanish, Italian, Dutch or Polish.",
    ),
    desk=(
        *(
            "a youth hostel",
            "the lost property office",
            "a tourist information counter",
            "the reception of a spa",
            "a border museum",
        ),
        *("a motorway service station", "an airport chapel", "the campsite kiosk"),
    ),
)

FAMILIES = (REGISTER, TENSE, KIND, LANGUAGE)
