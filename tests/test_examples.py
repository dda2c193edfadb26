"""Every example is found and run, twice: the second time everything comes from the journal."""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from forked import forking
from trained import untaught

FOLDER = Path(__file__).parent.parent / "examples"
EXAMPLES = sorted(FOLDER.glob("*.py"))
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SCRIPTS = sorted(FOLDER.glob("*.sh"))
TINY = ["--set", "layers=1", "--set", "width=32", "--set", "heads=2", "--set", "vocabulary=300", "--set", "steps=4"]
SHORT = ["--set", "steps=2", "--set", "samples=0"]
SMALL = {
    "closed_loop": TINY,
    "real_loop": ["--max-length", "1024"],
    **dict.fromkeys(("chinese_llama_alpaca", "rlvr", "stack_llama"), SHORT),
}
"""Words for `selfinstruct train` with which a script shows that it works."""
SHOWN = {
    "closed_loop": (r"(?s)right: .*right: ", "after"),
    "real_loop": (r"(?s)families not trained on.*bits a byte +\d.*truncated", "tuned"),
    "rlvr": (r"reward, both twins \| 0", "rl"),
    "stack_llama": (r"\| reward, trained on \| -", "rl"),
    "chinese_llama_alpaca": (r"tokens a character of \S+: 2\.\d+ before, 0\.\d+ after", "chinese-alpaca"),
}
"""What it prints, and where its model is."""


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_example(example: Path, tmp_path: Path) -> None:
    """Twice, in a folder with what a checkout has at hand; at most 15 lines that are not empty."""
    outputs = []
    for _ in range(2):
        command = [sys.executable, str(example)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
        assert done.returncode == 0, done.stderr
        (tasks,) = tmp_path.glob("runs/*/tasks.jsonl")
        outputs.append((done.stdout, tasks.read_bytes()))
        assert done.stdout.strip()
        assert outputs[-1][1]
    assert outputs[0] == outputs[1]
    assert sum(map(bool, example.read_text(encoding="utf-8").split("\n"))) <= 15


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook(notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell, in order, inside a running event loop, as a notebook has one."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}

    async def cells() -> None:
        for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                code = compile("".join(cell["source"]), notebook.name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
                waiting = eval(code, names)  # noqa: S307  our own cell
                if inspect.iscoroutine(waiting):
                    await waiting

    asyncio.run(cells())
    assert "kept 50" in repr(names["done"])
    assert "<pre>" in names["done"]._repr_html_()


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with forking(tmp_path_factory.mktemp("commands") / "bin") as folder:
        yield folder


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_script(script: Path, commands: Path, tmp_path: Path) -> None:
    """With few tasks and a model too small to learn; the commands of this Python come first."""
    path = os.pathsep.join([str(commands), os.environ["PATH"]])
    env = os.environ | {"PATH": path, "EXAM": "10", "OMP_NUM_THREADS": "1", "PYTHON": sys.executable}
    if script.stem == "real_loop":
        env |= {"BASE": str(untaught(tmp_path / "base", context=1024)), "SAID": "8", "PIECES": "2"}
    command = ["bash", str(script), "runs/quick", "30", *SMALL[script.stem]]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=env, check=False)
    assert done.returncode == 0, done.stderr
    said, model = SHOWN[script.stem]
    assert re.search(said, done.stdout)
    assert any((tmp_path / "runs" / "quick" / model).glob("*model.safetensors"))


def test_no_example_is_of_another_kind() -> None:
    assert {path.suffix for path in FOLDER.iterdir() if path.is_file()} == {".ipynb", ".py", ".sh"}
