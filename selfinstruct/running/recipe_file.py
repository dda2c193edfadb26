"""Recipes as YAML files, read into objects. Every mistake is named in the user's words."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from selfinstruct.errors import UsageError, did_you_mean, quoted
from selfinstruct.filters import FILTERS, Filter
from selfinstruct.filters.overlap import Overlap
from selfinstruct.filters.pool import Pool
from selfinstruct.filters.review import Review
from selfinstruct.reviewing.exports import review_of
from selfinstruct.rows.formats.formats import FORMATS
from selfinstruct.running.evaluations import overlap_of
from selfinstruct.running.identity import STEP
from selfinstruct.running.recipe import MOST_ROUNDS, WIDEST, Optimise, Recipe, Step
from selfinstruct.stages import STAGES, Chat, Evolve, Respond
from selfinstruct.teachers.http.endpoint import OWN
from selfinstruct.yaml_text import yaml_of

__all__ = ["about", "drop_from", "evolving", "find", "load", "names", "shipped", "text_of", "with_thoughts"]

TOP = ("seeds", "language", "optimise", "rounds", "width", "steps", "export")

KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", tuple: "a list of texts"}

PARAMS: dict[str, type] = {
    **dict.fromkeys(("temperature", "top_p", "presence_penalty", "frequency_penalty"), float),
    **dict.fromkeys(("max_tokens", "max_completion_tokens", "seed"), int),
}
"""Of a teacher, those whose kind we know; servers have others, which are passed on as they are."""


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


LARGEST = 1_000_000
"""Bytes of a recipe or a prompt: PyYAML reads about 200,000 a second."""


def text_of(path: Path) -> str:
    try:
        if (size := path.stat().st_size) > LARGEST:
            raise UsageError(f"{path} has {size:,} bytes: a recipe is a YAML file of at most {LARGEST:,}")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text: a recipe is a YAML file") from None


def load(name: str, language: str | None = None) -> Recipe:
    """The recipe of a name or a YAML file, in that language instead of its own. Raises UsageError for everything that
    is wrong with it.
    """
    path = find(name)
    try:
        source = yaml_of(text_of(path))
    except ValueError as error:
        raise UsageError(f"{path} is not YAML: {error}") from None
    if isinstance(source, dict) and language:
        source = source | {"language": language}
    try:
        return _recipe(source, path)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def _recipe(source: Any, path: Path) -> Recipe:
    if not isinstance(source, dict) or source.get("steps") in (None, []):
        raise UsageError("it has no steps: see `selfinstruct show self_instruct` for how a recipe looks")
    try:
        json.dumps(source, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"a recipe holds texts, numbers, lists and mappings, no more: {error}") from None
    _known(source, TOP, "a recipe")
    language = source.get("language", "en")
    if not isinstance(language, str):
        raise UsageError(f"language is {quoted(language)}; it should be a code, like en or zh")
    rounds, width, export = source.get("rounds", 0), source.get("width", 32), source.get("export", ["alpaca"])
    if not _is(rounds, int) or not 0 <= rounds <= MOST_ROUNDS:
        raise UsageError(f"rounds is {quoted(rounds)}; it is how often the steps are repeated, 1 to {MOST_ROUNDS}")
    if not _is(width, int) or not 1 <= width <= WIDEST:
        raise UsageError(f"width is {quoted(width)}; it is how many drafts 'grow' is ahead, 1 to {WIDEST:,}")
    if not isinstance(export, list):
        raise UsageError(f"export is {quoted(export)}; it should be a list, like [alpaca]")
    for form in export:
        _one_of(form, FORMATS, "no format")
    if not isinstance(steps := source["steps"], list):
        raise UsageError(f"steps is {quoted(steps)}; it should be a list, each step beginning with '- '")
    done = [_numbered(step, number, language, path.parent) for number, step in enumerate(steps, 1)]
    if "width" in source and done[0].kind != "grow":
        raise UsageError("width is for 'grow' steps; how many tasks are in flight in the others is --concurrency")
    return Recipe(
        path.stem,
        tuple(done),
        seeds=_seeds(source.get("seeds"), language),
        language=language,
        rounds=rounds,
        optimise=_optimise(source.get("optimise")),
        width=width,
        export=tuple(export),
    )


def evolving(recipe: Recipe, rounds: int | None, operators: Sequence[str] | None, answers_only_last: bool) -> Recipe:
    """The recipe as `selfinstruct evolve` was asked to change it."""
    if operators and not any(step.name == "evolve" for step in recipe.steps):
        raise UsageError("--operators: the recipe has no step 'each: evolve'")
    steps = list(recipe.steps)
    for number, step in enumerate(steps):
        if operators and isinstance(step.stage, Evolve):
            steps[number] = replace(step, stage=replace(step.stage, operators=tuple(operators)))
        if answers_only_last and step.name == "respond":
            steps[number] = replace(step, last=True)
    return replace(recipe, steps=tuple(steps), rounds=rounds or recipe.rounds)


def with_thoughts(recipe: Recipe) -> Recipe:
    """The recipe, its answers kept together with what the teacher thought. Raises UsageError where nothing answers."""
    if not any(isinstance(step.stage, Respond | Chat) for step in recipe.steps):
        raise UsageError(
            f"--keep-thoughts: the recipe '{recipe.name}' has no step 'each: respond' or 'each: chat' whose answers "
            "they are"
        )
    steps = [
        replace(step, stage=replace(step.stage, keep_thoughts=True)) if isinstance(step.stage, Respond | Chat) else step
        for step in recipe.steps
    ]
    return replace(recipe, steps=tuple(steps))


def _optimise(source: Any) -> Optimise | None:
    if source is None:
        return None
    if not isinstance(source, dict):
        raise UsageError(f"optimise is {quoted(source)}; it should be like {{steps: 10, candidates: 5}}")
    role, params = _asked(source.get("teacher"))
    figures = {name: value for name, value in source.items() if name != "teacher"}
    _checked(Optimise, figures, "optimise")
    return Optimise(**figures | {"role": role, "params": params})


def _seeds(source: Any, language: str) -> str | None:
    """The name of a file: one for all languages, or {en: …, zh: …}; None when it has none for this one."""
    if isinstance(source, dict):
        source = source.get(language)
    if not isinstance(source, str | None):
        raise UsageError(f"seeds is {quoted(source)}; it should be the name of a file")
    return source


def _numbered(source: Any, number: int, language: str, folder: Path) -> Step:
    try:
        return _step(source, language, folder)
    except UsageError as error:
        raise UsageError(f"step {number}: {error}") from None


def _step(source: Any, language: str, folder: Path) -> Step:
    if not isinstance(source, dict) or ("grow" in source) == ("each" in source):
        both = "; this one has both" if isinstance(source, dict) and "grow" in source else ""
        kinds = f"a step is either 'grow: STAGE' or 'each: STAGE'{both}"
        raise UsageError(f"{kinds}; stages are {', '.join(STAGES)}")
    kind = "grow" if "grow" in source else "each"
    name = source[kind]
    _one_of(name, STAGES, "no stage")
    make = STAGES[name]
    if make.kind != kind:
        raise UsageError(f"{name} is a stage for '{make.kind}' steps: write '{make.kind}: {name}'")
    options = {key: value for key, value in source.items() if key not in STEP}
    options |= _prompts(source.get("prompt"), name, folder)
    stage = _with_options(make, options, name, f"a step has: {', '.join(STEP[2:])}", language)
    show = _shown(source.get("show", {"seeds": 3} if kind == "grow" else {}), kind, name)
    role, params = _asked(source.get("teacher"))
    drop = drop_from([] if source.get("drop") is None else source["drop"], language, folder)
    if not isinstance(source.get("last", False), bool):
        raise UsageError(f"last is {quoted(source['last'])}; it should be true or false")
    return Step(stage, name, show, role, params, drop, source.get("last", False))


def _prompts(source: Any, name: str, folder: Path) -> dict[str, str]:
    """`prompt: FILE`, or {depth: FILE, breadth: FILE} for a stage of several: the texts, by the stage's fields."""
    if source is None:
        return {}
    texts = [field.name for field in fields(STAGES[name]) if field.default == "" and field.name != "method"]
    if isinstance(source, str) and texts == ["text"]:
        source = {"text": source}
    if not isinstance(source, dict) or not all(isinstance(file, str) for file in source.values()):
        like = "a file" if texts == ["text"] else f"like {{{texts[0]}: FILE}}, of {', '.join(texts)}"
        raise UsageError(f"prompt is {quoted(source)}; for {name} it should be {like}")
    for field in source:
        _one_of(field, texts, f"{name} has no prompt")
    beside = {field: folder / file for field, file in source.items()}
    found = {field: path if path.is_file() else Path(source[field]) for field, path in beside.items()}
    return {field: text_of(path).rstrip("\n") for field, path in found.items()}


def _asked(source: Any) -> tuple[str, dict[str, Any]]:
    """Role and parameters of a step's teacher: `teacher: judge`, or `teacher: {role: judge, temperature: 0}`."""
    if source is None or isinstance(source, str):
        return source or "teacher", {}
    if not isinstance(source, dict) or not isinstance(source.get("role", ""), str):
        raise UsageError(f"teacher is {quoted(source)}; it should be a role, or like {{temperature: 0.7}}")
    for name, value in source.items():
        if name in OWN:
            raise UsageError(f"teacher has {quoted(name)}, which selfinstruct sets itself: leave it out")
        if value is not None and name in PARAMS and not _is(value, PARAMS[name]):
            raise UsageError(f"teacher: {name} is {quoted(value)}; it should be {KINDS[PARAMS[name]]}")
    params = {name: value for name, value in source.items() if name != "role" and value is not None}
    return source.get("role", "teacher"), params


def _shown(show: Any, kind: str, name: str) -> dict[str, Any]:
    if not isinstance(show, dict):
        raise UsageError(f"show is {quoted(show)}; it should be like {{seeds: 6, machine: 2}}")
    if kind == "each" and show:
        raise UsageError(f"'show' is for 'grow' steps; '{name}' works on one task at a time")
    _checked(Pool().sample, show, "show")
    if kind == "grow" and (not _is(show.get("seeds"), int) or show["seeds"] < 1):
        raise UsageError(f"show needs seeds, at least 1; it is {quoted(show)}")
    if show.get("machine", 0) < 0:
        raise UsageError(f"show: machine is {show['machine']}; it is how many tasks of the teacher's, at least 0")
    _one_of(show.get("only", "any"), ("any", "classification"), "show has no tasks for only:")
    return dict(show)


READ: dict[Callable[..., Filter], Callable[[Any, Path | None], Filter]] = {Overlap: overlap_of, Review: review_of}
"""Filters that go by what others wrote: what reads it."""


def drop_from(source: Any, language: str = "en", folder: Path | None = None) -> tuple[Filter, ...]:
    """Filters as a recipe lists them: a name, {name: value of its first option}, or {name: {option: value}}.

    folder      of the recipe, beside which files that they name are looked for
    """
    if not isinstance(source, list):
        raise UsageError(f"drop is {quoted(source)}; it should be a list, like [length, {{novelty: 0.7}}]")
    filters = []
    for entry in source:
        name, value = next(iter(entry.items())) if isinstance(entry, dict) and len(entry) == 1 else (entry, {})
        _one_of(name, FILTERS, "no filter")
        make = FILTERS[name]
        if make in READ:
            filters.append(READ[make](value or [], folder))
            continue
        if not isinstance(value, dict):
            options = inspect.signature(make).parameters
            if not options:
                raise UsageError(f"the filter '{name}' has no options, but it was given {quoted(value)}")
            # Of `words` the first two options are one thing: words=FILE and words=[a, b].
            first, second = [*options, ""][:2]
            is_list = second and isinstance(value, list) and type(options[second].default) is tuple
            value = {second if is_list else first: value}
        if folder and isinstance(file := value.get("file"), str) and (folder / file).is_file():
            value = value | {"file": str(folder / file)}
        filters.append(_with_options(make, value, name, language=language))
    return tuple(filters)


def _with_options(
    make: Callable[..., Any], options: Mapping[Any, Any], what: str, also: str = "", language: str = "en"
) -> Any:
    """`make(**options)`, with the recipe's language where it takes one and is given none."""
    parameters = _checked(make, options, what, also)
    spoken = {"language": language} if "language" in parameters else {}
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in options.items()}
    return make(**spoken | given)


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
