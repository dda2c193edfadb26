"""The commands of training, from data to a model that is talked to, merged, given away and examined."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from training import rows_file

from selfinstruct.cli import main
from selfinstruct.finetune.settings import DEFAULTS, presets

SMALL = [
    *("--set", "layers=1", "--set", "width=32", "--set", "heads=2", "--set", "vocabulary=300"),
    *("--set", "steps=3", "--batch", 8, "--max-length", 128, "--set", "samples=1"),
]


def selfinstruct(*args: object, given: str | None = None, **env: str) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args], input=given, env=env)


def done(*args: object, given: str | None = None) -> str:
    result = selfinstruct(*args, given=given)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rows_file(tmp_path_factory.mktemp("data") / "rows.jsonl")


@pytest.fixture(scope="module")
def tiny(data: Path) -> Path:
    out = data.parent / "tiny"
    done("train", "--preset", "tiny", "--data", data, "--out", out, *SMALL)
    return out


@pytest.fixture(scope="module")
def lora(data: Path, tiny: Path) -> Path:
    out = data.parent / "lora"
    more = ["--set", "steps=2", "--max-length", 128, "--lr", 0.01]
    done("train", "--data", data, "--base", tiny, "--method", "lora", "--batch", 8, "--out", out, *more)
    return out


def test_what_training_leaves(tiny: Path) -> None:
    names = {path.name for path in tiny.iterdir()}
    assert {"model.safetensors", "tokenizer.json", "train.json", "loss.png", "README.md", "config.json"} <= names
    assert not [name for name in names if name.endswith((".bin", ".pt", ".pkl"))]
    report = json.loads((tiny / "train.json").read_text())
    assert report["settings"]["width"] == 32
    assert len(report["losses"]) == 3
    assert (tiny / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_train_says_what_it_will_do_and_repeating_it_does_nothing(data: Path, tiny: Path) -> None:
    again = selfinstruct("train", "--preset", "tiny", "--data", data, "--out", tiny, *SMALL)
    assert (again.exit_code, again.stdout) == (0, "")
    assert "is trained already" in again.stderr
    dry = selfinstruct("train", "--preset", "tiny", "--data", data, "--out", tiny.parent / "dry", "--dry-run", *SMALL)
    assert dry.exit_code == 0
    for word in ("rows", "tokens", "steps", "parameters", "memory", "time"):
        assert word in dry.stderr
    assert not (tiny.parent / "dry").exists()


def test_a_look_needs_no_folder_and_long_rows_are_a_choice(data: Path, tiny: Path) -> None:
    look = ["train", data, "--base", tiny, "--method", "full", "--max-length", 24, "--dry-run", "--show-mask"]
    refused = selfinstruct(*look)
    assert refused.exit_code == 2
    assert "are longer than max_length=24" in refused.stderr
    fits = int(refused.stderr.partition("--max-length ")[2].split()[0])
    for more, line in (
        (["--too-long", "drop"], "rows longer than max_length: left out"),
        (["--too-long", "cut"], "rows cut at max_length, which do not learn to end: kept"),
        (["--max-length", fits], "rows        40 of 40"),
    ):
        found = selfinstruct(*look, *more)
        assert found.exit_code == 0, found.output
        assert line in found.stderr
        assert "⟦" in found.stderr


def test_a_preset_holds_out_a_share_of_little_data(data: Path, tiny: Path) -> None:
    for preset in ("alpaca_lora", "baize"):
        small = ["--base", tiny, "--batch", 8, "--max-length", 128, "--set", "targets=all-linear", "--dry-run"]
        done("train", "--preset", preset, "--data", data, "--out", tiny.parent / "dry", *small)


def test_chat_answers_once(tiny: Path) -> None:
    asked = ["chat", tiny, "--prompt", "Repeat list 3.", "--input", "red one", "--max-tokens", 5, "--temperature", 0]
    assert done(*asked) == done(*asked)
    assert done("chat", tiny, "--prompt", "-", "--max-tokens", 5, given="Repeat list 3.\n")
    assert done("chat", tiny, "--max-tokens", 5, given="Repeat list 3.\n/exit\n")


def test_merge_and_delta(tiny: Path, lora: Path, tmp_path: Path) -> None:
    assert "merged" in done("merge", lora, "--out", tmp_path / "merged")
    assert "merged" in done("merge", f"{lora}=0.5", "--base", tiny, "--out", tmp_path / "half")
    merged, half = (tmp_path / name / "model.safetensors" for name in ("merged", "half"))
    assert merged.read_bytes() != half.read_bytes()
    done("delta", "make", "--base", tiny, "--tuned", tmp_path / "merged", "--out", tmp_path / "delta")
    done("delta", "apply", "--base", tiny, "--delta", tmp_path / "delta", "--out", tmp_path / "again")
    assert (tmp_path / "again" / "model.safetensors").read_bytes() == merged.read_bytes()


def test_export_to_gguf(tiny: Path, tmp_path: Path) -> None:
    done("export", tiny, "--gguf", "q8_0", "--out", tmp_path / "tiny.gguf")
    assert (tmp_path / "tiny.gguf").read_bytes().startswith(b"GGUF")


def test_a_model_sits_the_exam_and_is_a_teacher(tiny: Path, tmp_path: Path) -> None:
    done("exam", "--num", 10, "--out", tmp_path / "exam.jsonl")
    asked = ["--model", f"local:{tiny}", "--out", tmp_path / "answers"]
    answered = selfinstruct("run", "answer", tmp_path / "exam.jsonl", *asked)
    assert answered.exit_code in (0, 1), "1 when none of its answers ends"
    assert "of 10 tasks" in answered.output
    marks = done("grade", tmp_path / "exam.jsonl", tmp_path / "answers")
    assert "right: 0 of 10" in marks, "it has seen 24 rows"


def test_presets_are_listed_and_printed(tmp_path: Path) -> None:
    listed = done("presets").splitlines()
    assert [line.split()[0] for line in listed] == presets()
    own = tmp_path / "mine.yaml"
    for name in presets():
        own.write_text(done("presets", name))
        assert f"--preset {name}" in own.read_text(), "headed by its command"
    assert "did you mean 'alpaca'" in selfinstruct("presets", "alpacca").stderr


def test_under_torchrun_one_process_tells_a_mistake(data: Path, tmp_path: Path) -> None:
    for rank, lines in (("0", 1), ("1", 0)):
        wrong = selfinstruct("train", "--data", data, "--out", tmp_path / "out", "--lr", "high", RANK=rank)
        assert (wrong.exit_code, wrong.stderr.count("\n")) == (2, lines)


MISTAKES: dict[str, tuple[list[Any], str]] = {
    "no data": (["train", "--out", "{out}"], "no data: give a run folder or a file of rows"),
    "no such data": (["train", "--data", "{none}", "--out", "{out}"], "no such file"),
    "empty data": (["train", "--data", "{empty}", "--out", "{out}"], "is empty"),
    "no rows of tasks": (["train", "--data", "{odd}", "--out", "{out}"], "no instruction"),
    "no such preset": (["train", "--preset", "alpacca", "--data", "{data}", "--out", "{out}"], "did you mean 'alpaca'"),
    "no such method": (["train", "--method", "lorra", "--data", "{data}", "--out", "{out}"], "did you mean 'lora'"),
    "no such setting": (["train", "--set", "ranks=8", "--data", "{data}", "--out", "{out}"], "no setting 'ranks'"),
    "no equals": (["train", "--set", "lr", "--data", "{data}", "--out", "{out}"], "has no '='"),
    "no such base": (
        ["train", "--base", "./none", "--data", "{data}", "--out", "{out}"],
        "there is no folder ./none: the base is a folder",
    ),
    "rank without lora": (
        ["train", "--base", "{tiny}", "--method", "full", "--set", "r=64", "--data", "{data}", "--out", "{out}"],
        "r is for method lora and qlora, but method is 'full'",
    ),
    "steps and epochs": (
        ["train", "--epochs", "3", "--set", "steps=10", "--data", "{data}", "--out", "{out}"],
        "epochs has no effect",
    ),
    "no such template": (["train", "--template", "alpacca", "--data", "{data}", "--out", "{out}"], "did you mean"),
    "no such template to chat": (["chat", "{tiny}", "--prompt", "Hi", "--template", "./no.jinja"], "cannot read the"),
    "more virtual tokens than context": (
        [
            "train",
            "--base",
            "{tiny}",
            "--method",
            "ptuning",
            "--set",
            "virtual_tokens=600",
            "--data",
            "{data}",
            "--out",
            "{out}",
        ],
        "virtual_tokens is 600",
    ),
    "too much held out": (
        ["train", "--validation", "41", "--data", "{data}", "--out", "{out}"],
        "--validation 3",
    ),
    "lora on nothing": (["train", "--method", "lora", "--data", "{data}", "--out", "{out}"], "no weights to adapt"),
    "chat with nobody": (["chat", "{none}", "--prompt", "Hello?"], "there is no folder"),
    "input alone": (["chat", "{none}", "--input", "x"], "--input goes with --prompt"),
    "merge nothing": (["merge", "{none}", "--out", "{out}"], "there is no folder"),
    "no such delta": (["delta", "apply", "--base", "{none}", "--delta", "{none}", "--out", "{out}"], "there is no"),
    "gguf of nothing": (["export", "{none}", "--gguf", "f16"], "there is no folder"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_gets_one_line(name: str, data: Path, tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    (tmp_path / "odd.jsonl").write_text('{"colour": "red"}\n')
    places = {
        "out": tmp_path / "out",
        "none": tmp_path / "none",
        "empty": tmp_path / "empty.jsonl",
        "odd": tmp_path / "odd.jsonl",
        "data": data,
        "tiny": tiny,
    }
    args, words = MISTAKES[name]
    wrong = selfinstruct(*(arg.format(**places) for arg in args))
    assert wrong.exit_code == 2, wrong.output
    assert words in wrong.stderr
    assert wrong.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_data_is_an_argument_too(data: Path, tiny: Path) -> None:
    """The same as --data; several of both are one after the other."""
    again = selfinstruct("train", data, "--preset", "tiny", "--out", tiny, *SMALL)
    assert (again.exit_code, again.stdout) == (0, "")
    assert "is trained already" in again.stderr
    both = selfinstruct("train", data, "--preset", "tiny", "--data", data, "--out", tiny, *SMALL)
    assert both.exit_code == 2
    assert "is another training: data is " in both.stderr
    none = selfinstruct("train", "--preset", "tiny", "--out", tiny)
    assert none.exit_code == 2
    assert "no data: give a run folder or a file of rows" in none.stderr


def test_settings_are_listed() -> None:
    lines = done("settings").splitlines()
    assert len(lines) == len(DEFAULTS)
    assert any(line.split()[:2] == ["batch", "128"] and "an optimiser step" in line for line in lines)
    assert any(line.startswith("lr ") and "qlora 0.0002" in line for line in lines)


def test_defaults_in_the_help_are_those_of_the_settings() -> None:
    text = " ".join(done("train", "--help").split())
    for option in ("epochs", "batch", "max-length", "validation", "seed", "template"):
        named = re.search(rf"--{option} [A-Z]+ .*?\[default: (\S+)\]", text)
        assert named
        assert named[1] == f"{DEFAULTS[option.replace('-', '_')]}".removesuffix(".0")
    assert "selfinstruct settings" in text
