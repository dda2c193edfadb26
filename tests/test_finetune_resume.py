"""Killed and gone on with, or shared by two processes: training ends with the same weights."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from training import interrupted, rows_file, trained, weights_of

from selfinstruct import finetune
from selfinstruct.errors import UsageError

SCRIPT = Path(__file__).parent / "training.py"
FINETUNE = Path(finetune.__path__[0])
SHIPPED = FINETUNE / "accelerate"


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """As in the processes that are compared with; and the machine may have others at work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def start(out: Path, *changes: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(SCRIPT), str(out), *changes]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})


def test_killed_and_resumed_is_as_undisturbed(tmp_path: Path) -> None:
    """kill -9 somewhere after the second checkpoint; then a newer checkpoint that was not written to its end."""
    rows_file(tmp_path / "rows.jsonl")
    given = {"steps": 40, "save": 3, "validation": 4, "keep": 3}
    process = start(tmp_path / "killed", *(f"{name}={value}" for name, value in given.items()))
    saved = tmp_path / "killed" / "checkpoints"
    while not (saved / "checkpoint-6" / "complete.json").exists():
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.001)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / "killed" / "train.json").exists()
    steps = sorted(int(path.parent.name.split("-")[1]) for path in saved.glob("*/complete.json"))
    torn = saved / f"checkpoint-{steps[-1] + 1}"
    shutil.copytree(saved / f"checkpoint-{steps[-1]}", torn)
    (torn / "complete.json").unlink()
    (torn / "model.safetensors").write_bytes(b"half")
    said = trained(tmp_path / "killed", **given)
    assert f"{torn} is ignored: it was not written to its end" in "".join(said.splitlines())
    assert f"goes on after step {steps[-1]}\n" in said
    trained(tmp_path / "whole", **given)
    assert weights_of(tmp_path / "killed") == weights_of(tmp_path / "whole")
    reports = [json.loads((tmp_path / name / "train.json").read_text()) for name in ("killed", "whole")]
    assert reports[0]["losses"] == reports[1]["losses"]
    assert reports[0]["validation_losses"] == reports[1]["validation_losses"]
    assert reports[0]["figures"]["tokens"] == reports[1]["figures"]["tokens"]
    assert len(list(saved.iterdir())) == 3, "the torn one is gone, too"


def test_a_checkpoint_of_another_run_is_not_gone_on_from(tmp_path: Path) -> None:
    out = tmp_path / "model"
    interrupted(out, steps=2, save=1)
    with pytest.raises(UsageError, match="is another training: steps is 2 there and 3 here"):
        trained(out, steps=3, save=1)
    rows_file(tmp_path / "rows.jsonl", 30)
    with pytest.raises(UsageError, match="is another training: data is "):
        trained(out, steps=2, save=1)


def test_a_damaged_checkpoint_of_the_right_size_is_not_gone_on_from(tmp_path: Path) -> None:
    out = tmp_path / "model"
    interrupted(out, steps=3, save=1, keep=3)
    for step, name in ((3, "model.safetensors"), (2, "optimizer.pt")):
        file = out / "checkpoints" / f"checkpoint-{step}" / name
        content = bytearray(file.read_bytes())
        content[-9] ^= 1
        file.write_bytes(content)
    said = "".join(trained(out, steps=3, save=1, keep=3).splitlines())
    assert "checkpoint-3 is ignored: its model.safetensors is not what was written" in said
    assert "checkpoint-2 is ignored: its optimizer.pt is not what was written" in said
    assert "goes on after step 1" in said
    trained(tmp_path / "whole", steps=3, save=1)
    assert weights_of(out) == weights_of(tmp_path / "whole")


def test_another_base_or_template_under_the_same_name_is_another_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted or finished."""
    base, other, template = tmp_path / "base", tmp_path / "other", tmp_path / "mine.jinja"
    for folder, seed in ((base, 0), (other, 1)):
        trained(folder, steps=1, seed=seed, samples=0)
    source = (FINETUNE / "rows" / "jinja" / "alpaca.jinja").read_text()
    template.write_text(source)
    given = {"base": str(base), "template": str(template), "steps": 1, "samples": 0, "method": "lora"}
    interrupted(tmp_path / "begun", **given)
    trained(tmp_path / "done", **given)
    with monkeypatch.context() as quick:
        quick.setattr("selfinstruct.finetune.train.make", lambda *_: pytest.fail("the base is loaded"))
        assert "is trained already" in trained(tmp_path / "done", **given)
        for out in (tmp_path / "begun", tmp_path / "done"):
            template.write_text(source + " ")
            with pytest.raises(UsageError, match=r"is another training: template_hash is .* Choose another --out"):
                trained(out, **given)
            template.write_text(source)
            weights = (base / "model.safetensors").read_bytes()
            shutil.copy(other / "model.safetensors", base / "model.safetensors")
            with pytest.raises(UsageError, match=r"is another training: base_hash is [0-9a-f]{12} there and "):
                trained(out, **given)
            (base / "model.safetensors").write_bytes(weights)
    assert "goes on after step 1" in trained(tmp_path / "begun", **given)
    template.unlink()
    with pytest.raises(UsageError, match=r"cannot read .*mine\.jinja: No such file or directory"):
        trained(tmp_path / "new", **given)
    assert not (tmp_path / "new").exists()


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])


@pytest.mark.parametrize("name", ["ddp", "fsdp2", "zero3"])
def test_accelerate_reads_what_is_shipped(name: str) -> None:
    from accelerate.commands.config.config_args import ClusterConfig  # type: ignore[import-untyped,unused-ignore]

    config = ClusterConfig.from_yaml_file(str(SHIPPED / f"{name}.yaml"))  # refuses unknown keys
    assert config.num_processes == 2
    assert f"--config_file finetune/accelerate/{name}.yaml" in (SHIPPED / f"{name}.yaml").read_text()


def test_two_processes_have_the_losses_of_one(tmp_path: Path) -> None:
    """DDP over gloo, started as ddp.yaml says; 41 rows, so that steps do not divide evenly."""
    rows_file(tmp_path / "rows.jsonl", 41)
    given = {"steps": 6, "validation": 3, "evaluate": 3, "batch": 6, "micro_batch": 2}
    command = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(SHIPPED / "ddp.yaml")]
    command += ["--main_process_port", str(free_port()), str(SCRIPT)]
    command += [str(tmp_path / "two"), *(f"{name}={value}" for name, value in given.items())]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("step 6/6") == 1, "one process talks"
    trained(tmp_path / "one", **given)
    two, one = (json.loads((tmp_path / name / "train.json").read_text()) for name in ("two", "one"))
    assert two["losses"] == pytest.approx(one["losses"], abs=2e-5)
    assert two["validation_losses"] == pytest.approx(one["validation_losses"], abs=2e-5)
    assert two["figures"]["devices"] == 2
    assert two["figures"]["tokens"] == one["figures"]["tokens"]
    mine, theirs = (load_file(tmp_path / name / "model.safetensors") for name in ("two", "one"))
    for name, weight in mine.items():
        torch.testing.assert_close(weight, theirs[name], atol=2e-4, rtol=0)
