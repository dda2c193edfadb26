"""A run folder: tasks.jsonl, rejected.jsonl, journal.db, recipe.yaml, run.json and the exports.

Nothing here is a checkpoint. A run that is repeated writes the same lines again; those that are already there are
verified, the rest is appended. So a killed run leaves every line it wrote, and a torn last line is mended.

A folder with a journal is a run's, whatever else is gone: what run.json and recipe.yaml no longer say, the lines of
tasks.jsonl tell, for another run would write others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from selfinstruct.running.lines import Lines
from selfinstruct.task import Rejected, Task, rejected_to_row, task_to_row
from selfinstruct.teachers.journal.file import holds_answers, is_journal
from selfinstruct.workdir import atomic, cannot_write, check_place, check_same, locked, mapping_in, unwritable

__all__ = ["Folder", "recipe_text"]


class Folder:
    """One process at a time may write into it: the lock is the operating system's, so a dead process holds none."""

    def __init__(self, path: Path, recipe: dict[str, Any], facts: dict[str, Any], *, anew: bool = False) -> None:
        """Check and prepare the folder; nothing is written before every check has passed.

        `recipe` is the resolved recipe and `facts` what else determines the output (seeds, random seed, models): both
        must be those of the run that is already there. Raises UsageError with what differs. `anew`: all rows are
        written once more, from the journal's answers, since some of those are to be asked for again.
        """
        self.path = path
        self.notices: list[str] = []
        """What was found broken and is mended, for the user: a line each."""
        try:
            self._check(recipe, facts)
            with ExitStack() as opened:
                opened.enter_context(locked(path))
                self._check(recipe, facts)
                self.notices = self._missing()
                if anew:
                    for name in ("tasks.jsonl", "rejected.jsonl"):
                        (path / name).unlink(missing_ok=True)
                for name, text in _about(recipe, facts).items():
                    with atomic(path / name) as file:
                        file.write(text.encode("utf-8", "backslashreplace"))
                self._tasks = opened.enter_context(closing(Lines(path / "tasks.jsonl")))
                self._rejected = opened.enter_context(closing(Lines(path / "rejected.jsonl")))
                self._opened = opened.pop_all()
        except OSError as error:
            raise unwritable(path, error) from None
        self.notices += filter(None, (self._tasks.cut, self._rejected.cut))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._room():
            self._opened.close()

    def _has_lines(self) -> bool:
        written = (self.path / name for name in ("tasks.jsonl", "rejected.jsonl"))
        return any(file.exists() and file.stat().st_size for file in written)

    def _missing(self) -> list[str]:
        """What this folder should have and has not."""
        lines, answers = self._has_lines(), holds_answers(self.path / "journal.db")
        found = []
        if (lines or answers) and not (self.path / "run.json").exists():
            found.append(f"{self.path} has no run.json: whatever answers in its journal.db fit are used")
        if lines and not answers:
            found.append(
                f"{self.path} has tasks but no answers that they were made from: was journal.db, or the journal.db-wal "
                "beside it, left behind? All is asked for again"
            )
        return found

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
        check_place(self.path, "run", ["run.json", *(["journal.db"] if is_journal(self.path / "journal.db") else [])])
        about, old = self.path / "run.json", self.path / "recipe.yaml"
        there = mapping_in(about) if about.exists() else facts
        there = there | {"recipe": mapping_in(old) if old.exists() else recipe}
        # A first try that got no answer (a mistyped model, a wrong key) binds nobody, but what it wrote must be whole.
        if self._has_lines() or holds_answers(self.path / "journal.db"):
            check_same(self.path, "run", there, facts | {"recipe": recipe})


def _about(recipe: dict[str, Any], facts: dict[str, Any]) -> dict[str, str]:
    """What a folder says about its run: texts by the names of their files."""
    return {"run.json": json.dumps(facts, ensure_ascii=False, indent=2) + "\n", "recipe.yaml": recipe_text(recipe)}


def recipe_text(recipe: dict[str, Any]) -> str:
    """A described recipe as YAML that can be run."""
    head = "# The recipe of this run, resolved. Another recipe needs another folder.\n"
    text = yaml.dump(recipe, Dumper=_Readable, allow_unicode=True, sort_keys=False, width=120)
    # Line breaks to YAML: PyYAML would not read them back.
    if any(character in text for character in "\x85\u2028\u2029"):
        text = yaml.dump(recipe, Dumper=_Readable, sort_keys=False, width=120)
    return head + text


class _Readable(yaml.SafeDumper):
    """Writes prompts as they are, line by line."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if text.count("\n") > 1 else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Readable.add_representer(str, _text)
