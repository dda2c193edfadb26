"""Axes: what new tasks are to be about, drawn by weight from lists or trees that somebody wrote (docs/axes.md).

    axes:
      topic:
        cooking: {baking: [bread, cakes], preserving: 2}
        law: 2
      difficulty: {easy: 1, hard: "an expert has to think about it"}

A leaf's number is its weight, 1 where none is given; a text says what the leaf means, and is shown to the teacher. A
branch is drawn as often as its leaves together. A value is the path to a leaf, like cooking/baking/bread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import accumulate
from math import isfinite
from pathlib import Path
from random import Random
from typing import Any

from selfinstruct.errors import UsageError, quoted
from selfinstruct.stages.reading.plain import one_line
from selfinstruct.yaml_text import yaml_of

__all__ = ["NO_AXES", "PARTED", "Axes", "axes_from", "axes_in", "axes_of"]

PARTED = "/"
"""Between the branches of a value."""
LARGEST = 4_000_000
"""Bytes of a file of axes: a hundred thousand values."""
DEEPEST = 20
LONGEST = 300
"""Characters of a name or of what it means: every request shows some."""
BLOCK = 10_000
"""Draws that are balanced together at most: weights of 1 and 20,000 are so only in the long run."""
GOLDEN = 0.6180339887498949
LIKE = "like {topic: [bread, law], difficulty: {easy: 1, hard: 2}}"

Values = tuple[tuple[str, int | float | str], ...]
"""Of an axis, sorted: each with its weight, or with what it means."""


@dataclass(frozen=True, slots=True)
class Axes(Mapping[str, Mapping[str, int | float | str]]):
    """Axes by name, each with its values. Those of the same names, values and weights are equal, whatever their order,
    and draw the same."""

    named: tuple[tuple[str, Values], ...] = ()
    seed: int = field(default=0, compare=False)
    """Of the run: in which order the values come."""
    number: int = field(default=0, compare=False)
    """Of the draft that is drawn for, from 0 on."""

    def __getitem__(self, name: str) -> Mapping[str, int | float | str]:
        return dict(dict(self.named)[name])

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.named)

    def __len__(self) -> int:
        return len(self.named)

    def at(self, number: int) -> Axes:
        """The axes as the draft of that number is drawn for."""
        return replace(self, number=number)

    def drawn(self, many: int) -> list[dict[str, str]]:
        """For each of so many tasks of the draft a value of every axis; none without axes.

        By weight and in balance: of 100 values of one weight each comes once in every 100 tasks in a row, counted over
        the drafts. Each axis in an order of its own, so that all its values meet those of the others.
        """
        first = self.number * many
        columns = [(name, _drawn(values, f"{self.seed}/{name}", first, many)) for name, values in self.named]
        return [{name: column[at] for name, column in columns} for at in range(many if columns else 0)]

    def meaning(self, name: str, value: str) -> str:
        """What the value was said to mean; "" without it."""
        said = self[name].get(value)
        return said if isinstance(said, str) else ""


NO_AXES = Axes()


def _drawn(values: Values, stream: str, first: int, many: int) -> list[str]:
    size = _size(values)
    blocks = {block: _block(values, stream, block) for block in range(first // size, (first + many - 1) // size + 1)}
    return [blocks[at // size][at % size] for at in range(first, first + many)]


def _weight(said: int | float | str) -> float:
    return 1 if isinstance(said, str) else said


@lru_cache(64)
def _size(values: Values) -> int:
    """Draws in which each value has its share, as far as whole numbers can have it."""
    weights = [weight for _, said in values if (weight := _weight(said))]
    return max(len(weights), min(round(sum(weights) / min(weights)), BLOCK))


@lru_cache(64)
def _block(values: Values, stream: str, block: int) -> tuple[str, ...]:
    """The values of as many draws as `_size` says, shuffled: a systematic sample, so that none is off by one or more.

    Where a share is no whole number, a low-discrepancy start makes up for it over the blocks.
    """
    start = (Random(stream).random() + block * GOLDEN) % 1
    size, ends = _size(values), list(accumulate(_weight(said) for _, said in values))
    found, at = list[str](), 0
    for draw in range(size):
        point = (draw + start) * ends[-1] / size
        while at < len(ends) - 1 and ends[at] <= point:
            at += 1
        found.append(values[at][0])
    Random(f"{stream}/{block}").shuffle(found)
    return tuple(found)


def axes_in(path: str | Path) -> Axes:
    """The axes in a YAML file, perhaps under the key `axes`. Raises UsageError for what is none."""
    try:
        if (size := Path(path).stat().st_size) > LARGEST:
            raise UsageError(f"{path} has {size:,} bytes: axes are a YAML file of at most {LARGEST:,}")
        source = yaml_of(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        why = "not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror or error
        raise UsageError(f"cannot read the axes in {path}: {why}") from None
    except ValueError as error:
        raise UsageError(f"{path} is not YAML: {error}") from None
    try:
        return axes_of(source)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def axes_from(given: Any) -> Axes:
    """The axes of a file, or those that stand there. Raises UsageError."""
    return axes_in(given) if isinstance(given, str | Path) else axes_of(given)


def axes_of(source: Any) -> Axes:
    """The axes as Python or YAML has them: by name, each a list or a tree of values. Raises UsageError."""
    if isinstance(source, Axes):
        return source
    if isinstance(source, Mapping) and list(source) == ["axes"] and isinstance(source["axes"], Mapping):
        source = source["axes"]
    if not isinstance(source, Mapping) or not source:
        raise UsageError(f"axes is {quoted(source)}; it should be {LIKE}")
    named: dict[str, Values] = {}
    for key, below in source.items():
        name = _name(key, "axes")
        if not isinstance(below, Mapping | list | tuple):
            raise UsageError(f"axes: {name} is {quoted(below)}; it should be a list or a tree of values, {LIKE}")
        if name in named:
            raise UsageError(f"axes: {quoted(name)} is there twice")
        named[name] = _values(name, below)
    return Axes(tuple(sorted(named.items())))


def _values(axis: str, below: Any) -> Values:
    found: dict[str, int | float | str] = {}
    for value, said in _leaves(below, (), axis):
        if value in found:
            raise UsageError(f"axes: {axis}: {quoted(value)} is there twice; a number is how often it is drawn")
        found[value] = said
    if not any(map(_weight, found.values())):
        raise UsageError(f"axes: {axis} has no values that may be drawn: give at least one, {LIKE}")
    return tuple(sorted(found.items()))


def _leaves(below: Any, path: tuple[str, ...], axis: str) -> Iterator[tuple[str, int | float | str]]:
    where = ": ".join(filter(None, (f"axes: {axis}", PARTED.join(path))))
    if len(path) > DEEPEST:
        raise UsageError(f"axes: {axis} is nested deeper than {DEEPEST} levels")
    if isinstance(below, Mapping):
        for key, inner in below.items():
            yield from _leaves(inner, (*path, _name(key, where)), axis)
    elif isinstance(below, Sequence) and not isinstance(below, str | bytes):
        for one in below:
            if isinstance(one, Mapping):
                yield from _leaves(one, path, axis)
            else:
                yield PARTED.join((*path, _name(one, where))), 1
    else:
        yield PARTED.join(path), _said(below, where)


def _said(given: Any, where: str) -> int | float | str:
    """What a leaf is said to be: its weight, 1 where nothing is said, or its meaning."""
    if isinstance(given, str):
        if len(text := one_line(given)) > LONGEST:
            raise UsageError(f"{where}: {quoted(given)} has {len(text):,} characters; at most {LONGEST} are shown")
        return text or 1
    if given is None:
        return 1
    if isinstance(given, bool) or not isinstance(given, int | float) or not isfinite(given) or given < 0:
        raise UsageError(
            f"{where} is {quoted(given)}; a value has a weight, a number from 0 on, or a text that says what it means"
        )
    return int(given) if given == int(given) else float(given)


def _name(given: Any, where: str) -> str:
    if isinstance(given, bool | float) or not isinstance(given, str | int):
        raise UsageError(f"{where}: {quoted(given)} is no name: write it in quotes, or give it one")
    name = one_line(str(given)).strip(PARTED)
    if not name or len(name) > LONGEST:
        raise UsageError(f"{where}: {quoted(given)} is no name: it should have 1 to {LONGEST} characters")
    return name
