"""What a provider charges for tokens: prices as published or as the user gives them, and what an answer costs by them.

prices = Prices.known()                                   # prices.yaml beside this file, the user's own over it
prices.of("gpt-4o-mini-2024-07-18", "https://api.openai.com/v1")        # Price(input=0.15, output=0.6, …)
prices.of("gpt-4o-mini", "http://127.0.0.1:8000/v1")      # None: somebody's own server is not OpenAI

Nothing is guessed. A model that no row names has no price, and a row counts at its provider's own address only.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from selfinstruct.errors import UsageError, quoted
from selfinstruct.teacher import Response

__all__ = [
    "FREE",
    "OPENAI",
    "TIERS",
    "Price",
    "Prices",
    "Row",
    "address_of",
    "cost",
    "own_file",
    "price_from",
    "usual_file",
]

OPENAI = "https://api.openai.com/v1"
"""Whom a model's name is asked of when no address is given."""

TIERS = ("flex", "priority", "fast", "batch")
"""Service tiers besides the default one that a price may say something about, as OpenAI calls them."""
USUAL = ("", "default", "auto", "standard", "on_demand")
"""What servers call the tier whose price is the price."""

SHAPE = "IN/OUT, IN/CACHED/OUT or IN/CACHED/WRITTEN/OUT in dollars per million tokens, like 0.15/0.60"


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars for a million tokens."""

    input: float
    output: float
    """Thoughts included: every provider bills them as output."""
    cached: float | None = None
    """Of input that is read from the provider's cache; None: as other input."""
    written: float | None = None
    """Of input that is written to its cache; None: as other input."""
    tiers: Mapping[str, Price] = field(default_factory=dict)
    """Of service tiers that have their own. Without a word about it, "batch" is half of everything."""
    above: int = 0
    """Input tokens of a request, the cached ones included, from which on all of it is billed by `long`; 0: never."""
    long: Price | None = None
    strict: bool = False
    """Whether other tiers than the default one, batch and those named are unknown (a published list), or cost the same
    (what a user says that he pays)."""

    def __post_init__(self) -> None:
        for name in ("input", "output", "cached", "written"):
            value = getattr(self, name)
            missing = value is None and name in ("cached", "written")
            if not missing and (isinstance(value, bool) or not isinstance(value, int | float)):
                raise UsageError(f"the price of {name} tokens is {quoted(value)}: give dollars per million")
            if not missing and not 0 <= value < math.inf:
                raise UsageError(f"the price of {name} tokens is {value:g}: give dollars per million, 0 or more")

    def at(self, tier: str) -> Price | None:
        """The price in this service tier; None where it is not known."""
        if tier in self.tiers:
            return self.tiers[tier]
        if tier == "batch":
            return self._half()
        return self if tier in USUAL or not self.strict else None

    def dearest(self, tier: str = "") -> Price:
        """The most that such a request may be billed at: a server may answer in another tier than the one asked for,
        and where none was asked for, in whichever the account is set to. Batch requests are never billed higher."""
        if tier == "batch":
            half = self.tiers.get("batch") or self._half()
            return replace(half, tiers={}).dearest()
        others = () if tier in ("default", "standard", "flex") else set(self.tiers) - {"batch", "flex"}
        of = [self, *(self.tiers[name] for name in others)]
        longs = [price.long.dearest() for price in of if price.long]
        above = min((price.above for price in of if price.long), default=0)
        return replace(_most(of), above=above, long=_most(longs) if longs else None)

    def cost(self, given: int, output: int, cached: int = 0, written: int = 0) -> float:
        """Dollars for so many tokens; `cached` and `written` are parts of `given`."""
        if self.long and given > self.above:
            return self.long.cost(given, output, cached, written)
        cached = min(cached, given)
        written = min(written, given - cached)
        dollars = (given - cached - written) * self.input + output * self.output
        dollars += cached * (self.input if self.cached is None else self.cached)
        dollars += written * (self.input if self.written is None else self.written)
        return dollars / 1e6

    def _half(self) -> Price:
        halves = {name: value / 2 for name in PARTS if (value := getattr(self, name)) is not None}
        return replace(self, **halves, tiers={}, long=self.long and self.long._half())

    def __str__(self) -> str:
        """As --price takes it."""
        parts = [self.input, self.output]
        if self.written is not None:
            parts = [self.input, self.input if self.cached is None else self.cached, self.written, self.output]
        elif self.cached is not None:
            parts = [self.input, self.cached, self.output]
        return "/".join(f"{part:g}" for part in parts)


def _most(prices: Sequence[Price]) -> Price:
    """What tokens cost at most by any of these."""
    given = [price.input if price.written is None else max(price.input, price.written) for price in prices]
    return Price(max(given), max(price.output for price in prices))


PARTS = ("input", "cached", "written", "output")
FREE = Price(0.0, 0.0)


def cost(response: Response, price: Price | None) -> float | None:
    """Dollars of an answer as it was billed: by the tier that it names, and by its usage, where all input is uncached
    that the server says nothing else of. None where the price, the tier's price or the usage is not known.

    What the server itself said that it billed counts before all that.
    """
    if response.cost is not None:
        return response.cost
    billed = price.at(response.tier) if price else None
    given, output = response.input_tokens, response.output_tokens
    if billed is None or given is None or output is None:
        return None
    return billed.cost(given, output, response.cached_tokens or 0, response.written_tokens or 0)


def price_from(value: Any) -> Price:
    """The Price of (in, out) and longer, of "0.15/0.60" and longer, or of a mapping with the fields of a Price.

    Raises UsageError for anything else.
    """
    match value:
        case Price():
            return value
        case str():
            number = r"\d*\.?\d+(?:[eE][+-]?\d+)?"
            if not re.fullmatch(rf"{number}(?:/{number}){{1,3}}", value.strip()):
                raise UsageError(f"a price is {quoted(value)}; it should be {SHAPE}")
            return _from_parts([float(part) for part in value.split("/")])
        case tuple() | list() if 2 <= len(value) <= 4:
            return _from_parts(list(value))
        case Mapping():
            return _from_mapping(value)
    raise UsageError(f"price is {quoted(value)}; it should be two numbers, like (0.15, 0.60): dollars in and out")


def _from_parts(parts: list[float]) -> Price:
    match parts:
        case [given, output]:
            return Price(given, output)
        case [given, cached, output]:
            return Price(given, output, cached)
        case [given, cached, written, output]:
            return Price(given, output, cached, written)
    raise UsageError(f"a price has {len(parts)} parts; it should be {SHAPE}")


def _from_mapping(value: Mapping[str, Any], *, strict: bool = False) -> Price:
    unknown = [name for name in value if name not in (*PARTS, *TIERS, "above", "long")]
    lacking = [name for name in ("input", "output") if name not in value]
    if unknown or lacking:
        what = f"has no {lacking[0]}" if lacking else f"has {quoted(unknown[0])}"
        raise UsageError(f"a price {what}; it has {', '.join(PARTS)} and perhaps {', '.join(TIERS)}, above and long")
    above, long = value.get("above", 0), value.get("long")
    if (long is None) != (above == 0) or isinstance(above, bool) or not isinstance(above, int) or above < 0:
        raise UsageError(f"above is {quoted(above)}: give the tokens from which on the price `long` holds, and that")
    own = {name: value[name] for name in PARTS if name in value}
    tiers = {tier: price_from(value[tier]) for tier in TIERS if tier in value}
    return Price(**own, tiers=tiers, above=above, long=None if long is None else price_from(long), strict=strict)


class Row(NamedTuple):
    """A price in a list of them."""

    model: str
    price: Price
    at: tuple[str, ...] = ()
    """Hosts where it holds; (): anywhere."""
    source: str = ""
    """Where it was published, or the user's file."""
    date: str = ""
    """When it was read there."""
    note: str = ""
    dated: bool = True
    """Whether the name with a date behind it is the same model at the same price."""

    def covers(self, model: str) -> bool:
        """Whether it is the price of a model of this name, wherever that is asked."""
        return self.model == model or (self.dated and self.model == _family(model))

    def holds_at(self, address: str) -> bool:
        """Whether it is a price at this address, a base URL."""
        return not self.at or _host(address) in self.at


@dataclass(frozen=True, slots=True)
class Prices:
    """Lists of prices: the first row that names a model holds, one with its exact name before one with its family's."""

    own: tuple[Row, ...] = ()
    """The user's, before all others."""
    published: tuple[Row, ...] = ()

    @classmethod
    def known(cls) -> Self:
        """What comes with the package, and the user's file. Raises UsageError when that cannot be read."""
        own = own_file()
        return cls(tuple(_rows(own)) if own else (), tuple(_rows(PUBLISHED)))

    def of(self, model: str, address: str) -> Price | None:
        """The price of a model that is asked at this address (a base URL); None when nobody said."""
        row = self.row(model, address)
        return row and row.price

    def row(self, model: str, address: str) -> Row | None:
        """The row that says so."""
        for rows in (self.own, self.published):
            fitting = [row for row in rows if row.covers(model) and row.holds_at(address)]
            if fitting:
                return next((row for row in fitting if row.model == model), fitting[0])
        return None

    def __iter__(self) -> Iterator[Row]:
        return iter((*self.own, *self.published))


PUBLISHED = Path(__file__).with_name("prices.yaml")

_DATED = re.compile(r"(.+)[-@](?:\d{4}-\d{2}-\d{2}|20\d{6})")


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:  # no address: whoever is to ask there says so
        return ""


def _family(model: str) -> str:
    """The name without the date at its end: of gpt-4o-mini-2024-07-18 it is gpt-4o-mini."""
    found = _DATED.fullmatch(model)
    return found[1] if found else model


def address_of(base_url: str | None) -> str:
    """Whom a model is asked of, without what may be secret in a URL: user, password and query."""
    try:
        parts = urlsplit(base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI)
    except ValueError:  # whoever is to ask there says so
        return "an address that is none"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def own_file() -> Path | None:
    """The user's own prices: the file that SELFINSTRUCT_PRICES names, else ~/.config/selfinstruct/prices.yaml if there
    is one (XDG_CONFIG_HOME may say where). Raises UsageError for a name without a file."""
    if named := os.environ.get("SELFINSTRUCT_PRICES"):
        if not os.path.isfile(named):
            raise UsageError(f"SELFINSTRUCT_PRICES is {quoted(named)}, and there is no such file: make it, or unset it")
        return Path(named)
    usual = usual_file()
    return usual if usual.is_file() else None


def usual_file() -> Path:
    """Where a user's prices are looked for when nothing else is said."""
    config = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return Path(config) / "selfinstruct" / "prices.yaml"


def _rows(path: Path) -> Iterator[Row]:
    """The rows of a file: `models` under facts that all of them share, several times over; or models alone."""
    import yaml

    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"cannot read the prices in {path}: {' '.join(str(error).split())}") from None
    blocks = found if isinstance(found, list) else [{"models": found or {}}]
    for block in blocks:
        if not isinstance(block, dict) or not isinstance(block.get("models"), dict):
            raise UsageError(f"{path}: {quoted(block)} should be models with their prices, like gpt-4o: 2.5/1.25/10")
        for model, value in block["models"].items():
            try:
                yield _row(str(model), value, block, str(path))
            except UsageError as error:
                raise UsageError(f"{path}: {model}: {error}") from None


def _row(model: str, value: Any, block: Mapping[str, Any], path: str) -> Row:
    facts = {"source": path} | {name: block[name] for name in FACTS if name in block}
    if isinstance(value, dict):
        facts |= {name: value[name] for name in FACTS if name in value}
        value = {name: part for name, part in value.items() if name not in FACTS}
        price = _from_mapping(value, strict="at" in facts)
    else:
        price = replace(price_from(value), strict="at" in facts)
    at = facts.pop("at", ())
    hosts = tuple(at.lower().split()) if isinstance(at, str) else tuple(str(host).lower() for host in at)
    dated = facts.pop("dated", True) is not False
    return Row(model, price, hosts, dated=dated, **{name: str(fact) for name, fact in facts.items()})


FACTS = ("at", "source", "date", "note", "dated")
