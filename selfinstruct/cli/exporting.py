"""The command that writes tasks as trainers want them, or a model for llama.cpp; and what lists layouts and formats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from selfinstruct.cli.group import hand_over, main, say
from selfinstruct.cli.reading import bad_rows_option, data_argument, how_from, reading_options, told, watched
from selfinstruct.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from selfinstruct.rows.formats.formats import Format
    from selfinstruct.rows.notes import Notes
    from selfinstruct.task import Task

__all__: list[str] = []

_HELP = {
    "out": "*.jsonl, *.json, *.csv, *.tsv, *.parquet, *.arrow, the texts also .gz, .zst, .xz, .bz2; or a folder for "
    "Hugging Face datasets. [default: JSON lines on stdout]",
    "validation": "Tasks to hold out, below 1 their share, in a file beside --out: rows.validation.jsonl.",
    "push": "Write --out as a data set for the hub, with a card, and bring it there. [default of --out: NAME]",
    "gguf": "DATA is a model's folder: write it for llama.cpp, as f32, f16, q8_0, q6_k, q5_k_m or q4_k_m.",
    "on": "With --gguf: rows, held out best, to say on with what the rounding costs. May be repeated.",
    "license": "Of the data set, as the hub writes it: cc-by-4.0.",
}


@main.command()
@data_argument
@click.option("--to", "form", metavar="FORMAT", help="`selfinstruct formats` lists them. [default: alpaca]")
@click.option("--template", metavar="NAME", help="With --to completion: prompts as `train` lays them out.")
@click.option("--gguf", metavar="KIND", help=_HELP["gguf"])
@click.option("--on", metavar="DATA", multiple=True, help=_HELP["on"])
@reading_options
@bad_rows_option
@click.option("--out", metavar="FILE", help=_HELP["out"])
@click.option("--validation", metavar="N", type=float, help=_HELP["validation"])
@click.option("--seed", type=int, default=0, show_default=True, help="Of what is held out.")
@click.option("--push", metavar="OWNER/NAME", help=_HELP["push"])
@click.option("--private", is_flag=True, help="With --push: for those only whom you let in.")
@click.option("--license", "license", metavar="NAME", default="", help=_HELP["license"])
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--force", is_flag=True, help="Also over what is read, or when no rows replace some.")
def export(
    data: tuple[str, ...],
    form: str | None,
    template: str | None,
    gguf: str | None,
    on: tuple[str, ...],
    out: str | None,
    validation: float | None,
    seed: int,
    push: str | None,
    private: bool,
    license: str,
    force: bool,
    quiet: bool,
    bad_rows: str | None,
    **reading: Any,
) -> None:
    """Write tasks in the format that a trainer reads; or a model for llama.cpp.

    DATA are runs, files in any layout, folders of shards, patterns, - for stdin, hf://owner/name.

    \b
      selfinstruct export runs/first --to messages --out rows.jsonl.gz
      selfinstruct export 'shards/*.parquet' --to sharegpt --validation 0.02 --out talks.json
      selfinstruct export runs/first --push somebody/rivers --license cc-by-4.0
    """
    if gguf is not None:
        if form or template or len(data) != 1:
            raise UsageError("--gguf is for one model, --to and --template are for data: leave one of them out")
        from selfinstruct.cli.training import write_gguf

        write_gguf(data[0], gguf, on, out)
        return
    if on:
        raise UsageError("--on is for --gguf: rows to say with what the rounding costs")
    from selfinstruct.rows.formats.formats import rows_of
    from selfinstruct.rows.reading import tasks_in
    from selfinstruct.task import json_line

    form = form or "alpaca"
    layout, how = _layout(form, template), how_from(**reading)
    if push is not None:
        from selfinstruct.rows.hub.pushing import check_repo

        check_repo(push)
        out = out or push.rpartition("/")[2]
    elif private or license:
        raise UsageError("--private and --license are for --push OWNER/NAME: name the data set, or leave them out")
    if out is None and validation is not None:
        raise UsageError(f"--validation {validation:g} makes two files: give --out, like --out rows.jsonl")
    with told(out, bad_rows) as (notes, keep):
        tasks = watched(tasks_in(data, how, notes, keep), "tasks", quiet=quiet or out is None)
        if out is None:
            hand_over(map(json_line, _some(rows_of(tasks, form, notes, layout), data, form, notes)))
            return
        with _parts(tasks, validation, seed) as parts:
            rows = {name: rows_of(part, form, notes, layout) for name, part in parts.items()}
            if not force and not Path(out).is_file():
                rows["train"] = _some(rows["train"], data, form, notes)
            if push is None:
                _write(out, rows, data, force=force)
            else:
                _push(out, push, rows, data, form, license=license, private=private)


def _some(rows: Iterator[dict[str, Any]], data: tuple[str, ...], form: str, notes: Notes) -> Iterator[dict[str, Any]]:
    """The rows. Raises UsageError when there is none: whoever goes on with an empty file finds out much later."""
    first = next(rows, None)
    if first is None:
        read, name = sum(notes.files.values()), ", ".join(data)
        if not read:
            raise UsageError(f"{name} has no rows: is it all there?")
        raise UsageError(f"{name} gives no row of {form}: of {read:,} read, all are left out")
    yield first
    yield from rows


@contextmanager
def _parts(tasks: Iterator[Task], validation: float | None, seed: int) -> Iterator[dict[str, Iterable[Task]]]:
    if validation is None:
        yield {"train": tasks}
        return
    from selfinstruct.rows.splitting import split

    with split(tasks, validation, seed) as (training, held_out):
        yield {"train": training, "validation": held_out}


def _write(out: str, parts: dict[str, Iterator[dict[str, Any]]], data: tuple[str, ...], *, force: bool) -> None:
    from selfinstruct.rows.writing.writing import check_target, write_rows

    files = {name: out if name == "train" else _beside(out, name) for name in parts}
    for file in files.values():
        check_target(file, data, force=force)
    for name, rows in parts.items():
        many = write_rows(files[name], rows, reading=data, force=force)
        say(f"{files[name]}: {many:,} row{'' if many == 1 else 's'}")


def _beside(out: str, part: str) -> str:
    """rows.validation.jsonl.gz beside rows.jsonl.gz."""
    name, dot, endings = Path(out).name.partition(".")
    return str(Path(out).with_name(f"{name}.{part}{dot}{endings}"))


def _push(
    out: str,
    repo: str,
    parts: dict[str, Iterator[dict[str, Any]]],
    data: tuple[str, ...],
    form: str,
    *,
    license: str,
    private: bool,
) -> None:
    from selfinstruct.rows.hub.about import about_data
    from selfinstruct.rows.hub.pushing import prepare, push

    prepared = prepare(out, parts, about_data(data, layout=form, license=license), name=repo)
    counts = ", ".join(f"{part} {count:,}" for part, count in prepared.counts.items())
    say(f"{out}: {counts} rows and a card, for the hub")
    say(f"{repo}: {push(out, repo, private=private)}")


def _layout(form: str, template: str | None) -> Format | None:
    """What lays out the rows in place of the format itself, if anything does."""
    from selfinstruct.rows.formats.formats import FORMATS

    if form not in FORMATS:
        raise UsageError(f"no format '{form}': {did_you_mean(form, FORMATS)}")
    if template and form != "completion":
        raise UsageError(f"--template lays out prompts, which {form} has none of: use --to completion")
    if template:
        from selfinstruct.finetune.rows.conversations import laid_out

        made: Format = laid_out(template)
        return made
    return None


@main.command()
def formats() -> None:
    """List the formats of `export`."""
    from selfinstruct.rows.formats.formats import FORMATS

    for name, form in FORMATS.items():
        say(f"{name:16} {(form.__doc__ or '').partition(chr(10))[0]}")


@main.command()
def layouts() -> None:
    """List the layouts that are read by name (--layout), as their rows do not show what they are."""
    from selfinstruct.rows.importers.importers import IMPORTERS

    for name, importer in IMPORTERS.items():
        say(f"{name:16} {(importer.__doc__ or '').partition(chr(10))[0]}")
