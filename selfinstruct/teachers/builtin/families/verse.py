"""Families that write verse: haiku and acrostics."""

from __future__ import annotations

from random import Random

from selfinstruct.teachers.builtin.family import Family, Slots

__all__ = ["FAMILIES", "HAIKU", "SYLLABLES"]

# Haiku: lines of five and seven syllables, whose words are counted in the table.

_COUNTED = {
    1: (
        "a all an and asks at bag bark bees bell bench bloom boat bowl bread breath breathes by calls cat "
        "clock close clouds cold counts crow crust cup dark day door dough dries drifts drums dry each far "
        "fills first foam fog fold folds from frost gate gone grass green has hat home hum hums in is it its "
        "keeps lamp land last leans learns leaves left light loaf long me moon moss my no oak of off old on "
        "one out path pond rain red road salt same sand shakes share shore sleep sleeps smell smoke snow song "
        "sound stars starts steps stops street talks tea the then through tide to town train tree trees tune "
        "turned turns two us waits wake warm wash waves wears what white wide wind with "
    ),
    2: (
        "alone baker between falling forgets harbour kettle ladder lantern letter mushroom open oven petals "
        "pigeons platform question robin sparrow under whistles window "
    ),
    3: "somebody",
}
SYLLABLES = {word: count for count, words in _COUNTED.items() for word in words.split()}
HAIKU = {
    "a winter morning": (
        ("Frost on the window", "No sound on the road", "The pond has turned white"),
        ("one sparrow waits by the gate", "a kettle hums in the dark", "the old crow shakes off the snow"),
        ("smoke folds in the wind", "the ladder wears snow", "my breath turns to clouds"),
    ),
    "the sea at night": (
        ("The tide turns in sleep", "Salt wind on the shore", "One boat and the moon"),
        ("a lantern drifts far from land", "waves fold and fold the white sand", "the harbour forgets the day"),
        ("stars wash in with foam", "a bell calls us home", "the long dark breathes out"),
    ),
    "an orchard in spring": (
        ("White petals falling", "Green light on the grass", "The old tree in bloom"),
        ("the ladder leans on the wind", "a robin learns the first song", "bees hum in each open cup"),
        ("rain dries on the bark", "my hat fills with snow", "the gate is left wide"),
    ),
    "a railway station": (
        ("The last train is gone", "Cold tea and the clock", "Rain on the platform"),
        ("a letter waits on the bench", "two pigeons share one dry crust", "somebody waves at no one"),
        ("the lamp hums alone", "my bag keeps me warm", "then far off a light"),
    ),
    "a bakery at dawn": (
        ("Dough sleeps in the bowl", "The oven breathes out", "Dark street and one lamp"),
        ("the baker hums an old tune", "warm bread talks under its crust", "a cat waits close to the door"),
        ("the stars smell of bread", "the town starts to wake", "first loaf and first light"),
    ),
    "an autumn forest": (
        ("Red leaves on the path", "Fog between the trees", "The last mushroom waits"),
        ("a crow asks the same question", "the wind counts what it has left", "somebody whistles, then stops"),
        ("smoke drifts through the oak", "rain drums on my hat", "moss keeps all the steps"),
    ),
}
OWNERS = (
    *(
        "the lid of a tea tin",
        "a bookmark",
        "my mother's birthday card",
        "the wall of a waiting room",
        "a calendar page",
    ),
    *(
        "a quiet podcast",
        "the menu of a small inn",
        "a farewell letter",
        "the label of a candle",
        "a workshop for beginners",
    ),
)


def _haiku(rng: Random, slots: Slots, given: str) -> str:
    return "\n".join(rng.choice(lines) for lines in HAIKU[slots["scene"]])


HAIKU_FAMILY = Family(
    name="haiku",
    phrasings=(
        "Write a haiku about {scene} for {owner}.",
        "For {owner}, I'd love three lines of five, seven and five syllables on {scene}.",
        "Could you compose a haiku? The theme is {scene}, and it will decorate {owner}.",
        "Capture {scene} in a haiku that suits {owner}.",
        "A tiny poem in the Japanese form is wanted for {owner}: let it show {scene}.",
    ),
    slots={"scene": tuple(HAIKU), "owner": OWNERS},
    write=_haiku,
    check=lambda slots, given, output: (
        len(lines := output.split("\n")) == 3
        and all(line in known for line, known in zip(lines, HAIKU[slots["scene"]], strict=True))
    ),
)

# Acrostics: a line for each letter.

LETTERS = {
    "A": ("All the windows are open", "Apples ripen on the sill", "At noon the bells begin"),
    "B": ("Boats come home before the rain", "Bread is cooling on the table", "Bright scarves hang from every line"),
    "C": ("Children count the passing trains", "Crickets tune their instruments", "Candles lean towards the door"),
    "D": ("Dogs sleep under the market stalls", "Dust dances in the light", "Days grow longer by a minute"),
    "E": ("Every key has found its lock", "Evening settles on the roofs", "Even the clock takes its time"),
    "G": ("Grandfather hums a marching song", "Grass grows over the old rails", "Gulls argue about the weather"),
    "H": ("Hats fly off on the bridge", "Honey drips from a wooden spoon", "Half the town is at the river"),
    "I": ("Ink dries on a letter home", "In the kitchen someone laughs", "Ivy climbs the chapel wall"),
    "K": ("Kettles whistle in three houses", "Kites pull at their strings", "Kind words travel the whole street"),
    "L": ("Lanterns swing along the pier", "Laughter leaks out of the barn", "Leaves keep the secret of the wind"),
    "M": ("Morning smells of coal and coffee", "My boots remember the mountain", "Mist lifts from the lower fields"),
    "N": ("Nobody hurries today", "Nets are drying in the sun", "Nine swans cross the canal"),
    "O": ("Over the hill comes a brass band", "Old friends share a bench", "Only the baker is awake"),
    "P": ("Pears fall softly in the grass", "Pigeons parade on the square", "Paper boats set out to sea"),
    "R": ("Rain taps an invitation", "Roads bend towards the coast", "Robins visit the tool shed"),
    "S": ("Swallows return to the stable", "Somebody left a song behind", "Stars are reflected in the well"),
    "T": ("Tea is ready on the terrace", "The ferry waits for one more guest", "Tall grass hides a sleeping cat"),
    "U": ("Under the stairs a cricket sings", "Umbrellas open like flowers", "Uncles tell the same old joke"),
    "V": ("Violins rehearse upstairs", "Vines shade the garden table", "Villages light up one by one"),
    "W": ("Windmills turn without a word", "We wave until the train is gone", "Water runs beneath the mill"),
    "Y": ("Yellow leaves fill the fountain", "Yesterday is folded away", "You can hear the distant sea"),
}
HIDDEN = (
    "BRIDGE",
    "CLARA",
    "GARDEN",
    "HARBOUR",
    "HOLIDAY",
    "LANTERN",
    "MARKET",
    "ORCHARD",
    "RIVER",
    "SUMMER",
    "THANKS",
    "VIOLIN",
    "WINTER",
    "WELCOME",
    "NEIGHBOUR",
    "TEACHER",
)


def _acrostic(rng: Random, slots: Slots, given: str) -> str:
    left = {letter: rng.sample(lines, len(lines)) for letter, lines in LETTERS.items()}
    return "\n".join(left[letter].pop() for letter in slots["word"])


def _is_acrostic(slots: Slots, given: str, output: str) -> bool:
    lines = output.strip().split("\n")
    return (
        [line[:1] for line in lines] == list(slots["word"])
        and len(set(lines)) == len(lines)
        and all(len(line.split()) > 2 for line in lines)
    )


ACROSTIC = Family(
    name="acrostic",
    phrasings=(
        "Write an acrostic on the word {word}, one line per letter, for {owner}.",
        "The first letters of the lines should spell {word}. Make a small poem of this kind for {owner}.",
        "For {owner}: a poem whose lines begin, from top to bottom, with the letters of {word}.",
        "Hide the word {word} in a poem, at the start of each line. It will appear on {owner}.",
        "Spell out {word} downwards in a poem that would look nice on {owner}.",
    ),
    slots={"word": HIDDEN, "owner": OWNERS},
    write=_acrostic,
    check=_is_acrostic,
)

FAMILIES = (HAIKU_FAMILY, ACROSTIC)
