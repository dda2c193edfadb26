"""Every example is found and run, twice: the second time everything comes from the journal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_example(example: Path, tmp_path: Path) -> None:
    outputs = []
    for _ in range(2):
        command = [sys.executable, str(example), str(tmp_path / "run")]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True)
        outputs.append((tmp_path / "run" / "tasks.jsonl").read_bytes())
        assert "kept" in done.stdout
    assert outputs[0] == outputs[1]
    assert outputs[0].count(b"\n") > 20
