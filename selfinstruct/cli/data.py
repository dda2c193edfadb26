"""The commands that look at recipes, runs and datasets, and ask nobody: recipes, show, report, export, filter."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from selfinstruct.cli.group import main, print_rich
from selfinstruct.errors import UsageError

if TYPE_CHECKING:
    from selfinstruct.running.progress import Progress

__all__ = ["summary"]


@main.command()
def recipes() -> None:
    """List the recipes."""
    from selfinstruct.running.recipe import about, find, names

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
    if task is None and (Path(what) / "tasks.jsonl").is_file():
        raise UsageError(f"{what} is a run: give --task ID for a family tree, or use `selfinstruct report {what}`")
    if task is None:
        from selfinstruct.running.recipe import find, text_of

        click.echo(text_of(find(what)), nl=False)
    else:
        from selfinstruct.report.family import family_tree
        from selfinstruct.rows.layouts import read_rejected, read_tasks

        print_rich(family_tree(task, read_tasks(Path(what)), read_rejected(Path(what))))


@main.command()
@click.argument("run")
def report(run: str) -> None:
    """Say what a run kept and why not the rest; by operator and round where tasks evolved."""
    from selfinstruct.report.tables import tables
    from selfinstruct.rows.layouts import read_rejected, read_tasks

    for table in tables([*read_tasks(Path(run)), *read_rejected(Path(run))]):
        print_rich(table)


@main.command()
@click.argument("data")
@click.option("--to", "form", metavar="FORMAT", help="alpaca (the default), completion, messages, seed, sharegpt.")
@click.option("--template", metavar="NAME", help="With --to completion: prompts as `train` lays them out.")
@click.option("--gguf", metavar="KIND", help="DATA is a model's folder: write it for llama.cpp, as f32, f16 or q8_0.")
@click.option(
    "--out",
    metavar="FILE",
    help="*.jsonl, *.json, *.csv, *.parquet, or a folder for Hugging Face datasets. [default: JSON lines on stdout]",
)
def export(data: str, form: str | None, template: str | None, gguf: str | None, out: str | None) -> None:
    """Write tasks in the format that a trainer reads; or a model for llama.cpp."""
    if gguf is None:
        _export_tasks(data, form or "alpaca", template, out)
    elif form or template:
        raise UsageError("--gguf is for models, --to and --template are for data: leave one of them out")
    else:
        from selfinstruct.cli.training import write_gguf

        write_gguf(data, gguf, out)


def _export_tasks(data: str, form: str, template: str | None, out: str | None) -> None:
    from selfinstruct.rows.files import write_rows
    from selfinstruct.rows.layouts import FORMATS, read_tasks
    from selfinstruct.task import json_line

    if form not in FORMATS:
        raise UsageError(f"no format '{form}': there are {', '.join(FORMATS)}")
    if template and form != "completion":
        raise UsageError(f"--template lays out prompts, which {form} has none of: use --to completion")
    layout = FORMATS[form]
    if template:
        from selfinstruct.finetune.rows.conversations import laid_out

        layout = laid_out(template)
    tasks = read_tasks(Path(data))
    rows = (row for task in tasks for row in layout(task))
    if out is None:
        for row in rows:
            sys.stdout.buffer.write(json_line(row))
        sys.stdout.buffer.flush()
    else:
        many = write_rows(Path(out), rows)
        click.echo(f"{out}: {many:,} row{'' if many == 1 else 's'}")
    if left_out := sum(not any(layout(task)) for task in tasks):
        why = "without an answer, or conversations, which messages and sharegpt hold"
        click.echo(f"selfinstruct: {left_out:,} of {len(tasks):,} tasks gave no row of {form}: {why}", err=True)


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
    from selfinstruct.filters import sift
    from selfinstruct.rows.files import check_ending, write_rows
    from selfinstruct.rows.layouts import read_tasks
    from selfinstruct.running.progress import Progress
    from selfinstruct.running.recipe import drop_from
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
    click.echo(summary(out, progress))


def summary(out: str, progress: Progress) -> str:
    share = f" ({progress.kept / progress.proposed:.0%})" if progress.proposed else ""
    lines = [f"{out}: kept {progress.kept:,} of {progress.proposed:,} tasks{share}"]
    lines += [f"{count:7,}  {reason}" for reason, count in progress.reasons.most_common()]
    return "\n".join(lines)


def _named_value(text: str) -> str | dict[str, Any]:
    """'length' as it is; 'novelty=0.6' as {"novelty": 0.6}, as YAML would read it."""
    from selfinstruct.workdir import yaml_of

    name, equals, value = text.partition("=")
    try:
        return {name: yaml_of(value)} if equals else name
    except ValueError as error:
        raise UsageError(f"--drop {text}: {error}") from None
