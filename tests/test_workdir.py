"""The folder under runs and trainings: what differs is said, mistakes leave nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from selfinstruct.errors import UsageError
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
