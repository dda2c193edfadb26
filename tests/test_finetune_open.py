"""Opening a model changes nothing else; an adapter finds its base from anywhere; how many files one training is."""

from __future__ import annotations

import io
import json
import logging
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from trained import memorised
from training import trained

from selfinstruct import finetune
from selfinstruct.errors import UsageError
from selfinstruct.finetune.answer.chat import Streams, ask_once
from selfinstruct.finetune.answer.sampling import Sampling
from selfinstruct.finetune.models.folders import base_of, folder_of, located
from selfinstruct.finetune.models.open import load
from selfinstruct.finetune.publish.merge import merge

LORA = {"method": "lora", "steps": 1, "samples": 0, "validation": 2}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "base"
    memorised(folder, 120)
    return folder


def tuned(out: Path, base: str, **changes: Any) -> None:
    """A step of LoRA on eight short rows."""
    rows = [{"instruction": f"What is {number} and two?", "output": f"It is {number + 2}."} for number in range(8)]
    out.parent.mkdir(exist_ok=True)
    (out.parent / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    trained(out, base=base, **LORA, **changes)


def of_the_process() -> dict[str, Any]:
    """What a library may change for everybody else in the process."""
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled
    from transformers.utils.logging import is_progress_bar_enabled

    loggers = ("", "transformers", "huggingface_hub", "peft", "accelerate", "bitsandbytes.backends.cpu.ops")
    return {
        "threads": torch.get_num_threads(),
        "dtype": torch.get_default_dtype(),
        "gradients": torch.is_grad_enabled(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "matmul": torch.get_float32_matmul_precision(),
        "levels": {name: logging.getLogger(name).level for name in loggers},
        "bars": (is_progress_bar_enabled(), are_progress_bars_disabled()),
        "warnings": list(warnings.filters),
        "environment": dict(os.environ),
    }


def said(name: str) -> str:
    streams = Streams(io.StringIO(), io.StringIO(), io.StringIO())
    ask_once(name, "Name the largest planet.", sampling=Sampling(temperature=0, max_tokens=20), streams=streams)
    text = streams.stdout
    assert isinstance(text, io.StringIO)
    return text.getvalue().strip()


def test_loading_and_answering_change_nothing_of_the_process(base: Path, tmp_path: Path) -> None:
    tuned(tmp_path / "lora", base=str(base))
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        before = of_the_process()
        load(str(base))
        assert of_the_process() == before, "loading"
        assert said(str(base)) == "Jupiter"
        assert of_the_process() == before, "answering"
        load(str(tmp_path / "lora"))
        merge([(str(tmp_path / "lora"), 1.0)], None, str(tmp_path / "merged"))
        assert of_the_process() == before, "adapters"
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_training_leaves_the_process_as_it_was(precision: str, base: Path, tmp_path: Path) -> None:
    tuned(tmp_path / "first", base=str(base), precision=precision)  # libraries set up themselves once
    before = of_the_process()
    tuned(tmp_path / "lora", base=str(base), precision=precision, seed=1)
    assert of_the_process() == before


def test_an_adapter_of_a_relative_base_is_talked_to_from_elsewhere(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    shutil.copytree(base, project / "models" / "base")
    monkeypatch.chdir(project)
    tuned(project / "models" / "mine", base="models/base")
    named = json.loads((project / "models" / "mine" / "adapter_config.json").read_text())["base_model_name_or_path"]
    assert named == str(project / "models" / "base")
    monkeypatch.chdir("/")
    assert said(str(project / "models" / "mine"))
    assert located(str(project / "models" / "mine")).base == project / "models" / "base"


def test_an_adapter_that_names_its_base_by_a_relative_path(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As others' trainers write it: the base is looked for from above the adapter, too."""
    project = tmp_path / "project"
    shutil.copytree(base, project / "models" / "base")
    adapter = project / "models" / "mine"
    tuned(adapter, base=str(project / "models" / "base"))
    about = json.loads((adapter / "adapter_config.json").read_text())
    (adapter / "adapter_config.json").write_text(json.dumps(about | {"base_model_name_or_path": "models/base"}))
    monkeypatch.chdir("/")
    assert base_of(adapter) == str(project / "models" / "base")
    assert said(str(adapter))
    assert (merge([(str(adapter), 1.0)], None, str(tmp_path / "merged")) / "model.safetensors").exists()
    (adapter / "adapter_config.json").write_text(json.dumps(about | {"base_model_name_or_path": "./nowhere"}))
    with pytest.raises(UsageError, match=r"there is no folder \./nowhere: the base of .*mine is a folder"):
        load(str(adapter))


def test_a_model_of_the_hub_without_network(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is on this machine is taken, for training as for chat; an adapter names the id, not where the copy is."""
    import huggingface_hub.constants

    copy = tmp_path / "cache" / "models--org--small"
    shutil.copytree(base, copy / "snapshots" / "abc")
    (copy / "refs").mkdir()
    (copy / "refs" / "main").write_text("abc")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    adapter = tmp_path / "models" / "mine"
    tuned(adapter, "org/small")
    assert json.loads((adapter / "adapter_config.json").read_text())["base_model_name_or_path"] == "org/small"
    assert said("org/small") == "Jupiter"
    assert said(str(adapter))
    (copy / "snapshots" / "abc" / "tokenizer.json").unlink()
    with pytest.raises(UsageError, match=r"cannot load the tokenizer of .*abc"):
        load("org/small")


def test_a_name_that_no_file_can_have() -> None:
    for name in ("a\0b", "x" * 300):
        with pytest.raises(UsageError, match="no folder or hub model can be called"):
            folder_of(name, "the base")


QUIET = """
import sys
from selfinstruct.cli import main
main(["merge", sys.argv[1], "--out", sys.argv[2]])
"""


@pytest.mark.slow
def test_merging_says_nothing_of_kernels(base: Path, tmp_path: Path) -> None:
    tuned(tmp_path / "lora", base=str(base))
    command = [sys.executable, "-c", QUIET, str(tmp_path / "lora"), str(tmp_path / "merged")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("merged\n")


PATH = ["settings", "train", "rows.conversations", "rows.templates", "rows.batches", "models.methods", "loop.loss"]
PATH += ["loop.watch"]

COUNT = """
import json, sys
from selfinstruct.finetune.train import train
train(data=sys.argv[1], base=sys.argv[2], out=sys.argv[3], steps=1, batch=4)
print(json.dumps([name for name, module in sys.modules.items() if name.startswith("selfinstruct.finetune.")
    and not module.__file__.endswith("__init__.py")]))
"""


@pytest.mark.slow
def test_one_training_is_so_many_files(base: Path, tmp_path: Path) -> None:
    """Eight that a reader follows, named where the map is; and a bound for those that run in all (it was 29; marks,
    tools and tasks held out together made 25 of 22; what families do with thoughts, ends and calls 32)."""
    tuned(tmp_path / "first", str(base))
    command = [sys.executable, "-c", COUNT, str(tmp_path / "rows.jsonl"), str(base), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    files = {name.removeprefix("selfinstruct.finetune.") for name in json.loads(done.stdout.splitlines()[-1])}
    assert len(PATH) == 8
    assert set(PATH) <= files
    assert len(files) <= 41, sorted(files)
    for name in PATH:
        assert f"{name.replace('.', '/')}.py" in (finetune.__doc__ or "")
