"""The command line: read options, call one function, print. The only file that knows click."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from selfinstruct import __version__
from selfinstruct.errors import SelfinstructError, UsageError

if TYPE_CHECKING:
    from selfinstruct.progress import Progress

__all__ = ["main"]


class _Group(click.Group):
    """Turns our errors into one line on stderr and their exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            where = error.ctx.command_path if error.ctx else "selfinstruct"
            click.echo(f"selfinstruct: {error.format_message()} See `{where} --help`.", err=True)
            ctx.exit(2)
        except SelfinstructError as error:
            click.echo(f"selfinstruct: {error}", err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("selfinstruct: interrupted; the same command goes on from here", err=True)
            ctx.exit(1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="selfinstruct")
def main() -> None:
    """Turn a few seed tasks and a teacher (any language model) into an instruction-tuning dataset.

    Without a key, network or GPU, the built-in teacher shows how it works:

      selfinstruct generate --num 200 --out runs/first
    """


def _seeds_option(command: Callable[..., None]) -> Callable[..., None]:
    help = "Seed tasks: the published format, our tasks.jsonl, or Alpaca's."
    return click.option("--seeds", metavar="FILE", help=help)(command)


def _job_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options of every command that asks a teacher."""
    options = [
        click.option("--num", metavar="N", type=int, help="Finished tasks wanted. A larger N extends a finished run."),
        click.option("--out", metavar="DIR", required=True, help="Folder of the run; the same command resumes it."),
        click.option("--language", metavar="CODE", help="en or zh: of seeds and prompts. [default: the recipe's]"),
        click.option("--model", "models", metavar="NAME", multiple=True, help=_MODEL_HELP),
        click.option("--base-url", metavar="URL", help="An OpenAI-compatible server: vLLM, llama.cpp, Ollama …"),
        click.option("--api", type=click.Choice(["chat", "completions"]), default="chat", show_default=True),
        click.option(
            "--concurrency", type=click.IntRange(1), default=16, show_default=True, help="Requests at a time."
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
        click.option("--dry-run", is_flag=True, help="Print the first prompts and the expected requests; ask nobody."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


_MODEL_HELP = (
    "Who answers: builtin (rules, no model), builtin:messy (the same with more faults of form), or a model's name at "
    "the endpoint. ROLE=NAME for a step's own teacher. [default: $SELFINSTRUCT_MODEL, else builtin]"
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

    DATA is a file of tasks in any format that `export` writes, or the folder of a run; with --num, that many of them.

    \b
      selfinstruct evolve runs/first --rounds 4 --out runs/evolved
      selfinstruct evolve alpaca_data.json --num 1000 --operators deepen,breadth --out runs/evolved
    """
    from selfinstruct.recipe import evolving

    def change(source: dict[str, Any]) -> dict[str, Any]:
        return evolving(source, rounds, operators.split(",") if operators else None, answers_only_last)

    _work(recipe, options.pop("num"), change=change, **options)


@main.command("run")
@click.argument("recipe")
@_seeds_option
@_job_options
def run_recipe(recipe: str, **options: Any) -> None:
    """Run a recipe: a name that `selfinstruct recipes` lists, or a YAML file of your own."""
    _work(recipe, options.pop("num"), **options)


@main.command()
def recipes() -> None:
    """List the recipes."""
    from selfinstruct.recipe import about, find, names

    for name in names():
        click.echo(f"{name:20} {about(find(name))}")


@main.command()
@click.argument("what", metavar="RECIPE|RUN")
@click.option("--task", metavar="ID", help="Of a run: the family tree of a task, from what was given on.")
def show(what: str, task: str | None) -> None:
    """Print a recipe, to be copied and edited; or the family tree of a task.

    \b
      selfinstruct show evol_instruct > mine.yaml
      selfinstruct show runs/evolved --task seed_task_3.1.2
    """
    if task is None:
        from selfinstruct.recipe import find, text_of

        click.echo(text_of(find(what)), nl=False)
    else:
        from selfinstruct.formats import read_rejected, read_tasks
        from selfinstruct.report.family import family_tree

        _print(family_tree(task, read_tasks(Path(what)), read_rejected(Path(what))))


@main.command()
@click.argument("run")
def report(run: str) -> None:
    """Say what came of a run: what was kept and why the rest was not, by operator and round where tasks evolved."""
    from selfinstruct.formats import read_rejected, read_tasks
    from selfinstruct.report.tables import tables

    for table in tables([*read_tasks(Path(run)), *read_rejected(Path(run))]):
        _print(table)


def _print(what: Any) -> None:
    """With rich, which knows how wide characters are. A pipe gets the whole width."""
    from rich.console import Console

    Console(highlight=False, width=None if sys.stdout.isatty() else 120).print(what)


@main.command()
@click.argument("data")
@click.option(
    "--to",
    "form",
    metavar="FORMAT",
    default="alpaca",
    show_default=True,
    help="alpaca, completion, messages, seed or sharegpt.",
)
@click.option(
    "--out",
    metavar="FILE",
    help="*.jsonl, *.json, *.csv, *.parquet, or a folder for Hugging Face datasets. [default: JSON lines on stdout]",
)
def export(data: str, form: str, out: str | None) -> None:
    """Write a run or a file of tasks in the format that a trainer reads."""
    from selfinstruct.files import write_rows
    from selfinstruct.formats import FORMATS, read_tasks, rows_of
    from selfinstruct.task import json_line

    if form not in FORMATS:
        raise UsageError(f"no format '{form}': there are {', '.join(FORMATS)}")
    rows = rows_of(read_tasks(Path(data)), form)
    if out is None:
        for row in rows:
            sys.stdout.buffer.write(json_line(row))
        sys.stdout.buffer.flush()
    else:
        click.echo(f"{out}: {write_rows(Path(out), rows):,} rows")


@main.command("filter")
@click.argument("data")
@click.option(
    "--drop",
    "drop",
    metavar="FILTER",
    multiple=True,
    required=True,
    help="In this order: length, keywords, program, punctuation, ascii, language, output, refusal, novelty "
    "(or novelty=0.6), leak, sorry, stop_words.",
)
@click.option("--out", metavar="FILE", required=True, help="Where to write the tasks that are kept.")
@click.option("--rejected", metavar="FILE", help="Where to write the others, with the reason.")
def filter_tasks(data: str, drop: tuple[str, ...], out: str, rejected: str | None) -> None:
    """Put a dataset through filters, each task against those kept before it."""
    from selfinstruct.files import check_ending, write_rows
    from selfinstruct.filters import sift
    from selfinstruct.formats import read_tasks
    from selfinstruct.progress import Progress
    from selfinstruct.recipe import drop_from
    from selfinstruct.task import Task, rejected_to_row, task_to_row

    for path in filter(None, (out, rejected)):
        check_ending(Path(path))
    tasks = read_tasks(Path(data))
    with Progress(None) as progress:
        items = []
        for item in sift(tasks, drop_from([_named_value(text) for text in drop], "--drop")):
            items.append(item)
            progress.count(item)
    write_rows(Path(out), [task_to_row(item) for item in items if isinstance(item, Task)])
    if rejected:
        write_rows(Path(rejected), [rejected_to_row(item) for item in items if not isinstance(item, Task)])
    click.echo(_summary(out, progress))


@main.command()
@click.option("--num", metavar="N", type=int, default=500, show_default=True, help="Tasks. A larger N extends.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Of all random choices.")
@click.option(
    "--without",
    "data",
    metavar="DATA",
    multiple=True,
    help="A run or a file of tasks that is trained on: none of its instructions is asked. May be repeated.",
)
@click.option("--out", metavar="FILE", required=True, help="*.jsonl, *.json or *.parquet.")
def exam(num: int, language: str, seed: int, data: tuple[str, ...], out: str) -> None:
    """Write a held-out exam: new tasks of the built-in teacher's kinds, whose answers `grade` can judge.

    \b
      selfinstruct exam --num 500 --without runs/first --out exam.jsonl
      selfinstruct run respond --seeds exam.jsonl --model NAME --out runs/answers
      selfinstruct grade exam.jsonl runs/answers
    """
    from collections import Counter

    from selfinstruct.exam import write_exam
    from selfinstruct.files import check_ending, write_rows
    from selfinstruct.formats import read_tasks
    from selfinstruct.task import task_to_row

    check_ending(Path(out))
    known = [task for path in data for task in read_tasks(Path(path))]
    tasks = write_exam(language, num, seed=seed, without=known)
    write_rows(Path(out), map(task_to_row, tasks))
    families = Counter(task.extra["family"] for task in tasks).values()
    least, most = min(families), max(families)
    each = f"{most:,}" if least == most else f"{least:,} {'or' if most - least == 1 else 'to'} {most:,}"
    apart = f"; nothing in the {len(known):,} tasks of --without asks the same" if known else ""
    click.echo(f"{out}: {len(tasks):,} tasks of {len(families)} families, {each} of each{apart}")


@main.command()
@click.argument("exam")
@click.argument("answers")
@click.option("--out", metavar="FILE", help="Every task with its answer, and whether that is right.")
def grade(exam: str, answers: str, out: str | None) -> None:
    """Grade the answers to an exam, exactly and offline.

    ANSWERS is a run of the recipe respond, a file of tasks in any format that `export` writes, or of {"id", "output"}.
    """
    from selfinstruct.exam import grade, graded_to_row, interval, read_answers, results
    from selfinstruct.files import check_ending, write_rows
    from selfinstruct.formats import read_tasks

    if out:
        check_ending(Path(out))
    tasks = read_tasks(Path(exam))
    grade(tasks, {})  # what is no exam is said so before its answers are looked for
    found = read_answers(Path(answers), tasks)
    graded = grade(tasks, found.given)
    if out:
        write_rows(Path(out), map(graded_to_row, graded))
    _print(results(graded))
    right, missing = sum(one.right for one in graded), sum(one.answer is None for one in graded)
    low, high = interval(right, len(graded))
    parts = [f"right: {right:,} of {len(graded):,}, {right / len(graded):.1%} (95% interval {low:.1%} to {high:.1%})"]
    parts += [f"{missing:,} without an answer, which is wrong"] if missing else []
    parts += [f"{found.others:,} answers to other tasks, left out"] if found.others else []
    click.echo("; ".join(parts))


def _rate(option: str, meaning: str) -> Callable[..., Any]:
    return click.option(option, metavar="RATE", type=click.FloatRange(0, 1), default=0.0, help=meaning)


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: any that is free.")
@click.option("--latency", metavar="SECONDS", type=float, default=0.0, help="Every answer takes so long.")
@click.option("--jitter", metavar="SECONDS", type=float, default=0.0, help="And up to so much more.")
@click.option("--rpm", metavar="N", type=int, help="Requests a minute; above: 429 with Retry-After.")
@click.option("--tpm", metavar="N", type=int, help="Tokens a minute; above: 429 with Retry-After.")
@_rate("--errors", "Of the requests: HTTP 500 or 503.")
@_rate("--drops", "The connection is closed without an answer.")
@_rate("--timeouts", "No answer ever comes.")
@_rate("--cuts", "The body breaks off.")
@_rate("--empties", "An answer without choices.")
@_rate("--garbage", "An HTML page instead of JSON.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the faults; answers never depend on it.")
@click.option("--key-env", metavar="NAME", help="Environment variable with the key that clients must send.")
def teacher(port: int, key_env: str | None, **faults: Any) -> None:
    """Serve the built-in teacher over the OpenAI API, on this machine only; well-behaved or not.

    \b
      selfinstruct teacher --port 8000 --latency 0.1 --rpm 600 --errors 0.05
      selfinstruct generate --model builtin --base-url http://127.0.0.1:8000/v1 --num 100 --out runs/served
    """
    from selfinstruct.server import Faults, serve
    from selfinstruct.teachers.builtin import MODELS

    def ready(url: str) -> None:
        click.echo(f"{url}  (Ctrl-C stops it)")

    serve(port=port, models=MODELS, key_env=key_env, faults=Faults(**faults), ready=ready)


def _work(
    name: str,
    num: int | None,
    *,
    seeds: str | None,
    out: str,
    models: tuple[str, ...],
    price: str | None,
    budget: float | None,
    dry_run: bool,
    language: str | None,
    change: Callable[[dict[str, Any]], dict[str, Any]] = lambda source: source,
    **rest: Any,
) -> None:
    from selfinstruct.formats import read_tasks
    from selfinstruct.job import Settings, carry_out, find_seeds, plan
    from selfinstruct.progress import Progress
    from selfinstruct.recipe import load

    if num is not None and num < 1:
        raise UsageError(f"--num is {num}: ask for at least 1 task")
    if not out:
        raise UsageError("--out is empty: name a folder for the run")
    for option, value in (("--budget", budget), ("--patience", rest["patience"])):
        if value is not None and math.isnan(value):
            raise UsageError(f"{option} is {value}: give a number")
    settings = Settings(_models(models), num=num, price=_price(price), dollars=budget, **rest)
    spoken = {"language": language} if language else {}
    recipe = load(name, settings.models, lambda source: change(source | spoken))
    if num is None and any(step.kind == "grow" for step in recipe.steps):
        raise UsageError(f"the recipe '{name}' grows without end: give --num N")
    tasks = read_tasks(find_seeds(seeds, recipe))
    if dry_run:
        for line in plan(recipe, tasks, settings):
            click.echo(line)
        return
    progress = Progress((num or len(tasks)) * max(recipe.rounds, 1))
    try:
        with progress:
            carry_out(recipe, tasks, Path(out), settings, progress)
    finally:
        # Also when it stopped early: what there is, and why there is no more.
        if progress.proposed:
            click.echo(_summary(out, progress))


def _summary(out: str, progress: Progress) -> str:
    share = f" ({progress.kept / progress.proposed:.0%})" if progress.proposed else ""
    lines = [f"{out}: kept {progress.kept:,} of {progress.proposed:,} tasks{share}"]
    lines += [f"{count:7,}  {reason}" for reason, count in progress.reasons.most_common()]
    return "\n".join(lines)


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


def _named_value(text: str) -> str | dict[str, Any]:
    """'length' as it is; 'novelty=0.6' as {"novelty": 0.6}, as YAML would read it."""
    from selfinstruct.folder import yaml_of

    name, equals, value = text.partition("=")
    try:
        return {name: yaml_of(value)} if equals else name
    except ValueError as error:
        raise UsageError(f"--drop {text}: {error}") from None
