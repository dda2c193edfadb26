"""A folder that is written safely, by runs and by trainings alike.

One process at a time holds it, only what belongs to the same work goes on in it, and its files appear whole. Nothing is
known here of what the work is: `kind` is its name ("run", "training") in messages.
"""

from __future__ import annotations

import errno
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from selfinstruct.errors import RunStopped, SelfinstructError, UsageError
from selfinstruct.yaml_text import yaml_of

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # Windows, where a file that is open cannot be removed anyway
    flock = None  # type: ignore[assignment]

__all__ = [
    *("atomic", "cannot_write", "check_place", "check_same", "locked", "mapping_in", "placed", "sweep", "unwritable"),
]

TEMPORARY = re.compile(
    r"\..+\.(?:arrow|feather|html|md|parquet|png|yaml|(?:csv|json|jsonl|tsv)(?:\.(?:bz2|gz|xz|zst))?)\.[0-9a-f]{8}"
)
"""How `atomic` calls a file that is not yet whole."""


@contextmanager
def atomic(path: Path) -> Iterator[BinaryIO]:
    """A file that appears whole or not at all: written beside its place, synced, renamed.

    What killed processes have left of the same file goes first.
    """
    sweep(path.parent, path.name)
    beside, file, held = _beside(path)
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        with suppress(OSError):  # the folder may be gone
            beside.unlink()
        raise
    finally:
        if held is not None:
            os.close(held)


@contextmanager
def placed(path: Path, *, folder: bool = False) -> Iterator[Path]:
    """As `atomic`, for what writes to a path: that of a new file or folder beside it, which takes its place at the end.

    A folder that is there already is moved aside for that. Who is killed in this instant leaves none: write it again.
    """
    sweep(path.parent, path.name)
    beside, held = _made_beside(path, folder=folder)
    old = None
    try:
        yield beside
        for file in (beside, *beside.rglob("*")):
            if file.is_file():
                with file.open("rb") as written:
                    os.fsync(written.fileno())
        if folder and path.is_dir():
            old = _made_beside(path, folder=True)
            os.replace(path, old[0])
        os.replace(beside, path)
    finally:
        for left, handle in ((beside, held), *((old,) if old else ())):
            _removed(left)
            if handle is not None:
                os.close(handle)


def _removed(path: Path) -> None:
    with suppress(OSError):
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def _made_beside(path: Path, *, folder: bool) -> tuple[Path, int | None]:
    if not folder:
        beside, file, held = _beside(path)
        file.close()
        return beside, held
    while True:
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        beside.mkdir(parents=True)
        if flock is None:
            return beside, None
        try:
            held = os.open(beside, os.O_RDONLY)
        except FileNotFoundError:  # as below
            continue
        with suppress(OSError):
            flock(held, LOCK_EX)
        if beside.exists():
            return beside, held
        os.close(held)


def sweep(folder: Path, name: str | None = None) -> None:
    """Remove the temporaries that killed processes have left in the folder: of all files, or of the one named.

    Whoever writes one holds a lock of the operating system on it, which ends with the process.
    """
    if flock is None:
        return
    ours = re.compile(rf"\.{re.escape(name)}\.[0-9a-f]{{8}}") if name else TEMPORARY
    with suppress(OSError):
        for found in os.listdir(folder):
            if ours.fullmatch(found):
                with suppress(OSError):
                    held = os.open(folder / found, os.O_RDONLY)
                    try:
                        flock(held, LOCK_EX | LOCK_NB)
                        _removed(folder / found)
                    finally:
                        os.close(held)


def _beside(path: Path) -> tuple[Path, BinaryIO, int | None]:
    """A new file beside the path, open, and a handle that holds its lock until it is closed."""
    while True:
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        file = open(beside, "xb")  # noqa: SIM115  closed before the renaming
        if flock is None:
            return beside, file, None
        held = os.dup(file.fileno())
        with suppress(OSError):  # a file system without locks, where nobody sweeps
            flock(held, LOCK_EX)
        if beside.exists():
            return beside, file, held
        os.close(held)  # somebody took it for a dead process's, before it was locked
        file.close()


def mapping_in(file: Path) -> dict[str, Any]:
    """The object in a JSON or YAML file, as an earlier process left it. Raises UsageError when it is broken."""
    try:
        text = file.read_text(encoding="utf-8")
        value = json.loads(text) if file.suffix == ".json" else yaml_of(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is broken ({error}): restore it, or choose another --out") from None
    if not isinstance(value, dict):
        raise UsageError(f"{file} is broken (it is {_short(value)}): restore it, or choose another --out")
    return value


def check_place(path: Path, kind: str, marks: Iterable[str]) -> None:
    """Raises UsageError when the path is a file, or a folder with files but none of the `marks` of our own work."""
    try:
        if not path.exists():
            return
        if not path.is_dir():
            raise UsageError(f"{path} is a file, not a folder: choose another --out")
        ours = any((path / name).exists() for name in marks)
        if not ours and any(not name.startswith(".") for name in os.listdir(path)):
            raise UsageError(f"{path} holds other files and no {kind}: choose another --out")
    except OSError as error:
        raise _cannot_use(path, error) from None


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time in a folder, which is made. The lock is the operating system's: a dead process holds none.

    Raises UsageError when the folder cannot be had. When anything is raised inside, folders that were made go again,
    as far as they are empty: a mistake leaves nothing behind.
    """
    from filelock import FileLock, Timeout

    file, made = path / ".lock", list[Path]()
    try:
        made += [folder for folder in (path, *path.parents) if not folder.exists()]
        path.mkdir(parents=True, exist_ok=True)
        is_new = not file.exists()
        lock = FileLock(file, timeout=0).acquire()
    except Timeout:
        raise UsageError(f"{path} is in use by another process: wait for it, or choose another --out") from None
    except (OSError, ValueError) as error:  # ValueError: no path at all, for it holds a NUL or half a character
        _remove_empty(made)
        raise _cannot_use(path, error) from None
    sweep(path)
    with lock:
        try:
            yield
        except BaseException:
            if is_new:
                with suppress(OSError):
                    file.unlink()
            _remove_empty(made)
            raise


def check_same(path: Path, kind: str, there: Mapping[str, Any], here: Mapping[str, Any]) -> None:
    """Raises UsageError, naming the first three differences, unless the work in the folder is that which is here.

    Both are what the results follow from, nested as they like; `selfinstruct`, the version, does not count.
    """
    if found := list(_differences(_flat(there), _flat(here))):
        more = f" (and {len(found) - 3} more)" if len(found) > 3 else ""
        raise UsageError(f"{path} is another {kind}: {'; '.join(found[:3])}{more}. Choose another --out")


def cannot_write(path: Path, reason: object) -> RunStopped:
    """For a disk that is full, or gone, in the middle of the work."""
    return RunStopped(f"cannot write to {path}: {reason}; mend that and run again: it goes on")


_PASSING = {getattr(errno, name, None) for name in ("ENOSPC", "EDQUOT", "EFBIG", "EIO", "ENXIO", "ENODEV", "ESTALE")}
"""Of a disk that is full, failing or gone: later the same command works. (EFBIG is a limit on the size of files.)"""


def unwritable(path: Path, error: OSError | ValueError) -> SelfinstructError:
    """When a file cannot be written: RunStopped where the disk is at fault, UsageError where the place is."""
    if isinstance(error, OSError) and error.errno in _PASSING:
        return cannot_write(path, error.strerror or error)
    reason = (isinstance(error, OSError) and error.strerror) or error
    return UsageError(f"cannot write to {path}: {reason}; choose another --out")


def _cannot_use(path: Path, error: OSError | ValueError) -> SelfinstructError:
    if isinstance(error, OSError) and error.errno in _PASSING:
        return unwritable(path, error)
    reason = (isinstance(error, OSError) and error.strerror) or error
    return UsageError(f"cannot use {path}: {reason}; choose another --out")


def _remove_empty(folders: Iterable[Path]) -> None:
    """Those of the folders that are there and empty, the innermost first."""
    for folder in folders:
        with suppress(OSError, ValueError):
            folder.rmdir()


def _flat(value: Mapping[str, Any]) -> dict[str, Any]:
    """Nested settings as one level: {"steps[0].teacher.temperature": 0.7}. JSON knows no tuples: they are lists."""

    def walk(name: str, part: Any) -> Iterator[tuple[str, Any]]:
        if isinstance(part, Mapping) and part:
            for key, inner in part.items():
                yield from walk(f"{name}.{key}" if name else str(key), inner)
        elif isinstance(part, list | tuple) and part:
            for number, inner in enumerate(part):
                yield from walk(f"{name}[{number}]", inner)
        else:
            yield name, [] if part == () else part

    return {name: part for name, part in walk("", value) if name != "selfinstruct"}


def _differences(there: Mapping[str, Any], here: Mapping[str, Any]) -> Iterator[str]:
    for name in [*there, *(name for name in here if name not in there)]:
        old, new = there.get(name, "absent"), here.get(name, "absent")
        if repr(old) != repr(new):  # 1 == 1.0, but they make different requests
            yield f"{name} is {_short(old)} there and {_short(new)} here"


def _short(value: Any) -> str:
    text = repr(value)[1:-1] if isinstance(value, str) else repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
