"""Filters as a recipe, a mixture or a command line lists them, read into objects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from selfinstruct.errors import UsageError, quoted
from selfinstruct.filters import FILTERS, Filter
from selfinstruct.filters.parts import EVERYWHERE
from selfinstruct.filters.words import Words
from selfinstruct.reviewing.exports import review_of
from selfinstruct.running.evaluations import overlap_of
from selfinstruct.running.options import beside, one_of, options_of, with_options
from selfinstruct.running.recipe import Recipe

__all__ = ["decontaminated", "drop_from"]


def drop_from(source: Any, language: str = "en", folder: Path | None = None) -> tuple[Filter, ...]:
    """Filters as a recipe lists them: a name, {name: value of its first option}, or {name: {option: value}}.

    folder      of the recipe, beside which files that they name are looked for
    """
    if not isinstance(source, list):
        raise UsageError(f"drop is {quoted(source)}; it should be a list, like [length, {{novelty: 0.7}}]")
    filters = []
    for entry in source:
        name, value = next(iter(entry.items())) if isinstance(entry, dict) and len(entry) == 1 else (entry, {})
        one_of(name, FILTERS, "no filter")
        make = READ.get(name) or FILTERS[name]
        options = value if isinstance(value, dict) else _first(make, name, value)
        filters.append(with_options(make, options, name, language=language, folder=folder))
    return tuple(filters)


def words_of(file: str = "", words: tuple[str, ...] = (), where: str = EVERYWHERE, folder: Path | None = None) -> Words:
    """The filter `words` of a file beside the recipe."""
    return Words(beside(folder, file), words, where)


READ: dict[str, Callable[..., Filter]] = {"overlap": overlap_of, "review": review_of, "words": words_of}
"""What makes a filter of files that it names: filters do not know where a recipe lies, nor how rows are read."""


def _first(make: Callable[..., Filter], name: str, value: Any) -> dict[str, Any]:
    """The value as that of the filter's first option; a list, of the first that is one, as in words=[a, b]."""
    options = options_of(make)
    if not options:
        raise UsageError(f"the filter '{name}' has no options, but it was given {quoted(value)}")
    lists = (option for option, each in options.items() if type(each.default) is tuple)
    first = next(iter(options))
    return {next(lists, first) if isinstance(value, list) else first: value}


def decontaminated(recipe: Recipe, against: str | Path | Sequence[str | Path]) -> Recipe:
    """The recipe without tasks that are in an evaluation: dropped where they are made, before anybody is paid for their
    answers, and once more with these. Raises UsageError.
    """
    names = list(against) if isinstance(against, list | tuple) else [against]
    drop = drop_from([{"overlap": [str(name) if isinstance(name, Path) else name for name in names]}])
    ends = {0, len(recipe.steps) - 1}
    steps = [
        replace(step, drop=(*step.drop, *drop)) if number in ends else step for number, step in enumerate(recipe.steps)
    ]
    return replace(recipe, steps=tuple(steps))
