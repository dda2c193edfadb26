"""Words that several families draw from. No word stands in two themes, so that an odd one out can be told."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import product

__all__ = [
    "KINDS",
    "NAMES",
    "THEMES",
    "amount",
    "items",
    "money",
    "plain_number",
    "rounded",
    "variants",
    "variants_of",
]

NAMES = (
    *("Amara", "Bruno", "Clara", "Dmitri", "Elena", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Keiko", "Liam"),
    *("Mina", "Nadia", "Oscar", "Priya", "Quentin", "Rosa", "Sven", "Tara", "Umar", "Vera", "Wanda", "Yusuf", "Zoe"),
)

THEMES = {
    "fruits": "apple banana cherry grape kiwi lemon mango papaya peach pear pineapple quince raspberry strawberry",
    "vegetables": "asparagus broccoli cabbage carrot cauliflower celery kale leek onion parsnip pea spinach turnip",
    "trees": "alder ash beech birch cedar elm hazel larch maple oak poplar spruce willow yew",
    "flowers": "aster crocus daffodil dahlia daisy foxglove geranium lupin orchid peony snowdrop sunflower tulip",
    "birds": "blackbird crow eagle finch heron kingfisher lark magpie owl pelican robin sparrow starling stork wren",
    "fish": "anchovy carp cod eel haddock halibut herring mackerel plaice sardine trout tuna turbot",
    "wild animals": "badger bear beaver deer fox hare hedgehog lynx mole otter squirrel weasel wolf",
    "musical instruments": "accordion banjo cello clarinet drum flute guitar harp oboe piano trumpet violin zither",
    "trades": "baker barber blacksmith carpenter cobbler gardener glazier joiner mason plumber tailor weaver",
    "tools": "awl axe chisel drill file hammer pliers rasp saw screwdriver spanner trowel wrench",
    "pieces of furniture": "armchair bed bench bookcase cupboard desk dresser sideboard sofa stool table wardrobe",
    "clothes": "apron belt blouse coat glove hat jacket jumper scarf shirt shoe skirt sock waistcoat",
    "gemstones": "agate amethyst diamond emerald garnet jade onyx opal ruby sapphire topaz zircon",
    "sports": "archery badminton basketball boxing cricket fencing golf hockey judo rowing sailing tennis volleyball",
    "vehicles": "bicycle bus canoe ferry helicopter lorry motorcycle sledge taxi tractor train tram van yacht",
    "parts of a house": "attic balcony cellar chimney corridor gutter hallway kitchen pantry porch roof staircase",
    "rivers": "Amazon Danube Elbe Ganges Loire Mekong Mississippi Niger Nile Rhine Seine Thames Vistula Volga Yangtze",
    "European cities": "Athens Bergen Cologne Dublin Geneva Krakow Lisbon Madrid Naples Oslo Prague Riga Turin Vienna",
    "spices": "aniseed cardamom cinnamon clove coriander cumin ginger nutmeg paprika saffron turmeric vanilla",
    "school subjects": "algebra art biology chemistry drama geography geometry grammar history music physics",
}
"""Kinds of things, in the words of an instruction, and some of each in the singular."""

THEMES_WORDS = {theme: tuple(words.split()) for theme, words in THEMES.items()}
KINDS = tuple(THEMES)


def items(text: str) -> list[str]:
    """The entries of a list as it stands in an input: "oak, ash, elm"."""
    return [item.strip() for item in text.split(",") if item.strip()]


def rounded(value: Fraction | int, digits: int) -> str:
    """Rounded half up, as taught at school, with exactly so many decimals."""
    exact = Fraction(value)
    scaled = Decimal(exact.numerator * 10**digits) / Decimal(exact.denominator)
    whole = int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    if not digits:
        return str(whole)
    sign, figures = "-" if whole < 0 else "", str(abs(whole)).rjust(digits + 1, "0")
    return f"{sign}{figures[:-digits]}.{figures[-digits:]}"


def money(value: Fraction | int) -> str:
    return rounded(value, 2)


def plain_number(value: Fraction | int) -> str:
    """As few decimals as tell the value, at most four: 12, 12.5, 0.0625."""
    text = rounded(value, 4)
    return text.rstrip("0").rstrip(".")


def amount(text: str) -> Fraction:
    """The first number in a text such as "Price: 48.50" or "1,250 m"."""
    found = re.search(r"-?\d[\d,]*(?:\.\d+)?", text)
    if not found:
        raise ValueError(f"no number in {text[:60]!r}")
    return Fraction(found[0].replace(",", ""))


def variants(pattern: str) -> list[str]:
    """Every text that a pattern with alternatives stands for: "(red|blue) car" is "red car" and "blue car"."""
    parts = [part.split("|") for part in re.split(r"\(([^()]*\|[^()]*)\)", pattern)]
    return ["".join(chosen) for chosen in product(*parts)]


def variants_of(*patterns: str) -> tuple[str, ...]:
    """All variants of all patterns."""
    return tuple(text for pattern in patterns for text in variants(pattern))
