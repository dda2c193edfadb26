"""The commands that show how a data set looks: report, open."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from selfinstruct.cli.group import hand_over, main, print_rich, say
from selfinstruct.cli.reading import how_from, reading_options, told
from selfinstruct.errors import UsageError

if TYPE_CHECKING:
    from selfinstruct.report.sources import Source

__all__ = ["shown_in_browser"]

ROWS = 5_000


@main.command()
@click.argument("data", metavar="RUN_OR_DATA…", nargs=-1, required=True)
@click.option(
    "--out", metavar="FILE", help="The page. [default: report.html, in the run's folder or, of other data, here]"
)
@click.option("--json", "as_json", is_flag=True, help="All figures as one JSON object, and no page without --out.")
@click.option(
    "--rows",
    metavar="N",
    type=click.IntRange(0),
    default=ROWS,
    show_default=True,
    help="Rows inside the page; the others are in files beside it.",
)
@click.option("--language", type=click.Choice(["en", "zh"]), help="Of the page. [default: the data's]")
@click.option("--seeds", metavar="FILE", help="What the tasks grew from. [default: the run's, where it says so]")
@click.option(
    "--rejected", metavar="FILE", help="What was dropped, as `filter --rejected` writes it. [default: the run's]"
)
@click.option(
    "--map",
    "by",
    type=click.Choice(["words", "meaning", "none"]),
    default="words",
    show_default=True,
    help="How the map is laid out: meaning needs 'selfinstruct[semantic]'.",
)
@click.option("--no-page", is_flag=True, help="Only what is printed.")
@click.option("--serve", is_flag=True, help="Serve the page to this machine alone, for millions of rows.")
@click.option(
    "--port", metavar="N", type=click.IntRange(0, 65535), default=0, help="For --serve. [default: a free one]"
)
@click.option(
    "--index", metavar="FILE", help="For --serve: keep in this file what is served, to open it at once again."
)
@reading_options
def report(
    data: tuple[str, ...],
    out: str | None,
    as_json: bool,
    rows: int,
    language: str | None,
    seeds: str | None,
    rejected: str | None,
    by: str,
    no_page: bool,
    serve: bool,
    port: int,
    index: str | None,
    **reading: Any,
) -> None:
    """Say how a run or any data set looks, and write it as a page; several are set side by side.

    \b
      selfinstruct report runs/first
      selfinstruct report runs/first alpaca.json --out both.html
      selfinstruct report big.parquet --serve --index big.duckdb
    """
    from selfinstruct.report.page.writing import check_place, data_of, language_of
    from selfinstruct.report.sources import opened

    if serve and (as_json or no_page or out):
        raise UsageError("--serve writes nothing: leave out --out, --json and --no-page")
    if index and not serve:
        raise UsageError("--index is for --serve: give both")
    by = "" if by == "none" or no_page or (as_json and not out) else by
    with told(None) as (notes, _):
        sources = opened(data, how_from(**reading), notes, seeds, rejected)
        path = Path(out) if out else _place(sources)
        if not (serve or no_page or (as_json and not out)):
            check_place(path)
        sets, known = _figures(sources, by, index, f"{seeds} {rejected} {sorted(reading.items())}")
    chosen = language or language_of(sets)
    if as_json:
        _hand_over(sets)
    else:
        _print(sources, sets, language or "en", counted=not known)
    if serve:
        from selfinstruct.report.serving import serve as serve_page

        serve_page(sources, data_of(sets, chosen, by), port, say, Path(index) if index else None)
    elif not no_page and (out or not as_json):
        _write(path, sources, sets, rows, chosen, by, quiet=as_json)


def _write(
    path: Path,
    sources: list[Source],
    sets: list[dict[str, Any]],
    rows: int,
    language: str,
    by: str,
    *,
    quiet: bool,
) -> None:
    from selfinstruct.report.drawing import plots
    from selfinstruct.report.page.writing import data_of, write_page

    shown = data_of(sets, language, by)
    try:
        images = plots(sets, [Path(figures["name"]).name for figures in sets], shown["words"])
    except ImportError as error:
        images = {}
        say(f"selfinstruct: plots as files need {error.name}: pip install 'selfinstruct[report]'", err=True)
    written = write_page(path, sources, shown, inside=rows, plots=images)
    if not quiet:
        more = f", plots and further rows in {written[1]}" if len(written) > 1 else ""
        say(f"{path}: the page{more}")


def _place(sources: list[Source]) -> Path:
    folder = sources[0].folder if len(sources) == 1 else None
    return (folder or Path()) / "report.html"


def _hand_over(sets: list[dict[str, Any]]) -> None:
    from selfinstruct.report.counting.comparing import compared
    from selfinstruct.task import finite

    found = sets[0] if len(sets) == 1 else {"sets": sets, "comparison": compared(sets)}
    text = json.dumps(finite(found), ensure_ascii=False, indent=2, default=str)
    hand_over([f"{text}\n".encode("utf-8", "backslashreplace")])


def _figures(sources: list[Source], by: str, index: str | None, how: str) -> tuple[list[dict[str, Any]], bool]:
    """Of each data set; and whether they were in the index already."""

    def made() -> list[dict[str, Any]]:
        return [source.figures(by) for source in sources]

    if index is None:
        return made(), False
    try:
        from selfinstruct.report.index import indexed
    except ImportError:
        raise UsageError("--serve needs the package duckdb: pip install 'selfinstruct[report]'") from None
    return indexed(sources, Path(index), by, how, made)


def _print(sources: list[Source], sets: list[dict[str, Any]], language: str, *, counted: bool) -> None:
    """What is printed of a run; without `counted` not what its rows would have to be read for."""
    from selfinstruct.report.spending import spending_table
    from selfinstruct.report.tables import coverage, likeness, tables

    if counted and len(sources) == 1 and sets[0]["rejected"]:
        for table in tables(sources[0].items):
            print_rich(table)
    table, lines = likeness(sets, language)
    print_rich(table)
    for line in lines:
        say(line)
    if len(sources) == 1 and sets[0]["coverage"]:
        print_rich(coverage(sets[0]["coverage"]))
    if len(sources) == 1 and sources[0].spending:
        print_rich(spending_table(sources[0].spending))
    if missing := sets[0]["missing"]:
        say(f"selfinstruct: verbs and nouns need {missing}: pip install 'selfinstruct[report]'", err=True)


@main.command("open")
@click.argument("run", metavar="RUN_OR_PAGE")
def open_(run: str) -> None:
    """Open the page of a run in the browser, as `selfinstruct report` has written it."""
    import webbrowser

    shown_in_browser(run, webbrowser.open)


def shown_in_browser(run: str, browse: Callable[[str], bool]) -> None:
    """Open the page of a run; `browse` opens an address, and says whether it could. Raises UsageError."""
    path = Path(run)
    page = path if path.is_file() and path.suffix == ".html" else path / "report.html"
    if not page.is_file():
        raise UsageError(f"{run} has no report.html: `selfinstruct report {run}` writes it")
    if not browse(page.absolute().as_uri()):
        raise UsageError(f"no browser could be opened: open {page.absolute()} yourself")
