"""The commands that ask a teacher: generate, evolve and run."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from selfinstruct.cli.data import summary
from selfinstruct.cli.group import main
from selfinstruct.errors import UsageError

__all__: list[str] = []


def _seeds_option(command: Callable[..., None]) -> Callable[..., None]:
    help = "Seed tasks: the published format, our tasks.jsonl, or Alpaca's."
    return click.option("--seeds", metavar="FILE", help=help)(command)


def _job_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options of every command that asks a teacher."""
    options = [
        click.option(
            "--num",
            metavar="N",
            type=int,
            help="Finished tasks wanted, or tasks given to `evolve`. A larger N extends.",
        ),
        click.option("--out", metavar="DIR", required=True, help="Folder of the run; the same command resumes it."),
        click.option("--language", metavar="CODE", help="en or zh: of seeds and prompts. [default: the recipe's]"),
        click.option("--model", "models", metavar="NAME", multiple=True, help=_MODEL_HELP),
        click.option("--base-url", metavar="URL", help="An OpenAI-compatible server: vLLM, llama.cpp, Ollama …"),
        click.option("--api", type=click.Choice(["chat", "completions"]), default="chat", show_default=True),
        click.option(
            "--concurrency",
            metavar="N",
            type=click.IntRange(1),
            help="Requests at a time. [default: 16; 64 to a local model]",
        ),
        click.option("--seed", type=int, default=0, show_default=True, help="Of all random choices."),
        click.option("--budget", metavar="DOLLARS", type=click.FloatRange(0), help="Stop before spending more."),
        click.option("--price", metavar="IN/OUT", help="Dollars per million input and output tokens."),
        click.option("--max-tokens-total", metavar="N", type=click.IntRange(0), help="Stop before using more."),
        click.option(
            "--patience",
            metavar="SECONDS",
            type=click.FloatRange(0),
            default=600.0,
            show_default=True,
            help="How long a request is tried before the run stops.",
        ),
        click.option(
            "--timeout",
            metavar="SECONDS",
            type=click.FloatRange(0, min_open=True),
            help="How long one answer may take. [default: 600, or the patience if that is less, but 10]",
        ),
        click.option("--dry-run", is_flag=True, help="Print the first prompts and the expected requests; ask nobody."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


_MODEL_HELP = (
    "Who answers: builtin (rules, no model), builtin:messy (the same with more faults of form), local:DIR (a model on "
    "this machine), or a model's name at the endpoint. ROLE=NAME for a step's own teacher. [default: "
    "$SELFINSTRUCT_MODEL, else builtin]"
)


@main.command()
@_seeds_option
@_job_options
def generate(**options: Any) -> None:
    """Self-Instruct: grow a dataset from seed tasks (the recipe self_instruct).

    \b
      selfinstruct generate --seeds seed_tasks.jsonl --num 1000 --out runs/first
      selfinstruct generate --model gpt-4o-mini --price 0.15/0.60 --budget 5 --out runs/gpt
    """
    num = options.pop("num")
    _work("self_instruct", 100 if num is None else num, **options)


@main.command()
@click.argument("seeds", metavar="DATA")
@click.option("--rounds", type=click.IntRange(1, 100), help="How often each task is rewritten. [default: the recipe's]")
@click.option("--operators", metavar="A,B,…", help="How it is rewritten; a name given twice is drawn twice as often.")
@click.option("--answers-only-last", is_flag=True, help="Answer what lives after the last round, and only that.")
@click.option("--recipe", default="evol_instruct", show_default=True, help="Or evol_code, or a YAML file of your own.")
@_job_options
def evolve(
    rounds: int | None,
    operators: str | None,
    answers_only_last: bool,
    recipe: str,
    **options: Any,
) -> None:
    """Evol-Instruct: rewrite tasks to be harder or wider, answer them, eliminate failures.

    DATA is the folder of a run or a file: seed tasks, Alpaca, prompt/completion, messages or ShareGPT as JSON lines,
    JSON, CSV or Parquet. With --num, so many of its tasks.

    \b
      selfinstruct evolve runs/first --rounds 4 --out runs/evolved
      selfinstruct evolve alpaca_data.json --num 1000 --operators deepen,breadth --out runs/evolved
    """
    from selfinstruct.running.recipe import evolving

    def change(source: dict[str, Any]) -> dict[str, Any]:
        return evolving(source, rounds, None if operators is None else operators.split(","), answers_only_last)

    _work(recipe, options.pop("num"), change=change, **options)


@main.command("run")
@click.argument("recipe")
@_seeds_option
@_job_options
def run_recipe(recipe: str, **options: Any) -> None:
    """Run a recipe: a name that `selfinstruct recipes` lists, or a YAML file of your own."""
    _work(recipe, options.pop("num"), **options)


def _work(
    name: str,
    num: int | None,
    *,
    seeds: str | None,
    out: str,
    models: tuple[str, ...],
    price: str | None,
    budget: float | None,
    concurrency: int | None,
    dry_run: bool,
    language: str | None,
    change: Callable[[dict[str, Any]], dict[str, Any]] = lambda source: source,
    **rest: Any,
) -> None:
    from selfinstruct.rows.layouts import read_tasks
    from selfinstruct.running.execute import Settings, carry_out, find_seeds, plan, wanted
    from selfinstruct.running.progress import Progress
    from selfinstruct.running.recipe import load

    if num is not None and num < 1:
        raise UsageError(f"--num is {num}: ask for at least 1 task")
    if not out:
        raise UsageError("--out is empty: name a folder for the run")
    for option, value in (("--budget", budget), ("--patience", rest["patience"])):
        if value is not None and math.isnan(value):
            raise UsageError(f"{option} is {value}: give a number")
    named = _models(models)
    # What a local model is asked at the same time, it answers together: the cores are idle otherwise.
    at_once = concurrency or (64 if any(model.startswith("local:") for model in named.values()) else 16)
    settings = Settings(named, num=num, price=_price(price), dollars=budget, concurrency=at_once, **rest)
    spoken = {"language": language} if language else {}
    recipe = load(name, settings.models, lambda source: change(source | spoken))
    if num is None and any(step.kind == "grow" for step in recipe.steps):
        raise UsageError(f"the recipe '{name}' grows without end: give --num N")
    tasks = read_tasks(find_seeds(seeds, recipe))
    if dry_run:
        for line in plan(recipe, tasks, settings):
            click.echo(line)
        return
    progress = Progress(*wanted(recipe, tasks, num))
    try:
        with progress:
            carry_out(recipe, tasks, Path(out), settings, progress)
    finally:
        # Also when it stopped early: what there is, and why there is no more.
        if progress.proposed:
            click.echo(summary(out, progress))


def _models(given: tuple[str, ...]) -> dict[str, str]:
    """{"teacher": …, role: …} from NAME and ROLE=NAME."""
    import os

    models = {"teacher": os.environ.get("SELFINSTRUCT_MODEL") or "builtin"}
    for text in given:
        if not text:
            raise UsageError("--model is empty: name a model, or leave it out for the built-in teacher")
        role = re.match(r"([a-z_]+)=(.+)", text)
        models[role[1] if role else "teacher"] = role[2] if role else text
    return models


def _price(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    found = re.fullmatch(r"(\d*\.?\d+)/(\d*\.?\d+)", text)
    if not found:
        raise UsageError(f"--price is '{text}'; it should be like 0.15/0.60, dollars per million tokens in and out")
    return float(found[1]), float(found[2])
