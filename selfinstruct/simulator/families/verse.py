"""Families that write verse: haiku and acrostics."""

from __future__ import annotations

import re
from random import Random

from selfinstruct.simulator.contexts import READERS
from selfinstruct.simulator.family import Family, Slots, lines
from selfinstruct.simulator.matching import sounds

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


def _is_haiku(slots: Slots, given: str, output: str) -> bool:
    """Three lines; their syllables count when all of their words are known."""
    found = lines(output)
    words = [re.findall(r"[a-z]+", line.lower()) for line in found]
    if len(found) != 3 or not all(words):
        return False
    known = all(word in SYLLABLES for line in words for word in line)
    return not known or [sum(map(SYLLABLES.__getitem__, line)) for line in words] == [5, 7, 5]


HAIKU_FAMILY = Family(
    name="haiku",
    phrasings=(
        "Write a haiku about {scene} for {reader}.",
        "Compose three lines of five, seven and five syllables on {scene}.",
        "Could you compose a haiku on {scene} for {owner}?",
        "Capture {scene} in a haiku for {reader}.",
        "A haiku for {owner}, please: let it show {scene}.",
        "How would {scene} look in a haiku for {reader}?",
    ),
    slots={"scene": tuple(HAIKU), "owner": OWNERS, "reader": READERS},
    write=_haiku,
    check=_is_haiku,
    graded=False,  # the syllables of other words can't be counted
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
    *("BRIDGE", "CLARA", "GARDEN", "HARBOUR", "HOLIDAY", "LANTERN", "MARKET", "ORCHARD", "RIVER"),
    *("SUMMER", "THANKS", "VIOLIN", "WINTER", "WELCOME", "NEIGHBOUR", "TEACHER", "HEDGEHOG", "SAILOR"),
    *("THUNDER", "MOTHER", "BREAD", "ISLAND", "COUSIN", "DANCER", "PEPPER", "VILLAGE", "CANDLE"),
    *("NURSE", "PIRATE", "MIDNIGHT", "GUITAR", "HAMSTER", "KITCHEN", "LEMON", "MONDAY", "OCEAN"),
    *("PUPPET", "ROBIN", "SILVER", "TROUT", "UMBRELLA", "WALNUT", "YOGHURT", "LIBRARY", "CHESTNUT"),
    *("GRANDPA", "BAKERY", "DRAGON", "COMPASS", "ANCHOR", "BISCUIT", "POSTMAN", "VOLCANO", "HARVEST"),
    *("MIRACLE", "LOBSTER", "KINGDOM", "PENGUIN", "TRUMPET"),
)


def _acrostic(rng: Random, slots: Slots, given: str) -> str:
    left = {letter: rng.sample(lines, len(lines)) for letter, lines in LETTERS.items()}
    return "\n".join(left[letter].pop() for letter in slots["word"])


def _is_acrostic(slots: Slots, given: str, output: str) -> bool:
    """A different line for each letter, of at least two words that may mean something."""
    found = [line.upper() for line in lines(output)]
    return (
        [line[:1] for line in found] == list(slots["word"])
        and len({line.partition(" ")[2] for line in found}) == len(found)
        and all(len(line.split()) > 1 and re.search(r"[A-Z]{3}", line) for line in found)
        and sounds("\n".join(found))
    )


ACROSTIC = Family(
    name="acrostic",
    phrasings=(
        "Write an acrostic on {word} for {reader}.",
        "Let the first letters of lines spell {word}, for {owner}.",
        "For {reader}: a poem whose lines begin with the letters of {word}.",
        "Hide the word {word} at the line starts of a poem for {reader}.",
        "Could {reader} get an acrostic that spells {word}?",
        "Spell {word} downwards, by first letters, in a poem for {owner}.",
        "Compose an acrostic, one line per letter of {word}, to please {reader}.",
    ),
    slots={"word": HIDDEN, "owner": OWNERS, "reader": READERS},
    write=_acrostic,
    check=_is_acrostic,
    graded=False,  # whether lines make a poem no rule can tell
)

FAMILIES = (HAIKU_FAMILY, ACROSTIC)
