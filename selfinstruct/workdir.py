"""A folder that is written safely, by runs and by trainings alike.

One process at a time holds it, only what belongs to the same work goes on in it, and its files appear whole. Nothing is
known here of what the work is: `kind` is its name ("run", "training") in messages.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import yaml

from selfinstruct.errors import RunStopped, UsageError

__all__ = ["atomic", "cannot_write", "check_place", "check_same", "locked", "mapping_in", "yaml_of"]


@contextmanager
def atomic(path: Path) -> Iterator[BinaryIO]:
    """A file that appears whole or not at all: written beside its place, synced, renamed."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    file = open(beside, "xb")  # noqa: SIM115  closed below, before the renaming
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        beside.unlink()
        raise


def yaml_of(text: str) -> Any:
    """What a YAML text says. Raises ValueError, with the line, for every text that is none, and for one whose aliases
    (*a, also merged by <<) stand for more than MOST values: ten lines of them can say 10 to the 10th.
    """
    try:
        loader = yaml.SafeLoader(text)
        try:
            root = loader.get_single_node()
            too_many = _values(root) > MOST
            value = None if root is None or too_many else loader.construct_document(root)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise ValueError(f"{where}{' '.join(str(error.problem or error.context).split())}") from None
    except Exception as error:  # PyYAML lets through what int("0x_") and its like raise: KeyError, AttributeError …
        raise ValueError(" ".join(f"{type(error).__name__}: {error}".split())) from None
    if too_many:
        raise ValueError(f"with its aliases written out it holds more than {MOST:,} values")
    return value


MOST = 100_000
"""Values that a YAML text may hold. Our longest recipe has about 100."""


def _values(root: yaml.Node | None) -> int:
    """How many there are with the aliases written out; no more than MOST + 1 are counted, for one may hold itself."""
    count, waiting = 1, [root]
    while waiting and count <= MOST:
        node = waiting.pop()
        inner = node.value if isinstance(node, yaml.CollectionNode) else []
        inner = [part for pair in inner for part in pair] if isinstance(node, yaml.MappingNode) else inner
        count += len(inner)
        waiting += inner
    return count


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
    except OSError as error:
        _remove_empty(made)
        raise _cannot_use(path, error) from None
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


def _cannot_use(path: Path, error: OSError) -> UsageError:
    return UsageError(f"cannot use {path}: {error.strerror or error}; choose another --out")


def _remove_empty(folders: Iterable[Path]) -> None:
    """Those of the folders that are there and empty, the innermost first."""
    for folder in folders:
        with suppress(OSError):
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
