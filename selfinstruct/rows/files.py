"""Rows in files, whatever they mean: JSON lines, JSON, CSV, Parquet and Hugging Face datasets, read and written."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import json
import os
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO

from selfinstruct.errors import UsageError
from selfinstruct.task import json_line
from selfinstruct.workdir import atomic, placed, unwritable

__all__ = ["check_ending", "check_target", "file_of", "printable", "read_rows", "write_rows"]


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


def read_rows(file: Path) -> Iterator[tuple[str, Any]]:
    """("line 7", the row), ("item 7", …) or ("row 7", …), so that a message can say where. Raises UsageError."""
    try:
        ending = "/" if file.is_dir() else file.suffix.lower()
        yield from READERS.get(ending, _unknown_rows)(file)
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

READERS: dict[str, Callable[[Path], Iterator[tuple[str, Any]]]] = {
    **dict.fromkeys((".jsonl", ".json", ""), _json_rows),
    ".csv": _csv_rows,
    ".parquet": _parquet_rows,
    "/": _dataset_rows,
}
"""By the file's ending; "/" is a folder."""


def printable(said: object) -> str:
    """What an error says, in one line that a terminal can show, whatever it quotes."""
    line = " ".join(str(said).split())
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


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
