"""Rows in files, whatever they mean: JSON lines, JSON, CSV, Parquet and Hugging Face datasets."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import json
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from selfinstruct.errors import UsageError
from selfinstruct.rows.notes import Where, printable

__all__ = ["file_of", "read_rows"]


def file_of(path: Path) -> Path:
    """The file itself; a run's tasks.jsonl; or the folder, when it is a Hugging Face dataset. Raises UsageError."""
    try:
        if not path.is_dir() or (path / "state.json").exists():
            return path
        if (path / "tasks.jsonl").exists():
            return path / "tasks.jsonl"
        if (path / "dataset_dict.json").exists():
            parts = ", ".join(sorted(str(state.parent) for state in path.glob("*/state.json")))
            raise UsageError(f"{path} holds several datasets: give one of them: {parts}")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from None
    raise UsageError(f"{path} is a folder without tasks.jsonl, no run: give a run's folder or a file")


def read_rows(data: str | Path | Sequence[str | Path], *, encoding: str = "") -> Iterator[tuple[Where, Any]]:
    """The rows of a file, each with its place; `Bad` in the place of one that cannot be read. Raises UsageError."""
    for path in [data] if isinstance(data, str | Path) else data:
        yield from _rows(path)


def _rows(path: str | Path) -> Iterator[tuple[Where, Any]]:
    file = file_of(Path(path))
    try:
        ending = "/" if file.is_dir() else file.suffix.lower()
        for where, row in READERS.get(ending, _unknown_rows)(file):
            unit, _, number = where.partition(" ")
            yield Where(str(file), unit, int(number)), row
    except ImportError as error:
        raise UsageError(f"{file} needs the package {error.name or error}: pip install 'selfinstruct[data]'") from None


def _csv_rows(file: Path) -> Iterator[tuple[str, Any]]:
    """A row of texts for each record, after a line with the names of the columns; an empty cell is an empty text.

    Cells end at commas, semicolons (Excel, where the comma is decimal) or tabs. A column without a name is left out:
    pandas writes its index into one.
    """
    csv.field_size_limit(1 << 30)  # a long answer is no fault
    lines = list(io.StringIO(_text(file), newline=""))
    between = max(",;\t", key=next(filter(str.strip, lines), "").count)
    records = csv.reader(lines, delimiter=between, strict=True)
    names: list[str] = []
    for number in itertools.count(1):
        begin = records.line_num
        try:
            record = next(records, None)
        except csv.Error as error:
            fault = f"is no CSV ({error}): {lines[begin][:60]!r}; texts go into quotes, and quotes inside are doubled"
            raise UsageError(f"{file}, row {number} {fault}") from None
        if record is None:
            return
        if not names:
            names = [name.strip() for name in record]
            if twice := next((name for name in names if name and names.count(name) > 1), None):
                raise UsageError(f"{file}, row {number} names the column {twice!r} twice: rename one of them")
        elif record and len(record) != len(names):
            fault = f"has {len(record)} cells; the first line names {len(names)}: {lines[begin][:60]!r}"
            raise UsageError(f"{file}, row {number} {fault}; a text with {between!r} in it goes into quotes")
        elif record:
            yield f"row {number}", {name: cell for name, cell in zip(names, record, strict=True) if name}


def _parquet_rows(file: Path) -> Iterator[tuple[str, Any]]:
    import pyarrow  # type: ignore[import-untyped,unused-ignore]
    from pyarrow.parquet import ParquetFile  # type: ignore[import-untyped,unused-ignore]

    try:
        with file.open("rb") as opened:
            yield from _table_rows(ParquetFile(opened).iter_batches())
    except FileNotFoundError:
        raise UsageError(f"no such file: {file}") from None
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
        raise UsageError(f"{file} is no Parquet that can be read ({printable(error)[:200]}): write it again") from None


def _dataset_rows(folder: Path) -> Iterator[tuple[str, Any]]:
    import datasets

    try:
        # As Arrow: the rows are those of the file, not pictures or tensors made of them.
        tables = datasets.Dataset.load_from_disk(str(folder)).with_format("arrow")
        yield from _table_rows(tables.iter(batch_size=1000))
    except ImportError:
        raise
    except Exception as error:  # whatever json, pyarrow and datasets itself raise
        raise UsageError(f"{folder} is no dataset that can be read ({printable(error)[:200]}): save it again") from None


def _table_rows(tables: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """The rows of Arrow tables, as JSON has them: times are texts; nulls, NaN and bytes that are no text are left out.

    A table fills with nulls what only other rows have.
    """
    number = itertools.count(1)
    for table in tables:
        table.validate(full=True)  # or else a damaged file ends the process
        for row in table.to_pylist():
            yield f"row {next(number)}", _PLAIN.decode(json.dumps(row, default=_as_text))


def _as_text(value: Any) -> str | None:
    try:
        return value.decode() if isinstance(value, bytes) else str(value)
    except UnicodeDecodeError:
        return None


_PLAIN = json.JSONDecoder(
    object_pairs_hook=lambda pairs: {name: value for name, value in pairs if value is not None},
    parse_constant=lambda _: None,
)


def _json_rows(file: Path) -> Iterator[tuple[str, Any]]:
    """JSON lines, one at a time, or one JSON list, whatever the file is called."""
    lines = _lines(file)
    first = next((number_line for number_line in lines if number_line[1].strip()), None)
    if first is None:
        return
    if first[1].lstrip().startswith("["):
        lines.close()
        yield from ((f"item {n}", row) for n, row in enumerate(_json_of(_text(file), file), 1))
        return
    for number, line in itertools.chain([first], lines):
        if line.strip():
            yield f"line {number}", _json_of(line, file, number)


def _lines(file: Path) -> Generator[tuple[int, str]]:
    """The lines of a text and their numbers, from 1. Not splitlines(): U+2028 and its like are legal inside JSON."""
    number = 0
    try:
        with file.open("rb") as opened:
            for line in opened:
                if not number:
                    line = line.removeprefix(codecs.BOM_UTF8)
                for part in line.removesuffix(b"\n").removesuffix(b"\r").split(b"\r"):
                    number += 1
                    yield number, _decoded(part, file, number)
    except FileNotFoundError:
        raise UsageError(f"no such file: {file}") from None
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}") from None


def _json_of(text: str, file: Path, number: int = 0) -> Any:
    """What a list or, with its number, a line says."""
    try:
        return _JSON.decode(text)
    except (ValueError, RecursionError) as error:
        what = (
            f", line {number} is no JSON ({getattr(error, 'msg', error)})" if number else f" is no JSON list ({error})"
        )
        near = text[max(0, getattr(error, "pos", 0) - 30) :][:60].strip()
        raise UsageError(f"{file}{what}: {near!r}; one object a line, or one list") from None


def _unknown_rows(file: Path) -> Iterator[tuple[str, Any]]:
    """JSON is read whatever the file is called; nothing else is."""
    if not _bytes(file).removeprefix(codecs.BOM_UTF8).lstrip().startswith((b"{", b"[")):
        raise UsageError(f"cannot read {file.suffix!r} files ({file}): use {ENDINGS}, or a folder")
    yield from _json_rows(file)


def _text(file: Path) -> str:
    return _decoded(_bytes(file).removeprefix(codecs.BOM_UTF8), file)


def _decoded(content: bytes, file: Path, number: int = 1) -> str:
    """The text of some bytes, whose first line has this number."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line, byte = content.count(b"\n", 0, error.start) + number, content[error.start]
        raise UsageError(f"{file}, line {line} is not UTF-8 (byte 0x{byte:02x}): save the file as UTF-8") from None


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"no such file: {file}") from None
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}") from None


def _not_json(name: str) -> None:
    raise ValueError(f"{name} is no JSON value; write null")


_JSON = json.JSONDecoder(parse_constant=_not_json)

ENDINGS = ".jsonl, .json, .csv, .parquet"

READERS: dict[str, Callable[[Path], Iterator[tuple[str, Any]]]] = {
    **dict.fromkeys((".jsonl", ".json", ""), _json_rows),
    ".csv": _csv_rows,
    ".parquet": _parquet_rows,
    "/": _dataset_rows,
}
"""By the file's ending; "/" is a folder."""
