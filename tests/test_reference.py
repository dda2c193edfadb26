"""Our parsers and filters beside the published scripts: what those do with the texts in tests/vectors/.

SELFINSTRUCT_VECTORS names another folder with files of the same names. Instructions are compared without regard to
case: the Self-Instruct scripts lower-case all but the first letter, we keep the case.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from selfinstruct.filters import FILTERS
from selfinstruct.filters.pool import Pool
from selfinstruct.stages import Alpaca, Propose
from selfinstruct.stages.answering.instances import input_first, output_first, valid
from selfinstruct.task import Task
from selfinstruct.teacher import Response

VECTORS = Path(os.environ.get("SELFINSTRUCT_VECTORS", Path(__file__).parent / "vectors"))
SHOWN = tuple(Task(f"shown_{n}", f"Shown task number {n}.") for n in range(8))


def rows(name: str) -> list[Any]:
    lines = (VECTORS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [pytest.param(json.loads(line), id=f"line {n}") for n, line in enumerate(lines, 1)]


def kept(found: list[Any], drop: list[Any]) -> list[Task]:
    return [task for task in found if isinstance(task, Task) and not any(reason(task, Pool()) for reason in drop)]


@pytest.mark.parametrize("row", rows("self_instruct_propose"))
def test_propose(row: Any) -> None:
    drop = [FILTERS[name]() for name in ("length", "keywords", "program", "punctuation", "ascii")]
    found = Propose().parse(SHOWN, Response(row["text"], row["finish_reason"]))
    ours = [task.instruction.casefold() for task in kept(list(found), drop)]
    assert ours == [text.casefold() for text in row["instructions"]]


@pytest.mark.parametrize("row", rows("alpaca_propose"))
def test_alpaca(row: Any) -> None:
    more = ("video", "audio", "music", "flowchart", "diagram")
    drop = [FILTERS["length"](), FILTERS["keywords"](more), FILTERS["program"](exact_case=True)]
    drop += [FILTERS["punctuation"](), FILTERS["ascii"]()]
    shown = SHOWN[: row["num_prompt_instructions"]]
    found = Alpaca().parse(shown, Response(row["text"], row["finish_reason"]))
    ours = [
        (task.instruction.casefold(), task.instances[0].input, task.instances[0].output)
        for task in kept(list(found), drop)
    ]
    assert ours == [(task["instruction"].casefold(), task["input"], task["output"]) for task in row["tasks"]]


@pytest.mark.parametrize(
    ("read", "row"),
    [
        pytest.param(read, *param.values, id=f"{name} {param.id}")
        for name, read in (("instances_input_first", input_first), ("instances_output_first", output_first))
        for param in rows(name)
    ],
)
def test_instances(read: Any, row: Any) -> None:
    found = read(row["text"])
    if row["finish_reason"] == "length":
        found = found[:-1]
    good, _ = valid(found)
    assert sorted([i.input, i.output] for i in good) == row["instances"]
