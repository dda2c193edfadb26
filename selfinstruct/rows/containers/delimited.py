"""Rows in CSV and its like: cells between commas, semicolons, tabs or bars, under a line that names the columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from selfinstruct.errors import UsageError
from selfinstruct.rows.containers.encodings import MARKED, fault_namer, is_marked
from selfinstruct.rows.notes import Bad, Notes, Where, printable

__all__ = ["DELIMITERS", "csv_rows", "delimiter_of"]

DELIMITERS = ",;\t|"
"""Excel writes semicolons where the comma is the sign for decimals."""


class Lines(Iterator[str]):
    """The lines of a text for csv, which may put several into a record; the first ones of it are kept for messages."""

    def __init__(self, file: io.TextIOWrapper) -> None:
        self._file = file
        self.begin = ""
        """The line that the record begins with."""
        self.marked = ""
        """A line of it with bytes that are no text; "" when there is none."""

    def __next__(self) -> str:
        line = next(self._file)
        if not line.isascii():
            line = line.removeprefix("\ufeff")  # of each file, where several became one
            if not self.marked and is_marked(line):
                self.marked = line
        if not self.begin:
            self.begin = line
        return line


def csv_rows(file: BinaryIO, name: str, encoding: str, notes: Notes) -> Iterator[tuple[Where, Any]]:
    """A row of texts for each record, after a line with the names of the columns; an empty cell is an empty text.

    A column without a name is left out: pandas writes its index into one. So is a line that names the columns again,
    where several files became one. Bad stands in the place of a record with more or fewer cells.
    Raises UsageError when the names of the columns are none.
    """
    csv.field_size_limit(1 << 30)  # a long answer is no fault
    errors = "surrogateescape" if encoding == "utf-8" else MARKED
    text = io.TextIOWrapper(file, encoding, errors, newline="")
    try:
        yield from _records(Lines(text), name, fault_namer(encoding), notes)
    finally:
        text.detach()  # it is not ours to close


def _records(lines: Lines, name: str, fault_in: Callable[[str], str], notes: Notes) -> Iterator[tuple[Where, Any]]:
    first = next((line for line in lines if line.strip()), "")
    between, first = (first[4], "") if re.match("sep=.[\r\n]", first) else (delimiter_of(first), first)
    lines.begin = ""
    records = csv.reader(_again(first, lines), delimiter=between, strict=True)
    names: list[str] = []
    header: list[str] = []
    number = 0
    while True:
        lines.begin = lines.marked = ""
        number += 1
        try:
            record = next(records, None)
            fault = "" if record is not None else None
        except csv.Error as error:
            record, fault = (
                [],
                f"no CSV ({error}): {lines.begin[:60]!r}; texts go into quotes, and quotes inside are doubled",
            )
        if fault is None:
            return
        where = Where(name, "row", number)
        if lines.marked and not fault:
            fault = fault_in(lines.marked)
        if not names:
            header, names = record or [], _names(record or [], where, fault)
            if "" in names[1:]:  # pandas' index is the first
                notes.unused["columns without a name (of the whole file)"] += 1
        elif fault:
            yield where, Bad(where, printable(fault), lines.begin[:1000])
        elif record == header and len(header) > 1:
            notes.done["lines that name the columns again, left out"] += 1
        elif record and len(record) != len(names):
            fault = f"{len(record)} cells; the first line names {len(names)}: {lines.begin[:60]!r}"
            yield (
                where,
                Bad(where, printable(f"{fault}; a text with {between!r} in it goes into quotes"), lines.begin[:1000]),
            )
        elif record:
            yield where, {name: cell for name, cell in zip(names, record, strict=True) if name}


def _again(first: str, lines: Lines) -> Iterator[str]:
    if first:
        lines.begin = first
        lines.marked = first if is_marked(first) else ""
        yield first
    yield from lines


def _names(record: list[str], where: Where, fault: str) -> list[str]:
    if fault:
        raise UsageError(printable(f"{where}: {fault}"))
    names = [name.strip() for name in record]
    if twice := next((name for name in names if name and names.count(name) > 1), None):
        raise UsageError(f"{where} names the column {twice!r} twice: rename one of them")
    return names


def delimiter_of(line: str) -> str:
    """What stands between the names of the columns, most often; a comma when nothing does."""
    return max(DELIMITERS, key=re.sub(r'"[^"]*"', "", line).count)
