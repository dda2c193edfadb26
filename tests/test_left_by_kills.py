"""What kills have shown, without killing: half a folder, temporaries of the dead, answers that wait in sockets."""

from __future__ import annotations

import asyncio
import itertools
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fakes import SEEDS, simple

from selfinstruct.filters.pool import Pool
from selfinstruct.rows.containers import read_rows
from selfinstruct.rows.writing.writing import write_rows
from selfinstruct.running.recipe import Step
from selfinstruct.running.run import TURNS, results, run
from selfinstruct.stages import Alpaca
from selfinstruct.task import Reason, Rejected, Task
from selfinstruct.teachers.scripted import scripted
from selfinstruct.workdir import placed, sweep

DIES = """
import os, signal, sys
from pathlib import Path
from selfinstruct.workdir import placed, sweep
with placed(Path(sys.argv[1]), folder=sys.argv[2] == "folder") as beside:
    (beside / "part" if beside.is_dir() else beside).write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_what_a_killed_process_was_writing_goes(kind: str, tmp_path: Path) -> None:
    target = tmp_path / "made"
    for _ in range(2):  # the second removes what the first has left
        done = subprocess.run([sys.executable, "-c", DIES, str(target), kind], check=False)
        assert done.returncode == -signal.SIGKILL
        assert len(list(tmp_path.iterdir())) == 1
        assert not target.exists()
    with placed(target, folder=kind == "folder") as beside:
        (beside / "part" if kind == "folder" else beside).write_text("whole")
        sweep(tmp_path, "made")
        assert beside.exists(), "of a process that lives nothing goes"
    assert [each.name for each in tmp_path.iterdir()] == ["made"]


def test_a_folder_takes_the_place_of_another(tmp_path: Path) -> None:
    for text in ("old", "new"):
        with placed(tmp_path / "made", folder=True) as beside:
            (beside / text).touch()
    assert [each.relative_to(tmp_path).as_posix() for each in tmp_path.rglob("*")] == ["made", "made/new"]


def test_half_a_dataset_is_none(tmp_path: Path) -> None:
    """It was neither readable nor replaceable: it had no state.json, and other files."""
    pytest.importorskip("datasets")

    class Stopped(BaseException):
        pass

    import datasets

    target = tmp_path / "rows"

    def half(self: object, path: str | Path) -> None:
        assert list(Path(path).glob("*.arrow"))
        raise Stopped

    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(datasets.DatasetInfo, "write_to_directory", half)
        with pytest.raises(Stopped):
            write_rows(target, [{"a": 1}])
    assert not list(tmp_path.iterdir())
    write_rows(target, [{"a": 1}])
    write_rows(target, [{"a": 2}])
    assert [row for _, row in read_rows(target)] == [{"a": 2}]
    assert [each.name for each in tmp_path.iterdir()] == ["rows"]


async def test_what_arrives_while_an_answer_is_folded_is_journaled() -> None:
    """An answer of Alpaca's has twenty tasks, each of which takes a filter some time: the loop turns between them."""
    turns, seen = 0, list[int]()

    async def turning() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    def slow(task: Task, pool: Pool) -> Reason | None:
        seen.append(turns)
        return None

    step = Step(Alpaca(), show={"seeds": 3}, drop=(slow,))
    items = list[Task | Rejected]()
    clock = asyncio.create_task(turning())
    stream = results((step,), SEEDS, [scripted(simple)], seed=0, width=2, at_once=2, num=30)
    await run(stream, items.append)
    clock.cancel()
    assert len(seen) > 20
    assert min(after - before for before, after in itertools.pairwise(seen)) >= TURNS - 1
