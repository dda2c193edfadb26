"""Rows into files: JSON lines, JSON, CSV, Parquet and Hugging Face datasets, each whole or not at all."""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO

from selfinstruct.errors import UsageError
from selfinstruct.rows.notes import printable
from selfinstruct.task import json_line
from selfinstruct.workdir import atomic, placed, unwritable

__all__ = ["check_ending", "check_target", "write_rows"]

OF_A_RUN = ("tasks.jsonl", "rejected.jsonl", "journal.db", "recipe.yaml", "run.json")
"""What a run goes on from, so that nothing else may replace it."""


def check_target(path: str | Path, reading: Iterable[str | Path] = (), *, force: bool = False) -> None:
    """Raises UsageError when `write_rows` cannot or should not write there: for another ending than its containers',
    what a run goes on from, and, without `force`, one of the files or folders that are being read.
    """
    path = Path(path)
    check_ending(path)
    if path.name in OF_A_RUN and any((path.parent / name).exists() for name in ("run.json", "journal.db")):
        raise UsageError(f"{path} is what the run in {path.parent} goes on from: choose another --out")
    for one in map(Path, reading):
        if path.resolve() in (one.resolve(), (one / "tasks.jsonl").resolve()) and not force:
            raise UsageError(f"{path} is what is being read: choose another --out, or --force to replace it")


def write_rows(
    path: str | Path, rows: Iterable[dict[str, Any]], *, reading: Iterable[str | Path] = (), force: bool = False
) -> int:
    """Write rows in the container that the file's ending names; returns how many.

    .jsonl, .json, .csv (flat rows only), .parquet; a path without an ending becomes a Hugging Face dataset's folder.
    Raises UsageError where `check_target` does, for a folder that cannot be written to, and when no rows would replace
    some, unless `force` is given; RunStopped when the disk is full or fails.
    """
    path = Path(path)
    check_target(path, reading, force=force)
    left = iter(rows)
    first = list(itertools.islice(left, 1))
    if not first and not force and path.is_file() and path.stat().st_size:
        raise UsageError(f"there are no rows to write, and {path} has some: it stays as it is; --force empties it")
    try:
        return WRITERS[path.suffix.lower()](path, itertools.chain(first, left))
    except ImportError as error:
        raise UsageError(f"{path} needs the package {error.name or error}: pip install 'selfinstruct[data]'") from None
    except OSError as error:
        raise unwritable(path, error) from None


def check_ending(path: Path) -> None:
    """Raises UsageError when `write_rows` has no container for the file's ending, or no file can have the name."""
    try:
        possible = b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        possible = False
    if not possible:
        raise UsageError(f"{str(path)!a} is no name that a file can have: choose another --out")
    if path.suffix.lower() not in WRITERS:
        raise UsageError(f"cannot write '{path.suffix}' files ({path}): use {ENDINGS}, or no ending (a folder)")


def _jsonl(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Row by row: a run of 200,000 has 200 MB of them."""
    count = 0
    with _placed(path) as file:
        for count, row in enumerate(rows, 1):  # noqa: B007
            file.write(json_line(row))
    return count


def _whole(write: Callable[[Path, list[dict[str, Any]]], None]) -> Callable[[Path, Iterable[dict[str, Any]]], int]:
    """A writer that needs all rows at once."""

    def written(path: Path, rows: Iterable[dict[str, Any]]) -> int:
        found = list(rows)
        write(path, found)
        return len(found)

    return written


def _json(path: Path, rows: list[dict[str, Any]]) -> None:
    with _placed(path) as file:
        file.write(json.dumps(rows, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace") + b"\n")


def _csv(path: Path, rows: list[dict[str, Any]]) -> None:
    if any(isinstance(value, list | dict) for row in rows for value in row.values()):
        raise UsageError(f"{path}: rows with lists do not fit into CSV: use .jsonl, or --to alpaca or completion")
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    with _placed(path) as file:
        file.write(text.getvalue().encode("utf-8", "replace"))


def _parquet(path: Path, rows: list[dict[str, Any]]) -> None:
    import pyarrow  # type: ignore[import-untyped,unused-ignore]
    from pyarrow.parquet import write_table  # type: ignore[import-untyped,unused-ignore]

    try:
        with _placed(path) as file:
            write_table(pyarrow.table(_columns(rows)), file)
    except (pyarrow.ArrowException, OverflowError) as error:
        raise _misfit(path, "Parquet", error) from None


def _dataset(path: Path, rows: list[dict[str, Any]]) -> None:
    if path.exists() and not (path / "state.json").exists() and (path.is_file() or any(path.iterdir())):
        raise UsageError(f"{path} exists and is no dataset: choose another --out, a new folder or *.jsonl")
    if not rows:
        raise UsageError(f"{path}: there are no rows, and datasets reads no folder without any: use .jsonl")
    import datasets
    import pyarrow  # type: ignore[import-untyped,unused-ignore]

    try:
        with placed(path.absolute(), folder=True) as folder:  # half a dataset could neither be read nor replaced
            datasets.Dataset.from_dict(_columns(rows)).save_to_disk(folder)
    except (pyarrow.ArrowException, OverflowError) as error:
        raise _misfit(path, "a dataset", error) from None


def _misfit(path: Path, what: str, error: Exception) -> UsageError:
    return UsageError(f"{path}: the rows do not fit into {what} ({printable(error)[:200]}): use .jsonl or .json")


WRITERS: dict[str, Callable[[Path, Iterable[dict[str, Any]]], int]] = {
    ".jsonl": _jsonl,
    ".json": _whole(_json),
    ".csv": _whole(_csv),
    ".parquet": _whole(_parquet),
    "": _whole(_dataset),
}
ENDINGS = ", ".join(filter(None, WRITERS))


def _placed(path: Path) -> AbstractContextManager[BinaryIO]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return atomic(path)


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Every key that any row has; a lone half of a surrogate pair, which has no bytes outside JSON, becomes "?"."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {_encodable(name): [_encodable(row.get(name)) for row in rows] for name in names}


def _encodable(value: Any) -> Any:
    match value:
        case str():
            return value if value.isascii() else value.encode("utf-8", "replace").decode()
        case list():
            return [_encodable(inner) for inner in value]
        case dict():
            return {_encodable(name): _encodable(inner) for name, inner in value.items()}
    return value
