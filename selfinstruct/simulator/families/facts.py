"""Families about the world: countries, elements, planets, animals, and short explanations of everyday science."""

from __future__ import annotations

from collections.abc import Callable

from selfinstruct.simulator.contexts import PUZZLES, READERS
from selfinstruct.simulator.endings import ITEM, LABEL, LIST
from selfinstruct.simulator.family import Family
from selfinstruct.simulator.matching import exactly
from selfinstruct.simulator.vocabulary import items

__all__ = ["FAMILIES"]

CAPITALS = {
    "Europe": (
        "Austria-Vienna Belgium-Brussels Bulgaria-Sofia Croatia-Zagreb Denmark-Copenhagen Estonia-Tallinn "
        "Finland-Helsinki "
        "France-Paris Germany-Berlin Greece-Athens Hungary-Budapest Iceland-Reykjavik Ireland-Dublin "
        "Italy-Rome Latvia-Riga "
        "Lithuania-Vilnius Norway-Oslo Poland-Warsaw Portugal-Lisbon Romania-Bucharest Serbia-Belgrade "
        "Slovenia-Ljubljana "
        "Spain-Madrid Sweden-Stockholm Switzerland-Bern Ukraine-Kyiv"
    ),
    "Africa": (
        "Algeria-Algiers Angola-Luanda Botswana-Gaborone Egypt-Cairo Ethiopia-Addis_Ababa Ghana-Accra Kenya-Nairobi "
        "Madagascar-Antananarivo Mali-Bamako Morocco-Rabat Mozambique-Maputo Namibia-Windhoek Nigeria-Abuja "
        "Rwanda-Kigali "
        "Senegal-Dakar Tunisia-Tunis Uganda-Kampala Zambia-Lusaka Zimbabwe-Harare"
    ),
    "Asia": (
        "Bangladesh-Dhaka Bhutan-Thimphu Cambodia-Phnom_Penh China-Beijing India-New_Delhi Iran-Tehran Iraq-Baghdad "
        "Japan-Tokyo Jordan-Amman Laos-Vientiane Lebanon-Beirut Mongolia-Ulaanbaatar Nepal-Kathmandu Oman-Muscat "
        "Pakistan-Islamabad Thailand-Bangkok Uzbekistan-Tashkent Vietnam-Hanoi"
    ),
    "South America": (
        "Argentina-Buenos_Aires Brazil-Brasilia Chile-Santiago Colombia-Bogota Ecuador-Quito Guyana-Georgetown "
        "Paraguay-Asuncion Peru-Lima Suriname-Paramaribo Uruguay-Montevideo Venezuela-Caracas"
    ),
    "North America": (
        "Canada-Ottawa Costa_Rica-San_Jose Cuba-Havana Guatemala-Guatemala_City Haiti-Port-au-Prince "
        "Honduras-Tegucigalpa "
        "Jamaica-Kingston Mexico-Mexico_City Nicaragua-Managua Panama-Panama_City"
    ),
}
_PLACES = [
    (*pair.replace("_", " ").split("-", 1), where) for where, pairs in CAPITALS.items() for pair in pairs.split()
]
CAPITAL_OF = {land: city for land, city, _ in _PLACES}
CONTINENT_OF = {land: where for land, _, where in _PLACES}
LAND_OF = {city: land for land, city in CAPITAL_OF.items()}

ERRANDS = (
    *("a geography bee", "addressing letters to embassies", "a board game about travel", "a class on the atlas"),
    *(
        "the stamps in an album",
        "a collection of coins",
        "the teams of a football tournament",
        "an airline's timetable",
    ),
    *("a crossword with flags", "labels on spice jars", "a pen-friend exchange", "the programme of a film festival"),
)
CAPITAL = Family(
    name="capitals",
    phrasings=(
        "Name the capital of each country, for {errand}.",
        "What are the capitals of these countries? It's for {errand}.",
        "Write down the capital cities in order for {errand}.",
        "Replace every country by its capital; it is for {errand}.",
        "For {errand}: which cities govern these countries?",
        "Match each state with its capital for {errand}.",
    ),
    slots={"errand": (*ERRANDS, *PUZZLES)},
    draw=lambda rng, slots: ", ".join(rng.sample(tuple(CAPITAL_OF), rng.randint(2, 4))),
    solve=lambda slots, given: ", ".join(CAPITAL_OF[land] for land in items(given)),
    endings=LIST,
)
LAND = Family(
    name="country_of_capital",
    phrasings=(
        "Which country has this city as its capital? It's for {errand}.",
        "Name the country that belongs to the capital, for {errand}.",
        "Go from capital to country, for {errand}.",
        "Of what state is this the capital? I ask for {errand}.",
        "For {errand}: whose capital is it?",
        "Identify the country governed from here, for {errand}.",
    ),
    slots={"errand": (*ERRANDS, *PUZZLES)},
    draw=lambda rng, slots: rng.choice([city for city, land in LAND_OF.items() if land not in city]),
    solve=lambda slots, given: LAND_OF[given],
    endings=ITEM,
)
CONTINENT = Family(
    name="continent",
    phrasings=(
        "Europe, Africa, Asia, South America or North America? Sort the country for {errand}.",
        "Where is it, in Europe, Africa, Asia, South America or North America? I ask for {errand}.",
        "Assign a continent (Europe, Africa, Asia, North America, South America) for {errand}.",
        "For {errand}, tell the country's continent: Europe, Africa, Asia, North America or South America.",
        "Label the country by continent (Europe, Africa, Asia, South America, North America), for {errand}.",
    ),
    slots={"errand": (*ERRANDS, *PUZZLES)},
    draw=lambda rng, slots: rng.choice(tuple(CONTINENT_OF)),
    solve=lambda slots, given: CONTINENT_OF[given],
    classification=True,
    endings=LABEL,
)

_ELEMENTS = (
    "1-hydrogen-H 2-helium-He 3-lithium-Li 4-beryllium-Be 5-boron-B 6-carbon-C 7-nitrogen-N 8-oxygen-O "
    "9-fluorine-F 10-neon-Ne 11-sodium-Na 12-magnesium-Mg 13-aluminium-Al 14-silicon-Si 15-phosphorus-P "
    "16-sulphur-S 17-chlorine-Cl 18-argon-Ar 19-potassium-K 20-calcium-Ca 22-titanium-Ti 24-chromium-Cr "
    "25-manganese-Mn 26-iron-Fe 27-cobalt-Co 28-nickel-Ni 29-copper-Cu 30-zinc-Zn 47-silver-Ag 50-tin-Sn "
    "53-iodine-I 74-tungsten-W 78-platinum-Pt 79-gold-Au 80-mercury-Hg 82-lead-Pb 92-uranium-U"
)
ELEMENTS = {name: (symbol, number) for number, name, symbol in (row.split("-") for row in _ELEMENTS.split())}
ASKED_OF_ELEMENTS: dict[str, Callable[[str], str]] = {
    "the chemical symbol": lambda name: ELEMENTS[name][0],
    "the atomic number": lambda name: ELEMENTS[name][1],
    "the symbol followed by the atomic number (such as H1)": lambda name: f"{ELEMENTS[name][0]}{ELEMENTS[name][1]}",
}
LABS = (
    *(
        "the shelves of a chemistry room",
        "a memory card game",
        "a tattoo artist's sketch",
        "a poster on the periodic table",
    ),
    *(
        "bottles in a museum of pharmacy",
        "an escape room with test tubes",
        "a metal dealer's price list",
        "a science rap",
    ),
    *("the seating plan of a chemists' dinner",),
)
ELEMENT = Family(
    name="elements",
    phrasings=(
        "Give {what} of each element, for {lab}.",
        "For {lab} we need {what} of these elements.",
        "Write {what} of every substance, for {lab}.",
        "What is {what} in each case? It's for {lab}.",
        "List {what} for the chemical elements, for {lab}.",
        "Look up {what} of each, for {lab}.",
    ),
    slots={"what": tuple(ASKED_OF_ELEMENTS), "lab": (*LABS, *PUZZLES)},
    draw=lambda rng, slots: ", ".join(rng.sample(tuple(ELEMENTS), 3)),
    solve=lambda slots, given: ", ".join(ASKED_OF_ELEMENTS[slots["what"]](name) for name in items(given)),
    compare=exactly,
    endings=LIST,
)

PLANETS = ["Mercury", "Venus", "Earth", "Mars", "Jupiter", "Saturn", "Uranus", "Neptune"]
BY_SIZE = ["Jupiter", "Saturn", "Uranus", "Neptune", "Earth", "Venus", "Mars", "Mercury"]
PLANET_ORDERS = {
    "from the one nearest to the Sun outwards": PLANETS,
    "from the farthest from the Sun inwards": PLANETS[::-1],
    "by diameter, largest first": BY_SIZE,
    "by diameter, smallest first": BY_SIZE[::-1],
    "from the shortest year to the longest": PLANETS,
}
SKIES = (
    *(
        "a mobile above a cot",
        "a planetarium ticket",
        "a school play about space",
        "a row of painted stones",
        "a brass orrery",
    ),
    *("the beads of a necklace", "a lesson on orbits", "a hopscotch court", "an astronomer's birthday cake"),
)
PLANET = Family(
    name="planets",
    phrasings=(
        "Order these planets {order}, for {sky}.",
        "Line up the planets {order}, for {sky}.",
        "For {sky}, sort the planets {order}.",
        "How must the planets be arranged {order}? It's for {sky}.",
        "Put the heavenly bodies in sequence, {order}, for {sky}.",
        "List the planets {order}; this is for {sky}.",
    ),
    slots={"order": tuple(PLANET_ORDERS), "sky": (*SKIES, *PUZZLES)},
    draw=lambda rng, slots: ", ".join(rng.sample(PLANETS, rng.randint(3, 5))),
    solve=lambda slots, given: ", ".join(p for p in PLANET_ORDERS[slots["order"]] if p in items(given)),
    endings=LIST,
)

ANIMALS = {
    "mammal": "bat dolphin hedgehog kangaroo otter whale elephant mole seal squirrel",
    "bird": "penguin ostrich owl heron sparrow eagle pelican kiwi swan stork",
    "reptile": "crocodile gecko tortoise cobra iguana viper chameleon",
    "amphibian": "frog newt toad salamander",
    "fish": "salmon shark trout seahorse eel tuna cod",
    "insect": "ant beetle butterfly dragonfly honeybee ladybird mosquito",
}
CLASS_OF = {animal: kind for kind, animals in ANIMALS.items() for animal in animals.split()}
ZOOS = (
    *(
        "a wildlife rescue centre",
        "the drawers of a natural history museum",
        "a children's encyclopedia",
        "a zoo's new signposts",
    ),
    *(
        "a veterinarian's card index",
        "a nature trail",
        "a card game with animals",
        "a biology test",
        "a toy shop's shelves",
    ),
)
ANIMAL = Family(
    name="animal_class",
    phrasings=(
        "Mammal, bird, reptile, amphibian, fish or insect? Classify it for {zoo}.",
        "Label the creature (mammal, bird, reptile, amphibian, fish, insect) for {zoo}.",
        "For {zoo}: is it a mammal, bird, reptile, amphibian, fish or insect?",
        "Name the animal's class for {zoo}, from mammal, bird, reptile, amphibian, fish and insect.",
        "Is this a mammal, bird, reptile, amphibian, fish or insect? It's for {zoo}.",
    ),
    slots={"zoo": (*ZOOS, *READERS)},
    draw=lambda rng, slots: rng.choice(tuple(CLASS_OF)),
    solve=lambda slots, given: CLASS_OF[given],
    classification=True,
    endings=LABEL,
)

STATEMENTS = {
    "The Moon shines by reflecting sunlight.": True,
    "An octopus has eight arms.": True,
    "Penguins live at the North Pole.": False,
    "Mount Everest lies in the Himalayas.": True,
    "A triangle has four sides.": False,
    "Salt dissolves in water.": True,
    "Iron is attracted by magnets.": True,
    "Spring follows winter.": True,
    "The human body has two lungs.": True,
    "The Danube flows into the Atlantic.": False,
    "Copper conducts electricity.": True,
    "A leap year has 365 days.": False,
    "Rome is the capital of Italy.": True,
    "Sharks are mammals.": False,
    "Snakes have eyelids.": False,
    "Light travels faster than sound.": True,
    "Seven times eight is fifty-four.": False,
    "Jupiter is the largest planet of the solar system.": True,
    "Mushrooms are plants.": False,
    "Paper is usually made from wood.": True,
    "A kilometre is longer than a mile.": False,
    "The sum of the angles of a flat triangle is 180 degrees.": True,
    "Tadpoles grow into lizards.": False,
    "Sound travels faster through water than through air.": True,
    "A spider is an insect.": False,
    "Bread dough rises because yeast gives off carbon dioxide.": True,
    "Lightning always strikes the same place only once.": False,
    "The Pacific is the largest ocean.": True,
    "Water boils at a lower temperature on a high mountain than at sea level.": True,
    "The Great Wall of China can easily be seen from the Moon.": False,
    "A tomato is, botanically, a fruit.": True,
    "Bats are birds.": False,
    "An hour has 3,600 seconds.": True,
    "Diamonds are made of carbon.": True,
    "The heart of an adult beats about five times a minute at rest.": False,
    "Antarctica is a continent.": True,
    "Plants take in carbon dioxide for photosynthesis.": True,
    "Gold is lighter than aluminium, volume for volume.": False,
    "The Nile flows through Brazil.": False,
    "Honey is made by bees.": True,
    "Ice is denser than liquid water.": False,
    "A square is also a rectangle.": True,
    "Venus is farther from the Sun than Mars.": False,
    "Whales breathe air.": True,
    "Glass is mostly made from sand.": True,
    "The Earth goes once around the Sun in about a month.": False,
}
CLAIMANTS = (
    *(
        "a tour guide",
        "my chatty barber",
        "a ten-year-old at dinner",
        "a parrot on the radio",
        "a taxi driver at night",
    ),
    *("an old almanac", "a cereal box", "the host of a quiz show", "a poster in the waiting room", "a pupil's essay"),
    *("somebody on the bus", "a fortune teller"),
)
CLAIM = Family(
    name="true_or_false",
    phrasings=(
        "This is what {claimant} said. Is it {labels}?",
        "Judge a claim by {claimant} as {labels}.",
        "I heard this from {claimant}; check it and reply {labels}.",
        "Can {claimant} be believed? Mark the sentence as {labels}.",
        "Call it {labels}: {claimant} said so.",
        "For {puzzle}, is the statement {labels}?",
        "Fact-check one sentence for {puzzle}: {labels}?",
        "Rate the statement as {labels}, for {puzzle}.",
    ),
    slots={"puzzle": PUZZLES, "claimant": CLAIMANTS, "labels": ("true or false", "fact or myth", "correct or wrong")},
    draw=lambda rng, slots: rng.choice(tuple(STATEMENTS)),
    solve=lambda slots, given: slots["labels"].split(" or ")[not STATEMENTS[given]],
    classification=True,
    endings=LABEL,
)

FAMILIES = (CAPITAL, LAND, CONTINENT, ELEMENT, PLANET, ANIMAL, CLAIM)
