"""Rows as texts into an open file, one after the other: JSON lines, one JSON list, CSV."""

from __future__ import annotations

import csv
import io
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any, BinaryIO, cast

from selfinstruct.errors import UsageError
from selfinstruct.rows.notes import printable
from selfinstruct.task import finite, json_line

__all__ = ["TEXTS"]

Row = dict[str, Any]


def jsonl(path: Path, file: BinaryIO, rows: Iterable[Row]) -> int:
    count = 0
    for count, row in enumerate(rows, 1):
        try:
            line = json_line(row)
        except (TypeError, ValueError, RecursionError) as error:
            raise _no_json(path, count, error) from None
        file.write(line)
    return count


def json_list(path: Path, file: BinaryIO, rows: Iterable[Row]) -> int:
    """As json.dumps(rows, indent=1) has them: a space more before each line than a row alone."""
    count = 0
    for count, row in enumerate(rows, 1):
        try:
            text = _indented(row).replace("\n", "\n ")
        except (TypeError, ValueError, RecursionError) as error:
            raise _no_json(path, count, error) from None
        file.write(b",\n " if count > 1 else b"[\n ")
        file.write(text.encode("utf-8", "backslashreplace"))
    file.write(b"\n]\n" if count else b"[]\n")
    return count


_indenting = json.JSONEncoder(ensure_ascii=False, indent=1, allow_nan=False).encode


_quoted = json.encoder.encode_basestring


def _indented(row: Row) -> str:
    if {*map(type, row), *map(type, row.values())} == {str}:  # json indents in Python, at a third of the speed
        return "{\n " + ",\n ".join([f"{_quoted(name)}: {_quoted(text)}" for name, text in row.items()]) + "\n}"
    try:
        return _indenting(row)
    except ValueError:
        return _indenting(finite(row))


def _no_json(path: Path, number: int, error: Exception) -> UsageError:
    why = "nested too deeply" if isinstance(error, RecursionError) else printable(error)[:200]
    return UsageError(f"{path}: row {number} cannot be written as JSON ({why}): make that a text, or leave it out")


def cells(path: Path, file: BinaryIO, rows: Iterable[Row], *, between: str) -> int:
    """CSV. Its first line names the columns, and which there are is known after the last row: until then the cells wait
    in a nameless file. Rows from before a column turned up get an empty cell for it.
    """
    names: dict[str, None] = {}
    widths: list[tuple[int, int]] = []  # so many rows in turn have so many cells
    count = before = 0
    with tempfile.TemporaryFile(dir=path.parent) as waiting:
        writer = _into(waiting, between)
        for count, row in enumerate(rows, 1):
            if not PLAIN.issuperset(map(type, row.values())):
                row = _flat(path, row)
            if not row.keys() <= names.keys():
                widths.append((count - 1 - before, len(names)))
                before = count - 1
                names |= dict.fromkeys(row)
            writer.writerow(map(row.get, names))
        widths.append((count - before, len(names)))
        waiting.seek(0)
        _into(file, between).writerow(names)
        if all(width == len(names) for rows_so_wide, width in widths if rows_so_wide):
            shutil.copyfileobj(waiting, file, 1 << 20)
        else:
            text = io.TextIOWrapper(cast(BinaryIO, waiting), "utf-8", newline="")
            _into(file, between).writerows(_widened(csv.reader(text, delimiter=between), widths, len(names)))
    return count


def _into(file: IO[bytes], between: str) -> Any:
    """A csv.writer to a file of bytes."""
    put = SimpleNamespace(write=lambda text: file.write(text.encode("utf-8", "replace")))
    return csv.writer(cast(Any, put), delimiter=between)


def _widened(written: Iterator[list[str]], widths: list[tuple[int, int]], width: int) -> Iterator[list[str]]:
    csv.field_size_limit(1 << 30)  # a long answer is no fault
    for rows, cells_there in widths:
        for row in islice(written, rows):
            yield row + [""] * (width - cells_there)


PLAIN = frozenset((str, int, bool, type(None)))
"""What a cell takes as it is."""


def _flat(path: Path, row: Row) -> Row:
    if any(isinstance(value, list | tuple | dict) for value in row.values()):
        kind = "TSV" if ".tsv" in path.name.lower() else "CSV"
        raise UsageError(f"{path}: rows with lists do not fit into {kind}: use .jsonl, or --to alpaca or completion")
    return cast(Row, finite(row))


TEXTS: dict[str, Callable[[Path, BinaryIO, Iterable[Row]], int]] = {
    ".jsonl": jsonl,
    ".json": json_list,
    ".csv": partial(cells, between=","),
    ".tsv": partial(cells, between="\t"),
}
"""By the file's ending."""
