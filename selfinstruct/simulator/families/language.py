"""Families that classify language itself: register, tense, kind of sentence, which language."""

from __future__ import annotations

from selfinstruct.simulator.contexts import FIRMS, READERS, WRITINGS
from selfinstruct.simulator.families.classify import labels

__all__ = ["FAMILIES"]

REGISTER = labels(
    "formality",
    {
        "formal": (
            "We should be grateful if you could confirm (receipt|attendance|payment) at your earliest convenience.",
            "I am writing to enquire about the (vacancy|scholarship|residence) advertised last (week|month).",
            "Please accept our sincere apologies for the (inconvenience|delay) caused.",
            "The (committee|board|faculty) regrets that it is unable to grant your (application|request).",
            "It would be appreciated if (guests|visitors|residents) refrained from (smoking|whistling).",
        ),
        "informal": (
            "Hey, can you (ping|text|buzz) me when (it gets|you get) there?",
            "Saw your ad, is the (job|room|bike) still up for grabs?",
            "Oops, sorry about (that|the mess|last night), my bad!",
            "No chance this time, (mate|buddy), but try again!",
            "Guys, no (smoking|yelling|shoes) in here, okay?",
        ),
    },
    (
        "Formal or informal: what is the tone for {place}?",
        "Call the style of a line for {place} formal or informal.",
        "Is a sentence from {writing} formal or informal?",
        "Check the register (formal or informal) of a sentence for {reader}.",
        "Mark it as formal or informal; it is from {writing}.",
        "Would {reader} find this formal or informal?",
    ),
    reader=READERS,
    writing=WRITINGS,
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
            "The (ferry|coach|train) left without (us|them).",
            "She hid the (key|money|ring) under a (flowerpot|brick).",
            "We (sang|danced|argued) until (midnight|dawn).",
            "He never learned to (whistle|swim|cook).",
        ),
        "present": (
            "The (cat|dog|parrot) sleeps on the (piano|stove).",
            "They sell (stamps|candles|matches) and string.",
            "I know that (tune|street|smell).",
            "Our (train|bus|ferry) crosses the border at (noon|six) every day.",
        ),
        "future": (
            "It will (snow|rain|thaw) before (Friday|Easter).",
            "They are going to paint the (barn|bridge|boat).",
            "You will miss this (place|house|view).",
            "Nobody will (believe|find|hear) us.",
        ),
    },
    (
        "Past, present or future? The sentence is from {text}.",
        "Name the tense (past, present or future) in {text}.",
        "Does {text} use past, present or future here?",
        "Label the tense of a line from {writing}: past, present or future.",
        "Is it set in the past, present or future? We read {writing}.",
        "For {writing}, choose between past, present and future.",
    ),
    writing=WRITINGS,
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
            "Has anybody seen my other (glove|boot|earring)",
            "Why does the (dog|goose|neighbour) (bark|hiss|shout) at the kettle",
            "Where do the (swans|snails|tourists) go in (winter|November)",
            "Would you hold this (ladder|rope|baby) for a moment",
        ),
        "command": (
            "Close the (gate|door|curtain) behind you",
            "Stir until the (sugar|salt|butter) is gone",
            "Count the (spoons|chairs|coats) after the guests have left",
            "Never feed the (goose|pony|cat) at number nine",
        ),
        "statement": (
            "The (bakery|market|pool) opens at (six|seven)",
            "My (uncle|teacher|barber) once met a (king|spy)",
            "Nobody lives in the (mill|castle|lighthouse) anymore",
            "(Two|Five) of the (candles|lamps) went out",
        ),
    },
    (
        "Question, command or statement: what is the unpunctuated line from {text}?",
        "Identify the sentence type (question, command, statement) in {text}.",
        "Is a line from {writing} a question, command or statement?",
        "We hear a line from {text}: is it a question, command or statement?",
        "Label words from {writing}, lacking punctuation, as question, command or statement.",
        "Which is it in {writing}: question, command or statement?",
    ),
    writing=WRITINGS,
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
            "Guten (Morgen|Abend|Tag), haben Sie (ein Zimmer|einen Tisch) frei?",
            "Vielen Dank für Ihre (Hilfe|Geduld|Antwort).",
            "Wo ist bitte der (Bahnhof|Ausgang|Hafen)?",
        ),
        "French": (
            "(Bonjour|Bonsoir), je voudrais une (chambre|table|pomme).",
            "Merci beaucoup pour votre (aide|patience|lettre).",
            "Où se trouve (la gare|la sortie|le port), s'il vous plaît ?",
        ),
        "Spanish": (
            "(Buenos días|Buenas tardes), quisiera una (habitación|mesa|manzana).",
            "Muchas gracias por su (ayuda|paciencia|carta).",
            "¿Dónde está (la estación|la salida|el puerto), por favor?",
        ),
        "Italian": (
            "(Buongiorno|Buonasera), vorrei una (camera|mela|bottiglia d'acqua).",
            "Grazie mille per (il suo aiuto|la sua pazienza|la sua lettera).",
            "Dov'è (la stazione|l'uscita|il porto), per favore?",
        ),
        "Dutch": (
            "(Goedemorgen|Goedenavond), heeft u een (kamer|tafel) vrij?",
            "Hartelijk dank voor uw (hulp|geduld|brief).",
            "Waar is (het station|de uitgang|de haven), alstublieft?",
        ),
        "Polish": (
            "Dzień dobry, poproszę (pokój|herbatę|jabłko).",
            "Dziękuję bardzo za (pomoc|cierpliwość|list).",
            "Gdzie jest (dworzec|wyjście|port)?",
        ),
    },
    (
        "Is a note left at {desk} in German, French, Spanish, Italian, Dutch or Polish?",
        "Name the language (German, French, Spanish, Italian, Dutch, Polish) for {firm}.",
        "Identify it for {reader} as German, French, Spanish, Italian, Dutch or Polish.",
        "Is this German, French, Spanish, Italian, Dutch or Polish? It's for {reader}.",
        "For {firm}: German, French, Spanish, Italian, Dutch or Polish?",
    ),
    reader=READERS,
    firm=FIRMS,
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
