"""Recipes: an ordered list of steps in YAML, read into what `run` takes. Every mistake is named in the user's words."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from selfinstruct.errors import UsageError, did_you_mean, quoted
from selfinstruct.filters import FILTERS, Filter
from selfinstruct.filters.pool import Pool
from selfinstruct.rows.layouts import FORMATS
from selfinstruct.running.drafts import Step
from selfinstruct.running.optimise import Optimise
from selfinstruct.stages import STAGES
from selfinstruct.teachers.endpoint import OWN
from selfinstruct.workdir import yaml_of

__all__ = ["Recipe", "about", "drop_from", "evolving", "find", "load", "names", "shipped", "text_of"]

TOP = ("seeds", "language", "optimise", "rounds", "width", "steps", "export")
MOST_ROUNDS = 100
WIDEST = 10_000  # the first `width` drafts see seeds only, so a wide window is a poor one
STEP = ("grow", "each", "show", "teacher", "drop", "last")

KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", tuple: "a list of texts"}

PARAMS: dict[str, type] = {
    **dict.fromkeys(("temperature", "top_p", "presence_penalty", "frequency_penalty"), float),
    **dict.fromkeys(("max_tokens", "max_completion_tokens", "seed"), int),
}
"""Of a teacher, those whose kind we know; servers have others, which are passed on as they are."""


@dataclass(frozen=True, slots=True)
class Recipe:
    name: str
    steps: tuple[Step, ...]
    seeds: str | None = None
    """File of the seeds in the recipe's language; None when the data is given on the command line."""
    rounds: int = 0
    """How often the steps are repeated for each task; 0: once, in a chain."""
    optimise: Optimise | None = None
    """How a method for the evolve step is looked for before anything else."""
    width: int = 32
    """Requests in flight in each step: part of the recipe, because a draft depends on the answers before the window."""
    export: tuple[str, ...] = ("alpaca",)
    source: dict[str, Any] = field(default_factory=dict)
    """What was read, with the defaults filled in: kept in the run folder, and compared when the run goes on."""


def shipped(kind: str) -> Path:
    """The folder of our own seeds or pipelines: inside the package once installed, beside it in a checkout."""
    here = Path(__file__).parents[1]
    return here / kind if (here / kind).is_dir() else here.parent / kind


def names() -> list[str]:
    return sorted(path.stem for path in shipped("pipelines").glob("*.yaml"))


def find(name: str) -> Path:
    """The file of a recipe: a name that `selfinstruct recipes` lists, or the path of a YAML file."""
    if name in names():
        return shipped("pipelines") / f"{name}.yaml"
    with suppress(OSError, ValueError):  # a name that no file can have
        if Path(name).is_file():
            return Path(name)
    raise UsageError(f"no recipe {name!r}: {did_you_mean(name, names())}, or give the path of a YAML file")


def about(path: Path) -> str:
    """The first comment line of a recipe's file: what it is."""
    first, _, _ = path.read_text(encoding="utf-8").partition("\n")
    return first.lstrip("# ").strip()


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text: a recipe is a YAML file") from None


def load(name: str, models: Mapping[str, str], change: Callable[[Any], Any] = lambda source: source) -> Recipe:
    """Read a recipe. `models` maps the roles of teachers to model names; "teacher" is the role of every step that
    names no other. `change` makes of what the YAML holds what is wanted instead. Raises UsageError for everything that
    is wrong with it.
    """
    path = find(name)
    try:
        source = yaml_of(text_of(path))
    except ValueError as error:
        raise UsageError(f"{path} is not YAML: {error}") from None
    whole = isinstance(source, dict) and isinstance(source.get("steps"), list)  # else `read` says what is wrong
    return read(change(source) if whole else source, path.stem, str(path), models)


def read(source: Any, name: str, where: str, models: Mapping[str, str]) -> Recipe:
    """The recipe that a YAML file holds; `where` names the file in what is said about mistakes."""
    if not isinstance(source, dict) or source.get("steps") in (None, []):
        raise UsageError(f"{where} has no steps: see `selfinstruct show self_instruct` for how a recipe looks")
    try:
        json.dumps(source, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"{where}: a recipe holds texts, numbers, lists and mappings, no more: {error}") from None
    _known(source, TOP, f"{where}: a recipe")
    source = {"seeds": None, "language": "en", "rounds": 0, "width": 32, "export": ["alpaca"]} | source
    language, rounds, width, export = (source[key] for key in ("language", "rounds", "width", "export"))
    if not isinstance(language, str):
        raise UsageError(f"{where}: language is {quoted(language)}; it should be a code, like en or zh")
    seeds = _seeds(source["seeds"], language, where)
    if not _is(rounds, int) or not 0 <= rounds <= MOST_ROUNDS:
        raise UsageError(f"{where}: rounds is {quoted(rounds)}; it is how often the steps are repeated, 1 to 100")
    if not _is(width, int) or not 1 <= width <= WIDEST:
        raise UsageError(f"{where}: width is {quoted(width)}; it is how many requests are in flight, 1 to {WIDEST:,}")
    if not isinstance(export, list):
        raise UsageError(f"{where}: export is {quoted(export)}; it should be a list, like [alpaca]")
    for form in export:
        _one_of(form, FORMATS, f"{where}: no format")
    if not isinstance(steps := source["steps"], list):
        raise UsageError(f"{where}: steps is {quoted(steps)}; it should be a list, each step beginning with '- '")
    done = tuple(_step(step, f"{where}, step {n}", models, language) for n, step in enumerate(steps, 1))
    asking = [*steps, source["optimise"]] if isinstance(source.get("optimise"), dict) else steps
    roles = {"teacher", *(_asked(part.get("teacher"), where)[0] for part in asking)}
    for role in models:
        _one_of(role, sorted(roles), f"--model {role}={models[role]}: no step of {where} asks the role")
    if any(step.kind == "grow" for step in done[bool(not rounds) :]):
        first = "a recipe with rounds has no 'grow' step" if rounds else "only the first step can be 'grow'"
        raise UsageError(f"{where}: {first}; the others are 'each'")
    if all(step.last for step in done) or (not rounds and any(step.last for step in done)):
        raise UsageError(f"{where}: 'last' is for steps that follow others repeated in rounds: give rounds, too")
    plan = _optimise(source.get("optimise"), where, models)
    if plan and not any(step.name == "evolve" for step in done):
        raise UsageError(f"{where}: optimise looks for a method for 'each: evolve', and there is no such step")
    return Recipe(name, done, seeds, rounds, plan, width, tuple(export), source)


def _optimise(source: Any, where: str, models: Mapping[str, str]) -> Optimise | None:
    if source is None:
        return None
    if not isinstance(source, dict):
        raise UsageError(f"{where}: optimise is {quoted(source)}; it should be like {{steps: 10, candidates: 5}}")
    role, params = _asked(source.get("teacher"), where)
    figures = {name: value for name, value in source.items() if name != "teacher"}
    _checked(Optimise, figures, f"{where}: optimise")
    try:
        return Optimise(**figures | {"model": models.get(role, models["teacher"]), "params": params})
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from None


def evolving(
    source: dict[str, Any], rounds: int | None, operators: list[str] | None, answers_only_last: bool
) -> dict[str, Any]:
    """The recipe as `selfinstruct evolve` was asked to change it."""
    own = [dict(step) if isinstance(step, dict) else step for step in source["steps"]]
    steps = [step for step in own if isinstance(step, dict)]
    if operators and not any(step.get("each") == "evolve" for step in steps):
        raise UsageError("--operators: the recipe has no step 'each: evolve'")
    for step in steps:
        if operators and step.get("each") == "evolve":
            step["operators"] = operators
        if answers_only_last and step.get("each") == "respond":
            step["last"] = True
    return source | {"steps": own} | ({"rounds": rounds} if rounds else {})


def _seeds(source: Any, language: str, where: str) -> str | None:
    """The name of a file: one for all languages, or {en: …, zh: …}; None when it has none for this one."""
    if isinstance(source, dict):
        source = source.get(language)
    if not isinstance(source, str | None):
        raise UsageError(f"{where}: seeds is {quoted(source)}; it should be the name of a file")
    return source


def _step(source: Any, where: str, models: Mapping[str, str], language: str) -> Step:
    if not isinstance(source, dict) or ("grow" in source) == ("each" in source):
        both = "; this one has both" if isinstance(source, dict) and "grow" in source else ""
        kinds = f"a step is either 'grow: STAGE' or 'each: STAGE'{both}"
        raise UsageError(f"{where}: {kinds}; stages are {', '.join(STAGES)}")
    kind: Literal["grow", "each"] = "grow" if "grow" in source else "each"
    name = source[kind]
    _one_of(name, STAGES, f"{where}: no stage")
    if STAGES[name].kind != kind:
        raise UsageError(
            f"{where}: {name} is a stage for '{STAGES[name].kind}' steps: write '{STAGES[name].kind}: {name}'"
        )
    options = {key: value for key, value in source.items() if key not in STEP}
    try:
        stage = _with_options(STAGES[name], options, name, f"a step has: {', '.join(STEP[2:])}", language)
    except UsageError as error:  # ours, or the stage's own about a value that it cannot take
        raise UsageError(f"{where}: {error}") from None
    show = _shown(source.get("show", {"seeds": 3} if kind == "grow" else {}), kind, name, where)
    role, params = _asked(source.get("teacher"), where)
    drop = drop_from([] if source.get("drop") is None else source["drop"], where, language)
    if not isinstance(source.get("last", False), bool):
        raise UsageError(f"{where}: last is {quoted(source['last'])}; it should be true or false")
    model = models.get(role, models["teacher"])
    return Step(kind, name, stage, show, model, params, drop, source.get("last", False))


def _asked(source: Any, where: str) -> tuple[str, dict[str, Any]]:
    """Role and parameters of a step's teacher: `teacher: judge`, or `teacher: {role: judge, temperature: 0}`."""
    if source is None or isinstance(source, str):
        return source or "teacher", {}
    if not isinstance(source, dict) or not isinstance(source.get("role", ""), str):
        raise UsageError(f"{where}: teacher is {quoted(source)}; it should be a role, or like {{temperature: 0.7}}")
    for name, value in source.items():
        if name in OWN:
            raise UsageError(f"{where}: teacher has {quoted(name)}, which selfinstruct sets itself: leave it out")
        if value is not None and name in PARAMS and not _is(value, PARAMS[name]):
            raise UsageError(f"{where}: teacher: {name} is {quoted(value)}; it should be {KINDS[PARAMS[name]]}")
    params = {name: value for name, value in source.items() if name != "role" and value is not None}
    return source.get("role", "teacher"), params


def _shown(show: Any, kind: str, name: str, where: str) -> dict[str, Any]:
    if not isinstance(show, dict):
        raise UsageError(f"{where}: show is {quoted(show)}; it should be like {{seeds: 6, machine: 2}}")
    if kind == "each" and show:
        raise UsageError(f"{where}: 'show' is for 'grow' steps; '{name}' works on one task at a time")
    _checked(Pool().sample, show, f"{where}: show")
    if kind == "grow" and (not _is(show.get("seeds"), int) or show["seeds"] < 1):
        raise UsageError(f"{where}: show needs seeds, at least 1; it is {quoted(show)}")
    if show.get("machine", 0) < 0:
        raise UsageError(
            f"{where}: show: machine is {show['machine']}; it is how many tasks of the teacher's, at least 0"
        )
    _one_of(show.get("only", "any"), ("any", "classification"), f"{where}: show has no tasks for only:")
    return dict(show)


def drop_from(source: Any, where: str, language: str = "en") -> tuple[Filter, ...]:
    """Filters as a recipe lists them: a name, {name: value of its first option}, or {name: {option: value}}."""
    if not isinstance(source, list):
        raise UsageError(f"{where}: drop is {quoted(source)}; it should be a list, like [length, {{novelty: 0.7}}]")
    filters = []
    for entry in source:
        name, value = next(iter(entry.items())) if isinstance(entry, dict) and len(entry) == 1 else (entry, {})
        _one_of(name, FILTERS, f"{where}: no filter")
        make = FILTERS[name]
        if not isinstance(value, dict):
            first = next(iter(inspect.signature(make).parameters), None)
            if first is None:
                raise UsageError(f"{where}: the filter '{name}' has no options, but it was given {quoted(value)}")
            value = {first: value}
        try:
            filters.append(_with_options(make, value, name, language=language))
        except UsageError as error:  # ours, or the filter's own about a value that it cannot take
            raise UsageError(f"{where}: {error}") from None
    return tuple(filters)


def _with_options(
    make: Callable[..., Any], options: Mapping[Any, Any], what: str, also: str = "", language: str = "en"
) -> Any:
    """`make(**options)`, with the recipe's language where it takes one and is given none."""
    parameters = _checked(make, options, what, also)
    spoken = {"language": language} if "language" in parameters else {}
    return make(**spoken | dict(options))


def _checked(make: Callable[..., Any], options: Mapping[Any, Any], what: str, also: str = "") -> Iterable[str]:
    """The names of `make`'s options, after those given were checked against its signature: name, and default's kind."""
    parameters = {name: each for name, each in inspect.signature(make).parameters.items() if name != "rng"}
    for name, value in options.items():
        if name not in parameters:
            has = f"it has: {', '.join(parameters)}" if parameters else "it has none"
            raise UsageError(f"{what} has no option {quoted(name)}; {has}" + (f"; {also}" if also else ""))
        default = parameters[name].default
        if default is not inspect.Parameter.empty and not _is(value, type(default)):
            like = f", like {default}" if default != () else ""
            raise UsageError(f"{what}: {name} is {quoted(value)}; it should be {KINDS[type(default)]}{like}")
    return parameters


def _is(value: Any, kind: type) -> bool:
    """Whether YAML gave a value of one of KINDS: true is no number, and a whole number is a number too."""
    if kind is tuple:
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


def _known(source: Mapping[Any, Any], allowed: Iterable[str], what: str) -> None:
    for name in source:
        _one_of(name, allowed, f"{what} has no key")


def _one_of(name: Any, existing: Iterable[str], complaint: str) -> None:
    if name not in list(existing):
        raise UsageError(f"{complaint} {quoted(name)}: {did_you_mean(name, existing)}")
