"""The commands that turn anybody's data into tasks of ours, and ask nobody: import and filter."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import click

from selfinstruct.cli.group import main, say
from selfinstruct.cli.reading import bad_rows_option, data_argument, how_from, reading_options, told, watched
from selfinstruct.errors import UsageError

if TYPE_CHECKING:
    from selfinstruct.running.progress import Progress
    from selfinstruct.task import Rejected, Task

__all__ = ["named_value"]


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
    help="One reason to drop a task, like length, language=zh or novelty=0.6; `selfinstruct filters` lists them. May "
    "be repeated.",
)
@reading_options
@bad_rows_option
@click.option("--out", metavar="FILE", required=True, help="Where to write the tasks that are kept.")
@click.option("--rejected", metavar="FILE", help="Where to write the others, with the reason.")
@click.option(
    "--clusters", metavar="FILE", help="Where to write which are duplicates of which: a line of JSON for each."
)
@click.option(
    "--keep",
    type=click.Choice(["first", "longest", "shortest"]),
    default="first",
    show_default=True,
    help="Of duplicates, the one that is kept.",
)
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--force", is_flag=True, help="Also over what is read, or when no rows replace some.")
def filter_tasks(
    data: tuple[str, ...],
    drop: tuple[str, ...],
    out: str,
    rejected: str | None,
    clusters: str | None,
    keep: Literal["first", "longest", "shortest"],
    quiet: bool,
    force: bool,
    bad_rows: str | None,
    **reading: Any,
) -> None:
    """Put a dataset through filters, each task against those kept before it.

    \b
      selfinstruct filter alpaca.json --drop exact --drop near --out kept.jsonl --clusters clusters.jsonl
    """
    from selfinstruct.filters import compares, get_ready, sift, together
    from selfinstruct.filters.clusters import Clusters
    from selfinstruct.filters.order import in_order
    from selfinstruct.report.tables import counted
    from selfinstruct.rows.reading import read_tasks, tasks_in
    from selfinstruct.rows.writing.writing import write_rows
    from selfinstruct.running.dropping import drop_from
    from selfinstruct.running.progress import Progress

    _check_targets({"--out": out, "--rejected": rejected, "--clusters": clusters}, data, force)
    filters, how = drop_from([named_value(text) for text in drop]), how_from(**reading)
    get_ready(filters)
    found = Clusters(named=clusters is not None)
    with told(out, bad_rows) as (notes, leave_out), TemporaryFile() as lost:
        # Where instructions are compared, those with one instruction are put together, for which all must be in memory.
        tasks: Iterable[Task] = (
            read_tasks(data, how, notes, leave_out)
            if together(filters)
            else tasks_in(data, how, notes, leave_out, apart=compares(filters))
        )
        with Progress(stream=io.StringIO() if quiet else None) as progress:
            items = in_order(tasks, keep, lambda tasks: sift(tasks, filters, found))
            write_rows(out, _kept(items, progress, lost), reading=data, force=force)
        if rejected:
            lost.seek(0)
            write_rows(rejected, map(json.loads, lost), force=True)
        if clusters:
            write_rows(clusters, found.rows(keep), force=True)
    say(counted(out, progress.kept, progress.proposed, progress.reasons))
    if line := found.line():
        say(line)


def _check_targets(targets: dict[str, str | None], data: tuple[str, ...], force: bool) -> None:
    """Raises UsageError, also when two of them are one file."""
    from selfinstruct.rows.writing.writing import check_target

    options: dict[Path, str] = {}
    for option, path in targets.items():
        if path:
            check_target(path, data, force=force)
            if (other := options.setdefault(Path(path).resolve(), option)) != option:
                raise UsageError(f"{other} and {option} are both {path}: give each a file of its own")


def _kept(items: Iterable[Task | Rejected], progress: Progress, lost: BinaryIO) -> Iterator[dict[str, Any]]:
    """The rows of tasks that were kept; those of the others go into the file `lost` meanwhile."""
    from selfinstruct.task import Task, json_line, rejected_to_row, task_to_row

    for item in items:
        progress.count(item)
        if isinstance(item, Task):
            yield task_to_row(item)
        else:
            lost.write(json_line(rejected_to_row(item)))


def named_value(text: str) -> str | dict[str, Any]:
    """'length' as it is; 'novelty=0.6' as {"novelty": 0.6}, as YAML would read it; the name of a file as it is."""
    from selfinstruct.yaml_text import yaml_of

    name, equals, value = text.partition("=")
    if name == "overlap" and not value.startswith(("[", "{")):  # *.jsonl is an alias to YAML
        return {name: value} if equals else name
    try:
        return {name: yaml_of(value)} if equals else name
    except ValueError as error:
        raise UsageError(f"--drop {text}: {error}") from None
