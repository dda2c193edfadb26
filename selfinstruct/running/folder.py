"""A run folder: tasks.jsonl, rejected.jsonl, journal.db, recipe.yaml, run.json and the exports.

Nothing here is a checkpoint. A run that is repeated writes the same lines again; those that are already there are
verified, the rest is appended. So a killed run leaves every line it wrote, and a torn last line is mended.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import yaml

from selfinstruct.errors import RunStopped, UsageError
from selfinstruct.task import Rejected, Task, json_line, rejected_to_row, task_to_row
from selfinstruct.teachers.journal import holds_answers
from selfinstruct.workdir import atomic, cannot_write, check_place, check_same, locked, mapping_in

__all__ = ["Folder"]


class Folder:
    """One process at a time may write into it: the lock is the operating system's, so a dead process holds none."""

    def __init__(self, path: Path, recipe: dict[str, Any], facts: dict[str, Any]) -> None:
        """Check and prepare the folder; nothing is written before every check has passed.

        `recipe` is the resolved recipe and `facts` what else determines the output (seeds, random seed, models): both
        must be those of the run that is already there. Raises UsageError with what differs.
        """
        self.path = path
        try:
            self._check(recipe, facts)
            with ExitStack() as opened:
                opened.enter_context(locked(path))
                self._check(recipe, facts)
                for name, text in _about(recipe, facts).items():
                    with atomic(path / name) as file:
                        file.write(text.encode("utf-8", "backslashreplace"))
                self._tasks = opened.enter_context(closing(Lines(path / "tasks.jsonl")))
                self._rejected = opened.enter_context(closing(Lines(path / "rejected.jsonl")))
                self._opened = opened.pop_all()
        except OSError as error:
            raise UsageError(f"cannot write to {path}: {error.strerror or error}; choose another --out") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._room():
            self._opened.close()

    def _has_content(self) -> bool:
        written = (self.path / name for name in ("tasks.jsonl", "rejected.jsonl"))
        return any(file.exists() and file.stat().st_size for file in written) or holds_answers(self.path / "journal.db")

    def write(self, item: Task | Rejected) -> None:
        """Put the item into its file. Raises RunStopped when the folder holds something else at this place."""
        with self._room():
            if isinstance(item, Task):
                self._tasks.write(task_to_row(item))
            else:
                self._rejected.write(rejected_to_row(item))

    @contextmanager
    def _room(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise cannot_write(self.path, error.strerror or error) from None

    def _check(self, recipe: dict[str, Any], facts: dict[str, Any]) -> None:
        check_place(self.path, "run", ["run.json"])
        about, old = self.path / "run.json", self.path / "recipe.yaml"
        # A first try that got no answer (a mistyped model, a wrong key) binds nobody, but what it wrote must be whole.
        if about.exists():
            there = mapping_in(about) | {"recipe": mapping_in(old) if old.exists() else recipe}
            if self._has_content():
                check_same(self.path, "run", there, facts | {"recipe": recipe})


class Lines:
    """A file of JSON lines that is verified as far as it goes, and appended to from there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO = open(path, "r+b" if path.exists() else "w+b")  # noqa: SIM115  closed by close()
        self._number = 0
        self._appending = False
        self._cut_torn_line()

    def write(self, row: dict[str, Any]) -> None:
        line = json_line(row)
        self._number += 1
        old = b"" if self._appending else self._file.readline()
        if old == line:
            return
        # A process that was killed may have left all of this line but its end; anything else is not ours.
        if old not in (b"", line.removesuffix(b"\n")):
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
        with self._file:
            os.fsync(self._file.fileno())

    def _cut_torn_line(self) -> None:
        """Cut off the beginning of a line that a killed process left: readers of the file must not stumble over it."""
        size, tail = self._file.seek(0, os.SEEK_END), b""
        while b"\n" not in tail and len(tail) < size:
            self._file.seek(-min(size, len(tail) + 2**16), os.SEEK_END)
            tail = self._file.read()
        tail = tail[tail.rfind(b"\n") + 1 :]
        if tail and not _is_json(tail):
            self._file.truncate(size - len(tail))
        self._file.seek(0)


def _about(recipe: dict[str, Any], facts: dict[str, Any]) -> dict[str, str]:
    """What a folder says about its run: texts by the names of their files."""
    head = "# The recipe of this run, resolved. Another recipe needs another folder.\n"
    text = yaml.dump(recipe, Dumper=_Readable, allow_unicode=True, sort_keys=False, width=120)
    # Line breaks to YAML: PyYAML would not read them back.
    if any(character in text for character in "\x85\u2028\u2029"):
        text = yaml.dump(recipe, Dumper=_Readable, sort_keys=False, width=120)
    return {"run.json": json.dumps(facts, ensure_ascii=False, indent=2) + "\n", "recipe.yaml": head + text}


class _Readable(yaml.SafeDumper):
    """Writes prompts as they are, line by line."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if text.count("\n") > 1 else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Readable.add_representer(str, _text)


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
