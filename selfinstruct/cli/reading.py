"""What the commands that read data have in common: how it is read, what is told of it, how fast it goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from selfinstruct.cli.group import say

if TYPE_CHECKING:
    from selfinstruct.rows.notes import Bad, Notes
    from selfinstruct.rows.reading import How

__all__ = ["bad_rows_option", "data_argument", "how_from", "reading_options", "told", "watched"]

EVERY = 10.0
"""Seconds between two lines about the progress."""
LOOK = 1000
"""Rows between two looks at the clock."""

Item = TypeVar("Item")

_HELP = {
    "columns": "What the rows call our columns: instruction, input, output, system, history, thoughts, turns, "
    "chosen, rejected, label, id, tools.",
    "layout": "For rows that do not show what they are: `selfinstruct layouts` lists them.",
    "encoding": "Of text files: utf-16, gbk … [default: UTF-8]",
    "on_error": "At a row that cannot be used: stop, or leave it out and name it.",
}


def reading_options(command: Callable[..., None]) -> Callable[..., None]:
    """--columns, --layout, --encoding and --on-error, for `how_from`."""
    options = [
        click.option("--columns", metavar="OURS=THEIRS,…", multiple=True, help=_HELP["columns"]),
        click.option("--layout", metavar="NAME", help=_HELP["layout"]),
        click.option("--encoding", metavar="NAME", help=_HELP["encoding"]),
        click.option(
            "--on-error",
            type=click.Choice(["stop", "skip"]),
            default="stop",
            show_default=True,
            help=_HELP["on_error"],
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def bad_rows_option(command: Callable[..., None]) -> Callable[..., None]:
    """--bad-rows, for `told`."""
    text = "Where rows that are left out go. [default: OUT.bad.jsonl]"
    return click.option("--bad-rows", metavar="FILE", help=text)(command)


def data_argument(command: Callable[..., None]) -> Callable[..., None]:
    """DATA…, as many as there are."""
    return click.argument("data", metavar="DATA…", nargs=-1, required=True)(command)


def how_from(columns: tuple[str, ...], layout: str | None, encoding: str | None, on_error: str) -> How:
    """The options as the reader wants them. Raises UsageError."""
    from selfinstruct.rows.layouts.columns import parse_columns
    from selfinstruct.rows.reading import How

    return How(
        parse_columns(",".join(columns)) if columns else {}, encoding or "", layout or "", skip=on_error == "skip"
    )


@contextmanager
def told(beside: str | None, bad_rows: str | None = None) -> Iterator[tuple[Notes, Callable[[Bad], None]]]:
    """What is noticed on the way, told at the end; and what takes the rows that are left out, as `tasks_in` wants it.

    They go to `bad_rows`, or to a file beside `beside`: out.bad.jsonl.
    """
    from selfinstruct.rows.notes import Notes
    from selfinstruct.task import json_line
    from selfinstruct.workdir import atomic

    notes = Notes()
    place = Path(bad_rows) if bad_rows else _beside(Path(beside)) if beside else None
    with ExitStack() as opened:
        files: list[Any] = []

        def keep(bad: Bad) -> None:
            if place and not files:
                files.append(opened.enter_context(atomic(place)))
            for file in files:
                file.write(json_line({"where": str(bad.where), "why": bad.why, "text": bad.text}))

        try:
            yield notes, keep
        finally:  # also when it comes to nothing: this is why
            for line in notes.lines():
                say(f"selfinstruct: {line}", err=True)
    if notes.left_out:
        kept = f"what was left out, with the reasons: {place}" if place else "--bad-rows FILE keeps what is left out"
        say(f"selfinstruct: {kept}", err=True)


def _beside(out: Path) -> Path:
    return out.parent / f"{out.name.partition('.')[0] or 'rows'}.bad.jsonl"


def watched(items: Iterable[Item], what: str, *, quiet: bool = False, slow: bool = False) -> Iterator[Item]:
    """The items, while stderr says every ten seconds how many there were, and how many a second.

    slow    each may take a second: look at the clock after every one
    """
    if quiet:
        yield from items
        return
    began = spoke = time.monotonic()
    for number, item in enumerate(items, 1):
        if (slow or not number % LOOK) and (now := time.monotonic()) - spoke >= EVERY:
            spoke = now
            say(f"{number:,} {what} · {number / (now - began):,.{1 if slow else 0}f}/s", err=True)
        yield item
