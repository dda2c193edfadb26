"""Rows in whatever holds them: JSON lines, JSON, CSV, Parquet, Arrow, plain text, packed or not; one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from selfinstruct.errors import UsageError
from selfinstruct.rows.containers.encodings import check_encoding, check_start
from selfinstruct.rows.containers.opened import Opened, opened
from selfinstruct.rows.containers.sources import ENDINGS, TEXTS, Source, cannot_read, sources_of
from selfinstruct.rows.notes import Notes, Where, printable

__all__ = ["read_rows"]

Row = tuple[Where, Any]


def read_rows(
    data: str | Path | Sequence[str | Path], *, encoding: str = "", notes: Notes | None = None
) -> Iterator[Row]:
    """The rows of data, each with its place; `Bad` in the place of one that cannot be read. Null is absence.

    data        a file, a folder, a pattern, "-" for stdin, a URL, or several (rows.sources says what each may be)
    encoding    of texts; "" is UTF-8, with or without a mark (BOM)
    notes       gets what a file has beside its rows

    In memory are a row and about a megabyte, or 1,000 rows of a table; a JSON table by columns is there whole.
    Raises UsageError for a file that cannot be read, after the rows that come before the damage.
    """
    notes = Notes() if notes is None else notes
    known = check_encoding(encoding)
    names = [data] if isinstance(data, str | Path) else list(data)
    if not names:
        raise UsageError("there is no data: name a file")
    for name in names:
        for source in sources_of(name):
            yield from _rows_of(source, known, encoding, notes)


def _rows_of(source: Source, encoding: str, asked: str, notes: Notes) -> Iterator[Row]:
    try:
        if source.kind == "hub":
            from selfinstruct.rows.containers.hub import hub_rows

            yield from hub_rows(source.place)
        elif source.kind == "saved":
            from selfinstruct.rows.containers.tables import saved_rows

            yield from saved_rows(source.place)
        else:
            with opened(source) as file:
                yield from _rows_in(file, source, encoding, asked, notes)
    except UsageError:
        raise
    except ImportError as error:
        raise UsageError(
            f"{source.name} needs the package {error.name or error}: pip install 'selfinstruct[data]'"
        ) from None
    except EOFError as error:
        raise UsageError(f"{source.name} is damaged, or not all of it is there ({error}): get it again") from None
    except Exception as error:  # of the store, the packer or the text; what is no fault of theirs goes on as it is
        raise _unreadable(source, encoding, error) from None


def _unreadable(source: Source, encoding: str, error: Exception) -> Exception:
    """What to raise for it; what is no fault of a file's, as it is."""
    if source.kind == "url" or isinstance(error, FileNotFoundError):
        return cannot_read(source.name, error)
    if isinstance(error, UnicodeError):
        return UsageError(f"{source.name} is not {encoding} ({printable(error)[:100]}): give another --encoding")
    if isinstance(error, OSError | ValueError):  # ValueError: a name that no file can have
        said = getattr(error, "strerror", None) or error
        return UsageError(f"cannot read {printable(source.name)}: {printable(said)}")
    return error


def _rows_in(file: Opened, source: Source, encoding: str, asked: str, notes: Notes) -> Iterator[Row]:
    kind = _kind(file, source, encoding)
    if kind in ("json", "csv", "text") and not asked:
        check_start(file.start, source.name)
    if kind == "parquet":
        from selfinstruct.rows.containers.tables import parquet_rows

        return parquet_rows(file.seekable(), source.name)
    if kind == "arrow":
        from selfinstruct.rows.containers.tables import arrow_rows

        return arrow_rows(file.seekable(), source.name)
    if kind == "csv":
        from selfinstruct.rows.containers.delimited import csv_rows

        return csv_rows(file.stream, source.name, encoding, notes)
    if kind == "text":
        from selfinstruct.rows.containers.plain import text_rows

        return text_rows(file.stream, source.name, encoding)  # type: ignore[arg-type]
    from selfinstruct.rows.containers.json_text import json_rows
    from selfinstruct.rows.containers.text import Text

    return json_rows(Text(file.stream, encoding), source.name, notes)  # type: ignore[arg-type]


def _kind(file: Opened, source: Source, encoding: str) -> str:
    """How a file is read: by what it begins with, where that is sure, else by its ending. Raises UsageError."""
    for magic, kind in ((b"PAR1", "parquet"), (b"ARROW1", "arrow"), (b"FEA1", "arrow")):
        if file.start.startswith(magic):
            return kind
    if file.ending in ENDINGS:
        return ENDINGS[file.ending]
    # JSON is read whatever the file is called; of all else only what comes through a pipe, which has no name.
    text = file.start.decode(encoding, "replace").lstrip("\ufeff\x1e \t\r\n")
    if source.kind == "stdin":
        return "json" if text.startswith(("{", "[")) or not text else "csv"
    if file.ending in TEXTS:
        from selfinstruct.rows.containers.plain import is_json

        return "json" if is_json(text) else "text"
    if not file.ending or text.startswith(("{", "[")):
        return "json"
    raise UsageError(f"cannot read {file.ending!r} files ({source.name}): use {', '.join(USUAL)}, or a folder")


USUAL = (".jsonl", ".json", ".csv", ".tsv", ".parquet", ".arrow", ".txt")
