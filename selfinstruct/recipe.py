"""Recipes: an ordered list of steps in YAML, read into what `run` takes. Every mistake is named in the user's words."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

from selfinstruct.errors import UsageError
from selfinstruct.filters import FILTERS, Filter
from selfinstruct.formats import FORMATS
from selfinstruct.pool import Pool
from selfinstruct.run import Step
from selfinstruct.stages import STAGES

__all__ = ["Recipe", "about", "drop_from", "find", "load", "names", "shipped"]

TOP = ("seeds", "width", "steps", "export")
STEP = ("grow", "each", "show", "teacher", "drop")


@dataclass(frozen=True, slots=True)
class Recipe:
    name: str
    steps: tuple[Step, ...]
    seeds: str | None = None
    """File of the seeds; None when the data is given on the command line."""
    width: int = 32
    """Requests in flight in each step: part of the recipe, because a draft depends on the answers before the window."""
    export: tuple[str, ...] = ("alpaca",)
    source: dict[str, Any] = field(default_factory=dict)
    """What was read, with the defaults filled in: kept in the run folder, and compared when the run goes on."""


def shipped(kind: str) -> Path:
    """The folder of our own seeds or pipelines: inside the package once installed, beside it in a checkout."""
    here = Path(__file__).parent
    return here / kind if (here / kind).is_dir() else here.parent / kind


def names() -> list[str]:
    return sorted(path.stem for path in shipped("pipelines").glob("*.yaml"))


def find(name: str) -> Path:
    """The file of a recipe: a name that `selfinstruct recipes` lists, or the path of a YAML file."""
    if name in names():
        return shipped("pipelines") / f"{name}.yaml"
    path = Path(name)
    if path.is_file():
        return path
    raise UsageError(f"no recipe '{name}': {_did_you_mean(name, names())}, or give the path of a YAML file")


def about(path: Path) -> str:
    """The first comment line of a recipe's file: what it is."""
    first, _, _ = path.read_text(encoding="utf-8").partition("\n")
    return first.lstrip("# ").strip()


def load(name: str, models: Mapping[str, str]) -> Recipe:
    """Read a recipe. `models` maps the roles of teachers to model names; "teacher" is the role of every step that
    names no other. Raises UsageError for everything that is wrong with it.
    """
    path = find(name)
    try:
        source = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise UsageError(f"{path} is not YAML: {' '.join(str(error).split())}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}") from None
    return read(source, path.stem, str(path), models)


def read(source: Any, name: str, where: str, models: Mapping[str, str]) -> Recipe:
    if not isinstance(source, dict) or not source.get("steps"):
        raise UsageError(f"{where} has no steps: see `selfinstruct show self_instruct` for how a recipe looks")
    _known(source, TOP, f"{where}: a recipe")
    source = {"seeds": None, "width": 32, "export": ["alpaca"]} | source
    width, export = source["width"], source["export"]
    if not isinstance(width, int) or width < 1:
        raise UsageError(f"{where}: width is {width!r}; it is how many requests are in flight, at least 1")
    if not isinstance(source["steps"], list) or not isinstance(export, list):
        raise UsageError(f"{where}: steps and export are lists")
    for form in export:
        if form not in FORMATS:
            raise UsageError(f"{where}: no format '{form}': {_did_you_mean(form, FORMATS)}")
    steps = tuple(_step(step, f"{where}, step {n}", models) for n, step in enumerate(source["steps"], 1))
    if any(step.kind == "grow" for step in steps[1:]):
        raise UsageError(f"{where}: only the first step can be 'grow'; the others are 'each'")
    return Recipe(name, steps, source["seeds"], width, tuple(export), source)


def _step(source: Any, where: str, models: Mapping[str, str]) -> Step:
    if not isinstance(source, dict) or ("grow" in source) == ("each" in source):
        raise UsageError(f"{where}: a step is either 'grow: STAGE' or 'each: STAGE'; stages are {', '.join(STAGES)}")
    kind: Literal["grow", "each"] = "grow" if "grow" in source else "each"
    name = source[kind]
    if name not in STAGES:
        raise UsageError(f"{where}: no stage '{name}': {_did_you_mean(name, STAGES)}")
    options = {key: value for key, value in source.items() if key not in STEP}
    stage = _with_options(STAGES[name], options, f"{where}: {name}", f"a step has: {', '.join(STEP[2:])}")
    show = _shown(source.get("show", {"seeds": 3} if kind == "grow" else {}), kind, name, where)
    params = source.get("teacher") or {}
    params = {"role": params} if isinstance(params, str) else dict(params)
    role = params.pop("role", "teacher")
    if role not in models:
        raise UsageError(f"{where} asks the teacher '{role}', which has no model: give --model {role}=NAME")
    drop = drop_from(source.get("drop") or [], where)
    return Step(kind, name, stage, show, models[role], params, drop)


def _shown(show: Any, kind: str, name: str, where: str) -> dict[str, Any]:
    if not isinstance(show, dict):
        raise UsageError(f"{where}: show is {show!r}; it should be like {{seeds: 6, machine: 2}}")
    if kind == "each" and show:
        raise UsageError(f"{where}: 'show' is for 'grow' steps; '{name}' works on one task at a time")
    _with_options(Pool().sample, show, f"{where}: show", call=False)
    if kind == "grow" and (not isinstance(show.get("seeds"), int) or show["seeds"] < 1):
        raise UsageError(f"{where}: show needs seeds, at least 1; it is {show}")
    return dict(show)


def drop_from(source: Sequence[Any], where: str) -> tuple[Filter, ...]:
    """Filters as a recipe lists them: a name, {name: value of its first option}, or {name: {option: value}}."""
    filters = []
    for entry in source:
        name, value = next(iter(entry.items())) if isinstance(entry, dict) and len(entry) == 1 else (entry, {})
        if not isinstance(name, str) or name not in FILTERS:
            raise UsageError(f"{where}: no filter '{name}': {_did_you_mean(str(name), FILTERS)}")
        make = FILTERS[name]
        if not isinstance(value, dict):
            first = next(iter(inspect.signature(make).parameters), None)
            if first is None:
                raise UsageError(f"{where}: the filter '{name}' has no options, but it was given {value!r}")
            value = {first: value}
        filters.append(_with_options(make, value, f"{where}: {name}"))
    return tuple(filters)


def _with_options(
    make: Callable[..., Any], options: Mapping[str, Any], what: str, also: str = "", call: bool = True
) -> Any:
    """`make(**options)`, after every option was checked against its signature: its name, and its default's type."""
    parameters = {name: each for name, each in inspect.signature(make).parameters.items() if name != "rng"}
    for name, value in options.items():
        if name not in parameters:
            has = f"it has: {', '.join(parameters)}" if parameters else "it has none"
            raise UsageError(f"{what} has no option '{name}'; {has}" + (f"; {also}" if also else ""))
        default = parameters[name].default
        if default is not inspect.Parameter.empty and not isinstance(value, _like(default)):
            raise UsageError(f"{what}: {name} is {value!r}; it should be like {default!r}")
    return make(**options) if call else None


def _like(default: Any) -> tuple[type, ...]:
    """The types of value that YAML may give for an option with this default."""
    return {float: (int, float), tuple: (list, tuple)}.get(type(default), (type(default),))


def _known(source: Mapping[str, Any], allowed: Iterable[str], what: str) -> None:
    for name in source:
        if name not in allowed:
            raise UsageError(f"{what} has no key '{name}': {_did_you_mean(str(name), allowed)}")


def _did_you_mean(name: str, existing: Iterable[str]) -> str:
    close = difflib.get_close_matches(str(name), list(existing), n=1)
    return (
        f"did you mean '{close[0]}'? There are: {', '.join(existing)}" if close else f"there are: {', '.join(existing)}"
    )
