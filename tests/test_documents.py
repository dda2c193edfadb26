"""Documents: texts to be read on from, out of anybody's files; every one is there once, whatever holds it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.errors import UsageError
from selfinstruct.rows.containers import plain, read_rows
from selfinstruct.rows.documents import are_texts, documents_in, said_in
from selfinstruct.rows.notes import Notes

FOX, OWL = "A fox went out.\nIt was night.", "[Chapter 1] The owl: “who?”"
END = "<|endoftext|>"


def put(path: Path, text: str | bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


def lines(path: Path, *rows: Any) -> str:
    return put(path, "".join(f"{json.dumps(row)}\n" for row in rows))


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a.txt", FOX, [FOX]),
        ("a.txt", f"\n{FOX}\n\n", [FOX]),
        ("a.text", OWL, [OWL]),
        ("a.txt", f"{FOX}\n{END}\n{OWL}\n{END}\n", [FOX, OWL]),
        ("a.txt", f"{FOX}{END}{OWL}", [FOX, OWL]),
        ("a.txt", f"{END}\n{FOX}\n{END}\n \n{END}", [FOX]),
        ("a.txt", FOX.replace("\n", "\r\n"), [FOX]),
        ("a.txt", "\ufeff" + FOX, [FOX]),
        ("a.txt", "", []),
        ("a.txt.gz", gzip.compress(OWL.encode(), mtime=0), [OWL]),
        ("a.txt", '{"text": "in JSON"}\n', ["in JSON"]),
        ("a.txt", '[{"text": "in JSON"}]\n', ["in JSON"]),
        ("a.jsonl", '{"text": "one", "url": "x"}\n{"text": "two"}\n', ["one", "two"]),
        ("a.jsonl", '{"content": "code", "path": "a.py"}\n', ["code"]),
        ("a.jsonl", '{"raw_content": "page", "digest": "x"}\n', ["page"]),
        ("a.csv", "text,label\nred,1\nblue,0\n", ["red", "blue"]),
        ("a.json", '{"type": "text_only", "instances": [{"text": "one"}, {"text": "two"}]}', ["one", "two"]),
    ],
)
def test_what_holds_documents(name: str, content: str | bytes, found: list[str], tmp_path: Path) -> None:
    assert list(documents_in([put(tmp_path / name, content)])) == found


def test_parquet_and_folders_of_texts(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pyarrow.table({"text": [FOX, OWL], "id": [1, 2]}), tmp_path / "a.parquet")
    assert list(documents_in([str(tmp_path / "a.parquet")])) == [FOX, OWL]
    for name, text in (("texts/2.txt", OWL), ("texts/10.txt", FOX), ("texts/README.txt", "about them")):
        put(tmp_path / name, text)
    assert list(documents_in([str(tmp_path / "texts")])) == [OWL, FOX], "2 before 10, and what is beside them is none"
    put(tmp_path / "rows" / "notes.txt", "beside the data")
    lines(tmp_path / "rows" / "a.jsonl", {"text": FOX})
    assert list(documents_in([str(tmp_path / "rows")])) == [FOX]


@given(parts=st.lists(st.text("ab \n\r你<|>", max_size=30), max_size=5), chunk=st.sampled_from([3, 7, 1 << 18]))
def test_any_text(parts: list[str], chunk: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """However it is cut while it is read, and wherever."""
    path = tmp_path_factory.mktemp("text") / "a.txt"
    put(path, f"\n{END}\n".join(parts))
    wanted = [part.replace("\r\n", "\n").replace("\r", "\n") for part in parts]
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(plain, "CHUNK", chunk)
        found = list(documents_in([str(path)]))
    assert ["".join(one.split()) for one in found] == [joined for one in wanted if (joined := "".join(one.split()))]
    assert all(text.strip("\n") == text for text in found)


def test_a_long_document_is_several_and_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "LONGEST", 40)
    monkeypatch.setattr(plain, "CHUNK", 16)
    text = "".join(f"line {number}\n" for number in range(30)) + "x" * 100
    found = list(documents_in([put(tmp_path / "a.txt", text)]))
    assert max(map(len, found)) <= 40
    assert "".join(found).replace("\n", "") == text.replace("\n", "")
    assert all(part.startswith("line") for part in found[:6]), "cut between lines where there are any"


def test_lines_are_documents_where_that_is_said(tmp_path: Path) -> None:
    text, rows = put(tmp_path / "a.txt", "one\n\ntwo\n"), lines(tmp_path / "b.jsonl", {"text": "three\nfour"})
    assert list(documents_in([text, rows], lines=True)) == ["one", "two", "three\nfour"]


def test_empty_ones_are_counted(tmp_path: Path) -> None:
    notes = Notes()
    path = lines(tmp_path / "a.jsonl", {"text": " "}, {"text": None}, {"text": FOX})
    assert list(documents_in([path], notes=notes)) == [FOX]
    assert notes.lines() == ["documents without any text: left out: 2 rows"]


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ({"page": "x"}, "", "line 1: no text in it: the row has page; name its column with --set column=NAME"),
        ({"text": "x"}, "page", "line 1: no text in page: the row has text; name its column"),
        ({"instruction": "a", "output": "b"}, "", "the row has instruction, output; export tasks with --to text first"),
        ({"text": ["x"], "id": "1"}, "", 'line 1: text is ["x"]; a document is a text'),
        ({"text": None}, "", "line 1: no text in it: the row has nothing"),
    ],
)
def test_a_row_that_is_no_document(row: Any, column: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        list(documents_in([lines(tmp_path / "a.jsonl", row)], column))
    assert said in str(caught.value)


def test_a_text_in_another_encoding_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a\.txt is not utf-8"):
        list(documents_in([put(tmp_path / "a.txt", "Grün".encode("latin-1"))]))


@pytest.mark.parametrize(
    ("row", "is_text"),
    [
        ({"text": FOX}, True),
        ({"text": FOX, "meta": {"set": "web"}, "source": "web"}, True),
        ({"id": "7", "title": "Foxes", "url": "x", "text": FOX}, True),
        ({"content": FOX}, False),
        ({"instruction": "Say it.", "output": "It."}, False),
        ({"text": "### Human: Hello\n### Assistant: Hello!"}, False),
        ({"message_id": "1", "parent_id": None, "text": "Hello", "role": "prompter"}, False),
        ({"text": 7}, False),
    ],
)
def test_texts_are_told_from_tasks(row: Any, is_text: bool, tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", row)
    assert are_texts([path]) is is_text
    assert are_texts([path, lines(tmp_path / "b.jsonl", {"instruction": "a", "output": "b"})]) is False


def test_what_cannot_be_told_is_left_to_who_reads_it(tmp_path: Path) -> None:
    assert not are_texts([])
    assert not are_texts(["-"]), "looking would use it up"
    assert not are_texts([str(tmp_path / "none.jsonl")])


def test_all_that_is_said(tmp_path: Path) -> None:
    tasks = lines(
        tmp_path / "a.jsonl",
        {"instruction": "Add.", "input": "1 1", "output": "2"},
        {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]},
    )
    assert list(said_in([tasks])) == ["Add.", "1 1", "2", "Hi", "Hello"]
    assert list(said_in([put(tmp_path / "b.txt", FOX)])) == [FOX]


def test_every_document_has_a_place(tmp_path: Path) -> None:
    path = put(tmp_path / "a.txt", f"{FOX}\n{END}\n{OWL}")
    assert [str(where) for where, _ in read_rows(path)] == [f"{path}, document 1", f"{path}, document 2"]
