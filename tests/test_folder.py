"""The run folder: lines verified and appended to, one run and one process a folder, files whole or absent."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any, BinaryIO

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.errors import RunStopped, UsageError
from selfinstruct.running.folder import Folder
from selfinstruct.running.lines import Lines
from selfinstruct.task import Instance, Rejected, Task, rejected_from_row, task_from_row
from selfinstruct.workdir import atomic
from selfinstruct.yaml_text import yaml_of

RECIPE = {
    "seeds": "seed_tasks.jsonl",
    "width": 32,
    "steps": [{"grow": "propose", "teacher": {"temperature": 0.7, "stop": ["\n16."]}}, {"each": "classify"}],
    "export": ["alpaca"],
}
FACTS = {
    "selfinstruct": "1.0",
    "seeds": {"tasks": 2, "sha256": "ab" * 32},
    "seed": 0,
    "models": {"teacher": "builtin"},
    "api": "chat",
}
ROWS = [
    {"id": f"a-{n}", "text": text} for n, text in enumerate(["one", "中文", "", "two\nlines", "\u2028\x00", "\ud800"])
]
TASKS = [Task(f"a-{n}", f"Name {n} rivers.", (Instance("", text),)) for n, text in enumerate(["Rhine", "Ἄραξ", "长江"])]
LOST = [
    Rejected("Draw it.", "too short", origin="propose", request="abc"),
    Rejected("Sure!", "not part of the list", what="remark"),
]


def written(path: Path, rows: list[dict[str, Any]]) -> bytes:
    lines = Lines(path)
    try:
        for row in rows:
            lines.write(row)
    finally:
        lines.close()
    return path.read_bytes()


def files(path: Path) -> dict[str, bytes]:
    return {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def filled(path: Path) -> dict[str, bytes]:
    with Folder(path, RECIPE, FACTS) as folder:
        for task in TASKS:
            folder.write(task)
        for lost in LOST:
            folder.write(lost)
    return files(path)


# Lines


def test_rows_survive_being_written_and_read(tmp_path: Path) -> None:
    content = written(tmp_path / "rows.jsonl", ROWS)
    assert [json.loads(line) for line in content.split(b"\n")[:-1]] == ROWS
    assert "中文".encode() in content, "readable, not escaped"


def test_the_same_rows_again_leave_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    content = written(path, ROWS)
    os.utime(path, ns=(1, 1))
    assert written(path, ROWS) == content
    assert path.stat().st_mtime_ns == 1, "it was read, not written"


def test_a_longer_file_stays_as_it_is_and_a_shorter_one_grows(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    content = written(path, ROWS)
    for count in range(len(ROWS)):
        assert written(path, ROWS[:count]) == content
    path.write_bytes(b"".join(content.splitlines(keepends=True)[:2]))
    assert written(path, ROWS) == content


CONTENT = b"".join(json.dumps(row, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n" for row in ROWS)


def test_a_file_torn_anywhere_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    for cut in range(len(CONTENT)):
        path.write_bytes(CONTENT[:cut])
        assert written(path, ROWS) == CONTENT, f"cut at {cut}"


def test_a_torn_line_is_in_nobodys_way(tmp_path: Path) -> None:
    """Even when the run is stopped again, or wants fewer tasks, before it comes to the torn line."""
    path = tmp_path / "rows.jsonl"
    for cut in range(len(CONTENT)):
        path.write_bytes(CONTENT[:cut])
        left = written(path, [])
        assert CONTENT.startswith(left)
        whole = left.count(b"\n") + (left[-1:] == b"}")
        assert [json.loads(line) for line in left.split(b"\n") if line] == ROWS[:whole], f"cut at {cut}"


@settings(max_examples=50, deadline=None)
@given(
    rows=st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text())), min_size=1, max_size=6),
    data=st.data(),
)
def test_any_rows_torn_anywhere_are_mended(
    rows: list[dict[str, Any]], data: st.DataObject, tmp_path_factory: Any
) -> None:
    path = tmp_path_factory.mktemp("torn") / "rows.jsonl"
    content = written(path, rows)
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    assert written(path, rows) == content


def test_a_torn_line_longer_than_a_block(tmp_path: Path) -> None:
    rows = [{"text": "x" * 10}, {"text": "y" * 300_000}]
    content = written(tmp_path / "rows.jsonl", rows)
    (tmp_path / "rows.jsonl").write_bytes(content[:-5])
    assert written(tmp_path / "rows.jsonl", []) == content[: content.index(b"\n") + 1]
    assert written(tmp_path / "rows.jsonl", rows) == content


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (lambda lines: [lines[0].replace(b"one", b"won"), *lines[1:]], 1),
        (lambda lines: [*lines[:2], *lines[3:]], 3),
        (lambda lines: [*lines[:2], b"\n", *lines[2:]], 3),
        (lambda lines: [*lines[:-1], b'{"id": "edited"}\n'], len(ROWS)),
        (lambda lines: [*lines[:-1], b'{"id": "no end"}'], len(ROWS)),
        (lambda lines: [lines[0].rstrip(b"\n") + b"\r\n", *lines[1:]], 1),
    ],
)
def test_an_edited_line_stops_the_run_and_stays(edit: Any, line: int, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    edited = b"".join(edit(written(path, ROWS).splitlines(keepends=True)))
    path.write_bytes(edited)
    with pytest.raises(RunStopped, match=rf"rows\.jsonl line {line} is not what this run writes: .*run again"):
        written(path, ROWS)
    assert path.read_bytes() == edited


# The folder


def test_a_fresh_folder(tmp_path: Path) -> None:
    found = filled(tmp_path / "new" / "run")
    assert sorted(found) == [".lock", "recipe.yaml", "rejected.jsonl", "run.json", "tasks.jsonl"]
    assert json.loads(found["run.json"]) == FACTS
    assert yaml.safe_load(found["recipe.yaml"]) == RECIPE
    assert found["recipe.yaml"].startswith(b"# ")
    tasks = [task_from_row(json.loads(line)) for line in found["tasks.jsonl"].splitlines()]
    assert tasks == TASKS
    assert [rejected_from_row(json.loads(line)) for line in found["rejected.jsonl"].splitlines()] == LOST
    with Folder(tmp_path / "empty", RECIPE, FACTS):
        pass
    assert files(tmp_path / "empty")["tasks.jsonl"] == b""


def test_the_same_run_again_changes_nothing(tmp_path: Path) -> None:
    before = filled(tmp_path)
    assert filled(tmp_path) == before
    with Folder(tmp_path, RECIPE, FACTS):
        pass
    assert files(tmp_path) == before


def test_hidden_files_are_nobodys_run(tmp_path: Path) -> None:
    (tmp_path / ".gitkeep").touch()
    (tmp_path / ".run.json.0a1b2c3d").write_text("{")  # a process killed at the very beginning
    filled(tmp_path)


def test_another_version_is_no_other_run(tmp_path: Path) -> None:
    filled(tmp_path)
    with Folder(tmp_path, RECIPE, FACTS | {"selfinstruct": "2.0"}):
        pass
    assert json.loads((tmp_path / "run.json").read_text())["selfinstruct"] == "2.0"


def changed(value: Any, at: list[Any], new: Any) -> Any:
    """A copy with the value at a path replaced; None takes it away."""
    copy = json.loads(json.dumps(value))
    inner = copy
    for key in at[:-1]:
        inner = inner[key]
    if new is None:
        del inner[at[-1]]
    else:
        inner[at[-1]] = new
    return copy


@pytest.mark.parametrize(
    ("recipe", "facts", "words"),
    [
        ((["steps", 0, "teacher", "temperature"], 0.9), None, "steps[0].teacher.temperature is 0.7 there and 0.9 here"),
        ((["steps", 0, "teacher", "temperature"], None), None, "temperature is 0.7 there and absent here"),
        ((["steps", 0, "teacher", "stop"], ["\n"]), None, r"stop[0] is \n16. there and \n here"),
        ((["steps", 0, "grow"], "alpaca"), None, "steps[0].grow is propose there and alpaca here"),
        ((["steps", 1], None), None, "steps[1].each is classify there and absent here"),
        ((["width"], 32.0), None, "width is 32 there and 32.0 here"),
        ((["export"], []), None, "export is absent there and [] here"),
        (None, (["seed"], 1), "seed is 0 there and 1 here"),
        (None, (["api"], "completions"), "api is chat there and completions here"),
        (None, (["models", "teacher"], "gpt"), "models.teacher is builtin there and gpt here"),
        (None, (["models", "judge"], "gpt"), "models.judge is absent there and gpt here"),
        (None, (["seeds", "sha256"], "cd" * 32), f"seeds.sha256 is {'ab' * 20}… there and {'cd' * 20}… here"),
    ],
)
def test_another_run_says_what_differs(recipe: Any, facts: Any, words: str, tmp_path: Path) -> None:
    before = filled(tmp_path)
    other = changed(RECIPE, *recipe) if recipe else RECIPE, changed(FACTS, *facts) if facts else FACTS
    with pytest.raises(UsageError) as caught:
        Folder(tmp_path, *other)
    assert f"{tmp_path} is another run: " in str(caught.value)
    assert words in str(caught.value)
    assert str(caught.value).endswith("Choose another --out")
    assert files(tmp_path) == before
    filled(tmp_path)  # the lock is free


def test_many_differences_are_cut(tmp_path: Path) -> None:
    filled(tmp_path)
    with pytest.raises(UsageError, match=r"; .*; .* \(and \d+ more\)\. Choose"):
        Folder(tmp_path, {"steps": [{"each": "judge"}]}, FACTS | {"seed": 9})


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(recipe=st.dictionaries(st.text(), plain, max_size=3), facts=st.dictionaries(st.text(), plain, max_size=3))
def test_any_run_is_known_again(recipe: dict[str, Any], facts: dict[str, Any], tmp_path_factory: Any) -> None:
    path = tmp_path_factory.mktemp("run") / "out"
    for _ in range(2):
        with Folder(path, recipe, facts):
            pass


def test_places_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "notes.txt").write_text("mine")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere" / "at all")
    before = files(tmp_path)
    for place, words in {
        tmp_path / "file": "is a file, not a folder: choose another --out",
        tmp_path / "file" / "below": "Not a directory; choose another --out",
        tmp_path / "file" / "far" / "below": "Not a directory; choose another --out",
        tmp_path / "taken": "holds other files and no run: choose another --out",
        tmp_path / ("long" * 99): "File name too long; choose another --out",
        tmp_path / "gone": "File exists; choose another --out",
        Path("/proc/selfinstruct"): "choose another --out",
    }.items():
        with pytest.raises(UsageError) as caught:
            Folder(place, RECIPE, FACTS)
        assert words in str(caught.value)
        assert str(place) in str(caught.value)
        assert "\n" not in str(caught.value)
    assert files(tmp_path) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "gone", "taken"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    for place in (tmp_path / "closed", tmp_path / "closed" / "run"):
        with pytest.raises(UsageError, match="Permission denied; choose another --out"):
            Folder(place, RECIPE, FACTS)
    assert not list((tmp_path / "closed").iterdir())


@pytest.mark.parametrize("name", ["run.json", "recipe.yaml"])
@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1, 2]", b"null", b'"text"', b"\xff\xfe", b"[" * 9999, b"a: b: c\n\t- d", b"{a: !!int ''}"],
    ids=["empty", "torn", "list", "null", "text", "not UTF-8", "deep", "tab", "odd"],
)
def test_a_broken_folder(name: str, content: bytes, tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / name).write_bytes(content)
    before = files(tmp_path)
    with pytest.raises(UsageError) as caught:
        Folder(tmp_path, RECIPE, FACTS)
    assert str(caught.value).startswith(f"{tmp_path / name} is broken (")
    assert str(caught.value).endswith("restore it, or choose another --out")
    assert "\n" not in str(caught.value)
    assert files(tmp_path) == before


def test_tasks_that_are_a_folder(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / "rejected.jsonl").unlink()
    (tmp_path / "rejected.jsonl").mkdir()
    with pytest.raises(UsageError, match="Is a directory; choose another --out"):
        Folder(tmp_path, RECIPE, FACTS)
    (tmp_path / "rejected.jsonl").rmdir()
    filled(tmp_path)  # neither the lock nor a file was left open


def test_a_recipe_torn_off_by_a_kill_is_written_again(tmp_path: Path) -> None:
    """run.json is written first; a process killed right after it leaves no recipe.yaml."""
    before = filled(tmp_path)
    (tmp_path / "recipe.yaml").unlink()
    assert filled(tmp_path) == before


HOLD = """
import sys
from pathlib import Path
from selfinstruct.running.folder import Folder
with Folder(Path(sys.argv[1]), {}, {}):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(path: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"held\n"
    return process


@pytest.mark.parametrize("end", ["exit", "kill"])
def test_one_process_at_a_time(end: str, tmp_path: Path) -> None:
    with holder(tmp_path / "run") as process:
        before = files(tmp_path)
        with pytest.raises(UsageError, match="run is in use by another process: wait for it, or choose another --out"):
            Folder(tmp_path / "run", {}, {})
        assert files(tmp_path) == before
        if end == "kill":
            process.send_signal(signal.SIGKILL)
        process.communicate()
    with Folder(tmp_path / "run", {}, {}):
        pass


def test_one_folder_at_a_time_in_a_process_too(tmp_path: Path) -> None:
    with Folder(tmp_path, {}, {}), pytest.raises(UsageError, match="is in use"):
        Folder(tmp_path, {}, {})
    with pytest.raises(KeyError), Folder(tmp_path, {}, {}):
        raise KeyError("the lock is let go")
    with Folder(tmp_path, {}, {}):
        pass


FULL = """
import resource, sys
from pathlib import Path
from selfinstruct.errors import RunStopped
from selfinstruct.running.folder import Folder
from selfinstruct.task import Task
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
try:
    with Folder(Path(sys.argv[1]), {}, {}) as folder:
        for number in range(99):
            folder.write(Task(str(number), "Name a hundred rivers. " * 9))
except RunStopped as error:
    print(error)
"""


def test_a_full_disk_stops_the_run_and_the_torn_line_is_mended(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == f"cannot write to {tmp_path}: File too large; mend that and run again: it goes on\n"
    assert done.stderr == ""
    torn = (tmp_path / "tasks.jsonl").read_bytes()
    with Folder(tmp_path, {}, {}) as folder:
        for number in range(99):
            folder.write(Task(str(number), "Name a hundred rivers. " * 9))
    mended = (tmp_path / "tasks.jsonl").read_bytes()
    assert mended.startswith(torn)
    assert mended.count(b"\n") == 99


# atomic


def half_way(file: BinaryIO) -> None:
    file.write(b"new, but not")
    file.flush()
    raise KeyError("half way")


def test_atomic_is_whole_or_absent(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    with atomic(path) as file:
        file.write(b"old")
        file.flush()
        assert not path.exists()
    with pytest.raises(KeyError), atomic(path) as file:
        half_way(file)
    assert files(tmp_path) == {"file.json": b"old"}
    with atomic(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert files(tmp_path) == {"file.json": b"new"}


def test_atomic_leaves_nothing_when_the_place_is_taken(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError), atomic(tmp_path / "folder") as file:
        file.write(b"new")
    with pytest.raises(FileNotFoundError), atomic(tmp_path / "none" / "file"):
        pass
    assert [path.name for path in tmp_path.rglob("*")] == ["folder"]


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_atomic_files_are_as_private_as_the_umask_says(mask: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        with atomic(tmp_path / "file"):
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o666 & ~mask


# YAML


@settings(max_examples=300)
@given(st.text(alphabet=st.sampled_from("ab: -[]{}!&*#|>'\"\n\t%@`?,0x1.=~_") | st.characters(), max_size=30))
def test_a_text_is_yaml_or_a_value_error(text: str) -> None:
    said = ""
    try:
        yaml_of(text)
    except ValueError as error:
        said = str(error)
    assert "\n" not in said
