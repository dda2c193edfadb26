"""The commands that make one dataset of many: mix, and mixtures, which lists those that come with the package."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

import click

from selfinstruct.cli.group import main, print_rich, say
from selfinstruct.cli.reading import watched
from selfinstruct.errors import UsageError, did_you_mean, quoted

if TYPE_CHECKING:
    from selfinstruct.mixing.mix import Part
    from selfinstruct.mixing.mixture import Mixture
    from selfinstruct.task import Task

__all__: list[str] = []


@main.command()
def mixtures() -> None:
    """List the mixtures: datasets of the family that were curated out of others."""
    from selfinstruct.mixing.mixture import find, names
    from selfinstruct.running.recipe_file import about

    for name in names():
        say(f"{name:16} {about(find(name))}")


@main.command()
@click.argument("mixture", metavar="MIXTURE")
@click.option("--out", metavar="FILE", required=True, help="Where to write the rows.")
@click.option("--num", metavar="N", type=click.IntRange(1), help="Rows in all. [default: the mixture's]")
@click.option("--to", "form", metavar="FORMAT", help="Of the rows. [default: the mixture's, or our own]")
@click.option("--data", metavar="NAME=PLACE", multiple=True, help="Another place for a source. May be repeated.")
@click.option("--samples", is_flag=True, help="Read the small samples that come with the package: offline.")
@click.option("--seed", metavar="N", type=int, help="Of the order. [default: the mixture's]")
@click.option("--tokenizer", metavar="MODEL", help="Whose tokens are counted; a folder or hub id. [default: estimated]")
@click.option("--rejected", metavar="FILE", help="Where to write what filters drop, with the reason.")
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--force", is_flag=True, help="Also over what is read, or when no rows replace some.")
def mix(
    mixture: str,
    out: str,
    num: int | None,
    form: str | None,
    data: tuple[str, ...],
    samples: bool,
    seed: int | None,
    tokenizer: str | None,
    rejected: str | None,
    quiet: bool,
    force: bool,
) -> None:
    """Make one dataset of many sources: MIXTURE is a YAML file, or a name that `selfinstruct mixtures` lists.

    The same mixture of the same data is the same file; a larger --num extends a smaller one.

    \b
      selfinstruct mix tulu --samples --out few.jsonl
      selfinstruct mix mine.yaml --num 100000 --to messages --out rows.jsonl.gz
    """
    from selfinstruct.mixing.mix import Part
    from selfinstruct.mixing.mix import mix as mixed
    from selfinstruct.mixing.mixture import load
    from selfinstruct.rows.formats.formats import rows_of
    from selfinstruct.rows.notes import Notes
    from selfinstruct.rows.writing.writing import check_target, write_rows
    from selfinstruct.task import Rejected, json_line, rejected_to_row

    asked = load(mixture)
    asked = _placed(replace(asked, size=num or asked.size, seed=asked.seed if seed is None else seed), data)
    form = form or asked.format or ("text" if asked.is_text else "seed")
    layout, notes = _layout(form, asked), Notes()
    reading = [place for source in asked.sources for place in source.data]
    for path in filter(None, (out, rejected)):
        check_target(path, reading, force=force)
    parts = [Part(source) for source in asked.sources]
    count = _counter(tokenizer)
    with TemporaryFile() as lost:

        def lose(one: Rejected) -> None:
            lost.write(json_line(rejected_to_row(one)))

        def seen(tasks: Iterator[Task], name: str) -> Iterator[Task]:
            return watched(tasks, f"rows of {name}", quiet=quiet)

        tasks = mixed(asked, parts, count, samples=samples, lose=lose, watched=seen)
        many = write_rows(out, rows_of(tasks, form, notes, layout), reading=reading, force=force)
        if rejected:
            lost.seek(0)
            write_rows(rejected, map(json.loads, lost), force=True)
    for line in notes.lines():
        say(f"selfinstruct: {line}", err=True)
    for part in parts:
        for line in part.notes.lines():
            say(f"selfinstruct: {part.source.name}: {line}", err=True)
    for part in parts:
        if part.ended and part.source.weight and part.ended + len(parts) < many:
            say(
                f"selfinstruct: {part.source.name} has no more after row {part.ended:,} of {many:,}: from there on the "
                f"shares are the others'; give it 'repeats', or a smaller --num",
                err=True,
            )
    print_rich(_table(parts))
    say(f"{out}: {many:,} rows, of {sum(part.kept for part in parts):,} different ones")


def _placed(mixture: Mixture, data: Sequence[str]) -> Mixture:
    """With the places that --data names."""
    places: dict[str, list[str]] = {}
    names = [source.name for source in mixture.sources]
    for text in data:
        name, equals, place = text.partition("=")
        if not equals or not place:
            raise UsageError(f"--data {quoted(text)}: write NAME=PLACE, as in {names[0]}=rows.jsonl")
        if name not in names:
            raise UsageError(f"--data {quoted(text)}: no source {quoted(name)}: {did_you_mean(name, names)}")
        places.setdefault(name, []).append(place)
    sources = [
        replace(source, data=tuple(places[source.name]), sample=places[source.name][0])
        if source.name in places
        else source
        for source in mixture.sources
    ]
    return replace(mixture, sources=tuple(sources))


def _layout(form: str, mixture: Mixture) -> Callable[[Task], Iterator[dict[str, Any]]]:
    """What writes the rows of a task: those of a format, with source and tags beside where the format is our own."""
    from selfinstruct.rows.formats.formats import FORMATS

    if form not in FORMATS:
        raise UsageError(f"--to {quoted(form)}: no format: {did_you_mean(form, FORMATS)}")
    if not mixture.is_text:
        return FORMATS[form]
    if form != "text":
        raise UsageError(f"--to {form}: the mixture is of documents, whose format is text")
    return lambda task: iter([{"id": task.id, "text": task.instances[0].output, **task.extra}])


def _counter(tokenizer: str | None) -> Callable[[str], int]:
    if not tokenizer:
        from selfinstruct.teachers.estimate import estimate_text

        return estimate_text
    from selfinstruct.finetune.models.tokenizer import tokenizer_of

    try:
        opened = tokenizer_of(tokenizer)
    except UsageError as error:
        raise UsageError(f"--tokenizer: {error}") from None
    return lambda text: len(opened(text, add_special_tokens=False)["input_ids"])


def _table(parts: Sequence[Part]) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text("What came from where"), title_justify="left", box=None, pad_edge=False)
    for name in ("source", "language", "tags"):
        table.add_column(name)
    for name in ("read", "dropped", "kept", "taken", "share", "tokens"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("dropped because")
    rows, words = sum(part.taken for part in parts), sum(part.words for part in parts)
    for part in parts:
        tags = ", ".join(f"{value}" for value in part.source.tags.values())
        why = ", ".join(f"{reason} {count:,}" for reason, count in part.lost.most_common())
        figures = (part.read, part.lost.total(), part.kept, part.taken)
        shares = (f"{part.taken / rows:.0%}" if rows else "", f"{part.words / words:.0%}" if words else "")
        table.add_row(
            *map(Text, (part.source.name, part.source.language, tags)), *(f"{n:,}" for n in figures), *shares, Text(why)
        )
    return table
