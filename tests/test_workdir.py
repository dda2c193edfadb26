"""The folder under runs and trainings: what differs is said, mistakes leave nothing behind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from selfinstruct.errors import UsageError
from selfinstruct.rows.writing.writing import write_rows
from selfinstruct.workdir import check_place, check_same, locked


def test_the_same_work_is_known_again(tmp_path: Path) -> None:
    """Whether it comes from JSON, which knows no tuples, or from Python; whatever the version."""
    there = {"a": 1, "b": [1, 2], "empty": [], "selfinstruct": "1.0"}
    check_same(tmp_path, "training", there, {"a": 1, "b": (1, 2), "empty": (), "selfinstruct": "2.0"})


def test_what_differs_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        check_same(tmp_path, "training", {"a": 1, "b": [1, 2], "c": 3}, {"a": 1, "b": (1, 4), "d": "x"})
    assert str(told.value) == (
        f"{tmp_path} is another training: b[1] is 2 there and 4 here; c is 3 there and absent here; d is absent there "
        "and x here. Choose another --out"
    )


def test_a_folder_of_something_else(tmp_path: Path) -> None:
    (tmp_path / ".hidden").touch()
    check_place(tmp_path, "run", ["run.json"])
    check_place(tmp_path / "new", "run", ["run.json"])
    (tmp_path / "notes.txt").touch()
    with pytest.raises(UsageError, match="holds other files and no run: choose another --out"):
        check_place(tmp_path, "run", ["run.json"])
    (tmp_path / "run.json").touch()
    check_place(tmp_path, "run", ["run.json"])


def test_a_mistake_leaves_no_folder_and_no_lock(tmp_path: Path) -> None:
    with pytest.raises(KeyError), locked(tmp_path / "new" / "deep"):
        raise KeyError
    assert not list(tmp_path.iterdir())
    with locked(tmp_path / "kept"):
        pass
    with pytest.raises(KeyError), locked(tmp_path / "kept"):
        raise KeyError
    assert (tmp_path / "kept" / ".lock").exists(), "which was there before"
    with locked(tmp_path / "kept"), pytest.raises(UsageError, match="is in use"), locked(tmp_path / "kept"):
        raise AssertionError


# Rows


def test_rows_are_written_as_they_come(tmp_path: Path) -> None:
    """Not held in memory: of a large run they are hundreds of megabytes."""
    sizes = []

    def rows() -> Iterator[dict[str, str]]:
        for number in range(1000):
            sizes.append(sum(file.stat().st_size for file in tmp_path.iterdir()))
            yield {"text": f"{number} {'x' * 100}"}

    assert write_rows(tmp_path / "rows.jsonl", rows()) == 1000
    assert sizes[-1] > 50_000


FULL = """
import resource, sys
from selfinstruct.errors import SelfinstructError
from selfinstruct.rows.writing.writing import write_rows
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
try:
    write_rows(sys.argv[1], ({"text": "x" * 100} for _ in range(100)))
except SelfinstructError as error:
    print(error.exit_code, error)
"""


@pytest.mark.parametrize("ending", [".jsonl", ".json", ".csv"])
def test_rows_on_a_full_disk(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"rows{ending}"
    path.write_text("before")
    done = subprocess.run([sys.executable, "-c", FULL, path], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout == f"1 cannot write to {path}: File too large; mend that and run again: it goes on\n"
    assert path.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir()] == [path.name], "and nothing half written"


@pytest.mark.parametrize("name", ["a\0b.jsonl", "half \ud800.jsonl", "x" * 300 + ".jsonl"])
def test_names_that_no_file_can_have(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="choose another --out") as told:
        write_rows(tmp_path / name, [{"a": "b"}])
    assert str(told.value).isprintable()
