"""Rows into tables of columns: Parquet, Arrow and Hugging Face datasets, in constant memory.

A table's columns and their types are known when the last row is. So rows go into a spool, a nameless file beside the
target, and from there into the table. The spool holds parts of 10,000 rows, each with the columns and types it has by
itself; they become those of all parts on the way out.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Any, NamedTuple

from selfinstruct.errors import UsageError
from selfinstruct.rows.notes import printable
from selfinstruct.workdir import atomic, placed

__all__ = ["SHARD", "Spool", "arrow", "dataset", "parquet", "spooled", "write_shards"]

Row = dict[str, Any]

ROWS = 10_000
"""Of a part, and so of a row group."""
CHARACTERS = 16_000_000
"""Of a part: fewer rows than 10,000 where they are long."""
DEEPEST = 30
"""Lists in lists. pyarrow writes Parquet from 33 on that it cannot read, and ends the process at 5,000."""
SHARD = 500_000_000
"""Bytes of a file, about, where rows may go into several; the hub takes 50 GB, and people's lines break before."""


class Part(NamedTuple):
    """Of the spool."""

    split: str
    rows: int
    size: int
    """Bytes in the spool."""


class Spool:
    """Rows in a file that has no name and is gone with the process."""

    def __init__(self, file: IO[bytes]) -> None:
        import pyarrow  # type: ignore[import-untyped,unused-ignore]

        self._file = file
        self._parts: list[Part] = []
        self._digest = hashlib.sha256()
        self.schema = pyarrow.schema([])
        """The columns of all rows, in the order in which they turned up."""

    def add(self, rows: list[Row], split: str = "") -> None:
        """Raises what pyarrow does, of several kinds, for rows whose values are of no one type."""
        import pyarrow  # type: ignore[import-untyped,unused-ignore]

        try:
            table = pyarrow.table(_columns(rows))
        except UnicodeEncodeError:
            table = pyarrow.table(_columns([encodable(row) for row in rows]))
        if table.schema != self.schema:
            self.schema = pyarrow.unify_schemas([self.schema, table.schema], promote_options="permissive")
        with pyarrow.BufferOutputStream() as sink:
            with pyarrow.ipc.new_stream(sink, table.schema) as writer:
                writer.write_table(table)
            content = sink.getvalue()
        self._digest.update(content)
        self._file.write(content)
        self._parts.append(Part(split, len(rows), len(content)))

    def tables(self, split: str = "") -> Iterator[Any]:
        """The parts of a split as Arrow tables, all with the columns of the schema."""
        import pyarrow  # type: ignore[import-untyped,unused-ignore]

        place = 0
        for part in self._parts:
            if part.split == split:
                self._file.seek(place)
                with pyarrow.ipc.open_stream(self._file.read(part.size)) as reader:
                    yield _fitted(reader.read_all(), part.rows, self.schema)
            place += part.size

    def count(self, split: str | None = None) -> int:
        """Rows, of one split or of all."""
        return sum(part.rows for part in self._parts if split in (None, part.split))

    @property
    def fingerprint(self) -> str:
        """Of all rows: equal for equal ones."""
        return self._digest.hexdigest()[:16]


@contextmanager
def spooled(path: Path, kind: str, splits: Mapping[str, Iterable[Row]]) -> Iterator[Spool]:
    """The rows of each split, one split after the other, in a spool beside the path, which has them while it is open.

    Raises UsageError when they do not fit into a table of the kind that is written.
    """
    import pyarrow  # type: ignore[import-untyped,unused-ignore]

    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=path.parent) as file:
        spool = Spool(file)
        for split, rows in splits.items():
            for part in _parts(path, kind, rows):
                try:
                    spool.add(part, split)
                except (pyarrow.ArrowException, OverflowError, TypeError, ValueError) as error:
                    raise misfit(path, kind, error) from None
        if spool.schema.names or not spool.count():
            try:
                yield spool
            except (pyarrow.ArrowException, OverflowError) as error:
                raise misfit(path, kind, error) from None
        else:
            raise misfit(path, kind, "no row has a key")


def misfit(path: Path, kind: str, why: object) -> UsageError:
    return UsageError(f"{path}: the rows do not fit into {kind} ({printable(why)[:200]}): use .jsonl or .json")


def parquet(path: Path, rows: Iterable[Row]) -> int:
    from pyarrow.parquet import ParquetWriter  # type: ignore[import-untyped,unused-ignore]

    with spooled(path, "Parquet", {"": rows}) as spool, atomic(path) as file:
        with ParquetWriter(file, spool.schema) as writer:
            for table in spool.tables():
                writer.write_table(table)
        return spool.count()


def arrow(path: Path, rows: Iterable[Row]) -> int:
    """Arrow's file format, which is Feather's, too."""
    import pyarrow  # type: ignore[import-untyped,unused-ignore]

    with spooled(path, "Arrow", {"": rows}) as spool, atomic(path) as file:
        with pyarrow.ipc.new_file(file, spool.schema) as writer:
            for table in spool.tables():
                writer.write_table(table)
        return spool.count()


def dataset(path: Path, rows: Iterable[Row]) -> int:
    """As `datasets.Dataset.save_to_disk` writes it: that wants its rows in a cache first, and maps them into memory."""
    if path.exists() and not (path / "state.json").exists() and (path.is_file() or any(path.iterdir())):
        raise UsageError(f"{path} exists and is no dataset: choose another --out, a new folder or *.jsonl")
    import datasets

    with spooled(path, "a dataset", {"": rows}) as spool:
        if not spool.count():
            raise UsageError(f"{path}: there are no rows, and datasets reads no folder without any: use .jsonl")
        features = datasets.Features.from_arrow_schema(spool.schema)
        about = {"huggingface": json.dumps({"info": {"features": features.to_dict()}})}
        if "\\u0000" in about["huggingface"]:
            raise misfit(path, "a dataset", "a key holds the character NUL, at which datasets ends it")
        with placed(path.absolute(), folder=True) as folder:  # half a dataset could neither be read nor replaced
            files = _sharded(folder, "data", ".arrow", spool.schema.with_metadata(about), spool.tables(), SHARD)
            state: dict[str, Any] = {
                "_data_files": [{"filename": file.name} for file in files],
                "_fingerprint": spool.fingerprint,
            }
            state |= dict.fromkeys(("_format_columns", "_format_type", "_split"))
            state |= {"_format_kwargs": {}, "_output_all_columns": False}
            datasets.DatasetInfo(features=features).write_to_directory(folder)
            (folder / "state.json").write_text(json.dumps(state, indent=2, sort_keys=True))
        return spool.count()


def write_shards(folder: Path, spool: Spool, split: str, size: int = SHARD) -> list[Path]:
    """Write a split's rows as the hub names them, train-00000-of-00002.parquet, into a folder that is there: a file
    each for about `size` bytes. Returns the files.
    """
    return _sharded(folder, split, ".parquet", spool.schema, spool.tables(split), size)


def _sharded(folder: Path, name: str, ending: str, schema: Any, tables: Iterator[Any], size: int) -> list[Path]:
    """How many there are is part of their names, and known at the end."""
    import pyarrow  # type: ignore[import-untyped,unused-ignore]
    from pyarrow.parquet import ParquetWriter  # type: ignore[import-untyped,unused-ignore]

    opened: Callable[[Any, Any], Any] = ParquetWriter if ending == ".parquet" else pyarrow.ipc.new_stream
    files = list[Path]()
    table = next(tables, None)
    while table is not None or not files:
        files.append(folder / f"{name}-{len(files):05d}{ending}")
        with files[-1].open("wb") as file, opened(file, schema) as writer:
            while table is not None and file.tell() < size:
                writer.write_table(table)
                table = next(tables, None)
    whole = [folder / f"{name}-{number:05d}-of-{len(files):05d}{ending}" for number in range(len(files))]
    return [file.rename(named) for file, named in zip(files, whole, strict=True)]


def encodable(value: Any) -> Any:
    """With "?" for a lone half of a surrogate pair, which has no bytes outside JSON."""
    match value:
        case str():
            return value if value.isascii() else value.encode("utf-8", "replace").decode()
        case list():
            return [encodable(inner) for inner in value]
        case dict():
            return {encodable(name): encodable(inner) for name, inner in value.items()}
    return value


def _parts(path: Path, kind: str, rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Rows in their order, as many at once as memory bears."""
    part: list[Row] = []
    size = 0
    for number, row in enumerate(rows, 1):
        try:
            size += _size(row)
        except RecursionError:
            raise misfit(path, kind, f"row {number} is nested deeper than {DEEPEST} lists or objects") from None
        part.append(row)
        if len(part) == ROWS or size > CHARACTERS:
            yield part
            part, size = [], 0
    if part:
        yield part


def _size(value: Any, depth: int = 0) -> int:
    """Characters, about. Raises RecursionError for what is nested too deeply."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict | list):
        if depth > DEEPEST:
            raise RecursionError
        inner = value.values() if isinstance(value, dict) else value
        return 8 + sum([_size(one, depth + 1) for one in inner])
    return 8


def _columns(rows: list[Row]) -> dict[str, list[Any]]:
    """Every key that any row has."""
    return {name: [row.get(name) for row in rows] for name in dict.fromkeys(chain.from_iterable(rows))}


def _fitted(table: Any, count: int, schema: Any) -> Any:
    """The table with all columns of the schema, of its types."""
    import pyarrow  # type: ignore[import-untyped,unused-ignore]

    if table.schema == schema:
        return table
    columns = []
    for field in schema:
        if field.name not in table.column_names:
            columns.append(pyarrow.nulls(count, field.type))
        elif (column := table.column(field.name)).type == field.type:
            columns.append(column)
        else:  # a cast knows neither a struct's new fields nor a list's
            columns.append(pyarrow.array(column.to_pylist(), field.type))
    return pyarrow.table(columns, schema=schema)
