"""The run folder: lines verified and appended to, one run and one process a folder, files whole or absent."""

from __future__ import annotations

import asyncio
import errno
import itertools
import json
import os
import shutil
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

from selfinstruct.errors import RunStopped, UsageError, shown
from selfinstruct.running.folder import Folder
from selfinstruct.running.lines import Lines
from selfinstruct.task import Instance, Rejected, Task, rejected_from_row, task_from_row
from selfinstruct.teacher import Request
from selfinstruct.teachers.journal.journal import Journal
from selfinstruct.teachers.scripted import scripted
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


GOOD = b'{"id": "a"}\n{"id": "b"}\n'


@pytest.mark.parametrize(
    ("tail", "said", "kept"),
    [
        (bytes(100_000), "100,000 bytes after its last whole row were cut off, none of them text", False),
        (b"\n \n\0", "4 bytes after its last whole row were cut off, none of them text", False),
        (b'{"id": "c', "9 bytes after its last whole row were cut off, the beginning of a row", False),
        (b'{"id": "c' + bytes(50), "59 bytes after its last whole row were cut off, the beginning of a row", False),
        (b"7\n", "2 bytes after its last whole row were cut off; they are in rows.jsonl.cut", True),
        (b"[]", "rows.jsonl.cut", True),
        (b"oops\n{broken\n\xff\n" + b"[" * 99_999, "rows.jsonl.cut", True),
        (b'{"id": "c"\n{"id": "d"\n', "rows.jsonl.cut", True),
        (b"my notes", "8 bytes after its last whole row were cut off; they are in rows.jsonl.cut", True),
    ],
    ids=["NULs", "blank", "torn", "torn and NULs", "number", "list", "several", "broken", "notes"],
)
def test_what_follows_the_last_row_is_cut_off_and_said(tail: bytes, said: str, kept: bool, tmp_path: Path) -> None:
    path, cut = tmp_path / "rows.jsonl", tmp_path / "rows.jsonl.cut"
    for times in (1, 2):
        path.write_bytes(GOOD + tail)
        lines = Lines(path)
        assert said in lines.cut
        assert path.read_bytes() == GOOD
        for id in "abc":
            lines.write({"id": id})
        lines.close()
        assert path.read_bytes() == GOOD + b'{"id": "c"}\n'
        assert (cut.read_bytes() if kept else b"") == (tail * times if kept else b"")
        assert cut.exists() == kept
    lines = Lines(path)
    assert lines.cut == ""
    lines.close()


def test_nothing_but_garbage(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"not\na\nrow\n")
    assert written(path, ROWS) == CONTENT
    assert (tmp_path / "rows.jsonl.cut").read_bytes() == b"not\na\nrow\n"


def test_garbage_in_the_middle_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"id": "a"}\n7\n{"id": "b"}\n')
    lines = Lines(path)
    lines.write({"id": "a"})
    with pytest.raises(RunStopped, match=r"rows\.jsonl line 2 is not what this run writes"):
        lines.write({"id": "b"})
    lines.close()


@pytest.mark.parametrize("end", ["gone", "another"])
def test_a_file_that_goes_while_it_is_written(end: str, tmp_path: Path) -> None:
    words = "No such file" if end == "gone" else "was replaced while"
    folder = Folder(tmp_path, RECIPE, FACTS)
    folder.write(TASKS[0])
    (tmp_path / "tasks.jsonl").unlink()
    if end == "another":
        (tmp_path / "tasks.jsonl").write_text("an editor saved it")
    with pytest.raises(RunStopped, match=f"cannot write to .*{words}"), folder:
        pass


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


def with_answers(path: Path) -> dict[str, bytes]:
    """A folder with a journal that has an answer."""
    path.mkdir(exist_ok=True)
    journal = Journal(path / "journal.db")
    asyncio.run(_asked(journal))
    journal.close()
    return filled(path)


async def _asked(journal: Journal) -> None:
    await journal.teacher(scripted(["fine"]), "propose")(Request("Say fine.", "m"))


def notices(path: Path, recipe: dict[str, Any] = RECIPE, facts: dict[str, Any] = FACTS) -> list[str]:
    with Folder(path, recipe, facts) as folder:
        return folder.notices


def test_a_run_without_run_json_is_opened_again(tmp_path: Path) -> None:
    before = with_answers(tmp_path)
    assert notices(tmp_path) == []
    (tmp_path / "run.json").unlink()
    with pytest.raises(UsageError, match=r"is another run: recipe\.width is 32 there and 8 here"):
        Folder(tmp_path, RECIPE | {"width": 8}, FACTS)
    assert not (tmp_path / "run.json").exists()
    assert notices(tmp_path) == [f"{tmp_path} has no run.json: whatever answers in its journal.db fit are used"]
    assert files(tmp_path) == before
    assert notices(tmp_path) == []


def test_a_folder_begins_with_a_journal_that_was_copied_there(tmp_path: Path) -> None:
    with_answers(tmp_path / "old")
    (tmp_path / "new").mkdir()
    shutil.copy(tmp_path / "old" / "journal.db", tmp_path / "new")
    assert "has no run.json" in notices(tmp_path / "new", RECIPE | {"width": 8}, FACTS | {"seed": 7})[0]


def test_a_journal_of_something_else_makes_no_run(tmp_path: Path) -> None:
    for content in (b"Dear diary,", b""):
        (tmp_path / "journal.db").write_bytes(content)
        with pytest.raises(UsageError, match="holds other files and no run: choose another --out"):
            Folder(tmp_path, RECIPE, FACTS)
        assert files(tmp_path) == {"journal.db": content}


def test_tasks_whose_answers_are_gone(tmp_path: Path) -> None:
    with_answers(tmp_path)
    for end in (b"", None):
        (tmp_path / "journal.db").unlink()
        if end is not None:
            (tmp_path / "journal.db").write_bytes(end)
        (said,) = notices(tmp_path)
        assert "has tasks but no answers" in said


def test_garbage_is_noticed(tmp_path: Path) -> None:
    before = with_answers(tmp_path)
    for name in ("tasks.jsonl", "rejected.jsonl"):
        (tmp_path / name).write_bytes(before[name] + bytes(9))
    assert [said.split(":")[0] for said in notices(tmp_path)] == [
        str(tmp_path / "tasks.jsonl"),
        str(tmp_path / "rejected.jsonl"),
    ]
    assert files(tmp_path) == before


def test_temporaries_of_dead_processes_go(tmp_path: Path) -> None:
    before = with_answers(tmp_path)
    left = [".tasks.jsonl.ab12cd34", ".run.json.00000000", ".report.html.deadbeef"]
    others = [
        ".notes.deadbeef",
        ".tasks.jsonl.ab12cd3",
        ".tasks.jsonl.bak",
        "tasks.jsonl.ab12cd34",
        ".x.jsonl.AB12CD34",
    ]
    for name in left + others:
        (tmp_path / name).write_text("x")
    with atomic(tmp_path / "alive.jsonl") as file:  # by another process, which needs no lock of the folder
        filled(tmp_path)
        file.write(b"whole")
    assert files(tmp_path) == before | dict.fromkeys(others, b"x") | {"alive.jsonl": b"whole"}


NO_ROOM = """
import errno, os, sys
from pathlib import Path
from selfinstruct.errors import SelfinstructError
from selfinstruct.running.folder import Folder
code = getattr(errno, sys.argv[2])
def failing(file): raise OSError(code, os.strerror(code))
os.fsync = failing
try:
    Folder(Path(sys.argv[1]), {}, {})
except SelfinstructError as error:
    print(error.exit_code, error)
"""


@pytest.mark.parametrize("reason", ["ENOSPC", "EDQUOT", "EIO", "EROFS", "EACCES"])
def test_a_disk_that_is_full_at_the_beginning(reason: str, tmp_path: Path) -> None:
    place = tmp_path / "run"
    done = subprocess.run([sys.executable, "-c", NO_ROOM, place, reason], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    words = os.strerror(getattr(errno, reason))
    passing = reason in ("ENOSPC", "EDQUOT", "EIO")
    end = "mend that and run again: it goes on" if passing else "choose another --out"
    assert done.stdout == f"{1 if passing else 2} cannot write to {place}: {words}; {end}\n"
    assert not place.exists()


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
        tmp_path / "half \ud800": "surrogates not allowed; choose another --out",
        tmp_path / "a \0": "embedded null byte; choose another --out",
    }.items():
        with pytest.raises(UsageError) as caught:
            Folder(place, RECIPE, FACTS)
        assert words in str(caught.value)
        assert shown(str(place)) in str(caught.value)
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


def test_what_a_killed_process_left_goes_when_the_file_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    for name in (".mine.txt.ab12cd34", ".other.jsonl.ab12cd34", ".mine.txt.notes123"):
        (tmp_path / name).touch()
    with atomic(path) as held, atomic(path) as file:
        file.write(b"new")
        held.write(b"newer")
    assert files(tmp_path) == {"mine.txt": b"newer", ".other.jsonl.ab12cd34": b"", ".mine.txt.notes123": b""}


def test_a_folder_that_goes_while_a_file_is_written(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(FileNotFoundError), atomic(tmp_path / "out" / "x.jsonl"):
        shutil.rmtree(tmp_path / "out")


# YAML


LAUGHS = "a: &a [ha, ha, ha, ha, ha, ha, ha, ha, ha]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in itertools.pairwise("abcdefghi")
)
MERGED = "a: &a {x: 1, y: 2}\n" + "".join(
    f"{name}: &{name} {{<<: [{', '.join([f'*{before}'] * 9)}]}}\n" for before, name in itertools.pairwise("abcdefghi")
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (LAUGHS, "line 6, column 4: aliases make it longer than"),
        (MERGED, "aliases make it longer than"),
        (f"a: &a {'x' * 20_000}\nb: [{', '.join(['*a'] * 99)}]", "aliases make it longer than"),
        ("a: &a [*a]", "line 1, column 4: it holds itself"),
        ("a: &a {b: [1, *a]}", "it holds itself"),
        ("[" * 200 + "]" * 200, "nested deeper than 100"),
        ("[" * 9999, "nested deeper than 100"),
        ("a0: &a0 []\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 5000)), "nested deeper than 100"),
        ("n: " + "9" * 5000, "ValueError: Exceeds the limit"),
        ("n: 0x" + "f" * 300, "line 1, column 4: the number is too large"),
        ("n: 0b" + "1" * 99_999, "the number is too large"),
    ],
    ids=["laughs", "merged", "long", "itself", "itself below", "deep", "deeper", "aliases", "digits", "hex", "bits"],
)
def test_a_text_that_grows_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        yaml_of(text)


def test_anchors_as_people_use_them() -> None:
    text = "usual: &usual {temperature: 0.7, stop: [a]}\nsteps:\n" + "- {<<: *usual, max_tokens: 5}\n" * 50
    assert yaml_of(text)["steps"] == [{"temperature": 0.7, "stop": ["a"], "max_tokens": 5}] * 50
    assert yaml_of(text) == yaml.safe_load(text)


@pytest.mark.parametrize(
    "text", ["2024-01-01", "2024-13-45", "2001-12-14t21:59:43.10-05:00", "1:30", "1:30.5", "-12:00:00"]
)
def test_dates_and_times_are_texts(text: str) -> None:
    assert yaml_of(f"at: {text}") == {"at": text}


def test_other_values_are_what_they_were() -> None:
    text = "[1, -2, 0x1f, 1_000, 1.5, .5, 1e999, 1.0e+999, .inf, true, no, ~, '', text, 0o7, 017]"
    assert yaml_of(text) == yaml.safe_load(text)


@settings(max_examples=300)
@given(st.text(alphabet=st.sampled_from("ab: -[]{}!&*#|>'\"\n\t%@`?,0x1.=~_") | st.characters(), max_size=30))
def test_a_text_is_yaml_or_a_value_error(text: str) -> None:
    said = ""
    try:
        yaml_of(text)
    except ValueError as error:
        said = str(error)
    assert "\n" not in said
