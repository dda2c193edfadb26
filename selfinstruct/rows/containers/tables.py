"""Rows in Arrow's tables: Parquet, Arrow and Feather files, folders that `save_to_disk` made, data sets of the hub."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import isfinite
from typing import Any, BinaryIO

from selfinstruct.errors import UsageError
from selfinstruct.rows.notes import Where, printable

__all__ = ["arrow_rows", "parquet_rows", "saved_rows", "table_rows"]

AT_A_TIME = 1000
"""Rows in memory: 1,000 answers of 10,000 characters are 10 MB."""


def parquet_rows(file: BinaryIO, name: str) -> Iterator[tuple[Where, Any]]:
    import pyarrow  # type: ignore[import-untyped,unused-ignore]
    from pyarrow.parquet import ParquetFile  # type: ignore[import-untyped,unused-ignore]

    try:
        # In pieces of 1 MB: a file may be one group of a million rows.
        opened = ParquetFile(file, buffer_size=1 << 20, pre_buffer=False)
        yield from table_rows(opened.iter_batches(AT_A_TIME), name)
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
        raise UsageError(f"{name} is no Parquet that can be read ({printable(error)[:200]}): write it again") from None


def arrow_rows(file: BinaryIO, name: str) -> Iterator[tuple[Where, Any]]:
    """Of Arrow's two formats, file and stream; the first is Feather's, too."""
    import pyarrow  # type: ignore[import-untyped,unused-ignore]
    from pyarrow import feather, ipc  # type: ignore[import-untyped,unused-ignore]

    try:
        start = file.read(6)
        file.seek(0)
        if start.startswith(b"ARROW1"):
            opened = ipc.open_file(file)
            batches = (opened.get_batch(number) for number in range(opened.num_record_batches))
        elif start.startswith(b"FEA1"):
            batches = iter(feather.read_table(file).to_batches())
        else:
            batches = iter(ipc.open_stream(file))
        yield from table_rows(batches, name)
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
        raise UsageError(
            f"{name} is no Arrow file that can be read ({printable(error)[:200]}): write it again"
        ) from None


def saved_rows(folder: str) -> Iterator[tuple[Where, Any]]:
    """Of a folder that `Dataset.save_to_disk` made."""
    import datasets

    try:
        # As Arrow: the rows are those of the file, not pictures or tensors made of them.
        tables = datasets.Dataset.load_from_disk(folder).with_format("arrow")
        yield from table_rows(tables.iter(batch_size=AT_A_TIME), folder)
    except (ImportError, UsageError):
        raise
    except Exception as error:  # whatever json, pyarrow and datasets itself raise
        raise UsageError(f"{folder} is no dataset that can be read ({printable(error)[:200]}): save it again") from None


def table_rows(tables: Iterable[Any], name: str) -> Iterator[tuple[Where, Any]]:
    """The rows of Arrow tables, as JSON has them: times are texts; nulls, NaN and bytes that are no text are left out.

    A table fills with nulls what only other rows have. The index that pandas writes beside them is left out, too.
    """
    number, new = 0, tuple.__new__
    for table in tables:
        table.validate(full=True)  # or else a damaged file ends the process
        names = table.schema.names
        if twice := next((column for column in names if names.count(column) > 1), None):
            raise UsageError(f"{name} names the column {twice!r} twice: rename one of them")
        kept = [column for column in names if not column.startswith("__index_level_")]
        for start in range(0, table.num_rows, AT_A_TIME):
            part = table.slice(start, AT_A_TIME)
            columns = [_cells(part.column(column)) for column in kept]
            has_none = any(None in cells for cells in columns)
            for cells in zip(*columns, strict=True) if columns else [()] * part.num_rows:
                number += 1
                if has_none and None in cells:
                    row = {column: cell for column, cell in zip(kept, cells, strict=True) if cell is not None}
                else:
                    row = dict(zip(kept, cells, strict=True))
                yield new(Where, (name, "row", number)), row


def _cells(column: Any) -> list[Any]:
    from pyarrow import types  # type: ignore[import-untyped,unused-ignore]

    cells: list[Any] = column.to_pylist()
    kind = column.type
    is_plain = types.is_string(kind) or types.is_large_string(kind) or types.is_boolean(kind) or types.is_integer(kind)
    return cells if is_plain else [_plain(cell) for cell in cells]


def _plain(value: Any) -> Any:
    """A value of Python as JSON has it; None for what it has not."""
    match value:
        case None | str() | bool() | int():
            return value
        case float():
            return value if isfinite(value) else None
        case list() | tuple():
            return [_plain(item) for item in value]
        case dict():
            return {key: plain for key, item in value.items() if (plain := _plain(item)) is not None}
        case bytes():
            try:
                return value.decode()
            except UnicodeDecodeError:
                return None
    return str(value)
