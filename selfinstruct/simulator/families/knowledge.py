"""Families that ask what one knows or can look up: inventions, money, units, rubbish, diets, instruments, codes."""

from __future__ import annotations

import re
from random import Random

from selfinstruct.simulator.contexts import FIRMS, PUZZLES, READERS
from selfinstruct.simulator.endings import LABEL, LIST
from selfinstruct.simulator.family import Family, Slots
from selfinstruct.simulator.matching import says
from selfinstruct.simulator.vocabulary import items

__all__ = ["FAMILIES"]

YEARS = {
    "Gutenberg's printed Bible": 1455,
    "Columbus's first voyage to America": 1492,
    "the publication of Newton's Principia": 1687,
    "the start of the French Revolution": 1789,
    "Volta's electric battery": 1800,
    "the battle of Waterloo": 1815,
    "Darwin's Origin of Species": 1859,
    "Bell's patent of the telephone": 1876,
    "the completion of the Eiffel Tower": 1889,
    "the Wright brothers' first powered flight": 1903,
    "the sinking of the Titanic": 1912,
    "Fleming's discovery of penicillin": 1928,
    "the first ascent of Mount Everest": 1953,
    "the launch of Sputnik 1": 1957,
    "the first Moon landing": 1969,
    "the fall of the Berlin Wall": 1989,
}
ORDER = {"earliest first": 1, "latest first": -1}
HISTORY = Family(
    name="chronology",
    phrasings=(
        "Put the events in order, {order}, for {reader}.",
        "Arrange these moments of history {order}, for {puzzle}.",
        "For {puzzle}, list what happened {order}.",
        "Which came when? Sort them {order} for {reader}.",
        "Line up the historical events, {order}, to help {reader}.",
    ),
    slots={"order": tuple(ORDER), "reader": READERS, "puzzle": PUZZLES},
    draw=lambda rng, slots: ", ".join(rng.sample(tuple(YEARS), 3)),
    solve=lambda slots, given: ", ".join(sorted(items(given), key=lambda event: ORDER[slots["order"]] * YEARS[event])),
    endings=LIST,
)

_CURRENCIES = (
    "Japan:yen India:Indian_rupee Poland:zloty Hungary:forint Czechia:Czech_koruna Switzerland:Swiss_franc Brazil:real "
    "Mexico:Mexican_peso Thailand:baht Vietnam:dong Turkey:Turkish_lira Nigeria:naira "
    "Kenya:Kenyan_shilling Ghana:cedi Egypt:Egyptian_pound Morocco:Moroccan_dirham Iceland:Icelandic_krona "
    "Norway:Norwegian_krone Sweden:Swedish_krona Denmark:Danish_krone Ukraine:hryvnia Peru:sol Mongolia:tugrik "
    "Bangladesh:taka Georgia:lari Armenia:dram Guatemala:quetzal Paraguay:guarani Germany:euro Finland:euro Spain:euro"
)
CURRENCIES = dict(row.replace("_", " ").split(":") for row in _CURRENCIES.split())


def _same_money(answer: str, right: str, free: bool) -> bool:
    """ "peso", and "pesos", will do for "Mexican peso"; "Chilean peso" won't."""
    if says(answer, right, free):
        return True
    names, wanted = (re.split(r"\s*[,;\n]\s*|\s+and\s+", text.strip(" .").lower()) for text in (answer, right))
    return len(names) == len(wanted) and all(
        name.removesuffix("s") in (full, full.split()[-1]) for name, full in zip(names, wanted, strict=True)
    )


CURRENCY = Family(
    name="currencies",
    phrasings=(
        "Name the currency of each country, for {firm}.",
        "With what money does one pay there? It's for {reader}.",
        "Which currencies belong to these countries? Answer for {reader}.",
        "For {puzzle}: the legal tender of every country, in order.",
        "Match each country with its currency for {firm}.",
        "List the national currencies to be found there, for {puzzle}.",
    ),
    slots={"firm": FIRMS, "reader": READERS, "puzzle": PUZZLES},
    draw=lambda rng, slots: ", ".join(rng.sample(tuple(CURRENCIES), rng.randint(2, 4))),
    solve=lambda slots, given: ", ".join(CURRENCIES[land] for land in items(given)),
    compare=_same_money,
    endings=LIST,
)

QUANTITIES = {
    "length": "metre inch mile centimetre light-year fathom",
    "mass": "gram kilogram ounce tonne pound carat",
    "time": "second hour fortnight century minute millisecond",
    "temperature": "kelvin degree_Celsius degree_Fahrenheit",
    "volume": "litre pint gallon millilitre cubic_metre",
    "electric current": "ampere milliampere",
    "energy": "joule calorie kilowatt-hour electronvolt",
    "power": "watt horsepower kilowatt megawatt",
    "pressure": "pascal bar hectopascal atmosphere",
}
QUANTITY_OF = {unit.replace("_", " "): what for what, units in QUANTITIES.items() for unit in units.split()}
KINDS_OF_QUANTITY = (
    "length, mass or time",
    "temperature, pressure or energy",
    "volume, power or electric current",
    "energy, mass or pressure",
    "time, volume or power",
    "length, energy or temperature",
)
QUANTITY = Family(
    name="unit_of_what",
    phrasings=(
        "What does the unit measure: {options}? I ask for {reader}.",
        "For {firm}, tell the quantity behind the unit: {options}.",
        "Label the unit with one of {options}, for {puzzle}.",
        "Which is stated in this unit, {options}? It's for {firm}.",
        "Sort the unit by its quantity ({options}) for {reader}.",
    ),
    slots={"reader": READERS, "firm": FIRMS, "puzzle": PUZZLES, "options": tuple(KINDS_OF_QUANTITY)},
    draw=lambda rng, slots: rng.choice([unit for unit, what in QUANTITY_OF.items() if what in slots["options"]]),
    solve=lambda slots, given: QUANTITY_OF[given],
    classification=True,
    endings=LABEL,
)

BINS = {
    "glass": "empty jam jar, green wine bottle, broken-necked perfume bottle, honey jar, olive oil bottle",
    "paper": "old newspaper, cardboard box, used envelope, torn notebook, flyer, egg carton",
    "organic": "apple core, coffee grounds, potato peel, wilted tulips, egg shells, banana skin",
    "metal": "tin can, drinks can, rusty nail, aluminium foil, jar lid, bent fork",
    "textiles": "outgrown coat, single sock, worn bedsheet, moth-eaten scarf, wool jumper",
}
BIN_OF = {thing: bin for bin, things in BINS.items() for thing in things.split(", ")}
RUBBISH = Family(
    name="waste_sorting",
    phrasings=(
        "Glass, paper, organic, metal or textiles: which container is it? I ask for {reader}.",
        "Where does this rubbish go: glass, paper, organic, metal or textiles? It's for {firm}.",
        "Sort the waste into glass, paper, organic, metal or textiles, for {firm}.",
        "Tell {reader} the right bin (glass, paper, organic, metal, textiles).",
        "For {reader}: is it glass, paper, organic, metal or textiles?",
    ),
    slots={"reader": READERS, "firm": FIRMS},
    draw=lambda rng, slots: rng.choice(tuple(BIN_OF)),
    solve=lambda slots, given: BIN_OF[given],
    classification=True,
    endings=LABEL,
)

MEAT = ("bacon", "chicken stock", "minced beef", "anchovies", "smoked ham", "tuna", "gelatine")
ANIMAL = ("butter", "eggs", "cream", "honey", "sour cream", "yogurt", "milk")
PLANTS = ("lentils", "spinach", "rice", "olive oil", "garlic", "tomatoes", "potatoes", "chickpeas", "lemon", "walnuts")


def _menu(rng: Random, slots: Slots) -> str:
    kind = rng.randrange(3)
    parts = rng.sample(PLANTS, 3)
    parts += rng.sample(ANIMAL, 1) if kind == 1 else [rng.choice(MEAT), rng.choice(ANIMAL)] if kind == 2 else []
    rng.shuffle(parts)
    return ", ".join(parts)


def _diet(slots: Slots, given: str) -> str:
    parts = items(given)
    return "neither" if set(parts) & set(MEAT) else "vegetarian" if set(parts) & set(ANIMAL) else "vegan"


DIET = Family(
    name="diet",
    phrasings=(
        "Vegan, vegetarian or neither? Judge the ingredients for {reader}.",
        "Label the dish as vegan, vegetarian or neither, for {reader}.",
        "Is a dish of these ingredients vegan, vegetarian or neither, for {firm}?",
        "For {firm}, mark the ingredient list vegan, vegetarian or neither.",
        "What may {reader} call it: vegan, vegetarian or neither?",
    ),
    slots={"reader": READERS, "firm": FIRMS},
    draw=_menu,
    solve=_diet,
    classification=True,
    endings=LABEL,
)

ORCHESTRA = {
    "strings": "violin cello viola double_bass harp lute mandolin",
    "woodwind": "flute oboe clarinet bassoon piccolo recorder",
    "brass": "trumpet trombone tuba french_horn cornet bugle",
    "percussion": "drum cymbals triangle xylophone tambourine timpani gong",
}
SECTION_OF = {name.replace("_", " "): part for part, names in ORCHESTRA.items() for name in names.split()}
SECTION = Family(
    name="instruments",
    phrasings=(
        "Strings, woodwind, brass or percussion? Seat the instrument for {reader}.",
        "To which group does it belong, for {puzzle}: strings, woodwind, brass or percussion?",
        "Classify an instrument as strings, woodwind, brass or percussion, for {puzzle}.",
        "For {reader}: is it among the strings, woodwind, brass or percussion?",
        "Tag the instrument (strings, woodwind, brass, percussion) in a list for {firm}.",
    ),
    slots={"reader": READERS, "puzzle": PUZZLES, "firm": FIRMS},
    draw=lambda rng, slots: rng.choice(tuple(SECTION_OF)),
    solve=lambda slots, given: SECTION_OF[given],
    classification=True,
    endings=LABEL,
)

STATUS = {
    "200": "OK", "201": "Created", "204": "No Content", "301": "Moved Permanently", "304": "Not Modified",
    "400": "Bad Request", "401": "Unauthorized", "403": "Forbidden", "404": "Not Found", "405": "Method Not Allowed",
    "409": "Conflict", "410": "Gone", "429": "Too Many Requests", "500": "Internal Server Error",
    "502": "Bad Gateway", "503": "Service Unavailable", "504": "Gateway Timeout",
}  # fmt: skip
HTTP = Family(
    name="http_status",
    phrasings=(
        "What do the HTTP status codes stand for? They are in a log for {firm}.",
        "Translate HTTP codes into their official phrases for {reader}.",
        "For {firm}, name the reason phrase of each HTTP status.",
        "Decode the HTTP responses for {reader}: standard phrases only.",
        "Give the standard meaning of these HTTP numbers, for {firm}.",
    ),
    slots={"firm": FIRMS, "reader": READERS},
    draw=lambda rng, slots: ", ".join(rng.sample(tuple(STATUS), rng.randint(2, 3))),
    solve=lambda slots, given: ", ".join(STATUS[code] for code in items(given)),
    endings=LIST,
)

FAMILIES = (HISTORY, CURRENCY, QUANTITY, RUBBISH, DIET, SECTION, HTTP)
