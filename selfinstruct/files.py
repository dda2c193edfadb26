"""Rows in files, whatever they mean: JSON lines, JSON, CSV, Parquet and Hugging Face datasets, read and written."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO

from selfinstruct.errors import UsageError
from selfinstruct.folder import atomic
from selfinstruct.task import json_line

__all__ = ["check_ending", "file_of", "read_rows", "write_rows"]


def file_of(path: Path) -> Path:
    """The file itself; a run's tasks.jsonl; or the folder, when it is a Hugging Face dataset. Raises UsageError."""
    try:
        if not path.is_dir() or (path / "state.json").exists():
            return path
        if not (path / "tasks.jsonl").exists():
            raise UsageError(f"{path} is a folder without tasks.jsonl, no run: give a run's folder or a file")
        return path / "tasks.jsonl"
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from None


def read_rows(file: Path) -> Iterator[tuple[str, Any]]:
    """("line 7", the row), ("item 7", …) or ("row 7", …), so that a message can say where. Raises UsageError."""
    try:
        yield from READERS.get(file.suffix.lower() if not file.is_dir() else "/", _json_rows)(file)
    except ImportError as error:
        raise UsageError(f"{file} needs the package {error.name}: pip install 'selfinstruct[data]'") from None


def _csv_rows(file: Path) -> Iterator[tuple[str, Any]]:
    """A row of texts for each record, after a line with the names of the columns; an empty cell is an empty text."""
    csv.field_size_limit(1 << 30)  # a long answer is no fault
    records = csv.reader(io.StringIO(_text(file), newline=""), strict=True)
    try:
        names = next(records, [])
        for number, record in enumerate(records, 2):
            if record and len(record) != len(names):
                raise UsageError(f"{file}, row {number} has {len(record)} cells; the first line names {len(names)}")
            if record:
                yield f"row {number}", dict(zip(names, record, strict=True))
    except csv.Error as error:
        raise UsageError(f"{file}, row {records.line_num} is no CSV: {error}") from None


def _parquet_rows(file: Path) -> Iterator[tuple[str, Any]]:
    import pyarrow  # type: ignore[import-untyped,unused-ignore]
    from pyarrow.parquet import ParquetFile  # type: ignore[import-untyped,unused-ignore]

    try:
        rows = (row for batch in ParquetFile(file).iter_batches() for row in batch.to_pylist())
        yield from ((f"row {number}", _without_gaps(row)) for number, row in enumerate(rows, 1))
    except FileNotFoundError:
        raise UsageError(f"no such file: {file}") from None
    except (pyarrow.ArrowException, OSError) as error:
        raise UsageError(f"cannot read {file}: {' '.join(str(error).split())}") from None


def _dataset_rows(folder: Path) -> Iterator[tuple[str, Any]]:
    import datasets

    try:
        rows = datasets.Dataset.load_from_disk(str(folder))
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(f"cannot read {folder} as a dataset: {' '.join(str(error).split())}") from None
    yield from ((f"row {number}", _without_gaps(row)) for number, row in enumerate(rows, 1))


def _without_gaps(row: dict[str, Any]) -> dict[str, Any]:
    """A row without the columns that only other rows have: a table fills them with null."""
    return {name: value for name, value in row.items() if value is not None}


def _json_rows(file: Path) -> Iterator[tuple[str, Any]]:
    """JSON lines, or one JSON list, whatever the file is called."""
    text = _text(file)
    if text.lstrip().startswith("["):
        try:
            yield from ((f"item {n}", row) for n, row in enumerate(_JSON.decode(text), 1))
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{file} is no JSON list: {error}") from None
        return
    # Not splitlines(): U+2028 and its like are legal inside a JSON text.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                row = _JSON.decode(line)
            except (ValueError, RecursionError) as error:
                reason, shown = getattr(error, "msg", error), line.strip()[:60]
                raise UsageError(
                    f"{file}, line {number} is no JSON ({reason}): {shown!r}; one object a line, or one list"
                ) from None
            yield f"line {number}", row


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except FileNotFoundError:
        raise UsageError(f"no such file: {file}") from None
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UsageError(f"{file}, line {line} is not UTF-8: save the file as UTF-8") from None


def _not_json(name: str) -> None:
    raise ValueError(f"{name} is no JSON value; write null")


_JSON = json.JSONDecoder(parse_constant=_not_json)


READERS: dict[str, Callable[[Path], Iterator[tuple[str, Any]]]] = {
    ".csv": _csv_rows,
    ".parquet": _parquet_rows,
    "/": _dataset_rows,
}
"""By the file's ending; "/" is a folder."""


def write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write rows in the container that the file's ending names; returns how many.

    .jsonl, .json, .csv (flat rows only), .parquet; a path without an ending becomes a Hugging Face dataset's folder.
    Raises UsageError for another ending or a folder that cannot be written to.
    """
    rows = list(rows)
    check_ending(path)
    try:
        WRITERS[path.suffix.lower()](path, rows)
    except ImportError as error:
        raise UsageError(f"{path} needs the package {error.name}: pip install 'selfinstruct[data]'") from None
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}; choose another --out") from None
    return len(rows)


def check_ending(path: Path) -> None:
    """Raises UsageError when `write_rows` has no container for the file's ending."""
    if path.suffix.lower() not in WRITERS:
        endings = ", ".join(filter(None, WRITERS))
        raise UsageError(f"cannot write '{path.suffix}' files ({path}): use {endings}, or no ending (a folder)")


def _jsonl(path: Path, rows: list[dict[str, Any]]) -> None:
    with _placed(path) as file:
        file.writelines(map(json_line, rows))


def _json(path: Path, rows: list[dict[str, Any]]) -> None:
    with _placed(path) as file:
        file.write(json.dumps(rows, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace") + b"\n")


def _csv(path: Path, rows: list[dict[str, Any]]) -> None:
    if any(isinstance(value, list | dict) for row in rows for value in row.values()):
        raise UsageError(f"{path}: rows with lists do not fit into CSV: use .jsonl, or --to alpaca or completion")
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(_columns(rows)))
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
        reason = " ".join(str(error).split())
        raise UsageError(f"{path}: the rows do not fit into Parquet ({reason}): use .jsonl or .json") from None


def _dataset(path: Path, rows: list[dict[str, Any]]) -> None:
    if path.exists() and not (path / "state.json").exists() and (path.is_file() or any(path.iterdir())):
        raise UsageError(f"{path} exists and is no dataset: choose another --out, a new folder or *.jsonl")
    import datasets

    datasets.Dataset.from_dict(_columns(rows)).save_to_disk(path)


WRITERS: dict[str, Callable[[Path, list[dict[str, Any]]], None]] = {
    ".jsonl": _jsonl,
    ".json": _json,
    ".csv": _csv,
    ".parquet": _parquet,
    "": _dataset,
}


def _placed(path: Path) -> AbstractContextManager[BinaryIO]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return atomic(path)


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Every key that any row has; a lone half of a surrogate pair, which has no bytes outside JSON, becomes "?"."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [_encodable(row.get(name)) for row in rows] for name in names}


def _encodable(value: Any) -> Any:
    match value:
        case str():
            return value if value.isascii() else value.encode("utf-8", "replace").decode()
        case list():
            return [_encodable(inner) for inner in value]
        case dict():
            return {_encodable(name): _encodable(inner) for name, inner in value.items()}
    return value
