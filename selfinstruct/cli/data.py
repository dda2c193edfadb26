"""The commands that turn tasks into other files: export and filter."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import click

from selfinstruct.cli.group import hand_over, main, say
from selfinstruct.errors import UsageError

__all__ = ["named_value"]


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
@click.option("--force", is_flag=True, help="Also over what is read, or when no rows replace some.")
def export(data: str, form: str | None, template: str | None, gguf: str | None, out: str | None, force: bool) -> None:
    """Write tasks in the format that a trainer reads; or a model for llama.cpp."""
    if gguf is None:
        _export_tasks(data, form or "alpaca", template, out, force=force)
    elif form or template:
        raise UsageError("--gguf is for models, --to and --template are for data: leave one of them out")
    else:
        from selfinstruct.cli.training import write_gguf

        write_gguf(data, gguf, out)


def _export_tasks(data: str, form: str, template: str | None, out: str | None, *, force: bool) -> None:
    from selfinstruct.rows.formats import FORMATS
    from selfinstruct.rows.reading import read_tasks
    from selfinstruct.rows.writing import write_rows
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
        hand_over(map(json_line, rows))
    else:
        many = write_rows(out, rows, reading=[data], force=force)
        say(f"{out}: {many:,} row{'' if many == 1 else 's'}")
    if left_out := sum(not any(layout(task)) for task in tasks):
        why = "without an answer, or conversations, which messages and sharegpt hold"
        say(f"selfinstruct: {left_out:,} of {len(tasks):,} tasks gave no row of {form}: {why}", err=True)


@main.command("filter")
@click.argument("data")
@click.option(
    "--drop",
    "drop",
    metavar="FILTER",
    multiple=True,
    required=True,
    help="One reason to drop a task, like length or novelty=0.6; `selfinstruct filters` lists them. May be repeated.",
)
@click.option("--out", metavar="FILE", required=True, help="Where to write the tasks that are kept.")
@click.option("--rejected", metavar="FILE", help="Where to write the others, with the reason.")
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--force", is_flag=True, help="Also over what is read, or when no rows replace some.")
def filter_tasks(data: str, drop: tuple[str, ...], out: str, rejected: str | None, quiet: bool, force: bool) -> None:
    """Put a dataset through filters, each task against those kept before it."""
    from selfinstruct.filters import sift
    from selfinstruct.report.tables import counted
    from selfinstruct.rows.reading import read_tasks
    from selfinstruct.rows.writing import check_target, write_rows
    from selfinstruct.running.progress import Progress
    from selfinstruct.running.recipe_file import drop_from
    from selfinstruct.task import Task, rejected_to_row, task_to_row

    for path in filter(None, (out, rejected)):
        check_target(path, [data], force=force)
    if rejected and Path(out).resolve() == Path(rejected).resolve():
        raise UsageError(f"--out and --rejected are both {out}: give each a file of its own")
    tasks = read_tasks(Path(data))
    with Progress(len(tasks), stream=io.StringIO() if quiet else None) as progress:
        items = []
        for item in sift(tasks, drop_from([named_value(text) for text in drop])):
            items.append(item)
            progress.count(item)
    kept = [task_to_row(item) for item in items if isinstance(item, Task)]
    write_rows(out, kept, reading=[data], force=force)
    if rejected:
        write_rows(rejected, [rejected_to_row(item) for item in items if not isinstance(item, Task)], force=True)
    say(counted(out, progress.kept, progress.proposed, progress.reasons))


def named_value(text: str) -> str | dict[str, Any]:
    """'length' as it is; 'novelty=0.6' as {"novelty": 0.6}, as YAML would read it."""
    from selfinstruct.yaml_text import yaml_of

    name, equals, value = text.partition("=")
    try:
        return {name: yaml_of(value)} if equals else name
    except ValueError as error:
        raise UsageError(f"--drop {text}: {error}") from None
