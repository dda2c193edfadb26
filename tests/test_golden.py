"""Golden runs: what SmolLM2-135M-Instruct answered to the steps of our recipes is read today as it was (golden.py)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from golden import FOLDER, found_again, rows_of, seeds_of

from selfinstruct.running.recipe_file import load, names

FILES = sorted(FOLDER.glob("*.jsonl"))
ELSEWHERE = {
    "agentic": "agentic",
    "alpaca": "smollm2",
    "auto_evolve": "recipes/evol_instruct",
    "belle": "smollm2",
    "comparisons": "comparisons",
    "magpie": "magpie",
    "samples": "comparisons",
    "self_instruct": "smollm2",
    "self_instruct_classification": "smollm2",
    "unnatural": "unnatural",
}
"""Recipes whose steps were recorded by themselves, or are those of another one: a folder of replies, or a file. BELLE's
is Alpaca's in Chinese, of which this model knows nothing: no Chinese answer of it is of use, and none is kept."""

recipe_in = cache(load)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_answer_is_read_as_it_was(file: Path) -> None:
    for row in rows_of(file):
        recipe = recipe_in(file.stem, row["language"])
        assert found_again(recipe, row, seeds_of(recipe)) == row["found"], row["answers"]


def test_every_recipe_was_run_on_a_real_model() -> None:
    recorded = {file.stem for file in FILES}
    assert recorded | ELSEWHERE.keys() == set(names())
    assert all(
        (FOLDER.parent / place).exists() or (FOLDER.parent / f"{place}.jsonl").exists() for place in ELSEWHERE.values()
    )


def test_each_answer_left_a_task_or_says_why_not() -> None:
    assert all(row["found"] for file in FILES for row in rows_of(file))
