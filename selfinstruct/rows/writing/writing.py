"""Rows into files: JSON lines, JSON, CSV, Parquet, Arrow and Hugging Face datasets, each whole or not at all.

However many rows there are, few are in memory at once. The same rows are the same bytes each time.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from glob import glob
from pathlib import Path
from typing import Any, BinaryIO

from selfinstruct.errors import UsageError
from selfinstruct.rows.writing import tables
from selfinstruct.rows.writing.texts import TEXTS
from selfinstruct.workdir import atomic, unwritable

__all__ = ["check_ending", "check_target", "write_rows"]

Row = dict[str, Any]

OF_A_RUN = ("tasks.jsonl", "rejected.jsonl", "journal.db", "recipe.yaml", "run.json")
"""What a run goes on from, so that nothing else may replace it."""
RUN = ("run.json", "journal.db")
"""What a folder has that is a run's."""


def check_target(path: str | Path, reading: Iterable[str | Path] = (), *, force: bool = False) -> None:
    """Raises UsageError when `write_rows` cannot or should not write there: for another ending than its containers',
    what a run goes on from, and, without `force`, one of the files that are being read, or are in the folders that
    are.
    """
    check_ending(path)
    path = Path(path)
    if path.name in OF_A_RUN and any((path.parent / name).exists() for name in RUN):
        raise UsageError(f"{path} is what the run in {path.parent} goes on from: choose another --out")
    if not force and any(_is_read(path.resolve(), one) for one in reading):
        raise UsageError(f"{path} is what is being read: choose another --out, or --force to replace it")


def _is_read(path: Path, given: str | Path) -> bool:
    """Whether the path is among what is read when `given` is: a file, a folder or a pattern of names."""
    for name in glob(str(given), recursive=True) or [str(given)]:
        one = Path(name).resolve()
        if path in (one, one / "tasks.jsonl"):
            return True
        # Of a run that alone is read; of other folders every file.
        if path.exists() and path.is_relative_to(one) and not (one / "tasks.jsonl").exists():
            return True
    return False


def write_rows(
    path: str | Path, rows: Iterable[Row], *, reading: Iterable[str | Path] = (), force: bool = False
) -> int:
    """Write rows in the container that the file's ending names; returns how many.

    .jsonl, .json, .csv and .tsv (flat rows only), all of them also packed (.jsonl.gz, .zst, .xz, .bz2); .parquet,
    .arrow, .feather; a path without an ending becomes a Hugging Face dataset's folder. What a table has no place for
    is null in it: a key that other rows have. NaN and the infinities are null in JSON, half a surrogate pair is "?"
    outside of it.
    Raises UsageError where `check_target` does, for a folder that cannot be written to, and when no rows would replace
    some, unless `force` is given; RunStopped when the disk is full or fails.
    """
    check_target(path, reading, force=force)
    path = Path(path)
    left = iter(rows)
    first = list(itertools.islice(left, 1))
    if not first and not force and path.is_file() and path.stat().st_size:
        raise UsageError(f"there are no rows to write, and {path} has some: it stays as it is; --force empties it")
    try:
        return _writer(path)(path, itertools.chain(first, left))
    except ImportError as error:
        raise UsageError(f"{path} needs the package {error.name or error}: pip install 'selfinstruct[data]'") from None
    except OSError as error:
        raise unwritable(path, error) from None


def check_ending(path: str | Path) -> None:
    """Raises UsageError when `write_rows` has no container for the file's ending, or no file can have the name."""
    try:
        possible = b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        possible = False
    if not possible:
        raise UsageError(f"{str(path)!a} is no name that a file can have: choose another --out")
    if str(path) == "-":
        raise UsageError("- is stdout, and this goes into a file: choose another --out")
    # A Path has one of the two slashes.
    if there := re.match(r"([a-z][a-z0-9+.-]+):/", str(path), re.IGNORECASE):
        how = "hf upload" if there[1].lower() == "hf" else "its own tool"
        raise UsageError(f"cannot write to {path}: write a file here, and bring it there with {how}")
    if re.search("[*?]", str(path)) and not Path(path).exists():
        raise UsageError(f"{path} names many files: choose one, or no ending (a folder), as --out")
    _writer(Path(path))


def _writer(path: Path) -> Callable[[Path, Iterable[Row]], int]:
    ending = path.suffix.lower()
    if ending in TABLES:
        return TABLES[ending]
    packed = ending if ending in PACKED else ""
    inner = Path(path.stem).suffix.lower() if packed else ending
    if inner not in TEXTS:
        raise UsageError(
            f"cannot write '{inner}{packed}' files ({path}): use {ENDINGS}, or no ending (a folder); {MORE}"
        )

    def written(path: Path, rows: Iterable[Row]) -> int:
        pack = PACKED[packed]()
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic(path) as file, pack(file) as into:
            return TEXTS[inner](path, into, rows)

    return written


Pack = Callable[[BinaryIO], AbstractContextManager[Any]]


def _gzip() -> Pack:
    """Without the time and the file's name, which gzip puts in front: the same rows are to be the same bytes."""
    from gzip import GzipFile

    return lambda file: GzipFile("", "wb", 6, file, mtime=0)


def _zstandard() -> Pack:
    from zstandard import ZstdCompressor

    return lambda file: ZstdCompressor().stream_writer(file, closefd=False)


def _xz() -> Pack:
    from lzma import LZMAFile

    return lambda file: LZMAFile(file, "wb")


def _bz2() -> Pack:
    from bz2 import BZ2File

    return lambda file: BZ2File(file, "wb")


PACKED: dict[str, Callable[[], Pack]] = {
    "": lambda: nullcontext,
    ".gz": _gzip,
    ".zst": _zstandard,
    ".xz": _xz,
    ".bz2": _bz2,
}
"""Behind the ending of a text."""

TABLES: dict[str, Callable[[Path, Iterable[Row]], int]] = {
    ".parquet": tables.parquet,
    ".arrow": tables.arrow,
    ".feather": tables.arrow,
    "": tables.dataset,
}

ENDINGS = ".jsonl, .json, .csv, .parquet"
MORE = "there are .tsv, .arrow and .feather, too, and a text may end in .gz, .zst, .xz or .bz2 (rows.jsonl.gz)"
