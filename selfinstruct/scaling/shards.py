"""Shards: the tasks of a run, parted by what they ask, each part with a folder and a journal of its own.

    runs/big.shards/job.json             what is asked, of whom, and how many shards
                    recipe.yaml          the recipe, resolved
                    before/journal.db    what they were answered while they were parted in another way
                    00017/data.jsonl     its tasks
                    00017/run/           a run like any other, of these
                    00017/stopped.txt    why it is not finished, in one line
                    00017/done           it is

Nothing that is written in the end comes from the shards but their journals: the merge is the run itself, over all of
the data in their order, which asks only what no journal answers.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from selfinstruct.task import Task, json_line, task_to_row
from selfinstruct.teachers.journal.journal import Journal
from selfinstruct.workdir import atomic, check_same, mapping_in

__all__ = ["MOST", "Shards", "shard_of"]

MOST = 10_000
"""Shards: as many folders."""


def shard_of(task: Task, shards: int) -> int:
    """Where the task goes: the same place whatever else there is. What asks the same goes to the same shard, since one
    journal answers it once."""
    asked = json.dumps([task.instruction, [instance.input for instance in task.instances]])
    return int.from_bytes(hashlib.sha256(asked.encode()).digest()[:8], "big") % shards


class State(NamedTuple):
    done: int
    stopped: dict[int, str]
    """Of those that are not done: why, where it is known."""
    left: list[int]


class Shards:
    """The folder of the shards of the run in `out`."""

    def __init__(self, out: Path) -> None:
        self.out, self.folder = out, out.with_name(f"{out.name}.shards")

    def place(self, number: int) -> Path:
        return self.folder / f"{number:05}"

    @property
    def job(self) -> dict[str, Any]:
        return mapping_in(self.folder / "job.json")

    def split(self, tasks: Sequence[Task], shards: int, job: Mapping[str, Any]) -> bool:
        """Write what each shard is to do, unless that is there already; whether it is written now.

        With another number of shards the tasks are parted anew, and what was answered is kept for the merge. Raises
        UsageError when the folder belongs to other tasks, or to another job.
        """
        digest = hashlib.sha256()
        for task in tasks:
            digest.update(json_line(task_to_row(task)))
        same = {**job["same"], "tasks": len(tasks), "sha256": digest.hexdigest()}
        wanted = {**job, "same": same, "shards": shards}
        if (self.folder / "job.json").is_file():
            there = self.job
            check_same(self.folder, "job", there["same"], json.loads(json.dumps(same)))
            if there["shards"] == shards:
                self._write_job(wanted)
                return False
            (self.folder / "job.json").unlink()  # what is killed from here on parts them anew
        self._set_aside()
        parts: list[list[bytes]] = [[] for _ in range(shards)]
        for task in tasks:
            parts[shard_of(task, shards)].append(json_line(task_to_row(task)))
        for number, lines in enumerate(parts):
            self.place(number).mkdir(parents=True, exist_ok=True)
            with atomic(self.place(number) / "data.jsonl") as written:
                written.writelines(lines)
            if not lines:
                (self.place(number) / "done").touch()
        self._write_job(wanted)  # last: without it all of this is done once more
        return True

    @property
    def recipe(self) -> Path:
        return self.folder / "recipe.yaml"

    def _write_job(self, job: Mapping[str, Any]) -> None:
        with atomic(self.recipe) as file:
            file.write(job["recipe"].encode())
        with atomic(self.folder / "job.json") as file:
            file.write(json.dumps(job, indent=2).encode())

    def _set_aside(self) -> None:
        """Shards of another number: only what they were answered is wanted any more."""
        if asked := self._asked():
            self.before.parent.mkdir(exist_ok=True)
            with closing(Journal(self.before)) as journal:
                own = self.out / "journal.db"
                journal.take([*([own] if own.is_file() else []), *asked])
        for place in self.folder.glob("[0-9]*"):
            shutil.rmtree(place)

    @property
    def before(self) -> Path:
        """The journal of shards that were parted in another way."""
        return self.folder / "before" / "journal.db"

    def journals(self) -> list[Path]:
        """Of all that was ever asked here. Who paid for an answer comes before who has a copy of it."""
        return [*([self.before] if self.before.is_file() else []), *self._asked()]

    def _asked(self) -> list[Path]:
        return sorted(self.folder.glob("[0-9]*/run/journal.db"))

    def state(self) -> State:
        left = [number for number in range(self.job["shards"]) if not (self.place(number) / "done").is_file()]
        files = {number: self.place(number) / "stopped.txt" for number in left}
        stopped = {number: file.read_text(encoding="utf-8").strip() for number, file in files.items() if file.is_file()}
        return State(self.job["shards"] - len(left), stopped, left)

    def finished(self, number: int) -> None:
        (self.place(number) / "stopped.txt").unlink(missing_ok=True)
        (self.place(number) / "done").touch()

    def stopped(self, number: int, why: str) -> None:
        with atomic(self.place(number) / "stopped.txt") as file:
            file.write(f"{why}\n".encode("utf-8", "backslashreplace"))
