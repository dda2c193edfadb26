"""Recipes as YAML files, read into objects. Every mistake is named in the user's words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from selfinstruct.errors import UsageError, did_you_mean, quoted
from selfinstruct.filters.pool import Pool
from selfinstruct.rows.formats.formats import FORMATS
from selfinstruct.running.dropping import drop_from
from selfinstruct.running.identity import STEP
from selfinstruct.running.options import KINDS, beside, checked, has_kind, known, one_of, options_of, with_options
from selfinstruct.running.recipe import MOST_ROUNDS, WIDEST, Optimise, Recipe, Step
from selfinstruct.stages import STAGES, Alpaca, Evolve, Propose, ToolCall, ToolRequest
from selfinstruct.stages.calling.tools import as_text, read_tools, tools_in
from selfinstruct.stages.prompting import LANGUAGES
from selfinstruct.stages.proposing.axes import axes_from
from selfinstruct.teachers.http.endpoint import OWN
from selfinstruct.yaml_text import yaml_of

__all__ = [
    *("about", "evolving", "find", "load", "names", "shipped", "text_of"),
    *("with_axes", "with_thoughts", "with_tools"),
]

TOP = ("seeds", "language", "optimise", "rounds", "width", "steps", "export")

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
    known(source, TOP, "a recipe")
    language = source.get("language", "en")
    if not isinstance(language, str):
        raise UsageError(f"language is {quoted(language)}; it should be a code, like en or zh")
    rounds, width, export = source.get("rounds", 0), source.get("width", 32), source.get("export", ["alpaca"])
    if not has_kind(rounds, int) or not 0 <= rounds <= MOST_ROUNDS:
        raise UsageError(f"rounds is {quoted(rounds)}; it is how often the steps are repeated, 1 to {MOST_ROUNDS}")
    if not has_kind(width, int) or not 1 <= width <= WIDEST:
        raise UsageError(f"width is {quoted(width)}; it is how many drafts 'grow' is ahead, 1 to {WIDEST:,}")
    if not isinstance(export, list):
        raise UsageError(f"export is {quoted(export)}; it should be a list, like [alpaca]")
    for form in export:
        one_of(form, FORMATS, "no format")
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
    if not any(hasattr(step.stage, "keep_thoughts") for step in recipe.steps):
        raise UsageError(
            f"--keep-thoughts: the recipe '{recipe.name}' has no step such as 'each: respond' or 'each: chat' whose "
            "answers they are"
        )
    steps = list(recipe.steps)
    for number, step in enumerate(steps):
        stage: Any = step.stage
        if hasattr(stage, "keep_thoughts"):
            steps[number] = replace(step, stage=replace(stage, keep_thoughts=True))
    return replace(recipe, steps=tuple(steps))


def with_axes(recipe: Recipe, axes: str | Path | Mapping[str, Any]) -> Recipe:
    """The recipe, its new tasks about what is drawn from the axes: those in a file, or a mapping. Raises UsageError."""
    first, *others = recipe.steps
    if not isinstance(first.stage, Propose | Alpaca):
        raise UsageError(
            f"--axes: the recipe '{recipe.name}' does not begin with 'grow: propose' or 'grow: alpaca', which draw "
            "from them"
        )
    return replace(recipe, steps=(replace(first, stage=replace(first.stage, axes=axes_from(axes))), *others))


def with_tools(recipe: Recipe, tools: str | Path | Sequence[Any]) -> Recipe:
    """The recipe with these tools, a file or OpenAI's list, in each step that takes some. Raises UsageError."""
    text = read_tools(str(tools)) if isinstance(tools, str | Path) else as_text(tools_in(json.dumps(list(tools))))
    if not any(isinstance(step.stage, ToolRequest | ToolCall) for step in recipe.steps):
        raise UsageError(f"--tools: the recipe '{recipe.name}' has no step that takes tools: see `tool_use`")
    steps = [
        replace(step, stage=replace(step.stage, tools=text)) if isinstance(step.stage, ToolRequest | ToolCall) else step
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
    checked(Optimise, figures, "optimise")
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
        raise UsageError(f"{kinds}; `selfinstruct stages` lists the stages")
    kind = "grow" if "grow" in source else "each"
    name = source[kind]
    if not isinstance(name, str) or name not in STAGES:
        close = get_close_matches(str(name)[:99], STAGES, n=1)
        meant = f"did you mean {quoted(close[0])}? " if close else ""
        raise UsageError(f"no stage {quoted(name)}: {meant}`selfinstruct stages` lists them")
    make = STAGES[name]
    if make.kind != kind:
        raise UsageError(f"{name} is a stage for '{make.kind}' steps: write '{make.kind}: {name}'")
    options = {key: value for key, value in source.items() if key not in STEP}
    options |= _prompts(source.get("prompt"), name, folder)
    for field, read in getattr(make, "files", {}).items():
        is_text = isinstance(options_of(make)[field].default, str)
        given = _of_language(options.get(field), language)
        if isinstance(given, str):
            options[field] = read(beside(folder, given))
        elif field in options and not is_text:
            options[field] = read(given)
    stage = with_options(make, options, name, f"a step has: {', '.join(STEP[2:])}", language=language)
    show = _shown(source["show"], kind, name) if "show" in source else {}
    role, params = _asked(source.get("teacher"))
    drop = drop_from([] if source.get("drop") is None else source["drop"], language, folder)
    if not isinstance(source.get("last", False), bool):
        raise UsageError(f"last is {quoted(source['last'])}; it should be true or false")
    return Step(stage, name, show, role, params, drop, source.get("last", False))


def _of_language(given: Any, language: str) -> Any:
    """What is given, or what is given for this language where there are several: {en: …, zh: …}."""
    if isinstance(given, dict) and given and all(key in LANGUAGES for key in given):
        return given.get(language, given.get("en"))
    return given


def _prompts(source: Any, name: str, folder: Path) -> dict[str, str]:
    """`prompt: FILE`, or {depth: FILE, breadth: FILE} for a stage of several: the texts, by the stage's fields."""
    if source is None:
        return {}
    known_texts = getattr(STAGES[name], "prompts", {})
    texts = list(known_texts) if isinstance(known_texts, dict) else ["text"]
    if not texts:
        raise UsageError(f"{name} has no prompt of words: leave 'prompt' out")
    if isinstance(source, str) and texts == ["text"]:
        source = {"text": source}
    if not isinstance(source, dict) or not all(isinstance(file, str) for file in source.values()):
        like = "a file" if texts == ["text"] else f"like {{{texts[0]}: FILE}}, of {', '.join(texts)}"
        raise UsageError(f"prompt is {quoted(source)}; for {name} it should be {like}")
    for field in source:
        one_of(field, texts, f"{name} has no prompt")
    return {field: text_of(Path(beside(folder, file))).rstrip("\n") for field, file in source.items()}


def _asked(source: Any) -> tuple[str, dict[str, Any]]:
    """Role and parameters of a step's teacher: `teacher: judge`, or `teacher: {role: judge, temperature: 0}`."""
    if source is None or isinstance(source, str):
        return source or "teacher", {}
    if not isinstance(source, dict) or not isinstance(source.get("role", ""), str):
        raise UsageError(f"teacher is {quoted(source)}; it should be a role, or like {{temperature: 0.7}}")
    for name, value in source.items():
        if name in OWN:
            raise UsageError(f"teacher has {quoted(name)}, which selfinstruct sets itself: leave it out")
        if value is not None and name in PARAMS and not has_kind(value, PARAMS[name]):
            raise UsageError(f"teacher: {name} is {quoted(value)}; it should be {KINDS[PARAMS[name]]}")
    params = {name: value for name, value in source.items() if name != "role" and value is not None}
    return source.get("role", "teacher"), params


def _shown(show: Any, kind: str, name: str) -> dict[str, Any]:
    if not isinstance(show, dict):
        raise UsageError(f"show is {quoted(show)}; it should be like {{seeds: 6, machine: 2}}")
    if kind == "each" and show:
        raise UsageError(f"'show' is for 'grow' steps; '{name}' works on one task at a time")
    checked(Pool().sample, show, "show")
    if kind == "grow" and (not has_kind(show.get("seeds"), int) or show["seeds"] < 1):
        raise UsageError(f"show needs seeds, at least 1; it is {quoted(show)}")
    if show.get("machine", 0) < 0:
        raise UsageError(f"show: machine is {show['machine']}; it is how many tasks of the teacher's, at least 0")
    one_of(show.get("only", "any"), ("any", "classification"), "show has no tasks for only:")
    return dict(show)
