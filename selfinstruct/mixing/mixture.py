"""Mixtures as YAML files, read into objects. Every mistake is named in the user's words.

# My mixture: two thirds conversations, one third Chinese tasks, nothing twice.
size: 30000                     # rows in all; without it as many as there are
drop: [output, refusal, exact]  # of all sources together; the first of two equal rows is the one that stays
sources:
  chats:
    data: sharegpt.json         # anything that is read: a file, a pattern, a run, hf://owner/name, or a list of them
    weight: 2
    clean: [html, interface]
  fragen:
    data: [zh.jsonl, more.jsonl]
    weight: 1
    language: zh
    most: 50000
    tags: {quality: high}
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selfinstruct.errors import UsageError, did_you_mean, quoted
from selfinstruct.filters import Filter
from selfinstruct.mixing.cleaning import CLEANING
from selfinstruct.rows.importers.importers import IMPORTERS
from selfinstruct.rows.layouts.columns import parse_columns
from selfinstruct.rows.reading import How
from selfinstruct.running.dropping import drop_from
from selfinstruct.running.options import beside
from selfinstruct.running.recipe_file import shipped, text_of
from selfinstruct.yaml_text import yaml_of

__all__ = ["Condition", "Mixture", "Source", "find", "load", "names"]

SAMPLES = "mixtures/samples"
LARGEST = 1_000_000_000
MOST_REPEATS = 100


@dataclass(frozen=True, slots=True)
class Condition:
    """What a row is told about its own quality, as a system turn, so that the better half can be asked for later.

    A comparison becomes two rows, the chosen answer with `high` and the rejected one with `low`; any other row gets
    what its source's tag `quality` says, `high` without one (Koala, 2023; Keskar et al., 1909.05858).
    """

    high: str
    low: str


@dataclass(frozen=True, slots=True)
class Source:
    name: str
    data: tuple[str, ...]
    """What is read, as everywhere: files, patterns, runs, hf://owner/name."""
    sample: str = ""
    """A file of ours in the same layout, that --samples reads instead."""
    how: How = field(default_factory=How)
    text: str = ""
    """The column that holds a whole document, where rows are texts to be read on and not tasks."""
    where: Mapping[str, Any] = field(default_factory=dict)
    """Only rows in whose columns these values stand; a list is one of several."""
    weight: float = 0
    """Of its share in the rows; 0: as many as it has."""
    most: int = 0
    """Rows that are drawn from it, after all that was dropped; 0: all."""
    repeats: float = 1
    """How often a row may come in again where the size asks for more; .5 is half of them."""
    tags: Mapping[str, Any] = field(default_factory=dict)
    """Written into each of its rows."""
    language: str = "en"
    """Of its rows, for filters that ask."""
    clean: tuple[str, ...] = ()
    drop: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class Mixture:
    name: str
    sources: tuple[Source, ...]
    size: int = 0
    """Rows in all; 0: as many as the sources have, or, with weights, as many as keep to them."""
    seed: int = 0
    clean: tuple[str, ...] = ()
    drop: tuple[Filter, ...] = ()
    split: int = 0
    """Tokens that a conversation may have; longer ones become several, at whole rounds. 0: none is split."""
    condition: Condition | None = None
    format: str = ""
    """Of the rows, as `selfinstruct formats` lists them; "" is our own, and for documents `text`."""

    @property
    def is_text(self) -> bool:
        """Whether its rows are documents rather than tasks."""
        return bool(self.sources[0].text)


def folder() -> Path:
    return shipped("pipelines") / "mixtures"


def names() -> list[str]:
    """Of the mixtures that come with the package."""
    return sorted(path.stem for path in folder().glob("*.yaml"))


def find(name: str) -> Path:
    """The file of a mixture: a name that `selfinstruct mixtures` lists, or the path of a YAML file."""
    if name in names():
        return folder() / f"{name}.yaml"
    with suppress(OSError, ValueError):
        if Path(name).is_file():
            return Path(name)
    raise UsageError(f"no mixture {quoted(name)}: {did_you_mean(name, names())}, or give the path of a YAML file")


def load(name: str) -> Mixture:
    """The mixture of a name or a YAML file. Raises UsageError for everything that is wrong with it."""
    path = find(name)
    try:
        source = yaml_of(text_of(path))
    except ValueError as error:
        raise UsageError(f"{path} is not YAML: {error}") from None
    try:
        return _mixture(source, path)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


TOP = {"sources": dict, "size": int, "seed": int, "clean": list, "drop": list, "split": int, "condition": dict}
OF_A_SOURCE = {
    "data": object,
    "sample": str,
    "layout": str,
    "columns": dict,
    "encoding": str,
    "text": str,
    "where": dict,
    "weight": float,
    "most": int,
    "repeats": float,
    "tags": dict,
    "language": str,
    "clean": list,
    "drop": list,
}
KINDS = {str: "a text", int: "a whole number", float: "a number", list: "a list", dict: "a mapping"}


def _mixture(source: Any, path: Path) -> Mixture:
    if not isinstance(source, dict) or not source.get("sources"):
        raise UsageError("it has no sources: see `selfinstruct show tulu` for how a mixture looks")
    _checked(source, TOP | {"format": str}, "a mixture")
    sources = tuple(_source(name, given, path) for name, given in source["sources"].items())
    if len({bool(one.text) for one in sources}) > 1:
        raise UsageError("some sources have 'text' and others none: documents and tasks are mixtures of their own")
    if len({bool(one.weight) for one in sources}) > 1:
        without = ", ".join(one.name for one in sources if not one.weight)
        raise UsageError(f"{without} has no weight, and others have: give each a weight, or none")
    condition = source.get("condition")
    if condition is not None and (set(condition) != {"high", "low"} or not all(map(_is_text, condition.values()))):
        raise UsageError(f"condition is {quoted(condition)}; it should be like {{high: …, low: …}}, two texts")
    return Mixture(
        path.stem,
        sources,
        size=_number(source, "size", 0, LARGEST),
        seed=_number(source, "seed", 0, LARGEST),
        clean=_cleaning(source.get("clean", [])),
        drop=drop_from(source.get("drop", []), folder=path.parent),
        split=_number(source, "split", 0, LARGEST),
        condition=Condition(**condition) if condition else None,
        format=source.get("format", ""),
    )


def _source(name: Any, given: Any, path: Path) -> Source:
    try:
        return _read(str(name), given, path)
    except UsageError as error:
        raise UsageError(f"{name}: {error}") from None


def _read(name: str, given: Any, path: Path) -> Source:
    if not isinstance(given, dict) or not given.get("data"):
        raise UsageError(f"a source is like {{data: FILE}}; this is {quoted(given)}")
    _checked(given, OF_A_SOURCE, "a source")
    data = given["data"] if isinstance(given["data"], list) else [given["data"]]
    if not all(_is_text(one) and _can_be_a_name(one) for one in data):
        raise UsageError(f"data is {quoted(given['data'])}; it should be a file, a pattern, hf://owner/name, or a list")
    columns = given.get("columns", {})
    if layout := given.get("layout", ""):
        _one_of(layout, IMPORTERS, "no layout")
    language = given.get("language", "en")
    how = How(
        parse_columns(",".join(f"{ours}={theirs}" for ours, theirs in columns.items())) if columns else {},
        given.get("encoding", ""),
        layout,
        skip=True,
    )
    return Source(
        name,
        tuple(beside(path.parent, one) for one in data),
        sample=beside(path.parent, f"samples/{given['sample']}") if given.get("sample") else "",
        how=how,
        text=given.get("text", ""),
        where=given.get("where", {}),
        weight=_number(given, "weight", 0, LARGEST),
        most=_number(given, "most", 0, LARGEST),
        repeats=_number(given, "repeats", 1, MOST_REPEATS, above_zero=True),
        tags=given.get("tags", {}),
        language=language,
        clean=_cleaning(given.get("clean", [])),
        drop=drop_from(given.get("drop", []), language, path.parent),
    )


def _cleaning(given: list[Any]) -> tuple[str, ...]:
    for one in given:
        _one_of(one, CLEANING, "no cleaning")
    return tuple(given)


def _checked(given: Mapping[Any, Any], known: Mapping[str, type], what: str) -> None:
    for key, value in given.items():
        _one_of(key, known, f"{what} has no")
        kind = known[key]
        right = isinstance(value, int | float) if kind is float else isinstance(value, kind)
        if not right or (isinstance(value, bool) and kind is not object):
            raise UsageError(f"{key} is {quoted(value)}; it should be {KINDS[kind]}")


def _number(given: Mapping[str, Any], key: str, default: int, most: int, *, above_zero: bool = False) -> Any:
    value = given.get(key, default)
    if not 0 <= value <= most or (above_zero and not value):
        raise UsageError(f"{key} is {value}; it should be from {'above ' * above_zero}0 to {most:,}")
    return value


def _one_of(value: Any, known: Any, what: str) -> None:
    if not isinstance(value, str) or value not in known:
        raise UsageError(f"{what} {quoted(value)}: {did_you_mean(value, list(known)) if _is_text(value) else 'a name'}")


def _can_be_a_name(text: str) -> bool:
    """Half a surrogate pair, as JSON can write it, and a null are in no file's name."""
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)
