"""The command with which people judge rows on a page of their own machine: review."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from selfinstruct.cli.group import hand_over, main, print_rich, say
from selfinstruct.cli.reading import bad_rows_option, data_argument, how_from, reading_options, told
from selfinstruct.errors import UsageError, quoted

if TYPE_CHECKING:
    from selfinstruct.reviewing.judges import Judge, Judges
    from selfinstruct.reviewing.record import Record
    from selfinstruct.rows.notes import Bad, Notes
    from selfinstruct.rows.reading import How
    from selfinstruct.task import Task

__all__: list[str] = []

LONGEST = 60
"""Characters of a name."""
_HELP = {
    "sample": "Rows to look at; more of them later go on from the first ones.",
    "against": "Compare the answers with those of other data to the same questions, blind.",
    "unpaired": "With --against: whole rows of the one beside whole rows of the other, whatever they ask.",
    "rejected": "Rows that a run, or `filter --rejected`, rejected: was that right?",
    "by": "Draw from each kind of row alike: step, operator, round, classification, or a key that rows have.",
    "as": "Who reviews; several, each with a link of their own, may be named.",
    "judge": "What a judge says of all rows: a key of theirs, score or score>=7; of one question output:score>=7.",
    "out": "Where the verdicts are kept. [default: RUN/review.jsonl, or beside the file]",
    "table": "Only print what there is so far.",
    "edited": "Only write all rows, with what people edited in place of what it was.",
    "preferences": "Only write the verdicts as preference tasks, for `export --to preference` or kto.",
    "language": "Of the page. [default: the browser's]",
}


@main.command()
@data_argument
@click.option(
    "--sample", metavar="N", type=click.IntRange(1, 100_000), default=200, show_default=True, help=_HELP["sample"]
)
@click.option("--against", metavar="DATA", help=_HELP["against"])
@click.option("--unpaired", is_flag=True, help=_HELP["unpaired"])
@click.option("--rejected", is_flag=True, help=_HELP["rejected"])
@click.option("--seed", type=int, default=0, show_default=True, help="Of what is drawn, and which answer stands left.")
@click.option("--by", metavar="WHAT", default="", help=_HELP["by"])
@click.option("--as", "names", metavar="NAME", multiple=True, help=f"{_HELP['as']} [default: you]")
@click.option("--judge", metavar="KEY", multiple=True, help=_HELP["judge"])
@reading_options
@bad_rows_option
@click.option("--out", metavar="FILE", help=_HELP["out"])
@click.option("--table", "only_table", is_flag=True, help=_HELP["table"])
@click.option("--json", "as_json", is_flag=True, help="The same as one JSON object.")
@click.option("--edited", metavar="FILE", help=_HELP["edited"])
@click.option("--preferences", metavar="FILE", help=_HELP["preferences"])
@click.option("--language", type=click.Choice(["en", "zh"]), help=_HELP["language"])
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Of the page. [default: any that is free]")
@click.option("--open", "open_page", is_flag=True, help="Open the page in a browser.")
def review(
    data: tuple[str, ...],
    sample: int,
    against: str | None,
    unpaired: bool,
    rejected: bool,
    seed: int,
    by: str,
    names: tuple[str, ...],
    judge: tuple[str, ...],
    out: str | None,
    only_table: bool,
    as_json: bool,
    edited: str | None,
    preferences: str | None,
    language: str | None,
    port: int,
    open_page: bool,
    bad_rows: str | None,
    **reading: Any,
) -> None:
    """Judge rows on a page: is it a valid task, does its input fit, is its output right?

    The page is served to this machine alone, and every answer is saved at once: the same command goes on from there.
    Ctrl-C ends it, and prints the table of the Self-Instruct paper for this data. DATA may be the file of a review.

    \b
      selfinstruct review runs/first --sample 200 --as anna
      selfinstruct review runs/scored --judge score --table
      selfinstruct review runs/mine --against runs/theirs
      selfinstruct review runs/first --rejected
      selfinstruct filter runs/first --drop review=runs/first/review.jsonl --out kept.jsonl
    """
    from selfinstruct.reviewing.figures import figures, rounded
    from selfinstruct.reviewing.judges import judges_of

    if rejected and (against or unpaired or judge or edited or preferences):
        raise UsageError("--rejected is about what was dropped: leave out --against, --judge, --edited, --preferences")
    people = _people(names)
    judging = judges_of(judge)
    with told(None, bad_rows) as (notes, leave_out):
        how, is_there = how_from(**reading), bool(only_table or as_json or edited or preferences)
        if rejected:
            record = _rejections(data, out, sample, seed, by, is_there=is_there)
        else:
            record = _record(
                data, against, unpaired, out, sample, seed, by, judging, how, notes, leave_out, is_there=is_there
            )
    if edited:
        _write_edited(edited, data, record, how)
    if preferences:
        _write_preferences(preferences, data, record)
    if edited or preferences:
        return
    if not only_table and not as_json:
        _serve(record, people, judging, language or "", port, open_page=open_page)
        record.catch_up()
    found = figures(record, judging)
    if as_json:
        text = json.dumps(rounded(found), ensure_ascii=False, indent=2)
        hand_over([f"{text}\n".encode("utf-8", "backslashreplace")])
    else:
        _print(found)


def _people(names: tuple[str, ...]) -> tuple[str, ...]:
    """Who reviews. Raises UsageError."""
    import getpass

    if not names:
        try:
            names = (getpass.getuser(),)
        except (KeyError, OSError, ImportError):  # a container may know no name for its user
            names = ("me",)
    for name in names:
        if not name.strip() or len(name) > LONGEST or not name.isprintable() or names.count(name) > 1:
            raise UsageError(
                f"--as {quoted(name)}: give each person a name of their own, in up to {LONGEST} characters"
            )
    return names


def _record(
    data: tuple[str, ...],
    against: str | None,
    unpaired: bool,
    out: str | None,
    sample: int,
    seed: int,
    by: str,
    judge: Judge | Judges | None,
    how: How,
    notes: Notes,
    leave_out: Callable[[Bad], None],
    *,
    is_there: bool,
) -> Record:
    from selfinstruct.reviewing.record import Record, is_record
    from selfinstruct.reviewing.reviews import begun, compared, default_place
    from selfinstruct.rows.reading import tasks_in

    if len(data) == 1 and is_record(Path(data[0])):
        if against or judge or out or by:
            raise UsageError(f"{data[0]} is a review: give its data for --against, --judge, --by or --out")
        return Record(Path(data[0]))
    if unpaired and against is None:
        raise UsageError("--unpaired is for comparing two datasets: name the other one, --against DATA")
    place = Path(out) if out else default_place(data, against)
    if is_there and not place.exists():
        raise UsageError(f"{place} is not there: begin with `selfinstruct review {data[0]}` alone")

    def read(what: tuple[str, ...] = data) -> Iterable[Task]:
        return tasks_in(what, how, notes, leave_out)

    if against is None and not _is_judged(data, how):
        return begun(read(), data, place, wanted=sample, seed=seed, by=by, judge=judge)
    if judge or by:
        raise UsageError("--judge and --by are for a review of rows, not for comparing answers: leave them out")
    both = (", ".join(data), against or ", ".join(data))
    other = (lambda: read((against,))) if against else None
    return compared(read, other, both, place, wanted=sample, seed=seed, whole=unpaired)


def _rejections(data: tuple[str, ...], out: str | None, sample: int, seed: int, by: str, *, is_there: bool) -> Record:
    from selfinstruct.report.sources import Source
    from selfinstruct.reviewing.record import Record, is_record
    from selfinstruct.reviewing.rejections import BY, as_tasks, check_rejections
    from selfinstruct.reviewing.reviews import begun, default_place

    if len(data) != 1:
        raise UsageError("--rejected is about one run, or one file that `filter --rejected` wrote: name one")
    if is_record(Path(data[0])):
        record = Record(Path(data[0]))
        check_rejections(record, True)
        return record
    place = Path(out) if out else default_place(data, None, rejected=True)
    if is_there and not place.exists():
        raise UsageError(f"{place} is not there: begin with `selfinstruct review {data[0]} --rejected` alone")
    is_run = (Path(data[0]) / "run.json").is_file()
    source = Source(data[0], rejected=None if is_run else data[0])
    return begun(
        as_tasks(source.rejected()), data, place, wanted=sample, seed=seed, by=by or BY, judge=None, rejected=True
    )


def _is_judged(data: tuple[str, ...], how: How) -> bool:
    """Whether the first row has judged answers, which are compared with each other."""
    from selfinstruct.rows.reading import tasks_in

    first = next(iter(tasks_in(data, how)), None) if data != ("-",) else None
    return bool(first and first.judged)


def _serve(
    record: Record, people: tuple[str, ...], judge: Judge | Judges | None, language: str, port: int, *, open_page: bool
) -> None:
    from selfinstruct.reviewing.server import serve

    def ready(name: str, link: str) -> None:
        say(f"{name}: {link}")
        if open_page:
            import webbrowser

            webbrowser.open(link)

    many, of = f"{len(record.items):,}", f"{record.about['rows']:,}"
    what = "pairs" if record.about["kind"] == "pairs" else "rows"
    say(f"{record.path}: {many} of {of} {what}; each link opens once (Ctrl-C ends it)")
    serve(record, people, port=port, judge=judge, language=language, ready=ready)


def _print(found: dict[str, Any]) -> None:
    from selfinstruct.reviewing.tables import lines, tables

    for table in tables(found):
        print_rich(table)
    for line in lines(found):
        say(line)


def _write_edited(out: str, data: tuple[str, ...], record: Record, how: How) -> None:
    from selfinstruct.reviewing.exports import with_edits
    from selfinstruct.reviewing.record import is_record
    from selfinstruct.rows.reading import tasks_in
    from selfinstruct.rows.writing.writing import write_rows
    from selfinstruct.task import task_to_row

    if record.about["kind"] == "pairs":
        raise UsageError(f"{record.path} compares answers, which are not edited: give a review of rows")
    rows = tuple(record.about["data"]) if is_record(Path(data[0])) else data
    changed = 0

    def written() -> Iterable[dict[str, Any]]:
        nonlocal changed
        for task, is_edited in with_edits(tasks_in(rows, how), record):
            changed += is_edited
            yield task_to_row(task)

    many = write_rows(out, written(), reading=rows)
    say(f"{out}: {many:,} rows, {changed:,} of them edited")


def _write_preferences(out: str, data: tuple[str, ...], record: Record) -> None:
    from selfinstruct.reviewing.exports import preferences
    from selfinstruct.rows.writing.writing import write_rows
    from selfinstruct.task import task_to_row

    tasks = list(preferences(record))
    pairs = sum(len({judged.good for judged in task.judged}) == 2 for task in tasks)
    write_rows(out, map(task_to_row, tasks), reading=(*data, record.path))
    say(f"{out}: {len(tasks):,} tasks with judged answers; in {pairs:,} of them one is better than another")
