"""Begin a review of some data, or go on with one: what is drawn, and whether it is still the same data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from selfinstruct.errors import UsageError
from selfinstruct.reviewing.items import Item
from selfinstruct.reviewing.judges import Judge, Judges
from selfinstruct.reviewing.pairs import Pair, check_pairs, judged_pairs, pair_items, pairs_of, unpaired
from selfinstruct.reviewing.record import Record, is_record
from selfinstruct.reviewing.sample import draw, drawn_again, place
from selfinstruct.task import Task
from selfinstruct.workdir import check_same, unwritable

__all__ = ["begun", "compared", "default_place"]

FIRST, SECOND = "chosen", "rejected"
"""What the answers of a row of judged ones are called."""


def default_place(data: tuple[str, ...], against: str | None, rejected: bool = False) -> Path:
    """Where the review of this data is kept, if nobody says: in the run's folder, or beside the file.

    Raises UsageError where there is no such place.
    """
    name = "review.jsonl" if against is None else "review.pairs.jsonl"
    name = "review.rejected.jsonl" if rejected else name
    path = Path(data[0])
    if len(data) == 1 and (path / "tasks.jsonl").is_file():
        return path / name
    if len(data) == 1 and path.is_file():
        return path.with_name(f"{path.name.partition('.')[0]}.{name}")
    raise UsageError(f"{', '.join(data)} is no run and no file: say where the review is to be kept, --out review.jsonl")


def begun(
    tasks: Iterable[Task],
    data: tuple[str, ...],
    out: Path,
    *,
    wanted: int,
    seed: int,
    by: str,
    judge: Judge | Judges | None,
    rejected: bool = False,
) -> Record:
    """The review of these rows: a new one, or the one in `out`, with more rows when more are wanted than before.

    rejected    whether they are rejections, as rejections.py makes rows of them
    All rows are read, for what a judge says of them, too. Raises UsageError when `out` holds another review.
    """
    there = _there(out)
    known = {item.key for item in there.items} if there else set()
    rows = judge.watching(tasks, known) if judge else iter(tasks)
    first = next(rows, None)
    if first is None:
        raise UsageError(f"{', '.join(data)} has no rows: there is nothing to review")
    drawn = draw(_chain(first, rows), max(wanted, len(there.items) if there else 0), seed, by)
    if judge:
        judge.check()
        judge.remember(drawn.items)
    about = {"kind": "questions", "data": list(data), "rows": drawn.rows, "seed": seed, "by": by}
    about |= {"sha256": drawn.sha256, "strata": dict(drawn.strata)}
    if not rejected:
        return _written(out, there, about, drawn.items, ("kind", "seed", "by", "rejected"))
    items = [replace(item, reason=str(item.task.extra.get("reason", "")) or "rejected") for item in drawn.items]
    return _written(out, there, about | {"rejected": True}, items, ("kind", "seed", "by", "rejected"))


def _chain(first: Task, rest: Iterator[Task]) -> Iterator[Task]:
    yield first
    yield from rest


def compared(
    first: Callable[[], Iterable[Task]],
    second: Callable[[], Iterable[Task]] | None,
    names: tuple[str, str],
    out: Path,
    *,
    wanted: int,
    seed: int,
    whole: bool = False,
) -> Record:
    """A blind comparison of two datasets, or (`second` is None) of the judged answers of one. Raises UsageError.

    whole       rows of the one beside rows of the other, whatever they ask, in place of answers to the same questions
    """
    there = _there(out)
    many = max(wanted, len(there.items) if there else 0)
    about: dict[str, Any] = {"kind": "pairs", "data": [*dict.fromkeys(names)], "names": list(names), "seed": seed}
    if second and whole:
        pairs, rows = unpaired(first(), second(), many, seed)
        if not pairs:
            raise UsageError(f"{names[0]} or {names[1]} has no row with an answer: there is nothing to compare")
        about |= {"unpaired": True, "rows": rows, "same": 0}
        return _written(out, there, about, list(pair_items(pairs)), ("kind", "names", "seed", "unpaired"))
    if second is None:
        pairs, same = judged_pairs(first()), 0
        if not pairs:
            raise UsageError(f"{names[0]} has no row with a good and a bad answer: name the other data, --against DATA")
        about["names"] = [FIRST, SECOND]
    else:
        pairs, same = pairs_of(first(), second())
        check_pairs(pairs, *names, same)
    ordered = sorted(enumerate(pairs), key=lambda each: (_place(each[1], seed), each[0]))
    items = list(pair_items(pair for _, pair in ordered[:many]))
    about |= {"unpaired": False, "rows": len(pairs), "same": same}
    return _written(out, there, about, items, ("kind", "names", "seed", "unpaired"))


def _place(pair: Pair, seed: int) -> float:
    return place("".join(item.key for item in pair_items([pair])), seed)


def _there(out: Path) -> Record | None:
    if not out.exists():
        return None
    if not is_record(out):
        raise UsageError(f"{out} is there, and no review: choose another --out")
    return Record(out)


def _written(
    out: Path, there: Record | None, about: dict[str, Any], items: list[Item], same: tuple[str, ...]
) -> Record:
    try:
        if there is None:
            return Record.begin(out, about, items)
        check_same(
            out, "review", {name: there.about.get(name) for name in same}, {name: about.get(name) for name in same}
        )
        if any(there.about.get(name) != about.get(name) for name in ("rows", "sha256")):
            raise UsageError(
                f"{out} was drawn from {there.about['rows']:,} rows, and these {about['rows']:,} are others: go on "
                f"with what was drawn, `selfinstruct review {out}`, or choose another --out"
            )
        if more := list(drawn_again(there.items, items)):
            there.add_items(more)
    except OSError as error:
        raise unwritable(out, error) from None
    return there
