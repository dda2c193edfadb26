"""Families with rules to apply: timetables, opening hours, chess, spelling aloud, rhyme schemes, odd sentences."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from selfinstruct.simulator.contexts import FIRMS, PUZZLES, READERS, WRITINGS
from selfinstruct.simulator.endings import ITEM, LABEL
from selfinstruct.simulator.families.wordplay import RHYMES
from selfinstruct.simulator.family import Family, Slots, lines, same, sentences
from selfinstruct.simulator.matching import sounds
from selfinstruct.simulator.vocabulary import items

__all__ = ["FAMILIES"]

# Which train?

STOPS = (
    *("the harbour before the fish auction", "my sister's wedding in Graz", "the opening of the planetarium"),
    *("a job interview at the brewery", "the last ferry to the islands", "a concert in the salt mine"),
    *(
        "the dentist's early appointment",
        "a hearing at the county court",
        "kick-off at the stadium",
        "the night market",
    ),
)
CATCH = {
    "the last train that is not too late": -1,
    "the first train of those that are in time": 0,
}


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _trains(rng: Random, slots: Slots) -> str:
    starts = sorted(rng.sample(range(6 * 60, 20 * 60, 5), 4))
    length = rng.randrange(20, 90, 5)
    due = starts[rng.randrange(4)] + length + rng.randrange(0, 15, 5)
    rows = (f"leaves {_clock(start)}, arrives {_clock(start + length)}" for start in starts)
    return "\n".join([f"Be there by {_clock(due)}", *rows])


def _train(slots: Slots, given: str) -> str:
    due, *rows = given.split("\n")
    in_time = [row for row in rows if row[-5:] <= due[-5:]]
    return in_time[CATCH[slots["catch"]]][7:12]


TIMETABLE = Family(
    name="timetable",
    phrasings=(
        "Going to {stop}, when does {catch} leave?",
        "When must I set off for {stop}? Give the departure of {catch}.",
        "Pick {catch} and state its departure, for {reader}.",
        "For {reader}: at what time does {catch} leave?",
        "Find {catch} for {stop}; only the departure time matters.",
    ),
    slots={"stop": STOPS, "catch": tuple(CATCH), "reader": READERS},
    draw=_trains,
    solve=_train,
    endings=ITEM,
)

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
OPEN_OR_CLOSED = {"open or closed": ("open", "closed"), "open or shut": ("open", "shut")}


def _hours(rng: Random, slots: Slots) -> str:
    first, last = rng.randint(8, 11), rng.randint(16, 20)
    day, hour = rng.choice(DAYS), rng.randint(7, 21)
    return f"Hours: Tuesday to Saturday, {first}:00 to {last}:00\nTime: {day}, {hour}:30"


def _is_open(slots: Slots, given: str) -> str:
    first, last, hour = map(int, re.findall(r"(\d+):\d", given))
    day = next(day for day in DAYS if f"Time: {day}" in given)
    return OPEN_OR_CLOSED[slots["labels"]][not (day in DAYS[1:6] and first <= hour < last)]


OPENING = Family(
    name="opening_hours",
    phrasings=(
        "At the given time, is it {labels}? I ask for {firm}.",
        "Check the opening hours for {reader}: {labels}?",
        "Going by hours and time, is it {labels}? It's for {reader}.",
        "Look at hours and time and reply {labels}, for {firm}.",
        "What is the door at the time stated, {labels}? Tell {reader}.",
    ),
    slots={"firm": FIRMS, "reader": READERS, "labels": tuple(OPEN_OR_CLOSED)},
    draw=_hours,
    solve=_is_open,
    classification=True,
    endings=LABEL,
)

# Chess.

PIECES: dict[str, Callable[[int, int], bool]] = {
    "a knight": lambda x, y: {x, y} == {1, 2},
    "a bishop": lambda x, y: x == y,
    "a rook": lambda x, y: x == 0 or y == 0,
    "a king": lambda x, y: max(x, y) == 1,
    "a queen": lambda x, y: x == y or x == 0 or y == 0,
}
LEAPS = ((1, 2), (2, 1), (3, 3), (1, 1), (0, 4), (2, 0), (0, 1), (3, 1), (2, 3), (2, 2))


def _squares(rng: Random, slots: Slots) -> str:
    across, up = rng.choice(LEAPS)
    x, y = rng.randrange(8 - across), rng.randrange(8 - up)
    return f"{'abcdefgh'[x]}{y + 1} to {'abcdefgh'[x + across]}{y + up + 1}"


def _moves(slots: Slots, given: str) -> str:
    start, end = given.split(" to ")
    across, up = abs(ord(start[0]) - ord(end[0])), abs(int(start[1]) - int(end[1]))
    return "yes" if PIECES[slots["piece"]](across, up) else "no"


CHESS = Family(
    name="chess_move",
    phrasings=(
        "Can {piece} do this on an empty board? Yes or no, for {puzzle}.",
        "Yes or no: is that one move for {piece}, the board being empty? I teach {reader}.",
        "For {puzzle}, say yes or no: {piece} may move like this on an empty board.",
        "Tell {reader}, yes or no, if {piece} reaches that square (empty board).",
        "Check a move by {piece} across an empty chessboard, yes or no, for {reader}.",
    ),
    slots={"piece": tuple(PIECES), "puzzle": PUZZLES, "reader": READERS},
    draw=_squares,
    solve=_moves,
    classification=True,
    endings=LABEL,
)

# Spelling aloud.

_NATO = (
    "Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa Quebec Romeo "
    "Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu"
)
NATO = {word[0]: word for word in _NATO.split()}
CALL_SIGNS = (
    *("OTTER", "KITE", "VESSEL", "QUINCE", "ZEBRA", "FJORD", "PIXEL", "WALRUS", "MAGNET", "HYMN", "CACTUS"),
    *("JUNIPER", "XENON", "LYNX", "GOBLIN"),
)
SPELLING = Family(
    name="pilots_alphabet",
    phrasings=(
        "Spell the word in the NATO alphabet for {firm}, with hyphens between.",
        "For {reader}, spell it as pilots do (Alfa-Bravo), hyphens between the words.",
        "How would a radio operator spell this (NATO alphabet, hyphens)? I ask for {firm}.",
        "Turn letters into NATO code words, joined by hyphens, for {puzzle}.",
        "Read this out letter by letter in NATO words joined by hyphens, for {reader}.",
    ),
    slots={"firm": FIRMS, "reader": READERS, "puzzle": PUZZLES},
    draw=lambda rng, slots: rng.choice(CALL_SIGNS),
    solve=lambda slots, given: "-".join(NATO[letter] for letter in given),
    check=lambda slots, given, output: same(
        output.replace("Alpha", "Alfa").replace("Juliet-", "Juliett-"), "-".join(NATO[letter] for letter in given)
    ),
)

# Rhyme schemes of the last words of four lines.

SCHEMES = {"AABB": (0, 0, 1, 1), "ABAB": (0, 1, 0, 1), "ABBA": (0, 1, 1, 0)}


def _last_words(rng: Random, slots: Slots) -> str:
    groups = [rng.sample(sorted(group), 2) for group in rng.sample(RHYMES, 2)]
    return ", ".join(groups[n].pop() for n in SCHEMES[rng.choice(tuple(SCHEMES))])


def _scheme(slots: Slots, given: str) -> str:
    groups = [next(group for group in RHYMES if word in group) for word in items(given)]
    return next(name for name, form in SCHEMES.items() if form == tuple(int(g != groups[0]) for g in groups))


SCHEME = Family(
    name="rhyme_scheme",
    phrasings=(
        "AABB, ABAB or ABBA: how do four lines ending so rhyme in {writing}?",
        "Name the rhyme scheme (AABB, ABAB, ABBA) of these line endings, for {reader}.",
        "Four line endings from {writing}: is the scheme AABB, ABAB or ABBA?",
        "For {reader}, label the stanza's last words AABB, ABAB or ABBA.",
        "Which of AABB, ABAB and ABBA describes the final words? It's for {puzzle}.",
    ),
    slots={"writing": WRITINGS, "reader": READERS, "puzzle": PUZZLES},
    draw=_last_words,
    solve=_scheme,
    classification=True,
    endings=LABEL,
)

# A sentence of so many words with a word in it.

CLAUSES = {
    "lantern": ("A lantern swung", "Her lantern flickered"),
    "goose": ("One goose complained", "The goose waited"),
    "umbrella": ("My umbrella escaped", "An umbrella danced"),
    "saxophone": ("His saxophone wept", "A saxophone answered"),
    "thunder": ("Distant thunder rolled", "The thunder grumbled"),
    "pancake": ("Every pancake vanished", "That pancake burned"),
    "bicycle": ("Our bicycle squeaked", "The bicycle leaned"),
    "postman": ("The postman whistled", "A postman hurried"),
    "cathedral": ("The cathedral glowed", "A cathedral slept"),
    "grandmother": ("My grandmother laughed", "Their grandmother listened"),
    "compass": ("The compass trembled", "His compass lied"),
    "marmalade": ("Fresh marmalade glistened", "The marmalade dripped"),
}
TAILS = {
    "six": ("softly until dawn", "again last night", "near the harbour"),
    "eight": ("beside the old stone bridge", "while the whole village slept", "because nobody had come home"),
    "ten": ("behind the curtain of the puppet theatre", "as if summer would never end again"),
}
WORDS = {"six": 6, "eight": 8, "ten": 10}


def _sentence(rng: Random, slots: Slots, given: str) -> str:
    start, tail = rng.choice(CLAUSES[slots["word"]]), rng.choice(TAILS[slots["length"]])
    return f"{start} {tail}."


def _fits(slots: Slots, given: str, output: str) -> bool:
    words = [word.strip(".,;:!?\"'()").lower() for word in output.split()]
    once = words.count(slots["word"]) == 1 and len(words) == WORDS[slots["length"]]
    return once and len(sentences(output)) == 1 and output[:1].isupper() and sounds(output)


SENTENCE = Family(
    name="sentence_with_word",
    phrasings=(
        'Write a sentence of exactly {length} words that contains "{word}", for {reader}.',
        'Invent a sentence with "{word}" in it, exactly {length} words long, for {puzzle}.',
        'For {reader}: one sentence, exactly {length} words, among them "{word}".',
        'Can you put "{word}" into a sentence of exactly {length} words? It opens {writing}.',
        'Use "{word}" in one sentence for {puzzle}; exactly {length} words are allowed.',
    ),
    slots={
        "length": tuple(WORDS),
        "word": tuple(CLAUSES),
        "reader": READERS,
        "puzzle": PUZZLES,
        "writing": WRITINGS,
    },
    write=_sentence,
    check=_fits,
    graded=False,  # no rule can tell every heap of words from a sentence
)

# Questions for an interview.

ASKED = {
    "a lighthouse keeper": ("How did you spend the long evenings?", "Which storm do you remember best?"),
    "a chess champion": ("Which defeat taught you most?", "How do you prepare on the morning of a game?"),
    "a master baker": ("When does your working day begin?", "Which bread would you never give up?"),
    "an organ builder": ("How do you tune a pipe that nobody can reach?", "What wood do you look for?"),
    "a mountain doctor": ("What do people underestimate most?", "How do you reach a patient in snow?"),
    "a puppet maker": ("Which puppet was the hardest to carve?", "Do your puppets have tempers?"),
    "a train driver": ("What do you see that passengers miss?", "Which stretch of line do you love?"),
    "a court interpreter": ("Which word is impossible to translate?", "How do you stay neutral?"),
    "a beekeeper on a roof": ("Where do your bees fly in the city?", "What does the first honey taste of?"),
}
MORE_QUESTIONS = ("Who taught you your trade?", "What would you tell somebody who wants to start?", "What comes next?")
ASKING = {"two": 2, "three": 3, "four": 4}


def _questions(rng: Random, slots: Slots, given: str) -> str:
    asked = rng.sample(ASKED[slots["guest"]], 2) + rng.sample(MORE_QUESTIONS, 3)
    return "\n".join(f"{n}. {text}" for n, text in enumerate(asked[: ASKING[slots["many"]]], 1))


def _asks(slots: Slots, given: str, output: str) -> bool:
    found = lines(output)
    return len(set(found)) == len(found) == ASKING[slots["many"]] and all(line.endswith("?") for line in found)


QUESTIONS = Family(
    name="interview_questions",
    phrasings=(
        "Prepare {many} questions that {reader} could ask {guest}.",
        "List {many} interview questions to {guest} for {reader}.",
        "Which {many} questions would you put to {guest}? It's for {puzzle}.",
        "Think up {many} questions with which to interview {guest}.",
    ),
    slots={"many": tuple(ASKING), "guest": tuple(ASKED), "reader": READERS, "puzzle": PUZZLES},
    write=_questions,
    check=_asks,
    graded=False,
)

FAMILIES = (TIMETABLE, OPENING, CHESS, SPELLING, SCHEME, SENTENCE, QUESTIONS)
