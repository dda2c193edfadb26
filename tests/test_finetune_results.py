"""Checkpoints that are whole, and what a trained folder holds beside the weights."""

from __future__ import annotations

import json
import struct
from dataclasses import asdict
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from selfinstruct.finetune.loop.card import card, loss_plot, save_results
from selfinstruct.finetune.loop.checkpoints import complete, finished, lighten, newest, prune
from selfinstruct.finetune.loop.progress import Progress, Sample
from selfinstruct.finetune.models.facts import Size
from selfinstruct.finetune.rows.batches import Counts
from selfinstruct.finetune.settings import load_settings

SIZE = Size(1000, 1000, 4000, 900, 900, layers=2, width=16, vocabulary=50)


def checkpoint(folder: Path, step: int, *, whole: bool = True) -> Path:
    path = folder / f"checkpoint-{step}"
    (path / "deep").mkdir(parents=True)
    (path / "model.safetensors").write_bytes(b"x" * 100)
    (path / "deep" / "part.bin").write_bytes(b"y" * 10)
    if whole:
        complete(path, {"seed": 0, "betas": (0.9, 0.95)})
    return path


def test_the_newest_complete_checkpoint_is_found(tmp_path: Path) -> None:
    checkpoint(tmp_path, 9)
    found, ignored = newest(tmp_path)
    assert found is not None
    assert (found.path, found.step, found.run) == (tmp_path / "checkpoint-9", 9, {"seed": 0, "betas": [0.9, 0.95]})
    assert ignored == []
    checkpoint(tmp_path, 100)
    found, _ = newest(tmp_path)
    assert found is not None
    assert found.step == 100, "by number, not by name"


def test_an_incomplete_checkpoint_is_ignored_and_said_so(tmp_path: Path) -> None:
    checkpoint(tmp_path, 5)
    checkpoint(tmp_path, 10, whole=False)
    (checkpoint(tmp_path, 15) / "model.safetensors").write_bytes(b"x" * 99)
    (checkpoint(tmp_path, 20) / "deep" / "part.bin").unlink()
    (checkpoint(tmp_path, 25) / "complete.json").write_text("{")
    found, ignored = newest(tmp_path)
    assert found is not None
    assert found.step == 5
    assert [line.removeprefix(str(tmp_path)) for line in ignored] == [
        "/checkpoint-25 is ignored: its complete.json cannot be read",
        "/checkpoint-20 is ignored: its deep/part.bin is not what was written",
        "/checkpoint-15 is ignored: its model.safetensors is not what was written",
        "/checkpoint-10 is ignored: it was not written to its end",
    ]


def test_a_checkpoint_with_other_contents_is_ignored_and_said_so(tmp_path: Path) -> None:
    """Of the right size, as a bad disk or a copy that was cut off may leave it."""
    checkpoint(tmp_path, 5)
    (checkpoint(tmp_path, 10) / "deep" / "part.bin").write_bytes(b"y" * 9 + b"z")
    (checkpoint(tmp_path, 15) / "model.safetensors").write_bytes(bytes(100))
    found, ignored = newest(tmp_path)
    assert found is not None
    assert found.step == 5
    assert [line.removeprefix(str(tmp_path)) for line in ignored] == [
        "/checkpoint-15 is ignored: its model.safetensors is not what was written",
        "/checkpoint-10 is ignored: its deep/part.bin is not what was written",
    ]


def test_a_mark_of_sizes_alone_is_not_enough(tmp_path: Path) -> None:
    mark = checkpoint(tmp_path, 5) / "complete.json"
    mark.write_text(json.dumps({"run": {}, "sizes": {"model.safetensors": 100, "deep/part.bin": 10}}))
    assert newest(tmp_path) == (None, [f"{mark.parent} is ignored: its complete.json cannot be read"])


def test_the_models_of_checkpoints_are_left(tmp_path: Path) -> None:
    path = checkpoint(tmp_path, 5)
    for name in ("optimizer.pt", "optimizer.bin", "scheduler.pt", "rng_state.pth", "rng_state_1.pth", "config.json"):
        (path / name).touch()
    (path / "optimizer_0").mkdir()
    (path / "optimizer_0" / "part").touch()
    lighten(tmp_path)
    assert {each.name for each in path.iterdir()} == {"complete.json", "config.json", "deep", "model.safetensors"}


def test_no_checkpoint(tmp_path: Path) -> None:
    assert newest(tmp_path / "none") == (None, [])
    (tmp_path / "checkpoint-x").mkdir()
    assert newest(tmp_path) == (None, [])


def test_old_checkpoints_are_deleted_and_whole_ones_kept(tmp_path: Path) -> None:
    for step in (1, 2, 3, 5):
        checkpoint(tmp_path, step)
    checkpoint(tmp_path, 4, whole=False)
    checkpoint(tmp_path, 6, whole=False)
    prune(tmp_path, 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-3", "checkpoint-5", "checkpoint-6"]


def test_nothing_is_deleted_while_none_is_whole(tmp_path: Path) -> None:
    checkpoint(tmp_path, 1, whole=False)
    prune(tmp_path, 1)
    assert (tmp_path / "checkpoint-1").exists()


HISTORY = [{"step": step, "loss": 3 / step, "grad_norm": 1.0} for step in range(1, 101)]
HISTORY += [{"step": step, "eval_loss": 4 / step} for step in (50, 100)]
FIGURES: dict[str, Any] = {
    "data": "ab" * 32,
    "rows": 1234,
    "tokens_an_epoch": 99_000,
    "learned_an_epoch": 44_000,
    "template": "alpaca",
    "pairs": False,
    "parameters": 4_000_000,
    "trained_parameters": 20_000,
    "steps": 100,
    "epochs": 2.5,
    "loss": 0.75,
    "validation_loss": 0.5,
    "seconds": 300.0,
    "precision": "bfloat16",
    "device": "CPU",
    "devices": 1,
}


@pytest.mark.parametrize("history", [HISTORY, HISTORY[:1], []])
def test_the_loss_is_a_png(history: list[dict[str, Any]]) -> None:
    picture = loss_plot(history)
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", picture[16:24]) == (840, 480)


def test_results_and_the_report_last(tmp_path: Path) -> None:
    settings = load_settings(None, {"base": "someone/small-7b", "out": str(tmp_path), "lr": 1e-4})
    assert finished(tmp_path) is None
    save_results(tmp_path, settings, {"seed": 0}, FIGURES, HISTORY, "### Instruction:\nHi\n\n### Response:")
    assert finished(tmp_path) is None, "without weights it is not finished"
    (tmp_path / "adapter_model.safetensors").touch()
    report = finished(tmp_path)
    assert report is not None
    assert report["run"] == {"seed": 0}
    assert report["settings"]["lr"] == 1e-4
    assert report["figures"] == FIGURES
    assert report["losses"][:3] == [3.0, 1.5, 1.0]
    assert report["validation_losses"] == {"50": 0.08, "100": 0.04}
    assert {"selfinstruct", "torch", "transformers", "peft"} <= set(report["versions"])
    assert set(report["settings"]) == set(asdict(settings))
    assert (tmp_path / "loss.png").stat().st_size > 1000


def test_the_card_says_what_it_is() -> None:
    settings = load_settings(None, {"base": "someone/small-7b", "lr": 1e-4})
    text = card("mine", settings, FIGURES, "Say ``` and\n{braces}")
    assert text.startswith("---\nlibrary_name: peft\npipeline_tag: text-generation\nbase_model: someone/small-7b\n")
    assert "````text\nSay ``` and\n{braces}\n````" in text
    assert "| learning rate | 0.0001, cosine, warm-up 0.03 |" in text
    assert "| validation loss | 0.500 |" in text


def test_the_card_names_no_folder_as_base(tmp_path: Path) -> None:
    text = card("mine", load_settings(None, {"base": str(tmp_path)}), FIGURES | {"validation_loss": None}, "Hi")
    assert "base_model" not in text
    assert "| validation loss | – |" in text
    tiny = card("mine", load_settings(None, {}), FIGURES, "Hi")
    assert "library_name: transformers" in tiny
    assert "a small Llama with random weights" in tiny


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def watched(best: float | None = None, **more: Any) -> tuple[Progress, StringIO, Clock]:
    said, clock = StringIO(), Clock()
    progress = Progress(
        Console(file=said, width=200, **more), SIZE, steps=100, steps_an_epoch=40, best=best, clock=clock
    )
    return progress, said, clock


def test_progress_counts_real_tokens() -> None:
    progress, said, clock = watched()
    progress.begin(0)
    for _ in range(3):
        clock.now += 2
        progress.count(Counts(real=800, trained=200, padding=200, attended=1000))
        progress.loss(1.5)
        clock.now += 100  # an evaluation
        progress.pause_over()
    assert progress.line() == (
        "step 3/100 · epoch 0.1 · loss 1.500 · 400 tokens/s (100 learned) · 20% padding · "
        "MFU unknown for this device · about 3 min left"
    )
    assert said.getvalue().count("\n") == 2, "every ten seconds"


def test_progress_goes_on_with_what_an_earlier_process_counted() -> None:
    first, _, clock = watched()
    first.begin(0)
    clock.now = 10
    first.count(Counts(1000, 300, 0, 10))
    second, _, clock = watched()
    second.begin(1, first.totals())
    clock.now = 10
    second.count(Counts(1000, 300, 0, 10))
    assert (second.step, second.seconds, second.real, second.trained) == (2, 20, 2000, 600)


def test_mfu_of_a_known_device() -> None:
    progress, _, clock = watched(best=1e6)
    progress.begin(0)
    clock.now = 100
    progress.count(Counts(real=1000, trained=10, padding=0, attended=0))
    assert progress.mfu() == pytest.approx(1000 * 6 * 900 / 100 / 1e6)
    assert "MFU 5%" in progress.line()


def test_samples_are_shown_as_they_are() -> None:
    progress, said, _ = watched()
    progress.evaluated(
        0.5, [Sample("What [red]is\nthis?", "A [bold] text", ended=True), Sample("And?", "and and", False)]
    )
    assert said.getvalue().splitlines() == [
        "step 0: validation loss 0.500",
        "  What [red]is this?",
        "  → A [bold] text",
        "  And?",
        "  → and and …",
    ]


def test_samples_cannot_steer_a_terminal() -> None:
    progress, said, _ = watched(force_terminal=True, color_system=None)
    progress.evaluated(None, [Sample("\x1b[2Jgone\x07", "\x1b]0;title\x07 \x9b31m red\rover\x7f", ended=True)])
    assert said.getvalue() == "  \\x1b[2Jgone\\x07\n  → \\x1b]0;title\\x07 \\x9b31m red over\\x7f\n"


def test_a_terminal_gets_a_bar() -> None:
    progress, said, clock = watched(force_terminal=True)
    progress.begin(0)
    clock.now = 1
    progress.count(Counts(10, 5, 0, 10))
    progress.loss(2)
    progress.end()
    assert "━" in said.getvalue()
    assert "step 1/100" in said.getvalue()
