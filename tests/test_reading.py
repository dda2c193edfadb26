"""Reading whole data: ids, instances of one task put together, bad rows, and what is told of all that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from selfinstruct import Instance, Task, UsageError
from selfinstruct.rows.formats.formats import rows_of
from selfinstruct.rows.ids import Ids
from selfinstruct.rows.notes import Bad, Notes
from selfinstruct.rows.reading import How, read_tasks, tasks_in, tasks_of
from selfinstruct.task import json_line


def written(path: Path, rows: list[Any]) -> Path:
    path.write_bytes(b"".join(row if isinstance(row, bytes) else json_line(row) for row in rows))
    return path


def alpaca(instruction: str, given: str = "", output: str = "Yes.", **more: Any) -> dict[str, Any]:
    return {"instruction": instruction, "input": given, "output": output, **more}


def test_a_row_without_an_id_is_called_after_its_file_and_place(tmp_path: Path) -> None:
    rows = [alpaca("Sing."), {"id": 7, **alpaca("Hum.")}, b"no JSON\n", alpaca("Rest.")]
    tasks = read_tasks(written(tmp_path / "songs.jsonl", rows), How(skip=True))
    assert [task.id for task in tasks] == ["songs_0", "7", "songs_3"]


def test_a_compressed_file_has_the_ids_of_the_file(tmp_path: Path) -> None:
    import gzip

    file = tmp_path / "songs.jsonl.gz"
    file.write_bytes(gzip.compress(json_line(alpaca("Sing."))))
    assert read_tasks(file)[0].id == "songs_0"


def test_an_id_that_repeats_gets_a_number_and_is_told(tmp_path: Path) -> None:
    rows = [{"id": id, **alpaca(f"Sing {n} songs.")} for n, id in enumerate(["a", "b", "a", "a", "a-2"])]
    notes = Notes()
    tasks = read_tasks(written(tmp_path / "songs.jsonl", rows), notes=notes)
    assert [task.id for task in tasks] == ["a", "b", "a-2", "a-3", "a-2-2"]
    assert notes.lines() == ["with an id that was there before, now numbered like x-2: 3 rows"]


def test_files_of_one_name_have_different_ids(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    files = [written(tmp_path / folder / "a.jsonl", [alpaca(f"Sing {folder}.")]) for folder in ("one", "two")]
    assert [task.id for task in tasks_in(files)] == ["a_0", "a_1"]


@given(some.lists(some.one_of(some.none(), some.sampled_from(["f_0", "f_1", "f_2", "f_3-2", "x", "x-2", "g_1"]))))
def test_ids_always_differ(given: list[str | None]) -> None:
    ids, found = Ids(), []
    for own in given:
        place = ids.of_place("folder/f.jsonl")
        found.append(ids.taken(place if own is None else own, of_place=own is None))
    assert len(set(found)) == len(found)
    for own in {own for own in given if own and not own.startswith("f_") and "-" not in own}:
        assert found[given.index(own)] == own  # the first of a name keeps it


def test_one_id_for_all_rows_takes_no_longer() -> None:
    """Each was compared with all numbers before it: 20,000 rows took minutes."""
    ids = Ids()
    found = [ids.taken("train", of_place=False) for _ in range(20_000)]
    assert found[:3] == ["train", "train-2", "train-3"]
    assert found[-1] == "train-20000"


def test_more_ids_than_the_set_holds_are_still_known() -> None:
    ids = Ids()
    assert [ids.taken(str(n), of_place=False) for n in range(250_000)] == [str(n) for n in range(250_000)]
    assert ids.taken("3", of_place=False) == "3-2"
    assert ids.taken("249999", of_place=False) == "249999-2"


SHUFFLED = [
    alpaca("Add.", "1, 2"),
    alpaca("Sing."),
    alpaca("Add.", "3, 4"),
    alpaca("Add.", "1, 2", "3"),
    alpaca("Add."),
]


def test_equal_instructions_with_other_inputs_are_one_task(tmp_path: Path) -> None:
    tasks = read_tasks(written(tmp_path / "a.jsonl", SHUFFLED))
    assert [(task.id, task.instruction, [i.input for i in task.instances]) for task in tasks] == [
        ("a_0", "Add.", ["1, 2", "3, 4", ""]),
        ("a_1", "Sing.", [""]),
        ("a_3", "Add.", ["1, 2"]),  # what says the same again stays a task, for filters to find
    ]


def test_a_stream_puts_neighbours_together(tmp_path: Path) -> None:
    tasks = tasks_in(written(tmp_path / "a.jsonl", SHUFFLED))
    assert [[i.input for i in task.instances] for task in tasks] == [["1, 2"], [""], ["3, 4", "1, 2", ""]]


def test_rows_with_ids_or_other_keys_stay_apart(tmp_path: Path) -> None:
    rows = [
        alpaca("Add.", "1", id="x"),
        alpaca("Add.", "2", id="y"),
        alpaca("Add.", "3"),
        alpaca("Add.", "4", kind="z"),
    ]
    assert len(read_tasks(written(tmp_path / "a.jsonl", rows))) == 4


@given(
    some.lists(some.tuples(some.sampled_from("ab"), some.lists(some.text("xy", max_size=3), min_size=1, unique=True)))
)
def test_an_export_read_again_has_the_same_tasks(made: list[tuple[str, list[str]]]) -> None:
    """Which it had not, row by row: of 300 tasks with 613 instances novelty kept 300 rows and dropped the others."""
    tasks = [
        Task(f"t{n}", f"{letter}{n}", tuple(Instance(given, "out") for given in inputs))
        for n, (letter, inputs) in enumerate(made)
    ]
    again = tasks_of(rows_of(tasks, "alpaca"))
    assert [(task.instruction, task.instances) for task in again] == [(t.instruction, t.instances) for t in tasks]


def test_rows_in_memory_are_read_like_those_in_files(tmp_path: Path) -> None:
    in_file = read_tasks(written(tmp_path / "row.jsonl", SHUFFLED))
    assert tasks_of(SHUFFLED) == in_file


BROKEN = [alpaca("Sing."), b'{"instruction": \n', alpaca("Hum."), {"output": "Nothing was asked."}, b"\xff\xfe\n"]


def test_one_bad_row_stops_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a\.jsonl, line 2"):
        read_tasks(written(tmp_path / "a.jsonl", BROKEN))


def test_bad_rows_are_left_out_and_named(tmp_path: Path) -> None:
    notes, found = Notes(), list[Bad]()
    tasks = read_tasks(written(tmp_path / "a.jsonl", BROKEN), How(skip=True), notes, found.append)
    assert [task.instruction for task in tasks] == ["Sing.", "Hum."]
    assert [bad.where.number for bad in found] == [2, 4, 5] == [bad.where.number for bad in notes.bad]
    assert notes.left_out == 3
    assert all(str(tmp_path / "a.jsonl") in line for line in notes.lines()[:3])


def test_only_the_first_ten_are_named_one_by_one(tmp_path: Path) -> None:
    notes, found = Notes(), list[Bad]()
    rows = [*[b"{\n"] * 25, alpaca("Sing.")]
    read_tasks(written(tmp_path / "a.jsonl", rows), How(skip=True), notes, found.append)
    assert len(found) == 25
    assert len(notes.lines()) == 11
    assert notes.lines()[-1] == "and 15 more rows were left out"


def test_nothing_but_bad_rows_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no row that can be used, of 2"):
        read_tasks(written(tmp_path / "a.jsonl", [b"no JSON\n", b"7\n"]), How(skip=True))


def test_files_are_counted(tmp_path: Path) -> None:
    one, two = (written(tmp_path / name, BROKEN) for name in ("a.jsonl", "b.jsonl"))
    notes = Notes()
    read_tasks([one, two], How(skip=True), notes)
    assert notes.files == {str(one): 5, str(two): 5}


def test_notes_are_safe_to_print() -> None:
    notes = Notes()
    notes.unused["\x1b[2J"] += 2
    notes.unused["tools"] += 40
    notes.done["turns joined"] += 1
    assert notes.lines() == ["not used: tools in 40 rows, \\x1b[2J in 2 rows", "turns joined: 1 row"]
    assert json.dumps(notes.lines())


def test_columns_for_an_importer_lose_nothing(tmp_path: Path) -> None:
    """A key that was called as ours was dropped when another column was named so."""
    said = "<human>: Hi\n<bot>: Hello"
    rows = [{"text": said, "kind": "Be brief.", "system": "one"}]
    how, notes = How(columns={"system": "kind"}, layout="marked"), Notes()
    (task,) = read_tasks(written(tmp_path / "a.jsonl", rows), how, notes)
    assert [turn["content"] for turn in task.turns] == ["Be brief.", "Hi", "Hello"]
    assert "one" in str(task.extra)
    with pytest.raises(UsageError, match="no row has the column 'sort'"):
        read_tasks(tmp_path / "a.jsonl", How(columns={"system": "sort"}, layout="marked"))


def test_keys_without_end_are_named_in_part() -> None:
    notes = Notes()
    notes.unused.update(f"key {n}" for n in range(1_000))
    (line,) = notes.lines()
    assert line.endswith(", and 950 more keys")
