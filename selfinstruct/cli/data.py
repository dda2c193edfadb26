"""The commands that turn anybody's data into other files, and ask nobody: export, import, filter and layouts."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from selfinstruct.cli.group import hand_over, main, say
from selfinstruct.cli.reading import data_argument, how_from, reading_options, told, watched
from selfinstruct.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from selfinstruct.rows.formats import Format
    from selfinstruct.running.progress import Progress
    from selfinstruct.task import Rejected, Task

__all__ = ["named_value"]

_HELP = {
    "validation": "Tasks to hold out, below 1 their share, in a file beside --out: rows.validation.jsonl.",
}
OUT = "*.jsonl, *.json, *.csv, *.parquet (all but this one also .gz, .zst …), or a folder for Hugging Face datasets."


@main.command()
@data_argument
@click.option("--to", "form", metavar="FORMAT", help="`selfinstruct formats` lists them. [default: alpaca]")
@click.option("--template", metavar="NAME", help="With --to completion: prompts as `train` lays them out.")
@click.option("--gguf", metavar="KIND", help="DATA is a model's folder: write it for llama.cpp, as f32, f16 or q8_0.")
@reading_options
@click.option("--bad-rows", metavar="FILE", help="Where rows that are left out go. [default: OUT.bad.jsonl]")
@click.option("--out", metavar="FILE", help=f"{OUT} [default: JSON lines on stdout]")
@click.option("--validation", metavar="N", type=float, help=_HELP["validation"])
@click.option("--seed", type=int, default=0, show_default=True, help="Of what is held out.")
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--force", is_flag=True, help="Also over what is read, or when no rows replace some.")
def export(
    data: tuple[str, ...],
    form: str | None,
    template: str | None,
    gguf: str | None,
    out: str | None,
    validation: float | None,
    seed: int,
    force: bool,
    quiet: bool,
    bad_rows: str | None,
    **reading: Any,
) -> None:
    """Write tasks in the format that a trainer reads; or a model for llama.cpp.

    DATA are runs, files in any layout, folders of shards, globs, - for stdin, hf://owner/name.
    """
    if gguf is not None:
        if form or template or len(data) != 1:
            raise UsageError("--gguf is for one model, --to and --template are for data: leave one of them out")
        from selfinstruct.cli.training import write_gguf

        write_gguf(data[0], gguf, out)
        return
    from selfinstruct.rows.formats import rows_of
    from selfinstruct.rows.reading import tasks_in
    from selfinstruct.rows.writing import check_target
    from selfinstruct.task import json_line

    form = form or "alpaca"
    layout = _layout(form, template)
    if validation is not None and out is None:
        raise UsageError(f"--validation {validation:g} makes two files: give --out, like --out rows.jsonl")
    for file in [out, *([_held_out(out)] if validation else [])] if out else []:
        check_target(file, data, force=force)
    with told(out, bad_rows) as (notes, keep):
        tasks = watched(tasks_in(data, how_from(**reading), notes, keep), "tasks", quiet=quiet or out is None)
        if out is None:
            hand_over(map(json_line, rows_of(tasks, form, notes, layout)))
        elif validation is None:
            _write(out, rows_of(tasks, form, notes, layout), data, force=force)
        else:
            from selfinstruct.rows.splitting import split

            with split(tasks, validation, seed) as (training, held_out):
                _write(out, rows_of(training, form, notes, layout), data, force=force)
                _write(_held_out(out), rows_of(held_out, form, notes, layout), data, force=force)


def _write(out: str, rows: Iterable[dict[str, Any]], data: tuple[str, ...], *, force: bool) -> None:
    from selfinstruct.rows.writing import write_rows

    many = write_rows(out, rows, reading=data, force=force)
    say(f"{out}: {many:,} row{'' if many == 1 else 's'}")


def _held_out(out: str) -> str:
    """rows.validation.jsonl.gz beside rows.jsonl.gz."""
    name, dot, endings = Path(out).name.partition(".")
    return str(Path(out).with_name(f"{name}.validation{dot}{endings}"))


def _layout(form: str, template: str | None) -> Format | None:
    """What lays out the rows in place of the format itself, if anything does."""
    from selfinstruct.rows.formats import FORMATS

    if form not in FORMATS:
        raise UsageError(f"no format '{form}': {did_you_mean(form, FORMATS)}")
    if template and form != "completion":
        raise UsageError(f"--template lays out prompts, which {form} has none of: use --to completion")
    if template:
        from selfinstruct.finetune.rows.conversations import laid_out

        made: Format = laid_out(template)
        return made
    return None


@main.command("import")
@data_argument
@reading_options
@click.option("--out", metavar="RUN", required=True, help="Folder of the run; the same command makes it again.")
@click.option("--quiet", is_flag=True, help="No progress.")
def import_run(data: tuple[str, ...], out: str, quiet: bool, **reading: Any) -> None:
    """Make a run of anybody's data, so that everything that works on runs works on it.

    Rows that are left out (--on-error skip) are in its rejected.jsonl, with the reasons.

    \b
      selfinstruct import alpaca_data.json --out runs/alpaca
      selfinstruct import shards/*.parquet --columns instruction=frage,output=antwort --out runs/fragen
    """
    from selfinstruct.api import Run
    from selfinstruct.rows.notes import Notes
    from selfinstruct.running.importing import import_data

    notes = Notes()
    import_data(data, out, how_from(**reading), notes, lambda tasks: watched(tasks, "tasks", quiet=quiet))
    for line in notes.lines():
        say(f"selfinstruct: {line}", err=True)
    say(repr(Run(out)))


@main.command("filter")
@data_argument
@click.option(
    "--drop",
    "drop",
    metavar="FILTER",
    multiple=True,
    required=True,
    help="One reason to drop a task, like length or novelty=0.6; `selfinstruct filters` lists them. May be repeated.",
)
@reading_options
@click.option("--bad-rows", metavar="FILE", help="Where rows that are left out go. [default: OUT.bad.jsonl]")
@click.option("--out", metavar="FILE", required=True, help="Where to write the tasks that are kept.")
@click.option("--rejected", metavar="FILE", help="Where to write the others, with the reason.")
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--force", is_flag=True, help="Also over what is read, or when no rows replace some.")
def filter_tasks(
    data: tuple[str, ...],
    drop: tuple[str, ...],
    out: str,
    rejected: str | None,
    quiet: bool,
    force: bool,
    bad_rows: str | None,
    **reading: Any,
) -> None:
    """Put a dataset through filters, each task against those kept before it."""
    from selfinstruct.filters import compares, sift
    from selfinstruct.report.tables import counted
    from selfinstruct.rows.reading import read_tasks, tasks_in
    from selfinstruct.rows.writing import check_target, write_rows
    from selfinstruct.running.progress import Progress
    from selfinstruct.running.recipe_file import drop_from

    for path in filter(None, (out, rejected)):
        check_target(path, data, force=force)
    if rejected and Path(out).resolve() == Path(rejected).resolve():
        raise UsageError(f"--out and --rejected are both {out}: give each a file of its own")
    filters, how = drop_from([named_value(text) for text in drop]), how_from(**reading)
    with told(out, bad_rows) as (notes, keep), TemporaryFile() as lost:
        # Where tasks are compared, all must be in memory, and then those with one instruction are put together.
        tasks: Iterable[Task] = (
            read_tasks(data, how, notes, keep) if compares(filters) else tasks_in(data, how, notes, keep)
        )
        with Progress(stream=io.StringIO() if quiet else None) as progress:
            write_rows(out, _kept(sift(tasks, filters), progress, lost), reading=data, force=force)
        if rejected:
            lost.seek(0)
            write_rows(rejected, map(json.loads, lost), force=True)
    say(counted(out, progress.kept, progress.proposed, progress.reasons))


def _kept(items: Iterable[Task | Rejected], progress: Progress, lost: BinaryIO) -> Iterator[dict[str, Any]]:
    """The rows of tasks that were kept; those of the others go into the file `lost` meanwhile."""
    from selfinstruct.task import Task, json_line, rejected_to_row, task_to_row

    for item in items:
        progress.count(item)
        if isinstance(item, Task):
            yield task_to_row(item)
        else:
            lost.write(json_line(rejected_to_row(item)))


@main.command()
def formats() -> None:
    """List the formats of `export`."""
    from selfinstruct.rows.formats import FORMATS

    for name, form in FORMATS.items():
        say(f"{name:16} {(form.__doc__ or '').partition(chr(10))[0]}")


@main.command()
def layouts() -> None:
    """List the layouts that are read by name (--layout), as their rows do not show what they are."""
    from selfinstruct.rows.importers import IMPORTERS

    for name, importer in IMPORTERS.items():
        say(f"{name:16} {(importer.__doc__ or '').partition(chr(10))[0]}")


def named_value(text: str) -> str | dict[str, Any]:
    """'length' as it is; 'novelty=0.6' as {"novelty": 0.6}, as YAML would read it."""
    from selfinstruct.yaml_text import yaml_of

    name, equals, value = text.partition("=")
    try:
        return {name: yaml_of(value)} if equals else name
    except ValueError as error:
        raise UsageError(f"--drop {text}: {error}") from None
