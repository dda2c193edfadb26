"""Documents out of anybody's data: texts to be read on from, with nothing in them that is asked or answered.

for text in documents_in(["web.jsonl", "books/*.txt"], notes=notes): …

A row {"text"} of JSON, CSV, Parquet or a data set of the hub is one, and so is a plain text, or what stands between
lines <|endoftext|> in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from selfinstruct.errors import UsageError
from selfinstruct.rows.containers import read_rows
from selfinstruct.rows.containers.sources import TEXTS, ending_of
from selfinstruct.rows.importers.importers import guess
from selfinstruct.rows.layouts.layouts import task_of
from selfinstruct.rows.notes import Bad, Notes, Where, brief

__all__ = ["COLUMNS", "are_texts", "documents_in", "said_in"]

COLUMNS = ("text", "content", "raw_content", "document", "body", "article")
"""What columns of documents are called: The Stack's is "content", RedPajama's "text" and, in its second version,
"raw_content"."""

LACKING = 100
"""Rows without text that data may begin with, before one that has some."""

EMPTY = "documents without any text: left out"


def documents_in(
    data: Sequence[str], column: str = "", *, lines: bool = False, encoding: str = "", notes: Notes | None = None
) -> Iterator[str]:
    """The texts, one at a time, in constant memory; blank ones are counted in `notes` and left out.

    column   the one that holds the text; "" is the first that there is of `COLUMNS`
    lines    every line of a plain text is a document of its own
    encoding of texts; "" is UTF-8
    Raises UsageError for a row that cannot be read or has no such column.
    """
    notes = Notes() if notes is None else notes
    lacking: UsageError | None = None
    some = False
    for where, row in read_rows(list(data), encoding=encoding, notes=notes):
        notes.files[where.file] += 1
        if isinstance(row, Bad):
            raise UsageError(f"{row.where}: {row.why}")
        text = _text_of(where, row, column)
        if isinstance(text, UsageError):  # null, which is absence, or no documents at all
            lacking = lacking or text
            notes.done[EMPTY] += 1
            if not some and notes.done[EMPTY] >= LACKING:
                raise lacking
            continue
        some = True
        parts = text.split("\n") if lines and ending_of(where.file) in TEXTS else [text]
        for part in parts:
            if part.strip():
                yield part
            elif len(parts) == 1:
                notes.done[EMPTY] += 1
    if lacking and not some:
        raise lacking


def _text_of(where: Where, row: Any, column: str) -> str | UsageError:
    """The text, or why there is none where there could be one. Raises UsageError for what is no text."""
    names = [column] if column else [name for name in COLUMNS if isinstance(row, dict) and name in row]
    if not isinstance(row, dict) or not names or names[0] not in row:
        there = ", ".join(map(str, row)) if isinstance(row, dict) else brief(row)
        way = "export tasks with --to text first" if _is_task(row) else "name its column with --set column=NAME"
        return UsageError(f"{where}: no text in {column or 'it'}: the row has {there[:200] or 'nothing'}; {way}")
    text = row[names[0]]
    if not isinstance(text, str):
        raise UsageError(f"{where}: {names[0]} is {brief(text)}; a document is a text")
    return text


def are_texts(data: Sequence[str]) -> bool:
    """Whether all data are documents, by the first row of each; False too where that cannot be told without using
    something up, or at all: whoever reads it next says why."""
    return bool(data) and all(name != "-" and _begins_with_text(name) for name in data)


def _begins_with_text(name: str) -> bool:
    try:
        _, row = next(read_rows(name))
    except (UsageError, StopIteration):
        return False
    return isinstance(row, dict) and isinstance(row.get("text"), str) and "role" not in row and not _is_task(row)


def _is_task(row: Any) -> bool:
    if not isinstance(row, dict) or guess(row) not in (None, "questions"):  # a title may be one, of a document, too
        return isinstance(row, dict)
    try:
        task_of(row, "", Notes())
    except (ValueError, RecursionError):
        return False
    return True


def said_in(data: Sequence[str], column: str = "", notes: Notes | None = None) -> Iterator[str]:
    """All texts of any data, to learn words from: of documents, or of tasks everything that is said in them."""
    from selfinstruct.rows.reading import tasks_in

    notes = Notes() if notes is None else notes
    if column or are_texts(data):
        yield from documents_in(data, column, notes=notes)
        return
    for task in tasks_in(list(data), notes=notes):
        if task.instances or not task.turns:
            yield task.instruction
        for one in task.instances:
            yield from filter(None, (one.input, one.thoughts, one.output))
        for turn in task.turns:
            yield turn["content"]
