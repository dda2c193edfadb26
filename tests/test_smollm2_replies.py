"""What SmolLM2-135M-Instruct answered to every step that breaks off, each way it can be asked, as the parsers read it.

benchmarks/small_model.py --record wrote them.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from selfinstruct.running.drafts import heard
from selfinstruct.stages import STAGES
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Response

FILES = sorted((Path(__file__).parent / "replies" / "smollm2").glob("*.jsonl"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_answer_is_read(file: Path) -> None:
    """Each is a task or says why not."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert {row["way"] for row in rows} == {"chat", "prefill", "completions"}
    for row in rows:
        shown = tuple(
            Task(str(n), row.get("instruction", "Go on"), is_classification=row.get("is_classification"))
            for n in range(row["shown"])
        )
        found = list(STAGES[row["stage"]]().parse(shown, heard(Response(row["answer"], row["finish"]))))
        assert found
        assert all(isinstance(item, Task | Rejected) for item in found)


def kept(stage: str, way: str) -> int:
    """Of the four answers, how many gave a task."""
    lines = next(file for file in FILES if file.stem == stage).read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["way"] == way]
    shown = {row["prompt"] if isinstance(row["prompt"], str) else str(row["prompt"]): row for row in rows}
    total = 0
    for row in shown.values():
        tasks = tuple(Task(str(n), row.get("instruction", "Go on")) for n in range(row["shown"]))
        parsed = STAGES[stage]().parse(tasks, heard(Response(row["answer"], row["finish"])))
        total += any(isinstance(item, Task) for item in parsed)
    return total


def test_its_own_turn_is_gone_on_with_best() -> None:
    """Why models on this machine are asked so without being told to."""
    assert kept("propose", "prefill") > kept("propose", "chat")
    assert kept("instances", "prefill") > kept("instances", "chat")
