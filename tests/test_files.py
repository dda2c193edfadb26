"""Files that others made, good and damaged: each is read whole or gets one line that says what to do."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfinstruct.errors import UsageError
from selfinstruct.rows.formats.formats import rows_of
from selfinstruct.rows.reading import read_rejected, read_tasks
from selfinstruct.rows.writing.writing import write_rows
from selfinstruct.task import Instance, Message, Task, task_to_row
from selfinstruct.text.nothing import no_input

datasets = pytest.importorskip("datasets")
pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

LONG = "很长的回答, long. " * 7_000
ADD = Task("1", "Add.", (Instance("1, 2", "3"),))
SAID = (Message(role="user", content="Hi, who?"), Message(role="assistant", content='A "bot".\n机器人。'))
TASKS = [
    ADD,
    Task("2", '说："你好"。\n', (Instance("", "a\rb\r\nc\nd"), Instance(";\t,", '"')), (), True, "propose", ("1",)),
    Task("3", LONG, (Instance(LONG, LONG),), extra={"name": "歌", "score": 0.5}),
    Task("4", "Hi, who?", turns=SAID, extra={"meta": {"tags": ["x", "y"]}}),
]
CONTAINERS = [".jsonl", ".json", ".csv", ".parquet", ""]


def saved(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def put(path: Path, **columns: list[Any]) -> Path:
    """A table that something else than selfinstruct wrote."""
    if path.suffix == ".parquet":
        parquet.write_table(pyarrow.table(columns), path)
    else:
        datasets.Dataset.from_dict(columns).save_to_disk(path)
    return path


def complaint(path: Path) -> str:
    with pytest.raises(UsageError) as caught:
        read_tasks(path)
    assert str(path) in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 2 * len(str(path)) + 420
    return str(caught.value)


# Out and in again


@pytest.mark.parametrize("ending", CONTAINERS)
@pytest.mark.parametrize("form", ["alpaca", "completion", "messages", "seed", "sharegpt"])
def test_round_trip(form: str, ending: str, tmp_path: Path) -> None:
    rows = list(rows_of(TASKS, form))
    if ending == ".csv" and form in ("messages", "seed", "sharegpt"):
        with pytest.raises(UsageError, match="do not fit into CSV: use"):
            write_rows(tmp_path / "data.csv", rows)
        return
    assert write_rows(tmp_path / f"data{ending}", rows) == len(rows)
    found = read_tasks(tmp_path / f"data{ending}")
    write_rows(tmp_path / "lines" / "data.jsonl", rows)
    assert found == read_tasks(tmp_path / "lines" / "data.jsonl")
    if form == "seed":
        assert found == TASKS
    if form in ("alpaca", "completion"):
        outputs = [instance.output for task in found for instance in task.instances]
        assert [output.removeprefix(" ") for output in outputs] == ["3", "a\rb\r\nc\nd", '"', LONG, SAID[1]["content"]]


cells = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
flat = st.lists(
    st.builds(Instance, cells.filter(lambda cell: not cell or not no_input(cell)), cells.filter(str.strip)),
    min_size=1,
    max_size=4,
)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(instances=flat)
@pytest.mark.parametrize("ending", [".jsonl", ".json", ".csv", ".parquet"])
def test_any_text_comes_back(ending: str, instances: list[Instance], tmp_path: Path) -> None:
    given = [Task(f"t_{n}", f"Say {one.input}.", (one,)) for n, one in enumerate(instances)]
    write_rows(tmp_path / f"t{ending}", rows_of(given, "alpaca"))
    found = read_tasks(tmp_path / f"t{ending}")
    assert [(task.instruction, task.instances) for task in found] == [(one.instruction, one.instances) for one in given]


# What others write

SUNG = [Task("data_0", "Sing, 唱歌", (Instance("", "La; la"),))]
TABLES: dict[str, tuple[str, list[Task]]] = {
    "byte order mark, Chinese": ('\ufeffinstruction,output\n"Sing, 唱歌",La; la\n', SUNG),
    "Excel's semicolons": ('instruction;output\nSing, 唱歌;"La; la"\n', SUNG),
    "tabs": ("instruction\toutput\nSing, 唱歌\tLa; la\n", SUNG),
    "pandas' index": (',prompt,response\n0,"Sing, 唱歌",La; la\n', SUNG),
    "blank lines and spaces": ('\ninstruction, output\n\n"Sing, 唱歌",La; la\n\n', SUNG),
    "quotes and line ends": (
        'instruction,output\r\n"Say ""a, b"".","La\r\nla\n\nla"\r\n',
        [Task("data_0", 'Say "a, b".', (Instance("", "La\r\nla\n\nla"),))],
    ),
    "empty cells": (
        "id,instruction,input,output,is_classification,n\n,Sing,,La,,2\n,Add,1,,true,\n",
        [
            Task("data_0", "Sing", (Instance("", "La"),), extra={"n": "2"}),
            Task("data_1", "Add", is_classification=True, extra={"input": "1"}),
        ],
    ),
    "very long cells": (f'question,answer\n"{LONG}",{LONG[:5]}\n', [Task("data_0", LONG, (Instance("", LONG[:5]),))]),
}


@pytest.mark.parametrize("name", TABLES)
def test_csv(name: str, tmp_path: Path) -> None:
    content, expected = TABLES[name]
    assert read_tasks(saved(tmp_path / "data.csv", content)) == expected


def speakers(person: str, machine: str) -> list[dict[str, str]]:
    return [{"from": person, "value": SAID[0]["content"]}, {"from": machine, "value": SAID[1]["content"]}]


CHAT = Task("data_0", "Hi, who?", turns=SAID)
ONE = Task("data_0", "Why?", (Instance("", "So."),))
LAYOUTS: dict[str, tuple[dict[str, Any], Task]] = {
    "ShareGPT": ({"id": "x_1", "conversations": speakers("human", "gpt")}, replace(CHAT, id="x_1")),
    "ShareGPT, a number": ({"id": 7, "conversations": speakers("user", "assistant")}, replace(CHAT, id="7")),
    "ShareGPT, items": ({"id": "x", "items": speakers("human", "gpt"), "n": 1}, replace(CHAT, id="x", extra={"n": 1})),
    "roles in conversations": ({"conversations": list(SAID)}, CHAT),
    "messages": ({"messages": list(SAID), "source": "s"}, replace(CHAT, extra={"source": "s"})),
    "messages and prompt": ({"prompt": "Hi", "messages": list(SAID)}, replace(CHAT, extra={"prompt": "Hi"})),
    "prompt, completion": ({"prompt": "Why?", "completion": "So."}, ONE),
    "prompt alone": ({"prompt": "Why?"}, replace(ONE, instances=())),
    "question, answer": ({"question": "Why?", "answer": "So."}, ONE),
    "Dolly": (
        {"instruction": "Why?", "context": "It rains.", "response": "So.", "category": "open_qa"},
        Task("data_0", "Why?", (Instance("It rains.", "So."),), extra={"category": "open_qa"}),
    ),
    "Dolly, open": (
        {"instruction": "Why?", "context": "x", "response": ""},
        Task("data_0", "Why?", extra={"input": "x"}),
    ),
    "ours go first": (
        {"instruction": "Why?", "output": "So.", "prompt": "p", "response": "r"},
        replace(ONE, extra={"prompt": "p", "response": "r"}),
    ),
    "seeds keep other keys": (
        {"instruction": "Why?", "instances": [{"input": "", "output": "So."}], "answer": 3, "context": [1]},
        replace(ONE, extra={"answer": 3, "context": [1]}),
    ),
}


@pytest.mark.parametrize("ending", [".jsonl", ".json", ".parquet", ""])
@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts(name: str, ending: str, tmp_path: Path) -> None:
    row, expected = LAYOUTS[name]
    write_rows(tmp_path / f"data{ending}", [row])
    assert read_tasks(tmp_path / f"data{ending}") == [expected]


@pytest.mark.parametrize("ending", [".parquet", ""])
def test_tables_of_all_sorts_of_values(ending: str, tmp_path: Path) -> None:
    path = put(
        tmp_path / f"data{ending}",
        question=["Why?", "Who?"],
        answer=["So.", None],
        when=[datetime.datetime(2024, 5, 1, 12, 30), None],
        score=[float("nan"), 0.5],
        blob=[b"\xff\x00", b"text"],
        meta=[{"a": 1, "b": None}, {"a": None, "b": "x"}],
    )
    found = read_tasks(path)
    assert [task.instances for task in found] == [(Instance("", "So."),), ()]
    assert found[0].extra == {"when": "2024-05-01 12:30:00", "meta": {"a": 1}}
    assert found[1].extra == {"score": 0.5, "blob": "text", "meta": {"b": "x"}}
    write_rows(tmp_path / "again.jsonl", map(task_to_row, found))


# Damage

OK = '{"instruction": "Sing."}'
NAMES = "instruction,output\n"
FAULTS: list[tuple[str, str | bytes, str]] = [
    ("csv", "", "is empty: it needs at least one task"),
    ("csv", NAMES, "is empty: it needs at least one task"),
    ("csv", "a,b\nSing,1\n", ", row 2: no instruction: the row has a, b; say which it is"),
    ("csv", NAMES + "Sing,La\n,La\n", ', row 3: no instruction: it is ""'),
    ("csv", b"instruction\ncaf\xe9\n", ", row 2: not UTF-8 (byte 0xe9); it looks like cp1252: add --encoding"),
    ("csv", NAMES + "La,La\nGo, go,La", ", row 3: 3 cells; the first line names 2: 'Go, go,La'; a text with ',' in"),
    ("csv", NAMES + "Sing\n", ", row 2: 1 cells; the first line names 2: 'Sing\\n'"),
    ("csv", NAMES + '"Go,on\nand on', ", row 2: no CSV (unexpected end of data): '\"Go,on\\n'; texts go into q"),
    ("csv", NAMES + '"Go" on,La\n', ", row 2: no CSV (',' expected after '\"'): '\"Go\" on,La\\n'; texts go"),
    ("csv", "output,output\nLa,Lo\n", ", row 1 names the column 'output' twice: rename one of them"),
    ("csv", "prompt,is_classification\nSing,maybe\n", ', row 2: is_classification is "maybe", not true, false'),
    ("parquet", "", "is no Parquet that can be read (Parquet file size is 0 bytes): write it again"),
    ("parquet", "PAR1 but no more PAR1", "is no Parquet that can be read ("),
    (
        "json",
        f'[{OK}, {{"inst',
        "is no JSON list from item 2 on (line 1): no JSON (Unterminated string starting at): '",
    ),
    ("json", '[{"items": [{"from": "me", "value": ""}]}]', ', item 1: nobody is called "me" in items; there are user'),
    ("jsonl", "{}", ", line 1: no instruction: the row has nothing; say which"),
    ("jsonl", OK + "\n" + OK[:-3], f", line 2: no JSON (Unterminated string starting at): '{OK[:-3]}'; one object a"),
    (
        "jsonl",
        '{"a\\u001b\\ud800\u2028\x9b": 1}',
        ", line 1: no instruction: the row has a\\x1b\\ud800 \\x9b; say which",
    ),
    ("xlsx", b"PK\x03\x04\xff", "cannot read '.xlsx' files ("),
    ("txt", "Sing.\nRest.\n", ", document 1: no instruction, only a text: --layout marked reads what is said in it"),
]


@pytest.mark.parametrize(("ending", "content", "words"), FAULTS)
def test_a_fault_gets_one_line(ending: str, content: str | bytes, words: str, tmp_path: Path) -> None:
    assert words in complaint(saved(tmp_path / f"data.{ending}", content))


@pytest.mark.parametrize("ending", [".parquet", ""])
def test_faults_in_tables(ending: str, tmp_path: Path) -> None:
    cases: dict[str, dict[str, list[Any]]] = {
        ", row 2: no instruction: the row has output; say which": {
            "instruction": ["Sing", None],
            "output": ["La", "Lo"],
        },
    }
    for number, (words, columns) in enumerate(cases.items()):
        assert words in complaint(put(tmp_path / f"data{number}{ending}", **columns))


def test_folders(tmp_path: Path) -> None:
    half = datasets.Dataset.from_dict({"instruction": ["Sing."]})
    datasets.DatasetDict({"train": half, "test": half}).save_to_disk(tmp_path / "both")
    (tmp_path / "none").mkdir()
    assert "is a folder without tasks.jsonl, no run: give a run's folder or a file" in complaint(tmp_path / "none")
    both = tmp_path / "both"
    assert f"holds several datasets: give one of them: {both}/test, {both}/train" in complaint(both)
    assert [task.instruction for task in read_tasks(both / "train")] == ["Sing."]
    (both / "train" / "data-00000-of-00001.arrow").unlink()
    assert "is no dataset that can be read (" in complaint(both / "train")


@pytest.mark.parametrize("line", ["7", "{}", '{"text": "x"}', '{"text": "x", "category": "y", "instances": 7}'])
def test_what_is_no_rejection(line: str, tmp_path: Path) -> None:
    saved(tmp_path / "rejected.jsonl", line)
    with pytest.raises(UsageError, match="line 1 is no row of a run: give the folder of one"):
        list(read_rejected(tmp_path))


# Anything at all

START = {".csv": b"instruction,output\n", ".parquet": b"PAR1", ".json": b"[", ".jsonl": b"{", ".txt": b"\xef", "": b"{"}


def damaged(good: bytes) -> st.SearchStrategy[bytes]:
    """A few bytes replaced, cut out or put in."""
    place, bit = st.integers(0, len(good)), st.binary(max_size=4)
    return st.tuples(place, place, bit).map(lambda cut: good[: min(cut[:2])] + cut[2] + good[max(cut[:2]) :])


def check(path: Path) -> None:
    try:
        said = f"{path}: {len(read_tasks(path))} tasks"
    except UsageError as error:
        said = str(error)
    assert str(path) in said
    assert said.isprintable()


fuzzed = settings(deadline=5000, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@fuzzed
@given(data=st.data())
@pytest.mark.parametrize("ending", START)
def test_any_bytes(ending: str, data: st.DataObject, tmp_path: Path) -> None:
    start = data.draw(st.sampled_from([b"", START[ending]]))
    check(saved(tmp_path / f"data{ending}", start + data.draw(st.binary(max_size=200))))


@pytest.mark.parametrize("ending", CONTAINERS)
def test_damaged_files(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"data{ending}"
    write_rows(path, rows_of(TASKS[:2], "alpaca"))
    good = {file: file.read_bytes() for file in (path.iterdir() if path.is_dir() else [path])}

    @fuzzed
    @given(data=st.data())
    def attempt(data: st.DataObject) -> None:
        for file, content in good.items():
            saved(file, data.draw(damaged(content) | st.just(content)))
        check(path)

    attempt()
