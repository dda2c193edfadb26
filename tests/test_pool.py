"""The pool: which tasks are drawn to be shown, and the nearest of those kept so far."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.filters.pool import Pool
from selfinstruct.task import Task


def pool_of(seeds: int, machine: int = 0) -> Pool:
    """Every third seed is a classification task, every third is none, and nobody has said so of the others."""
    label = (True, False, None)
    pool = Pool(Task(f"seed_{n}", f"Seed number {n}.", is_classification=label[n % 3]) for n in range(seeds))
    for n in range(machine):
        pool.add(Task(f"machine_{n}", f"Machine-made number {n}.", is_classification=True, origin="propose"))
    return pool


def ids(tasks: list[Task]) -> list[str]:
    return [task.id for task in tasks]


def drawn(pool: Pool, seeds: int, machine: int = 0, only: str = "any", number: int = 0) -> tuple[int, int]:
    """How many seeds and how many machine-made tasks are in a sample."""
    names = ids(pool.sample(Random(number), seeds, machine, only))
    return sum(name.startswith("seed") for name in names), sum(name.startswith("machine") for name in names)


@pytest.mark.parametrize(
    ("made", "wanted"), [(0, (8, 0)), (1, (7, 1)), (2, (6, 2)), (50, (6, 2))], ids=["none", "one", "two", "many"]
)
def test_seeds_take_the_places_of_missing_machine_made_tasks(made: int, wanted: tuple[int, int]) -> None:
    assert drawn(pool_of(20, made), 6, 2) == wanted


@pytest.mark.parametrize(("seeds", "made", "wanted"), [(3, 0, (3, 0)), (3, 2, (3, 2)), (0, 5, (0, 2)), (0, 0, (0, 0))])
def test_fewer_when_the_seeds_run_out(seeds: int, made: int, wanted: tuple[int, int]) -> None:
    assert drawn(pool_of(seeds, made), 6, 2) == wanted


def test_seeds_only_by_default() -> None:
    assert drawn(pool_of(20, 20), 3) == (3, 0)


def test_only_classification_seeds() -> None:
    pool = pool_of(30)
    shown = pool.sample(Random(1), 6, 2, only="classification")
    assert len(shown) == 8
    assert all(task.is_classification for task in shown)
    assert len(pool.sample(Random(1), 20, only="classification")) == 10


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 10), st.integers(0, 10), st.integers())
def test_a_sample_repeats_nothing_and_depends_on_the_random_numbers_only(
    seeds: int, made: int, some_seeds: int, some_made: int, number: int
) -> None:
    pool = pool_of(seeds, made)
    shown = pool.sample(Random(number), some_seeds, some_made)
    assert len(shown) == len(set(ids(shown)))
    assert len(shown) == min(some_seeds + some_made, min(some_made, made) + seeds)
    assert ids(shown) == ids(pool.sample(Random(number), some_seeds, some_made)), "drawing changes nothing"
    assert ids(shown) == ids(pool_of(seeds, made).sample(Random(number), some_seeds, some_made))


def test_a_sample_is_shuffled() -> None:
    first = {ids(pool_of(20, 20).sample(Random(number), 6, 2))[0].split("_")[0] for number in range(50)}
    assert first == {"seed", "machine"}


def test_every_task_is_drawn_some_time() -> None:
    pool = pool_of(9, 3)
    seen = {name for number in range(200) for name in ids(pool.sample(Random(number), 2, 1))}
    assert len(seen) == 12


def test_seeds_and_machine_made_tasks_stay_in_order() -> None:
    pool = pool_of(4, 3)
    assert ids(pool.seeds) == [f"seed_{n}" for n in range(4)]
    assert ids(pool.machine) == [f"machine_{n}" for n in range(3)]


def test_the_nearest_is_looked_for_among_seeds_and_machine_made_tasks() -> None:
    pool = Pool([Task("seed", "Name three long rivers.")])
    assert pool.nearest_above("List some cold lakes.", 0.7) is None
    pool.add(Task("made", "List some cold ponds."))
    assert pool.nearest_above("List some cold lakes.", 0.7) == ("made", 0.75)
    assert pool.nearest_above("Name three long rivers!", 0.7) == ("seed", 1.0)
    assert pool.nearest_above("List some cold lakes.", 0.75) is None
    assert Pool().nearest_above("Anything at all.", 0.0) is None
