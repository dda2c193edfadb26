"""Rows into every container: the same ones come back, the same bytes each time, and few are in memory at once."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import itertools
import json
import lzma
import math
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfinstruct.errors import UsageError
from selfinstruct.rows.containers import read_rows
from selfinstruct.rows.writing import tables
from selfinstruct.rows.writing.writing import check_target, write_rows
from selfinstruct.task import json_line
from selfinstruct.workdir import sweep

datasets = pytest.importorskip("datasets")
pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
zstandard = pytest.importorskip("zstandard")

Row = dict[str, Any]

TEXTS = [".jsonl", ".json", ".csv", ".tsv"]
PACKED = [".gz", ".zst", ".xz", ".bz2"]
TABLES = [".parquet", ".arrow", ".feather", ""]
ALL = [*TEXTS, *(text + pack for text in TEXTS for pack in PACKED), *TABLES]

FLAT: list[Row] = [
    {"instruction": "Name a colour.", "input": "", "output": "Blue."},
    {"instruction": "写一首诗。\n", "input": "\r\n;\t,\"'", "output": "春眠\u2028不觉晓"},
    {"instruction": "Count.", "input": "1", "output": "😀 \x00 \x7f", "note": "late"},
]
NESTED: list[Row] = [
    {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}], "n": 1},
    {"messages": [{"role": "tool", "content": "{}", "name": "f"}], "n": 2.5, "tags": ["a", "b"]},
    {"messages": [], "tags": [], "meta": {"a": {"b": [1, 2]}}},
    {"messages": [{"role": "user", "content": "", "w": True}], "meta": {"c": "x"}, "n": None},
]


def said(path: Path) -> list[Row]:
    """The rows of any of our containers, read by the libraries that made them famous; what is null is left out."""
    return [without_null(row) for row in _read(path)]


def _read(path: Path) -> list[Row]:
    if path.is_dir():
        return list(datasets.load_from_disk(path).to_list())
    content = path.read_bytes()
    unpack = {".gz": gzip.decompress, ".bz2": bz2.decompress, ".xz": lzma.decompress, ".zst": _unzst}
    ending = path.suffix
    if ending in unpack:
        content, ending = unpack[ending](content), Path(path.stem).suffix
    if ending == ".parquet":
        return list(parquet.read_table(path).to_pylist())
    if ending in (".arrow", ".feather"):
        return list(pyarrow.ipc.open_file(content).read_all().to_pylist())
    if ending == ".jsonl":
        return [json.loads(line) for line in content.split(b"\n")[:-1]]
    if ending == ".json":
        return list(json.loads(content))
    return list(csv.DictReader(io.StringIO(content.decode(), newline=""), delimiter="\t" if ending == ".tsv" else ","))


def _unzst(content: bytes) -> bytes:
    return bytes(zstandard.ZstdDecompressor().decompressobj().decompress(content))


def without_null(value: Any) -> Any:
    match value:
        case dict():
            return {name: without_null(inner) for name, inner in value.items() if inner is not None}
        case list():
            return [without_null(inner) for inner in value]
    return value


def files(path: Path) -> dict[str, bytes]:
    found = sorted(path.rglob("*")) if path.is_dir() else [path]
    return {str(file.relative_to(path)): file.read_bytes() for file in found}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts and shards of a few rows, so that there are many of them."""
    monkeypatch.setattr(tables, "ROWS", 2)
    monkeypatch.setattr(tables, "SHARD", 1500)


# The same rows come back


@pytest.mark.parametrize("ending", ALL)
def test_flat_rows(ending: str, tmp_path: Path) -> None:
    path = tmp_path / "new" / f"rows{ending}"
    assert write_rows(path, iter(FLAT)) == 3
    is_csv = ".csv" in ending or ".tsv" in ending
    assert said(path) == [{"note": ""} | row if is_csv else row for row in FLAT]
    assert [file.name for file in path.parent.iterdir()] == [path.name], "no temporary is left"


@pytest.mark.parametrize("ending", [e for e in ALL if ".csv" not in e and ".tsv" not in e])
def test_nested_rows(ending: str, tmp_path: Path) -> None:
    assert write_rows(tmp_path / f"rows{ending}", iter(NESTED)) == 4
    assert said(tmp_path / f"rows{ending}") == without_null(NESTED)


@pytest.mark.parametrize("ending", TABLES)
def test_tables_in_parts(ending: str, tmp_path: Path, small: None) -> None:
    """Columns that turn up late, types that only all rows tell, parts without a key: the table is that of one part."""
    given = [{}, {}, *NESTED, *NESTED[::-1], {"late": [{"x": 1}]}, {}, {"late": [{"y": [0.5]}, {"x": 2.5}]}, {"n": 7}]
    assert write_rows(tmp_path / f"rows{ending}", iter(given)) == len(given)
    assert said(tmp_path / f"rows{ending}") == without_null(given)


def test_parts_and_the_whole_have_the_same_types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = [*NESTED, *NESTED[::-1], {"late": [{"x": 1}]}, {"late": [{"y": [0.5]}, {"x": 2.5}]}]
    write_rows(tmp_path / "whole.parquet", given)
    monkeypatch.setattr(tables, "ROWS", 1)
    write_rows(tmp_path / "parts.parquet", given)
    whole, parts = (parquet.read_table(tmp_path / f"{name}.parquet") for name in ("whole", "parts"))
    assert parts.schema == whole.schema
    assert parts.to_pylist() == whole.to_pylist()
    assert parquet.ParquetFile(tmp_path / "parts.parquet").num_row_groups == len(given)


def test_a_dataset_of_several_files(tmp_path: Path, small: None) -> None:
    given = [{"text": f"{number}" * 100} for number in range(20)]
    write_rows(tmp_path / "data", given)
    shards = sorted(file.name for file in (tmp_path / "data").glob("*.arrow"))
    assert len(shards) > 2
    assert shards == [f"data-{number:05d}-of-{len(shards):05d}.arrow" for number in range(len(shards))]
    loaded = datasets.load_from_disk(tmp_path / "data")
    assert loaded.to_list() == given
    assert loaded.features == datasets.Features({"text": datasets.Value("string")})
    assert [row for _, row in read_rows(tmp_path / "data")] == given
    loaded.save_to_disk(tmp_path / "theirs")
    ours, theirs = (json.loads((tmp_path / name / "state.json").read_text()) for name in ("data", "theirs"))
    assert ours.keys() == theirs.keys()
    own = ("_data_files", "_fingerprint")
    assert {k: v for k, v in ours.items() if k not in own} == {k: v for k, v in theirs.items() if k not in own}
    infos = [json.loads((tmp_path / name / "dataset_info.json").read_text()) for name in ("data", "theirs")]
    assert infos[0].items() <= infos[1].items()
    write_rows(tmp_path / "data", given[:1])
    assert datasets.load_from_disk(tmp_path / "data").to_list() == given[:1], "and nothing of what was there before"


@pytest.mark.parametrize("ending", ALL)
def test_the_same_rows_are_the_same_bytes(ending: str, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_rows(tmp_path / name / f"rows{ending}", FLAT * 50)
        os.utime(tmp_path / name, (0, 0))
    assert files(tmp_path / "a" / f"rows{ending}") == files(tmp_path / "b" / f"rows{ending}")
    write_rows(tmp_path / f"other{ending}", FLAT * 50)
    assert files(tmp_path / f"other{ending}") == files(tmp_path / "a" / f"rows{ending}"), "whatever the file's name"


def test_json_is_that_of_the_whole_list(tmp_path: Path) -> None:
    several: list[list[Row]] = [[], [{}], [{}, {}], NESTED, FLAT]
    for number, rows in enumerate(several):
        write_rows(tmp_path / f"{number}.json", iter(rows))
        whole = json.dumps(rows, ensure_ascii=False, indent=1)
        assert (tmp_path / f"{number}.json").read_text() == whole + "\n"


def whole_csv(rows: list[Row], between: str) -> bytes:
    text = io.StringIO(newline="")
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, names, delimiter=between)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


awkward = st.text(st.sampled_from('ab" ,;\t\r\n\x00\u2028"说'), max_size=5)
cell = awkward | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
names = st.text(st.sampled_from('ab",\n'), max_size=2)
relaxed = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@relaxed
@given(rows=st.lists(st.dictionaries(names, cell, max_size=4), max_size=8))
@pytest.mark.parametrize("ending", [".csv", ".tsv"])
def test_csv_is_that_of_the_whole_list(ending: str, rows: list[Row], tmp_path: Path) -> None:
    write_rows(tmp_path / f"rows{ending}", iter(rows), force=True)
    assert (tmp_path / f"rows{ending}").read_bytes() == whole_csv(rows, "\t" if ending == ".tsv" else ",")


# Odd values

texts = st.text(st.characters(), max_size=6) | st.sampled_from(["\ud800", "", "\x00", "a\udfffb"])
scalars = texts | st.none() | st.booleans() | st.integers() | st.floats()
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))
odd_rows = st.lists(st.dictionaries(texts, values, max_size=3), min_size=1, max_size=5)


@relaxed
@given(rows=odd_rows)
@pytest.mark.parametrize("ending", ALL)
def test_any_rows_are_written_or_refused_in_words(ending: str, rows: list[Row], tmp_path: Path) -> None:
    """Whole or not at all, and what was written is the same rows as in any other container."""
    path = tmp_path / f"rows{ending}"
    try:
        assert write_rows(path, iter(rows), force=True) == len(rows)
    except UsageError as error:
        assert str(path) in str(error)  # noqa: PT017
        assert "use .jsonl" in str(error)  # noqa: PT017
        return
    if ".json" in ending:
        assert same(said(path), without_null(as_json(rows)))
    elif ending in TABLES:
        found = [row for _, row in read_rows(path)] if ending in (".parquet", "") else said(path)
        assert len(found) == len(rows)


def as_json(value: Any) -> Any:
    match value:
        case float():
            return value if math.isfinite(value) else None
        case list():
            return [as_json(inner) for inner in value]
        case dict():
            return {name: as_json(inner) for name, inner in value.items()}
    return value


def same(found: Any, given: Any) -> bool:
    return json.dumps(found) == json.dumps(given)


@pytest.mark.parametrize("ending", [".jsonl", ".json", ".jsonl.gz"])
def test_what_json_has_no_value_for(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"rows{ending}"
    write_rows(path, [{"a": math.nan, "b": [math.inf, {"c": -math.inf}], "d": 0.5}])
    assert _read(path) == [{"a": None, "b": [None, {"c": None}], "d": 0.5}]
    path.unlink()
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for words, value in {
        "not JSON serializable": {1},
        "nested too deeply": deep,
        "Exceeds the limit": 10**5000,
    }.items():
        with pytest.raises(UsageError, match=r"row 2 cannot be written as JSON \(.*\): make that a text") as told:
            write_rows(path, [{"a": 1}, {"a": value}])
        assert words in str(told.value)
        assert not list(tmp_path.iterdir())


def test_numbers_and_nothing_in_csv(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.csv", [{"a": math.nan, "b": None, "c": 1e22, "d": True}, {"a": math.inf, "e": 10**30}])
    assert (tmp_path / "rows.csv").read_text() == f"a,b,c,d,e\n,,1e+22,True,\n,,,,{10**30}\n"


@pytest.mark.parametrize("ending", TABLES)
def test_nesting_that_a_table_does_not_bear(ending: str, tmp_path: Path) -> None:
    """pyarrow would end the process, or write what it cannot read."""
    for depth, fits in ((tables.DEEPEST, True), (tables.DEEPEST + 1, False), (100_000, False)):
        lists, objects = "x", "x"
        for _ in range(depth):
            lists, objects = [lists], {"a": objects}  # type: ignore[assignment]
        for value in (lists, objects):
            path = tmp_path / f"rows{ending}"
            if fits:
                write_rows(path, [{"a": value}])
                assert said(path) == [{"a": value}]
            else:
                with pytest.raises(UsageError, match="row 2 is nested deeper than 30 lists or objects"):
                    write_rows(path, [{}, {"a": value}])


@pytest.mark.parametrize("ending", TABLES)
@pytest.mark.parametrize("odd", [[{"a": 1}, {"a": "x"}], [{"a": [1]}, {"a": ["x"]}], [{"a": {}}, {"a": "x"}], [{}]])
def test_types_that_differ_between_parts(odd: list[Row], ending: str, tmp_path: Path, small: None) -> None:
    given = itertools.chain.from_iterable([row] * 2 for row in odd)
    with pytest.raises(UsageError, match=r"the rows do not fit into .* \(.*\): use \.jsonl or \.json"):
        write_rows(tmp_path / f"rows{ending}", given)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", TABLES)
def test_a_part_is_small_where_rows_are_long(ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "CHARACTERS", 1000)
    path = tmp_path / f"rows{ending}"
    given = [{"text": "x" * 600}] * 6 + [{"text": ""}] * 20
    write_rows(path, given)
    assert said(path) == given
    if ending == ".parquet":
        assert parquet.ParquetFile(path).num_row_groups == 4


# Whole or not at all


@pytest.mark.parametrize("ending", ALL)
def test_rows_that_cannot_be_had(ending: str, tmp_path: Path) -> None:
    """Whatever stops the reading leaves what was there."""
    path = tmp_path / f"rows{ending}"
    write_rows(path, FLAT)
    before = files(path)

    def torn() -> Iterator[Row]:
        yield from FLAT * 10
        raise UsageError("line 31 is no JSON")

    with pytest.raises(UsageError, match="line 31"):
        write_rows(path, torn())
    assert files(path) == before
    assert list(tmp_path.iterdir()) == [path]


FULL = """
import resource, signal, sys
from selfinstruct.errors import SelfinstructError
from selfinstruct.rows.writing.writing import write_rows
rows = [{"text": str(hash(str(n)) ** 5)} for n in range(20_000)]
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
try:
    write_rows(sys.argv[1], rows)
except SelfinstructError as error:
    print(error.exit_code, error)
"""


@pytest.mark.parametrize("ending", [".json", ".csv.gz", ".jsonl.zst", ".jsonl.xz", ".json.bz2", ".parquet", ""])
def test_a_full_disk(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"rows{ending}"
    done = subprocess.run([sys.executable, "-c", FULL, path], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout == f"1 cannot write to {path}: File too large; mend that and run again: it goes on\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", ALL)
def test_what_a_killed_process_leaves_is_swept(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"rows{ending}"
    left = tmp_path / f".rows{ending}.0123abcd"
    left.touch()
    if ending:
        sweep(tmp_path)
        assert not left.exists()
        left.touch()
    write_rows(path, FLAT)
    assert list(tmp_path.iterdir()) == [path]


# In constant memory

PEAK = """
import resource, sys
from selfinstruct.rows.writing.writing import write_rows

def row(n):
    asked, answer = f"Name {n} rivers. " * 3, f"{n}: the Rhine, the Danube, the Elbe. " * 60
    if sys.argv[1] == "flat":
        return {"instruction": asked, "input": "", "output": answer}
    return {"messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": answer}]}

for path, count in zip(sys.argv[2::2], sys.argv[3::2]):
    write_rows(path, map(row, range(int(count))))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peaks(kind: str, *paths_and_counts: object) -> list[float]:
    """Megabytes that a process has had at most after each file."""
    arguments = [sys.executable, "-c", PEAK, kind, *map(str, paths_and_counts)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    return [int(line) / (1024 if sys.platform == "linux" else 1 << 20) for line in done.stdout.split()]


@pytest.mark.parametrize(
    ("ending", "kind"),
    [
        *((".jsonl", "flat"), (".json", "nested"), (".csv", "flat"), (".jsonl.zst", "nested")),
        *((".parquet", "nested"), (".arrow", "flat"), ("", "flat")),
    ],
)
def test_memory_does_not_grow(ending: str, kind: str, tmp_path: Path) -> None:
    """24,000 rows more, all in memory, are 65 MB as dicts and 90 MB as conversations; a part of a table is 10,000."""
    few, many = peaks(kind, tmp_path / f"few{ending}", 12_000, tmp_path / f"many{ending}", 36_000)
    assert many < few + 30


# Where to


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "rows.xyz",
            r"cannot write '\.xyz' files \(.*\): use \.jsonl, \.json, \.csv, \.parquet, or no ending \(a fold",
        ),
        ("rows.gz", r"cannot write '\.gz' files \(.*\.jsonl\.gz"),
        ("rows.parquet.gz", r"cannot write '\.parquet\.gz' files"),
        ("rows.txt.zst", r"cannot write '\.txt\.zst' files"),
        ("rows.jsonl.zip", r"cannot write '\.zip' files"),
        ("*.jsonl", "names many files: choose one"),
        ("train-?.jsonl", "names many files: choose one"),
    ],
)
def test_names_that_are_refused(name: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=words):
        write_rows(tmp_path / name, FLAT)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("as_path", [str, Path])
@pytest.mark.parametrize("url", ["s3://bucket/rows.jsonl", "gs://bucket/rows.parquet", "https://example.org/rows.csv"])
def test_urls_are_refused(url: str, as_path: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"cannot write to .*/rows.*: write a file here, and bring it there with its"):
        write_rows(as_path(url), FLAT)
    with pytest.raises(UsageError, match="with hf upload"):
        write_rows("hf://datasets/somebody/rivers", FLAT)
    with pytest.raises(UsageError, match="- is stdout"):
        write_rows("-", FLAT)
    assert not list(tmp_path.iterdir())


def test_what_is_being_read(tmp_path: Path) -> None:
    for name in ("shards/a.jsonl", "shards/deep/b.jsonl", "one.jsonl", "two.jsonl", "run/tasks.jsonl"):
        write_rows(tmp_path / name, FLAT)
    (tmp_path / "run/alpaca.jsonl").touch()
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "one.jsonl")

    def refused(out: str, *reading: str) -> bool:
        given: Iterable[str] = (str(tmp_path / name) for name in reading)
        try:
            check_target(tmp_path / out, given)
        except UsageError as error:
            assert "is what is being read: choose another --out, or --force" in str(error)  # noqa: PT017
            check_target(tmp_path / out, [tmp_path / name for name in reading], force=True)
            return True
        return False

    assert refused("two.jsonl", "one.jsonl", "two.jsonl")
    assert refused("link.jsonl", "one.jsonl")
    assert refused("one.jsonl", "link.jsonl")
    assert refused("two.jsonl", "t*.jsonl")
    assert refused("shards/a.jsonl", "shards")
    assert refused("shards/deep/b.jsonl", "shards")
    assert refused("shards/deep/b.jsonl", "sh*/**/*.jsonl")
    assert refused("run/tasks.jsonl", "run")
    assert not refused("run/alpaca.jsonl", "run"), "of a run only its tasks are read"
    assert not refused("shards/new.jsonl", "shards")
    assert not refused("three.jsonl", "one.jsonl", "shards", "hf://somebody/rivers")


@pytest.mark.parametrize("ending", [".parquet", ".jsonl.zst"])
def test_a_package_that_is_not_there(ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = "pyarrow" if ending == ".parquet" else "zstandard"
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match=rf"needs the package {package}: pip install 'selfinstruct\[data\]'"):
        write_rows(tmp_path / "new" / f"rows{ending}", FLAT)
    assert not list(tmp_path.iterdir())


def test_no_rows(tmp_path: Path) -> None:
    for ending in ALL[:-1]:
        path = tmp_path / f"rows{ending}"
        assert write_rows(path, iter(())) == 0
        assert said(path) == []
        write_rows(path, FLAT)
        with pytest.raises(UsageError, match="there are no rows to write"):
            write_rows(path, iter(()))


def test_lines_are_whole_json(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.jsonl", NESTED)
    assert (tmp_path / "rows.jsonl").read_bytes() == b"".join(map(json_line, NESTED))
