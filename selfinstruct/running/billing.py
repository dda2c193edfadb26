"""What each model of a run costs: as the user said, else as published for the address that is asked."""

from __future__ import annotations

from collections.abc import Mapping

from selfinstruct.errors import UsageError, quoted
from selfinstruct.running.identity import name_of
from selfinstruct.running.settings import Settings
from selfinstruct.teachers.checking.checker import CHECKER
from selfinstruct.teachers.opening import Answering, is_free
from selfinstruct.teachers.prices import FREE, Price, Prices, address_of

__all__ = ["check_budget", "names_of", "prices_of", "unpriced"]


def prices_of(settings: Settings, asked: Mapping[str, Answering], models: Mapping[str, str]) -> dict[str, Price]:
    """The prices of the models that are asked, by the names that requests have; one that is not there is not known.

    `asked` and `models` are who answers in each role, and what requests to it name. What settings.price says of a model
    holds before what it says of a role, and that before what it says of everybody who costs something; then come the
    user's own list and the published ones. What runs in this process is free.

    Raises UsageError when a price is for nobody, or a model has two.
    """
    given = dict(settings.price or {})
    named = {model: name if isinstance(name := asked[role], str) else model for role, model in models.items()}
    for who in given:
        if who and who not in (*asked, *named, *named.values()):
            there = ", ".join(dict.fromkeys([*asked, *named.values()]))
            raise UsageError(f"--price {who}=…: nobody is called {quoted(who)}; there are {there}")
    nobody_costs = all(is_free(who, settings.base_url) for who in asked.values())
    asked = {role: who for role, who in asked.items() if who != CHECKER}
    found = {CHECKER: FREE} if CHECKER in models.values() else {}
    models = {role: model for role, model in models.items() if role in asked}
    known = Prices.known()
    for role, model in models.items():
        free = is_free(asked[role], settings.base_url)
        # Whoever prices what is free anyway wants to see what it would cost elsewhere.
        usual = given.get("") if nobody_costs or not free else None
        said = given.get(model) or given.get(named[model]) or given.get(role) or usual
        price = said or (FREE if free else known.of(model, address_of(settings.base_url)))
        if price and found.setdefault(model, price) != price:
            raise UsageError(f"two prices of {model}: {found[model]} and {price}; give --price {model}=IN/OUT")
    return found


def unpriced(prices: Mapping[str, Price], models: Mapping[str, str]) -> list[str]:
    """The models whose price is not known."""
    return [model for model in dict.fromkeys(models.values()) if model not in prices]


def check_budget(settings: Settings, prices: Mapping[str, Price], models: Mapping[str, str]) -> None:
    """Raises UsageError when dollars are to be limited that nobody can count."""
    if settings.dollars is None or not (missing := unpriced(prices, models)):
        return
    one = "" if len(set(models.values())) == 1 else f"{missing[0]}="
    raise UsageError(
        f"--budget needs a price, and that of {missing[0]} at {address_of(settings.base_url)} is not known: "
        f"give --price {one}IN/OUT, dollars per million input and output tokens"
    )


def names_of(asked: Mapping[str, Answering]) -> dict[str, str]:
    """What requests name, as far as it can be said before a teacher is opened."""
    return {role: who if isinstance(who, str) else f"function:{name_of(who)}" for role, who in asked.items()}
