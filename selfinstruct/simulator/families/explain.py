"""Families that explain: why and how everyday things are as they are, as short or as long as asked."""

from __future__ import annotations

from selfinstruct.simulator.contexts import READERS
from selfinstruct.simulator.family import Family, sentences

__all__ = ["FAMILIES"]

# Explanations: the instruction names the subject; each has three sentences, the first of which stands alone.
WHY = {
    "why the sky is blue": (
        "Air scatters blue light far more strongly than red light, so blue reaches our eyes from every direction.",
        "At sunset the light comes a long way through the air, most of the blue is lost on the way, and red remains.",
        "On the Moon, which has no air, the sky is black even by day.",
    ),
    "how soap removes grease": (
        "One end of a soap molecule clings to grease and the other to water, so the grease is wrapped up and "
        "rinsed off.",
        "Water alone cannot do this, because it slides off fat.",
        "Rubbing helps, since it breaks the grease into droplets that are small enough to be wrapped.",
    ),
    "why leaves change colour in autumn": (
        "Trees take back the green chlorophyll from their leaves before winter, and the yellow that it "
        "covered comes to light.",
        "Many reds are made only then, from sugar that stays behind in the leaf.",
        "Sunny days and cool nights make the colours strongest.",
    ),
    "how a vaccine protects us": (
        "A vaccine shows the body a harmless piece or form of a germ, so that it learns to fight the real one.",
        "Memory cells remain afterwards and answer within days instead of weeks.",
        "Some of them fade with the years, which is why certain vaccinations are refreshed.",
    ),
    "what causes the tides": (
        "The Moon pulls on the sea, more strongly on the near side of the Earth than on the far side, and so "
        "two bulges of water arise.",
        "As the Earth turns beneath them, most coasts see high water about twice a day.",
        "The Sun adds its share, so tides are highest at new and full moon.",
    ),
    "why bread goes stale": (
        "The starch in bread slowly becomes crystalline again and binds its water, so that the crumb turns firm.",
        "This happens fastest at the temperature of a refrigerator, which is why bread keeps better in a box.",
        "Toasting melts the crystals and makes an old slice pleasant for a while.",
    ),
    "how a rainbow comes about": (
        "Sunlight is bent as it enters a raindrop, reflected at its back and bent again on leaving, each "
        "colour at an angle of its own.",
        "You see one only with the Sun behind you and rain in front.",
        "A second, fainter bow appears when the light is reflected twice, and its colours are reversed.",
    ),
    "how noise-cancelling headphones work": (
        "A microphone listens to the noise outside, and the headphones play its mirror image, so that the "
        "two cancel out.",
        "Steady sounds such as engines are easy to predict and vanish almost completely.",
        "Voices and sudden bangs change too fast, so part of them is still heard.",
    ),
    "why metal feels colder than wood": (
        "Metal carries heat away from your hand quickly and wood does so slowly, although both have the same "
        "temperature.",
        "What the skin notices is its own loss of heat.",
        "In a sauna it is the other way round, and metal burns where wood is bearable.",
    ),
    "how trees drink water": (
        "Water evaporates from the leaves and pulls the column of water below it up through fine tubes from the roots.",
        "The column holds together because water molecules cling to each other.",
        "A large oak can lift several hundred litres on a summer day.",
    ),
    "why cats purr": (
        "Cats purr when they are content, but also when they are hurt or anxious, so it seems to calm them "
        "as well as us.",
        "The sound comes from the voice box, whose muscles open and close it about twenty-five times a second.",
        "Kittens purr within days of birth, which tells their mother that all is well.",
    ),
    "what inflation is": (
        "Inflation means that prices in general rise, so that the same sum of money buys less than before.",
        "It is measured by the price of a basket of goods that a typical household buys.",
        "A little of it is normal, but a lot of it eats up savings and wages.",
    ),
    "how a compass finds north": (
        "The Earth is a large magnet, and the needle, a small one that can turn freely, lines up with its field.",
        "The magnetic pole is not exactly at the geographic one, so walkers correct by a few degrees.",
        "Iron nearby, such as a belt buckle, leads the needle astray.",
    ),
    "why onions make us cry": (
        "A cut onion releases a gas that turns into a weak acid on the eye, and tears come to rinse it off.",
        "The gas forms only when the cells are broken, so a sharp knife helps.",
        "Chilling the onion first slows the reaction down.",
    ),
    "how birds find their way in autumn": (
        "Migrating birds steer by the Sun, the stars and the Earth's magnetic field, and many know landmarks as well.",
        "Some young birds are born with the direction and set out without their parents.",
        "Under a cloudy sky the magnetic sense takes over.",
    ),
}
SENTENCES = {"one sentence": 1, "two sentences": 2, "three sentences": 3}
LISTENERS = (
    *(
        "a curious neighbour",
        "visitors of an open day",
        "a sceptical grandfather",
        "the pupils of year seven",
        "a night-shift nurse",
    ),
    *(
        "listeners of a local podcast",
        "a friend who hated science",
        "readers of a parish newsletter",
        "a group of hikers",
    ),
    *("a new colleague at the museum", "someone waiting for a bus"),
)
EXPLAIN = Family(
    name="explain",
    phrasings=(
        "Explain {why} to {listener} in {length}.",
        "In {length}, tell {listener} {why}.",
        "I was asked {why}. Suggest a reply of {length} to {listener}.",
        "What would you answer in {length} if asked {why}? The audience is {listener}.",
        "Write {length} for {listener} about {why}.",
        "Can you describe in {length} {why}?",
    ),
    slots={"why": tuple(WHY), "listener": (*LISTENERS, *READERS), "length": tuple(SENTENCES)},
    solve=lambda slots, given: " ".join(WHY[slots["why"]][: SENTENCES[slots["length"]]]),
    check=lambda slots, given, output: len(sentences(output)) == SENTENCES[slots["length"]],
    graded=False,
)

FAMILIES = (EXPLAIN,)
