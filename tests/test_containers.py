"""Files that people have: equal rows out of whatever holds them, and one line for each row or file that is broken."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfinstruct.errors import UsageError
from selfinstruct.rows.containers import read_rows
from selfinstruct.rows.notes import Bad, Notes

pyarrow = pytest.importorskip("pyarrow")
feather = pytest.importorskip("pyarrow.feather")
parquet = pytest.importorskip("pyarrow.parquet")
datasets = pytest.importorskip("datasets")
zstandard = pytest.importorskip("zstandard")

ROWS: list[dict[str, Any]] = [
    {"instruction": "Name a lake.", "output": "Lake Como"},
    {"instruction": '说 "你好"，\n再说：\t😀', "output": "{[ 你好,\r\n\u2028 ]}"},
    {"instruction": "Count to three.", "output": 'one, "two"; three\\'},
]


def put(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(path: Path | list[Path], encoding: str = "") -> list[Any]:
    """The rows alone."""
    return [row for _, row in read_rows(path, encoding=encoding)]


def told(path: Path, encoding: str = "") -> list[str]:
    """A row as JSON, a bad one as people see it, and an error that ends it."""
    said = []
    try:
        for where, row in read_rows(path, encoding=encoding):
            assert where.file == str(path)
            said.append(f"{where}: {row.why}" if isinstance(row, Bad) else json.dumps(row, ensure_ascii=False))
    except UsageError as error:
        said.append(str(error))
    assert all(line.isprintable() or not line.startswith(str(path)) for line in said)
    return [line.replace(f"{path}, ", "").replace(str(path), "FILE") for line in said]


def lines(rows: list[Any], end: str = "\n", **options: Any) -> str:
    return "".join(json.dumps(row, ensure_ascii=False, **options) + end for row in rows)


# One thing in many containers.

BOM = "\ufeff"
JSON: dict[str, str] = {
    "lines": lines(ROWS),
    "no end": lines(ROWS).rstrip("\n"),
    "CRLF": lines(ROWS, "\r\n"),
    "CR": lines(ROWS, "\r"),
    "blank lines": "\n \r\n" + lines(ROWS, "\n\n \t\n"),
    "a mark": BOM + lines(ROWS),
    "marks of several files": BOM + lines(ROWS[:1]) + BOM + lines(ROWS[1:]),
    "marks of RFC 7464": "".join("\x1e" + lines([row]) for row in ROWS),
    "commas at the ends": lines(ROWS, ",\n"),
    "over many lines": lines(ROWS, indent=2),
    "over many lines, CRLF": lines(ROWS, indent=2).replace("\n", "\r\n"),
    "one after another": lines(ROWS, ""),
    "with blanks between": lines(ROWS, "  "),
    "escapes": "".join(json.dumps(row) + "\n" for row in ROWS),
    "a list": json.dumps(ROWS),
    "a list, indented": BOM + json.dumps(ROWS, indent=1, ensure_ascii=False),
    "a list, a row a line": "[\n" + ",\n".join(json.dumps(row) for row in ROWS) + "\n]\n",
    "two lists": json.dumps(ROWS[:2]) + "\n" + json.dumps(ROWS[2:]),
    "an object around": json.dumps({"version": "1.1", "data": ROWS}),
    "an object around, lines": json.dumps({"rows": ROWS, "count": 3, "by": None}, indent=2),
    "any name": json.dumps({"train": ROWS}),
    "the hub's server": json.dumps(
        {
            "features": [{"feature_idx": 0, "name": "instruction", "type": {"dtype": "string"}}],
            "rows": [{"row_idx": n, "row": row, "truncated_cells": []} for n, row in enumerate(ROWS)],
            "num_rows_total": 3,
        }
    ),
    "columns of lists": json.dumps({name: [row[name] for row in ROWS] for name in ROWS[0]}),
    "columns by numbers": json.dumps({name: {str(n): row[name] for n, row in enumerate(ROWS)} for name in ROWS[0]}),
    "rows by numbers": json.dumps({str(n): row for n, row in enumerate(ROWS)}, indent=1),
    "split": json.dumps({"columns": list(ROWS[0]), "index": [0, 1, 2], "data": [list(row.values()) for row in ROWS]}),
    "table": json.dumps(
        {
            "schema": {"fields": [{"name": "index"}, {"name": "instruction"}], "primaryKey": ["index"]},
            "data": [{"index": n} | row for n, row in enumerate(ROWS)],
        }
    ),
}


@pytest.mark.parametrize("name", JSON)
@pytest.mark.parametrize("ending", [".json", ".jsonl", "", ".txt"])
def test_json(name: str, ending: str, tmp_path: Path) -> None:
    assert read(put(tmp_path / f"data{ending}", JSON[name])) == ROWS


@pytest.mark.parametrize("name", JSON)
def test_json_wherever_the_window_ends(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for chunk in (1, 2, 7, 30, 64):
        monkeypatch.setattr("selfinstruct.rows.containers.text.CHUNK", chunk)
        path = put(tmp_path / "data.json", JSON[name])
        assert read(path) == ROWS
        assert [str(where) for where, _ in read_rows(path)] == [str(where) for where, _ in whole(path, monkeypatch)]


def whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    with monkeypatch.context() as patched:
        patched.setattr("selfinstruct.rows.containers.text.CHUNK", 1 << 18)
        return list(read_rows(path))


def test_the_places_of_rows(tmp_path: Path) -> None:
    def places(content: str) -> list[str]:
        return [f"{where.unit} {where.number}" for where, _ in read_rows(put(tmp_path / "data.json", content))]

    assert places(lines(ROWS)) == ["line 1", "line 2", "line 3"]
    assert places("\n\r\n" + lines(ROWS, "\r\n")) == ["line 3", "line 4", "line 5"]
    assert places(lines(ROWS, "\r")) == ["line 1", "line 2", "line 3"]
    assert places(lines(ROWS, indent=2)) == ["line 1", "line 5", "line 9"]
    assert places(json.dumps(ROWS, indent=2)) == ["item 1", "item 2", "item 3"]
    assert places(json.dumps({"data": ROWS})) == ["item 1", "item 2", "item 3"]
    assert places(json.dumps({"text": {"0": "a", "1": "b"}})) == ["row 1", "row 2"]


def csv_of(between: str) -> str:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    return "".join(between.join(map(cell, row)) + "\n" for row in [list(ROWS[0]), *(row.values() for row in ROWS)])


def packed_zip(content: bytes, *others: str, name: str = "data.jsonl") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
        for other in others:
            archive.writestr(other, b"x")
    return file.getvalue()


PACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": lambda content: bz2.compress(content, 1),  # in blocks of 100 KB
    ".xz": lzma.compress,
    ".zst": lambda content: zstandard.ZstdCompressor().compress(content),
}


def arrow_of(table: Any, file: bool) -> bytes:
    sink = pyarrow.BufferOutputStream()
    with (pyarrow.ipc.new_file if file else pyarrow.ipc.new_stream)(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


def parquet_of(table: Any) -> bytes:
    sink = pyarrow.BufferOutputStream()
    parquet.write_table(table, sink, row_group_size=2)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


TABLE = pyarrow.Table.from_pylist(ROWS)
CONTAINERS: dict[str, bytes] = {
    "data.jsonl": lines(ROWS).encode(),
    "data.json": json.dumps(ROWS, indent=4).encode(),
    "data.csv": csv_of(",").encode(),
    "semicolons.csv": csv_of(";").encode(),
    "bars.csv": (BOM + csv_of("|")).encode(),
    "sep.csv": ("sep=;\n" + csv_of(";")).encode(),
    "data.tsv": csv_of("\t").encode(),
    "data.parquet": parquet_of(TABLE),
    "file.arrow": arrow_of(TABLE, True),
    "stream.arrow": arrow_of(TABLE, False),
    "data.feather": arrow_of(TABLE, True),
    "misnamed.json": parquet_of(TABLE),
}


@pytest.mark.parametrize("packing", ["", *PACK])
@pytest.mark.parametrize("name", CONTAINERS)
def test_equal_rows_from_every_container(name: str, packing: str, tmp_path: Path) -> None:
    content = PACK[packing](CONTAINERS[name]) if packing else CONTAINERS[name]
    assert read(put(tmp_path / f"{name}{packing}", content)) == ROWS


@pytest.mark.parametrize("packing", PACK)
def test_packed_files_by_what_they_are(packing: str, tmp_path: Path) -> None:
    content, pack = lines(ROWS).encode(), PACK[packing]
    assert read(put(tmp_path / "data.jsonl", pack(content))) == ROWS
    assert read(put(tmp_path / f"plain.jsonl{packing}", content)) == ROWS
    assert read(put(tmp_path / "several.jsonl", pack(content[:9]) + pack(content[9:]))) == ROWS
    assert read(put(tmp_path / f"twice.jsonl{packing}", pack(pack(content)))) == ROWS
    assert read(put(tmp_path / f"empty.jsonl{packing}", pack(b""))) == []


def test_zip(tmp_path: Path) -> None:
    content = lines(ROWS).encode()
    assert read(put(tmp_path / "a.zip", packed_zip(content, "README.md", "__MACOSX/data.jsonl", ".hidden"))) == ROWS
    assert read(put(tmp_path / "b.csv.zip", packed_zip(csv_of(";").encode(), name="b.csv"))) == ROWS
    (said,) = told(put(tmp_path / "c.zip", packed_zip(content, "more.jsonl")))
    assert said == "FILE holds 2 files (data.jsonl, more.jsonl): unpack it, and give what you need"
    (said,) = told(put(tmp_path / "d.zip", packed_zip(content)[:-30]))
    assert said == "FILE is damaged, or not all of it is there (File is not a zip file): get it again"


@pytest.mark.parametrize("packing", PACK)
def test_what_is_left_of_a_packed_file(packing: str, tmp_path: Path) -> None:
    """The rows before the damage, then the error: also when the first of several windows has them all."""
    rows = [{"instruction": f"{n} {n * n * n % 9973}"} for n in range(30_000)]
    good = PACK[packing](lines(rows).encode())
    cut = len(good) * 2 // 3
    *found, said = told(put(tmp_path / "data.jsonl", good[:cut]))
    assert said == "FILE is damaged, or not all of it is there (it breaks off): get it again"
    assert len(found) > 5_000
    assert found == [json.dumps(row) for row in rows[: len(found)]]
    said = told(put(tmp_path / "data.jsonl", good[:cut] + b"\xff" * 40 + good[cut:]))[-1]
    assert said.startswith("FILE is damaged, or not all of it is there (")
    assert said.endswith("): get it again")


# What one object that is all there is may be.

TURN = {"role": "user", "content": "Hi"}
ONE: dict[str, Any] = {
    "a row": {"instruction": "Name a lake.", "output": "Lake Como"},
    "a row of lists": {"instruction": ["Name", "a lake."], "output": "Lake Como"},
    "turns": {"messages": [TURN]},
    "turns and tools": {"messages": [TURN], "tools": [{"type": "function", "function": {"name": "look"}}]},
    "ShareGPT": {"id": "a", "conversations": [{"from": "human", "value": "Hi"}]},
    "preferences": {"chosen": [TURN], "rejected": [TURN]},
    "preferences, ShareGPT": {"chosen": {"from": "gpt", "value": "a"}, "rejected": {"from": "gpt", "value": "b"}},
    "preferences and prompt": {"prompt": [TURN], "chosen": [TURN], "rejected": [TURN]},
    "instances": {"instruction": "Add.", "instances": [{"input": "1", "output": "2"}]},
    "rounds": {"conversation": [{"human": "Hi", "assistant": "Hello"}]},
    "a tree": {"message_tree_id": "1", "prompt": {"text": "Hi", "replies": [{"text": "Hello"}]}},
    "nothing known": {"a": 1},
}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("name", ONE)
def test_an_object_that_is_a_row(
    name: str, indent: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "data.json", json.dumps(ONE[name], indent=indent))
    assert read(path) == [ONE[name]]
    monkeypatch.setattr("selfinstruct.rows.containers.text.CHUNK", 9)
    assert read(path) == [ONE[name]]


MANY: dict[str, tuple[Any, list[Any]]] = {
    "rows by ids": (
        {"q1": {"question": "Why?"}, "q2": {"question": "Who?"}},
        [{"id": "q1", "question": "Why?"}, {"id": "q2", "question": "Who?"}],
    ),
    "lists of equal lengths": ({"messages": [[TURN], [TURN]]}, [{"messages": [TURN]}] * 2),
    "rows called as turns are": ({"conversations": [{"id": 1, "messages": [TURN]}]}, [{"id": 1, "messages": [TURN]}]),
    "a column with holes": (
        {"text": {"0": "a", "2": "c"}, "n": {"0": None, "2": 3}},
        [{"text": "a"}, {"text": "c", "n": 3}],
    ),
    "conversations": ([[TURN], [TURN, TURN]], [{"messages": [TURN]}, {"messages": [TURN, TURN]}]),
    "conversations around": ({"data": [[TURN], [TURN]], "by": "x"}, [{"messages": [TURN]}] * 2),
    "a conversation": ([TURN, TURN], [{"messages": [TURN, TURN]}]),
    "no rows": ({"data": []}, [{"data": []}]),
}


@pytest.mark.parametrize("name", MANY)
def test_other_shapes(name: str, tmp_path: Path) -> None:
    document, rows = MANY[name]
    assert read(put(tmp_path / "data.json", json.dumps(document))) == rows


def test_conversations_a_line(tmp_path: Path) -> None:
    assert read(put(tmp_path / "data.jsonl", lines([[TURN], [TURN, TURN]]))) == [
        {"messages": [TURN]},
        {"messages": [TURN, TURN]},
    ]


def test_what_stands_beside_the_rows_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path / "data.json", json.dumps({"version": 2, "empty": "", "data": ROWS, "by": {"name": "x"}}))
    for chunk in (1 << 18, 16):
        monkeypatch.setattr("selfinstruct.rows.containers.text.CHUNK", chunk)
        notes = Notes()
        assert [row for _, row in read_rows(path, notes=notes)] == ROWS
        assert notes.unused == {"version (of the whole file)": 1, "by (of the whole file)": 1}


def test_several_lists_of_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path / "data.json", json.dumps({"train": ROWS, "test": ROWS[:1]}))
    words = "FILE holds several lists of rows, train and test: write each to a file of its own"
    assert told(path) == [words]
    monkeypatch.setattr("selfinstruct.rows.containers.text.CHUNK", 16)
    assert told(path) == [*(json.dumps(row, ensure_ascii=False) for row in ROWS), words]
    *_, said = told(put(path, json.dumps({"train": ROWS}) + "\n" + json.dumps({"train": ROWS})))
    assert said == "FILE goes on in line 2 after an object of rows: one object a line, or one list"


# Null is absence.


def test_null_is_absence_everywhere(tmp_path: Path) -> None:
    row = {"instruction": "a", "n": None, "meta": {"x": None, "y": [None, {"z": None}]}, "nan": float("nan"), "e": ""}
    kept = {"instruction": "a", "meta": {"y": [None, {}]}, "e": ""}
    for content in (
        lines([row] * 3),
        json.dumps([row] * 3),
        json.dumps({"data": [row] * 3}),
        lines([row] * 3, indent=1),
        "[" + lines([row], ",\n") + lines([row], ",\r\n") + json.dumps(row) + "]",
    ):
        assert read(put(tmp_path / "data.json", content)) == [kept] * 3
    assert read(put(tmp_path / "data.json", json.dumps(row))) == [kept]
    assert read(put(tmp_path / "data.parquet", parquet_of(pyarrow.Table.from_pylist([row, row | {"n": 1}])))) == [
        {"instruction": "a", "meta": {"y": [None, {}]}, "e": ""},
        {"instruction": "a", "n": 1, "meta": {"y": [None, {}]}, "e": ""},
    ]
    assert read(put(tmp_path / "data.jsonl", '{"null": "NaN", "a": "null"}\nnull\n')) == [
        {"null": "NaN", "a": "null"},
        None,
    ]


# One bad row is one bad row.

OK = '{"a": 1}'
AS_READ = '{"a": 1}'
DEEP = '{"a": ' + "[" * 10_000 + "]" * 10_000 + "}"
BAD: dict[str, tuple[str | bytes, list[str]]] = {
    "no value": (f"{OK}\nfoo bar\n{OK}", ["line 2: no JSON (Expecting value): 'foo bar'"]),
    "cut": (f'{OK}\n{{"a": "b\n{OK}\n{OK}', ['line 2: no JSON (Invalid control character at): \'{"a": "b\'', AS_READ]),
    "cut in an object": (
        f'{OK}\n{{"a": {{\n{OK}',
        ["line 2: no JSON (Expecting property name enclosed in double quotes)"],
    ),
    "cut at a list": (f'{OK}\n{{"a": [\n{OK}\n{OK}', ["line 2: no JSON (Expecting ',' delimiter): ", AS_READ]),
    "cut before the end": (f'{OK}\n{{"a": "b"\n{OK}', ["line 2: no JSON (Expecting ',' delimiter): "]),
    "more behind it": (f"{OK}\n{OK} x\n{OK}", ["line 2: no JSON (Extra data): ' x'"]),
    "single quotes": (f"{OK}\n{{'a': 1}}\n{OK}", ["line 2: no JSON (Expecting property name"]),
    "bad bytes": (
        f"{OK}\n".encode() + b'{"b": "\xe9"}\n' + OK.encode(),
        ["line 2: not UTF-8 (byte 0xe9); it looks like"],
    ),
    "half a character": (f"{OK}\n".encode() + b'{"b": "\xe4\xbd"}\n' + OK.encode(), ["line 2: not UTF-8 (byte 0xe4)"]),
    "deep": (f"{OK}\n{DEEP}\n{OK}", ["line 2: no JSON (nested too deeply"]),
    "many digits": (f'{OK}\n{{"a": {"9" * 5000}}}\n{OK}', ["line 2: no JSON (Exceeds the limit (4300 digits)"]),
    "infinity": (
        f'{OK}\n{{"a": Infinity}}\n{OK}',
        ["line 2: no JSON (Infinity is no JSON value; write a number or null)"],
    ),
    "too large": (f'{OK}\n{{"a": 1e999}}\n{OK}', ["line 2: no JSON (1e999 is too large a number)"]),
    "control characters": (
        f'{OK}\n{{"a": "\x1b[2J"}}\n{OK}',
        ['line 2: no JSON (Invalid control character at): \'{"a": "\\x1b[2J'],
    ),
    "NULs": (f"{OK}\n\0\0\0\n{OK}", ["line 2: no JSON (Expecting value): '\\x00\\x00"]),
    "over many lines": (
        f'{OK}\n{{\n "a": 1,\n "b": {{\n  "c"\n }}\n}}\n{OK}',
        ["line 2: no JSON (Expecting ':' delimiter): "],
    ),
    "two": (
        f"{OK}\nx\n\ny\n{OK}",
        ["line 2: no JSON (Expecting value): 'x'", "line 4: no JSON (Expecting value): 'y'"],
    ),
    "in a list": (f'[{OK},\n {{"a": b}}, {OK}]', ["item 2: no JSON (Expecting value): "]),
    "in a list, a comma": (f'[{OK}, {{"a": 1,}}, {OK}]', ["item 2: no JSON ("]),
    "in a list, a quote": (
        f'[\n{OK},\n{{"a": "b,\n"c": ["]"]}},\n{OK}\n]',
        ["item 2: no JSON (Invalid control character"],
    ),
    "in a list, deep": (f"[{OK}, {DEEP}, {OK}]", ["item 2: no JSON (nested too deeply"]),
    "in a list, digits": (f'[{OK}, {{"a": {"9" * 5000}}}, {OK}]', ["item 2: no JSON (Exceeds the limit (4300 digits)"]),
    "in a list, bytes": (
        f'[{OK}, {{"a": "'.encode() + b"\xe9" + f'"}}, {OK}]'.encode(),
        ["item 2: not UTF-8 (byte 0xe9)"],
    ),
    "in a list, no item": (f"[{OK}, None, {OK}]", ["item 2: no JSON (Expecting value): "]),
}


@pytest.mark.parametrize("chunk", [1 << 18, 5])
@pytest.mark.parametrize("name", BAD)
def test_one_bad_row(name: str, chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("selfinstruct.rows.containers.text.CHUNK", chunk)
    content, middle = BAD[name]
    said = told(put(tmp_path / "data.jsonl", content))
    assert said[0] == said[-1] == AS_READ
    assert [line[: len(words)] for line, words in zip(said[1:-1], middle, strict=True)] == middle


def test_the_first_row_is_bad(tmp_path: Path) -> None:
    for bad in ("{", '{"a": ', '{"a', "foo", "{'a': 1}", "{}}", '"a": 1}'):
        first, *others = told(put(tmp_path / "data.jsonl", f"{bad}\n{OK}\n{OK}\n{OK}"))
        assert first.startswith("line 1: no JSON (")
        assert others == [AS_READ] * 3


ENDS: dict[str, tuple[str, str]] = {
    "cut in an item": (
        f'[{OK}, {{"a": "b',
        "FILE is no JSON list from item 2 on (line 1): no JSON (Unterminated string s",
    ),
    "cut between": (f"[{OK},\n", "FILE is no JSON list: it breaks off after item 1; get it again, or end it with ]"),
    "no end": (f"[{OK}\n", "FILE is no JSON list: it breaks off after item 1; get it again, or end it with ]"),
    "no comma": (
        f"[{OK}\n{OK}]",
        "FILE is no JSON list from item 2 on (Expecting ',' delimiter, line 2): '{\"a\": 1}]'; mend",
    ),
    "deep": ("[" + OK + "," + "[" * 99_999, "FILE is no JSON list from item 2 on (line 1): no JSON (nested too"),
}


@pytest.mark.parametrize("name", ENDS)
def test_lists_that_cannot_be_read_on(name: str, tmp_path: Path) -> None:
    content, words = ENDS[name]
    first, said = told(put(tmp_path / "data.json", content))
    assert first == AS_READ
    assert said.startswith(words)


def test_bad_records_of_csv(tmp_path: Path) -> None:
    content = b'a,b\n1,2\n1,2,3\n\n1\n1,\xe9\n"1"x,2\n"1\n2",3\na,b\n4,"5'
    assert told(put(tmp_path / "data.csv", content)) == [
        '{"a": "1", "b": "2"}',
        "row 3: 3 cells; the first line names 2: '1,2,3\\n'; a text with ',' in it goes into quotes",
        "row 5: 1 cells; the first line names 2: '1\\n'; a text with ',' in it goes into quotes",
        "row 6: not UTF-8 (byte 0xe9); it looks like cp1252: add --encoding cp1252",
        "row 7: no CSV (',' expected after '\"'): '\"1\"x,2\\n'; texts go into quotes, and quotes inside are doubled",
        '{"a": "1\\n2", "b": "3"}',
        "row 10: no CSV (unexpected end of data): '4,\"5'; texts go into quotes, and quotes inside are doubled",
    ]


def test_columns_of_csv_without_a_name(tmp_path: Path) -> None:
    notes = Notes()
    path = put(tmp_path / "data.csv", ",a, ,b\n0,1,2,3\n")
    assert [row for _, row in read_rows(path, notes=notes)] == [{"a": "1", "b": "3"}]
    assert notes.unused == {"columns without a name (of the whole file)": 1}


def test_csv_files_that_became_one(tmp_path: Path) -> None:
    notes = Notes()
    path = put(tmp_path / "data.csv", (BOM + csv_of(",")) + (BOM + csv_of(",")))
    assert [row for _, row in read_rows(path, notes=notes)] == ROWS * 2
    assert notes.done == {"lines that name the columns again, left out": 1}


def test_tables_that_are_none(tmp_path: Path) -> None:
    table = pyarrow.table([pyarrow.array(["a"]), pyarrow.array(["b"])], names=["text", "text"])
    assert told(put(tmp_path / "data.parquet", parquet_of(table))) == [
        "FILE names the column 'text' twice: rename one of them"
    ]
    whole = parquet_of(TABLE)
    (said,) = told(put(tmp_path / "data.parquet", whole[: len(whole) // 2]))
    assert said.startswith("FILE is no Parquet that can be read (")
    (said,) = told(put(tmp_path / "data.arrow", arrow_of(TABLE, True)[:-40]))
    assert said.startswith("FILE is no Arrow file that can be read (")
    indexed = pyarrow.table({"text": ["a"], "__index_level_0__": [7]})
    assert read(put(tmp_path / "index.parquet", parquet_of(indexed))) == [{"text": "a"}]


def test_what_came_in_the_place_of_data(tmp_path: Path) -> None:
    assert told(put(tmp_path / "a.parquet", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")) == [
        "FILE is not the data but a pointer to it: fetch it with `git lfs pull`"
    ]
    assert told(put(tmp_path / "b.jsonl", "\n<!DOCTYPE html>\n<html></html>")) == [
        "FILE is a web page, not data: download the file itself (on hubs, /resolve/ for /blob/)"
    ]


# Encodings.

SAID = {
    "gbk": ("请说出三条河流的名字。", "GBK"),
    "big5": ("請說出三條河流的名字。", "Big5"),
    "shift_jis": ("三つの川の名前を挙げてください。", "Shift-JIS"),
    "euc_jp": ("三つの川の名前を挙げてください。", "EUC-JP"),
    "euc_kr": ("강 세 개의 이름을 말하세요.", "EUC-KR"),
    "cp1251": ("Назови три реки в Европе.", "cp1251"),
    "cp1252": ("Nenne drei Flüsse: “Inn”, “Mur”.", "cp1252"),
    "utf-16": ("Name three rivers: 三条河流。", "UTF-16"),
    "utf-16-le": ("Name three rivers: 三条河流。", "UTF-16"),
    "utf-16-be": ("Name three rivers: 三条河流。", "UTF-16"),
    "utf-32": ("Name three rivers: 三条河流。", "UTF-32"),
}


@pytest.mark.parametrize("form", ["jsonl", "json", "csv"])
@pytest.mark.parametrize("encoding", SAID)
def test_encodings(encoding: str, form: str, tmp_path: Path) -> None:
    text, called = SAID[encoding]
    row = {"instruction": text, "output": "1"}
    content = {
        "jsonl": lines([row] * 2, "\r\n"),
        "json": json.dumps([row] * 2, ensure_ascii=False, indent=1),
        "csv": f'instruction,output\r\n"{text}",1\r\n"{text}",1\r\n',
    }[form]
    path = put(tmp_path / f"data.{form}", content.encode(encoding))
    assert read(path, encoding) == [row] * 2
    said = told(path)
    if called.startswith("UTF"):
        name = encoding if encoding in ("utf-16-le", "utf-16-be") else encoding.partition("-be")[0]
        assert said == [f"FILE is {called}, not UTF-8: add --encoding {name}"]
    else:
        assert [line.partition("; ")[2] for line in said] == [f"it looks like {called}: add --encoding {encoding}"] * 2
        assert said[0].startswith({"jsonl": "line 1: not UTF-8 (", "json": "item 1: ", "csv": "row 2: "}[form])
    assert read(put(tmp_path / f"packed.{form}", gzip.compress(content.encode(encoding))), encoding) == [row] * 2


@pytest.mark.parametrize("encoding", ["gbk", "utf-16", "shift_jis", "cp1252", "ascii", "utf-8"])
def test_bytes_that_are_none_of_the_named_encoding(encoding: str, tmp_path: Path) -> None:
    broken = {"utf-16": b"\x00\xd8", "cp1252": b"\x81"}.get(encoding, b"\xff")
    wrong = (
        ('{"a": "' + "X" + '"}\n')
        .encode(encoding)
        .removeprefix(b"\xff\xfe")
        .split("X".encode("utf-16-le" if encoding == "utf-16" else "ascii"))
    )
    good = (OK + "\n").encode(encoding)
    last = (OK + "\n").encode("utf-16-le" if encoding == "utf-16" else encoding)
    said = told(put(tmp_path / "data.jsonl", good + broken.join(wrong) + last), encoding)
    assert said[0] == said[2] == AS_READ
    assert said[1].startswith(
        "line 2: not UTF-8 (byte 0xff)" if encoding == "utf-8" else f"line 2: not {encoding} (byte "
    )


@pytest.mark.parametrize("encoding", ["latin-9000", "base64", "rot13", "a\0b", "idna", "\ud800", "undefined"])
def test_no_encoding(encoding: str, tmp_path: Path) -> None:
    (said,) = told(put(tmp_path / "data.jsonl", OK), encoding)
    assert said == f"no encoding {encoding!r}: give one like gbk, big5, shift_jis, utf-16, cp1252 or utf-8"


# Large things.


def peak(path: Path) -> int:
    """Megabytes that a process needs to read it all."""
    code = (
        "import sys; from selfinstruct.rows.containers import read_rows; n = sum(1 for _ in read_rows(sys.argv[1]));"
        "print(n, *(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    count, kilobytes = map(int, done.stdout.split())
    assert count == 90_000
    return kilobytes // 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux")
def test_constant_memory(tmp_path: Path) -> None:
    """40 MB each, in lists and objects on one line or many, packed or not, and not much more than Python itself."""
    row = {"instruction": "Name a lake. " * 30, "output": "Lake Como"}
    many = ",\n".join([json.dumps(row, indent=1)] * 90_000)
    assert peak(put(tmp_path / "list.json", f"[{many}]")) < 60
    assert peak(put(tmp_path / "wrapped.json", f'{{"version": 1, "data": [{many}], "n": 2}}'.replace("\n", ""))) < 60
    assert peak(put(tmp_path / "lines.jsonl", gzip.compress(many.replace(",\n{", "\n{").encode(), 1))) < 60
    assert peak(put(tmp_path / "data.csv", "a,b\n" + f"{row['instruction']},1\n" * 90_000)) < 60


def test_a_row_of_a_hundred_megabytes(tmp_path: Path) -> None:
    size = 100_000_000
    path = put(tmp_path / "data.jsonl", OK + "\n" + '{"b": "' + "x" * size + '"}\n' + OK)
    assert [len(row.get("b", "")) for _, row in read_rows(path)] == [0, size, 0]
    put(path, '{"b": "' + "x" * size + '", "c": "d"}\n' + OK)
    assert [len(row.get("b", "")) for _, row in read_rows(path)] == [size, 0]


# Anything at all.

fuzzed = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMES = [
    "a",
    "a.jsonl",
    "a.json",
    "a.csv",
    "a.tsv",
    "a.parquet",
    "a.arrow",
    "a.txt",
    "a.zip",
    "a.jsonl.gz",
    "a.csv.zst",
]
STARTS = [
    b"",
    b"{",
    b"[",
    b'[{"a": ',
    b'{"data": [{',
    b"a,b\n1,",
    b"PAR1",
    b"ARROW1",
    b"PK\x03\x04",
    b"\xff\xfe",
    BOM.encode(),
]


@fuzzed
@given(data=st.data(), start=st.sampled_from(STARTS), name=st.sampled_from(NAMES), chunk=st.sampled_from([3, 1 << 18]))
def test_any_bytes(data: st.DataObject, start: bytes, name: str, chunk: int, tmp_path: Path) -> None:
    content = start + data.draw(st.binary(max_size=80))
    pack = data.draw(st.sampled_from([bytes, *PACK.values()]))
    encoding = data.draw(st.sampled_from(["", "", "utf-16", "gbk", "utf-7", "shift_jis", "cp437", "utf-8-sig"]))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("selfinstruct.rows.containers.text.CHUNK", chunk)
        told(put(tmp_path / name, pack(content)), encoding)


JSONISH = st.text(st.sampled_from('{}[],:"\\ \n\r\tab10-e.nulNaN\ufeff\x1e\udc80'), max_size=40)


@fuzzed
@given(text=JSONISH, chunk=st.sampled_from([1, 4, 1 << 18]))
def test_nearly_json(text: str, chunk: int, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("selfinstruct.rows.containers.text.CHUNK", chunk)
        said = told(put(tmp_path / "data.json", text.encode("utf-8", "surrogateescape")))
    if text.strip(" \n\r\t,\ufeff\x1e"):
        assert said or text.strip().startswith("[")  # nothing disappears


def damaged(good: bytes) -> st.SearchStrategy[bytes]:
    """A few bytes replaced, cut out or put in."""
    place, bit = st.integers(0, len(good)), st.binary(max_size=4)
    return st.tuples(place, place, bit).map(lambda cut: good[: min(cut[:2])] + cut[2] + good[max(cut[:2]) :])


@fuzzed
@given(data=st.data(), name=st.sampled_from(list(CONTAINERS)), packing=st.sampled_from(["", *PACK, ".zip"]))
def test_damaged_files(data: st.DataObject, name: str, packing: str, tmp_path: Path) -> None:
    content = CONTAINERS[name]
    content = packed_zip(content, name=name) if packing == ".zip" else PACK.get(packing, bytes)(content)
    told(put(tmp_path / f"{name}{packing}", data.draw(damaged(content))))


@fuzzed
@given(data=st.data(), name=st.sampled_from(list(JSON)), chunk=st.sampled_from([1, 50, 1 << 18]))
def test_damaged_json(data: st.DataObject, name: str, chunk: int, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("selfinstruct.rows.containers.text.CHUNK", chunk)
        told(put(tmp_path / "data.json", data.draw(damaged(JSON[name].encode()))))


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_infinity=False, allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def kept(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: kept(inner) for key, inner in value.items() if inner is not None}
    return [kept(inner) for inner in value] if isinstance(value, list) else value


@fuzzed
@given(
    rows=st.lists(
        st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), values, max_size=3),
        min_size=2,
        max_size=4,
    ),
    chunk=st.sampled_from([1, 10, 1 << 18]),
    indent=st.sampled_from([None, 0, 2]),
    end=st.sampled_from(["\n", "\r\n", "\r", ",\n", "", "\n\n"]),
)
def test_any_rows(rows: list[dict[str, Any]], chunk: int, indent: int | None, end: str, tmp_path: Path) -> None:
    # Without the text, a row longer than a window may be taken for the whole file; with a role it would be a turn.
    rows = [{"text": ""} | {key: row[key] for key in row if key not in ("role", "from", "speaker")} for row in rows]
    expected = [kept(row) for row in rows]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("selfinstruct.rows.containers.text.CHUNK", chunk)
        assert read(put(tmp_path / "data.jsonl", lines(rows, end, indent=indent))) == expected
        assert read(put(tmp_path / "data.json", json.dumps(rows, indent=indent))) == expected
