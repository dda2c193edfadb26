"""Checkpoints: only one that was written to its end is gone on from.

The Trainer writes a checkpoint's files in place, and resumes from the highest number, torn or not. Here a file of ours
comes last: it says how large each of the others is, and which run it is of. A checkpoint without it, or with a file
of another size, is ignored and said so.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from selfinstruct.folder import atomic

__all__ = ["Checkpoint", "complete", "differences", "newest", "prune"]

MARK = "complete.json"
PREFIX = "checkpoint-"
"""As the Trainer names them: checkpoint-120 is that after step 120."""


class Checkpoint(NamedTuple):
    path: Path
    step: int
    run: dict[str, Any]
    """What `complete` was told about the run."""


def complete(folder: Path, run: Mapping[str, Any]) -> None:
    """Mark a checkpoint as whole, once every process has written its files: all are on the disk before the mark is."""
    sizes = {}
    for file in _files(folder):
        with file.open("rb") as opened:
            os.fsync(opened.fileno())
        sizes[file.relative_to(folder).as_posix()] = file.stat().st_size
    with atomic(folder / MARK) as mark:
        mark.write(json.dumps({"run": run, "sizes": sizes}, indent=1).encode())


def newest(folder: Path) -> tuple[Checkpoint | None, list[str]]:
    """The last complete checkpoint in a folder of them, and a line about each later one that was ignored."""
    ignored: list[str] = []
    for path, step in reversed(_numbered(folder)):
        run = _run_of(path)
        if isinstance(run, dict):
            return Checkpoint(path, step, run), ignored
        ignored.append(f"{path} is ignored: {run}")
    return None, ignored


def prune(folder: Path, keep: int) -> None:
    """Delete all but the last `keep` complete checkpoints, and incomplete ones older than the last."""
    whole = [path for path, _ in _numbered(folder) if isinstance(_run_of(path), dict)]
    kept = set(whole[-keep:])
    for path, _ in _numbered(folder):
        if whole and path not in kept and path != whole[-1] and _number(path) < _number(whole[-1]):
            (path / MARK).unlink(missing_ok=True)  # first: half deleted it must not look whole
            shutil.rmtree(path)


def differences(there: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    """What tells two runs apart, in words. JSON knows no tuples: they are lists."""
    here = json.loads(json.dumps(here))
    names = [*there, *(name for name in here if name not in there)]
    return [
        f"{name} is {_short(there.get(name))} there and {_short(here.get(name))} here"
        for name in names
        if there.get(name) != here.get(name)
    ]


def _numbered(folder: Path) -> list[tuple[Path, int]]:
    found = folder.glob(f"{PREFIX}*") if folder.is_dir() else iter(())
    named = [path for path in found if path.is_dir() and path.name.removeprefix(PREFIX).isdecimal()]
    return sorted(((path, _number(path)) for path in named), key=lambda pair: pair[1])


def _number(path: Path) -> int:
    return int(path.name.removeprefix(PREFIX))


def _run_of(path: Path) -> dict[str, Any] | str:
    """What its mark says about the run, or why it is not complete."""
    try:
        mark = json.loads((path / MARK).read_bytes())
        sizes, run = mark["sizes"].items(), dict(mark["run"])
    except FileNotFoundError:
        return "it was not written to its end"
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return f"its {MARK} cannot be read"
    for name, size in sizes:
        file = path / name
        if not file.is_file() or file.stat().st_size != size:
            return f"its {name} is not what was written"
    return run


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != MARK)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False) if value is not None else "absent"
    return text if len(text) <= 40 else f"{text[:40]}…"
