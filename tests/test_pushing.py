"""Folders for the hub: `datasets` reads them without a network, and they reach the hub or it is said how they will."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from selfinstruct import run
from selfinstruct.errors import RunStopped, UsageError
from selfinstruct.rows.formats.formats import rows_of
from selfinstruct.rows.hub.about import About, about_run
from selfinstruct.rows.hub.pushing import Prepared, check_repo, prepare, push
from selfinstruct.rows.reading import tasks_in
from selfinstruct.rows.writing import tables

pytest.importorskip("pyarrow")
pytest.importorskip("datasets")
hub = pytest.importorskip("huggingface_hub")

Row = dict[str, Any]

ROWS: list[Row] = [{"instruction": f"Name river {n}.", "output": "The Rhine. " * (n % 3)} for n in range(40)]
KEY = "hf_abcdefghijklmnop"


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.delenv("HUGGING_FACE_HUB_TOKEN", raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "no-token"))


LOAD = """
import json, sys
import datasets
found = datasets.load_dataset(sys.argv[1])
print(json.dumps({name: split.to_list() for name, split in found.items()}))
"""


def loaded(folder: Path, cache: Path) -> dict[str, list[Row]]:
    """What `load_dataset` finds, without a network."""
    environment = os.environ | {"HF_HOME": str(cache), "HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    command = [sys.executable, "-c", LOAD, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


# The folder


def test_datasets_loads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two splits of several files, and a column that only the second has."""
    monkeypatch.setattr(tables, "ROWS", 5)
    held = [{"instruction": "Why?", "output": None, "score": 0.5}]
    prepared = prepare(tmp_path / "hub", {"train": iter(ROWS), "validation": iter(held)}, About(), size=1000)
    many = len(prepared.files) - 1
    assert many > 1
    assert prepared == Prepared(
        {"train": 40, "validation": 1},
        [
            *(f"data/train-{number:05d}-of-{many:05d}.parquet" for number in range(many)),
            "data/validation-00000-of-00001.parquet",
        ],
    )
    assert sorted(file.name for file in (tmp_path / "hub").iterdir()) == ["README.md", "data"]
    assert loaded(tmp_path / "hub", tmp_path / "cache") == {
        "train": [{**row, "score": None} for row in ROWS],
        "validation": held,
    }


def test_of_a_run(tmp_path: Path) -> None:
    run("self_instruct", num=3, out=tmp_path / "run")
    for form in ("alpaca", "messages"):
        rows = list(rows_of(tasks_in(tmp_path / "run"), form))
        prepare(tmp_path / form, {"train": rows}, about_run(tmp_path / "run"), name="me/rivers")
        assert loaded(tmp_path / form, tmp_path / "cache") == {"train": rows}
        assert (tmp_path / form / "recipe.yaml").read_text() == (tmp_path / "run/recipe.yaml").read_text()
    assert "# rivers" in (tmp_path / "alpaca/README.md").read_text()


def test_splits_are_read_one_after_the_other(tmp_path: Path) -> None:
    """What is held out is known when the others have been read."""
    over = False

    def training() -> Iterator[Row]:
        nonlocal over
        yield from ROWS[:3]
        over = True

    def held_out() -> Iterator[Row]:
        assert over
        yield ROWS[3]

    assert prepare(tmp_path / "hub", {"train": training(), "validation": held_out()}, About()).counts == {
        "train": 3,
        "validation": 1,
    }


def test_the_same_rows_are_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        prepare(tmp_path / name / "hub", {"train": ROWS}, About())
    one, other = (
        {str(file.relative_to(tmp_path / name)): file.read_bytes() for file in (tmp_path / name).rglob("*.*")}
        for name in ("a", "b")
    )
    assert one == other


def test_it_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "ROWS", 5)
    prepare(tmp_path / "hub", {"train": ROWS, "test": ROWS}, About(recipe="steps: []\n"), size=1000)
    prepare(tmp_path / "hub", {"train": ROWS[:1]}, About())
    assert sorted(file.name for file in (tmp_path / "hub").rglob("*.*")) == [
        "README.md",
        "train-00000-of-00001.parquet",
    ]
    with pytest.raises(UsageError, match="there are no rows to push"):
        prepare(tmp_path / "hub", {"train": []}, About())
    with pytest.raises(UsageError, match=r"the rows do not fit into Parquet \(.*\): use"):
        prepare(tmp_path / "hub", {"train": [{"a": 1}], "test": [{"a": "x"}]}, About())
    assert loaded(tmp_path / "hub", tmp_path / "cache") == {"train": ROWS[:1]}
    assert sorted(file.name for file in tmp_path.iterdir()) == ["cache", "hub"]


@pytest.mark.parametrize("name", ["notes.txt", ".git", "data/own.csv", "data/train.parquet"])
def test_what_is_somebodys_stays(name: str, tmp_path: Path) -> None:
    """A README.md and a data folder many projects have."""
    (tmp_path / "mine/data").mkdir(parents=True)
    (tmp_path / "mine/README.md").write_text("# Mine\n")
    for own in ("README.md", name):
        (tmp_path / "mine" / own).parent.mkdir(exist_ok=True)
        if own != "README.md":
            (tmp_path / "mine/README.md").write_text("---\ntags:\n- selfinstruct\n---\n")
            (tmp_path / "mine" / own).touch()
        with pytest.raises(UsageError, match="holds something else than a data set for the hub: choose another"):
            prepare(tmp_path / "mine", {"train": ROWS}, About())
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot write to"):
        prepare(tmp_path / "file", {"train": ROWS}, About())


def test_splits_have_names(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a split cannot be called '\.\./x': use train, validation or test"):
        prepare(tmp_path / "hub", {"../x": ROWS}, About())


# The way there


class Hub(BaseHTTPRequestHandler):
    """As much of the hub as a push asks."""

    refuses: int = 0
    asked: list[tuple[str, str, str, bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.asked.append((self.command, self.path, str(self.headers["authorization"]), body))
        said: Any = {"errors": [], "warnings": []}
        if self.path == "/api/repos/create":
            said = {"url": "https://huggingface.co/datasets/me/rivers"}
        elif "/preupload/" in self.path:
            names = [file["path"] for file in json.loads(body)["files"]]
            said = {"files": [{"path": name, "uploadMode": "regular", "shouldIgnore": False} for name in names]}
        elif "/commit/" in self.path:
            said = {"commitUrl": "https://huggingface.co/datasets/me/rivers/commit/1", "commitOid": "1"}
        elif "/tree/" in self.path:
            said = [{"type": "file", "path": "data/train-00001-of-00002.parquet", "oid": "1", "size": 1}]
        content = json.dumps({"error": f"no: {KEY}"} if self.refuses else said).encode()
        self.send_response(self.refuses or 200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def hub_that(refuses: int = 0) -> Iterator[tuple[str, list[tuple[str, str, str, bytes]]]]:
    """Its address, and what it was asked."""
    asked: list[tuple[str, str, str, bytes]] = []
    handler = type("Handler", (Hub,), {"asked": asked, "refuses": refuses})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    prepare(tmp_path / "hub", {"train": ROWS}, About())
    return tmp_path / "hub"


def test_a_push(ready: Path) -> None:
    """All files go in one commit, and those of an earlier push that are not there any more go away."""
    with hub_that() as (address, asked):
        api = hub.HfApi(endpoint=address, token=KEY)
        url = push(ready, "me/rivers", private=True, create=api.create_repo, upload=api.upload_folder)
    assert url == f"{address}/datasets/me/rivers"
    made = next(json.loads(body) for _, path, _, body in asked if path == "/api/repos/create")
    assert (made["name"], made["organization"], made["type"]) == ("rivers", "me", "dataset")
    assert made.get("private") or made["visibility"] == "private"
    lines = [json.loads(line) for _, path, _, body in asked if "/commit/" in path for line in body.splitlines()]
    sent = {line["value"]["path"]: line["value"].get("content") for line in lines if line["key"] != "header"}
    assert sent.keys() == {"README.md", "data/train-00000-of-00001.parquet", "data/train-00001-of-00002.parquet"}
    for name in ("README.md", "data/train-00000-of-00001.parquet"):
        assert base64.b64decode(sent[name]) == (ready / name).read_bytes()
    assert [line["value"]["path"] for line in lines if line["key"] == "deletedFile"] == [
        "data/train-00001-of-00002.parquet"
    ]
    assert {key for _, _, key, _ in asked} == {f"Bearer {KEY}"}
    assert all(KEY.encode() not in file.read_bytes() for file in ready.rglob("*.*")), "the key is written nowhere"


def later(folder: Path, repo: str = "me/rivers") -> str:
    return f"hf upload {repo} {folder} . --repo-type dataset"


def test_without_a_key(ready: Path) -> None:
    with pytest.raises(RunStopped) as told:
        push(ready, "me/rivers")
    assert str(told.value) == (
        f"{ready} is not pushed, for there is no key: set HF_TOKEN, or `hf auth login`, and: {later(ready)}"
    )


@pytest.mark.parametrize("status", [401, 403, 404, 400])
def test_a_hub_that_refuses(status: int, ready: Path) -> None:
    with hub_that(refuses=status) as (address, _):
        api = hub.HfApi(endpoint=address, token=KEY)
        with pytest.raises(RunStopped, match=rf"is not pushed \(.*{status}") as told:
            push(ready, "me/rivers", create=api.create_repo, upload=api.upload_folder)
    assert str(told.value).endswith(f"): see to that, and: {later(ready)}")
    assert KEY not in str(told.value)
    assert ready.is_dir()


OFFLINE = """
import sys
from selfinstruct.errors import SelfinstructError
from selfinstruct.rows.hub.pushing import push
try:
    push(sys.argv[1], "me/rivers")
except SelfinstructError as error:
    print(error.exit_code, error)
"""


@pytest.mark.parametrize(
    "environment",
    [{"HF_HUB_OFFLINE": "1"}, {"HF_ENDPOINT": "http://127.0.0.1:9"}, {"HF_TOKEN": "hf_tor\u00e9n, quoted in an error"}],
)
def test_offline(environment: dict[str, str], ready: Path, tmp_path: Path) -> None:
    given = {"HF_TOKEN": KEY, "HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(tmp_path / "home")} | environment
    command = [sys.executable, "-c", OFFLINE, str(ready)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | given)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"1 {ready} is not pushed (")
    assert done.stdout.endswith(f"): see to that, and: {later(ready)}\n")
    assert len(done.stdout) < len(later(ready)) + len(str(ready)) + 300
    for part in ("abcdefghijklmnop", "quoted in"):
        assert part not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "name", ["", "a/b/c", "-a/b", "a/..", "me/x.git", "me/a--b", "me/two words", "me/" + "x" * 100]
)
def test_names_that_the_hub_does_not_take(name: str, ready: Path) -> None:
    with pytest.raises(UsageError, match="is no name on the hub: use OWNER/NAME"):
        push(ready, name)


def test_a_package_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    check_repo("me/rivers")
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(UsageError, match=r"pushing needs the package huggingface_hub: pip install 'selfinstruct\[data"):
        check_repo("me/rivers")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"needs the package pyarrow: pip install 'selfinstruct\[data\]'"):
        prepare(tmp_path / "hub", {"train": ROWS}, About())
    assert not (tmp_path / "hub").exists()
