"""A run folder: tasks.jsonl, rejected.jsonl, journal.db, recipe.yaml, run.json and the exports.

Nothing here is a checkpoint. A run that is repeated writes the same lines again; those that are already there are
verified, the rest is appended. So a killed run leaves every line it wrote, and a torn last line is mended.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import yaml
from filelock import FileLock, Timeout

from selfinstruct.errors import RunStopped, UsageError
from selfinstruct.task import Rejected, Task, json_line, rejected_to_row, task_to_row

__all__ = ["Folder", "atomic"]


class Folder:
    """One process at a time may write into it: the lock is the operating system's, so a dead process holds none."""

    def __init__(self, path: Path, recipe: dict[str, Any], facts: dict[str, Any]) -> None:
        """Check and prepare the folder; nothing is written before every check has passed.

        `recipe` is the resolved recipe and `facts` what else determines the output (seeds, random seed, models): both
        must be those of the run that is already there. Raises UsageError with what differs.
        """
        self.path = path
        self._check(recipe, facts)
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(path / ".lock", timeout=0)
            self._lock.acquire()
            self._check(recipe, facts)
            for name, text in self._about(recipe, facts).items():
                with atomic(path / name) as file:
                    file.write(text.encode())
            self._tasks = Lines(path / "tasks.jsonl")
            self._rejected = Lines(path / "rejected.jsonl")
        except Timeout:
            raise UsageError(f"{path} is in use by another process: wait for it, or choose another --out") from None
        except OSError as error:
            raise UsageError(f"cannot write to {path}: {error.strerror}; choose another --out") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tasks.close()
        self._rejected.close()
        self._lock.release()

    def write(self, item: Task | Rejected) -> None:
        """Put the item into its file. Raises RunStopped when the folder holds something else at this place."""
        if isinstance(item, Task):
            self._tasks.write(task_to_row(item))
        else:
            self._rejected.write(rejected_to_row(item))

    def _about(self, recipe: dict[str, Any], facts: dict[str, Any]) -> dict[str, str]:
        head = "# The recipe of this run, resolved. Another recipe needs another folder.\n"
        text = yaml.safe_dump(recipe, allow_unicode=True, sort_keys=False, width=120)
        return {"run.json": json.dumps(facts, ensure_ascii=False, indent=2) + "\n", "recipe.yaml": head + text}

    def _check(self, recipe: dict[str, Any], facts: dict[str, Any]) -> None:
        if not self.path.exists():
            return
        if not self.path.is_dir():
            raise UsageError(f"{self.path} is a file, not a folder: choose another --out")
        about = self.path / "run.json"
        if not about.exists():
            if any(not name.startswith(".") for name in os.listdir(self.path)):
                raise UsageError(f"{self.path} holds other files and no run: choose another --out")
            return
        there: dict[str, Any] = json.loads(about.read_text(encoding="utf-8"))
        old = self.path / "recipe.yaml"
        there["recipe"] = yaml.safe_load(old.read_text(encoding="utf-8")) if old.exists() else recipe
        differences = list(_differences(_plain(there), _plain(facts | {"recipe": recipe})))
        if differences:
            more = f" (and {len(differences) - 3} more)" if len(differences) > 3 else ""
            raise UsageError(f"{self.path} is another run: {'; '.join(differences[:3])}{more}. Choose another --out")


class Lines:
    """A file of JSON lines that is verified as far as it goes, and appended to from there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO = open(path, "r+b" if path.exists() else "w+b")  # noqa: SIM115  closed by close()
        self._number = 0
        self._appending = False

    def write(self, row: dict[str, Any]) -> None:
        line = json_line(row)
        self._number += 1
        old = b"" if self._appending else self._file.readline()
        if old == line:
            return
        # A process that was killed may have left the beginning of this very line; anything else is not ours.
        if not line.startswith(old):
            raise RunStopped(
                f"{self._path} line {self._number} is not what this run writes: was the file edited, or written by "
                f"another version of selfinstruct? Move the file away and run again: the journal has every answer"
            )
        if not self._appending:
            self._file.seek(-len(old), os.SEEK_CUR)
            self._file.truncate()
            self._appending = True
        self._file.write(line)
        self._file.flush()

    def close(self) -> None:
        if self._appending:
            os.fsync(self._file.fileno())
        self._file.close()


@contextmanager
def atomic(path: Path) -> Iterator[BinaryIO]:
    """A file that appears whole or not at all: written beside its place, synced, renamed."""
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(beside, 0o666 & ~_umask())
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


def _umask() -> int:
    """The mask of new files; mkstemp makes them private, ours are as any program's."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _plain(value: Any) -> dict[str, Any]:
    """Nested settings as one level: {"steps[0].teacher.temperature": 0.7}; `selfinstruct`, the version, left out."""

    def walk(name: str, part: Any) -> Iterator[tuple[str, Any]]:
        if isinstance(part, dict) and part:
            for key, inner in part.items():
                yield from walk(f"{name}.{key}" if name else str(key), inner)
        elif isinstance(part, list) and part:
            for number, inner in enumerate(part):
                yield from walk(f"{name}[{number}]", inner)
        else:
            yield name, part

    return {name: part for name, part in walk("", value) if name != "selfinstruct"}


def _differences(there: dict[str, Any], here: dict[str, Any]) -> Iterator[str]:
    absent = "absent"
    for name in [*there, *(name for name in here if name not in there)]:
        old, new = there.get(name, absent), here.get(name, absent)
        if old != new:
            yield f"{name} is {old} there and {new} here"
