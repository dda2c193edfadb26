"""Every example is found and run, twice: the second time everything comes from the journal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "examples"
EXAMPLES = sorted(FOLDER.glob("*.py"))
SCRIPTS = sorted(FOLDER.glob("*.sh"))
SMALL = ["--set", "layers=1", "--set", "width=32", "--set", "heads=2", "--set", "vocabulary=300", "--set", "steps=4"]


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


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_script(script: Path, tmp_path: Path) -> None:
    """With few tasks and a model too small to learn; the path of this Python comes first."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = os.environ | {"PATH": path, "EXAM": "10", "OMP_NUM_THREADS": "1"}
    command = ["bash", str(script), "runs/quick", "30", *SMALL]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=env, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("right: ") == 2, "before and after"
    assert (tmp_path / "runs" / "quick" / "after" / "model.safetensors").exists()


def test_no_example_is_of_another_kind() -> None:
    assert {path.suffix for path in FOLDER.iterdir() if path.is_file()} == {".py", ".sh"}
