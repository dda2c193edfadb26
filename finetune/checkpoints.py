"""Checkpoints: only one that was written to its end is gone on from.

The Trainer writes a checkpoint's files in place, and resumes from the highest number, torn or not. Here a file of ours
comes last: it has the size and the SHA-256 of each of the others, and says which run it is of. A checkpoint without it,
or with a file that differs, is ignored and said so.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from selfinstruct.workdir import atomic

__all__ = ["Checkpoint", "complete", "lighten", "newest", "prune"]

MARK = "complete.json"
PREFIX = "checkpoint-"
"""As the Trainer names them: checkpoint-120 is that after step 120."""

STATE = ("optimizer.*", "optimizer_*", "scheduler.pt", "scaler.pt", "rng_state*.pth")
"""What only going on needs, and not the model: pickles, of several times its size. FSDP's are a folder."""


class Checkpoint(NamedTuple):
    path: Path
    step: int
    run: dict[str, Any]
    """What `complete` was told about the run."""


def complete(folder: Path, run: Mapping[str, Any]) -> None:
    """Mark a checkpoint as whole, once every process has written its files: all are on the disk before the mark is."""
    files = {}
    for file in _files(folder):
        with file.open("rb") as opened:
            os.fsync(opened.fileno())
        files[file.relative_to(folder).as_posix()] = {"size": file.stat().st_size, "sha256": _hash(file)}
    with atomic(folder / MARK) as mark:
        mark.write(json.dumps({"run": run, "files": files}, indent=1).encode())


def newest(folder: Path) -> tuple[Checkpoint | None, list[str]]:
    """The last complete checkpoint in a folder of them, and a line about each later one that was ignored."""
    ignored: list[str] = []
    for path, step in reversed(_numbered(folder)):
        run = _run_of(path, hashes=True)
        if isinstance(run, dict):
            return Checkpoint(path, step, run), ignored
        ignored.append(f"{path} is ignored: {run}")
    return None, ignored


def prune(folder: Path, keep: int) -> None:
    """Delete all but the last `keep` complete checkpoints, and incomplete ones older than the last.

    Contents are not read again for that, at each checkpoint: those of the right sizes count as complete.
    """
    whole = [path for path, _ in _numbered(folder) if isinstance(_run_of(path), dict)]
    kept = set(whole[-keep:])
    for path, _ in _numbered(folder):
        if whole and path not in kept and path != whole[-1] and _number(path) < _number(whole[-1]):
            (path / MARK).unlink(missing_ok=True)  # first: half deleted it must not look whole
            shutil.rmtree(path)


def lighten(folder: Path) -> None:
    """Leave only the models in the checkpoints of a finished training: no run goes on from them."""
    for path, _ in _numbered(folder):
        for file in (file for pattern in STATE for file in path.glob(pattern)):
            shutil.rmtree(file) if file.is_dir() else file.unlink()


def _numbered(folder: Path) -> list[tuple[Path, int]]:
    found = folder.glob(f"{PREFIX}*") if folder.is_dir() else iter(())
    named = [path for path in found if path.is_dir() and path.name.removeprefix(PREFIX).isdecimal()]
    return sorted(((path, _number(path)) for path in named), key=lambda pair: pair[1])


def _number(path: Path) -> int:
    return int(path.name.removeprefix(PREFIX))


def _run_of(path: Path, *, hashes: bool = False) -> dict[str, Any] | str:
    """What its mark says about the run, or why it is not complete; `hashes`: compare contents, and not sizes alone."""
    try:
        mark = json.loads((path / MARK).read_bytes())
        files = {name: (about["size"], about["sha256"]) for name, about in mark["files"].items()}
        run = dict(mark["run"])
    except FileNotFoundError:
        return "it was not written to its end"
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return f"its {MARK} cannot be read"
    for name, (size, digest) in files.items():
        file = path / name
        try:
            same = file.stat().st_size == size and (not hashes or _hash(file) == digest)
        except OSError:  # it is missing, or cannot be read
            same = False
        if not same:
            return f"its {name} is not what was written"
    return run


def _hash(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != MARK)
