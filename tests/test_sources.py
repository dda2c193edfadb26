"""What a name of data means: files, folders, patterns, pipes, URLs and data sets of the hub."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from selfinstruct.errors import UsageError
from selfinstruct.rows.containers import hub, read_rows
from selfinstruct.rows.containers.hub import hub_rows
from selfinstruct.rows.containers.sources import ending_of, sources_of

datasets = pytest.importorskip("datasets")
fsspec = pytest.importorskip("fsspec")
parquet = pytest.importorskip("pyarrow.parquet")


def put(path: Path, *texts: str) -> Path:
    """A file with a row for each text, in the container of its ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{"text": text} for text in texts]
    if ending_of(path.name) == ".parquet":
        parquet.write_table(datasets.Dataset.from_list(rows).data.table, path)
        return path
    content = "text\n" + "\n".join(texts) if ending_of(path.name) == ".csv" else "\n".join(map(json.dumps, rows))
    path.write_bytes(gzip.compress(content.encode()) if path.suffix == ".gz" else content.encode())
    return path


def texts(*data: str | Path) -> list[str]:
    return [row["text"] for _, row in read_rows(list(data))]


def complaint(data: str | Path) -> str:
    with pytest.raises(UsageError) as caught:
        texts(data)
    assert str(caught.value).isprintable()
    return str(caught.value)


# On this machine.


def test_endings() -> None:
    assert ending_of("a/b.JSONL") == ".jsonl"
    assert ending_of("b.csv.gz") == ".csv"
    assert ending_of("part-00000") == ending_of("part-0.zst") == ""
    assert ending_of("train-00000-of-00002.parquet") == ".parquet"


def test_shards_in_the_order_of_people(tmp_path: Path) -> None:
    for n in (10, 9, 1, 100):
        put(tmp_path / "shards" / f"part-{n}.jsonl", f"{n}")
    beside = ("README.md", "dataset_info.json", ".hidden.jsonl", "_SUCCESS", "LICENSE.txt", "notes.txt", "make.py")
    for name in (*beside, ".cache/part-2.jsonl", "below/part-3.jsonl"):
        put(tmp_path / "shards" / name, "no row")
    assert texts(tmp_path / "shards") == ["1", "9", "10", "100"]
    places = [str(where) for where, _ in read_rows(tmp_path / "shards")]
    assert places[0] == f"{tmp_path}/shards/part-1.jsonl, line 1"


def test_shards_as_hubs_lay_them_out(tmp_path: Path) -> None:
    for n in range(2):
        put(tmp_path / "copy" / "data" / f"train-0000{n}-of-00002.parquet", f"{n}")
    put(tmp_path / "copy" / "README.md", "no row")
    put(tmp_path / "copy" / ".cache" / "huggingface" / "a.json", "no row")
    assert texts(tmp_path / "copy") == ["0", "1"]
    put(tmp_path / "copy" / "data" / "test-00000-of-00001.parquet", "2")
    said = complaint(tmp_path / "copy")
    assert said == (
        f"{tmp_path}/copy holds files of several splits (1 test, 2 train): choose with a pattern, like"
        f" '{tmp_path}/copy/**/*train*'"
    )
    assert texts(f"{tmp_path}/copy/**/*train*") == ["0", "1"]


def test_folders_of_several_kinds(tmp_path: Path) -> None:
    put(tmp_path / "a.jsonl", "a")
    put(tmp_path / "b.jsonl.gz", "b")
    assert texts(tmp_path) == ["a", "b"]
    put(tmp_path / "c.csv", "c")
    said = complaint(tmp_path)
    assert said.startswith(f"{tmp_path} holds files of several kinds (1 .csv, 2 .jsonl): choose with a pattern, like '")
    assert said.endswith("/**/*.jsonl'")


def test_runs_and_their_folder(tmp_path: Path) -> None:
    for name in ("one", "two"):
        put(tmp_path / "runs" / name / "tasks.jsonl", name)
        put(tmp_path / "runs" / name / "rejected.jsonl", "no row")
        put(tmp_path / "runs" / name / "run.json", "no row")
    assert texts(tmp_path / "runs" / "one") == ["one"]
    assert texts(f"{tmp_path}/runs/*") == ["one", "two"]
    assert complaint(tmp_path / "runs") == f"{tmp_path}/runs holds runs: give one of them, like {tmp_path}/runs/one"
    (tmp_path / "runs" / "one" / "tasks.jsonl").unlink()
    assert "one is a folder without tasks.jsonl, no run: give a run's folder" in complaint(tmp_path / "runs" / "one")


def test_saved_datasets(tmp_path: Path) -> None:
    part = datasets.Dataset.from_dict({"text": ["a", "b", "c"]})
    part.select([2, 0]).save_to_disk(tmp_path / "saved")
    assert texts(tmp_path / "saved") == ["c", "a"]
    datasets.DatasetDict({"train": part, "test": part}).save_to_disk(tmp_path / "both")
    both = tmp_path / "both"
    assert complaint(both) == f"{both} holds several datasets: give one of them: {both}/test, {both}/train"
    assert texts(both / "train") == ["a", "b", "c"]
    (both / "train" / "data-00000-of-00001.arrow").unlink()
    assert "is no dataset that can be read (" in complaint(both / "train")


def test_patterns_and_several_names(tmp_path: Path) -> None:
    for n in (2, 10):
        put(tmp_path / f"{n}.csv", f"{n}")
    put(tmp_path / "README.csv", "no row")
    assert texts(f"{tmp_path}/*.csv") == ["2", "10"]
    assert texts(tmp_path / "10.csv", f"{tmp_path}/[0-9].csv") == ["10", "2"]
    assert texts(put(tmp_path / "a[1].jsonl", "a")) == ["a"]
    assert (
        complaint(f"{tmp_path}/*.json")
        == f"no file matches '{tmp_path}/*.json': give the name of one, or another pattern"
    )
    with pytest.raises(UsageError, match="there is no data: name a file"):
        list(read_rows([]))


@pytest.mark.parametrize("name", ["none.jsonl", "a\0b", "\udcff", "x" * 400, "none/**/x"])
def test_names_of_nothing(name: str) -> None:
    assert name[0] in complaint(name) or name == "\udcff"


def test_a_pipe_that_has_a_name(tmp_path: Path) -> None:
    """As a shell's <(zcat x) has."""
    import os
    import threading

    path = tmp_path / "pipe"
    os.mkfifo(path)
    writing = threading.Thread(target=path.write_bytes, args=(gzip.compress(b'{"text": "a"}'),))
    writing.start()
    assert texts(path) == ["a"]
    writing.join()


PIPED: dict[str, bytes] = {
    "lines": b'{"text": "a"}\n{"text": "b"}\n',
    "list": b'[{"text": "a"},\n{"text": "b"}]',
    "CSV": b"text,n\na,1\nb,2\n",
    "one column": b"text\na\nb\n",
    "tabs": b"text\tn\na\t1\nb\t2\n",
    "packed": gzip.compress(b'{"text": "a"}\n{"text": "b"}\n'),
    "packed CSV": gzip.compress(b"text,n\na,1\nb,2\n"),
}


@pytest.mark.parametrize("name", PIPED)
def test_stdin(name: str) -> None:
    code = (
        "import sys; from selfinstruct.rows.containers import read_rows\n"
        "for where, row in read_rows('-'): print(where, row['text'], sep=': ')"
    )
    done = subprocess.run([sys.executable, "-c", code], input=PIPED[name], capture_output=True, check=True)
    assert [line.partition(": ")[2] for line in done.stdout.decode().splitlines()] == ["a", "b"]
    assert done.stdout.startswith(b"stdin, ")


def test_stdin_of_a_table(tmp_path: Path) -> None:
    content = put(tmp_path / "a.parquet", "a", "b").read_bytes()
    code = "from selfinstruct.rows.containers import read_rows; print([row['text'] for _, row in read_rows('-')])"
    done = subprocess.run([sys.executable, "-c", code], input=content, capture_output=True, check=True)
    assert done.stdout == b"['a', 'b']\n"


# Elsewhere.


def test_urls(tmp_path: Path) -> None:
    store = fsspec.filesystem("memory")
    for name in ("2.jsonl", "10.jsonl.gz", "3.parquet"):
        file = put(tmp_path / name, name.partition(".")[0])
        store.pipe(f"/shop/{'x' if name == '3.parquet' else 'rows'}/{name}", file.read_bytes())
    store.pipe("/shop/rows/README.md", b"no row")
    assert texts("memory://shop/rows/10.jsonl.gz") == ["10"]
    assert texts("memory://shop/x/3.parquet") == ["3"]
    assert texts("memory://shop/rows") == texts("memory://shop/rows/*") == ["2", "10"]
    assert texts(Path("memory://shop/rows")) == ["2", "10"]  # whose slashes have become one
    where, _ = next(read_rows("memory://shop/rows"))
    assert str(where) == "memory:///shop/rows/2.jsonl, line 1"
    assert complaint("memory://shop/none.jsonl") == "no such file: memory://shop/none.jsonl"
    assert complaint("memory://shop/*.csv").startswith("memory://shop/*.csv has no data files: give the URL of one")
    store.pipe("/shop/rows/cut.jsonl.gz", gzip.compress(b'{"text": "a"}')[:-5])
    assert "cut.jsonl.gz is damaged, or not all of it is there (it breaks off)" in complaint(
        "memory://shop/rows/cut.jsonl.gz"
    )


def test_a_url_of_the_web(tmp_path: Path) -> None:
    import functools
    import http.server
    import threading

    put(tmp_path / "a.jsonl.gz", "a", "b")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            url = f"http://127.0.0.1:{server.server_port}/a.jsonl.gz"
            assert texts(url + "?token=secret") == ["a", "b"]
            assert [str(where) for where, _ in read_rows(url + "?token=secret")] == [f"{url}, line 1", f"{url}, line 2"]
            said = complaint(f"http://me:secret@127.0.0.1:{server.server_port}/none.jsonl?token=secret")
            assert said == f"no such file: http://127.0.0.1:{server.server_port}/none.jsonl"
        finally:
            server.shutdown()


@pytest.mark.parametrize(
    ("url", "package"), [("s3://a/b.jsonl", "s3fs"), ("gs://a/b.jsonl", "gcsfs"), ("az://a/b", "adlfs")]
)
def test_a_store_whose_package_is_missing(url: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)  # which is how Python marks them
    assert complaint(url) == f"{url} needs the package {package}: pip install {package}"


def test_no_such_store() -> None:
    assert complaint("nowhere://a/b.jsonl").startswith("cannot read nowhere://a/b.jsonl (Protocol not known: nowhere")


# The hub.


def loader(**parts: dict[str, list[str]]) -> Callable[..., Any]:
    """Who loads data sets, by config and split; real streams of rows, without the hub."""

    def load(name: str, config: str | None = None, *, revision: str | None = None, streaming: bool = False) -> Any:
        assert streaming
        assert name == "someone/rows"
        assert revision in (None, "v1", "refs/convert/parquet")
        if config is None and len(parts) > 1:
            raise ValueError(f"Config name is missing.\nPlease pick one among the available configs: {list(parts)}")
        if config is not None and config not in parts:
            raise ValueError(f"BuilderConfig {config!r} not found. Available: {list(parts)}")
        splits = parts[config or next(iter(parts))]
        return datasets.IterableDatasetDict(
            {
                split: datasets.Dataset.from_dict({"text": rows, "none": [None] * len(rows)}).to_iterable_dataset()
                for split, rows in splits.items()
            }
        )

    return load


ONE = loader(main={"train": ["a", "b"]})
SPLITS = loader(main={"test": ["t"], "train": ["a", "b"]})
CONFIGS = loader(en={"train": ["a"], "test": ["t"]}, zh={"train": ["字"]})


@pytest.mark.parametrize(
    ("url", "load", "expected"),
    [
        ("hf://someone/rows", ONE, ["a", "b"]),
        ("hf:/someone/rows", ONE, ["a", "b"]),
        ("hf://datasets/someone/rows", ONE, ["a", "b"]),
        ("hf://someone/rows@v1", ONE, ["a", "b"]),
        ("hf://someone/rows@refs/convert/parquet?split=train", SPLITS, ["a", "b"]),
        ("hf://someone/rows?split=test", SPLITS, ["t"]),
        ("hf://someone/rows?config=zh", CONFIGS, ["字"]),
        ("hf://someone/rows@v1?config=en&split=test", CONFIGS, ["t"]),
    ],
)
def test_the_hub(url: str, load: hub.Load, expected: list[str]) -> None:
    rows = list(hub_rows(url, load))
    assert [row for _, row in rows] == [{"text": text} for text in expected]
    assert str(rows[0][0]) == f"{url}, row 1"
    assert next(iter(sources_of(url))).kind == "hub"


def offline(*_: Any, **__: Any) -> Any:
    raise ConnectionError("Couldn't reach 'someone/rows' on the Hub (LocalEntryNotFoundError)")


def unknown(*_: Any, **__: Any) -> Any:
    raise datasets.exceptions.DatasetNotFoundError("Dataset 'someone/rows' doesn't exist on the Hub.")


@pytest.mark.parametrize(
    ("url", "load", "words"),
    [
        ("hf://someone/rows", SPLITS, "has several splits: there are test, train; write hf://someone/rows?split=train"),
        (
            "hf://someone/rows@v1?split=dev",
            SPLITS,
            "no split 'dev': there are test, train; write hf://someone/rows@v1?spl",
        ),
        ("hf://someone/rows", CONFIGS, "has several configs: there are en, zh; write hf://someone/rows?config=en"),
        ("hf://someone/rows?config=en", CONFIGS, "write hf://someone/rows?split=train&config=en"),
        (
            "hf://someone/rows?config=de&split=train",
            CONFIGS,
            "has no config 'de': there are en, zh; write hf://someone/",
        ),
        ("hf://someone/rows?part=1", ONE, "'part' is nothing to ask for: there are: split, config"),
        ("hf://", ONE, "names no data set: write hf://owner/name?split=train"),
        ("hf://a/b/c", ONE, "names no data set: write hf://owner/name?split=train"),
        ("hf://someone/rows", offline, "`hf download --repo-type dataset someone/rows --local-dir DIR`; then give DIR"),
        ("hf://someone/rows@v1", unknown, "the hub has no data set someone/rows at v1 that may be read (Dataset 'some"),
    ],
)
def test_what_the_hub_has_not(url: str, load: hub.Load, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        list(hub_rows(url, load))
    assert words in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


def test_the_hub_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    said = complaint("hf://someone/rows-that-nobody-has")
    assert said.startswith("cannot reach the hub for hf://someone/rows-that-nobody-has (")
