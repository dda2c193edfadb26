"""Tasks from files and into files: every published shape is read, and every container written."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.errors import UsageError
from selfinstruct.rows.formats.formats import FORMATS, rows_of
from selfinstruct.rows.layouts.layouts import task_of
from selfinstruct.rows.notes import Notes
from selfinstruct.rows.reading import read_tasks
from selfinstruct.rows.writing.writing import write_rows
from selfinstruct.running.recipe_file import shipped
from selfinstruct.task import Instance, Message, Task, task_to_row

TURNS = (Message(role="user", content="你好!"), Message(role="assistant", content="Hello."))
SONG = Task(
    "a-1", "Name a song.", (Instance("", "Yesterday"), Instance("Year: 1969", "Something\nGeorge's")), (), False
)
CHAT = Task("a-2", "Greet me.", turns=TURNS, origin="chat", parents=("a-1",), requests=("abc",), extra={"score": 7})
BARE = Task("a-3", "Wait.")
AWKWARD = 'a "quoted", {brace} {0} {} \r\n \u2028 \x85 %s\t\\n'

texts = st.text(st.characters(exclude_categories=[]), max_size=20)
tasks = st.builds(
    Task,
    id=texts.filter(bool),  # an empty one is none
    instruction=texts.filter(str.strip),
    instances=st.lists(st.builds(Instance, texts, texts), max_size=3).map(tuple),
    turns=st.lists(st.builds(Message, role=st.sampled_from(["system", "user"]), content=texts), max_size=3).map(tuple),
    is_classification=st.none() | st.booleans(),
    origin=texts,
    parents=st.lists(texts, max_size=2).map(tuple),
    requests=st.lists(texts, max_size=2).map(tuple),
    extra=st.dictionaries(st.sampled_from(["name", "input", "output", "score"]), texts | st.integers()),
)


def rows(form: str, *given: Task) -> list[dict[str, Any]]:
    return list(rows_of(given, form))


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# Reading


def test_published_seeds(tmp_path: Path) -> None:
    row = '{"id": "seed_task_%d", "name": "x", "instruction": "Sing.", "instances": [{"input": "", "output": "La"}], '
    path = written(tmp_path / "seeds.jsonl", "".join(row % n + '"is_classification": false}\n' for n in range(3)))
    found = read_tasks(path)
    assert [task.id for task in found] == ["seed_task_0", "seed_task_1", "seed_task_2"]
    assert found[0].extra == {"name": "x"}
    assert found[0].instances == (Instance("", "La"),)
    assert len(read_tasks(shipped("seeds") / "seed_tasks.jsonl")) == 175


@settings(deadline=None)
@given(few=st.lists(tasks, min_size=1, max_size=4, unique_by=lambda task: task.id))
def test_our_own_rows(few: list[Task], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("run")
    write_rows(folder / "tasks.jsonl", rows("seed", *few))
    write_rows(folder / "tasks.json", rows("seed", *few))
    expected = json.loads(json.dumps([task_to_row(task) for task in few]))  # joins the halves of surrogate pairs
    for place in (folder, folder / "tasks.jsonl", folder / "tasks.json"):
        assert [task_to_row(task) for task in read_tasks(place)] == expected


ALPACA = [
    {"instruction": "Add.", "input": "1, 2", "output": "3"},
    {"instruction": "Sing.", "input": "", "output": "La"},
    {"instruction": "Wait.", "input": None, "output": "I wait.", "source": "mine"},
    {"instruction": "Rest.", "output": "Zzz"},
]
ALPACA_TASKS = [
    Task("data_0", "Add.", (Instance("1, 2", "3"),)),
    Task("data_1", "Sing.", (Instance("", "La"),)),
    Task("data_2", "Wait.", (Instance("", "I wait."),), extra={"source": "mine"}),
    Task("data_3", "Rest.", (Instance("", "Zzz"),)),
]
LINES = "\n".join(map(json.dumps, ALPACA))


@pytest.mark.parametrize(
    ("name", "content"),
    {
        "a list": ("data.json", json.dumps(ALPACA, indent=4)),
        "a list after blank lines": ("data.jsonl", "\n \n" + json.dumps(ALPACA)),
        "lines": ("data.jsonl", LINES + "\n"),
        "lines in a .json file": ("data.json", LINES),
        "no ending": ("data", LINES),
        "byte order mark": ("data.jsonl", "\ufeff" + LINES),
        "list with byte order mark": ("data.json", "\ufeff" + json.dumps(ALPACA)),
        "Windows line ends": ("data.jsonl", LINES.replace("\n", "\r\n") + "\r\n"),
        "old Mac line ends": ("data.jsonl", LINES.replace("\n", "\r")),
        "blank lines": ("data.jsonl", "\n\n" + LINES.replace("\n", "\n \t\n\n") + "\n\n"),
    }.values(),
)
def test_alpaca_in_every_wrapping(name: str, content: str, tmp_path: Path) -> None:
    assert read_tasks(written(tmp_path / name, content)) == ALPACA_TASKS


def test_separators_inside_texts_are_no_line_ends(tmp_path: Path) -> None:
    text = '{"instruction": "One\u2028two\x85three\x0cfour."}\n'
    assert read_tasks(written(tmp_path / "a.jsonl", text.replace("\x0c", "\\f")))[0].instruction.count("t") == 2


def test_alpaca_without_an_output_is_a_task_without_instances(tmp_path: Path) -> None:
    """Some of the published 52,000 have an empty output. The input is not lost."""
    text = (
        '[{"instruction": "Add.", "input": "1, 2", "output": ""}, {"instruction": "Sing.", "input": "", "output": ""}]'
    )
    assert read_tasks(written(tmp_path / "data.json", text)) == [
        Task("data_0", "Add.", extra={"input": "1, 2"}),
        Task("data_1", "Sing."),
    ]


def test_instances_that_are_null_do_not_hide_an_output(tmp_path: Path) -> None:
    text = '{"instruction": "Sing.", "instances": null, "output": "La"}'
    assert read_tasks(written(tmp_path / "data.jsonl", text)) == [Task("data_0", "Sing.", (Instance("", "La"),))]


def test_an_id_that_is_null_is_none(tmp_path: Path) -> None:
    text = '{"id": null, "instruction": "Sing."}\n{"id": null, "instruction": "Rest."}\n{"id": 7, "instruction": "Go."}'
    assert [task.id for task in read_tasks(written(tmp_path / "data.jsonl", text))] == ["data_0", "data_1", "7"]


OK = '{"instruction": "Sing."}\n'
FAULTS: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "is empty: it needs at least one task, a line like {"),
    "blank": (" \n\n", "is empty"),
    "empty list": ("[]", "is empty"),
    "broken line": (OK + '{"instruction": "Sing.\n', ", line 2: no JSON (Invalid control character"),
    "cut line": (
        OK + "\n\n" + '{"instruction"',
        ", line 4: no JSON (Expecting ':' delimiter): '{\"instruction\"'; one ",
    ),
    "a long line": ("{" * 999, f"): '{'{' * 60}'; one object a line, or one list"),
    "broken list": ("[" + OK, "is no JSON list: it breaks off after item 1; get it again, or end it with ]"),
    "CSV": ("instruction,output\nSing.,La\n", ", line 1: no JSON (Expecting value): 'instruction,output'; one"),
    "a text": (OK + '"Sing."', ', line 2: a row is an object with an instruction; this one is "Sing."'),
    "a number": ("7", ", line 1: a row is an object with an instruction; this one is 7"),
    "null": (OK + "null", ", line 2: a row is an object with an instruction; this one is null"),
    "a list in a list": (
        "[" + OK + ', ["歌"]]',
        ', item 2: a row is an object with an instruction; this one is ["歌"]',
    ),
    "no instruction": (
        OK + '{"score": 3, "output": "x"}',
        ", line 2: no instruction: the row has score, output; say which it is: --columns instruction=…,output=…",
    ),
    "no instruction in a list": (
        f'[{OK}, {{"output": "x"}}]',
        ", item 2: no instruction: the row has output; say which",
    ),
    "only a text": ('{"text": "Sing."}', ", line 1: no instruction, only a text: --layout marked reads what is said"),
    "no turns": ('{"messages": []}', ", line 1: nobody asks anything in messages: it is []"),
    "no question": (
        '{"messages": [{"role": "assistant", "content": "La"}]}',
        ", line 1: nobody asks anything in messages: a conversation needs a turn of the user, with words",
    ),
    "turns of nobody": (
        '{"messages": [{"role": "narrator", "content": "La"}]}',
        ', line 1: nobody is called "narrator" in messages; there are user, assistant, system, tool and names like',
    ),
    "instruction null": ('{"instruction": null}', ", line 1: no instruction: the row has nothing; say which"),
    "instruction blank": ('{"instruction": " "}', ', line 1: no instruction: it is " "'),
    "instruction object": (
        '{"instruction": {"de": "Sing."}, "output": "La"}',
        ', line 1: instruction is {"de": "Sing."}, not a text: make it one, or leave it out',
    ),
    "tools in words": (
        '{"instruction": "Add.", "tools": "[abacus]"}',
        'tools and their calls are JSON; this is "[abacus]"',
    ),
    "instances text": ('{"instruction": "Add.", "instances": "x"}', ', line 1: instances is not a list but "x"'),
    "instances object": ('{"instruction": "Add.", "instances": {"input": "x"}}', "instances is not a list but {"),
    "instance text": ('{"instruction": "Add.", "instances": ["x"]}', 'the texts input and output; this one is "x"'),
    "instance empty": ('{"instruction": "Add.", "instances": [{"out": "x"}]}', 'this one is {"out": "x"}'),
    "label": ('{"instruction": "Add.", "is_classification": "yes"}', 'is_classification is "yes", not true, false or'),
    "Latin-1": (
        OK.encode() + b'{"instruction": "caf\xe9"}',
        ", line 2: not UTF-8 (byte 0xe9); it looks like cp1252: add --encoding cp1252",
    ),
    "UTF-16": (OK.encode("utf-16"), " is UTF-16, not UTF-8: add --encoding utf-16"),
    "an image": (b"\x89PNG\r\n\x1a\n", ", line 1: not UTF-8 (byte 0x89)"),
    "infinity": (
        '[{"instruction": "Add.", "score": -Infinity}]',
        ", item 1: no JSON (-Infinity is no JSON value; write",
    ),
    "deep": ('{"instruction": ' + "[" * 99_999, ", line 1: no JSON (nested too deeply"),
    "deep list": ("[" * 99_999, "is no JSON list from item 1 on (line 1): no JSON (nested too"),
    "a huge number": ('{"instruction": "Add.", "score": ' + "9" * 5000 + "}", ", line 1: no JSON (Exceeds the limit"),
    "control characters": ("\x1b[2J\n", ", line 1: no JSON (Expecting value): '\\x1b[2J'"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_gets_one_line(name: str, tmp_path: Path) -> None:
    content, words = FAULTS[name]
    path = written(tmp_path / "data.jsonl", content)
    with pytest.raises(UsageError) as caught:
        read_tasks(path)
    assert str(caught.value).startswith(str(path))
    assert words in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < len(str(path)) + 280


def test_nested_nearly_too_deep(tmp_path: Path) -> None:
    """What can just be parsed may be too deep to be quoted in the complaint about it."""
    for depth in range(900, 1000):
        path = written(tmp_path / "data.jsonl", '{"instruction": ' + "[" * depth + "]" * depth + "}")
        with pytest.raises(UsageError):
            read_tasks(path)


fields = st.sampled_from(["id", "instruction", "instances", "input", "output", "turns", "is_classification", "parents"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(fields | texts, inner, max_size=3),
    max_leaves=8,
)
near_rows = st.fixed_dictionaries({"instruction": texts | values}, optional={"output": values, "instances": values})


@settings(deadline=None, max_examples=300)
@given(content=st.binary() | st.lists(near_rows | values, max_size=3).map(lambda given: json.dumps(given).encode()))
def test_anything_is_tasks_or_one_clear_line(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = written(tmp_path_factory.getbasetemp() / "anything", content)
    try:
        found = read_tasks(path)
    except UsageError as error:
        said = str(error)
    else:
        assert found
        said = str(path)
    assert said.startswith(str(path))
    assert "\n" not in said


def test_places_without_tasks(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    written(tmp_path / "file", OK)
    for place, words in {
        tmp_path / "none.jsonl": "no such file: ",
        tmp_path / "folder": "is a folder without tasks.jsonl, no run: give a run's folder or a file",
        tmp_path / "file" / "below": "Not a directory",
        tmp_path / ("long" * 99): "File name too long",
    }.items():
        with pytest.raises(UsageError) as caught:
            read_tasks(place)
        assert words in str(caught.value)
        assert str(place) in str(caught.value)


# Containers


def test_json_lines_and_json(tmp_path: Path) -> None:
    given = rows("alpaca", SONG, Task("b", "说\u2028\x00。", (Instance(AWKWARD, "\ud800"),)))
    for name in ("new/deep/rows.jsonl", "rows.json", "ROWS.JSON"):
        assert write_rows(tmp_path / name, iter(given)) == 3
    assert [json.loads(line) for line in (tmp_path / "new/deep/rows.jsonl").read_bytes().split(b"\n")[:-1]] == given
    assert json.loads((tmp_path / "rows.json").read_bytes()) == given
    assert "说".encode() in (tmp_path / "rows.json").read_bytes()
    assert (tmp_path / "ROWS.JSON").read_bytes() == (tmp_path / "rows.json").read_bytes()


def test_csv(tmp_path: Path) -> None:
    given = rows("alpaca", SONG, Task("b", "说。", (Instance(AWKWARD, "a\rb\nc\r\nd"), Instance(",", '"'))))
    assert write_rows(tmp_path / "rows.csv", given) == 4
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file)) == given


def test_csv_of_rows_that_differ(tmp_path: Path) -> None:
    given = [{"reason": "too short", "text": "Hm", "task": "a"}, {"reason": "cut", "text": "\ud800", "\udfff": "b"}]
    write_rows(tmp_path / "rows.csv", given)
    assert (tmp_path / "rows.csv").read_bytes() == b"reason,text,task,?\r\ntoo short,Hm,a,\r\ncut,?,,b\r\n"


def test_csv_does_not_take_lists(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"rows\.csv: rows with lists do not fit into CSV: use \.jsonl, or --to alpaca"
    ):
        write_rows(tmp_path / "rows.csv", rows("messages", SONG))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("form", FORMATS)
def test_parquet(form: str, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    pandas = pytest.importorskip("pandas")
    given = rows(form, SONG, CHAT, BARE, Task("b", "说\u2028\x00。", (Instance(AWKWARD, "😀"),)))
    assert write_rows(tmp_path / "new" / "rows.parquet", given) == len(given)
    frame = pandas.read_parquet(tmp_path / "new" / "rows.parquet", dtype_backend="pyarrow")
    found = json.loads(frame.to_json(orient="records"))
    assert [without_null(row) for row in found] == [without_null(row) for row in given]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["rows.parquet"]


def without_null(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def test_parquet_takes_what_has_no_bytes(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    write_rows(tmp_path / "rows.parquet", [{"text": "a\ud800", "turns": [{"role": "\udfff"}], "\ud800": 1}])
    row = pandas.read_parquet(tmp_path / "rows.parquet").iloc[0]
    assert (row["text"], row["turns"][0]["role"], row["?"]) == ("a?", "?", 1)


@pytest.mark.parametrize("odd", [[{"a": 1}, {"a": "x"}], [{"a": {}}], [{"a": 2**70}], [{"a": [1, "x"]}]])
@pytest.mark.parametrize(("name", "kind"), [("rows.parquet", "Parquet"), ("rows", "a dataset")])
def test_rows_that_do_not_fit_into_a_table(name: str, kind: str, odd: list[dict[str, Any]], tmp_path: Path) -> None:
    pytest.importorskip("datasets")
    if name == "rows" and odd == [{"a": {}}]:
        return  # a dataset takes it
    with pytest.raises(UsageError, match=rf"{name}: the rows do not fit into {kind} \(.*\): use \.jsonl or \.json"):
        write_rows(tmp_path / name, odd)
    assert not list(tmp_path.iterdir())


def test_a_hugging_face_dataset(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    given = rows("seed", SONG, CHAT)
    assert write_rows(tmp_path / "new" / "data", given) == 2
    found = datasets.load_from_disk(tmp_path / "new" / "data").to_list()
    assert [without_null(row) for row in found] == [without_null(row) for row in given]


@pytest.mark.parametrize(("name", "package"), [("rows.parquet", "pyarrow"), ("data", "datasets")])
def test_a_package_that_is_not_there(name: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip(package)
    write_rows(tmp_path / name, rows("alpaca", SONG))
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setitem(sys.modules, package, None)
    words = rf"{name} needs the package {package}: pip install 'selfinstruct\[data\]'"
    with pytest.raises(UsageError, match=words):
        read_tasks(tmp_path / name)
    with pytest.raises(UsageError, match="new-" + words):
        write_rows(tmp_path / f"new-{name}", rows("alpaca", SONG))
    assert sorted(tmp_path.rglob("*")) == before


def test_no_rows_at_all(tmp_path: Path) -> None:
    for name in ("rows.jsonl", "rows.json", "rows.csv"):
        assert write_rows(tmp_path / name, []) == 0
    assert [(tmp_path / name).read_bytes().strip() for name in ("rows.jsonl", "rows.json", "rows.csv")] == [
        b"",
        b"[]",
        b"",
    ]
    with pytest.raises(UsageError, match="there are no rows, and datasets reads no folder without any: use"):
        write_rows(tmp_path / "rows", [])
    pandas = pytest.importorskip("pandas")
    write_rows(tmp_path / "rows.parquet", [])
    assert len(pandas.read_parquet(tmp_path / "rows.parquet")) == 0


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    written(tmp_path / "file", "mine")
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "run").mkdir()
    written(tmp_path / "run" / "tasks.jsonl", OK)
    before = sorted(tmp_path.rglob("*"))
    for place, words in {
        tmp_path / "rows.xls": "cannot write '.xls' files (",
        tmp_path / "new" / "rows.txt": "use .jsonl, .json, .csv, .parquet, or no ending (a folder)",
        tmp_path / "file" / "rows.jsonl": "choose another --out",
        tmp_path / "file" / "far" / "rows.json": "choose another --out",
        tmp_path / "folder.jsonl": "Is a directory; choose another --out",
        tmp_path / f"{'long' * 99}.csv": "File name too long; choose another --out",
        tmp_path / "file": "exists and is no dataset: choose another --out, a new folder or *.jsonl",
        tmp_path / "run": "exists and is no dataset: choose another --out, a new folder or *.jsonl",
    }.items():
        with pytest.raises(UsageError) as caught:
            write_rows(place, rows("alpaca", SONG))
        assert words in str(caught.value)
        assert str(place) in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "file").read_text() == "mine"


def test_many_rows(tmp_path: Path) -> None:
    """As many as Alpaca has, in and out again."""
    many = [Task(f"a-{n}", f"Name {n} rivers.", (Instance("", "Rhine, " * 20),)) for n in range(52_000)]
    assert write_rows(tmp_path / "tasks.jsonl", rows("seed", *many)) == 52_000
    assert read_tasks(tmp_path) == many


@pytest.mark.parametrize("given", ["<noinput>", "No input", "N/A", "None", "无", "（无）"])
def test_an_input_that_says_that_there_is_none_is_none(given: str) -> None:
    notes = Notes()
    task = task_of({"instruction": "Name a river.", "input": given, "output": "The Loire"}, "x", notes)
    assert task.instances == (Instance("", "The Loire"),)
    assert notes.done == {"an input that says that there is none, read as none": 1}
    seed = {"instruction": "Name a river.", "instances": [{"input": given, "output": "The Loire"}]}
    assert task_of(seed, "x").instances == (Instance("", "The Loire"),)
    assert task_of(seed | {"origin": "alpaca"}, "x").instances[0].input == given


def test_a_word_to_work_on_is_an_input() -> None:
    row = {"instruction": "Translate the word into French.", "input": "nothing", "output": "rien"}
    assert task_of(row, "x").instances == (Instance("nothing", "rien"),)
