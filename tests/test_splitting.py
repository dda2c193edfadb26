"""Training and validation: each task on one side, the same whatever comes with it, in one pass."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.errors import UsageError
from selfinstruct.rows import splitting
from selfinstruct.rows.formats.formats import rows_of
from selfinstruct.rows.splitting import place, split
from selfinstruct.rows.writing.writing import write_rows
from selfinstruct.task import Instance, Judged, Message, Task


def task(number: int, instruction: str = "") -> Task:
    return Task(f"t_{number}", instruction or f"Name {number} hills.", (Instance("", "Here"), Instance("x", "There")))


def parts(tasks: list[Task], validation: float, seed: int = 0) -> tuple[list[Task], list[Task]]:
    with split(iter(tasks), validation, seed) as (training, held_out):
        return list(training), list(held_out)


MANY = [task(number) for number in range(4000)]


def test_a_share() -> None:
    training, held_out = parts(MANY, 0.05)
    assert 150 < len(held_out) < 250
    assert sorted(training + held_out, key=MANY.index) == MANY
    assert training == sorted(training, key=MANY.index)
    assert held_out == sorted(held_out, key=MANY.index)
    assert parts(MANY, 0.05) == (training, held_out)
    assert parts(MANY, 0.05, seed=1)[1] != held_out


def test_a_larger_share_holds_out_the_same_and_more() -> None:
    assert set(ids(parts(MANY, 0.05)[1])) < set(ids(parts(MANY, 0.1)[1]))


def test_what_went_where_stays_when_more_comes() -> None:
    assert ids(parts(MANY[:2000], 0.05)[1]) == [id for id in ids(parts(MANY, 0.05)[1]) if int(id[2:]) < 2000]


def ids(tasks: list[Task]) -> list[str]:
    return [task.id for task in tasks]


@pytest.mark.parametrize("count", [1, 7, 500, 3999])
def test_a_count(count: int) -> None:
    training, held_out = parts(MANY, count)
    assert len(held_out) == count
    assert held_out == sorted(held_out, key=MANY.index)
    assert sorted(training + held_out, key=MANY.index) == MANY
    assert set(ids(held_out)) == set(ids(sorted(MANY, key=lambda task: place(task, 0))[:count]))


words = st.sampled_from(["Add.", "add.", " Add. ", "Ａdd.", "Sing.", "唱歌。", "Rest.", "\ud800"])


@settings(deadline=None)
@given(st.lists(words, min_size=1, max_size=12), st.sampled_from([0.1, 0.5, 0.9]) | st.integers(1, 13).map(float))
def test_an_instruction_is_on_one_side_only(instructions: list[str], validation: float) -> None:
    tasks = [task(number, instruction) for number, instruction in enumerate(instructions)]
    try:
        training, held_out = parts(tasks, validation)
    except UsageError:  # one side would be empty
        return
    assert sorted(ids(training + held_out)) == sorted(ids(tasks))
    assert not {place(task, 0) for task in training} & {place(task, 0) for task in held_out}
    assert len(held_out) >= validation or validation < 1


def test_how_an_instruction_is_written_makes_no_difference() -> None:
    assert len({place(task(0, text), 3) for text in ("Add  it.", "add it.", " ADD\nit. ", "Ａdd it.")}) == 1


def test_a_task_comes_back_whole() -> None:
    """Those held out may have waited in a file."""
    turns = (Message(role="user", content="Hi \ud800"), Message(role="assistant", content="Yes", learned=False))
    odd = Task("a", "Hi", turns=turns, judged=(Judged(turns[1:], True, 0.5),), extra={"n": [1, None]}, parents=("b",))
    for seed in range(20):
        training, held_out = parts([odd, task(0)], 1, seed)
        assert sorted(ids(training + held_out)) == ["a", "t_0"]
        assert odd in training + held_out


def test_it_streams() -> None:
    """A twentieth of 40,000 tasks in memory would be 20 MB; here the file begins at 1 MB."""

    def endless() -> Iterator[Task]:
        for number in range(40_000):
            yield Task(f"t_{number}", f"Name {number} hills.", (Instance("", "x" * 10_000),))

    tracemalloc.start()
    with split(endless(), 0.05, 0) as (training, held_out):
        count = sum(1 for _ in training) + sum(1 for _ in held_out)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 40_000
    assert peak < 4_000_000


@pytest.fixture(autouse=True)
def _a_file_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splitting, "IN_MEMORY", 1_000_000)


@pytest.mark.parametrize("validation", [0.0, -1.0, 1.5, float("nan"), float("inf")])
def test_numbers_that_are_neither(validation: float) -> None:
    words = r"validation is .*: give a share like 0\.05, or how many tasks, like 500"
    with pytest.raises(UsageError, match=words), split([task(0)], validation, 0):
        pass


def test_nothing_on_one_side_writes_nothing(tmp_path: Path) -> None:
    same = [task(number, "Translate.") for number in range(10)]
    for validation, words in {
        1e-9: "validation=1e-09 leaves none of 10 tasks to validate with, as equal",
        0.999999999: "none of 10 tasks to train on",
        3: "validation=3 leaves none of 10 tasks to train on, .*: give a smaller one, or more tasks",
    }.items():
        with split(same, validation, 0) as (training, _), pytest.raises(UsageError, match=words):
            write_rows(tmp_path / "train.jsonl", rows_of(training, "alpaca"))
    assert not list(tmp_path.iterdir())


def test_no_tasks_at_all() -> None:
    assert parts([], 0.5) == ([], [])


def test_held_out_before_it_is_known() -> None:
    with (
        split([task(0)], 0.5, 0) as (_, held_out),
        pytest.raises(RuntimeError, match="have been read to their end"),
    ):
        next(held_out)
