"""Anybody's data as a run folder."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from selfinstruct import Run, UsageError
from selfinstruct import run as run_recipe
from selfinstruct.cli import main
from selfinstruct.rows.reading import How
from selfinstruct.running.importing import import_data

ROWS = b"""{"instruction": "Name a river.", "output": "Rhine"}
{"instruction": "Sort the numbers.", "input": "3, 1", "output": "1, 3", "source": "a book"}
{"instruction": "Sort the numbers.", "input": "9, 2", "output": "2, 9", "source": "a book"}
{"broken":
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    file = tmp_path / "theirs.jsonl"
    file.write_bytes(ROWS)
    return file


SKIP = How(skip=True)


def test_it_is_a_run(data: Path, tmp_path: Path) -> None:
    import_data(data, tmp_path / "run", SKIP)
    run = Run(tmp_path / "run")
    assert [(task.id, len(task.instances)) for task in run.tasks] == [("theirs_0", 1), ("theirs_1", 2)]
    assert run.tasks[1].extra == {"source": "a book"}
    assert [(one.category, one.text.strip()) for one in run.rejected] == [("not usable", '{"broken":')]
    assert run.counts.proposed == 3


def test_it_says_where_it_came_from(data: Path, tmp_path: Path) -> None:
    import_data(data, tmp_path / "run", SKIP)
    about = json.loads((tmp_path / "run" / "run.json").read_text())["import"]
    checksum = hashlib.sha256(ROWS).hexdigest()
    assert about["files"] == [{"name": str(data), "rows": 4, "bytes": len(ROWS), "sha256": checksum}]
    assert (about["tasks"], about["rejected"]) == (2, 1)


def test_again_it_is_the_same(data: Path, tmp_path: Path) -> None:
    def contents() -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in (tmp_path / "run").glob("*.*") if file.name != ".lock"}

    import_data(data, tmp_path / "run", SKIP)
    first = contents()
    import_data(data, tmp_path / "run", SKIP)
    assert contents() == first


def test_another_import_needs_another_folder(data: Path, tmp_path: Path) -> None:
    import_data(data, tmp_path / "run", SKIP)
    other = tmp_path / "other.jsonl"
    other.write_bytes(ROWS)
    with pytest.raises(UsageError, match=r"is another import: data\[0\] is"):
        import_data(other, tmp_path / "run", SKIP)


def test_a_mistake_leaves_nothing_behind(data: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="line 4"):
        import_data(data, tmp_path / "new" / "run")
    assert not (tmp_path / "new").exists()


def test_a_run_of_a_teacher_is_not_overwritten(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "run.json").write_text('{"seed": 0}')
    with pytest.raises(UsageError, match="asked a teacher"):
        import_data(data, folder, SKIP)


def test_what_works_on_runs_works_on_it(data: Path, tmp_path: Path) -> None:
    def done(*words: object) -> str:
        result = CliRunner().invoke(main, list(map(str, words)))
        assert result.exit_code == 0, result.output
        return result.output

    run = tmp_path / "run"
    assert "kept 2 of 3 tasks" in done("import", data, "--on-error", "skip", "--out", run)
    assert "not usable" in done("report", run)
    assert "theirs_1" in done("show", run, "--task", "theirs_1")
    assert done("export", run, "--to", "messages").count("Sort the numbers.") == 2
    assert run_recipe("respond", data=run, teacher=str.upper, out=tmp_path / "answers").counts.kept == 3
    done("filter", run, "--drop", "words=[sort, the, a]", "--out", tmp_path / "kept.jsonl")
    assert (tmp_path / "kept.jsonl").read_bytes() == b""
