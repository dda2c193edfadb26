"""The commands that show what there is, and ask nobody: recipes, show, stages, filters, prompts."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from selfinstruct.cli.group import hand_over, main, print_rich, say
from selfinstruct.errors import UsageError, did_you_mean

__all__: list[str] = []


@main.command()
def recipes() -> None:
    """List the recipes."""
    from selfinstruct.running.recipe_file import about, find, names

    for name in names():
        say(f"{name:20} {about(find(name))}")


@main.command()
@click.argument("what", metavar="RECIPE|MIXTURE|RUN")
@click.option("--mixture", is_flag=True, help="The mixture, where a recipe has the same name.")
@click.option("--task", metavar="ID", help="Of a run: the family tree of a task, from what was given on.")
def show(what: str, mixture: bool, task: str | None) -> None:
    """Print a recipe or a mixture, to be copied and edited; or the family tree of a task.

    \b
      selfinstruct show evol_instruct > mine.yaml
      selfinstruct show runs/evolved --task seed_task_3.1.2
    """
    if task is None and (Path(what) / "tasks.jsonl").is_file():
        raise UsageError(f"{what} is a run: give --task ID for a family tree, or use `selfinstruct report {what}`")
    if task is None:
        from selfinstruct.mixing.mixture import find as find_mixture
        from selfinstruct.mixing.mixture import names as mixtures
        from selfinstruct.running.recipe_file import find, names, text_of

        both = what in names() and what in mixtures()
        path = find_mixture(what) if mixture or (what in mixtures() and not both) else find(what)
        if both and not mixture:
            say(f"selfinstruct: there is a mixture {what!r}, too: `selfinstruct show {what} --mixture`", err=True)
        hand_over([text_of(path).encode()])
    else:
        from selfinstruct.api import Run
        from selfinstruct.report.family import family_tree

        run = Run(what)
        print_rich(family_tree(task, run.tasks, run.rejected))


@main.command()
def stages() -> None:
    """List the stages that recipes are made of, with their options and defaults."""
    from selfinstruct.stages import STAGES

    for name, stage in STAGES.items():
        what = _first_line(inspect.getmodule(stage)).partition(": ")[2]
        say(f"{f'{stage.kind}: {name}':16} {what[0].upper()}{what[1:]}")
        say(_options(stage))


@main.command()
def filters() -> None:
    """List the filters, the reasons to drop a task, with their options and defaults."""
    from selfinstruct.filters import FILTERS

    for name, make in FILTERS.items():
        say(f"{name:16} {_first_line(make)}")
        if options := _options(make):
            say(options)


@main.command()
@click.argument("name", required=False)
@click.option("--language", metavar="CODE", default="en", show_default=True, help="en or zh.")
def prompts(name: str | None, language: str) -> None:
    """List the prompts of the stages, or print one, to be copied and edited.

    A step of a recipe goes by your own with `prompt: FILE`; what stands in braces is filled in, and must stay.

    \b
      selfinstruct prompts alpaca > alpaca.txt
    """
    from selfinstruct.stages.prompting import LANGUAGES, places, prompt_text, shipped_prompts

    if name is None:
        for each in shipped_prompts():
            say(f"{each:24} {', '.join(f'{{{place}}}' for place in places(prompt_text(each)))}")
        return
    if name not in shipped_prompts():
        raise UsageError(f"no prompt {name!r}: {did_you_mean(name, shipped_prompts())}")
    if language not in LANGUAGES:
        raise UsageError(f"--language is {language!r}: our prompts are written in {' and '.join(LANGUAGES)}")
    hand_over([f"{prompt_text(name, language)}\n".encode()])


def _first_line(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def _options(make: Callable[..., Any]) -> str:
    """The fields of a dataclass with their defaults, in one line; "" for none. Those of prompts take files."""
    options = [field for field in fields(make) if field.compare]  # type: ignore[arg-type]
    files = ("file", *getattr(make, "files", ()))
    known = getattr(make, "prompts", {})
    texts = list(known) if isinstance(known, dict) else ["text"]
    own = [field for field in options if field.name not in texts]
    shown = [f"{field.name}={'FILE' if field.name in files else _shown(field.default)}" for field in own]
    prompts = ["prompt=FILE"] if texts == ["text"] else [f"prompt={{{', '.join(f'{name}: FILE' for name in texts)}}}"]
    line = ", ".join([*shown, *(prompts if texts else [])])
    return f"{'':16} {line}" if line else ""


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value) or "''"
